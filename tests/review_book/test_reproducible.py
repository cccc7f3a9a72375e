"""Drills of the house's own checks: each plants a fault that the check must see."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import test_house as house
from drills import DRILLS, seen_red


def test_a_chapter_taken_from_the_order_is_seen(copy):
    """With one chapter missing, or two changed about, the check of the order fails."""
    path = copy / "_toc.yml"
    sound = path.read_text(encoding="utf-8")
    house.test_the_chapters_stand_in_the_order_of_the_founding_notes(copy)
    for fault in (
        sound.replace("chapters/training_dynamics", "chapters/training_dynamix"),
        sound.replace("chapters/scaling_laws", "chapters/x").replace("chapters/phase_transitions", "chapters/scaling_laws").replace("chapters/x", "chapters/phase_transitions"),
    ):  # fmt: skip
        path.write_text(fault, encoding="utf-8")
        with pytest.raises(AssertionError):
            house.test_the_chapters_stand_in_the_order_of_the_founding_notes(copy)


def differing(one: Path, two: Path) -> list[str]:
    """Return the files that differ between two folders, or stand in one alone."""
    done = subprocess.run(["diff", "-rq", str(one), str(two)], capture_output=True, text=True, check=False)
    return done.stdout.splitlines()


@pytest.mark.drill
def test_a_build_that_knows_the_time_is_seen(mini, run_in, tmp_path):
    """Two builds of one state, in folders, time zones, hash seeds and days of their own, are the same bytes; one that writes the time is not."""
    import shutil

    other = tmp_path / "elsewhere" / "deeper"
    shutil.copytree(mini, other)
    later = tmp_path / "later"
    later.mkdir()
    # A day later for everything that asks Python what time it is.
    (later / "sitecustomize.py").write_text(
        "import time, datetime\n_t = time.time\ntime.time = lambda: _t() + 90000\n"
        "class _D(datetime.datetime):\n    @classmethod\n    def now(cls, tz=None):\n"
        "        return datetime.datetime.fromtimestamp(time.time(), tz)\n"
    )
    first = run_in(mini, "review_book.commands.main", "build", TZ="UTC", PYTHONHASHSEED="0")
    second = run_in(
        other, "review_book.commands.main", "build", TZ="Asia/Tokyo", PYTHONHASHSEED="12345",
        PYTHONPATH=f"{other / 'src'}{os.pathsep}{later}",
    )  # fmt: skip
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert differing(mini / "_build" / "html", other / "_build" / "html") == []

    page = other / "index.md"
    page.write_text(page.read_text(encoding="utf-8") + f"\nBuilt at {os.times().elapsed} o'clock.\n", encoding="utf-8")
    third = run_in(other, "review_book.commands.main", "build")
    assert third.returncode == 0, third.stderr
    assert any("index.html" in line for line in differing(mini / "_build" / "html", other / "_build" / "html"))


def test_every_drill_is_a_test_and_was_seen_red(root):
    """Each drill names a test that exists, and the table on the page of status says when each guard was seen to fail."""
    recorded = {
        d["fault"]: d["seen_red"] for d in json.loads((root / "data" / "drills.json").read_text(encoding="utf-8"))
    }
    assert len(DRILLS) >= 20
    assert list(recorded) == [fault for fault, _, _ in DRILLS]
    for fault, _, node in DRILLS:
        file, function = node.split("::")
        tree = ast.parse((root / "tests" / file).read_text(encoding="utf-8"))
        assert function in {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}, node
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
