"""The bibliography: ``data/references.bib``, read by a real parser; the engine judges the form of what was read."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from string import ascii_lowercase

from review_utils.records.reading import Located, Location, Problem, RecordError, did_you_mean, fault, read_text, refuse
from review_utils.review import file_state

_ENTRY = re.compile(r"^[ \t]*@\s*(\w+)\s*[{(]\s*([^,{}()\n]+?)\s*,", flags=re.MULTILINE)
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
    letter : str
        What tells it from other works of the same first authors and year, in the order of the file: a, b and so on.
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
    letter: str = ""

    @property
    def label(self) -> str:
        """First author and year, as a citation shows it; with a letter where two works would share it."""
        names = self.families
        first = names[0] if names else self.key
        more = " et al." if len(names) > 2 or "others" in names else f" and {names[1]}" if len(names) == 2 else ""
        return f"{first}{more} {self.year}{self.letter}".strip()


def load_references(data: Path) -> Mapping[str, Reference]:
    """Return every entry of the bibliography by its key.

    Raises
    ------
    RecordError
        With every problem: text that is no BibTeX, an entry without title, author or year.
    """
    found, problems = read_references(data)
    refuse(list(problems))
    return {one.key: one for one in found}


def read_references(data: Path) -> tuple[tuple[Reference, ...], tuple[Problem, ...]]:
    """Return the entries of the bibliography that can be read, and what is wrong with the others.

    Raises
    ------
    RecordError
        Where there is none.
    """
    path = data / "references.bib"
    try:
        state = file_state(path)
    except FileNotFoundError:
        raise RecordError([Located(path, None).problem((), "no such file", "the bibliography")]) from None
    return _read(path, state)


@cache
def _read(path: Path, _state: tuple[int, ...]) -> tuple[tuple[Reference, ...], tuple[Problem, ...]]:
    from pybtex.exceptions import PybtexError
    from pybtex.scanner import PybtexSyntaxError

    text = read_text(path)
    starts = [(match.start(), match[2]) for match in _ENTRY.finditer(text)]
    found: list[Reference] = []
    problems: list[Problem] = []
    # Each entry is parsed alone, so that a fault in one is named there and hides no other.
    ends = [*(start for start, _ in starts[1:]), len(text)]
    line, at = 1, 0
    for (start, key), end in zip(starts, ends, strict=False):
        line, at = line + text.count("\n", at, start), start
        piece, where = text[start:end], line
        need = "a BibTeX entry: commas after fields, braces that close, values in braces"
        try:
            found.append(replace(_reference(key, piece), line=line))  # one that stood elsewhere is not parsed again
            continue
        except PybtexSyntaxError as error:
            said, where = str(error).split(": ", 1)[-1], line + (error.lineno or 1) - 1
        except PybtexError as error:
            said = str(error)
            need = "an entry whose names stand as Family, Given and Family, Given, with and between each"
        except (KeyError, ValueError) as error:
            said = str(error.args[0])
            need = need if said.startswith("nothing") else "an entry with title, author or editor, and year"
        problems.append(fault(path, key, said, need, where))
    # Works whose labels would be the same have a letter each, in their order.
    letters = {label: iter(ascii_lowercase) for label, n in Counter(w.label for w in found).items() if n > 1}
    return tuple(replace(w, letter=next(letters[w.label])) if w.label in letters else w for w in found), tuple(problems)


def dict_of(fields: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """Return the fields of an entry by their names, in lower case; a repeated one is refused."""
    out: dict[str, str] = {}
    for name, parts in fields:
        if name.lower() in out:
            raise ValueError(f"the field {name} twice")
        out[name.lower()] = "".join(parts)
    return out


@cache
def _reference(key: str, text: str) -> Reference:
    from pybtex.database.input.bibtex import LowLevelParser

    if not (parsed := list(LowLevelParser(text))):
        raise ValueError("nothing that can be read")
    fields = dict_of(parsed[0][1][1])
    people = fields.get("author") or fields.get("editor") or ""
    said = {"title": fields.get("title"), "author": people, "year": fields.get("year")}
    if missing := [name for name, value in said.items() if not value]:
        raise KeyError(f"no {' and no '.join(missing)}")
    names = list(_names(" ".join(people.split())))
    arxiv = _ARXIV.search(fields.get("eprint", "") or fields.get("url") or "")
    return Reference(
        key, 1, decoded(fields["title"]), tuple(f"{given} {family}".strip() for given, family in names),
        tuple(family for _, family in names), fields["year"],
        arxiv[1] if arxiv else None, fields.get("doi"), fields.get("url"), text.strip(),
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
        plain = str(Text.from_latex(text)).replace(r"\$", "$")
    except PybtexSyntaxError:  # escaped or stray braces: shown as they stand
        plain = re.sub(r"\\([{}])", r"\1", text)
    return " ".join(unicodedata.normalize("NFC", plain).replace("\xa0", " ").split())


def unknown_key(located: Located, at: Location, key: str, keys: Collection[str]) -> Iterator[Problem]:
    """Yield that a record cites what the bibliography does not have, with the nearest key that it has."""
    if key not in keys:
        yield located.problem(at, key, f"a key of data/references.bib{did_you_mean(key, keys)}")
