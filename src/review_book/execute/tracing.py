"""Inside a notebook's kernel: record which of the review's files it read or looked for, and which modules it used.

A notebook that would write into the review, or start another program, whose reads nobody sees, is refused. The standard
library alone, so that it costs a kernel nothing; what is used at the end is kept from the start, since a cell may give
any name another meaning.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
from pathlib import Path
from typing import Any

LOOKED_INTO = ("data", "analyses")
"""Folders of the review where looking for a file counts as reading it, also when it is not there."""

CHART_MIME = "application/vnd.vegalite.v6+json"
"""As `review_utils.show.charts` has it, which is not imported here: a kernel loads what its notebook asks for."""

REPORT = "application/vnd.review.report+json"
"""The kind of output that the report is handed over as."""

OPEN_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

CHANGES = {"os.remove": 1, "os.rmdir": 1, "os.mkdir": 1, "os.truncate": 1, "os.chmod": 1, "os.rename": 2, "os.link": 2, "os.symlink": 2}  # fmt: skip
"""Calls that change what a folder holds, as Python names them to its auditors, and how many of their arguments are paths."""

PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn")

MADE_BY_TOOLS = ("_build", "__pycache__", ".ipynb_checkpoints")

_reads: set[str] = set()
_noted: set[tuple[str, bool]] = set()
_refused: list[str] = []
_root = ""
_look, _real, _dumps, _modules = os.stat, os.path.realpath, json.dumps, sys.modules
_publish: Any = None
_shell: Any = None
_first = 0
_threads: set[Any] = set()
_chance: list[Any] = []


class NotAllowed(PermissionError):
    """A cell did what would make a kept output untrue."""


def start(root: str) -> None:
    """Record from now on every file of the review that is opened or looked for, and every folder that is listed."""
    global _root, _publish, _shell, _first
    if _root:
        return
    _root = os.path.realpath(root)
    _chance[:] = [_common_chance()]
    _shell = _modules["IPython"].get_ipython()
    _publish, _first = _shell.display_pub.publish, _shell.execution_count
    # Asked by exit() and quit(), a kernel would end a moment later, perhaps after the last cell and perhaps before.
    _shell.ask_exit = lambda: _refuse("ends its own kernel; needed: cells that run to the end")
    _threads.update(threading.enumerate())
    _shell.events.register("post_run_cell", lambda _: _look_back())
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
    # pandas hands these paths to Arrow, which opens them where Python does not see it.
    if (pandas := sys.modules.get("pandas")) is not None:
        pandas.read_parquet = _seen(pandas.read_parquet)  # type: ignore[attr-defined]  # known at run time
        pandas.DataFrame.to_parquet = _unwritten(pandas.DataFrame.to_parquet)


def _seen(call: Any) -> Any:  # any function whose first argument may be a path
    def wrapped(path: Any, *args: Any, **options: Any) -> Any:
        if isinstance(path, str | bytes | os.PathLike):
            _note(path, folder=False)
        return call(path, *args, **options)

    return wrapped


def _unwritten(call: Any) -> Any:  # a method whose first argument may be a path
    def wrapped(frame: Any, path: Any = None, *args: Any, **options: Any) -> Any:
        if isinstance(path, str | bytes | os.PathLike):
            _refuse_writing(path)
        return call(frame, path, *args, **options)

    return wrapped


def _note(path: Any, folder: bool) -> None:
    asked = os.fsdecode(path)
    if (asked, folder) in _noted:
        return
    if os.path.isabs(asked):  # any other is another place from another folder
        _noted.add((asked, folder))
    place = os.path.realpath(asked)
    name = os.path.relpath(place, _root)
    first, *others = name.split(os.sep)
    # What Python compiles beside a module is made of it, and the module is noted itself.
    if first in LOOKED_INTO and "__pycache__" not in others and (folder or not _is_folder(place)):
        _reads.add(name + (os.sep if folder else ""))


def _is_folder(place: str) -> bool:
    try:
        return stat.S_ISDIR(_look(place).st_mode)
    except OSError:
        return False


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event in ("open", "os.listdir", "os.scandir") and args and isinstance(args[0], str | bytes | os.PathLike):
        folder = event != "open"
        if folder and not _real(os.fsdecode(args[0])).startswith(os.path.join(_root, "data")):
            return  # the import system lists the folder of the notebook itself
        if not folder and isinstance(args[2], int) and args[2] & OPEN_TO_WRITE:
            _refuse_writing(args[0])
        _note(args[0], folder)
    elif event in CHANGES:
        for path in args[: CHANGES[event]]:
            if isinstance(path, str | bytes | os.PathLike):
                _refuse_writing(path)
    elif event == "review.refused":
        _refused.append(f"{_shell.execution_count - _first} goes on after a refusal: {args[0]}")
    elif event in PROGRAMS:
        _refuse(
            f"starts another program, {args[0]!r}, whose reads nobody sees; needed: a function of Python, or a file of data"
        )


def _look_back() -> None:
    """Note what a cell left behind that makes the page another at each run."""
    _refuse_threads()
    _refuse_chance()


def _common_chance() -> Any:
    """Return where the common generator of NumPy stands, by which pandas and SciPy draw when they are given none."""
    made = _modules.get("numpy.random.mtrand")
    state = made.get_state() if made is not None else None
    return state and (state[1].tobytes(), state[2:])


def _refuse_chance() -> None:
    """Note that a cell drew from the common generator, by whatever function, which begins anew with each run."""
    now = _common_chance()
    if _chance[0] is not None and now != _chance[0]:
        said = "draws from the common chance of NumPy, which is another at each run; needed: a seed where it draws, as random_state=0 or np.random.default_rng(0)"
        _refused.append(f"{_shell.execution_count - _first} {said}")
    _chance[:] = [now]


def _refuse_threads() -> None:
    """Note the threads that a cell left running at its end; those of a library's own kind are its own affair."""
    for thread in set(threading.enumerate()) - _threads:
        _threads.add(thread)
        if type(thread).__module__ in ("threading", "__main__"):
            said = f"leaves the thread {thread.name} running, whose output nobody waits for; needed: its join() in this cell"
            _refused.append(f"{_shell.execution_count - _first} {said}")


def _refuse_writing(path: Any) -> None:
    name = os.path.relpath(_real(os.fsdecode(path)), _root)
    parts = name.split(os.sep)
    if parts[0] != os.pardir and not any(part in MADE_BY_TOOLS for part in parts):
        _refuse(
            f"writes {name}; needed: records, tables and sources that stay as they are while the book is built, and a temporary folder for what is passed on"
        )


def _refuse(said: str) -> None:
    _refused.append(f"{_shell.execution_count - _first} {said}")
    raise NotAllowed(said)


def hand_over() -> None:
    """Show the report as an output, by what was kept when the kernel began."""
    _publish({REPORT: _dumps(report())})


def report() -> dict[str, list[str]]:
    """Return the paths read (a trailing separator marks a folder listed), the modules of ours, the packages, the refusals.

    A refusal begins with the number of the cell of code, from 1.
    """
    sources = Path(__file__).resolve().parents[2]
    modules = set()
    beside: dict[
        str, bool
    ] = {}  # whether a folder holds what notebooks read; thousands of modules lie in a few hundred
    for name, module in list(_modules.items()):
        file = getattr(module, "__file__", None)
        if file and name.split(".")[0] in ("review_utils", "emergence"):
            modules.add(Path(file).resolve().relative_to(sources).as_posix())
        elif file and name.split(".")[0] != "review_book":
            folder = os.path.dirname(file)
            if folder not in beside:
                beside[folder] = os.path.relpath(_real(folder), _root).split(os.sep)[0] in LOOKED_INTO
            if beside[folder]:
                _note(file, folder=False)  # a helper beside the notebook
    packages = {name.split(".")[0] for name in _modules}
    return {
        "reads": sorted(_reads), "modules": sorted(modules), "packages": sorted(packages), "refused": _refused
    }  # fmt: skip
