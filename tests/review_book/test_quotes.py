"""Numbers in prose: each resolves, and a wrong address says what is there."""

from __future__ import annotations

import dataclasses
import re

import pytest

from review_book.review import Review
from review_book.sphinx.quotes import Sources, UnknownQuote, card_html
from review_utils.records.claims import VERDICT_WORDS


@pytest.fixture(scope="module")
def sources(root, site):
    """The real records and the executed analyses."""
    return Sources(Review(root))


@pytest.fixture(scope="module")
def claim(sources):
    """A claim whose published number was recomputed."""
    return next(c for c in sources.ledger.claims if c.recomputed and c.published.value is not None)


@pytest.fixture(scope="module")
def result(root):
    """Page and name of a number that a chapter quotes from an analysis."""
    quoted = (
        re.search(r"\{num\}`result:([\w/]+)#([\w-]+)`", page.read_text("utf-8")) for page in root.glob("chapters/*.md")
    )
    return next(found.groups() for found in quoted if found)


def test_a_measurement_is_quoted_with_unit_and_interval(sources):
    """A measurement shows its value, unit and interval, and its details say where it was read."""
    finding, measured = next(
        (finding, m)
        for finding in sources.register.findings
        for m in finding.measurements
        if m.interval and m.value is not None and m.is_verified and not m.qualifier
    )
    address = f"register:{finding.id}/{measured.id}"
    quote = sources.resolve(address)
    bare, low, high = (f"{number:g}" for number in (measured.value, *measured.interval))

    assert quote.text.startswith(bare)
    assert f"({low} to {high})" in quote.text
    assert dict(quote.details)["Checked"] == "read in the primary source"
    assert measured.locator in dict(quote.details)["Source"]
    assert sources.resolve(f"{address}|bare").text == bare


def test_a_claim_is_quoted_as_published_or_recomputed(sources, claim):
    """A claim gives its published number, or ours when asked."""
    quotes = [sources.resolve(f"claim:{claim.id}{asked}") for asked in ("", "/recomputed")]

    assert [quote.value for quote in quotes] == [claim.published.value, claim.recomputed.value]


def test_a_result_is_quoted_from_the_executed_analysis(sources, result):
    """A computed number comes from the analysis that shows it, as it is shown there."""
    page, name = result
    quote = sources.resolve(f"result:{page}#{name}")

    assert quote.text in (sources.root / "_build" / "html" / "analyses" / f"{page}.html").read_text("utf-8")
    assert (quote.page, quote.anchor) == (f"analyses/{page}", f"r-{name}")


def test_computed_words_are_quoted_like_a_number(sources):
    """Words that an analysis computes are quoted by the same role, with what they say."""
    page, name, label = next(
        (path.relative_to(sources.root / "analyses").with_suffix("").as_posix(), *found.groups())
        for path in sorted(sources.root.glob("analyses/*/*.md"))
        if (found := re.search(r'show\.words\(\s*"([\w-]+)",[^"]+"([^"{]+)",?\s*\)', path.read_text("utf-8")))
    )
    quote = sources.resolve(f"result:{page}#{name}")

    assert dict(quote.details)["Result"] == label
    assert (quote.page, quote.anchor) == (f"analyses/{page}", f"r-{name}")


def test_a_wrong_address_says_what_is_needed(sources, claim, result):
    """Unknown records, unknown results and unknown kinds of address are refused with what is there."""
    finding = sources.register.findings[0]
    plain = next(c for c in sources.ledger.claims if not c.recomputed)
    for address, said in (
        ("register:nothing/x", "no finding nothing"),
        (f"register:{finding.id}/x", "no measurement x"),
        (f"claim:{claim.id}s", f"did you mean {claim.id}"),
        (f"claim:{plain.id}/recomputed", "recomputed where the claim is"),
        (f"result:{result[0]}-nothing#x", "its page would be"),
        (f"result:{result[0]}#x", "it shows"),
        ("number:x", "needed: register"),
        ("42", "needed: register"),
        (f"claim:{claim.id}|bold", "needed: register"),
    ):
        with pytest.raises(UnknownQuote, match=re.escape(said)):
            sources.resolve(address)


def test_the_card_escapes_what_records_say(sources, claim):
    """Hostile text in a record comes out as text in the card."""
    quote = sources.resolve(f"claim:{claim.id}")
    nasty = dataclasses.replace(quote, text="<b>1</b>", details=(("Source", "<script>"),))

    html = card_html(nasty, 'x"y', "c1")

    assert "<script>" not in html
    assert "&lt;b&gt;1&lt;/b&gt;" in html
    assert 'href="x&quot;y"' in html


def test_no_number_is_qualified_twice(root, site):
    """Where a number carries its own "about" or "over", the sentence around it does not say so again."""
    twice = re.compile(
        r"\b(about|over|under|at most|at least|more than|less than|up to|near) (about|over|under|at most|at least)\b"
    )
    for page in [*site.glob("chapters/*.html"), *site.glob("statements/*.html")]:
        text = re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))

        assert not twice.search(text), (page.name, twice.search(text))


def test_a_card_speaks_in_words(sources, claim):
    """No card shows a key of the bibliography, a file's name or a verdict's short form where there are words for it."""
    details = dict(sources.resolve(f"claim:{claim.id}").details)

    assert claim.published.cite not in details["Source"]
    assert "analyses/" not in details["Recomputed"]
    assert details["Verdict"] == VERDICT_WORDS[claim.verdict]
    page = (sources.root / "analyses" / f"{claim.recomputed.by}.md").read_text(encoding="utf-8")
    assert f"# {sources.question(f'analyses/{claim.recomputed.by}')}\n" in page


def test_a_card_says_that_its_source_was_retracted_and_how_near_is_agreement(sources, claim, monkeypatch):
    """The margin of agreement stands beside a verdict; the source of a number of a study, a finding or a claim says retracted where it was."""
    finding = next(f for f in sources.register.findings if f.measurements)
    study = next(s for s in sources.review.records.studies if s.numbers)
    addresses = {
        claim.published.cite: f"claim:{claim.id}",
        finding.cite: f"register:{finding.id}/{finding.measurements[0].id}",
        study.key: f"study:{study.key}/{study.numbers[0].id}",
    }
    assert float(dict(sources.resolve(f"claim:{claim.id}").details)["Agrees within"].replace(",", "")) == pytest.approx(claim.recomputed.agrees_within, rel=1e-5)  # fmt: skip
    for address in addresses.values():
        assert "retracted" not in dict(sources.resolve(address).details)["Source"]

    monkeypatch.setitem(vars(sources.review.records.studies), "retracted", frozenset(addresses))

    for address in addresses.values():
        assert ", retracted, " in dict(sources.resolve(address).details)["Source"]
