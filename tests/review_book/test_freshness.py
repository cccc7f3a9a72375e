"""How fresh the review is."""

from __future__ import annotations

import pytest

from review_book.living import freshness
from review_utils.records.claims import load_ledger
from review_utils.records.kinds import Records
from review_utils.records.reading import RecordError
from review_utils.records.register import load_register
from review_utils.records.searches import load_sweeps


def test_what_is_not_verified_is_counted(root):
    """The strip counts measurements and claims that no primary source or several extractions confirm."""
    fresh = freshness.freshness_of(Records(root / "data"))
    measured = [m for f in load_register().findings for m in f.measurements]

    assert fresh.measurements == len(measured)
    assert fresh.unverified_measurements == sum(m.verified not in freshness.VERIFIED for m in measured)
    assert fresh.claims == len(load_ledger().claims)
    assert fresh.swept in fresh.words


def test_more_cannot_come_in_than_were_screened(tmp_path):
    """A search that let in more than it screened is refused with line and remedy, and so is an empty list."""
    path = tmp_path / "sweeps.yml"
    path.write_text("- {date: 2026-01-01, source: x, query: y, screened: 2, included: 3}\n")
    with pytest.raises(RecordError, match=r"sweeps.yml:1: 0.included: given 3; needed: at most the 2"):
        load_sweeps(tmp_path)
    path.write_text("[]\n")
    with pytest.raises(RecordError, match="at least one search"):
        load_sweeps(tmp_path)


def test_the_last_full_execution_is_on_record(root):
    """A full execution of every notebook from nothing is on record, with its date and how many there were."""
    done = freshness.last_execution(root / "data")

    assert done is not None
    assert done.notebooks > 40
