"""Filling a derived table row by row, going on where an earlier run stopped."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

Todo = tuple[tuple[str, ...], Callable[[], Mapping[str, object]]]
"""The first cells of a row, by which it is known, and what computes the row."""


def fill(table: Path, columns: Sequence[str], todo: Iterable[Todo]) -> None:
    """Add to a table the rows that it lacks, each as soon as it is computed; a last line that broke off is made anew."""
    text = table.read_text(encoding="utf-8") if table.exists() else ""
    whole = text[: text.rfind("\n") + 1] or ",".join(columns) + "\n"
    done = [tuple(row) for row in csv.reader(whole.splitlines())]
    if whole != text:
        table.parent.mkdir(parents=True, exist_ok=True)
        table.write_bytes(whole.encode())
    with table.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        for known, row in todo:
            if not any(cells[: len(known)] == known for cells in done):
                writer.writerow(row())
                stream.flush()
