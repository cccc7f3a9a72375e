"""Execute notebooks in parallel, and again only when something that they read has changed.

Every executed notebook is kept under ``_build/executed`` together with a fingerprint of its code, of the
modules of ours that it loaded, of the data files that it opened and folders that it listed, of the versions of the
distributions that it imported and of Python itself. It is used again only while all of these are what they were.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import re
import socket
import textwrap
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from review_book.execute.contents import PageError, named_outputs, notebook_pages, read_notebook
from review_book.execute.fingerprint import (
    code_digest,
    distributions_of,
    executed_path,
    fingerprint,
    keep,
    load_executed,
    written_since,
)
from review_book.execute.ordinary import NotShown, settle
from review_book.execute.unfit import unfit, unfit_tag
from review_book.site import vega
from review_book.site.assets import vega_script
from review_utils.review import Explained

if TYPE_CHECKING:
    from nbclient import NotebookClient

TIMEOUT_SECONDS = 300
"""The longest that one cell may run; long computations belong in the lab or the package."""


@dataclass(frozen=True)
class Failure:
    """Why a notebook did not execute."""

    notebook: str
    line: int
    cell: int
    error: str

    def __str__(self) -> str:
        cell = f"cell {self.cell}: " if self.cell else ""
        return f"{self.notebook}:{self.line}: {cell}{self.error}"


class ExecutionFailed(Explained, RuntimeError):
    """At least one notebook did not execute."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        self.failures = list(failures)
        super().__init__("\n".join(str(failure) for failure in failures))


NOBODY_THERE = {
    "StdinNotImplementedError": "asks whoever runs it (input), and a build is run by nobody; needed: the answer, written into the cell",
    "SystemExit": "ends the program; needed: no exit, since what stands below is to run as well",
}
"""What a cell may do in a session of its own and not in a build, by the name of the error."""


def _error_text(error: CellExecutionError) -> str:
    said = re.sub(chr(27) + r".[0-9;]*m", "", str(error.evalue))
    if error.ename == "NotAllowed":
        return f"the cell {said}"
    if error.ename == "ModuleNotFoundError":
        return f"{error.ename}: {said}; needed: a module beside the notebook or of src, or a package of requirements.txt (add it there, then make lock); an Altair chart serves in place of a picture of another library"
    if error.ename in NOBODY_THERE:
        return NOBODY_THERE[error.ename]
    if inside := re.search(r"bad error data: b[\"']OSError:\w*:(.*?)[\"']?\Z", said, flags=re.DOTALL):
        return inside[1]  # what is refused in a child that was to start a program
    if error.ename == "KeyError" and said[:1] == said[-1:] and said[:1] in "'\"" and " " in said:
        said = said[1:-1]  # a sentence, which Python puts into quotes
    return f"{error.ename}: {said}"


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


@dataclass(frozen=True)
class _Source:
    """A page as it was read, for failures that name its lines."""

    root: Path
    page: str
    notebook: NotebookNode

    def failed(self, cell: int, error: str, below: int = 0) -> ExecutionFailed:
        """Return the failure of a cell, counted from 0 (of the whole page below that), some lines into its code."""
        line = _first_line(self.root, self.page, self.notebook, cell) + below if cell >= 0 else 1
        return ExecutionFailed([Failure(f"{self.page}.md", line, cell + 1, error)])


def execute_page(root: Path, page: str, timeout: int = TIMEOUT_SECONDS) -> NotebookNode:
    """Execute one page and keep the result.

    Raises
    ------
    ExecutionFailed
        When a cell raises, writes to standard error, runs too long, or the kernel dies.
    """
    root = root.resolve()  # what a notebook reads is noted by its place below the root
    source = _Source(root, page, read_notebook(root / f"{page}.md"))
    _refuse_unfit(source)
    _refuse_without_loopback(page)
    started, began = time.perf_counter(), time.time_ns()
    work, report = _run(source, timeout)
    _refuse_unfit_helpers(root, report["reads"])
    _tidy(source, work)
    packages = distributions_of(report["packages"])
    seen = fingerprint(root, code_digest(source.notebook), report["reads"], report["modules"], packages)
    if late := written_since(root, seen, began):
        seen["written while it ran"] = late  # which state it saw is not known, so that it holds for no later one
    work.metadata["review"] = {
        "page": page,
        "fingerprint": seen,
        "seconds": round(time.perf_counter() - started, 2),
    }
    try:
        named_outputs(work)
    except PageError as error:
        raise source.failed(_shows_again(work), str(error)) from None
    keep(root, page, work)
    return work


def _shows_again(work: NotebookNode) -> int:
    """Return the first cell that shows a name that was shown before it."""
    seen: set[str] = set()
    for i, cell in enumerate(work.cells):
        for output in cell.get("outputs", ()):
            name = output.get("metadata", {}).get("review", {}).get("name", "")
            if name and name in seen:
                return i
            seen.add(name)
    return -1


def _refuse_unfit(source: _Source) -> None:
    """Refuse a notebook that would read files where the tracer does not see it, or hold a record against itself."""
    for i, cell in enumerate(source.notebook.cells):
        if cell.cell_type == "code" and (found := unfit(cell.source)):
            start, given, needed = found
            raise source.failed(i, f"given {given}; needed: {needed}", cell.source[:start].count("\n"))
        if tag := unfit_tag(cell.metadata.get("tags", ())):
            raise source.failed(i, f"given {tag[0]}; needed: {tag[1]}")


def _refuse_unfit_helpers(root: Path, reads: Iterable[str]) -> None:
    """Refuse a module beside a notebook whose code no cell may hold."""
    for name in reads:
        if name.endswith(".py") and (root / name).is_file():
            code = (root / name).read_text(encoding="utf-8")
            if found := unfit(code):
                start, given, needed = found
                line = code[:start].count("\n") + 1
                raise ExecutionFailed([Failure(name, line, 0, f"given {given}; needed: {needed}")])


def _refuse_without_loopback(page: str) -> None:
    """Refuse a machine that no kernel can be spoken to on, before the first begins: it would be waited for a minute long."""
    if not has_loopback():
        said = "given a machine that cannot speak to itself; needed: the loopback interface, 127.0.0.1, by which a kernel is spoken to; bring it up, as by: ip link set lo up"
        raise ExecutionFailed([Failure(f"{page}.md", 1, 0, said)])


def _run(source: _Source, timeout: int) -> tuple[NotebookNode, dict[str, list[str]]]:
    """Return a notebook with its outputs, and what its kernel reports of reads, modules and packages."""
    from review_book.execute.bounded import BoundedClient
    from review_book.execute.tracing import REPORT
    from review_book.execute.warm import WarmKernelManager

    work = nbformat.from_dict(source.notebook)
    # Neither leaves a name that a cell could see or replace before the other has run.
    before = f"__import__('review_book.execute.tracing', fromlist=['start']).start({str(source.root)!r})"
    after = "from review_book.execute import tracing as _tracing; _tracing.hand_over()"
    work.cells = [nbformat.v4.new_code_cell(before), *work.cells, nbformat.v4.new_code_cell(after)]
    client = BoundedClient(
        work,
        timeout=timeout,
        iopub_timeout=timeout,  # four seconds by default, after which outputs are dropped without a word
        raise_on_iopub_timeout=True,
        kernel_name=source.notebook.metadata.get("kernelspec", {}).get("name", "python3"),
        resources={"metadata": {"path": str((source.root / source.page).parent)}},
        kernel_manager_class=WarmKernelManager,
        extra_arguments=["--log-level=ERROR"],
        store_widget_state=True,
    )

    def reached() -> int:
        """Return the cell of the page that was executed last."""
        codes = [i for i, cell in enumerate(work.cells) if cell.cell_type == "code"]
        return int(codes[min(max(client.code_cells_executed - 1, 0), len(codes) - 1)] - 1)

    try:
        _execute(client)
    except CellTimeoutError:
        said = f"ran longer than {timeout} seconds (it computed for {client.computed:.0f} of {client.waited:.0f}); make it faster, or move the computation out of the notebook"
        if client.computed < timeout / 2 and client.waited > 2 * timeout:
            said = f"ran longer than {client.waited:.0f} seconds, of which a busy machine let it compute for {client.computed:.0f}; run it again when the machine is less busy"
        raise source.failed(reached(), said) from None
    except CellExecutionError as error:
        at = next(i for i, c in enumerate(work.cells) if any(o.output_type == "error" for o in c.get("outputs", ())))
        raised = next(o for o in work.cells[at].outputs if o.output_type == "error")
        below = max(_raising_line(raised.traceback) - 1, 0)
        said = _error_text(error)
        if said == "AssertionError: ":
            asserted = work.cells[at].source.split("\n")[below].strip()
            said = f"AssertionError: {asserted}, which is not so; needed: what it asserts, or a table or a cell that was changed as it was before; a sentence after a comma says more, as: assert low < high, 'the floor is below the top'"
        raise source.failed(at - 1, said, below) from None
    except DeadKernelError:
        raise source.failed(reached(), client.excess or "the kernel died (out of memory?)") from None
    except Exception as error:  # a kernel that cannot start raises many kinds of error; all mean the same here
        raise source.failed(-1, f"the kernel could not run: {type(error).__name__}: {error}") from error
    shown = [output.data[REPORT] for output in work.cells[-1].outputs if REPORT in output.get("data", ())]
    if not shown:
        said = "gave no account of what it read; needed: a notebook that leaves IPython and the import of modules as they are"
        raise source.failed(-1, said)
    report: dict[str, list[str]] = json.loads(shown[0])
    codes = [i for i, cell in enumerate(work.cells) if cell.cell_type == "code"]
    for refused in report["refused"]:  # though the cell went on
        number, _, said = refused.partition(" ")
        raise source.failed(codes[min(int(number), len(codes) - 1)] - 1, f"the cell {said}")
    work.cells = work.cells[1:-1]
    return work, report


def _execute(client: NotebookClient) -> None:
    """Execute a client's notebook; where its kernel found a port taken, with another kernel, up to three times."""
    from review_book.execute.warm import SURROUNDINGS

    surroundings = {**os.environ, **SURROUNDINGS, "REVIEW_BUILD": "1"}
    for attempt in range(3):
        try:
            # A loop of its own for each thread, closed at the end; nbclient's own wrapper leaves one open.
            asyncio.run(client.async_execute(env=surroundings))
            return
        except RuntimeError as error:
            atexit.unregister(client._cleanup_kernel)  # nbclient leaves it, and it fails where no kernel began
            # Ports are chosen before the kernel binds them; another program may have taken one meanwhile.
            if "died before replying" not in str(error) or attempt == 2 or client.code_cells_executed:
                raise


def _tidy(source: _Source, work: NotebookNode) -> None:
    """Take out of a notebook what differs from run to run; refuse what was written to standard error or cannot be shown."""
    for i, cell in enumerate(work.cells):
        for output in cell.get("outputs", ()):
            if output.output_type == "stream" and output.name == "stderr":
                lines = output.text.strip().splitlines()
                # A warning and a traceback say what it is in their last line that is not set in.
                said = next((line for line in reversed(lines) if line.strip() and not line[0].isspace()), "")
                raise source.failed(i, f"wrote to standard error: {said[-300:].strip()}; needed: nothing there, since no reader sees it: print what is to be read, mend what is warned of, turn a progress bar off")  # fmt: skip
        try:
            settle(cell, i + 1)
            _check_markdown(source, cell)
        except NotShown as error:
            raise source.failed(i, str(error)) from None
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.metadata.pop("execution", None)


def _check_markdown(source: _Source, cell: NotebookNode) -> None:
    """Refuse Markdown of an output that no page may hold: it is read as the book's own."""
    for output in cell.get("outputs", ()):
        if said := "".join(output.get("data", {}).get("text/markdown", ())):
            from review_book.sphinx.markup import faults_within

            for _, given, needed in faults_within(said, source.root, source.page):
                raise NotShown(f"shows Markdown with {given}; needed: {needed}")


def has_loopback() -> bool:
    """Whether this machine can be spoken to by itself, as kernels are."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as door:
            socket.create_connection(door.getsockname(), timeout=5).close()
    except OSError:
        return False
    return True


def _raising_line(traceback: Sequence[str]) -> int:
    """Return the line within the cell (first is 1) that a traceback's own frame points at, or 0."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(traceback))
    found = re.findall(r"(?:Cell In\[\d+\], line |<ipython-input[^>]*>.*?line )(\d+)", plain)
    return int(found[0]) if found else 0


def warm_up(root: Path) -> None:
    """Start the process that kernels are forked from, if any notebook must be executed."""
    try:
        stale = any(load_executed(root, page) is None for page in notebook_pages(root))
    except (OSError, PageError):
        return  # said better where the pages are built
    if stale:
        from review_book.execute.warm import start_fork_server

        start_fork_server()


def execute_all(
    root: Path,
    say: Callable[[str], None],
    workers: int | None = None,
    timeout: int = TIMEOUT_SECONDS,
    among: Collection[str] | None = None,
) -> dict[str, float]:
    """Execute every notebook whose kept outputs are no longer true.

    Parameters
    ----------
    root : path
        The review.
    say : callable
        Receives one line for each notebook as it ends.
    workers : int, optional
        Kernels at a time; default is two for each core, since one that starts or ends mostly waits; at most 8.
    timeout : int
        Seconds for one cell.
    among : collection of str, optional
        The pages that are asked for; default is all.

    Returns
    -------
    dict
        Page to seconds, for the notebooks that were executed.

    Raises
    ------
    ExecutionFailed
        After all others have run, with every failure.
    """
    pages = [page for page in notebook_pages(root) if among is None or page in among]
    stale = [page for page in pages if load_executed(root, page) is None]
    if not stale:
        return {}
    _refuse_without_loopback(stale[0])
    workers = workers or min(2 * (os.cpu_count() or 1), 8)
    say(f"executing {len(stale)} of {len(pages)} notebooks, {workers} at a time")
    vega.use(partial(vega_script, root))  # which is made beside, and asked for where a chart computes
    elsewhere = _seconds_elsewhere(root)
    slowest_first = sorted(stale, key=lambda page: _last_seconds(root, page, elsewhere), reverse=True)
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
                        said = f"done {page}  {seconds[page]:.1f} s"
                    except ExecutionFailed as error:
                        failures += error.failures
                        said = f"FAILED {textwrap.shorten(str(error), 140, placeholder=' ...')}"  # in full at the end
                    say(f"[{len(stale) - len(waiting)}/{len(stale)}] {said}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if failures:
        raise ExecutionFailed(failures)
    return seconds


def seconds_of(root: Path) -> dict[str, float]:
    """Return how long each page took that is kept."""
    kept = {page: load_executed(root, page) for page in notebook_pages(root)}
    return {page: float(one.metadata["review"]["seconds"]) for page, one in kept.items() if one is not None}


def _seconds_elsewhere(root: Path) -> Mapping[str, float]:
    """Return how long the slowest pages took in the last full execution on record, on whatever machine."""
    try:
        done = json.loads((root / "data" / "execution.json").read_text(encoding="utf-8"))
        return {page: float(seconds) for page, seconds in done.get("slowest", {}).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # the check of the records says what is wrong with it


def _last_seconds(root: Path, page: str, elsewhere: Mapping[str, float]) -> tuple[float, bool, int]:
    """Return how long a page took last, here or elsewhere; where it never ran, whether it reads sets of others, which are large, and its length stand for that."""
    match = (
        re.search(r'"seconds": ([0-9.]+)', path.read_text(encoding="utf-8"))
        if (path := executed_path(root, page)).is_file()
        else None
    )
    text = (root / f"{page}.md").read_text(encoding="utf-8", errors="replace")
    return float(match[1]) if match else elsewhere.get(page, 0.0), "with_sets(" in text, len(text)


def _show_numbers(source: NotebookNode, page: str) -> None:
    """Give a page the list of its numbers at its end, below the cells that only make them."""
    lines, cells = source.metadata["source_map"], source.cells
    first = len(cells)
    while first and "remove-output" in cells[first - 1].metadata.get("tags", ()):
        first -= 1
    list_of = f"```{{numbers}} {page.removeprefix('analyses/')}\n```"
    for at, text in ((len(cells), list_of), (first, "## Numbers quoted from this page")):
        cells.insert(at, nbformat.v4.new_markdown_cell(text))
        lines.insert(at, lines[min(at, len(lines) - 1)])


def read_executed(text: str, root: str, page: str) -> NotebookNode:
    """Return a page's source with the outputs of its kept execution: the reader that MyST-NB calls.

    Raises
    ------
    Refused
        When no true execution is kept; the extension executes all notebooks before any is read. Sphinx tells it in a line.
    """
    from review_book.sphinx.refused import Refused

    del text  # Sphinx hands over the source; it is read again so that the lines of the file are kept
    source = read_notebook(Path(root) / f"{page}.md")
    stored = load_executed(Path(root), page)
    if stored is None:
        said = "no true execution is kept; something that it reads changed meanwhile: build again"
        raise Refused(str(ExecutionFailed([Failure(f"{page}.md", 1, 0, said)])))
    outputs = [cell.outputs for cell in stored.cells if cell.cell_type == "code"]
    for cell in source.cells:
        if cell.cell_type == "code":
            cell.outputs = outputs.pop(0)
    for key in ("widgets", "review"):
        if key in stored.metadata:
            source.metadata[key] = stored.metadata[key]
    if any(output["kind"] in ("number", "words") for output in named_outputs(stored).values()):
        _show_numbers(source, page)
    return source
