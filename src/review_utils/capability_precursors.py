"""Anticipating abilities: forecasts from small scales, with distributions that can be held to account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from .fitting import Floats, as_floats
from .phase_transitions import ARITHMETIC_DIGITS, gpt3_curves

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Forecast:
    """A distribution over one score, as quantiles.

    Attributes
    ----------
    levels, values : tuple of float
        ``values[i]`` is the quantile at ``levels[i]``.
    """

    levels: tuple[float, ...]
    values: tuple[float, ...]

    def quantile(self, level: float) -> float:
        """Return one of the stored quantiles."""
        return self.values[self.levels.index(level)]


def _weighted_quantiles(values: Floats, weights: Floats, levels: tuple[float, ...]) -> tuple[float, ...]:
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    at = np.searchsorted(cumulative, np.asarray(levels) * cumulative[-1])
    return tuple(float(v) for v in values[order][np.minimum(at, values.size - 1)])


def forecast_logistic(
    log_scale: ArrayLike, successes: ArrayLike, n_items: int, target: float, grid: int = 400
) -> Forecast:
    """Forecast an accuracy at a larger scale from a logistic in log scale seen through binomial noise.

    The posterior over midpoint and slope is summed on a grid: flat in the midpoint from the first scale to
    as far beyond the target as the target is beyond the first scale, flat in the logarithm of the slope from
    0.3 to 30 for each unit of log scale. The curve rises from 0 to 1.

    Parameters
    ----------
    log_scale : array of shape (n,)
        log10 of the scales seen.
    successes : array of shape (n,)
        Correct answers at each, between 0 and `n_items` (may be fractional when read from a percentage).
    n_items : int
        Test items.
    target : float
        log10 of the scale to forecast; not below the largest seen.
    grid : int
        Points along each axis.

    Returns
    -------
    Forecast
        Of the accuracy, between 0 and 1. It holds the uncertainty of the two parameters, not of the form.
    """
    x = as_floats(log_scale, "log_scale")
    k = as_floats(successes, "successes", low=0.0, high=float(n_items))
    if x.shape != k.shape or x.size < 2:
        raise ValueError(f"given {x.size} scales and {k.size} counts; needed: at least two, as many of each")
    if target < x.max():
        raise ValueError(f"target: given {target:g}; needed: not below the largest scale seen, {x.max():g}")
    midpoint = np.linspace(x.min(), 2 * target - x.min(), grid)[:, None]
    slope = np.geomspace(0.3, 30, grid)[None, :]
    log_posterior = np.zeros((grid, grid))
    for xi, ki in zip(x, k, strict=True):
        z = slope * (xi - midpoint)
        log_posterior += ki * special.log_expit(z) + (n_items - ki) * special.log_expit(-z)
    weights = np.exp(log_posterior - log_posterior.max())
    predicted = special.expit(slope * (target - midpoint))
    return Forecast(QUANTILES, _weighted_quantiles(predicted.ravel(), weights.ravel(), QUANTILES))


def arithmetic_forecasts(setting: str = "few-shot", least: int = 4) -> pd.DataFrame:
    """Forecast the largest GPT-3's score on each addition and subtraction task from its smaller sizes.

    Parameters
    ----------
    setting : str
        zero-shot, one-shot or few-shot.
    least : int
        The fewest sizes to see.

    Returns
    -------
    DataFrame
        task, sizes_seen, last_model, last_score, compute_ahead, low, median, high (the 90 percent interval),
        actual, error (median minus actual), covered. Scores in percent; compute_ahead is a ratio.
    """
    rows = []
    curves = gpt3_curves(list(ARITHMETIC_DIGITS))
    for task, curve in curves[curves.setting == setting].groupby("task", sort=False):
        curve = curve.sort_values("params")
        log_flop = np.log10(curve.train_flop.to_numpy(float))
        hits = curve.score.to_numpy(float) / 100 * int(curve.n_items.iloc[0])
        actual = float(curve.score.iloc[-1])
        for seen in range(least, len(curve)):
            forecast = forecast_logistic(log_flop[:seen], hits[:seen], int(curve.n_items.iloc[0]), log_flop[-1])
            low, median, high = (100 * forecast.quantile(level) for level in (0.05, 0.5, 0.95))
            rows.append(
                {
                    "task": task,
                    "sizes_seen": seen,
                    "last_model": curve.model.iloc[seen - 1],
                    "last_score": float(curve.score.iloc[seen - 1]),
                    "compute_ahead": float(10 ** (log_flop[-1] - log_flop[seen - 1])),
                    "low": low,
                    "median": median,
                    "high": high,
                    "actual": actual,
                    "error": median - actual,
                    "covered": low <= actual <= high,
                }
            )
    return pd.DataFrame(rows)


def pass_until(rate: float, successes: int, draws: int, seed: int) -> tuple[Floats, Floats]:
    """Simulate estimates of a small success rate by sampling until a number of successes.

    The estimate ``(r - 1) / (K - 1)`` from K samples until the r-th success is unbiased whatever the rate
    (Hu et al. 2023, arXiv:2310.03262).

    Parameters
    ----------
    rate : float
        True rate, above 0 and at most 1.
    successes : int
        At least 2.
    draws : int
        Simulated estimates.
    seed : int

    Returns
    -------
    estimates, samples : arrays of shape (draws,)
        Each estimate, and the samples that it took.
    """
    if not 0 < rate <= 1 or successes < 2 or draws < 1:
        raise ValueError(
            f"given rate {rate}, {successes} successes, {draws} draws; needed: a rate above 0, at least 2, at least 1"
        )
    samples = successes + np.random.default_rng(seed).negative_binomial(successes, rate, draws)
    return np.asarray((successes - 1) / (samples - 1)), samples.astype(float)
