"""Whether decisions and studies tell the same: what was included has its record, and what has a record was included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from review_book.records.duplicates import Known, Work, ids_in, work_of
from review_book.records.searches import Decision, Searches
from review_book.records.studies import Studies
from review_utils.records.reading import Located, Problem


def as_decided(item: Decision) -> Work:
    """Return a work of a decision as it is compared."""
    return Work(item.title, (), item.year, ids_in(item.id))


def _another_title(item: Decision, by_id: Mapping[str, str], studies: Studies, table: Located) -> Iterator[Problem]:
    """Yield a decision on a work under a title that has no word in common with that of its id; an address may name a part."""
    work = as_decided(item)
    key = next((by_id[name] for name in work.ids if name in by_id), None)
    if key and not item.id.startswith("url:"):
        title = studies.references[key].title
        words, theirs = ({word[:4] for word in one.words} for one in (work, Work(title)))
        if words and theirs and not words & theirs:
            need = f"the title of {item.id}, {title}, or the id of this work"
            yield replace(table, line=_line_of(table.path, item)).problem(("title",), item.title, need)


def _line_of(path: Path, item: Decision) -> int:
    rows = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
    return next((i for i, row in enumerate(rows, 1) if row.startswith(f"{item.id},") and item.title[:20] in row), 1)


def unpaired(searches: Searches, studies: Studies, data: Path) -> Iterator[Problem]:
    """Yield each included work without a study, each study without a decision that includes it, and a title that is another's.

    They belong together by an id, or by title and year; which chapter included a work makes no difference.
    """
    keys = [key for key in studies.by_key if key in studies.references]
    works = [work_of(studies.references[key]) for key in keys]
    by_id = {name: key for key, work in zip(keys, works, strict=True) for name in (*work.ids, f"key:{key}")}
    known = Known(works)
    paired = set()
    table = Located(data / "searches" / "decisions.csv", None)
    for item in searches.last_decisions():
        yield from _another_title(item, by_id, studies, table)
        if item.decision == "include":
            work = as_decided(item)
            key = next((by_id[name] for name in work.ids if name in by_id), None)
            if key is None and (found := known.same_as(work)):
                key = keys[found[0]]
            if key is None:
                yield replace(table, line=_line_of(table.path, item)).problem(
                    ("id",), item.id, f"a study of data/studies, since {item.title!r} was included"
                )
            else:
                paired.add(key)
    for key in keys:
        if key not in paired:
            file, line = studies.places[key]
            need = "a decision of data/searches/decisions.csv that includes it, under an id of its reference"
            yield Problem(file, line, "key", key, need)
