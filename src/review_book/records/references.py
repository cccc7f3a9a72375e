"""The form of the bibliography: what an entry may hold, beyond what its parser asks."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from review_book.records.duplicates import plain_title
from review_utils.records.quantities import ARXIV, EARLIEST, earliest, latest, newest_day
from review_utils.records.reading import UNSEEN, Problem, did_you_mean, fault, read_text, refuse
from review_utils.records.references import Reference, decoded, dict_of, read_references
from review_utils.review import file_state

KEY = re.compile(r"[a-z0-9]+\d{4}[a-z0-9]+")
KINDS = ("article", "book", "inbook", "incollection", "inproceedings", "manual", "misc", "online", "phdthesis", "proceedings", "report", "techreport", "unpublished")  # fmt: skip
"""Kinds of entry that BibTeX and its followers know."""

FIELDS = frozenset(["abstract", "address", "annote", "archiveprefix", "author", "booktitle", "chapter", "copyright", "crossref", "date", "doi", "edition", "editor", "eprint", "eprintclass", "eprinttype", "howpublished", "institution", "isbn", "issn", "journal", "journaltitle", "key", "keywords", "language", "location", "month", "note", "number", "organization", "pages", "primaryclass", "publisher", "school", "series", "subtitle", "title", "type", "url", "urldate", "version", "volume", "year"])  # fmt: skip
"""Fields of an entry: another one is in no reference."""

WITHIN = {"article": ("journal", "journaltitle"), "inproceedings": ("booktitle",), "incollection": ("booktitle",)}
"""Where a work of a kind came out; without it its reference says nowhere."""

_FIELD = re.compile(r"(?:^|,)[ \t]*([A-Za-z][\w-]*)\s*=\s*(?=[\"{\w])", re.M)

MONTHS = frozenset(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])

LETTERS = frozenset(["a", "aa", "AA", "ae", "AE", "b", "c", "d", "dh", "dj", "g", "G", "H", "i", "j", "k", "l", "L", "ng", "o", "O", "oe", "OE", "r", "ss", "t", "th", "u", "v", "emph", "textit", "textbf", "textsc", "textrm", "textsuperscript", "textsubscript", "textasciitilde", "url", "mathrm", "mathbb"])  # fmt: skip
"""Commands of TeX that write a letter, set an accent or a face; no other stands in an entry."""

LATER_IN_PRINT = 5
"""Years by which the copy that is cited may be younger than the work's first publication, where an id dates that."""

_OTHER = re.compile(r"^[ \t]*@\s*(string|preamble|comment)\b", flags=re.MULTILINE | re.IGNORECASE)


def load_references(data: Path) -> Mapping[str, Reference]:
    """Return every entry of the bibliography by its key.

    Raises
    ------
    RecordError
        With every problem: text that is no BibTeX, a key that stands twice or is not of the form surnameYEARword, an
        entry without title, author or year, an address that is not https.
    """
    found, problems = read_references(data)
    path = data / "references.bib"
    problems += _faults(path, file_state(path))
    if not found and not problems:
        problems = (fault(path, "(whole file)", "no entry", "at least one BibTeX entry"),)
    refuse(list(problems))
    return {one.key: one for one in found}


@cache
def _faults(path: Path, _state: tuple[int, ...]) -> tuple[Problem, ...]:
    text, (entries, _) = read_text(path), read_references(path.parent)
    out = []
    for other in _OTHER.finditer(text):
        need = "entries alone; what a macro says is written out"
        out.append(fault(path, f"@{other[1]}", other[0].strip(), need, text.count("\n", 0, other.start()) + 1))
    for number, line in enumerate(text.split("\n"), start=1):
        if line.isprintable():  # nearly all lines; the rest is looked at closely
            continue
        if bad := next((c for c in line if unicodedata.category(c) in UNSEEN and c != "\t"), None):
            need = "letters that are seen, without control characters"
            out.append(fault(path, "(text)", f"{bad!a}", need, number))
    before: dict[str, int] = {}
    works: dict[tuple[object, ...], str] = {}
    for one in entries:
        for mark, said in _marks(one):
            if (same := works.setdefault(mark, one.key)) != one.key:
                out.append(fault(path, one.key, one.title, f"each work once; {same} has the same {said}", one.line))
                break
        out += [fault(path, one.key, given, needed, one.line) for given, needed in _wrong(one, before)]
        before.setdefault(one.key, one.line)
    return tuple(out)


_ARXIV_IN = re.compile(r"(?:arxiv\.org/(?:abs|pdf|html)/|10\.48550/arxiv\.)(\d{4}\.\d{4,5})", re.I)
_DAY_IN_ADDRESS = re.compile(
    r"/((?:199|20[0-9])[0-9])(?:[-/](0[1-9]|1[0-2])(?![0-9])(?:[-/](0[1-9]|[12][0-9]|3[01])(?![0-9]))?|(?=/|$))"
)


def not_its_day(published: str, arxiv: str | None, url: str | None) -> str | None:
    """Return what is needed where a date is not that which an arXiv id or an address bears, or nothing.

    An id is given in the month in which a work is sent in, and a page is moved now and then: a month more or less is no fault.

    Examples
    --------
    >>> not_its_day("2021-08-27", "2508.20015", None)
    'about 2025-08, the month of arXiv:2508.20015, or dates_note, which says why'
    >>> not_its_day("2025-08", None, "https://example.org/2025/tides"), not_its_day("2025-08-27", "2508.20015", None)
    (None, None)
    """
    said = []
    if arxiv and re.fullmatch(ARXIV, arxiv):
        said.append((f"20{arxiv[:2]}-{arxiv[2:4]}", f"the month of arXiv:{arxiv}"))
    if found := _DAY_IN_ADDRESS.search(url or ""):
        said.append(("-".join(filter(None, found.groups())), f"which stands in {url}"))
    near = dt.timedelta(days=31)
    for date, why in said:
        if latest(published) < earliest(date) - near or earliest(published) > latest(date) + near:
            return f"about {date}, {why}, or dates_note, which says why"
    return None


_NOTED = re.compile(r"(arXiv )?(?<![\d.-])((?:1[6-9]|20)\d\d-\d\d(?:-\d\d)?)(?![\d-])")


def not_as_noted(published: str, note: str | None, arxiv: str | None) -> str | None:
    """Return what is needed where a note on dates says none that may be the day of publication, or another of arXiv than its id.

    Examples
    --------
    >>> not_as_noted("2024-10-29", "2023-10-29 (PNAS); arXiv 2023-02", "2302.02083")
    'a note that says 2024-10-29, when it was published, or that date mended'
    >>> not_as_noted("2024-10-29", "2024-10-29 (PNAS); arXiv 2022-02", "2302.02083")
    'arXiv about 2023-02, the month of arXiv:2302.02083'
    >>> not_as_noted("2024-10-29", "2024-10-29 (PNAS); arXiv 2023-02", "2302.02083")
    """
    noted = _NOTED.findall(note or "")
    if noted and not any(earliest(day) <= latest(published) and earliest(published) <= latest(day) for _, day in noted):
        return f"a note that says {published}, when it was published, or that date mended"
    needed = (not_its_day(day, arxiv, None) for at_arxiv, day in noted if at_arxiv)
    return next((f"arXiv {one.removesuffix(', or dates_note, which says why')}" for one in needed if one), None)


def _marks(one: Reference) -> Iterator[tuple[tuple[object, ...], str]]:
    """Yield what no two works have in common, each with words for it."""
    at = _ARXIV_IN.search(one.doi or "") or _ARXIV_IN.search(one.url or "")
    if arxiv := one.arxiv or (at and at[1]):
        yield ("arXiv", arxiv.lower()), "arXiv id"
    if one.doi:
        yield ("DOI", one.doi.lower()), "DOI"
    yield (plain_title(one.title), one.year), "title and year"


def _wrong(one: Reference, before: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yield what an entry says that it may not, each with what is needed; `before` are the lines of earlier entries."""
    kind = re.match(r"@\s*(\w+)", one.text)
    if kind and kind[1].lower() not in KINDS:
        yield kind[0], f"a kind of entry: {', '.join(KINDS)}"
    fields = [name.lower() for name in _FIELD.findall(one.text)]
    for name in fields:
        if name not in FIELDS:
            yield f"the field {name}", f"a field of BibTeX{did_you_mean(name, FIELDS)}; another is in no reference"
    if kind and (where := WITHIN.get(kind[1].lower())) and not {*where, "crossref"} & {*fields}:
        yield f"{kind[0]} without {where[0]}", f"the {where[0]} in which it came out, or @misc"
    if one.key in before:
        yield one.key, f"each key once; it also stands on line {before[one.key]}"
    if re.search(r"(?<!\\)%", re.sub(r"(?im)^\s*(?:url|doi|eprint)\s*=.*$", "", one.text)):
        yield "a bare percent sign", "\\%, since LaTeX takes the rest of the line for a comment"
    if not KEY.fullmatch(one.key):
        yield one.key, "a key of the form surnameYEARword"
    if one.url and not one.url.startswith("https://"):
        yield one.url, "an address that begins with https://"
    if one.url and not re.match(r"https?://(?:[\w-]+\.)+[A-Za-z][\w-]+(?:[:/?#]|$)", one.url):
        yield one.url, "an address by a public name, which others can read"
    if one.url and "@" in re.split(r"[/?#]", one.url.partition("://")[2])[0]:
        yield one.url, "an address without a user's name"
    if not re.fullmatch(r"[0-9]{4}", one.year):
        yield one.year, "a year of four digits"
    elif not EARLIEST <= int(one.year) <= newest_day().year + 1:
        yield one.year, f"a year from {EARLIEST} to the next one"
    elif one.year not in one.key:
        yield one.year, f"the year in its key, {one.key}, or a key that bears this one"
    elif one.arxiv and not -1 <= int(one.year) - 2000 - int(one.arxiv[:2]) <= LATER_IN_PRINT:
        yield one.year, f"20{one.arxiv[:2]} or near it, the year of arXiv:{one.arxiv}"
    out = re.search(r"(?im)^\s*howpublished\s*=\s*(.*)$", one.text)
    told = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", out[1]) if out else []
    if told and one.year.isdecimal() and not any(abs(int(year) - int(one.year)) <= 1 for year in told):
        yield f"howpublished of {told[-1]}", f"{one.year}, the year of the entry, or that one mended"
    if one.url and re.search(r"[\s<>\"'\\{}]", one.url):
        yield one.url, "an address as a browser takes it: without spaces, quotes, braces and backslashes"
    pages = re.search(r"(?im)^\s*pages\s*=\s*[{\"]\s*(\d+)\s*-+\s*(\d+)\s*[}\"]", one.text)
    if pages and int(pages[1]) > int(pages[2]) and len(pages[1]) <= len(pages[2]):
        yield f"{pages[1]}--{pages[2]}", f"pages in their order: {pages[2]}--{pages[1]}, or as the work is printed"
    if pasted := re.match(rf"\[?(?:arXiv:)?({ARXIV})(?:v\d+)?\]", one.title):
        yield pasted[0], "the title alone, without the id that a page sets before it"
    if one.doi and not re.fullmatch(r"10\.[0-9]{4,9}/[^\s<>\"]+", one.doi):
        yield one.doi, "a DOI as 10.1234/what-follows"
    elif one.doi and one.doi[-1] in ".,;:":
        yield one.doi, f"the DOI without {one.doi[-1]} at its end, which leads nowhere"
    for field, address in (("url", one.url), ("doi", one.doi)):
        other = _ARXIV_IN.search(address or "")
        if other and one.arxiv and other[1].lower() != one.arxiv.lower():
            yield address or "", f"a {field} of arXiv:{one.arxiv}, which is its eprint, or that id mended"
    month = re.search(r"(?im)^\s*month\s*=\s*[{\"]?\s*(\w+)", one.text)
    if month and month[1][:3].lower() not in MONTHS and month[1] not in map(str, range(1, 13)):
        yield month[1], "a month by its name or number"
    title = re.search(r"(?im)^\s*title\s*=(.*)$", one.text)
    if title and len(re.findall(r"(?<!\\)\$", title[1])) % 2:
        yield one.title, "mathematics between two dollar signs, or \\$ for the sign itself"
    eprint = re.search(r"(?im)^\s*eprint\s*=\s*[{\"]([^}\"]*)", one.text)
    if eprint and not re.fullmatch(rf"{ARXIV}(v[0-9]+)?|[a-z-]+(\.[A-Z]{{2}})?/[0-9]{{7}}", eprint[1]):
        yield eprint[1], "an arXiv id as 2502.17424"
    yield from _names(one)
    if "others" in one.authors[:-1]:
        yield ", ".join(one.authors)[:60], "others at the end alone, where the list was cut"
    if re.search(r"\band\s+and\b|=\s*[\"{]\s*and\b|\band\s*[\"}]", "".join(_PEOPLE.findall(one.text))) or any(
        not re.search(r"[^\W_]", name) for name in one.authors
    ):
        yield ", ".join(one.authors)[:60], "names between each and"
    if markup := re.search(r"<[A-Za-z/!?][^>]*>?", one.title):
        yield markup[0], "a title without markup"
    for command in re.findall(r"\\([A-Za-z]+)", re.sub(r"(?<!\\)\$[^$]*(?<!\\)\$", "", one.text)):
        if command not in LETTERS:
            yield f"\\{command}", "letters, accents and faces alone, of all that TeX can do"
    # Two people of one name can write a paper together: Yang Yue and Yang Yue did.
    twice = [name for i, name in enumerate(one.authors) if name in one.authors[:i]]
    if twice and not re.search(r"(?im)^\s*annote\s*=.*" + re.escape(twice[0]), one.text):
        yield twice[0], "each author once; or annote, which says that two people bear this name"
    if turned := _given_first(one):
        yield one.authors[0], turned


def _given_first(one: Reference) -> str | None:
    """Return what is needed where the key begins with the given name of the first author and not with the family name."""
    given, family = one.authors[0].removesuffix(one.families[0]).strip(), one.families[0]
    surname = re.match(r"[a-z]+", one.key)
    first, last = ("".join(filter(str.isalpha, name.casefold())) for name in (given, family))
    if surname and first and first == surname[0] and not last.startswith(first):
        return f"{given}, {family}, by the key {one.key}; or a key that begins with {last}"
    return None


_SUFFIX = re.compile(r"(?:Jr|Sr|Junior|Senior|I{1,3}|IV|VI{0,3})\.?")
_FULL = r"[^\W\d_a-z][^\W\d_]+(?:[-'’][^\W\d_]+)*"
_INITIAL = r"[^\W\d_a-z]\."
_A_NAME = re.compile(rf"(?:{_FULL}|{_INITIAL})(?:[ -](?:{_FULL}|{_INITIAL}|[a-z]{{1,4}}))* {_FULL}")
"""Given names and a family name, as a person signs."""

_INITIALS = re.compile(rf"{_INITIAL}[ -].*|.* {_INITIAL}")
"""What no family name is: initials before a name or after it."""

_ALSO = re.compile(r"\b(?:et|and|&)\.? al(?:ii|ia)?\b\.?|\bet alii\b|\bu\. ?a\.|^al\.$", re.I)
"""What stands for the authors that are not named, as prose has it."""

_ODD = re.compile(r"[;&]|\b(?:al|alii)\b|\bu\. ?a\.|,(?:[^,{}=\" ]| (?!and ))*,", re.I)
"""What names hold that are not simply Family, Given."""

_PEOPLE = re.compile(r"^[ \t]*(?:author|editor)\s*=[\s\S]*?(?=^[ \t]*\w+\s*=|\Z)", re.I | re.M)


def _names(one: Reference) -> Iterator[tuple[str, str]]:
    """Yield names that BibTeX reads otherwise than they were meant: one that holds two people, or nobody.

    What stands in braces of its own is one name, of a group or of a family with two words.
    """
    names = zip(one.authors, one.families, strict=True)
    written = "".join(_PEOPLE.findall(one.text)) or one.text
    if not any(" " in family and len(name) > len(family) for name, family in names) and not _ODD.search(written):
        return
    from pybtex.database.input.bibtex import LowLevelParser

    fields = dict_of(next(iter(LowLevelParser(one.text)))[1][1])
    people = " ".join((fields.get("author") or fields.get("editor") or "").split())
    for name in re.split(r" and ", people, flags=re.I):
        bare = re.sub(r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", "{}", name)
        family, *more = (part.strip() for part in bare.split(","))
        if found := _ALSO.search(bare):
            yield decoded(name)[:60], f"and others, for what {found[0]} says elsewhere"
        elif found := re.search(r"[;&]", bare):
            yield decoded(name)[:60], f"and between two names, in place of {found[0]} or braces around that of a group"
        elif len(more) > 1 and not _SUFFIX.fullmatch(more[0]):
            yield decoded(name)[:60], "Family, Given and Family, Given, with and between each"
        elif more and (_INITIALS.fullmatch(family) or (_A_NAME.fullmatch(family) and _A_NAME.fullmatch(more[0]))):
            whole, other = (decoded(part) for part in name.split(",")[:2])
            needed = f"two people as {_turned(whole)} and {_turned(other)}; or braces around a family name of two words, {{{whole}}}"
            yield decoded(name)[:60], needed


def _turned(name: str) -> str:
    """Return a name as a person signs it with the family name first."""
    first, _, last = name.rpartition(" ")
    return f"{first}, {last}" if re.fullmatch(_INITIAL, last) else f"{last}, {first}"
