"""Whether two entries are one work: by ids, or by title, authors and year.

A preprint and its published version are one work, as are the versions of one preprint. A sequel, a comment and a reply are
works of their own.
"""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from review_utils.records.reading import Record
from review_utils.records.references import Reference, decoded

ALIKE = 88.0
"""Likeness of titles, in percent, above which works of the same authors are one."""

EQUAL = 96.0
"""Likeness of titles above which works are one where nobody says who wrote one of them."""

RETITLED = 72.0
"""Likeness above which works of the same team, three people or more, are one: titles change on publication."""

AUTHORS_SHARED = 0.5
"""Share of the shorter list of authors that the longer one must hold."""

YEARS_APART = 4
"""A preprint and its published version are seldom further apart."""

_WORDS_SHARED = 0.4
_WORDS_SHARED_ALONE = 0.6
_ONE_ADDRESS = 50.0
SMALL_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "by",
        "can",
        "do",
        "for",
        "from",
        "how",
        "in",
        "is",
        "of",
        "on",
        "or",
        "the",
        "their",
        "to",
        "via",
        "what",
        "with",
    ]
)
_NUMBERS = {
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
}
_REMARK = re.compile(r"^(?:a )?(?:comments? on|reply to|response to|correction to|corrigendum|erratum|retraction)\b")
_ARXIV = re.compile(r"arxiv(?:\.org/(?:abs|pdf|html)/|:|\.)\s*(\d{4}\.\d{4,5})(?:v\d+)?", flags=re.IGNORECASE)
_NATURE = re.compile(r"nature\.com/articles/([\w.-]+?)(?:\.pdf)?(?:[?#]|$)", flags=re.IGNORECASE)
"""Addresses of Nature and its sister journals, which end with the rest of the DOI."""
_DOI = re.compile(r"\b(10\.\d{4,9}/[^\s?#]+)")


@dataclass(frozen=True)
class Work:
    """What is known of a work when it is compared.

    Parameters
    ----------
    title : str
        As printed, LaTeX allowed.
    families : tuple of str
        Family names of the authors, in order; empty where unknown. ``others`` says that the list was cut.
    year : str
        Empty where unknown.
    ids : frozenset of str
        As `ids_in` gives them.
    """

    title: str
    families: tuple[str, ...] = ()
    year: str = ""
    ids: frozenset[str] = frozenset()

    @cached_property
    def plain(self) -> str:
        """The title as it is compared."""
        return _plain(self.title)

    @cached_property
    def head(self) -> str:
        """The title without what follows its colon or dash, as it is compared."""
        return _plain(re.split(r":\s|\s[-–—]{1,2}\s|\?\s", self.title, maxsplit=1)[0])

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the title that carry it."""
        return frozenset(self.plain.split()) - SMALL_WORDS

    @cached_property
    def people(self) -> frozenset[str]:
        """The authors' family names as they are compared."""
        return frozenset(filter(None, (plain_title(name).replace(" ", "") for name in self.families))) - {"others"}

    @cached_property
    def numbers(self) -> list[str]:
        """The numbers of the title, also at the end of a word: a second part, a later model, is another work."""
        ends = (re.search(r"\d+$", word) or _NUMBERS.get(word) for word in self.plain.split())
        return sorted(end if isinstance(end, str) else end[0] for end in ends if end)

    @cached_property
    def lead(self) -> str:
        """The first author's family name as it is compared; empty where unknown."""
        return plain_title(self.families[0]) if self.families else ""

    def of(self, kind: str) -> set[str]:
        """Return its ids of one kind: ``arxiv``, ``doi`` or ``url``."""
        return {one for one in self.ids if one.startswith(f"{kind}:")}


_NO_BLANKS = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
"""Signs of scripts that set no blanks between words: each is compared as a word."""


def plain_title(title: str) -> str:
    """Return a title as it is compared: letters and digits alone, of whatever script, in lower case, accents folded.

    Examples
    --------
    >>> plain_title("On the Löss"), plain_title("涌现 2")
    ('on the loss', '涌 现 2')
    """
    plain = decoded(title)
    if not plain.isascii():
        parts = unicodedata.normalize("NFKD", plain)
        plain = unicodedata.normalize("NFC", "".join(letter for letter in parts if not unicodedata.combining(letter)))
        plain = _NO_BLANKS.sub(r" \1 ", plain.casefold())
    return " ".join(re.sub(r"[\W_]+", " ", plain.casefold()).split())


@cache
def _plain(title: str) -> str:
    return plain_title(title.replace("’", "").replace("'", ""))


def ids_in(*texts: str | None) -> frozenset[str]:
    """Return the ids that texts hold, each in one form: an address of arXiv, its DOI and its id are the same.

    Examples
    --------
    >>> sorted(ids_in("https://arxiv.org/abs/2502.17424v3", "doi:10.1038/ABC"))
    ['arxiv:2502.17424', 'doi:10.1038/abc']
    """
    found = set()
    for text in filter(None, texts):
        bare = re.fullmatch(r"(\d{4}\.\d{4,5})(?:v\d+)?", text.strip())
        if match := bare or _ARXIV.search(text):
            found.add(f"arxiv:{match[1]}")
        elif match := _NATURE.search(text):
            found.add(f"doi:10.1038/{match[1].lower()}")
        elif match := _DOI.search(text):
            found.add(f"doi:{match[1].rstrip('.,;)').lower()}")
        elif text.startswith(("http", "url:http")):
            found.add("url:" + re.sub(r"^(?:url:)?https?://(?:www\.)?", "", text).split("#")[0].rstrip("/").lower())
        elif re.match(r"(?:openalex|s2|key):", text):
            found.add(text)
    return frozenset(found)


def work_of(reference: Reference) -> Work:
    """Return an entry of the bibliography as it is compared."""
    ids = ids_in(reference.arxiv, reference.doi, reference.url)
    return Work(reference.title, reference.families, reference.year, ids)


def same_work(one: Work, other: Work) -> str | None:
    """Return by what two entries are the same work, or None.

    Ids decide first. Without one in common, titles must be alike once case, accents, LaTeX and hyphens are gone, numbers
    in them equal, half of the authors shared, and the years near.

    Returns
    -------
    str or None
        The id that they share, or ``title and authors``, or ``title``.
    """
    shared = one.ids & other.ids
    if certain := {name for name in shared if not name.startswith("url:")}:
        return min(certain)
    if shared and likeness(one, other) >= _ONE_ADDRESS:  # a page that lists many works is the address of each
        return min(shared)
    if not one.words or not other.words or one.numbers != other.numbers:
        return None
    if bool(_REMARK.match(one.plain)) != bool(_REMARK.match(other.plain)):
        return None
    if one.year.isdigit() and other.year.isdigit() and abs(int(one.year) - int(other.year)) > YEARS_APART:
        return None
    both = one.people and other.people
    if both and len(one.people & other.people) < AUTHORS_SHARED * min(len(one.people), len(other.people)):
        return None
    if one.of("arxiv") and other.of("arxiv"):  # two preprints: one work only where it was handed in twice
        return "title and authors" if both and one.plain == other.plain else None
    score = likeness(one, other, _WORDS_SHARED if both else _WORDS_SHARED_ALONE)
    if both and (score >= (RETITLED if _one_team(one, other) else ALIKE) or _shortened(one, other)):
        return "title and authors"
    return "title" if not both and score >= EQUAL and len(one.words) > 1 else None


def _one_team(one: Work, other: Work) -> bool:
    """Whether two lists of three authors or more differ by few."""
    shared, named = len(one.people & other.people), len(one.people | other.people)
    return shared >= 3 and shared >= 0.75 * named


def _shortened(one: Work, other: Work) -> bool:
    """Whether one title is the other's head, or a run of three of its words or more, with the same first author."""
    short, long = sorted((one, other), key=lambda work: len(work.plain))
    if short.plain == long.head:
        return True
    run = len(short.words) >= 3 and f" {short.plain} " in f" {long.plain} "
    return run and one.lead == other.lead


def likeness(one: Work, other: Work, words_shared: float = _WORDS_SHARED) -> float:
    """Return how alike two titles are, 0 to 100; those that share too few of their words are not measured and give 0."""
    if one.plain == other.plain:
        return 100.0
    shared = len(one.words & other.words)
    if shared < words_shared * max(len(one.words), len(other.words)):
        return 0.0
    from rapidfuzz import fuzz

    # Hyphens and blanks come and go between copies: over-fitting, over fitting, overfitting.
    squashed = fuzz.ratio(one.plain.replace(" ", ""), other.plain.replace(" ", ""))
    return max(float(squashed), float(fuzz.token_sort_ratio(one.plain, other.plain)))


class Known:
    """Works that others are compared with, found without comparing each with each.

    Parameters
    ----------
    works : sequence of Work
        Those by which words count as rare.
    among : sequence of Work, optional
        Those that are known; default is all of them.
    """

    def __init__(self, works: Sequence[Work], among: Sequence[Work] | None = None) -> None:
        self._works: list[Work] = []
        self._often = Counter(word for work in works for word in work.words)
        self._at: dict[str, list[int]] = defaultdict(list)
        for work in works if among is None else among:
            self.add(work)

    def add(self, work: Work) -> None:
        """Add one more work."""
        number = len(self._works)
        self._works.append(work)
        rare = self._rarest(work, _WORDS_SHARED_ALONE)
        keys = {*self._keys(work), *(f"all:{word}" for word in rare)}
        if not work.people:
            keys |= {f"nobody:{word}" for word in rare}
        for key in keys:
            self._at[key].append(number)

    def same_as(self, work: Work) -> tuple[int, str] | None:
        """Return the number of the first known work that is the same, and by what; None where there is none."""
        whose = "nobody" if work.people else "all"
        keys = {*self._keys(work), *(f"{whose}:{word}" for word in self._rarest(work, _WORDS_SHARED_ALONE))}
        for number in sorted({number for key in keys for number in self._at.get(key, ())}):
            if why := same_work(work, self._works[number]):
                return number, why
        return None

    def _keys(self, work: Work) -> Iterator[str]:
        """Yield what two works have in common if they may be one, unless nobody says who wrote one of them.

        That is an id, a whole title or head, an author with one of the rarest words, or the first author with any word.
        """
        yield from work.ids
        yield f"title:{work.plain}"
        yield f"title:{work.head}"
        for word in self._rarest(work, _WORDS_SHARED):
            yield from (f"{person}:{word}" for person in work.people)
        if work.people:
            yield from (f"first {work.lead}:{word}" for word in work.words)

    def _rarest(self, work: Work, share: float) -> list[str]:
        """Return so many of its rarest words that two titles with a share of words in common share one of them."""
        words = sorted(work.words, key=lambda word: (self._often[word], word))
        return words[: len(words) - math.ceil(share * len(words)) + 1]


def duplicates(works: Sequence[Work]) -> Iterable[tuple[int, int, str]]:
    """Yield each work that is the same as an earlier one, with the earlier one and by what."""
    seen = Known(works, ())
    for number, work in enumerate(works):
        if found := seen.same_as(work):
            yield number, found[0], found[1]
        seen.add(work)


class Measured(Record):
    """How the rule did on one half of the labelled pairs."""

    half: Literal["choosing", "held-out"]
    pairs: PositiveInt
    same: NonNegativeInt
    found: NonNegativeInt
    wrong: NonNegativeInt

    @property
    def precision(self) -> float:
        """The share of pairs called one work that are one."""
        return self.found / (self.found + self.wrong)

    @property
    def recall(self) -> float:
        """The share of pairs of one work that were called so."""
        return self.found / self.same


def measured(path: Path) -> list[Measured]:
    """Return how the rule does on labelled pairs: on the half by which its levels were chosen, and on the other.

    Parameters
    ----------
    path : path
        A table with a label, ``same`` or ``different``, and two entries a row.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    out = []
    halves: tuple[Literal["choosing", "held-out"], ...] = ("choosing", "held-out")
    for half in halves:
        said = Counter((row["label"], bool(same_work(*_pair(row)))) for row in rows if row["half"] == half)
        same = said["same", True] + said["same", False]
        out.append(
            Measured(half=half, pairs=said.total(), same=same, found=said["same", True], wrong=said["different", True])
        )
    return out


def _pair(row: Mapping[str, str]) -> tuple[Work, Work]:
    def one(before: str) -> Work:
        people = tuple(filter(None, row[f"{before}authors"].split("; ")))
        return Work(row[f"{before}title"], people, row[f"{before}year"], ids_in(row[f"{before}id"]))

    return one(""), one("other_")
