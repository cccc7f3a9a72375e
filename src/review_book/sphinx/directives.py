"""The directives and roles that pages use."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.osutil import relative_uri

from review_book.execute.contents import named_outputs
from review_book.execute.fingerprint import executed_path, load_executed
from review_book.pages import about, claims, findings, handbook, laws, overview, recall, searches, statements, studies
from review_book.sphinx import terms
from review_book.sphinx.forms import PartOfFinding
from review_book.sphinx.quotes import Sources, UnknownQuote, card_html, data_of
from review_book.sphinx.stamp import stamp_path


def sources_of(env: BuildEnvironment) -> Sources:
    """Return the records that this build quotes from."""
    sources: Sources = env.app._review_sources
    return sources


def page_uri(env: BuildEnvironment, page: str, anchor: str = "") -> str:
    """Return the address of a page as seen from the one being read."""
    builder = env.app.builder
    if page.startswith("studies/"):  # written beside the pages that Sphinx knows
        return f"{relative_uri(builder.get_target_uri(env.docname), page + '.html')}#{anchor}"
    uri = relative_uri(builder.get_target_uri(env.docname), builder.get_target_uri(page))
    return f"{uri}#{anchor}" if anchor else uri


class NumRole(SphinxRole):
    """``{num}`address```: a number from a record or a computation, with its source on hover or focus."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        try:
            quote = sources_of(self.env).resolve(self.text)
        except UnknownQuote as error:
            message = self.inliner.reporter.error(f"num: {error.args[0]}", line=self.lineno)
            return [nodes.inline(text=self.text)], [message]
        for path in (*quote.files, stamp_path(Path(self.env.srcdir))):
            self.env.note_dependency(str(path))
        card_id = f"num-{self.env.new_serialno('num')}"
        raw = nodes.raw("", card_html(quote, page_uri(self.env, quote.page, quote.anchor), card_id), format="html")
        return [raw], []


class StatementRole(SphinxRole):
    """``{statement}`id```: a statement of the review, with its grade and what it rests on."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        sources = sources_of(self.env)
        records = sources.review.records
        try:
            item = records.statements.statement(self.text)
            page, _, anchor = statements.place_of(records, item).partition("#")
            uri = page_uri(self.env, page, anchor)
            text = statements.said_html(records, item, sources.fill, uri, f"said-{self.env.new_serialno('said')}")
        except (KeyError, UnknownQuote) as error:
            message = self.inliner.reporter.error(f"statement: {error.args[0]}", line=self.lineno)
            return [nodes.inline(text=self.text)], [message]
        self.env.note_dependency(str(stamp_path(Path(self.env.srcdir))))
        return [nodes.raw("", text, format="html")], []


BLOCK_END = re.compile(r"(</(?:p|li|dd|dt|td|th|tr|h[1-6]|caption|option|label|figcaption)>)(?=<)")


class _RawDirective(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def raw(self, text: str) -> list[nodes.Node]:
        self.env.note_dependency(str(stamp_path(Path(self.env.srcdir))))
        # The index of the search drops tags and keeps what lies between: without a space two cells become one word.
        node = nodes.raw("", BLOCK_END.sub(r"\1 ", text), format="html")
        self.set_source_info(node)
        return [node]

    def problem(self, text: str) -> list[nodes.Node]:
        return [self.state.document.reporter.error(text, line=self.lineno)]


class ShowDirective(_RawDirective):
    """``{show} <chapter>/<analysis>#<name>``: a figure or table of an analysis, with a link to it."""

    def run(self) -> list[nodes.Node]:
        analysis, _, name = self.arguments[0].partition("#")
        page, root = f"analyses/{analysis}", Path(self.env.srcdir)
        notebook = load_executed(root, page) if (root / f"{page}.md").is_file() else None
        if notebook is None:
            return self.problem(f"show: no executed analysis {analysis}; its page would be {page}.md")
        outputs = {n: o for n, o in named_outputs(notebook).items() if o["kind"] in ("figure", "table")}
        if name not in outputs:
            return self.problem(
                f"show: {page} shows no figure or table {name}; it shows {', '.join(sorted(outputs)) or 'none'}"
            )
        self.env.note_dependency(str(executed_path(root, page)))
        link = f'<a class="reference internal" href="{html.escape(page_uri(self.env, page), quote=True)}">How this was computed</a>'
        shown = data_of(outputs[name]).replace(f'data-chart="{name}"', f'data-chart="{analysis}/{name}"')
        return self.raw(f'<div class="review-shown" id="{name}">{shown}<p class="review-source">{link}</p></div>')


class NumbersDirective(_RawDirective):
    """``{numbers} <chapter>/<analysis>``: the numbers that other pages quote from an analysis, each with its anchor."""

    def run(self) -> list[nodes.Node]:
        root, page = Path(self.env.srcdir), f"analyses/{self.arguments[0]}"
        notebook = load_executed(root, page)
        if notebook is None:
            return self.problem(f"numbers: no executed analysis {self.arguments[0]}")
        return self.raw(claims.numbers_html(named_outputs(notebook)))


class ChapterDirective(_RawDirective):
    """A part of a chapter made from its statements: ``{headlines} <chapter>`` and the others of `CHAPTER_PARTS`."""

    def run(self) -> list[nodes.Node]:
        sources, chapter = sources_of(self.env), self.arguments[0]
        if chapter != "all" and chapter not in sources.review.records.statements.chapters:
            known = ", ".join(sources.review.records.statements.chapters)
            return self.problem(f"{self.name}: no chapter {chapter}; there are {known}")
        if self.name == "statements":
            self.env.note_dependency(str(sources.root / "chapters" / f"{chapter}.md"))  # for what it quotes from others
        try:
            return self.raw(CHAPTER_PARTS[self.name](sources, chapter))
        except UnknownQuote as error:
            return self.problem(f"{self.name}: {error.args[0]}")


CHAPTER_PARTS: dict[str, Callable[[Sources, str], str]] = {
    "headlines": lambda s, chapter: statements.headlines_html(s.review.records, chapter, s.fill),
    "statements": lambda s, chapter: statements.chapter_html(
        s.review.records, chapter, s.fill, statements.quoted_by(s.root, chapter)
    ),
    "evidence-map": lambda s, chapter: (
        statements.field_map(s.review.records, s.fill)
        if chapter == "all"
        else statements.chapter_map(s.review.records, chapter, s.fill)
    ),
    "studies": lambda s, chapter: studies.studies_html(s.review.records, chapter),
    "flow": lambda s, chapter: (
        searches.flow_html(s.review.records.searches, chapter) + recall.chapter_html(s.review.records.recall, chapter)
    ),
    "recomputations": lambda s, chapter: claims.recomputations_html(s.ledger, chapter),
}


class FindingDirective(_RawDirective):
    """``{finding} <id>`` with ``:section:``: one part of the page of a finding."""

    option_spec: ClassVar[dict[str, Any]] = PartOfFinding.option_spec

    def run(self) -> list[nodes.Node]:
        sources = sources_of(self.env)
        try:
            finding = sources.register.finding(self.arguments[0])
        except KeyError as error:
            return self.problem(f"finding: {error.args[0]}")
        section = self.options.get("section", "Summary")
        sections = findings.finding_sections(finding, sources.register)
        if (made := sections.get("" if section == "Summary" else section)) is None:
            return self.problem(f"finding: {finding.id} has nothing of {section}")
        return self.raw(made())


class RegisterDirective(_RawDirective):
    """``{register} all``: every finding in one table."""

    def run(self) -> list[nodes.Node]:
        sources = sources_of(self.env)
        return self.raw(overview.register_html(sources.register))


class PartDirective(_RawDirective):
    """A part about the review itself: ``{part} changes``; parts are listed in `PARTS`."""

    def run(self) -> list[nodes.Node]:
        sources, root, name = sources_of(self.env), Path(self.env.srcdir), self.arguments[0]
        if name not in PARTS:
            return self.problem(f"part: given {name}; needed: one of {', '.join(sorted(PARTS))}")
        return self.raw(PARTS[name](root, sources))


PARTS: dict[str, Callable[[Path, Sources], str]] = {
    "landing": lambda root, s: about.landing_html(s.review.records, s.fill),
    "latest": lambda root, s: about.latest_html(about.events_of(root)),
    "changes": lambda root, s: about.changes_html(about.events_of(root)),
    "status": lambda root, s: about.status_html(s.review, s.register, s.ledger),
    "downloads": lambda root, s: about.downloads_html(root),
    "explorer": lambda root, s: about.explorer_html(s.register),
    "tested": lambda root, s: overview.evidence_map_html(s.register),
    "what-if": lambda root, s: about.whatif_html(s.review.records),
    "time-machine": lambda root, s: about.timemachine_html(),
    "commands": lambda root, s: handbook.commands_html(),
    "api": lambda root, s: handbook.api_html(),
    "rules": lambda root, s: handbook.rules_html(s.register),
    "grades": lambda root, s: statements.rules_html(s.review.records, s.fill),
    "errata": lambda root, s: about.errata_html(s.review.records),
    "laws": lambda root, s: laws.laws_html(s.review.records.laws),
    "search": lambda root, s: searches.search_html(s.review.records.searches),
    "recall": lambda root, s: recall.recall_html(s.review.records.recall),
}


class TermsDirective(_RawDirective):
    """``{terms} <chapter>`` or ``{terms} all``: terms with their definitions."""

    def run(self) -> list[nodes.Node]:
        wanted, known = self.arguments[0], sources_of(self.env).terms
        if wanted == "all":
            return self.raw(terms.terms_html(known, anchors=True))
        chosen = [term for term in known if wanted in term.chapters]
        if not chosen:
            return self.problem(f"terms: given {wanted}; needed: all, or a chapter that data/glossary.yml names")
        return self.raw(terms.terms_html(chosen, anchors=False, linked="glossary" in self.env.found_docs))
