"""Drills of the checks of the layout: each plants a fault that the check must see."""

from __future__ import annotations

import ast
import json
import re

import pytest
import test_layout
from drills import DRILLS, seen_red


def test_a_chapter_taken_from_the_order_is_seen(copy):
    """With one chapter missing, or two changed about, the check of the order fails."""
    path = copy / "_toc.yml"
    sound = path.read_text(encoding="utf-8")
    test_layout.test_the_chapters_stand_in_the_order_of_the_founding_notes(copy)
    for fault in (
        sound.replace("chapters/training_dynamics", "chapters/training_dynamix"),
        sound.replace("chapters/scaling_laws", "chapters/x").replace("chapters/phase_transitions", "chapters/scaling_laws").replace("chapters/x", "chapters/phase_transitions"),
    ):  # fmt: skip
        path.write_text(fault, encoding="utf-8")
        with pytest.raises(AssertionError):
            test_layout.test_the_chapters_stand_in_the_order_of_the_founding_notes(copy)


def test_every_drill_is_a_test_and_was_seen_red(root):
    """Each drill names a test that exists, and the table on the page of status says when each guard was seen to fail."""
    recorded = {
        d["fault"]: d["seen_red"] for d in json.loads((root / "data" / "drills.json").read_text(encoding="utf-8"))
    }
    assert len(DRILLS) >= 20
    assert list(recorded) == [fault for fault, _, _ in DRILLS]
    functions = {}
    for fault, _, node in DRILLS:
        file, function = node.split("::")
        if file not in functions:
            tree = ast.parse((root / "tests" / file).read_text(encoding="utf-8"))
            functions[file] = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
        assert function in functions[file], node
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", recorded[fault]), fault


def test_a_guard_that_did_not_fail_does_not_count(tmp_path):
    """A drill with one case that failed or was skipped was not seen red."""
    report = tmp_path / "report.xml"
    case = '<testcase classname="tests.test_x" name="test_{0}">{1}</testcase>'
    cases = [
        case.format("a[1]", ""),
        case.format("a[2]", "<failure/>"),
        case.format("b", ""),
        case.format("c", "<skipped/>"),
    ]
    cases.append('<testcase classname="tests.review_book.test_y" name="test_d"></testcase>')
    report.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")

    assert seen_red(report) == {"test_x.py::test_b", "review_book/test_y.py::test_d"}
