"""The register: each record held against itself, then against the others, ``review.yml`` and the bibliography."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from review_book.records.about import About, leads_to, load_about
from review_book.records.cut import cut_texts
from review_book.records.duplicates import Work, duplicates, ids_in, plain_title
from review_book.records.groups import load_groups
from review_book.records.marked import marked_texts
from review_book.records.references import load_references, not_as_noted, not_its_day
from review_book.records.sentences import said_twice
from review_book.records.shares import not_whole
from review_book.records.units import meant
from review_utils.records.authors import folded
from review_utils.records.quantities import ARXIV, Quantity, StudyNumber, check_limits, earliest, latest, newest_day
from review_utils.records.reading import (
    SLUG,
    FieldError,
    Located,
    Location,
    Problem,
    RecordError,
    did_you_mean,
    each_once,
    parse,
    read_yaml,
    refuse,
    uncollected,
)
from review_utils.records.references import Reference
from review_utils.records.register import (
    Condition,
    Files,
    Finding,
    Measurement,
    Membership,
    Question,
    Register,
    ShapesFile,
    read_files,
)
from review_utils.review import files_in


@uncollected()
def load_checked(data: Path) -> Register:
    """Return the whole register.

    Raises
    ------
    RecordError
        With every problem of every file.
    """
    files = read_files(data)
    refuse([*(_with_names(problem, files) for problem in files.problems), *_problems(files)])
    return files.register()


def load_finding(path: Path) -> Finding:
    """Return one finding from its file, checked on its own (not against other records).

    Raises
    ------
    RecordError
        With every problem.
    """
    located = read_yaml(path)
    kind = re.match(r"# yaml-language-server: \$schema=\S*?(\w+)\.json", located.text)
    if isinstance(located.data, list) or (kind and kind[1] != "finding"):
        given = f"a file of {kind[1].replace('_', ' ')}" if kind else f"a list of {len(located.data)}"
        raise RecordError(
            [located.problem((), given, "the record of one finding, as a file of data/findings holds it")]
        )
    finding = parse(Finding, located)
    if problems := [*cut_texts(path, located.text), *marked_texts(path, located.text), *_by_itself(finding, located)]:
        raise RecordError(problems)
    return finding


FOOTNOTE = re.compile(r"[*†‡§¶¹²³⁰-⁹]+\Z")
"""What is copied with a name or a title from a page and belongs to a footnote."""

NOBODY = re.compile(
    r"others|anonymous|(?:.*[\s,])?(?:et|and) al(?:ii|ia)?\.?|.+ (?:and|et) (?:others|colleagues)", re.I
)
"""What stands for authors and names none, alone or behind one who is named."""


Wrong = tuple[str, object, Location]
"""What is needed, what was given, and where."""

HERE = "what stands here"


def _by_itself(finding: Finding, located: Located) -> Iterator[Problem]:
    """Yield what a finding says that does not agree with what else it says."""
    for part in (_source, _reasons, _measured, _said_again, _dates, _people):
        for needed, given, at in part(finding):
            yield located.problem(at, given, needed)


def _source(finding: Finding) -> Iterator[Wrong]:
    source = finding.source
    if not (source.arxiv or source.doi or source.url):
        yield "an arXiv id, a DOI or an address", HERE, ("source",)
    named = re.search(rf"arxiv\.org/(?:abs|pdf|html)/({ARXIV})", source.url or "")
    if source.arxiv and named and named[1] != source.arxiv:
        yield f"the address of arXiv:{source.arxiv}, or that id mended", source.url, ("source", "url")
    given = re.fullmatch(r"10\.48550/arxiv\.(.+)", source.doi or "", re.I)
    if given and given[1] != source.arxiv:
        yield (
            f"10.48550/arXiv.{source.arxiv}, which is the DOI of that id, or the id mended",
            source.doi,
            ("source", "doi"),
        )
    if re.search(r"[/.?]search[/.?]|//scholar\.google\.", source.url or ""):
        yield "the address of the work itself, and no search for it", source.url, ("source", "url")
    if mark := FOOTNOTE.search(finding.title):
        yield f"the title without the mark of a footnote, {mark[0]}", finding.title, ("title",)


def _reasons(finding: Finding) -> Iterator[Wrong]:
    """Yield a verdict, a place, a link or a test that wants a reason, a result or a note."""
    for i, place in enumerate(finding.shapes):
        if needed := _undecided(place):
            yield needed, HERE, ("shapes", i)
    for name, judged in finding.criteria.items():
        if judged.verdict != "met" and not judged.because:
            yield "a reason (because) for a verdict other than met", HERE, ("criteria", name)
    if finding.scale.measured and finding.scale.result is None:
        yield "a result, where dependence on scale was measured", "nothing", ("scale", "result")
    elif not finding.scale.measured and finding.scale.result is not None:
        needed = "no result of what was not measured; what was seen in its place belongs in how"
        yield needed, finding.scale.result, ("scale", "result")
    for i, link in enumerate(finding.links):
        if link.relation == "contests" and link.because is None:
            needed = "the reason in a sentence: what was found that speaks against it"
            yield needed, "nothing", ("links", i, "because")
    results = {test.test: test.result for test in finding.tests if test.result in DECISIVE}
    for i, place in enumerate(finding.shapes):
        waits = place.decided.waits_for if place.decided else None
        if waits in results:
            needed = (
                f"a test that was not run; by tests, this one gave {results[waits]}, so that the place can be decided"
            )
            yield needed, waits, ("shapes", i, "decided", "waits_for")
    for i, test in enumerate(finding.tests):
        if test.result == "not-run" and not test.note:
            yield "a note that says which reading shows it, or not-reported", HERE, ("tests", i)
    for i, said in enumerate(finding.notes_say):
        if said.verdict == "differs" and not said.source_says:
            yield "what the source says, where the notes differ from it", "nothing", ("notes_say", i, "source_says")
    theirs = [i for i, place in enumerate(finding.shapes) if place.proposed_by == "founding-notes"]
    if not finding.in_founding_notes and (finding.notes_say or finding.notes_role or theirs):
        needed = "in_founding_notes: true where notes_say, notes_role or a place that they proposed is given"
        yield needed, HERE, ("shapes", theirs[0], "proposed_by") if theirs else ()


DECISIVE = ("removes-effect", "triggers-effect", "weaker-effect", "preserved", "predicts-effect", "different-profile")
"""Results after which nothing waits for a test."""

_PERCENTAGE = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)(?: ?%| per ?cent)")


def _measured(finding: Finding) -> Iterator[Wrong]:
    for i, measurement in enumerate(finding.measurements):
        at = ("measurements", i)
        for number, where in ((measurement, at), (measurement.comparator, (*at, "comparator"))):
            for needed, given, field in ends_of(number) if number else ():
                yield needed, given, (*where, field)
        if unit := meant(measurement.unit):
            yield unit, measurement.unit, (*at, "unit")
        if measurement.interval_kind and not measurement.interval:
            yield "an interval, of which this is the kind", measurement.interval_kind, (*at, "interval_kind")
        if re.search(r"\bnot (seen|read|found|checked)\b", measurement.locator) and measurement.verified == "primary":
            needed = "the place where it was seen, or another verified, with unverified_because"
            yield needed, measurement.locator, (*at, "locator")
        for needed in faults_of(measurement):
            yield needed, HERE, at
        said_doses = {*map(float, _PERCENTAGE.findall(f"{measurement.metric} {measurement.condition}"))} - {0.0}
        if measurement.dose and said_doses and measurement.dose.percent not in said_doses:
            needed = (
                f"{' or '.join(f'{one:g}' for one in sorted(said_doses))}, as metric and condition say, or these mended"
            )
            yield needed, f"{measurement.dose.percent:g}", (*at, "dose", "percent")
        if (other := measurement.comparator) and other.same_measure:
            try:
                check_limits(measurement.unit, comparator_value=other.value, comparator_upper=other.upper)
            except FieldError as error:
                yield str(error), getattr(other, str(error.field[-1])), (*at, *error.field)
            if other.condition.lower() == measurement.condition.lower():
                needed = "another condition than that of the measurement itself"
                yield needed, other.condition, (*at, "comparator", "condition")

    said: list[tuple[str | None, Location]] = [(finding.summary, ("summary",))]
    said += [(text, ("caveats", i)) for i, text in enumerate(finding.caveats)]
    said += [(judged.because, ("criteria", name, "because")) for name, judged in finding.criteria.items()]
    for text, place in said:
        for needed, given in counted_otherwise(text or "", finding.measurements):
            yield needed, given, place


def _said_again(finding: Finding) -> Iterator[Wrong]:
    quantities = [(m.metric.lower(), m.condition.lower(), m.unit) for m in finding.measurements]
    apart = "each quantity under each condition once, or words that tell two apart"
    once: tuple[tuple[Sequence[object], str, tuple[str, ...]], ...] = (
        ([m.id for m in finding.measurements], "an id of its own in this record", ("measurements", "id")),
        (quantities, apart, ("measurements",)),
        ([(t.test, t.detail) for t in finding.tests], "each test once, or a detail that tells two apart", ("tests",)),
        ([(s.id, s.part) for s in finding.shapes], "each part of the finding once in a shape", ("shapes",)),
        ([link.to for link in finding.links], "one link to a finding", ("links", "to")),
    )
    for values, needed, (field, *inside) in once:
        for i, value in enumerate(values):
            if value in values[:i]:
                yield needed, value if inside else HERE, (field, i, *inside)


def _undecided(place: Membership) -> str | None:
    """Return what a place in a shape lacks for its standing, or nothing."""
    if place.standing == "declined" and not place.decided:
        return "decided, with its day and its reason (because), where a place is declined"
    if place.standing == "candidate" and place.decided:
        return "member, declined or open as the standing of a place that is decided"
    if place.decided and (place.standing == "open") != (place.decided.waits_for is not None):
        return "waits_for, the test that would decide, where a place is left open and only there"
    return None


def ends_of(number: Quantity) -> Iterator[tuple[str, str, str]]:
    """Yield what is not shown, a range that is a bound as well, or one that leaves its interval.

    Each with what is needed, what was given, and which field.
    """
    if number.value is not None and number.text is not None and not isinstance(number, Measurement):
        yield "a value, or text where the source gives none: beside a value no text is shown", number.text, "text"
    if number.value is None and number.qualifier is not None:
        yield "a value, which it bounds, or the word within text", number.qualifier, "qualifier"
    if number.upper is not None and number.qualifier not in (None, "about"):
        yield "about, or none: a range has both its ends, and a bound has one", number.qualifier, "qualifier"
    ends = getattr(number, "interval", None)
    if number.upper is not None and ends and number.upper > ends[1] and not getattr(number, "note", None):
        yield f"at most {ends[1]:g}, the end of the interval, or a note that says why not", f"{number.upper:g}", "upper"
    n, whole = getattr(number, "n", None), _whole(getattr(number, "unit", None))
    if n and whole and n != whole and not getattr(number, "n_of", None):
        yield f"{whole}, the number that its unit names, or that unit mended", str(n), "n"
    yield from _no_item(number)


_AVERAGED = re.compile(r"\b(each|every|per|means?|averaged?)\b")
"""What says that a percentage is no count of n things, but of what each of them gave."""


def _no_item(number: Quantity) -> Iterator[tuple[str, str, str]]:
    """Yield percentages of n things that no whole number of them gives, within their last digit."""
    n, unit = getattr(number, "n", None), str(getattr(number, "unit", None))
    said = " ".join(str(getattr(number, name, None)) for name in ("n_of", "note", "condition", "what"))
    if (
        not n
        or number.qualifier
        or not re.match(r"percent\b(?!.*\b(points?|change)\b)", unit)
        or _AVERAGED.search(said)
    ):
        return
    where = "n_of" if hasattr(number, "n_of") else "note"
    for at, value in (("value", number.value), ("upper", number.upper)):
        if value and not_whole(value, n):
            need = f"a percentage of whole things: of {n} it is {value * n / 100:g}; or {where} with what each of them is averaged over"
            yield need, f"{value:g}", at


_WHOLE = re.compile(r"of ([0-9][0-9,]*)\b")
_UP_TO_TWELVE = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")  # fmt: skip
_PART = rf"[0-9][0-9,]*|{'|'.join(_UP_TO_TWELVE)}"
_PART_OF = re.compile(rf"(?<![\w.-])({_PART}) (?:out )?of (?:the |all )?({_PART})\b(?![\w.,%]*[0-9%])", re.I)


def _whole(unit: str | None) -> int | None:
    """Return of how many a unit counts, as 25 of ``of 25 models``, or nothing."""
    found = _WHOLE.match(unit or "")
    return int(found[1].replace(",", "")) if found else None


def _count(said: str) -> int:
    return _UP_TO_TWELVE.index(said.lower()) if said.isalpha() else int(said.replace(",", ""))


def counted_otherwise(text: str, numbers: Sequence[Measurement | StudyNumber]) -> Iterator[tuple[str, str]]:
    """Yield each part of a whole that a sentence names and no number of that whole bears: what is needed, what was given.

    What is left of a whole may be said, too. A small whole is meant where the thing that it counts follows: eight of ten
    tries may be a threshold.
    """
    for found in _PART_OF.finditer(text) if " of " in text else ():
        part, whole = _count(found[1]), _count(found[2])
        counted = [
            number
            for number in numbers
            if _whole(number.unit) == whole
            and (
                whole > 12
                or (" " in number.unit[3:] and text.startswith(number.unit[3:].lstrip("0123456789"), found.end()))
            )
        ]
        others = [getattr(number, "comparator", None) for number in counted]
        ends = [end for one in (*counted, *others) if one for end in (one.value, one.upper) if end is not None]
        if ends and not {part, whole - part} & {*ends}:
            known = " or ".join(f"{end:g}" for end in dict.fromkeys(ends))
            yield f"{known} of {whole}, as its numbers say, or the number that says this", found[0]


def faults_of(measurement: Measurement) -> Iterator[str]:
    """Yield what a measurement needs so that its number, its interval and how it was checked go together."""
    value, interval = measurement.value, measurement.interval
    if (value is None) == (measurement.text is None):
        yield "a value, or text where the source gives none; one of them"
    if measurement.is_verified == (measurement.unverified_because is not None):
        yield "unverified_because, why it was not checked in the source, where it was not and only there"
    if interval and (interval[0] >= interval[1] or (value is not None and not interval[0] <= value <= interval[1])):
        yield f"an interval [low, high] that holds its value, which {interval} does not"


def _dates(finding: Finding) -> Iterator[Wrong]:
    published, recorded = finding.published, finding.recorded
    if earliest(recorded) > newest_day():
        yield "a date of recording that is not in the future", recorded, ("recorded",)
    if earliest(published) > newest_day():
        yield "a date of publication that is not in the future", published, ("published",)
    if earliest(published) > latest(recorded):
        yield f"a day from {published} on, when it was published", recorded, ("recorded",)
    if not finding.dates_note and (needed := not_its_day(published, finding.source.arxiv, finding.source.url)):
        yield needed, published, ("published",)
    if needed := not_as_noted(published, finding.dates_note, finding.source.arxiv):
        yield needed, finding.dates_note, ("dates_note",)
    for i, place in enumerate(finding.shapes):
        if place.decided and place.decided.day < earliest(published):
            needed = f"a day from {published} on, when the finding was published"
            yield needed, str(place.decided.day), ("shapes", i, "decided", "day")


def _people(finding: Finding) -> Iterator[Wrong]:
    for i, name in enumerate(finding.authors):
        if sum(letter.isalpha() for letter in name) < 2 or NOBODY.fullmatch(name):
            yield "a person or a group by name; authors_note where the list was cut", name, ("authors", i)
        if "," in name:
            yield "given names first, as Ada Lovelace, and no comma", name, ("authors", i)
        if mark := FOOTNOTE.search(name):
            yield f"the name without the mark of a footnote, {mark[0]}", name, ("authors", i)
    for i, (name, other) in enumerate(pairwise(finding.authors), 1):
        if name.lower() == other.lower():
            yield "each author once", other, ("authors", i)


def _problems(files: Files) -> Iterator[Problem]:
    """Yield what does not fit; what could not be read is left out, so that no fault is told twice."""
    about, keys = None, None
    try:
        about = load_about(files.data)
    except RecordError as error:
        yield from error.problems
    try:
        keys = load_references(files.data)
    except RecordError as error:
        yield from error.problems
    groups: list[str] | None = None  # a fault of theirs is told where they are loaded
    with contextlib.suppress(RecordError):
        groups = [group.id for group in load_groups(files.data)]
    stems = {path.stem for path in files_in(files.data / "findings", "*.yml")}
    for path in (path for path in files_in(files.data / "findings") if path.suffix != ".yml"):
        need = "a finding as <id>.yml in this folder, or another place"
        yield Located(path, None).problem((), path.name, need)
    for located, finding in files.findings:
        yield from _by_itself(finding, located)
        yield from _by_the_review(finding, located, about) if about else ()
        if groups is not None and finding.group not in groups:
            need = f"a group of data/groups.yml, which gives its name for readers{did_you_mean(finding.group, groups)}"
            yield located.problem(("group",), finding.group, need)
        for i, old in enumerate(finding.formerly):
            if old in stems or files.former[old] != finding.id:
                yield located.problem(("formerly", i), old, "an id that no other finding has or had")
    if files.shapes:
        located, shapes = files.shapes
        shape_ids, test_ids = [shape.id for shape in shapes.shapes], [test.id for test in shapes.tests]
        if keys and shape_ids:
            ids = dict.fromkeys([*stems, *files.former])
            for at, finding in files.findings:
                yield from _cross_check(finding, at, ids, shape_ids, test_ids, keys)
                yield from _declined_and_counted(finding, at, {one.id: one.of for one in shapes.shapes})
            yield from _twice(files.findings)
            yield from _each_summary_once(files.findings)
            yield from _spelled_otherwise(files.findings)
            yield from _circular(files.findings)
            yield from _links(files.findings, files.former)
        if about and about.scale_test and about.scale_test not in test_ids:
            yield _unknown(
                read_yaml(files.data / "review.yml"),
                ("scale_test",),
                about.scale_test,
                test_ids,
                "test of data/shapes.yml",
            )
        if shape_ids:
            yield from _check_shapes(shapes, located, shape_ids, test_ids)
        if files.questions:
            counted = {
                (name, place.id)
                for _, finding in files.findings
                for place in finding.shapes
                if place.proposed_by == "founding-notes"
                for name in (finding.id, *finding.formerly)
            }
            yield from _check_questions(*files.questions, shape_ids, {*stems, *files.former}, counted)


def _check_questions(
    located: Located,
    questions: Sequence[Question],
    shape_ids: list[str],
    known: set[str],
    counted: set[tuple[str, str]],
) -> Iterator[Problem]:
    """Yield what does not fit in the open questions; `counted` are findings with a shape that the founding notes gave them."""
    asked = [((i, "question"), question.question, question.id) for i, question in enumerate(questions)]
    settled = [((i, "settled_by"), question.settled_by, question.id) for i, question in enumerate(questions)]
    yield from said_twice(located, [*asked, *settled])
    for i, question in enumerate(questions):
        if question.shape and question.shape not in shape_ids:
            yield _unknown(located, (i, "shape"), question.shape, shape_ids, "shape")
        for j, candidate in enumerate(question.candidates):
            if candidate.finding in [c.finding for c in question.candidates[:j]]:
                at = (i, "candidates", j, "finding")
                yield located.problem(at, candidate.finding, "each finding once in a question")
            if (candidate.finding, question.shape) in counted:
                need = f"a finding that came after the founding notes: they count this one in {question.shape}"
                yield located.problem((i, "candidates", j, "finding"), candidate.finding, need)
            if candidate.finding not in known:
                at = (i, "candidates", j, "finding")
                yield _unknown(located, at, candidate.finding, sorted(known), "finding")


def _unknown(located: Located, at: tuple[str | int, ...], given: str, known: Collection[str], kind: str) -> Problem:
    return located.problem(at, given, f"a known {kind}{_near(given, known)}")


LISTED = 30
"""Names that a message lists at most, where none is near what was given."""


def _near(given: str, known: Collection[str]) -> str:
    return did_you_mean(given, known) or (f"; there are: {', '.join(known)}" if 0 < len(known) <= LISTED else "")


def _with_names(problem: Problem, files: Files) -> Problem:
    """Return a problem with a field that names a test or a shape with the names that there are."""
    named = re.fullmatch(r"shapes\.\S+\.(decided\.waits_for|id)|tests\.\S+\.test", problem.field)
    if not named or not files.shapes or "lower-case" not in problem.needed:
        return problem
    of_shape = named[1] == "id"
    known = [one.id for one in (files.shapes[1].shapes if of_shape else files.shapes[1].tests)]
    kind = "shape" if of_shape else "test"
    near = _near(re.sub(r"\W+", "-", problem.given.lower()), known)
    return replace(problem, needed=f"a known {kind} of data/shapes.yml{near}")


def _by_the_review(finding: Finding, located: Located, about: About) -> Iterator[Problem]:
    """Yield what a finding says otherwise than ``review.yml`` allows."""
    if finding.role not in about.roles:
        needed = f"one of {', '.join(about.roles)}, of data/review.yml{did_you_mean(finding.role, about.roles)}"
        yield located.problem(("role",), finding.role, needed)
    for name in finding.criteria.keys() - about.criteria.keys():
        yield _unknown(located, ("criteria", name), name, list(about.criteria), "criterion of data/review.yml")
    for name in about.criteria.keys() - finding.criteria.keys():
        yield located.problem(("criteria",), f"no {name}", "a verdict on each criterion of data/review.yml")
    of_scale = finding.criteria.get(about.needs_scale or "")
    if of_scale and of_scale.verdict == "met" and not finding.scale.measured:
        need = "unclear, untested or not-reported: by scale.measured, dependence on scale was not measured"
        yield located.problem(("criteria", str(about.needs_scale), "verdict"), "met", need)
    for i, test in enumerate(finding.tests):
        unseen = test.result in ("not-run", "not-reported")
        if test.test == about.scale_test and (unseen if finding.scale.measured else test.result in DECISIVE):
            need = f"{'a result' if unseen else 'not-run or not-reported'}, since scale.measured is {str(finding.scale.measured).lower()}; or that mended"
            yield located.problem(("tests", i, "result"), test.result, need)
    members = [i for i, place in enumerate(finding.shapes) if place.standing == "member"]
    since = about.members_decided_since
    for i in members if since and latest(finding.recorded) >= since else ():
        if not finding.shapes[i].decided:
            need = (
                f"decided, with its day and its reason (because), as every place since {since}; or candidate until then"
            )
            yield located.problem(("shapes", i, "standing"), "member", need)
    for name in about.members_meet if members else ():
        judged = finding.criteria.get(name)
        if judged and judged.verdict != "met":
            need = f"declined, open or candidate: {name} is {judged.verdict}, and members_meet of data/review.yml asks for it"
            yield located.problem(("shapes", members[0], "standing"), "member", need)


def _cross_check(
    finding: Finding,
    located: Located,
    ids: Collection[str],
    shapes: list[str],
    tests: list[str],
    keys: Mapping[str, Reference],
) -> Iterator[Problem]:
    if finding.id != (stem := located.path.stem):
        there = f", unless it is a copy of {finding.id}.yml, to be taken away" if finding.id in ids else ""
        need = (
            f"the file's own name, {stem}"
            if re.fullmatch(SLUG, stem)
            else f"a file that is named by its id, and not {stem}.yml"
        )
        yield located.problem(("id",), finding.id, need + there)
    if finding.cite not in keys:
        yield _unknown(located, ("cite",), finding.cite, list(keys), "key of data/references.bib")
    elif finding.source.arxiv and keys[finding.cite].arxiv not in (None, finding.source.arxiv):
        need = f"the entry of arXiv:{finding.source.arxiv}; this one is of arXiv:{keys[finding.cite].arxiv}"
        yield located.problem(("cite",), finding.cite, need)
    else:
        words, theirs = ({w[:4] for w in Work(title).words} for title in (finding.title, keys[finding.cite].title))
        one, other = plain_title(finding.title), plain_title(keys[finding.cite].title)
        inside, alike = one in other or other in one, len(words & theirs) >= max(len(words), len(theirs)) / 2
        if words and theirs and not inside and (alike or not words & theirs):  # a part may have a title of its own
            need = f"the title of its entry in data/references.bib, {keys[finding.cite].title}, or that one mended; another one in brackets behind it"
            yield located.problem(("title",), finding.title, need)
    if finding.cite in keys:
        doi, said = finding.source.doi, keys[finding.cite].doi
        if doi and said and doi.lower() != said.lower():
            need = f"{said}, the DOI of its entry in data/references.bib, or that one mended"
            yield located.problem(("source", "doi"), doi, need)
        address, own = ((url or "").rstrip("/") for url in (finding.source.url, keys[finding.cite].url))
        for other in (
            key for key, one in keys.items() if address and address != own and address == (one.url or "").rstrip("/")
        ):
            yield located.problem(("source", "url"), address, f"the address of {finding.cite}; this one is of {other}")
        mine = [folded(name)[0] for name in finding.authors]
        theirs_in_order = [folded(name)[0] for name in keys[finding.cite].authors if name != "others"]
        for i, (name, printed) in enumerate(zip(mine, theirs_in_order, strict=False)):
            if name != printed:
                need = f"{keys[finding.cite].authors[i]}, as its entry in data/references.bib says, or that one mended"
                yield located.problem(("authors", i), finding.authors[i], need)
                break
        else:
            whole = plain_title(finding.title) == plain_title(keys[finding.cite].title)  # a part has authors of its own
            if whole and not finding.authors_note and len(mine) != len(theirs_in_order):
                need = f"the {len(theirs_in_order)} of its entry in data/references.bib, or those of the finding there; or authors_note, which says where the list was cut"
                yield located.problem(("authors",), f"{len(mine)} authors", need)
            if whole and finding.authors_note and len(keys[finding.cite].authors) == len(mine):
                need = f"no authors_note, or more authors, or and others, in the entry {finding.cite} of data/references.bib, which has as many as stand here"
                yield located.problem(("authors_note",), finding.authors_note, need)
            called = finding.family or finding.authors[0].split()[-1]
            family = keys[finding.cite].families[0]
            if family != called and family.split()[-1] == called.split()[-1]:
                yield located.problem(("family",), called, f"{family}, as its entry in data/references.bib says")
    for i, membership in enumerate(finding.shapes):
        if membership.id not in shapes:
            yield _unknown(located, ("shapes", i, "id"), membership.id, shapes, "shape of data/shapes.yml")
        waits_for = membership.decided.waits_for if membership.decided else None
        if waits_for and waits_for not in tests:
            at = ("shapes", i, "decided", "waits_for")
            yield _unknown(located, at, waits_for, tests, "test of data/shapes.yml")
    for i, test in enumerate(finding.tests):
        if test.test not in tests:
            yield _unknown(located, ("tests", i, "test"), test.test, tests, "test of data/shapes.yml")
    for i, link in enumerate(finding.links):
        if link.to not in ids:
            yield _unknown(located, ("links", i, "to"), link.to, ids, "finding")
        if link.to in (finding.id, *finding.formerly):
            yield located.problem(("links", i, "to"), link.to, "another finding than itself")


def _declined_and_counted(finding: Finding, located: Located, of: Mapping[str, str | None]) -> Iterator[Problem]:
    """Yield a place that is declined in a shape of which the finding is a member by one of its parts."""
    for i, declined in enumerate(finding.shapes):
        for other in finding.shapes if declined.standing == "declined" else ():
            if other.standing == "member" and of.get(other.id) == declined.id:
                need = f"another standing, or {other.id} not as a member: it is a part of {declined.id}, which counts its members as its own"
                yield located.problem(("shapes", i, "standing"), "declined", need)


def _each_summary_once(findings: Sequence[tuple[Located, Finding]]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for located, finding in findings:
        if first.setdefault(finding.summary, finding.id) != finding.id:
            need = f"what this finding says; {first[finding.summary]} has the same words"
            yield located.problem(("summary",), finding.summary, need)


def _spelled_otherwise(findings: Sequence[tuple[Located, Finding]]) -> Iterator[Problem]:
    """Yield names of models that differ from another in case, spaces and hyphens alone, where that is used more or first."""
    used = Counter(name for _, finding in findings for name in finding.models)
    best: dict[str, str] = {}
    for name in used:
        plain = re.sub(r"[\s_-]+", "", name).lower()
        best[plain] = max(best.get(plain, name), name, key=lambda one: used[one])
    for located, finding in findings:
        for i, name in enumerate(finding.models):
            usual = best[re.sub(r"[\s_-]+", "", name).lower()]
            if name != usual:
                yield located.problem(("models", i), name, f"{usual}, as other findings spell it")


ONE_WAY = ("replicates", "extends", "precedes", "explains")
"""Relations that hold in one direction: of two findings one came first."""


def _links(findings: Sequence[tuple[Located, Finding]], former: Mapping[str, str]) -> Iterator[Problem]:
    """Yield links to a measurement that the other finding does not have, and to what was not there yet."""
    by_id = {finding.id: finding for _, finding in findings}
    for located, finding in findings:
        for i, link in enumerate(finding.links):
            to = former.get(link.to, link.to)
            known = [m.id for m in by_id[to].measurements] if to in by_id else []
            if to in by_id and (needed := _turned_about(finding, link.relation, by_id[to])):
                yield located.problem(("links", i, "relation"), link.relation, needed)
            if link.measurement and link.measurement not in known:
                yield _unknown(located, ("links", i, "measurement"), link.measurement, known, f"measurement of {to}")


def _turned_about(finding: Finding, relation: str, other: Finding) -> str | None:
    """Return what is needed where a finding rests on what came later, or came after what it precedes; else nothing.

    A work may be shown some weeks before it is published: a finding may rest on what was published a month after it.
    """
    mine, theirs = finding.published, other.published
    if relation == "precedes" and earliest(mine) > latest(theirs):
        return f"a relation to what came before: {other.id} is of {theirs}, this one of {mine}"
    later = earliest(theirs) > latest(mine) + dt.timedelta(days=31)
    if later and relation in ("replicates", "extends", "comments-on", "uses"):
        return f"a relation to what came after: {other.id} is of {theirs}, this one of {mine}"
    return None


def _circular(findings: Sequence[tuple[Located, Finding]]) -> Iterator[Problem]:
    said = {(f.id, link.to, link.relation) for _, f in findings for link in f.links if link.relation in ONE_WAY}
    for located, finding in findings:
        for i, link in enumerate(finding.links):
            if (link.to, finding.id, link.relation) in said:
                need = f"one direction; {link.to} says that it {link.relation} this one"
                yield located.problem(("links", i, "relation"), link.relation, need)


def _check_shapes(file: ShapesFile, located: Located, shape_ids: list[str], test_ids: list[str]) -> Iterator[Problem]:
    yield from each_once(located, file.shapes, at=("shapes",))
    yield from each_once(located, file.tests, at=("tests",))
    yield from said_twice(
        located, ((("shapes", i, "definition"), s.definition, s.id) for i, s in enumerate(file.shapes))
    )
    yield from said_twice(located, ((("tests", i, "asks"), t.asks, t.id) for i, t in enumerate(file.tests)))
    for i, shape in enumerate(file.shapes):
        if (shape.kind == "sub-shape") != (shape.of is not None):
            need = (
                "of, the shape that it is a part of"
                if shape.of is None
                else f"sub-shape, since it is a part of {shape.of}"
            )
            yield located.problem(("shapes", i, "kind"), shape.kind, need)
        if not shape.in_founding_notes and (shape.notes_say or shape.notes_members):
            need = "in_founding_notes: true where notes_say or notes_members is given"
            yield located.problem(("shapes", i, "in_founding_notes"), "false", need)
        if shape.of and shape.of not in shape_ids:
            yield _unknown(located, ("shapes", i, "of"), shape.of, shape_ids, "shape")
        elif shape.id in leads_to({s.id: s.of for s in file.shapes if s.of}, shape.id):
            yield located.problem(
                ("shapes", i, "of"), shape.of, "another shape, which is not a part of this one in turn"
            )
        for j, condition in enumerate(shape.codify_when):
            at = ("shapes", i, "codify_when", j)
            kinds = [name for name in Condition.model_fields if name != "source"]
            if sum(getattr(condition, name) is not None for name in kinds) != 1:
                yield located.problem(at, HERE, f"exactly one of {', '.join(kinds)}")
            if condition.every_member_tested and condition.every_member_tested not in test_ids:
                yield _unknown(located, (*at, "every_member_tested"), condition.every_member_tested, test_ids, "test")
            if condition.example_outside and condition.example_outside not in shape_ids:
                yield _unknown(located, (*at, "example_outside"), condition.example_outside, shape_ids, "shape")
            elif condition.example_outside == shape.id:
                yield located.problem((*at, "example_outside"), shape.id, "another shape than itself")


def _work(finding: Finding) -> Work:
    """Return a finding as it is compared with others: the key that it cites is an id too."""
    source = finding.source
    ids = ids_in(source.arxiv, source.doi, source.url) | {f"key:{finding.cite}"}
    families = tuple(name.split()[-1] for name in finding.authors)
    return Work(finding.title, families, finding.published[:4], ids)


def twice(register: Register, finding: Finding) -> str | None:
    """Return why a finding's paper has another record already, or None."""
    others = [known for known in register.findings if known.id not in (finding.id, *finding.formerly)]
    found = duplicates([*map(_work, others), _work(finding)])
    same = next(((others[first].id, why) for again, first, why in found if again == len(others)), None)
    if same is None:
        pairs = _in_venues([*others, finding])
        same = next(((others[min(pair)].id, "title") for pair in pairs if len(others) in pair), None)
    return f"{same[0]} is of the same paper, by {same[1].split(':')[0]}" if same else None


def _in_venues(findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """Yield the places of two findings of which the venue of the first names the title of the second.

    A preprint says so under which title a journal has it. Titles are looked up by their first words, so that the time
    grows with the findings and not with their pairs.
    """
    by_start: dict[tuple[str, ...], list[tuple[int, list[str]]]] = {}
    for j, finding in enumerate(findings):
        title = plain_title(finding.title).split()
        by_start.setdefault(tuple(title[:3]), []).append((j, title))
    for i, finding in enumerate(findings):
        words = plain_title(finding.venue or "").split()
        for at in range(len(words) - 2):
            for j, title in by_start.get(tuple(words[at : at + 3]), ()):
                if i != j and words[at : at + len(title)] == title:
                    yield i, j


def _twice(findings: Sequence[tuple[Located, Finding]]) -> Iterator[Problem]:
    """Yield each record whose paper has one already, under whatever venue, case or address."""
    for again, first, why in duplicates([_work(finding) for _, finding in findings]):
        located, finding = findings[again]
        if finding.id == findings[first][1].id:
            continue  # one of them is not in the file of its id, which is told
        kind = why.split(":")[0]
        at = {"arxiv": ("source",), "doi": ("source",), "url": ("source", "url"), "key": ("cite",)}.get(
            kind, ("title",)
        )
        given = {"key": finding.cite, "title": finding.title}.get(at[-1].replace("cite", "key"), why.split(":", 1)[-1])
        yield located.problem(at, given, f"one record a paper; {findings[first][1].id} is the same, by {kind}")
    for i, j in _in_venues([finding for _, finding in findings]):
        located, finding = findings[j]
        if finding.id != findings[i][1].id:
            need = f"one record a paper; {findings[i][1].id} is the same, by this title, which stands in its venue"
            yield located.problem(("title",), finding.title, need)
