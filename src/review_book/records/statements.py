"""What the review says: statements, each with its evidence, in ``data/statements/<chapter>.yml``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from review_book.records.claims import Ledger
from review_book.records.duplicates import plain_title
from review_book.records.sentences import (
    NO_WORD,
    PLACEHOLDER,
    against_their_words,
    as_prose,
    compared_twice,
    magnitude_lost,
    said_twice,
    typed_numbers,
)
from review_book.records.studies import Studies
from review_utils.records.claims import Claim
from review_utils.records.quantities import PartialDate, StudyNumber, earliest, latest, newest_day
from review_utils.records.reading import (
    Located,
    Problem,
    Record,
    Slug,
    Text,
    did_you_mean,
    parse_list,
    read_each,
    refuse,
)
from review_utils.records.references import unknown_key
from review_utils.records.register import Measurement, Register
from review_utils.review import files_in

Bearing = Literal["for", "against", "qualifies"]
Directness = Literal["statement", "consequence", "analogy"]


@lru_cache(maxsize=10_000)  # a grade is asked for many times
def _quoted(text: str, study: str | None) -> tuple[str, ...]:
    """Return the numbers of a study that a text quotes."""
    own = (address.partition("|")[0].partition("/") for address in PLACEHOLDER.findall(text))
    return tuple(number for key, _, number in own if key in (study, f"study:{study}"))


class OutBefore(Record):
    """Since when, and where, a result was out before the study that holds it."""

    day: PartialDate
    where: Annotated[Text, Field(pattern=r"\S\s+\S")]


class Evidence(Record):
    """What a study, or one of our own analyses, says about a statement."""

    study: Text | None = None
    analysis: Annotated[str, Field(pattern=r"^[a-z_]+/[a-z0-9_]+$")] | None = None
    bearing: Bearing
    direct: Directness
    found: Text
    numbers: list[Slug] = []
    measurements: list[Slug] = []
    claims: list[Slug] = []
    replicates: Text | None = None
    out_before: OutBefore | None = None
    """Needed where the study that it repeats is dated after this one."""
    systems: Text | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.study is None) == (self.analysis is None):
            raise ValueError("a study or an analysis; one of them")
        return self

    @property
    def source(self) -> str:
        """The key of the study, or the analysis."""
        return self.study or str(self.analysis)

    @property
    def quoted(self) -> set[str]:
        """The numbers of its study that it rests on: those it lists, and those that its words quote."""
        return {*self.numbers, *_quoted(self.found, self.study)}


class Objection(Record):
    """The strongest objection that a referee could raise, with our answer where there is one."""

    text: Text
    cites: list[Text] = []
    answer: Text | None = None


class Statement(Record):
    """One sentence about the world that stands alone, could be false, and matters."""

    id: Annotated[Slug, Field(max_length=60)]
    formerly: list[Slug] = []
    """Ids that it had before it was renamed: what names them still finds it."""
    statement: Text
    scope: Text
    section: Slug
    headline: bool = False
    mathematical: bool = False
    """Whether it is about mathematics, so that a proof is evidence."""
    evidence: Annotated[list[Evidence], Field(min_length=1)]
    objection: Objection
    would_change: Text

    @property
    def texts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Its sentences with their places: the statement, what each piece of evidence found, objection and answer."""
        yield ("statement",), self.statement
        yield ("scope",), self.scope
        for i, item in enumerate(self.evidence):
            yield ("evidence", i, "found"), item.found
        yield ("objection", "text"), self.objection.text
        if self.objection.answer:
            yield ("objection", "answer"), self.objection.answer
        yield ("would_change",), self.would_change


@dataclass(frozen=True)
class Statements:
    """The statements of every chapter, in order, with their places."""

    chapters: Mapping[str, tuple[Statement, ...]]
    places: Mapping[str, tuple[str, int]]

    def __iter__(self) -> Iterator[Statement]:
        return (item for items in self.chapters.values() for item in items)

    def __len__(self) -> int:
        return sum(map(len, self.chapters.values()))

    @cached_property
    def by_id(self) -> Mapping[str, tuple[str, Statement]]:
        """Each statement with its chapter, by its id."""
        return {item.id: (chapter, item) for chapter, items in self.chapters.items() for item in items}

    @cached_property
    def aliases(self) -> Mapping[str, str]:
        """Each id that a statement had before, with the one that it has now."""
        return {old: item.id for item in self for old in item.formerly}

    def _found(self, statement_id: str) -> tuple[str, Statement]:
        now = self.aliases.get(statement_id, statement_id)
        if now not in self.by_id:
            raise KeyError(f"no statement {statement_id}{did_you_mean(statement_id, self.by_id, 3)}")
        return self.by_id[now]

    def statement(self, statement_id: str) -> Statement:
        """Return one statement; KeyError names the near misses."""
        return self._found(statement_id)[1]

    def chapter_of(self, statement_id: str) -> str:
        """Return the chapter whose file holds a statement; KeyError names the near misses."""
        return self._found(statement_id)[0]


def load_statements(data: Path, studies: Studies, register: Register, ledger: Ledger) -> Statements:
    """Return the statements of every chapter, checked against studies, register and claims.

    Raises
    ------
    RecordError
        With every problem: an id twice, evidence that names no study or analysis, a number that there is not, a number
        typed into a sentence.
    """
    problems: list[Problem] = []
    chapters: dict[str, tuple[Statement, ...]] = {}
    places: dict[str, tuple[str, int]] = {}
    of_chapter: dict[str, Located] = {}
    sentences: dict[str, str] = {}
    claims = {claim.id: claim for claim in ledger.claims}
    chapters.update(dict.fromkeys(ledger.chapters, ()))
    paths = [path for chapter in chapters if (path := data / "statements" / f"{chapter}.yml").is_file()]
    for located, items in read_each(paths, partial(parse_list, Statement), problems):
        chapter = located.path.stem
        for i, item in enumerate(items):
            here = located.place(i)
            if item.id in places:
                first = places[item.id]
                problems.append(
                    located.problem((i, "id"), item.id, f"each id once; it also stands in {first[0]}:{first[1]}")
                )
            places[item.id] = here
            if sentences.setdefault(item.statement, item.id) != item.id:
                need = f"a sentence of its own; {sentences[item.statement]} says the same"
                problems.append(located.problem((i, "statement"), item.statement, need))
            problems += _problems(located, i, item, studies, register, claims, data.parent)
        page = data.parent / "chapters" / f"{chapter}.md"
        text = page.read_text("utf-8", "replace") if page.is_file() else ""
        sections = {
            re.sub(r"[^a-z0-9]+", "-", head.lower()).strip("-") for head in re.findall(r"^## (.*)$", text, re.M)
        }
        for i, item in enumerate(items if "{statement}" in text else ()):
            if item.section not in sections:
                need = f"a section of chapters/{chapter}.md, by its heading{did_you_mean(item.section, sections)}"
                problems.append(located.problem((i, "section"), item.section, need))
        opens = "{headlines}" in text
        if opens and not any(item.headline for item in items):
            need = "headline: true of the statements that open the chapter, five to eight of them"
            problems.append(located.problem((), f"no headline in {chapter}", need))
        chapters[chapter] = tuple(items)
        of_chapter[chapter] = located
    had: set[str] = set()
    for chapter, located in of_chapter.items():
        for i, item in enumerate(chapters[chapter]):
            for j, old in enumerate(item.formerly):
                if old in places or old in had:
                    problems.append(
                        located.problem((i, "formerly", j), old, "an id that no other statement has or had")
                    )
                had.add(old)
    known = {f"{chapter}.yml" for chapter in ledger.chapters}
    for path in files_in(data / "statements"):
        if path.name not in known:
            problems.append(
                Located(path, None).problem((), path.name, f"a chapter's name{did_you_mean(path.name, known)}")
            )
    if not problems:
        problems += _unattached(chapters, ledger)
        problems += _found_by_another(chapters, of_chapter)
        problems += _told_again(chapters, of_chapter)
        problems += _unrelated(chapters, of_chapter, studies)
    refuse(problems)
    return Statements(chapters, places)


def _found_by_another(
    chapters: Mapping[str, tuple[Statement, ...]], of_chapter: Mapping[str, Located]
) -> Iterator[Problem]:
    """Yield what one source found in the words of another: it was pasted from the evidence above."""
    first: dict[str, str] = {}
    for chapter, items in chapters.items():
        for i, item in enumerate(items):
            for j, evidence in enumerate(item.evidence):
                if (other := first.setdefault(plain_title(evidence.found), evidence.source)) != evidence.source:
                    need = f"what {evidence.source} found; these are the words for {other}"
                    yield of_chapter[chapter].problem((i, "evidence", j, "found"), evidence.found, need)


def _told_again(chapters: Mapping[str, tuple[Statement, ...]], of_chapter: Mapping[str, Located]) -> Iterator[Problem]:
    """Yield statements whose evidence is word by word that of another: a merge left both, and counts would have it twice.

    Also those with the objection of another, or with what would change another: it was pasted.
    """
    first: dict[frozenset[tuple[str, str]], str] = {}
    own: dict[tuple[str, str], str] = {}
    for chapter, items in chapters.items():
        for i, item in enumerate(items):
            rests_on = frozenset((e.source, plain_title(e.found)) for e in item.evidence)
            if rests_on and (other := first.setdefault(rests_on, item.id)) != item.id:
                need = f"one statement for one set of evidence, or evidence of its own; {other} has the same words"
                yield of_chapter[chapter].problem((i, "evidence"), item.id, need)
            for at, text in ((("objection", "text"), item.objection.text), (("would_change",), item.would_change)):
                if (other := own.setdefault((at[0], plain_title(text)), item.id)) != item.id:
                    need = f"what speaks of this statement; these are the words for {other}"
                    yield of_chapter[chapter].problem((i, *at), text, need)


def _unrelated(
    chapters: Mapping[str, tuple[Statement, ...]], of_chapter: Mapping[str, Located], studies: Studies
) -> Iterator[Problem]:
    """Yield replications of a study that no statement sets beside this one, and that its own record does not name."""
    beside = [{e.source for e in item.evidence} for items in chapters.values() for item in items]
    for chapter, items in chapters.items():
        for i, item in enumerate(items):
            for j, evidence in enumerate(item.evidence):
                key = evidence.replicates
                if key is None or any({evidence.source, key} <= sources for sources in beside):
                    continue
                study, first = studies.by_key.get(evidence.source), studies.references[key]
                numbers = [number.what for number in study.numbers] if study else []
                told = [evidence.found, *([study.summary, *study.caveats, *numbers] if study else ())]
                titles = [studies.references[study.key].title] if study else []
                if not any(first.families[0] in text for text in (*told, *titles)):
                    need = f"a study of the same subject: found, or the record of {evidence.source}, with the name {first.families[0]} and what of it is repeated"
                    yield of_chapter[chapter].problem((i, "evidence", j, "replicates"), key, need)


def _unattached(chapters: Mapping[str, tuple[Statement, ...]], ledger: Ledger) -> Iterator[Problem]:
    """Yield measurements that no statement names and that do not say why they stay, and those that say so wrongly."""
    named = {name for items in chapters.values() for item in items for e in item.evidence for name in e.claims}
    for claim in ledger.claims:
        if (claim.id in named) == (claim.unattached is not None):
            given = f"{claim.id}, which {'a statement names' if claim.unattached else 'no statement names'}"
            needed = "no reason" if claim.unattached else "the claims of some evidence, a reason here, or no such claim"
            yield Problem(*ledger.places[claim.id], "unattached", given, needed)


def _problems(
    located: Located, i: int, item: Statement, studies: Studies, register: Register,
    claims: Mapping[str, Claim], root: Path,
) -> Iterator[Problem]:  # fmt: skip
    for place, text in item.texts:
        numbers = [] if place == ("scope",) else typed_numbers(text)  # a scope describes systems and their sizes
        if numbers:
            need = "a placeholder such as {studykey/number}, words, or a name of a model"
            yield located.problem((i, *place), f"the typed number {numbers[0]}", need)
        for first, last in re.findall(r"\b((?:19|20)\d\d) to ((?:19|20)\d\d)\b", text):
            if first > last:
                yield located.problem((i, *place), f"{first} to {last}", f"years that run forward: {last} to {first}")
        rest = PLACEHOLDER.sub(" ", text)
        if stray := re.search(r"[{}]", rest):
            need = "a placeholder as {studykey/number} or {studykey/number|bare}, closed and in one pair of braces"
            yield located.problem((i, *place), text[max(0, text.find(stray[0]) - 10) :][:50], need)
        if mark := re.search(r"!?\[[^\]]*\]\([^)]*\)?", rest):
            yield located.problem((i, *place), mark[0], "words; what a sentence rests on stands in its evidence")
        for match in PLACEHOLDER.finditer(text):
            if said := _unresolved(match[1], studies, register, claims, root):
                yield located.problem((i, *place), "{" + match[1] + "}", said)
            elif printed := _printed(match[1], studies, register):
                if word := compared_twice(text[: match.start()], str(printed)):
                    yield located.problem((i, *place), f"{word} {{{match[1]}}}", f"{NO_WORD} {printed}")
                bare = match[1].endswith("|bare")
                if bare and (word := magnitude_lost(printed.unit, text[match.end() :])):
                    given = f"{{{match[1]}}}{text[match.end() :][:20]}"
                    yield located.problem(
                        (i, *place), given, f"{word} after it, since its unit is {printed.unit}; or no |bare"
                    )
        for _, given, needed in against_their_words(as_prose(text), lambda a: _shown(a, studies, register)):
            yield located.problem((i, *place), given, needed)
    yield from _at_odds(located, i, item)
    told = ((place, text) for place, text in item.texts if place != ("scope",))
    yield from said_twice(located, (((i, *place), text, f"its {place[0]}") for place, text in told))
    for year in re.findall(r"\b(20\d\d)\b", item.scope):
        if int(year) > newest_day().year:
            yield located.problem((i, "scope"), year, f"years up to {newest_day().year}: nothing was studied after it")
    for j, evidence in enumerate(item.evidence):
        at = (i, "evidence", j)
        if evidence.analysis and not (root / "analyses" / f"{evidence.analysis}.md").is_file():
            yield located.problem((*at, "analysis"), evidence.analysis, "a page below analyses/")
        if evidence.study and evidence.study not in studies.by_key:
            need = f"a study of data/studies{did_you_mean(evidence.study, studies.by_key)}"
            yield located.problem((*at, "study"), evidence.study, need)
            continue
        if evidence.replicates and evidence.replicates not in studies.by_key:
            need = f"a study of data/studies{did_you_mean(evidence.replicates, studies.by_key)}"
            yield located.problem((*at, "replicates"), evidence.replicates, need)
        if evidence.replicates and evidence.replicates == evidence.study:
            yield located.problem((*at, "replicates"), evidence.replicates, "the study whose result this one repeats")
        yield from _repeated(located, at, evidence, studies)
        sources = {f"{e.study}" for e in item.evidence}
        alone = not _quoted(evidence.found, evidence.study)
        for match in PLACEHOLDER.finditer(evidence.found if evidence.study else ""):
            kind, _, rest = match[1].rpartition(":")
            key = rest.partition("/")[0]
            if kind in ("", "study") and (key not in sources or (alone and key != evidence.study)):
                need = "a number of this source, or beside one of it a number of other evidence here"
                yield located.problem((*at, "found"), "{" + match[1] + "}", need)
        numbers = [n.id for n in studies.by_key[evidence.study].numbers] if evidence.study else []
        for k, name in enumerate(evidence.numbers):
            if name not in numbers:
                yield located.problem(
                    (*at, "numbers", k), name, f"a number of {evidence.source}{did_you_mean(name, numbers)}"
                )
        for k, name in enumerate(evidence.claims):
            if name not in claims:
                yield located.problem((*at, "claims", k), name, f"a claim of the ledger{did_you_mean(name, claims)}")
            elif _belied(evidence, claims[name], studies):
                need = f"against, or qualifies: what {name} printed was recomputed and is contradicted"
                yield located.problem((*at, "bearing"), evidence.bearing, need)
        yield from _measured(located, at, evidence, studies, register)
    for j, key in enumerate(item.objection.cites):
        yield from unknown_key(located, (i, "objection", "cites", j), key, studies.references)


EARLY_YEARS = 5
"""Years by which a result may have been out before the study that is cited for it."""


def _repeated(located: Located, at: tuple[str | int, ...], evidence: Evidence, studies: Studies) -> Iterator[Problem]:
    """Yield a replication of what came after it, where nobody says that the result was out before."""
    first = studies.by_key.get(evidence.replicates or "")
    if evidence.study and first:
        later = earliest(first.published) > latest(studies.by_key[evidence.study].published)
        if later and not evidence.out_before:
            need = f"a study that came before; {first.key} is of {first.published}; or out_before, since when its result was out"
            yield located.problem((*at, "replicates"), first.key, need)
        mine, out = studies.by_key[evidence.study].published, evidence.out_before
        if out and not (
            int(out.day[:4]) >= int(first.published[:4]) - EARLY_YEARS and earliest(out.day) <= latest(mine)
        ):
            need = f"a day at most {EARLY_YEARS} years before {first.published}, and up to {mine}, when it was repeated"
            yield located.problem((*at, "out_before", "day"), out.day, need)
    elif evidence.out_before and not evidence.replicates:
        yield located.problem((*at, "out_before"), evidence.out_before.where, "a study that it replicates")


def _at_odds(located: Located, i: int, item: Statement) -> Iterator[Problem]:
    """Yield evidence that stands twice, and a source that is counted both for and against the sentence itself.

    Also a source that counts against a sentence which says its numbers and nobody else's.
    """
    quoted = {match[1].removeprefix("study:").partition("/")[0] for match in PLACEHOLDER.finditer(item.statement)}
    direct = [(e.source, e.bearing) for e in item.evidence if e.direct == "statement"]
    for j, evidence in enumerate(item.evidence):
        at = (i, "evidence", j)
        if any(e.source == evidence.source and e.found == evidence.found for e in item.evidence[:j]):
            yield located.problem((*at, "found"), evidence.found, "what this source found once")
        if evidence.direct == "statement" and evidence.bearing == "against" and (evidence.source, "for") in direct:
            need = f"one bearing of {evidence.source} on the sentence itself; qualifies, where it limits it"
            yield located.problem((*at, "bearing"), evidence.bearing, need)
        if evidence.bearing == "against" and quoted == {evidence.source}:
            need = f"for, or qualifies: the statement says the numbers of {evidence.source} and of nobody else"
            yield located.problem((*at, "bearing"), evidence.bearing, need)


def _belied(evidence: Evidence, claim: Claim, studies: Studies) -> bool:
    """Whether a study is counted for a statement by a number that does not stand, and was not corrected."""
    if evidence.bearing != "for" or evidence.study is None or claim.verdict != "contradicted":
        return False
    return claim.published.cite == evidence.study and studies.by_key[evidence.study].standing == "current"


def _measured(
    located: Located, at: tuple[str | int, ...], evidence: Evidence, studies: Studies, register: Register
) -> Iterator[Problem]:
    finding = studies.by_key[evidence.study].finding if evidence.study else None
    for k, name in enumerate(evidence.measurements):
        if finding is None:
            yield located.problem(
                (*at, "measurements", k), name, f"numbers: {evidence.source} is no finding of the register"
            )
            continue
        try:
            register.finding(finding).measurement(name)
        except KeyError as error:
            yield located.problem((*at, "measurements", k), name, f"a measurement: {error.args[0]}")


def _printed(address: str, studies: Studies, register: Register) -> StudyNumber | Measurement | None:
    """Return a number of a study or of a finding that is there, whose text is it without its unit; nothing for another."""
    kind, _, rest = address.partition("|")[0].rpartition(":")
    first, _, second = rest.partition("/")
    if kind in ("", "study"):
        return studies.study(first).number(second)
    return register.finding(first).measurement(second) if kind == "register" else None


def _shown(address: str, studies: Studies, register: Register) -> tuple[float | None, str, str]:
    """Return a number of a study or of a finding, its unit and how it is shown; None where another kind gives it."""
    printed = _printed(address, studies, register)
    return (printed.value, printed.unit, str(printed)) if printed else (None, "", "")


def _unresolved(
    address: str, studies: Studies, register: Register, claims: Mapping[str, Claim], root: Path
) -> str | None:
    """Return what is needed where an address names nothing; numbers of analyses are known once they are executed."""
    place, bar, option = address.partition("|")
    kind, colon, rest = place.partition(":")
    if not colon:
        kind, rest = "study", kind
    first, _, second = rest.partition("/")
    if bar and option != "bare":
        return "nothing after the address, or |bare"
    try:
        if kind == "study":
            studies.study(first).number(second)
        elif kind == "register":
            register.finding(first).measurement(second)
        elif kind == "claim":
            if first not in claims:
                return f"a claim of the ledger{did_you_mean(first, claims)}"
            if second not in ("", "recomputed") or (second and claims[first].recomputed is None):
                return "a claim:id, or claim:id/recomputed where it was recomputed"
        elif kind == "result":
            page, _, name = rest.partition("#")
            if not name or not (root / "analyses" / f"{page}.md").is_file():
                return "result:chapter/analysis#name, of a page below analyses/"
        else:
            return "study/number, register:finding/measurement, claim:id or result:chapter/analysis#name"
    except KeyError as error:
        return f"something that is there: {error.args[0]}"
    return None
