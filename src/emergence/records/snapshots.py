"""What was known on the day on which a forecast was made: ``data/forecasts/snapshots/<day>.json``.

A record lives on: findings are redated, renamed, taken out. What a forecast's method gave can be shown again only from
what it was given, so that this is kept with the forecast and nothing later is compared with today's record.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator

from review_utils.data.tables import table
from review_utils.records.chain import digest
from review_utils.records.quantities import Day, PartialDate
from review_utils.records.reading import Record, Slug, Text, parse, read_text, read_yaml
from review_utils.records.register import (
    Finding,
    Membership,
    Register,
    Shape,
    Standing,
    StructuralTest,
    TestResult,
)
from review_utils.records.status import as_of
from review_utils.review import files_in

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "snapshots"


class KnownShape(Record):
    """A shape that a finding was said to take."""

    id: Slug
    standing: Standing


class KnownTest(Record):
    """A structural test with its result."""

    test: Slug
    result: TestResult


class KnownFinding(Record):
    """Of a finding, what rules and forecasts ask for."""

    id: Slug
    authors: list[Text]
    published: PartialDate
    recorded: PartialDate
    group: Slug
    shapes: list[KnownShape] = []
    tests: list[KnownTest] = []

    @model_validator(mode="after")
    def _lists_without_twins(self) -> Self:
        """Let two tests be alike: what told them apart is not kept."""
        return self


class Snapshot(Record):
    """The inputs of the forecasts of one day."""

    day: Day
    taken_from: Text
    shapes: list[Shape]
    findings: list[KnownFinding]
    tables: dict[str, list[dict[str, str | float | int | None]]]

    @cached_property
    def register(self) -> Register:
        """The findings and rules of that day, as far as the status of shapes depends on them."""
        findings = tuple(
            Finding.model_construct(
                id=f.id,
                authors=list(f.authors),
                published=f.published,
                recorded=f.recorded,
                group=f.group,
                shapes=[Membership.model_construct(id=s.id, part="as recorded", standing=s.standing, proposed_by="later-reading") for s in f.shapes],
                tests=[StructuralTest(test=t.test, result=t.result, note="as recorded") for t in f.tests],
            )
            for f in self.findings
        )  # fmt: skip
        return Register(findings, tuple(self.shapes), (), ())

    def table(self, name: str) -> pd.DataFrame:
        """Return a table as it was; KeyError names those that are kept."""
        import pandas as pd

        if name not in self.tables:
            raise KeyError(f"no table {name} in the snapshot of {self.day}; there are: {', '.join(self.tables)}")
        return pd.DataFrame(self.tables[name])


def digest_of(snapshot: Snapshot) -> str:
    """Return the first 16 digits of the SHA-256 of a snapshot's content, whatever its layout on disk."""
    return digest(json.dumps(snapshot.model_dump(mode="json"), sort_keys=True, ensure_ascii=False))


def take(register: Register, day: dt.date, tables: Iterable[str], taken_from: str) -> Snapshot:
    """Return the snapshot of what a register and tables hold, of findings those recorded by a day.

    Parameters
    ----------
    register : Register
    day : date
    tables : iterable of str
        Names of the tables that the day's forecasts ask about.
    taken_from : str
        What it was taken from, in words: the working record, or a commit.
    """
    known = as_of(register, day, "recorded").findings
    rows: dict[str, Any] = {
        name: json.loads(table(name, register.data).to_json(orient="records")) for name in sorted(set(tables))
    }
    return Snapshot.model_validate(
        {
            "day": day.isoformat(),
            "taken_from": taken_from,
            "shapes": [s.model_dump(exclude_none=True) for s in register.shapes],
            "findings": [
                {
                    "id": f.id,
                    "authors": f.authors,
                    "published": f.published,
                    "recorded": f.recorded,
                    "group": f.group,
                    "shapes": [{"id": m.id, "standing": m.standing} for m in f.shapes],
                    "tests": [{"test": t.test, "result": t.result} for t in f.tests],
                }
                for f in sorted(known, key=lambda f: f.id)
            ],
            "tables": rows,
        }
    )


def write(snapshot: Snapshot, data: Path) -> Path:
    """Write a snapshot under its day, beside another of the same day where the record changed in between."""
    folder = data / "forecasts" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{snapshot.day.isoformat()}.json"
    if path.is_file() and digest_of(read(path)) != digest_of(snapshot):
        path = folder / f"{snapshot.day.isoformat()}-{digest_of(snapshot)}.json"
    text = json.dumps(snapshot.model_dump(mode="json", exclude_none=True), indent=1, ensure_ascii=False)
    path.write_bytes(f"{text}\n".encode())
    return path


def read(path: Path) -> Snapshot:
    """Return one snapshot from its file.

    Raises
    ------
    RecordError
        With file, line and remedy.
    """
    return parse(Snapshot, read_yaml(path))


def load_snapshots(data: Path) -> dict[str, Snapshot]:
    """Return every snapshot by its digest, in the order of their files' names.

    Raises
    ------
    RecordError
        With the problems of the first file that does not hold one.
    """
    paths = sorted(
        files_in(data / "forecasts" / FOLDER, "*.json"), key=lambda path: path.stem
    )  # a day before its further ones
    return dict(map(_digested, paths))


_DIGESTED: dict[str, tuple[str, Snapshot]] = {}
"""What texts of snapshots hold, and its digest: they are kept as they were."""


def _digested(path: Path) -> tuple[str, Snapshot]:
    text = read_text(path)
    if text not in _DIGESTED:
        snapshot = read(path)
        _DIGESTED[text] = digest_of(snapshot), snapshot
    return _DIGESTED[text]


def of_day(snapshots: dict[str, Snapshot], day: dt.date) -> Snapshot | None:
    """Return the first snapshot of a day, for forecasts that name none; None where there is none."""
    return next((s for s in snapshots.values() if s.day == day), None)
