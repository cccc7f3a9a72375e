"""Controls for a running notebook: explore the register, the scaling laws and the curves that are tested for breaks.

Each is a function that returns one ipywidgets box. In the built book a kernel is missing; there the same is done by
the register's page, by a slider on the laws' chart and by a menu on the curves' chart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from emergence.shared.checks import option
from review_utils.records.register import Finding, Register, load_register
from review_utils.records.status import was_tested
from review_utils.show.tables import from_rows


def matches(register: Register, finding: Finding, **chosen: str) -> bool:
    """Whether a finding has all that is chosen; an empty choice asks for nothing.

    Parameters
    ----------
    register : Register
    finding : Finding
    **chosen : str
        ``role``, ``shape``, ``criterion``, ``test``, ``family``, ``verified`` (all or some), ``since`` (a date) and
        ``words``.

    Raises
    ------
    ValueError
        For the name of a choice, a shape, a test or a criterion that there is not, with those that there are.
    """
    text = f"{finding.title} {finding.short} {finding.summary} {finding.id}".lower()
    asks: dict[str, Callable[[str], bool]] = {
        "role": lambda v: finding.role == v,
        "shape": lambda v: any(place.id == v for place in finding.shapes),
        "criterion": lambda v: finding.criteria[v].verdict == "met",
        "test": lambda v: was_tested(finding, v),
        "family": lambda v: v in register.families_of(finding),
        "verified": lambda v: (v == "all") == all(m.is_verified for m in finding.measurements),
        "since": lambda v: finding.published >= v[: len(finding.published)],
        "words": lambda v: all(word in text for word in v.lower().split()),
    }
    known = {
        "shape": [shape.id for shape in register.shapes],
        "test": [test.id for test in register.tests],
        "criterion": [*register.criteria],
        "verified": ["all", "some"],
    }
    for name, value in chosen.items():
        option(*asks)("the name of a choice", name)
        if value and name in known:
            option(*known[name])(name, value)
    return all(asks[name](value) for name, value in chosen.items() if value)


def _menu(label: str, options: Sequence[tuple[str, str]]) -> widgets.Dropdown:
    wide = {"description_width": "9rem"}
    return widgets.Dropdown(options=[("any", ""), *options], value="", description=label, style=wide)


def register_explorer() -> widgets.VBox:
    """Return a box that filters the findings by role, shape, criterion, test, verification, model family and date."""
    register = load_register()
    newest = sorted(register.findings, key=lambda f: (f.published, f.id), reverse=True)
    fields: dict[str, Any] = {
        "role": _menu("Role", [(r.replace("-", " "), r) for r in sorted({f.role for f in newest})]),
        "shape": _menu("Shape", [(s.title, s.id) for s in register.shapes]),
        "criterion": _menu("Criterion met", [(title, name) for name, title in register.criteria.items()]),
        "test": _menu("Test that was run", [(t.title, t.id) for t in register.tests]),
        "family": _menu(
            "Model family", [(f, f) for f in sorted({name for f in newest for name in register.families_of(f)})]
        ),
        "verified": _menu("Measurements", [("all verified", "all"), ("some not verified", "some")]),
        "since": widgets.Text(description="Since", placeholder="2025-01", style={"description_width": "9rem"}),
        "words": widgets.Text(description="Words", style={"description_width": "9rem"}),
    }
    shown = widgets.HTML()

    def update(_: object = None) -> None:
        chosen = {name: field.value for name, field in fields.items()}
        rows = [
            {"Finding": f.title, "By": f.short, "Published": f.published, "Role": f.role.replace("-", " ")}
            for f in newest
            if matches(register, f, **chosen)
        ]
        caption = f"{len(rows)} of {len(newest)} findings"
        shown.value = from_rows(rows, ["Finding", "By", "Published", "Role"], caption).to_html()

    for field in fields.values():
        field.observe(update, "value")
    update()
    return widgets.VBox([*fields.values(), shown])
