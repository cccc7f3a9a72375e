"""Runs that differ in their seed alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from emergence.shared.checks import asks, floats, number, values
from emergence.shared.crossings import first_crossing
from emergence.shared.fitting import Floats, Interval, as_floats, wilson


@dataclass(frozen=True)
class SeedMixture:
    """How many seeds failed, landed between, and succeeded."""

    n: int
    failed: Interval
    between: Interval
    succeeded: Interval
    mean: float


@asks(chance=number(), success=number())
def seed_mixture(scores: ArrayLike, chance: float, success: float) -> SeedMixture:
    """Return the shares of seeds near chance, in between, and successful, with 95 percent Wilson intervals.

    Parameters
    ----------
    scores : array of shape (n,)
        Final score of each seed, at least 2.
    chance : float
        Score of one who knows nothing. A seed failed when it got less than a tenth of the way to `success`.
    success : float
        Score from which a seed has learned the task; above `chance`.

    Examples
    --------
    >>> mixture = seed_mixture([0.5, 0.51, 1.0, 1.0], chance=0.5, success=0.99)
    >>> mixture.failed.estimate, mixture.between.estimate, mixture.succeeded.estimate
    (0.5, 0.0, 0.5)
    """
    values = as_floats(scores, "scores")
    if len(values) < 2 or not chance < success:
        raise ValueError(
            f"given {len(values)} seeds, chance {chance:g} and success {success:g}; needed: two seeds, and success above chance"
        )
    if chance >= 0 and success <= 1 < values.max():
        raise ValueError(
            f"scores: given {values.max():g} beside a success of {success:g}; needed: scores in its unit, shares up to 1"
        )
    failed = int((values < chance + 0.1 * (success - chance)).sum())
    succeeded = int((values >= success).sum())
    counts = (failed, len(values) - failed - succeeded, succeeded)
    low, middle, high = (wilson(count, len(values)) for count in counts)
    return SeedMixture(len(values), low, middle, high, float(values.mean()))


@asks(scores=values(axes=2), draws=number(low=1, whole=True))
def single_seed_ladders(scores: ArrayLike, draws: int = 2000, seed: int = 0) -> Floats:
    """Return curves over scale that each take one random seed at every scale.

    Parameters
    ----------
    scores : array of shape (scales, seeds)
    draws : int

    Returns
    -------
    array of shape (draws, scales)
    """
    table = floats(scores)
    if table.ndim != 2 or not np.isfinite(table).all():
        raise ValueError(f"scores: given an array of shape {table.shape}; needed: finite values, scales by seeds")
    picks = np.random.default_rng(seed).integers(0, table.shape[1], (draws, table.shape[0]))
    return table[np.arange(table.shape[0]), picks]


@asks(scores=values(axes=2), level=number())
def time_to_learn(steps: ArrayLike, scores: ArrayLike, level: float) -> Floats:
    """Return the step at which each run first reaches a level, interpolated; NaN for one that never does.

    Parameters
    ----------
    steps : array of shape (n,)
        Rising.
    scores : array of shape (runs, n)
        Rising on the whole; of a loss the negative rises. A run that falls towards the level is refused.
    level : float

    Examples
    --------
    >>> time_to_learn([0, 100, 200], [[0.5, 0.5, 1.0], [0.5, 0.6, 0.7]], 0.75)
    array([150.,  nan])
    """
    x, y = as_floats(steps, "steps"), floats(scores)
    if y.ndim != 2 or y.shape[1] != len(x) or not np.isfinite(y).all() or len(x) < 2 or (np.diff(x) <= 0).any():
        raise ValueError(
            f"given {len(x)} steps and scores of shape {y.shape}; needed: rising steps, two at least, and finite runs by steps"
        )
    return np.array([first_crossing(x, run, level) for run in y])


@dataclass(frozen=True)
class Waiting:
    """The time to learn as a power of size times the luck of the seed: ln T = start - gamma ln N + sigma e.

    Parameters
    ----------
    start : float
        ln T at size 1 (T in steps).
    gamma : float
        How much faster larger models are, an exponent.
    sigma : float
        Standard deviation of ln T over seeds.
    """

    start: float
    gamma: float
    sigma: float

    def success(self, sizes: ArrayLike, budget: float) -> Floats:
        """Return the chance that a run of each size has learned within `budget` steps."""
        logs = np.log(as_floats(sizes, "sizes", positive=True))
        return np.asarray(special.ndtr((np.log(budget) - self.start + self.gamma * logs) / self.sigma))

    @property
    def width(self) -> float:
        """Factor in size over which success climbs from one in ten to nine in ten."""
        return float(np.exp(2 * special.ndtri(0.9) * self.sigma / self.gamma)) if self.gamma > 0 else float("inf")


@asks()
def fit_waiting(sizes: ArrayLike, times: ArrayLike, budget: float) -> Waiting:
    """Fit waiting alone to what is known after `budget` steps: times before it, and who has not learned yet.

    Parameters
    ----------
    sizes : array of shape (runs,)
        Positive.
    times : array of shape (runs,)
        Steps, above 0; NaN for a run that never learned. Those after the budget are not looked at.
    budget : float
        Steps.

    Returns
    -------
    Waiting
        The most likely one, with runs that have not learned censored at the budget.

    Raises
    ------
    ValueError
        When fewer than three runs of two sizes have learned by then.
    """
    logs, waits = np.log(as_floats(sizes, "sizes", positive=True)), floats(times)
    if waits.shape != logs.shape or (waits <= 0).any() or not budget > 0:
        raise ValueError(
            f"given {len(logs)} sizes, times of shape {waits.shape}; needed: as many, above 0, and a budget"
        )
    seen = np.isfinite(waits) & (waits <= budget)
    if seen.sum() < 3 or len(np.unique(logs[seen])) < 2:
        raise ValueError(f"given {int(seen.sum())} runs that learned in time; needed: three at least, of two sizes")
    known = np.log(waits[seen])

    def minus_log_likelihood(theta: Floats) -> float:
        start, gamma, spread = theta[0], theta[1], np.exp(theta[2])
        z = (known - start + gamma * logs[seen]) / spread
        late = (np.log(budget) - start + gamma * logs[~seen]) / spread
        return float(0.5 * (z**2).sum() + len(z) * theta[2] - special.log_ndtr(-late).sum())

    slope, start = np.polyfit(logs[seen], known, 1)
    found = optimize.minimize(minus_log_likelihood, [start, -slope, np.log(known.std() + 1e-3)], method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-6, "fatol": 1e-8})  # fmt: skip
    return Waiting(float(found.x[0]), float(found.x[1]), float(np.exp(found.x[2])))
