"""Singular learning: coefficients with known values, gradients against differences."""

from __future__ import annotations

import numpy as np
import pytest

from emergence.emergence_theory import singular as sl


@pytest.mark.parametrize("name", sl.EXAMPLES)
def test_volumes_shrink_with_the_known_power(name):
    """The learning coefficient of each example is that of Watanabe (3 percent; 0.03 at the crossing)."""
    dimension, loss, coefficient, multiplicity = sl.EXAMPLES[name]
    found = sl.learning_coefficient(
        loss, dimension, with_multiplicity=multiplicity > 1, low=1e-6 if multiplicity > 1 else 1e-4
    )

    assert found.coefficient == pytest.approx(coefficient, rel=0.03, abs=0.03)
    assert (np.diff(found.volumes) >= 0).all()
    assert found.multiplicity == pytest.approx(multiplicity, abs=0.4)


def test_volumes_are_taken_over_the_whole_box():
    """A square whose least value lies off the middle has the coefficient of one at the middle, one half (3 percent)."""
    assert sl.learning_coefficient(lambda w: (w[:, 0] - 0.5) ** 2, 1).coefficient == pytest.approx(0.5, rel=0.03)


def test_the_volume_of_a_disc_is_its_area():
    """The share of the square with w1^2 + w2^2 below e is pi e / 4 (2 percent at the largest level)."""
    _, loss, _, _ = sl.EXAMPLES["w1^2 + w2^2"]
    found = sl.learning_coefficient(loss, 2)

    assert found.volumes[-1] == pytest.approx(np.pi * found.levels[-1] / 4, rel=0.02)


def test_the_sampler_finds_half_the_dimension():
    """On a sum of d squares the estimate is d/2 within four standard errors, at a small step."""
    for dimension in (1, 2, 4):
        estimate, error = sl.langevin_coefficient(
            lambda w: ((w**2).sum(axis=1), 2 * w), np.zeros(dimension), step=1e-5, chains=128
        )
        assert abs(estimate - dimension / 2) < 4 * error + 0.05


def test_superposition_has_its_gradient():
    """The gradient of the toy model is that of central differences (1e-7)."""
    theta = np.random.default_rng(0).normal(0, 0.5, (3, 18))
    _, gradient = sl.superposition(theta)
    for i in range(18):
        step = 1e-6 * np.eye(18)[i]
        by_difference = (sl.superposition(theta + step)[0] - sl.superposition(theta - step)[0]) / 2e-6
        np.testing.assert_allclose(gradient[:, i], by_difference, atol=1e-7)


def test_corners_are_the_long_columns():
    """Of six features of a two-dimensional model, those whose columns are longer than 0.3 count."""
    columns = np.zeros((2, 6))
    columns[:, :4] = [[0.3, 0.2, 0.0, 1.0], [0.1, 0.2, 0.0, 0.0]]
    theta = np.concatenate([columns.ravel(), np.ones(6)])[None]

    assert sl.corners(theta).tolist() == [2]


def test_superposition_integrates_exactly():
    """The loss equals a mean over a million sampled features and magnitudes (1 percent); nothing learned costs 1/3."""
    rng = np.random.default_rng(0)
    theta = rng.normal(0, 0.6, (1, 18))
    w, b = theta[0, :12].reshape(2, 6), theta[0, 12:]
    x = np.eye(6)[rng.integers(0, 6, 1_000_000)] * rng.random((1_000_000, 1))
    sampled = ((np.maximum(x @ w.T @ w + b, 0) - x) ** 2).sum(axis=1).mean()

    assert sl.superposition(theta)[0][0] == pytest.approx(sampled, rel=0.01)
    assert sl.superposition(np.zeros((1, 18)))[0][0] == pytest.approx(1 / 3)
    assert sl.corners(theta).tolist() == [int((np.linalg.norm(w, axis=0) > 0.3).sum())]


def test_too_few_samples_and_runaway_chains_are_refused():
    """A level that too few samples reach, and a step with which the sampler diverges, are said."""
    _, loss, _, _ = sl.EXAMPLES["w1^2 + w2^2"]
    with pytest.raises(ValueError, match="raise low or samples"):
        sl.learning_coefficient(loss, 2, low=1e-9, samples=1000)
    with pytest.raises(ValueError, match="a smaller step than 10"), np.errstate(all="ignore"):
        sl.langevin_coefficient(lambda w: ((w**4).sum(axis=1), 4 * w**3), np.ones(1), step=10.0)
