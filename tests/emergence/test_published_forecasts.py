"""The record of what others forecast: each rule of the records, planted and seen red."""

from __future__ import annotations

import copy
import datetime as dt

import pytest
import yaml

from emergence.records.published_forecasts import earliest, load_published_forecasts
from review_utils.records.reading import RecordError

POINT = {
    "id": "a-forecast", "kind": "forecast", "label": "a label", "question": "How long?", "by": "somebody", "cite": "known2026title", "made": "2026-04-07",
    "target": "autonomy", "measure": "horizon", "unit": "hours", "point": {"value": 16}, "resolves": "2026-05-08",
    "rule": "a page", "locator": "first table", "read": "primary",
    "outcome": {"value": 16, "known": "2026-05-08", "cite": "known2026title", "locator": "page", "read": "primary"},
}  # fmt: skip


@pytest.fixture
def load(tmp_path):
    """A function that writes forecasts into a data folder and loads them."""
    (tmp_path / "references.bib").write_text(
        "@misc{known2026title,\n  title = {A title},\n  author = {Doe, Jane},\n  year = {2026}\n}\n", encoding="utf-8"
    )

    def write(*items):
        (tmp_path / "published_forecasts.yml").write_text(yaml.safe_dump(list(items)), encoding="utf-8")
        return load_published_forecasts(tmp_path)

    return write


def changed(**changes):
    """The forecast above with fields replaced; None takes a field away, a dotted name reaches inside."""
    item = copy.deepcopy(POINT)
    for name, value in changes.items():
        *outer, last = name.split("__")
        inside = item
        for part in outer:
            inside = inside[part]
        if value is None:
            inside.pop(last)
        else:
            inside[last] = value
    return item


def test_a_sound_record_loads_in_the_order_in_which_it_was_made(load):
    """Forecasts come sorted by the day they were made, whatever their order in the file."""
    first = changed(id="earlier", label="another", made="2025")

    assert [item.id for item in load(POINT, first)] == ["earlier", "a-forecast"]


def test_a_review_without_the_file_has_none(tmp_path):
    """The file may be missing: there is then nothing on record."""
    assert load_published_forecasts(tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"outcome__known": "2026-04-06"}, "a day after 2026-04-07"),
        ({"outcome__known": "2026-04-07"}, "a day after 2026-04-07"),
        ({"outcome__known": "2026-04", "made": "2026-05"}, "a day after 2026-05"),
        ({"resolves": "2026-04-07"}, "resolves: a day after"),
        ({"outcome__interval": [17, 30]}, "an interval that holds 16"),
        ({"outcome__interval": [-1, 30]}, "a number of at least 0"),
        ({"unit": "percent", "measure": "benchmark", "outcome__value": 1600}, "a percentage between 0 and 100"),
        ({"unit": "percent"}, "a unit of time, in which a horizon is"),
        ({"resolves": "2027-05-08"}, "a day from 2027-05-08 on"),
        ({"point": {"value": 16e6}}, "a number in hours, as the forecast is"),
        ({"measure": "doubling time"}, "false of a doubling time"),
        ({"more_is_sooner": False}, "false of a doubling time"),
        ({"question": "How long at the end of 2027?"}, "the last day that the question names, 2027"),
        ({"question": "How long by June 2026?"}, "the last day that the question names, 2026-06"),
        ({"made": "2999-01-01", "resolves": None, "outcome": None}, "not after today"),
        ({"outcome__known": "2999"}, "not after today"),
        ({"made": "2022-04-07"}, "a date near 2026, the year of known2026title"),
        ({"outcome__known": "2019", "made": "2018"}, "a day from 2026-05-08 on, of which the number is"),
        ({"cite": "unknown2026title"}, "a key of data/references.bib"),
        ({"outcome__cite": "know2026title"}, "did you mean known2026title"),
        ({"point": None, "quantiles": {"0.5": 2, "0.2": 3}}, "levels and values rise"),
        ({"point": None, "quantiles": {"0.2": 3, "0.5": 2}}, "levels and values rise"),
        ({"point": None, "quantiles": {"0.2": 3, "0.20": 4}}, "levels and values rise"),
        ({"point": None, "quantiles": {"0.5": 2}}, "at least two quantiles"),
        ({"point": None, "quantiles": {"0.2": 0, "0.5": 2}}, "positive quantiles"),
        ({"point": None, "quantiles": {"low": 1, "high": 2}}, "quantiles by their levels"),
        ({"probability": 0.5}, "one of quantiles, probability, point and by_date"),
        ({"point": None}, "or unscored, with the reason"),
        ({"unit": None}, "unit: what the number counts"),
        ({"point__value": -1, "unit": "score"}, "positive numbers"),
        ({"outcome__value": None, "outcome__text": "it came"}, "a number to score by"),
        ({"point": None, "unit": None, "probability": 0.5}, "1 where it happened"),
        ({"unit": "percent", "point__value": 270}, "a percentage between 0 and 100"),
        ({"unit": "percent", "outcome__unit": "percent", "outcome__value": 270}, "a percentage between 0 and 100"),
        ({"point": None, "by_date": {"value": "2030", "qualifier": "more-than"}, "outcome__value": None, "outcome__text": "it came", "resolves": None, "came": "later"}, "what follows from 2030"),
        ({"point": None, "by_date": {"value": "2026-04"}, "outcome__value": None, "outcome__text": "it came", "resolves": None, "came": "sooner"}, "what follows from 2026-04"),
        ({"point": None, "by_date": {"value": "1930"}, "outcome__value": None, "outcome__text": "it came", "resolves": None, "came": "later"}, "a date after 2026-04-07, on which it was made"),
        ({"came": "sooner"}, "only where no score says it"),
        ({"kind": "alert", "point": None, "probability": 0.5}, "no forecast: no quantiles and no probability"),
        ({"kind": "threshold", "point": None, "quantiles": {"0.2": 3, "0.5": 4}}, "no forecast: no quantiles"),
        ({"levels_ours": True}, "only where there are quantiles"),
        ({"kind": "guess"}, "one of forecast, expectation, alert, threshold"),
        ({"label": "a label that is longer than any figure holds"}, "at most 32 characters"),
        ({"unit": "percent", "measure": "benchmark", "point__value": 27, "outcome__unit": "percent", "outcome__value": 0.052}, "5.2, if it is a share"),
        ({"score": 0.5}, "an unknown field"),
    ],
)  # fmt: skip
def test_a_fault_is_named(load, changes, said):
    """Each fault of a record is refused, and the message says what is needed."""
    with pytest.raises(RecordError, match=said):
        load(changed(**changes))


def test_an_id_stands_once(load):
    """Two records of one id are refused."""
    with pytest.raises(RecordError, match="an id of its own"):
        load(POINT, copy.deepcopy(POINT))
    with pytest.raises(RecordError, match="a label of its own"):
        load(POINT, changed(id="another"))


def test_a_forecast_stands_once_whatever_it_is_called(load):
    """A copy under another id and label would be scored and counted twice; another number, day or question is another forecast."""
    copied = changed(id="again", label="the same again", question="how long?", by="one of them")
    with pytest.raises(RecordError, match="each forecast once: a-forecast has its question"):
        load(POINT, copied)
    for other in ({"point__value": 17}, {"made": "2026-04-08"}, {"question": "How many?"}):
        assert len(load(POINT, changed(id="again", label="the same again", **other))) == 2


def test_an_alert_needs_no_number_and_may_be_met_at_once(load):
    """An alert is an event: it may be known on the day on which it was made, and carries no score."""
    alert = changed(kind="alert", point=None, unit=None, outcome__value=None, outcome__text="met", outcome__known="2026-04-07", resolves=None)  # fmt: skip
    (item,) = load(alert)

    assert not item.scorable


def test_levels_that_are_ours_and_bounds_are_not_scored(load):
    """A range that was given without levels, and a forecast that is a bound, have no score."""
    ours, bound, plain = load(
        changed(id="a", point=None, quantiles={"0.25": 9, "0.75": 12}, levels_ours=True),
        changed(id="b", label="b", point={"value": 100, "qualifier": "at-least"}),
        changed(id="c", label="c", point={"value": 100, "qualifier": "about"}),
    )

    assert (ours.scorable, bound.scorable, plain.scorable) == (False, False, True)


def test_the_record_of_the_review_keeps_what_missed(root):
    """The record holds forecasts that came true and such that did not, open ones, alerts and thresholds."""
    items = load_published_forecasts(root / "data")

    assert len(items) >= 30
    assert {item.kind for item in items} == {"forecast", "expectation", "alert", "threshold"}
    assert any(item.outcome is None for item in items)
    assert sum(item.scorable and item.outcome is not None for item in items) >= 12


def test_a_partial_date_begins_with_its_first_day():
    """What is dated 2025 was made on its first day at the earliest."""
    assert [earliest(d) for d in ("2025", "2025-02", "2025-02-03")] == [
        dt.date(2025, 1, 1), dt.date(2025, 2, 1), dt.date(2025, 2, 3),
    ]  # fmt: skip
