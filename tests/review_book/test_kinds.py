"""The table of kinds: the engine's own, and those that a subject brings."""

from __future__ import annotations

import pytest

from emergence.records import KINDS as OF_THE_SUBJECT
from review_book.records import kinds
from review_book.records.kinds import Records, all_kinds

MODULE = """
from review_utils.records.kinds import Kind

KINDS = (Kind("tides", "subject_of_tides:load", (("tides", "subject_of_tides:Height", True),)),)
Height = float


def load(data):
    return [float(line) for line in (data / "tides.txt").read_text().split()]
"""


@pytest.fixture
def subject(tmp_path, monkeypatch):
    """A package that is installed beside the engine and brings one kind of record."""
    (tmp_path / "subject_of_tides.py").write_text(MODULE, encoding="utf-8")
    about = tmp_path / "subject_of_tides-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Name: subject-of-tides\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[review_book.kinds]\ntides = subject_of_tides:KINDS\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    all_kinds.cache_clear()
    yield tmp_path
    all_kinds.cache_clear()


def test_a_subject_brings_kinds_of_its_own(subject):
    """A kind that another package names is loaded, checked and given a schema like the engine's own."""
    (subject / "tides.txt").write_text("1.5 2.5", encoding="utf-8")

    assert Records(subject).tides == [1.5, 2.5]
    assert kinds.schemas()["tides.json"] == {"items": {"type": "number"}, "type": "array"}


def test_a_kind_that_there_is_not_is_named_with_those_that_there_are(tmp_path):
    """An unknown kind is refused with the names of the engine's and of the subject's."""
    with pytest.raises(AttributeError, match=r"no kind of record tides; there are: .*register.*laws"):
        Records(tmp_path).tides  # noqa: B018


def test_a_kind_of_a_subject_is_asked_where_there_is_a_file_of_it(mini):
    """A review without files of another package's kind is sound; a file of that kind with a fault is told."""
    assert not list((mini / "data").glob("mitigations.yml"))
    assert list(Records(mini / "data").problems()) == []
    (mini / "data" / "mitigations.yml").write_text("- id: One\n", encoding="utf-8")
    assert any("mitigations.yml" in str(problem) for problem in Records(mini / "data").problems())


def test_each_kind_has_a_name_of_its_own(root):
    """The subject takes the place of no kind of the engine's, and each schema under data/schemas has its kind."""
    names = [kind.name for kind in (*kinds.KINDS, *OF_THE_SUBJECT)]

    assert sorted(names) == sorted(all_kinds())
    assert {path.name for path in (root / "data" / "schemas").glob("*.json")} == set(kinds.schemas())


def test_a_faulty_kind_hides_no_field_of_those_that_rest_on_it(mini):
    """With a finding that cites nothing, a study's unknown field is told all the same, by the schema that its file names."""
    finding, study = mini / "data" / "findings" / "brest.yml", mini / "data" / "studies" / "tides.yml"
    finding.write_text(finding.read_text(encoding="utf-8").replace("cite: darwin", "cite: darwen"), encoding="utf-8")
    text = study.read_text(encoding="utf-8").replace("kind: theory", "kind: theory\n  how: full-text", 1)
    study.write_text(f"# yaml-language-server: $schema=../schemas/studies.json\n{text}", encoding="utf-8")

    told = {(problem.file, problem.given) for problem in Records(mini / "data").problems()}
    assert ("data/findings/brest.yml", "darwen1898tides") in told
    assert ("data/studies/tides.yml", "an unknown field") in told
