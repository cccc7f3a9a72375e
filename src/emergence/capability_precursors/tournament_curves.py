"""The curves of the tournament: GPT-3's tasks, our own runs, and data sets of others where they are at hand."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from emergence.capability_precursors.tournament import Curve
from emergence.phase_transitions.breaks import break_test, gpt3_breaks
from emergence.phase_transitions.curves import gpt3_curves
from emergence.readers import LADDER_TASKS, Files, ladder, learning_curves, open_model_curves, pythia_scores, testbed
from emergence.shared.fitting import Floats
from review_utils.data.traces import trace

LEAST = 1e-4
"""Shares of wrong answers below this count as this: no test of these is finer."""


def _error_noise(wrong: Floats, items: float) -> Floats:
    """Return the standard deviation of the logarithm of a share of wrong answers, from a number of test items."""
    return np.asarray(np.sqrt(np.maximum((1 - wrong) / (wrong * items), 0) + 0.25 / items**2))


def gpt3(draws: int = 1000) -> list[Curve]:
    """Return GPT-3's tasks with an accuracy, sharp where `gpt3_breaks` finds a break in the ability or its metric."""
    verdict = gpt3_breaks(draws).set_index(["task", "metric", "setting"]).verdict
    curves = []
    for (task, metric, setting), rows in gpt3_curves().groupby(["task", "metric", "setting"], observed=True):
        rows = rows.sort_values("train_flop").dropna(subset="score")
        if metric in ("ppl", "average", "BLEU-mb", "BLEU-sb") or len(rows) < 8:
            continue
        wrong = np.clip(1 - rows.score.to_numpy(dtype=float) / 100, LEAST, 1)
        items = rows.n_items.iloc[0]
        curves.append(
            Curve(
                f"{task} ({metric}), {setting}",
                "GPT-3",
                "error",
                rows.train_flop.to_numpy(dtype=float),
                wrong,
                (5, 6, 7),
                None if pd.isna(items) else _error_noise(wrong, float(items)),
                verdict[task, metric, setting] in ("break supported", "sharp in this metric only"),
            )
        )
    return curves


def own_runs(seeds: Iterable[int] = range(3)) -> list[Curve]:
    """Return curves over training of our own runs: from earlier steps to later ones.

    Transitions of modular addition, sparse parity, induction and Markov chains, and the smooth mean of many subtasks.
    Sharp are those in which half of the fall of the score happens within a third of a factor of e of steps.
    """
    chosen = (
        ("grokking", "test_loss", "loss"),
        ("sparse_parity", "test_loss", "loss"),
        ("induction", "loss", "loss"),
        ("markov_chains", "loss", "loss"),
        ("quanta", "loss", "loss"),
    )
    curves = []
    for name, metric, kind in chosen:
        found = trace(name)
        if metric not in set(found.frame.metric):
            continue
        arms = list(found.about["arms"])
        wide = found.wide(metric, arms[0])
        for seed in seeds:
            if seed not in wide.index:
                continue
            row = wide.loc[seed].dropna()
            row = row[row.index > 0]
            steps = row.index.to_numpy(dtype=float)
            at = np.unique(np.searchsorted(steps, np.geomspace(steps[-1] / 300, steps[-1], 24)).clip(0, len(steps) - 1))
            x, y = steps[at], np.maximum(row.to_numpy(dtype=float)[at], LEAST)
            cuts = tuple(sorted({round(len(x) * share) for share in (0.4, 0.55, 0.7, 0.85)}))
            curves.append(Curve(f"{name}, seed {seed}", "our own runs", kind, x, y, cuts, sharp=_sharp(x, y)))
    return curves


def _sharp(x: Floats, y: Floats) -> bool:
    fall = np.log(y[0]) - np.log(y)
    if fall[-1] < 0.2:
        return False
    half = [np.interp(share * fall[-1], np.maximum.accumulate(fall), np.log(x)) for share in (0.25, 0.75)]
    return bool(half[1] - half[0] < 1 / 3 * np.log(x[-1] / x[0]) / 2)


def curves_of_learning(files: Files) -> list[Curve]:
    """Return the 92 learning curves with their own split, thinned to at most 30 points seen and 8 targets."""
    curves = []
    for (_, name), points in learning_curves(files).groupby(["domain", "curve"], sort=False):
        points = points.sort_values("seen")
        early, late = points[points.fitted], points[~points.fitted]
        late = late[late.seen > early.seen.max()]
        if late.empty:
            continue
        early = early.iloc[np.unique(np.linspace(0, len(early) - 1, 30).astype(int))]
        late = late.iloc[np.unique(np.linspace(0, len(late) - 1, 8).astype(int))]
        both = pd.concat([early, late])
        curves.append(
            Curve(str(name), "learning curves", "loss", both.seen.to_numpy(), both.loss.to_numpy(), (len(early),))
        )
    return curves


def olmo(files: Files) -> list[Curve]:
    """Return the eight tasks of the OLMo ladder: sixteen small models seen, two large ones forecast."""
    last = ladder(files).groupby(["run", "task"], sort=False).last().reset_index()
    last = last.assign(compute=6 * last.params * last.tokens).sort_values("compute")
    wide = last.pivot_table(index="run", columns="task", values="accuracy")
    bits = last.pivot_table(index="run", columns="task", values="bits")
    order = last.drop_duplicates("run").set_index("run")
    wide, bits = wide.loc[order.index], bits.loc[order.index]
    wrong = np.clip(1 - wide, LEAST, 1)
    seen = int((~order.target).sum())
    return [
        Curve(
            f"{task}, ladder", "OLMo ladder", "error", order["compute"].to_numpy(float), wrong[task].to_numpy(float), (seen,),
            loss=bits[task].to_numpy(float), others=wrong.drop(columns=task).to_numpy(float),
        )
        for task in LADDER_TASKS
    ]  # fmt: skip


def over_training(files: Files) -> list[Curve]:
    """Return the tasks of the testbed that some model of the middle size does: small models seen, large ones forecast."""
    runs, scores = testbed(files)
    middle = runs.index[runs["shape"] == "d=576_l=24_h=8"]
    tasks = [t for t in scores if (scores.loc[middle, t] - scores.loc["chance", t]).max() >= 0.1]
    curves = []
    for corpus, part in runs.groupby("corpus"):
        part = part.assign(compute=6 * part.params * part.tokens, large=part["shape"].str.startswith("open_lm"))
        part = part.sort_values(["large", "compute"])
        small = part[~part.large]
        part = pd.concat([small, part[part.large & (part["compute"] > small["compute"].max())]])
        wrong = np.clip(1 - scores.loc[part.index, tasks], LEAST, 1)
        for task in tasks:
            curves.append(
                Curve(
                    f"{task}, {corpus}", "over-training testbed", "error", part["compute"].to_numpy(float),
                    wrong[task].to_numpy(float), (len(small),), loss=part.loss.to_numpy(float),
                    others=wrong.drop(columns=task).to_numpy(float),
                )
            )  # fmt: skip
    return curves


def pythia(files: Files) -> list[Curve]:
    """Return Pythia's tasks over its eight sizes at the end of training."""
    frame = pythia_scores(files)
    frame = frame[(frame.step == frame.step.max()) & (frame.metric == "acc")]
    wide = frame.pivot_table(index="params", columns="task", values="value").dropna(axis=1)
    wrong = np.clip(1 - wide, LEAST, 1)
    flop = 6 * wide.index.to_numpy(float) * 2.998e11
    return [
        Curve(
            f"{task}, Pythia", "Pythia", "error", flop, wrong[task].to_numpy(float), (5, 6, 7),
            others=wrong.drop(columns=task).to_numpy(float), sharp=_breaks(flop, wrong[task].to_numpy(float)),
        )
        for task in wide
    ]  # fmt: skip


def open_models(files: Files) -> list[Curve]:
    """Return tasks that were called emergent over the training compute of open base models, the largest third unseen."""
    frame = open_model_curves(files).dropna(subset=["train_flop", "score"])
    curves = []
    for task, rows in frame.groupby("task"):
        rows = rows.sort_values("train_flop").drop_duplicates("train_flop")
        wrong = np.clip(1 - rows.score.to_numpy(float), LEAST, 1)
        cut = round(len(rows) * 2 / 3)
        curves.append(
            Curve(f"{task}, open models", "open models", "error", rows.train_flop.to_numpy(float), wrong, (cut,),
                  sharp=_breaks(rows.train_flop.to_numpy(float), wrong))
        )  # fmt: skip
    return curves


def _breaks(scales: Floats, wrong: Floats) -> bool:
    found = break_test(scales, 1 - wrong, draws=200)
    return bool(found.p < 0.05)
