"""Intervals and checks that the chapters share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from review_utils.fitting import as_floats, wilson


@given(st.integers(1, 5000), st.floats(0, 1), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_wilson_agrees_with_scipy(n, share, level):
    """The interval is SciPy's own Wilson interval, to rounding."""
    k = round(share * n)
    ours, theirs = wilson(k, n, level), binomtest(k, n).proportion_ci(level, "wilson")

    assert ours.low == pytest.approx(theirs.low, abs=1e-12)
    assert ours.high == pytest.approx(theirs.high, abs=1e-12)


@given(st.integers(1, 500), st.floats(0, 1))
def test_wilson_holds_its_estimate_and_stays_a_proportion(n, share):
    """Any count, whole or not, gives an interval within 0 and 1 that holds the estimate."""
    interval = wilson(share * n, n)

    assert 0 <= interval.low <= interval.estimate + 1e-12
    assert interval.estimate <= interval.high + 1e-12 <= 1 + 1e-9


@pytest.mark.parametrize(
    ("k", "n", "level"), [(1, 0, 0.95), (3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0), (float("nan"), 2, 0.95)]
)
def test_wilson_refuses_what_is_no_proportion(k, n, level):
    """No trials, more successes than trials, and impossible levels are refused."""
    with pytest.raises(ValueError, match="needed"):
        wilson(k, n, level)


def test_bad_rows_are_named():
    """Missing, infinite, negative and nested values are refused with the rows named."""
    with pytest.raises(ValueError, match="row 1 is nan, row 2 is -1"):
        as_floats([1, np.nan, -1], "loss", positive=True)
    with pytest.raises(ValueError, match="one dimension"):
        as_floats([[1, 2]], "loss")
