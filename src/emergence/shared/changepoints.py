"""Change points of a curve, with positions anywhere on its axis and intervals that cover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from emergence.shared.checks import asks, number, option
from emergence.shared.fitting import Floats, as_floats

MOST = 4
"""Bends at most. More than two of them are rarely what a curve of training shows."""

LARGEST = 1e100
"""Greatest size of a position or value: squares of larger ones leave the range of a float."""


@dataclass(frozen=True)
class Changepoints:
    """Where a curve changes, with the method and its setting, since both decide the answer.

    Parameters
    ----------
    at : tuple of float
        Positions on the x axis, in order; empty where a straight line serves as well.
    low, high : tuple of float
        95 percent interval of each; NaN where the method gives none.
    method, setting : str
    memory : float
        Correlation of the noise of one point with the next, from 0 to below 1; NaN where it is not
        estimated.
    """

    at: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    method: str
    setting: str
    memory: float = float("nan")


def _columns(x: Floats, bends: Floats) -> Floats:
    return np.concatenate([np.ones((len(x), 1)), x[:, None], np.maximum(x[:, None] - bends, 0)], axis=1)


def _whiten(values: Floats, memory: float) -> Floats:
    """Return values (points first) less what the point before tells of the noise of each."""
    out = values - memory * np.concatenate([values[:1], values[:-1]])
    out[0] = np.sqrt(1 - memory**2) * values[0]
    return np.asarray(out)


@dataclass(frozen=True)
class _Line:
    """A line with bends, fitted: where they are, and what is left."""

    bends: Floats
    rss: float
    memory: float
    loglik: float


def _solve(x: Floats, y: Floats, bends: Floats, memory: float) -> tuple[Floats, Floats, Floats]:
    columns = _whiten(_columns(x, bends), memory)
    target = _whiten(y, memory)
    slopes = np.asarray(np.linalg.lstsq(columns, target, rcond=None)[0], dtype=float)
    return slopes, np.asarray(target - columns @ slopes, dtype=float), columns


def _restricted(x: Floats, y: Floats, bends: Floats, memory: float) -> float:
    """Return the restricted log-likelihood of a memory, which allows for what was fitted."""
    slopes, left, columns = _solve(x, y, bends, memory)
    # Bends are fitted too: their directions take away freedom as the slopes do.
    full = np.concatenate([columns, _whiten(_tangents(x, bends, slopes), memory)], axis=1)
    rss = float(left @ left) + 1e-300
    free = len(x) - full.shape[1]
    norms = np.linalg.norm(full, axis=0)
    logdet = 2 * np.log(np.abs(np.diag(np.linalg.qr(full / np.where(norms > 0, norms, 1))[1])) + 1e-12).sum()
    logdet += 2 * np.log(np.where(norms > 0, norms, 1)).sum()
    return float(-0.5 * free * np.log(rss) + 0.5 * np.log(1 - memory**2) - 0.5 * logdet)


def _tangents(x: Floats, bends: Floats, slopes: Floats) -> Floats:
    """Return how the fitted values move when a bend moves: minus the change of slope beyond it."""
    return np.where(x[:, None] > bends, -slopes[2:], 0.0)


def _refine(
    x: Floats, y: Floats, bends: Floats, memory: float, gap: float, held: int = -1, steps: int = 40
) -> tuple[Floats, float]:
    """Move bends, but the one `held`, to where they leave least, `gap` apart and inside the curve.

    Between two points the sum of squares is smooth in a bend, with a corner at each point:
    Gauss-Newton steps that are halved until they help (Muggeo 2003) end at the least of the
    neighbourhood.
    """
    best = float((_solve(x, y, bends, memory)[1] ** 2).sum())
    if held >= 0 and len(bends) == 1:
        return bends, best
    for _ in range(steps):
        slopes, left, columns = _solve(x, y, bends, memory)
        tangents = _whiten(_tangents(x, bends, slopes), memory)
        tangents[:, [i == held for i in range(len(bends))]] = 0.0
        move = np.linalg.lstsq(np.concatenate([columns, tangents], axis=1), left, rcond=None)[0][len(slopes) :]
        for half in range(7):
            tried = np.sort(np.clip(bends + move / 2**half, x[1], x[-2]))
            if len(tried) > 1 and np.diff(tried).min() < gap:
                continue
            rss = float((_solve(x, y, tried, memory)[1] ** 2).sum())
            if rss < best:
                gained, bends, best = best - rss, tried, rss
                break
        else:
            break
        if gained < 1e-10 * best:
            break
    return bends, best


def _grid_start(x: Floats, y: Floats, count: int, memory: float, gap: float) -> Floats:
    """Return bends on a coarse grid that leave least: pairs together, any more one at a time."""
    grid = np.interp(np.linspace(0, len(x) - 1, min(40, len(x) - 2) + 2)[1:-1], np.arange(len(x)), x)
    target = _whiten(y, memory)
    base = _whiten(_columns(x, np.zeros(0)), memory)
    hinge = _whiten(np.maximum(x[:, None] - grid, 0), memory)
    fixed = np.zeros(0)
    while len(fixed) < count:
        known = np.concatenate([base, _whiten(np.maximum(x[:, None] - fixed, 0), memory)], axis=1)
        q = np.linalg.qr(known)[0]
        left, across = target - q @ (q.T @ target), hinge - q @ (q.T @ hinge)
        size = (across**2).sum(0)
        power = across.T @ left
        free = np.ones(len(grid), bool)
        for bend in fixed:
            free &= np.abs(grid - bend) >= gap
        usable = free & (size > 1e-10 * size.max())
        if not usable.any():
            break
        if count - len(fixed) == 1:
            gain = np.where(usable, power**2 / np.where(usable, size, 1), -1)
            fixed = np.sort(np.append(fixed, grid[int(gain.argmax())]))
            continue
        first, second = np.triu_indices(len(grid), k=1)
        cross = across.T @ across
        a, b, c = size[first], size[second], cross[first, second]
        det = a * b - c**2
        good = (det > 1e-8 * a * b) & (grid[second] - grid[first] >= gap) & usable[first] & usable[second]
        p, r = power[first], power[second]
        gain = np.where(good, (b * p**2 - 2 * c * p * r + a * r**2) / np.where(good, det, 1), -1)
        best = int(gain.argmax())
        if gain[best] < 0:
            break
        fixed = np.sort(np.concatenate([fixed, grid[[first[best], second[best]]]]))
    return fixed


def _fit(x: Floats, y: Floats, count: int, gap: float) -> _Line:
    """Fit a line with so many bends and noise that remembers, alternating between the two."""
    memory, bends = 0.0, np.zeros(0)
    for _ in range(4):
        starts = [_grid_start(x, y, count, memory, gap)] if count else [np.zeros(0)]
        if count and len(bends) == count:
            starts.append(bends)
        bends = min((_refine(x, y, s, memory, gap) for s in starts), key=lambda r: r[1])[0] if count else bends
        before = memory
        found = optimize.minimize_scalar(
            lambda m, at=bends: -_restricted(x, y, at, m),
            bounds=(0.0, 0.97),
            method="bounded",
            options={"xatol": 1e-3},
        )
        memory = float(found.x)
        if abs(memory - before) < 0.01:
            break
    rss, n = float((_solve(x, y, bends, memory)[1] ** 2).sum()), len(x)
    return _Line(bends, rss, memory, float(-0.5 * n * np.log(rss / n + 1e-300) + 0.5 * np.log(1 - memory**2)))


def _ends(x: Floats, y: Floats, line: _Line, which: int, gap: float) -> tuple[float, float]:
    """Return the ends of a bend's interval.

    They lie where, all else fitted anew, the sum of squares is too large by Student's t.

    The curvature at the best fit would not do: under noise with memory the sum of squares has
    corners at the points.
    """
    count, memory = len(line.bends), line.memory
    # Points that remember the one before are worth fewer; the memory itself is known within a
    # standard error only.
    wary = min(memory + np.sqrt((1 - memory**2) / len(x)), 0.97)
    free = max(len(x) * (1 - wary) / (1 + wary) - 2 - 2 * count, 2.0)
    # A memory taken too small makes intervals too short, one taken too large only a little long.
    memory, least = wary, _refine(x, y, line.bends, wary, gap / 2)[1]
    most = least * (1 + stats.t.ppf(0.975, free) ** 2 / (len(x) - 2 - 2 * count)) + 1e-30
    ends = []
    for side in (-1.0, 1.0):
        limit = x[1] if side < 0 else x[-2]
        inside, bends, reach = line.bends[which], line.bends.copy(), gap / 8

        def too_far(at: float, start: Floats, side: float = side) -> tuple[bool, Floats]:
            moved = start.copy()
            moved[which] = at
            for other in range(count):  # the others give way
                if other != which and abs(moved[other] - at) < gap:
                    moved[other] = at + np.sign(other - which) * gap
            moved = np.clip(moved, x[1], x[-2])
            moved, rss = _refine(x, y, moved, memory, gap / 2, which, 4)
            return rss > most, moved

        while True:
            outside = inside + side * reach
            if (outside - limit) * side >= 0:
                outside = limit
            far, moved = too_far(outside, bends)
            if far:
                break
            inside, bends, reach = outside, moved, reach * 1.6
            if outside == limit:
                break
        if inside != limit:
            for _ in range(7):
                middle = (inside + outside) / 2
                far, moved = too_far(middle, bends)
                if far:
                    outside = middle
                else:
                    inside, bends = middle, moved
            inside = outside
        ends.append(float(inside))
    return ends[0], ends[1]


@asks(bends=number(low=0, high=4, whole=True), method=option("segmented", "pelt"))
def changepoints(
    x: ArrayLike,
    y: ArrayLike,
    method: Literal["segmented", "pelt"] = "segmented",
    *,
    bends: int | None = None,
    penalty: float = 0.02,
) -> Changepoints:
    """Return where a curve bends: as many places as are told, or as the curve itself supports.

    Parameters
    ----------
    x, y : array of shape (n,)
        `x` strictly rising; n at least 8; sizes up to 1e100.
    method : {"segmented", "pelt"}
        ``segmented`` fits a continuous line with bends anywhere between the second and the last but
        one point, and noise of one size whose memory from point to point is estimated. ``pelt``
        finds the breaks of a piecewise linear curve that minimise squared error plus `penalty` for
        each, without intervals; on a smooth rise it finds more breaks than there are phases.
    bends : int, optional
        How many there are, 0 to 4, for ``segmented``. Without it 0, 1 or 2, whichever the Bayesian
        information criterion prefers with four numbers counted for each bend.
    penalty : float
        For ``pelt``, above 0, in units of y squared.

    Returns
    -------
    Changepoints
        Intervals are 95 percent, from the profile of the sum of squares and Student's t. They
        suppose that the curve is a line with bends: on one that is rounded they say where the best
        bends are, not where a process began.

    Raises
    ------
    ValueError
        For an unknown method, fewer than 8 points (or too few for the bends), values that are not
        finite or beyond 1e100, x that does not rise, or a constant curve.

    References
    ----------
    Muggeo 2003, doi:10.1002/sim.1545, for bent lines; Killick et al. 2012, arXiv:1101.1438, for
    PELT.
    """
    if bends is not None and method == "pelt":
        raise ValueError(f"given {bends} bends for pelt; needed: none, since its penalty decides how many there are")
    if bends is not None and (bends != int(bends) or not 0 <= bends <= MOST):
        raise ValueError(f"given {bends} bends; needed: a whole number from 0 to {MOST}")
    if not (np.isfinite(penalty) and penalty > 0):
        raise ValueError(f"given penalty {penalty:g}; needed: finite and above 0")
    x, y = _curve(x, y, max(8, 4 + 3 * (bends or 0)))
    return _breaks(x, y, penalty) if method == "pelt" else _bent(x, y, bends)


def _curve(x: ArrayLike, y: ArrayLike, need: int) -> tuple[Floats, Floats]:
    """Return a curve of at least `need` points, or say what it is not."""
    x = as_floats(x, "x", low=-LARGEST, high=LARGEST)
    y = as_floats(y, "y", low=-LARGEST, high=LARGEST)
    if len(x) != len(y) or len(x) < need:
        raise ValueError(f"given {len(x)} positions and {len(y)} values; needed: as many of each, at least {need}")
    if (rows := np.flatnonzero(np.diff(x) <= 0)).size:
        raise ValueError(f"x: row {rows[0] + 1} is {x[rows[0] + 1]:g} after {x[rows[0]]:g}; needed: rising values")
    if np.ptp(y) == 0:
        raise ValueError(f"given a curve that is {y[0]:g} throughout; needed: one that changes")
    return x, y


def _breaks(x: Floats, y: Floats, penalty: float) -> Changepoints:
    """Return the breaks of a piecewise linear curve, without intervals."""
    import ruptures

    u, v = (x - x.mean()) / np.ptp(x), y - y.mean()
    sums = [np.append(0.0, np.cumsum(column)).tolist() for column in (u, v, u * u, u * v, v * v)]

    class Line(ruptures.base.BaseCost):
        """What a straight line leaves of a piece, from running sums: ruptures' own fits one anew for each piece."""

        model, min_size = "", 3

        def fit(self, signal: Floats) -> Line:
            self.signal = signal
            return self

        def error(self, start: int, end: int) -> float:
            n = end - start
            su, sv, uu, uv, vv = (column[end] - column[start] for column in sums)
            spread, shared, own = uu - su * su / n, uv - su * sv / n, vv - sv * sv / n
            # Of points within a millionth of the range no slope is to be had from such sums.
            return float(max(own - shared * shared / spread if spread > 1e-12 else own, 0.0))

    found = ruptures.Pelt(custom_cost=Line(), min_size=3, jump=1).fit(y[:, None]).predict(pen=penalty)
    at = tuple(float(x[i]) for i in found[:-1])
    return Changepoints(at, (np.nan,) * len(at), (np.nan,) * len(at), "PELT", f"penalty {penalty:g}")


def _bent(x: Floats, y: Floats, bends: int | None) -> Changepoints:
    """Return the bends of a continuous line: as many as are told, or as the curve supports."""
    # In units of the curve's own range: sums of squares then stay near 1 whatever the units.
    shift, width, height = x[0], np.ptp(x), np.ptp(y)
    u, v = (x - shift) / width, (y - y.mean()) / height
    gap = 2.5 * float(np.median(np.diff(u)))
    if bends is None:
        tried = [_fit(u, v, count, gap) for count in range(3 if len(x) >= 10 else 2)]
        # What rounding leaves of an exact line is no evidence for a bend.
        exact = [line.rss < 1e-20 * len(x) for line in tried]
        scores = [-2 * t.loglik + 4 * len(t.bends) * np.log(len(x)) for t in tried]
        best = exact.index(True) if any(exact) else int(np.argmin(scores))
        line, how = tried[best], "as many bends as the curve supports"
    else:
        line, how = _fit(u, v, int(bends), gap), f"{int(bends)} bends told"
    ends = [_ends(u, v, line, which, gap) for which in range(len(line.bends))]
    at, low, high = (
        tuple(float(shift + width * b) for b in row) for row in (line.bends, [e[0] for e in ends], [e[1] for e in ends])
    )
    return Changepoints(at, low, high, "line with bends", how, line.memory)
