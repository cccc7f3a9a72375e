"""How fresh the review is: when the literature was last searched, what waits, what was executed, what is not verified."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from review_book.records.kinds import Records
from review_utils.records.quantities import VERIFIED_TIERS

WARN_AFTER_DAYS = 90
"""After so many days by the reader's clock the strip on every page turns to a warning."""


@dataclass(frozen=True)
class Execution:
    """A full execution of every notebook from nothing, as ``review cold`` records it."""

    date: str
    notebooks: int
    seconds: float
    python: str
    slowest: Mapping[str, float] = field(default_factory=dict)
    """Pages with the seconds that each took, the slowest first; a build from nothing begins with them."""


def last_execution(data: Path) -> Execution | None:
    """Return the last full execution on record, or None."""
    path = data / "execution.json"
    return Execution(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


@dataclass(frozen=True)
class Freshness:
    """What the strip on every page and the page of status say.

    Parameters
    ----------
    swept : str
        Day of the last search, ISO.
    waiting : int
        Places of findings in shapes that are proposed and wait for a decision.
    unverified_measurements, measurements, unverified_claims, claims : int
    """

    swept: str
    waiting: int
    unverified_measurements: int
    measurements: int
    unverified_claims: int
    claims: int
    warn_after: int = WARN_AFTER_DAYS

    @property
    def words(self) -> str:
        """One line for the strip."""
        waiting = f" New findings that wait for a decision: {self.waiting}." if self.waiting else ""
        unverified = self.unverified_measurements + self.unverified_claims
        return (
            f"This review was last brought up to the literature on {self.swept}.{waiting} "
            f"Of {self.measurements + self.claims} published numbers on record, {unverified} are not checked in their source."
        )


def freshness_of(records: Records) -> Freshness:
    """Return how fresh records are."""
    register, ledger = records.register, records.ledger
    measured = [m for f in register.findings for m in f.measurements]
    return Freshness(
        swept=records.searches.last.isoformat(),
        waiting=sum(m.standing == "candidate" for f in register.findings for m in f.shapes),
        unverified_measurements=sum(not m.is_verified for m in measured),
        measurements=len(measured),
        unverified_claims=sum(c.published.verified not in VERIFIED_TIERS for c in ledger.claims),
        claims=len(ledger.claims),
    )
