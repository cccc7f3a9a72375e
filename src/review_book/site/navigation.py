"""The contents beside every page, made once and marked for each.

The theme resolves, writes and parses the whole table of contents for every page, which takes a book of thousands of pages
hours. Here its own list is read once, and each page gets it as text, the same to the letter, with two differences: the
findings stay out, which would push the rest out of sight, and a long book shows the pages of the reader's chapter alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from pydata_sphinx_theme.toctree import add_toctree_functions
from sphinx.application import Sphinx
from sphinx.util.osutil import relative_uri

MOST = 200
"""Pages that are listed beside every page at most; of a longer book, those of other chapters are left to their chapters."""

LEFT_OUT = "findings/"
"""Pages that the register leads to and the contents do not list."""

NOWHERE = "nothing-stands-here"
"""A page that no table of contents names, so that nothing is marked as current."""

_FOLD = '<summary><span class="toctree-toggle" role="presentation"><i class="fa-solid fa-chevron-down"></i></span></summary>'

_OPEN = ' open="open"'

_BETWEEN = re.compile(r">\s+<")


@dataclass(frozen=True)
class Entry:
    """A page in the contents.

    Parameters
    ----------
    page : str
    title : str
        As HTML.
    level : int
        From 1.
    below : tuple of Entry
    """

    page: str
    title: str
    level: int
    below: tuple[Entry, ...]

    def walk(self) -> Iterator[Entry]:
        """Yield it and every entry below it."""
        yield self
        for one in self.below:
            yield from one.walk()

    def without(self, folder: str) -> Entry:
        """Return it without the pages of a folder."""
        below = tuple(one.without(folder) for one in self.below if not one.page.startswith(folder))
        return Entry(self.page, self.title, self.level, below)


def _entries(items: Tag) -> tuple[Entry, ...]:
    found = []
    for item in items.find_all("li", recursive=False):
        link, inside = item.find_all("a", recursive=False)[0], item.find("ul")
        level = int(item["class"][0].removeprefix("toctree-l"))
        page = str(link["href"]).removesuffix(".html")
        found.append(Entry(page, link.decode_contents(), level, _entries(inside) if inside else ()))
    return tuple(found)


def listed(entries: tuple[Entry, ...], page: str, path: frozenset[str], own_alone: bool = False) -> str:
    """Return contents as the theme writes them beside a page.

    Parameters
    ----------
    entries : tuple of Entry
    page : str
        The page beside which they stand.
    path : frozenset of str
        The page and those above it.
    own_alone : bool
        Whether what is below an entry is shown on its path alone.
    """

    def items(among: tuple[Entry, ...], first: str = "") -> str:
        current = "current" if any(one.page in path for one in among) else ""
        classes = f"{current} {first}".strip()
        out = [f'<ul class="{classes}">\n' if classes else "<ul>\n"]
        for one in among:
            on = one.page in path
            below = () if own_alone and not on else one.below
            here = one.page == page
            address = "#" if here else relative_uri(f"{page}.html", f"{one.page}.html")
            out.append(
                f'<li class="toctree-l{one.level}{" current active" if on else ""}{" has-children" if below else ""}">'
                f'<a class="{"current " if here else ""}reference internal" href="{address}">{one.title}</a>'
            )
            if below:
                out.append(f"<details{_OPEN if on else ''}>{_FOLD}{items(below)}\n</details>")
            out.append("</li>\n")
        return "".join([*out, "</ul>"])

    return items(entries, "nav bd-sidenav")


class Navigation:
    """The contents of a book, for all of its pages.

    Parameters
    ----------
    whole : BeautifulSoup
        The theme's own list beside a page that it does not name.
    """

    def __init__(self, whole: BeautifulSoup) -> None:
        # Each part of a book is a list of its own, below its caption.
        parts: list[tuple[str, tuple[Entry, ...]]] = []
        caption = ""
        try:
            for tag in whole.find_all(["p", "ul"], recursive=False):
                if tag.name == "ul":
                    parts.append((caption, _entries(tag)))
                caption = str(tag) if tag.name == "p" else ""
        except (IndexError, KeyError, TypeError, ValueError):  # links to elsewhere
            parts = []
        again = self._said(parts, NOWHERE, frozenset())
        self.known = bool(parts) and _BETWEEN.sub("><", again.strip()) == _BETWEEN.sub("><", str(whole).strip())
        every = [top for _, entries in parts for top in entries]
        self._above = {below.page: one.page for top in every for one in top.walk() for below in one.below}
        self.parts = [(words, tuple(one.without(LEFT_OUT) for one in entries)) for words, entries in parts]
        self._long = sum(1 for _, entries in self.parts for top in entries for _ in top.walk()) > MOST

    @staticmethod
    def _said(
        parts: list[tuple[str, tuple[Entry, ...]]], page: str, path: frozenset[str], own_alone: bool = False
    ) -> str:
        return "\n".join(
            f"{caption}\n{listed(entries, page, path, own_alone)}"
            if caption
            else listed(entries, page, path, own_alone)
            for caption, entries in parts
        )

    def beside(self, page: str) -> str:
        """Return the contents beside a page."""
        path = [page]
        while (above := self._above.get(path[-1])) and above not in path:
            path.append(above)
        return self._said(self.parts, page, frozenset(path), self._long)


def forget(app: Sphinx) -> None:
    """Read the contents anew for the next page, as after a title changed."""
    app._review_navigation = {}


def connect(app: Sphinx) -> None:
    """Put our contents in the place of the theme's, before the theme first asks for them."""
    for listener in list(app.events.listeners["html-page-context"]):
        if listener.handler is add_toctree_functions:
            app.disconnect(listener.id)
            app.connect("html-page-context", _once, priority=listener.priority - 1)
    forget(app)


def _once(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    add_toctree_functions(app, page, template, context, doctree)
    theirs: Callable[..., object] = context["generate_toctree_html"]
    kept: dict[object, Navigation] = app._review_navigation

    def beside(kind: str, startdepth: int = 1, show_nav_level: int = 1, **wanted: object) -> object:
        if kind != "sidebar" or startdepth or wanted.get("collapse"):
            return theirs(kind, startdepth=startdepth, show_nav_level=show_nav_level, **wanted)
        key = (show_nav_level, *sorted(wanted.items()))
        if key not in kept:
            alone: dict[str, Any] = {"toctree": lambda **more: app.builder._get_local_toctree(NOWHERE, **more)}
            add_toctree_functions(app, NOWHERE, "", alone, None)
            kept[key] = Navigation(
                alone["generate_toctree_html"](kind, startdepth=0, show_nav_level=show_nav_level, **wanted)
            )
        if kept[key].known:
            return kept[key].beside(page)
        return theirs(kind, startdepth=startdepth, show_nav_level=show_nav_level, **wanted)

    context["generate_toctree_html"] = beside
