"""Measure what blocks a reader who scrolls: for how long a page does not answer, at the speed of a phone (``gauge.py``).

A page is opened and left until it rests, so that what its first load costs, which Lighthouse judges, is not counted
again. Then it is scrolled by the wheel from its head to its foot. Of every task longer than 50 ms, what is above 50 ms is
time in which a reader's click waits. It is read in two ways. By the clock, with the processor slowed: what a reader would
feel, and any other process adds to it. By the processor's time that each task took itself, times the slowdown: other
processes add little to it. Of several readings the least counts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

BOUND_MS = 100
"""The most that scrolling a chapter may block, in milliseconds."""

READINGS = 5
"""Readings of a page at most; the first pair below the bound ends them."""

WATCH = """() => {
    window.tasks = [];
    new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: "longtask" });
}"""
TASK = "RunTask"


@dataclass(frozen=True)
class Reading:
    """Blocking time of one page in milliseconds: by the clock, and by the processor's time of its tasks."""

    clock: float
    own: float


def over(durations: list[float]) -> float:
    """Return how much of tasks lies above 50 ms each, in milliseconds."""
    return sum(max(one - 50, 0) for one in durations)


def scrolled(page: Any, width: int, step: int = 400) -> None:
    """Scroll a page by the wheel to its foot, which is where some turns of the wheel move it no further: it grows as it is read."""
    page.mouse.move(width / 2, 450)
    here, still = -1, 0
    while still < 8:
        page.mouse.wheel(0, step)
        page.wait_for_timeout(60)
        before, here = here, page.evaluate("scrollY")
        still = still + 1 if here == before else 0


def opened(browser: Any, address: str, width: int) -> Any:
    """Return a page that was opened in a context of its own, and rests."""
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto(address, wait_until="networkidle")
    return page


def by_clock(browser: Any, address: str, slower: float, width: int = 1280) -> float:
    """Return what blocks with the processor slowed, as a page's own observer of long tasks sees it."""
    page = opened(browser, address, width)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.evaluate(WATCH)
    scrolled(page, width)
    found = page.evaluate("window.tasks")
    page.context.close()
    return over(found)


def by_own_time(browser: Any, address: str, slower: float, width: int = 1280) -> float:
    """Return what the page's tasks took of the processor above 50 ms each, were it slower."""
    page = opened(browser, address, width)
    browser.start_tracing(
        page=page, categories=["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
    )
    scrolled(page, width)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    page.context.close()
    tasks: dict[tuple[int, int], list[float]] = {}
    for event in events:
        if event["name"] == TASK and "tdur" in event:
            tasks.setdefault((event["pid"], event["tid"]), []).append(slower * event["tdur"] / 1000)
    mains = {
        (e["pid"], e["tid"]) for e in events if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"
    }
    return max((over(found) for thread, found in tasks.items() if thread in mains), default=0.0)


def readings(browser: Any, address: str, slower: float, most: int = READINGS) -> Reading:
    """Return the least that scrolling a page blocks, in either way."""
    clock, own = [], []
    while len(own) < most and (not own or max(min(own), min(clock)) > BOUND_MS):
        own.append(by_own_time(browser, address, slower))
        clock.append(by_clock(browser, address, slower))
    return Reading(min(clock), min(own))
