"""Status of every shape: a pure function of the findings and of rules that are data.

A shape's level counts its members (hint, evidence); its verdict says whether its own conditions for being
codified hold. Every condition comes back with what it found and what would lift it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from review_utils.records.authors import GroupRule, teams
from review_utils.records.reading import uncollected
from review_utils.records.register import NOT_TESTED, Condition, Finding, Register, Shape

Level = Literal["none", "hint", "evidence"]
Verdict = Literal["open", "held", "codified"]
DISCLOSURE, FRAMING = "disclosure-removes-effect", "framing-removes-effect"


@dataclass(frozen=True)
class Reading:
    """How to read the founding notes where they are ambiguous.

    Parameters
    ----------
    candidates_count : bool
        Count every place that was proposed, those that were declined among them.
    open_count : bool
        Count places that are left open until a test was run.
    framing_is_disclosure : bool
        Take a framing (inoculation) test as a disclosure test, as the notes do in lines 14, 39 and 46.
    by_group : bool
        Count independent groups of authors instead of findings.
    """

    candidates_count: bool = False
    open_count: bool = False
    framing_is_disclosure: bool = False
    by_group: bool = False


STRICT = Reading()


@dataclass(frozen=True)
class Check:
    """One condition of a shape, evaluated."""

    condition: str
    holds: bool
    found: str
    lifted_by: str
    source: str


@dataclass(frozen=True)
class Status:
    """What the register says of one shape under one reading."""

    shape: str
    count: int
    groups: int
    level: Level
    verdict: Verdict
    members: tuple[str, ...]
    checks: tuple[Check, ...]
    margin: tuple[str, ...]
    teams: tuple[tuple[str, ...], ...] = ()
    """The members in parts of which no two share a group of authors."""

    @property
    def blocking(self) -> tuple[Check, ...]:
        """The conditions that do not hold."""
        return tuple(check for check in self.checks if not check.holds)


@dataclass(frozen=True)
class _Tally:
    """The counts that conditions ask for; dropping or adding one member changes them by at most one."""

    count: int
    groups: int
    untested: dict[str, int]
    outside: dict[str, int]

    def holds(self, condition: Condition, by_group: bool) -> bool:
        if condition.min_examples is not None:
            return (self.groups if by_group else self.count) >= condition.min_examples
        if condition.min_groups is not None:
            return self.groups >= condition.min_groups
        if condition.every_member_tested is not None:
            return self.count > 0 and self.untested[condition.every_member_tested] == 0
        if condition.example_outside is not None:
            return self.outside[condition.example_outside] > 0
        return False

    def level(self, shape: Shape, by_group: bool) -> Level:
        number = self.groups if by_group else self.count
        return "none" if number == 0 else "hint" if number < shape.evidence_at else "evidence"

    def verdict(self, shape: Shape, by_group: bool) -> Verdict:
        if self.count == 0 or all(condition.decision for condition in shape.codify_when):
            return "open"
        return "codified" if all(self.holds(c, by_group) for c in shape.codify_when) else "held"


def was_tested(finding: Finding, test: str, reading: Reading = STRICT) -> bool:
    """Whether a structural test was run on the finding, whatever its result."""
    wanted = {test, FRAMING} if reading.framing_is_disclosure and test == DISCLOSURE else {test}
    return any(t.test in wanted and t.result not in NOT_TESTED for t in finding.tests)


def _in_cluster(finding: Finding, shape_id: str) -> bool:
    return any(membership.id == shape_id and membership.standing != "declined" for membership in finding.shapes)


def members_of(register: Register, shape: Shape, reading: Reading = STRICT) -> list[Finding]:
    """Return the findings that count towards a shape, in the order of publication.

    A shape that has sub-shapes counts their members as its own, each finding once.
    """
    return _ordered(_members_by_shape(register, reading), _with_parts(register, shape))


def _with_parts(register: Register, shape: Shape) -> set[str]:
    return {shape.id} | {child.id for child in register.shapes if child.of == shape.id}


def _counts(standing: str, reading: Reading) -> bool:
    return {"member": True, "open": reading.open_count}.get(standing, reading.candidates_count)


def _members_by_shape(register: Register, reading: Reading) -> dict[str, dict[str, Finding]]:
    out: dict[str, dict[str, Finding]] = {}
    for finding in register.findings:
        for membership in finding.shapes:
            if _counts(membership.standing, reading):
                out.setdefault(membership.id, {})[finding.id] = finding
    return out


def _ordered(by_shape: dict[str, dict[str, Finding]], ids: Iterable[str]) -> list[Finding]:
    found = {key: finding for shape_id in ids for key, finding in by_shape.get(shape_id, {}).items()}
    return sorted(found.values(), key=lambda finding: (finding.known_on(), finding.id))


def evaluate(
    shape: Shape, members: Sequence[Finding], reading: Reading = STRICT, rule: GroupRule | None = None
) -> Status:
    """Return the status of a shape that has these members.

    Parameters
    ----------
    shape : Shape
    members : sequence of Finding
        Each finding once; the order does not matter.
    reading : Reading
    rule : GroupRule, optional
        When two findings are of one group; see `review_utils.records.authors.teams`.

    Returns
    -------
    Status
    """
    tests = [c.every_member_tested for c in shape.codify_when if c.every_member_tested]
    clusters = [c.example_outside for c in shape.codify_when if c.example_outside]
    who = teams({finding.id: finding.authors for finding in members}, rule)
    untested = {test: {f.id for f in members if not was_tested(f, test, reading)} for test in tests}
    outside = {cluster: {f.id for f in members if not _in_cluster(f, cluster)} for cluster in clusters}
    counted = ({name: len(works) for name, works in said.items()} for said in (untested, outside))
    tally = _Tally(len(members), who.count(), *counted)
    level, verdict = tally.level(shape, reading.by_group), tally.verdict(shape, reading.by_group)

    def becomes(then: _Tally) -> list[str]:
        was_now = ((verdict, then.verdict(shape, reading.by_group)), (level, then.level(shape, reading.by_group)))
        return [f"{was} becomes {now}" for was, now in was_now if was != now]

    more = _Tally(tally.count + 1, tally.groups + 1, tally.untested, {c: n + 1 for c, n in tally.outside.items()})
    margin = [f"{said} if one more example lands" for said in becomes(more)]
    without: dict[tuple[bool, ...], list[str]] = {}  # members that count alike leave alike
    ids = tuple(finding.id for finding in members)
    for one in sorted(ids):
        counts = (who.count_drops_without(one), *(one in named for named in (*untested.values(), *outside.values())))
        if counts not in without:
            less = _Tally(
                tally.count - 1,
                tally.groups - counts[0],
                {t: n - (one in untested[t]) for t, n in tally.untested.items()},
                {c: n - (one in outside[c]) for c, n in tally.outside.items()},
            )
            without[counts] = becomes(less)
        margin += [f"{said} if {one} is dropped" for said in without[counts]]

    short = {finding.id: finding.short for finding in members}
    groups = "; ".join(" with ".join(short[work] for work in part) for part in who.parts)
    checks = tuple(_explain(c, tally, untested, outside, reading.by_group, groups) for c in shape.codify_when)
    return Status(shape.id, tally.count, tally.groups, level, verdict, ids, checks, tuple(margin), who.parts)


Works = Mapping[str, set[str]]


def _explain(
    condition: Condition, tally: _Tally, untested: Works, outside: Works, by_group: bool, groups: str
) -> Check:
    """Return a condition with what it found; `groups` says which papers form one, "with" between those of shared authors."""
    holds = tally.holds(condition, by_group)
    if condition.min_examples is not None or condition.min_groups is not None:
        grouped = by_group or condition.min_groups is not None
        need = condition.min_examples or condition.min_groups or 0
        have = tally.groups if grouped else tally.count
        noun = "independent group" if grouped else "example"
        text = f"at least {need} {noun}s"
        named = f": {groups}" if grouped and groups else ""
        found, lift = f"{have} of {need}{named}", f"{need - have} more {noun}{'s' if need - have > 1 else ''}"
    elif condition.every_member_tested is not None:
        missing = sorted(untested[condition.every_member_tested])
        text = f"every member tested for {condition.every_member_tested}"
        found = f"{tally.count - len(missing)} of {tally.count} tested"
        lift = f"run the test on {', '.join(missing)}" if missing else "a first member"
    elif condition.example_outside is not None:
        inside = sorted(outside[condition.example_outside])
        text = f"an example outside {condition.example_outside}"
        found = f"{len(inside)} outside" + (f": {', '.join(inside)}" if inside else "")
        lift = f"a member that has nothing to do with {condition.example_outside}"
    else:
        text, found, lift = "a decision", "not taken", condition.decision or ""
    return Check(text, holds, found, "" if holds else lift, condition.source)


@uncollected()
def status_of_all(register: Register, reading: Reading = STRICT) -> list[Status]:
    """Return the status of every shape, in the order of data/shapes.yml."""
    by_shape = _members_by_shape(register, reading)
    members = ((shape, _ordered(by_shape, _with_parts(register, shape))) for shape in register.shapes)
    return [evaluate(shape, found, reading, register.rule) for shape, found in members]


def as_of(register: Register, date: dt.date, clock: Literal["published", "recorded"] = "published") -> Register:
    """Return the register as it could be known on a date: findings published (or recorded) by then."""
    return replace(register, findings=tuple(f for f in register.findings if f.known_on(clock) <= date))
