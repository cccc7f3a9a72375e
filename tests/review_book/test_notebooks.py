"""Every analysis, executed by pytest-notebook and compared with its reference."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT
from pytest_notebook.nb_regression import NBRegressionError

from review_book.execute.contents import notebook_pages, read_notebook
from review_book.execute.fingerprint import load_executed
from review_book.execute.regression import chart_text, slim, with_reference

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


@pytest.mark.parametrize("page", PAGES)
def test_notebook_gives_what_its_reference_says(page, nb_regression, tmp_path, monkeypatch, request, bare):
    """An analysis gives the tables, numbers and charts kept under tests/reference, also without the sets of others."""
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    monkeypatch.setenv("REVIEW_BUILD", "1")
    reference = ROOT / "tests" / "reference" / page.removeprefix("analyses/")
    reference = reference.with_name(f"{reference.name}.ipynb")
    work = tmp_path / reference.name
    nbformat.write(with_reference(ROOT / f"{page}.md", reference), work)
    accepting = request.config.getoption("--accept")
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
    assert reference.is_file(), f"no reference for {page}; run make accept and look at the numbers it writes"
    nb_regression.check(str(work))


def test_built_pages_hold_what_their_references_say(site):
    """What the build executed, with whatever sets of others are at hand, is what the references say."""
    for page in PAGES:
        built = load_executed(ROOT, page)
        assert built is not None, f"{page} changed after the build; run make book (make test does it first)"
        cells = [cell for cell in nbformat.from_dict(built).cells if cell.cell_type == "code"]
        found = slim(nbformat.v4.new_notebook(cells=cells), {})[0].cells
        reference = ROOT / "tests" / "reference" / f"{page.removeprefix('analyses/')}.ipynb"
        kept = nbformat.read(reference, as_version=4).cells
        assert [[o.get("data") for o in c.outputs] for c in found] == [[o.get("data") for o in c.outputs] for c in kept]
        assert "not fetched" not in json.dumps(kept), page


def test_rows_of_others_are_in_no_reference():
    """What is drawn from an external set stands in a reference by its name alone."""
    html = '<div data-external="a-set"><table>rows</table></div>'
    cell = nbformat.v4.new_code_cell(
        "x", outputs=[nbformat.v4.new_output("display_data", {"text/html": html, "text/plain": "rows"})]
    )

    out, _ = slim(nbformat.v4.new_notebook(cells=[cell]), {})

    assert out.cells[0].outputs[0].data == {"text/plain": "[from the external set a-set]"}


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


def test_charts_are_compared_by_their_specification():
    """Two charts whose data sets and views bear other hashes but hold the same data compare as equal."""
    from review_utils.show.charts import chart_html

    one = {
        "description": "d",
        "mark": "point",
        "data": {"name": "data-aa"},
        "name": "view_00112233445566aa_0",
        "datasets": {"data-aa": [{"x": 0.1234567891}]},
    }
    two = {
        "description": "d",
        "mark": "point",
        "data": {"name": "data-bb"},
        "name": "view_ffeeddccbbaa9988_0",
        "datasets": {"data-bb": [{"x": 0.1234567899}]},
    }

    assert chart_text(chart_html(one)) == chart_text(chart_html(two))


def test_an_analysis_is_read_with_the_lines_of_its_source():
    """The line kept for a cell is where the cell stands in the file, so that errors point there."""
    path = ROOT / f"{PAGES[0]}.md"
    notebook = read_notebook(path)
    lines = path.read_text(encoding="utf-8").splitlines()

    for cell, line in zip(notebook.cells, notebook.metadata["source_map"], strict=True):
        if cell.cell_type == "code":
            assert lines[line - 1].startswith("```{code-cell}")
