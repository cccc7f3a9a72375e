"""How fast the machine answers on which pages are judged, so that a slow or a busy one is not taken for a slow page.

Lighthouse slows a page down by four, which was chosen for machines of an index of 1500 to 2000 in its own measure
(``docs/throttling.md`` there). A machine of half that speed slowed down by four is a phone of half the speed that is meant.
So the index is measured, and the page slowed down by as much as brings this machine to the speed of the same phone. Where
the machine is much slower than those, or a plain page of known size is slow on it too, no page fails for its speed.
"""

from __future__ import annotations

import os
from typing import Any

MEANT = 1750
"""Lighthouse's index of the machines for which a slowdown by four was chosen: the middle of its class."""

SLOWER = 4
"""How many times slower than such a machine the phone is that is meant."""

_INDEX = """() => {
    const rate = (work) => {
        const start = performance.now();
        let turns = 0;
        while (turns % 10 || performance.now() - start < 500) work(turns++);
        return turns / 10 / ((performance.now() - start) / 1000);
    };
    const strings = rate(() => {
        let text = "";
        for (let i = 0; i < 10000; i++) text += "a";
        if (text.length < 2) throw new Error("kept, so that the loop is not optimised away");
    });
    const pair = [0, 1].map(() => Array.from({ length: 100000 }, (_, i) => i));
    const copies = rate((turn) => {
        const from = pair[turn % 2], to = pair[(turn + 1) % 2];
        for (let i = 0; i < from.length; i++) to[i] = from[i];
    });
    return (strings + copies) / 2;
}"""
"""Lighthouse's index: how often a second a string of 10,000 letters is built and 100,000 numbers are copied, by ten."""

_WORDS = "words without a script or a style, as many as make the longest task of the heaviest page of the site "
PLAIN = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>Plain</title></head><body><main><h1>Plain</h1>"
    f"{f'<p>{_WORDS}<em>{_WORDS}</em><a href=#>A link</a></p>' * 1300}</main></body></html>"
)
"""A page whose cost is that of its words, laid out in one task of 120 ms here as those of the site are: what is slow here
is slow because of the machine."""

LEAST = 1500
"""The least index of the machines that Lighthouse's slowdown by four is made for: a slower one says what it saw and fails no
page, since the same chapter was held up for 40 ms and for 270 on such a machine within two hours."""

BUSY = 1.5
"""Processes that want a core at once, for each core, from which on others use the machine: the audit alone makes some 1.2."""


def index(browser: Any) -> float:
    """Return Lighthouse's index of this machine at this moment; 1500 to 2000 on a good desk, 125 to 800 on a phone."""
    page = browser.new_page()
    found = float(page.evaluate(_INDEX))
    page.close()
    return found


def slowdown(found: float) -> float:
    """Return by how much a machine of an index is slowed down to be the phone that is meant, from one to four."""
    return min(SLOWER, max(1.0, SLOWER * found / MEANT))


def load() -> float:
    """Return how many processes wanted a core at once, in the last minute, for each core."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)


def can_judge(found: float) -> bool:
    """Whether a machine of an index judges speed now: one of those that the slowdown is made for, not busy with other work."""
    return found >= LEAST and load() < BUSY
