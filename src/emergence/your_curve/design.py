"""What a design can see, and what to measure to know: power by simulation, and the evidence that a measurement brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import special, stats

from emergence.phase_transitions import calibrate
from emergence.phase_transitions.accounts import NUISANCES, Batch, Kind, expected_share
from emergence.phase_transitions.attribution import UNKNOWN_ITEMS, Attribution, Curve, Evidence, attribute_all
from emergence.shared.checks import check_fields, floats, option
from emergence.shared.fitting import Floats

HEIGHTS = (1, 2, 3, 5)
"""Heights of the steps that are tried on shares, in log-odds: 3 takes one percent to 17, 5 to 60."""

DROPS = (0.05, 0.1, 0.2, 0.4)
"""Steps that are tried on losses, as a share of the loss."""

SMOOTH = ("log-odds", "probit", "cloglog", "power law", "loss", "difficulties", "curved", "unequal parts")
"""Causes without a jump, of `calibrate.TRUTHS`, among which false alarms are counted."""


@dataclass(frozen=True)
class Power:
    """How often a design would show a step of one height.

    Parameters
    ----------
    height : float
        In log-odds, or as a share of the loss; 0 for smooth curves, of which the share found is that of false alarms.
    found : float
        Share of simulated curves that are called abrupt, 0 to 1.
    missed : float
        Share that are called not abrupt.
    curves : int
        Simulated.
    """

    height: float
    found: float
    missed: float
    curves: int


@dataclass(frozen=True)
class Design:
    """What is measured: what `power` needs to know of a curve, without its scores.

    Parameters
    ----------
    scales : array
        One for each run, rising.
    items : float or None
        Test items behind each share, where known.
    scatter : tuple of float
        Standard deviation of log-odds (of the logarithm of a loss) between models, at the smallest and largest scale.
    chance : float
    kind : {"share", "loss"}
    over : {"scale", "training"}
    """

    scales: Floats
    items: float | None
    scatter: tuple[float, float]
    chance: float
    kind: Kind
    over: Literal["scale", "training"]

    def __post_init__(self) -> None:
        check_fields(self, kind=option("share", "loss"), over=option("scale", "training"))


def known_items(curve: Curve) -> Floats:
    """Return the items that are reckoned with: those known, 1,000 where they are not, ones for losses."""
    if curve.kind == "loss":
        return np.ones(len(curve.scales))
    return np.full(len(curve.scales), UNKNOWN_ITEMS[1]) if curve.items is None else np.asarray(curve.items)


def scatter_of(made: Evidence, account: int) -> tuple[float, float]:
    """Return the scatter between models that an account's best fit gives, at the smallest and the largest scale."""
    theta = made.fits[account].theta[0]
    centre = np.log(0.03) + 1.2 * theta[0] if made.batch.kind == "loss" else np.log(0.15) + 0.9 * theta[0]
    first, last = np.exp(centre - 1.25 * theta[1]), np.exp(centre + 1.25 * theta[1])
    low, high = (0.002, 0.5) if made.batch.kind == "loss" else (0.02, 1.0)
    return float(np.clip(first, low, high)), float(np.clip(last, low, high))


def design_of(curve: Curve, made: Evidence) -> Design:
    """Return the design of a curve; the scatter is that of its best account."""
    items = None if curve.items is None else float(np.median(curve.items))
    best = int(made.log[0].argmax())
    return Design(curve.scales, items, scatter_of(made, best), curve.chance, curve.kind, curve.over)


def power(design: Design, draws: int = 50, seed: int = 1) -> tuple[Power, ...]:
    """Return how often curves of known cause, measured by a design, are called abrupt.

    Steps lie anywhere between the second and the last scale but one, and start from a low level, as in the calibration
    of the attribution. The first of the result are smooth curves: false alarms.

    Parameters
    ----------
    design : Design
    draws : int
        Simulated curves for each height.
    seed : int

    Returns
    -------
    tuple of Power
    """
    if draws < 10:
        raise ValueError(f"given {draws} simulated curves; needed: 10 at least")
    heights = DROPS if design.kind == "loss" else HEIGHTS
    groups = [(0.0, _smooth(design, draws, seed))]
    groups += [(float(h), _steps(design, h, draws, seed + i + 1)) for i, h in enumerate(heights)]
    found = attribute_all([gathered(curve) for _, curves in groups for curve in curves])
    out, at = [], 0
    for height, curves in groups:
        verdicts = [a.verdict for a in found[at : at + len(curves)]]
        at += len(curves)
        found_share, missed = (verdicts.count(v) / len(verdicts) for v in ("abrupt", "not abrupt"))
        out.append(Power(height, found_share, missed, len(verdicts)))
    return tuple(out)


MOST_WEIGHED = 48
"""Scores of a simulated curve that are weighed; of more, neighbours are gathered first."""


def gathered(curve: Curve, most: int = MOST_WEIGHED) -> Curve:
    """Return a curve of at most so many scores: runs at one scale, then neighbours, gathered into their mean.

    Between neighbours among so many scores no account expects much of a change, so that the mean tells nearly what they
    tell apart, for a share by all their items together. Among scattered scores it is less sure: of 100 scores with a scatter
    of 1 in log-odds, gathered into 64, a step of 1 was found in 17 of 100 curves where whole ones showed 42, and false
    alarms fell from 33 to 4; steps of 3 and more were found as often.

    Examples
    --------
    >>> curve = Curve(np.geomspace(1, 8, 4), np.array([0.1, 0.2, 0.6, 0.8]), np.array([100.0]))
    >>> gathered(curve, 2).scores, gathered(curve, 2).items
    (array([0.15, 0.7 ]), array([200., 200.]))
    """
    if len(curve.scales) <= most:
        return curve
    distinct = np.array_split(np.unique(curve.scales), min(most, len(np.unique(curve.scales))))
    groups = [np.isin(curve.scales, scales) for scales in distinct]
    mean = stats.gmean if curve.kind == "loss" else np.mean
    return replace(
        curve,
        scales=np.array([stats.gmean(curve.scales[group]) for group in groups]),
        scores=np.array([mean(curve.scores[group]) for group in groups]),
        items=None if curve.items is None else np.array([curve.items[group].sum() for group in groups]),
    )


def _places(design: Design) -> Floats:
    logs = np.log(design.scales)
    return np.asarray((logs - logs[0]) / (logs[-1] - logs[0]))


def _smooth(design: Design, draws: int, seed: int) -> list[Curve]:
    if design.kind == "loss":
        return _losses(design, 0.0, draws, seed)
    each = -(-draws // len(SMOOTH))
    made = [_shares(design, calibrate.TRUTHS[name][1], each, seed + 100 + i) for i, name in enumerate(SMOOTH)]
    return [curve for curves in made for curve in curves]


def _steps(design: Design, height: float, draws: int, seed: int) -> list[Curve]:
    if design.kind == "loss":
        return _losses(design, height, draws, seed)
    return _shares(design, calibrate.TRUTHS[f"step of {height:g}"][1], draws, seed)


def _shares(design: Design, truth: calibrate.Truth, draws: int, seed: int) -> list[Curve]:
    distinct = np.unique(design.scales)
    at = _places(replace(design, scales=distinct))
    rng = np.random.default_rng(seed)
    expected = design.chance + (1 - design.chance) * truth(rng, at, draws)
    shares = np.clip(expected[:, np.searchsorted(distinct, design.scales)], 1e-9, 1 - 1e-9)
    u = _places(design)
    noise = rng.standard_normal(shares.shape)
    if design.over == "training":  # a checkpoint resembles the one before
        for i in range(1, len(u)):
            noise[:, i] = 0.5 * noise[:, i - 1] + np.sqrt(0.75) * noise[:, i]
    first, last = design.scatter
    shares = special.expit(special.logit(shares) + first * (last / first) ** u * noise)
    items = round(UNKNOWN_ITEMS[1] if design.items is None else design.items)
    right = stats.binom.ppf(special.ndtr(rng.standard_normal(shares.shape)), items, shares)
    told = None if design.items is None else np.full(len(u), float(items))
    return [Curve(design.scales, row / items, told, "share", design.chance, over=design.over) for row in right]


def _losses(design: Design, drop: float, draws: int, seed: int) -> list[Curve]:
    """Return losses that fall as a power of scale above a floor, with a drop anywhere in the range."""
    rng, u = np.random.default_rng(seed), _places(design)
    floor, falls = rng.uniform(0.1, 0.7, (draws, 1)), rng.uniform(0.5, 3, (draws, 1))
    middle = np.unique(u)
    jump = np.log1p(-drop) * (u > rng.uniform(middle[1], middle[-2], (draws, 1)))
    first, last = design.scatter
    noise = first * (last / first) ** u * rng.standard_normal((draws, len(u)))
    losses = np.exp(np.log(floor + np.exp(-falls * u)) + jump + noise)
    return [Curve(design.scales, row, None, "loss", over=design.over) for row in losses]


# --- what to measure ---------------------------------------------------------------------------------------------------

ITEM_STEPS, SEED_STEPS, SCALE_STEPS = (2, 4, 10, 30, 100), (2, 3, 5, 8, 16), (1, 2, 3)
"""Amounts that are tried: times the items, runs a scale, further scales."""


@dataclass(frozen=True)
class Measure:
    """A measurement that would tell two accounts apart.

    Parameters
    ----------
    kind : {"count", "metric", "items", "between", "beyond", "seeds"}
    what : str
        In a phrase.
    nats : float
        Evidence that it would bring on average, natural logarithm of odds; NaN where it cannot be reckoned from the curve.
    cost : float
        Training that it asks for, in units of all runs of the curve, where training costs in proportion to scale.
    enough : bool
        Whether it brings what is needed; False where that is not known.
    scales : tuple of float
        Where new runs would stand.
    amount : int
        Times the items, runs a scale, or further scales; 1 for a metric.
    """

    kind: str
    what: str
    nats: float
    cost: float
    enough: bool
    scales: tuple[float, ...] = ()
    amount: int = 1


@dataclass(frozen=True)
class Plan:
    """What to measure to know.

    Parameters
    ----------
    between : tuple of str
        The two accounts that are to be told apart; empty where nothing is left to tell.
    needed : float
        Evidence that would decide between them, in nats.
    measures : tuple of Measure
        The cheapest that is enough first, then by cost; those that are not enough last.
    """

    between: tuple[str, ...]
    needed: float
    measures: tuple[Measure, ...]

    @property
    def cheapest(self) -> Measure | None:
        """The cheapest that is enough by itself, if there is one."""
        return next((m for m in self.measures if m.enough), None)


def expected(made: Evidence, account: int, u: Floats) -> Floats:
    """Return what an account's best fit expects at places `u` of the range: shares, or losses over the least one seen.

    Parameters
    ----------
    made : Evidence
        Of one curve.
    account : int
    u : array
        Logarithm of scale, 0 at the smallest and 1 at the largest; beyond 1 the account is carried on.
    """
    best, one = made.fits[account], made.batch
    points = floats(u)[None]
    full = np.full_like(points, 1e9)
    wide = Batch(points, points, points, full, np.ones_like(points, bool), one.chance, one.parts, None, one.kind, one.loose)  # fmt: skip
    chosen = made.accounts[account]
    if one.kind == "loss":
        own = one.loose * best.theta[:, NUISANCES:].T
        return np.asarray(np.exp(chosen.latent(own, points.T, best.place[:, 0])[:, 0]))
    return np.asarray(expected_share(chosen, best.theta, wide, best.place)[0])


def rivals(found: Attribution, made: Evidence) -> tuple[int, int] | None:
    """Return the two accounts that are to be told apart: those on which the verdict hangs, else the two best alike."""
    names = [a.name for a in made.accounts]
    order = sorted(range(len(names)), key=lambda k: -found.weights[names[k]])
    if found.verdict == "undecided":
        sides = [[k for k in order if (made.accounts[k].family in ("abrupt", "seeds")) == side] for side in (True, False)]  # fmt: skip
        first, second = sorted((side[0] for side in sides), key=lambda k: order.index(k))
        return first, second
    if len(found.alike) < 2:
        return None
    first, second = (names.index(name) for name in found.alike[:2])
    return first, second


def plan(curve: Curve, found: Attribution, made: Evidence, other_metric: bool = False) -> Plan:
    """Return what would tell the accounts of a curve apart, the cheapest first.

    The evidence of a measurement is half the squared difference that the two best fits expect of it, over the variance
    that would be left: its mean in nats if either is true. Enough is what takes the two from where they stand to odds
    of nine to one, the threshold of a verdict.

    Parameters
    ----------
    curve : Curve
    found : Attribution
        Of the curve, with weights.
    made : Evidence
        From `attribution.attribute_with_fits`.
    other_metric : bool
        Whether the same answers were already scored by a second metric.

    Returns
    -------
    Plan
    """
    pair = rivals(found, made)
    if pair is None:
        return Plan((), 0.0, ())
    a, b = pair
    names = [account.name for account in made.accounts]
    weights = [max(found.weights[names[k]], 1e-6) for k in pair]
    needed = float(np.log(9) + abs(np.log(weights[0] / weights[1])))
    ladder = _Ladder(curve, made, a, b)
    if "seeds" in (names[a], names[b]):
        # What luck expects of a further score is either of two levels: it can only be told by runs that differ in luck.
        return Plan((names[a], names[b]), needed, tuple(ladder.seeds(needed)))
    measures = [*ladder.items(needed), *ladder.scales(needed), *ladder.seeds(needed)]
    if curve.kind == "share" and not other_metric:  # fmt: skip
        what = "score the same answers by a continuous metric (the likelihood of the right answer, or the share of parts that are right)"  # fmt: skip
        measures.append(Measure("metric", what, float("nan"), 0.0, False))
    if curve.items is None and found.reason.startswith("hangs on the number of test items"):
        measures.append(
            Measure("count", "find out how many test items stand behind each score", float("nan"), 0.0, True)
        )
    measures.sort(key=lambda m: (not m.enough, m.cost, -m.nats if np.isfinite(m.nats) else 0.0))
    return Plan((names[a], names[b]), needed, tuple(measures))


class _Ladder:
    """The runs of a curve, and how far two accounts differ on them."""

    def __init__(self, curve: Curve, made: Evidence, a: int, b: int) -> None:
        self.curve, self.made, self.pair = curve, made, (a, b)
        self.seeds_told = {made.accounts[k].name for k in (a, b)} & {"seeds"}
        self.n = float(np.median(known_items(curve)))
        self.scatter = np.mean([scatter_of(made, k) for k in (a, b)], axis=0)
        logs = np.log(curve.scales)
        self.first, self.range = logs[0], logs[-1] - logs[0]
        self.u = (np.unique(logs) - logs[0]) / self.range
        self.runs = len(curve.scales) / len(self.u)

    def gap(self, u: Floats, n: float, runs: float) -> Floats:
        """Return the evidence, in nats, that a score at each place brings."""
        one, other = (expected(self.made, k, u) for k in self.pair)
        middle = (one + other) / 2
        scatter = self.scatter[0] * (self.scatter[1] / self.scatter[0]) ** np.clip(u, 0, 1)
        if self.curve.kind == "loss":
            return np.asarray((np.log(one) - np.log(other)) ** 2 / (2 * scatter**2 / runs))
        left = 1 / (4 * n + 2) + (scatter**2 * middle * (1 - middle) / 4) / runs
        return np.asarray((np.arcsin(np.sqrt(one)) - np.arcsin(np.sqrt(other))) ** 2 / (2 * left))

    def _least(self, options: Sequence[tuple[int, float]], needed: float) -> tuple[int, float]:
        return next((o for o in options if o[1] >= needed), options[-1])

    def items(self, needed: float) -> list[Measure]:
        if self.curve.kind == "loss":
            return []
        now = self.gap(self.u, self.n, self.runs).sum()
        tried = [(f, float(self.gap(self.u, f * self.n, self.runs).sum() - now)) for f in ITEM_STEPS]
        factor, nats = self._least(tried, needed)
        of = "" if self.curve.items is None else f" ({factor * self.n:,.0f} of them)"
        return [Measure("items", f"{factor} times the test items{of}", nats, 0.0, nats >= needed, (), factor)]

    def seeds(self, needed: float) -> list[Measure]:
        if self.curve.over == "training":
            return []
        if self.seeds_told:  # luck splits runs of one size into two levels, a step does not
            runs = SEED_STEPS[2]
            nats, enough = float("nan"), True
        else:
            now = self.gap(self.u, self.n, self.runs).sum()
            tried = [(r, float(self.gap(self.u, self.n, r).sum() - now)) for r in SEED_STEPS if r > self.runs] or [(round(self.runs), 0.0)]  # fmt: skip
            runs, nats = self._least(tried, needed)
            enough = nats >= needed
        cost = runs / self.runs - 1
        return [Measure("seeds", f"{runs} seeds at each scale", nats, cost, enough, (), runs)]

    def scales(self, needed: float) -> list[Measure]:
        inside = np.linspace(0.02, 0.98, 97)
        gains = self.gap(inside, self.n, 1)
        picked: list[int] = []
        for k in np.argsort(-gains):
            if len(picked) < SCALE_STEPS[-1] and all(abs(inside[k] - inside[p]) > 0.04 for p in picked):
                picked.append(int(k))
        tried = [(c, float(gains[picked[:c]].sum())) for c in SCALE_STEPS]
        count, nats = self._least(tried, needed)
        at = tuple(sorted(float(np.exp(self.first + self.range * inside[p])) for p in picked[:count]))
        total = float(self.curve.scales.sum())
        trained = self.curve.over == "scale"
        place = " and ".join(f"{s:.3g}" for s in at)
        what = f"{'one more scale' if count == 1 else f'{count} more scales'} near {place}" if trained else f"{'a checkpoint' if count == 1 else f'{count} checkpoints'} near {place}"  # fmt: skip
        out = [Measure("between", what, nats, sum(at) / total if trained else 0.0, nats >= needed, at, count)]
        if trained:
            further = float(self.curve.scales[-1] * 3)
            u = np.array([1 + np.log(3) / self.range])
            more = float(self.gap(u, self.n, 1)[0])
            out.append(Measure("beyond", f"a scale beyond, at {further:.3g}", more, further / total, more >= needed, (further,)))  # fmt: skip
        return out


def with_measure(design: Design, measure: Measure) -> Design:
    """Return a design after a measurement was added.

    Parameters
    ----------
    design : Design
    measure : Measure

    Returns
    -------
    Design
        The same design for a metric, which no simulation of this curve can tell.
    """
    if measure.kind == "items":
        items = UNKNOWN_ITEMS[1] if design.items is None else design.items
        return replace(design, items=items * measure.amount)
    if measure.kind in ("between", "beyond"):
        return replace(design, scales=np.sort(np.concatenate([design.scales, measure.scales])))
    if measure.kind == "seeds":
        return replace(design, scales=np.repeat(np.unique(design.scales), measure.amount))
    return design
