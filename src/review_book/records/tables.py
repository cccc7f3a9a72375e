"""Whether every table and every trace is what the data package says of it, and the data sets of others as a whole."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from review_book.records.marked import marks_in
from review_book.records.references import load_references
from review_book.records.shares import not_whole, of_its_interval
from review_utils.data import tables
from review_utils.data.external import ExternalSet
from review_utils.data.tables import TableInfo, read_columns
from review_utils.data.traces import digest_of, trace_content
from review_utils.records.quantities import earliest, latest, limits, newest_day, partial_date
from review_utils.records.reading import (
    Located,
    Problem,
    RecordError,
    Text,
    did_you_mean,
    fault,
    load_list,
    parse,
    read_json,
)
from review_utils.records.references import unknown_key
from review_utils.review import files_in

FOLDERS = ("published", "derived")
"""Where tables stand: typed from papers, and computed by us from data sets that are not part of this project."""


LICENCES = (
    "MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MPL-2.0", "Unlicense", "GPL-2.0-only", "GPL-2.0-or-later",
    "GPL-3.0-only", "GPL-3.0-or-later", "LGPL-2.1-only", "LGPL-3.0-only", "AGPL-3.0-only", "AGPL-3.0-or-later", "CC0-1.0",
    "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0",
    "CC-BY-NC-ND-4.0", "ODbL-1.0", "ODC-By-1.0", "PDDL-1.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0",
)  # fmt: skip
"""Licences of data, text and code by their names in the list of SPDX: a new one is added here."""


def _licence(name: str) -> str:
    if name not in LICENCES:
        near = did_you_mean(name, LICENCES) or ", such as MIT, Apache-2.0 or CC-BY-4.0"
        raise ValueError(f"a licence by its name in the list of SPDX{near}")
    return name


Licence = Annotated[str, AfterValidator(_licence)]


class _Entry(BaseModel):
    """What the standard allows besides is left alone."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow")


def _inside(path: str) -> str:
    if path.startswith("/") or ".." in path.split("/") or "\\" in path or not path.strip():
        raise ValueError("a path below data/")
    return path


Name = Annotated[str, Field(min_length=1)]


class Constraints(BaseModel):
    """What each cell of a column must be: these are held, and what the standard allows besides would be published as held."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    required: bool = False
    unique: bool = False
    minimum: int | float | None = None
    maximum: int | float | None = None
    enum: Annotated[list[str | int | float], Field(min_length=1)] | None = None


class Column(_Entry):
    """One column of a table."""

    name: Name
    type: Literal["string", "number", "integer"]
    unit: Text | None = None
    """A share, a rate or a probability lies between 0 and 1, and percent between 0 and 100, without another word."""
    units: dict[Text, Text] = {}
    """Of a column that tells the unit of others, by a unit "as the NAME says": the unit that each of its words stands for."""
    written: Literal["date"] | None = None
    """A string that is a date: 2025, 2025-03 or 2025-03-14."""
    constraints: Constraints = Constraints()


class Identity(_Entry):
    """What each row of a table says twice: one column, and the sum of products from which it is recomputed."""

    of: Name
    sum: Annotated[list[Annotated[list[Name | int | float], Field(min_length=1)]], Field(min_length=1)]
    """Products of numbers and columns."""
    within: Annotated[float, Field(gt=0, lt=1)]
    """How far the two may be apart, as a share of what is printed."""
    but: list[dict[Name, Name]] = []
    """Rows of which the source itself prints another number, each by what tells it."""


class Columns(_Entry):
    """The columns of a table, in their order."""

    fields: Annotated[list[Column], Field(min_length=1)]
    key: Annotated[list[Name], Field(alias="primaryKey")] = []
    """The columns that tell one row from another, where no column does alone."""
    identities: list[Identity] = []


class TraceEntry(_Entry):
    """What the data package says of a trace; see `review_utils.data.traces`."""

    name: Name
    path: Annotated[str, AfterValidator(_inside)]


class TableEntry(TraceEntry):
    """What the data package says of a table."""

    title: Name
    cite: Name
    locator: Name
    verification: Name
    columns: Annotated[Columns, Field(alias="schema")]
    hash: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None
    """Of a table that we computed: what a program wrote is not mended by hand."""
    sets: dict[str, str] = {}
    """The data sets of others that it was computed from, each with the pin of its files."""


class PackageLicence(_Entry):
    """A licence of the data package."""

    name: Licence


class Package(_Entry):
    """The data package as a whole."""

    licenses: list[PackageLicence] = []
    resources: Annotated[list[dict[str, Any]], Field(min_length=1)]


def read_package(data: Path) -> list[TraceEntry]:
    """Return every entry of the data package.

    Raises
    ------
    RecordError
        With every problem: no JSON, entries without what they need, a name or a path that stands twice.
    """
    path = data / "datapackage.json"
    located = read_json(path, "the data package that describes every table")
    out: list[TraceEntry] = []
    problems: list[Problem] = []
    for i, raw in enumerate(parse(Package, located).resources):
        model = TraceEntry if raw.get("format") == "parquet" else TableEntry
        try:
            entry = parse(model, located, raw, ("resources", i))
        except RecordError as error:
            problems += error.problems
            continue
        for field in ("name", "path"):
            if getattr(entry, field) in {getattr(other, field) for other in out}:
                problems.append(located.problem(("resources", i, field), getattr(entry, field), f"each {field} once"))
        out.append(entry)
    if problems:
        raise RecordError(problems)
    return out


def table_infos(data: Path) -> dict[str, TableInfo]:
    """Return the description of every table of the data package.

    Raises
    ------
    RecordError
        With every problem of the package.
    """
    read_package(data)
    return tables.table_infos(data)


TOKENS = (1e-3, 1e6)
"""Between what tokens per parameter lie, by six FLOP for each of both: a hundredth and a hundred times what is known."""

SMALLEST = 1e-100
"""The smallest number of a table: below it, logarithms and ratios leave what a computer can hold."""

_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")

_NONE = re.compile(r"(?i)#?n/?a|<na>|-?nan|null|none|nil|unknown|true|false|[-+]?inf(?:inity)?")
"""Words that other programs read as an empty cell, a number or an answer, though they stand in a column of text."""

_TEXT: TypeAdapter[str] = TypeAdapter(Text)


def _check_text(text: str) -> None:
    """Refuse text of a cell that no field of a record may hold, or that a page or another program shows otherwise."""
    if _NONE.fullmatch(text):
        raise ValueError("words, or an empty cell for none, as all programs read it")
    if "  " in text or text.startswith('"'):
        raise ValueError("text with one space between words and no quotes around it")
    try:
        _TEXT.validate_python(text)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    if found := marks_in(text):
        raise ValueError(f"the words alone, without {found}: a cell is shown as it is typed")


def check_cell(text: str, value: Any, field: Mapping[str, Any]) -> None:  # noqa: ANN401  # text or a number
    """Refuse a cell that is not written as its column says, or a number beyond its bounds or those of its unit.

    Raises
    ------
    ValueError
        Saying what is needed.
    """
    rules = field.get("constraints", {})
    if "\n" in text or "\r" in text or "\t" in text or text.startswith(("=", "@")):
        raise ValueError("text that a spreadsheet takes for text: no line end, no tab, no = or @ at its beginning")
    if text != text.strip():
        raise ValueError("a cell without a space before or after it")
    if field.get("written") == "date" and earliest(partial_date(text)) > newest_day():
        raise ValueError("a date that is not in the future")
    if field["type"] != "string":
        if not _PLAIN.fullmatch(text) or (value == 0 and text[0] == "-") or 0 < abs(value) < SMALLEST:
            raise ValueError(
                f"a number as printed: no plus sign, no minus nought, no nought or point that says nothing, nothing below {SMALLEST:g}"
            )
        if "minimum" in rules and value < rules["minimum"]:
            raise ValueError(f"a value of at least {rules['minimum']}")
        if "maximum" in rules and value > rules["maximum"]:
            raise ValueError(f"a value of at most {rules['maximum']}")
        if (found := limits(field.get("unit"))) and not found[0] <= value <= found[1]:
            raise ValueError(found[2])
    else:
        _check_text(text)
    if "enum" in rules and value not in rules["enum"]:
        known = [str(x) for x in rules["enum"]]
        raise ValueError(f"one of {', '.join(known)}{did_you_mean(str(value), known)}")


PAIRS = (("low", "high"), ("lower", "upper"))
"""How columns that hold the ends of one interval are named."""


def _together(info: TableInfo, columns: Mapping[str, Sequence[Any]], key: Sequence[str]) -> Iterator[Problem]:
    """Yield what the cells of a table say that does not go together: a row twice, an interval turned about."""
    rows: dict[tuple[object, ...], int] = {}
    for i, row in enumerate(zip(*(columns[name] for name in key), strict=True)):
        alike = tuple(cell.casefold() if isinstance(cell, str) else cell for cell in row)
        if first := rows.get(alike):
            need = f"each {', '.join(key)} once, as primaryKey says; line {first} has the same"
            yield fault(info.path, key[-1], ", ".join(map(str, row)), need, i + 2)
        rows.setdefault(alike, i + 2)
    for i, (out, said) in enumerate(zip(columns.get("released", ()), columns.get("published", ()), strict=False)):
        if out and said and latest(said) < earliest(out):
            yield fault(info.path, "published", said, f"a day from {out} on, when it was released", i + 2)
    for field in info.fields:
        name, seen = field["name"], set()
        for i, value in enumerate(columns[name] if field.get("constraints", {}).get("unique") else ()):
            if value in seen:
                yield fault(info.path, name, str(value), "each value once in this column", i + 2)
            seen.add(value)
    for low, high in [(name, name.replace(*pair)) for name in columns for pair in PAIRS if pair[0] in name]:
        for i, (a, b) in enumerate(zip(columns[low], columns.get(high, ()), strict=False)):
            if isinstance(a, int | float) and isinstance(b, int | float) and a > b:
                yield fault(info.path, high, str(b), f"at least the {a:g} of {low}", i + 2)
            if (a is None) != (b is None):
                empty, other = (low, high) if a is None else (high, low)
                yield fault(info.path, empty, "nothing", f"both ends of an interval, or none: {other} has one", i + 2)
    yield from _in_their_units(info, columns)
    yield from _beside(info, columns)
    yield from _counted(info, columns)
    yield from _sized(info, columns)


_SAID_BY = re.compile(r"as the (\S+) says")


def unit_of(field: Mapping[str, Any], fields: Sequence[Mapping[str, Any]], row: Mapping[str, object]) -> str | None:
    """Return the unit of a cell of a column in a row of the table: that of the column, or the one that another cell tells."""
    unit: str | None = field.get("unit")
    if unit and (by := _SAID_BY.fullmatch(unit)):
        telling = next((one for one in fields if one["name"] == by[1]), {})
        told: str | None = telling.get("units", {}).get(row.get(by[1]))
        return told
    return unit


def _in_their_units(info: TableInfo, columns: Mapping[str, Sequence[Any]]) -> Iterator[Problem]:
    """Yield words of a column that tell no unit, where others have theirs by it, and numbers beyond the bounds of that unit."""
    for field in info.fields:
        if not (by := _SAID_BY.fullmatch(field.get("unit") or "")):
            continue
        if by[1] not in columns:
            need = f"in data/datapackage.json a unit, or the column that says it{did_you_mean(by[1], columns)}"
            yield fault(info.path, field["name"], field["unit"], need)
            continue
        for i, (value, word) in enumerate(zip(columns[field["name"]], columns[by[1]], strict=True)):
            unit = unit_of(field, info.fields, {by[1]: word})
            if unit is None:
                need = f"a word of which units of this column, in data/datapackage.json, says the unit that {field['name']} has"
                yield fault(info.path, by[1], word or "nothing", need, i + 2)
                return
            if value is not None and (found := limits(unit)) and not found[0] <= value <= found[1]:
                yield fault(
                    info.path, field["name"], str(value), f"{found[2]}, since {by[1]} {word} is in {unit}", i + 2
                )


def _recomputed(info: TableInfo, columns: Mapping[str, Sequence[Any]], said: Sequence[Identity]) -> Iterator[Problem]:
    """Yield numbers that are not what the rest of their row gives, where the data package says that they are."""
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    texts = [{name: str(cell) for name, cell in row.items()} for row in rows]
    for identity in said:
        for named in identity.but:
            if not any(named.items() <= row.items() for row in texts):
                given = ", ".join(f"{name} {cell}" for name, cell in named.items())
                yield fault(info.path, identity.of, given, "a row of the table, which `but` of its identity names")
        parts = [part for product in identity.sum for part in product if isinstance(part, str)]
        numeric = [field["name"] for field in info.fields if field["type"] != "string"]
        if unknown := [name for name in (identity.of, *parts) if name not in numeric]:
            need = f"a column of numbers, for the identity of {identity.of}{did_you_mean(unknown[0], numeric)}"
            yield fault(info.path, identity.of, unknown[0], need)
            continue
        for i, row in enumerate(rows):
            if any(row[name] is None for name in (identity.of, *parts)):
                continue
            ours = sum(math.prod(row[part] if isinstance(part, str) else part for part in one) for one in identity.sum)
            printed, excused = row[identity.of], any(named.items() <= texts[i].items() for named in identity.but)
            if not excused and not abs(ours - printed) <= identity.within * abs(printed):
                need = (
                    f"{ours:.4g} within {100 * identity.within:g} percent, which {', '.join(dict.fromkeys(parts))} of this row"
                    " give; the cell that is typed wrongly mended, or the row named under `but` if the source prints it so"
                )
                yield fault(info.path, identity.of, f"{printed:g}", need, i + 2)


COUNTS = ("n", "n_items", "items", "answers", "questions", "tasks", "trials")
"""How a column is named that holds of how many things the percentages beside it are counted."""


def _counted(info: TableInfo, columns: Mapping[str, Sequence[Any]]) -> Iterator[Problem]:
    """Yield percentages that no whole number of the things counted in their row gives."""
    counts = next((name for name in columns if name in COUNTS), None)
    for field in info.fields if counts else ():
        for i, value in enumerate(columns[field["name"]] if field.get("unit") == "percent" else ()):
            n = columns[str(counts)][i]
            if value is not None and n and not_whole(value, n):
                need = f"a percentage of whole {counts}: of {n} it is {value * n / 100:g}"
                yield fault(info.path, field["name"], f"{value:g}", need, i + 2)


IN_PARAMETERS = {"params": 1.0, "parameters": 1.0, "params_millions": 1e6, "params_billions": 1e9}
"""How a column is named that holds the size of a model, and in what."""

_SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)([BM])(?![\w.])")


def _sized(info: TableInfo, columns: Mapping[str, Sequence[Any]]) -> Iterator[Problem]:
    """Yield sizes that are not those in the names of their models, or that no such compute trains."""
    column = next((name for name in IN_PARAMETERS if name in columns), "")
    for i, size in enumerate(columns.get(column, ())):
        size = size and size * IN_PARAMETERS[column]
        model, flop = (columns[name][i] if name in columns else None for name in ("model", "train_flop"))
        if size and (named := _SIZE.search(str(model))):
            said = float(named[1]) * {"B": 1e9, "M": 1e6}[named[2]]
            if not 0.8 <= size / said <= 1.25:
                need = f"about the {named[0]} in the name of {model}, or that name mended"
                yield fault(info.path, column, f"{size:g}", need, i + 2)
        if size and flop and not TOKENS[0] <= flop / 6 / size**2 <= TOKENS[1]:
            need = f"a size that {flop:g} FLOP train: at this one they are {flop / 6 / size**2:.2g} tokens for each parameter, where there are {TOKENS[0]:g} to {TOKENS[1]:g}"
            yield fault(info.path, column, f"{size:g}", need, i + 2)


PASTED = 4
"""Digits of a number and of both ends of its interval from which on two rows do not share them by chance."""


def _digits(value: float) -> int:
    return len(f"{abs(value):.15g}".partition("e")[0].replace(".", "").strip("0"))


def _beside(info: TableInfo, columns: Mapping[str, Sequence[Any]]) -> Iterator[Problem]:
    """Yield numbers outside the interval of the two columns that follow them, in the same unit; an error may stand between."""
    fields = [field for field in info.fields if "error" not in field["name"]]
    for own, low, high in zip(fields, fields[1:], fields[2:], strict=False):
        names = own["name"], low["name"], high["name"]
        ends = any(names[1].startswith(a) and names[2] == names[1].replace(a, b, 1) for a, b in PAIRS)
        alike = own["type"] != "string" and own.get("unit") == low.get("unit")
        rows: dict[tuple[object, ...], int] = {}
        for i, (x, a, b) in enumerate(zip(*(columns[name] for name in names), strict=True) if ends and alike else ()):
            exact = all(isinstance(one, int | float) and _digits(one) >= PASTED for one in (x, a, b))
            if exact and (first := rows.setdefault((x, a, b), i + 2)) != i + 2 and info.path.parent.name == "published":
                need = (
                    f"the numbers of this row: with {names[1]} and {names[2]} it stands in line {first}, to four digits"
                )
                yield fault(info.path, names[0], str(x), need, i + 2)
            if all(isinstance(one, int | float) for one in (x, a, b)) and a <= b and not a <= x <= b:
                yield fault(
                    info.path, names[0], str(x), f"from {a:g} to {b:g}, as {low['name']} and {high['name']} say", i + 2
                )
            error = columns.get("standard_error", ())[i : i + 1]
            if (
                error
                and error[0]
                and all(isinstance(one, int | float) for one in (a, b))
                and not of_its_interval(error[0], a, b)
            ):
                need = f"an error that goes with {a:g} to {b:g}, which are {(b - a) / 2 / error[0]:.2g} of it to either side, where one to four are usual"
                yield fault(info.path, "standard_error", f"{error[0]:g}", need, i + 2)


def _cited(info: TableInfo, columns: Mapping[str, Sequence[Any]], keys: Collection[str]) -> Iterator[Problem]:
    """Yield cells that name no work in a column of works: one that is called so, or that holds keys in most rows."""
    for name, cells in columns.items():
        works = sum(cell in keys for cell in cells if isinstance(cell, str))
        for i, cell in enumerate(cells if name == "cite" or 2 * works > len(cells) else ()):
            if cell and cell not in keys:
                need = f"a key of data/references.bib{did_you_mean(str(cell), keys)}"
                yield fault(info.path, name, str(cell), need, i + 2)


def _of_two_days(infos: Mapping[str, TableInfo], read: Mapping[str, Mapping[str, Sequence[Any]]]) -> Iterator[Problem]:
    """Yield days on which a model came out that are not those of another table: its column of names was sorted alone, or one is mistyped."""
    first: dict[str, tuple[str, str]] = {}
    for table, columns in read.items():
        for i, day in enumerate(columns.get("released", ())):
            for model in {str(columns[name][i]) for name in ("model", "label") if name in columns and day}:
                before, where = first.setdefault(model, (day, table))
                if earliest(day) > latest(before) or latest(day) < earliest(before):
                    need = f"{before}, when {model} came out by {where}, or that cell mended"
                    yield fault(infos[table].path, "released", day, need, i + 2)


def check_tables(data: Path) -> list[Problem]:
    """Return the problems of all tables: undescribed files, missing files, bad cells, dangling citations."""
    problems: list[Problem] = []
    try:
        infos = table_infos(data)
        keys = load_references(data)
    except RecordError as error:
        return error.problems
    entries = [entry for entry in read_package(data) if isinstance(entry, TableEntry)]
    keyed = {entry.name: entry.columns.key for entry in entries}
    identities = {entry.name: entry.columns.identities for entry in entries}
    package, read = Located(data / "datapackage.json", None), dict[str, Mapping[str, Sequence[Any]]]()
    problems += _described(data, entries)
    for info in infos.values():
        problems += unknown_key(package, (info.name, "cite"), info.cite, keys)
        named = re.match(r"[a-z]+\d{4}(?=[a-z]?_)", info.name)
        if named and not info.cite.startswith(named[0]) and any(key.startswith(named[0]) for key in keys):
            need = f"the work that its name says, {named[0]}…, or another name"
            problems.append(package.problem((info.name, "cite"), info.cite, need))
        try:
            columns = read_columns(info, check_cell)
            if unknown := [name for name in keyed[info.name] if name not in columns]:
                need = f"columns of the table{did_you_mean(unknown[0], columns)}"
                problems.append(package.problem((info.name, "schema", "primaryKey"), unknown[0], need))
                continue
            problems += _together(info, columns, keyed[info.name])
            problems += _recomputed(info, columns, identities[info.name])
            problems += _cited(info, columns, keys)
            read[info.name] = columns
        except RecordError as error:
            problems += error.problems
    problems += _of_two_days(infos, read)
    described = {info.path.resolve() for info in infos.values()}
    for path in (path for folder in FOLDERS for path in files_in(data / folder)):
        if path.resolve() not in described:
            problems.append(
                Located(path, None).problem((), "a file that no entry describes", "an entry in data/datapackage.json")
            )
    return problems


IN_NAMES = ("percent", "share", "minutes", "hours", "days", "seconds", "thousands", "millions", "billions", "trillions")
"""Units that the name of a column says."""


AS_WRITTEN: Mapping[str, tuple[object, ...]] = {
    "missingValues": ([""],), "decimalChar": (".",), "bareNumber": (True,), "encoding": ("utf-8",),
    "groupChar": (), "dialect": (), "compression": (),
}  # fmt: skip
"""Settings by which other programs would read other numbers than ours, each with what our tables are written in."""

_RECOMPUTED = re.compile(r"\brows? (?:is )?recomputed\b|\breproduces every\b|\bcounted from the other columns\b")


def _read_otherwise(located: Located, said: object, at: tuple[str | int, ...] = ()) -> Iterator[Problem]:
    """Yield settings of the data package by which others would read its tables in another way than they are written."""
    if isinstance(said, dict):
        for name, value in said.items():
            if name in AS_WRITTEN and value not in AS_WRITTEN[name]:
                usual = [json.dumps(one) for one in AS_WRITTEN[name]]
                need = f"{usual[0] if usual else 'nothing'}: the tables are written with commas between cells, points in numbers, an empty cell for none, in UTF-8"
                yield located.problem((*at, name), json.dumps(value), need)
            else:
                yield from _read_otherwise(located, value, (*at, name))
    elif isinstance(said, list):
        for i, one in enumerate(said):
            yield from _read_otherwise(located, one, (*at, i))


def pin_of(item: ExternalSet) -> str:
    """Return what tells a data set with these files from any other: 16 digits of a hash of their names and hashes."""
    return hashlib.sha256(json.dumps(item.files, sort_keys=True).encode()).hexdigest()[:16]


def _rests_on(located: Located, at: tuple[str | int, ...], entry: TableEntry, pins: Mapping[str, str]) -> Iterator[Problem]:  # fmt: skip
    """Yield each data set that a table of our computing names, or says that it has, and was not computed from as it is pinned now."""
    words = f"{entry.verification} {entry.locator}"
    named = {name for name in pins if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", words)}
    if "external set" in words and not named | entry.sets.keys():
        yield located.problem((*at, "sets"), "nothing", f"the ids of these sets in data/external.yml, each with its pin: {', '.join(pins)}")  # fmt: skip
    for name in sorted(named | entry.sets.keys()):
        if (given := entry.sets.get(name)) != pins.get(name, ""):
            need = f"{pins[name]}, once {entry.path} was computed anew from the set as data/external.yml pins it now" if name in pins else "an id of data/external.yml"  # fmt: skip
            yield located.problem((*at, "sets", name), given or "nothing", need)


def _described(data: Path, entries: Iterable[TableEntry]) -> Iterator[Problem]:
    """Yield what the data package says of a table that its file or its columns' names say otherwise.

    A table of our own computing is known by its hash, so that it is seen when a hand changed it.
    """
    located = read_json(data / "datapackage.json")
    places = {entry.get("name"): i for i, entry in enumerate(located.data["resources"])}
    try:
        pins = {item.id: pin_of(item) for item in load_external(data)}
    except RecordError:
        pins = None  # the check of that file says what is wrong with it
    yield from _read_otherwise(located, located.data)
    for entry in entries:
        path, at = data / entry.path, ("resources", places[entry.name])
        if entry.path.startswith("derived/") and path.is_file():
            now = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
            if entry.hash != now:
                need = f"{now}, if {entry.path} was computed anew; else the table as it was computed, by git"
                yield located.problem((*at, "hash"), entry.hash or "nothing", need)
            yield from () if pins is None else _rests_on(located, at, entry, pins)
        if (words := _RECOMPUTED.search(entry.verification)) and not entry.columns.identities:
            need = "identities in its schema, so that each row is recomputed; or words that say what was checked"
            yield located.problem((*at, "verification"), words[0], need)
        told: dict[str, str] = {}
        for i, column in enumerate(entry.columns.fields):
            words_of = f"{(column.model_extra or {}).get('description') or ''} {column.unit or ''}".strip().casefold()
            if (
                " " in words_of
                and not re.search(r"\bits?\b", words_of)
                and told.setdefault(words_of, column.name) != column.name
            ):
                need = f"what this column holds; {told[words_of]} has the same words"
                yield located.problem((*at, "schema", "fields", i, "description"), words_of, need)
            unit = next((word for word in IN_NAMES if word in column.name.split("_")), None)
            if unit and column.type != "string" and unit not in (column.unit or ""):
                where = (*at, "schema", "fields", i, "unit")
                yield located.problem(where, column.unit or "nothing", f"{unit}, which the column's name says")


def check_traces(data: Path) -> list[Problem]:
    """Return the problems of all traces: changed or missing files, and ones that the data package does not describe."""
    try:
        described = {entry.path for entry in read_package(data) if not isinstance(entry, TableEntry)}
    except RecordError:
        return []  # reported where the tables are checked
    where = Located(data / "datapackage.json", None)
    problems = []
    for path in sorted(
        {f"lab/{p.stem}.parquet" for p in files_in(data / "lab", "*.*") if p.stem != "schema"} | described
    ):
        if path not in described:
            problems.append(where.problem(("resources",), f"no entry for {path}", "one that describes this trace"))
        try:
            about, content = trace_content(Path(path).stem, data)
        except RecordError as error:
            problems += error.problems
            continue
        if about.get("digest") != (now := digest_of(about)):
            beside = read_json((data / path).with_suffix(".json"))
            need = f"what the run wrote, by git or by review lab run {Path(path).stem}; what stands here has {now}"
            problems.append(beside.problem(("digest",), about.get("digest", "nothing"), need))
        if not (content.startswith(b"PAR1") and content.endswith(b"PAR1")):
            need = f"a trace in Parquet; write it with: review lab run {Path(path).stem}"
            problems.append(fault(data / path, "(file)", "a file of another form", need))
    return problems


def load_external(data: Path) -> list[ExternalSet]:
    """Return the data sets of ``data/external.yml``.

    Raises
    ------
    RecordError
        With every problem: those of a set by itself, ids given twice, citations that dangle.
    """
    keys = load_references(data)
    pins: dict[str, str] = {}

    def wrong(located: Located, i: int, item: ExternalSet) -> Iterator[Problem]:
        if (other := pins.setdefault(pin_of(item), item.id)) != item.id:
            yield located.problem((i, "files"), f"{len(item.files)} files", f"files of its own; {other} has the same")
        yield from unknown_key(located, (i, "cite"), item.cite, keys)
        try:
            _licence(item.licence)
        except ValueError as error:
            yield located.problem((i, "licence"), item.licence, str(error))
        if any(".." in Path(name).parts for name in item.files):
            yield located.problem((i,), "what stands here", "paths below the set's own folder")

    return load_list(data / "external.yml", ExternalSet, wrong)
