"""Dated predictions about the record itself: filed, sealed, resolved by rule, scored.

``data/forecasts/*.yml`` holds them. Each carries a seal, a hash of what was filed; the seals stand in order in
``data/forecasts/seals.txt``, each chained to the one before. An edit after filing breaks the seal, and a draft whose
question is already settled is refused. What was known on the day of filing is kept beside it (see `snapshots`): a filed
forecast is never set against today's record. ``data/forecasts/void.yml`` says which kinds of question are void, and
``data/forecasts/clarified.yml`` how the words of a filed question are read.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, model_validator

from emergence.records import snapshots as kept
from review_utils.data.tables import describe, table
from review_utils.records.chain import digest, link
from review_utils.records.quantities import Day, DayOfWork, Number, earliest, latest, limits, newest_day, today
from review_utils.records.reading import (
    Located,
    Problem,
    Record,
    Slug,
    Text,
    load_list,
    parse_list,
    read_each,
    read_text,
    read_yaml,
    refuse,
)
from review_utils.records.references import load_references
from review_utils.records.register import Register, load_register
from review_utils.records.status import as_of, evaluate, members_of
from review_utils.review import files_in

Share = Annotated[Number, Field(ge=0, le=1)]


Page = Annotated[str, Field(pattern=r"^[a-z_]+/[a-z0-9_]+$")]


SEALS = "seals.txt"


VOID = "void.yml"


OUTCOMES = "outcomes.yml"


CLARIFIED = "clarified.yml"


class ShapeReaches(Record):
    """Settled yes on the first day on which a shape has a level, or is codified, by the rules of that day's reading."""

    kind: Literal["shape-reaches"]
    shape: Slug
    status: Literal["hint", "evidence", "codified"]


class FindingsPublished(Record):
    """Settled on the last day by the number of findings of the register that were published by then."""

    kind: Literal["findings-published"]


class TableMost(Record):
    """Settled on the last day by the largest value of a column, among rows dated by then."""

    kind: Literal["table-most"]
    table: Slug | Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    column: Text
    date: Text


FAR_OFF = 30
"""Times of what is known beyond which a forecast of every quantile is taken for one in another unit."""


class SoFar(Record):
    """The newest value that was known on the day of filing, and where it stands."""

    value: Number
    on: Day
    cite: Text
    locator: Text


class AtAddress(Record):
    """Settled by what stands at a public address: a number on the last day, or whether a mark was passed by then.

    `read` says what to read there and what decides in doubt. Exactly one of `reaches` (at least), `falls_below` (less
    than) and `quantiles` of the forecast makes it a yes or no or a number. `largest` marks a number that cannot fall.
    `table` names the data that the forecast was computed from, which its snapshot keeps.
    """

    kind: Literal["at-address"]
    address: Annotated[str, Field(pattern=r"^https://[^\s/?#@]+([/?#]\S*)?$")]
    read: Text
    unit: Text
    so_far: SoFar
    reaches: Number | None = None
    falls_below: Number | None = None
    largest: bool = False
    table: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")] | None = None

    @property
    def yes_or_no(self) -> bool:
        """Whether it asks for a mark and not for a number."""
        return self.reaches is not None or self.falls_below is not None

    @model_validator(mode="after")
    def _open(self) -> Self:
        known = self.so_far.value
        if self.reaches is not None and self.falls_below is not None:
            raise ValueError("one of reaches and falls_below")
        if self.largest and self.yes_or_no:
            raise ValueError("largest for a number alone, not for a mark")
        if self.reaches is not None and known >= self.reaches:
            raise ValueError(f"a mark that is not yet reached: {known:g} was known on {self.so_far.on}")
        if self.falls_below is not None and known < self.falls_below:
            raise ValueError(f"a mark that was not yet passed: {known:g} was known on {self.so_far.on}")
        return self


Reason = Annotated[Text, Field(pattern=r"\S\s+\S")]
"""Why something is so: a word alone is no reason."""


class Found(Record):
    """What somebody read at the address of a question: the number, 1 or 0 for a mark, or nothing where it is void."""

    forecast: Slug
    day: Day
    value: Number | None = None
    void_because: Reason | None = None
    address: Annotated[str, Field(pattern=r"^https://[^\s/?#@]+([/?#]\S*)?$")]
    elsewhere: Reason | None = None
    """Why it was read with another host than the question names: the page moved, or is gone."""
    read: Text

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.value is None) == (self.void_because is None):
            raise ValueError(
                "a value, or void_because where its own words make it void or it was settled before it was asked; one of them"
            )
        return self


class Clarified(Record):
    """How the words of a filed question are read where they leave it open, said before it is settled."""

    forecast: Slug
    day: DayOfWork
    says: Text


class VoidRule(Record):
    """A kind of question that is void: from a day on it is neither asked nor scored.

    Only a kind that our own editing settles can be void; what an outsider can settle is scored.
    """

    kind: Literal["shape-reaches", "findings-published"]
    since: Day
    because: Text


Rule = Annotated[ShapeReaches | FindingsPublished | TableMost | AtAddress, Field(discriminator="kind")]


class Forecast(Record):
    """A prediction: what is asked, what settles it, what was said, when, and by which method."""

    id: Slug
    question: Text
    made_on: DayOfWork
    resolves_by: Day
    method: Text
    analysis: Page
    rule: Rule
    probability: Share | None = None
    quantiles: dict[str, Number] | None = None
    snapshot: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    seal: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.probability is None) == (self.quantiles is None):
            raise ValueError("a probability for a yes or no, or quantiles for a number; one of them")
        asks_a_mark = isinstance(self.rule, ShapeReaches) or (isinstance(self.rule, AtAddress) and self.rule.yes_or_no)
        if (self.probability is None) == asks_a_mark:
            raise ValueError("a probability where the rule settles yes or no, quantiles where it gives a number")
        if self.resolves_by <= self.made_on:
            raise ValueError(f"a day after {self.made_on}, on which it was made")
        if self.quantiles is not None:
            try:
                levels = [float(k) for k in self.quantiles]
            except ValueError:
                raise ValueError("quantiles by their levels, such as '0.05': 100") from None
            values = list(self.quantiles.values())
            if (
                len(levels) < 3
                or not all(0 < x < 1 for x in levels)
                or levels != sorted(levels)
                or values != sorted(values)
            ):
                raise ValueError("at least three quantiles, levels between 0 and 1, levels and values rising")
        if isinstance(self.rule, AtAddress):
            so_far = self.rule.so_far
            if so_far.on > self.made_on:
                raise ValueError(f"so_far as it was known on {self.made_on}, not first on {so_far.on}")
            if self.rule.largest and self.quantiles and min(self.quantiles.values()) < so_far.value:
                raise ValueError(f"no quantile below {so_far.value:g}, which was known on {so_far.on} and cannot fall")
        return self


def seal_of(forecast: Mapping[str, object]) -> str:
    """Return the seal of a forecast: the first 16 digits of the SHA-256 of what was filed, seal apart."""
    filed = {k: v for k, v in forecast.items() if k != "seal" and v is not None}
    text = json.dumps(filed, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return digest(text)


def _filed(forecast: Forecast) -> dict[str, object]:
    return forecast.model_dump(mode="json", exclude_none=True)


@dataclass(frozen=True)
class Outcome:
    """How a question was settled.

    Parameters
    ----------
    on : date
        The day that settled it.
    value : float
        1 or 0 for yes or no, else the number.
    """

    on: dt.date
    value: float


def resolve(forecast: Forecast, register: Register, today: dt.date) -> Outcome | None:
    """Settle a question as it could be known on a day, by the dates on which findings and rows came out; or None."""
    rule, end = forecast.rule, forecast.resolves_by
    until = min(today, end)
    if isinstance(rule, ShapeReaches):
        shape = register.shape(rule.shape)
        for day in sorted({f.known_on() for f in register.findings if f.known_on() <= until}):
            status = evaluate(shape, members_of(as_of(register, day), shape), rule=register.rule)
            levels = {"hint": ("hint", "evidence"), "evidence": ("evidence",)}.get(rule.status, ())
            if status.level in levels or (rule.status == "codified" and status.verdict == "codified"):
                return Outcome(day, 1.0)
        return Outcome(end, 0.0) if today >= end else None
    if isinstance(rule, AtAddress):
        found = next((f for f in load_found(register.data) if f.forecast == forecast.id and f.day <= today), None)
        return None if found is None or found.value is None else Outcome(found.day, found.value)
    if today < end:
        return None
    if isinstance(rule, FindingsPublished):
        return Outcome(end, float(sum(f.known_on() <= end for f in register.findings)))
    rows = table(rule.table, register.data)
    dated = rows[[latest(str(d)) <= end for d in rows[rule.date]]]
    return Outcome(end, float(dated[rule.column].max()))


def score(forecast: Forecast, outcome: Outcome) -> float:
    """Return the Brier score of a probability, or the CRPS of quantiles in the unit asked for; 0 is best."""
    if forecast.probability is not None:
        return float((forecast.probability - outcome.value) ** 2)
    import numpy as np
    import scoringrules

    assert forecast.quantiles is not None
    levels = np.array([float(k) for k in forecast.quantiles])
    values = np.array(list(forecast.quantiles.values()))
    return float(scoringrules.crps_quantile(outcome.value, values, levels))


Beside = TypeVar("Beside", bound=BaseModel)


def _load_beside(model: type[Beside], data: Path, name: str, field: str, said: str) -> list[Beside]:
    """Return the entries of a file beside the forecasts, each `field` once; none where there is no such file."""
    path = data / "forecasts" / name
    if not path.is_file():
        return []
    return load_list(path, model, once=((field, said),))


def load_void(data: Path) -> list[VoidRule]:
    """Return the kinds of question that are void, with the day and the reason; none where there is no such file.

    Raises
    ------
    RecordError
        With every problem, a kind named twice among them.
    """
    return _load_beside(VoidRule, data, VOID, "kind", "each kind once")


def load_found(data: Path) -> list[Found]:
    """Return what was read at the addresses of questions, in the order in which it was written down.

    Raises
    ------
    RecordError
        With every problem, a question settled twice among them.
    """
    return _load_beside(Found, data, OUTCOMES, "forecast", "each question once")


def load_clarified(data: Path) -> list[Clarified]:
    """Return how the words of filed questions are read, in the order in which it was written down.

    Raises
    ------
    RecordError
        With every problem, a question clarified twice among them.
    """
    return _load_beside(Clarified, data, CLARIFIED, "forecast", "each question once")


def _wrong_clarified(data: Path, found: Iterable[Found], forecasts: Iterable[Forecast]) -> Iterator[Problem]:
    """Yield what is wrong with what was clarified: no such question, or said when its answer had been read."""
    if not (clarified := load_clarified(data)):
        return
    located = read_yaml(data / "forecasts" / CLARIFIED)
    asked = {f.id: f for f in forecasts if isinstance(f.rule, AtAddress)}
    read_on = {f.forecast: f.day for f in found}
    for i, one in enumerate(clarified):
        if one.forecast not in asked:
            yield located.problem((i, "forecast"), one.forecast, "a filed forecast that an address settles")
        elif one.day < asked[one.forecast].made_on:
            need = f"a day from {asked[one.forecast].made_on} on, when it was asked"
            yield located.problem((i, "day"), str(one.day), need)
        elif one.forecast in read_on and read_on[one.forecast] < one.day:
            need = f"a day up to {read_on[one.forecast]}, when its answer was read"
            yield located.problem((i, "day"), str(one.day), need)


def _wrong_found(located: Located, found: Iterable[Found], forecasts: Iterable[Forecast]) -> Iterator[Problem]:
    """Yield what is wrong with what was read: no such question, too early, no yes or no, or a number that had been passed."""
    by_id = {f.id: f for f in forecasts if isinstance(f.rule, AtAddress)}
    for i, one in enumerate(found):
        forecast = by_id.get(one.forecast)
        if forecast is None:
            yield located.problem((i, "forecast"), one.forecast, "a filed forecast that an address settles")
            continue
        rule = forecast.rule
        assert isinstance(rule, AtAddress)
        named, read = (f".{urlsplit(each.address).hostname}".removeprefix(".www") for each in (rule, one))
        if not (named.endswith(read) or read.endswith(named)) and not one.elsewhere:
            need = (
                f"an address of {named[1:]}, which the question names; or elsewhere, why it was read with another host"
            )
            yield located.problem((i, "address"), one.address, need)
        if one.day > newest_day():
            yield located.problem((i, "day"), str(one.day), f"a day that is not after today, {today()}")
            continue
        if one.void_because is not None:
            if one.day < forecast.made_on:
                yield located.problem((i, "day"), str(one.day), f"a day from {forecast.made_on} on, when it was asked")
            continue
        early = one.value != 1 if rule.yes_or_no else True  # a mark that is passed settles at once
        if one.day <= forecast.made_on or (early and one.day < forecast.resolves_by):
            need = f"a day after {forecast.made_on}, and not before {forecast.resolves_by} unless a mark was passed"
            yield located.problem((i, "day"), str(one.day), need)
        if one.value is not None and rule.yes_or_no and one.value not in (0, 1):
            yield located.problem((i, "value"), one.value, "1 or 0: the question asks whether a mark was passed")
        if one.value is not None and rule.largest and one.value < rule.so_far.value:
            need = f"at least {rule.so_far.value:g}, which was known when it was asked"
            yield located.problem((i, "value"), one.value, need)


def voided(forecast: Forecast, found: Iterable[Found]) -> Found | None:
    """Return the reading by which a question at an address is void, or None: by its own words, or asked too late."""
    return next((f for f in found if f.forecast == forecast.id and f.void_because is not None), None)


def void_by(forecast: Forecast, rules: Iterable[VoidRule]) -> VoidRule | None:
    """Return the rule by which a question is void, or None.

    A question whose last day came before the rule keeps its score: a rule does not reach back.
    """
    return next((r for r in rules if r.kind == forecast.rule.kind and forecast.resolves_by >= r.since), None)


def load_forecasts(data: Path, register: Register | None = None) -> list[Forecast]:
    """Return every forecast, in the order of filing, with seals checked.

    Raises
    ------
    RecordError
        With every problem: an edit after filing, a seal that is missing or out of order, a question that was settled
        by what was known when it was asked, a snapshot, shape or table that there is not. A question that a later
        correction of the record settles was open when it was asked, and stays.
    """
    folder = data / "forecasts"
    register = register or load_register(data)
    problems: list[Problem] = []
    found: list[Forecast] = []
    seals = _read_seals(folder, problems)
    snapshots = kept.load_snapshots(data)
    shapes = {shape.id for shape in register.shapes}
    shapes |= {shape.id for snapshot in snapshots.values() for shape in snapshot.shapes}
    filed = [path for path in files_in(folder, "*.yml") if path.name not in (VOID, OUTCOMES, CLARIFIED)]
    for located, items in read_each(filed, partial(parse_list, Forecast), problems):
        if not items:
            problems.append(located.problem((), "an empty list", "the forecasts of its day; they may not be withdrawn"))
        for i, item in enumerate(items):
            problems += _problems(located, i, item, found, seals, snapshots, shapes, data)
            found.append(item)
    for name in seals.keys() - {f.id for f in found}:
        at = Located(folder / SEALS, None)
        problems.append(
            at.problem((name,), "a seal without a forecast", "the forecast: a filed one may not be withdrawn")
        )
    outcomes = Located(folder / OUTCOMES, None) if not (folder / OUTCOMES).is_file() else read_yaml(folder / OUTCOMES)
    problems += _wrong_found(outcomes, load_found(data), found)
    problems += _wrong_clarified(data, load_found(data), found)
    refuse(problems)
    order = list(seals)
    return sorted(found, key=lambda f: order.index(f.id))


def _problems(
    located: Located, i: int, item: Forecast, before: list[Forecast], seals: Mapping[str, str],
    snapshots: dict[str, kept.Snapshot], shapes: set[str], data: Path,
) -> list[Problem]:  # fmt: skip
    out = []
    if item.id in {f.id for f in before}:
        out.append(located.problem((i, "id"), item.id, "an id of its own"))
    now = seal_of(_filed(item))
    if now != item.seal:
        out.append(located.problem((i, "seal"), item.seal, f"the forecast as it was filed on {item.made_on}, or a new one: what stands here has the seal {now}"))  # fmt: skip
    elif item.id not in seals:
        out.append(
            located.problem(
                (i, "id"),
                item.id,
                "a line in seals.txt, which an interrupted filing leaves unwritten: take these lines out, then file the draft again by review forecast file",
            )
        )
    elif seals[item.id] != item.seal:
        out.append(located.problem((i, "seal"), item.seal, f"the seal that was filed, {seals[item.id]}"))
    out += [located.problem((i, *field.split(".")), given, needed) for field, given, needed in _unfit(item)]
    if same := next((f.id for f in before if asks_of(f) == asks_of(item)), None):
        out.append(located.problem((i, "question"), item.question, f"a question that is not asked already, by {same}"))
    out += [located.problem((i, field), given, needed) for field, given, needed in out_of_order(item, before)]
    if not (data.parent / "analyses" / f"{item.analysis}.md").is_file():
        out.append(located.problem((i, "analysis"), item.analysis, "a page below analyses/"))
    if isinstance(item.rule, ShapeReaches) and item.rule.shape not in shapes:
        out.append(located.problem((i, "rule", "shape"), item.rule.shape, "a shape of data/shapes.yml"))
        return out
    if wrong := _wrong_target(item, data):
        field, given, needed = wrong
        out.append(located.problem((i, "rule", field), given, needed))
        return out
    if item.snapshot and item.snapshot not in snapshots:
        out.append(located.problem((i, "snapshot"), item.snapshot, f"a file of data/forecasts/{kept.FOLDER} with this digest: what a forecast was made from is kept as it was"))  # fmt: skip
        return out
    then = snapshots[item.snapshot] if item.snapshot else kept.of_day(snapshots, item.made_on)
    asks_outside = isinstance(item.rule, AtAddress)  # what is read there is checked against its own days
    settled = resolve(item, then.register, item.made_on) if then and not asks_outside else None
    if settled is not None:
        out.append(
            located.problem(
                (i, "made_on"), str(item.made_on), f"a day before {settled.on}, on which the question was settled"
            )
        )
    return out


def _wrong_target(item: Forecast, data: Path) -> tuple[str, str, str] | None:
    """Return the field that names a table or column that there is not, what it names and what is needed; or None."""
    if isinstance(item.rule, AtAddress):
        keys = load_references(data)
        if item.rule.so_far.cite not in keys:
            return "so_far", item.rule.so_far.cite, "a key of data/references.bib"
        if item.rule.table is not None:
            try:
                units = {field.get("unit") for field in describe(item.rule.table, data).fields} - {None}
            except KeyError as error:
                return "table", item.rule.table, str(error.args[0])
            if item.rule.unit not in units:
                need = f"a unit of {item.rule.table}, which has {', '.join(sorted(map(str, units))) or 'none'}; or its column mended"
                return "unit", item.rule.unit, need
        return None
    if not isinstance(item.rule, TableMost):
        return None
    try:
        columns = {field["name"]: field["type"] for field in describe(item.rule.table, data).fields}
    except KeyError as error:
        return "table", item.rule.table, str(error.args[0])
    for field in ("column", "date"):
        if (named := getattr(item.rule, field)) not in columns:
            return field, named, f"a column of {item.rule.table}"
    if columns[item.rule.column] == "string":
        return "column", item.rule.column, f"a column of numbers of {item.rule.table}"
    return None


def _read_seals(folder: Path, problems: list[Problem]) -> dict[str, str]:
    path = folder / SEALS
    seals: dict[str, str] = {}
    previous = ""
    if not path.exists():
        return seals
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        parts = line.split()
        at = Located(path, None, line=number)
        if len(parts) != 4 or link(previous, " ".join(parts[:3])) != parts[3]:
            problems.append(at.problem((parts[1] if len(parts) > 1 else "line",), line, "the line as it was written: seals are never edited"))  # fmt: skip
            break
        previous = parts[3]
        seals[parts[1]] = parts[2]
    return seals


FURTHEST = 20
"""Years ahead beyond which nobody would settle a question."""


IN_WORDS = ("percent", "points", "seconds", "minutes", "hours", "days", "weeks", "months", "years", "dollars", "tokens", "parameters", "FLOP")  # fmt: skip
"""Units in which a question may ask."""


MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")  # fmt: skip


def last_day_in(text: str) -> str | None:
    """Return the last date that a text names, in digits or by its month, of models of a year apart; None where it names none.

    Examples
    --------
    >>> last_day_in("Will it come by June 2027, after 2026-11-29?"), last_day_in("Will models of 2025 do it?")
    ('2027-06', None)
    """
    said = re.sub(rf"\b({'|'.join(MONTHS)}) (20\d\d)\b", lambda m: f"{m[2]}-{MONTHS.index(m[1]) + 1:02}", text)
    said = re.sub(r"(?<!end )(?<!middle )(?<!beginning )\bof (?:(?:early|mid|late)[ -])?20\d\d\S*", "", said)
    return max(re.findall(r"\b(20[0-9]{2}(?:-[0-9]{2}(?:-[0-9]{2})?)?)\b", said), key=latest, default=None)


def may_mean(one: str, other: str) -> bool:
    """Return whether two dates, each perhaps without its day, may mean the same day."""
    return earliest(one) <= latest(other) and earliest(other) <= latest(one)


_SIDE = r"(?P<below>below|under|less than|fewer than)|(?:reach\w*|exceed\w*|above|over|at least|more than)"
_KEPT = r"stay|remain|hold|keep|not|never"


_CLOCK = {"second": 1.0, "minute": 60.0, "hour": 3600.0}
"""Units of a time horizon, in seconds."""


def _marked_otherwise(rule: AtAddress, question: str) -> Iterator[tuple[str, object, str]]:
    """Yield a mark that is not the one in the words, or that the words want passed from the other side or not at all."""
    mark, field = (rule.reaches, "reaches") if rule.reaches is not None else (rule.falls_below, "falls_below")
    number, own = r"\d+(?:,\d{3})*(?:\.\d+)?", rule.unit.split()[0].rstrip("s")
    unit = re.escape(own)
    for m in re.finditer(rf"(?<![\d.,-])({number})[ -](second|minute|hour)s?", question) if own in _CLOCK else ():
        there = float(m[1].replace(",", "")) * _CLOCK[m[2]] / _CLOCK[own]
        if m[2] != own and mark is not None and not math.isclose(there, mark):
            yield f"rule.{field}", f"{mark:g}", f"{there:g}, the {m[1]} {m[2]}s of the question in {rule.unit}"
        turned = re.search(rf"\b(?:no|not|never|without|fails?)\b[^.,;:]{{0,60}}{re.escape(m[0])}", question, re.I)
        if turned and field == "reaches":
            need = "a question that is yes where the mark is passed, as the rule has it"
            yield "question", " ".join(turned[0].split()[:8]), need
    said = {m[1]: float(m[1].replace(",", "")) for m in re.finditer(rf"(?<![\d.,-])({number}) {unit}", question)}
    if said and mark not in said.values():
        yield f"rule.{field}", f"{mark:g}", f"{' or '.join(said)}, which the question names in {rule.unit}"
    for text, value in said.items():
        found = re.search(rf"(?:\b(?P<kept>{_KEPT})\w*\s+)?\b(?:{_SIDE})\s+{re.escape(text)} {unit}", question, re.I)
        if value != mark or not found:
            continue
        if found["kept"]:
            need = "a question that is yes where the mark is passed, as the rule has it, and not where it is not"
            yield "question", found[0], need
        elif (found["below"] is not None) != (field == "falls_below"):
            yield f"rule.{field}", f"{mark:g}", f"the side that the question asks for: {found[0]}"


def _of_another_level(rule: AtAddress, question: str) -> Iterator[tuple[str, object, str]]:
    """Yield a level in percent that is read, where the question asks for another and none is the same."""
    asked, read = (re.findall(r"\b(\d+(?:\.\d+)?) ?(?:percent|%)", text) for text in (question, rule.read))
    if asked and read and not {*asked} & {*read}:
        yield "rule.read", f"{read[0]} percent", f"{asked[0]} percent, which the question asks for"


def _read_otherwise(rule: AtAddress, end: dt.date) -> Iterator[tuple[str, object, str]]:
    """Yield a day after the last one, or an end of the scale, that stands in the words of what is read and in no field."""
    late = [day for day in re.findall(r"\b20\d\d-\d\d-\d\d\b", rule.read) if day > f"{end}"]
    if late := late + [day for day in re.findall(r"(?i)\bon (20\d\d-\d\d-\d\d)\b", rule.read) if day < f"{end}"]:
        yield "rule.read", late[0], f"what stands there on {end}, the last day"
    if rule.largest and (small := re.search(r"\b(smallest|lowest|shortest|fewest|minimum)\b", rule.read)):
        yield "rule.read", small[0], "the largest number, as the field largest says; or largest: false"


def _unfit(bare: Forecast) -> Iterator[tuple[str, object, str]]:
    """Yield what is wrong with a forecast by itself, and for good once it is sealed: the field, what is given and needed."""
    if bare.probability in (0, 1):
        yield "probability", bare.probability, "above 0 and below 1: nothing asked about is certain"
    if bare.resolves_by.year - bare.made_on.year > FURTHEST:
        yield "resolves_by", bare.resolves_by, f"a day within {FURTHEST} years, on which somebody can settle it"
    if not re.fullmatch(r"\S+\s.*\S\?", bare.question, flags=re.DOTALL):
        yield "question", bare.question, "a question, with its mark at the end"
    of_id = re.search(r"20\d\d-\d\d-\d\d$", bare.id)
    for field, last in (("question", last_day_in(bare.question)), ("id", of_id and of_id[0])):
        if last and not may_mean(last, bare.resolves_by.isoformat()):
            yield "resolves_by", bare.resolves_by, f"the last day that the {field} names, {last}"
    rule = bare.rule
    if not isinstance(rule, AtAddress):
        return
    yield from _read_otherwise(rule, bare.resolves_by)
    yield from _of_another_level(rule, bare.question)
    if rule.yes_or_no:
        yield from _marked_otherwise(rule, bare.question)
    for word in re.findall(rf"\bin ({'|'.join(IN_WORDS)})\b", bare.question):
        if word.rstrip("s") not in rule.unit:
            yield "rule", rule.unit, f"{word}, in which the question asks, as its unit"
    host = (urlsplit(rule.address).hostname or "").rstrip(".")
    if not re.fullmatch(r"(?:[\w-]+\.)+[^\W\d_][\w-]+", host) or host.endswith((".local", ".internal", ".localhost")):
        yield "address", rule.address, "an address by a public name, that others can read"
    if found := limits(rule.unit):
        values = (*(bare.quantiles or {}).values(), rule.reaches, rule.falls_below, rule.so_far.value)
        for value in values:
            if value is not None and not found[0] <= value <= found[1]:
                yield "rule", value, f"from {found[0]:g} to {found[1]:g}, the limits of {rule.unit}"


def _older_source(bare: Forecast, data: Path) -> Iterator[tuple[str, object, str]]:
    """Yield a source that cannot tell what is said to be known; asked when a forecast is filed, for it may be corrected later."""
    if isinstance(bare.rule, AtAddress):
        known = bare.rule.so_far
        if int(year := load_references(data)[known.cite].year) < known.on.year:
            yield "so_far", f"{known.cite}, of {year}", f"a source that tells what was known on {known.on}"


def _another_unit(bare: Forecast) -> Iterator[tuple[str, object, str]]:
    """Yield quantiles that all lie far off what is known: a share beside percent, minutes beside hours."""
    if not (isinstance(bare.rule, AtAddress) and bare.quantiles):
        return
    known, low, high = bare.rule.so_far.value, min(bare.quantiles.values()), max(bare.quantiles.values())
    if known and (high / known < 1 / FAR_OFF or low / known > FAR_OFF):
        need = f"quantiles in {bare.rule.unit} as so_far is, {known:g}: one of them within {FAR_OFF} times of it"
        yield "quantiles", f"{low:g} to {high:g}", need


def asks_of(forecast: Forecast) -> tuple[object, ...]:
    """Return what tells one question from another, whatever is answered: words, last day and what settles it."""
    return (
        " ".join(forecast.question.casefold().split()),
        forecast.resolves_by,
        forecast.rule.model_dump_json(exclude={"so_far", "read", "table"}),
    )


def out_of_order(item: Forecast, others: Iterable[Forecast]) -> Iterator[tuple[str, object, str]]:
    """Yield a probability above that of an easier mark, or below a harder one's: one question, asked on one day of one day."""
    mine = item.rule
    for other in others:
        theirs = other.rule
        if not (isinstance(mine, AtAddress) and isinstance(theirs, AtAddress)):
            continue
        days = (item.made_on, item.resolves_by) == (other.made_on, other.resolves_by)
        if not days or _but_its_mark(item, mine) != _but_its_mark(other, theirs):
            continue
        for own, mark, way in ((mine.reaches, theirs.reaches, 1), (mine.falls_below, theirs.falls_below, -1)):
            if own is None or mark is None or item.probability is None or other.probability is None:
                continue
            if way * (own - mark) * (item.probability - other.probability) > 0:
                end = "most" if way * (own - mark) > 0 else "least"
                need = f"at {end} the {other.probability:g} of {other.id}: of two marks the one further off is not passed more often"
                yield "probability", item.probability, need


def _but_its_mark(item: Forecast, rule: AtAddress) -> tuple[str, ...]:
    """Return what a forecast asks and reads without numbers of its unit, so that two marks of one question are known."""
    unit = re.escape(rule.unit.split()[0].rstrip("s"))
    words = (re.sub(rf"\d[\d.,]* (?={unit})", "", text.casefold()) for text in (item.question, rule.read))
    return rule.address, rule.unit, *(" ".join(text.split()) for text in words)


def check_draft(draft: object, data: Path, register: Register) -> Forecast:
    """Return a draft as a forecast that may be filed, without its seal; nothing is written.

    Parameters
    ----------
    draft : mapping
        All of a forecast but its seal and its snapshot, which filing gives it.

    Raises
    ------
    RecordError, ValueError
        When it is no forecast, its id is taken, or its question is void, already settled or not to be settled.
    """
    if not isinstance(draft, Mapping):
        raise ValueError(f"given {draft!r:.60}; needed: a forecast, with its fields")
    if brought := [name for name in ("seal", "snapshot") if name in draft]:
        raise ValueError(f"{draft.get('id')}: given a {brought[0]}; needed: none, since filing gives it")
    bare = Forecast.model_validate({**draft, "seal": "0" * 16})
    known = load_forecasts(data, register)
    if bare.id in {f.id for f in known}:
        raise ValueError(f"given the id {bare.id}; needed: one of its own")
    if same := next((f.id for f in known if asks_of(f) == asks_of(bare)), None):
        raise ValueError(f"{bare.id}: given the question of {same}; needed: one that is not asked already")
    if void := void_by(bare, load_void(data)):
        raise ValueError(
            f"{bare.id}: questions of the kind {void.kind} are void since {void.since} ({void.because}); "
            "needed: one that others can settle"
        )
    if not (data.parent / "analyses" / f"{bare.analysis}.md").is_file():
        raise ValueError(f"{bare.id}: analysis: given {bare.analysis}; needed: a page below analyses/")
    unfit = chain(_unfit(bare), _another_unit(bare), out_of_order(bare, known), _older_source(bare, data))
    if wrong := _wrong_target(bare, data) or next(unfit, None):
        field, given, needed = wrong
        raise ValueError(f"{bare.id}: {field}: given {given}; needed: {needed}")
    settled = resolve(bare, register, bare.made_on)
    if settled is not None:
        raise ValueError(f"{bare.id}: the question was settled on {settled.on}; needed: an open one")
    return bare


def file_forecast(draft: Mapping[str, object], data: Path, register: Register) -> Forecast:
    """Seal a forecast with a snapshot of what is known, and append it to the file of its day and to the seals.

    Parameters
    ----------
    draft : mapping
        All of a forecast but its seal.

    Raises
    ------
    RecordError, ValueError
        As `check_draft`.
    """
    import yaml

    bare = check_draft(draft, data, register)
    known = load_forecasts(data, register)
    tables = {
        f.rule.table for f in (*known, bare) if isinstance(f.rule, TableMost | AtAddress) and f.rule.table is not None
    }
    snapshot = kept.take(register, bare.made_on, tables, "the record on the day of filing")
    bare = bare.model_copy(update={"snapshot": kept.digest_of(snapshot)})
    item = bare.model_copy(update={"seal": seal_of(_filed(bare))})
    kept.write(snapshot, data)
    folder = data / "forecasts"
    folder.mkdir(exist_ok=True)
    path = folder / f"{item.made_on.isoformat()}.yml"
    head = "" if path.is_file() else "# yaml-language-server: $schema=../schemas/forecasts.json\n"
    filed = item.model_dump(exclude_none=True)
    text = yaml.safe_dump([filed], sort_keys=False, allow_unicode=True, width=140)
    seals = folder / SEALS
    lines = seals.read_text(encoding="utf-8").splitlines() if seals.is_file() else []
    line = f"{item.made_on.isoformat()} {item.id} {item.seal}"
    chained = f"{line} {link(lines[-1].split()[3] if lines else '', line)}"
    for file, added in ((path, head + text), (seals, f"{chained}\n")):
        open_line = file.is_file() and not file.read_bytes().endswith(b"\n")
        with file.open("ab") as out:
            out.write(("\n" * open_line + added).encode())
    return item
