"""Citations at their price: an entry is formatted once, and again when it is another one."""

from __future__ import annotations

import importlib

import pybtex.plugin
import pytest
from pybtex.database import Entry, Person
from pybtex.style.formatting import BaseStyle

from review_book.sphinx import citations


@pytest.fixture
def connected(monkeypatch):
    """The memo as it stands in a build, and pybtex as it was afterwards."""
    monkeypatch.setattr(pybtex.plugin, "_load_entry_point", pybtex.plugin._load_entry_point)
    monkeypatch.setattr(BaseStyle, "format_entry", BaseStyle.format_entry)
    monkeypatch.setattr(citations, "_formatted", {})
    citations.connect()


def _entry(title: str) -> Entry:
    entry = Entry("misc", {"title": title, "year": "2020"}, {"author": [Person("Lee, Ann")]})
    entry.key = "lee2020first"
    return entry


def test_an_entry_is_formatted_once_and_anew_when_it_is_another(connected):
    """The same entry gives the very same citation; one read anew under the same key gives its own; the words are pybtex's."""
    style = pybtex.plugin.find_plugin("pybtex.style.formatting", "unsrt")()
    plain = importlib.import_module("pybtex.backends.plaintext").Backend()
    first, second = _entry("The first"), _entry("The second")

    once = style.format_entry("1", first)

    assert style.format_entry("1", first) is once
    assert "The first" in once.text.render(plain)
    assert "The second" in style.format_entry("1", second).text.render(plain)
    assert citations._format_entry(style, "1", first).text.render(plain) == once.text.render(plain)
