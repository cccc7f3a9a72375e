"""Lints for prose: a number is quoted from a record or a computation, and a result says whose it is."""

from __future__ import annotations

import re

# What may hold digits in prose: front matter, fenced blocks, mathematics, roles, links, code, and an escape with its reason.
_PASSED_OVER = re.compile(
    r"\A---\n.*?\n---\n|^(?P<fence>`{3,}|~{3,}|:{3,}).*?^(?P=fence)\s*$|\$\$.*?\$\$|\$[^$\n]+\$|\{[\w:-]+\}`[^`]*`|`[^`]*`"
    r"|\]\([^\s)]*|^ *\d+\. |<!-- number: .*? -->[^\n]*",
    flags=re.MULTILINE | re.DOTALL,
)
_NAMES = re.compile(
    r"\b(?:GPT-\d(?:\.\d)?o?|GLM-\d(?:\.\d)?|o\d|ChatGPT-\d(?:\.\d)?|PaLM \d|Claude(?: \w+)? \d(?:\.\d)?(?: and \d(?:\.\d)?)?|Qwen\d(?:\.\d)?|Llama[- ]\d(?:\.\d)?|rank-1)\b"
)
_TYPED = re.compile(r"\d(?:[\d,]*\d)?(?:\.\d+)?|[\u00bc-\u00be\u2150-\u2189\u2460-\u24ff\u2776-\u2793]")
"""Digits, and numbers that are one sign: fractions, Roman numerals, numbers in circles."""
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def blank(match: re.Match[str]) -> str:
    """Return blanks for what was found, line by line, so that all other places in the text stay where they are."""
    return "\n".join(" " * len(line) for line in match[0].split("\n"))


def bare_numbers(text: str) -> list[tuple[int, str]]:
    """Return the numbers typed into prose, each with its line (from 1).

    Years, names of models, mathematics, code, links and quoted numbers are passed over, and so is the rest of
    a line after ``<!-- number: reason -->``.

    Examples
    --------
    >>> bare_numbers("In 2020 it was {num}`claim:x`, not 7.")
    [(1, '7')]
    """
    for pattern in (_PASSED_OVER, _NAMES, _YEAR):
        text = pattern.sub(blank, text)
    return [(text[: m.start()].count("\n") + 1, m[0]) for m in _TYPED.finditer(text)]


# What makes a sentence a report of somebody's result, and what says whose it is.
_REPORTS = re.compile(
    r"\b(?:stud(?:y|ies)|papers?|authors?|groups?|teams?|reports?|experiments?|surveys?|reanalys[ie]s|replications?|they|others?)"
    r"\b(?:(?!\b(?:is|are|was|were|been|be|not|we|nobody|if|when)\b)[^.;:?!]){0,50}"
    r"\b(?:found|finds? that|shows? that|showed|reports? that|reported|measured|observed|concluded|estimated)\b"
    r"|\b(?:was|were) (?:found|shown|reported|observed|measured) (?:in|to|by|that|at)\b",
    flags=re.IGNORECASE,
)
_VERBS = ("found", "find", "show", "report", "measured", "observed", "concluded", "estimated")
"""Letters without which nothing is a report: looked for first, since that is quick."""
_NAMED = re.compile(r"\{(?:cite[:\w]*|statement|num|ref|doc)\}`|\]\(|<!-- uncited: .*? -->")
_BLOCKS = re.compile(
    r"\A---\n.*?\n---\n|^(?P<fence>`{3,}|~{3,}|:{3,}).*?^(?P=fence)\s*$|\$\$.*?\$\$|^#[^\n]*$",
    flags=re.MULTILINE | re.DOTALL,
)
SENTENCE = re.compile(
    r"(?:\{[\w:-]+\}`[^`]*`|\b(?:et al|e\.g|i\.e|cf|vs)\.|\d\.\d|[^.?!])+(?:[.?!]+|\Z)(?:\s*<!-- uncited: .*? -->)?"
)


def uncited(text: str) -> list[tuple[int, str]]:
    """Return the sentences that report a result and name neither statement nor source, each with its line (from 1).

    A sentence that must stand alone says why: ``<!-- uncited: reason -->`` after it.

    Examples
    --------
    >>> uncited("A study found that it fell. Another found that it rose {cite:p}`a2020b`.")
    [(1, 'A study found that it fell.')]
    """
    text = _BLOCKS.sub(blank, text)
    found = []
    for paragraph in re.finditer(r"(?:[^\n]+\n?)+", text):
        said = paragraph[0].lower()
        if not any(verb in said for verb in _VERBS) or not _REPORTS.search(paragraph[0]):
            continue  # a report ends with its sentence, so that a paragraph without one need not be taken apart
        for sentence in SENTENCE.finditer(paragraph[0]):
            said = sentence[0].strip()
            if _REPORTS.search(said) and not _NAMED.search(said):
                at = paragraph.start() + sentence.start() + len(sentence[0]) - len(sentence[0].lstrip())
                found.append((text[:at].count("\n") + 1, " ".join(said.split())))
    return found
