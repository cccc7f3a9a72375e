"""A test of whether a smooth ability explains a sharp curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from emergence.phase_transitions.curves import ARITHMETIC_DIGITS, GPT3_CHOICES, gpt3_curves
from emergence.shared.fitting import Floats, Interval, as_floats, wilson

Verdict = Literal["smooth", "sharp in this metric only", "break supported", "undecided"]


FEWEST_SCALES = 6
"""A bend takes four numbers to describe: with fewer scales than this, every curve has a bend that fits it."""


@dataclass(frozen=True)
class BreakTest:
    """Whether a curve over scale has an upward break, or is smooth ability seen through its metric.

    Parameters
    ----------
    verdict : str
        ``break supported``, ``sharp in this metric only``, ``smooth`` or ``undecided``.
    p : float
        Of the latent ability's being smooth; NaN when undecided.
    p_metric : float
        Of the score's rising in a straight line in the logarithm of scale.
    statistic, critical : float
        The likelihood ratio statistic and its 95th percentile over curves simulated without a break.
    where : float
        The scale of the best break.
    slope_before, slope_after : float
        Of the latent ability, in log-odds for each factor of ten.
    reason : str
        Why nothing is said, when undecided.
    """

    verdict: Verdict
    p: float
    p_metric: float
    statistic: float
    critical: float
    where: float
    slope_before: float
    slope_after: float
    reason: str = ""

    @property
    def margin(self) -> float:
        """How far the statistic is above (or below) what counts as a break."""
        return self.statistic - self.critical


def _undecided(reason: str) -> BreakTest:
    return BreakTest("undecided", *(np.nan,) * 7, reason)


def _upward_bend(x: Floats, samples: Floats, weights: Floats) -> tuple[Floats, NDArray[np.intp], Floats]:
    """Return, for each row of `samples`, the statistic of its best upward bend, the index of the bend, and its slopes.

    The statistic is n times the logarithm of the ratio of the weighted residual sums of squares of a straight
    and of a bent line; bends that turn downward count for nothing.
    """
    n = len(x)
    root = np.sqrt(weights)
    line = np.stack([np.ones(n), x], axis=1) * root[:, None]
    q_line = np.linalg.qr(line)[0]
    scaled = samples * root
    left = scaled - scaled @ q_line @ q_line.T
    # A line that fits to rounding leaves nothing to explain: what is left is then no evidence for a bend.
    floor = 1e-8 * ((scaled - scaled @ np.outer(root, root) / (root @ root)) ** 2).sum(1) + 1e-300
    rss = (left**2).sum(1) + floor
    hinges = np.maximum(x[:, None] - x[1 : n - 2], 0) * root[:, None]
    hinges -= q_line @ (q_line.T @ hinges)
    size = (hinges**2).sum(0)
    change = left @ hinges / size
    # Of upward bends the one that explains most; beyond the floor none explains more than another.
    gain = np.minimum(np.where(change > 0, change**2 * size, 0.0), (rss - floor)[:, None])
    best = gain.argmax(1)
    most = np.take_along_axis(gain, best[:, None], 1)[:, 0]
    turn = np.where(most > 0, np.take_along_axis(change, best[:, None], 1)[:, 0], 0.0)
    return n * np.log(rss / (rss - most)), np.where(most > 0, best + 1, 0), turn


def metric_transform(
    shares: ArrayLike, n_items: ArrayLike | None = None, chance: float = 0.0, tokens: int = 1
) -> Floats:
    """Return the log-odds of the ability behind each score: above chance, and for each of `tokens` parts.

    Parameters
    ----------
    shares : array
        Shares right, between 0 and 1.
    n_items : float or array, optional
        Test items behind each; half an item keeps the log-odds of none and of all finite. Without it, one
        percent does.
    chance : float
        Share right of one who guesses.
    tokens : int
        Parts of an answer that must all be right.

    Examples
    --------
    >>> float(metric_transform([0.0625], tokens=4)[0])
    0.0
    """
    edge = 0.5 / np.asarray(n_items, dtype=float) if n_items is not None else 0.01
    above = np.clip((np.asarray(shares, dtype=float) - chance) / (1 - chance), edge, 1 - edge)
    part = above ** (1 / tokens)
    return np.asarray(np.log(part) - np.log1p(-part))


def _to_share(latent: Floats, chance: float, tokens: int) -> Floats:
    return np.asarray(chance + (1 - chance) * special.expit(latent) ** tokens)


def _sampled(rng: np.random.Generator, shares: Floats, items: Floats) -> Floats:
    """Return shares as a test of so many items would find them.

    Counts come from one normal draw each, through the binomial quantile where few are expected and its normal
    limit elsewhere: NumPy's own sampler gives other counts from the same seed in its later versions.
    """
    draw = rng.standard_normal(shares.shape)
    n = np.broadcast_to(np.round(items), shares.shape)
    variance = n * shares * (1 - shares)
    counts = np.clip(np.rint(n * shares + np.sqrt(variance) * draw), 0, n)
    few = variance < 30
    counts[few] = stats.binom.ppf(special.ndtr(draw[few]), n[few], shares[few])
    return np.asarray(counts / n)


def break_test(
    scales: ArrayLike,
    scores: ArrayLike,
    *,
    n_items: ArrayLike | None = None,
    chance: float = 0.0,
    tokens: int = 1,
    draws: int = 1000,
    level: float = 0.05,
    seed: int = 0,
) -> BreakTest:
    """Test whether a score over scale has an upward break that neither its metric nor its noise explains.

    The null is smooth: the log-odds of an ability are a straight line in the logarithm of scale, with a
    scatter between models that is estimated, seen through the metric (`chance`, and `tokens` parts that must
    all be right) and through the sampling of `n_items` test items. The alternative lets the line bend upward
    once. Curves simulated under the null give the probability of a bend as good by luck.

    Parameters
    ----------
    scales : array of shape (n,)
        Positive, rising.
    scores : array of shape (n,)
        Shares right, between 0 and 1.
    n_items : float or array of shape (n,), optional
        Test items behind each score. Without it all noise is taken for scatter.
    chance : float
        Share right of one who guesses; below 1.
    tokens : int
        Parts of an answer that must all be right.
    draws : int
        Simulated curves, at least 100.

    Returns
    -------
    BreakTest
        Undecided, with the reason, for fewer than six scales, a constant curve, or fewer than three scores
        that differ from the floor.

    Raises
    ------
    ValueError
        Naming the rows that are out of range, or out of order.
    """
    s, y = as_floats(scales, "scales", positive=True), as_floats(scores, "scores", low=0.0, high=1.0)
    if len(s) != len(y):
        raise ValueError(f"given {len(s)} scales and {len(y)} scores; needed: as many of each")
    if (rows := np.flatnonzero(np.diff(s) <= 0)).size:
        raise ValueError(f"scales: row {rows[0] + 1} is {s[rows[0] + 1]:g} after {s[rows[0]]:g}; needed: rising values")
    if not 0 <= chance < 1 or tokens < 1 or draws < 100:
        raise ValueError(
            f"given chance {chance:g}, {tokens} tokens, {draws} draws; needed: 0 to 1, at least 1, at least 100"
        )
    if len(s) < FEWEST_SCALES:
        return _undecided(f"{len(s)} scales; at least {FEWEST_SCALES} are needed to tell a bend from a line")
    if np.ptp(y) == 0:
        return _undecided("the score is the same at every scale")
    items = (
        None
        if n_items is None
        else np.broadcast_to(as_floats(np.atleast_1d(np.asarray(n_items, float)), "n_items", positive=True), y.shape)
    )
    x = np.log10(s)
    latent = metric_transform(y, items, chance, tokens)
    if len(np.unique(np.round(latent, 9))) < 3:
        return _undecided("fewer than three scores differ from the floor and the ceiling of the metric")

    # Scatter and sampling noise under the null, each refined once by the other.
    noise, scatter = np.zeros_like(x), 1.0
    for _ in range(3):
        weights = 1 / (noise + max(scatter, 1e-6))
        slope, level_at = _line(x, latent, weights)
        fitted = slope * x + level_at
        if items is not None:
            share = np.clip(_to_share(fitted, chance, tokens), 0.5 / items, 1 - 0.5 / items)
            bump = 1e-3
            steep = (_to_share(fitted + bump, chance, tokens) - _to_share(fitted - bump, chance, tokens)) / (2 * bump)
            noise = share * (1 - share) / items / np.maximum(steep, 0.25 / items) ** 2
        gaps = (latent - fitted) ** 2
        scatter = max(float((gaps - noise).sum() / (len(x) - 2)), 0.02 * float(gaps.mean()), 1e-8)
    weights = 1 / (noise + scatter)
    rng = np.random.default_rng(seed)
    drawn = fitted + np.sqrt(scatter) * rng.standard_normal((draws, len(x)))
    shares = _to_share(drawn, chance, tokens)
    if items is not None:
        shares = _sampled(rng, shares, items)
    simulated = _upward_bend(x, metric_transform(shares, items, chance, tokens), weights)[0]
    (statistic,), (at,), (turn,) = _upward_bend(x, latent[None], weights)

    ones = np.ones_like(x)
    slope, level_at = _line(x, y, ones)
    line = slope * x + level_at
    spread = np.sqrt(((y - line) ** 2).sum() / (len(x) - 2))
    plain = line + spread * rng.standard_normal((draws, len(x)))
    metric = _upward_bend(x, plain, ones)[0]
    (metric_statistic,), _, _ = _upward_bend(x, y[None], ones)

    # Near the floor few scores are possible, and a simulated curve can equal the observed one: a tie counts.
    p = (1 + int((simulated >= statistic - 1e-6).sum())) / (draws + 1)
    p_metric = (1 + int((metric >= metric_statistic - 1e-6).sum())) / (draws + 1)
    before = _line(x, latent, weights)[0] if turn == 0 else _slope_before(x, latent, weights, int(at))
    verdict: Verdict = (
        "break supported" if p <= level else "sharp in this metric only" if p_metric <= level else "smooth"
    )
    return BreakTest(
        verdict, p, p_metric, float(statistic), float(np.quantile(simulated, 1 - level)), float(s[at]) if turn else float("nan"), before, before + float(turn)
    )  # fmt: skip


def _line(x: Floats, y: Floats, weights: Floats) -> tuple[float, float]:
    """Return slope and level of the weighted straight line: a tenth of `numpy.polyfit`'s time, for many short curves."""
    total = weights.sum()
    x_mean, y_mean = weights @ x / total, weights @ y / total
    away = weights * (x - x_mean)
    slope = float(away @ y / (away @ x))
    return slope, float(y_mean - slope * x_mean)


def _slope_before(x: Floats, latent: Floats, weights: Floats, at: int) -> float:
    root = np.sqrt(weights)
    basis = np.stack([np.ones_like(x), x, np.maximum(x - x[at], 0)], axis=1) * root[:, None]
    return float(np.linalg.lstsq(basis, latent * root, rcond=None)[0][1])


def decide(tests: Mapping[str, BreakTest], level: float = 0.05) -> dict[str, BreakTest]:
    """Return the tests with verdicts that hold for all of them together.

    The share of false breaks among the supported ones is kept to `level` (Benjamini and Hochberg 1995), and
    likewise for sharpness in the metric.
    """
    known = {name: test for name, test in tests.items() if test.verdict != "undecided"}
    if not known:
        return dict(tests)
    breaks = stats.false_discovery_control([t.p for t in known.values()])
    sharp = stats.false_discovery_control([t.p_metric for t in known.values()])
    out = dict(tests)
    for (name, test), b, m in zip(known.items(), breaks, sharp, strict=True):
        verdict: Verdict = "break supported" if b <= level else "sharp in this metric only" if m <= level else "smooth"
        out[name] = replace(test, verdict=verdict)
    return out


def alarm_rate(
    scales: ArrayLike,
    latent: ArrayLike,
    *,
    n_items: float | None,
    scatter: float,
    tokens: int = 1,
    curves: int = 2000,
    draws: int = 200,
    seed: int = 0,
) -> Interval:
    """Return how often `break_test` calls a break on curves simulated from a latent ability, with a Wilson interval.

    Parameters
    ----------
    scales, latent : array of shape (n,)
        The log-odds of the ability at each scale: straight for false alarms, bent for power.
    n_items : float or None
        Test items behind each score.
    scatter : float
        Standard deviation of the log-odds between models.
    """
    rng = np.random.default_rng(seed)
    s, z = as_floats(scales, "scales", positive=True), as_floats(latent, "latent")
    calls, decided = 0, 0
    for i in range(curves):
        shares = _to_share(z + scatter * rng.standard_normal(len(z)), 0.0, tokens)
        if n_items is not None:
            shares = _sampled(rng, shares, np.full(len(shares), float(n_items)))
        test = break_test(s, shares, n_items=n_items, tokens=tokens, draws=draws, seed=seed + i)
        decided += test.verdict != "undecided"
        calls += test.verdict == "break supported"
    return wilson(calls, max(decided, 1))


def gpt3_breaks(draws: int = 1000) -> pd.DataFrame:
    """Return the verdict of `break_test` on every curve of Table H.1, with multiplicity controlled over all.

    Arithmetic is read as so many digits that must all be right, with its 2,000 test items. Other tasks have no
    printed number of items. A task with a choice of answers is read twice, from nothing and from the level of
    guessing, and the reading that speaks less for a break counts. LAMBADA's perplexity is read as the mean
    probability of the word.

    Returns
    -------
    DataFrame
        task, metric, setting, kind (arithmetic, choice, other), verdict, p, p_metric, margin, where, reason.
    """
    tests, about = {}, {}
    for (task, metric, setting), rows in gpt3_curves().groupby(["task", "metric", "setting"], observed=True):
        rows = rows.sort_values("params").dropna(subset="score")
        shares = 1 / rows.score if metric == "ppl" else rows.score / 100
        arithmetic = task in ARITHMETIC_DIGITS or task in ("2Dx", "1DC")
        chances = {0.0, 1 / GPT3_CHOICES[task]} if task in GPT3_CHOICES and metric == "acc" else {0.0}
        readings = [
            break_test(
                rows.params,
                shares,
                n_items=2000 if arithmetic else None,
                chance=chance,
                tokens=ARITHMETIC_DIGITS.get(task, 1),
                draws=draws,
            )
            for chance in sorted(chances)
        ]
        name = f"{task} {metric} {setting}"
        # Undecided counts as the reading that speaks least for a break.
        tests[name] = max(readings, key=lambda t: np.inf if np.isnan(t.p) else t.p)
        about[name] = (task, metric, setting, "arithmetic" if arithmetic else "choice" if len(chances) > 1 else "other")
    rows_out = [
        (*about[name], t.verdict, t.p, t.p_metric, t.margin, t.where, t.reason) for name, t in decide(tests).items()
    ]
    columns = ["task", "metric", "setting", "kind", "verdict", "p", "p_metric", "margin", "where", "reason"]
    return pd.DataFrame(rows_out, columns=columns)
