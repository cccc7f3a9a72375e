"""Citations at their price: an entry is formatted once, and again when it is another one; no label is of two works."""

from __future__ import annotations

import importlib

import pybtex.plugin
import pytest
import sphinxcontrib.bibtex
from pybtex.database import Entry, Person, parse_string
from pybtex.richtext import Text
from pybtex.style.formatting import BaseStyle
from sphinxcontrib.bibtex.style.template import names

from review_book.sphinx import citations
from review_utils.records.references import read_references


@pytest.fixture
def connected(monkeypatch):
    """The memo as it stands in a build, and pybtex as it was afterwards."""
    monkeypatch.setattr(pybtex.plugin, "_load_entry_point", pybtex.plugin._load_entry_point)
    monkeypatch.setattr(BaseStyle, "format_entry", BaseStyle.format_entry)
    monkeypatch.setattr(citations, "_formatted", {})
    monkeypatch.setattr(citations, "_named", {})
    monkeypatch.setattr(names, "f", names.f)
    monkeypatch.setattr(Text, "from_latex", Text.from_latex)
    monkeypatch.setattr(sphinxcontrib.bibtex, "process_bibdata", sphinxcontrib.bibtex.process_bibdata)
    citations.connect()


def _entry(title: str) -> Entry:
    entry = Entry("misc", {"title": title, "year": "2020"}, {"author": [Person("Lee, Ann")]})
    entry.key = "lee2020first"
    return entry


def test_an_entry_is_formatted_once_and_anew_when_it_is_another(connected):
    """The same entry gives the very same citation; one read anew under the same key gives its own; the words are pybtex's."""
    style = pybtex.plugin.find_plugin("pybtex.style.formatting", "unsrt")()
    plain = importlib.import_module("pybtex.backends.plaintext").Backend()
    first, second = _entry("The first"), _entry("The second")

    once = style.format_entry("1", first)

    assert style.format_entry("1", first) is once
    assert "The first" in once.text.render(plain)
    assert "The second" in style.format_entry("1", second).text.render(plain)
    assert citations._format_entry(style, "1", first).text.render(plain) == once.text.render(plain)


def test_works_of_one_label_have_letters(tmp_path):
    """Two works of the same first authors and year are told apart in their order, in tables and in citations; one alone has no letter."""
    works = [("lee2020first", "Lee, Ann and Roe, Bo and Poe, C."), ("lee2020other", "Lee, Ann and Kay, D. and Poe, C."), ("lee2020alone", "Lee, Ann")]  # fmt: skip
    text = "\n".join(f"@misc{{{k}, title={{A}}, author={{{names}}}, year={{2020}}}}" for k, names in works)
    (tmp_path / "references.bib").write_text(text, encoding="utf-8")
    found, problems = read_references(tmp_path)
    parsed = parse_string(text, "bibtex")
    citations.letter(parsed, found)

    assert problems == ()
    assert [work.label for work in found] == ["Lee et al. 2020a", "Lee et al. 2020b", "Lee 2020"]
    assert [work.year for work in found] == ["2020"] * 3
    assert [parsed.entries[key].fields["year"] for key, _ in works] == ["2020a", "2020b", "2020"]


def test_no_label_of_this_review_is_of_two_works(root):
    """Every work of the bibliography has a label of its own."""
    labels = [work.label for work in read_references(root / "data")[0]]

    assert sorted({label for label in labels if labels.count(label) > 1}) == []
    assert not any("Unknown" in label for label in labels)


def test_a_work_that_was_retracted_is_cited_as_such_until_it_stands_again(tmp_path, connected):
    """A citation and the list of references say retracted behind the year, also of an entry that was formatted before, and no longer once it stands."""
    text = "@misc{lee2020first, title={A}, author={Lee, Ann}, year={2020}}"
    (tmp_path / "references.bib").write_text(text, encoding="utf-8")
    found, parsed = read_references(tmp_path)[0], parse_string(text, "bibtex")
    style = pybtex.plugin.find_plugin("pybtex.style.formatting", "unsrt")()
    plain = importlib.import_module("pybtex.backends.plaintext").Backend()

    for retracted, said in (((), "2020."), (("lee2020first",), "2020, retracted."), ((), "2020.")):
        citations.letter(parsed, found, retracted)
        assert style.format_entry("1", parsed.entries["lee2020first"]).text.render(plain).endswith(said)
