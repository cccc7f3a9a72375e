"""Commands that keep the review alive: consequences, history, notebooks, freshness."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from review_book.commands import Refusal, review


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
    """Show what a change does to what the review says, from BASE to HEAD (default: the working tree).

    Where BASE went on meanwhile, from the last commit that both hold.
    """
    from review_book.living.consequences import as_json, as_text, consequences, forked

    root = review().root
    start, lacking = forked(root, base, head)
    if lacking:
        several = "s" if lacking > 1 else ""
        click.echo(
            f"{base} has {lacking} commit{several} that this change does not hold; compared with {start[:12]}, the last that both hold",
            err=True,
        )
    found = consequences(root, start, head)
    click.echo(as_json(found) if form == "json" else as_text(found, form == "markdown"), nl=False)


def demand_history(data: Path) -> None:
    """Refuse to go on while the records say what the history does not tell.

    Raises
    ------
    Refusal
        With each change, and the command that writes them down.
    """
    from review_book.living.history import WORDS, pending

    if events := pending(data):
        listed = "\n".join(f"  {WORDS[e.kind]}: {e.subject}" for e in events)
        why = ' --reason "SUBJECT: why"' if any(e.changes_conclusion for e in events) else ""
        raise Refusal(f"{len(events)} changes are not in data/history.jsonl; needed: review accept{why}\n{listed}")


@click.command()
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    metavar="TEXT",
    help='Why a conclusion changes; where several do, once for each, as "SUBJECT: text".',
)
@click.option("--all", "for_all", is_flag=True, help="The one reason holds for every conclusion without its own.")
@click.option("--check", is_flag=True, help="Write nothing; fail when the history lacks something.")
def accept(reasons: tuple[str, ...], for_all: bool, check: bool) -> None:
    """Write into the history all that the records say otherwise than it, whoever changed it, with a reason for each conclusion."""
    from review_book.living.history import WORDS, append, pending, reasons_of
    from review_book.site.alone import alone

    at = review()
    if check and (reasons or for_all):
        raise Refusal("given --check with --reason or --all; needed: --check alone, which writes nothing")
    if for_all and not reasons:
        raise Refusal("given --all without --reason; needed: the reason that holds for all")
    if check:
        demand_history(at.data)
        click.echo("the history is complete")
        return
    with alone(at.build, click.echo):  # of two at once, the second sees what the first wrote
        events = pending(at.data)
        why_each = reasons_of(events, reasons, for_all)
        append(events, why_each, at.data)
    for event in events:
        reason = f" ({why_each[event.subject]})" if event.changes_conclusion else ""
        click.echo(f"  {WORDS[event.kind]}: {event.subject}{reason}")
    click.echo(f"{len(events)} changes written to data/history.jsonl")


@click.command()
@click.argument("analysis")
def run(analysis: str) -> None:
    """Execute one ANALYSIS again (scaling_laws/chinchilla_refit), whatever is kept of it."""
    from review_book.execute.contents import notebook_pages
    from review_book.execute.run import execute_page
    from review_utils.records.reading import nearest

    root = review().root
    page = f"analyses/{analysis.removeprefix('analyses/').removesuffix('.md')}"
    if page not in (pages := notebook_pages(root)):
        names = {one.rsplit("/", 1)[-1]: one.removeprefix("analyses/") for one in pages}
        near = nearest(page.rsplit("/", 1)[-1], names)
        hint = f"; did you mean {names[near[0]]}?" if near else f", such as {next(iter(names.values()), 'none')}"
        raise Refusal(f"given {analysis}; needed: an analysis of _toc.yml{hint}")
    done = execute_page(root, page)
    click.echo(f"{page} ran in {done.metadata['review']['seconds']} s; make book shows it")


@click.command("format")
@click.option("--check", is_flag=True, help="Write nothing; fail where a cell is not formatted.")
def format_cells(check: bool) -> None:
    """Format the cells of every analysis at 100 columns."""
    from review_book.living.cells import format_analyses

    if left := format_analyses(review().root, check):
        raise Refusal("\n".join(left))
    click.echo("every cell is formatted")


@click.command("freshness")
def show_freshness() -> None:
    """Say how fresh the review is: last search, what waits, last full execution, oldest output kept here."""
    from review_book.living.freshness import freshness_of, last_execution

    at = review()
    click.echo(freshness_of(at.records).words)
    done = last_execution(at.data)
    click.echo(f"last execution of all notebooks from nothing: {done.date if done else 'none on record'}")
    kept = {p: p.stat().st_mtime for p in (at.build / "executed").rglob("*.ipynb")}
    if kept:
        path, when = min(kept.items(), key=lambda item: item[1])
        day = dt.datetime.fromtimestamp(when, tz=dt.UTC).date()
        click.echo(f"oldest output kept here: {path.stem}, of {day}; it is kept while nothing that it read has changed")


COMMANDS = (diff, accept, run, format_cells, show_freshness)
