"""Searches of the literature, as ``data/sweeps.yml`` records them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

from pydantic import Field, NonNegativeInt

from review_utils.records.reading import Problem, Record, RecordError, Text, parse_list, read_yaml


class Sweep(Record):
    """One search of the literature."""

    date: Annotated[dt.date, Field(strict=False)]
    source: Text
    query: Text
    screened: NonNegativeInt | None = None
    included: NonNegativeInt
    note: Text | None = None


def load_sweeps(data: Path) -> list[Sweep]:
    """Load ``data/sweeps.yml``, the oldest first.

    Raises
    ------
    RecordError
        Also when more came in than were screened.
    """
    located = read_yaml(data / "sweeps.yml")
    sweeps = parse_list(Sweep, located)
    problems: list[Problem] = [
        located.problem((i, "included"), s.included, f"at most the {s.screened} that were screened")
        for i, s in enumerate(sweeps)
        if s.screened is not None and s.included > s.screened
    ]
    if not sweeps:
        problems.append(located.problem((), "an empty list", "at least one search"))
    if problems:
        raise RecordError(problems)
    return sorted(sweeps, key=lambda s: s.date)
