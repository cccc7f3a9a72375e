"""The studies that the review includes, each once: ``data/studies/*.yml``.

Title, authors and address of a study stand in the bibliography; what it found in the register, where it is a finding.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from review_book.records.duplicates import SMALL_WORDS, plain_title
from review_book.records.references import LATER_IN_PRINT, load_references, not_as_noted, not_its_day
from review_book.records.register import counted_otherwise, ends_of
from review_book.records.tables import IN_PARAMETERS, TOKENS, unit_of
from review_book.records.units import meant
from review_utils.data.tables import TableInfo, read_columns, table_infos
from review_utils.records.authors import Authors, authors_of
from review_utils.records.quantities import (
    BARE_UNITS,
    DayOfWork,
    Number,
    PartialDate,
    StudyNumber,
    by_notes,
    earliest,
    latest,
    newest_day,
    today,
)
from review_utils.records.reading import (
    Located,
    Location,
    Problem,
    Record,
    RecordError,
    Slug,
    Text,
    did_you_mean,
    each_once,
    parse_list,
    read_each,
    read_yaml,
    refuse,
    shorten,
    with_id,
)
from review_utils.records.references import Reference, unknown_key
from review_utils.records.register import Finding, Measurement, Register
from review_utils.review import files_in

StudyKind = Literal[
    "experiment", "small-models", "fine-tuning", "evaluation", "reanalysis", "replication", "forecasts", "theory",
    "simulation", "survey", "position",
]  # fmt: skip
Read = Literal["full-text", "part", "abstract", "secondary", "not-read"]
Standing = Literal["current", "superseded", "corrected", "retracted"]
KIND_WORDS: Mapping[str, str] = {
    "experiment": "experiment on trained models", "small-models": "experiment on small models",
    "fine-tuning": "fine-tuning", "evaluation": "evaluation of existing models", "reanalysis": "reanalysis",
    "replication": "replication", "forecasts": "forecasts scored against what came", "theory": "theory", "simulation": "simulation", "survey": "survey",
    "position": "position",
}  # fmt: skip
READ_WORDS: Mapping[str, str] = {
    "full-text": "read whole", "part": "read in part", "abstract": "abstract read",
    "secondary": "known from others' words only", "not-read": "not read",
}  # fmt: skip


def may_be_one_day(one: str, other: str) -> bool:
    """Return whether two partial dates may mean the same day.

    Examples
    --------
    >>> may_be_one_day("2025-03", "2025-03-14"), may_be_one_day("2025-03", "2025-04")
    (True, False)
    """
    return earliest(one) <= latest(other) and earliest(other) <= latest(one)


class ReadHow(Record):
    """How a study was read, when, and in which copy."""

    how: Read
    date: DayOfWork
    what: Text


class StudyStatus(Record):
    """That a study no longer stands as it was published."""

    model_config = ConfigDict(populate_by_name=True)

    is_: Annotated[Standing, Field(alias="is")]
    by: list[Text] = []
    because: Text

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.is_ == "superseded" and not self.by:
            raise ValueError("by: the study that supersedes it")
        if self.is_ == "current":
            raise ValueError("no status at all for a study that stands as it was published")
        return self


class Largest(Record):
    """The largest system of a study."""

    parameters: Annotated[Number, Field(ge=1, le=1e16)] | None = None
    training_flop: Annotated[Number, Field(ge=1, le=1e32)] | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.parameters is None and self.training_flop is None:
            raise ValueError("parameters or training_flop, or no field largest")
        return self


class Study(Record):
    """One study: what it is, on which systems, how it was read, what it printed."""

    key: Text
    published: PartialDate
    """The day on which it first came out, in whatever copy."""
    dates_note: Text | None = None
    """Why that is not the month of its arXiv id, or the day in its address; a study that is a finding has the note there."""
    kind: StudyKind
    systems: Text
    largest: Largest | None = None
    open: list[Literal["code", "data", "weights"]] | None = None
    read: ReadHow
    status: StudyStatus | None = None
    finding: Slug | None = None
    summary: Text
    caveats: list[Text] = []
    numbers: list[StudyNumber] = []

    @property
    def standing(self) -> Standing:
        """Whether it stands as it was published."""
        return self.status.is_ if self.status else "current"

    @property
    def known_on(self) -> dt.date:
        """The day from which it counts as published: the last that its date may mean, but what was read was out by then."""
        return min(latest(self.published), self.read.date)

    def number(self, number_id: str) -> StudyNumber:
        """Return one of its numbers; KeyError names the near misses."""
        return with_id(self.numbers, number_id, "number", within=self.key)


@dataclass(frozen=True)
class Studies:
    """All studies by their keys, with their entries of the bibliography and their places."""

    by_key: Mapping[str, Study]
    references: Mapping[str, Reference]
    places: Mapping[str, tuple[str, int]]
    seen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Of each study that is a finding, the measurements that were seen in the study itself."""

    def __iter__(self) -> Iterator[Study]:
        return iter(self.by_key.values())

    def __len__(self) -> int:
        return len(self.by_key)

    @cached_property
    def retracted(self) -> frozenset[str]:
        """The keys of those that were retracted."""
        return frozenset(key for key, study in self.by_key.items() if study.standing == "retracted")

    def study(self, key: str) -> Study:
        """Return one study; KeyError names the near misses."""
        if key not in self.by_key:
            raise KeyError(f"no study {key}{did_you_mean(key, self.by_key)}")
        return self.by_key[key]

    def as_of(self, day: dt.date) -> Studies:
        """Return the studies that were published by a day; what superseded one later had not yet done so."""
        known = {key: item for key, item in self.by_key.items() if item.known_on <= day}
        then = {
            key: item.model_copy(update={"status": None})
            if item.status and item.status.by and not any(by in known for by in item.status.by)
            else item
            for key, item in known.items()
        }
        return replace(self, by_key=then)

    @cached_property
    def authors(self) -> Mapping[str, Authors]:
        """The authors of each work of the bibliography, as they are compared."""
        return {key: _compared(reference.authors) for key, reference in self.references.items()}


_compared = cache(authors_of)
"""Names as they are compared, for the many readings of one bibliography: without a study, or as of a day."""


def load_studies(data: Path, register: Register) -> Studies:
    """Return every study, checked against the bibliography, the register and one another.

    Raises
    ------
    RecordError
        With every problem: a key twice or not in the bibliography, one paper under two keys, a finding that there is
        not, a status that goes in a circle or names no study, a date after today.
    """
    references = load_references(data)
    problems: list[Problem] = []
    found: dict[str, Study] = {}
    at: dict[str, tuple[Located, int]] = {}
    for located, items in read_each(files_in(data / "studies", "*.yml"), partial(parse_list, Study), problems):
        for i, item in enumerate(items):
            if item.key in found:
                first, line = at[item.key]
                where = first.problem((line, "key"), "", "")
                problems.append(
                    located.problem((i, "key"), item.key, f"each study once; it stands in {where.file}:{where.line}")
                )
                continue
            found[item.key], at[item.key] = item, (located, i)
    findings = {finding.id: finding for finding in register.findings}
    of_work = {finding.cite: finding.id for finding in register.findings}
    typed = _Typed(data)
    papers: dict[str, str] = {}
    said: dict[str, str] = {}
    for key, item in found.items():
        located, i = at[key]
        if item.finding in register.aliases:
            item = found[key] = item.model_copy(update={"finding": register.aliases[item.finding]})
        if key not in references:
            problems += unknown_key(located, (i, "key"), key, references)
            continue
        if said.setdefault(item.summary, key) != key:
            need = f"what this study says; {said[item.summary]} has the same words"
            problems.append(located.problem((i, "summary"), item.summary, need))
        title = plain_title(references[key].title)  # ids are each once in the bibliography
        if papers.setdefault(title, key) != key:
            need = f"one paper once: {papers[title]} has the same title"
            problems.append(located.problem((i, "key"), key, need))
        if item.finding is None and key in of_work:
            need = f"finding: {of_work[key]}, which the register holds of this paper: a number that both give is one"
            problems.append(located.problem((i, "finding"), "nothing", need))
        problems += _of_its_finding(located, i, item, findings)
        problems += _of_its_days(located, i, item, references[key], findings.get(item.finding or ""))
        problems += _of_its_size(located, i, item)
        problems += _of_its_compute(located, i, item, typed)
        if item.read.how == "full-text" and re.match(r"(the )?abstract\b", item.read.what, re.I):
            need = "abstract, where no more was read than what says"
            problems.append(located.problem((i, "read", "how"), item.read.how, need))
        for name, text in (("summary", item.summary), *(("caveats", text) for text in item.caveats)):
            for needed, given in counted_otherwise(text, item.numbers):
                problems.append(located.problem((i, name), given, needed))
        for j, number in enumerate(item.numbers):
            if number.read == "primary" and (unread := unseen(number.locator, item)):
                problems.append(located.problem((i, "numbers", j, "locator"), number.locator, unread))
            for needed, given, *at_field in _of_a_number(number):
                problems.append(located.problem((i, "numbers", j, *at_field), given, needed))
            problems += _of_its_table(located, (i, "numbers", j), key, number, typed)
        problems += each_once(located, item.numbers, needed="an id of its own within the study", at=(i, "numbers"))
        problems += _told_apart(located, i, item)
        problems += _status_problems(located, i, item, found)
    refuse(problems)
    return Studies(
        found,
        references,
        {key: located.place(i) for key, (located, i) in at.items()},
        {
            key: frozenset(m.id for m in findings[item.finding].measurements if m.is_verified)
            for key, item in found.items()
            if item.finding
        },
    )


def _of_its_finding(located: Located, i: int, item: Study, findings: Mapping[str, Finding]) -> Iterator[Problem]:
    if item.finding and item.finding not in findings:
        need = f"a finding of the register{did_you_mean(item.finding, findings)}"
        yield located.problem((i, "finding"), item.finding, need)
    elif item.finding:
        finding = findings[item.finding]
        if finding.cite != item.key:
            need = f"the finding of this paper; {finding.id} is of {finding.cite}"
            yield located.problem((i, "finding"), item.finding, need)
        elif not may_be_one_day(item.published, finding.published):
            need = f"the date of its finding, {finding.published}, or that one mended"
            yield located.problem((i, "published"), item.published, need)
        for measured in finding.measurements:
            if measured.verified == "primary" and (needed := unseen(measured.locator, item)):
                yield located.problem(
                    (i, "read"), f"{measured.locator}, primary, of {finding.id}/{measured.id}", needed
                )
        for j, number in enumerate(item.numbers):
            if said := next((m for m in finding.measurements if _ought_to_be_one(m, number)), None):
                need = f"{said.value:g}, as {said.id} of {finding.id} says, or that one mended"
                yield located.problem((i, "numbers", j, "value"), f"{number.value:g}", need)


def _ought_to_be_one(measured: Measurement, number: StudyNumber) -> bool:
    """Return whether a finding and its study give one number two values: under one id, or with digits that changed places."""
    if measured.value is None or number.value is None or measured.unit != number.unit or measured.value == number.value:
        return False
    digits = [sorted(f"{value:g}".replace(".", "")) for value in (measured.value, number.value)]
    turned = digits[0] == digits[1] and len(digits[0]) > 2 and measured.locator.lower() == number.locator.lower()
    return turned or measured.id == number.id


def _told_apart(located: Located, i: int, item: Study) -> Iterator[Problem]:
    """Yield numbers that a reader cannot tell from one before them: of the same thing, in one unit, from one place."""
    first: dict[tuple[str, str, str], str] = {}
    for j, number in enumerate(item.numbers):
        if (other := first.setdefault((number.what.lower(), number.unit, number.locator), number.id)) != number.id:
            need = f"words that say how it differs from {other}, which has the same what, unit and locator; or one of the two"
            yield located.problem((i, "numbers", j, "what"), number.what, need)
        elif not number.note and (
            again := next((one for one in item.numbers[:j] if _in_other_words(one, number)), None)
        ):
            need = f"one of the two, quoted wherever it is said: {again.id} has the same value from the same place; or a note that says how it differs"
            yield located.problem((i, "numbers", j, "what"), number.what, need)


def _in_other_words(one: StudyNumber, other: StudyNumber) -> bool:
    """Return whether two numbers of a study are one, entered twice: the same value and unit, from one place, and words in common.

    A count is of what another unit names. Where each has a name or a number that the other lacks, they are of two things.
    """
    if one.value is None or (one.value, one.upper) != (other.value, other.upper):
        return False
    units = {one.unit, other.unit} - {"count"}
    apart = any(None not in pair and pair[0] != pair[1] for pair in ((one.interval, other.interval), (one.n, other.n), (one.cell and str(one.cell), other.cell and str(other.cell))))  # fmt: skip
    if apart or len(units) > 1 or any(one.unit != other.unit and not unit.endswith("s") for unit in units):
        return False
    short, long = sorted((one.locator.lower(), other.locator.lower()), key=len)
    if not re.match(rf"{re.escape(short)}(?![\w.])", long):
        return False
    names = [set(re.findall(r"\b\w*[A-Z0-9][\w.-]*", number.what)) for number in (one, other)]
    words = [
        {word for word in plain_title(number.what).split() if len(word) > 3} - SMALL_WORDS for number in (one, other)
    ]
    return bool(words[0] & words[1]) and not (names[0] - names[1] and names[1] - names[0])


def _of_a_number(number: StudyNumber) -> Iterator[tuple[str, ...]]:
    """Yield what the parts of a number say that does not go together: what is needed, what was given, and which field."""
    value, interval = number.value, number.interval
    if value is None and number.text is None:
        yield "a value, or text where it is not a number", "what stands here"
    if interval and value is not None and not interval[0] <= value <= interval[1] and not number.note:
        yield f"an interval that holds {value}, or a note that says why it does not", str(interval), "interval"
    yield from ends_of(number)
    if unit := meant(number.unit):
        yield unit, number.unit, "unit"
    elif number.unit in BARE_UNITS and (rate := re.match(r"[a-z]+ per [a-z]+", number.what)):
        yield f"{rate[0]}, as what says, or what mended", number.unit, "unit"
    if number.read == "primary" and by_notes(number.locator):
        yield "secondary, or the place in the source itself", number.read, "read"


_PLACE = re.compile(r"\b(Tab|Fig|App|Eq|Sec)(?:les?|ures?|endix|s|tions?)?\.? ?([A-Z]?\.?\d[\d.]*\b|[A-Z]\b)")


def _beyond(locator: str, read: str) -> str | None:
    seen = {(kind.lower(), label) for kind, label in _PLACE.findall(read)}
    return next((found[0] for found in _PLACE.finditer(locator) if (found[1].lower(), found[2]) not in seen), None)


def unseen(locator: str, study: Study) -> str | None:
    """Return what is needed where a place of a study is said to be seen in it, which by its record was not; or nothing."""
    how, what = study.read.how, study.read.what
    if how in ("secondary", "not-read"):
        return f"secondary, or memory: by read.how the study itself was {how}"
    if how == "abstract" and (unread := _beyond(locator, what)):
        return f"a place in what was read ({shorten(what, 60)}); or read.how: part, with {unread} in read.what"
    return None


def unseen_places(data: Path, studies: Studies) -> Iterator[Problem]:
    """Yield each place in the records of other kinds that is said to be seen in a study of which less was read."""
    for path in files_in(data, "**/*.yml"):
        if path.relative_to(data).parts[0] in ("studies", "findings", "external"):
            continue
        located = read_yaml(path)
        for at, works, locator in _places(located.data, (), ()):
            needed = [unseen(locator, studies.by_key[key]) for key in works if key in studies.by_key]
            if needed and all(needed):
                yield located.problem(at, locator, str(needed[-1]))


SLIP = 300
"""So many times its fitted range no study has gone beyond with its own systems; magnitudes that are mixed up are 1,000."""


def unlike_laws(studies: Studies, laws: Iterable[Any]) -> Iterator[Problem]:
    """Yield each study whose largest system does not go with the range of models that a law of its own was fitted on.

    Parameters
    ----------
    studies : Studies
    laws : iterable of records
        Each with ``cite``, ``id``, ``range`` (a pair for each symbol) and ``variables`` (what each symbol is, in words).
    """
    for law in laws:
        study = studies.by_key.get(law.cite)
        largest = study.largest if study else None
        for symbol, (_, high) in law.range.items():
            unit = law.variables.get(symbol, symbol)
            name = "training_flop" if unit == "FLOP" else "parameters" if symbol == "N" else None
            said = getattr(largest, name) if name else None
            if study and said and not high / 1.1 <= said < SLIP * high:
                need = f"the largest system, which is of the order of {high:g}, where the range of its law {law.id} ends, or above"
                file, line = studies.places.get(study.key, ("data/studies", 1))
                yield Problem(file, line, f"{study.key}.largest.{name}", f"{said:g}", need)


def _places(given: object, at: Location, works: tuple[str, ...]) -> Iterator[tuple[Location, tuple[str, ...], str]]:
    """Yield what is said to be seen, with the works that it or what it is a part of names, of which one has the place."""
    if isinstance(given, Mapping):
        works = tuple(str(given[name]) for name in ("cite", "by") if name in given) or works
        if "primary" in (given.get("read"), given.get("verified")) and isinstance(given.get("locator"), str):
            yield (*at, "locator"), works, given["locator"]
    parts = given.items() if isinstance(given, Mapping) else enumerate(given) if isinstance(given, list) else ()
    for name, part in parts:
        yield from _places(part, (*at, name), works)


_LABELS = re.compile(r"\bTables? ((?:[A-Z]\.?)?[0-9]+(?:\.[0-9]+)?(?:(?:, | and )(?:[A-Z]\.?)?[0-9]+(?:\.[0-9]+)?)*)")


def labels(locator: str) -> set[str]:
    """Return the tables of a source that a place names.

    Examples
    --------
    >>> sorted(labels("Tables 2, 5 and 6; App. H, Table H.1 (p. 63)"))
    ['2', '5', '6', 'H.1']
    """
    return {label for found in _LABELS.findall(locator) for label in re.split(r", | and ", found)}


class _Typed:
    """The tables that were typed from papers, each read when it is asked for; one with faults is told with the tables."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.unread = False

    @cached_property
    def infos(self) -> Mapping[str, TableInfo]:
        """Every table of ``data/published`` by its name; none where the package has a fault, which is told with the tables."""
        with suppress(RecordError):
            infos = table_infos(self.data) if (self.data / "datapackage.json").is_file() else {}
            return {name: info for name, info in infos.items() if info.path.parent.name == "published"}
        self.unread = True
        return {}

    @cached_property
    def of_source(self) -> Mapping[str, list[TableInfo]]:
        """The tables of each source that name a table of it as their place."""
        found: dict[str, list[TableInfo]] = {}
        for info in self.infos.values():
            found.setdefault(info.cite, []).append(info)
        return found

    def rows(self, name: str) -> list[dict[str, object]]:
        """Return the rows of a table, or none of one with faults."""
        with suppress(RecordError):
            columns = read_columns(self.infos[name])
            return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        return []


def _of_its_table(located: Located, at: Location, key: str, number: StudyNumber, typed: _Typed) -> Iterator[Problem]:
    """Yield a number of a table that we typed which names no cell of it, or another number than its cell holds."""
    if number.cell is None:
        if number.value is None or number.note or "computed" in number.locator:
            return
        mine = labels(number.locator)
        if same := next((info.name for info in typed.of_source.get(key, ()) if mine & labels(info.locator)), None):
            need = f"the cell that holds it, {{table: {same}, column: ..., and what tells its row}}; or a note that says why none does"
            yield located.problem((*at, "cell"), "nothing", need)
        return
    where, wanted = (*at, "cell"), dict(number.cell)
    table, column = wanted.pop("table", ""), wanted.pop("column", "")
    if table not in typed.infos and typed.unread:
        return
    if table not in typed.infos:
        yield located.problem((*where, "table"), table, f"a table of data/published{did_you_mean(table, typed.infos)}")
        return
    names = [field["name"] for field in typed.infos[table].fields]
    for name in (column, *wanted):
        if name not in names:
            yield located.problem(where, name, f"a column of {table}{did_you_mean(name, names)}")
            return
    rows = [row for row in typed.rows(table) if all(str(row[name]) == text for name, text in wanted.items())]
    cells = {row[column] for row in rows}
    if len(cells) != 1:
        yield located.problem(where, f"{len(cells)} numbers", f"what tells one row of {table} from the others")
        return
    if (held := cells.pop()) != number.value:
        need = f"{held}, which stands in {table}, or that table mended"
        yield located.problem((*at, "value"), number.value, need)
    fields = typed.infos[table].fields
    unit = unit_of(next(one for one in fields if one["name"] == column), fields, rows[0])
    if unit and not f"{number.unit} ".startswith(f"{unit} "):
        need = f"{unit}, in which {table} has it, or that table mended"
        yield located.problem((*at, "unit"), number.unit or "nothing", need)


def _of_its_days(
    located: Located, i: int, item: Study, reference: Reference, finding: Finding | None
) -> Iterator[Problem]:
    printed = int(reference.year)
    if noted := not_as_noted(item.published, item.dates_note, reference.arxiv):
        yield located.problem((i, "dates_note"), item.dates_note, noted)
    if item.published > newest_day().isoformat()[: len(item.published)]:
        yield located.problem((i, "published"), item.published, f"a date that is not after today, {today()}")
    elif item.read.date < earliest(item.published):
        need = f"a day from {item.published} on, when it was published"
        yield located.problem((i, "read", "date"), str(item.read.date), need)
    elif (
        not item.dates_note
        and not (finding and finding.dates_note)
        and (needed := not_its_day(item.published, reference.arxiv, reference.url))
    ):
        yield located.problem((i, "published"), item.published, needed)
    elif not -1 <= printed - int(item.published[:4]) <= (LATER_IN_PRINT if reference.arxiv else 2):
        need = f"a date near {printed}, the year of its entry in data/references.bib, or that one mended"
        yield located.problem((i, "published"), item.published, need)


_UP_TO = re.compile(r"\bto \d+(?:\.\d+)? ?(?:B|M|T|billion|million|trillion) parameters\b")
_SIZES = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?) ?(B|M|T|billion|million|trillion)\b(?! tokens)")
_TIMES = {"m": 1e6, "b": 1e9, "t": 1e12}


def _of_its_size(located: Located, i: int, item: Study) -> Iterator[Problem]:
    size = item.largest
    named = [float(number) * _TIMES[unit[0].lower()] for number, unit in _SIZES.findall(item.systems)]
    largest = size and size.parameters
    if largest and _UP_TO.search(item.systems) and not any(1 / 3 <= largest / one <= 3 for one in named):
        need = f"near {max(named):g}, the largest that systems names, or systems with the one that is larger"
        yield located.problem((i, "largest", "parameters"), f"{largest:g}", need)
    if size and size.parameters and size.training_flop:
        ratio = size.training_flop / 6 / size.parameters**2
        if not TOKENS[0] <= ratio <= TOKENS[1]:
            need = f"FLOP that train {size.parameters:g} parameters: these are {ratio:.2g} tokens for each, where there are {TOKENS[0]:g} to {TOKENS[1]:g}"
            yield located.problem((i, "largest", "training_flop"), size.training_flop, need)


def _of_its_compute(located: Located, i: int, item: Study, typed: _Typed) -> Iterator[Problem]:
    """Yield training compute that a table of the study, which we typed, gives otherwise for a model of this size."""
    if not (item.largest and item.largest.parameters and item.largest.training_flop):
        return
    for info in typed.of_source.get(item.key, ()):
        names = {field["name"] for field in info.fields}
        column = next((name for name in IN_PARAMETERS if name in names), "")
        for row in typed.rows(info.name) if column and "train_flop" in names else ():
            size, flop = row[column], row["train_flop"]
            if not (isinstance(size, int | float) and isinstance(flop, int | float)):
                continue
            same = abs(size * IN_PARAMETERS[column] / item.largest.parameters - 1) <= NEAR
            if same and abs(item.largest.training_flop / flop - 1) > NEAR:
                need = f"near {flop:g}, which {info.name} has for {item.largest.parameters:g} parameters, or that cell mended"
                yield located.problem((i, "largest", "training_flop"), f"{item.largest.training_flop:g}", need)


NEAR = 0.1
"""How far two roundings of one size, or of its compute, may be apart."""


def _status_problems(located: Located, i: int, item: Study, found: Mapping[str, Study]) -> Iterator[Problem]:
    if item.status is None:
        return
    for j, key in enumerate(item.status.by):
        if key not in found:
            yield located.problem((i, "status", "by", j), key, f"a study of data/studies{did_you_mean(key, found)}")
        elif latest(found[key].published) < earliest(item.published):
            need = f"a study that came later; {key} is of {found[key].published}, this one of {item.published}"
            yield located.problem((i, "status", "by", j), key, need)
    seen, ahead = {item.key}, list(item.status.by)
    while ahead:
        key = ahead.pop()
        if key == item.key:
            yield located.problem(
                (i, "status", "by"), key, "a chain that ends: no study supersedes itself, by whatever way"
            )
            return
        if key in seen or key not in found:
            continue
        seen.add(key)
        further = found[key].status
        ahead += further.by if further else []
