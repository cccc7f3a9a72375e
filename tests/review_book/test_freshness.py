"""How fresh the review is."""

from __future__ import annotations

from review_book.living import freshness
from review_book.records.claims import load_ledger
from review_book.records.kinds import Records
from review_utils.records.quantities import VERIFIED_TIERS
from review_utils.records.register import load_register


def test_what_is_not_verified_is_counted(root):
    """The strip counts measurements and claims that no primary source or several extractions confirm."""
    fresh = freshness.freshness_of(Records(root / "data"))
    measured = [m for f in load_register().findings for m in f.measurements]

    assert fresh.measurements == len(measured)
    assert fresh.unverified_measurements == sum(m.verified not in VERIFIED_TIERS for m in measured)
    assert fresh.claims == len(load_ledger().claims)
    assert fresh.swept in fresh.words


def test_the_last_full_execution_is_on_record(root):
    """A full execution of every notebook from nothing is on record, with its date and how many there were."""
    done = freshness.last_execution(root / "data")

    assert done is not None
    assert done.notebooks > 40
