"""Shares with their intervals, and the size of what two looks saw a part of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Share:
    """A part of a whole, with its interval of 95 percent by Wilson's formula."""

    found: int
    of: int

    def __post_init__(self) -> None:
        if not _counts(self.found, self.of) or not 0 <= self.found <= self.of:
            raise ValueError(f"given {self.found} of {self.of}; needed: 0 to all, in whole numbers")

    @cached_property
    def interval(self) -> tuple[float, float]:
        """The ends of the interval, shares from 0 to 1."""
        return wilson(self.found, self.of)


@dataclass(frozen=True)
class Population:
    """How many works there are, by Chapman's estimator, with an interval of 95 percent."""

    first: int
    second: int
    both: int

    @property
    def seen(self) -> int:
        """Works that either look met."""
        return self.first + self.second - self.both

    @cached_property
    def estimate(self) -> float:
        """The estimated number of works."""
        return chapman(self.first, self.second, self.both)[0]

    @cached_property
    def interval(self) -> tuple[float, float]:
        """The ends of the interval; never below what was seen."""
        return chapman(self.first, self.second, self.both)[1]


def _counts(*given: object) -> bool:
    return all(isinstance(count, int) and not isinstance(count, bool) for count in given)


Z = 1.959964
"""Standard deviations of a normal distribution between its middle and an end of 95 percent."""


def wilson(found: int, of: int, z: float = Z) -> tuple[float, float]:
    """Return Wilson's score interval of a share.

    Raises
    ------
    ValueError
        If more was found than there is, or there is nothing.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(10, 20)]
    [0.299, 0.701]
    """
    if not _counts(found, of) or not 0 <= found <= of or of == 0:
        raise ValueError(f"given {found} of {of}; needed: 0 to all of at least one, in whole numbers")
    p, n = found / of, of
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (0.0 if found == 0 else middle - half), (1.0 if found == of else middle + half)


def not_whole(percent: float, n: int) -> bool:
    """Return whether no whole number of n things is a percentage, within its last digit.

    Examples
    --------
    >>> not_whole(0.75, 40), not_whole(0.8, 40), not_whole(0.9, 2000), not_whole(33.3, 3)
    (True, True, False, False)
    """
    digits = repr(float(percent)).removesuffix(".0").partition(".")[2]
    half = 0.5 * 10 ** -len(digits) if "e" not in digits else 0.0
    low, high = ((percent + end) * n / 100 for end in (-half, half))
    return math.floor(high + 1e-9) < math.ceil(low - 1e-9)


def of_its_interval(error: float, low: float, high: float) -> bool:
    """Return whether a standard error and an interval can be of one number: half of it is one to four errors, or near that.

    Examples
    --------
    >>> of_its_interval(0.02, 0.96, 1.04), of_its_interval(0.2, 0.96, 1.04), of_its_interval(0.002, 0.96, 1.04)
    (True, False, False)
    """
    return 0.5 <= (high - low) / 2 / error <= 8


def chapman(first: int, second: int, both: int) -> tuple[float, tuple[float, float]]:
    """Return Chapman's estimate of the size of a population from two looks, and an interval.

    The interval is Chao's, log-normal in the number that neither look met, so that it never falls below what was seen.

    Raises
    ------
    ValueError
        If more was met by both looks than by one.

    Notes
    -----
    Chapman 1951; the variance is that of Seber 1970, the interval that of Chao 1987 (Biometrics 43, 783).

    Examples
    --------
    >>> round(chapman(10, 15, 5)[0], 2)
    28.33
    """
    if not _counts(first, second, both) or not 0 <= both <= min(first, second):
        need = "whole numbers, no more in both than in either"
        raise ValueError(f"given {first}, {second} and {both} in both; needed: {need}")
    size = (first + 1) * (second + 1) / (both + 1) - 1
    seen = first + second - both
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    unseen = size - seen
    if unseen <= 0 or variance <= 0:
        return size, (float(seen), max(size, float(seen)))
    spread = math.exp(Z * math.sqrt(math.log(1 + variance / unseen**2)))
    return size, (seen + unseen / spread, seen + unseen * spread)
