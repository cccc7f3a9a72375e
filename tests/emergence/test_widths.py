"""Exponents in width: planted ones come back, and what cannot be fitted is refused."""

from __future__ import annotations

import numpy as np
import pytest

from emergence.shared import widths as ws

WIDTHS = np.array([2, 3, 4, 6, 8, 12, 16, 24.0])


def test_growth_is_the_planted_power():
    """Parameters that grow as the power 2.5 of the width give 2.5 (1e-9)."""
    assert ws.growth_with_width(WIDTHS, 7 * WIDTHS**2.5) == pytest.approx(2.5, abs=1e-9)


def test_the_implied_exponent_is_the_product_and_carries_both_errors():
    """Without scatter the interval is that of the exponent times the growth (3 percent); with none at all it is a point."""
    growth, implied = ws.width_exponent(WIDTHS, WIDTHS**2.5, 0.35, 0.02, draws=20_000)
    assert (growth.low, growth.high) == pytest.approx((2.5, 2.5))
    assert implied.estimate == pytest.approx(0.875)
    assert (implied.high - implied.low) / 2 == pytest.approx(1.96 * 0.02 * 2.5, rel=0.03)

    scattered = WIDTHS**2.5 * np.exp(np.random.default_rng(0).normal(0, 0.2, len(WIDTHS)))
    growth, implied = ws.width_exponent(scattered, scattered, 1.0, 0.0)
    assert growth.estimate == pytest.approx(1)
    growth, implied = ws.width_exponent(WIDTHS, scattered, 1.0, 0.0)
    assert growth.low < growth.estimate < growth.high
    assert (implied.low, implied.high) == pytest.approx((growth.low, growth.high))


@pytest.mark.parametrize(("p", "q"), [(1.0, 0.5), (1.25, 0.72), (0.3, 0.3)])
def test_both_planted_terms_come_back(p, q):
    """Exponents and coefficients of a planted sum of two powers are found (1e-5), also far from the units of one."""
    w, d = (v.ravel() for v in np.meshgrid(WIDTHS, np.geomspace(1e5, 1e7, 7)))
    planted = ws.WidthAndData(p, q, 3.0, 200.0, 0.0)
    found = ws.fit_width_and_data(w, d, planted.above(w, d))

    assert (found.width_power, found.data_power) == pytest.approx((p, q), rel=1e-5)
    assert (found.a, found.b) == pytest.approx((3, 200), rel=1e-4)
    assert found.residual < 1e-6


def test_one_amount_of_data_would_mislead():
    """At a fixed amount of data the slope in width is below the planted one: why both terms are fitted."""
    planted = ws.WidthAndData(1.0, 0.5, 3.0, 100.0, 0.0)
    at_one = planted.above(WIDTHS, np.full(len(WIDTHS), 1e5))

    assert -ws.growth_with_width(WIDTHS, at_one) < 0.9


def test_what_cannot_be_fitted_is_refused():
    """One width, lengths that differ, impossible errors, too few runs, and losses that rise: each says what is needed."""
    w, d = (v.ravel() for v in np.meshgrid(WIDTHS, np.geomspace(1e5, 1e7, 7)))
    for call, match in (
        (lambda: ws.growth_with_width([64, 64], [1, 2]), "at least two"),
        (lambda: ws.growth_with_width([64, 128], [1, 2, 3]), "one for each"),
        (lambda: ws.growth_with_width([64, 0], [1, 2]), "row 1 is 0"),
        (lambda: ws.width_exponent([64, 128], [1, 2], 0.3, -1), "an error of at least 0"),
        (lambda: ws.width_exponent([64, 128], [1, 2], np.nan, 0.1), "an exponent above 0"),
        (lambda: ws.width_exponent([64, 128], [1, 2], 0.3, 0.1), "no resample holds one width alone"),
        (lambda: ws.fit_width_and_data([2, 3, 4], [1, 2, 3], [3, 2, 1]), "at least five"),
        (lambda: ws.fit_width_and_data(w, np.full_like(d, 1e6), 1 / w), "over three of each"),
        (lambda: ws.fit_width_and_data(w, d, w**0.5 + 1e-3 * d**0.3), "fall with both"),
    ):
        with pytest.raises(ValueError, match=match):
            call()
