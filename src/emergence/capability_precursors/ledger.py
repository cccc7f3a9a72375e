"""How the forecasts of the ledger were made: a growing series, the rate of events, and shares of few cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from emergence.shared.checks import asks, number, option, values
from review_utils.records.register import Register
from review_utils.records.status import as_of, status_of_all

if TYPE_CHECKING:
    from emergence.shared.fitting import Floats


def _days(given: Sequence[dt.date], name: str) -> list[dt.date]:
    """Return days as days; a time, such as a Timestamp of a table, counts as the day that it is on."""
    for day in given:
        if not isinstance(day, dt.date) or day != day:  # NaT is a date that is not itself
            raise ValueError(f"{name}: given {day!r}; needed: dates, such as datetime.date(2026, 1, 1)")
    return [day.date() if isinstance(day, dt.datetime) else day for day in given]


def growing(dates: Sequence[dt.date], values: Sequence[float], targets: Sequence[dt.date]) -> Floats:
    """Forecast a growing series at later days by the tournament's ensemble.

    Time takes the place of the logarithm of scale, and one over the value that of a loss, so that a straight line is
    steady exponential growth. The series never falls, so that no quantile is below its last value.

    Parameters
    ----------
    dates : sequence of date
        At least 4 different ones, rising; what has an hour, as a column of a table does, counts as its day.
    values : sequence of float
        Positive, and none below the one before it.
    targets : sequence of date
        After the last of `dates`.

    Returns
    -------
    array of shape (targets, levels)
        Quantiles at `tournament.LEVELS`.
    """
    from emergence.capability_precursors.tournament import ENSEMBLE, forecasts
    from emergence.shared.fitting import (
        as_floats,  # loads SciPy, for which no build and no check of the records should wait
    )

    if not len(dates) == len(values) >= 4 or not len(targets):
        raise ValueError(
            f"given {len(dates)} days, {len(values)} values and {len(targets)} targets; needed: a value a day, 4 at least, and a target"
        )
    dates, targets = _days(dates, "dates"), _days(targets, "targets")
    start = dates[0]
    years = np.array([(day - start).days / 365.25 for day in dates])
    ahead = np.array([(day - start).days / 365.25 for day in targets])
    if len(years) < 4 or (np.diff(years) <= 0).any() or ahead.min() <= years[-1]:
        raise ValueError(
            f"given days from {start} to {dates[-1]}; needed: rising days, and targets after the last of them"
        )
    positive = as_floats(values, "values", positive=True)
    if (falls := np.diff(positive) < 0).any():
        first = int(falls.argmax())
        raise ValueError(f"given {positive[first + 1]:g} on {dates[first + 1]}, after {positive[first]:g}; needed: a series that never falls, as the largest so far")  # fmt: skip
    names = ["last value", "linear in log scale", "Gaussian process", "M1"]
    found = forecasts(np.exp(years), 1 / positive, np.exp(ahead), names)[ENSEMBLE]
    if found is None:
        raise ValueError("every forecaster failed on this series")
    return np.maximum(1 / found[:, ::-1], values[-1])


@asks(status=option("hint", "evidence", "codified"))
def chance_of_event(register: Register, made_on: dt.date, until: dt.date, status: str) -> float:
    """Return the chance that a shape not there yet reaches a status, from how often shapes did in the two years before.

    Events are taken as a Poisson process with one rate for all shapes that have an example; half an event is added, so
    that none seen is not never.
    """
    from emergence.records.timeline import history  # loads SciPy too

    since = made_on - dt.timedelta(days=730)
    known = as_of(register, made_on, "recorded")
    events = [e for e in history(known) if since < e.date <= made_on and e.after == status]
    there = [s for s in status_of_all(known) if s.count and status not in (s.level, s.verdict)]
    exposure = 2.0 * (len(there) + len(events) / 2)
    years = (until - made_on).days / 365.25
    return float(-np.expm1(-(len(events) + 0.5) / exposure * years))


@asks(quantiles=values(above=0), mark=number(above=0))
def chance_above(quantiles: Floats, mark: float) -> float:
    """Return the chance that a growing series exceeds a mark, from one row of what `growing` returns.

    Between two levels the chance is taken to change evenly in the logarithm of the value; beyond the outermost ones it
    is that of the outermost.

    Parameters
    ----------
    quantiles : array of shape (levels,)
        Positive, rising; at `tournament.LEVELS`.
    mark : float
        Positive.
    """
    from emergence.capability_precursors.tournament import LEVELS

    if len(quantiles) != len(LEVELS) or mark <= 0 or (np.diff(quantiles) < 0).any() or quantiles[0] <= 0:
        raise ValueError(
            f"given {len(quantiles)} quantiles; needed: {len(LEVELS)} that are positive and rise, and a positive mark"
        )
    return float(1 - np.interp(np.log(mark), np.log(quantiles), LEVELS))


def chance_of_first(since: dt.date, made_on: dt.date, until: dt.date) -> float:
    """Return the chance of a first event by a day, none having been seen since another.

    Half an event is counted over the time without one, as in `chance_of_event`, so that none seen is not never.

    Examples
    --------
    >>> round(chance_of_first(dt.date(2025, 1, 1), dt.date(2026, 1, 1), dt.date(2027, 1, 1)), 3)
    0.393
    """
    if not since < made_on < until:
        raise ValueError(f"given {since}, {made_on}, {until}; needed: days that rise")
    return float(-np.expm1(-0.5 * (until - made_on).days / (made_on - since).days))


@asks(hits=number(low=0, whole=True), cases=number(low=0, whole=True))
def chance_next(hits: int, cases: int) -> float:
    """Return the chance that the next of a kind is a hit, by the rule of succession: (hits + 1) / (cases + 2).

    Examples
    --------
    >>> chance_next(2, 2)
    0.75
    """
    if not 0 <= hits <= cases:
        raise ValueError(f"given {hits} of {cases}; needed: from none to all")
    return (hits + 1) / (cases + 2)
