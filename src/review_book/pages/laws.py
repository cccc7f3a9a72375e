"""The compendium of scaling laws: one table of all, and a page for each with its constants, runs and standing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from review_book.execute.contents import toc_pages
from review_book.pages.cells import File
from review_book.pages.formulas import mathml, symbols
from review_book.pages.statements import grade_html
from review_book.pages.studies import uses_of
from review_book.records.kinds import Records
from review_book.records.sentences import filled
from review_book.records.statements import Statement
from review_utils.show.tables import from_rows

Law: TypeAlias = Any
Laws: TypeAlias = Any
"""Records that the science of the subject brings; the engine imports none of its code."""

_TABLE = re.compile(r"^(?:`{3,}|:{3,})\{part\} laws\s*$", re.MULTILINE)
"""Where a page shows the table of all laws."""

BOUND = ("e", "d", "i", "j")
"""Letters that a formula uses as everybody does: the base of logarithms, a difference, what a sum runs over."""


@dataclass(frozen=True)
class Form:
    """A cell with the formula of a law, what it says in words, and what it was fitted on."""

    law: Law

    def cell_html(self) -> str:
        """Return the formula as MathML above its words."""
        law, esc = self.law, html.escape
        numbers = sum(isinstance(c.value, float) for c in law.constants)
        intervals = sum(c.interval is not None for c in law.constants)
        said = f"{numbers} number{'s' if numbers > 1 else ''}" if numbers else "no number read"
        said += f", {intervals} with an interval" if intervals else ""
        said += f"; fitted on {law.ranges}" if law.range else ""
        return (
            f'<div><div class="law-form" tabindex="0" role="region" aria-label="Formula of {esc(law.name)}">{mathml(law.form.latex)}</div>{esc(law.form.words)}'
            f'<div class="review-note">{esc(law.quantity)}; {esc(said)}</div></div>'
        )


def laws_html(laws: Laws) -> str:
    """Return every law in one table that can be sorted, family by family; each leads to its page."""
    counts = ", ".join(f"{count} {words}" for words, count in laws.counts.items())
    caption = f"{len(laws)} published laws in {len(laws.families)} families: {counts}"
    rows = [
        {"Law": File(law.name, f"laws/{law.id}.html", opened=True), "Family": family, "Standing": law.standing, "Form": Form(law)}
        for family, members in laws.families.items()
        for law in members
    ]  # fmt: skip
    return from_rows(rows, ("Law", "Family", "Standing", "Form"), caption, tuple(f"law-{law.id}" for law in laws)).to_html()  # fmt: skip


def law_pages(records: Records, resolve: Callable[[str], str]) -> Iterator[tuple[str, str, str]]:
    """Yield the page of each law: its name, its title, and its body with links from one folder below the root."""
    laws = records.laws
    uses = uses_of(records)
    table = _page_of_the_table(records.data.parent) if laws else None
    for family, members in laws.families.items():
        for law in members:
            named = {item.id: item for item, _ in uses.get(law.cite, [])}
            said = [_statement(records, item, resolve) for item in named.values()]
            yield f"laws/{law.id}", law.name, _body(laws, law, family, said, law.cite in records.studies.by_key, table)


def _page_of_the_table(root: Path) -> str | None:
    """Return the page that shows all laws in one table, where the review has one."""
    for page in toc_pages(root):
        path = root / f"{page}.md"
        if path.is_file() and _TABLE.search(path.read_text(encoding="utf-8")):
            return page
    return None


def _statement(records: Records, item: Statement, resolve: Callable[[str], str]) -> str:
    grade = records.grader.grade(item).grade
    where = f"../statements/{records.statements.chapter_of(item.id)}.html#s-{item.id}"
    words = html.escape(filled(item.statement, resolve))
    return (
        f"<li>{grade_html(grade, records.rules.title(grade))} "
        f'<a class="reference internal" href="{where}">{words}</a></li>'
    )


def _untold(law: Law) -> list[str]:
    """Return the symbols right of a law's first equals sign of which the record says neither what they count nor a value."""
    left, _, right = law.form.latex.partition("=")
    names = " ".join([*law.variables, *(c.symbol for c in law.constants)])
    told = {word.lower() if len(word) > 1 else word for word in re.findall(r"[a-zA-Z]+", names)}
    said = " ".join([*law.variables.values(), *(c.note or "" for c in law.constants)])
    told |= set(re.findall(r"\b[a-zA-Z]+\b", said)) - {"a", "I"}
    return [name for name in symbols(right) if name not in {*told, *symbols(left), *BOUND}]


def _letter(name: str) -> str:
    return mathml(name if len(name) == 1 else f"\\{name}")


def _body(laws: Laws, law: Law, family: str, said: list[str], is_study: bool, table: str | None = None) -> str:
    """Return the body of a law's page; `said` are the statements that rest on its source, `table` is the page of all laws."""
    esc = html.escape
    reference = laws.references[law.cite]
    page = f"../studies/{law.cite}.html" if is_study else f"../references.html#ref-{law.cite}"
    source = f'<a class="reference internal" href="{esc(page, quote=True)}">{esc(reference.label)}</a>'
    standing = esc(law.standing)
    if law.status.because:
        by = ", ".join(laws.references[key].label for key in law.status.by)
        standing += esc(f" by {by}: {law.status.because}")
    facts = [
        ("Quantity", esc(law.quantity)),
        ("Source", f"{source}, {esc(reference.title)}"),
        ("Standing", standing),
        ("Family", esc(family)),
        ("Models and data", esc(law.models_data)),
        ("Runs", esc(law.ranges or "the range was not read")),
        ("Schedule", esc(law.schedule)),
        ("How it was fitted", esc(law.how_fitted)),
    ]
    optimum = law.optimum
    if optimum:
        size = f"the best size grows as compute to the power {optimum.size:g}" if optimum.size is not None else ""
        size += f" ({optimum.interval[0]:g} to {optimum.interval[1]:g})" if size and optimum.interval else ""
        parts = [size, f"tokens per parameter: {optimum.ratio}" if optimum.ratio else "", optimum.note or ""]
        facts.append(("Division of a budget", esc("; ".join(part for part in parts if part))))
    if law.note:
        facts.append(("Note", esc(law.note)))
    counted = [{"Symbol": name, "What it counts": what} for name, what in law.variables.items()]
    constants = [
        {
            "Symbol": c.symbol,
            "Value": c.value if isinstance(c.value, str) else f"{c.value:.8g}{f' {c.unit}' if c.unit else ''}",
            "Interval": f"{c.interval[0]:.6g} to {c.interval[1]:.6g}" if c.interval else "–",
            "Where": [c.locator, c.note] if c.note else c.locator,
            "Seen": c.seen,
        }
        for c in law.constants
    ]
    others = [other for other in laws.families[family] if other.id != law.id]
    parts = [
        f'<h1>{esc(law.name)}</h1><div class="law-alone">{mathml(law.form.latex)}</div><p>{esc(law.form.words)}</p>',
        f'<dl class="review-facts">{"".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in facts)}</dl>',
        "<h2>What its symbols count</h2>" + from_rows(counted, list(counted[0]), "Variables of the law").to_html()
        if counted
        else "",
        "<h2>Constants</h2>"
        + from_rows(constants, list(constants[0]), "Constants as the source prints them").to_html(),
        f"<p>In the formula, and not given here: {', '.join(map(_letter, missing))}.</p>"
        if (missing := _untold(law))
        else "",
        f"<h2>What the review concludes from its source</h2><ul>{''.join(said)}</ul>" if said else "",
        "<h2>Others of its family</h2><ul>"
        + "".join(
            f'<li><a class="reference internal" href="{other.id}.html">{esc(other.name)}</a>, '
            f"{esc(other.standing)}</li>"
            for other in others
        )
        + "</ul>"
        if others
        else "",
        f'<p><a class="reference internal" href="../{esc(table, quote=True)}.html">All laws in one table</a>, '
        'with the calculator and the spread of those that stand; <a href="../data/laws.json">as data</a>.</p>'
        if table
        else '<p><a href="../data/laws.json">All laws as data</a>.</p>',
        f'<h2>Citation</h2><pre tabindex="0">{esc(reference.text)}</pre>',
    ]
    return "".join(parts).replace('href="@root/', 'href="../')
