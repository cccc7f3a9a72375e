"""Machines that lack something: room on the disk, a loopback interface, width, a proxy that answers; and odd names of folders."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys

import pytest

from review_book.execute import run
from review_book.execute.run import has_loopback
from review_book.site.build import BuildFailed, build_site

MAIN = "review_book.commands.main"


def test_a_disk_that_fills_up_while_sphinx_writes_is_a_sentence(mini, monkeypatch):
    """The build says that there is no room, where, and what is needed; it blames neither the book nor Sphinx."""
    full = OSError(errno.ENOSPC, "No space left on device", "page.html")
    monkeypatch.setattr("jupyter_book.sphinx.build_sphinx", lambda *_, **__: full)
    with pytest.raises(BuildFailed, match=r"No space left on device \(page.html\); needed: room"):
        build_site(mini, lambda _: None)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root makes a small disk")
def test_an_answer_that_does_not_fit_on_the_disk_is_a_sentence(mini, run_in, tmp_path):
    """On a disk of 16 kilobytes a command ends with status 1, says what is lacking, and shows no traceback."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", small], check=False).returncode:
        pytest.skip("this machine mounts nothing")
    try:
        rows = "".join(f"{10**i},{0.02 if i < 11 else 0.9},2000\n" for i in range(8, 14))
        (mini / "mine.csv").write_text(f"params,exact_match,items\n{rows}")
        done = run_in(mini, MAIN, "curve", "mine.csv", "--draws", "0", "--out", str(small / "mine"))
    finally:
        subprocess.run(["umount", small], check=True)

    assert done.returncode == 1
    assert "No space left on device; needed: a place" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_machine_that_cannot_speak_to_itself_is_known():
    """Kernels are spoken to by 127.0.0.1: it is there, and where a network of its own has none, that is seen."""
    assert has_loopback()
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network can be set apart here")
    code = "from review_book.execute.run import has_loopback; print(has_loopback())"
    done = subprocess.run([unshare, "-n", sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


def test_without_a_loopback_interface_no_kernel_is_begun(mini, monkeypatch):
    """What is lacking is said once, before the first kernel is waited for."""
    monkeypatch.setattr(run, "has_loopback", lambda: False)
    monkeypatch.setattr(run, "_run", lambda *_: pytest.fail("a kernel began"))
    lines = []
    with pytest.raises(run.ExecutionFailed, match=r"cannot speak to itself; needed: the loopback interface") as error:
        run.execute_all(mini, lines.append)

    assert len(error.value.failures) == 1
    assert not lines
    with pytest.raises(run.ExecutionFailed, match="loopback"):
        run.execute_page(mini, "analyses/tides/model")


def test_a_narrow_terminal_loses_no_word(mini, run_in):
    """With COLUMNS at 20 the menu names every command, and a table keeps its ids and numbers whole."""
    wide = run_in(mini, MAIN, "--help", cold=True, COLUMNS="100").stdout
    narrow = run_in(mini, MAIN, "--help", cold=True, COLUMNS="20").stdout
    names = [line.split()[0] for line in wide.partition("Commands:")[2].splitlines() if line.strip()]

    assert len(names) > 20
    assert set(names) <= {line.split()[0] for line in narrow.splitlines() if line.strip()}
    assert run_in(mini, MAIN, "status", cold=True, COLUMNS="20").stdout == run_in(mini, MAIN, "status").stdout


def test_a_proxy_that_is_not_there_is_told_within_the_limit(mini, run_in):
    """Where a proxy is named and nobody answers, fetching ends by itself, in a sentence that names the set."""
    (mini / "data" / "external.yml").write_text(
        "- id: far\n  title: Far away\n  cite: darwin1898tides\n  licence: MIT\n"
        f"  base: https://raw.githubusercontent.com/a/b/{'0' * 40}/\n  files: {{a.csv: {'0' * 64}}}\n"
    )
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    done = run_in(mini, MAIN, "fetch", "--within", "5", timeout=60, REVIEW_MIRROR="", no_proxy="", **nowhere)

    assert "far" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not (mini / "data" / "external" / "far" / "a.csv").exists()
