"""Forecasts: calibrated where their form is right, and honest where they know nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import mannwhitneyu, norm

from emergence import capability_precursors as cp


def test_intervals_cover_when_the_form_is_right():
    """On simulated logistics drawn from the prior, 90 percent intervals hold the truth in 84 to 96 percent of 200 cases.

    Two binomial standard errors of 200 trials at 0.9 are 4 points; the grid adds a little.
    """
    rng = np.random.default_rng(1)
    x, target, covered = np.linspace(20, 22, 5), 23.0, []
    for _ in range(200):
        midpoint, slope = rng.uniform(20, 26), np.exp(rng.uniform(np.log(0.3), np.log(30)))
        hits = rng.binomial(500, expit(slope * (x - midpoint)))
        forecast = cp.forecast_logistic(x, hits, 500, target, grid=200)
        truth = expit(slope * (target - midpoint))
        covered.append(forecast.quantile(0.05) - 1e-3 <= truth <= forecast.quantile(0.95) + 1e-3)

    assert 0.84 <= np.mean(covered) <= 0.96


def test_exact_points_are_continued():
    """Given a logistic without noise, the median forecast is the logistic's own value (within 2 points)."""
    x = np.linspace(20, 22, 6)
    forecast = cp.forecast_logistic(x, 100000 * expit(2 * (x - 21.5)), 100000, 22.5)

    assert forecast.quantile(0.5) == pytest.approx(expit(2.0), abs=0.02)


def test_nothing_seen_means_nothing_known():
    """From scores of zero the interval spans almost everything: no ability seen is no evidence that none comes."""
    forecast = cp.forecast_logistic([20, 21, 22], [0, 0, 0], 2000, 23)

    assert forecast.quantile(0.95) > 0.9


def test_quantiles_are_in_order():
    """The quantiles of a forecast rise."""
    forecast = cp.forecast_logistic([20, 21, 22], [0, 30, 300], 2000, 23)

    assert list(forecast.values) == sorted(forecast.values)


@pytest.mark.parametrize(
    ("x", "k", "target"),
    [
        ([20], [1], 22),
        ([20, 21], [1], 22),
        ([20, 21], [1, 9999], 22),
        ([20, np.nan], [1, 2], 22),
        ([20, 21], [1, 2], 20.5),
    ],
)
def test_bad_input_is_refused(x, k, target):
    """One point, uneven lengths, impossible counts, missing scales and a target behind the data are refused."""
    with pytest.raises(ValueError, match="needed"):
        cp.forecast_logistic(x, k, 2000, target)


def test_the_board_has_a_row_for_each_task_and_cut():
    """Eight tasks forecast from four, five, six and seven sizes are 32 forecasts."""
    board = cp.arithmetic_forecasts("one-shot")

    assert len(board) == 32
    assert set(board.sizes_seen) == {4, 5, 6, 7}


@pytest.mark.parametrize("rate", [0.3, 0.01, 0.0001])
def test_sampling_until_successes_is_unbiased_at_every_rate(rate):
    """The mean estimate is the rate (within 4 standard errors), and the cost is successes over rate (2 percent)."""
    estimates, samples = cp.pass_until(rate, 10, 40000, seed=3)

    assert abs(estimates.mean() - rate) < 4 * estimates.std() / 200
    assert samples.mean() == pytest.approx(10 / rate, rel=0.02)
    with pytest.raises(ValueError, match=r"rate: given 0\.0; needed: a finite number"):
        cp.pass_until(0.0, 10, 10, seed=3)


def test_the_tail_of_a_gumbel_is_carried_on():
    """For probabilities whose transform is exactly a line in rarity, the forecast is that line (1e-9)."""
    n = 1000
    rarity = np.log(n / np.arange(1, n + 1))
    p = np.exp(-np.exp(-(-2.0 + 0.15 * rarity)))

    assert cp.gumbel_tail(p, 1e5, largest=50) == pytest.approx(np.exp(-np.exp(-(-2.0 + 0.15 * np.log(1e5)))), rel=1e-9)
    for bad, match in (((p[:5], 1e5, 10), "at least 3 fitted"), ((p, 500, 10), "more queries"), ((np.append(p, 1.0), 1e5, 10), "below 1")):  # fmt: skip
        with pytest.raises(ValueError, match=match):
            cp.gumbel_tail(bad[0], bad[1], largest=bad[2])


def test_early_warnings_follow_an_autoregression():
    """A rising coefficient of an AR(1) series gives rising variance and autocorrelation; a steady one gives no trend."""
    rng = np.random.default_rng(0)

    def series(coefficients):
        out, x = [], 0.0
        for c in coefficients:
            x = c * x + rng.standard_normal()
            out.append(x)
        return np.array(out)

    rising = [cp.early_warning(series(np.linspace(0.1, 0.95, 400))) for _ in range(30)]
    steady = [cp.early_warning(series(np.full(400, 0.5))) for _ in range(30)]

    assert np.mean([t.variance for t in rising]) > 0.6
    assert np.mean([t.autocorrelation for t in rising]) > 0.6
    assert abs(np.mean([t.variance for t in steady])) < 0.3
    assert abs(np.mean([t.autocorrelation for t in steady])) < 0.3
    with pytest.raises(ValueError, match="at least 20"):
        cp.early_warning(np.arange(5.0))


def test_overlapping_means_keep_a_slowing_in_the_variance_and_hide_it_in_the_autocorrelation():
    """The positive control of the race: at its sampling one trend tells slowing noise from steady, the other hardly."""
    ends = {"slows": 0.95, "steady": 0.1}
    trends = {
        key: [cp.early_warning(cp.slowing_means(80, window=200, every=10, end=end, seed=s)) for s in range(60)]
        for key, end in ends.items()
    }
    areas = {
        name: cp.roc(*([getattr(t, name) for t in trends[key]] for key in ends)).area
        for name in ("variance", "autocorrelation")
    }
    assert areas["variance"] > 0.9
    assert areas["autocorrelation"] < 0.7


def test_noise_larger_than_a_slowing_hides_it_from_the_variance():
    """A batch adds noise that no recovery shapes: behind it the short series of the race hide even a strong slowing."""
    slow, steady = (
        [
            cp.early_warning(cp.slowing_means(30, window=100, every=10, end=end, noise=10, seed=s)).variance
            for s in range(first, first + 60)
        ]
        for end, first in ((0.95, 0), (0.1, 1000))
    )
    assert 0.35 < cp.roc(slow, steady).area < 0.65


@pytest.mark.parametrize("area", [0.5, 0.95, 0.995])
def test_the_interval_of_an_area_covers_it_also_near_one(area):
    """Of 200 pairs of 32 runs and 32 controls of unequal spread, nine tenths of the intervals or more hold the area."""
    rng = np.random.default_rng(2)
    shift = norm.ppf(area) * np.sqrt(10)
    found = [cp.roc(3 * rng.standard_normal(32) + shift, rng.standard_normal(32)) for _ in range(200)]
    assert np.mean([roc.low <= area <= roc.high for roc in found]) >= 0.9
    apart = cp.roc(np.arange(32) + 100.0, np.arange(32))
    assert apart.area == 1
    assert 0.85 < apart.low < 0.95


def test_the_area_is_the_chance_of_a_larger_value():
    """The area equals the Mann-Whitney statistic over the number of pairs, ties counted half, and that of the curve."""
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 9, 40).astype(float), rng.integers(0, 7, 50).astype(float)
    found = cp.roc(a, b)

    assert found.area == pytest.approx(mannwhitneyu(a, b).statistic / (len(a) * len(b)))
    assert np.trapezoid(found.hits, found.false_alarms) == pytest.approx(found.area)
    assert found.low < found.area < found.high
    with pytest.raises(ValueError, match="at least two of each"):
        cp.roc([], [1.0])


def test_a_forecast_holds_rising_levels_with_a_value_each():
    """Levels that fall, values that fall, and more levels than values are no distribution."""
    for levels, quantiles in (((0.9, 0.1), (3, 5)), ((0.1, 0.9), (5, 3)), ((0.1, 0.5, 0.9), (3, 5)), ((0, 1), (3, 5))):
        with pytest.raises(ValueError, match="needed"):
            cp.Forecast(levels, quantiles)
    assert cp.Forecast((0.1, 0.9), (3, 5)).quantile(0.9) == 5
