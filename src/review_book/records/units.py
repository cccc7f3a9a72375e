"""Units as they are written: one spelling each, since numbers are bounded, compared and drawn by it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from review_utils.records.reading import Problem, RecordError, fault, nearest, read_text
from review_utils.review import files_in

UNITS = ("percent", "percentage", "share", "points", "probability", "fraction", "proportion", "rate", "accuracy", "correlation", "parameters", "tokens")  # fmt: skip
"""Units by which numbers are bounded and compared: one that is nearly one of these is a slip."""

_PERCENT = re.compile(r"(?:%|pct\b\.?|per[ -]?cents?\b|percents\b|percentages?\b)", re.I)
_POINTS = re.compile(r"[ -]*points?\b", re.I)


def meant(unit: str | None) -> str | None:
    """Return the unit that one in another spelling or case stands for, or nothing.

    Examples
    --------
    >>> meant("percnt of runs"), meant("Share"), meant("% of runs"), meant("points"), meant("metres")
    ('percent of runs', 'share', 'percent of runs', None, None)
    """
    unit = unit or ""
    if found := _PERCENT.match(unit):
        rest = unit[found.end() :]
        if points := _POINTS.match(rest):
            head = unit[: -len(rest)].lower() if found[0].lower() == "percentage" else "percentage"
            between = points[0].lower() if found[0].lower() == "percentage" else " points"
            right = f"{head}{between}{rest[points.end() :]}"
        else:
            right = f"percent{rest}"
        return right if right != unit else None
    first, gap, rest = unit.partition(" ")
    near = nearest(first.lower(), UNITS, alike=0.8)
    slip = near and first.rstrip("s") != near[0].rstrip("s")
    return f"{near[0]}{gap}{rest}" if slip else None


_WRITTEN = re.compile(r"""(?:^|[\s{,"-])unit"?:[ ]+(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"'{\[][^,}\n#]*))""")


def check_units(data: Path) -> Iterator[Problem]:
    """Yield units of any record or table that are no known one by their spelling, or differ from another by case or hyphens.

    Of two spellings the one that is used more is right. A filed forecast keeps its words.
    """
    used: Counter[str] = Counter()
    places: dict[str, list[tuple[Path, int]]] = defaultdict(list)
    for path in (*files_in(data, "*.yml"), *files_in(data, "*/*.yml"), *files_in(data, "datapackage.json")):
        if path.parent.name == "forecasts":
            continue
        try:
            text = read_text(path)
        except RecordError:  # told with the records
            continue
        line = at = 0
        for found in _WRITTEN.finditer(text) if "unit" in text else ():
            unit = next(part for part in found.groups() if part is not None).strip()
            line, at = line + text.count("\n", at, found.end()), found.end()
            used[unit] += 1
            places[unit].append((path, line + 1))
    best: dict[str, str] = {}
    for unit in used:
        best[_plain(unit)] = max(best.get(_plain(unit), unit), unit, key=lambda one: used[one])
    for unit, stands in places.items():
        usual = best[_plain(unit)]
        needed = meant(unit) or (f"{usual}, as other records spell it" if usual != unit else None)
        for path, line in stands if needed else ():
            yield fault(path, "unit", unit, str(needed), line)


def _plain(unit: str) -> str:
    return re.sub(r"[\s-]+", "", unit).lower()
