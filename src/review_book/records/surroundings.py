"""The files around the records: the book's own, how to cite it, drills and the last execution."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from review_utils.records.quantities import PartialDate
from review_utils.records.reading import Problem, RecordError, Text, parse, parse_list, read_json, read_yaml


class _Open(BaseModel):
    """A file of another program's, of which the review reads these fields and leaves the rest alone."""

    model_config = ConfigDict(strict=True, frozen=True)


class _Contents(_Open):
    format: Text
    root: Text
    chapters: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []


class _Book(_Open):
    title: Text
    author: Text
    execute: dict[str, Any]
    html: dict[str, Any]
    sphinx: dict[str, Any]


class _HowToCite(_Open):
    title: Text
    authors: Annotated[list[dict[str, Any]], Field(min_length=1)]
    version: str | int | float
    released: Annotated[PartialDate, Field(alias="date-released")]
    abstract: str


class _Drill(_Open):
    fault: str
    guard: str
    seen_red: PartialDate


class _Execution(_Open):
    date: PartialDate
    notebooks: int
    seconds: float
    python: str


def check_surroundings(root: Path) -> list[Problem]:
    """Return the problems of the files around the records: the book's own, how to cite it, drills and the last execution."""
    problems: list[Problem] = []
    for name, model in (("_toc.yml", _Contents), ("_config.yml", _Book), ("CITATION.cff", _HowToCite)):
        try:
            parse(model, read_yaml(root / name))
        except RecordError as error:
            problems += error.problems
    drills, execution = root / "data" / "drills.json", root / "data" / "execution.json"
    try:
        if drills.exists():
            parse_list(_Drill, read_json(drills))
    except RecordError as error:
        problems += error.problems
    try:
        if execution.exists():
            parse(_Execution, read_json(execution))
    except RecordError as error:
        problems += error.problems
    return problems
