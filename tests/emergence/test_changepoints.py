"""Change points: where they are, intervals that cover, no bend in a straight line, and refusals."""

from __future__ import annotations

import numpy as np
import pytest
import ruptures
from hypothesis import given, settings
from hypothesis import strategies as st

from emergence.shared.changepoints import changepoints


def noise(rng, n, memory, sd):
    """Noise of which each point remembers a share of the one before."""
    out = rng.standard_normal(n)
    for i in range(1, n):
        out[i] = memory * out[i - 1] + np.sqrt(1 - memory**2) * out[i]
    return sd * out


@pytest.mark.parametrize(("memory", "sd"), [(0.0, 0.02), (0.0, 0.05), (0.7, 0.02), (0.7, 0.05)])
def test_intervals_cover(memory, sd):
    """Of 50 ramps the 95 percent intervals hold at least 90 percent of the 100 bends, on plain and on correlated noise.

    If they cover 95 percent, chance alone goes below 90 of 100 in 3 percent of such tests; the seed is fixed.
    """
    rng, x, hits = np.random.default_rng(0), np.linspace(0, 100, 40), 0
    for _ in range(50):
        truth = 30 + rng.uniform(-3, 3), 60 + rng.uniform(-3, 3)
        y = np.clip((x - truth[0]) / (truth[1] - truth[0]), 0, 1) + noise(rng, 40, memory, sd)
        found = changepoints(x, y, bends=2)
        hits += sum(low <= t <= high for low, t, high in zip(found.low, truth, found.high, strict=True))

    assert hits >= 90


@pytest.mark.parametrize("memory", [0.0, 0.7])
def test_a_straight_line_has_no_bend(memory):
    """Of 40 straight lines in noise at most two are said to bend; exact ones never are."""
    rng, x = np.random.default_rng(1), np.linspace(0, 100, 40)
    bent = sum(len(changepoints(x, 0.003 * x + noise(rng, 40, memory, 0.05)).at) > 0 for _ in range(40))

    assert bent <= 2
    assert changepoints(x, 3 - 0.2 * x).at == ()


def test_bends_lie_between_the_points():
    """On an exact ramp whose bends are no positions of the data they are found to a millionth of the axis."""
    x = np.arange(0, 100.0)
    found = changepoints(x, np.clip((x - 30.37) / (60.81 - 30.37), 0, 1))

    assert found.at == pytest.approx((30.37, 60.81), abs=1e-4)
    assert all(low <= at <= high for low, at, high in zip(found.low, found.at, found.high, strict=True))


def test_as_many_bends_as_there_are():
    """A ramp has two, a hinge one, and told to find three it does not lose the two that are there."""
    rng, x = np.random.default_rng(2), np.arange(0, 100.0)
    ramp = np.clip((x - 30) / 30, 0, 1) + noise(rng, 100, 0, 0.03)
    hinge = np.maximum(x - 50, 0) / 50 + noise(rng, 100, 0, 0.03)

    assert changepoints(x, ramp).at == pytest.approx((30, 60), abs=2.5)
    assert changepoints(x, hinge).at == pytest.approx((50,), abs=4)
    three = changepoints(x, ramp, bends=3).at
    assert min(abs(b - 30) for b in three) < 4
    assert min(abs(b - 60) for b in three) < 4
    assert changepoints(x, ramp, bends=0).at == ()


def test_memory_is_estimated():
    """The memory of .7 is found within .15 on 200 points, and none in plain noise."""
    rng, x = np.random.default_rng(3), np.arange(0, 200.0)
    ramp = np.clip((x - 60) / 60, 0, 1)

    assert changepoints(x, ramp + noise(rng, 200, 0.7, 0.03), bends=2).memory == pytest.approx(0.7, abs=0.15)
    assert changepoints(x, ramp + noise(rng, 200, 0.0, 0.03), bends=2).memory < 0.2


@settings(max_examples=8, derandomize=True)
@given(st.floats(1e-3, 1e3), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_units_do_not_matter(wide, shift, high):
    """Bends move with the axis and not with the height of the curve (to a thousandth of the axis)."""
    x = np.arange(0, 40.0)
    y = np.clip((x - 12) / 12, 0, 1) + noise(np.random.default_rng(4), 40, 0, 0.03)
    plain, other = changepoints(x, y, bends=2), changepoints(shift + wide * x, high * y, bends=2)

    assert [(at - shift) / wide for at in other.at] == pytest.approx(plain.at, abs=0.04)


def test_pelt_breaks_where_ruptures_does_with_a_fit_for_each_piece():
    """Running sums leave of a piece what ruptures' own least squares leave: on 20 rough curves the breaks are the same."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        x = np.cumsum(rng.uniform(0.1, 2, 40)) + 1e3
        y = np.cumsum(rng.normal(0, 0.1, 40)) + rng.choice([0.0, 50.0])
        signal = np.stack([y, x / np.ptp(x), np.ones_like(x)], axis=1)
        theirs = ruptures.Pelt(model="linear", min_size=3, jump=1).fit(signal).predict(pen=0.02)
        assert changepoints(x, y, "pelt").at == tuple(x[theirs[:-1]])


def test_pelt_counts_more_phases_the_lower_its_penalty():
    """On one smooth logistic rise PELT finds two breaks at a high penalty and more at a low one."""
    x = np.arange(0, 200.0)
    y = 1 / (1 + np.exp(-(x - 100) / 12))
    with pytest.raises(ValueError, match="bends for pelt; needed: none"):
        changepoints(x, y, "pelt", bends=2)
    few, many = (len(changepoints(x, y, "pelt", penalty=penalty).at) for penalty in (0.2, 0.002))

    assert few == 2
    assert many > 2


@pytest.mark.parametrize(
    ("x", "y", "options", "said"),
    [
        (range(5), range(5), {}, "at least 8"),
        (range(9), range(8), {}, "9 positions and 8 values"),
        ([0] * 9, range(9), {}, "row 1 is 0 after 0"),
        ([0, 1, 2, 3, 5, 4, 6, 7, 8], range(9), {}, "row 5 is 4 after 5"),
        (range(9), [1.0] * 9, {}, "throughout"),
        (range(9), [*range(8), np.nan], {}, "y: row 8 is nan"),
        (range(9), [*range(8), 1e200], {}, "y: row 8 is 1e\\+200"),
        ([*range(8), np.inf], range(9), {}, "x: row 8 is inf"),
        (range(9), range(9), {"method": "segmentd"}, "method: given 'segmentd'"),
        (range(9), range(9), {"method": "pelt", "penalty": 0}, "penalty 0"),
        (range(9), range(9), {"method": "pelt", "penalty": np.nan}, "penalty nan"),
        (range(9), range(9), {"bends": -1}, "bends: given -1"),
        (range(9), range(9), {"bends": 1.5}, "bends: given 1.5"),
        (range(9), range(9), {"bends": 3}, "at least 13"),
    ],
)
def test_curves_that_cannot_be_dated_are_refused(x, y, options, said):
    """Too few points, positions that do not rise, missing, huge and constant values and misspelt options give the reason."""
    with pytest.raises(ValueError, match=said) as refused:
        changepoints(list(x), list(y), **options)
    assert "needed" in str(refused.value)
