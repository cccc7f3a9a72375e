"""Pages made from records: what they show, and that they show it as text."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest

from review_book.pages import findings as pages
from review_book.pages.cells import Beside
from review_book.pages.claims import recomputations_html
from review_book.records.claims import load_ledger
from review_utils.records.register import load_register


@pytest.fixture(scope="module")
def register(root):
    """The real register."""
    return load_register(root / "data")


def test_every_claim_stands_in_one_table_with_an_anchor(root):
    """Each claim of a chapter is shown exactly once, under the anchor that quotes link to."""
    ledger = load_ledger(root / "data")
    for chapter, claims in ledger.chapters.items():
        html = recomputations_html(ledger, chapter)

        assert all(html.count(f'id="claim-{claim.id}"') == 1 for claim in claims)


def test_a_chapter_without_published_numbers_says_so_in_words(root):
    """There is no table of nothing, nor one of which 0 numbers are recomputed."""
    ledger = load_ledger(root / "data")
    empty = dataclasses.replace(ledger, chapters={**ledger.chapters, "emergent_capabilities": ()})
    told = [recomputations_html(ledger, chapter) for chapter in ledger.chapters]

    assert "<table" not in recomputations_html(empty, "emergent_capabilities")
    assert "No published number" in recomputations_html(empty, "emergent_capabilities")
    assert not [html for html in told if re.search(r"\b0 (published numbers|of them)", html)]


def test_a_finding_shows_all_that_its_record_holds(register):
    """Every measurement, test, criterion, shape and statement of the notes is on the finding's page."""
    finding = next(f for f in register.findings if f.notes_say and f.links and f.caveats and f.measurements)
    sections = {name: make() for name, make in pages.finding_sections(finding, register).items()}

    assert list(sections) == [
        "",
        "Measurements",
        "Structural tests",
        "Inclusion criteria",
        "Shapes",
        "The founding notes beside the source",
        "Related findings",
        "Caveats",
        "How to cite",
        "History of this record",
    ]
    assert sections["Measurements"].count("<tr id=") == len(finding.measurements)
    assert sections["Structural tests"].count('<th scope="row">') == len(finding.tests)
    assert sections["The founding notes beside the source"].count('<th scope="row">') == len(finding.notes_say)


def test_hostile_text_is_escaped_even_where_no_check_stopped_it(register):
    """Were markup ever to get past the checks, a finding's page would still show it as text."""
    finding = register.findings[0].model_copy(
        update={"summary": "<script>alert(1)</script>", "models": ['"><img src=x>'], "caveats": ["<b>"]}
    )

    html = "".join(make() for make in pages.finding_sections(finding, register).values())

    assert "<script>" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
    assert "<li>&lt;b&gt;</li>" in html


def test_pages_of_findings_come_and_go_with_their_records(tmp_path, register):
    """A page is written for each finding, rewritten only on change, and removed with its record."""
    (tmp_path / "findings").mkdir()
    (tmp_path / "findings" / "gone.md").write_text("# Gone")
    pages.write_finding_pages(tmp_path, register)
    written = {p.stem: p.stat().st_mtime_ns for p in (tmp_path / "findings").glob("*.md")}
    pages.write_finding_pages(tmp_path, register)

    assert set(written) == {f.id for f in register.findings}
    assert written == {p.stem: p.stat().st_mtime_ns for p in (tmp_path / "findings").glob("*.md")}


def test_titles_are_headings_whatever_they_hold():
    """A title that holds Markdown's own signs is a heading with these signs."""
    assert pages._plain_heading("A *b* [c](d) `e` <f>") == r"A \*b\* \[c\]\(d\) \`e\` \<f\>"


def test_a_page_can_be_read_by_a_machine(register):
    """A finding's page holds its metadata as JSON-LD and its BibTeX entry; hostile text cannot close the script."""
    finding = register.findings[0].model_copy(update={"summary": "</script><script>alert(1)</script>"})
    section = pages.finding_sections(finding, register)["How to cite"]()
    (payload,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', section)
    data = json.loads(payload)

    assert data["@type"] == "ScholarlyArticle"
    assert data["abstract"] == finding.summary
    assert len(data["variableMeasured"]) == len(finding.measurements)
    assert section.count("<script") == 1
    assert f"{{{finding.cite}," in section


def test_a_recomputed_number_stands_on_a_strip_beside_the_published_one(root):
    """Ring, interval and dot stand where their ratio puts them, and a number far off ends at the strip's end."""
    near = Beside(10.0, 11.0, (9.5, 10.5)).cell_html()
    far = Beside(10.0, 99.0).cell_html()

    assert 'aria-label="1.1 times the published number"' in near
    assert 'cx="80.8"' in near
    assert "M49.6,8H70.4" in near
    assert 'cx="112"' in far
    assert "beside__bar" not in far
    ledger = load_ledger(root / "data")
    assert any('class="beside"' in recomputations_html(ledger, chapter) for chapter in ledger.chapters)
