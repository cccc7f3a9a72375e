"""Tables of claims, and of the numbers that a page shows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from review_book.pages.cells import Beside
from review_book.pages.findings import citation
from review_book.records.claims import Ledger
from review_book.sphinx.quotes import VERIFIED_WORDS, Number
from review_utils.records.claims import VERDICT_WORDS, Claim
from review_utils.records.quantities import VERIFIED_TIERS
from review_utils.records.reading import format_number
from review_utils.show.tables import Ref, from_rows


def _published(claim: Claim, data: Path) -> list[object]:
    record = claim.published
    value = record.text or ""
    if record.value is not None:
        value = f"{format_number(record.value, 6)}{' ' + record.unit if record.unit else ''}"
    if record.interval:
        value += f" ({record.interval[0]:g} to {record.interval[1]:g})"
    unverified = [] if record.verified in VERIFIED_TIERS else [VERIFIED_WORDS[record.verified]]
    return [value, citation(record.cite, data), record.locator, *unverified]


def _beside(claim: Claim) -> list[Beside]:
    """Return both numbers on one strip, where they are of one sign and so of one kind."""
    published, ours = claim.published, claim.recomputed
    if not ours or not published.value or published.value * ours.value <= 0:
        return []
    return [Beside(published.value, ours.value, published.interval)]


def recomputations_html(ledger: Ledger, chapter: str) -> str:
    """Return a chapter's measurements: published beside recomputed, what was recomputed first, with the verdict first."""
    claims = sorted(ledger.chapters[chapter], key=lambda claim: claim.recomputed is None)
    if not claims:
        return "<p>No published number of this chapter is in the ledger of recomputations; what it measures stands in its analyses.</p>"
    rows = []
    for claim in claims:
        ours: object = "–"
        if claim.recomputed:
            page = claim.recomputed.by
            link = Ref(page.split("/")[1].replace("_", " "), f"analyses/{page}")
            ours = [format_number(claim.recomputed.value, 5), *_beside(claim), link]
        rows.append(
            {
                "Verdict": VERDICT_WORDS[claim.verdict],
                "Number": [claim.text, claim.note] if claim.note else claim.text,
                "Published": _published(claim, ledger.data),
                "Recomputed": ours,
            }
        )
    done = sum(claim.recomputed is not None for claim in claims)
    drawn = (
        "; a ring is the published number, a bar its interval, a dot ours, and a strip holds a quarter more and less"
    )
    caption = f"{len(claims)} published numbers, {done or 'none'} of them recomputed here{drawn if done else ''}"
    ids = tuple(f"claim-{claim.id}" for claim in claims)
    return from_rows(rows, ["Verdict", "Number", "Published", "Recomputed"], caption, ids).to_html()


def numbers_html(outputs: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the numbers and words that an analysis shows, each number with its uncertainty or the reason for none."""
    shown = {name: Number(**o["record"]) for name, o in outputs.items() if o["kind"] == "number"}
    said = {name: o["record"] for name, o in outputs.items() if o["kind"] == "words"}
    rows = []
    for number in shown.values():
        ends = number.no_interval_because or ""
        if number.low is not None and number.high is not None:
            ends = f"{format_number(number.low, number.digits)} to {format_number(number.high, number.digits)}, {number.interval}"
        value = f"{number.text} {number.unit}".rstrip()
        rows.append({"Number": number.label, "Value": value, "Interval, or why none": ends})
    rows += [{"Number": r["label"], "Value": r["text"], "Interval, or why none": "words"} for r in said.values()]
    return from_rows(
        rows,
        ["Number", "Value", "Interval, or why none"],
        "Numbers that other pages quote from here",
        tuple(f"r-{name}" for name in (*shown, *said)),
    ).to_html()
