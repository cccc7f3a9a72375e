"""The compendium: published scaling laws, each once, a file a family: ``data/laws/*.yml``.

A law's record holds what its source prints. What follows from the constants is computed by `emergence`.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from review_utils.data.tables import read_columns, table_infos
from review_utils.records.quantities import Interval, Number
from review_utils.records.reading import (
    FieldError,
    Located,
    Problem,
    Record,
    RecordError,
    Slug,
    Text,
    did_you_mean,
    format_number,
    nearest,
    parse,
    read_each,
    with_id,
)
from review_utils.records.references import Reference, load_references, unknown_key
from review_utils.review import files_in

LawStanding = Literal["live", "superseded", "erratum", "contested"]
STANDING_WORDS: Mapping[str, str] = {
    "live": "live",
    "superseded": "superseded",
    "erratum": "corrected by others",
    "contested": "contested",
}
READ_WORDS: Mapping[str, str] = {
    "primary": "read in the source",
    "secondary": "read in others' words",
    "memory": "from memory",
}
_Positive = Annotated[Number, Field(gt=0)]
_Percent = Annotated[Number, Field(ge=1, lt=100)]
"""Of a hundred, and no share of one."""
_How = Literal["primary", "secondary", "memory"]


USUAL = ("N", "N_total", "D", "C", "M", "RM")
"""Symbols of models, data and budgets that a range may name though the formula does without them."""


def _formula(latex: str) -> str:
    """Refuse LaTeX that does more than write a formula, or does not close what it opens."""
    if bad := re.search(r"\\(href|url|input|include|write\d*|def|newcommand|html\w*|class|style|require)\b", latex):
        raise ValueError(f"a formula, without {bad[0]}")
    depth = 0
    for sign in re.findall(r"(?<!\\)[{}]", latex):
        depth += 1 if sign == "{" else -1
        if depth < 0:
            break
    if depth:
        raise ValueError("braces that close as they open")
    return latex


class Form(Record):
    """A formula, for those who read them and for those who do not."""

    latex: Annotated[Text, AfterValidator(_formula)]
    words: Text


class LawConstant(Record):
    """One constant of a law as its source prints it, or words where it prints no number."""

    symbol: Text
    value: Number | Text
    unit: Text | None = None
    interval: Interval | None = None
    interval_percent: Annotated[_Percent | None, Field(description="what the interval holds, where not 95")] = None
    locator: Text
    read: _How
    note: Text | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.interval and isinstance(self.value, str):
            raise ValueError("a number where there is an interval")
        if self.interval_percent and not self.interval:
            raise FieldError("an interval that holds so many percent, or none of both", "interval_percent")
        if self.interval and isinstance(self.value, float) and not self.interval[0] <= self.value <= self.interval[1]:
            raise FieldError(f"an interval that holds {self.value:g}", "interval")
        if isinstance(self.value, str) and re.fullmatch(r"\s*[-+]?[0-9.,]+([eE][-+]?[0-9]+)?\s*", self.value):
            raise FieldError("a number, without quotes", "value")
        return self

    @property
    def seen(self) -> str:
        """How it was read, in words."""
        return READ_WORDS[self.read]

    @property
    def printed(self) -> str:
        """The constant with its interval, as a table shows it."""
        value = self.value if isinstance(self.value, str) else f"{self.value:.8g}"
        unit = f" {self.unit}" if self.unit else ""
        percent = f", {self.interval_percent:g} percent" if self.interval_percent else ""
        ends = f" ({self.interval[0]:.6g} to {self.interval[1]:.6g}{percent})" if self.interval else ""
        return f"{self.symbol} = {value}{unit}{ends}"


class LawStatus(Record):
    """Whether a law still stands, and by what it fell."""

    model_config = ConfigDict(populate_by_name=True)

    is_: Annotated[LawStanding, Field(alias="is")]
    by: list[Text] = []
    because: Text | None = None

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.is_ != "live" and not (self.by and self.because):
            raise ValueError("by and because, for a law that does not stand as it was published")
        if self.is_ == "live" and (self.by or self.because):
            raise FieldError("no by and no because, of a law that stands", "by" if self.by else "because")
        return self


class Anchor(Record):
    """A point of a law that is a straight line in logarithms: what it calls best for one budget."""

    flop: _Positive
    parameters: _Positive
    tokens: _Positive | None = None
    locator: Text
    read: _How

    @model_validator(mode="after")
    def _spent(self) -> Self:
        spent = 6 * self.parameters * (self.tokens or self.flop / 6 / self.parameters)
        if not 1 / SPENT <= spent / self.flop <= SPENT:
            raise FieldError(
                f"about {self.flop / 6 / self.parameters:.3g}, which {self.flop:g} FLOP give at six for each parameter and token",
                "tokens",
            )
        return self


ROUNDED = 0.1
"""How far two exponents that divide a budget may be from 1 together, whatever a note says."""

SPENT = 2.0
"""How many times six FLOP for each parameter and token a budget may be: attention, experts and embeddings count apart."""


class Optimum(Record):
    """How a law divides a budget: exponents in compute, and what is known of the ratio of tokens to parameters."""

    size: Number | None = None
    data: Number | None = None
    standard_error: _Positive | None = None
    interval: Interval | None = None
    interval_percent: Annotated[_Percent | None, Field(description="what the interval holds, where not 95")] = None
    anchor: Anchor | None = None
    ratio: Text | None = None
    ratio_range: Interval | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        error, ends = self.standard_error, self.interval
        if self.interval_percent and not ends:
            raise FieldError("an interval that holds so many percent, or none of both", "interval_percent")
        if error and self.size is not None and error > abs(self.size):
            raise FieldError(f"an error smaller than the {self.size:g} that it is of", "standard_error")
        if error and ends and not 0.5 <= (ends[1] - ends[0]) / 2 / error <= 8:
            raise FieldError(
                f"an error that goes with {ends[0]:g} to {ends[1]:g}: half of that is one to four errors",
                "standard_error",
            )
        said = [float(one) for one in re.findall(r"\d+(?:\.\d+)?", (self.ratio or "").partition("(")[0])]
        if self.ratio_range and said and not 0.95 * self.ratio_range[0] <= said[0] <= 1.05 * self.ratio_range[1]:
            raise FieldError(f"what ratio says, {self.ratio}", "ratio_range")
        apart = abs(self.size + self.data - 1) if self.size is not None and self.data is not None else 0
        if apart > (ROUNDED if self.note else 0.05):
            raise FieldError(
                "the rest of the budget: exponents of size and data give 1, or a note says why rounding parts them",
                "data",
            )
        return self


_OTHERS = {
    "N": r"tokens?|FLOPs?|PF-days|bytes",
    "N_total": r"tokens?|FLOPs?|PF-days|bytes",
    "D": r"(?:all |total |model )?parameters?|FLOPs?|PF-days",
    "C": r"(?:all |total |model )?parameters?|tokens?|bytes",
}
"""With what the sizes, the data and the budgets of all laws are not counted: how such words begin."""


class Law(Record):
    """One published law: its form, what its symbols count, the runs behind it, its constants and where it stands."""

    id: Slug
    name: Text
    cite: Text
    quantity: Text
    form: Form
    variables: dict[Text, Text]
    range: dict[Text, Interval] = {}
    models_data: Text
    schedule: Text
    constants: Annotated[list[LawConstant], Field(min_length=1)]
    how_fitted: Text
    status: LawStatus
    optimum: Optimum | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        symbols = [constant.symbol for constant in self.constants]
        if twice := {symbol for symbol in symbols if symbols.count(symbol) > 1}:
            raise ValueError(f"each symbol once; {min(twice)} stands twice")
        for name, span in self.range.items():
            if name not in self.variables and name not in USUAL:
                need = f"a symbol of variables ({', '.join(self.variables)}), or {', '.join(USUAL)}"
                raise FieldError(need, "range", name)
            if span[0] < 0:
                raise FieldError("sizes, data and budgets from 0 on", "range", name)
        for i, constant in enumerate(self.constants):
            symbol = re.split(r"[ ,(]", constant.symbol)[0]
            values = [c.value for c in self.constants if re.split(r"[ ,(]", c.symbol)[0] == symbol]
            signs = [value > 0 for value in values if isinstance(value, float) and value]
            if len(signs) > 2 and isinstance(constant.value, float) and signs.count(constant.value > 0) == 1:
                need = f"the sign of the others of {symbol}, or a note that says why this one has another"
                if constant.note is None:
                    raise FieldError(need, "constants", i, "value")
        for name, counts in self.variables.items():
            if name in _OTHERS and re.match(rf"(?:the |number of |count of )*(?:{_OTHERS[name]})\b", counts, re.I):
                kind = {"D": "data", "C": "compute"}.get(name, "size")
                raise FieldError(f"what {name} counts, which in every law is {kind}", "variables", name)
        if rising := _rising(self):
            raise FieldError(rising, "form", "latex")
        for field, needed in _divided(self):
            if self.optimum and not self.optimum.note:
                raise FieldError(f"{needed}; or a note that says why not", "optimum", *field)
        written = {sign.lstrip("\\") for sign in re.findall(r"\\[A-Za-z]+|[A-Za-z]", self.form.latex)}
        if not written & {re.split(r"[_^{ ,(]", name)[0].lstrip("\\") for name in (*self.variables, *symbols)}:
            raise FieldError("a formula with one of its variables or constants", "form", "latex")
        for name in self.variables:
            if name not in USUAL and not _stands_in(_bare(re.split(r"[ ,(]", name)[0]), self.form.latex):
                raise FieldError("a symbol of the form", "variables", name)
        told = {re.split(r"[ ,(]", name)[0] for name in (*self.variables, *symbols)}
        if untold := [
            name for name in _SIZES.findall(_WORDS.sub(" ", self.form.latex.partition("=")[2])) if name not in told
        ]:
            raise FieldError(f"{untold[0]} as well, with what it counts: its formula holds it", "variables")
        for i, constant in enumerate(self.constants):
            if lacks := _without_place(constant, self.form.latex):
                raise FieldError(lacks, "constants", i, "symbol")
        return self

    @property
    def standing(self) -> str:
        """Where it stands, in words."""
        return STANDING_WORDS[self.status.is_]

    def constant(self, symbol: str) -> LawConstant:
        """Return one of its constants; KeyError names the near misses."""
        return with_id(self.constants, symbol, "constant", "symbol", self.id)

    def value(self, symbol: str) -> float:
        """Return the number of a constant.

        Raises
        ------
        KeyError
            When there is no such constant, or its source prints no number.
        """
        value = self.constant(symbol).value
        if isinstance(value, str):
            raise KeyError(f"{self.id}: {symbol} is no number but: {value}")
        return value

    @property
    def ranges(self) -> str:
        """The range of its runs in words."""
        return "; ".join(
            f"{name} {format_number(low)} to {format_number(high)}" if low else f"{name} up to {format_number(high)}"
            for name, (low, high) in self.range.items()
        )


_GREEK = ("alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "varphi", "chi", "psi", "omega", "ell")  # fmt: skip
_SYMBOL = re.compile(rf"(?:{'|'.join(_GREEK)}|[A-Za-z])(?:_[A-Za-z0-9*+-]+|[0-9*']+)*", re.I)


_SIZES = re.compile(r"(?<![A-Za-z\\_])(?<!_\{)[NDCM](?![A-Za-z_])")
"""Symbols of models, data and budgets in a formula, of which each source counts another thing: with embeddings or without."""

_WORDS = re.compile(r"\\(?:mathrm|text|operatorname|textit|mathit|mbox)\s*\{[^{}]*\}")


_POWER = re.compile(r"(?<![A-Za-z\\_{/])([NDC])\^\{?(-?)\\?([A-Za-z]+(?:_\w)?)(?:\}|(?![A-Za-z_]))")
"""A power of size, data or compute that multiplies: what, whether its exponent has a minus, and the exponent's symbol."""
_OVER = re.compile(r"\(([NDC])/[^()]*\)\^\{(-?)\\?([A-Za-z]+(?:_\w)?)\}")
"""The same of a ratio with size, data or compute above the line."""
_UNDER = re.compile(r"\\frac\s*\{[^{}]*\}\s*\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}")
"""A fraction, whose powers of what stands below it fall where they rise."""
_LOSS = re.compile(r"(?:[\w-]+ )?(?:loss|error)\b")
"""Quantities that are better where they are less."""


def _rising(law: Law) -> str | None:
    """Return what is needed where a loss would rise with size, data or compute to one of its constants."""
    if not _LOSS.match(law.quantity):
        return None
    for name, minus, symbol in (*_POWER.findall(_UNDER.sub(" ", law.form.latex)), *_OVER.findall(law.form.latex)):
        for constant in law.constants:
            bare, value = _bare(re.split(r"[ ,(]", constant.symbol)[0]), constant.value
            if bare == symbol and isinstance(value, float) and (value > 0) != bool(minus):
                return f"a loss that falls with {name}: to the power of {minus}{symbol}, {value:g}, it rises"
    return None


def _bare(symbol: str) -> str:
    """Return a symbol without the signs by which LaTeX sets it."""
    return re.sub(r"[{}\\^]", "", symbol)


def _stands_in(symbol: str, latex: str) -> bool:
    """Whether a formula has a symbol: its letter, and what stands below it."""
    head, plain = re.split(r"[_0-9*']", symbol)[0], _bare(latex)
    written = {sign.lstrip("\\") for sign in re.findall(r"\\[A-Za-z]+|[A-Za-z]", latex)}
    return symbol.rstrip("'") in plain and (head in written or (len(head) > 1 and head.lower() not in _GREEK))


def _without_place(constant: LawConstant, latex: str) -> str | None:
    """Return what is needed where a constant's symbol is none of its formula; a number of a formula is said in words."""
    first, gap, rest = re.match(r"([^ ,(]*)([ ,(]*)(.*)", constant.symbol).groups()  # type: ignore[union-attr]  # it always matches
    symbol = _bare(first)
    if rest and gap == " ":  # what is counted, in words
        return None
    if not _SYMBOL.fullmatch(symbol):
        near = nearest(symbol.lower(), _GREEK, alike=0.8) if len(symbol) > 3 else ()
        return f"a symbol of the form, or words that are none; did you mean {near[0]}?" if near else None
    number = isinstance(constant.value, float) and f"{constant.value:g}" in latex
    if _stands_in(symbol, latex) or number or constant.note:
        return None
    known = {_bare(sign) for sign in re.findall(r"\\?[A-Za-z]+(?:_\{[^{}]*\}|_\w)?", latex)}
    return f"a symbol of the form{did_you_mean(symbol, known)}; or a note that says what it is a constant of"


def _divided(law: Law) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what a law says of the division of a budget that its own constants do not: the field, and what is needed."""
    optimum, numbers = law.optimum, {c.symbol: c for c in law.constants if isinstance(c.value, float)}
    if optimum is None:
        return
    for field, given, symbols in (("size", optimum.size, ("a", "p_N")), ("data", optimum.data, ("b", "p_D"))):
        for printed in (numbers[symbol] for symbol in symbols if symbol in numbers):
            low, high = printed.interval or (law.value(printed.symbol),) * 2
            if given is not None and not low <= given <= high:
                yield (field,), f"{law.value(printed.symbol):g}, the constant {printed.symbol}"
    if {"alpha", "beta"} <= numbers.keys() and optimum.size is not None:
        alpha, beta = law.value("alpha"), law.value("beta")
        if abs(optimum.size - beta / (alpha + beta)) > 0.02:
            yield ("size",), f"about {beta / (alpha + beta):.2g}, which alpha and beta give"
    at, ratio = optimum.anchor, optimum.ratio_range
    if at and ratio and law.variables.get("C") == "6ND":
        tokens = (at.tokens or at.flop / 6 / at.parameters) / at.parameters
        if not ratio[0] / 1.5 <= tokens <= 1.5 * ratio[1]:
            yield (
                ("anchor", "parameters"),
                f"tokens a parameter near {ratio[0]:g} to {ratio[1]:g}, which {tokens:.3g} is not",
            )


class LawFile(Record):
    """The laws of one family."""

    family: Text
    laws: Annotated[list[Law], Field(min_length=1)]


def stem_of(family: str) -> str:
    """Return the name of a family's file, without its ending.

    Examples
    --------
    >>> stem_of("loss in size and data")
    'loss-in-size-and-data'
    """
    return re.sub(r"[^a-z0-9]+", "-", family.lower()).strip("-")


@dataclass(frozen=True)
class Laws:
    """All laws by family, with the bibliography and their places."""

    families: Mapping[str, tuple[Law, ...]]
    references: Mapping[str, Reference]
    places: Mapping[str, tuple[str, int]]

    def __iter__(self) -> Iterator[Law]:
        return (law for laws in self.families.values() for law in laws)

    def __len__(self) -> int:
        return sum(map(len, self.families.values()))

    @cached_property
    def by_id(self) -> Mapping[str, Law]:
        """Every law by its id."""
        return {law.id: law for law in self}

    def law(self, law_id: str) -> Law:
        """Return one law; KeyError names the near misses."""
        return with_id(self, law_id, "law")

    @property
    def counts(self) -> Mapping[str, int]:
        """How many laws stand how, in words; what no law is stays out."""
        counted = Counter(law.standing for law in self)
        return {words: counted[words] for words in STANDING_WORDS.values() if counted[words]}

    def rows(self) -> list[dict[str, object]]:
        """Return every law as plain data with its family, in the order of the compendium: what programs read."""
        return [
            {"family": family, **law.model_dump(mode="json", by_alias=True, exclude_none=True)}
            for family, members in self.families.items()
            for law in members
        ]

    def family_of(self, law_id: str) -> str:
        """Return the family that a law belongs to."""
        return next(family for family, laws in self.families.items() if any(law.id == law_id for law in laws))


ORDER = (
    "loss in data", "loss in size", "loss in compute", "loss in size and data", "loss in size and time", "size in data",
    "split of a budget", "over-training", "training settings", "data", "transfer", "sparse models", "precision",
    "distillation", "loss to task", "test time", "reinforcement", "reward", "safety", "progress",
    "loss in size and in compute", "domains", "forms", "theory",
)  # fmt: skip
"""The families in the order of the chapter; one that is not named here comes last."""


def load_laws(data: Path) -> Laws:
    """Return every law, checked against the bibliography and one another.

    Raises
    ------
    RecordError
        With every problem: an id twice, a source or a successor that is not in the bibliography, a file that does not
        bear the name of its family.
    """
    references = load_references(data)
    problems: list[Problem] = []
    families: dict[str, tuple[Law, ...]] = {}
    places: dict[str, tuple[str, int]] = {}
    for located, found in read_each(files_in(data / "laws", "*.yml"), partial(parse, LawFile), problems):
        if located.path.stem != stem_of(found.family):
            need = f"the family that {located.path.name} is named after"
            problems.append(located.problem(("family",), found.family, need))
        families[found.family] = tuple(found.laws)
        for i, law in enumerate(found.laws):
            problems += _problems(located, i, law, references, places)
            places.setdefault(law.id, (located.problem((), "", "").file, located.lines.get(("laws", i), 1)))
    named = Counter(law.name.casefold() for laws in families.values() for law in laws)
    for law in (law for laws in families.values() for law in laws if named[law.name.casefold()] > 1):
        problems.append(Problem(*places[law.id], f"{law.id}.name", law.name, "a name that no other law has"))
    if not problems:
        problems += _beside_tables(data, families, places)
    if problems:
        raise RecordError(problems)
    rank = {family: i for i, family in enumerate(ORDER)}
    in_order = sorted(families, key=lambda family: (rank.get(family, len(rank)), family))
    return Laws({family: families[family] for family in in_order}, references, places)


def _beside_tables(
    data: Path, families: Mapping[str, tuple[Law, ...]], places: Mapping[str, tuple[str, int]]
) -> Iterator[Problem]:
    """Yield constants that the tables of their source do not hold, where they hold most constants of the law; and other runs."""
    yield from _runs_beside(data, families, places)
    typed: dict[str, set[str]] = {}
    with contextlib.suppress(RecordError):  # a fault of a table is told with the tables
        for info in table_infos(data).values():
            if info.path.parent.name == "published":
                cells = {n for column in read_columns(info).values() for n in column if isinstance(n, int | float)}
                typed.setdefault(info.cite, set()).update(_digits(n) for n in cells)
                typed[info.cite] |= {_digits(math.exp(n)) for n in cells if 0 < n < 50}  # where it prints logarithms
    for law in (law for laws in families.values() for law in laws if law.cite in typed):
        numbers = {c.symbol: c.value for c in law.constants if isinstance(c.value, float) and not c.note}
        apart = {symbol: value for symbol, value in numbers.items() if _digits(value) not in typed[law.cite]}
        for symbol, value in apart.items() if 2 * len(apart) < len(numbers) else ():
            need = f"a number of the tables of {law.cite}, which hold the others, or a note that says why not"
            yield Problem(*places[law.id], f"{law.id}.constants.{symbol}", f"{value:g}", need)


IN_DOMAINS = {"params": ("N", "N_total"), "tokens": ("D",)}
"""How the symbols of a law's record are called in the table of the runs that laws were fitted to."""


def _runs_beside(
    data: Path, families: Mapping[str, tuple[Law, ...]], places: Mapping[str, tuple[str, int]]
) -> Iterator[Problem]:
    """Yield a range of runs that is not the one of the law by this id, or of its source, in the table of domains."""
    rows: list[tuple[object, ...]] = []
    with contextlib.suppress(RecordError, KeyError):  # a fault of the table is told with the tables
        columns = read_columns(table_infos(data)["law_domains"])
        rows = list(zip(*(columns[name] for name in ("cite", "quantity", "low", "high")), strict=True))
    for law in (law for laws in families.values() for law in laws if not law.note):
        for cite, quantity, low, high in rows:
            for name in IN_DOMAINS.get(str(quantity), ()):
                span = law.range.get(name)
                if (
                    cite == law.cite and span and {span[0], span[1]} != {low, high}
                ):  # ends turned about are told with the tables
                    need = f"[{low:g}, {high:g}], as law_domains has it of {cite}, or that table mended, or a note that says why not"
                    yield Problem(*places[law.id], f"{law.id}.range.{name}", f"{span[0]:g} to {span[1]:g}", need)


def _digits(value: float) -> str:
    return f"{value:.4g}"


def of_another(name: str, reference: Reference) -> str | None:
    """Return by whom and of when a law is, where its name says another; a preprint is called by either of its years."""
    said = re.search(r"\b([A-Z][\w'’-]+)(?: et al\.)? ((?:19|20)\d\d)\b", name)
    years = {reference.year, f"20{reference.arxiv[:2]}" if reference.arxiv else reference.year}
    if said and (said[2] not in years or not any(said[1] in family for family in reference.families)):
        return f"{reference.families[0]} {' or '.join(sorted(years))}"
    return None


def _problems(
    located: Located, i: int, law: Law, references: Mapping[str, Reference], places: Mapping[str, tuple[str, int]]
) -> Iterator[Problem]:
    if law.id in places:
        file, line = places[law.id]
        yield located.problem(("laws", i, "id"), law.id, f"each id once; it also stands in {file}:{line}")
    yield from unknown_key(located, ("laws", i, "cite"), law.cite, references)
    if law.cite in references and (whose := of_another(law.name, references[law.cite])):
        yield located.problem(("laws", i, "name"), law.name, f"{whose}, whom it cites, or that work under cite")
    for j, key in enumerate(law.status.by):
        at = ("laws", i, "status", "by", j)
        yield from unknown_key(located, at, key, references)
        if {key, law.cite} <= references.keys() and (
            key == law.cite or references[key].year < references[law.cite].year
        ):
            yield located.problem(at, key, f"a work that came after {law.cite}, of {references[law.cite].year}")
