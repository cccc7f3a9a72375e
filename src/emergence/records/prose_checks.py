"""Places where the founding notes contradict themselves, decided by counting: ``data/prose_checks.yml``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from review_utils.records.reading import Record, Slug, Text, parse_list, read_yaml
from review_utils.records.register import Register
from review_utils.records.status import Status, evaluate, status_of_all, was_tested


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


def load_prose_checks(data: Path) -> list[ProseCheck]:
    """Load ``data/prose_checks.yml``."""
    return parse_list(ProseCheck, read_yaml(data / "prose_checks.yml"))


def as_the_notes_have_it(register: Register) -> Register:
    """Return the register of the findings that the founding notes name, under the shapes that the notes propose.

    A count of the notes is held against these: what later reading adds is no contradiction of the notes.
    """
    findings = tuple(
        f.model_copy(update={"shapes": [m for m in f.shapes if m.proposed_by == "founding-notes"]})
        for f in register.findings
        if f.in_founding_notes
    )
    return replace(register, findings=findings)


def answer(register: Register, asked: Counted) -> str:
    """Return what the register says, or that it holds nothing to count any more: findings come and go."""
    try:
        return count(register, asked)
    except (KeyError, ValueError, IndexError):
        return "nothing to count: the register does not hold it"


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
        return register.finding(status.members[0]).known_on()

    def place(shape_id: str) -> int:
        in_order = sorted(children(parent(shape_id)), key=first_published)
        return 1 + [s.shape for s in in_order].index(shape_id)

    def parts(finding_id: str, kinds: tuple[str, ...]) -> int:
        places = [m for m in register.finding(finding_id).shapes if m.standing == "member"]
        return sum(register.shape(m.id).kind in kinds for m in places)

    def span(shape_id: str) -> str:
        dates = [register.finding(m).known_on() for m in statuses[shape_id].members]
        return f"{(max(dates) - min(dates)).days} days"

    def criterion(name: str) -> str:
        named = [f for f in register.findings if f.in_founding_notes]
        return f"{sum(f.criteria[name].verdict == 'met' for f in named)} of {len(named)}"

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
        return evaluate(shape, [register.finding(m) for m in statuses[shape_id].members[:2]], rule=register.rule).level

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
