"""The measurements of a finding as a picture: one axis a unit, labels in the page's own text, readable on a phone.

Positions are shares of the width, so that one drawing fits a wide page and a phone; labels are text beside the marks (above
them on a phone) and never shrink. No script is needed.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence

from review_book.sphinx.quotes import measured_text
from review_utils.records.register import Finding, Measurement

PERCENT = "percent"
KEY = (
    "Dot: the measurement, hollow where it was not seen in the source. Upright: what it is compared with. "
    "Bar: an interval or a range that the source prints."
)
OTHER_SCALES = ("increase", "decrease", "baseline")
"""Ends of units that are a change or a ratio, although they begin with percent."""


def on_axis(measurement: Measurement) -> tuple[str, float] | None:
    """Return the axis of a measurement, and by what its numbers are multiplied to stand on it; None for words.

    Shares of all kinds stand on one axis in percent; every other unit is an axis of its own.
    """
    if measurement.value is None:
        return None
    unit = measurement.unit
    if counted := re.match(r"of (\d+)\b", unit):
        return PERCENT, 100 / int(counted[1])
    if unit.split()[0] == PERCENT and not unit.endswith(OTHER_SCALES):
        return PERCENT, 1.0
    return unit, 1.0


def drawn(finding: Finding) -> dict[str, list[tuple[Measurement, float]]]:
    """Return the measurements that are drawn, by axis: two on one axis, or one that has something beside it."""
    axes: dict[str, list[tuple[Measurement, float]]] = {}
    for measurement in finding.measurements:
        if found := on_axis(measurement):
            axes.setdefault(found[0], []).append((measurement, found[1]))
    return {unit: rows for unit, rows in axes.items() if len(rows) > 1 or _beside(rows[0][0])}


def _beside(m: Measurement) -> bool:
    return m.upper is not None or m.interval is not None or _comparator(m) is not None


def _comparator(m: Measurement) -> float | None:
    """Return what a measurement is compared with, where it is the same quantity."""
    return m.comparator.value if m.comparator and m.comparator.same_measure else None


def _numbers(m: Measurement, times: float) -> list[float]:
    found = [m.value, m.upper, _comparator(m), *(m.interval or ())]
    return [number * times for number in found if number is not None]


def ticks(low: float, high: float) -> list[float]:
    """Return three to six round numbers that reach from at or below `low` to at or above `high`.

    Examples
    --------
    >>> ticks(0, 100)
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    >>> ticks(0, 0.7)
    [0.0, 0.2, 0.4, 0.6, 0.8]
    """
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span))
    for step in (power / 10, power / 5, power / 4, power / 2, power, 2 * power, 2.5 * power, 5 * power):
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first <= 5:
            return [round(i * step, 10) for i in range(first, max(last, first + 1) + 1)]
    raise AssertionError("five steps of half the span reach over it")


def forest_html(finding: Finding) -> str:
    """Return the measurements of a finding as a picture an axis, or nothing where there is nothing to compare."""
    axes = drawn(finding)
    pictures = [_axis(unit, rows) for unit, rows in axes.items()]
    return f'<p class="review-note">{KEY}</p>{"".join(pictures)}' if pictures else ""


def _axis(unit: str, rows: Sequence[tuple[Measurement, float]]) -> str:
    numbers = [number for m, times in rows for number in _numbers(m, times)]
    marks = ticks(min(0.0, *numbers), max(numbers))
    low, high = marks[0], marks[-1]

    def at(value: float) -> str:
        return f"{4 + 92 * (value - low) / (high - low):.2f}%"

    grid = "".join(f'<line class="forest__grid" x1="{at(t)}" x2="{at(t)}" y1="0" y2="100%"/>' for t in marks)
    items = "".join(_row(m, times, grid, at) for m, times in rows)
    scale = "".join(f'<text class="forest__tick" x="{at(t)}" y="14">{t:,g}</text>' for t in marks)
    values = sorted(m.value * times for m, times in rows if m.value is not None)
    reach = f"{values[0]:,.3g} to {values[-1]:,.3g}" if len(values) > 1 else f"{values[0]:,.3g}"
    count = f"{len(rows)} measurement{'s' if len(rows) > 1 else ''}"
    label = html.escape(f"{count} in {unit}, {reach}; each is said in words beside its mark", quote=True)
    printed = sum(m.interval is not None for m, _ in rows)
    return (
        f'<figure class="review-forest" aria-label="{label}"><figcaption><b>{html.escape(unit[0].upper() + unit[1:])}</b>, '
        f"{printed or 'none'} of {len(rows)} with a printed interval</figcaption>"
        f'<ol>{items}</ol><div class="forest__scale" aria-hidden="true"><svg width="100%" height="18">{scale}</svg></div></figure>'
    )


def _row(m: Measurement, times: float, grid: str, at: object) -> str:
    assert callable(at)
    assert m.value is not None
    parts = [grid]
    ends = m.interval or ([m.value, m.upper] if m.upper is not None else None)
    if ends:
        parts.append(
            f'<line class="forest__span" x1="{at(ends[0] * times)}" x2="{at(ends[1] * times)}" y1="50%" y2="50%"/>'
        )
    other = _comparator(m)
    if other is not None:
        x, value = at(other * times), at(m.value * times)
        parts.append(f'<line class="forest__gap" x1="{x}" x2="{value}" y1="50%" y2="50%"/>')
        parts.append(f'<line class="forest__other" x1="{x}" x2="{x}" y1="15%" y2="85%"/>')
    seen = "" if m.is_verified else " forest__dot--unseen"
    parts.append(f'<circle class="forest__dot{seen}" cx="{at(m.value * times)}" cy="50%" r="5"/>')
    said = measured_text(m)
    if other is not None and m.comparator:
        said += f", against {m.comparator} ({m.comparator.condition})"
    return (
        f'<li><a class="reference internal" href="#m-{m.id}">{html.escape(m.metric)}</a> '
        f'<span class="review-note">{html.escape(m.condition)}</span> <b class="forest__said">{html.escape(said)}</b>'
        f'<svg aria-hidden="true" width="100%" height="26">{"".join(parts)}</svg></li>'
    )
