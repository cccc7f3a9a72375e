"""Texts of YAML that a sign cuts off."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from review_book.commands.records import check_everything
from review_book.records.cut import cut_texts
from review_book.records.register import load_finding
from review_book.review import Review
from review_utils.records.reading import RecordError

LITTLE = Path(__file__).resolve().parents[1] / "little_review"


@pytest.fixture
def mini(tmp_path):
    """The little review, to break."""
    target = tmp_path / "review"
    shutil.copytree(LITTLE, target)
    return target


@pytest.mark.parametrize(
    ("name", "old", "new", "given"),
    [
        ("data/findings/brest.yml", "It was high.", "It was high, see issue #12 of theirs.", "It was high, see issue, without #12"),
        ("data/findings/brest.yml", "because: one full moon}", "because: one\n    full moon #2\n    }", "one full moon, without #2"),
        ("data/findings/brest.yml", "models: [Brest]", "models: [Brest #1\n  ]", "Brest, without #1"),
        ("data/studies/tides.yml", "what: one page", "what: &c is light", "is light, without &c before it"),
        ("data/glossary.yml", "[]", "- {id: a, term: A tide, definition: !!str It rises., chapters: [tides]}", "It rises., without !!str"),
        ("CITATION.cff", "message: \"Cite it.\"", "message: Cite it # where", "Cite it, without # where"),
        ("_config.yml", "author: Nobody", "author: No body # at all", "No body, without # at all"),
    ],
)  # fmt: skip
def test_a_text_that_yaml_cuts_off_is_said(mini, name, old, new, given):
    """Words after a sign that YAML takes for its own would be on no page: file, line, what is left, and quotes as the remedy."""
    path = mini / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    said = [p for p in check_everything(Review(mini)) if p.file == name and given in p.given]
    assert len(said) == 1
    assert said[0].needed.startswith("quotes around the text")
    assert said[0].line == text[: text.index(old)].count("\n") + 1 + new.partition(" #")[0].count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "# a remark\na: one # after a word\nb: [c d] # after a list\ne: # after a name\n  # on a line\n  f: 'g #1' # after quotes\n",
        "a: >-\n  issue #12\nb: |\n  # one\nc: 5 # after a number\nd: 2026-01-01 # after a date\n",
        "a: &twice >-\n  a text\nb: *twice\nc: AT & T\n",
        "a: [b\n",
        "",
    ],
)
def test_a_remark_and_a_sign_within_quotes_are_none(text):
    """Remarks stand behind single words, numbers, lists and quotes, and in a text with quotes or in a block all signs stay."""
    assert list(cut_texts(Path("a.yml"), text)) == []


def test_a_finding_that_is_only_tried_is_refused(mini):
    """A record outside the review, whose consequences somebody asks for, is held to the same."""
    path = mini / "data" / "findings" / "brest.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("It was high.", "It was # high."), encoding="utf-8")

    with pytest.raises(RecordError, match="quotes around the text"):
        load_finding(path)


@given(st.text(st.sampled_from("ab &#!*:,-'\t"), min_size=1, max_size=12))
def test_what_is_not_refused_is_read_whole(said):
    """A text without quotes that YAML reads as a text and that is not said here has all its words."""
    try:
        read = yaml.safe_load(f"a: {said}\n")
    except yaml.YAMLError:
        return
    if isinstance(read, dict) and isinstance(read.get("a"), str) and not said.lstrip().startswith(("'", "|", ">", "*")):
        cut = " ".join(read["a"].split()) != " ".join(said.split())
        remark = "# " in said or said.rstrip().endswith("#")
        assert remark or cut == bool(list(cut_texts(Path("a.yml"), f"a: {said}\n")))
