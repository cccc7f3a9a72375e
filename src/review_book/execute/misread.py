"""Charts that draw every row and say another thing than their rows: sums that no row has, lines to and fro, false percents.

Each rule asks one view for what is plain in it: columns as they are, on rows that are known.
"""

from __future__ import annotations

import colorsys
import itertools
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from review_book.execute.views import FACETS, View, fields, views
from review_utils.show.charts import PALETTE

SERIES = ("color", "fill", "stroke", "opacity", "fillOpacity", "strokeOpacity", "strokeWidth", "strokeDash", "detail", "key", "size", "shape")  # fmt: skip
"""Channels that tell one series of rows from another."""

_NAMED = ("nominal", "ordinal")


def check(view: View, config: Mapping[str, Any]) -> None:
    """Refuse a view that a reader would take for what its rows do not say.

    Parameters
    ----------
    view : View
    config : mapping
        What the chart says of all its marks.

    Raises
    ------
    ValueError
        With what is given and what is needed.
    """
    _unseen(view, config)
    _sizes(view)
    _alike(view, config)
    _percents(view, config.get("numberFormat"))
    _stacked(view)
    _to_and_fro(view)
    _beside_its_points(view, config)
    _hidden(view)
    _other_numbers(view)
    _days(view)
    _seasons(view)
    _arcs(view)
    _upside_down(view)
    _evenly_set(view)
    _clamped(view)
    _magnitude_twice(view)
    _another_quantity(view)


# Rows in one place ------------------------------------------------------------------------------------------


def _stacked(view: View) -> None:
    """Refuse bars and areas that are set on top of each other with nothing that tells them apart: only a sum is seen."""
    side = view.measure()
    if view.mark not in ("bar", "area") or view.rows is None or not side or not view.plain(side):
        return
    if {"stack", "aggregate"} & view.channel(side).keys() or f"{side}2" in view.encoding or _aggregates(view):
        return
    other = "x" if side == "y" else "y"
    if view.channel(other) and not view.plain(other):
        return
    value, place = view.plain(side), view.plain(other)
    apart = _columns(view, (f"{other}Offset", *FACETS, *SERIES))
    if not _has(view, (value, *filter(None, (place,)), *apart)):
        return
    seen: dict[tuple[Any, ...], float] = {}
    for row in view.rows:
        number = row.get(value)
        if isinstance(number, bool) or not isinstance(number, int | float) or not number:
            continue
        where = tuple(str(row.get(name)) for name in (*filter(None, (place,)), *apart))
        if where in seen:
            at = f" at {row.get(place)} in the column {place}" if place else ""
            raise ValueError(f"several rows in one {view.mark}{at}, {seen[where]:g} and {number:g} in the column {value}, which are drawn as their sum; needed: a row for each, an aggregate as mean({value}), a colour or an offset that tells them apart, or stack=True where the sum is meant")  # fmt: skip
        seen[where] = number


def _to_and_fro(view: View) -> None:
    """Refuse a line that runs through several rows at one place, and nothing says that they are of several lines."""
    banded = view.mark == "area" and {"x2", "y2"} & view.encoding.keys()
    if (view.mark not in ("line", "trail") and not banded) or view.rows is None or "order" in view.encoding:
        return
    side = view.measure()
    along = "x" if side == "y" else "y"
    at, value = view.plain(along), view.plain(side) if side else ""
    apart = _columns(view, (*FACETS, *(name for name in SERIES if name != "shape")))
    if not at or not value or _aggregates(view) or not _has(view, (at, value, *apart)):
        return
    lines: dict[tuple[str, ...], dict[Any, float]] = {}
    twice: dict[tuple[str, ...], tuple[Any, float, float]] = {}
    for row in view.rows:
        number, place = row.get(value), row.get(at)
        if isinstance(number, bool) or not isinstance(number, int | float) or place is None:
            continue
        line = tuple(str(row.get(name)) for name in apart)
        before = lines.setdefault(line, {}).setdefault(place, number)
        if before != number:
            twice.setdefault(line, (place, before, number))
    for line, (place, one, two) in twice.items():
        if len(lines[line]) > 1:  # a line at one place alone stands upright, as is meant
            raise ValueError(f"a line through several rows at {_said(place)} in the column {at}, {one:g} and {two:g} in the column {value}, which goes to and fro; needed: color, detail or strokeDash that says which rows are one line, an aggregate as mean({value}), or order where the path is meant")  # fmt: skip


THROUGH = ("linear", "linear-closed", "step", "step-before", "step-after", "monotone")
"""How a line may go from row to row: through each, and nowhere higher or lower than both."""


def _beside_its_points(view: View, config: Mapping[str, Any]) -> None:
    """Refuse a line that misses its rows, or swings above and below them."""
    if view.mark in ("line", "area", "trail"):
        common = config.get(view.mark, {})
        how = view.look.get("interpolate", common.get("interpolate") if isinstance(common, Mapping) else None)
        if isinstance(how, str) and how not in THROUGH:
            raise ValueError(f"interpolate={how}, by which a {view.mark} leaves its rows; needed: monotone, linear or a step, or a curve that the cell computes and its words name")  # fmt: skip


def _hidden(view: View) -> None:
    """Refuse rows that a condition or a scale makes clear, so that they are there and nobody sees them; labels may be."""
    if view.mark in ("text", "rule"):
        return
    for channel in ("opacity", "size", "color"):
        said = view.channel(channel)
        given = said.get("condition", [])
        parts = [part for part in (given if isinstance(given, list) else [given]) if isinstance(part, Mapping)]
        clear = [part for part in (said, *parts) if part.get("value", 1) in (0, *_CLEAR)]
        if clear and any("test" in part for part in parts):
            raise ValueError(f"rows of the {channel} {clear[0]['value']} by a condition, which are there and not seen; needed: a paler colour for them, or a filter and words that say what is left out")  # fmt: skip
        scale = view.scale(channel).get("range")
        if channel == "opacity" and isinstance(scale, list) and 0 in scale:
            raise ValueError("an opacity from 0, at which rows are there and not seen; needed: a range that begins at 0.2 or above")  # fmt: skip


def check_sides(spec: Mapping[str, Any]) -> None:
    """Refuse a column on two axes of one side, where its rows have two heights, and one on an axis that is not drawn.

    Raises
    ------
    ValueError
        With what is given and what is needed.
    """
    for side in ("x", "y"):
        seen, unlabelled = dict[str, Any](), set[str]()
        if "layer" in spec and spec.get("resolve", {}).get("scale", {}).get(side) == "independent":
            for view in views(spec):
                field, ends = view.plain(side), view.scale(side).get("domain")
                if not field or view.channel(side).get("type") != "quantitative":
                    continue
                if field in seen and (ends is None or seen[field] != ends):
                    raise ValueError(f"the column {field} on two axes of {side} in one place, so that a row stands at two heights; needed: one axis, or the same domain on both")  # fmt: skip
                seen[field] = ends
                drawn = view.channel(side).get("axis", {})
                unlabelled |= {field} if drawn is None or drawn.get("labels") is False else set()
            if unlabelled and len(seen) > 1:
                raise ValueError(f"the column {min(unlabelled)} on an axis of {side} of its own whose numbers are not drawn, so that it is read by that of {min(seen.keys() - unlabelled, default='another')}; needed: both axes drawn, or one that both share")  # fmt: skip
    for key in ("layer", "hconcat", "vconcat", "concat", "spec"):
        parts = spec.get(key, ())
        for part in [parts] if isinstance(parts, Mapping) else parts:
            if isinstance(part, Mapping):
                check_sides(part)


def _aggregates(view: View) -> bool:
    return any(isinstance(said, Mapping) and "aggregate" in said for said in view.encoding.values())


def _columns(view: View, channels: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(name for channel in channels for name in fields(view.encoding.get(channel))))


def _has(view: View, names: Sequence[str]) -> bool:
    """Return whether all columns are among the rows: what a chart computes itself is not known here."""
    return all(any(name in row for row in view.rows or ()) for name in names)


def _said(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, int | float) else str(cell)


# Numbers as they are written --------------------------------------------------------------------------------

_PERCENT = re.compile(r"[^%]*[%p]")
"""A format that multiplies by a hundred; one of days has its sign elsewhere."""

_IN_EXPRESSION = re.compile(r"format\(datum\.(?:value|label),\s*['\"]([^'\"]*)['\"]\)")

_OF_ONE = ("mean", "average", "median", "min", "max")
"""Aggregates that are as large as what they are of."""


_TEXTS = re.compile(r"'[^']*'|\"[^\"]*\"")
_FORMAT = re.compile(r"\b(format\([^,()]*(?:\([^()]*\)[^,()]*)*),\s*(?:'[^']*'|\"[^\"]*\")")
_COMPUTED = re.compile(r"datum\.(?:value|label)\s*[-+*/]\s*[\d.]|[\d.]\s*[-+*/]\s*datum\.(?:value|label)")


def _other_numbers(view: View) -> None:
    """Refuse labels of an axis or a key that compute another number and name no other unit for it."""
    for channel, said in _each(view):
        for holder in ("axis", "legend", "header"):
            expression = said[holder].get("labelExpr") if isinstance(said.get(holder), Mapping) else None
            if not isinstance(expression, str) or said.get("type") != "quantitative":
                continue
            plain = _FORMAT.sub(r"\1", expression)
            named = any(re.search(r"[A-Za-z%°µ]", text) for text in _TEXTS.findall(plain))
            if (found := _COMPUTED.search(_TEXTS.sub("''", plain))) and not named:
                raise ValueError(f"labels of its {channel} by {expression[:60]}, which compute another number, {found[0]}, than the rows have; needed: a column in the unit that is meant, or the unit in each label, as datum.value / 60 + ' hours'")  # fmt: skip


EARLY = 1e10
"""Milliseconds after the beginning of 1970 below which a number is hardly meant as a day: 26 April of that year."""


def _days(view: View) -> None:
    """Refuse numbers that are drawn as days: 2026 is two seconds after the beginning of 1970."""
    for channel, said in _each(view):
        field = said.get("field")
        if said.get("type") != "temporal" or not isinstance(field, str):
            continue
        if early := next((number for number in view.numbers(field) if abs(number) < EARLY), None):
            raise ValueError(f"{early:g} in the column {field}, which its {channel} takes for so many milliseconds after 1 January 1970; needed: {field}:Q with axis(format='d') for years, or days as text or dates")  # fmt: skip


def _seasons(view: View) -> None:
    """Refuse months, weekdays or hours without their year in which rows of several years are drawn one by one."""
    for _, said in _each(view):
        unit, field = said.get("timeUnit"), said.get("field")
        name = unit.get("unit") if isinstance(unit, Mapping) else unit
        if not isinstance(name, str) or "year" in name or not isinstance(field, str) or _aggregates(view):
            continue
        places = [str(cell) for cell in view.column(field)]
        if len({place[:4] for place in places}) > 1:
            raise ValueError(f"timeUnit {name} on the column {field}, which lays {min(places)[:4]} and {max(places)[:4]} on one another; needed: a unit with its year, as year{name.removeprefix('utc')}, or an aggregate, as mean, where the season is meant")  # fmt: skip


def _arcs(view: View) -> None:
    """Refuse parts of a circle: they are drawn as shares of their own sum, so that 60, 50 and 30 percent fill it."""
    if view.mark == "arc":
        raise ValueError("parts of a circle (mark_arc), which are drawn as shares of their own sum whatever they are shares of; needed: bars or points on an axis that begins at zero")  # fmt: skip


def _evenly_set(view: View) -> None:
    """Refuse a line over numbers that are set like words: steps of unlike size are drawn alike, and a bend may be the axis'."""
    for side in ("x", "y"):
        field = view.plain(side) if view.mark in ("line", "area", "trail") else ""
        numbers = sorted(set(view.numbers(field))) if field and view.channel(side).get("type") in _NAMED else []
        if len(numbers) < 4 or len(numbers) < len(set(map(str, view.column(field)))):
            continue
        pairs = list(itertools.pairwise(numbers))
        steps = [[b - a for a, b in pairs], [b / a if a > 0 else math.inf for a, b in pairs]]
        if all(max(step) > 2 * min(step) for step in steps):
            far = max(pairs, key=lambda pair: pair[1] - pair[0])
            raise ValueError(f"a line over the column {field}, whose numbers an axis of names sets evenly: {numbers[0]:g} to {numbers[1]:g} is as wide as {far[0]:g} to {far[1]:g}; needed: {field}:Q, with scale(type='log') for sizes")  # fmt: skip


_ASKED_FOR = re.compile(r"\s*\(?\s*datum\.(\w+)\s*===?\s*(\w+)\s*\)?\s*")


def check_positions(spec: Mapping[str, Any], filters: Sequence[str], columns: Mapping[str, Collection[Any]]) -> None:
    """Refuse an input some of whose positions leave a chart without rows.

    Parameters
    ----------
    spec : mapping
    filters : sequence of str
        The expressions of its filters.
    columns : mapping from str to collection
        What each column of its data holds.

    Raises
    ------
    ValueError
        With what is given and what is needed.
    """
    params = {one["name"]: one["bind"] for one in spec.get("params", ()) if isinstance(one.get("bind"), Mapping)}
    for match in filter(None, (_ASKED_FOR.fullmatch(part) for text in filters for part in text.split("&&"))):
        field, bind = match[1], params.get(match[2], {})
        held = columns.get(field, ())
        if bind.get("input") == "range" and {"min", "max"} <= bind.keys():
            step = bind.get("step") or 1
            asked = [
                bind["min"] + i * step for i in range(min(int((bind["max"] - bind["min"]) / step + 1e-9) + 1, 10_000))
            ]
        else:
            asked = [one for one in bind.get("options", ()) if one is not None]
        for one in asked if held else ():
            if one not in held and not any(math.isclose(one, cell) for cell in held if isinstance(one, int | float) and isinstance(cell, int | float)):  # fmt: skip
                raise ValueError(f"an input that may stand at {one}, where no row of the column {field} is: the chart would be empty; needed: the values that there are, as binding_select(options=[...]), or rows for each")  # fmt: skip


def _upside_down(view: View) -> None:
    """Refuse a quantity that falls where its line rises; ranks, whose first is the highest, may, and a diagram without axes."""
    said, scale = view.channel("y"), view.scale("y")
    ends = scale.get("domain")
    turned = (
        isinstance(ends, list)
        and len(ends) == 2
        and all(isinstance(end, int | float) for end in ends)
        and ends[0] > ends[1]
    )
    ways = {"reverse": scale.get("reverse") is True, "sort": said.get("sort") == "descending", "domain": turned}
    way = next((name for name, is_so in ways.items() if is_so), None)
    axis = said.get("axis", {})
    words = " ".join(
        str(part)
        for part in (said.get("title"), said.get("field"), axis.get("title") if isinstance(axis, Mapping) else "")
    )
    if way and axis is not None and said.get("type") == "quantitative" and "rank" not in words.lower():
        raise ValueError(f"an axis y that is upside down by its {way}, so that what rises is seen to fall; needed: one that rises, or a title that says rank")  # fmt: skip


def _percents(view: View, common: object) -> None:
    """Refuse a format that multiplies by a hundred what is in percent already, or is no share."""
    for channel, said in _each(view):
        field = said.get("field")
        if said.get("type") == "temporal" or not isinstance(field, str) or said.get("stack") == "normalize":
            continue
        if said.get("aggregate", "mean") not in _OF_ONE or said.get("timeUnit") or said.get("formatType") == "time":
            continue
        holders = [said, *(said[key] for key in ("axis", "legend", "header") if isinstance(said.get(key), Mapping))]
        formats = [one.get("format") for one in holders if one.get("formatType") != "time"]
        formats += [found for one in holders for found in _IN_EXPRESSION.findall(str(one.get("labelExpr", "")))]
        given = [one for one in formats if one] or ([common] if said.get("type") == "quantitative" else [])
        percent = next((one for one in given if isinstance(one, str) and _PERCENT.fullmatch(one)), None)
        numbers = view.numbers(field) if percent else []
        far = max(numbers, key=abs, default=0)
        if abs(far) > 1 + 1e-9:
            raise ValueError(f"{far:g} in the column {field}, which the format {percent} of its {channel} shows as {far:.0%}; needed: shares from 0 to 1, or a format without a percent sign and the unit in the title")  # fmt: skip


CLAMPED = 0.2
"""Share of the rows of a mark beyond the ends of a clamped axis from which its edge is taken for a level."""


def _clamped(view: View) -> None:
    """Refuse a clamped axis that draws many rows at its edge, where they look like a plateau."""
    for side in ("x", "y"):
        said, scale = view.channel(side), view.scale(side)
        field, ends = said.get("field"), scale.get("domain")
        if scale.get("clamp") is not True or not isinstance(field, str) or not isinstance(ends, list) or len(ends) != 2:
            continue
        if not all(isinstance(end, int | float) for end in ends) or said.get("type") != "quantitative":
            continue
        numbers = view.numbers(field)
        beyond = sum(not min(ends) <= number <= max(ends) for number in numbers)
        if beyond > max(CLAMPED * len(numbers), 2):
            raise ValueError(f"{beyond} of {len(numbers)} rows of {field} beyond {ends[0]:g} to {ends[1]:g}, which clamp draws at the edge as if they stood there; needed: a domain that holds them")  # fmt: skip


_MAGNITUDE = re.compile(r"\b(?:thousand|million|billion|trillion)s?\b", re.I)
_PREFIXED = re.compile(r"[^%a-zA-Z]*~?s")


def _magnitude_twice(view: View) -> None:
    """Refuse an axis whose title says millions and whose labels say them again: 10M under "millions"."""
    for side in ("x", "y"):
        said = view.channel(side)
        given = said.get("axis")
        axis = given if isinstance(given, Mapping) else {}
        title = axis.get("title") or said.get("title")
        way = axis.get("format") or said.get("format")
        word = _MAGNITUDE.search(title) if isinstance(title, str) else None
        field = said.get("field")
        numbers = view.numbers(field) if word and isinstance(field, str) else []
        if word and isinstance(way, str) and _PREFIXED.fullmatch(way) and max(map(abs, numbers), default=0) >= 1000:
            raise ValueError(f"the axis {side} titled {title}, whose format {way} says {word[0]} again; needed: the one or the other")  # fmt: skip


_QUANTITIES = {
    "parameters": re.compile(r"(?:^|[\W_])(?:params?|parameters)(?:$|[\W_])", re.I),
    "tokens": re.compile(r"(?:^|[\W_])tokens?(?:$|[\W_])", re.I),
    "FLOP": re.compile(r"(?:^|[\W_])(?:p?flops?|compute)(?:$|[\W_])", re.I),
    "steps": re.compile(r"(?:^|[\W_])steps?(?:$|[\W_])", re.I),
    "seconds": re.compile(r"(?:^|[\W_])(?:seconds?|minutes?|hours?)(?:$|[\W_])", re.I),
    "bytes": re.compile(r"(?:^|[\W_])(?:bytes?|bits?)(?:$|[\W_])", re.I),
}
"""Quantities that a column's name and an axis's title tell, each by its words."""


def quantities(words: str) -> set[str]:
    """Return the quantities that a name or a title tells.

    Examples
    --------
    >>> sorted(quantities("train_flop")), sorted(quantities("tokens for each parameter")), quantities("score")
    (['FLOP'], ['tokens'], set())
    """
    return {name for name, said in _QUANTITIES.items() if said.search(words)}


def _another_quantity(view: View) -> None:
    """Refuse an axis whose title says another quantity than the name of its column."""
    for side in ("x", "y"):
        said, field = view.channel(side), view.plain(side)
        given = said.get("axis")
        title = (given.get("title") if isinstance(given, Mapping) else None) or said.get("title")
        own = quantities(field) if field else set()
        if isinstance(title, str) and own and (told := quantities(title)) and not own & told:
            raise ValueError(f"the axis {side} titled {title}, over the column {field}; needed: a title of what the column holds ({', '.join(sorted(own))}), or a column of {', '.join(sorted(told))}")  # fmt: skip


def _each(view: View) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, said in view.encoding.items():
        for one in said if isinstance(said, list) else [said]:
            if isinstance(one, Mapping):
                yield name, one


# Names in the order of the alphabet -------------------------------------------------------------------------

_SIZE = re.compile(
    r"([<≤~≈]?|[>≥]?)\s*(\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?)\s*(thousand|million|billion|trillion|[kKMBGT])?(?![a-zA-Z0-9.])",
)
_TIMES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "g": 1e9, "billion": 1e9, "t": 1e12, "trillion": 1e12}  # fmt: skip

_SORTED = ("x", "y", "xOffset", "yOffset", *FACETS, "color", "fill", "stroke", "shape", "strokeDash", "size")


def _sizes(view: View) -> None:
    """Refuse names that begin with numbers and stand in the order of the alphabet: 100M before 10M before 2M."""
    for channel in _SORTED:
        said = view.channel(channel)
        field = said.get("field")
        if said.get("type", "nominal") not in _NAMED or not isinstance(field, str) or "sort" in said:
            continue
        if isinstance(view.scale(channel).get("domain"), list):
            continue
        names = sorted({cell for cell in view.column(field) if isinstance(cell, str)})
        sizes = _as_numbers(names)
        for (one, size), (two, other) in itertools.pairwise(sizes):
            if size > other:
                raise ValueError(f"the names {one} and {two} in the column {field}, which stand in the order of the alphabet along its {channel}, {one} first; needed: sort={_in_order(sizes)} there, or the numbers themselves")  # fmt: skip


def _in_order(sizes: Sequence[tuple[str, tuple[float, int]]]) -> str:
    """Return names by size as an author writes them, the first few."""
    names = [name for name, _ in sorted(sizes, key=lambda item: item[1])]
    return f"[{', '.join(map(repr, names[:4]))}{', ...' if len(names) > 4 else ''}]"


def _as_numbers(names: Sequence[str]) -> list[tuple[str, tuple[float, int]]]:
    """Return the names that begin with a number, or all after the same word, each with its size; nothing where most do not."""
    start = len(_common(names)) if len(names) > 1 else 0
    found = []
    for name in names:
        if match := _SIZE.match(name[start:]):
            size = float(match[2].replace(",", "")) * _TIMES.get((match[3] or "").lower(), 1.0)
            found.append((name, (size, {"<": -1, ">": 1}.get(match[1], 0))))
    return found if 2 * len(found) > len(names) and (not start or len(found) == len(names)) else []


def _common(names: Sequence[str]) -> str:
    """Return the words that all names begin with, before their numbers."""
    first, last = min(names), max(names)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return re.match(r"[^\d<>≤≥~≈]*", first[:same])[0]  # type: ignore[index]  # it may match nothing, and always matches


# Colours ----------------------------------------------------------------------------------------------------

LIGHT, DARK = "#ffffff", "#14181e"
"""The grounds of the page."""

FAINTEST = 1.5
"""The least contrast that a mark has to have with either ground; below it nobody sees a dot."""

_NAMES = {
    "white": "#ffffff", "snow": "#fffafa", "ivory": "#fffff0", "whitesmoke": "#f5f5f5", "ghostwhite": "#f8f8ff",
    "floralwhite": "#fffaf0", "mintcream": "#f5fffa", "azure": "#f0ffff", "aliceblue": "#f0f8ff", "honeydew": "#f0fff0",
    "seashell": "#fff5ee", "oldlace": "#fdf5e6", "linen": "#faf0e6", "lavenderblush": "#fff0f5", "lavender": "#e6e6fa",
    "lightyellow": "#ffffe0", "lightcyan": "#e0ffff", "cornsilk": "#fff8dc", "lemonchiffon": "#fffacd",
    "beige": "#f5f5dc", "antiquewhite": "#faebd7", "papayawhip": "#ffefd5", "blanchedalmond": "#ffebcd",
    "mistyrose": "#ffe4e1", "bisque": "#ffe4c4", "moccasin": "#ffe4b5", "peachpuff": "#ffdab9", "navajowhite": "#ffdead",
    "wheat": "#f5deb3", "lightgoldenrodyellow": "#fafad2", "palegoldenrod": "#eee8aa", "khaki": "#f0e68c",
    "yellow": "#ffff00", "greenyellow": "#adff2f", "aquamarine": "#7fffd4", "paleturquoise": "#afeeee", "aqua": "#00ffff",
    "cyan": "#00ffff", "gainsboro": "#dcdcdc", "lightgray": "#d3d3d3", "lightgrey": "#d3d3d3", "pink": "#ffc0cb",
    "black": "#000000", "navy": "#000080", "darkblue": "#00008b", "midnightblue": "#191970", "indigo": "#4b0082",
}  # fmt: skip
"""Names of colours that lie near one of the grounds, or are likely to."""


def ground_of(colour: object) -> str:
    """Return in which scheme nobody sees a colour, ``light`` or ``dark``, or nothing.

    Examples
    --------
    >>> ground_of("white"), ground_of("#111"), ground_of("rgb(61, 134, 198)"), ground_of("transparent")
    ('light', 'dark', '', '')
    """
    if (bright := _luminance(str(colour))) is None:
        return ""
    for scheme, ground in (("light", LIGHT), ("dark", DARK)):
        other = _luminance(ground)
        assert other is not None
        if (max(bright, other) + 0.05) / (min(bright, other) + 0.05) < FAINTEST:
            return scheme
    return ""


def _luminance(colour: str) -> float | None:
    """Return how bright a colour is, from 0 to 1; None where it is not known."""
    colour = _NAMES.get(colour.strip().lower(), colour.strip().lower())
    if match := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})(?:[0-9a-f]{1,2})?", colour):
        digits = match[1] if len(match[1]) == 6 else "".join(2 * digit for digit in match[1])
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    elif match := re.fullmatch(r"rgba?\(\s*(\d+)[,\s]+(\d+)[,\s]+(\d+).*\)", colour):
        parts = [min(int(part), 255) / 255 for part in match.groups()]
    elif match := re.fullmatch(r"hsla?\(\s*([\d.]+)(?:deg)?[,\s]+([\d.]+)%[,\s]+([\d.]+)%.*\)", colour):
        parts = list(colorsys.hls_to_rgb(float(match[1]) % 360 / 360, float(match[3]) / 100, float(match[2]) / 100))
    else:
        return None
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


_PAINTS = ("color", "fill", "stroke")


def _unseen(view: View, config: Mapping[str, Any]) -> None:
    """Refuse marks in the colour of the page, light or dark; those on a mark of another layer have that for their ground."""
    if view.mark in ("rect", "geoshape", "image") or view.over:
        return
    paints = [
        paint
        for name in _PAINTS
        if (paint := [colour for colour in _colours(view, config, name) if colour not in _CLEAR])
    ]
    for scheme in ("light", "dark"):
        hidden = [[colour for colour in paint if ground_of(colour) == scheme] for paint in paints]
        if hidden and all(hidden):  # else its edge or its heart is seen
            raise ValueError(f"marks in the colour {hidden[0][0]}, which nobody sees on a page in the {scheme} scheme; needed: a colour that stands out from white and from near black, as #3d86c6, or none, which is the reader's ink")  # fmt: skip


_CLEAR = ("transparent", "none")


def check_clear(found: Sequence[View]) -> None:
    """Refuse a chart all of whose marks are clear; some may be, as what catches a pointer.

    Raises
    ------
    ValueError
        With what is given and what is needed.
    """

    def clear(view: View) -> bool:
        paints = [view.look[name] for name in _PAINTS if view.look.get(name)]
        chosen = any(view.channel(name) for name in (*_PAINTS, "opacity"))
        return not chosen and (view.look.get("opacity") == 0 or bool(paints and all(one in _CLEAR for one in paints)))

    if found and all(map(clear, found)):
        raise ValueError("marks that are clear, which nobody sees; needed: a colour that stands out from the page, and an opacity above 0")  # fmt: skip


_ENDS = ({"low", "high"}, {"lower", "upper"})
"""Names of the ends of an interval, which is that of the estimate beside it; one of a null or of a rival says so in its name."""


def check_missed(found: Sequence[View]) -> None:
    """Refuse a band or bars from low to high beside an estimate of the same rows that lies outside them in every row.

    Raises
    ------
    ValueError
        With what is given and what is needed.
    """
    for band in found:
        for side, across in (("y", "x"), ("x", "y")):
            ends = {band.plain(side), band.plain(f"{side}2")}
            for line in found if ends in _ENDS and band.rows else ():
                field = line.plain(side)
                alike = line.rows == band.rows and line.plain(across) == band.plain(across)
                if line.mark not in ("line", "point", "circle", "square") or not field or field in ends or not alike:
                    continue
                cells = [[row.get(name) for name in (field, *sorted(ends))] for row in band.rows or ()]
                rows = [[x for x in row if isinstance(x, int | float)] for row in cells]
                whole = [(row[0], min(row[1:]), max(row[1:])) for row in rows if len(row) == 3]
                if len(whole) > 1 and not any(low <= value <= high for value, low, high in whole):
                    value, low, high = whole[0]
                    raise ValueError(f"{value:g} in the column {field} beside a band from {low:g} to {high:g}, and so in every row: an interval that misses what it is the interval of; needed: the interval of {field}, or columns that say in their names whose it is")  # fmt: skip


def check_ground(spec: Mapping[str, Any]) -> None:
    """Refuse a ground of a chart's own: its letters have the reader's ink, which is white in the dark.

    Raises
    ------
    ValueError
        With what is given and what is needed.
    """
    config = spec.get("config", {})
    for holder, name in ((spec, "background"), (config, "background"), (config.get("view", {}), "fill")):
        ground = holder.get(name) if isinstance(holder, Mapping) else None
        if isinstance(ground, str) and ground_of(ground):
            raise ValueError(f"a ground of its own, {name}={ground}, on which the reader's ink is lost in one of two schemes; needed: no ground, so that the page's is seen")  # fmt: skip


def _colours(view: View, config: Mapping[str, Any], name: str) -> list[Any]:
    """Return the colours that a mark takes by one channel: None where rows have each their own that nobody chose."""
    said = view.channel(name)
    if said:
        conditions = said.get("condition", [])
        parts = [said, *(conditions if isinstance(conditions, list) else [conditions])]
        colours = [part["value"] for part in parts if "value" in part]
        for part in parts:
            scale = part.get("scale") if isinstance(part.get("scale"), Mapping) else {}
            if "field" in part or "aggregate" in part:
                named = part.get("type") in _NAMED and isinstance(scale.get("range"), list)
                colours += scale["range"] if named else [None]
        return colours
    common = [config.get(view.mark, {}), config.get("mark", {})]
    given = view.look.get(name) or next((one[name] for one in common if isinstance(one, Mapping) and one.get(name)), None)  # fmt: skip
    return [given] if given else []


_DEFAULT = {"color": "category", "fill": "category", "stroke": "category", "shape": "symbol"}
_OWN = {"color": len(PALETTE), "fill": len(PALETTE), "stroke": len(PALETTE), "shape": 8, "strokeDash": 5}
"""Ranges that nobody chose: their names in the settings of a chart, and how many the book and Vega-Lite have."""


def _alike(view: View, config: Mapping[str, Any]) -> None:
    """Refuse more names than colours or signs: they begin anew, and two names look the same."""
    for channel in ("color", "fill", "stroke", "shape", "strokeDash"):
        said, scale = view.channel(channel), view.scale(channel)
        field = view.plain(channel)
        if not field or said.get("type") not in _NAMED or _told(view, channel, field):
            continue
        names = scale["domain"] if isinstance(scale.get("domain"), list) else {str(cell) for cell in view.column(field) if cell is not None}  # fmt: skip
        given = scale.get("range")
        if isinstance(given, list):
            many = len(given)
            looks: dict[str, str] = {}
            # In a drawing of boxes and arrows without a key nobody reads a name from a colour.
            told = said.get("legend", 1) is None and view.mark in ("rect", "rule", "text")
            told = told or any(
                field in fields(one)
                for name, one in view.encoding.items()
                if name not in (channel, "tooltip", "detail", "fill", "stroke")
            )
            for name, look in zip(scale["domain"] if isinstance(scale.get("domain"), list) else sorted(names), given, strict=False):  # fmt: skip
                if (other := looks.setdefault(str(look).lower(), str(name))) != str(name) and not told:
                    raise ValueError(f"the names {other} and {name} in the column {field}, both of the {channel} {look}, so that they look the same; needed: another for each, or one name for both")  # fmt: skip
        elif given or "scheme" in scale or said.get("legend", 1) is None or said["type"] != "nominal":
            continue
        else:
            own = config.get("range", {}).get(_DEFAULT.get(channel, ""), [])
            many = len(own) if isinstance(own, list) and own else _OWN[channel]
        if many and len(names) > many:
            raise ValueError(f"{len(names)} names in the column {field} and {many} in the range of its {channel}, so that several look the same; needed: a range of {len(names)}, fewer names, or another channel that tells them apart")  # fmt: skip


def _told(view: View, channel: str, field: str) -> bool:
    """Return whether another channel says the same: names beside an axis, words, signs."""
    others = ("x", "y", "xOffset", "yOffset", "text", "shape", "strokeDash", "color", *FACETS)
    return any(field in fields(view.encoding.get(other)) for other in others if other != channel)
