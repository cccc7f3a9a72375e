"""Sharpness measures, and GPT-3's curves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergence import phase_transitions as pt
from emergence.phase_transitions import breaks

_curves = st.lists(st.floats(0, 1).map(lambda x: round(x, 6)), min_size=3, max_size=12)


def test_a_straight_line_and_a_single_jump():
    """N points on a line have breakthroughness and linearity n - 1; a single jump has the root of that, and no bound."""
    assert pt.breakthroughness(np.linspace(0, 1, 8)) == pytest.approx(7)
    assert pt.linearity(np.linspace(0, 1, 8)) == pytest.approx(7)
    assert pt.linearity([0, 0, 0, 0, 1]) == pytest.approx(2)
    assert pt.breakthroughness([0, 0, 0, 1]) == np.inf


def test_a_falling_curve_is_negative_and_a_flat_one_zero():
    """The sign says whether the best score comes after the worst; a constant curve has no sharpness at all."""
    assert pt.breakthroughness([1, 0.5, 0]) < 0
    assert pt.linearity([1, 0.5, 0]) < 0
    assert pt.breakthroughness([0.3, 0.3, 0.3]) == pt.linearity([0.3, 0.3, 0.3]) == 0


@given(_curves, st.floats(0.1, 10))
def test_sharpness_does_not_depend_on_the_unit(scores, factor):
    """Scaling all scores changes neither measure."""
    scaled = [s * factor for s in scores]

    assert pt.breakthroughness(scaled) == pytest.approx(pt.breakthroughness(scores), rel=1e-6, abs=1e-9)
    assert pt.linearity(scaled) == pytest.approx(pt.linearity(scores), rel=1e-6, abs=1e-9)


@given(_curves)
def test_a_noise_floor_bounds_breakthroughness(scores):
    """With a floor the measure is finite and no larger than without."""
    assert abs(pt.breakthroughness(scores, 0.01)) <= min(abs(pt.breakthroughness(scores)), 100 + 1e-9)


@pytest.mark.parametrize("scores", [[1, 2], [0, np.nan, 1], [[1, 2, 3]]])
def test_too_few_or_missing_scores_are_refused(scores):
    """Two points, missing values and nested lists give a reason, never a number."""
    with pytest.raises(ValueError, match="needed"):
        pt.breakthroughness(scores)


def test_step_noise_is_that_of_two_binomials():
    """The floor is the standard deviation of the difference of two binomial proportions, simulated (5 percent)."""
    rng = np.random.default_rng(0)
    simulated = np.std(rng.binomial(2000, 0.3, 40000) / 2000 - rng.binomial(2000, 0.3, 40000) / 2000)

    assert pt.step_noise_sd([0.3, 0.3, 0.3], 2000) == pytest.approx(simulated, rel=0.05)
    assert pt.step_noise_sd([1, 1, 1], 2000) == pytest.approx(pt.step_noise_sd([0, 0, 0], 2000))
    assert pt.step_noise_sd([0, 0, 0], 2000) > 0


def test_superglue_averages_recompute():
    """Every printed SuperGLUE average is that of its tasks within 0.06 (scores are printed to one decimal)."""
    gaps = pt.superglue_gap()

    assert len(gaps) == 24
    assert gaps.gap.max() < 0.06


def test_three_metrics_hold_their_intervals():
    """Each metric's value lies in its interval, and the implied digit accuracy to its power is the accuracy."""
    metrics = pt.three_metrics(pt.gpt3_curves(["3D+"]), {"3D+": 3})

    assert ((metrics.low <= metrics.value + 1e-12) & (metrics.value <= metrics.high + 1e-12)).all()
    wide = metrics.pivot(index=["setting", "model"], columns="metric_name", values="value")
    np.testing.assert_allclose(wide["implied digit accuracy"] ** 3, wide["accuracy"], atol=1e-12)


def test_an_unknown_task_is_refused():
    """A task that Table H.1 does not hold is named."""
    with pytest.raises(KeyError, match="9D"):
        pt.gpt3_curves(["9D+"])


def test_two_bends_are_found_where_they_are():
    """On a noisy ramp from 30 to 60 the two bends are dated within 2 of the truth, with intervals that hold it."""
    x = np.arange(0, 100.0)
    y = np.clip((x - 30) / 30, 0, 1) + np.random.default_rng(0).normal(0, 0.03, 100)
    found = pt.changepoints(x, y)

    assert found.at == pytest.approx((30, 60), abs=2.5)
    assert found.low[0] <= 31
    assert found.high[1] >= 59


def test_pelt_counts_more_phases_the_lower_its_penalty():
    """On one smooth logistic rise PELT finds two breaks at a high penalty and more at a low one."""
    x = np.arange(0, 200.0)
    y = 1 / (1 + np.exp(-(x - 100) / 12))
    few, many = (len(pt.changepoints(x, y, "pelt", penalty=penalty).at) for penalty in (0.2, 0.002))

    assert few == 2
    assert many > 2


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [(range(5), range(5), "at least 8"), ([0] * 9, range(9), "row 1"), ([0, 1, 2, 3, 4, 4, 5, 6, 7], range(9), "row 5 is 4 after 4"), ([0, 1, 2, 3, 5, 4, 6, 7, 8], range(9), "row 5 is 4 after 5"), (range(9), [1.0] * 9, "throughout"), (range(9), [np.nan] * 9, "row 0")],
)  # fmt: skip
def test_curves_that_cannot_be_dated_are_refused(x, y, said):
    """Too few points, positions that do not rise, constant and missing values give the reason."""
    with pytest.raises(ValueError, match=said):
        pt.changepoints(list(x), list(y))


@given(st.lists(st.floats(0, 1), min_size=2, max_size=60))
def test_every_seed_is_in_one_part_of_the_mixture(scores):
    """Failed, between and succeeded shares sum to 1."""
    found = pt.seed_mixture(scores, chance=0.5, success=0.99)

    assert found.failed.estimate + found.between.estimate + found.succeeded.estimate == pytest.approx(1)


def test_ladders_take_one_seed_at_each_scale():
    """Every value of a ladder is a score of its scale, and all seeds are drawn."""
    table = np.arange(12.0).reshape(3, 4)
    ladders = pt.single_seed_ladders(table, draws=500)

    assert all(set(ladders[:, i]) == set(table[i]) for i in range(3))
    with pytest.raises(ValueError, match="scales by seeds"):
        pt.single_seed_ladders([1, 2, 3])


SIZES = np.array([0.125, 0.35, 0.76, 1.3, 2.7, 6.7, 13, 175]) * 1e9


def test_a_strong_break_is_supported_and_a_smooth_rise_is_not():
    """A bend of four in log-odds is called and dated at its size; a straight rise of log-odds is not called."""
    x = np.log10(SIZES)
    bent = 1 / (1 + np.exp(-(-5 + 0.2 * (x - x[0]) + 4 * np.maximum(x - x[5], 0))))
    smooth = 1 / (1 + np.exp(-(-5 + 2.0 * (x - x[0]))))

    called = pt.break_test(SIZES, bent, n_items=2000)
    assert called.verdict == "break supported"
    assert called.where == pytest.approx(SIZES[5])
    assert called.margin > 0
    assert called.slope_after > called.slope_before + 3
    assert pt.break_test(SIZES, smooth, n_items=2000).verdict != "break supported"


def test_precise_scores_weigh_more():
    """Where every second score has 20 items and the rest 20,000, a bend that the precise ones show is found in over 35 of 40."""
    sizes = np.geomspace(1e8, 1e11, 12)
    items, x = np.where(np.arange(12) % 2, 20, 20_000), np.log10(sizes)
    ability = 1 / (1 + np.exp(2.5 - 0.3 * (x - x[0]) - 1.5 * np.maximum(x - x[6], 0)))
    scores = np.random.default_rng(0).binomial(items, ability, (40, 12)) / items

    assert sum(pt.break_test(sizes, y, n_items=items, draws=200).verdict == "break supported" for y in scores) > 35


def test_a_product_of_smooth_parts_is_sharp_in_its_metric_only():
    """Exact match of four smooth parts, read as such, has a break in its score and none in its ability, in over 80 of 100 samples."""
    z = -2 + 1.6 * (np.log10(SIZES) - 8)
    exact = np.random.default_rng(0).binomial(2000, (1 / (1 + np.exp(-z))) ** 4, (100, 8)) / 2000
    verdicts = [pt.break_test(SIZES, row, n_items=2000, tokens=4, draws=200).verdict for row in exact]

    assert verdicts.count("sharp in this metric only") > 80
    sharp = pt.break_test(SIZES, exact[verdicts.index("sharp in this metric only")], n_items=2000, tokens=4, draws=200)
    assert pt.decide({"alone": sharp})["alone"].verdict == "sharp in this metric only"
    assert verdicts.count("break supported") < 15


@pytest.mark.parametrize(
    ("scales", "scores", "reason"),
    [([1, 2], [0, 1], "2 scales"), ([1, 2, 3, 4, 5], [0, 0, 0, 1, 1], "5 scales"), (range(1, 9), [0.5] * 8, "same at every scale"), (range(1, 9), [0, 0, 0, 0, 0, 0, 0, 1], "fewer than three")],
)  # fmt: skip
def test_too_little_is_undecided_with_its_reason(scales, scores, reason):
    """Two points, five scales, a constant curve and a single jump from the floor are undecided, never a number."""
    found = pt.break_test(list(scales), scores, n_items=100)

    assert found.verdict == "undecided"
    assert reason in found.reason
    assert np.isnan(found.p)


@pytest.mark.parametrize(
    ("scales", "scores", "kwargs", "said"),
    [([0, 1, 2, 3, 4, 5], [0.1] * 6, {}, "row 0"), ([1, 2, 2, 3, 4, 5], [0.1] * 6, {}, "row 2"), (range(1, 7), [0.1] * 5 + [1.2], {}, "row 5"), (range(1, 7), [0.1] * 5, {}, "6 scales and 5"), (range(1, 7), [0.1] * 6, {"chance": 1.0}, "chance"), (range(1, 7), [0.1] * 6, {"draws": 3}, "draws")],
)  # fmt: skip
def test_bad_curves_are_refused_with_their_rows(scales, scores, kwargs, said):
    """Scales not positive or not rising, scores out of range, uneven lengths and bad settings name what is wrong."""
    with pytest.raises(ValueError, match=said):
        pt.break_test(list(scales), scores, **kwargs)


def test_the_statistic_equals_two_least_squares_fits():
    """The vectorised statistic equals n log(RSS ratio) of weighted fits by numpy's own solver, over every bend."""
    rng = np.random.default_rng(3)
    x, w = np.sort(rng.uniform(0, 4, 9)), rng.uniform(0.5, 2, 9)
    y = np.cumsum(rng.exponential(1, 9) * np.linspace(0.1, 2, 9))
    root = np.sqrt(w)

    def rss(columns):
        a = np.stack(columns, axis=1) * root[:, None]
        return np.sum((y * root - a @ np.linalg.lstsq(a, y * root, rcond=None)[0]) ** 2)

    line = rss([np.ones(9), x])
    bends = [rss([np.ones(9), x, np.maximum(x - x[i], 0)]) for i in range(1, 7)]

    assert breaks._upward_bend(x, y[None], w)[0][0] == pytest.approx(9 * np.log(line / min(bends)))
    bent = np.maximum(x - x[1:7, None], 0)
    assert breaks._upward_bend(x, bent, w)[1].tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.02, 0.3, 0.999, 1.0])
def test_sampled_shares_have_the_moments_of_a_binomial(share):
    """Counts drawn through quantiles have the mean and variance of a binomial, at the floor, in the middle and at the ceiling."""
    found = breaks._sampled(np.random.default_rng(0), np.full(40_000, share), np.full(40_000, 500.0)) * 500
    variance = 500 * share * (1 - share)

    assert found.mean() == pytest.approx(500 * share, abs=4 * np.sqrt(variance / 40_000) + 1e-9)
    assert found.var() == pytest.approx(variance, rel=0.05, abs=1e-9)
    assert found.min() >= 0
    assert found.max() <= 500


def test_downward_bends_count_for_nothing():
    """A curve that only flattens has a statistic of zero."""
    x = np.linspace(0, 3, 8)

    assert breaks._upward_bend(x, np.sqrt(x)[None], np.ones(8))[0][0] == 0


def test_false_alarms_keep_to_their_level():
    """On smooth curves in the shape of GPT-3's the test calls a break in 3 to 7 percent of 1,000 cases."""
    rate = pt.alarm_rate(SIZES, -4 + 1.5 * (np.log10(SIZES) - 8), n_items=2000, scatter=0.2, curves=1000, draws=100)

    assert 0.03 <= rate.estimate <= 0.07


def test_many_tests_are_judged_together():
    """Of one real break among many smooth curves the verdict stays; a lone p of 0.04 among twenty does not."""
    quiet = [pt.BreakTest("smooth", p, 1.0, 0, 1, np.nan, 0, 0) for p in np.linspace(0.05, 1, 20)]
    tests = {f"q{i}": t for i, t in enumerate(quiet)}
    tests["weak"] = pt.BreakTest("break supported", 0.04, 1.0, 2, 1, 1e9, 0, 1)
    tests["strong"] = pt.BreakTest("break supported", 0.0005, 1.0, 9, 1, 1e9, 0, 1)
    tests["none"] = pt.break_test([1, 2], [0, 1])
    judged = pt.decide(tests)

    assert judged["strong"].verdict == "break supported"
    assert judged["weak"].verdict == "smooth"
    assert judged["none"].verdict == "undecided"


def test_all_189_curves_of_gpt3_have_a_verdict():
    """Every curve of Table H.1 is judged; a task with a choice of answers needs both readings to speak for a break."""
    found = pt.gpt3_breaks(draws=200)

    assert len(found) == 189
    assert set(found.verdict) <= {"break supported", "sharp in this metric only", "smooth", "undecided"}
    assert found[found.verdict == "undecided"].reason.str.len().gt(10).all()
