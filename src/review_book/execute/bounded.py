"""A client of a kernel that stops a cell that shows more than a page can hold, while it still runs."""

from __future__ import annotations

import json
import time
from typing import Any

import psutil
from nbclient import NotebookClient
from nbformat import NotebookNode

LARGEST = 5_000_000
"""Characters that one cell may show: four times the largest of today."""

MOST = 500
"""Outputs that one cell may show one after the other; prints, which are put together, are not counted."""


PATIENCE = 4
"""How many times its limit a cell may take by the clock, where a busy machine keeps it from computing for that long."""

SLACK = 0.05
"""Share of the limit within which a cell has computed for nothing, and only waits, or for as long as it may."""


class BoundedClient(NotebookClient):
    """Executes a notebook, and ends its kernel when a cell shows too much; `excess` then says what.

    The limit on its time is of computing, since a busy machine is no fault of a cell; `waited` and `computed` say how
    long the last cell took by both clocks, in seconds.
    """

    excess = ""
    waited = computed = 0.0
    _cell, _size, _count = -1, 0, 0
    _began = (0.0, 0.0)

    def _clocks(self) -> tuple[float, float]:
        """Return the time, and that for which the kernel has computed."""
        try:
            spent = psutil.Process(self.km.provisioner.pid).cpu_times()
        except psutil.Error:  # it ended, which is told elsewhere
            return time.monotonic(), 0.0
        return time.monotonic(), spent.user + spent.system

    async def _async_handle_timeout(self, timeout: int, cell: NotebookNode | None = None) -> None:
        """End a cell that computed for as long as it may, or that computes nothing; else let it go on."""
        now = self._clocks()
        self.waited, self.computed = (now[i] - self._began[i] for i in (0, 1))
        if SLACK * timeout < self.computed < (1 - SLACK) * timeout and self.waited < PATIENCE * timeout:
            return None
        await super()._async_handle_timeout(timeout, cell)  # which raises
        return None

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """Take over a message of the kernel, or none any more where the cell has shown too much."""
        if cell_index != self._cell:
            self._cell, self._size, self._count = cell_index, 0, 0
            self._began = self._clocks()
        content = msg["content"]
        if msg["msg_type"] == "stream":
            self._size += len(content["text"])
        elif "data" in content and msg["msg_type"] != "comm_msg":
            self._size += sum(len(v) if isinstance(v, str) else len(json.dumps(v)) for v in content["data"].values())
            self._count += 1
        if self._size > LARGEST:
            self.excess = f"shows more than {LARGEST:,} characters; needed: less, or a file of data that the page names"
        elif self._count > MOST:
            self.excess = f"shows more than {MOST} outputs; needed: one table or one figure of them"
        if self.excess:
            self.task_poll_for_reply.cancel()
            return None
        return super().process_message(msg, cell, cell_index)
