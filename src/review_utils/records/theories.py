"""Theories against the evidence of this book, and what "emergent" has meant against the same five cases.

``data/theories.yml`` holds each theory's predictions with the claims that bear on them, ``data/definitions.yml`` the
definitions with what each asks, and the cases with what is known of them. No status is written down: it follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from review_utils.records.claims import Claim, Ledger, load_ledger
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

Direction = Literal["supports", "against", "neither"]
Status = Literal["supported", "mixed", "against", "untested"]
Answer = Literal["yes", "no", "untested"]
Page = Annotated[str, Field(pattern=r"^[a-z_]+/[a-z0-9_]+$")]


class Evidence(Record):
    """A claim of the ledger that bears on a prediction, and what it says for each way it may have turned out.

    ``if_it_holds`` is read when the claim was reproduced or stands as published alone; ``if_it_differs`` when our
    recomputation differs from it; a contested claim counts both ways.
    """

    claim: Slug
    if_it_holds: Direction
    if_it_differs: Direction = "neither"
    because: Text


class Prediction(Record):
    """Something that a theory says one would observe."""

    id: Slug
    states: Text
    evidence: list[Evidence] = []


class Theory(Record):
    """A theory of emergence: what it claims, what would show it, and where this book computes with it."""

    id: Slug
    name: Text
    cite: Text
    says: Text
    observable: Text
    analysis: Page
    predictions: Annotated[list[Prediction], Field(min_length=1)]


class Asked(Record):
    """A property that a definition may ask for."""

    id: Slug
    question: Text


class Definition(Record):
    """What "emergent" has been taken to mean, as properties that a case must have."""

    id: Slug
    name: Text
    cite: Text
    says: Text
    asks: Annotated[list[Slug], Field(min_length=1)]


class Known(Record):
    """What is known of one property of a case, and from where: a claim of the ledger or an analysis of this book."""

    answer: Answer
    claim: Slug | None = None
    analysis: Page | None = None
    because: Text

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        if self.answer != "untested" and not (self.claim or self.analysis):
            raise ValueError("a claim or an analysis that the answer rests on")
        return self


class Case(Record):
    """Something that has been called emergent, or that has not."""

    id: Slug
    name: Text
    known: dict[Slug, Known]


class Measure(Record):
    """A measure of emergence from another field, and whether it carries over."""

    id: Slug
    name: Text
    field: Literal["physics", "biology", "societies"]
    cite: Text
    measures: Text
    carries_over: Literal["yes", "partly", "no"]
    because: Text


class DefinitionsFile(Record):
    """All of ``data/definitions.yml``."""

    properties: list[Asked]
    definitions: list[Definition]
    cases: list[Case]
    measures: list[Measure]


def directions(evidence: Evidence, claim: Claim) -> set[str]:
    """Return what one piece of evidence says, given how its claim turned out."""
    held, differed = evidence.if_it_holds, evidence.if_it_differs
    said = {
        "reproduced": {held},
        "reproduced-after-correction": {held},
        "not-recomputed": {held},
    }.get(claim.verdict, {differed})
    return {str(d) for d in said} - {"neither"}


def status_of(prediction: Prediction, ledger: Ledger) -> tuple[Status, list[str]]:
    """Return the status of a prediction and the reasons for it, one for each piece of evidence that counts.

    Returns
    -------
    status
        ``supported`` or ``against`` when all evidence that counts says so, ``mixed`` when it is divided, ``untested``
        when there is none.
    reasons : list of str
    """
    found: set[str] = set()
    reasons = []
    for item in prediction.evidence:
        claim = ledger.claim(item.claim)
        said = directions(item, claim)
        found |= said
        if said:
            words = "both ways" if len(said) == 2 else next(iter(said))
            reasons.append(f"{words}: {item.because} ({claim.verdict.replace('-', ' ')})")
    if found == {"supports"}:
        return "supported", reasons
    if found == {"against"}:
        return "against", reasons
    return ("mixed" if found else "untested"), reasons


def meets(definition: Definition, case: Case) -> Answer:
    """Return whether a case meets a definition: no when any property is missing, untested when any is unknown."""
    answers = [case.known[asked].answer for asked in definition.asks]
    return "no" if "no" in answers else "untested" if "untested" in answers else "yes"


def _near(given: str, known: list[str], what: str) -> str:
    return what + did_you_mean(given, known)


def load_theories(data: Path, ledger: Ledger | None = None) -> list[Theory]:
    """Return the theories of ``data/theories.yml``, checked against the ledger, the references and the analyses.

    Raises
    ------
    RecordError
        With every problem: ids given twice, claims, citations or analyses that there are not.
    """
    located = read_yaml(data / "theories.yml")
    found = parse_list(Theory, located)
    claims = [claim.id for claim in (ledger or load_ledger(data)).claims]
    keys = citation_keys(data)
    problems: list[Problem] = []
    seen: set[str] = set()
    for i, theory in enumerate(found):
        problems += _source(located, (i,), theory.cite, theory.analysis, keys, data)
        for name, at in ((theory.id, (i, "id")), *((p.id, (i, "predictions", j, "id")) for j, p in enumerate(theory.predictions))):  # fmt: skip
            if name in seen:
                problems.append(located.problem(at, name, "an id of its own"))
            seen.add(name)
        for j, prediction in enumerate(theory.predictions):
            for k, item in enumerate(prediction.evidence):
                if item.claim not in claims:
                    need = _near(item.claim, claims, "a claim of the ledger")
                    problems.append(located.problem((i, "predictions", j, "evidence", k, "claim"), item.claim, need))
    if problems:
        raise RecordError(problems)
    return found


def _source(
    located: Located,
    at: tuple[str | int, ...],
    cite: str | None,
    analysis: str | None,
    keys: Mapping[str, int],
    data: Path,
) -> list[Problem]:
    problems = []
    if cite is not None and cite not in keys:
        problems.append(located.problem((*at, "cite"), cite, _near(cite, sorted(keys), "a key of data/references.bib")))
    if analysis is not None and not (data.parent / "analyses" / f"{analysis}.md").is_file():
        problems.append(located.problem((*at, "analysis"), analysis, "a page below analyses/"))
    return problems


def load_definitions(data: Path, ledger: Ledger | None = None) -> DefinitionsFile:
    """Return ``data/definitions.yml``, checked: every case answers every property that a definition asks for.

    Raises
    ------
    RecordError
        With every problem.
    """
    located = read_yaml(data / "definitions.yml")
    found = parse(DefinitionsFile, located)
    claims = [claim.id for claim in (ledger or load_ledger(data)).claims]
    keys = citation_keys(data)
    properties = [p.id for p in found.properties]
    problems: list[Problem] = []
    for i, definition in enumerate(found.definitions):
        problems += _source(located, ("definitions", i), definition.cite, None, keys, data)
        for j, asked in enumerate(definition.asks):
            if asked not in properties:
                problems.append(located.problem(("definitions", i, "asks", j), asked, _near(asked, properties, "a property")))  # fmt: skip
    for i, case in enumerate(found.cases):
        for name in properties:
            if name not in case.known:
                problems.append(located.problem(("cases", i, "known"), "nothing", f"an answer to {name}"))
        for name, known in case.known.items():
            at = ("cases", i, "known", name)
            if name not in properties:
                problems.append(located.problem(at, name, _near(name, properties, "a property")))
            problems += _source(located, at, None, known.analysis, keys, data)
            if known.claim and known.claim not in claims:
                need = _near(known.claim, claims, "a claim of the ledger")
                problems.append(located.problem((*at, "claim"), known.claim, need))
    for i, measure in enumerate(found.measures):
        problems += _source(located, ("measures", i), measure.cite, None, keys, data)
    if problems:
        raise RecordError(problems)
    return found
