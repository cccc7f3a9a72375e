"""Commands on a curve of one's own: ask what made it and what comes next, and begin an analysis of it."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from review_book.commands import Refusal, review
from review_book.files import write_atomically
from review_book.review import Review
from review_utils.review import NoReview

if TYPE_CHECKING:
    from emergence.your_curve.answer import Answers
    from emergence.your_curve.logs import Found
    from emergence.your_curve.measured import Form
    from emergence.your_curve.said import Statement


def _items(text: str | None) -> float | None:
    """Return a number of test items as it was typed, where it says one."""
    from emergence.your_curve.measured import one_count

    if text is None:
        return None
    one_count(text, "items: given")
    return _number(text, "items")


def _number(text: str, name: str) -> float:
    from emergence.your_curve.measured import number_of

    if math.isnan(number := number_of(text)):
        raise Refusal(
            f"{name}: given {text!r}; needed: a number, digits with a point and no comma or space, such as 20000 or 0.25"
        )
    return number


READS = [
    click.option("--map", "map_file", type=click.Path(path_type=Path), help="CSV with the columns model and scale (and family), or YAML or JSON from models to scales."),
    click.option("--scale", "scales", multiple=True, metavar="MODEL=SCALE", help="The scale of one model, as toy-1b=1e9; repeat it."),
    click.option("--kind", type=click.Choice(["share", "loss"]), help="What a score is, where its name does not say."),
    click.option("--percent", is_flag=True, help="Shares are given in percent."),
    click.option("--items", callback=lambda *given: _items(given[-1]), help="Test items behind each score, where the file does not say."),
    click.option("--chance", type=float, help="Share right of one who guesses, 0 to 1, where the file does not say."),
    click.option("--parts", type=int, default=1, show_default=True, help="Parts of an answer that must all be right."),
    click.option("--over", type=click.Choice(["scale", "training"]), help="Models of different size, or checkpoints of one run."),
    click.option("--family", default="", help="Only this family of models."),
    click.option("--task", default="", help="Only this task."),
    click.option("--metric", default="", help="Only this metric; or the column of the scores, or what they are, where no column says."),
    click.option("--mixed", is_flag=True, help="Take models of different families, or logs that asked otherwise, as one ladder."),
]  # fmt: skip
"""Options that say how a file is read."""


def _reads(command: Any) -> Any:  # noqa: ANN401  # click's decorators have no types
    for option in reversed(READS):
        command = option(command)
    return command


def _found(path: Path, map_file: Path | None, scales: Sequence[str]) -> Found:
    from emergence.your_curve.logs import TABLES, read_any, read_map, scale_of
    from review_utils.records.reading import did_you_mean

    known, families = read_map(map_file) if map_file else ({}, {})
    for pair in scales:
        model, sign, scale = pair.rpartition("=")
        if not (sign and model):
            raise Refusal(f"given --scale {pair}; needed: MODEL=SCALE, such as toy-1b=1e9")
        known[model] = scale_of(scale)
    if (map_file or scales) and path.suffix.lower() in TABLES:
        raise Refusal("given --scale or --map beside a table; needed: its column of scales, which they do not change")
    found = read_any(path, known, families)
    models = {name: "" for model in found.frame.get("model", ()) for name in (model, model.rsplit("/", 1)[-1])}
    for pair in scales:
        if (model := pair.rpartition("=")[0]) not in models:
            need = f"one of {', '.join(models)}{did_you_mean(model, models)}"
            raise Refusal(f"given --scale {pair}, and no log is of {model}; needed: {need}")
    return found


def _form(options: dict[str, Any]) -> Form:
    from emergence.your_curve.measured import Form

    return Form(**options)


def _asked(found: Found, form: Form) -> Form:
    """Return the form after the questions that the file leaves open were asked; an empty answer leaves them open."""
    from dataclasses import replace

    from emergence.your_curve.measured import read_frame

    curves = read_frame(found.frame, form).curves
    shares = [c for c in curves if c.curve.kind == "share"]
    if any(c.curve.items is None for c in shares):
        given = click.prompt(
            "Test items behind each score (empty: not known)", default="", show_default=False, err=True
        )
        if given.strip():
            form = replace(form, items=_items(given))
    if (
        form.chance is None
        and any(c.curve.chance == 0 and not c.falling for c in shares)
        and "chance" not in found.frame
    ):
        given = click.prompt("Share right of one who guesses (empty: 0)", default="", show_default=False, err=True)
        if given.strip():
            form = replace(form, chance=_number(given, "chance"))
    return form


def statements_for(at: Review, answers: Answers) -> list[Statement]:
    """Return the statements of a review that bear on curves; one that quotes what is not built yet, or is not there, is left out."""
    from emergence.your_curve.said import Statement, bearing
    from review_book.records.sentences import filled
    from review_book.sphinx.quotes import Sources, UnknownQuote

    sources, records, out = Sources(at), at.records, []
    for name in (name for name in bearing(answers.answers) if name in records.statements.by_id):
        item = records.statements.statement(name)
        try:
            text = filled(item.statement, sources.fill)
        except UnknownQuote:
            continue
        page = f"statements/{records.statements.chapter_of(name)}.html#s-{name}"
        out.append(Statement(name, text, records.rules.title(records.grader.grade(item).grade), page))
    return out


def _scale(value: str) -> float:
    """Return a scale that is given as a number or with its letter."""
    from emergence.your_curve.measured import number_of

    number = number_of(value)
    if math.isnan(number) and value.strip().lower() != "nan":  # that one is told with what is infinite
        raise Refusal(f"given {value}; needed: a scale as 7e10, 70000000000 or 70B")
    return number


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@_reads
@click.option(
    "--next",
    "wanted",
    type=_scale,
    multiple=True,
    metavar="SCALE",
    help="A scale to forecast; repeat it. Default: 3 and 10 times the largest.",
)
@click.option(
    "--draws",
    type=click.IntRange(0, 2000),
    default=50,
    show_default=True,
    help="Simulated curves for each height of a step; 0 leaves the power out.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Where to write: a folder, or a name without ending; default: the name of PATH with _curve, here.",
)
@click.option(
    "--ask/--no-ask", "asks", default=None, help="Whether to ask what the file leaves open; default: at a terminal."
)
@click.option(
    "--format", "form_of", type=click.Choice(["text", "json"]), default="text", show_default=True, help="What to print."
)
def curve(
    path: Path, map_file: Path | None, scales: tuple[str, ...], wanted: tuple[float, ...], draws: int, out: Path | None,
    asks: bool | None, form_of: str, **options: Any,  # noqa: ANN401  # click has typed them
) -> None:  # fmt: skip
    """Ask of PATH, scores of your own models, whether a jump is real, what the next size will do, and what to measure.

    PATH is a CSV file with a column for scale and one for score, a log of Inspect or of lm-evaluation-harness, or a folder
    of logs. The answer is printed, and written as text, JSON and one HTML page that stands alone.
    """
    from dataclasses import replace
    from functools import partial

    from emergence.your_curve.answer import ask
    from emergence.your_curve.page import page
    from emergence.your_curve.said import as_text
    from review_utils.data.tables import table

    found = _found(path, map_file, scales)
    form = _form(options)
    if asks or (asks is None and sys.stdin.isatty() and sys.stdout.isatty()):
        form = _asked(found, form)
    try:
        at: Review | None = review()
        record = (
            table("forecast_record", at.data)
            if at and (at.data / "derived" / "forecast_record.csv").is_file()
            else None
        )
    except NoReview:
        at, record = None, None
        click.echo("No review is here: how such forecasts fared, and what the review says, are left out.", err=True)
    stem = Path(f"{re.sub(r'[^A-Za-z0-9._-]+', '_', path.resolve().name.removesuffix(path.suffix)) or 'your'}_curve")
    if out:
        stem = out / stem if out.is_dir() else out
    _spare(stem, at, [path, map_file])
    answers = ask(found.frame, form, record=record, scales=wanted, draws=draws, tell=partial(click.echo, err=True))
    if found.notes:
        noted = tuple(replace(a, guesses=(*found.notes, *a.guesses)) for a in answers.answers)
        answers = replace(answers, answers=noted)
    statements = statements_for(at, answers) if at else []
    made_by = f"Made by review curve of {at.records.about.name}. Nothing was sent anywhere." if at else ""
    written = {  # JSON first: by it a later run knows the others as its own
        ".json": json.dumps(
            {**answers.as_dict(), "statements": [vars(s) for s in statements]}, indent=1, ensure_ascii=False
        )
        + "\n",
        ".txt": as_text(answers, statements),
        ".html": page(answers, statements, made_by),
    }
    files = {stem.with_name(stem.name + ending): text for ending, text in written.items()}
    for file, text in files.items():
        write_atomically(file, text)
    for file in files:
        click.echo(f"wrote {file}", err=True)
    click.echo(written[".json" if form_of == "json" else ".txt"], nl=False)  # last: whoever reads may stop reading


def _spare(stem: Path, at: Review | None, read: Sequence[Path | None]) -> None:
    """Refuse to write over what was read, into the records, or over a file that this command did not write."""
    from dataclasses import fields

    from emergence.your_curve.answer import Answers

    files = [stem.with_name(stem.name + ending) for ending in (".json", ".txt", ".html")]
    for file in files:
        if any(one and file.resolve() == one.resolve() for one in read):
            raise Refusal(f"given --out {stem}; needed: another name, since {file} is read")
        if at and file.resolve().is_relative_to(at.data.resolve()):
            raise Refusal(f"given --out {stem}; needed: a place outside data/, which holds records")
    try:
        before = json.loads(files[0].read_text(encoding="utf-8"))
        ours = isinstance(before, dict) and before.keys() == {"statements", *(field.name for field in fields(Answers))}
    except (OSError, ValueError):
        ours = False
    if not ours and (other := next((file for file in files if file.exists()), None)):
        raise Refusal(f"{other} exists, and this command did not write it; needed: --out with another name")


@click.group()
def new() -> None:
    """Begin something new from a file."""


@new.command()
@click.option(
    "--from", "path", type=click.Path(path_type=Path),
    help="Scores: what review curve reads. Without them: a plain page to begin from.",
)  # fmt: skip
@click.option("--name", required=True, help="Of the analysis: lower-case letters, digits and underscores.")
@click.option(
    "--chapter", default="", help="The chapter that it belongs to; without one, those of the review are listed."
)
@click.option("--title", default="", help="A question; of scores, default one that names the curves.")
@_reads
def analysis(
    path: Path | None, name: str, chapter: str, title: str, map_file: Path | None, scales: tuple[str, ...],
    **options: Any,  # noqa: ANN401  # click has typed them
) -> None:  # fmt: skip
    """Write an analysis: a notebook in the form of the book, named in its contents; of scores of your own, or to begin from."""
    from emergence.your_curve.measured import read_frame
    from emergence.your_curve.template import listed, notebook
    from review_book.living.cells import formatted
    from review_book.living.scaffold import plain
    from review_utils.records.reading import did_you_mean

    at, address = review(), f"{chapter}/{name}"
    if chapter not in (chapters := at.records.about.chapters):
        need = f"--chapter with one of {', '.join(chapters)}{did_you_mean(chapter, chapters)}"
        raise Refusal(f"given {f'the chapter {chapter}' if chapter else 'no chapter'}; needed: {need}")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise Refusal(f"given the name {name!r}; needed: lower-case letters, digits and underscores, a letter first")
    page, contents = at.root / "analyses" / f"{address}.md", at.root / "_toc.yml"
    if page.exists():
        raise Refusal(f"analyses/{address}.md exists; choose another name, or edit that page")
    entries = listed(contents.read_text(encoding="utf-8"), address)
    notes: tuple[str, ...]
    if path is None:
        text, notes = plain(address, title), ()
    else:
        found, form = _found(path, map_file, scales), _form(options)
        text, notes = notebook(found.frame, read_frame(found.frame, form), form, address, title), found.notes
    write_atomically(page, formatted(text))
    write_atomically(contents, entries)
    for note in notes:
        click.echo(f"Taken for granted: {note}")
    click.echo(
        f"wrote analyses/{address}.md and named it in _toc.yml; next: review run {address}, make book, make accept"
    )


COMMANDS = (curve, new)
