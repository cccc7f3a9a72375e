"""Controls of a running notebook, moved as a reader would."""

from __future__ import annotations

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from emergence.phase_transitions import explorer as curves_explorer
from emergence.phase_transitions.breaks import gpt3_breaks
from emergence.scaling_laws import explorer as laws_explorer
from review_utils.records.catalogue import register_index
from review_utils.records.register import load_register
from review_utils.show import explorer as widgets


@pytest.fixture(scope="module")
def breaks():
    """The verdicts on GPT-3's curves, from few draws."""
    return gpt3_breaks(draws=100)


def rows(box):
    """Return the rows of the table that a box shows."""
    return BeautifulSoup(box.children[-1].value, "html.parser").select("tbody tr")


def field(box, label):
    """Return the control with a label."""
    return next(c for c in box.children if getattr(c, "description", "") == label)


def test_each_control_of_the_register_narrows_it():
    """Choosing a role, a shape, a criterion, a test, a family, verification, a date or words shows fewer findings."""
    box = widgets.register_explorer()
    everything = len(rows(box))
    assert everything == len(load_register().findings)
    for label in ("Role", "Shape", "Criterion met", "Test that was run", "Model family", "Measurements"):
        control = field(box, label)
        control.value = control.options[1][1]
        assert 0 < len(rows(box)) < everything, label
        control.value = ""
    for label, value in (("Since", "2025-06"), ("Words", "insecure code")):
        field(box, label).value = value
        assert 0 < len(rows(box)) < everything, label
        field(box, label).value = ""
    assert len(rows(box)) == everything


def test_the_filter_means_what_it_says():
    """A finding matches when it has all that is chosen."""
    index = register_index(load_register())
    chosen = [r for r in index if widgets.matches(r, role="capacity", since="2025", verified="all")]

    assert chosen
    assert all(
        r["role"] == "capacity" and r["published"] >= "2025" and r["verified"] == r["measurements"] for r in chosen
    )


def test_the_budget_moves_the_optimum():
    """A larger budget gives a larger model under every law, and fewer laws fewer rows."""
    box = laws_explorer.law_explorer()

    def sizes():
        return [row.find_all("td")[0].text for row in rows(box)]

    before = sizes()
    field(box, "log10 FLOP").value = 20.0
    assert all(a != b for a, b in zip(before, sizes(), strict=True))
    field(box, "Laws").value = field(box, "Laws").value[:2]
    assert len(rows(box)) == 2


def test_the_curve_chosen_is_the_curve_drawn(breaks):
    """Another curve gives another picture and its own verdict."""
    box = curves_explorer.curve_explorer(breaks)
    menu, picture, words = box.children
    before = picture.value, words.value
    menu.value = "2D+, few-shot"

    assert (picture.value, words.value) != before
    assert any(v in words.value for v in ("break supported", "smooth", "sharp in this metric only", "undecided"))


def test_every_tested_curve_can_be_chosen(breaks):
    """Each curve of the test is one curve of the menu, with one verdict."""
    frame = curves_explorer.curve_frame(breaks)

    assert frame.curve.nunique() == len(breaks)
    assert len(frame.drop_duplicates(["curve", "verdict"])) == len(breaks)
    assert isinstance(frame, pd.DataFrame)
