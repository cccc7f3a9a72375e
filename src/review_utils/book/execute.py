"""Execute notebooks in parallel, and again only when something that they read has changed.

Every executed notebook is kept under ``_build/executed`` together with a fingerprint of its code, of the
modules of this package that it loaded, of the data files that it opened and folders that it listed, of the
lock file and of Python itself. It is used again only while all of these are what they were.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

TIMEOUT_SECONDS = 300
"""The longest that one cell may run; long computations belong in the lab or the package."""

PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Failure:
    """Why a notebook did not execute."""

    notebook: str
    line: int
    cell: int
    error: str

    def __str__(self) -> str:
        return f"{self.notebook}:{self.line}: cell {self.cell}: {self.error}"


class ExecutionFailed(RuntimeError):
    """At least one notebook did not execute."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        self.failures = list(failures)
        super().__init__("\n".join(str(failure) for failure in failures))


class PageError(RuntimeError):
    """The table of contents or a page is not what the book needs."""


def toc_pages(root: Path) -> list[str]:
    """Return the pages that ``_toc.yml`` names, as paths without suffix, globs expanded.

    Raises
    ------
    PageError
        When a page does not exist or an analysis is left out.
    """
    path = root / "_toc.yml"
    lines = path.read_text(encoding="utf-8").splitlines()
    toc = yaml.safe_load("\n".join(lines))
    pages: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, dict):
            for key, value in node.items():
                if key in ("root", "file"):
                    pages.append(str(value).removesuffix(".md"))
                elif key == "glob":
                    pages.extend(
                        sorted(p.relative_to(root).with_suffix("").as_posix() for p in root.glob(f"{value}.md"))
                    )
                else:
                    walk(value)

    walk(toc)
    wrong = []
    for page in pages:
        if not (root / f"{page}.md").is_file():
            line = next((i for i, text in enumerate(lines, 1) if page in text), 1)
            wrong.append(f"_toc.yml:{line}: given {page}, which does not exist; needed: a page, here {page}.md")
    listed = set(pages)
    for analysis in sorted(root.glob("analyses/*/*.md")):
        page = analysis.relative_to(root).with_suffix("").as_posix()
        if page not in listed:
            wrong.append(f"{page}.md:1: not in _toc.yml; needed: an entry there, or the page is never built")
    if wrong:
        raise PageError("\n".join(wrong))
    return pages


def notebook_pages(root: Path) -> list[str]:
    """Return the pages that are notebooks (all pages under ``analyses``).

    Raises
    ------
    PageError
        When an analysis names no kernel.
    """
    pages = [page for page in toc_pages(root) if page.startswith("analyses/")]
    wrong = []
    for page in pages:
        text = (root / f"{page}.md").read_text(encoding="utf-8")
        if not re.search(r"\A---\n.*?^kernelspec:.*?^---$", text, flags=re.MULTILINE | re.DOTALL):
            wrong.append(
                f"{page}.md:1: a notebook without a kernel; needed: a kernelspec in its head (copy it from another analysis)"
            )
    if wrong:
        raise PageError("\n".join(wrong))
    return pages


def read_notebook(path: Path) -> NotebookNode:
    """Return a MyST Markdown notebook with the source line of each cell in its metadata."""
    from myst_nb.core.read import read_myst_markdown_notebook
    from myst_parser.config.main import MdParserConfig

    config = MdParserConfig(enable_extensions={"dollarmath", "colon_fence"})
    return read_myst_markdown_notebook(path.read_text(encoding="utf-8"), config=config, add_source_map=True, path=path)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:20]


@cache
def _file_hash(path: str, _stamp: tuple[int, int]) -> str:
    return _hash(Path(path).read_bytes())


def digest(path: Path, folder: bool = False) -> str:
    """Return the digest of a file's content, or of the names in a folder; ``absent`` where there is none."""
    if folder:
        return _hash("\n".join(sorted(p.name for p in path.iterdir())).encode()) if path.is_dir() else "absent"
    try:
        stat = path.stat()
        return _file_hash(str(path), (stat.st_mtime_ns, stat.st_size))
    except OSError:
        return "absent"


def code_digest(notebook: NotebookNode) -> str:
    """Return the digest of what is executed: code cells and the kernel's name, not the prose."""
    kernel = notebook.metadata.get("kernelspec", {}).get("name", "")
    return _hash("\x00".join([kernel, *(c.source for c in notebook.cells if c.cell_type == "code")]).encode())


def fingerprint(root: Path, code: str, reads: Iterable[str], modules: Iterable[str]) -> dict[str, Any]:
    """Return all that the outputs of a notebook depend on, with the present digest of each."""
    return {
        "code": code,
        "python": ".".join(map(str, sys.version_info[:3])),
        "lock": digest(root / "requirements.lock"),
        "modules": {name: digest(PACKAGE / name) for name in modules},
        "reads": {name: digest(root / name.rstrip("/\\"), name.endswith(("/", "\\"))) for name in reads},
    }


def executed_path(root: Path, page: str) -> Path:
    """Return where the executed form of a page is kept."""
    return root / "_build" / "executed" / f"{page}.ipynb"


def _stamp(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


@cache
def _read_stored(path: Path, _stamp: tuple[int, int]) -> NotebookNode:
    return nbformat.read(path, as_version=4)


@cache
def _code_digest_of(path: Path, _stamp: tuple[int, int]) -> str:
    return code_digest(read_notebook(path))


def load_executed(root: Path, page: str) -> NotebookNode | None:
    """Return the executed form of a page if it is still true, else None; not to be altered."""
    path, source = executed_path(root, page), root / f"{page}.md"
    try:
        stored = _read_stored(path, _stamp(path))
        kept = stored.metadata["review"]["fingerprint"]
        code = _code_digest_of(source, _stamp(source))
        now = fingerprint(root, code, kept["reads"], kept["modules"])
    except (OSError, ValueError, KeyError, AttributeError):
        return None  # absent, half-written by another program, or of an older form: execute it anew
    return stored if now == kept else None


def _error_text(error: CellExecutionError) -> str:
    return f"{error.ename}: {re.sub(chr(27) + r'.[0-9;]*m', '', str(error.evalue))}"


def _first_line(root: Path, page: str, notebook: NotebookNode, index: int) -> int:
    """Return the line of the file that holds the first line of code of a cell."""
    places = notebook.metadata.get("source_map", [])
    if index >= len(places):
        return 1
    lines = (root / f"{page}.md").read_text(encoding="utf-8").splitlines()
    at = int(places[index])  # counted from 1, the line that opens the cell; so counted from 0, the line after it
    while at < len(lines) and (not lines[at].strip() or lines[at].startswith(":")):
        at += 1
    return at + 1


def execute_page(root: Path, page: str, timeout: int = TIMEOUT_SECONDS) -> NotebookNode:
    """Execute one page and keep the result.

    Raises
    ------
    ExecutionFailed
        When a cell raises, writes to standard error, runs too long, or the kernel dies.
    """
    from nbclient import NotebookClient

    from .warm import WarmKernelManager

    root = root.resolve()  # what a notebook reads is noted by its place below the root
    source = read_notebook(root / f"{page}.md")
    work = nbformat.from_dict(source)
    before = f"from review_utils.book import tracing as _t; _t.start({str(root)!r})"
    after = "import json as _j; print(_j.dumps(_t.report()))"
    work.cells = [nbformat.v4.new_code_cell(before), *work.cells, nbformat.v4.new_code_cell(after)]
    client = NotebookClient(
        work,
        timeout=timeout,
        kernel_name=source.metadata.get("kernelspec", {}).get("name", "python3"),
        resources={"metadata": {"path": str((root / page).parent)}},
        kernel_manager_class=WarmKernelManager,
        extra_arguments=["--log-level=ERROR"],
        store_widget_state=True,
    )
    started = time.perf_counter()
    name = f"{page}.md"

    def failed(error: str) -> ExecutionFailed:
        index = max(client.code_cells_executed - 1, 0)
        codes = [i for i, cell in enumerate(work.cells) if cell.cell_type == "code"]
        at = codes[min(index, len(codes) - 1)] - 1
        return ExecutionFailed([Failure(name, _first_line(root, page, source, max(at, 0)), at + 1, error)])

    try:
        # A loop of its own for each thread, closed at the end; nbclient's own wrapper leaves one open.
        surroundings = {**os.environ, "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "REVIEW_BUILD": "1"}
        asyncio.run(client.async_execute(env=surroundings))
    except CellTimeoutError:
        raise failed(
            f"ran longer than {timeout} seconds; make it faster, or move the computation out of the notebook"
        ) from None
    except CellExecutionError as error:
        at = next(i for i, c in enumerate(work.cells) if any(o.output_type == "error" for o in c.get("outputs", ())))
        raised = next(o for o in work.cells[at].outputs if o.output_type == "error")
        offset = _raising_line(raised.traceback)
        line = _first_line(root, page, source, at - 1) + max(offset - 1, 0)
        raise ExecutionFailed([Failure(name, line, at, _error_text(error))]) from None
    except DeadKernelError:
        raise failed("the kernel died (out of memory?)") from None
    except Exception as error:  # a kernel that cannot start raises many kinds of error; all mean the same here
        raise ExecutionFailed(
            [Failure(name, 1, 0, f"the kernel could not run: {type(error).__name__}: {error}")]
        ) from error

    report = json.loads("".join(work.cells[-1].outputs[0].text))
    work.cells = work.cells[1:-1]
    for i, cell in enumerate(work.cells):
        for output in cell.get("outputs", ()):
            if output.output_type == "stream" and output.name == "stderr":
                text = output.text.strip().splitlines()
                raise ExecutionFailed(
                    [
                        Failure(
                            name,
                            _first_line(root, page, source, i),
                            i + 1,
                            f"wrote to standard error: {' '.join(text)[:300]}",
                        )
                    ]
                )
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.metadata.pop("execution", None)
    work.metadata["review"] = {
        "page": page,
        "fingerprint": fingerprint(root, code_digest(source), report["reads"], report["modules"]),
        "seconds": round(time.perf_counter() - started, 2),
    }
    try:
        named_outputs(work)
    except PageError as error:
        raise ExecutionFailed([Failure(name, 1, 0, str(error))]) from None
    write_atomically(executed_path(root, page), nbformat.writes(work))
    return work


def _raising_line(traceback: Sequence[str]) -> int:
    """Return the line within the cell (first is 1) that a traceback's own frame points at, or 0."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(traceback))
    found = re.findall(r"(?:Cell In\[\d+\], line |<ipython-input[^>]*>.*?line )(\d+)", plain)
    return int(found[0]) if found else 0


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that an interruption leaves the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def warm_up(root: Path) -> None:
    """Start the process that kernels are forked from, if any notebook must be executed."""
    try:
        stale = any(load_executed(root, page) is None for page in notebook_pages(root))
    except (OSError, PageError):
        return  # said better where the pages are built
    if stale:
        from .warm import start_nursery

        start_nursery()


def execute_all(
    root: Path, say: Callable[[str], None], workers: int | None = None, timeout: int = TIMEOUT_SECONDS
) -> dict[str, float]:
    """Execute every notebook whose kept outputs are no longer true.

    Parameters
    ----------
    root : path
        The review.
    say : callable
        Receives one line for each notebook as it ends.
    workers : int, optional
        Kernels at a time; default is the number of cores, at most 8.
    timeout : int
        Seconds for one cell.

    Returns
    -------
    dict
        Page to seconds, for the notebooks that were executed.

    Raises
    ------
    ExecutionFailed
        After all others have run, with every failure.
    """
    pages = notebook_pages(root)
    stale = [page for page in pages if load_executed(root, page) is None]
    if not stale:
        return {}
    workers = workers or min(os.cpu_count() or 1, 8)
    say(f"executing {len(stale)} of {len(pages)} notebooks, {workers} at a time")
    slowest_first = sorted(stale, key=lambda page: -_last_seconds(root, page))
    failures: list[Failure] = []
    seconds: dict[str, float] = {}
    with ThreadPoolExecutor(workers) as pool:
        futures: dict[Future[NotebookNode], str] = {
            pool.submit(execute_page, root, p, timeout): p for p in slowest_first
        }
        try:
            waiting = set(futures)
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    page = futures[future]
                    try:
                        seconds[page] = future.result().metadata["review"]["seconds"]
                        mark, note = "done", f"{seconds[page]:.1f} s"
                    except ExecutionFailed as error:
                        failures += error.failures
                        mark, note = "FAILED", str(error)
                    say(f"[{len(stale) - len(waiting)}/{len(stale)}] {mark} {page}  {note}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if failures:
        raise ExecutionFailed(failures)
    return seconds


def _last_seconds(root: Path, page: str) -> float:
    match = (
        re.search(r'"seconds": ([0-9.]+)', path.read_text(encoding="utf-8"))
        if (path := executed_path(root, page)).is_file()
        else None
    )
    return float(match[1]) if match else 0.0


def read_executed(text: str, root: str, page: str) -> NotebookNode:
    """Return a page's source with the outputs of its kept execution: the reader that MyST-NB calls.

    Raises
    ------
    ExecutionFailed
        When no true execution is kept; the extension executes all notebooks before any is read.
    """
    del text  # Sphinx hands over the source; it is read again so that the lines of the file are kept
    source = read_notebook(Path(root) / f"{page}.md")
    stored = load_executed(Path(root), page)
    if stored is None:
        raise ExecutionFailed([Failure(f"{page}.md", 1, 0, "no true execution is kept; run make book")])
    outputs = [cell.outputs for cell in stored.cells if cell.cell_type == "code"]
    for cell in source.cells:
        if cell.cell_type == "code":
            cell.outputs = outputs.pop(0)
    for key in ("widgets", "review"):
        if key in stored.metadata:
            source.metadata[key] = stored.metadata[key]
    if any(output["kind"] == "number" for output in named_outputs(stored).values()):
        text = f"## Numbers quoted from this page\n\n```{{numbers}} {page.removeprefix('analyses/')}\n```"
        source.cells.append(nbformat.v4.new_markdown_cell(text))
        source.metadata["source_map"].append(source.metadata["source_map"][-1])
    return source


def named_outputs(notebook: NotebookNode) -> dict[str, Mapping[str, Any]]:
    """Return the outputs of an executed notebook that have a name: name to kind, record and data.

    Raises
    ------
    PageError
        When a name is used twice.
    """
    out: dict[str, Mapping[str, Any]] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            shown = output.get("metadata", {}).get("review")
            if not shown:
                continue
            if shown["name"] in out:
                raise PageError(
                    f"{notebook.metadata.review.page}.md: the name {shown['name']} is shown twice; each name once"
                )
            out[shown["name"]] = {"kind": shown["kind"], "record": shown["record"], "data": output.data}
    return out
