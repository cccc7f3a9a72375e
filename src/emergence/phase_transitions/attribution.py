"""What made a curve jump: accounts of how it came about, weighed by how well each predicts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy import special

from emergence.phase_transitions.accounts import (
    LOSS_ACCOUNTS,
    SHARE_ACCOUNTS,
    Account,
    Batch,
    Fit,
    Kind,
    angular,
    expected_share,
    fits,
)
from emergence.shared.checks import check_fields, floats, option
from emergence.shared.fitting import Floats, as_floats

Verdict = Literal["abrupt", "not abrupt", "undecided"]

FEWEST_SCALES = 6
"""Distinct scales below which nothing is said: a step and a slope take four numbers to describe."""

ABRUPT = 0.9
"""Weight of the abrupt accounts together from which a curve is called abrupt."""

NOT_ABRUPT = 0.10
"""The same weight, up to which a curve is called not abrupt."""

ALIKE = 10.0
"""Two accounts whose weights differ by less than this factor cannot be told apart."""

UNKNOWN_ITEMS = (100.0, 1_000.0, 10_000.0)
"""Test sizes that are tried where none is known; a verdict then has to hold under each."""


@dataclass(frozen=True)
class Curve:
    """Scores over scale, with what is known of how they were measured.

    Parameters
    ----------
    scales : array of shape (n,)
        Positive, not falling; a scale occurs once for each run at it.
    scores : array of shape (n,)
        Shares right, between 0 and 1; or losses, above 0.
    items : float, array of shape (n,) or None
        Test items behind each share, at least 10. None where nobody knows.
    kind : {"share", "loss"}
    chance : float
        Share right of one who guesses; from 0 to below 1.
    parts : int
        Parts of an answer that must all be right, where known; at least 1.
    over : {"scale", "training"}
        Checkpoints of one run resemble their neighbours, models of different size do not.
    name : str
    output : str
        What was scored. Curves with the same `output` (one set of answers under two metrics) count
        once.

    Raises
    ------
    ValueError
        Naming what was given and what is needed.
    """

    scales: Floats
    scores: Floats
    items: Floats | None = None
    kind: Kind = "share"
    chance: float = 0.0
    parts: int = 1
    over: Literal["scale", "training"] = "scale"
    name: str = ""
    output: str = ""

    def __post_init__(self) -> None:
        check_fields(self, kind=option("share", "loss"), over=option("scale", "training"))
        scales = as_floats(self.scales, "scales", positive=True)
        loss = self.kind == "loss"
        scores = as_floats(self.scores, "scores", positive=loss, low=0.0, high=np.inf if loss else 1.0)
        if len(scales) != len(scores) or not len(scales):
            raise ValueError(
                f"given {len(scales)} scales and {len(scores)} scores; needed: as many of each, one at least"
            )
        if (rows := np.flatnonzero(np.diff(scales) < 0)).size:
            row = rows[0] + 1
            raise ValueError(
                f"scales: row {row} is {scales[row]:g} after {scales[row - 1]:g}; needed: values that do not fall"
            )
        if np.ptp(np.log(scales)) < 1e-3 and len(scales) > 1:
            raise ValueError(
                f"given scales from {scales[0]:g} to {scales[-1]:g}; needed: a range of a thousandth at least"
            )
        if not 0 <= self.chance < 1:
            raise ValueError(f"given chance {self.chance:g}; needed: from 0 to below 1")
        if not np.isfinite(self.parts) or self.parts != int(self.parts) or not 1 <= self.parts <= 1000:
            raise ValueError(f"given {self.parts} parts; needed: a whole number from 1 to 1,000")
        object.__setattr__(self, "scales", scales)
        object.__setattr__(self, "scores", scores)
        if self.items is not None:
            given = np.atleast_1d(np.asarray(self.items, dtype=float))
            items = as_floats(given, "items", low=10.0, high=1e9)
            if len(items) not in (1, len(scores)):
                raise ValueError(f"given {len(items)} items for {len(scores)} scores; needed: one, or as many")
            object.__setattr__(self, "items", np.broadcast_to(items, scores.shape).copy())

    def without(self, scale: float) -> Curve:
        """Return the curve without the scores at one scale."""
        keep = self.scales != scale
        items = None if self.items is None else self.items[keep]
        return Curve(
            self.scales[keep],
            self.scores[keep],
            items,
            self.kind,
            self.chance,
            self.parts,
            self.over,
            self.name,
            self.output,
        )


@dataclass(frozen=True)
class Attribution:
    """How a curve's rise is shared out among accounts of it.

    Parameters
    ----------
    weights : mapping of str to float
        Of each account: between 0 and 1, together 1. Empty when undecided for want of scales.
    abrupt : float
        Together of the accounts with a jump or a kink, and of runs that land low or high by chance.
    abrupt_range : tuple of float
        Least and greatest of `abrupt` over what was tried: test sizes where none is known, and,
        where asked for, curves with one scale left out.
    verdict : {"abrupt", "not abrupt", "undecided"}
    reason : str
        Why undecided; empty otherwise.
    ranges : mapping of str to (float, float)
        Least and greatest weight of each account over the same.
    alike : tuple of str
        Accounts whose weights are within a factor of ten of the greatest: the data cannot tell them
        apart.
    between : tuple of float
        The scales between which the step, where there is one, most likely lies.
    measure : str
        What measurement would tell the first two accounts of `alike` apart best; empty where only
        one is left.
    """

    weights: Mapping[str, float]
    abrupt: float
    abrupt_range: tuple[float, float]
    verdict: Verdict
    reason: str = ""
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    alike: tuple[str, ...] = ()
    between: tuple[float, float] = (np.nan, np.nan)
    measure: str = ""

    @property
    def best(self) -> str:
        """The account with the greatest weight; empty when there are no weights."""
        return max(self.weights, key=lambda name: self.weights[name]) if self.weights else ""

    def called(self, threshold: float) -> Verdict:
        """Return the verdict under another weight from which a curve is abrupt."""
        return _verdict(*self.abrupt_range, threshold)

    def of(self, *families: str) -> float:
        """Return the weight of all accounts of these families together."""
        kinds = {a.name: a.family for a in (*SHARE_ACCOUNTS, *LOSS_ACCOUNTS)}
        return float(sum(w for name, w in self.weights.items() if kinds[name] in families))


def _verdict(low: float, high: float, threshold: float) -> Verdict:
    return "abrupt" if low >= threshold else "not abrupt" if high <= NOT_ABRUPT else "undecided"


def _batch(curves: Sequence[Curve], items: Sequence[Floats], loose: float) -> Batch:
    """Return curves of one kind and direction as a batch, padded with their last point."""
    longest = max(len(c.scales) for c in curves)

    def padded(values: Sequence[Floats]) -> Floats:
        return np.stack([np.pad(v, (0, longest - len(v)), mode="edge") for v in values])

    logs = [np.log(c.scales) for c in curves]
    u = padded([(x - x[0]) / (x[-1] - x[0]) for x in logs])
    used = np.arange(longest) < np.array([len(c.scales) for c in curves])[:, None]
    n = padded(items)
    y = padded([c.scores for c in curves])
    if curves[0].kind == "loss":
        least = np.array([c.scores.min() for c in curves])[:, None]
        z, noise = np.log(y / least), np.full_like(y, 1e-8)
    else:
        z, noise = angular(y, n), 1 / (4 * n + 2)
    lags = None
    if curves[0].over == "training":
        points = used.sum(1, keepdims=True)
        lags = np.concatenate([np.zeros((len(curves), 1)), np.diff(u, axis=1)], 1) * (points - 1)
    chance = np.array([c.chance for c in curves])
    return Batch(
        u,
        z,
        noise,
        n,
        used,
        chance,
        np.array([float(c.parts) for c in curves]),
        lags,
        curves[0].kind,
        loose,
    )


def _accounts(curve: Curve) -> tuple[Account, ...]:
    """Return the accounts of a curve: parts where their number is known, seeds over scale alone.

    A run that landed high stays high at its next checkpoint, so that over training nothing but a
    step is left.
    """
    if curve.kind == "loss":
        return LOSS_ACCOUNTS
    out: tuple[Account, ...] = SHARE_ACCOUNTS
    out = out if curve.parts > 1 else tuple(a for a in out if a.name != "parts")
    return out if curve.over == "scale" else tuple(a for a in out if a.name != "seeds")


LUCK_OF_ONE = 0.25
"""Prior weight of seeds where each scale has one run: luck that sorts them looks like a step."""


def _mass(account: Account, curve: Curve) -> float:
    single = account.name == "seeds" and len(np.unique(curve.scales)) == len(curve.scales)
    return LUCK_OF_ONE if single else account.mass


def _why_not(curve: Curve) -> str:
    """Return why nothing can be said of a curve; empty where something can."""
    distinct = len(np.unique(curve.scales))
    if distinct < FEWEST_SCALES:
        return f"{distinct} scales; at least {FEWEST_SCALES} are needed to tell a step from a slope"
    if np.ptp(curve.scores) == 0:
        return "the score is the same at every scale"
    if curve.chance > 0 and curve.kind == "share":
        items = UNKNOWN_ITEMS[0] if curve.items is None else curve.items
        spread = np.sqrt(curve.chance * (1 - curve.chance) / items)
        if (curve.scores < curve.chance - 4 * spread - 0.02).any():
            return "scores lie below the level of guessing, which is then no floor"
    return ""


@dataclass(frozen=True)
class Evidence:
    """The accounts' evidence for many curves of one form.

    Parameters
    ----------
    accounts : tuple of Account
    log : array of shape (curves, accounts)
        Evidence with the prior weight of the account.
    fits : tuple of Fit
        One an account.
    batch : Batch
    """

    accounts: tuple[Account, ...]
    log: Floats
    fits: tuple[Fit, ...]
    batch: Batch

    @property
    def weights(self) -> Floats:
        """Weights of the accounts (curves, accounts); each row sums to 1."""
        return np.asarray(special.softmax(self.log, axis=1))

    @property
    def abrupt(self) -> Floats:
        """Weight of the abrupt accounts and of seeds, each curve."""
        return np.asarray(self.weights[:, [a.family in ("abrupt", "seeds") for a in self.accounts]].sum(1))

    def of(self, row: int) -> Evidence:
        """Return the evidence for one of the curves."""
        fits = tuple(Fit(*(getattr(fit, name)[[row]] for name in Fit.__dataclass_fields__)) for fit in self.fits)
        return Evidence(self.accounts, self.log[[row]], fits, self.batch.take(np.array([row])))


def evidence(curves: Sequence[Curve], items: Sequence[Floats], steps: int = 30, loose: float = 1.0) -> Evidence:
    """Weigh the accounts of many curves that share kind, direction, and whether parts are known.

    Parameters
    ----------
    curves : sequence of Curve
    items : sequence of arrays
        Test items of each, known or assumed; ones for losses.
    steps : int
        Steps of the optimiser at most.
    loose : float
        Factor on the spread of the accounts' priors.

    Returns
    -------
    Evidence
    """
    accounts = _accounts(curves[0])
    batch = _batch(curves, items, loose)
    mass = np.log([[_mass(a, c) for a in accounts] for c in curves])
    found = fits(accounts, batch, steps)
    return Evidence(accounts, np.stack([f.evidence for f in found], 1) + mass, found, batch)


def attribute(curve: Curve, *, leave_out: bool = False, threshold: float = ABRUPT, loose: float = 1.0) -> Attribution:
    """Share out one curve's rise among the accounts; see `attribute_all`."""
    return attribute_all([curve], leave_out=leave_out, threshold=threshold, loose=loose)[0]


def attribute_all(
    curves: Sequence[Curve],
    *,
    leave_out: bool = False,
    threshold: float = ABRUPT,
    loose: float = 1.0,
) -> list[Attribution]:
    """Share out the rise of many curves among accounts of how it came about.

    Each account is given the evidence that the data lend it: its likelihood averaged over a proper
    prior on all that it leaves open, the scatter between models included. Weights are these times
    the account's prior weight, made to sum to 1.

    Parameters
    ----------
    curves : sequence of Curve
    leave_out : bool
        Also weigh each curve without each of its scales; the verdict then has to hold under all of
        them.
    threshold : float
        Weight of the abrupt accounts from which a curve is abrupt; between a half and 1.
    loose : float
        Factor on the spread of the accounts' priors, from 0.2 to 5: above 1 a smooth curve may be
        steeper.

    Returns
    -------
    list of Attribution

    Raises
    ------
    ValueError
        When there is no curve, or the threshold or the factor is out of range.
    """
    found = _weighed(curves, leave_out, threshold, loose)
    return [_summary(curve, found.get(i, []), threshold) for i, curve in enumerate(curves)]


def attribute_with_fits(curves: Sequence[Curve]) -> list[tuple[Attribution, Evidence | None]]:
    """Share out the rise of many curves, as `attribute_all` does, and return the fits too.

    Where the number of test items is not known, the fits are those under the middle of the numbers that
    are tried.

    Parameters
    ----------
    curves : sequence of Curve

    Returns
    -------
    list of (Attribution, Evidence or None)
        None where nothing can be said of a curve.
    """
    found, out = _weighed(curves, False, ABRUPT, 1.0), []
    for i, curve in enumerate(curves):
        tried = found.get(i, [])
        _, made, row = tried[len(tried) // 2] if tried else (True, None, 0)
        out.append((_summary(curve, tried, ABRUPT), made and made.of(row)))
    return out


Weighed = dict[int, list[tuple[bool, Evidence, int]]]


def _weighed(curves: Sequence[Curve], leave_out: bool, threshold: float, loose: float) -> Weighed:
    """Return, for each curve of which something can be said, where its evidence is: whole or not, in which batch and row."""
    if not curves or not 0.5 <= threshold < 1 or not 0.2 <= loose <= 5:
        raise ValueError(
            f"given {len(curves)} curves, threshold {threshold:g}, factor {loose:g}; "
            "needed: one at least, 0.5 to below 1, 0.2 to 5"
        )
    jobs: dict[tuple[object, ...], list[tuple[int, bool, Curve, Floats]]] = {}
    for i, curve in enumerate(curves):
        if _why_not(curve):
            continue
        variants = [(True, curve)]
        if leave_out:
            variants += [(False, curve.without(s)) for s in np.unique(curve.scales)]
        for whole, variant in variants:
            if not whole and (len(np.unique(variant.scales)) < FEWEST_SCALES - 1 or np.ptp(variant.scores) == 0):
                continue
            sizes = (
                [variant.items]
                if variant.items is not None
                else [np.full(len(variant.scores), n) for n in (UNKNOWN_ITEMS if variant.kind == "share" else (1.0,))]
            )
            # Beside curves of other lengths a short one would be padded: at the cost of the longest, and other starts.
            key = (variant.kind, variant.over, variant.parts > 1, len(curve.scores))
            jobs.setdefault(key, []).extend((i, whole, variant, n) for n in sizes if n is not None)
    found: Weighed = {}
    for rows in jobs.values():
        made = evidence([r[2] for r in rows], [r[3] for r in rows], loose=loose)
        for row, (i, whole, _, _) in enumerate(rows):
            found.setdefault(i, []).append((whole, made, row))
    return found


def _summary(curve: Curve, found: list[tuple[bool, Evidence, int]], threshold: float) -> Attribution:
    if not found:
        return Attribution({}, np.nan, (np.nan, np.nan), "undecided", _why_not(curve))
    whole = [(made, row) for is_whole, made, row in found if is_whole]
    accounts = whole[0][0].accounts
    each = np.array([made.weights[row] for made, row in whole])
    weights = each.mean(0)
    broken = np.array([a.family in ("abrupt", "seeds") for a in accounts])
    tried = np.array([made.abrupt[row] for _, made, row in found])
    spread = np.array([made.weights[row] for _, made, row in found])
    low, high = float(tried.min()), float(tried.max())
    verdict = _verdict(low, high, threshold)
    reason = ""
    if verdict == "undecided":
        sizes = each[:, broken].sum(1)
        if len(sizes) > 1 and (sizes.max() >= threshold or sizes.min() <= NOT_ABRUPT):
            reason = "hangs on the number of test items, which is not known"
        elif len(sizes) == 1 and (sizes[0] >= threshold or sizes[0] <= NOT_ABRUPT):
            reason = "hangs on a single scale"
        else:
            reason = "accounts with a jump and those without are not far enough apart in weight"
    order = np.argsort(-weights)
    alike = tuple(accounts[k].name for k in order if weights[k] * ALIKE >= weights[order[0]])
    single = len(np.unique(curve.scales)) == len(curve.scales) and curve.kind == "share" and curve.over == "scale"
    if single and alike[0] == "step" and "seeds" not in alike:
        alike = (
            *alike,
            "seeds",
        )  # with one run a scale, luck that sorts the runs is never shut out
    made, row = whole[len(whole) // 2]
    gap = int(made.fits[[a.name for a in accounts].index("step")].chances[row].argmax())
    names = [a.name for a in accounts]
    pair = (
        [names.index(name) for name in ("step", "seeds")]
        if alike[0] == "step" and single
        else [int(k) for k in order[:2]]
    )
    measure = _decisive(curve, made, row, pair) if len(alike) > 1 else ""
    return Attribution(
        {a.name: float(w) for a, w in zip(accounts, weights, strict=True)},
        float(weights[broken].sum()),
        (low, high),
        verdict,
        reason,
        {a.name: (float(ends.min()), float(ends.max())) for a, ends in zip(accounts, spread.T, strict=True)},
        alike,
        (float(curve.scales[gap]), float(curve.scales[gap + 1])),
        measure,
    )


def expected(curve: Curve, made: Evidence, row: int, account: int, u: Floats) -> Floats:
    """Return the shares that an account's best fit expects at places `u` of the range (0 to 1)."""
    best, chosen = made.fits[account], np.array([row])
    batch = made.batch.take(chosen)
    points = floats(u)[None]
    wide = Batch(
        points,
        points,
        points,
        np.full_like(points, 1e9),
        np.ones_like(points, bool),
        batch.chance,
        batch.parts,
        None,
        "share",
    )
    return np.asarray(expected_share(made.accounts[account], best.theta[chosen], wide, best.place[chosen])[0])


def _decisive(curve: Curve, made: Evidence, row: int, order: Sequence[int]) -> str:
    """Return the measurement from which the two best accounts expect the most different results.

    Of each candidate the gain is half the squared difference that the two fits expect, on the
    angular scale, over the variance that would be left: the evidence, in nats, that it would bring
    on average.
    """
    if curve.kind == "loss":
        return "more scales near the place of the kink or step"
    first, second = (made.accounts[k] for k in order[:2])
    if "seeds" in (first.name, second.name):
        return "several seeds at each scale: chance splits runs of one size, a step does not"
    if {first.family, second.family} == {"metric", "smooth"}:
        return "a metric of parts or of loss on the same answers"
    items = float(np.median(made.batch.items[row]))
    theta = made.fits[order[0]].theta[row]
    scatter = float(np.exp(np.log(0.15) + 0.9 * theta[0]))

    def gap(u: Floats, n: float, runs: int) -> Floats:
        a, b = (expected(curve, made, row, k, u) for k in order[:2])
        middle = (a + b) / 2
        left = 1 / (4 * n + 2) + (scatter**2 * middle * (1 - middle) / 4) / runs
        return (np.arcsin(np.sqrt(a)) - np.arcsin(np.sqrt(b))) ** 2 / (2 * left)

    here = made.batch.u[row][made.batch.used[row]]
    inside = np.linspace(0.0, 1.0, 121)
    new = gap(inside, items, 1)
    gains = {
        "items": float((gap(here, 10 * items, 1) - gap(here, items, 1)).sum()),
        "seeds": float((gap(here, items, 8) - gap(here, items, 1)).sum()),
        "scale": float(new.max()),
    }
    best = max(gains, key=lambda name: gains[name])
    if gains[best] < 1:
        return "none alone: ten times the items, eight seeds a scale or one more bring under a nat"
    if best == "items":
        return f"ten times the test items ({gains[best]:.1f} nats)"
    if best == "seeds":
        return f"eight seeds at each scale ({gains[best]:.1f} nats)"
    logs = np.log(curve.scales)
    at = np.exp(logs[0] + inside[int(new.argmax())] * (logs[-1] - logs[0]))
    return f"one more scale near {at:.2g} ({gains[best]:.1f} nats)"


def count_once(curves: Sequence[Curve], found: Sequence[Attribution]) -> dict[str, Verdict]:
    """Return one verdict for each output; undecided where two metrics of the same answers disagree.

    Parameters
    ----------
    curves : sequence of Curve
        With `output` given.
    found : sequence of Attribution
        One a curve.

    Returns
    -------
    dict of str to verdict
    """
    if len(curves) != len(found) or not all(c.output for c in curves):
        raise ValueError(
            f"given {len(curves)} curves, "
            f"{sum(not c.output for c in curves)} of them without output, and {len(found)} "
            "attributions; needed: as many of each, every curve with its output"
        )
    said: dict[str, set[Verdict]] = {}
    for curve, each in zip(curves, found, strict=True):
        said.setdefault(curve.output, set()).add(each.verdict)
    return {output: next(iter(v)) if len(v) == 1 else "undecided" for output, v in said.items()}
