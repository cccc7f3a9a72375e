"""The claims of every chapter, checked against the bibliography, the pages and one another."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from review_book.records.about import chapters_of
from review_utils.records.claims import Claim, Ledger, read_chapter
from review_utils.records.reading import Located, Problem, RecordError
from review_utils.records.references import citation_keys, unknown_key
from review_utils.review import files_in, project_root


def load_ledger(data: Path | None = None) -> Ledger:
    """Load and check the claims of every chapter.

    Raises
    ------
    RecordError
        With every problem of every file.
    """
    data = data or project_root() / "data"
    problems: list[Problem] = []
    try:
        keys: dict[str, int] | None = citation_keys(data)
    except RecordError as error:
        problems += error.problems
        keys = None
    chapters: dict[str, tuple[Claim, ...]] = {}
    places: dict[str, tuple[str, int]] = {}
    names = chapters_of(data)
    for chapter in names:
        try:
            located, claims = read_chapter(data, chapter)
        except RecordError as error:
            problems += error.problems
            continue
        for i, claim in enumerate(claims):
            if claim.id in places:
                first = places[claim.id]
                problems.append(
                    located.problem((i, "id"), claim.id, f"each id once; it also stands in {first[0]}:{first[1]}")
                )
            places[claim.id] = located.place(i)
            problems += _cross_check(claim, i, located, keys, data.parent)
        chapters[chapter] = tuple(claims)
    known = {f"{chapter}.yml" for chapter in names}
    for path in files_in(data / "claims"):
        if path.name not in known:
            problems.append(Located(path, None).problem((), path.name, f"a chapter's name: {', '.join(names)}"))
    if problems:
        raise RecordError(problems)
    return Ledger(chapters, places, data)


def _cross_check(claim: Claim, i: int, located: Located, keys: dict[str, int] | None, root: Path) -> Iterable[Problem]:
    if keys is not None:
        yield from unknown_key(located, (i, "published", "cite"), claim.published.cite, keys)
    if claim.recomputed and not (root / "analyses" / f"{claim.recomputed.by}.md").is_file():
        yield located.problem((i, "recomputed", "by"), claim.recomputed.by, "the name of a page under analyses/")
