"""Doses: read from the register, never merged across kinds."""

from __future__ import annotations

from review_utils import training_dynamics as td
from review_utils.register import Register, load_register


def test_every_dose_of_the_register_is_listed(root):
    """The table has a row for every measurement that states a dose, in the order of dose."""
    register = load_register(root / "data")
    table = td.doses(register)

    assert len(table) == sum(m.dose is not None for f in register.findings for m in f.measurements)
    assert table.dose_percent.is_monotonic_increasing
    assert table.dose_percent.between(0, 100).all()


def test_the_smallest_effective_dose_is_by_study_and_signal(root):
    """Each study and signal appears once, with its smallest dose that had an effect."""
    table = td.doses(load_register(root / "data"))
    smallest = td.smallest_effective_dose(table)

    assert not smallest.duplicated(["finding", "signal"]).any()
    for row in smallest.itertuples():
        same = table[(table.finding == row.finding) & (table.signal == row.signal) & (table.effect == "yes")]
        assert row.dose_percent == same.dose_percent.min()


def test_a_register_without_doses_gives_an_empty_table():
    """No dose at all is an empty table with its columns, not an error."""
    table = td.doses(Register((), (), (), ()))

    assert table.empty
    assert "dose_percent" in table.columns
    assert td.smallest_effective_dose(table).empty
