"""The Sphinx side of the book: execution, quoted numbers, charts, pages made from records.

This is the rim: nothing below imports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, object]:
    """Register the extension with Sphinx."""
    from .extension import setup as setup_extension

    return setup_extension(app)
