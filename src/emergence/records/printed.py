"""What the studies of ``data/studies`` print, for who shows or checks one of their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from review_utils.records.quantities import StudyNumber
from review_utils.records.reading import did_you_mean, rows


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


def printed_by_studies(data: Path) -> dict[str, Printed]:
    """Return what each study prints, by its key."""
    return {
        row["key"]: Printed(row["key"], row["read"]["how"], {number["id"]: number for number in row.get("numbers", [])})
        for row in rows(data / "studies", "key", "read")
    }
