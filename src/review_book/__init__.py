"""The engine that makes the site: executes notebooks, quotes numbers, writes pages from records, publishes.

Knows nothing of the subject: chapters' names come from the contents file, everything else from records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, object]:
    """Register the extension with Sphinx."""
    from .sphinx.extension import setup as setup_extension

    return setup_extension(app)
