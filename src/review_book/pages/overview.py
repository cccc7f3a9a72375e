"""The landing page's parts and the register's table."""

from __future__ import annotations

from review_utils.records.register import Register
from review_utils.show.tables import Ref, from_rows


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
                "Recorded": finding.recorded,
            }
        )
    caption = f"{len(rows)} findings, the newest first"
    return from_rows(rows, list(rows[0]), caption).to_html()
