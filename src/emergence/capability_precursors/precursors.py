"""Anticipating abilities: forecasts from small scales, with distributions that can be held to account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special
from scipy.linalg import solve_banded

from emergence.shared.checks import asks, check_fields, number, option, values
from emergence.shared.fitting import Floats, as_floats, wilson
from emergence.shared.gpt3 import ARITHMETIC_DIGITS, gpt3_curves

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

MOST_LOG = 40.0
"""The highest log10 of a scale, which no number of operations or parameters reaches."""


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

    def __post_init__(self) -> None:
        check_fields(self, levels=values(above=0, below=1, rising=True), values=values(ordered=True))
        if len(self.levels) != len(self.values):
            raise ValueError(f"given {len(self.levels)} levels and {len(self.values)} values; needed: as many of each")

    def quantile(self, level: float) -> float:
        """Return one of the stored quantiles."""
        return self.values[self.levels.index(level)]


def _weighted_quantiles(values: Floats, weights: Floats, levels: tuple[float, ...]) -> tuple[float, ...]:
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    at = np.searchsorted(cumulative, np.asarray(levels) * cumulative[-1])
    return tuple(float(v) for v in values[order][np.minimum(at, values.size - 1)])


@asks(log_scale=values(rising=True), n_items=number(low=1), target=number(), grid=number(low=2, whole=True))
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
    x = as_floats(log_scale, "log_scale", high=MOST_LOG)
    k = as_floats(successes, "successes", low=0.0, high=float(n_items))
    if n_items > 1 and k.size and 0 < k.max() < 1:
        raise ValueError(
            f"successes: given {k.max():g} of {n_items} at most; needed: how many were right, not their share"
        )
    if x.shape != k.shape or x.size < 2:
        raise ValueError(f"given {x.size} scales and {k.size} counts; needed: at least two, as many of each")
    if target < x.max():
        raise ValueError(f"target: given {target:g}; needed: not below the largest scale seen, {x.max():g}")
    if target > MOST_LOG:
        raise ValueError(f"target: given {target:g}; needed: the log10 of a scale, at most {MOST_LOG:g}")
    midpoint = np.linspace(x.min(), 2 * target - x.min(), grid)[:, None]
    slope = np.geomspace(0.3, 30, grid)[None, :]
    log_posterior = np.zeros((grid, grid))
    for xi, ki in zip(x, k, strict=True):
        z = slope * (xi - midpoint)
        log_posterior += n_items * special.log_expit(z) - (n_items - ki) * z  # log(1 - p) is log p - z
    weights = np.exp(log_posterior - log_posterior.max())
    predicted = special.expit(slope * (target - midpoint))
    return Forecast(QUANTILES, _weighted_quantiles(predicted.ravel(), weights.ravel(), QUANTILES))


FEWEST_SIZES = 4
"""Sizes of GPT-3 that a forecaster sees at least."""


@asks(setting=option("zero-shot", "one-shot", "few-shot"))
def arithmetic_forecasts(setting: str = "few-shot") -> pd.DataFrame:
    """Forecast the largest GPT-3's score on each addition and subtraction task from its smaller sizes.

    Parameters
    ----------
    setting : str
        zero-shot, one-shot or few-shot.

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
        for seen in range(FEWEST_SIZES, len(curve)):
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


@asks(
    rate=number(low=1e-9, high=1),
    successes=number(low=2, high=1e6, whole=True),
    draws=number(low=1, high=1e7, whole=True),
    seed=number(low=0, whole=True),
)
def pass_until(rate: float, successes: int, draws: int, seed: int) -> tuple[Floats, Floats]:
    """Simulate estimates of a small success rate by sampling until a number of successes.

    The estimate ``(r - 1) / (K - 1)`` from K samples until the r-th success is unbiased whatever the rate
    (Hu et al. 2023, arXiv:2310.03262).

    Parameters
    ----------
    rate : float
        True rate, from 1e-9 to 1.
    successes : int
        From 2 to a million.
    draws : int
        Simulated estimates, at most ten million.
    seed : int

    Returns
    -------
    estimates, samples : arrays of shape (draws,)
        Each estimate, and the samples that it took.
    """
    samples = successes + np.random.default_rng(seed).negative_binomial(successes, rate, draws)
    return np.asarray((successes - 1) / (samples - 1)), samples.astype(float)


@asks(probabilities=values(low=0, high=1, changing=True), queries=number(above=0), largest=number(low=3, whole=True))
def gumbel_tail(probabilities: ArrayLike, queries: float, *, largest: int | None = None) -> float:
    """Forecast the largest success probability among many queries from that among few (Jones et al. 2025).

    The transform ``-log(-log p)`` of the largest probabilities is a straight line in the logarithm of how many
    queries it takes to see one as large; the line is carried on.

    Parameters
    ----------
    probabilities : array of shape (n,)
        Success probability of each query tried, between 0 and 1, ends left out.
    queries : float
        How many queries there will be, more than were tried.
    largest : int, optional
        How many of the largest are fitted; default the larger of 10 and a hundredth of them.

    Returns
    -------
    float
        The largest probability to expect.
    """
    p = as_floats(probabilities, "probabilities", low=0.0, high=1.0)
    count = max(10, len(p) // 100) if largest is None else largest
    if not 3 <= count <= len(p) or queries <= len(p):
        raise ValueError(
            f"given {len(p)} probabilities, {count} of them fitted, and {queries:g} queries; needed: at least 3 fitted, and more queries than were tried"
        )
    top = np.sort(p)[::-1][:count]
    if top[-1] <= 0 or top[0] >= 1:
        raise ValueError("needed: the largest probabilities above 0 and below 1")
    rarity = np.log(len(p) / np.arange(1, count + 1))
    slope, level = np.polyfit(rarity, -np.log(-np.log(top)), 1)
    return float(np.exp(-np.exp(-(level + slope * np.log(queries)))))


@dataclass(frozen=True)
class Trends:
    """Trends of two generic early-warning signals before a point in time.

    Parameters
    ----------
    variance, autocorrelation : float
        Kendall's tau between time and the signal in a rolling window, from -1 to 1; positive when it rises.
    """

    variance: float
    autocorrelation: float


WINDOW, BANDWIDTH = 0.5, 0.1
"""Length of the rolling window, and standard deviation of the filter that takes the trend away: shares of a series."""


@asks(series=values(least=20, changing=True))
def early_warning(series: ArrayLike) -> Trends:
    """Return the trends of variance and lag-1 autocorrelation, as before a tipping point (Dakos et al. 2012).

    The series is detrended by a Gaussian filter; in a rolling window the variance and the autocorrelation at lag 1
    of the rest are taken; their trend is Kendall's tau.

    Parameters
    ----------
    series : array of shape (n,)
        Evenly spaced, at least 20 values, up to the point before which one asks.

    References
    ----------
    Dakos et al. 2012, doi:10.1371/journal.pone.0041010.
    """
    from scipy.ndimage import gaussian_filter1d

    y = as_floats(series, "series")
    rest = y - gaussian_filter1d(y, BANDWIDTH * len(y), mode="nearest")
    size = int(WINDOW * len(y))
    frames = np.lib.stride_tricks.sliding_window_view(rest, size)
    centred = frames - frames.mean(axis=1, keepdims=True)
    variance = (centred**2).mean(axis=1)
    before, after = centred[:, :-1], centred[:, 1:]
    norm = np.sqrt((before**2).sum(axis=1) * (after**2).sum(axis=1))
    lag = (before * after).sum(axis=1) / np.maximum(norm, 1e-300)
    return Trends(_trend(variance), _trend(lag))


def _trend(values: Floats) -> float:
    """Return Kendall's tau-b between time and values; scipy's also works out how likely it is, in ten times the time."""
    n, rising, tied = len(values), 0, 0
    block = max(10**6 // n, 1)  # rows of a table of all pairs that is held at once
    for start in range(0, n, block):
        first = values[start : start + block, None]
        later = np.arange(n) > np.arange(start, start + len(first))[:, None]
        rising += int((later & (values > first)).sum()) - int((later & (values < first)).sum())
        tied += int((later & (values == first)).sum())
    pairs = n * (n - 1) // 2
    return float(rising / np.sqrt(pairs) / np.sqrt(pairs - tied)) if tied < pairs else np.nan


@asks(
    points=number(low=1, whole=True, high=1e4),
    window=number(low=1, whole=True, high=1e3),
    every=number(low=1, whole=True, high=1e3),
    end=number(low=0, below=1),
    noise=number(low=0),
    seed=number(low=0, whole=True),
)
def slowing_means(
    points: int, *, window: int, every: int, end: float = 0.95, noise: float = 0.0, seed: int = 0
) -> Floats:
    """Return running means of a state that recovers ever more slowly, a positive control for `early_warning`.

    The state is an autoregression whose coefficient goes evenly from 0.1 to `end`; with 0.1 nothing slows.

    Parameters
    ----------
    points : int
        Means to return.
    window, every : int
        Steps that each mean is over, and steps from one mean to the next.
    end : float
        The coefficient at the end.
    noise : float
        Standard deviation of what is added to the state of each step anew, as a batch does to a loss; the shocks to the
        state have one.
    seed : int
        Of the shocks and the noise.
    """
    rng = np.random.default_rng(seed)
    shocks = rng.standard_normal(window + every * (points - 1))
    # Each state less its share of the one before is the shock: a system with one band beside its diagonal.
    kept = np.append(-np.linspace(0.1, end, len(shocks))[1:], 0.0)
    state = solve_banded((1, 0), np.stack([np.ones_like(kept), kept]), shocks)
    seen = state + noise * rng.standard_normal(len(state))
    means: Floats = np.lib.stride_tricks.sliding_window_view(seen, window)[::every].mean(axis=1)
    return means


@dataclass(frozen=True)
class Roc:
    """How well a number tells runs that will jump from controls.

    Parameters
    ----------
    false_alarms, hits : array of shape (k,)
        Shares of controls and of runs above each level, from none to all.
    area : float
        The chance that a run has a larger value than a control; one half is chance.
    low, high : float
        95 percent interval of the area, of that width or wider whatever the distributions.
    """

    false_alarms: Floats
    hits: Floats
    area: float
    low: float
    high: float


def roc(runs: ArrayLike, controls: ArrayLike) -> Roc:
    """Return the receiver operating characteristic of a number measured on runs and on controls, ties counted half.

    The area is a mean over all ways to pair off runs with controls, and each way is a share of as many independent
    pairs as the smaller group has. A mean varies no more than its parts, so that the interval of such a share holds
    for the area whatever the distributions. Resampling gives an interval without width where all pairs agree.
    """
    a, b = as_floats(runs, "runs"), as_floats(controls, "controls")
    if len(a) < 2 or len(b) < 2:
        raise ValueError(
            f"given {len(a)} runs and {len(b)} controls; needed: at least two of each, or no interval follows"
        )
    levels = np.unique(np.concatenate([a, b]))[::-1]
    false_alarms, hits = (np.append(0.0, (x >= levels[:, None]).mean(axis=1)) for x in (b, a))
    area = float(((a[:, None] > b) + 0.5 * (a[:, None] == b)).mean())
    pairs = min(len(a), len(b))
    interval = wilson(area * pairs, pairs)
    return Roc(false_alarms, hits, area, interval.low, interval.high)
