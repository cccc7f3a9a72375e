"""Prediction beside measurement: every cell names its measurement, and numbers of ours are those of the analyses."""

from __future__ import annotations

import shutil

import nbformat
import pytest
import yaml
from pydantic import ValidationError

from emergence.records import predictions as pr
from review_utils.records.reading import RecordError

NUMBER = {"value": 1.0, "unit": "exponent", "locator": "p. 1", "read": "primary"}
CELL = {
    "id": "a", "theory": "t", "cite": "michaud2023quanta", "observable": "data-exponent", "predicted": NUMBER,
    "measured": NUMBER, "model": "m", "by": "michaud2023quanta", "made": "before", "outcome": "agrees", "short": "s",
    "note": "n",
}  # fmt: skip


@pytest.fixture(scope="module")
def predictions(root):
    return pr.load_predictions(root / "data")


@pytest.mark.parametrize(
    ("stated", "number", "printed"),
    [
        ({"value": 0.91, "interval": [0.87, 0.95], "unit": "exponent in width"}, "0.91 (0.87 to 0.95)", "0.91 (0.87 to 0.95)"),
        ({"value": 0.1, "upper": 0.8, "unit": "exponent", "text": "alpha"}, "0.1 to 0.8", "0.1 to 0.8: alpha"),
        ({"interval": [0.1, 0.2], "within": True, "text": "w", "unit": "exponent"}, "within 0.1 to 0.2", "within 0.1 to 0.2: w"),
        ({"text": "both found", "unit": "none"}, "", "both found"),
        ({"value": -55.0, "unit": "steps"}, "-55", "-55 steps"),
    ],
)  # fmt: skip
def test_what_is_stated_is_printed(stated, number, printed):
    """Numbers come with their interval and unit, ranges as ranges, and words where there is no number."""
    found = pr.Stated(**stated, locator="p. 1", read="primary")

    assert found.number == number
    assert found.printed == printed


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({}, "a value, or text"),
        ({"value": 2.0, "interval": [0, 1]}, "an interval that holds the value 2"),
        ({"text": "w", "interval": [1, 0]}, r"an interval \[low, high\]"),
        ({"value": 1.0, "within": True}, "an interval and no value"),
        ({"text": "w", "interval": [0, 1]}, "true, where an interval stands without a value"),
        ({"text": "w", "result": "a/b#c"}, "since a result of ours is a number"),
    ],
)
def test_what_is_stated_without_sense_is_refused(stated, said):
    """Nothing at all, an interval that misses its value, and a result that is no number are refused."""
    with pytest.raises(ValidationError, match=said):
        pr.Stated(**stated, unit="exponent", locator="p. 1", read="primary")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"measured": {**NUMBER, "interval": [0.9, 1.1], "unit": "bananas"}}, "the unit of what was predicted"),
        ({"measured": {**NUMBER, "value": 0.7, "interval": [0.6, 0.8]}}, "the two numbers lie apart"),
        ({"measured": {**NUMBER, "value": 10.0}}, "the two numbers lie apart"),
        ({"outcome": "differs"}, "the two numbers overlap"),
    ],
)
def test_an_outcome_that_its_numbers_belie_is_refused(change, said):
    """Agreement of what lies apart, difference of what overlaps, and two units are refused."""
    assert pr.Prediction(**CELL).outcome == "agrees"
    with pytest.raises(ValidationError, match=said):
        pr.Prediction(**{**CELL, **change})


def test_ends_and_middle():
    """A range has no middle, a number alone is its own ends, and words have neither."""
    made = {"unit": "exponent", "locator": "p", "read": "primary"}

    assert (pr.Stated(value=1, upper=2, **made).ends, pr.Stated(value=1, upper=2, **made).middle) == ((1, 2), None)
    assert (pr.Stated(value=1, **made).ends, pr.Stated(value=1, **made).middle) == ((1, 1), 1)
    assert (pr.Stated(text="w", **made).ends, pr.Stated(text="w", **made).middle) == (None, None)


def test_a_number_for_the_figure_has_a_name_there():
    """A cell with an exponent predicted and measured needs a few words that name it."""
    with pytest.raises(ValidationError, match="short"):
        pr.Prediction(**{k: v for k, v in CELL.items() if k != "short"})
    assert pr.Prediction(**CELL).numeric
    assert not pr.Prediction(**CELL | {"measured": {**NUMBER, "value": None, "text": "w"}}).numeric


def test_every_cell_names_its_measurement(predictions):
    """Each record says who measured, on which system and where it stands, and points at no other chapter instead."""
    assert len(predictions) >= 40
    for item in predictions:
        assert not item.measured.printed.startswith("see "), item.id
        assert predictions.label(item.by), item.id
        if item.own_test:
            assert "Founding paper" in item.note, item.id
    assert sum(len(cells) for row in predictions.matrix.values() for cells in row.values()) == len(predictions)


def test_numbers_of_ours_are_those_of_the_analyses(root, predictions):
    """A number that is a result of ours is the one in the reference of that analysis, to the digits printed."""
    checked = 0
    for item in predictions:
        for stated in (item.predicted, item.measured):
            if stated.result is None:
                continue
            page, _, name = stated.result.partition("#")
            kept = nbformat.read(root / "tests" / "reference" / f"{page}.ipynb", as_version=4)
            records = [
                o.metadata.review.record
                for c in kept.cells
                for o in c.get("outputs", ())
                if o.metadata.get("review", {}).get("name") == name
            ]
            assert len(records) == 1, f"{item.id}: no result {stated.result}"
            digits = len(f"{stated.value:g}".lstrip("-0.").replace(".", ""))
            assert abs(stated.value) == pytest.approx(abs(records[0].value), rel=0.6 * 10 ** (1 - digits)), item.id
            ends = sorted(abs(end) for end in stated.interval or ())
            if ends and records[0].low is not None and records[0].high is not None:
                computed = sorted((abs(records[0].low), abs(records[0].high)))
                assert ends == pytest.approx(computed, rel=0.01), f"{item.id}: {stated.interval}"
            checked += 1
    assert checked >= 7


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "text-wikitext"}, "an id of its own"),
        ({"cite": "cagnetta2026derivin"}, "did you mean cagnetta2026deriving"),
        ({"by": "cagnetta2026derivin"}, "or chapter/analysis"),
        ({"by": "emergence_theory/no_such"}, "a page below analyses/"),
        ({"cite": "michaud2023quanta"}, "one source a theory"),
        ({"outcome": "supports"}, "one of agrees, differs, partly, unclear"),
        ({"made": True}, "made"),
        ({"by": "emergence_theory/quantisation", "measured": {**NUMBER, "result": "emergence_theory/width_law#grid"}}, "a result of emergence_theory/quantisation"),
    ],
)  # fmt: skip
def test_what_does_not_resolve_is_named(root, tmp_path, change, said):
    """A source, a page or a result that is not there, a word out of the list, an id twice: each with file and line."""
    shutil.copytree(root / "analyses", tmp_path / "analyses")
    (tmp_path / "data").mkdir()
    shutil.copy(root / "data" / "references.bib", tmp_path / "data")
    cells = yaml.safe_load((root / "data" / "predictions.yml").read_text(encoding="utf-8"))
    at = max(i for i, cell in enumerate(cells) if cell["cite"] == "cagnetta2026deriving")
    cells[at] |= change
    (tmp_path / "data" / "predictions.yml").write_text(yaml.safe_dump(cells, sort_keys=False), encoding="utf-8")
    with pytest.raises(RecordError, match=said) as raised:
        pr.load_predictions(tmp_path / "data")
    assert "predictions.yml:" in str(raised.value)
