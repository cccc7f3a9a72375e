"""Percolation: abilities that arrive when the known pairs of a concept graph join into one component."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from emergence.shared.checks import asks, number
from emergence.shared.fitting import Floats


@dataclass(frozen=True)
class Growth:
    """A random bipartite graph as its edges arrive one at a time.

    Parameters
    ----------
    left, right : int
        Nodes of each kind, for instance entities and properties.
    largest : array of shape (edges + 1,)
        Share of all nodes in the largest component after each edge.
    others : array of shape (edges + 1,)
        Mean size of the component of a node outside the largest one.
    """

    left: int
    right: int
    largest: Floats
    others: Floats

    @property
    def threshold(self) -> int:
        """The number of edges at which the components outside the largest one are largest on average."""
        return int(self.others.argmax())


@asks(left=number(low=1, whole=True), right=number(low=1, whole=True))
def expected_threshold(left: int, right: int) -> float:
    """Return the number of edges at which a giant component appears in the limit of many nodes: sqrt(left right).

    Each node then reaches one further node of its own kind on average; the density is ``1 / sqrt(left right)``.
    """
    if min(left, right) < 1:
        raise ValueError(f"given {left} and {right} nodes; needed: at least 1 of each kind")
    return float(np.sqrt(left * right))


@asks(left=number(low=1, whole=True), right=number(low=1, whole=True))
def percolation(left: int, right: int, *, reach: float = 2.5, seed: int = 0) -> Growth:
    """Add edges between two kinds of nodes at random, and follow the components.

    Components are joined as in Newman and Ziff 2001 (doi:10.1103/PhysRevE.64.016706), so that a whole growth costs
    little more than one graph.

    Parameters
    ----------
    left, right : int
        At least 2 of each.
    reach : float
        Edges added, over the expected threshold; at least 1 and no more than there are pairs.
    seed : int
    """
    starts, ends = _edges(left, right, reach, seed)
    nodes = left + right
    largest, others = _followed(np.ones(nodes, dtype=int), starts, ends)
    return Growth(left, right, largest / nodes, others)


def _edges(left: int, right: int, reach: float, seed: int) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return both nodes of each edge in the order of arrival; those of the second kind are counted on from the first."""
    usable = min(left, right) >= 2 and np.isfinite(reach) and reach >= 1
    edges = round(reach * expected_threshold(left, right)) if usable else 0
    if not usable or edges > left * right:
        raise ValueError(
            f"given {left} and {right} nodes and a reach of {reach:g}; needed: at least 2 nodes of each kind, and edges between the expected threshold and {left * right}"
        )
    drawn = np.random.default_rng(seed).choice(left * right, edges, replace=False)
    return drawn // right, left + drawn % right


def _followed(sizes: NDArray[np.int_], starts: NDArray[np.int_], ends: NDArray[np.int_]) -> tuple[Floats, Floats]:
    """Return the size of the largest component, and the mean of a node's outside of it, at first and after each edge.

    Edges run between components of these sizes.
    """
    parent, size = list(range(len(sizes))), sizes.tolist()
    # What each edge that joins two components does to the sum of their sizes squared and to the largest of them.
    joins, squares, most = [0], [int((sizes**2).sum())], [int(sizes.max())]
    for i, (a, b) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True), start=1):
        while (above := parent[a]) != a:
            parent[a] = a = parent[above]
        while (above := parent[b]) != b:
            parent[b] = b = parent[above]
        if a != b:
            one, other = size[a], size[b]
            if one < other:
                a, b = b, a
            parent[b] = a
            size[a] = both = one + other
            joins.append(i)
            squares.append(2 * one * other)
            most.append(both)
    # Between two joins nothing changes.
    nodes, lasts = int(sizes.sum()), np.diff([*joins, len(starts) + 1])
    largest = np.repeat(np.maximum.accumulate(most), lasts)
    rest = np.repeat(np.cumsum(squares), lasts) - largest**2
    return largest, np.divide(rest, nodes - largest, out=np.zeros(len(starts) + 1), where=largest < nodes)


EARLY, LATE = 0.8, 1.7
"""Between these, over the expected threshold, the threshold of nearly every graph lies."""


@asks(left=number(low=1, whole=True), right=number(low=1, whole=True))
def threshold(left: int, right: int, *, reach: float = 2.5, seed: int = 0) -> int:
    """Return the threshold of the graph that `percolation` grows, without following all of its growth.

    The components of the edges that come early are counted at once. The mean over all nodes of their component's size only
    grows with edges, and is no less than the mean outside the largest: where that has a peak above the early mean, no
    earlier edge is the threshold. Where it has none, or has not come down to half of its peak when the late edges begin, the
    whole growth is followed.

    Parameters
    ----------
    left, right, reach, seed
        As for `percolation`.
    """
    starts, ends = _edges(left, right, reach, seed)
    nodes, expected = left + right, expected_threshold(left, right)
    early, late = (min(round(share * expected), len(starts)) for share in (EARLY, LATE))
    graph = coo_array((np.ones(early), (starts[:early], ends[:early])), shape=(nodes, nodes))
    component = connected_components(graph, directed=False)[1]
    sizes = np.bincount(component)
    _, others = _followed(sizes, component[starts[early:late]], component[ends[early:late]])
    peak = int(others.argmax())
    if others[peak] <= (sizes**2).sum() / nodes or others[-1] > others[peak] / 2:
        return percolation(left, right, reach=reach, seed=seed).threshold
    return early + peak


def giant_share(mean_left: float, mean_right: float) -> tuple[float, float]:
    """Return the share of nodes of each kind in the giant component, in the limit of many nodes.

    Parameters
    ----------
    mean_left, mean_right : float
        Mean number of edges of a node of each kind, not negative.

    Notes
    -----
    ``s = 1 - exp(-mean_left t)`` and ``t = 1 - exp(-mean_right s)``: a node is outside when none of its neighbours is
    inside. Above 0 when ``mean_left * mean_right > 1``.
    """
    if not (np.isfinite([mean_left, mean_right]).all() and min(mean_left, mean_right) >= 0):
        raise ValueError(f"given means of {mean_left:g} and {mean_right:g} edges; needed: finite, none negative")
    s = t = 1.0
    for _ in range(100_000):
        new_s, new_t = -np.expm1(-mean_left * t), -np.expm1(-mean_right * s)
        if abs(new_s - s) + abs(new_t - t) < 1e-12:
            break
        s, t = float(new_s), float(new_t)
    return float(s), float(t)
