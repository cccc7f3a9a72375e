"""Generative accounts of a curve over scale or training, and how well each predicts it.

An account says what score is expected at each scale, up to a few unknown numbers. Every unknown is
written as a standard normal variable pushed through a fixed function, so that its prior is proper
and plain to see here, and so that the evidence of an account (its likelihood averaged over its
prior) can be had by Laplace's method on top of a sum over the places where a curve may bend or
jump.

Shares are compared on the angular scale, on which the sampling noise of a share is the same
everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from emergence.shared.fitting import Floats

Kind = Literal["share", "loss"]

T = TypeVar("T", bound=np.generic)

_TINY = 1e-12


@dataclass(frozen=True)
class Batch:
    """Curves of one kind side by side, padded to one length.

    Parameters
    ----------
    u : array of shape (curves, points)
        Logarithm of scale, from 0 at the smallest to 1 at the largest of the curve.
    z : array of shape (curves, points)
        What was measured: angular share (radians, 0 to pi/2), or logarithm of a loss.
    noise : array of shape (curves, points)
        Sampling variance of `z`.
    items : array of shape (curves, points)
        Test items; of no use for losses.
    used : array of bool, shape (curves, points)
        False where a shorter curve is padded.
    chance : array of shape (curves,)
        Share right of one who guesses.
    parts : array of shape (curves,)
        Parts of an answer that must all be right, at least 1.
    lags : array of shape (curves, points) or None
        Distance to the point before, in units of the mean distance. None: scatter of one point
        tells nothing of the next.
    kind : {"share", "loss"}
    loose : float
        Factor on the spread of the priors of what an account leaves open; above 0.
    """

    u: Floats
    z: Floats
    noise: Floats
    items: Floats
    used: NDArray[np.bool_]
    chance: Floats
    parts: Floats
    lags: Floats | None
    kind: Kind
    loose: float = 1.0

    def take(self, rows: NDArray[np.intp]) -> Batch:
        """Return the curves of these numbers."""

        def taken(table: NDArray[T]) -> NDArray[T]:
            return np.take(table.T, rows, axis=1).T  # all curves of a point side by side, as they are worked on

        return Batch(
            taken(self.u),
            taken(self.z),
            taken(self.noise),
            taken(self.items),
            taken(self.used),
            self.chance[rows],
            self.parts[rows],
            None if self.lags is None else taken(self.lags),
            self.kind,
            self.loose,
        )


def angular(shares: Floats, items: Floats) -> Floats:
    """Return Anscombe's angular transform of shares: variance 1/(4n + 2) wherever the share lies.

    References
    ----------
    Anscombe 1948, doi:10.1093/biomet/35.3-4.246.
    """
    return np.asarray(np.arcsin(np.sqrt((items * shares + 0.375) / (items + 0.75))))


# --- what each account expects ---
# A latent takes its standard normal unknowns t (unknowns, curves), u (points, curves) and a place c (curves,): all
# curves of a point lie side by side, so that a number of each curve is spread over its points in one long pass.

Latent = Callable[[Floats, Floats, Floats], Floats]


def _line(t: Floats, u: Floats, level: float, spread: float, rise: float, rises: float) -> Floats:
    return np.asarray((level + spread * t[0]) + (rise + rises * t[1]) * (u - 0.5))


def _log_odds(t: Floats, u: Floats, c: Floats) -> Floats:
    return np.asarray(special.expit(_line(t, u, -0.5, 2.5, 5, 5)))


def _curved_odds(t: Floats, u: Floats, c: Floats) -> Floats:
    return np.asarray(special.expit(_line(t, u, -0.5, 2.5, 5, 5) + 4 * t[2] * ((u - 0.5) ** 2 - 1 / 12)))


def _probit(t: Floats, u: Floats, c: Floats) -> Floats:
    return np.asarray(special.ndtr(_line(t, u, -0.5, 2.5, 5, 5) / 1.702))


def _cloglog(t: Floats, u: Floats, c: Floats) -> Floats:
    return -np.expm1(-np.exp(np.minimum(_line(t, u, -0.7, 2, 4, 4), 30)))


def _loss(t: Floats, u: Floats, c: Floats) -> Floats:
    # Every part of an answer costs loss A s^-b; all parts right has probability exp(-K A s^-b).
    return np.exp(-np.exp(np.minimum(-_line(t, u, 0, 1.5, 2.5, 2.5), 30)))


def _score_power(t: Floats, u: Floats, c: Floats) -> Floats:
    # A straight line in the logarithms of scale and score, that bends only just below 1.
    line = _line(t, u, -1.5, 1.5, 3.5, 3)
    return np.exp(-np.logaddexp(0, -8 * line) / 8)


def _difficulties(t: Floats, u: Floats, c: Floats) -> Floats:
    middle = _line(t, u, -0.5, 2.5, 5, 5)
    easy = special.expit(1.2 * t[2])
    apart = np.exp(np.log(5) + 0.5 * t[3])
    low, high = special.expit(middle - apart * easy), special.expit(middle + apart * (1 - easy))
    return np.asarray(easy * high + (1 - easy) * low)


def _kink(t: Floats, u: Floats, c: Floats) -> Floats:
    turn = np.exp(np.log(12) + 0.6 * t[2])
    before = (-1.5 + 2.5 * t[0]) + (2 + 3 * t[1]) * (u - c)
    return np.asarray(special.expit(before + turn * np.maximum(u - c, 0)))


def _height(t: Floats) -> Floats:
    return np.asarray(np.exp(np.log(4) + 0.45 * t[2]))


def _step(t: Floats, u: Floats, c: Floats) -> Floats:
    return np.asarray(special.expit(_line(t, u, -0.5, 2.5, 2, 3) + _height(t) * ((u > c) - 0.5)))


def _flat(t: Floats, u: Floats, c: Floats) -> Floats:
    return np.asarray(special.expit(np.broadcast_to(-0.5 + 2.5 * t[0], u.shape)))


# For losses an account returns the logarithm of the loss over the least one seen.
def _level(t: Floats, u: Floats, c: Floats) -> Floats:
    return np.broadcast_to(0.5 + t[0], u.shape)


def _power(t: Floats, u: Floats, c: Floats) -> Floats:
    return _line(t, u, 0.5, 1, -1, 1)


def _power_floor(t: Floats, u: Floats, c: Floats) -> Floats:
    return np.asarray(np.log(special.expit(1.5 * t[2]) + np.exp(np.clip(_line(t, u, 0, 1.5, -2, 1.5), -30, 30))))


def _fade(t: Floats, u: Floats, c: Floats) -> Floats:
    # A plateau, and a gradual fall from it to what is left: a logistic curve in the logarithm of scale.
    height = np.exp(0.5 + t[3])
    return np.asarray(np.log(special.expit(1.5 * t[2]) + height * special.expit(-_line(t, u, 0, 2.5, 5, 5))))


def _curved(t: Floats, u: Floats, c: Floats) -> Floats:
    return np.asarray(_line(t, u, 0.5, 1, -1, 1) + t[2] * ((u - 0.5) ** 2 - 1 / 12))


def _loss_kink(t: Floats, u: Floats, c: Floats) -> Floats:
    turn = np.exp(np.log(3) + 0.7 * t[2])
    return np.asarray((0.5 + t[0]) + (-0.7 + 0.7 * t[1]) * (u - c) - turn * np.maximum(u - c, 0))


def _loss_step(t: Floats, u: Floats, c: Floats) -> Floats:
    drop = np.exp(np.log(0.7) + 0.7 * t[2])
    return np.asarray(_line(t, u, 0.5, 1, -0.7, 0.7) - drop * ((u > c) - 0.5))


@dataclass(frozen=True)
class Account:
    """One way in which a curve can come about.

    Parameters
    ----------
    name : str
    says : str
        In a phrase, for a reader.
    family : {"smooth", "metric", "items", "abrupt", "seeds"}
        What makes the curve what it is.
    mass : float
        Prior weight, before weights are made to sum to 1.
    unknowns : int
        Of the latent, beyond scatter, floor and ceiling.
    latent : callable
    place : {"none", "gap", "grid"}
        Whether it has a place: in a gap between two scales, or anywhere.
    """

    name: str
    says: str
    family: Literal["smooth", "metric", "items", "abrupt", "seeds"]
    mass: float
    unknowns: int
    latent: Latent
    place: Literal["none", "gap", "grid"] = "none"


SHARE_ACCOUNTS = (
    Account("no change", "the same ability at every scale", "smooth", 0.5, 1, _flat),
    Account("log-odds", "log-odds rise in a straight line", "smooth", 1, 2, _log_odds),
    Account("curved", "log-odds rise in a gentle curve", "smooth", 1, 3, _curved_odds),
    Account("probit", "a normal ability passes a bar", "smooth", 0.5, 2, _probit),
    Account("cloglog", "failures vanish at a rising rate", "smooth", 0.5, 2, _cloglog),
    Account("power law", "the score itself is a power of scale", "smooth", 0.5, 2, _score_power),
    Account("loss", "a power law in loss, seen through exact match", "metric", 0.5, 2, _loss),
    Account("parts", "a known number of parts must all be right", "metric", 0.5, 2, _log_odds),
    Account("difficulties", "easy and hard items, each smooth", "items", 1, 4, _difficulties),
    Account("kink", "log-odds turn upward at one scale", "abrupt", 1, 3, _kink, "grid"),
    Account("step", "log-odds jump between two scales", "abrupt", 1, 3, _step, "gap"),
    Account("seeds", "each run lands low or high by chance", "seeds", 1, 5, _step),
)
"""Accounts of a share of right answers."""


LOSS_ACCOUNTS = (
    Account("no change", "the same loss at every scale", "smooth", 0.5, 1, _level),
    Account("power law", "a straight line in the logarithms", "smooth", 1, 2, _power),
    Account("power law above a floor", "a power law above what is left", "smooth", 1, 3, _power_floor),
    Account("fade", "a plateau, and a gradual fall from it", "smooth", 1, 4, _fade),
    Account("curved", "a gentle curve in the logarithms", "smooth", 1, 3, _curved),
    Account("broken power law", "the exponent changes at one scale", "smooth", 1, 3, _loss_kink, "grid"),
    Account("step", "a drop between two scales", "abrupt", 1, 3, _loss_step, "gap"),
)
"""Accounts of a loss."""


NUISANCES = 5
"""Unknowns of every account: scatter, its change over scale, floor, ceiling, its memory."""


Rows = NDArray[np.intp] | slice


@dataclass(frozen=True)
class Cast:
    """Which account is tried on each of many curves, and at which place; the curves of one account stand together.

    Parameters
    ----------
    accounts : sequence of Account
        Either ``seeds`` alone or any but it.
    which : array of shape (curves,)
        Numbers of accounts, not falling.
    place : array of shape (curves, 1)
    """

    accounts: Sequence[Account]
    which: NDArray[np.intp]
    place: Floats

    @staticmethod
    def of(account: Account, place: Floats) -> Cast:
        """Return the same account at each of these places."""
        return Cast((account,), np.zeros(len(place), int), place)

    def take(self, rows: Rows) -> Cast:
        """Return the curves of these numbers, which rise."""
        return Cast(self.accounts, self.which[rows], self.place[rows])

    @property
    def luck(self) -> bool:
        """Whether each run lands low or high by chance; the last two unknowns are then the odds."""
        return self.accounts[0].name == "seeds"

    @property
    def unknowns(self) -> int:
        """Of the account that has most; one with fewer leaves the rest at 0."""
        return NUISANCES + max(account.unknowns for account in self.accounts)

    def each(self) -> Iterator[tuple[Account, slice]]:
        """Yield each account and where its curves are."""
        ends = np.searchsorted(self.which, np.arange(len(self.accounts) + 1)).tolist()
        for account, start, stop in zip(self.accounts, ends[:-1], ends[1:], strict=True):
            if start < stop:
                yield account, slice(start, stop)


def expected_share(account: Account, theta: Floats, batch: Batch, place: Floats) -> Floats:
    """Return the share right that an account expects, floor, ceiling and metric included: (curves, points)."""
    ability = _ability(Cast.of(account, place), batch.loose * theta.T[NUISANCES:], batch.u.T, batch.parts)
    floor, ceiling = _limits(theta.T, batch)
    return np.asarray((floor + (np.maximum(ceiling, floor) - floor) * ability).T)


def _limits(t: Floats, batch: Batch) -> tuple[Floats, Floats]:
    """Return the share right without any ability and with all of it, each (curves,)."""
    return batch.chance + (1 - batch.chance) * special.expit(-5.3 + 1.7 * t[2]), special.expit(5 - 1.5 * t[3])


_STEP = 1e-5
"""How far an unknown of a latent is moved for its slope by differences; all else is differentiated by hand."""


def _ability(cast: Cast, own: Floats, u: Floats, parts: Floats) -> Floats:
    """Return what the latents with these unknowns say, as the metric shows it; of a loss, its logarithm over the least one seen."""
    ability = np.empty(u.shape)
    for account, here in cast.each():
        value = account.latent(own[:, here], u[:, here], cast.place[here, 0])
        ability[:, here] = value ** parts[here] if account.name == "parts" else value
    return ability


def _ability_slopes(cast: Cast, t: Floats, batch: Batch, ability: Floats, at: Rows) -> Floats:
    """Return how the ability of the curves of some numbers changes with each unknown of the latent: (unknowns, points, curves)."""
    chosen, u, parts, base = cast.take(at), batch.u.T[:, at], batch.parts[at], ability[:, at]
    out = np.empty((len(t) - NUISANCES - 2 * cast.luck, *base.shape))
    for k, slope in enumerate(out):
        moved = t[NUISANCES:, at].copy()
        moved[k] += _STEP
        slope[:] = (_ability(chosen, batch.loose * moved, u, parts) - base) / _STEP
    return out


@dataclass(frozen=True)
class _Measured:
    """What is expected of `z`, and the scatter between models, of one state of an account; arrays are (points, curves).

    Parameters
    ----------
    expected, scatter : array
        The scatter is a standard deviation.
    lean, turn : array
        Slopes in the share (or the logarithm of a loss) of the expectation and of the logarithm of the scatter.
    pace : float
        Slope of the logarithm of the scatter in the first unknown.
    unknowns : array
        The numbers of those that move the share.
    slopes : callable
        Of the share in each of these, for the curves of some numbers.
    """

    expected: Floats
    scatter: Floats
    lean: Floats
    turn: Floats
    pace: float
    unknowns: NDArray[np.intp]
    slopes: Callable[[Rows], Floats]


def _measured(cast: Cast, theta: Floats, batch: Batch) -> _Measured:
    t, u = theta.T, batch.u.T
    ability = _ability(cast, batch.loose * t[NUISANCES:], u, batch.parts)
    change = 2.5 * t[1] * (u - 0.5)
    own = np.arange(NUISANCES, len(t) - 2 * cast.luck)
    if batch.kind == "loss":
        scatter = np.exp(np.log(0.03) + 1.2 * t[0] + change)
        one, none = np.ones_like(u), np.zeros_like(u)
        return _Measured(ability, scatter, one, none, 1.2, own, lambda at: _ability_slopes(cast, t, batch, ability, at))
    floor, ceiling = _limits(t, batch)
    open_ = ceiling > floor
    height = np.where(open_, ceiling - floor, 0.0)
    share = floor + height * ability
    inside = (share > _TINY) & (share < 1 - _TINY)
    if not inside.all():
        share = np.clip(share, _TINY, 1 - _TINY)
    items = batch.items.T
    q, dq = (items * share + 0.375) / (items + 0.75), items / (items + 0.75)
    middle, spread = share * (1 - share), q * (1 - q)
    lean = 0.5 / np.sqrt(spread)
    # A scatter in log-odds of p moves p by p(1-p), and the angle by that over 2 sqrt(q(1-q)).
    scatter = np.exp(np.log(0.15) + 0.9 * t[0] + change) * middle * lean
    turn = (1 - 2 * share) / middle - (0.5 - q) * dq / spread

    def of_share(at: Rows) -> Floats:
        few, most, chance, free, ability_ = floor[at], ceiling[at], batch.chance[at], open_[at], ability[:, at]
        by_ability = _ability_slopes(cast, t, batch, ability, at)
        out = np.empty((2 + len(by_ability), *ability_.shape))
        out[0] = 1.7 * (few - chance) * (1 - few) / (1 - chance) * (1 - free * ability_)
        out[1] = -1.5 * most * (1 - most) * free * ability_
        np.multiply(height[at], by_ability, out=out[2:])
        if not inside.all():
            out *= inside[:, at]
        return out

    return _Measured(np.arcsin(np.sqrt(q)), scatter, dq * lean, turn, 0.9, np.append([2, 3], own), of_share)


def _innovations(gap: Floats, scatter: Floats, theta: Floats, batch: Batch) -> tuple[Floats, Floats]:
    """Return standardised one-step errors and the logarithms of their variances, each (points, curves); 0 where padded.

    With memory, the scatter is an autoregression seen under sampling noise: a scalar Kalman filter
    gives its exact likelihood in one pass over the points.
    """
    used = batch.used.T
    if batch.lags is None:
        variance = scatter**2 + batch.noise.T
    else:
        gap, variance, _, _ = _filtered(gap, scatter, np.exp(batch.lags.T * _log_memory(theta[:, 4])), batch)
    return np.asarray(used * gap / np.sqrt(variance)), np.asarray(used * np.log(variance))


def _log_memory(unknown: Floats) -> Floats:
    """Return the logarithm of the share of the scatter that is kept over a mean distance."""
    return np.asarray(special.log_expit(1.2 * unknown))


def _filtered(gaps: Floats, scatters: Floats, kept: Floats, batch: Batch) -> tuple[Floats, Floats, Floats, Floats]:
    """Return one-step errors and their variances, and what was foreseen of the scatter: mean and spread; (points, curves).

    `kept` is the share of the scatter of the point before that is left at each.
    """
    errors, variances, means, spreads = (np.empty_like(kept) for _ in range(4))
    mean, spread = np.zeros(kept.shape[1]), np.ones(kept.shape[1])
    for i, (gap, scatter, share, noise, used) in enumerate(
        zip(gaps, scatters, kept, batch.noise.T, batch.used.T, strict=True)
    ):
        if i:
            mean, spread = share * mean, share * share * (spread - 1) + 1
        means[i], spreads[i] = mean, spread
        shared = scatter * spread
        variances[i] = scatter * shared + noise
        errors[i] = gap - scatter * mean
        gain = shared / variances[i] * used
        mean, spread = mean + gain * errors[i], spread - gain * shared
    return errors, variances, means, spreads


@dataclass(frozen=True)
class Pieces:
    """An account's errors for many curves: of each of its states, and the log-odds of the first where there are two.

    Every account but ``seeds`` has one state at each point.
    """

    measured: Sequence[_Measured]
    errors: Sequence[Floats]
    logs: Sequence[Floats]
    odds: Floats | None = None


def _pieces(cast: Cast, theta: Floats, batch: Batch) -> Pieces:
    """Return errors and log variances, each (points, curves)."""
    casts, odds = [cast], None
    if cast.luck:
        # The latent jumps at its place: put the place before every point for the high state, after for the low.
        casts = [Cast(cast.accounts, cast.which, np.full_like(cast.place, where)) for where in (-1.0, 2.0)]
        t = batch.loose * theta.T[NUISANCES:]
        odds = 1.5 * t[3] + (2.5 + 2.5 * t[4]) * (batch.u.T - 0.5)
    states = [_measured(one, theta, batch) for one in casts]
    found = [_innovations(batch.z.T - one.expected, one.scatter, theta, batch) for one in states]
    return Pieces(states, [errors for errors, _ in found], [logs for _, logs in found], odds)


def _objective(pieces: Pieces, theta: Floats, batch: Batch) -> tuple[Floats, Sequence[Floats | None]]:
    """Return minus the log posterior (up to a constant), and the weight of each state; None for an only one."""
    prior = 0.5 * (theta**2).sum(1)
    each = [-0.5 * (errors**2 + logs) for errors, logs in zip(pieces.errors, pieces.logs, strict=True)]
    if pieces.odds is None:
        return prior - each[0].sum(0), [None]
    joint = [each[0] + special.log_expit(pieces.odds), each[1] + special.log_expit(-pieces.odds)]
    total = np.logaddexp(*joint)
    return prior - (batch.used.T * total).sum(0), [np.exp(state - total) for state in joint]


def _curvature(
    theta: Floats,
    batch: Batch,
    pieces: Pieces,
    state: Sequence[Floats | None],
    at: Rows = slice(None),
    *,
    with_fisher: bool = True,
) -> tuple[Floats, Floats]:
    """Return gradient (curves, unknowns) and Fisher information of minus the log posterior, for the curves of some numbers."""
    t = theta[at].T
    count, curves = t.shape
    gradient = t.copy()
    fisher = np.zeros((count, count, curves if with_fisher else 0))
    fisher[np.arange(count), np.arange(count)] = 1.0
    used, noise, off = batch.used.T[:, at].astype(float), batch.noise.T[:, at], 2.5 * (batch.u.T[:, at] - 0.5)
    for one, errors, weight in zip(pieces.measured, pieces.errors, state, strict=True):
        weighed = None if weight is None else weight[:, at]
        if batch.lags is None:
            _add_apart(one, errors[:, at], weighed, (used, noise, off), at, gradient, fisher)
        else:
            d_error, d_log = _filter_slopes(one, t, batch, errors[:, at], at)
            left = weighed if weighed is not None else 1.0
            gradient += np.einsum("kpr,pr->kr", d_error, left * errors[:, at])
            gradient += 0.5 * np.einsum("kpr,pr->kr", d_log, left * np.ones_like(noise))
            if with_fisher:
                _add_product(fisher, d_error, left * d_error)
                _add_product(fisher, d_log, 0.5 * left * d_log)
    if pieces.odds is not None and (first := state[0]) is not None:
        d_odds = batch.loose * np.stack([np.full_like(off, 1.5), off])
        share = special.expit(pieces.odds[:, at])
        gradient[-2:] += np.einsum("kpr,pr->kr", d_odds, (share - first[:, at]) * used)
        if with_fisher:
            _add_product(fisher[-2:, -2:], d_odds, share * (1 - share) * used * d_odds)
    return gradient.T, fisher.transpose(2, 0, 1)


def _add_product(fisher: Floats, slopes: Floats, weighed: Floats) -> None:
    """Add, to a symmetric (k, k, curves), the sums over the points of the products of each two."""
    for i in range(len(slopes)):
        row = np.einsum("pr,kpr->kr", slopes[i], weighed[i:])
        fisher[i, i:] += row
        fisher[i + 1 :, i] += row[1:]


def _add_apart(
    one: _Measured,
    errors: Floats,
    weight: Floats | None,
    known: tuple[Floats, Floats, Floats],
    at: Rows,
    gradient: Floats,
    fisher: Floats,
) -> None:
    """Add what one state of points without memory brings to gradient and Fisher information, for the curves of some numbers.

    An error and a log variance change with an unknown by a multiple each of how the share does, so that what the
    share does is multiplied with itself once and not the two of them.
    """
    used, noise, off = known
    scatter = one.scatter[:, at]
    precise = used / (scatter**2 + noise)
    by_scatter = 2 * scatter**2 * precise  # of the log variance, in the logarithm of the scatter
    d_log = by_scatter * one.turn[:, at]
    d_error = -one.lean[:, at] * np.sqrt(precise) - 0.5 * errors * d_log
    each = one.slopes(at)
    first = 0.5 * by_scatter * (1 - errors**2)
    along = d_error * errors + 0.5 * d_log
    if weight is not None:
        first, along = weight * first, weight * along
    gradient[0] += one.pace * first.sum(0)
    gradient[1] += (off * first).sum(0)
    gradient[one.unknowns] += np.einsum("kpr,pr->kr", each, along)
    if not fisher.size:
        return
    square = d_error**2 + 0.5 * d_log**2
    shared = 0.5 * by_scatter * (d_log - errors * d_error)
    alone = by_scatter**2 * (0.25 * errors**2 + 0.5)
    if weight is not None:
        square, shared, alone = weight * square, weight * shared, weight * alone
    inner = np.zeros((len(each), len(each), gradient.shape[1]))
    _add_product(inner, each, square * each)
    fisher[one.unknowns[:, None], one.unknowns] += inner
    pair = np.stack([np.full_like(off, one.pace), off])
    _add_product(fisher[:2, :2], pair, alone * pair)
    for i, towards in enumerate(shared * pair):
        across = np.einsum("kpr,pr->kr", each, towards)
        fisher[i, one.unknowns] += across
        fisher[one.unknowns, i] += across


def _filter_slopes(one: _Measured, t: Floats, batch: Batch, errors: Floats, at: Rows) -> tuple[Floats, Floats]:
    """Return how one state's errors and log variances change with each unknown under memory: (unknowns, points, curves).

    The filter of `_filtered`, differentiated step by step: what it foresees moves with expectation, scatter and memory.
    """
    here = batch if isinstance(at, slice) else batch.take(at)
    lags, noise, used, off = here.lags.T, here.noise.T, here.used.T, 2.5 * (here.u.T - 0.5)  # type: ignore[union-attr]
    scatter, lean, each = one.scatter[:, at], one.lean[:, at], one.slopes(at)
    kept = np.exp(lags * _log_memory(t[4]))
    error, variance, mean, spread = _filtered(here.z.T - one.expected[:, at], scatter, kept, here)
    gain = used * scatter * spread / variance
    # What is kept of the last point's mean and spread, and how that changes with the memory.
    bend = kept * lags * 1.2 * special.expit(-1.2 * t[4])
    by_memory = np.zeros((2, *kept.shape))
    by_memory[0, 1:] = bend[1:] * (mean + gain * error)[:-1]
    by_memory[1, 1:] = 2 * kept[1:] * bend[1:] * (spread - gain * scatter * spread - 1)[:-1]
    # Slopes of the mean and spread after a point, in those before it and in gap and scatter.
    noisy = np.where(used, noise / variance, 1.0)
    mean_in_spread = used * error * scatter * noise / variance**2
    mean_in_scatter = used * error * spread / variance * (1 - 2 * scatter * gain) - gain * mean
    spread_in_scatter = -2 * gain * spread * noisy
    # How the scatter changes with each unknown that moves it, as a multiple of what the share does.
    bent = scatter * one.turn[:, at]
    own = (one.pace * scatter, off * scatter)
    push = np.zeros((2, len(t), *kept.shape))
    push[0, one.unknowns], push[1, one.unknowns] = (mean_in_scatter * bent - gain * lean) * each, spread_in_scatter * bent * each  # fmt: skip
    for i, moved in enumerate(own):
        push[0, i], push[1, i] = mean_in_scatter * moved, spread_in_scatter * moved
    before = np.zeros_like(push)
    d_mean, d_spread = np.zeros((2, *t.shape))
    for i in range(len(kept)):
        if i:
            d_mean, d_spread = kept[i] * d_mean, kept[i] ** 2 * d_spread
            d_mean[4] += by_memory[0, i]
            d_spread[4] += by_memory[1, i]
        before[0, :, i], before[1, :, i] = d_mean, d_spread
        d_mean = (1 - gain[i] * scatter[i]) * d_mean + mean_in_spread[i] * d_spread + push[0, :, i]
        d_spread = noisy[i] ** 2 * d_spread + push[1, :, i]
    root = used / np.sqrt(variance)
    in_scatter = used * 2 * scatter * spread / variance
    d_log = (used * scatter**2 / variance) * before[1]
    d_error = -(scatter * root) * before[0]
    d_log[one.unknowns] += in_scatter * bent * each
    d_error[one.unknowns] -= (lean + mean * bent) * root * each
    for i, moved in enumerate(own):
        d_log[i] += in_scatter * moved
        d_error[i] -= mean * root * moved
    d_error -= 0.5 * errors * d_log
    return d_error, d_log


def _solved(matrices: Floats, targets: Floats) -> Floats:
    """Solve many small positive definite systems (k, k, curves) for targets (k, curves), all side by side.

    Elimination without exchanges, which such systems do not need; a call of LAPACK for each would take longer.
    """
    left, out = matrices.copy(), targets.copy()
    count = len(out)
    for i in range(count):
        share = left[i + 1 :, i] / left[i, i]
        left[i + 1 :, i + 1 :] -= share[:, None] * left[i, i + 1 :]
        out[i + 1 :] -= share * out[i]
    for i in reversed(range(count)):
        out[i] = (out[i] - (left[i, i + 1 :] * out[i + 1 :]).sum(0)) / left[i, i]
    return out


CELLS = 20_000
"""Points of the curves that are worked on at once: their arrays stay small, whatever the number of curves."""


def climb(cast: Cast, theta: Floats, batch: Batch, steps: int | NDArray[np.intp] = 30) -> tuple[Floats, Floats]:
    """Maximise the posterior of many problems, by damped Fisher scoring.

    So many are worked on at once as fit into a small memory; where one is done the next takes its place.

    Parameters
    ----------
    cast : Cast
    theta : array of shape (rows, unknowns)
        Where to start.
    batch : Batch
        One curve a row.
    steps : int or array of shape (rows,)
        At most.

    Returns
    -------
    theta : array of shape (rows, unknowns)
    value : array of shape (rows,)
        Minus the log posterior there.
    """
    theta = theta.copy()
    count = theta.shape[1]
    value = np.full(len(theta), np.inf)
    damping, left = np.full(len(theta), 1e-2), np.broadcast_to(steps, len(theta)).copy()
    live, waiting, room = np.zeros(0, int), 0, max(CELLS // batch.u.shape[1], 1)
    gradient, fisher = np.zeros((count, 0)), np.zeros((count, count, 0))
    while True:
        if waiting < len(theta) and 2 * len(live) < room:
            fresh = np.arange(waiting, min(waiting + room - len(live), len(theta)))
            waiting = fresh[-1] + 1
            begin = batch.take(fresh)
            pieces = _pieces(cast.take(fresh), theta[fresh], begin)
            value[fresh], state = _objective(pieces, theta[fresh], begin)
            new_gradient, new_fisher = _curvature(theta[fresh], begin, pieces, state)
            gradient = np.concatenate([gradient, new_gradient.T], axis=1)
            fisher = np.concatenate([fisher, new_fisher.transpose(1, 2, 0)], axis=2)
            live = np.concatenate([live, fresh])
            here, tried_by = batch.take(live), cast.take(live)
        if not len(live):
            return theta, value
        damped = fisher.copy()
        damped[np.arange(count), np.arange(count)] *= 1 + damping[live]
        move = -_solved(damped, gradient)
        move *= np.minimum(1, 3 / np.maximum(np.abs(move).max(0), _TINY))
        tried = theta[live] + move.T
        pieces = _pieces(tried_by, tried, here)
        new, state = _objective(pieces, tried, here)
        better = new < value[live]
        gain = np.where(better, value[live] - new, np.inf)
        theta[live[better]] = tried[better]
        value[live[better]] = new[better]
        damping[live] = np.where(better, damping[live] / 6, damping[live] * 8)
        left[live] -= 1
        going = (gain > 1e-4) & (damping[live] < 1e8) & (left[live] > 0)
        moved = np.flatnonzero(going & better)
        new_gradient, new_fisher = _curvature(tried, here, pieces, state, moved)
        gradient[:, moved], fisher[:, :, moved] = new_gradient.T, new_fisher.transpose(1, 2, 0)
        if not going.all():
            keep = np.flatnonzero(going)
            gradient, fisher = gradient[:, keep], fisher[:, :, keep]
            live, here, tried_by = live[keep], here.take(keep), tried_by.take(keep)


def laplace(cast: Cast, theta: Floats, value: Floats, batch: Batch) -> Floats:
    """Return the logarithm of Laplace's approximation to the likelihood averaged over the prior.

    Parameters
    ----------
    cast : Cast
    theta : array of shape (rows, unknowns)
        Where the posterior is highest.
    value : array of shape (rows,)
        Minus the log posterior there.
    batch : Batch

    Returns
    -------
    array of shape (rows,)
    """
    (rows, count), h = theta.shape, 1e-4

    def bent(at: Floats, every: NDArray[np.intp], with_fisher: bool) -> tuple[Floats, Floats]:
        there = batch.take(every)
        pieces = _pieces(cast.take(every), at, there)
        return _curvature(at, there, pieces, _objective(pieces, at, there)[1], with_fisher=with_fisher)

    logdets = np.empty(rows)
    chunk = max(CELLS // batch.u.shape[1] // count, 1)
    for first in range(0, rows, chunk):
        chosen = np.arange(first, min(first + chunk, rows))
        gradient, fisher = bent(theta[chosen], chosen, True)
        moved = (theta[chosen, None] + h * np.eye(count)).reshape(-1, count)
        gradients, _ = bent(moved, np.repeat(chosen, count), False)
        observed = (gradients.reshape(-1, count, count) - gradient[:, None]) / h
        observed = (observed + observed.transpose(0, 2, 1)) / 2
        # Where the data curve the posterior the other way than expected, what is expected is the safer guess.
        firm = np.linalg.eigvalsh(observed)[:, 0] > 0.1
        logdets[chosen] = np.linalg.slogdet(np.where(firm[:, None, None], observed, fisher))[1]
    return np.asarray(-value - 0.5 * logdets)


# --- where to start, and where a curve may turn ---


def _ridge(columns: Floats, target: Floats, weight: Floats) -> Floats:
    """Return the posterior mean of standard normal coefficients, for errors of these weights."""
    scaled = columns * weight[..., None]
    normal = np.einsum("rni,rnj->rij", scaled, columns) + np.eye(columns.shape[-1])
    return np.asarray(np.linalg.solve(normal, np.einsum("rni,rn->ri", scaled, target)[..., None])[..., 0])


_LINES = {
    "log-odds": (-0.5, 2.5, 5, 5, special.logit),
    "curved": (-0.5, 2.5, 5, 5, special.logit),
    "parts": (-0.5, 2.5, 5, 5, special.logit),
    "difficulties": (-0.5, 2.5, 5, 5, special.logit),
    "probit": (-0.5, 2.5, 5, 5, lambda p: 1.702 * special.ndtri(p)),
    "cloglog": (-0.7, 2, 4, 4, lambda p: np.log(-np.log1p(-p))),
    "loss": (0, 1.5, 2.5, 2.5, lambda p: -np.log(-np.log(p))),
    "power law": (-1.5, 1.5, 3.5, 3, lambda p: np.log(p)),
}


def _starts(account: Account, batch: Batch, place: Floats) -> list[Floats]:
    """Return starting points, from weighted lines through the scores on the account's own scale."""
    rows = len(batch.u)
    blank = np.zeros((rows, NUISANCES + account.unknowns))
    weight = batch.used.astype(float)
    if batch.kind == "loss":
        return [blank]
    seen = np.sin(batch.z) ** 2
    edge = 0.5 / (batch.items + 1)
    least = np.where(batch.used, seen, 1.0).min(1, keepdims=True)
    out = []
    for rises in (0.0, 0.9):
        start = blank.copy()
        floor = np.maximum(batch.chance[:, None], rises * least)
        extra = np.clip((floor - batch.chance[:, None]) / (1 - batch.chance[:, None]), 1e-3, 0.2)
        start[:, 2:3] = np.clip((special.logit(extra) + 5.3) / 1.7, -1.0, 2.7)
        share = np.clip((seen - floor) / (1 - floor), edge, 1 - edge)
        if account.name == "parts":
            share = share ** (1 / batch.parts[:, None])
        share = np.clip(share, 1e-6, 1 - 1e-6)
        # Errors of log-odds: sampling, and a scatter of about a quarter.
        precise = weight / (1 / (np.maximum(batch.items, 1) * share * (1 - share)) + 0.06)
        if account.name in _LINES:
            level, spread, rise, rises_by, link = _LINES[account.name]
            columns = np.stack([np.full_like(batch.u, spread), rises_by * (batch.u - 0.5)], -1)
            target = link(share) - level - rise * (batch.u - 0.5)
            start[:, NUISANCES : NUISANCES + 2] = _ridge(columns, target, precise)
        elif account.name == "flat" or account.unknowns == 1:
            start[:, NUISANCES] = 0.0
        elif account.place != "none" or account.name == "seeds":
            _start_at_a_place(account, batch, place, share, precise, start)
        start[:, NUISANCES:] = np.clip(start[:, NUISANCES:], -4, 4)
        out.append(start)
    if account.name == "difficulties":
        more = []
        for start in out:
            for tilt in (-1.0, 1.0):
                other = start.copy()
                other[:, NUISANCES + 2] = tilt
                more.append(other)
        out = more
    if account.name == "kink":
        out = out[:1]
    return out


def _start_at_a_place(
    account: Account, batch: Batch, place: Floats, share: Floats, precise: Floats, start: Floats
) -> None:
    """Fill in where the search of an account with a kink, a jump or seeds at a place starts."""
    logit = special.logit(share)
    if account.name == "kink":
        columns = np.stack(
            [
                np.full_like(batch.u, 2.5),
                3 * (batch.u - place),
                np.maximum(batch.u - place, 0) * 8,
            ],
            -1,
        )
        target = logit + 1.5 - 2 * (batch.u - place) - 12 * np.maximum(batch.u - place, 0)
        found = _ridge(columns, target, precise)
        extra_turn = np.clip(12 + 8 * found[:, 2], 2.5, 60)
        start[:, NUISANCES:] = np.stack([found[:, 0], found[:, 1], np.log(extra_turn / 12) / 0.6], -1)
    else:
        jump = (batch.u > place) - 0.5
        columns = np.stack([np.full_like(batch.u, 2.5), 3 * (batch.u - 0.5), 2 * jump], -1)
        target = logit + 0.5 - 2 * (batch.u - 0.5) - 4 * jump
        found = _ridge(columns, target, precise)
        height = np.clip(4 + 2 * found[:, 2], 1.2, 12)
        start[:, NUISANCES : NUISANCES + 3] = np.stack([found[:, 0], found[:, 1], np.log(height / 4) / 0.45], -1)
        if account.name == "seeds":
            middle = 0.5 - place
            start[:, -2] = np.clip(2.5 * middle[:, 0] / 1.5, -2, 2)


def gaps(batch: Batch) -> tuple[Floats, Floats]:
    """Return the middle and width of the gap after each point (curves, points - 1); 0 is no gap."""
    width = np.where(batch.used[:, 1:], np.diff(batch.u, axis=1), 0.0)
    return batch.u[:, :-1] + width / 2, np.where(width > 1e-9, width, 0.0)


def _places(account: Account, batch: Batch) -> tuple[Floats, Floats]:
    """Return candidate places and their prior weights, each (curves, places)."""
    rows = len(batch.u)
    if account.place == "gap":
        middle, width = gaps(batch)
        return middle, width
    if account.place == "grid":
        grid = (np.arange(12) + 0.5) / 12
        return np.tile(grid, (rows, 1)), np.full((rows, 12), 1 / 12)
    return np.full((rows, 1), 0.5), np.ones((rows, 1))


@dataclass(frozen=True)
class Fit:
    """The evidence of one account for each of many curves, with its best fit.

    Parameters
    ----------
    evidence : array of shape (curves,)
        Logarithm of the likelihood averaged over the prior, up to a constant that all accounts
        share.
    theta : array of shape (curves, unknowns)
        Where the posterior is highest.
    place : array of shape (curves, 1)
    chances : array of shape (curves, places)
        How the account's posterior is spread over its places.
    places : array of shape (curves, places)
    """

    evidence: Floats
    theta: Floats
    place: Floats
    chances: Floats
    places: Floats


FAR = 15.0
"""A place this many nats behind the best is left: it would add less than a millionth."""


def fits(accounts: Sequence[Account], batch: Batch, steps: int = 30) -> tuple[Fit, ...]:
    """Return the evidence of each account, summed over its places.

    Parameters
    ----------
    accounts : sequence of Account
    batch : Batch
    steps : int
        Steps of the optimiser at most.

    Returns
    -------
    tuple of Fit
    """
    found: dict[str, Fit] = {}
    for alike in ([a for a in accounts if a.name != "seeds"], [a for a in accounts if a.name == "seeds"]):
        if alike:
            found |= dict(zip([a.name for a in alike], _fits_alike(alike, batch, steps), strict=True))
    return tuple(found[account.name] for account in accounts)


def _searches(account: Account, batch: Batch) -> tuple[Floats, Floats]:
    """Return the places from which the search of an account starts and their prior weights, each (curves, places)."""
    if account.name != "seeds":
        return _places(account, batch)
    # Which runs are high is summed at each point; the places only start the search.
    middle, _ = gaps(batch)
    picks = np.linspace(0, middle.shape[1] - 1, 3).round().astype(int)
    return middle[:, picks], np.ones((len(middle), 3))


def _fits_alike(accounts: Sequence[Account], batch: Batch, steps: int) -> list[Fit]:
    """Return the fits of `seeds` alone or of any other accounts, all climbs of all of them side by side."""
    curves = len(batch.u)
    tables = [_searches(account, batch) for account in accounts]
    keep = [weights.ravel() > 0 for _, weights in tables]
    rows = [
        np.repeat(np.arange(curves), weights.shape[1])[kept] for (_, weights), kept in zip(tables, keep, strict=True)
    ]
    ends = np.cumsum([0, *map(len, rows)])
    every = np.concatenate(rows)
    which = np.repeat(np.arange(len(accounts)), np.diff(ends))
    place = np.concatenate([places.reshape(-1, 1)[kept] for (places, _), kept in zip(tables, keep, strict=True)])
    cast = Cast(accounts, which, place)
    several = np.array([weights.shape[1] > 1 for _, weights in tables])
    # From every start of every place of every account: which of the problems, and where from.
    problems, begin = [], []
    for i, account in enumerate(accounts):
        here = np.arange(ends[i], ends[i + 1])
        for start in _starts(account, batch.take(every[here]), place[here]):
            problems.append(here)
            begin.append(np.pad(start, ((0, 0), (0, cast.unknowns - start.shape[1]))))
    problem = np.concatenate(problems)
    limits = np.where(several[which[problem]], 3, steps)
    tops, values = climb(cast.take(problem), np.concatenate(begin), batch.take(every[problem]), limits)
    order = np.lexsort((np.arange(len(problem)), values, problem))
    first = order[np.searchsorted(problem[order], np.arange(len(every)))]  # the best start of each, the first of equals
    theta, value = tops[first], values[first]
    least = np.full((len(accounts), curves), np.inf)
    np.minimum.at(least, (which, every), value)
    near = np.flatnonzero(value < least[which, every] + FAR)
    again = near[several[which[near]]]
    if len(again):
        theta[again], value[again] = climb(cast.take(again), theta[again], batch.take(every[again]), steps)
    evidence = np.full(len(every), -np.inf)
    evidence[near] = laplace(cast.take(near), theta[near], value[near], batch.take(every[near]))
    out = []
    for i, (account, (places, weights)) in enumerate(zip(accounts, tables, strict=True)):
        count = weights.shape[1]
        table, index = np.full(curves * count, -np.inf), np.zeros(curves * count, int)
        table[keep[i]], index[keep[i]] = evidence[ends[i] : ends[i + 1]], np.arange(ends[i], ends[i + 1])
        table = table.reshape(curves, count)
        top = table.argmax(1)
        at = index.reshape(curves, count)[np.arange(curves), top]
        if account.name == "seeds":
            chances = np.eye(count)[top]
            total = table.max(1)
        else:
            with np.errstate(divide="ignore"):
                joint = table + np.log(weights / weights.sum(1, keepdims=True))
            total = special.logsumexp(joint, axis=1)
            chances = np.exp(joint - total[:, None])
        out.append(Fit(total, theta[at, : NUISANCES + account.unknowns], place[at], chances, places))
    return out
