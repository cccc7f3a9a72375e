"""Inside a notebook's kernel: record which of the review's files it read or looked for, and which modules it used.

A notebook that would write into the review, or start another program or process, whose reads nobody sees, is refused;
so is one that asks the network, or leaves something behind that changes what later cells say. The standard library alone,
so that it costs a kernel nothing; what is used at the end is kept from the start, since a cell may give any name another
meaning.
"""

from __future__ import annotations

import json
import operator
import os
import re
import stat
import sys
import threading
import types
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import unquote

LOOKED_INTO = ("data", "analyses")
"""Folders of the review where looking for a file counts as reading it, also when it is not there."""

CHART_MIME = "application/vnd.vegalite.v6+json"
"""As `review_utils.show.charts` has it, which is not imported here: a kernel loads what its notebook asks for."""

REPORT = "application/vnd.review.report+json"
"""The kind of output that the report is handed over as."""

OPEN_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

CHANGES = {"os.remove": (1, 1), "os.rmdir": (1, 1), "os.mkdir": (1, 2), "os.truncate": (1, 2), "os.chmod": (1, 2), "os.rename": (2, 2), "os.link": (2, 2), "os.symlink": (2, 2)}  # fmt: skip
"""Calls that change what a folder holds, as Python names them to its auditors, and how many of their arguments are paths, and at which the open folders begin to which these are relative."""

PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "pty.spawn")

PROCESSES = ("os.fork", "os.forkpty", "_winapi.CreateProcess")

LIBRARIES = ("ctypes.dlopen", "ctypes.dlsym")

ASKS = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname")

SYSTEM = ("/dev", "/etc", "/lib", "/lib64", "/proc", "/sys", "/usr", "/Library", "/System")
"""Where every machine has what programs share."""

MADE = ("_build", "findings", "statements")
"""Folders that a build writes: what stands there is what was published before."""

JOINS = (("DataFrame", "join", "how", "validate"), ("", "merge_asof", "direction", "tolerance"))
"""Ways of pandas to set two tables side by side, beside merge, and what each must be told so that no row is doubled or matched far off."""

HELD = ("review_utils", "emergence", "numpy", "pandas", "altair", "math", "statistics", "warnings")
"""Packages whose functions no cell may give another meaning; of ours each module."""

PATHS = ("os", "posixpath", "ntpath", "genericpath", "pathlib", "glob", "fnmatch")
"""Modules by which a cell asks for a file or for the names in a folder."""

MADE_BY_TOOLS = ("_build", "__pycache__", ".ipynb_checkpoints")

_reads: set[str] = set()
_written: set[str] = set()
_common: tuple[str, ...] = ()
_noted: set[tuple[str, bool, bool]] = set()
_refused: list[str] = []
_root = ""
_look, _real, _dumps, _modules, _same = os.stat, os.path.realpath, json.dumps, sys.modules, operator.is_
_publish: Any = None
_shell: Any = None
_first = 0
_threads: set[Any] = set()
_tasks: set[Any] = set()
_chance: list[Any] = []
_silenced: list[Any] = []
_meanings: dict[str, dict[str, Any]] = {}
_held: dict[str, list[Any]] = {}
_stderr: Any = None
_inside = threading.local()


class NotAllowed(PermissionError):
    """A cell did what would make a kept output untrue."""


def start(root: str) -> None:
    """Record from now on every file of the review that is opened or looked for, and every folder that is listed."""
    global _root, _publish, _shell, _first, _stderr, _common
    if _root:
        return
    _root = os.path.realpath(root)
    home = os.path.join(os.path.expanduser("~"), ".")
    places = [sys.prefix, sys.base_prefix, *filter(None, sys.path), str(Path(__file__).parents[2]), *SYSTEM]
    _common = tuple(home if one == home else os.path.join(os.path.realpath(one), "") for one in (home, *places))
    _chance[:] = [_common_chance()]
    _shell = _modules["IPython"].get_ipython()
    _publish, _first = _shell.display_pub.publish, _shell.execution_count
    # Asked by exit() and quit(), a kernel would end a moment later, perhaps after the last cell and perhaps before.
    _shell.ask_exit = lambda: _refuse("ends its own kernel; needed: cells that run to the end")
    _threads.update(threading.enumerate())
    _stderr = sys.stderr
    _shell.events.register("post_run_cell", lambda _: _look_back())
    sys.addaudithook(_hook)
    # A look for a file raises no audit event; `os.path` and `pathlib` both come by here.
    os.stat, os.lstat, os.access = _seen(os.stat), _seen(os.lstat), _seen(os.access)
    sys.meta_path.append(_Absent())
    # By this multiprocessing starts a process that it does not fork, and no audit event is raised.
    if (below := _modules.get("_posixsubprocess")) is not None:
        below.fork_exec = _unstarted  # type: ignore[attr-defined]  # known at run time
    warnings.filterwarnings = _loud(warnings.filterwarnings)
    warnings.simplefilter = _loud(warnings.simplefilter)
    # A chart shown plainly is handed over as it is: Altair's own form of it would ask another host for its script.
    if (altair := sys.modules.get("altair")) is not None:
        altair.renderers.register(
            "review",
            lambda spec, **_: {CHART_MIME: spec, "text/plain": f"[chart] {spec.get('description', 'without words')}"},
        )
        altair.renderers.enable("review")
    # pandas hands these paths to Arrow, which opens them where Python does not see it.
    if (pandas := sys.modules.get("pandas")) is not None:
        pandas.read_parquet = _seen_all(pandas.read_parquet)  # type: ignore[attr-defined]  # known at run time
        pandas.DataFrame.to_parquet = _unwritten(pandas.DataFrame.to_parquet)
        for owner, name, *needed in JOINS:
            place = getattr(pandas, owner) if owner else pandas
            setattr(place, name, _joined(getattr(place, name), name, needed))


def _seen(call: Any) -> Any:  # any function whose first argument may be a path
    def wrapped(path: Any, *args: Any, **options: Any) -> Any:
        if isinstance(path, str | bytes | os.PathLike):
            _note(path, folder=False)
        return call(path, *args, **options)

    return wrapped


def _seen_all(call: Any) -> Any:  # a function whose first argument may be a path, several, or a folder of files
    def wrapped(path: Any, *args: Any, **options: Any) -> Any:
        for one in path if isinstance(path, list | tuple) else [path]:
            if isinstance(one, str | os.PathLike):
                _note(one, folder=False, opened=True)
                for folder, _, files in os.walk(os.fspath(one)):
                    _note(folder, folder=True, opened=True)
                    for file in files:
                        _note(os.path.join(folder, file), folder=False, opened=True)
        return call(path, *args, **options)

    return wrapped


class _Absent:
    """The last finder of modules, asked for what is nowhere: a helper beside the notebook may appear later."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        """Note where a module was looked for in the review."""
        *_, own = name.split(".")
        for folder in sys.path if path is None else path:
            for place in (f"{own}.py", os.path.join(own, "__init__.py")):
                if _real(folder or os.curdir).startswith(_root):
                    _note(os.path.join(folder, place), folder=False)


def _unwritten(call: Any) -> Any:  # a method whose first argument may be a path
    def wrapped(frame: Any, path: Any = None, *args: Any, **options: Any) -> Any:
        if isinstance(path, str | bytes | os.PathLike):
            _refuse_writing(path)
        return call(frame, path, *args, **options)

    return wrapped


def _joined(call: Any, name: str, needed: list[str]) -> Any:  # a function that sets two tables side by side
    def wrapped(*args: Any, **options: Any) -> Any:
        if _of_a_cell() and not options.keys() >= set(needed):
            said = " and ".join(f"{one}=" for one in needed)
            _refuse(
                f"sets two tables side by side by {name} without {said}; needed: both, since rows that match twice are multiplied otherwise, and those that match none, or one far off, are unseen"
            )
        return call(*args, **options)

    return wrapped


def _unstarted(*args: Any) -> int:
    _refuse("starts another process, whose reads nobody sees; needed: a function of Python, called here")
    return 0


def _loud(call: Any) -> Any:  # a function that sets which warnings are seen
    def wrapped(action: str, *args: Any, **options: Any) -> None:
        before = [*warnings.filters]
        call(action, *args, **options)
        if action == "ignore" and _of_a_cell():
            _silenced.append([one for one in warnings.filters if one not in before] or warnings.filters[:1])

    return wrapped


def _of_a_cell(*between: str) -> bool:
    """Return whether a cell itself called what calls this, or by the modules named."""
    frame: Any = sys._getframe(2)
    while frame is not None and (
        frame.f_globals is globals() or frame.f_globals.get("__name__", "").split(".")[0] in between
    ):
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") == "__main__"


def _note(path: Any, folder: bool, opened: bool = False) -> None:
    asked = os.fsdecode(path)
    if (asked, folder, opened) in _noted or getattr(_inside, "noting", False):
        return
    _inside.noting = True  # where a path leads is asked of the functions that are watched
    try:
        _note_once(asked, folder, opened)
    finally:
        _inside.noting = False


def _note_once(asked: str, folder: bool, opened: bool) -> None:
    if os.path.isabs(asked):  # any other is another place from another folder
        _noted.add((asked, folder, opened))
    place = os.path.realpath(asked)
    name = os.path.relpath(place, _root)
    first, *others = name.split(os.sep)
    # What Python compiles beside a module is made of it, and the module is noted itself.
    if "__pycache__" in others:
        return
    if first == os.pardir:
        beside = os.path.relpath(os.path.abspath(asked), _root)  # a set of others may lie elsewhere, behind a link
        if not beside.startswith(os.path.join("data", "")):
            if opened and _is_ours_alone(place):
                _refuse(
                    f"reads {asked}, which lies outside the review, so that nobody else has it; needed: a table of data/, with its source, or a set that review fetch brings"
                )
            return
        name, (first, *_) = beside, beside.split(os.sep)
    if first in MADE and (others or folder):
        _refuse(
            f"reads {name}, which a build makes, so that it says what was published before; needed: the records that it is made of, by review_utils"
        )
    asks = first in LOOKED_INTO or (_is_text(first, place) and (opened or _of_a_cell(*PATHS)))
    if asks and (folder or not _is_folder(place)):
        _reads.add(name + (os.sep if folder else ""))


def _is_ours_alone(place: str) -> bool:
    """Return whether a file that is there belongs to no environment of Python, no system and no settings, and was not made by this notebook."""
    return not place.startswith(_common) and place not in _written and os.path.isfile(place)


def _is_text(first: str, place: str) -> bool:
    """Return whether a file in the review is one that an author wrote: no source of ours, and nothing of this environment."""
    return first != "src" and not first.startswith(".") and not place.startswith(os.path.join(_real(sys.prefix), ""))


def _is_folder(place: str) -> bool:
    try:
        return stat.S_ISDIR(_look(place).st_mode)
    except OSError:
        return False


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event in ("os.listdir", "os.scandir") and args == (None,):
        args = (os.curdir,)
    if event in ("open", "os.listdir", "os.scandir") and args and isinstance(args[0], str | bytes | os.PathLike):
        folder = event != "open"
        inside = os.path.join(_root, "data")
        if folder and not _real(os.fsdecode(args[0])).startswith(inside) and not _of_a_cell(*PATHS):
            return  # the import system lists the folder of the notebook itself
        if not folder and isinstance(args[2], int) and args[2] & OPEN_TO_WRITE:
            _refuse_writing(args[0])
            _written.add(_real(os.fsdecode(args[0])))
        _note(args[0], folder, opened=not folder)
    elif event == "sqlite3.connect" and isinstance(args[0], str | bytes | os.PathLike):
        _note_database(os.fsdecode(args[0]))
    elif event in CHANGES:
        paths, folders = CHANGES[event]
        for i, path in enumerate(args[:paths]):
            if isinstance(path, str | bytes | os.PathLike):
                _refuse_writing(_below(path, args[folders + i : folders + i + 1]))
    elif event == "review.refused":
        _refused.append(f"{_shell.execution_count - _first} goes on after a refusal: {args[0]}")
    elif event == "review.uncomputed":
        sets = os.path.join("data", "external", "")
        if not any(name.startswith(sets) and not os.path.exists(os.path.join(_root, name)) for name in _reads):
            _refused.append(f"{_shell.execution_count - _first} computes nothing for the claim {args[0]}, though no set of others is missing; needed: the number computed here")  # fmt: skip
    elif event in PROGRAMS:
        _refuse(
            f"starts another program, {args[0]!r}, whose reads nobody sees; needed: a function of Python, or a file of data"
        )
    elif event in PROCESSES:
        _unstarted()
    elif event in LIBRARIES and _of_a_cell("ctypes"):
        _refuse(
            f"calls a library of this machine, {args[-1]!r}, whose reads nobody sees; needed: a function of Python, or of a package that the review names"
        )
    elif (event in ASKS and (host := _other_host(event, args))) or (
        event == "urllib.Request" and (host := str(args[0])).startswith(("http", "ftp"))
    ):
        _refuse(
            f"asks another host, {host}, whose answer is another on each day; needed: a file of data, with its source, or a set that review fetch brings"
        )


def _note_database(name: str) -> None:
    """Note a database, which its library opens where Python does not see it; one in memory is no file."""
    address, _, options = name.partition("?") if name.startswith("file:") else (name, "", "")
    if name.startswith("file:"):
        address = re.sub("^//[^/]*", "", unquote(address[5:]))
    if address in ("", ":memory:") or "mode=memory" in options:
        return
    if "mode=ro" not in options and "immutable=1" not in options:
        _refuse_writing(address)
    _note(address, folder=False, opened=True)


def _below(path: Any, folder: tuple[Any, ...]) -> Any:
    """Return a path, or what it names in an open folder, as a temporary one is cleared."""
    number = next((one for one in folder if isinstance(one, int) and one >= 0), None)
    return path if number is None else os.path.join(_real(f"/dev/fd/{number}"), os.fsdecode(path))


def _other_host(event: str, args: tuple[Any, ...]) -> str:
    """Return which host a socket asks, or nothing where it is this machine."""
    address = args[0] if event.startswith("socket.get") else args[1]
    host = address[0] if isinstance(address, tuple) and address else None if event.startswith("socket.c") else address
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    return "" if not isinstance(name, str) or name in ("localhost", "::1") or name.startswith(("127.", "/")) else name


def _look_back() -> None:
    """Note what a cell left behind that makes the page another at each run, or hides what later cells would be told."""
    _refuse_threads()
    _refuse_tasks()
    _refuse_chance()
    _refuse_silence()
    _refuse_meanings()


def _refuse_tasks() -> None:
    """Note the tasks of a cell that wait still: what they would say, or raise, comes when nobody looks."""
    loop = _modules.get("asyncio")
    if loop is None or loop._get_running_loop() is None:
        return
    for task in loop.all_tasks() - _tasks:
        _tasks.add(task)
        code = getattr(task.get_coro(), "cr_code", None)
        if task is not loop.current_task() and code is not None and not _is_of_kernels(code.co_filename):
            _tell(f"leaves the task {code.co_name} behind, whose end nobody waits for; needed: its await in this cell")


def _is_of_kernels(file: str) -> bool:
    return any(
        f"{os.sep}{name}{os.sep}" in file for name in ("ipykernel", "IPython", "tornado", "zmq", "jupyter_client")
    )


def _refuse_silence() -> None:
    """Note that warnings which would fail a cell are no longer heard: in a block of their own they may be."""
    numpy = _modules.get("numpy")
    quiet = numpy is not None and [name for name, how in numpy.geterr().items() if how == "ignore" and name != "under"]
    if quiet or any(one in warnings.filters for added in _silenced for one in added):
        _tell(
            "silences warnings for all that follows; needed: with warnings.catch_warnings(), or np.errstate, around the one line that is meant, and why"
        )
    if sys.stderr is not _stderr:
        _tell("puts something in the place of sys.stderr, where warnings are heard; needed: sys.stderr as it was")
        sys.stderr = _stderr
    _silenced.clear()


def _refuse_meanings() -> None:
    """Note the functions, classes and constants of a module that are no longer those of its file."""
    for name, module in list(_modules.items()):
        if name not in HELD and name.partition(".")[0] not in HELD[:2]:
            continue
        held = list(vars(module).values())
        held += [
            one
            for value in held
            if isinstance(value, type) and value.__module__ == name
            for one in vars(value).values()
        ]
        last = _held.get(name, ())
        if len(last) == len(held) and all(map(_same, last, held)):
            continue  # as after nearly every cell
        _held[name] = held
        before, now = _meanings.get(name, {}), {}
        for key, value in list(vars(module).items()):
            inside = vars(value).values() if isinstance(value, type) and value.__module__ == name else ()
            if any(isinstance(one, types.FunctionType) and one.__module__ == "__main__" for one in (value, *inside)):
                pass
            elif key.startswith("_") or not (callable(value) or key.isupper()) or before.get(key, value) is value:
                now[key] = value
                continue
            _tell(
                f"gives {name}.{key} another meaning, for all that follows; needed: a function under a name of its own, and the module as its file has it"
            )
            now[key] = value
        _meanings[name] = now


def _tell(said: str) -> None:
    """Note a refusal of the cell that ran last."""
    _refused.append(f"{_shell.execution_count - _first} {said}")


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
        _tell(said)
    _chance[:] = [now]


def _refuse_threads() -> None:
    """Note the threads that a cell left running at its end; those of a library's own kind are its own affair."""
    for thread in set(threading.enumerate()) - _threads:
        _threads.add(thread)
        if type(thread).__module__ in ("threading", "__main__"):
            said = f"leaves the thread {thread.name} running, whose output nobody waits for; needed: its join() in this cell"
            _tell(said)


def _refuse_writing(path: Any) -> None:
    name = os.path.relpath(_real(os.fsdecode(path)), _root)
    parts = name.split(os.sep)
    if parts[0] != os.pardir and not any(part in MADE_BY_TOOLS for part in parts):
        _refuse(
            f"writes {name}; needed: records, tables and sources that stay as they are while the book is built, and a temporary folder for what is passed on"
        )


def _refuse(said: str) -> None:
    _tell(said)
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
