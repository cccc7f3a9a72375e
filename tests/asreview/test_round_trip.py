"""What we hand out is screened in ASReview itself, and comes back."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from review_book.living.exchange import export_file, import_file
from review_book.records.searches import load_searches
from review_book.review import Review

ROOT = Path(__file__).resolve().parents[2]
PYTHON = os.environ.get("REVIEW_ASREVIEW", str(ROOT / ".venv-asreview" / "bin" / "python"))
"""The Python of ASReview's own environment, which `make asreview` makes."""

DAY = dt.date(2026, 2, 1)
NEW = """title,authors,year,doi,abstract
"Spring tides, ""more"" of them",Jörg Müller; Ada Lovelace,2025,10.1000/spring,"An abstract, with commas."
Neap tides & <b>basins</b>,Ada Lovelace,2024,10.1000/neap,Neap tides are small.
Prices of fish,Carl Monger,2024,10.1000/fish,Fish is dear.
"""


@pytest.fixture
def review(takes_files, tmp_path):
    """The little review with three works that wait."""
    (tmp_path / "new.csv").write_text(NEW, encoding="utf-8")
    import_file(takes_files, tmp_path / "new.csv", "tides", DAY)
    return takes_files


def screened_there(path, out, **labels):
    """Screen a file in ASReview; return what it read."""
    folder = tempfile.mkdtemp(dir=out.parent)
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"ASREVIEW_PATH": folder}
    command = [PYTHON, str(ROOT / "tests" / "asreview" / "screen_there.py"), str(path), str(out), json.dumps(labels)]
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("form", ["csv", "ris"])
def test_screening_in_asreview_comes_back(review, tmp_path, form):
    """It opens our export with titles, authors, abstracts and decisions; what is decided there, by its note, is decided here."""
    sent, back = tmp_path / f"out.{form}", tmp_path / f"back.{form}"
    count = export_file(review, sent, "all", "all")

    held = screened_there(sent, back, **{"Prices of fish": [0, "out-topic"], "Neap tides & basins": [1, "in-scope"]})

    read = {record["title"]: record for record in held}
    spring = read['Spring tides, "more" of them']
    assert len(held) == count == 6
    assert [name.strip() for name in spring["authors"]] == ["Jörg Müller", "Ada Lovelace"]
    assert (spring["year"], spring["doi"], spring["abstract"], spring["label"]) == (
        2025, "10.1000/spring", "An abstract, with commas.", None,
    )  # fmt: skip
    assert read["The tides"]["label"] == 1
    assert read["Winds"]["label"] == 0

    done = import_file(review, back, None, DAY)

    assert (done.entries, done.new, done.known, done.decided) == (6, 0, 6, 2)
    last = {item.id: (item.decision, item.reason) for item in load_searches(review.data).last_decisions()}
    assert last["doi:10.1000/fish"] == ("exclude", "out-topic")
    assert last["doi:10.1000/neap"] == ("include", "in-scope")
    assert last["doi:10.1000/spring"] == ("wait", "not-screened")
    assert import_file(review, back, None, DAY).decided == 0


def test_asreview_opens_the_whole_log(root, tmp_path, monkeypatch):
    """All works of the review itself arrive there, each with its title and decision."""
    monkeypatch.setenv("REVIEW_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "all.csv"
    count = export_file(Review(root), path, "all", "all")

    held = screened_there(path, tmp_path / "back.csv")

    with path.open(encoding="utf-8", newline="") as file:
        sent = list(csv.DictReader(file))
    assert len(held) == len(sent) == count > 400
    assert [r["title"] for r in held] == [r["title"].strip() for r in sent]
    titles = Counter(r["title"].lower() for r in held)  # what ASReview takes for one work has one label there
    for there, here in zip(held, sent, strict=True):
        label = int(here["included"]) if here["included"] else None
        assert there["label"] == label or titles[there["title"].lower()] > 1, here
