"""Which signal moves before an ability does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from emergence.shared.checks import values


@dataclass(frozen=True)
class Race:
    """How early one signal warns of an onset.

    Parameters
    ----------
    name : str
    level : float
        The alarm level, from control runs: the mean of the two that the halves of them set.
    leads : mapping
        Seed to steps between alarm and onset, the mean under the two levels: negative when the alarm came after, NaN
        when under one of them it never came.
    median_lead, low_lead, high_lead : float
        Median and tenth and ninetieth percentile over the runs that raised an alarm; NaN when none did.
    before : float
        Share of runs whose alarm came before their onset, the mean under the two levels.
    false_alarms : float
        Share of the control runs that exceed the level of the half to which they do not belong.
    counted : int
        How many control runs there are.
    """

    name: str
    level: float
    leads: Mapping[int, float]
    median_lead: float
    low_lead: float
    high_lead: float
    before: float
    false_alarms: float
    counted: int


def _leads(above: pd.DataFrame, onset: pd.Series) -> pd.Series:
    """Return the steps from the first alarm of each run to its onset; NaN where none came."""
    steps = np.asarray(above.columns, dtype=float)
    first = pd.Series(np.where(above.any(axis=1), steps[above.to_numpy().argmax(axis=1)], np.nan), above.index)
    return onset - first.reindex(onset.index)


def alarms(
    signals: Mapping[str, tuple[pd.DataFrame, int]],
    onset: pd.Series,
    *,
    runs: str = "signal",
    controls: str = "random-labels",
) -> list[Race]:
    """Return, for each signal, how long before onset it exceeds what control runs show; the earliest first.

    The level is the 95 percent quantile of the highest value of each control.

    Parameters
    ----------
    signals : mapping
        Name to a frame (index arm and seed, columns steps) and the sign of the change that is watched for.
    onset : Series
        Seed to step of onset of each run.
    runs, controls : str
        The arms that hold runs and controls. One half of the controls sets the level and the other counts false alarms,
        and then the other way round: with a single split either number is a matter of luck.
    """
    if not signals or not len(onset):
        raise ValueError(f"given {len(signals)} signals and {len(onset)} onsets; needed: at least one of each")
    out = []
    for name, (frame, sign) in signals.items():
        if unknown := {runs, controls} - set(frame.index.get_level_values(0)):
            raise ValueError(f"{name}: given the arm {', '.join(sorted(unknown))}; needed: one that the frame holds")
        values(axes=2)(name, frame.loc[[runs, controls]])
        if strange := [seed for seed in frame.loc[runs].index if seed not in onset.index]:
            raise ValueError(f"{name}: given a run of seed {strange[0]!r}, and onsets of {list(onset.index)[:3]!r}; needed: an onset of each run, by its seed")  # fmt: skip
        quiet = frame.loc[controls].mul(sign).max(axis=1).to_numpy()
        half = len(quiet) // 2
        if half < 4:
            raise ValueError(f"{name}: given {len(quiet)} control runs; needed: at least 8")
        levels = [float(np.quantile(part, 0.95)) for part in (quiet[:half], quiet[half:])]
        exceeded = (quiet[half:] > levels[0]).sum() + (quiet[:half] > levels[1]).sum()
        leads = pd.concat([_leads(frame.loc[runs].mul(sign) > level, onset) for level in levels], axis=1)
        lead = leads.mean(axis=1, skipna=False)
        known = lead.dropna()
        low, mid, high = np.quantile(known, [0.1, 0.5, 0.9]) if len(known) else (np.nan,) * 3
        race = Race(
            name,
            float(np.mean(levels)) * sign,
            {int(seed): float(steps) for seed, steps in lead.items()},
            float(mid),
            float(low),
            float(high),
            float((leads > 0).to_numpy().mean()),
            float(exceeded / len(quiet)),
            len(quiet),
        )
        out.append(race)
    return sorted(out, key=lambda race: -np.nan_to_num(race.median_lead, nan=-np.inf))
