"""Percolation: components against a graph library, thresholds against the limit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from emergence.emergence_theory import percolation as pc


@pytest.mark.parametrize("seed", range(4))
def test_components_are_those_of_a_graph_library(seed):
    """After any number of edges the largest component and the mean of the others are what SciPy counts."""
    left, right = 40, 70
    growth = pc.percolation(left, right, seed=seed)
    drawn = np.random.default_rng(seed).choice(left * right, len(growth.largest) - 1, replace=False)
    for edges in (1, 20, growth.threshold, len(drawn)):
        a, b = drawn[:edges] // right, left + drawn[:edges] % right
        graph = coo_array((np.ones(edges), (a, b)), shape=(left + right, left + right))
        sizes = np.sort(np.bincount(connected_components(graph, directed=False)[1]))[::-1].astype(float)

        assert growth.largest[edges] == pytest.approx(sizes[0] / (left + right))
        assert growth.others[edges] == pytest.approx((sizes[1:] ** 2).sum() / sizes[1:].sum())


def test_the_threshold_alone_is_that_of_the_whole_growth():
    """On graphs of six shapes, and on some so small that the peak lies anywhere, it is the one that the growth has."""
    for left, right in ((2, 3), (10, 12), (40, 30), (100, 90), (225, 112), (225, 1800), (1800, 900)):
        for seed in range(12):
            reach = min(2.5, left * right / pc.expected_threshold(left, right))
            found = pc.threshold(left, right, reach=reach, seed=seed)
            assert found == pc.percolation(left, right, reach=reach, seed=seed).threshold
    with pytest.raises(ValueError, match="at least 2 nodes"):
        pc.threshold(1, 5)


def test_the_threshold_nears_its_limit():
    """The threshold over the square root of the product falls towards one as graphs grow (within 10 percent)."""
    over = [
        np.mean([pc.percolation(n, 2 * n, seed=s).threshold for s in range(10)]) / pc.expected_threshold(n, 2 * n)
        for n in (100, 1000, 10_000)
    ]

    assert over[0] > over[1] > over[2]
    assert over[2] == pytest.approx(1, abs=0.1)


def test_the_threshold_grows_as_the_square_root():
    """With the entities fixed, the threshold grows with the number of properties to the power one half (within 0.03)."""
    rights = [2000, 4000, 8000, 16_000]
    means = [np.mean([pc.percolation(8000, m, seed=s).threshold for s in range(6)]) for m in rights]

    assert np.polyfit(np.log(rights), np.log(means), 1)[0] == pytest.approx(0.5, abs=0.03)


def test_the_giant_component_is_that_of_the_limit():
    """A large graph with twice the edges of the threshold has the share in its largest component that theory gives."""
    n, m = 6000, 3000
    edges = round(2 * pc.expected_threshold(n, m))
    share = pc.percolation(n, m, seed=1).largest[edges]
    s, t = pc.giant_share(edges / n, edges / m)

    assert share == pytest.approx((n * s + m * t) / (n + m), abs=0.02)
    assert pc.giant_share(0.5, 1.9) == pytest.approx((0, 0), abs=1e-3)


def test_impossible_graphs_are_refused():
    """Too few nodes, more edges than pairs, and negative means are refused."""
    for left, right, reach in ((1, 5, 2), (3, 3, 9), (10, 10, 0.5)):
        with pytest.raises(ValueError, match=rf"needed: at least 2 nodes .* and {left * right}$"):
            pc.percolation(left, right, reach=reach)
    for means in ((-1, 1), (np.nan, 1), (1, np.inf)):
        with pytest.raises(ValueError, match="none negative"):
            pc.giant_share(*means)
    with pytest.raises(ValueError, match="at least 2 nodes"):
        pc.percolation(5, 5, reach=np.nan)
    with pytest.raises(ValueError, match="at least 1"):
        pc.expected_threshold(-4, -4)
