"""The compendium's table and pages: every law once, its form as mathematics, its text as text."""

from __future__ import annotations

import dataclasses
import html
import re

import pytest

from emergence.records.laws import load_laws
from review_book.pages.formulas import formula_problems
from review_book.pages.laws import _body, _page_of_the_table, law_pages, laws_html
from review_book.review import Review


@pytest.fixture(scope="module")
def laws(root):
    """The real laws."""
    return load_laws(root / "data")


def test_every_law_stands_once_with_its_anchor(laws):
    """Each law has one row, one anchor, and as many cells as the table has columns."""
    shown = laws_html(laws)

    assert all(shown.count(f'id="law-{law.id}"') == 1 for law in laws)
    assert shown.count("<tr") == len(laws) + 1
    assert shown.count("<td") == 3 * len(laws)
    assert f"{len(laws)} published laws in {len(laws.families)} families" in shown


def test_every_form_is_shown_as_mathematics(laws, root):
    """Each formula of a record stands on the page as MathML."""
    assert laws_html(laws).count("<math") == len(laws)
    assert list(formula_problems(laws, root)) == []


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"L=\bata m", r"did you mean \beta?"),
        (r"L=A\,N^-\alpha", r"^-\alpha raises the sign alone; write ^{-\alpha}"),
        (r"L=\nosuchcommand{x}", r'Unknown LaTeX command "\nosuchcommand"'),
        (r"L=\sqrt", "Source incomplete"),
        (r"L=a & b", "an & or a line end outside of a matrix"),
        (r"L=50\%", ""),
    ],
)
def test_a_formula_that_no_page_can_show_is_named(laws, root, latex, said):
    """A formula of a law that would stand on its page as it is typed is refused with its line; nothing stands in for it."""
    law = laws.law("besiroglu").model_copy(
        update={"form": laws.law("besiroglu").form.model_copy(update={"latex": latex})}
    )
    changed = dataclasses.replace(laws, families={"x": (law,)})
    found = list(formula_problems(changed, root))

    assert len(found) == bool(said)
    for problem in found:
        line = (root / problem.file).read_text(encoding="utf-8").split("\n")[problem.line - 1]
        assert problem.field == "besiroglu.form.latex"
        assert "latex:" in line
        assert said in problem.needed
        with pytest.raises(ValueError, match=r"command|incomplete|matrix|alone"):
            laws_html(changed)


@pytest.mark.parametrize(
    ("latex", "missing"),
    [
        (r"L=E+A N^{-\alpha}+B D^{-\beta}", ""),
        (r"L=E+A N^{-\alpha}+B D^{-\beta}+q_{seen}\log\lambda", "q|λ"),
        (r"\hat{Q}=\sum_i Q_i\,\mathrm{xyz}", ""),
    ],
)
def test_a_symbol_that_nothing_explains_is_named(root, latex, missing):
    """A law's page lists what its formula holds and neither a variable, a constant nor a note explains, indices aside."""
    review = Review(root)
    records = review.records
    law = records.laws.law("besiroglu")
    changed = law.model_copy(update={"form": law.form.model_copy(update={"latex": latex})})
    laws = dataclasses.replace(records.laws, families={"x": (changed,)})
    shown = _body(laws, changed, "x", [], True)
    told = re.search(r"not given here: (.*?)\.</p>", shown, re.DOTALL)
    found = re.sub(r"<[^>]+>|\s", "", told[1]).replace(",", "|") if told else ""

    assert html.unescape(found) == missing


def test_hostile_records_come_out_as_text(laws):
    """A name that is markup, however it came in, is escaped."""
    law = laws.law("besiroglu").model_copy(update={"name": "<script>alert(1)</script>"})
    shown = laws_html(dataclasses.replace(laws, families={"<b>": (law,)}))

    assert "<script" not in shown
    assert "<b>:" not in shown
    assert "&lt;script&gt;" in shown


def test_every_law_has_a_page_with_all_its_constants(root):
    """A page a law, which shows each constant with its place, and links to its source and to its family."""
    records = Review(root).records
    pages = {name: body for name, _, body in law_pages(records, lambda address: "1")}

    assert set(pages) == {f"laws/{law.id}" for law in records.laws}
    for law in records.laws:
        body = pages[f"laws/{law.id}"]
        assert body.count('<div class="law-alone"><math') == 1
        assert all(html.escape(c.symbol) in body and html.escape(c.locator) in body for c in law.constants)
        assert f"{law.cite}" in body
        family = records.laws.families[records.laws.family_of(law.id)]
        assert all(f'href="{other.id}.html"' in body for other in family if other.id != law.id)
        assert 'href="../analyses/scaling_laws/compendium.html">All laws in one table' in body


def test_the_table_of_laws_is_where_the_review_has_it(root, mini):
    """The engine names no page of the table: it is the one of the contents that shows it, and none where none does."""
    page = mini / "chapters" / "tides.md"
    assert _page_of_the_table(mini) is None
    page.write_text(page.read_text(encoding="utf-8") + "\n```{part} laws\n```\n", encoding="utf-8")

    assert _page_of_the_table(mini) == "chapters/tides"


def test_a_law_that_fell_says_by_what(root):
    """The page of a law that no longer stands as published names what it fell by, and why."""
    records = Review(root).records
    pages = {name: body for name, _, body in law_pages(records, lambda address: "1")}
    fallen = [law for law in records.laws if law.status.is_ != "live"]

    assert fallen
    for law in fallen:
        body = pages[f"laws/{law.id}"]
        assert html.escape(law.status.because) in body
        assert all(html.escape(records.laws.references[key].label) in body for key in law.status.by)
