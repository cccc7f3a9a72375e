"""What is known of a curve of yours: the accounts that explain it, what comes next, what a design sees, what to measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from emergence.capability_precursors import tournament as tn
from emergence.phase_transitions.attribution import (
    UNKNOWN_ITEMS,
    Attribution,
    Curve,
    Evidence,
    attribute,
    attribute_with_fits,
)
from emergence.shared.fitting import Floats, wilson
from emergence.your_curve import design as ds
from emergence.your_curve.measured import Form, Measured, Unfit, by_output, read_frame
from emergence.your_curve.record import NAMES, Fared, fared

LEAST_ERROR = 1e-4
"""Shares of wrong answers below this are forecast as this, as in the tournament."""

AHEAD = (3.0, 10.0)
"""How many times the largest scale is forecast where nobody says."""

SEEN_IN_TOURNAMENT = 5
"""Fewest scales from which the tournament forecast."""


@dataclass(frozen=True)
class Point:
    """What was scored at one scale: the mean of its runs, with a 95 percent interval of sampling where items are known."""

    scale: float
    score: float
    runs: int
    items: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Line:
    """What an account's best fit expects, from the smallest to the largest scale."""

    account: str
    says: str
    weight: float
    scales: tuple[float, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True)
class Next:
    """The forecast of one scale, in the unit of the scores, and how such forecasts fared.

    Parameters
    ----------
    scale, ahead : float
        The scale, and how many times the largest seen it is.
    median : float
    half, ninety : tuple of float
        Ends of the 50 and the 90 percent interval.
    fared : Fared or None
        None where no record was given.
    """

    scale: float
    ahead: float
    median: float
    half: tuple[float, float]
    ninety: tuple[float, float]
    fared: Fared | None


@dataclass(frozen=True)
class Answer:
    """What is known of one curve.

    Parameters
    ----------
    name, family, task, metric, kind, over : str
    chance : float
    falling : bool
        Whether the scores fall, so that one less each was weighed.
    points : tuple of Point
        Scores as given (shares, not percent).
    guesses : tuple of str
    attribution : Attribution
    lines : tuple of Line
        Of the accounts with most weight, the best first.
    view : str
        What the curve looks like so far, of `tournament.VIEWS`.
    forecast : tuple of Next
    forecast_note : str
        What limits the forecast; empty where nothing does.
    power, power_with : tuple of Power
        Of the design as it is, and with the cheapest measurement that is enough; empty where not asked for.
    plan : Plan
    """

    name: str
    family: str
    task: str
    metric: str
    kind: str
    over: str
    chance: float
    falling: bool
    points: tuple[Point, ...]
    guesses: tuple[str, ...]
    attribution: Attribution
    lines: tuple[Line, ...]
    view: str
    forecast: tuple[Next, ...]
    forecast_note: str
    power: tuple[ds.Power, ...]
    power_with: tuple[ds.Power, ...]
    plan: ds.Plan


@dataclass(frozen=True)
class Answers:
    """What is known of the curves of a table.

    Parameters
    ----------
    answers : tuple of Answer
    refused : tuple of str
        Curves that were left out, and why.
    together : tuple of str
        What two metrics of the same answers say together.
    """

    answers: tuple[Answer, ...]
    refused: tuple[str, ...]
    together: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain lists, numbers and texts, for JSON; what is not a number is None."""
        found: dict[str, Any] = _plain(asdict(self))
        return found


def _plain(value: Any) -> Any:  # noqa: ANN401  # of any form
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value


def ask(
    frame: pd.DataFrame,
    form: Form | None = None,
    *,
    record: pd.DataFrame | None = None,
    scales: Sequence[float] = (),
    draws: int = 50,
    tell: Callable[[str], object] | None = None,
) -> Answers:
    """Ask what made the curves of a table, what the next scales will do, and what to measure to know.

    Parameters
    ----------
    frame : DataFrame
        A row a score; see `measured.read_frame` for its columns.
    form : Form, optional
        What the table leaves open.
    record : DataFrame, optional
        The table ``forecast_record``, from which it is told how such forecasts fared.
    scales : sequence of float
        Scales to forecast, above the largest of each curve; default 3 and 10 times it.
    draws : int
        Simulated curves for each height of a step; 0: no power.
    tell : callable, optional
        Told in a sentence what comes next, where that takes seconds.

    Returns
    -------
    Answers

    Raises
    ------
    Unfit
        When no curve can be made of the table.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"params": [1e8, 3e8, 1e9, 3e9, 1e10, 3e10], "exact_match": [0.02, 0.02, 0.03, 0.72, 0.74, 0.75], "items": 2000}
    ... )
    >>> answer = ask(table, draws=0).answers[0]
    >>> answer.attribution.verdict, answer.attribution.alike
    ('abrupt', ('step', 'seeds'))
    >>> answer.plan.measures[0].what
    '5 seeds at each scale'
    """
    reading = read_frame(frame, form)
    pairs = list(by_output(reading.curves))
    paired = {id(m) for pair in pairs for m in pair}
    answers: dict[int, Answer] = {}
    for m, weighed in zip(reading.curves, attribute_with_fits([m.curve for m in reading.curves]), strict=True):
        if tell and draws and weighed[1]:
            tell(
                f"curve {len(answers) + 1} of {len(reading.curves)}: {draws} simulated curves of each height, measured as "
                f"the {len(m.curve.scales)} scores of {m.name or 'the curve'}"
            )
        answers[id(m)] = _answer(m, record, scales, draws, id(m) in paired, *weighed)
    together = tuple(said for one, other in pairs if (said := _together(answers[id(one)], answers[id(other)])))
    return Answers(tuple(answers[id(m)] for m in reading.curves), reading.refused, together)


def answer(
    measured: Measured,
    record: pd.DataFrame | None = None,
    scales: Sequence[float] = (),
    draws: int = 50,
    other_metric: bool = False,
) -> Answer:
    """Return what is known of one curve; see `ask`.

    Parameters
    ----------
    measured : Measured
    record : DataFrame, optional
    scales : sequence of float
    draws : int
    other_metric : bool
        Whether the same answers were scored by a second metric too.
    """
    return _answer(measured, record, scales, draws, other_metric, *attribute_with_fits([measured.curve])[0])


def explained(curves: Sequence[Curve]) -> list[tuple[Attribution, ds.Plan]]:
    """Return what made each of many curves, and what to measure to know: the part of `answer` that has no forecast.

    Parameters
    ----------
    curves : sequence of Curve
    """
    weighed = attribute_with_fits(curves)
    return [(found, _plan(curve, found, made)) for curve, (found, made) in zip(curves, weighed, strict=True)]


def _plan(curve: Curve, found: Attribution, made: Evidence | None, other_metric: bool = False) -> ds.Plan:
    return ds.plan(curve, found, made, other_metric) if made else ds.Plan((), 0.0, ())


def _answer(
    measured: Measured,
    record: pd.DataFrame | None,
    scales: Sequence[float],
    draws: int,
    other_metric: bool,
    found: Attribution,
    made: Evidence | None,
) -> Answer:
    curve = measured.curve
    lines: tuple[Line, ...] = ()
    plan = _plan(curve, found, made, other_metric)
    now: tuple[ds.Power, ...] = ()
    then: tuple[ds.Power, ...] = ()
    if made:
        lines = _lines(measured, found, made)
        if draws:
            design = ds.design_of(curve, made)
            now = ds.power(design, draws)
            if plan.cheapest and plan.cheapest.kind in ("items", "between", "beyond", "seeds"):
                then = ds.power(ds.with_measure(design, plan.cheapest), draws)
    view, came, note = forecast(measured, record, scales)
    return Answer(
        measured.name, measured.family, measured.task, measured.metric, curve.kind, curve.over, curve.chance, measured.falling,
        _points(measured), measured.guesses, found, lines, view, came, note, now, then, plan,
    )  # fmt: skip


OTHER_CHOICES: Mapping[str, Mapping[str, Any]] = {
    "as above": {},
    "priors half as wide": {"loose": 0.5},
    "priors twice as wide": {"loose": 2.0},
    "each scale left out in turn": {"leave_out": True},
}
"""What else could have been chosen in weighing a curve."""


def under_other_choices(curves: Sequence[Measured]) -> pd.DataFrame:
    """Return verdicts under `OTHER_CHOICES`.

    Parameters
    ----------
    curves : sequence of Measured

    Returns
    -------
    DataFrame
        Curve, Choice, Verdict, and the weight of a jump, a kink or luck in percent: a row a curve and choice.
    """
    rows = []
    for measured in curves:
        for choice, options in OTHER_CHOICES.items():
            found = attribute(measured.curve, **options)
            rows.append([measured.name, choice, found.verdict, 100 * found.abrupt])
    return pd.DataFrame(rows, columns=["Curve", "Choice", "Verdict", "Weight of a jump"])


def _points(measured: Measured) -> tuple[Point, ...]:
    curve, out = measured.curve, []
    scores = measured.as_given(curve.scores)
    for scale in np.unique(curve.scales):
        here = curve.scales == scale
        mean, items = float(scores[here].mean()), None if curve.items is None else float(curve.items[here].sum())
        low = high = None
        if items is not None:
            interval = wilson(min(mean, 1.0) * items, int(items))
            low, high = interval.low, interval.high
        out.append(Point(float(scale), mean, int(here.sum()), items, low, high))
    return tuple(out)


def _lines(measured: Measured, found: Attribution, made: Evidence, most: int = 3) -> tuple[Line, ...]:
    curve = measured.curve
    u = np.linspace(0, 1, 81)
    scales = np.exp(np.log(curve.scales[0]) + u * np.log(curve.scales[-1] / curve.scales[0]))
    unit = curve.scores.min() if curve.kind == "loss" else 1.0
    by_weight = sorted(range(len(made.accounts)), key=lambda k: -found.weights[made.accounts[k].name])
    out = []
    for k in by_weight[:most]:
        account = made.accounts[k]
        if found.weights[account.name] >= 0.02 and account.name != "seeds":
            scores = measured.as_given(unit * ds.expected(made, k, u))
            out.append(Line(account.name, account.says, found.weights[account.name], tuple(map(float, scales)), tuple(map(float, scores))))  # fmt: skip
    return tuple(out)


def _means(curve: Curve) -> tuple[Floats, Floats, Floats | None]:
    """Return scales, mean scores, and the sampling noise of a share (variance), one a scale."""
    scales = np.unique(curve.scales)
    scores = np.array([curve.scores[curve.scales == s].mean() for s in scales])
    if curve.items is None:
        return scales, scores, None
    return scales, scores, np.array([curve.items[curve.scales == s].sum() for s in scales])


def _head(curve: Curve) -> tuple[Floats, Floats, Floats | None]:
    """Return scales, mean losses or errors, and their sampling noise, as forecasters take them."""
    scales, scores, items = _means(curve)
    if curve.kind == "loss":
        return scales, scores, None
    wrong = np.clip(1 - scores, LEAST_ERROR, 1)
    if items is None:
        return scales, wrong, None
    return scales, wrong, np.sqrt(np.maximum((1 - wrong) / (wrong * items), 0) + 0.25 / items**2)


def fits_of(curves: Sequence[Curve]) -> list[dict[str, object]]:
    """Return what `forecast` fits to each of many curves, made side by side in a fraction of the time."""
    found = tn.fitted([_head(curve)[:2] for curve in curves], NAMES)
    return [{name: each[i] for name, each in found.items()} for i in range(len(curves))]


def forecast(
    measured: Measured,
    record: pd.DataFrame | None = None,
    wanted: Sequence[float] = (),
    fits: Mapping[str, object] | None = None,
) -> tuple[str, tuple[Next, ...], str]:
    """Return what a curve looks like so far, the forecasts, and what limits them; see `ask`, and `fits_of` for many."""
    curve = measured.curve
    scales, scores, noise = _head(curve)
    view = tn.view_of(scales, scores, noise)
    targets = np.array(sorted(wanted) or [scales[-1] * a for a in AHEAD], dtype=float)
    if (wrong := targets[~(np.isfinite(targets) & (targets > scales[-1]))]).size:
        raise Unfit(f"given {wrong[0]:g} to forecast; needed: a number above the largest scale of {measured.name}, {scales[-1]:g}")  # fmt: skip
    least = 1 / UNKNOWN_ITEMS[-1] if curve.kind == "share" else 0.0
    if noise is None and np.ptp(curve.scores) <= least:
        return view, (), "the scores do not differ, so that nothing tells how far off the next may be; give the number of test items"  # fmt: skip
    kind = "loss" if curve.kind == "loss" else "error"
    quantiles = tn.forecasts(scales, scores, targets, NAMES, noise=noise, kind=kind, fits=fits)[tn.ENSEMBLE]
    if quantiles is None:
        return view, (), "every forecaster failed on this curve"
    notes = []
    if len(scales) < SEEN_IN_TOURNAMENT:
        notes.append(f"{len(scales)} scales are fewer than any curve of the tournament had")
    if view == tn.VIEWS[2]:
        notes.append(
            "after a step forecasts fail more often than on any other curve, on controls of known cause more often still than the record says"
        )
    if targets[-1] / scales[-1] > 100:
        notes.append("beyond a hundred times the largest scale the tournament found no skill over a straight line")
    out = []
    for target, row in zip(targets, quantiles, strict=True):
        values = row if curve.kind == "loss" else measured.as_given(1 - row[::-1])
        values = np.sort(values)
        ahead = float(target / scales[-1])
        known = None if record is None else fared(record, view, ahead)
        ends = [float(values[i]) for i in (0, 4, 9, 14, 18)]
        out.append(Next(float(target), ahead, ends[2], (ends[1], ends[3]), (ends[0], ends[4]), known))
    return view, tuple(out), "; ".join(notes)


def _together(one: Answer, other: Answer) -> str:
    """Return what two metrics of the same answers say, where that is more than each says."""
    verdicts = {one.attribution.verdict, other.attribution.verdict}
    both = f"{one.metric} and {other.metric} score the same answers of {one.task or one.family or 'one model series'}"
    if verdicts == {"abrupt", "not abrupt"}:
        sharp, calm = (one, other) if one.attribution.verdict == "abrupt" else (other, one)
        return f"{both}: {sharp.metric} is called abrupt and {calm.metric} is not, so that the jump belongs to the metric as far as these two can tell. They count as one case."  # fmt: skip
    if verdicts == {"abrupt"}:
        return f"{both}, and both are called abrupt: the metric alone does not make this jump. They count as one case."
    if "abrupt" in verdicts:
        return (
            f"{both}: one is called abrupt, and on the other the data cannot tell. They count as one case, undecided."
        )
    return f"{both}; neither is called abrupt. They count as one case."


def share_of_families(found: Attribution, families: Mapping[str, str]) -> dict[str, float]:
    """Return the weight of each family of accounts, under a reader's word for it; empty without weights."""
    return {said: found.of(name) for name, said in families.items()} if found.weights else {}
