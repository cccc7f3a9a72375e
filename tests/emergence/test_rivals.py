"""Rival forms: each is found again from its own losses, and judged on runs that it has not seen."""

from __future__ import annotations

import numpy as np
import pytest

from emergence import scaling_laws as sl
from emergence.scaling_laws import rivals


def _grid():
    params, tokens = np.meshgrid(np.geomspace(1e7, 1e10, 8), np.geomspace(1e9, 1e12, 8))
    return params.ravel(), tokens.ravel()


@pytest.mark.parametrize("name", ["additive", "one exponent", "joint", "joint with a floor", "coupled"])
def test_a_form_is_found_again_from_its_own_losses(name):
    """Losses made by a form are fitted by it to six digits, also beyond the runs."""
    params, tokens = _grid()
    centre = np.array([np.log(params).mean(), np.log(tokens).mean()])
    theta = {
        "additive": (0.6, -1.0, 0.35, -1.2, 0.37), "one exponent": (0.6, -1.0, 0.35, -1.2),
        "joint": (0.8, 0.08, 0.7, 0.1), "joint with a floor": (0.5, -0.6, 0.25, -0.8, 0.3),
        "coupled": (0.6, -0.9, 0.35, -1.1, 0.4, -0.9),
    }[name]  # fmt: skip
    truth = rivals.RivalFit(name, np.array(theta), centre, 0.0)
    fit = rivals.fit_rival(name, params, tokens, truth.loss(params, tokens))

    np.testing.assert_allclose(fit.loss([1e11], [1e13]), truth.loss([1e11], [1e13]), rtol=1e-6)


def test_the_additive_rival_is_the_law_that_is_fitted_elsewhere():
    """On noisy runs the additive form has the law that Newton's method finds, and its optimum is the closed form's."""
    rng = np.random.default_rng(1)
    params, tokens = _grid()
    law = sl.AdditiveLaw("truth", "", 1.8, 450.0, 2000.0, 0.34, 0.37)
    with sl.extrapolating():
        loss = law.loss(params, tokens) * np.exp(0.002 * rng.standard_normal(len(params)))
        fit, known = rivals.fit_rival("additive", params, tokens, loss), sl.fit_parametric(params, tokens, loss)
        assert fit.objective == pytest.approx(known.objective, rel=1e-4)
        assert fit.best_size(1e21) == pytest.approx(float(known.law.optimal(1e21).params), rel=1e-2)


def test_a_true_floor_is_missed_by_the_form_without_one():
    """On losses with a floor the joint form without one forecasts the dearest runs worst, and a coupling adds nothing."""
    params, tokens = _grid()
    law = sl.AdditiveLaw("truth", "", 1.8, 450.0, 2000.0, 0.34, 0.37)
    with sl.extrapolating():
        found = rivals.compare_rivals(params, tokens, law.loss(params, tokens), floor=1.7).set_index("form")
    assert found.unseen.idxmax() == "joint"
    assert found.unseen["additive"] < 0.01
    assert found.unseen["coupled"] < 0.1


@pytest.mark.parametrize(("log_k", "low", "high"), [(-1.0, 0.32, 0.42), (0.0, 0.94, 1.06), (0.3, 1.2, 1.5)])
def test_a_coupling_is_found_with_its_sign_and_is_not_made_up(log_k, low, high):
    """Of runs that are coupled, additive and coupled the other way the power comes back; its null stays about one."""
    params, tokens = _grid()
    centre = np.array([np.log(params).mean(), np.log(tokens).mean()])
    truth = rivals.RivalFit("coupled", np.array([0.6, -0.9, 0.35, -1.1, 0.4, log_k]), centre, 0.0)
    noise = np.exp(0.001 * np.random.default_rng(3).standard_normal(len(params)))
    found = rivals.coupling(params, tokens, truth.loss(params, tokens) * noise, draws=4)
    assert low < found.k < high
    assert all(low < k < high for k in found.resampled)
    if not log_k:
        assert np.all(np.abs(found.null - 1) < 0.1)


def test_the_null_keeps_residuals_in_place_and_runs_of_a_group_together():
    """Four groups have sixteen ways to turn their residuals, and so many values of the null at most; single runs more."""
    params, tokens = _grid()
    law = rivals.RivalFit(
        "additive", np.array([0.6, -0.9, 0.35, -1.1, 0.4]), np.log([params, tokens]).mean(axis=1), 0.0
    )
    size = np.unique(params, return_inverse=True)[1]
    loss = law.loss(params, tokens) * np.exp(0.002 * np.random.default_rng(5).standard_normal(len(params)))
    together, apart = (
        rivals.coupling(params, tokens, loss, groups=groups, draws=24).null for groups in (size // 2, None)
    )
    assert len(set(together)) <= 16
    assert len(set(apart)) == 24
    for groups in (size[1:], size // 3):
        with pytest.raises(ValueError, match="at least 4 groups"):
            rivals.coupling(params, tokens, loss, groups=groups, draws=2)


@pytest.mark.parametrize(("floor", "share"), [(0.0, 0.2), (9.0, 0.2), (1.0, 0.0), (1.0, 0.6)])
def test_what_cannot_be_compared_is_refused(floor, share):
    """A floor that is not below the losses and a share that leaves too little are refused."""
    params, tokens = _grid()
    with pytest.raises(ValueError, match="needed: a floor"):
        rivals.compare_rivals(params, tokens, 3 + np.arange(len(params)) / 100, floor=floor, held_out=share)


def test_unknown_forms_and_few_runs_are_refused():
    """A form that is not there is named with those that are; nine runs are too few; a form without a valley says so."""
    params, tokens = _grid()
    with pytest.raises(KeyError, match="additive, one exponent"):
        rivals.fit_rival("cubic", params, tokens, params)
    with pytest.raises(ValueError, match="at least 10"):
        rivals.fit_rival("additive", params[:9], tokens[:9], params[:9])
    flat = rivals.RivalFit("additive", np.array([0.5, -80.0, 0.3, -1.0, 0.3]), np.array([20.0, 24.0]), 0.0)
    with pytest.raises(ValueError, match="no best size"):
        flat.best_size(1e21)


def test_slopes_are_those_of_the_formula():
    """How the coupled form changes with each constant is what differences of its logarithm say."""
    rng = np.random.default_rng(0)
    form = rivals.RIVALS["coupled"]
    x, y = rng.normal(0, 2, (2, 12))
    for _ in range(20):
        theta = np.array([0.5, -1, 0.3, -1, 0.3, -0.3]) + rng.normal(0, 0.3, 6)
        steps = 1e-6 * np.eye(6)
        ends = [[np.log(form.formula(theta + sign * step, x, y)) for step in steps] for sign in (1, -1)]
        differences = (np.array(ends[0]) - np.array(ends[1])).T / 2e-6

        np.testing.assert_allclose(form.slopes(theta, x, y), differences, atol=1e-8)
