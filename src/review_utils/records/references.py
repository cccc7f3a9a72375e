"""The bibliography: ``data/references.bib``, read and written by a real parser."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from review_utils.records.quantities import ARXIV, EARLIEST, newest_day
from review_utils.records.reading import UNSEEN, Located, Location, Problem, RecordError, did_you_mean, read_text

KEY = re.compile(r"[a-z0-9]+\d{4}[a-z0-9]+")
_ENTRY = re.compile(r"^[ \t]*@\s*(\w+)\s*[{(]\s*([^,{}()\n]+?)\s*,", flags=re.MULTILINE)
_OTHER = re.compile(r"^[ \t]*@\s*(string|preamble|comment)\b", flags=re.MULTILINE | re.IGNORECASE)
KINDS = ("article", "book", "inbook", "incollection", "inproceedings", "manual", "misc", "online", "phdthesis", "proceedings", "report", "techreport", "unpublished")  # fmt: skip
"""Kinds of entry that BibTeX and its followers know."""

LETTERS = frozenset(["a", "aa", "AA", "ae", "AE", "b", "c", "d", "dh", "dj", "g", "G", "H", "i", "j", "k", "l", "L", "ng", "o", "O", "oe", "OE", "r", "ss", "t", "th", "u", "v", "emph", "textit", "textbf", "textsc", "textrm", "textsuperscript", "textsubscript", "url", "mathrm", "mathbb"])  # fmt: skip
"""Commands of TeX that write a letter, set an accent or a face; no other stands in an entry."""
_ARXIV = re.compile(r"(?:arxiv(?:\.org/(?:abs|pdf)/|:)|^)(\d{4}\.\d{4,5})", flags=re.IGNORECASE)


@dataclass(frozen=True)
class Reference:
    """One entry of the bibliography, decoded.

    Parameters
    ----------
    key : str
    line : int
        Where it stands in the file, from 1.
    title : str
        Without LaTeX.
    authors : tuple of str
        Each as "Given Family"; ``others`` where the list was cut.
    families : tuple of str
        Their family names.
    year : str
    arxiv, doi, url : str or None
    text : str
        The entry as it stands in the file.
    """

    key: str
    line: int
    title: str
    authors: tuple[str, ...]
    families: tuple[str, ...]
    year: str
    arxiv: str | None
    doi: str | None
    url: str | None
    text: str

    @property
    def label(self) -> str:
        """First author and year, as a citation shows it."""
        names = self.families
        first = names[0] if names else self.key
        more = " et al." if len(names) > 2 or "others" in names else f" and {names[1]}" if len(names) == 2 else ""
        return f"{first}{more} {self.year}".strip()


def load_references(data: Path) -> Mapping[str, Reference]:
    """Return every entry of the bibliography by its key.

    Raises
    ------
    RecordError
        With every problem: text that is no BibTeX, a key that stands twice or is not of the form surnameYEARword, an
        entry without title, author or year, an address that is not https.
    """
    path = data / "references.bib"
    try:
        stamp = path.stat()
    except FileNotFoundError:
        raise RecordError([Located(path, None).problem((), "no such file", "the bibliography")]) from None
    return _load(path, (stamp.st_mtime_ns, stamp.st_size))


@cache
def _load(path: Path, _stamp: tuple[int, int]) -> Mapping[str, Reference]:
    from pybtex.database.input.bibtex import LowLevelParser
    from pybtex.scanner import PybtexSyntaxError

    text = read_text(path)
    problems: list[Problem] = []
    for mark in re.finditer(r"^(?:<{7}|={7}|>{7}|\|{7})(?: .*)?$", text, flags=re.MULTILINE):
        line = text[: mark.start()].count("\n") + 1
        problems.append(_at(path, line, "(conflict)", mark[0], "one of the two versions, without the marks"))
    for number, line_text in enumerate(text.split("\n"), start=1):
        if line_text.isprintable():  # nearly all lines; the rest is looked at closely
            continue
        if bad := next((c for c in line_text if unicodedata.category(c) in UNSEEN and c != "\t"), None):
            problems.append(
                _at(path, number, "(text)", f"{bad!a}", "letters that are seen, without control characters")
            )
    for other in _OTHER.finditer(text):
        line = text[: other.start()].count("\n") + 1
        problems.append(
            _at(path, line, f"@{other[1]}", other[0].strip(), "entries alone; what a macro says is written out")
        )
    starts = {match.start(): match for match in _ENTRY.finditer(text)}
    found: dict[str, Reference] = {}
    # Each entry is parsed alone, so that a fault in one is named there and hides no other.
    ends = [*list(starts)[1:], len(text)]
    line, at = 1, 0
    for start, end in zip(starts, ends, strict=False):
        line, at = line + text.count("\n", at, start), start
        key = starts[start][2]
        piece = text[start:end]
        errors: list[PybtexSyntaxError] = []
        try:
            parsed = list(LowLevelParser(piece, handle_error=errors.append))
        except PybtexSyntaxError as error:
            errors.append(error)
            parsed = []
        if errors or not parsed:
            where = line + (getattr(errors[0], "lineno", 1) or 1) - 1 if errors else line
            said = str(errors[0]).split(": ", 1)[-1] if errors else "nothing that can be read"
            problems.append(
                _at(path, where, key, said, "a BibTeX entry: commas after fields, braces that close, values in braces")
            )
            continue
        try:
            found_one = _reference(key, line, piece, dict_of(parsed[0][1][1]))
        except (KeyError, ValueError) as error:
            problems.append(_at(path, line, key, str(error.args[0]), "an entry with title, author or editor, and year"))
            continue
        if starts[start][1].lower() not in KINDS:
            need = f"a kind of entry: {', '.join(KINDS)}"
            problems.append(_at(path, line, key, f"@{starts[start][1]}", need))
        problems += _faults(path, found_one, found)
        found.setdefault(key, found_one)
    if not found and not problems:
        problems.append(_at(path, 1, "(whole file)", "no entry", "at least one BibTeX entry"))
    if problems:
        raise RecordError(problems)
    return found


def _at(path: Path, line: int, field: str, given: str, needed: str) -> Problem:
    return Located(path, None, line=line).problem((field,), given, needed)


def dict_of(fields: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """Return the fields of an entry by their names, in lower case; a repeated one is refused."""
    out: dict[str, str] = {}
    for name, parts in fields:
        if name.lower() in out:
            raise ValueError(f"the field {name} twice")
        out[name.lower()] = "".join(parts)
    return out


def _faults(path: Path, one: Reference, before: Mapping[str, Reference]) -> Iterable[Problem]:
    if one.key in before:
        first = before[one.key].line
        yield _at(path, one.line, one.key, one.key, f"each key once; it also stands on line {first}")
    if re.search(r"(?<!\\)%", re.sub(r"(?im)^\s*(?:url|doi|eprint)\s*=.*$", "", one.text)):
        yield _at(
            path, one.line, one.key, "a bare percent sign", "\\%, since LaTeX takes the rest of the line for a comment"
        )
    if not KEY.fullmatch(one.key):
        yield _at(path, one.line, one.key, one.key, "a key of the form surnameYEARword")
    if one.url and not one.url.startswith(("https://", "http://")):
        yield _at(path, one.line, one.key, one.url, "an address that begins with https://")
    if one.url and "@" in re.split(r"[/?#]", one.url.partition("://")[2])[0]:
        yield _at(path, one.line, one.key, one.url, "an address without a user's name")
    if not re.fullmatch(r"[0-9]{4}", one.year):
        yield _at(path, one.line, one.key, one.year, "a year of four digits")
    elif not EARLIEST <= int(one.year) <= newest_day().year + 1:
        yield _at(path, one.line, one.key, one.year, f"a year from {EARLIEST} to the next one")
    if one.url and re.search(r"[\s<>\"']", one.url):
        yield _at(path, one.line, one.key, one.url, "an address without spaces, quotes and markup")
    if one.doi and not re.fullmatch(r"10\.[0-9]{4,9}/[^\s<>\"]+", one.doi):
        yield _at(path, one.line, one.key, one.doi, "a DOI as 10.1234/what-follows")
    eprint = re.search(r"(?im)^\s*eprint\s*=\s*[{\"]([^}\"]*)", one.text)
    if eprint and not re.fullmatch(rf"{ARXIV}(v[0-9]+)?|[a-z-]+(\.[A-Z]{{2}})?/[0-9]{{7}}", eprint[1]):
        yield _at(path, one.line, one.key, eprint[1], "an arXiv id as 2502.17424")
    if re.search(r"\band\s+and\b", one.text) or any(not re.search(r"[^\W_]", name) for name in one.authors):
        yield _at(path, one.line, one.key, ", ".join(one.authors)[:60], "names between each and")
    if markup := re.search(r"<[A-Za-z/!?][^>]*>?", one.title):
        yield _at(path, one.line, one.key, markup[0], "a title without markup")
    for command in re.findall(r"\\([A-Za-z]+)", re.sub(r"\$[^$]*\$", "", one.text)):
        if command not in LETTERS:
            yield _at(
                path, one.line, one.key, f"\\{command}", "letters, accents and faces alone, of all that TeX can do"
            )
    # Two people of one name can write a paper together (Yang Yue and Yang Yue did); side by side it is a slip.
    if twice := [name for name, other in pairwise(one.authors) if name == other]:
        yield _at(path, one.line, one.key, twice[0], "each author once")


def _reference(key: str, line: int, text: str, fields: Mapping[str, str]) -> Reference:
    people = fields.get("author") or fields.get("editor")
    missing = [
        n for n, v in (("title", fields.get("title")), ("author", people), ("year", fields.get("year"))) if not v
    ]
    if missing:
        raise KeyError(f"no {' and no '.join(missing)}")
    assert people is not None
    authors, families = [], []
    for given, family in _names(" ".join(people.split())):
        authors.append(f"{given} {family}".strip())
        families.append(family)
    url = fields.get("url")
    arxiv = _ARXIV.search(fields.get("eprint", "") or url or "")
    return Reference(
        key, line, decoded(fields["title"]), tuple(authors), tuple(families), fields["year"],
        arxiv[1] if arxiv else None, fields.get("doi"), url, text.strip(),
    )  # fmt: skip


_BRACES = re.compile(r"(?:[^\W_]|[\s.,:;?()/+-]|\{(?:[^\W_]|[\s.,:;?()/+-])*\})*")
"""Words, some of them in braces that keep their capitals: nearly all titles, which need no parser of LaTeX."""

_PLAIN_NAME = re.compile(r"([^\W\d_a-z][\w’-]*), ([^\\{}$~,]+)")


def _names(people: str) -> Iterator[tuple[str, str]]:
    """Yield given and family name of each person; what is not simply "Family, Given" is left to the parser of names."""
    from pybtex.bibtex.utils import split_name_list
    from pybtex.database import Person

    for name in split_name_list(people) if re.search(r"[\\{}]", people) else re.split(r" [Aa][Nn][Dd] ", people):
        if plain := _PLAIN_NAME.fullmatch(name):
            yield decoded(plain[2]), plain[1]
            continue
        person = Person(name)
        family = decoded(" ".join(person.prelast_names + person.last_names))
        yield decoded(" ".join(person.first_names + person.middle_names)), family


@cache
def decoded(text: str) -> str:
    r"""Return LaTeX as plain text.

    Examples
    --------
    >>> decoded(r'L{\"o}rch, {GPT}')
    'Lörch, GPT'
    """
    if not re.search(r"[\\{}$~]|--", text):
        return " ".join(text.split())
    if _BRACES.fullmatch(text) and "--" not in text:
        return " ".join(text.replace("{", "").replace("}", "").split())
    from pybtex.richtext import Text
    from pybtex.scanner import PybtexSyntaxError

    try:
        plain = str(Text.from_latex(text))
    except PybtexSyntaxError:  # escaped or stray braces: shown as they stand
        plain = re.sub(r"\\([{}])", r"\1", text)
    return " ".join(unicodedata.normalize("NFC", plain).replace("\xa0", " ").split())


def unknown_key(located: Located, at: Location, key: str, keys: Collection[str]) -> Iterator[Problem]:
    """Yield that a record cites what the bibliography does not have, with the nearest key that it has."""
    if key not in keys:
        yield located.problem(at, key, f"a key of data/references.bib{did_you_mean(key, keys)}")


def citation_keys(data: Path) -> dict[str, int]:
    """Return the keys of the bibliography with their lines; see `load_references` for what is refused."""
    return {key: one.line for key, one in load_references(data).items()}
