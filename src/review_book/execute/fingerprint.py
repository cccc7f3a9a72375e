"""What the outputs of a notebook depend on, and whether they still hold."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from review_book.execute.contents import read_notebook
from review_book.files import write_atomically
from review_utils.review import file_state, left_lying

if TYPE_CHECKING:
    from nbformat import NotebookNode

SOURCES = Path(__file__).resolve().parents[2]
"""Where the packages lie side by side: ``src``, or the folder that they were installed into."""

PACKAGES = ("review_utils", "emergence", "review_book", "emergence_lab")


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:20]


@cache
def _file_hash(path: str, _state: tuple[int, ...]) -> str:
    return _hash(Path(path).read_bytes())


def digest(path: Path | str, folder: bool = False) -> str:
    """Return the digest of a file's content, or of the names in a folder; ``absent`` where there is none."""
    if folder:
        if not os.path.isdir(path):
            return "absent"
        return _hash("\n".join(sorted(name for name in os.listdir(path) if not left_lying(name))).encode())
    try:
        return _file_hash(str(path), file_state(path))
    except OSError:
        return "absent"


def code_digest(notebook: NotebookNode) -> str:
    """Return the digest of what is executed: code cells and the kernel's name, not the prose."""
    kernel = notebook.metadata.get("kernelspec", {}).get("name", "")
    return _hash("\x00".join([kernel, *(c.source for c in notebook.cells if c.cell_type == "code")]).encode())


@cache
def installed(distribution: str) -> str:
    """Return the version of an installed distribution; ``absent`` where there is none."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "absent"


@cache
def _distributions() -> Mapping[str, list[str]]:
    return packages_distributions()


def distributions_of(names: Iterable[str]) -> list[str]:
    """Return the distributions of others that packages were imported from; the standard library comes from none."""
    known = _distributions()
    return sorted({found for name in names if name not in PACKAGES for found in known.get(name, ())})


def fingerprint(
    root: Path, code: str, reads: Iterable[str], modules: Iterable[str], distributions: Iterable[str]
) -> dict[str, Any]:
    """Return all that the outputs of a notebook depend on, with the present digest or version of each."""
    return {
        "code": code,
        "python": ".".join(map(str, sys.version_info[:3])),
        "distributions": {name: installed(name) for name in distributions},
        "modules": {name: digest(f"{SOURCES}/{name}") for name in modules},
        "reads": {name: digest(_place(root, name), name.endswith(("/", "\\"))) for name in reads},
    }


def _place(root: Path, name: str) -> str:  # not a Path: a build makes some hundred thousand
    return os.path.join(root, name).rstrip("/\\")


def written_since(root: Path, found: Mapping[str, Any], since: int) -> list[str]:
    """Return what of a fingerprint's files was written after a moment, in nanoseconds of the file system's clock."""
    places = {name: f"{SOURCES}/{name}" for name in found["modules"]}
    places |= {name: _place(root, name) for name in found["reads"]}
    return [name for name, path in places.items() if os.path.exists(path) and os.stat(path).st_mtime_ns > since]


def executed_path(root: Path, page: str) -> Path:
    """Return where the executed form of a page is kept."""
    return root / "_build" / "executed" / f"{page}.ipynb"


_CONTENT = re.compile(r'"content_digest": "([0-9a-f]*)"')


def keep(root: Path, page: str, executed: NotebookNode) -> None:
    """Keep the executed form of a page, with a digest of its own, so that nothing is published that a hand altered."""
    executed.metadata["review"]["content_digest"] = ""
    text = json.dumps(executed, sort_keys=True)
    write_atomically(executed_path(root, page), _CONTENT.sub(f'"content_digest": "{_hash(text.encode())}"', text))


@cache
def _read_stored(path: Path, _state: tuple[int, ...]) -> NotebookNode:
    import nbformat

    text = path.read_text(encoding="utf-8")
    if _hash(_CONTENT.sub('"content_digest": ""', text).encode()) != _CONTENT.search(text)[1]:  # type: ignore[index]
        raise ValueError("altered after it was kept")
    return nbformat.reads(text, as_version=4)


@cache
def _code_digest_of(path: Path, _state: tuple[int, ...]) -> str:
    return code_digest(read_notebook(path))


def load_executed(root: Path, page: str) -> NotebookNode | None:
    """Return the executed form of a page if it is still true, else None; not to be altered."""
    path, source = executed_path(root, page), root / f"{page}.md"
    try:
        stored = _read_stored(path, file_state(path))
        kept = stored.metadata["review"]["fingerprint"]
        code = _code_digest_of(source, file_state(source))
        now = fingerprint(root, code, kept["reads"], kept["modules"], kept["distributions"])
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None  # absent, half-written, altered by a hand, or of an older form: execute it anew
    return stored if now == kept else None
