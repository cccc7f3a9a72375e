"""The review that is worked on: where its data, its build and its pages are."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


@cache
def _root_from(start: Path, named: str | None) -> Path:
    if named:
        return Path(named).resolve()
    for folder in (start, *start.parents):
        if (folder / "_toc.yml").is_file() and (folder / "data").is_dir():
            return folder
    installed = Path(__file__).resolve().parents[2]
    if (installed / "data").is_dir():
        return installed
    raise FileNotFoundError(
        f"No review found at or above {start}: a review has a _toc.yml and a data folder. "
        "Run this inside one, or name it in the variable REVIEW_ROOT."
    )


def project_root() -> Path:
    """Return the folder of the review: REVIEW_ROOT if set, else the nearest at or above this one.

    Raises
    ------
    FileNotFoundError
        When there is none.
    """
    return _root_from(Path.cwd(), os.environ.get("REVIEW_ROOT"))


def relative(path: Path) -> str:
    """Return `path` as seen from the review's root, with forward slashes."""
    try:
        return path.resolve().relative_to(project_root()).as_posix()
    except ValueError:
        return path.as_posix()
