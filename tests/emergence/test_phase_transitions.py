"""Sharpness measures, and GPT-3's curves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergence import phase_transitions as pt

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


def test_many_curves_are_as_sharp_as_each_alone():
    """Side by side, each over its own noise or over none, curves have the sharpness of one call a curve, to the bit."""
    ladders = np.random.default_rng(2).integers(0, 4, (200, 6)) / 4
    ladders[0] = 0.25

    alone = [pt.breakthroughness(one) for one in ladders]
    floored = [pt.breakthroughness(one, pt.step_noise_sd(one, 50)) for one in ladders]
    assert pt.breakthroughness_each(ladders).tolist() == alone
    assert pt.breakthroughness_each(ladders, 50).tolist() == floored
    assert np.isinf(alone).any() and alone[0] == 0  # noqa: PT018
    with pytest.raises(ValueError, match="2 scores a curve; needed: at least three"):
        pt.breakthroughness_each(ladders[:, :2])


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
    metrics = {task: ["acc"] for task in ("BoolQ", "Copa", "RTE", "WiC", "WSC")} | {"CB": ["acc", "f1"]}
    metrics |= {"MultiRC": ["acc", "f1a"], "ReCoRD": ["acc", "f1"]}
    curves = pt.gpt3_curves().set_index(["setting", "model"])
    parts = [curves[(curves.task == task) & curves.metric.isin(of)] for task, of in metrics.items()]
    computed = sum(part.score.groupby(level=[0, 1]).mean() for part in parts) / len(parts)
    printed = curves[curves.task == "SuperGLUE"].score

    assert len(printed) == 24
    assert (printed - computed).abs().max() < 0.06


@pytest.mark.parametrize("digits", [{"nosuch": 3}, {"3D+": 0}, {}])
def test_metrics_of_a_task_without_digits_are_refused(digits):
    """A task whose answers have no known length, or none, is named."""
    with pytest.raises(ValueError, match="each with at least one digit"):
        pt.three_metrics(pt.gpt3_curves(["3D+"]), digits)


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
    with pytest.raises(ValueError, match="2 dimensions"):
        pt.single_seed_ladders([1, 2, 3])


SIZES = np.array([0.125, 0.35, 0.76, 1.3, 2.7, 6.7, 13, 175]) * 1e9


def test_a_run_learns_where_it_first_reaches_the_level():
    """Between two measurements the line is read off; a run that starts above has no wait, one that stays below no time."""
    times = pt.time_to_learn([10, 20, 40], [[0.5, 0.7, 1.0], [0.9, 0.1, 0.9], [0.5, 0.6, 0.7]], 0.85)

    assert times[:2] == pytest.approx([30, 10])
    assert np.isnan(times[2])
    for steps, scores in (([1, 2], [0.1, 0.2]), ([2, 1], [[0.1, 0.2]]), ([1, 2], [[0.1, np.nan]])):
        with pytest.raises(ValueError, match=r"2 dimensions|rising steps|finite numbers"):
            pt.time_to_learn(steps, scores, 0.5)


@pytest.mark.parametrize("budget", [500.0, 1000.0, 1e9])
def test_waiting_is_recovered_from_what_was_seen(budget):
    """Exponent and spread come back within a tenth, also where most runs had not learned by the budget."""
    rng, sizes = np.random.default_rng(3), np.repeat([4, 8, 16, 32, 64], 400)
    times = np.exp(8 - 0.5 * np.log(sizes) + 0.4 * rng.standard_normal(len(sizes)))
    found = pt.fit_waiting(sizes, times, budget)

    assert (found.start, found.gamma, found.sigma) == pytest.approx((8, 0.5, 0.4), abs=0.1)
    observed = (times.reshape(5, 400) <= 900).mean(1)
    assert found.success([4, 8, 16, 32, 64], 900) == pytest.approx(observed, abs=0.1)
    # The factor of the chapter: from one in ten to nine in ten over exp(2.56 sigma / gamma).
    ends = found.success([10, 10 * found.width], np.exp(found.start - found.gamma * np.log(10 * found.width**0.5)))
    assert ends == pytest.approx([0.1, 0.9], abs=1e-9)


def test_waiting_needs_runs_that_learned():
    """Too few runs that learned in time, times of another shape and a wait that is not positive are refused."""
    with pytest.raises(ValueError, match="given 2 runs"):
        pt.fit_waiting([1, 2, 4], [5, 5, 50], 10)
    with pytest.raises(ValueError, match="given 3 runs"):
        pt.fit_waiting([1, 1, 1], [5, 6, 7], 10)
    with pytest.raises(ValueError, match="as many, above 0"):
        pt.fit_waiting([1, 2, 4], [5, -5, 5], 10)
    assert np.isinf(pt.Waiting(5, -0.1, 1).width)
