"""Who wrote what together: names as they are compared, and which works are of one group."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Annotated

from pydantic import Field

from review_utils.records.reading import Record, Text

Authors = Mapping[str, Sequence[str]]
"""Authors as they are compared: by first initial and family name, the first names that were printed with them."""


@cache
def folded(name: str) -> tuple[str, str]:
    """Return an author's name as it is compared, without accents and "Jr.": initial and family name, and the first name.

    Examples
    --------
    >>> folded("Niels Lörch"), folded("N. Lorch")
    (('n lorch', 'niels'), ('n lorch', 'n'))
    """
    family, comma, given = name.partition(",")
    name = f"{given} {family}" if comma else name  # as a bibliography prints it
    plain = unicodedata.normalize("NFKD", name.translate(LETTERS)).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z ]+|\b(?:jr|sr|i{2,3}|iv)\b", "", plain.lower().replace("-", " ")).split()
    return (f"{words[0][0]} {words[-1]}", words[0]) if len(words) > 1 else (" ".join(words), "")


LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "ı": "i"}
)  # fmt: skip
"""Letters that are no plain letter with an accent."""


def shared_authors(one: Authors, other: Authors) -> int:
    """Return how many authors two works share.

    Names agree where the family names do and one first name begins with the other, as Sam and Samuel or N. and Niels;
    Yi Wang and Yong Wang are two people.
    """
    both = one.keys() & other.keys()
    return sum(any(a.startswith(b) or b.startswith(a) for a in one[name] for b in other[name]) for name in both)


def authors_of(names: Iterable[str]) -> Authors:
    """Return names as they are compared; "others" is nobody, and says that the list was cut."""
    if isinstance(names, str):
        raise TypeError(f"given {names!r}; needed: a list of names, [{names!r}] for one")
    found: dict[str, list[str]] = {}
    for family, first in map(folded, filter(str.strip, names)):
        found.setdefault(family, []).extend([first] * (family != "others"))
    return found


class GroupRule(Record):
    """When two studies are of one group."""

    shared_authors: Annotated[int, Field(ge=1)]
    share_of_shorter: Annotated[float, Field(gt=0, le=1, strict=False)]
    because: Text

    def joins(self, one: Authors, other: Authors) -> bool:
        """Whether two works share enough authors to be of one group; where a list was cut nobody can say that they do not."""
        enough = max(1, min(self.shared_authors, self.share_of_shorter * min(len(one), len(other))))
        return ("others" in (*one, *other) and self.share_of_shorter <= 1) or shared_authors(one, other) >= enough


def independent(works: Collection[str], joined: Callable[[str, str], bool]) -> int:
    """Return how many of these works are pairwise of different groups, at most; one more work never lowers it."""
    unique = sorted(works)
    clash = [0] * len(unique)
    for (i, one), (j, other) in combinations(enumerate(unique), 2):
        if joined(one, other):
            clash[i] |= 1 << j
            clash[j] |= 1 << i
    return _independent((1 << len(unique)) - 1, clash) if any(clash) else len(unique)


def _independent(left: int, clash: Sequence[int]) -> int:
    """Return the size of the largest set without a clash among the members of `left`, both as bits."""
    size = 0
    while left:
        members = [i for i in range(left.bit_length()) if left >> i & 1]
        degrees = [(clash[i] & left).bit_count() for i in members]
        most, least = max(degrees), min(degrees)
        if most == 0:
            return size + len(members)
        if least <= 1:  # taking a source with one clash or none is never worse
            size, left = size + 1, left & ~(clash[members[degrees.index(least)]] | 1 << members[degrees.index(least)])
            continue
        worst = members[degrees.index(most)]
        taken = 1 + _independent(left & ~(clash[worst] | 1 << worst), clash)
        return size + max(taken, _independent(left & ~(1 << worst), clash))
    return size


@dataclass(frozen=True)
class Teams:
    """Works by the people who wrote them.

    Parameters
    ----------
    parts : tuple of tuple of str
        The works in parts of which no two share a group; within a part a chain of shared authors leads from each to each.
    first : mapping
        Of each work, the first that has the very same authors.
    joined : frozenset of (str, str)
        The pairs of such first works, in order of their names, that are of one group.
    """

    parts: tuple[tuple[str, ...], ...]
    first: Mapping[str, str]
    joined: frozenset[tuple[str, str]]

    def of_one_group(self, one: str, other: str) -> bool:
        """Whether two works are of one group."""
        a, b = sorted((self.first[one], self.first[other]))
        return a == b or (a, b) in self.joined

    def _in(self, part: tuple[str, ...], without: str | None = None) -> int:
        return independent({self.first[work] for work in part if work != without}, lambda a, b: (a, b) in self.joined)

    def count(self) -> int:
        """Return how many works are of different groups, at most."""
        return sum(map(self._in, self.parts))

    def count_drops_without(self, work: str) -> bool:
        """Whether there is one group less without a work."""
        part = next(part for part in self.parts if work in part)
        return self._in(part, work) < self._in(part)


def teams(works: Mapping[str, Sequence[str]], rule: GroupRule | None) -> Teams:
    """Return works, each with the names of its authors, by who wrote them.

    The same names are one group under any rule. Only works that share a name are compared.
    """
    same: dict[tuple[str, ...], str] = {}
    first = {work: same.setdefault(tuple(sorted(names)), work) for work, names in works.items()}
    lists = {work: authors_of(works[work]) for work in same.values()}
    by_name: dict[str, list[str]] = {}
    for work, authors in lists.items():
        for name in authors:
            by_name.setdefault(name, []).append(work)
    near = {pair for sharing in by_name.values() for pair in combinations(sorted(sharing), 2)}
    joined = frozenset((a, b) for a, b in near if rule and rule.joins(lists[a], lists[b]))
    chain = {work: work for work in lists}

    def end(work: str) -> str:
        while chain[work] != work:
            work = chain[work]
        return work

    for one, other in sorted(joined):
        chain[end(other)] = end(one)
    parts: dict[str, list[str]] = {}
    for work in works:
        parts.setdefault(end(first[work]), []).append(work)
    return Teams(tuple(map(tuple, parts.values())), first, joined)
