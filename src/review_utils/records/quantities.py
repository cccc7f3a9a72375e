"""Numbers and dates as they are printed, and how they were checked: what many kinds of record are made of."""

from __future__ import annotations

import datetime as dt
import math
import re
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PositiveInt, model_validator

from review_utils.records.reading import FieldError, Record, Slug, Text, raised

Verified = Literal["primary", "several-extractions", "secondary", "founding-notes-only", "memory"]


VERIFIED_TIERS = frozenset({"primary", "several-extractions"})


Qualifier = Literal["about", "at-most", "at-least", "less-than", "more-than"]


ARXIV = r"(?:(?:0[7-9]|1[0-4])(?:0[1-9]|1[0-2])\.[0-9]{4}|(?:1[5-9]|[2-9][0-9])(?:0[1-9]|1[0-2])\.[0-9]{5})"
"""An arXiv id of today's form: year, month and number, of five digits since 2015."""


EARLIEST = 1600
"""The first year that a date may name: nothing that a review cites is older, and 0205 is a slip for 2025."""


def partial_date(text: str) -> str:
    """Return a date as it is written; ValueError says what one is."""
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", text):
        raise ValueError("a date as 2025, 2025-03 or 2025-03-14")
    latest(text)
    if int(text[:4]) < EARLIEST:
        raise ValueError(f"a year from {EARLIEST} on, which {text[:4]} is not")
    return text


@cache
def latest(date: str) -> dt.date:
    """Return the last day that a partial date may mean: what is dated 2025 was out by the end of 2025.

    Examples
    --------
    >>> latest("2025-02")
    datetime.date(2025, 2, 28)
    """
    parts = [int(part) for part in date.split("-")]
    try:
        if len(parts) == 3:
            return dt.date(*parts)
        year, month = parts[0], parts[1] if len(parts) == 2 else 12
        dt.date(year, month, 1)  # month 13 would be the next January
        return dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
    except (ValueError, OverflowError):
        raise ValueError(f"a day that exists in the calendar, which {date} is not") from None


@cache
def earliest(date: str) -> dt.date:
    """Return the first day that a partial date may mean.

    Examples
    --------
    >>> earliest("2025-02")
    datetime.date(2025, 2, 1)
    """
    year, month, day = (*(int(part) for part in date.split("-")), 1, 1)[:3]
    return dt.date(year, month, day)


PartialDate = Annotated[str, AfterValidator(partial_date)]


def today() -> dt.date:
    """Return the day, the same everywhere on earth: what is written down now is dated by it."""
    return dt.datetime.now(tz=dt.UTC).date()


def newest_day() -> dt.date:
    """Return the latest day that it is anywhere on earth now; what has happened is not dated after it."""
    return (dt.datetime.now(tz=dt.UTC) + dt.timedelta(hours=14)).date()


def _day(value: object) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return latest(partial_date(value))
    raise ValueError("a day as 2026-11-25")


Day = Annotated[dt.date, BeforeValidator(_day)]
"""A day, written as 2026-11-25 and in no other way: 1764028800 is a day to some programs, and none to a reader."""

OLDEST_WORK = 2020
"""The first year in which anybody can have searched, read, corrected or forecast for a review of this kind."""


def _done(day: dt.date) -> dt.date:
    if day > newest_day():
        raise ValueError(f"a day that is not after today, {today()}")
    if day.year < OLDEST_WORK:
        raise ValueError(f"a day of work on the review, from {OLDEST_WORK} on")
    return day


DayOfWork = Annotated[Day, AfterValidator(_done)]
"""A day on which somebody did something for the review."""


def _plain_number(value: object) -> object:
    if isinstance(value, str | bool):
        given = "text" if isinstance(value, str) else "true or false"
        raise ValueError(f"a number, not {given}")  # pydantic reads ValueError
    return value


Number = Annotated[float, BeforeValidator(_plain_number), Field(allow_inf_nan=False, strict=False)]


_PERCENT = frozenset({"percent", "percentage", "%"})
_SHARE = frozenset({"share", "fraction", "proportion", "rate", "probability", "accuracy", "auc"})
_BOTH_WAYS = frozenset({"correlation", "rank correlation", "cosine", "pearson r"})
_DIFFERENCE = re.compile(r"\b(points?|change|difference|fewer|less|more|before|after|earlier|later|lead|ahead)\b")
_COUNTED = re.compile(
    r"\b(count|runs?|models?|tokens?|parameters?|flop|hours?|minutes?|samples?|examples?|documents?|tasks?|papers?|layers?"
    r"|heads?|epochs?|passes|people|users?|perplexity)\b|\A(?!metres|degrees|nats|bits|logits|steps)[a-z-]+[^s\W]s\Z"
)
_OF = re.compile(r"of ([0-9][0-9,]*)\b")


@cache
def limits(unit: str | None) -> tuple[float, float, str] | None:
    """Return between what a number of a unit lies, with words for it; None where the unit does not say.

    Examples
    --------
    >>> limits("per cent of runs")[:2], limits("share")[:2], limits("metres")
    ((0, 100), (0, 1), None)
    """
    said = re.sub(r"^(per cent|pct|percents)\b", "percent", (unit or "").lower().strip())
    first = said.split()[0] if said else ""
    is_difference = _DIFFERENCE.search(said) is not None
    if first in _PERCENT:
        return -100 * is_difference, 100, "a percentage between 0 and 100, or points, for a difference"
    if first in _SHARE:
        return -1 * is_difference, 1, "a share from 0 to 1, or the unit percent"
    if all_of := _OF.match(said):
        return 0, float(all_of[1].replace(",", "")), f"a number from 0 to the {all_of[1]} of its unit"
    if said in _BOTH_WAYS:
        return -1, 1, "a number between -1 and 1"
    if _COUNTED.search(said) and not is_difference:
        return 0, math.inf, "a number of at least 0, since what it counts is never less than none"
    return None


def check_limits(unit: str | None, **numbers: float | None) -> None:
    """Refuse numbers that cannot be of their unit: a share of 2, a percentage of 140.

    Parameters
    ----------
    unit : str or None
    **numbers : float or None
        By the name of their field; an end of an interval as ``interval_0`` or ``interval_1``.

    Raises
    ------
    FieldError
        For the first of them.
    """
    if found := limits(unit):
        low, high, needed = found
        for name, value in numbers.items():
            if value is not None and not low <= value <= high:
                field, _, place = name.partition("_")
                raise FieldError(needed, field, *([int(place)] if place.isdigit() else [place] if place else []))


_NUMBER_AS_TEXT = re.compile(r"[-+~≈<>≤≥]*\s*[0-9][0-9.,]*\s*(%|percent|per cent)?")


def no_number(text: str) -> str:
    """Refuse words that are a number: what is compared, drawn and bounded is a value with a unit."""
    if _NUMBER_AS_TEXT.fullmatch(text):
        raise ValueError("a number as value, with its unit (percent), and no text")
    return text


Words = Annotated[Text, AfterValidator(no_number)]
"""What stands where the source prints no number."""


class Quantity(Record):
    """A number as printed: a value, perhaps a range to `upper`, perhaps qualified; or words."""

    value: Number | None = None
    upper: Number | None = None
    qualifier: Qualifier | None = None
    text: Words | None = None

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.upper is not None and (self.value is None or self.upper < self.value):
            raise ValueError("an upper end that is not below the value")
        low, high = getattr(self, "interval", None) or (None, None)
        unit = getattr(self, "unit", None)
        check_limits(unit, value=self.value, upper=self.upper, interval_0=low, interval_1=high)
        if (ends := limits(unit)) and (self.qualifier, self.value) in (("less-than", ends[0]), ("more-than", ends[1])):
            needed = f"a qualifier that leaves a number: nothing is {self.qualifier} {self.value:g} here"
            raise FieldError(needed, "qualifier")
        return self

    def __str__(self) -> str:
        if self.value is None:
            return self.text or "not stated"
        number = " to ".join(raised(f"{end:,.10g}") for end in (self.value, self.upper) if end is not None)
        words = {"less-than": "under", "more-than": "over"}.get(self.qualifier or "", self.qualifier or "")
        return f"{words.replace('-', ' ')} {number}".lstrip()


def by_notes(locator: str) -> bool:
    """Whether a place is one in somebody's notes on a source or a report of it, which is not the source itself."""
    return re.search(r"\b((readers?[’']|reading|in) notes|as (quoted|reported))\b", locator) is not None


BARE_UNITS = frozenset({"ratio", "count", "exponent", "correlation", "rank correlation", "share"})
"""Units that a sentence leaves out."""


def _in_order(ends: list[float]) -> list[float]:
    if ends[0] > ends[1]:
        raise ValueError("an interval [low, high], the low end first")
    return ends


Interval = Annotated[list[Number], Field(min_length=2, max_length=2), AfterValidator(_in_order)]
"""The two ends of an interval."""


class StudyNumber(Quantity):
    """A number that a study prints, with its place."""

    id: Slug
    what: Text
    unit: Text
    interval: Interval | None = None
    n: PositiveInt | None = None
    locator: Text
    read: Literal["primary", "secondary", "memory"]
    cell: dict[Text, Text] | None = None
    """The cell of a table of data/published that holds it: ``table``, ``column``, and what its row holds in other columns."""
    note: Text | None = None

    @property
    def printed(self) -> str:
        """The number with its unit, as prose shows it."""
        unit = "" if self.unit in BARE_UNITS else f" {self.unit}"
        return f"{self}{unit if self.value is not None else ''}"
