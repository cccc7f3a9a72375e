"""Recall: shares with intervals, sizes of populations, the drawn order, and how a work was met."""

from __future__ import annotations

import datetime as dt
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_studies import entry

from review_book.pages.recall import chapter_html, percent, recall_html, recall_svg
from review_book.records.kinds import Records
from review_book.records.recall import (
    Entry,
    Recall,
    WorkList,
    drawn_order,
    load_recall,
    named_in,
    share,
)
from review_book.records.searches import Decision, Protocol, Run, Searches
from review_book.records.shares import Share, chapman, wilson
from review_book.records.studies import Studies
from review_utils.records.reading import RecordError

DRAWN = dt.date(2026, 1, 5)


def test_wilson_gives_published_intervals():
    """Against values of Newcombe 1998, Table I (method 3): 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }

    for (found, of), ends in published.items():
        assert wilson(found, of) == pytest.approx(ends, abs=5e-5)


@given(st.integers(1, 400), st.data())
def test_wilson_holds_the_share_and_mirrors(of, data):
    """The interval lies in [0, 1], holds the share, and that of what was missed is its mirror image."""
    found = data.draw(st.integers(0, of))
    low, high = wilson(found, of)

    assert 0 <= low <= found / of <= high <= 1
    assert wilson(of - found, of) == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(("found", "of"), [(3, 2), (-1, 4), (0, 0)])
def test_a_share_of_nothing_is_refused(found, of):
    """So is more than there is."""
    with pytest.raises(ValueError, match="needed"):
        wilson(found, of)


def test_chapman_gives_known_answers():
    """Ten turtles marked, fifteen caught, five of them marked; and where every second is a first, the first is all."""
    size, (low, high) = chapman(10, 15, 5)

    assert size == pytest.approx(11 * 16 / 6 - 1)
    assert 20 < low < size < high
    assert chapman(30, 12, 12) == (30, (30, 30))
    with pytest.raises(ValueError, match="no more in both"):
        chapman(3, 4, 5)


def test_chapman_is_unbiased_over_all_outcomes():
    """Summed over the hypergeometric chances of the overlap, where the looks together exceed the population (Chapman 1951)."""
    from math import comb

    size, first, second = 20, 12, 11
    chances = {
        both: comb(first, both) * comb(size - first, second - both) / comb(size, second)
        for both in range(first + second - size, min(first, second) + 1)
    }

    assert sum(chance * chapman(first, second, both)[0] for both, chance in chances.items()) == pytest.approx(size)


@given(st.integers(1, 80), st.text(max_size=5))
def test_the_drawn_order_is_all_places(entries, seed):
    """Each place once; another seed gives another order, the same seed the same."""
    order = drawn_order(seed, "a-list", entries)

    assert sorted(order) == list(range(1, entries + 1))
    assert order == drawn_order(seed, "a-list", entries)


def test_the_drawn_order_is_fixed():
    """Written down once, by hand, with sha256sum: on another machine the same works are judged."""
    assert drawn_order("2026-11-29", "scaling-law-survey", 5) == [2, 3, 5, 1, 4]


@pytest.mark.parametrize(
    ("query", "work", "title", "named"),
    [
        ("Krajewski fine-grained mixture of experts", "arXiv:2402.07871", "Scaling Laws for Fine-Grained Mixture of Experts", True),
        ("laws for sparse models", "arXiv:2402.07871", "Scaling Laws for Fine-Grained Mixture of Experts", False),
        ("arXiv 2402.07871", "arXiv:2402.07871", "A title that is not asked for", True),
        ("Hägele cooldown", "arXiv:1", "Hagele cooldown", True),
        ("anything", "arXiv:1", "On it", False),
    ],
)  # fmt: skip
def test_a_query_that_names_a_work(query, work, title, named):
    """By its number, or by most of the long words of its title, with and without accents."""
    assert named_in(query, work, title) is named


def decided(work, run, day=2, decision="include", title="A Title Of Its Own"):
    """One decision of January 2026."""
    reason = "out-topic" if decision == "exclude" else "in-scope"
    return Decision(
        id=work, title=title, year="2024", run=run, stage="title-abstract", decision=decision, reason=reason,
        date=dt.date(2026, 1, day), chapter="a",
    )  # fmt: skip


def measured(*works, decisions=(), kind="survey", cited=()):
    """The recall of one list of works."""
    protocol = Protocol(
        purpose="To know.", sources={"web": "an index"}, questions={"a": ["what"], "b": ["why"]}, since="2020",
        languages=["English"], in_doubt="it waits", every="weekly",
        criteria=[{"id": "in-scope", "title": "in", "decides": "include"}, {"id": "out-topic", "title": "out", "decides": "exclude"}],
    )  # fmt: skip
    runs = [
        Run(id="broad", date="2026-01-02", source="web", query="laws of growth", returned=8, chapters=["a"]),
        Run(id="named", date="2026-01-02", source="web", query="a title of its own", returned=8, chapters=["a"]),
    ]
    item = WorkList(
        id="l", title="A list", url="https://a.org", kind=kind, drawn=DRAWN, had="whole", how="all of it",
        entries=len(works), works=list(works),
    )  # fmt: skip
    references = {key: entry(key) for key in cited}
    return Recall(
        "s", "A rule.", "Assumed.", [item], Searches(protocol, runs, list(decisions)), Studies({}, references, {})
    )


def drawn(place, work="arXiv:2401.00001", chapter="a", **more):
    """One work in scope, or out of it where a reason is given."""
    return Entry(place=place, id=work, title="A Title Of Its Own", **({"chapter": chapter} | more))


@pytest.mark.parametrize(
    ("decisions", "how"),
    [
        ([], "missed"),
        ([decided("arXiv:2401.00001", "broad", day=5)], "missed"),
        ([decided("arXiv:2401.00001", "earlier", day=5)], "reading"),
        ([decided("arXiv:2401.00001", "named")], "name"),
        ([decided("arXiv:2401.00001", "critique")], "critique"),
        ([decided("arXiv:2401.00001", "critique"), decided("arXiv:2401.00001", "earlier")], "reading"),
        ([decided("arXiv:2401.00001", "named"), decided("arXiv:2401.00001", "broad")], "topic"),
        ([decided("arXiv:2401.00001", "references")], "topic"),
    ],
)
def test_how_a_work_was_met(decisions, how):
    """Before the day of the draw, and in the most telling way of several."""
    found = measured(drawn(1), decisions=decisions)

    assert found.of_list(found.lists[0]) == [how]
    assert share(found.of_list(found.lists[0])).found == (how != "missed")


def test_a_work_of_two_lists_counts_once_and_out_of_scope_not_at_all():
    """Works are counted, not mentions; a work under another address is the same work."""
    found = measured(
        drawn(1), drawn(2, "url:https://a.org/1", met_as="arXiv:2401.00001"), drawn(3, "arXiv:2401.00002", None, out="out-topic"),
        drawn(4, "arXiv:2401.00003", "b"), decisions=[decided("arXiv:2401.00001", "broad")],
    )  # fmt: skip

    assert found.in_scope() == {"arXiv:2401.00001": "topic", "arXiv:2401.00003": "missed"}
    assert found.in_scope(chapter="b") == {"arXiv:2401.00003": "missed"}
    assert found.in_scope(("queries",)) == {}


def test_a_long_list_weighs_more():
    """Nine judged entries stand for ninety-nine where the list holds so many."""
    small = measured(drawn(1), decisions=[decided("arXiv:2401.00001", "broad")])
    missed = [drawn(place, f"arXiv:2402.0000{place}") for place in range(1, 10)]
    large = small.lists[0].model_copy(update={"id": "m", "entries": 9, "works": missed})
    both = replace(small, lists=[*small.lists, large])

    assert both.weighted() == pytest.approx(1 / 10)
    assert replace(small, lists=[*small.lists, large.model_copy(update={"entries": 99})]).weighted() == pytest.approx(
        1 / 100
    )


def test_two_looks_make_a_population():
    """The first look is what was met and not excluded before the draw, the second what the broad queries brought up."""
    before = [decided(f"arXiv:2401.0000{i}", "broad") for i in range(1, 5)]
    found = measured(
        drawn(1), drawn(2, "arXiv:2401.00002"), drawn(3, "arXiv:2401.00009"), kind="queries",
        decisions=[*before, decided("arXiv:2401.00008", "broad", decision="exclude"), decided("arXiv:2401.00009", "broad", day=5)],
    )  # fmt: skip
    size = found.population()

    assert (size.first, size.second, size.both, size.seen) == (4, 3, 2, 5)
    assert size.estimate == pytest.approx(5 * 4 / 3 - 1)
    assert size.interval[0] >= size.seen


@pytest.fixture(scope="module")
def records(root):
    """The records of the review, read once."""
    return Records(root / "data")


@pytest.fixture
def copied(root, records, tmp_path):
    """A copy of the searches, whose recall can be spoilt, with what loads it."""
    shutil.copytree(root / "data" / "searches", tmp_path / "searches")

    def load(old, new):
        path = tmp_path / "searches" / "recall.yml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return load_recall(tmp_path, records.searches, records.studies)

    return load


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("place: 167,", "place: 166,", "place 167, the next that was drawn"),
        ("target: 20", "target: 21", "entries until 21 are in scope"),
        ("entries: 15", "entries: 16", "all 16 entries"),
        ('id: "arXiv:2601.09855"', 'id: "arXiv:2604.14853"', "each work once in a list; place 167 has the same"),
        ("out: out-topic", "out: in-scope", "a criterion that decides to exclude: "),
        ("chapter: scaling_laws", "chapter: scaling_law", "did you mean scaling_laws?"),
        ("chapter: scaling_laws", "title2: scaling_laws", "title2"),
        ("chapter: scaling_laws", "out: out-topic", "in scope, since data/searches/decisions.csv includes arXiv:"),
        ("out: out-topic", "chapter: scaling_laws", "out of scope, since data/searches/decisions.csv excludes arXiv:"),
        (
            'title: "Inference Scaling Laws: An Empirical Analysis of Compute-Optimal Inference for LLM Problem-Solving"',
            'title: "The FineWeb Datasets"',
            "this one is of arXiv:2406.17557",
        ),
        ('id: "arXiv:2408.00724"', 'id: "arXiv:9908.00724"', "a work that data/searches/decisions.csv decides"),
        ("drawn: '2026-11-29'", "drawn: '2999-11-29'", "a day that is not after today"),
        ("id: grokking-review", "id: scaling-laws-carefully", "an id of its own"),
        ("drawn: '2026-11-29'", "drawn: '2025-11-29'", "the day of a look-up"),
        (
            'title: "Scaling Laws, Carefully (Weng, 2026)"',
            'title: "A survey of scaling laws in a public repository, kept up weekly (2026)"',
            "a list of its own",
        ),
    ],
)
def test_a_faulty_list_is_refused_with_its_place(copied, old, new, said):
    """Works that were not drawn, a list that stops early, an unknown reason or chapter, a work that nobody decided."""
    with pytest.raises(RecordError) as caught:
        copied(old, new)

    assert said in str(caught.value)
    assert "recall.yml:" in str(caught.value)


def test_a_review_without_lists_has_no_recall(tmp_path, records):
    """The section of the page is then empty."""
    assert load_recall(tmp_path, records.searches, records.studies) is None
    assert recall_html(None) == ""
    assert chapter_html(None, "a") == ""


def test_the_page_says_the_shares_and_the_picture_too():
    """Well-formed, with the same numbers in the label; a chapter without drawn works says nothing."""
    found = measured(drawn(1), drawn(2, "arXiv:2401.00002"), decisions=[decided("arXiv:2401.00001", "broad")])
    page = recall_html(found)
    rows = [("All", Share(1, 2))]
    svg = ET.fromstring(recall_svg(rows).partition('<figure class="review-flow">')[2].removesuffix("</figure>"))

    assert "had met 1, which is 50 percent (95 percent interval 9 to 91)" in page
    assert "had met 1, which is 50 percent" in chapter_html(found, "a")
    assert chapter_html(found, "b") == ""
    assert percent(Share(1, 2)) in svg.get("aria-label")
