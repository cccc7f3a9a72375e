"""The command line: ``review`` and its commands, a module a subject."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

import click

from review_book.review import Review
from review_utils.records.quantities import today as clock_day
from review_utils.review import Explained, project_root

DATE = click.DateTime(formats=["%Y-%m-%d"])
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How to write it.",
)


class Refusal(Explained):
    """What was asked cannot be done; the message says why."""


def review() -> Review:
    """Return the review that a command works on: the one that ``--root`` or REVIEW_ROOT names, or at or above the working folder.

    Raises
    ------
    NoReview
        When there is none: a command never works on a review that it was not told of.
    Refusal
        When the review brings code of its own, and other code would read it.
    """
    context = click.get_current_context(silent=True)
    root = project_root(context.find_object(Path) if context else None)
    _check_code(root)
    return Review(root)


@cache
def _check_code(root: Path) -> None:
    """Refuse the code of another checkout, unless it says the same: records and pages of one would be read by rules of the other."""
    for own in sorted(folder for folder in (root / "src").glob("*") if (folder / "__init__.py").is_file()):
        spec = find_spec(own.name)
        used = Path(spec.origin).parent if spec and spec.origin else None
        if used is None or used.samefile(own) or (other := _first_difference(own, used)) is None:
            continue
        raise Refusal(
            f"given the code in {used}, which is not that of this review ({own / other}); needed: its own environment "
            f"(make book makes it: .venv/bin/review), or PYTHONPATH={root / 'src'}"
        )


def _first_difference(own: Path, used: Path) -> Path | None:
    """Return the first file that two copies of a package do not share to the byte, what Python compiled left out."""
    names = {
        path.relative_to(at) for at in (own, used) for path in at.rglob("*") if path.is_file() and path.suffix != ".pyc"
    }
    for name in sorted(names):
        mine, its = (path.read_bytes() if (path := at / name).is_file() else None for at in (own, used))
        if mine != its:
            return name
    return None


def writing(at: Review) -> AbstractContextManager[None]:
    """Hold the records of a review for a command that reads and then writes them: the second of two sees what the first wrote."""
    from review_book.site.alone import alone

    return alone(at.build, partial(click.echo, err=True), "writing")


def today() -> dt.date:
    """Return the day, the same everywhere on earth.

    Raises
    ------
    WrongClock
        When this machine's clock is behind what the history says has happened.
    """
    from review_book.living.history import check_clock

    check_clock(review().data)
    return clock_day()
