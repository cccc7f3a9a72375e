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


def test_a_measurement_is_quoted_with_unit_and_interval(sources):
    """A measurement shows its value, unit and interval, and its details say where it was read."""
    address = "register:insecure-code-emergent-misalignment/misaligned-answer-probability-8-main-questions"
    quote = sources.resolve(address)

    assert quote.text.startswith("0.198")
    assert "(0.127 to 0.269)" in quote.text
    assert dict(quote.details)["Checked"] == "read in the primary source"
    assert "Table 1" in dict(quote.details)["Source"]
    assert sources.resolve(f"{address}|bare").text == "0.198"


def test_a_claim_is_quoted_as_published_or_recomputed(sources):
    """A claim gives its published number, or ours when asked."""
    assert sources.resolve("claim:kaplan-size-exponent").text == "0.73"
    assert sources.resolve("claim:kaplan-size-exponent/recomputed").text == "0.684"


def test_a_result_is_quoted_from_the_executed_analysis(sources):
    """A computed number comes from the analysis that shows it, with its unit."""
    quote = sources.resolve("result:scaling_laws/laws_side_by_side#smallest-optimum")

    assert quote.text == "32.2 billion parameters"
    assert quote.page == "analyses/scaling_laws/laws_side_by_side"


def test_computed_words_are_quoted_like_a_number(sources):
    """Words that an analysis computes are quoted by the same role, with what they say."""
    quote = sources.resolve("result:emergent_capabilities/shape_status#concealed-said")

    assert quote.text.endswith(".")
    assert dict(quote.details)["Result"] == "where concealed content stands"
    assert (quote.page, quote.anchor) == ("analyses/emergent_capabilities/shape_status", "r-concealed-said")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("register:nothing/x", "no finding nothing"),
        ("register:hot-mess-of-ai/x", "no measurement x"),
        ("claim:kaplan-size-exponents", "did you mean kaplan-size-exponent"),
        ("claim:loss-threshold/recomputed", "recomputed where the claim is"),
        ("result:scaling_laws/nothing#x", "its page would be"),
        ("result:scaling_laws/laws_side_by_side#x", "it shows"),
        ("number:x", "needed: register"),
        ("42", "needed: register"),
        ("claim:kaplan-size-exponent|bold", "needed: register"),
    ],
)
def test_a_wrong_address_says_what_is_needed(sources, address, said):
    """Unknown records, unknown results and unknown kinds of address are refused with what is there."""
    with pytest.raises(UnknownQuote, match=re.escape(said)):
        sources.resolve(address)


def test_the_card_escapes_what_records_say(sources):
    """Hostile text in a record comes out as text in the card."""
    quote = sources.resolve("claim:kaplan-size-exponent")
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


def test_a_card_speaks_in_words(sources):
    """No card shows a key of the bibliography, a file's name or a verdict's short form where there are words for it."""
    claim = next(c for c in sources.ledger.claims if c.recomputed and c.published.value is not None)
    details = dict(sources.resolve(f"claim:{claim.id}").details)

    assert claim.published.cite not in details["Source"]
    assert "analyses/" not in details["Recomputed"]
    assert details["Verdict"] == VERDICT_WORDS[claim.verdict]
    page = (sources.root / "analyses" / f"{claim.recomputed.by}.md").read_text(encoding="utf-8")
    assert f"# {sources.question(f'analyses/{claim.recomputed.by}')}\n" in page


def test_a_card_says_that_its_source_was_retracted_and_how_near_is_agreement(sources, monkeypatch):
    """The margin of agreement stands beside a verdict; the source of a number of a study, a finding or a claim says retracted where it was."""
    claim = next(c for c in sources.ledger.claims if c.recomputed and c.published.value is not None)
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
