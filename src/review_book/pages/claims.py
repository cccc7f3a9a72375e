"""Tables of claims, and of the numbers that a page shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from review_book.living.history import Event, load_history
from review_book.pages.findings import citation
from review_book.sphinx.quotes import VERIFIED_WORDS
from review_utils.records.claims import Claim, Ledger
from review_utils.records.reading import format_number
from review_utils.show import Number
from review_utils.show.tables import Ref, Table, from_rows

STANDING_TITLES = {"known": "What is known", "contested": "What is contested", "open": "What is open"}


def _published(claim: Claim, data: Path) -> list[object]:
    record = claim.published
    value = record.text or ""
    if record.value is not None:
        value = f"{format_number(record.value, 6)}{' ' + record.unit if record.unit else ''}"
    if record.interval:
        value += f" ({record.interval[0]:g} to {record.interval[1]:g})"
    unverified = [] if record.verified in ("primary", "several-extractions") else [VERIFIED_WORDS[record.verified]]
    return [value, citation(record.cite, data), record.locator, *unverified]


def claims_table(claims: tuple[Claim, ...], standing: str, caption: str, data: Path) -> Table:
    """Return the claims of one standing as a table, published beside recomputed."""
    rows = []
    chosen = [claim for claim in claims if claim.standing == standing]
    for claim in chosen:
        ours: list[object] = ["not recomputed"]
        if claim.recomputed:
            ours = [
                format_number(claim.recomputed.value, 5),
                Ref(claim.recomputed.by.split("/")[1].replace("_", " "), f"analyses/{claim.recomputed.by}"),
            ]
        verdict: list[object] = [
            claim.verdict,
            *(["contested by"] if claim.contested_by else []),
            *(citation(key, data) for key in claim.contested_by),
        ]
        rows.append(
            {
                "Claim": [claim.text, claim.note] if claim.note else claim.text,
                "Published": _published(claim, data),
                "Recomputed": ours,
                "Verdict": verdict,
            }
        )
    return from_rows(
        rows, ["Claim", "Published", "Recomputed", "Verdict"], caption, tuple(f"claim-{claim.id}" for claim in chosen)
    )


def claims_strip(claims: tuple[Claim, ...], events: Sequence[Event] = ()) -> str:
    """Return the counts of a chapter's claims, by verdict and by standing, and their last change, as one line of HTML."""
    verdicts = Counter(claim.verdict for claim in claims)
    standings = Counter(claim.standing for claim in claims)
    parts = [f"<b>{len(claims)}</b> claims"]
    parts += [
        f"<b>{verdicts[v]}</b> {v.replace('-', ' ')}"
        for v in ("reproduced", "differs", "contested", "not-recomputed")
        if verdicts[v]
    ]
    parts += [f"<b>{standings[s]}</b> {s}" for s in ("known", "contested", "open")]
    subjects = {claim.id for claim in claims}
    days = [e.date for e in events if e.topic == "claim" and e.subject in subjects]
    if days:
        parts.append(f"last change {max(days)}")
    return f'<p class="review-strip">{" · ".join(parts)}</p>'


def claims_html(ledger: Ledger, chapter: str) -> str:
    """Return a chapter's opening: the strip and the tables of what is known, contested and open."""
    claims = ledger.chapters[chapter]
    tables = [
        claims_table(claims, standing, title, ledger.data).to_html() for standing, title in STANDING_TITLES.items()
    ]
    return claims_strip(claims, load_history(ledger.data)) + "".join(tables)


def numbers_html(outputs: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the numbers that an analysis shows, each with its uncertainty or the reason for none."""
    shown = {name: Number(**o["record"]) for name, o in outputs.items() if o["kind"] == "number"}
    rows = []
    for number in shown.values():
        ends = number.no_interval_because or ""
        if number.low is not None and number.high is not None:
            ends = f"{format_number(number.low, number.digits)} to {format_number(number.high, number.digits)}, {number.interval}"
        value = f"{number.text} {number.unit}".rstrip()
        rows.append({"Number": number.label, "Value": value, "Interval, or why none": ends})
    return from_rows(
        rows,
        ["Number", "Value", "Interval, or why none"],
        "Numbers that other pages quote from here",
        tuple(f"r-{name}" for name in shown),
    ).to_html()
