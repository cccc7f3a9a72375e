"""Singular learning: how fast the volume of good parameters shrinks, and what that says of transitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from emergence.shared.checks import asks, floats, number, values
from emergence.shared.fitting import Floats

Loss = Callable[[Floats], tuple[Floats, Floats]]
"""From parameters of shape (k, d) to losses (k,) and their gradients (k, d)."""

EXAMPLES: dict[str, tuple[int, Callable[[Floats], Floats], float, int]] = {
    "w1² + w2²": (2, lambda w: w[:, 0] ** 2 + w[:, 1] ** 2, 1.0, 1),
    "w1²": (2, lambda w: w[:, 0] ** 2, 0.5, 1),
    "w⁴": (1, lambda w: w[:, 0] ** 4, 0.25, 1),
    "w1² w2²": (2, lambda w: w[:, 0] ** 2 * w[:, 1] ** 2, 0.5, 2),
}
"""Losses with known learning coefficients: dimension, loss, coefficient, multiplicity (Watanabe 2009)."""


@dataclass(frozen=True)
class VolumeScaling:
    """The volume of parameters with a loss below a level, as a power of the level.

    Parameters
    ----------
    levels, volumes : array of shape (n,)
        Levels of loss, and the share of the box below each.
    coefficient : float
        The learning coefficient: the exponent of the level.
    multiplicity : float
        One more than the fitted power of the logarithm of the level; 1 where that was not fitted.
    """

    levels: Floats
    volumes: Floats
    coefficient: float
    multiplicity: float


@asks(dimension=number(low=1, whole=True), samples=number(low=50, whole=True))
def learning_coefficient(
    loss: Callable[[Floats], Floats],
    dimension: int,
    *,
    samples: int = 2_000_000,
    low: float = 1e-4,
    high: float = 1e-2,
    with_multiplicity: bool = False,
    seed: int = 0,
) -> VolumeScaling:
    """Estimate the learning coefficient of a loss at 0 by how its volume shrinks.

    ``V(e) ~ e**lambda (-log e)**(m - 1)``: the share of the box from -1 to 1 with a loss below e.

    Parameters
    ----------
    loss : callable
        Of parameters (k, dimension), least at 0 with value 0.
    samples : int
        Uniform points in the box.
    low, high : float
        Levels between which the power is fitted.
    with_multiplicity : bool
        Whether the power of the logarithm is fitted as well; without it, it is taken as none.

    Raises
    ------
    ValueError
        When fewer than 50 samples lie below the lowest level, when the loss is negative or missing somewhere, or when
        the levels are no range between 0 and 1.
    """
    if dimension < 1 or samples < 50 or not 0 < low < high < 1:
        raise ValueError(
            f"given {dimension} dimensions, {samples} samples and levels from {low:g} to {high:g}; needed: at least 1 dimension, 50 samples, and levels that rise between 0 and 1"
        )
    points = np.random.default_rng(seed).uniform(-1, 1, (samples, dimension))
    values = loss(points)
    if values.shape != (samples,) or not np.isfinite(values).all() or values.min() < 0:
        raise ValueError(
            f"given losses of shape {values.shape} from {values.min():.3g}; needed: one finite loss a sample, none below 0"
        )
    levels = np.geomspace(low, high, 30)
    counts = np.searchsorted(np.sort(values[values <= high]), levels, side="right")
    if counts[0] < 50:
        raise ValueError(
            f"{counts[0]} of {samples} samples lie below {low:g}; needed: at least 50; raise low or samples"
        )
    x, y = np.log(levels), np.log(counts / samples)
    columns = [np.ones_like(x), x]
    if with_multiplicity:
        columns.append(np.log(-x))
    fit, *_ = np.linalg.lstsq(np.stack(columns, axis=1), y, rcond=None)
    return VolumeScaling(levels, counts / samples, float(fit[1]), 1 + (float(fit[2]) if with_multiplicity else 0.0))


MOST_CURVATURE = 512
"""Parameters up to which every curvature at a point is computed; beyond, the chains alone tell a minimum."""


@asks(at=values(), slope=number(low=0), curvature=number(low=0))
def check_minimum(loss: Loss, at: Floats, *, slope: float = 1e-6, curvature: float = 1e-6) -> None:
    """Refuse a point that is no minimum: the learning coefficient is defined at minima.

    Parameters
    ----------
    loss : callable
        Losses and gradients of many parameters.
    at : array of shape (d,)
    slope : float
        The largest component of the gradient that counts as none.
    curvature : float
        How far below 0 the least curvature may be, as a share of the largest (or of 1).

    Raises
    ------
    ValueError
        When the loss falls along the gradient or along a direction of negative curvature.

    Notes
    -----
    A point that is flat to second order passes; whether the loss falls further away, the chains of
    `langevin_coefficient` tell.
    """
    centre = floats(at)
    value, gradient = loss(centre[None])
    steepest = float(np.abs(gradient).max())
    if not (np.isfinite(value).all() and np.isfinite(steepest)):
        raise ValueError("given a point where loss or gradient is not finite; needed: a minimum")
    if steepest > slope:
        raise ValueError(f"given a point with a gradient of {steepest:.3g}; needed: a minimum, with at most {slope:g}")
    d = len(centre)
    if d > MOST_CURVATURE:
        return
    apart = 1e-5 * np.eye(d)
    hessian = (loss(centre + apart)[1] - loss(centre - apart)[1]) / 2e-5
    values = np.linalg.eigvalsh((hessian + hessian.T) / 2)
    if values[0] < -curvature * max(1.0, float(values[-1])):
        raise ValueError(
            f"given a saddle, with a curvature of {values[0]:.3g}; needed: a minimum, where none is below 0"
        )


@asks(steps=number(low=2, whole=True), chains=number(low=2, whole=True))
def langevin_coefficient(
    loss: Loss,
    at: Floats,
    *,
    n: float = 10_000.0,
    step: float = 1e-5,
    pull: float = 1.0,
    steps: int = 4000,
    chains: int = 64,
    seed: int = 0,
    check: bool = True,
) -> tuple[float, float]:
    """Estimate the local learning coefficient by stochastic gradient Langevin dynamics (Lau et al. 2023).

    ``n b (mean L - L(at))`` with ``b = 1 / log n``, over chains that are pulled back to `at`; the first half of each
    chain is left out.

    Parameters
    ----------
    loss : callable
        Losses and gradients of many parameters.
    at : array of shape (d,)
        A minimum.
    n : float
        The number of samples that the tempered loss stands for, at least 2.
    step : float
        Step size of the sampler, above 0.
    pull : float
        Strength of the pull towards `at`, not negative.
    steps, chains : int
        At least 2 of each.
    seed : int
    check : bool
        Whether points that are no minima are refused; without it the number may mean nothing.

    Returns
    -------
    estimate, error : float
        Mean over chains, and its standard error.

    Raises
    ------
    ValueError
        When `at` is no minimum (`check_minimum`), when a chain finds a lower loss than the one at `at`, so that it is
        none within the sampler's reach, or when a chain leaves the range of numbers.

    Notes
    -----
    The estimate depends on `step`, `pull` and `steps`: see how much before reading it.
    """
    if (centre := floats(at)).ndim != 1:
        raise ValueError(f"given a point of shape {centre.shape}; needed: one row of finite parameters")
    (one,) = langevin_coefficients(
        loss, centre[None], [{"n": n, "step": step, "pull": pull}], steps=steps, chains=chains, seed=seed, check=check
    )[0]
    return one


@asks(steps=number(low=2, whole=True), chains=number(low=2, whole=True))
def langevin_coefficients(
    loss: Loss,
    at: Floats,
    settings: Sequence[Mapping[str, float]],
    *,
    steps: int = 4000,
    chains: int = 64,
    seed: int = 0,
    check: bool = True,
) -> list[list[tuple[float, float]]]:
    """Estimate the local learning coefficient at several points under several settings, all chains side by side.

    Each pair has the noise that `langevin_coefficient` gives it alone, so that the estimates are the same.

    Parameters
    ----------
    at : array of shape (points, d)
        Minima.
    settings : sequence of mapping
        `n`, `step` and `pull` as in `langevin_coefficient`, which also says the rest; all three of each.

    Returns
    -------
    list of list of tuple
        For each point, for each setting: estimate and error.
    """
    centres = floats(at)
    if centres.ndim != 2 or not centres.size or not np.isfinite(centres).all():
        raise ValueError(f"given points of shape {centres.shape}; needed: rows of finite parameters")
    if not settings:
        raise ValueError("given no settings; needed: one at least")
    for one in settings:
        many, far, strong = (float(one[key]) for key in ("n", "step", "pull"))
        if not (np.isfinite([many, far, strong]).all() and many >= 2 and far > 0 and strong >= 0):
            raise ValueError(
                f"given n {many:g}, a step of {far:g} and a pull of {strong:g}; needed: n of at least 2, a step above 0, no negative pull"
            )
    for centre in centres if check else ():
        check_minimum(loss, centre)
    # One row for each pair of a point and a setting, the settings of the first point first.
    n, step, pull = (np.tile([float(one[key]) for one in settings], len(centres)) for key in ("n", "step", "pull"))
    centre = np.repeat(centres, len(settings), axis=0)
    scale = n / np.log(n)
    base = loss(centre)[0]
    lowest = base - 1e-9 * np.maximum(1.0, np.abs(base))  # below it lies more than rounding
    total = np.zeros((len(centre), chains))
    for i, value in enumerate(islice(_langevin(loss, centre, scale, step, pull, chains, seed), steps)):
        if not np.isfinite(value).all():
            bad = step[~np.isfinite(value).all(axis=1)].min()
            raise ValueError(f"the sampler left the range of numbers at step {i}; needed: a smaller step than {bad:g}")
        if check and (value.min(axis=1) < lowest).any():
            row = int(np.argmin(value.min(axis=1) - lowest))
            raise ValueError(
                f"at step {i} a chain found a loss {base[row] - value[row].min():.3g} below that of the point; needed: a point that is a minimum within the sampler's reach, or a stronger pull than {pull[row]:g}"
            )
        if i >= steps // 2:
            total += value
    estimates = scale[:, None] * (total / (steps - steps // 2) - base[:, None])
    errors = estimates.std(axis=1, ddof=1) / np.sqrt(chains)
    found = [(float(mean), float(error)) for mean, error in zip(estimates.mean(axis=1), errors, strict=True)]
    return [found[i : i + len(settings)] for i in range(0, len(found), len(settings))]


def _langevin(
    loss: Loss, centre: Floats, scale: Floats, step: Floats, pull: Floats, chains: int, seed: int
) -> Iterator[Floats]:
    """Yield the losses of all chains of each row at each step, from the centre on; `scale` is that of the tempered loss."""
    rng = np.random.default_rng(seed)
    rows, d = centre.shape
    home = np.repeat(centre, chains, axis=0).reshape(rows, chains, d)
    scale, step, pull = (setting[:, None, None] for setting in (scale, step, pull))
    w = home
    while True:
        value, gradient = loss(w.reshape(-1, d))
        yield value.reshape(rows, chains)
        drift = scale * gradient.reshape(w.shape) + pull * (w - home)
        w = w - step / 2 * drift + np.sqrt(step) * rng.standard_normal((chains, d))  # the same noise for every row


@asks(
    theta=values(axes=2),
    rate=number(above=0),
    momentum=number(low=0, below=1),
    slope=number(above=0),
    most=number(low=1, whole=True),
)
def settled(
    loss: Loss, theta: Floats, *, rate: float = 0.05, momentum: float = 0.9, slope: float = 1e-14, most: int = 20_000
) -> Floats:
    """Return where descent with momentum ends from each of many points, all side by side.

    Parameters
    ----------
    loss : callable
        Losses and gradients of many parameters.
    theta : array of shape (points, d)
    rate, momentum : float
        Length of a step, and share of the last one that is kept.
    slope : float
        The largest component of a gradient that counts as none.
    most : int
        Steps at most.

    Raises
    ------
    ValueError
        When a gradient is left after all steps.
    """
    theta, speed = floats(theta), np.zeros(1)
    for _ in range(most):
        gradient = loss(theta)[1]
        if not (np.abs(gradient) > slope).any():
            return theta
        speed = momentum * speed + gradient
        theta = theta - rate * speed
    raise ValueError(
        f"given {most} steps, after which a gradient of {np.abs(gradient).max():.3g} is left; needed: more steps, or points near a minimum"
    )


@asks(theta=values(axes=2), features=number(low=1, whole=True), hidden=number(low=1, whole=True))
def superposition(theta: Floats, features: int = 6, hidden: int = 2) -> tuple[Floats, Floats]:
    """Return the loss of the toy model of superposition and its gradient (Elhage et al. 2022; Chen et al. 2023).

    One feature at a time is on, with a magnitude uniform between 0 and 1; the model is ``ReLU(W'W x + b)`` and the
    loss is the mean squared error over features and magnitudes. The integral over magnitudes is exact: an output is on
    from or up to one magnitude, and its error is linear on either side.

    Parameters
    ----------
    theta : array of shape (k, features * (hidden + 1))
        W row by row, then b.
    """
    theta = floats(theta)
    if theta.ndim != 2 or min(features, hidden) < 1 or theta.shape[1] != features * (hidden + 1):
        raise ValueError(
            f"given parameters of shape {theta.shape}; needed: one row a model, {features * (hidden + 1)} columns for {features} features in {hidden} dimensions"
        )
    # Models last, so that each step is one long pass: (output, input feature, model).
    columns = np.ascontiguousarray(theta.T)
    w = columns[: hidden * features].reshape(hidden, features, -1)
    b = columns[hidden * features :]
    gram = np.einsum("hok,hik->oik", w, w)
    offset = b[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = np.minimum(np.maximum(-offset / gram, 0.0), 1.0)  # where the output goes on or off
    if not gram.all():
        turn = np.where(gram == 0, (offset > 0) * 1.0, turn)  # on throughout, or never
    # Integrals of 1, x and x^2 over where the output is on: up to the turn, or from there.
    up, turn_2 = gram > 0, turn * turn  # a power of an array takes many times a product
    one, two, three = turn, turn_2 / 2, turn_2 * turn / 3
    one, two, three = np.where(up, 1 - one, one), np.where(up, 0.5 - two, two), np.where(up, 1 / 3 - three, three)
    rise = gram
    rise[np.arange(features), np.arange(features)] -= 1
    in_gram, in_b = rise * three + offset * two, rise * two + offset * one  # half of how the error changes with each
    on = np.einsum("oik,oik->k", rise, in_gram) + np.einsum("ok,ok->k", b, in_b := in_b.sum(axis=1))
    off = features / 3 - np.einsum("iik->k", three)
    in_gram += in_gram.transpose(1, 0, 2)
    by_w = np.einsum("hok,oik->hik", w, in_gram).reshape(hidden * features, -1)
    return (on + off) / features, np.concatenate([by_w, in_b]).T * (2 / features)


@asks(theta=values(axes=2), features=number(low=1, whole=True), hidden=number(low=1, whole=True), least=number(low=0))
def corners(theta: Floats, features: int = 6, hidden: int = 2, least: float = 0.3) -> NDArray[np.intp]:
    """Return how many features each model represents: columns of W longer than `least`."""
    if theta.shape[1] < hidden * features:
        raise ValueError(
            f"given {theta.shape[1]} columns; needed: {hidden * features} at least for {features} features"
        )
    w = theta[:, : hidden * features].reshape(len(theta), hidden, features)
    return np.asarray((np.linalg.norm(w, axis=1) > least).sum(axis=1))
