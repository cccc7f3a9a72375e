"""Scores of published forecasts: one proper rule in three forms, against a library and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import scoringrules
from scipy import stats

from emergence.capability_precursors import scoring
from emergence.records.published_forecasts import PublishedForecast, load_published_forecasts
from review_utils.review import here


def forecast(**changes):
    """A published forecast of twelve hours for a horizon that came out at sixteen, changed as asked."""
    outcome = {"value": 16, "known": "2026-05-08", "cite": "b", "locator": "l", "read": "primary"}
    base = {
        "id": "a", "kind": "forecast", "label": "l", "question": "q", "by": "b", "cite": "c", "made": "2026-04-07", "target": "autonomy",
        "measure": "horizon", "unit": "hours", "point": {"value": 12}, "rule": "r", "locator": "l", "read": "primary",
    }  # fmt: skip
    outcome |= changes.pop("outcome", {})
    return PublishedForecast.model_validate(base | {"outcome": outcome} | changes)


@pytest.mark.parametrize(("p", "happened"), [(0.0, True), (0.25, True), (0.25, False), (1.0, True)])
def test_brier_is_the_crps_of_a_yes_or_no(p, happened):
    """Brier's score is what the library gives, and the integral that defines the CRPS over a number that is 0 or 1."""
    x = np.linspace(0, 1, 200_001)[:-1]
    integral = np.mean(((1 - p) - (x >= happened)) ** 2)

    assert scoring.brier(p, happened) == pytest.approx(scoringrules.brier_score(float(happened), p))
    assert scoring.brier(p, happened) == pytest.approx(integral, abs=1e-4)


@pytest.mark.parametrize("outcome", [3.0, 15.0, 31.0, 400.0])
def test_quantiles_score_as_the_library_scores_them(outcome):
    """The CRPS of quantiles is the library's, of binary logarithms."""
    q = {0.2: 15.0, 0.5: 24.0, 0.8: 40.0}
    theirs = scoringrules.crps_quantile(np.log2(outcome), np.log2(list(q.values())), np.array(list(q)))

    assert scoring.crps_of_quantiles(q, outcome) == pytest.approx(float(theirs))


def test_many_quantiles_of_a_normal_score_as_its_closed_form():
    """With a thousand quantiles of a log-normal the score is the closed form of the normal distribution."""
    levels = (np.arange(1000) + 0.5) / 1000
    values = 2 ** stats.norm.ppf(levels, 5, 1.5)
    closed = float(scoringrules.crps_normal(np.log2(100.0), 5.0, 1.5))

    assert scoring.crps_of_quantiles(dict(zip(levels, values, strict=True)), 100.0) == pytest.approx(closed, rel=2e-3)


def test_the_rule_is_proper():
    """Whoever moves the quantiles away from what they believe expects a worse score."""
    rng = np.random.default_rng(0)
    came = 2 ** rng.normal(5, 1, 20_000)
    levels = [0.1, 0.5, 0.9]

    def expected(shift, stretch):
        q = dict(zip(levels, 2 ** (5 + shift + stretch * stats.norm.ppf(levels)), strict=True))
        return np.mean([scoring.crps_of_quantiles(q, c) for c in came[:4000]])

    honest = expected(0, 1)
    assert all(expected(*other) > honest for other in [(0.5, 1), (-0.5, 1), (0, 0.4), (0, 2)])


def test_a_point_is_the_limit_of_narrow_quantiles():
    """Quantiles that close in on a point score what the point scores: its distance in doublings."""
    narrow = {0.25: 8 * (1 - 1e-9), 0.5: 8.0, 0.75: 8 * (1 + 1e-9)}

    assert scoring.crps_of_quantiles(narrow, 32.0) == pytest.approx(abs(scoring.doublings_off(8, 32)), rel=1e-6)


def test_a_forecast_is_scored_by_its_form():
    """A point, quantiles and a probability each get the form of the rule that fits, named with the score."""
    point = scoring.score(forecast())
    spread = scoring.score(forecast(point=None, quantiles={"0.2": 8, "0.5": 12, "0.8": 20}))
    chance = scoring.score(forecast(point=None, unit=None, probability=0.25, outcome={"value": 1}))

    assert (point.rule, spread.rule, chance.rule) == (
        "absolute error in doublings", "CRPS in doublings", "Brier",
    )  # fmt: skip
    assert point.value == pytest.approx(np.log2(16 / 12))
    assert chance.value == pytest.approx(0.5625)


def test_an_outcome_that_is_a_bound_gives_a_bound():
    """Of "at least sixteen hours" one knows the error of a lower forecast at least, and nothing of a higher one."""
    low = scoring.score(forecast(outcome={"qualifier": "at-least"}))
    high = scoring.score(forecast(point={"value": 40}, outcome={"qualifier": "at-least"}))
    below = scoring.score(forecast(point={"value": 40}, outcome={"qualifier": "at-most"}))
    spread = forecast(point=None, quantiles={"0.2": 8, "0.8": 20}, outcome={"qualifier": "at-least"})

    assert low.at_least
    assert low.value == pytest.approx(np.log2(16 / 12))
    assert high is None
    assert below.at_least
    assert below.value == pytest.approx(np.log2(40 / 16))
    assert scoring.score(spread) is None


@pytest.mark.parametrize("more_is_sooner", [True, False])
@pytest.mark.parametrize(
    ("qualifier", "said", "decided"),
    [
        (None, 40, True), ("about", 40, True), ("at-least", 12, True), ("at-least", 16, False), ("at-least", 20, False),
        ("more-than", 20, False), ("at-most", 20, True), ("at-most", 12, False), ("less-than", 12, False), ("less-than", 40, True),
    ],
)  # fmt: skip
def test_a_bound_counts_where_it_decides(qualifier, said, decided, more_is_sooner):
    """A forecast is sooner or later, and scored, only where the bound that came lies on a known side of it."""
    measure = "horizon" if more_is_sooner else "doubling time"  # which alone falls as abilities come sooner
    item = forecast(
        point={"value": said}, outcome={"qualifier": qualifier}, more_is_sooner=more_is_sooner, measure=measure
    )
    off = np.log2(16 / said) * (1 if more_is_sooner else -1)

    assert scoring.sooner(item) == (pytest.approx(off) if decided else None)
    assert (scoring.score(item) is not None) == decided


@pytest.mark.parametrize("kind", ["alert", "threshold", "expectation"])
def test_what_is_no_forecast_has_no_score(kind):
    """An alert, a threshold and an expectation are never scored, whatever numbers stand in them."""
    item = forecast(kind=kind)

    assert scoring.score(item) is None
    assert scoring.sooner(item) is None


def test_open_and_bounded_forecasts_have_no_score():
    """Without an outcome there is no score; a forecast that is itself a bound has none either."""
    assert scoring.score(forecast().model_copy(update={"outcome": None})) is None
    assert scoring.score(forecast(point={"value": 100, "qualifier": "at-least"})) is None
    assert scoring.score(forecast(unscored="because")) is None


def test_sooner_has_the_sign_of_danger():
    """A longer horizon than forecast came sooner, a longer doubling time later; days and months are one calendar."""
    slow = forecast(
        measure="doubling time", unit="months", more_is_sooner=False, point={"value": 4},
        outcome={"value": 60.875, "unit": "days"},
    )  # fmt: skip

    assert scoring.sooner(forecast()) == pytest.approx(np.log2(16 / 12))
    assert scoring.outcome_of(slow) == pytest.approx(2.0)
    assert scoring.sooner(slow) == pytest.approx(1.0)


def test_numbers_that_cannot_be_compared_are_refused():
    """Units of different kinds, numbers that are not positive and levels that fall are refused in words."""
    with pytest.raises(ValueError, match="given days for hours"):
        scoring.converted(3, "days", "hours")
    with pytest.raises(ValueError, match="above 0"):
        scoring.doublings_off(0, 2)
    with pytest.raises(ValueError, match="between 0 and 1"):
        scoring.brier(1.2, True)
    with pytest.raises(ValueError, match="rising"):
        scoring.crps_of_quantiles({0.5: 3, 0.2: 4}, 2)


def test_every_settled_forecast_of_the_record_is_scored():
    """Each forecast with a number and an outcome has a score at least 0, unless a bound decides nothing; nothing else has one."""
    items = load_published_forecasts(here().data)

    for item in items:
        found = scoring.score(item)
        settled = item.scorable and item.outcome is not None
        bound = settled and item.outcome.qualifier not in (None, "about")
        assert (found is not None) == settled or (bound and found is None), item.id
        assert found is None or found.value >= 0
