"""The authors' handbook: commands, functions and rules as they are, read from the code and the records."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

import click

from review_book.execute.fingerprint import PACKAGES, SOURCES
from review_utils.records.register import Register
from review_utils.show.tables import from_rows


@dataclass(frozen=True)
class Told:
    """A cell of text whose names of code stand between backquotes, one or two."""

    text: str

    def __str__(self) -> str:
        return self.text

    def cell_html(self) -> str:
        """Return the text, with code as code."""
        return re.sub(r"(`{1,2})(.+?)\1(?!`)", r"<code>\2</code>", html.escape(" ".join(self.text.split()))) or "–"


@dataclass(frozen=True)
class Contract:
    """A cell that opens from the first sentence of a docstring to all that it says."""

    doc: str

    def cell_html(self) -> str:
        """Return the contract: paragraphs, parameters each on its line, examples as they are typed."""
        first, *rest = self.doc.split("\n\n")
        said = "".join(map(self._part, rest))
        return f"<details><summary>{Told(first).cell_html()}</summary>{said}</details>" if rest else Told(first).cell_html()  # fmt: skip

    @staticmethod
    def _part(text: str) -> str:
        title, _, under = text.partition("\n")
        if not under.startswith("---"):
            return _example(text) if text.startswith(">>> ") else f"<div>{Told(text).cell_html()}</div>"
        body = under.partition("\n")[2]
        if body.startswith(">>> "):
            return f"<div><b>{title}</b></div>{_example(body)}"
        entries = re.split(r"\n(?! )", body)  # what is said of a parameter stands under it, indented
        lines = [entry.partition("\n") for entry in entries]
        items = "".join(f"<li>{Told(f'`{name}`: {said}' if said else name).cell_html()}</li>" for name, _, said in lines)  # fmt: skip
        return f"<div><b>{title}</b></div><ul>{items}</ul>"


def _example(text: str) -> str:
    """Return lines as they are typed, which the keyboard reaches where they scroll."""
    return f'<pre tabindex="0">{html.escape(text)}</pre>'


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
        {
            "Command": c.words,
            "What it does": Told(c.help),
            "Arguments": [Told(f"`{name}`") for name, text in c.parameters if text == "argument"] or "–",
            "Options": [Told(f"`{name}`: {text}") for name, text in c.parameters if text != "argument"] or "–",
        }
        for c in commands()
    ]
    return from_rows(rows, list(rows[0]), f"{len(rows)} commands, as their own help describes them").to_html()


@dataclass(frozen=True)
class Entry:
    """A public function or class of the package: its name, what it takes, and its docstring."""

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
                arguments = ast.unparse(node.args) if isinstance(node, ast.FunctionDef) else ""
                yield Entry(module, node.name, arguments, ast.get_docstring(node) or "")


def api_html() -> str:
    """Return every public function and class, a table for each package, with its contract folded."""
    held: dict[str, list[dict[str, object]]] = {}
    for entry in api():
        package, _, module = entry.module.partition(".")
        row = {"Name": entry.name, "Module": module or "–", "Takes": Told(entry.signature and f"`{entry.signature}`"), "What it does": Contract(entry.doc)}  # fmt: skip
        held.setdefault(package, []).append(row)
    return "".join(from_rows(rows, list(rows[0]), package).to_html() for package, rows in held.items())


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
