"""What is particular to a review: its name and its chapters, in ``data/review.yml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from review_utils.records.reading import Record, RecordError, Slug, Text, parse, read_yaml

ChapterName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class About(Record):
    """All of ``data/review.yml``.

    Parameters
    ----------
    name : str
        As the site calls itself.
    slug : str
        As its archives and releases are called.
    tagline : str
        One line under the name.
    notes : str
        What a founding text is called, where there is one.
    shapes_page : str, optional
        The page that shows the status of every shape, where there is one.
    chapters : list of str
        Names of the chapters, in their order: of a page, a folder of analyses and the files of records.
    """

    name: Text
    slug: Slug
    tagline: Text
    notes: Text = "the founding notes"
    shapes_page: Text | None = None
    chapters: Annotated[list[ChapterName], Field(min_length=1)]


def load_about(data: Path) -> About:
    """Return what is particular to a review.

    Raises
    ------
    RecordError
        Also when a chapter stands twice.
    """
    located = read_yaml(data / "review.yml")
    about = parse(About, located)
    for i, name in enumerate(about.chapters):
        if name in about.chapters[:i]:
            raise RecordError([located.problem(("chapters", i), name, "each chapter once")])
    return about


def chapters_of(data: Path) -> tuple[str, ...]:
    """Return the names of the chapters, in their order."""
    stat = (data / "review.yml").stat() if (data / "review.yml").is_file() else None
    return _chapters(data, stat.st_mtime_ns if stat else 0)


@cache
def _chapters(data: Path, _stamp: int) -> tuple[str, ...]:
    return tuple(load_about(data).chapters)
