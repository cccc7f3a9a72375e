"""Two builds of one review: the second waits, and one that was killed keeps nobody waiting."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from review_book.site.alone import NAME, alone

HOLD = """
import sys
from pathlib import Path
from review_book.site.alone import alone
with alone(Path(sys.argv[1]), lambda line: print(line, flush=True)):
    print("mine", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def another(tmp_path):
    """Start another process that builds until it is told to end."""
    started = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_second_build_waits_for_the_first(another, tmp_path):
    """It names the process that it waits for, and goes on when that one ends."""
    with alone(tmp_path, lambda line: pytest.fail(line)):
        second = another()
        assert second.stdout.readline() == (
            f"waiting for another command at work on this review, process {os.getpid()}; Ctrl-C ends the wait\n"
        )

    assert second.stdout.readline() == "mine\n"


def test_a_build_that_was_killed_keeps_nobody_waiting(another, tmp_path):
    """Nothing is left to be taken away by hand: the lock ends with its process."""
    first = another()
    assert first.stdout.readline() == "mine\n"
    assert (tmp_path / NAME).read_text() == str(first.pid)
    first.send_signal(signal.SIGKILL)
    first.wait()

    said = []
    with alone(tmp_path, said.append):
        assert said == []
