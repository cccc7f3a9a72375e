"""The concept chapter: what each definition admits, which tests are missing, effects on one scale, and history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from .fitting import wilson
from .records import Record, Slug, Text, parse_list, project_root, read_yaml
from .register import CRITERIA, NOT_TESTED, Finding, Measurement, Register, latest
from .status import STRICT, Reading, Status, as_of, evaluate, members_of, status_of_all, was_tested

TRIALS_AT_LEAST = 20
"""Fewer counted items than this are questions or runs that were each sampled many times, not independent trials."""


def criteria_frame(register: Register) -> pd.DataFrame:
    """Return the verdict of each inclusion criterion on each finding, one row a finding.

    Returns
    -------
    DataFrame
        finding, study, in_founding_notes, and a column for each of `CRITERIA`.
    """
    rows = [
        {"finding": f.id, "study": f.short, "in_founding_notes": f.in_founding_notes}
        | {name: getattr(f.criteria, name).verdict for name in CRITERIA}
        for f in register.findings
    ]
    return pd.DataFrame(rows, columns=["finding", "study", "in_founding_notes", *CRITERIA])


@dataclass(frozen=True)
class Definition:
    """A definition of emergence as criteria, and how strictly they are read."""

    name: str
    criteria: tuple[str, ...]
    admits: frozenset[str]


def definitions() -> list[Definition]:
    """Return the definitions that the founding notes give, each read strictly and leniently.

    The notes give two lists of three. "Not predictable from the objective alone" stands in the definition
    only and was recorded by no source, so that it is untested for every finding.
    """
    strict, lenient = frozenset({"met"}), frozenset({"met", "unclear", "untested"})
    inclusion = ("not_training_target", "scales", "observed")
    definition = ("not_training_target", "unpredictable", "scales")
    return [
        Definition("inclusion list (lines 31 to 33), every criterion met", inclusion, strict),
        Definition("inclusion list, none failed", inclusion, lenient),
        Definition("inclusion list without scale, both met", ("not_training_target", "observed"), strict),
        Definition("definition (line 3), every property met", definition, strict),
        Definition("definition, none failed", definition, lenient),
    ]


def admitted(register: Register, definition: Definition) -> list[Finding]:
    """Return the findings that a definition admits."""

    def verdict(finding: Finding, name: str) -> str:
        return "untested" if name == "unpredictable" else getattr(finding.criteria, name).verdict

    return [f for f in register.findings if all(verdict(f, name) in definition.admits for name in definition.criteria)]


def structural_tests(register: Register) -> pd.DataFrame:
    """Return every structural test on every finding: finding, study, test, result (``not run`` where none stands)."""
    rows = []
    for finding in register.findings:
        results: dict[str, list[str]] = {}
        for test in finding.tests:
            results.setdefault(test.test, []).append(test.result)
        for kind in register.tests:
            found = results.get(kind.id, [])
            done = sorted({r for r in found if r not in NOT_TESTED})
            text = ", ".join(done) if done else "not applicable" if "not-applicable" in found else "not run"
            rows.append(
                {"finding": finding.id, "study": finding.short, "test": kind.title, "result": text.replace("-", " ")}
            )
    return pd.DataFrame(rows, columns=["finding", "study", "test", "result"])


def missing_tests(register: Register, reading: Reading = STRICT) -> pd.DataFrame:
    """Return the tests that a rule asks for and that a member lacks, the most telling first.

    Returns
    -------
    DataFrame
        shape, finding, test, settles (whether running it alone would codify the shape), also_missing (how many
        other members of that shape lack it).
    """
    rows = []
    for shape in register.shapes:
        for condition in shape.codify_when:
            if not condition.every_member_tested:
                continue
            members = members_of(register, shape, reading)
            lacking = [f for f in members if not was_tested(f, condition.every_member_tested, reading)]
            others = [
                c
                for c in evaluate(shape, members, reading).blocking
                if condition.every_member_tested not in c.condition
            ]
            for finding in lacking:
                rows.append(
                    {
                        "shape": shape.id,
                        "finding": finding.id,
                        "test": condition.every_member_tested,
                        "settles": len(lacking) == 1 and not others,
                        "also_missing": len(lacking) - 1,
                    }
                )
    columns = ["shape", "finding", "test", "settles", "also_missing"]
    return pd.DataFrame(rows, columns=columns).sort_values(["also_missing", "shape", "finding"], ignore_index=True)


def _as_percent(value: float | None, unit: str) -> float | None:
    """Return a rate in percent, or None where the unit is not a rate."""
    if value is None:
        return None
    words = unit.split()
    if words[0] == "percent" and words[-1] not in ("increase", "baseline", "users"):
        return value
    if words[0] == "increase":
        return 100 * value
    if words[0] == "of" and words[1].isdigit():
        return 100 * value / int(words[1])
    return None


def _interval(measurement: Measurement, percent: float) -> tuple[float | None, float | None, str]:
    if measurement.interval:
        low, high = (_as_percent(end, measurement.unit) for end in measurement.interval)
        return low, high, measurement.interval_kind or "as printed"
    n, of = measurement.n, measurement.n_of or ""
    if n and n >= TRIALS_AT_LEAST and "runs" not in of and 0 <= percent <= 100:
        found = wilson(percent / 100 * n, n)
        return 100 * found.low, 100 * found.high, f"Wilson, n = {n:,}"
    return None, None, "none: n not reported, or not a count of trials"


def effects(register: Register) -> pd.DataFrame:
    """Return the measurements that are rates with a comparator of the same quantity, on one scale.

    Returns
    -------
    DataFrame
        finding, study, shape (the first that the finding is placed under), measurement, metric, condition,
        value, low, high (percent), interval, compared_with, comparator (percent), difference (points), ratio
        (missing when the comparator is 0), verified.
    """
    rows = []
    for finding in register.findings:
        places = [m.id for m in finding.shapes]
        for m in finding.measurements:
            other = m.comparator
            if m.upper is not None or other is None or other.upper is not None or not other.same_measure:
                continue
            value, base = _as_percent(m.value, m.unit), _as_percent(other.value, m.unit)
            if value is None or base is None:
                continue
            low, high, kind = _interval(m, value)
            rows.append(
                {
                    "finding": finding.id,
                    "study": finding.short,
                    "shape": places[0] if places else "none",
                    "measurement": m.id,
                    "metric": m.metric,
                    "condition": m.condition,
                    "value": value,
                    "low": low,
                    "high": high,
                    "interval": kind,
                    "compared_with": other.condition,
                    "comparator": base,
                    "difference": value - base,
                    "ratio": value / base if base > 0 else None,
                    "verified": m.is_verified,
                }
            )
    return pd.DataFrame(rows)


class Counted(Record):
    """What the register is asked to count."""

    count: Literal[
        "members",
        "groups",
        "sub-shapes",
        "single-example-sub-shapes",
        "largest-sub-shape",
        "sisters",
        "place",
        "parts",
        "shapes-of",
        "standing",
        "verdict",
        "level-at-two",
        "thresholds",
        "days-between-members",
        "criterion-met",
        "tested",
        "value",
    ]
    of: Text


class ProseCheck(Record):
    """A place where the concept note contradicts itself."""

    id: Slug
    lines: Text
    about: Text
    says: Text
    also: Text
    counted: Counted | None = None


def load_prose_checks(data: Path | None = None) -> list[ProseCheck]:
    """Load ``data/prose_checks.yml``."""
    return parse_list(ProseCheck, read_yaml((data or project_root() / "data") / "prose_checks.yml"))


def count(register: Register, asked: Counted) -> str:
    """Return what the register says, as text.

    Raises
    ------
    KeyError
        When `asked.of` names nothing in the register.
    """
    statuses = {status.shape: status for status in status_of_all(register)}

    def children(shape_id: str) -> list[Status]:
        return [statuses[s.id] for s in register.shapes if s.of == shape_id and statuses[s.id].count]

    def parent(shape_id: str) -> str:
        return register.shape(shape_id).of or shape_id

    def first_published(status: Status) -> dt.date:
        return latest(register.finding(status.members[0]).published)

    def place(shape_id: str) -> int:
        in_order = sorted(children(parent(shape_id)), key=first_published)
        return 1 + [s.shape for s in in_order].index(shape_id)

    def parts(finding_id: str, kinds: tuple[str, ...]) -> int:
        places = [m for m in register.finding(finding_id).shapes if m.standing == "member"]
        return sum(register.shape(m.id).kind in kinds for m in places)

    def span(shape_id: str) -> str:
        dates = [latest(register.finding(m).published) for m in statuses[shape_id].members]
        return f"{(max(dates) - min(dates)).days} days"

    def criterion(name: str) -> str:
        named = [f for f in register.findings if f.in_founding_notes]
        return f"{sum(getattr(f.criteria, name).verdict == 'met' for f in named)} of {len(named)}"

    def tested(shape_id: str) -> str:
        tests = [c.every_member_tested for c in register.shape(shape_id).codify_when if c.every_member_tested]
        members = [register.finding(m) for m in statuses[shape_id].members]
        return str(sum(all(was_tested(f, t) for t in tests) for f in members))

    def value(address: str) -> str:
        finding_id, _, measurement_id = address.partition("/")
        return str(register.finding(finding_id).measurement(measurement_id))

    def thresholds(_: str) -> str:
        return " and ".join(
            map(str, sorted({c.min_examples for s in register.shapes for c in s.codify_when if c.min_examples}))
        )

    def level_at_two(shape_id: str) -> str:
        shape = register.shape(shape_id)
        return evaluate(shape, [register.finding(m) for m in statuses[shape_id].members[:2]]).level

    answers: dict[str, Callable[[str], object]] = {
        "members": lambda of: statuses[of].count,
        "groups": lambda of: statuses[of].groups,
        "sub-shapes": lambda of: len(children(of)),
        "single-example-sub-shapes": lambda of: sum(s.count == 1 for s in children(of)),
        "largest-sub-shape": lambda of: max(s.count for s in children(of)),
        "sisters": lambda of: len(children(parent(of))) - 1,
        "place": place,
        "parts": lambda of: parts(of, ("sub-shape", "method")),
        "shapes-of": lambda of: parts(of, ("shape", "sub-shape")),
        "standing": lambda of: register.finding(of).shapes[0].standing,
        "verdict": lambda of: statuses[of].verdict,
        "level-at-two": level_at_two,
        "thresholds": thresholds,
        "days-between-members": span,
        "criterion-met": criterion,
        "tested": tested,
        "value": value,
    }
    return str(answers[asked.count](asked.of))


@dataclass(frozen=True)
class Event:
    """A change of one shape's status when findings came out."""

    date: dt.date
    shape: str
    kind: Literal["first example", "level", "verdict"]
    before: str
    after: str
    because: tuple[str, ...]


def history(register: Register, clock: Literal["published", "recorded"] = "published") -> list[Event]:
    """Return every change of level or verdict, in the order of time, with the findings that came out that day."""
    dates = sorted({latest(getattr(f, clock)) for f in register.findings})
    before = {s.shape: s for s in status_of_all(as_of(register, dt.date.min))}
    events = []
    for date in dates:
        now = {s.shape: s for s in status_of_all(as_of(register, date, clock))}
        for shape, status in now.items():
            old = before[shape]
            new = tuple(m for m in status.members if m not in old.members)
            if old.level != status.level:
                kind: Literal["first example", "level"] = "first example" if old.level == "none" else "level"
                events.append(Event(date, shape, kind, old.level, status.level, new))
            if old.verdict != status.verdict and status.verdict == "codified":
                events.append(Event(date, shape, "verdict", old.verdict, status.verdict, new))
        before = now
    return events


def replay(register: Register) -> pd.DataFrame:
    """Return the count, level and verdict of every shape on every day that changed what was known, by either clock.

    Returns
    -------
    DataFrame
        clock (``published`` or ``recorded``), step (from 0), date (ISO), findings (known by then), shape, count,
        level, verdict, blocked_by. The steps are the same days for both clocks.
    """
    clocks: tuple[Literal["published", "recorded"], ...] = ("published", "recorded")
    dates = sorted({latest(getattr(f, clock)) for f in register.findings for clock in clocks})
    rows = []
    for clock in clocks:
        for step, date in enumerate(dates):
            known = as_of(register, date, clock)
            for s in status_of_all(known):
                rows.append(
                    {
                        "clock": clock,
                        "step": step,
                        "date": date.isoformat(),
                        "findings": len(known.findings),
                        "shape": register.shape(s.shape).title,
                        "count": s.count,
                        "level": s.level,
                        "verdict": s.verdict,
                        "blocked_by": "; ".join(check.condition for check in s.blocking),
                    }
                )
    return pd.DataFrame(rows)
