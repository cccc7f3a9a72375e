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

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from emergence.shared.fitting import Floats

Kind = Literal["share", "loss"]

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
        return Batch(
            self.u[rows],
            self.z[rows],
            self.noise[rows],
            self.items[rows],
            self.used[rows],
            self.chance[rows],
            self.parts[rows],
            None if self.lags is None else self.lags[rows],
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


# --- what each account expects
# ------------------------------------------------------------------------- A latent takes its
# standard normal unknowns t (rows, unknowns), u (rows, points) and a place c (rows, 1).

Latent = Callable[[Floats, Floats, Floats], Floats]


def _line(t: Floats, u: Floats, level: float, spread: float, rise: float, rises: float) -> Floats:
    return (level + spread * t[:, :1]) + (rise + rises * t[:, 1:2]) * (u - 0.5)


def _log_odds(t: Floats, u: Floats, c: Floats) -> Floats:
    return np.asarray(special.expit(_line(t, u, -0.5, 2.5, 5, 5)))


def _curved_odds(t: Floats, u: Floats, c: Floats) -> Floats:
    return np.asarray(special.expit(_line(t, u, -0.5, 2.5, 5, 5) + 4 * t[:, 2:3] * ((u - 0.5) ** 2 - 1 / 12)))


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
    easy = special.expit(1.2 * t[:, 2:3])
    apart = np.exp(np.log(5) + 0.5 * t[:, 3:4])
    low, high = special.expit(middle - apart * easy), special.expit(middle + apart * (1 - easy))
    return np.asarray(easy * high + (1 - easy) * low)


def _kink(t: Floats, u: Floats, c: Floats) -> Floats:
    turn = np.exp(np.log(12) + 0.6 * t[:, 2:3])
    before = (-1.5 + 2.5 * t[:, :1]) + (2 + 3 * t[:, 1:2]) * (u - c)
    return np.asarray(special.expit(before + turn * np.maximum(u - c, 0)))


def _height(t: Floats) -> Floats:
    return np.asarray(np.exp(np.log(4) + 0.45 * t[:, 2:3]))


def _step(t: Floats, u: Floats, c: Floats) -> Floats:
    return np.asarray(special.expit(_line(t, u, -0.5, 2.5, 2, 3) + _height(t) * ((u > c) - 0.5)))


def _flat(t: Floats, u: Floats, c: Floats) -> Floats:
    return np.asarray(special.expit(np.broadcast_to(-0.5 + 2.5 * t[:, :1], u.shape)))


# For losses an account returns the logarithm of the loss over the least one seen.
def _level(t: Floats, u: Floats, c: Floats) -> Floats:
    return np.broadcast_to(0.5 + t[:, :1], u.shape)


def _power(t: Floats, u: Floats, c: Floats) -> Floats:
    return _line(t, u, 0.5, 1, -1, 1)


def _power_floor(t: Floats, u: Floats, c: Floats) -> Floats:
    return np.asarray(np.log(special.expit(1.5 * t[:, 2:3]) + np.exp(np.clip(_line(t, u, 0, 1.5, -2, 1.5), -30, 30))))


def _fade(t: Floats, u: Floats, c: Floats) -> Floats:
    # A plateau, and a gradual fall from it to what is left: a logistic curve in the logarithm of
    # scale.
    height = np.exp(0.5 + t[:, 3:4])
    return np.asarray(np.log(special.expit(1.5 * t[:, 2:3]) + height * special.expit(-_line(t, u, 0, 2.5, 5, 5))))


def _curved(t: Floats, u: Floats, c: Floats) -> Floats:
    return _line(t, u, 0.5, 1, -1, 1) + t[:, 2:3] * ((u - 0.5) ** 2 - 1 / 12)


def _loss_kink(t: Floats, u: Floats, c: Floats) -> Floats:
    turn = np.exp(np.log(3) + 0.7 * t[:, 2:3])
    return np.asarray((0.5 + t[:, :1]) + (-0.7 + 0.7 * t[:, 1:2]) * (u - c) - turn * np.maximum(u - c, 0))


def _loss_step(t: Floats, u: Floats, c: Floats) -> Floats:
    drop = np.exp(np.log(0.7) + 0.7 * t[:, 2:3])
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


def expected_share(account: Account, theta: Floats, batch: Batch, place: Floats) -> Floats:
    """Return the share right that an account expects, floor, ceiling and metric included."""
    floor, ceiling = _limits(theta, batch)
    return np.asarray(floor + (np.maximum(ceiling, floor) - floor) * _ability(account, theta, batch, place))


def _limits(theta: Floats, batch: Batch) -> tuple[Floats, Floats]:
    """Return the share right without any ability and with all of it, each (rows, 1)."""
    chance = batch.chance[:, None]
    return chance + (1 - chance) * special.expit(-5.3 + 1.7 * theta[:, 2:3]), special.expit(5 - 1.5 * theta[:, 3:4])


def _ability(account: Account, theta: Floats, batch: Batch, place: Floats) -> Floats:
    """Return what an account's latent says, as the metric shows it; of a loss, its logarithm over the least one seen."""
    ability = account.latent(batch.loose * theta[:, NUISANCES:], batch.u, place)
    return ability ** batch.parts[:, None] if account.name == "parts" else ability


def _measured(account: Account, theta: Floats, batch: Batch, place: Floats) -> tuple[Floats, Floats]:
    """Return what is expected of `z`, and the standard deviation of the scatter between models."""
    change = 2.5 * theta[:, 1:2] * (batch.u - 0.5)
    if batch.kind == "loss":
        return _ability(account, theta, batch, place), np.exp(np.log(0.03) + 1.2 * theta[:, :1] + change)
    share = np.clip(expected_share(account, theta, batch, place), _TINY, 1 - _TINY)
    scatter = np.exp(np.log(0.15) + 0.9 * theta[:, :1] + change)
    q = (batch.items * share + 0.375) / (batch.items + 0.75)
    # A scatter in log-odds of p moves p by p(1-p), and the angle by that over 2 sqrt(q(1-q)).
    return np.arcsin(np.sqrt(q)), scatter * share * (1 - share) / (2 * np.sqrt(q * (1 - q)))


_STEP = 1e-5
"""How far an unknown is moved for a derivative by differences."""


def _slopes(account: Account, theta: Floats, batch: Batch, place: Floats, scatter: Floats) -> tuple[Floats, Floats]:
    """Return how expectation and `scatter` of `_measured` change with each unknown, each (rows, unknowns, points).

    The latent alone is differenced; floor, ceiling and scatter are differentiated by hand.
    """
    rows, count = theta.shape
    ability = _ability(account, theta, batch, place)
    d_ability = np.zeros((rows, count, batch.u.shape[1]))
    last = count - 2 if account.name == "seeds" else count  # the last two of seeds are its odds
    moved = (theta[:, None] + _STEP * np.eye(count)[NUISANCES:last]).reshape(-1, count)
    every = np.repeat(np.arange(rows), last - NUISANCES)
    again = _ability(account, moved, batch.take(every), place[every])
    d_ability[:, NUISANCES:last] = (again.reshape(rows, -1, batch.u.shape[1]) - ability[:, None]) / _STEP
    if batch.kind == "loss":
        d_scatter = np.zeros_like(d_ability)
        d_scatter[:, 0], d_scatter[:, 1] = 1.2 * scatter, 2.5 * (batch.u - 0.5) * scatter
        return d_ability, d_scatter
    floor, ceiling = _limits(theta, batch)
    open_ = ceiling > floor
    height = np.where(open_, ceiling - floor, 0.0)
    share = floor + height * ability
    inside = (share > _TINY) & (share < 1 - _TINY)
    d_share = (height * inside)[:, None] * d_ability
    chance = batch.chance[:, None]
    d_share[:, 2] = 1.7 * (floor - chance) * (1 - floor) / (1 - chance) * (1 - open_ * ability) * inside
    d_share[:, 3] = -1.5 * ceiling * (1 - ceiling) * open_ * ability * inside
    share = np.clip(share, _TINY, 1 - _TINY)
    q, dq = (batch.items * share + 0.375) / (batch.items + 0.75), batch.items / (batch.items + 0.75)
    spread = q * (1 - q)
    turn = (1 - 2 * share) / (share * (1 - share)) - (1 - 2 * q) * dq / (2 * spread)
    d_scatter = (scatter * turn)[:, None] * d_share
    d_scatter[:, 0], d_scatter[:, 1] = 0.9 * scatter, 2.5 * (batch.u - 0.5) * scatter
    return (dq / (2 * np.sqrt(spread)))[:, None] * d_share, d_scatter


def _innovations(gap: Floats, scatter: Floats, theta: Floats, batch: Batch) -> tuple[Floats, Floats]:
    """Return standardised one-step errors and the logarithms of their variances; 0 where padded.

    With memory, the scatter is an autoregression seen under sampling noise: a scalar Kalman filter
    gives its exact likelihood in one pass over the points.
    """
    if batch.lags is None:
        variance = scatter**2 + batch.noise
        return np.where(batch.used, gap / np.sqrt(variance), 0.0), np.where(batch.used, np.log(variance), 0.0)
    kept = np.exp(batch.lags.T * _log_memory(theta[:, 4]))
    errors, logs = _filtered(gap.T, scatter.T, kept, batch.noise.T, batch.used.T)
    return errors.T, logs.T


def _log_memory(unknown: Floats) -> Floats:
    """Return the logarithm of the share of the scatter that is kept over a mean distance."""
    return np.asarray(special.log_expit(1.2 * unknown))


def _filtered(
    gaps: Floats, scatters: Floats, kept: Floats, noises: Floats, used: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return what `_innovations` does with memory, for arrays whose first axis is that of the points, one pass along it.

    `kept` is the share of the scatter of the point before that is left at each.
    """
    gaps, scatters = np.ascontiguousarray(gaps), np.ascontiguousarray(scatters)
    errors, variances = np.empty_like(gaps), np.empty_like(gaps)
    mean, spread = np.zeros_like(gaps[0]), np.ones_like(gaps[0])
    for i, (gap, scatter, share, noise) in enumerate(zip(gaps, scatters, kept, noises, strict=True)):
        if i:
            mean, spread = share * mean, share * share * (spread - 1) + 1
        shared = scatter * spread
        variances[i] = scatter * shared + noise
        errors[i] = gap - scatter * mean
        gain = shared / variances[i] * used[i]
        mean, spread = mean + gain * errors[i], spread - gain * shared
    errors *= used / np.sqrt(variances)
    return errors, np.log(variances) * used


Pieces = tuple[Floats, Floats, Floats]


def _pieces(account: Account, theta: Floats, batch: Batch, place: Floats) -> Pieces:
    """Return errors and log variances (rows, points, states), and log-odds of the first state.

    Every account but ``seeds`` has one state at each point, and no log-odds.
    """
    if account.name != "seeds":
        expected, scatter = _measured(account, theta, batch, place)
        errors, logs = _innovations(batch.z - expected, scatter, theta, batch)
        return errors[..., None], logs[..., None], np.zeros(0)
    # The latent jumps at its place: put the place before every point for the high state, after for
    # the low.
    both = []
    for where in (-1.0, 2.0):
        expected, scatter = _measured(account, theta, batch, np.full_like(place, where))
        both.append(_innovations(batch.z - expected, scatter, theta, batch))
    t = batch.loose * theta[:, NUISANCES:]
    odds = 1.5 * t[:, 3:4] + (2.5 + 2.5 * t[:, 4:5]) * (batch.u - 0.5)
    return np.stack([b[0] for b in both], -1), np.stack([b[1] for b in both], -1), odds


def _objective(pieces: Pieces, theta: Floats, batch: Batch) -> tuple[Floats, Floats]:
    """Return minus the log posterior (up to a constant), and the weight of each state."""
    errors, logs, odds = pieces
    prior = 0.5 * (theta**2).sum(1)
    each = -0.5 * (errors**2 + logs)
    if errors.shape[-1] == 1:
        return prior - each[..., 0].sum(1), np.ones_like(each)
    joint = each + np.stack([special.log_expit(odds), special.log_expit(-odds)], -1)
    total = special.logsumexp(joint, axis=-1)
    return prior - np.where(batch.used, total, 0.0).sum(1), np.exp(joint - total[..., None])


def _derivatives(
    account: Account, theta: Floats, batch: Batch, place: Floats, errors: Floats, logs: Floats
) -> tuple[Floats, Floats]:
    """Return how one state's errors and log variances of `_pieces` change with each unknown: (rows, unknowns, points)."""
    expected, scatter = _measured(account, theta, batch, place)
    d_expected, d_scatter = _slopes(account, theta, batch, place, scatter)
    if batch.lags is None:
        variance = scatter**2 + batch.noise
        d_log = np.where(batch.used, 2 * scatter / variance, 0.0)[:, None] * d_scatter
        precise = np.where(batch.used, 1 / np.sqrt(variance), 0.0)
        return -precise[:, None] * d_expected - 0.5 * errors[:, None] * d_log, d_log
    # Every unknown is moved in the gap and in the scatter, and the fifth in the memory besides: (points, rows, unknowns).
    gap = (batch.z - expected).T[..., None] - _STEP * d_expected.transpose(2, 0, 1)
    moved = scatter.T[..., None] + _STEP * d_scatter.transpose(2, 0, 1)
    lags = batch.lags.T
    kept = np.repeat(np.exp(lags * _log_memory(theta[:, 4]))[..., None], theta.shape[1], axis=2)
    kept[..., 4] = np.exp(lags * _log_memory(theta[:, 4] + _STEP))
    again = _filtered(gap, moved, kept, batch.noise.T[..., None], batch.used.T[..., None])
    d_error, d_log = (
        (new.transpose(1, 2, 0) - old[:, None]) / _STEP for new, old in zip(again, (errors, logs), strict=True)
    )
    return d_error, d_log


def _curvature(
    account: Account, theta: Floats, batch: Batch, place: Floats, pieces: Pieces, state: Floats
) -> tuple[Floats, Floats]:
    """Return gradient and Fisher information of minus the log posterior."""
    count = theta.shape[1]
    errors, logs, odds = pieces
    gradient, fisher = theta.copy(), np.tile(np.eye(count), (len(theta), 1, 1))
    for s, where in enumerate((None,) if not odds.size else (-1.0, 2.0)):
        at = place if where is None else np.full_like(place, where)
        d_error, d_log = _derivatives(account, theta, batch, at, errors[..., s], logs[..., s])
        gradient += ((d_error @ (state * errors)[..., s, None]) + 0.5 * (d_log @ state[..., s, None]))[..., 0]
        root = np.sqrt(state[:, None, :, s])
        points = d_error.shape[2]
        both = np.empty((*d_error.shape[:2], 2 * points))
        np.multiply(root, d_error, out=both[..., :points])
        np.multiply(np.sqrt(0.5) * root, d_log, out=both[..., points:])
        fisher += both @ both.transpose(0, 2, 1)
    if odds.size:
        d_odds = np.zeros_like(d_error)
        d_odds[:, -2], d_odds[:, -1] = 1.5 * batch.loose, 2.5 * batch.loose * (batch.u - 0.5)
        share = special.expit(odds)
        used = batch.used.astype(float)
        gradient += (d_odds @ ((share - state[..., 0]) * used)[..., None])[..., 0]
        fisher += (d_odds * (share * (1 - share) * used)[:, None]) @ d_odds.transpose(0, 2, 1)
    return gradient, fisher


def climb(account: Account, theta: Floats, batch: Batch, place: Floats, steps: int = 30) -> tuple[Floats, Floats]:
    """Maximise the posterior of many problems side by side, by damped Fisher scoring.

    Parameters
    ----------
    account : Account
    theta : array of shape (rows, unknowns)
        Where to start.
    batch : Batch
        One curve a row.
    place : array of shape (rows, 1)
    steps : int

    Returns
    -------
    theta : array of shape (rows, unknowns)
    value : array of shape (rows,)
        Minus the log posterior there.
    """
    theta = theta.copy()
    live = np.arange(len(theta))
    value = np.full(len(theta), np.inf)
    damping = np.full(len(theta), 1e-2)
    here, at = batch, place
    pieces = _pieces(account, theta, here, at)
    current, state = _objective(pieces, theta, here)
    value[:] = current
    for _ in range(steps):
        gradient, fisher = _curvature(account, theta[live], here, at, pieces, state)
        diagonal = np.einsum("rkk->rk", fisher)
        damped = fisher + (damping[live, None] * diagonal)[:, :, None] * np.eye(theta.shape[1])
        move = -np.linalg.solve(damped, gradient[..., None])[..., 0]
        move *= np.minimum(1, 3 / np.maximum(np.abs(move).max(1), _TINY))[:, None]
        tried = theta[live] + move
        new_pieces = _pieces(account, tried, here, at)
        new, new_state = _objective(new_pieces, tried, here)
        better = new < value[live]
        gain = np.where(better, value[live] - new, np.inf)
        theta[live[better]] = tried[better]
        value[live[better]] = new[better]
        damping[live] = np.where(better, damping[live] / 6, damping[live] * 8)
        going = (gain > 1e-4) & (damping[live] < 1e8)
        if not going.any():
            break
        keep = np.flatnonzero(going)
        pieces = tuple(  # type: ignore[assignment]
            np.where(better[keep].reshape(-1, *(1,) * (a.ndim - 1)), a[keep], b[keep]) if b.size else b
            for a, b in zip(new_pieces, pieces, strict=True)
        )
        state = np.where(better[keep, None, None], new_state[keep], state[keep])
        live, here, at = live[keep], here.take(keep), at[keep]
    return theta, value


def laplace(account: Account, theta: Floats, value: Floats, batch: Batch, place: Floats) -> Floats:
    """Return the logarithm of Laplace's approximation to the likelihood averaged over the prior.

    Parameters
    ----------
    account : Account
    theta : array of shape (rows, unknowns)
        Where the posterior is highest.
    value : array of shape (rows,)
        Minus the log posterior there.
    batch : Batch
    place : array of shape (rows, 1)

    Returns
    -------
    array of shape (rows,)
    """
    (rows, count), h = theta.shape, 1e-4
    moves = np.concatenate([np.zeros((1, count)), h * np.eye(count)])
    at = (theta[:, None] + moves).reshape(-1, count)
    every = np.repeat(np.arange(rows), count + 1)
    there, places = batch.take(every), place[every]
    pieces = _pieces(account, at, there, places)
    gradients, fishers = _curvature(account, at, there, places, pieces, _objective(pieces, at, there)[1])
    gradients = gradients.reshape(rows, count + 1, count)
    fisher = fishers.reshape(rows, count + 1, count, count)[:, 0]
    observed = (gradients[:, 1:] - gradients[:, :1]) / h
    observed = (observed + observed.transpose(0, 2, 1)) / 2
    # Where the data curve the posterior the other way than expected, what is expected is the safer
    # guess.
    firm = np.linalg.eigvalsh(observed)[:, 0] > 0.1
    return np.asarray(-value - 0.5 * np.linalg.slogdet(np.where(firm[:, None, None], observed, fisher))[1])


# --- where to start, and where a curve may turn
# -----------------------------------------------------------


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


def fit(account: Account, batch: Batch, steps: int = 30) -> Fit:
    """Return the evidence of an account, summed over its places.

    Parameters
    ----------
    account : Account
    batch : Batch
    steps : int
        Steps of the optimiser at most.

    Returns
    -------
    Fit
    """
    places, weights = _places(account, batch)
    curves, count = places.shape
    if account.name == "seeds":
        # Which runs are high is summed at each point; the places only start the search.
        middle, _ = gaps(batch)
        picks = np.linspace(0, middle.shape[1] - 1, 3).round().astype(int)
        places, weights, count = middle[:, picks], np.ones((curves, 3)), 3
    rows = np.repeat(np.arange(curves), count)
    place = places.reshape(-1, 1)
    keep = weights.reshape(-1) > 0
    rows, place = rows[keep], place[keep]
    here = batch.take(rows)
    starts = _starts(account, here, place)
    every = np.tile(np.arange(len(rows)), len(starts))
    ends, values = climb(account, np.concatenate(starts), here.take(every), place[every], 3 if count > 1 else steps)
    values = values.reshape(len(starts), -1)
    value = values.min(0)
    theta = ends.reshape(len(starts), len(rows), -1)[values.argmin(0), np.arange(len(rows))]
    near = np.arange(len(rows))
    if count > 1:
        least = np.full(curves, np.inf)
        np.minimum.at(least, rows, value)
        near = np.flatnonzero(value < least[rows] + FAR)
        theta[near], value[near] = climb(account, theta[near], here.take(near), place[near], steps)
    evidence = np.full(len(rows), -np.inf)
    evidence[near] = laplace(account, theta[near], value[near], here.take(near), place[near])
    table = np.full(curves * count, -np.inf)
    table[keep] = evidence
    table = table.reshape(curves, count)
    index = np.zeros(curves * count, int)
    index[keep] = np.arange(len(rows))
    index = index.reshape(curves, count)
    top = table.argmax(1)
    at = index[np.arange(curves), top]
    if account.name == "seeds":
        chances = np.eye(count)[top]
        total = table.max(1)
    else:
        with np.errstate(divide="ignore"):
            joint = table + np.log(weights / weights.sum(1, keepdims=True))
        total = special.logsumexp(joint, axis=1)
        chances = np.exp(joint - total[:, None])
    return Fit(total, theta[at], place[at], chances, places)
