"""One table renderer for the whole book: real HTML tables in which every cell is escaped text."""

from __future__ import annotations

import html
import math
import numbers
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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


MOST_ROWS = 10_000
"""Rows that one page shows."""

CARDS_FROM, MANY_ROWS = 4, 60
"""Columns from which a table is cards on a phone, each cell with the name of its column; rows beyond which it scrolls in a box."""


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing: None, or pandas' own missing values, which are known by name so that pandas is not needed."""
    of_pandas = type(value).__name__ in ("NAType", "NaTType")
    return value is None or of_pandas or (isinstance(value, numbers.Real) and value != value)


def cell_text(value: object, digits: int = 4) -> str:
    """Return a cell as plain text: numbers with at most `digits` significant digits, missing values as a dash."""
    if is_missing(value):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, numbers.Real):
        number = float(value)
        if math.isinf(number):
            return "unbounded" if number > 0 else "unbounded below"
        if number == int(number) and abs(number) < 1e6:
            return f"{int(number):,}"
        text = f"{number:,.{digits}g}"
        return text if "e" not in text else f"{number:.{digits - 1}e}"
    if isinstance(value, list | tuple):
        return "; ".join(cell_text(item, digits) for item in value) or "–"
    return str(value)


def _cell_record(value: object) -> object:
    """Return a cell as JSON: a number, a truth, text, nothing, or a list of these."""
    if is_missing(value) or isinstance(value, bool | str):
        return None if is_missing(value) else value
    if isinstance(value, numbers.Real):
        number = float(value)
        if math.isinf(number):
            return cell_text(number)
        return int(number) if number.is_integer() else number
    if isinstance(value, Fold):
        return {"text": value.text, "items": [_cell_record(item) for item in value.items]}
    if isinstance(value, list | tuple):
        return [_cell_record(item) for item in value]
    return str(value)


_WHOLE = re.compile(
    r"\d{4}-\d{2}(?:-\d{2})?"  # a day or a month
    r"|(?:arXiv[: ])?\d{4}\.\d{4,5}(?:v\d+)?"
    r"|[~≈<>≤≥±+−–-]?\d[\d.,]*(?:e[+-]?\d+)?(?: ?[%×]| [A-Za-zµ]{1,10})?"
)
"""What is read as one and broken nowhere: a date, an id, a number with its unit."""


def _css(value: object, is_number: bool) -> str:
    whole = isinstance(value, str | Ref) and _WHOLE.fullmatch(str(value))
    return ' class="number"' if is_number else ' class="whole"' if whole else ""


def _cell_html(value: object, digits: int) -> str:
    if isinstance(value, list | tuple) and value:
        return "".join(f"<div{_css(item, False)}>{_cell_html(item, digits)}</div>" for item in value)
    if drawn := getattr(value, "cell_html", None):  # a kind of cell of whoever makes the table
        return str(drawn())
    if isinstance(value, Fold) and value.items:
        inside = "".join(f"<div>{_cell_html(item, digits)}</div>" for item in value.items)
        return f"<details><summary>{html.escape(value.text)}</summary>{inside}</details>"
    text = html.escape(cell_text(value, digits), quote=True)
    if isinstance(value, Ref):
        return f'<a class="reference internal" href="{html.escape(f"@root/{value.page}", quote=True)}">{text}</a>'
    return text


@dataclass(frozen=True)
class Table:
    """Rows with a caption, as HTML and as text.

    Parameters
    ----------
    columns : tuple of str
        Names as the reader sees them.
    rows : tuple of tuples
        Cells: text, numbers, booleans, `Ref`, `Fold`, or lists of these.
    caption : str
        What the table shows, in a sentence.
    units : mapping, optional
        Unit of a column, shown in its head.
    digits : int
        Significant digits.
    row_ids : tuple of str
        Anchor of each row, where rows are linked to.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    caption: str
    units: Mapping[str, str] = field(default_factory=dict)
    digits: int = 4
    row_ids: tuple[str, ...] = ()

    def _is_numeric(self, column: int) -> bool:
        cells = [row[column] for row in self.rows if not is_missing(row[column])]
        return bool(cells) and all(isinstance(c, numbers.Real) and not isinstance(c, bool) for c in cells)

    def to_html(self) -> str:
        """Return the table as HTML; the first column heads each row."""
        numeric = [self._is_numeric(i) for i in range(len(self.columns))]
        heads = []
        for name, is_number in zip(self.columns, numeric, strict=True):
            unit = self.units.get(name)
            small = f' <span class="unit">{html.escape(unit)}</span>' if unit else ""
            css = ' class="number"' if is_number else ""
            heads.append(f'<th scope="col"{css}>{html.escape(name)}{small}</th>')
        cards, many, long = len(self.columns) >= CARDS_FROM, len(self.columns) >= 8, len(self.rows) > MANY_ROWS
        body = []
        for r, row in enumerate(self.rows):
            cells = []
            for i, (value, is_number) in enumerate(zip(row, numeric, strict=True)):
                tag, scope = ("th", ' scope="row"') if i == 0 and not isinstance(value, Fold) else ("td", "")
                css = _css(value, is_number)
                said = f' data-label="{html.escape(self.columns[i], quote=True)}"' if cards and (i or is_number) else ""
                cells.append(f"<{tag}{scope}{css}{said}>{_cell_html(value, self.digits)}</{tag}>")
            anchor = f' id="{html.escape(self.row_ids[r], quote=True)}"' if self.row_ids else ""
            body.append(f"<tr{anchor}>{' '.join(cells)}</tr>")
        empty = f'<tr><td colspan="{len(self.columns)}">None.</td></tr>'
        label = html.escape(self.caption, quote=True)
        return (
            f'<div class="review-table{" review-table--cards" * cards}{" review-table--many" * many}{" review-table--long" * long}" tabindex="0" role="region" aria-label="{label}"><table>'
            f"<caption><span>{html.escape(self.caption)}</span></caption>"
            f"<thead><tr>{' '.join(heads)}</tr></thead><tbody>{' '.join(body) or empty}</tbody></table></div>"
        )

    def to_record(self) -> dict[str, object]:
        """Return the table as JSON: what the regression tests compare."""
        return {
            "caption": self.caption,
            "columns": list(self.columns),
            "units": dict(self.units),
            "rows": [[_cell_record(value) for value in row] for row in self.rows],
        }

    def to_text(self) -> str:
        """Return the table as tab-separated text, one line a row."""
        lines = [self.caption, "\t".join(self.columns)]
        lines += ["\t".join(cell_text(v, 6) for v in row) for row in self.rows]
        return "\n".join(lines)


def from_rows(
    rows: Sequence[Mapping[str, object]], columns: Sequence[str], caption: str, row_ids: tuple[str, ...] = ()
) -> Table:
    """Return a table from dictionaries, with the columns in the order given (also when there is no row)."""
    return Table(tuple(columns), tuple(tuple(row[c] for c in columns) for row in rows), caption, row_ids=row_ids)


def from_frame(frame: pd.DataFrame, caption: str, units: Mapping[str, str] | None = None, digits: int = 4) -> Table:
    """Return a table from a frame, whose index is not shown: one that says more than the number of a row is refused.

    Raises
    ------
    TypeError, ValueError
        For what is no frame, and for one that no reader could use: without columns or caption, of one name twice, with
        more rows than a page bears, or with units of a column that there is not, or with an index that names its rows.
    """
    if not hasattr(frame, "itertuples"):
        raise TypeError(f"given {type(frame).__name__}; needed: a frame of pandas")
    names = list(frame.columns)
    known = set(map(str, names))
    index = frame.index
    said = ", ".join(str(name) for name in index.names if name is not None)
    lost = said or (len(index) > 0 and (index.nlevels > 1 or index.dtype.kind not in "iu"))
    for wrong, given, needed in (
        (not caption.strip(), "no caption", "a sentence that says what the table shows"),
        (not names, "a frame without columns", "at least one"),
        (len(known) < len(names), f"the columns {', '.join(map(str, names))}", "each name once"),
        (any(isinstance(name, tuple) for name in names), f"the column {names[0] if names else ''}", "plain names; flatten them"),
        (lost, f"the index {said or repr(index[:1].tolist()[0]) if lost else ''}, which is not shown", "reset_index(), which makes a column of it, or reset_index(drop=True)"),
        (len(frame) > MOST_ROWS, f"{len(frame):,} rows", f"at most {MOST_ROWS:,}; the rest is data to be downloaded"),
        (not {*(units or {})} <= known, f"units of {', '.join({*(units or {})} - known)}", f"of the columns {', '.join(known)}"),
    ):  # fmt: skip
        if wrong:
            raise ValueError(f"given {given}; needed: {needed}")
    rows = tuple(frame.astype(object).itertuples(index=False, name=None))
    return Table(tuple(map(str, frame.columns)), rows, caption, units or {}, digits)
