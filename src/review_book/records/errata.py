"""What the review said wrongly, what is right, and why: ``data/errata.yml``."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from review_book.records.about import chapters_of
from review_book.records.duplicates import plain_title
from review_book.records.references import load_references
from review_book.records.sentences import said_twice, written
from review_utils.records.quantities import DayOfWork
from review_utils.records.reading import (
    Located,
    Problem,
    Record,
    Slug,
    Text,
    did_you_mean,
    load_list,
    read_text,
    read_yaml,
    refuse,
)
from review_utils.records.references import unknown_key
from review_utils.review import files_in


class Erratum(Record):
    """One thing that the review said and that was wrong."""

    model_config = ConfigDict(populate_by_name=True)

    id: Slug
    date: DayOfWork
    chapter: Text
    was: Text
    is_: Annotated[Text, Field(alias="is")]
    because: Text
    cites: list[Text] = []


def load_errata(data: Path) -> list[Erratum]:
    """Return the errata, the newest first.

    Raises
    ------
    RecordError
        With every problem: an id twice, a citation that dangles, a date after today or before the history.
    """
    references = load_references(data)
    written_out = [page for folder in (data.parent, data.parent / "chapters") for page in files_in(folder, "*.md")]
    pages = {read_text(page).partition("\n")[0].lstrip("# ").lower() for page in written_out}
    places = pages and {*chapters_of(data), *pages}  # records without pages beside them name no place wrongly

    begins, stands = _begins(data), _unmarked(written(data))

    def wrong(located: Located, i: int, item: Erratum) -> Iterator[Problem]:
        if places and item.chapter not in places:
            need = f"a chapter, or the title of a page in small letters{did_you_mean(item.chapter, places)}"
            yield located.problem((i, "chapter"), item.chapter, need)
        if begins and item.date < begins:
            need = f"a day from {begins} on, when the history of the review begins: nothing was said before"
            yield located.problem((i, "date"), str(item.date), need)
        if plain_title(item.is_) == plain_title(item.was):
            yield located.problem((i, "is"), item.is_, "what is right, and not what was wrong once more")
        was = _unmarked(" ".join(item.was.split())).rstrip(".")
        quoted = rf"[\"“‘'\w]{re.escape(was)}|{re.escape(was)}[\"”’\w]"
        if was.count(" ") >= 3 and was in stands and stands.count(was) > len(re.findall(quoted, stands)):
            need = (
                "a sentence that stands nowhere any more, unless in quotation marks; a page or a record still says it"
            )
            yield located.problem((i, "was"), item.was, need)
        for j, key in enumerate(item.cites):
            yield from unknown_key(located, (i, "cites", j), key, references)

    found = load_list(data / "errata.yml", Erratum, wrong)
    texts = (((i, "was"), f"{item.was} {item.is_}", item.id) for i, item in enumerate(found))
    refuse(list(said_twice(read_yaml(data / "errata.yml"), texts)))
    return sorted(found, key=lambda item: (item.date, item.id), reverse=True)


_ASIDE = re.compile(r"<!--.*?-->|\{cite(?::[pt])?\}`[^`]*`")
"""What stands in a sentence beside its words: remarks and citations."""
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_STRESS = re.compile(r"(?<!\w)(?:[*_]{1,3}|`)(?=\S)|(?<=\S)(?:[*_]{1,3}|`)(?!\w)")


def _unmarked(text: str) -> str:
    """Return a text as it is read: without stress, remarks and citations, and with the words of its links alone.

    Examples
    --------
    >>> _unmarked("It *rose* [by night](a.md#b) {cite:p}`one2024first`, and fell.")
    'It rose by night, and fell.'
    """
    plain = _STRESS.sub("", _LINK.sub(r"\1", _ASIDE.sub(" ", text)))
    return re.sub(r" +(?=[ .,;:)])", "", plain)


def _begins(data: Path) -> dt.date | None:
    """Return the day of the first line of the history, which is checked elsewhere; None where there is none."""
    path = data / "history.jsonl"
    first = path.read_text(encoding="utf-8", errors="replace").partition("\n")[0] if path.is_file() else ""
    said = re.search(r'"date": "(\d{4}-\d\d-\d\d)"', first)
    return dt.date.fromisoformat(said[1]) if said else None
