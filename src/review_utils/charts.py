"""Altair charts in one theme that follows light and dark, with alt text that states the finding."""

from __future__ import annotations

import html
import json
from typing import Any

import altair as alt

PALETTE = ("#3d86c6", "#d1701a", "#2f9e74", "#b75a95", "#8c8222", "#7a71e0", "#c2524c", "#5f8a99")
"""Eight colours that stand out by at least 3 to 1 from both white and the dark background."""

WIDTH, HEIGHT = 620, 320
"""Size of a chart in pixels where it says nothing else; narrow screens scale it down."""

CHART_MIME = "application/vnd.vegalite.v6+json"


@alt.theme.register("review", enable=True)  # type: ignore[untyped-decorator]  # Altair has no types here
def _theme() -> alt.theme.ThemeConfig:
    ink = "currentColor"
    text = {"labelColor": ink, "titleColor": ink, "labelFontSize": 12, "titleFontSize": 13, "titleFontWeight": 500}
    return alt.theme.ThemeConfig(
        {
            "config": {
                "background": None,
                "font": "Helvetica, Arial, sans-serif",
                "view": {"stroke": None, "continuousWidth": WIDTH, "continuousHeight": HEIGHT},
                "title": {
                    "color": ink,
                    "subtitleColor": ink,
                    "anchor": "start",
                    "fontSize": 15,
                    "fontWeight": 600,
                    "offset": 12,
                },
                "axis": {**text, "domainColor": ink, "tickColor": ink, "gridColor": ink, "gridOpacity": 0.14},
                "axisQuantitative": {"tickCount": 4},
                "legend": {**text, "orient": "top", "labelLimit": 320, "columns": 3, "symbolLimit": 60},
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
    spec: dict[str, Any] = chart.to_dict()
    if not spec.get("title"):
        raise ValueError("a chart without a title; give it one that states the finding")
    if len(alt_text.split()) < 6:
        raise ValueError(f"alt text {alt_text!r}; needed: a sentence that says what the figure shows")
    spec["description"] = alt_text
    spec.pop("usermeta", None)
    return spec


def chart_html(spec: dict[str, Any]) -> str:
    """Return the light HTML that carries a specification to the page: an empty view and the data beside it.

    The book draws a static picture into the view at build time; one script brings it to life near the screen.
    """
    payload = json.dumps(spec, separators=(",", ":"), sort_keys=True).replace("<", "\\u003c")
    label = html.escape(spec["description"], quote=True)
    return (
        f'<div class="review-chart" role="group" aria-label="{label}"><div class="review-chart__view"></div>'
        f'<script type="{CHART_MIME}">{payload}</script></div>'
    )
