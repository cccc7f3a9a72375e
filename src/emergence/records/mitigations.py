"""What people did to guide or constrain what emerges, and under which test it held: ``data/mitigations.yml``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from emergence.records.printed import Printed, printed_by_studies
from review_utils.records.quantities import Interval, Quantity, by_notes
from review_utils.records.reading import (
    FieldError,
    Located,
    Problem,
    Record,
    Slug,
    Text,
    did_you_mean,
    load_list,
)

Condition = Literal[
    "standard-test", "conditional-trigger", "agentic", "further-training", "capability-cost", "benign-use"
]
Effect = Literal["works", "partly", "fails", "backfires", "untested"]
MitigationKind = Literal["data", "objective", "prompt", "course", "inside", "afterwards"]

CONDITION_WORDS: Mapping[str, str] = {
    "standard-test": "usual questions",
    "conditional-trigger": "under a trigger",
    "agentic": "agentic tasks",
    "further-training": "further training",
    "capability-cost": "ability kept",
    "benign-use": "harmless use kept",
}
"""The conditions in the order in which they are shown; the last two ask what the intervention costs."""

EFFECT_WORDS: Mapping[str, str] = {
    "works": "works",
    "partly": "partly",
    "fails": "fails",
    "backfires": "backfires",
    "untested": "no such test found",
}
"""The effects from best to worst; `untested` speaks of the copies read and not of the field."""

MITIGATION_KINDS: Mapping[str, str] = {
    "data": "data",
    "objective": "objective",
    "prompt": "prompt",
    "course": "course of training",
    "inside": "inside the network",
    "afterwards": "afterwards",
}
"""What an intervention acts on."""

STRONG = re.compile(r"\b(?:remov|eliminat|abolish|cur)(?:es|ed)\b", re.IGNORECASE)
"""Words that say more than a test on the usual questions can."""

RATES = ("percent", "share", "points", "score")
"""How the units begin in which a behaviour is compared before and after."""


class Amount(Quantity):
    """A number: named, where a study of ``data/studies`` prints it, or else typed with its unit."""

    number: Slug | None = None
    unit: Text | None = None

    @model_validator(mode="after")
    def _named_or_typed(self) -> Self:
        if (self.number is None) == (self.value is None) or (self.value is None) != (self.unit is None):
            raise ValueError("number: the id of a number of the study; or a value and its unit")
        return self


class Cell(Record):
    """What one study found of one intervention under one condition.

    `before` is the rate without the intervention, or on the usual questions after it (`before_is`); `after` is the rate
    with it under the condition. `amount` is for what is neither. `interval` is that of the change, after less before.
    """

    condition: Condition
    behaviour: Text
    model: Text
    study: Text
    effect: Effect
    before: Amount | None = None
    before_is: Literal["untreated", "usual-questions"] | None = None
    after: Amount | None = None
    amount: Amount | None = None
    interval: Interval | None = None
    n: PositiveInt | None = None
    locator: Text
    read: Literal["primary", "secondary"]
    note: Text | None = None

    @model_validator(mode="after")
    def _of_one_piece(self) -> Self:
        if self.read == "primary" and by_notes(self.locator):
            raise FieldError("secondary, or the place in the source itself", "read")
        if self.effect == "untested" and any((self.before, self.after, self.amount, self.interval, self.n)):
            raise ValueError("no number where no test was found")
        if (self.before is None) != (self.before_is is None):
            raise ValueError("before together with before_is, which says what it is")
        return self


class Mitigation(Record):
    """One intervention with every test of it that was found."""

    id: Slug
    title: Annotated[Text, Field(max_length=48)]
    kind: MitigationKind
    cells: Annotated[list[Cell], Field(min_length=1)]


@dataclass(frozen=True)
class Mitigations:
    """All interventions, with the studies that their cells point at."""

    items: tuple[Mitigation, ...]
    studies: Mapping[str, Printed]

    def __iter__(self) -> Iterator[Mitigation]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def printed(self, cell: Cell, amount: Amount | None) -> str:
        """The number with its unit, as prose shows it; empty for none."""
        if amount is None:
            return ""
        if amount.number:
            return self.studies[cell.study].number(amount.number).printed
        return f"{amount} {amount.unit}"

    def value(self, cell: Cell, amount: Amount | None) -> tuple[float, str] | None:
        """The value (of a range its upper end) and unit of a number; None for none."""
        if amount is None:
            return None
        source = self.studies[cell.study].number(amount.number) if amount.number else amount
        assert source.value is not None
        assert source.unit is not None
        return (source.upper if source.upper is not None else source.value), source.unit


def load_mitigations(data: Path) -> Mitigations:
    """Return the interventions of ``data/mitigations.yml``, checked against the studies.

    Raises
    ------
    RecordError
        With every problem: unknown words, an id or a title twice, a study or a number that there is not, "primary" of
        what was not read, a change outside its interval, a test under a condition that is called found and not found,
        and "removes" of what was not tested under a trigger.
    """
    studies = printed_by_studies(data)

    def wrong(located: Located, i: int, item: Mitigation) -> Iterator[Problem]:
        yield from _gaps(located, i, item)
        for j, cell in enumerate(item.cells):
            at = (i, "cells", j)
            if cell.study in studies:
                yield from _cell_problems(located, at, cell, studies[cell.study])
            else:
                need = f"a study of data/studies{did_you_mean(cell.study, studies)}"
                yield located.problem((*at, "study"), cell.study, need)

    once = (("id", "an id of its own"), ("title", "a title of its own"))
    return Mitigations(tuple(load_list(data / "mitigations.yml", Mitigation, wrong, once)), studies)


def _gaps(located: Located, i: int, item: Mitigation) -> list[Problem]:
    """What does not fit between the cells of one intervention."""
    problems = []
    tested = {cell.condition for cell in item.cells if cell.effect != "untested"}
    found: dict[tuple[str, ...], str] = {}
    for j, cell in enumerate(item.cells):
        same = (cell.condition, cell.behaviour, cell.model, cell.study)
        if found.setdefault(same, cell.effect) != cell.effect:
            need = f"{found[same]}, as the cell above says of the same test; or words that tell the two apart"
            problems.append(located.problem((i, "cells", j, "effect"), cell.effect, need))
    for j, cell in enumerate(item.cells):
        if cell.effect == "untested" and cell.condition in tested:
            need = f"no gap where another cell of {item.id} holds a test under {cell.condition}"
            problems.append(located.problem((i, "cells", j, "effect"), cell.effect, need))
        if cell.note and STRONG.search(cell.note) and "conditional-trigger" not in tested:
            need = f"a weaker word: {item.id} has no test under a trigger, so that no test shows more than lowering"
            problems.append(located.problem((i, "cells", j, "note"), cell.note, need))
    return problems


def _cell_problems(located: Located, at: tuple[str | int, ...], cell: Cell, study: Printed) -> list[Problem]:
    problems = []
    values = {}
    for field in ("before", "after", "amount"):
        amount = getattr(cell, field)
        if amount is None:
            continue
        if amount.number is None:
            values[field] = amount.value
            continue
        try:
            values[field] = study.number(amount.number).value
        except KeyError as error:
            problems.append(located.problem((*at, field, "number"), amount.number, str(error.args[0])))
    if cell.read == "primary" and study.how in ("secondary", "not-read"):
        need = f"secondary: {study.key} is {study.how} in data/studies"
        problems.append(located.problem((*at, "read"), cell.read, need))
    if values.get("before") is not None and values.get("after") is not None:
        problems += _effect_problems(located, at, cell, values, study)
    if cell.interval and values.get("before") is not None and values.get("after") is not None:
        change = values["after"] - values["before"]
        if not cell.interval[0] <= change <= cell.interval[1]:
            need = f"an interval of the change, which is {change:g}"
            problems.append(located.problem((*at, "interval"), cell.interval, need))
    return problems


def _effect_problems(
    located: Located, at: tuple[str | int, ...], cell: Cell, values: Mapping[str, float], study: Printed
) -> list[Problem]:
    """What an effect says against the rates of the unwanted behaviour before and after; scores in points may rise for good.

    What works halves the rate at least, and what leaves half of it or less does not fail.
    """
    change = values["after"] - values["before"]
    before, after = (
        study.number(amount.number).unit if amount.number else amount.unit
        for amount in (cell.before, cell.after)
        if amount is not None
    )
    if before != after:
        return [located.problem((*at, "after", "unit"), after, f"{before}, the unit of before, or that one mended")]
    if not str(before).startswith(RATES):
        need = f"a rate or a score, in {', '.join(RATES)}: a count changes with the number of cases"
        return [located.problem((*at, "before", "unit"), before, need)]
    if before != "percent":
        return []
    untreated, halved = cell.before_is == "untreated", change <= 0 and values["after"] <= values["before"] / 2
    fits = {
        "works": halved and change < 0 if untreated else change <= 0,
        "partly": change < 0 or not untreated,
        "fails": not halved,
        "backfires": change > 0,
    }
    if fits.get(cell.effect, True):
        return []
    way = "rise" if change > 0 else "fall" if change < 0 else "stay"
    need = f"an effect that follows from the rates, which {way}: {values['before']:g} before, {values['after']:g} after"
    return [located.problem((*at, "effect"), cell.effect, need)]
