"""What the review said wrongly, what is right, and why: ``data/errata.yml``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from review_utils.records.reading import Record, RecordError, Slug, Text, each_once, parse_list, read_yaml
from review_utils.records.references import load_references, unknown_key


class Erratum(Record):
    """One thing that the review said and that was wrong."""

    model_config = ConfigDict(populate_by_name=True)

    id: Slug
    date: Annotated[dt.date, Field(strict=False)]
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
    references, today = load_references(data), dt.datetime.now(tz=dt.UTC).date()
    problems = [*each_once(located, found)]
    for i, item in enumerate(found):
        if item.date > today:
            problems.append(located.problem((i, "date"), str(item.date), f"a day that is not after today, {today}"))
        for j, key in enumerate(item.cites):
            problems += unknown_key(located, (i, "cites", j), key, references)
    if problems:
        raise RecordError(problems)
    return sorted(found, key=lambda item: (item.date, item.id), reverse=True)
