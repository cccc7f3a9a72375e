"""Snapshots: what was known on a day, kept apart from the record that goes on."""

from __future__ import annotations

import datetime as dt
import shutil

import pytest
from making import MEMBER, make, shape

from emergence.records import snapshots
from review_utils.records.reading import RecordError
from review_utils.records.register import Register
from review_utils.records.status import STRICT, status_of_all

DAY = dt.date(2026, 6, 30)


@pytest.fixture
def register(root, tmp_path):
    """A small register over a folder that holds one table of the review."""
    shutil.copytree(root / "data" / "published", tmp_path / "published")
    for name in ("datapackage.json", "references.bib"):
        shutil.copy(root / "data" / name, tmp_path)
    findings = (
        make("a", MEMBER, [("t", "removes-effect")]),
        make("b", MEMBER),
        make("late", MEMBER, recorded="2026-07-01"),
    )
    rules = (shape("s", {"min_examples": 2}, {"every_member_tested": "t"}),)
    return Register(findings, rules, (), (), tmp_path)


def test_a_snapshot_gives_the_status_of_its_day(register):
    """What was recorded by the day is in it, what came later is not, and the status is that of these findings."""
    then = snapshots.take(register, DAY, [], "a test")
    known = Register(register.findings[:2], register.shapes, (), ())

    assert [f.id for f in then.findings] == ["a", "b"]
    assert status_of_all(then.register, STRICT) == status_of_all(known, STRICT)


def test_a_snapshot_is_read_as_it_was_written(register):
    """File and digest hold all of it; the same is written once, another of the same day beside it."""
    tables = ["metr2026_horizons"]
    then = snapshots.take(register, DAY, tables, "a test")
    path = snapshots.write(then, register.data)
    later = snapshots.take(register, DAY, [], "a test")

    assert snapshots.read(path) == then
    assert snapshots.write(then, register.data) == path
    assert snapshots.write(later, register.data) != path
    found = snapshots.load_snapshots(register.data)
    assert found == {snapshots.digest_of(s): s for s in (then, later)}
    assert snapshots.of_day(found, DAY) == then
    assert snapshots.of_day(found, dt.date(2000, 1, 1)) is None
    assert then.table(tables[0]).minutes.gt(0).all()
    with pytest.raises(KeyError, match="there are: metr2026_horizons"):
        then.table("nothing")


def test_a_broken_snapshot_is_named(register):
    """A file that is no snapshot is refused with its line and what is needed."""
    path = snapshots.write(snapshots.take(register, DAY, [], "a test"), register.data)
    path.write_text(path.read_text(encoding="utf-8").replace('"removes-effect"', '"who-knows"'), encoding="utf-8")
    with pytest.raises(RecordError, match=r"tests.*who-knows"):
        snapshots.load_snapshots(register.data)
