"""Intervals and checks that the chapters share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import curve_fit
from scipy.stats import binomtest

from emergence.shared.fitting import as_floats, least_squares, newton, wilson


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


def test_newton_minimises_each_problem_by_itself():
    """A hundred Rosenbrock valleys, each with its own bottom and start, are all solved to 1e-8 in one call."""
    rng = np.random.default_rng(0)
    bottoms = rng.normal(0, 1, (100, 1))

    def evaluate(theta, which):
        a = bottoms[which, 0]
        x, y = theta.T
        gap = y - x**2
        value = (a - x) ** 2 + 100 * gap**2
        gradient = np.stack([-2 * (a - x) - 400 * x * gap, 200 * gap], axis=1)
        hessian = np.stack([np.stack([2 - 400 * gap + 800 * x**2, -400 * x], axis=1), np.stack([-400 * x, np.full_like(x, 200.0)], axis=1)], axis=1)  # fmt: skip
        return value, gradient, hessian

    theta, values = newton(evaluate, rng.normal(0, 1.5, (100, 2)))

    np.testing.assert_allclose(theta, np.concatenate([bottoms, bottoms**2], axis=1), atol=1e-8)
    assert (values < 1e-15).all()


def test_newton_stops_where_it_is_told_to():
    """On a fourth power each step takes 65/81 of the value: a share above that stops at the first, one below goes on."""

    def evaluate(theta, which):
        x = theta[:, 0]
        return x**4, (4 * x**3)[:, None], (12 * x**2)[:, None, None]

    start = np.array([[10.0]])
    _, stopped = newton(evaluate, start, stall=0.9)
    _, went_on = newton(evaluate, start, stall=0.5)

    assert stopped[0] == pytest.approx(1e4 * 16 / 81, rel=0.01)
    assert went_on[0] < 1e-9


def test_newton_rests_on_level_ground():
    """Where slope and curvature are nothing, the start is the end, without a division by nothing."""
    theta, values = newton(lambda theta, which: (np.ones(len(theta)), 0 * theta, np.zeros((len(theta), 2, 2))), np.ones((3, 2)))  # fmt: skip

    assert (theta == 1).all()
    assert (values == 1).all()


def test_newton_never_climbs():
    """From the top of a ridge, where the Hessian curves downwards, the value falls to a minimum."""

    def evaluate(theta, which):
        x = theta[:, 0]
        return x**4 / 4 - x**2 / 2, (x**3 - x)[:, None], (3 * x**2 - 1)[:, None, None]

    theta, values = newton(evaluate, np.array([[0.01], [-0.2], [2.0]]))

    np.testing.assert_allclose(np.abs(theta[:, 0]), 1, atol=1e-9)
    np.testing.assert_allclose(values, -0.25, atol=1e-12)


def test_least_squares_agrees_with_scipy():
    """From many starts, a decaying exponential has the least squares that SciPy's curve_fit finds."""
    x = np.linspace(0, 4, 30)
    y = 2 * np.exp(-0.7 * x) + 0.05 * np.random.default_rng(0).standard_normal(30)

    def curve(theta):
        fall = np.exp(-theta[:, 1:2] * x)
        return theta[:, 0:1] * fall, np.stack([fall, -theta[:, 0:1] * x * fall], axis=2)

    found, total = least_squares(curve, y, np.array([[1.0, 0.1], [3.0, 3.0], [1e300, -1e3]]))
    expected, _ = curve_fit(lambda x, a, b: a * np.exp(-b * x), x, y, p0=[2, 0.7])

    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert total == pytest.approx(((y - expected[0] * np.exp(-expected[1] * x)) ** 2).sum() / 2, rel=1e-8)
    with pytest.raises(ValueError, match="finite at no start"):
        least_squares(curve, y, np.array([[np.nan, 1.0]]))
