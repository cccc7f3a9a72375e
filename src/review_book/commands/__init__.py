"""The command line: ``review`` and its commands, a module a subject."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from functools import partial

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
    """Return the review that a command works on: the one at or above the working folder, or that REVIEW_ROOT names.

    Raises
    ------
    NoReview
        When there is none: a command never works on a review that it was not told of.
    """
    return Review(project_root())


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
