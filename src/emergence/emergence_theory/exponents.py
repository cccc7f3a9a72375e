"""Theories of scaling exponents: from the dimension of data, from its frequencies, from its spectrum."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import RegularGridInterpolator
from scipy.optimize import brentq

from emergence.shared.checks import asks, floats, number, values
from emergence.shared.fitting import Floats, as_floats


@asks()
def slope(x: ArrayLike, y: ArrayLike) -> float:
    """Return minus the slope of log y against log x: the exponent of a fall.

    Parameters
    ----------
    x, y : array of shape (n,)
        Positive, of one length, over at least two values of x.
    """
    across, down = as_floats(x, "x", positive=True), as_floats(y, "y", positive=True)
    if len(across) != len(down) or len(np.unique(across)) < 2:
        raise ValueError(
            f"given {len(across)} x with {len(np.unique(across))} values and {len(down)} y; needed: a y for each x, over at least two values of x"
        )
    return float(-np.polyfit(np.log(across), np.log(down), 1)[0])


@asks(pieces=number(low=2, whole=True), dimension=number(low=1, high=4, whole=True), points=number(low=1, whole=True))
def interpolation_error(pieces: int, dimension: int, *, points: int = 20_000) -> tuple[int, float]:
    """Return the cells and the mean squared error of a smooth function interpolated on a grid of `pieces` a side.

    A piecewise linear model with N pieces of a function of d variables errs as ``N**(-4/d)`` (Sharma and Kaplan 2020,
    arXiv:2004.10802).

    Parameters
    ----------
    pieces : int
        At least 2.
    dimension : int
        1 to 4.
    """
    if pieces < 2 or not 1 <= dimension <= 4 or points < 1:
        raise ValueError(
            f"given {pieces} pieces in {dimension} dimensions and {points} points; needed: at least 2 pieces, in 1 to 4 dimensions, and a point"
        )
    rng = np.random.default_rng(0)
    waves = rng.normal(0, 2.5, (12, dimension))
    phases, heights = rng.uniform(0, 2 * np.pi, 12), rng.normal(0, 1, 12)

    def smooth(x: Floats) -> Floats:
        return np.asarray(np.cos(x @ waves.T + phases) @ heights)

    grid = [np.linspace(0, 1, pieces + 1)] * dimension
    nodes = np.stack(np.meshgrid(*grid, indexing="ij"), axis=-1)
    values = smooth(nodes.reshape(-1, dimension)).reshape(nodes.shape[:-1])
    at = rng.random((points, dimension))
    gap = RegularGridInterpolator(grid, values)(at) - smooth(at)
    return pieces**dimension, float(np.mean(gap**2))


HEAD = 2000
"""Terms of a long sum that are added one by one; what follows is as smooth as an integral."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)


def _total(term: Callable[[Floats], Floats], count: int) -> float:
    """Return the sum of a smooth positive term of 1 to `count`, to twelve digits of it.

    Beyond `HEAD` it is an integral over the logarithm with the correction of the midpoint rule (Euler and Maclaurin).

    Parameters
    ----------
    term : callable
        Of an array of numbers; smooth in their logarithm.
    count : int
    """
    head = float(term(np.arange(1.0, min(count, HEAD) + 1)).sum())
    if count <= HEAD:
        return head
    low, high = np.log(HEAD + 0.5), np.log(count + 0.5)
    at = np.exp((low + high) / 2 + (high - low) / 2 * _NODES)
    area = float((high - low) / 2 * (_WEIGHTS * at * term(at)).sum())
    ends = term(np.array([HEAD, HEAD + 1.0, count, count + 1.0]))
    return head + area - float((ends[3] - ends[2]) - (ends[1] - ends[0])) / 24


@asks(samples=values(above=0), kinds=number(low=2, whole=True))
def zipf_learning_curve(samples: ArrayLike, alpha: float, *, kinds: int = 10_000_000) -> Floats:
    """Return the chance that the next item is of a kind not met before (Hutter 2021, arXiv:2102.04074).

    Item i comes with a frequency proportional to ``i**-(alpha + 1)``; a learner that remembers errs on the rest. The
    curve falls as ``n**(-alpha / (1 + alpha))``.

    Parameters
    ----------
    samples : array of shape (n,)
        Positive.
    alpha : float
        Positive.
    kinds : int
        How many kinds there are; beyond about as many samples their end shows.
    """
    n = as_floats(samples, "samples", positive=True)
    if not (np.isfinite(alpha) and alpha > 0) or kinds < 2:
        raise ValueError(f"given alpha {alpha:g} and {kinds} kinds; needed: alpha above 0 and at least 2 kinds")
    whole = _total(lambda i: i ** -(alpha + 1), kinds)

    def missed(i: Floats, count: float) -> Floats:
        chance = i ** -(alpha + 1) / whole
        return np.asarray(chance * np.exp(count * np.log1p(-chance)))

    return np.array([_total(partial(missed, count=count), kinds) for count in n])


@asks(samples=values(above=0), modes=number(low=1, high=1e8, whole=True))
def spectral_learning_curve(samples: ArrayLike, alpha: float, *, modes: int) -> Floats:
    """Return the error of kernel regression on data whose spectrum falls as a power (Bahri et al. 2024).

    Eigenvalue i is ``i**-(1 + alpha)`` and the target has the same power in every mode, weighted by it. From the
    self-consistent equation of ridgeless regression: the error falls as ``n**-alpha`` while the modes last.

    Parameters
    ----------
    samples : array of shape (n,)
        Positive, fewer than `modes`.
    alpha : float
        Positive.
    modes : int
        Modes of the spectrum; a small number bends the curve down.
    """
    n = as_floats(samples, "samples", positive=True)
    if not (np.isfinite(alpha) and alpha > 0) or (n >= modes).any():
        raise ValueError(f"given alpha {alpha:g} and {modes} modes; needed: alpha above 0 and more modes than samples")

    def spectrum(i: Floats) -> Floats:
        return np.asarray(i ** -(1 + alpha))

    def error(count: float) -> float:
        def kept(i: Floats, k: float) -> Floats:
            return np.asarray(1 / (1 + k / spectrum(i)))

        def left(log_k: float) -> float:
            return _total(lambda i: kept(i, np.exp(log_k)), modes) - count

        k = np.exp(brentq(left, -(1 + alpha) * np.log(modes) - 30, np.log(_total(spectrum, modes)) + 5))
        missed = _total(lambda i: spectrum(i) * (1 - kept(i, k)) ** 2, modes)
        return missed / (1 - _total(lambda i: kept(i, k) ** 2, modes) / count)

    return np.array([error(count) for count in n])


@asks(samples=values(above=0, whole=True), features=number(low=1, whole=True))
def excess_from_few_samples(samples: ArrayLike, features: int, *, noise: float = 1.0) -> Floats:
    """Return how far least squares on `features` random features is above its limit: the variance-limited regime.

    Simulated; the expectation is ``noise**2 features / (n - features - 1)``, which falls as 1/n.

    Parameters
    ----------
    samples : array of int
        Each more than `features` + 1.
    """
    given = as_floats(samples, "samples", positive=True)
    counts = given.astype(int)
    if (counts != given).any():
        raise ValueError(f"given {given[counts != given][0]:g} samples; needed: whole numbers")
    if features < 1 or not (np.isfinite(noise) and noise >= 0):
        raise ValueError(f"given {features} features and noise {noise:g}; needed: at least 1, and noise of at least 0")
    if (counts <= features + 1).any():
        raise ValueError(f"given {counts.min()} samples of {features} features; needed: at least {features + 2}")
    rng = np.random.default_rng(0)
    out = []
    for count in counts:
        x = rng.standard_normal((200, count, features))
        y = noise * rng.standard_normal((200, count, 1))
        normal = x.transpose(0, 2, 1) @ x
        weights = np.linalg.solve(normal, x.transpose(0, 2, 1) @ y)
        out.append(float((weights**2).sum(axis=(1, 2)).mean()))
    return np.array(out)


def spectral_tail(often: ArrayLike, logs: ArrayLike) -> Floats:
    """Return what the best table of a given rank leaves of a language of pairs, for every rank.

    A table of the logarithm of each next word's chance over its frequency is centred and weighted by how often the pair
    would occur if words were independent; half the squares of the singular values beyond a rank are, to second order,
    the divergence in nats that a model of that rank leaves.

    Parameters
    ----------
    often : array of shape (words,)
        How often each word is the context, positive, of sum 1.
    logs : array of shape (words, words)
        Logarithms of the chances of the next word, a row a context.

    Returns
    -------
    array of shape (words + 1,)
        Nats left at ranks 0 to the number of words.

    Examples
    --------
    >>> spectral_tail([0.5, 0.5], np.log([[0.5, 0.5], [0.5, 0.5]])).round(6).tolist()
    [0.0, 0.0, 0.0]
    """
    p, table = _language(often, logs)
    overall = p @ np.exp(table)
    ratio = table - np.log(overall)
    ratio = ratio - (ratio * overall).sum(axis=1, keepdims=True)
    values = np.linalg.svd(np.sqrt(p)[:, None] * ratio * np.sqrt(overall), compute_uv=False)
    return np.concatenate([np.cumsum((values**2)[::-1])[::-1] / 2, [0.0]])


@asks(samples=values(above=0, whole=True))
def counting_excess(often: ArrayLike, logs: ArrayLike, samples: ArrayLike) -> Floats:
    """Return how far one who counts pairs of words is above the entropy, with the best smoothing towards frequencies.

    Parameters
    ----------
    often, logs
        As for `spectral_tail`.
    samples : array of int, shape (n,)
        Pairs counted.

    Returns
    -------
    array of shape (n,)
        Nats a word.
    """
    p, table = _language(often, logs)
    counts = as_floats(samples, "samples", positive=True).astype(int)
    chances = np.exp(table)
    overall = p @ chances
    weights = np.geomspace(0.5, 500, 31)  # occurrences that the smoothing stands for

    def excess(count: int) -> float:
        rng = np.random.default_rng([0, count])
        each = rng.multinomial(count, p)
        seen = np.stack([rng.multinomial(n, row / row.sum()) for n, row in zip(each, chances, strict=True)])
        ways = ((seen + w * overall) / (each[:, None] + w) for w in weights)
        return min(float((p[:, None] * chances * (table - np.log(guess))).sum()) for guess in ways)

    return np.array([excess(count) for count in counts])


def _language(often: ArrayLike, logs: ArrayLike) -> tuple[Floats, Floats]:
    p, table = as_floats(often, "often", positive=True), floats(logs)
    if table.shape != (len(p), len(p)) or not np.isfinite(table).all():
        raise ValueError(f"logs: given shape {table.shape} for {len(p)} words; needed: a finite row and column a word")
    if abs(p.sum() - 1) > 1e-6 or np.abs(np.exp(table).sum(axis=1) - 1).max() > 1e-6:
        raise ValueError("given chances that do not sum to 1; needed: frequencies, and rows of chances")
    return p, table
