"""Whether decisions and studies tell the same: what was included has its record, and what has a record was included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from review_book.records.duplicates import Known, Work, ids_in, work_of
from review_book.records.searches import Decision, Searches
from review_book.records.studies import Studies
from review_utils.records.reading import Located, Problem


def as_decided(item: Decision) -> Work:
    """Return a work of a decision as it is compared."""
    return Work(item.title, (), item.year, ids_in(item.id))


def unpaired(searches: Searches, studies: Studies, data: Path) -> Iterator[Problem]:
    """Yield each included work without a study, and each study without a decision that includes it.

    They belong together by an id, or by title and year; which chapter included a work makes no difference.
    """
    keys = [key for key in studies.by_key if key in studies.references]
    works = [work_of(studies.references[key]) for key in keys]
    by_id = {name: key for key, work in zip(keys, works, strict=True) for name in (*work.ids, f"key:{key}")}
    known = Known(works)
    paired = set()
    table = Located(data / "searches" / "decisions.csv", None)
    for item in searches.last_decisions():
        if item.decision == "include":
            work = as_decided(item)
            key = next((by_id[name] for name in work.ids if name in by_id), None)
            if key is None and (found := known.same_as(work)):
                key = keys[found[0]]
            if key is None:
                yield table.problem(("id",), item.id, f"a study of data/studies, since {item.title!r} was included")
            else:
                paired.add(key)
    for key in keys:
        if key not in paired:
            file, line = studies.places[key]
            need = "a decision of data/searches/decisions.csv that includes it, under an id of its reference"
            yield Problem(file, line, "key", key, need)
