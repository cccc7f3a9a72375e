"""Readers of the data sets of others: what they make of small files in the same layout."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from emergence import readers as scaling_data


def test_points_are_read_with_their_tokens(tmp_path):
    """Tokens of a run follow from compute and size: six times parameters times tokens."""
    path = tmp_path / "points.csv"
    path.write_text("x,y,color,Model Size,Training FLOP,hex_color,loss\n1,2,#a,1e9,6e20,#a,2.5\n")
    points = scaling_data.chinchilla_points({"epoch_chinchilla_svg_extracted_data.csv": path})

    assert points.iloc[0].tolist() == pytest.approx([1e9, 1e11, 2.5])


def test_learning_curves_keep_their_split(tmp_path):
    """Both files are read, domains get their names, and the split into fitted and predicted points is kept."""
    files = {}
    for part, row in (("vision", "IC,bird_5,ViT"), ("lang", "BB,qa,1-shot")):
        files[f"benchmark.{part}.csv"] = path = tmp_path / f"{part}.csv"
        path.write_text(f"Domain,Task,Model,Seen Examples,Loss,Training\n{row},10,0.9,1\n{row},100,0.5,0\n")
    curves = scaling_data.learning_curves(files)

    assert curves.domain.tolist() == ["images", "images", "BIG-bench", "BIG-bench"]
    assert curves.fitted.tolist() == [True, False, True, False]
    assert curves.curve[0] == "bird_5, ViT"
    assert curves.seen.tolist() == [10, 100, 10, 100]


def test_the_testbed_joins_losses_and_scores(tmp_path):
    """A model's loss is that on C4, its scores are those of its own evaluation, and the last row is chance."""
    model = {
        "name": "c4_original-x-1.0",
        "dataset_name": "c4_original",
        "hyperparameters": {"model": "configs/x.json", "params": 100, "tokens": 2000, "chinchilla_multiplier": 1.0},
        "results": [
            {"loss": 9.0, "val_data": ["a/openlm/0.tar"]},
            {"loss": 3.5, "val_data": ["a/c4_val/shard-{0..1}.tar"]},
        ],
    }
    contents = {
        "models/c4_original-x-1.0.json": json.dumps(model),
        "evals/evaluation_c4_original-x-1.0_heavy.json": json.dumps({"eval_metrics": {"icl": {"copa": 0.6}}}),
        "eval_metadata.csv": "Eval Task,Random baseline\ncopa,50\n",
    }
    files = {}
    for name, text in contents.items():
        files[name] = tmp_path / name.replace("/", "_")
        files[name].write_text(text)
    runs, scores = scaling_data.testbed(files)

    assert runs.iloc[0].to_dict() == {
        "corpus": "c4", "shape": "x", "params": 100.0, "tokens": 2000.0, "multiple": 1.0, "loss": 3.5,
    }  # fmt: skip
    assert scores.loc["c4_original-x-1.0", "copa"] == 0.6
    assert scores.loc["chance", "copa"] == 0.5


def test_the_frontier_is_who_led_when_released():
    """A model leads when none released up to that day has a longer horizon; undated ones never do."""
    table = pd.DataFrame(
        {
            "minutes": [1.0, 5.0, 3.0, 9.0, 8.0, 99.0],
            "released": pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01", "2023-01-01", None]),
        },
        index=list("abcdef"),
    )

    assert scaling_data.frontier(table).tolist() == [True, True, False, True, False, False]
    with pytest.raises(ValueError, match=r"in the column released; needed: days, as by pd\.to_datetime"):
        scaling_data.frontier(table.assign(released=table["released"].astype(str)))


def test_time_horizons_join_dates(tmp_path):
    """Horizons take the date of their version, and keep a version without one."""
    files = {"external_benchmark_metr.csv": tmp_path / "h.csv", "model_versions.csv": tmp_path / "v.csv"}
    files["external_benchmark_metr.csv"].write_text(
        "id,Model version,CI_high,CI_low,Time horizon\n1,a,20,5,10\n2,b,2,0.5,1\n", encoding="utf-8-sig"
    )
    files["model_versions.csv"].write_text("id,Version release date\na,2024-06-20\n", encoding="utf-8-sig")
    horizons = scaling_data.time_horizons(files)

    assert horizons.loc["a", ["low", "minutes", "high"]].tolist() == [5, 10, 20]
    assert horizons.loc["a", "released"] == pd.Timestamp("2024-06-20")
    assert pd.isna(horizons.loc["b", "released"])


def test_the_ladder_weighs_the_parts_of_mmlu(tmp_path):
    """MMLU is the average of its four parts by their questions; a large model keeps its last checkpoint alone."""
    parts = {"stem": 1.0, "humanities": 2.0, "social_sciences": 3.0, "other": 4.0}
    columns = {}
    for kind, end in (("downstream_bpb", "bpb"), ("downstream", "len_norm")):
        for part, value in parts.items():
            columns[f"eval/{kind}/mmlu_{part}_test_rc_5shot_{end}"] = value
        for split, _ in list(scaling_data.LADDER_TASKS.values())[1:]:
            columns[f"eval/{kind}/{split}_rc_5shot_{end}"] = 0.5
    frame = pd.DataFrame([columns, columns]).assign(**{"throughput/total_tokens": [1e9, 2e9]})
    config = {
        "190M": {"paths": ["x/small.csv"], "mode": "train", "n": 190},
        "7B-4T": {"paths": ["x/large.csv"], "mode": "eval", "n": 7000},
    }
    files = {"configs/final.json": tmp_path / "final.json"}
    files["configs/final.json"].write_text(json.dumps(config))
    for name in ("small", "large"):
        files[f"data/ladder-runs/{name}.csv"] = tmp_path / f"{name}.csv"
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    runs = scaling_data.ladder(files)
    weights = np.array([3018, 4705, 3077, 3242])

    mmlu = runs[runs.task == "MMLU"]
    assert mmlu.target.tolist() == [False, False, True]
    assert mmlu.tokens.tolist() == [1e9, 2e9, 3945065873408]
    assert mmlu.bits.iloc[0] == pytest.approx(weights @ [1, 2, 3, 4] / weights.sum())


def test_benchmark_scores_keep_benchmarks_alone(tmp_path):
    """Sizes, tokens and compute are left out; gaps stay gaps."""
    path = tmp_path / "scores.csv"
    path.write_text(
        "Model,Model Family,Model Size (B),Pretraining Data Size (T),FLOPs (1E21),MMLU,GSM8K\na,f,7,2,84,0.4,\n"
    )
    scores = scaling_data.benchmark_scores({"base_llm_benchmark_eval.csv": path})

    assert list(scores.columns) == ["Model Family", "MMLU", "GSM8K"]
    assert np.isnan(scores.loc["a", "GSM8K"])
