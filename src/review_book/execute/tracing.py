"""Inside a notebook's kernel: record which of the review's files it read and which modules it used.

The standard library alone, so that it costs a kernel nothing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

_reads: set[str] = set()
_root = ""


def start(root: str) -> None:
    """Record from now on every file under ``root/data`` that is opened and every folder there that is listed."""
    global _root
    if not _root:
        _root = os.path.realpath(root)
        sys.addaudithook(_hook)


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if (
        event not in ("open", "os.listdir", "os.scandir")
        or not args
        or not isinstance(args[0], str | bytes | os.PathLike)
    ):
        return
    path = os.path.realpath(os.fsdecode(args[0]))
    if (path + os.sep).startswith(os.path.join(_root, "data") + os.sep):
        _reads.add(os.path.relpath(path, _root) + (os.sep if event != "open" else ""))


def report() -> dict[str, list[str]]:
    """Return the paths read (a trailing separator marks a folder that was listed) and the package's modules loaded."""
    sources = Path(__file__).resolve().parents[2]
    modules = set()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name.split(".")[0] in ("review_utils", "emergence") and file:
            modules.add(Path(file).resolve().relative_to(sources).as_posix())
    return {"reads": sorted(_reads), "modules": sorted(modules)}
