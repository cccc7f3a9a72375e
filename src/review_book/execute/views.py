"""The views of a chart: each mark with its channels, its rows and what lies under it, as Vega-Lite hands them down."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_KEEPS = {"calculate", "window", "joinaggregate", "timeUnit", "bin", "stack", "lookup"}
"""Transforms that leave rows as they are and set columns beside them."""

_SHARED = "\0scales"
"""Under what name channels hand down the scales of their layer."""

_GROUNDS = ("rect", "bar", "area", "arc", "image")
"""Marks that may lie under others as their ground."""

FACETS = ("row", "column", "facet")


@dataclass(frozen=True)
class View:
    """A mark of a chart.

    Parameters
    ----------
    mark : str
        As ``bar``.
    look : mapping
        What its mark says besides.
    encoding : mapping
        Its channels, with those that it has from above and the scales that it shares with its layer.
    rows : list or None
        Its rows; None where they are not known, as after a filter.
    over : bool
        Whether a mark that may be its ground lies under it.
    """

    mark: str
    look: Mapping[str, Any]
    encoding: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]] | None
    over: bool = False

    def channel(self, name: str) -> Mapping[str, Any]:
        """Return what a channel says; nothing where the view has none."""
        said = self.encoding.get(name)
        return said if isinstance(said, Mapping) else {}

    def scale(self, name: str) -> Mapping[str, Any]:
        """Return what the scale of a channel says."""
        said = self.channel(name).get("scale")
        return said if isinstance(said, Mapping) else {}

    def plain(self, name: str) -> str:
        """Return the column that a channel draws as it is, or nothing."""
        said = self.channel(name)
        changed = {"aggregate", "timeUnit", "impute"} & said.keys() or said.get("bin") not in (None, False, "binned")
        return said["field"] if not changed and isinstance(said.get("field"), str) else ""

    def column(self, field: str) -> list[Any]:
        """Return the cells of a column, as far as rows have it."""
        return [row[field] for row in self.rows or () if field in row]

    def numbers(self, field: str) -> list[float]:
        """Return the numbers of a column."""
        return [cell for cell in self.column(field) if isinstance(cell, int | float) and not isinstance(cell, bool)]

    def measure(self) -> str:
        """Return along which axis its values are drawn, ``x`` or ``y``; nothing where neither is a quantity."""
        sides = [side for side in ("x", "y") if self.channel(side).get("type") == "quantitative" and not self.channel(side).get("bin")]  # fmt: skip
        if len(sides) == 2:
            return "x" if self.look.get("orient") == "horizontal" else "y"
        return sides[0] if sides else ""


def views(spec: Mapping[str, Any]) -> Iterator[View]:
    """Yield each view of a chart: channels, scales and data are handed down, so that each is gone through by itself."""
    sets = spec.get("datasets", {})
    for mark, encoding, data, over in _views(spec, {}, _Data(None, ()), False):
        look = mark if isinstance(mark, Mapping) else {"type": mark}
        known = data.rows(sets)
        scales = encoding.get(_SHARED, {})
        own = {name: _scaled(said, scales.get(name)) for name, said in encoding.items() if name != _SHARED}
        yield View(str(look.get("type")), look, own, known, over)


def _scaled(said: object, shared: Mapping[str, Any] | None) -> object:
    """Return a channel with the scale of its layer, of which it says a part or nothing."""
    if not shared or not isinstance(said, Mapping) or ("scale" in said and said["scale"] is None):
        return said
    return {**said, "scale": {**shared, **said.get("scale", {})}}


@dataclass(frozen=True)
class _Data:
    """Where the rows of a view are from, and what becomes of them on the way."""

    source: Mapping[str, Any] | None
    steps: tuple[Mapping[str, Any], ...]

    def rows(self, sets: Mapping[str, Any]) -> Sequence[Mapping[str, Any]] | None:
        """Return the rows that are left, without what is computed; None where that is not known here."""
        given = self.source.get("values", sets.get(str(self.source.get("name")))) if self.source else None
        rows: Sequence[Mapping[str, Any]] | None
        rows = [row for row in given if isinstance(row, dict)] if isinstance(given, list) else None
        for step in self.steps:
            if rows is None or not step.keys() & {"filter", *_KEEPS}:
                return None
            if "filter" in step:
                rows = _left(rows, step["filter"])
            elif made := _made(step):
                rows = [{name: cell for name, cell in row.items() if name not in made} for row in rows]
        return rows


def _made(step: Mapping[str, Any]) -> set[str]:
    """Return the columns that a step sets."""
    said = [step.get("as"), *(part.get("as") for key in ("window", "joinaggregate") for part in step.get(key, ()))]
    return {name for one in said for name in (one if isinstance(one, list) else [one]) if isinstance(name, str)}


_CONDITION = re.compile(
    r"\s*\(?\s*(?:(?P<sole>!?)\s*(?P<valid>isValid\()?datum\.(?P<named>\w+)\)?|datum\.(?P<column>\w+)\s*(?P<sign>[=!]==?|[<>]=?)"
    r"\s*(?:datum\.(?P<other>\w+)|'(?P<text>[^']*)'|(?P<number>-?[\d.]+)))\s*\)?\s*"
)
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "===": operator.eq, "!=": operator.ne, "!==": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def _left(rows: Sequence[Mapping[str, Any]], rule: object) -> Sequence[Mapping[str, Any]] | None:
    """Return the rows that a plain filter leaves; None where it asks what a reader chose, or more than one column compares."""
    parts = [_CONDITION.fullmatch(part) for part in re.split(r"\|\||&&", rule)] if isinstance(rule, str) else [None]
    if isinstance(rule, str) and "||" in rule and "&&" in rule:
        return None
    tests = [part for part in parts if part is not None]
    if len(tests) < len(parts):
        return None
    both = any if isinstance(rule, str) and "||" in rule else all
    try:
        return [row for row in rows if both(_holds(row, test) for test in tests)]
    except (TypeError, ValueError, KeyError):
        return None


def _holds(row: Mapping[str, Any], test: re.Match[str]) -> bool:
    if test["named"]:
        cell = row[test["named"]]
        fine = cell is not None and cell == cell if test["valid"] else bool(cell)  # a NaN is none
        return not fine if test["sole"] else fine
    other = row[test["other"]] if test["other"] else test["text"] if test["text"] is not None else float(test["number"])
    return _SIGNS[test["sign"]](row[test["column"]], other)


def fields(said: object) -> Iterator[str]:
    """Yield the columns that a channel names, in its conditions too."""
    if isinstance(said, list):
        for one in said:
            yield from fields(one)
    elif isinstance(said, Mapping):
        if isinstance(said.get("field"), str):
            yield said["field"]
        yield from fields(said.get("condition"))


def _views(
    spec: Mapping[str, Any], above: Mapping[str, Any], data: _Data, over: bool
) -> Iterator[tuple[Any, Mapping[str, Any], _Data, bool]]:
    data = _Data(spec["data"], ()) if "data" in spec else data
    data = _Data(data.source, (*data.steps, *spec.get("transform", ())))
    encoding = {**above, **spec.get("encoding", {})}
    if isinstance(faced := spec.get("facet"), Mapping):
        encoding |= {"facet": faced} if "field" in faced else {key: faced[key] for key in ("row", "column") if key in faced}  # fmt: skip
    shared = _shared(spec, encoding)
    for key in ("layer", "hconcat", "vconcat", "concat"):
        under = over
        for part in spec.get(key, ()):
            yield from _views(part, _with_scales(encoding, shared), data, under)
            under = under or (key == "layer" and _kind(part) in _GROUNDS)
    if isinstance(spec.get("spec"), Mapping):
        yield from _views(spec["spec"], encoding, data, over)
    if "mark" in spec:
        yield spec["mark"], encoding, data, over


def _kind(part: Mapping[str, Any]) -> str:
    mark = part.get("mark")
    return str(mark.get("type") if isinstance(mark, Mapping) else mark)


def _shared(spec: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what the layers of a view say together of the scales of their axes, where they share these."""
    apart = spec.get("resolve", {}).get("scale", {})
    found: dict[str, dict[str, Any]] = {}
    for part in spec.get("layer", ()):
        encoding = {**above, **part.get("encoding", {})}
        inner = _shared(part, encoding)
        for side in ("x", "y"):
            said = encoding.get(side)
            own = said.get("scale") if isinstance(said, Mapping) else None
            if apart.get(side) != "independent":
                found[side] = {**(own or {}), **inner.get(side, {}), **found.get(side, {})}
    return {side: scale for side, scale in found.items() if scale}


def _with_scales(encoding: Mapping[str, Any], shared: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return channels with the scales of their layer; a channel of a part's own takes them when it is met."""
    return {**encoding, _SHARED: {**encoding.get(_SHARED, {}), **shared}} if shared else encoding
