"""What the pages say, checked without a build: that they are there and whole, and that what they quote is on record."""

from __future__ import annotations

import contextlib
import re
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from review_book.execute.contents import PageError, notebook_pages, toc_pages
from review_book.execute.names import misnamed, named_twice
from review_book.execute.unfit import unfit, unfit_tag
from review_book.living.constants import unequal, unlike_laws
from review_book.living.history import load_history
from review_book.living.kept import older
from review_book.records.references import load_references
from review_book.records.sentences import NO_WORD, against_their_words, as_prose, compared_twice, magnitude_lost
from review_book.review import Review
from review_book.sphinx.leftovers import ASTRAY
from review_book.sphinx.markup import faults
from review_book.sphinx.prose import bare_numbers, blank, sentences, spelled_numbers, typed_grades, uncited, undated
from review_book.sphinx.quotes import Sources, UnknownQuote
from review_utils.records.authors import folded
from review_utils.records.quantities import today
from review_utils.records.reading import (
    LEFT,
    LEFT_OVER,
    Problem,
    RecordError,
    did_you_mean,
    nearest,
    plain_text,
    read_text,
    read_yaml,
    shorten,
)
from review_utils.records.references import Reference
from review_utils.records.register import read_files
from review_utils.review import files_in

# Cells and blocks of code are shown as they are written, and so is what stands between two backticks; what a directive
# holds is prose. Every block is read to its end, so that no end is taken for a beginning.
_BLOCK = re.compile(
    r"^(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)\n(?:.*?\n)??(?P=fence)[ \t]*$|(?<![`}])``[^`\n][^\n]*?``(?!`)",
    re.M | re.S,
)
_TAGS = re.compile(r"\A[^\n]*\n(?:---\n|:[^\n]*\n|[\w-]+:[^\n]*\n)*?:?tags:((?:[^\n]*)(?:\n *- [^\n]*)*)")
_UNIT = re.compile(
    r"\s+(percent|points|nats|bits|tokens|parameters|FLOP|seconds|hours|minutes|days|weeks|months|years|steps|epochs|layers"
    r"|heads)\b|\s?([%‰])"
)
_TIMES = re.compile(
    r"\s+(hundred|thousand|million|billion|trillion|dozen)s?\b|\s*(?:(?:times|[x×·*])\s*)?\$?\s*(?:\\(?:times|cdot)\s*)?10\s?\^"
    r"|\s*(?:times|[x×·*])\s*\$?10(?:\$|\b)|\s*×|\s*\$\s*\\(?:times|cdot)|\s[kMB]\b"
)
_NO_TIMES = "the number as its record has it: what follows here multiplies it; another number has a quote of its own"
_LEANS = ("the same", "of these")
"""How labels begin that lean on the number before, whose unit they have."""
_ROLE = re.compile(
    r"(?<!`)\{(?P<role>num|statement|cite(?::[pt])?)\}(?P<tick>``?)(?P<text>(?:[^`\n]|\n(?!\s*\n))+)(?P=tick)"
)


def check_prose(at: Review) -> list[Problem]:
    """Return what is wrong with the pages of a review that can be seen without building it.

    Control characters, an empty page, a page of the contents that is not there, statements,
    references and numbers that no record has, numbers that are typed into a chapter, and results that nobody is named
    for. Numbers of an analysis are known once it ran: the build checks them.
    """
    try:
        notebook_pages(at.root)
        pages = toc_pages(at.root)
    except PageError as error:
        return [_told(line) for line in str(error).split("\n")]
    except RecordError as error:
        return error.problems
    except OSError:  # no table of contents, which is told with the files around the records
        return []
    there = [page for page in pages if (at.root / f"{page}.md").is_file() and not _left_over(at, page)]
    titles, labels = _places(at.root, there)
    statements: Collection[str] = ()
    with contextlib.suppress(RecordError):  # told with the records; the rest of the prose is looked at all the same
        statements = at.records.statements.by_id
    laws: Sequence[Any] = ()
    with contextlib.suppress(RecordError, AttributeError):  # told with the records; a subject without laws
        laws = tuple(at.records.laws)
    try:
        known = _OnRecord(Sources(at), load_references(at.data), _gone(at), titles, labels, statements, laws)
    except RecordError:
        known = _OnRecord(Sources(at), None, set(), titles, labels, statements, laws)
    return [*_moved(at, set(pages)), *chain.from_iterable(_problems(at.root, page, known) for page in there)]


def _left_over(at: Review, page: str) -> bool:
    """Return whether a page was made of a record that is no more; the next build takes it away."""
    return page.startswith(("findings/", "statements/")) and not (at.data / f"{page}.yml").is_file()


@dataclass(frozen=True)
class _OnRecord:
    """What pages may quote.

    Parameters
    ----------
    sources : Sources
    references : mapping from str to Reference, or None
        The bibliography; None where it has faults of its own.
    gone : set of str
        Findings that were retracted.
    titles : mapping from str to list of str
        The pages of each title.
    labels : mapping from str to str
        What a link may lead to within a page, with the page.
    statements : set of str
        What may be quoted instead.
    laws : sequence of records
        Whose constants pages may give; none where the subject has no laws, or they have faults of their own.
    broken : set of str
        Kinds of record that could not be read; filled as pages are looked at, and not asked again.
    """

    sources: Sources
    references: Mapping[str, Reference] | None
    gone: Collection[str]
    titles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    statements: Collection[str] = ()
    laws: Sequence[Any] = ()
    broken: set[str] = field(default_factory=set)


def _places(root: Path, pages: Sequence[str]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the pages of each title, and the labels within pages, to which links may lead, each with its first page."""
    titles: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    for page in pages:
        with contextlib.suppress(RecordError):  # told where the page is looked at
            text = read_text(root / f"{page}.md")
            if title := re.search(r"^# (.+)$", text, re.M):
                titles.setdefault(_bare(title[1]), []).append(page)
            for label in _LABEL.finditer(text):
                labels.setdefault(_called(label), page)
    return titles, labels


def _gone(at: Review) -> set[str]:
    """Return the ids of findings that history knows and that no record has, or had before it was renamed."""
    there = {path.stem for path in files_in(at.data / "findings", "*.yml")}
    gone = {event.subject for event in load_history(at.data) if event.topic == "finding"} - there
    return gone - read_files(at.data).former.keys() if gone else gone


def _moved(at: Review, pages: set[str]) -> Iterator[Problem]:
    """Yield the redirects that lead from a page that is still there, or to none, and a page of shapes that there is not."""
    try:
        located = read_yaml(at.data / "review.yml")
        moved, shapes, branch = at.records.about.moved, at.records.about.shapes_page, at.records.about.branch
        of_records = {f"findings/{finding.id}" for finding in at.records.register.findings}
        of_records |= {f"studies/{key}" for key in at.records.studies.by_key}
        of_records |= {f"laws/{law.id}" for law in getattr(at.records, "laws", ())}
    except RecordError:  # told with the records
        return
    if shapes and shapes not in pages:
        yield located.problem(("shapes_page",), shapes, f"a page of _toc.yml{did_you_mean(shapes, pages)}")
    for old, new in moved.items():
        if old in pages | of_records:
            yield located.problem(("moved", old), old, "a page that is no more, or no line for it")
        if new.partition("#")[0] not in pages | of_records | moved.keys() | {"search"}:
            near = did_you_mean(new, pages | of_records)
            yield located.problem(("moved", old), new, f"a page of _toc.yml, or of a finding, a study or a law{near}")
    known = pages | moved.keys()
    for when, lines in reversed(
        [*older(at.data, "../_toc.yml", branch)]
    ):  # the oldest first, the last commit at the end
        for old in {found[1] for line in lines if (found := _PAGE.match(line))} - known:
            known.add(old)
            needed = f"a line {old}: PAGE, that says where it is answered now{did_you_mean(old, pages)}: addresses of it were given to others"
            yield located.problem(("moved",), f"no line for {old}, a page of {when}", needed)


_PAGE = re.compile(r"\s*(?:-\s*)?(?:file|root):\s*[\"']?([\w./-]+?)(?:\.md)?[\"']?\s*(?:#.*)?$")


def _without_code(block: re.Match[str]) -> str:
    """Return a block of the same lines, blank where it is code."""
    directive = (block["info"] or "").startswith("{") and not (block["info"] or "").startswith("{code-cell}")
    return block[0] if directive else blank(block)


def _told(line: str) -> Problem:
    file, number, rest = line.split(":", 2)
    given, _, needed = rest.strip().removeprefix("given ").partition("; needed: ")
    return Problem(file, int(number), "(page)", given, needed)


_LEFT = re.compile(
    rf"{LEFT_OVER.pattern}|\b(?:XX|NN|X\.X)(?=\s?(?:%|‰)|[ -](?:percent|points|times|fold|of|in)\b)|\?\?|\[citation needed\]|^[ \t]*[-*+] \[[ xX]\].*|^%.*",
    re.M,
)
"""What is left for later in a page: its marks, and unticked tasks."""

_SIGNS = (*LEFT, "XX", "NN", "X.X", "??", "[citation needed]", "- [", "* [", "+ [")
"""Letters without which nothing is left: looked for first, since that is quick."""

_HERE_ALONE = re.compile(r"(?:https?|file)://(?:localhost|127\.|0\.0\.0\.0|\[::1\]|/)[^\s)>]*")
"""Addresses that lead to the machine of whoever reads."""

_NOTED, _NOTE = re.compile(r"\[\^([\w-]+)\](?!:)"), re.compile(r"^\[\^([\w-]+)\]:", re.M)

_PARAGRAPH = re.compile(r"^[A-Z][^\n]{100,}$", re.M)
"""Lines of prose long enough to be written once."""

Wrong = tuple[int, str, str]
"""A place in the text, or a line of it, what stands there, and what is needed."""


def _problems(root: Path, page: str, known: _OnRecord) -> Iterator[Problem]:
    """Yield what is wrong with a page."""
    file = f"{page}.md"
    try:
        text = read_text(root / file)
    except RecordError as error:
        yield from error.problems
        return
    if "\r" in text:
        row = text.count("\n", 0, text.index("\r")) + 1
        needed = "lines that end as on other systems: dos2unix, or git config core.autocrlf input and the file anew"
        yield Problem(file, row, "(page)", "lines that end as on Windows", needed)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    astray = set()  # lines on which markup is not what it seems, so that what follows from it would be told falsely
    for row, given, needed in faults(text, root, page):
        yield Problem(file, row, "(markup)", given, needed)
        astray |= {row} if needed in ASTRAY else set()
    prose = _BLOCK.sub(_without_code, text)
    grades = _graded(prose, known) if page.startswith("chapters/") else ()
    for row, given, needed in chain(_lints(text, page), grades):
        if row not in astray:
            yield Problem(file, row, "(prose)", given, needed)
    code = _in_code(text, known.gone) if page.startswith("analyses/") else ()
    for start, given, needed in chain(
        _unseen(text),
        code,
        _undone(prose),
        _pointed(prose, text),
        _quoted(prose, root, known),
        _linked(prose, root, page, known),
        unequal(prose),
        unlike_laws(prose, known.laws) if "{cite:" in prose and "$" in prose else (),
    ):
        if (row := text.count("\n", 0, start) + 1) not in astray:
            yield Problem(file, row, "(prose)", given, needed)


def _lints(text: str, page: str) -> Iterator[Wrong]:
    """Yield the lines of a page that lack a title, type a number that has a record, or name nobody for a result."""
    if not re.search(r"^# ", text, re.M):
        yield 1, "a page without a title", "a first line such as # Title, or another page in _toc.yml"
    if page.startswith("chapters/") or page in ("index", "register"):  # an analysis may say how it is set up
        for row, number in bare_numbers(text):
            needed = "a quote such as {num}`claim:ID`, or before it <!-- number: why it is no result -->"
            yield row, f"the typed number {number}", needed
        for row, number in spelled_numbers(text):
            needed = (
                "in a sentence about a result or the record a quote such as {num}`result:chapter/analysis#name` or "
                "{num}`study:key/number`, or before it <!-- number: why -->"
            )
            yield row, f"the number {number} in words", needed
    if page.startswith(("chapters/", "analyses/")):
        for row, words, needed in undated(text, today().year):
            yield row, words, needed
        for row, report in uncited(text):
            needed = "whose result it is: a citation, a statement, a number with its source, or after it <!-- uncited: why -->"
            yield row, textwrap.shorten(report, 90, placeholder="..."), needed


def _unseen(text: str) -> Iterator[Wrong]:
    """Yield the lines that hold what no reader sees."""
    at = 0
    for line in text.split("\n"):
        if not line.isprintable():
            try:
                plain_text(re.sub(r"[\t<]", " ", line) + ".")
            except ValueError as error:
                yield at, "a line with what is not seen", str(error)
        at += len(line) + 1


def _in_code(text: str, gone: Collection[str]) -> Iterator[Wrong]:
    """Yield what no cell of an analysis may hold, and the findings that it names and that were taken out."""
    for block in _BLOCK.finditer(text):
        if not (block["info"] or "").startswith("{code-cell}"):
            continue
        if found := unfit(block[0]):
            yield block.start() + found[0], found[1], found[2]
        if (tags := _TAGS.search(block[0])) and (tag := unfit_tag(re.findall(r"[\w-]*\w", tags[1]))):
            yield block.start() + tags.start(), *tag
    for start, name in named_twice(text):
        yield start, f"{name}, under which an output is shown already", "a name of its own for each output"
    for match in re.finditer(r"[\"']([a-z0-9-]+)[\"']", text):
        if match[1] in gone:
            yield match.start(), match[1], "a finding of the register; this one was taken out"


def _undone(prose: str) -> Iterator[Wrong]:
    """Yield what is not written to its end: work left over, addresses of one machine, marks without notes, copies."""
    for match in _LEFT.finditer(prose) if any(sign in prose for sign in _SIGNS) else ():
        yield match.start(), match[0].strip()[:60], "words that are done; what is to do stands elsewhere than in a page"
    for match in _HERE_ALONE.finditer(prose):
        yield match.start(), match[0], "an address that a reader can reach"
    notes = {match[1]: match.start() for match in reversed([*_NOTE.finditer(prose)])}
    marked = set(_NOTED.findall(prose))
    for match in _NOTE.finditer(prose):
        if match[1] not in marked or match.start() > notes[match[1]]:
            yield match.start(), match[0], f"one mark {match[0][:-1]} or more in the text, and one footnote for them"
    for match in _NOTED.finditer(prose):
        if match[1] not in notes:
            yield match.start(), match[0], f"its footnote, a line that begins with {match[0]}:, or no mark"
    seen: set[str] = set()
    for match in _PARAGRAPH.finditer(prose):
        if match[0] in seen:
            yield match.start(), shorten(match[0]), "each paragraph once in a page"
        seen.add(match[0])


def _quoted(prose: str, root: Path, known: _OnRecord) -> Iterator[Wrong]:
    """Yield what is quoted and on no record."""
    yield from _of_another(prose, known.references or {}, known.sources.review)
    yield from _moves(prose, known.sources)
    yield from _counted(prose)
    yield from _said_twice(prose)
    for match in _ROLE.finditer(prose):
        role, said = match["role"], match["text"]
        if role == "num" and (sign := _SIGN.search(prose, max(match.start() - 8, 0), match.start())):
            yield (
                match.start(),
                f"{sign[0].strip()} before {{num}}`{said}`",
                "the number as its record has it, with no sign of ours",
            )
        kind = said.partition(":")[0] if role == "num" else role
        if kind == "result":
            analysis, _, name = said.removeprefix("result:").partition("#")
            if not (root / "analyses" / f"{analysis}.md").is_file():
                yield match.start(), f"{{num}}`{said}`", "an analysis that is there"
            elif (times := _TIMES.match(prose, match.end())) and not said.endswith("|bare"):
                yield match.start(), f"{{num}}`{said}`{times[0]}", _NO_TIMES
            elif needed := misnamed(root, f"analyses/{analysis}", name.removesuffix("|bare"), "number", "words"):
                yield match.start(), f"{{num}}`{said}`", needed
        elif role in ("num", "statement") and kind not in known.broken:
            try:
                if role == "num":
                    yield from _number(prose, match, known.sources)
                else:
                    known.sources.review.records.statements.statement(said)
            except (UnknownQuote, KeyError) as error:
                yield match.start(), f"{{{role}}}`{said}`", str(error.args[0])
            except RecordError:  # told with the records
                known.broken.add(kind)
        elif role.startswith("cite") and known.references is not None:
            keys = [part.strip() for part in said.split(",")]
            if again := next((key for i, key in enumerate(keys) if key in keys[:i]), None):
                yield match.start(), f"{again} twice in one {{{role}}}", "each work once, since a reader counts them"
            for key in keys:
                if key not in known.references:
                    hint = did_you_mean(key, known.references)
                    yield match.start(), f"{{{role}}}`{key}`", f"a key of data/references.bib{hint}"


_LINES = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+")


def _said_twice(prose: str) -> Iterator[Wrong]:
    """Yield statements that one paragraph quotes again: each is printed whole."""
    for paragraph in _LINES.finditer(prose) if "{statement}" in prose else ():
        seen = set[str]()
        for quote in _ROLE.finditer(paragraph[0]):
            if quote["role"] == "statement" and quote["text"] in seen:
                given = f"{{statement}}`{quote['text']}` for the second time"
                yield (
                    paragraph.start() + quote.start(),
                    given,
                    "each statement once in a paragraph, where it is printed whole",
                )
            seen.add(quote["text"])


_SO_MANY = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_COUNTED = re.compile(
    rf"\b(?P<many>{'|'.join(_SO_MANY)})\s+(?:[\w-]+\s+)?(?:studies|papers|works|reports)\s+(?P<roles>\{{cite(?::[pt])?\}}`[^`]+`(?:(?:,|\s+and|,\s+and)\s+\{{cite(?::[pt])?\}}`[^`]+`)*)",
    re.I,
)


def _counted(prose: str) -> Iterator[Wrong]:
    """Yield so many studies beside the keys of more or fewer; one key may be of a survey of them."""
    for match in _COUNTED.finditer(prose):
        keys = {key.strip() for said in _CITED.findall(match["roles"]) for key in said.split(",")}
        if len(keys) > 1 and len(keys) != _SO_MANY.index(match["many"].lower()) + 2:
            given = f"{' '.join(match[0].partition('{cite')[0].split())} beside {', '.join(sorted(keys))}"
            yield match.start(), given, f"as many works as the words say; these are {len(keys)}"


_POINTED = re.compile(
    r"\b(?:figures?|tables?|charts?)\s+(?:(?P<way>above|below)|(?:on|to|at)\s+the\s+(?:left|right))\b", re.I
)
_STANDS = re.compile(r"^(?:`{3,}|~{3,}|:{3,})\{(?!note|tip|warning|important|seealso)|^\||!\[|^<", re.M)
"""What may show a figure or a table: a directive, a cell, rows, a picture."""


def _pointed(prose: str, text: str) -> Iterator[Wrong]:
    """Yield words that point to a figure or a table where none can stand: aside, or where a page has nothing of the kind."""
    for match in _POINTED.finditer(prose):
        way = (match["way"] or "").lower()
        if not way:
            yield match.start(), " ".join(match[0].split()), "above or below, or its title: a page has one column"
        elif not _STANDS.search(text[: match.start()] if way == "above" else text[match.end() :]):
            yield (
                match.start(),
                " ".join(match[0].split()),
                f"a figure or a table {way} it on this page, or a link to where it stands",
            )


def _number(prose: str, match: re.Match[str], sources: Sources) -> Iterator[Wrong]:
    """Yield a number before another unit than its own; UnknownQuote says that there is none.

    A number of an analysis may have its unit in its label alone; one of a record that is printed without a unit has none.
    """
    said = match["text"]
    typed, times = _UNIT.match(prose, match.end()), _TIMES.match(prose, match.end())
    quote = sources.resolve(said)
    bare, unit = quote.bare, quote.unit
    if word := compared_twice(prose[: match.start()], quote.text):
        yield match.start(), f"{word} before {{num}}`{said}`", f"{NO_WORD} {quote.text}"
    if said.endswith("|bare") and (lost := magnitude_lost(unit, prose[match.end() :])):
        yield (
            match.start(),
            f"{{num}}`{said}`{prose[match.end() :][:20]}",
            f"{lost} after it, since its unit is {unit}; or no |bare",
        )
    if times and not (quote.text == bare and times[1] and unit.startswith(times[1])):
        yield match.start(), f"{{num}}`{said}`{times[0]}", _NO_TIMES
    elif typed:
        word = typed[1] or {"%": "percent"}.get(typed[2], typed[2])
        given = f"{{num}}`{said}`{typed[0]}"
        label = dict(quote.details).get("Result", "").casefold()
        if unit and quote.text != bare:
            yield match.start(), given, f"no unit after it, since it is shown as {quote.text}; or |bare at its end"
        elif unit and word.rstrip("s") not in unit:
            yield match.start(), given, f"its unit, {unit}"
        elif not unit and not said.startswith("result:"):
            yield match.start(), given, f"no {word} after it: its record has another unit, or none"
        elif not unit and word == "percent" and word not in label and not label.startswith(_LEANS):
            yield match.start(), given, f"no percent after it, or percent as its unit in show.number; it is {label}"


def _moves(prose: str, sources: Sources) -> Iterator[Wrong]:
    """Yield numbers that do not go where the verb between them says; those with more than a numeral are not compared."""

    def shown(address: str) -> tuple[float | None, str, str]:
        quote = sources.resolve(address)
        return quote.value, quote.unit, quote.bare

    return against_their_words(prose, shown)


def unit_problems(at: Review, sources: Sources) -> list[Problem]:
    """Return numbers of analyses before another unit, before their own twice, or that move otherwise than said.

    They are known once the analyses ran.
    """
    found = []
    for page in toc_pages(at.root):
        text = read_text(path) if (path := at.root / f"{page}.md").is_file() else ""
        prose = _BLOCK.sub(_without_code, text) if "{num}`result:" in text else ""
        wrong = [*_moves(prose, sources)]
        for match in _ROLE.finditer(prose):
            if match["role"] == "num" and match["text"].startswith("result:"):
                with contextlib.suppress(UnknownQuote):  # told where it stands in the page
                    wrong += _number(prose, match, sources)
        for start, given, needed in wrong:
            found.append(Problem(f"{page}.md", prose.count("\n", 0, start) + 1, "(prose)", given, needed))
    statements = at.records.statements
    for item in statements:
        for place, text in item.texts:
            for _, given, needed in _moves(as_prose(text), sources) if "{result:" in text else ():
                file, line = statements.places[item.id]
                found.append(Problem(file, line, f"{item.id}.{'.'.join(map(str, place))}", given, needed))
    return found


_SIGN = re.compile(r"(?:(?:^|[\s(])[-−–+]|\b(?:minus|plus)\s)\Z")
"""What turns the number that follows it about, where it ends what stands before."""

_OF_WORK = re.compile(r"\{num\}`(study|register|claim):([\w-]+)")
_CITED = re.compile(r"\{cite(?::[pt])?\}`([^`]+)`")


_BY_NAME = re.compile(
    r"\b(?P<name>[A-Z][\w'’-]+?)(?:['’]s?)?\s+(?:et\s+al\b|and\s+(?:colleagues|co-?authors|co-?workers)\b)"
)


def _work_of(kind: str, name: str, at: Review) -> str:
    """Return the key of the work that a number is of; nothing where no record says it."""
    with contextlib.suppress(RecordError, KeyError):  # told with the records, or where it is quoted
        if kind == "register":
            return at.records.register.finding(name).cite
        return at.records.ledger.claim(name).published.cite if kind == "claim" else name
    return ""


def _of_another(prose: str, references: Mapping[str, Reference], at_review: Review) -> Iterator[Wrong]:
    """Yield numbers of a work, and authors by name, in a sentence that cites other works and not theirs."""
    for at, sentence in sentences(prose):
        if "{cite" not in sentence:
            continue
        cited = {key.strip() for keys in _CITED.findall(sentence) for key in keys.split(",")}
        for number in _OF_WORK.finditer(sentence) if cited else ():
            if (work := _work_of(number[1], number[2], at_review)) and work not in cited:
                given = f"a number of {work} beside {', '.join(sorted(cited))}"
                yield at + number.start(), given, f"{work} among the works that its sentence cites"
        first = {_first(references[key]) for key in cited if key in references}
        for author in _BY_NAME.finditer(sentence) if first else ():
            name = _last(author["name"])
            if name not in first:
                theirs = [f"{{cite:p}}`{key}`" for key, work in references.items() if _first(work) == name]
                needed = f"a work of theirs among those that its sentence cites{', as ' + ' or '.join(theirs[:3]) if theirs else ''}; or the name of who wrote it"
                yield at + author.start(), f"{' '.join(author[0].split())} beside {', '.join(sorted(cited))}", needed


def _first(work: Reference) -> str:
    """Return the last word of the first author's family name, without case and accents."""
    return _last(work.families[0])


def _last(name: str) -> str:
    return folded(name)[0].rpartition(" ")[2]


_LINK = re.compile(r"(?<!!)\[(?P<words>[^\[\]]+)\]\((?P<page>[^\s()#]*)(?:#(?P<label>[^\s()]*))?[^()\n]*\)")
_LABEL = re.compile(r"^\((?P<above>[^\s()]+)\)=[ \t]*$|^:name:[ \t]*(?P<option>\S+)", re.M)


def _called(label: re.Match[str]) -> str:
    return (label["above"] or label["option"]).lower()


def _linked(prose: str, root: Path, page: str, known: _OnRecord) -> Iterator[Wrong]:
    """Yield labels given twice, links to labels that there are not, and under the title of another page than they lead to."""
    here = set[str]()
    for mark in _LABEL.finditer(prose):
        name = _called(mark)
        if name in here or known.labels.get(name, page) != page:
            yield (
                mark.start(),
                mark[0].strip(),
                f"a label of its own; {known.labels[name]}.md has this one, and a link leads to one place",
            )
        here.add(name)
    for link in _LINK.finditer(prose):
        to, label, words = link["page"], link["label"], _bare(link["words"])
        if "://" in to or (to and not to.endswith(".md")):
            continue
        if label is not None and (to or unquote(label).lower() not in known.labels):
            near = nearest(label, [*known.labels, *known.statements], 3, 0.4)
            named = ", ".join(
                f"{{statement}}`{name}`" if name in known.statements else f"[...](#{name})" for name in near
            )
            needed = (
                "the page alone, or from any page [...](#label) with a line (label)= above the heading that is meant"
            )
            yield link.start(), f"a link to {to}#{label}", needed + (f"; near to it are {named}" if named else "")
        target = ((root / page).parent / unquote(to)).resolve().with_suffix("") if to else root.resolve() / page
        titled = known.titles.get(words, ()) or _meant(words, target, root, known)
        if titled and not any((root / name).resolve() == target for name in titled):
            needed = f"{titled[0]}.md, the page of that title, or the words of the page that it leads to"
            yield link.start(), f"{' '.join(link['words'].split())}, which links to {to or 'this page'}", needed


MORE_THAN_A_TITLE = 5
"""How many words a link may have beside the spaces of a chapter's title and be read as that title."""


def _meant(words: str, target: Path, root: Path, known: _OnRecord) -> Sequence[str]:
    """Return the chapter whose title stands in the words of a link to another chapter, if its own does not."""
    chapters = {page: title for title, pages in known.titles.items() for page in pages if page.startswith("chapters/")}
    to = next((page for page in chapters if (root / page).resolve() == target), None)
    if to is None or _says(words, chapters[to]):
        return ()
    return [page for page, title in chapters.items() if _says(words, title)][:1]


def _says(words: str, title: str) -> bool:
    """Return whether words are a title of more than one word, with a few others about it."""
    return " " in title and f" {title} " in f" {words} " and len(words.split()) <= title.count(" ") + MORE_THAN_A_TITLE


def _bare(words: str) -> str:
    """Return a title as it is compared: without stress, case, and the sign that ends it."""
    return " ".join(re.sub(r"[*_`“”\"]", "", words).casefold().split()).rstrip("?.!")


def _graded(prose: str, known: _OnRecord) -> Iterator[Wrong]:
    """Yield the lines of grades that are typed, or that are not those of the statement that follows."""
    for start, given, grade, name in typed_grades(prose):
        needed = f"the statement that says it after the word, whose grade is computed; or another word than {grade}"
        if name:
            try:
                records = known.sources.review.records
                needed = records.grader.grade(records.statements.statement(name)).grade
            except (KeyError, RecordError):  # told where it is quoted, or with the records
                continue
            if needed == grade:
                continue
            needed = f"{needed}, the grade of {{statement}}`{name}`, or no grade before it"
        yield start, given, needed
