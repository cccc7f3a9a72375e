"""A tournament of forecasters: see the smaller scales of a curve, forecast the larger ones as a distribution.

A forecaster is a small function ``(scales, scores, noise, targets) -> quantiles`` under a name, added with
`forecaster`. Scores are loss-like: positive, lower is better (a loss, or the share of wrong answers).

Curves are grouped by what the forecaster saw (`view_of`), never by what came, and intervals resample clusters: a task of
one family of models or runs, under however many settings, metrics and seeds, is one cluster.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from emergence.shared.checks import asks, frame, number, one_group, option, values
from emergence.shared.fitting import Floats, as_floats, least_squares_each
from emergence.shared.forms import FORMS, FormFit, fit_form, fit_forms

LEVELS = np.round(np.arange(0.05, 0.951, 0.05), 2)
"""The levels of the quantiles that a forecaster gives."""
AT = {level: i for i, level in enumerate(LEVELS.tolist())}
"""Where each level stands among them."""

HORIZONS = {"up to 3 times": 3.0, "3 to 10 times": 10.0, "10 to 100 times": 100.0, "beyond 100 times": np.inf}
"""How far ahead a target lies: its scale over the largest scale seen, up to and including the bound."""

PENALTY = 2.0
"""What a forecaster that fails scores: so many times the score of the last value. Its intervals count as missing."""

STARTS, STALL = 16, 1e-4
"""How hard a form is fitted: thousands of fits, none of whose last digits matter beside the forecast's own spread."""

VIEWS = ("flat so far", "even so far", "a step so far")
"""What a curve can look like up to the last scale seen; see `view_of`."""

FLAT, STEP = 0.1, 1 / 6
"""A fall of the score by less than `FLAT` is none. One whose middle half takes less than `STEP` of the logarithmic range
seen is a step; on a straight line it takes one half, and where one of four steps holds three quarters of it an eighth."""

BASELINES = ("last value", "linear in log scale")
"""What skill is measured against: that nothing changes, and that a straight line in both logarithms goes on."""

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
    cluster : str
        What it shares with curves that are no independent case: its task. Default its name.
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
    cluster: str = ""
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


@asks(
    ("scales", "scores"),
    scales=values(above=0, ordered=True),
    scores=values(above=0),
    step=number(low=0, high=1),
    flat=number(low=0, below=1),
)
def view_of(
    scales: Floats, scores: Floats, noise: Floats | None = None, *, step: float = STEP, flat: float = FLAT
) -> str:
    """Return what a curve looks like so far, one of `VIEWS`, from what a forecaster sees and nothing else.

    Parameters
    ----------
    scales, scores : array of shape (n,)
        The scales seen, rising, and the scores at them.
    noise : array of shape (n,), optional
        Standard deviation of each score's logarithm: a fall within two of them is none.
    step : float
        Share of the logarithmic range within which the middle half of a fall is a step.
    flat : float
        Share of the score below which a fall is none.

    Examples
    --------
    >>> x = np.geomspace(1, 1e4, 5)
    >>> view_of(x, x**-0.2), view_of(x, np.array([1, 1, 1, 0.2, 0.2])), view_of(x, np.ones(5))
    ('even so far', 'a step so far', 'flat so far')
    """
    u = np.log(scales)
    fall = np.maximum.accumulate(np.log(scores[0]) - np.log(scores))
    least = -np.log1p(-flat)
    if noise is not None:
        least = max(least, 2 * float(np.hypot(noise[0], noise[-1])))
    if fall[-1] < least or u[-1] <= u[0]:
        return VIEWS[0]
    ends = [float(np.interp(share * fall[-1], fall, u)) for share in (0.25, 0.75)]
    return VIEWS[2] if ends[1] - ends[0] < step * (u[-1] - u[0]) else VIEWS[1]


Heads = Sequence[tuple[Floats, Floats]]
"""Scales and scores seen, of many curves."""


@dataclass(frozen=True)
class _Entry:
    call: Forecaster
    needs: str | None
    fit_all: Callable[[Heads], Sequence[object]] | None = None
    """Fits to many heads side by side, in a fraction of the time; `call` then takes one of them as the keyword ``fit``."""


FORECASTERS: dict[str, _Entry] = {}


def forecaster(
    name: str, needs: str | None = None, fit_all: Callable[[Heads], Sequence[object]] | None = None
) -> Callable[[Forecaster], Forecaster]:
    """Register a forecaster under a name.

    Parameters
    ----------
    name : str
        On the boards.
    needs : str, optional
        ``loss`` or ``others``: what it asks for as a keyword beside the four arguments. Where a curve has none, it
        does not play.
    fit_all : callable, optional
        Fits it to many curves side by side; it gets its fit as the keyword ``fit``, where that was made beforehand.
    """

    def add(call: Forecaster) -> Forecaster:
        FORECASTERS[name] = _Entry(call, needs, fit_all)
        return call

    return add


def spread_in_log(centre: Floats, sd: Floats, freedom: float = np.inf) -> Floats:
    """Return quantiles, shape (targets, levels), of a Student distribution of the logarithm (normal by default)."""
    if not (np.shape(sd) == np.shape(centre) and (np.asarray(sd) >= 0).all()):
        raise ValueError(f"sd: given {sd}; needed: as many as there are centres, {len(centre)}, none below 0")
    z = special.ndtri(LEVELS) if np.isinf(freedom) else special.stdtrit(freedom, LEVELS)
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
    """A log-log line: a straight line of log score against log scale, with its prediction interval."""
    return _line(np.log(scales), np.log(scores), np.log(targets), noise)


def _line(u: Floats, v: Floats, at: Floats, noise: Floats, more: Floats | float = 0.0) -> Floats:
    n = len(u)
    slope, level = np.polyfit(u, v, 1)
    spread = ((v - level - slope * u) ** 2).sum() / (n - 2)
    spread = max(float(spread), float(np.mean(noise**2)), 1e-12)
    off = (at - u.mean()) ** 2 / ((u - u.mean()) ** 2).sum()
    return spread_in_log(level + slope * at, np.sqrt(spread * (1 + 1 / n + off) + more), n - 2)


def _logistic(offs: Floats, theta: Floats, which: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Shares of wrong answers at logarithms of scale off their mean, with slopes; see `least_squares_each`."""
    off = offs[which]
    wrong = special.expit(-theta[:, 0:1] - theta[:, 1:2] * off)
    turn = -wrong * (1 - wrong)
    return wrong, np.stack([turn, turn * off], axis=2)


def _fit_logistics(heads: Heads) -> list[tuple[Floats, float] | None]:
    """Fit logistic curves by least squares, those of as many points side by side; None for what is no share."""
    starts = np.array([(a, b) for a in (-3.0, 0.0, 2.0) for b in (0.2, 1.0, 3.0)])
    fits: list[tuple[Floats, float] | None] = [None] * len(heads)
    for count in {len(scales) for scales, _ in heads}:
        at = [i for i, (scales, scores) in enumerate(heads) if len(scales) == count and (scores <= 1).all()]
        if not at:
            continue
        offs = np.array([np.log(heads[i][0]) - np.log(heads[i][0]).mean() for i in at])
        theta, totals = least_squares_each(
            partial(_logistic, offs), np.array([heads[i][1] for i in at]), np.tile(starts, (len(at), 1, 1)), finish=2
        )  # fmt: skip
        for i, place, total in zip(at, theta, totals, strict=True):
            fits[i] = place, float(total)
    return fits


@forecaster("logistic", fit_all=_fit_logistics)
def logistic(
    scales: Floats, scores: Floats, noise: Floats, targets: Floats, *, fit: tuple[Floats, float] | None = None
) -> Floats:
    """The share of right answers rises from 0 to 1 as a logistic curve of log scale."""
    fit = fit or _fit_logistics([(scales, scores)])[0]
    if fit is None:
        raise ValueError("a logistic curve is one of shares; this is a loss")
    (a, b), total = fit
    u, at = np.log(scales), np.log(targets)
    centre = u.mean()
    sd = np.sqrt(max(2 * total / (len(u) - 2), float(np.mean((noise * scores) ** 2)), 1e-10))
    _, slopes = _logistic((u - centre)[None], np.array([[a, b]]), np.array([0]))
    covariance = sd**2 * np.linalg.pinv(slopes[0].T @ slopes[0] + 1e-9 * np.eye(2))
    z = a + b * (at - centre)
    spread = np.stack([np.ones_like(at), at - centre], axis=1)
    in_logit = np.sqrt(np.minimum(np.einsum("ti,ij,tj->t", spread, covariance, spread), 25.0))
    wrong = special.expit(-(z[:, None] - in_logit[:, None] * special.ndtri(LEVELS)))
    return np.asarray(np.clip(wrong + sd * special.ndtri(LEVELS) * 0.5, 1e-6, 1.0))


def _by_form(form: str) -> Forecaster:
    function, count = FORMS[form]

    def forecast(
        scales: Floats, scores: Floats, noise: Floats, targets: Floats, *, fit: FormFit | None = None
    ) -> Floats:
        fit = fit or fit_form(form, scales, scores, starts=STARTS, stall=STALL)
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
    forecaster(_form, fit_all=partial(fit_forms, _form, starts=STARTS, stall=STALL))(_by_form(_form))


@forecaster("Gaussian process")
def gaussian_process(scales: Floats, scores: Floats, noise: Floats, targets: Floats) -> Floats:
    """A straight line with smooth departures, their length and size by marginal likelihood."""
    u, v, at = np.log(scales), np.log(scores), np.log(targets)
    centre, width = u.mean(), np.ptp(u)
    x, t = (u - centre) / width, (at - centre) / width
    mean, scale = v.mean(), max(v.std(), 1e-6)
    y = (v - mean) / scale
    jitter = noise**2 / scale**2
    # All combinations at once; of those of the most evidence the first.
    tried = np.array(list(product((0.2, 0.5, 1.0), (0.1, 0.5, 1.0), (1e-4, 1e-2, 1e-1))))
    lengths, sizes, extras = tried.T[:, :, None, None]
    ways = _kernel(x, x, lengths, sizes) + (jitter + extras) * np.eye(len(x))
    signs, logdets = np.linalg.slogdet(ways)
    evidence = -0.5 * (np.linalg.solve(ways, np.tile(y[:, None], (len(tried), 1, 1)))[..., 0] @ y + logdets)
    length, size, extra = tried[int(np.where(signs > 0, evidence, -np.inf).argmax())]
    k = _kernel(x, x, length, size) + np.diag(jitter + extra)
    cross = _kernel(t, x, length, size)
    inner = np.linalg.solve(k, np.column_stack([y, cross.T]))
    variance = np.diag(_kernel(t, t, length, size)) + extra - np.einsum("ti,it->t", cross, inner[:, 1:])
    return spread_in_log(mean + scale * (cross @ inner[:, 0]), scale * np.sqrt(np.maximum(variance, 1e-12)))


def _kernel(a: Floats, b: Floats, length: float | Floats, size: float | Floats) -> Floats:
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


@asks(("quantiles", "seen"), quantiles=values(axes=2), seen=values())
def crps(quantiles: Floats, seen: Floats) -> Floats:
    """Return the continuous ranked probability score of each target, from quantiles of shape (targets, levels)."""
    import scoringrules

    if quantiles.shape[1] != len(LEVELS) or (np.diff(quantiles, axis=1) < 0).any():
        raise ValueError(
            f"given quantiles of shape {quantiles.shape}; needed: {len(LEVELS)} a target, none below the one before"
        )
    return np.asarray(scoringrules.crps_quantile(seen, quantiles, LEVELS))


@asks(
    ("scales", "scores"),
    scales=values(above=0, ordered=True),
    scores=values(above=0),
    targets=values(above=0),
    kind=option("loss", "error"),
)
def forecasts(
    scales: Floats,
    scores: Floats,
    targets: Floats,
    names: Sequence[str] | None = None,
    *,
    noise: Floats | None = None,
    kind: str = "loss",
    side: Mapping[str, Floats | None] | None = None,
    fits: Mapping[str, object] | None = None,
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
    fits : mapping, optional
        What forecasters fitted to this beforehand, beside the fits of other curves; see `tournament`.

    Returns
    -------
    dict
        Name to quantiles of shape (m, levels), or None for one that failed.
    """
    unknown = sorted(set(names or ()) - {*FORECASTERS, ENSEMBLE})
    if unknown or min(targets) < scales[-1]:
        raise ValueError(
            f"given the forecasters {', '.join(unknown) or 'that there are'} and targets from {min(targets):g}; needed: {', '.join(FORECASTERS)}, and no target below the last scale seen, {scales[-1]:g}"
        )
    asked = [n for n in (FORECASTERS if names is None else names) if n != ENSEMBLE]
    spread = np.zeros(len(scales)) if noise is None else noise
    if not len(scales) == len(scores) == len(spread):
        raise ValueError(
            f"given {len(scales)} scales, {len(scores)} scores and {len(spread)} of noise; needed: as many of each"
        )
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
                extra: dict[str, object] = {entry.needs: given} if entry.needs else {}
                if fits and name in fits:
                    extra["fit"] = fits[name]
                found = np.asarray(entry.call(scales, scores, spread, targets, **extra), dtype=float)
        except (ValueError, np.linalg.LinAlgError):
            out[name] = None
            continue
        good = found.shape == (len(targets), len(LEVELS)) and np.isfinite(found).all()
        out[name] = np.clip(np.sort(found, axis=1), 1e-9, 1.0 if kind == "error" else 1e9) if good else None
    working = [q for q in out.values() if q is not None]
    out[ENSEMBLE] = np.mean(working, axis=0) if working else None
    return out


def fitted(heads: Sequence[tuple[Floats, Floats]], names: Sequence[str]) -> dict[str, list[object]]:
    """Return what forecasters fit to each of many beginnings of curves, side by side; those that fit nothing are left out.

    Parameters
    ----------
    heads : sequence of (scales, scores)
    names : sequence of str
        Of `FORECASTERS`.
    """
    return {name: list(fit(heads)) for name in names if name != ENSEMBLE and (fit := FORECASTERS[name].fit_all)}


def play(
    curve: Curve, names: Sequence[str] | None = None, fits: Mapping[str, Sequence[object]] | None = None
) -> pd.DataFrame:
    """Let forecasters forecast one curve from each of its cuts.

    Parameters
    ----------
    curve : Curve
    names : sequence of str, optional
        Of `FORECASTERS`; default all.
    fits : mapping, optional
        From forecasters to their fits at each cut, where these were made beforehand.

    Returns
    -------
    DataFrame
        curve, source, kind, cluster, view (what the curve looks like up to the cut), cut, target (scale), ahead (over
        the largest scale seen), forecaster, failed, crps, last (the score last seen), seen, median, low, high (90
        percent), in_half, in_ninety, level (the probability given to what was seen or less). A forecaster that needs
        what a curve does not have has no rows; one that fails has rows, and is penalised.
    """
    names = list(FORECASTERS) if names is None else list(names)
    rows = []
    for k, cut in enumerate(curve.cuts):
        seen, targets = curve.scores[cut:], curve.scales[cut:]
        known = {name: None if v is None else v[:cut] for name, v in (("loss", curve.loss), ("others", curve.others))}
        noise = None if curve.noise is None else curve.noise[:cut]
        view = view_of(curve.scales[:cut], curve.scores[:cut], noise)
        found = forecasts(
            curve.scales[:cut], curve.scores[:cut], targets, names, noise=noise, kind=curve.kind, side=known,
            fits={name: at_cuts[k] for name, at_cuts in (fits or {}).items()},
        )  # fmt: skip
        base = found.get("last value")
        if base is None:
            base = last_value(curve.scales[:cut], curve.scores[:cut], np.zeros(cut), targets)
        needs = {name: FORECASTERS[name].needs if name in FORECASTERS else None for name in found}
        able = {name: q for name, q in found.items() if not (need := needs[name]) or known[need] is not None}
        # All are scored at once, the floor in front of them.
        scores = crps(
            np.concatenate([base, *(base if q is None else q for q in able.values())]), np.tile(seen, 1 + len(able))
        ).reshape(-1, len(seen))
        for (name, quantiles), own in zip(able.items(), scores[1:], strict=True):
            failed = quantiles is None
            q = base if quantiles is None else quantiles
            score = PENALTY * scores[0] if failed else own
            for i, target in enumerate(targets):
                rows.append(
                    {
                        "curve": curve.name, "source": curve.source, "kind": curve.kind,
                        "cluster": f"{curve.source}: {curve.cluster or curve.name}", "view": view,
                        "cut": cut, "target": float(target), "ahead": float(target / curve.scales[cut - 1]),
                        "forecaster": name, "failed": failed, "crps": float(score[i]),
                        "last": float(curve.scores[cut - 1]), "seen": float(seen[i]),
                        "median": float(q[i, AT[0.5]]), "low": float(q[i, 0]), "high": float(q[i, -1]),
                        "in_half": not failed and bool(q[i, AT[0.25]] <= seen[i] <= q[i, AT[0.75]]),
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
        heads = [(curve.scales[:cut], curve.scores[:cut]) for curve in curves for cut in curve.cuts]
        fits = {name: iter(found) for name, found in fitted(heads, names).items()}
        parts = [
            play(curve, names, {name: [next(found) for _ in curve.cuts] for name, found in fits.items()})
            for curve in curves
        ]
    return pd.concat(parts, ignore_index=True)


def horizon_of(ahead: pd.Series) -> pd.Series:
    """Return the name of the horizon of each ratio of target to largest scale seen."""
    names, bounds = list(HORIZONS), [0.0, *(b * (1 + 1e-9) for b in HORIZONS.values())]
    return pd.cut(ahead, bounds, labels=names)


def _resampled(values: Floats, clusters: Sequence[str], draws: int, seed: int) -> Floats:
    """Return the column means over clusters drawn with replacement, shape (draws, columns); missing values are left out."""
    codes, names = pd.factorize(np.asarray(clusters))
    there = np.isfinite(values)
    totals = np.zeros((len(names), values.shape[1]))
    counts = np.zeros_like(totals)
    np.add.at(totals, codes, np.where(there, values, 0.0))
    np.add.at(counts, codes, there)
    times = times_drawn(len(names), draws, seed)
    with np.errstate(invalid="ignore"):
        return np.asarray((times @ totals) / (times @ counts))


@lru_cache(maxsize=32)
def times_drawn(clusters: int, draws: int, seed: int) -> Floats:
    """Return how often each of so many clusters is drawn when as many are drawn with replacement, shape (draws, clusters)."""
    picked = np.random.default_rng(seed).integers(0, clusters, (draws, clusters))
    times = np.zeros((draws, clusters))
    np.add.at(times, (np.arange(draws)[:, None], picked), 1.0)
    times.flags.writeable = False  # every board of as many clusters has these
    return times


@dataclass(frozen=True)
class Coverage:
    """How often intervals hold what was seen, with a 95 percent interval over resampled clusters."""

    share: float
    low: float
    high: float


@asks(played=frame("cluster", "curve"), column=option("in_half", "in_ninety"), draws=number(low=1, whole=True))
def coverage(played: pd.DataFrame, column: str = "in_ninety", *, draws: int = 1000, seed: int = 0) -> Coverage:
    """Return the coverage of a forecaster: the one definition on every board.

    It is the share of a curve's forecasts whose interval holds what was seen, averaged over curves, each weighing the
    same. A forecast that failed holds nothing.

    Parameters
    ----------
    played : DataFrame
        Forecasts of one forecaster; see `play`.
    column : str
        ``in_half`` or ``in_ninety``.

    Raises
    ------
    ValueError
        Without forecasts, or for those of several forecasters.
    """
    if played.empty:
        raise ValueError("given no forecasts; needed: at least one")
    one_group(played, "forecaster", "played")
    return _coverage(played.groupby(["cluster", "curve"])[column].mean(), draws, seed)


def _coverage(by_curve: pd.Series, draws: int, seed: int) -> Coverage:
    drawn = _resampled(by_curve.to_numpy(dtype=float)[:, None], list(by_curve.index.get_level_values(0)), draws, seed)[
        :, 0
    ]
    return Coverage(float(by_curve.mean()), *map(float, np.quantile(drawn, [0.025, 0.975])))


@dataclass(frozen=True)
class Board:
    """A ranking of forecasters.

    Parameters
    ----------
    table : DataFrame
        forecaster, curves (on which it played), skill with low and high (percent better than the baseline, 0 for none,
        95 percent interval over resampled clusters), half and ninety (`coverage`, percent) with ninety_low and
        ninety_high, failed (percent of its forecasts), best (percent of its curves on which it is the best or within
        `NEARLY` of it); the best first.
    curves, clusters : int
        How many it rests on.
    """

    table: pd.DataFrame
    curves: int
    clusters: int


@asks(
    played=frame("forecaster", "cluster", "curve", "crps", "last", "in_half", "in_ninety", "failed"),
    average=option("ratio", "mean"),
)
def board(
    played: pd.DataFrame, *, against: str = "last value", average: str = "ratio", draws: int = 1000, seed: int = 0
) -> Board:
    """Rank forecasters by their score over that of a baseline, paired by curve.

    Parameters
    ----------
    played : DataFrame
        See `play`.
    against : str
        The baseline, of `BASELINES`.
    average : str
        ``ratio``: one less the geometric mean over curves of the ratio of scores, in which each curve counts by how many
        times it was beaten. ``mean``: one less the ratio of mean scores, each curve's in units of the score last seen, in
        which the curves that move most count most.

    Raises
    ------
    ValueError, KeyError
        Without forecasts, without the baseline, or for another average.
    """
    if played.empty:
        raise ValueError("given no forecasts; needed: at least one")
    relative = played.assign(relative=played.crps / played["last"])
    mean = relative.pivot_table(
        index=["cluster", "curve"], columns="forecaster", values="relative", aggfunc="mean"
    ).clip(lower=1e-9)
    if against not in mean:
        raise KeyError(f"needed: forecasts by {against}, against which all are measured")
    clusters = list(mean.index.get_level_values(0))
    logs = np.log(mean).sub(np.log(mean[against]), axis=0)
    if average == "ratio":
        values, made = np.nanmean(logs.to_numpy(), axis=0), _resampled(logs.to_numpy(), clusters, draws, seed)
        skill, drawn = 1 - np.exp(values), 1 - np.exp(made)
    else:
        scores = mean.to_numpy()
        base = np.where(np.isfinite(scores), mean[[against]].to_numpy(), np.nan)
        skill = 1 - np.nanmean(scores, axis=0) / np.nanmean(base, axis=0)
        drawn = 1 - _resampled(scores, clusters, draws, seed) / _resampled(base, clusters, draws, seed)
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    within = played.groupby(["forecaster", "cluster", "curve"])[["in_half", "in_ninety"]].mean()
    held = [_coverage(within.in_ninety[name], draws, seed) for name in mean]
    won = logs.le(logs.min(axis=1) + np.log1p(NEARLY), axis=0).where(logs.notna())
    table = pd.DataFrame(
        {
            "forecaster": list(mean),
            "curves": mean.notna().sum().to_numpy(),
            "skill": 100 * skill,
            "low": 100 * np.minimum(low, skill),
            "high": 100 * np.maximum(high, skill),
            "half": [100 * float(within.in_half[name].mean()) for name in mean],
            "ninety": [100 * c.share for c in held],
            "ninety_low": [100 * c.low for c in held],
            "ninety_high": [100 * c.high for c in held],
            "failed": 100 * played.groupby("forecaster").failed.mean()[list(mean)].to_numpy(),
            "best": 100 * won.mean().to_numpy(dtype=float),
        }
    )
    return Board(table.sort_values("skill", ascending=False, ignore_index=True), len(mean), len(set(clusters)))
