"""Scaling laws: closed forms against a general optimiser, and published values."""

from __future__ import annotations

import re
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize, minimize_scalar

from emergence import scaling_laws as sl

LAWS = sl.published_laws()


@pytest.fixture(autouse=True)
def _beyond_the_runs(request):
    """Most tests ask laws far beyond their runs on purpose; those of the warning do not."""
    if "warns" in request.node.name:
        yield
    else:
        with sl.extrapolating():
            yield


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


def test_nearly_all_starts_end_at_the_optimum():
    """On a law's own losses with noise nearly every start ends at one optimum, with a slope of nothing."""
    params, tokens, loss, _ = _runs()
    fit = sl.fit_parametric(params, tokens, loss)

    assert fit.converged
    assert fit.agreeing >= 30
    assert fit.starts == 32


def test_a_narrow_huber_loss_is_least_absolute_residuals():
    """With a vanishing Huber width the sum of absolute residuals is no larger than at a general optimiser's best."""
    params, tokens, loss, _ = _runs(noise=0.02)
    fit = sl.fit_parametric(params, tokens, loss, delta=1e-7)

    def total(theta):
        fitted = np.exp(theta[0]) / params ** theta[3] + np.exp(theta[1]) / tokens ** theta[4] + np.exp(theta[2])
        return np.abs(np.log(loss / fitted)).sum()

    start = [np.log(fit.law.A), np.log(fit.law.B), np.log(fit.law.E), fit.law.alpha, fit.law.beta]
    found = minimize(total, start, method="Nelder-Mead", options={"maxiter": 20_000, "xatol": 1e-10, "fatol": 1e-12})
    assert np.abs(fit.residuals).sum() <= found.fun * (1 + 1e-6)


def test_least_absolute_residuals_are_exact():
    """The fit passes through five runs, its sum is below that of a narrow Huber loss, and no general optimiser beats it."""
    params, tokens, loss, _ = _runs(noise=0.02)
    exact, near = sl.fit_absolute(params, tokens, loss), sl.fit_parametric(params, tokens, loss, delta=1e-5)

    def total(theta):
        fitted = np.exp(theta[0]) / params ** theta[3] + np.exp(theta[1]) / tokens ** theta[4] + np.exp(theta[2])
        return np.abs(np.log(loss / fitted)).sum()

    law = exact.law
    start = [np.log(law.A), np.log(law.B), np.log(law.E), law.alpha, law.beta]
    found = minimize(total, start, method="Nelder-Mead", options={"maxiter": 20_000, "xatol": 1e-10, "fatol": 1e-12})
    assert exact.converged
    assert exact.agreeing == exact.starts
    assert (np.abs(exact.residuals) < 1e-12).sum() == 5
    assert np.abs(exact.residuals).sum() <= np.abs(near.residuals).sum()
    assert np.abs(exact.residuals).sum() <= found.fun * (1 + 1e-12)


def test_least_absolute_residuals_pass_over_wild_runs():
    """Runs that lie exactly on a law give it back to nine digits although one in ten is wildly off."""
    params, tokens, _, truth = _runs()
    loss = truth.loss(params, tokens)
    loss[::10] *= 1.5
    law = sl.fit_absolute(params, tokens, loss).law

    for name in sl.PARAMETERS:
        assert getattr(law, name) == pytest.approx(getattr(truth, name), rel=1e-9)


def test_resamples_are_refitted_as_bfgs_would():
    """Each of the first replicates is where SciPy's BFGS ends on the same draw, started at the fit (0.1 percent)."""
    params, tokens, loss, _ = _runs(noise=0.01)
    drawn = sl.bootstrap(params, tokens, loss, replicates=8)
    rng = np.random.RandomState(42)
    start = sl.fit_parametric(params, tokens, loss).law
    n, d, y = np.log(params), np.log(tokens), np.log(loss)
    for i in range(8):
        at = rng.choice(len(n), len(n))

        def objective(theta, at=at):
            a, b, e, alpha, beta = theta
            gap = np.abs(np.logaddexp(np.logaddexp(a - alpha * n[at], b - beta * d[at]), e) - y[at])
            return np.where(gap <= 1e-3, gap**2 / 2, 1e-3 * (gap - 5e-4)).sum() * 1e6

        theta = [np.log(start.A), np.log(start.B), np.log(start.E), start.alpha, start.beta]
        found = minimize(objective, theta, method="Nelder-Mead", options={"maxiter": 20_000, "maxfev": 20_000, "xatol": 1e-9, "fatol": 1e-9})  # fmt: skip
        assert drawn["beta"][i] == pytest.approx(found.x[4], rel=1e-3)
        assert drawn["E"][i] == pytest.approx(np.exp(found.x[2]), rel=1e-3)


def test_resamples_depend_on_the_seed_alone():
    """The same seed gives the same replicates on one thread and on three; another seed gives others."""
    params, tokens, loss, _ = _runs()
    one, three, other = (
        sl.bootstrap(params, tokens, loss, replicates=600, seed=seed, threads=threads)
        for seed, threads in ((1, 1), (1, 3), (2, 1))
    )

    assert one.equals(three)
    assert not one.equals(other)
    assert one["exponent"].to_numpy() == pytest.approx((one["beta"] / (one["alpha"] + one["beta"])).to_numpy())
    with pytest.raises(ValueError, match="at least 2"):
        sl.bootstrap(params, tokens, loss, replicates=1)


def test_a_profile_interval_ends_where_the_likelihood_has_fallen():
    """With alpha held at an end of its interval and the rest refitted by SciPy, the deviance is the limit (1 percent)."""
    params, tokens, loss, _ = _runs(noise=0.02)
    fit = sl.fit_parametric(params, tokens, loss)
    ends = sl.profile_interval(params, tokens, loss)["alpha"]
    n, d, y = np.log(params), np.log(tokens), np.log(loss)

    def size(alpha):
        def objective(theta):
            a, b, e, beta = theta
            gap = np.abs(np.logaddexp(np.logaddexp(a - alpha * n, b - beta * d), e) - y)
            return np.where(gap <= 1e-3, gap**2 / 2, 1e-3 * (gap - 5e-4)).mean() * 1e6

        law = fit.law
        start = [np.log(law.A) + (alpha - law.alpha) * n.mean(), np.log(law.B), np.log(law.E), law.beta]
        found = minimize(objective, start, method="Nelder-Mead", options={"maxiter": 40_000, "maxfev": 40_000, "xatol": 1e-10, "fatol": 1e-10})  # fmt: skip
        return found.fun / 1e6 / 1e-3 + 5e-4

    best = fit.objective / 1e-3 + 5e-4
    for end in (ends.low, ends.high):
        assert 2 * len(n) * np.log(size(end) / best) == pytest.approx(3.841, rel=0.01)
    assert ends.low < ends.estimate < ends.high


def test_a_flat_profile_is_said():
    """Runs that need no term for size, the loss following data alone, do not bound A: an error says so."""
    rng = np.random.default_rng(0)
    params, tokens = 10 ** rng.uniform(7, 10, 30), 10 ** rng.uniform(9, 12, 30)
    loss = (1.8 + 2000 / tokens**0.37) * np.exp(0.02 * rng.standard_normal(30))
    with pytest.raises(ValueError, match="do not bound A"):
        sl.profile_interval(params, tokens, loss)


def test_equal_losses_are_refused():
    """Runs that all have one loss are refused with the loss."""
    with pytest.raises(ValueError, match="the loss 3"):
        sl.fit_parametric(np.arange(1, 9), np.arange(2, 10), np.full(8, 3.0))


def test_a_law_warns_outside_its_runs():
    """Asked beyond its fitted runs a law names itself, what was asked and what was fitted; within them it is silent."""
    law = LAWS["hoffmann-unrounded"]
    with pytest.warns(
        sl.OutsideFittedRange, match=r"Hoffmann 2022, unrounded: asked for 1e\+12 to 1e\+12 params, fitted on 4.4e\+07"
    ):
        law.loss(1e12, 1e10)
    with pytest.warns(sl.OutsideFittedRange) as seen:
        law.optimal(sl.GOPHER_FLOP)
    assert [w for w in ("params", "tokens") if any(w in str(s.message) for s in seen)] == ["params", "tokens"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        law.loss(1e9, 2e10)
        with sl.extrapolating():
            law.loss(1e12, 1e10)
    assert law.domain.holds([1e9, 1e12], [2e10, 2e10]).tolist() == [True, False]
    # What one thread means is not said for another.
    with sl.extrapolating(), ThreadPoolExecutor(1) as other, pytest.warns(sl.OutsideFittedRange):
        other.submit(law.loss, 1e12, 1e10).result()


def test_serving_asks_for_smaller_models():
    """The cheapest model of a loss is where SciPy finds it on the cost itself, and shrinks as more is served."""
    law = LAWS["hoffmann-unrounded"]
    at = law.optimal(1e23)
    loss = float(law.loss(at.params, at.tokens))

    alone = law.optimal_served(loss, 0.0)
    assert float(alone.params) == pytest.approx(float(at.params), rel=1e-3)
    sizes = [float(law.optimal_served(loss, tokens).params) for tokens in (0, 1e11, 1e12, 1e13)]
    assert sizes == sorted(sizes, reverse=True)
    served = law.optimal_served(loss, 1e12)
    # First-order condition: the ratio of the two terms' slopes is 1 + served / (3 trained).
    size_term = law.alpha * law.A / float(served.params) ** law.alpha
    data_term = law.beta * law.B / float(served.tokens) ** law.beta
    assert size_term / data_term == pytest.approx(1 + 1e12 / (3 * float(served.tokens)), rel=1e-3)
    with pytest.raises(ValueError, match="above E"):
        law.optimal_served(law.E, 1e9)


def test_repeated_data_falls_back_to_the_law_of_new_data():
    """With every token unique and a model that they can use, repetition changes nothing; repeating never helps more."""
    law = sl.repeated_data_law()
    best = law.unique.optimal(1e22)

    assert float(law.loss(best.params, best.tokens, best.tokens)) == pytest.approx(float(law.unique.loss(best.params, best.tokens)), rel=1e-9)  # fmt: skip
    fresh, four, forty = (float(law.loss(1e9, 1e11, 1e11 / e)) for e in (1, 4, 40))
    assert fresh < four < forty
    assert law.name == "Muennighoff 2023"


def test_parameters_beyond_what_unique_tokens_can_use_count_for_less():
    """Four times the parameters that are best for the unique tokens are worth 1 + R (1 - exp(-3/R)) times them."""
    law = sl.repeated_data_law()
    one, unique, repeats = law.unique, 1e9, law.repeats_params
    best = (one.alpha * one.A / (one.beta * one.B)) ** (1 / one.alpha) * unique ** (one.beta / one.alpha)
    worth = best * (1 + repeats * (1 - np.exp(-3 / repeats)))

    with sl.extrapolating():
        found = law.loss(4 * best, unique, unique)
        assert float(found) == pytest.approx(float(one.loss(worth, unique)), rel=1e-9)
        assert float(found) > float(one.loss(4 * best, unique))


def test_experts_stop_to_help_at_the_cutoff():
    """Below the cutoff more experts lower the loss, above it they raise it, and one expert counts as the start."""
    for law in sl.routed_laws().values():
        small, large = (law.loss(law.cutoff * f, [2, 64, 512]) for f in (0.1, 10))
        assert (np.diff(small) < 0).all()
        assert (np.diff(large) > 0).all()
        assert float(law.effective_experts(1)) == pytest.approx(law.expert_start, rel=1e-9)
        assert float(law.effective_experts(1e12)) == pytest.approx(law.expert_max, rel=1e-6)
        with pytest.raises(ValueError, match="at least 1"):
            law.loss(1e9, 0)


def test_other_published_forms():
    """A floor is never crossed, and Kaplan's law in parameters is one at its own scale."""
    laws = sl.henighan_laws()
    assert len(laws) == 20
    for law in laws.values():
        assert law.floor < float(law.loss(1e30)) < float(law.loss(1e6))
    alone = sl.kaplan_power_law("L(N)", "N_c", "alpha_N")
    assert float(alone.loss(8.8e13)) == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize(
    ("params", "tokens", "said"),
    [
        (float("nan"), 1e9, "params: given nan; needed: finite numbers above 0"),
        (1e9, -1, "tokens: given -1"),
        ([], [], "params: given"),
        ([1e8, 1e9], [1e9, 1e9, 1e9], "given 2 params and 3 tokens; needed: as many of each, or one"),
    ],
)
def test_a_law_says_which_of_its_arguments_is_none(params, tokens, said):
    """What is no size or no number of tokens is named as such, and not as a budget or in numpy's words."""
    with pytest.raises(ValueError, match=re.escape(said)):
        ADDITIVE[0].loss(params, tokens)


def test_a_law_without_runs_on_record_is_named():
    """A misspelt law would never be warned about beyond its runs."""
    with pytest.raises(KeyError, match="no law hofmann in law_domains; there are: gadre, hoffmann"):
        sl.fitted_domain("hofmann")


def test_runs_given_twice_are_no_more_runs():
    """Five constants are not read off three runs, however often these are repeated."""
    size, tokens, loss = (np.repeat(runs, 2) for runs in ([1e8, 1e9, 1e10], [1e9, 4e10, 2e11], [3.5, 2.6, 2.1]))
    with pytest.raises(ValueError, match="given 3 different runs among 6 rows; needed: 5 at least"):
        sl.fit_parametric(size, tokens, loss)


def test_an_allocation_is_of_one_shape():
    """A budget, a size and tokens of different lengths are no use of budgets."""
    with pytest.raises(ValueError, match="needed: one shape"):
        sl.Allocation(np.ones(2), np.ones(1), np.ones(3))


def test_losses_that_rise_and_a_seed_below_nought_are_said_in_our_words():
    """The reason is said by what was given: losses that do not fall, and not an exponent that nobody gave."""
    size, tokens = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e8, 1e10, 4), np.geomspace(1e9, 1e11, 4)))
    loss = 1.5 + 400 / tokens**0.3 + 0.01 * size**0.2
    with pytest.raises(ValueError, match="losses that do not fall with size; needed: losses that fall with both"):
        sl.fit_parametric(size, tokens, loss)
    with pytest.raises(ValueError, match="seed: given -1; needed: a whole number"):
        sl.bootstrap(size, tokens, 5 - loss, seed=-1)
