"""What others said would come, and what came: forecasts, alerts and thresholds in ``data/published_forecasts.yml``.

Late and missed ones are kept like those that held. Our own forecasts stand in ``data/forecasts``, under seals.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from emergence.records.forecasts import FAR_OFF, last_day_in, may_mean
from review_utils.records.quantities import (
    Interval,
    Number,
    PartialDate,
    Qualifier,
    check_limits,
    earliest,
    latest,
    newest_day,
    today,
)
from review_utils.records.reading import (
    FieldError,
    Located,
    Problem,
    Record,
    Slug,
    Text,
    load_list,
    plain_text,
)
from review_utils.records.references import Reference, load_references, unknown_key

PublishedKind = Literal["forecast", "expectation", "alert", "threshold"]
Target = Literal["autonomy", "biological", "cyber", "general", "replication"]
Measure = Literal["benchmark", "horizon", "doubling time", "laboratory", "event", "date"]
Came = Literal["sooner", "later", "as said", "not so far"]
Read = Literal["primary", "secondary", "memory"]
TOLD_LATER = 3
"""Years by which the work that tells of a forecast or of its outcome may be younger than that."""
_TIME = re.compile(r"\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b")
_Share = Annotated[Number, Field(ge=0, le=1)]


class Said(Record):
    """A number that was said, perhaps as a bound."""

    value: Number
    qualifier: Qualifier | None = None


class ByDate(Record):
    """A date that was said, perhaps as a bound: ``at-most`` is not later, ``at-least`` is not sooner."""

    value: PartialDate
    qualifier: Qualifier | None = None


class PublishedOutcome(Record):
    """What came: a number or an event, by whose word, and when it was known."""

    value: Number | None = None
    unit: Text | None = None
    qualifier: Qualifier | None = None
    interval: Interval | None = None
    text: Text | None = None
    known: PartialDate
    cite: Text
    locator: Text
    read: Read

    @model_validator(mode="after")
    def _there(self) -> Self:
        if (self.value is None) == (self.text is None):
            raise ValueError("a value, or text where it is no number; one of them")
        low, high = self.interval or (None, None)
        check_limits(self.unit, value=self.value, interval_0=low, interval_1=high)
        if low is not None and high is not None and self.value is not None and not low <= self.value <= high:
            raise FieldError(f"an interval that holds {self.value:g}", "interval")
        return self


class PublishedForecast(Record):
    """One thing that somebody published about an ability to come."""

    id: Slug
    kind: PublishedKind
    label: Annotated[str, Field(max_length=32), AfterValidator(plain_text)]
    """A name for figures: what and by when."""
    question: Text
    by: Text
    cite: Text
    made: PartialDate
    target: Target
    measure: Measure
    unit: Text | None = None
    more_is_sooner: bool = True
    """Whether a larger outcome means that the ability came sooner; of a doubling time a smaller one does."""
    quantiles: dict[str, Number] | None = None
    levels_ours: bool = False
    """Whether the levels of the quantiles are our reading of a range that was given without any."""
    probability: _Share | None = None
    point: Said | None = None
    by_date: ByDate | None = None
    resolves: PartialDate | None = None
    rule: Text
    outcome: PublishedOutcome | None = None
    came: Came | None = None
    """How it fared in words, where no score says it."""
    unscored: Text | None = None
    """Why there is no score, where the kind or the form would allow one."""
    locator: Text
    read: Read
    note: Text | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = [name for name in ("quantiles", "probability", "point", "by_date") if getattr(self, name) is not None]
        if len(forms) > 1:
            raise ValueError(f"one of quantiles, probability, point and by_date, and not {' and '.join(forms)}")
        if not forms and self.kind == "forecast" and self.unscored is None:
            raise ValueError("quantiles, a probability, a point or by_date; or unscored, with the reason")
        if (self.quantiles or self.point) and self.unit is None:
            raise ValueError("unit: what the number counts")
        quantiles = {f"quantiles_{level}": value for level, value in (self.quantiles or {}).items()}
        check_limits(self.unit, point_value=self.point.value if self.point else None, **quantiles)
        if self.levels_ours and self.quantiles is None:
            raise ValueError("levels_ours only where there are quantiles")
        if self.more_is_sooner == (self.measure == "doubling time"):
            falls = "false of a doubling time, which falls as abilities come sooner, and of nothing else"
            raise FieldError(falls, "more_is_sooner")
        return self

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.quantiles is None:
            return self
        try:
            levels = [float(level) for level in self.quantiles]
        except ValueError:
            raise ValueError("quantiles by their levels, such as '0.5': 24") from None
        values = list(self.quantiles.values())
        if len(levels) < 2 or not all(0 < level < 1 for level in levels):
            raise ValueError("at least two quantiles, with levels between 0 and 1")
        if any(b <= a for a, b in itertools.pairwise(levels)) or values != sorted(values):
            raise ValueError("quantiles whose levels and values rise")
        if values[0] <= 0:
            raise ValueError("positive quantiles: they are scored in the logarithm of the value")
        return self

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.resolves is not None and latest(self.resolves) <= earliest(self.made):
            raise ValueError(f"resolves: a day after {self.made}, on which it was made")
        if self.outcome is None:
            if self.came is not None:
                raise ValueError("came: only where there is an outcome")
            return self
        first, known = earliest(self.made), latest(self.outcome.known)
        # Of a forecast dated by its year alone it must be sure that it was made before what came was known.
        if known < first or (self.scorable and known <= latest(self.made)):
            raise ValueError(
                f"outcome.known: a day after {self.made}, on which it was made (a day or month in made, where the year alone does not tell); given {self.outcome.known}"
            )
        return self

    @model_validator(mode="after")
    def _scores(self) -> Self:
        if self.kind in ("alert", "threshold") and (self.quantiles or self.probability is not None):
            raise ValueError(
                "an alert or a threshold is no forecast: no quantiles and no probability, so that it has no score"
            )
        if self.came in ("sooner", "later") and self.by_date and self.outcome:
            said, known = self.by_date.value, self.outcome.known
            if latest(said) < earliest(self.made):
                raise FieldError(f"a date after {self.made}, on which it was made; given {said}", "by_date", "value")
            if latest(known) < earliest(said) if self.came == "later" else earliest(known) > latest(said):
                raise FieldError(f"what follows from {said}, which was said, and {known}, when it was known", "came")
        if self.scorable and self.outcome is not None:
            if self.came is not None:
                raise ValueError("came: only where no score says it")
            if self.outcome.value is None:
                raise ValueError("outcome.value: a number to score by; or unscored, with the reason")
            if self.probability is not None and self.outcome.value not in (0, 1):
                raise ValueError("outcome.value: 1 where it happened, 0 where it did not")
            if self.probability is None and (self.outcome.value <= 0 or (self.point and self.point.value <= 0)):
                raise ValueError("positive numbers: they are scored in the logarithm of the value")
        return self

    @model_validator(mode="after")
    def _in_one_unit(self) -> Self:
        lasts = self.measure in ("horizon", "doubling time")
        if lasts and self.unit and not _TIME.search(self.unit):
            raise FieldError(f"a unit of time, in which a {self.measure} is", "unit")
        said = [*(self.quantiles or {}).values(), *([self.point.value] if self.point else [])]
        if (came := self.outcome) and said:
            low, high = came.interval or (None, None)
            try:
                check_limits(came.unit or self.unit, value=came.value, interval_0=low, interval_1=high)
            except FieldError as error:
                raise FieldError(str(error), "outcome", *error.field) from None
            if self.resolves and latest(came.known) < earliest(self.resolves):
                raise FieldError(f"a day from {self.resolves} on, of which the number is", "outcome", "known")
            off = came.value and came.unit in (None, self.unit) and not self.note
            if off and came.value and not 1 / FAR_OFF**2 <= max(map(abs, said)) / abs(came.value) <= FAR_OFF**2:
                raise FieldError(
                    f"a number in {self.unit}, as the forecast is, or a note that says it came so far off",
                    "outcome",
                    "value",
                )
        return self

    @property
    def scorable(self) -> bool:
        """Whether an outcome gives it a score: a forecast in a form that the rule takes, and no reason against."""
        if self.kind != "forecast" or self.unscored is not None or self.levels_ours:
            return False
        bound = self.point is not None and self.point.qualifier not in (None, "about")
        return not bound and (self.quantiles is not None or self.probability is not None or self.point is not None)

    @property
    def middle(self) -> float | None:
        """The number in the middle of what was said: the point, or the quantile at one half."""
        if self.point is not None:
            return self.point.value
        return (self.quantiles or {}).get("0.5")


def load_published_forecasts(data: Path) -> list[PublishedForecast]:
    """Return everything that others published, in the order in which it was made.

    Raises
    ------
    RecordError
        With every problem: an id twice, a citation that dangles, an outcome before the forecast or after today, a score
        for what is no forecast.
    """
    path = data / "published_forecasts.yml"
    if not path.is_file():
        return []
    wrong = partial(_problems, references=load_references(data), read={})
    once = (("id", "an id of its own"), ("label", "a label of its own, by which a figure tells it from the others"))
    found = load_list(path, PublishedForecast, wrong, once)
    return sorted(found, key=lambda item: (latest(item.made), item.id))


def _problems(
    located: Located, i: int, item: PublishedForecast, references: Mapping[str, Reference], read: dict[str, str]
) -> Iterator[Problem]:
    names = ("cite", "question", "made", "point", "by_date", "probability", "quantiles")
    same = repr([str(getattr(item, name)).casefold() for name in names])
    if read.setdefault(same, item.id) != item.id:
        need = f"each forecast once: {read[same]} has its question, source, day and numbers"
        yield located.problem((i, "id"), item.id, need)
    cites = [(("cite",), item.cite)] + ([(("outcome", "cite"), item.outcome.cite)] if item.outcome else [])
    for field, key in cites:
        yield from unknown_key(located, (i, *field), key, references)
    last = last_day_in(item.question)
    if last and item.resolves and not may_mean(last, item.resolves):
        yield located.problem((i, "resolves"), item.resolves, f"the last day that the question names, {last}")
    said = [*(item.quantiles or {}).values(), *([item.point.value] if item.point else [])]
    came = item.outcome.value if item.outcome else None
    if item.unit == "percent" and came and came < 1 <= min(said, default=0) and not item.note:
        need = f"{100 * came:g}, if it is a share, since the forecast is in percent; or a note that says it came so low"
        yield located.problem((i, "outcome", "value"), f"{came:g}", need)
    dates = [(("made",), item.made)] + ([(("outcome", "known"), item.outcome.known)] if item.outcome else [])
    for field, date in dates:
        if earliest(date) > newest_day():
            yield located.problem((i, *field), date, f"a day that is not after today, {today()}")
    for (field, date), (_, key) in zip(dates, cites, strict=True):
        if key in references and not 0 <= int(references[key].year) - int(date[:4]) <= TOLD_LATER:
            need = f"a date near {references[key].year}, the year of {key}, which tells of it, and not after it"
            yield located.problem((i, *field), date, need)
