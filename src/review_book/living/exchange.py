"""Works from and for other programs: RIS, BibTeX and CSV, as Zotero and ASReview read and write them."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from review_book.files import append
from review_book.living.bibtex import written
from review_book.living.searching import (
    Abstracts,
    KnownWorks,
    SearchError,
    all_or_none,
    cache_folder,
    clean,
    described,
    know_chapter,
    rows,
    wait,
    write_run,
)
from review_book.living.sources import Found
from review_book.records.duplicates import ids_in
from review_book.records.references import load_references
from review_book.records.screened import whose_title
from review_book.records.searches import COLUMNS, Decision, Described, Protocol, Run, Searches, Verdict, load_searches
from review_book.review import Review
from review_utils.records.quantities import ARXIV
from review_utils.records.reading import SLUG, Located, Problem, RecordError, did_you_mean

LABELS = ("asreview_label", "included", "label", "final_included")
"""Columns in which a decision may stand, in the order in which ASReview itself looks for it."""

EXPORT = ("id", "title", "authors", "year", "doi", "url", "abstract", "included", "reason", "chapter")


@dataclass(frozen=True)
class Entry:
    """A work of a file, with the decision on it where there is one.

    Parameters
    ----------
    found : Found
    line : int
        Where it begins in the file.
    key : str
        The review's own id of it, where the file holds it.
    included : bool or None
        None where nobody decided.
    reason : str
        A criterion's id, or empty.
    chapter : str
        For which it was looked for, or empty.
    """

    found: Found
    line: int
    key: str = ""
    included: bool | None = None
    reason: str = ""
    chapter: str = ""


def read_entries(path: Path) -> list[Entry]:
    """Return the works of a file by its ending: ``.ris`` or ``.txt``, ``.bib``, ``.csv`` or ``.tsv``.

    Raises
    ------
    RecordError
        With every entry that has no title, or a label that is no label, by its line.
    SearchError
        When the file is missing, of another kind, empty, or in no encoding that can be told.
    """
    kind = path.suffix.lower()
    readers = {".ris": _ris, ".txt": _ris, ".bib": _bibtex, ".csv": _csv, ".tsv": _csv}
    if kind not in readers:
        raise SearchError(f"given {path.name}; needed: a file that ends in {', '.join(readers)}")
    problems: list[Problem] = []
    found = list(readers[kind](_text(path), Located(path, None), problems))
    if problems:
        raise RecordError(problems)
    if not found:
        form = {_ris: "RIS, each entry from TY to ER", _bibtex: "BibTeX", _csv: "a table with a row a work"}[
            readers[kind]
        ]
        raise SearchError(
            f"{path.name} holds no work; needed: {form}, or the ending of what it is: {', '.join(readers)}"
        )
    return found


def _text(path: Path) -> str:
    """Return a file's text: UTF-8, with or without its mark, UTF-16 by its mark, else Windows' Latin where it fits."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SearchError(f"given {path}; needed: a file that can be read ({type(error).__name__})") from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise SearchError(f"{path.name} is text of no known encoding; save it as UTF-8")


def _ris(text: str, at: Located, problems: list[Problem]) -> Iterator[Entry]:
    import rispy

    marks = [(n, line[:2]) for n, line in enumerate(text.splitlines(), 1) if re.match(r"(?:TY|ER)  ?-", line)]
    starts = [number for number, mark in marks if mark == "TY"]
    for (number, mark), (_, after) in pairwise([*marks, (0, "TY")]):
        if (mark, after) == ("TY", "TY"):
            where = Located(at.path, None, line=number)
            problems.append(where.problem(("ER",), "an entry without an end", "a line ER  - after it"))
    try:
        entries = rispy.loads(text, skip_unknown_tags=True)
    except (OSError, ValueError, KeyError) as error:
        problems.append(at.problem((), str(error), "a RIS file, each entry from TY to ER"))
        return
    for number, row in enumerate(entries):
        line = starts[number] if number < len(starts) else 1
        title = row.get("title") or row.get("primary_title") or ""
        if not clean(title):
            problems.append(Located(at.path, None, line=line).problem(("TI",), "an entry without a title", "its title"))
            continue
        notes = " ".join(re.sub(r"</?p>", "", note) for note in row.get("notes", ()))
        urls = row.get("urls") or row.get("url") or []
        urls = [urls] if isinstance(urls, str) else urls
        included = True if "ASReview_relevant" in notes else False if "ASReview_irrelevant" in notes else None
        reason = re.search(r"reason: ([a-z0-9-]+)", notes)
        noted = re.search(r'asreview_note: "([^"]*)"', notes)
        yield Entry(
            _found(
                title,
                [*row.get("first_authors", ()), *row.get("authors", ())],
                str(row.get("publication_year") or row.get("year") or ""),
                [row.get("doi"), *urls],
                str(row.get("abstract") or row.get("notes_abstract") or ""),
                str(row.get("journal_name") or row.get("secondary_title") or ""),
            ),
            line,
            str(row.get("accession_number") or ""),
            included,
            _reason(noted[1] if noted else "", reason[1] if reason else ""),
            _chapter(notes),
        )


def _bibtex(text: str, at: Located, problems: list[Problem]) -> Iterator[Entry]:
    from pybtex.database import BibliographyDataError, parse_string
    from pybtex.scanner import PybtexSyntaxError

    from review_utils.records.references import decoded

    try:
        entries = parse_string(text, "bibtex").entries
    except (PybtexSyntaxError, BibliographyDataError) as error:
        line = getattr(error, "lineno", 1) or 1
        problems.append(Located(at.path, None, line=line).problem((), str(error), "BibTeX"))
        return
    for key, one in entries.items():
        line = text[: max(text.find("{" + key), 0)].count("\n") + 1
        fields = {name.lower(): decoded(value) for name, value in one.fields.items()}
        if not clean(fields.get("title", "")):
            given = f"{key} without a title"
            problems.append(Located(at.path, None, line=line).problem(("title",), given, "its title"))
            continue
        people = one.persons.get("author") or one.persons.get("editor") or []
        names = [decoded(" ".join([*p.first_names, *p.middle_names, *p.prelast_names, *p.last_names])) for p in people]
        eprint = fields.get("eprint", "")
        note = fields.get("note", "")
        reason = re.search(r"reason: ([a-z0-9-]+)", note)
        included = True if "ASReview_relevant" in note else False if "ASReview_irrelevant" in note else None
        mine = re.search(r"id: (\S+)", note)
        yield Entry(
            _found(
                fields["title"],
                names,
                fields.get("year") or fields.get("date", ""),
                [eprint, fields.get("doi"), fields.get("url")],
                fields.get("abstract", ""),
                fields.get("journal") or fields.get("booktitle") or "",
            ),
            line,
            mine[1] if mine else "",
            included,
            reason[1] if reason else "",
            _chapter(note),
        )


def _reason(noted: str, given: str) -> str:
    """Return the reason of a decision: what was noted in ASReview where it looks like a criterion's id, else our own."""
    return noted.strip() if re.fullmatch(SLUG, noted.strip()) else given.strip()


def _chapter(note: str) -> str:
    match = re.search(r"chapter: (\w+)", note)
    return match[1] if match else ""


def _csv(text: str, at: Located, problems: list[Problem]) -> Iterator[Entry]:
    csv.field_size_limit(10_000_000)  # an abstract may be long
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    if not {"title", "primary_title"} & set(names):
        problems.append(at.problem(("(columns)",), ", ".join(names) or "nothing", "a column title"))
        return
    reader.fieldnames = names
    for row in reader:
        where = Located(at.path, None, line=reader.line_num)
        title = row.get("title") or row.get("primary_title") or ""
        if not clean(title):
            problems.append(where.problem(("title",), "a row without a title", "its title"))
            continue
        if None in row:
            problems.append(
                where.problem(("(columns)",), f"{len(names)} columns and more cells", "quotes around commas")
            )
            continue
        label = next((row[name] for name in LABELS if row.get(name) not in (None, "")), "")
        if label.strip().lower() not in _SAID:
            problems.append(where.problem(("included",), label, "1, 0 or nothing"))
            continue
        people = row.get("authors") or row.get("author") or row.get("author names") or ""
        yield Entry(
            _found(
                title,
                _people(people),
                (row.get("year") or row.get("published") or row.get("date") or "").removesuffix(".0"),
                [row.get("id"), row.get("arxiv"), row.get("doi"), row.get("url")],
                row.get("abstract") or "",
                row.get("journal") or row.get("venue") or "",
            ),
            reader.line_num,
            (row.get("id") or "").strip(),
            _SAID[label.strip().lower()],
            _reason(row.get("asreview_note") or "", row.get("reason") or ""),
            (row.get("chapter") or "").strip(),
        )


_SAID: Mapping[str, bool | None] = {
    "": None, "-1": None, "nan": None, "<na>": None, "1": True, "1.0": True, "true": True, "yes": True, "include": True,
    "0": False, "0.0": False, "false": False, "no": False, "exclude": False,
}  # fmt: skip


def _people(text: str) -> list[str]:
    """Return names: apart by semicolons, by "and", as a list of Python (ASReview), or by commas where all are whole."""
    text = text.strip()
    if text.startswith("["):
        return re.findall(r"""['"]([^'"]+)['"]""", text)
    if ";" in text:
        return [name.strip() for name in text.split(";") if name.strip()]
    if " and " in text:
        return [name.strip() for name in text.split(" and ") if name.strip()]
    parts = [name.strip() for name in text.split(",") if name.strip()]
    return parts if len(parts) > 1 and all(" " in name for name in parts) else [text] if text else []


def _found(
    title: str, authors: Sequence[str], year: str, places: Sequence[str | None], abstract: str, venue: str
) -> Found:
    ids = {name for name in ids_in(*places) if not name.startswith(("url:", "key:"))}
    url = next((str(p) for p in places if p and str(p).startswith("http")), "")
    day = re.match(r"\d{4}(-\d{2}(-\d{2})?)?", year.replace("/", "-"))
    return Found(
        clean(title), tuple(authors), day[0] if day else "", frozenset(ids), clean(venue), url, clean(abstract)
    )


@dataclass
class Imported:
    """What an import brought; `turned` says each decision that had been made otherwise."""

    entries: int = 0
    new: int = 0
    known: int = 0
    decided: int = 0
    turned: list[str] = field(default_factory=list)
    unidentified: list[int] = field(default_factory=list)


def import_file(
    review: Review,
    path: Path,
    chapter: str | None,
    day: dt.date,
    included: str | None = None,
    excluded: str | None = None,
) -> Imported:
    """Let the works of a file wait, and take over the decisions that it holds; the same file twice adds nothing.

    Parameters
    ----------
    chapter : str, optional
        For which the works were looked for; not needed where the file says it of each.
    included, excluded : str, optional
        The criteria of decisions for which the file gives none.

    Raises
    ------
    RecordError
        With every row that has no title, no usable label, or a reason that there is not.
    SearchError
        When decisions have no reason, or the chapter is none.
    """
    searches = load_searches(review.data)
    protocol = searches.protocol
    for decides, given in (("include", included), ("exclude", excluded)):
        names = [criterion.id for criterion in protocol.criteria if criterion.decides == decides]
        if given and given not in names:
            need = f"a criterion that decides to {decides}: {', '.join(names)}{did_you_mean(given, names)}"
            raise SearchError(f"given --{decides}d {given}; needed: {need}")
    entries = [replace(entry, chapter=entry.chapter or chapter or "") for entry in read_entries(path)]
    if unknown := sorted({*(entry.chapter for entry in entries), *filter(None, [chapter])} - protocol.questions.keys()):
        raise SearchError(
            f"given the chapter {unknown[0] or 'nothing'}; needed: --chapter, one of {', '.join(protocol.questions)}"
        )
    if problems := list(_unpaired(entries, searches, path)):
        raise RecordError(problems)
    reasons = _reasons(entries, protocol, path, included, excluded)
    done = Imported(len(entries))
    new: list[tuple[Described, str]] = []
    met = list(_met(entries, searches, KnownWorks(searches, review.data), done, new))
    judged = [(key, entry) for key, entry in met if entry.included is not None]
    if problems := list(_contradictions(judged, path)):
        raise RecordError(problems)
    done.new = len(new)
    decisions = _changed(searches, {item.id: item.title for item, _ in new}, judged, reasons, day)
    done.decided = len(decisions)
    last = {(item.id, item.chapter): item.decision for item in searches.decisions}
    for one in decisions:
        if (before := last.get((one.id, one.chapter), "wait")) not in ("wait", one.decision):
            done.turned.append(f"{one.id} for {one.chapter}: {before} -> {one.decision}")
    if new or decisions:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        run = Run(
            id=_run_id(searches, day),
            date=day,
            source="import",
            query=f"{path.name} (SHA-256 {digest})",
            returned=len(entries),
            chapters=sorted({entry.chapter for entry in entries}),
        )
        logged = [d.model_copy(update={"run": run.id}) if d.run == "import" else d for d in decisions]
        with all_or_none(review.data):
            write_run(review.data, run)
            wait(review.data, protocol, run, new, day)
            append(review.data / "searches" / "decisions.csv", rows((d.model_dump() for d in logged), COLUMNS))
    Abstracts(cache_folder(review)).add({key: entry.found.abstract for key, entry in met})
    return done


def _met(
    entries: Sequence[Entry], searches: Searches, known: KnownWorks, done: Imported, new: list[tuple[Described, str]]
) -> Iterator[tuple[str, Entry]]:
    """Yield each entry with the id of its work; what is `new` and what is `done` with the others is noted."""
    decided = {item.id for item in searches.decisions}
    for entry in entries:
        item = described(entry.found)
        key = entry.key if entry.key in decided else known.meet(entry.found, item)
        if key is not None:
            done.known += 1
            yield key, entry
        elif item is not None:
            new.append((item, entry.chapter))
            yield item.id, entry
        else:
            done.unidentified.append(entry.line)


def _unpaired(entries: Sequence[Entry], searches: Searches, path: Path) -> Iterator[Problem]:
    """Yield each row whose id is that of another work than its title, or can be none, as a spreadsheet leaves them."""
    other = whose_title(searches)
    for entry in entries:
        at = Located(path, None, line=entry.line)
        if need := other(entry.key, entry.found.title):
            yield at.problem(("title",), entry.found.title, need)
        for name in sorted(one for one in entry.found.ids if one.startswith("arxiv:")):
            if re.match(r"\d", name[6:]) and not re.fullmatch(ARXIV, name[6:]):
                need = "an arXiv id as 2510.26829, with five digits since 2015; a spreadsheet drops a nought at its end unless the column is text"
                yield at.problem(("id",), name[6:], need)


def _contradictions(judged: Sequence[tuple[str, Entry]], path: Path) -> Iterator[Problem]:
    """Yield each entry that decides otherwise on a work than one before it in the same file."""
    said: dict[tuple[str, str], Entry] = {}
    for key, entry in judged:
        first = said.setdefault((key, entry.chapter), entry)
        if first.included != entry.included:
            given, other = ("include", "exclude") if entry.included else ("exclude", "include")
            needed = f"one decision on {key}: line {first.line} says {other}"
            yield Located(path, None, line=entry.line).problem(("included",), given, needed)


def _run_id(searches: Searches, day: dt.date) -> str:
    taken = {run.id for run in searches.runs}
    return next(name for i in range(1, 10_000) if (name := f"import-{day}" + (f"-{i}" if i > 1 else "")) not in taken)


def _reasons(
    entries: Sequence[Entry], protocol: Protocol, path: Path, included: str | None, excluded: str | None
) -> dict[int, str]:
    """Return the criterion of each decision of a file, by its line."""
    decides = {criterion.id: criterion.decides for criterion in protocol.criteria}
    problems: list[Problem] = []
    out: dict[int, str] = {}
    lacking = 0
    for entry in entries:
        if entry.included is None:
            continue
        wanted = "include" if entry.included else "exclude"
        given = entry.reason if decides.get(entry.reason, "wait") != "wait" else ""
        instead = (included if entry.included else excluded) or ""
        reason = given if decides.get(given) == wanted else instead or given
        if not reason:
            lacking += 1
        elif decides.get(reason) != wanted:
            needed = f"a criterion that decides to {wanted}: {', '.join(c.id for c in protocol.reasons(wanted))}"
            problems.append(Located(path, None, line=entry.line).problem(("reason",), reason, needed))
        out[entry.line] = reason
    if problems:
        raise RecordError(problems)
    if lacking:
        raise SearchError(
            f"{lacking} decisions of {path.name} give no criterion of the protocol as their reason; "
            "needed: --included REASON and --excluded REASON for them"
        )
    return out


def _changed(
    searches: Searches,
    titles: Mapping[str, str],
    judged: Sequence[tuple[str, Entry]],
    reasons: Mapping[int, str],
    day: dt.date,
) -> list[Decision]:
    """Return the decisions of a file that say something else than the record."""
    last = {(item.id, item.chapter): item for item in searches.decisions}
    known = {item.id: item for item in searches.decisions}
    out = []
    for key, entry in judged:
        said: Verdict = "include" if entry.included else "exclude"
        before = last.get((key, entry.chapter))
        if before and before.decision == said and (before.reason == reasons[entry.line] or not entry.reason):
            continue
        if key not in known and key not in titles:  # cited and never decided on: it is in already
            continue
        of = known.get(key)
        out.append(
            Decision(
                id=key, title=of.title if of else titles[key], year=of.year if of else entry.found.published[:4],
                run=before.run if before else of.run if of else "import", stage="title-abstract", decision=said,
                reason=reasons[entry.line], date=day, chapter=entry.chapter,
            )
        )  # fmt: skip
    return out


def export_file(review: Review, path: Path, which: str, chapter: str) -> int:
    """Write works for another program, by the ending of the file; return how many.

    Abstracts go along only to a file outside the review, since they are others'.

    Parameters
    ----------
    which : str
        ``waiting``, ``decided`` or ``all``.
    chapter : str
        Or ``all``.
    """
    searches = load_searches(review.data)
    know_chapter(searches, chapter)
    wanted = {"waiting": ("wait",), "decided": ("include", "exclude"), "all": ("wait", "include", "exclude")}[which]
    outside = not path.resolve().is_relative_to(review.root.resolve())
    abstracts = Abstracts(cache_folder(review)) if outside else None
    cited = {f"key:{key}": one for key, one in load_references(review.data).items()}
    by_id = {name: one for one in cited.values() for name in ids_in(one.arxiv, one.doi, one.url)}
    out = []
    for item in searches.last_decisions(chapter):
        if item.decision not in wanted:
            continue
        about = searches.described.get(item.id)
        ids = ids_in(item.id, *(about.ids.split("; ") if about else ()))
        one = cited.get(item.id) or next((by_id[name] for name in sorted(ids) if name in by_id), None)
        dois = sorted(name.removeprefix("doi:") for name in ids if name.startswith("doi:"))
        preprints = sorted(name.removeprefix("arxiv:") for name in ids if name.startswith("arxiv:"))
        url = item.id.removeprefix("url:") if item.id.startswith("url:") else (about.url if about else "")
        out.append(
            {
                "id": item.id,
                "title": about.title if about else one.title if one else item.title,
                "authors": about.authors if about else "; ".join(one.authors) if one else "",
                "year": item.year,
                "doi": dois[0] if dois else "",
                "url": url or (f"https://arxiv.org/abs/{preprints[0]}" if preprints else ""),
                "abstract": abstracts.get(item.id) if abstracts else "",
                "included": {"include": "1", "exclude": "0", "wait": ""}[item.decision],
                "reason": "" if item.decision == "wait" else item.reason,
                "chapter": item.chapter,
            }
        )
    writers = {".csv": _as_csv, ".ris": _as_ris, ".bib": _as_bibtex}
    if path.suffix.lower() not in writers:
        raise SearchError(f"given {path.name}; needed: a file that ends in {', '.join(writers)}")
    if path.exists():
        raise SearchError(f"{path} exists, and what it holds would be lost; needed: the name of no file")
    path.write_bytes(writers[path.suffix.lower()](out).encode())
    return len(out)


def _as_csv(found: Sequence[Mapping[str, str]]) -> str:
    return ",".join(EXPORT) + "\n" + rows(found, EXPORT)


def _note(row: Mapping[str, str]) -> str:
    return {"1": "ASReview_relevant", "0": "ASReview_irrelevant", "": "ASReview_not_seen"}[row["included"]]


def _as_ris(found: Sequence[Mapping[str, str]]) -> str:
    import rispy

    entries = []
    for row in found:
        entry: dict[str, object] = {
            "type_of_reference": "GEN",
            "accession_number": row["id"],
            "title": row["title"],
            "authors": [name for name in row["authors"].split("; ") if name],
            "year": row["year"],
            "doi": row["doi"],
            "urls": [row["url"]] if row["url"] else [],
            "abstract": row["abstract"],
            "notes": [
                _note(row),
                *([f"reason: {row['reason']}"] if row["included"] else []),
                f"chapter: {row['chapter']}",
            ],
        }
        entries.append({name: value for name, value in entry.items() if value})
    return str(rispy.dumps(entries))


def _as_bibtex(found: Sequence[Mapping[str, str]]) -> str:
    out = []
    for number, row in enumerate(found, 1):
        fields = {name: row[name] for name in ("title", "year", "doi", "url", "abstract") if row[name]}
        reason = f"; reason: {row['reason']}" if row["included"] else ""
        fields["note"] = f"{_note(row)}{reason}; chapter: {row['chapter']}; id: {row['id']}"
        out.append(written(f"work{number}", fields, [name for name in row["authors"].split("; ") if name]))
    return "".join(out)
