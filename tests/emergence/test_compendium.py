"""The compendium computed: functions that warn, optima against a general optimiser, the band and agreement."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from emergence import scaling_laws as sl
from emergence.records.laws import load_laws
from emergence.scaling_laws.compendium import LEFT_OUT


@pytest.fixture(scope="module")
def laws(root):
    """The records."""
    return load_laws(root / "data")


@pytest.fixture(scope="module")
def computed(laws):
    """Every law that can be computed."""
    return sl.computed_laws(laws)


def test_every_function_belongs_to_a_record(computed, laws):
    """Each computed law is named after a record, takes variables that the record explains, and gives finite numbers."""
    with sl.extrapolating():
        for name, law in computed.items():
            assert law.record is laws.law(name.split("/")[0])
            assert set(law.variables) <= set(law.record.variables) | {"L", "E"}, name
            value = law(**{v: 2.0 if v in ("E", "n", "t") else 3.0 if v == "L" else 1e8 for v in law.variables})
            assert np.isfinite(value).all(), name


def test_published_points_come_out(computed):
    """Losses and sizes that papers or our tables state: Chinchilla, Kaplan's lines, a doubling time, a board of Hex."""
    with sl.extrapolating():
        assert float(computed["besiroglu"](N=7e10, D=1.4e12)) == pytest.approx(1.974, abs=5e-4)
        assert float(computed["kaplan-n"](N=8.8e13)) == 1
        assert float(computed["kaplan-batch"](L=1.0)) == 2.1e8
        # Data without end leave the power of size alone.
        assert float(computed["kaplan-joint"](N=1e9, D=1e30)) == pytest.approx((6.4e13 / 1e9) ** 0.076)
        assert float(computed["algorithmic"](t=8 / 12)) == 2
        assert float(computed["hex"](C=1e30, n=9)) == -270 * 9 + 570
        new = computed["muennighoff"](N=1e7, D=1e9, U_D=1e9)
        assert float(new) == pytest.approx(float(sl.repeated_data_law().unique.loss(1e7, 1e9)), rel=1e-4)
    assert computed["besiroglu"].ranges["N"] == (4.4e7, 1.6183e10)


def test_a_computed_law_warns_beyond_its_runs(computed):
    """Asked within its runs a law is silent; beyond them it warns for the variable that leaves them."""
    law = computed["besiroglu"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        law(N=1e9, D=2e10)
    with pytest.warns(sl.OutsideFittedRange, match=r"asked for N of 7e\+10"):
        law(N=7e10, D=2e10)


@pytest.mark.parametrize("given", [{"N": 1e9}, {"N": 1e9, "D": 1e10, "x": 1.0}, {}])
def test_other_variables_are_refused(computed, given):
    """A law asked with other variables says which it has."""
    with pytest.raises(TypeError, match="needed: N, D"):
        computed["besiroglu"](**given)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_impossible_values_are_refused(computed, value):
    """Sizes that are not finite and positive are refused with the name of the variable."""
    with pytest.raises(ValueError, match="N: given"):
        computed["besiroglu"](N=value, D=1e10)


def test_the_band_is_made_of_laws_that_stand(laws):
    """Superseded and corrected laws divide budgets too and stay out of the band; those left out have a reason."""
    apart = set(sl.allocations(laws)) - set(sl.live(laws))

    assert apart == {"kaplan-optimum", "hoffmann-3"}
    assert all(laws.law(key).status.is_ == "live" for key in LEFT_OUT)
    assert not set(LEFT_OUT) & set(sl.allocations(laws))


def test_lines_give_what_the_laws_give(laws):
    """The straight lines that the calculator carries are the laws themselves, to twelve digits."""
    found = sl.allocations(laws)
    budgets = np.geomspace(1e18, 1e28, 11)
    for line in sl.lines(laws):
        with sl.extrapolating():
            expected = found[line["id"]].optimal(budgets).params
        np.testing.assert_allclose(np.exp(line["log_size"] + line["exponent"] * np.log(budgets)), expected, rtol=1e-12)


def test_the_llama_line_goes_through_what_the_report_prints(laws):
    """The line of Llama 3 gives 16.55 trillion tokens at 3.8e25 FLOP, and DeepSeek's spends C = MD."""
    with sl.extrapolating():
        llama = sl.allocations(laws)["llama3"].optimal(3.8e25)
        deepseek = sl.allocations(laws)["deepseek"].optimal(1e25)
    assert float(llama.tokens) == pytest.approx(16.55e12)
    assert float(deepseek.tokens) == pytest.approx(5.8316 * 1e25**0.4757, rel=1e-3)


def test_the_band_orders_its_parts(laws):
    """Least, middle and greatest come in order; with one law they are one; without a law it is refused."""
    chosen = sl.live(laws)
    spread = sl.band([1e20, 1e25], chosen)
    for part in (spread.params, spread.tokens, spread.ratio):
        assert (part[0] <= part[1]).all()
        assert (part[1] <= part[2]).all()
    alone = sl.band(1e25, {"besiroglu": chosen["besiroglu"]})
    assert float(alone.ratio[0]) == pytest.approx(float(alone.ratio[2]))
    with pytest.raises(ValueError, match="at least one"):
        sl.band(1e25, {})


@pytest.mark.parametrize("budgets", [[22, 24, 25], 1e60, [1e24, 1e14]])
def test_the_logarithm_of_a_budget_is_refused(laws, budgets):
    """What is no budget of a training run, as 22 FLOP is none, gets no best size from any law, alone or together."""
    chosen = sl.live(laws)
    with pytest.raises(ValueError, match=r"compute_flop: given .*; needed: from 1e\+15 to 1e\+30 FLOP, as they are"):
        sl.band(budgets, chosen)
    with pytest.raises(ValueError, match=r"needed: from 1e\+15"):
        chosen["besiroglu"].optimal(budgets)
    with pytest.raises(ValueError, match=r"needed: from 1e\+15"):
        sl.isoflop(chosen["besiroglu"], 24, [1e9])


def test_intervals_agree_where_they_overlap(laws):
    """As printed, the third approach overlaps with no law that stands; brought to 95 percent, with the widest of them."""
    found = sl.exponent_intervals(laws)
    fell = found[~found.live].name.item()
    for intervals, many in ((found.assign(low=found.printed_low, high=found.printed_high), 0), (found, 1)):
        pairs = sl.agreements(intervals)
        with_it = (pairs["first"] == fell) | (pairs["second"] == fell)
        assert pairs[~with_it].agree.all()
        assert pairs[with_it].agree.sum() == many
    apart = pd.DataFrame({"name": ["a", "b"], "low": [0.0, 2.0], "high": [1.0, 3.0]})
    assert not sl.agreements(apart).agree.item()


def test_intervals_are_brought_to_one_level(laws):
    """An interval of 80 percent grows by the quotient of the normal quantiles, one of 95 stays as printed."""
    found = sl.exponent_intervals(laws).set_index("id")
    grown = (found.high - found.low) / (found.printed_high - found.printed_low)

    assert grown[["hoffmann-1", "hoffmann-2", "hoffmann-3"]].tolist() == pytest.approx(
        [norm.ppf(0.975) / norm.ppf(0.9)] * 3
    )
    assert grown[["besiroglu", "porian", "porian/openwebtext2"]].tolist() == pytest.approx([1.0] * 3)


def test_the_bottom_of_a_valley_is_the_optimum(laws):
    """The least loss along a budget is where SciPy's minimiser finds it, at the closed form's size."""
    law = sl.allocations(laws)["besiroglu"]
    found = minimize_scalar(lambda x: float(sl.isoflop(law, 1e21, 10**x)), bounds=(7, 13), method="bounded", options={"xatol": 1e-9})  # fmt: skip
    with sl.extrapolating():
        best = law.optimal(1e21)
    assert 10**found.x == pytest.approx(float(best.params), rel=1e-4)
    with pytest.raises(ValueError, match="finite numbers above 0"):
        sl.isoflop(law, 0.0, 1e9)


def test_a_wrong_size_wastes_what_a_right_one_would_save(laws):
    """At the best size nothing is wasted; elsewhere the smaller budget reaches the same loss at its own optimum."""
    law = sl.allocations(laws)["besiroglu"]
    assert float(sl.wasted(law, 1e25, 1.0)) == pytest.approx(0, abs=1e-12)
    share = float(sl.wasted(law, 1e25, 4.0))
    with sl.extrapolating():
        best, less = law.optimal(1e25), law.optimal(1e25 * (1 - share))
        assert float(law.loss(less.params, less.tokens)) == pytest.approx(
            float(sl.isoflop(law, 1e25, 4 * best.params)), rel=1e-12
        )
