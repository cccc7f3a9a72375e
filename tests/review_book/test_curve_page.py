"""The page on which a curve of one's own is tried: its script weighs accounts as the package does."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from emergence.capability_precursors import tournament
from emergence.phase_transitions import calibrate
from emergence.phase_transitions.accounts import LOSS_ACCOUNTS, SHARE_ACCOUNTS
from emergence.phase_transitions.attribution import attribute_all, attribute_with_fits
from emergence.your_curve import design as ds
from emergence.your_curve.answer import forecast
from emergence.your_curve.measured import Form, Measured, Unfit, read_frame

pytestmark = pytest.mark.browser

SCRIPT = ROOT / "src" / "review_book" / "static" / "review" / "curve.js"
FIELDS = ("name", "says", "family", "mass", "unknowns", "place")
ACCOUNTS = {
    kind: [{field: getattr(account, field) for field in FIELDS} for account in accounts]
    for kind, accounts in (("share", SHARE_ACCOUNTS), ("loss", LOSS_ACCOUNTS))
}


@pytest.fixture(scope="module")
def script(browser):
    """A page of Chromium with the script and nothing else."""
    page = browser.new_page()
    page.add_script_tag(path=SCRIPT)
    yield page
    page.close()


def random_curves(count):
    """Curves of every cause and kind: shares and losses, over scale and training, runs alone and in pairs, items or none."""
    rng, names, out = np.random.default_rng(11), list(calibrate.TRUTHS), []
    for i in range(count):
        scales = np.sort(np.exp(rng.uniform(np.log(1e7), np.log(1e12), int(rng.integers(6, 13)))))
        over = "training" if i % 7 == 3 else "scale"
        if i % 6 == 5:
            scatter = float(rng.uniform(0.01, 0.1))
            design = ds.Design(scales, None, (scatter, scatter), 0.0, "loss", over)
            out += ds._losses(design, 0.4 * (i % 2), 1, i)
            continue
        if i % 9 == 4:
            scales = np.repeat(scales[:6], 2)
        items, chance = float(rng.choice([50, 200, 1000, 5000])), float(rng.choice([0, 0, 0.25, 0.5]))
        design = ds.Design(scales, items, (0.2, 0.2), chance, "share", over)
        (curve,) = ds._shares(design, calibrate.TRUTHS[names[i % len(names)]][1], 1, i)
        known = None if i % 8 == 6 else curve.items
        out.append(replace(curve, parts=3 if i % 11 == 2 else 1, items=known))
    return out


def told(curve):
    """A curve as the script takes it."""
    listed = {name: getattr(curve, name) for name in ("kind", "chance", "parts", "over")}
    items = None if curve.items is None else curve.items.tolist()
    return listed | {"scales": curve.scales.tolist(), "scores": curve.scores.tolist(), "items": items}


@pytest.fixture(scope="module")
def weighed():
    """520 random curves, each with what the package says of it and the fits that it says it from."""
    curves = random_curves(520)
    return [(curve, *said) for curve, said in zip(curves, attribute_with_fits(curves), strict=True)]


def test_the_script_weighs_five_hundred_random_curves_as_the_package_does(script, weighed):
    """Weights within a thousandth, and the same verdict, reason, rivals and place of the step, on 520 random curves."""
    curves, expected, _ = zip(*weighed, strict=True)
    call = "([curves, accounts]) => curves.map((c) => { const { used, middle, lines, ...said } = reviewCurve.attribute(c, accounts); return said; })"
    found = []
    for first in range(0, len(curves), 65):
        found += script.evaluate(call, [[told(c) for c in curves[first : first + 65]], ACCOUNTS])

    assert len(found) == 520
    assert {a.verdict for a in expected} == {"abrupt", "not abrupt", "undecided"}
    for theirs, ours in zip(expected, found, strict=True):
        assert ours["weights"] == pytest.approx(dict(theirs.weights), abs=1e-3)
        assert (ours["verdict"], ours["reason"]) == (theirs.verdict, theirs.reason)
        if theirs.weights:
            close = {n for n, w in theirs.weights.items() if abs(w * 10 - max(theirs.weights.values())) < 0.02}
            assert set(ours["alike"]) ^ set(theirs.alike) <= close
            assert ours["between"] == pytest.approx(theirs.between)
            assert ours["range"] == pytest.approx(theirs.abrupt_range, abs=1e-3)


def test_the_script_plans_and_looks_as_the_package_does(script, weighed, monkeypatch):
    """What to measure, its evidence and its cost, and what the curve looks like so far, on sixty random curves."""
    monkeypatch.setattr(tournament, "forecasts", lambda *_, **__: {tournament.ENSEMBLE: None})  # which the page has not
    call = "([c, accounts]) => { const f = reviewCurve.attribute(c, accounts); return [reviewCurve.lookOf(c), f.alike.length ? reviewCurve.planOf(c, f) : null]; }"
    planned = 0
    for curve, found, made in weighed[:60]:
        theirs = ds.plan(curve, found, made) if made else ds.Plan((), 0.0, ())
        view, plan = script.evaluate(call, [told(curve), ACCOUNTS])
        assert view == forecast(Measured("", "", "", curve))[0]
        if plan is None:
            assert theirs.between == ()
            continue
        planned += bool(plan["between"])
        assert tuple(plan["between"]) == theirs.between
        assert plan["needed"] == pytest.approx(theirs.needed, rel=1e-2)
        ours = {m["kind"]: m for m in plan["measures"]}
        assert set(ours) == {m.kind for m in theirs.measures}
        for measure in theirs.measures:
            mine = ours[measure.kind]
            near = any(abs(m.nats - theirs.needed) < 0.1 for m in theirs.measures)
            if not near:
                assert (mine["amount"], mine["enough"]) == (measure.amount, measure.enough), (measure, mine)
                assert mine["cost"] == pytest.approx(measure.cost, rel=0.05)
                if np.isfinite(measure.nats):
                    assert mine["nats"] == pytest.approx(measure.nats, rel=0.05, abs=0.02)
        if plan["measures"]:
            assert plan["measures"][0]["kind"] == theirs.measures[0].kind

    assert planned > 20


TABLES = {
    "plain": "scale,score,metric,items\n1e8,0.02,accuracy,500\n1e9,0.1,accuracy,500\n1e10,0.3,accuracy,500\n1e11,0.6,accuracy,500\n",
    "percent": "params;acc\n70M;2,5%\n1B;10%\n7B;30%\n70B;60,5%\n",
    "by name": "params,acc\n1e8,2\n1e9,10\n1e10,30\n1e11,60\n",
    "loss": "step\tloss\n1000\t2.5\n10\t3\n100\t2.8\n10000\t2.1\n",
    "perplexity": "tokens,ppl\n1e8,20\n1e9,15\n1e10,11\n1e11,9\n",
    "falling": "params,accuracy,chance\n1e8,0.8,0.25\n1e9,0.6,0.25\n1e10,0.4,0.25\n1e11,0.3,0.25\n",
    "seeds": "params,score\n1e8,0.1\n1e8,0.2\n1e9,0.3\n1e10,0.4\n1e11,0.5\n",
    "above most": "params,accuracy,chance\n1e8,0.01,0.95\n1e9,0.02,0.95\n1e10,0.05,0.95\n1e11,0.9,0.95\n",
    "logarithms": "scale,score,run\n8,0.1,1\n9,0.2,1\n10,0.3,1\n11,0.4,1\n12,0.4,2\n12,0.5,1\n",
    "no share": "params,accuracy,items\n1e8,3,10.5\n1e9,0.5,10.5\n1e10,40,10.5\n1e11,80,10.5\n",
    "some items": "params,acc,items,chance,accuracy\n1e8,2,100,1,3\n1e9,5,100,1,5\n1e10,40,,1,50\n1e11,80,100,1,80\n",
    "unread": "scale,exact match,f1,stderr,\n1e8,0.02,0.3,0.3,a\n1e9,0.05,0.4,0.3,b\n1e10,0.4,0.6,0.3,c\n1e11,0.8,0.9,0.3,d\n",
    "names": "model,acc\na/toy-70m,0.1\na/toy_1.4b,0.2\ntoy-7B,0.3\ntoy-70b-base,0.4\n",
    "families": "model,family,params,acc\ntoy-70m,a,1e8,0.1\nboy-1b,a,1e9,0.2\ntoy-7b,a,8e9,0.3\nxl,a,7e10,0.4\n",
    "gaps": "scale,score,items\n1e8,0.1,\n1e9,0.2,100\n1e10,,100\n1e11,nan,100\n1e12,0.3,100\n1e13,0.4,100\n",
    "percent signs": "scale,score\n1e8,0.5%\n1e9,10%\n1e10,30%\n1e11,60%\n",
    "twice": "scale,params,score\n1e8,1,0.1\n1e8,1,0.1\n1e9,1,0.3\n1e10,1,0.4\n1e11,1,0.5\n",
    "turning loss": "scale,loss\n1e6,0.92\n3e6,0.85\n1e7,0.70\n3e7,0.55\n1e8,0.60\n3e8,0.81\n",
    "rising loss": "params,loss\n1e8,2\n1e9,2.5\n1e10,3\n1e11,4\n",
    "steps that look like years": "step,score\n2000,0.1\n2020,0.2\n2040,0.3\n2060,0.4\n",
    "order that falls once": "params,accuracy\n0.35,0.1\n1.3,0.2\n13,0.35\n2.7,0.3\n",
    "two runs of one ladder": "params,accuracy\n70,0.1\n160,0.2\n410,0.3\n1000,0.35\n70,0.12\n160,0.2\n410,0.28\n1000,0.4\n",
    "two models at one scale": "model,family,params,score\nm-1b,m,1e9,0.1\nm-7b,m,7e9,0.2\nx-8x7b,m,7e9,0.4\nm-13b,m,13e9,0.5\nm-70b,m,7e10,0.6\n",
    "thousands": 'params,accuracy\n1000000,0.1\n2000000,0.2\n3000000,0.3\n4000000,0.35\n',
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_the_script_reads_tables_as_the_package_does(script, tmp_path, name):
    """The same scales, scores, kind, items, chance and direction come of a table here and there, and the same is said."""
    from emergence.your_curve.logs import read_any

    path = tmp_path / ("t.tsv" if "\t" in TABLES[name] else "t.csv")
    path.write_text(TABLES[name])
    (theirs,) = read_frame(read_any(path).frame).curves
    ours = script.evaluate("(text) => reviewCurve.parse(text)", TABLES[name])

    assert ours["curve"]["scales"] == theirs.curve.scales.tolist()
    assert ours["curve"]["scores"] == pytest.approx(theirs.curve.scores.tolist())
    assert (ours["curve"]["kind"], ours["curve"]["over"]) == (theirs.curve.kind, theirs.curve.over)
    assert ours["curve"]["items"] == (None if theirs.curve.items is None else theirs.curve.items.tolist())
    assert (ours["curve"]["chance"], ours["falling"]) == (theirs.curve.chance, theirs.falling)
    here = [re.sub(r", say --kind (?:loss|share)\.", ", say so above.", note) for note in theirs.guesses]
    assert sorted(ours["notes"]) == sorted(here)


@pytest.mark.parametrize(
    "text",
    [
        "scale,score\n1,0.1\n2,0.2\n3,0.3\n",
        "scale,rating\n1,2\n2,3\n3,4\n4,5\n",
        "scale,score\n1,2\n2,3\n3,4\n4,5\n",
        "scale,score\n1,0.2\n2,high\n3,0.4\n4,0.5\n",
        "scale,score\n0,0.2\n2,0.3\n3,0.4\n4,0.5\n",
        "scale,score,items\n1,0.2,5\n2,0.3,5\n3,0.4,5\n4,0.5,5\n",
        "scale,score,chance\n1,0.2,0.1\n2,0.3,0.2\n3,0.4,0.2\n4,0.5,0.2\n",
        'scale,score\n1,"0,2"\n2,"0,3"\n3,"0,4"\n4,"0,5"\n',
        "scale,score\n0x10,0.2\n20,0.3\n30,0.4\n40,0.5\n",
        "scale,score,items\n1,0.2,many\n2,0.3,many\n3,0.4,many\n4,0.5,many\n",
        "scale,accuracy\n1,0.2\n2,0.3\n3,0.4\n4,1.2\n",
        "model,scale,score\na-1m,1e6,0.1\na-10m,1e7,0.1\na-100m,1e7,0.2\na-1b,1e9,0.4\na-10b,1e10,0.5\n",
        "model,scale,score\na-1m,1e6,0.1\nb-10m,1e7,0.1\nc-100m,1e8,0.2\na-1b,1e9,0.4\n",
        "model,family,score\nm-1b,m,0.1\nm-3b,m,0.2\nm-8x7b,m,0.4\nm-70b,m,0.5\n",
        "model,score\nphi-mini-4k,0.1\nphi-small-8k,0.2\nphi-medium-128k,0.4\nphi-large-1M,0.5\n",
        "scale,score\n10k,0.02\n30k,0.03\n100,0.05\n300k,0.1\n1M,0.4\n",
        "scale,score\n2020,0.02\n2021,0.05\n2022,0.4\n2023,0.8\n",
        "scale,score,seed\n1e8,0.02,1\n1e8,0.9,1\n1e9,0.05,1\n1e10,0.4,1\n1e11,0.8,1\n",
        "scale,score\n1e8,0.02\n3e8,0.03\n1,0.05\n3,0.1\n10,0.4\n",
        "params,score\n125,0.02\n350,0.03\n760,0.05\n1.3,0.1\n2.7,0.2\n6.7,0.4\n13,0.6\n",
        "params,score\n13,0.02\n6.7,0.03\n1.3,0.05\n760,0.1\n350,0.2\n125,0.4\n",
        "params,accuracy,items\n1e8,0.1,20.000\n2e8,0.2,20.000\n4e8,0.3,20.000\n8e8,0.4,20.000\n",
        "scale,score,items\n1e8,0.2,1e10\n2e8,0.3,1e10\n3e8,0.4,1e10\n4e8,0.5,1e10\n",
        "scale,score\n" + "".join(f"{i},{i / 300}\n" for i in range(1, 300)),
        "",
    ],
)
def test_the_script_refuses_what_the_package_refuses(script, text):
    """Too few scales, no score, scores of unknown kind, words, scale 0, few items, two levels of chance, decimal commas.

    Also other notations of a number, words for items, a share above 1, years, one run twice at a scale, two units of scale,
    and more items or scores than can be weighed. Where a rule is of the package, the sentence is.
    """
    from io import StringIO

    said = script.evaluate("(t) => { try { reviewCurve.parse(t); return ''; } catch (e) { return e.message; } }", text)

    assert "needed:" in said
    with pytest.raises((Unfit, pd.errors.EmptyDataError)) as refused:
        read_frame(pd.read_csv(StringIO(text), dtype=str), Form())
    if any(
        word in said
        for word in (
            "years",
            "twice",
            "without a letter",
            "its model is",
            "powers of ten",
            "a billion",
            "counts millions",
            "which is 20 or 20000",
        )
    ):
        assert said == str(refused.value)
    assert said.partition("; needed:")[0] == str(refused.value).partition("; needed:")[0] or "names differ" not in said


def test_a_file_that_is_no_text_is_said_to_be_none(script):
    """A picture or a workbook has no scores to count: what is asked for is CSV."""
    call = "(t) => { try { reviewCurve.parse(t); return ''; } catch (e) { return e.message; } }"
    said = script.evaluate(call, "\ufffdPNG\r\n\u001a\n\u0000\u0000\u0000\rIHDR\n" * 300)
    assert said.startswith("given a table, which is no text that can be read here")
    assert "needed: CSV in UTF-8" in said


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("items", "1e999"),
        ("items", "many"),
        ("items", "0x10"),
        ("items", "20 000"),
        ("items", "20.000"),
        ("chance", "0x0"),
        ("chance", "half"),
        ("chance", "0,25"),
    ],
)
def test_what_was_typed_is_said_where_it_is_no_number(script, field, typed):
    """Only plain decimal numbers are taken from the fields of the box, and the sentence repeats what was typed."""
    call = "([t, o]) => { try { reviewCurve.parse(t, o); return ''; } catch (e) { return e.message; } }"

    said = script.evaluate(call, [TABLES["plain"], {field: typed}])
    sign = "" if typed == "1e999" else "'"
    assert f"given {sign}{typed}{sign}" in said
    assert "needed: " in said
    assert typed == "1e999" or "point" in said


def test_the_box_answers_in_the_page_and_sends_nothing(address, browser):
    """Opened, the example is answered; a pasted step is called abrupt; a table that is none gets its sentence; one host."""
    from test_browser import until

    page = browser.new_page()
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{address}/analyses/phase_transitions/your_curve.html")
    until(page, "document.querySelector('.review-curve__result').textContent.includes('percent of the weight')")
    before = len(asked)
    page.fill(".review-curve textarea", "params,accuracy,items\n" + "".join(f"{10 ** (8 + i / 2):.0f},{s},2000\n" for i, s in enumerate((0.02, 0.025, 0.03, 0.035, 0.9, 0.92, 0.93, 0.94))))  # fmt: skip
    until(page, "document.querySelector('.review-curve__result').textContent.startsWith('Shown to be abrupt')")
    text = page.locator(".review-curve__result").inner_text()
    page.set_input_files(".review-curve input[type=file]", {"name": "x.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n\0\0"})  # fmt: skip
    until(
        page, "document.querySelector('.review-curve__error').textContent.startsWith('given x.png, which is no text')"
    )
    assert page.input_value(".review-curve textarea").startswith("params")
    page.fill(".review-curve textarea", "a,b\n1,2\n")
    until(page, "document.querySelector('.review-curve__error').textContent.includes('needed: scale and score')")
    page.set_input_files(".review-curve input[type=file]", {"name": "x.csv", "mimeType": "text/csv", "buffer": b"scale,loss\n1,3\n10,2.5\n100,2.2\n1000,2.0\n"})  # fmt: skip
    until(
        page,
        "document.querySelector('.review-curve__result').textContent.includes('No account is weighed: 4 scales')",
    )

    assert "5 seeds at each scale" in text
    assert page.locator(".review-curve__result figure svg circle").count() == 4
    # Fonts and the page's own mark the browser asks for when it likes.
    assert [url for url in asked[before:] if not url.startswith(f"{address}/_static/")] == []
    assert all(url.startswith(address) for url in asked)
    assert errors == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_that_stands_alone_is_read_by_all(browser, tmp_path, scheme):
    """The page of the command, on a phone: no violation by axe-core, no script, nothing asked for, nothing sideways."""
    from axe_playwright_python.sync_playwright import Axe

    from emergence.your_curve.answer import ask
    from emergence.your_curve.page import page as written

    table = pd.DataFrame(
        {"params": np.geomspace(1e8, 1e11, 8), "accuracy": (0.02, 0.02, 0.03, 0.04, 0.3, 0.5, 0.6, 0.7)}
    )
    (tmp_path / "curve.html").write_text(written(ask(table, draws=10)), encoding="utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "curve.html").as_uri())
    found = Axe().run(page).response["violations"]

    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == []
    assert len(asked) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert ink == {"light": "rgb(28, 31, 35)", "dark": "rgb(230, 232, 234)"}[scheme]
    context.close()


def test_what_the_box_is_told_is_checked():
    """Without accounts of both kinds, or with a row that lacks a field, nothing is shown; text is escaped."""
    from emergence.your_curve.trial import known_of, trial_html

    known = known_of(ACCOUNTS, [])
    with pytest.raises(ValueError, match="needed: of share and of loss"):
        known_of({"share": ACCOUNTS["share"]}, [])
    with pytest.raises(ValueError, match="an account without says"):
        known_of({k: [{f: r[f] for f in r if f != "says"} for r in v] for k, v in ACCOUNTS.items()}, [])
    shown = trial_html(known, "a<b", "no & scripts")
    assert "a&lt;b" in shown
    assert "no &amp; scripts" in shown
    assert json.loads(shown.split('application/json">')[1].split("</script>")[0]) == known


@pytest.mark.drill
def test_an_account_that_the_script_weighs_otherwise_is_seen(script):
    """A prior, a link and a likelihood altered in the script: each makes some weight of thirty curves differ."""
    curves = [c for c in random_curves(40) if c.parts == 1 and c.kind == "share"][:24]
    expected = attribute_all(curves)
    text = SCRIPT.read_text(encoding="utf-8")
    call = "([curves, accounts]) => curves.map((c) => reviewCurve.attribute(c, accounts).weights)"
    page = script.context.browser.new_page()
    for old, new in (
        ('"log-odds": (t, u) => expit(line(t, u, -0.5, 2.5, 5, 5))', '"log-odds": (t, u) => expit(line(t, u, -0.5, 2.5, 5.3, 5))'),
        ("Math.log(0.15) + 0.9 * theta[0] + change", "Math.log(0.16) + 0.9 * theta[0] + change"),
        ("LUCK_OF_ONE = 0.25", "LUCK_OF_ONE = 1"),
    ):  # fmt: skip
        assert text.count(old) == 1, old
        page.goto("about:blank")
        page.add_script_tag(content=text.replace(old, new))
        found = page.evaluate(call, [[told(c) for c in curves], ACCOUNTS])
        apart = [max(abs(f[n] - w) for n, w in a.weights.items()) for a, f in zip(expected, found, strict=True) if a.weights]  # fmt: skip

        assert max(apart) > 1e-3, new
    page.close()
