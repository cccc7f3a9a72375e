"""The authors' handbook: commands, functions and rules as they are, read from the code and the records."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import click

from review_book.execute.fingerprint import PACKAGES, SOURCES
from review_utils.records.register import Register
from review_utils.show.tables import Fold, from_rows


@dataclass(frozen=True)
class Command:
    """One command of the command line: its words, its help, its arguments and options."""

    words: str
    help: str
    parameters: tuple[tuple[str, str], ...]


def commands(group: click.Group | None = None, words: str = "review") -> Iterator[Command]:
    """Yield every command, those of groups included."""
    from review_book.commands.main import main

    top = group or main
    context = click.Context(top)
    for name in top.list_commands(context):
        command = top.get_command(context, name)
        if command is None:
            continue
        parameters = []
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                parameters.append((", ".join(parameter.opts), parameter.help or ""))
            else:
                parameters.append((parameter.human_readable_name, "argument"))
        yield Command(f"{words} {name}", " ".join((command.help or "").split()), tuple(parameters))
        if isinstance(command, click.Group):
            yield from commands(command, f"{words} {name}")


def commands_html() -> str:
    """Return every command with what it does and takes."""
    rows = [
        {"Command": c.words, "What it does": c.help, "Takes": [f"{name}: {text}" for name, text in c.parameters] or "–"}
        for c in commands()
    ]
    return from_rows(rows, ["Command", "What it does", "Takes"], f"{len(rows)} commands, as their own help describes them").to_html()  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A public function or class of the package: its name with arguments, and its docstring."""

    module: str
    name: str
    signature: str
    doc: str


def api() -> Iterator[Entry]:
    """Yield every public function and class of the package, read from its source, so that nothing is imported."""
    for path in (path for name in PACKAGES for path in sorted((SOURCES / name).rglob("*.py"))):
        module = ".".join(path.relative_to(SOURCES).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                arguments = f"({ast.unparse(node.args)})" if isinstance(node, ast.FunctionDef) else ""
                yield Entry(module, node.name, f"{node.name}{arguments}", ast.get_docstring(node) or "")


def api_html() -> str:
    """Return every public function and class, a table for each package, with its contract folded."""
    held: dict[str, list[dict[str, object]]] = {}
    for entry in api():
        package, _, module = entry.module.partition(".")
        first, *rest = entry.doc.split("\n\n")
        row = {"Module": module, "Name": entry.signature, "What": Fold(" ".join(first.split()), tuple(rest))}
        held.setdefault(package, []).append(row)
    return "".join(from_rows(rows, ["Module", "Name", "What"], package).to_html() for package, rows in held.items())


def rules_html(register: Register) -> str:
    """Return every shape with the conditions on which it is codified, each with its source."""
    rows = []
    for shape in register.shapes:
        conditions = []
        for condition in shape.codify_when:
            asked = condition.model_dump(exclude_none=True, exclude={"source"})
            conditions.append(f"{'; '.join(f'{k}: {v}' for k, v in asked.items())} ({condition.source})")
        rows.append({"Shape": shape.title, "Kind": shape.kind.replace("-", " "), "Evidence at": shape.evidence_at, "Codified when": conditions or "–"})  # fmt: skip
    return from_rows(rows, list(rows[0]), "Rules, as data/shapes.yml states them").to_html()
