"""How forecasts of the tournament's ensemble fared, by what a curve looked like and how far ahead they went.

Run as ``python -m emergence.your_curve.record data/derived/forecast_record.csv`` where the data sets of others are at
hand. The ensemble is that of the forecasters that need nothing beside the curve: the one that forecasts yours.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from emergence.capability_precursors import tournament as tn
from emergence.shared.checks import asks, frame, number, option
from emergence.shared.fitting import Floats

NAMES = tuple(name for name, entry in tn.FORECASTERS.items() if entry.needs is None)
"""The forecasters of the ensemble: all that need neither a loss nor other tasks."""

VIEWS = tn.VIEWS
"""What a curve can look like so far."""

COLUMNS = ("source", "cluster", "view", "distance", "curves", "forecasts", "half", "ninety", "below", "log_ratio")
"""Of the table: sums over curves of the shares of forecasts whose interval held what came (``half``, ``ninety``) or that
lay wholly above it (``below``), and of the logarithm of the score over that of the last value."""

LEAST_CLUSTERS = 5
"""Independent cases below which a distance says too little, and the next nearer one is taken."""


def rows(curves: Iterable[tn.Curve]) -> pd.DataFrame:
    """Return the record of curves, one row for each cluster, view and distance.

    Parameters
    ----------
    curves : iterable of tournament.Curve

    Returns
    -------
    DataFrame
        With `COLUMNS`, sorted.
    """
    played = tn.tournament([replace(curve, loss=None, others=None) for curve in curves], NAMES)
    played["distance"] = tn.horizon_of(played.ahead).astype(str)
    keys = ["source", "cluster", "view", "distance", "curve"]
    base = played[played.forecaster == tn.BASELINES[0]].groupby(keys).crps.mean()
    ours = played[played.forecaster == tn.ENSEMBLE].assign(below=lambda f: f.level <= 0).groupby(keys)
    each = ours[["in_half", "in_ninety", "below"]].mean().assign(forecasts=ours.size())
    each["log_ratio"] = np.log(ours.crps.mean().clip(lower=1e-12) / base.clip(lower=1e-12))
    each = each.rename(columns={"in_half": "half", "in_ninety": "ninety"})
    summed = each.groupby(keys[:-1]).sum()
    summed["curves"] = each.groupby(keys[:-1]).size()
    return summed.reset_index()[list(COLUMNS)].sort_values(list(COLUMNS[:4]), ignore_index=True)


@dataclass(frozen=True)
class Fared:
    """How forecasts of one kind of curve fared.

    Parameters
    ----------
    view : str
        What the curves looked like so far.
    distance : str
        How far ahead, of `tournament.HORIZONS`.
    nearer : bool
        Whether that is nearer than what was asked, for want of cases.
    curves, clusters : int
        How many it rests on; clusters are independent cases.
    half, ninety : float
        Share of outcomes that the 50 and the 90 percent interval held, 0 to 1.
    ninety_low, ninety_high : float
        95 percent interval of `ninety` over resampled clusters.
    beyond : float
        Share of outcomes below the lowest quantile: the error or loss fell further than was thought possible.
    better : float
        How much lower the score is than that of saying that nothing changes, as a share; below 0 is worse.
    better_low, better_high : float
    """

    view: str
    distance: str
    nearer: bool
    curves: int
    clusters: int
    half: float
    ninety: float
    ninety_low: float
    ninety_high: float
    beyond: float
    better: float
    better_low: float
    better_high: float


@asks(table=frame("view", "distance", "cluster"), view=option(*tn.VIEWS), ahead=number(above=1))
def fared(table: pd.DataFrame, view: str, ahead: float, *, draws: int = 1000, seed: int = 0) -> Fared:
    """Return how forecasts of curves that looked so fared at a distance.

    Parameters
    ----------
    table : DataFrame
        With `COLUMNS`: the table ``forecast_record``.
    view : str
        One of `tournament.VIEWS`.
    ahead : float
        Scale of the target over the largest scale seen; above 1.
    draws, seed : int
        Of the bootstrap over clusters.

    Raises
    ------
    ValueError
        For a view that is none, a target that is not ahead, or a table without such curves.
    """
    like = table[table["view"] == view]
    names = list(tn.HORIZONS)
    at = next(i for i, name in enumerate(names) if ahead <= tn.HORIZONS[name] * (1 + 1e-9))
    for i in range(at, -1, -1):  # where too few were tried so far ahead, the nearest distance that has enough
        near = like[like.distance == names[i]]
        if near.cluster.nunique() >= LEAST_CLUSTERS:
            break
    else:
        raise ValueError(
            f"the record has fewer than {LEAST_CLUSTERS} cases of a curve that was {view}, up to {ahead:g} times its largest scale"
        )
    sums = near.groupby("cluster")[["curves", "half", "ninety", "below", "log_ratio"]].sum().to_numpy(dtype=float)
    share = sums[:, 1:].sum(0) / sums[:, 0].sum()
    drawn = _again(sums, draws, seed)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return Fared(
        view, names[i], i < at, int(sums[:, 0].sum()), len(sums), float(share[0]), float(share[1]), float(low[1]), float(high[1]),
        float(share[2]), float(-np.expm1(share[3])), float(-np.expm1(high[3])), float(-np.expm1(low[3])),
    )  # fmt: skip


def _again(sums: Floats, draws: int, seed: int) -> Floats:
    """Return means over clusters drawn with replacement, shape (draws, columns - 1)."""
    drawn = tn.times_drawn(len(sums), draws, seed) @ sums
    return np.asarray(drawn[:, 1:] / drawn[:, :1])


def every_curve() -> list[tn.Curve]:
    """Return the tournament's curves: GPT-3's, our own runs, and those of others.

    Raises
    ------
    ValueError
        When a data set of others was not fetched.
    """
    from emergence.capability_precursors import tournament_curves as tc
    from review_utils.data.external import external

    out = [*tc.gpt3(), *tc.own_runs()]
    readers = {
        "learning-curves": tc.curves_of_learning, "olmo-ladder": tc.olmo, "gadre-testbed": tc.over_training,
        "pythia-zero-shot": tc.pythia, "open-model-scores": tc.open_models,
    }  # fmt: skip
    for name, read in readers.items():
        if (files := external(name)) is None:
            raise ValueError(f"the data set {name} is not at hand; needed: review fetch {name}")
        out += read(files)
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("table", type=Path)
    given = parser.parse_args(arguments)
    rows(every_curve()).to_csv(given.table, index=False, float_format="%.5f", lineterminator="\n")


if __name__ == "__main__":
    main()
