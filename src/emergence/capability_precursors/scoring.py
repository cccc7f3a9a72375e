"""One proper rule for what was said before it came: the continuous ranked probability score, CRPS.

Of a yes or no it is Brier's score. Of a positive number given as quantiles it is twice the mean quantile loss, of one
given as a point the absolute error, both in doublings: the binary logarithm of the value. Zero is best everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from emergence.shared.checks import asks, number
from emergence.shared.fitting import as_floats

if TYPE_CHECKING:
    from emergence.records.published_forecasts import PublishedForecast

ScoreRule = Literal["Brier", "CRPS in doublings", "absolute error in doublings"]

UNITS: tuple[Mapping[str, float], ...] = (
    {"minutes": 1.0, "hours": 60.0},
    {"days": 1.0, "months": 365.25 / 12, "years": 365.25},
)
"""Units that are turned into one another, by kind: lengths of tasks are working time, the others calendar time."""

_ABOVE = ("at-least", "more-than")
_BELOW = ("at-most", "less-than")


@dataclass(frozen=True)
class Score:
    """How far a forecast was from what came.

    Parameters
    ----------
    value : float
        At least 0; 0 is best.
    rule : str
        Which form of the rule gave it.
    at_least : bool
        Whether it is a bound: the outcome is one, so that the true score is this or higher.
    """

    value: float
    rule: ScoreRule
    at_least: bool = False


def brier(probability: float, happened: bool) -> float:
    """Return the squared distance of a probability, 0 to 1, from what happened.

    It is the CRPS of a forecast of a number that is 0 or 1.

    Raises
    ------
    ValueError
        For a probability outside 0 to 1.

    Examples
    --------
    >>> brier(0.25, True)
    0.5625
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"given the probability {probability:g}; needed: between 0 and 1")
    if happened not in (0, 1):
        raise ValueError(f"given the outcome {happened!r}; needed: true or false")
    return (probability - happened) ** 2


def crps_of_quantiles(quantiles: Mapping[float, float], outcome: float) -> float:
    """Return the CRPS of quantiles in doublings, by twice the mean of their quantile losses.

    With few quantiles it is a coarse form of the integral, and proper for the quantiles that were given.

    Parameters
    ----------
    quantiles : mapping
        From levels between 0 and 1 to positive values, both rising; at least two.
    outcome : float
        Positive, in the same unit.

    Raises
    ------
    ValueError
        For levels or values that do not rise, or numbers that are not positive.
    """
    levels = as_floats(list(quantiles), "levels", positive=True)
    values = as_floats(list(quantiles.values()), "quantiles", positive=True)
    if len(levels) < 2 or levels[-1] >= 1 or (np.diff(levels) <= 0).any() or (np.diff(values) < 0).any():
        raise ValueError(f"given {dict(quantiles)}; needed: at least two quantiles, levels below 1 and values rising")
    off = np.log2(float(as_floats([outcome], "outcome", positive=True)[0])) - np.log2(values)
    return float(2 * np.mean(np.maximum(levels * off, (levels - 1) * off)))


@asks(said=number(above=0), came=number(above=0))
def doublings_off(said: float, came: float) -> float:
    """Return how many doublings lie between what was said and what came; above 0 where more came.

    Raises
    ------
    ValueError
        For numbers that are not positive.

    Examples
    --------
    >>> doublings_off(8, 32), doublings_off(8, 4)
    (2.0, -1.0)
    """
    if not (said > 0 and came > 0):
        raise ValueError(f"given {said:g} and {came:g}; needed: positive numbers")
    return float(np.log2(came / said))


@asks(value=number())
def converted(value: float, unit: str | None, to: str | None) -> float:
    """Return a value in another unit of time, or as it is where the units are the same.

    Raises
    ------
    ValueError
        For units of different kinds.

    Examples
    --------
    >>> converted(8, "hours", "minutes")
    480.0
    """
    if unit == to or unit is None:
        return value
    for units in UNITS:
        if to is not None and unit in units and to in units:
            return value * units[unit] / units[to]
    raise ValueError(f"given {unit} for {to}; needed: the same unit, or both of {' or '.join(map(str, map(list, UNITS)))}")  # fmt: skip


def outcome_of(item: PublishedForecast) -> float | None:
    """Return the outcome as a number in the unit of the forecast; None while it is open or told in words.

    Raises
    ------
    ValueError
        For an outcome in a unit of another kind.
    """
    if item.outcome is None or item.outcome.value is None:
        return None
    return converted(item.outcome.value, item.outcome.unit, item.unit)


def _decided(item: PublishedForecast, off: float) -> bool:
    """Whether an outcome lies on a known side of what was said: a bound does where it lies beyond it."""
    assert item.outcome is not None
    qualifier = item.outcome.qualifier
    return not (qualifier in _ABOVE and off <= 0) and not (qualifier in _BELOW and off >= 0)


def sooner(item: PublishedForecast) -> float | None:
    """Return by how many doublings the ability came sooner (above 0) or later (below 0) than was said.

    None where no number was said or none came, and where what came is a bound that leaves open on which side it lies.
    Of a bound that does not, it is the distance to the bound: as much at least.
    """
    came = outcome_of(item)
    if not item.scorable or came is None or item.middle is None:
        return None
    off = doublings_off(item.middle, came)
    return None if not _decided(item, off) else off if item.more_is_sooner else -off


def score(item: PublishedForecast) -> Score | None:
    """Return the score of a published forecast, or None while it is open and for what is no forecast.

    An outcome that is a bound gives a bound: the error on the side of the bound is at least the distance to it.
    Where the forecast lies beyond the bound nothing is known, and there is no score; quantiles then have none either.
    """
    came = outcome_of(item)
    if not item.scorable or came is None:
        return None
    assert item.outcome is not None
    qualifier = item.outcome.qualifier
    if item.probability is not None:
        return Score(brier(item.probability, came == 1), "Brier")
    if item.quantiles is not None:
        if qualifier in (*_ABOVE, *_BELOW):
            return None
        return Score(
            crps_of_quantiles({float(k): v for k, v in item.quantiles.items()}, came), "CRPS in doublings"
        )  # fmt: skip
    assert item.point is not None
    off = doublings_off(item.point.value, came)
    if not _decided(item, off):
        return None
    return Score(abs(off), "absolute error in doublings", at_least=qualifier in (*_ABOVE, *_BELOW))
