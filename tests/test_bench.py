"""The bench: its made-up review is a sound one, and a part that fails ends no other."""

from __future__ import annotations

import sys

import pytest
from conftest import ROOT

from review_book.commands.records import check_everything
from review_book.review import Review

sys.path.insert(0, str(ROOT / "bench"))

import run
from scale import CHAPTERS, FULL, make_up


def test_a_made_up_review_is_sound_and_of_its_size(tmp_path):
    """It holds as much of each kind as was asked for, and a check finds nothing wrong."""
    size = FULL * 0.004
    at = Review(make_up(tmp_path / "made", size))

    assert check_everything(at) == []
    records = at.records
    assert len(records.register.findings) == size.findings + 1  # with those of the little review
    assert len(records.studies) == size.studies + 2
    assert len(records.statements) == size.statements + 1
    assert len(records.searches.decisions) == size.decisions + 3
    assert len(list(at.root.glob("analyses/*/made_*.md"))) == size.analyses
    assert all(records.statements.chapters[name] for name in CHAPTERS)


def test_a_multiplied_finding_is_a_paper_of_its_own(root):
    """Nothing that tells a paper is left of the record that it was made from."""
    for path in (root / "data" / "findings").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        made = run.of_its_own(text, 7)
        assert made.startswith("id: finding-7\n") or "\nid: finding-7\n" in made
        for name in ("id", "title", "authors", "cite", "source", "summary"):
            assert made.count(f"\n{name}:") + made.startswith(f"{name}:") == 1, (path.name, name)
        for left in ("arxiv:", "doi:", "\nlinks:", "\nformerly:"):
            assert left not in made, (path.name, left)


def test_a_part_that_fails_ends_no_other(capsys):
    """What could not be measured is said as a miss, and the rest is measured."""

    def broken(_folder):
        raise run.Failed("no such command")

    assert not run.run({"one": broken, "two": lambda _folder: [run.report("a figure", 1, "s", 2, True)]})
    said = capsys.readouterr().out
    assert "MISS one: it could not be measured\nno such command" in said
    assert "ok   a figure: 1.00 s (bound 2)" in said


def test_an_unknown_part_is_refused():
    """A slip in a part's name is said with the parts that there are."""
    with pytest.raises(SystemExit, match="given chek; needed: some of check, "):
        run.main(["chek"])
