"""Curves that are attributed: GPT-3's, and those of trained models whose cause is known."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import special, stats

from emergence.phase_transitions.accounts import Kind
from emergence.phase_transitions.attribution import (
    FEWEST_SCALES,
    Attribution,
    Curve,
    attribute_all,
)
from emergence.phase_transitions.calibrate import error_rates
from emergence.phase_transitions.curves import GPT3_CHOICES
from emergence.readers import (
    LADDER_TASKS,
    Files,
    ladder,
    open_model_curves,
    pythia_arithmetic,
    pythia_scores,
)
from emergence.shared.checks import asks, floats, number, option, values
from emergence.shared.fitting import Floats
from emergence.shared.gpt3 import ARITHMETIC_DIGITS, gpt3_curves
from review_utils.data.traces import Trace

ARITHMETIC = (*ARITHMETIC_DIGITS, "2Dx", "1DC")
"""GPT-3's tasks of arithmetic: 2,000 items each (Brown et al. 2020, Sec. 3.9.1)."""

SCRAMBLED = ("Cycled Letters", "Anagrams 1", "Anagrams 2", "Symbol Insertion", "Reversed Words")
"""GPT-3's tasks of word scrambling: 10,000 items each (Brown et al. 2020, Sec. 3.9.2)."""


@asks(by=option("params", "train_flop"))
def gpt3_cases(by: Literal["params", "train_flop"] = "params") -> dict[tuple[str, str, str], Curve]:
    """Return GPT-3's curves by task, metric and setting.

    Items are told where the paper prints them. Perplexity becomes a loss. Everything else is a
    share: scores such as BLEU or F1, which count no items, are then too, with items unknown. Two
    metrics of one task and setting score the same answers.

    Parameters
    ----------
    by : {"params", "train_flop"}
        What counts as scale.

    Returns
    -------
    dict of Curve
    """
    out = {}
    scored = gpt3_curves().dropna(subset="score").sort_values(by)
    for (task, metric, setting), rows in scored.groupby(["task", "metric", "setting"], observed=True):
        count = 2000.0 if task in ARITHMETIC else 10_000.0 if task in SCRAMBLED else None
        items = None if count is None else np.array([count])
        loss = metric == "ppl"
        out[str(task), str(metric), str(setting)] = Curve(
            rows[by].to_numpy(float),
            np.log(rows.score.to_numpy(float)) if loss else rows.score.to_numpy(float) / 100,
            items,
            "loss" if loss else "share",
            1 / GPT3_CHOICES[task] if metric == "acc" and task in GPT3_CHOICES else 0.0,
            ARITHMETIC_DIGITS.get(task, 1),
            name=f"{task}, {setting}",
            output=f"{task}, {setting}",
        )
    return out


def pythia_cases(zero_shot: Files, arithmetic: Files) -> dict[str, Curve]:
    """Return Pythia's curves: LAMBADA and arithmetic over size, LAMBADA over training twice.

    Parameters
    ----------
    zero_shot, arithmetic : mapping
        The files of the external sets ``pythia-zero-shot`` and ``pythia-arithmetic``.

    Returns
    -------
    dict of Curve
        LAMBADA has 5,153 items, and is given by its accuracy and by its loss, the logarithm of its
        perplexity. Arithmetic is a mean over a hundred tasks, whose items are unknown.
    """
    items = np.array([5153.0])
    scores = pythia_scores(zero_shot)
    scores = scores[(scores.task == "lambada_openai") & (scores.step > 0)].sort_values("step")
    rows = scores[scores.metric == "acc"]
    last = rows[rows.step == rows.step.max()].sort_values("params")
    out = {"LAMBADA over size": Curve(last.params.to_numpy(float), last.value.to_numpy(), items)}
    for size, run in rows.groupby("size"):
        steps, name = run.step.to_numpy(float), f"LAMBADA over training, {size}"
        out[f"{name}, accuracy"] = Curve(steps, run.value.to_numpy(), items, over="training")
        worse = scores[(scores.metric == "ppl") & (scores["size"] == size)]
        loss = np.log(worse.value.to_numpy(float))
        out[f"{name}, loss"] = Curve(worse.step.to_numpy(float), loss, None, "loss", over="training")
    sums = pythia_arithmetic(arithmetic)
    for operation, rows in sums[sums.step == sums.step.max()].groupby("operation"):
        rows = rows.sort_values("params")
        out[f"{operation} over size"] = Curve(rows.params.to_numpy(float), rows.accuracy.to_numpy())
    return out


def open_cases(files: Files) -> dict[str, Curve]:
    """Return tasks that were called emergent, over the sizes of each family of open models.

    Parameters
    ----------
    files : mapping
        The files of the external set ``open-model-scores``.

    Returns
    -------
    dict of Curve
        By family and task, where a family has at least six sizes; 2,000 items each.
    """
    parts = {"two-digit addition": 2, "three-digit addition": 3}
    out = {}
    for (family, task), rows in open_model_curves(files).groupby(["family", "task"]):
        rows = rows.drop_duplicates("train_flop").sort_values("train_flop")
        if len(rows) >= FEWEST_SCALES:
            scales, scores = rows.train_flop.to_numpy(float), rows.score.to_numpy(float)
            items, known = np.array([2000.0]), parts.get(str(task), 1)
            out[f"{family}: {task}"] = Curve(scales, scores, items, parts=known)
    return out


def _group(name: str) -> str:
    """Return the group of a curve of others, from its name and what it is over."""
    over = "training" if "over training" in name else "compute"
    if ": " in name:
        return "Open families over compute"
    metric = name.rsplit(", ", 1)[-1]
    if metric == "bits":
        return f"OLMo over {over}, loss"
    if not name.startswith("LAMBADA") and metric == "accuracy":
        return f"OLMo over {over}, accuracy"
    return f"Pythia over training, {metric}" if over == "training" else "Pythia over size"


def others_table(curves: Mapping[str, Curve]) -> pd.DataFrame:
    """Return attributions of curves of others, with what the calibration says of curves like each.

    Parameters
    ----------
    curves : mapping
        Of `pythia_cases`, `olmo_cases` and `open_cases`.

    Returns
    -------
    DataFrame
        group, curve, scales, verdict, abrupt, least, most (weights, 0 to 1), best, false_alarms and
        power (shares, 0 to 1; missing for losses), groups together.
    """
    rows = []
    for (name, curve), a in zip(curves.items(), attribute_all(list(curves.values())), strict=True):
        rates = error_rates(curve)
        row: dict[str, object] = {"group": _group(name), "curve": name, "scales": len(curve.scales)}
        row |= {"verdict": a.verdict, "abrupt": a.abrupt}
        row |= {"least": a.abrupt_range[0], "most": a.abrupt_range[1], "best": a.best}
        row["false_alarms"] = rates.false_alarms if rates else np.nan
        row["power"] = rates.power if rates else np.nan
        rows.append(row)
    frame = pd.DataFrame(rows)
    return frame.sort_values("group", kind="stable", ignore_index=True)


MARKS = 16
"""Checkpoints of a run of the OLMo ladder that are looked at, evenly spaced in the logarithm of tokens."""


def olmo_cases(files: Files) -> dict[str, Curve]:
    """Return the curves of the OLMo ladder: eight tasks over compute and over training.

    Over compute stand the ends of the sixteen small runs, of four sizes and four amounts of data;
    the two large models were trained by another recipe and are left out. Over training stands the
    longest run of each size. Each is given by its accuracy, with chance known and items unknown, and
    by the bits for each byte of the right answer.

    Parameters
    ----------
    files : mapping
        The files of the external set ``olmo-ladder``.

    Returns
    -------
    dict of Curve
    """
    runs = ladder(files)
    runs = runs[~runs.target].dropna(subset=["bits", "accuracy"])
    runs = runs.assign(compute=6 * runs.params * runs.tokens)
    ends = runs.sort_values("tokens").groupby(["run", "task"]).tail(1)
    longest = runs[runs.run.str.endswith("-10xC")]
    out = {}
    for task, (_, choices) in LADDER_TASKS.items():
        rows = ends[ends.task == task].sort_values("compute")
        kinds = {"accuracy": 1 / choices, "bits": 0.0}
        for metric, chance in kinds.items():
            kind: Kind = "share" if metric == "accuracy" else "loss"
            scales, scores = rows.compute.to_numpy(float), rows[metric].to_numpy(float)
            out[f"{task} over compute, {metric}"] = Curve(scales, scores, kind=kind, chance=chance)
            for run, points in longest[longest.task == task].groupby("run"):
                points = points.sort_values("tokens")
                tokens = points.tokens.to_numpy(float)
                near = np.geomspace(tokens[0], tokens[-1], MARKS)
                picked = points.iloc[np.unique([np.abs(np.log(tokens / mark)).argmin() for mark in near])]
                name = f"{task} over training, {str(run).removesuffix('-10xC')}, {metric}"
                scales, scores = picked.tokens.to_numpy(float), picked[metric].to_numpy(float)
                out[name] = Curve(scales, scores, kind=kind, chance=chance, over="training")
    return out


@asks(steps=values(above=0, least=7, rising=True), scores=values())
def rise_width(steps: Floats, scores: Floats) -> float:
    """Return the share of its logarithmic range in which a curve makes most of its rise.

    Most is from 10 to 90 percent.

    Parameters
    ----------
    steps : array of shape (n,)
        Positive, rising.
    scores : array of shape (n,)
        Dense enough to show the rise. The median of the first and last three count as start and
        end.

    Returns
    -------
    float
        Between 0 and 1; NaN for a curve that rises by less than a tenth.

    Examples
    --------
    >>> round(rise_width(np.geomspace(1, 100, 201), np.linspace(0, 1, 201)), 2)
    0.79
    """
    x, y = np.log(steps), floats(scores)
    start, end = np.median(y[:3]), np.median(y[-3:])
    if len(x) != len(y) or len(x) < 7 or not np.isfinite(y).all():
        raise ValueError(f"given {len(x)} steps and {len(y)} scores; needed: as many of each, 7 at least, all finite")
    if end - start < 0.1:
        return float("nan")
    share = (y - start) / (end - start)
    first, last = (int(np.flatnonzero(share >= mark)[0]) for mark in (0.1, 0.9))
    return float((x[last] - x[first]) / (x[-1] - x[0]))


Truth = Literal["seeds", "abrupt", "gradual", "nothing", "metric", "items", "loss"]


@dataclass(frozen=True)
class Control:
    """Curves of trained models, and what is known of them without the method.

    Parameters
    ----------
    name : str
    truth : {"seeds", "abrupt", "gradual", "nothing", "metric", "items", "loss"}
        ``seeds``: runs of one size land at separate levels. ``abrupt``: on the dense trace, the
        median run makes its rise in under a fifth of the logarithmic range. ``gradual``: it takes
        more, or the curve is an average of many runs. ``nothing``: there is nothing to learn.
        ``metric``: parts that improve gradually, marked as wholes. ``items``: two difficulties, each
        learned gradually. ``loss``: a loss over scale, of models of which none splits.
    because : str
        By what construction that is known.
    curves : tuple of Curve
    widths : tuple of float
        `rise_width` of each on its dense trace; NaN where there is none.
    """

    name: str
    truth: Truth
    because: str
    curves: tuple[Curve, ...]
    widths: tuple[float, ...]


def _over_training(
    trace: Trace, metric: str, arm: str, marks: Floats, items: float, chance: float, most: int
) -> tuple[list[Curve], list[float]]:
    """Return curves at the checkpoints nearest to `marks`, and how wide each dense trace rises."""
    wide = trace.wide(metric, arm)
    wide = wide.loc[:, (wide.columns > 0)].dropna(axis=1)
    steps = wide.columns.to_numpy(float)
    picked = np.unique([np.abs(np.log(steps / mark)).argmin() for mark in marks])
    dense = steps >= steps[picked[0]]
    curves, widths = [], []
    for row in wide.to_numpy(float)[:most]:
        row = np.clip(row, 0, 1)
        curves.append(Curve(steps[picked], row[picked], np.array([items]), chance=chance, over="training"))
        widths.append(rise_width(steps[dense], row[dense]))
    return curves, widths


def over_widths(trace: Trace, metric: str, arms_of: str = "") -> tuple[Floats, Floats]:
    """Return the widths of a trace, and the last score of every seed at each.

    Parameters
    ----------
    trace : Trace
    metric : str
    arms_of : str
        What the names of the arms begin with, where a trace has several ladders.

    Returns
    -------
    widths : array of shape (widths,)
    scores : array of shape (widths, seeds)
    """
    arms = {arm: config for arm, config in trace.about["arms"].items() if arm.startswith(arms_of)}
    last = trace.wide(metric).iloc[:, -1].unstack("seed").reindex(list(arms))  # noqa: PD010
    return np.array([float(arms[arm]["width"]) for arm in arms]), np.clip(last.to_numpy(float), 0, 1)


def controls(traces: Mapping[str, Trace], most: int = 16) -> list[Control]:
    """Return the controls: curves of trained models of which the cause is known.

    Parameters
    ----------
    traces : mapping of str to Trace
        parity_widths, parity_ladder, addition, facts, sparse_parity, induction, grokking_race,
        scaling_grid.
    most : int
        Seeds of each control over training that are looked at.

    Returns
    -------
    list of Control
    """
    out = []
    for name, title, metric, items, chance, parts in (
        ("parity_widths", "sparse parity over width", "accuracy", 2048, 0.5, 1),
        ("parity_ladder", "long parity ladder over width", "accuracy", 2048, 0.5, 1),
        ("addition", "addition over width", "exact_match", 4096, 0.0, 4),
    ):
        widths, last = over_widths(traces[name], metric)
        seeds = last.shape[1]
        every = Curve(
            np.repeat(widths, seeds),
            last.ravel(),
            np.array([float(items)]),
            chance=chance,
            parts=parts,
        )
        mean = Curve(widths, last.mean(1), np.array([float(items * seeds)]), chance=chance, parts=parts)
        split = "at the middle widths some runs have learned the task and others have not"
        out.append(Control(f"{title}, every run", "seeds", split, (every,), (np.nan,)))
        out.append(Control(f"{title}, mean of runs", "gradual", "an average over runs", (mean,), (np.nan,)))
        if name == "parity_ladder":
            alone = [Curve(widths, row, np.array([float(items)]), chance=chance) for row in last.T[:most]]
            one = f"{title}, one run a width"
            out.append(Control(one, "seeds", split, tuple(alone), (np.nan,) * len(alone)))
    out += _facts_controls(traces["facts"], most)
    marks = np.arange(100.0, 2001, 100)
    for arm, truth, because in (
        ("signal", "abrupt", "the task is learned within a few hundred steps of two thousand"),
        (
            "random-labels",
            "nothing",
            "the labels are random: no network can be right more often than chance",
        ),
    ):
        found = _over_training(traces["sparse_parity"], "test_accuracy", arm, marks, 2048, 0.5, most)
        out.append(_control(f"sparse parity over training, {arm}", truth, because, found))
    marks = np.geomspace(20, 2500, 16)
    for arm, truth, because in (
        ("two-layers", "gradual", "two layers can form an induction head"),
        ("one-layer", "gradual", "one layer cannot form an induction head"),
    ):
        found = _over_training(traces["induction"], "repeat_accuracy", arm, marks, 1000, 0.0, most)
        out.append(_control(f"induction over training, {arm}", truth, because, found))
    marks = np.geomspace(100, 4000, 16)
    for arm, truth, because in (
        ("signal", "gradual", "test accuracy rises long after training accuracy"),
        ("random-labels", "nothing", "the labels are random: nothing generalises"),
    ):
        # Before it groks a network is right less often than one who guesses: chance is no floor
        # here.
        found = _over_training(traces["grokking_race"], "test_accuracy", arm, marks, 1914, 0.0, most)
        out.append(_control(f"grokking over training, {arm}", truth, because, found))
    return out + _grid_controls(traces["scaling_grid"])


def _facts_controls(trace: Trace, most: int) -> list[Control]:
    """Return facts one by one, the same marked in sets of eight, and a mixture of two difficulties."""
    drawn = "sets of eight facts that are drawn at random, marked right if all eight are"
    mixed = "half of the facts are seen sixteen times as often as the others"
    out = []
    for title, arms, metric, truth, because, items, parts in (
        ("facts over width", "even", "right", "gradual", "each fact marked for itself", 512, 1),
        ("the same facts in sets of eight", "even", "sets_right", "metric", drawn, 2000, 8),
        ("facts of two difficulties over width", "mixed", "right", "items", mixed, 512, 1),
        ("of these, facts seen often", "mixed", "right_often", "gradual", "of one difficulty", 256, 1),
        ("of these, facts seen seldom", "mixed", "right_seldom", "gradual", "of one difficulty", 256, 1),
    ):
        widths, last = over_widths(trace, metric, arms)
        chance = 1 / float(next(iter(trace.about["arms"].values()))["values"]) if parts == 1 else 0.0
        told = np.array([float(items)])
        curves = [Curve(widths, row, told, chance=chance, parts=parts) for row in last.T[:most]]
        out.append(_control(title, truth, because, (curves, [rise_width(widths, row) for row in last.T[:most]])))
    return out


NARROW = 0.2
"""Share of the logarithmic range below which a rise on a dense trace counts as abrupt."""


def _control(name: str, truth: str, because: str, found: tuple[Sequence[Curve], Sequence[float]]) -> Control:
    curves, widths = found
    if truth in ("abrupt", "gradual"):
        truth = "abrupt" if np.nanmedian(widths) < NARROW else "gradual"
    return Control(name, truth, because, tuple(curves), tuple(widths))  # type: ignore[arg-type]


def _grid_controls(trace: Trace) -> list[Control]:
    """Return losses over width, and the same through exact match: exp(-parts x excess) right."""
    parts, items = 12, 2000
    arms = pd.DataFrame(trace.about["arms"]).T
    rows = trace.frame[trace.frame.step > 0].copy()
    rows["arm"] = rows.run.astype(str).str.rsplit("/", n=1).str[0]
    rows = rows.join(arms[["parameters", "tokens"]].astype(float), on="arm")
    best = rows.groupby(["tokens", "parameters", "seed"]).value.min().reset_index()
    floor = float(trace.about["metrics"]["loss"].split()[-1])
    losses, shares = [], []
    for tokens, group in best.groupby("tokens"):
        group = group.sort_values(["parameters", "seed"])
        losses.append(Curve(group.parameters.to_numpy(), group.value.to_numpy(), kind="loss"))
        one = group[group.seed == group.seed.min()]
        excess = one.value.to_numpy() - floor
        right = np.exp(-parts * (excess - excess.min() * 0.95))
        draw = special.ndtr(np.random.default_rng(int(tokens)).standard_normal(len(right)))
        shares.append(
            Curve(
                one.parameters.to_numpy(),
                stats.binom.ppf(draw, items, right) / items,
                np.array([float(items)]),
            )
        )
    nan = (np.nan,) * len(losses)
    return [
        Control("loss over parameters", "loss", "no run splits from its like", tuple(losses), nan),
        Control(
            "the same loss through exact match",
            "metric",
            "exact match made from that loss",
            tuple(shares),
            nan,
        ),
    ]


def judged(controls: Sequence[Control]) -> pd.DataFrame:
    """Return what the method says of each control: verdicts, and mean weights by family."""
    rows = []
    weighed = iter(attribute_all([curve for control in controls for curve in control.curves]))
    for control in controls:
        found = [a for a in itertools.islice(weighed, len(control.curves)) if a.weights]
        verdicts = [a.verdict for a in found]
        row: dict[str, object] = {
            "control": control.name,
            "truth": control.truth,
            "because": control.because,
        }
        row |= {"curves": len(control.curves)}
        widths = np.array(control.widths)
        row["width"] = float(np.nanmedian(widths)) if np.isfinite(widths).any() else np.nan
        row |= {v: verdicts.count(v) for v in ("abrupt", "not abrupt", "undecided")}
        row["undecided"] = len(control.curves) - verdicts.count("abrupt") - verdicts.count("not abrupt")
        for family in ("smooth", "metric", "items", "abrupt", "seeds"):
            row[f"weight of {family}"] = float(np.mean([a.of(family) for a in found]))
        rows.append(row)
    return pd.DataFrame(rows)


def decomposition(traces: Mapping[str, Trace]) -> pd.DataFrame:
    """Return the four panels in which one jump is taken apart: sparse parity learned in training.

    Parameters
    ----------
    traces : mapping of str to Trace
        sparse_parity, and quanta (many parities at once, learned by one network).

    Returns
    -------
    DataFrame
        panel, line, step, value (between 0 and 1: nothing learned, all learned), bold (whether it
        is the mean or the score that jumps).
    """
    parity, quanta = traces["sparse_parity"], traces["quanta"]
    seed, others = 1, 8  # the run shown by its metrics and its mechanism; the runs shown beside their mean
    accuracy = 2 * parity.wide("test_accuracy", "signal") - 1
    loss = 1 - parity.wide("test_loss", "signal")
    share = parity.wide("oracle_share", "signal")
    start, end = share.loc[seed].iloc[0], share.loc[seed].iloc[-1]
    parts = [
        ("metric", "accuracy", accuracy.loc[seed], True),
        ("metric", "loss", loss.loc[seed], False),
    ]
    parts += [("seeds", f"run {i}", accuracy.loc[i], False) for i in range(others)]
    parts += [("seeds", f"mean of {len(accuracy)}", accuracy.mean(), True)]
    arm = "tasks-128"
    for rank in (1, 2, 4, 8, 16, 32, 64):
        parts.append(("items", f"subtask {rank}", 1 - quanta.wide(f"loss_{rank}", arm).iloc[0], False))
    parts.append(("items", "mean of 128", 1 - quanta.wide("mean_loss", arm).iloc[0], True))
    grown = (share.loc[seed] - start) / (end - start)
    parts += [
        ("mechanism", "accuracy", accuracy.loc[seed], True),
        ("mechanism", "weights", grown, False),
    ]
    frames = [
        pd.DataFrame(
            {
                "panel": panel,
                "line": line,
                "step": row.index.to_numpy(float),
                "value": row.to_numpy(),
                "bold": bold,
            }
        )
        for panel, line, row, bold in parts
    ]
    out = pd.concat(frames, ignore_index=True)
    out = out[out.step > 0].dropna()
    return out.assign(value=out.value.clip(0, 1))


@asks(level=number())
def first_above(frame: pd.DataFrame, panel: str, line: str, level: float) -> float:
    """Return the first step at which a line of `decomposition` is at `level` and stays there; NaN where it never does."""
    rows = frame[(frame.panel == panel) & (frame.line == line)].sort_values("step")
    below = np.flatnonzero(rows.value.to_numpy() < level)
    if rows.empty:
        raise ValueError(f"given {line} in {panel}; needed: a line of the frame")
    if below.size and below[-1] == len(rows) - 1:
        return float("nan")
    return float(rows.step.iloc[below[-1] + 1]) if below.size else float(rows.step.iloc[0])


FAMILIES = {
    "abrupt": "a jump or kink",
    "seeds": "luck of the run",
    "items": "easy and hard items",
    "metric": "the metric",
    "smooth": "a smooth rise",
}
"""What makes a curve what it is, by family of accounts, as a reader sees it."""


def calls(curves: Mapping[tuple[str, str, str], Curve], found: Sequence[Attribution]) -> pd.DataFrame:
    """Return attributions as a table: verdict, weights by family, range and measure of a curve."""
    rows = []
    for (task, metric, setting), a in zip(curves, found, strict=True):
        row = {
            "task": task,
            "metric": metric,
            "setting": setting,
            "verdict": a.verdict,
            "abrupt": a.abrupt,
        }
        row |= {"low": a.abrupt_range[0], "high": a.abrupt_range[1], "best": a.best}
        row |= {said: a.of(family) if a.weights else np.nan for family, said in FAMILIES.items()}
        rows.append(row | {"reason": a.reason, "measure": a.measure})
    return pd.DataFrame(rows)
