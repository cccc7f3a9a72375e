"""The scores that GPT-3's paper prints, a curve a task."""

from __future__ import annotations

import pandas as pd

from review_utils.data.tables import table

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
        if unknown or not tasks:
            raise KeyError(f"given the tasks {', '.join(unknown) or 'none'}; needed: tasks of Table H.1")
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
