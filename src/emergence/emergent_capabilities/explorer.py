"""Controls for a running notebook: explore the register, the scaling laws and the curves that are tested for breaks.

Each is a function that returns one ipywidgets box. In the built book a kernel is missing; there the same is done by
the register's page, by a slider on the laws' chart and by a menu on the curves' chart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from review_utils.records.index import register_index
from review_utils.records.register import Register, load_register
from review_utils.show.tables import from_rows

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
        "criterion": _menu("Criterion met", [(title, name) for name, title in register.criteria.items()]),
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
