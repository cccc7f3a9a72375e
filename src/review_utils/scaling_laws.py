"""Published scaling laws as small frozen objects: loss, and the best use of a compute budget."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from .datasets import describe, table
from .fitting import Evaluate, Floats, Interval, as_floats, newton

PF_DAY_FLOP = 1e15 * 24 * 3600
"""FLOP in one petaflop/s-day, Kaplan's unit of compute."""

GOPHER_FLOP = 5.76e23
"""Training budget of Gopher in FLOP, at which Hoffmann et al. compare their approaches (Fig. 4)."""


PARAMETERS = ("A", "B", "E", "alpha", "beta")
"""The parameters of the additive law, in the order in which fits and resamples give them."""


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


class OutsideFittedRange(UserWarning):
    """A law was asked about models or data outside the runs that it was fitted to."""


@contextmanager
def extrapolating() -> Iterator[None]:
    """Allow laws to be asked outside their fitted range, where that is meant and said beside the result."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideFittedRange)
        yield


Range = tuple[float, float]


@dataclass(frozen=True)
class Domain:
    """The runs that a law was fitted to: the smallest and largest, or None where its source does not say."""

    params: Range | None = None
    tokens: Range | None = None

    def check(self, name: str, **asked: Floats) -> None:
        """Warn, once for each quantity, when `asked` leaves the range by more than a hundredth."""
        for quantity, values in asked.items():
            fitted = getattr(self, quantity)
            if fitted is None:
                continue
            low, high = float(np.min(values)), float(np.max(values))
            if low < 0.99 * fitted[0] or high > 1.01 * fitted[1]:
                warnings.warn(
                    f"{name}: asked for {low:.3g} to {high:.3g} {quantity}, fitted on {fitted[0]:.3g} to "
                    f"{fitted[1]:.3g}: an extrapolation; if it is meant, ask within extrapolating()",
                    OutsideFittedRange,
                    stacklevel=4,
                )

    def holds(self, params: ArrayLike, tokens: ArrayLike) -> NDArray[np.bool_]:
        """Return where both sizes and tokens lie within the fitted runs."""
        inside = np.ones(np.broadcast(np.asarray(params), np.asarray(tokens)).shape, dtype=bool)
        for fitted, values in ((self.params, params), (self.tokens, tokens)):
            if fitted is not None:
                inside &= (np.asarray(values) >= 0.99 * fitted[0]) & (np.asarray(values) <= 1.01 * fitted[1])
        return inside


class Law(Protocol):
    """What every law that divides a budget can do."""

    name: str
    cite: str
    domain: Domain

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
    domain: Domain = Domain()

    def loss(self, params: ArrayLike, tokens: ArrayLike) -> Floats:
        """Return the loss in nats for each token."""
        n, d = _budget(params), _budget(tokens)
        self.domain.check(self.name, params=n, tokens=d)
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
        self.domain.check(self.name, params=params, tokens=budget / (6 * params))
        return Allocation(budget, params, budget / (6 * params))

    def optimal_served(self, loss: float, served_tokens: float) -> Allocation:
        """Return the cheapest model of a given loss that will also serve tokens (Sardana et al. 2024, Eq. 3).

        Parameters
        ----------
        loss : float
            Nats for each token, above E.
        served_tokens : float
            Tokens of inference over its life, at ``2 N`` FLOP each; 0 gives the optimum of training alone.

        Returns
        -------
        Allocation
            Its compute is ``6 N D + 2 N served_tokens``.
        """
        if loss <= self.E or served_tokens < 0:
            raise ValueError(
                f"given loss {loss:g} and {served_tokens:g} served tokens; needed: a loss above E = {self.E:g}, and at least 0 tokens"
            )
        least = (self.A / (loss - self.E)) ** (1 / self.alpha)  # with data without end

        def tokens(params: float) -> float:
            return float((self.B / (loss - self.E - self.A / params**self.alpha)) ** (1 / self.beta))

        def cost(log_excess: float) -> float:
            params = least * (1 + np.exp(log_excess))
            return float(np.log(params * (6 * tokens(params) + 2 * served_tokens)))

        found = optimize.minimize_scalar(cost, bounds=(-12, 12), method="bounded", options={"xatol": 1e-10})
        params = least * (1 + np.exp(found.x))
        d = tokens(params)
        self.domain.check(self.name, params=np.array(params), tokens=np.array(d))
        return Allocation(np.asarray(params * (6 * d + 2 * served_tokens)), np.asarray(params), np.asarray(d))


@dataclass(frozen=True)
class RepeatedDataLaw:
    """The additive law with what repetition is worth (Muennighoff et al. 2023, Eqs. 16 to 17).

    Repeated tokens, and parameters beyond those that the unique tokens can use, count for less and less.

    Parameters
    ----------
    unique : AdditiveLaw
        The law of data seen once.
    repeats_tokens, repeats_params : float
        The numbers of repetitions by which their worth has decayed to 1/e.
    """

    unique: AdditiveLaw
    repeats_tokens: float
    repeats_params: float

    @property
    def name(self) -> str:
        """The name of the law."""
        return self.unique.name

    def loss(self, params: ArrayLike, tokens: ArrayLike, unique_tokens: ArrayLike) -> Floats:
        """Return the loss when `tokens` are drawn from `unique_tokens`, in nats for each token."""
        n, d, u = _budget(params), _budget(tokens), np.minimum(_budget(unique_tokens), _budget(tokens))
        law = self.unique
        # The parameters that would be best for the unique tokens alone.
        g = (law.alpha * law.A / (law.beta * law.B)) ** (1 / (law.alpha + law.beta))
        usable = np.minimum(n, (u * g) ** (law.beta / law.alpha) * g)
        worth_tokens = u * worth_of_repetition(d / u, self.repeats_tokens)
        worth_params = usable * worth_of_repetition(n / usable, self.repeats_params)
        return law.loss(worth_params, worth_tokens)


@dataclass(frozen=True)
class PowerLaw:
    """``L(x) = floor + scale * x**-exponent``, in one quantity (Kaplan et al. 2020; Henighan et al. 2020).

    Parameters
    ----------
    name, cite : str
    scale, exponent : float
        Positive.
    floor : float
        The loss that no size goes below, in the unit of the loss; 0 where the paper fits none.
    fitted : tuple of float, optional
        The smallest and largest x of the runs.
    """

    name: str
    cite: str
    scale: float
    exponent: float
    floor: float = 0.0
    fitted: Range | None = None

    def loss(self, x: ArrayLike) -> Floats:
        """Return the loss at x."""
        at = _budget(x)
        Domain(params=self.fitted).check(self.name, params=at)
        return np.asarray(self.floor + self.scale * at**-self.exponent)


@dataclass(frozen=True)
class KaplanJointLaw:
    """``L(N, D) = [(N_c / N)**(alpha_N / alpha_D) + D_c / D]**alpha_D`` (Kaplan et al. 2020, Eq. 1.5 and Table 2)."""

    name: str
    cite: str
    N_c: float
    D_c: float
    alpha_N: float  # noqa: N815 - the paper's symbol
    alpha_D: float  # noqa: N815 - the paper's symbol
    domain: Domain = Domain()

    def loss(self, params: ArrayLike, tokens: ArrayLike) -> Floats:
        """Return the loss in nats for each token; N leaves out the embedding."""
        n, d = _budget(params), _budget(tokens)
        self.domain.check(self.name, params=n, tokens=d)
        return np.asarray(((self.N_c / n) ** (self.alpha_N / self.alpha_D) + self.D_c / d) ** self.alpha_D)

    @property
    def exponent(self) -> float:
        """The exponent of optimal size under C = 6 N D: alpha_D / (alpha_N + alpha_D), which Kaplan do not use."""
        return self.alpha_D / (self.alpha_N + self.alpha_D)


@dataclass(frozen=True)
class RoutedLaw:
    """Loss of a network whose layers route to one of several experts (Clark et al. 2022, Eq. 1).

    ``log L = a log N + b log E' + c log N log E' + d``, logarithms to base 10, where E' is the number of experts
    bent to saturate between ``expert_start`` and ``expert_max``.
    """

    name: str
    cite: str
    a: float
    b: float
    c: float
    d: float
    expert_start: float
    expert_max: float

    def effective_experts(self, experts: ArrayLike) -> Floats:
        """Return the number of experts as the law counts them; 1 gives about `expert_start`, many give `expert_max`."""
        e = np.asarray(experts, dtype=float)
        if not (np.isfinite(e) & (e >= 1)).all():
            raise ValueError(f"experts: given {experts!r}; needed: finite numbers of at least 1")
        bent = e - 1 + 1 / (1 / self.expert_start - 1 / self.expert_max)
        return np.asarray(1 / (1 / bent + 1 / self.expert_max))

    def loss(self, params: ArrayLike, experts: ArrayLike) -> Floats:
        """Return the loss in nats for each token, of a network with `params` in its dense form."""
        n, e = np.log10(_budget(params)), np.log10(self.effective_experts(experts))
        return np.asarray(10 ** (self.a * n + self.b * e + self.c * n * e + self.d))

    @property
    def cutoff(self) -> float:
        """The size from which more experts no longer help: where ``b + c log N`` is zero."""
        return float(10 ** (-self.b / self.c))


@dataclass(frozen=True)
class SaturatingLaw:
    """Reward that rises with compute to a ceiling, ``R0 + (A - R0) / (1 + (C_mid / C)**B)`` (Khatri et al. 2025).

    Parameters
    ----------
    start, ceiling : float
        Reward without training and the most that training reaches.
    midpoint : float
        Compute at half of the gain, in the unit that it will be asked in.
    steepness : float
    """

    name: str
    cite: str
    start: float
    ceiling: float
    midpoint: float
    steepness: float

    def reward(self, compute: ArrayLike) -> Floats:
        """Return the reward at a compute in the unit of `midpoint`."""
        return np.asarray(
            self.start + (self.ceiling - self.start) / (1 + (self.midpoint / _budget(compute)) ** self.steepness)
        )


@dataclass(frozen=True)
class PowerAllocation:
    """``N_opt = coefficient * (C / PF-day)**exponent``, a frontier fitted directly (Kaplan et al. 2020, Table 6).

    N counts non-embedding parameters; tokens follow from ``C = 6 N D``.
    """

    name: str
    cite: str
    coefficient: float
    exponent: float
    domain: Domain = Domain()

    def optimal(self, compute_flop: ArrayLike) -> Allocation:
        """Return the frontier at a budget in FLOP."""
        budget = _budget(compute_flop)
        params = self.coefficient * (budget / PF_DAY_FLOP) ** self.exponent
        self.domain.check(self.name, params=params, tokens=budget / (6 * params))
        return Allocation(budget, params, budget / (6 * params))


def kaplan_constant(relation: str, symbol: str) -> float:
    """Return one constant of Kaplan et al. 2020 by the relation and symbol it is printed with."""
    rows = table("kaplan2020_constants").query("relation == @relation and symbol == @symbol")
    if len(rows) != 1:
        raise KeyError(f"no single constant {symbol} of {relation} in kaplan2020_constants")
    return float(rows["value"].iloc[0])


def fitted_domain(law: str) -> Domain:
    """Return the runs that a law was fitted to, by the short key of the law in ``law_domains``."""
    rows = table("law_domains").query("law == @law").set_index("quantity")
    return Domain(**{str(q): (float(row["low"]), float(row["high"])) for q, row in rows.iterrows()})


def _additive(name: str, table_name: str, column: str, domain: str) -> AdditiveLaw:
    values = table(table_name).set_index("parameter")[column]
    constants = {parameter: float(values[parameter]) for parameter in PARAMETERS}
    return AdditiveLaw(name=name, cite=describe(table_name).cite, **constants, domain=fitted_domain(domain))


def repeated_data_law() -> RepeatedDataLaw:
    """Return the law of Muennighoff et al. 2023, with the constants of their repository."""
    value = table("muennighoff2023_constants").set_index("symbol")["value"].map(float)
    exponent = value["alpha"]
    e, a, b = (float(np.exp(value[symbol])) for symbol in ("ln_E", "ln_A", "ln_B"))
    domain = fitted_domain("muennighoff")
    unique = AdditiveLaw("Muennighoff 2023", "muennighoff2023scaling", e, a, b, exponent, exponent, domain)
    return RepeatedDataLaw(unique, value["R_D_star"], value["R_N_star"])


def served_laws() -> dict[str, AdditiveLaw]:
    """Return the fits of Sardana et al. 2024 by the longest runs that entered each, in tokens for each parameter."""
    return {
        str(row.longest): AdditiveLaw(
            f"Sardana 2024, {row.longest}", "sardana2024beyond",
            float(row.E), float(row.A), float(row.B), float(row.alpha), float(row.beta), fitted_domain("sardana"),
        )
        for row in table("sardana2024_fits").itertuples()
    }  # fmt: skip


def routed_laws() -> dict[str, RoutedLaw]:
    """Return the law of Clark et al. 2022 for each way of routing."""
    return {
        str(row.method): RoutedLaw(
            f"Clark 2022, {row.method}", "clark2022unified",
            float(row.a), float(row.b), float(row.c), float(row.d), float(row.expert_start), float(row.expert_max),
        )
        for row in table("clark2022_routing").itertuples()
    }  # fmt: skip


def henighan_laws() -> dict[tuple[str, str], PowerLaw]:
    """Return the laws of Henighan et al. 2020 by domain and by what is scaled, ``params`` or ``compute``.

    Compute is in FLOP; the fitted range is known for parameters only.
    """
    return {
        (str(row.domain), str(row.scaled)): PowerLaw(
            f"Henighan 2020, {row.domain}", "henighan2020scaling", float(row.scale), float(row.exponent),
            0.0 if pd.isna(row.floor) else float(row.floor),
            (float(row.params_low), float(row.params_high)) if row.scaled == "params" else None,
        )
        for row in table("henighan2020_fits").itertuples()
    }  # fmt: skip


def kaplan_joint_law() -> KaplanJointLaw:
    """Return the joint law of Kaplan et al. 2020 (Table 2)."""
    constants = {symbol: kaplan_constant("L(N,D)", symbol) for symbol in ("N_c", "D_c", "alpha_N", "alpha_D")}
    return KaplanJointLaw("Kaplan 2020", "kaplan2020scaling", **constants, domain=fitted_domain("kaplan"))


def kaplan_power_law(relation: str, scale: str, exponent: str) -> PowerLaw:
    """Return one of Kaplan's laws in one quantity, written there as ``(x_c / x)**alpha``."""
    alpha = kaplan_constant(relation, exponent)
    return PowerLaw("Kaplan 2020", "kaplan2020scaling", kaplan_constant(relation, scale) ** alpha, alpha)


def published_laws() -> dict[str, AdditiveLaw | PowerAllocation]:
    """Return the laws that say how to divide a budget, by a short key, with constants from the tables."""
    return {
        "kaplan": PowerAllocation(
            "Kaplan 2020",
            "kaplan2020scaling",
            kaplan_constant("N_opt", "N_e"),
            kaplan_constant("N_opt", "p_N"),
            fitted_domain("kaplan"),
        ),
        "hoffmann-printed": _additive(
            "Hoffmann 2022, as printed", "hoffmann2022_parametric_fit", "printed", "hoffmann"
        ),
        "hoffmann-unrounded": _additive(
            "Hoffmann 2022, unrounded", "hoffmann2022_parametric_fit", "unrounded", "hoffmann"
        ),
        "muennighoff": repeated_data_law().unique,
        "besiroglu": _additive("Besiroglu 2024", "besiroglu2024_refit", "estimate", "hoffmann"),
        "sardana": served_laws()["all runs"],
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
        Whether the gradient there is below 1e-10 of the steepest that the Huber loss can be.
    starts : int
        Starting points tried.
    agreeing : int
        How many of them ended at the best optimum found, to one part in a million.
    """

    law: AdditiveLaw
    objective: float
    residuals: Floats
    converged: bool
    starts: int
    agreeing: int


class _Runs:
    """Runs checked, with the logarithms in which the additive law is fitted.

    The fit moves ``log(A / N**alpha)`` and ``log(B / D**beta)`` at the centre of the runs, log E, alpha and beta:
    hardly correlated, and positive without a bound.
    """

    def __init__(self, params: ArrayLike, tokens: ArrayLike, loss: ArrayLike, centre: bool = True) -> None:
        n, d = as_floats(params, "params", positive=True), as_floats(tokens, "tokens", positive=True)
        seen = as_floats(loss, "loss", positive=True)
        if not len(n) == len(d) == len(seen) or len(n) < 6:
            raise ValueError(f"given {len(n)}, {len(d)} and {len(seen)} rows; needed: as many of each, at least 6")
        if np.ptp(n) == 0 or np.ptp(d) == 0:
            raise ValueError("given runs of one size or one number of tokens; needed: at least two of each")
        if np.ptp(seen) == 0:
            raise ValueError(f"given runs that all have the loss {seen[0]:g}; needed: at least two different losses")
        self.n, self.d, self.target = n, d, np.log(seen)
        self.centre_n, self.centre_d = (float(np.log(z).mean()) if centre else 0.0 for z in (n, d))
        self.x, self.y = np.log(n) - self.centre_n, np.log(d) - self.centre_d
        one = np.ones_like(self.x)
        self.powers_x, self.powers_y = (np.stack([one, z, z * z], axis=1) for z in (self.x, self.y))
        self.products = np.stack([one, self.y, self.x, self.x * self.y], axis=1)

    def starts(self, floor: float | None) -> Floats:
        """Return a grid of starts, with the floor where it is known."""
        least = self.target.min()
        floors = (least - 2.0, least - 0.1) if floor is None else (np.log(floor),)
        grid = product((-3.0, -1.0), (-3.0, -1.0), floors, (0.2, 0.8), (0.2, 0.8))
        return np.array([(least + a, least + b, e, alpha, beta) for a, b, e, alpha, beta in grid])

    def constants(self, theta: Floats) -> Floats:
        """Return A, B, E, alpha and beta of fits, shape (k, 5)."""
        a, b, e, alpha, beta = theta.T
        return np.stack(
            [np.exp(a + alpha * self.centre_n), np.exp(b + beta * self.centre_d), np.exp(e), alpha, beta], axis=1
        )

    def objective(self, delta: float, weights: Floats | None = None, held: Sequence[int] | None = None) -> Evaluate:
        """Return the Huber loss over delta squared, with gradient and Hessian, of many fits side by side.

        `weights` of shape (problems, n) count how often each run stands in the sample of a problem; `held` names
        the parameter that each problem must not move, or -1.
        """
        x, y, target = self.x, self.y, self.target

        def evaluate(theta: Floats, which: NDArray[np.intp]) -> tuple[Floats, Floats, Floats]:
            a = np.exp(theta[:, 0:1] - theta[:, 3:4] * x)
            b = np.exp(theta[:, 1:2] - theta[:, 4:5] * y)
            c = np.exp(theta[:, 2:3])
            total = a + b + c
            gap = np.log(total) - target
            a, b, c = a / total, b / total, c / total
            pull = np.clip(gap, -delta, delta)
            value = pull * (gap - pull / 2)
            bend = (np.abs(gap) < delta) - pull
            if weights is not None:
                value, pull, bend = value * weights[which], pull * weights[which], bend * weights[which]
            in_a, in_b, in_c = (pull * a) @ self.powers_x, (pull * b) @ self.powers_y, (pull * c).sum(axis=1)
            gradient = np.stack([in_a[:, 0], in_b[:, 0], in_c, -in_a[:, 1], -in_b[:, 1]], axis=1)
            # The Hessian is that of a log of a sum of exponentials: products of shares, plus the shares themselves.
            with_a, with_b = bend * a, bend * b
            aa, bb = (with_a * a) @ self.powers_x + in_a, (with_b * b) @ self.powers_y + in_b
            ab = (with_a * b) @ self.products
            ac, bc = (with_a * c) @ self.powers_x, (with_b * c) @ self.powers_y
            cc = (bend * c * c).sum(axis=1) + in_c
            hessian = np.stack(
                [
                    np.stack([aa[:, 0], ab[:, 0], ac[:, 0], -aa[:, 1], -ab[:, 1]], axis=1),
                    np.stack([ab[:, 0], bb[:, 0], bc[:, 0], -ab[:, 2], -bb[:, 1]], axis=1),
                    np.stack([ac[:, 0], bc[:, 0], cc, -ac[:, 1], -bc[:, 1]], axis=1),
                    np.stack([-aa[:, 1], -ab[:, 2], -ac[:, 1], aa[:, 2], ab[:, 3]], axis=1),
                    np.stack([-ab[:, 1], -bb[:, 1], -bc[:, 1], ab[:, 3], bb[:, 2]], axis=1),
                ],
                axis=1,
            )
            if held is not None:
                fixed = np.asarray(held)[which][:, None] == np.arange(5)
                gradient = np.where(fixed, 0.0, gradient)
                hessian = np.where(fixed[:, :, None] | fixed[:, None, :], delta**2 * np.eye(5), hessian)
            return value.sum(axis=1) / delta**2, gradient / delta**2, hessian / delta**2

        return evaluate

    def flat(self, delta: float) -> float:
        """Return the slope that counts as none: 1e-13 of the steepest that the Huber loss can be."""
        return 1e-13 * len(self.n) / delta

    def best(self, delta: float, floor: float | None = None) -> tuple[Floats, Floats, Floats]:
        """Return the best optimum from the grid of starts, all ends, and their values."""
        starts = self.starts(floor)
        held = None if floor is None else [2] * len(starts)
        width = max(delta, 1e-3)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            ends, values = newton(self.objective(width, held=held), starts, tolerance=self.flat(width))
            while width > delta:  # a narrow Huber loss is nearly all kinks: come to it by steps
                width = max(delta, width / 2)
                ends, values = newton(self.objective(width, held=held), ends, tolerance=self.flat(width))
        return ends[int(np.nanargmin(values))], ends, values


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

    Newton's method runs from a grid of starts side by side, with analytic first and second derivatives; the best
    optimum is returned.

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
        size, of one number of tokens or of one loss, which cannot tell the terms apart.

    References
    ----------
    Hoffmann et al. 2022, arXiv:2203.15556, Sec. 3.3; Besiroglu et al. 2024, arXiv:2404.10102.
    """
    runs = _Runs(params, tokens, loss)
    least = float(np.exp(runs.target.min()))
    if floor is not None and not 0 < floor < least:
        raise ValueError(f"given floor {floor:g}; needed: above 0 and below the least loss, {least:g}")
    theta, ends, values = runs.best(delta, floor)
    a, b, e, alpha, beta = map(float, runs.constants(theta[None])[0])
    law = AdditiveLaw(name, cite, e, a, b, alpha, beta)
    held = None if floor is None else [2]
    value, slope, _ = runs.objective(delta, held=held)(theta[None], np.array([0]))
    scale = delta**2 / len(runs.n)
    with extrapolating():
        residuals = runs.target - np.log(law.loss(runs.n, runs.d))
    return ParametricFit(
        law, float(value[0] * scale), residuals, float(np.abs(slope).max()) < 1e3 * runs.flat(delta),
        len(ends), int((values <= np.nanmin(values) * (1 + 1e-6)).sum()),
    )  # fmt: skip


def bootstrap(
    params: ArrayLike,
    tokens: ArrayLike,
    loss: ArrayLike,
    *,
    replicates: int = 4000,
    seed: int = 42,
    delta: float = 1e-3,
    threads: int = 2,
) -> pd.DataFrame:
    """Refit the additive law to resamples of its runs, all of them side by side.

    Each replicate starts at the optimum of all runs. A run drawn twice counts twice, so that a resample is a row
    of weights and the replicates share their arrays.

    Parameters
    ----------
    params, tokens, loss : array of shape (n,)
        As for `fit_parametric`.
    replicates : int
        At least 2.
    seed : int
        Of the legacy generator with which Besiroglu et al. drew, so that their resamples are drawn again.
    threads : int
        At least 1; the result does not depend on it.

    Returns
    -------
    DataFrame of shape (replicates, 6)
        A, B, E, alpha, beta, and the exponent of optimal size that follows.
    """
    runs = _Runs(params, tokens, loss)
    if replicates < 2 or threads < 1:
        raise ValueError(f"given {replicates} replicates on {threads} threads; needed: at least 2, and at least 1")
    count = len(runs.n)
    draw = np.random.RandomState(seed)
    weights = np.stack(
        [np.bincount(draw.choice(count, count), minlength=count) for _ in range(replicates)]
    ).astype(float)  # fmt: skip
    theta, _, _ = runs.best(delta)
    chunk = 250  # of rows, so that the arrays of a step stay in the cache

    def refit(start: int) -> Floats:
        part = weights[start : start + chunk]
        return newton(runs.objective(delta, part), np.repeat(theta[None], len(part), axis=0), tolerance=1e-6)[0]

    with ThreadPoolExecutor(threads) as pool:
        ends = np.concatenate(list(pool.map(refit, range(0, replicates, chunk))))
    frame = pd.DataFrame(runs.constants(ends), columns=list(PARAMETERS))
    return frame.assign(exponent=frame["beta"] / (frame["alpha"] + frame["beta"]))


def profile_interval(
    params: ArrayLike, tokens: ArrayLike, loss: ArrayLike, *, level: float = 0.95, delta: float = 1e-3
) -> dict[str, Interval]:
    """Return the profile-likelihood interval of each parameter of the additive law.

    A parameter is moved away from its optimum, the others are fitted anew, and the interval ends where the
    likelihood has fallen by what the level asks. Far from zero the Huber loss is that of Laplace errors, so the
    deviance is ``2 n log(S / S_best)``, with S the mean absolute residual that the Huber loss stands for.

    Parameters
    ----------
    params, tokens, loss : array of shape (n,)
        As for `fit_parametric`.
    level : float
        Between 0 and 1.

    Returns
    -------
    dict
        From A, B, E, alpha and beta to the estimate and the ends of its interval.

    Raises
    ------
    ValueError
        When the likelihood does not fall that far, as for a term that the data do not need.
    """
    if not 0 < level < 1:
        raise ValueError(f"given level {level}; needed: between 0 and 1")
    runs = _Runs(params, tokens, loss)
    theta, _, values = runs.best(delta)
    a, b, e, alpha, beta = theta
    plain = _Runs(params, tokens, loss, centre=False)  # its first two are the logs of A and B themselves
    best = np.array([a + alpha * runs.centre_n, b + beta * runs.centre_d, e, alpha, beta])
    held = [i for i in range(5) for _ in range(2)]
    sign = np.array([-1.0, 1.0] * 5)
    count = len(runs.n)

    def size(values: Floats) -> Floats:
        return np.asarray(values * delta / count + delta / 2)

    limit = special.chdtri(1, 1 - level)

    def beyond(offset: Floats) -> NDArray[np.bool_]:
        starts = np.repeat(best[None], 10, axis=0)
        starts[np.arange(10), held] += sign * offset
        # The other term of the pair follows, so that the start lies in the valley.
        for row, i in enumerate(held):
            if i in (0, 1):
                starts[row, i + 3] += sign[row] * offset[row] / (runs.centre_n, runs.centre_d)[i]
            elif i in (3, 4):
                starts[row, i - 3] += sign[row] * offset[row] * (runs.centre_n, runs.centre_d)[i - 3]
        with np.errstate(all="ignore"):  # along a flat profile the held term leaves the range of floats
            _, found = newton(plain.objective(delta, held=held), starts, tolerance=1e-7)
        return np.asarray(2 * count * np.log(size(found) / size(values.min(keepdims=True))) > limit)

    low, high = np.zeros(10), np.full(10, 0.01)
    for _ in range(12):
        short = ~beyond(high)
        if not short.any():
            break
        low, high = np.where(short, high, low), np.where(short, 2 * high, high)
    else:
        stuck = ", ".join(sorted({PARAMETERS[held[i]] for i in np.flatnonzero(short)}))
        raise ValueError(f"the runs do not bound {stuck} at level {level:g}: the profile stays flat")
    for _ in range(30):
        middle = (low + high) / 2
        out = beyond(middle)
        low, high = np.where(out, low, middle), np.where(out, middle, high)
    ends = best[held] + sign * (low + high) / 2
    show: list[Callable[[float], float]] = [np.exp, np.exp, np.exp, float, float]
    return {
        name: Interval(float(show[i](best[i])), float(show[i](ends[2 * i])), float(show[i](ends[2 * i + 1])))
        for i, name in enumerate(PARAMETERS)
    }
