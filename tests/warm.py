"""A process that has imported what commands of the review import, and forks itself for each of them.

It imports nothing of the review, so that a command in a copy loads the copy's own package; what it saves is the start
of a process, which costs more than most commands. Run as ``python warm.py``, it reads a request a line.
"""

from __future__ import annotations

import atexit
import json
import os
import runpy
import signal
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

PRELOADED = (
    "altair", "bs4", "click", "jupyter_book.sphinx", "myst_nb.sphinx_ext", "nbclient", "nbformat.v4", "pandas", "pyarrow.compute",
    "pyarrow.parquet", "pybtex.database", "pydantic.main", "pydantic.type_adapter", "rapidfuzz", "sphinx_book_theme",
    "sphinx_design", "sphinx_external_toc", "sphinx_togglebutton", "sphinxcontrib.bibtex", "tinycss2", "vl_convert", "yaml",
)  # fmt: skip


def main() -> None:
    """Serve requests until standard input closes, one after the other; a child leaves this loop and never comes back."""
    from sphinx.application import builtin_extensions

    for name in (*PRELOADED, *builtin_extensions):
        import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        if pid := os.fork():
            ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            os.write(1, f"{ended}\n".encode())
            continue
        for number, name in enumerate((os.devnull, asked["out"], asked["err"])):
            os.dup2(os.open(name, os.O_RDWR), number)
        signal.alarm(asked["timeout"])
        os.environ.clear()
        os.environ.update(asked["env"])
        os.chdir(asked["folder"])
        sys.path[:1] = [asked["folder"], *asked["env"]["PYTHONPATH"].split(os.pathsep)]
        module, *sys.argv[1:] = asked["words"]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        return


@cache
def _process() -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONHASHSEED": "0"}
    started = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)  # fmt: skip
    atexit.register(started.communicate)
    return started


def run(folder: Path, words: list[str], env: dict[str, str], timeout: int, work: Path) -> subprocess.CompletedProcess:
    """Run a module with arguments in a folder, as ``python -m`` does, and return what it wrote and how it ended."""
    out, err = work / "stdout", work / "stderr"
    for path in (out, err):
        path.write_text("")
    asked = {"folder": str(folder), "words": words, "env": env, "timeout": timeout, "out": str(out), "err": str(err)}
    process = _process()
    process.stdin.write(json.dumps(asked) + "\n")
    process.stdin.flush()
    ended = int(process.stdout.readline())
    return subprocess.CompletedProcess(words, ended, out.read_text(), err.read_text())


if __name__ == "__main__":
    main()
