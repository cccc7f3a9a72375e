"""The command line: ``review`` and its commands, a module a subject."""

from __future__ import annotations

import datetime as dt

import click

from review_book.review import Review
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
    """Return the review that a command works on: the one at or above the working folder."""
    return Review(project_root())


def today() -> dt.date:
    """Return the day, the same everywhere on earth."""
    return dt.datetime.now(tz=dt.UTC).date()
