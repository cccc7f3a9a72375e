"""Controls of a running notebook, moved as a reader would."""

from __future__ import annotations

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from emergence.emergent_capabilities import explorer as widgets
from emergence.phase_transitions import explorer as curves_explorer
from emergence.scaling_laws import explorer as laws_explorer
from review_utils.records.register import load_register


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
    register = load_register()
    found = register.findings
    chosen = [f for f in found if widgets.matches(register, f, role="capacity", since="2025", verified="all")]

    assert chosen
    for f in chosen:
        assert f.role == "capacity"
        assert f.published >= "2025"
        assert all(m.is_verified for m in f.measurements)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [({"shapes": "x"}, "did you mean shape"), ({"shape": "concealed-contents"}, "did you mean concealed-content"), ({"criterion": "none"}, "needed: one of"), ({"verified": "yes"}, "needed: one of all, some")],
)  # fmt: skip
def test_a_choice_that_there_is_not_is_said(chosen, said):
    """A mistyped name or value of a choice finds nothing by a word of its own, and not by silence."""
    register = load_register()
    with pytest.raises(ValueError, match=said):
        widgets.matches(register, register.findings[0], **chosen)


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


def test_the_curve_chosen_is_the_curve_drawn():
    """Another curve gives another picture."""
    menu, picture = curves_explorer.curve_explorer().children
    before = picture.value
    menu.value = "2D+, few-shot"

    assert picture.value != before


def test_every_curve_can_be_chosen():
    """Each task and setting is one curve of the menu, and a metric of its own where there are several."""
    frame = curves_explorer.curve_frame()

    assert frame.curve.nunique() == 189
    assert isinstance(frame, pd.DataFrame)
