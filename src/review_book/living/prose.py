"""What the pages say, checked without a build: that they are there and whole, and that what they quote is on record."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from review_book.execute.contents import PageError, notebook_pages, toc_pages
from review_book.records.references import load_references
from review_book.review import Review
from review_book.sphinx.prose import bare_numbers, uncited
from review_book.sphinx.quotes import Sources, UnknownQuote
from review_utils.records.reading import Problem, RecordError, did_you_mean, plain_text, read_text, read_yaml

# Cells are code, and what stands between backticks is shown as it is written.
_CODE = re.compile(
    r"^(`{3,})\{code-cell\}.*?^\1\s*$|^(`{3,}|~{3,})[a-z]*\n.*?^\2\s*$|(?<!`)``[^`].*?``(?!`)", re.M | re.S
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
    known = set(load_references(at.data))
    said = (p for page in pages if (at.root / f"{page}.md").is_file() for p in _problems(at.root, page, sources, known))
    return [*moved, *said]


def _moved(at: Review, pages: set[str]) -> Iterator[Problem]:
    """Yield the redirects that lead from a page that is still there, or to none."""
    try:
        located = read_yaml(at.data / "review.yml")
        moved = at.records.about.moved
    except RecordError:  # told with the records
        return
    for old, new in moved.items():
        if old in pages:
            yield located.problem(("moved", old), old, "a page that is no more, or no line for it")
        if new.partition("#")[0] not in pages | moved.keys() | {"search"}:
            yield located.problem(("moved", old), new, f"a page of _toc.yml{did_you_mean(new, pages)}")


def _told(line: str) -> Problem:
    file, number, rest = line.split(":", 2)
    given, _, needed = rest.strip().removeprefix("given ").partition("; needed: ")
    return Problem(file, int(number), "(page)", given, needed)


def _problems(root: Path, page: str, sources: Sources, references: set[str]) -> Iterator[Problem]:
    try:
        text = read_text(root / f"{page}.md")
    except RecordError as error:
        yield from error.problems
        return

    def problem(start: int, given: str, needed: str) -> Problem:
        return Problem(f"{page}.md", text[:start].count("\n") + 1, "(prose)", given, needed)

    if not re.search(r"^# ", text, re.M):
        yield problem(0, "a page without a title", "a first line such as # Title, or another page in _toc.yml")
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
    prose = _CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    records = sources.review.records
    for match in _ROLE.finditer(prose):
        role, said = match["role"], match["text"]
        if role == "num" and not said.startswith("result:"):
            try:
                sources.resolve(said)
            except UnknownQuote as error:
                yield problem(match.start(), f"{{num}}`{said}`", str(error.args[0]))
        elif role == "num":
            analysis = said.removeprefix("result:").partition("#")[0]
            if not (root / "analyses" / f"{analysis}.md").is_file():
                yield problem(match.start(), f"{{num}}`{said}`", "an analysis that is there")
        elif role == "statement":
            try:
                records.statements.statement(said)
            except KeyError as error:
                yield problem(match.start(), f"{{statement}}`{said}`", str(error.args[0]))
        else:
            for key in (part.strip() for part in said.split(",")):
                if key not in references:
                    hint = did_you_mean(key, references)
                    yield problem(match.start(), f"{{{role}}}`{key}`", f"a key of data/references.bib{hint}")
