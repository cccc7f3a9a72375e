"""Watching the included studies: retractions, corrections, newer versions of preprints, versions that were published.

What is noticed is a record, ``data/searches/watch.yml``: it says when the indexes were last asked and what they said.
Nobody's standing changes by it; that is decided by who reads the notice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from review_book.files import write_atomically
from review_book.living.sources import SOURCES, Arxiv, Found, Http, OpenAlex, Source, crossref
from review_book.records.searches import Notice, NoticeKind, Watch, load_watch
from review_book.records.studies import Study
from review_book.review import Review

HEAD = "# What became of the included studies, as indexes of papers say; `review search watch` writes it.\n"

KINDS: Mapping[str, NoticeKind] = {
    "retraction": "retraction",
    "withdrawal": "retraction",
    "removal": "retraction",
    "published": "published",
}
"""What Crossref calls an update, and what it is here; all else is a correction."""


@dataclass(frozen=True)
class Watched:
    """An included study with the ids by which indexes know it."""

    study: Study
    arxiv: str | None
    doi: str | None


def watched(review: Review) -> list[Watched]:
    """Return the included studies that an index can know."""
    from review_book.records.duplicates import work_of
    from review_book.records.references import load_references

    cited = load_references(review.data)
    out = []
    for study in review.records.studies:
        work = work_of(cited[study.key])
        arxiv = min(work.of("arxiv"), default="").removeprefix("arxiv:")
        doi = min(work.of("doi"), default="").removeprefix("doi:")
        if arxiv or doi:
            out.append(Watched(study, arxiv or None, doi or None))
    return out


def watch(
    review: Review, day: dt.date, http: Callable[[Source], Http], say: Callable[[str], None]
) -> tuple[list[Notice], int]:
    """Ask what became of every included study; write what was not known, and that it was asked.

    Returns
    -------
    new : list of Notice
    asked : int
        Studies that an index was asked about.
    """
    studies = watched(review)
    known = load_watch(review.data)
    seen = {(notice.study, notice.kind, notice.detail) for notice in known.notices}
    new = [n for n in _notices(studies, day, http, say) if (n.study, n.kind, n.detail) not in seen]
    write_watch(review.data, Watch(watched=day, studies=len(studies), notices=[*known.notices, *new]))
    return new, len(studies)


def _notices(
    studies: list[Watched], day: dt.date, http: Callable[[Source], Http], say: Callable[[str], None]
) -> Iterable[Notice]:
    preprints = {item.arxiv: item for item in studies if item.arxiv}
    say(f"arXiv: {len(preprints)} preprints")
    source = SOURCES["arxiv"]
    assert isinstance(source, Arxiv)
    for found in source.by_ids(http(source), sorted(preprints)):
        item = preprints.get(found.id.removeprefix("arXiv:"))
        if item:
            yield from _of_preprint(item, found, day)
    alex = SOURCES["openalex"]
    assert isinstance(alex, OpenAlex)
    asking = http(alex)
    names = {f"10.48550/arxiv.{item.arxiv}" if item.arxiv else str(item.doi): item for item in studies}
    say(f"OpenAlex: {len(names)} works")
    for found in alex.by_ids(asking, sorted(names)):
        ids = {name.replace("arxiv:", "10.48550/arxiv.").removeprefix("doi:") for name in found.ids}
        item = next((names[name] for name in sorted(ids) if name in names), None)
        if item and found.retracted and item.study.standing != "retracted":
            yield Notice(study=item.study.key, kind="retraction", detail=f"OpenAlex, {found.url}", seen=day)
    with_doi = [item for item in studies if item.doi]
    say(f"Crossref: {len(with_doi)} works")
    for item in with_doi:
        for said in crossref(asking, str(item.doi)):
            kind = KINDS.get(said.kind, "correction")
            yield Notice(study=item.study.key, kind=kind, detail=f"doi:{said.doi}", seen=day)


def _of_preprint(item: Watched, found: Found, day: dt.date) -> Iterable[Notice]:
    """Yield what arXiv says of a preprint: withdrawn, newer than what was read, published."""
    if found.retracted and item.study.standing != "retracted":
        yield Notice(study=item.study.key, kind="retraction", detail=f"withdrawn from arXiv, {found.id}", seen=day)
    if found.version and found.updated > item.study.read.date.isoformat():
        detail = f"{found.id}v{found.version} of {found.updated}"
        yield Notice(study=item.study.key, kind="new-version", detail=detail, seen=day)
    dois = sorted(name for name in found.ids if name.startswith("doi:"))
    if dois and not item.doi:
        yield Notice(study=item.study.key, kind="published", detail=dois[0], seen=day)


def write_watch(data: Path, found: Watch) -> None:
    """Write what was noticed."""
    text = yaml.safe_dump(found.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=1000)
    write_atomically(data / "searches" / "watch.yml", HEAD + text)
