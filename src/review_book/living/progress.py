"""What became of the works of the search, as commands and pages say it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from review_utils.records.searches import Searches


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


def progress(searches: Searches, chapter: str, day: dt.date) -> Mapping[str, object]:
    """Return what became of the works, for one chapter or all, by reason, by chapter and over time."""
    flow = searches.flow(chapter)
    waiting = searches.waiting(chapter)
    found: dict[str, object] = {
        "lookups": flow.lookups, "returned": flow.returned, "identified": flow.identified, "duplicates": flow.duplicates,
        "screened": flow.screened, "included": flow.included, "excluded": flow.excluded, "waiting": flow.waiting,
        "oldest waits (days)": (day - waiting[0].date).days if waiting else 0,
        "last search": searches.last.isoformat(), "reasons": dict(flow.reasons), "months": by_month(searches, chapter),
    }  # fmt: skip
    if chapter == "all":
        found["chapters"] = {
            name: {"included": one.included, "excluded": one.excluded, "waiting": one.waiting}
            for name in searches.protocol.questions
            for one in [searches.flow(name)]
        }
    return found
