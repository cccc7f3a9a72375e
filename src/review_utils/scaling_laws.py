"""Published scaling laws as small frozen objects: loss, and the best use of a compute budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import optimize, special

from .datasets import describe, table
from .fitting import Floats, as_floats

PF_DAY_FLOP = 1e15 * 24 * 3600
"""FLOP in one petaflop/s-day, Kaplan's unit of compute."""

GOPHER_FLOP = 5.76e23
"""Training budget of Gopher in FLOP, at which Hoffmann et al. compare their approaches (Fig. 4)."""


@dataclass(frozen=True)
class Allocation:
    """The compute-optimal use of a budget: arrays of one shape.

    Attributes
    ----------
    compute_flop, params, tokens : array
        With ``compute_flop = 6 * params * tokens``.
    """

    compute_flop: Floats
    params: Floats
    tokens: Floats

    @property
    def tokens_per_param(self) -> Floats:
        """Tokens for each parameter."""
        return self.tokens / self.params


class Law(Protocol):
    """What every law can do."""

    name: str
    cite: str

    def optimal(self, compute_flop: ArrayLike) -> Allocation:
        """Return the best parameters and tokens for a budget."""
        ...


def _budget(compute_flop: ArrayLike) -> Floats:
    budget = np.asarray(compute_flop, dtype=float)
    if not (np.isfinite(budget) & (budget > 0)).all():
        raise ValueError(f"compute_flop: given {compute_flop!r}; needed: finite budgets above 0 FLOP")
    return budget


@dataclass(frozen=True)
class AdditiveLaw:
    """``L(N, D) = E + A / N**alpha + B / D**beta`` in nats for each token (Hoffmann et al. 2022, Eq. 2).

    Parameters
    ----------
    name, cite : str
        For legends and references.
    E, A, B, alpha, beta : float
        All positive; N counts all parameters, D tokens.
    """

    name: str
    cite: str
    E: float
    A: float
    B: float
    alpha: float
    beta: float

    def loss(self, params: ArrayLike, tokens: ArrayLike) -> Floats:
        """Return the loss in nats for each token."""
        n, d = _budget(params), _budget(tokens)
        return np.asarray(self.E + self.A / n**self.alpha + self.B / d**self.beta)

    @property
    def exponent(self) -> float:
        """The exponent a of ``N_opt`` proportional to ``C**a``: beta / (alpha + beta)."""
        return self.beta / (self.alpha + self.beta)

    def optimal(self, compute_flop: ArrayLike) -> Allocation:
        """Minimise the loss at ``C = 6 N D``, in closed form (Hoffmann et al. 2022, Eq. 4).

        Examples
        --------
        >>> law = AdditiveLaw("unrounded", "hoffmann2022training", 1.6934, 406.4, 410.7, 0.33917084, 0.2849083)
        >>> round(float(law.optimal(5.76e23).params) / 1e9, 1)
        40.4
        """
        budget = _budget(compute_flop)
        g = (self.alpha * self.A / (self.beta * self.B)) ** (1 / (self.alpha + self.beta))
        params = g * (budget / 6) ** self.exponent
        return Allocation(budget, params, budget / (6 * params))


@dataclass(frozen=True)
class PowerAllocation:
    """``N_opt = coefficient * (C / PF-day)**exponent``, a frontier fitted directly (Kaplan et al. 2020, Table 6).

    N counts non-embedding parameters; tokens follow from ``C = 6 N D``.
    """

    name: str
    cite: str
    coefficient: float
    exponent: float

    def optimal(self, compute_flop: ArrayLike) -> Allocation:
        """Return the frontier at a budget in FLOP."""
        budget = _budget(compute_flop)
        params = self.coefficient * (budget / PF_DAY_FLOP) ** self.exponent
        return Allocation(budget, params, budget / (6 * params))


def kaplan_constant(relation: str, symbol: str) -> float:
    """Return one constant of Kaplan et al. 2020 by the relation and symbol it is printed with."""
    rows = table("kaplan2020_constants").query("relation == @relation and symbol == @symbol")
    if len(rows) != 1:
        raise KeyError(f"no single constant {symbol} of {relation} in kaplan2020_constants")
    return float(rows["value"].iloc[0])


def _additive(name: str, table_name: str, column: str) -> AdditiveLaw:
    values = table(table_name).set_index("parameter")[column]
    constants = {parameter: float(values[parameter]) for parameter in ("E", "A", "B", "alpha", "beta")}
    return AdditiveLaw(name=name, cite=describe(table_name).cite, **constants)


def published_laws() -> dict[str, AdditiveLaw | PowerAllocation]:
    """Return the laws that say how to divide a budget, by a short key, with constants from the tables."""
    return {
        "kaplan": PowerAllocation(
            "Kaplan 2020",
            "kaplan2020scaling",
            kaplan_constant("N_opt", "N_e"),
            kaplan_constant("N_opt", "p_N"),
        ),
        "hoffmann-printed": _additive("Hoffmann 2022, as printed", "hoffmann2022_parametric_fit", "printed"),
        "hoffmann-unrounded": _additive("Hoffmann 2022, unrounded", "hoffmann2022_parametric_fit", "unrounded"),
        "besiroglu": _additive("Besiroglu 2024", "besiroglu2024_refit", "estimate"),
    }


@dataclass(frozen=True)
class EfficiencyRatios:
    """How training to a fraction above the converged loss compares with another fraction, at equal loss."""

    params: float
    steps: float
    compute: float


def kaplan_efficiency(f_efficient: float, f_other: float, alpha_n: float, alpha_s: float) -> EfficiencyRatios:
    """Compare stopping at two distances from convergence (Kaplan et al. 2020, Eqs. B.12 to B.14).

    With ``L = (1 + f) (N_c/N)**alpha_n`` and the step term the rest of the loss, equal loss fixes both ratios.

    Parameters
    ----------
    f_efficient, f_other : float
        Fractions above the converged loss, positive.
    alpha_n, alpha_s : float
        Exponents of the size term and of the step term.
    """
    if min(f_efficient, f_other, alpha_n, alpha_s) <= 0:
        raise ValueError("needed: fractions and exponents above 0")
    params = ((1 + f_efficient) / (1 + f_other)) ** (1 / alpha_n)
    share = [f / (1 + f) for f in (f_efficient, f_other)]
    steps = (share[0] / share[1]) ** (-1 / alpha_s)
    return EfficiencyRatios(params, steps, params * steps)


PEARCE_GAMMA = 47491.0
"""Parameters of the embedding at one non-embedding parameter: N_T = N + gamma N**(1/3) (Pearce and Song 2024, their script)."""


def non_embedding_exponent(params: ArrayLike, alpha: float, beta: float, gamma: float = PEARCE_GAMMA) -> Floats:
    """Return the local exponent of optimal size in compute when both leave out the embedding.

    Parameters
    ----------
    params : array
        Non-embedding parameters, positive.
    alpha, beta : float
        Exponents of an additive law in all parameters and in tokens.
    gamma : float
        Size of the embedding: total = N + gamma N**(1/3).

    Returns
    -------
    array
        d log N / d log C. It tends to beta / (alpha/3 + beta) for small and to beta / (alpha + beta) for large N.

    References
    ----------
    Pearce and Song 2024, arXiv:2406.12907.
    """
    x = _budget(params) ** (2 / 3)
    data_term = (x + gamma / 9) / (x + gamma / 3) / beta
    size_term = (1 + alpha) / beta * (x + gamma / 3) / (x + gamma)
    return np.asarray(1 / (1 - data_term + size_term))


def worth_of_repetition(epochs: ArrayLike, half_life: float) -> Floats:
    """Return what training on the same data for some epochs is worth, in epochs of new data.

    ``1 + R* (1 - exp(-(epochs - 1) / R*))`` (Muennighoff et al. 2023, arXiv:2305.16264, Eq. 5).

    Parameters
    ----------
    epochs : array
        At least 1.
    half_life : float
        R*, the number of repetitions by which their worth has decayed to 1/e.

    Examples
    --------
    >>> round(float(worth_of_repetition(4, 15.387756)), 2)
    3.73
    """
    times = np.asarray(epochs, dtype=float)
    if not (np.isfinite(times) & (times >= 1)).all() or half_life <= 0:
        raise ValueError(f"epochs: given {epochs!r}; needed: finite numbers of at least 1, and a positive half_life")
    return np.asarray(1 + half_life * -np.expm1(-(times - 1) / half_life))


@dataclass(frozen=True)
class ParametricFit:
    """An additive law fitted to runs.

    Parameters
    ----------
    law : AdditiveLaw
    objective : float
        Mean Huber loss of the log residuals at the optimum.
    residuals : array of shape (n,)
        Log of the observed loss less log of the fitted one.
    converged : bool
        Whether the gradient there is below 1e-8 in every parameter.
    starts : int
        Starting points tried.
    """

    law: AdditiveLaw
    objective: float
    residuals: Floats
    converged: bool
    starts: int


def fit_parametric(
    params: ArrayLike,
    tokens: ArrayLike,
    loss: ArrayLike,
    *,
    delta: float = 1e-3,
    floor: float | None = None,
    name: str = "fit",
    cite: str = "",
) -> ParametricFit:
    """Fit ``L = E + A / N**alpha + B / D**beta`` by the mean Huber loss of log residuals.

    The three terms are fitted by their logarithms, so that they stay positive, from a grid of starts with the
    analytic gradient; the best optimum is returned.

    Parameters
    ----------
    params, tokens, loss : array of shape (n,)
        Positive; n at least 6.
    delta : float
        Where the Huber loss turns from square to linear.
    floor : float, optional
        The loss E that no model can go below, where it is known; it is then not fitted.

    Raises
    ------
    ValueError
        Naming rows that are not positive or not finite; for fewer than 6 runs; for runs that are all of one
        size or of one number of tokens, which cannot tell the terms apart.

    References
    ----------
    Hoffmann et al. 2022, arXiv:2203.15556, Sec. 3.3; Besiroglu et al. 2024, arXiv:2404.10102.
    """
    n, d = as_floats(params, "params", positive=True), as_floats(tokens, "tokens", positive=True)
    seen = as_floats(loss, "loss", positive=True)
    if not len(n) == len(d) == len(seen) or len(n) < 6:
        raise ValueError(f"given {len(n)}, {len(d)} and {len(seen)} rows; needed: as many of each, at least 6")
    if np.ptp(n) == 0 or np.ptp(d) == 0:
        raise ValueError("given runs of one size or one number of tokens; needed: at least two of each")
    log_n, log_d, target = np.log(n), np.log(d), np.log(seen)
    centre_n, centre_d = log_n.mean(), log_d.mean()  # terms at the middle of the data: hardly correlated
    x, y = log_n - centre_n, log_d - centre_d

    def objective(theta: Floats) -> tuple[float, Floats]:
        terms = np.stack([theta[0] - theta[3] * x, theta[1] - theta[4] * y, np.full_like(x, theta[2])])
        fitted = special.logsumexp(terms, axis=0)
        share = np.exp(terms - fitted)
        gap = fitted - target
        slope = np.clip(gap, -delta, delta)
        value = np.where(np.abs(gap) <= delta, gap**2 / 2, delta * (np.abs(gap) - delta / 2)).mean()
        gradient = np.array(
            [slope @ share[0], slope @ share[1], slope @ share[2], -(slope * x) @ share[0], -(slope * y) @ share[1]]
        )
        if floor is not None:
            gradient[2] = 0.0
        return float(value) / delta**2, gradient / len(gap) / delta**2

    least = target.min()
    if floor is not None and not 0 < floor < seen.min():
        raise ValueError(f"given floor {floor:g}; needed: above 0 and below the least loss, {seen.min():g}")
    starts = [
        np.array([least + a, least + b, e, alpha, beta])
        for a in (-3.0, -1.0)
        for b in (-3.0, -1.0)
        for e in ((least - 2.0, least - 0.1) if floor is None else (np.log(floor),))
        for alpha in (0.2, 0.8)
        for beta in (0.2, 0.8)
    ]
    found = [optimize.minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-9}) for start in starts]
    # The kinks of the Huber loss can stop a line search early; starting anew from the best goes on.
    best = min(found, key=lambda result: float(result.fun))
    for _ in range(20):
        again = optimize.minimize(objective, best.x, jac=True, method="BFGS", options={"gtol": 1e-12})
        if again.fun >= best.fun:
            break
        best = again
    a, b, e, alpha, beta = best.x
    law = AdditiveLaw(
        name, cite, float(np.exp(e)), float(np.exp(a + alpha * centre_n)), float(np.exp(b + beta * centre_d)), float(alpha), float(beta)
    )  # fmt: skip
    residuals = target - np.log(law.loss(n, d))
    steep = float(np.abs(objective(best.x)[1]).max()) * delta**2
    return ParametricFit(law, float(best.fun) * delta**2, residuals, steep < 1e-8, len(starts))


def chinchilla_points(files: Mapping[str, Path]) -> pd.DataFrame:
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
