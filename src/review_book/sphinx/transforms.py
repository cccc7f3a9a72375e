"""What happens to a page after it was read: terms, links, mathematics."""

from __future__ import annotations

import html
import re
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.osutil import relative_uri
from sphinx.writers.html import HTMLTranslator

from review_book.pages.formulas import mathml
from review_book.sphinx import terms
from review_book.sphinx.directives import sources_of

logger = logging.getLogger(__name__)


class MarkTerms(SphinxPostTransform):
    """Open the definition of each term at its first use on a page."""

    default_priority = 800  # before links are made relative
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        prose = self.env.docname.startswith(("chapters/", "analyses/", "index"))
        if prose and "glossary" in self.env.found_docs:
            terms.mark_terms(self.document, sources_of(self.env).terms)


_KEYED = re.compile(r'(<a [^<>]*#ref-([^"<>]+)"[^<>]*>)\2</a>')
"""A link to an entry of the list of references under its key, which a notebook knows, where readers are told names."""


class RelativeLinks(SphinxPostTransform):
    """Turn links from the book's root, which tables hold, into relative ones."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        builder = self.app.builder
        here = builder.get_target_uri(self.env.docname)
        for node in list(self.document.findall(nodes.raw)):
            if "html" not in node.get("format", ""):
                continue
            text = node.astext()

            def link(match: re.Match[str]) -> str:
                page, _, anchor = match[1].partition("#")
                if page not in self.env.found_docs:
                    logger.warning("a table links to %s, which is no page", page, location=self.env.docname)
                uri = relative_uri(here, builder.get_target_uri(page))
                return f'href="{uri}{"#" + anchor if anchor else ""}"'

            def name(match: re.Match[str]) -> str:
                known = sources_of(self.env).review.records.studies.references
                return f"{match[1]}{html.escape(known[match[2]].label) if match[2] in known else match[2]}</a>"

            new = re.sub(r'href="@root/([^"]*)"', link, text)
            new = _KEYED.sub(name, new)
            new = re.sub(r'"@file/([^"]*)"', lambda match: f'"{relative_uri(here, match[1])}"', new)
            if new != text:
                node.children = [nodes.Text(new)]
                node.rawsource = new


def _math(self: HTMLTranslator, node: nodes.Element, block: bool) -> None:
    try:
        self.body.append(mathml(node.astext(), block))
    except ValueError as error:
        logger.warning(
            "mathematics that cannot be shown: %s (%s); needed: LaTeX that docutils writes as MathML, with every argument in braces",
            node.astext(),
            error,
            location=node,
        )
        self.body.append(html.escape(node.astext()))
    raise nodes.SkipNode


def visit_math(self: HTMLTranslator, node: nodes.Element) -> None:
    """Write inline mathematics as MathML, which needs no script."""
    _math(self, node, False)


def visit_math_block(self: HTMLTranslator, node: nodes.Element) -> None:
    """Write displayed mathematics as MathML, which needs no script."""
    _math(self, node, True)


def visit_citation(self: HTMLTranslator, node: nodes.Element) -> None:
    """Write a reference as an item of its list: docutils gives it a role that its list may not hold."""
    if not isinstance(node.previous_sibling(), nodes.citation):
        self.body.append('<div role="list" class="citation-list">\n')
    self.body.append(self.starttag(node, "div", CLASS="citation", role="listitem"))
