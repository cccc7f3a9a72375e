"""What became of the works of the search, as commands and pages say it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from review_book.records.recall import Recall, share
from review_book.records.searches import Searches


def by_month(searches: Searches, chapter: str = "all") -> dict[str, dict[str, int]]:
    """Return, for each month, how many works were met, included and excluded in it."""
    months: dict[str, dict[str, int]] = {}
    met: set[str] = set()
    for item in sorted(searches.decisions, key=lambda item: item.date):
        if chapter not in ("all", item.chapter):
            continue
        month = months.setdefault(f"{item.date:%Y-%m}", {"met": 0, "include": 0, "exclude": 0})
        if item.id not in met:
            met.add(item.id)
            month["met"] += 1
        if item.decision != "wait":
            month[item.decision] += 1
    return months


def progress(searches: Searches, chapter: str, day: dt.date, recall: Recall | None = None) -> Mapping[str, object]:
    """Return what became of the works, for one chapter or all, by reason, by chapter and over time.

    With a measurement of recall: of how many works of other people's lists the search had met how many, and the ends of the
    95 percent interval of that share.
    """
    flow = searches.flow(chapter)
    waiting = searches.waiting(chapter)
    found: dict[str, object] = {
        "lookups": flow.lookups, "returned": flow.returned, "identified": flow.identified, "duplicates": flow.duplicates,
        "screened": flow.screened, "included": flow.included, "excluded": flow.excluded, "waiting": flow.waiting,
        "oldest waits (days)": (day - searches.met_on[waiting[0].id]).days if waiting else 0,
        "last search": searches.last.isoformat(), "reasons": dict(flow.reasons), "months": by_month(searches, chapter),
    }  # fmt: skip
    ways = list(recall.in_scope(chapter=None if chapter == "all" else chapter).values()) if recall else []
    if ways:
        part = share(ways)
        low, high = part.interval
        found["recall"] = {"met": part.found, "of": part.of, "percent": round(100 * part.found / part.of, 1), "low": round(100 * low, 1), "high": round(100 * high, 1)}  # fmt: skip
    if chapter == "all":
        found["chapters"] = {
            name: {"included": one.included, "excluded": one.excluded, "waiting": one.waiting}
            for name in searches.protocol.questions
            for one in [searches.flow(name)]
        }
    return found
