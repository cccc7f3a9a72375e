"""Scaling laws: closed forms against a general optimiser, and published values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize, minimize_scalar

from review_utils import scaling_laws as sl

LAWS = sl.published_laws()
ADDITIVE = [law for law in LAWS.values() if isinstance(law, sl.AdditiveLaw)]


@pytest.mark.parametrize("law", ADDITIVE, ids=lambda law: law.name)
@given(log_flop=st.floats(18, 26))
def test_the_optimum_is_the_minimum(law, log_flop):
    """The closed-form optimum is what SciPy's scalar minimiser finds on the loss along the budget (1e-4 in log size)."""
    budget = 10**log_flop
    found = minimize_scalar(
        lambda n: float(law.loss(10**n, budget / (6 * 10**n))),
        bounds=(5, 15),
        method="bounded",
        options={"xatol": 1e-9},
    )

    assert np.log10(law.optimal(budget).params) == pytest.approx(found.x, abs=1e-4)


@pytest.mark.parametrize("law", LAWS.values(), ids=lambda law: law.name)
def test_the_budget_is_spent(law):
    """Every law spends C = 6 N D exactly."""
    at = law.optimal(np.geomspace(1e18, 1e26, 9))

    np.testing.assert_allclose(6 * at.params * at.tokens, at.compute_flop, rtol=1e-12)


def test_published_optima_at_gophers_budget():
    """Hoffmann's caption says 40 billion parameters; the unrounded constants give 40.4, the printed ones 32.2."""
    assert float(LAWS["hoffmann-unrounded"].optimal(sl.GOPHER_FLOP).params) == pytest.approx(40.36e9, rel=1e-3)
    assert float(LAWS["hoffmann-printed"].optimal(sl.GOPHER_FLOP).params) == pytest.approx(32.19e9, rel=1e-3)


def test_kaplans_ratios():
    """Eqs. B.12 to B.14: 2.7 times the parameters, 0.13 times the steps; the compute is 0.359 where 0.35 is printed."""
    ratios = sl.kaplan_efficiency(0.1, 0.02, 0.076, 0.76)

    assert (round(ratios.params, 1), round(ratios.steps, 2), round(ratios.compute, 3)) == (2.7, 0.13, 0.359)
    assert sl.kaplan_efficiency(0.1, 0.1, 0.076, 0.76) == sl.EfficiencyRatios(1, 1, 1)


@pytest.mark.parametrize("budget", [0, -1, np.nan, np.inf, [1e20, 0]])
def test_an_impossible_budget_is_refused(budget):
    """A budget that is not finite and positive is refused by every law."""
    for law in LAWS.values():
        with pytest.raises(ValueError, match="above 0"):
            law.optimal(budget)


def test_unknown_constants_and_fractions_are_refused():
    """A constant that is not in the table, and a fraction that is not positive, are refused."""
    with pytest.raises(KeyError, match="alpha_Q"):
        sl.kaplan_constant("L(N)", "alpha_Q")
    with pytest.raises(ValueError, match="above 0"):
        sl.kaplan_efficiency(0, 0.1, 0.076, 0.76)


@pytest.mark.parametrize(("alpha", "beta"), [(0.3478, 0.3658), (0.33917084, 0.2849083)])
def test_the_local_exponent_is_the_slope_of_the_frontier(alpha, beta):
    """The analytic exponent is the numerical slope of the optimum found by SciPy on the loss itself (2 percent).

    The frontier is found for all parameters and then read off in non-embedding ones; C = 6 N D with N likewise.
    """
    law = sl.AdditiveLaw("x", "x", 0.0, 482.0, 2085.0, alpha, beta)

    def best_log_n(log_c):
        def loss(log_n):
            n = 10**log_n
            return float(law.loss(n + sl.PEARCE_GAMMA * n ** (1 / 3), 10**log_c / (6 * n)))

        return minimize_scalar(loss, bounds=(2, 13), method="bounded", options={"xatol": 1e-10}).x

    for log_c in (15, 18, 21, 24):
        slope = (best_log_n(log_c + 0.05) - best_log_n(log_c - 0.05)) / 0.1
        exponent = sl.non_embedding_exponent(10 ** best_log_n(log_c), alpha, beta)

        assert float(exponent) == pytest.approx(slope, rel=0.02)


def test_the_local_exponent_has_its_two_limits():
    """It tends to beta / (alpha/3 + beta) for small models and to beta / (alpha + beta) for large ones."""
    small, large = sl.non_embedding_exponent([1e-6, 1e30], 0.3478, 0.3658)

    assert small == pytest.approx(0.3658 / (0.3478 / 3 + 0.3658), rel=1e-3)
    assert large == pytest.approx(0.3658 / (0.3478 + 0.3658), rel=1e-6)


@given(st.floats(1, 1000), st.floats(0.5, 50))
def test_repetition_is_worth_less_than_new_data(epochs, half_life):
    """Repeating is worth at least one epoch, never more than new data, and never more than 1 + R* epochs."""
    worth = float(sl.worth_of_repetition(epochs, half_life))

    assert 1 - 1e-12 <= worth <= min(epochs, 1 + half_life) + 1e-9


def test_repetition_of_the_published_constant():
    """With R* = 15.39, 4 epochs are worth 93 percent of new data, 16 are worth 66, and 40 are worth 38."""
    share = 100 * sl.worth_of_repetition([4, 16, 40], 15.387756) / np.array([4, 16, 40])

    assert share.round().tolist() == [93, 66, 38]
    with pytest.raises(ValueError, match="at least 1"):
        sl.worth_of_repetition(0.5, 15)


def _runs(seed=0, n=80, noise=0.002):
    rng = np.random.default_rng(seed)
    params, tokens = 10 ** rng.uniform(7, 10, n), 10 ** rng.uniform(9, 12, n)
    law = sl.AdditiveLaw("truth", "", 1.8, 450.0, 2000.0, 0.34, 0.37)
    return params, tokens, law.loss(params, tokens) * np.exp(noise * rng.standard_normal(n)), law


def test_a_law_is_found_again_from_its_own_losses():
    """From losses without noise the fit gives the law's own constants (0.1 percent) and says that it converged."""
    params, tokens, _, law = _runs()
    fit = sl.fit_parametric(params, tokens, law.loss(params, tokens))

    for name in ("E", "A", "B", "alpha", "beta"):
        assert getattr(fit.law, name) == pytest.approx(getattr(law, name), rel=1e-3)
    assert fit.converged


def test_no_general_optimiser_finds_a_better_fit():
    """SciPy's Nelder-Mead on the same objective, started at the fit and at the truth, finds nothing lower."""
    params, tokens, loss, law = _runs()
    fit = sl.fit_parametric(params, tokens, loss)

    def objective(theta):
        a, b, e, alpha, beta = theta
        fitted = np.logaddexp(np.logaddexp(a - alpha * np.log(params), b - beta * np.log(tokens)), e)
        gap = np.abs(np.log(loss) - fitted)
        return np.where(gap <= 1e-3, gap**2 / 2, 1e-3 * (gap - 5e-4)).mean()

    for start in (fit.law, law):
        theta = np.array([np.log(start.A), np.log(start.B), np.log(start.E), start.alpha, start.beta])
        found = minimize(
            objective, theta, method="Nelder-Mead", options={"maxiter": 20_000, "xatol": 1e-9, "fatol": 1e-15}
        )
        assert fit.objective <= found.fun * (1 + 1e-6)


def test_a_known_floor_is_kept():
    """With the floor given, the fit keeps it; a floor above the least loss is refused."""
    params, tokens, loss, _ = _runs()

    assert pytest.approx(1.7) == sl.fit_parametric(params, tokens, loss, floor=1.7).law.E
    with pytest.raises(ValueError, match="below the least loss"):
        sl.fit_parametric(params, tokens, loss, floor=5.0)


@pytest.mark.parametrize(
    ("row", "value", "said"), [(3, np.nan, "row 3"), (0, -1.0, "row 0"), (2, 0.0, "row 2"), (1, np.inf, "row 1")]
)
def test_bad_runs_are_named(row, value, said):
    """A missing, negative, zero or infinite value is refused with its row, in each of the three columns."""
    columns = [np.linspace(1, 2, 8), np.linspace(2, 3, 8), np.linspace(3, 4, 8)]
    for i in range(3):
        bad = [c.copy() for c in columns]
        bad[i][row] = value
        with pytest.raises(ValueError, match=said):
            sl.fit_parametric(*bad)


def test_runs_that_cannot_tell_the_terms_apart_are_refused():
    """Fewer than six runs, uneven columns, and runs of one size are refused."""
    ones = np.ones(8)
    with pytest.raises(ValueError, match="at least 6"):
        sl.fit_parametric([1, 2], [1, 2], [1, 2])
    with pytest.raises(ValueError, match="as many"):
        sl.fit_parametric(np.arange(1, 9), np.arange(1, 8), np.arange(1, 9))
    with pytest.raises(ValueError, match="one size"):
        sl.fit_parametric(ones, np.arange(1, 9), np.arange(1, 9))


def test_points_are_read_with_their_tokens(tmp_path):
    """Tokens of a run follow from compute and size: six times parameters times tokens."""
    path = tmp_path / "points.csv"
    path.write_text("x,y,color,Model Size,Training FLOP,hex_color,loss\n1,2,#a,1e9,6e20,#a,2.5\n")
    points = sl.chinchilla_points({"epoch_chinchilla_svg_extracted_data.csv": path})

    assert points.iloc[0].tolist() == pytest.approx([1e9, 1e11, 2.5])
