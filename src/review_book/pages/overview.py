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
                "Shapes": list(dict.fromkeys(f"{register.shape(s.id).title} ({s.standing})" for s in finding.shapes))
                or "none",
                "Numbers verified": f"{verified} of {len(finding.measurements)}",
            }
        )
    caption = f"{len(rows)} findings, the newest first"
    table = from_rows(rows, list(rows[0]), caption).to_html()
    return table.replace("review-table", "review-table review-table--findings", 1)
