"""The answer to a curve: accounts, forecast, power, what to measure, in words and as a page."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from emergence.capability_precursors import tournament as tn
from emergence.phase_transitions.attribution import Curve, attribute, attribute_with_fits
from emergence.your_curve import design as ds
from emergence.your_curve import said
from emergence.your_curve.answer import Answers, ask, explained, under_other_choices
from emergence.your_curve.measured import Unfit, read_frame
from emergence.your_curve.page import page
from review_book.records.kinds import Records
from review_utils.data.tables import table

SCALES = np.geomspace(1e8, 1e11, 8)
STEP = [0.020, 0.025, 0.030, 0.035, 0.90, 0.92, 0.93, 0.94]
RISE = [0.02, 0.05, 0.11, 0.24, 0.45, 0.68, 0.85, 0.94]


def frame(scores, **columns):
    """A table of eight sizes."""
    return pd.DataFrame({"scale": SCALES, "score": scores, "metric": "accuracy", "items": 2000} | columns)


@pytest.fixture(scope="module")
def record():
    """How forecasts fared."""
    return table("forecast_record")


@pytest.fixture(scope="module")
def step(record):
    """The answer to a step, with power."""
    return ask(frame(STEP), record=record, draws=24).answers[0]


def test_a_step_is_abrupt_and_only_seeds_can_tell_it_from_luck(step):
    """The jump is found between its two sizes; what cannot be told apart is luck, and seeds would tell it."""
    assert step.attribution.verdict == "abrupt"
    assert step.attribution.between == pytest.approx((SCALES[3], SCALES[4]))
    assert step.plan.between == ("step", "seeds")
    assert [m.kind for m in step.plan.measures] == ["seeds"]
    assert step.view == "a step so far"
    assert step.forecast_note.startswith("after a step forecasts fail")
    assert step.plan.cheapest.cost == 4.0


def test_other_choices_are_those_of_the_attribution():
    """Narrower and wider priors, and each scale left out, give what the attribution gives under them."""
    curves = read_frame(frame(RISE)).curves
    rows = under_other_choices(curves).set_index("Choice")

    assert rows.Verdict["as above"] == "not abrupt"
    assert rows["Weight of a jump"]["priors twice as wide"] == 100 * attribute(curves[0].curve, loose=2.0).abrupt
    assert len(rows) == 4


def test_a_smooth_rise_is_not_abrupt():
    """A straight line in log-odds under the same design is called not abrupt."""
    found = ask(frame(RISE), draws=0).answers[0]

    assert found.attribution.verdict == "not abrupt"
    assert found.power == ()
    assert "Whichever is right, the verdict above stands." in said.plan_of(found)


def test_power_counts_what_the_attribution_calls_abrupt():
    """A high step is seen by eight sizes with many items, a low one is not, and smooth curves are no alarm."""
    design = ds.Design(SCALES, 2000, (0.1, 0.1), 0.0, "share", "scale")
    found = {p.height: p for p in ds.power(design, 24)}

    assert list(found) == [0, 1, 2, 3, 5]
    assert found[5].found > 0.7 > found[1].found
    assert found[0].found <= 0.1
    assert all(p.curves == 24 and 0 <= p.found + p.missed <= 1 for p in found.values())
    with pytest.raises(ValueError, match="needed: 10 at least"):
        ds.power(design, 3)


def test_power_grows_with_scatter_gone_and_falls_with_it():
    """The same step is found less often where models scatter more: the design is told its own scatter."""
    calm, wild = (ds.Design(SCALES, 2000, (s, s), 0.0, "share", "scale") for s in (0.05, 1.0))

    assert ds.power(calm, 24)[3].found > ds.power(wild, 24)[3].found + 0.2


def test_many_scores_are_gathered_before_a_simulated_curve_is_weighed(monkeypatch):
    """Two hundred scores become 48 means with all their items together, a loss a geometric mean; few stay as they are."""
    seen = []
    monkeypatch.setattr(
        ds,
        "attribute_all",
        lambda curves: seen.extend(curves) or [attribute(Curve(SCALES, np.array(STEP)))] * len(curves),
    )
    ds.power(ds.Design(np.geomspace(1e7, 1e11, 200), 500.0, (0.2, 0.2), 0.0, "share", "scale"), 10)

    assert {len(curve.scales) for curve in seen} == {ds.MOST_WEIGHED}
    assert {curve.items.sum() for curve in seen} == {200 * 500}
    few = Curve(np.geomspace(1, 8, 4), np.array([1.0, 4.0, 0.5, 0.5]), kind="loss")
    assert ds.gathered(few) is few
    assert ds.gathered(few, 2).scores.tolist() == pytest.approx([2.0, 0.5])
    runs = Curve(np.repeat([1.0, 2.0, 4.0], 2), np.array([0.0, 0.2, 0.4, 0.6, 1.0, 1.0]))
    assert ds.gathered(runs, 5).scores.tolist() == pytest.approx([0.1, 0.5, 1.0])


def test_gathered_curves_tell_what_the_whole_ones_do(monkeypatch):
    """Of 60 scores in 30 means a step is found as often, and a smooth curve is called abrupt as seldom, as weighed whole."""
    design = ds.Design(np.geomspace(1e7, 1e11, 60), 1000.0, (0.3, 0.3), 0.0, "share", "scale")
    monkeypatch.setattr(ds, "HEIGHTS", (3,))
    monkeypatch.setattr(ds, "SMOOTH", ds.SMOOTH[:2])
    found = []
    for most in (60, 30):
        monkeypatch.setattr(ds.gathered, "__defaults__", (most,))
        found.append(ds.power(design, 10))

    for whole, part in zip(*found, strict=True):
        assert abs(whole.found - part.found) <= 0.2


def test_what_takes_seconds_is_told_before(monkeypatch):
    """Each curve whose design is simulated is named before it is, and none where no power is asked for."""
    monkeypatch.setattr(ds, "power", lambda *_: ())
    told = []
    ask(frame(STEP), tell=told.append)
    ask(frame(STEP), draws=0, tell=told.append)

    assert told == ["curve 1 of 1: 50 simulated curves of each height, measured as the 8 scores of accuracy"]


def test_losses_have_power_of_their_own():
    """A drop of a loss by two fifths is seen where models hardly scatter, one by a twentieth under scatter is not."""
    calm, wild = (ds.Design(SCALES, None, (s, s), 0.0, "loss", "scale") for s in (0.005, 0.1))

    assert ds.power(calm, 16)[-1].found > 0.5
    assert ds.power(wild, 16)[1].found < 0.2


def test_curves_explained_together_are_explained_as_each_alone():
    """Verdict, weights and what to measure do not hang on the curves beside one, one of which nothing can be said among them."""
    long = [*RISE[:4], *np.linspace(RISE[4], 0.9, 30)]
    scores = (RISE, [0.5] * 8, long, RISE[:6])
    curves = [Curve(np.geomspace(1e8, 1e11, len(s)), s, 2000) for s in scores]
    together, alone = explained(curves), [explained([curve])[0] for curve in curves]

    for (found, plan), (by_itself, planned) in zip(together, alone, strict=True):
        assert found.verdict == by_itself.verdict
        assert found.weights == pytest.approx(by_itself.weights, abs=1e-6)
        assert [m.what for m in plan.measures] == [m.what for m in planned.measures]
    assert not together[1][0].weights
    assert not together[1][1].measures
    assert together[0][1].measures


def test_evidence_of_a_measurement_is_half_the_squared_difference():
    """The gain of ten times the items is what the two fits expect, worked out here by hand."""
    (measured,) = read_frame(frame([0.02, 0.03, 0.05, 0.08, 0.30, 0.55, 0.70, 0.80], items=100)).curves
    curve = measured.curve
    found, made = attribute_with_fits([curve])[0]
    a, b = ds.rivals(found, made)
    plan = ds.plan(curve, found, made)
    item = next(m for m in plan.measures if m.kind == "items")
    u = (np.log(SCALES) - np.log(SCALES[0])) / np.log(SCALES[-1] / SCALES[0])
    one, other = ds.expected(made, a, u), ds.expected(made, b, u)
    scatter = np.mean([ds.scatter_of(made, k) for k in (a, b)], axis=0)
    middle = (one + other) / 2
    between = (scatter[0] * (scatter[1] / scatter[0]) ** u) ** 2 * middle * (1 - middle) / 4
    apart = (np.arcsin(np.sqrt(one)) - np.arcsin(np.sqrt(other))) ** 2 / 2
    by_hand = sum(apart / (1 / (4 * item.amount * 100 + 2) + between) - apart / (1 / 402 + between))

    assert item.nats == pytest.approx(by_hand)
    assert plan.needed == pytest.approx(
        math.log(9) + abs(math.log(found.weights[plan.between[0]] / found.weights[plan.between[1]]))
    )


def test_expected_is_what_the_batch_was_fitted_to():
    """At the scales of the curve an account's line passes near the scores, for shares and for losses."""
    for scores, metric in ((RISE, "accuracy"), (list(np.geomspace(4, 2, 8)), "loss")):
        (measured,) = read_frame(table := frame(scores, metric=metric)).curves
        found = ask(table, draws=0).answers[0]
        line = found.lines[0]
        at = np.interp(np.log(SCALES), np.log(line.scales), line.scores)

        assert at == pytest.approx(measured.curve.scores, rel=0.15, abs=0.03), metric


def test_measures_are_sorted_by_what_they_cost():
    """What is enough stands before what is not, and then the cheapest first."""
    found = ask(frame([0.02, 0.02, 0.03, 0.06, 0.30, 0.45, 0.60, 0.70], items=300), draws=0).answers[0]
    enough = [m.enough for m in found.plan.measures]
    costs = [m.cost for m in found.plan.measures if m.enough]

    assert enough == sorted(enough, reverse=True)
    assert costs == sorted(costs)
    assert {m.kind for m in found.plan.measures} == {"items", "seeds", "between", "beyond", "metric"}


def test_a_verdict_that_hangs_on_the_items_asks_for_their_number():
    """Where 100 items would say one thing and 10,000 another, counting them comes first and costs nothing."""
    table = frame([0.02, 0.02, 0.03, 0.06, 0.02, 0.45, 0.60, 0.70]).drop(columns="items")
    found = ask(table, draws=0).answers[0]

    assert found.attribution.reason.startswith("hangs on the number of test items")
    assert found.plan.cheapest.kind == "count"
    assert found.plan.cheapest.cost == 0


def test_a_forecast_is_that_of_the_tournament(record):
    """The quantiles are the ensemble's on the share of wrong answers, turned round; the record is that of the same view."""
    found = ask(frame(RISE), record=record, draws=0, scales=[4e11]).answers[0]
    wrong = 1 - np.array(RISE)
    noise = np.sqrt((1 - wrong) / (wrong * 2000) + 0.25 / 2000**2)
    names = [n for n, e in tn.FORECASTERS.items() if e.needs is None]
    (row,) = tn.forecasts(SCALES, wrong, np.array([4e11]), names, noise=noise, kind="error")[tn.ENSEMBLE]
    (ahead,) = found.forecast

    assert found.view == "even so far"
    assert (ahead.median, ahead.ninety) == (pytest.approx(1 - row[9]), pytest.approx((1 - row[18], 1 - row[0])))
    assert ahead.ninety[0] < ahead.half[0] < ahead.median < ahead.half[1] < ahead.ninety[1]
    assert ahead.fared.view == "even so far"
    assert ahead.fared.distance == "3 to 10 times"
    with pytest.raises(Unfit, match="needed: a number above the largest scale"):
        ask(frame(RISE), draws=0, scales=[1e9])


def test_a_falling_share_is_forecast_as_it_was_given():
    """Inverse scaling: the forecast of a falling score falls on."""
    found = ask(frame(RISE[::-1]), draws=0).answers[0]

    assert found.falling
    assert found.forecast[0].median < RISE[0] + 0.05
    assert [p.score for p in found.points] == pytest.approx(RISE[::-1])


@pytest.mark.parametrize("score", [0.0, 0.5, 1.0])
def test_a_flat_curve_of_unknown_items_has_no_interval_without_width(score):
    """Scores that do not differ say nothing of how far off the next may be, until the test items behind them are known."""
    flat = pd.DataFrame({"scale": [1e8, 1e9, 1e10, 1e11], "score": score, "metric": "accuracy"})
    unknown, known = (ask(table, draws=0).answers[0] for table in (flat, flat.assign(items=500)))

    assert unknown.forecast == ()
    assert "the scores do not differ" in unknown.forecast_note
    assert all(n.ninety[1] - n.ninety[0] > 1e-4 for n in known.forecast)


def test_few_scales_get_a_forecast_and_no_weights():
    """Five scales: accounts are not weighed, the forecast is made and told its limit, more scales are asked for."""
    found = ask(frame(RISE).head(4), draws=0).answers[0]

    assert found.attribution.weights == {}
    assert "4 scales are fewer than any curve of the tournament" in found.forecast_note
    assert len(found.forecast) == 2
    assert said.plan_of(found).startswith("First more scales: 6")
    assert "No account is weighed: 4 scales" in said.verdict_of(found)


def test_two_metrics_of_the_same_answers_are_told_together():
    """A step under one metric and a slope under the other: the jump belongs to the metric; two steps do not."""
    one = frame(STEP, task="sums")
    other = frame([0.3, 0.36, 0.44, 0.52, 0.60, 0.68, 0.75, 0.81], task="sums", metric="f1")
    split = ask(pd.concat([one, other]), draws=0)
    both = ask(pd.concat([one, frame(STEP, task="sums", metric="f1")]), draws=0)

    assert "accuracy is called abrupt and f1 is not" in split.together[0]
    assert "both are called abrupt" in both.together[0]
    assert "metric" not in {m.kind for m in split.answers[1].plan.measures}


@pytest.mark.parametrize(("items", "shown"), [(10.5, "10.5 items each"), (2000, "2,000 items each")])
def test_items_are_told_as_they_were_given(items, shown):
    """Ten and a half items, which somebody averaged, are not told as ten."""
    assert shown in said.as_text(ask(frame(STEP, items=items), draws=0))


def test_text_says_all_four_answers(step):
    """The text has the verdict, the forecast with its record, the power and what to measure."""
    text = said.as_text(ask(frame(STEP), draws=0))

    for part in (
        "IS THE JUMP REAL?",
        "Shown to be abrupt",
        "WHAT WILL THE NEXT SCALES DO?",
        "WHAT SHOULD BE MEASURED TO KNOW?",
        "5 seeds at each scale",
    ):
        assert part in text
    whole = said._answer_text(step)
    assert "WHAT WOULD THIS DESIGN SEE?" in whole
    assert "independent cases) that were" in whole
    assert whole.count(said.CHOSEN) == 1
    assert "a drop between two scales" not in whole, "the words of the accounts of a loss"


def test_json_holds_numbers_and_no_nan(step):
    """The answers as JSON: plain, strict, and the weights sum to one."""
    text = json.dumps(ask(frame(STEP), draws=0).as_dict(), allow_nan=False)
    back = json.loads(text)["answers"][0]

    assert sum(back["attribution"]["weights"].values()) == pytest.approx(1)
    assert back["plan"]["measures"][0]["nats"] is None


def test_every_statement_that_may_bear_is_one_of_the_review(root):
    """Each id stands in the review, each situation can occur, and a curve gets those of its own situations."""
    known = Records(root / "data").statements.by_id
    low = ask(frame(STEP), draws=0).answers
    loss = ask(frame(np.geomspace(4, 2, 8), metric="loss"), draws=0).answers

    assert {statement for _, statement in said.BEARS} <= set(known)
    assert {"zero-is-not-absence", "seeds-split", "metric-sharpens"} <= set(said.bearing(low))
    assert "loss-forecast" in said.bearing(loss)
    assert "metric-sharpens" not in said.bearing(loss)
    assert said.bearing([]) == ()


def test_the_page_stands_alone_and_escapes(step):
    """No script, nothing loaded from anywhere, every text escaped, each picture with words, unique ids."""
    from dataclasses import replace

    from emergence.your_curve.answer import Answers

    bad = replace(step, name="<script>alert(1)</script>", guesses=("a < b & c",))
    made = page(Answers((bad, step), ("x: <b>",), ("y & z",)), (said.Statement("s", "A <i> b", "Supported", "p"),), "Made & signed")  # fmt: skip

    assert "<script" not in made
    assert not re.search(r'(?:src|href)="', re.sub(r'href="#', "", made))
    assert "default-src 'none'" in made
    assert "e+0" not in re.sub(r"<svg.*?</svg>", "", made, flags=re.DOTALL), "99.5 percent is not 1.0e+02"
    assert said.CHOSEN in made
    assert "a &lt; b &amp; c" in made
    assert "Made &amp; signed" in made
    assert made.count('<figure role="img" tabindex="0" aria-label="') == 6
    ids = re.findall(r'\bid="([^"]+)"', page(Answers((step,), (), ())))
    assert len(ids) == len(set(ids))


def test_a_power_of_gathered_curves_says_so():
    """Where simulated curves were gathered, text and page say what that costs; where they were weighed whole, neither does."""
    one = ask(frame(STEP), draws=10).answers[0]
    many = replace(one, points=one.points * 20)

    for told, a in ((True, many), (False, one)):
        text = said.as_text(Answers((a,), (), ()), [])
        assert ("neighbours were gathered into 48 means" in text) is told
        assert ("neighbours were gathered into 48 means" in page(Answers((a,), (), ()), [], "")) is told
