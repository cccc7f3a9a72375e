"""The growth of time horizons: a line that is known is found again, and resampling brackets it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from emergence.scaling_laws import horizons


@pytest.fixture
def models():
    """Twelve models whose horizon doubles in 200 days, from one minute at the beginning of 2019."""
    released = pd.Series(pd.date_range("2019-02-01", "2025-02-01", periods=12).normalize())
    return pd.DataFrame({"released": released, "minutes": 2 ** (horizons.days_of(released) / 200)})


def test_a_known_growth_is_found_again(models):
    """Horizons that double in 200 days have that line and that doubling time."""
    np.testing.assert_allclose(horizons.line_of(models), [1 / 200, 0], atol=1e-9)
    assert horizons.doubling(models) == pytest.approx(200)


def test_resampled_lines_lie_about_the_line(models):
    """Of exact horizons every draw has the same line; of scattered ones the middle 95 percent of draws hold it, and a seed gives the same draws again."""
    np.testing.assert_allclose(horizons.resampled_lines(models, draws=20)[:, 0], 1 / 200)

    scattered = models.assign(minutes=models.minutes * 2 ** np.random.default_rng(0).normal(size=12))
    slopes = horizons.resampled_lines(scattered, draws=200, seed=3)[:, 0]
    low, high = np.quantile(slopes, [0.025, 0.975])
    assert low < horizons.line_of(scattered)[0] < high
    np.testing.assert_array_equal(slopes, horizons.resampled_lines(scattered, draws=200, seed=3)[:, 0])


def test_two_dates_are_not_resampled_for_ever(models):
    """Models of two dates alone are refused: no draw of them has three."""
    with pytest.raises(ValueError, match="given 2 dates; needed: at least three"):
        horizons.resampled_lines(models.iloc[:2], draws=1)
