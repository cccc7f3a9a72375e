"""Inside a notebook's kernel: record which of the review's files it read or looked for, and which modules it used.

The standard library alone, so that it costs a kernel nothing.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

LOOKED_INTO = ("data", "analyses")
"""Folders of the review where looking for a file counts as reading it, also when it is not there."""

CHART_MIME = "application/vnd.vegalite.v6+json"
"""As `review_utils.show.charts` has it, which is not imported here: a kernel loads what its notebook asks for."""

_reads: set[str] = set()
_root = ""
_look = os.stat


def start(root: str) -> None:
    """Record from now on every file of the review that is opened or looked for, and every folder that is listed."""
    global _root
    if _root:
        return
    _root = os.path.realpath(root)
    sys.addaudithook(_hook)
    # A look for a file raises no audit event; `os.path` and `pathlib` both come by here.
    os.stat = _seen(os.stat)
    # A chart shown plainly is handed over as it is: Altair's own form of it would ask another host for its script.
    if (altair := sys.modules.get("altair")) is not None:
        altair.renderers.register(
            "review",
            lambda spec, **_: {CHART_MIME: spec, "text/plain": f"[chart] {spec.get('description', 'without words')}"},
        )
        altair.renderers.enable("review")
    # pandas hands this one's path to Arrow, which opens it where Python does not see it.
    if (pandas := sys.modules.get("pandas")) is not None:
        pandas.read_parquet = _seen(pandas.read_parquet)  # type: ignore[attr-defined]  # known at run time


def _seen(call: Any) -> Any:  # any function whose first argument may be a path
    def wrapped(path: Any, *args: Any, **options: Any) -> Any:
        if isinstance(path, str | bytes | os.PathLike):
            _note(path, folder=False)
        return call(path, *args, **options)

    return wrapped


def _note(path: Any, folder: bool) -> None:
    place = os.path.realpath(os.fsdecode(path))
    name = os.path.relpath(place, _root)
    if name.split(os.sep)[0] in LOOKED_INTO and (folder or not _is_folder(place)):
        _reads.add(name + (os.sep if folder else ""))


def _is_folder(place: str) -> bool:
    try:
        return stat.S_ISDIR(_look(place).st_mode)
    except OSError:
        return False


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event in ("open", "os.listdir", "os.scandir") and args and isinstance(args[0], str | bytes | os.PathLike):
        folder = event != "open"
        if folder and not os.path.realpath(os.fsdecode(args[0])).startswith(os.path.join(_root, "data")):
            return  # the import system lists the folder of the notebook itself
        _note(args[0], folder)


def report() -> dict[str, list[str]]:
    """Return the paths read (a trailing separator marks a folder listed), the modules of ours and the packages loaded."""
    sources = Path(__file__).resolve().parents[2]
    modules = set()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and name.split(".")[0] in ("review_utils", "emergence"):
            modules.add(Path(file).resolve().relative_to(sources).as_posix())
        elif file and name.split(".")[0] != "review_book":
            _note(file, folder=False)  # a helper beside the notebook
    packages = {name.split(".")[0] for name in sys.modules}
    return {"reads": sorted(_reads), "modules": sorted(modules), "packages": sorted(packages)}
