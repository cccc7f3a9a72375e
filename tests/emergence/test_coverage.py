"""The coverage of change points: resumed where it stopped, noise as it is said to be, and the kept table."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from emergence.phase_transitions import coverage
from review_utils.data.tables import table


def test_the_coverage_goes_on_where_it_stopped(tmp_path, monkeypatch):
    """A second run adds the rows that were missing; a row is the same whenever it is computed, and counts what it says."""
    monkeypatch.setattr(coverage, "POINTS", (40,))
    monkeypatch.setattr(coverage, "SPREADS", (0.05,))
    monkeypatch.setattr(coverage, "MEMORIES", (0.7,))
    path = tmp_path / "derived" / "table.csv"
    coverage.main([str(path), "--curves", "3"])
    whole = path.read_text(encoding="utf-8")
    head, first, second = whole.splitlines(keepends=True)
    for broken in (head + first, head + first + second[:-3], head + first[:-1]):
        path.write_text(broken, encoding="utf-8")
        coverage.main([str(path), "--curves", "3"])
        assert path.read_text(encoding="utf-8") == whole, "a line that broke off is made anew"
    ramp, line = csv.DictReader(whole.splitlines())
    assert (ramp["curve"], ramp["bends"], ramp["said_to_bend"]) == ("ramp", "6", "")
    assert (line["curve"], line["bends"], line["held"]) == ("straight line", "0", "0")
    assert 0 <= int(line["said_to_bend"]) <= 3


def test_noise_has_its_spread_and_its_memory():
    """Over 200,000 points the spread is met within 2 percent and the correlation of neighbours within 0.01."""
    made = coverage.noise(np.random.default_rng(0), 200_000, 0.7, 0.05)

    assert made.std() == pytest.approx(0.05, rel=0.02)
    assert np.corrcoef(made[1:], made[:-1])[0, 1] == pytest.approx(0.7, abs=0.01)


def test_the_kept_table_says_that_intervals_cover():
    """For every kind of noise at least 90 percent of the bends are held, and at most five percent of straight lines bend."""
    rows = table("changepoint_coverage")
    ramps, lines = rows[rows.curve == "ramp"], rows[rows.curve != "ramp"]

    assert len(ramps) == 8
    assert set(ramps.memory) == {0.0, 0.7}
    for row in ramps.itertuples():
        share, low, high = coverage.rate(row.held, row.bends)
        assert low < share < high
        assert share >= 90, row
    assert (lines.said_to_bend <= 0.05 * lines.curves).all()
