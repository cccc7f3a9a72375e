"""Scores against the loss of a model: whether they wait for a threshold, bend, or follow a line; and what size adds."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from emergence.shared.checks import asks, number, values
from emergence.shared.fitting import Floats

LEARNED = 0.1
"""How far above chance the best model is at least on a task that could have a threshold."""

_PAIR = {"loss": values(changing=True, least=4), "score": values(least=4)}


@asks(("loss", "score"), **_PAIR)
def straight_line(loss: ArrayLike, score: ArrayLike) -> tuple[float, Floats]:
    """Return what a straight line in the loss leaves, as a sum of squares, and the line."""
    x, y = np.asarray(loss, dtype=float), np.asarray(score, dtype=float)
    line = np.polyfit(x, y, 1)
    return float(((y - np.polyval(line, x)) ** 2).sum()), np.asarray(line)


def _along(rises: Floats, gain: Floats) -> tuple[Floats, Floats]:
    """Return what multiples of each row leave of the gain, endless where none rises; and the multiples."""
    slopes = rises @ gain / np.maximum((rises**2).sum(axis=1), 1e-12)
    rest = ((gain - slopes[:, None] * rises) ** 2).sum(axis=1)
    return np.where(slopes > 0, rest, np.inf), slopes


@asks(("loss", "score"), **_PAIR, chance=number())
def with_threshold(loss: ArrayLike, score: ArrayLike, chance: float) -> tuple[float, float, float]:
    """Return what chance down to a threshold and a line below it leave, the threshold, and the slope.

    Where no line rises as the loss falls, the first is endless and the others are NaN.
    """
    x, y = np.asarray(loss, dtype=float), np.asarray(score, dtype=float)
    at = np.linspace(np.quantile(x, 0.1), np.quantile(x, 0.95), 60)
    rest, slope = _along(np.maximum(at[:, None] - x, 0), y - chance)
    best = int(rest.argmin())
    if not np.isfinite(rest[best]):
        return float("inf"), float("nan"), float("nan")
    return float(rest[best]), float(at[best]), float(slope[best])


@asks(("loss", "score"), **_PAIR, chance=number())
def with_bend(loss: ArrayLike, score: ArrayLike, chance: float) -> float:
    """Return what an exponential above chance leaves, which is as smooth as a threshold is sharp."""
    x, y = np.asarray(loss, dtype=float), np.asarray(score, dtype=float)
    rates = np.geomspace(0.1, 30, 120)
    rest, _ = _along(np.exp(-rates[:, None] * (x - x.min())), y - chance)
    return float(rest.min())


@asks(("loss", "score", "size"), **_PAIR, size=values(least=4), degree=number(low=1, whole=True))
def size_adds(loss: ArrayLike, score: ArrayLike, size: ArrayLike, degree: int) -> tuple[float, Floats]:
    """Return the share of what a polynomial in the loss leaves of the score that size explains, and size less its own.

    Parameters
    ----------
    loss, score, size : array of shape (models,)
    degree : int
        Of the polynomial, which is taken out of the score and of the size.
    """
    x, y, s = (np.asarray(column, dtype=float) for column in (loss, score, size))
    powers = np.vander((x - x.mean()) / x.std(), degree + 1)
    left, own = (v - powers @ np.linalg.lstsq(powers, v, rcond=None)[0] for v in (y, s))
    return float(np.corrcoef(left, own)[0, 1] ** 2), np.asarray(own)


def compare(runs: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return what fits the score of each task on each corpus better, and what size adds.

    Parameters
    ----------
    runs, scores : DataFrame
        Models and their scores, as `emergence.readers.testbed` returns them.

    Returns
    -------
    DataFrame
        corpus, task; gain and bend, by how much a threshold fits better than a straight line and than an exponential
        (number of models times the logarithm of the ratio of sums of squares, empty where no line rises below a
        threshold); r2 of the straight line; threshold; size and quartic, the percent of what a cubic and a fourth power
        of the loss leave that size explains; follows, the percent of size that a cubic explains. Tasks on which no model
        of the corpus is `LEARNED` above chance are left out.
    """
    chance = scores.loc["chance"].astype(float)
    rows = []
    for corpus, part in runs.groupby("corpus"):
        loss, size = part.loss.to_numpy(), np.log(part.params.to_numpy())
        for task in scores.columns:
            score = scores.loc[part.index, task].to_numpy(float)
            if score.max() - chance[task] < LEARNED:
                continue
            straight, _ = straight_line(loss, score)
            hinged, at, _ = with_threshold(loss, score, chance[task])
            bent = with_bend(loss, score, chance[task])
            n, rises = len(score), np.isfinite(hinged)
            added, own = size_adds(loss, score, size, 3)
            rows.append(
                {
                    "corpus": corpus,
                    "task": task,
                    # All have two free numbers, so that the criterion compares residuals alone.
                    "gain": n * np.log(straight / hinged) if rises else np.nan,
                    "bend": n * np.log(bent / hinged) if rises else np.nan,
                    "r2": 1 - straight / (n * score.var()),
                    "threshold": at,
                    "size": 100 * added,
                    "quartic": 100 * size_adds(loss, score, size, 4)[0],
                    "follows": 100 * (1 - own.var() / size.var()),
                }
            )
    return pd.DataFrame(rows)
