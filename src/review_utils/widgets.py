"""Controls for a running notebook: explore the register, the scaling laws and the curves that are tested for breaks.

Each is a function that returns one ipywidgets box. In the built book a kernel is missing; there the same is done by
the register's page, by a slider on the laws' chart and by a menu on the curves' chart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import altair as alt
import ipywidgets as widgets
import numpy as np
import pandas as pd

from . import scaling_laws as sl
from .catalogue import register_index
from .charts import spec_of, static_svg
from .phase_transitions import gpt3_curves
from .register import CRITERIA, Register, load_register
from .tables import from_rows

Row = Mapping[str, Any]


def matches(row: Row, **chosen: str) -> bool:
    """Whether a row of the register's index has all that is chosen; an empty choice asks for nothing.

    Parameters
    ----------
    row : mapping
        A row of `register_index`.
    **chosen : str
        ``role``, ``shape``, ``criterion``, ``test``, ``family``, ``verified`` (all or some), ``since`` (a date) and
        ``words``.
    """
    asks: dict[str, Callable[[str], bool]] = {
        "role": lambda v: row["role"] == v,
        "shape": lambda v: any(shape["id"] == v for shape in row["shapes"]),
        "criterion": lambda v: row["criteria"][v] == "met",
        "test": lambda v: v in row["tests"],
        "family": lambda v: v in row["families"],
        "verified": lambda v: (v == "all") == (row["verified"] == row["measurements"]),
        "since": lambda v: row["published"] >= v[: len(row["published"])],
        "words": lambda v: all(w in f"{row['title']} {row['by']} {row['text']} {row['id']}".lower() for w in v.lower().split()),
    }  # fmt: skip
    return all(asks[name](value) for name, value in chosen.items() if value)


def _menu(label: str, options: Sequence[tuple[str, str]]) -> widgets.Dropdown:
    wide = {"description_width": "9rem"}
    return widgets.Dropdown(options=[("any", ""), *options], value="", description=label, style=wide)


def register_explorer(register: Register | None = None) -> widgets.VBox:
    """Return a box that filters the findings by role, shape, criterion, test, verification, model family and date."""
    register = register or load_register()
    index = register_index(register)
    fields: dict[str, Any] = {
        "role": _menu("Role", [(r.replace("-", " "), r) for r in sorted({row["role"] for row in index})]),
        "shape": _menu("Shape", [(s.title, s.id) for s in register.shapes]),
        "criterion": _menu("Criterion met", [(c.replace("_", " "), c) for c in CRITERIA]),
        "test": _menu("Test that was run", [(t.title, t.id) for t in register.tests]),
        "family": _menu("Model family", [(f, f) for f in sorted({f for row in index for f in row["families"]})]),
        "verified": _menu("Measurements", [("all verified", "all"), ("some not verified", "some")]),
        "since": widgets.Text(description="Since", placeholder="2025-01", style={"description_width": "9rem"}),
        "words": widgets.Text(description="Words", style={"description_width": "9rem"}),
    }
    shown = widgets.HTML()

    def update(_: object = None) -> None:
        chosen = {name: field.value for name, field in fields.items()}
        rows = [
            {"Finding": r["title"], "By": r["by"], "Published": r["published"], "Role": r["role"].replace("-", " ")}
            for r in index
            if matches(r, **chosen)
        ]
        caption = f"{len(rows)} of {len(index)} findings"
        shown.value = from_rows(rows, ["Finding", "By", "Published", "Role"], caption).to_html()

    for field in fields.values():
        field.observe(update, "value")
    update()
    return widgets.VBox([*fields.values(), shown])


def law_explorer() -> widgets.VBox:
    """Return a box that shows what each chosen scaling law does with a budget."""
    laws = sl.published_laws()
    budget = widgets.FloatSlider(23.75, min=18, max=26, step=0.05, description="log10 FLOP", continuous_update=False)
    picked = widgets.SelectMultiple(options=[(law.name, key) for key, law in laws.items()], value=tuple(laws), description="Laws")  # fmt: skip
    shown = widgets.HTML()

    def update(_: object = None) -> None:
        rows = []
        for key in picked.value:
            with sl.extrapolating():
                best = laws[key].optimal(10**budget.value)
            inside = laws[key].domain.holds(best.params, best.tokens)
            rows.append({"Law": laws[key].name, "Parameters": float(best.params), "Tokens": float(best.tokens), "Tokens per parameter": float(best.tokens_per_param), "Within its runs": bool(inside)})  # fmt: skip
        columns = ["Law", "Parameters", "Tokens", "Tokens per parameter", "Within its runs"]
        shown.value = from_rows(rows, columns, f"The best use of {10**budget.value:.3g} FLOP").to_html()

    for field in (budget, picked):
        field.observe(update, "value")
    update()
    return widgets.VBox([budget, picked, shown])


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
