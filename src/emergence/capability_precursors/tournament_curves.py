"""The curves of the tournament: GPT-3's tasks, our own runs, and data sets of others where they are at hand."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from emergence.capability_precursors.tournament import Curve
from emergence.readers import LADDER_TASKS, Files, ladder, learning_curves, open_model_curves, pythia_scores, testbed
from emergence.shared.fitting import Floats
from emergence.shared.gpt3 import gpt3_curves
from review_utils.data.traces import trace

LEAST = 1e-4
"""Shares of wrong answers below this count as this: no test of these is finer."""


def _error_noise(wrong: Floats, items: float) -> Floats:
    """Return the standard deviation of the logarithm of a share of wrong answers, from a number of test items."""
    return np.asarray(np.sqrt(np.maximum((1 - wrong) / (wrong * items), 0) + 0.25 / items**2))


LEFT_OUT = {
    "average": "an average over tasks that play themselves",
    "BLEU-mb": "a similarity of translations, of which 1 less the score is no share of wrong answers",
    "BLEU-sb": "a similarity of translations, of which 1 less the score is no share of wrong answers",
}
"""Metrics of GPT-3's table that do not play, each with the reason."""


def gpt3() -> list[Curve]:
    """Return GPT-3's tasks at all eight sizes, with the other tasks of their setting; `gpt3_left_out` has the rest.

    Perplexity plays as its logarithm, which is a loss.
    """
    return [curve for curve, _ in _gpt3() if curve is not None]


def gpt3_left_out() -> pd.DataFrame:
    """Return the rows of GPT-3's table that do not play: name and why."""
    return pd.DataFrame([why for curve, why in _gpt3() if curve is None], columns=["name", "why"])


def _gpt3() -> list[tuple[Curve | None, tuple[str, str]]]:
    found: list[tuple[Curve | None, tuple[str, str]]] = []
    rows = gpt3_curves().sort_values("train_flop")
    wide = rows[~rows.metric.isin([*LEFT_OUT, "ppl"])].pivot_table(
        index="train_flop", columns=["setting", "task", "metric"], values="score"
    )
    right = dict(iter(wide.dropna(axis=1).T.groupby(level="setting")))
    for (task, metric, setting), group in rows.groupby(["task", "metric", "setting"], observed=True):
        name = f"{task} ({metric}), {setting}"
        group = group[group.score.notna().to_numpy()]
        if metric in LEFT_OUT or len(group) < 8:
            found.append((None, (name, LEFT_OUT.get(str(metric), f"scores at {len(group)} of 8 sizes"))))
            continue
        flop, score = group.train_flop.to_numpy(dtype=float), group.score.to_numpy(dtype=float)
        others = right[setting].to_numpy(dtype=float)[right[setting].index.get_level_values("task") != task].T
        table = np.clip(1 - others / 100, LEAST, 1)
        if metric == "ppl":
            curve = Curve(name, "GPT-3", "loss", flop, np.log(score), (5, 6, 7), cluster=task, others=table)
        else:
            wrong, items = np.clip(1 - score / 100, LEAST, 1), group.n_items.iloc[0]
            noise = None if pd.isna(items) else _error_noise(wrong, float(items))
            curve = Curve(name, "GPT-3", "error", flop, wrong, (5, 6, 7), noise, cluster=task, others=table)
        found.append((curve, (name, "")))
    return found


OWN_RUNS = {
    "grokking": ("test_loss",),
    "sparse_parity": ("test_loss",),
    "induction": ("loss",),
    "markov_chains": ("loss",),
    "quanta": ("mean_loss", "loss_1", "loss_8", "loss_32"),
}
"""The traces that play, each with its measures: of the subtasks of one, the mean and three."""


def own_runs(seeds: Iterable[int] = range(3)) -> list[Curve]:
    """Return curves over training of our own runs: from earlier steps to later ones, of the first arm of each trace.

    Transitions of modular addition, sparse parity, induction and Markov chains; the smooth mean of many subtasks and
    three of these. A trace is one cluster, however many seeds.

    Raises
    ------
    KeyError
        When a trace no longer has a measure or a seed: no curve is dropped in silence.
    """
    curves = []
    for name, metrics in OWN_RUNS.items():
        found = trace(name)
        for metric in metrics:
            if metric not in set(found.frame.metric):
                raise KeyError(f"given the measure {metric} of {name}; needed: one of its trace")
            wide = found.wide(metric, next(iter(found.about["arms"])))
            for seed in seeds:
                row = wide.loc[seed].dropna()
                row = row[row.index > 0]
                steps = row.index.to_numpy(dtype=float)
                at = np.searchsorted(steps, np.geomspace(steps[-1] / 300, steps[-1], 24)).clip(0, len(steps) - 1)
                at = np.unique(at)
                x, y = steps[at], np.maximum(row.to_numpy(dtype=float)[at], LEAST)
                cuts = tuple(sorted({round(len(x) * share) for share in (0.4, 0.55, 0.7, 0.85)}))
                label = f"{name} ({metric}), seed {seed}"
                curves.append(Curve(label, "our own runs", "loss", x, y, cuts, cluster=name))
    return curves


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
            Curve(
                str(name),
                "learning curves",
                "loss",
                both.seen.to_numpy(),
                both.loss.to_numpy(),
                (len(early),),
                cluster=re.split(r"[_,]", str(name))[0],
            )
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
            cluster=task, loss=bits[task].to_numpy(float), others=wrong.drop(columns=task).to_numpy(float),
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
                    wrong[task].to_numpy(float), (len(small),), cluster=task, loss=part.loss.to_numpy(float),
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
            cluster=str(task), others=wrong.drop(columns=task).to_numpy(float),
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
            Curve(
                f"{task}, open models",
                "open models",
                "error",
                rows.train_flop.to_numpy(float),
                wrong,
                (cut,),
                cluster=str(task),
            )
        )
    return curves
