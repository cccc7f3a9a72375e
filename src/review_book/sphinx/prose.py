"""A lint for prose: a number in a chapter must be quoted from a record or a computation."""

from __future__ import annotations

import re

# What may hold digits in prose: front matter, fenced blocks, mathematics, roles, links, code, and an escape with its reason.
_PASSED_OVER = re.compile(
    r"\A---\n.*?\n---\n|^(?P<fence>`{3,}|~{3,}|:{3,}).*?^(?P=fence)\s*$|\$\$.*?\$\$|\$[^$\n]+\$|\{[\w:-]+\}`[^`]*`|`[^`]*`"
    r"|\]\([^)]*\)|<!-- number: .*? -->[^\n]*",
    flags=re.MULTILINE | re.DOTALL,
)
_NAMES = re.compile(
    r"\b(?:GPT-\d(?:\.\d)?|o\d|ChatGPT-\d(?:\.\d)?|PaLM \d|Claude(?: \w+)? \d(?:\.\d)?|Qwen\d(?:\.\d)?|Llama[- ]\d(?:\.\d)?|rank-1)\b"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def bare_numbers(text: str) -> list[tuple[int, str]]:
    """Return the numbers typed into prose, each with its line (from 1).

    Years, names of models, mathematics, code, links and quoted numbers are passed over, and so is the rest of
    a line after ``<!-- number: reason -->``.

    Examples
    --------
    >>> bare_numbers("In 2020 it was {num}`claim:x`, not 7.")
    [(1, '7')]
    """

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    for pattern in (_PASSED_OVER, _NAMES, _YEAR):
        text = pattern.sub(blank, text)
    return [(text[: m.start()].count("\n") + 1, m[0]) for m in re.finditer(r"\d[\d,]*(?:\.\d+)?", text)]
