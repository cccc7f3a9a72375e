"""Terms: a chapter's list, the whole glossary, and the definition that opens at a term's first use on a page."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Sequence
from functools import cache

from docutils import nodes

from review_book.records.glossary import Term

_CLOSED = (nodes.reference, nodes.literal, nodes.raw, nodes.math, nodes.title, nodes.caption, nodes.strong)


def terms_html(terms: Sequence[Term], anchors: bool, linked: bool = True) -> str:
    """Return terms as a definition list; with `anchors`, each can be linked to, else each links to the glossary."""
    rows = []
    for term in sorted(terms, key=lambda t: t.term.lower()):
        mark = f' id="term-{term.id}"' if anchors else ""
        name = html.escape(term.term)
        name = (
            name
            if anchors or not linked
            else f'<a class="reference internal" href="@root/glossary#term-{term.id}">{name}</a>'
        )
        rows.append(f"<dt{mark}>{name}</dt><dd>{html.escape(term.definition)}</dd>")
    return f'<dl class="review-terms">{"".join(rows)}</dl>'


def term_html(term: Term, said: str, card_id: str) -> str:
    """Return a term in prose: a link to the glossary, and a card with its definition on hover or focus."""
    return (
        f'<span class="num term"><a class="num__value reference internal" href="@root/glossary#term-{term.id}" '
        f'aria-describedby="{card_id}">{html.escape(said)}</a>'
        f'<span class="num__card" id="{card_id}"><span>{html.escape(term.definition)}</span></span></span>'
    )


@cache
def _any_of(forms: frozenset[str]) -> re.Pattern[str]:
    """Return what finds the first of some words or phrases, the longest where several begin."""
    longest = sorted(map(re.escape, forms), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(longest)})(?![\w-])", re.IGNORECASE)


def _first(text: str, forms: frozenset[str], left: Collection[str]) -> tuple[int, int] | None:
    """Return where the first of those forms begins and ends that are left, the longest where several begin.

    One pattern of all forms serves every page: to compile one for each form that is gone took longer than all searching.
    """
    at = 0
    while found := _any_of(forms).search(text, at):
        start, said = found.start(), found[0].lower()
        for size in range(len(said), 0, -1):
            if said[:size] in left and not (said[size : size + 1].isalnum() or said[size : size + 1] in ("_", "-")):
                return start, start + size
        at = start + 1
    return None


def mark_terms(document: nodes.document, terms: Sequence[Term]) -> int:
    """Open a definition at the first use of each term in a page's prose; return how many were marked."""
    left = {form.lower(): term for term in terms if not term.quiet for form in term.forms}
    forms, marked = frozenset(left), 0
    for paragraph in list(document.findall(nodes.paragraph)):
        for text in list(paragraph.findall(nodes.Text)):
            inside, closed = text.parent, False
            while inside is not paragraph and inside is not None:
                closed = closed or isinstance(inside, _CLOSED)
                inside = inside.parent
            if closed or not left:
                continue
            found = _first(text, forms, left)
            if not found:
                continue
            said = text[found[0] : found[1]]
            term = left[said.lower()]
            left = {form: other for form, other in left.items() if other.id != term.id}
            marked += 1
            card = nodes.raw("", term_html(term, said, f"term-card-{marked}"), format="html")
            parts = [nodes.Text(text[: found[0]]), card, nodes.Text(text[found[1] :])]
            text.parent.replace(text, [part for part in parts if part.astext()])
    return marked
