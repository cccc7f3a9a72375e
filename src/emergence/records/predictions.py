"""What theories predicted, beside what was measured on trained systems: ``data/predictions.yml``.

One record a cell of theory by observable. Nothing is counted: a table and a figure are made from the records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from review_utils.records.quantities import Interval, Quantity
from review_utils.records.reading import (
    FieldError,
    Located,
    Problem,
    Record,
    Slug,
    Text,
    did_you_mean,
    format_number,
    load_list,
)
from review_utils.records.references import Reference, load_references, unknown_key

Observable = Literal[
    "data-exponent", "parameter-exponent", "onset-in-scale", "onset-in-time", "learning-coefficient", "curve-shape"
]
OBSERVABLES: Mapping[str, str] = {
    "data-exponent": "Fall of loss with data or time",
    "parameter-exponent": "Fall of loss with size",
    "onset-in-scale": "Onset in scale",
    "onset-in-time": "Onset in training",
    "learning-coefficient": "Learning coefficient",
    "curve-shape": "Shape of a curve",
}
Outcome = Literal["agrees", "differs", "partly", "unclear"]
Made = Literal["before", "after", "unclear"]
MADE_WORDS: Mapping[str, str] = {
    "before": "made before the measurement",
    "after": "made after the measurement",
    "unclear": "not known whether it was made before the measurement",
}


ROUNDED = 0.1
"""How far two numbers that agree may be apart, as a share of what was predicted, where neither has an interval."""


class Stated(Quantity):
    """A number, or words where there is none, with its unit, its place and how we know it.

    ``within`` is true where the source says only that the number lies in the interval; ``result`` is the address of
    the result of ours that the value is.
    """

    interval: Interval | None = None
    within: bool = False
    unit: Text
    locator: Text
    read: Literal["primary", "secondary", "memory"]
    result: Annotated[str, Field(pattern=r"^[a-z_]+/[a-z0-9_]+#[a-z0-9-]+$")] | None = None

    @model_validator(mode="after")
    def _there(self) -> Self:
        if self.value is None and self.text is None:
            raise ValueError("a value, or text where it is not a number")
        if self.interval and self.value is not None and not self.interval[0] <= self.value <= self.interval[1]:
            raise ValueError(f"an interval that holds the value {self.value:g}")
        if self.interval and self.value is None and not self.within:
            raise FieldError("true, where an interval stands without a value: it is not shown otherwise", "within")
        if self.within and (self.value is not None or not self.interval):
            raise ValueError("an interval and no value, where the number is only known to lie within")
        if self.result and self.value is None:
            raise ValueError("a value, since a result of ours is a number")
        return self

    @property
    def ends(self) -> tuple[float, float] | None:
        """The interval, or the range, or the value twice; None where there is no number."""
        if self.interval:
            return self.interval[0], self.interval[1]
        if self.value is None:
            return None
        return self.value, self.value if self.upper is None else self.upper

    @property
    def middle(self) -> float | None:
        """The value, or None where it is a range, or words, or only known to lie within an interval."""
        return self.value if self.upper is None else None

    @property
    def number(self) -> str:
        """The number with its interval; nothing where there are words alone."""
        if self.within and self.interval:
            return f"within {self.interval[0]:g} to {self.interval[1]:g}"
        if self.value is None:
            return ""
        if self.upper is not None:
            return f"{format_number(self.value)} to {format_number(self.upper)}"
        ends = f" ({self.interval[0]:g} to {self.interval[1]:g})" if self.interval else ""
        return f"{format_number(self.value)}{ends}"

    @property
    def printed(self) -> str:
        """The number with its interval and its unit, then the words."""
        unit = "" if self.unit in ("none", "ratio") or self.unit.startswith("exponent") else f" {self.unit}"
        return ": ".join(part for part in (self.number and self.number + unit, self.text) if part)


class Prediction(Record):
    """One cell: what a theory predicts of an observable, and what was measured, by whom, on which system.

    ``by`` is the key of the study that measured, or the analysis of this book that did.
    """

    id: Slug
    theory: Text
    cite: Text
    observable: Observable
    predicted: Stated
    measured: Stated
    model: Text
    by: Text
    made: Made
    outcome: Outcome
    short: Text | None = None
    note: Text

    @model_validator(mode="after")
    def _drawn(self) -> Self:
        if self.numeric and self.short is None:
            raise ValueError("short: a few words that name it in the figure of exponents")
        said, seen = self.predicted.ends, self.measured.ends
        if said and seen:
            units = self.predicted.unit, self.measured.unit
            if units[0] != units[1] and not all(unit.startswith("exponent") for unit in units):
                raise FieldError(f"the unit of what was predicted, {units[0]}", "measured", "unit")
            apart = said[0] > seen[1] or seen[0] > said[1]
            near = 0.0 if self.predicted.interval or self.measured.interval else ROUNDED * abs(said[0])
            if apart and self.outcome == "agrees" and max(said[0] - seen[1], seen[0] - said[1]) > near:
                raise FieldError("differs, partly or unclear: the two numbers lie apart", "outcome")
            if not apart and self.outcome == "differs":
                raise FieldError("agrees, partly or unclear: the two numbers overlap", "outcome")
        return self

    @property
    def ours(self) -> bool:
        """Whether an analysis of this book measured it."""
        return "/" in self.by

    @property
    def own_test(self) -> bool:
        """Whether the theory's founding paper is also the one that measured."""
        return self.by == self.cite

    @property
    def numeric(self) -> bool:
        """Whether an exponent was predicted and measured as a number, so that the figure can show it."""
        exponents = self.predicted.unit.startswith("exponent") and self.measured.unit.startswith("exponent")
        return exponents and self.predicted.ends is not None and self.measured.ends is not None


@dataclass(frozen=True)
class Predictions:
    """Every prediction, with the bibliography that names its sources."""

    items: Sequence[Prediction]
    references: Mapping[str, Reference]

    def __iter__(self) -> Iterator[Prediction]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def label(self, source: str) -> str:
        """Return who measured, as readers see it: first author and year, or our analysis by its name."""
        return f"ours: {source.split('/')[1].replace('_', ' ')}" if "/" in source else self.references[source].label

    @property
    def matrix(self) -> Mapping[str, Mapping[str, Sequence[Prediction]]]:
        """The predictions by theory and observable; theories in the order of the file."""
        rows: dict[str, dict[str, list[Prediction]]] = {}
        for item in self.items:
            rows.setdefault(item.theory, {}).setdefault(item.observable, []).append(item)
        return rows


def load_predictions(data: Path) -> Predictions:
    """Return ``data/predictions.yml``, checked against the bibliography and the analyses.

    Raises
    ------
    RecordError
        With every problem: an id given twice, a theory under two keys, a source or an analysis that there is not, a
        result of ours that another analysis is said to have measured.
    """
    references = load_references(data)
    keys: dict[str, str] = {}
    cells: dict[tuple[object, ...], str] = {}

    def wrong(located: Located, i: int, item: Prediction) -> Iterator[Problem]:
        if keys.setdefault(item.theory, item.cite) != item.cite:
            yield located.problem((i, "cite"), item.cite, f"one source a theory: {keys[item.theory]}")
        cell = (item.theory, item.observable, item.model.casefold(), item.by, item.measured.printed)
        if (other := cells.setdefault(cell, item.id)) != item.id:
            need = f"each measurement of a theory once; {other} has the same observable, model, source and number"
            yield located.problem((i, "id"), item.id, need)
        yield from unknown_key(located, (i, "cite"), item.cite, references)
        if item.made == "before" and {item.cite, item.by} <= references.keys():
            theirs, measured = references[item.cite].year, references[item.by].year
            if theirs > measured:
                need = f"after or unclear: {item.cite} is of {theirs}, and {item.by}, which measured, of {measured}"
                yield located.problem((i, "made"), item.made, need)
        yield from _by(located, i, item, references, data)

    found = load_list(data / "predictions.yml", Prediction, wrong)
    return Predictions(tuple(found), references)


def _by(
    located: Located, i: int, item: Prediction, references: Mapping[str, Reference], data: Path
) -> Iterator[Problem]:
    if not item.ours:
        if item.by not in references:
            yield located.problem(
                (i, "by"),
                item.by,
                f"a key of data/references.bib{did_you_mean(item.by, references)}, or chapter/analysis",
            )
        return
    if not (data.parent / "analyses" / f"{item.by}.md").is_file():
        yield located.problem((i, "by"), item.by, "a page below analyses/")
    result = item.measured.result
    if result and result.partition("#")[0] != item.by:
        yield located.problem((i, "measured", "result"), result, f"a result of {item.by}, which measured it")
