"""Every analysis, executed by pytest-notebook and compared with its reference."""

from __future__ import annotations

import contextlib
import os
import shutil
from functools import cache, partial
from pathlib import Path

import altair as alt
import nbformat
import pandas as pd
import pytest
from conftest import ROOT
from pytest_notebook import execution
from pytest_notebook.nb_regression import NBRegressionError

from review_book.execute import fingerprint
from review_book.execute.contents import notebook_pages, read_notebook
from review_book.execute.fingerprint import executed_path, load_executed
from review_book.execute.regression import alike, chart_record, known_to, slim, with_reference
from review_book.execute.run import execute_page
from review_book.execute.warm import WarmKernelManager
from review_utils import show
from review_utils.records.reading import RecordError

PAGES = notebook_pages(ROOT)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The review without the data sets of others."""
    target = tmp_path_factory.mktemp("bare")
    for name in ("data", "analyses"):
        shutil.copytree(
            ROOT / name, target / name, ignore=lambda d, _: {"external"} if Path(d) == ROOT / "data" else ()
        )
    for path in (*ROOT.glob("*.yml"), *ROOT.glob("*.cff"), *ROOT.glob("*.lock")):
        shutil.copy(path, target)
    return target


@cache
def last_edit(root, *places):
    """When a file below some places was last written, the sets of others left out; in nanoseconds."""
    files = (path for place in places for path in (root / place).rglob("*.*") if path.suffix != ".pyc")
    return max(path.stat().st_mtime_ns for path in files if path.parts[len(root.parts) :][:2] != ("data", "external"))


def repeated(root, page):
    """Return what the build executed of a page, where executing it again without the sets of others repeats it; else None.

    It does so where the page read nothing of others, and where nothing that any analysis may read was written since:
    what is noted of a page's reads is not trusted here.
    """
    kept = load_executed(root, page)
    if kept is None:
        return None
    if any(name == "data/" or name.startswith("data/external") for name in kept.metadata.review.fingerprint.reads):
        return None
    edited = last_edit(root, "data", "src/review_utils", "src/emergence", Path(page).parent)
    return kept if executed_path(root, page).stat().st_mtime_ns > edited else None


@pytest.mark.parametrize("page", PAGES)
def test_notebook_gives_what_its_reference_says(page, nb_regression, tmp_path, monkeypatch, request, bare):
    """An analysis gives the tables, numbers and charts kept under tests/reference, also without the sets of others."""
    reference = reference_of(page)
    accepting = request.config.getoption("--accept")
    assert accepting or reference.is_file(), (
        f"no reference for {page}; run make accept and look at the numbers it writes"
    )
    if (
        not accepting
        and (built := repeated(ROOT, page))
        and alike(of_build(built), of_reference(page), known_to(ROOT / f"{page}.md"))
    ):
        return
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    monkeypatch.setenv("REVIEW_BUILD", "1")
    client = partial(execution.CoverageNotebookClient, kernel_manager_class=WarmKernelManager)
    monkeypatch.setattr(execution, "CoverageNotebookClient", client)
    work = tmp_path / reference.name
    nbformat.write(with_reference(ROOT / f"{page}.md", reference), work)
    nb_regression.exec_cwd = str(((ROOT if accepting else bare) / page).parent)
    if accepting:
        nb_regression.force_regen = True
        with contextlib.suppress(NBRegressionError):  # regenerating writes the file, then reports a difference
            nb_regression.check(str(work))
        written = nbformat.read(work, as_version=4)
        assert all(o.output_type != "error" for c in written.cells for o in c.get("outputs", ())), "an analysis raised"
        reference.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(work, reference)
        return
    result = nb_regression.check(str(work), raise_errors=False)
    found, kept = ([compared(cell) for cell in nb.cells] for nb in (result.nb_final, result.nb_initial))
    if not alike(found, kept, known_to(ROOT / f"{page}.md")):
        raise NBRegressionError(result.diff_string)


def compared(cell):
    """What of a cell's outputs a regression test compares."""
    return [tuple(output.get(part) for part in ("output_type", "data", "metadata", "text")) for output in cell.outputs]


def reference_of(page):
    """Where the reference of a page stands."""
    return ROOT / "tests" / "reference" / f"{page.removeprefix('analyses/')}.ipynb"


def of_reference(page):
    """What is compared of a page's reference."""
    return [compared(cell) for cell in nbformat.read(reference_of(page), as_version=4).cells]


def of_build(built):
    """What is compared of what the build executed."""
    cells = [cell for cell in nbformat.from_dict(built).cells if cell.cell_type == "code"]
    return [compared(cell) for cell in slim(nbformat.v4.new_notebook(cells=cells), {})[0].cells]


def test_built_pages_hold_what_their_references_say(site):
    """What the build executed, with whatever sets of others are at hand, is what the references say."""
    for page in PAGES:
        built = load_executed(ROOT, page)
        assert built is not None, f"{page} changed after the build; run make book (make test does it first)"
        assert alike(of_build(built), of_reference(page), known_to(ROOT / f"{page}.md")), page


def test_an_execution_stands_for_another_only_where_nothing_can_differ(little):
    """One that read nothing of others and is younger than all that analyses may read does; after any edit none does."""
    page = "analyses/x/one"
    for place in ("src/review_utils", "src/emergence"):
        (little / place).mkdir(parents=True)
        (little / place / "a.py").write_text("")
    execute_page(little, page)
    assert repeated(little, page)
    kept = load_executed(little, page).copy()
    for noted in (["data/external/a-set/a.csv"], ["data/external.yml"], ["data/"]):
        there = {name: fingerprint.digest(little / name, name.endswith("/")) for name in noted}
        kept.metadata.review.fingerprint.reads = there
        fingerprint.keep(little, page, kept)
        assert load_executed(little, page)
        assert repeated(little, page) is None
    execute_page(little, page)
    for edited in ("data/b.txt", "src/emergence/a.py", "analyses/x/two.md"):
        last_edit.cache_clear()
        assert repeated(little, page)
        stamp = executed_path(little, page).stat().st_mtime_ns + 1
        os.utime(little / edited, ns=(stamp, stamp))
        last_edit.cache_clear()
        assert load_executed(little, page)
        assert repeated(little, page) is None
        os.utime(little / edited, ns=(1, 1))
    last_edit.cache_clear()


def slimmed(show_it, monkeypatch):
    """Return what is compared of what a call shows in a build, before and after it went through a file."""
    shown = []
    monkeypatch.setenv("REVIEW_BUILD", "1")
    monkeypatch.setattr("IPython.display.display", lambda data, raw, metadata: shown.append((data, metadata)))
    show_it()
    outputs = [nbformat.v4.new_output("display_data", data, metadata=metadata) for data, metadata in shown]
    first, _ = slim(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=outputs)]), {})
    kept = compared(first.cells[0])
    again, _ = slim(nbformat.reads(nbformat.writes(first), as_version=4), {})
    assert compared(again.cells[0]) == kept
    return kept


def test_rows_of_others_are_in_no_reference(monkeypatch):
    """A figure that can draw points of others stands in a reference by what is ours, whether these are at hand or not."""
    ours, theirs = (
        alt.Chart(pd.DataFrame({"x": [x], "y": [1.0]}), title="It rises").mark_point().encode(x="x:Q", y="y:Q")
        for x in (1.0, 2.0)
    )
    said = ("rise", ours, "A point that stands alone in the middle.", "a-set")
    without = slimmed(lambda: show.figure(*said), monkeypatch)

    assert slimmed(lambda: show.figure(*said, whole=theirs), monkeypatch) == without
    assert without[0][2]["review"]["record"]["spec"]["datasets"]["data-0"] == [{"x": 1.0, "y": 1.0}]


def test_a_number_is_compared_with_its_interval_and_unit(monkeypatch):
    """A reference keeps a number as a record, at six digits; another unit or interval makes another record."""
    one = slimmed(
        lambda: show.number("x", 1.23456789, "bits", "It", low=1.0, high=2.0, interval="95 percent"), monkeypatch
    )
    other = slimmed(
        lambda: show.number("x", 1.23456789, "nats", "It", low=1.0, high=2.0, interval="95 percent"), monkeypatch
    )

    record = one[0][2]["review"]["record"]
    assert (record["value"], record["low"], record["high"], record["unit"]) == (1.23457, 1.0, 2.0, "bits")
    assert one != other


def test_a_table_is_compared_by_its_cells(monkeypatch):
    """A reference keeps a table's numbers as numbers, what is missing as nothing, and text as text."""
    frame = pd.DataFrame({"n": [1.0, float("nan"), float("inf")], "t": ["a", None, "c"]})
    ((_, data, metadata, _),) = slimmed(lambda: show.table("t", frame, "Cells", {"n": "runs"}), monkeypatch)

    assert data == {}
    assert metadata["review"]["record"]["rows"] == [[1, "a"], [None, None], ["unbounded", "c"]]
    assert metadata["review"]["record"]["units"] == {"n": "runs"}


def test_another_processors_digits_are_one_result_and_another_result_is_not():
    """The sixth digit, and what is nought, may differ; two of it, a text, a missing entry or a truth may not."""
    kept = {"rows": [[0.123457, "a"], [1e-130, None]], "n": 3, "held": True}

    assert alike({"rows": [[0.123458, "a"], [3e-131, None]], "n": 3, "held": True}, kept)
    for changed in (
        {**kept, "rows": [[0.123459, "a"], [1e-130, None]]},
        {**kept, "rows": [[0.123457, "b"], [1e-130, None]]},
        {**kept, "rows": [[0.123457, "a"]]},
        {**kept, "rows": [[0.123457, "a"], [None, None]]},
        {**kept, "n": 4},
        {**kept, "held": 1},
        {"rows": kept["rows"], "n": 3},
    ):
        assert not alike(changed, kept), changed


def test_an_analysis_says_how_well_its_numbers_are_known(tmp_path):
    """Within that share results are one; a count is exact whatever the share, and a share that hides results is refused."""
    page = tmp_path / "page.md"
    page.write_text("---\nkernelspec:\n  name: python3\nknown_to: 0.005 # why\n---\n\nknown_to: 1\n", encoding="utf-8")
    near = known_to(page)

    assert near == 0.005
    assert alike([0.6246, 12], [0.6237, 12], near)
    assert not alike([0.6246], [0.65], near)
    assert not alike([20_001], [20_000], near)
    for given in ("0.5", "word", "nan", "0", ""):
        page.write_text(f"---\nkernelspec:\n  name: python3\nknown_to: {given}\n---\n", encoding="utf-8")
        with pytest.raises(RecordError, match=rf"page.md:4: known_to: given {given}; needed: a share"):
            known_to(page)


def test_there_is_no_reference_without_an_analysis():
    """Every reference belongs to an analysis that exists."""
    kept = {
        p.relative_to(ROOT / "tests/reference").with_suffix("").as_posix()
        for p in ROOT.glob("tests/reference/*/*.ipynb")
    }

    assert kept == {page.removeprefix("analyses/") for page in PAGES}


def test_slim_keeps_numbers_and_drops_addresses():
    """What is compared is the text of an output, without memory addresses and without HTML."""
    data = {"text/html": "<b>x</b>", "text/plain": "<object at 0x7f00aa112233> 1.5"}
    cell = nbformat.v4.new_code_cell("x", outputs=[nbformat.v4.new_output("display_data", data)])

    out, _ = slim(nbformat.v4.new_notebook(cells=[cell]), {})

    assert out.cells[0].outputs[0].data == {"text/plain": "<object at 0x…> 1.5"}


def test_charts_are_compared_by_their_specification(monkeypatch):
    """Two charts whose data sets and views bear other names but hold the same data are equal; other data are not."""

    def drawn(first, name):
        data = pd.DataFrame({"x": [first, 0.5], "y": [1.0, 2.0]})
        grid = alt.selection_interval(bind="scales", name=name)
        chart = alt.Chart(data, title="It rises").mark_point().encode(x="x:Q", y="y:Q").add_params(grid)
        return slimmed(
            lambda: show.figure("rise", chart, "A cloud of points that rises from left to right."), monkeypatch
        )

    assert drawn(0.1234567891, "zoom") == drawn(0.1234567899, "zoom")
    assert drawn(0.1234567891, "zoom") != drawn(0.2, "zoom")
    assert chart_record({"name": "view_00112233445566aa_0", "views": ["view_00112233445566aa_0"]}) == chart_record(
        {"name": "view_ffeeddccbbaa9988_1", "views": ["view_ffeeddccbbaa9988_1"]}
    )


def test_an_analysis_is_read_with_the_lines_of_its_source():
    """The line kept for a cell is where the cell stands in the file, so that errors point there."""
    path = ROOT / f"{PAGES[0]}.md"
    notebook = read_notebook(path)
    lines = path.read_text(encoding="utf-8").splitlines()

    for cell, line in zip(notebook.cells, notebook.metadata["source_map"], strict=True):
        if cell.cell_type == "code":
            assert lines[line - 1].startswith("```{code-cell}")
