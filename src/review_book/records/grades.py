"""How firmly a statement is known: a pure function of its evidence and of rules that are data (``data/grades.yml``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar, get_args

from pydantic import AfterValidator, Field, NonNegativeInt, model_validator

from review_book.records.duplicates import plain_title
from review_book.records.statements import Evidence, Statement
from review_book.records.studies import Studies, StudyKind
from review_utils.records.authors import GroupRule, independent
from review_utils.records.reading import Record, RecordError, Slug, Text, parse, read_yaml
from review_utils.show import listed

Grade = Literal["established", "supported", "one-study", "contested", "overturned", "open"]
T = TypeVar("T")
OURS = "this review"
"""The one group of all our own analyses."""

CONDITION_WORDS = {
    "direct_groups": ("independent group", "with direct evidence for it"),
    "groups": ("independent group", "with evidence for it, direct or of a consequence"),
    "replications": ("replication or reanalysis", "by another group"),
    "against": ("piece", "of current direct evidence against it"),
}


def counted(name: str, n: int, more: str = "") -> str:
    """Return so many of what a condition counts, in words."""
    things, about = CONDITION_WORDS[name]
    many = things if n == 1 else "replications or reanalyses" if name == "replications" else f"{things}s"
    return f"{n} {more}{many} {about}"


Seen = Literal["full-text", "part", "abstract"]
"""How a study was read that can count: what nobody read in the source itself never raises a grade."""

Stands = Literal["current", "superseded", "corrected"]
"""Studies that can count; a retracted one never does."""


def _each_once(items: list[str]) -> list[str]:
    if len(set(items)) < len(items):
        raise ValueError("each of them once")
    return items


_Some = (Field(min_length=1), AfterValidator(_each_once))
Kinds = Annotated[list[StudyKind], *_Some]
Readings = Annotated[list[Seen], *_Some]


class CountRule(Record):
    """What counts as evidence."""

    kinds: Kinds
    kinds_because: Text
    read: Readings
    read_because: Text
    status: Annotated[list[Stands], *_Some]
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

    def ask_all_of(self, other: Needs) -> bool:
        """Return whether all that meets these conditions meets those of another as well."""
        least = {name: value or 0 for name, value in self.model_dump().items()}
        least["groups"] = max(least["groups"], least["direct_groups"])  # what is direct counts among all
        return all(
            self.against == 0 if name == "against" and value == 0 else least[name] >= value
            for name, value in other.model_dump(exclude_none=True).items()
        )


class GradeRule(Record):
    """A grade with its conditions, and why these."""

    grade: Grade
    title: Text
    needs: Needs
    because: Text


class OtherRules(Record):
    """What another reading of the rules changes."""

    shared_authors: int | None = None
    share_of_shorter: Annotated[float, Field(gt=0, lt=2, strict=False)] | None = None
    """Above 1: a share joins no studies."""
    kinds: Kinds | None = None
    read: Readings | None = None
    analyses: bool | None = None

    @model_validator(mode="after")
    def _other(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise ValueError("what it changes: one rule at least")
        return self


class OtherReading(Record):
    """Another reasonable reading of the rules; its title says what it sets, and no other (`Rules.other_title`)."""

    id: Slug
    title: Text
    set: OtherRules


MANY_AUTHORS = 100
"""So many shared authors join no studies."""

SEEN_WORDS: Mapping[Seen, str] = {"full-text": "a full text", "part": "a part", "abstract": "an abstract"}
KINDS_WORDS: Mapping[StudyKind, str] = {
    "experiment": "experiments on trained models", "small-models": "experiments on small models",
    "fine-tuning": "studies of fine-tuning", "evaluation": "evaluations", "reanalysis": "reanalyses",
    "replication": "replications", "forecasts": "scored forecasts", "theory": "theory", "simulation": "simulations",
    "survey": "surveys", "position": "positions",
}  # fmt: skip


def _not_in(known: Iterable[T], all_of: Iterable[T]) -> list[T]:
    return [item for item in all_of if item not in set(known)]


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

    def idle(self, reading: OtherReading) -> Iterator[str]:
        """Yield what a reading sets as the rules have it already."""
        for name, value in reading.set.model_dump(exclude_none=True).items():
            stands = getattr(self.groups if name in GroupRule.model_fields else self.counts, name)
            if value == stands or (isinstance(value, list) and sorted(value) == sorted(stands)):
                yield name

    def other_title(self, reading: OtherReading) -> str:
        """Return what another reading says, in words: what it sets, against the rules as they stand."""
        other, said = self.under(reading), []
        authors, share = other.groups.shared_authors, other.groups.share_of_shorter
        if (authors, share) != (self.groups.shared_authors, self.groups.share_of_shorter):
            many = "one shared author makes" if authors == 1 else f"{authors} shared authors make"
            part = "" if share > 1 else f", or {share:.0%} of the shorter list,"
            apart = share > 1 and authors >= MANY_AUTHORS
            said.append("papers that share authors count apart" if apart else f"{many}{part} one group")
        for kinds, verb in ((_not_in(self.counts.kinds, other.counts.kinds), "count"), (_not_in(other.counts.kinds, self.counts.kinds), "do not count")):  # fmt: skip
            if kinds:
                said.append(f"{listed(KINDS_WORDS[kind] for kind in kinds)} {verb}")
        for seen, verb in ((_not_in(self.counts.read, other.counts.read), "is enough"), (_not_in(other.counts.read, self.counts.read), "is not enough")):  # fmt: skip
            if seen:
                said.append(f"{' or '.join(SEEN_WORDS[how] for how in seen)} {verb}")
        if other.counts.analyses != self.counts.analyses:
            said.append(f"our own analyses {'count' if other.counts.analyses else 'do not count'}")
        return "; ".join(said)

    def title(self, grade: Grade) -> str:
        """The words for a grade."""
        return next(rule.title for rule in self.grades if rule.grade == grade)


def load_rules(data: Path) -> Rules:
    """Return the rules of grading.

    Raises
    ------
    RecordError
        Also when a grade stands twice, or the last one asks for anything, so that a statement could be left without one.
    """
    located = read_yaml(data / "grades.yml")
    rules = parse(Rules, located)
    problems, given = [], [rule.grade for rule in rules.grades]
    for i, grade in enumerate(given):
        if grade in given[:i]:
            problems.append(located.problem(("grades", i, "grade"), grade, "each grade once"))
        needs, named = rules.grades[i].needs, plain_title(rules.grades[i].title)
        if i and get_args(Grade).index(grade) < get_args(Grade).index(given[i - 1]):
            need = f"a grade that is weaker than {given[i - 1]}, which stands above: {', '.join(get_args(Grade))}"
            problems.append(located.problem(("grades", i, "grade"), grade, need))
        if named in [plain_title(other) for other in get_args(Grade) if other != grade]:
            problems.append(
                located.problem(
                    ("grades", i, "title"), rules.grades[i].title, f"words for {grade}, and not another grade"
                )
            )
        if higher := next((rule.grade for rule in rules.grades[:i] if needs.ask_all_of(rule.needs)), None):
            need = f"a condition that {higher}, which stands above, does not have: whatever meets these is {higher}"
            problems.append(located.problem(("grades", i, "needs"), f"the conditions of {grade}", need))
    last = len(rules.grades) - 1
    if any(value is not None for value in rules.grades[last].needs.model_dump().values()):
        needed = "a last grade without conditions, so that every statement has one"
        problems.append(located.problem(("grades", last, "needs"), "conditions", needed))
    for i, reading in enumerate(rules.readings):
        for name in rules.idle(reading):
            need = "what the rules have not already: another reading changes what it sets"
            problems.append(located.problem(("readings", i, "set", name), getattr(reading.set, name), need))
        if (title := rules.other_title(reading)) and reading.title != title:
            problems.append(
                located.problem(("readings", i, "title"), reading.title, f"what it sets, in words: {title}")
            )
        if reading.id in [other.id for other in rules.readings[:i]]:
            problems.append(located.problem(("readings", i, "id"), reading.id, "each reading once"))
    if problems:
        raise RecordError(problems)
    return rules


@dataclass(frozen=True)
class Tally:
    """What is counted for a statement."""

    direct_groups: int
    groups: int
    replications: int
    against: int

    def __add__(self, more: Tally) -> Tally:
        """Return the counts with those of one more piece of evidence."""
        return Tally(
            self.direct_groups + more.direct_groups, self.groups + more.groups,
            self.replications + more.replications, self.against + more.against,
        )  # fmt: skip


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


ADDED: Mapping[str, Tally] = {
    "one more independent study that tests it and agrees": Tally(1, 1, 0, 0),
    "a replication by another group that agrees": Tally(1, 1, 1, 0),
    "an independent study of a consequence that agrees": Tally(0, 1, 0, 0),
    "a study that tests it and disagrees": Tally(0, 0, 0, 1),
}
"""What one more piece of evidence would add to the counts of a statement."""


@dataclass(frozen=True)
class _Piece:
    """A piece of evidence that counts, as far as counting asks."""

    source: str
    group: str
    against: bool
    direct: bool
    replicates: str | None


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
        rule = rules.counts
        stands = {
            key: study.kind for key, study in studies.by_key.items()
            if study.read.how in rule.read and study.standing in rule.status
        }  # fmt: skip
        self._count = {key for key, kind in stands.items() if kind in rule.kinds}
        self._prove = {key for key, kind in stands.items() if kind == "theory" and rule.proofs}
        self._asked = [(r, tuple(r.needs.model_dump(exclude_none=True).items())) for r in rules.grades]
        self._pairs: dict[tuple[str, str], bool] = {}

    def as_of(self, day: dt.date, since: dt.date | None) -> Grader:
        """Return the grader of a day: by the studies that were out, and by our own analyses where they were, from `since` on."""
        ours = self.rules.counts.analyses and since is not None and day >= since
        counts = self.rules.counts.model_copy(update={"analyses": ours})
        return Grader(self.studies.as_of(day), self.rules.model_copy(update={"counts": counts}))

    def grade_of(self, tally: Tally) -> Grade:
        """Return the highest grade whose conditions all hold."""
        return next(rule.grade for rule, needs in self._asked if all(_met(name, n, tally) for name, n in needs))

    def counts(self, evidence: Evidence, mathematical: bool = False) -> bool:
        """Whether a piece of evidence counts at all, whatever it says."""
        if evidence.direct == "analogy" or evidence.bearing == "qualifies":
            return False
        if evidence.study is None:
            return self.rules.counts.analyses
        key = evidence.study
        stands = key in self._count or (mathematical and key in self._prove)
        return stands and self._verified(key, evidence)

    def _verified(self, key: str, evidence: Evidence) -> bool:
        """Whether at least one number that it gives was seen in the study itself; words are as good as the reading."""
        quoted, measured = evidence.quoted, evidence.measurements
        if not quoted and not measured:
            return True
        study, seen = self.studies.by_key[key], self.studies.seen.get(key, frozenset())
        return any(study.number(name).read == "primary" for name in quoted) or any(name in seen for name in measured)

    def dependent(self, one: str, other: str) -> bool:
        """Whether two sources are of one group: our own analyses are, and studies that share enough authors."""
        if one == other:
            return True
        pair = (one, other) if one < other else (other, one)
        if (found := self._pairs.get(pair)) is None:
            authors = self.studies.authors
            if one not in authors or other not in authors:
                found = False  # one of them is ours
            else:
                found = self.rules.groups.joins(authors[one], authors[other])
            self._pairs[pair] = found
        return found

    def groups(self, sources: Sequence[str]) -> int:
        """Return how many of these sources are pairwise independent, at most; one more source never lowers it."""
        return independent(set(sources), self.dependent)

    def _pieces(self, statement: Statement) -> list[_Piece]:
        return [
            _Piece(
                item.source, item.study or OURS, item.bearing == "against", item.direct == "statement", item.replicates
            )
            for item in statement.evidence
            if self.counts(item, statement.mathematical)
        ]

    def _tally(self, pieces: Sequence[_Piece], without: str | None = None) -> Tally:
        left = [piece for piece in pieces if piece.source != without]
        agree = [piece for piece in left if not piece.against]
        direct = [piece for piece in agree if piece.direct]
        groups = self.groups([piece.group for piece in agree])
        return Tally(
            groups if len(direct) == len(agree) else self.groups([piece.group for piece in direct]),
            groups,
            sum(bool(p.replicates) and not self.dependent(p.group, str(p.replicates)) for p in direct),
            sum(piece.against and piece.direct for piece in left),
        )

    def tally(self, statement: Statement) -> Tally:
        """Count the evidence for and against a statement."""
        return self._tally(self._pieces(statement))

    def grade(self, statement: Statement, without: str | None = None) -> Graded:
        """Return the grade of a statement, what holds and what blocks each higher one.

        Parameters
        ----------
        statement : Statement
        without : str, optional
            A source that is taken out, to see what rests on it.
        """
        pieces = self._pieces(statement)
        tally = self._tally(pieces, without)
        blocked: list[Blocked] = []
        for rule, needs in self._asked:
            missing = [(name, needed) for name, needed in needs if not _met(name, needed, tally)]
            if not missing:
                holds = tuple(_said(name, needed, tally)[0] for name, needed in needs)
                counted = {piece.source for piece in pieces}
                leads = tuple(
                    item.source for item in statement.evidence
                    if item.bearing != "qualifies" and item.source not in counted
                )  # fmt: skip
                return Graded(rule.grade, tally, holds, tuple(blocked), leads)
            blocked += (Blocked(rule.grade, *_said(name, needed, tally)) for name, needed in missing)
        raise ValueError("no grade without conditions; see load_rules")

    def falls_without(self, statement: Statement) -> dict[str, Grade]:
        """Return each source without which the grade is another, with that grade."""
        pieces = self._pieces(statement)
        grade = self.grade_of(self._tally(pieces))
        found = {
            source: self.grade_of(self._tally(pieces, source)) for source in dict.fromkeys(p.source for p in pieces)
        }
        return {source: other for source, other in found.items() if other != grade}

    def moves_with(self, statement: Statement) -> dict[str, Grade]:
        """Return each piece of evidence of `ADDED` that would change the grade, with the grade that it would give."""
        tally = self.tally(statement)
        grade = self.grade_of(tally)
        found = {name: self.grade_of(tally + more) for name, more in ADDED.items()}
        return {name: other for name, other in found.items() if other != grade}

    @cached_property
    def others(self) -> dict[str, Grader]:
        """A grader for each other reading of the rules, by its id."""
        return {reading.id: Grader(self.studies, self.rules.under(reading)) for reading in self.rules.readings}

    def under_readings(self, statement: Statement) -> dict[str, Grade]:
        """Return the readings under which the grade is another, with that grade."""
        grade = self.grade_of(self.tally(statement))
        found = {name: grader.grade_of(grader.tally(statement)) for name, grader in self.others.items()}
        return {name: other for name, other in found.items() if other != grade}


def _met(name: str, needed: int, tally: Tally) -> bool:
    count = int(getattr(tally, name))
    return count == 0 if name == "against" and needed == 0 else count >= needed


def _said(name: str, needed: int, tally: Tally) -> tuple[str, str]:
    """Return a condition with its count, and what would lift it."""
    count = int(getattr(tally, name))
    some = partial(counted, name)
    if name == "against" and needed == 0:
        return some(count), f"{count} answered or superseded" if count else ""
    needs = f"where {needed} {'is' if needed == 1 else 'are'} needed"
    return f"{some(count)}, {needs}", some(max(needed - count, 0), "more ")


@dataclass(frozen=True)
class Regraded:
    """A statement whose grade is another after a change."""

    id: str
    before: Grade
    after: Grade


def grades_of(statements: Iterable[Statement], grader: Grader) -> dict[str, Graded]:
    """Return the grade of every statement by its id."""
    return {item.id: grader.grade(item) for item in statements}


def regraded(statements: Iterable[Statement], before: Grader, after: Grader) -> list[Regraded]:
    """Return the statements that two graders grade otherwise, as after a study came, went or changed."""
    pairs = ((s.id, before.grade_of(before.tally(s)), after.grade_of(after.tally(s))) for s in statements)
    return [Regraded(*found) for found in pairs if found[1] != found[2]]


def if_retracted(statements: Iterable[Statement], grader: Grader, *keys: str) -> list[Regraded]:
    """Return the statements whose grade would be another if studies were retracted; KeyError names the near misses."""
    gone = {grader.studies.study(key).key for key in keys}
    left = {k: item for k, item in grader.studies.by_key.items() if k not in gone}
    named = [item for item in statements if any(evidence.study in gone for evidence in item.evidence)]
    return regraded(named, grader, Grader(replace(grader.studies, by_key=left), grader.rules))
