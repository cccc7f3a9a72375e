"""Published scaling laws as small frozen objects: loss, and the best use of a compute budget."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from emergence.shared.checks import asks, check_fields, floats, number, values
from emergence.shared.fitting import Floats

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

    def __post_init__(self) -> None:
        shapes = [np.shape(part) for part in (self.compute_flop, self.params, self.tokens)]
        if len(set(shapes)) > 1:
            raise ValueError(f"given compute, params and tokens of the shapes {shapes}; needed: one shape")

    @property
    def tokens_per_param(self) -> Floats:
        """Tokens for each parameter."""
        return self.tokens / self.params


class OutsideFittedRange(UserWarning):
    """A law was asked about models or data outside the runs that it was fitted to."""


_MEANT: ContextVar[bool] = ContextVar("extrapolating", default=False)


@contextmanager
def extrapolating() -> Iterator[None]:
    """Allow laws to be asked outside their fitted range, where that is meant and said beside the result."""
    # Of this thread alone, which warnings.catch_warnings would not be.
    before = _MEANT.set(True)
    try:
        yield
    finally:
        _MEANT.reset(before)


def warn_outside(message: str, stacklevel: int) -> None:
    """Warn that a law is asked beyond its runs, unless that is meant."""
    if not _MEANT.get():
        warnings.warn(message, OutsideFittedRange, stacklevel=stacklevel + 1)


Range = tuple[float, float]


@dataclass(frozen=True)
class Domain:
    """The runs that a law was fitted to: the smallest and largest, or None where its source does not say."""

    params: Range | None = None
    tokens: Range | None = None

    def __post_init__(self) -> None:
        for name in ("params", "tokens"):
            if (ends := getattr(self, name)) is not None:
                values(least=2, above=0)(name, ends)
                number(low=ends[0])(f"{name}: the largest", ends[1])

    def check(self, name: str, **asked: Floats) -> None:
        """Warn, once for each quantity, when `asked` leaves the range by more than a hundredth."""
        for quantity, sizes in asked.items():
            fitted = getattr(self, quantity)
            if fitted is None:
                continue
            low, high = float(np.min(sizes)), float(np.max(sizes))
            if low < 0.99 * fitted[0] or high > 1.01 * fitted[1]:
                warn_outside(
                    f"{name}: asked for {low:.3g} to {high:.3g} {quantity}, fitted on {fitted[0]:.3g} to "
                    f"{fitted[1]:.3g}: an extrapolation; if it is meant, ask within extrapolating()",
                    stacklevel=4,
                )

    def holds(self, params: ArrayLike, tokens: ArrayLike) -> NDArray[np.bool_]:
        """Return where both sizes and tokens lie within the fitted runs."""
        inside = np.ones(np.broadcast(np.asarray(params), np.asarray(tokens)).shape, dtype=bool)
        for fitted, sizes in ((self.params, params), (self.tokens, tokens)):
            if fitted is not None:
                inside &= (np.asarray(sizes) >= 0.99 * fitted[0]) & (np.asarray(sizes) <= 1.01 * fitted[1])
        return inside


class Law(Protocol):
    """What every law that divides a budget can do."""

    name: str
    cite: str
    domain: Domain

    def optimal(self, compute_flop: ArrayLike) -> Allocation:
        """Return the best parameters and tokens for a budget."""
        ...


def _budget(given: ArrayLike, name: str = "compute_flop") -> Floats:
    budget = floats(given)
    if not budget.size or not (np.isfinite(budget) & (budget > 0)).all():
        raise ValueError(f"{name}: given {given!r}; needed: finite numbers above 0")
    return budget


BUDGETS = (1e15, 1e30)
"""Between what a budget in FLOP lies; the script of the calculator has the same. Its logarithm is no budget."""


def flops(given: ArrayLike) -> Floats:
    """Return budgets in FLOP; ValueError for what is none, such as the logarithm of one."""
    budget = _budget(given)
    if not ((budget >= BUDGETS[0]) & (budget <= BUDGETS[1])).all():
        ends = " to ".join(f"{end:g}" for end in dict.fromkeys((budget.min(), budget.max())))
        raise ValueError(
            f"compute_flop: given {ends}; needed: from {BUDGETS[0]:g} to {BUDGETS[1]:g} FLOP, as they are and not their logarithms"
        )
    return budget


def _runs(params: ArrayLike, tokens: ArrayLike) -> tuple[Floats, Floats]:
    n, d = _budget(params, "params"), _budget(tokens, "tokens")
    try:
        np.broadcast_shapes(n.shape, d.shape)
    except ValueError:
        raise ValueError(f"given {n.size} params and {d.size} tokens; needed: as many of each, or one") from None
    return n, d


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

    def __post_init__(self) -> None:
        above = number(above=0)
        check_fields(self, E=number(low=0), A=above, B=above, alpha=above, beta=above)

    def loss(self, params: ArrayLike, tokens: ArrayLike) -> Floats:
        """Return the loss in nats for each token."""
        n, d = _runs(params, tokens)
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
        budget = flops(compute_flop)
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

    def __post_init__(self) -> None:
        check_fields(self, repeats_tokens=number(above=0), repeats_params=number(above=0))

    @property
    def name(self) -> str:
        """The name of the law."""
        return self.unique.name

    def loss(self, params: ArrayLike, tokens: ArrayLike, unique_tokens: ArrayLike) -> Floats:
        """Return the loss when `tokens` are drawn from `unique_tokens`, in nats for each token."""
        (n, d), u = _runs(params, tokens), np.minimum(_budget(unique_tokens, "unique_tokens"), _budget(tokens))
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

    def __post_init__(self) -> None:
        check_fields(self, scale=number(above=0), exponent=number(above=0), floor=number(low=0))
        Domain(params=self.fitted)

    def loss(self, x: ArrayLike) -> Floats:
        """Return the loss at x."""
        at = _budget(x, "x")
        Domain(params=self.fitted).check(self.name, params=at)
        return np.asarray(self.floor + self.scale * at**-self.exponent)


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

    def __post_init__(self) -> None:
        check_fields(self, a=number(), b=number(), c=number(), d=number())
        check_fields(self, expert_start=number(above=0), expert_max=number(above=self.expert_start))

    def effective_experts(self, experts: ArrayLike) -> Floats:
        """Return the number of experts as the law counts them; 1 gives about `expert_start`, many give `expert_max`."""
        e = floats(experts)
        if not (np.isfinite(e) & (e >= 1)).all():
            raise ValueError(f"experts: given {experts!r}; needed: finite numbers of at least 1")
        bent = e - 1 + 1 / (1 / self.expert_start - 1 / self.expert_max)
        return np.asarray(1 / (1 / bent + 1 / self.expert_max))

    def loss(self, params: ArrayLike, experts: ArrayLike) -> Floats:
        """Return the loss in nats for each token, of a network with `params` in its dense form."""
        n, e = np.log10(_budget(params, "params")), np.log10(self.effective_experts(experts))
        return np.asarray(10 ** (self.a * n + self.b * e + self.c * n * e + self.d))

    @property
    def cutoff(self) -> float:
        """The size from which more experts no longer help: where ``b + c log N`` is zero."""
        return float(10 ** (-self.b / self.c))


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

    def __post_init__(self) -> None:
        check_fields(self, coefficient=number(above=0), exponent=number(above=0, high=1))

    def optimal(self, compute_flop: ArrayLike) -> Allocation:
        """Return the frontier at a budget in FLOP."""
        budget = flops(compute_flop)
        params = self.coefficient * (budget / PF_DAY_FLOP) ** self.exponent
        self.domain.check(self.name, params=params, tokens=budget / (6 * params))
        return Allocation(budget, params, budget / (6 * params))


@dataclass(frozen=True)
class EfficiencyRatios:
    """How training to a fraction above the converged loss compares with another fraction, at equal loss."""

    params: float
    steps: float
    compute: float


@asks(f_efficient=number(above=0), f_other=number(above=0), alpha_n=number(above=0), alpha_s=number(above=0))
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


@asks(alpha=number(above=0), beta=number(above=0), gamma=number(low=0))
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
    x = _budget(params, "params") ** (2 / 3)
    data_term = (x + gamma / 9) / (x + gamma / 3) / beta
    size_term = (1 + alpha) / beta * (x + gamma / 3) / (x + gamma)
    return np.asarray(1 / (1 - data_term + size_term))


@asks(half_life=number(above=0))
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
    times = floats(epochs)
    if not (np.isfinite(times) & (times >= 1)).all() or half_life <= 0:
        raise ValueError(f"epochs: given {epochs!r}; needed: finite numbers of at least 1, and a positive half_life")
    return np.asarray(1 + half_life * -np.expm1(-(times - 1) / half_life))
