"""Whether decisions and studies tell the same: what was included has its record, and what has a record was included.

And whether decisions name each work by one id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from review_book.records.duplicates import Known, Work, duplicates, ids_in, work_of
from review_book.records.searches import Decision, Described, Searches
from review_book.records.studies import Studies
from review_utils.records.reading import Located, Problem
from review_utils.records.references import Reference


def as_decided(item: Decision) -> Work:
    """Return a work of a decision as it is compared."""
    return Work(item.title, (), item.year, ids_in(item.id))


def family(name: str) -> str:
    """Return a family name, of "Given Family" as of "Family, Given".

    Examples
    --------
    >>> family("Jascha Sohl-Dickstein"), family("Kaplan, Jared"), family("et al.")
    ('Sohl-Dickstein', 'Kaplan', 'others')
    """
    name = name.strip()
    if re.fullmatch(r"et\.? al\.?|others|and others", name):
        return "others"
    return name.split(",")[0].strip() if "," in name else name.split()[-1] if name.split() else ""


def _held(item: Described) -> Work:
    """Return a work of the log as it is compared."""
    ids = ids_in(item.id, item.url, *item.ids.split("; "))
    return Work(item.title, tuple(family(name) for name in item.people), item.published[:4], ids)


def decided_works(searches: Searches, references: Mapping[str, Reference]) -> dict[str, Work]:
    """Return every work that was decided by its id, as it is compared: as it is described, or cited, or by its title alone."""
    cited = {name: work for work in map(work_of, references.values()) for name in work.ids}
    works: dict[str, Work] = {}
    for item in searches.decisions:
        about, ids = searches.described.get(item.id), ids_in(item.id)
        same = next((cited[name] for name in ids if name in cited), None)
        works[item.id] = _held(about) if about else same or Work(item.title, (), item.year, ids)
    return works


def told_twice(searches: Searches, references: Mapping[str, Reference], data: Path) -> Iterator[Problem]:
    """Yield each work that decisions name by a second id: it would be counted twice, and could be in as well as out."""
    works = decided_works(searches, references)
    ids, first = [*works], {item.id: item for item in reversed(searches.decisions)}
    table = Located(data / "searches" / "decisions.csv", None)
    for again, before, _ in duplicates([*works.values()]):
        item = first[ids[again]]
        need = f"one id for a work, {ids[before]}, under which it stands above; another work has authors of its own in works.csv"
        yield replace(table, line=_line_of(table.path, item)).problem(("id",), item.id, need)


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
    """Yield each included work without a study, and each study without a decision that includes it.

    Also a title that is another's, and a decision on the full text of what was read in its abstract alone.

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
                read = studies.by_key[key].read  # what was read again later may have been another copy
                if item.stage == "full-text" and read.how == "abstract" and read.date <= item.date:
                    need = f"title-abstract, since of {key} the abstract alone was read; or read of that study, of more than it"
                    yield replace(table, line=_line_of(table.path, item)).problem(("stage",), item.stage, need)
    for key in keys:
        if key not in paired:
            file, line = studies.places[key]
            need = "a decision of data/searches/decisions.csv that includes it, under an id of its reference"
            yield Problem(file, line, "key", key, need)
