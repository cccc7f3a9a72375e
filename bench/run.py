"""Speed, as ratios against a peer or a floor in the same run.

Run by ``make bench``. Each figure names what it is compared with and the bound that the project sets itself.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import statistics
import string
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
JUPYTER_BOOK = str(Path(sys.executable).parent / "jupyter-book")

STOCK_EXTENSION = '''
"""What the pages need when Jupyter Book alone builds them: our roles and directives, showing nothing."""
from docutils import nodes
from docutils.parsers.rst import Directive, directives


class Nothing(Directive):
    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {"section": directives.unchanged}

    def run(self):
        return [nodes.paragraph(text=" ".join(self.arguments))]


def num(name, rawtext, text, lineno, inliner, options=None, content=None):
    return [nodes.inline(text=text)], []


def setup(app):
    app.add_role("num", num)
    app.add_role("statement", num)
    for name in DIRECTIVES:
        app.add_directive(name, Nothing)
    return {"parallel_read_safe": True}
'''


def our_directives() -> tuple[str, ...]:
    """Return the names of the directives that pages use."""
    from review_book.sphinx.directives import CHAPTER_PARTS

    return (*CHAPTER_PARTS, "show", "finding", "register", "numbers", "part", "terms")


def copy_of_review(folder: Path) -> Path:
    """Copy what git tracks, as it is in the working tree."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, names):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    return folder


def seconds(command: list[str], cwd: Path, **env: str) -> float:
    """Run a command, quietly, and return how long it took."""
    started = time.perf_counter()
    surroundings = {**os.environ, "PYTHONPATH": str(cwd / "src"), **env}
    done = subprocess.run(command, cwd=cwd, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return time.perf_counter() - started


def report(name: str, value: float, unit: str, bound: float, good: bool) -> bool:
    """Print one figure with its bound."""
    print(f"{'ok  ' if good else 'MISS'} {name}: {value:.2f} {unit} (bound {bound:g})", flush=True)
    return good


def bench_build(folder: Path) -> list[bool]:
    """Cold execution and build against stock Jupyter Book; a rebuild without change against bare Sphinx."""
    review = [sys.executable, "-m", "review_book.commands.main", "build"]
    ours_at, stock_at = copy_of_review(folder / "ours"), copy_of_review(folder / "stock")
    ours = seconds(review, ours_at)
    for made in ("findings", "statements"):  # pages that are made from records
        shutil.copytree(ours_at / made, stock_at / made)
    config = (stock_at / "_config.yml").read_text(encoding="utf-8")
    config = config.replace('execute_notebooks: "off"', "execute_notebooks: force\n  timeout: 300").replace(
        "review_book", "stock_pages"
    )
    (stock_at / "_config.yml").write_text(config, encoding="utf-8")
    extension = f"{STOCK_EXTENSION}\n\nDIRECTIVES = {our_directives()}\n"
    (stock_at / "src" / "stock_pages.py").write_text(extension, encoding="utf-8")
    stock = seconds([JUPYTER_BOOK, "build", "."], stock_at)
    print(f"     cold: {ours:.1f} s ours, {stock:.1f} s stock Jupyter Book", flush=True)
    good = [report("cold build, stock over ours", stock / ours, "times", 3, stock / ours >= 3)]

    again = statistics.median(seconds(review, ours_at) for _ in range(3))
    config = config.replace("execute_notebooks: force", 'execute_notebooks: "off"')
    (stock_at / "_config.yml").write_text(config, encoding="utf-8")
    seconds([JUPYTER_BOOK, "build", "."], stock_at)
    bare = statistics.median(seconds([JUPYTER_BOOK, "build", "."], stock_at) for _ in range(3))
    print(f"     no change: {again:.1f} s ours, {bare:.1f} s bare", flush=True)
    good.append(
        report("rebuild without change, ours over bare Sphinx", again / bare, "times", 1.3, again / bare <= 1.3)
    )

    record = ours_at / "data" / "claims" / "emergence_theory.yml"
    record.write_text(record.read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")
    surroundings = {**os.environ, "PYTHONPATH": str(ours_at / "src")}
    done = subprocess.run(review, cwd=ours_at, env=surroundings, capture_output=True, text=True, check=True)
    executed = re.findall(r"done (analyses/\S+)", done.stdout)
    only = all(page.startswith("analyses/emergence_theory/") for page in executed)
    good.append(
        report(
            "one chapter's claims changed, notebooks of other chapters executed",
            sum(not p.startswith("analyses/emergence_theory/") for p in executed),
            "",
            0,
            only,
        )
    )
    return good


def bench_imports() -> list[bool]:
    """Importing the package beyond pandas, and checking the real records."""

    def cost(code: str) -> float:
        return min(seconds([sys.executable, "-c", code], ROOT) for _ in range(5))

    beyond = cost(
        "import pandas, review_utils.records.register, review_utils.records.claims, review_utils.records.status"
    ) - cost("import pandas")
    check = min(seconds([sys.executable, "-m", "review_book.commands.main", "check"], ROOT) for _ in range(3))
    return [
        report("import beyond pandas", beyond, "s", 0.4, beyond < 0.4),
        report("review check", check, "s", 2, check < 2),
    ]


def bench_register(folder: Path) -> list[bool]:
    """Loading, status, criteria and what-if on a register of 100, 1,000 and 10,000 findings."""
    from emergence.emergent_capabilities.register_views import criteria_frame
    from review_book.records.changes import what_if
    from review_utils.records.register import load_register
    from review_utils.records.status import status_of_all

    seconds_of: dict[int, tuple[float, float]] = {}
    models = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "data" / "findings").glob("*.yml"))]
    for n in (100, 1000, 10000):
        data = folder / str(n)
        shutil.copytree(ROOT / "data", data, ignore=shutil.ignore_patterns("findings"))
        (data / "findings").mkdir()
        (data / "questions.yml").write_text("[]\n", encoding="utf-8")
        for i in range(n):
            text = re.sub(r"^id: .*$", f"id: finding-{i}", models[i % len(models)], count=1, flags=re.MULTILINE)
            text = re.sub(r"^links:\n(?:  .*\n)*", "", text, flags=re.MULTILINE)
            text = re.sub(r"^  arxiv: .*\n", "", text, flags=re.MULTILINE)
            (data / "findings" / f"finding-{i}.yml").write_text(text, encoding="utf-8")
        started = time.perf_counter()
        register = load_register(data)
        loaded = time.perf_counter()
        status_of_all(register)
        criteria_frame(register)
        what_if(register, register.findings[0].model_copy(update={"id": "one-more"}))
        seconds_of[n] = (loaded - started, time.perf_counter() - loaded)
        print(
            f"     {n:,} findings: loaded in {seconds_of[n][0]:.2f} s, computed in {seconds_of[n][1]:.3f} s", flush=True
        )
    load, compute = seconds_of[10000]
    growth = load / seconds_of[1000][0]
    return [
        report("10,000 findings loaded", load, "s", 10, load < 10),
        report("10,000 findings: status, criteria and what-if", compute, "s", 1, compute < 1),
        report("loading, 10,000 over 1,000 findings", growth, "times", 15, growth < 15),
    ]


def bench_grades() -> list[bool]:
    """10,000 statements over 5,000 studies: every grade; and what a retraction changes."""
    sys.path.insert(0, str(ROOT / "tests"))
    from making_studies import evidence, said, studies, study

    from review_book.records.grades import Grader, grades_of, if_retracted, load_rules

    rules, seconds_of = load_rules(ROOT / "data"), {}
    for n in (1000, 10_000):
        rng = random.Random(0)
        keys = [f"k{i}" for i in range(n // 2)]
        surnames = ["".join(rng.choices(string.ascii_lowercase, k=6)).title() for _ in keys]
        authors = {key: tuple(f"Ann {name}" for name in rng.sample(surnames, 8)) for key in keys}
        among = studies(*map(study, keys), authors=authors)
        items = [
            said(*(evidence(key, rng.choice(["for", "for", "against"])) for key in rng.choices(keys, k=5)), id=f"s{i}")
            for i in range(n)
        ]
        times = []
        for _ in range(3):
            started = time.perf_counter()
            grader = Grader(replace(among), rules)  # nothing indexed yet
            grades_of(items, grader)
            times.append(time.perf_counter() - started)
        seconds_of[n] = min(times)
    started = time.perf_counter()
    if_retracted(items, grader, keys[0])
    retraction = time.perf_counter() - started
    growth = seconds_of[10_000] / seconds_of[1000]
    return [
        report("10,000 statements over 5,000 studies graded", seconds_of[10_000], "s", 1, seconds_of[10_000] < 1),
        report("grading, 10,000 over 1,000 statements", growth, "times", 15, growth < 15),
        report("a retraction among 10,000 statements", retraction, "s", 2, retraction < 2),
    ]


def main() -> None:
    """Run every benchmark; exit 1 when a bound is missed."""
    good = bench_imports()
    with tempfile.TemporaryDirectory() as folder:
        good += bench_register(Path(folder))
        good += bench_grades()
        good += bench_build(Path(folder) / "build")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
