"""Singular learning: how fast the volume of good parameters shrinks, and what that says of transitions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emergence.shared.fitting import Floats

Loss = Callable[[Floats], tuple[Floats, Floats]]
"""From parameters of shape (k, d) to losses (k,) and their gradients (k, d)."""

EXAMPLES: dict[str, tuple[int, Callable[[Floats], Floats], float, int]] = {
    "w1^2 + w2^2": (2, lambda w: w[:, 0] ** 2 + w[:, 1] ** 2, 1.0, 1),
    "w1^2": (2, lambda w: w[:, 0] ** 2, 0.5, 1),
    "w^4": (1, lambda w: w[:, 0] ** 4, 0.25, 1),
    "w1^2 w2^2": (2, lambda w: w[:, 0] ** 2 * w[:, 1] ** 2, 0.5, 2),
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
        When fewer than 50 samples lie below the lowest level.
    """
    points = np.random.default_rng(seed).uniform(-1, 1, (samples, dimension))
    values = np.sort(loss(points))
    levels = np.geomspace(low, high, 30)
    counts = np.searchsorted(values, levels, side="right")
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
) -> tuple[float, float]:
    """Estimate the local learning coefficient by stochastic gradient Langevin dynamics (Lau et al. 2023).

    ``n b (mean L - L(at))`` with ``b = 1 / log n``, over chains that are pulled back to `at`; the first half of each
    chain is left out.

    Parameters
    ----------
    loss : callable
        Losses and gradients of many parameters.
    at : array of shape (d,)
    n : float
        The number of samples that the tempered loss stands for.
    step : float
        Step size of the sampler.
    pull : float
        Strength of the pull towards `at`.
    steps, chains : int
    seed : int

    Returns
    -------
    estimate, error : float
        Mean over chains, and its standard error.

    Notes
    -----
    The estimate depends on `step`, `pull` and `steps`: see how much before reading it.
    """
    rng = np.random.default_rng(seed)
    centre = np.asarray(at, dtype=float)
    scale = n / np.log(n)
    w = np.repeat(centre[None], chains, axis=0)
    base = float(loss(centre[None])[0][0])
    total = np.zeros(chains)
    for i in range(steps):
        value, gradient = loss(w)
        if not np.isfinite(value).all():
            raise ValueError(f"the sampler left the range of numbers at step {i}; needed: a smaller step than {step:g}")
        if i >= steps // 2:
            total += value
        drift = scale * gradient + pull * (w - centre)
        w = w - step / 2 * drift + np.sqrt(step) * rng.standard_normal(w.shape)
    estimates = scale * (total / (steps - steps // 2) - base)
    return float(estimates.mean()), float(estimates.std(ddof=1) / np.sqrt(chains))


MAGNITUDES, WEIGHTS = ((np.polynomial.legendre.leggauss(16)[i] + (1 - i)) / 2 for i in (0, 1))
"""Nodes and weights that integrate over magnitudes from 0 to 1."""


def superposition(theta: Floats, features: int = 6, hidden: int = 2) -> tuple[Floats, Floats]:
    """Return the loss of the toy model of superposition and its gradient (Elhage et al. 2022; Chen et al. 2023).

    One feature at a time is on, with a magnitude uniform between 0 and 1; the model is ``ReLU(W'W x + b)`` and the
    loss is the mean squared error over features and magnitudes, integrated exactly.

    Parameters
    ----------
    theta : array of shape (k, features * (hidden + 1))
        W row by row, then b.
    """
    k = len(theta)
    w = theta[:, : hidden * features].reshape(k, hidden, features)
    b = theta[:, hidden * features :]
    gram = w.transpose(0, 2, 1) @ w
    # Axes: model, output, input feature, magnitude.
    before = gram[:, :, :, None] * MAGNITUDES + b[:, :, None, None]
    gap = np.maximum(before, 0) - np.eye(features)[None, :, :, None] * MAGNITUDES
    loss = (gap**2 * WEIGHTS).sum(axis=(1, 2, 3)) / features
    slope = 2 * gap * (before > 0) * WEIGHTS / features
    by_gram = (slope * MAGNITUDES).sum(axis=3)
    by_w = w @ (by_gram + by_gram.transpose(0, 2, 1))
    return loss, np.concatenate([by_w.reshape(k, -1), slope.sum(axis=(2, 3))], axis=1)


def corners(theta: Floats, features: int = 6, hidden: int = 2, least: float = 0.3) -> NDArray[np.intp]:
    """Return how many features each model represents: columns of W longer than `least`."""
    w = theta[:, : hidden * features].reshape(len(theta), hidden, features)
    return np.asarray((np.linalg.norm(w, axis=1) > least).sum(axis=1))
