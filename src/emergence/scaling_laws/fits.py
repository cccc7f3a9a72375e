"""Fits of the parametric law: estimate, bootstrap and profile intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, sparse, special

from emergence.scaling_laws.laws import PARAMETERS, AdditiveLaw, extrapolating
from emergence.shared.checks import asks, number
from emergence.shared.fitting import Evaluate, Floats, Interval, as_floats, newton


@dataclass(frozen=True)
class ParametricFit:
    """An additive law fitted to runs.

    Parameters
    ----------
    law : AdditiveLaw
    objective : float
        Mean Huber loss of the log residuals at the optimum.
    residuals : array of shape (n,)
        Log of the observed loss less log of the fitted one.
    converged : bool
        Whether the gradient there is below 1e-10 of the steepest that the Huber loss can be.
    starts : int
        Starting points tried.
    agreeing : int
        How many of them ended at the best optimum found, to one part in a million.
    """

    law: AdditiveLaw
    objective: float
    residuals: Floats
    converged: bool
    starts: int
    agreeing: int


LEAST = 1000.0
"""What the largest of the runs has at least, in parameters and in tokens."""


class _Runs:
    """Runs checked, with the logarithms in which the additive law is fitted.

    The fit moves ``log(A / N**alpha)`` and ``log(B / D**beta)`` at the centre of the runs, log E, alpha and beta:
    hardly correlated, and positive without a bound.
    """

    def __init__(self, params: ArrayLike, tokens: ArrayLike, loss: ArrayLike, centre: bool = True) -> None:
        n, d = as_floats(params, "params", positive=True), as_floats(tokens, "tokens", positive=True)
        seen = as_floats(loss, "loss", positive=True)
        if not len(n) == len(d) == len(seen) or len(n) < 6:
            raise ValueError(f"given {len(n)}, {len(d)} and {len(seen)} rows; needed: as many of each, at least 6")
        if np.ptp(n) == 0 or np.ptp(d) == 0:
            raise ValueError("given runs of one size or one number of tokens; needed: at least two of each")
        if (distinct := len(np.unique(np.stack([n, d, seen], axis=1), axis=0))) < len(PARAMETERS):
            raise ValueError(
                f"given {distinct} different runs among {len(n)} rows; needed: {len(PARAMETERS)} at least, one for each constant"
            )
        if np.ptp(seen) == 0:
            raise ValueError(f"given runs that all have the loss {seen[0]:g}; needed: at least two different losses")
        for name, z in (("params", n), ("tokens", d)):
            if z.max() < LEAST:
                raise ValueError(
                    f"{name}: given {z.max():g} at most; needed: their number, not its logarithm nor billions of them"
                )
        self.n, self.d, self.target = n, d, np.log(seen)
        self.centre_n, self.centre_d = (float(np.log(z).mean()) if centre else 0.0 for z in (n, d))
        self.x, self.y = np.log(n) - self.centre_n, np.log(d) - self.centre_d
        one = np.ones_like(self.x)
        self.powers_x, self.powers_y = (np.stack([one, z, z * z], axis=1) for z in (self.x, self.y))
        self.products = np.stack([one, self.y, self.x, self.x * self.y], axis=1)

    def starts(self, floor: float | None) -> Floats:
        """Return a grid of starts, with the floor where it is known."""
        least = self.target.min()
        floors = (least - 2.0, least - 0.1) if floor is None else (np.log(floor),)
        grid = product((-3.0, -1.0), (-3.0, -1.0), floors, (0.2, 0.8), (0.2, 0.8))
        return np.array([(least + a, least + b, e, alpha, beta) for a, b, e, alpha, beta in grid])

    def constants(self, theta: Floats) -> Floats:
        """Return A, B, E, alpha and beta of fits, shape (k, 5)."""
        a, b, e, alpha, beta = theta.T
        return np.stack(
            [np.exp(a + alpha * self.centre_n), np.exp(b + beta * self.centre_d), np.exp(e), alpha, beta], axis=1
        )

    def objective(self, delta: float, weights: Floats | None = None, held: Sequence[int] | None = None) -> Evaluate:
        """Return the Huber loss over delta squared, with gradient and Hessian, of many fits side by side.

        `weights` of shape (problems, n) count how often each run stands in the sample of a problem; `held` names
        the parameter that each problem must not move, or -1.
        """
        x, y, target = self.x, self.y, self.target

        def evaluate(theta: Floats, which: NDArray[np.intp]) -> tuple[Floats, Floats, Floats]:
            a = np.exp(theta[:, 0:1] - theta[:, 3:4] * x)
            b = np.exp(theta[:, 1:2] - theta[:, 4:5] * y)
            c = np.exp(theta[:, 2:3])
            total = a + b + c
            gap = np.log(total) - target
            a, b, c = a / total, b / total, c / total
            pull = np.clip(gap, -delta, delta)
            value = pull * (gap - pull / 2)
            bend = (np.abs(gap) < delta) - pull
            if weights is not None:
                value, pull, bend = value * weights[which], pull * weights[which], bend * weights[which]
            in_a, in_b, in_c = (pull * a) @ self.powers_x, (pull * b) @ self.powers_y, (pull * c).sum(axis=1)
            gradient = np.stack([in_a[:, 0], in_b[:, 0], in_c, -in_a[:, 1], -in_b[:, 1]], axis=1)
            # The Hessian is that of a log of a sum of exponentials: products of shares, plus the shares themselves.
            with_a, with_b = bend * a, bend * b
            aa, bb = (with_a * a) @ self.powers_x + in_a, (with_b * b) @ self.powers_y + in_b
            ab = (with_a * b) @ self.products
            ac, bc = (with_a * c) @ self.powers_x, (with_b * c) @ self.powers_y
            cc = (bend * c * c).sum(axis=1) + in_c
            hessian = np.stack(
                [
                    np.stack([aa[:, 0], ab[:, 0], ac[:, 0], -aa[:, 1], -ab[:, 1]], axis=1),
                    np.stack([ab[:, 0], bb[:, 0], bc[:, 0], -ab[:, 2], -bb[:, 1]], axis=1),
                    np.stack([ac[:, 0], bc[:, 0], cc, -ac[:, 1], -bc[:, 1]], axis=1),
                    np.stack([-aa[:, 1], -ab[:, 2], -ac[:, 1], aa[:, 2], ab[:, 3]], axis=1),
                    np.stack([-ab[:, 1], -bb[:, 1], -bc[:, 1], ab[:, 3], bb[:, 2]], axis=1),
                ],
                axis=1,
            )
            if held is not None:
                fixed = np.asarray(held)[which][:, None] == np.arange(5)
                gradient = np.where(fixed, 0.0, gradient)
                hessian = np.where(fixed[:, :, None] | fixed[:, None, :], delta**2 * np.eye(5), hessian)
            return value.sum(axis=1) / delta**2, gradient / delta**2, hessian / delta**2

        return evaluate

    def flat(self, delta: float) -> float:
        """Return the slope that counts as none: 1e-13 of the steepest that the Huber loss can be."""
        return 1e-13 * len(self.n) / delta

    def best(self, delta: float, floor: float | None = None) -> tuple[Floats, Floats, Floats]:
        """Return the best optimum from the grid of starts, all ends, and their values."""
        starts = self.starts(floor)
        held = None if floor is None else [2] * len(starts)
        width = max(delta, 1e-3)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            ends, values = newton(self.objective(width, held=held), starts, tolerance=self.flat(width))
            while width > delta:  # a narrow Huber loss is nearly all kinks: come to it by steps
                width = max(delta, width / 2)
                ends, values = newton(self.objective(width, held=held), ends, tolerance=self.flat(width))
        return ends[int(np.nanargmin(values))], ends, values


DELTA = 1e-3
"""Where the Huber loss of log residuals turns from square to linear, as Hoffmann et al. set it."""


@asks(delta=number(above=0))
def fit_parametric(
    params: ArrayLike,
    tokens: ArrayLike,
    loss: ArrayLike,
    *,
    delta: float = DELTA,
    floor: float | None = None,
    name: str = "fit",
    cite: str = "",
) -> ParametricFit:
    """Fit ``L = E + A / N**alpha + B / D**beta`` by the mean Huber loss of log residuals.

    Newton's method runs from a grid of starts side by side, with analytic first and second derivatives; the best
    optimum is returned.

    Parameters
    ----------
    params, tokens, loss : array of shape (n,)
        Positive; n at least 6.
    delta : float
        Where the Huber loss turns from square to linear.
    floor : float, optional
        The loss E that no model can go below, where it is known; it is then not fitted.

    Raises
    ------
    ValueError
        Naming rows that are not positive or not finite; for fewer than 6 runs; for runs that are all of one
        size, of one number of tokens or of one loss, which cannot tell the terms apart.

    References
    ----------
    Hoffmann et al. 2022, arXiv:2203.15556, Sec. 3.3; Besiroglu et al. 2024, arXiv:2404.10102.
    """
    runs = _Runs(params, tokens, loss)
    least = float(np.exp(runs.target.min()))
    if floor is not None and not 0 < floor < least:
        raise ValueError(f"given floor {floor:g}; needed: above 0 and below the least loss, {least:g}")
    theta, ends, values = runs.best(delta, floor)
    a, b, e, alpha, beta = map(float, runs.constants(theta[None])[0])
    if rising := [what for what, power in (("size", alpha), ("data", beta)) if power <= 0]:
        raise ValueError(
            f"given losses that do not fall with {' and '.join(rising)}; needed: losses that fall with both"
        )
    law = AdditiveLaw(name, "", e, a, b, alpha, beta)
    held = None if floor is None else [2]
    value, slope, _ = runs.objective(delta, held=held)(theta[None], np.array([0]))
    scale = delta**2 / len(runs.n)
    level = np.abs(runs.target - np.median(runs.target))
    constant = float((np.minimum(level, delta) * (level - np.minimum(level, delta) / 2)).mean())
    if value[0] * scale > 0.5 * constant:
        raise ValueError(
            "given losses that size and data explain hardly better than one constant; needed: losses that fall with both"
        )
    with extrapolating():
        residuals = runs.target - np.log(law.loss(runs.n, runs.d))
    return ParametricFit(
        law,
        float(value[0] * scale),
        residuals,
        float(np.abs(slope).max()) < 1e3 * runs.flat(delta),
        len(ends),
        int((values <= np.nanmin(values) * (1 + 1e-6)).sum()),
    )


def _least_absolute(runs: _Runs, theta: Floats) -> tuple[Floats, float, bool]:
    """Return the least sum of absolute log residuals near a start, by linear programs with a shrinking step.

    Each program is exact for the law made straight at the point reached. At an optimum as many residuals vanish as
    there are constants, and no program promises to lower the sum.
    """
    count = len(runs.n)
    cost = np.concatenate([np.zeros(5), np.ones(2 * count)])
    split = sparse.hstack([-sparse.identity(count), sparse.identity(count)])

    def at(point: Floats) -> tuple[Floats, Floats]:
        terms = np.stack(
            [
                np.exp(point[0] - point[3] * runs.x),
                np.exp(point[1] - point[4] * runs.y),
                np.full(count, np.exp(point[2])),
            ],
            axis=1,
        )
        total = terms.sum(axis=1)
        share = terms / total[:, None]
        slopes = np.column_stack([share[:, 0], share[:, 1], share[:, 2], -share[:, 0] * runs.x, -share[:, 1] * runs.y])
        return np.log(total) - runs.target, slopes

    step, gap = 0.1, at(theta)[0]
    for _ in range(200):
        gap, slopes = at(theta)
        found = optimize.linprog(
            cost,
            A_eq=sparse.hstack([sparse.csr_matrix(slopes), split], format="csr"),
            b_eq=-gap,
            bounds=[(-step, step)] * 5 + [(0, None)] * (2 * count),
            method="highs",
        )
        promised = float(np.abs(gap).sum() - np.abs(gap + slopes @ found.x[:5]).sum()) if found.success else 0.0
        if promised <= 1e-13 * count:
            return theta, float(np.abs(gap).sum()), bool(found.success)
        ahead = theta + found.x[:5]
        gained = np.abs(gap).sum() - np.abs(at(ahead)[0]).sum()
        if gained > 0.1 * promised:
            theta, step = ahead, min(2 * step, 1.0)
        else:
            step = step / 4
    return theta, float(np.abs(gap).sum()), False


@asks()
def fit_absolute(params: ArrayLike, tokens: ArrayLike, loss: ArrayLike, *, name: str = "fit") -> ParametricFit:
    """Fit the additive law by least absolute log residuals, exactly: no width of a Huber loss has a part in it.

    Linear programs are solved from four starts, the optima of Huber losses of falling width; the least end is
    returned. Five residuals vanish there, so that the constants are those of a law through five of the runs.

    Parameters
    ----------
    params, tokens, loss : array of shape (n,)
        As for `fit_parametric`.

    Returns
    -------
    ParametricFit
        Its objective is the mean absolute log residual; converged says that no linear program lowers it further.

    Raises
    ------
    ValueError
        As for `fit_parametric`.
    """
    runs = _Runs(params, tokens, loss)
    ends = [_least_absolute(runs, runs.best(width)[0]) for width in (1.0, 1e-1, 1e-2, 1e-3)]
    sums = np.array([total for _, total, _ in ends])
    theta, _, converged = ends[int(sums.argmin())]
    a, b, e, alpha, beta = map(float, runs.constants(theta[None])[0])
    law = AdditiveLaw(name, "", e, a, b, alpha, beta)
    with extrapolating():
        residuals = runs.target - np.log(law.loss(runs.n, runs.d))
    return ParametricFit(
        law, float(sums.min() / len(runs.n)), residuals, converged, len(ends), int((sums <= sums.min() * (1 + 1e-6)).sum())
    )  # fmt: skip


@asks(
    replicates=number(low=2, whole=True),
    seed=number(low=0, high=2**32 - 1, whole=True),
    threads=number(low=1, whole=True),
)
def bootstrap(
    params: ArrayLike,
    tokens: ArrayLike,
    loss: ArrayLike,
    *,
    replicates: int = 4000,
    seed: int = 42,
    threads: int = 2,
) -> pd.DataFrame:
    """Refit the additive law to resamples of its runs, all of them side by side.

    Each replicate starts at the optimum of all runs. A run drawn twice counts twice, so that a resample is a row
    of weights and the replicates share their arrays.

    Parameters
    ----------
    params, tokens, loss : array of shape (n,)
        As for `fit_parametric`.
    replicates : int
        At least 2.
    seed : int
        Of the legacy generator with which Besiroglu et al. drew, so that their resamples are drawn again.
    threads : int
        At least 1; the result does not depend on it.

    Returns
    -------
    DataFrame of shape (replicates, 6)
        A, B, E, alpha, beta, and the exponent of optimal size that follows.
    """
    runs = _Runs(params, tokens, loss)
    if replicates < 2 or threads < 1:
        raise ValueError(f"given {replicates} replicates on {threads} threads; needed: at least 2, and at least 1")
    count = len(runs.n)
    draw = np.random.RandomState(seed)
    weights = np.stack([np.bincount(draw.choice(count, count), minlength=count) for _ in range(replicates)]).astype(
        float
    )
    theta, _, _ = runs.best(DELTA)
    chunk = 250  # of rows, so that the arrays of a step stay in the cache

    def refit(start: int) -> Floats:
        part = weights[start : start + chunk]
        return newton(runs.objective(DELTA, part), np.repeat(theta[None], len(part), axis=0), tolerance=1e-6)[0]

    with ThreadPoolExecutor(threads) as pool:
        ends = np.concatenate(list(pool.map(refit, range(0, replicates, chunk))))
    frame = pd.DataFrame(runs.constants(ends), columns=list(PARAMETERS))
    return frame.assign(exponent=frame["beta"] / (frame["alpha"] + frame["beta"]))


@asks()
def profile_interval(params: ArrayLike, tokens: ArrayLike, loss: ArrayLike) -> dict[str, Interval]:
    """Return the 95 percent profile-likelihood interval of each parameter of the additive law.

    A parameter is moved away from its optimum, the others are fitted anew, and the interval ends where the
    likelihood has fallen by what the level asks. Far from zero the Huber loss is that of Laplace errors, so the
    deviance is ``2 n log(S / S_best)``, with S the mean absolute residual that the Huber loss stands for.

    Parameters
    ----------
    params, tokens, loss : array of shape (n,)
        As for `fit_parametric`.

    Returns
    -------
    dict
        From A, B, E, alpha and beta to the estimate and the ends of its interval.

    Raises
    ------
    ValueError
        When the likelihood does not fall that far, as for a term that the data do not need.
    """
    runs = _Runs(params, tokens, loss)
    theta, _, values = runs.best(DELTA)
    a, b, e, alpha, beta = theta
    plain = _Runs(params, tokens, loss, centre=False)  # its first two are the logs of A and B themselves
    best = np.array([a + alpha * runs.centre_n, b + beta * runs.centre_d, e, alpha, beta])
    held = [i for i in range(5) for _ in range(2)]
    sign = np.array([-1.0, 1.0] * 5)
    count = len(runs.n)

    def size(values: Floats) -> Floats:
        return np.asarray(values * DELTA / count + DELTA / 2)

    limit = special.chdtri(1, 0.05)

    def beyond(offset: Floats) -> NDArray[np.bool_]:
        starts = np.repeat(best[None], 10, axis=0)
        starts[np.arange(10), held] += sign * offset
        # The other term of the pair follows, so that the start lies in the valley.
        for row, i in enumerate(held):
            if i in (0, 1):
                starts[row, i + 3] += sign[row] * offset[row] / (runs.centre_n, runs.centre_d)[i]
            elif i in (3, 4):
                starts[row, i - 3] += sign[row] * offset[row] * (runs.centre_n, runs.centre_d)[i - 3]
        with np.errstate(all="ignore"):  # along a flat profile the held term leaves the range of floats
            _, found = newton(plain.objective(DELTA, held=held), starts, tolerance=1e-7)
        return np.asarray(2 * count * np.log(size(found) / size(values.min(keepdims=True))) > limit)

    low, high = np.zeros(10), np.full(10, 0.01)
    for _ in range(12):
        short = ~beyond(high)
        if not short.any():
            break
        low, high = np.where(short, high, low), np.where(short, 2 * high, high)
    else:
        stuck = ", ".join(sorted({PARAMETERS[held[i]] for i in np.flatnonzero(short)}))
        raise ValueError(f"the runs do not bound {stuck}: the profile stays flat")
    for _ in range(30):
        middle = (low + high) / 2
        out = beyond(middle)
        low, high = np.where(out, low, middle), np.where(out, middle, high)
    ends = best[held] + sign * (low + high) / 2
    show: list[Callable[[float], float]] = [np.exp, np.exp, np.exp, float, float]
    return {
        name: Interval(float(show[i](best[i])), float(show[i](ends[2 * i])), float(show[i](ends[2 * i + 1])))
        for i, name in enumerate(PARAMETERS)
    }
