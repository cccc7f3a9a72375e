"""What the charts of many analyses have in common: logarithmic axes, dashed rules, a line a seed, a band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

DASH = [4, 4]
"""Dashes of a rule that marks a value; a line that was fitted has its own."""


def log_x(
    field: str,
    title: str,
    format: str | None = None,  # noqa: A002  # the word of Vega-Lite
    *,
    values: Sequence[float] | None = None,
    **scale: Any,
) -> alt.X:
    """Return a logarithmic axis along the bottom, with its title.

    Parameters
    ----------
    field
        Column that it shows, with its type ("flop:Q").
    title
        What it measures, with its unit.
    format
        How its numbers are written: "e" for powers of ten, "~s" for thousands as k.
    values
        Where it has marks, if not where Vega-Lite sets them.
    **scale
        Other settings of the scale: `domain`, `nice`, `clamp`.
    """
    return _logarithmic(alt.X(field), title, format, values, scale)


def log_y(
    field: str,
    title: str,
    format: str | None = None,  # noqa: A002  # the word of Vega-Lite
    *,
    values: Sequence[float] | None = None,
    **scale: Any,
) -> alt.Y:
    """Return a logarithmic axis up the side, with its title; see `log_x`."""
    return _logarithmic(alt.Y(field), title, format, values, scale)


def _logarithmic(
    channel: Any,
    title: str,
    form: str | None,
    values: Sequence[float] | None,
    scale: dict[str, Any],
) -> Any:
    axis = {**({"format": form} if form else {}), **({"values": list(values)} if values is not None else {})}
    channel = channel.scale(type="log", **scale).title(title)
    return channel.axis(**axis) if axis else channel


def dashed(data: pd.DataFrame | None = None, **where: Any) -> alt.Chart:
    """Return dashed rules: at a number (`dashed(x=0)`), or at each row of a frame (`dashed(marks, y="loss:Q")`)."""
    places = {name: alt.datum(at) if isinstance(at, int | float) else at for name, at in where.items()}
    return alt.Chart(*([] if data is None else [data])).mark_rule(strokeDash=DASH).encode(**places)


def seed_lines(
    frame: pd.DataFrame,
    x: alt.X,
    y: alt.Y,
    **encoding: Any,
) -> alt.Chart:
    """Return a thin line for each of the column `seed`; colours and tooltips are named as for `encode`."""
    return alt.Chart(frame).mark_line(strokeWidth=1.4).encode(x=x, y=y, detail="seed:N", **encoding)


def band(
    chart: alt.Chart,
    low: str | alt.Y,
    high: str,
    opacity: float = 0.18,
    **encoding: Any,
) -> alt.Chart:
    """Return the area from one column of a chart to another, pale enough that lines on it are seen."""
    return chart.mark_area(opacity=opacity).encode(y=low, y2=high, **encoding)
