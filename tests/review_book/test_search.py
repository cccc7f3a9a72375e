"""The index of the search: words folded and whole, places of every kind, parts that are light."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_book.site import search

PAGE = (
    '<article class="bd-article"><section id="top"><h1>Grokking<a class="headerlink" href="#top">#</a></h1><p>Late.</p>'
    '<section id="why"><h2>Why <em>late</em>?</h2><p>0.9<span class="num"><a>80.4</a><span class="num__card" id="n"><span>hidden</span></span></span></p>'
    "<table><tr><td>Berglund</td><td>Kaczér</td></tr></table></section></section></article>"
)


def test_words_are_folded_and_whole():
    """No accents, no capitals, thousands without commas, identifiers and decimals whole, a plural s gone."""
    assert search.words("Lörch's Exponents, 8,192 of 2502.17424 at 80.4") == ["lorch", "s", "exponent", "8192", "of", "2502.17424", "at", "80.4"]  # fmt: skip


@pytest.mark.parametrize(
    ("british", "american"),
    [
        pair.split("/")
        for pair in [
            "labelled/labeled",
            "modelling/modeling",
            "centre/center",
            "programme/program",
            "sceptical/skeptical",
            "artefacts/artifacts",
            "judgement/judgment",
            "behaviour/behavior",
            "memorisation/memorization",
            "defence/defense",
            "licence/license",
            "catalogue/catalog",
            "dialogues/dialogs",
            "channelled/channeled",
            "metres/meters",
            "grey/gray",
        ]
    ],
)
def test_words_of_two_shores_are_one(british, american):
    """Who asks in the spelling of the other shore finds the same places."""
    assert search.stem(british) == search.stem(american)


def test_the_script_spells_as_the_index_does(root):
    """The page that asks has the rules of spelling by which the index was made, each with its replacement, in order."""
    script = (root / "src/review_book/static/review/search.js").read_text(encoding="utf-8")
    rules = re.findall(r'^    \[/(.+)/g, "(.*)"\],$', script, re.M)

    assert tuple(rules) == search.SHORES


@given(st.text(max_size=40))
def test_any_text_has_words_that_a_query_repeats(text):
    """Asking for an indexed word gives that word: folding and cutting change nothing the second time but an s."""
    for word in search.words(text):
        assert search.words(word) == [search.stem(word)] or not word.isascii()


def test_a_page_is_cut_at_its_headings():
    """The page, and each section with its anchor; cells do not run together, and what cards say is left out."""
    places = list(search.places_of("analyses/x/grokking", PAGE))

    assert [(p.group, p.title, p.url) for p in places] == [
        ("Pages", "Grokking", "analyses/x/grokking.html"),
        ("Sections", "Why late?", "analyses/x/grokking.html#why"),
    ]
    assert {"berglund", "kaczer", "80.4"} <= set(search.words(places[1].text))
    assert "hidden" not in places[1].text


def test_pages_of_no_content_are_left_out():
    """The search does not lead to itself, to the lost page, nor to a page that has moved."""
    assert not list(search.places_of("404", PAGE))
    assert not list(search.places_of("old", PAGE.replace("Grokking", "This page has moved")))


def test_the_parts_give_the_places_back():
    """Distances add up to the places again, and each word stands in the part of its first letters."""
    places = [search.Place("Pages", f"title {i}", f"{i}.html", "grokking" if i % 3 else "loss") for i in range(9)]
    entries, parts = search.index(places)
    at, found = 0, []
    for step, _ in zip(parts["gr"]["grokking"][::2], parts["gr"]["grokking"][1::2], strict=True):
        at += step
        found.append(at)

    assert found == [i for i in range(9) if i % 3]
    assert entries["parts"] == sorted(parts)
    assert "the" not in json.dumps(parts)


def test_the_built_index_is_light(site):
    """The list of places and the three largest parts together stay under 100 KB compressed."""
    import gzip

    sizes = {path.stem: len(gzip.compress(path.read_bytes(), 6)) for path in (site / "search").glob("*.js")}
    parts = sorted((size for name, size in sizes.items() if name != "entries"), reverse=True)

    assert sizes["entries"] + sum(parts[:3]) < 100_000


def test_a_list_of_everything_weighs_less_than_a_page():
    """A page that has all words of a question because it lists all works stands after one that has them in its text."""
    page = '<article class="bd-article"><section id="a"><h1>{}</h1><p>rare loss forecast</p></section></article>'
    made = {name: [*search.places_of(name, page.format(name))] for name in ("references", "studies", "methods")}

    assert {name: places[0].group for name, places in made.items()} == {
        "references": "Lists",
        "studies": "Lists",
        "methods": "Pages",
    }
    assert search.GROUPS["Lists"] < min(weight for group, weight in search.GROUPS.items() if group != "Lists")
