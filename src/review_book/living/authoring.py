"""Adding a finding: a record from a template, prefilled where a network is there, and its consequences."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat
import yaml

from review_book.files import write_atomically
from review_book.living.bibtex import ALTERED, free_key, is_group, written
from review_book.records.about import load_about
from review_book.records.changes import Change, what_if
from review_book.records.duplicates import Work, ids_in, same_work, work_of
from review_book.records.groups import load_groups
from review_book.records.references import load_references
from review_book.records.register import load_checked
from review_utils.records.authors import LETTERS
from review_utils.records.quantities import today
from review_utils.records.reading import SLUG, RecordError, nearest
from review_utils.records.register import Finding, Register
from review_utils.review import Explained


class AddError(Explained, RuntimeError):
    """A record could not be written; nothing was changed."""


@dataclass(frozen=True)
class Draft:
    """What an author knows of a finding when adding it."""

    id: str
    title: str
    authors: tuple[str, ...]
    published: str
    summary: str
    group: str
    role: str
    arxiv: str | None = None
    url: str | None = None
    venue: str | None = None
    models: tuple[str, ...] = ()
    shapes: tuple[str, ...] = field(default=())
    authors_note: str | None = None


@dataclass(frozen=True)
class Paper:
    """What arXiv says of a paper."""

    title: str
    authors: tuple[str, ...]
    published: str
    url: str


def fetch_arxiv(arxiv_id: str) -> Paper:
    """Ask arXiv's public API for a paper.

    The variable REVIEW_ARXIV_API names another address of the same form, such as a stand-in for tests.

    Raises
    ------
    AddError
        When there is no network, or no such paper; give the fields as options as well.
    """
    import arxiv

    client = arxiv.Client(page_size=1, delay_seconds=0, num_retries=0)
    if address := os.environ.get("REVIEW_ARXIV_API"):
        client.query_url_format = address + "?{}"
    try:
        result = next(client.results(arxiv.Search(id_list=[arxiv_id], max_results=1)))
    except StopIteration:
        raise AddError(f"arXiv knows no paper {arxiv_id}") from None
    except Exception as error:  # the client raises its own errors and those of its HTTP library; all mean the same here
        reason = type(error).__name__
        raise AddError(f"arXiv could not be asked ({reason}); give --title, --author and --published as well") from None
    title = " ".join(result.title.split())
    return Paper(
        title,
        tuple(a.name for a in result.authors),
        result.published.date().isoformat(),
        f"https://arxiv.org/abs/{arxiv_id}",
    )


def arxiv_of(arxiv: str | None, url: str | None) -> str | None:
    """Return the id of a paper on arXiv, from the id or the address that was given; None where neither is of arXiv.

    Examples
    --------
    >>> arxiv_of("https://arxiv.org/pdf/2502.17424v3", None), arxiv_of(None, "https://example.org/x")
    ('2502.17424', None)

    Raises
    ------
    AddError
        When an id was given that is none.
    """
    found = (name.removeprefix("arxiv:") for name in ids_in(arxiv or url) if name.startswith("arxiv:"))
    if (known := next(found, None)) is None and arxiv:
        raise AddError(f"given --arxiv {arxiv}; needed: an id such as 2502.17424, or the paper's address there")
    return known


def citation_key(draft: Draft) -> str:
    """Return a key of the form surnameYEARword.

    Examples
    --------
    >>> citation_key(Draft("x", "On the Löss", ("Ada Ångström",), "2026-01-02", "s", "g", "adjacent"))
    'angstrom2026loss'

    A name or a title in another script than Latin gives way to the group and to the finding's own id.

    >>> citation_key(Draft("drift-of-models", "涌现", ("王小明",), "2026-01-02", "s", "tsinghua", "adjacent"))
    'tsinghua2026drift'
    """

    def plain(text: str) -> str:
        folded = unicodedata.normalize("NFKD", text.translate(LETTERS)).encode("ascii", "ignore").decode().lower()
        return re.sub(r"[^a-z0-9]+", " ", folded)

    surname = plain(draft.authors[0].split()[-1]).replace(" ", "") or plain(draft.group).replace(" ", "")
    skip = {"a", "an", "the", "on", "of", "in", "for", "and", "to", "are", "is", "can", "do", "why", "from", "with"}
    word = next(w for w in (*plain(draft.title).split(), *draft.id.split("-"), draft.id) if w not in skip)
    return f"{surname or 'anonymous'}{draft.published[:4]}{re.sub('[^a-z0-9]', '', word)}"


def group_name(draft: Draft) -> str:
    """Return a name for a group that the review has none for: its authors, until somebody writes a better one.

    Examples
    --------
    >>> group_name(Draft("x", "T", ("Ada Ångström", "Bo Li"), "2026", "s", "g", "adjacent"))
    'Ångström and others'
    """
    first, *rest = draft.authors
    return f"{first.split()[-1]} and others" if rest else first


def record_of(draft: Draft, key: str, criteria: Iterable[str]) -> dict[str, object]:
    """Return the record of a draft: what nobody judged yet says so, and proposed shapes are candidates."""
    unjudged = {"verdict": "not-reported", "because": "not judged yet"}
    source = {k: v for k, v in (("arxiv", draft.arxiv), ("url", draft.url)) if v}
    record: dict[str, object] = {
        "id": draft.id,
        "title": draft.title,
        "authors": list(draft.authors),
        "authors_note": draft.authors_note,
        "published": draft.published,
        "recorded": today().isoformat(),
        "source": source,
        "cite": key,
        "venue": draft.venue,
        "models": list(draft.models),
        "group": draft.group,
        "role": draft.role,
        "in_founding_notes": False,
        "shapes": [
            {"id": s, "part": "whole paper", "standing": "candidate", "proposed_by": "later-reading"}
            for s in draft.shapes
        ],
        "criteria": dict.fromkeys(criteria, unjudged),
        "scale": {"measured": False},
        "summary": draft.summary,
    }
    return {name: value for name, value in record.items() if value not in (None, [])}


class _Dumper(yaml.SafeDumper):
    """YAML as authors write it: indented lists, no aliases, dates and arXiv ids in quotes."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        return True


def add_finding(root: Path, draft: Draft) -> Path:
    """Write the record of a draft, and its reference where the bibliography lacks it.

    Raises
    ------
    AddError
        When the record exists, or would not pass the checks; then nothing is left behind.
    """
    if not re.fullmatch(SLUG, draft.id):
        raise AddError(f"given the id {draft.id!r}; needed: lower-case letters, digits and single dashes")
    _check_printed(draft)
    path = root / "data" / "findings" / f"{draft.id}.yml"
    if path.exists():
        raise AddError(f"{path.name} exists; choose another id, or edit that record")
    bibliography, names = root / "data" / "references.bib", root / "data" / "groups.yml"
    known = load_references(root / "data")
    paper = _work(draft)
    same = [reference.key for reference in known.values() if same_work(work_of(reference), paper)]
    key = same[0] if same else free_key(citation_key(draft), known)
    criteria = load_about(root / "data").criteria
    groups = [group.id for group in load_groups(root / "data")]
    if draft.group not in groups and (near := nearest(draft.group, groups, alike=0.85)):
        need = f"{near[0]}, a group of data/groups.yml; or an entry there first, if this is another one"
        raise AddError(f"given the group {draft.group!r}; needed: {need}")
    text = yaml.dump(record_of(draft, key, criteria), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    before = {file: file.read_text(encoding="utf-8") for file in (bibliography, names) if file.is_file()}
    new = {path: f"# yaml-language-server: $schema=../schemas/finding.json\n{text}"}
    if not same:
        new[bibliography] = before[bibliography].rstrip("\n") + "\n\n" + _bibtex(draft, key)
    if names in before and draft.group not in groups:
        entry = yaml.safe_dump([{"id": draft.group, "name": group_name(draft)}], sort_keys=False, allow_unicode=True)
        new[names] = f"{before[names].rstrip()}\n{entry}"
    try:
        for file, content in new.items():
            write_atomically(file, content)
        load_checked(root / "data")
    except BaseException as error:
        for file in new:
            if file in before:
                write_atomically(file, before[file])
            else:
                file.unlink(missing_ok=True)
        if isinstance(error, RecordError | OSError):
            raise AddError(f"nothing was written, since it would not pass the checks:\n{error}") from None
        raise
    return path


def _check_printed(draft: Draft) -> None:
    """Refuse names and titles that would stand in the record and in the bibliography as two different things."""
    for author in draft.authors:
        if not any(letter.isalpha() for letter in author):
            raise AddError(f"given the author {author!r}, without a name; needed: each author as printed")
        if re.search(r",(?! (?:Jr|Sr)\.?$)|;", author):
            family, _, names = (part.strip() for part in author.partition(","))
            turned = f"{names} {family}" if re.fullmatch(r"[^,;()]+", names) else "Ann Bo and not Bo, Ann"
            raise AddError(
                f"given the author {author!r}; needed: as printed, such as {turned}; or, where it is two, --author for each"
            )
        if not is_group(author) and re.search(r"\band\b|&", author):
            raise AddError(f"given the author {author!r}; needed: one person or group; repeat --author for another")
    if found := ALTERED.search(draft.title):
        raise AddError(
            f"given a title with {found[0]}; needed: the title in plain letters, as the bibliography keeps it"
        )
    if draft.arxiv and re.match(r"\d{4}\.", draft.arxiv) and not 1 <= int(draft.arxiv[2:4]) <= 12:
        raise AddError(f"given the arXiv id {draft.arxiv}, of month {draft.arxiv[2:4]}; needed: one of month 01 to 12")


def _work(draft: Draft) -> Work:
    """Return the paper of a draft as it is compared."""
    families = tuple(author.split()[-1] for author in draft.authors)
    return Work(draft.title, families, draft.published[:4], ids_in(draft.arxiv, draft.url))


def _bibtex(draft: Draft, key: str) -> str:
    fields = {"title": draft.title, "year": draft.published[:4]}
    if draft.arxiv:
        fields |= {"eprint": draft.arxiv, "archivePrefix": "arXiv"}
    if draft.url:
        fields["url"] = draft.url
    return written(key, fields, (*draft.authors, "others") if draft.authors_note else draft.authors)


@dataclass(frozen=True)
class Consequences:
    """What a finding changes: as it stands, if its candidate shapes were accepted, and what is computed from it.

    Parameters
    ----------
    without : bool
        Whether the register holds this very record, so that it is compared with the register without it.
    """

    without: bool
    now: tuple[Change, ...]
    if_accepted: tuple[Change, ...]
    analyses: tuple[str, ...]
    claims: tuple[str, ...]
    figures: tuple[str, ...]


def what_it_brings(register: Register, finding: Finding) -> tuple[bool, list[Change], list[Change]]:
    """Return what a finding changes as it stands, and with its own candidate shapes accepted and nobody else's.

    Returns
    -------
    without : bool
        Whether the register holds this very record; then both are against the register without it. An edited record of
        a finding that the register holds is compared with the one that it replaces.
    now, if_accepted : list of Change
        By the strict reading.
    """
    held = any(known == finding for known in register.findings)
    before = replace(register, findings=tuple(f for f in register.findings if f != finding)) if held else register
    shapes = [m.model_copy(update={"standing": "member"}) if m.standing == "candidate" else m for m in finding.shapes]
    accepted = finding.model_copy(update={"shapes": shapes})
    return held, what_if(before, finding), what_if(before, accepted)


def consequences(root: Path, register: Register, finding: Finding) -> Consequences:
    """Return what changes when a finding is added to a register.

    Claims and figures are those of the analyses whose last execution read the folder of findings.
    """
    from review_book.execute.contents import named_outputs, notebook_pages
    from review_book.execute.fingerprint import executed_path
    from review_book.records.claims import load_ledger

    readers: list[str] = []
    figures: list[str] = []
    for page in notebook_pages(root):
        stored = executed_path(root, page)
        if not stored.is_file():
            continue
        notebook = nbformat.read(stored, as_version=4)
        if any(name.startswith("data/findings") for name in notebook.metadata["review"]["fingerprint"]["reads"]):
            readers.append(page)
            figures += [
                f"{page}#{name}" for name, output in named_outputs(notebook).items() if output["kind"] == "figure"
            ]
    touched = {page.removeprefix("analyses/") for page in readers}
    claims = [c.id for c in load_ledger(root / "data").claims if c.recomputed and c.recomputed.by in touched]
    without, now, accepted = what_it_brings(register, finding)
    kinds = ("count", "level", "verdict")
    return Consequences(
        without,
        tuple(now),
        tuple(change for change in accepted if change.kind in kinds),
        tuple(readers),
        tuple(claims),
        tuple(figures),
    )
