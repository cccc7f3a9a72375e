"""The table of contents: which pages there are, and which of them are notebooks."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from review_utils.records.reading import did_you_mean, read_yaml
from review_utils.review import Explained, file_state, files_in

if TYPE_CHECKING:
    from nbformat import NotebookNode


class PageError(Explained, RuntimeError):
    """The table of contents or a page is not what the book needs."""


NEAR = 1.1e-5
"""How far two numbers may lie apart, relatively: one in the sixth digit, which another processor may round otherwise."""

FARTHEST = 0.01
"""The most that an analysis may allow itself instead."""


def share_of(given: object) -> float:
    """Return what the head of an analysis gives as `known_to`; ValueError says what one is."""
    try:
        near = float(str(given))
    except ValueError:
        near = float("nan")
    if not NEAR <= near <= FARTHEST:
        raise ValueError(f"a share from {NEAR:g} to {FARTHEST:g}, and # before the reason")
    return near


_KEYS = ("format", "root", "defaults", "options", "parts", "chapters", "sections", "subtrees", "entries", "items", "file", "glob", "url", "title", "caption", "numbered", "maxdepth", "hidden", "titlesonly", "reversed")  # fmt: skip
"""What a table of contents may say; another key has no effect."""


def toc_pages(root: Path) -> list[str]:
    """Return the pages that ``_toc.yml`` names, as paths without suffix, globs expanded.

    Raises
    ------
    PageError
        When a page does not exist or an analysis is left out.
    """
    path = root / "_toc.yml"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    toc = read_yaml(path).data
    pages: list[str] = []
    wrong: list[str] = []

    def line_of(name: str) -> int:
        return next((i for i, text in enumerate(lines, 1) if name in text), 1)

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, dict):
            for key, value in node.items():
                if key in ("root", "file"):
                    page = str(value).removesuffix(".md")
                    if page in pages:
                        wrong.append(f"_toc.yml:{line_of(page)}: given {page} twice; needed: each page once")
                    pages.append(page)
                elif key == "url" and not str(value).startswith("https://"):
                    wrong.append(f"_toc.yml:{line_of(str(value))}: given {value}; needed: an address as https://...")
                elif key in ("title", "caption") and not str(value or "").strip():
                    wrong.append(f"_toc.yml:{line_of(f'{key}:')}: given an empty {key}; needed: words, or no {key}")
                elif key == "glob" and re.fullmatch(r"[\w-]+(/[\w-]+)*/\*", str(value)):
                    found = files_in(root, f"{value}.md")
                    pages.extend(p.relative_to(root).with_suffix("").as_posix() for p in found)
                    if not found and not files_in(root / "data", f"{value}.yml"):  # of which a build makes pages
                        wrong.append(
                            f"_toc.yml:{line_of(str(value))}: given {value}, which names no page; needed: a folder of pages"
                        )
                elif key == "glob":
                    wrong.append(
                        f"_toc.yml:{line_of(str(value))}: given {value}; needed: the pages of one folder, as folder/*"
                    )
                elif key not in _KEYS:
                    near = did_you_mean(str(key), _KEYS) or f"; there are: {', '.join(_KEYS)}"
                    wrong.append(
                        f"_toc.yml:{line_of(f'{key}:')}: given {key}; needed: a key of a table of contents{near}"
                    )
                else:
                    walk(value)

    walk(toc)
    for page in pages:
        made = page.startswith("statements/") and (root / "data" / f"{page}.yml").is_file()  # the build writes it
        if not made and not (root / f"{page}.md").is_file():
            wrong.append(
                f"_toc.yml:{line_of(page)}: given {page}, which does not exist; needed: a page, here {page}.md"
            )
    listed = set(pages)
    pages_of_the_root = [path for path in files_in(root, "*.md") if path.stem.islower()]  # README and its like are none
    for path in (*pages_of_the_root, *files_in(root, "chapters/*.md"), *files_in(root, "analyses/*/*.md")):
        page = path.relative_to(root).with_suffix("").as_posix()
        if page not in listed:
            wrong.append(f"{page}.md:1: not in _toc.yml; needed: an entry there, or the page is never built")
    for path in files_in(root, "data/statements/*.yml"):  # the build writes a page of each, to which quotes lead
        if (page := f"statements/{path.stem}") not in listed:
            wrong.append(f"_toc.yml:1: given no {page}; needed: an entry for it, below chapters/{path.stem}")
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
        text = (root / f"{page}.md").read_text(encoding="utf-8-sig")
        if not re.search(r"\A---\n.*?^kernelspec:.*?^---$", text, flags=re.MULTILINE | re.DOTALL):
            wrong.append(
                f"{page}.md:1: a notebook without a kernel; needed: a kernelspec in its head (copy it from another analysis)"
            )
    if wrong:
        raise PageError("\n".join(wrong))
    return pages


def read_notebook(path: Path) -> NotebookNode:
    """Return a MyST Markdown notebook with the source line of each cell in its metadata."""
    return copy.deepcopy(_read_notebook(path, file_state(path)))  # a build asks three times for each


@cache
def _read_notebook(path: Path, _state: tuple[int, ...]) -> NotebookNode:
    from myst_nb.core.read import read_myst_markdown_notebook
    from myst_parser.config.main import MdParserConfig

    config = MdParserConfig(enable_extensions={"dollarmath", "colon_fence"})
    return read_myst_markdown_notebook(
        path.read_text(encoding="utf-8-sig"), config=config, add_source_map=True, path=path
    )


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
                raise PageError(f"the name {shown['name']} is shown twice; each name once")
            out[shown["name"]] = {"kind": shown["kind"], "record": shown["record"], "data": output.data}
    return out
