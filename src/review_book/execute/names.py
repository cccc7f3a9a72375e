"""The names under which a notebook shows its outputs, told from its code without executing it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from review_book.execute.unfit import tree_of
from review_utils.records.reading import did_you_mean
from review_utils.review import file_state

SHOWS = {"figure": "figure", "picture": "figure", "table": "table", "number": "number", "count": "number", "held": "number", "words": "words"}  # fmt: skip
"""What shows an output under the name that it is given first, and the kind of it."""

_CELL = re.compile(r"^(`{3,})\{code-cell\}[^\n]*\n(.*?)^ {0,3}\1`*[ \t]*$", re.M | re.S)


def misnamed(root: Path, page: str, name: str, *kinds: str) -> str | None:
    """Return what is needed where an analysis shows nothing of some kinds under a name; None where it does, or may.

    Parameters
    ----------
    root : Path
        The folder of the review.
    page : str
        The analysis, as a path without suffix.
    name : str
        The name.
    *kinds : str
        Of ``figure``, ``table``, ``number`` and ``words``.
    """
    path = root / f"{page}.md"
    found = _found(path, file_state(path))
    if found is None:
        return None
    shown, texts, forms = found
    if name in shown and not shown[name] & {*kinds}:
        return f"the name of a {' or '.join(kinds)}; {page}.md shows {name} as a {' and a '.join(sorted(shown[name]))}"
    if name in texts or any(form.fullmatch(name) for form in forms):
        return None
    known = sorted(one for one, of in shown.items() if of & {*kinds})
    near = did_you_mean(name, known) or f"; it names {', '.join(known[:20]) or 'none in so many words'}"
    return f"a name under which {page}.md shows a {' or '.join(kinds)}{near}"


def named_twice(text: str) -> Iterator[tuple[int, str]]:
    """Yield where a notebook shows an output under a name that an earlier one has, and the name.

    Only what is shown whatever happens is looked at: in no function, in no loop and on no condition.

    Parameters
    ----------
    text : str
        The whole notebook.
    """
    seen = set[str]()
    for cell in _CELL.finditer(text):
        tree = tree_of(cell[0])
        for node in tree.body if isinstance(tree, ast.Module) else ():
            call = node.value if isinstance(node, ast.Expr) else None
            if isinstance(call, ast.Call) and call.args and _shows(call.func, {}):
                match call.args[0]:
                    case ast.Constant(value=str(name)):
                        if name in seen:
                            before = "".join(cell[0].splitlines(keepends=True)[: node.lineno - 1])
                            yield cell.start() + len(before), name
                        seen.add(name)


Found = tuple[Mapping[str, set[str]], set[str], list[re.Pattern[str]]]
"""Names with the kinds that are shown under them; all texts of the code, which names may be; and forms of texts of which a part is computed."""


@cache
def _found(path: Path, _state: tuple[int, ...]) -> Found | None:
    """Return what the code of a notebook says of names; None where it shows one that only an execution tells."""
    trees = [tree_of(cell[0]) for cell in _CELL.finditer(path.read_text("utf-8", "replace"))]
    if any(isinstance(tree, SyntaxError) for tree in trees):  # told elsewhere
        return None
    nodes = [node for tree in trees if isinstance(tree, ast.Module) for node in ast.walk(tree)]
    given: dict[str, list[ast.expr | None]] = {}  # names of this code, and what each may be
    other: dict[str, str] = {}  # names under which it calls what shows
    for node in nodes:
        if isinstance(node, ast.For | ast.comprehension):
            _bind(given, node.target, node.iter)
        elif isinstance(node, ast.arg):
            given.setdefault(node.arg, []).append(None)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            given.setdefault(node.targets[0].id, []).append(node.value)
            if kind := _shows(node.value, {}):
                other[node.targets[0].id] = kind
    shown: dict[str, set[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Call) and (kind := _shows(node.func, other)):
            name = node.args[0] if node.args else next((word.value for word in node.keywords if word.arg == "name"), None)  # fmt: skip
            if not _is_told(name, given, 0):
                return None
            if isinstance(name, ast.Constant):
                shown.setdefault(str(name.value), set()).add(kind)
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    forms = [_form(node) for node in nodes if isinstance(node, ast.JoinedStr)]
    return shown, texts, [re.compile(form) for form in set(forms) if form.strip(".+")]


def _shows(node: ast.expr, other: Mapping[str, str]) -> str | None:
    """Return the kind of what a function shows, called by its own name or by another."""
    match node:
        case ast.Attribute(value=ast.Name(id="show"), attr=called):
            return SHOWS.get(called)
        case ast.Name(id=called):
            return other.get(called)
    return None


def _form(text: ast.JoinedStr) -> str:
    return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in text.values)


def _bind(given: dict[str, list[ast.expr | None]], target: ast.expr, through: ast.expr) -> None:
    """Note what the names of a loop go through; what is written out, part by part."""
    match through:
        case ast.Call(func=ast.Attribute(value=inner, attr="items"), args=[]) if isinstance(target, ast.Tuple):
            _bind(given, target.elts[0], inner)
            return
        case ast.Call(func=ast.Name(id="zip"), args=columns) if isinstance(target, ast.Tuple):
            for one, column in zip(target.elts, columns, strict=False):
                _bind(given, one, column)
            return
        case ast.Dict(keys=items) | ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            pass
        case ast.Name(id=called) if len(given.get(called, ())) == 1 and not isinstance(
            given[called][0], ast.Name | None
        ):
            _bind(given, target, given[called][0])  # type: ignore[arg-type]
            return
        case _:
            items = [through]
    for item in items:
        if isinstance(target, ast.Name):
            given.setdefault(target.id, []).append(item)
        elif isinstance(target, ast.Tuple):
            for at, one in enumerate(target.elts):
                part = item.elts[at] if isinstance(item, ast.Tuple) and at < len(item.elts) else None
                if isinstance(one, ast.Name):
                    given.setdefault(one.id, []).append(part)


def _is_told(name: ast.expr | None, given: Mapping[str, list[ast.expr | None]], deep: int) -> bool:
    """Return whether all that a name may be stands in the code, at least in part."""
    match name:
        case ast.Constant(value=str()):
            return True
        case ast.JoinedStr():
            return bool(_form(name).strip(".+"))
        case ast.Name(id=called) if called in given and deep < 5:
            return all(_is_told(one, given, deep + 1) for one in given[called])
        case ast.IfExp(body=one, orelse=another):
            return _is_told(one, given, deep) and _is_told(another, given, deep)
    return False
