"""Traces of our own runs: what is read is what was written."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest

from review_book.records.tables import check_traces
from review_utils.data.traces import trace, trace_about, trace_names
from review_utils.records.reading import RecordError


@pytest.fixture
def small(root, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(root / "data", data, ignore=shutil.ignore_patterns("external", "findings"))
    return data


def test_every_trace_of_the_project_is_sound(root):
    """All traces are described, unchanged, finite, and together below 8 MB."""
    assert check_traces(root / "data") == []
    names = trace_names(root / "data")
    assert len(names) >= 10
    for name in names:
        found = trace(name, root / "data")
        assert len(found.frame) == found.about["rows"]
        assert found.frame.value.notna().all()
        assert (found.frame.run == found.frame.arm.astype(str) + "/" + found.frame.seed.astype(str)).all()
    assert sum(p.stat().st_size for p in (root / "data" / "lab").iterdir()) < 8e6


def test_every_trace_says_how_it_was_made(root):
    """Each arm has its configuration, platform, versions, date and seconds; each metric its meaning."""
    for name in trace_names(root / "data"):
        about = trace_about(name, root / "data")
        assert set(about["made"]) == set(about["arms"])
        for made in about["made"].values():
            assert {"date", "platform", "versions", "seconds"} <= set(made)
        assert all(len(text) > 8 for text in about["metrics"].values())


def test_wide_gives_one_metric_by_step(root):
    """One metric comes with a row a run and a column a step; unknown names are answered with what there is."""
    found = trace("induction", root / "data")

    assert found.wide("repeat_accuracy", "two-layers").shape[0] == found.about["seeds"]
    with pytest.raises(KeyError, match="repeat_accuracy"):
        found.wide("accuracy")
    with pytest.raises(KeyError, match="two-layers"):
        found.wide("repeat_accuracy", "three-layers")


def test_a_set_up_changed_by_hand_is_refused(small):
    """What stands beside a trace was written by the run: another width than was trained is said, with the digest there is."""
    path = small / "lab" / "addition.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"width": 4,', '"width": 5,', 1), encoding="utf-8")

    (said,) = check_traces(small)
    assert said.field == "digest"
    assert "what the run wrote, by git or by review lab run addition" in said.needed


def test_a_changed_trace_is_refused(small):
    """One changed byte of a trace is reported with both fingerprints' beginnings and the remedy."""
    path = small / "lab" / "induction.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(RecordError, match="review lab run induction"):
        trace("induction", small)


def test_a_trace_of_another_form_is_refused(small):
    """A file that is no Parquet is named, also where its hash is the one that was written."""
    path, about = small / "lab" / "quanta.parquet", small / "lab" / "quanta.json"
    path.write_text("run,seed\n")
    said = json.loads(about.read_text()) | {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    about.write_text(json.dumps(said))
    assert any("in Parquet" in p.needed for p in check_traces(small))


def test_missing_files_and_entries_are_named(small):
    """A missing trace, a missing configuration, broken JSON and a missing entry each say what is needed."""
    (small / "lab" / "induction.parquet").unlink()
    with pytest.raises(RecordError, match="no such file"):
        trace("induction", small)
    with pytest.raises(RecordError, match="did you mean grokking"):
        trace_about("groking", small)
    path = small / "lab" / "quanta.json"
    about = json.loads(path.read_text())
    path.write_text("{")
    with pytest.raises(RecordError, match="valid JSON"):
        trace_about("quanta", small)
    del about["arms"]
    path.write_text(json.dumps(about))
    with pytest.raises(RecordError, match="the entries arms"):
        trace_about("quanta", small)


def test_an_undescribed_trace_is_reported(small):
    """A trace that the data package does not describe is a problem."""
    shutil.copy(small / "lab" / "quanta.parquet", small / "lab" / "quanta2.parquet")

    assert any("lab/quanta2.parquet" in p.given for p in check_traces(small))
