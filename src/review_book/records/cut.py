"""Texts of YAML of which the format takes a part for its own, so that a page would say less than the author wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from review_utils.records.reading import Problem, fault

_SIGNS = (" #", "\t#", " &", " !", "[&", "[!", ",&", ",!", "{&", "{!")
"""Without one of them no text is cut: most files have none, and are not looked at closely."""

_CLOSELY = re.compile(r"^[ \t]*[^\s#].*[ \t]#|(?:[-:,\[{]|^)[ \t]+[&!]|[\[{,][&!]", re.M)
_LINES = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
"""Where YAML ends a line."""

_WORD, _REMARK = re.compile(r"[a-z0-9][a-z0-9_.:/-]*"), re.compile(r"[ \t]+#[ \t]")


def cut_texts(path: Path, text: str) -> Iterator[Problem]:
    r"""Yield texts that a sign ends before their end, or whose first word it takes, since no quotes stand around them.

    A remark after a single word, such as an id or a date, is one, where a space follows its sign; and a text that is
    named so that another place may repeat it is meant.

    Examples
    --------
    >>> [p.given for p in cut_texts(Path("a.yml"), "note: See issue #12\nid: tide # a remark\n")]
    ['See issue, without #12']
    """
    if not any(sign in text for sign in _SIGNS) or not _CLOSELY.search(text):
        return
    try:
        node = yaml.compose(text, yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError):  # told by the reader
        return
    lines = _LINES.split(text)
    for name, scalar in _texts(node, "(text)") if node else ():
        begins, ends = scalar.start_mark, scalar.end_mark
        first, rest = lines[begins.line][begins.column :].split(" ")[0], lines[ends.line][ends.column :].rstrip()
        if first[:1] == "!" or (first[:1] == "&" and f"*{first[1:]}" not in text):
            needed = f"quotes around the text: YAML takes a word that begins with {first[0]} for a mark of its own"
            yield fault(path, name, f"{scalar.value[:40]}, without {first} before it", needed, begins.line + 1)
        if re.match(r"[ \t]+#", rest) and not (_REMARK.match(rest) and _WORD.fullmatch(scalar.value)):
            needed = "quotes around the text, or the remark on a line of its own: a # after a space begins a remark"
            yield fault(path, name, f"{scalar.value[-40:]}, without {rest.strip()[:40]}", needed, ends.line + 1)


def _texts(node: yaml.Node, name: str) -> Iterator[tuple[str, yaml.ScalarNode]]:
    """Yield the texts without quotes, each with the name of its field."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _texts(key, "(name)")
            yield from _texts(value, str(key.value) if isinstance(key, yaml.ScalarNode) else name)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _texts(item, name)
    elif isinstance(node, yaml.ScalarNode) and not node.style and node.tag == "tag:yaml.org,2002:str":
        yield name, node
