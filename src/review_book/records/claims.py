"""The claims of every chapter, checked against the bibliography, the pages and one another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from review_book.records.about import chapters_of
from review_book.records.duplicates import plain_title
from review_book.records.references import load_references
from review_book.records.sentences import typed_numbers
from review_utils.records.claims import Claim, ClaimVerdict
from review_utils.records.quantities import VERIFIED_TIERS, check_limits
from review_utils.records.reading import (
    FieldError,
    Located,
    Problem,
    RecordError,
    parse_list,
    read_each,
    read_text,
    refuse,
    with_id,
)
from review_utils.records.references import Reference, unknown_key
from review_utils.review import files_in, project_root

if TYPE_CHECKING:
    from review_utils.records.quantities import StudyNumber
    from review_utils.records.register import Measurement

COUNTED = frozenset(
    [
        "runs",
        "models",
        "tokens",
        "parameters",
        "hours",
        "minutes",
        "samples",
        "examples",
        "documents",
        "tasks",
        "papers",
        "layers",
        "heads",
        "epochs",
        "people",
        "users",
        "days",
        "months",
        "years",
        "percent",
        "steps",
        "bits",
        "nats",
        "points",
        "repetitions",
    ]
)
"""Words after a number that are its unit."""


@dataclass(frozen=True)
class Ledger:
    """The claims of every chapter, with the place of each in its file."""

    chapters: dict[str, tuple[Claim, ...]]
    places: dict[str, tuple[str, int]]
    data: Path = Path("data")
    """Where they were read from."""

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All claims, in the order of the chapters."""
        return tuple(claim for chapter in self.chapters.values() for claim in chapter)

    def claim(self, claim_id: str) -> Claim:
        """Return one claim by its id; KeyError names the near misses."""
        return with_id(self.claims, claim_id, "claim")

    def chapter_of(self, claim_id: str) -> str:
        """Return the chapter whose file holds the claim."""
        return next(name for name, claims in self.chapters.items() if any(c.id == claim_id for c in claims))


def due_verdicts(claim: Claim) -> tuple[ClaimVerdict, ...]:
    """Return the verdicts that the numbers of a claim allow."""
    if claim.recomputed is None or claim.published.value is None:
        return ("not-recomputed",)
    if abs(claim.recomputed.value - claim.published.value) <= claim.recomputed.agrees_within * (1 + 1e-12):
        return ("reproduced", "reproduced-after-correction")
    return ("rounding-or-misprint", "not-comparable", "contradicted")


def faults_of(claim: Claim) -> Iterator[tuple[str | int, ...]]:
    """Yield what a claim needs so that its numbers, its verdict and its note go together, with the field, if it is one."""
    published, recomputed, due = claim.published, claim.recomputed, due_verdicts(claim)
    if (published.value is None) == (published.text is None):
        yield "a value, or text where it is not a number; one of them", "published"
    low, high = published.interval or (None, None)
    yield from _beyond(claim, "published", value=published.value, interval_0=low, interval_1=high)
    impossible = [*_beyond(claim, recomputed_value=recomputed.value if recomputed else None)]
    yield from impossible
    if recomputed and recomputed.tolerance > recomputed.agrees_within:
        need = "a tolerance that is not above agrees_within, or a rerun may stray out of agreement"
        yield need, "recomputed"
    if recomputed and published.value and recomputed.agrees_within > abs(published.value) / 2:
        need = f"at most half of the number, {abs(published.value) / 2:g}, or another one would agree as well"
        yield need, "recomputed", "agrees_within"
    ends, value = published.interval, published.value
    if ends and value is not None and not ends[0] <= value <= ends[1] and not claim.note:
        yield "an interval that holds its value, or a note that says why it does not", "published", "interval"
    if published.value is not None and (typed := typed_numbers(claim.statement)):
        own = {published.value, recomputed.value if recomputed else None}
        filled = "{value}" in claim.statement or "{recomputed}" in claim.statement
        if not filled or any(float(n.replace(",", "")) in own for n in typed if n[0].isdecimal()):
            yield f"{{value}} for the number of the claim; typed is {typed[0]}", "statement"
    counted = re.search(r"\{value\}(?: (?:million|billion|trillion))? ([a-z]+)", claim.statement)
    if counted and counted[1] in COUNTED and counted[1] not in (published.unit or "").split():
        needed = f"the unit of the sentence, {counted[1]}, or a sentence {f'in {published.unit}' if published.unit else 'without it'}"
        yield needed, "published", "unit"
    elif bare := _without_unit(claim):
        yield f"a sentence that names the unit of {{{bare}}}, {published.unit}", "statement"
    if recomputed and published.value is None:
        yield ("a published value beside a recomputed one",)
    elif claim.verdict not in due and not impossible:
        yield (f"a verdict that follows from the numbers: {' or '.join(due)}",)
    if claim.verdict not in ("reproduced", "not-recomputed") and not claim.note:
        yield ("a note that says why it does not agree, or what was corrected",)
    if claim.verdict == "contradicted" and published.verified not in VERIFIED_TIERS:
        yield ("not-comparable, or a published value that was verified: nothing is held against memory",)


def _without_unit(claim: Claim) -> str | None:
    """Return the placeholder of a number whose sentence says no word of its unit, or None."""
    words = re.findall(r"[a-z]{3,}", (claim.published.unit or "").lower())
    sentence = claim.statement.lower().replace("%", "percent").replace("$", "dollar")
    named = not words or any(word.rstrip("s") in sentence for word in words)
    return None if named else next((one for one in ("value", "recomputed") if f"{{{one}}}" in claim.statement), None)


def _beyond(claim: Claim, *at: str, **numbers: float | None) -> Iterator[tuple[str | int, ...]]:
    try:
        check_limits(claim.published.unit, **numbers)
    except FieldError as error:
        yield str(error), *at, *error.field


def load_ledger(data: Path | None = None) -> Ledger:
    """Load and check the claims of every chapter.

    Raises
    ------
    RecordError
        With every problem of every file.
    """
    data = data or project_root() / "data"
    problems: list[Problem] = []
    try:
        keys: Mapping[str, Reference] | None = load_references(data)
    except RecordError as error:
        problems += error.problems
        keys = None
    chapters: dict[str, tuple[Claim, ...]] = {}
    places: dict[str, tuple[str, int]] = {}
    said: dict[str, str] = {}
    names = chapters_of(data)
    paths = [data / "claims" / f"{chapter}.yml" for chapter in names]
    for located, claims in read_each(paths, partial(parse_list, Claim), problems):
        for i, claim in enumerate(claims):
            if claim.id in places:
                first = places[claim.id]
                problems.append(
                    located.problem((i, "id"), claim.id, f"each id once; it also stands in {first[0]}:{first[1]}")
                )
            places[claim.id] = located.place(i)
            if (other := said.setdefault(plain_title(claim.text), claim.id)) != claim.id:
                problems.append(
                    located.problem((i, "statement"), claim.text, f"words of its own; {other} has the same")
                )
            problems += _cross_check(claim, i, located, keys, data.parent)
        chapters[located.path.stem] = tuple(claims)
    known = {f"{chapter}.yml" for chapter in names}
    for path in files_in(data / "claims"):
        if path.name not in known:
            problems.append(Located(path, None).problem((), path.name, f"a chapter's name: {', '.join(names)}"))
    refuse(problems)
    return Ledger(chapters, places, data)


_PLACE = re.compile(r"\b(?:sec|fig|tab|eq|app|abstract)[a-z]*\.? ?[\w.]*\w")


def _places(locator: str) -> set[str]:
    """Return the sections, figures and tables of a source that a place names, without the letter of a panel.

    Examples
    --------
    >>> sorted(_places("Sec. 4, Fig. 5C, stored text"))
    ['fig5', 'sec4']
    """
    return {re.sub(r"^([a-z]{3})[a-z]*\.? ?|(?<=\d)[a-z]$", r"\1", place) for place in _PLACE.findall(locator.lower())}


def parted(ledger: Ledger, numbers: Iterable[tuple[str, str, Measurement | StudyNumber]]) -> Iterator[Problem]:
    """Yield each claim whose published number stands otherwise in a finding or a study, from the same place in the same unit.

    `numbers` are those of findings and studies: the key of the work, what to call it, and the number. A source may print
    several at one place: one that agrees suffices.
    """
    of_work: dict[str, list[tuple[str, Measurement | StudyNumber]]] = {}
    for key, name, number in numbers:
        of_work.setdefault(key, []).append((name, number))
    for claim in ledger.claims:
        own = claim.published
        there = _places(own.locator)
        beside = {
            name: number.value
            for name, number in of_work.get(own.cite, ())
            if number.value is not None and number.unit == own.unit and there & _places(number.locator)
        }
        if own.value is None or not beside or own.value in beside.values():
            continue
        name, value = next(iter(beside.items()))
        file, line = ledger.places[claim.id]
        need = f"{value:g}, as {name} says of the same place, or that one mended; where the source prints both, the second among the numbers of its study"
        yield Located(ledger.data / "claims" / Path(file).name, None, line=line).problem(
            ("published", "value"), f"{own.value:g}", need
        )


def _cross_check(
    claim: Claim, i: int, located: Located, keys: Mapping[str, Reference] | None, root: Path
) -> Iterable[Problem]:
    for needed, *at in faults_of(claim):
        yield located.problem((i, *at), "what stands here", str(needed))
    if keys is not None:
        yield from unknown_key(located, (i, "published", "cite"), claim.published.cite, keys)
    if claim.recomputed:
        page, by = root / "analyses" / f"{claim.recomputed.by}.md", (i, "recomputed", "by")
        if not page.is_file():
            yield located.problem(by, claim.recomputed.by, "the name of a page under analyses/")
        elif f'"{claim.id}"' not in read_text(page):
            checks = f'an analysis that checks it, by show.claim("{claim.id}", value)'
            yield located.problem(by, claim.recomputed.by, checks)
