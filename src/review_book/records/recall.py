"""How much of the literature the search had met: works of other people's lists, ``data/searches/recall.yml``.

A list is taken from somebody else: a survey, a reading list, the names that a critic missed, or what broad queries return.
Its entries are drawn in an order that nobody can choose, each is judged by the protocol's criteria, and what was met before
the draw is counted. Nobody types whether a work was found: it follows from the decisions and the studies.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from review_book.records.screened import whose_title
from review_book.records.searches import Decision, Searches, WorkId
from review_book.records.shares import Population, Share
from review_book.records.studies import Studies
from review_utils.records.quantities import DayOfWork
from review_utils.records.reading import (
    Located,
    Problem,
    Record,
    RecordError,
    Slug,
    Text,
    did_you_mean,
    each_once,
    parse,
    read_yaml,
)

ListKind = Literal["survey", "critique", "queries"]
How = Literal["topic", "reading", "name", "critique", "missed"]
HOW_WORDS: Mapping[How, str] = {
    "topic": "met by a query that did not name it, or in a reference list",
    "reading": "known from reading before the logged search",
    "name": "met by a query that named it",
    "critique": "named by a critic",
    "missed": "not met",
}
"""How a work was first met, the most telling way first."""


class Entry(Record):
    """One entry of a list, as it was drawn and judged."""

    place: PositiveInt
    id: WorkId
    title: Text
    chapter: Text | None = None
    out: Slug | None = None
    met_as: WorkId | None = None

    @model_validator(mode="after")
    def _judged(self) -> Self:
        if (self.chapter is None) == (self.out is None):
            raise ValueError("a chapter that would own it, or the reason for which it is out of scope")
        return self


class WorkList(Record):
    """A list of works that somebody else made, and the part of it that was judged.

    Parameters
    ----------
    entries : int
        How many works the list, or the part of it that could be had, holds.
    target : int, optional
        Entries are judged in the drawn order until so many are in scope; without it all are judged.
    """

    id: Slug
    title: Text
    url: Text | None = None
    kind: ListKind
    drawn: DayOfWork
    had: Literal["whole", "part"]
    how: Text
    entries: PositiveInt
    target: PositiveInt | None = None
    works: Annotated[list[Entry], Field(min_length=1)]


class RecallFile(Record):
    """``data/searches/recall.yml``."""

    seed: Text
    rule: Text
    assumptions: Text
    lists: Annotated[list[WorkList], Field(min_length=1)]


def drawn_order(seed: str, list_id: str, entries: int) -> list[int]:
    """Return the places of a list, from 1, in the order in which they are judged.

    Places are sorted by the SHA-256 of seed, list and place, so that anybody gets the same order on any machine.
    """
    return sorted(
        range(1, entries + 1), key=lambda place: hashlib.sha256(f"{seed}:{list_id}:{place}".encode()).digest()
    )


def named_in(query: str, work_id: str, title: str) -> bool:
    """Whether a query names a work: its number, or most of the telling words of its title.

    Examples
    --------
    >>> named_in("Hestness deep learning scaling is predictable", "arXiv:1712.00409", "Deep Learning Scaling is Predictable")
    True
    >>> named_in("laws of loss against model size", "arXiv:1712.00409", "Deep Learning Scaling is Predictable")
    False
    """
    if work_id.split(":", 1)[-1].removesuffix("/") in query:
        return True
    asked, telling = set(_words(query)), [word for word in _words(title) if len(word) > 3]
    return bool(telling) and sum(word in asked for word in telling) >= 0.6 * len(telling)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return re.findall(r"[a-z0-9]+", plain)


@dataclass(frozen=True)
class Recall:
    """The lists with what the search had met of them."""

    seed: str
    rule: str
    assumptions: str
    lists: Sequence[WorkList]
    searches: Searches
    studies: Studies

    @cached_property
    def _decided(self) -> Mapping[str, list[Decision]]:
        found: dict[str, list[Decision]] = {}
        for item in self.searches.decisions:
            found.setdefault(item.id, []).append(item)
        return found

    @cached_property
    def _last(self) -> Mapping[str, Decision]:
        return {item.id: item for item in self.searches.last_decisions()}

    @cached_property
    def _other(self) -> Callable[[str, str], str]:
        return whose_title(self.searches)

    @cached_property
    def _cited(self) -> frozenset[str]:
        """Works of the bibliography, as decisions name them."""
        return frozenset(
            name
            for item in self.studies.references.values()
            for name in (
                f"arXiv:{item.arxiv}" if item.arxiv else None,
                f"doi:{item.doi}" if item.doi else None,
                f"url:{item.url}" if item.url else None,
            )
            if name
        )

    def how(self, entry: Entry, drawn: dt.date) -> How:
        """Return how a work was met before a list was drawn; a decision by `earlier` says so whatever its day."""
        work = entry.met_as or entry.id
        decisions = self._decided.get(work, [])
        before = [item for item in decisions if item.date < drawn or item.run == "earlier"]
        runs = {run.id: run.query for run in self.searches.runs}
        ways: set[How] = set()
        for item in before:
            if item.run == "references" or (item.run in runs and not named_in(runs[item.run], item.id, item.title)):
                ways.add("topic")
            elif item.run == "earlier":
                ways.add("reading")
            elif item.run == "critique":
                ways.add("critique")
            else:
                ways.add("name")
        if not ways and not decisions and work in self._cited:
            ways.add("reading")
        return next((way for way in HOW_WORDS if way in ways), "missed")

    def decision(self, entry: Entry) -> str:
        """Return what was decided of a work: include, wait or exclude; cited, where the bibliography alone has it."""
        work = entry.met_as or entry.id
        return self._last[work].decision if work in self._last else "cited"

    def in_scope(self, kinds: Sequence[ListKind] = ("survey",), chapter: str | None = None) -> dict[str, How]:
        """Return works in scope, each once, with how they were met; of several lists the first counts."""
        found: dict[str, How] = {}
        for item in self.lists:
            for entry in item.works:
                if item.kind in kinds and entry.chapter and chapter in (None, entry.chapter):
                    found.setdefault(entry.met_as or entry.id, self.how(entry, item.drawn))
        return found

    def of_list(self, item: WorkList) -> list[How]:
        """Return how each work in scope of one list was met."""
        return [self.how(entry, item.drawn) for entry in item.works if entry.chapter]

    def weighted(self) -> float:
        """Return the share met if each list of a survey weighs by the works in scope that it is estimated to hold."""
        held = met = 0.0
        for item in self.lists:
            ways = self.of_list(item)
            if item.kind == "survey" and ways:
                size = item.entries * len(ways) / len(item.works)
                held, met = held + size, met + size * share(ways).found / len(ways)
        return met / held

    def population(self) -> Population:
        """Return the works that the earlier search met and those that the broad queries met, and both."""
        second = self.in_scope(("queries",))
        day = min(item.drawn for item in self.lists)
        first = {item.id for item in self.searches.decisions if item.date < day and item.decision != "exclude"}
        both = {work for work, how in second.items() if how != "missed"}
        return Population(len(first | both), len(second), len(both))


def share(ways: Sequence[How], counted: Sequence[How] = ("topic", "reading", "name", "critique")) -> Share:
    """Return the share of works that were met in one of some ways."""
    return Share(sum(way in counted for way in ways), len(ways))


def load_recall(data: Path, searches: Searches, studies: Studies) -> Recall | None:
    """Return the lists, checked against the protocol and the decisions; None where nothing was measured.

    Raises
    ------
    RecordError
        With every problem: places that were not drawn, a list that stops too early or too late, a reason that the protocol
        does not have, a chapter without questions, a work in scope that nobody decided, one judged against its decision or under another's title, an identifier that leads nowhere.
    """
    path = data / "searches" / "recall.yml"
    if not path.exists():
        return None
    located = read_yaml(path)
    held = parse(RecallFile, located)
    found = Recall(held.seed, held.rule, held.assumptions, held.lists, searches, studies)
    problems = [*each_once(located, held.lists, at=("lists",))]
    problems += each_once(located, held.lists, "title", "a list of its own; it stands above", ("lists",))
    for i, item in enumerate(held.lists):
        problems += _problems(located, i, item, found)
    if problems:
        raise RecordError(problems)
    return found


def _problems(located: Located, i: int, item: WorkList, recall: Recall) -> Iterator[Problem]:
    at = ("lists", i)
    protocol = recall.searches.protocol
    reasons = {criterion.id: criterion.decides for criterion in protocol.criteria}
    order = drawn_order(recall.seed, item.id, item.entries) if item.target else list(range(1, item.entries + 1))
    if not any(run.date == item.drawn for run in recall.searches.runs):
        need = "the day of a look-up of data/searches/runs.yml: a list that is drawn is logged as one on that day"
        yield located.problem((*at, "drawn"), str(item.drawn), need)
    places = [entry.place for entry in item.works]
    if places != order[: len(places)]:
        j = next((j for j, place in enumerate(places) if j >= len(order) or place != order[j]), 0)
        need = f"place {order[j]}, the next that was drawn" if j < len(order) else f"at most {item.entries} entries"
        yield located.problem((*at, "works", j, "place"), places[j], need)
    reached = sum(entry.chapter is not None for entry in item.works)
    done = len(places) == item.entries or (
        item.target == reached and item.works[-1].chapter is not None
    )  # stops at the work that reaches it
    if not done:
        need = f"entries until {item.target} are in scope" if item.target else f"all {item.entries} entries"
        yield located.problem((*at, "works"), f"{len(places)} entries, {reached} in scope", need)
    subjects = {criterion.id for criterion in protocol.criteria if criterion.subject}
    first: dict[str, int] = {}
    for j, entry in enumerate(item.works):
        here = (*at, "works", j)
        if first.setdefault(entry.id, entry.place) != entry.place:
            need = f"each work once in a list; place {first[entry.id]} has the same"
            yield located.problem((*here, "id"), entry.id, need)
        if entry.out and reasons.get(entry.out) != "exclude":
            those = [name for name, decides in reasons.items() if decides == "exclude"]
            need = f"a criterion that decides to exclude: {', '.join(those)}"
            yield located.problem((*here, "out"), entry.out, need)
        if entry.chapter and entry.chapter not in protocol.questions:
            need = f"a chapter of the protocol{did_you_mean(entry.chapter, protocol.questions)}"
            yield located.problem((*here, "chapter"), entry.chapter, need)
        work = entry.met_as or entry.id
        if entry.chapter and work not in recall._decided and work not in recall._cited:
            need = "a work that data/searches/decisions.csv decides, or that the bibliography holds"
            yield located.problem((*here, "id"), work, need)
        said = recall._last.get(work)
        if entry.out and said and said.decision == "include":
            yield located.problem(
                (*here, "out"), entry.out, f"in scope, since data/searches/decisions.csv includes {work}"
            )
        if entry.chapter and said and said.decision == "exclude" and said.reason in subjects:
            need = f"out of scope, since data/searches/decisions.csv excludes {work} ({said.reason})"
            yield located.problem((*here, "chapter"), entry.chapter, need)
        if need := recall._other(work, entry.title):
            yield located.problem((*here, "title"), entry.title, need)
