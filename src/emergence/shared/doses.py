"""Dose and response: how much of a cause it takes for half to respond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from emergence.shared.checks import asks
from emergence.shared.fitting import as_floats


@dataclass(frozen=True)
class DoseResponse:
    """The dose at which half respond, with its interval, and how steeply the response rises.

    Parameters
    ----------
    threshold, low, high : float
        Dose at which half respond, with its 95 percent profile-likelihood interval. An end is 0 or infinite
        where the data do not bound it.
    steepness : float
        Rise of the log-odds for each unit of the logarithm of the dose at the best fit; capped at 500 where the
        data jump from none to all between two doses.
    """

    threshold: float
    low: float
    high: float
    steepness: float


@asks()
def dose_response(doses: ArrayLike, responded: ArrayLike, n: ArrayLike) -> DoseResponse:
    """Return the threshold of a dose-response curve that is logistic in the logarithm of the dose.

    Parameters
    ----------
    doses : array of shape (k,)
        Shares above 0 and up to 1, rising; at least 2.
    responded, n : array of shape (k,)
        How many of how many runs (or answers) responded at each dose.

    Raises
    ------
    ValueError
        Naming the rows that are out of range or out of order; when all responded alike at every dose, or fewer at higher ones.

    Examples
    --------
    >>> found = dose_response([0.3, 0.35, 0.4, 0.45], [0, 0, 5, 5], [5, 5, 5, 5])
    >>> 0.3 < found.low < 0.36 and 0.39 < found.high < 0.45
    True
    """
    d = as_floats(doses, "doses", positive=True, high=1.0)
    hits, total = as_floats(responded, "responded", low=0), as_floats(n, "n", positive=True, high=1e12)
    if not len(d) == len(hits) == len(total) or len(d) < 2:
        raise ValueError(
            f"given {len(d)} doses, {len(hits)} responses, {len(total)} totals; needed: as many of each, at least 2"
        )
    if (rows := np.flatnonzero(np.diff(d) <= 0)).size:
        raise ValueError(
            f"doses: row {rows[0] + 1} is {d[rows[0] + 1]:g} after {d[rows[0]]:g}; needed: each dose once, rising"
        )
    if (rows := np.flatnonzero(hits > total)).size:
        raise ValueError(
            f"responded: row {rows[0]} is {hits[rows[0]]:g} of {total[rows[0]]:g}; needed: no more than all"
        )
    if hits.max() <= 1 < total.min() and (rows := np.flatnonzero(hits % 1)).size:
        raise ValueError(
            f"responded: row {rows[0]} is {hits[rows[0]]:g} of {total[rows[0]]:g}, a share; needed: how many responded"
        )
    if hits.sum() in (0, total.sum()):
        raise ValueError("given doses at which none or all responded throughout; needed: some of both")
    x = np.log(d)
    weight = total / total.sum()
    if ((x - weight @ x) * (hits / total)) @ weight <= 0:
        raise ValueError("given doses at which fewer responded the higher they were; needed: a response that rises")
    spread = np.ptp(x)
    where = np.linspace(x[0] - 3 * spread, x[-1] + 3 * spread, 1401)
    steep = np.geomspace(0.05 / spread, 500, 161)
    z = steep[None, :, None] * (x[None, None, :] - where[:, None, None])
    likelihood = (hits * -np.logaddexp(0, -z) + (total - hits) * -np.logaddexp(0, z)).sum(-1)
    profile = likelihood.max(axis=1)
    i = int(np.median(np.flatnonzero(profile >= profile.max() - 1e-9)))  # the middle, where a jump leaves a flat top
    inside = np.flatnonzero(profile >= profile.max() - 1.9207)  # half of the 95 percent point of chi-squared, 1 df
    low = 0.0 if inside[0] == 0 else float(np.exp(where[inside[0]]))
    high = float("inf") if inside[-1] == len(where) - 1 else float(np.exp(where[inside[-1]]))
    return DoseResponse(float(np.exp(where[i])), low, high, float(steep[likelihood[i].argmax()]))
