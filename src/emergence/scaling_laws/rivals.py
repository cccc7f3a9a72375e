"""Rival forms of the loss in size and data, fitted to the same runs and judged on runs that they have not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import optimize

from emergence.shared.checks import asks, number, values
from emergence.shared.fitting import Floats, as_floats

from .fits import DELTA

_Formula = Callable[[Floats, Floats, Floats], Floats]


def _additive(t: Floats, x: Floats, y: Floats) -> Floats:
    return np.asarray(np.exp(t[0]) + np.exp(t[1] - t[2] * x) + np.exp(t[3] - t[4] * y))


def _one_exponent(t: Floats, x: Floats, y: Floats) -> Floats:
    return np.asarray(np.exp(t[0]) + np.exp(t[1] - t[2] * x) + np.exp(t[3] - t[2] * y))


def _joint(t: Floats, x: Floats, y: Floats) -> Floats:
    return np.asarray(np.exp(t[0]) + _joint_bare(t[1:], x, y))


def _joint_bare(t: Floats, x: Floats, y: Floats) -> Floats:
    # log of exp((t0 - t1 x) / t3) + exp((t2 - t3 y) / t3), so that nothing overflows on the way
    return np.asarray(np.exp(t[3] * np.logaddexp((t[0] - t[1] * x) / t[3], (t[2] - t[3] * y) / t[3])))


def _coupled(t: Floats, x: Floats, y: Floats) -> Floats:
    # the sum of the two terms to the power k = exp(t5); each term is t1 or t3 at the centre whatever k is
    k = np.exp(t[5])
    return np.asarray(np.exp(t[0]) + np.exp(k * np.logaddexp((t[1] - t[2] * x) / k, (t[3] - t[4] * y) / k)))


def _coupled_slopes(t: Floats, x: Floats, y: Floats) -> Floats:
    k = np.exp(t[5])
    a, b = (t[1] - t[2] * x) / k, (t[3] - t[4] * y) / k
    both = np.logaddexp(a, b)
    of_size, term = (
        np.exp(a - both),
        np.exp(k * both),
    )  # the share of the size term in the sum, and the sum to its power
    by_size, by_data = term * of_size, term * (1 - of_size)
    by_power = k * (term * both - by_size * a - by_data * b)
    floor = np.full_like(term, np.exp(t[0]))
    slopes = np.stack([floor, by_size, -x * by_size, by_data, -y * by_data, by_power], axis=1)
    return np.asarray(slopes / (floor + term)[:, None])


@dataclass(frozen=True)
class Form:
    """A form of the loss: its words, its formula in centred logarithms of size and data, and where to start.

    ``slopes`` says how the logarithm of the formula changes with each constant, (runs, constants), where fits are many.
    """

    words: str
    formula: _Formula
    starts: tuple[tuple[float, ...], ...]
    slopes: _Formula | None = None


_A, _ALPHA = (-2.0, -0.5), (0.2, 0.5)
RIVALS: dict[str, Form] = {
    "additive": Form(
        "floor, size term, data term", _additive,
        tuple((0.5, a, p, b, q) for a, b, p, q in product(_A, _A, _ALPHA, _ALPHA)),
    ),
    "one exponent": Form(
        "the same with one exponent for both", _one_exponent,
        tuple((0.5, a, p, b) for a, b, p in product(_A, _A, _ALPHA)),
    ),
    "joint": Form(
        "the joint form of Kaplan, without a floor", _joint_bare,
        tuple((a, p, b, q) for a, b, p, q in product((0.5, 0.8), (0.5, 0.8), (0.05, 0.15), (0.05, 0.15))),
    ),
    "joint with a floor": Form(
        "the joint form above a floor", _joint,
        tuple((0.5, a, p, b, q) for a, b, p, q in product(_A, _A, _ALPHA, _ALPHA)),
    ),
    "coupled": Form(
        "floor, and the sum of both terms to a power", _coupled,
        tuple((0.5, a, p, b, q, k) for a, b, p, q, k in product(_A, _A, _ALPHA, _ALPHA, (-1.0, 0.0))),
        _coupled_slopes,
    ),
}  # fmt: skip
"""The forms, by a short name."""


@dataclass(frozen=True)
class RivalFit:
    """A form fitted to runs.

    Parameters
    ----------
    name : str
        Of `RIVALS`.
    theta, centre : array
        Its constants, and the mean logarithms of size and data that they are centred at.
    objective : float
        Mean Huber loss of log residuals.
    """

    name: str
    theta: Floats
    centre: Floats
    objective: float

    def loss(self, params: ArrayLike, tokens: ArrayLike) -> Floats:
        """Return the loss in nats for each token."""
        n, d = as_floats(params, "params", positive=True), as_floats(tokens, "tokens", positive=True)
        return RIVALS[self.name].formula(self.theta, np.log(n) - self.centre[0], np.log(d) - self.centre[1])

    def best_size(self, compute_flop: float) -> float:
        """Return the size of least loss at a budget, ``C = 6 N D``, in parameters.

        Raises
        ------
        ValueError
            When the loss has no least value between a million and 10**15 parameters.
        """
        sizes = np.geomspace(1e6, 1e15, 2000)
        along = self.loss(sizes, compute_flop / (6 * sizes))
        at = int(along.argmin())
        if at in (0, len(sizes) - 1):
            raise ValueError(f"{self.name}: no best size between 1e6 and 1e15 parameters at {compute_flop:g} FLOP")
        found = optimize.minimize_scalar(
            lambda z: float(self.loss([np.exp(z)], [compute_flop / 6 / np.exp(z)])[0]),
            bounds=(np.log(sizes[at - 1]), np.log(sizes[at + 1])),
            method="bounded",
            options={"xatol": 1e-9},
        )
        return float(np.exp(found.x))


@asks(
    params=values(above=0, changing=True),
    tokens=values(above=0, changing=True),
    loss=values(above=0, changing=True),
    delta=number(above=0),
)
def fit_rival(name: str, params: ArrayLike, tokens: ArrayLike, loss: ArrayLike, *, delta: float = DELTA) -> RivalFit:
    """Fit one of the rival forms by the Huber loss of log residuals, from a grid of starts.

    Parameters
    ----------
    name : str
        Of `RIVALS`.
    params, tokens, loss : array of shape (n,)
        Positive; n at least 10.
    delta : float
        Where the Huber loss turns from square to linear.

    Raises
    ------
    KeyError
        For a form that is not there.
    ValueError
        For fewer than 10 runs, or rows that are not positive.
    """
    if name not in RIVALS:
        raise KeyError(f"no form {name}; there are: {', '.join(RIVALS)}")
    n, d = as_floats(params, "params", positive=True), as_floats(tokens, "tokens", positive=True)
    seen = as_floats(loss, "loss", positive=True)
    if not len(n) == len(d) == len(seen) or len(n) < 10:
        raise ValueError(f"given {len(n)}, {len(d)} and {len(seen)} rows; needed: as many of each, at least 10")
    centre = np.array([np.log(n).mean(), np.log(d).mean()])
    x, y, target = np.log(n) - centre[0], np.log(d) - centre[1], np.log(seen)
    theta, cost = _least(RIVALS[name], RIVALS[name].starts, x, y, target, delta)
    return RivalFit(name, theta, centre, cost / len(n))


def _least(
    form: Form, starts: Iterable[ArrayLike], x: Floats, y: Floats, target: Floats, delta: float
) -> tuple[Floats, float]:
    """The constants of a form with the least Huber loss of log residuals over some starts, and that loss."""

    def gaps(theta: Floats) -> Floats:
        with np.errstate(all="ignore"):
            fitted = np.log(form.formula(theta, x, y)) - target
        return np.where(np.isfinite(fitted), fitted, 1e3)

    def slopes(theta: Floats) -> Floats:
        assert form.slopes is not None
        with np.errstate(all="ignore"):
            return np.nan_to_num(form.slopes(theta, x, y), nan=0.0, posinf=0.0, neginf=0.0)

    jac = "2-point" if form.slopes is None else slopes
    ends = [
        optimize.least_squares(gaps, start, jac, loss="huber", f_scale=delta, x_scale="jac", max_nfev=400)
        for start in starts
    ]
    best = min(ends, key=lambda end: float(end.cost))
    return np.asarray(best.x), float(best.cost)


@dataclass(frozen=True)
class Coupling:
    """How far size and data interact in some runs.

    Parameters
    ----------
    k : float
        The power to which the sum of the two terms is raised; one is the additive law, below one each of size and data
        makes the other worth more.
    resampled : array
        The same on runs drawn anew from these.
    null : array
        The same on losses of the additive law with its own residuals, the signs drawn anew: what no interaction would
        give.
    """

    k: float
    resampled: Floats
    null: Floats


@asks(
    params=values(above=0, changing=True),
    tokens=values(above=0, changing=True),
    loss=values(above=0, changing=True),
    draws=number(low=1, whole=True),
)
def coupling(
    params: ArrayLike,
    tokens: ArrayLike,
    loss: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    draws: int = 100,
) -> Coupling:
    """Fit the coupled form, and set its power against what the additive law would give with runs of this design.

    Each residual of the additive law stays where it is and changes its sign by chance, since residuals differ in size
    over the runs: shuffled among all, the large ones of the shortest runs would be spread thin, and the null would be
    too narrow.

    Parameters
    ----------
    params, tokens, loss : array of shape (n,)
        As for `fit_rival`.
    groups : array of shape (n,), optional
        Runs that share what the law leaves out, such as settings that are not tuned to their size: they are drawn, and
        their residuals change sign, together. Each run is one by default.
    draws : int
        How often the runs, and the signs of the residuals of the additive law, are drawn anew.
    """
    found, apart = (fit_rival(name, params, tokens, loss) for name in ("coupled", "additive"))
    n, d, seen = as_floats(params, "params"), as_floats(tokens, "tokens"), as_floats(loss, "loss")
    x, y, target = np.log(n) - found.centre[0], np.log(d) - found.centre[1], np.log(seen)
    of = np.arange(len(n)) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    if len(of) != len(n) or (count := int(of.max()) + 1) < 4:
        raise ValueError(f"groups: given {len(of)} rows of {len(set(of))}; needed: {len(n)} rows, at least 4 groups")
    form, rng = RIVALS["coupled"], np.random.default_rng(0)
    starts = (found.theta, np.append(apart.theta, 0.0))
    base = np.log(apart.loss(n, d))
    again, null = np.empty(draws), np.empty(draws)
    for i in range(draws):
        rows = np.concatenate([np.flatnonzero(of == g) for g in rng.integers(count, size=count)])
        again[i] = _least(form, starts[:1], x[rows], y[rows], target[rows], DELTA)[0][5]
        turned = base + (target - base) * rng.choice([-1.0, 1.0], count)[of]
        null[i] = _least(form, starts, x, y, turned, DELTA)[0][5]
    return Coupling(float(np.exp(found.theta[5])), np.exp(again), np.exp(null))


@asks(
    ("params", "tokens", "loss"),
    params=values(above=0, changing=True),
    tokens=values(above=0, changing=True),
    loss=values(above=0, changing=True),
)
def compare_rivals(
    params: ArrayLike, tokens: ArrayLike, loss: ArrayLike, *, floor: float, held_out: float = 0.2
) -> pd.DataFrame:
    """Fit every form to the cheaper runs and judge it on the dearest.

    Parameters
    ----------
    params, tokens, loss : array of shape (n,)
        As for `fit_rival`.
    floor : float
        The loss above which errors are counted, in nats; below the least loss.
    held_out : float
        Share of the runs, those with the most compute, that no form sees; between 0 and 0.5.

    Returns
    -------
    DataFrame
        form, constants, seen and unseen: the median error of runs that were and were not seen, in percent of their loss
        above the floor; greatest: the greatest of the unseen.
    """
    n, d = as_floats(params, "params", positive=True), as_floats(tokens, "tokens", positive=True)
    y = as_floats(loss, "loss", positive=True)
    if not 0 < held_out <= 0.5 or not 0 < floor < y.min():
        raise ValueError(f"given floor {floor:g}, share {held_out:g}; needed: a floor below the least loss, 0 to 0.5")
    dear = n * d > np.quantile(n * d, 1 - held_out)
    rows = []
    for name, form in RIVALS.items():
        fit = fit_rival(name, n[~dear], d[~dear], y[~dear])
        error = 100 * np.abs(fit.loss(n, d) - y) / (y - floor)
        rows.append(
            {
                "form": name,
                "words": form.words,
                "constants": len(fit.theta),
                "seen": float(np.median(error[~dear])),
                "unseen": float(np.median(error[dear])),
                "greatest": float(error[dear].max()),
            }
        )
    return pd.DataFrame(rows)
