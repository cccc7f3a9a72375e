"""An analysis as an author runs it: opened by a Jupyter server, executed cell by cell, drawn by JupyterLab.

Needs the extra ``notebook``: `make notebook` installs it, and `make lab` runs these tests with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ANALYSIS = "analyses/scaling_laws/laws_side_by_side.md"
TOKEN = "only-for-this-test"


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="session")
def copied(tmp_path_factory):
    """What of the review a notebook reads, so that nothing is written into the review itself."""
    target = tmp_path_factory.mktemp("notebook") / "review"
    for name in ("data", "analyses"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("external"))
    for path in ROOT.glob("_*.yml"):
        shutil.copy(path, target)
    return target


@pytest.fixture(scope="session")
def lab(copied):
    """JupyterLab on this machine, started as `make notebook` starts it."""
    port = _free_port()
    here = copied.parent
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "JUPYTER_CONFIG_DIR": str(here / "config"), "JUPYTER_CONFIG_PATH": str(ROOT / ".jupyter"), "JUPYTER_DATA_DIR": str(here / "share")}  # fmt: skip
    env.pop("REVIEW_BUILD", None)
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={copied}", "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]  # fmt: skip
    with (here / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=copied, env=env, stdout=log, stderr=subprocess.STDOUT)
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(600):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{address}/api").close()
                    break
                assert server.poll() is None, (here / "log").read_text()
                time.sleep(0.1)
            else:
                pytest.fail((here / "log").read_text())
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def _ask(lab, path, method="GET", body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{lab}{path}", data, headers, method=method)) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def _run(socket_of, code):
    """Execute code by a kernel's channel; return what it displays and prints."""
    message = {
        "header": {"msg_id": os.urandom(8).hex(), "msg_type": "execute_request", "username": "", "session": "s", "version": "5.3"},
        "parent_header": {}, "metadata": {}, "channel": "shell",
        "content": {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False},
    }  # fmt: skip
    socket_of.send(json.dumps(message))
    shown, done = [], set()
    while done != {"idle", "reply"}:
        answer = json.loads(socket_of.recv())
        if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            continue
        kind, content = answer["msg_type"], answer["content"]
        assert kind != "error", "\n".join(content["traceback"])
        if kind in ("display_data", "execute_result"):
            shown.append(content)
        elif kind == "stream" and content["name"] == "stderr":
            pytest.fail(content["text"])
        elif kind == "status" and content["execution_state"] == "idle":
            done.add("idle")
        elif kind == "execute_reply":
            done.add("reply")
    return shown


def test_an_analysis_runs_cell_by_cell(lab):
    """A page in MyST Markdown opens as a notebook, and a plain kernel gives the numbers that its reference keeps."""
    from websocket import create_connection

    opened = _ask(lab, f"/api/contents/{ANALYSIS}?type=notebook")["content"]
    cells = ["".join(cell["source"]) for cell in opened["cells"] if cell["cell_type"] == "code"]
    kept = json.loads((ROOT / "tests/reference" / ANALYSIS.removeprefix("analyses/").replace(".md", ".ipynb")).read_text())  # fmt: skip
    assert cells == ["".join(cell["source"]) for cell in kept["cells"]]

    session = _ask(lab, "/api/sessions", "POST", {"path": ANALYSIS, "name": "", "type": "notebook", "kernel": {"name": "python3"}})  # fmt: skip
    kernel = session["kernel"]["id"]
    channel = create_connection(f"{lab.replace('http', 'ws')}/api/kernels/{kernel}/channels", header=[f"Authorization: token {TOKEN}"], timeout=300)  # fmt: skip
    try:
        shown = [output for cell in cells for output in _run(channel, cell)]
    finally:
        channel.close()
        _ask(lab, f"/api/sessions/{session['id']}", "DELETE")

    assert any("application/vnd.jupyter.widget-view+json" in output["data"] for output in shown)
    ours = {o["metadata"]["review"]["name"]: o for o in shown if "review" in o["metadata"]}
    theirs = {
        review["name"]: review
        for cell in kept["cells"]
        for output in cell["outputs"]
        if (review := output["metadata"].get("review")) and review.get("kind") != "controls"
    }
    assert ours.keys() == theirs.keys()
    numbers = {name: review["record"]["value"] for name, review in theirs.items() if review.get("kind") == "number"}
    assert numbers
    assert {name: ours[name]["metadata"]["review"]["record"]["value"] for name in numbers} == pytest.approx(numbers, rel=1e-5)  # fmt: skip
    assert any("application/vnd.vegalite.v6+json" in output["data"] for output in ours.values())


def test_jupyterlab_draws_what_a_notebook_shows(lab):
    """In JupyterLab a chart is drawn with its slider, a table is a table, and links lead to pages that exist."""
    from playwright.sync_api import sync_playwright

    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(f"{lab}/lab/tree/{ANALYSIS}?token={TOKEN}&reset")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
        page.wait_for_selector("text=| Idle", timeout=120_000)  # the kernel has started
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).first.click()
        for drawn in (".vega-embed canvas, .vega-embed svg", ".vega-bind input[type=range]", ".review-table th", ".jupyter-widgets"):  # fmt: skip
            try:
                page.wait_for_selector(f".jp-OutputArea-output :is({drawn})", timeout=240_000, state="attached")
            finally:
                if shots := os.environ.get("REVIEW_SHOTS"):
                    page.screenshot(path=f"{shots}/lab.png")
        assert not page.query_selector_all(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']")
        links = page.eval_on_selector_all(".jp-RenderedMarkdown a[href]", "all => all.map(a => a.getAttribute('href'))")
        browser.close()
    inside = [link for link in links if not re.match(r"https?:|#", link)]
    for link in inside:
        assert (Path(ROOT / ANALYSIS).parent / link.split("#")[0]).resolve().exists() or "/files/" in link, link
