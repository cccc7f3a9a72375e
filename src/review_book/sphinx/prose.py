"""Lints for prose: a number is quoted from a record or a computation, and a result says whose it is."""

from __future__ import annotations

import re

# What may hold digits in prose: front matter, fenced blocks but for those that hold prose, roles, links, an escape with
# its reason, and mathematics and code that are more than a number.
_PASSED_OVER = re.compile(
    r"\A---\n.*?\n---\n|^(?P<fence>`{3,}|~{3,}|:{3,})(?P<info>[^\n]*)\n(?P<held>.*?)^(?P=fence)\s*$|\$\$.*?\$\$"
    r"|\$(?P<maths>[^$\n]+)\$|\{(?P<role>[\w:-]+)\}`(?P<said>(?:[^`\n]|\n(?!\s*\n))*)`|`(?P<code>(?:[^`\n]|\n(?!\s*\n))*)`"
    r"|\]\([^\s)]*|^ *\d+\. |<!-- number: (?!\s*-->).*? -->[^\n]*",
    flags=re.MULTILINE | re.DOTALL,
)
_HOLDS_PROSE = re.compile(r"\s*\{(?:(?:note|tip|warning|important|seealso)\}(?P<first>.*)|figure\})")
_OPTION = re.compile(r"^:(?!alt:)[\w-]+:[^\n]*$", re.MULTILINE)
_ABOUT = re.compile(
    r"\\(?:approx|sim|simeq|pm|leq?|geq?|lesssim|gtrsim|times|text|mathrm|mathbf|percent)(?![a-zA-Z])|\\[,;:!% ]|percent|[-+~≈±<>=%{}\s]"
)
"""What may stand about a number and makes no formula of it."""
_NAMES = re.compile(
    r"\b(?:GPT-\d(?:\.\d)?o?|GLM-\d(?:\.\d)?|o\d|ChatGPT-\d(?:\.\d)?|PaLM \d|Claude(?: \w+)? \d(?:\.\d)?(?: and \d(?:\.\d)?)?|Qwen\d(?:\.\d)?|Llama[- ]\d(?:\.\d)?|rank-1)\b"
)
_TYPED = re.compile(r"\d(?:[\d,]*\d)?(?:\.\d+)?|[\u00bc-\u00be\u2150-\u2189\u2460-\u24ff\u2776-\u2793]")
"""Digits, and numbers that are one sign: fractions, Roman numerals, numbers in circles."""
_YEAR = re.compile(r"\b(?:19|20)\d\d\b(?!\s+(?:percent|tokens|parameters|steps|runs|curves|models|seeds|tasks|items|hours|FLOP)\b|\s?[%‰])")  # fmt: skip
"""Years: a number that could be one, with nothing counted behind it."""


def blank(match: re.Match[str]) -> str:
    """Return blanks for what was found, line by line, so that all other places in the text stay where they are."""
    return "\n".join(" " * len(line) for line in match[0].split("\n"))


def _alone(said: str | None) -> bool:
    """Return whether what stands between two dollars or backticks is a number, with no formula or name about it."""
    return bool(said) and re.fullmatch(r"\d[\d.,/]*", _ABOUT.sub("", said or "")) is not None


def _passed_over(match: re.Match[str]) -> str:
    """Return blanks for what may hold digits; a number alone between dollars is typed like any other."""
    typed = match["said"] if match["role"] in ("math", "code") else match["maths"] or match["code"]
    if _alone(typed):
        return match[0]
    if match["held"] is not None and (box := _HOLDS_PROSE.match(match["info"])):
        held = _PASSED_OVER.sub(_passed_over, f"{box['first'] or ''}\n{_OPTION.sub(blank, match['held'])}")
        before, after = match.start("held") - match.start(), match.end() - match.end("held")
        return " " * (before - held.index("\n") - 1) + held + " " * after
    return blank(match)


def bare_numbers(text: str) -> list[tuple[int, str]]:
    """Return the numbers typed into prose, each with its line (from 1).

    Years, names of models, formulas, code, links and quoted numbers are passed over, and so is the rest of
    a line after ``<!-- number: reason -->``. A number alone between dollars or backticks is no formula and no code.

    Examples
    --------
    >>> bare_numbers("In 2020 it was {num}`claim:x`, not 7.")
    [(1, '7')]
    """
    text = _PASSED_OVER.sub(_passed_over, text)
    for pattern in (_NAMES, _YEAR):
        text = pattern.sub(blank, text)
    return [(text[: m.start()].count("\n") + 1, m[0]) for m in _TYPED.finditer(text)]


_OURS = re.compile(r"\b(?:we|our|ours|recomput\w+)\b", re.IGNORECASE)
_IN_WORDS = re.compile(
    r"\b(?:twen|thir|for|fif|six|seven|eigh|nine)ty-(?:one|two|three|four|five|six|seven|eight|nine)\b"
    r"|\b\w+ (?:hundred|thousand) and (?!more\b)(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty|\w+teen|eleven|twelve|ten|one|two|three|four|five|six|seven|eight|nine)(?:-\w+)?\b",
    re.IGNORECASE,
)


def spelled_numbers(text: str) -> list[tuple[int, str]]:
    """Return the numbers of two digits and more that a sentence about our own work spells out, each with its line.

    A round number in words is a size; one such as twenty-seven was counted or computed, and moves with the result.

    Examples
    --------
    >>> spelled_numbers("One bend wins twenty-seven of the curves in our recomputation.")
    [(1, 'twenty-seven')]
    >>> spelled_numbers("The attack has thirty-two steps {cite:p}`a2020b`.")
    []
    """
    if not _IN_WORDS.search(text):
        return []
    text = _PASSED_OVER.sub(_passed_over, text)
    sentences = (
        (paragraph.start() + sentence.start(), sentence[0])
        for paragraph in re.finditer(r"(?:[^\n]+\n?)+", text)
        for sentence in SENTENCE.finditer(paragraph[0])
    )
    return [
        (text.count("\n", 0, at + found.start()) + 1, found[0])
        for at, said in sentences
        if _OURS.search(said)
        for found in _IN_WORDS.finditer(said)
    ]


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
_NAMED = re.compile(r"\{(?:cite[:\w]*|statement|num|ref|doc)\}`|\]\(|<!-- uncited: (?!\s*-->).*? -->")
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
