"""What "emergent" has meant, against the same five cases: ``data/definitions.yml``.

A definition lists the properties that it asks for; every case answers every property, with the study or the analysis
that the answer rests on. Whether a case meets a definition is not written down: it follows.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from emergence.records.laws import of_another
from emergence.records.printed import rows
from review_utils.records.reading import (
    Located,
    Problem,
    Record,
    RecordError,
    Slug,
    Text,
    did_you_mean,
    each_once,
    parse,
    read_yaml,
)
from review_utils.records.references import load_references, unknown_key

Answer = Literal["yes", "no", "untested"]
Page = Annotated[str, Field(pattern=r"^[a-z_]+/[a-z0-9_]+$")]


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
    """What is known of one property of a case, and from where: a study, an analysis of this book, or both."""

    answer: Answer
    study: Text | None = None
    analysis: Page | None = None
    because: Text

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        if self.answer != "untested" and not (self.study or self.analysis):
            raise ValueError("a study or an analysis that the answer rests on")
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


def meets(definition: Definition, case: Case) -> Answer:
    """Return whether a case meets a definition: no when any property is missing, untested when any is unknown."""
    answers = [case.known[asked].answer for asked in definition.asks]
    return "no" if "no" in answers else "untested" if "untested" in answers else "yes"


def _near(given: str, known: list[str], what: str) -> str:
    return what + did_you_mean(given, known)


def _source(
    located: Located,
    at: tuple[str | int, ...],
    cite: str | None,
    analysis: str | None,
    keys: Collection[str],
    data: Path,
) -> list[Problem]:
    problems: list[Problem] = []
    problems += unknown_key(located, (*at, "cite"), cite, keys) if cite else ()
    if analysis is not None and not (data.parent / "analyses" / f"{analysis}.md").is_file():
        problems.append(located.problem((*at, "analysis"), analysis, "a page below analyses/"))
    return problems


def load_definitions(data: Path) -> DefinitionsFile:
    """Return ``data/definitions.yml``, checked: every case answers every property that a definition asks for.

    Raises
    ------
    RecordError
        With every problem.
    """
    located = read_yaml(data / "definitions.yml")
    found = parse(DefinitionsFile, located)
    keys = load_references(data)
    studies = sorted(row["key"] for row in rows(data / "studies", "key"))
    properties = [p.id for p in found.properties]
    problems: list[Problem] = []
    for part, told in (("properties", "question"), ("definitions", "says"), ("cases", "name"), ("measures", "name")):
        problems += each_once(located, getattr(found, part), at=(part,))
        problems += each_once(located, getattr(found, part), told, "words of its own, unlike those of another", (part,))
    for i, definition in enumerate(found.definitions):
        problems += _source(located, ("definitions", i), definition.cite, None, keys, data)
        if definition.cite in keys and (whose := of_another(definition.name, keys[definition.cite])):
            need = f"{whose}, whom it cites, or that work under cite"
            problems.append(located.problem(("definitions", i, "name"), definition.name, need))
        for j, asked in enumerate(definition.asks):
            if asked not in properties:
                problems.append(
                    located.problem(("definitions", i, "asks", j), asked, _near(asked, properties, "a property"))
                )
    for i, case in enumerate(found.cases):
        for name in properties:
            if name not in case.known:
                problems.append(located.problem(("cases", i, "known"), "nothing", f"an answer to {name}"))
        for name, known in case.known.items():
            at = ("cases", i, "known", name)
            if name not in properties:
                problems.append(located.problem(at, name, _near(name, properties, "a property")))
            problems += _source(located, at, None, known.analysis, keys, data)
            if known.study and known.study not in studies:
                need = _near(known.study, studies, "a study of data/studies")
                problems.append(located.problem((*at, "study"), known.study, need))
    for i, measure in enumerate(found.measures):
        problems += _source(located, ("measures", i), measure.cite, None, keys, data)
    if problems:
        raise RecordError(problems)
    return found
