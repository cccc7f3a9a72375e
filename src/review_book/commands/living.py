"""Commands that keep the review alive: consequences, history, links, releases, print. They join `review_book.commands.main`."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
import time
from pathlib import Path

import click

from review_utils.records.reading import RecordError
from review_utils.review import project_root


def _fail(message: str) -> None:
    click.echo(message, err=True)
    sys.exit(1)


@click.command()
@click.argument("base")
@click.argument("head", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="How to write it.",
)
def diff(base: str, head: str | None, form: str) -> None:
    """Show what a change does to what the review says, from BASE to HEAD (default: the working tree)."""
    from review_book.living.consequences import UnknownState, as_json, as_text, consequences

    try:
        found = consequences(project_root(), base, head)
    except (UnknownState, RecordError) as error:
        _fail(str(error))
    click.echo(as_json(found) if form == "json" else as_text(found, form == "markdown"), nl=False)


@click.command()
@click.option("--reason", help="Why a conclusion changes; needed where one does.")
@click.option("--check", is_flag=True, help="Write nothing; fail when the history lacks something.")
def accept(reason: str | None, check: bool) -> None:
    """Write what changed in the records into the history, with the reason where a conclusion changed."""
    from review_book.living.history import WORDS, ReasonNeeded, append, pending

    try:
        events = pending()
        if check:
            if events:
                listed = "\n".join(f"  {WORDS[e.kind]}: {e.subject}" for e in events[:20])
                why = " --reason TEXT" if any(e.changes_conclusion for e in events) else ""
                _fail(f"{len(events)} changes are not in data/history.jsonl; needed: review accept{why}\n{listed}")
            click.echo("the history is complete")
            return
        append(events, reason)
    except (ReasonNeeded, RecordError) as error:
        _fail(str(error))
    click.echo(f"{len(events)} changes written to data/history.jsonl")


@click.command()
@click.argument("analysis")
def run(analysis: str) -> None:
    """Execute one ANALYSIS again (scaling_laws/chinchilla_refit), whatever is kept of it."""
    from review_book.execute.contents import PageError, notebook_pages
    from review_book.execute.run import ExecutionFailed, execute_page

    root = project_root()
    page = f"analyses/{analysis.removeprefix('analyses/').removesuffix('.md')}"
    try:
        if page not in notebook_pages(root):
            _fail(f"given {analysis}; needed: an analysis of _toc.yml, such as scaling_laws/chinchilla_refit")
        done = execute_page(root, page)
    except (ExecutionFailed, PageError) as error:
        _fail(str(error))
    click.echo(f"{page} ran in {done.metadata['review']['seconds']} s; make book shows it")


@click.command("format")
@click.option("--check", is_flag=True, help="Write nothing; fail where a cell is not formatted.")
def format_cells(check: bool) -> None:
    """Format the cells of every analysis at 100 columns."""
    from review_book.living.cells import format_analyses

    left = format_analyses(project_root(), check)
    if left:
        _fail("\n".join(left))
    click.echo("every cell is formatted")


@click.command()
@click.option("--kept", type=click.Path(path_type=Path), help="Where results are kept between checks.")
def links(kept: Path | None) -> None:
    """Try every link to another host; one is broken when it was gone on two different days."""
    from review_book.living.links import check_links, external_links, read_links, write_links

    root = project_root()
    site = root / "_build" / "html"
    if not site.is_dir():
        _fail("no site in _build/html; make book")
    path = kept or root / "_build" / "links.json"
    found = external_links(site)
    results = check_links(found, read_links(path), dt.datetime.now(tz=dt.UTC).date())
    write_links(path, results)
    for link in results:
        if link.state == "broken":
            click.echo(f"broken since {link.gone_on[0]}: {link.address}, on {', '.join(found[link.address][:3])}")
    counts = {state: sum(link.state == state for link in results) for state in ("ok", "unknown", "broken")}
    click.echo(", ".join(f"{count} {state}" for state, count in counts.items()))
    sys.exit(1 if counts["broken"] else 0)


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to; default _build/release.")
def release(out: Path | None) -> None:
    """Make a release of the built site: archives, bill of materials, checksums."""
    from review_book.site.release import CannotRelease, make_release

    try:
        for path in make_release(project_root(), out or project_root() / "_build" / "release"):
            click.echo(path)
    except CannotRelease as error:
        _fail(str(error))


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="File to write; default _build/emergence-studies.pdf.")
def pdf(out: Path | None) -> None:
    """Print the whole built book into one PDF, with Chromium."""
    from review_book.execute.contents import toc_pages
    from review_book.site.release import CannotRelease, print_book

    root = project_root()
    if not (root / "_build" / "html" / "index.html").is_file():
        _fail("no site in _build/html; make book")
    target = out or root / "_build" / "emergence-studies.pdf"
    try:
        sheets = print_book(root / "_build" / "html", toc_pages(root), target, click.echo)
    except CannotRelease as error:
        _fail(str(error))
    click.echo(f"{target}: {sheets} sheets")


@click.command()
def cold() -> None:
    """Execute every notebook from nothing, build, and write down when that was done and how long it took."""
    from review_book.execute.contents import notebook_pages
    from review_book.site.build import BuildFailed, build_site

    root = project_root()
    shutil.rmtree(root / "_build" / "executed", ignore_errors=True)
    started = time.perf_counter()
    try:
        build_site(root, click.echo)
    except BuildFailed as error:
        _fail(f"the book was not built: {error}")
    done = {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "notebooks": len(notebook_pages(root)),
        "seconds": round(time.perf_counter() - started),
        "python": ".".join(map(str, sys.version_info[:3])),
    }
    (root / "data" / "execution.json").write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
    click.echo(
        f"executed {done['notebooks']} notebooks and built in {done['seconds']} s; written to data/execution.json"
    )


@click.command("freshness")
def show_freshness() -> None:
    """Say how fresh the review is: last search, what waits, last full execution, oldest output kept here."""
    from review_book.living.freshness import freshness, last_execution

    root = project_root()
    try:
        click.echo(freshness(root / "data").words)
    except RecordError as error:
        _fail(str(error))
    done = last_execution(root / "data")
    click.echo(f"last execution of all notebooks from nothing: {done.date if done else 'none on record'}")
    kept = {p: p.stat().st_mtime for p in (root / "_build" / "executed").rglob("*.ipynb")}
    if kept:
        path, at = min(kept.items(), key=lambda item: item[1])
        day = dt.datetime.fromtimestamp(at, tz=dt.UTC).date()
        click.echo(f"oldest output kept here: {path.stem}, of {day}; it is kept while nothing that it read has changed")


COMMANDS = (diff, accept, run, format_cells, links, release, pdf, cold, show_freshness)
