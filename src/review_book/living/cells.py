"""The code of notebooks, formatted like the code of modules, at a width that a page can show."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from IPython.core.inputtransformer2 import TransformerManager

from review_book.files import write_atomically
from review_utils.review import files_in

WIDTH = 100
"""The longest line of a cell."""

# A fence, options in one of the two forms that MyST knows, the code, and the closing fence.
_CELL = re.compile(r"(```\{code-cell\}[^\n]*\n(?:---\n.*?\n---\n|(?::[^\n]*\n)*)\n?)(.*?)(\n```)", re.DOTALL)


# What jupytext adds to a head when it saves: its version makes every author's file another one.
_VERSIONS = re.compile(r"(\A---\n(?:[^\n]*\n)*?) +format_version: [^\n]*\n +jupytext_version: [^\n]*\n")


def formatted(text: str) -> str:
    """Return a MyST notebook with the code of every cell as ruff formats it, and no version of jupytext in its head.

    Parameters
    ----------
    text : str
        A notebook in MyST Markdown. Code that is no Python is left as it is; executing it says what is wrong.

    Returns
    -------
    str
    """
    text = _VERSIONS.sub(r"\1", text)
    codes = [match[2] for match in _CELL.finditer(text)]
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"cell{i:04}.py" for i in range(len(codes))]
        for file, code in zip(files, codes, strict=True):
            file.write_bytes(f"{code}\n".encode())
        options = ["format", "--quiet", "--isolated", "--line-length", str(WIDTH), folder]
        subprocess.run([sys.executable, "-m", "ruff", *options], check=False, capture_output=True)
        done = iter([file.read_text(encoding="utf-8").rstrip("\n") for file in files])
    return _CELL.sub(lambda match: match[1] + next(done) + match[3], text)


def long_lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield each line of a cell that is wider than `WIDTH`: its number in the file, from 1, and its width."""
    for match in _CELL.finditer(text):
        first = text[: match.start(2)].count("\n") + 1
        for i, line in enumerate(match[2].split("\n")):
            if len(line) > WIDTH:
                yield first + i, len(line)


def faults(text: str) -> Iterator[tuple[int, str]]:
    """Yield each cell that is no Python, and a fence that does not close: its line in the file, from 1, and what is needed."""
    fences = [i for i, line in enumerate(text.split("\n"), 1) if line.startswith("```")]
    if len(fences) % 2:
        lines = text.split("\n")
        opened = [
            i for i, after in pairwise(fences) if lines[after - 1].strip() != "```" and lines[i - 1].strip() != "```"
        ]
        yield (opened or fences)[0], "a fence that is closed by ```"
        return
    for match in _CELL.finditer(text):
        first = text[: match.start(2)].count("\n") + 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                code = TransformerManager().transform_cell(match[2])
                compile(code, "cell", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except (SyntaxError, ValueError) as error:
            yield first + (getattr(error, "lineno", None) or 1) - 1, f"Python ({getattr(error, 'msg', error)})"


def format_analyses(root: Path, check: bool) -> list[str]:
    """Format the cells of every analysis, or, where `check`, say what is not formatted.

    Returns
    -------
    list of str
        What is left to mend, each with file, line, what was given and what is needed.
    """
    left = []
    for path in files_in(root, "analyses/*/*.md"):
        text, name = path.read_text(encoding="utf-8"), path.relative_to(root).as_posix()
        if wrong := [f"{name}:{line}: a cell cannot be read; needed: {needed}" for line, needed in faults(text)]:
            left += wrong
            continue
        new = formatted(text)
        if new != text and check:
            pairs = enumerate(zip(text.split("\n"), new.split("\n"), strict=False), 1)
            line = next((i for i, (a, b) in pairs if a != b), 1)
            left.append(f"{name}:{line}: cells are not formatted; needed: review format")
        elif new != text:
            write_atomically(path, new)
        left += [
            f"{name}:{line}: a line of {width} columns; needed: at most {WIDTH}; break it"
            for line, width in long_lines(new)
        ]
    return left
