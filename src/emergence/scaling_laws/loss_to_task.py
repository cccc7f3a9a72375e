"""From loss to ability: the published two-step predictions, and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from emergence.scaling_laws.fits import fit_parametric
from emergence.scaling_laws.laws import AdditiveLaw, extrapolating
from emergence.shared.checks import asks, floats, number, one_group, values
from emergence.shared.fitting import Floats, as_floats, least_squares


@dataclass(frozen=True)
class OverTrainedLaw:
    """``L = E + (a M**eta + b M**-eta) C**-eta`` with M tokens for each parameter (Gadre et al. 2024, Eq. 4).

    It is the additive law with one exponent, twice eta, for size and for data.
    """

    E: float
    a: float
    b: float
    eta: float

    def loss(self, params: ArrayLike, tokens: ArrayLike) -> Floats:
        """Return the loss in nats for each token."""
        n, d = floats(params), floats(tokens)
        multiple, compute = d / n, 6 * n * d
        return np.asarray(self.E + (self.a * multiple**self.eta + self.b * multiple**-self.eta) * compute**-self.eta)

    def additive(self, name: str, cite: str) -> AdditiveLaw:
        """Return the same law in the additive form."""
        size, data = self.a * 6**-self.eta, self.b * 6**-self.eta  # M**eta C**-eta is a power of N alone
        return AdditiveLaw(name, cite, self.E, size, data, 2 * self.eta, 2 * self.eta)


@asks(params=values(above=0, changing=True), tokens=values(above=0, changing=True), loss=values(above=0, changing=True))
def fit_over_trained(params: ArrayLike, tokens: ArrayLike, loss: ArrayLike) -> OverTrainedLaw:
    """Fit the law of over-training by least squares of the loss, as Gadre et al. did.

    Raises
    ------
    ValueError
        For fewer than 5 runs or rows that are not positive.
    """
    n, d = as_floats(params, "params", positive=True), as_floats(tokens, "tokens", positive=True)
    seen = as_floats(loss, "loss", positive=True)
    if not len(n) == len(d) == len(seen) or len(n) < 5:
        raise ValueError(f"given {len(n)}, {len(d)} and {len(seen)} rows; needed: as many of each, at least 5")
    m, c = np.log(d / n), np.log(6 * n * d)
    centre = c.mean()

    def curve(theta: Floats) -> tuple[Floats, Floats]:
        floor = np.exp(theta[:, 0:1])
        eta = np.exp(theta[:, 3:4])
        up, down = (np.exp(theta[:, i : i + 1] + eta * (s * m - c + centre)) for i, s in ((1, 1.0), (2, -1.0)))
        by_eta = eta * (up * (m - c + centre) + down * (-m - c + centre))
        return floor + up + down, np.stack([np.broadcast_to(floor, up.shape), up, down, by_eta], axis=2)

    starts = np.array(
        [
            (np.log(seen.min() * f), a, b, np.log(eta))
            for f in (0.3, 0.7)
            for a in (-2.0, 0.0)
            for b in (-1.0, 1.0)
            for eta in (0.08, 0.15, 0.3)
        ]
    )
    (floor, a, b, eta), _ = least_squares(curve, seen, starts)
    back = np.exp(np.exp(eta) * centre)
    return OverTrainedLaw(float(np.exp(floor)), float(np.exp(a) * back), float(np.exp(b) * back), float(np.exp(eta)))


@dataclass(frozen=True)
class ErrorLaw:
    """``error = top - k exp(-gamma L)``: average task error from loss (Gadre et al. 2024, Eq. 5)."""

    top: float
    k: float
    gamma: float

    def error(self, loss: ArrayLike) -> Floats:
        """Return the average error at a loss."""
        return np.asarray(self.top - self.k * np.exp(-self.gamma * floats(loss)))


@asks(loss=values(above=0, changing=True), error=values(low=0, high=1, changing=True))
def fit_error(loss: ArrayLike, error: ArrayLike) -> ErrorLaw:
    """Fit the law from loss to average error by least squares; at least 4 models."""
    x, y = as_floats(loss, "loss", positive=True), as_floats(error, "error", low=0, high=1)
    if len(x) != len(y) or len(x) < 4:
        raise ValueError(f"given {len(x)} and {len(y)} rows; needed: as many of each, at least 4")
    if np.polyfit(x, y, 1)[0] < 0:
        raise ValueError("given errors that fall as the loss rises; needed: errors, 1 minus the accuracy")

    def curve(theta: Floats) -> tuple[Floats, Floats]:
        gamma = np.exp(theta[:, 2:3])
        fall = np.exp(theta[:, 1:2] - gamma * x)
        return theta[:, 0:1] - fall, np.stack([np.ones_like(fall), -fall, gamma * x * fall], axis=2)

    starts = np.array([(y.max() + up, k, np.log(g)) for up in (0.0, 0.2) for k in (0.0, 1.5) for g in (0.3, 1.0, 2.0)])
    (top, k, gamma), _ = least_squares(curve, y, starts)
    return ErrorLaw(float(top), float(np.exp(k)), float(np.exp(gamma)))


@dataclass(frozen=True)
class TwoStep:
    """A prediction of accuracy by way of the loss on a task: ``(N, D)`` to bits, bits to accuracy.

    The second step is ``top / (1 + exp(-k (x - x0))) + bottom``, with `top` below zero: fewer bits, more right.
    """

    first: AdditiveLaw
    top: float
    middle: float
    steepness: float
    bottom: float

    def bits(self, params: ArrayLike, tokens: ArrayLike) -> Floats:
        """Return the bits for each byte of the right answer."""
        with extrapolating():
            return self.first.loss(params, tokens)

    def accuracy_at(self, bits: ArrayLike) -> Floats:
        """Return the accuracy at some bits."""
        return np.asarray(self.top / (1 + np.exp(-self.steepness * (floats(bits) - self.middle))) + self.bottom)

    def accuracy(self, params: ArrayLike, tokens: ArrayLike) -> Floats:
        """Return the predicted accuracy."""
        return self.accuracy_at(self.bits(params, tokens))


@asks(chance=number(low=0, below=1), smooth=number(low=1, whole=True), skip=number(low=0, below=1))
def fit_two_step(
    runs: pd.DataFrame, chance: float, *, smooth: int = 5, skip: float = 0.1, ideal_ends: bool = True
) -> TwoStep:
    """Fit both steps to the small runs of one task (Bhagia et al. 2024).

    Parameters
    ----------
    runs : DataFrame
        run, params, tokens, bits, accuracy: the checkpoints of each run in the order of training.
    chance : float
        Accuracy of a guess.
    smooth : int
        Checkpoints averaged in the second step.
    skip : float
        Share of each run, at its start, left out of the second step.
    ideal_ends : bool
        Whether the second step is also told that no bits mean all right, and the most bits seen mean chance.
    """
    columns = ["run", "params", "tokens", "bits", "accuracy"]
    if missing := [c for c in columns if c not in runs]:
        raise ValueError(f"given runs without {', '.join(missing)}; needed: the columns {', '.join(columns)}")
    one_group(runs, "task", "runs")
    for name in ("params", "tokens", "bits"):
        values(above=0)(name, runs[name])
    values(low=0, high=1)("accuracy", runs["accuracy"])
    for run, tokens in runs.groupby("run", sort=False)["tokens"]:
        values(rising=True)(f"tokens of the run {run}", tokens)
    last = runs.groupby("run", sort=False).last()
    first = fit_parametric(last["params"], last["tokens"], last["bits"], name="bits of the right answer").law
    xs, ys = [], []
    for _, run in runs.groupby("run", sort=False):
        rolled = run[["bits", "accuracy"]].rolling(smooth, min_periods=1).mean()
        kept = rolled.iloc[int(np.ceil(skip * len(run))) :]
        xs.append(kept["bits"].to_numpy())
        ys.append(kept["accuracy"].to_numpy())
    x, y = np.concatenate(xs), np.concatenate(ys)
    if ideal_ends:
        x, y = np.append(x, [0.0, x.max()]), np.append(y, [1.0, chance])

    def curve(theta: Floats) -> tuple[Floats, Floats]:
        top, steep, bottom = -np.exp(theta[:, 0:1]), np.exp(theta[:, 2:3]), theta[:, 3:4]
        up = 1 / (1 + np.exp(-steep * (x - theta[:, 1:2])))
        turn = top * up * (1 - up)
        slopes = [top * up, -steep * turn, steep * (x - theta[:, 1:2]) * turn, np.ones_like(up)]
        return top * up + bottom, np.stack(slopes, axis=2)

    starts = np.array(
        [
            (np.log(a), x0, np.log(k), b)
            for a in (0.3, 0.8)
            for x0 in np.quantile(x, [0.05, 0.3, 0.7])
            for k in (2.0, 6.0)
            for b in (y.max(), 1.0)
        ]
    )
    (top, middle, steepness, bottom), _ = least_squares(curve, y, starts)
    return TwoStep(first, float(-np.exp(top)), float(middle), float(np.exp(steepness)), float(bottom))


SMALL = (
    ("d=96_l=8_h=4", 1), ("d=512_l=8_h=4", 1), ("d=576_l=24_h=8", 1), ("d=1024_l=24_h=8", 1), ("d=96_l=8_h=4", 16),
)  # fmt: skip
"""Shape and multiple of the runs of the testbed to which Gadre et al. fit the law of loss."""

LARGE = {
    "1.4B, 640 tokens for each parameter": ("open_lm_1b", 32),
    "6.9B, 20 tokens for each parameter": ("open_lm_7b", 1),
}
"""Those that they predict from these."""


def learned_tasks(runs: pd.DataFrame, scores: pd.DataFrame) -> list[str]:
    """Return the tasks on which some model of 154 million parameters is at least ten points above chance."""
    middle = runs.index[runs["shape"] == "d=576_l=24_h=8"]
    return [t for t in scores if (scores.loc[middle, t] - scores.loc["chance", t]).max() >= 0.1]


def testbed_misses(runs: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return how far each prediction for the large models of a corpus is from what they reached, in percent.

    Parameters
    ----------
    runs, scores : DataFrame
        Models and their scores, as `emergence.readers.testbed` returns them.

    Returns
    -------
    DataFrame
        corpus, model, loss, tasks (the average error of `learned_tasks`) and tasks_from_loss (the same, from the loss
        that was reached).
    """
    kind = pd.Series(list(zip(runs["shape"], runs["multiple"], strict=True)), index=runs.index)
    wrong = 1 - scores[learned_tasks(runs, scores)].mean(axis=1)
    rows = []
    for corpus, part in runs.groupby("corpus"):
        small, six = (part[kind[part.index].isin(which)] for which in (SMALL, (*SMALL, ("open_lm_1b", 1))))
        law = fit_over_trained(small.params, small.tokens, small.loss)
        step = fit_error(six.loss, wrong[six.index])
        for model, which in LARGE.items():
            for key, run in part[kind[part.index] == which].iterrows():
                loss, reached = float(law.loss(run.params, run.tokens)), wrong[key]
                row = {"corpus": corpus, "model": model, "loss": 100 * (loss / run.loss - 1)}
                row["tasks"] = 100 * (float(step.error(loss)) / reached - 1)
                rows.append(row | {"tasks_from_loss": 100 * (float(step.error(run.loss)) / reached - 1)})
    return pd.DataFrame(rows)


def ladder_misses(runs: pd.DataFrame, choices: Mapping[str, int]) -> pd.DataFrame:
    """Return predicted less reached accuracy of the large models of the ladder, in points.

    Parameters
    ----------
    runs : DataFrame
        As `emergence.readers.ladder` returns it.
    choices : mapping
        Of each task, how many answers it offers.

    Returns
    -------
    DataFrame
        task, model, ends (whether the second step is told two ideal ends), miss.
    """
    rows = []
    for ideal in (True, False):
        for task, offered in choices.items():
            of = runs[runs.task == task]
            fit = fit_two_step(of[~of.target], 1 / offered, ideal_ends=ideal)
            large = of[of.target]
            misses = 100 * (fit.accuracy(large.params, large.tokens) - large.accuracy)
            ends = "told two ideal ends" if ideal else "data alone"
            rows += [
                {"task": task, "model": m, "ends": ends, "miss": x} for m, x in zip(large.model, misses, strict=True)
            ]
    return pd.DataFrame(rows)


@asks(scores=values(axes=2, changing=True, gaps=True))
def principal_shares(scores: ArrayLike, *, standardise: bool = False) -> Floats:
    """Return the share of variance of each principal component of a table with gaps.

    A missing score is filled from the first component, again and again until nothing moves (Ruan et al. 2024,
    App. C).

    Parameters
    ----------
    scores : array of shape (models, benchmarks)
        Missing as NaN; two scores in each column, one in each row.
    standardise : bool
        Whether each benchmark is divided by its standard deviation first.

    Returns
    -------
    array of shape (benchmarks,)
        Falling, with sum 1.
    """
    table = np.array(scores, dtype=float)
    gaps = np.isnan(table)
    if table.ndim != 2 or len(table) < 2 or ((~gaps).sum(axis=0) < 2).any() or gaps.all(axis=1).any():
        raise ValueError(
            f"given a table of shape {table.shape}; needed: two dimensions, two scores in each column and one in each row"
        )
    if np.nanmax(np.ptp(np.where(gaps, np.nanmean(table, axis=0), table), axis=0)) == 0:
        raise ValueError("given scores that are the same for every model; needed: at least two different ones")
    table[gaps] = np.take(np.nanmean(table, axis=0), np.nonzero(gaps)[1])
    for _ in range(1000):
        centre = table.mean(axis=0)
        scale = table.std(axis=0) if standardise else np.ones(table.shape[1])
        left, size, right = np.linalg.svd((table - centre) / scale, full_matrices=False)
        filled = np.where(gaps, np.outer(left[:, 0] * size[0], right[0]) * scale + centre, table)
        if np.abs(filled - table).max() < 1e-10:
            break
        table = filled
    return np.asarray(size**2 / np.sum(size**2))
