"""What a notebook showed under a name, asked once more by what its record says: numbers, words, tables and charts.

A number that no unit bears, a label with markup and a chart that draws nothing are seen here, when the notebook ran, so
that `review_utils.show` stays small.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from review_book.execute import misread
from review_book.execute.views import View, views
from review_book.records.units import meant
from review_book.site import vega
from review_utils.records.quantities import limits
from review_utils.records.reading import did_you_mean, format_number, plain_text

_WHOLE = re.compile(
    r"(?:findings|studies|papers|models|runs|laws|records|claims|statements|interventions|curves|clusters|forecasts"
    r"|questions|tasks|layers|heads|families|domains|seeds|people|users)\b(?! (?:a|an|per)\b)"
)
"""Units that are counted, each of which is there or is not."""

_ESTIMATED = re.compile(r"percent|confidence|wilson|jeffreys|bootstrap|credible|standard error", re.I)
"""An interval that says how far off a number may be."""

_COUNT = re.compile(r"(?:the )?(?:number|count) of |how many ", re.I)
_COUNTED = re.compile(r"\bcount(?:s|ed)?\b", re.I)
"""A label of what is counted, and a reason that says that it was."""

_SUMMARY = re.compile(r"\b(?:mean|average|median|expected|effective|quantile|rate|per|each)\b")
"""What a fraction of a counted thing comes of."""

_PROGRAM = re.compile(
    r"\{.*\}|array\(.*\)|<[\w.]+( object)? at 0x[0-9a-f]+>|<(?:class|function|bound method) .*>", re.S
)
"""A value as a program writes it, which a reader cannot read."""


def check(kind: str, record: Mapping[str, Any]) -> None:
    """Refuse what was shown under a name and cannot be so.

    Parameters
    ----------
    kind : str
        As `review_utils.show` names it.
    record : mapping
        What the output says.

    Raises
    ------
    ValueError
        With what is given and what is needed.
    """
    if kind in ("number", "words", "table"):
        words = str(record.get("label", record.get("caption", "")))
        try:
            if re.search(r"\{[\w:-]+\}|`", plain_text(words)):
                raise ValueError("plain text, without a role or code")
        except ValueError as error:
            raise ValueError(f"given the words {words!r}; needed: {error}") from None
    if kind == "words" and (none := _NONE.search(record["text"])):
        raise ValueError(
            f"given {none[0]} in the words {record['text'][:60]!r}; needed: a number, or words for where there is none"
        )
    if kind == "number":
        _number(record)
    elif kind == "table":
        _table(record)
    elif "spec" in record:
        check_chart(record["spec"])


_NONE = re.compile(r"\b(?:nan|NaN|NaT|-?inf)\b")
"""How Python writes what is no number."""


def _number(record: Mapping[str, Any]) -> None:
    unit, value = record.get("unit", ""), record["value"]
    if right := meant(unit):
        raise ValueError(f"given the unit {unit}; needed: {right}, as elsewhere")
    if found := limits(unit):
        # An end that is approximate may pass a bound of a percentage, which may also stand for a change.
        names = ("value",) if found[1] == 100 else ("value", "low", "high")
        for name in names:
            if record.get(name) is not None and not found[0] <= record[name] <= found[1]:
                raise ValueError(f"given the {name} {record[name]:g} {unit}; needed: {found[2]}")
    estimated = _ESTIMATED.search(record.get("interval") or "")  # the least and the greatest may be one
    if estimated and record.get("low") is not None and record["low"] == record.get("high"):
        raise ValueError(f"given an interval of no width, {record['low']:g} to {record['high']:g}; needed: one by a method that sees how few the data are, as Wilson's, or no_interval_because")  # fmt: skip
    low, high, digits = record.get("low"), record.get("high"), record["digits"]
    if (
        low is not None
        and high is not None
        and low < high
        and format_number(low, digits) == format_number(high, digits)
    ):
        raise ValueError(f"given {digits} digits, which make {low:g} and {high:g} one; needed: as many as tell the ends of the interval apart")  # fmt: skip
    counted = _COUNT.match(record["label"]) and _COUNTED.search(record.get("no_interval_because", ""))
    if not unit and counted and not _SUMMARY.search(record["label"]) and not float(value).is_integer():
        raise ValueError(f"given {value:g} for {record['label']}, and {record['no_interval_because']} as why it has no interval; needed: a whole number of what is counted, or a label that says what mean it is")  # fmt: skip
    if _WHOLE.match(unit) and not _SUMMARY.search(record["label"]) and (value < 0 or not float(value).is_integer()):
        raise ValueError(f"given {value:g} {unit}; needed: a whole number of what is counted, or a label that says what mean it is")  # fmt: skip


def _table(record: Mapping[str, Any]) -> None:
    for column, cells in zip(record["columns"], zip(*record["rows"], strict=True), strict=False):
        unit = record["units"].get(column)
        if right := meant(unit):
            raise ValueError(f"given the unit {unit} of the column {column}; needed: {right}, as elsewhere")
        own, told = misread.quantities(column), misread.quantities(unit or "")
        if own and told and not own & told:
            raise ValueError(f"given the unit {unit} of the column {column}; needed: a unit of {', '.join(sorted(own))}, or a name of what the column holds")  # fmt: skip
        _named_twice(column, cells)
        # A column in percent may hold changes, which pass both bounds; its head says which.
        found = bound if (bound := limits(unit)) and bound[1] != 100 else None
        numbers = [cell for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool)]
        if len(numbers) > 2 and (unit or "").startswith("percent") and _shares(numbers):
            raise ValueError(f"given {min(numbers):g} to 1 in the column {column}, whose unit is {unit}; needed: a hundred times as much, or no unit for shares of one")  # fmt: skip
        for cell in cells:
            if isinstance(cell, str) and _PROGRAM.fullmatch(cell):
                raise ValueError(f"given the cell {cell[:60]} in the column {column}; needed: a number, a text, or a list of these")  # fmt: skip
            if found and isinstance(cell, int | float) and not found[0] <= cell <= found[1]:
                raise ValueError(f"given {cell:g} {unit} in the column {column}; needed: {found[2]}")


def _shares(numbers: Sequence[float]) -> bool:
    """Whether numbers are shares of one and no percentages: none passes 1, one is 1 and others are fractions of it."""
    return max(numbers) == 1 and min(numbers) >= 0 and sum(0 < number < 1 for number in numbers) > 1


def check_chart(spec: Mapping[str, Any]) -> None:
    """Refuse a chart whose data stand on another host, are none, or lack a column that it draws, and one that misleads.

    Raises
    ------
    ValueError
        With what is given and what is needed.
    """
    columns: set[str] = set()
    held: dict[str, set[Any]] = {}
    filters: list[str] = []
    drawn: set[str] = set()
    computed: set[str] = set()
    rows, pivoted = 0, False
    for above, name, item in _parts(spec):
        if above == "data" and name == "url":
            raise ValueError(f"data at {item}; needed: a frame, whose rows go with the page")
        if name == "impute" and item is not None:
            raise ValueError("impute, by which values are drawn that no row has; needed: the rows as they are, or rows that the cell computes and its words name")  # fmt: skip
        if name in ("datasets", "values"):
            tables = item.values() if isinstance(item, dict) else [item]
            for row in (row for table in tables if isinstance(table, list) for row in table):
                rows += 1
                cells = row if isinstance(row, dict) else {}
                if any(str(cell).lower().lstrip().startswith("javascript:") for cell in cells.values()):
                    raise ValueError("a link that runs a script; needed: addresses that begin with https://")
                columns.update(cells)
                for column, cell in cells.items():
                    held.setdefault(column, set()).add(cell if isinstance(cell, str | int | float) else str(cell))
        elif (name == "field" and isinstance(item, str)) or (above == "transform" and name in _READ):
            drawn.update(i for i in ([item] if isinstance(item, str) else item) if isinstance(i, str))
        elif name == "as":
            columns.update(i for i in ([item] if isinstance(item, str) else item) if isinstance(i, str))
        elif name in ("calculate", "test", "filter", "expr", "labelExpr") and isinstance(item, str):
            computed.update("".join(found) for found in _DATUM.findall(item))
            filters += [item] if name == "filter" else []
            if chance := _CHANCE.search(item):
                raise ValueError(f"{chance[0]}) in an expression, which gives another drawing each time; needed: a column computed in the cell, by np.random.default_rng(0)")  # fmt: skip
        elif (name == "extent" and item == "ci") or (name in ("aggregate", "op") and item in ("ci0", "ci1")):
            raise ValueError(f"{name}={item}, an interval that Vega draws by chance, another each time; needed: its two ends, computed in the cell with a fixed seed, as y and y2")  # fmt: skip
        elif above == "transform" and name == "sample":
            raise ValueError("a sample of its rows, which is another each time; needed: frame.sample(n, random_state=0) in the cell")  # fmt: skip
        pivoted = pivoted or name == "pivot"
    if not rows:
        raise ValueError("a chart of no rows; needed: one at least, or words that say what is not there")
    if split := next((name for name in sorted(drawn & columns) if re.search(r"(?<!\\)[.\[]", name)), None):
        raise ValueError(f"the column {split}, whose point or bracket is taken for a part of another; needed: a column without it, as by rename(columns=...)")  # fmt: skip
    drawn = {re.sub(r"\\\\(.)", r"\1", name).replace("\\", "") for name in drawn}
    there = columns | {"key", "value", "density", "prob", "label", "index"}  # which Vega makes itself
    lacking = sorted(name for name in drawn | computed if name not in there and name.split(".")[0] not in there)
    if lacking and not pivoted:  # which names its columns by cells
        within = " in an expression" if lacking[0] not in drawn else ""
        raise ValueError(f"the column {lacking[0]}{within}, which its data lack; needed: one of {', '.join(sorted(columns))}{did_you_mean(lacking[0], columns)}")  # fmt: skip
    misread.check_positions(spec, filters, held)
    _scales(spec)


_READ = ("groupby", "fold", "flatten", "stack", "density", "quantile", "regression", "loess", "on")
"""What a transform names columns by that it reads."""

_DATUM = re.compile(r"\bdatum(?:\.([A-Za-z_$][\w$]*)|\[(?:'([^']*)'|\"([^\"]*)\")\])")
"""A column in an expression."""


_CHANCE = re.compile(r"\b(?:random|sampleNormal|sampleLogNormal|sampleUniform|now)\(")


def _parts(node: Any, above: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield each named part of a specification after the name that it stands below; rows of data are one part."""
    for item in node if isinstance(node, list) else ():
        yield from _parts(item, above)
    for name, item in node.items() if isinstance(node, dict) else ():
        yield above, name, item
        if name not in ("datasets", "values"):
            yield from _parts(item, name)


def _scales(spec: Mapping[str, Any]) -> None:
    """Refuse a chart that draws no row, a row that its logarithmic axis cannot show, and bars whose length misleads.

    Only what is plain is asked: a field of the data as it is, without a transform or an aggregate on the way. Channels
    and data are handed down from view to view, so that views are gone through by themselves.
    """
    misread.check_ground(spec)
    misread.check_sides(spec)
    found, empty = [*views(spec)], []
    misread.check_clear(found)
    misread.check_missed(found)
    for view in found:
        empty.append("")
        rows = view.rows
        for channel in ("x", "y", "color", "shape"):
            said, scale = view.channel(channel), view.scale(channel)
            if rows is not None and said.get("type") in ("nominal", "ordinal") and "field" in said:
                _not_named(said["field"], scale.get("domain"), rows)
                _named_twice(said["field"], [row.get(said["field"]) for row in rows if isinstance(row, dict)])
            if channel not in ("x", "y") or not said:
                continue
            if view.mark in ("bar", "area"):
                _bars(view, channel)
            if rows is not None and (field := view.plain(channel)) and "stack" not in said:
                empty[-1] = empty[-1] or _undrawn(field, said.get("type"), scale, rows)
                if _holds_each(view) and not empty[-1]:
                    _cut_off(field, scale, rows)
        misread.check(view, spec.get("config", {}))
    if empty and all(empty):  # in one layer of several, it is what that layer has not
        raise ValueError(empty[0])
    if _has_step(spec, "filter", "calculate"):  # of which only a drawing can tell what comes
        _tried(spec)


_MARK = re.compile(r"role-mark[^>]*[^/]>")
"""A mark in a drawing that holds something: one of no row is closed as it opens."""

_NOWHERE = re.compile(r' (?:d|transform|x|y|x1|x2|y1|y2|width|height|viewBox)="[^"]*(?:NaN|Infinity|undefined)')
"""A place in a drawing that is none."""


def _tried(spec: Mapping[str, Any]) -> None:
    """Refuse a chart that computes and of which a drawing shows that nothing comes of it."""
    try:
        svg = vega.svg(dict(spec))
    except ValueError as error:
        raise ValueError(f"what it computes, of which Vega says: {str(error).removeprefix('Error: ')}; needed: an expression of Vega, or a column computed in the cell") from None  # fmt: skip
    if _NOWHERE.search(svg) or not (_MARK.search(svg) or _has_step(spec, "filter")):
        raise ValueError("what it computes, which gives no number that can be drawn; needed: an expression that gives one, or a column computed in the cell")  # fmt: skip
    if not _MARK.search(svg):
        raise ValueError("a filter that leaves no row; needed: one that leaves a row at least, or words that say what is not there")  # fmt: skip


def _has_step(node: object, *steps: str) -> bool:
    """Return whether a chart transforms its rows by one of these steps."""
    if isinstance(node, Mapping):
        return any(
            (key == "transform" and any(set(steps) & step.keys() for step in item))
            or (key not in ("datasets", "values") and _has_step(item, *steps))
            for key, item in node.items()
        )
    return isinstance(node, list) and any(_has_step(item, *steps) for item in node)


POINTS = ("point", "circle", "square", "tick", "text", "bar")
"""Marks that stand for a row each."""


def _holds_each(view: View) -> bool:
    """Return whether a reader looks for each row: a line or a band may leave the axis and come back, where that is seen."""
    return view.mark in POINTS or (
        view.mark in ("line", "trail") and bool(view.look.get("point") or view.look.get("clip"))
    )


def _cut_off(field: str, scale: Mapping[str, Any], rows: Sequence[Any]) -> None:
    """Refuse an axis of fixed ends that leaves a row out; one that clamps shows it at its edge."""
    given = scale.get("domain")
    ends = [end for end in given if isinstance(end, int | float)] if isinstance(given, list) else []
    if len(ends) != 2 or scale.get("clamp"):
        return
    low, high = min(ends), max(ends)
    for row in rows:
        cell = row.get(field) if isinstance(row, dict) else None
        if isinstance(cell, int | float) and not low - 1e-6 * (high - low) <= cell <= high + 1e-6 * (high - low):
            raise ValueError(f"{cell:g} in the column {field}, which an axis from {low:g} to {high:g} leaves out; needed: the cell in the unit of its column, if it is not; else an axis that holds every row, a table without the rows, or clamp=True and words that say so")  # fmt: skip


def _not_named(field: str, domain: object, rows: Sequence[Any]) -> None:
    """Refuse a scale of names that leaves out one of the column: it would be drawn without colour, or at the axis' end."""
    if not isinstance(domain, list) or not domain or not all(isinstance(name, str) for name in domain):
        return
    cells = [row.get(field) for row in rows if isinstance(row, dict)]
    if left := next((cell for cell in cells if isinstance(cell, str) and cell not in domain), None):
        raise ValueError(f"{left} in the column {field}, which a scale of {', '.join(domain[:6])} leaves out; needed: a scale that names it, or rows without it")  # fmt: skip


_SPELT = re.compile(r"[\s_-]+")


def _named_twice(field: str, cells: Sequence[Any]) -> None:
    """Refuse names of a column that differ in case, spaces and hyphens alone: one thing would be shown as two."""
    first: dict[str, str] = {}
    for cell in dict.fromkeys(cell for cell in cells if isinstance(cell, str)):
        plain = _SPELT.sub("", cell).casefold()
        if len(plain) > 2 and (other := first.setdefault(plain, cell)) != cell:
            raise ValueError(f"{other} and {cell} in the column {field}, which a reader takes for two; needed: one spelling, as of rows that are joined by name")  # fmt: skip


def _bars(view: View, channel: str) -> None:
    """Refuse bars from a scale without zero; bars from one value to another have no such foot."""
    said, scale = view.channel(channel), view.scale(channel)
    other = view.channel("y" if channel == "x" else "x")
    both = other.get("type") == "quantitative" and "bin" not in other
    if said.get("type") != "quantitative" or "bin" in said or f"{channel}2" in view.encoding:
        return
    if both and channel != view.measure():
        return
    if scale.get("type") == "log":
        raise ValueError(f"a {view.mark} over a logarithmic axis, on which there is no 0 to begin from; needed: points, an axis of the type symlog, or {channel}2 for where each begins")  # fmt: skip
    if view.mark == "area":
        return
    ends = scale.get("domain")
    numbers = [end for end in ends if isinstance(end, int | float)] if isinstance(ends, list) else []
    if (len(numbers) == 2 and not min(numbers) <= 0 <= max(numbers)) or scale.get("zero") is False:
        said_ends = f"from {min(numbers):g} to {max(numbers):g}" if numbers else "without zero"
        raise ValueError(f"bars over an axis {said_ends}, whose lengths do not stand to each other as their values do; needed: an axis that holds 0, or points")  # fmt: skip


def _undrawn(field: str, kind: object, scale: Mapping[str, Any], rows: Sequence[Any]) -> str:
    """Return why no row is drawn, or nothing; a single row that a logarithmic axis cannot show is refused."""
    cells = [row[field] for row in rows if isinstance(row, dict) and field in row]
    numbers = [cell for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool)]
    if cells and all(cell is None or (isinstance(cell, float) and math.isnan(cell)) for cell in cells):
        return (
            f"the column {field}, which holds nothing; needed: one value at least, or words that say what is not there"
        )
    if kind != "quantitative" or not numbers:
        return ""
    low, high = min(numbers), max(numbers)
    if scale.get("type") == "log" and low <= 0:
        raise ValueError(f"{low:g} in the column {field}, which a logarithmic axis cannot show; needed: rows above 0, or a scale of the type symlog")  # fmt: skip
    given = scale.get("domain")
    ends = [end for end in given if isinstance(end, int | float)] if isinstance(given, list) else []
    if len(ends) == 2 and (high < min(ends) or low > max(ends)):
        return f"the column {field} from {low:g} to {high:g} on an axis from {ends[0]:g} to {ends[1]:g}; needed: an axis on which a row stands"  # fmt: skip
    return ""
