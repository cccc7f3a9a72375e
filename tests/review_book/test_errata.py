"""Errata: what was wrong, what is right, since when, and the source."""

from __future__ import annotations

import pytest
import yaml

from review_book.records.errata import load_errata
from review_utils.records.reading import RecordError

BIB = "@misc{one2024first,\n  title = {On Things},\n  author = {One, Ann},\n  year = {2024},\n}\n"

ABOUT = "{name: X, slug: x, tagline: y, chapters: [a], roles: [r], criteria: {c: C}}"


def record(**more):
    """One erratum, as YAML reads it."""
    plain = {"id": "e", "date": "2026-01-02", "chapter": "a", "was": "It rose.", "is": "It fell.", "because": "A sign."}
    return plain | {"cites": ["one2024first"]} | more


@pytest.fixture
def load(tmp_path):
    """Load errata from records."""

    def loaded(*items):
        data = tmp_path / "data"
        data.mkdir(exist_ok=True)
        (tmp_path / "index.md").write_text("# A page\n", encoding="utf-8")
        (data / "references.bib").write_text(BIB, encoding="utf-8")
        (data / "review.yml").write_text(ABOUT, encoding="utf-8")
        (data / "errata.yml").write_text(yaml.safe_dump(list(items)), encoding="utf-8")
        return load_errata(data)

    return loaded


def test_errata_stand_newest_first(load):
    """Whatever their order in the file."""
    assert [
        item.id for item in load(record(), record(id="later", was="It fell.", **{"is": "It rose."}, date="2026-02-02"))
    ] == ["later", "e"]


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([record(), record()], "an id of its own"),
        ([record(date="2124-01-01")], "a day that is not after today"),
        ([record(cites=["one2024frist"])], "did you mean one2024first?"),
        ([record(was="<b>It rose.</b>")], "plain text"),
        ([record(reason="x")], "an unknown field"),
        ([record(chapter="b")], "a chapter, or the title of a page"),
        ([record(), record(id="again")], "words of its own; e has the same"),
    ],
)
def test_a_faulty_erratum_is_refused(load, items, said):
    """With its line, and what is needed."""
    with pytest.raises(RecordError, match=r"errata\.yml:\d+:") as caught:
        load(*items)

    assert said in str(caught.value)


def test_nothing_was_said_wrongly_before_the_history_begins(load, tmp_path):
    """An erratum is dated on a day on which the review existed."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "history.jsonl").write_text(
        '{"date": "2026-01-02"}\n{"date": "2026-05-02"}\n', encoding="utf-8"
    )

    assert load(record())
    with pytest.raises(RecordError, match="needed: a day from 2026-01-02 on"):
        load(record(date="2026-01-01"))


def test_what_is_called_wrong_stands_nowhere_any_more(load, tmp_path):
    """A sentence on the list is on no page and in no record, unless in quotation marks."""
    (tmp_path / "chapters").mkdir()
    page = tmp_path / "chapters" / "a.md"
    page.write_text('# A\n\nOnce it said "the water rose\nby night alone".\n', encoding="utf-8")
    assert load(record(was="the water rose by night alone"))

    page.write_text("# A\n\nIt is known: the water rose\nby night alone.\n", encoding="utf-8")
    with pytest.raises(RecordError, match="a sentence that stands nowhere any more"):
        load(record(was="the water rose by night alone"))


@pytest.mark.parametrize(
    "written",
    [
        "The water *rose* by night alone.",
        "The **water rose** by night alone.",
        "The [water](b.md) rose by night [alone](#c).",
        "The water rose {cite:p}`one2024first` by night <!-- so it was --> alone {cite:t}`one2024first`.",
        'The water `rose` by night alone, "or _so it was said_".',
    ],
)
def test_stress_links_and_citations_hide_no_wrong_sentence(load, tmp_path, written):
    """What a reader reads is compared, not how it is marked up."""
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "a.md").write_text(f"# A\n\n{written}\n", encoding="utf-8")

    with pytest.raises(RecordError, match="a sentence that stands nowhere any more"):
        load(record(was="The water rose by night alone."))
