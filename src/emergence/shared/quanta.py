"""Discrete abilities behind smooth curves: quanta used with Zipf frequencies, and what their theory predicts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import zeta

from emergence.shared.checks import asks, floats, number, values
from emergence.shared.fitting import Floats, as_floats


@asks(total=number(low=1, whole=True))
def zipf_quanta_loss(learned: ArrayLike, alpha: float, total: int | None = None) -> Floats:
    """Return the loss left when the most used quanta are learned, in units of the loss of one quantum.

    Quantum k is used with a frequency proportional to ``k**-(alpha + 1)``; the loss is the frequency of those
    not yet learned (Michaud et al. 2023, arXiv:2303.13506).

    Parameters
    ----------
    learned : array
        Numbers of quanta learned, not negative.
    alpha : float
        Positive.
    total : int, optional
        How many quanta there are; default is no end of them.

    Examples
    --------
    >>> float(zipf_quanta_loss(0, 0.4))
    1.0
    """
    n = floats(learned)
    _check_alpha(alpha)
    if not (np.isfinite(n) & (n >= 0)).all() or (total is not None and (total < 1 or (n > total).any())):
        raise ValueError(
            f"given {learned!r} learned of {'endlessly many' if total is None else total}; needed: between 0 and all quanta, of at least 1"
        )
    beyond = 0.0 if total is None else zeta(alpha + 1, total + 1)
    return np.asarray((zeta(alpha + 1, n + 1) - beyond) / (zeta(alpha + 1, 1) - beyond))


def _check_alpha(alpha: float) -> None:
    if not (np.isfinite(alpha) and alpha > 0):
        raise ValueError(f"given alpha {alpha:g}; needed: alpha above 0, finite")


def quanta_exponents(alpha: float) -> dict[str, float]:
    """Return the exponents that the theory of quanta predicts for the loss.

    Parameters learn quanta in proportion; data and steps learn quantum k once it was used often enough.

    Parameters
    ----------
    alpha : float
        Positive.

    Returns
    -------
    dict
        ``parameters``: alpha; ``data`` and ``steps``: alpha / (alpha + 1).
    """
    _check_alpha(alpha)
    return {"parameters": alpha, "data": alpha / (alpha + 1), "steps": alpha / (alpha + 1)}


@asks(samples=values(above=0), total=number(low=1, high=1e8, whole=True), needed=number(above=0))
def quanta_data_curve(samples: ArrayLike, alpha: float, *, total: int, needed: float) -> Floats:
    """Return the loss left after some samples, when each of finitely many quanta waits until it was met often enough.

    Its power over any finite range departs from ``alpha / (alpha + 1)``, which holds for endlessly many quanta, long
    after the first was learned.

    Parameters
    ----------
    samples : array of shape (n,)
        Positive.
    alpha : float
        Positive; quantum k is met with a frequency proportional to ``k**-(alpha + 1)``.
    total : int
        How many quanta there are.
    needed : float
        Samples of a quantum after which it counts as learned, the same for all.

    Returns
    -------
    array of shape (n,)
        Share of the loss at the start, from 1 to 0.

    Examples
    --------
    >>> quanta_data_curve([1.0, 150.0, 1e9], 1.0, total=2, needed=100).round(2).tolist()
    [1.0, 0.2, 0.0]
    """
    _check_alpha(alpha)
    given = as_floats(samples, "samples", positive=True)
    often = np.arange(1, total + 1, dtype=float) ** -(alpha + 1)
    often /= often.sum()
    learned = np.searchsorted(-often, -needed / given, side="right")  # the most used first
    left = np.concatenate([np.cumsum(often[::-1])[::-1], [0.0]])
    return np.asarray(left[learned])
