"""What the pages say, checked without a build: that they are there and whole, and that what they quote is on record."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from review_book.execute.contents import PageError, notebook_pages, toc_pages
from review_book.execute.unfit import unfit
from review_book.living.history import load_history
from review_book.records.references import load_references
from review_book.review import Review
from review_book.sphinx.markup import faults
from review_book.sphinx.prose import bare_numbers, uncited
from review_book.sphinx.quotes import Sources, UnknownQuote
from review_utils.records.reading import (
    LEFT_OVER,
    Problem,
    RecordError,
    did_you_mean,
    plain_text,
    read_text,
    read_yaml,
    shorten,
)
from review_utils.records.register import read_files
from review_utils.review import files_in

# Cells and blocks of code are shown as they are written, and so is what stands between two backticks; what a directive
# holds is prose. Every block is read to its end, so that no end is taken for a beginning.
_BLOCK = re.compile(
    r"^(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)\n(?:.*?\n)??(?P=fence)[ \t]*$|(?<!`)``[^`\n][^\n]*?``(?!`)", re.M | re.S
)
_SHOW = re.compile(r"^(?:`{3,}|:{3,})\{show\} (?P<analysis>\S+?)#\S+", re.M)
_UNIT = re.compile(
    r"\s+(percent|points|nats|bits|tokens|parameters|FLOP|hours|minutes|days|months|steps|epochs|layers|heads)\b"
)
_ROLE = re.compile(r"\{(?P<role>num|statement|cite(?::[pt])?)\}`(?P<text>[^`]+)`")


def check_prose(at: Review) -> list[Problem]:
    """Return what is wrong with the pages of a review that can be seen without building it.

    Control characters, an empty page, a page of the contents that is not there, statements,
    references and numbers that no record has, numbers that are typed into a chapter, and results that nobody is named
    for. Numbers of an analysis are known once it ran: the build checks them.
    """
    try:
        notebook_pages(at.root)
        pages = toc_pages(at.root)
    except PageError as error:
        return [_told(line) for line in str(error).split("\n")]
    except RecordError as error:
        return error.problems
    except OSError:  # no table of contents, which is told with the files around the records
        return []
    sources = Sources(at)
    moved = _moved(at, set(pages))
    try:
        known = set(load_references(at.data))
        gone = _gone(at)
    except RecordError:  # told with the records; the rest of the prose is looked at all the same
        known, gone = None, set()
    broken: set[str] = set()
    said = (
        p
        for page in pages
        if (at.root / f"{page}.md").is_file()
        for p in _problems(at.root, page, sources, known, gone, broken)
    )
    return [*moved, *said]


def _gone(at: Review) -> set[str]:
    """Return the ids of findings that history knows and that no record has, or had before it was renamed."""
    register = read_files(at.data)
    there = {path.stem for path in files_in(at.data / "findings", "*.yml")} | set(register.former)
    return {event.subject for event in load_history(at.data) if event.topic == "finding"} - there


def _moved(at: Review, pages: set[str]) -> Iterator[Problem]:
    """Yield the redirects that lead from a page that is still there, or to none, and a page of shapes that there is not."""
    try:
        located = read_yaml(at.data / "review.yml")
        moved, shapes = at.records.about.moved, at.records.about.shapes_page
    except RecordError:  # told with the records
        return
    if shapes and shapes not in pages:
        yield located.problem(("shapes_page",), shapes, f"a page of _toc.yml{did_you_mean(shapes, pages)}")
    for old, new in moved.items():
        if old in pages:
            yield located.problem(("moved", old), old, "a page that is no more, or no line for it")
        if new.partition("#")[0] not in pages | moved.keys() | {"search"}:
            yield located.problem(("moved", old), new, f"a page of _toc.yml{did_you_mean(new, pages)}")


def _without_code(block: re.Match[str]) -> str:
    """Return a block of the same lines, blank where it is code."""
    directive = (block["info"] or "").startswith("{") and not (block["info"] or "").startswith("{code-cell}")
    return block[0] if directive else re.sub(r"[^\n]", " ", block[0])


def _told(line: str) -> Problem:
    file, number, rest = line.split(":", 2)
    given, _, needed = rest.strip().removeprefix("given ").partition("; needed: ")
    return Problem(file, int(number), "(page)", given, needed)


_LEFT = re.compile(rf"{LEFT_OVER.pattern}|\?\?|\[citation needed\]|^[ \t]*[-*+] \[[ xX]\].*|^%.*", re.M)
"""What is left for later in a page: its marks, unticked tasks, and remarks that the source alone would show."""


_HERE_ALONE = re.compile(r"(?:https?|file)://(?:localhost|127\.|0\.0\.0\.0|\[::1\]|/)[^\s)>]*")
"""Addresses that lead to the machine of whoever reads."""

_NOTED, _NOTE = re.compile(r"\[\^([\w-]+)\](?!:)"), re.compile(r"^\[\^([\w-]+)\]:", re.M)

_PARAGRAPH = re.compile(r"^[A-Z][^\n]{100,}$", re.M)
"""Lines of prose long enough to be written once."""


def _problems(
    root: Path, page: str, sources: Sources, references: set[str] | None, gone: set[str], broken: set[str]
) -> Iterator[Problem]:
    """Yield what is wrong with a page.

    Parameters
    ----------
    references : set of str or None
        Keys of the bibliography; None where it has faults of its own.
    gone : set of str
        Findings that were retracted.
    broken : set of str
        Kinds of record that could not be read; filled here, and not asked again.
    """
    try:
        text = read_text(root / f"{page}.md")
    except RecordError as error:
        yield from error.problems
        return

    def problem(start: int, given: str, needed: str) -> Problem:
        return Problem(f"{page}.md", text[:start].count("\n") + 1, "(prose)", given, needed)

    if not re.search(r"^# ", text, re.M):
        yield problem(0, "a page without a title", "a first line such as # Title, or another page in _toc.yml")
    for row, given, needed in faults(text, root, page):
        yield Problem(f"{page}.md", row, "(markup)", given, needed)
    if page.startswith("chapters/") or page in ("index", "register"):  # an analysis may say how it is set up
        for row, number in bare_numbers(text):
            needed = "a quote such as {num}`claim:ID`, or before it <!-- number: why it is no result -->"
            yield Problem(f"{page}.md", row, "(prose)", f"the typed number {number}", needed)
    if page.startswith(("chapters/", "analyses/")):
        for row, report in uncited(text):
            needed = "whose result it is: a citation, a statement, a number with its source, or after it <!-- uncited: why -->"
            yield Problem(f"{page}.md", row, "(prose)", textwrap.shorten(report, 90, placeholder="..."), needed)
    at = 0
    for line in text.split("\n"):
        if not line.isprintable():
            try:
                plain_text(re.sub(r"[\t<]", " ", line) + ".")
            except ValueError as error:
                yield problem(at, "a line with what is not seen", str(error))
        at += len(line) + 1
    if page.startswith("analyses/"):
        for block in _BLOCK.finditer(text):
            if (block["info"] or "").startswith("{code-cell}") and (found := unfit(block[0])):
                yield problem(block.start() + found[0], found[1], found[2])
        for match in re.finditer(r"[\"']([a-z0-9-]+)[\"']", text):
            if match[1] in gone:
                yield problem(match.start(), match[1], "a finding of the register; this one was taken out")
    prose = _BLOCK.sub(_without_code, text)
    for match in _LEFT.finditer(prose):
        needed = "words that are done; what is to do stands elsewhere than in a page"
        yield problem(match.start(), match[0].strip()[:60], needed)
    for match in _HERE_ALONE.finditer(prose):
        yield problem(match.start(), match[0], "an address that a reader can reach")
    notes = set(_NOTE.findall(prose))
    for match in _NOTED.finditer(prose):
        if match[1] not in notes:
            yield problem(match.start(), match[0], f"its footnote, a line that begins with {match[0]}:, or no mark")
    seen: set[str] = set()
    for match in _PARAGRAPH.finditer(prose):
        if match[0] in seen:
            yield problem(match.start(), shorten(match[0]), "each paragraph once in a page")
        seen.add(match[0])
    records = sources.review.records
    for match in _SHOW.finditer(text):
        if not (root / "analyses" / f"{match['analysis']}.md").is_file():
            yield problem(match.start(), f"{{show}} {match['analysis']}", "an analysis that is there")
    for match in _ROLE.finditer(prose):
        role, said = match["role"], match["text"]
        kind = said.partition(":")[0] if role == "num" else role
        if kind in broken:
            continue
        if role == "num" and kind != "result":
            try:
                number = sources.resolve(said).text
                if said.endswith("|bare") and (typed := _UNIT.match(prose, match.end())):
                    unit = sources.resolve(said.removesuffix("|bare")).text.removeprefix(number).strip()
                    if unit and typed[1].rstrip("s") not in unit:
                        yield problem(match.start(), f"{{num}}`{said}` {typed[1]}", f"its unit, {unit}")
            except UnknownQuote as error:
                yield problem(match.start(), f"{{num}}`{said}`", str(error.args[0]))
            except RecordError:  # told with the records
                broken.add(kind)
        elif role == "num":
            analysis = said.removeprefix("result:").partition("#")[0]
            if not (root / "analyses" / f"{analysis}.md").is_file():
                yield problem(match.start(), f"{{num}}`{said}`", "an analysis that is there")
        elif role == "statement":
            try:
                records.statements.statement(said)
            except KeyError as error:
                yield problem(match.start(), f"{{statement}}`{said}`", str(error.args[0]))
            except RecordError:
                broken.add(kind)
        elif references is not None:
            for key in (part.strip() for part in said.split(",")):
                if key not in references:
                    hint = did_you_mean(key, references)
                    yield problem(match.start(), f"{{{role}}}`{key}`", f"a key of data/references.bib{hint}")
