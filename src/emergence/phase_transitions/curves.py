"""Sharp curves: how sharp they are, and how much of the sharpness is the metric's."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from emergence.shared.checks import asks, floats, frame, number, values
from emergence.shared.fitting import Floats, as_floats, wilson


@asks(curves=frame("task", "score", "n_items"))
def three_metrics(curves: pd.DataFrame, digits: dict[str, int]) -> pd.DataFrame:
    """Return accuracy, log-odds and implied accuracy for each digit, with 95 percent Wilson intervals.

    Parameters
    ----------
    curves : DataFrame
        From `gpt3_curves`; rows of tasks in `digits` with n_items known.
    digits : dict
        Answer length that each task is taken to have: exact match is read as the product of that many
        equally likely digits, so the implied accuracy is the root of that order.

    Returns
    -------
    DataFrame
        The rows of `curves` three times, with metric_name, value, low, high.
    """
    rows = []
    unknown = sorted({*curves.task[curves.n_items.isna()], *curves.task[~curves.task.isin(list(digits))]})
    if unknown or min(digits.values(), default=0) < 1:
        given = f"{', '.join(unknown)} without items or digits" if unknown else f"digits {digits}"
        raise ValueError(f"given {given}; needed: tasks with a known number of items, each with at least one digit")
    for row in curves.itertuples():
        n = int(row.n_items)
        hits = row.score / 100 * n
        interval = wilson(hits, n)
        accuracy = np.array([interval.estimate, interval.low, interval.high])
        # Half an item keeps the log-odds of 0 of n and n of n finite (Haldane's correction).
        adjusted = np.clip(accuracy, 0.5 / n, 1 - 0.5 / n)
        values = {
            "accuracy": accuracy,
            "log-odds": np.log(adjusted / (1 - adjusted)),
            "implied digit accuracy": accuracy ** (1 / digits[row.task]),
        }
        for name, (value, low, high) in values.items():
            rows.append({**row._asdict(), "metric_name": name, "value": value, "low": low, "high": high})
    return pd.DataFrame(rows).drop(columns="Index")


def _steps(scores: ArrayLike) -> tuple[Floats, float]:
    values = as_floats(scores, "scores")
    if values.size < 3:
        raise ValueError(f"given {values.size} scores; needed: at least three, ordered by scale")
    return np.diff(values), float(_span(values))


def _span(values: Floats) -> Floats:
    """Return the signed range of each curve: from its least score to its greatest, negative where the greatest comes first."""
    sign = np.sign(values.argmax(axis=-1) - values.argmin(axis=-1))
    return np.asarray(sign * np.ptp(values, axis=-1))


@asks(noise_sd=number(low=0))
def breakthroughness(scores: ArrayLike, noise_sd: float = 0.0) -> float:
    """Return the breakthroughness of a curve: its signed range over the root of its median squared step.

    Parameters
    ----------
    scores : array of shape (n,)
        Ordered by scale, at least three.
    noise_sd : float
        Standard deviation of a step that sampling noise alone makes. The published measure divides by a
        median that is zero whenever half of the steps are flat; the noise is a floor under it.

    Returns
    -------
    float
        Infinite when the median step and the floor are both zero; 0 for a constant curve.

    References
    ----------
    Srivastava et al. 2023, arXiv:2206.04615, App. B; Schaeffer et al. 2023, arXiv:2304.15004, Eq. 1.

    Examples
    --------
    >>> breakthroughness([0, 1, 2, 3])
    3.0
    """
    steps, spread = _steps(scores)
    return float(_sharpness(steps, np.asarray(spread), noise_sd))


@asks(ladders=values(axes=2, low=0, high=1), n_items=number(low=1))
def breakthroughness_each(ladders: ArrayLike, n_items: int | None = None) -> Floats:
    """Return the `breakthroughness` of many curves of accuracy, each over the noise of its own steps.

    Parameters
    ----------
    ladders : array of shape (curves, n)
        Each ordered by scale, at least three scores.
    n_items : int, optional
        Test items behind each score, of which `step_noise_sd` makes the floor; without them there is none.

    Returns
    -------
    array of shape (curves,)

    Examples
    --------
    >>> breakthroughness_each([[0, 0.5, 1], [0, 0, 1]])
    array([2.        , 1.41421356])
    """
    table = floats(ladders)
    if table.shape[1] < 3:
        raise ValueError(f"given {table.shape[1]} scores a curve; needed: at least three, ordered by scale")
    noise_sd = 0.0 if n_items is None else _step_noise(table, n_items)
    return _sharpness(np.diff(table, axis=1), _span(table), noise_sd)


def _sharpness(steps: Floats, span: Floats, noise_sd: float | Floats) -> Floats:
    """Return the breakthroughness of curves with these steps, along the last axis, and signed ranges."""
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = steps / span[..., None]  # before squaring, so that tiny scores do not vanish
        size = np.maximum(np.sqrt(np.median(relative**2, axis=-1)), noise_sd / np.abs(span))
        return np.where(span == 0, 0.0, np.sign(span) / size)


def linearity(scores: ArrayLike) -> float:
    """Return the linearity of a curve: its signed range over the root of its mean squared step.

    It is n - 1 for a straight line of n points, and the root of n - 1 for a single jump.

    Examples
    --------
    >>> linearity([0, 0, 0, 0, 1])
    2.0
    """
    steps, spread = _steps(scores)
    return 0.0 if spread == 0 else float(np.sign(spread)) / float(np.sqrt(np.mean((steps / spread) ** 2)))


@asks(scores=values(low=0, high=1), n_items=number(low=1))
def step_noise_sd(scores: ArrayLike, n_items: int) -> float:
    """Return the standard deviation that sampling gives a step between two accuracies near the curve's mean.

    Parameters
    ----------
    scores : array
        Accuracies between 0 and 1.
    n_items : int
        Test items behind each.
    """
    return float(_step_noise(as_floats(scores, "scores", low=0.0, high=1.0), n_items))


def _step_noise(scores: Floats, n_items: int) -> Floats:
    # At 0 or 1 the plug-in variance is 0 although one more item could differ: half an item keeps it honest.
    p = np.clip(np.median(scores, axis=-1), 0.5 / n_items, 1 - 0.5 / n_items)
    return np.asarray(np.sqrt(2 * p * (1 - p) / n_items))


GPT3_CHOICES = {
    **dict.fromkeys(["HellaSwag", "ARC (Challenge)", "ARC (Easy)", "OpenBookQA", "RACE-h", "RACE-m"], 4),
    **dict.fromkeys(["StoryCloze", "Winograd", "Winogrande", "PIQA", "BoolQ", "Copa", "RTE", "WiC", "WSC"], 2),
    **dict.fromkeys(["CB", "ANLI R1", "ANLI R2", "ANLI R3"], 3),
    "SAT Analogies": 5,
}
"""Answers to choose from, by the definition of each task; not printed in Table H.1."""
