"""Names that a package shows and loads when they are asked for, so that a notebook depends on the modules that it uses."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path


def lazily(package: str) -> Callable[[str], object]:
    """Return the `__getattr__` of a package whose names stand under ``if TYPE_CHECKING:`` in its ``__init__.py``.

    There editors and type checkers read them, and so does this: each name is taken from its module when it is first
    asked for.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    """
    module = sys.modules[package]
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    places = {
        alias.name: f"{'.' * node.level}{node.module}"
        for block in blocks
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    def get(name: str) -> object:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(places[name], package), name)
        setattr(module, name, value)
        return value

    return get
