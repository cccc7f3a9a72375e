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
