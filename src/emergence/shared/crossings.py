"""When a score that is measured along a scale or over training passes a level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from emergence.shared.checks import asks, number
from emergence.shared.fitting import Floats, as_floats


def _steps_and_scores(steps: ArrayLike, scores: ArrayLike) -> tuple[Floats, Floats]:
    x, y = as_floats(steps, "steps", low=0), as_floats(scores, "scores")
    if len(x) != len(y) or len(x) < 2:
        raise ValueError(f"given {len(x)} steps and {len(y)} scores; needed: as many of each, at least 2")
    if (rows := np.flatnonzero(np.diff(x) <= 0)).size:
        row = int(rows[0]) + 1
        raise ValueError(f"steps: row {row} is {x[row]:g} after {x[row - 1]:g}; needed: each step once, in order")
    return x, y


@asks(level=number())
def first_crossing(steps: ArrayLike, scores: ArrayLike, level: float) -> float:
    """Return the step at which a score first reaches `level`, a straight line drawn between measurements.

    Parameters
    ----------
    steps, scores : array of shape (n,)
        Steps strictly rising from 0 or later; scores that rise on the whole. Of a loss the negative rises.
    level : float

    Returns
    -------
    float
        NaN when it never does; the first step when it starts there.

    Raises
    ------
    ValueError
        For scores that start at the level or above it and fall towards it, half of the way at least, or below it.

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
        if y[-1] - level < (y[0] - level) / 2 or y[-1] < level:
            raise ValueError(
                f"scores: given a curve that falls, from {y[0]:g} to {y[-1]:g}, beside the level {level:g}; needed: scores that rise; of a loss the negative, as in -scores and {-level:g}"
            )
        return float(x[0])
    return float(x[i - 1] + (level - y[i - 1]) / (y[i] - y[i - 1]) * (x[i] - x[i - 1]))


@dataclass(frozen=True)
class Transition:
    """When a score passed half of its way, and over how many steps it went from a tenth to nine tenths."""

    half: float
    width: float
    start: float
    end: float


@asks(low=number(), high=number())
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
