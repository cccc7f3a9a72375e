"""Models that can be solved: deep linear networks and random features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from emergence.shared.checks import asks, number, values
from emergence.shared.fitting import Floats, as_floats


@dataclass(frozen=True)
class DoubleDescent:
    """Test errors of random-feature regression (draws, widths)."""

    widths: tuple[int, ...]
    test_mse: Floats


@asks(
    widths=values(low=1, whole=True),
    n=number(low=2, whole=True),
    inputs=number(low=1, whole=True),
    noise=number(low=0),
    ridge=number(low=0),
    draws=number(low=1, whole=True),
)
def random_features(
    widths: Sequence[int],
    *,
    n: int = 100,
    inputs: int = 20,
    noise: float = 0.3,
    ridge: float = 0.0,
    draws: int = 20,
    seed: int = 0,
) -> DoubleDescent:
    """Return the test error of least squares on random rectified features, for several numbers of features.

    Parameters
    ----------
    widths : sequence of int
        Numbers of features.
    n : int
        Training points.
    inputs : int
        Dimensions of the Gaussian inputs; the truth is linear in them with unit norm.
    noise : float
        Standard deviation of the noise on training labels.
    ridge : float
        Penalty; 0 gives the minimum-norm solution.
    draws : int
        Independent repeats of data and features.

    References
    ----------
    Belkin et al. 2019, arXiv:1812.11118.
    """
    if min(widths) < 1 or n < 2 or ridge < 0:
        raise ValueError(f"given widths from {min(widths)}, {n} points, ridge {ridge:g}; needed: at least 1, 2 and 0")
    rng = np.random.default_rng(seed)
    errors = np.empty((draws, len(widths)))
    for draw in range(draws):
        truth = rng.standard_normal(inputs)
        truth /= np.linalg.norm(truth)
        x, fresh = rng.standard_normal((n, inputs)), rng.standard_normal((1000, inputs))
        y = x @ truth + noise * rng.standard_normal(n)
        for j, width in enumerate(widths):
            directions = rng.standard_normal((inputs, width)) / np.sqrt(inputs * width)
            a, b = x @ directions, fresh @ directions
            for features in (a, b):
                np.maximum(features, 0, out=features)
            # With a penalty, the same solution at the smaller size: as many equations as points.
            dual = np.linalg.solve(a @ a.T + ridge * np.eye(n), y) if ridge else None
            w = np.linalg.lstsq(a, y, rcond=None)[0] if dual is None else a.T @ dual
            errors[draw, j] = np.mean((b @ w - fresh @ truth) ** 2)
    return DoubleDescent(tuple(widths), errors)


@asks(strengths=values(above=0))
def deep_linear_modes(strengths: ArrayLike, start: float, times: ArrayLike) -> Floats:
    """Return how strong each mode of a two-layer linear network is at each time, in closed form.

    A mode of singular value s that starts at a0 follows
    a(t) = s e^(2st) / (e^(2st) - 1 + s / a0), with time in steps times rate.

    Parameters
    ----------
    strengths : array of shape (modes,)
        Singular values of the map to be learned, positive.
    start : float
        Strength a0 at time 0, between 0 and the smallest singular value.
    times : array of shape (n,)

    Returns
    -------
    array of shape (n, modes)

    References
    ----------
    Saxe et al. 2014, arXiv:1312.6120.
    """
    s = as_floats(strengths, "strengths", positive=True)
    t = as_floats(times, "times", low=0)
    if not 0 < start < s.min():
        raise ValueError(f"given start {start:g}; needed: above 0 and below the smallest singular value, {s.min():g}")
    decay = np.exp(-2 * s * t[:, None])
    return s / (1 + (s / start - 1) * decay)


@asks(
    strengths=values(above=0),
    start=number(above=0),
    rate=number(above=0),
    steps=number(low=1, high=1e7, whole=True),
    every=number(low=1, whole=True),
)
def train_deep_linear(
    strengths: ArrayLike,
    start: float,
    rate: float,
    steps: int,
    every: int = 1,
    seed: int = 0,
    *,
    aligned: bool = True,
) -> tuple[Floats, Floats]:
    """Return times and mode strengths of gradient descent on a two-layer linear network.

    The layers start as small multiples of rotations that align with the target's singular vectors, so that the
    closed form applies; both the target's vectors and the hidden basis are random. Not aligned, they start as Gaussian
    weights of the same size, to which the closed form does not apply.

    Returns
    -------
    times : array of shape (n,)
        Steps times rate.
    modes : array of shape (n, modes)
    """
    s = as_floats(strengths, "strengths", positive=True)
    if not len(s) or start >= s.min() or rate * s.max() >= 1:
        raise ValueError(
            f"given {len(s)} modes, a start of {start:g} and a rate of {rate:g}; needed: a mode, a start below the weakest, and a rate below one over the strongest, beyond which descent diverges"
        )
    k = len(s)
    rng = np.random.default_rng(seed)
    u, v, hidden = (np.linalg.qr(rng.standard_normal((k, k)))[0] for _ in range(3))
    target = u * s @ v.T
    first, second = np.sqrt(start) * hidden @ v.T, np.sqrt(start) * u @ hidden.T
    if not aligned:
        first, second = np.sqrt(start / k) * rng.standard_normal((2, k, k))
    times, modes = [], []
    for step in range(steps + 1):
        if step % every == 0:
            times.append(step * rate)
            modes.append(np.diag(u.T @ second @ first @ v))
        gap = target - second @ first
        first, second = first + rate * second.T @ gap, second + rate * gap @ first.T
    return np.array(times), np.array(modes)
