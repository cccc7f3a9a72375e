"""From loss to ability: laws against the truth they were made from, and against independent libraries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import curve_fit, least_squares

from emergence.scaling_laws import loss_to_task as lt


def test_the_law_of_over_training_is_found_again():
    """From losses without noise the fit gives the constants back (0.1 percent), and the additive form agrees."""
    truth = lt.OverTrainedLaw(1.6, 80.0, 160.0, 0.115)
    params = np.array([1e7, 8e7, 1.5e8, 4e8, 1e7, 1.5e8])
    tokens = params * np.array([20, 20, 20, 20, 320, 80])
    fit = lt.fit_over_trained(params, tokens, truth.loss(params, tokens))

    for name in ("E", "a", "b", "eta"):
        assert getattr(fit, name) == pytest.approx(getattr(truth, name), rel=1e-3)
    np.testing.assert_allclose(fit.additive("", "").loss(params, tokens), fit.loss(params, tokens), rtol=1e-9)


def test_two_steps_are_fitted_to_one_task():
    """Runs of several tasks are refused before a curve through both is fitted."""
    row = {"run": "a", "params": 1e7, "tokens": 1e9, "bits": 1.0, "accuracy": 0.5}
    runs = pd.DataFrame([row | {"task": "one"}, row | {"task": "two"}])

    with pytest.raises(ValueError, match=r"runs: given 2 of the column task.*groupby"):
        lt.fit_two_step(runs, 0.25)


def test_noisy_losses_and_accuracies_are_fitted_as_scipy_would():
    """With noise, both fits end at the least squares that SciPy finds from the truth (a ten-thousandth)."""
    rng = np.random.default_rng(1)
    truth = lt.OverTrainedLaw(1.6, 80.0, 160.0, 0.115)
    params = np.repeat([1e7, 3e7, 8e7, 1.5e8, 4e8], 4)
    tokens = params * np.tile([10, 20, 80, 320], 5)
    seen = truth.loss(params, tokens) + 0.02 * rng.standard_normal(20)
    theirs = least_squares(
        lambda v: lt.OverTrainedLaw(v[0], np.exp(v[1]), np.exp(v[2]), v[3]).loss(params, tokens) - seen,
        [1.6, np.log(80), np.log(160), 0.115], xtol=1e-14, ftol=1e-14, gtol=1e-14,
    )  # fmt: skip
    ours = lt.fit_over_trained(params, tokens, seen)
    assert ((ours.loss(params, tokens) - seen) ** 2).sum() == pytest.approx(2 * theirs.cost, rel=1e-4)

    runs = _runs()
    runs["accuracy"] += 0.03 * rng.standard_normal(len(runs))
    fit = lt.fit_two_step(runs, 0.25, ideal_ends=False, smooth=1, skip=0.0)
    (top, middle, steepness, bottom), _ = curve_fit(
        lambda x, t, m, k, b: t / (1 + np.exp(-k * (x - m))) + b, runs.bits, runs.accuracy, p0=[-0.7, 0.9, 5.0, 0.95]
    )
    assert (fit.top, fit.middle, fit.steepness, fit.bottom) == pytest.approx((top, middle, steepness, bottom), rel=1e-3)


def test_the_best_multiple_is_the_optimum_of_the_additive_form():
    """Tokens for each parameter at the optimum are (b/a)**(1/(2 eta)), as the additive law finds for any budget."""
    law = lt.OverTrainedLaw(1.6, 80.0, 160.0, 0.115)
    best = law.additive("", "").optimal([1e20, 1e24])

    np.testing.assert_allclose(best.tokens_per_param, (law.b / law.a) ** (1 / (2 * law.eta)), rtol=1e-9)


def test_large_products_do_not_overflow():
    """Whole-number sizes and tokens whose product passes 64 bits give the loss that floats give."""
    law = lt.OverTrainedLaw(1.6, 80.0, 160.0, 0.115)

    assert float(law.loss(6_889_410_560, 137_788_211_200)) == pytest.approx(
        float(law.loss(6.88941056e9, 1.377882112e11))
    )


def test_the_error_law_agrees_with_scipy():
    """The step from loss to error has the least squares that SciPy's curve_fit finds from near the optimum."""
    rng = np.random.default_rng(0)
    loss = np.linspace(2.3, 4.5, 12)
    error = 0.75 - 1.9 * np.exp(-0.9 * loss) + 0.003 * rng.standard_normal(12)
    fit = lt.fit_error(loss, error)
    (top, k, gamma), _ = curve_fit(lambda x, e, k, g: e - k * np.exp(-g * x), loss, error, p0=[0.75, 1.9, 0.9])

    assert (fit.top, fit.k, fit.gamma) == pytest.approx((top, k, gamma), rel=1e-3)


def _runs():
    rows = []
    for params in (2e8, 4e8, 8e8, 1.3e9):
        for multiple in (20, 40, 100, 200):
            for share in np.linspace(0.05, 1, 20):
                tokens = params * multiple * share
                bits = 0.4 + 60 / params**0.25 + 60 / tokens**0.25
                accuracy = 0.25 + 0.7 / (1 + np.exp(5 * (bits - 0.9)))
                rows.append((f"{params:g}-{multiple}", params, tokens, bits, accuracy))
    return pd.DataFrame(rows, columns=["run", "params", "tokens", "bits", "accuracy"])


def test_two_steps_predict_what_follows_them():
    """Where tasks follow both steps exactly, a model ten times larger is predicted within half a point."""
    runs = _runs()
    fit = lt.fit_two_step(runs, 0.25, ideal_ends=False, smooth=1)
    params, tokens = 1.3e10, 5e12
    bits = 0.4 + 60 / params**0.25 + 60 / tokens**0.25

    assert float(fit.bits(params, tokens)) == pytest.approx(bits, rel=1e-3)
    assert float(fit.accuracy(params, tokens)) == pytest.approx(0.25 + 0.7 / (1 + np.exp(5 * (bits - 0.9))), abs=0.005)


def test_ideal_ends_pull_the_second_step():
    """Told that no bits mean all right, the fitted step comes nearer to it."""
    runs = _runs()
    plain, told = (lt.fit_two_step(runs, 0.25, ideal_ends=ends) for ends in (False, True))

    assert abs(float(told.accuracy_at(0.0)) - 1) < abs(float(plain.accuracy_at(0.0)) - 1)


def test_what_follows_both_laws_is_predicted_on_a_testbed():
    """Where losses and errors of a corpus follow the laws, both large models are predicted within a tenth of a percent; a task that nobody learned plays no part."""
    law, sizes = lt.OverTrainedLaw(1.6, 80.0, 160.0, 0.115), {"d=96_l=8_h=4": 1e7, "d=512_l=8_h=4": 8e7, "d=576_l=24_h=8": 1.5e8, "d=1024_l=24_h=8": 4e8}  # fmt: skip
    kinds = [*lt.SMALL, ("open_lm_1b", 1), *lt.LARGE.values()]
    params = np.array([sizes.get(shape, 6.9e9 if shape == "open_lm_7b" else 1.4e9) for shape, _ in kinds])
    multiple = np.array([m for _, m in kinds], dtype=float)
    runs = pd.DataFrame({"corpus": "a", "shape": [s for s, _ in kinds], "multiple": multiple, "params": params, "tokens": 20 * params * multiple})  # fmt: skip
    runs["loss"] = law.loss(runs.params, runs.tokens)
    scores = pd.DataFrame({"learned": 1 - lt.ErrorLaw(0.85, 4.0, 0.75).error(runs.loss), "unlearned": 0.25}, index=runs.index)  # fmt: skip
    scores.loc["chance"] = 0.25

    assert lt.learned_tasks(runs, scores) == ["learned"]
    misses = lt.testbed_misses(runs, scores)
    assert list(misses.model) == list(lt.LARGE)
    assert misses[["loss", "tasks", "tasks_from_loss"]].abs().max().max() < 0.1


def test_what_follows_both_steps_is_predicted_on_a_ladder():
    """A large model whose task follows both steps is predicted within half a point from the data alone."""
    params, tokens = 1.3e10, 5e12
    bits = 0.4 + 60 / params**0.25 + 60 / tokens**0.25
    large = {"model": "13B", "run": "large", "params": params, "tokens": tokens, "bits": bits}
    large["accuracy"] = 0.25 + 0.7 / (1 + np.exp(5 * (bits - 0.9)))
    runs = pd.concat([_runs().assign(target=False, model="small"), pd.DataFrame([large]).assign(target=True)])
    misses = lt.ladder_misses(runs.assign(task="one"), {"one": 4}).set_index("ends").miss

    assert abs(misses["data alone"]) < 0.5
    assert set(misses.index) == {"data alone", "told two ideal ends"}


def test_principal_shares_are_those_of_the_covariance():
    """Without gaps the shares are the eigenvalues of the covariance matrix over their sum."""
    table = np.random.default_rng(0).normal(size=(40, 5)) @ np.diag([3, 2, 1, 1, 0.5])
    values = np.sort(np.linalg.eigvalsh(np.cov(table.T)))[::-1]

    np.testing.assert_allclose(lt.principal_shares(table), values / values.sum(), rtol=1e-9)
    correlation = np.sort(np.linalg.eigvalsh(np.corrcoef(table.T)))[::-1]
    np.testing.assert_allclose(lt.principal_shares(table, standardise=True), correlation / 5, rtol=1e-9)


def test_gaps_are_filled_from_the_first_component():
    """In a table of one component, missing cells change nothing: its share stays one (1e-6)."""
    rng = np.random.default_rng(1)
    table = np.outer(rng.normal(size=30), [1.0, 2.0, -1.0]) + 5
    table[3, 1] = table[7, 2] = np.nan

    assert lt.principal_shares(table)[0] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: lt.fit_over_trained([1e7, 2e7] * 2, [1e9, 2e9] * 2, [3.0, 2.9] * 2), "at least 5"),
        (lambda: lt.fit_over_trained([1e7, 0, 1, 1, 1], [1e9] * 5, [3.0] * 5), "row 1 is 0"),
        (lambda: lt.fit_error([2.0, 3.0], [0.5, 0.6]), "at least 4"),
        (lambda: lt.fit_error([2.0, 3.0, 4.0, 5.0], [0.5, 0.6, 0.7, 1.2]), "row 3 is 1.2"),
        (lambda: lt.principal_shares([[np.nan, 1.0], [np.nan, 2.0]]), "two scores in each"),
    ],
)
def test_what_cannot_be_fitted_is_refused(call, match):
    """Too few runs, rows out of range and empty columns are refused, by their rows."""
    with pytest.raises(ValueError, match=match):
        call()


def test_the_error_law_is_its_formula():
    """At a loss of two, an error law of top 0.9, factor 2 and rate 1.5 gives 0.9 - 2 exp(-3)."""
    law = lt.ErrorLaw(0.9, 2.0, 1.5)

    assert float(law.error(2.0)) == pytest.approx(0.9 - 2 * np.exp(-3))
