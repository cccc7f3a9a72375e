"""What tests share: the review's root, small copies of it to break, and the built site."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import settings

# Two workers share the cores, and sums in one thread are the same on every machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

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
    """A copy of the review that a test may break, without what was built."""
    target = tmp_path / "review"
    skip = shutil.ignore_patterns(".git", ".venv", "_build", "findings.md", "__pycache__", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, target, ignore=lambda d, names: {*skip(d, names), *({"findings"} if Path(d) == ROOT else ())})
    return target


@pytest.fixture
def run_in():
    """Run a command of the review in a copy, with the copy's own package."""

    def run(folder, *words, timeout=600, **env):
        command = [sys.executable, "-m", *words]
        surroundings = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONHASHSEED": "0", **env}
        surroundings.pop("REVIEW_ROOT", None)
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
def mini(copy):
    """A copy of the review cut down to two chapters and three analyses, so that building it takes seconds."""
    keep = {"emergence_theory/causal_emergence", "emergence_theory/quantisation", "emergent_capabilities/shape_status"}
    for path in copy.glob("analyses/*/*.md"):
        if path.relative_to(copy / "analyses").with_suffix("").as_posix() not in keep:
            path.unlink()
    for path in (copy / "data" / "claims").glob("*.yml"):
        if path.stem not in ("emergence_theory", "emergent_capabilities"):
            path.write_text("[]\n", encoding="utf-8")
    theory = copy / "data" / "claims" / "emergence_theory.yml"
    claims = re.split(r"(?m)^(?=- id: )", theory.read_text(encoding="utf-8"))
    kept = [c for c in claims if not (by := re.search(r"by: (emergence_theory/\w+)", c)) or by[1] in keep]
    theory.write_text("".join(kept), encoding="utf-8")
    (copy / "data" / "predictions.yml").write_text("[]\n", encoding="utf-8")
    (copy / "data" / "definitions.yml").write_text(
        "properties: []\ndefinitions: []\ncases: []\nmeasures: []\n", encoding="utf-8"
    )
    page = copy / "chapters" / "emergence_theory.md"
    sections = re.split(r"(?m)^(?=## )", page.read_text(encoding="utf-8"))
    about = [s for s in sections if not (used := set(re.findall(r"emergence_theory/\w+", s))) or used <= keep]
    page.write_text("# Emergence Theory\n\n```{claims} emergence_theory\n```\n\n" + "".join(about), encoding="utf-8")
    chapter = "# Emergent Capabilities\n\n```{claims} emergent_capabilities\n```\n"
    (copy / "chapters" / "emergent_capabilities.md").write_text(chapter, encoding="utf-8")
    (copy / "data" / "questions.yml").write_text("[]\n", encoding="utf-8")
    for path in (copy / "data" / "findings").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        if "in_founding_notes: false" in text:
            path.unlink()
        else:
            path.write_text(re.sub(r"^links:\n(?:  .*\n)*", "", text, flags=re.MULTILINE), encoding="utf-8")
    (copy / "index.md").write_text("# A small review\n\n{num}`claim:noisy-and-macro`\n", encoding="utf-8")
    pages = [
        "chapters/emergence_theory",
        "chapters/emergent_capabilities",
        *(f"analyses/{k}" for k in sorted(keep)),
        "references",
    ]
    listing = "".join(f"- file: {page}\n" for page in pages) + "- file: register\n  sections:\n  - glob: findings/*\n"
    (copy / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{listing}", encoding="utf-8")
    (copy / "register.md").write_text("# Register\n", encoding="utf-8")
    return copy
