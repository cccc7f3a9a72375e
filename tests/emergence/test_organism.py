"""Runs of narrow lessons that turn broad: when each is learned, and what it shows by then."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from emergence.training_dynamics.organism import reached, read_at, resampled_mean

CURVES = pd.DataFrame([[0.0, 0.5, 1.0], [0.2, 0.2, 0.4], [0.9, 0.9, 1.0]], index=["a", "b", "c"], columns=[0, 10, 20])


def test_a_mark_is_reached_between_two_steps_at_the_start_or_never():
    """A mark is met on the straight line between two measurements; at once, or not at all, where the run says so."""
    steps = reached(CURVES, 0.75)

    assert steps[["a", "c"]].tolist() == [15.0, 0.0]
    assert np.isnan(steps["b"])


def test_each_run_is_read_at_its_own_step():
    """What a run shows is read at its own step, and nothing is read where there is none."""
    read = read_at(CURVES, pd.Series([15.0, np.nan, 5.0], index=["a", "b", "c"]))

    assert read[["a", "c"]].tolist() == [0.75, 0.9]
    assert np.isnan(read["b"])


def test_columns_that_are_no_rising_steps_are_refused():
    """A table whose columns are names or fall is no set of runs over steps."""
    for columns in (["a", "b", "c"], [0, 20, 10]):
        with pytest.raises(ValueError, match="the columns of curves"):
            reached(CURVES.set_axis(columns, axis=1), 0.75)
        with pytest.raises(ValueError, match="the columns of curves"):
            read_at(CURVES.set_axis(columns, axis=1), pd.Series([15.0] * 3, index=CURVES.index))


def test_steps_of_other_runs_are_refused():
    """Steps in another order of runs are refused, not read by place."""
    with pytest.raises(ValueError, match="one step for each row"):
        read_at(CURVES, pd.Series([1.0, 2.0, 3.0], index=["c", "b", "a"]))


@pytest.mark.parametrize("step", [25.0, -5.0])
def test_a_step_at_which_no_run_was_measured_is_refused(step):
    """What a run shows before its first and after its last step is not known."""
    with pytest.raises(ValueError, match=f"run b: given step {step:g}; needed: one from 0 to 20"):
        read_at(CURVES, pd.Series([15.0, step, 5.0], index=["a", "b", "c"]))


def test_the_mean_over_runs_has_an_interval_and_needs_two():
    """The mean leaves the missing out and lies in its interval; one run has none."""
    mean, low, high = resampled_mean(pd.Series([1.0, np.nan, 2.0, 3.0]))

    assert mean == 2.0
    assert low < mean < high
    with pytest.raises(ValueError, match="at least 2"):
        resampled_mean(pd.Series([1.0, np.nan]))
