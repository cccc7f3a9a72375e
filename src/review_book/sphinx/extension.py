"""The Sphinx extension: what happens when, and the directives and roles that pages use."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import myst_nb.sphinx_
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util.parallel import ParallelTasks

from review_book.execute.contents import PageError, notebook_pages, toc_pages
from review_book.execute.fingerprint import executed_path
from review_book.execute.run import ExecutionFailed, execute_all
from review_book.living.prose import unit_problems
from review_book.pages import findings as pages
from review_book.pages.formulas import formula_problems
from review_book.pages.laws import law_pages
from review_book.pages.statements import write_statement_pages
from review_book.pages.studies import study_pages
from review_book.records.about import load_about
from review_book.records.kinds import all_kinds
from review_book.records.surroundings import check_book
from review_book.records.tables import check_tables
from review_book.review import Review
from review_book.site import navigation
from review_book.site.assets import static_folders
from review_book.site.charts import draw_ahead
from review_book.site.context import base_url, lighten, review_context
from review_book.sphinx import citations
from review_book.sphinx.directives import (
    CHAPTER_PARTS,
    ChapterDirective,
    FindingDirective,
    NumbersDirective,
    NumRole,
    PartDirective,
    RegisterDirective,
    ShowDirective,
    StatementRole,
    TermsDirective,
    sources_of,
)
from review_book.sphinx.markup import markup_problems
from review_book.sphinx.quotes import Sources
from review_book.sphinx.refused import Refused
from review_book.sphinx.stamp import stamp_records
from review_book.sphinx.transforms import (
    MarkTerms,
    RelativeLinks,
    visit_citation,
    visit_math,
    visit_math_block,
)
from review_book.sphinx.typesetting import set_type
from review_utils.records.reading import RecordError


def load_records(app: Sphinx) -> None:
    """Load the records and write the pages made from them, before the table of contents is read."""
    root = Path(app.srcdir)
    try:
        sources = Sources(Review(root))
        records = sources.review.records
        for kind in (sources.register, sources.ledger, sources.terms, records.statements, records.rules):
            assert kind is not None  # each is read now, so that a fault is said before any page is read
        formulas = formula_problems(records.laws, root) if "laws" in all_kinds() else ()
        if problems := [
            *check_book(root),
            *check_tables(sources.review.data),
            *formulas,
        ]:
            raise RecordError(problems)
        pages.write_finding_pages(root, sources.register)
        write_statement_pages(root, sources.review.records)
        stamp_records(root)
    except RecordError as error:
        raise Refused(str(error)) from error
    app._review_sources = sources


def prepare(app: Sphinx, config: Config) -> None:
    """Execute the notebooks, and tell MyST-NB where their outputs are."""
    root = Path(app.srcdir)
    try:
        pages_there = [page for page in toc_pages(root) if (root / f"{page}.md").is_file()]
        if problems := [problem for page in pages_there for problem in markup_problems(root, page)]:
            raise RecordError(problems)
        execute_all(root, click.echo)
        if problems := unit_problems(app._review_sources.review, app._review_sources):
            raise RecordError(problems)
        notebooks = notebook_pages(root)
        click.echo(f"building {len(toc_pages(root))} pages")
    except (PageError, ExecutionFailed, RecordError) as error:
        raise Refused(str(error)) from error
    # MyST-NB reads a path that ends so with our reader: the source, with the outputs that we keep.
    reader = "review_book.execute.run.read_executed"
    config["nb_custom_formats"] = {
        f"/{page}.md": [reader, {"root": str(root), "page": page}, False] for page in notebooks
    }
    config["exclude_patterns"] = [
        *config["exclude_patterns"],
        ".*",  # what hides is no page; the contents file excludes what it does not name, and sees nothing hidden
        "**/.*",
        "analyses/**/*.ipynb",
    ]  # JupyterLab may pair one with a page
    # What every page may say: Sphinx writes all of them anew when it changes.
    about = load_about(root / "data")
    config["review_retracted"] = " ".join(sorted(app._review_sources.review.records.studies.retracted))
    config["review_outside"] = f"{base_url()} {about.repository} {about.branch}"
    config["myst_linkify_fuzzy_links"] = False  # forms.py is a file, and no host
    config["nb_execution_mode"] = "off"
    config["nb_render_markdown_format"] = "myst"  # mathematics and roles in what a cell shows
    config["html_math_renderer"] = "mathml"
    # Ours first: a template of the theme's name takes its place.
    config["templates_path"] = [str(Path(__file__).parents[1] / "templates"), *config["templates_path"]]
    config["html_static_path"] = [*config["html_static_path"], *map(str, static_folders(root))]


class _NoCopies:
    """In place of nbformat where MyST-NB would write each executed notebook once more, into a folder that nobody reads."""

    @staticmethod
    def writes(notebook: object) -> str:
        """Return no text."""
        del notebook
        return ""


def search_elsewhere(app: Sphinx) -> None:
    """Have no index made of Sphinx's own: the published site is indexed as a reader sees it."""
    app.builder.search = False


def search_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Write the page of the search, to which its address can be sent with the words that were asked for."""
    del app
    body = (
        '<h1>Search</h1><form class="review-search__form review-js-only" role="search" action="search.html">'
        '<label>Words, a name, a number or an identifier of arXiv<input type="search" name="q" autocomplete="off" spellcheck="false"></label></form>'
        "<noscript><p>The search runs in the page and needs its script. Without it, "
        '<a href="glossary.html">the glossary</a>, <a href="register.html">the register</a> and <a href="studies.html">the studies</a> '
        "list what there is.</p></noscript>"
        '<div class="review-search review-search--page"><p role="status"></p></div>'
    )
    yield "search", {"title": "Search", "body": body}, "page.html"


def note_execution(app: Sphinx, docname: str, source: list[str]) -> None:
    """Make a notebook's page depend on its execution, so that Sphinx reads it again when that changes."""
    del source
    if docname.startswith("analyses/"):
        app.env.note_dependency(str(executed_path(Path(app.srcdir), docname)))


def drop_removed(app: Sphinx, error: Exception | None) -> None:
    """Take pages that are no more out of what was built; Sphinx leaves them, and they would be published."""
    if error is not None or app.builder.name != "html":
        return
    moved = sources_of(app.env).review.records.moved
    known = app.env.found_docs | moved.keys() | {"404", "search", "genindex"}
    for path in Path(app.outdir).rglob("*.html"):
        page = path.relative_to(app.outdir).with_suffix("").as_posix()
        if page not in known and not page.startswith(("studies/", "laws/", "_static/")):
            path.unlink()


def draw_meanwhile(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Have the charts drawn while pages are read, which takes one core, where the site is to be published."""
    del env, docnames
    if app.config.review_published:
        root = Path(app.srcdir)
        outputs = {page: _shown_by(executed_path(root, page)) for page in notebook_pages(root)}
        draw_ahead(outputs, root)


def _shown_by(notebook: Path) -> str:
    """Return the HTML of all that a kept execution shows."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    shown = (output.get("data", {}).get("text/html", "") for cell in cells for output in cell.get("outputs", ()))
    return "\n".join("".join(said) for said in shown)


def write_in_parallel(app: Sphinx, env: BuildEnvironment) -> None:
    """Write pages on all cores; reading stays serial, since an extension of Jupyter Book does not bear it."""
    del env
    app.parallel = os.cpu_count() or 1


def tell_of_the_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give the templates what a page tells of itself, set its numbers, and drop what it does not need, such as scripts of other hosts."""
    del templatename
    context["review"] = review_context(app._review_sources.review, pagename, str(context.get("title", "")), doctree)
    lighten(context)
    if body := context.get("body"):
        context["body"] = set_type(body)


def lost_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Write the page that a server shows for an address that is not there."""
    del app
    body = (
        "<h1>Nothing stands here</h1><p>The page may have moved, or never was. "
        '<a href="index.html">Begin at the front</a>, look through <a href="register.html">the register</a>, '
        'or <a href="search.html">search</a>.</p>'
    )
    yield "404", {"title": "Nothing stands here", "body": body}, "page.html"


def moved_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Write a page at every address that a page has left, with a link to where it went."""
    for old, new in sources_of(app.env).review.records.moved.items():
        up = "../" * old.count("/")
        link = html.escape(f"{up}{new}.html", quote=True)
        body = f'<h1>This page has moved</h1><p>What stood here is answered by <a href="{link}">another page</a>.</p>'
        yield old, {"title": "This page has moved", "body": body, "moved_to": link, "canonical": new}, "page.html"


def write_record_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Write a page for each study and each law, beside those that the contents file lists, on all cores; yield none.

    Sphinx would write them one after another, in one process.
    """
    sources = sources_of(app.env)

    def write(some: list[tuple[str, str, str]]) -> None:
        for name, title, body in some:
            app.builder.handle_page(name, {"title": title, "body": body}, "page.html")

    for folder, pages_of in (("studies", study_pages), ("laws", law_pages)):
        pages = list(pages_of(sources.review.records, sources.fill))
        cores = min(app.parallel, len(pages))
        tasks = ParallelTasks(cores)
        for first in range(cores):
            tasks.add_task(write, pages[first::cores])
        tasks.join()
        written = {Path(app.outdir, f"{name}.html") for name in (*sources.review.records.moved, *(page[0] for page in pages))}  # fmt: skip
        for path in set(Path(app.outdir, folder).glob("*.html")) - written:
            path.unlink()  # of a study or a law that is no more
    return iter(())


def setup(app: Sphinx) -> dict[str, object]:
    """Connect everything."""
    load_records(app)
    myst_nb.sphinx_.nbformat = _NoCopies
    citations.connect(lambda: app._review_sources.review.records.studies.retracted)
    app.add_config_value("review_outside", "", "html")
    app.add_config_value("review_retracted", "", "html")
    app.add_config_value("review_published", False, "")
    app.add_role("num", NumRole())
    app.add_role("statement", StatementRole())
    for name in CHAPTER_PARTS:
        app.add_directive(name, ChapterDirective)
    app.add_directive("show", ShowDirective)
    app.add_directive("numbers", NumbersDirective)
    app.add_directive("finding", FindingDirective)
    app.add_directive("register", RegisterDirective)
    app.add_directive("part", PartDirective)
    app.add_directive("terms", TermsDirective)
    app.add_post_transform(MarkTerms)
    app.add_post_transform(RelativeLinks)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    app.add_node(nodes.citation, override=True, html=(visit_citation, None))
    app.connect("config-inited", prepare, priority=900)  # after MyST-NB has read its own formats
    app.connect("source-read", note_execution)
    app.connect("build-finished", drop_removed)
    app.connect("env-before-read-docs", draw_meanwhile)
    app.connect("env-updated", write_in_parallel)
    app.connect("html-page-context", tell_of_the_page, priority=900)
    app.connect("builder-inited", search_elsewhere)
    app.connect("builder-inited", navigation.connect)
    app.connect("html-collect-pages", search_page)
    app.connect("html-collect-pages", lost_page)
    app.connect("html-collect-pages", write_record_pages)
    app.connect("html-collect-pages", moved_pages)
    app.add_css_file("review/review.css")
    for name in ("frame", "review", "tips"):
        app.add_js_file(f"review/{name}.js", loading_method="defer")
    return {"parallel_read_safe": False, "parallel_write_safe": True}
