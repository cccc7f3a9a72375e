"""The growth of time horizons: the line through models by release date, and how resampling models moves it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from emergence.shared.checks import asks, frame, number
from emergence.shared.fitting import Floats

_MODELS = frame("released", "minutes", days=["released"])


def days_of(released: pd.Series) -> Floats:
    """Return days since the beginning of 2019.

    Examples
    --------
    >>> days_of(pd.Series(["2019-01-02", "2020-01-01"]))
    array([  1., 365.])
    """
    return np.asarray((pd.to_datetime(released) - pd.Timestamp("2019-01-01")).dt.days, dtype=float)


@asks(models=_MODELS)
def line_of(models: pd.DataFrame) -> Floats:
    """Return slope a day and intercept of the least squares of the binary logarithm of the horizon on the date."""
    return np.asarray(np.polyfit(days_of(models.released), np.log2(models.minutes.to_numpy(dtype=float)), 1))


@asks(models=_MODELS)
def doubling(models: pd.DataFrame) -> float:
    """Return the days in which the horizon doubles along `line_of`."""
    return float(1 / line_of(models)[0])


@asks(models=_MODELS, draws=number(low=1, whole=True), seed=number(low=0, whole=True))
def resampled_lines(models: pd.DataFrame, draws: int = 4000, seed: int = 0) -> Floats:
    """Return the lines through models drawn with replacement, of more than two dates each, shape (draws, 2).

    Raises
    ------
    ValueError
        Where the models have fewer than three dates.
    """
    if models.released.nunique() < 3:
        raise ValueError(f"models: given {models.released.nunique()} dates; needed: at least three")
    rng = np.random.default_rng(seed)
    lines: list[Floats] = []
    while len(lines) < draws:
        drawn = models.iloc[rng.integers(0, len(models), len(models))]
        if drawn.released.nunique() > 2:
            lines.append(line_of(drawn))
    return np.array(lines)
