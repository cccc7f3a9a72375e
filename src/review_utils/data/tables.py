"""Tables of numbers printed in papers, and of what we derive from data sets of others, with columns, units and source.

``data/datapackage.json`` (Frictionless Data Package) describes every table; nothing is read that it does
not describe, and every cell is of the type that it says. How a cell is written and how far its number may go, and what
cells say together, the engine checks before anything is built.
"""

from __future__ import annotations

import contextlib
import csv
import io
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from review_utils.records.reading import RecordError, fault, read_json, read_text, with_id
from review_utils.review import project_root, relative

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class TableInfo:
    """What the data package says of one table."""

    name: str
    path: Path
    title: str
    cite: str
    locator: str
    verification: str
    fields: tuple[Mapping[str, Any], ...]


def describe(name: str, data: Path | None = None) -> TableInfo:
    """Return the description of one table; KeyError names the near misses."""
    return with_id(table_infos(data).values(), name, "table", field="name", within="data/datapackage.json")


def table_infos(data: Path | None = None) -> dict[str, TableInfo]:
    """Return the description of every table of the data package.

    Raises
    ------
    RecordError
        Where it is no data package; the engine's check says what is wrong with which entry.
    """
    data = data or project_root() / "data"
    located = read_json(data / "datapackage.json", "the data package that describes every table")
    try:
        return {
            entry["name"]: TableInfo(
                entry["name"], data / entry["path"], entry["title"], entry["cite"], entry["locator"],
                entry["verification"], tuple(entry["schema"]["fields"]),
            )
            for entry in located.data["resources"]
            if entry.get("format") != "parquet"
        }  # fmt: skip
    except (AttributeError, KeyError, TypeError):
        needed = "entries that describe every table; review check names what is wrong"
        raise RecordError([located.problem(("resources",), "what stands here", needed)]) from None


def _cast(text: str, field: Mapping[str, Any]) -> Any:
    if text == "":
        if field.get("constraints", {}).get("required"):
            raise ValueError("a value; this column may not be empty")
        return None
    if field["type"] == "string":
        return text
    whole = field["type"] == "integer"
    kind, needed = (int, "a whole number") if whole else (float, "a finite number, in plain digits")
    plain = re.fullmatch(r"[-+.0-9eE]+", text)  # Python also reads 1_000, padded numbers and other scripts' digits
    with contextlib.suppress(ValueError):
        if plain and math.isfinite(value := kind(text)):
            return value
    raise ValueError(needed)


def read_columns(
    info: TableInfo, judge: Callable[[str, Any, Mapping[str, Any]], object] = lambda *_: None
) -> dict[str, list[Any]]:
    """Read one table, each cell of the type that its column says.

    Parameters
    ----------
    info : TableInfo
    judge : callable, optional
        Asked of each cell that is not empty, with its text, its value and its column; its ValueError says what is needed.

    Returns
    -------
    dict
        The cells of each column as described: text as str, numbers as float or int, empty ones None.

    Raises
    ------
    RecordError
        With every problem: file, line, column, what was given and what is needed.
    """
    text = read_text(info.path, "the file that data/datapackage.json names")
    try:
        rows = list(csv.reader(io.StringIO(text)))
    except csv.Error as error:
        need = "lines that end in a line feed, quotes closed"
        raise RecordError([fault(info.path, "(table)", str(error), need)]) from None
    if len(rows) == 1:
        raise RecordError([fault(info.path, "(table)", "a header alone", "at least one row")])
    names = [field["name"] for field in info.fields]
    if not rows or rows[0] != names:
        given = ", ".join(rows[0]) if rows else "an empty file"
        raise RecordError([fault(info.path, "(header)", given, f"the columns {', '.join(names)}")])
    problems = []
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(names):
            problems.append(fault(info.path, "(row)", f"{len(row)} cells", f"{len(names)} cells", line))
            continue
        for field, cell in zip(info.fields, row, strict=True):
            try:
                columns[field["name"]].append(value := _cast(cell, field))
                if value is not None:
                    judge(cell, value, field)
            except ValueError as error:
                problems.append(fault(info.path, field["name"], cell or "nothing", str(error), line))
    if problems:
        raise RecordError(problems)
    return columns


def read_table(info: TableInfo) -> pd.DataFrame:
    """Read one table, as `read_columns` does.

    Returns
    -------
    DataFrame
        Text as str, numbers as float or nullable integer, empty cells missing.
    """
    import pandas as pd

    columns, dtypes = read_columns(info), {"string": "str", "number": "float64", "integer": "Int64"}
    return pd.DataFrame({f["name"]: pd.Series(columns[f["name"]], dtype=dtypes[f["type"]]) for f in info.fields})


def table(name: str, data: Path | None = None) -> pd.DataFrame:
    """Return one table of ``data/published`` or ``data/derived`` by its name, as the data package describes it.

    Parameters
    ----------
    name : str
    data : path, optional
        The data folder; default is that of the review at or above the working folder.

    Examples
    --------
    >>> table("hoffmann2022_parametric_fit").set_index("parameter").printed["alpha"]
    np.float64(0.34)
    """
    return read_table(describe(name, data))


def derived(name: str, computed: pd.DataFrame | None, tolerance: float = 1e-4) -> pd.DataFrame:
    """Return a table of ``data/derived``, compared with what was just computed where its data set is at hand.

    A figure drawn from it is the same on a fresh clone and beside the data set.

    Parameters
    ----------
    name : str
    computed : DataFrame or None
        The same columns and rows, just computed; None when the set was not fetched.
    tolerance : float
        How far a number may be from the one kept: absolute, and relative for numbers above 1.

    Raises
    ------
    ValueError
        When what was computed is not what is kept: the columns, the rows, or the first number that differs.
    """
    import pandas as pd

    info = describe(name)
    kept = read_table(info)
    if computed is None:
        return kept
    mend = f"Find out what changed, or write the new rows into {relative(info.path)}."
    if list(computed.columns) != list(kept.columns) or len(computed) != len(kept):
        given = f"{len(computed)} rows of {', '.join(map(str, computed.columns))}"
        raise ValueError(f"{name}: computed {given}; kept {len(kept)} rows of {', '.join(kept.columns)}. {mend}")
    for column in kept.columns:
        for row, (new, old) in enumerate(zip(computed[column], kept[column], strict=True)):
            if isinstance(old, str) or pd.isna(old):
                same = pd.isna(new) if not isinstance(old, str) else str(new) == old
            else:
                same = abs(float(new) - float(old)) <= tolerance * max(1.0, abs(float(old)))
            if not same:
                raise ValueError(f"{name}: row {row} of {column} is {new}, and the table keeps {old}. {mend}")
    return kept
