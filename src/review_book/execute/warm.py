"""Kernels that start warm: forked from a process that has already imported what every notebook imports.

A kernel is a process of its own all the same, so that notebooks stay apart. Where forking is not to be had, the
ordinary kernel is used.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

_lock = threading.Lock()
_fork_server: subprocess.Popen[str] | None = None


class Forked:
    """A forked kernel, with what jupyter_client asks of a process."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """Return None while the kernel runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self) -> int:
        """Return at once; nothing is left to wait for once `poll` says that it ended."""
        return 0

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


SURROUNDINGS = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "TZ": "UTC", "PYTHONWARNINGS": ""}
"""What every kernel finds in its environment, wherever it runs; no warning that would fail it is silenced from without."""


def start_fork_server() -> subprocess.Popen[str]:
    """Start the fork server if it does not run yet; it does its imports while others work."""
    global _fork_server
    if _fork_server is None or _fork_server.poll() is not None:
        _fork_server = subprocess.Popen(
            [sys.executable, "-m", "review_book.execute.fork_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # The last, so that the debugger that ipykernel loads says nothing of breakpoints.
            env={**os.environ, **SURROUNDINGS, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
        )
    return _fork_server


def _ask(argv: list[str], cwd: str, env: dict[str, str]) -> int:
    """Ask the fork server for a kernel."""
    with _lock:
        fork_server = start_fork_server()
        assert fork_server.stdin is not None
        assert fork_server.stdout is not None
        fork_server.stdin.write(json.dumps({"argv": argv, "cwd": cwd, "env": env}) + "\n")
        fork_server.stdin.flush()
        return int(fork_server.stdout.readline())


def end_fork_server() -> None:
    """End the fork server, and with it every kernel that still runs."""
    global _fork_server
    with _lock:
        if _fork_server is not None:
            _fork_server.communicate()
            _fork_server = None


atexit.register(end_fork_server)


class WarmProvisioner(LocalProvisioner):
    """Launches a kernel by asking the fork server to fork one."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:  # jupyter_client's signature
        """Launch a kernel; `cmd` is the command that would have started an ordinary one."""
        argv = cmd[cmd.index("ipykernel_launcher") + 1 :]
        pid = _ask(argv, str(kwargs.get("cwd") or os.getcwd()), dict(kwargs["env"]))
        self.process = Forked(pid)
        self.pid = self.pgid = pid
        return self.connection_info  # type: ignore[no-any-return]  # set by jupyter_client before it launches


class WarmKernelManager(AsyncKernelManager):
    """Starts the Python kernel of this environment warm, and any other as jupyter_client does."""

    @property
    def kernel_spec(self) -> KernelSpec | None:
        """The kernel's specification, which names the provisioner."""
        spec: KernelSpec | None = super().kernel_spec
        if (
            spec
            and hasattr(os, "fork")
            and "ipykernel_launcher" in spec.argv
            and spec.argv[0] in ("python", sys.executable)
        ):
            spec.metadata["kernel_provisioner"] = {"provisioner_name": "review-warm", "config": {}}
        return spec
