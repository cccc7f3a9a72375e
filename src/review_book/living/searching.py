"""Searching the literature by the protocol's queries: each answer is logged, and what is new waits to be screened.

Abstracts belong to others. They are kept in a cache outside the review and never written into it.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import html
import io
import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from review_book.files import append
from review_book.living.sources import SOURCES, Found, Http, Page, Source, parts_of
from review_book.records.duplicates import Known, Work, ids_in, work_of
from review_book.records.references import load_references
from review_book.records.screened import decided_works, family
from review_book.records.searches import (
    COLUMNS,
    DESCRIBED,
    Decision,
    Described,
    Protocol,
    Query,
    Run,
    Searches,
    load_searches,
)
from review_book.review import Review
from review_utils.review import Explained

OVERLAP = dt.timedelta(days=14)
"""Indexes take in a paper some days after it appeared: a repeated query begins so long before the last."""

NOT_SCREENED = "not-screened"
"""The criterion under which new works wait."""


class SearchError(Explained, ValueError):
    """A search cannot be made as asked; nothing was written."""


def know_chapter(searches: Searches, chapter: str) -> None:
    """Refuse a chapter that the protocol has no question for; ``all`` is every one.

    Raises
    ------
    SearchError
        Naming those that there are.
    """
    known = ("all", *searches.protocol.questions)
    if chapter not in known:
        raise SearchError(f"given the chapter {chapter!r}; needed: one of {', '.join(known)}")


def cache_folder(review: Review) -> Path:
    """Return where abstracts and half-read answers are kept: REVIEW_CACHE, or the user's own cache, outside the review."""
    import pooch

    named = os.environ.get("REVIEW_CACHE")
    folder = Path(named) if named else Path(pooch.os_cache(f"{review.records.about.slug}-search"))
    if folder.resolve().is_relative_to(review.root.resolve()):
        raise SearchError(
            f"given the cache {folder}; needed: a folder outside the review, since it holds others' abstracts"
        )
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Abstracts:
    """Abstracts by the id of their work, a line each in a file of the cache."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "abstracts.jsonl"
        self._held: dict[str, str] = {}
        if self._path.is_file():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                try:
                    row = json.loads(line)
                except ValueError:  # the last line of a run that was killed
                    continue
                self._held[row["id"]] = row["abstract"]

    def get(self, work_id: str) -> str:
        """Return an abstract, empty where none is held."""
        return self._held.get(work_id, "")

    def add(self, abstracts: Mapping[str, str]) -> None:
        """Keep abstracts that are not held yet."""
        new = {name: text for name, text in abstracts.items() if text and name not in self._held}
        if new:
            lines = "".join(json.dumps({"id": name, "abstract": text}) + "\n" for name, text in new.items())
            append(self._path, lines)
            self._held |= new


@contextmanager
def all_or_none(data: Path) -> Iterator[None]:
    """Take back what was added to the log of searches where writing it breaks off, by a full disk for one.

    Raises
    ------
    SearchError
        In place of an error of the disk, with the file.
    """
    paths = [data / "searches" / name for name in ("runs.yml", "works.csv", "decisions.csv")]
    before = {path: path.stat().st_size if path.is_file() else None for path in paths}
    try:
        yield
    except BaseException as error:
        for path, size in before.items():
            if size is None:
                path.unlink(missing_ok=True)
            elif path.stat().st_size > size:
                os.truncate(path, size)
        if isinstance(error, OSError):
            at = error.filename or data / "searches"
            raise SearchError(f"{at}: {error.strerror}; needed: room to write; nothing was taken over") from None
        raise


def rows(records: Iterable[Mapping[str, object]], columns: Sequence[str]) -> str:
    """Return records as lines of a table."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writerows(records)
    return out.getvalue()


def clean(text: str) -> str:
    r"""Return text of others as one line without markup or control characters.

    Examples
    --------
    >>> clean("Scaling <i>laws</i> &amp;\n their\x07 ends")
    'Scaling laws & their ends'
    """
    if text.isprintable() and "<" not in text and "&" not in text:
        return " ".join(text.split())  # nearly all text
    plain = re.sub(r"<[A-Za-z/!?][^>]*>?", "", html.unescape(html.unescape(text)))
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") and c.isspace() else c for c in plain)
    return " ".join("".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co")).split())


def described(found: Found) -> Described | None:
    """Return a work as the review keeps it; None where it has no title or no id."""
    title = clean(found.title).lstrip("=@+- ")  # a spreadsheet would take the rest for a formula
    work_id = re.sub(r"\s", "%20", found.id)
    if not title or work_id == "url:":
        return None
    published = found.published if re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", found.published) else ""
    return Described(
        id=work_id,
        title=title,
        authors="; ".join(clean(name).replace(";", ",") for name in found.authors).lstrip("=@+- "),
        published=published,
        ids="; ".join(sorted(found.ids)),
        venue=clean(found.venue),
        url=found.url if re.fullmatch(r"https?://\S+", found.url) else "",
    )


def as_work(found: Found) -> Work:
    """Return a work as it is compared."""
    return Work(
        clean(found.title), tuple(map(family, found.authors)), found.published[:4], found.ids | ids_in(found.url)
    )


class KnownWorks:
    """Every work that the review knows: decided, waiting, described or cited."""

    def __init__(self, searches: Searches, data: Path) -> None:
        by_id = decided_works(searches, load_references(data))
        self.ids = [*by_id]
        works = [*by_id.values()]
        rest = [work_of(one) for one in load_references(data).values()]
        self._known = Known([*works, *rest])
        self.ids += [f"key:{key}" for key in load_references(data)]

    def meet(self, found: Found, item: Described | None) -> str | None:
        """Return the id under which the review knows a work; None where it does not, and then it knows it by its own id."""
        work = as_work(found)
        if same := self._known.same_as(work):
            return self.ids[same[0]]
        if item is not None:
            self._known.add(work)
            self.ids.append(item.id)
        return None


@dataclass(frozen=True)
class Outcome:
    """What one look-up brought."""

    run: Run | None
    source: str
    query: str
    returned: int
    new: int
    skipped: int


def since_of(searches: Searches, query: Query, source: str, since: dt.date | None) -> dt.date | None:
    """Return the day from which on a query asks: as told, else some days before what was asked already ends.

    With other words than before it is put for the first time, whatever its id; and a run that was told to begin later
    than the one before it ended leaves a gap, which is asked for again.
    """
    if since:
        return since
    words, asked = SOURCES[source].query(query.terms, None), query.since
    for run in sorted(searches.runs, key=lambda run: run.date):
        said, begun = parts_of(run.query)
        whole = begun is None or (asked is not None and begun <= asked)
        if run.asks == query.id and run.source == source and said == words and whole:
            asked = run.date - OVERLAP
    return asked


def search(
    review: Review,
    sources: Sequence[str],
    since: dt.date | None,
    day: dt.date,
    http: Callable[[Source], Http],
    say: Callable[[str], None],
) -> Iterator[Outcome]:
    """Put every query of the protocol to every source; log each look-up and let what is new wait.

    A page is kept as soon as it came, so that a run that broke off goes on where it was. A query that was put today
    already, and brings nothing new, leaves no trace.

    Raises
    ------
    SearchError
        When the protocol has no queries.
    SourceError
        When an index cannot be asked; look-ups before it are logged.
    """
    protocol = load_searches(review.data).protocol
    if not protocol.queries:
        raise SearchError("data/searches/protocol.yml has no queries; needed: at least one (id, chapter, terms)")
    folder = cache_folder(review)
    for name in sources:
        source = SOURCES[name]
        asking = http(source)
        for query in protocol.queries:
            searches = load_searches(review.data)
            exact = source.query(query.terms, since_of(searches, query, name, since))
            say(f"{name}: {query.id}")
            pages = folder / f"answer-{name}-{hashlib.sha256(exact.encode()).hexdigest()[:16]}.jsonl"
            found = list(_answer(source, asking, exact, pages, say))
            outcome = record(review, searches, query.chapter, name, exact, query.id, found, day)
            Abstracts(folder).add({one.id: one.abstract for one in found})
            pages.unlink(missing_ok=True)
            yield outcome


def _answer(source: Source, http: Http, exact: str, kept: Path, say: Callable[[str], None]) -> Iterator[Found]:
    """Yield every work of an answer once: those of pages kept from a run that broke off, then of pages asked for now."""
    seen: set[str] = set()
    at: str | None = None
    begun = False
    for page in _kept(kept):
        yield from _unseen(page, seen)
        at, begun = page.next, True
    while at is not None or not begun:
        page = source.page(http, exact, at)
        append(
            kept,
            json.dumps({"works": [_plain(work) for work in page.works], "total": page.total, "next": page.next}) + "\n",
        )
        yield from _unseen(page, seen)
        say(f"  {len(seen)} of {page.total}")
        at, begun = page.next, True


def _plain(work: Found) -> dict[str, object]:
    return {**asdict(work), "ids": sorted(work.ids)}


def _kept(path: Path) -> Iterator[Page]:
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:  # cut off when the run was killed: asked for again
            return
        works = [Found(**{**w, "ids": frozenset(w["ids"]), "authors": tuple(w["authors"])}) for w in row["works"]]
        yield Page(tuple(works), row["total"], row["next"])


def _unseen(page: Page, seen: set[str]) -> Iterator[Found]:
    for work in page.works:
        if work.id not in seen:
            seen.add(work.id)
            yield work


def record(
    review: Review,
    searches: Searches,
    chapter: str,
    source: str,
    exact: str,
    asks: str | None,
    found: Sequence[Found],
    day: dt.date,
) -> Outcome:
    """Log a look-up, and let the works that the review does not know wait.

    Returns
    -------
    Outcome
        Its run is None where the same question was put today already and nothing new came.
    """
    known = KnownWorks(searches, review.data)
    new: list[Described] = []
    skipped = 0
    for one in found:
        item = described(one)
        if item is None:
            skipped += 1
        elif known.meet(one, item) is None:
            new.append(item)
    today = [run for run in searches.runs if run.date == day and run.source == source]
    same = any(
        run.query == exact or (asks and run.asks == asks and parts_of(run.query)[0] == parts_of(exact)[0])
        for run in today
    )
    if same and not new:
        return Outcome(None, source, exact, len(found), 0, skipped)
    stem = f"{asks or source}-{source}-{day}" if asks else f"{source}-{day}"
    taken = {run.id for run in searches.runs}
    run_id = next(name for i in range(1, 1000) if (name := stem if i == 1 else f"{stem}-{i}") not in taken)
    run = Run(id=run_id, date=day, source=source, query=exact, returned=len(found), chapters=[chapter], asks=asks)
    with all_or_none(review.data):
        write_run(review.data, run)
        wait(review.data, searches.protocol, run, [(item, chapter) for item in new], day)
    return Outcome(run, source, exact, len(found), len(new), skipped)


def write_run(data: Path, run: Run) -> None:
    """Add a run to the log."""
    entry = {name: value for name, value in run.model_dump(mode="json").items() if value is not None}
    append(data / "searches" / "runs.yml", yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=1000))


def wait(data: Path, protocol: Protocol, run: Run, new: Sequence[tuple[Described, str]], day: dt.date) -> None:
    """Let new works wait for a decision, each for its chapter.

    Raises
    ------
    SearchError
        When the protocol has no criterion under which they could.
    """
    if not new:
        return
    if NOT_SCREENED not in {criterion.id for criterion in protocol.criteria}:
        raise SearchError(f"data/searches/protocol.yml has no criterion {NOT_SCREENED} that decides wait")
    works = data / "searches" / "works.csv"
    if not works.is_file():
        append(works, ",".join(DESCRIBED) + "\n")
    decisions = [
        Decision(
            id=item.id, title=item.title, year=item.published[:4], run=run.id, stage="title-abstract", decision="wait",
            reason=NOT_SCREENED, date=day, chapter=chapter,
        )
        for item, chapter in new
    ]  # fmt: skip
    append(data / "searches" / "decisions.csv", rows((item.model_dump() for item in decisions), COLUMNS))
    append(works, rows((item.model_dump() for item, _ in new), DESCRIBED))
