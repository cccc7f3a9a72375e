"""Searches of the literature: the protocol, every run, and every decision, under ``data/searches``."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt, ValidationError, model_validator

from review_book.records.duplicates import Measured, measured
from review_book.records.references import not_its_day
from review_utils.records.quantities import ARXIV, Day, DayOfWork, newest_day
from review_utils.records.reading import (
    FieldError,
    Located,
    Problem,
    Record,
    RecordError,
    Slug,
    Text,
    did_you_mean,
    each_once,
    parse,
    parse_list,
    problems_of,
    read_text,
    read_yaml,
)

Stage = Literal["title-abstract", "full-text"]
Verdict = Literal["include", "exclude", "wait"]
NoticeKind = Literal["retraction", "correction", "new-version", "published"]
COLUMNS = ("id", "title", "year", "run", "stage", "decision", "reason", "date", "chapter")
METHODS = ("references", "critique", "earlier")
"""How a work was met where no run met it: by citation, named by a critic, or before runs were logged."""

DESCRIBED = ("id", "title", "authors", "published", "ids", "venue", "url")
_WORK_ID = (
    rf"^(arXiv:{ARXIV}|doi:10\.[^\s<>\"]+|url:https?://[^\s<>\"@]+|key:[a-z0-9]+|openalex:W\d+|s2:[0-9a-f]{{40}})$"
)


def _work_id(text: str) -> str:
    if not re.search(_WORK_ID, text):
        raise ValueError("an id as arXiv:2401.01234, without its version, or doi:10.…, url:https://…, key:…, openalex:W…, s2:… with 40 digits")  # fmt: skip
    return text


def _year(text: str) -> str:
    if text and not re.fullmatch(r"[0-9]{4}", text):
        raise ValueError("the year in which it came out, as 2025, or nothing")
    return text


WorkId = Annotated[str, AfterValidator(_work_id), Field(json_schema_extra={"pattern": _WORK_ID})]
"""What names a work in a decision."""

Terms = Sequence[Sequence[str]]
"""Groups of words, each an alternative; a work must hold one of each group."""


class Criterion(Record):
    """A reason for which a work comes in, stays out or waits."""

    id: Slug
    title: Text
    decides: Literal["include", "exclude", "wait"]
    subject: bool = False
    """Whether a title and an abstract show it: that a work is a duplicate, or has a fault, they do not."""


class Query(Record):
    """A question put to indexes of papers: groups of alternatives, of which a work must hold one each."""

    id: Slug
    chapter: Text
    terms: Annotated[
        list[Annotated[list[Annotated[str, Field(pattern=r"^[\w -]+$")]], Field(min_length=1)]], Field(min_length=1)
    ]
    since: Day | None = None

    @model_validator(mode="after")
    def _can_find(self) -> Self:
        if self.since and self.since > newest_day():
            raise FieldError(
                "a day that is not in the future, since nothing that came out after it can be found", "since"
            )
        return self


class Protocol(Record):
    """How the review searches: questions by chapter, sources, limits, criteria."""

    purpose: Text
    sources: dict[Slug, Text]
    questions: dict[Text, list[Text]]
    since: Text
    languages: list[Text]
    criteria: Annotated[list[Criterion], Field(min_length=1)]
    in_doubt: Text
    every: Text
    returns_at_most: dict[Slug, PositiveInt] = {}
    """Of a source that returns so many works to a query at most, how many."""
    queries: list[Query] = []

    def reasons(self, decides: str) -> list[Criterion]:
        """Return the criteria that decide one way."""
        return [criterion for criterion in self.criteria if criterion.decides == decides]


class Run(Record):
    """One look-up: when, where, the exact query, and how many came back."""

    id: Slug
    date: DayOfWork
    source: Slug
    query: Text
    returned: NonNegativeInt
    chapters: Annotated[list[Text], Field(min_length=1)]
    asks: Slug | None = None
    """The query of the protocol that it put, where it put one."""


class Described(Record):
    """What an index or a file says of a work, so that it is known again and can be handed to other programs."""

    id: WorkId
    title: Text
    authors: str
    published: Annotated[str, Field(pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$")]
    ids: str
    venue: str
    url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")]

    @property
    def people(self) -> list[str]:
        """The authors, each as printed."""
        return [name for name in self.authors.split("; ") if name]


class Decision(Record):
    """What was decided about a work, at which stage, and why."""

    id: WorkId
    title: Text
    year: Annotated[str, AfterValidator(_year)]
    run: Text
    stage: Stage
    decision: Verdict
    reason: Slug
    date: DayOfWork
    chapter: Text


class Notice(Record):
    """What an index said became of an included study, and when we saw it."""

    study: Text
    kind: NoticeKind
    detail: Text
    seen: DayOfWork


class Watch(Record):
    """When indexes were last asked what became of the included studies, of how many, and what they said."""

    watched: DayOfWork | None = None
    studies: NonNegativeInt = 0
    notices: list[Notice] = []


_WEIGHT: Mapping[Verdict, int] = {"exclude": 0, "wait": 1, "include": 2}


PAPERS = ("arxiv", "openalex", "semanticscholar")
"""Sources that are indexes of papers."""

NEW_DAYS = 90
"""A work is new as long as it was included so few days before the last search."""


@dataclass(frozen=True)
class Flow:
    """How many works went which way, by PRISMA 2020's boxes for a living review.

    Identified are meetings of a work by a run for a chapter: ``identified = duplicates + screened + waiting``, and
    ``screened = included + excluded``. The ways add up to what was identified; `excluded_on_text` and `included_on_text`
    are parts of what was excluded and included, `new` is the part that was first included since the day `since`.
    """

    lookups: int
    returned: int
    identified: int
    ways: tuple[tuple[str, int], ...]
    duplicates: int
    screened: int
    excluded: int
    excluded_on_text: int
    reasons: tuple[tuple[str, int], ...]
    waiting: int
    included: int
    included_on_text: int
    new: int
    since: dt.date


@dataclass(frozen=True)
class Searches:
    """The protocol with all runs and decisions."""

    protocol: Protocol
    runs: Sequence[Run]
    decisions: Sequence[Decision]
    described: Mapping[str, Described] = field(default_factory=dict)
    measured: Sequence[Measured] = ()

    @property
    def asked(self) -> list[str]:
        """The sources that were asked, in the order of the protocol."""
        used = {run.source for run in self.runs}
        return [name for name in self.protocol.sources if name in used]

    def waiting(self, chapter: str = "all") -> list[Decision]:
        """Return the works that wait for a decision, those that wait longest first."""
        return sorted(
            (d for d in self.last_decisions(chapter) if d.decision == "wait"), key=lambda d: self.met_on[d.id]
        )

    @cached_property
    def met_on(self) -> dict[str, dt.date]:
        """The day on which each work was first met; a later row that says why it still waits does not move it."""
        return {item.id: item.date for item in sorted(self.decisions, key=lambda item: item.date, reverse=True)}

    @property
    def last(self) -> dt.date:
        """The day of the last run."""
        return max(run.date for run in self.runs)

    @cached_property
    def first_met(self) -> Counter[str]:
        """How many works each run met that none had met before: they add up to the works of the table.

        One thing that came back, a file or a list, may name several works.
        """
        return Counter({item.id: item.run for item in reversed(self.decisions)}.values())

    def last_decisions(self, chapter: str = "all") -> list[Decision]:
        """Return the last decision on each work, in the order in which works were first met.

        Where chapters decide otherwise, one that includes counts before one that waits, and that before one that excludes.
        """
        by_chapter: dict[tuple[str, str], Decision] = {}
        for item in self.decisions:
            if chapter in ("all", item.chapter):
                by_chapter[item.id, item.chapter] = item
        chosen: dict[str, Decision] = {}
        for item in by_chapter.values():
            before = chosen.get(item.id)
            if before is None or _WEIGHT[item.decision] > _WEIGHT[before.decision]:
                chosen[item.id] = item
        return list(chosen.values())

    def flow(self, chapter: str = "all") -> Flow:
        """Count works by what became of them, for one chapter or all."""
        runs = [run for run in self.runs if chapter == "all" or chapter in run.chapters]
        met = {(item.id, item.run, item.chapter) for item in self.decisions if chapter in ("all", item.chapter)}
        last = self.last_decisions(chapter)
        counts = Counter(item.decision for item in last)
        on_text = Counter(item.decision for item in last if item.stage == "full-text")
        reasons = Counter(item.reason for item in last if item.decision == "exclude")
        sources = {run.id: run.source for run in self.runs}
        ways = Counter(_way(sources.get(run)) for _, run, _ in met)
        since = self.last - dt.timedelta(days=NEW_DAYS)
        old = {item.id for item in self.decisions if item.decision == "include" and item.date < since}
        return Flow(
            lookups=len(runs), returned=sum(run.returned for run in runs), identified=len(met), ways=tuple(ways.most_common()),
            duplicates=len(met) - len(last), screened=counts["include"] + counts["exclude"],
            excluded=counts["exclude"], excluded_on_text=on_text["exclude"], reasons=tuple(reasons.most_common()),
            waiting=counts["wait"], included=counts["include"], included_on_text=on_text["include"],
            new=sum(item.decision == "include" and item.id not in old for item in last), since=since,
        )  # fmt: skip


def _way(source: str | None) -> str:
    """Return how a work was met, in words, by the source of the run that met it."""
    if source in PAPERS:
        return "in indexes of papers"
    if source == "import":
        return "in imported files"
    return "by citation or a reader" if source in (None, "reading", "lists") else "in stored pages"


def load_watch(data: Path) -> Watch:
    """Return what was noticed of the included studies; nothing, on no day, where no index was asked yet."""
    path = data / "searches" / "watch.yml"
    return parse(Watch, read_yaml(path)) if path.is_file() else Watch()


def load_searches(data: Path) -> Searches:
    """Return the protocol, the runs and the decisions.

    Raises
    ------
    RecordError
        With every problem: a run of an unknown source, a decision by a reason or a run that there is not, a reason that
        decides otherwise, a table without its columns, a date after today.
    """
    folder = data / "searches"
    located = read_yaml(folder / "protocol.yml")
    protocol = parse(Protocol, located)
    runs_at = read_yaml(folder / "runs.yml")
    runs = parse_list(Run, runs_at)
    problems = [*each_once(runs_at, runs), *each_once(located, protocol.queries, at=("queries",))]
    problems += each_once(located, protocol.criteria, at=("criteria",))
    problems += each_once(located, protocol.criteria, "title", "words of its own, unlike another's", ("criteria",))
    for i, run in enumerate(runs):
        for j, name in enumerate(run.chapters):
            if name not in protocol.questions:
                problems.append(runs_at.problem((i, "chapters", j), name, _of_questions(name, protocol)))
        if run.source not in protocol.sources:
            need = f"a source of the protocol{did_you_mean(run.source, protocol.sources)}"
            problems.append(runs_at.problem((i, "source"), run.source, need))
        most = protocol.returns_at_most.get(run.source)
        if most is not None and run.returned > most:
            need = f"at most {most}, which {run.source} returns by returns_at_most of the protocol"
            problems.append(runs_at.problem((i, "returned"), run.returned, need))
    for name in protocol.returns_at_most:
        if name not in protocol.sources:
            need = f"a source that stands above{did_you_mean(name, protocol.sources)}"
            problems.append(located.problem(("returns_at_most", name), name, need))
    problems += _queries(protocol, located, runs, runs_at)
    decisions = list(_decisions(folder / "decisions.csv", protocol, {run.id: run.date for run in runs}, problems))
    met = Counter(run for _, run in {(item.id, item.run) for item in decisions})
    for i, run in enumerate(runs):
        least = min(met[run.id], 1) if run.query.startswith("file") else met[run.id]  # one file may name many works
        chapters = {item.chapter for item in decisions if item.run == run.id}
        if chapters and not chapters & {*run.chapters}:
            need = f"{' or '.join(sorted(chapters))}, for which its works were decided"
            problems.append(runs_at.problem((i, "chapters"), ", ".join(run.chapters), need))
        if run.returned < least:
            need = f"at least {least}, since decisions say that it met as many works"
            problems.append(runs_at.problem((i, "returned"), run.returned, need))
    described = {item.id: item for item in _described(folder / "works.csv", {d.id for d in decisions}, problems)}
    measured_at = read_yaml(folder / "measured.yml") if (folder / "measured.yml").is_file() else None
    said = parse_list(Measured, measured_at) if measured_at else []
    if measured_at:
        problems += _measured_otherwise(folder / "duplicate_pairs.csv", measured_at, said)
    if not runs:
        problems.append(runs_at.problem((), "an empty list", "at least one search"))
    if problems:
        raise RecordError(problems)
    return Searches(protocol, runs, decisions, described, said)


def _measured_otherwise(path: Path, at: Located, said: Sequence[Measured]) -> Iterator[Problem]:
    """Yield pairs that stand twice, and numbers of how the rule did that are not those that it gives on the pairs."""
    if not path.is_file():
        return
    rows = list(csv.DictReader(io.StringIO(read_text(path), newline="")))
    first: dict[tuple[str, ...], int] = {}
    for line, row in enumerate(rows, 2):
        pair = tuple(cell or "" for name, cell in row.items() if name not in ("kind", "label", "half"))
        if (before := first.setdefault(pair, line)) != line:
            need = (
                f"each pair once, in one half; line {before} has the same, and what chose the levels measures nothing"
            )
            yield Located(path, None, line=line).problem(("half",), row.get("half") or "nothing", need)
    now = {one.half: one for one in measured(path)}
    for i, one in enumerate(said):
        for name, value in one.model_dump().items():
            if value != (given := getattr(now[one.half], name)):
                need = f"{given}, as the rule does on {path.name}; write it with: review search measure"
                yield at.problem((i, name), value, need)


def _of_questions(name: str, protocol: Protocol) -> str:
    return f"a chapter of the protocol's questions{did_you_mean(name, protocol.questions)}"


def _queries(protocol: Protocol, at: Located, runs: Sequence[Run], runs_at: Located) -> Iterator[Problem]:
    ids = [query.id for query in protocol.queries]
    said: dict[tuple[object, ...], str] = {}
    for i, query in enumerate(protocol.queries):
        if query.chapter not in protocol.questions:
            yield at.problem(("queries", i, "chapter"), query.chapter, _of_questions(query.chapter, protocol))
        if other := next((one.id for one in protocol.queries[:i] if one.terms == query.terms), None):
            yield at.problem(("queries", i, "terms"), query.id, f"words of its own; {other} asks for the same")
    for i, run in enumerate(runs):
        put = (run.date, run.source, run.query, tuple(run.chapters))
        if (before := said.setdefault(put, run.id)) != run.id:
            yield runs_at.problem((i, "query"), run.query, f"each look-up once; {before} is the same, of the same day")
        if i and run.date < runs[i - 1].date:
            need = f"a day from {runs[i - 1].date} on, of {runs[i - 1].id} above: look-ups stand in their order"
            yield runs_at.problem((i, "date"), str(run.date), need)
        asked = next((query.chapter for query in protocol.queries if query.id == run.asks), None)
        if asked and asked not in run.chapters:
            yield runs_at.problem(
                (i, "chapters"), ", ".join(run.chapters), f"{asked} as well, of which {run.asks} asks"
            )
        if run.asks and run.asks not in ids:
            yield runs_at.problem((i, "asks"), run.asks, f"a query of the protocol{did_you_mean(run.asks, ids)}")


def read_table(path: Path, columns: Sequence[str], problems: list[Problem]) -> Iterator[tuple[Located, dict[str, str]]]:
    """Yield the rows of a table with their places; what is wrong with the table as a whole is added to the problems."""
    try:
        text = read_text(path, "a table in UTF-8")
    except RecordError as error:
        problems += error.problems
        return
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if tuple(reader.fieldnames or ()) != tuple(columns):
        given = ", ".join(reader.fieldnames or ()) or "nothing"
        problems.append(Located(path, None).problem(("(columns)",), given, ", ".join(columns)))
        return
    for row in reader:
        at = Located(path, None, line=reader.line_num)
        cells = sum(cell is not None for name, cell in row.items() if name is not None) + len(row.get(None, ()))
        formula = next((name for name, cell in row.items() if str(cell).startswith(("=", "@", "+", "-"))), None)
        if formula is not None:
            need = "text that a spreadsheet takes for text: no =, @, + or - at its beginning"
            problems.append(at.problem((formula,), row[formula], need))
        elif cells == len(columns):
            yield at, row
        else:
            problems.append(at.problem(("(row)",), f"{cells} cells", f"{len(columns)} cells"))


def _described(path: Path, decided: set[str], problems: list[Problem]) -> Iterator[Described]:
    if not path.is_file():
        return
    seen = set()
    for at, row in read_table(path, DESCRIBED, problems):
        try:
            item = Described.model_validate(row)
        except ValidationError as error:
            problems.extend(problems_of(error, at, Described))
            continue
        if item.id in seen:
            problems.append(at.problem(("id",), item.id, "each work once"))
        if item.id not in decided:
            problems.append(at.problem(("id",), item.id, "a work of decisions.csv"))
        seen.add(item.id)
        yield item


def _decisions(
    path: Path, protocol: Protocol, runs: Mapping[str, dt.date], problems: list[Problem]
) -> Iterator[Decision]:
    reasons = {criterion.id: criterion for criterion in protocol.criteria}
    said: dict[tuple[str, str, str, dt.date], Decision] = {}
    seen: set[Decision] = set()
    last: dict[tuple[str, str], dt.date] = {}
    for at, row in read_table(path, COLUMNS, problems):
        try:
            item = Decision.model_validate(row)
        except ValidationError as error:
            problems.extend(problems_of(error, at, Decision))
            continue
        if item in seen:
            problems.append(at.problem(("(row)",), item.id, "each decision once; the same row stands above"))
        seen.add(item)
        if item.year and not "1600" <= item.year <= str(newest_day().year + 1):
            problems.append(at.problem(("year",), item.year, "the year in which it came out, as 2025, or nothing"))
        first = re.match(r"arXiv:(\d\d)\d\d\.", item.id)
        if first and item.year and int(item.year) < 2000 + int(first[1]) - 1:
            need = f"{2000 + int(first[1])} or near it, when {item.id} was given"
            problems.append(at.problem(("year",), item.year, need))
        dated = item.year and item.id.startswith("url:") and not_its_day(item.year, None, item.id)
        if dated:
            problems.append(at.problem(("year",), item.year, dated.removesuffix(", or dates_note, which says why")))
        if (asked := runs.get(item.run)) and item.date < asked:
            problems.append(at.problem(("date",), str(item.date), f"a day from {asked} on, when {item.run} was made"))
        if item.chapter not in protocol.questions:
            problems.append(at.problem(("chapter",), item.chapter, _of_questions(item.chapter, protocol)))
        if item.date < (before_it := last.setdefault((item.id, item.chapter), item.date)):
            need = f"a day from {before_it} on, of a row above: of two decisions on a work for a chapter the lower one counts"
            problems.append(at.problem(("date",), str(item.date), need))
        last[item.id, item.chapter] = max(item.date, before_it)
        if item.reason not in reasons:
            problems.append(
                at.problem(("reason",), item.reason, f"a criterion of the protocol{did_you_mean(item.reason, reasons)}")
            )
        elif item.decision != "wait" and reasons[item.reason].decides != item.decision:
            problems.append(at.problem(("reason",), item.reason, f"a criterion that decides to {item.decision}"))
        if item.run not in runs and item.run not in METHODS:
            problems.append(at.problem(("run",), item.run, "the id of a run, or references, critique, earlier"))
        if item.decision == "wait":  # what waited in the morning may be decided in the evening
            yield item
            continue
        before = said.setdefault((item.id, item.chapter, item.stage, item.date), item)
        if before.decision != item.decision:
            need = f"one decision a day, stage and chapter; it says {before.decision} too"
            problems.append(at.problem(("decision",), item.decision, need))
        yield item
