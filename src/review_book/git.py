"""What git answers of the repository of a folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_OF_ANOTHER = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY")
"""Variables that name another repository than that of the folder, such as a hook of git sets."""


def git(folder: Path, *words: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Return how a command of git ended and what it said.

    Raises
    ------
    FileNotFoundError
        Where there is no program git.
    """
    env = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER}
    return subprocess.run(["git", *words], cwd=folder, env=env, input=given, capture_output=True, check=False)
