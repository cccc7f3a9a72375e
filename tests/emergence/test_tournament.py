"""The tournament: proper scores against closed forms, forecasters on curves they should know, boards by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from emergence.capability_precursors import tournament as tn

SCALES = np.geomspace(1e3, 1e6, 12)


def _curve(scores, kind="loss", name="c", cuts=(8,), **extra):
    return tn.Curve(name, "test", kind, SCALES, np.asarray(scores, dtype=float), cuts, **extra)


def test_the_score_is_that_of_the_closed_form():
    """With many quantiles of a normal distribution the CRPS is the closed form (2 percent), and least at the median."""
    import scoringrules

    z = stats.norm.ppf(np.linspace(0.0005, 0.9995, 1000))
    levels = np.linspace(0.0005, 0.9995, 1000)
    for seen in (-2.0, 0.0, 0.7):
        closed = seen * (2 * stats.norm.cdf(seen) - 1) + 2 * stats.norm.pdf(seen) - 1 / np.sqrt(np.pi)
        assert scoringrules.crps_quantile(seen, z, levels) == pytest.approx(closed, rel=0.02)
    quantiles = stats.norm.ppf(tn.LEVELS)[None, :].repeat(3, axis=0)
    near, far, worse = tn.crps(quantiles, np.array([0.0, 1.0, 3.0]))
    assert near < far < worse


def test_a_power_law_is_forecast_by_those_that_know_it():
    """On an exact power law the linear forecaster and M1 are within a thousandth, and the last value is not."""
    played = tn.play(_curve(5 * SCALES**-0.2)).set_index("forecaster")

    for name in ("linear in log scale", "M1"):
        assert (played.loc[name, "median"] / played.loc[name, "seen"]).to_numpy() == pytest.approx(1, abs=1e-3)
    assert played.ahead.to_numpy() == pytest.approx(played.target.to_numpy() / SCALES[7])
    assert (played.loc["last value", "median"] > 1.05 * played.loc["last value", "seen"]).all()


def test_a_floor_is_forecast_by_m2():
    """On a power law above a floor M2 beats the straight line by far."""
    played = tn.play(_curve(0.5 + 50 * SCALES**-0.5))
    mean = played.groupby("forecaster").crps.mean()

    assert mean["M2"] < 0.1 * mean["linear in log scale"]


def test_a_logistic_is_forecast_by_the_logistic():
    """On a logistic rise of right answers the logistic is within a hundredth."""
    wrong = 1 / (1 + np.exp(1.2 * (np.log(SCALES) - 10.5)))
    played = tn.play(_curve(wrong, "error")).set_index("forecaster")

    assert (played.loc["logistic", "median"] - played.loc["logistic", "seen"]).abs().max() < 0.01


def test_intervals_cover_a_noisy_line():
    """On 200 noisy straight lines the linear forecaster's 90 percent interval holds 84 to 96 percent of outcomes."""
    rng = np.random.default_rng(0)
    curves = [_curve(3 * SCALES**-0.15 * np.exp(0.05 * rng.standard_normal(12)), name=str(i)) for i in range(200)]
    played = tn.tournament(curves, ["last value", "linear in log scale"])
    held = tn.coverage(played[played.forecaster == "linear in log scale"])

    assert 0.84 < held.share < 0.96
    assert held.low <= held.share <= held.high


def test_a_failure_is_penalised_and_said():
    """A logistic on a loss scores twice the last value and covers nothing; who needs what is not there does not play."""
    played = tn.play(_curve(5 * SCALES**-0.2)).set_index("forecaster")
    base = played.loc["last value", "crps"].to_numpy()

    assert played.loc["logistic", "failed"].all()
    assert not played.loc["logistic", "in_ninety"].any()
    np.testing.assert_allclose(played.loc["logistic", "crps"], tn.PENALTY * base)
    assert not {"two steps through the loss", "observational"} & set(played.index)


def test_noise_that_is_known_is_not_followed():
    """Told of its noise, the Gaussian process forecasts a noisy line nearer to the line than when told of none."""
    rng = np.random.default_rng(3)
    line, targets = 3 * SCALES**-0.15, SCALES[-1:] * 3
    true, off = 3 * targets[0] ** -0.15, {0.0: [], 0.3: []}
    for _ in range(20):
        scores = line * np.exp(0.3 * rng.standard_normal(12))
        for noise, gaps in off.items():
            told = tn.gaussian_process(SCALES, scores, np.full(12, noise), targets)
            gaps.append(abs(np.log(told[0, len(tn.LEVELS) // 2] / true)))

    assert np.mean(off[0.3]) < np.mean(off[0.0])


def test_the_spread_of_a_form_is_residual_and_doubt():
    """Near the points a power law's spread is its residual; far ahead the doubt about its slope widens it."""
    rng = np.random.default_rng(4)
    scores = 5 * SCALES**-0.2 * np.exp(0.05 * rng.standard_normal(12))
    told = tn.FORECASTERS["M1"].call(SCALES, scores, np.zeros(12), np.array([SCALES[6], SCALES[-1] * 1e4]))
    width = np.log(told[:, -1] / told[:, 0])

    assert 0.1 < width[0] < 0.3
    assert width[1] > 1.5 * width[0]


def test_what_else_is_known_is_used():
    """Where a score follows the loss, two steps forecast it; where all tasks are powers, their component does."""
    loss = 2 + 30 * SCALES**-0.4
    score = np.exp(2 * (loss - 3)) / 10
    by_loss = tn.play(_curve(score, loss=loss)).set_index("forecaster").loc["two steps through the loss"]
    power = 5 * SCALES**-0.2
    by_others = tn.play(_curve(power, others=np.stack([power**0.5, power**2], axis=1))).set_index("forecaster")

    for found in (by_loss, by_others.loc["observational"]):
        assert not found.failed.any()
        assert (np.log(found["median"] / found.seen)).abs().max() < 0.05
        assert np.log(found.high / found.low).max() < 0.2


def test_a_reader_can_add_a_forecaster():
    """A function of four arguments under a new name takes part, and one with a wrong shape counts as failed."""

    @tn.forecaster("half of the last")
    def half(scales, scores, noise, targets):
        return tn.spread_in_log(np.full(len(targets), np.log(scores[-1] / 2)), np.full(len(targets), 0.1))

    @tn.forecaster("broken")
    def broken(scales, scores, noise, targets):
        return np.ones(3)

    try:
        played = tn.play(_curve(5 * SCALES**-0.2)).set_index("forecaster")
        assert played.loc["half of the last", "median"].to_numpy() == pytest.approx(2.5 * SCALES[7] ** -0.2)
        assert played.loc["broken", "failed"].all()
    finally:
        del tn.FORECASTERS["half of the last"], tn.FORECASTERS["broken"]


def _row(curve, name, score, held=True, **extra):
    row = {"curve": curve, "cluster": curve, "forecaster": name, "crps": score, "last": 1.0, "in_half": True, "in_ninety": held, "failed": False}  # fmt: skip
    return row | extra


def test_a_board_is_the_geometric_mean_by_curve():
    """Skill is one less the geometric mean over curves of the ratio of mean scores, each curve weighing the same."""
    rows = []
    for curve, targets, ratio in (("a", 1, 0.5), ("b", 3, 0.25), ("c", 2, 1.0)):
        for i in range(targets):
            rows += [_row(curve, name, score, i == 0) for name, score in (("last value", 2.0), ("x", 2.0 * ratio))]
    found = tn.board(pd.DataFrame(rows))
    table = found.table.set_index("forecaster")

    assert (found.curves, found.clusters) == (3, 3)
    assert table.loc["x", "skill"] == pytest.approx(100 * (1 - (0.5 * 0.25) ** (1 / 3)))
    assert table.loc["last value", "skill"] == 0
    assert table.loc["x", "low"] <= table.loc["x", "skill"] <= table.loc["x", "high"]
    assert found.table.forecaster[0] == "x"
    assert table.loc["x", ["half", "failed"]].tolist() == pytest.approx([100, 0])


def test_coverage_has_one_definition():
    """Each curve weighs the same, on a board as in `coverage`: held in one of one, of three and of two is 61 percent."""
    rows = [_row(c, "last value", 1.0, i == 0) for c, n in (("a", 1), ("b", 3), ("c", 2)) for i in range(n)]
    frame = pd.DataFrame(rows)

    assert tn.coverage(frame).share == pytest.approx((1 + 1 / 3 + 1 / 2) / 3)
    assert tn.board(frame).table.ninety[0] == pytest.approx(100 * tn.coverage(frame).share)


def test_both_averages_and_baselines_are_by_hand():
    """By the mean a curve counts by its size relative to the score last seen; against another baseline, by that one."""
    scores = {"a": {"last value": 4.0, "linear in log scale": 2.0, "x": 1.0}, "b": {"last value": 1.0, "linear in log scale": 2.0, "x": 1.0}}  # fmt: skip
    frame = pd.DataFrame([_row(c, name, v, last={"a": 1.0, "b": 10.0}[c]) for c, by in scores.items() for name, v in by.items()])  # fmt: skip

    def skill(**how):
        return tn.board(frame, **how).table.set_index("forecaster").skill["x"]

    assert skill() == pytest.approx(100 * (1 - 0.25**0.5))
    assert skill(average="mean") == pytest.approx(100 * (1 - 1.1 / 4.1))
    assert skill(against="linear in log scale") == pytest.approx(50)
    assert skill(against="linear in log scale", average="mean") == pytest.approx(100 * (1 - 1.1 / 2.2))


def test_who_plays_on_some_curves_is_measured_on_these():
    """A forecaster that did not play on a curve is compared with the baseline on the others alone."""
    rows = [_row(c, "last value", 2.0) for c in "abc"] + [_row("a", "x", 1.0), _row("b", "x", 1.0)]
    for average in ("ratio", "mean"):
        table = tn.board(pd.DataFrame(rows), average=average).table.set_index("forecaster")

        assert table.loc["x", "skill"] == pytest.approx(50)
        assert table.loc["x", "curves"] == 2


def test_copies_of_a_curve_are_no_evidence():
    """Ten settings of each task leave the interval as wide as one; as clusters of their own they would narrow it."""
    rng = np.random.default_rng(5)
    ratios = rng.lognormal(-0.3, 0.6, 12)

    def width(copies, own):
        rows = []
        for i, ratio in enumerate(ratios):
            for j in range(copies):
                cluster = f"{i}-{j}" if own else str(i)
                rows += [_row(f"{i}-{j}", "last value", 1.0, cluster=cluster), _row(f"{i}-{j}", "x", ratio, cluster=cluster)]  # fmt: skip
        x = tn.board(pd.DataFrame(rows), draws=2000).table.set_index("forecaster").loc["x"]
        return x.high - x.low

    assert width(10, own=False) == pytest.approx(width(1, own=False), rel=0.1)
    assert width(10, own=True) < 0.5 * width(1, own=False)


def test_a_curve_is_forecast_among_others_as_alone():
    """Fits side by side change no score (1e-6): a loss, a share, and a curve too short for some forms, by all forecasters."""
    rough = np.exp(0.1 * np.random.default_rng(0).standard_normal(12))
    curves = [_curve(5 * SCALES**-0.2 * rough), _curve(np.minimum(SCALES**-0.1 * rough, 1), "error", cuts=(4, 9))]
    among = tn.tournament(curves)

    alone = pd.concat([tn.play(curve) for curve in curves], ignore_index=True)
    pd.testing.assert_frame_equal(among, alone, rtol=1e-6)
    assert among.failed.any()


def test_a_view_is_of_what_was_seen_alone():
    """Two curves that part after the cut look the same up to it, whatever comes."""
    calm = 0.9 * SCALES**-0.01
    jump = np.where(np.arange(len(SCALES)) > 7, 0.05, calm)
    views = [set(tn.play(_curve(scores, "error")).view) for scores in (calm, jump)]

    assert views[0] == views[1] == {"flat so far"}


@pytest.mark.parametrize("n", [5, 8, 30])
def test_views_are_right_where_they_are_known(n):
    """A power law is even, a fall between two neighbours is a step, a constant and a rise are flat, at 5 points or 30."""
    x = np.geomspace(1, 1e4, n)
    step = np.where(np.arange(n) < n // 2, 1.0, 0.2)

    assert tn.view_of(x, x**-0.2) == "even so far"
    assert tn.view_of(x, step) == "a step so far"
    assert tn.view_of(x, np.ones(n)) == tn.view_of(x, x**0.2) == "flat so far"
    assert tn.view_of(x, x**-0.02, np.full(n, 0.2)) == "flat so far"


def test_horizons_take_their_upper_bound():
    """Three times is within up to 3 times, a little more is beyond it."""
    found = tn.horizon_of(pd.Series([1.1, 3.0, 3.01, 10.0, 99.0, 1e4]))

    names = list(tn.HORIZONS)
    assert found.tolist() == [names[0], names[0], names[1], names[1], names[2], names[3]]


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: _curve(np.linspace(2, 1, 12), "error"), ValueError, "shares up to 1"),
        (lambda: _curve(np.linspace(2, 1, 12), cuts=(2,)), ValueError, "3 points seen"),
        (lambda: _curve(np.linspace(2, 0, 12)), ValueError, "row 11 is 0"),
        (lambda: tn.Curve("c", "t", "loss", SCALES[::-1], SCALES, (5,)), ValueError, "rising order"),
        (lambda: tn.tournament([], ["oracle"]), KeyError, "no forecaster oracle"),
        (lambda: tn.board(pd.DataFrame({"curve": []})), ValueError, "no forecasts|a table with the columns"),
        (lambda: tn.coverage(pd.DataFrame({"curve": []})), ValueError, "no forecasts|a table with the columns"),
        (lambda: tn.board(pd.DataFrame([_row("a", "x", 1.0)])), KeyError, "forecasts by last value"),
        (lambda: tn.board(pd.DataFrame([_row("a", "x", 1.0)]), average="median"), ValueError, "one of ratio, mean"),
    ],
)
def test_what_cannot_be_played_is_refused(call, error, match):
    """Curves that are no curves, unknown forecasters and empty boards are refused with what is needed."""
    with pytest.raises(error, match=match):
        call()


def test_the_gaussian_process_knows_what_it_does_not_know():
    """On 60 noisy straight lines its 90 percent interval holds 75 to 99 percent of outcomes, wider the farther ahead."""
    rng = np.random.default_rng(1)
    curves = [_curve(3 * SCALES**-0.15 * np.exp(0.05 * rng.standard_normal(12)), name=str(i)) for i in range(60)]
    played = tn.tournament(curves, ["last value", "Gaussian process"])
    ours = played[played.forecaster == "Gaussian process"]
    width = np.log(ours.high / ours.low).groupby(ours.target).median()

    assert 0.75 < tn.coverage(ours).share < 0.99
    assert (np.diff(width.sort_index()) > 0).all()
    assert (np.log(ours["median"] / ours.seen).abs().median()) < 0.1


def test_coverage_is_of_one_forecaster():
    """The forecasts of several forecasters have no coverage of their own: their mixture is refused, each alone is not."""
    frame = pd.DataFrame([_row("a", "x", 1.0), _row("a", "y", 1.0, held=False)])

    with pytest.raises(ValueError, match=r"given 2 of the column forecaster.*groupby"):
        tn.coverage(frame)
    assert [tn.coverage(rows).share for _, rows in frame.groupby("forecaster")] == [1.0, 0.0]
