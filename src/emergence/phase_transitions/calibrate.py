"""How often `attribution` is right: tens of thousands of simulated curves whose cause is known.

Run as ``python -m emergence.phase_transitions.calibrate data/derived/attribution_calibration.csv``.
Finished cells of the table are kept, so that an interrupted run goes on where it stopped; every
cell has its own seed.

The truths are not drawn from the accounts' priors: their rises, places and heights have ranges of
their own, and the angles at which the method is known to be weak (floors, ceilings, wrong test
sizes, uneven or correlated scatter, unequal spacing) are designs.
"""

from __future__ import annotations

import argparse
import functools
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from scipy import special, stats

from emergence.phase_transitions import attribution
from emergence.phase_transitions.accounts import SHARE_ACCOUNTS
from emergence.shared.checks import check_fields, option
from emergence.shared.filling import fill
from emergence.shared.fitting import Floats
from review_utils.data.tables import table

GPT3_PARAMS = (0.125e9, 0.35e9, 0.76e9, 1.3e9, 2.7e9, 6.7e9, 13e9, 175e9)


@dataclass(frozen=True)
class Design:
    """What is measured, and how.

    Parameters
    ----------
    name : str
    scales : tuple of float
    items : int
        Test items behind each score.
    said : int or None
        Test items that the method is told; 0: as many as there are.
    scatter : tuple of float
        Standard deviation of log-odds between models, at the smallest and the largest scale.
    memory : float
        Correlation of the scatter of one point with the next.
    over : {"scale", "training"}
        What the method is told: with ``training`` it allows for memory.
    floor : float
        Share right without any ability, which the method is not told.
    ceiling : float
        Share right with full ability, which it is not told either.
    leave_out : bool
        Whether a verdict has to hold without any one of the scales.
    """

    name: str
    scales: tuple[float, ...]
    items: int = 2000
    said: int | None = 0
    scatter: tuple[float, float] = (0.2, 0.2)
    memory: float = 0.0
    over: Literal["scale", "training"] = "scale"
    floor: float = 0.0
    ceiling: float = 1.0
    leave_out: bool = False

    def __post_init__(self) -> None:
        check_fields(self, over=option("scale", "training"))


def _even(low: float, high: float, count: int) -> tuple[float, ...]:
    return tuple(np.geomspace(low, high, count))


EIGHT = Design("8 sizes of GPT-3", GPT3_PARAMS)
TWELVE = Design("12 even sizes", _even(1e8, 1e11, 12))
CHECKPOINTS = Design("27 checkpoints", _even(1e2, 1.43e5, 27), 5000, over="training", memory=0.5)
DESIGNS = (
    Design("6 even sizes", _even(1e8, 1e11, 6)),
    EIGHT,
    replace(EIGHT, name="8 sizes of GPT-3, 100 items", items=100),
    replace(EIGHT, name="8 sizes of GPT-3, 500 items", items=500),
    replace(EIGHT, name="8 sizes of GPT-3, 10,000 items", items=10_000),
    replace(EIGHT, name="8 sizes of GPT-3, items unknown", said=None),
    replace(EIGHT, name="8 sizes of GPT-3, scatter falls .6 to .05", scatter=(0.6, 0.05)),
    replace(EIGHT, name="8 sizes of GPT-3, scatter .5", scatter=(0.5, 0.5)),
    replace(EIGHT, name="8 sizes of GPT-3, floor of 3 percent", floor=0.03),
    replace(EIGHT, name="8 sizes of GPT-3, ceiling of 90 percent", ceiling=0.9),
    replace(EIGHT, name="8 sizes of GPT-3, 100 items said to be 2,000", items=100, said=2000),
    replace(EIGHT, name="8 sizes of GPT-3, 2,000 items said to be 100", said=100),
    replace(EIGHT, name="8 sizes of GPT-3, each left out in turn", leave_out=True),
    Design("8 even sizes", _even(1e8, 1e11, 8)),
    TWELVE,
    replace(TWELVE, name="12 even sizes, 500 items", items=500),
    replace(TWELVE, name="12 even sizes, scatter falls .6 to .05", scatter=(0.6, 0.05)),
    replace(TWELVE, name="12 even sizes, memory .8 not told", memory=0.8),
    replace(TWELVE, name="12 even sizes, floor of 3 percent", floor=0.03),
    replace(CHECKPOINTS, name="27 checkpoints, memory .5"),
    replace(CHECKPOINTS, name="27 checkpoints, memory .8", memory=0.8),
    replace(CHECKPOINTS, name="27 checkpoints, memory .8 not told", memory=0.8, over="scale"),
)
"""What is tried: among it all on which an earlier test of ours failed."""

Truth = Callable[[np.random.Generator, Floats, int], Floats]
"""From a generator, places u (0 to 1) and a number of curves: expected shares (curves, scales)."""


def _between(rng: np.random.Generator, curves: int, low: float, high: float) -> Floats:
    return rng.uniform(low, high, (curves, 1))


def _log_odds(rng: np.random.Generator, u: Floats, curves: int) -> Floats:
    return np.asarray(special.expit(_between(rng, curves, -7, -1) + _between(rng, curves, 2, 9) * u))


def _probit(rng: np.random.Generator, u: Floats, curves: int) -> Floats:
    return np.asarray(special.ndtr(_between(rng, curves, -3, -1) + _between(rng, curves, 2, 5) * u))


def _cloglog(rng: np.random.Generator, u: Floats, curves: int) -> Floats:
    return -np.expm1(-np.exp(_between(rng, curves, -6, -2) + _between(rng, curves, 3, 6) * u))


def _power_law(rng: np.random.Generator, u: Floats, curves: int) -> Floats:
    last, first = _between(rng, curves, 0.3, 0.9), 10 ** _between(rng, curves, -3, -1.5)
    return first * (last / first) ** u


def _loss(rng: np.random.Generator, u: Floats, curves: int) -> Floats:
    # A few to a dozen parts, each with a loss that falls as a power of scale.
    return np.exp(-np.exp(_between(rng, curves, 0.7, 2.2) - _between(rng, curves, 1.5, 5) * u))


def _difficulties(rng: np.random.Generator, u: Floats, curves: int) -> Floats:
    share, slope = _between(rng, curves, 0.25, 0.75), _between(rng, curves, 5, 10)
    easy, hard = _between(rng, curves, 0.0, 0.3), _between(rng, curves, 0.8, 1.2)
    return np.asarray(share * special.expit(slope * (u - easy)) + (1 - share) * special.expit(slope * (u - hard)))


def _bent_odds(rng: np.random.Generator, u: Floats, curves: int) -> Floats:
    return np.asarray(
        special.expit(
            _between(rng, curves, -6, -3) + _between(rng, curves, 0, 2) * u + _between(rng, curves, 2, 6) * u**2
        )
    )


def _unequal_parts(rng: np.random.Generator, u: Floats, curves: int) -> Floats:
    # Four parts of an answer, each with its own slope and place.
    out = np.ones((curves, len(u)))
    for _ in range(4):
        out *= special.expit(_between(rng, curves, 3, 8) * (u - _between(rng, curves, 0.0, 0.9)))
    return out


def _many_difficulties(rng: np.random.Generator, u: Floats, curves: int) -> Floats:
    at = rng.normal(0.6, 0.35, (curves, 1, 20))
    return np.asarray(special.expit(_between(rng, curves, 5, 12)[..., None] * (u[None, :, None] - at)).mean(2))


def _no_change(rng: np.random.Generator, u: Floats, curves: int) -> Floats:
    return np.asarray(special.expit(_between(rng, curves, -5, 2)) * np.ones_like(u))


def _far_floor(rng: np.random.Generator, u: Floats, curves: int) -> Floats:
    return np.asarray(special.expit(_between(rng, curves, -13, -10) + _between(rng, curves, 10, 13) * u))


def _kink(turn: float) -> Truth:
    def truth(rng: np.random.Generator, u: Floats, curves: int) -> Floats:
        bend = np.maximum(u - _between(rng, curves, 0.3, 0.75), 0)
        return np.asarray(special.expit(_between(rng, curves, -5, -3) + _between(rng, curves, 0, 2) * u + turn * bend))

    return truth


def _step(height: float) -> Truth:
    def truth(rng: np.random.Generator, u: Floats, curves: int) -> Floats:
        # A step in the outermost gaps leaves one point on a side, which no method could call a
        # level.
        jump = height * (u > _between(rng, curves, u[1], u[-2]))
        return np.asarray(special.expit(_between(rng, curves, -4.5, -2) + _between(rng, curves, 0, 2) * u + jump))

    return truth


def _seeds(rng: np.random.Generator, u: Floats, curves: int) -> Floats:
    odds = _between(rng, curves, 2, 8) * (u - _between(rng, curves, 0.3, 0.7))
    high = rng.uniform(size=(curves, len(u))) < special.expit(odds)
    return np.asarray(special.expit(_between(rng, curves, -4.5, -2) + _between(rng, curves, 0, 2) * u + 4 * high))


TRUTHS: dict[str, tuple[str, Truth]] = {
    "no change": ("no change", _no_change),
    "log-odds": ("log-odds", _log_odds),
    "log-odds, most at the floor": ("log-odds", _far_floor),
    "probit": ("probit", _probit),
    "cloglog": ("cloglog", _cloglog),
    "power law": ("power law", _power_law),
    "loss": ("loss", _loss),
    "difficulties": ("difficulties", _difficulties),
    "curved": ("curved", _bent_odds),
    "unequal parts": ("", _unequal_parts),
    "twenty difficulties": ("", _many_difficulties),
    "kink of 10": ("kink", _kink(10)),
    "kink of 20": ("kink", _kink(20)),
    "step of 1": ("step", _step(1)),
    "step of 2": ("step", _step(2)),
    "step of 3": ("step", _step(3)),
    "step of 5": ("step", _step(5)),
    "seeds": ("seeds", _seeds),
}
"""Each truth by name: the account that it is (empty: none), and how its curves are drawn."""

ACCOUNTS = tuple(a.name for a in SHARE_ACCOUNTS if a.name != "parts")
COLUMNS = (
    "design",
    "truth",
    "account",
    "curves",
    "weighed",
    "abrupt",
    "not_abrupt",
    "undecided",
    "above_50",
    "above_80",
    "above_95",
    "true_is_best",
    "true_is_alike",
    *(f"weight_{a}" for a in ACCOUNTS),
)
"""Columns of the table: counts of curves, then mean weights."""


def draw(design: Design, truth: Truth, curves: int, seed: int) -> list[attribution.Curve]:
    """Return simulated curves of one design and truth.

    Parameters
    ----------
    design : Design
    truth : callable
    curves : int
    seed : int

    Returns
    -------
    list of Curve
    """
    rng = np.random.default_rng(seed)
    scales = np.array(design.scales)
    u = np.log(scales / scales[0]) / np.log(scales[-1] / scales[0])
    share = design.floor + (design.ceiling - design.floor) * truth(rng, u, curves)
    noise = rng.standard_normal((curves, len(u)))
    for i in range(1, len(u)):
        noise[:, i] = design.memory * noise[:, i - 1] + np.sqrt(1 - design.memory**2) * noise[:, i]
    first, last = design.scatter
    shares = special.expit(special.logit(np.clip(share, 1e-9, 1 - 1e-9)) + first * (last / first) ** u * noise)
    # Through the quantile function: NumPy's own binomial sampler changes between versions.
    right = stats.binom.ppf(special.ndtr(rng.standard_normal(shares.shape)), design.items, shares)
    said = design.items if design.said == 0 else design.said
    told = None if said is None else np.full(len(u), float(said))
    return [attribution.Curve(scales, row / design.items, told, over=design.over) for row in right]


def cell(design: Design, name: str, curves: int) -> dict[str, object]:
    """Return one row of the table: what the method says of curves of one design and truth.

    Parameters
    ----------
    design : Design
    name : str
        Of the truth, from `TRUTHS`.
    curves : int

    Returns
    -------
    dict
        By `COLUMNS`. Curves that have no weights (the same score everywhere) count as undecided.
    """
    account, truth = TRUTHS[name]
    made = draw(design, truth, curves, zlib.crc32(f"{design.name}/{name}".encode()))
    found = attribution.attribute_all(made, leave_out=design.leave_out)
    weighed = [a for a in found if a.weights]
    low = np.array([a.abrupt_range[0] for a in weighed])
    row: dict[str, object] = {
        "design": design.name,
        "truth": name,
        "account": account,
        "curves": curves,
    }
    row |= {"weighed": len(weighed)}
    for verdict in ("abrupt", "not abrupt", "undecided"):
        row[verdict.replace(" ", "_")] = sum(a.verdict == verdict for a in found)
    row |= {f"above_{t}": int((low > t / 100).sum()) for t in (50, 80, 95)}
    row["true_is_best"] = sum(a.best == account for a in weighed)
    row["true_is_alike"] = sum(account in a.alike for a in weighed)
    for other in ACCOUNTS:
        weights = [a.weights.get(other, 0.0) for a in weighed]
        row[f"weight_{other}"] = f"{np.mean(weights):.4f}" if weights else ""
    return row


def cells(nulls: int, others: int) -> Iterator[tuple[Design, str, int]]:
    """Yield every design with every truth and a number of curves: more where nothing is abrupt."""
    for design in DESIGNS:
        for name, (account, _) in TRUTHS.items():
            if account == "seeds" and design.over == "training":
                continue  # a run stays what it is from one checkpoint to the next
            yield design, name, others if account in ("kink", "step", "seeds") else nulls


def nearest_design(curve: attribution.Curve) -> Design:
    """Return the simulated way to measure that is most like that of a curve.

    Only designs of which the method is told the truth come into question; of those, the one with the
    nearest number of distinct scales and then of items, both in the logarithm. Uneven spacing like
    that of GPT-3's sizes counts as a number of scales.

    Parameters
    ----------
    curve : Curve
        Of shares.

    Returns
    -------
    Design

    Raises
    ------
    ValueError
        For a loss: no losses were simulated.
    """
    if curve.kind != "share":
        raise ValueError("given a loss; needed: a share, since no losses were simulated")
    count = len(np.unique(curve.scales))
    logs = np.log(np.unique(curve.scales))
    uneven = bool(np.diff(logs).max() > 2 * np.median(np.diff(logs))) if count > 2 else False
    items = None if curve.items is None else float(np.median(curve.items))

    def away(design: Design) -> tuple[bool, float, bool, float]:
        gaps = np.diff(np.log(design.scales))
        told = design.items if design.said == 0 else design.said
        unlike = (told is None) != (items is None)
        return (
            design.over != curve.over,
            abs(np.log(len(design.scales) / count)),
            bool(gaps.max() > 2 * np.median(gaps)) != uneven,
            99.0 if unlike else 0.0 if told is None or items is None else abs(np.log(told / items)),
        )

    plain = [d for d in DESIGNS if d.said in (0, None) and not d.leave_out and (d.floor, d.ceiling) == (0.0, 1.0)]
    plain = [d for d in plain if d.scatter == (0.2, 0.2) and (d.memory == 0 or d.over == "training")]
    return min(plain, key=away)


@dataclass(frozen=True)
class ErrorRates:
    """How often the method is wrong on curves measured much as a given one was.

    Parameters
    ----------
    design : str
        The simulated way to measure that stands for the curve's own.
    false_alarms : float
        Share of smooth curves that are called abrupt.
    power : float
        Share of steps of three in log-odds that are.
    """

    design: str
    false_alarms: float
    power: float


@functools.cache
def _rates() -> dict[str, tuple[float, float]]:
    cells = table("attribution_calibration")
    smooth = ~cells.truth.str.contains("kink|step|seeds")
    out = {}
    for design, rows in cells.groupby("design"):
        quiet, three = rows[smooth[rows.index]], rows[rows.truth == "step of 3"]
        out[str(design)] = (
            float(quiet.abrupt.sum() / quiet.curves.sum()),
            float(three.abrupt.sum() / three.curves.sum()),
        )
    return out


def error_rates(curve: attribution.Curve) -> ErrorRates | None:
    """Look up how often the method errs on curves measured as this one was; None for losses.

    Parameters
    ----------
    curve : Curve

    Returns
    -------
    ErrorRates or None
    """
    if curve.kind == "loss":
        return None
    design = nearest_design(curve).name
    return ErrorRates(design, *_rates()[design])


def main(arguments: list[str] | None = None) -> None:
    """Fill the table that the notebook reads, going on where an earlier run stopped."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--nulls", type=int, default=75, help="curves a cell where nothing is abrupt")
    parser.add_argument("--others", type=int, default=35, help="curves a cell elsewhere")
    given = parser.parse_args(arguments)
    todo = cells(given.nulls, given.others)
    fill(given.table, COLUMNS, (((d.name, name), functools.partial(cell, d, name, n)) for d, name, n in todo))


if __name__ == "__main__":
    main()
