"""The command line: ``review``, its menu, and the one place where errors are shown."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import re
import sys
from pathlib import Path

import click

from review_book.commands import curve, lab, living, records, search, site
from review_utils.review import Explained, NoReview, project_root

OURS = ("review_utils", "emergence", "emergence_lab", "review_book")
EXTRAS = {
    "search": ("feedparser", "requests", "rispy", "sklearn"),
    "lab": ("dask", "distributed", "jax", "joblib", "optax"),
}
"""What a command imports of each extra; any other package that is wanting comes with the extra for the book."""


class Menu(click.Group):
    """The menu of commands: an error that explains itself is shown as its sentence, with exit status 1.

    So is one of the machine's: a disk that is full, a folder or a program that is not there, a package that is not
    installed. Where no review is, the status is 2, as for any other word that the command line cannot take.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse letters that no record could hold: those of an argument that this machine could not read as UTF-8."""
        for word in args:
            if re.search("[\ud800-\udfff]", word) and not os.path.exists(word):
                raise click.UsageError(
                    f"given {word!a}, which is no UTF-8; needed: text in UTF-8, as PYTHONUTF8=1 before review"
                )
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except NoReview as error:
            click.echo(str(error), err=True)
            sys.exit(2)
        except Explained as error:
            click.echo(str(error), err=True)
            sys.exit(1)
        except ModuleNotFoundError as error:
            name = (error.name or "").split(".")[0]
            if name in ("", *OURS):
                raise
            extra = next((extra for extra, names in EXTRAS.items() if name in names), "book")
            click.echo(f"{name} is not installed; needed: pip install 'review-utils[{extra}]'", err=True)
            sys.exit(1)
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read has gone; click ends without a word
                raise
            if error.filename is None and error.errno == errno.ENOSPC:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what could not be written is not tried again at the end
            what = "what it writes" if error.filename is None else error.filename
            click.echo(f"{what}: {error.strerror or error}; needed: a place that is there and may be used", err=True)
            sys.exit(1)


@click.group(cls=Menu, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="review-utils")
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    help="A folder of the review; default: REVIEW_ROOT, or the working folder.",
)
@click.pass_context
def main(context: click.Context, root: Path | None) -> None:
    """Work on the review: check its records, build its pages, ask what a finding would change."""
    if sys.flags.optimize:
        raise click.UsageError(
            "given python -O or PYTHONOPTIMIZE, under which no assert is run; needed: Python without it"
        )
    if root is not None:
        context.obj = project_root(root)


for _command in (*records.COMMANDS, *site.COMMANDS, *living.COMMANDS, *search.COMMANDS, *curve.COMMANDS, lab.lab):
    main.add_command(_command)

atexit.register(gc.freeze)  # what a command leaves behind is given back whole, and not first looked through for cycles


if __name__ == "__main__":
    main()
