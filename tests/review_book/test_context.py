"""What a page tells of itself: description, citation, metadata."""

from __future__ import annotations

import json
import re

from docutils import nodes
from docutils.utils import new_document

from review_book.site import context


def test_a_description_is_the_first_paragraph_with_its_numbers():
    """The description takes the first paragraph that says something, with quoted numbers and without their cards."""
    document = new_document("page")
    document += nodes.paragraph("", "", nodes.Text("Short."))
    card = nodes.raw(
        "",
        '<span class="num"><a class="num__value x">12 percent</a><span class="num__card">hidden</span></span>',
        format="html",
    )
    document += nodes.paragraph(
        "", "", nodes.Text("On these curves it falls short by "), card, nodes.Text(" of the truth.")
    )

    assert context.description_of(document, "none") == "On these curves it falls short by 12 percent of the truth."


def test_a_long_description_ends_at_a_word():
    """A description has at most 200 characters and ends with a whole word."""
    document = new_document("page")
    document += nodes.paragraph("", "", nodes.Text("word " * 100))

    found = context.description_of(document, "none")
    assert len(found) <= 200
    assert found.endswith("word…")


def test_a_citation_names_version_and_records(root, monkeypatch):
    """A page is cited with the version of the review and of its records, and with its address where that is known."""
    monkeypatch.setenv("REVIEW_BASEURL", "https://example.org/r/")
    entry = context.page_citation(root, "chapters/scaling_laws", "Scaling Laws")

    assert re.search(r"Version \d+\.\d+\.\d+, records [0-9a-f]{10}", entry)
    assert "https://example.org/r/chapters/scaling_laws.html" in entry


def test_machines_read_what_a_page_is(site):
    """The landing page is a data set with downloads, a chapter and an analysis are scholarly articles."""

    def kinds(name):
        text = (site / f"{name}.html").read_text(encoding="utf-8")
        return [
            json.loads(t)["@type"]
            for t in re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
        ]

    assert kinds("index") == ["Dataset"]
    assert kinds("chapters/scaling_laws") == kinds("analyses/scaling_laws/trends") == ["ScholarlyArticle"]


def test_every_page_describes_itself(site):
    """Each page has a description and a card for those who share it."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert re.search(r'<meta name="description" content="[^"]{20,}"', text), path
        assert 'property="og:image"' in text, path
