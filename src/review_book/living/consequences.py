"""What a change does to what the review says: numbers, verdicts, claims, figures and pages, between two states of the repository.

Both states are read as they are kept in git (or as they stand in the working tree): records from ``data``, computed
numbers and figures from the notebooks' references, so that nothing need be built.
"""

from __future__ import annotations

import json
import re
import signal
import tarfile
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from review_book.execute.regression import unaccepted
from review_book.git import git
from review_book.living.history import WORDS, Event, differences, in_words, renamed, state_here
from review_book.records.kinds import Records
from review_utils.records.reading import shorten, tolerated
from review_utils.review import Explained, files_in

_QUOTED = re.compile(r"\{(?:num|show|cite\S*)\}`?\s*(?:result:)?(?P<analysis>[a-z_]+/[a-z0-9_]+)#(?P<name>[a-z0-9-]+)")
_RECORD = re.compile(r"(?:(?:register|claim):|\{statement\}`)(?P<id>[a-z0-9-]+)")


class UnknownState(Explained, ValueError):
    """A name that git does not know."""


@dataclass(frozen=True)
class Computed:
    """A number that an analysis shows, as its reference keeps it."""

    value: float
    unit: str
    low: float | None
    high: float | None


@dataclass(frozen=True)
class NumberChange:
    """A computed number that changed.

    Parameters
    ----------
    address : str
        ``<chapter>/<analysis>#<name>``.
    before, after : float or None
        None where there is none.
    where : str
        ``inside`` or ``outside`` the interval that stood before, or ``no interval``.
    """

    address: str
    before: float | None
    after: float | None
    unit: str
    where: str


@dataclass(frozen=True)
class WordsChange:
    """Computed words that changed: a sentence that follows from the record."""

    address: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Regrade:
    """A statement whose grade is another in the second state.

    Parameters
    ----------
    id, sentence : str
    before, after : str
        Grades in words.
    because : tuple of str
        The studies among its evidence whose records differ, or what else does: its evidence, or the rules.
    """

    id: str
    sentence: str
    before: str
    after: str
    because: tuple[str, ...]


@dataclass(frozen=True)
class Correction:
    """One field of a record that says something else in the second state.

    Parameters
    ----------
    record : str
        As ``finding subliminal-learning-cloud``.
    field : str
        Items of a list by their id: ``measurements.height.value``.
    before, after : str
    repeated : tuple of str
        Where the number that stood before is still given, of the same source.
    """

    record: str
    field: str
    before: str
    after: str
    repeated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Consequences:
    """All that differs between two states."""

    numbers: tuple[NumberChange, ...] = ()
    words: tuple[WordsChange, ...] = ()
    events: tuple[Event, ...] = ()
    regrades: tuple[Regrade, ...] = ()
    corrections: tuple[Correction, ...] = ()
    figures: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    unaccepted: tuple[str, ...] = field(default=())
    refused: tuple[str, ...] = field(default=())
    """What the rules of today refuse in the older state; a record that cannot be read is missing from it."""

    @property
    def conclusions(self) -> tuple[Event, ...]:
        """The events that change what the review concludes."""
        return tuple(e for e in self.events if e.changes_conclusion)


def _git(root: Path, *words: str) -> bytes:
    try:
        done = git(root, *words)
    except FileNotFoundError:
        raise UnknownState("git is not there; needed: the program git, which keeps the states to compare") from None
    if done.returncode:
        said = done.stderr.decode().strip()
        needed = "a branch, tag or commit"
        if "not a git repository" in said:
            needed = "a clone of the review, which brings its older states"
        elif (root / ".git" / "shallow").is_file():
            needed += " that is here; the clone is shallow, and git fetch --unshallow brings the rest"
        raise UnknownState(f"git {' '.join(words[:2])}: {said}; needed: {needed}")
    return done.stdout


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let a request to end (SIGTERM) unwind, so that what was unpacked is removed, as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: object) -> None:
        raise SystemExit(143)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def state_at(root: Path, name: str | None) -> Iterator[Path]:
    """Give a folder with the records, references and pages of a state: of a commit, or of the working tree (None).

    Raises
    ------
    UnknownState
        When git knows no such commit.
    """
    if name is None:
        yield root
        return
    if name.startswith("-") or ".." in name:
        raise UnknownState(f"given {name}; needed: a branch, tag or commit, and the two states as two words")
    with _ended_in_order(), tempfile.TemporaryDirectory() as folder:
        if _git(root, "cat-file", "-t", name).strip() not in (b"commit", b"tag"):
            raise UnknownState(f"given {name}, which is no commit; needed: a branch, tag or commit")
        wanted = ["data", "analyses", "chapters", "tests/reference"]
        there = set(_git(root, "ls-tree", "-d", "--name-only", "-r", name).decode().splitlines())
        packed = _git(root, "archive", name, *(w for w in wanted if w in there))
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)


def shown(root: Path, *kinds: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield what the references keep of a kind: the analysis, its name there and its record."""
    base = root / "tests" / "reference"
    for path in files_in(base, "*/*.ipynb"):
        analysis = path.relative_to(base).with_suffix("").as_posix()
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", ()):
                review = output.get("metadata", {}).get("review", {})
                if review.get("kind") in kinds:
                    yield analysis, review["name"], review["record"]


def computed_numbers(root: Path) -> dict[str, Computed]:
    """Return every number that analyses show, by its address."""
    return {
        f"{analysis}#{name}": Computed(record["value"], record["unit"], record.get("low"), record.get("high"))
        for analysis, name, record in shown(root, "number")
    }


def computed_words(root: Path) -> dict[str, str]:
    """Return all words that analyses compute, by their address."""
    return {f"{analysis}#{name}": record["text"] for analysis, name, record in shown(root, "words")}


def charts(root: Path) -> dict[str, Any]:
    """Return the specification of every figure, by its analysis and title."""
    found = {}
    for analysis, _, record in shown(root, "figure"):
        title = record["spec"]["title"]
        text = title["text"] if isinstance(title, dict) else title
        found[f"{analysis}: {text if isinstance(text, str) else ' '.join(text)}"] = record["spec"]
    return found


def _number_changes(before: Mapping[str, Computed], after: Mapping[str, Computed]) -> Iterator[NumberChange]:
    for address in sorted(before.keys() | after.keys()):
        old, new = before.get(address), after.get(address)
        if old == new:
            continue
        where = "no interval"
        if old and new and old.low is not None and old.high is not None:
            where = "inside" if old.low <= new.value <= old.high else "outside"
        known = new or old
        assert known is not None
        yield NumberChange(address, old.value if old else None, new.value if new else None, known.unit, where)


def _pages_touched(root: Path, numbers: set[str], figures: set[str], subjects: set[str]) -> Iterator[str]:
    """Yield the pages that show what changed: analyses with their numbers and figures, and chapters that quote them."""
    changed = {address.split("#")[0] for address in numbers} | {figure.split(":")[0] for figure in figures}
    yield from (f"analyses/{analysis}" for analysis in changed)
    for path in [*files_in(root, "chapters/*.md"), *files_in(root, "analyses/*/*.md")]:
        text = path.read_text(encoding="utf-8")
        quoted = {f"{m['analysis']}#{m['name']}" for m in _QUOTED.finditer(text)}
        shown = {m["analysis"] for m in _QUOTED.finditer(text)} & {figure.split(":")[0] for figure in figures}
        if quoted & numbers or shown or {m["id"] for m in _RECORD.finditer(text)} & subjects:
            yield path.relative_to(root).with_suffix("").as_posix()


def _regrades(old: Records, new: Records, events: Sequence[Event]) -> Iterator[Regrade]:
    """Yield the statements that are graded otherwise, each with what among its evidence differs."""
    studies = {e.subject for e in events if e.topic == "study"}
    for event in events:
        if event.kind != "statement-regraded":
            continue
        now = new.statements.statement(event.subject)
        was = next(old.statements.by_id[name][1] for name in (now.id, *now.formerly) if name in old.statements.by_id)
        named = {e.source for item in (was, now) for e in item.evidence}
        because = tuple(sorted(named & studies)) or (
            ("its evidence",) if was.evidence != now.evidence else ("the rules",)
        )
        before, after = (
            records.rules.title(records.grader.grade(item).grade) for records, item in ((old, was), (new, now))
        )
        yield Regrade(event.subject, event.title, before, after, because)


def _fields(before: object, after: object, at: str = "") -> Iterator[tuple[str, object, object]]:
    """Yield the fields in which two records differ, each with both values; items of a list by what names them."""
    if isinstance(before, list) and isinstance(after, list):
        before, after = _named(before), _named(after)
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(n for n in after if n not in before)]:
            yield from _fields(before.get(name), after.get(name), f"{at}.{name}" if at else str(name))
    elif before != after:
        yield at, before, after


def _named(items: list[Any]) -> list[Any] | dict[Any, Any]:
    """Return the items of a list by their names where each has one of its own, else the list."""
    for name in ("id", "key", "to", "test", "study"):
        keys = [item.get(name) for item in items if isinstance(item, dict)]
        if items and len(set(keys)) == len(items) and None not in keys:
            return dict(zip(keys, items, strict=True))
    return items


def _short(value: object) -> str:
    return "none" if value is None else shorten(value if isinstance(value, str) else json.dumps(value), 100)


def _corrections(old: Records, new: Records) -> Iterator[Correction]:
    """Yield every field of a finding, shape, study, statement or measurement that says something else."""
    was_shapes = {shape.id: shape for shape in old.register.shapes}
    pairs: list[tuple[str, Any, Any]] = [
        (f"shape {shape.id}", was_shapes[shape.id], shape) for shape in new.register.shapes if shape.id in was_shapes
    ]
    for kind, name, before, after in (
        ("finding", "id", old.register.findings, new.register.findings),
        ("study", "key", old.studies, new.studies),
        ("statement", "id", old.statements, new.statements),
        ("claim", "id", old.ledger.claims, new.ledger.claims),
    ):
        known = {getattr(item, name): item for item in before}
        for item in after:
            here = getattr(item, name)
            was = next((known[n] for n in (here, *getattr(item, "formerly", ())) if n in known), None)
            if was is not None:
                pairs.append((f"{kind} {here}", was, item))
    for record, one, other in pairs:
        if one == other:
            continue
        source = getattr(other, "cite", None) or getattr(other, "key", None)
        if renamed := new.register.aliases.get(getattr(one, "finding", None) or ""):
            one = one.model_copy(update={"finding": renamed})
        for field_name, a, b in _fields(
            *(item.model_dump(mode="json", exclude={"id", "formerly"}) for item in (one, other))
        ):
            value = a if isinstance(a, int | float) and not isinstance(a, bool) else None
            again = tuple(_repeated(new, source, value)) if value is not None and source else ()
            yield Correction(record, field_name, _short(a), _short(b), again)


def _repeated(records: Records, source: str, value: float) -> Iterator[str]:
    """Yield the records that still give a number of a source."""
    for claim in records.ledger.claims:
        if claim.published.cite == source and claim.published.value == value:
            yield f"claim {claim.id}"
    for study in records.studies:
        if study.key == source:
            yield from (f"study {study.key}, {n.id}" for n in study.numbers if n.value == value)
    for finding in records.register.findings:
        if finding.cite == source:
            yield from (f"finding {finding.id}, {m.id}" for m in finding.measurements if m.value == value)


_SHOWN_ON = {"finding": ("index", "register"), "status": ("index", "register", "status"), "rule": ("status",), "statement": ("index",), "table": ("downloads",)}  # fmt: skip
"""Pages that count the records of a kind, or list them."""


def _pages_of_records(root: Path, events: Sequence[Event], records: Records) -> Iterator[str]:
    """Yield the pages that are made from the records that differ: their own, and those that count them."""
    for event in events:
        pages = {*_SHOWN_ON.get(event.topic, ()), "changes"}
        yield from (page for page in pages if (root / f"{page}.md").is_file())
        if event.topic == "finding" and event.after:
            yield f"findings/{event.subject}"
        elif event.topic == "study" and event.after:
            yield f"studies/{event.subject}"
        elif event.topic == "statement" and event.after:
            yield f"statements/{records.statements.chapter_of(event.subject)}"


def forked(root: Path, base: str, head: str | None = None) -> tuple[str, int]:
    """Return the state to compare with, and how many commits a base has that the change does not know.

    Where the base went on after a branch left it, that is the last commit that both hold: what the base got since
    is no doing of the branch. A head that is itself older than the base is compared with the base.
    """
    if base.startswith("-") or ".." in base:
        return base, 0  # refused where it is read
    try:
        shared = _git(root, "merge-base", base, head or "HEAD").decode().strip()
        lacking = int(_git(root, "rev-list", "--count", f"{shared}..{base}"))
        older = head is not None and _git(root, "rev-parse", f"{head}^{{commit}}").decode().strip() == shared
    except UnknownState:  # said where the state is read; two without a common past are compared as they are
        return base, 0
    return (base, 0) if older or not lacking else (shared, lacking)


def consequences(root: Path, base: str, head: str | None = None) -> Consequences:
    """Return what differs between two states of the repository.

    Parameters
    ----------
    root : path
        The review, in a git repository.
    base : str
        A branch, tag or commit.
    head : str, optional
        Another; default the working tree.

    Raises
    ------
    UnknownState
        When git does not know a state.
    """
    with state_at(root, base) as old, state_at(root, head) as new:
        before, after = computed_numbers(old), computed_numbers(new)
        numbers = tuple(_number_changes(before, after))
        old_words, new_words = computed_words(old), computed_words(new)
        words = tuple(
            WordsChange(address, old_words.get(address), new_words.get(address))
            for address in sorted(old_words.keys() | new_words.keys())
            if old_words.get(address) != new_words.get(address)
        )
        was, now = Records(old / "data"), Records(new / "data")
        with tolerated() as faults:
            try:
                old_state, old_titles = state_here(was)
            except KeyError as error:
                first = f"; the first: {str(faults[0]).removeprefix(f'{old}/')}" if faults else ""
                raise UnknownState(
                    f"the records of {base} do not hold together by the rules of today ({error.args[0]}){first}; "
                    "needed: a later commit, or the review as it was then"
                ) from None
        refused = tuple(sorted({str(fault).removeprefix(f"{old}/") for fault in faults}))
        new_state, new_titles = state_here(now)
        found = differences(old_state, new_state, {**old_titles, **new_titles}, "")
        events = tuple(renamed(found, now.register, now.statements))
        regrades = tuple(_regrades(was, now, events))
        old_charts, new_charts = charts(old), charts(new)
        figures = tuple(
            k if k in old_charts and k in new_charts else f"{k} ({'as it is' if k in new_charts else 'as it was'})"
            for k in sorted(old_charts.keys() | new_charts.keys())
            if old_charts.get(k) != new_charts.get(k)
        )
        subjects = {e.subject for e in events}
        aliases = now.register.aliases | dict(now.statements.aliases)
        subjects |= {old for old, new_id in aliases.items() if new_id in subjects}
        moved = {n.address for n in numbers} | {w.address for w in words}
        made = set(_pages_of_records(new, events, now))
        pages = tuple(sorted(made | set(_pages_touched(new, moved, set(figures), subjects))))
        corrections = tuple(_corrections(was, now))
    stale = tuple(unaccepted(root)) if head is None and (root / "_build" / "executed").is_dir() else ()
    return Consequences(numbers, words, events, regrades, corrections, figures, pages, stale, refused)


def as_json(found: Consequences) -> str:
    """Return consequences as JSON."""
    content = asdict(found)
    content["conclusions"] = [asdict(e) for e in found.conclusions]
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _say(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def as_text(found: Consequences, markdown: bool = False) -> str:
    """Return consequences as text, or as Markdown for a pull request."""
    lines: list[str] = []

    def part(title: str, rows: Sequence[tuple[str, ...]], heads: tuple[str, ...]) -> None:
        if not rows:
            return
        if markdown:
            clean = [tuple(c.replace("|", "\\|").replace("\n", " ") for c in row) for row in rows]
            lines.extend([f"### {title}", "", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"])
            lines.extend(f"| {' | '.join(row)} |" for row in clean)
            lines.append("")
        else:
            lines.append(f"{title}:")
            lines.extend(f"  {'  '.join(row)}" for row in rows)

    conclusions = [
        (
            WORDS[e.kind],
            e.subject,
            *(in_words(e, state or none) for state, none in ((e.before, "none"), (e.after, "gone"))),
        )
        for e in found.conclusions
    ]
    part(
        'Conclusions that change, and need a reason each (review accept --reason "SUBJECT: why")',
        conclusions,
        ("What", "Which", "Before", "After"),
    )
    regrades = [(r.id, r.before, r.after, ", ".join(r.because), r.sentence) for r in found.regrades]
    part("Statements graded otherwise", regrades, ("Which", "Before", "After", "Because of", "Sentence"))
    fields = [
        (
            c.record,
            c.field,
            c.before,
            c.after,
            f"the old number still stands in {'; '.join(c.repeated)}" if c.repeated else "",
        )
        for c in found.corrections
    ]
    part(
        "Fields that say something else",
        fields,
        ("Record", "Field", "Before", "After", "Beside it"),
    )
    others = [(WORDS[e.kind], e.subject, e.title) for e in found.events if not e.changes_conclusion]
    part("Records", others, ("What", "Which", "Title"))
    numbers = [(n.address, _say(n.before), _say(n.after), n.unit, n.where) for n in found.numbers]
    part("Numbers", numbers, ("Which", "Before", "After", "Unit", "Interval that stood before"))
    said = [(w.address, w.before or "none", w.after or "gone") for w in found.words]
    part("Sentences that are computed", said, ("Which", "Before", "After"))
    part("Figures whose data or form changed", [(f,) for f in found.figures], ("Figure",))
    part("Pages that show any of this", [(p,) for p in found.pages], ("Page",))
    part(
        "Analyses that changed, or say something else, since their references were written: what stands above of them is of "
        "before; run make accept, then this again",
        [(name,) for name in found.unaccepted],
        ("Analysis",),
    )
    part(
        "What today's rules refuse in the older state, where a record that cannot be read is missing",
        [(place,) for place in found.refused],
        ("Place",),
    )
    if not lines:
        return "nothing that the review says changes\n"
    return "\n".join(lines) + "\n"
