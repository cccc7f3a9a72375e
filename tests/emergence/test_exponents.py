"""Theories of exponents: simulations against closed forms and plain sums."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from emergence.emergence_theory import exponents as ex


@pytest.mark.parametrize(("dimension", "sides"), [(1, [16, 64, 256]), (2, [8, 32, 128]), (3, [8, 16, 32])])
def test_interpolation_errs_with_four_over_d(dimension, sides):
    """The slope of the error in the pieces is 4/d (3 percent)."""
    found = [ex.interpolation_error(side, dimension) for side in sides]

    assert [pieces for pieces, _ in found] == [side**dimension for side in sides]
    assert ex.slope(*zip(*found, strict=True)) == pytest.approx(4 / dimension, rel=0.03)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0])
def test_what_is_not_met_shrinks_as_a_power(alpha):
    """The slope is alpha / (1 + alpha) (3 percent), and the curve is the plain sum of p (1 - p)**n."""
    samples = np.geomspace(300, 30_000, 5)
    curve = ex.zipf_learning_curve(samples, alpha, kinds=3_000_000)
    assert ex.slope(samples, curve) == pytest.approx(alpha / (1 + alpha), rel=0.03)

    p = np.arange(1, 51) ** -(alpha + 1)
    p /= p.sum()
    assert ex.zipf_learning_curve([7], alpha, kinds=50)[0] == pytest.approx((p * (1 - p) ** 7).sum())


@pytest.mark.parametrize("kinds", [1999, 2000, 2001, 30_000])
@pytest.mark.parametrize("alpha", [0.2, 1.0, 2.5])
def test_long_sums_are_those_of_each_term(kinds, alpha):
    """A curve of many kinds or modes is the plain sum of all its terms, to ten digits, whether or not part of it is an integral."""
    p = np.arange(1, kinds + 1) ** -(alpha + 1)
    share = p / p.sum()
    samples = [3, 5000, 1e6]
    np.testing.assert_allclose(
        ex.zipf_learning_curve(samples, alpha, kinds=kinds), [(share * (1 - share) ** n).sum() for n in samples], rtol=1e-10
    )  # fmt: skip
    for count in (4, 700):
        k = optimize.brentq(lambda k, count=count: (p / (p + k)).sum() - count, 1e-30, p.sum(), xtol=1e-300, rtol=1e-14)
        by_hand = (p * (k / (p + k)) ** 2).sum() / (1 - ((p / (p + k)) ** 2).sum() / count)
        assert ex.spectral_learning_curve([count], alpha, modes=kinds)[0] == pytest.approx(by_hand, rel=1e-8)


def test_the_spectral_curve_is_what_regression_does():
    """The self-consistent error is that of simulated ridgeless regression on Gaussian features (10 percent)."""
    modes, alpha = 300, 0.8
    spectrum = np.arange(1, modes + 1) ** -(1 + alpha)
    rng = np.random.default_rng(0)
    for count in (20, 60):
        errors = []
        for _ in range(60):
            x = rng.standard_normal((count, modes)) * np.sqrt(spectrum)
            truth = rng.choice([-1.0, 1.0], modes)
            fitted = x.T @ np.linalg.solve(x @ x.T, x @ truth)
            errors.append(spectrum @ (truth - fitted) ** 2)
        assert ex.spectral_learning_curve([count], alpha, modes=modes)[0] == pytest.approx(np.mean(errors), rel=0.1)


def test_the_spectral_curve_is_found_from_one_sample_to_nearly_as_many_as_modes():
    """With one sample, and with ten fewer than modes that fall over twelve powers of ten, the equation still has its root."""
    few = ex.spectral_learning_curve([1], 0.5, modes=1000)[0]
    many = ex.spectral_learning_curve([9_990], 2.0, modes=10_000)[0]

    assert 0 < few < 10
    assert 0 < many < 1e-6


def test_the_excess_is_its_expectation():
    """The simulated excess of least squares is features / (n - features - 1) (10 percent)."""
    counts = np.array([50, 200])

    np.testing.assert_allclose(ex.excess_from_few_samples(counts, 8), 8 / (counts - 9), rtol=0.1)


def test_impossible_arguments_are_refused():
    """Too few pieces, too many dimensions, flat frequencies, more samples than modes: each says what is needed."""
    for call, match in (
        (lambda: ex.interpolation_error(1, 1), "at least 2"),
        (lambda: ex.interpolation_error(8, 7), "at most 4"),
        (lambda: ex.zipf_learning_curve([10], 0.0), "alpha above 0"),
        (lambda: ex.spectral_learning_curve([10], 0.5, modes=10), "more modes than samples"),
        (lambda: ex.spectral_learning_curve([10], 0.0, modes=100), "alpha above 0"),
        (lambda: ex.excess_from_few_samples([10], 9), "at least 11"),
        (lambda: ex.excess_from_few_samples([12], 0), "at least 1"),
        (lambda: ex.excess_from_few_samples([12.5], 2), "whole numbers"),
        (lambda: ex.excess_from_few_samples([12], 2, noise=-1), "noise of at least 0"),
        (lambda: ex.interpolation_error(8, 1, points=0), "points: given 0; needed: a whole number, at least 1"),
        (lambda: ex.zipf_learning_curve([10], np.nan), "alpha above 0"),
        (lambda: ex.slope([1, 0], [1, 1]), "row 1 is 0"),
        (lambda: ex.slope([1], [1]), "at least two values"),
        (lambda: ex.slope([1, 2], [1, 2, 3]), "a y for each x"),
    ):
        with pytest.raises(ValueError, match=match):
            call()


def small_language(words: int = 30, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and log-chances of a language of pairs whose words follow one another nearly at random."""
    rng = np.random.default_rng(seed)
    scores = 0.05 * rng.standard_normal((words, 3)) @ rng.standard_normal((3, words)) - np.log(np.arange(1, words + 1))
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    often = np.full(words, 1 / words)
    for _ in range(300):
        often = often @ np.exp(logs)
    return often / often.sum(), logs


def test_a_spectrum_leaves_the_mutual_information_at_rank_nought():
    """With weak structure half the squared singular values are the divergence from independence, to second order."""
    often, logs = small_language()
    tail = ex.spectral_tail(often, logs)
    overall = often @ np.exp(logs)
    information = float((often[:, None] * np.exp(logs) * (logs - np.log(overall))).sum())

    assert tail[0] == pytest.approx(information, rel=0.05)
    assert tail[3] < 0.02 * tail[0]  # three features, so that rank three leaves next to nothing
    assert (np.diff(tail) <= 1e-12).all()
    assert tail[-1] == 0
    assert len(tail) == len(often) + 1


def test_one_who_counts_comes_near_the_variance_limit():
    """With many pairs the excess is half the number of free chances over the pairs, whatever the smoothing."""
    often, logs = small_language()
    flat = np.full_like(often, 1 / len(often))
    free = len(often) * (len(often) - 1)
    (found,) = ex.counting_excess(flat, np.full_like(logs, -np.log(len(often))), [4_000_000])
    assert found < free / 2 / 4_000_000  # smoothing towards the truth can only help
    excess = ex.counting_excess(often, logs, [100_000, 1_000_000, 10_000_000])
    assert (np.diff(excess) < 0).all()
    assert excess[-1] == pytest.approx(free / 2 / 10_000_000, rel=0.35)


@pytest.mark.parametrize(
    ("often", "logs", "needed"),
    [
        ([0.5, 0.5], np.zeros((2, 2)), "sum to 1"),
        ([0.7, 0.7], np.log(np.full((2, 2), 0.5)), "sum to 1"),
        ([0.5, 0.5], np.log(np.full((3, 3), 1 / 3)), "shape"),
        ([0.5, 0.5], np.full((2, 2), np.nan), "finite"),
        ([1.0, -0.0], np.log(np.full((2, 2), 0.5)), "often"),
    ],
)
def test_what_is_no_language_is_refused(often, logs, needed):
    """Chances that do not sum to one, a table of another shape, no numbers."""
    with pytest.raises(ValueError, match=needed):
        ex.spectral_tail(often, logs)
    with pytest.raises(ValueError, match=needed):
        ex.counting_excess(often, logs, [100])
