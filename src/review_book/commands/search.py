"""Commands of the living search: ask indexes, take works in and hand them out, screen, show what became of them, watch."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from review_book.commands import DATE, Refusal, review, today, writing

if TYPE_CHECKING:
    from review_book.living.screening import Sitting
    from review_book.living.searching import Abstracts
    from review_book.living.sources import Http, Source
    from review_book.records.searches import Decision, Searches

NAMES = ("arxiv", "openalex", "semanticscholar")
CHAPTER = click.option("--chapter", default="all", show_default=True, help="Of one chapter alone.")


@click.group()
def search() -> None:
    """Search the literature by the protocol, screen what comes, and show what was left out."""


def _say(text: str) -> None:
    click.echo(text, err=True)


def _http(source: Source) -> Http:
    from review_book.living.sources import Http

    pause = float(os.environ.get("REVIEW_PAUSE", source.pause))
    return Http(contact=os.environ.get("REVIEW_CONTACT", ""), pause=pause, say=_say)


@search.command()
@click.option("--source", "sources", multiple=True, type=click.Choice(NAMES), help="Which index to ask; default: each.")
@click.option("--since", type=DATE, help="Only what appeared from this day on; default: since the query was last put.")
def run(sources: tuple[str, ...], since: dt.datetime | None) -> None:
    """Put every query of the protocol to the indexes; what is new waits to be screened.

    REVIEW_CONTACT names a mail address to the indexes, OPENALEX_API_KEY and SEMANTICSCHOLAR_API_KEY your keys; none is
    needed. A run that broke off goes on where it was when it is started again.
    """
    from review_book.living.searching import search as put
    from review_book.living.sources import SourceError

    if since and since.date() > today():
        raise Refusal(
            f"given --since {since.date()}; needed: a day up to today, {today()}: nothing that came out after it can be found"
        )
    at, new, failed = review(), 0, []
    with writing(at):
        for name in sources or NAMES:
            try:
                for done in put(at, [name], since.date() if since else None, today(), _http, _say):
                    new += done.new
                    click.echo(
                        f"{done.source}: {done.returned} returned, {done.new} new{'' if done.run else ' (logged already)'}"
                    )
            except SourceError as error:  # one index that stays away keeps none of the others from being asked
                failed.append(str(error))
                _say(str(error))
    click.echo(f"{new} new works wait; review search screen")
    if failed:
        raise Refusal("\n".join(failed))


@search.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--chapter", help="For which chapter the works were looked for, where the file does not say.")
@click.option("--included", help="The criterion of inclusions for which the file gives none.")
@click.option("--excluded", help="The criterion of exclusions for which the file gives none.")
def import_(file: Path, chapter: str | None, included: str | None, excluded: str | None) -> None:
    """Take works and decisions from FILE: RIS, BibTeX or CSV, as Zotero and ASReview export them."""
    from review_book.living.exchange import import_file

    at = review()
    with writing(at):
        done = import_file(at, file, chapter, today(), included, excluded)
    click.echo(f"{done.entries} entries: {done.new} new, {done.known} known, {done.decided} decisions taken over")
    if done.turned:
        click.echo(f"{len(done.turned)} of them turn over what was decided before; take back what was not meant:")
        click.echo("\n".join(f"  {line}" for line in done.turned))
    if done.unidentified:
        lines = ", ".join(map(str, done.unidentified[:10])) + (" …" if len(done.unidentified) > 10 else "")
        raise Refusal(
            f"{len(done.unidentified)} entries have neither arXiv id, DOI nor address, and are not taken in: lines {lines}"
        )


@search.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--which",
    type=click.Choice(["waiting", "decided", "all"]),
    default="all",
    show_default=True,
    help="Which works, by what was decided.",
)
@CHAPTER
def export(file: Path, which: str, chapter: str) -> None:
    """Write works to FILE for another program, by its ending: .csv (ASReview), .ris or .bib (Zotero)."""
    from review_book.living.exchange import export_file

    click.echo(f"{export_file(review(), file, which, chapter)} works written to {file}")


@search.command()
@CHAPTER
@click.option(
    "--stage",
    type=click.Choice(["title-abstract", "full-text"]),
    default="title-abstract",
    show_default=True,
    help="What the decisions rest on.",
)
@click.option("--write", type=click.Path(path_type=Path), help="Write the queue as a table instead of asking.")
@click.option("--read", type=click.Path(path_type=Path, exists=True), help="Take over the decisions of such a table.")
@click.option("--fetch", is_flag=True, help="Ask arXiv and OpenAlex for abstracts that are not at hand.")
def screen(chapter: str, stage: str, write: Path | None, read: Path | None, fetch: bool) -> None:
    """Decide on what waits, the most relevant first: one key a decision; u takes back, q stops, and the rest waits."""
    from review_book.living.screening import Sitting, fetch_abstracts, ranked, read_queue, write_queue
    from review_book.living.searching import Abstracts, cache_folder, know_chapter
    from review_book.living.sources import SourceError
    from review_book.records.searches import load_searches

    at = review()
    searches = load_searches(at.data)
    know_chapter(searches, chapter)
    if read and (chapter != "all" or write or fetch):
        raise Refusal(
            "given --read with --chapter, --write or --fetch; needed: --read alone: a table says its own chapters"
        )
    if read:
        with writing(at):
            click.echo(f"{read_queue(read, at.data, today(), stage)} decisions taken over")  # type: ignore[arg-type]  # click has checked it
        return
    abstracts = Abstracts(cache_folder(at))
    if fetch:
        try:
            click.echo(f"{fetch_abstracts(abstracts, searches.waiting(chapter), _http)} abstracts came")
        except SourceError as error:  # a title can be screened too
            _say(str(error))
    queue = ranked(searches, abstracts, searches.waiting(chapter))
    if queue and queue[0][1] is None:
        _say(
            "The decisions so far do not teach what is relevant, from what is at hand of the works; what waits longest comes first. "
            "--fetch brings abstracts, which teach more than titles."
        )
    if write:
        click.echo(
            f"{write_queue(write, searches, queue)} works written to {write}; fill the column reason, then --read it"
        )
        return
    sitting = Sitting(at.data, today(), stage)  # type: ignore[arg-type]  # click has checked it
    _screen(searches, abstracts, [item for item, _ in queue], sitting)
    click.echo(f"{len(sitting.made)} decisions made; {len(load_searches(at.data).waiting(chapter))} works wait")


def _screen(searches: Searches, abstracts: Abstracts, queue: list[Decision], sitting: Sitting) -> None:
    """Ask about one work after another; ranked anew after every ten decisions."""
    from review_book.living.screening import keys_of, ranked
    from review_book.records.searches import load_searches

    keys = keys_of(searches.protocol)
    for key, criterion in keys.items():
        click.echo(f"  {key}  {criterion.decides} ({criterion.id}): {criterion.title}")
    click.echo("  s  skip   u  take back the last decision   q  stop")
    skipped: list[Decision] = []
    while queue:
        work = queue[0]
        _show(searches, abstracts, work, len(queue))
        try:
            key = click.getchar()
        except OSError:
            raise Refusal("no terminal to ask at; needed: one, or --write FILE and then --read FILE") from None
        if key in ("q", "\x03", "\x04"):
            return
        if key == "u":
            taken = sitting.undo()
            click.echo("nothing to take back" if taken is None else f"taken back: {taken.title}")
            if taken is not None:
                queue.insert(0, next(d for d in searches.decisions if (d.id, d.chapter) == (taken.id, taken.chapter)))
        elif key == "s":
            skipped.append(queue.pop(0))
        elif key in keys:
            made = sitting.decide(work, keys[key])
            click.echo(f"{made.decision}: {made.reason}")
            queue.pop(0)
            if len(sitting.made) % 10 == 0 and queue:
                now = load_searches(sitting.data)
                queue[:] = [item for item, _ in ranked(now, abstracts, queue)]
        else:
            click.echo(f"{key!r} is no key here")


def _show(searches: Searches, abstracts: Abstracts, work: Decision, left: int) -> None:
    about = searches.described.get(work.id)
    click.echo(f"\n{left} wait. {work.title} ({work.year or 'no year'}) for {work.chapter.replace('_', ' ')}")
    click.echo(f"{about.authors if about else ''}  {work.id}")
    click.echo(click.wrap_text(abstracts.get(work.id) or "(no abstract at hand)", 100, "  ", "  "))


@search.command()
@CHAPTER
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def status(chapter: str, as_json: bool) -> None:
    """Show what became of the works: identified, duplicates, screened, by reason, by chapter, over time."""
    from review_book.living.progress import progress
    from review_book.living.searching import know_chapter

    records = review().records
    searches = records.searches
    know_chapter(searches, chapter)
    found = progress(searches, chapter, today(), records.recall)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        if isinstance(value, dict):
            click.echo(f"{name}:")
            for key, count in value.items():
                said = count if isinstance(count, int | float) else ", ".join(f"{n} {k}" for k, n in count.items())
                click.echo(f"  {key:28} {said}")
        else:
            click.echo(f"{name:30} {value}")


@search.command()
@click.option("--write", is_flag=True, help="Write it into data/searches/measured.yml, which the page shows.")
def measure(write: bool) -> None:
    """Measure how well duplicates are told apart on labelled pairs, and how well the queue ranks."""
    import yaml

    from review_book.files import write_atomically
    from review_book.living.screening import ranking_quality
    from review_book.living.searching import Abstracts, cache_folder
    from review_book.records.duplicates import measured
    from review_book.records.searches import load_searches

    at = review()
    halves = measured(at.data / "searches" / "duplicate_pairs.csv")
    for half in halves:
        click.echo(
            f"{half.half}: {half.pairs} pairs, precision {half.precision:.3f} ({half.wrong} wrong), "
            f"recall {half.recall:.3f} ({half.found} of {half.same})"
        )
    quality = ranking_quality(load_searches(at.data), Abstracts(cache_folder(at)))
    said = "too few decisions" if quality is None else f"{quality:.2f}"
    click.echo(
        f"queue: an included work ranks above one of another subject in a share of {said} of pairs decided later"
    )
    if write:
        head = "# How the rule that tells one work from another did on data/searches/duplicate_pairs.csv; `review search measure --write` writes it.\n"
        text = yaml.safe_dump([half.model_dump() for half in halves], sort_keys=False)
        write_atomically(at.data / "searches" / "measured.yml", head + text)


@search.command()
def watch() -> None:
    """Ask what became of the included studies: retracted, corrected, in a newer version, published."""
    from review_book.living.watching import watch as ask

    new, asked = ask(review(), today(), _http, _say)
    for notice in new:
        click.echo(f"{notice.study}: {notice.kind}, {notice.detail}")
    click.echo(f"{asked} studies watched; {len(new)} new notices")


COMMANDS = (search,)
