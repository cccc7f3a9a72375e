"""The record can change: any finding removed, redated, renamed or accepted leaves a review that loads and speaks.

Nothing is built here; what pages compute from the records is called as they call it.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import yaml
from making_studies import retract

from emergence import emergent_capabilities as ec
from emergence.records import forecasts as fl
from emergence.records import prose_checks, timeline
from review_book.living.history import State, differences, renamed, state_here, state_of
from review_book.pages import statements as pages
from review_book.pages import statements as statements_page
from review_book.pages import studies as studies_page
from review_book.records.catalogue import grades_index
from review_book.records.changes import compare
from review_book.records.grades import if_retracted
from review_book.records.kinds import Records
from review_book.records.studies import StudyStatus
from review_book.site import exports
from review_utils.records.reading import RecordError
from review_utils.records.register import Finding, Register
from review_utils.records.status import Reading, status_of_all

TODAY = dt.date(2027, 12, 31)


@pytest.fixture(scope="module")
def records(root):
    """The review's own records, read once."""
    return Records(root / "data")


@pytest.fixture
def copied(root, tmp_path):
    """A copy of the records and of the pages that they name, to change."""
    shutil.copytree(root / "data", tmp_path / "data", ignore=shutil.ignore_patterns("external", "lab"))
    shutil.copytree(root / "analyses", tmp_path / "analyses")
    return tmp_path / "data"


def speaks(register: Register, records: Records) -> None:
    """Compute what pages and commands compute from a register; nothing may raise."""
    statuses = status_of_all(register)
    assert len(statuses) == len(register.shapes)
    for reading in (Reading(candidates_count=True), Reading(open_count=True), Reading(by_group=True)):
        status_of_all(register, reading)
    assert ec.codified_words(register, statuses)
    assert all(ec.standing_words(register, s.id) for s in register.shapes)
    assert ec.missing_words(register, ec.missing_tests(register))
    assert ec.nearest_words(register, statuses)
    assert len(ec.structural_tests(register)) == len(register.findings) * len(register.tests)
    assert ec.effects(register).difference.notna().all()
    for definition in ec.definitions():
        ec.admitted(register, definition)
    named = prose_checks.as_the_notes_have_it(register)
    assert all(prose_checks.answer(named, c.counted) for c in records.prose_checks if c.counted)
    for forecast in records.forecasts:
        if fl.void_by(forecast, records.void) is None:
            outcome = fl.resolve(forecast, register, TODAY)
            assert outcome is None or fl.score(forecast, outcome) >= 0


@cache
def before(records: Records) -> tuple[State, dict[str, str]]:
    """Return the state of the register as it is read."""
    return state_of(records.register, records.ledger)


def moves(after: Register, records: Records) -> set[str]:
    """Return the kinds of event that lead from the register to another; compare names no shape twice a kind."""
    old, old_titles = before(records)
    new, new_titles = state_of(after, records.ledger)
    changes = compare(records.register, after)
    assert len({(c.kind, c.subject) for c in changes}) == len(changes)
    return {
        e.kind
        for e in renamed(differences(old, new, {**old_titles, **new_titles}, "2027-01-01"), after, records.statements)
    }


SAMPLE = 6
"""Where nothing but a name or a day changes, all that is computed is tried on every so many findings."""


def _swapped(register: Register, finding: Finding, *new: Finding) -> Register:
    return replace(register, findings=(*(f for f in register.findings if f.id != finding.id), *new))


def _accepted(finding: Finding) -> Finding:
    shapes = [m.model_copy(update={"standing": "member"}) for m in finding.shapes]
    return finding.model_copy(update={"shapes": shapes})


def test_each_finding_can_be_removed(records):
    """Without any one finding everything that is computed from the register still is, and history says what left."""
    for finding in records.register.findings:
        after = _swapped(records.register, finding)
        speaks(after, records)
        assert "finding-retracted" in moves(after, records)


def test_each_finding_can_be_redated(records):
    """With a date of years before, or none but the year, all is computed, and history says that it was corrected."""
    for i, finding in enumerate(records.register.findings):
        for date in ("2019-01-01", finding.recorded[:4]):
            after = _swapped(records.register, finding, finding.model_copy(update={"published": date}))
            kinds = moves(after, records)
            assert kinds - {"status-changed"} == ({"finding-corrected"} if finding.published != date else set())
            if i % SAMPLE == 0:
                speaks(after, records)


def test_each_finding_can_be_renamed(records):
    """Under another id that names the old one it is found by both, and history says renamed and not retracted."""
    for i, finding in enumerate(records.register.findings):
        new = finding.model_copy(update={"id": f"{finding.id}-anew", "formerly": [finding.id]})
        after = _swapped(records.register, finding, new)
        if i % SAMPLE == 0:
            speaks(after, records)
        assert after.finding(finding.id) is after.finding(new.id)
        assert moves(after, records) == {"finding-renamed", "finding-added"}


def test_each_candidate_can_be_accepted(records):
    """With the candidates and open places of any one finding accepted, and of all at once, all is computed."""
    register = records.register
    waiting = [f for f in register.findings if any(m.standing != "member" for m in f.shapes)]
    assert waiting
    for finding in waiting:
        after = _swapped(register, finding, _accepted(finding))
        speaks(after, records)
        assert "finding-corrected" in moves(after, records)
    speaks(replace(register, findings=tuple(map(_accepted, register.findings))), records)


def _retracted(records: Records, key: str) -> Records:
    """The records with one study retracted, and nothing else changed."""
    status = StudyStatus(**{"is": "retracted", "because": "A test."})
    changed = Records(records.data)
    gone = records.studies.study(key).model_copy(update={"status": status})
    studies = replace(records.studies, by_key={**records.studies.by_key, key: gone})
    changed.__dict__.update({name: getattr(records, name) for name in ("register", "ledger", "statements", "rules")})
    changed.__dict__["studies"] = studies
    return changed


def test_each_study_can_be_retracted(records):
    """Pages of statements and studies, exports and history are made without it; each grade that changes is named."""
    uses, before = (
        studies_page.uses_of(records),
        state_of(records.register, records.ledger, (), (), records.statements, records.grader),
    )
    graded = {one.id: records.grader.grade(one).grade for one in records.statements}
    moved = 0
    for i, key in enumerate(records.studies.by_key):
        after = _retracted(records, key)
        due = {one.id for one in if_retracted(records.statements, records.grader, key)}
        grades = {s.id: after.grader.grade(s).grade for s, _ in uses.get(key, ())}
        assert {n for n, g in grades.items() if g != graded[n]} == due
        moved += bool(due)
        if i % (3 * SAMPLE) == 0:
            chapters = {records.statements.chapter_of(s.id) for s, _ in uses.get(key, ())}
            assert all("retracted" in statements_page.chapter_html(after, name, str) for name in chapters)
            page = studies_page.study_body(after, after.studies.study(key), uses.get(key, []), str)
            assert "retracted: A test." in page
            rows = exports.statement_rows(after, str)
            assert {r["id"] for r in rows if r["grade"] != graded[r["id"]]} == due
            assert len(exports.study_rows(after)) == len(records.studies)
            assert len(grades_index(after.grader, after.statements)["statements"]) == len(rows)
            now = state_of(after.register, after.ledger, (), (), after.statements, after.grader)
            found = differences(before[0], now[0], {**before[1], **now[1]}, "2027-01-01")
            assert {(e.kind, e.subject) for e in found} == {
                ("study-corrected", key),
                *(("statement-regraded", n) for n in due),
            }
    assert moved > 20


def test_a_study_retracted_in_the_files_leaves_sound_records(copied, records):
    """With its status set and its finding taken out, the records load, and history names what is graded otherwise."""
    regraded = {s.key: if_retracted(records.statements, records.grader, s.key) for s in records.studies if s.finding}
    key = max(regraded, key=lambda one: len(regraded[one]))
    due = {("statement-regraded", one.id) for one in regraded[key]}
    finding = records.studies.study(key).finding
    retract(copied, key)
    after = Records(copied)
    assert [str(p) for p in after.problems()] == []
    assert set(_kinds(records, after)) == {("study-corrected", key), *due}

    _without(copied, finding)
    after = Records(copied)

    assert [str(p) for p in after.problems()] == []
    assert ("finding-retracted", finding) in set(_kinds(records, after))
    speaks(after.register, after)


def test_the_register_replays_after_any_of_these(records):
    """The time machine plays a register of few findings, of early dates and of accepted candidates to its end."""
    register = records.register
    few = replace(register, findings=register.findings[:3])
    early = replace(register, findings=tuple(f.model_copy(update={"published": "2020-01"}) for f in few.findings))
    for changed in (few, early, replace(few, findings=tuple(map(_accepted, few.findings)))):
        timeline.history(changed)
        last = timeline.replay(changed).query("clock == 'published' and step == step.max()")
        assert last["count"].tolist() == [s.count for s in status_of_all(changed)]


class _Plain(yaml.SafeLoader):
    """YAML whose dates stay text."""

    yaml_implicit_resolvers = {
        k: [(tag, match) for tag, match in found if not tag.endswith(":timestamp")]
        for k, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _read(path: Path) -> object:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Plain)  # a safe loader


def _without(data: Path, finding_id: str) -> None:
    """Take a finding out of the records, as the check asks for: what names it goes, too."""
    (data / "findings" / f"{finding_id}.yml").unlink()

    def drop(items: list[dict], field: str) -> list[dict]:
        return [item for item in items if item[field] != finding_id]

    for path in (data / "findings").glob("*.yml"):
        if finding_id in path.read_text(encoding="utf-8"):
            record = _read(path)
            record["links"] = drop(record.get("links", []), "to")
            path.write_text(yaml.safe_dump(record, sort_keys=False, allow_unicode=True), encoding="utf-8")
    for name, edit in (
        ("questions.yml", lambda q: {**q, "candidates": drop(q.get("candidates", []), "finding")}),
        *(
            (
                f"studies/{p.name}",
                lambda s: (
                    {**s, "finding": None, "dates_note": "Shown before it was archived."}
                    if s.get("finding") == finding_id
                    else s
                ),
            )
            for p in (data / "studies").glob("*.yml")
        ),
    ):
        path = data / name
        items = [new for item in _read(path) if (new := edit(item))]
        path.write_text(yaml.safe_dump(items, sort_keys=False, allow_unicode=True), encoding="utf-8")
    for path in (data / "statements").glob("*.yml"):
        text = re.sub(rf"\{{register:{finding_id}/[^}}]*\}}", "a number", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")


def _kinds(before: Records, after: Records) -> Iterator[tuple[str, str]]:
    old, old_titles = state_here(before)
    new, new_titles = state_here(after)
    found = differences(old, new, {**old_titles, **new_titles}, "2027-01-01")
    yield from ((e.kind, e.subject) for e in renamed(found, after.register, after.statements))


@pytest.fixture(scope="module")
def quoted(records):
    """A finding that a study bears, and that more links of others name than any such."""
    borne = {study.finding for study in records.studies}
    links = [link.to for finding in records.register.findings for link in finding.links]
    return max((f.id for f in records.register.findings if f.id in borne), key=links.count)


def test_a_removed_finding_is_named_wherever_it_was_used(copied, records, quoted):
    """The check names each file that still speaks of it; with these mended the records load and history says so."""
    (copied / "findings" / f"{quoted}.yml").rename(copied.parent / "kept.yml")
    said = "\n".join(map(str, Records(copied).problems()))
    assert f"given {quoted}" in said
    (copied.parent / "kept.yml").rename(copied / "findings" / f"{quoted}.yml")

    _without(copied, quoted)
    after = Records(copied)

    assert [str(p) for p in after.problems()] == []
    assert ("finding-retracted", quoted) in set(_kinds(records, after))
    speaks(after.register, after)


def test_a_renamed_finding_needs_no_other_edit(copied, records, quoted):
    """With its old id under `formerly`, links, questions, studies and statements still find it."""
    path = copied / "findings" / f"{quoted}.yml"
    text = path.read_text(encoding="utf-8").replace(f"id: {quoted}\n", f"id: anew\nformerly: [{quoted}]\n", 1)
    path.unlink()
    (copied / "findings" / "anew.yml").write_text(text, encoding="utf-8")
    after = Records(copied)

    assert [str(p) for p in after.problems()] == []
    assert {s.finding for s in after.studies} & {quoted, "anew"} == {"anew"}
    assert not any(link.to == quoted for f in after.register.findings for link in f.links)
    kinds = set(_kinds(records, after))
    assert {("finding-renamed", quoted), ("finding-added", "anew")} <= kinds
    assert not any(kind == "finding-retracted" for kind, _ in kinds)
    other = next(finding.id for finding in records.register.findings if finding.id != quoted)
    (copied / "findings" / "anew.yml").write_text(text.replace(f"[{quoted}]", f"[{other}]"), encoding="utf-8")
    with pytest.raises(RecordError, match="an id that no other finding has or had"):
        _ = Records(copied).register


def test_a_renamed_statement_is_found_by_its_old_id(copied, records):
    """With its old id under `formerly` prose and links still find it, history says renamed, and no other may have that id."""
    first, second = (item.id for item in list(records.statements)[:2])
    path = next(p for p in (copied / "statements").glob("*.yml") if f"- id: {first}\n" in p.read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"- id: {first}\n", f"- id: anew\n  formerly: [{first}]\n", 1), encoding="utf-8")
    after = Records(copied)

    assert [str(p) for p in after.problems()] == []
    assert after.statements.statement(first) is after.statements.statement("anew")
    assert f'id="s-{first}"' in pages.chapter_html(after, after.statements.chapter_of(first), str)
    kinds = set(_kinds(records, after))
    assert {("statement-renamed", first), ("statement-added", "anew")} <= kinds
    assert ("statement-removed", first) not in kinds
    path.write_text(text.replace(f"- id: {first}\n", f"- id: anew\n  formerly: [{second}]\n", 1), encoding="utf-8")
    with pytest.raises(RecordError, match="an id that no other statement has or had"):
        _ = Records(copied).statements


def test_redating_and_accepting_in_the_files_leaves_sound_records(copied, records):
    """Each finding redated to a year before and each place accepted: sound, and filed forecasts are as they were."""

    def before(match: re.Match[str]) -> str:
        return f"{match[1]}{int(match[2]) - 1}"

    for path in (copied / "findings").glob("*.yml"):
        text = re.sub(r"(?m)^dates_note: .*\n(?:  .*\n)*", "", path.read_text(encoding="utf-8"))
        text = re.sub(r"(?m)^(published: ['\"]?)(\d{4})", before, text) + "dates_note: Shown before it was archived.\n"
        text = re.sub(r"(?m)^ +waits_for: .*\n", "", text)
        text = re.sub(r"(?m)^(  observed:\n    verdict: ).*$", r"\1met", text)  # which a member meets
        path.write_text(re.sub(r"standing: (candidate|open|declined)", "standing: member", text), encoding="utf-8")
    for path in (copied / "studies").glob("*.yml"):  # a study has the date of its finding
        studies = re.split(r"(?m)^(?=- key: )", path.read_text(encoding="utf-8"))
        redated = [re.sub(r"(?m)^(  published: ['\"]?)(\d{4})", before, study) if "\n  finding: " in study else study for study in studies]  # fmt: skip
        path.write_text("".join(redated), encoding="utf-8")
    for path in (copied / "statements").glob("*.yml"):  # what was out before it was printed came after that day
        text = re.sub(r"out_before: \{day: '[^']*'", "out_before: {day: '2019-01-01'", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
    after = Records(copied)

    assert [str(p) for p in after.problems()] == []
    assert after.forecasts == records.forecasts
    kinds = {kind for kind, _ in _kinds(records, after)}
    assert (
        {"finding-corrected", "status-changed"} <= kinds <= {"finding-corrected", "status-changed", "study-corrected"}
    )
    speaks(after.register, after)
