"""Whether decisions and studies tell the same: what was included has its record, and what has a record was included.

And whether decisions name each work by one id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import replace
from pathlib import Path

from review_book.records.duplicates import Known, Work, duplicates, ids_in, plain_title, work_of
from review_book.records.searches import Decision, Described, Searches
from review_book.records.studies import Studies
from review_utils.records.reading import Located, Problem, read_yaml
from review_utils.records.references import Reference
from review_utils.records.register import Finding


def whose_title(searches: Searches) -> Callable[[str, str], str]:
    """Return what says whose a title is that stands beside an id: another work's, with what is needed, or nothing.

    A table whose column of ids was sorted alone holds the titles of other works; a title that no work has is left alone.
    """
    known: dict[str, set[str]] = {}
    for key, title in {
        (one.id, one.title) for held in (searches.decisions, searches.described.values()) for one in held
    }:
        known.setdefault(key, set()).add(plain_title(title))
    of_title = {title: key for key, titles in known.items() for title in titles}

    def other(key: str, title: str) -> str:
        plain = plain_title(title)
        if key not in known or plain in known[key] or plain not in of_title:
            return ""
        return f"the title of {key}; this one is of {of_title[plain]}: a column may have been sorted alone"

    return other


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


def _another_title(item: Decision, own: str, titles: Set[str], table: Located) -> Iterator[Problem]:
    """Yield a decision on a work under a title that is another's, or has no word in common with its own; an address may name a part."""
    words, theirs = ({word[:4] for word in one.words} for one in (as_decided(item), Work(own)))
    apart = words and theirs and not words & theirs and not item.id.startswith("url:")
    if apart or (plain_title(item.title) in titles - {plain_title(own)}):
        need = f"the title of {item.id}, {own}, or the id of this work"
        yield replace(table, line=_line_of(table.path, item)).problem(("title",), item.title, need)


def _line_of(path: Path, item: Decision) -> int:
    rows = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
    return next((i for i, row in enumerate(rows, 1) if row.startswith(f"{item.id},") and item.title[:20] in row), 1)


def unpaired(searches: Searches, studies: Studies, data: Path, findings: Iterable[Finding] = ()) -> Iterator[Problem]:
    """Yield each included work without a study, and each study without a decision that includes it.

    Also a title that is another's, a decision on the full text of what was read in its abstract alone, and a finding of a
    work that was excluded.

    They belong together by an id, or by title and year; which chapter included a work makes no difference.
    """
    keys = [key for key in studies.by_key if key in studies.references]
    works = [work_of(studies.references[key]) for key in keys]
    by_id = {name: key for key, work in zip(keys, works, strict=True) for name in (*work.ids, f"key:{key}")}
    known = Known(works)
    paired = set()
    table = Located(data / "searches" / "decisions.csv", None)
    references = studies.references
    cited = {name: key for key, one in references.items() for name in (*work_of(one).ids, f"key:{key}")}
    titles = {plain_title(one.title) for held in (references, searches.described) for one in held.values()}
    excluded: dict[str, Decision] = {}
    for item in searches.last_decisions():
        reference = next((cited[name] for name in ids_in(item.id) if name in cited), "")
        if item.decision == "exclude":
            excluded[reference] = item
        if about := references.get(reference) or searches.described.get(item.id):
            yield from _another_title(item, about.title, titles, table)
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
    for finding in findings:
        if finding.cite in excluded:
            reason = excluded[finding.cite].reason
            need = f"the key of a work that is not left out; data/searches/decisions.csv excludes it ({reason})"
            yield read_yaml(data / "findings" / f"{finding.id}.yml").problem(("cite",), finding.cite, need)
