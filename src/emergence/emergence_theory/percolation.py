"""Percolation: abilities that arrive when the known pairs of a concept graph join into one component."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
    usable = min(left, right) >= 2 and np.isfinite(reach) and reach >= 1
    edges = round(reach * expected_threshold(left, right)) if usable else 0
    if not usable or edges > left * right:
        raise ValueError(
            f"given {left} and {right} nodes and a reach of {reach:g}; needed: at least 2 nodes of each kind, and edges between the expected threshold and {left * right}"
        )
    rng = np.random.default_rng(seed)
    drawn = rng.choice(left * right, edges, replace=False)
    starts, ends = (drawn // right).tolist(), (left + drawn % right).tolist()
    nodes = left + right
    parent, size = list(range(nodes)), [1] * nodes
    # Sums over components of their size squared and of the largest: from these both shares follow.
    squares, most = nodes, 1
    largest, others = np.empty(edges + 1), np.empty(edges + 1)
    largest[0], others[0] = 1 / nodes, 1.0
    for i, (a, b) in enumerate(zip(starts, ends, strict=True), start=1):
        while parent[a] != a:
            parent[a] = a = parent[parent[a]]
        while parent[b] != b:
            parent[b] = b = parent[parent[b]]
        if a != b:
            if size[a] < size[b]:
                a, b = b, a
            squares += 2 * size[a] * size[b]
            size[a] += size[b]
            parent[b] = a
            most = max(most, size[a])
        largest[i] = most / nodes
        others[i] = (squares - most**2) / (nodes - most) if most < nodes else 0.0
    return Growth(left, right, largest, others)


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
