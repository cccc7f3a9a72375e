"""What appears during training, and what training signal moves it."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from emergence.shared.checks import asks, number, values


def order_of_acquisition(times: pd.DataFrame) -> pd.DataFrame:
    """Return in what order abilities were acquired, and how much the runs agree on it.

    Parameters
    ----------
    times : DataFrame
        One row a run, one column an ability: the step at which it was acquired, NaN when it was not.

    Returns
    -------
    DataFrame
        One row an ability, in order: runs that acquired it, median step, earliest, latest, mean rank, and
        ``before_next``: the share of pairs of runs' orders in which it came before the next ability of the list.
    """
    if times.shape[0] < 1 or times.shape[1] < 2:
        raise ValueError(f"given {times.shape[0]} runs and {times.shape[1]} abilities; needed: one run, two abilities")
    values(axes=2, low=0, gaps=True)("times", times)
    if not np.isfinite(times.to_numpy(dtype=float)).any():
        raise ValueError("given no ability that a run acquired; needed: at least one step")
    never = times.to_numpy(dtype=float)[np.isfinite(times.to_numpy(dtype=float))].max() + 1
    filled = times.astype(float).fillna(never)
    order = list(filled.median().sort_values(kind="stable").index)
    before = [float((filled[a] < filled[b]).mean()) for a, b in itertools.pairwise(order)] + [np.nan]
    out = pd.DataFrame(
        {
            "ability": order,
            "acquired": times[order].notna().sum().to_numpy(),
            "median": times[order].median().to_numpy(),
            "earliest": times[order].min().to_numpy(),
            "latest": times[order].max().to_numpy(),
            "mean_rank": filled[order].rank(axis=1).mean().to_numpy(),
            "before_next": before,
        }
    )
    return out


@asks(before=number(low=0), after=number(low=0), every=number(above=0))
def aligned(frame: pd.DataFrame, onset: pd.Series, before: float, after: float, every: float) -> pd.DataFrame:
    """Return curves on a common clock that is 0 at each run's onset.

    Parameters
    ----------
    frame : DataFrame
        One row a run, one column a step, in order.
    onset : Series
        Run to its step of onset.
    before, after, every : float
        The clock runs from `-before` to `after` in strides of `every`.

    Returns
    -------
    DataFrame
        One row a run, one column a time; missing where the run has no measurement on both sides.
    """
    if before < 0 or after < 0 or every <= 0:
        raise ValueError(
            f"given {before:g} before, {after:g} after, every {every:g}; needed: 0 or more, and a stride above 0"
        )
    if frame.empty or onset.empty or not set(onset.dropna().index) <= set(frame.index):
        raise ValueError(
            f"given {len(frame)} runs and {len(onset)} onsets; needed: at least one of each, a run for each onset"
        )
    steps = np.asarray(frame.columns, dtype=float)
    if (np.diff(steps) <= 0).any():
        raise ValueError("given steps out of order; needed: each step once, in order")
    clock = np.arange(-before, after + every / 2, every)
    rows = {}
    for run, start in onset.dropna().items():
        values = frame.loc[run].to_numpy(dtype=float)
        known = np.isfinite(values)
        rows[run] = np.interp(start + clock, steps[known], values[known], left=np.nan, right=np.nan)
    return pd.DataFrame.from_dict(rows, orient="index", columns=clock)
