"""Formulas as MathML, which needs no script; one that cannot be shown so is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils.utils.math import MathError, latex2mathml, tex2unichar

from review_utils.records.reading import Problem, did_you_mean


def spelled_out(tex: str) -> str:
    r"""Return mathematics with the short forms of fractions that authors type written in full.

    Examples
    --------
    >>> print(spelled_out(r"\tfrac12 + \dfrac{a}{b}"))
    \frac{1}{2} + \frac{a}{b}
    """
    return re.sub(r"\\frac\s*(\w)\s*(\w)", r"\\frac{\1}{\2}", re.sub(r"\\[td]frac(?![a-zA-Z])", r"\\frac", tex))


def mathml(tex: str, block: bool = False) -> str:
    r"""Return LaTeX as MathML.

    Raises
    ------
    ValueError
        That it cannot be shown, with the command that is not known and one that is.

    Examples
    --------
    >>> mathml(r"\bata")
    Traceback (most recent call last):
    ...
    ValueError: Unknown LaTeX command "\bata"; did you mean \beta?
    """
    if alone := re.search(r"\^\s*[-−]\s*\\?\w+", tex):
        sign, power = alone[0].rstrip(), alone[0].lstrip("^ -−")
        raise ValueError(f"{sign} raises the sign alone; write ^{{-{power}}}")
    try:
        return str(latex2mathml.tex2mathml(spelled_out(tex), as_block=block))
    except MathError as error:
        said = str(error).rstrip(".")
        unknown = re.search(r"command \"\\(\w+)", said)
        near = did_you_mean(unknown[1], _commands()) if unknown else ""
        raise ValueError(f"{said}{near.replace('mean ', f'mean {chr(92)}')}") from None
    except (AttributeError, IndexError):  # what its parser meets in text that is no formula
        raise ValueError("an & or a line end outside of a matrix, or a group that does not close") from None


def _commands() -> set[str]:
    """Return the commands that are known."""
    tables = [table for module in (latex2mathml, tex2unichar) for name, table in vars(module).items() if name[0] != "_"]
    return {name for table in tables if isinstance(table, dict) for name in table if isinstance(name, str)}


_WORDS = re.compile(r"\\(?:mathrm|text|operatorname|textit|mathit|mbox)\s*\{[^{}]*\}")
_SYMBOL = re.compile(r"\\(?:var)?(alpha|beta|gamma|delta|epsilon|zeta|eta|theta|kappa|lambda|mu|nu|xi|rho|sigma|tau|phi|chi|psi|omega"
                     r"|Gamma|Delta|Theta|Lambda|Sigma|Phi|Psi|Omega|ell)(?![a-zA-Z])|\\[a-zA-Z]+|([a-zA-Z])")  # fmt: skip


def symbols(tex: str) -> list[str]:
    r"""Return the symbols of a formula in their order: letters without their indices, words and names of functions aside.

    Examples
    --------
    >>> symbols(r"L=E+\frac{A}{N^{\alpha}}+\log D_{\text{seen}}")
    ['L', 'E', 'A', 'N', 'alpha', 'D']
    """
    bare = re.sub(r"_(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[a-zA-Z]+|.)", " ", _WORDS.sub(" ", tex))
    found = (match[1] or match[2] for match in _SYMBOL.finditer(bare))
    return list(dict.fromkeys(filter(None, found)))


def formula_problems(laws: Any, root: Path) -> Iterator[Problem]:  # noqa: ANN401  # records that the science of the subject brings
    """Yield the laws whose formula no page can show: their source would stand there as it is typed."""
    for law in laws:
        try:
            mathml(law.form.latex)
        except ValueError as error:
            file, line = laws.places[law.id]
            needed = f"LaTeX that docutils writes as MathML, with every argument in braces; it says: {error}"
            below = (root / file).read_text(encoding="utf-8").split("\n")[line - 1 :]
            line += next((i for i, row in enumerate(below) if "latex:" in row), 0)
            yield Problem(file, line, f"{law.id}.form.latex", law.form.latex, needed)
