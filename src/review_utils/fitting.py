"""Fits and intervals that the chapters share.

Ground floor: arrays in, frozen results out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]


def as_floats(
    values: ArrayLike, name: str, *, positive: bool = False, low: float = -np.inf, high: float = np.inf
) -> Floats:
    """Return `values` as a one-dimensional float array, or say which rows are wrong.

    Raises
    ------
    ValueError
        Naming the rows (counted from 0) that are missing, not finite or out of range.
    """
    array = np.asarray(values, dtype=float)
    if array.ndim != 1:
        raise ValueError(f"{name}: given an array of shape {array.shape}; needed: one dimension")
    bad = ~np.isfinite(array) | (array < low) | (array > high) | ((array <= 0) if positive else False)
    if bad.any():
        need = "finite" + (" and above 0" if positive else "")
        need += f" and between {low:g} and {high:g}" if np.isfinite([low, high]).any() else ""
        rows = ", ".join(f"row {i} is {array[i]:g}" for i in np.flatnonzero(bad)[:5])
        raise ValueError(f"{name}: {rows}; needed: values that are {need}")
    return array


@dataclass(frozen=True)
class Interval:
    """An estimate with the ends of its interval."""

    estimate: float
    low: float
    high: float


def wilson(successes: float, n: int, level: float = 0.95) -> Interval:
    """Return the Wilson score interval of a proportion.

    Parameters
    ----------
    successes : float
        Between 0 and `n`; need not be whole when read from a rounded percentage.
    n : int
        Trials, at least 1.
    level : float
        Coverage, between 0 and 1.

    References
    ----------
    Wilson 1927, doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> interval = wilson(10, 100)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.0552, 0.1744)
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(
            f"given {successes} of {n}; needed: at least one trial, and successes between 0 and their number"
        )
    if not 0 < level < 1:
        raise ValueError(f"given level {level}; needed: between 0 and 1")
    z = special.ndtri(0.5 + level / 2)
    p = successes / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    low = 0.0 if successes == 0 else max(centre - half, 0.0)
    high = 1.0 if successes == n else min(centre + half, 1.0)
    return Interval(p, float(low), float(high))
