"""What the review said wrongly, what is right, and why: ``data/errata.yml``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from review_book.records.about import chapters_of
from review_book.records.duplicates import plain_title
from review_book.records.references import load_references
from review_utils.records.quantities import DayOfWork
from review_utils.records.reading import (
    Record,
    RecordError,
    Slug,
    Text,
    did_you_mean,
    each_once,
    parse_list,
    read_text,
    read_yaml,
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
        With every problem: an id twice, a citation that dangles, a date after today.
    """
    path = data / "errata.yml"
    located = read_yaml(path)
    found = parse_list(Erratum, located)
    references = load_references(data)
    pages = {read_text(page).partition("\n")[0].lstrip("# ").lower() for page in files_in(data.parent, "*.md")}
    places = pages and {*chapters_of(data), *pages}  # records without pages beside them name no place wrongly
    problems = [*each_once(located, found)]
    for i, item in enumerate(found):
        if places and item.chapter not in places:
            need = f"a chapter, or the title of a page in small letters{did_you_mean(item.chapter, places)}"
            problems.append(located.problem((i, "chapter"), item.chapter, need))
        if plain_title(item.is_) == plain_title(item.was):
            problems.append(located.problem((i, "is"), item.is_, "what is right, and not what was wrong once more"))
        for j, key in enumerate(item.cites):
            problems += unknown_key(located, (i, "cites", j), key, references)
    if problems:
        raise RecordError(problems)
    return sorted(found, key=lambda item: (item.date, item.id), reverse=True)
