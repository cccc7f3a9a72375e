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
    """The share of the square with w1² + w2² below e is pi e / 4 (2 percent at the largest level)."""
    _, loss, _, _ = sl.EXAMPLES["w1² + w2²"]
    found = sl.learning_coefficient(loss, 2)

    assert found.volumes[-1] == pytest.approx(np.pi * found.levels[-1] / 4, rel=0.02)


def test_the_sampler_finds_half_the_dimension():
    """On a sum of d squares the estimate is d/2 within four standard errors, at a small step."""
    for dimension in (1, 2, 4):
        estimate, error = sl.langevin_coefficient(
            lambda w: ((w**2).sum(axis=1), 2 * w), np.zeros(dimension), step=1e-5, chains=128
        )
        assert abs(estimate - dimension / 2) < 4 * error + 0.05


def test_chains_side_by_side_find_what_each_finds_alone():
    """Several points under several settings at once give the estimates that each pair gives by itself (1e-12)."""
    points = np.array([[0.0, 0.0], [1.0, -1.0]])
    settings = [{"n": 1e4, "step": 1e-5, "pull": 1.0}, {"n": 1e5, "step": 1e-6, "pull": 50.0}]

    def loss(w):  # two minima, at both points, of unlike curvature
        near = w[:, :1] < 0.5
        off = w - np.where(near, points[0], points[1])
        bend = np.where(near, 1.0, 3.0)
        return (bend * off**2).sum(axis=1), 2 * bend * off

    found = sl.langevin_coefficients(loss, points, settings, steps=200, chains=8)
    for point, row in zip(points, found, strict=True):
        for setting, pair in zip(settings, row, strict=True):
            alone = sl.langevin_coefficient(loss, point, **setting, steps=200, chains=8)
            np.testing.assert_allclose(pair, alone, rtol=1e-12)


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
    """The loss equals fine quadrature (1e-9), also at a pentagon; nothing learned costs 1/3."""
    rng = np.random.default_rng(0)
    theta = rng.normal(0, 0.6, (5, 18))
    theta[1, 12:] = 0  # outputs that turn at the very end of the range
    theta[2, :12] = 0  # no output that depends on its input
    angle = 2 * np.pi * np.arange(5) / 5
    theta[3, :5], theta[3, 6:11], theta[3, 12:] = np.cos(angle), np.sin(angle), -0.3
    theta[3, [5, 11]] = 0
    x = (np.arange(200_000) + 0.5) / 200_000
    for row in theta:
        w, b = row[:12].reshape(2, 6), row[12:]
        gram = w.T @ w
        by_hand = sum(
            np.mean((np.maximum(gram[j, i] * x + b[j], 0) - (i == j) * x) ** 2) for i in range(6) for j in range(6)
        )
        assert sl.superposition(row[None])[0][0] == pytest.approx(by_hand / 6, abs=1e-9)
    assert sl.superposition(np.zeros((1, 18)))[0][0] == pytest.approx(1 / 3)


def test_too_few_samples_and_runaway_chains_are_refused():
    """A level that too few samples reach, and a step with which the sampler diverges, are said."""
    _, loss, _, _ = sl.EXAMPLES["w1² + w2²"]
    with pytest.raises(ValueError, match="raise low or samples"):
        sl.learning_coefficient(loss, 2, low=1e-9, samples=1000)
    with pytest.raises(ValueError, match="a smaller step than 10"), np.errstate(all="ignore"):
        sl.langevin_coefficient(lambda w: ((w**4).sum(axis=1), 4 * w**3), np.zeros(1), step=10.0)


def _quadratic(curvatures):
    bends = np.asarray(curvatures, dtype=float)
    return lambda w: ((bends * w**2).sum(axis=1), 2 * bends * w)


def test_points_that_are_no_minima_are_refused():
    """A slope, a saddle, a cubic that falls on one side, and a point that is not finite: the estimator says which."""
    with pytest.raises(ValueError, match="gradient of 2"):
        sl.langevin_coefficient(_quadratic([1, 1]), np.ones(2))
    with pytest.raises(ValueError, match=r"given a saddle, with a curvature of -0\.2"):
        sl.langevin_coefficient(_quadratic([1, -0.1]), np.zeros(2))
    with pytest.raises(ValueError, match="below that of the point"):
        sl.langevin_coefficient(lambda w: ((w**3).sum(axis=1), 3 * w**2), np.zeros(1), steps=50)
    with pytest.raises(ValueError, match="finite parameters"):
        sl.langevin_coefficient(_quadratic([1, 1]), np.array([np.nan, 0]))
    unchecked, _ = sl.langevin_coefficient(_quadratic([1, -0.1]), np.zeros(2), check=False, steps=2000, step=1e-4)
    assert unchecked < -10, "without the check a saddle gives a number that means nothing"


def test_flat_and_degenerate_minima_pass():
    """A valley that is flat along one direction, and a fourth power, are minima and are not refused."""
    for bends in ([1, 0], [0, 0]):
        sl.check_minimum(_quadratic(bends), np.zeros(2))
    sl.check_minimum(lambda w: ((w**4).sum(axis=1), 4 * w**3), np.zeros(1))


def test_descent_settles_where_the_gradient_is_gone_or_says_that_it_is_not():
    """Two points of a bowl end at its bottom to twelve digits, a flat one stays, and too few steps are said."""
    middle = np.array([1.0, -2.0])
    ends = sl.settled(
        lambda w: (((w - middle) ** 2).sum(axis=1), 2 * (w - middle)), np.array([[4.0, 1.0], [-3.0, 0.5]])
    )
    np.testing.assert_allclose(ends, [middle, middle], atol=1e-12)
    assert sl.settled(_quadratic([0, 0]), np.ones((1, 2))).tolist() == [[1, 1]]
    with pytest.raises(ValueError, match=r"given 5 steps, after which a gradient of 0\.\d+ is left"):
        sl.settled(_quadratic([1]), np.ones((1, 1)), most=5)


def test_a_plateau_that_ends_is_refused_when_the_chains_fall_off_it():
    """A loss that is flat near the point and falls further out passes the local check, and the chains tell."""

    def ledge(w):
        over = np.maximum(np.abs(w) - 0.3, 0)
        return -(over**2).sum(axis=1), -2 * over * np.sign(w)

    sl.check_minimum(ledge, np.zeros(1))
    with pytest.raises(ValueError, match="a stronger pull than 1"):
        sl.langevin_coefficient(ledge, np.zeros(1), pull=1.0, step=1e-3, steps=2000)
    estimate, _ = sl.langevin_coefficient(ledge, np.zeros(1), pull=1000.0, step=1e-4, steps=2000)
    assert estimate == 0


def test_impossible_settings_are_refused():
    """Samples, steps, chains and levels that cannot be, and losses that a learning coefficient has not."""
    square = sl.EXAMPLES["w1²"][1]
    for call, match in (
        (lambda: sl.langevin_coefficient(_quadratic([1]), np.zeros(1), n=1), "n of at least 2"),
        (lambda: sl.langevin_coefficient(_quadratic([1]), np.zeros(1), step=0), "a step above 0"),
        (lambda: sl.langevin_coefficient(_quadratic([1]), np.zeros(1), pull=-1), "no negative pull"),
        (
            lambda: sl.langevin_coefficient(_quadratic([1]), np.zeros(1), chains=1),
            "chains: given 1; needed: a whole number, at least 2",
        ),
        (lambda: sl.learning_coefficient(square, 2, low=1e-2, high=1e-4), "levels that rise"),
        (lambda: sl.learning_coefficient(square, 0), "dimension: given 0"),
        (lambda: sl.learning_coefficient(lambda w: w[:, 0], 1), "none below 0"),
        (lambda: sl.learning_coefficient(lambda w: w[:, 0] * np.nan, 1), "one finite loss a sample"),
        (lambda: sl.superposition(np.zeros((2, 17))), "18 columns"),
    ):
        with pytest.raises(ValueError, match=match), np.errstate(all="ignore"):
            call()


def test_descent_from_large_random_weights_ends_at_polygons() -> None:
    """The page says so beside descent from small weights, which ends at none of them."""
    theta, speed = np.random.default_rng(0).normal(0, 0.6, (40, 18)), 0.0
    for _ in range(3000):
        speed = 0.9 * speed + sl.superposition(theta)[1]
        theta = theta - 0.05 * speed
    loss, gradient = sl.superposition(theta)
    still, corners = np.abs(gradient).max(axis=1) < 1e-4, sl.corners(theta)
    # Up to four corners a polygon meets its features exactly, and each one left out costs a third over six.
    for count, polygon in ((3, 3 / 18), (4, 2 / 18), (5, 0.06874)):
        assert (np.abs(loss[still & (corners == count)] - polygon) < 2e-4).any(), count
