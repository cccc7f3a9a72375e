"""The clients of the indexes of papers, against a stand-in that speaks their formats and fails as they do."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from making_search import Indexes, paper, served_indexes

from review_book.living.sources import (
    PATIENCE_SECONDS,
    SOURCES,
    TRIES,
    Arxiv,
    Http,
    Notice,
    OpenAlex,
    SourceError,
    crossref,
)

TERMS = [["scaling law", "scaling laws"], ["neural"]]


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self):
        self.now, self.waited, self.said = 0.0, [], []

    def sleep(self, seconds):
        self.waited.append(seconds)
        self.now += seconds

    def http(self, **more):
        return Http(sleep=self.sleep, clock=lambda: self.now, say=self.said.append, **more)


@pytest.fixture
def stand_in(monkeypatch):
    """A stand-in of eight papers; what a test plants in it is answered."""
    monkeypatch.delenv("OPENALEX_API_KEY", raising=False)
    indexes = Indexes([paper(i) for i in range(8)])
    server, address = served_indexes(indexes, monkeypatch)
    with server as base:
        address(base)
        yield indexes


def all_of(source, http, query="all"):
    """Every work of an answer, page by page."""
    found, at = [], None
    while True:
        page = source.page(http, query, at)
        found += page.works
        if page.next is None:
            return found, page.total
        at = page.next


@pytest.mark.parametrize("name", SOURCES)
def test_an_answer_of_many_pages_is_read_whole(stand_in, name):
    """Titles, authors, days, ids and abstracts of every page arrive as the index gave them."""
    found, total = all_of(SOURCES[name], Clock().http())

    assert total == len(found) == 8
    for work, held in zip(found, stand_in.papers, strict=True):
        assert (work.title, work.authors, work.published, work.abstract) == (
            held["title"], tuple(held["authors"]), held["day"], held["abstract"],
        )  # fmt: skip
        assert work.id == f"arXiv:{held['number']}"


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("fault", [429, 500, 503, "cut", "short", ("busy", 7)])
def test_a_page_that_fails_is_asked_for_again(stand_in, name, fault):
    """After a refusal, a fault of the server or an answer that is cut off, nothing is missing and nothing is twice."""
    clock = Clock()
    stand_in.faults = [None, fault, fault]

    found, _ = all_of(SOURCES[name], clock.http(pause=1.0))

    assert [work.id for work in found] == [f"arXiv:{p['number']}" for p in stand_in.papers]
    assert [int(re.search(r"again in (\d+) s", said)[1]) for said in clock.said] == (
        [7, 7] if isinstance(fault, tuple) else [1, 2]
    )


@pytest.mark.parametrize("name", SOURCES)
def test_what_appears_midway_is_met_and_shifts_nothing_out(stand_in, name):
    """New papers on top during a run push known ones onto the next page: they come twice, and none is lost."""
    before = {f"arXiv:{p['number']}" for p in stand_in.papers}
    stand_in.grows = [paper(20), paper(21)]

    found, total = all_of(SOURCES[name], Clock().http())

    assert {work.id for work in found} >= before
    assert total == 10


def test_an_empty_page_before_the_end_is_no_end(stand_in):
    """ArXiv now and then answers without entries; it is asked again instead of believed."""
    stand_in.papers = [paper(i) for i in range(8)]
    whole = stand_in.arxiv
    turns = []

    def sometimes_empty(params):
        turns.append(params)
        body = whole(params)
        return body.split(b"<entry>")[0] + b"</feed>" if len(turns) == 2 else body

    stand_in.arxiv = sometimes_empty

    assert len(all_of(Arxiv(), Clock().http())[0]) == 8


def test_an_index_that_stays_away_ends_the_run_with_a_sentence(stand_in):
    """After six tries, after a refusal, or where a long pause is asked for, the run ends and says what to do."""
    clock = Clock()
    stand_in.faults = [500] * TRIES
    with pytest.raises(SourceError, match="status 500, 6 times"):
        Arxiv().page(clock.http(), "all", None)
    assert len(stand_in.asked) == TRIES
    assert clock.waited == sorted(clock.waited)

    stand_in.faults = [400]
    with pytest.raises(SourceError, match="refused"):
        Arxiv().page(clock.http(), "all", None)
    stand_in.faults = [("busy", int(PATIENCE_SECONDS) * 10)]
    with pytest.raises(SourceError, match="later"):
        OpenAlex().page(clock.http(), "all", None)


def test_questions_are_apart_and_named(stand_in):
    """Between two questions the pause of the index passes, and each names who asks."""
    clock = Clock()

    all_of(Arxiv(), clock.http(pause=3.0, contact="who@example.org"))

    assert clock.waited == [3.0, 3.0]
    assert all("mailto:who@example.org" in agent for agent in stand_in.agents)


def test_with_a_key_openalex_is_asked_by_cursor(stand_in, monkeypatch):
    """A key of one's own leads past ten thousand works; without one pages are asked for."""
    assert all("page" in params for _, params in (all_of(OpenAlex(), Clock().http()), stand_in.asked)[1])
    monkeypatch.setenv("OPENALEX_API_KEY", "mine")

    assert len(all_of(OpenAlex(), Clock().http())[0]) == 8
    assert stand_in.asked[-1][1]["cursor"] == "6"


def test_a_query_is_written_in_each_syntax():
    """Alternatives within a group, one of each group, from a day on."""
    day = dt.date(2026, 1, 2)

    assert SOURCES["arxiv"].query(TERMS, day) == (
        '(ti:"scaling law" OR abs:"scaling law" OR ti:"scaling laws" OR abs:"scaling laws") AND (ti:neural OR abs:neural) '
        "AND submittedDate:[202601020000 TO 299912312359]"
    )
    assert SOURCES["openalex"].query(TERMS, day) == (
        'title_and_abstract.search:("scaling law" OR "scaling laws") AND (neural),from_publication_date:2026-01-02'
    )
    assert SOURCES["semanticscholar"].query(TERMS, day) == (
        '("scaling law" | "scaling laws") + (neural) ; publicationDateOrYear=2026-01-02:'
    )
    assert "Date" not in SOURCES["arxiv"].query(TERMS, None)


def test_more_than_an_index_shows_is_said_and_not_cut(stand_in, monkeypatch):
    """Where OpenAlex counts more than it shows without a key, the query is refused instead of read in part."""
    whole = stand_in.openalex
    stand_in.openalex = lambda params: whole(params).replace(b'"count": 8', b'"count": 10001')

    with pytest.raises(SourceError, match="narrow the query"):
        OpenAlex().page(Clock().http(), "all", None)


def test_crossref_says_what_became_of_a_work(stand_in):
    """A retraction and the published version of a preprint are told; a DOI that it does not know has none."""
    stand_in.notices["10.1000/x"] = {
        "updated-by": [{"DOI": "10.1000/R", "type": "retraction", "label": "Retraction"}],
        "relation": {"is-preprint-of": [{"id-type": "doi", "id": "10.1000/P", "asserted-by": "subject"}]},
    }

    assert crossref(Clock().http(), "10.1000/x") == [
        Notice("retraction", "10.1000/r"),
        Notice("published", "10.1000/p"),
    ]
    assert crossref(Clock().http(), "10.1000/unknown") == []


def test_papers_are_asked_for_by_their_ids(stand_in):
    """Versions, days and withdrawals of known preprints arrive; so does what OpenAlex says of a DOI."""
    stand_in.papers = [
        paper(1, version=3, updated="2026-05-01", comment="This paper has been withdrawn by the authors"),
        paper(2, retracted=True),
    ]

    first = next(iter(Arxiv().by_ids(Clock().http(), ["2601.00001"])))
    second = next(iter(OpenAlex().by_ids(Clock().http(), ["10.48550/arxiv.2601.00002"])))

    assert (first.version, first.updated, first.retracted) == (3, "2026-05-01", True)
    assert second.retracted
