"""A tournament of forecasters: see the smaller scales of a curve, forecast the larger ones as a distribution.

A forecaster is a small function ``(scales, scores, noise, targets) -> quantiles`` under a name, added with
`forecaster`. Scores are loss-like: positive, lower is better (a loss, or the share of wrong answers).
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from emergence.shared.fitting import Floats, as_floats, least_squares
from emergence.shared.forms import FORMS, fit_form

LEVELS = np.round(np.arange(0.05, 0.951, 0.05), 2)
"""The levels of the quantiles that a forecaster gives."""

HORIZONS = {"up to 3 times": 3.0, "3 to 10 times": 10.0, "10 to 100 times": 100.0, "beyond 100 times": np.inf}
"""How far ahead a target lies: its scale over the largest scale seen, up to and including the bound."""

PENALTY = 2.0
"""What a forecaster that fails scores: so many times the score of the last value. Its intervals count as missing."""

STARTS, STALL = 16, 1e-4
"""How hard a form is fitted: thousands of fits, none of whose last digits matter beside the forecast's own spread."""

NEARLY = 0.01
"""Forecasters within this share of the lowest score of a curve win it together: a form that comes down to another
has its score, and which of them is lower by a last digit says nothing."""

Forecaster = Callable[..., Floats]


@dataclass(frozen=True)
class Curve:
    """A curve over scale, with what a forecaster may also see.

    Parameters
    ----------
    name, source : str
    kind : str
        ``loss``, or ``error`` for shares of wrong answers, which never exceed 1.
    scales, scores : array of shape (n,)
        Rising positive scales, and loss-like scores.
    cuts : tuple of int
        After how many points a forecast is made; the rest are its targets.
    noise : array of shape (n,), optional
        Standard deviation of each score's logarithm by measurement; default none known.
    sharp : bool
        Whether the test for breaks finds one, given the whole curve.
    loss : array of shape (n,), optional
        The pretraining loss at each scale.
    others : array of shape (n, m), optional
        Other tasks' scores at each scale.
    """

    name: str
    source: str
    kind: str
    scales: Floats
    scores: Floats
    cuts: tuple[int, ...]
    noise: Floats | None = None
    sharp: bool = False
    loss: Floats | None = None
    others: Floats | None = None

    def __post_init__(self) -> None:
        x, y = as_floats(self.scales, self.name, positive=True), as_floats(self.scores, self.name, positive=True)
        if len(x) != len(y) or (np.diff(x) < 0).any():
            raise ValueError(f"{self.name}: needed: as many scales as scores, in rising order of scale")
        if self.kind not in ("loss", "error") or (self.kind == "error" and (y > 1).any()):
            raise ValueError(f"{self.name}: given the kind {self.kind}; needed: loss, or error with shares up to 1")
        if any(not 3 <= cut < len(x) for cut in self.cuts):
            raise ValueError(
                f"{self.name}: given the cuts {self.cuts}; needed: 3 points seen or more, and one to forecast"
            )


@dataclass(frozen=True)
class _Entry:
    call: Forecaster
    needs: str | None


FORECASTERS: dict[str, _Entry] = {}


def forecaster(name: str, needs: str | None = None) -> Callable[[Forecaster], Forecaster]:
    """Register a forecaster under a name.

    Parameters
    ----------
    name : str
        On the boards.
    needs : str, optional
        ``loss`` or ``others``: what it asks for as a keyword beside the four arguments. Where a curve has none, it
        fails.
    """

    def add(call: Forecaster) -> Forecaster:
        FORECASTERS[name] = _Entry(call, needs)
        return call

    return add


def spread_in_log(centre: Floats, sd: Floats, freedom: float = np.inf) -> Floats:
    """Return quantiles, shape (targets, levels), of a Student distribution of the logarithm (normal by default)."""
    z = stats.norm.ppf(LEVELS) if np.isinf(freedom) else stats.t.ppf(LEVELS, freedom)
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(centre[:, None] + np.minimum(sd, 5.0)[:, None] * z))


@forecaster("last value")
def last_value(scales: Floats, scores: Floats, noise: Floats, targets: Floats) -> Floats:
    """Nothing changes; the spread is that of the steps seen, growing as a random walk in log scale."""
    u, v = np.log(scales), np.log(scores)
    pace = np.sum(np.diff(v) ** 2) / max(u[-1] - u[0], 1e-9)
    sd = np.sqrt(noise[-1] ** 2 + pace * (np.log(targets) - u[-1]) + 1e-12)
    return spread_in_log(np.full(len(targets), v[-1]), sd)


@forecaster("linear in log scale")
def linear(scales: Floats, scores: Floats, noise: Floats, targets: Floats) -> Floats:
    """A straight line of log score against log scale, with its prediction interval."""
    return _line(np.log(scales), np.log(scores), np.log(targets), noise)


def _line(u: Floats, v: Floats, at: Floats, noise: Floats, more: Floats | float = 0.0) -> Floats:
    n = len(u)
    slope, level = np.polyfit(u, v, 1)
    spread = ((v - level - slope * u) ** 2).sum() / (n - 2)
    spread = max(float(spread), float(np.mean(noise**2)), 1e-12)
    off = (at - u.mean()) ** 2 / ((u - u.mean()) ** 2).sum()
    return spread_in_log(level + slope * at, np.sqrt(spread * (1 + 1 / n + off) + more), n - 2)


@forecaster("logistic")
def logistic(scales: Floats, scores: Floats, noise: Floats, targets: Floats) -> Floats:
    """The share of right answers rises from 0 to 1 as a logistic curve of log scale."""
    if (scores > 1).any():
        raise ValueError("a logistic curve is one of shares; this is a loss")
    u, at = np.log(scales), np.log(targets)
    centre = u.mean()

    def curve(theta: Floats) -> tuple[Floats, Floats]:
        z = theta[:, 0:1] + theta[:, 1:2] * (u - centre)
        wrong = special.expit(-z)
        turn = -wrong * (1 - wrong)
        return wrong, np.stack([turn, turn * (u - centre)], axis=2)

    starts = np.array([(a, b) for a in (-3.0, 0.0, 2.0) for b in (0.2, 1.0, 3.0)])
    (a, b), total = least_squares(curve, scores, starts, finish=2)
    sd = np.sqrt(max(2 * total / (len(u) - 2), float(np.mean((noise * scores) ** 2)), 1e-10))
    _, slopes = curve(np.array([[a, b]]))
    covariance = sd**2 * np.linalg.pinv(slopes[0].T @ slopes[0] + 1e-9 * np.eye(2))
    z = a + b * (at - centre)
    spread = np.stack([np.ones_like(at), at - centre], axis=1)
    in_logit = np.sqrt(np.minimum(np.einsum("ti,ij,tj->t", spread, covariance, spread), 25.0))
    wrong = special.expit(-(z[:, None] - in_logit[:, None] * stats.norm.ppf(LEVELS)))
    return np.asarray(np.clip(wrong + sd * stats.norm.ppf(LEVELS) * 0.5, 1e-6, 1.0))


def _by_form(form: str) -> Forecaster:
    function, count = FORMS[form]

    def forecast(scales: Floats, scores: Floats, noise: Floats, targets: Floats) -> Floats:
        fit = fit_form(form, scales, scores, starts=STARTS, stall=STALL)
        u, at = np.log(scales / fit.scale), np.log(targets / fit.scale)
        with np.errstate(all="ignore"):
            _, slopes = function(fit.theta[None], u)
            value, ahead = function(fit.theta[None], at)
        n = len(scales)
        spread = max(fit.error**2 * n / (n - count), float(np.mean(noise**2)), 1e-12)
        # A little of a prior of one unit in each log parameter: directions that the data do not bound stay bounded.
        precision = slopes[0].T @ slopes[0] / spread + np.eye(count)
        sd = np.sqrt(spread + np.einsum("ti,ij,tj->t", ahead[0], np.linalg.inv(precision), ahead[0]))
        if not np.isfinite(value).all() or not np.isfinite(sd).all():
            raise ValueError("the fitted curve leaves the range of numbers")
        return spread_in_log(value[0], sd, n - count)

    return forecast


for _form in FORMS:
    FORECASTERS[_form] = _Entry(_by_form(_form), None)


@forecaster("Gaussian process")
def gaussian_process(scales: Floats, scores: Floats, noise: Floats, targets: Floats) -> Floats:
    """A straight line with smooth departures, their length and size by marginal likelihood."""
    u, v, at = np.log(scales), np.log(scores), np.log(targets)
    centre, width = u.mean(), np.ptp(u)
    x, t = (u - centre) / width, (at - centre) / width
    mean, scale = v.mean(), max(v.std(), 1e-6)
    y = (v - mean) / scale
    jitter = noise**2 / scale**2
    best = (-np.inf, 1.0, 1.0, 1e-2)
    for length in (0.2, 0.5, 1.0):
        for size in (0.1, 0.5, 1.0):
            for extra in (1e-4, 1e-2, 1e-1):
                k = _kernel(x, x, length, size) + np.diag(jitter + extra)
                sign, logdet = np.linalg.slogdet(k)
                evidence = -0.5 * (y @ np.linalg.solve(k, y) + logdet)
                if sign > 0 and evidence > best[0]:
                    best = (float(evidence), length, size, extra)
    _, length, size, extra = best
    k = _kernel(x, x, length, size) + np.diag(jitter + extra)
    cross = _kernel(t, x, length, size)
    inner = np.linalg.solve(k, np.column_stack([y, cross.T]))
    variance = np.diag(_kernel(t, t, length, size)) + extra - np.einsum("ti,it->t", cross, inner[:, 1:])
    return spread_in_log(mean + scale * (cross @ inner[:, 0]), scale * np.sqrt(np.maximum(variance, 1e-12)))


def _kernel(a: Floats, b: Floats, length: float, size: float) -> Floats:
    gap = a[:, None] - b[None, :]
    return np.asarray(4.0 + 4.0 * np.outer(a, b) + size * np.exp(-0.5 * (gap / length) ** 2))


@forecaster("two steps through the loss", needs="loss")
def two_steps(scales: Floats, scores: Floats, noise: Floats, targets: Floats, *, loss: Floats) -> Floats:
    """The loss by a power law above a floor, then log score as a line in the loss."""
    fit = fit_form("M2", scales, loss, starts=STARTS, stall=STALL)
    ahead = fit.predict(targets)
    slope = np.polyfit(loss, np.log(scores), 1)[0]
    return _line(loss, np.log(scores), ahead, noise, (slope * ahead * fit.error) ** 2)


@forecaster("observational", needs="others")
def observational(scales: Floats, scores: Floats, noise: Floats, targets: Floats, *, others: Floats) -> Floats:
    """The first component of other tasks as a line in log scale, then log score as a line in the component."""
    table = np.log(others)
    table = (table - table.mean(axis=0)) / np.maximum(table.std(axis=0), 1e-9)
    left, size, _ = np.linalg.svd(table, full_matrices=False)
    component = left[:, 0] * size[0]
    u, at = np.log(scales), np.log(targets)
    slope, level = np.polyfit(u, component, 1)
    off = (component - level - slope * u).std()
    gain = np.polyfit(component, np.log(scores), 1)[0]
    return _line(component, np.log(scores), level + slope * at, noise, (gain * off) ** 2)


ENSEMBLE = "ensemble"
"""The mean of the quantiles of all forecasters that did not fail; always on the boards."""


def crps(quantiles: Floats, seen: Floats) -> Floats:
    """Return the continuous ranked probability score of each target, from quantiles of shape (targets, levels)."""
    import scoringrules

    return np.asarray(scoringrules.crps_quantile(seen, quantiles, LEVELS))


def forecasts(
    scales: Floats,
    scores: Floats,
    targets: Floats,
    names: Sequence[str] | None = None,
    *,
    noise: Floats | None = None,
    kind: str = "loss",
    side: Mapping[str, Floats | None] | None = None,
) -> dict[str, Floats | None]:
    """Ask forecasters for quantiles at targets, and add the ensemble of those that did not fail.

    Parameters
    ----------
    scales, scores : array of shape (n,)
        What is seen.
    targets : array of shape (m,)
    names : sequence of str, optional
        Of `FORECASTERS`; default all.
    noise : array of shape (n,), optional
    kind : str
        ``error`` keeps quantiles at 1 or below.
    side : mapping, optional
        ``loss`` and ``others`` at the scales seen.

    Returns
    -------
    dict
        Name to quantiles of shape (m, levels), or None for one that failed.
    """
    asked = [n for n in (FORECASTERS if names is None else names) if n != ENSEMBLE]
    spread = np.zeros(len(scales)) if noise is None else noise
    out: dict[str, Floats | None] = {}
    for name in asked:
        entry = FORECASTERS[name]
        given = (side or {}).get(entry.needs) if entry.needs else None
        if entry.needs and given is None:
            out[name] = None
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a degenerate fit shows in its score
                extra = {entry.needs: given} if entry.needs else {}
                found = np.asarray(entry.call(scales, scores, spread, targets, **extra), dtype=float)
        except (ValueError, np.linalg.LinAlgError):
            out[name] = None
            continue
        good = found.shape == (len(targets), len(LEVELS)) and np.isfinite(found).all()
        out[name] = np.clip(np.sort(found, axis=1), 1e-9, 1.0 if kind == "error" else 1e9) if good else None
    working = [q for q in out.values() if q is not None]
    out[ENSEMBLE] = np.mean(working, axis=0) if working else None
    return out


def play(curve: Curve, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Let forecasters forecast one curve from each of its cuts.

    Returns
    -------
    DataFrame
        curve, source, kind, sharp, cut, target (scale), ahead (over the largest scale seen), forecaster, failed, crps,
        seen, median, low, high (90 percent), in_half, in_ninety, level (the probability given to what was seen or less).
    """
    names = list(FORECASTERS) if names is None else list(names)
    rows = []
    for cut in curve.cuts:
        seen, targets = curve.scores[cut:], curve.scales[cut:]
        known = {name: None if v is None else v[:cut] for name, v in (("loss", curve.loss), ("others", curve.others))}
        noise = None if curve.noise is None else curve.noise[:cut]
        found = forecasts(
            curve.scales[:cut], curve.scores[:cut], targets, names, noise=noise, kind=curve.kind, side=known
        )
        base = found.get("last value")
        if base is None:
            base = last_value(curve.scales[:cut], curve.scores[:cut], np.zeros(cut), targets)
        floor = crps(base, seen)
        for name, quantiles in found.items():
            failed = quantiles is None
            q = base if quantiles is None else quantiles
            score = PENALTY * floor if failed else crps(q, seen)
            for i, target in enumerate(targets):
                rows.append(
                    {
                        "curve": curve.name, "source": curve.source, "kind": curve.kind, "sharp": curve.sharp,
                        "cut": cut, "target": float(target), "ahead": float(target / curve.scales[cut - 1]),
                        "forecaster": name, "failed": failed, "crps": float(score[i]), "seen": float(seen[i]),
                        "median": float(q[i, 9]), "low": float(q[i, 0]), "high": float(q[i, -1]),
                        "in_half": not failed and bool(q[i, 4] <= seen[i] <= q[i, 14]),
                        "in_ninety": not failed and bool(q[i, 0] <= seen[i] <= q[i, -1]),
                        "level": np.nan if failed else float((q[i] < seen[i]).mean()),
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def tournament(
    curves: Iterable[Curve], names: Sequence[str] | None = None, *, scheduler: str | None = None
) -> pd.DataFrame:
    """Let every forecaster forecast every curve; see `play` for what comes back.

    Parameters
    ----------
    curves : iterable of Curve
    names : sequence of str, optional
        Of `FORECASTERS`; default all. The ensemble is always added.
    scheduler : str, optional
        Address of a Dask scheduler; the curves are then played on its workers, and again elsewhere when one is lost.
        Needs the extra ``lab``.
    """
    names = list(FORECASTERS) if names is None else list(names)
    unknown = sorted(set(names) - set(FORECASTERS) - {ENSEMBLE})
    if unknown:
        raise KeyError(f"no forecaster {', '.join(unknown)}; there are: {', '.join(FORECASTERS)}")
    curves = list(curves)
    if scheduler is not None:
        try:
            distributed = importlib.import_module("distributed")
        except ModuleNotFoundError:
            raise ModuleNotFoundError("a scheduler needs Dask; install the extra: make lab") from None
        with distributed.Client(scheduler, timeout="30s") as client:
            parts = client.gather(client.map(play, curves, [names] * len(curves), pure=False, retries=3))
    else:
        parts = [play(curve, names) for curve in curves]
    return pd.concat(parts, ignore_index=True)


def horizon_of(ahead: pd.Series) -> pd.Series:
    """Return the name of the horizon of each ratio of target to largest scale seen."""
    names, bounds = list(HORIZONS), [0.0, *(b * (1 + 1e-9) for b in HORIZONS.values())]
    return pd.cut(ahead, bounds, labels=names)


@dataclass(frozen=True)
class Coverage:
    """How often intervals hold what was seen, with an interval over resampled curves."""

    share: float
    low: float
    high: float


def coverage(played: pd.DataFrame, column: str = "in_ninety", *, draws: int = 1000, seed: int = 0) -> Coverage:
    """Return the share of forecasts whose interval holds what was seen, each curve weighing the same.

    The interval resamples curves.
    """
    by_curve = played.groupby("curve")[column].mean().to_numpy(dtype=float)
    if not len(by_curve):
        raise ValueError("given no forecasts; needed: at least one")
    rng = np.random.default_rng(seed)
    drawn = by_curve[rng.integers(0, len(by_curve), (draws, len(by_curve)))].mean(axis=1)
    return Coverage(float(by_curve.mean()), *map(float, np.quantile(drawn, [0.025, 0.975])))


@dataclass(frozen=True)
class Board:
    """A ranking of forecasters.

    Parameters
    ----------
    table : DataFrame
        forecaster, skill with low and high (percent better than the last value, 0 for none, 95 percent interval over
        resampled curves), half and ninety (coverage, percent), failed (percent), best (percent of curves on which it
        is the best or within `NEARLY` of it); the best first.
    curves : int
        How many curves it rests on.
    """

    table: pd.DataFrame
    curves: int


def board(played: pd.DataFrame, *, draws: int = 1000, seed: int = 0) -> Board:
    """Rank forecasters by their score over that of the last value, paired by curve.

    Each curve gives the ratio of mean scores; a forecaster's skill is one less the geometric mean of its ratios.
    """
    if played.empty:
        raise ValueError("given no forecasts; needed: at least one")
    mean = played.pivot_table(index="curve", columns="forecaster", values="crps", aggfunc="mean")
    if "last value" not in mean:
        raise KeyError("needed: forecasts by the last value, against which all are measured")
    logs = np.log(np.maximum(mean, 1e-9)).sub(np.log(np.maximum(mean["last value"], 1e-9)), axis=0)
    values = logs.to_numpy()
    rng = np.random.default_rng(seed)
    drawn = np.stack([values[rng.integers(0, len(values), len(values))].mean(axis=0) for _ in range(draws)])
    low, high = 1 - np.exp(np.quantile(drawn, [0.975, 0.025], axis=0))
    grouped = played.groupby("forecaster")
    won = logs.le(logs.min(axis=1) + np.log1p(NEARLY), axis=0)
    table = pd.DataFrame(
        {
            "forecaster": logs.columns,
            "skill": 100 * (1 - np.exp(values.mean(axis=0))),
            "low": 100 * low,
            "high": 100 * high,
            "half": 100 * grouped.in_half.mean().reindex(logs.columns).to_numpy(),
            "ninety": 100 * grouped.in_ninety.mean().reindex(logs.columns).to_numpy(),
            "failed": 100 * grouped.failed.mean().reindex(logs.columns).to_numpy(dtype=float),
            "best": 100 * won.mean().to_numpy(dtype=float),
        }
    )
    return Board(table.sort_values("skill", ascending=False, ignore_index=True), len(mean))
