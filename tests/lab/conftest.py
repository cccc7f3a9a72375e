"""The lab's tests train; one thread a process, as the lab itself does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from conftest import copy, root, run_in  # noqa: E402, F401  # fixtures shared with the other tests
