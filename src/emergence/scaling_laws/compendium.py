"""The compendium computed: published laws as functions that warn beyond their runs, and what the live ones agree on.

Every number comes from the records of ``data/laws``; this module holds the formulas alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri

from emergence.records.laws import Law, Laws, load_laws
from emergence.scaling_laws.laws import (
    PF_DAY_FLOP,
    AdditiveLaw,
    Allocation,
    PowerAllocation,
    PowerLaw,
    RepeatedDataLaw,
    extrapolating,
    flops,
    non_embedding_exponent,
    warn_outside,
)
from emergence.scaling_laws.published import routed_laws
from emergence.shared.checks import asks, floats, frame, number
from emergence.shared.fitting import Floats
from review_utils.review import here


@dataclass(frozen=True)
class ComputedLaw:
    """A published law as a function of its variables.

    Parameters
    ----------
    record : Law
        What its source prints.
    formula : callable
        From the variables, by name, to the quantity of the record.
    variables : tuple of str
        The names that `formula` takes, as the record spells them.
    ranges : mapping
        The fitted runs by variable; a variable that is not there has no known range.
    """

    record: Law
    formula: Callable[..., Floats]
    variables: tuple[str, ...]
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __call__(self, **at: ArrayLike) -> Floats:
        """Return the quantity of the law, with a warning for each variable that leaves the fitted runs.

        Raises
        ------
        TypeError
            For other variables than the law has.
        ValueError
            For values that are not finite and positive.
        """
        if set(at) != set(self.variables):
            raise TypeError(
                f"{self.record.id}: given {', '.join(sorted(at)) or 'nothing'}; needed: {', '.join(self.variables)}"
            )
        arrays = {name: floats(value) for name, value in at.items()}
        for name, value in arrays.items():
            if not (np.isfinite(value) & (value > 0)).all():
                raise ValueError(f"{self.record.id}: {name}: given {at[name]!r}; needed: finite values above 0")
            low, high = self.ranges.get(name, (0.0, np.inf))
            if value.min() < 0.99 * low or value.max() > 1.01 * high:
                warn_outside(
                    f"{self.record.name}: asked for {name} of {value.min():.3g} to {value.max():.3g}, fitted on "
                    f"{low:.3g} to {high:.3g}: an extrapolation; if it is meant, ask within extrapolating()",
                    stacklevel=2,
                )
        return np.asarray(self.formula(**arrays))


def _additive(law: Law, tail: str = "") -> AdditiveLaw:
    e, a, b, alpha, beta = (law.value(f"{name}{tail}") for name in ("E", "A", "B", "alpha", "beta"))
    return AdditiveLaw(f"{law.name}{tail}", law.cite, e, a, b, alpha, beta)


def _power(law: Law, scale: str, exponent: str, floor: str | None = None) -> PowerLaw:
    return PowerLaw(law.name, law.cite, law.value(scale), law.value(exponent), law.value(floor) if floor else 0.0)


def _kaplan_power(law: Law, scale: str, exponent: str) -> PowerLaw:
    alpha = law.value(exponent)
    return PowerLaw(law.name, law.cite, law.value(scale) ** alpha, alpha)


def _joint(size: float, data: float, alpha: float, beta: float) -> Callable[..., Floats]:
    """Return Kaplan's joint form, ``[size / N**(alpha/beta) + data / D]**beta``."""
    return lambda N, D: (size * N ** (-alpha / beta) + data / D) ** beta


def _repeated(law: Law) -> RepeatedDataLaw:
    value = law.value
    exponent = value("alpha = beta")
    unique = AdditiveLaw(law.name, law.cite, value("E"), value("A"), value("B"), exponent, exponent)
    return RepeatedDataLaw(unique, value("R_D*"), value("R_N*"))


def _loss(law: AdditiveLaw) -> Callable[..., Floats]:
    return lambda N, D: law.loss(N, D)


def _straight(law: Law, exponent: float) -> PowerAllocation:
    """Return a straight line in logarithms through the point that the record holds, of tokens where it prints them."""
    assert law.optimum is not None
    assert law.optimum.anchor is not None
    at = law.optimum.anchor
    params = at.flop / (6 * at.tokens) if at.tokens else at.parameters
    return PowerAllocation(law.name, law.cite, params / (at.flop / PF_DAY_FLOP) ** exponent, exponent)


def _formulas(laws: Laws) -> Iterator[tuple[str, Callable[..., Floats], tuple[str, ...]]]:
    """Yield each law whose constants allow a function: its name, the function, its variables."""
    at = laws.law
    for law_id, scale, symbol, variable in (
        ("kaplan-n", "N_c", "alpha_N", "N"),
        ("kaplan-d", "D_c", "alpha_D", "D"),
        ("kaplan-c", "C_c", "alpha_C", "C"),
        ("kaplan-c-naive", "C_c", "alpha_C", "C"),
    ):
        yield law_id, _of(_kaplan_power(at(law_id), scale, symbol).loss, variable), (variable,)
    value = at("kaplan-joint").value
    alpha, beta = value("alpha_N"), value("alpha_D")
    joint = _joint(value("N_c") ** (alpha / beta), value("D_c"), alpha, beta)
    yield "kaplan-joint", joint, ("N", "D")
    batch, exponent = at("kaplan-batch").value("B_*"), at("kaplan-batch").value("alpha_B")
    yield "kaplan-batch", lambda L: batch * L ** (-1 / exponent), ("L",)
    for law in laws:
        if law.cite == "henighan2020scaling":
            floors = ("E", "E'") if law.id != "henighan-language" else (None, None)
            yield law.id, _of(_power(law, "A", "alpha", floors[0]).loss, "N"), ("N",)
            yield f"{law.id}/compute", _of(_power(law, "K", "alpha_C", floors[1]).loss, "C"), ("C",)
    for law_id, tail in (("hoffmann-3", ""), ("besiroglu", ""), ("sardana", " (all runs)"), ("sardana", " (up to 100)")):  # fmt: skip
        name = law_id if tail != " (up to 100)" else f"{law_id}/up-to-100"
        yield name, _loss(_additive(at(law_id), tail)), ("N", "D")
    repeated = _repeated(at("muennighoff"))
    yield "muennighoff", lambda N, D, U_D: repeated.loss(N, D, U_D), ("N", "D", "U_D")
    gamma, refit = at("pearce").value("gamma"), _additive(at("besiroglu"))
    yield "pearce", lambda N: non_embedding_exponent(N, refit.alpha, refit.beta, gamma), ("N",)
    for method, routed in routed_laws().items():
        yield f"clark/{method.lower()}", _two(routed.loss, "N", "E"), ("N", "E")
    for name, tail in (("transfer", "text"), ("transfer/text-and-code", "text and code")):
        yield name, _transfer(at("transfer"), tail), ("D_F", "N")
    for name, tail in (
        ("translation-joint", "Ru-En"),
        ("translation-joint/de-en", "De-En"),
        ("translation-joint/zh-en", "Zh-En"),
    ):
        size, a, data, b = (at("translation-joint").value(f"{symbol} ({tail})") for symbol in ("A", "a", "B", "b"))
        yield name, _joint(size, data, a, b), ("N", "D")
    for name, tail in (
        ("translation-data", "encoder-decoder"),
        ("translation-data/hybrid", "hybrid"),
        ("translation-data/decoder", "decoder"),
    ):
        yield name, _saturating(at("translation-data"), tail), ("D",)
    for law_id in ("acoustic", "recommendation"):
        law = at(law_id)
        yield (
            law_id if law_id == "recommendation" else f"{law_id}/data",
            _of(_power(law, "B", "b", "E").loss, "D"),
            ("D",),
        )
    yield "acoustic", _of(_power(at("acoustic"), "A", "a", "E").loss, "N"), ("N",)
    yield "recommendation/compute", _of(_power(at("recommendation"), "K", "c", "E").loss, "C"), ("C",)
    for name, tail in (("vit", "fine-tuned"), ("vit/ten-shot", "ten-shot")):
        scale_, start, power, floor = (at("vit").value(f"{symbol} ({tail})") for symbol in ("K", "C_0", "c", "E"))
        yield name, _shifted(scale_, start, power, floor), ("C",)
    slope, board, cut, down, top = (
        at("hex").value(s) for s in ("slope", "board (incline)", "intercept", "board (plateau)", "plateau intercept")
    )
    yield "hex", lambda C, n: np.minimum(slope * np.log10(C) + board * n + cut, down * n + top), ("C", "n")
    for law_id, per_year in (("algorithmic", 12.0), ("horizon", 365.25)):
        yield law_id, _doubling(at(law_id).value("tau") / per_year), ("t",)


def _of(function: Callable[[ArrayLike], Floats], name: str) -> Callable[..., Floats]:
    return lambda **given: function(given[name])


def _two(function: Callable[[ArrayLike, ArrayLike], Floats], first: str, second: str) -> Callable[..., Floats]:
    return lambda **given: function(given[first], given[second])


def _transfer(law: Law, tail: str) -> Callable[..., Floats]:
    k, alpha, beta = (law.value(f"{symbol} ({tail})") for symbol in ("k", "alpha", "beta"))
    return lambda D_F, N: k * D_F**alpha * N**beta


def _saturating(law: Law, tail: str) -> Callable[..., Floats]:
    scale, floor, power = (law.value(f"{symbol} ({tail})") for symbol in ("B", "E", "b"))
    return lambda D: scale * (1 / D + floor) ** power


def _shifted(scale: float, start: float, power: float, floor: float) -> Callable[..., Floats]:
    return lambda C: scale * (C + start) ** -power + floor


def _doubling(years: float) -> Callable[..., Floats]:
    """Return the factor gained in some years."""
    return lambda t: 2.0 ** (t / years)


def computed_laws(laws: Laws | None = None) -> dict[str, ComputedLaw]:
    """Return every law whose constants allow it as a function, by the id of its record.

    A record that holds several curves gives several functions; the further ones are named ``id/which``.

    Parameters
    ----------
    laws : Laws, optional
        The records; those of the review at hand by default.
    """
    laws = laws or load_laws(here().data)
    out = {}
    for name, formula, variables in _formulas(laws):
        record = laws.law(name.split("/")[0])
        ranges = {v: (s[0], s[1]) for v, s in record.range.items() if v in variables}
        out[name] = ComputedLaw(record, formula, variables, ranges)
    return out


# How a dense model's budget is divided --------------------------------------------------------------------


LEFT_OUT: Mapping[str, str] = {
    "kaplan-joint": "counts without the embedding, and its authors divide budgets by another law",
    "henighan-language": "divides no budget that was tested since; its protocol was overturned for language",
    "sardana": "fitted to serve extreme ratios, not to find the optimum",
    "minicpm": "its ratio lies beyond those of its runs, and is a mean over five losses",
    "joint-moe": "its dense case was fitted beside sparse ones, on text filtered for education",
    "fine-grained": "no run of its dense case read fewer than 180 tokens a parameter",
}
"""Live laws from which an optimum could be computed and that stay out of the band, each with its reason."""


def allocations(laws: Laws | None = None) -> dict[str, AdditiveLaw | PowerAllocation]:
    """Return the laws that divide a budget between the size of a dense model and its data, by the id of the record.

    Superseded and corrected ones are there too; `live` leaves them out. All are straight lines in logarithms. Sizes
    are parameters as each law counts them; for DeepSeek a parameter is six FLOP a token.
    """
    laws = laws or load_laws(here().data)
    at = laws.law
    deepseek, kaplan, hoffmann, llama = at("deepseek"), at("kaplan-optimum"), at("hoffmann-2"), at("llama3")
    exponent = deepseek.value("a")
    # 19 to 26 tokens a parameter over the printed table: the line through its ends.
    ends = _a3_ends()
    slope = float(np.diff(np.log(ends["params"]))[0] / np.diff(np.log(6 * ends["params"] * ends["tokens"]))[0])
    first = ends.iloc[0]
    return {
        "kaplan-optimum": PowerAllocation(kaplan.name, kaplan.cite, kaplan.value("N_e"), kaplan.value("p_N")),
        "hoffmann-1": _straight(at("hoffmann-1"), at("hoffmann-1").value("a")),
        "hoffmann-2": PowerAllocation(
            hoffmann.name,
            hoffmann.cite,
            float(first["params"] / (6 * first["params"] * first["tokens"] / PF_DAY_FLOP) ** slope),
            slope,
        ),
        "hoffmann-3": _additive(at("hoffmann-3")),
        "besiroglu": _additive(at("besiroglu")),
        "porian": _straight(at("porian"), at("porian").value("a (RefinedWeb)")),
        "muennighoff": _repeated(at("muennighoff")).unique,
        "gadre": _ratio(at("gadre")),
        "llama3": _straight(llama, 1 - llama.value("alpha")),
        "deepseek": PowerAllocation(
            deepseek.name,
            deepseek.cite,
            deepseek.value("coefficient of M") * PF_DAY_FLOP**exponent / 6,
            exponent,
        ),
    }


def _a3_ends() -> pd.DataFrame:
    from review_utils.data.tables import table

    rows = table("hoffmann2022_table_a3").query("approach == 2").sort_values("params")
    return rows.iloc[[0, -1]]


def _ratio(law: Law) -> PowerAllocation:
    """Return a law of equal growth from the ratios that its record gives, at their geometric mean."""
    assert law.optimum is not None
    assert law.optimum.ratio_range is not None
    ratio = float(np.sqrt(np.prod(law.optimum.ratio_range)))
    return PowerAllocation(law.name, law.cite, float(np.sqrt(PF_DAY_FLOP / (6 * ratio))), 0.5)


def live(laws: Laws | None = None) -> dict[str, AdditiveLaw | PowerAllocation]:
    """Return the allocations that stand as they were published: those of the band."""
    laws = laws or load_laws(here().data)
    return {key: law for key, law in allocations(laws).items() if laws.law(key).status.is_ == "live"}


def _at(law: AdditiveLaw | PowerAllocation, compute_flop: ArrayLike) -> Allocation:
    with extrapolating():
        return law.optimal(compute_flop)


@dataclass(frozen=True)
class Band:
    """What laws say of a budget together: arrays of the budgets' shape, in parameters, tokens and their ratio.

    Each has the least, the middle (the median, the same for a law and its mirror in logarithms) and the greatest.
    """

    compute_flop: Floats
    params: tuple[Floats, Floats, Floats]
    tokens: tuple[Floats, Floats, Floats]
    ratio: tuple[Floats, Floats, Floats]


def band(compute_flop: ArrayLike, chosen: Mapping[str, AdditiveLaw | PowerAllocation]) -> Band:
    """Return the spread of some laws over budgets in FLOP.

    Raises
    ------
    ValueError
        Without a law, or for what is no budget in FLOP, such as its logarithm.
    """
    if not chosen:
        raise ValueError("given no law; needed: at least one that divides a budget")
    budget = floats(compute_flop)
    found = [_at(law, budget) for law in chosen.values()]

    def spread(values: list[Floats]) -> tuple[Floats, Floats, Floats]:
        logs = np.log(np.stack(values))
        return np.exp(logs.min(axis=0)), np.exp(np.median(logs, axis=0)), np.exp(logs.max(axis=0))

    return Band(
        budget,
        spread([a.params for a in found]),
        spread([a.tokens for a in found]),
        spread([a.tokens_per_param for a in found]),
    )


def lines(laws: Laws | None = None) -> list[dict[str, Any]]:
    """Return each allocation as the straight line that a calculator needs.

    Returns
    -------
    list of dict
        ``id``, ``name``, ``live``, ``log_size`` (natural logarithm of the best size at one FLOP), ``exponent``, and
        ``beyond``, the largest budget of its runs in FLOP (6 times size and tokens, where the record has both) or None.
    """
    laws = laws or load_laws(here().data)
    out = []
    for key, law in allocations(laws).items():
        record = laws.law(key)
        best = float(_at(law, 1e20).params)
        spans = record.range
        beyond = (
            spans["C"][1] if "C" in spans else 6 * spans["N"][1] * spans["D"][1] if {"N", "D"} <= set(spans) else None
        )
        out.append(
            {
                "id": key,
                "name": law.name,
                "live": record.status.is_ == "live",
                "log_size": float(np.log(best) - law.exponent * np.log(1e20)),
                "exponent": law.exponent,
                "beyond": beyond,
            }
        )
    return out


EXPONENTS: Mapping[str, str | None] = {
    "hoffmann-1": "a",
    "hoffmann-2": "a",
    "besiroglu": None,
    "porian": "a (RefinedWeb)",
    "porian/openwebtext2": "a (OpenWebText2)",
    "hoffmann-3": None,
}
"""The laws whose exponent of optimal size has an interval, and the constant that holds it; None: the optimum does."""


def _errors(percent: float) -> float:
    """Return how many standard errors to either side hold a percentage of a normal distribution."""
    return float(ndtri(0.5 + percent / 200))


def exponent_intervals(laws: Laws | None = None) -> pd.DataFrame:
    """Return the exponent of optimal size with its 95 percent interval, of every law that has one.

    Returns
    -------
    DataFrame
        id, name, live, exponent, printed_low, printed_high (as printed, or 1.96 standard errors to either side), percent
        (what these hold), low, high (the same for 95 percent: about its middle, as if the errors were normal).
    """
    laws = laws or load_laws(here().data)
    rows = []
    for key, symbol in EXPONENTS.items():
        record = laws.law(key.split("/")[0])
        where = symbol.partition(" ")[2] if symbol else ""
        if symbol:
            constant = record.constant(symbol)
            assert constant.interval is not None
            value, percent = record.value(symbol), constant.interval_percent
            least, most = constant.interval
        else:
            assert record.optimum is not None
            value = float(record.optimum.size or 0)
            error = _errors(95) * (record.optimum.standard_error or 0)
            percent = record.optimum.interval_percent
            least, most = record.optimum.interval or (value - error, value + error)
        holds = float(percent or 95)
        middle, half = (least + most) / 2, (most - least) / 2 * _errors(95) / _errors(holds)
        rows.append(
            {
                "id": key,
                "name": f"{record.name} {where}".strip(),
                "live": record.status.is_ == "live",
                "exponent": value,
                "printed_low": least,
                "printed_high": most,
                "percent": holds,
                "low": middle - half,
                "high": middle + half,
            }
        )
    return pd.DataFrame(rows)


@asks(intervals=frame("name", "low", "high"))
def agreements(intervals: pd.DataFrame) -> pd.DataFrame:
    """Return for each pair of intervals whether they overlap: columns first, second, agree."""
    rows = [
        {"first": a.name, "second": b.name, "agree": bool(a.low <= b.high and b.low <= a.high)}
        for a, b in combinations(list(intervals[["name", "low", "high"]].itertuples(index=False)), 2)
    ]
    return pd.DataFrame(rows, columns=["first", "second", "agree"])


def isoflop(law: AdditiveLaw, compute_flop: float, params: ArrayLike) -> Floats:
    """Return the loss of models of several sizes that all spend one budget, in nats for each token.

    Parameters
    ----------
    law : AdditiveLaw
    compute_flop : float
        Finite, above 0.
    params : array
        Positive.
    """
    n = floats(params)
    compute_flop = float(flops(compute_flop))
    if (n > compute_flop / 6).any():
        raise ValueError(
            f"params: given {n.max():g} for {compute_flop:g} FLOP; needed: at most {compute_flop / 6:g}, a token in training"
        )
    with extrapolating():
        return law.loss(n, compute_flop / (6 * n))


@asks(compute_flop=number(above=0))
def wasted(law: AdditiveLaw, compute_flop: float, factor: ArrayLike) -> Floats:
    """Return the share of a budget that a wrong size wastes: what a model of the best size would need less.

    Parameters
    ----------
    law : AdditiveLaw
    compute_flop : float
        The budget in FLOP.
    factor : array
        Size over the best size, positive.
    """
    if not (np.isfinite(times := floats(factor)) & (times > 0)).all():
        raise ValueError(f"factor: given {factor!r}; needed: finite factors above 0")
    with extrapolating():
        best = law.optimal(compute_flop)
        reached = isoflop(law, compute_flop, best.params * times) - law.E
        # Along the optimum the reducible loss is a power of compute with this exponent.
        slope = law.alpha * law.beta / (law.alpha + law.beta)
        return np.asarray(1 - ((law.loss(best.params, best.tokens) - law.E) / reached) ** (1 / slope))
