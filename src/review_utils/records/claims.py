"""The claims ledger: what was published, what we recompute, and whether the two agree.

One YAML file a chapter under ``data/claims``. A notebook that recomputes a claim calls `check`, which fails
when the number differs from the record. A verdict is never free text: the engine checks that it follows.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from review_utils.records.quantities import Interval, Number, Verified, Words
from review_utils.records.reading import Record, Slug, Text, did_you_mean, format_number, parse_list, read_yaml
from review_utils.review import files_in, project_root, relative

ClaimVerdict = Literal[
    "reproduced", "reproduced-after-correction", "rounding-or-misprint", "not-comparable", "contradicted", "not-recomputed",
]  # fmt: skip
VERDICT_WORDS: Mapping[str, str] = {
    "reproduced": "reproduced",
    "reproduced-after-correction": "reproduced after a correction",
    "rounding-or-misprint": "off by rounding or a misprint",
    "not-comparable": "another set-up, not comparable",
    "contradicted": "contradicted",
    "not-recomputed": "not recomputed",
}


class Published(Record):
    """A published number (or statement in words) with its place."""

    value: Number | None = None
    interval: Interval | None = None
    text: Words | None = None
    unit: Text | None = None
    cite: Text
    locator: Text
    verified: Verified


class Recomputed(Record):
    """Our own number: the value, how far a rerun may stray, and what counts as agreement."""

    value: Number
    tolerance: Annotated[Number, Field(ge=0)]
    agrees_within: Annotated[Number, Field(ge=0)]
    by: Annotated[str, Field(pattern=r"^[a-z_]+/[a-z0-9_]+$")]
    because: Text | None = None


class Claim(Record):
    """One claim that the book repeats."""

    id: Slug
    statement: Text
    published: Published
    recomputed: Recomputed | None = None
    verdict: ClaimVerdict
    note: Text | None = None
    """Why it does not agree, or what was corrected; needed where the verdict says so."""
    unattached: Text | None = None
    """Why it stays although no statement rests on it."""

    @property
    def text(self) -> str:
        """The statement, with its number from the record."""
        value = "" if self.published.value is None else format_number(self.published.value, 6)
        ours = format_number(self.recomputed.value, 5) if self.recomputed else ""
        return self.statement.replace("{value}", value).replace("{recomputed}", ours)


class ClaimError(AssertionError):
    """A recomputed number differs from the recorded one; an executor is told, also where the cell goes on."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        sys.audit("review.refused", said)


def _here(claim_id: str) -> tuple[Claim, str]:
    """Return a claim of the chapter whose notebook is running, so that no other chapter's edit re-executes it, and its place."""
    data = project_root() / "data"
    own = data / "claims" / f"{Path.cwd().name}.yml"
    found: dict[str, tuple[Claim, str]] = {}
    for path in [own] if own.is_file() else files_in(data / "claims", "*.yml"):
        located = read_yaml(path)
        for i, claim in enumerate(parse_list(Claim, located)):
            found[claim.id] = claim, ":".join(map(str, located.place(i)))
    if claim_id not in found:
        where = f"{relative(own)}, the ledger of this notebook's chapter" if own.is_file() else "data/claims"
        raise KeyError(f"no claim {claim_id} in {where}{did_you_mean(claim_id, found, 2)}")
    return found[claim_id]


def find(claim_id: str) -> Claim:
    """Return a claim that is recomputed where its data are, from the ledger of the chapter in whose folder this runs."""
    sys.audit("review.uncomputed", claim_id)
    return _here(claim_id)[0]


def check(claim_id: str, value: float) -> Claim:
    """Return a claim, compared with the number just recomputed.

    Parameters
    ----------
    claim_id : str
        The id of a claim whose record has `recomputed`, in the ledger of the chapter in whose folder this runs.
    value : float
        The number just computed, in the unit of the record.

    Raises
    ------
    ClaimError
        When it differs from the recorded recomputation by more than the recorded tolerance.
    """
    claim, place = _here(claim_id)
    if claim.recomputed is None:
        raise ClaimError(f"{place}: {claim_id} has no recomputed value; add recomputed: with value {float(value)!r}")
    recorded = claim.recomputed
    if not abs(value - recorded.value) <= recorded.tolerance * (1 + 1e-12):
        raise ClaimError(
            f"{place}: {claim_id}: recomputed {float(value):.8g}, but the record says {recorded.value:.8g} "
            f"within {recorded.tolerance:g}. Either the computation or its data changed (find out which), "
            f"or the record is wrong (mend recomputed.value and see what becomes of its verdict)."
        )
    return claim
