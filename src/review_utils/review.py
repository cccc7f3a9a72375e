"""The review that is worked on: where its data, its build and its pages are.

A `Review` is made once, by the command line or by a notebook, and passed on. Nothing below them guesses it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path


class Explained(Exception):
    """An error whose message says what was given and what is needed; commands show it without a traceback."""


class NoReview(Explained, FileNotFoundError):
    """There is no review where one was looked for."""


@dataclass(frozen=True)
class Review:
    """A review, by the folder that holds its ``_toc.yml`` and its ``data``."""

    root: Path

    @property
    def data(self) -> Path:
        """Where its records and tables are."""
        return self.root / "data"

    @property
    def build(self) -> Path:
        """Where everything that is made from it is kept."""
        return self.root / "_build"

    @property
    def site(self) -> Path:
        """Where the built pages are."""
        return self.build / "html"


@cache
def _root_above(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        if (folder / "_toc.yml").is_file() and (folder / "data").is_dir():
            return folder
    return None


def project_root(within: Path | None = None) -> Path:
    """Return the folder of the review: at or above `within`, else REVIEW_ROOT if set, else the working folder.

    Raises
    ------
    NoReview
        When there is none. No other review is taken in its place.
    """
    start = Path(within or os.environ.get("REVIEW_ROOT") or Path.cwd()).resolve()
    if (found := _root_above(start)) is None:
        raise NoReview(
            f"No review found at or above {start}: a review has a _toc.yml and a data folder. "
            "Run this inside one, or name it: review --root FOLDER, or the variable REVIEW_ROOT."
        )
    return found


_LEFT_LYING = re.compile(
    r"\.|~\$|#.*#$|.*(?:~|\.(?:orig|rej|bak|swp|tmp))$|(?:Thumbs\.db|desktop\.ini|__pycache__)$", re.IGNORECASE
)


def left_lying(name: str) -> bool:
    """Whether a name is one that programs leave beside an author's files: copies, locks, checkpoints, thumbnails.

    Examples
    --------
    >>> [left_lying(name) for name in (".ipynb_checkpoints", "brest.yml~", ".~lock.brest.csv#", "Thumbs.db", "brest.yml")]
    [True, True, True, True, False]
    """
    return _LEFT_LYING.match(name) is not None


def files_in(folder: Path, pattern: str = "*") -> list[Path]:
    """Return what a folder holds by a pattern, in order, without what programs leave lying there."""
    found = folder.glob(pattern)
    return sorted(path for path in found if not any(map(left_lying, path.relative_to(folder).parts)))


def file_state(path: Path | str) -> tuple[int, ...]:
    """Return what changes when a file is written or another takes its place: times, size and number.

    Raises
    ------
    OSError
        When there is no such file.
    """
    stat = os.stat(path)
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino


def here() -> Review:
    """Return the review that the working folder lies in, for a notebook."""
    return Review(project_root())


def relative(path: Path) -> str:
    """Return `path` as seen from the root of the review that it lies in, with forward slashes.

    A link is named as it stands, not by what it points to.
    """
    at = Path(os.path.abspath(path))
    root = _root_above(at.parent)
    return at.relative_to(root).as_posix() if root else path.as_posix()
