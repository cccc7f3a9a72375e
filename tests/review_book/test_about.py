"""Parts of pages about the review itself."""

from __future__ import annotations

from bs4 import BeautifulSoup

from review_book.living.history import Event
from review_book.pages import about
from review_book.records.claims import load_ledger
from review_book.records.kinds import Records
from review_utils.records.register import load_register


def test_the_landing_page_counts_the_statements(root):
    """Three numbers add up to all statements, and each statement is a mark that leads to it."""
    records = Records(root / "data")
    soup = BeautifulSoup(about.landing_html(records, lambda address: "…"), "html.parser")
    counts = [int(card.find("b").text) for card in soup.select(".review-card")]

    assert sum(counts) == len(records.statements) == len(soup.select("svg circle"))


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
