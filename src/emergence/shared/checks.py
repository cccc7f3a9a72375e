"""What a function asks of its arguments: one small set of checks, each saying what was given and what is needed.

Stands beside the signature, as ``@asks(("x", "y"), x=values(rising=True), alpha=number(above=0))``.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd

from review_utils.records.reading import did_you_mean

Check = Callable[[str, Any], None]
P = ParamSpec("P")
R = TypeVar("R")


def _shown(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:59] + "…"


def _range(low: float, high: float, above: float, below: float) -> str:
    parts = [f"above {above:g}"] if above > -np.inf else []
    parts += [f"at least {low:g}"] if low > -np.inf else []
    parts += [f"below {below:g}"] if below < np.inf else []
    parts += [f"at most {high:g}"] if high < np.inf else []
    return ", " + " and ".join(parts) if parts else ""


LARGEST = np.finfo(float).max
"""Of finite numbers."""


def floats(value: Any) -> np.ndarray[Any, np.dtype[np.float64]]:  # noqa: ANN401  # an argument of any kind
    """Return an argument as floats; ValueError for what numpy would take for numbers though it is none.

    Text, days and complex numbers are converted by numpy without a word, and what a mask hides is counted as data.
    """
    if np.ma.is_masked(value):
        raise ValueError("given masked values: they would count; needed: the numbers alone")
    array = np.asarray(value)
    texts = array.dtype.kind == "O" and any(isinstance(item, str | bytes) for item in array.ravel())
    if array.dtype.kind in "cmMUSV" or texts:
        raise ValueError(f"given values of the kind {'text' if texts else array.dtype}; needed: numbers")
    return np.asarray(array, dtype=float)


def number(
    low: float = -np.inf,
    high: float = np.inf,
    *,
    above: float = -np.inf,
    below: float = np.inf,
    whole: bool = False,
    endless: bool = False,
) -> Check:
    """Return a check of one number within a range, finite unless `endless`.

    Examples
    --------
    >>> number(low=0)("noise", -1.0)
    Traceback (most recent call last):
        ...
    ValueError: noise: given -1.0; needed: a finite number, at least 0
    """
    what = ("a whole number" if whole else "a number" if endless else "a finite number") + _range(
        low, high, above, below
    )

    def check(name: str, value: Any) -> None:  # noqa: ANN401  # an argument of any kind
        plain = value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value
        real = isinstance(plain, float | int | np.integer | np.floating) and not isinstance(plain, bool)
        good = real and bool((low <= plain <= high and above < plain < below) or (endless and plain == np.inf))
        good = good and (endless or bool(np.isfinite(plain))) and not (whole and plain != int(plain))
        if not good:
            raise ValueError(f"{name}: given {_shown(value)}; needed: {what}")

    return check


def values(
    low: float = -np.inf,
    high: float = np.inf,
    *,
    above: float = -np.inf,
    below: float = np.inf,
    least: int = 1,
    axes: int = 1,
    rising: bool = False,
    ordered: bool = False,
    changing: bool = False,
    gaps: bool = False,
    whole: bool = False,
) -> Check:
    """Return a check of an array of finite numbers, naming the rows at fault.

    Parameters
    ----------
    low, high, above, below : float
        The range of each.
    least : int
        Fewest rows.
    axes : int
        Dimensions.
    rising, ordered, changing : bool
        Whether each must be above the one before it, none below it, and whether two at least must differ.
    gaps : bool
        Whether NaN stands for what is missing.
    whole : bool
        Whether each must be a whole number.

    Examples
    --------
    >>> values(rising=True)("steps", [0, 2, 1])
    Traceback (most recent call last):
        ...
    ValueError: steps: row 2 is 1 after 2; needed: rising values
    """
    what = ("whole numbers" if whole else "finite numbers") + _range(low, high, above, below)

    def within(array: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.bool_]]:
        inside = np.isfinite(array) & (array >= low) & (array <= high) & (array > above) & (array < below)
        return np.asarray(inside)

    def check(name: str, value: Any) -> None:  # noqa: ANN401  # an argument of any kind
        try:
            array = floats(value)
        except (TypeError, ValueError) as error:
            said = (
                f", {error}" if isinstance(error, TypeError) and str(error).startswith(("masked", "values of")) else ""
            )
            raise ValueError(f"{name}: given {_shown(value)}{said}; needed: {what}") from None
        if array.ndim != axes or len(array) < least or not array.size:
            dims = "one dimension" if axes == 1 else f"{axes} dimensions"
            raise ValueError(
                f"{name}: given an array of shape {array.shape}; needed: {dims}, at least {least} row{'s' if least > 1 else ''}"
            )
        first, last = (
            float(array.min()),
            float(array.max()),
        )  # both NaN where one is: they answer for all, in a fraction of the time
        if whole or not (max(low, -LARGEST) <= first and last <= min(high, LARGEST) and above < first and last < below):
            good = within(array)
            if whole:
                good &= array == np.round(array)
            if gaps and not good.all():
                good |= np.isnan(array)
            if not good.all():
                at = [int(i) for i in np.argwhere(~good)[0]]
                place = ", column ".join(map(str, at))
                raise ValueError(f"{name}: row {place} is {array[tuple(at)]:g}; needed: {what}")
        if rising or ordered:
            steps = np.diff(array)
            if (rows := np.flatnonzero(steps <= 0 if rising else steps < 0)).size:
                row = int(rows[0]) + 1
                needed = "rising values" if rising else "values that do not fall"
                raise ValueError(f"{name}: row {row} is {array[row]:g} after {array[row - 1]:g}; needed: {needed}")
        if changing and np.ptp(array[np.isfinite(array)]) == 0:
            raise ValueError(f"{name}: given {array.flat[0]:g} throughout; needed: at least two different values")

    return check


def option(*known: str) -> Check:
    """Return a check of a word that must be one of a few."""

    def check(name: str, value: Any) -> None:  # noqa: ANN401  # an argument of any kind
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"{name}: given {_shown(value)}; needed: one of {', '.join(known)}{did_you_mean(str(value), known)}")  # fmt: skip

    return check


def frame(*columns: str, days: Sequence[str] = ()) -> Check:
    """Return a check of a table that has these columns, some of them of days: as text they would be ordered by the alphabet."""

    def check(name: str, value: Any) -> None:  # noqa: ANN401  # an argument of any kind
        there = getattr(value, "columns", None)
        if missing := [column for column in columns if there is None or column not in there]:
            given = _shown(value) if there is None else f"no column {', '.join(missing)}"
            raise ValueError(f"{name}: given {given}; needed: a table with the columns {', '.join(columns)}")
        for column in days:
            if value[column].dtype.kind != "M":
                raise ValueError(
                    f"{name}: given {value[column].dtype} in the column {column}; needed: days, as by pd.to_datetime"
                )

    return check


def one_group(table: pd.DataFrame, column: str, name: str) -> None:
    """Refuse a table that mixes groups where a function is of one: what it gives would be of none of them."""
    if column in table and len(found := list(dict.fromkeys(table[column]))) > 1:
        raise ValueError(f"{name}: given {len(found)} of the column {column}, {_shown(found)}; needed: the rows of one, as by groupby({column!r})")  # fmt: skip


def _one_order(given: Mapping[str, Any]) -> None:
    """Refuse columns that hold the same labels in different orders: rows are paired by place, and would be paired wrongly."""
    columns = {name: value for name, value in given.items() if isinstance(value, pd.Series)}
    for (one, first), (other, second) in itertools.combinations(columns.items(), 2):
        a, b = first.index, second.index
        if len(a) == len(b) and not a.equals(b) and set(a) == set(b):
            row = int(np.flatnonzero(a != b)[0])
            raise ValueError(f"{other}: row {row} has the label {b[row]!r}, and in {one} that row has {a[row]!r}; needed: the same labels in one order, as by {other}.loc[{one}.index], or arrays without labels")  # fmt: skip


def _plain(value: Any) -> Any:  # noqa: ANN401  # an argument of any kind
    """Return a whole number of numpy's as Python's own, whose squares and products do not overflow."""
    whole = isinstance(value, np.integer | np.ndarray) and value.ndim == 0 and value.dtype.kind in "iu"
    return value.item() if whole else value


def asks(*alike: tuple[str, ...], **checks: Check) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Check the arguments of a function before it runs: each by its check, columns by the order of their labels.

    A whole number of a narrow type of numpy is handed on as Python's own.

    Parameters
    ----------
    *alike : tuple of str
        Names of arguments that must have as many rows as one another.
    **checks : Check
        By the name of the argument. None passes where it is the default.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        parameters = inspect.signature(function).parameters
        names = list(parameters)
        unknown = {*checks, *itertools.chain(*alike)} - set(names)
        if unknown:
            raise TypeError(f"{function.__name__} has no argument {', '.join(sorted(unknown))}")
        optional = {name for name, p in parameters.items() if p.default is None}

        @functools.wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            given = {**dict(zip(names, args, strict=False)), **kwargs}
            _one_order(given)
            for name, check in checks.items():
                if name in given and not (given[name] is None and name in optional):
                    check(name, given[name])
            for group in alike:
                counts = {n: len(given[n]) for n in group if given.get(n) is not None}  # type: ignore[arg-type]  # rows
                if len(set(counts.values())) > 1:
                    said = ", ".join(f"{count} {n}" for n, count in counts.items())
                    raise ValueError(f"given {said}; needed: as many of each")
            return function(*map(_plain, args), **{name: _plain(value) for name, value in kwargs.items()})

        return checked

    return decorate


def check_fields(record: object, **checks: Check) -> None:
    """Check the fields of an object that has just been made."""
    _one_order(vars(record))
    for name, check in checks.items():
        check(name, getattr(record, name))
