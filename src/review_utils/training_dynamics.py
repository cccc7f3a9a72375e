"""What appears during training, and what training signal moves it."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .fitting import Floats, as_floats
from .records import Record, RecordError, Slug, Text, parse_list, project_root, read_yaml
from .register import Register, load_register


def doses(register: Register) -> pd.DataFrame:
    """Return every measurement of the register that states the dose it belongs to.

    Returns
    -------
    DataFrame
        finding, study, measurement, signal (what the dose is a share of), dose_percent, metric, condition,
        response, unit, comparator, verified (bool), locator; ordered by dose. A response is text as printed,
        since the studies measure different things.
    """
    rows = [
        {
            "finding": finding.id,
            "study": finding.short,
            "measurement": measurement.id,
            "signal": measurement.dose.share_of,
            "dose_percent": measurement.dose.percent,
            "metric": measurement.metric,
            "condition": measurement.condition,
            "response": f"{measurement} {measurement.unit}",
            "effect": measurement.dose.effect,
            "comparator": ""
            if measurement.comparator is None
            else f"{measurement.comparator} ({measurement.comparator.condition})",
            "verified": measurement.is_verified,
            "locator": measurement.locator,
        }
        for finding in register.findings
        for measurement in finding.measurements
        if measurement.dose is not None
    ]
    columns = ["finding", "study", "measurement", "signal", "dose_percent", "metric", "condition"]
    columns += ["response", "effect", "comparator", "verified", "locator"]
    return pd.DataFrame(rows, columns=columns).sort_values(
        ["dose_percent", "finding", "measurement"], ignore_index=True
    )


def smallest_effective_dose(table: pd.DataFrame) -> pd.DataFrame:
    """Return, for each study and kind of signal, the smallest dose at which an effect was reported.

    Parameters
    ----------
    table : DataFrame
        From `doses`.
    """
    effective = table[table.effect == "yes"]
    return effective.loc[effective.groupby(["finding", "signal"]).dose_percent.idxmin()].sort_values(
        "dose_percent", ignore_index=True
    )


def _steps_and_scores(steps: ArrayLike, scores: ArrayLike) -> tuple[Floats, Floats]:
    x, y = as_floats(steps, "steps", low=0), as_floats(scores, "scores")
    if len(x) != len(y) or len(x) < 2:
        raise ValueError(f"given {len(x)} steps and {len(y)} scores; needed: as many of each, at least 2")
    if (rows := np.flatnonzero(np.diff(x) <= 0)).size:
        row = int(rows[0]) + 1
        raise ValueError(f"steps: row {row} is {x[row]:g} after {x[row - 1]:g}; needed: each step once, in order")
    return x, y


def first_crossing(steps: ArrayLike, scores: ArrayLike, level: float) -> float:
    """Return the step at which a score first reaches `level`, a straight line drawn between measurements.

    Parameters
    ----------
    steps, scores : array of shape (n,)
        Steps strictly rising from 0 or later.
    level : float

    Returns
    -------
    float
        NaN when it never does; the first step when it starts there.

    Examples
    --------
    >>> first_crossing([0, 100, 200], [0.0, 0.2, 0.6], 0.4)
    150.0
    """
    x, y = _steps_and_scores(steps, scores)
    above = np.flatnonzero(y >= level)
    if not len(above):
        return float("nan")
    i = int(above[0])
    if i == 0:
        return float(x[0])
    return float(x[i - 1] + (level - y[i - 1]) / (y[i] - y[i - 1]) * (x[i] - x[i - 1]))


@dataclass(frozen=True)
class Transition:
    """When a score passed half of its way, and over how many steps it went from a tenth to nine tenths."""

    half: float
    width: float
    start: float
    end: float


def transition(steps: ArrayLike, scores: ArrayLike, low: float, high: float) -> Transition:
    """Return time and width of the passage of a score from `low` to `high`.

    Parameters
    ----------
    steps, scores : array of shape (n,)
    low, high : float
        Scores before and after, such as chance and 1; `low` below `high`.

    Returns
    -------
    Transition
        NaN for what was not reached.
    """
    if not low < high:
        raise ValueError(f"given low {low:g} and high {high:g}; needed: low below high")
    tenth, half, most = (first_crossing(steps, scores, low + share * (high - low)) for share in (0.1, 0.5, 0.9))
    return Transition(half, most - tenth, tenth, most)


def order_of_acquisition(times: pd.DataFrame) -> pd.DataFrame:
    """Return in what order abilities were acquired, and how much the runs agree on it.

    Parameters
    ----------
    times : DataFrame
        One row a run, one column an ability: the step at which it was acquired, NaN when it was not.

    Returns
    -------
    DataFrame
        One row an ability, in order: runs that acquired it, median step, earliest, latest, mean rank, and
        ``before_next``: the share of pairs of runs' orders in which it came before the next ability of the list.
    """
    if times.shape[0] < 1 or times.shape[1] < 2:
        raise ValueError(f"given {times.shape[0]} runs and {times.shape[1]} abilities; needed: one run, two abilities")
    never = times.to_numpy(dtype=float)[np.isfinite(times.to_numpy(dtype=float))].max() + 1
    filled = times.astype(float).fillna(never)
    order = list(filled.median().sort_values(kind="stable").index)
    before = [float((filled[a] < filled[b]).mean()) for a, b in itertools.pairwise(order)] + [np.nan]
    out = pd.DataFrame(
        {
            "ability": order,
            "acquired": times[order].notna().sum().to_numpy(),
            "median": times[order].median().to_numpy(),
            "earliest": times[order].min().to_numpy(),
            "latest": times[order].max().to_numpy(),
            "mean_rank": filled[order].rank(axis=1).mean().to_numpy(),
            "before_next": before,
        }
    )
    return out


@dataclass(frozen=True)
class DoubleDescent:
    """Test errors of random-feature regression (draws, widths)."""

    widths: tuple[int, ...]
    test_mse: Floats


def random_features(
    widths: Sequence[int],
    *,
    n: int = 100,
    inputs: int = 20,
    noise: float = 0.3,
    ridge: float = 0.0,
    draws: int = 20,
    seed: int = 0,
) -> DoubleDescent:
    """Return the test error of least squares on random rectified features, for several numbers of features.

    Parameters
    ----------
    widths : sequence of int
        Numbers of features.
    n : int
        Training points.
    inputs : int
        Dimensions of the Gaussian inputs; the truth is linear in them with unit norm.
    noise : float
        Standard deviation of the noise on training labels.
    ridge : float
        Penalty; 0 gives the minimum-norm solution.
    draws : int
        Independent repeats of data and features.

    References
    ----------
    Belkin et al. 2019, arXiv:1812.11118.
    """
    if min(widths) < 1 or n < 2 or ridge < 0:
        raise ValueError(f"given widths from {min(widths)}, {n} points, ridge {ridge:g}; needed: at least 1, 2 and 0")
    rng = np.random.default_rng(seed)
    errors = np.empty((draws, len(widths)))
    for draw in range(draws):
        truth = rng.standard_normal(inputs)
        truth /= np.linalg.norm(truth)
        x, fresh = rng.standard_normal((n, inputs)), rng.standard_normal((1000, inputs))
        y = x @ truth + noise * rng.standard_normal(n)
        for j, width in enumerate(widths):
            directions = rng.standard_normal((inputs, width)) / np.sqrt(inputs)
            a, b = (np.maximum(z @ directions, 0) / np.sqrt(width) for z in (x, fresh))
            # With a penalty, the same solution at the smaller size: as many equations as points.
            dual = np.linalg.solve(a @ a.T + ridge * np.eye(n), y) if ridge else None
            w = np.linalg.lstsq(a, y, rcond=None)[0] if dual is None else a.T @ dual
            errors[draw, j] = np.mean((b @ w - fresh @ truth) ** 2)
    return DoubleDescent(tuple(widths), errors)


def deep_linear_modes(strengths: ArrayLike, start: float, times: ArrayLike) -> Floats:
    """Return how strong each mode of a two-layer linear network is at each time, in closed form.

    A mode of singular value s that starts at a0 follows
    a(t) = s e^(2st) / (e^(2st) - 1 + s / a0), with time in steps times rate.

    Parameters
    ----------
    strengths : array of shape (modes,)
        Singular values of the map to be learned, positive.
    start : float
        Strength a0 at time 0, between 0 and the smallest singular value.
    times : array of shape (n,)

    Returns
    -------
    array of shape (n, modes)

    References
    ----------
    Saxe et al. 2014, arXiv:1312.6120.
    """
    s = as_floats(strengths, "strengths", positive=True)
    t = as_floats(times, "times", low=0)
    if not 0 < start < s.min():
        raise ValueError(f"given start {start:g}; needed: above 0 and below the smallest singular value, {s.min():g}")
    decay = np.exp(-2 * s * t[:, None])
    return s / (1 + (s / start - 1) * decay)


def train_deep_linear(
    strengths: ArrayLike, start: float, rate: float, steps: int, every: int = 1, seed: int = 0
) -> tuple[Floats, Floats]:
    """Return times and mode strengths of gradient descent on a two-layer linear network.

    The layers start as small multiples of rotations that align with the target's singular vectors, so that the
    closed form applies; both the target's vectors and the hidden basis are random.

    Returns
    -------
    times : array of shape (n,)
        Steps times rate.
    modes : array of shape (n, modes)
    """
    s = as_floats(strengths, "strengths", positive=True)
    k = len(s)
    rng = np.random.default_rng(seed)
    u, v, hidden = (np.linalg.qr(rng.standard_normal((k, k)))[0] for _ in range(3))
    target = u * s @ v.T
    first, second = np.sqrt(start) * hidden @ v.T, np.sqrt(start) * u @ hidden.T
    times, modes = [], []
    for step in range(steps + 1):
        if step % every == 0:
            times.append(step * rate)
            modes.append(np.diag(u.T @ second @ first @ v))
        gap = target - second @ first
        first, second = first + rate * second.T @ gap, second + rate * gap @ first.T
    return np.array(times), np.array(modes)


@dataclass(frozen=True)
class Race:
    """How early one signal warns of an onset.

    Parameters
    ----------
    name : str
    level : float
        The alarm level, from control runs.
    leads : mapping
        Seed to steps between alarm and onset: negative when the alarm came after, NaN when it never came.
    median_lead, low_lead, high_lead : float
        Median and tenth and ninetieth percentile over the runs that raised an alarm; NaN when none did.
    before : float
        Share of runs whose alarm came before their onset.
    false_alarms : float
        Share of the control runs that did not set the level and exceed it.
    """

    name: str
    level: float
    leads: Mapping[int, float]
    median_lead: float
    low_lead: float
    high_lead: float
    before: float
    false_alarms: float


def alarms(
    signals: Mapping[str, tuple[pd.DataFrame, int]],
    onset: pd.Series,
    *,
    runs: str = "signal",
    controls: str = "random-labels",
    quantile: float = 0.95,
) -> list[Race]:
    """Return, for each signal, how long before onset it exceeds what control runs show; the earliest first.

    Parameters
    ----------
    signals : mapping
        Name to a frame (index arm and seed, columns steps) and the sign of the change that is watched for.
    onset : Series
        Seed to step of onset of each run.
    runs, controls : str
        The arms that hold runs and controls. The first half of the controls sets the level, the rest counts
        false alarms.
    quantile : float
        The level is this quantile of the highest value of each control.
    """
    out = []
    for name, (frame, sign) in signals.items():
        quiet = frame.loc[controls].mul(sign).max(axis=1).to_numpy()
        half = len(quiet) // 2
        if half < 4:
            raise ValueError(f"{name}: given {len(quiet)} control runs; needed: at least 8")
        level = float(np.quantile(quiet[:half], quantile))
        above = frame.loc[runs].mul(sign) > level
        steps = np.asarray(above.columns, dtype=float)
        first = pd.Series(np.where(above.any(axis=1), steps[above.to_numpy().argmax(axis=1)], np.nan), above.index)
        leads = onset - first.reindex(onset.index)
        known = leads.dropna()
        low, mid, high = np.quantile(known, [0.1, 0.5, 0.9]) if len(known) else (np.nan,) * 3
        race = Race(
            name,
            level * sign,
            {int(seed): float(lead) for seed, lead in leads.items()},
            float(mid),
            float(low),
            float(high),
            float((leads > 0).mean()),
            float((quiet[half:] > level).mean()),
        )
        out.append(race)
    return sorted(out, key=lambda race: -np.nan_to_num(race.median_lead, nan=-np.inf))


PYTHIA_SIZES = {
    "70m": 70e6,
    "160m": 160e6,
    "410m": 410e6,
    "1b": 1e9,
    "1.4b": 1.4e9,
    "2.8b": 2.8e9,
    "6.9b": 6.9e9,
    "12b": 12e9,
}
"""Pythia's models by the name of today, with their nominal parameters."""

PYTHIA_FIRST_NAMES = {
    "125m": "160m",
    "350m": "410m",
    "800m": "1b",
    "1.3b": "1.4b",
    "2.7b": "2.8b",
    "6.7b": "6.9b",
    "13b": "12b",
}
"""Names of the same models in the first release."""


def pythia_scores(files: Mapping[str, Path]) -> pd.DataFrame:
    """Return Pythia's zero-shot scores in long form.

    Parameters
    ----------
    files : mapping
        The files of the external set ``pythia-zero-shot``, one for each size and step.

    Returns
    -------
    DataFrame
        size (in the order of `PYTHIA_SIZES`), params, step, task, metric, value, stderr.

    Raises
    ------
    ValueError
        When a file's name does not tell its size and step.
    """
    rows = []
    for name, path in files.items():
        found = re.search(r"pythia-([\d.]+[mb])(?:-bf16)?/.*_step(\d+)\.json$", name)
        if not found or found[1] not in PYTHIA_SIZES:
            raise ValueError(f"given the file {name}; needed: one named by size and step, such as 1.4b_step1000.json")
        for task, scores in json.loads(path.read_text(encoding="utf-8"))["results"].items():
            for metric, value in scores.items():
                if not metric.endswith("_stderr"):
                    rows.append(
                        (
                            found[1],
                            PYTHIA_SIZES[found[1]],
                            int(found[2]),
                            task,
                            metric,
                            value,
                            scores.get(f"{metric}_stderr"),
                        )
                    )
    frame = pd.DataFrame(rows, columns=["size", "params", "step", "task", "metric", "value", "stderr"])
    return frame.sort_values(["task", "metric", "params", "step"], ignore_index=True)


def pythia_arithmetic(files: Mapping[str, Path]) -> pd.DataFrame:
    """Return Pythia's mean accuracy on arithmetic with 16 examples in the prompt.

    Parameters
    ----------
    files : mapping
        The files of the external set ``pythia-arithmetic``, one for each size.

    Returns
    -------
    DataFrame
        size, params, step, operation (addition or multiplication), accuracy: means over a hundred tasks each.
    """
    frame = pd.concat([pd.read_csv(path) for path in files.values()], ignore_index=True)
    frame = frame[(frame.fewshot == 16) & frame.task.str.contains("arithmetic")]
    frame["size"] = frame.model.str.extract(r"pythia-([\d.]+[mb])", expand=False).map(PYTHIA_FIRST_NAMES)
    frame["operation"] = frame.task.str.extract(r"arithmetic_([a-z]+)_", expand=False)
    mean = frame.groupby(["size", "checkpoint", "operation"], as_index=False).acc.mean()
    mean = mean.rename(columns={"checkpoint": "step", "acc": "accuracy"})
    return mean.assign(params=mean["size"].map(PYTHIA_SIZES)).sort_values(
        ["operation", "params", "step"], ignore_index=True
    )


INTERVENTION_KINDS = {
    "inoculation": "inoculation",
    "data-mixture": "data mixture",
    "data-filtering": "data filtering",
    "penalty": "penalty",
    "ablation-or-steering": "ablation or steering",
    "early-suppression": "early suppression",
    "re-alignment": "re-alignment",
}


class Effect(Record):
    """A number of the register that measures an intervention, and how to read it."""

    measurement: Slug
    reads: Literal["rate", "reduction", "value", "comparator"]
    unit: Text | None = None


class OutOfDistribution(Record):
    """Whether an effect was tested away from what it was trained on."""

    verdict: Literal["tested", "partly", "unclear", "not-tested", "not-needed"]
    because: Text


class Intervention(Record):
    """What someone did to guide or constrain what emerges, with its effect in the register's own numbers."""

    id: Slug
    title: Text
    kind: Literal[
        "inoculation", "data-mixture", "data-filtering", "penalty", "ablation-or-steering", "early-suppression", "re-alignment"
    ]  # fmt: skip
    finding: Slug
    result: Literal["removes", "reduces", "none", "contested"]
    effect: Effect | None = None
    side_effect: Effect | None = None
    leaves: Text
    cost: Text
    cost_measurement: Slug | None = None
    out_of_distribution: OutOfDistribution


def load_interventions(data: Path | None = None, register: Register | None = None) -> list[Intervention]:
    """Return the interventions of ``data/interventions.yml``, checked against the register.

    Raises
    ------
    RecordError
        With every problem: unknown fields, ids given twice, findings or measurements that there are not.
    """
    data = data or project_root() / "data"
    located = read_yaml(data / "interventions.yml")
    found = parse_list(Intervention, located)
    register = register or load_register(data)
    measurements = {f.id: {m.id for m in f.measurements} for f in register.findings}
    problems = []
    for i, item in enumerate(found):
        if item.id in {other.id for other in found[:i]}:
            problems.append(located.problem((i, "id"), item.id, "an id of its own"))
        if item.finding not in measurements:
            near = get_close_matches(item.finding, list(measurements), n=1)
            problems.append(
                located.problem(
                    (i, "finding"),
                    item.finding,
                    f"a finding of the register{f'; did you mean {near[0]}?' if near else ''}",
                )
            )
            continue
        named = {
            "effect": item.effect and item.effect.measurement,
            "side_effect": item.side_effect and item.side_effect.measurement,
            "cost_measurement": item.cost_measurement,
        }
        for field, name in named.items():
            if name and name not in measurements[item.finding]:
                problems.append(located.problem((i, field), name, f"a measurement of {item.finding}"))
    if problems:
        raise RecordError(problems)
    return found


@dataclass(frozen=True)
class Reduction:
    """By what share an intervention lowered what it was meant to lower: percent, lowest and highest figure given."""

    low: float
    high: float
    verified: bool


def reduction(item: Intervention, register: Register) -> Reduction | None:
    """Return the effect of an intervention as a reduction in percent, or None where the register has no number.

    A measurement that gives a rate is read against its comparator: 100 * (1 - rate / comparator).
    """
    if item.effect is None:
        return None
    measurement = next(m for m in register.finding(item.finding).measurements if m.id == item.effect.measurement)
    value, compared = measurement.value, measurement.comparator.value if measurement.comparator else None
    assert value is not None
    if item.effect.reads == "rate":
        if not compared:
            raise ValueError(f"{item.id}: its measurement has no comparator above 0; needed: a rate to compare with")
        share = 100 * (1 - value / compared)
        return Reduction(share, share, measurement.is_verified)
    ends = [value, measurement.upper if measurement.upper is not None else value]
    if item.result == "contested" and compared is not None:
        ends.append(compared)
    return Reduction(min(ends), max(ends), measurement.is_verified)


def aligned(frame: pd.DataFrame, onset: pd.Series, before: float, after: float, every: float) -> pd.DataFrame:
    """Return curves on a common clock that is 0 at each run's onset.

    Parameters
    ----------
    frame : DataFrame
        One row a run, one column a step, in order.
    onset : Series
        Run to its step of onset.
    before, after, every : float
        The clock runs from `-before` to `after` in strides of `every`.

    Returns
    -------
    DataFrame
        One row a run, one column a time; missing where the run has no measurement on both sides.
    """
    if before < 0 or after < 0 or every <= 0:
        raise ValueError(
            f"given {before:g} before, {after:g} after, every {every:g}; needed: 0 or more, and a stride above 0"
        )
    steps = np.asarray(frame.columns, dtype=float)
    if (np.diff(steps) <= 0).any():
        raise ValueError("given steps out of order; needed: each step once, in order")
    clock = np.arange(-before, after + every / 2, every)
    rows = {}
    for run, start in onset.dropna().items():
        values = frame.loc[run].to_numpy(dtype=float)
        known = np.isfinite(values)
        rows[run] = np.interp(start + clock, steps[known], values[known], left=np.nan, right=np.nan)
    return pd.DataFrame.from_dict(rows, orient="index", columns=clock)


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
        Naming the rows that are out of range or out of order; when all responded alike at every dose.

    Examples
    --------
    >>> found = dose_response([0.3, 0.35, 0.4, 0.45], [0, 0, 5, 5], [5, 5, 5, 5])
    >>> 0.3 < found.low < 0.36 and 0.39 < found.high < 0.45
    True
    """
    d = as_floats(doses, "doses", positive=True, high=1.0)
    hits, total = as_floats(responded, "responded", low=0), as_floats(n, "n", positive=True)
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
    if hits.sum() in (0, total.sum()):
        raise ValueError("given doses at which none or all responded throughout; needed: some of both")
    x = np.log(d)
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
