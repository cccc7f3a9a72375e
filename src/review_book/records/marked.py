"""Texts of records with signs of Markdown or LaTeX in them: a record is shown as it is typed, so that a page would print them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from review_utils.records.reading import Problem, fault, shorten

_MARKED = re.compile(
    r"`[^`]*`?"
    r"|\*\*\S[^*]*\*{0,2}|(?<![\w*])\*[^\W\d][^*\n]*(?<=\w)\*(?!\w)|(?<!\w)(_{1,2})[^\W_][^_\n]*\1(?!\w)|~~\w[^~]*~*"
    r"|\[[^\]\n]*\]\s?\((?:[^()\s]*(?:\.md\b|://)[^()\s]*|\.{0,2}/[^()\s]+)\)|\[\[[^\]]*\]*"
    r"|\{(?:num|statement|cite(?::[pt])?|ref|doc)\}"
    r"|\$[A-Za-z]\$|\$[^$\n]*[\\^_={}][^$\n]*\$|\\(?:[A-Za-z]+|[(\[])"
    r"|\A(?:\#{1,6}|[-*+>])\s"
)
"""Code, stress, links, roles, mathematics, and what begins a heading, a point or a quote."""

_SIGN = re.compile(
    r"[`\\~]|\*\*|(?<!\w)\*\w[^\n]*\w\*(?!\w)|(?<!\w)_[^\n]*\w_(?!\w)|\$[^\n]*\$|\]\s?\(|\[\[[^\W\d]"
    r"|\{(?:num|statement|cite|ref|doc)|[-:] [\"'>|]*[#*+>-]{1,6} "
)
_PASSED_OVER = re.compile(r"\s*(?:#|(?:- )?(?:(?:form: *)?\{?latex|query|url): )")
"""Signs without which no text of a file is marked, and lines that hold them by right: most files are not looked at closely."""

_AS_TYPED = ("latex", "query", "url", "urls", "pattern", "glob")
"""Fields whose text is no prose: a formula, which is set, and what programs read."""


def marks_in(text: str) -> str:
    """Return the first sign in a text that a page would print, or nothing."""
    return found[0].strip()[:40] if (found := _MARKED.search(text)) else ""


def marked_texts(path: Path, text: str) -> Iterator[Problem]:
    r"""Yield texts with signs that a page of a record would print.

    Examples
    --------
    >>> [p.given for p in marked_texts(Path("a.yml"), "note: The **high** tides rise\nlatex: N^{a}")]
    ['**high** in The **high** tides rise']
    """
    begins = (text.rfind("\n", 0, found.start()) + 1 for found in _SIGN.finditer(text))
    if all(_PASSED_OVER.match(text, begin) for begin in begins):
        return
    try:
        node = yaml.compose(text, yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError):  # told by the reader
        return
    needed = "the words alone, since the text of a record is shown as it is typed: names without backticks, symbols as alpha_N"
    for name, scalar in _texts(node, "(text)", set()) if node else ():
        if name not in _AS_TYPED and (found := _MARKED.search(scalar.value)):
            sign, line = found[0].strip()[:40], scalar.start_mark.line + 1
            around = shorten(scalar.value[max(found.start() - 20, 0) :], 60)
            yield fault(path, name, sign if sign == around else f"{sign} in {around}", needed, line)


def _texts(node: yaml.Node, name: str, seen: set[int]) -> Iterator[tuple[str, yaml.ScalarNode]]:
    """Yield the texts of a record, each once, with the name of its field."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _texts(value, str(key.value) if isinstance(key, yaml.ScalarNode) else name, seen)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _texts(item, name, seen)
    elif isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:str":
        yield name, node
