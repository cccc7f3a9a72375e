"""Citations at their price, and each of one work alone.

pybtex looks up its plugins for every citation, and formats every entry twice in every build. Both give the same again,
and made up most of what a page cost in the preview. Works that share their first authors and their year have a letter
each, in citations and in the list of references as in tables.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pybtex.plugin
import sphinxcontrib.bibtex
from pybtex.database import BibliographyData, Entry
from pybtex.richtext import BaseText, Text
from pybtex.style import FormattedEntry
from pybtex.style.formatting import BaseStyle
from sphinx.application import Sphinx
from sphinxcontrib.bibtex import builder_inited_cite
from sphinxcontrib.bibtex.bibfile import BibData, process_bibdata
from sphinxcontrib.bibtex.style.template import names

from review_utils.records.references import Reference, read_references

_plugin = cache(pybtex.plugin._load_entry_point)
_from_latex = cache(Text.from_latex)
_format_entry = BaseStyle.format_entry
_format_names = names.f
_named: dict[tuple[type, str, str, str], tuple[Entry, BaseText]] = {}
_formatted: dict[tuple[type, str, str, str], tuple[Entry, FormattedEntry]] = {}


def _format_once(style: BaseStyle, label: str, entry: Entry, bib_data: Any = None) -> FormattedEntry:
    at = (type(style), label, entry.key, str(entry.fields.get("year")))
    if at not in _formatted or _formatted[at][0] is not entry:  # another one after the bibliography was read anew
        _formatted[at] = entry, _format_entry(style, label, entry, bib_data)
    return _formatted[at][1]


def _names_once(children: Sequence[Any], data: Mapping[str, Any], role: str, **between: Any) -> BaseText:
    entry, style = data["entry"], data["style"]
    at = (type(style), entry.key, role, repr(between))
    if at not in _named or _named[at][0] is not entry:
        _named[at] = entry, _format_names(children, data, role, **between)
    return _named[at][1]


def letter(parsed: BibliographyData, works: Iterable[Reference], retracted: Collection[str] = ()) -> None:
    """Write behind the year of each work its letter, and that it was retracted; pybtex read the year alone."""
    for work in works:
        if work.key in parsed.entries and "year" in parsed.entries[work.key].fields:
            gone = ", retracted" if work.key in retracted else ""
            parsed.entries[work.key].fields["year"] = f"{work.year}{work.letter}{gone}"


def connect(retracted: Callable[[], Collection[str]] = tuple) -> None:
    """Look each plugin up once, format each entry once, tell works of one label apart, and mark those that were retracted."""

    def read_with_letters(known: BibData, files: list[Path], encoding: str) -> BibData:
        read = process_bibdata(known, files, encoding)
        for file in files:
            letter(read.data, read_references(file.parent)[0], retracted())
        return read

    pybtex.plugin._load_entry_point = _plugin
    Text.from_latex = _from_latex
    names.f = _names_once
    BaseStyle.format_entry = _format_once
    sphinxcontrib.bibtex.process_bibdata = read_with_letters  # type: ignore[attr-defined, assignment]


def read_anew(app: Sphinx) -> None:
    """Read the bibliography anew if it changed since Sphinx began."""
    builder_inited_cite(app)
