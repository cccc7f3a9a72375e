"""One table renderer for the whole book: real HTML tables in which every cell is escaped text."""

from __future__ import annotations

import html
import math
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Ref:
    """A cell that links to a page of the book; both parts are escaped.

    Parameters
    ----------
    text : str
        What the reader sees.
    page : str
        Page and optional anchor from the book's root, as ``findings/some-id`` or ``chapters/x#id``.
    """

    text: str
    page: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Fold:
    """A cell that opens to more: a short text, and items that are shown when the reader asks."""

    text: str
    items: tuple[object, ...]

    def __str__(self) -> str:
        return f"{self.text}: {'; '.join(cell_text(item) for item in self.items)}" if self.items else self.text


def cell_text(value: object, digits: int = 4) -> str:
    """Return a cell as plain text: numbers with at most `digits` significant digits, missing values as a dash."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, numbers.Real):
        number = float(value)
        if pd.isna(number):
            return "–"
        if math.isinf(number):
            return "unbounded" if number > 0 else "unbounded below"
        if number == int(number) and abs(number) < 1e6:
            return f"{int(number):,}"
        text = f"{number:,.{digits}g}"
        return text if "e" not in text else f"{number:.{digits - 1}e}"
    if value is None or value is pd.NA or value is pd.NaT:
        return "–"
    if isinstance(value, str | Ref | Fold):
        return str(value)
    if isinstance(value, list | tuple):
        return "; ".join(cell_text(item, digits) for item in value) or "–"
    return str(value)


def _cell_html(value: object, digits: int) -> str:
    if isinstance(value, list | tuple) and value:
        return "".join(f"<div>{_cell_html(item, digits)}</div>" for item in value)
    if isinstance(value, Fold) and value.items:
        inside = "".join(f"<div>{_cell_html(item, digits)}</div>" for item in value.items)
        return f"<details><summary>{html.escape(value.text)}</summary>{inside}</details>"
    text = html.escape(cell_text(value, digits), quote=True)
    if isinstance(value, Ref):
        return f'<a class="reference internal" href="{html.escape(f"@root/{value.page}", quote=True)}">{text}</a>'
    return text


@dataclass(frozen=True)
class Table:
    """A frame with a caption, as HTML and as text.

    Parameters
    ----------
    frame : DataFrame
        Its index is not shown. Cells may be text, numbers, booleans, `Ref` or lists of these.
    caption : str
        What the table shows, in a sentence.
    units : mapping, optional
        Unit of a column, shown in its head.
    digits : int
        Significant digits.
    row_ids : tuple of str
        Anchor of each row, where rows are linked to.
    """

    frame: pd.DataFrame
    caption: str
    units: Mapping[str, str] = field(default_factory=dict)
    digits: int = 4
    row_ids: tuple[str, ...] = ()

    def to_html(self) -> str:
        """Return the table as HTML; the first column heads each row."""
        numeric = [
            all(isinstance(v, numbers.Real) and not isinstance(v, bool) for v in self.frame.iloc[:, i].dropna())
            and self.frame.iloc[:, i].notna().any()
            for i in range(self.frame.shape[1])
        ]
        heads = []
        for name, is_number in zip(self.frame.columns, numeric, strict=True):
            unit = self.units.get(name)
            small = f' <span class="unit">{html.escape(unit)}</span>' if unit else ""
            heads.append(f'<th scope="col"{" class=number" if is_number else ""}>{html.escape(str(name))}{small}</th>')
        body = []
        for r, row in enumerate(self.frame.itertuples(index=False, name=None)):
            cells = []
            for i, (value, is_number) in enumerate(zip(row, numeric, strict=True)):
                tag, scope = ("th", ' scope="row"') if i == 0 else ("td", "")
                css = ' class="number"' if is_number else ""
                cells.append(f"<{tag}{scope}{css}>{_cell_html(value, self.digits)}</{tag}>")
            anchor = f' id="{html.escape(self.row_ids[r], quote=True)}"' if self.row_ids else ""
            body.append(f"<tr{anchor}>{''.join(cells)}</tr>")
        empty = f'<tr><td colspan="{self.frame.shape[1]}">None.</td></tr>'
        return (
            f'<div class="review-table" tabindex="0" role="region" aria-label="{html.escape(self.caption, quote=True)}"><table>'
            f"<caption>{html.escape(self.caption)}</caption>"
            f"<thead><tr>{''.join(heads)}</tr></thead><tbody>{''.join(body) or empty}</tbody></table></div>"
        )

    def to_text(self) -> str:
        """Return the table as tab-separated text, one line a row: what the regression tests compare."""
        lines = [self.caption, "\t".join(str(name) for name in self.frame.columns)]
        lines += ["\t".join(cell_text(v, 6) for v in row) for row in self.frame.itertuples(index=False, name=None)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        return self.to_text()


def from_rows(rows: Sequence[Mapping[str, object]], columns: Sequence[str], caption: str) -> Table:
    """Return a table from dictionaries, with the columns in the order given (also when there is no row)."""
    return Table(pd.DataFrame(list(rows), columns=list(columns), dtype=object), caption)
