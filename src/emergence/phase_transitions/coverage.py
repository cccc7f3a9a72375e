"""How often intervals of change points hold the truth, and how often a straight line is said to bend.

Run as ``python -m emergence.phase_transitions.coverage data/derived/changepoint_coverage.csv``. Every
row has its own seed; rows that are there are kept, so that an interrupted run goes on.
"""

from __future__ import annotations

import argparse
import itertools
import zlib
from functools import partial
from pathlib import Path

import numpy as np

from emergence.shared.changepoints import changepoints
from emergence.shared.checks import asks, number
from emergence.shared.filling import fill
from emergence.shared.fitting import Floats, wilson

POINTS, SPREADS, MEMORIES = (40, 200), (0.02, 0.05), (0.0, 0.7)
COLUMNS = ("curve", "points", "spread", "memory", "curves", "bends", "held", "said_to_bend")


def noise(rng: np.random.Generator, points: int, memory: float, spread: float) -> Floats:
    """Return noise of one spread, of which each point remembers a share of the one before.

    Parameters
    ----------
    rng : Generator
    points : int
    memory : float
        Correlation of neighbours, from 0 to below 1.
    spread : float
        Standard deviation.

    Returns
    -------
    array of shape (points,)
    """
    out = rng.standard_normal(points)
    for i in range(1, points):
        out[i] = memory * out[i - 1] + np.sqrt(1 - memory**2) * out[i]
    return spread * out


def row(curve: str, points: int, spread: float, memory: float, curves: int) -> dict[str, object]:
    """Return one row of the table: ramps with two bends at random places, or straight lines.

    Parameters
    ----------
    curve : {"ramp", "straight line"}
    points : int
        Of each curve.
    spread, memory : float
        Of the noise; a ramp rises by 1.
    curves : int
        How many are simulated.

    Returns
    -------
    dict
        By `COLUMNS`: `held` counts bends inside their 95 percent interval, `said_to_bend` curves in
        which any bend was found when their number was left open.
    """
    rng = np.random.default_rng(zlib.crc32(f"{curve}/{points}/{spread}/{memory}".encode()))
    x, held, bent = np.linspace(0, 100, points), 0, 0
    for _ in range(curves):
        shaken = noise(rng, points, memory, spread)
        if curve == "straight line":
            bent += bool(changepoints(x, 0.003 * x + shaken).at)
            continue
        truth = 30 + rng.uniform(-3, 3), 60 + rng.uniform(-3, 3)
        found = changepoints(x, np.clip((x - truth[0]) / (truth[1] - truth[0]), 0, 1) + shaken, bends=2)
        held += sum(low <= t <= high for low, t, high in zip(found.low, truth, found.high, strict=True))
    ramp = curve == "ramp"
    values = (curve, points, spread, memory, curves, 2 * curves if ramp else 0, held, "" if ramp else bent)
    return dict(zip(COLUMNS, values, strict=True))


@asks(count=number(low=0), of=number(low=1))
def rate(count: float, of: float) -> tuple[float, float, float]:
    """Return a share in percent with its 95 percent Wilson interval."""
    found = wilson(float(count), int(of))
    return 100 * found.estimate, 100 * found.low, 100 * found.high


def main(arguments: list[str] | None = None) -> None:
    """Fill the table that the notebook reads, going on where an earlier run stopped."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--curves", type=int, default=200, help="curves a row")
    given = parser.parse_args(arguments)
    each = itertools.product(("ramp", "straight line"), POINTS, SPREADS, MEMORIES)
    fill(
        given.table,
        COLUMNS,
        (
            ((curve, str(points), str(spread), str(memory)), partial(row, curve, points, spread, memory, given.curves))
            for curve, points, spread, memory in each
            if curve == "ramp" or spread == SPREADS[0]  # a line stays a line in other units: its noise has no size
        ),
    )


if __name__ == "__main__":
    main()
