"""The claims ledger: what was published, what we recompute, and whether the two agree.

One YAML file a chapter under ``data/claims``. A notebook that recomputes a claim calls `check`, which fails
when the number differs from the record. A verdict is never free text: it follows from the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from review_utils.records.quantities import VERIFIED_TIERS, Interval, Number, Verified, Words, check_limits
from review_utils.records.reading import (
    Located,
    Record,
    Slug,
    Text,
    did_you_mean,
    format_number,
    parse_list,
    read_yaml,
)
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

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.value is None and self.text is None:
            raise ValueError("a value, or text where it is not a number")
        if self.interval and not self.interval[0] <= self.interval[1]:
            raise ValueError("an interval [low, high]")
        low, high = self.interval or (None, None)
        check_limits(self.unit, value=self.value, interval_0=low, interval_1=high)
        return self


class Recomputed(Record):
    """Our own number: the value, how far a rerun may stray, and what counts as agreement."""

    value: Number
    tolerance: Annotated[Number, Field(ge=0)]
    agrees_within: Annotated[Number, Field(ge=0)]
    by: Annotated[str, Field(pattern=r"^[a-z_]+/[a-z0-9_]+$")]
    because: Text | None = None

    @model_validator(mode="after")
    def _rerun_agrees(self) -> Self:
        if self.tolerance > self.agrees_within:
            raise ValueError("a tolerance that is not above agrees_within, or a rerun may stray out of agreement")
        return self


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

    @model_validator(mode="after")
    def _verdict_follows(self) -> Self:
        if self.recomputed and self.published.value is None:
            raise ValueError("a published value beside a recomputed one")
        if self.recomputed:
            check_limits(self.published.unit, recomputed_value=self.recomputed.value)
        if self.verdict not in self.due_verdicts:
            raise ValueError(f"a verdict that follows from the numbers: {' or '.join(self.due_verdicts)}")
        if self.verdict not in ("reproduced", "not-recomputed") and not self.note:
            raise ValueError("a note that says why it does not agree, or what was corrected")
        if self.verdict == "contradicted" and self.published.verified not in VERIFIED_TIERS:
            raise ValueError("not-comparable, or a published value that was verified: nothing is held against memory")
        return self

    @property
    def due_verdicts(self) -> tuple[ClaimVerdict, ...]:
        """The verdicts that the numbers allow."""
        if self.recomputed is None:
            return ("not-recomputed",)
        assert self.published.value is not None
        difference = abs(self.recomputed.value - self.published.value)
        if difference <= self.recomputed.agrees_within * (1 + 1e-12):
            return ("reproduced", "reproduced-after-correction")
        return ("rounding-or-misprint", "not-comparable", "contradicted")

    @property
    def text(self) -> str:
        """The statement, with its number from the record."""
        value = "" if self.published.value is None else format_number(self.published.value, 6)
        ours = format_number(self.recomputed.value, 5) if self.recomputed else ""
        return self.statement.replace("{value}", value).replace("{recomputed}", ours)


class ClaimError(AssertionError):
    """A recomputed number differs from the recorded one."""


@dataclass(frozen=True)
class Ledger:
    """The claims of every chapter, with the place of each in its file."""

    chapters: dict[str, tuple[Claim, ...]]
    places: dict[str, tuple[str, int]]
    data: Path = Path("data")
    """Where they were read from."""

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All claims, in the order of the chapters."""
        return tuple(claim for chapter in self.chapters.values() for claim in chapter)

    def claim(self, claim_id: str) -> Claim:
        """Return one claim by its id; KeyError names the near misses."""
        for claim in self.claims:
            if claim.id == claim_id:
                return claim
        raise KeyError(f"no claim {claim_id}{did_you_mean(claim_id, (c.id for c in self.claims), 3)}")

    def chapter_of(self, claim_id: str) -> str:
        """Return the chapter whose file holds the claim."""
        return next(name for name, claims in self.chapters.items() if any(c.id == claim_id for c in claims))


def read_chapter(data: Path, chapter: str) -> tuple[Located, list[Claim]]:
    """Return the claims of one chapter, each checked on its own, with their places."""
    located = read_yaml(data / "claims" / f"{chapter}.yml")
    return located, parse_list(Claim, located)


@dataclass(frozen=True)
class Checked:
    """A claim as published beside the number just recomputed."""

    claim: Claim
    value: float


def _ledger_here(claim_id: str) -> Ledger:
    """Return the ledger of the chapter whose notebook is running, so that no other chapter's edit re-executes it."""
    data = project_root() / "data"
    own = data / "claims" / f"{Path.cwd().name}.yml"
    paths = [own] if own.is_file() else files_in(data / "claims", "*.yml")
    chapters: dict[str, tuple[Claim, ...]] = {}
    places: dict[str, tuple[str, int]] = {}
    for path in paths:
        located, claims = read_chapter(data, path.stem)
        chapters[path.stem] = tuple(claims)
        places |= {c.id: located.place(i) for i, c in enumerate(claims)}
    if claim_id not in places:
        where = f"{relative(own)}, the ledger of this notebook's chapter" if own.is_file() else "data/claims"
        raise KeyError(f"no claim {claim_id} in {where}{did_you_mean(claim_id, places, 2)}")
    return Ledger(chapters, places)


def find(claim_id: str) -> Claim:
    """Return a claim that is recomputed where its data are, from the ledger of the chapter in whose folder this runs."""
    return _ledger_here(claim_id).claim(claim_id)


def check(claim_id: str, value: float, ledger: Ledger | None = None) -> Checked:
    """Compare a number just recomputed with the record of the claim.

    Parameters
    ----------
    claim_id : str
        The id of a claim whose record has `recomputed`.
    value : float
        The number just computed, in the unit of the record.
    ledger : Ledger, optional
        Default is the ledger of the chapter in whose folder this runs.

    Raises
    ------
    ClaimError
        When it differs from the recorded recomputation by more than the recorded tolerance.
    """
    ledger = ledger or _ledger_here(claim_id)
    claim = ledger.claim(claim_id)
    file, line = ledger.places[claim_id]
    if claim.recomputed is None:
        raise ClaimError(
            f"{file}:{line}: {claim_id} has no recomputed value; add recomputed: with value {float(value)!r}"
        )
    recorded = claim.recomputed
    if not abs(value - recorded.value) <= recorded.tolerance * (1 + 1e-12):
        raise ClaimError(
            f"{file}:{line}: {claim_id}: recomputed {float(value):.8g}, but the record says {recorded.value:.8g} "
            f"within {recorded.tolerance:g}. Either the computation or its data changed (find out which), "
            f"or the record is wrong (mend recomputed.value and see what becomes of its verdict)."
        )
    return Checked(claim, float(value))
