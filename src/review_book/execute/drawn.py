"""What a chart draws otherwise than its rows say: bars that add up, lines through several series, signs that nobody sees.

Only what is plain is asked: fields of the data as they are, without a transform or an aggregate on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

View = tuple[str, Mapping[str, Any], Sequence[Any] | None]
"""A mark, its channels, and its rows, where no transform changes them."""

APART = ("color", "fill", "stroke", "detail", "shape", "strokeDash", "strokeWidth", "opacity", "size", "xOffset", "yOffset", "row", "column", "facet", "key")  # fmt: skip
"""Channels by which rows are told apart."""

_OF_ROWS = {"aggregate", "bin", "timeUnit", "stack", "impute"}
_WHITE = frozenset({"white", "#fff", "#ffffff", "transparent"})
_DATUM = re.compile(r"\bdatum\.(\w+)|\bdatum\[['\"]([^'\"]+)['\"]\]")
_TIMES = {"": 1.0, "k": 1e3, "K": 1e3, "thousand": 1e3, "M": 1e6, "million": 1e6, "B": 1e9, "G": 1e9, "billion": 1e9, "T": 1e12, "trillion": 1e12}  # fmt: skip
_SIZED = re.compile(rf"[<>≤≥~≈+ ]*([0-9][0-9,]*(?:\.[0-9]+)?)\s*((?:{'|'.join(filter(None, _TIMES))})(?![a-z])|)(.*)")


def check_views(views: Sequence[View], facets: frozenset[str]) -> None:
    """Refuse views whose marks show what no row says.

    Parameters
    ----------
    views : sequence of (str, mapping, list or None)
    facets : frozenset of str
        The fields by which the chart as a whole is parted.

    Raises
    ------
    ValueError
        With what is given and what is needed.
    """
    for mark, encoding, rows in views:
        for channel, said in _channels(encoding):
            if (
                channel in ("x", "y")
                and f"{channel}2" not in encoding
                and mark == "bar"
                and _scale(said).get("type") == "log"
            ):
                raise ValueError(
                    "bars over a logarithmic axis, on which no bar begins at 0; needed: points, or a linear axis"
                )
            if rows is not None:
                cells = [row.get(said.get("field")) for row in rows if isinstance(row, Mapping)]
                _as_percent(said, cells)
                _colours(channel, said, cells)
                if channel in ("x", "y"):
                    _order(said, cells)
        if rows is not None:
            _one_a_mark(mark, encoding, rows, facets)


def _channels(encoding: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for channel, given in encoding.items():
        for said in given if isinstance(given, list) else [given]:
            if isinstance(said, Mapping):
                yield channel, said


def _scale(said: Mapping[str, Any]) -> Mapping[str, Any]:
    return said["scale"] if isinstance(said.get("scale"), Mapping) else {}


def _as_percent(said: Mapping[str, Any], cells: Sequence[Any]) -> None:
    """Refuse a format with a percent sign, which multiplies by a hundred, for numbers that are percentages already."""
    parts = [said, *(said[name] for name in ("axis", "legend", "header") if isinstance(said.get(name), Mapping))]
    written = [part["format"] for part in parts if isinstance(part.get("format"), str)]
    if not any("%" in form and part_of_a_number(form) for form in written) or said.get("type") == "temporal":
        return
    numbers = [cell for cell in cells if isinstance(cell, int | float)]
    if numbers and max(map(abs, numbers)) > 2 and not _OF_ROWS & said.keys():
        raise ValueError(f"{max(numbers, key=abs):g} in the column {said['field']} in the format {written[0]}, which shows it as {100 * max(numbers, key=abs):,.0f}%; needed: shares from 0 to 1, or a format without the sign")  # fmt: skip


def part_of_a_number(form: str) -> bool:
    """Whether a format with a percent sign is one of a number and not of a day, as %Y is."""
    return re.fullmatch(r"[^%A-Za-z]*[~]?%|[^%A-Za-z]*[rp]", form) is not None


def _colours(channel: str, said: Mapping[str, Any], cells: Sequence[Any]) -> None:
    """Refuse fewer colours or shapes than names: they would begin anew, and two names would look the same."""
    drawn = _scale(said).get("range")
    if channel not in ("color", "fill", "stroke", "shape") or said.get("type") not in ("nominal", "ordinal"):
        return
    names = {cell for cell in cells if isinstance(cell, str | int | float)}
    if isinstance(drawn, list) and len(names) > len(drawn) and not _OF_ROWS & said.keys():
        raise ValueError(f"{len(drawn)} colours or shapes for the {len(names)} names of {said.get('field')}, so that some look the same; needed: one for each")  # fmt: skip


def _number_of(label: str) -> tuple[float, str] | None:
    """Return the size with which a label begins and what follows it, or nothing."""
    found = _SIZED.fullmatch(label)
    return (float(found[1].replace(",", "")) * _TIMES[found[2]], found[3].strip()) if found else None


def _order(said: Mapping[str, Any], cells: Sequence[Any]) -> None:
    """Refuse an axis of names that are sizes in the order of their letters: 100M before 2M."""
    if said.get("type") not in ("nominal", "ordinal") or "sort" in said or "domain" in _scale(said):
        return
    labels = sorted({cell for cell in cells if isinstance(cell, str)})
    sizes = [size for label in labels if (size := _number_of(label))]
    every = len(sizes) == len(labels) > 1 and all(isinstance(cell, str | None) for cell in cells)
    if every and len({rest for _, rest in sizes}) == 1 and sizes != sorted(sizes):
        raise ValueError(f"an axis on which {', '.join(labels[:4])} stand in the order of their letters; needed: sort=, with the order that is meant")  # fmt: skip


def _one_a_mark(mark: str, encoding: Mapping[str, Any], rows: Sequence[Any], facets: frozenset[str]) -> None:
    """Refuse bars of several rows, which are drawn as their sum, and lines with several values at one place."""
    x, y = (encoding.get(channel) for channel in ("x", "y"))
    if mark not in ("bar", "line") or not isinstance(x, Mapping) or not isinstance(y, Mapping) or "order" in encoding:
        return
    if not all(isinstance(said.get("field"), str) and not _OF_ROWS & said.keys() for said in (x, y)):
        return
    said = [one for _, one in _channels(encoding)]
    if {"x2", "y2"} & encoding.keys() or any("aggregate" in one for one in said):
        return
    value, at = (x, y) if x.get("type") == "quantitative" != y.get("type") else (y, x)
    if mark == "bar" and value.get("type") != "quantitative":
        return
    apart = {*_fields(encoding), *facets}
    seen: dict[tuple[str, ...], Any] = {}
    for row in (row for row in rows if isinstance(row, Mapping)):
        there, amount = row.get(at["field"]), row.get(value["field"])
        place = (str(there), *(str(row.get(field)) for field in sorted(apart)))
        if there is None or amount is None or place not in seen:
            seen.setdefault(place, amount)
        elif mark == "bar":
            raise ValueError(f"a bar of two rows at {at['field']} {there}, which is drawn as the sum of {seen[place]} and {amount}; needed: one row a bar, an aggregate, or stack=")  # fmt: skip
        elif seen[place] != amount:
            raise ValueError(f"a line with two values at {at['field']} {there}, {seen[place]} and {amount}; needed: color or detail, which tells its series apart, or order")  # fmt: skip


def _fields(encoding: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields by which a view tells rows apart."""
    for channel, said in _channels(encoding):
        conditions = said.get("condition")
        for one in (said, *(conditions if isinstance(conditions, list) else [conditions])):
            if channel in APART and isinstance(one, Mapping) and isinstance(one.get("field"), str):
                yield one["field"]


def check_unseen(marks: Sequence[object]) -> None:
    """Refuse a chart without channels of colour all of whose marks are white or clear, which nobody sees on paper."""

    def clear(mark: object) -> bool:
        if not isinstance(mark, Mapping):
            return False
        said = [str(mark[name]).lower() for name in ("color", "fill", "stroke") if mark.get(name)]
        return bool(said and _WHITE.issuperset(said)) or mark.get("opacity") == 0

    if marks and all(map(clear, marks)):
        raise ValueError(
            "marks that are white or clear, which nobody sees; needed: a colour that stands off the ground"
        )


def check_expressions(said: Sequence[str], columns: frozenset[str]) -> None:
    """Refuse a computed column or a filter that reads a column which there is not: nothing would be drawn."""
    for expression in said:
        for found in _DATUM.finditer(expression):
            name = found[1] or found[2]
            if name not in columns and name not in ("key", "value", "density"):
                raise ValueError(f"datum.{name} in {expression[:60]}, a column that its data lack; needed: one of {', '.join(sorted(columns))}")  # fmt: skip
