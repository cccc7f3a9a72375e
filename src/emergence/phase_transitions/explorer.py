"""A control for a running notebook: one curve of GPT-3 at a time."""

from __future__ import annotations

import altair as alt
import ipywidgets as widgets
import pandas as pd

from emergence.shared.gpt3 import gpt3_curves
from emergence.shared.pictures import static_svg
from review_utils.show.charts import spec_of


def curve_frame() -> pd.DataFrame:
    """Return the points of every curve of GPT-3: curve (task and setting, with the metric where there are several), params, score."""
    found = gpt3_curves().dropna(subset="score")
    found["curve"] = found.task.astype(str) + ", " + found.setting.astype(str)
    several = found.groupby(["task", "setting"], observed=True).metric.transform("nunique") > 1
    found.loc[several, "curve"] += " (" + found.metric.astype(str) + ")"
    return found[["curve", "params", "score"]].sort_values(["curve", "params"])


def curve_explorer() -> widgets.VBox:
    """Return a box that draws one curve at a time."""
    frame = curve_frame()
    menu = widgets.Dropdown(options=list(dict.fromkeys(frame.curve)), description="Curve")
    picture = widgets.HTML()

    def update(_: object = None) -> None:
        rows = frame[frame.curve == menu.value]
        x = alt.X("params:Q").scale(type="log").title("parameters")
        points = alt.Chart(rows).mark_line(point=True).encode(x=x, y=alt.Y("score:Q").title("score as printed"))
        words = f"Score of GPT-3 on {menu.value} against the number of parameters."
        picture.value = static_svg(spec_of(points.properties(title=menu.value), words))

    menu.observe(update, "value")
    update()
    return widgets.VBox([menu, picture])
