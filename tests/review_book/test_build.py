"""The build: atomic, honest on the second run, and drilled with planted faults."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from review_book.site import publish
from review_book.site.build import _recover, _swap_in

pytestmark = pytest.mark.drill


def _build(run_in, folder, **env):
    return run_in(folder, "review_book.commands.main", "build", **env)


def _executed(result):
    return set(re.findall(r"done (analyses/\S+)", result.stdout))


def _edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old} is not in {path.name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


BLOCK_NETWORK = """
import sys
def _refuse(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple) and not str(args[1][0]).startswith(("127.", "::1", "localhost")):
        raise OSError(f"the network is off, and {args[1][0]} was asked")
    if event == "socket.getaddrinfo" and args[0] not in (None, "", "localhost", "127.0.0.1", "0.0.0.0"):
        raise OSError(f"the network is off, and {args[0]} was looked up")
sys.addaudithook(_refuse)
"""


def test_one_story_of_a_build(mini, run_in, tmp_path):
    """A book is built without a network; then each change re-executes and rewrites what it should; then faults go red.

    One test, since each step starts from the site that the last one left.
    """
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(BLOCK_NETWORK)
    off = {"PYTHONPATH": f"{mini / 'src'}{os.pathsep}{tmp_path / 'site'}"}
    index = mini / "_build" / "html" / "index.html"
    chapter = mini / "_build" / "html" / "chapters" / "emergence_theory.html"
    causal, shapes = "analyses/emergence_theory/causal_emergence", "analyses/emergent_capabilities/shape_status"

    first = _build(run_in, mini, **off)
    assert first.returncode == 0, first.stdout + first.stderr
    assert _executed(first) == {causal, shapes, "analyses/emergence_theory/quantisation"}
    assert "1.55 bits" in index.read_text(encoding="utf-8")

    again = _build(run_in, mini)
    assert again.returncode == 0
    assert _executed(again) == set()

    # A record that one analysis reads: that analysis alone is executed, and the finding's page is rewritten.
    record = mini / "data" / "findings" / "convergent-linear-representations.yml"
    _edit(record, "value: 11.3\n", "value: 11.4\n")
    changed = _build(run_in, mini)
    assert changed.returncode == 0, changed.stdout + changed.stderr
    assert _executed(changed) == {shapes}
    assert "11.4 percent" in (mini / "_build" / "html" / "findings" / f"{record.stem}.html").read_text(encoding="utf-8")

    # What a page shows of other files than its own record: a shape's title, a reference's year, the rendering code.
    hot = mini / "_build" / "html" / "findings" / "hot-mess-of-ai.html"
    _edit(mini / "data" / "shapes.yml", "title: Analytical framework", "title: Framework of analysis")
    _edit(mini / "data" / "references.bib", "@misc{hagele2026hot,", "@misc{hagele2026hot,\n  month = {may},")
    _edit(
        mini / "src" / "review_book" / "pages" / "findings.py",
        '"The three inclusion criteria"',
        '"Three criteria of inclusion"',
    )
    shown = _build(run_in, mini)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    for text in ("Framework of analysis", "month = {may}", "Three criteria of inclusion"):
        assert text in hot.read_text(encoding="utf-8"), text

    # One number in the package: the claims go red, in the terminal, on the first try and on the second.
    theory = mini / "src" / "emergence" / "emergence_theory" / "causal.py"
    _edit(theory, "max(spread - noise", "max(1.01 * spread - noise")
    before = index.read_bytes()
    for _ in range(2):
        red = _build(run_in, mini)
        assert red.returncode != 0
        assert "data/claims/emergence_theory.yml" in red.stdout + red.stderr
        assert "noisy-and-micro" in red.stdout + red.stderr
        assert index.read_bytes() == before
    _edit(theory, "max(1.01 * spread - noise", "max(spread - noise")

    # A chapter that shows an analysis follows it when only the analysis changes.
    _edit(mini / f"{causal}.md", "The coarse level carries more at every noise", "Coarse beats fine at every noise")
    followed = _build(run_in, mini)
    assert followed.returncode == 0, followed.stdout + followed.stderr
    assert _executed(followed) >= {causal}
    assert "Coarse beats fine" in chapter.read_text(encoding="utf-8")

    # A recorded number that is wrong.
    claims = mini / "data" / "claims" / "emergence_theory.yml"
    _edit(claims, "value: 1.551829", "value: 1.552829")
    red = _build(run_in, mini)
    assert red.returncode != 0
    assert "noisy-and-macro: recomputed 1.55182" in red.stdout + red.stderr
    _edit(claims, "value: 1.552829", "value: 1.551829")

    # A number that no record gives, a figure that no analysis shows, a dangling citation, a dead link: each with its line.
    page = mini / "chapters" / "emergence_theory.md"
    sound = page.read_text(encoding="utf-8")
    planted = {
        "{num}`claim:nothing`": "no claim nothing",
        "```{show} emergence_theory/causal_emergence#nothing\n```": "shows no figure or table nothing",
        "{cite:p}`nobody2025nothing`": "nobody2025nothing",
        "[dead](nowhere.md)": "nowhere.md",
        "```{statements} nothing\n```": "no chapter nothing",
    }
    page.write_text(sound + "\n".join(f"\n{fault}\n" for fault in planted), encoding="utf-8")
    for _ in range(2):
        red = _build(run_in, mini)
        assert red.returncode != 0
        for fault, said in planted.items():
            line = next(line for line in (red.stderr + red.stdout).splitlines() if said in line)
            assert re.search(r"emergence_theory\.md:\d+", line), fault
    page.write_text(sound, encoding="utf-8")

    # Hostile text cannot enter a record.
    _edit(record, "summary: ", "summary: <script>alert(1)</script> ")
    red = _build(run_in, mini)
    assert red.returncode != 0
    assert "without markup" in red.stdout + red.stderr
    _edit(record, "<script>alert(1)</script> ", "")

    last = _build(run_in, mini)
    assert last.returncode == 0, last.stdout + last.stderr


def test_an_interrupted_build_leaves_the_old_site_and_the_next_is_right(mini, run_in):
    """Killed in the middle, a build leaves the site that stood there, and the next one is complete."""
    assert _build(run_in, mini).returncode == 0
    index = mini / "_build" / "html" / "index.html"
    before = index.read_bytes()
    (mini / "index.md").write_text("# A small review, changed\n", encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(mini / "src")}
    process = subprocess.Popen(
        [sys.executable, "-m", "review_book.commands.main", "build"],
        cwd=mini,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    for line in process.stdout:
        if line.startswith("building"):
            time.sleep(0.3)  # into the reading and writing of pages
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    time.sleep(0.2)

    assert index.read_bytes() == before
    assert _build(run_in, mini).returncode == 0
    assert "changed" in index.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_named(mini, run_in):
    """Where the site cannot be written, the message says where and what is needed."""
    (mini / "_build").write_text("a file where a folder should be")

    result = _build(run_in, mini)

    assert result.returncode != 0
    assert "needed: room and permission to write" in result.stderr


def test_the_swap_recovers_from_an_interruption_between_its_steps(tmp_path, monkeypatch):
    """If the old site was moved aside and the new one never came, the old one is put back."""
    built, site = tmp_path / "built", tmp_path / "html"
    built.mkdir()
    (built / "index.html").write_text("new")
    (tmp_path / ".html.old").mkdir()
    (tmp_path / ".html.old" / "index.html").write_text("old")

    _recover(site)
    assert (site / "index.html").read_text() == "old"
    monkeypatch.setattr(publish, "publish", lambda root, made, target: shutil.copytree(made, target))
    _swap_in(tmp_path, built, site)
    assert (site / "index.html").read_text() == "new"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["built", "html", "published.txt"]


def test_notebook_comparison_goes_red(copy, run_in):
    """The regression test of an analysis fails when a number in its data changes, and shows old and new."""
    _edit(
        copy / "data" / "published" / "brown2020_table_h1.csv",
        "3D+,acc,,few-shot,50,2000,,0.15,0.45,0.3,0.55,0.75,0.9,8.4,80.4",
        "3D+,acc,,few-shot,50,2000,,0.15,0.45,0.3,0.55,0.75,0.9,8.4,81.4",
    )

    result = run_in(copy, "pytest", "-q", "tests/review_book/test_notebooks.py", "-k", "early_forecast")

    assert result.returncode == 1
    assert "80.4" in result.stdout
    assert "81.4" in result.stdout


def test_notebook_comparison_sees_one_cell(copy, run_in):
    """The regression test of an analysis fails when one cell of it changes."""
    _edit(
        copy / "analyses" / "emergence_theory" / "causal_emergence.md",
        "np.linspace(0, 0.98, 50)",
        "np.linspace(0, 0.98, 49)",
    )

    result = run_in(copy, "pytest", "-q", "tests/review_book/test_notebooks.py", "-k", "causal_emergence")

    assert result.returncode == 1
    assert "inserted before" in result.stdout, result.stdout[-3000:]
