"""The register: findings, the shapes they may instantiate, and their references, as typed records.

One YAML file a finding under ``data/findings``; shapes, structural tests and open questions in
``data/shapes.yml`` and ``data/questions.yml``; sources in ``data/references.bib``.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, PositiveInt

from review_utils.records.authors import GroupRule
from review_utils.records.quantities import (
    ARXIV,
    VERIFIED_TIERS,
    DayOfWork,
    Interval,
    Number,
    PartialDate,
    Quantity,
    Verified,
    latest,
)
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
    read_each,
    read_yaml,
    refuse,
    uncollected,
    with_id,
)
from review_utils.review import files_in, project_root

CriterionName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


CriterionVerdict = Literal["met", "unclear", "untested", "not-reported", "not-met"]


TestResult = Literal[
    "removes-effect", "triggers-effect", "weaker-effect", "partial", "mixed", "no-effect", "preserved", "predicts-effect",
    "different-profile", "unclear", "not-run", "not-reported", "not-applicable",
]  # fmt: skip


NOT_TESTED = frozenset({"not-run", "not-reported", "not-applicable"})
"""What is no result. That a test was not run is known; where what was read does not say, it is not reported."""


class Source(Record):
    """Where the finding was published; at least one of the three."""

    arxiv: Annotated[str, Field(pattern=f"^{ARXIV}$")] | None = None
    doi: Annotated[str, Field(pattern=r"^10\.\d{4,9}/\S+$")] | None = None
    url: Annotated[str, Field(pattern=r"^https://[^\s<>\"'/?#@]+([/?#][^\s<>\"']*)?$")] | None = None

    @property
    def address(self) -> str:
        """The address to read it at."""
        if self.url:
            return self.url
        return f"https://doi.org/{self.doi}" if self.doi else f"https://arxiv.org/abs/{self.arxiv}"


Standing = Literal["member", "open", "candidate", "declined"]


class Decision(Record):
    """What was decided of a place of a finding in a shape, by the shape's own definition and rule."""

    day: DayOfWork
    because: Text
    waits_for: Slug | None = None
    """The structural test that would decide, where the study did not run it or what was read does not say."""


class Membership(Record):
    """One shape that a part of the finding may instantiate.

    A ``member`` is counted. A ``candidate`` is proposed and waits for a decision; ``declined`` is decided against, and
    ``open`` cannot be decided before a test was run. These three are not counted unless a reading asks for it.
    """

    id: Slug
    part: Text
    standing: Standing
    proposed_by: Literal["founding-notes", "later-reading"]
    decided: Decision | None = None


class Criterion(Record):
    """One inclusion criterion, judged.

    ``untested`` says that the study's own design leaves it open; where only what was read is silent, it is ``not-reported``.
    """

    verdict: CriterionVerdict
    because: Text | None = None


class Scale(Record):
    """Whether dependence on scale was measured, how, and with what result.

    Where it was not, there is no result of it; `how` may say what was varied or compared in its place, and what that showed.
    """

    measured: bool
    how: Text | None = None
    result: Text | None = None


class StructuralTest(Record):
    """One structural test and its result on this finding."""

    test: Slug
    detail: Text | None = None
    result: TestResult
    note: Text | None = None


class Comparator(Quantity):
    """What the measurement is compared with; `same_measure` is false where the two are not the same quantity."""

    condition: Text
    same_measure: bool = True
    n: PositiveInt | None = None
    """How many of what stand behind it, where not as many as behind the measurement."""


class Dose(Record):
    """The share of the suspected cause that a measurement belongs to, where a study varied it."""

    percent: Annotated[Number, Field(ge=0, le=100)]
    share_of: Text
    effect: Literal["yes", "no", "unclear"]


class Measurement(Quantity):
    """One measurement, with its place in the source and how it was checked."""

    id: Slug
    metric: Text
    condition: Text
    unit: Text
    comparator: Comparator | None = None
    n: PositiveInt | None = None
    n_of: Text | None = None
    interval: Interval | None = None
    interval_kind: Text | None = None
    dose: Dose | None = None
    note: Text | None = None
    locator: Text
    verified: Verified
    unverified_because: Text | None = None
    """Why it was not checked in the source; needed where it was not."""

    @property
    def is_verified(self) -> bool:
        """Whether it was read in the primary source or in at least three independent extractions."""
        return self.verified in VERIFIED_TIERS


class NotesSay(Record):
    """What the founding notes say of this finding, against what the source says."""

    claim: Text
    verdict: Literal["agrees", "differs", "not-verified"]
    source_says: Text | None = None


class Link(Record):
    """A relation to another finding: which of its measurements it is about, and why, where that is not plain."""

    to: Slug
    relation: Literal["replicates", "contests", "explains", "extends", "uses", "precedes", "complements", "comments-on"]
    measurement: Slug | None = None
    because: Text | None = None


class Finding(Record):
    """One published finding."""

    id: Slug
    formerly: list[Slug] = []
    """Ids that it had before it was renamed: what names them still finds it."""
    title: Text
    authors: Annotated[list[Text], Field(min_length=1)]
    authors_note: Text | None = None
    family: Text | None = None
    """The first author's family name, where it is more than the last word."""
    published: PartialDate
    dates_note: Text | None = None
    recorded: PartialDate
    source: Source
    cite: Text
    venue: Text | None = None
    models: list[Text] = []
    group: Slug
    """The laboratory or team, for readers; rules ask for shared authors and not for this."""
    role: Slug
    in_founding_notes: bool = False
    notes_role: Text | None = None
    shapes: list[Membership] = []
    criteria: dict[CriterionName, Criterion]
    scale: Scale
    tests: list[StructuralTest] = []
    measurements: list[Measurement] = []
    notes_say: list[NotesSay] = []
    links: list[Link] = []
    summary: Text
    caveats: list[Text] = []

    @property
    def short(self) -> str:
        """Author and year, for tables."""
        name = self.family or self.authors[0].split()[-1]
        more = " and others" if len(self.authors) > 2 or self.authors_note else ""
        pair = f" and {self.authors[1].split()[-1]}" if len(self.authors) == 2 and not more else ""
        return f"{name}{pair}{more} {self.published[:4]}"

    def known_on(self, clock: Literal["published", "recorded"] = "published") -> dt.date:
        """Return the day from which it counts as published, or as recorded.

        A date of only a year or a month counts from its end, but what was recorded was out by then.
        """
        recorded, clocks = latest(self.recorded), ("published", "recorded")
        if clock not in clocks:
            raise ValueError(f"clock: given {clock!r}; needed: one of {', '.join(clocks)}{did_you_mean(clock, clocks)}")
        return recorded if clock == "recorded" else min(latest(self.published), recorded)

    def measurement(self, measurement_id: str) -> Measurement:
        """Return one measurement by its id; KeyError names the near misses."""
        return with_id(self.measurements, measurement_id, "measurement", within=self.id)


class Condition(Record):
    """One condition for being codified, from a closed vocabulary; exactly one of the five is set."""

    min_examples: PositiveInt | None = None
    min_groups: PositiveInt | None = None
    every_member_tested: Slug | None = None
    example_outside: Slug | None = None
    decision: Text | None = None
    source: Text


class Shape(Record):
    """A shape, sub-shape, role, candidate concept or open classification of the founding notes."""

    id: Slug
    title: Text
    kind: Literal[
        "shape", "sub-shape", "role", "method", "candidate-concept", "adjacent-concept", "single-result", "rejected-concept",
    ]  # fmt: skip
    of: Slug | None = None
    in_founding_notes: bool = True
    definition: Text
    evidence_at: PositiveInt
    codify_when: list[Condition] = []
    notes_say: Text | None = None
    notes_members: Annotated[int, Field(ge=0)] | None = None
    look_for: Text


class TestKind(Record):
    """One kind of structural test."""

    id: Slug
    title: Text
    asks: Text


class Candidate(Record):
    """Evidence already in the register that may bear on an open question, and why it may not count."""

    finding: Slug
    strength: Literal["strong", "good", "mixed", "weak"]
    but: Text


class Question(Record):
    """An open question, what would settle it, and candidate evidence."""

    id: Slug
    question: Text
    shape: Slug | None = None
    settled_by: Text
    notes_line: Text
    candidates: list[Candidate] = []


class ShapesFile(Record):
    """The file data/shapes.yml."""

    tests: list[TestKind]
    shapes: list[Shape]


@dataclass(frozen=True)
class Register:
    """All records, checked against each other."""

    findings: tuple[Finding, ...]
    shapes: tuple[Shape, ...]
    tests: tuple[TestKind, ...]
    questions: tuple[Question, ...]
    data: Path = Path("data")
    """Where they were read from."""
    criteria: Mapping[str, str] = field(default_factory=dict)
    """The inclusion criteria of ``review.yml``, each with its title."""
    rule: GroupRule | None = None
    """When two findings are of one group; without a rule those by the very same authors are."""
    families: tuple[str, ...] = ()
    """Families that a model's name begins with or holds, as ``review.yml`` lists them."""

    @property
    def judged(self) -> tuple[str, ...]:
        """The names of the criteria by which findings are judged, in their order."""
        return tuple(dict.fromkeys(name for finding in self.findings for name in finding.criteria))

    @cached_property
    def aliases(self) -> dict[str, str]:
        """The ids that findings had before, with those that they have now."""
        return {old: f.id for f in self.findings for old in f.formerly}

    @cached_property
    def _by_id(self) -> dict[str, Finding]:
        return {f.id: f for f in self.findings}

    def finding(self, finding_id: str) -> Finding:
        """Return one finding by its id, or by one that it had; KeyError names the near misses."""
        known = self._by_id.get(self.aliases.get(finding_id, finding_id))
        return known or with_id(self.findings, self.aliases.get(finding_id, finding_id), "finding")

    def families_of(self, finding: Finding) -> list[str]:
        """Return the families of a finding's models, in the order of ``review.yml``; "other" where none is listed."""
        names = " ".join(finding.models).lower()
        return [name for name in self.families if name.lower() in names] or ["other"] * bool(names)

    def shape(self, shape_id: str) -> Shape:
        """Return one shape by its id; KeyError names the near misses."""
        return with_id(self.shapes, shape_id, "shape")


@dataclass(frozen=True)
class Files:
    """The files of the register as they are read: each record by itself, with its place, and what is wrong with the others."""

    data: Path
    findings: tuple[tuple[Located, Finding], ...]
    shapes: tuple[Located, ShapesFile] | None
    questions: tuple[Located, list[Question]] | None
    problems: tuple[Problem, ...]

    @cached_property
    def former(self) -> dict[str, str]:
        """The ids that findings had, with those that they have now."""
        return {old: finding.id for _, finding in self.findings for old in finding.formerly}

    def register(self) -> Register:
        """Return the register that they make.

        Raises
        ------
        RecordError
            With what is wrong with each file by itself.
        """
        refuse(list(self.problems))
        if not self.shapes or not self.questions:
            raise RecordError(self.problems)
        rule = None
        with contextlib.suppress(RecordError, AttributeError):  # said where the rules of grading are read
            located = read_yaml(self.data / "grades.yml")
            rule = parse(GroupRule, located, located.data.get("groups"), ("groups",))
        about = read_yaml(path).data if (path := self.data / "review.yml").is_file() else {}
        said = about if isinstance(about, dict) else {}  # the file as a whole is checked elsewhere
        return Register(
            tuple(_now_called(finding, "links", "to", self.former) for _, finding in self.findings),
            tuple(self.shapes[1].shapes),
            tuple(self.shapes[1].tests),
            tuple(_now_called(question, "candidates", "finding", self.former) for question in self.questions[1]),
            self.data,
            said.get("criteria") or {},
            rule,
            tuple(said.get("families") or ()),
        )


@uncollected()
def read_files(data: Path) -> Files:
    """Return what the files of the register hold, none of them held against another."""
    problems: list[Problem] = []
    shapes = next(read_each([data / "shapes.yml"], partial(parse, ShapesFile), problems), None)
    questions = next(read_each([data / "questions.yml"], partial(parse_list, Question), problems), None)
    paths = files_in(data / "findings", "*.yml")
    found = tuple(read_each(paths, partial(parse, Finding), problems))
    if not paths:
        folder = Located(data / "findings", None)
        problems.append(folder.problem((), "an empty register", "at least one finding (data/findings/<id>.yml)"))
    return Files(data, found, shapes, questions, tuple(problems))


def load_register(data: Path | None = None) -> Register:
    """Return the register, each record of it checked by itself; the engine holds them against one another.

    Parameters
    ----------
    data : path, optional
        The data folder; default is the review's own.

    Raises
    ------
    RecordError
        With every problem of every file.
    """
    return read_files(data or project_root() / "data").register()


Named = TypeVar("Named", Finding, Question)


def _now_called(record: Named, parts: str, name: str, former: Mapping[str, str]) -> Named:
    """Return a record whose parts name findings as they are called now."""
    named = [(part, getattr(part, name)) for part in getattr(record, parts)]
    if former.keys().isdisjoint(said for _, said in named):
        return record
    return record.model_copy(
        update={parts: [part.model_copy(update={name: former.get(said, said)}) for part, said in named]}
    )
