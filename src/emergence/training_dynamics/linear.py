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
    errors = random_features_each(
        widths, n=n, inputs=inputs, noises=(noise,), ridges=(ridge,), draws=draws, seed=seed
    )  # fmt: skip
    return DoubleDescent(tuple(widths), errors[0, 0])


@asks(
    widths=values(low=1, whole=True),
    n=number(low=2, whole=True),
    inputs=number(low=1, whole=True),
    noises=values(low=0),
    ridges=values(low=0),
    draws=number(low=1, whole=True),
)
def random_features_each(
    widths: Sequence[int],
    *,
    n: int = 100,
    inputs: int = 20,
    noises: Sequence[float] = (0.3,),
    ridges: Sequence[float] = (0.0,),
    draws: int = 20,
    seed: int = 0,
) -> Floats:
    """Return the test errors of `random_features` for several amounts of noise and penalties, on the same data and features.

    Returns
    -------
    array of shape (noises, ridges, draws, widths)
    """
    rng = np.random.default_rng(seed)
    errors = np.empty((len(noises), len(ridges), draws, len(widths)))
    for draw in range(draws):
        truth = rng.standard_normal(inputs)
        truth /= np.linalg.norm(truth)
        x, fresh = rng.standard_normal((n, inputs)), rng.standard_normal((1000, inputs))
        y = (x @ truth)[:, None] + rng.standard_normal(n)[:, None] * np.asarray(noises)
        aim = (fresh @ truth)[:, None]
        for j, width in enumerate(widths):
            directions = rng.standard_normal((inputs, width)) / np.sqrt(inputs * width)
            a, b = x @ directions, fresh @ directions
            for features in (a, b):
                np.maximum(features, 0, out=features)
            gram = a @ a.T
            for i, ridge in enumerate(ridges):
                if ridge or width >= 2 * n:
                    # The same solution at the smaller size: as many equations as points, which are far from alike
                    # where they are penalised or where features are many.
                    w = a.T @ np.linalg.solve(gram + ridge * np.eye(n), y)
                else:
                    w = np.linalg.lstsq(a, y, rcond=None)[0]
                errors[:, i, draw, j] = ((b @ w - aim) ** 2).mean(axis=0)
    return errors


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
    times, modes = train_deep_linears(strengths, start, rate, steps, every, [seed], aligned=aligned)
    return times, modes[0]


@asks(
    strengths=values(above=0),
    start=number(above=0),
    rate=number(above=0),
    steps=number(low=1, high=1e7, whole=True),
    every=number(low=1, whole=True),
)
def train_deep_linears(
    strengths: ArrayLike,
    start: float,
    rate: float,
    steps: int,
    every: int,
    seeds: Sequence[int],
    *,
    aligned: bool = True,
) -> tuple[Floats, Floats]:
    """Return what `train_deep_linear` does for each of many seeds, all trained side by side.

    Returns
    -------
    times : array of shape (n,)
    modes : array of shape (seeds, n, modes)
    """
    s = as_floats(strengths, "strengths", positive=True)
    if not len(s) or start >= s.min() or rate * s.max() >= 1:
        raise ValueError(
            f"given {len(s)} modes, a start of {start:g} and a rate of {rate:g}; needed: a mode, a start below the weakest, and a rate below one over the strongest, beyond which descent diverges"
        )
    if not len(seeds):
        raise ValueError("given no seeds; needed: one at least")
    bases, firsts, seconds = zip(*(_layers(s, start, aligned, seed) for seed in seeds), strict=True)
    u, v = np.stack(bases).transpose(1, 0, 2, 3)
    target = u * s @ v.transpose(0, 2, 1)
    first, second = np.stack(firsts), np.stack(seconds)
    # The layers change where they lie, so that these are theirs throughout.
    first_across, second_across = first.transpose(0, 2, 1), second.transpose(0, 2, 1)
    gap, in_first, in_second = np.empty_like(first), np.empty_like(first), np.empty_like(first)
    modes = []
    for step in range(steps + 1):
        if step % every == 0:
            modes.append(np.einsum("rij,rik,rkj->rj", u, second @ first, v))
        np.matmul(second, first, out=gap)
        np.subtract(target, gap, out=gap)
        gap *= rate
        np.matmul(second_across, gap, out=in_first)
        np.matmul(gap, first_across, out=in_second)
        first += in_first
        second += in_second
    return np.asarray(np.arange(0, steps + 1, every) * rate, dtype=float), np.stack(modes, axis=1)


def _layers(s: Floats, start: float, aligned: bool, seed: int) -> tuple[tuple[Floats, Floats], Floats, Floats]:
    """Return the target's singular vectors, and the two layers as they start."""
    k = len(s)
    rng = np.random.default_rng(seed)
    u, v, hidden = (np.linalg.qr(rng.standard_normal((k, k)))[0] for _ in range(3))
    if not aligned:
        return (u, v), *(np.sqrt(start / k) * rng.standard_normal((2, k, k)))
    return (u, v), np.sqrt(start) * hidden @ v.T, np.sqrt(start) * u @ hidden.T
