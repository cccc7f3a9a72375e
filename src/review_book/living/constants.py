"""Mathematics in prose that a machine can recompute: equations between plain numbers, and constants of laws that are cited."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

_MATHS = re.compile(r"(?<![\\$])\$([^$\n]+)\$(?!\$)")
_EQUALS = re.compile(r"=|\\approx(?![a-zA-Z])")
_CITED = re.compile(r"\{cite:[pt]\}`([^`]+)`")
_CONSTANT = re.compile(r"\\?([A-Za-z]+(?:_\{?\w+\}?)?)\s*=\s*(-?\d+(?:\.\d+)?)")
_SIGNS = (
    (r"\\[,;!: ]|~|\\left|\\right|\{,\}", ""), (r"\\[td]?frac\{([^{}]+)\}\{([^{}]+)\}", r"((\1)/(\2))"),
    (r"\\(?:times|cdot)(?![a-zA-Z])", "*"), (r"\^\{([^{}]+)\}", r"**(\1)"), (r"\^(\d)", r"**\1"), (r"[{}]", " "),
)  # fmt: skip
_DO: Mapping[type, Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip
HIGHEST = 400.0
"""An exponent beyond this leaves what a computer's numbers hold."""


def value_of(tex: str) -> float | None:
    r"""Return the value of an expression in plain numbers, or None where it is another.

    Examples
    --------
    >>> value_of(r"6 \times 10^{23}"), value_of(r"\frac{1}{4}"), value_of("p^4")
    (6e+23, 0.25, None)
    """
    for sign, plain in _SIGNS:
        tex = re.sub(sign, plain, tex)
    if not re.fullmatch(r"[\d.+\-*/() ]+", tex):
        return None
    try:
        return _computed(ast.parse(tex.strip(), mode="eval").body)
    except (SyntaxError, ArithmeticError, ValueError, TypeError):
        return None


def _computed(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_computed(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _DO:
        left, right = _computed(node.left), _computed(node.right)
        if isinstance(node.op, ast.Pow) and abs(right) > HIGHEST:
            raise ValueError("an exponent beyond what numbers hold")
        return float(_DO[type(node.op)](left, right))
    raise ValueError("no plain numbers")


def _step(printed: str) -> float:
    """Return one unit in the last place of a number as it is printed; 0 for an expression."""
    plain = printed.strip()
    return float(10.0 ** -len(plain.partition(".")[2])) if re.fullmatch(r"-?\d+(?:\.\d+)?", plain) else 0.0


def unequal(text: str) -> Iterator[tuple[int, str, str]]:
    r"""Yield equations between plain numbers that do not hold to the digits printed: where, what was given, what is needed.

    Examples
    --------
    >>> [given for _, given, _ in unequal("falls to $10^{-0.35} = 0.54$, and $0.9^4 = 0.66$")]
    ['10^{-0.35} = 0.54']
    """
    for maths in _MATHS.finditer(text):
        sides = _EQUALS.split(maths[1])
        for left, right in pairwise(sides):
            one, other = value_of(left), value_of(right)
            # Rounded to the digits of either side, with a little for rounding of what goes into it.
            if (
                one is not None
                and other is not None
                and abs(one - other) > 0.6 * max(_step(left), _step(right), 1e-9 * abs(one))
            ):
                yield maths.start(), f"{left.strip()} = {right.strip()}", f"{one:.4g}, which the left side is"


def unlike_laws(text: str, laws: Iterable[Any]) -> Iterator[tuple[int, str, str]]:
    """Yield constants of cited laws that no law of a work cited in the same paragraph has.

    Parameters
    ----------
    text : str
    laws : iterable of records
        Each with ``cite`` and ``constants``, of which each has a ``symbol`` and a ``value``.
    """
    of_work: dict[str, dict[str, list[float]]] = {}
    for law in laws:
        for constant in law.constants:
            if isinstance(constant.value, float):
                symbol = _bare(re.split(r"[ ,(]", constant.symbol)[0])
                of_work.setdefault(law.cite, {}).setdefault(symbol, []).append(constant.value)
    start = 0
    for paragraph in re.split(r"(\n\s*\n)", text):
        cited = {key.strip() for said in _CITED.findall(paragraph) for key in said.split(",")} & of_work.keys()
        for maths in _MATHS.finditer(paragraph) if cited else ():
            found = _CONSTANT.fullmatch(maths[1].strip())
            known = [value for key in cited for value in of_work[key].get(_bare(found[1]), ())] if found else []
            if found and known and not any(abs(float(found[2]) - value) <= _step(found[2]) / 1.9 for value in known):
                need = f"{' or '.join(f'{value:g}' for value in known)}, the constant of {' or '.join(sorted(cited))}"
                yield start + maths.start(), maths[1], need
        start += len(paragraph)


def _bare(symbol: str) -> str:
    return re.sub(r"[{}\\^]", "", symbol)
