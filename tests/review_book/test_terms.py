"""Terms in prose: the first use on a page opens the definition, once, and never inside a link or code."""

from __future__ import annotations

from docutils import nodes
from docutils.utils import new_document

from review_book.records.glossary import Term
from review_book.sphinx.terms import mark_terms, terms_html


def term(name, **rest):
    slug = name.lower().replace(" ", "-")
    return Term(id=slug, term=name, definition="A & a meaning.", chapters=["scaling_laws"], **rest)


def page(*paragraphs):
    document = new_document("page")
    for text in paragraphs:
        document += nodes.paragraph("", "", nodes.Text(text))
    return document


def test_the_first_use_of_a_term_is_marked_and_no_other():
    """A term is marked where it is used first, whatever its case and number; its meaning is escaped."""
    document = page("No such word.", "Grokking is late.", "On grokking again.")

    assert mark_terms(document, [term("Grokking", also=["grokked"])]) == 1
    assert len(list(document.findall(nodes.raw))) == 1
    assert "A &amp; a meaning." in document[1].astext()


def test_words_that_only_contain_a_term_are_left_alone():
    """A term inside a longer word, a hyphenated one or a link is not marked, and neither is a quiet term."""
    document = page("Regrokking and post-grokking.")
    link = nodes.reference("", "", nodes.Text("grokking"), refuri="x")
    document += nodes.paragraph("", "", link)

    assert mark_terms(document, [term("Grokking")]) == 0
    assert mark_terms(page("A break."), [term("Break", quiet=True)]) == 0


def test_the_list_is_in_the_order_of_the_alphabet():
    """A list of terms is sorted, and in the glossary each has an anchor."""
    text = terms_html([term("Zipf"), term("Atom")], anchors=True)

    assert text.index("term-atom") < text.index("term-zipf")
