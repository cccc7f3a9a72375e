"""The measurements of a finding as a picture."""

from __future__ import annotations

import math
import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from review_book.pages.forest import drawn, forest_html, on_axis, ticks
from review_utils.records.register import Measurement, load_register


@pytest.fixture(scope="module")
def register(root):
    """The real register."""
    return load_register(root / "data")


def measured(value=20, unit="percent", **more):
    """A measurement."""
    plain = {"id": "m", "metric": "rate", "condition": "c", "unit": unit, "locator": "T1", "verified": "primary"}
    return Measurement.model_validate(plain | {"value": value} | more)


def position(text):
    """A share of the width, as a number."""
    return float(text.removesuffix("%"))


@pytest.mark.parametrize(
    ("unit", "axis"),
    [
        ("percent", ("percent", 1)), ("percent of trials", ("percent", 1)), ("of 25 models", ("percent", 4)),
        ("percent increase", ("percent increase", 1)), ("points", ("points", 1)), ("bits", ("bits", 1)),
    ],
)  # fmt: skip
def test_shares_stand_on_one_axis_and_other_units_on_their_own(unit, axis):
    """Shares of whatever are in percent; a change in percent is none."""
    assert on_axis(measured(5, unit)) == axis


def test_words_are_not_drawn():
    """A measurement that the source gives in words has no place on an axis."""
    assert on_axis(measured(None, text="most")) is None


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_reach_over_what_is_drawn(low, span):
    """A few even steps from at or below the least to at or above the most."""
    found = ticks(low, low + span)

    assert 2 <= len(found) <= 6
    slip = 1e-8 * (found[1] - found[0]) + 4 * math.ulp(low)  # what the division and numbers as they are kept may make
    assert found[0] <= low + slip
    assert found[-1] >= low + span - 1e-6 * (abs(low) + span) - 1e-9


def test_every_mark_stands_where_its_number_is(register):
    """On every finding dots, intervals and comparators stand in the order of their numbers, in the picture, with words."""
    pictures = 0
    for finding in register.findings:
        soup = BeautifulSoup(forest_html(finding), "html.parser")
        for (_, rows), figure in zip(drawn(finding).items(), soup.select("figure"), strict=True):
            pictures += 1
            items = figure.select("li")
            assert [item.a["href"] for item in items] == [f"#m-{m.id}" for m, _ in rows]
            placed = sorted(
                (m.value * times, position(item.circle["cx"])) for (m, times), item in zip(rows, items, strict=True)
            )
            assert [x for _, x in placed] == sorted(x for _, x in placed)
            for (m, _times), item in zip(rows, items, strict=True):
                dot, other = position(item.circle["cx"]), item.select_one(".forest__other")
                assert ("forest__dot--unseen" in item.circle["class"]) == (not m.is_verified)
                if other:
                    assert (position(other["x1"]) < dot) == (m.comparator.value < m.value)
                    assert str(m.comparator) in item.text
                if m.interval:
                    span = item.select_one(".forest__span")
                    assert position(span["x1"]) <= dot <= position(span["x2"])
                assert str(m) in item.text
            marks = [position(x) for x in re.findall(r'(?:x1|x2|cx)="([^"]+)"', str(figure))]
            assert min(marks) >= 0
            assert max(marks) <= 100
            assert len(figure["aria-label"].split()) > 6
    assert pictures > 25


def test_what_is_not_the_same_quantity_is_not_drawn_beside():
    """A comparator of another quantity stays in the table; one measurement alone with nothing beside it is no picture."""
    other = {"condition": "another thing", "value": 80.0, "same_measure": False}
    finding = load_register().findings[0].model_copy(update={"measurements": [measured(comparator=other)]})

    assert forest_html(finding) == ""


def test_hostile_text_stays_text(register):
    """Markup in a record that got past the checks is shown as text."""
    bad = measured().model_copy(update={"metric": "<script>", "condition": '"><img src=x>', "unit": "<b>"})
    finding = register.findings[0].model_copy(update={"measurements": [bad, bad]})

    assert not BeautifulSoup(forest_html(finding), "html.parser").select("script, img, figure b b")
