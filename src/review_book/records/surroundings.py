"""The files around the records: the book's own, how to cite it, drills and the last execution."""

from __future__ import annotations

import contextlib
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from copy import deepcopy
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt, model_validator

from review_book.git import git
from review_book.records.about import load_about
from review_book.records.cut import cut_texts
from review_book.records.duplicates import plain_title
from review_book.records.kinds import all_kinds, schemas
from review_book.records.marked import marked_texts
from review_book.records.sentences import typed_numbers
from review_book.records.tables import Licence
from review_book.records.units import check_units
from review_utils.records.quantities import EARLIEST, Number, PartialDate, earliest, newest_day, today
from review_utils.records.reading import (
    FieldError,
    Located,
    Location,
    Problem,
    RecordError,
    Text,
    did_you_mean,
    fault,
    merge_marks,
    parse,
    parse_list,
    read_json,
    read_yaml,
)
from review_utils.review import files_in, left_lying, relative


class _Open(BaseModel):
    """A file of another program's, of which the review reads these fields and leaves the rest alone."""

    model_config = ConfigDict(strict=True, frozen=True)


def _address(said: str) -> str:
    if not re.fullmatch(r"(https?|ftp)://([\w-]+\.)+[A-Za-z][\w-]+([:/?#][^\s<>\"]*)?", said):
        raise ValueError("an address as https://example.org/page")
    return said


Address = Annotated[str, AfterValidator(_address)]


class _Contents(_Open):
    format: Text
    root: Text
    chapters: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []


class _Setting(BaseModel):
    """A part of the book's settings: one that has no effect, for being mistyped, is worse than none."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class _Execute(_Setting):
    execute_notebooks: Literal["off"]


READ_SO = ("colon_fence", "dollarmath")
"""Extensions of Markdown without which pages would stand otherwise than they are checked."""


def _read_as_checked(said: list[str]) -> list[str]:
    if lacking := [name for name in READ_SO if name not in said]:
        raise ValueError(f"{', '.join(lacking)} as well, by which pages are checked")
    return said


class _Parse(_Setting):
    myst_enable_extensions: Annotated[
        list[Literal["colon_fence", "dollarmath", "linkify", "tasklist"]], AfterValidator(_read_as_checked)
    ]


def _picture(said: str) -> str:
    if not re.fullmatch(r"(?!data/|[./~])[\w./-]+\.(svg|png|ico|jpe?g|gif|webp)", said) or "/." in said:
        raise ValueError("a picture of the review, as assets/logo.svg: it is published as it is")
    return said


Picture = Annotated[Text, AfterValidator(_picture)]


class _Html(_Setting):
    favicon: Picture | None = None
    use_edit_page_button: bool = False
    use_repository_button: bool = False
    use_issues_button: bool = False
    use_multitoc_numbering: bool = True
    extra_footer: str = ""
    home_page_in_navbar: bool = True
    baseurl: str = ""
    announcement: str = ""


class _Buttons(_Setting):
    notebook_interface: Literal["classic", "jupyterlab"] = "classic"
    binderhub_url: str = ""
    jupyterhub_url: str = ""
    colab_url: str = ""
    deepnote_url: str = ""
    thebe: bool = False


class _Repository(_Setting):
    url: Address
    path_to_book: str = ""
    branch: str = "main"
    provider: str = ""


class _Theme(_Setting):
    navbar_persistent: list[Literal["search-button.html", "theme-switcher.html"]] | None = None
    footer_content_items: (
        list[Literal["author.html", "copyright.html", "last-updated.html", "extra-footer.html"]] | None
    ) = None
    show_toc_level: PositiveInt = 1
    show_navbar_depth: PositiveInt = 1
    collapse_navbar: bool = False
    home_page_in_toc: bool = False


def _no_warning_left_out(said: list[str]) -> list[str]:
    if said:
        raise ValueError("an empty list: a warning that is left out is a fault that nobody sees")
    return said


def _read_aloud(said: str) -> str:
    if said != "en":
        raise ValueError("en, in which the engine writes, and which every page tells those who read it aloud")
    return said


def _linked_to(said: str) -> str:
    if said != "ref-{key}":
        raise ValueError("ref- and the word key in braces, to which pages made from records link")
    return said


Style = Literal["alpha", "plain", "unsrt", "unsrtalpha"]


class _OfSphinx(_Setting):
    """Settings of Sphinx that say how pages look; of those for html, others publish files, scripts or sources besides them."""

    suppress_warnings: Annotated[list[str], AfterValidator(_no_warning_left_out)] = []
    language: Annotated[str, AfterValidator(_read_aloud)] = "en"
    html_theme_options: _Theme = _Theme()
    html_last_updated_fmt: Text | None = None
    html_show_copyright: bool = True
    html_show_sphinx: bool = True
    bibtex_reference_style: Literal["author_year", "label", "super", "foot"] = "label"
    bibtex_default_style: Style = "alpha"
    bibtex_cite_id: Annotated[str, AfterValidator(_linked_to)] = "ref-{key}"
    bibtex_tooltips: bool = True
    bibtex_tooltips_style: Style | Literal[""] = ""


class _Sphinx(_Setting):
    extra_extensions: Annotated[list[Literal["review_book"]], Field(min_length=1)]
    recursive_update: bool = False
    config: _OfSphinx = _OfSphinx()


def _of_now(said: str | int) -> str | int:
    years = [int(year) for year in re.findall(r"(?<![0-9])[0-9]{4}(?![0-9])", str(said))]
    if not years or years != sorted(years) or not EARLIEST <= years[0] <= years[-1] <= newest_day().year:
        raise ValueError(f"the year of the review, or the first and the last, none after {today().year}")
    return said


class _Book(_Setting):
    title: Text
    author: Text
    copyright: Annotated[str | int, AfterValidator(_of_now)] | None = None
    logo: Picture | None = None
    only_build_toc_files: bool = False
    exclude_patterns: list[str] = []
    execute: _Execute
    parse: _Parse
    html: _Html
    latex: dict[str, Any] = {}
    launch_buttons: _Buttons = _Buttons()
    repository: _Repository | None = None
    sphinx: _Sphinx
    bibtex_bibfiles: list[Literal["data/references.bib"]]


def _was(date: str) -> str:
    if earliest(date) > newest_day():
        raise ValueError(f"a day that is not after today, {today()}")
    return date


Past = Annotated[PartialDate, AfterValidator(_was)]


def _whole_day(date: str) -> str:
    if len(date) < len("2026-01-31"):
        raise ValueError("a day as 2026-01-31")
    return date


def _orcid(said: str) -> str:
    digits = re.fullmatch(r"https://orcid\.org/([0-9]{4})-([0-9]{4})-([0-9]{4})-([0-9]{3})([0-9X])", said)
    if not digits:
        raise ValueError("an ORCID as https://orcid.org/0000-0002-1825-0097, with its address")
    total = 0
    for digit in "".join(digits.groups()[:4]):
        total = 2 * (total + int(digit))
    if (last := "0123456789X"[(12 - total % 11) % 11]) != digits[5]:
        raise ValueError(f"the ORCID as its owner has it: of these digits the last would be {last}")
    return said


def _doi(said: str) -> str:
    if not re.fullmatch(r"10\.[0-9]{4,9}(\.[0-9]+)?/[A-Za-z0-9:/_;\-.()\[\]\\]*[A-Za-z0-9:/_)\]]", said):
        raise ValueError("a DOI as 10.1234/what-follows, without an address before it or a stop after it")
    return said


Doi = Annotated[str, AfterValidator(_doi)]


class _Cff(BaseModel):
    """A part of a citation file, with the fields that its format knows: one more, and no program reads the file."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", alias_generator=lambda name: name.replace("_", "-")
    )


class _Contributor(_Cff):
    """A person by family and given names, or a group by its name."""

    name: Text | None = None
    family_names: Text | None = None
    given_names: Text | None = None
    name_particle: Text | None = None
    name_suffix: Text | None = None
    affiliation: Text | None = None
    orcid: Annotated[str, AfterValidator(_orcid)] | None = None
    alias: Text | None = None
    email: Annotated[str, Field(pattern=r"^[^\s@]+@[^\s@]+\.[^\s@]+$")] | None = None
    website: Address | None = None
    address: Text | None = None
    city: Text | None = None
    country: Text | None = None
    region: Text | None = None
    location: Text | None = None
    post_code: Text | int | None = None
    tel: Text | None = None
    fax: Text | None = None
    date_start: PartialDate | None = None
    date_end: PartialDate | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.name is None) == (self.family_names is None):
            raise ValueError("family-names and given-names of a person, or the name of a group; one of them")
        of_person = ("given_names", "name_particle", "name_suffix", "affiliation")
        for field in of_person if self.name else ("location", "date_start", "date_end"):
            if getattr(self, field) is not None:
                who = "a person" if self.name else "a group"
                raise FieldError(f"no such field here, which is one of {who}", field.replace("_", "-"))
        return self


class _Identifier(_Cff):
    type: Literal["doi", "url", "swh", "other"]
    value: Text
    description: Text | None = None

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        for kind, form in (("doi", _doi), ("url", _address)):
            if self.type == kind:
                try:
                    form(self.value)
                except ValueError as error:
                    raise FieldError(str(error), "value") from None
        return self


class _Work(_Open):
    type: Text
    title: Text
    authors: Annotated[list[_Contributor], Field(min_length=1)]
    doi: Doi | None = None
    url: Address | None = None


class _HowToCite(_Cff):
    """``CITATION.cff``, with all fields of its format 1.2.0."""

    cff_version: Literal["1.2.0"]
    message: Text
    title: Text
    type: Literal["software", "dataset"] = "software"
    authors: Annotated[list[_Contributor], Field(min_length=1)]
    contact: list[_Contributor] = []
    version: Text
    date_released: Annotated[Past, AfterValidator(_whole_day)]
    abstract: Text
    keywords: list[Text] = []
    license: Annotated[list[Licence], BeforeValidator(lambda said: said if isinstance(said, list) else [said])] = []
    license_url: Address | None = None
    doi: Doi | None = None
    identifiers: list[_Identifier] = []
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{7,64}$")] | None = None
    url: Address | None = None
    repository: Address | None = None
    repository_code: Address | None = None
    repository_artifact: Address | None = None
    preferred_citation: _Work | None = None
    references: list[_Work] = []

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for field in ("authors", "contact", "keywords"):
            said = getattr(self, field)
            if again := next((i for i, one in enumerate(said) if one in said[:i]), None):
                raise FieldError("each once", field, again)
        return self


def _another_version(root: Path, located: Located) -> Iterator[Problem]:
    """Yield a version to cite that is not that of the package, which every page, entry and archive would then name."""
    package = root / "pyproject.toml"
    said = located.data.get("version")
    with contextlib.suppress(tomllib.TOMLDecodeError, OSError):
        version = tomllib.loads(package.read_text(encoding="utf-8")).get("project", {}).get("version")
        if version and version != said:
            yield located.problem(("version",), said, f"{version}, the version in pyproject.toml")


class _Drill(_Open):
    fault: str
    guard: str
    seen_red: Past


class _Execution(_Open):
    date: Past
    notebooks: PositiveInt
    seconds: Annotated[Number, Field(gt=0)]
    python: Annotated[str, Field(pattern=r"^3\.\d+\.\d+\S*$")]
    slowest: dict[str, Annotated[Number, Field(gt=0)]] = {}


RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|\Z)", re.I)
"""How the name of a file may not begin on Windows, whatever its ending."""

FOLDERS = ("data", "chapters", "analyses", "tests/reference")
"""Where a person's files stand, besides those beside them; what is made or brought in is not theirs."""


def _linked(root: Path) -> Iterator[Problem]:
    """Yield the links among what a review is made of; only data sets of others may lie elsewhere, each held by its hash."""
    needed = "the folder or the file itself: what a link points to is not kept with the review"
    for name in FOLDERS:
        places = [root / name, *(Path(top) / one for top, *inside in os.walk(root / name) for one in chain(*inside))]
        for path in sorted(place for place in places if place.is_symlink() and not left_lying(place.name)):
            if (root / "data" / "external") not in (path, *path.parents):
                yield Problem(relative(path), 1, "(file)", "a link", needed)


_PLAIN = bytes(range(32, 127)) + b"\n\r\t"
_TWO_SCRIPTS = re.compile("[A-Za-z][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-z]|(?<=[A-Za-z] )[\u0400-\u04ff](?= [A-Za-z])")


_LOST = re.compile(
    rb"(?:^|[,;\t\"])(#(?:NAME\?|REF!|VALUE!|DIV/0!|N/A|NUM!|NULL!|SPILL!|CALC!))(?=[,;\t\"\r\n]|\Z)", re.M
)
"""What a spreadsheet leaves in a cell that it could not compute; what was typed there is gone."""


def _texts(root: Path) -> Iterator[Problem]:
    """Yield, of any text of the review, what a merge or a spreadsheet left in it and letters that none can tell from others.

    Also a table whose last row does not end.

    The pairs by which telling duplicates apart is measured hold such letters on purpose.
    """
    others = root / "data" / "external"
    for path in (*files_in(root, "*.*"), *(p for folder in FOLDERS for p in files_in(root / folder, "**/*.*"))):
        if path.suffix != ".parquet" and others not in path.parents and path.is_file() and not path.is_symlink():
            content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
            if any(sign * 7 in content for sign in (b"<", b"=", b">", b"|")):
                yield from merge_marks(path, content.decode("utf-8", "replace"))
            for lost in _LOST.finditer(content) if path.suffix == ".csv" else ():
                line = content.count(b"\n", 0, lost.start(1)) + 1
                need = "what stood in the cell before a spreadsheet read it as a formula"
                yield fault(path, "(cell)", lost[1].decode(), need, line)
            if path.suffix == ".csv" and content and not content.endswith(b"\n"):
                need = "a line end after the last row: without it none can tell whether the table was cut off"
                yield fault(path, "(row)", "a row that does not end", need, content.count(b"\n") + 1)
            if path.name != "duplicate_pairs.csv" and (
                letters := content.translate(None, _PLAIN).decode("utf-8", "replace")
            ):
                yield from _unlike(path, letters, content)


_HYPHENS = "\u2010\u2011"
"""What pages print in place of a hyphen; a minus sign and a dash look otherwise."""


def _unlike(path: Path, letters: str, content: bytes) -> Iterator[Problem]:
    """Yield letters of a text that are not seen, or look as another does: each at its first place."""
    wrong = {
        one: "letters that are seen, and a space as the space bar makes it"
        for one in set(letters)
        if not one.isprintable()
    }
    for one in set(letters) - wrong.keys():
        plain = "-" if one in _HYPHENS else unicodedata.normalize("NFKC", one)
        if plain != one and plain.isascii() and (one.isalpha() or one.isdecimal() or one in _HYPHENS):
            wrong[one] = f"{plain}, which it only looks like"
    if b"\xef\xbf\xbd" in content:
        wrong["\ufffd"] = "the letter that was lost when the file was read in another encoding"
    if _READ_SO & set(letters):
        yield from _read_wrongly(path, content.decode("utf-8", "replace"))
    if any("\u0400" <= one <= "\u04ff" for one in letters):
        text = content.decode("utf-8", "replace")
        if found := _TWO_SCRIPTS.search(text):
            need = "a word in the letters of one script"
            yield fault(path, "(text)", f"{found[0]} ({found[0]!a})", need, text.count("\n", 0, found.start()) + 1)
    for one, need in sorted(wrong.items()):
        line = content[: content.find(one.encode())].count(b"\n") + 1
        yield fault(path, "(text)", f"{one!a}, {unicodedata.name(one, 'a control character')}", need, line)


_TWICE = re.compile("[ÂÃÎÏÐ][^\\x00-\\x7f]|â[^\\x00-\\x7f]{2}")
_READ_SO = frozenset("ÂÃÎÏÐâ")
"""How the first byte of letters with accents, Greek and Cyrillic ones and signs looks where each byte is read as a letter."""


def _read_wrongly(path: Path, text: str) -> Iterator[Problem]:
    """Yield the first letters that were read in another encoding than that in which they were written, as Ã¤ for ä."""
    for found in _TWICE.finditer(text):
        for encoding in ("cp1252", "latin-1"):
            with contextlib.suppress(UnicodeError):
                meant = found[0].encode(encoding).decode("utf-8")
                yield fault(
                    path, "(text)", found[0], f"{meant}, as it was written", text.count("\n", 0, found.start()) + 1
                )
                return


BESIDE = (
    "datapackage.json", "drills.json", "execution.json", "history.jsonl", "references.bib", "schemas/*.json", "lab/*.json",
    "lab/*.parquet", "published/*", "derived/*", "external/**", "findings/*",
)  # fmt: skip
"""What is read of the data folder besides the files of records; of some folders each file is asked for elsewhere."""


def _unread(root: Path) -> Iterator[Problem]:
    """Yield files that an author may take for a part of the review and that nothing reads."""
    known = sorted({*BESIDE, *(name for kind in all_kinds().values() for name in kind.files)})
    written = "|".join(map(re.escape, known))
    for sign, stands_for in (("**", ".*"), ("*", "[^/]*"), ("?", "[0-9]")):
        written = written.replace(re.escape(sign), stands_for)
    pattern = re.compile(written)
    for path in files_in(root / "data", "**/*"):
        name = path.relative_to(root / "data").as_posix()
        if path.is_file() and not pattern.fullmatch(name):
            here = [one for one in known if Path(one).parent == Path(name).parent]
            near = did_you_mean(name, here)
            need = f"a name that is read in this folder: {', '.join(here) or 'none is'}{near}; or another place"
            yield Problem(relative(path), 1, "(file)", "a file that nothing reads", need)
    for path in (*files_in(root / "chapters", "**/*"), *files_in(root / "analyses", "**/*")):
        deep = len(path.relative_to(root).parts) - (2 if path.is_relative_to(root / "chapters") else 3)
        if path.is_file() and not (path.suffix == ".md" and deep == 0) and not _named_beside(path):
            given, need = (
                "a file that nothing reads",
                "a page as .md, in _toc.yml; a file whose name a page beside it holds; or another place",
            )
            if path.suffix == ".ipynb":
                given, need = _as_notebook(path)
            yield Problem(relative(path), 1, "(file)", given, need)


def _ignored(root: Path) -> Iterator[Problem]:
    """Yield the files of the review that git passes over: a clone, and what is published from one, lacks them."""
    with contextlib.suppress(FileNotFoundError):  # a machine without git keeps no clone
        said = git(root, "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", *FOLDERS).stdout
        for name in said.decode("utf-8", "replace").split("\0"):
            path = root / name
            if name and root / "data" / "external" not in path.parents and not any(map(left_lying, Path(name).parts)):
                rule = git(root, "check-ignore", "-v", "--", name).stdout.decode("utf-8", "replace").split("\t")[0]
                need = "a file that git keeps, by another name or another rule; no clone of the review holds this one"
                yield Problem(relative(path), 1, "(file)", f"a file that git ignores ({rule})", need)


def _as_notebook(path: Path) -> tuple[str, str]:
    """Return what a notebook in JupyterLab's own format is, and how its cells come into the Markdown that is read."""
    page = path.with_suffix(".md").name
    taken = f"jupytext --to md:myst {relative(path)} (jupytext is there after make notebook), then remove the .ipynb"
    if (path.parent / page).is_file():
        return f"a notebook beside {page}, not read", f"{page} alone; to take over the cells of the notebook: {taken}"
    return "a notebook as .ipynb, not read", f"it in MyST Markdown, in _toc.yml: {taken}"


def _named_beside(path: Path) -> bool:
    name = path.stem if path.suffix == ".py" else path.name
    return path.suffix != ".ipynb" and any(
        name in page.read_text("utf-8", "replace") for page in files_in(path.parent, "*.md")
    )


_WRITTEN = re.compile(r"<(?:\w+:)?(?:text|tspan|textPath|title|desc)\b[^>]*>([^<]+)")
"""What a drawing says to its reader, until the next tag."""


def _typed_in_drawings(root: Path) -> Iterator[Problem]:
    """Yield numbers that are typed into the words of drawings: on a page they would be results without a source."""
    need = "a chart through show.figure, whose numbers are computed; or <!-- number: the reason --> in the file"
    for path in chain.from_iterable(files_in(root / name, "**/*.svg") for name in ("assets", "chapters", "analyses")):
        text = path.read_text("utf-8", "replace")
        for words in _WRITTEN.finditer(text) if "<!-- number:" not in text else ():
            for number in typed_numbers(words[1])[:1]:
                line = text.count("\n", 0, words.start(1)) + 1
                yield Problem(relative(path), line, "text", f"the typed number {number}", need)


def _named_as_devices(root: Path) -> Iterator[Problem]:
    """Yield the files and folders of the review that no copy on Windows can hold, for their names."""
    needed = "another name: Windows keeps it for a device, and a copy of the review there lacks the file"
    for name in FOLDERS:
        for top, *inside in os.walk(root / name):
            for one in sorted(chain(*inside)):
                if RESERVED.match(one) and root / "data" / "external" not in Path(top, one).parents:
                    yield Problem(relative(Path(top, one)), 1, "(file)", one, needed)


def _name(root: Path) -> str:
    """Return the name of the review; its record as a whole is checked elsewhere."""
    with contextlib.suppress(RecordError):
        about = read_yaml(root / "data" / "review.yml").data
        return str(about.get("name", "")) if isinstance(about, dict) else ""
    return ""


def check_book(root: Path) -> list[Problem]:
    """Return the problems of what a build cannot begin without: the contents, the settings and how to cite the review.

    In these and in all records, also texts that YAML cuts off; in records, signs that a page would print.
    """
    written = (*files_in(root, "*.yml"), *files_in(root, "*.cff"), *files_in(root / "data", "**/*.yml"))
    problems = [
        one for path in written if path.is_file() for one in cut_texts(path, path.read_text("utf-8", "replace"))
    ]
    problems += [
        one
        for path in files_in(root / "data", "**/*.yml")
        if path.is_file()
        for one in marked_texts(path, path.read_text("utf-8", "replace"))
    ]
    pages: list[str] = []
    for name, model in (("_toc.yml", _Contents), ("_config.yml", _Book), ("CITATION.cff", _HowToCite)):
        try:
            located = read_yaml(root / name)
            parse(model, located)
            problems += [*_disordered(located), *_contents(root, located)] if model is _Contents else []
            problems += _another_version(root, located) if model is _HowToCite else []
            pages += re.findall(r"^[ \t-]*(?:file|root):[ \t]*(\S+)", located.text, re.M) if model is _Contents else []
            problems += [*_left_out(located, pages), *_lacking(root, located)] if model is _Book else []
            title, said = _name(root), str(located.data.get("title", ""))
            if title and model is not _Contents and said != title and not said.startswith(f"{title}:"):
                problems.append(located.problem(("title",), said, f"{title}, the name in data/review.yml"))
        except RecordError as error:
            problems += error.problems
    return problems


def _headed(path: Path) -> str:
    """Return the first heading of a page, or nothing."""
    text = path.read_text("utf-8", "replace") if path.is_file() else ""
    return found[1].strip() if (found := re.search(r"^# (.+)$", text, re.M)) else ""


def _entries(said: Any, at: Location = (), below: str = "") -> Iterator[tuple[Location, dict[str, Any], str]]:  # noqa: ANN401  # YAML
    """Yield each entry of the contents with its place, and the page that it stands below."""
    if isinstance(said, dict):
        yield at, said, below
        for name, inside in said.items():
            yield from _entries(inside, (*at, name), str(said.get("file", below)))
    elif isinstance(said, list):
        for i, one in enumerate(said):
            yield from _entries(one, (*at, i), below)


def _disordered(located: Located) -> Iterator[Problem]:
    """Yield what the book's own reader of contents does not take: keys of another place, entries without a page."""
    from sphinx_external_toc.parsing import MalformedError, parse_toc_data

    try:
        parse_toc_data(deepcopy(located.data))
    except (MalformedError, TypeError, AttributeError) as error:  # the last of what its parser does not ask
        said, _, place = str(error).partition(" @ ")
        where, _, more = place.partition(": ")
        at = tuple(int(step) if step.isdigit() else step for step in re.findall(r"[^/']+", where))
        keys = re.findall(r"'([^']+)'", said.partition(", allowed")[0])
        entry = located.data
        with contextlib.suppress(LookupError, TypeError):
            for step in at:
                entry = entry[step]
        key = next((one for one in keys if isinstance(entry, dict) and one in entry), None)
        needed = f"contents as Jupyter Book reads them; it says: {said}{f', {more}' if more else ''}"
        yield located.problem((*at, key) if key else at, key or "this entry", needed)


def _contents(root: Path, located: Located) -> Iterator[Problem]:
    """Yield titles with numbers or of other pages, analyses below another chapter, and chapters out of their order."""
    entries = [(at, one, below) for at, one, below in _entries(located.data) if at]
    titled = [one for one in entries if {"title", "caption"} & one[1].keys()]
    pages = {
        str(one.get("file")): _headed(root / f"{one.get('file')}.md")
        for _, one, _ in entries
        if titled and "file" in one
    }
    of_title = {plain_title(title): page for page, title in pages.items() if title}
    for at, one, _ in titled:
        for field in ("title", "caption"):
            text = str(one.get(field, ""))
            if typed := typed_numbers(text):
                yield located.problem((*at, field), text, f"words without {typed[0]}, which no record holds to be so")
            other = of_title.get(plain_title(text))
            if text and other and other != one.get("file"):
                yield located.problem((*at, field), text, f"words of its own; {other} has this title")
    for at, one, below in entries:
        chapter = re.match(r"(?:analyses/(?=\w+/)|statements/)(\w+)", str(one.get("file", "")))
        if chapter and below.startswith("chapters/") and below != f"chapters/{chapter[1]}":
            yield located.problem((*at, "file"), one["file"], f"a place below chapters/{chapter[1]}, whose page it is")
    with contextlib.suppress(RecordError):  # told with the records
        order = [f"chapters/{name}" for name in load_about(root / "data").chapters]
        stands = [(at, one["file"]) for at, one, _ in entries if one.get("file") in order]
        wanted = [page for page in order if page in [file for _, file in stands]]
        for (at, file), right in zip(stands, wanted, strict=False):
            if file != right:
                yield located.problem(
                    (*at, "file"), file, f"{right}, by the order of chapters in data/review.yml, or that order mended"
                )
                break


def _left_out(book: Located, pages: Sequence[str]) -> Iterator[Problem]:
    """Yield patterns of the settings that leave out a page of the contents, which a build would tell by fifty warnings."""
    given = book.data.get("exclude_patterns")
    for i, pattern in enumerate(given if isinstance(given, list) else ()):
        form = re.escape(str(pattern)).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
        if page := next((page for page in pages if re.fullmatch(f"{form}(/.*)?", f"{page}.md")), None):
            need = f"a pattern that leaves no page of _toc.yml out; {page} is one"
            yield book.problem(("exclude_patterns", i), pattern, need)


def _lacking(root: Path, book: Located) -> Iterator[Problem]:
    """Yield pictures of the settings that are not there, and buttons that lead to a repository where none is named."""
    html = book.data.get("html") or {}
    for at, said in ((("html", "favicon"), html.get("favicon")), (("logo",), book.data.get("logo"))):
        if said and not (root / said).is_file():
            yield book.problem(at, said, "a picture that is there")
    for name in ("use_edit_page_button", "use_repository_button", "use_issues_button"):
        if html.get(name) and not book.data.get("repository"):
            yield book.problem(
                ("html", name), html[name], "false, or the address of the repository as repository: {url: ...}"
            )


def _schemas(folder: Path) -> Iterator[Problem]:
    """Yield schemas for editors that are not those of the models: they would let pass what is to be marked, or mark what is right."""
    derived = schemas() if folder.is_dir() else {}
    for name in sorted(derived.keys() | {path.name for path in files_in(folder, "*.json")}):
        path = folder / name
        need = "what review schemas writes, from the models" if name in derived else "no such file: no kind of record is of that name"  # fmt: skip
        given = "no schema" if not path.is_file() else "another schema than that of its records"
        with contextlib.suppress(RecordError):
            if path.is_file() and read_json(path).data == derived.get(name):
                continue
        yield Problem(relative(path), 1, "(file)", given, need)


def check_surroundings(root: Path) -> list[Problem]:
    """Return the problems of the files around the records: the book's own, how to cite it, drills and the last execution."""
    problems = [
        *_linked(root),
        *_texts(root),
        *_unread(root),
        *_ignored(root),
        *_typed_in_drawings(root),
        *_named_as_devices(root),
        *check_book(root),
    ]
    problems += [*check_units(root / "data"), *_schemas(root / "data" / "schemas")]
    drills, execution = root / "data" / "drills.json", root / "data" / "execution.json"
    try:
        if drills.exists():
            parse_list(_Drill, read_json(drills))
    except RecordError as error:
        problems += error.problems
    try:
        if execution.exists():
            located = read_json(execution)
            there = len(files_in(root / "analyses", "*/*.md"))
            if parse(_Execution, located).notebooks > 2 * there:
                need = f"as many as were executed: there are {there}, and there never were twice as many"
                problems.append(located.problem(("notebooks",), located.data["notebooks"], need))
    except RecordError as error:
        problems += error.problems
    return problems
