"""A process that has imported what every notebook imports, and forks a kernel from itself when asked.

Run as ``python -m review_book.execute.fork_server``; it reads one request a line from standard input and answers each
with the process id of the new kernel. It imports nothing of the review but this file, so that a kernel loads the
package as it stands. When its standard input closes it ends, and its kernels end with it.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys

PRELOADED = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger", "IPython.core.completerlib",
    "IPython.core.debugger", "IPython.core.interactiveshell", "IPython.core.oinspect", "IPython.extensions.storemagic",
    "psutil", "sqlite3", "tornado.platform.asyncio",
    "pandas", "altair", "pyarrow.dataset", "pyarrow.parquet", "scipy.stats", "pydantic.fields", "pydantic.main", "pydantic.functional_validators", "pydantic.json_schema",
    "pydantic.types", "yaml", "vl_convert",
)  # fmt: skip
"""What a kernel loads when it starts, and what notebooks import."""


def _draw_once() -> None:
    """Make a chart, so that no kernel reads Altair's schema or looks for its readers of frames again."""
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame({"number": [1.0, 2.0], "name": ["a", "b"]})
    chart = alt.Chart(frame).mark_line().encode(x=alt.X("number:Q").title("n"), y="name", tooltip=["name"])
    alt.layer(chart, chart).facet("name:N").properties(title="made and thrown away").to_dict()


def _become_kernel(request: dict[str, object]) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # what a kernel prints outside of cells must not be taken for an answer
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.environ.clear()
    os.environ.update(request["env"])  # type: ignore[call-overload]  # a mapping of text, from JSON
    os.chdir(str(request["cwd"]))
    sys.path[0] = str(request["cwd"])

    from ipykernel.kernelapp import IPKernelApp

    # The variable JPY_PARENT_PID was read when ipykernel was imported, in the fork server; so its parent is named here.
    sys.argv = ["ipykernel", f"--IPKernelApp.parent_handle={os.getppid()}", *request["argv"]]  # type: ignore[misc]  # a list of text, from JSON
    IPKernelApp.launch_instance()
    os._exit(0)


def main() -> None:
    """Serve requests until standard input closes."""
    for name in PRELOADED:
        __import__(name)
    _draw_once()
    gc.freeze()  # a kernel's collector does not go through all that was loaded before it began
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended kernels leave nothing to wait for
    kernels: list[int] = []
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become_kernel(request)
        kernels.append(pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for pid in kernels:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
