"""Lints for prose: a number is quoted from a record or a computation, and a result says whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

# What may hold digits in prose: front matter, fenced blocks but for those that hold prose, roles, links, an escape with
# its reason, and mathematics and code that are more than a number.
_PASSED_OVER = re.compile(
    r"\A---\n.*?\n---\n|^(?P<fence>`{3,}|~{3,}|:{3,})(?P<info>[^\n]*)\n(?P<held>.*?)^(?P=fence)\s*$|\$\$.*?\$\$"
    r"|\$(?P<maths>[^$\n]+)\$|\{(?P<role>[\w:-]+)\}`(?P<said>(?:[^`\n]|\n(?!\s*\n))*)`|`(?P<code>(?:[^`\n]|\n(?!\s*\n))*)`"
    r"|\]\([^\s)]*|^ *\d+\. |<!-- number: (?!\s*-->).*? -->(?:(?![.!?][\"'”’)*_]*\s+(?![a-z]))[^\n])*",
    flags=re.MULTILINE | re.DOTALL,
)
_EXCUSED_ROW = re.compile(r"^(?P<before> *\|[^\n]*?)<!-- number: (?!\s*-->).*? -->[^\n]*", flags=re.MULTILINE)
"""A row of a table with a reason in it, which holds for the cells behind."""
_HOLDS_PROSE = re.compile(r"\s*\{(?:(?:note|tip|warning|important|seealso)\}(?P<first>.*)|figure\})")
_OPTION = re.compile(r"^:(?!alt:)[\w-]+:[^\n]*$", re.MULTILINE)
_ABOUT = re.compile(
    r"\\(?:approx|sim|simeq|pm|leq?|geq?|lesssim|gtrsim|times|text|mathrm|mathbf|percent)(?![a-zA-Z])|\\[,;:!% ]|percent|[-+~≈±<>=%{}\s]"
)
"""What may stand about a number and makes no formula of it."""
_NAMES = re.compile(
    r"\b(?:GPT-\d(?:\.\d)?o?|GLM-\d(?:\.\d)?|o\d|ChatGPT-\d(?:\.\d)?|PaLM \d|Claude(?: \w+)? \d(?:\.\d)?(?: and \d(?:\.\d)?)?|Qwen\d(?:\.\d)?|Llama[- ]\d(?:\.\d)?|rank-1)\b"
)
_TYPED = re.compile(
    r"\d(?:[\d,]*\d)?(?:\.\d+)?|[\u00bc-\u00be\u2150-\u2189\u2460-\u24ff\u2776-\u2793]|(?<![\w)\]}])[\u00b2\u00b3\u00b9\u2070\u2074-\u2079]+"
)
"""Digits, and numbers that are one sign: fractions, Roman numerals, numbers in circles; raised digits, unless something stands before them."""
_YEAR = re.compile(r"\b(?:19|20)\d\d\b(?!\s+(?:percent|tokens|parameters|steps|runs|curves|models|seeds|tasks|items|hours|FLOP)\b|\s?[%‰])")  # fmt: skip
"""Years: a number that could be one, with nothing counted behind it."""


_TIMES_TEN = re.compile(r"(?<=\d)\s*\\(?:times|cdot)\s*10\s*\^\s*(?:\{[^{}$]*\}|\d)")
"""A power of ten behind a number, with which it is a number still; a power of ten alone is an order of magnitude."""


def blank(match: re.Match[str]) -> str:
    """Return blanks for what was found, line by line, so that all other places in the text stay where they are."""
    return "\n".join(" " * len(line) for line in match[0].split("\n"))


def _alone(said: str | None) -> bool:
    """Return whether what stands between two dollars or backticks is a number, with no formula or name about it."""
    return bool(said) and re.fullmatch(r"\d[\d.,/]*", _ABOUT.sub("", said or "")) is not None


def _passed_over(match: re.Match[str]) -> str:
    """Return blanks for what may hold digits; a number alone between dollars is typed like any other."""
    typed = match["said"] if match["role"] in ("math", "code") else match["maths"] or match["code"]
    if _alone(_TIMES_TEN.sub("", typed or "")):
        return _TIMES_TEN.sub(blank, match[0])
    if match["held"] is not None and (box := _HOLDS_PROSE.match(match["info"])):
        held = _PASSED_OVER.sub(_passed_over, f"{box['first'] or ''}\n{_OPTION.sub(blank, match['held'])}")
        before, after = match.start("held") - match.start(), match.end() - match.end("held")
        return " " * (before - held.index("\n") - 1) + held + " " * after
    return blank(match)


def bare_numbers(text: str) -> list[tuple[int, str]]:
    """Return the numbers typed into prose, each with its line (from 1).

    Years, names of models, formulas, code, links and quoted numbers are passed over, and so is the rest of
    a sentence, or of a row, after ``<!-- number: reason -->``. A number alone between dollars or backticks is no formula and no code.

    Examples
    --------
    >>> bare_numbers("In 2020 it was {num}`claim:x`, not 7.")
    [(1, '7')]
    """
    text = _EXCUSED_ROW.sub(lambda row: row["before"] + " " * (len(row[0]) - len(row["before"])), text)
    text = _PASSED_OVER.sub(_passed_over, text)
    for pattern in (_NAMES, _YEAR):
        text = pattern.sub(blank, text)
    return [(text[: m.start()].count("\n") + 1, m[0]) for m in _TYPED.finditer(text)]


_OURS = re.compile(r"\b(?:we|our|ours|recomput\w+)\b", re.IGNORECASE)
_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_TENS = "(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
_COUNT = rf"(?:{_TENS}(?:-(?:{_UNITS}))?|\w+teen|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand)"
_IN_WORDS = re.compile(
    rf"\b{_TENS}-(?:{_UNITS})\b"
    rf"|\b\w+ (?:hundred|thousand) and (?!more\b)(?:{_TENS}|\w+teen|eleven|twelve|ten|{_UNITS})(?:-\w+)?\b"
    rf"|\b(?!two-?fold){_COUNT}-?fold\b|\b(?:{_UNITS})[- ](?:thirds|quarters|fifths|sixths|sevenths|eighths|ninths)\b"
    rf"|(?<!half )\ba dozen\b|\b(?:none of (?:the|our)|{_COUNT} (?:out )?of (?:the |our )?)\s?(?:{_TENS}|\w+teen|five|six|seven|eight|nine|ten|eleven|twelve)\b",
    re.IGNORECASE,
)
_OF_THE_RECORD = (
    "chapters|findings|statements|studies|claims|analyses|laws|terms|forecasts|predictions|recomputations|measurements"
)
_ON_RECORD = re.compile(
    rf"\b(?:review|register|record|book)\s+(?:now\s+)?(?:has|holds|counts|lists|contains|keeps|comprises|rests on)\s(?:\w+\s){{0,2}}?(?P<held>{_COUNT})\s(?:[\w-]+\s){{0,2}}?(?:{_OF_THE_RECORD})\b"
    rf"|\b(?P<standing>{_COUNT})\s(?:[\w-]+\s)?(?:{_OF_THE_RECORD})\s(?:stand|are)\s(?:in|on)\s(?:the|this|our)\s(?:review|register|record|book)\b",
    re.IGNORECASE,
)
"""A count of what the record holds today, which moves with it."""


def spelled_numbers(text: str) -> list[tuple[int, str]]:
    """Return the numbers in words that a machine knows for results, each with its line.

    In a sentence about our own work, or one that reports a study: of two digits and more, multiples, fractions, so many
    of so many. Anywhere: how many chapters, findings or statements the review has. A round number in words is a size; one
    such as twenty-seven was counted or computed, and moves with the result.

    Examples
    --------
    >>> spelled_numbers("One bend wins twenty-seven of the curves in our recomputation.")
    [(1, 'twenty-seven')]
    >>> spelled_numbers("The attack has thirty-two steps {cite:p}`a2020b`.")
    []
    """
    if not (_IN_WORDS.search(text) or _ON_RECORD.search(text)):
        return []
    text = _PASSED_OVER.sub(_passed_over, text)
    found = []
    for at, said in sentences(text):
        if _OURS.search(said) or _REPORTS.search(said):
            found += [(at + number.start(), number[0]) for number in _IN_WORDS.finditer(said)]
        found += [
            (at + count.start(count.lastgroup or 0), count[count.lastgroup or 0]) for count in _ON_RECORD.finditer(said)
        ]
    return [(text.count("\n", 0, at) + 1, " ".join(number.split())) for at, number in dict(found).items()]


_STALE = re.compile(
    r"\b(?:last (?:week|month)(?! of\b)|(?:last|this) year(?!['’])|this (?:week|month)(?! of\b)|yesterday|as of (?:today|now|this writing)|at the time of writing)\b",
    re.IGNORECASE,
)
"""Words that are false some weeks after they were true."""
_LATELY = re.compile(r"\b(?:recently|lately)\b", re.IGNORECASE)
"""Words that want a date, or a work, which has one."""
_DATED = re.compile(r"\b(?:19|20)\d\d\b|\{cite|\{statement\}|\{num\}`study:")
_SINCE = re.compile(r"\b(?:since|as of|already in)\s+(?:[A-Z]\w+\s+)?((?:19|20)\d\d)\b", re.IGNORECASE)


def undated(text: str, year: int) -> list[tuple[int, str, str]]:
    """Return the words that go stale by themselves, and what was since a year to come, each with its line and the remedy.

    Examples
    --------
    >>> undated("Last month a study found more. Since 2031 none has.", 2026)[1]
    (1, 'Since 2031', '2026 at the latest: nothing is known of years to come')
    """
    if not (_STALE.search(text) or _LATELY.search(text) or _SINCE.search(text)):
        return []
    text = _BLOCKS.sub(blank, text)
    found = []
    for at, said in sentences(text):
        for word in _STALE.finditer(said) if not re.search(r"\b(?:19|20)\d\d\b", said) else ():
            found.append((at + word.start(), word[0], "the month and the year that it was, since a reader comes later"))
        for word in _LATELY.finditer(said) if not _DATED.search(said) else ():
            found.append((at + word.start(), word[0], "a year, or the work that is meant: {cite:p}`key`"))
        for since in _SINCE.finditer(said):
            if int(since[1]) > year:
                found.append((at + since.start(), since[0], f"{year} at the latest: nothing is known of years to come"))
    return [(text.count("\n", 0, at) + 1, " ".join(given.split()), needed) for at, given, needed in found]


_GRADED = re.compile(
    r"\b(?:is|are|was|remains?)\s+(?:now\s+|firmly\s+|well\s+)?(?P<grade>established|contested|overturned)(?=\s*(?:[.,;:]|that\b|\Z))",
    re.IGNORECASE,
)
_STATED = re.compile(r"[^{`]*?\{statement\}`(?P<name>[^`\n]+)`", re.DOTALL)


def typed_grades(text: str) -> list[tuple[int, str, str, str]]:
    """Return the grades that a sentence gives, each with its line, the grade, and the statement that follows, or none.

    A grade is computed. Where its word stands just before a statement, it speaks of that one; a question gives none.

    Examples
    --------
    >>> typed_grades("It is contested: {statement}`a` That it rose is established.")
    [(1, 'is contested', 'contested', 'a'), (1, 'is established', 'established', '')]
    """
    if not _GRADED.search(text):
        return []
    text = _BLOCKS.sub(blank, text)
    found = []
    for match in _GRADED.finditer(text):
        rest = text[match.end() :]
        sentence = re.match(r"[^.?!{`]*", rest)
        ends = rest[sentence.end() :][:1] if sentence else ""
        if ends == "?":
            continue
        stated = _STATED.match(rest) if ends in ("{", "`") else None
        found.append(
            (
                text.count("\n", 0, match.start()) + 1,
                " ".join(match[0].split()),
                match["grade"].lower(),
                stated["name"] if stated else "",
            )
        )
    return found


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


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a text, each with the place at which it begins."""
    for paragraph in re.finditer(r"(?:[^\n]+\n?)+", text):
        for sentence in SENTENCE.finditer(paragraph[0]):
            yield paragraph.start() + sentence.start(), sentence[0]


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
