"""Notebooks as regression tests: what of an output is compared, and in what form.

pytest-notebook executes a notebook and compares it with a reference under ``tests/reference``. Both sides are
reduced to what a reader would call the result: the record that `review_utils.show` keeps beside each output, a
chart's being its specification.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import nbformat
from nbformat import NotebookNode

from review_book.execute.contents import NEAR, notebook_pages, read_notebook, share_of
from review_book.execute.fingerprint import load_executed
from review_utils.records.reading import RecordError, fault
from review_utils.review import Explained, files_in, project_root
from review_utils.show.charts import in_few_digits

DIGITS = 6
"""Significant digits that are compared: more than any page shows, fewer than platforms agree on."""

NOUGHT = 1e-12
"""What is nought where it is compared: a weight far below it hangs on the last digits of a likelihood."""

_VIEW = re.compile(r"view_[0-9a-f]{16}_\d+")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in (value[key] for key in sorted(value)) if isinstance(value, dict) else value:
            yield from _texts(item)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def chart_record(spec: Mapping[str, Any]) -> Any:
    """Return a chart's specification without the names that Altair makes of the digits of its data."""
    sets = spec.get("datasets", {})
    in_order = sorted(sets, key=lambda name: json.dumps(sets[name], sort_keys=True))
    names = {name: f"data-{i}" for i, name in enumerate(in_order)}
    views = dict.fromkeys(text for text in _texts(spec) if _VIEW.fullmatch(text))
    return _renamed(spec, names | {name: f"view-{i}" for i, name in enumerate(views)})


def shown_record(review: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is compared of an output that `show` displayed: its name, and what it says."""
    record = dict(review["record"])
    if "spec" in record:
        record["spec"] = chart_record(record["spec"])
    return {"name": review["name"], "kind": review["kind"], "record": in_few_digits(record, DIGITS)}


def slim(notebook: NotebookNode, resources: Mapping[str, Any]) -> tuple[NotebookNode, Mapping[str, Any]]:
    """Reduce outputs to what is compared, records or text: the post-processor that pytest-notebook calls."""
    for i, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{i}"
        if cell.cell_type == "code":
            cell["execution_count"] = None
        for output in cell.get("outputs", ()):
            if "data" not in output:
                continue
            review = output.get("metadata", {}).get("review")
            text = "".join(output.data.get("text/plain", ""))
            output["data"] = {} if review else {"text/plain": re.sub(r"0x[0-9a-f]{6,}", "0x…", text)}
            output["metadata"] = {"review": shown_record(review)} if review else {}
        cell["metadata"] = {k: v for k, v in cell.get("metadata", {}).items() if k == "tags"}
    notebook["metadata"] = {"kernelspec": notebook.metadata.get("kernelspec", {})}
    notebook["nbformat_minor"] = 5  # the first version whose cells have ids
    return notebook, resources


def known_to(source: Path) -> float:
    """Return how far, relatively, two results of an analysis may lie apart; RecordError when its head says no such share."""
    head = source.read_text(encoding="utf-8-sig").split("\n---", 1)[0]
    match = re.search(r"^known_to: *(\S*)", head, re.MULTILINE)
    try:
        return share_of(match[1]) if match else NEAR
    except ValueError as error:
        line = head.count("\n", 0, match.start() if match else 0) + 1
        raise RecordError([fault(source, "known_to", match and match[1], str(error), line)]) from None


def alike(found: Any, kept: Any, near: float = NEAR) -> bool:
    """Whether two records are one result: the same texts, counts and shapes, and numbers within `near` of each other.

    Examples
    --------
    >>> alike({"value": 0.123457, "label": "bits"}, {"value": 0.123456, "label": "bits"})
    True
    >>> alike([0.02], [0.0201])
    False
    >>> alike(23470, 23471)
    False
    """
    if isinstance(found, dict) and isinstance(kept, dict):
        return found.keys() == kept.keys() and all(alike(found[key], kept[key], near) for key in kept)
    if isinstance(found, list | tuple) and isinstance(kept, list | tuple):
        return len(found) == len(kept) and all(alike(a, b, near) for a, b in zip(found, kept, strict=True))
    numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for x in (found, kept))
    if numbers:
        if float(found).is_integer() and float(kept).is_integer() and abs(kept) < 10**DIGITS:
            return bool(found == kept)  # a count
        return math.isclose(found, kept, rel_tol=near, abs_tol=NOUGHT)
    return type(found) is type(kept) and bool(found == kept)


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


class NotBuilt(Explained, RuntimeError):
    """What an analysis says now is not known, since it was not executed after its last change."""


def _said(notebook: NotebookNode) -> list[tuple[str, list[Any]]]:
    """Return what of each cell is held: its code, and what it shows."""
    return [
        (
            cell.source,
            [[output.get(part) for part in ("output_type", "data", "metadata", "text")] for output in cell.outputs],
        )
        for cell in notebook.cells
    ]


def _found(built: NotebookNode) -> NotebookNode:
    """Return what of an executed notebook a reference keeps."""
    cells = [cell for cell in nbformat.from_dict(built).cells if cell.cell_type == "code"]
    return slim(nbformat.v4.new_notebook(metadata=built.metadata, cells=cells), {})[0]


def _holds(found: NotebookNode, reference: Path, source: Path) -> bool:
    if not reference.is_file():
        return False
    return alike(_said(found), _said(nbformat.read(reference, as_version=4)), known_to(source))


def _reference(root: Path, page: str) -> Path:
    return root / "tests" / "reference" / f"{page.removeprefix('analyses/')}.ipynb"


def unaccepted(root: Path) -> list[str]:
    """Return the analyses that were not executed after their last change, or say something else than their reference."""
    built = {page: load_executed(root, page) for page in notebook_pages(root)}
    return [
        page
        for page, made in built.items()
        if made is None or not _holds(_found(made), _reference(root, page), root / f"{page}.md")
    ]


def accept_references(root: Path) -> list[str]:
    """Write what the build executed under ``tests/reference`` where it differs, and drop what no analysis is there for.

    Returns
    -------
    list of str
        The files that were written or removed; none where every analysis says what it said before.

    Raises
    ------
    NotBuilt
        When an analysis changed after the build.
    """
    home = root / "tests" / "reference"
    changed, kept = [], set()
    for page in notebook_pages(root):
        built = load_executed(root, page)
        if built is None:
            raise NotBuilt(f"{page} changed after the build; run make book")
        found, reference = _found(built), _reference(root, page)
        kept.add(reference)
        if _holds(found, reference, root / f"{page}.md"):
            continue
        reference.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(found, reference)
        changed.append(reference)
    for reference in set(files_in(home, "*/*.ipynb")) - kept:
        reference.unlink()
        changed.append(reference)
    return sorted(path.relative_to(root).as_posix() for path in changed)


@click.command()
def main() -> None:
    """Write the references of all analyses that say something else than before, once the book is built."""
    for name in accept_references(project_root()) or ["every reference holds"]:
        click.echo(name)


if __name__ == "__main__":  # make accept
    main()
