"""Searching by the protocol, and watching what became of the included studies."""

from __future__ import annotations

import datetime as dt
import json
import shutil

import pytest
import yaml
from click.testing import CliRunner
from making_search import Indexes, paper, served_indexes

from review_book.commands.main import main
from review_book.living.progress import progress
from review_book.living.searching import OVERLAP, Abstracts, SearchError, cache_folder, described, search
from review_book.living.sources import Found, Http, SourceError
from review_book.records.searches import load_searches
from review_book.review import Review

DAY = dt.date(2026, 2, 1)
QUERIES = """
  - {id: not-screened, title: not screened yet, decides: wait}
queries:
  - {id: tides-moons, chapter: tides, terms: [[moon, moons], [tide]]}
  - {id: tides-storms, chapter: tides, terms: [[storm surge]], since: 2020-01-01}
"""
SOURCES = "sources: {shelf: a shelf of books, arxiv: arXiv, openalex: OpenAlex, semanticscholar: Semantic Scholar, import: a file}"


@pytest.fixture
def review(root, tmp_path, monkeypatch):
    """The little review with queries in its protocol, and a cache beside it."""
    target = tmp_path / "review"
    shutil.copytree(root / "tests" / "little_review", target)
    protocol = target / "data" / "searches" / "protocol.yml"
    text = protocol.read_text(encoding="utf-8").rstrip("\n").replace("sources: {shelf: a shelf of books}", SOURCES)
    protocol.write_text(text + QUERIES, encoding="utf-8")
    monkeypatch.setenv("REVIEW_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("REVIEW_ROOT", str(target))
    monkeypatch.setenv("REVIEW_PAUSE", "0")
    monkeypatch.delenv("OPENALEX_API_KEY", raising=False)
    return Review(target)


@pytest.fixture
def stand_in(monkeypatch):
    """A stand-in of eight papers."""
    indexes = Indexes([paper(i) for i in range(8)])
    server, address = served_indexes(indexes, monkeypatch)
    with server as base:
        address(base)
        yield indexes


def http(source):
    """Ask without waiting."""
    return Http(pause=0, sleep=lambda seconds: None)


def put(review, *sources, day=DAY, since=None):
    """Put the protocol's queries."""
    return list(search(review, sources or ("arxiv",), since, day, http, lambda text: None))


def texts(review):
    """All that a search writes."""
    return {path.name: path.read_text(encoding="utf-8") for path in (review.data / "searches").iterdir()}


def test_what_is_new_waits_and_each_look_up_is_logged(review, stand_in):
    """The second query meets what the first found; the exact query and its counts are in the log; the flow adds up."""
    done = put(review)
    searches = load_searches(review.data)
    flow = searches.flow()

    assert [(o.returned, o.new) for o in done] == [(8, 8), (8, 0)]
    assert flow.waiting == 8
    assert flow.identified == flow.duplicates + flow.screened + flow.waiting
    run = searches.runs[1]
    assert (run.asks, run.source, run.returned, searches.first_met[run.id]) == ("tides-moons", "arxiv", 8, 8)
    assert run.query == "(ti:moon OR abs:moon OR ti:moons OR abs:moons) AND (ti:tide OR abs:tide)"
    assert searches.described["arXiv:2601.00003"].people == stand_in.papers[3]["authors"]


def test_the_same_search_twice_adds_nothing(review, stand_in):
    """On the same day no file changes; on a later day the look-up is logged and nothing waits twice."""
    put(review, "arxiv", "openalex", "semanticscholar")
    before = texts(review)
    put(review, "arxiv", "openalex", "semanticscholar")
    assert texts(review) == before

    later = put(review, day=DAY + dt.timedelta(days=7))
    assert [o.new for o in later] == [0, 0]
    assert later[0].run is not None
    assert texts(review)["decisions.csv"] == before["decisions.csv"]


def test_a_paper_that_three_indexes_know_waits_once(review, stand_in):
    """By its id where they share one, else by title and authors: the published version is the same work."""
    put(review)
    published = [{**p, "number": f"9901.{i:05d}", "title": p["title"].upper()} for i, p in enumerate(stand_in.papers)]
    stand_in.papers = published
    whole = stand_in.openalex
    stand_in.openalex = lambda params: whole(params).replace(b"https://arxiv.org/abs/", b"https://publisher.org/")

    assert [o.new for o in put(review, "openalex")] == [0, 0]


def test_a_work_that_comes_on_two_pages_counts_once(review, stand_in):
    """What appears on top during a run pushes others onto the next page; the count of what came back is of works."""
    stand_in.grows = [paper(20), paper(21)]

    assert [(o.returned, o.new) for o in put(review)] == [(8, 8), (10, 2)]


def test_a_repeated_query_begins_before_it_was_last_put(review, stand_in):
    """It asks from fourteen days before the last time; the first time, from the protocol's own day; as told where told."""
    put(review)
    put(review, day=DAY + dt.timedelta(days=7))
    put(review, day=DAY + dt.timedelta(days=8), since=dt.date(2025, 12, 24))
    queries = [run.query for run in load_searches(review.data).runs if run.asks == "tides-storms"]

    assert "202001010000" in queries[0]
    assert "202601180000" in queries[1]
    assert "202512240000" in queries[2]


def test_what_was_never_asked_is_asked(review, stand_in):
    """A query with other words asks from the protocol's day though its id was put, and is logged the same day; so does one after a gap."""
    put(review)
    protocol = review.data / "searches" / "protocol.yml"
    text = protocol.read_text(encoding="utf-8")
    assert "[[storm surge]]" in text
    protocol.write_text(text.replace("[[storm surge]]", "[[storm surge, gale]]"), encoding="utf-8")
    put(review)
    put(review, day=DAY + dt.timedelta(days=60), since=DAY + dt.timedelta(days=50))
    put(review, day=DAY + dt.timedelta(days=70))
    queries = [run.query for run in load_searches(review.data).runs if run.asks == "tides-storms"]

    assert "gale" in queries[1]
    assert "202001010000" in queries[1]
    assert f"{DAY - OVERLAP:%Y%m%d}0000" in queries[3]


def test_a_run_that_broke_off_goes_on_where_it_was(review, stand_in):
    """Pages that came are not asked for again, and what was logged before stays."""
    stand_in.faults = [None, None, *[500] * 6]
    with pytest.raises(SourceError):
        put(review)
    assert load_searches(review.data).flow().waiting == 0
    asked = len(stand_in.asked)

    put(review)

    starts = [params["start"] for _, params in stand_in.asked[asked:]]
    assert starts[0] == "6"
    assert load_searches(review.data).flow().waiting == 8


def test_a_page_cut_off_when_the_run_was_killed_is_asked_for_again(review, stand_in):
    """Half a line of the cache counts for nothing."""
    stand_in.faults = [None, None, *[500] * 6]
    with pytest.raises(SourceError):
        put(review)
    (kept,) = cache_folder(review).glob("answer-*.jsonl")
    kept.write_bytes(kept.read_bytes()[:-40])
    asked = len(stand_in.asked)

    put(review)

    assert stand_in.asked[asked][1]["start"] == "3"
    assert load_searches(review.data).flow().waiting == 8


def test_no_abstract_is_written_into_the_review(review, stand_in):
    """Abstracts are in the cache, and a cache inside the review is refused."""
    put(review)

    assert not [name for name, text in texts(review).items() if "We measure" in text]
    assert Abstracts(cache_folder(review)).get("arXiv:2601.00001").startswith("We measure")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REVIEW_CACHE", str(review.root / "cache"))
        with pytest.raises(SearchError, match="outside the review"):
            cache_folder(review)


def test_titles_of_others_cannot_break_the_table(review, stand_in):
    """Markup, quotes, commas, line ends, control characters and signs of a formula arrive as one line of plain text."""
    stand_in.papers = [
        paper(1, 'On <b>"Moons"</b>,\n tides &amp;lt;script&amp;gt;\u202e and, more'),
        paper(2, "=cmd()"),
    ]
    put(review)
    found = [item.title for item in load_searches(review.data).decisions[-2:]]

    assert found == ['On "Moons", tides and, more', "cmd()"]


def test_a_work_without_title_or_id_is_passed_over():
    """Nothing that could not be known again is taken in."""
    assert described(Found("", ids=frozenset({"arxiv:2601.00001"}))) is None
    assert described(Found("A title")) is None
    assert described(Found("A title", url="https://a.org/x y")).id == "url:https://a.org/x%20y"


def test_the_command_goes_on_with_the_next_index_where_one_stays_away(review, stand_in):
    """It says which failed, and fails; what the others brought is kept."""
    whole = stand_in.answer
    stand_in.answer = lambda path, params: None if path.startswith("/arxiv") else whole(path, params)

    done = CliRunner().invoke(main, ["search", "run", "--source", "arxiv", "--source", "openalex"])

    assert done.exit_code == 1
    assert "refused (status 404)" in done.output
    assert load_searches(review.data).flow().waiting == 8


def test_the_status_adds_up_and_is_json(review, stand_in):
    """Identified is duplicates, screened and waiting; by chapter too."""
    put(review)
    done = CliRunner().invoke(main, ["search", "status", "--json"])
    found = json.loads(done.output)

    assert found["identified"] == found["duplicates"] + found["screened"] + found["waiting"]
    assert found["waiting"] == found["chapters"]["tides"]["waiting"] == 8
    assert sum(month["met"] for month in found["months"].values()) == found["identified"] - found["duplicates"]
    assert "recall" not in found
    wrong = CliRunner().invoke(main, ["search", "status", "--chapter", "tide"])
    assert "needed: one of all, tides" in wrong.output


def test_the_status_says_what_the_search_misses(root):
    """The share of other people's lists that was met, with its interval, for all chapters and for one."""
    records = Review(root).records
    for chapter in ("all", "scaling_laws"):
        found = progress(records.searches, chapter, DAY, records.recall)["recall"]

        assert 0 < found["low"] < found["percent"] < found["high"] <= 100
        assert found["met"] <= found["of"]


def test_a_protocol_without_queries_is_said(review):
    """There is nothing to put, and the message says what is needed."""
    path = review.data / "searches" / "protocol.yml"
    path.write_text(path.read_text(encoding="utf-8").split("queries:")[0], encoding="utf-8")

    with pytest.raises(SearchError, match="no queries; needed"):
        put(review)


@pytest.fixture
def studies(review):
    """The little review's study, known to the indexes by a preprint's id and a DOI."""
    bib = review.data / "references.bib"
    text = bib.read_text(encoding="utf-8")
    key = next(iter(review.records.studies)).key
    at = text.index(f"{{{key},") + len(key) + 2
    bib.write_text(text[:at] + "\n  eprint = {2601.00001},\n  doi = {10.1000/tides}," + text[at:], encoding="utf-8")
    for path in (*review.data.rglob("*.yml"), *review.data.rglob("*.csv"), bib):  # as old as its id
        said = path.read_text(encoding="utf-8").replace(key, "newton2026tides").replace("1687", "2026")
        path.write_text(said.replace('published: "2026"', "published: 2026-01"), encoding="utf-8")
    return Review(review.root)


def test_what_became_of_a_study_is_noticed_once(studies, stand_in):
    """A newer version than was read, a withdrawal, a retraction and a published version; the second watch adds nothing."""
    key = next(iter(studies.records.studies)).key
    stand_in.papers = [paper(1, version=4, updated="2099-01-01", comment="Withdrawn by arXiv", retracted=True)]
    stand_in.notices["10.1000/tides"] = {
        "updated-by": [{"DOI": "10.1000/n", "type": "retraction"}, {"DOI": "10.1000/c", "type": "correction"}],
        "relation": {"is-preprint-of": [{"id-type": "doi", "id": "10.1000/pub"}]},
    }

    first = CliRunner().invoke(main, ["search", "watch"])
    again = CliRunner().invoke(main, ["search", "watch"])

    assert first.exit_code == 0, first.output
    for said in (
        "new-version, arXiv:2601.00001v4 of 2099-01-01",
        "withdrawn from arXiv",
        "retraction, OpenAlex",
        "retraction, doi:10.1000/n",
        "correction, doi:10.1000/c",
        "published, doi:10.1000/pub",
    ):
        assert f"{key}: " in first.output
        assert said in first.output
    assert "1 studies watched; 6 new notices" in first.output
    assert "1 studies watched; 0 new notices" in again.output
    found = Review(studies.root).records.watch
    assert (found.studies, len(found.notices)) == (1, 6)


def test_a_study_that_did_not_change_is_not_noticed(studies, stand_in):
    """A version that is older than the day of reading, and no update, give no notice; that it was asked is recorded."""
    stand_in.papers = [paper(1, updated="2001-01-01")]

    done = CliRunner().invoke(main, ["search", "watch"])

    assert "0 new notices" in done.output
    assert Review(studies.root).records.watch.watched is not None
    assert yaml.safe_load((studies.data / "searches" / "watch.yml").read_text(encoding="utf-8"))["notices"] == []
