"""Commands on the records: check them, show what follows from them, add to them."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from review_book.commands import DATE, FORMAT, Refusal, review, today, writing
from review_utils.records.reading import uncollected

if TYPE_CHECKING:
    from emergence.records.forecasts import Forecast
    from review_book.review import Review
    from review_utils.records.reading import Problem
    from review_utils.records.register import Finding


@uncollected()
def check_everything(at: Review) -> list[Problem]:
    """Return the problems of all records of a review, of its tables, its traces, its history and its prose."""
    from review_book.living.history import check_clock, load_history, recorded_otherwise
    from review_book.living.kept import check_kept
    from review_book.living.prose import check_prose
    from review_book.pages.formulas import formula_problems
    from review_book.records.claims import parted
    from review_book.records.screened import told_twice, unpaired
    from review_book.records.studies import unlike_laws, unseen_places
    from review_book.records.surroundings import check_surroundings
    from review_book.records.tables import check_tables, check_traces
    from review_utils.records.reading import RecordError

    with contextlib.suppress(RecordError):  # said below, with the rest
        check_clock(at.data)
    problems = {*at.records.problems(), *check_tables(at.data), *check_traces(at.data), *check_surroundings(at.root)}
    with contextlib.suppress(RecordError):  # told above
        problems |= set(check_prose(at))
    with contextlib.suppress(RecordError):  # told above
        problems |= set(unpaired(at.records.searches, at.records.studies, at.data, at.records.register.findings))
        problems |= set(told_twice(at.records.searches, at.records.studies.references, at.data))
    with contextlib.suppress(RecordError):  # told above
        problems |= set(parted(at.records.ledger, at.records.printed))
        problems |= set(unseen_places(at.data, at.records.studies))
    with contextlib.suppress(RecordError, AttributeError):  # told above; a subject without laws
        problems |= set(formula_problems(at.records.laws, at.root))
        problems |= set(unlike_laws(at.records.studies, at.records.laws))
    with contextlib.suppress(RecordError):  # told above, or with the history
        problems |= set(recorded_otherwise(at.records.register, at.data))
    try:
        load_history(at.data)
        problems |= set(check_kept(at.data, at.records.about.branch))
    except RecordError as error:
        problems |= set(error.problems)
    return sorted(problems)


@click.command()
def check() -> None:
    """Check every record and what the prose quotes, and report all that is wrong, not only the first."""
    from review_book.living.kept import has_older, is_apart, is_shallow

    at, started = review(), time.perf_counter()
    if problems := check_everything(at):
        listing = "\n".join(map(str, problems))
        raise Refusal(f"{listing}\n{len(problems)} problem{'s' if len(problems) > 1 else ''}")
    click.echo(f"all records are sound ({time.perf_counter() - started:.1f} s)")
    branch = at.records.about.branch
    if not has_older(at.data, branch):
        click.echo(
            "history and seals were compared with no older copy: there is none here, neither of a commit nor of a release"
        )
    elif is_shallow(at.data):
        click.echo(
            "history and seals were compared with the commits of this clone alone, which is shallow; git fetch --unshallow brings the rest"
        )
    elif is_apart(at.data, branch):
        click.echo(
            f"history and seals were compared with the commits that are out here: the published branch {branch} is not in this clone; "
            f"git fetch origin {branch}:{branch} brings it, and branch in data/review.yml names another"
        )


@click.command()
def schemas() -> None:
    """Write the schemas that editors check records with, from the models."""
    from review_book.files import write_atomically
    from review_book.records.kinds import schemas as all_schemas

    folder = review().data / "schemas"
    for name, schema in all_schemas().items():
        text = json.dumps(schema, indent=1, ensure_ascii=False)
        write_atomically(folder / name, f"{text}\n")
        click.echo(f"wrote data/schemas/{name}")


def _until_today(day: dt.datetime) -> dt.date:
    if day.date() > today():
        raise Refusal(f"given --as-of {day.date()}; needed: a day up to today, {today()}")
    return day.date()


@click.command()
@click.option("--as-of", type=DATE, help="As it could be known on this day (2025-06-30).")
@click.option(
    "--clock",
    type=click.Choice(["published", "recorded"]),
    default="published",
    show_default=True,
    help="Which date of a finding counts.",
)
@FORMAT
def status(as_of: dt.datetime | None, clock: str, form: str) -> None:
    """Show the status of every shape, with what blocks it and what would lift that."""
    from review_utils.records.status import as_of as register_as_of
    from review_utils.records.status import status_of_all

    register = review().records.register
    if as_of:
        register = register_as_of(register, _until_today(as_of), clock)  # type: ignore[arg-type]  # click has checked it
    statuses = status_of_all(register)
    if form == "json":
        click.echo(json.dumps([asdict(s) for s in statuses], indent=2, ensure_ascii=False))
        return
    click.echo(f"{len(register.findings)} findings")
    width = max(len(s.shape) for s in statuses)
    for s in statuses:
        lifts = "; ".join(check.lifted_by for check in s.blocking)
        click.echo(f"{s.shape:<{width}}  {s.count:>3}  {s.level:<8}  {s.verdict:<8}  {lifts}")


@click.command()
@click.option("--chapter", help="Only those of one chapter, as scaling_laws.")
@click.option(
    "--as-of",
    type=DATE,
    help="By the studies that were published by this day (2025-06-30), and our own analyses from the first day of the history on.",
)
@click.option("--without", help="Only the grades that would change if this study, by its key, were retracted.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def statements(chapter: str | None, as_of: dt.datetime | None, without: str | None, as_json: bool) -> None:
    """List every statement with its grade, the counts behind it, and what would change it."""
    from review_book.living.history import first_day
    from review_book.records.grades import if_retracted
    from review_utils.records.reading import did_you_mean

    records = review().records
    found, grader = records.statements, records.grader
    if as_of:
        grader = grader.as_of(_until_today(as_of), first_day(records.data))
    if chapter is not None and chapter not in found.chapters:
        hint = did_you_mean(chapter, found.chapters) or f"; there are: {', '.join(found.chapters)}"
        raise Refusal(f"no chapter {chapter!r}{hint}")
    chosen = found.chapters[chapter] if chapter else tuple(found)
    if without is not None:
        try:
            records.studies.study(without)
        except KeyError as error:
            raise Refusal(str(error.args[0])) from None
        if without not in grader.studies.by_key:
            raise Refusal(f"given {without}, which was not out yet; needed: a study of that day")
        moved = if_retracted(chosen, grader, without)
        if as_json:
            click.echo(json.dumps([asdict(one) for one in moved], indent=2))
            return
        for one in moved:
            click.echo(f"{one.id}: {one.before} -> {one.after}")
        click.echo(f"{len(moved)} of {len(chosen)} grades would change without {without}")
        return
    rows = [
        {
            "id": item.id,
            "chapter": found.chapter_of(item.id),
            "headline": item.headline,
            **asdict(grader.grade(item)),
            "falls_without": grader.falls_without(item),
            "moves_with": grader.moves_with(item),
            "under_other_rules": {} if as_of else grader.under_readings(item),
        }
        for item in chosen
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max((len(item.id) for item in chosen), default=0)
    for row in rows:
        count, falls = row["tally"], ", ".join(f"{k} ({v})" for k, v in row["falls_without"].items())
        click.echo(
            f"{row['grade']:<12}{'*' if row['headline'] else ' '} {row['id']:<{width}}  direct groups {count['direct_groups']}, "
            f"groups {count['groups']}, replications {count['replications']}, against {count['against']}"
            f"{'; other without ' + falls if falls else ''}"
        )
    click.echo(f"{len(rows)} statements; * is a headline")


@click.group(invoke_without_command=True)
@click.option("--today", "day", type=DATE, help="Settle questions as they could be on this day. Default: today.")
@click.pass_context
def forecast(context: click.Context, day: dt.datetime | None) -> None:
    """List the forecasts about the record, and score those that are settled."""
    if context.invoked_subcommand:
        return
    from emergence.records.forecasts import resolve, score, void_by, voided

    at = review()
    until = day.date() if day else today()
    first = min((item.made_on for item in at.records.forecasts), default=until)
    if day and not first <= until <= today():
        raise Refusal(
            f"given --today {until}; needed: from the day of the first forecast, {first}, to today, {today()}"
        )
    scores: dict[str, list[float]] = {"Brier": [], "CRPS": []}
    for item in at.records.forecasts:
        void = void_by(item, at.records.void)
        outcome = None if void else resolve(item, at.records.register, until)
        said = (
            f"{item.probability:.0%}"
            if item.quantiles is None
            else " ".join(f"{k}: {v:g}" for k, v in item.quantiles.items() if k in ("0.05", "0.5", "0.95"))
        )
        alone = voided(item, at.records.found)
        end = f"void since {void.since}" if void else f"open until {item.resolves_by}"
        if alone:
            end = f"void: {alone.void_because}"
        elif item.rule.kind == "at-address" and not void:
            end += f", read at {item.rule.address}"
        if outcome:
            value = score(item, outcome)
            scores["CRPS" if item.quantiles else "Brier"].append(value)
            end = f"settled {outcome.on}: {outcome.value:g}, score {value:.3g}"
        click.echo(f"{item.made_on}  {item.id:<44} {said:<36} {end}")
    for name, values in scores.items():
        if values:
            click.echo(f"{len(values)} settled, mean {name} score {sum(values) / len(values):.3g}")
    count = len(at.records.forecasts)
    no_longer = sum(
        void_by(f, at.records.void) is not None or voided(f, at.records.found) is not None for f in at.records.forecasts
    )
    open_now = count - no_longer - sum(map(len, scores.values()))
    click.echo(f"{count} forecasts, {no_longer} void, {open_now} open on {until}")
    for rule in at.records.void:
        click.echo(f"void since {rule.since}: {rule.kind}, because {rule.because}")


@forecast.command("file")
@click.argument("draft", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the draft and say what would be filed; file nothing.")
def file_draft(draft: Path, dry_run: bool) -> None:
    """File the forecasts of DRAFT, a YAML list of forecasts without seals: seal them and add them to the ledger.

    What is filed stands for good. With --dry-run it is checked alike and shown, and nothing is written.
    """
    from emergence.records.forecasts import Forecast, asks_of, check_draft, file_forecast, out_of_order
    from review_book.records.cut import cut_texts
    from review_book.records.marked import marked_texts
    from review_utils.records.reading import RecordError, parse_list, read_yaml

    at, located, day = review(), read_yaml(draft), today()
    unsealed = "0" * 16
    if isinstance(located.data, list):
        for item in filter(lambda item: isinstance(item, dict), located.data):
            if brought := [name for name in ("seal", "snapshot") if name in item]:
                raise Refusal(f"{item.get('id')}: given a {brought[0]}; needed: none, since filing gives it")
        sealed = [{**item, "seal": unsealed} if isinstance(item, dict) else item for item in located.data]
        located = replace(located, data=sealed)
    forecasts = parse_list(Forecast, located)  # all are sound, or none is filed
    if not forecasts:
        raise Refusal(f"{draft}: an empty list; needed: at least one forecast")
    problems = [*cut_texts(draft, located.text), *marked_texts(draft, located.text)]
    problems += [
        located.problem((i, "made_on"), str(item.made_on), f"the day on which it is filed, {day}")
        for i, item in enumerate(forecasts)
        if abs((item.made_on - day).days) > 1  # where the author is, it may be yesterday or tomorrow
    ]
    for i, item in enumerate(forecasts):
        problems += [
            located.problem((i, field), given, need) for field, given, need in out_of_order(item, forecasts[:i])
        ]
    if problems:
        raise RecordError(problems)
    drafts = [item.model_dump(exclude={"seal"}, exclude_none=True) for item in forecasts]
    if twice := next((item.id for i, item in enumerate(forecasts) if item.id in {f.id for f in forecasts[:i]}), None):
        raise Refusal(f"given the id {twice} twice; needed: one of its own for each")
    asked = [asks_of(item) for item in forecasts]
    if again := next((item.id for i, item in enumerate(forecasts) if asked[i] in asked[:i]), None):
        raise Refusal(f"{again}: given a question that stands twice; needed: each once, with one answer")
    try:
        with writing(at):
            for item in drafts:
                check_draft(item, at.data, at.records.register)
            if dry_run:
                for one in forecasts:
                    click.echo(_told(one))
                click.echo(f"{len(forecasts)} would be filed, for good; nothing was written")
                return
            for item in drafts:
                filed = file_forecast(item, at.data, at.records.register)
                click.echo(f"filed {filed.id}, seal {filed.seal}")
    except ValueError as error:
        raise Refusal(str(error)) from None


def _told(one: Forecast) -> str:
    """Return a forecast as it is read before it is sealed: what is asked, by when, what settles it and what is said."""
    said = (
        f"probability {one.probability:g}"
        if one.probability is not None
        else "quantiles " + ", ".join(f"{level}: {value:g}" for level, value in (one.quantiles or {}).items())
    )
    rule = ", ".join(f"{field} {value}" for field, value in one.rule.model_dump(mode="json", exclude_none=True).items())
    return f"{one.id}: {one.question}\n  made {one.made_on}, settled by {one.resolves_by}; {said}\n  rule: {rule}"


@click.command("what-if")
@click.argument("file", type=click.Path(path_type=Path))
@FORMAT
def what_if(file: Path, form: str) -> None:
    """Show what would change if FILE, a finding's record, were in the register; or, where it is, what it changes."""
    from review_book.living.authoring import what_it_brings
    from review_book.records.register import load_finding, twice

    at = review()
    if file.is_dir():
        raise Refusal(f"given the folder {file}; needed: the file of one finding, as data/findings/NAME.yml")
    register, finding = at.records.register, load_finding(file.resolve())
    if said := twice(register, finding):
        click.echo(f"review check would refuse it: {said}; it counts as one more in what follows", err=True)
    if form == "json":
        changes = [asdict(change) for change in what_it_brings(register, finding)[1]]
        click.echo(json.dumps(changes, indent=2, ensure_ascii=False))
    else:
        _show_consequences(at, finding)


def _show_consequences(at: Review, finding: Finding) -> None:
    from review_book.living.authoring import consequences

    found = consequences(at.root, at.records.register, finding)
    if found.without:
        click.echo(f"{finding.id} is in the register; what follows is against the register without it.")
    parts = [("What changes now:", found.now)]
    if any(place.standing == "candidate" for place in finding.shapes):
        parts.append(("What would change if its own candidate shapes were accepted:", found.if_accepted))
    for title, changes in parts:
        click.echo(title)
        for change in changes:
            click.echo(f"  {change.kind:<10} {change.subject}: {change.before} -> {change.after}")
        if not changes:
            click.echo("  nothing")
    again = ", ".join(found.analyses) or "none is built yet; run make book"
    click.echo(f"Analyses that read the register and run again: {again}")
    click.echo(f"Claims that they check: {', '.join(found.claims) or 'none'}")
    click.echo(f"Figures drawn anew: {', '.join(found.figures) or 'none'}")


@click.command()
@click.argument("finding_id")
@click.option(
    "--arxiv",
    help="arXiv id (2502.17424) or address; title, authors and date are taken from there when a network is there.",
)
@click.option("--title", help="As printed.")
@click.option("--author", "authors", multiple=True, help="One author as printed, Ann Bo and not Bo, Ann; repeat it.")
@click.option("--authors-note", help="Where the list of authors is not whole: who else, or how many.")
@click.option("--published", help="2025, 2025-03 or 2025-03-14.")
@click.option("--url", help="Where to read it.")
@click.option("--venue", help="Journal, conference or site.")
@click.option("--model", "models", multiple=True, help="One model that was studied; repeat it.")
@click.option("--summary", required=True, help="What was found, in your own words.")
@click.option(
    "--group",
    required=True,
    help="The laboratory or team: its id in data/groups.yml, where a new one gets a name; rules ask for shared authors.",
)
@click.option(
    "--role",
    required=True,
    help="What it is to the subject: one of the roles of data/review.yml.",
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
    from review_book.living.authoring import AddError, Draft, add_finding, arxiv_of, fetch_arxiv
    from review_book.records.register import load_finding

    at = review()
    at.records.register  # noqa: B018  # a fault in it is said first
    groups = [group.id for group in at.records.groups]
    arxiv = arxiv_of(arxiv, url)
    if arxiv and url and "arxiv.org" in url:
        url = f"https://arxiv.org/abs/{arxiv}"
    if arxiv and not (title and authors and published):
        paper = fetch_arxiv(arxiv)
        title, authors, published = title or paper.title, authors or paper.authors, published or paper.published
        url = url or paper.url
    if not (title and authors and published and (arxiv or url)):
        raise AddError("needed: --arxiv, or --title, --author, --published and --url")
    draft = Draft(finding_id, title, authors, published, arxiv=arxiv, url=url, **rest)  # type: ignore[arg-type]  # click has typed the rest
    with writing(at):
        path = add_finding(at.root, draft)
    click.echo(
        f"wrote {path.relative_to(at.root)}; open it, judge the criteria, and add measurements with their places"
    )
    if groups and draft.group not in groups:
        click.echo(f"wrote the new group {draft.group} into data/groups.yml; give it its name there")
    _show_consequences(at, load_finding(path))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Everything in the records, for programs.")
@click.option(
    "--standing", type=click.Choice(["live", "superseded", "erratum", "contested"]), help="Only laws that stand so."
)
def laws(as_json: bool, standing: str | None) -> None:
    """List the published scaling laws: id, standing, form and range, family by family."""
    found = review().records.laws
    if as_json:
        rows = [row for row in found.rows() if standing in (None, found.law(str(row["id"])).status.is_)]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    shown = 0
    for family, members in found.families.items():
        kept = [law for law in members if standing in (None, law.status.is_)]
        if kept:
            click.echo(family)
        for law in kept:
            click.echo(f"  {law.id:<24} {law.status.is_:<10}  {law.form.latex}")
            click.echo(f"  {'':<24} {'':<10}  {law.ranges or 'range not read'}")
        shown += len(kept)
    click.echo(f"{shown} laws of {len(found)}")


COMMANDS = (check, schemas, status, statements, laws, forecast, what_if, add)
