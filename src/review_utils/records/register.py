"""The register: findings, the shapes they may instantiate, and their references, as typed records.

One YAML file a finding under ``data/findings``; shapes, structural tests and open questions in
``data/shapes.yml`` and ``data/questions.yml``; sources in ``data/references.bib``.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from review_utils.records.about import About, CriterionName, load_about
from review_utils.records.authors import GroupRule
from review_utils.records.quantities import VERIFIED_TIERS, PartialDate, Quantity, Verified, earliest, latest
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
    read_yaml,
)
from review_utils.records.references import citation_keys
from review_utils.review import project_root

CriterionVerdict = Literal["met", "unclear", "untested", "not-reported", "not-met"]


TestResult = Literal[
    "removes-effect",
    "triggers-effect",
    "weaker-effect",
    "partial",
    "mixed",
    "no-effect",
    "preserved",
    "predicts-effect",
    "different-profile",
    "unclear",
    "not-run",
    "not-reported",
    "not-applicable",
]


NOT_TESTED = frozenset({"not-run", "not-reported", "not-applicable"})
"""What is no result. That a test was not run is known; where what was read does not say, it is not reported."""


class Source(Record):
    """Where the finding was published; at least one of the three."""

    arxiv: Annotated[str, Field(pattern=r"^\d{4}\.\d{4,5}$")] | None = None
    doi: Annotated[str, Field(pattern=r"^10\.\d{4,9}/\S+$")] | None = None
    url: Annotated[str, Field(pattern=r"^https://[^\s<>\"'/?#@]+([/?#][^\s<>\"']*)?$")] | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not (self.arxiv or self.doi or self.url):
            raise ValueError("an arXiv id, a DOI or an address")
        return self

    @property
    def address(self) -> str:
        """The address to read it at."""
        if self.url:
            return self.url
        return f"https://doi.org/{self.doi}" if self.doi else f"https://arxiv.org/abs/{self.arxiv}"


class Membership(Record):
    """One shape that a part of the finding instantiates.

    A ``member`` is counted. ``open`` means that the founding notes leave it undecided, ``candidate`` that
    later reading proposes it; neither is counted unless a reading asks for it.
    """

    id: Slug
    part: Text
    standing: Literal["member", "open", "candidate"]
    proposed_by: Literal["founding-notes", "later-reading"]


class Criterion(Record):
    """One inclusion criterion, judged.

    ``untested`` says that the study's own design leaves it open; where only what was read is silent, it is ``not-reported``.
    """

    verdict: CriterionVerdict
    because: Text | None = None

    @model_validator(mode="after")
    def _reason(self) -> Self:
        if self.verdict != "met" and not self.because:
            raise ValueError("a reason (because) for a verdict other than met")
        return self


class Scale(Record):
    """Whether dependence on scale was measured, how, and with what result."""

    measured: bool
    how: Text | None = None
    result: Text | None = None


class StructuralTest(Record):
    """One structural test and its result on this finding."""

    test: Slug
    detail: Text | None = None
    result: TestResult
    note: Text | None = None

    @model_validator(mode="after")
    def _known_how(self) -> Self:
        if self.result == "not-run" and not self.note:
            raise ValueError("a note that says which reading shows it, or not-reported")
        return self


class Comparator(Quantity):
    """What the measurement is compared with; `same_measure` is false where the two are not the same quantity."""

    condition: Text
    same_measure: bool = True


class Dose(Record):
    """The share of the suspected cause that a measurement belongs to, where a study varied it."""

    percent: Annotated[float, Field(ge=0, le=100, strict=False)]
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
    interval: (
        Annotated[list[Annotated[float, Field(allow_inf_nan=False, strict=False)]], Field(min_length=2, max_length=2)]
        | None
    ) = None
    interval_kind: Text | None = None
    dose: Dose | None = None
    note: Text | None = None
    locator: Text
    verified: Verified
    unverified_because: Text | None = None
    """Why it was not checked in the source; needed where it was not."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.value is None and self.text is None:
            raise ValueError("a value, or text where the source gives none")
        if self.is_verified == (self.unverified_because is not None):
            raise ValueError(
                "unverified_because, why it was not checked in the source, where it was not and only there"
            )
        if self.unit.split()[0] in ("percent", "percentage"):
            numbers = [self.value, self.upper, *(self.interval or [])]
            numbers += [self.comparator.value] if self.comparator else []
            outside = [x for x in numbers if x is not None and not -100 <= x <= 100]
            if outside or (self.unit == "percent" and self.value is not None and self.value < 0):
                raise ValueError(f"a percentage between 0 and 100, which {outside or self.value} is not")
        if self.unit == "share" and any(x is not None and not 0 <= x <= 1 for x in (self.value, self.upper)):
            raise ValueError(f"a share from 0 to 1, which {self} is not; or the unit percent")
        if self.interval:
            low, high = self.interval
            if low > high or (self.value is not None and not low <= self.value <= high):
                raise ValueError(f"an interval [low, high] that holds its value, which {self.interval} does not")
        return self

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
    """A relation to another finding."""

    to: Slug
    relation: Literal["replicates", "contests", "explains", "extends", "uses", "precedes", "complements", "comments-on"]


class Finding(Record):
    """One published finding."""

    id: Slug
    formerly: list[Slug] = []
    """Ids that it had before it was renamed: what names them still finds it."""
    title: Text
    authors: Annotated[list[Text], Field(min_length=1)]
    authors_note: Text | None = None
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

    @model_validator(mode="after")
    def _dates_and_ids(self) -> Self:
        today = dt.date.today()
        if latest(self.recorded) > today:
            raise ValueError(f"a date of recording that is not in the future (recorded {self.recorded})")
        if earliest(self.published) > today:
            raise ValueError(f"a date of publication that is not in the future (published {self.published})")
        if latest(self.published[:10]) > latest(self.recorded) and len(self.published) == 10:
            raise ValueError(f"published ({self.published}) not after recorded ({self.recorded})")
        repeated = [i for i, times in Counter(m.id for m in self.measurements).items() if times > 1]
        if repeated:
            raise ValueError(f"each measurement's id once; repeated: {', '.join(repeated)}")
        if twice := [name for name, other in pairwise(self.authors) if name == other]:
            raise ValueError(f"each author once; {twice[0]} stands twice")
        if self.in_founding_notes is False and self.notes_say:
            raise ValueError("in_founding_notes: true where notes_say is given")
        return self

    @property
    def short(self) -> str:
        """Author and year, for tables."""
        name = self.authors[0].split()[-1]
        more = " and others" if len(self.authors) > 2 or self.authors_note else ""
        pair = f" and {self.authors[1].split()[-1]}" if len(self.authors) == 2 and not more else ""
        return f"{name}{pair}{more} {self.published[:4]}"

    def known_on(self, clock: Literal["published", "recorded"] = "published") -> dt.date:
        """Return the day from which it counts as published, or as recorded.

        A date of only a year or a month counts from its end, but what was recorded was out by then.
        """
        recorded = latest(self.recorded)
        return recorded if clock == "recorded" else min(latest(self.published), recorded)

    def measurement(self, measurement_id: str) -> Measurement:
        """Return one measurement by its id; KeyError names the near misses."""
        for measurement in self.measurements:
            if measurement.id == measurement_id:
                return measurement
        known = [m.id for m in self.measurements]
        near = did_you_mean(measurement_id, known, 3) or f"; there are: {', '.join(known)}"
        raise KeyError(f"{self.id} has no measurement {measurement_id}{near}")


class Condition(Record):
    """One condition for being codified, from a closed vocabulary; exactly one of the five is set."""

    min_examples: PositiveInt | None = None
    min_groups: PositiveInt | None = None
    every_member_tested: Slug | None = None
    example_outside: Slug | None = None
    decision: Text | None = None
    source: Text

    @model_validator(mode="after")
    def _one(self) -> Self:
        kinds = ("min_examples", "min_groups", "every_member_tested", "example_outside", "decision")
        if sum(getattr(self, kind) is not None for kind in kinds) != 1:
            raise ValueError(f"exactly one of {', '.join(kinds)}")
        return self


class Shape(Record):
    """A shape, sub-shape, role, candidate concept or open classification of the founding notes."""

    id: Slug
    title: Text
    kind: Literal[
        "shape",
        "sub-shape",
        "role",
        "method",
        "candidate-concept",
        "adjacent-concept",
        "single-result",
        "rejected-concept",
    ]
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
    places: Mapping[str, Located] = field(default_factory=dict, repr=False, compare=False)
    """The file of each finding, by its id."""

    @property
    def judged(self) -> tuple[str, ...]:
        """The names of the criteria by which findings are judged, in their order."""
        return tuple(dict.fromkeys(name for finding in self.findings for name in finding.criteria))

    @property
    def aliases(self) -> dict[str, str]:
        """The ids that findings had before, with those that they have now."""
        return {old: f.id for f in self.findings for old in f.formerly}

    def finding(self, finding_id: str) -> Finding:
        """Return one finding by its id, or by one that it had; KeyError names the near misses."""
        for finding in self.findings:
            if finding.id == finding_id or finding_id in finding.formerly:
                return finding
        raise KeyError(f"no finding {finding_id}{did_you_mean(finding_id, (f.id for f in self.findings), 3)}")

    def shape(self, shape_id: str) -> Shape:
        """Return one shape by its id; KeyError names the near misses."""
        for shape in self.shapes:
            if shape.id == shape_id:
                return shape
        raise KeyError(f"no shape {shape_id}{did_you_mean(shape_id, (s.id for s in self.shapes), 3)}")


def _unknown(located: Located, at: tuple[str | int, ...], given: str, known: list[str], kind: str) -> Problem:
    return located.problem(at, given, f"a known {kind}{did_you_mean(given, known)}")


def _by_the_review(finding: Finding, located: Located, about: About) -> Iterator[Problem]:
    """Yield what a finding says otherwise than ``review.yml`` allows."""
    if finding.role not in about.roles:
        needed = f"one of {', '.join(about.roles)}, of data/review.yml{did_you_mean(finding.role, about.roles)}"
        yield located.problem(("role",), finding.role, needed)
    for name in finding.criteria.keys() - about.criteria.keys():
        yield _unknown(located, ("criteria", name), name, list(about.criteria), "criterion of data/review.yml")
    for name in about.criteria.keys() - finding.criteria.keys():
        yield located.problem(("criteria",), f"no {name}", "a verdict on each criterion of data/review.yml")


def _cross_check(
    finding: Finding, located: Located, ids: list[str], shapes: list[str], tests: list[str], keys: dict[str, int]
) -> Iterator[Problem]:
    if finding.id != located.path.stem:
        yield located.problem(("id",), finding.id, f"the file's own name, {located.path.stem}")
    if finding.cite not in keys:
        yield _unknown(located, ("cite",), finding.cite, list(keys), "key of data/references.bib")
    for i, membership in enumerate(finding.shapes):
        if membership.id not in shapes:
            yield _unknown(located, ("shapes", i, "id"), membership.id, shapes, "shape of data/shapes.yml")
    for i, test in enumerate(finding.tests):
        if test.test not in tests:
            yield _unknown(located, ("tests", i, "test"), test.test, tests, "test of data/shapes.yml")
    for i, link in enumerate(finding.links):
        if link.to not in ids:
            yield _unknown(located, ("links", i, "to"), link.to, ids, "finding")
        if link.to == finding.id:
            yield located.problem(("links", i, "to"), link.to, "another finding than itself")


def load_group_rule(data: Path) -> GroupRule:
    """Return the rule of ``data/grades.yml`` by which works are of one group.

    Raises
    ------
    RecordError
        Where it is not there or is no rule.
    """
    located = read_yaml(data / "grades.yml")
    rule = located.data.get("groups") if isinstance(located.data, dict) else None
    return parse(GroupRule, replace(located, data=rule))


def load_finding(path: Path) -> Finding:
    """Return one finding from its file, checked on its own (not against other records)."""
    return parse(Finding, read_yaml(path))


def load_register(data: Path | None = None) -> Register:
    """Load and check the whole register.

    Parameters
    ----------
    data : path, optional
        The data folder; default is the review's own.

    Raises
    ------
    RecordError
        With every problem of every file.
    """
    data = data or project_root() / "data"
    problems: list[Problem] = []
    shapes_at = questions_at = None
    shapes_file = ShapesFile(tests=[], shapes=[])
    questions: list[Question] = []
    keys: dict[str, int] = {}
    try:
        shapes_at = read_yaml(data / "shapes.yml")
        shapes_file = parse(ShapesFile, shapes_at)
    except RecordError as error:
        problems += error.problems
    try:
        questions_at = read_yaml(data / "questions.yml")
        questions = parse_list(Question, questions_at)
    except RecordError as error:
        problems += error.problems
    try:
        keys = citation_keys(data)
    except RecordError as error:
        problems += error.problems

    about = None
    try:
        about = load_about(data)
    except RecordError as error:
        problems += error.problems
    rule = None
    with contextlib.suppress(RecordError):  # said where the rules of grading are read
        rule = load_group_rule(data)
    findings: list[tuple[Finding, Located]] = []
    paths = sorted((data / "findings").glob("*.yml"))
    if not paths:
        folder = Located(data / "findings", None)
        problems.append(folder.problem((), "an empty register", "at least one finding (data/findings/<id>.yml)"))
    for path in sorted({*(data / "findings").glob("[!.]*")} - {*paths}):
        problems.append(
            Located(path, None).problem((), path.name, "a finding as <id>.yml in this folder, or another place")
        )
    for path in paths:
        try:
            located = read_yaml(path)
            finding = parse(Finding, located)
            findings.append((finding, located))
            problems += _by_the_review(finding, located, about) if about else ()
        except RecordError as error:
            problems += error.problems

    ids = [finding.id for finding, _ in findings]
    former = {old: finding.id for finding, _ in findings for old in finding.formerly}
    for finding, located in findings:
        for i, old in enumerate(finding.formerly):
            if old in {p.stem for p in paths} or former[old] != finding.id:
                problems.append(located.problem(("formerly", i), old, "an id that no other finding has or had"))
    shape_ids = [shape.id for shape in shapes_file.shapes]
    test_ids = [test.id for test in shapes_file.tests]
    if keys and shape_ids:
        file_ids = [*(path.stem for path in paths), *former]
        for finding, located in findings:
            problems += _cross_check(finding, located, file_ids, shape_ids, test_ids, keys)
    if shapes_at and shape_ids:
        problems += _check_shapes(shapes_file, shapes_at, shape_ids, test_ids)
    if questions_at:
        for i, question in enumerate(questions):
            if question.shape and question.shape not in shape_ids:
                problems.append(_unknown(questions_at, (i, "shape"), question.shape, shape_ids, "shape"))
            for j, candidate in enumerate(question.candidates):
                if candidate.finding not in {*(p.stem for p in paths), *former}:
                    problems.append(
                        _unknown(questions_at, (i, "candidates", j, "finding"), candidate.finding, ids, "finding")
                    )
    if problems:
        raise RecordError(problems)
    return Register(
        tuple(_now_called(f, former) for f, _ in findings),
        tuple(shapes_file.shapes),
        tuple(shapes_file.tests),
        tuple(_asked_now(q, former) for q in questions),
        data,
        about.criteria if about else {},
        rule,
        {finding.id: located for finding, located in findings},
    )


def _now_called(finding: Finding, former: Mapping[str, str]) -> Finding:
    """Return a finding whose links name other findings as they are called now."""
    if not any(link.to in former for link in finding.links):
        return finding
    links = [link.model_copy(update={"to": former.get(link.to, link.to)}) for link in finding.links]
    return finding.model_copy(update={"links": links})


def _asked_now(question: Question, former: Mapping[str, str]) -> Question:
    """Return a question whose candidates are named as they are called now."""
    if not any(c.finding in former for c in question.candidates):
        return question
    named = [c.model_copy(update={"finding": former.get(c.finding, c.finding)}) for c in question.candidates]
    return question.model_copy(update={"candidates": named})


def _check_shapes(file: ShapesFile, located: Located, shape_ids: list[str], test_ids: list[str]) -> Iterator[Problem]:
    for kind, ids in (("shapes", shape_ids), ("tests", test_ids)):
        for i, record_id in enumerate(ids):
            if record_id in ids[:i]:
                yield located.problem((kind, i, "id"), record_id, "each id once")
    for i, shape in enumerate(file.shapes):
        if shape.of and shape.of not in shape_ids:
            yield _unknown(located, ("shapes", i, "of"), shape.of, shape_ids, "shape")
        for j, condition in enumerate(shape.codify_when):
            at = ("shapes", i, "codify_when", j)
            if condition.every_member_tested and condition.every_member_tested not in test_ids:
                yield _unknown(located, (*at, "every_member_tested"), condition.every_member_tested, test_ids, "test")
            if condition.example_outside and condition.example_outside not in shape_ids:
                yield _unknown(located, (*at, "example_outside"), condition.example_outside, shape_ids, "shape")
