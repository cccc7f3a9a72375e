"""Units as they are written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from making import with_files_of_this_subject

from review_book.commands.records import check_everything
from review_book.records.units import meant
from review_book.review import Review

LITTLE = Path(__file__).resolve().parents[1] / "little_review"
FINDING, STUDY, CLAIMS, PACKAGE = (
    "data/findings/brest.yml", "data/studies/tides.yml", "data/claims/tides.yml", "data/datapackage.json",
)  # fmt: skip


@pytest.fixture
def mini(tmp_path):
    """The little review, to break."""
    target = tmp_path / "review"
    shutil.copytree(LITTLE, target)
    return target


@pytest.mark.parametrize(
    ("name", "old", "new", "needed"),
    [
        (FINDING, "unit: metres", "unit: Percent", "percent"),
        (FINDING, "unit: metres", "unit: '%'", "percent"),
        (FINDING, "unit: metres", "unit: percentage of tides", "percent of tides"),
        (FINDING, "unit: metres", "unit: '% points'", "percentage points"),
        (FINDING, "unit: metres", "unit: Metres", "metres, as other records spell it"),
        (STUDY, "value: 2, unit: count", "value: 2, unit: Tokens", "tokens"),
        (STUDY, "value: 2, unit: count", "value: 0, unit: Share", "share"),
        (CLAIMS, "unit: metres", "unit: Me-tres", "metres, as other records spell it"),
        (CLAIMS, "unit: metres", "unit: Percentage", "percent"),
        (PACKAGE, '"unit": "metres"', '"unit": "pct. of a mast"', "percent of a mast"),
        ("data/mitigations.yml", "[]", "- {after: {value: 2, unit: '%'}}", "percent"),
    ],
)
def test_a_unit_in_another_spelling_is_said(mini, name, old, new, needed):
    """A unit that differs from a known one by its case, by a sign or by hyphens would be compared and drawn apart from it."""
    with_files_of_this_subject(mini)
    path = mini / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    said = [p for p in check_everything(Review(mini)) if p.file == name and p.needed == needed]
    assert {p.line for p in said} == {text[: text.index(old)].count("\n") + 1}


@pytest.mark.parametrize(
    "unit",
    [
        "percent", "percent of trials", "percentage points", "percentage-point rise", "share", "token", "tokens", "AUC",
        "Pearson r", "billion parameters", "of 25 models", "rate", "count", "metres", None,
    ],
)  # fmt: skip
def test_a_unit_as_records_write_it_stays(unit):
    """A known unit, a part of one and one of which nothing is known stand for themselves."""
    assert meant(unit) is None
