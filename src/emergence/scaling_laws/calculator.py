"""A calculator that stands in a page and needs no kernel: a budget in, what each law makes of it out.

The page carries the laws as straight lines in logarithms; a script of the site draws the answer. Without scripts the
calculator is hidden, and the page says where a table of the same stands.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from review_utils.show import present

FIELDS = ("id", "name", "live", "log_size", "exponent", "beyond")
"""What the script needs of a law; see `emergence.scaling_laws.lines`."""


def kept_of(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the laws with what the script needs of each, and no more."""
    return [{name: line[name] for name in FIELDS} for line in lines]


def calculator_html(lines: Sequence[Mapping[str, Any]], budget: float, otherwise: str) -> str:
    """Return the calculator as HTML.

    Raises
    ------
    ValueError
        Without a law that stands, for a law that lacks a field, or for a budget outside the slider.
    """
    for line in lines:
        if missing := set(FIELDS) - set(line):
            raise ValueError(f"a law without {', '.join(sorted(missing))}; needed: {', '.join(FIELDS)}")
    if not any(line["live"] for line in lines):
        raise ValueError("given no law that stands; needed: at least one for the band")
    if not 1e18 <= budget <= 1e28:
        raise ValueError(f"given a budget of {budget:g} FLOP; needed: from 1e18 to 1e28")
    payload = json.dumps(kept_of(lines), separators=(",", ":"), sort_keys=True).replace("<", "\\u003c")
    return (
        f"<noscript><p>{html.escape(otherwise)}</p></noscript>"
        '<div class="review-calculator review-js-only"><form>'
        f'<label>Training compute, FLOP<input name="flop" inputmode="decimal" autocomplete="off" value="{budget:.3g}"></label>'
        '<label>The same on a scale<input name="scale" type="range" min="18" max="28" step="0.05" value="25"></label></form>'
        '<p role="alert" class="review-calculator__error"></p>'
        '<div role="status" aria-live="polite" class="review-calculator__result"></div>'
        f'<script type="application/json">{payload}</script></div>'
        '<script src="@file/_static/review/laws.js" defer></script>'
    )


def calculator(name: str, lines: Sequence[Mapping[str, Any]], *, budget: float = 1e25, otherwise: str) -> None:
    """Show a calculator of how laws divide a budget.

    Parameters
    ----------
    name : str
        Lower-case letters, digits and dashes.
    lines : sequence of mappings
        The laws, each with `FIELDS`.
    budget : float
        The budget that it opens with, in FLOP.
    otherwise : str
        What a reader without scripts is told, in a sentence.
    """
    shown = calculator_html(lines, budget, otherwise)
    plain = "\n".join(
        f"{line['id']}: log size = {line['log_size']:.6g} + {line['exponent']:.6g} log compute{'' if line['live'] else ' (not in the band)'}"
        for line in lines
    )
    present({"text/html": shown, "text/plain": plain}, name, "calculator", {"budget": budget, "laws": kept_of(lines)})
