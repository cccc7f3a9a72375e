"""Speed, as ratios against a peer or a floor in the same run.

Run by ``make bench``, or by ``python bench/run.py PART ...`` for some parts alone. Each figure names what it is compared
with and the bound that the project sets itself. A part that misses a bound or fails ends no other.
"""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import signal
import socket
import statistics
import string
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
JUPYTER_BOOK = str(Path(sys.executable).parent / "jupyter-book")
REVIEW = [sys.executable, "-m", "review_book.commands.main"]

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


class Failed(RuntimeError):
    """A command that a figure needs did not end well."""


def quietly(command: list[str], cwd: Path, source: Path) -> str:
    """Run a command with the packages that lie in a folder; return what it said."""
    surroundings = {**os.environ, "PYTHONPATH": str(source)}
    surroundings.pop("REVIEW_ROOT", None)
    done = subprocess.run(command, cwd=cwd, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout


def seconds(command: list[str], cwd: Path) -> float:
    """Return how long a command of the review in a folder took, which holds its packages too."""
    started = time.perf_counter()
    quietly(command, cwd, cwd / "src")
    return time.perf_counter() - started


def cores(at_once: int = 2) -> float:
    """Return the work that some processes do at once over that of one alone: a borrowed core may give less than it counts for."""
    loop = [sys.executable, "-c", "for _ in range(30_000_000): pass"]
    started = time.perf_counter()
    subprocess.run(loop, check=True)
    alone = time.perf_counter() - started
    started = time.perf_counter()
    for process in [subprocess.Popen(loop) for _ in range(at_once)]:
        process.wait()
    return at_once * alone / (time.perf_counter() - started)


def work(command: list[str], cwd: Path, source: Path = ROOT / "src") -> float:
    """Return the seconds that processors spent on a command, with all that it started: others at work change it little."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    quietly(command, cwd, source)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def parsing(data: Path) -> float:
    """Return the seconds of a processor in which PyYAML's own C loader reads all records of a folder, and no more."""
    texts = [path.read_text(encoding="utf-8") for path in data.glob("**/*.yml")]
    started = time.process_time()
    for text in texts:
        yaml.load(text, yaml.CSafeLoader)
    return time.process_time() - started


def report(name: str, value: float, unit: str, bound: float, good: bool) -> bool:
    """Print one figure with its bound."""
    print(f"{'ok  ' if good else 'MISS'} {name}: {value:.2f} {unit} (bound {bound:g})", flush=True)
    return good


def bench_build(folder: Path) -> list[bool]:
    """Cold execution and build against stock Jupyter Book; a rebuild without change against bare Sphinx."""
    review = [*REVIEW, "build"]
    ours_at, stock_at = copy_of_review(folder / "ours"), copy_of_review(folder / "stock")
    before = cores()
    ours = seconds(review, ours_at)
    after = cores()
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
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
    print(f"     two processes at once did the work of {before:.2f} before ours and {after:.2f} after; stock executes with one", flush=True)  # fmt: skip
    good = [
        report("cold build, stock over ours", stock / ours, "times", 3, stock / ours >= 3),
        # A build looks for no cycles, so that its memory grows with the book.
        report("largest process of a cold build", largest, "MB", 1500, largest <= 1500),
    ]

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
    executed = re.findall(r"done (analyses/\S+)", quietly(review, ours_at, ours_at / "src"))
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


def bench_check(folder: Path) -> list[bool]:
    """Importing the package beyond pandas, and checking the real records, in seconds of a processor."""
    del folder

    def cost(code: str) -> float:
        return min(work([sys.executable, "-c", code], ROOT) for _ in range(5))

    kinds = "import pandas, review_utils.records.register, review_utils.records.claims, review_utils.records.status"
    beyond = cost(kinds) - cost("import pandas")
    check = min(work([*REVIEW, "check"], ROOT) for _ in range(3))
    print(
        f"     review check: {check / parsing(ROOT / 'data'):.2f} times what PyYAML takes to read the records",
        flush=True,
    )
    return [
        report("import beyond pandas", beyond, "s", 0.4, beyond < 0.4),
        report("review check", check, "s", 2, check < 2),
    ]


def of_its_own(text: str, i: int) -> str:
    """Return a finding's record as that of another paper: no id, name, address or title is the first one's."""
    letters = "".join(string.ascii_lowercase[int(digit)] for digit in str(i))
    once = {
        "id": f"finding-{i}",
        "title": f"A made up paper {letters} on {letters * 3}",
        "authors": f"[Ann {letters.title()}x]",
        "cite": f"made2020{letters}",
        "source": f'{{url: "https://example.org/{i}"}}',
        "summary": f"It was made up as the paper {letters}.",
    }
    for name, value in once.items():
        text = re.sub(rf"^{name}:.*\n(?:[ -].*\n)*", f"{name}: {value}\n", text, count=1, flags=re.MULTILINE)
    return re.sub(r"^(?:links|formerly):.*\n(?:[ -].*\n)*", "", text, flags=re.MULTILINE)


def bench_register(folder: Path) -> list[bool]:
    """Loading, status, criteria and what-if on a register of 100, 1,000 and 10,000 findings."""
    from emergence.emergent_capabilities.register_views import criteria_frame
    from review_book.records.changes import what_if
    from review_book.records.register import load_checked
    from review_utils.records.status import status_of_all

    seconds_of: dict[int, tuple[float, float]] = {}
    models = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "data" / "findings").glob("*.yml"))]
    for n in (100, 1000, 10000):
        data = folder / str(n)
        shutil.copytree(ROOT / "data", data, ignore=shutil.ignore_patterns("findings"))
        (data / "findings").mkdir()
        (data / "questions.yml").write_text("[]\n", encoding="utf-8")
        with (data / "references.bib").open("a", encoding="utf-8") as entries:
            for i in range(n):
                text = of_its_own(models[i % len(models)], i)
                (data / "findings" / f"finding-{i}.yml").write_text(text, encoding="utf-8")
                key, title, author = (
                    re.search(rf"^{name}: (.*)", text, re.MULTILINE)[1] for name in ("cite", "title", "authors")
                )
                entries.write(
                    f"\n@misc{{{key},\n author = {{{author.strip('[]')}}},\n title = {{{title}}},\n year = {{2020}}\n}}\n"
                )
        started = time.process_time()
        register = load_checked(data)
        loaded = time.process_time()
        status_of_all(register)
        criteria_frame(register)
        what_if(register, register.findings[0].model_copy(update={"id": "one-more"}))
        seconds_of[n] = (loaded - started, time.process_time() - loaded)
        print(
            f"     {n:,} findings: loaded in {seconds_of[n][0]:.2f} s, computed in {seconds_of[n][1]:.3f} s", flush=True
        )
    load, compute = seconds_of[10000]
    print(
        f"     10,000 findings loaded: {load / parsing(data):.2f} times what PyYAML takes to read the records",
        flush=True,
    )
    growth = load / seconds_of[1000][0]
    return [
        report("10,000 findings loaded", load, "s", 10, load < 10),
        report("10,000 findings: status, criteria and what-if", compute, "s", 1, compute < 1),
        report("loading, 10,000 over 1,000 findings", growth, "times", 15, growth < 15),
    ]


def bench_grades(folder: Path) -> list[bool]:
    """10,000 statements over 5,000 studies: every grade; and what a retraction changes."""
    del folder
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
            started = time.process_time()
            grader = Grader(replace(among), rules)  # nothing indexed yet
            grades_of(items, grader)
            times.append(time.process_time() - started)
        seconds_of[n] = min(times)
    started = time.process_time()
    if_retracted(items, grader, keys[0])
    retraction = time.process_time() - started
    growth = seconds_of[10_000] / seconds_of[1000]
    return [
        report("10,000 statements over 5,000 studies graded", seconds_of[10_000], "s", 1, seconds_of[10_000] < 1),
        report("grading, 10,000 over 1,000 statements", growth, "times", 15, growth < 15),
        report("a retraction among 10,000 statements", retraction, "s", 2, retraction < 2),
    ]


LINEAR = 1.5
"""How much faster than its size a cost may grow, and still be called linear."""


def bench_scale(folder: Path) -> list[bool]:
    """A made-up review at a fifth and at its full size: a check, a build without change, one record changed."""
    from scale import FULL, make_up

    share, costs = 0.2, {}
    source = shutil.copytree(ROOT / "src", folder / "src")  # what is edited while it runs changes no figure
    for name, size in (("fifth", FULL * share), ("full", FULL)):
        at = make_up(folder / name, size)
        found = {"check": work([*REVIEW, "check"], at, source)}
        cold = work([*REVIEW, "build"], at, source)
        pages = sum(1 for _ in (at / "_build" / "html").rglob("*.html"))
        found["a build without change"] = work([*REVIEW, "build"], at, source)
        record = at / "data" / "studies" / "waves.yml"
        record.write_text(record.read_text(encoding="utf-8").replace("value: 5.0", "value: 6.0", 1), encoding="utf-8")
        found["a build after one record changed"] = work([*REVIEW, "build"], at, source)
        costs[name] = found
        said = ", ".join(f"{what} {cost:.1f} s" for what, cost in found.items())
        print(f"     {size.findings:,} findings, {size.studies:,} studies, {size.statements:,} statements, {size.analyses} analyses, {size.decisions:,} decisions, {pages:,} pages: built first in {cold:.1f} s; {said}", flush=True)  # fmt: skip
        shutil.rmtree(at)
    good = []
    for what, cost in costs["full"].items():
        growth, bound = cost / costs["fifth"][what], LINEAR / share
        good.append(report(f"{what}, full size over a fifth", growth, "times", bound, growth <= bound))
    return good


def bench_serve(folder: Path) -> list[bool]:
    """The preview of the whole book: a saved chapter, a saved record and a fault, from saving to the page."""
    at = copy_of_review(folder / "served")
    quietly([*REVIEW, "build"], at, at / "src")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/chapters/scaling_laws.html"
    surroundings = {**os.environ, "PYTHONPATH": str(at / "src")}
    surroundings.pop("REVIEW_ROOT", None)
    with (folder / "served.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [*REVIEW, "serve", "--port", str(port)], cwd=at, env=surroundings, stdout=log, stderr=log
        )

    def page() -> str:
        try:
            with urllib.request.urlopen(address, timeout=600) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return str(error.read().decode())
        except OSError:  # it does not listen yet
            return ""

    def until(shown: str, most: float) -> float:
        """Ask for the page until it shows something; return the seconds."""
        started = time.perf_counter()
        while shown not in page():
            if time.perf_counter() - started > most or server.poll() is not None:
                raise Failed(
                    f"the preview never showed {shown!r}:\n{(folder / 'served.log').read_text(encoding='utf-8')[-2000:]}"
                )
            time.sleep(0.05)
        return time.perf_counter() - started

    def saved(path: Path, old: str, new: str, shown: str) -> float:
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise Failed(f"{path.name} no longer holds {old!r}")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return until(shown, 300)

    chapter, record = at / "chapters" / "scaling_laws.md", at / "data" / "statements" / "scaling_laws.yml"
    try:
        until("<h1", 1800)
        first = saved(
            chapter, "\n## ", "\nA sentence that was just written.\n\n## ", "A sentence that was just written."
        )
        written = statistics.median(
            saved(chapter, "just written", f"just written {i} times", f"just written {i} times") for i in (3, 2, 1)
        )
        said = next(
            one for one in re.split(r"(?m)^(?=- id: )", record.read_text(encoding="utf-8")) if "headline: true" in one
        )
        before = re.search(r"  statement: (?:[>|]-?\s+|[\"'])?", said)
        if not before:
            raise Failed("a headline without its statement")
        kept = saved(record, said, said.replace(before[0], f"{before[0]}Remarkably ", 1), "Remarkably ")
        fault = saved(chapter, "A sentence that was", "{num}`claim:nothing` A sentence that was", "no claim nothing")
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)
    print(f"     the first chapter saved stands after {first:.1f} s", flush=True)
    return [
        report("a saved chapter on its page", written, "s", 2, written <= 2),
        report("a saved record on a page", kept, "s", 5, kept <= 5),
        report("a fault in place of its page", fault, "s", 2, fault <= 2),
    ]


def bench_drawing(folder: Path) -> list[bool]:
    """Every figure of the built site drawn by the site's engine, against a call of vl-convert for each."""
    del folder
    import json

    import vl_convert

    from review_book.site import vega

    specs = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "_build/html/charts").rglob("*.json"))
    ]
    if not specs:
        raise Failed("no figures; needed: a built site (make book)")

    def spent(draw: Callable[[dict[str, object]], str]) -> float:
        draw(specs[0])  # what starts once is not a drawing's own
        started = time.process_time()
        for spec in specs:
            draw(spec)
        return time.process_time() - started

    ours = spent(vega.svg)
    peer = spent(lambda spec: vl_convert.vegalite_to_svg(spec, vl_version=vega.VEGA_LITE))
    print(f"     {len(specs)} figures: {ours:.1f} s of a processor ours, {peer:.1f} s vl-convert", flush=True)
    return [report("drawing, vl-convert over ours", peer / ours, "times", 2, peer / ours >= 2)]


LIGHT = "analyses/capability_precursors/rare_events"
"""An analysis that computes hardly anything, so that what it takes is what its kernel takes."""


def bench_heavy(folder: Path) -> list[bool]:
    """What heavy parts of the engine buy: kernels forked warm, and a style sheet without rules that no page uses."""
    del folder
    import gzip

    from jupyter_client.manager import AsyncKernelManager

    from review_book.execute import run as executing
    from review_book.execute import warm
    from review_book.execute.contents import read_notebook
    from review_book.site import publish

    source = executing._Source(ROOT, LIGHT, read_notebook(ROOT / f"{LIGHT}.md"))

    def taken() -> float:
        started = time.perf_counter()
        executing._run(source, 300)
        return time.perf_counter() - started

    taken()  # what all kernels are forked from starts once
    forked = statistics.median(taken() for _ in range(3))
    kind, warm.WarmKernelManager = warm.WarmKernelManager, AsyncKernelManager  # type: ignore[misc]  # for this part alone
    ordinary = statistics.median(taken() for _ in range(3))
    warm.WarmKernelManager = kind  # type: ignore[misc]
    print(f"     a light analysis: {forked:.1f} s in a forked kernel, {ordinary:.1f} s in an ordinary one", flush=True)

    built, site = ROOT / "_build" / "work" / "html", ROOT / "_build" / "html"
    if not (built / "index.html").is_file():
        raise Failed("no pages; needed: a built site (make book)")

    def weight(paths: list[Path]) -> int:
        return sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in paths)

    named = publish._STYLE_LINK.finditer((built / "index.html").read_text(encoding="utf-8"))
    sheets = dict.fromkeys(s for link in named for s in publish._with_imports(built / link["href"].partition("?")[0]))
    whole, pruned = weight(list(sheets)), weight(list(site.glob("_static/style-*.css")))
    print(
        f"     style: {whole / 1000:.0f} KB compressed as the themes bring it, {pruned / 1000:.0f} KB pruned",
        flush=True,
    )
    return [
        report("a light analysis, ordinary kernel over forked", ordinary / forked, "times", 2, ordinary / forked >= 2),
        report("style of a page, whole over pruned", whole / pruned, "times", 2, whole / pruned >= 2),
    ]


def bench_compute(folder: Path) -> list[bool]:
    """Training, fits, groupings and attribution against straightforward peers; it needs the lab's extra."""
    del folder
    return [subprocess.run([sys.executable, "bench/compute.py"], cwd=ROOT, check=False).returncode == 0]


PARTS: Mapping[str, Callable[[Path], list[bool]]] = {
    "check": bench_check,
    "register": bench_register,
    "grades": bench_grades,
    "serve": bench_serve,
    "scale": bench_scale,
    "build": bench_build,
    "drawing": bench_drawing,
    "heavy": bench_heavy,
    "compute": bench_compute,
}


def run(parts: Mapping[str, Callable[[Path], list[bool]]]) -> bool:
    """Run parts one after another, each in a folder of its own; return whether all kept their bounds."""
    good = True
    for name, part in parts.items():
        print(f"{name}: {str(part.__doc__).splitlines()[0]}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            try:
                good &= all(part(Path(folder).resolve()))
            except Exception as error:  # a part that fails must not end the others
                detail = str(error) if isinstance(error, Failed) else traceback.format_exc()
                print(f"MISS {name}: it could not be measured\n{detail}", flush=True)
                good = False
    return good


def main(names: list[str]) -> None:
    """Run the parts that are named, or all; exit 1 when a bound is missed."""
    if unknown := set(names) - PARTS.keys():
        sys.exit(f"given {', '.join(sorted(unknown))}; needed: some of {', '.join(PARTS)}")
    sys.exit(0 if run({name: PARTS[name] for name in names or PARTS}) else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
