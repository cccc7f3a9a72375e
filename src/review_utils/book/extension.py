"""The Sphinx extension: what happens when, and the directives and roles that pages use."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import click
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.domains import Domain, ObjType
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.osutil import relative_uri
from sphinx.writers.html import HTMLTranslator

from ..claims import load_ledger
from ..glossary import load_glossary
from ..records import RecordError
from ..register import load_register
from . import apparatus, handbook, pages, terms
from .assets import static_folders
from .context import lighten, review_context
from .execute import (
    PACKAGE,
    ExecutionFailed,
    PageError,
    digest,
    execute_all,
    executed_path,
    load_executed,
    named_outputs,
    notebook_pages,
    toc_pages,
    write_atomically,
)
from .quotes import Sources, UnknownQuote, card_html, data_of

logger = logging.getLogger(__name__)


def _sources(env: BuildEnvironment) -> Sources:
    sources: Sources = env.app._review_sources
    return sources


def _stamp_path(root: Path) -> Path:
    return root / "_build" / "records.stamp"


def stamp_records(root: Path) -> None:
    """Write one digest of every record and of this package, on change alone.

    Parts of pages made from records show more than one file: labels from the bibliography, titles of shapes,
    links from other findings, counts of all. They depend on this stamp, so that none of it can go stale.
    """
    kinds = ("*.yml", "*.bib", "*.json", "*.jsonl", "*/*.yml")
    files = [path for pattern in kinds for path in (root / "data").glob(pattern)] + [root / "CITATION.cff"]
    files += PACKAGE.rglob("*.py")
    text = "\n".join(f"{path.name} {digest(path)}" for path in sorted(files))
    path = _stamp_path(root)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text)


def load_records(app: Sphinx) -> None:
    """Load the records and write the pages made from them, before the table of contents is read."""
    root = Path(app.srcdir)
    try:
        sources = Sources(
            root, load_register(root / "data"), load_ledger(root / "data"), tuple(load_glossary(root / "data"))
        )
        pages.write_finding_pages(root, sources.register)
        stamp_records(root)
    except RecordError as error:
        raise ExtensionError(str(error)) from error
    app._review_sources = sources


def prepare(app: Sphinx, config: Config) -> None:
    """Execute the notebooks, and tell MyST-NB where their outputs are."""
    root = Path(app.srcdir)
    try:
        execute_all(root, click.echo)
        notebooks = notebook_pages(root)
        click.echo(f"building {len(toc_pages(root))} pages")
    except (PageError, ExecutionFailed) as error:
        raise ExtensionError(str(error)) from error
    # MyST-NB reads a path that ends so with our reader: the source, with the outputs that we keep.
    reader = "review_utils.book.execute.read_executed"
    config["nb_custom_formats"] = {
        f"/{page}.md": [reader, {"root": str(root), "page": page}, False] for page in notebooks
    }
    config["nb_execution_mode"] = "off"
    config["html_math_renderer"] = "mathml"
    # Ours first: a template of the theme's name takes its place.
    config["templates_path"] = [str(Path(__file__).parent / "templates"), *config["templates_path"]]
    config["html_static_path"] = [*config["html_static_path"], *map(str, static_folders(root))]


def note_execution(app: Sphinx, docname: str, source: list[str]) -> None:
    """Make a notebook's page depend on its execution, so that Sphinx reads it again when that changes."""
    del source
    if docname.startswith("analyses/"):
        app.env.note_dependency(str(executed_path(Path(app.srcdir), docname)))


def write_in_parallel(app: Sphinx, env: BuildEnvironment) -> None:
    """Write pages on all cores; reading stays serial, since an extension of Jupyter Book does not bear it."""
    del env
    app.parallel = os.cpu_count() or 1


def page_uri(env: BuildEnvironment, page: str, anchor: str = "") -> str:
    """Return the address of a page as seen from the one being read."""
    builder = env.app.builder
    uri = relative_uri(builder.get_target_uri(env.docname), builder.get_target_uri(page))
    return f"{uri}#{anchor}" if anchor else uri


class NumRole(SphinxRole):
    """``{num}`address```: a number from a record or a computation, with its source on hover or focus."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        try:
            quote = _sources(self.env).resolve(self.text)
        except UnknownQuote as error:
            message = self.inliner.reporter.error(f"num: {error.args[0]}", line=self.lineno)
            return [nodes.inline(text=self.text)], [message]
        for path in (*quote.files, _stamp_path(Path(self.env.srcdir))):
            self.env.note_dependency(str(path))
        card_id = f"num-{self.env.new_serialno('num')}"
        raw = nodes.raw("", card_html(quote, page_uri(self.env, quote.page, quote.anchor), card_id), format="html")
        return [raw], []


class _RawDirective(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def raw(self, text: str) -> list[nodes.Node]:
        self.env.note_dependency(str(_stamp_path(Path(self.env.srcdir))))
        node = nodes.raw("", text, format="html")
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
        return self.raw(
            f'<div class="review-shown" id="{name}">{data_of(outputs[name])}<p class="review-source">{link}</p></div>'
        )


class NumbersDirective(_RawDirective):
    """``{numbers} <chapter>/<analysis>``: the numbers that other pages quote from an analysis, each with its anchor."""

    def run(self) -> list[nodes.Node]:
        root, page = Path(self.env.srcdir), f"analyses/{self.arguments[0]}"
        notebook = load_executed(root, page)
        if notebook is None:
            return self.problem(f"numbers: no executed analysis {self.arguments[0]}")
        return self.raw(pages.numbers_html(named_outputs(notebook)))


class ClaimsDirective(_RawDirective):
    """``{claims} <chapter>``: counts, and tables of what is known, contested and open."""

    def run(self) -> list[nodes.Node]:
        sources, chapter = _sources(self.env), self.arguments[0]
        if chapter not in sources.ledger.chapters:
            return self.problem(f"claims: no chapter {chapter}; there are {', '.join(sources.ledger.chapters)}")
        return self.raw(pages.claims_html(sources.ledger, chapter))


class FindingDirective(_RawDirective):
    """``{finding} <id>`` with ``:section:``: one part of the page of a finding."""

    option_spec: ClassVar[dict[str, Any]] = {"section": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        sources = _sources(self.env)
        try:
            finding = sources.register.finding(self.arguments[0])
        except KeyError as error:
            return self.problem(f"finding: {error.args[0]}")
        section = self.options.get("section", "Summary").replace("Summary", "")
        return self.raw(pages.finding_sections(finding, sources.register)[section]())


class OverviewDirective(_RawDirective):
    """``{overview} chapters``: a row a chapter with its claims, counted."""

    def run(self) -> list[nodes.Node]:
        sources = _sources(self.env)
        return self.raw(pages.overview_html(sources.ledger, sources.register))


class RegisterDirective(_RawDirective):
    """``{register} all``: every finding in one table."""

    def run(self) -> list[nodes.Node]:
        sources = _sources(self.env)
        return self.raw(pages.register_html(sources.register))


class PartDirective(_RawDirective):
    """A part about the review itself: ``{part} changes``; parts are listed in `PARTS`."""

    def run(self) -> list[nodes.Node]:
        sources, root, name = _sources(self.env), Path(self.env.srcdir), self.arguments[0]
        if name not in PARTS:
            return self.problem(f"part: given {name}; needed: one of {', '.join(sorted(PARTS))}")
        return self.raw(PARTS[name](root, sources))


PARTS: dict[str, Callable[[Path, Sources], str]] = {
    "landing": lambda root, s: apparatus.landing_html(s.ledger),
    "latest": lambda root, s: apparatus.latest_html(apparatus.events_of(root)),
    "changes": lambda root, s: apparatus.changes_html(apparatus.events_of(root)),
    "status": lambda root, s: apparatus.status_html(root, s.register, s.ledger),
    "downloads": lambda root, s: apparatus.downloads_html(root),
    "explorer": lambda root, s: apparatus.explorer_html(s.register),
    "what-if": lambda root, s: apparatus.whatif_html(s.register),
    "commands": lambda root, s: handbook.commands_html(),
    "api": lambda root, s: handbook.api_html(),
    "rules": lambda root, s: handbook.rules_html(s.register),
}


class TermsDirective(_RawDirective):
    """``{terms} <chapter>`` or ``{terms} all``: terms with their definitions."""

    def run(self) -> list[nodes.Node]:
        wanted, known = self.arguments[0], _sources(self.env).terms
        if wanted == "all":
            return self.raw(terms.terms_html(known, anchors=True))
        chosen = [term for term in known if wanted in term.chapters]
        if not chosen:
            return self.problem(f"terms: given {wanted}; needed: all, or a chapter that data/glossary.yml names")
        return self.raw(terms.terms_html(chosen, anchors=False, linked="glossary" in self.env.found_docs))


class MarkTerms(SphinxPostTransform):
    """Open the definition of each term at its first use on a page."""

    default_priority = 800  # before links are made relative
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        prose = self.env.docname.startswith(("chapters/", "analyses/", "index"))
        if prose and "glossary" in self.env.found_docs:
            terms.mark_terms(self.document, _sources(self.env).terms)


class RecordsDomain(Domain):
    """Findings, claims and terms as objects, so that the book's search finds each at its place."""

    name = "review"
    label = "Records of the review"
    object_types: ClassVar[dict[str, ObjType]] = {
        "finding": ObjType("finding"), "claim": ObjType("claim"), "term": ObjType("term"),
    }  # fmt: skip

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        sources = _sources(self.env)
        for finding in sources.register.findings:
            yield finding.title.replace(".", " "), finding.title, "finding", f"findings/{finding.id}", "", 1
        for chapter, claims in sources.ledger.chapters.items():
            for claim in claims:
                yield claim.text.replace(".", " "), claim.text, "claim", f"chapters/{chapter}", f"claim-{claim.id}", 1
        for term in sources.terms:
            yield term.term, term.term, "term", "glossary", f"term-{term.id}", 1

    def merge_domaindata(self, docnames: Any, otherdata: Any) -> None:
        """Nothing is kept here: objects come from the records."""


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

            new = re.sub(r'href="@root/([^"]*)"', link, text)
            new = re.sub(r'"@file/([^"]*)"', lambda match: f'"{relative_uri(here, match[1])}"', new)
            if new != text:
                node.children = [nodes.Text(new)]
                node.rawsource = new


def _math(self: HTMLTranslator, node: nodes.Element, block: bool) -> None:
    try:
        self.body.append(tex2mathml(node.astext(), as_block=block))
    except MathError as error:
        logger.warning("mathematics that cannot be shown: %s (%s)", node.astext(), error, location=node)
        self.body.append(html.escape(node.astext()))
    raise nodes.SkipNode


def visit_math(self: HTMLTranslator, node: nodes.Element) -> None:
    """Write inline mathematics as MathML, which needs no script."""
    _math(self, node, False)


def visit_math_block(self: HTMLTranslator, node: nodes.Element) -> None:
    """Write displayed mathematics as MathML, which needs no script."""
    _math(self, node, True)


def tell_of_the_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give the templates what a page tells of itself, and drop what it does not need, such as scripts of other hosts."""
    del templatename
    context["review"] = review_context(Path(app.srcdir), pagename, str(context.get("title", "")), doctree)
    lighten(context, pagename)


def lost_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Write the page that a server shows for an address that is not there."""
    del app
    body = (
        "<h1>Nothing stands here</h1><p>The page may have moved, or never was. "
        '<a href="index.html">Begin at the front</a>, look through <a href="register.html">the register</a>, '
        'or <a href="search.html">search</a>.</p>'
    )
    yield "404", {"title": "Nothing stands here", "body": body}, "page.html"


def setup(app: Sphinx) -> dict[str, object]:
    """Connect everything."""
    load_records(app)
    app.add_role("num", NumRole())
    app.add_directive("show", ShowDirective)
    app.add_directive("numbers", NumbersDirective)
    app.add_directive("claims", ClaimsDirective)
    app.add_directive("finding", FindingDirective)
    app.add_directive("overview", OverviewDirective)
    app.add_directive("register", RegisterDirective)
    app.add_directive("part", PartDirective)
    app.add_directive("terms", TermsDirective)
    app.add_post_transform(MarkTerms)
    app.add_post_transform(RelativeLinks)
    app.add_domain(RecordsDomain)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    app.connect("config-inited", prepare, priority=900)  # after MyST-NB has read its own formats
    app.connect("source-read", note_execution)
    app.connect("env-updated", write_in_parallel)
    app.connect("html-page-context", tell_of_the_page, priority=900)
    app.connect("html-collect-pages", lost_page)
    app.add_css_file("review/review.css")
    app.add_js_file("review/review.js", loading_method="defer")
    return {"parallel_read_safe": False, "parallel_write_safe": True}
