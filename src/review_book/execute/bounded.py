"""A client of a kernel that stops a cell that shows more than a page can hold, while it still runs."""

from __future__ import annotations

import json
from typing import Any

from nbclient import NotebookClient
from nbformat import NotebookNode

LARGEST = 5_000_000
"""Characters that one cell may show: four times the largest of today."""

MOST = 500
"""Outputs that one cell may show one after the other; prints, which are put together, are not counted."""


class BoundedClient(NotebookClient):
    """Executes a notebook, and ends its kernel when a cell shows too much; `excess` then says what."""

    excess = ""
    _cell, _size, _count = -1, 0, 0

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """Take over a message of the kernel, or none any more where the cell has shown too much."""
        if cell_index != self._cell:
            self._cell, self._size, self._count = cell_index, 0, 0
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
