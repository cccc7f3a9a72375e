"""What the book's own reader of Markdown says of a page: its headings, directives, listings and formulas, each by its form.

The blocks of a page, parsed once, are read by MyST into a document as a build does it, with directives that show
nothing and words left out, so that what ends a build is told without one. What a directive is told are names; each
is asked here, and again by the directive, which then shows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, MutableMapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import yaml
from docutils import nodes
from docutils.parsers.rst import Directive, Parser, directives
from docutils.parsers.rst.directives.admonitions import Note
from docutils.parsers.rst.directives.images import Figure, Image
from docutils.transforms.misc import Transitions
from docutils.utils import new_document
from myst_parser.mdit_to_docutils.base import DocutilsRenderer
from myst_parser.parsers.directives import parse_directive_text
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.util import ClassNotFound

from review_book.execute.names import misnamed
from review_book.pages.formulas import mathml
from review_book.records.about import chapters_of
from review_utils.records.reading import RecordError, did_you_mean, read_yaml, shorten
from review_utils.review import files_in

if TYPE_CHECKING:
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

Fault = tuple[int, str, str]
"""A line (from 1), what stands there, and what is needed."""

OF_A_CHAPTER = ("terms", "headlines", "statements", "evidence-map", "studies", "flow", "recomputations")
"""Directives that show a part of one chapter, or of all."""

OF_ONE = ("headlines", "statements", "recomputations")
"""Of these, those that show a part of one chapter alone."""

BOXES = ("note", "tip", "warning", "important", "seealso")
"""Directives that hold prose."""

PARTS = (
    "landing", "latest", "changes", "status", "downloads", "explorer", "tested", "what-if", "time-machine", "commands", "api",
    "rules", "grades", "errata", "laws", "search", "recall",
)  # fmt: skip
"""Parts about the review itself."""

SECTIONS = (
    "Summary", "Measurements", "Structural tests", "Inclusion criteria", "Shapes", "The founding notes beside the source",
    "Related findings", "Caveats", "How to cite", "History of this record",
)  # fmt: skip
"""Parts of the page of a finding."""


def _one_of(*known: str) -> Callable[[str], str]:
    return lambda said: directives.choice(said, known)


def _section(said: str) -> str:
    if said not in SECTIONS:
        raise ValueError(f"one of {', '.join(SECTIONS)}{did_you_mean(said or '', SECTIONS)}")
    return said


class Part(Directive):
    """A part that the engine makes: it is told which one, takes no option, and holds nothing."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        return [nodes.raw()]


class PartOfFinding(Part):
    """A part of the page of a finding, by its heading."""

    option_spec: ClassVar[dict[str, Any]] = {"section": _section}


class _Bibliography(Part):
    required_arguments = 0
    option_spec: ClassVar[dict[str, Any]] = {
        "all": directives.flag,
        "cited": directives.flag,
        "style": _one_of("alpha", "plain", "unsrt", "unsrtalpha"),
    }

    def run(self) -> list[nodes.Node]:
        node = nodes.container(names=[self.name])
        self.state.document.note_explicit_target(node)
        return [node]


class _Formula(Directive):
    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "label": directives.unchanged_required, "name": directives.unchanged_required, "class": directives.class_option,
        "nowrap": directives.flag,
    }  # fmt: skip

    def run(self) -> list[nodes.Node]:
        node = nodes.math_block(" ".join(self.arguments) + "\n" + "\n".join(self.content))
        if label := self.options.get("label"):
            node["names"].append(label)
            self.state.document.note_explicit_target(node)
        return [node]


class _Figure(Figure):
    option_spec: ClassVar[dict[str, Any]] = {
        **Figure.option_spec,
        "figwidth": directives.length_or_percentage_or_unitless,  # not that of the picture, which is not opened here
    }


class _Cell(Directive):
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"tags": directives.unchanged_required}


FORMS: dict[str, type[Directive]] = {
    **dict.fromkeys(("show", "numbers", "register", "part", *OF_A_CHAPTER), Part),
    **dict.fromkeys(BOXES, Note),
    "finding": PartOfFinding, "image": Image, "figure": _Figure, "bibliography": _Bibliography, "math": _Formula, "code-cell": _Cell,
}  # fmt: skip
"""Directives that a page may use, each by its form."""

_AS = "asked-"
"""What stands before the names of the forms, so that a build that goes on in this process finds the directives themselves."""

for _name, _form in FORMS.items():
    directives.register_directive(_AS + _name, _form)


def _of_chapter(name: str, said: str, root: Path, page: str) -> str | None:
    chapters = chapters_of(root / "data")
    folder, _, own = page.rpartition("/")
    if folder == "chapters" and own in chapters and said != own:
        return f"{own}, the chapter of this page: the other is shown on its own page"
    if said not in (*chapters, *(() if name in OF_ONE else ("all",))):
        return f"{'' if name in OF_ONE else 'all, or '}a chapter{did_you_mean(said, chapters)}"
    if name == "terms" and said != "all":
        terms = read_yaml(root / "data" / "glossary.yml").data
        if not any(said in term.get("chapters", ()) for term in terms if isinstance(term, dict)):
            return "all, or a chapter that data/glossary.yml names"
    return None


def _of_analysis(said: str, root: Path, name: str | None) -> str | None:
    if not (root / "analyses" / f"{said}.md").is_file():
        there = [path.relative_to(root / "analyses").with_suffix("").as_posix() for path in files_in(root, "analyses/*/*.md")]  # fmt: skip
        return f"an analysis that is there{did_you_mean(said, there)}"
    return None if name is None else misnamed(root, f"analyses/{said}", name, "figure", "table")


def _named(name: str, said: str, root: Path, page: str) -> str | None:
    """Return what a directive must be told instead; None where it is told a name that there is."""
    if name == "show":
        return _of_analysis(said.partition("#")[0], root, said.partition("#")[2])
    if name == "numbers":
        return _of_analysis(said, root, None)
    if name == "finding":
        known = [path.stem for path in files_in(root / "data" / "findings", "*.yml")]
        return None if said in known else f"a finding of the register{did_you_mean(said, known)}"
    if name == "register":
        return None if said == "all" else "all"
    if name == "part":
        return None if said in PARTS else f"one of {', '.join(PARTS)}{did_you_mean(said, PARTS)}"
    if name == "bibliography":
        return "nothing after it: it lists the works of data/references.bib" if said else None
    if name == "code-cell":
        return None if said in ("python", "python3", "ipython3") else "python after it, in which cells are executed"
    return _of_chapter(name, said, root, page) if name in OF_A_CHAPTER else None


_SAID: tuple[tuple[str, str, str], ...] = (
    (r"level increase; H(?P<above>\d) to H(?P<below>\d)", "a heading with {below} below one with {above}", "{above}# before it: one level further, or an upper one"),
    (r"with a transition|adjacent transitions", "a rule that separates nothing", "words before it and after it, or no rule"),
    (r"^Content block expected", "{directive} that holds nothing", "what it is to hold, before the line that ends it"),
    (r"argument\(s\) required", "{directive}", "what it is to show, after it"),
    (r"^Figure caption", "{directive} whose words do not begin with a paragraph", "a paragraph first, which is its caption"),
    (r"uplicate .*: \"?(?P<name>[^\"]+)", "{name} for the second time", "a name of its own for each place"),
)  # fmt: skip
"""What the reader says, by a pattern, and what that is in our words; else its own are told."""


class _Reader(DocutilsRenderer):
    """Reads the blocks of a page as the book does, and notes what there is to say of them.

    Parameters
    ----------
    parser : MarkdownIt
        That which parsed the page.
    root : Path
        The folder of the review.
    page : str
        The page, as a path without suffix.
    """

    def __init__(self, parser: Any, root: Path, page: str) -> None:
        super().__init__(parser)
        self.root, self.page = root, page
        self.noted: list[Fault] = []
        self._within: list[tuple[str, int, str]] = []

    def read(self, tokens: list[Token], found: MutableMapping[str, Any]) -> list[Fault]:
        """Return what there is to say of the blocks of a page."""
        document = new_document(self.page, settings=_settings())
        document.reporter.attach_observer(self._told)
        self.render(tokens, {**self.md.options, "document": document}, found)
        for notes in found["foot_refs"].values():  # of which MyST reads those alone whose marks it met among the words
            for note in notes:
                self.render_children(note)
        Transitions(document).apply()
        return self.noted

    def _told(self, message: nodes.system_message) -> None:
        if message["level"] > 1:
            self._say(
                message[0].astext() if len(message) else "",
                message.get("line") or (self._within[-1][1] if self._within else 1),
            )

    def _say(self, said: str, line: int) -> None:
        """Note what the reader says of a line, in our words where it is of a kind that they are there for."""
        name = f"{{{self._within[-1][0]}}}" if self._within else ""
        said = re.sub(r" \[myst\.\w+\]$", "", said).replace(_AS, "")
        for pattern, given, needed in _SAID:
            if found := re.search(pattern, said):
                words = {key: "#" * int(value) if value.isdigit() else value for key, value in found.groupdict().items()}  # fmt: skip
                self.noted.append((line, given.format(directive=name, **words), needed.format(**words)))
                return
        if not said.startswith("Document headings start at"):  # a page without a title, which is told so
            self.noted.append((line, name or "this", f"what the reader of Markdown can take; it says: {shorten(said)}"))

    def create_warning(self, message: str, subtype: Any, *, line: int | None = None, append_to: Any = None) -> None:
        """Note what MyST warns of; of a directive's options, where each stands."""
        del subtype, append_to
        name, first, held = self._within[-1] if self._within else ("", line or 1, "")
        for option, said, needed in re.findall(r"Invalid option value for '(.+?)': (.*?): (.*)", message, re.S):
            wanted = re.sub(r"^.*unknown; choose from", "one of", " ".join(needed.split()))
            wanted = "a number" if "literal for" in wanted else wanted.replace("not a positive measure of one of", "a number with one of")  # fmt: skip
            given = f":{option}: {'' if said == 'None' else said}".strip()
            self.noted.append((_row(held, option, first), f"{given} in {{{name}}}", wanted))
            return
        if keys := re.search(r"Unknown option keys: (\[.*?\])", message):
            known = list(FORMS[name].option_spec or ())
            for option in yaml.safe_load(keys[1]):
                row = _row(held, option, first)
                needed = f"one of {', '.join(known)}{did_you_mean(option, known)}"
                self.noted.append((row, f"{_line(held, row - first - 1)[:60]} in {{{name}}}", needed))
        elif message.endswith("Has content, but none permitted"):
            rows = [row for row, text in enumerate(held.split("\n")) if text.strip()]
            options = FORMS[name].option_spec or {}
            row = next((row for row in rows if not options or not re.match(r"\s*(?::|---)", _line(held, row))), 0)
            needed = "no option, since it takes none" if _line(held, row).startswith(":") else "nothing within; words about it stand before or after"  # fmt: skip
            self.noted.append((first + 1 + row, f"{_line(held, row)[:60]} in {{{name}}}", needed))
        else:
            self._say(message, line or first)

    def run_directive(
        self, name: str, first_line: str, content: str, position: int, additional_options: dict[str, str] | None = None
    ) -> list[nodes.Element]:
        """Return what a directive stands for, asked by its form; one that no page may use is told elsewhere."""
        if name not in FORMS:
            return []
        self._within.append((name, position, content))
        said = first_line.strip()
        try:
            needed = _named(name, said, self.root, self.page) if said or name in ("bibliography", "code-cell") else None
        except RecordError:  # told with the records
            needed = None
        if needed:
            self.noted.append((position, f"{{{name}}} {said}".strip(), needed))
        made: list[nodes.Element] = []
        try:
            if name == "code-cell":
                made = self._cell(content, position)
            else:
                made = super().run_directive(_AS + name, first_line, content, position, additional_options)
        except (IndexError, KeyError, AttributeError):  # of docutils, where a figure holds what leaves nothing
            self.noted.append((position, f"{{{name}}} with what leaves nothing within", "words, after an empty line below its options"))  # fmt: skip
        for node in made:
            if isinstance(node, nodes.math_block):
                self._formula(node.rawsource, position, block=True)
        self._within.pop()
        return made

    def _cell(self, content: str, position: int) -> list[nodes.Element]:
        """Ask what is said of a cell, which is YAML."""
        read = parse_directive_text(_Cell, "", content, line=position, validate_options=False)
        for option in read.options.keys() - _Cell.option_spec.keys():
            self.create_warning(f"Unknown option keys: ['{option}']", None)
        if read.warnings:
            self.noted.append((position + 1, _line(content, 0)[:60], "lines as :tags: [hide-input], which are YAML"))
        return [nodes.container()]

    def create_highlighted_code_block(self, text: str, lexer_name: str | None, *args: Any, line: int | None = None, **kwargs: Any) -> nodes.Element:  # fmt: skip
        """Ask whether a listing is in the language that it is said to be in."""
        for row, given, needed in _unread(lexer_name or "text", text):
            self.noted.append(((line or 1) + row, given, needed))
        return nodes.literal_block(text, text)

    def render_front_matter(self, token: SyntaxTreeNode) -> None:
        """Pass over the head of a page, which is asked elsewhere."""

    def render_myst_target(self, token: SyntaxTreeNode) -> None:
        """Pass over a label, which is asked elsewhere, among those of all pages."""

    def render_html_block(self, token: SyntaxTreeNode) -> None:
        """Keep the place of HTML, which is asked elsewhere."""
        self.current_node.append(nodes.raw())

    def render_inline(self, token: SyntaxTreeNode) -> None:
        """Ask the formulas among words; the rest of them is asked elsewhere."""
        self.current_node.append(nodes.Text(token.content))  # by which headings are told apart
        for part in token.children or ():
            if part.type.startswith("math_") or (part.type == "myst_role" and part.meta["name"] == "math"):
                self._formula(part.content, part.map[0] if part.map else 1)

    def render_math_block(self, token: SyntaxTreeNode) -> None:
        """Ask a formula on lines of its own."""
        self._formula(token.content, token.map[0] if token.map else 1, block=True)
        super().render_math_block(token)

    def render_math_block_label(self, token: SyntaxTreeNode) -> None:
        """Ask a formula on lines of its own, and its label."""
        self._formula(token.content, token.map[0] if token.map else 1, block=True)
        super().render_math_block_label(token)

    def _formula(self, tex: str, line: int, block: bool = False) -> None:
        if said := _unwritten(tex.strip(), block):
            given = f"the formula {shorten(' '.join(tex.split()))} ({said})"
            self.noted.append((line, given, "LaTeX with every argument in braces, and each brace closed"))


def _line(held: str, row: int) -> str:
    lines = held.split("\n")
    return lines[row].strip() if row < len(lines) else ""


def _row(held: str, option: str, first: int) -> int:
    """Return the line at which a directive is told of an option."""
    found = re.search(rf"^\s*:?{re.escape(option)}:", held, re.M)
    return first + 1 + held.count("\n", 0, found.end()) if found else first


@cache
def _settings() -> Any:
    from docutils.frontend import get_default_settings

    settings = get_default_settings(Parser)
    settings.warning_stream, settings.halt_level, settings.file_insertion_enabled = False, 5, False
    return settings


@cache
def _unwritten(tex: str, block: bool) -> str:
    """Return why a formula cannot be shown, or nothing."""
    try:
        mathml(tex, block)
    except ValueError as error:
        return str(error)
    return ""


@cache
def _languages() -> list[str]:
    return sorted({name for _, names, _, _ in get_all_lexers(plugins=False) for name in names})


def _unread(language: str, code: str) -> Iterator[Fault]:
    """Yield a language of a listing that nothing can colour, and the first line that is not in it."""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        yield 0, f"a listing in {language}", f"a language that is known, or text{did_you_mean(language, _languages())}"
        return
    for at, kind, said in lexer.get_tokens_unprocessed(code):
        if str(kind) == "Token.Error":
            needed = f"{language}, or text, which is printed as it is"
            yield code.count("\n", 0, at) + 1, f"{said[:30]} in a listing in {language}", needed
            return


def unlike_their_form(
    parser: Any, tokens: list[Token], found: MutableMapping[str, Any], root: Path, page: str
) -> list[Fault]:
    """Return what ends a build in the blocks of a page.

    Parameters
    ----------
    parser : MarkdownIt
        That which parsed the page.
    tokens : list of Token
        What it made of it; altered.
    found : mapping from str to object
        What it noted besides.
    root, page
        The review, and the page.
    """
    return _Reader(parser, root, page).read(tokens, found)
