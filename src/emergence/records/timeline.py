"""The register through time: when a shape's level or verdict changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from emergence.shared.checks import asks, option
from review_utils.records.register import Register
from review_utils.records.status import as_of, status_of_all

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Event:
    """A change of one shape's status when findings came out."""

    date: dt.date
    shape: str
    kind: Literal["first example", "level", "verdict"]
    before: str
    after: str
    because: tuple[str, ...]


@asks(clock=option("published", "recorded"))
def history(register: Register, clock: Literal["published", "recorded"] = "published") -> list[Event]:
    """Return every change of level or verdict, in the order of time, with the findings that came out that day."""
    dates = sorted({f.known_on(clock) for f in register.findings})
    before = {s.shape: s for s in status_of_all(as_of(register, dt.date.min))}
    events = []
    for date in dates:
        now = {s.shape: s for s in status_of_all(as_of(register, date, clock))}
        for shape, status in now.items():
            old = before[shape]
            new = tuple(m for m in status.members if m not in old.members)
            if old.level != status.level:
                kind: Literal["first example", "level"] = "first example" if old.level == "none" else "level"
                events.append(Event(date, shape, kind, old.level, status.level, new))
            if old.verdict != status.verdict and status.verdict == "codified":
                events.append(Event(date, shape, "verdict", old.verdict, status.verdict, new))
        before = now
    return events


def replay(register: Register) -> pd.DataFrame:
    """Return the count, level and verdict of every shape on every day that changed what was known, by either clock.

    Returns
    -------
    DataFrame
        clock (``published`` or ``recorded``), step (from 0), date (ISO), findings (known by then), shape, count,
        level, verdict, blocked_by. The steps are the same days for both clocks.
    """
    import pandas as pd

    clocks: tuple[Literal["published", "recorded"], ...] = ("published", "recorded")
    dates = sorted({f.known_on(clock) for f in register.findings for clock in clocks})
    rows = []
    for clock in clocks:
        for step, date in enumerate(dates):
            known = as_of(register, date, clock)
            for s in status_of_all(known):
                rows.append(
                    {
                        "clock": clock,
                        "step": step,
                        "date": date.isoformat(),
                        "findings": len(known.findings),
                        "shape": register.shape(s.shape).title,
                        "count": s.count,
                        "level": s.level,
                        "verdict": s.verdict,
                        "blocked_by": "; ".join(check.condition for check in s.blocking),
                    }
                )
    return pd.DataFrame(rows)


def spans(replayed: pd.DataFrame) -> pd.DataFrame:
    """Return a replay with one row for each stretch of steps in which nothing about a shape changed.

    A page that holds the replay grows with what happened and not with days times shapes.

    Parameters
    ----------
    replayed : DataFrame
        From `replay`.

    Returns
    -------
    DataFrame
        clock, shape, count, level, verdict, blocked_by, start and stop (the steps from `start` up to and without
        `stop`), since (ISO date of the first of them).
    """
    said = ["count", "level", "verdict", "blocked_by"]
    rows = replayed.sort_values(["clock", "shape", "step"], kind="stable")
    same = (rows[["clock", "shape", *said]] == rows[["clock", "shape", *said]].shift()).all(axis=1)
    found = rows.assign(stretch=(~same).cumsum()).groupby("stretch", sort=False)
    out = found[["clock", "shape", *said]].first()
    return out.assign(start=found.step.min(), stop=found.step.max() + 1, since=found.date.first()).reset_index(
        drop=True
    )
