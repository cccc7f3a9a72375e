"""What changed, when and why: events derived from the records and appended to ``data/history.jsonl``.

The state of the review is a mapping from topic and subject to a short text: a finding to its digest, a shape to its
rule and to its status, a claim to its verdict and numbers, a table to its digest. Events are the differences between the state that the
events so far add up to and the state of the records now. They are never written by hand: each line is chained to the
one before, so that an edit shows.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from review_book.files import append as append_to
from review_book.records.claims import Ledger
from review_book.records.grades import Grader
from review_book.records.kinds import Records
from review_book.records.sentences import PLACEHOLDER
from review_book.records.statements import Statement, Statements
from review_book.records.tables import table_infos
from review_utils.data.tables import TableInfo
from review_utils.records.chain import digest, link
from review_utils.records.claims import Claim
from review_utils.records.quantities import earliest, latest, newest_day, today
from review_utils.records.reading import (
    Located,
    Problem,
    RecordError,
    Text,
    did_you_mean,
    format_number,
    read_text,
    read_yaml,
    shorten,
)
from review_utils.records.register import Finding, Register, Shape
from review_utils.records.status import status_of_all
from review_utils.review import Explained, file_state

State = Mapping[tuple[str, str], str]
Titles = Mapping[tuple[str, str], str]
FILE = "history.jsonl"

WORDS = {
    "finding-added": "Finding added", "finding-corrected": "Finding corrected", "finding-retracted": "Finding retracted",
    "finding-renamed": "Finding renamed",
    "definition-added": "Definition written", "definition-changed": "Definition changed", "definition-removed": "Definition removed",
    "rule-added": "Rule written", "rule-changed": "Rule changed", "rule-removed": "Rule removed",
    "status-added": "Status first computed", "status-changed": "Status changed", "status-removed": "Status gone",
    "claim-added": "Claim added", "claim-corrected": "Number of a claim changed", "claim-flipped": "Verdict of a claim changed",
    "claim-removed": "Claim removed", "statement-added": "Statement added", "statement-reworded": "Statement changed",
    "statement-regraded": "Grade of a statement changed", "statement-removed": "Statement removed", "statement-renamed": "Statement renamed", "study-added": "Study included",
    "study-corrected": "Study corrected", "study-removed": "Study taken out", "forecast-added": "Forecast filed", "forecast-corrected": "Forecast changed",
    "forecast-removed": "Forecast withdrawn", "table-added": "Table added", "table-corrected": "Table corrected",
    "table-removed": "Table removed",
}  # fmt: skip
"""Every kind of event, as a reader sees it."""

CONCLUSIONS = frozenset({"finding-retracted", "definition-changed", "rule-changed", "rule-removed", "status-changed", "status-removed", "claim-flipped", "statement-regraded"})  # fmt: skip
"""The kinds that change what the review concludes; they need a reason."""


@dataclass(frozen=True)
class Event:
    """One change of the record.

    Parameters
    ----------
    date : str
        The day on which it was accepted, ISO.
    kind : str
        One of `WORDS`.
    subject : str
        Id of the finding, shape, claim, forecast or table.
    title : str
        Its name then.
    before, after : str or None
    reason : str or None
        Why, where a conclusion changed.
    chain : str
        Hash of the line before and of this one.
    """

    date: str
    kind: str
    subject: str
    title: str
    before: str | None
    after: str | None
    reason: str | None = None
    chain: str = ""

    @property
    def topic(self) -> str:
        """What it is about: finding, rule, status, claim, forecast or table."""
        return self.kind.split("-")[0]

    @property
    def changes_conclusion(self) -> bool:
        """Whether it needs a reason."""
        return self.kind in CONCLUSIONS


DIGITS = 12
"""Digits of the hashes in the history."""


def _finding(finding: Finding) -> str:
    without = None if finding.formerly else {"formerly"}  # so that digests of before the field stay what they were
    return digest(finding.model_dump_json(exclude_none=True, exclude=without), DIGITS)


def _rule(shape: Shape) -> str:
    conditions = [c.model_dump(exclude_none=True, exclude={"source"}) for c in shape.codify_when]
    return f"evidence at {shape.evidence_at}; codified when {json.dumps(conditions, sort_keys=True)}"


def _claim(claim: Claim) -> str:
    numbers: list[str] = [claim.verdict]
    if claim.published.value is not None:
        numbers.append(f"published {format_number(claim.published.value, 6)}")
    if claim.recomputed:
        numbers.append(f"recomputed {format_number(claim.recomputed.value, 5)}")
    return "; ".join(numbers)


def state_of(
    register: Register,
    ledger: Ledger,
    forecasts: Iterable[Any] = (),
    tables: Iterable[TableInfo] = (),
    statements: Iterable[Statement] = (),
    grader: Grader | None = None,
) -> tuple[State, Titles]:
    """Return the state of the records, and the title of every subject of every topic."""
    state: dict[tuple[str, str], str] = {}
    titles: dict[tuple[str, str], str] = {}
    for finding in register.findings:
        state["finding", finding.id] = _finding(finding)
        titles["finding", finding.id] = finding.title
    for test in register.tests:
        state["definition", test.id], titles["definition", test.id] = test.asks, test.title
    for shape in register.shapes:
        state["definition", shape.id], state["rule", shape.id] = shape.definition, _rule(shape)
        titles |= dict.fromkeys([(topic, shape.id) for topic in ("definition", "rule", "status")], shape.title)
    for status in status_of_all(register):
        state["status", status.shape] = f"{status.level}, {status.verdict}"
    for claim in ledger.claims:
        state["claim", claim.id] = _claim(claim)
        titles["claim", claim.id] = claim.text
    for item in statements:
        grade = grader.grade(item).grade if grader else "open"
        state["statement", item.id] = f"{grade}; {digest(item.statement, DIGITS)}"
        titles["statement", item.id] = PLACEHOLDER.sub("…", item.statement)
    called = {finding.id: finding.formerly[0] for finding in register.findings if finding.formerly}
    for study in grader.studies if grader else ():  # that its finding was renamed corrects nothing of it
        as_first = study.model_copy(update={"finding": called.get(study.finding or "", study.finding)})
        state["study", study.key] = digest(as_first.model_dump_json(exclude_none=True), DIGITS)
        titles["study", study.key] = grader.studies.references[study.key].title if grader else study.key
    for forecast in forecasts:
        state["forecast", forecast.id] = forecast.seal
        titles["forecast", forecast.id] = forecast.question
    for table in tables:
        state["table", table.name] = digest(table.path.read_text(encoding="utf-8-sig"), DIGITS)
        titles["table", table.name] = table.title
    return state, titles


def state_here(records: Records) -> tuple[State, Titles]:
    """Return the state of the records of a data folder."""
    forecasts = records.forecasts if (records.data / "forecasts").is_dir() else []
    tables = table_infos(records.data).values()
    return state_of(records.register, records.ledger, forecasts, tables, records.statements, records.grader)


def fold(events: Iterable[Event]) -> State:
    """Return the state that events add up to."""
    state: dict[tuple[str, str], str] = {}
    for event in events:
        _take(event, state)
    return state


def _take(event: Event, state: dict[tuple[str, str], str]) -> None:
    if event.after is None:
        state.pop((event.topic, event.subject), None)
    else:
        state[event.topic, event.subject] = event.after


_VERBS = {
    "finding": ("added", "corrected", "retracted"), "definition": ("added", "changed", "removed"), "rule": ("added", "changed", "removed"),
    "statement": ("added", "reworded", "removed"), "study": ("added", "corrected", "removed"),
    "status": ("added", "changed", "removed"), "claim": ("added", "corrected", "removed"),
    "forecast": ("added", "corrected", "removed"), "table": ("added", "corrected", "removed"),
}  # fmt: skip


def differences(before: State, after: State, titles: Titles, date: str) -> list[Event]:
    """Return the events that lead from one state to another, in the order of topic and subject."""
    events = []
    order = list(_VERBS)
    for topic, subject in sorted(before.keys() | after.keys(), key=lambda k: (order.index(k[0]), k[1])):
        old, new = before.get((topic, subject)), after.get((topic, subject))
        if old == new:
            continue
        added, changed, removed = _VERBS[topic]
        kind = f"{topic}-{added if old is None else removed if new is None else changed}"
        if topic == "claim" and old and new and old.split(";")[0] != new.split(";")[0]:
            kind = "claim-flipped"
        if topic == "statement" and old and new and old.split(";")[0] != new.split(";")[0]:
            kind = "statement-regraded"
        events.append(Event(date, kind, subject, titles.get((topic, subject), subject), old, new))
    return events


def _chained(previous: str, event: Event) -> str:
    body = {k: v for k, v in vars(event).items() if k != "chain"}
    return link(previous, json.dumps(body, sort_keys=True, ensure_ascii=False), DIGITS)


def load_history(data: Path) -> list[Event]:
    """Return every event, the oldest first.

    Raises
    ------
    RecordError
        With the first line that was edited, taken out or put in by hand.
    """
    path = data / FILE
    if not path.exists():
        return []
    return list(_read(path, file_state(path)))


def events_of_findings(data: Path) -> Mapping[str, list[Event]]:
    """Return the events of each finding, the oldest first."""
    path = data / FILE
    return _of_findings(path, file_state(path)) if path.exists() else {}


@cache
def _of_findings(path: Path, state: tuple[int, ...]) -> Mapping[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in (event for event in _read(path, state) if event.topic == "finding"):
        found.setdefault(event.subject, []).append(event)
    return found


def first_day(data: Path) -> dt.date | None:
    """Return the day on which the history begins, from which our own analyses count; None before it does."""
    events = load_history(data)
    return dt.date.fromisoformat(events[0].date) if events else None


def recorded_otherwise(register: Register, data: Path) -> Iterator[Problem]:
    """Yield findings of which the history tells another day than they say, by any id that they had.

    One that was recorded before the history was last written and did not have it would have been written then.
    """
    events = load_history(data)
    days = sorted({event.date for event in events})
    first: dict[str, str] = {}
    for event in events:
        if event.topic == "finding":
            first.setdefault(event.subject, event.date)
    for finding in register.findings:
        known = [first[name] for name in (finding.id, *finding.formerly) if name in first]
        if not known:
            continue
        before = days[: days.index(min(known))]
        if earliest(finding.recorded).isoformat() > min(known):
            need = f"a day up to {min(known)}, on which {FILE} has it"
        elif before and latest(finding.recorded).isoformat() < before[-1]:
            need = f"a day from {before[-1]}, on which {FILE} was written without it, up to {min(known)}"
        else:
            continue
        at = read_yaml(data / "findings" / f"{finding.id}.yml")
        yield at.problem(("recorded",), finding.recorded, need)


@cache
def _read(path: Path, _state: tuple[int, ...]) -> tuple[Event, ...]:
    events: list[Event] = []
    previous, state = "", dict[tuple[str, str], str]()
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        at, glued = Located(path, None, line=number), 0
        try:
            event = Event(**json.loads(line))
            good = event.kind in WORDS and event.chain == _chained(previous, event)
            other = not good and any(event.chain == _chained(old, event) for old in ("", *(e.chain for e in events)))
            good = good and state.get((event.topic, event.subject)) == event.before  # no change is written twice
        except (ValueError, TypeError) as error:
            good = other = False
            glued = error.pos if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data" else 0
        if not good:
            needed = "the line as it was written: history is derived and appended (review accept), never edited"
            if other:
                needed = "the lines of one branch; this one was written on another: keep the file of one (git checkout --ours or --theirs), and review accept writes what the other changed"
            if glued:
                needed = f"a change a line; break it after letter {glued}"
            raise RecordError([Problem(at.problem((), "", "").file, number, "line", line[:80], needed)])
        previous = event.chain
        events.append(event)
        _take(event, state)
    return tuple(events)


class WrongClock(Explained, ValueError):
    """The clock of this machine is behind what the history says has happened."""


def check_clock(data: Path) -> None:
    """Do nothing where this machine's clock may be right.

    Raises
    ------
    WrongClock
        When the last line of the history is dated after it; every date that was written, or judged, by it would be wrong.
    """
    events = load_history(data)
    if events and events[-1].date > newest_day().isoformat():
        raise WrongClock(
            f"this machine's clock says {today()}, and the history of the review was written until {events[-1].date}; "
            "needed: the right time (a line that was dated ahead shows in git log -- data/history.jsonl)"
        )


def pending(data: Path, day: dt.date | None = None) -> list[Event]:
    """Return the events that the records ask for and that are not in the history yet."""
    if day is None:
        check_clock(data)
    records, then = Records(data), (day or today()).isoformat()
    known, (state, titles) = load_history(data), state_here(records)
    called = {**{(e.topic, e.subject): e.title for e in known}, **titles}  # what is gone keeps the title that it had
    return renamed(differences(fold(known), state, called, then), records.register, records.statements)


def renamed(events: Iterable[Event], register: Register, statements: Statements) -> list[Event]:
    """Return events in which a finding or statement that has another id now is renamed, not retracted or removed.

    What it says otherwise under the new id is told as what it is under the old one, so that no change comes in by a name.
    """
    events = list(events)
    added = {(e.topic, e.subject): str(e.after) for e in events if e.before is None}
    out, told = [], dict[tuple[str, str], str]()
    for e in events:
        if e.kind == "finding-retracted" and e.subject in register.aliases:
            now = register.finding(e.subject)
            before = tuple(old for old in now.formerly if old != e.subject)
            if _finding(now.model_copy(update={"id": e.subject, "formerly": before})) != e.before:
                told["finding", now.id] = "finding-corrected"
            out.append(replace(e, kind="finding-renamed", title=now.title))
        elif e.kind == "statement-removed" and e.subject in statements.aliases:
            item = statements.statement(e.subject)
            old, new = str(e.before), added.get(("statement", item.id), str(e.before))
            if new != old:
                same_grade = new.split(";")[0] == old.split(";")[0]
                told["statement", item.id] = "statement-reworded" if same_grade else "statement-regraded"
            out.append(replace(e, kind="statement-renamed", title=PLACEHOLDER.sub("…", item.statement)))
        else:
            out.append(e)
    return [replace(e, kind=told.get((e.topic, e.subject), e.kind)) if e.before is None else e for e in out]


def in_words(event: Event, state: str | None) -> str:
    """Return a state as a reader needs it: of a statement its grade, without the digest of its words."""
    return state.split(";")[0] if state and event.topic == "statement" else str(state)


class ReasonNeeded(Explained, ValueError):
    """A conclusion changed, and nobody said why."""


LONGEST = 2_000
"""Letters of a reason at most: it stands in the history for good."""


def _check_reason(reason: str) -> None:
    """Refuse a reason that no record could hold: the history cannot be mended."""
    try:
        TypeAdapter(Text).validate_python(reason)
    except ValidationError as error:
        needed = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ReasonNeeded(f"given the reason {shorten(reason)!r}; needed: {needed}") from None
    if len(reason.split()) < 2 or len(reason) > LONGEST:
        raise ReasonNeeded(
            f"given the reason {shorten(reason)!r}; needed: two words at least, {LONGEST:,} letters at most"
        )


def reasons_of(events: Iterable[Event], given: Sequence[str], for_all: bool = False) -> dict[str, str]:
    """Return the reason of every subject whose conclusion changes, from what was written: ``subject: text``, or a text alone.

    Parameters
    ----------
    events : iterable of Event
    given : sequence of str
        A text without a subject before it holds where one conclusion changes, or for all that have none of their own.
    for_all : bool
        That the text alone is meant for several.

    Raises
    ------
    ReasonNeeded
        With the subjects that have none, and a line to write.
    """
    changed: dict[str, list[Event]] = {}
    for event in events:
        if event.changes_conclusion:
            changed.setdefault(event.subject, []).append(event)
    own: dict[str, str] = {}
    alone: list[str] = []
    for text in given:
        subject, colon, reason = (part.strip() for part in text.partition(":"))
        if not changed:
            raise ReasonNeeded(
                f"given the reason {shorten(text)!r}; needed: no reason: no conclusion changes, and a reason stands beside one"
            )
        if not colon or (" " in subject and subject not in changed):
            alone.append(text)
        elif subject not in changed:
            near = did_you_mean(subject, changed)
            raise ReasonNeeded(
                f"given a reason for {subject!r}, of which no conclusion changes; needed: one of these: {'; '.join(changed)}{near}"
            )
        elif subject in own:
            raise ReasonNeeded(f"given two reasons for {subject}; needed: one for each subject")
        else:
            own[subject] = reason
    for reason in (*own.values(), *alone):
        _check_reason(reason)
    if len(alone) == 1 and (for_all or len(changed) <= 1):
        return dict.fromkeys(changed, alone[0]) | own
    if lacking := changed.keys() - own.keys():
        said = "".join(
            f"\n  {WORDS[e.kind]}: {e.subject}, {in_words(e, e.before)} to {in_words(e, e.after)}"
            for subject in changed
            if subject in lacking
            for e in changed[subject]
        )
        first = next(subject for subject in changed if subject in lacking)
        wanted = "TEXT"
        if len(changed) > 1:
            wanted = f'"{first}: why", --reason again for each, or one TEXT with --all'
        needed = f"why, as review accept --reason {wanted}"
        raise ReasonNeeded(f"conclusions that change without a reason; needed: {needed}{said}")
    if alone:
        listed = "; ".join(changed)
        raise ReasonNeeded(
            f'given the reason {shorten(alone[0])!r} for no subject; needed: one of these, as review accept --reason "SUBJECT: why": {listed}'
        )
    return own


def append(events: Sequence[Event], reasons: Mapping[str, str] | str, data: Path) -> int:
    """Write events to the end of the history, with the reason of each subject or one for all; return how many."""
    if isinstance(reasons, str):
        _check_reason(reasons)
        reasons = dict.fromkeys((event.subject for event in events), reasons)
    known = load_history(data)
    previous = known[-1].chain if known else ""
    lines = []
    for event in events:
        filled = replace(event, reason=reasons[event.subject] if event.changes_conclusion else None)
        previous = _chained(previous, filled)
        lines.append(json.dumps({**asdict(filled), "chain": previous}, ensure_ascii=False, sort_keys=True))
    append_to(data / FILE, "".join(f"{line}\n" for line in lines))
    return len(lines)
