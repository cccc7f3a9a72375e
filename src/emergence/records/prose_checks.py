"""Places where the founding notes contradict themselves, decided by counting: ``data/prose_checks.yml``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from review_utils.records.reading import Located, Problem, Record, Slug, Text, load_list
from review_utils.records.register import Register
from review_utils.records.status import Status, evaluate, members_of, was_tested


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
    """Load ``data/prose_checks.yml``.

    Raises
    ------
    RecordError
        With every problem: an id or a matter twice, and two sayings that are one.
    """

    def wrong(located: Located, i: int, item: ProseCheck) -> Iterator[Problem]:
        if item.says.casefold() == item.also.casefold():
            yield located.problem((i, "also"), item.also, "another saying than says, which it contradicts")

    once = (("id", "an id of its own"), ("about", "a matter of its own"))
    return load_list(data / "prose_checks.yml", ProseCheck, wrong, once)


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
    return str(_COUNTS[asked.count](register, asked.of))


def _status(register: Register, shape_id: str) -> Status:
    shape = register.shape(shape_id)
    return evaluate(shape, members_of(register, shape), rule=register.rule)


def _children(register: Register, shape_id: str) -> list[Status]:
    """The status of each sub-shape that has an example."""
    found = [_status(register, s.id) for s in register.shapes if s.of == register.shape(shape_id).id]
    return [status for status in found if status.count]


def _parent(register: Register, shape_id: str) -> str:
    return register.shape(shape_id).of or shape_id


def _place(register: Register, shape_id: str) -> int:
    """Which of its sisters a sub-shape is by the day of its first example."""
    sisters = _children(register, _parent(register, shape_id))
    in_order = sorted(sisters, key=lambda status: register.finding(status.members[0]).known_on())
    return 1 + [status.shape for status in in_order].index(shape_id)


def _parts(register: Register, finding_id: str, *kinds: str) -> int:
    places = [m for m in register.finding(finding_id).shapes if m.standing == "member"]
    return sum(register.shape(m.id).kind in kinds for m in places)


def _days(register: Register, shape_id: str) -> str:
    dates = [register.finding(m).known_on() for m in _status(register, shape_id).members]
    return f"{(max(dates) - min(dates)).days} days"


def _met(register: Register, name: str) -> str:
    named = [f for f in register.findings if f.in_founding_notes]
    return f"{sum(f.criteria[name].verdict == 'met' for f in named)} of {len(named)}"


def _tested(register: Register, shape_id: str) -> int:
    tests = [c.every_member_tested for c in register.shape(shape_id).codify_when if c.every_member_tested]
    members = [register.finding(m) for m in _status(register, shape_id).members]
    return sum(all(was_tested(f, t) for t in tests) for f in members)


def _value(register: Register, address: str) -> str:
    finding_id, _, measurement_id = address.partition("/")
    return str(register.finding(finding_id).measurement(measurement_id))


def _thresholds(register: Register, of: str) -> str:
    del of
    asked = {c.min_examples for s in register.shapes for c in s.codify_when if c.min_examples}
    return " and ".join(map(str, sorted(asked)))


def _level_at_two(register: Register, shape_id: str) -> str:
    first = [register.finding(m) for m in _status(register, shape_id).members[:2]]
    return evaluate(register.shape(shape_id), first, rule=register.rule).level


_COUNTS: Mapping[str, Callable[[Register, str], object]] = {
    "members": lambda register, of: _status(register, of).count,
    "groups": lambda register, of: _status(register, of).groups,
    "sub-shapes": lambda register, of: len(_children(register, of)),
    "single-example-sub-shapes": lambda register, of: sum(s.count == 1 for s in _children(register, of)),
    "largest-sub-shape": lambda register, of: max(s.count for s in _children(register, of)),
    "sisters": lambda register, of: len(_children(register, _parent(register, of))) - 1,
    "place": _place,
    "parts": lambda register, of: _parts(register, of, "sub-shape", "method"),
    "shapes-of": lambda register, of: _parts(register, of, "shape", "sub-shape"),
    "standing": lambda register, of: register.finding(of).shapes[0].standing,
    "verdict": lambda register, of: _status(register, of).verdict,
    "level-at-two": _level_at_two,
    "thresholds": _thresholds,
    "days-between-members": _days,
    "criterion-met": _met,
    "tested": _tested,
    "value": _value,
}
