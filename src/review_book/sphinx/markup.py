"""What the markup of a page may do: the directives, roles, links and pictures that a page may use, and all of it closed.

A page is read as the build reads it. What could bring in a file from outside the review, ask another host, or run in
a reader's browser is not on the lists, and what is not on them is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import yaml

from review_book.execute.contents import share_of
from review_book.sphinx.forms import BOXES, OF_A_CHAPTER, unlike_their_form
from review_book.sphinx.leftovers import in_blocks, in_words
from review_book.sphinx.prose import blank
from review_utils.records.reading import Problem, RecordError, did_you_mean, read_text

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

OURS = ("show", "numbers", "finding", "register", "part", *OF_A_CHAPTER)
"""Directives of the review's own."""

PICTURES = ("figure", "image")

DIRECTIVES = (*OURS, *BOXES, *PICTURES, "bibliography", "math")
"""What a page may use; an analysis has code cells besides."""

ROLES = ("num", "statement", "cite", "cite:p", "cite:t", "math", "sub", "sup", "code")

HEAD = ("jupytext", "kernelspec", "language_info", "known_to")
"""What the head of a page may say; the parser's own settings are the book's."""

_HARMLESS = re.compile(r"</?(?:br|sub|sup|kbd)\s*/?>|<!--.*?-->", re.S)
_COMMENT = re.compile(r"<!--(?P<said>.*?)-->", re.S)
_EXCUSE, _EXCUSED = re.compile(r"\s*(?:numbers?|uncited)\b", re.I), re.compile(r" (?:number|uncited): .*\w.* ", re.S)
_DIRECTIVE = re.compile(r"\{(?P<name>[^\s}]*)\}\s*(?P<argument>[^\n]*)")
_LISTING = re.compile(r"(?:i?python\d*|py\d*)\b", re.I)
_WORK = re.compile(r"(?:https?://)?\b(?:(?:www\.)?arxiv\.org/(?:abs|pdf|html)|(?:dx\.)?doi\.org)/[^\s)>]+", re.I)
_SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*):", re.I)

Fault = tuple[int, str, str]
"""A line (from 1), what stands there, and what is needed."""


def markup_problems(root: Path, page: str) -> list[Problem]:
    """Return what a page uses that no page may, or leaves open; text that cannot be read is a problem, too."""
    try:
        text = read_text(root / f"{page}.md")
    except RecordError as error:
        return error.problems
    return [Problem(f"{page}.md", line, "(markup)", *said) for line, *said in faults(text, root, page)]


def faults(text: str, root: Path, page: str) -> Iterator[Fault]:
    """Yield what is wrong with the markup of a page; one written by a build, from a record, has the forms that it gives."""
    tokens, found = _parsed(text)
    told = [*_faults(text, tokens, found, root, page)]
    yield from told
    if _by_hand(root, page) and not any("that has no end" in given for _, given, _ in told):
        lines = {line for line, _, _ in told}  # one fault is told once, by the rule that knows it best
        formless = unlike_their_form(_parser(), tokens, found, root, page)
        yield from (fault for fault in formless if fault[0] not in lines)


def faults_within(text: str, root: Path, page: str) -> Iterator[Fault]:
    """Yield what is wrong with markup that stands within a page, as in a note, or in what a cell shows."""
    yield from _faults(text, *_parsed(text), root, page)


def _parsed(text: str) -> tuple[list[Token], dict[str, Any]]:
    found: dict[str, Any] = {}
    return _parser().parse(_CELL.sub(_hollow, text), found), found


def _by_hand(root: Path, page: str) -> bool:
    return not (root / "data" / f"{page}.yml").is_file()


def _faults(text: str, tokens: list[Token], found: dict[str, Any], root: Path, page: str) -> Iterator[Fault]:
    titles, open_comment = 0, False
    lines = text.split("\n")
    yield from _unused(found.get("references", {}), _CELL.sub(_hollow, text))
    for again in found.get("duplicate_refs", ()):
        label = again.get("label") or again["title"]
        yield again["map"][0] + 1, f"[{label}]: for the second time", "one address for each name of a link: the first counts, and this one is left out"  # fmt: skip
    yield from _lists(tokens)
    yield from _rows(tokens, lines)
    yield from _open(tokens, lines)
    written = _by_hand(root, page)
    yield from in_blocks(tokens, lines) if written else ()
    for before, token in pairwise([None, *tokens]):
        assert token is not None
        line = token.map[0] + 1 if token.map else 1
        if token.type == "heading_open" and token.markup == "#":
            titles += 1
            if titles > 1:
                yield line, "a second title", "one line that begins with a single #; parts of a page begin with ##"
        for fault in _faults_of(token, line, root, page):
            open_comment = open_comment or fault[1].startswith("<!-- that has no end")
            yield fault
        if token.type == "inline" and not open_comment:
            yield from _ended_twice(token.children or [], line)
        if written and token.type == "inline" and before:
            yield from in_words(token, line, before.type)


_CELL = re.compile(r"^((`{3,})\{code-cell\}[^\n]*\n)(.*?)^( {0,3}\2`*[ \t]*)$", re.M | re.S)


_SAID_OF_A_CELL = re.compile(r"---\n(?:.*?^---[^\n]*\n|.*)|(?::[^\n]*\n)*", re.M | re.S)


def _hollow(cell: re.Match[str]) -> str:
    """Return a code cell without its code, which no rule of markup asks, on as many lines."""
    said = found[0] if (found := _SAID_OF_A_CELL.match(cell[3])) else ""
    return cell[1] + said + "\n" * cell[3].count("\n", len(said)) + cell[4]


@cache
def _parser() -> Any:
    from markdown_it.renderer import RendererHTML
    from myst_parser.config.main import MdParserConfig
    from myst_parser.parsers.mdit import create_md_parser

    extensions = {"colon_fence", "dollarmath"}  # as in _config.yml; those that change no markup left out
    parser = create_md_parser(MdParserConfig(enable_extensions=extensions), RendererHTML)
    parser.disable(["wordcount", "text_join"])  # what has a \\ before it stays apart from what has none
    parser.inline.ruler.at("text", _plain_run)
    return parser


_PLAIN_RUN = re.compile(r"[^\n!#$%&*+\-:<=>@\[\\\]^_`{}~]+")


def _plain_run(state: StateInline, silent: bool) -> bool:
    """Pass over letters that begin no markup, as the parser's own rule does, which goes through them one by one."""
    found = _PLAIN_RUN.match(state.src, state.pos, state.posMax)
    if found:
        state.pos = found.end()
        state.pending += "" if silent else found[0]
    return found is not None


def _lists(tokens: list[Token]) -> Iterator[Fault]:
    """Yield numbered lists whose numbers are not those that a page prints."""
    begun: list[tuple[int, list[int]]] = []
    for token in tokens:
        if token.type == "ordered_list_open":
            begun.append((token.map[0] + 1 if token.map else 1, []))
        elif token.type == "list_item_open" and token.info:
            begun[-1][1].append(int(token.info))
        elif token.type == "ordered_list_close":
            line, said = begun.pop()
            if said != list(range(said[0], said[0] + len(said))) and set(said) != {said[0]}:
                yield line, f"a list numbered {', '.join(map(str, said))}", "numbers one after the other, which is how they are printed"  # fmt: skip


def _open(tokens: list[Token], lines: list[str]) -> Iterator[Fault]:
    """Yield blocks of code, notes and directives that never end: all that follows would be a part of them.

    One that ended at the end of another, which begins within it, is what was left open: the last one on the page only seems to be.
    """
    for token in tokens:
        if token.type in ("fence", "colon_fence") and token.map and token.level == 0:
            last, again = lines[min(token.map[1], len(lines)) - 1].strip(), token.markup + "{"
            swallows = any(line.strip().startswith(again) for line in lines[token.map[0] + 1 : token.map[1] - 1])
            ended = (
                token.map[1] - token.map[0] >= 2 and set(last) == {token.markup[0]} and len(last) >= len(token.markup)
            )
            if swallows or not ended:
                yield (
                    token.map[0] + 1,
                    f"{token.markup}{token.info} that has no end",
                    f"a line {token.markup} at its end",
                )
                return


_DEFINED, _LABEL = re.compile(r"^[ \t>]*\[[^\[\]]+\]:.*", re.M), re.compile(r"\[([^\[\]]+)\]")


def _unused(defined: dict[str, dict[str, Any]], text: str) -> Iterator[Fault]:
    """Yield addresses of links that are set apart and that no link names: they are left out of the page."""
    from markdown_it.common.utils import normalizeReference

    used = {normalizeReference(label[1]) for label in _LABEL.finditer(_DEFINED.sub("", text))} if defined else ()
    for label, said in defined.items():
        if label not in used:
            line = said["map"][0]
            needed = "a link that names it, or words that do not begin with [...]:, which the page leaves out"
            yield line + 1, text.split("\n")[line].strip()[:60], needed


def _rows(tokens: list[Token], lines: list[str]) -> Iterator[Fault]:
    """Yield rows of a table with more cells than its head, which would be left out of the page."""
    from markdown_it.rules_block.table import escapedSplit

    head = 0
    for token, before in zip(tokens[1:], tokens, strict=False):
        if token.type == "tr_open" and token.map and token.map[0] < len(lines):
            cells = len(escapedSplit(re.sub(r"^[\s>]*\|?", "", lines[token.map[0]]).rstrip().removesuffix("|")))
            head = cells if before.type == "thead_open" else head
            if cells > head:
                yield (
                    token.map[0] + 1,
                    f"a row of {cells} cells below {head} heads",
                    "a head over each cell; a | within one is written \\|",
                )


def _faults_of(token: Token, line: int, root: Path, page: str) -> Iterator[Fault]:
    if token.type == "front_matter":
        yield from _head(token.content)
    elif token.type in ("fence", "colon_fence"):
        yield from _directive(token, line, root, page)
    elif token.type == "html_block":
        wrong = list(_html(token.content, line))
        yield from wrong or _after_comment(token.content, line)
    elif token.type == "code_block":
        needed = "no spaces before a paragraph, or ``` around code: four spaces print it as it is typed"
        yield line, f"an indented line, {token.content.strip()[:60]}", needed
    elif token.type == "myst_line_comment":
        needed = "words that do not begin with %: the page leaves such a line out"
        yield line, f"%{token.content.splitlines()[0] if token.content else ''}"[:60], needed
    elif token.type == "myst_block_break" and token.content.strip() and not token.content.lstrip().startswith("{"):
        yield (
            line,
            f"+++ {token.content.strip()}"[:60],
            "words that do not begin with +++: the page leaves such a line out",
        )
    elif token.type == "inline":
        yield from _inline(token.children or [], line, root, page)


def _head(text: str) -> Iterator[Fault]:
    try:
        said = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        yield 1, "a head that is no YAML", "lines such as name: value between two lines of ---"
        return
    for name in said if isinstance(said, dict) else ():
        if name not in HEAD:
            yield 1, f"{name} in the head", f"one of {', '.join(HEAD)}{did_you_mean(str(name), HEAD)}"
        elif name == "known_to":
            try:
                share_of(said[name])
            except ValueError as error:
                yield text[: text.find("known_to:")].count("\n") + 2, f"known_to: {said[name]}", str(error)
        elif name == "kernelspec" and (
            not isinstance(said[name], dict)
            or said[name].get("name") != "python3"
            or not isinstance(said[name].get("display_name"), str)
        ):
            needed = (
                "display_name: Python 3, language: python and name: python3, the kernel in which notebooks are executed"
            )
            yield text[: text.find("kernelspec:")].count("\n") + 2, f"kernelspec: {said[name]}"[:60], needed


def _directive(token: Token, line: int, root: Path, page: str) -> Iterator[Fault]:
    info = token.info.strip()
    found = _DIRECTIVE.match(info)
    if not found:
        bare = re.match(r"[^\s{}]*", info.lstrip("{"))
        name = bare[0] if bare else ""
        if info.startswith("{") or token.type == "colon_fence" or name in (*DIRECTIVES, "code-cell"):
            needed = f"{token.markup}{{{name}}}: without its braces all within is printed as it is typed"
            yield line, f"{token.markup}{info}"[:60], needed
        elif page.startswith("analyses/") and _LISTING.match(info):
            needed = f"{token.markup}{{code-cell}} python: a listing is printed, and never runs; {token.markup}text where it is only to be read"
            yield line, f"{token.markup}{info}"[:60], needed
        return
    name, argument = found["name"], found["argument"].strip()
    if name == "code-cell":
        if not page.startswith("analyses/"):
            needed = "an analysis below analyses/, which runs it, and {show} or {num} here"
            yield line, "a code cell, which no chapter has", needed
    elif name not in DIRECTIVES:
        yield line, f"{{{name}}}", f"one of {', '.join(DIRECTIVES)}{did_you_mean(name, DIRECTIVES)}"
    elif name in PICTURES and argument:
        words = re.search(r"^:alt:[ \t]*\S|^alt:[ \t]*\S", token.content, re.M)
        yield from _picture(argument, bool(words), line, root, page)
    if name in BOXES and argument:  # its first words
        for _, given, needed in faults_within(argument, root, page):
            yield line, given, needed
    if name in (*BOXES, "figure"):
        for row, given, needed in faults_within(token.content, root, page):
            yield line + row, given, needed


def _html(text: str, line: int) -> Iterator[Fault]:
    for comment in _COMMENT.finditer(text):
        if "<!--" in comment["said"]:
            yield line + text[: comment.start()].count("\n"), "<!-- that has no end before the next", "--> at its end"
        elif (excuse := _EXCUSE.match(comment["said"])) and not _EXCUSED.fullmatch(comment["said"]):
            name = "number" if excuse[0].strip().lower().startswith("number") else "uncited"
            needed = f"<!-- {name}: the reason -->, with a space at both ends; without a reason it excuses nothing"
            yield line + text[: comment.start()].count("\n"), " ".join(comment[0].split())[:60], needed
    rest = _HARMLESS.sub(blank, text)
    for mark in re.finditer(r"<!--|<[a-zA-Z/!?][^\n>]*>?", rest):
        row = line + rest[: mark.start()].count("\n")
        if mark[0] == "<!--":
            yield row, "<!-- that has no end", "--> at its end; all that follows would be left out of the page"
            return
        yield row, mark[0], "Markdown; of HTML a page holds comments and <br>, <sub>, <sup>, <kbd>"


def _after_comment(text: str, line: int) -> Iterator[Fault]:
    """Yield words that follow a comment which begins their line: all of them is HTML, and is printed as it is typed."""
    if words := re.search(r"\S[^\n]*", _HARMLESS.sub(blank, text)):
        needed = (
            "the comment within its sentence, or on a line of its own: what follows it here is printed as it is typed"
        )
        yield line + text[: words.start()].count("\n"), f"words after a comment, {words[0].strip()[:60]}", needed


def _inline(children: list[Token], line: int, root: Path, page: str) -> Iterator[Fault]:
    for token in children:
        if token.type == "html_inline":
            yield from _html(token.content, line)
        elif token.type == "text":
            if "<!--" in token.content:
                yield line, "<!-- that has no end", "--> at its end"
            yield from _uncited(token.content, line, page)
        elif token.type == "myst_role":
            name = token.meta["name"]
            if name not in ROLES:
                yield line, f"{{{name}}}`{token.content}`", f"one of {', '.join(ROLES)}{did_you_mean(name, ROLES)}"
        elif token.type == "image":
            words = "".join(part.content for part in token.children or []).strip()
            yield from _picture(str(token.attrs.get("src", "")), bool(words), line, root, page)
        elif token.type == "link_open":
            href = str(token.attrs.get("href", ""))
            yield from _link(href, line, root, page)
            yield from _uncited(href, line, page)
        line += (token.type in ("softbreak", "hardbreak")) + token.content.count("\n")


def _ended_twice(children: list[Token], line: int) -> Iterator[Fault]:
    """Yield the end of a comment that no comment has: it is printed, with what was to be left out before it."""
    for token in children:
        if token.type == "text" and "-->" in token.content:
            yield line, "--> that ends no comment", "one --> for each <!--: a comment ends at the first; → for an arrow"
        line += (token.type in ("softbreak", "hardbreak")) + token.content.count("\n")


def _uncited(text: str, line: int, page: str) -> Iterator[Fault]:
    """Yield the address of a work that a chapter names without citing it."""
    if page.startswith("chapters/") and "org/" in text.lower() and (work := _WORK.search(text)):
        yield line, work[0], "{cite:p}`key`, with the work in data/references.bib: a chapter cites what it names"


def _picture(source: str, words: bool, line: int, root: Path, page: str) -> Iterator[Fault]:
    if _SCHEME.match(source) or source.startswith("//"):
        yield line, f"a picture at {source[:80]}", "a file of this review, which every reader gets from the same place"
    elif not _inside(source, root, page):
        yield line, f"a picture at {source[:80]}", "a file of this review, by its path from this page"
    if not words:
        yield line, "a picture without words", "what it shows, for who cannot see it: ![words](file), or :alt: words"


def _link(address: str, line: int, root: Path, page: str) -> Iterator[Fault]:
    if scheme := _SCHEME.match(address):
        if scheme["scheme"].lower() not in ("http", "https", "mailto"):
            yield line, f"a link to {address[:80]}", "an address that begins with https:, or a page of this review"
    elif not address.startswith("//") and not _to_page(address, root, page):
        yield line, f"a link to {address[:80]}", "a page of this review, by its path from this page, as ../methods.md"


def _to_page(address: str, root: Path, page: str) -> bool:
    """Return whether an address leads to a page, or to one that a build writes from its record; a mark alone to this page."""
    name = unquote(address).partition("#")[0].partition("?")[0]
    if not name:
        return True
    path = ((root / page).parent / name).resolve()
    if path.suffix != ".md" or not path.is_relative_to(root.resolve()):
        return False
    inner = path.relative_to(root.resolve())
    return path.is_file() or (root / "data" / inner.with_suffix(".yml")).is_file()


def _inside(address: str, root: Path, page: str) -> bool:
    """Return whether an address leads to what this review may publish: nothing hidden, built, or brought from others."""
    name = unquote(address).partition("#")[0].partition("?")[0]
    if not name:
        return False
    try:
        path = ((root / page).parent / name).resolve()
        inner = path.relative_to(root.resolve())
        found = path.is_file()
    except (ValueError, OSError):
        return False
    hidden = any(part.startswith((".", "_build")) for part in inner.parts)
    return found and not hidden and inner.parts[:2] != ("data", "external")
