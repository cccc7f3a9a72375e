"""Indexes of papers that the review asks: arXiv, OpenAlex, Semantic Scholar, and Crossref for what became of a paper.

Each answer is read page by page. A page that fails is asked for again, later each time; what arrived twice counts once;
where the index counts anew midway, its newest count holds. The address of each index can be set by a variable
(``REVIEW_ARXIV_API``, ``REVIEW_OPENALEX_API``, ``REVIEW_SEMANTICSCHOLAR_API``, ``REVIEW_CROSSREF_API``), so that a copy or a
stand-in can answer.

Formats: arXiv API User's Manual; OpenAlex API reference (works, paging, errors); Semantic Scholar Academic Graph API
(paper bulk search); Crossref REST API (works).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import feedparser
import requests

from review_book.records.duplicates import ids_in
from review_book.records.searches import Terms
from review_utils.review import Explained

TRIES = 6
"""How often a page is asked for."""

PATIENCE_SECONDS = 120.0
"""The longest pause that an index may ask of us; a longer one ends the run, to be gone on with later."""

BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which a page is asked for again."""


class SourceError(Explained, RuntimeError):
    """An index could not be asked; what came before is kept.

    Parameters
    ----------
    message : str
    status : int, optional
        Of the answer, where one came.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(message)


@dataclass(frozen=True)
class Found:
    """A work as an index describes it.

    Parameters
    ----------
    title : str
    authors : tuple of str
        As printed.
    published : str
        Day, month or year, as far as it is given; empty where unknown.
    ids : frozenset of str
        ``arxiv:``, ``doi:``, ``openalex:`` and ``s2:`` ids.
    venue, url, abstract : str
        Empty where unknown. The abstract is kept in the cache alone.
    version : int or None
        Of a preprint.
    updated : str
        Day on which the newest version of a preprint appeared.
    retracted : bool
        Whether the index says that it was retracted or withdrawn.
    """

    title: str
    authors: tuple[str, ...] = ()
    published: str = ""
    ids: frozenset[str] = frozenset()
    venue: str = ""
    url: str = ""
    abstract: str = ""
    version: int | None = None
    updated: str = ""
    retracted: bool = False

    @property
    def id(self) -> str:
        """The one id under which the review keeps it: arXiv before DOI before the index's own."""
        for kind, prefix in (("arxiv:", "arXiv:"), ("doi:", "doi:"), ("openalex:", "openalex:"), ("s2:", "s2:")):
            for name in sorted(self.ids):
                if name.startswith(kind):
                    return prefix + name.removeprefix(kind)
        return f"url:{self.url}"


@dataclass(frozen=True)
class Page:
    """One page of an answer.

    Parameters
    ----------
    works : tuple of Found
    total : int
        How many the index counts in all, as it says on this page.
    next : str or None
        Where to go on; None on the last page.
    """

    works: tuple[Found, ...]
    total: int
    next: str | None


@dataclass
class Http:
    """Asks politely: names itself, waits between questions, and waits longer where it is told to or where an answer fails.

    Parameters
    ----------
    contact : str
        An address at which the one who asks can be reached.
    pause : float
        Seconds between two questions.
    sleep, clock : callable
        How to wait, and what time it is.
    say : callable
        What to tell while waiting.
    """

    contact: str = ""
    pause: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    say: Callable[[str], None] = lambda text: None
    session: requests.Session = field(default_factory=requests.Session)
    _last: float | None = None

    def get(
        self,
        address: str,
        params: Mapping[str, str],
        read: Callable[[bytes], Any],
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401  # whatever `read` makes of the answer
        """Return what `read` makes of an answer.

        Raises
        ------
        SourceError
            When the index refuses, asks for a long pause, or fails `TRIES` times.
        """
        mail = f"; mailto:{self.contact}" if self.contact else ""
        named = {"User-Agent": f"living-review-search (requests{mail})", **(headers or {})}
        trouble = ""
        for turn in range(TRIES):
            self._wait()
            try:
                answer = self.session.get(address, params=dict(params), headers=named, timeout=60)
                if answer.status_code == 200:
                    return read(answer.content)
                trouble = f"status {answer.status_code}"
            except (requests.RequestException, ValueError, KeyError, TypeError) as error:
                answer, trouble = None, f"no whole answer, {type(error).__name__}"
            if answer is not None and answer.status_code not in BUSY:
                raise SourceError(f"{address} refused ({trouble}): {_first_line(answer.text)}", answer.status_code)
            if turn < TRIES - 1:
                self._back_off(address, turn, answer, trouble)
        raise SourceError(f"{address} could not be asked ({trouble}, {TRIES} times); run the command again to go on")

    def _wait(self) -> None:
        if self._last is not None and (left := self.pause - (self.clock() - self._last)) > 0:
            self.sleep(left)
        self._last = self.clock()

    def _back_off(self, address: str, turn: int, answer: requests.Response | None, trouble: str) -> None:
        wait = max(self.pause, 1.0) * 2**turn
        if answer is not None and (asked := answer.headers.get("Retry-After", "")).isdigit():
            wait = max(wait, float(asked))
        if wait > PATIENCE_SECONDS:
            raise SourceError(f"{address} asks for a pause of {wait:.0f} s ({trouble}); run the command again later")
        self.say(f"  {trouble}; asking again in {wait:.0f} s")
        self.sleep(wait)


def _first_line(text: str) -> str:
    return next((line.strip()[:200] for line in text.splitlines() if line.strip()), "no reason given")


class Source(Protocol):
    """An index: how it writes a query, and how it answers a page of it."""

    name: str
    pause: float

    def query(self, terms: Terms, since: dt.date | None) -> str:
        """Return a query in the index's own syntax, to be logged and repeated."""
        ...

    def page(self, http: Http, query: str, at: str | None) -> Page:
        """Return one page of the answer, the first where `at` is None."""
        ...


def _base(name: str, default: str) -> str:
    return os.environ.get(f"REVIEW_{name}_API", default).rstrip("/")


def _quoted(word: str) -> str:
    return f'"{word}"' if re.search(r"[\s-]", word) else word


_FROM = re.compile(r"(?: AND submittedDate:\[|,from_publication_date:| ; publicationDateOrYear=)(\d{4}-?\d\d-?\d\d).*")


def parts_of(query: str) -> tuple[str, dt.date | None]:
    """Return the words of a query in an index's own syntax, and the day from which on it asks."""
    found = _FROM.search(query)
    return (query[: found.start()], dt.date.fromisoformat(found[1])) if found else (query, None)


class Arxiv:
    """arXiv's own index, newest first; a page every three seconds, as its terms of use ask."""

    name = "arxiv"
    pause = 3.0
    size = 200

    def query(self, terms: Terms, since: dt.date | None) -> str:
        """Return the terms in title or abstract, from a day on."""
        said = " AND ".join(
            "(" + " OR ".join(f"{part}:{_quoted(word)}" for word in group for part in ("ti", "abs")) + ")"
            for group in terms
        )
        return said + (f" AND submittedDate:[{since:%Y%m%d}0000 TO 299912312359]" if since else "")

    def page(self, http: Http, query: str, at: str | None) -> Page:
        """Return the page that begins at an offset."""
        start = int(at or 0)
        params = {
            "search_query": query,
            "start": str(start),
            "max_results": str(self.size),
            "sortBy": "submittedDate",
            "sortOrder": "descending",
        }

        def read(content: bytes) -> Page:
            works, total = _atom(content)
            if not works and start < total:
                raise ValueError("a page without entries before the end")  # arXiv sends such; asking again helps
            end = start + len(works)
            return Page(works, total, str(end) if end < total and works else None)

        page: Page = http.get(_base("ARXIV", "https://export.arxiv.org/api/query"), params, read)
        return page

    def by_ids(self, http: Http, ids: Sequence[str]) -> Iterator[Found]:
        """Yield what arXiv says of papers, a hundred a question."""
        for start in range(0, len(ids), 100):
            some = ids[start : start + 100]
            params = {"id_list": ",".join(some), "max_results": str(len(some))}
            yield from http.get(
                _base("ARXIV", "https://export.arxiv.org/api/query"), params, lambda content: _atom(content)[0]
            )


def _atom(content: bytes) -> tuple[tuple[Found, ...], int]:
    feed = feedparser.parse(content)
    if feed.bozo and not isinstance(feed.bozo_exception, feedparser.CharacterEncodingOverride):
        raise ValueError(f"an answer that is cut off: {feed.bozo_exception}")
    if "opensearch_totalresults" not in feed.feed:
        raise ValueError("an answer without a count")
    return tuple(_entry(entry) for entry in feed.entries if entry.get("title")), int(feed.feed.opensearch_totalresults)


def _entry(entry: Any) -> Found:  # noqa: ANN401  # feedparser's own kind of dictionary
    match = re.search(r"abs/(.+?)(?:v(\d+))?$", entry.get("id", ""))
    ids = ids_in(entry.get("id"), entry.get("arxiv_doi"))
    comment = entry.get("arxiv_comment", "")
    return Found(
        title=" ".join(entry.title.split()),
        authors=tuple(author.name for author in entry.get("authors", ()) if author.get("name")),
        published=entry.get("published", "")[:10],
        ids=ids,
        venue=" ".join(entry.get("arxiv_journal_ref", "").split()),
        url=f"https://arxiv.org/abs/{match[1]}" if match else entry.get("link", ""),
        abstract=" ".join(entry.get("summary", "").split()),
        version=int(match[2]) if match and match[2] else None,
        updated=entry.get("updated", "")[:10],
        retracted=bool(re.search(r"\bwithdrawn\b", comment, flags=re.IGNORECASE)),
    )


class OpenAlex:
    """OpenAlex, by title and abstract. Without a key it answers page by page up to 10,000 works; with one, by cursor."""

    name = "openalex"
    pause = 1.0
    size = 100

    def query(self, terms: Terms, since: dt.date | None) -> str:
        """Return the filter that holds the terms, from a day on."""
        said = " AND ".join("(" + " OR ".join(_quoted(word) for word in group) + ")" for group in terms)
        return f"title_and_abstract.search:{said}" + (f",from_publication_date:{since}" if since else "")

    def page(self, http: Http, query: str, at: str | None) -> Page:
        """Return one page."""
        key = os.environ.get("OPENALEX_API_KEY")
        params = {"filter": query, "per_page": str(self.size), "sort": "publication_date:desc"}
        params |= {"cursor": at or "*"} if key else {"page": at or "1"}
        params |= {"mailto": http.contact} if http.contact else {}

        def read(content: bytes) -> Page:
            answer = _json(content)
            works = tuple(_openalex(work) for work in answer["results"] if work.get("title"))
            total = int(answer["meta"]["count"])
            if key:
                after = answer["meta"].get("next_cursor") if answer["results"] else None
            else:
                number, each = int(at or 1), int(answer["meta"]["per_page"])  # it may give fewer a page than was asked
                if total > 10_000:
                    raise SourceError(
                        f"OpenAlex counts {total} works for one query and shows 10,000 without a key; narrow the query"
                    )
                after = str(number + 1) if answer["results"] and number * each < total else None
            return Page(works, total, after)

        headers = {"Authorization": f"Bearer {key}"} if key else None
        page: Page = http.get(f"{_base('OPENALEX', 'https://api.openalex.org')}/works", params, read, headers)
        return page

    def by_ids(self, http: Http, ids: Sequence[str]) -> Iterator[Found]:
        """Yield what OpenAlex says of works with a DOI, fifty a question."""
        for start in range(0, len(ids), 50):
            some = "|".join(ids[start : start + 50])
            params = {"filter": f"doi:{some}", "per_page": str(self.size)}
            params |= {"mailto": http.contact} if http.contact else {}
            yield from http.get(
                f"{_base('OPENALEX', 'https://api.openalex.org')}/works",
                params,
                lambda content: [_openalex(work) for work in _json(content)["results"] if work.get("title")],
            )


def _openalex(work: Mapping[str, Any]) -> Found:
    places = [place for place in work.get("locations") or () if place]
    primary = work.get("primary_location") or {}
    where = [place.get("landing_page_url") for place in places] + [primary.get("landing_page_url")]
    ids = ids_in(work.get("doi"), *(url for url in where if url and ("arxiv.org" in url or "doi.org" in url)))
    index = work.get("abstract_inverted_index") or {}
    words = sorted((place, word) for word, at in index.items() for place in at)
    return Found(
        title=" ".join(work["title"].split()),
        authors=tuple(
            person["author"]["display_name"]
            for person in work.get("authorships") or ()
            if (person.get("author") or {}).get("display_name")
        ),
        published=work.get("publication_date") or str(work.get("publication_year") or ""),
        ids=ids | {f"openalex:{work['id'].rsplit('/', 1)[-1]}"},
        venue=((primary.get("source") or {}).get("display_name")) or "",
        url=primary.get("landing_page_url") or work.get("doi") or work["id"],
        abstract=" ".join(word for _, word in words),
        retracted=bool(work.get("is_retracted")),
    )


class SemanticScholar:
    """Semantic Scholar's bulk search, by title and abstract."""

    name = "semanticscholar"
    pause = 1.5
    fields = "title,abstract,authors,year,publicationDate,externalIds,venue,url"

    def query(self, terms: Terms, since: dt.date | None) -> str:
        """Return the terms in its syntax, and the day from which on after a bar."""
        said = " + ".join("(" + " | ".join(_quoted(word) for word in group) + ")" for group in terms)
        return said + (f" ; publicationDateOrYear={since}:" if since else "")

    def page(self, http: Http, query: str, at: str | None) -> Page:
        """Return up to a thousand works and the token that leads on."""
        said, _, day = query.partition(" ; publicationDateOrYear=")
        params = {"query": said, "fields": self.fields, "sort": "publicationDate:desc"}
        params |= {"publicationDateOrYear": day} if day else {}
        params |= {"token": at} if at else {}

        def read(content: bytes) -> Page:
            answer = _json(content)
            works = tuple(_scholar(work) for work in answer["data"] if work.get("title"))
            return Page(works, int(answer["total"]), answer.get("token") if answer["data"] else None)

        key = os.environ.get("SEMANTICSCHOLAR_API_KEY")
        base = _base("SEMANTICSCHOLAR", "https://api.semanticscholar.org/graph/v1")
        page: Page = http.get(f"{base}/paper/search/bulk", params, read, {"x-api-key": key} if key else None)
        return page


def _scholar(work: Mapping[str, Any]) -> Found:
    names = work.get("externalIds") or {}
    return Found(
        title=" ".join(work["title"].split()),
        authors=tuple(author["name"] for author in work.get("authors") or () if author.get("name")),
        published=work.get("publicationDate") or str(work.get("year") or ""),
        ids=ids_in(names.get("ArXiv"), names.get("DOI")) | {f"s2:{work['paperId']}"},
        venue=work.get("venue") or "",
        url=work.get("url") or "",
        abstract=" ".join((work.get("abstract") or "").split()),
    )


@dataclass(frozen=True)
class Notice:
    """What Crossref says became of a work: a kind such as ``retraction``, and the DOI that says so."""

    kind: str
    doi: str


def crossref(http: Http, doi: str) -> list[Notice]:
    """Return what Crossref says became of a work: updates by others, and the version that a preprint was published as.

    A DOI that Crossref does not know has none.
    """
    base = _base("CROSSREF", "https://api.crossref.org")

    def read(content: bytes) -> list[Notice]:
        message = _json(content)["message"]
        updates = [
            Notice(str(one.get("type", "update")), str(one["DOI"]).lower()) for one in message.get("updated-by", ())
        ]
        related = (message.get("relation") or {}).get("is-preprint-of", ())
        published = [Notice("published", str(one["id"]).lower()) for one in related if one.get("id-type") == "doi"]
        return updates + published

    try:
        found: list[Notice] = http.get(
            f"{base}/works/{requests.utils.quote(doi, safe='')}", {"mailto": http.contact} if http.contact else {}, read
        )
    except SourceError as error:
        if error.status == 404:
            return []
        raise
    return found


def _json(content: bytes) -> Any:  # noqa: ANN401  # an answer of any form
    """Return an answer; one that is cut off, or of another form, is a ValueError, so that it is asked for again."""
    answer = json.loads(content)
    if not isinstance(answer, dict):
        raise ValueError("an answer of another form")
    return answer


SOURCES: Mapping[str, Source] = {source.name: source for source in (Arxiv(), OpenAlex(), SemanticScholar())}
