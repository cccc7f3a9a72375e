"""The command line: ``review``, its menu, and the one place where errors are shown."""

from __future__ import annotations

import sys

import click

from review_book.commands import curve, lab, living, records, search, site
from review_utils.review import Explained


class Menu(click.Group):
    """The menu of commands: an error that explains itself is shown as its sentence, with exit status 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except Explained as error:
            click.echo(str(error), err=True)
            sys.exit(1)


@click.group(cls=Menu, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="review-utils")
def main() -> None:
    """Work on the review: check its records, build its pages, ask what a finding would change."""


for _command in (*records.COMMANDS, *site.COMMANDS, *living.COMMANDS, *search.COMMANDS, *curve.COMMANDS, lab.lab):
    main.add_command(_command)


if __name__ == "__main__":
    main()
