"""Discrete abilities behind smooth curves: quanta used with Zipf frequencies, and what their theory predicts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import zeta

from emergence.shared.checks import asks, floats, number
from emergence.shared.fitting import Floats


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
