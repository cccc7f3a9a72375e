"""Quanta: tails as sums, exponents as slopes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergence.shared import quanta as et


@given(st.floats(0.1, 2), st.integers(1, 200), st.integers(0, 200))
def test_the_tail_of_quanta_is_the_sum_of_its_terms(alpha, total, learned):
    """With finitely many quanta the loss is the plain sum of the frequencies that are not learned."""
    learned = min(learned, total)
    frequencies = np.arange(1, total + 1) ** -(alpha + 1.0)

    assert float(et.zipf_quanta_loss(learned, alpha, total)) == pytest.approx(
        frequencies[learned:].sum() / frequencies.sum(), abs=1e-9
    )


@pytest.mark.parametrize("alpha", [0.2, 0.4, 0.8])
def test_the_exponents_of_quanta_are_slopes_of_the_tail(alpha):
    """Far out, the loss falls with the number learned to the power alpha, and with data to alpha / (alpha + 1)."""
    n = np.array([1e5, 1e6])
    slope = -np.diff(np.log(et.zipf_quanta_loss(n, alpha)))[0] / np.log(10)
    data = n ** (alpha + 1)  # data until the n-th quantum was used often enough
    data_slope = -np.diff(np.log(et.zipf_quanta_loss(n, alpha)))[0] / np.diff(np.log(data))[0]

    assert slope == pytest.approx(et.quanta_exponents(alpha)["parameters"], abs=1e-4)
    assert data_slope == pytest.approx(et.quanta_exponents(alpha)["data"], abs=1e-4)
    assert et.quanta_exponents(alpha)["steps"] == et.quanta_exponents(alpha)["data"]
    with pytest.raises(ValueError, match="alpha above 0"):
        et.zipf_quanta_loss(1, 0.0)
    with pytest.raises(ValueError, match="between 0 and all"):
        et.zipf_quanta_loss(11, 0.5, 10)
    with pytest.raises(ValueError, match="alpha above 0"):
        et.quanta_exponents(-2)
    with pytest.raises(ValueError, match="alpha above 0"):
        et.zipf_quanta_loss(1, np.nan)
    with pytest.raises(ValueError, match="at least 1"):
        et.zipf_quanta_loss(0, 0.5, 0)


@given(st.floats(0.1, 2), st.integers(1, 200), st.floats(1, 1e6), st.floats(0.5, 1e4))
def test_the_curve_in_data_is_the_sum_of_what_was_met_too_rarely(alpha, total, samples, needed):
    """A quantum counts as learned once it was met as often as is needed, on average."""
    often = np.arange(1, total + 1) ** -(alpha + 1.0)
    often /= often.sum()
    rare = samples * often < needed * (1 - 1e-12)
    close = np.isclose(samples * often, needed, rtol=1e-9).any()

    (left,) = et.quanta_data_curve([samples], alpha, total=total, needed=needed)
    assert close or left == pytest.approx(often[rare].sum(), abs=1e-9)


def test_the_power_in_data_is_that_of_the_theory_only_with_endless_quanta():
    """Over the same samples a million quanta give nearly the exponent of the formula, and five hundred give more."""
    samples = np.geomspace(3e4, 1e6, 40)
    found = {
        total: -np.polyfit(np.log(samples), np.log(et.quanta_data_curve(samples, 0.2, total=total, needed=1e3)), 1)[0]
        for total in (500, 1_000_000)
    }
    formula = et.quanta_exponents(0.2)["data"]

    assert found[1_000_000] == pytest.approx(formula, abs=0.05)
    assert found[500] > formula + 0.2
