"""Alter the package and the data, and count what the tests and notebooks catch: make mutate.

The package: operators of Cosmic Ray on the core modules, a sample of places drawn with a seed, each tried against the
module's own tests and, where these let it pass, against the notebooks that load the module. The data: numbers nudged
by two percent. A number of a table or a finding is tried against the notebooks that read it (a sample) and against the
history; a claim's against its validator and the notebooks' references.

What was caught is kept in _build/mutants.jsonl and not tried again, so that an interrupted run goes on where it was and
survivors meet the tests that were written for them. Why a survivor may live is said in tests/mutation_explained.yml.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from queue import Queue

import yaml

ROOT = Path(__file__).resolve().parents[1]
NUDGE = 1.02
SEED = 1
MODULES = (
    "status", "claims", "register", "datasets", "fitting", "forms", "tables", "scaling_laws", "loss_to_task",
    "phase_transitions", "training_dynamics", "capability_precursors", "tournament", "forecast_ledger",
    "emergent_capabilities", "emergence_theory/causal", "emergence_theory/percolation", "emergence_theory/quanta",
    "emergence_theory/composition", "emergence_theory/exponents", "emergence_theory/singular",
)  # fmt: skip
"""The core, whose results the book shows."""

CAUGHT = ROOT / "_build" / "mutants.jsonl"
"""What was caught, by the digest of what was altered; a line each."""

EXPLAINED = ROOT / "tests" / "mutation_explained.yml"
"""Survivors, without their line numbers, and why they may live."""

EACH = int(os.environ.get("REVIEW_MUTANTS", "10"))
"""Places altered in each module."""


def digest(*parts: str) -> str:
    """Return the name under which an alteration is kept."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:20]


def caught_before() -> dict[str, str]:
    """Return the alterations caught so far: digest to who caught them."""
    lines = CAUGHT.read_text(encoding="utf-8").splitlines() if CAUGHT.is_file() else []
    return dict(json.loads(line) for line in lines)


def keep_caught(name: str, by: str) -> None:
    """Write down that an alteration was caught."""
    CAUGHT.parent.mkdir(exist_ok=True)
    with CAUGHT.open("a", encoding="utf-8") as file:
        file.write(json.dumps([name, by]) + "\n")


def copy_review(target: Path) -> Path:
    """Copy the review, without what was built."""
    skip = shutil.ignore_patterns(".git", ".venv", "_build", "node_modules", "__pycache__", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, target, ignore=skip, symlinks=True)
    return target


def mutants(path: Path, count: int, seed: int) -> list[tuple[str, str]]:
    """Return altered sources of a module with what was done to each: a sample of all that the operators can do."""
    from cosmic_ray import plugins
    from cosmic_ray.ast import Visitor, get_ast
    from cosmic_ray.mutating import mutate_code

    code = path.read_text(encoding="utf-8")
    tree, rng, places = get_ast(code), random.Random(seed), []
    # Unions of types in annotations are never evaluated; some operators want to be told names.
    names = [n for n in sorted(plugins.operator_names()) if "Operator_BitOr" not in n and "/Variable" not in n]
    rng.shuffle(names)
    for name in names:
        operator = plugins.get_operator(name)()

        class Count(Visitor):
            found = 0

            def visit(self, node, operator=operator):
                self.found += sum(1 for _ in operator.mutation_positions(node))
                return node

        counter = Count()
        counter.walk(tree)
        places += [(name, i) for i in range(counter.found)]
        if len(places) >= 40 * count:
            break  # enough to draw from; walking a module for every operator takes a minute
    rng.shuffle(places)
    out = []
    for name, occurrence in places:
        altered = mutate_code(code, plugins.get_operator(name)(), occurrence)
        if altered is None or altered == code:
            continue
        changed = next(
            (i for i, (a, b) in enumerate(zip(code.splitlines(), altered.splitlines(), strict=False), 1) if a != b), 0
        )
        line = altered.splitlines()[changed - 1].strip()
        if line.startswith(('"""', "#")) or '"""' in line:
            continue
        out.append(
            (altered, f"{path.relative_to(ROOT / 'src/review_utils')}:{changed}: {line[:100]} ({name.split('/')[-1]})")
        )
        if len(out) == count:
            break
    return out


def tests_of(module: str) -> list[str]:
    """Return the test files of a module."""
    name = module.split("/")[-1]
    extra = {"tables": ["show"], "register": ["pages"], "phase_transitions": ["widgets"]}.get(name, [])
    return [f"tests/test_{n}.py" for n in (name, *extra)]


def package() -> dict[str, object]:
    """Alter the core and return how many alterations its tests and notebooks caught."""
    known = caught_before()
    work = [
        (m, altered, what)
        for i, m in enumerate(MODULES)
        for altered, what in mutants(ROOT / "src/review_utils" / f"{m}.py", EACH, SEED + i)
    ]
    new = [job for job in work if digest(job[1]) not in known]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        copies: Queue[Path] = Queue()
        for i in range(2):
            copies.put(copy_review(Path(folder) / f"copy-{i}"))

        def fails(job: tuple[str, str, str], notebooks: bool = False) -> bool:
            module, altered, _ = job
            copy = copies.get()
            path = copy / "src/review_utils" / f"{module}.py"
            sound = path.read_text(encoding="utf-8")
            try:
                path.write_text(altered, encoding="utf-8")
                command = [sys.executable, "-m", "pytest", "-q", "-x", *tests_of(module)]
                if notebooks:
                    command = [sys.executable, "tests/mutation.py", "differs", *showing(f"{module}.py")]
                alone = {"PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
                ran = subprocess.run(
                    command, cwd=copy, env={**os.environ, **alone}, capture_output=True, check=False, timeout=300
                )
                return ran.returncode != 0
            except subprocess.TimeoutExpired:
                return True
            finally:
                path.write_text(sound, encoding="utf-8")
                copies.put(copy)

        def survivors(jobs: list[tuple[str, str, str]], notebooks: bool) -> list[tuple[str, str, str]]:
            # Tests that fail without an alteration would count every alteration as caught.
            sound = [
                (m, (ROOT / "src/review_utils" / f"{m}.py").read_text(encoding="utf-8"), "")
                for m in dict.fromkeys(job[0] for job in jobs)
            ]
            check = partial(fails, notebooks=notebooks)
            if failing := [job[0] for job, failed in zip(sound, pool.map(check, sound), strict=True) if failed]:
                raise SystemExit(f"{', '.join(failing)} fail in an unaltered copy; nothing can be counted")
            left = []
            for i, (job, caught) in enumerate(zip(jobs, pool.map(check, jobs), strict=True), 1):
                if caught:
                    keep_caught(digest(job[1]), "notebooks" if notebooks else "tests")
                else:
                    left.append(job)
                    print(f"passed {'notebooks' if notebooks else 'tests'}: {job[2]}", flush=True)
                if i % 25 == 0:
                    print(f"{i} of {len(jobs)} tried, {len(left)} passed", flush=True)
            return left

        # What a module's own tests let pass may still change what a notebook shows.
        left = survivors(survivors(new, notebooks=False), notebooks=True)
    return row(
        "lines of the core modules, by operators of Cosmic Ray (a sample, for whose first survivors tests were then written): tests and notebooks",
        len(work),
        len(work) - len(left),
        [job[2] for job in left],
    )


def row(what: str, planted: int, caught: int, survivors: list[str]) -> dict[str, object]:
    """Return a row of the table on the page of status."""
    explained = yaml.safe_load(EXPLAINED.read_text(encoding="utf-8"))
    because = {e["survivor"]: e["because"] for e in explained}
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    return {
        "what": what,
        "planted": planted,
        "caught": caught,
        "survivors": [{"what": s, "because": because.get(re.sub(r":\d+: ", ": ", s, count=1))} for s in survivors],
        "date": today,
    }


def claims() -> dict[str, object]:
    """Nudge every number of every recomputed claim: its validator, or a reference that states it, must see it."""
    from pydantic import ValidationError

    from review_utils.claims import Claim, load_ledger

    texts = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests/reference").glob("*/*.ipynb"))
    planted, survivors = 0, []
    for claim in load_ledger().claims:
        if claim.recomputed is None:
            continue
        for part in ("published", "recomputed"):
            record = claim.model_dump()
            if record[part]["value"] == 0:
                continue  # two percent of nothing is nothing
            planted += 1
            record[part]["value"] *= NUDGE
            try:
                altered = Claim.model_validate(record)
            except ValidationError:
                continue
            stated = re.search(rf"claim {claim.id}: published (\S+), recomputed (\S+),", texts)
            assert altered.recomputed is not None
            said = (f"{altered.published.value:.6g}", f"{altered.recomputed.value:.6g}")
            if stated and said == (stated[1], stated[2]):
                survivors.append(f"{claim.id}, {part}")
    return row(
        "numbers of recomputed claims, by two percent: validator and references",
        planted,
        planted - len(survivors),
        survivors,
    )


def readers() -> dict[str, list[str]]:
    """Return the analyses that read each data file, as the build noted, the quickest first."""
    found: dict[str, list[str]] = {}
    about = {
        path: json.loads(path.read_text(encoding="utf-8"))["metadata"]["review"]
        for path in (ROOT / "_build/executed/analyses").glob("*/*.ipynb")
    }
    for path in sorted(about, key=lambda path: about[path]["seconds"]):
        for name in about[path]["fingerprint"]["reads"]:
            found.setdefault(name, []).append(path.relative_to(ROOT / "_build/executed").with_suffix("").as_posix())
    return found


def showing(module: str, most_seconds: float = 60.0) -> list[str]:
    """Return the analyses that load a module, the quickest first, as long as all of them take at most so long."""
    found = []
    for path in (ROOT / "_build/executed/analyses").glob("*/*.ipynb"):
        about = json.loads(path.read_text(encoding="utf-8"))["metadata"]["review"]
        if module in about["fingerprint"]["modules"]:
            found.append((about["seconds"], path.relative_to(ROOT / "_build/executed").with_suffix("").as_posix()))
    chosen, total = [], 0.0
    for seconds, page in sorted(found):
        total += seconds
        if total <= most_seconds:
            chosen.append(page)
    return chosen


def differs(copy: Path, page: str) -> bool:
    """Whether an analysis, executed in a copy, fails or gives something else than its reference."""
    import nbformat

    from review_utils.book.execute import ExecutionFailed, execute_page
    from review_utils.book.regression import slim

    try:
        done = execute_page(copy, page)
    except ExecutionFailed:
        return True
    done.cells = [cell for cell in done.cells if cell.cell_type == "code"]
    found = [[o.get("data") for o in c.outputs] for c in slim(done, {})[0].cells]
    reference = nbformat.read(ROOT / "tests/reference" / f"{page.removeprefix('analyses/')}.ipynb", as_version=4)
    return found != [[o.get("data") for o in c.outputs] for c in reference.cells]


def tables(sample: int = int(os.environ.get("REVIEW_CELLS", "60"))) -> dict[str, object]:
    """Nudge a sample of the cells of tables that a page reads: the pages that read them must fail or differ."""
    from review_utils.datasets import table_infos

    read, known = readers(), caught_before()
    rng = random.Random(SEED)
    cells = []
    for info in table_infos(ROOT / "data").values():
        if f"data/published/{info.path.name}" not in read:
            continue  # a test of the house says so
        numeric = [i for i, f in enumerate(info.fields) if f["type"] == "number"]
        lines = info.path.read_text(encoding="utf-8").splitlines()
        for r, parts in enumerate(csv.reader(lines[1:]), 1):
            cells += [(info.path.name, r, c, parts, lines[r]) for c in numeric if parts[c]]
    chosen = rng.sample(cells, min(sample, len(cells)))
    new = [cell for cell in chosen if digest(cell[0], str(cell[2]), cell[4]) not in known]
    survivors = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        copies: Queue[Path] = Queue()
        for i in range(2):
            copies.put(copy_review(Path(folder) / f"copy-{i}"))

        def unseen(cell: tuple[str, int, int, list[str], str]) -> bool:
            file, r, c, parts, line = cell
            copy = copies.get()
            path = copy / "data/published" / file
            sound = path.read_text(encoding="utf-8")
            try:
                lines = sound.splitlines()
                assert lines[r] == line
                out = io.StringIO()
                nudged = [*parts[:c], f"{float(parts[c]) * NUDGE:.10g}", *parts[c + 1 :]]
                csv.writer(out, lineterminator="").writerow(nudged)
                lines[r] = out.getvalue()
                path.write_text("\n".join(lines) + "\n", encoding="utf-8")
                return not any(differs(copy, page) for page in read[f"data/published/{file}"])
            finally:
                path.write_text(sound, encoding="utf-8")
                copies.put(copy)

        for cell, survived in zip(new, pool.map(unseen, new), strict=True):
            if survived:
                survivors.append(f"{cell[0]}:{cell[1] + 1}: column {cell[2] + 1} of {cell[4][:80]}")
                print(f"passed notebooks: {survivors[-1]}", flush=True)
            else:
                keep_caught(digest(cell[0], str(cell[2]), cell[4]), "notebooks")
    return row(
        f"cells of tables that a page reads, by two percent: the notebooks that read them (a sample from {len(cells):,})",
        len(chosen),
        len(chosen) - len(survivors),
        survivors,
    )


def records() -> dict[str, object]:
    """Nudge every number of every finding, claim and table: the history must want to know."""
    from dataclasses import replace

    from review_utils.claims import load_ledger
    from review_utils.history import fold, load_history, state_of
    from review_utils.register import load_register

    register, ledger = load_register(ROOT / "data"), load_ledger(ROOT / "data")
    known = fold(load_history(ROOT / "data"))
    planted, survivors = 0, []
    for finding in register.findings:
        for i, m in enumerate(finding.measurements):
            if not m.value:
                continue  # words, or a nought, which two percent do not change
            planted += 1
            nudged = finding.model_copy(
                update={
                    "measurements": [
                        *finding.measurements[:i],
                        m.model_copy(update={"value": m.value * NUDGE}),
                        *finding.measurements[i + 1 :],
                    ]
                }
            )
            state, _ = state_of(replace(register, findings=(nudged,), questions=()), replace(ledger, chapters={}))
            if state["finding", finding.id] == known.get(("finding", finding.id)):
                survivors.append(f"{finding.id}/{m.id}")
    for claim in ledger.claims:
        if not claim.published.value:
            continue
        planted += 1
        nudged_claim = claim.model_copy(
            update={"published": claim.published.model_copy(update={"value": claim.published.value * NUDGE})}
        )
        state, _ = state_of(replace(register, findings=()), replace(ledger, chapters={"x": (nudged_claim,)}))
        if state["claim", claim.id] == known.get(("claim", claim.id)):
            survivors.append(claim.id)
    return row(
        "numbers of findings and claims, by two percent: the history", planted, planted - len(survivors), survivors
    )


def main() -> int:
    """Alter everything and write the table."""
    if sys.argv[1:2] == ["differs"]:  # in a copy whose package was altered
        return int(any(differs(ROOT, page) for page in sys.argv[2:]))
    everything = {
        "claims": claims,
        "records": records,
        "tables": tables,
        "package": package,
    }
    parts = sys.argv[1:] or list(everything)
    if wrong := [part for part in parts if part not in everything]:
        raise SystemExit(f"given {', '.join(wrong)}; needed: some of {', '.join(everything)}")
    path = ROOT / "data" / "mutation.json"
    rows = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    fresh = [everything[part]() for part in parts]
    kept = [r for r in rows if r["what"] not in {f["what"] for f in fresh}]
    path.write_text(json.dumps([*fresh, *kept], indent=1) + "\n", encoding="utf-8")
    for r in fresh:
        print(f"{r['caught']} of {r['planted']}: {r['what']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
