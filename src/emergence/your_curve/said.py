"""What is known of a curve, in words: for a terminal, and for the page that carries the pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from emergence.capability_precursors import tournament as tn
from emergence.phase_transitions.accounts import LOSS_ACCOUNTS, SHARE_ACCOUNTS
from emergence.phase_transitions.attribution import FEWEST_SCALES
from emergence.phase_transitions.cases import FAMILIES
from emergence.shared.checks import asks
from emergence.shared.checks import number as finite_number
from emergence.your_curve.answer import Answer, Answers, Next, share_of_families
from emergence.your_curve.design import MOST_WEIGHED, Measure, Power
from emergence.your_curve.record import Fared

SAYS = {"share": {a.name: a.says for a in SHARE_ACCOUNTS}, "loss": {a.name: a.says for a in LOSS_ACCOUNTS}}
"""What each account of a share or of a loss says, in a phrase."""


@dataclass(frozen=True)
class Statement:
    """A statement of the review that bears on a curve: its id, sentence, grade in words, and page."""

    id: str
    text: str
    grade: str
    page: str


BEARS: tuple[tuple[str, str], ...] = (
    ("share", "metric-sharpens"),
    ("share", "metric-is-not-all"),
    ("low", "zero-is-not-absence"),
    ("one run", "seeds-split"),
    ("one run", "seeds-differ-on-single-tasks"),
    ("abrupt", "scale-belongs-to-recipe"),
    ("loss", "smooth-loss-hides-steps"),
    ("averaged", "averaging-smooths"),
    ("training", "hidden-progress"),
    ("training", "induction-set-by-data"),
    ("forecast a share", "averages-not-tasks"),
    ("forecast a share", "accuracy-loosens-scaling"),
    ("forecast a loss", "loss-forecast"),
    ("flat", "loss-threshold"),
    ("flat", "benchmark-forecasts-low"),
)
"""Which statement bears on a curve in which situation; `situations` says in which a curve is."""


def situations(answer: Answer) -> set[str]:
    """Return the situations of `BEARS` in which a curve is."""
    found = {answer.kind, answer.over} - {"scale"}
    lowest = min(p.score - answer.chance for p in answer.points)
    if answer.kind == "share":
        found.add("forecast a share")
        if lowest < 0.05 and not answer.falling:
            found.add("low")
        if answer.over == "scale" and all(p.runs == 1 for p in answer.points):
            found.add("one run")
        if answer.attribution.verdict != "not abrupt":
            found.add("abrupt")
        else:
            found.add("averaged")
    else:
        found |= {"forecast a loss"}
    if answer.view == tn.VIEWS[0]:
        found.add("flat")
    return found


def bearing(answers: Sequence[Answer]) -> tuple[str, ...]:
    """Return the ids of the statements that bear on any of the curves, in the order of `BEARS`."""
    there = set().union(*(situations(a) for a in answers)) if answers else set()
    return tuple(dict.fromkeys(statement for situation, statement in BEARS if situation in there))


@asks(value=finite_number())
def number(value: float) -> str:
    """Return a scale or a loss in few digits.

    Examples
    --------
    >>> number(1.4e9), number(0.351), number(2000)
    ('1.4e9', '0.351', '2,000')
    """
    if value >= 1e5:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"


def score(answer: Answer, value: float) -> str:
    """Return a score as a reader writes it: a share in percent, a loss as it is."""
    if answer.kind == "loss":
        return number(value)
    percent = 100 * value
    return f"{percent:.2g}" if 0 < percent < 10 else f"{percent:.0f}" if percent < 99.5 else f"{percent:.1f}"


def verdict_of(answer: Answer) -> str:
    """Return what is said of the rise, in one or two sentences."""
    found, says = answer.attribution, SAYS[answer.kind]
    if not found.weights:
        return f"No account is weighed: {found.reason}."
    weight, (low, high) = 100 * found.abrupt, (100 * end for end in found.abrupt_range)
    of = f"{weight:.0f} percent" + (f" ({low:.0f} to {high:.0f} over the numbers of items tried)" if high - low > 1 else "")  # fmt: skip
    if found.verdict == "abrupt":
        where = f", most likely between {number(found.between[0])} and {number(found.between[1])}" if found.best != "kink" else ""  # fmt: skip
        said = f"Shown to be abrupt: a jump, a kink or the luck of the run has {of} of the weight{where}."
    elif found.verdict == "not abrupt":
        said = f"Shown not to be abrupt: a jump, a kink or the luck of the run has {of} of the weight."
    else:
        said = f"The data cannot tell: a jump, a kink or the luck of the run has {of} of the weight. The reason: {found.reason}."
    if len(found.alike) > 1:
        alike = "; ".join(f"{name} ({says[name]})" for name in found.alike)
        said += f" These cannot be told apart: {alike}."
    else:
        said += f" The one account that stands out: {found.best} ({says[found.best]})."
    return said


CHOSEN = "If this curve was chosen because it seems to jump, expect the intervals to hold less often than that: on controls made to change suddenly they did."
"""What the record does not say: its curves were not chosen so."""


def fared_of(item: Fared) -> str:
    """Return how forecasts of such curves fared, in a sentence."""
    where = f"{item.distance} the largest scale" + (" (farther ahead too few were tried)" if item.nearer else "")
    better = f"{100 * item.better:.0f} percent better than to say that nothing changes ({100 * item.better_low:.0f} to {100 * item.better_high:.0f})"  # fmt: skip
    return (
        f"On {item.curves} curves ({item.clusters} independent cases) that were {item.view}, forecast {where}, the 90 percent "
        f"intervals held {100 * item.ninety:.0f} percent of outcomes ({100 * item.ninety_low:.0f} to {100 * item.ninety_high:.0f}), "
        f"the 50 percent intervals {100 * item.half:.0f}; {100 * item.beyond:.0f} percent went further than the forecasts "
        f"thought possible. The forecasts were {better}."
    )


def forecast_of(answer: Answer, item: Next) -> str:
    """Return a forecast in a line."""
    unit = "" if answer.kind == "loss" else " percent"
    ends = [score(answer, v) for v in (*item.half, *item.ninety)]
    return (
        f"{number(item.scale)} ({item.ahead:.3g} times the largest): {score(answer, item.median)}{unit}; "
        f"50 percent interval {ends[0]} to {ends[1]}, 90 percent interval {ends[2]} to {ends[3]}"
    )


def gathered_of(answer: Answer) -> list[str]:
    """Return what is to be known of the power where simulated curves were gathered before they were weighed."""
    many, most = len(answer.points), MOST_WEIGHED
    if many <= most:
        return []
    return [
        f"Mind: of the {many} scores of each simulated curve, neighbours were gathered into {most} means, for time. Weighed "
        "whole, a small step among scattered scores is found more often, in a trial by up to 25 of 100 curves, and a smooth "
        "curve is called abrupt more often too; large steps are found as often."
    ]


def height_of(answer: Answer, power: Power) -> str:
    """Return the height of a step in words."""
    if power.height == 0:
        return "no step (false alarms)"
    return f"a drop of {100 * power.height:.0f} percent" if answer.kind == "loss" else f"a step of {power.height:g} in log-odds"  # fmt: skip


def measure_of(item: Measure) -> str:
    """Return a measurement in a line: what, what it brings, what it costs."""
    if item.kind == "count":
        return f"{item.what}: the verdict is the same under some numbers and not under others; no further run"
    brings = {
        "seeds": "luck splits runs of one size into two levels, and a jump does not",
        "metric": "a jump in ability shows there too, one that the metric makes does not; what it brings cannot be reckoned from this curve",
    }.get(item.kind, "") if math.isnan(item.nats) else f"{item.nats:.1f} nats"  # fmt: skip
    cost = "no further run" if item.cost == 0 else f"about {item.cost:.2g} times the training of the runs so far"
    enough = "enough" if item.enough else "not known to be enough" if math.isnan(item.nats) else "not enough"
    return f"{item.what}: {brings}, {enough}; {cost}"


def plan_of(answer: Answer) -> str:
    """Return what is to be told apart, and by what most cheaply."""
    plan, found = answer.plan, answer.attribution
    if not found.weights:
        return f"First more scales: {FEWEST_SCALES} different ones at least."
    if not plan.between:
        return "Nothing needs to be told apart: one account stands out."
    first, second = plan.between
    said = f"To be told apart: {first} and {second}. Needed: {plan.needed:.1f} nats of evidence."
    if found.verdict != "undecided":
        said += " Whichever is right, the verdict above stands."
    if plan.cheapest:
        return f"{said} Cheapest that is enough: {plan.cheapest.what}."
    return f"{said} None of what was tried is enough by itself."


def as_text(answers: Answers, statements: Sequence[Statement] = ()) -> str:
    """Return the answers as text for a terminal."""
    parts = [_answer_text(a) for a in answers.answers]
    if answers.together:
        parts.append("\n".join(["TWO METRICS OF THE SAME ANSWERS", *(f"  {said}" for said in answers.together)]))
    if answers.refused:
        parts.append("\n".join(["LEFT OUT", *(f"  {said}" for said in answers.refused)]))
    if statements:
        parts.append("\n".join(["WHAT THE REVIEW SAYS THAT BEARS ON THIS", *(f"  [{s.grade}] {s.text} ({s.page})" for s in statements)]))  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _answer_text(a: Answer) -> str:
    out = [a.name.upper(), ""]
    runs = sum(p.runs for p in a.points)
    items = sorted({p.items / p.runs for p in a.points if p.items})
    first, last = (f"{round(n, 1):,.12g}" for n in (items[0], items[-1])) if items else ("", "")
    what = f"{first} items each" if len(items) == 1 else f"{first} to {last} items" if items else "items not known"
    out.append(f"  {runs} scores at {len(a.points)} scales, {number(a.points[0].scale)} to {number(a.points[-1].scale)}; " + ("a loss" if a.kind == "loss" else f"shares, {what}, chance {a.chance:.3g}"))  # fmt: skip
    out += [f"  Taken for granted: {said}" for said in a.guesses]
    out += ["", "  IS THE JUMP REAL?", f"  {verdict_of(a)}"]
    if a.attribution.weights:
        shares = sorted(share_of_families(a.attribution, FAMILIES).items(), key=lambda kv: -kv[1])
        out.append("  By cause: " + ", ".join(f"{said} {100 * w:.0f}" for said, w in shares if w >= 0.005) + " percent.")  # fmt: skip
        out += [f"    {100 * w:5.1f}  {name:<24} {SAYS[a.kind][name]}" for name, w in sorted(a.attribution.weights.items(), key=lambda kv: -kv[1]) if w >= 0.005]  # fmt: skip
    out += ["", "  WHAT WILL THE NEXT SCALES DO?", f"  The curve is {a.view}."]
    if a.forecast_note:
        out.append(f"  Mind: {a.forecast_note}.")
    for item in a.forecast:
        out.append(f"  {forecast_of(a, item)}")
        if item.fared:
            out.append(f"    {fared_of(item.fared)}")
    if any(item.fared for item in a.forecast):
        out.append(f"  {CHOSEN}")
    if a.power:
        out += ["", "  WHAT WOULD THIS DESIGN SEE?"]
        then = {p.height: p for p in a.power_with}
        for p in a.power:
            more = f"; with {a.plan.cheapest.what}: {100 * then[p.height].found:.0f}" if p.height in then and a.plan.cheapest else ""  # fmt: skip
            out.append(f"  {height_of(a, p):<28} called abrupt in {100 * p.found:.0f} of 100 simulated curves{more}")
        out += [f"  {said}" for said in gathered_of(a)]
    out += ["", "  WHAT SHOULD BE MEASURED TO KNOW?", f"  {plan_of(a)}"]
    out += [f"    - {measure_of(m)}" for m in a.plan.measures]
    return "\n".join(out)
