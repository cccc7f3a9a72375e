"""What pages show of statements and studies: the grade, what it rests on, and all of it as text."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

from bs4 import BeautifulSoup
from making_studies import evidence, number, said, studies, study

from review_book.pages import statements as pages
from review_book.pages.studies import studies_html, study_pages
from review_book.records.grades import Grader, load_rules
from review_book.records.statements import Statements

RULES = load_rules(Path(__file__).resolve().parents[2] / "data")
HOSTILE = '"><script>alert(1)</script>'


def records(*items, among=None):
    """Records of one chapter with these statements."""
    among = among or studies(study("a", numbers=[number("x")]), study("b"), study("c", how="secondary"), study("d"))
    found = Statements({"chapter": items}, {})
    return SimpleNamespace(studies=among, statements=found, rules=RULES, grader=Grader(among, RULES), ledger=None)


FIRM = said(evidence("a", found="It was {a/x}."), evidence("b", "against"), evidence("c"), id="first", headline=True)
LEAD = said(evidence("c"), id="second")


def resolve(address):
    """A number for every address."""
    return f"<{address}>"


def test_a_chapter_opens_with_its_headlines_and_their_grades():
    """Each links to what it rests on and holds its strongest objection; what is no headline is left out."""
    html = pages.headlines_html(records(FIRM, LEAD), "chapter", resolve)

    assert html.count("<li") == 1
    assert "<summary>Strongest objection</summary><p>" in html
    assert 'href="@root/statements/chapter#s-first"' in html
    assert "Contested" in html


def test_a_measurement_beside_evidence_says_whose_it_is_and_whether_it_was_recomputed():
    """Recomputed is said of what was; a number of another work than the evidence rests on names that work."""
    held = {
        name: SimpleNamespace(recomputed=done, published=SimpleNamespace(cite=cite))
        for name, done, cite in [("own", object(), "a"), ("quoted", None, "a"), ("others", object(), "b"), ("theirs", None, "b")]
    }  # fmt: skip
    among = records(said(evidence("a", claims=list(held)), id="first"))
    among.ledger = SimpleNamespace(claim=held.get, chapter_of=lambda name: "chapter")
    soup = BeautifulSoup(pages.chapter_html(among, "chapter", resolve), "html.parser")
    told = {a["href"].rpartition("#claim-")[2]: a.text for a in soup.select('a[href*="#claim-"]')}

    label = among.studies.references["b"].label
    assert told == {
        "own": "recomputed", "quoted": "its number", "others": f"recomputed of {label}", "theirs": f"a number of {label}"
    }  # fmt: skip


def test_a_statement_shows_all_that_its_record_holds():
    """Grade first, then the sentence, evidence for and against, objection, what would change it, and the margins."""
    html = pages.chapter_html(records(FIRM, LEAD), "chapter", resolve)
    first = re.search(r'<section[^>]* id="s-first".*?</section>', html, re.DOTALL)[0]

    assert (
        first.index("Contested") < first.index("<h2>") < first.index("<h3>For</h3>") < first.index("<h3>Against</h3>")
    )
    for words in (
        "Strongest objection",
        "Would change it",
        "Scope",
        "It was &lt;a/x&gt;.",
        "Would be graded otherwise without",
    ):
        assert words in first
    assert "a lead: counts for nothing in the grade" in first
    assert 'data-grade="contested"' in first


def test_what_a_chapter_quotes_from_another_stands_on_its_page_under_every_id_that_it_had(tmp_path):
    """An address given out before a statement moved leads to a line that leads on; the chapter's own are not told twice."""
    moved = LEAD.model_copy(update={"id": "merged", "formerly": ["twin"]})
    known = records(FIRM)
    known.statements = Statements({"chapter": (FIRM,), "other_one": (moved,)}, {})
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "chapter.md").write_text(
        "{statement}`first` {statement}`merged`\n\n{statement}`twin`, {statement}`nothing`", encoding="utf-8"
    )
    shown = BeautifulSoup(
        pages.chapter_html(known, "chapter", resolve, pages.quoted_by(tmp_path, "chapter")), "html.parser"
    )

    assert [tag["id"] for tag in shown.select("[id^=s-]")] == ["s-first", "s-merged", "s-twin"]
    line = shown.find(id="s-twin").find_parent("li")
    assert line.a["href"] == "@root/statements/other_one#s-merged"
    assert "in Other One" in line.get_text()
    assert not pages.quoted_by(tmp_path, "other_one")
    assert "Quoted from" not in pages.chapter_html(known, "other_one", resolve, [])


def test_grades_under_other_rules_stand_in_one_table():
    """Each statement whose grade hangs on a reading has a row with its grade under each; the counts are those of the rows."""
    among = studies(study("a", how="abstract"), study("b", kind="simulation"))
    moved, firm = said(evidence("a"), evidence("b"), id="moved"), said(evidence("b", direct="analogy"), id="firm")
    html = pages.multiverse_html(records(moved, firm, among=among), resolve)
    table = html[html.index("1 of 2 statements") :]

    assert "#s-moved" in table
    assert "#s-firm" not in html
    for reading, grade in Grader(among, RULES).under_readings(moved).items():
        assert RULES.title(grade) in table
        assert next(r.title for r in RULES.readings if r.id == reading).capitalize() in table
    assert Grader(among, RULES).under_readings(moved)["full-text-only"] == "open"


def test_the_sentence_in_prose_carries_its_grade_and_a_card():
    """The card can be reached from the link that names it."""
    html = pages.said_html(records(FIRM), FIRM, resolve, "x.html#s-first", "said-1")

    assert "It is so." in html
    assert 'aria-describedby="said-1"' in html
    assert 'id="said-1"' in html


def test_hostile_text_is_shown_as_text():
    """Were markup ever to get past the checks, every page would still show it as text."""
    bad = FIRM.model_copy(update={"statement": HOSTILE, "scope": HOSTILE, "would_change": HOSTILE})
    among = studies(
        study("a", numbers=[number("x")]).model_copy(update={"summary": HOSTILE, "systems": HOSTILE}),
        study("b"),
        study("c"),
    )
    known = records(bad, among=among)

    shown = [pages.chapter_html(known, "chapter", resolve), pages.headlines_html(known, "chapter", resolve)]
    shown += [pages.said_html(known, bad, resolve, "x", "y"), pages.chapter_map(known, "chapter", resolve)]
    shown += [body for _, _, body in study_pages(known, resolve)]

    assert all("<script>" not in html for html in shown)
    assert all("&lt;script&gt;" in html for html in shown[:4])


def test_a_map_needs_no_script():
    """It has a mark for each statement, in the column of its grade; each mark says its sentence and leads to it."""
    html = BeautifulSoup(pages.chapter_map(records(FIRM, LEAD), "chapter", resolve), "html.parser")
    marks = html.select("a.map__mark")

    assert [mark["href"].rpartition("#")[2] for mark in marks] == ["s-first", "s-second"]
    assert [mark["title"].split(":")[0] for mark in marks] == ["Contested", "Open"]
    heads = [head.get_text(strip=True) for head in html.select(".map__head")]
    for mark in marks:
        cell = mark.parent
        assert heads[cell.parent.select(".map__cell").index(cell)] == mark["title"].split(":")[0]
    assert html.select_one("[role=group]")["aria-label"]


def test_a_row_of_the_map_is_what_counts():
    """A statement stands beside the nearest kind of evidence that counts; a lead moves it nowhere."""
    html = pages.chapter_map(records(LEAD), "chapter", resolve)

    assert "theory, or leads alone" in html
    assert "deployed and trained models" not in html


def test_a_few_statements_stand_for_their_grades():
    """Of each grade in turn, headlines before others, short before long, and a chapter once; other grades never."""
    known = records(FIRM, LEAD)

    assert [place.rpartition("#")[2] for _, _, place in pages.examples(known, ("open",), resolve)] == ["s-second"]
    assert [place.rpartition("#")[2] for _, _, place in pages.examples(known, ("contested", "open"), resolve)] == [
        "s-first"
    ]
    assert pages.examples(known, ("established",), resolve) == []


def test_a_study_says_what_rests_on_it_and_what_falls_without_it():
    """Its page names every statement that names it, with the grade that would be left."""
    bodies = {name: body for name, _, body in study_pages(records(FIRM, LEAD), resolve)}

    assert list(bodies) == ["studies/a", "studies/b", "studies/c", "studies/d"]
    assert "Without it: one study" in bodies["studies/b"]
    assert "Without it: overturned" in bodies["studies/a"]
    assert 'id="n-x"' in bodies["studies/a"]
    assert "No statement of the review names it." in bodies["studies/d"]


def test_the_table_of_a_chapter_lists_its_studies_alone():
    """All of the review are listed where no chapter is asked for."""
    known = records(FIRM, LEAD)

    assert studies_html(known, "chapter").count('<th scope="row">') == 3
    assert studies_html(known).count('<th scope="row">') == 4
    assert '<a class="reference internal" href="@file/studies/a.html">' in studies_html(known)  # opened, not saved
