"""Kinds of cell that the tables of the site's own pages hold, besides those of a notebook."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """A cell that links to a file of the site, as ``data/register.json``: to be downloaded, or a page to be opened."""

    text: str
    path: str
    opened: bool = False

    def __str__(self) -> str:
        return self.text

    def cell_html(self) -> str:
        """Return the link."""
        kind = 'class="reference internal"' if self.opened else 'class="reference download" download'
        href, text = html.escape(f"@file/{self.path}", quote=True), html.escape(self.text, quote=True)
        return f'<a {kind} href="{href}">{text}</a>'


@dataclass(frozen=True)
class Beside:
    """A number beside the one that it repeats, drawn on a strip that holds a quarter more and a quarter less."""

    published: float
    repeated: float
    interval: Sequence[float] | None = None

    def __str__(self) -> str:
        return f"{self.repeated / self.published:.3g} times the published number"

    def cell_html(self) -> str:
        """Return the strip: a ring for the published number and a pale bar for its interval, a dot for ours."""

        def at(value: float) -> float:
            return round(60 + 208 * max(-0.25, min(0.25, value / self.published - 1)), 1)

        here = at(self.repeated)
        bar = ""
        if self.interval:
            left, right = sorted(map(at, self.interval))
            bar = f'<path class="beside__bar" d="M{left:g},8H{right:g}"/>'
        return (
            f'<svg class="beside" viewBox="0 0 120 16" width="120" height="16" role="img" aria-label="{self}">'
            f'<path class="beside__strip" d="M4,8H116"/>{bar}<path class="beside__gap" d="M60,8H{here:g}"/>'
            f'<circle class="beside__ring" cx="60" cy="8" r="5"/><circle class="beside__dot" cx="{here:g}" cy="8" r="3.5"/></svg>'
        )
