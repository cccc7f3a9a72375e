"""Sharp curves: how sharp they are, and how much of the sharpness is the metric's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from .datasets import table
from .fitting import Floats, Interval, as_floats, wilson

GPT3_SIZES = {
    "small": "GPT-3 Small",
    "medium": "GPT-3 Medium",
    "large": "GPT-3 Large",
    "xl": "GPT-3 XL",
    "2.7b": "GPT-3 2.7B",
    "6.7b": "GPT-3 6.7B",
    "13b": "GPT-3 13B",
    "175b": "GPT-3 175B",
}
ARITHMETIC_DIGITS = {"2D+": 2, "2D-": 2, "3D+": 3, "3D-": 3, "4D+": 4, "4D-": 4, "5D+": 5, "5D-": 5}
"""Digits of the operands of each addition and subtraction task."""

SUPERGLUE = {
    "BoolQ": ["acc"],
    "CB": ["acc", "f1"],
    "Copa": ["acc"],
    "RTE": ["acc"],
    "WiC": ["acc"],
    "WSC": ["acc"],
    "MultiRC": ["acc", "f1a"],
    "ReCoRD": ["acc", "f1"],
}
"""Tasks whose scores (metrics averaged within a task) average to the SuperGLUE score."""


def gpt3_curves(tasks: list[str] | None = None) -> pd.DataFrame:
    """Return GPT-3's scores in long form, one row a task, setting and size.

    Parameters
    ----------
    tasks : list of str, optional
        Names as printed; default is all.

    Returns
    -------
    DataFrame
        task, metric, setting, n_items, model, params, train_flop, score (percent for accuracies).
    """
    wide = table("brown2020_table_h1")
    if tasks is not None:
        unknown = sorted(set(tasks) - set(wide.task))
        if unknown:
            raise KeyError(f"no task {', '.join(unknown)} in Table H.1")
        wide = wide[wide.task.isin(tasks)]
    compute = table("brown2020_table_d1").set_index("model")
    long = wide.melt(
        id_vars=["task", "metric", "setting", "n_items"],
        value_vars=list(GPT3_SIZES),
        var_name="size",
        value_name="score",
    )
    long["model"] = long.pop("size").map(GPT3_SIZES)
    long["params"] = long.model.map(compute.params_millions) * 1e6
    long["train_flop"] = long.model.map(compute.train_flop)
    order = pd.Categorical(long.task, categories=wide.task.drop_duplicates(), ordered=True)
    return (
        long.assign(_o=order)
        .sort_values(["_o", "metric", "setting", "params"])
        .drop(columns="_o")
        .reset_index(drop=True)
    )


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
    sign = np.sign(np.argmax(values) - np.argmin(values))
    return np.diff(values), float(sign * np.ptp(values))


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
    if spread == 0:
        return 0.0
    relative = steps / spread  # before squaring, so that tiny scores do not vanish
    size = max(float(np.sqrt(np.median(relative**2))), noise_sd / abs(spread))
    return float(np.inf * np.sign(spread)) if size == 0 else float(np.sign(spread)) / size


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


def step_noise_sd(scores: ArrayLike, n_items: int) -> float:
    """Return the standard deviation that sampling gives a step between two accuracies near the curve's mean.

    Parameters
    ----------
    scores : array
        Accuracies between 0 and 1.
    n_items : int
        Test items behind each.
    """
    values = as_floats(scores, "scores", low=0.0, high=1.0)
    # At 0 or 1 the plug-in variance is 0 although one more item could differ: half an item keeps it honest.
    p = np.clip(np.median(values), 0.5 / n_items, 1 - 0.5 / n_items)
    return float(np.sqrt(2 * p * (1 - p) / n_items))


def superglue_gap() -> pd.DataFrame:
    """Return, for each setting and size, the printed SuperGLUE average and the one its tasks give."""
    curves = gpt3_curves()
    keys = ["setting", "model"]
    printed = curves[curves.task == "SuperGLUE"].set_index(keys).score
    parts = []
    for task, metrics in SUPERGLUE.items():
        rows = curves[(curves.task == task) & curves.metric.isin(metrics)]
        parts.append(rows.groupby(keys).score.mean())
    computed = pd.concat(parts, axis=1).mean(axis=1)
    out = pd.DataFrame({"printed": printed, "recomputed": computed}).reset_index()
    return out.assign(gap=(out.printed - out.recomputed).abs())


@dataclass(frozen=True)
class Changepoints:
    """Where a curve changes, with the method and its setting, since both decide the answer.

    Parameters
    ----------
    at : tuple of float
        Positions on the x axis, in order.
    low, high : tuple of float
        95 percent interval of each; NaN where the method gives none.
    method, setting : str
    """

    at: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    method: str
    setting: str


def _bent_lines(x: Floats, candidates: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return every ordered pair of candidate bends, and an orthonormal basis (pair, n, 4) of the bent lines of each."""
    first, second = np.triu_indices(len(candidates), k=1)
    bends = np.stack([first, second], axis=1)
    base = np.broadcast_to(np.stack([np.ones_like(x), x], axis=1), (len(bends), len(x), 2))
    hinges = np.maximum(x[None, :, None] - candidates[bends][:, None, :], 0)
    return bends, np.linalg.qr(np.concatenate([base, hinges], axis=2))[0]


def changepoints(
    x: ArrayLike,
    y: ArrayLike,
    method: Literal["segmented", "pelt"] = "segmented",
    *,
    penalty: float = 0.02,
    candidates: int = 60,
    replicates: int = 400,
    seed: int = 0,
) -> Changepoints:
    """Return where a curve changes: the start and the end of its rise, or as many breaks as a penalty allows.

    Parameters
    ----------
    x, y : array of shape (n,)
        `x` strictly rising; n at least 8.
    method : {"segmented", "pelt"}
        ``segmented`` fits a continuous line with two bends by least squares over a grid of `candidates`
        positions, with intervals from resampling blocks of residuals (which are autocorrelated).
        ``pelt`` finds the breaks of a piecewise linear curve that minimise squared error plus `penalty` for
        each, without intervals; on a smooth rise it finds more breaks than there are phases.
    penalty : float
        For ``pelt``, in units of y squared.

    Returns
    -------
    Changepoints

    Raises
    ------
    ValueError
        For fewer than 8 points, x that does not rise, or a constant curve.

    References
    ----------
    Killick et al. 2012, arXiv:1101.1438, for PELT; Muggeo 2003, doi:10.1002/sim.1545, for bent lines.
    """
    x, y = as_floats(x, "x"), as_floats(y, "y")
    if len(x) != len(y) or len(x) < 8:
        raise ValueError(f"given {len(x)} positions and {len(y)} values; needed: as many of each, at least 8")
    if (rows := np.flatnonzero(np.diff(x) <= 0)).size:
        raise ValueError(f"x: row {rows[0] + 1} is {x[rows[0] + 1]:g} after {x[rows[0]]:g}; needed: rising values")
    if np.ptp(y) == 0:
        raise ValueError(f"given a curve that is {y[0]:g} throughout; needed: one that changes")
    if method == "pelt":
        import ruptures

        signal = np.stack([y, x / np.ptp(x), np.ones_like(x)], axis=1)
        found = ruptures.Pelt(model="linear", min_size=3, jump=1).fit(signal).predict(pen=penalty)
        at = tuple(float(x[i]) for i in found[:-1])
        return Changepoints(at, (np.nan,) * len(at), (np.nan,) * len(at), "PELT", f"penalty {penalty:g}")
    grid = np.interp(np.linspace(0, len(x) - 1, min(candidates, len(x) - 2) + 2)[1:-1], np.arange(len(x)), x)
    bends, basis = _bent_lines(x, grid)
    weights = np.einsum("pnk,n->pk", basis, y)
    best = int((weights**2).sum(1).argmax())  # the largest projection leaves the smallest residual
    fitted = basis[best] @ weights[best]
    block = max(len(x) // 12, 2)
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, len(x) - block + 1, (replicates, -(-len(x) // block)))
    rows = (starts[:, :, None] + np.arange(block)).reshape(replicates, -1)[:, : len(x)]
    samples = fitted + (y - fitted)[rows]
    power = (np.einsum("pnk,rn->rpk", basis, samples, optimize=True) ** 2).sum(2)
    drawn = grid[bends[power.argmax(1)]]
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    at = tuple(map(float, grid[bends[best]]))
    return Changepoints(
        at,
        tuple(map(float, np.minimum(low, at))),
        tuple(map(float, np.maximum(high, at))),
        "line with two bends",
        f"{len(grid)} candidate positions, {replicates} block resamples",
    )


@dataclass(frozen=True)
class SeedMixture:
    """How many seeds failed, landed between, and succeeded."""

    n: int
    failed: Interval
    between: Interval
    succeeded: Interval
    mean: float


def seed_mixture(scores: ArrayLike, chance: float, success: float) -> SeedMixture:
    """Return the shares of seeds near chance, in between, and successful, with 95 percent Wilson intervals.

    Parameters
    ----------
    scores : array of shape (n,)
        Final score of each seed, at least 2.
    chance : float
        Score of one who knows nothing. A seed failed when it got less than a tenth of the way to `success`.
    success : float
        Score from which a seed has learned the task; above `chance`.

    Examples
    --------
    >>> mixture = seed_mixture([0.5, 0.51, 1.0, 1.0], chance=0.5, success=0.99)
    >>> mixture.failed.estimate, mixture.between.estimate, mixture.succeeded.estimate
    (0.5, 0.0, 0.5)
    """
    values = as_floats(scores, "scores")
    if len(values) < 2 or not chance < success:
        raise ValueError(
            f"given {len(values)} seeds, chance {chance:g} and success {success:g}; needed: two seeds, and success above chance"
        )
    failed = int((values < chance + 0.1 * (success - chance)).sum())
    succeeded = int((values >= success).sum())
    counts = (failed, len(values) - failed - succeeded, succeeded)
    low, middle, high = (wilson(count, len(values)) for count in counts)
    return SeedMixture(len(values), low, middle, high, float(values.mean()))


def single_seed_ladders(scores: ArrayLike, draws: int = 2000, seed: int = 0) -> Floats:
    """Return curves over scale that each take one random seed at every scale.

    Parameters
    ----------
    scores : array of shape (scales, seeds)
    draws : int

    Returns
    -------
    array of shape (draws, scales)
    """
    table = np.asarray(scores, dtype=float)
    if table.ndim != 2 or not np.isfinite(table).all():
        raise ValueError(f"scores: given an array of shape {table.shape}; needed: finite values, scales by seeds")
    picks = np.random.default_rng(seed).integers(0, table.shape[1], (draws, table.shape[0]))
    return table[np.arange(table.shape[0]), picks]


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


GPT3_CHOICES = {
    **dict.fromkeys(["HellaSwag", "ARC (Challenge)", "ARC (Easy)", "OpenBookQA", "RACE-h", "RACE-m"], 4),
    **dict.fromkeys(["StoryCloze", "Winograd", "Winogrande", "PIQA", "BoolQ", "Copa", "RTE", "WiC", "WSC"], 2),
    **dict.fromkeys(["CB", "ANLI R1", "ANLI R2", "ANLI R3"], 3),
    "SAT Analogies": 5,
}
"""Answers to choose from, by the definition of each task; not printed in Table H.1."""


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


OPEN_MODEL_TASKS = {
    "arithmetic_2da_2_acc": "two-digit addition",
    "arithmetic_3da_2_acc": "three-digit addition",
    "word_unscrambling_2_exact_match": "unscrambling of words",
}
"""Tasks of the open models whose scores are shares of 2,000 items, by the names that their authors give them."""


def open_model_curves(files: Mapping[str, Path]) -> pd.DataFrame:
    """Return the scores of open base models on tasks that were called emergent.

    Parameters
    ----------
    files : mapping
        The files of the external set ``open-model-scores``.

    Returns
    -------
    DataFrame
        model, family, train_flop, task, score: rows with a score and a known training compute, by compute.
    """
    scores = pd.read_csv(files["base_llm_emergent_capability_eval.csv"])
    about = pd.read_csv(files["base_llm_benchmark_eval.csv"])[["Model", "Model Family", "FLOPs (1E21)"]]
    merged = scores.merge(about, on="Model", how="inner", validate="one_to_one")
    long = merged.melt(
        id_vars=["Model", "Model Family", "FLOPs (1E21)"],
        value_vars=list(OPEN_MODEL_TASKS),
        var_name="task",
        value_name="score",
    ).dropna()
    long = long.assign(task=long.task.map(OPEN_MODEL_TASKS), train_flop=long.pop("FLOPs (1E21)") * 1e21)
    long = long.rename(columns={"Model": "model", "Model Family": "family"})
    return long.sort_values(["task", "train_flop"], ignore_index=True)
