"""The compendium of scaling laws as one table: form, constants, runs and standing of each."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable

from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml

from review_utils.records.laws import READ_WORDS, STANDING_WORDS, Law, Laws

COLUMNS = ("Law", "Family", "Standing", "Form, constants and runs")


def form_html(latex: str) -> str:
    """Return a formula as MathML, which needs no script; one that cannot be shown so stands as its source."""
    try:
        return str(tex2mathml(latex, as_block=False))
    except (MathError, AttributeError, IndexError):  # what its parser meets in text that is no formula
        return f"<code>{html.escape(latex)}</code>"


def laws_html(laws: Laws) -> str:
    """Return every law in one table that can be sorted, family by family."""
    counts: Counter[str] = Counter(law.status.is_ for law in laws)
    caption = (
        f"{len(laws)} published laws in {len(laws.families)} families: "
        + ", ".join(f"{counts[key]} {STANDING_WORDS[key]}" for key in STANDING_WORDS if counts[key])
    )  # fmt: skip
    head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    rows = "".join(_row(laws, law, family) for family, members in laws.families.items() for law in members)
    label = html.escape(caption, quote=True)
    return (
        f'<div class="review-table" tabindex="0" role="region" aria-label="{label}"><table>'
        f"<caption>{html.escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _fold(summary: str, items: Iterable[str]) -> str:
    inside = "".join(f"<div>{item}</div>" for item in items)
    return f"<details><summary>{html.escape(summary)}</summary>{inside}</details>"


def _row(laws: Laws, law: Law, family: str) -> str:
    esc = html.escape
    constants = [
        esc(f"{c.printed}; {c.locator}; {READ_WORDS[c.read]}{f' ({c.note})' if c.note else ''}") for c in law.constants
    ]
    numbers = sum(isinstance(c.value, float) for c in law.constants)
    intervals = sum(c.interval is not None for c in law.constants)
    said = f"{numbers} number{'s' if numbers > 1 else ''}" if numbers else "no number read"
    said += f", {intervals} with an interval" if intervals else ""
    runs = [
        f"<b>Models and data</b> {esc(law.models_data)}",
        f"<b>Variables</b> {esc('; '.join(f'{name}: {what}' for name, what in law.variables.items()))}",
        f"<b>Range</b> {esc(law.ranges or 'not read')}",
        f"<b>Schedule</b> {esc(law.schedule)}",
        f"<b>Fitted</b> {esc(law.how_fitted)}",
    ]
    optimum = law.optimum
    if optimum:
        parts = [f"size grows as compute to the {optimum.size:g}" if optimum.size is not None else ""]
        parts += [f"tokens per parameter: {optimum.ratio}" if optimum.ratio else "", optimum.note or ""]
        runs.append(f"<b>Optimum</b> {esc('; '.join(p for p in parts if p))}")
    if law.note:
        runs.append(f"<b>Note</b> {esc(law.note)}")
    standing = esc(STANDING_WORDS[law.status.is_])
    if law.status.because:
        by = ", ".join(laws.references[key].label for key in law.status.by)
        standing = _fold(STANDING_WORDS[law.status.is_], [esc(f"by {by}: {law.status.because}")])
    link = html.escape(f"@root/references#ref-{law.cite}", quote=True)
    cells = [
        esc(family),
        standing,
        f'<div class="law-form">{form_html(law.form.latex)}</div><div>{esc(law.form.words)}</div>'
        f'<div class="review-note">{esc(law.quantity)}</div>' + _fold(said, constants) + _fold("runs and fit", runs),
    ]
    body = "".join(f"<td>{cell}</td>" for cell in cells)
    source = f'<a class="reference internal" href="{link}">{esc(laws.references[law.cite].label)}</a>'
    return (
        f'<tr id="law-{law.id}"><th scope="row">{esc(law.name)}<div class="law-source">{source}</div></th>{body}</tr>'
    )
