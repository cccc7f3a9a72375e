"""A control for a running notebook: one tested curve at a time."""

from __future__ import annotations

import altair as alt
import ipywidgets as widgets
import numpy as np
import pandas as pd

from emergence.phase_transitions.curves import gpt3_curves
from review_utils.show.charts import spec_of, static_svg


def curve_frame(breaks: pd.DataFrame) -> pd.DataFrame:
    """Return the points of every curve of GPT-3 with the verdict of its test: curve, params, score, verdict, p, where."""
    points = gpt3_curves()
    keys = ["task", "metric", "setting"]
    found = points.merge(breaks[[*keys, "verdict", "p", "where"]], on=keys).dropna(subset="score")
    found["curve"] = found.task.astype(str) + ", " + found.setting.astype(str)
    several = found.groupby(["task", "setting"], observed=True).metric.transform("nunique") > 1
    found.loc[several, "curve"] += " (" + found.metric.astype(str) + ")"
    return found[["curve", "params", "score", "verdict", "p", "where"]].sort_values(["curve", "params"])


def curve_explorer(breaks: pd.DataFrame) -> widgets.VBox:
    """Return a box that draws one tested curve at a time, with its verdict.

    Parameters
    ----------
    breaks : DataFrame
        From `phase_transitions.gpt3_breaks`.
    """
    frame = curve_frame(breaks)
    names = list(dict.fromkeys(frame.curve))
    menu = widgets.Dropdown(options=names, description="Curve")
    picture, words = widgets.HTML(), widgets.HTML()

    def update(_: object = None) -> None:
        rows = frame[frame.curve == menu.value]
        first = rows.iloc[0]
        x = alt.X("params:Q").scale(type="log").title("parameters")
        points = alt.Chart(rows).mark_line(point=True).encode(x=x, y=alt.Y("score:Q").title("score as printed"))
        spec = spec_of(
            points.properties(title=menu.value), f"Score of GPT-3 on {menu.value} against the number of parameters."
        )
        picture.value = static_svg(spec)
        p = "not tested" if np.isnan(first.p) else f"p = {first.p:.3f}, bend at {first['where']:.2g} parameters"
        words.value = f"<p><b>{first.verdict}</b>, {p}</p>"

    menu.observe(update, "value")
    update()
    return widgets.VBox([menu, picture, words])
