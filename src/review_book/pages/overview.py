"""The landing page's parts and the register's table."""

from __future__ import annotations

from collections import Counter

from review_book.pages.claims import STANDING_TITLES
from review_utils.records.claims import Ledger
from review_utils.records.register import Register
from review_utils.show.tables import Ref, from_rows


def overview_html(ledger: Ledger, register: Register) -> str:
    """Return the landing page's table: a row a chapter with its claims, counted from the ledger."""
    rows = []
    for chapter, claims in ledger.chapters.items():
        standings: Counter[str] = Counter(c.standing for c in claims)
        verdicts = Counter(c.verdict for c in claims)
        row = {"Chapter": Ref(chapter.replace("_", " ").capitalize(), f"chapters/{chapter}"), "Claims": len(claims)}
        row |= {standing.capitalize(): standings[standing] for standing in STANDING_TITLES}
        row |= {"Recomputed": sum(c.recomputed is not None for c in claims), "Of these, differ": verdicts["differs"]}
        rows.append(row)
    caption = f"Six chapters, and {len(register.findings)} findings in the register"
    return from_rows(rows, list(rows[0]), caption).to_html()


def register_html(register: Register) -> str:
    """Return every finding in one table, newest first."""
    rows = []
    for finding in sorted(register.findings, key=lambda f: (f.published, f.id), reverse=True):
        verified = sum(m.is_verified for m in finding.measurements)
        rows.append(
            {
                "Finding": Ref(finding.title, f"findings/{finding.id}"),
                "By": finding.short,
                "Published": finding.published,
                "Role": finding.role.replace("-", " "),
                "Shapes": [f"{register.shape(s.id).title} ({s.standing})" for s in finding.shapes] or "none",
                "Measurements": len(finding.measurements),
                "Verified": verified,
                "In the founding notes": finding.in_founding_notes,
            }
        )
    caption = f"{len(rows)} findings, the newest first"
    return from_rows(rows, list(rows[0]), caption).to_html()
