"""Change points of a curve, by two independent methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emergence.shared.fitting import Floats, as_floats


@dataclass(frozen=True)
class Changepoints:
    """Where a curve changes, with the method and its setting, since both decide the answer.

    Parameters
    ----------
    at : tuple of float
        Positions on the x axis, in order.
    low, high : tuple of float
        95 percent interval of each; NaN where the method gives none.
    method, setting : str
    """

    at: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    method: str
    setting: str


def _bent_lines(x: Floats, candidates: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return every ordered pair of candidate bends, and an orthonormal basis (pair, n, 4) of the bent lines of each."""
    first, second = np.triu_indices(len(candidates), k=1)
    bends = np.stack([first, second], axis=1)
    base = np.broadcast_to(np.stack([np.ones_like(x), x], axis=1), (len(bends), len(x), 2))
    hinges = np.maximum(x[None, :, None] - candidates[bends][:, None, :], 0)
    return bends, np.linalg.qr(np.concatenate([base, hinges], axis=2))[0]


def changepoints(
    x: ArrayLike,
    y: ArrayLike,
    method: Literal["segmented", "pelt"] = "segmented",
    *,
    penalty: float = 0.02,
    candidates: int = 60,
    replicates: int = 400,
    seed: int = 0,
) -> Changepoints:
    """Return where a curve changes: the start and the end of its rise, or as many breaks as a penalty allows.

    Parameters
    ----------
    x, y : array of shape (n,)
        `x` strictly rising; n at least 8.
    method : {"segmented", "pelt"}
        ``segmented`` fits a continuous line with two bends by least squares over a grid of `candidates`
        positions, with intervals from resampling blocks of residuals (which are autocorrelated).
        ``pelt`` finds the breaks of a piecewise linear curve that minimise squared error plus `penalty` for
        each, without intervals; on a smooth rise it finds more breaks than there are phases.
    penalty : float
        For ``pelt``, in units of y squared.

    Returns
    -------
    Changepoints

    Raises
    ------
    ValueError
        For fewer than 8 points, x that does not rise, or a constant curve.

    References
    ----------
    Killick et al. 2012, arXiv:1101.1438, for PELT; Muggeo 2003, doi:10.1002/sim.1545, for bent lines.
    """
    x, y = as_floats(x, "x"), as_floats(y, "y")
    if len(x) != len(y) or len(x) < 8:
        raise ValueError(f"given {len(x)} positions and {len(y)} values; needed: as many of each, at least 8")
    if (rows := np.flatnonzero(np.diff(x) <= 0)).size:
        raise ValueError(f"x: row {rows[0] + 1} is {x[rows[0] + 1]:g} after {x[rows[0]]:g}; needed: rising values")
    if np.ptp(y) == 0:
        raise ValueError(f"given a curve that is {y[0]:g} throughout; needed: one that changes")
    if method == "pelt":
        import ruptures

        signal = np.stack([y, x / np.ptp(x), np.ones_like(x)], axis=1)
        found = ruptures.Pelt(model="linear", min_size=3, jump=1).fit(signal).predict(pen=penalty)
        at = tuple(float(x[i]) for i in found[:-1])
        return Changepoints(at, (np.nan,) * len(at), (np.nan,) * len(at), "PELT", f"penalty {penalty:g}")
    grid = np.interp(np.linspace(0, len(x) - 1, min(candidates, len(x) - 2) + 2)[1:-1], np.arange(len(x)), x)
    bends, basis = _bent_lines(x, grid)
    weights = np.einsum("pnk,n->pk", basis, y)
    best = int((weights**2).sum(1).argmax())  # the largest projection leaves the smallest residual
    fitted = basis[best] @ weights[best]
    block = max(len(x) // 12, 2)
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, len(x) - block + 1, (replicates, -(-len(x) // block)))
    rows = (starts[:, :, None] + np.arange(block)).reshape(replicates, -1)[:, : len(x)]
    samples = fitted + (y - fitted)[rows]
    power = (np.einsum("pnk,rn->rpk", basis, samples, optimize=True) ** 2).sum(2)
    drawn = grid[bends[power.argmax(1)]]
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    at = tuple(map(float, grid[bends[best]]))
    return Changepoints(
        at,
        tuple(map(float, np.minimum(low, at))),
        tuple(map(float, np.maximum(high, at))),
        "line with two bends",
        f"{len(grid)} candidate positions, {replicates} block resamples",
    )
