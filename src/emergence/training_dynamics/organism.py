"""Narrow lessons that turn broad: when a lesson is learned, and what else has changed by then."""

from __future__ import annotations

import numpy as np
import pandas as pd

from emergence.shared.checks import values
from emergence.shared.crossings import first_crossing


def reached(curves: pd.DataFrame, mark: float) -> pd.Series:
    """Return the step at which each run first reaches a mark, by straight lines between what was measured.

    Parameters
    ----------
    curves : DataFrame
        One row a run, one column a step, steps rising; rising on the whole.
    mark : float

    Returns
    -------
    Series
        Steps by run; NaN where the mark is never reached, and the first step where it is there from the start.

    Examples
    --------
    >>> reached(pd.DataFrame([[0.0, 0.5, 1.0]], columns=[0, 10, 20]), 0.75).tolist()
    [15.0]

    Raises
    ------
    ValueError
        When the columns are no steps that rise.
    """
    values(low=0, rising=True)("the columns of curves", curves.columns)
    steps = curves.columns.to_numpy(float)
    crossed = [first_crossing(steps, row, mark) for row in curves.to_numpy(float)]
    return pd.Series(crossed, curves.index, dtype=float)


def read_at(curves: pd.DataFrame, steps: pd.Series) -> pd.Series:
    """Return what each run shows at a step of its own, by straight lines; NaN where its step is NaN.

    Raises
    ------
    ValueError
        When the runs are not the same, the columns are no steps that rise, or a step lies outside them.
    """
    values(low=0, rising=True)("the columns of curves", curves.columns)
    if not curves.index.equals(steps.index):
        raise ValueError("given steps of other runs; needed: one step for each row of the curves")
    at = curves.columns.to_numpy(float)
    if len(outside := steps[(steps < at[0]) | (steps > at[-1])]):
        run, step = outside.index[0], outside.iloc[0]
        raise ValueError(
            f"run {run}: given step {step:g}; needed: one from {at[0]:g} to {at[-1]:g}, where it was measured"
        )
    read = [
        np.nan if np.isnan(step) else np.interp(step, at, row)
        for step, row in zip(steps.to_numpy(float), curves.to_numpy(float), strict=True)
    ]
    return pd.Series(read, curves.index, dtype=float)


def resampled_mean(values: pd.Series) -> tuple[float, float, float]:
    """Return the mean over runs and its 95 percent interval over resampled runs, the missing left out.

    Raises
    ------
    ValueError
        Without two runs at least.
    """
    known = values.dropna().to_numpy(float)
    if len(known) < 2:
        raise ValueError(f"given {len(known)} runs; needed: at least 2")
    means = np.random.default_rng(0).choice(known, (2000, len(known))).mean(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(known.mean()), float(low), float(high)
