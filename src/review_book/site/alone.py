"""One build at a time in one review: a second waits, and says for whom.

The operating system holds the lock for a process and lets go of it when the process ends, however it ends, so that an
interrupted build leaves none behind.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ModuleNotFoundError:  # an operating system without it: nobody waits there
    fcntl = None  # type: ignore[assignment]

NAME = "building"
"""File below the build folder that is locked; it holds the number of the process that builds, or built last."""


@contextmanager
def alone(build: Path, say: Callable[[str], None], name: str = NAME) -> Iterator[None]:
    """Hold a review's build folder for a block of code, after whoever holds it now.

    Parameters
    ----------
    build : path
        The build folder; it is made where there is none.
    say : callable
        Receives one line where somebody else builds.
    name : str
        Of the file that is locked: who writes records waits for who writes records, and not for a build.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    build.mkdir(parents=True, exist_ok=True)
    with (build / name).open("a+", encoding="utf-8") as mark:
        if fcntl is not None:
            try:
                fcntl.lockf(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                mark.seek(0)
                who = mark.read().strip()
                say(
                    f"waiting for another command at work on this review{f', process {who}' if who else ''}; Ctrl-C ends the wait"
                )
                fcntl.lockf(mark, fcntl.LOCK_EX)
        mark.truncate(0)
        mark.write(str(os.getpid()))
        mark.flush()
        yield
