r"""What is left of Markdown in a page: signs that were meant as markup and made none, and markup that nobody meant.

A page is read as the build reads it. Signs such as ``{``, ``](``, ``|`` or ``$`` that are still among its words would
be printed as they are typed; words that became a list, a heading or mathematics because of the sign before them would
lose that sign. Neither is ever meant: a sign that is to be printed has a ``\`` before it, or stands in code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

Fault = tuple[int, str, str]
"""A line (from 1), what stands there, and what is needed."""

_STAND_IN = {"code_inline": "\ue000", "softbreak": "\n", "hardbreak": "\n", "em_open": "", "em_close": "", "strong_open": "", "strong_close": ""}  # fmt: skip
"""What takes the place of markup among the words: code, ends of lines, stress; a sign of its own for the rest."""
_OTHER, _WHERE = "\ue001", "\ue004"
_QUOTE = "\ue005"
"""A number, a statement or a citation, which is printed as words."""
_ESCAPED = {"\\(": "\ue002", "\\)": "\ue002", "\\[": "\ue003"}
"""Signs with a backslash before them, which LaTeX takes for mathematics; all others are as they are meant."""

_ADDRESS = r"(?:[^\s()\[\]]*(?:\.md\b|://)[^\s()\[\]]*|\.{0,2}/[^\s()\[\]]+|#[\w-]+|\ue004)"
_CLOSED = "{sign} at the end, too, or \\ before it"
_ROLE = "a role and its backtick with no space between, as {cite:p}`key`; \\ before a brace that is printed"
_CITE = "{cite:p}`key`, with the work in data/references.bib"
_LINK = "a link as [words](page.md), with no space within; \\ before a bracket that is printed"
_MATHS = "mathematics between dollars, as $N^2$; \\ before a sign that is printed"
_BEGINS = "other words at the beginning of the line, or \\ before the sign; points begin with - and a space, below an empty line"  # fmt: skip
_BOX = "```{note}, the words, and a line ``` at their end"

_LEFT = [
    (re.compile(pattern, re.M), needed)
    for pattern, needed in (
        (r"\{[a-z][\w:-]*\}``", "what it is to say between the backticks"),
        (r"\.\. [\w-]+::|:[\w:+-]+:\ue000|\ue000_+", "Markdown, as {cite:p}`key` or [words](page.md)"),
        (r"\[![A-Za-z]+\]|^:{3,}.*|^(?:!{3}|\?{3}) .*", _BOX),
        (r"\[?(?<![\w.])@\w[^\s\]]*\]?|\\(?:cite|ref)\w*(?:\{[^{}\n]*\})?", _CITE),
        (r"\{[^\s{}]*\}?|\}", _ROLE),
        (r"(?:(?<=[\w)\]>])|\b(?:num|cite(?::[pt])?) )\ue000", "a role in braces, as {cite:p}`key`, or a space before code"),
        (rf"\][\[(]\S*|\]\s+\({_ADDRESS}\)|\)\s?\[{_ADDRESS}\]|\[\[", _LINK),
        (r"\$+", "$ at both ends of mathematics, $$ on lines of its own, or \\ before the sign of money"),
        (r"\ue002[^\n\ue002]*\ue002?|\ue003[^\n\]]*[=^\\][^\n]*|\\[A-Za-z]*|\^", _MATHS),
        (r"``[^`\n]*''|~~|(?<=\w)~(?=\w)|==(?=\w)|(?<=\w)==|\+\+(?=[^\W\d_])|'{2,}", "*words* for stress, one quotation mark, or \\ before the sign"),
        (r"\*+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|`+", _CLOSED),
        (r"_", "backticks around a name, or mathematics between dollars; \\ before a sign that is printed"),
        (r"&#?\w+;|&(?:nbsp|amp|lt|gt|quot|[mn]dash|times|hellip)\b", "the sign that it stands for; there is no such one in HTML"),
        (r"<(?:\ue004|www\.|mailto:)\S*", "an address without spaces, and > at its end"),
        (r"^\([\w-]+\)=", "an address of a heading alone on its line, above it"),
        (r"(?<=[^\W\d_])\ue005|\ue005(?=[^\W_])", "a space between a word and what is quoted beside it"),
        (r"(?<![\w/.@-])www\.\w[\w./-]*\w", "https:// before it: without, it leads nowhere"),
        (r"(?<![\w-])--[a-z][\w-]*", "backticks around an option, whose two dashes would be printed as one"),
        (r"^#+.*", "a space after the last #, for a heading, or \\ before the first"),
    )
]  # fmt: skip
"""What is left among words, and what is needed; what an earlier one finds, no later one is asked about."""

ASTRAY = frozenset({_ROLE, _CITE, _CLOSED.replace("{sign}", "`")})
"""What is needed where a citation, a quote or a piece of code was meant, so that its line is read otherwise than it was meant."""

_OF_LINES = [
    (re.compile(r"^(?:[-+*](?=[^\W_])|\d+[.)]|:(?=\s)).*", re.M), _BEGINS),
    (re.compile(r"^.*\|.*", re.M), "below the head of a table a line |---|---| of as many cells; \\| for the sign"),
]
"""What is left at the beginning of a line, or in it, where no cell and no heading holds it."""

_SIGNS = re.compile(r"[][{}$\\^~*_`|#&@\ue002\ue003]|''|==|\+\+|<[\ue004wm]|^(?:[-+:!?.]|\d+[.)])|\S\ue000|\ue005\w|\w\ue005|www|--\w|\b\w+ \ue000", re.M)  # fmt: skip
"""Signs without which nothing is left: looked for first, since that is quick."""
_BARE = re.compile(r"https?://[^\s<>]*[^\s<>).,;]|\[\^[\w-]+\]")
"""Addresses, which are linked as they are, and marks of footnotes, which are asked for their notes elsewhere."""


def in_words(token: Token, line: int, within: str) -> Iterator[Fault]:
    """Yield the signs of markup among the words of a paragraph, a heading or a cell, each with its line.

    Parameters
    ----------
    token : Token
        What the block holds.
    line : int
        The line at which it begins.
    within : str
        The kind of token that opened the block.
    """
    yield from _of_tokens(token.children or [], line)
    words = _BARE.sub(lambda found: _WHERE if found[0][0] == "h" else _OTHER, _words(token.children or []))
    if not _SIGNS.search(words):
        return
    for pattern, needed in (*_LEFT, *(_OF_LINES if within == "paragraph_open" else ())):
        seen = -1
        for found in pattern.finditer(words):
            row = words.count("\n", 0, found.start())
            if row > seen:  # one of a kind in a line tells of the rest
                sign = _printed(found[0].split("\n")[0].strip())
                around = _around(words, found.start())
                given = f"a link that leads nowhere, {sign}" if needed == _LINK else f"{sign} in {around}"
                yield line + row, given if sign != around else sign, needed.replace("{sign}", sign)
            seen = row
        words = pattern.sub(lambda found: re.sub(r"[^\n]", _OTHER, found[0]), words)


def _words(children: list[Token]) -> str:
    """Return the plain words of a block, on the lines on which they stand, with one sign for what is markup."""
    said = []
    for part in children:
        if part.type == "text":
            said.append(part.content)
        elif part.type == "text_special":  # before a letter a backslash is one, and is printed
            said.append(part.content if part.content == part.markup else _ESCAPED.get(part.markup, _OTHER))
        elif part.type == "myst_role" and part.meta["name"] not in ("sub", "sup", "math", "code"):
            said.append(_QUOTE + "\n" * part.content.count("\n"))
        else:
            said.append(_STAND_IN.get(part.type, _OTHER) + "\n" * part.content.count("\n"))
    return "".join(said)


def _around(words: str, at: int) -> str:
    """Return the words of a line about a place, at most 60 letters."""
    begin = words.rfind("\n", 0, at) + 1
    line = words[begin:].split("\n")[0]
    begin = 0 if at - begin < 50 else at - begin - 25
    return _printed(line[begin:].strip())[:60]


def _printed(words: str) -> str:
    return re.sub("[\ue000-\ue005]+", "…", words)


_TAG = re.compile(r"<(?P<end>/?)(?P<name>sub|sup|kbd)\s*>", re.I)
_COMMANDS = re.compile(r"\\[A-Za-z]+\s*\{[^{}]*\}|\\[A-Za-z]+")


def _of_tokens(children: list[Token], line: int) -> Iterator[Fault]:
    """Yield markup within a block that nobody meant: stress from signs of multiplication, sums of money as mathematics."""
    opened: list[tuple[str, int]] = []
    for before, part in pairwise([None, *children]):
        assert part is not None
        if (
            part.type in ("em_open", "strong_open")
            and before
            and before.type == "text"
            and before.content[-1:].isalnum()
        ):
            needed = f"mathematics between dollars, or \\ before each sign: {part.markup} makes what is between stand out, and vanishes"
            yield line, f"{part.markup} within {before.content.split()[-1][-30:]}{part.markup}...", needed
        elif part.type == "math_inline" and (
            part.content != part.content.strip()
            or re.search(r"[A-Za-z]{3,}\s+[A-Za-z]{3,}", _COMMANDS.sub("", part.content))
        ):
            needed = "mathematics alone between two dollars, with no space at its ends; \\ before the sign of money"
            yield line, f"${part.content}$"[:60], needed
        elif part.type == "html_inline" and (tag := _TAG.fullmatch(part.content)):
            if not tag["end"]:
                opened.append((tag["name"].lower(), line))
            elif not opened or opened.pop()[0] != tag["name"].lower():
                yield line, part.content, f"<{tag['name']}> before it"
        line += (part.type in ("softbreak", "hardbreak")) + part.content.count("\n")
    for name, row in opened:
        yield row, f"<{name}> that has no end", f"</{name}> at its end"


def in_blocks(tokens: list[Token], lines: list[str]) -> Iterator[Fault]:
    """Yield headings, lists, quotes and rows that the sign at the beginning of a line made, and that nobody meant."""
    yield from _headings(tokens)
    yield from _begun(tokens, lines)
    yield from _short(tokens, lines)


def _headings(tokens: list[Token]) -> Iterator[Fault]:
    """Yield headings that a line below made, that say nothing, or that stand twice and could not both be linked to."""
    seen: dict[str, int] = {}
    for token, inner in pairwise(tokens):
        if token.type != "heading_open" or not token.map:
            continue
        line, words = token.map[0] + 1, " ".join(inner.content.split())
        name = re.sub(r"[\W_]+", "-", words.lower()).strip("-")
        if token.markup in "=-":
            yield (
                line,
                f"{words[:60]} above a line of {token.markup}, a heading",
                "# before a heading; an empty line before a rule",
            )
        elif not words:
            yield line, f"{token.markup} without words", "the words of a heading after it"
        elif name and name in seen:
            yield (
                line,
                f"the heading {words[:60]} once more",
                f"another one than that of line {seen[name]}: links to it would go there",
            )
        seen.setdefault(name, line)


_KINDS = {"bullet_list_open": "list", "ordered_list_open": "list", "blockquote_open": "quote", "heading_open": "heading"}  # fmt: skip
_MORE_THAN = re.compile(r"\s*>\s*\d")
"""What begins a quote and says "more than": the sign belongs to the number, and would vanish."""


def _begun(tokens: list[Token], lines: list[str]) -> Iterator[Fault]:
    """Yield lists, quotes and headings that begin within a paragraph, and lines that a list or a quote took in."""
    held: list[str] = []  # lists and quotes that are open
    ended = -1  # the line after the last paragraph
    for before, token in zip(("", *(token.type for token in tokens)), tokens, strict=False):
        first, last = token.map or (0, 0)
        kind = _KINDS.get(token.type, "")
        if kind and first < len(lines):
            said = lines[first].strip()[:60]
            if before == "paragraph_close" and ended == first and "list_item_open" not in held:
                needed = f"an empty line before it; or {_BEGINS}"
                yield first + 1, f"a {kind} in the midst of a paragraph, {said}", needed
            elif token.markup == "+" or (kind == "quote" and _MORE_THAN.match(lines[first])):
                yield first + 1, f"a {kind} that begins with {said}", _BEGINS
        if token.type in ("list_item_open", "blockquote_open"):
            held.append(token.type)
        elif token.type in ("list_item_close", "blockquote_close"):
            held.pop()
        elif token.type == "inline" and before == "paragraph_open":
            ended = last
            yield from _taken_in(held[0], lines[first + 1 : last], first + 2) if held else ()


def _taken_in(holder: str, lines: list[str], row: int) -> Iterator[Fault]:
    """Yield the first of the further lines of a point or a quote that is not set in as it is."""
    kind, inside = ("list", r"\s|>") if holder == "list_item_open" else ("quote", r" {0,3}>")
    for at, line in enumerate(lines, row):
        if not re.match(inside, line):
            needed = f"an empty line after the {kind}, or before the line what holds it there, {'spaces' if kind == 'list' else '>'}"
            yield at, f"a line that the {kind} above takes in, {line.strip()[:60]}", needed
            return


def _short(tokens: list[Token], lines: list[str]) -> Iterator[Fault]:
    """Yield rows of a table that are no rows: words below a table with no empty line between become one of its cells."""
    for token in tokens:
        if token.type == "tr_open" and token.map and token.map[0] < len(lines) and "|" not in lines[token.map[0]]:
            said = lines[token.map[0]].strip()[:60]
            yield token.map[0] + 1, f"a line that the table above takes in, {said}", "an empty line after the table"
