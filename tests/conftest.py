"""What tests share: the review's root, small copies of it to break, and the built site."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import warm
from hypothesis import settings

# Two workers share the cores, and sums in one thread are the same on every machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Stand-ins answer on this machine, whatever proxy leads out of it.
_without = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(filter(None, [_without, "127.0.0.1", "localhost"]))

ROOT = Path(__file__).resolve().parents[1]


# A deadline on an example is a timed test: it fails on a busy machine.
settings.register_profile("review", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("review")


def pytest_addoption(parser):
    parser.addoption("--accept", action="store_true", help="write the notebooks' references anew")


@pytest.fixture(scope="session")
def root():
    """The review itself; tests only read it."""
    return ROOT


@pytest.fixture
def copy(tmp_path):
    """A copy of the review that a test may break, without what was built, but with what Python compiled of the packages."""
    target = tmp_path / "review"
    skip = shutil.ignore_patterns(".git", ".venv", "_build", "findings.md", ".*_cache", ".hypothesis")
    compiled = shutil.ignore_patterns("__pycache__")
    shutil.copytree(
        ROOT,
        target,
        ignore=lambda d, names: {
            *skip(d, names),
            *({"findings"} if Path(d) == ROOT else ()),
            *(() if ROOT / "src" in Path(d).parents else compiled(d, names)),
        },
    )
    return target


@pytest.fixture
def takes_files(tmp_path, monkeypatch):
    """The little review, which lets new works wait and takes files in, and a cache beside it."""
    from review_book.review import Review

    target = tmp_path / "review"
    shutil.copytree(ROOT / "tests" / "little_review", target)
    path = target / "data" / "searches" / "protocol.yml"
    text = path.read_text(encoding="utf-8").rstrip("\n")
    text = text.replace("{shelf: a shelf of books}", "{shelf: books, import: a file}")
    path.write_text(text + "\n  - {id: not-screened, title: not screened, decides: wait}\n", encoding="utf-8")
    monkeypatch.setenv("REVIEW_CACHE", str(tmp_path / "cache"))
    return Review(target)


@pytest.fixture
def run_in(tmp_path_factory):
    """Run a command of the review in a copy, with the copy's own package if it has one, in a process of its own that may start warm."""

    def run(folder, *words, timeout=600, cold=False, **env):
        src = folder / "src" if (folder / "src").is_dir() else ROOT / "src"
        surroundings = {**os.environ, "PYTHONPATH": str(src), "PYTHONHASHSEED": "0", **env}
        surroundings.pop("REVIEW_ROOT", None)
        # What Python asks of its surroundings as it starts, a process that has started does not take over.
        if sys.platform == "linux" and not cold and not env.keys() & {"PYTHONPATH", "PYTHONHASHSEED"}:
            return warm.run(folder, words, surroundings, timeout, tmp_path_factory.mktemp("run"))
        command = [sys.executable, "-m", *words]
        return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=timeout)

    return run


@pytest.fixture(scope="session")
def site():
    """The built site; `make test` builds it first."""
    built = ROOT / "_build" / "html"
    if not (built / "index.html").is_file():
        pytest.fail("the site is not built; run make book (make test does it first)")
    return built


@contextlib.contextmanager
def served(handler):
    """Answer requests to an address on this machine by a handler, for as long as a block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def address(site):
    """Serve the built site on this machine."""
    with served(partial(_Quiet, directory=str(site))) as here:
        yield here


@pytest.fixture(scope="module")  # while it is open its loop runs in this thread, and no notebook can be executed
def browser():
    """Start the Chromium that the system provides."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if not found:
        pytest.fail(
            "no Chromium; install it: apt-get install chromium (Debian, Ubuntu), brew install --cask chromium (macOS)"
        )
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def waiting_tabs():
    """The tabs that tests gave back, by what they were made with."""
    return {}


@pytest.fixture
def tab(browser, waiting_tabs):
    """Lend a tab with nothing in it, in a context of its own: to open one costs more than most of what a test does in it."""
    taken = []

    def lend(clock=False, **options):
        waiting = waiting_tabs.setdefault((clock, *sorted(options.items())), [])
        if waiting:
            page = waiting.pop()
        else:
            page = browser.new_context(**options).new_page()
            if clock:
                page.clock.install()
        taken.append((waiting, page))
        return page

    yield lend
    for waiting, page in taken:
        for other in page.context.pages:
            if other is not page:
                other.close()
        if page.url.startswith("http"):
            page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        page.context.clear_cookies()
        page.goto("about:blank")
        page.mouse.move(-1, -1)  # else it points at something of the next page
        page.emulate_media(media="null", color_scheme="null")
        waiting.append(page)


HEAD = """---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A question?

Prose.

```{code-cell} python
"""


def write_notebook(root, page, code):
    """Write a small analysis with one cell (its code begins on line 13)."""
    path = root / f"{page}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEAD}{code}\n```\n", encoding="utf-8")
    return path


@pytest.fixture
def little(tmp_path):
    """A review of one page and one small analysis, with data of its own, for the executor alone."""
    root = tmp_path / "little"
    (root / "data").mkdir(parents=True)
    (root / "data" / "a.txt").write_text("1")
    (root / "data" / "b.txt").write_text("2")
    (root / "requirements.lock").write_text("")
    (root / "index.md").write_text("# Index\n")
    (root / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n- file: analyses/x/one\n- file: analyses/x/two\n"
    )
    write_notebook(root, "analyses/x/one", "from pathlib import Path\nprint(Path('../../data/a.txt').read_text())")
    write_notebook(
        root, "analyses/x/two", "from pathlib import Path\nprint(sorted(p.name for p in Path('../../data').iterdir()))"
    )
    return root


@pytest.fixture
def mini(tmp_path):
    """A copy of the little review of the tests, another subject by data alone."""
    target = tmp_path / "review"
    shutil.copytree(ROOT / "tests" / "little_review", target)
    return target
