"""Parts of pages about the review itself."""

from __future__ import annotations

from dataclasses import replace

from bs4 import BeautifulSoup

from review_book.living.freshness import freshness_of
from review_book.living.history import Event
from review_book.pages import about
from review_book.records.claims import load_ledger
from review_book.records.kinds import Records
from review_book.review import Review
from review_utils.records.register import Membership, load_register


def test_the_landing_page_counts_the_statements(root):
    """Three numbers add up to all statements, and each statement is a mark that leads to it."""
    records = Records(root / "data")
    soup = BeautifulSoup(about.landing_html(records, lambda address: "…"), "html.parser")
    counts = [int(card.find("b").text) for card in soup.select(".review-card")]

    assert sum(counts) == len(records.statements) == len(soup.select("a.map__mark"))


def test_text_of_events_is_escaped():
    """A hostile title of a record comes out as text on the page of changes and on the landing page."""
    bad = Event("2026-01-01", "finding-added", "x", "<script>alert(1)</script>", None, "y")
    for text in (about.changes_html([bad]), about.latest_html([bad])):
        soup = BeautifulSoup(text, "html.parser")

        assert not soup.find("script")
        assert "<script>alert(1)</script>" in soup.get_text()


def test_what_changed_lately_leads_to_its_page():
    """A new finding leads to its page, and one that is gone to the page of all changes."""
    added = Event("2026-01-01", "finding-added", "x", "A finding", None, "y")
    gone = Event("2026-01-02", "finding-retracted", "z", "Another", "y", None)
    soup = BeautifulSoup(about.latest_html([added, gone]), "html.parser")
    assert [a["href"] for a in soup.select("a")] == ["@root/changes", "@root/findings/x"]


def test_what_waits_is_listed(root):
    """The page of status counts each place of a finding that waits for a decision, and lists those that wait for a test."""
    register = load_register()
    first, *others = register.findings
    place = {"id": register.shapes[0].id, "part": "a part", "proposed_by": "later-reading"}
    untested = {"day": "2026-01-01", "because": "Nobody looked.", "waits_for": register.tests[0].id}
    places = [
        Membership.model_validate({**place, "standing": "candidate"}),
        Membership.model_validate({**place, "standing": "open", "decided": untested}),
    ]
    changed = replace(register, findings=(first.model_copy(update={"shapes": places}), *others))

    text = about.status_html(Review(root), changed, load_ledger())
    assert all(said in text for said in ("a part", "Nobody looked.", register.tests[0].title))
    waiting = sum(m.standing == "candidate" for f in register.findings for m in f.shapes)
    said = freshness_of(Records(root / "data")).words
    assert (f"{waiting} candidate findings wait" in said) == (waiting > 0)


def test_every_table_is_offered(root):
    """The page of downloads links to each table in both forms and to each trace."""
    text = about.downloads_html(root)

    assert text.count(".parquet") >= 30
    assert "data/emergence-studies-data.zip" in text
    assert "data/laws.json" in text
    assert "data/laws.json" not in about.downloads_html(root / "tests" / "little_review")
