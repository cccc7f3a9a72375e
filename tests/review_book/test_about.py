"""Parts of pages about the review itself."""

from __future__ import annotations

from bs4 import BeautifulSoup

from review_book.living.history import Event
from review_book.pages import about
from review_utils.records.claims import load_ledger
from review_utils.records.register import load_register


def test_the_landing_page_counts_the_ledger():
    """Three cards count what is known, contested and open, and name the claims that stand for each."""
    ledger = load_ledger()
    soup = BeautifulSoup(about.landing_html(ledger), "html.parser")
    counts = [int(card.find("b").text) for card in soup.select(".review-card")]

    assert sum(counts) == len(ledger.claims)
    assert len(soup.select("li")) == sum(c.headline for c in ledger.claims) >= 9


def test_text_of_events_is_escaped():
    """A hostile title of a record comes out as text on the page of changes and on the landing page."""
    bad = Event("2026-01-01", "finding-added", "x", "<script>alert(1)</script>", None, "y")
    for text in (about.changes_html([bad]), about.latest_html([bad])):
        soup = BeautifulSoup(text, "html.parser")

        assert not soup.find("script")
        assert "<script>alert(1)</script>" in soup.get_text()


def test_what_waits_is_listed(root):
    """The page of status lists each place of a finding that waits for a decision."""
    register = load_register()
    waiting = sum(m.standing != "member" for f in register.findings for m in f.shapes)

    assert f"{waiting} candidates wait" in about.status_html(root, register, load_ledger())


def test_every_table_is_offered(root):
    """The page of downloads links to each table in both forms and to each trace."""
    text = about.downloads_html(root)

    assert text.count(".parquet") >= 30
    assert "data/emergence-studies-data.zip" in text
