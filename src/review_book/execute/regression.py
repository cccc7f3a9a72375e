"""Notebooks as regression tests: what of an output is compared, and in what form.

pytest-notebook executes a notebook and compares it with a reference under ``tests/reference``. Both sides are
reduced to what a reader would call the result: tables and numbers as text, charts as their specification.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from review_book.execute.contents import read_notebook
from review_utils.show.charts import CHART_MIME

DIGITS = 6
"""Significant digits that are compared: more than any page shows, fewer than platforms agree on."""


def chart_text(html: str) -> str | None:
    """Return the specification of the chart in an output's HTML, as JSON with a line a value, or None."""
    found = re.search(rf'<script type="{re.escape(CHART_MIME)}">(.*?)</script>', html, flags=re.DOTALL)
    if not found:
        return None
    spec = json.loads(found[1])
    # Altair names data sets and views by hashes of all their digits; the data themselves are compared.
    names = {
        name: f"data-{i}"
        for i, name in enumerate(sorted(spec.get("datasets", {}), key=lambda n: json.dumps(spec["datasets"][n])))
    }
    text = json.dumps(spec)
    for name, plain in names.items():
        text = text.replace(name, plain)
    for i, name in enumerate(dict.fromkeys(re.findall(r"\bview_[0-9a-f]{16}_\d+\b", text))):
        text = text.replace(name, f"view-{i}")
    return json.dumps(json.loads(text), indent=0, sort_keys=True)


def _fewer_digits(text: str) -> str:
    """Return the text of a number or claim that a page shows with every number at `DIGITS` significant digits."""
    if not re.match(r"(?:[a-z0-9-]+ = |claim )", text):
        return text
    return re.sub(r"(?<![\w.-])-?\d+\.\d+(?:e[+-]?\d+)?", lambda m: f"{float(m[0]):.{DIGITS}g}", text)


def slim(notebook: NotebookNode, resources: Mapping[str, Any]) -> tuple[NotebookNode, Mapping[str, Any]]:
    """Reduce outputs to comparable text: the post-processor that pytest-notebook calls."""
    for i, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{i}"
        for output in cell.get("outputs", ()):
            if "data" not in output:
                continue
            html = "".join(output.data.get("text/html", ""))
            text = chart_text(html) or "".join(output.data.get("text/plain", ""))
            if found := re.match(r'<div data-external="([^"]+)"', html):
                # Other people's rows stay out of the references, and the tests pass without them: what is
                # computed from them is held by claims.
                text = f"[from the external set {found[1]}]"
            output["data"] = {"text/plain": re.sub(r"0x[0-9a-f]{6,}", "0x…", _fewer_digits(text))}
            output["metadata"] = {}
        cell["metadata"] = {k: v for k, v in cell.get("metadata", {}).items() if k == "tags"}
    notebook["metadata"] = {"kernelspec": notebook.metadata.get("kernelspec", {})}
    notebook["nbformat_minor"] = 5  # the first version whose cells have ids
    return notebook, resources


def with_reference(source: Path, reference: Path) -> NotebookNode:
    """Return a notebook's code with the outputs of its reference, for cells whose code is the same."""
    notebook = read_notebook(source)
    known: dict[str, list[Any]] = {}
    if reference.is_file():
        for cell in nbformat.read(reference, as_version=4).cells:
            if cell.cell_type == "code":
                known[cell.source] = cell.outputs
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in notebook.cells:
        cell.outputs = known.get(cell.source, [])
    return slim(notebook, {})[0]
