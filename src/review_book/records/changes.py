"""What a change to the register changes: counts, levels, verdicts, conditions, criteria, questions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal, get_args

from review_utils.records.reading import uncollected
from review_utils.records.register import CriterionVerdict, Finding, Register
from review_utils.records.status import STRICT, Reading, Status, status_of_all

ChangeKind = Literal["count", "level", "verdict", "blocked-by", "criterion", "question"]


@dataclass(frozen=True)
class Change:
    """One consequence of a change to the register."""

    kind: ChangeKind
    subject: str
    before: str
    after: str


def _lifts(status: Status) -> str:
    return "; ".join(check.lifted_by for check in status.blocking) or "nothing"


@uncollected()
def compare(before: Register, after: Register, reading: Reading = STRICT) -> list[Change]:
    """Return what differs between two registers: counts, levels, verdicts, conditions, criteria."""
    changes: list[Change] = []
    old = {status.shape: status for status in status_of_all(before, reading)}
    for new in status_of_all(after, reading):
        was = old.get(new.shape)
        if was is None:
            continue
        pairs: list[tuple[ChangeKind, str, str]] = [
            ("count", str(was.count), str(new.count)),
            ("level", was.level, new.level),
            ("verdict", was.verdict, new.verdict),
            ("blocked-by", _lifts(was), _lifts(new)),
        ]
        for kind, a, b in pairs:
            if a != b:
                changes.append(Change(kind, new.shape, a, b))
    for name in after.judged:
        a_count, b_count = (Counter([f.criteria[name].verdict for f in r.findings]) for r in (before, after))
        for verdict in get_args(CriterionVerdict):
            if a_count[verdict] != b_count[verdict]:
                changes.append(Change("criterion", f"{name}: {verdict}", str(a_count[verdict]), str(b_count[verdict])))
    return changes


def what_if(register: Register, finding: Finding) -> list[Change]:
    """Return the consequences of adding a finding, or of replacing the one that has its id."""
    others = tuple(f for f in register.findings if f.id != finding.id)
    after = replace(register, findings=(*others, finding))
    changes = compare(register, after)
    touched = {membership.id for membership in finding.shapes}
    for question in register.questions:
        if question.shape in touched:
            proposed = [c.finding for c in question.candidates]
            changes.append(
                Change(
                    "question",
                    question.id,
                    f"to be weighed: {', '.join(proposed) or 'nothing yet'}",
                    f"also {finding.id}",
                )
            )
    return changes
