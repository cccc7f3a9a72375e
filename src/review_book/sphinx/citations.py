"""Citations at their price: pybtex looks up its plugins for every citation, and formats every entry twice in every build.

Both give the same again, and made up most of what a page cost in the preview.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pybtex.plugin
from pybtex.database import Entry
from pybtex.style import FormattedEntry
from pybtex.style.formatting import BaseStyle
from sphinx.application import Sphinx
from sphinxcontrib.bibtex import builder_inited_cite

_plugin = cache(pybtex.plugin._load_entry_point)
_format_entry = BaseStyle.format_entry
_formatted: dict[tuple[type, str, str], tuple[Entry, FormattedEntry]] = {}


def _format_once(style: BaseStyle, label: str, entry: Entry, bib_data: Any = None) -> FormattedEntry:
    at = (type(style), label, entry.key)
    if at not in _formatted or _formatted[at][0] is not entry:  # another one after the bibliography was read anew
        _formatted[at] = entry, _format_entry(style, label, entry, bib_data)
    return _formatted[at][1]


def connect() -> None:
    """Look each plugin up once, and format each entry once."""
    pybtex.plugin._load_entry_point = _plugin
    BaseStyle.format_entry = _format_once


def read_anew(app: Sphinx) -> None:
    """Read the bibliography anew if it changed since Sphinx began."""
    builder_inited_cite(app)
