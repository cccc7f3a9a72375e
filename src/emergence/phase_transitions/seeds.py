"""Runs that differ in their seed alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from emergence.shared.fitting import Floats, Interval, as_floats, wilson


@dataclass(frozen=True)
class SeedMixture:
    """How many seeds failed, landed between, and succeeded."""

    n: int
    failed: Interval
    between: Interval
    succeeded: Interval
    mean: float


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
    failed = int((values < chance + 0.1 * (success - chance)).sum())
    succeeded = int((values >= success).sum())
    counts = (failed, len(values) - failed - succeeded, succeeded)
    low, middle, high = (wilson(count, len(values)) for count in counts)
    return SeedMixture(len(values), low, middle, high, float(values.mean()))


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
    table = np.asarray(scores, dtype=float)
    if table.ndim != 2 or not np.isfinite(table).all():
        raise ValueError(f"scores: given an array of shape {table.shape}; needed: finite values, scales by seeds")
    picks = np.random.default_rng(seed).integers(0, table.shape[1], (draws, table.shape[0]))
    return table[np.arange(table.shape[0]), picks]
