"""What the studies of ``data/studies`` print, for who shows or checks one of their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from review_utils.records.quantities import StudyNumber
from review_utils.records.reading import did_you_mean, read_yaml
from review_utils.review import files_in


@dataclass(frozen=True)
class Printed:
    """Of a study of ``data/studies``: how it was read, and the numbers that it prints, each read when it is asked for."""

    key: str
    how: str
    numbers: Mapping[str, Mapping[str, Any]]

    def number(self, number_id: str) -> StudyNumber:
        """Return one of its numbers; KeyError names the near misses."""
        if number_id in self.numbers:
            return StudyNumber.model_validate(self.numbers[number_id])
        near = did_you_mean(number_id, self.numbers) or f"; there are: {', '.join(self.numbers) or 'none'}"
        raise KeyError(f"{self.key} has no number {number_id}{near}")


def rows(folder: Path, *fields: str) -> Iterator[dict[str, Any]]:
    """Yield the records that the files of a folder list, as plain data: those that have all of `fields`.

    For who needs a little of a kind that is checked elsewhere.
    """
    for path in files_in(folder, "*.yml"):
        listed = read_yaml(path).data
        for row in listed if isinstance(listed, list) else [listed]:
            if isinstance(row, dict) and all(name in row for name in fields):
                yield row


def printed_by_studies(data: Path) -> dict[str, Printed]:
    """Return what each study prints, by its key."""
    return {
        row["key"]: Printed(row["key"], row["read"]["how"], {number["id"]: number for number in row.get("numbers", [])})
        for row in rows(data / "studies", "key", "read")
    }
