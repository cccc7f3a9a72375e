"""Sentences of records: numbers stand in them as placeholders, and none is typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from review_book.records.duplicates import plain_title
from review_utils.records.reading import Located, Location, Problem
from review_utils.review import files_in

PLACEHOLDER = re.compile(r"\{([^{}\s]+)\}")
# What may hold digits in a sentence: years, and names of models, methods and data sets written with them.
NAMES = re.compile(
    r"\b(?:19|20)\d\d\b|\b[A-Za-z][A-Za-z+.]*-?\d+(?:\.\d+)*(?:[A-Za-z]\w*)?\b"
    r"|\b(?:PaLM|Claude(?: \w+)?|ChatGPT|Llama|Gemma|Gemini(?: \w+)?|Qwen|Mistral|OLMo|Pythia|Opus|Sonnet|Haiku|Phi|Grok"
    r"|DeepSeek|Chinchilla|Kimi|TH|RSP|version|Stage|stage)[ -]v?\d+(?:\.\d+)*\b"
)


OTHER_NUMERALS = r"[\u00bc-\u00be\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u2150-\u218b\u2460-\u24ff\u2776-\u2793]"
PERCENT_IN_WORDS = r"(?i:\b(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-\w+)?|\w+teen|ten|eleven|twelve)[ -]per ?cent\b(?! (?:interval|confidence|credible|level)))"

_DIGITS = frozenset("0123456789")
_NUMBER = re.compile(rf"\d[\d,]*(?:\.\d+)?|{OTHER_NUMERALS}|{PERCENT_IN_WORDS}")
"""Fractions, raised and Roman numerals are signs of their own; tens in words before "percent" are typed as well."""


def typed_numbers(text: str) -> list[str]:
    """Return the numbers typed into a sentence; placeholders, years and names of models are passed over.

    Examples
    --------
    >>> typed_numbers("In 2020 GPT-3 had {a2020b/size} parameters, not 7.")
    ['7']
    """
    text = PLACEHOLDER.sub(" ", text)
    if text.isascii() and _DIGITS.isdisjoint(text) and "cent" not in text.lower():
        return []  # most sentences
    return _NUMBER.findall(NAMES.sub(" ", text))


def filled(text: str, resolve: Callable[[str], str]) -> str:
    """Return a sentence with each placeholder replaced by what `resolve` gives for its address."""
    return PLACEHOLDER.sub(lambda match: resolve(match[1]), text)


_BOUND = "under|over|at (?:most|least)"
_ABOUT = "about|around|roughly|nearly|almost"
_COMPARED = re.compile(
    rf"\b(?P<bound>{_BOUND}|above|below|beyond|up to|(?:more|less|fewer|greater|higher|lower|larger|smaller|longer|shorter) than)\s+\Z"
    rf"|\b(?P<about>{_ABOUT})\s+\Z",
    re.IGNORECASE,
)
_PRINTED = re.compile(rf"(?P<bound>{_BOUND})\b|(?P<about>about)\b")


def compared_twice(before: str, printed: str) -> str | None:
    """Return the word that bounds a number which brings a bound of its own, or None.

    Examples
    --------
    >>> compared_twice("It stays less than ", "over 40 percent"), compared_twice("It stays above ", "about 40 percent")
    ('less than', None)
    """
    own, word = _PRINTED.match(printed), _COMPARED.search(re.sub(r"\s+", " ", before[-30:]))
    return word[0].strip() if own and word and (own["bound"] or word["about"]) else None


NO_WORD = "no such word, since its record says it: it is shown as"


_TIMES = re.compile(r"(thousand|million|billion|trillion)s?\b")
_GOES_ON = re.compile(r"\s*(?:,|–|to\b|and\b|or\b)")


def magnitude_lost(unit: str | None, after: str) -> str | None:
    """Return the word of magnitude in the unit of a number that a sentence shows without it and does not say, or None.

    One that goes on to another number (8 to 30 billion) leaves the word to that.

    Examples
    --------
    >>> magnitude_lost("billion parameters", " parameters"), magnitude_lost("billion parameters", " billion of them")
    ('billion', None)
    """
    word = _TIMES.match(unit or "")
    said = word is None or after.lstrip(" \n-").startswith(word[1]) or _GOES_ON.match(after)
    return None if word is None or said else word[1]


_MOVE = re.compile(
    r"(?:\{num\}`(?P<whose>[^`]+)`\s+)?\b(?:(?P<up>rises?|rose|climbs?|climbed|grows?|grew|increases?|increased|raises?|raised|lifts?|lifted|doubles?|triples?)"
    r"|(?P<down>falls?|fell|drops?|dropped|declines?|declined|shrinks?|shrank|decreases?|decreased|lowers?|lowered|cuts?|reduces?|reduced|halves?))"
    r"(?:(?:\s+[\w'’-]+){0,8}?[:,]?\s+from\s+\{num\}`(?P<first>[^`]+)`(?:\s+[\w'’-]+){0,8}?)?\s+to\s+\{num\}`(?P<last>[^`]+)`"
)
"""A number that is said to rise or to fall to another, with both quoted."""


_BY_YEAR = re.compile(
    r"\bfrom\s+\{num\}`[^`]+`[^.;:{}`]{0,60}?\bin\s+(?P<first>(?:19|20)\d\d)\b[^.;:{}`]{0,60}?\bto\s+\{num\}`[^`]+`[^.;:{}`]{0,60}?\bin\s+(?P<last>(?:19|20)\d\d)\b"
)
"""A number of one year that becomes a number of another."""


_BEATEN = re.compile(
    r"\b(?:beats?|wins?|won|leads?|led|ahead)\b[^.;:{}`]{0,80}\bby\s+\{num\}`(?P<first>[^`]+)`\s+to\s+\{num\}`(?P<last>[^`]+)`"
)
"""A score of two sides, the winner's first."""


Shown = Callable[[str], tuple[float | None, str, str]]
"""What tells the number of an address (None for words or a range), its unit, and how it is shown; LookupError where none is."""


def against_their_words(text: str, shown: Shown) -> Iterator[tuple[int, str, str]]:
    """Yield numbers that do not go where the words between them say: where, what was given, what is needed.

    Numbers of two units are not compared; one without a unit is, since its label may say it.

    Parameters
    ----------
    text : str
        In which numbers stand as the role ``num``.
    shown : callable
        See `Shown`.
    """
    for match in _MOVE.finditer(text):
        address, last = match["first"] or match["whose"], match["last"]
        if (pair := _compared(address, last, shown)) and (pair[0] >= pair[1] if match["up"] else pair[0] <= pair[1]):
            said = f"{match['up'] or match['down']} to {{num}}`{last}`, with {shown(address)[2]} before it and {shown(last)[2]} after"
            yield match.start(), said, f"numbers of which the last is {'larger' if match['up'] else 'smaller'}"
    for match in _BY_YEAR.finditer(text):
        if match["first"] >= match["last"]:
            given = f"from a number in {match['first']} to one in {match['last']}"
            yield match.start(), given, "the earlier year first, and the number of each with it"
    for match in _BEATEN.finditer(text):
        first, last = match["first"], match["last"]
        if (pair := _compared(first, last, shown)) and pair[0] <= pair[1]:
            given = f"by {{num}}`{first}` to {{num}}`{last}`, which are {shown(first)[2]} and {shown(last)[2]}"
            yield match.start(), given, "the winner's number first, which is the larger"


def _compared(first: str | None, last: str, shown: Shown) -> tuple[float, float] | None:
    """Return two numbers that can be compared, the same where they are shown alike."""
    if first is None:
        return None
    try:
        (one, unit, said), (other, its, also) = shown(first), shown(last)
    except LookupError:  # told where it is quoted
        return None
    if one is None or other is None or (unit and its and unit != its):
        return None
    return (one, one) if said == also else (one, other)


def as_prose(text: str) -> str:
    """Return a sentence of a record with its placeholders as pages write numbers.

    Examples
    --------
    >>> as_prose("It fell to {a2020b/late}.")
    'It fell to {num}`study:a2020b/late`.'
    """
    return PLACEHOLDER.sub(lambda m: f"{{num}}`{m[1] if ':' in m[1] else f'study:{m[1]}'}`", text)


def said_twice(located: Located, texts: Iterable[tuple[Location, str, str]]) -> Iterator[Problem]:
    """Yield each text that repeats an earlier one but for case and signs; each comes with its place and whose it is."""
    first: dict[str, str] = {}
    for at, text, whose in texts:
        if plain := plain_title(text):
            if plain in first:
                yield located.problem(at, text, f"words of its own; {first[plain]} has the same")
            first.setdefault(plain, whose)


def written(data: Path, chapter: str = "*", records: str = "statements studies findings") -> str:
    """Return what the pages and records of a chapter, or of all, hold, each run of blanks as one."""
    chapters, analyses = data.parent / "chapters", data.parent / "analyses"
    files = [*files_in(chapters, f"{chapter}.md"), *files_in(analyses, f"{chapter}/*.md")]
    for kind in records.split() if files else ():
        files += files_in(data / kind, f"{chapter}.yml" if kind != "findings" else "*.yml")
    return " ".join(" ".join(path.read_text("utf-8", "replace") for path in files).split())
