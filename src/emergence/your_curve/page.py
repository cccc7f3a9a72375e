"""What is known of a curve as one HTML page that stands alone: text, tables and static pictures, no script, no other file."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

import altair as alt
import pandas as pd

from emergence.phase_transitions.cases import FAMILIES
from emergence.shared.pictures import static_svg
from emergence.your_curve.answer import Answer, Answers, share_of_families
from emergence.your_curve.said import (
    CHOSEN,
    SAYS,
    Statement,
    fared_of,
    forecast_of,
    gathered_of,
    height_of,
    measure_of,
    number,
    plan_of,
    score,
    verdict_of,
)
from review_utils.show.charts import PALETTE, spec_of
from review_utils.show.tables import Table

STYLE = """
:root { color-scheme: light dark; --ink: #1c1f23; --soft: #565c64; --paper: #fff; --box: #f3f5f7; --rule: #d3d8de; --mark: #1d5c93; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --soft: #a9b0b8; --paper: #15181b; --box: #20252a; --rule: #3a4149; --mark: #8ec3f0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem 3rem; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
h1, h2 { font-family: Georgia, "Times New Roman", serif; line-height: 1.2; }
h1 { font-size: 2rem; margin: 0 0 .6rem; } h2 { font-size: 1.6rem; margin: 2.6rem 0 .4rem; border-top: 1px solid var(--rule); padding-top: 1.2rem; } h3 { font-size: 1.1rem; margin: 1.6rem 0 .3rem; }
.verdict { border-left: 5px solid var(--mark); background: var(--box); padding: .7rem 1rem; margin: .8rem 0; }
.soft, figcaption { color: var(--soft); font-size: .9rem; }
figure { margin: 1rem 0; overflow-x: auto; } figure svg { display: block; max-width: 100%; min-width: 38rem; height: auto; }
ul { padding-left: 1.2rem; } li { margin-bottom: .35rem; }
.review-table { overflow-x: auto; margin: 1rem 0; } :is(.review-table, figure):focus-visible { outline: 2px solid var(--mark); }
table { border-collapse: collapse; width: 100%; font-size: .92rem; } caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--rule); } tbody th { font-weight: 500; } .number { text-align: right; font-variant-numeric: tabular-nums; }
code { font-size: .92em; } .grade { font-weight: 600; }
@media print { body { max-width: none; } figure, .verdict, tr { break-inside: avoid; } }
"""

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Nothing is loaded and no script runs."""


NATS = "<p class='soft'>A nat of evidence multiplies the odds of one account against another by 2.7, three by 20.</p>"
LOG_ODDS = "<p class='soft'>A step of 1 in log-odds takes 1 percent to 3, or 50 to 73; one of 3 takes 1 percent to 17, or 50 to 95.</p>"
"""What a unit means, for one who meets it here first."""


def page(answers: Answers, statements: Sequence[Statement] = (), made_by: str = "") -> str:
    """Return the page.

    Parameters
    ----------
    answers : Answers
    statements : sequence of Statement
        Of the review, that bear on the curves.
    made_by : str
        What made it, for its foot: the review and its version.
    """
    names = ", ".join(a.name for a in answers.answers)
    body = "".join(_section(a) for a in answers.answers)
    if answers.together:
        body += "<h2>Two metrics of the same answers</h2>" + _list(answers.together)
    if answers.refused:
        body += "<h2>Left out</h2>" + _list(answers.refused)
    if statements:
        items = "".join(
            f'<li><span class="grade">{_escape(s.grade)}.</span> {_escape(s.text)} <span class="soft">({_escape(s.page)})</span></li>'
            for s in statements
        )
        body += f"<h2>What the review says that bears on this</h2><ul>{items}</ul>"
    foot = f"<p class='soft'>{_escape(made_by)}</p>" if made_by else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Your curve: {_escape(names)}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{'Your curve' if len(answers.answers) == 1 else 'Your curves'}</h1>"
        "<p>Is the jump real, what will the next scales do, and what should be measured to know? "
        f"What follows was computed from {len(answers.answers)} curve{'s' * (len(answers.answers) != 1)}. "
        "Each account of a rise predicts the whole curve, and its weight says how well it did beside the others.</p>"
        f"{body}{foot}</main></body></html>\n"
    )


def _escape(text: str) -> str:
    return html.escape(text, quote=True)


def _list(items: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{_escape(item)}</li>' for item in items)}</ul>" if items else ""


def _figure(chart: alt.TopLevelMixin, words: str) -> str:
    return f'<figure role="img" tabindex="0" aria-label="{_escape(words)}">{static_svg(spec_of(chart, words))}<figcaption>{_escape(words)}</figcaption></figure>'  # fmt: skip


def _section(a: Answer) -> str:
    runs = sum(p.runs for p in a.points)
    what = "a loss" if a.kind == "loss" else f"shares right, chance {a.chance:.3g}"
    head = (
        f"<h2>{_escape(a.name)}</h2><p class='soft'>{runs} scores at {len(a.points)} scales, "
        f"{number(a.points[0].scale)} to {number(a.points[-1].scale)}; {what}.</p>"
    )
    taken = f"<p class='soft'>Taken for granted:</p>{_list(a.guesses)}" if a.guesses else ""
    return (
        f"<section>{head}<p class='verdict'>{_escape(verdict_of(a))}</p>{_figure(curve_chart(a), curve_words(a))}{taken}"
        f"<h3>Is the jump real?</h3>{_weights(a)}<h3>What will the next scales do?</h3>{_forecast(a)}"
        f"{_power(a)}<h3>What should be measured to know?</h3><p>{_escape(plan_of(a))}</p>"
        f"{_list([measure_of(m) for m in a.plan.measures])}{NATS if a.plan.measures else ''}</section>"
    )


def _weights(a: Answer) -> str:
    if not a.attribution.weights:
        return f"<p>{_escape(verdict_of(a))}</p>"
    by_cause = sorted(share_of_families(a.attribution, FAMILIES).items(), key=lambda kv: -kv[1])
    said = ", ".join(f"{cause} {100 * weight:.0f}" for cause, weight in by_cause if weight >= 0.005)
    ranges = a.attribution.ranges
    rows: tuple[tuple[object, ...], ...] = tuple(
        (name, SAYS[a.kind][name], 100 * weight, *(100 * end for end in ranges[name]))
        for name, weight in sorted(a.attribution.weights.items(), key=lambda kv: -kv[1])
        if weight >= 0.0005
    )
    columns: tuple[str, ...] = ("Account", "What it says", "Weight", "Least", "Most")
    if all(row[3] == row[4] for row in rows):
        rows, columns = tuple(row[:3] for row in rows), columns[:3]
    table = Table(columns, rows, "Weight of each account, in percent", digits=3).to_html()
    return f"<p>By cause, in percent: {_escape(said)}.</p>{_figure(weight_chart(a), 'Weight of each account of the rise, in percent, the heaviest first.')}{table}"  # fmt: skip


def _forecast(a: Answer) -> str:
    note = f"<p>Mind: {_escape(a.forecast_note)}.</p>" if a.forecast_note else ""
    lines = [forecast_of(a, item) for item in a.forecast]
    known = list(dict.fromkeys(fared_of(item.fared) for item in a.forecast if item.fared))
    how = f"<p>How such forecasts fared in the tournament:</p>{_list(known)}<p>{_escape(CHOSEN)}</p>" if known else ""
    return f"<p>The curve is {_escape(a.view)}.</p>{note}{_list(lines)}{how}"


def _power(a: Answer) -> str:
    if not a.power:
        return ""
    then = {p.height: p for p in a.power_with}
    rows = tuple(
        (height_of(a, p), 100 * p.found, 100 * p.missed, *((100 * then[p.height].found,) if then else ()))
        for p in a.power
    )
    columns: tuple[str, ...] = ("In the simulation", "Called abrupt", "Called not abrupt")
    if then and a.plan.cheapest:
        columns = (*columns, f"Called abrupt with {a.plan.cheapest.what}")
    caption = f"Percent of {a.power[-1].curves} simulated curves each, measured as yours"
    words = "Share of simulated curves that are called abrupt, by the height of the step that is in them, for this design" + (" and with the cheapest measurement that is enough." if then else ".")  # fmt: skip
    return f"<h3>What would this design see?</h3>{_figure(power_chart(a), words)}{Table(columns, rows, caption, digits=3).to_html()}{LOG_ODDS if a.kind == 'share' else ''}{''.join(f'<p>{said}</p>' for said in gathered_of(a))}"  # fmt: skip


def curve_words(a: Answer) -> str:
    """Return what the picture of the curve shows, in a sentence."""
    unit = "" if a.kind == "loss" else " percent"
    ends = f"{score(a, a.points[0].score)} to {score(a, a.points[-1].score)}{unit}"
    ahead = f", and forecasts with 50 and 90 percent intervals up to {number(a.forecast[-1].scale)}" if a.forecast else ""  # fmt: skip
    return f"Scores over scale, from {ends}, with what the heaviest accounts expect{ahead}."


def _log_axis(title: str, low: float, high: float) -> alt.X:
    wide = math.log10(high / low) > 2.5
    axis = alt.Axis(format="~e" if high >= 1e5 else "~s", tickCount=5, labelOverlap=True)
    return alt.X("scale:Q").scale(type="log", domain=[low / 1.3, high * 1.3], nice=wide).axis(axis).title(title)


def curve_chart(a: Answer) -> alt.LayerChart:
    """Return the picture of a curve: scores, accounts and forecasts."""
    times = 1.0 if a.kind == "loss" else 100.0
    points = pd.DataFrame([{"scale": p.scale, "score": times * p.score, "low": times * (p.score if p.low is None else p.low), "high": times * (p.score if p.high is None else p.high), "what": "measured"} for p in a.points])  # fmt: skip
    lines = pd.DataFrame([{"scale": s, "score": times * y, "account": line.account} for line in a.lines for s, y in zip(line.scales, line.scores, strict=True)], columns=["scale", "score", "account"])  # fmt: skip
    ahead = pd.DataFrame([{"scale": f.scale, "score": times * f.median, "l50": times * f.half[0], "h50": times * f.half[1], "l90": times * f.ninety[0], "h90": times * f.ninety[1]} for f in a.forecast], columns=["scale", "score", "l50", "h50", "l90", "h90"])  # fmt: skip
    last = max([a.points[-1].scale, *(f.scale for f in a.forecast)])
    x = _log_axis("step" if a.over == "training" else "scale", a.points[0].scale, last)
    y = alt.Y("score:Q").title("loss" if a.kind == "loss" else "score, percent")
    y = y.scale(zero=False) if a.kind == "loss" else y.scale(domain=[0, 100])
    order = [line.account for line in a.lines]
    layers: list[alt.Chart] = []
    if order:
        colour = alt.Color("account:N", sort=order).scale(domain=order, range=list(PALETTE[: len(order)])).title("account")  # fmt: skip
        layers.append(alt.Chart(lines).mark_line(strokeWidth=2).encode(x=x, y=y, color=colour))
    layers.append(alt.Chart(points).mark_rule(strokeWidth=1.5).encode(x=x, y="low:Q", y2="high:Q"))
    layers.append(alt.Chart(points).mark_point(size=60, filled=True, color="currentColor", opacity=1).encode(x=x, y=y))
    if len(ahead):
        fan = alt.Chart(ahead)
        layers.append(fan.mark_rule(strokeWidth=3, opacity=0.45, color=PALETTE[3]).encode(x=x, y="l90:Q", y2="h90:Q"))
        layers.append(fan.mark_rule(strokeWidth=8, opacity=0.8, color=PALETTE[3]).encode(x=x, y="l50:Q", y2="h50:Q"))
        layers.append(fan.mark_point(size=70, filled=True, shape="diamond", color=PALETTE[3], opacity=1).encode(x=x, y=y))  # fmt: skip
    verdict = {"abrupt": "Abrupt", "not abrupt": "Not abrupt", "undecided": "The data cannot tell"}
    title = alt.Title(f"{a.name}: {verdict[a.attribution.verdict]}", subtitle="Dots: measured. Diamonds with bars: forecast, 50 and 90 percent." if len(ahead) else "")  # fmt: skip
    return alt.layer(*layers).properties(width=600, height=320, title=title)


def weight_chart(a: Answer) -> alt.Chart:
    """Return the picture of the weights of the accounts."""
    rows = pd.DataFrame([{"account": name, "weight": 100 * w} for name, w in a.attribution.weights.items() if w >= 0.0005])  # fmt: skip
    return (
        alt.Chart(rows)
        .mark_bar(color=PALETTE[0], height={"band": 0.7})
        .encode(
            x=alt.X("weight:Q").title("weight, percent").scale(domain=[0, 100]), y=alt.Y("account:N", sort="-x").title(None)
        )
        .properties(width=480, height=alt.Step(20), title="What the accounts weigh")
    )  # fmt: skip


def power_chart(a: Answer) -> alt.LayerChart:
    """Return the picture of a design's power."""
    both = [("this design", a.power)]
    if a.power_with and a.plan.cheapest:
        both.append(("with the cheapest measurement", a.power_with))
    rows = pd.DataFrame([{"height": (100 if a.kind == "loss" else 1) * p.height, "found": 100 * p.found, "design": name} for name, powers in both for p in powers])  # fmt: skip
    title = "drop of the loss, percent (0: false alarms)" if a.kind == "loss" else "height of the step, log-odds (0: false alarms)"  # fmt: skip
    base = alt.Chart(rows).encode(
        x=alt.X("height:Q").title(title),
        y=alt.Y("found:Q").title("called abrupt, percent").scale(domain=[0, 100]),
        color=alt.Color("design:N", sort=[n for n, _ in both]).title("design"),
    )
    return alt.layer(base.mark_line(), base.mark_point(filled=True, size=50, opacity=1)).properties(width=480, height=200, title="Steps that would be seen")  # fmt: skip
