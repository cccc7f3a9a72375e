"""The command line: ``review`` and its commands."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from review_book.commands.lab import lab
from review_book.commands.living import COMMANDS
from review_utils.records.reading import Problem, RecordError
from review_utils.review import project_root

if TYPE_CHECKING:
    from review_utils.records.register import Finding, Register


def _fail(message: str) -> None:
    click.echo(message, err=True)
    sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="review-utils")
def main() -> None:
    """Work on the review: check its records, build its pages, ask what a finding would change."""


for _command in (lab, *COMMANDS):
    main.add_command(_command)


_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How to write it.",
)


def check_everything(root: Path) -> list[Problem]:
    """Return the problems of all records of the review: register, claims, tables, references."""
    from review_book.living.history import load_history
    from review_utils.data.external import load_external
    from review_utils.data.tables import check_tables
    from review_utils.data.traces import check_traces
    from review_utils.records.claims import load_ledger
    from review_utils.records.forecasts import load_forecasts
    from review_utils.records.glossary import load_glossary
    from review_utils.records.interventions import load_interventions
    from review_utils.records.prose_checks import load_prose_checks
    from review_utils.records.register import load_register
    from review_utils.records.searches import load_sweeps
    from review_utils.records.theories import load_definitions, load_theories

    data = root / "data"
    problems: list[Problem] = []

    def tried(load: Callable[..., Any], *known: object) -> Any:  # noqa: ANN401  # whatever is loaded
        try:
            return load(data, *known)
        except RecordError as error:
            problems.extend(error.problems)
            return None

    register, ledger = tried(load_register), tried(load_ledger)
    tried(load_interventions, register)
    tried(load_forecasts, register)
    tried(load_theories, ledger)
    tried(load_definitions, ledger)
    loaders: tuple[Callable[..., Any], ...] = (
        load_prose_checks, load_external, load_glossary, load_sweeps, load_history,
    )  # fmt: skip
    for load in loaders:
        tried(load)
    return sorted({*problems, *check_tables(data), *check_traces(data)})


@main.command()
def check() -> None:
    """Check every record, and report all that is wrong, not only the first."""
    started = time.perf_counter()
    root = _root()
    problems = check_everything(root)
    if problems:
        click.echo("\n".join(map(str, problems)), err=True)
        _fail(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}")
    click.echo(f"all records are sound ({time.perf_counter() - started:.1f} s)")


def _root() -> Path:
    try:
        return project_root()
    except FileNotFoundError as error:
        _fail(str(error))
        raise


def schemas_of() -> dict[str, dict[str, object]]:
    """Return the JSON Schema of each kind of record file, by the name it has under data/schemas."""
    from pydantic import TypeAdapter

    from review_utils.data.external import ExternalSet
    from review_utils.records.claims import Claim
    from review_utils.records.forecasts import Forecast
    from review_utils.records.glossary import Term
    from review_utils.records.interventions import Intervention
    from review_utils.records.prose_checks import ProseCheck
    from review_utils.records.register import Finding, Question, ShapesFile
    from review_utils.records.searches import Sweep
    from review_utils.records.theories import DefinitionsFile, Theory

    return {
        "finding.json": Finding.model_json_schema(),
        "shapes.json": ShapesFile.model_json_schema(),
        "questions.json": TypeAdapter(list[Question]).json_schema(),
        "claims.json": TypeAdapter(list[Claim]).json_schema(),
        "external.json": TypeAdapter(list[ExternalSet]).json_schema(),
        "interventions.json": TypeAdapter(list[Intervention]).json_schema(),
        "forecasts.json": TypeAdapter(list[Forecast]).json_schema(),
        "glossary.json": TypeAdapter(list[Term]).json_schema(),
        "sweeps.json": TypeAdapter(list[Sweep]).json_schema(),
        "theories.json": TypeAdapter(list[Theory]).json_schema(),
        "definitions.json": DefinitionsFile.model_json_schema(),
        "prose_checks.json": TypeAdapter(list[ProseCheck]).json_schema(),
    }


@main.command()
def schemas() -> None:
    """Write the schemas that editors check records with, from the models."""
    folder = _root() / "data" / "schemas"
    folder.mkdir(exist_ok=True)
    for name, schema in schemas_of().items():
        (folder / name).write_text(json.dumps(schema, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        click.echo(f"wrote data/schemas/{name}")


@main.command()
@click.argument("names", nargs=-1)
def fetch(names: tuple[str, ...]) -> None:
    """Bring the third-party data sets NAMES (default: all) into data/external, each file checked by its hash."""
    from review_utils.data.external import FetchError, fetch_set, load_external

    root = _root()
    try:
        sets = {s.id: s for s in load_external(root / "data")}
    except RecordError as error:
        _fail(str(error))
    for name in names:
        if name not in sets:
            _fail(f"given {name}; needed: one of {', '.join(sets)}")
    for chosen in [sets[name] for name in names or sets]:
        try:
            with click.progressbar(length=len(chosen.files), label=chosen.id, show_eta=True) as bar:
                came = fetch_set(root, chosen, bar.update)
        except FetchError as error:
            _fail(str(error))
        click.echo(f"{chosen.id}: {len(chosen.files)} files, {came} of them new; {chosen.licence}; {chosen.cite}")


@main.command()
def build() -> None:
    """Execute what changed and build the site into _build/html."""
    from review_book.site.build import BuildFailed, build_site

    started = time.perf_counter()
    try:
        build_site(_root(), click.echo)
    except BuildFailed as error:
        _fail(f"the book was not built: {error}")
    except KeyboardInterrupt:
        _fail("interrupted; the site that stood before is untouched, and what was executed is kept")
    click.echo(f"built in {time.perf_counter() - started:.1f} s")


@main.command()
@click.option("--port", default=8000, show_default=True, help="Where to serve.")
def serve(port: int) -> None:
    """Build, serve the site, and rebuild what changes while you write."""
    import subprocess

    from livereload import Server

    root = _root()

    def rebuild() -> None:
        subprocess.run(
            [sys.executable, "-m", "review_book.commands.main", "build"],
            cwd=root,
            check=False,
            env={**os.environ, "REVIEW_PREVIEW": "1"},  # without the policy, which the reloading script breaks
        )

    rebuild()
    server = Server()
    for pattern in (
        "*.md",
        "_*.yml",
        "chapters/*.md",
        "analyses/**/*.md",
        "data/**/*",
        "src/**/*.py",
        "src/**/static/review/*",
        "src/**/templates/*",
    ):
        server.watch(str(root / pattern), rebuild)
    server.serve(root=str(root / "_build" / "html"), port=port, host="127.0.0.1")


_DATE = click.DateTime(formats=["%Y-%m-%d"])


@main.command()
@click.option("--as-of", type=_DATE, help="As it could be known on this day (2025-06-30).")
@click.option(
    "--clock",
    type=click.Choice(["published", "recorded"]),
    default="published",
    show_default=True,
    help="Which date of a finding counts.",
)
@_FORMAT
def status(as_of: dt.datetime | None, clock: str, form: str) -> None:
    """Show the status of every shape, with what blocks it and what would lift that."""
    from dataclasses import asdict

    from review_utils.records.status import as_of as register_as_of
    from review_utils.records.status import status_of_all

    register = _register()
    if as_of:
        register = register_as_of(register, as_of.date(), clock)  # type: ignore[arg-type]  # click has checked it
    statuses = status_of_all(register)
    if form == "json":
        click.echo(json.dumps([asdict(s) for s in statuses], indent=2, ensure_ascii=False))
        return
    click.echo(f"{len(register.findings)} findings")
    width = max(len(s.shape) for s in statuses)
    for s in statuses:
        lifts = "; ".join(check.lifted_by for check in s.blocking)
        click.echo(f"{s.shape:<{width}}  {s.count:>3}  {s.level:<8}  {s.verdict:<8}  {lifts}")


@main.group(invoke_without_command=True)
@click.option("--today", type=_DATE, help="Settle questions as they could be on this day. Default: today.")
@click.pass_context
def forecast(context: click.Context, today: dt.datetime | None) -> None:
    """List the forecasts about the record, and score those that are settled."""
    if context.invoked_subcommand:
        return
    from review_utils.records.forecasts import load_forecasts, resolve, score

    register = _register()
    try:
        known = load_forecasts(_root() / "data", register)
    except RecordError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    day = today.date() if today else dt.datetime.now(tz=dt.UTC).date()
    scores: dict[str, list[float]] = {"Brier": [], "CRPS": []}
    for item in known:
        outcome = resolve(item, register, day)
        said = (
            f"{item.probability:.0%}"
            if item.quantiles is None
            else " ".join(f"{k}: {v:g}" for k, v in item.quantiles.items() if k in ("0.05", "0.5", "0.95"))
        )
        end = f"open until {item.resolves_by}"
        if outcome:
            value = score(item, outcome)
            scores["CRPS" if item.quantiles else "Brier"].append(value)
            end = f"settled {outcome.on}: {outcome.value:g}, score {value:.3g}"
        click.echo(f"{item.made_on}  {item.id:<44} {said:<36} {end}")
    for name, values in scores.items():
        if values:
            click.echo(f"{len(values)} settled, mean {name} score {sum(values) / len(values):.3g}")
    click.echo(f"{len(known)} forecasts, {len(known) - sum(map(len, scores.values()))} open on {day}")


@forecast.command("file")
@click.argument("draft", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def file_draft(draft: Path) -> None:
    """File the forecasts of DRAFT, a YAML list of forecasts without seals: seal them and add them to the ledger."""
    from pydantic import ValidationError

    from review_utils.records.forecasts import Forecast, file_forecast
    from review_utils.records.reading import problems_of, read_yaml

    register, located = _register(), read_yaml(draft)
    for i, item in enumerate(located.data if isinstance(located.data, list) else [located.data]):
        try:
            filed = file_forecast(item, _root() / "data", register)
        except ValidationError as error:
            _fail("\n".join(map(str, problems_of(error, located, Forecast, (i,)))))
        except (RecordError, ValueError) as error:
            _fail(str(error))
        click.echo(f"filed {filed.id}, seal {filed.seal}")


def _register() -> Register:
    from review_utils.records.register import load_register

    try:
        return load_register(_root() / "data")
    except RecordError as error:
        _fail(str(error))
        raise


@main.command("what-if")
@click.argument("file", type=click.Path(path_type=Path))
@_FORMAT
def what_if(file: Path, form: str) -> None:
    """Show what would change if FILE, a finding's record, were in the register."""
    from dataclasses import asdict

    from review_utils.records.register import load_finding
    from review_utils.records.status import what_if as consequences

    register = _register()
    try:
        finding = load_finding(file.resolve())
    except RecordError as error:
        _fail(str(error))
    changes = consequences(register, finding)
    if form == "json":
        click.echo(json.dumps([asdict(change) for change in changes], indent=2, ensure_ascii=False))
    else:
        _show_consequences(_root(), finding, register)


def _show_consequences(root: Path, finding: Finding, register: Register) -> None:
    from review_book.living.authoring import consequences

    found = consequences(root, register, finding)
    click.echo("What changes now:")
    for change in found.now:
        click.echo(f"  {change.kind:<10} {change.subject}: {change.before} -> {change.after}")
    if not found.now:
        click.echo("  nothing")
    click.echo("What would change if its candidate shapes were accepted:")
    for change in found.if_accepted:
        click.echo(f"  {change.kind:<10} {change.subject}: {change.before} -> {change.after}")
    if not found.if_accepted:
        click.echo("  nothing")
    click.echo(
        f"Analyses that read the register and run again: {', '.join(found.analyses) or 'none is built yet; run make book'}"
    )
    click.echo(f"Claims that they check: {', '.join(found.claims) or 'none'}")
    click.echo(f"Figures drawn anew: {', '.join(found.figures) or 'none'}")


@main.command()
@click.argument("finding_id")
@click.option(
    "--arxiv", help="arXiv id (2502.17424); title, authors and date are taken from there when a network is there."
)
@click.option("--title", help="As printed.")
@click.option("--author", "authors", multiple=True, help="One author; repeat it.")
@click.option("--published", help="2025, 2025-03 or 2025-03-14.")
@click.option("--url", help="Where to read it.")
@click.option("--venue", help="Journal, conference or site.")
@click.option("--model", "models", multiple=True, help="One model that was studied; repeat it.")
@click.option("--summary", required=True, help="What was found, in your own words.")
@click.option(
    "--group", required=True, help="The group of authors; papers of one group count once where a rule says so."
)
@click.option(
    "--role",
    required=True,
    help="capacity, dispositional-drift, analytical-framework, mechanistic-substrate or adjacent.",
)
@click.option("--shape", "shapes", multiple=True, help="A shape that it may instantiate, as a candidate; repeat it.")
def add(
    finding_id: str,
    arxiv: str | None,
    title: str | None,
    authors: tuple[str, ...],
    published: str | None,
    url: str | None,
    **rest: object,
) -> None:
    """Write the record of a finding, check it, and show its consequences."""
    from review_book.living.authoring import AddError, Draft, add_finding, fetch_arxiv
    from review_utils.records.register import load_finding

    root, register = _root(), _register()
    try:
        if arxiv and not (title and authors and published):
            paper = fetch_arxiv(arxiv)
            title, authors, published = title or paper.title, authors or paper.authors, published or paper.published
            url = url or paper.url
        if not (title and authors and published and (arxiv or url)):
            raise AddError("needed: --arxiv, or --title, --author, --published and --url")
        path = add_finding(root, Draft(finding_id, title, authors, published, arxiv=arxiv, url=url, **rest))  # type: ignore[arg-type]  # click has typed the rest
    except AddError as error:
        _fail(str(error))
    click.echo(f"wrote {path.relative_to(root)}; open it, judge the criteria, and add measurements with their places")
    _show_consequences(root, load_finding(path), register)


if __name__ == "__main__":
    main()
