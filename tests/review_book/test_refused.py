"""What ends a build for something that an author wrote is told as a refusal, and as no error of an extension."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace

from sphinx.cmd.build import handle_exception

from review_book.sphinx.refused import Refused


def test_a_refusal_is_headed_as_one():
    """Sphinx prints the kind of an error above it; that of a page at fault is no fault of an extension."""
    said = io.StringIO()
    how = SimpleNamespace(pdb=False, verbosity=0, traceback=False)
    handle_exception(None, how, Refused("chapters/a.md:1: given this; needed: that"), said)

    plain = re.sub(r"\x1b\[[0-9;]*m", "", said.getvalue())
    assert plain == "\nRefused:\nchapters/a.md:1: given this; needed: that\n"
