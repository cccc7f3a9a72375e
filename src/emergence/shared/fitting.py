"""Fits and intervals that the chapters share.

Ground floor: arrays in, frozen results out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from emergence.shared.checks import asks, floats, number

Floats = NDArray[np.float64]


def as_floats(
    values: ArrayLike, name: str, *, positive: bool = False, low: float = -np.inf, high: float = np.inf
) -> Floats:
    """Return `values` as a one-dimensional float array, or say which rows are wrong.

    Raises
    ------
    ValueError
        Naming the rows (counted from 0) that are missing, not finite or out of range.
    """
    if np.isnan([low, high]).any():
        raise ValueError(f"{name}: given a range from {low:g} to {high:g}; needed: numbers, or infinity for no end")
    try:
        array = floats(values)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name}: given {values!r:.60}; needed: numbers, none of them masked, in rows of one length"
        ) from None
    if array.ndim != 1:
        raise ValueError(f"{name}: given an array of shape {array.shape}; needed: one dimension")
    bad = ~np.isfinite(array) | (array < low) | (array > high) | ((array <= 0) if positive else False)
    if bad.any():
        need = "finite" + (" and above 0" if positive else "")
        need += f" and between {low:g} and {high:g}" if np.isfinite([low, high]).any() else ""
        rows = ", ".join(f"row {i} is {array[i]:g}" for i in np.flatnonzero(bad)[:5])
        raise ValueError(f"{name}: {rows}; needed: values that are {need}")
    return array


@dataclass(frozen=True)
class Interval:
    """An estimate with the ends of its interval."""

    estimate: float
    low: float
    high: float


@asks(successes=number(low=0), n=number(low=1))
def wilson(successes: float, n: int, level: float = 0.95) -> Interval:
    """Return the Wilson score interval of a proportion.

    Parameters
    ----------
    successes : float
        Between 0 and `n`; need not be whole when read from a rounded percentage.
    n : int
        Trials, at least 1.
    level : float
        Coverage, between 0 and 1.

    References
    ----------
    Wilson 1927, doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> interval = wilson(10, 100)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.0552, 0.1744)
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(
            f"given {successes} of {n}; needed: at least one trial, and successes between 0 and their number"
        )
    if not 0 < level < 1:
        raise ValueError(f"given level {level}; needed: between 0 and 1")
    z = special.ndtri(0.5 + level / 2)
    p = successes / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    low = 0.0 if successes == 0 else max(centre - half, 0.0)
    high = 1.0 if successes == n else min(centre + half, 1.0)
    return Interval(p, float(low), float(high))


Evaluate = Callable[[Floats, NDArray[np.intp]], tuple[Floats, Floats, Floats]]
"""From parameters of shape (k, p), and which k problems they belong to: values (k,), gradients (k, p), Hessians (k, p, p)."""


def newton(
    evaluate: Evaluate, starts: Floats, *, tolerance: float = 1e-10, limit: int = 300, stall: float = 0.0
) -> tuple[Floats, Floats]:
    """Minimise many small problems of one form side by side, each by damped Newton steps of its own.

    Where a Hessian curves downwards its eigenvalues are taken by their size, so that no step climbs; a step that
    does not lower the value is refused, and the next one is shorter.

    Parameters
    ----------
    evaluate : callable
        Of parameters of shape (k, p) and the k numbers of their problems.
    starts : array of shape (problems, p)
    tolerance : float
        A problem is done when its largest slope is below this, or no step lowers its value any more.
    limit : int
        Steps at most.
    stall : float
        A problem is also done when a step lowers its value by less than this share of it.

    Returns
    -------
    theta : array of shape (problems, p)
    values : array of shape (problems,)
    """
    theta = np.array(starts, dtype=float)
    which = np.arange(len(theta))
    values, gradient, hessian = evaluate(theta, which)
    damping = np.full(len(theta), 1e-3)
    current, live = values.copy(), which
    size, axes = _bent(hessian)
    for _ in range(limit):
        along = np.einsum("kij,ki->kj", axes, gradient)
        step = np.einsum("kij,kj->ki", axes, along / (size + damping[:, None] * size.max(axis=1, keepdims=True)))
        tried = theta[live] - step
        with np.errstate(over="ignore", invalid="ignore"):
            new, new_gradient, new_hessian = evaluate(tried, live)
        better = np.isfinite(new) & (new < current)
        slow = better & (current - new < stall * current)
        theta[live[better]] = tried[better]
        current = np.where(better, new, current)
        gradient = np.where(better[:, None], new_gradient, gradient)
        damping = np.where(better, damping / 8, np.maximum(damping, 1e-8) * 6)
        values[live] = current
        going = (np.abs(gradient).max(axis=1) > tolerance) & (damping < 1e12) & ~slow
        live, current, damping = live[going], current[going], damping[going]
        gradient, size, axes = gradient[going], size[going], axes[going]
        if not len(live):
            break
        fresh = better[going]  # after a step that was refused the axes are the same
        size[fresh], axes[fresh] = _bent(new_hessian[going & better])
    return theta, values


def _bent(hessian: Floats) -> tuple[Floats, Floats]:
    """Return the sizes of the curvatures of each problem, none of them nought, and their axes."""
    size, axes = np.linalg.eigh(hessian)
    size = np.abs(size)
    return np.maximum(size, 1e-12 * size.max(axis=1, keepdims=True) + 1e-300), axes


Curve = Callable[[Floats], tuple[Floats, Floats]]
"""From parameters of shape (k, p) to values (k, n) and their slopes (k, n, p)."""

Curves = Callable[[Floats, NDArray[np.intp]], tuple[Floats, Floats]]
"""The same of many problems; it also gets the k numbers of the problems that the parameters belong to."""


def least_squares(curve: Curve, target: Floats, starts: Floats) -> tuple[Floats, float]:
    """Fit a curve to `target` by least squares from many starts, with Gauss-Newton Hessians.

    A short run from every start, then the best few to the end: the others would end where they do, or above.

    Parameters
    ----------
    curve : callable
    target : array of shape (n,)
    starts : array of shape (k, p)

    Returns
    -------
    theta : array of shape (p,)
    total : float
        Half the sum of squares there.

    Raises
    ------
    ValueError
        When the curve is finite at no start.
    """
    theta, total = least_squares_each(lambda theta, _: curve(theta), target[None], starts[None])
    if not np.isfinite(total[0]):
        raise ValueError("the curve is finite at no start; needed: starts nearer to the data")
    return theta[0], float(total[0])


def least_squares_each(
    curves: Curves, targets: Floats, starts: Floats, *, finish: int = 6, stall: float = 0.0
) -> tuple[Floats, Floats]:
    """Fit curves to many targets of as many points side by side, each as `least_squares` would.

    Parameters
    ----------
    curves : callable
    targets : array of shape (problems, n)
    starts : array of shape (problems, k, p)
    finish : int
        How many starts are followed to the end.
    stall : float
        See `newton`.

    Returns
    -------
    theta : array of shape (problems, p)
    totals : array of shape (problems,)
        Half the sums of squares there; infinite where the curve is finite at no start.
    """

    def squares(theta: Floats, which: NDArray[np.intp]) -> tuple[Floats, Floats, Floats]:
        value, slopes = curves(theta, which)
        gap = value - targets[which]
        across = slopes.transpose(0, 2, 1)
        return (gap**2).sum(axis=1) / 2, np.einsum("kpn,kn->kp", across, gap), across @ slopes

    def followed(starts: Floats, tolerance: float, limit: int = 300) -> tuple[Floats, Floats]:
        problems, count, size = starts.shape
        ends = starts.reshape(-1, size).copy()
        own = np.repeat(np.arange(problems), count)
        totals = squares(ends, own)[0]
        good = np.isfinite(totals)
        own = own[good]
        totals[~good] = np.inf
        ends[good], totals[good] = newton(
            lambda theta, which: squares(theta, own[which]), ends[good], tolerance=tolerance, limit=limit, stall=stall
        )
        return ends.reshape(starts.shape), totals.reshape(problems, count)

    with np.errstate(all="ignore"):  # far-off starts overflow; their steps are refused
        ends, totals = followed(starts, tolerance=1e-9, limit=40)
        best = np.argsort(totals, axis=1)[:, :finish]
        ends, totals = followed(np.take_along_axis(ends, best[:, :, None], axis=1), tolerance=1e-12)
    rows, at = np.arange(len(targets)), totals.argmin(axis=1)
    return ends[rows, at], totals[rows, at]
