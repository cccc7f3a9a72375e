"""Altair charts in one theme that follows light and dark, with alt text that states the finding."""

from __future__ import annotations

import html
import json
import math
import re
from typing import Any

import altair as alt

PALETTE = ("#3d86c6", "#d1701a", "#2f9e74", "#b75a95", "#8c8222", "#7a71e0", "#c2524c", "#5f8a99")
"""Eight colours that stand out by at least 3 to 1 from both white and the dark background."""

WIDTH, HEIGHT = 620, 320
"""Size of a chart in pixels where it says nothing else; narrow screens scale it down."""

CHART_MIME = "application/vnd.vegalite.v6+json"

OLDER_MIME = "application/vnd.vegalite.v5+json"
"""What JupyterLab knows up to its version 4.6; it draws our charts as well."""


def _bare(spec: dict[str, Any], **_: object) -> dict[str, Any]:
    """Return a chart shown plainly as it is; Altair's own form of it would ask another host for its script."""
    return {**at_work(spec), "text/plain": f"[chart] {spec.get('description', 'without words')}"}


alt.renderers.register("review", _bare)
alt.renderers.enable("review")


@alt.theme.register("review", enable=True)  # type: ignore[untyped-decorator]  # Altair has no types here
def _theme() -> alt.theme.ThemeConfig:
    ink = "currentColor"
    text = {"labelColor": ink, "titleColor": ink, "labelFontSize": 12, "titleFontSize": 13, "titleFontWeight": 500}
    title = {"color": ink, "subtitleColor": ink, "anchor": "start", "fontSize": 15, "fontWeight": 600, "offset": 12}
    # Symbols that stand for a shape have no colour of their own: grey shows on light and on dark.
    symbols = {"columns": 3, "symbolLimit": 60, "symbolBaseFillColor": "#808080"}
    return alt.theme.ThemeConfig(
        {
            "config": {
                "background": None,
                "font": "Helvetica, Arial, sans-serif",
                "view": {"stroke": None, "continuousWidth": WIDTH, "continuousHeight": HEIGHT},
                "title": title,
                "axis": {**text, "domainColor": ink, "tickColor": ink, "gridColor": ink, "gridOpacity": 0.14},
                "axisQuantitative": {"tickCount": 4},
                "legend": {**text, "orient": "top", "labelLimit": 320, **symbols},
                "header": text,
                "text": {"color": ink},
                "rule": {"color": ink},
                "range": {"category": list(PALETTE)},
                "line": {"strokeWidth": 2},
                "point": {"size": 55, "filled": True},
            }
        }
    )


def spec_of(chart: alt.TopLevelMixin, alt_text: str) -> dict[str, Any]:
    """Return a chart's Vega-Lite specification with its alt text, checked for what every figure needs.

    Raises
    ------
    ValueError
        When the chart has no title, or the alt text is shorter than a sentence.
    """
    return spec_of_dict(chart.to_dict(), alt_text)


def spec_of_dict(spec: dict[str, Any], alt_text: str | None = None) -> dict[str, Any]:
    """Return a specification with its alt text, checked as `spec_of` does; without one, its own description serves."""
    if not spec.get("title"):
        raise ValueError("a chart without a title; give it one that states the finding")
    words = str(alt_text if alt_text is not None else spec.get("description", ""))
    if len(words.split()) < 6:
        raise ValueError(f"alt text {words!r}; needed: a sentence that says what the figure shows")
    return {key: value for key, value in {**spec, "description": words}.items() if key != "usermeta"}


_MEASURES = re.compile(r' (?:d|x|y|x1|x2|y1|y2|width|height|transform|points)="[^"]*"')
_LONG = re.compile(r"-?\d+\.\d{2,}(?:e-\d+)?")


def in_tenths(svg: str) -> str:
    """Return a drawing in tenths of a pixel, which are finer than any screen, at half the weight."""
    return _MEASURES.sub(lambda measure: _LONG.sub(lambda number: f"{round(float(number[0]), 1):g}", measure[0]), svg)


DIGITS = 5
"""Significant digits of a fraction that a chart carries; it has two decimals at least, and all digits before the point."""


def in_few_digits(value: Any, digits: int = DIGITS) -> Any:  # noqa: ANN401  # JSON of any form
    """Return JSON with every float in so many significant digits, whole parts whole; what is no number is nothing."""
    if isinstance(value, float):
        rounded = float(f"{value:.{digits}g}") if math.isfinite(value) else None
        return round(value, 2) if 10 ** (digits - 2) <= abs(value) < 2**53 else rounded
    if isinstance(value, dict):
        return {key: in_few_digits(item, digits) for key, item in value.items()}
    return [in_few_digits(item, digits) for item in value] if isinstance(value, list) else value


def chart_html(spec: dict[str, Any], name: str = "chart") -> str:
    """Return what carries a chart to a page: its specification, under its name.

    The site draws it from there, once for each width at which it is seen.
    """
    payload = json.dumps(in_few_digits(spec), separators=(",", ":"), sort_keys=True).replace("<", "\\u003c")
    label, name = (html.escape(text, quote=True) for text in (spec["description"], name))
    return (
        f'<div class="review-chart" data-chart="{name}" role="group" aria-label="{label}">'
        f'<script type="{CHART_MIME}">{payload}</script></div>'
    )


def at_work(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a chart as a front end that runs notebooks takes it: its specification, for both versions of Vega-Lite."""
    return {CHART_MIME: spec, OLDER_MIME: {**spec, "$schema": "https://vega.github.io/schema/vega-lite/v5.json"}}
