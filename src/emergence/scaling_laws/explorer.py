"""A control for a running notebook: what each scaling law does with a budget."""

from __future__ import annotations

import ipywidgets as widgets

from emergence import scaling_laws as sl
from review_utils.show.tables import from_rows


def law_explorer() -> widgets.VBox:
    """Return a box that shows what each chosen scaling law does with a budget."""
    laws = sl.published_laws()
    budget = widgets.FloatSlider(23.75, min=18, max=26, step=0.05, description="log10 FLOP", continuous_update=False)
    picked = widgets.SelectMultiple(
        options=[(law.name, key) for key, law in laws.items()], value=tuple(laws), description="Laws"
    )
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
