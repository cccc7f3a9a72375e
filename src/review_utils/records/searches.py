"""Searches of the literature: the protocol, every run, and every decision, under ``data/searches``."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, ValidationError

from review_utils.records.reading import (
    Located,
    Problem,
    Record,
    RecordError,
    Slug,
    Text,
    did_you_mean,
    parse,
    parse_list,
    problems_of,
    read_yaml,
)

Stage = Literal["title-abstract", "full-text"]
Verdict = Literal["include", "exclude", "wait"]
COLUMNS = ("id", "title", "year", "run", "stage", "decision", "reason", "date", "chapter")
Day = Annotated[dt.date, Field(strict=False)]


class Criterion(Record):
    """A reason for which a work comes in or stays out."""

    id: Slug
    title: Text
    decides: Literal["include", "exclude"]


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


class Run(Record):
    """One look-up: when, where, the exact query, and how many came back."""

    id: Slug
    date: Day
    source: Slug
    query: Text
    returned: NonNegativeInt
    new: NonNegativeInt
    chapters: Annotated[list[Text], Field(min_length=1)]


class Decision(Record):
    """What was decided about a work, at which stage, and why."""

    id: Annotated[str, Field(pattern=r"^(arXiv:\d{4}\.\d{4,5}|doi:10\.\S+|url:https?://\S+|key:[a-z0-9]+)$")]
    title: Text
    year: str
    run: Text
    stage: Stage
    decision: Verdict
    reason: Slug
    date: Day
    chapter: Text


_WEIGHT: Mapping[Verdict, int] = {"exclude": 0, "wait": 1, "include": 2}


@dataclass(frozen=True)
class Flow:
    """How many works went which way.

    Identified are meetings of a work by a run for a chapter: ``identified = duplicates + screened + waiting``, and
    ``screened = included + excluded``.
    """

    lookups: int
    returned: int
    identified: int
    duplicates: int
    screened: int
    excluded: int
    reasons: tuple[tuple[str, int], ...]
    waiting: int
    included: int


@dataclass(frozen=True)
class Searches:
    """The protocol with all runs and decisions."""

    protocol: Protocol
    runs: Sequence[Run]
    decisions: Sequence[Decision]

    @property
    def last(self) -> dt.date:
        """The day of the last run."""
        return max(run.date for run in self.runs)

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
        reasons = Counter(item.reason for item in last if item.decision == "exclude")
        return Flow(
            len(runs), sum(run.returned for run in runs), len(met), len(met) - len(last),
            counts["include"] + counts["exclude"], counts["exclude"], tuple(reasons.most_common()), counts["wait"],
            counts["include"],
        )  # fmt: skip


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
    problems: list[Problem] = []
    runs_at = read_yaml(folder / "runs.yml")
    runs = parse_list(Run, runs_at)
    today = dt.datetime.now(tz=dt.UTC).date()
    ids = [run.id for run in runs]
    for i, run in enumerate(runs):
        if run.id in ids[:i]:
            problems.append(runs_at.problem((i, "id"), run.id, "an id of its own"))
        if run.source not in protocol.sources:
            need = f"a source of the protocol{did_you_mean(run.source, protocol.sources)}"
            problems.append(runs_at.problem((i, "source"), run.source, need))
        if run.new > run.returned:
            problems.append(runs_at.problem((i, "new"), run.new, f"at most the {run.returned} that came back"))
        if run.date > today:
            problems.append(runs_at.problem((i, "date"), str(run.date), f"a day that is not after today, {today}"))
    decisions = list(_decisions(folder / "decisions.csv", protocol, set(ids), problems))
    if not runs:
        problems.append(runs_at.problem((), "an empty list", "at least one search"))
    if problems:
        raise RecordError(problems)
    return Searches(protocol, runs, decisions)


def _decisions(path: Path, protocol: Protocol, runs: set[str], problems: list[Problem]) -> Iterator[Decision]:
    reasons = {criterion.id: criterion for criterion in protocol.criteria}
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError) as error:
        problems.append(Located(path, None).problem((), type(error).__name__, "a table of decisions in UTF-8"))
        return
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        given = ", ".join(reader.fieldnames or ()) or "nothing"
        problems.append(Located(path, None).problem(("(columns)",), given, ", ".join(COLUMNS)))
        return
    said: dict[tuple[str, str, str, dt.date], Decision] = {}
    for row in reader:
        at = Located(path, None, line=reader.line_num)
        try:
            item = Decision.model_validate(row)
        except ValidationError as error:
            problems.extend(problems_of(error, at, Decision))
            continue
        if item.reason not in reasons:
            problems.append(
                at.problem(("reason",), item.reason, f"a criterion of the protocol{did_you_mean(item.reason, reasons)}")
            )
        elif item.decision != "wait" and reasons[item.reason].decides != item.decision:
            problems.append(at.problem(("reason",), item.reason, f"a criterion that decides to {item.decision}"))
        if item.run not in runs and item.run not in ("references", "critique", "earlier"):
            problems.append(at.problem(("run",), item.run, "the id of a run, or references, critique, earlier"))
        before = said.setdefault((item.id, item.chapter, item.stage, item.date), item)
        if before.decision != item.decision:
            need = f"one decision a day, stage and chapter; it says {before.decision} too"
            problems.append(at.problem(("decision",), item.decision, need))
        yield item
