"""The files around the records: the book's own, how to cite it, drills and the last execution."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt

from review_book.records.tables import Licence
from review_utils.records.quantities import Number, PartialDate, earliest, newest_day, today
from review_utils.records.reading import (
    Problem,
    RecordError,
    Text,
    merge_marks,
    parse,
    parse_list,
    read_json,
    read_yaml,
)
from review_utils.review import files_in, left_lying, relative


class _Open(BaseModel):
    """A file of another program's, of which the review reads these fields and leaves the rest alone."""

    model_config = ConfigDict(strict=True, frozen=True)


class _Contents(_Open):
    format: Text
    root: Text
    chapters: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []


class _Execute(_Open):
    notebooks: Annotated[Literal["off"], Field(alias="execute_notebooks")]


class _Sphinx(_Open):
    extra_extensions: Annotated[list[Literal["review_book"]], Field(min_length=1)]


class _Book(_Open):
    title: Text
    author: Text
    execute: _Execute
    html: dict[str, Any]
    sphinx: _Sphinx
    bibtex_bibfiles: list[Literal["data/references.bib"]]


def _was(date: str) -> str:
    if earliest(date) > newest_day():
        raise ValueError(f"a day that is not after today, {today()}")
    return date


Past = Annotated[PartialDate, AfterValidator(_was)]


class _HowToCite(_Open):
    title: Text
    authors: Annotated[list[dict[str, Any]], Field(min_length=1)]
    version: str | int | float
    released: Annotated[Past, Field(alias="date-released")]
    abstract: Text
    license: Annotated[list[Licence], BeforeValidator(lambda said: said if isinstance(said, list) else [said])] = []


class _Drill(_Open):
    fault: str
    guard: str
    seen_red: Past


class _Execution(_Open):
    date: Past
    notebooks: PositiveInt
    seconds: Annotated[Number, Field(gt=0)]
    python: Annotated[str, Field(pattern=r"^3\.\d+\.\d+\S*$")]


RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|\Z)", re.I)
"""How the name of a file may not begin on Windows, whatever its ending."""

FOLDERS = ("data", "chapters", "analyses", "tests/reference")
"""Where a person's files stand, besides those beside them; what is made or brought in is not theirs."""


def _linked(root: Path) -> Iterator[Problem]:
    """Yield the links among what a review is made of; only data sets of others may lie elsewhere, each held by its hash."""
    needed = "the folder or the file itself: what a link points to is not kept with the review"
    for name in FOLDERS:
        places = [root / name, *(Path(top) / one for top, *inside in os.walk(root / name) for one in chain(*inside))]
        for path in sorted(place for place in places if place.is_symlink() and not left_lying(place.name)):
            if (root / "data" / "external") not in (path, *path.parents):
                yield Problem(relative(path), 1, "(file)", "a link", needed)


def _merged(root: Path) -> Iterator[Problem]:
    """Yield the marks that a merge left in any text of the review, also where no reader of records comes by."""
    others = root / "data" / "external"
    for path in (*files_in(root, "*.*"), *(p for folder in FOLDERS for p in files_in(root / folder, "**/*.*"))):
        if path.suffix != ".parquet" and others not in path.parents and path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if any(sign * 7 in content for sign in (b"<", b"=", b">", b"|")):
                yield from merge_marks(path, content.decode("utf-8", "replace"))


def _named_as_devices(root: Path) -> Iterator[Problem]:
    """Yield the files and folders of the review that no copy on Windows can hold, for their names."""
    needed = "another name: Windows keeps it for a device, and a copy of the review there lacks the file"
    for name in FOLDERS:
        for top, *inside in os.walk(root / name):
            for one in sorted(chain(*inside)):
                if RESERVED.match(one) and root / "data" / "external" not in Path(top, one).parents:
                    yield Problem(relative(Path(top, one)), 1, "(file)", one, needed)


def _name(root: Path) -> str:
    """Return the name of the review; its record as a whole is checked elsewhere."""
    with contextlib.suppress(RecordError):
        about = read_yaml(root / "data" / "review.yml").data
        return str(about.get("name", "")) if isinstance(about, dict) else ""
    return ""


def check_book(root: Path) -> list[Problem]:
    """Return the problems of what a build cannot begin without: the contents, the settings and how to cite the review."""
    problems: list[Problem] = []
    for name, model in (("_toc.yml", _Contents), ("_config.yml", _Book), ("CITATION.cff", _HowToCite)):
        try:
            located = read_yaml(root / name)
            parse(model, located)
            title, said = _name(root), str(located.data.get("title", ""))
            if title and model is not _Contents and said != title and not said.startswith(f"{title}:"):
                problems.append(located.problem(("title",), said, f"{title}, the name in data/review.yml"))
        except RecordError as error:
            problems += error.problems
    return problems


def check_surroundings(root: Path) -> list[Problem]:
    """Return the problems of the files around the records: the book's own, how to cite it, drills and the last execution."""
    problems = [*_linked(root), *_merged(root), *_named_as_devices(root), *check_book(root)]
    drills, execution = root / "data" / "drills.json", root / "data" / "execution.json"
    try:
        if drills.exists():
            parse_list(_Drill, read_json(drills))
    except RecordError as error:
        problems += error.problems
    try:
        if execution.exists():
            located = read_json(execution)
            there = len(files_in(root / "analyses", "*/*.md"))
            if parse(_Execution, located).notebooks > 2 * there:
                need = f"as many as were executed: there are {there}, and there never were twice as many"
                problems.append(located.problem(("notebooks",), located.data["notebooks"], need))
    except RecordError as error:
        problems += error.problems
    return problems
