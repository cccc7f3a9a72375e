"""What a page tells of itself: description, citation, metadata."""

from __future__ import annotations

import json
import re

from docutils import nodes
from docutils.utils import new_document

from review_book.records.about import load_about
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
    assert r"page chapters/scaling\_laws}" in entry
    assert r"title = {50\% \& \#1}" in context.page_citation(root, "a", "50% & #1")


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


def test_without_a_repository_there_are_no_links_to_it(root):
    """Launching, editing and reporting are off when the review names no repository, and follow from it when it does."""
    about = load_about(root / "data")
    page = "analyses/phase_transitions/grokking"

    assert context.launches(about.model_copy(update={"repository": None}), page, "T") == {}
    found = context.launches(about.model_copy(update={"repository": "https://github.com/owner/name"}), page, "T & more")
    assert found["edit"] == f"https://github.com/owner/name/edit/main/{page}.md"
    assert "template=error.yml" in found["report"]
    assert "page=analyses%2Fphase_transitions%2Fgrokking" in found["report"]
    assert found["binder"].startswith("https://mybinder.org/v2/gh/owner/name/main?")
    assert found["colab"].endswith("/blob/notebooks/phase_transitions/grokking.ipynb")
    other = context.launches(about.model_copy(update={"repository": "https://git.example.org/x/y"}), page, "T")
    assert set(other) == {"report", "suggest", "edit"}


def test_the_forms_exist_that_pages_fill(root):
    """Each form that a link names is there, and has the fields that the link fills."""
    import re
    from urllib.parse import parse_qs, urlsplit

    import yaml

    about = load_about(root / "data").model_copy(update={"repository": "https://github.com/owner/name"})
    for link in ("report", "suggest"):
        asked = parse_qs(urlsplit(context.launches(about, "index", "T")[link]).query)
        form = yaml.safe_load(
            (root / ".github" / "ISSUE_TEMPLATE" / asked.pop("template")[0]).read_text(encoding="utf-8")
        )
        fields = {field["id"] for field in form["body"]} | {"title"}
        assert set(asked) <= fields
        assert re.fullmatch(r"[A-Z].+", form["name"])


def test_the_file_behind_a_page(root):
    """A page leads to its own source, or to the record that it is made from; one that nothing stands behind to none."""
    assert context.source_of("findings/x") == "data/findings/x.yml"
    assert context.source_of("statements/scaling_laws") == "data/statements/scaling_laws.yml"
    assert context.source_of("laws/x") == "data/laws"
    assert context.source_of("search") == ""
    for page in ("index", "chapters/scaling_laws", "statements/scaling_laws"):
        assert (root / context.source_of(page)).is_file()


def test_a_page_can_be_cited_in_ris(root):
    """A page's RIS entry opens with its type, ends with its end, and names title, year and authors."""
    lines = context.page_ris(root, "chapters/scaling_laws", "Scaling\nLaws").splitlines()

    assert lines[0] == "TY  - ELEC"
    assert lines[-1] == "ER  - "
    assert "TI  - Scaling Laws" in lines
    assert any(line.startswith("AU  - ") for line in lines)


def test_persons_and_groups_are_cited_as_they_are():
    """A person's family name comes first, with its particle; a group's name stays whole."""
    person = context.Contributor.of({"given-names": "Ada", "family-names": "Berg", "name-particle": "van den"})

    assert person.inverted == "van den Berg, Ada"
    assert context.Contributor.of({"name": "The contributors"}).inverted == "The contributors"


def test_the_bibliography_in_ris(root):
    """Every reference has one entry, its authors with the family name first, its address where it has one."""
    from review_book.records.references import load_references
    from review_book.site import ris

    known = load_references(root / "data")
    text = ris.of_all(known)

    assert text.count("TY  - ") == text.count("ER  - ") == len(known)
    assert "AU  - Kaczér, David" in text
    assert "{" not in "".join(line for line in text.splitlines() if line.startswith("AU"))
