"""How firmly a statement is known: a pure function of its evidence and of rules that are data (``data/grades.yml``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt

from review_utils.records.reading import Record, RecordError, Slug, Text, parse, read_yaml
from review_utils.records.statements import Evidence, Statement
from review_utils.records.studies import Read, Standing, Studies, StudyKind

Grade = Literal["established", "supported", "one-study", "contested", "overturned", "open"]
OURS = "this review"
"""The one group of all our own analyses."""

CONDITION_WORDS = {
    "direct_groups": "independent groups with direct evidence for it",
    "groups": "independent groups with evidence for it, direct or of a consequence",
    "replications": "replications or reanalyses by another group",
    "against": "pieces of current direct evidence against it",
}


class GroupRule(Record):
    """When two studies are of one group."""

    shared_authors: Annotated[int, Field(ge=1)]
    share_of_shorter: Annotated[float, Field(gt=0, strict=False)]
    because: Text


class CountRule(Record):
    """What counts as evidence."""

    kinds: list[StudyKind]
    kinds_because: Text
    read: list[Read]
    read_because: Text
    status: list[Standing]
    status_because: Text
    analyses: bool
    analyses_because: Text
    proofs: bool
    proofs_because: Text


class Needs(Record):
    """The conditions of a grade: at least so many of each, and, for `against`, exactly none where it says 0."""

    direct_groups: NonNegativeInt | None = None
    groups: NonNegativeInt | None = None
    replications: NonNegativeInt | None = None
    against: NonNegativeInt | None = None


class GradeRule(Record):
    """A grade with its conditions, and why these."""

    grade: Grade
    title: Text
    needs: Needs
    because: Text


class OtherRules(Record):
    """What another reading of the rules changes."""

    shared_authors: int | None = None
    share_of_shorter: Annotated[float, Field(gt=0, strict=False)] | None = None
    kinds: list[StudyKind] | None = None
    read: list[Read] | None = None
    analyses: bool | None = None


class OtherReading(Record):
    """Another reasonable reading of the rules."""

    id: Slug
    title: Text
    set: OtherRules


class Rules(Record):
    """All of ``data/grades.yml``."""

    groups: GroupRule
    counts: CountRule
    grades: Annotated[list[GradeRule], Field(min_length=1)]
    readings: list[OtherReading] = []

    def under(self, reading: OtherReading) -> Rules:
        """Return the rules as another reading has them."""
        changed = reading.set.model_dump(exclude_none=True)
        groups = {k: v for k, v in changed.items() if k in GroupRule.model_fields}
        counts = {k: v for k, v in changed.items() if k in CountRule.model_fields}
        return self.model_copy(
            update={"groups": self.groups.model_copy(update=groups), "counts": self.counts.model_copy(update=counts)}
        )

    def title(self, grade: Grade) -> str:
        """The words for a grade."""
        return next(rule.title for rule in self.grades if rule.grade == grade)


def load_rules(data: Path) -> Rules:
    """Return the rules of grading.

    Raises
    ------
    RecordError
        Also when the last grade asks for anything, so that a statement could be left without one.
    """
    located = read_yaml(data / "grades.yml")
    rules = parse(Rules, located)
    last = len(rules.grades) - 1
    if any(value is not None for value in rules.grades[last].needs.model_dump().values()):
        needed = "a last grade without conditions, so that every statement has one"
        raise RecordError([located.problem(("grades", last, "needs"), "conditions", needed)])
    return rules


@dataclass(frozen=True)
class Tally:
    """What is counted for a statement."""

    direct_groups: int
    groups: int
    replications: int
    against: int


@dataclass(frozen=True)
class Blocked:
    """A higher grade, a condition that blocks it, and what would lift that."""

    grade: Grade
    condition: str
    lifted_by: str


@dataclass(frozen=True)
class Graded:
    """The grade of a statement, with what it rests on."""

    grade: Grade
    tally: Tally
    holds: tuple[str, ...]
    blocked: tuple[Blocked, ...]
    leads: tuple[str, ...]
    """Sources that are shown and count for nothing."""


class Grader:
    """Grades statements over one set of studies; indexes them once.

    Parameters
    ----------
    studies : Studies
    rules : Rules
    """

    def __init__(self, studies: Studies, rules: Rules) -> None:
        self.studies = studies
        self.rules = rules
        self._pairs: dict[tuple[str, str], bool] = {}

    def counts(self, evidence: Evidence, mathematical: bool = False) -> bool:
        """Whether a piece of evidence counts at all, whatever it says."""
        rule = self.rules.counts
        if evidence.direct == "analogy" or evidence.bearing == "qualifies":
            return False
        if evidence.analysis:
            return rule.analyses
        study = self.studies.by_key[str(evidence.study)]
        kind_counts = study.kind in rule.kinds or (mathematical and rule.proofs and study.kind == "theory")
        return (
            kind_counts and study.read.how in rule.read and study.standing in rule.status and self._verified(evidence)
        )

    def _verified(self, evidence: Evidence) -> bool:
        """Whether at least one number that it gives was seen in the study itself; words are as good as the reading."""
        numbers = [self.studies.by_key[str(evidence.study)].number(name) for name in evidence.numbers]
        return not numbers or any(number.read == "primary" for number in numbers)

    def dependent(self, one: str, other: str) -> bool:
        """Whether two sources are of one group: our own analyses are, and studies that share enough authors."""
        pair = (one, other) if one < other else (other, one)
        if pair not in self._pairs:
            a, b = (self.studies.authors.get(key) for key in pair)
            if a is None or b is None:
                self._pairs[pair] = a is b  # both ours, or one of them
            else:
                shared, rule = len(a & b), self.rules.groups
                shorter = min(len(a), len(b)) or 1
                self._pairs[pair] = shared >= rule.shared_authors or shared / shorter >= rule.share_of_shorter
        return one == other or self._pairs[pair]

    def groups(self, sources: Sequence[str]) -> int:
        """Return how many of these sources are pairwise independent, at most.

        A set of sources is searched whole, so that one more never lowers the number; beyond 24 the rest is
        counted in the order of their keys.
        """
        unique = sorted(set(sources))
        clash = [sum(1 << j for j, b in enumerate(unique) if self.dependent(a, b)) for a in unique]

        def most(left: int) -> int:
            if not left:
                return 0
            first = (left & -left).bit_length() - 1
            if left & clash[first] == 1 << first:
                return 1 + most(left & ~(1 << first))
            return max(1 + most(left & ~clash[first]), most(left & ~(1 << first)))

        if len(unique) <= 24:
            return most((1 << len(unique)) - 1)
        chosen: list[str] = []
        for source in unique:
            if not any(self.dependent(source, other) for other in chosen):
                chosen.append(source)
        return len(chosen)

    def tally(self, statement: Statement, without: str | None = None) -> Tally:
        """Count the evidence for and against a statement, perhaps as if one source were not there."""
        direct, all_for, replicated, against = [], [], 0, 0
        for item in statement.evidence:
            source = OURS if item.analysis else item.source
            if item.source == without or not self.counts(item, statement.mathematical):
                continue
            if item.bearing == "against":
                against += item.direct == "statement"
                continue
            all_for.append(source)
            if item.direct == "statement":
                direct.append(source)
                if item.replicates and not self.dependent(source, item.replicates):
                    replicated += 1
        return Tally(self.groups(direct), self.groups(all_for), replicated, against)

    def grade(self, statement: Statement, without: str | None = None) -> Graded:
        """Return the grade of a statement, what holds and what blocks each higher one.

        Parameters
        ----------
        statement : Statement
        without : str, optional
            A source that is taken out, to see what rests on it.
        """
        tally = self.tally(statement, without)
        blocked: list[Blocked] = []
        for rule in self.rules.grades:
            missing = [
                Blocked(rule.grade, *_said(name, needed, tally))
                for name, needed in _needs(rule)
                if not _met(name, needed, tally)
            ]
            if not missing:
                holds = tuple(_said(name, needed, tally)[0] for name, needed in _needs(rule))
                leads = tuple(
                    item.source for item in statement.evidence
                    if item.bearing != "qualifies" and not self.counts(item, statement.mathematical)
                )  # fmt: skip
                return Graded(rule.grade, tally, holds, tuple(blocked), leads)
            blocked += missing
        raise ValueError("no grade without conditions; see load_rules")

    def falls_without(self, statement: Statement) -> dict[str, Grade]:
        """Return each source without which the grade is another, with that grade."""
        grade = self.grade(statement).grade
        changed = {}
        for source in dict.fromkeys(item.source for item in statement.evidence):
            other = self.grade(statement, without=source).grade
            if other != grade:
                changed[source] = other
        return changed

    @cached_property
    def others(self) -> dict[str, Grader]:
        """A grader for each other reading of the rules, by its id."""
        return {reading.id: Grader(self.studies, self.rules.under(reading)) for reading in self.rules.readings}

    def under_readings(self, statement: Statement) -> dict[str, Grade]:
        """Return the readings under which the grade is another, with that grade."""
        grade = self.grade(statement).grade
        found = {name: grader.grade(statement).grade for name, grader in self.others.items()}
        return {name: other for name, other in found.items() if other != grade}


def _needs(rule: GradeRule) -> list[tuple[str, int]]:
    return [(name, value) for name, value in rule.needs.model_dump(exclude_none=True).items()]


def _met(name: str, needed: int, tally: Tally) -> bool:
    count = int(getattr(tally, name))
    return count == 0 if name == "against" and needed == 0 else count >= needed


def _said(name: str, needed: int, tally: Tally) -> tuple[str, str]:
    """Return a condition with its count, and what would lift it."""
    count = int(getattr(tally, name))
    words = CONDITION_WORDS[name]
    if name == "against" and needed == 0:
        return f"{count} {words}", f"{count} answered or superseded" if count else ""
    return f"{count} of {needed} {words}", f"{max(needed - count, 0)} more {words}"


def grades_of(statements: Mapping[str, Sequence[Statement]], grader: Grader) -> dict[str, Graded]:
    """Return the grade of every statement by its id."""
    return {item.id: grader.grade(item) for items in statements.values() for item in items}
