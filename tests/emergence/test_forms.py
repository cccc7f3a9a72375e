"""Forms of learning curves: slopes against differences, fits against SciPy and against the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from emergence.shared import forms
from review_utils.data.tables import table


@pytest.mark.parametrize("name", forms.FORMS)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=25)
def test_slopes_are_those_of_differences(name, seed):
    """The analytic slopes of each form equal central differences (1e-6)."""
    function, count = forms.FORMS[name]
    theta = np.random.default_rng(seed).normal(0, 0.7, (1, count))
    u = np.linspace(-3, 3, 9)
    _, slopes = function(theta, u)

    for i in range(count):
        step = 1e-6 * np.eye(count)[i]
        by_difference = (function(theta + step, u)[0] - function(theta - step, u)[0]) / 2e-6
        np.testing.assert_allclose(slopes[:, :, i], by_difference, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("name", forms.FORMS)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=25)
def test_no_form_ever_rises(name, seed):
    """With every factor and exponent positive, a curve falls or stays as x grows."""
    function, count = forms.FORMS[name]
    theta = np.random.default_rng(seed).normal(0, 1, (1, count))

    assert (np.diff(function(theta, np.linspace(-4, 4, 60))[0][0]) <= 1e-9).all()


def test_m4_solves_its_equation():
    """The loss that M4 gives satisfies (y - e) / (t - y)**a = b x**-c (1e-8)."""
    log_b, log_c, log_e, log_rise, log_a = theta = np.array([0.3, -0.5, -1.0, 0.7, 0.4])
    u = np.linspace(-2, 4, 11)
    y = np.exp(forms.FORMS["M4"][0](theta[None], u)[0][0])
    e, t = np.exp(log_e), np.exp(log_e) + np.exp(log_rise)

    np.testing.assert_allclose(
        np.log(y - e) - np.exp(log_a) * np.log(t - y), log_b - np.exp(log_c) * u, atol=1e-8
    )  # fmt: skip


@pytest.mark.parametrize("name", ["M2", "M3", "BNSL"])
def test_no_general_optimiser_finds_a_better_fit(name):
    """SciPy's least squares on the same residuals, started at the fit and at perturbed fits, finds nothing lower."""
    rng = np.random.default_rng(3)
    x = np.geomspace(1e3, 1e7, 40)
    loss = (0.3 + 30 * x**-0.4) * np.exp(0.02 * rng.standard_normal(40))
    fit = forms.fit_form(name, x, loss)
    function, _ = forms.FORMS[name]
    u = np.log(x / fit.scale)

    for seed in range(5):
        start = fit.theta + 0.2 * seed * np.random.default_rng(seed).standard_normal(len(fit.theta))
        found = least_squares(lambda theta: function(theta[None], u)[0][0] - np.log(loss), start)
        assert fit.error <= np.sqrt(2 * found.cost / len(x)) * (1 + 1e-6)


def test_a_power_law_is_the_line_of_logarithms():
    """M1 has a closed form: its slope and level are those of a straight line through the logarithms (1e-9)."""
    rng = np.random.default_rng(0)
    x = np.geomspace(10, 1e5, 25)
    loss = 7 * x**-0.2 * np.exp(0.05 * rng.standard_normal(25))
    slope, level = np.polyfit(np.log(x), np.log(loss), 1)

    np.testing.assert_allclose(forms.fit_form("M1", x, loss).predict([1e6]), np.exp(level) * 1e6**slope, rtol=1e-9)


def test_a_curve_with_a_floor_is_found_again():
    """From a curve without noise M2 gives the curve back beyond its points (0.01 percent)."""
    x = np.geomspace(1e3, 1e7, 30)
    far = np.array([1e9, 1e12])
    fit = forms.fit_form("M2", x, 0.5 + 20 * x**-0.5)

    np.testing.assert_allclose(fit.predict(far), 0.5 + 20 * far**-0.5, rtol=1e-4)


def test_the_published_break():
    """On four-digit addition the break is at 612.6 to 612.8 examples, and three larger sizes are met within 0.0112."""
    data = table("caballero2023_addition")
    fit = forms.fit_form("BNSL", data.examples[:14], data.loss[:14])

    assert 612.5 < fit.scale * np.exp(fit.theta[4]) < 612.9
    assert forms.rmsle(data.loss[14:], fit.predict(data.examples[14:])) == pytest.approx(0.01114, abs=2e-5)


def test_the_simplex_is_worse_where_it_matters():
    """From one start the simplex search leaves a larger residual on the curve with a break."""
    data = table("caballero2023_addition")
    careful, plain = (
        forms.fit_form("BNSL", data.examples[:14], data.loss[:14], optimiser=o) for o in ("newton", "simplex")
    )

    assert plain.error > 2 * careful.error


@pytest.mark.parametrize("name", forms.FORMS)
def test_many_curves_are_fitted_as_each_alone(name):
    """Side by side or alone, a curve has one fit (1e-6), and none where it is refused alone; order is kept."""
    rng = np.random.default_rng(1)
    curves = [(x, (0.3 + x**-0.4) * np.exp(0.05 * rng.standard_normal(len(x)))) for x in (np.geomspace(1, 1e4, n) for n in (9, 12, 9, 3, 12))]  # fmt: skip
    curves += [(curves[0][0], np.ones(9)), (-curves[0][0], curves[0][1]), (curves[0][0], curves[1][1])]
    fits = forms.fit_forms(name, curves, starts=16, stall=1e-4)

    for fit, (x, loss) in zip(fits, curves, strict=True):
        try:
            alone = forms.fit_form(name, x, loss, starts=16, stall=1e-4)
        except ValueError:
            assert fit is None
            continue
        np.testing.assert_allclose(fit.predict([2.0, 1e6]), alone.predict([2.0, 1e6]), rtol=1e-6)
        assert fit.error == pytest.approx(alone.error, rel=1e-6)
    assert [fit is not None for fit in fits] == [True, True, True, name == "M1", True, False, False, False]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"form": "M9"}, "no form M9"),
        ({"optimiser": "luck"}, "optimiser: given .luck."),
        ({"loss": [1, 2, np.nan, 4, 5, 6, 7]}, "row 2 is nan"),
        ({"x": [1, 2, 0, 4, 5, 6, 7]}, "row 2 is 0"),
        ({"x": [1, 2, 3], "loss": [3, 2, 1]}, "more than 3"),
        ({"loss": [2.0] * 7}, "all points are equal"),
    ],
)
def test_what_cannot_be_fitted_is_refused(change, match):
    """Unknown names, rows that are not positive, too few points and equal points are refused with what is needed."""
    given_ = {"form": "M2", "x": [1, 2, 3, 4, 5, 6, 7], "loss": [7, 6, 5, 4, 3, 2, 1], **change}
    with pytest.raises(ValueError, match=match):
        forms.fit_form(given_.pop("form"), given_.pop("x"), given_.pop("loss"), **given_)
