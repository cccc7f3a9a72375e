"""Read YAML records with their line numbers, and say what is wrong with them so that it can be mended.

The ground floor: nothing here knows what a finding or a claim is.
"""

from __future__ import annotations

import gc
import json
import math
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from review_utils.review import Explained, files_in, relative

Location = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with one record, and how to mend it."""

    file: str
    line: int
    field: str
    given: str
    needed: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: given {self.given}; needed: {self.needed}"


class FieldError(ValueError):
    """What one field of a record must be, found out by looking at several."""

    def __init__(self, needed: str, *field: str | int) -> None:
        self.field = field
        super().__init__(needed)


class RecordError(Explained, ValueError):
    """Every problem found in a set of records, not only the first.

    Parameters
    ----------
    problems : iterable of Problem
        At least one.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        listing = "\n".join(f"  {p}" for p in self.problems)
        count = len(self.problems)
        super().__init__(f"{count} problem{'s' if count > 1 else ''} in the records\n{listing}")


_TOLERATED: ContextVar[list[Problem] | None] = ContextVar("tolerated", default=None)


def refuse(problems: list[Problem]) -> None:
    """Raise what is wrong, if anything is; within `tolerated`, write it down and go on."""
    if problems and (kept := _TOLERATED.get()) is not None:
        kept += problems
    elif problems:
        raise RecordError(problems)


@contextmanager
def tolerated() -> Iterator[list[Problem]]:
    """Load records of an older day, which today's rules may refuse: give what is wrong; what cannot be read stays out."""
    kept: list[Problem] = []
    before = _TOLERATED.set(kept)
    try:
        yield kept
    finally:
        _TOLERATED.reset(before)


@dataclass(frozen=True)
class Located:
    """Data from a YAML file, and the line of every key and item (first line is 1), found when asked for."""

    path: Path
    data: Any
    text: str = field(default="", repr=False)
    line: int = 1
    starts: tuple[int, ...] = field(default=(), repr=False)
    """Of a file that lists records, the line of each."""

    def place(self, i: int) -> tuple[str, int]:
        """Return the file and line of a record that the file lists."""
        return relative(self.path), self.starts[i] if i < len(self.starts) else self.lines.get((i,), 1)

    @cached_property
    def lines(self) -> Mapping[Location, int]:
        """The line of each place in the data."""
        found: dict[Location, int] = {(): self.line}
        try:
            node = yaml.compose(self.text, Loader=_Loader) if self.text else None
        except yaml.YAMLError:  # JSON that is no YAML, as with tabs
            node = None
        if node is not None:
            _find_lines(node, (), found)
        return found

    def problem(self, location: Location, given: object, needed: str) -> Problem:
        """Return a problem at `location`, on the nearest line that is known; items of a list by their id or key."""
        line = next(self.lines[location[:i]] for i in range(len(location), -1, -1) if location[:i] in self.lines)
        words, item = list[str](), self.data
        for part in location:
            item = _at(item, (part,))
            called = item.get("id", item.get("key")) if isinstance(part, int) and isinstance(item, Mapping) else None
            words.append(called if isinstance(called, str) and re.fullmatch(r"[\w.-]+", called) else str(part))
        return Problem(relative(self.path), line, ".".join(words) or "(whole file)", shorten(given), needed)


def fault(path: Path, field: str, given: object, needed: str, line: int = 1) -> Problem:
    """Return a problem with a file of which no more is known than the line."""
    return Located(path, None, line=line).problem((field,), given, needed)


def nearest(given: str, known: Iterable[str], most: int = 1, alike: float = 0.6) -> list[str]:
    """Return what is known that is nearest to what was given, the nearest first; none where nothing is that much alike."""
    return get_close_matches(given, list(known), most, alike)


def did_you_mean(given: str, known: Iterable[str], most: int = 1) -> str:
    """Return "; did you mean ...?" with the nearest of what is known, or nothing where none is near.

    Examples
    --------
    >>> did_you_mean("colour", ["color", "size"])
    '; did you mean color?'
    """
    near = nearest(given, known, most)
    return f"; did you mean {', '.join(near)}?" if near else ""


Named = TypeVar("Named")


def with_id(records: Iterable[Named], wanted: str, what: str, field: str = "id", within: str = "") -> Named:
    """Return the record whose `field` is what is wanted.

    Raises
    ------
    KeyError
        That there is no such thing, with the near misses; of what belongs to one record, else with all that it has.
    """
    known = {str(getattr(record, field)): record for record in records}
    if wanted not in known:
        near = did_you_mean(wanted, known, 3)
        there = "" if near or not within else f"; there are: {', '.join(known) or 'none'}"
        raise KeyError(f"{f'{within} has ' if within else ''}no {what} {wanted}{near}{there}")
    return known[wanted]


def shorten(value: object, width: int = 70) -> str:
    """Return `value` as one short line, with control characters made visible."""
    text = value if isinstance(value, str) else repr(value)
    text = text.encode("unicode_escape").decode() if re.search(r"[\x00-\x1f]", text) else text
    return text if len(text) <= width else text[: width - 1] + "…"


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def raised(number: str) -> str:
    """Return a number as written, with ``e+19`` in it as the power of ten that readers know."""
    mantissa, mark, exponent = number.partition("e")
    return f"{float(mantissa):g} × 10{str(int(exponent)).translate(_SUPERSCRIPT)}" if mark else number


def format_number(value: float, digits: int = 3) -> str:
    """Return a number for prose: at most `digits` significant digits, large ones in words.

    Examples
    --------
    >>> format_number(40364371060.98), format_number(0.0519871), format_number(1512), format_number(3.04e11, 2)
    ('40.4 billion', '0.052', '1,512', '300 billion')
    """
    if not math.isfinite(value):
        return "unbounded" if value > 0 else str(value)
    for size, word in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if size <= abs(value) < 1e15:
            return f"{float(f'{value / size:.{digits}g}'):,.10g}{word}"  # never 3e+02 billion
    if abs(value) >= 1e15:
        return raised(f"{value:.{digits - 1}e}")
    if value == int(value):
        return f"{int(value):,}"
    return f"{round(value, max(digits - 1 - math.floor(math.log10(abs(value))), 0)):,.10g}"


class _Loader(yaml.CSafeLoader):
    """Safe YAML whose dates stay text, so that a partial date such as 2025-03 is one kind of thing."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        if kind is not yaml.ScalarNode:
            return str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]  # PyYAML has no types here
        if not implicit[0] or (value and value[0] not in self.yaml_implicit_resolvers):
            return _STRING  # in quotes, or with a first letter that no number and no truth has
        return _tag(value)

    def descend_resolver(self, current_node: object, current_index: object) -> None:
        """Do nothing: tags do not depend on where a value stands."""

    def ascend_resolver(self) -> None:
        """Do nothing, as in `descend_resolver`."""


_PLAIN = {
    "tag:yaml.org,2002:int": re.compile(r"[-+]?(0|[1-9][0-9]*)\Z"),
    "tag:yaml.org,2002:float": re.compile(
        r"[-+]?((0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\Z"
        r"|[-+]?(0|[1-9][0-9]*)[eE][-+]?[0-9]+\Z|[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z"
    ),
    "tag:yaml.org,2002:bool": re.compile(r"(true|True|TRUE|false|False|FALSE)\Z"),
}
"""Numbers as they are printed. Octal, sixty-based and underscored ones, and yes for true, stay text, which no number is."""

_Loader.yaml_implicit_resolvers = {
    first: [(tag, _PLAIN.get(tag, regexp)) for tag, regexp in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


_STRING = "tag:yaml.org,2002:str"


@lru_cache(maxsize=100_000)
def _tag(value: str) -> str:
    """Return the tag of a scalar without quotes; a few texts make up most of them."""
    known = _Loader.yaml_implicit_resolvers.get(value[:1], ())
    return next((tag for tag, pattern in known if pattern.match(value)), _STRING)


def _bad(problem: str, node: yaml.Node) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def _value(loader: _Loader, node: yaml.Node) -> Any:
    try:
        return loader.construct_object(node, deep=True)
    except (KeyError, AttributeError, TypeError, OverflowError, ValueError, yaml.YAMLError):
        tag = str(node.tag).removeprefix("tag:yaml.org,2002:")
        raise _bad(f"{shorten(str(node.value), 30)} marked as {tag}; leave the mark out", node) from None


def _build(loader: _Loader, node: yaml.Node, twice: list[yaml.Node], seen: set[int]) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.tag == _STRING else _value(loader, node)
    if id(node) in seen:
        raise _bad("a value that a star repeats, without end perhaps; write it out where it is needed", node)
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_build(loader, item, twice, seen) for item in node.value]
    if not isinstance(node, yaml.MappingNode):
        return _value(loader, node)
    out: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise _bad("a list or fields as a name; needed: a plain name", key_node)
        key = key_node.value if key_node.tag == _STRING else _value(loader, key_node)
        if key in out:
            twice.append(key_node)
        out[key] = _build(loader, value_node, twice, seen)
    return out


def _find_lines(node: yaml.Node, at: Location, found: dict[Location, int]) -> None:
    found.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            here = (*at, key_node.value)
            found[here] = key_node.start_mark.line + 1
            _find_lines(value_node, here, found)
    elif isinstance(node, yaml.SequenceNode):
        for i, item in enumerate(node.value):
            _find_lines(item, (*at, i), found)


LARGEST = 40_000_000
"""Bytes of a file of records at most: a hundred times the largest of today."""


def read_bytes(path: Path) -> bytes:
    """Return what a file holds, where it is a plain file of a fair size.

    Raises
    ------
    FileNotFoundError
        When there is none.
    RecordError
        For a folder, a link, a device, a pipe, a file that may not be read, or one that is too large.
    """
    try:
        about = path.lstat()
        for wrong, given, needed in (
            (stat.S_ISLNK(about.st_mode), "a link", "the file itself"),
            (stat.S_ISDIR(about.st_mode), "a folder", "a file; rename the folder"),
            (not stat.S_ISREG(about.st_mode), "a device or pipe", "a plain file"),
            (about.st_size > LARGEST, f"{about.st_size:,} bytes", f"at most {LARGEST:,}"),
        ):
            if wrong:
                raise RecordError([fault(path, "(file)", given, needed)])
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise RecordError([fault(path, "(file)", str(error.strerror), "a file that can be read")]) from None


DEEPEST = 100
"""Levels of nesting at most. The parser calls itself for each level, and a deep file would end the process."""


# Either begins with a set of signs, which the search for it uses; together they would be tried at every letter.
_BRACKET, _IN_A_ROW = re.compile(r"[\[{\]}]"), re.compile(rf"[-?:] (?:[-?:] ){{{DEEPEST - 1}}}")


def _check_depth(text: str) -> None:
    depth, deep = 0, _IN_A_ROW.search(text)
    for found in () if deep else _BRACKET.finditer(text):
        depth = max(depth + (1 if found[0] in "[{" else -1), 0)
        if depth > DEEPEST:
            deep = found
            break
    if deep:
        line = text.count("\n", 0, deep.start()) + 1
        raise ValueError(f"brackets {DEEPEST} deep at line {line}; close them, or put text with brackets in quotes")


_MERGE = re.compile(r"^(?:<{7}|>{7}|\|{7}|={7})(?= |\r?$)", re.M)


def merge_marks(path: Path, text: str) -> list[Problem]:
    r"""Return the marks that a merge left in a file of any kind: both versions are still in it, and neither holds.

    Examples
    --------
    >>> [p.line for p in merge_marks(Path("a.yml"), "a: 1\n=======\na: 2\n")]
    [2]
    """
    if not any(sign * 7 in text for sign in "<=>|"):
        return []
    needed = "one of both versions, and the marks taken out"
    return [
        fault(path, "(file)", f"a mark of a merge, {mark[0]}", needed, text.count("\n", 0, mark.start()) + 1)
        for mark in _MERGE.finditer(text)
    ]


def read_text(path: Path, missing: str = "") -> str:
    """Return the text of a file.

    Parameters
    ----------
    path : path
    missing : str
        What is needed where there is no such file, beside the nearest name in its folder.

    Raises
    ------
    RecordError
        When it is missing, is no plain file, is not UTF-8, or holds marks of a merge.
    """
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except FileNotFoundError:
        hint = missing or "create it, or mend the name"
        hint += did_you_mean(path.name, (p.name for p in files_in(path.parent)))
        raise RecordError([fault(path, "(file)", "no such file", hint)]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        given = f"byte 0x{error.object[error.start]:02x}"
        need = "UTF-8 text; save the file as UTF-8"
        raise RecordError([fault(path, "(encoding)", given, need, line)]) from None
    if marks := merge_marks(path, text):
        raise RecordError(marks)
    return text


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the name {next(n for n in names if names.count(n) > 1)} twice in one place")
    return out


def read_json(path: Path, missing: str = "") -> Located:
    """Read one JSON file; its lines are found as those of YAML, of which JSON is a part.

    Raises
    ------
    RecordError
        When the file is missing, is not UTF-8, is not JSON, or repeats a name.
    """
    text = read_text(path, missing)
    try:
        return Located(path, json.loads(text, object_pairs_hook=_each_once), text)
    except (ValueError, RecursionError) as error:
        said, line = getattr(error, "msg", str(error)), getattr(error, "lineno", 1)
        raise RecordError([fault(path, "(syntax)", said, "valid JSON", line)]) from None


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of cycles from looking through many records that are made, again and again; they hold none."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.freeze()  # out of the young, which it looks through first,
            gc.unfreeze()  # into the oldest
            gc.enable()


@lru_cache(maxsize=200)
@uncollected()
def _parsed(text: str) -> tuple[Any, tuple[int, ...], tuple[yaml.Node, ...]]:
    """Return what a text of YAML holds, the line of each item where it is a list, and the keys that stand twice.

    A file is asked for by several loaders, and parsing is most of what a check costs: the same text is parsed once.
    """
    twice: list[yaml.Node] = []
    _check_depth(text)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        data = None if node is None else _build(loader, node, twice, set())
    finally:
        loader.dispose()
    listed = node.value if isinstance(node, yaml.SequenceNode) else ()
    return data, tuple(item.start_mark.line + 1 for item in listed), tuple(twice)


def _in_words(error: Exception, text: str) -> tuple[str, str]:
    """Return what stands where YAML ends, and what is needed; the parser's own words where it is no common slip."""
    what = str(getattr(error, "problem", None) or error)
    mark = getattr(error, "problem_mark", None)
    lines = text.split("\n")
    at = lines[mark.line] if mark and mark.line < len(lines) else ""
    indent, own = len(at) - len(at.lstrip()), re.match(r" *(?:- +)?[\w-]*", at)
    if "\t" in at[:indent]:
        return "a tab before the first word", "spaces, as in the lines around it"
    if mark and own and mark.column in (indent, own.end()) and re.search(r"mapping v|d key|'-'", what):
        above = len(re.sub(r"[^ -].*", "", lines[mark.line - 1]))
        needed = f"that of the dashes or keys beside it (the key above: {above}), or quotes around a text that goes on"
        return f"an indent of {indent}", needed
    if "mapping values are not allowed" in what:
        return "a colon in a text without quotes", 'quotes around the text, as in title: "This: that"'
    if "cannot start any token" in what and mark:
        return f"a text that begins with {at[mark.column : mark.column + 1]}", "quotes around the text"
    if "could not find expected ':'" in what:
        return "a line without its key", "key: value; or, in a text that goes on, two spaces more than its key"
    if "unexpected end" in what:
        return "a quote that is not closed", "its end"
    return shorten(what), "valid YAML"


def _own(data: Any) -> Any:  # what YAML holds
    """Return a copy of lists and fields, down to the last."""
    if type(data) is dict:
        return {key: _own(value) if type(value) in (dict, list) else value for key, value in data.items()}
    return [_own(item) if type(item) in (dict, list) else item for item in data] if type(data) is list else data


def read_yaml(path: Path) -> Located:
    """Read one YAML file; its data belong to the caller, who may change them.

    Raises
    ------
    RecordError
        When the file is missing, is not UTF-8, is not YAML, is empty, or repeats a key.
    """
    text = read_text(path)
    try:
        data, starts, twice = _parsed(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        given, needed = _in_words(error, text)
        raise RecordError([fault(path, "(syntax)", given, needed, line)]) from None
    located = Located(path, _own(data), text, starts=starts)
    if data is None:
        raise RecordError([located.problem((), "an empty file", "a record; see CONTRIBUTING.md for its form")])
    if twice:
        said, needed = "the same key twice", "each key once; remove one"
        raise RecordError(fault(path, str(key.value), said, needed, key.start_mark.line + 1) for key in twice)
    return located


UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of what is no letter: controls, directions, zero widths, tags, private and unassigned, line ends."""


_ENTITY = re.compile(r"&(?:#x?[0-9a-fA-F]+|[a-z]+);")


def plain_text(text: str) -> str:
    """Refuse markup and control characters: text from records is shown as text, never as HTML."""
    if text and text.isprintable() and not (text.isspace() or "<" in text or "&" in text or "\ufffd" in text):
        return text  # nearly all text; the rest is looked at closely
    for letter in text:
        # Other (C) than letters: controls, directions, zero widths, tags, private and unassigned; line ends (Zl, Zp).
        if unicodedata.category(letter) in UNSEEN or letter == "\ufffd":
            raise ValueError(f"plain text, without the control character {letter!a}")
    if bad := re.search(r"<[A-Za-z/!?][^>]*>?", text):
        raise ValueError(f"plain text, without markup such as {shorten(bad[0], 30)}")
    if bad := _ENTITY.search(text):
        raise ValueError(f"plain text, with the sign that {bad[0]} stands for")
    if not text.strip():
        raise ValueError("text that is not blank, or leave the field out")
    return text


LEFT = ("TODO", "TBD", "FIXME", "XXX", "lorem ipsum", "citation needed", "??")

LEFT_OVER = re.compile(rf"\b(?:{'|'.join(LEFT[:-1])})\b|\?\?+")
"""What stands where work was left for later."""


def _written_out(text: str) -> str:
    """Refuse text that says nothing or is not written as an editor writes it."""
    if not (text[:1].isalnum() or any(letter.isalnum() or letter in "%‰°$€" for letter in text)):
        raise ValueError("words")
    if text != text.strip():
        raise ValueError("text without a space before or after it")
    if not (text.isascii() or unicodedata.is_normalized("NFC", text)):
        raise ValueError("letters with their accents in one sign (Unicode's form NFC); type the letter anew")
    if len(text) <= 3 and re.fullmatch(r"n/?a|N/?A|\.{3}", text):
        raise ValueError("words, or leave the field out")
    if any(word in text for word in LEFT) and (left := LEFT_OVER.search(text)):
        raise ValueError(f"words that are done: {left[0]} is work that was left over")
    return text


Text = Annotated[str, AfterValidator(plain_text), AfterValidator(_written_out)]


SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


Slug = Annotated[str, Field(pattern=SLUG, max_length=100)]


class Record(BaseModel):
    """Base of all records: no unknown fields, no silent conversion, no change after loading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, coerce_numbers_to_str=False)

    @model_validator(mode="after")
    def _lists_without_twins(self) -> Self:
        for name, value in self.__dict__.items():
            listed = isinstance(value, list) and name != "authors"  # two people of one name can write a paper together
            for i, item in enumerate(value if listed else ()):
                if item in value[:i] and not isinstance(item, int | float):
                    raise FieldError("each once", name, i)
        return self


ModelT = TypeVar("ModelT", bound=BaseModel)


_NEEDED = {
    "missing": "this field",
    "string_type": 'text; put quotes around it ("…") if it looks like a number',
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list (one item a line, each after a dash)",
    "dict_type": "fields below it",
    "model_type": "fields below it",
    "string_pattern_mismatch": "lower-case letters, digits and single dashes",
    "finite_number": "a finite number",
    "greater_than_equal": "a number of at least {ge}",
    "greater_than": "a number above {gt}",
    "less_than_equal": "a number of at most {le}",
    "less_than": "a number below {lt}",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
}


def problems_of(error: ValidationError, located: Located, model: type[BaseModel], at: Location = ()) -> list[Problem]:
    """Translate pydantic's errors into problems with file, line, field and remedy."""
    found = []
    for item in error.errors(include_url=False):
        location = (*at, *item["loc"])
        kind = item["type"]
        given: object = {"missing": "nothing", "extra_forbidden": "an unknown field"}.get(kind, item["input"])
        needed = _NEEDED.get(kind, item["msg"].removeprefix("Value error, ")).format_map(item.get("ctx", {}))
        cause = item.get("ctx", {}).get("error")
        if isinstance(cause, FieldError):
            location, given = (*location, *cause.field), _at(given, cause.field)
        elif isinstance(given, float) and not math.isfinite(given):
            needed = _NEEDED["finite_number"]
        while kind not in ("missing", "extra_forbidden") and location[len(at) :] and location not in located.lines and _ALTERNATIVES.match(str(location[-1])):  # fmt: skip
            location = location[:-1]  # one of several kinds of value was tried; the field is what an author knows
        if kind == "value_error" and isinstance(given, dict):
            given = "what stands here"
        if kind == "extra_forbidden":
            known = _fields_of(model, item["loc"][:-1])
            needed = f"one of {', '.join(known)}" if known else "nothing here"
            needed += did_you_mean(str(item["loc"][-1]), known)
        elif kind == "string_pattern_mismatch" and item["ctx"]["pattern"] != SLUG:
            needed = "an address as https://example.org/page" if item["ctx"]["pattern"].startswith("^https://[") else f"text of the form {item['ctx']['pattern']}"  # fmt: skip
        elif kind in ("literal_error", "enum"):
            needed = "one of " + item["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        found.append(located.problem(location, given, needed))
    together: dict[tuple[str, int, str], list[Problem]] = {}
    for problem in found:
        together.setdefault((problem.file, problem.line, problem.field), []).append(problem)
    return [replace(same[0], needed=", or ".join(dict.fromkeys(p.needed for p in same))) for same in together.values()]


_ALTERNATIVES = re.compile(r"(float|int|str|bool|list|date|constrained-\w+|function-.*|\w+\[.*)\Z")


def _at(given: object, place: Location) -> object:
    for part in place:
        if isinstance(given, Mapping):
            given = given.get(part, "nothing")
        elif isinstance(given, list):
            given = given[part] if isinstance(part, int) and part < len(given) else "nothing"
    return given


def _fields_of(annotation: Any, location: Location = ()) -> list[str]:  # a type of any form
    """Return the names of the fields at a place in what is annotated; none where no model stands there."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return next(filter(None, (_fields_of(part, location) for part in getattr(annotation, "__args__", ()))), [])
    names = [part for part in location if isinstance(part, str)]
    if not names:
        return [info.alias or name for name, info in annotation.model_fields.items()]
    info = annotation.model_fields.get(names[0])
    return _fields_of(info.annotation, tuple(names[1:])) if info else []


def parse(model: type[ModelT], located: Located, data: object = None, at: Location = ()) -> ModelT:
    """Return `data` (default: the whole file) as a `model`, or raise a RecordError that names each line."""
    try:
        return model.model_validate(located.data if data is None else data)
    except ValidationError as error:
        raise RecordError(problems_of(error, located, model, at)) from None


def each_once(
    located: Located, records: Iterable[object], field: str = "id", needed: str = "an id of its own", at: Location = ()
) -> Iterator[Problem]:
    """Yield each record of the list at `at` whose field says what that of one before it says."""
    seen = set()
    for i, record in enumerate(records):
        value = getattr(record, field)
        if value in seen:
            yield located.problem((*at, i, field), value, needed)
        seen.add(value)


def load_list(
    path: Path,
    model: type[ModelT],
    wrong: Callable[[Located, int, ModelT], Iterable[Problem]] = lambda *_: (),
    once: Iterable[tuple[str, str]] = (("id", "an id of its own"),),
) -> list[ModelT]:
    """Return the records that a file lists: of each field in `once` no value twice, and with none of them `wrong`."""
    located = read_yaml(path)
    records = parse_list(model, located)
    problems = [problem for field, needed in once for problem in each_once(located, records, field, needed)]
    problems += [problem for i, record in enumerate(records) for problem in wrong(located, i, record)]
    refuse(problems)
    return records


def read_each(
    paths: Iterable[Path], into: Callable[[Located], Named], problems: list[Problem]
) -> Iterator[tuple[Located, Named]]:
    """Yield each file that can be read, with what it is read `into`; what is wrong with the others joins `problems`."""
    for path in paths:
        try:
            found = into(located := read_yaml(path))
        except RecordError as error:
            problems += error.problems
            continue
        yield located, found


def parse_list(model: type[ModelT], located: Located) -> list[ModelT]:
    """Return a file that lists records as models; every problem of every item is reported at once."""
    if not isinstance(located.data, list):
        raise RecordError([located.problem((), type(located.data).__name__, "a list of records, each after a dash")])
    out: list[ModelT] = []
    problems: list[Problem] = []
    for i, item in enumerate(located.data):
        try:
            out.append(parse(model, located, item if item is not None else {}, (i,)))
        except RecordError as error:
            problems += error.problems
    refuse(problems)
    return out
