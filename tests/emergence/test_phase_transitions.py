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
