"""Readers of the data sets of others on which the Scaling Laws chapter rests; see ``data/external.yml``.

Each takes the files of a set by their names, as `review_utils.data.external.with_sets` hands them on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from emergence.shared.checks import asks, frame

Files = Mapping[str, Path]


def chinchilla_points(files: Files) -> pd.DataFrame:
    """Return the runs of Hoffmann et al. as read off their figure.

    Parameters
    ----------
    files : mapping
        The files of the external set ``chinchilla-points``.

    Returns
    -------
    DataFrame
        params, tokens (from ``C = 6 N D``), loss (nats): one row a run.
    """
    frame = pd.read_csv(files["epoch_chinchilla_svg_extracted_data.csv"])
    params = frame["Model Size"].astype(float)
    return pd.DataFrame({"params": params, "tokens": frame["Training FLOP"] / (6 * params), "loss": frame["loss"]})


def learning_curves(files: Files) -> pd.DataFrame:
    """Return the learning curves of Alabdulmohsin et al. 2022, set ``learning-curves``.

    Returns
    -------
    DataFrame
        domain (images, translation, language, BIG-bench), curve, seen (examples), loss, and fitted: whether the
        point is of the smaller scales that a form is fitted to. One row a point, curves in the order of the files.
    """
    frame = pd.concat([pd.read_csv(files[f"benchmark.{part}.csv"]) for part in ("vision", "lang")])
    domains = {"IC": "images", "NMT": "translation", "LM": "language", "BB": "BIG-bench"}
    return pd.DataFrame(
        {
            "domain": frame["Domain"].map(domains),
            "curve": frame["Task"] + ", " + frame["Model"],
            "seen": frame["Seen Examples"].astype(float),
            "loss": frame["Loss"].astype(float),
            "fitted": frame["Training"] == 1,
        }
    ).reset_index(drop=True)


def testbed(files: Files) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the models of Gadre et al. 2024 and their task scores, set ``gadre-testbed``.

    Returns
    -------
    runs : DataFrame
        corpus, shape, params, tokens, multiple (tokens for each parameter over 20), loss (nats, on C4): one row a
        model.
    scores : DataFrame
        Accuracy above chance would be a difference of these: one row a model, one column a task, and a last row
        ``chance``.
    """
    runs, scores = {}, {}
    for name, path in files.items():
        if name.startswith("models/"):
            model = json.loads(path.read_text(encoding="utf-8"))
            settings = model["hyperparameters"]
            on_c4 = [r["loss"] for r in model["results"] if "c4_val" in r["val_data"][0]]
            runs[model["name"]] = {
                "corpus": model["dataset_name"].removesuffix("_original"),
                "shape": Path(settings["model"]).name.removesuffix(".json"),
                "params": float(settings["params"]),
                "tokens": float(settings["tokens"]),
                "multiple": float(settings["chinchilla_multiplier"]),
                "loss": on_c4[0],
            }
        elif found := re.fullmatch(r"evals/evaluation_(.+)_heavy\.json", name):
            scores[found[1]] = json.loads(path.read_text(encoding="utf-8"))["eval_metrics"]["icl"]
    about = pd.read_csv(files["eval_metadata.csv"]).set_index("Eval Task")["Random baseline"] / 100
    frame = pd.DataFrame.from_dict(runs, orient="index").sort_index()
    table = pd.DataFrame.from_dict(scores, orient="index").reindex(frame.index)
    table.loc["chance"] = about.reindex(table.columns).fillna(0.0)
    return frame, table


LADDER_TASKS = {
    "MMLU": ("mmlu", 4), "HellaSwag": ("hellaswag_val", 4), "PIQA": ("piqa_val", 2), "SocialIQA": ("socialiqa_val", 3),
    "ARC-Challenge": ("arc_challenge_test", 4), "ARC-Easy": ("arc_easy_test", 4), "CommonsenseQA": ("csqa_val", 5),
    "OpenBookQA": ("openbookqa_test", 4),
}  # fmt: skip
"""The eight tasks of the OLMo ladder: the split that its paper scores, and the number of choices."""

_MMLU = {"stem": 3018, "humanities": 4705, "social_sciences": 3077, "other": 3242}
"""Questions in each part of the test split of MMLU, by which its parts are averaged."""


def ladder(files: Files) -> pd.DataFrame:
    """Return the runs of the OLMo ladder, set ``olmo-ladder``.

    Returns
    -------
    DataFrame
        model, run, target (whether it is one of the two large models), params, tokens, task, bits (bits for each
        byte of the right answer), accuracy: one row a task at a checkpoint, in the order of training.
    """
    config = json.loads(files["configs/final.json"].read_text(encoding="utf-8"))
    large = {"7B-4T": 3_945_065_873_408, "13B-5T": 5_000_080_130_048}  # tokens at the end; one file lacks them
    parts = []
    for model, about in config.items():
        for source in about["paths"]:
            path = files["data/ladder-runs/" + Path(source).name]
            frame = pd.read_csv(path)
            target = about["mode"] == "eval"
            if target:
                frame = frame.iloc[-1:]
            for task, (split, _) in LADDER_TASKS.items():
                columns = {}
                for kind, stem, end in (("bits", "downstream_bpb", "bpb"), ("accuracy", "downstream", "len_norm")):
                    if split == "mmlu":
                        total = sum(_MMLU.values())
                        columns[kind] = sum(
                            n / total * frame[f"eval/{stem}/mmlu_{part}_test_rc_5shot_{end}"]
                            for part, n in _MMLU.items()
                        )
                    else:
                        columns[kind] = frame[f"eval/{stem}/{split}_rc_5shot_{end}"]
                tokens = float(large[model]) if target else frame["throughput/total_tokens"].astype(float)
                parts.append(
                    pd.DataFrame(
                        {"model": model, "run": path.stem, "target": target, "params": float(about["n"]), "tokens": tokens, "task": task, **columns}
                    )
                )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def benchmark_scores(files: Files) -> pd.DataFrame:
    """Return the benchmark scores of base models, set ``benchmark-scores-first-release``: one row a model."""
    frame = pd.read_csv(files["base_llm_benchmark_eval.csv"])
    return frame.set_index("Model").drop(columns=["Model Size (B)", "Pretraining Data Size (T)", "FLOPs (1E21)"])


def time_horizons(files: Files) -> pd.DataFrame:
    """Return the time horizons that METR reported, set ``time-horizons``.

    Returns
    -------
    DataFrame
        Indexed by version: minutes, low, high (95 percent), released (of that version; missing for one).
    """
    horizons = pd.read_csv(files["external_benchmark_metr.csv"], encoding="utf-8-sig").set_index("Model version")
    versions = pd.read_csv(files["model_versions.csv"], encoding="utf-8-sig").set_index("id")
    return pd.DataFrame(
        {
            "minutes": horizons["Time horizon"].astype(float),
            "low": horizons["CI_low"].astype(float),
            "high": horizons["CI_high"].astype(float),
            "released": pd.to_datetime(versions["Version release date"].reindex(horizons.index)).to_numpy(),
        }
    )


@asks(horizons=frame("minutes", "released", days=["released"]))
def frontier(horizons: pd.DataFrame) -> pd.Series:
    """Return which models, by release date, had the longest horizon so far.

    Parameters
    ----------
    horizons : DataFrame
        With columns minutes and released, a day.

    Raises
    ------
    ValueError
        Where a column is missing or released holds no days.
    """
    ordered = horizons.dropna(subset="released").sort_values(["released", "minutes"], ascending=[True, False])
    led = ordered["minutes"] >= ordered["minutes"].cummax()
    return led.reindex(horizons.index, fill_value=False)


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
