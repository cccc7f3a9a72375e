"""The history: derived from the records, appended, chained, with a reason where a conclusion changed."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from review_book.living import history
from review_book.records.kinds import Records
from review_utils.records.reading import RecordError

TOPICS = st.sampled_from(["finding", "rule", "status", "claim", "forecast", "table"])
STATES = st.dictionaries(
    st.tuples(TOPICS, st.sampled_from("abc")), st.sampled_from(["x; 1", "x; 2", "y; 1"]), max_size=8
)


@given(st.lists(STATES, max_size=4))
def test_events_add_up_to_the_state(states):
    """Whatever states follow one another, the events between them add up to the last one."""
    events, now = [], {}
    for state in states:
        events += history.differences(now, state, {}, "2026-01-01")
        now = state

    assert history.fold(events) == now
    assert all(e.kind in history.WORDS for e in events)


def test_a_flipped_verdict_is_not_a_changed_number():
    """A claim whose verdict changes is flipped; one whose numbers alone change is corrected."""
    before = {("claim", "a"): "reproduced; 1", ("claim", "b"): "reproduced; 1"}
    after = {("claim", "a"): "differs; 1", ("claim", "b"): "reproduced; 2"}

    assert [e.kind for e in history.differences(before, after, {}, "")] == ["claim-flipped", "claim-corrected"]


def test_the_history_of_this_review_is_complete_and_whole(root):
    """No change of the records is missing from the history, and its chain holds."""
    assert history.pending(root / "data") == []
    assert len(history.load_history(root / "data")) > 200


@pytest.fixture
def data(root, tmp_path):
    """A copy of the records with their history, to be changed."""
    shutil.copytree(root / "data", tmp_path / "data", ignore=shutil.ignore_patterns("lab", "external"))
    shutil.copytree(root / "analyses", tmp_path / "analyses")
    return tmp_path / "data"


def test_what_is_gone_keeps_its_title(mini):
    """A finding that was taken out is called in the history what it was called, and not by its id."""
    data = mini / "data"
    history.append(history.pending(data), "as they are today", data)
    finding = data / "findings" / "brest.yml"
    finding.with_name("dover.yml").write_text(
        finding.read_text(encoding="utf-8").replace("id: brest", "id: dover"), encoding="utf-8"
    )
    finding.unlink()
    studies = data / "studies" / "tides.yml"
    studies.write_text(
        studies.read_text(encoding="utf-8").replace("finding: brest", "finding: dover"), encoding="utf-8"
    )

    gone = next(e for e in history.pending(data) if e.kind == "finding-retracted")
    assert gone.title == "A spring tide at Brest"


@pytest.mark.parametrize("named", ["brest", "dover"])
def test_a_study_whose_finding_is_renamed_is_no_corrected_one(mini, named):
    """Whether the study names it by the old id or by the new, nothing of it is corrected."""
    data = mini / "data"
    history.append(history.pending(data), "as they are today", data)
    finding, studies = data / "findings" / "brest.yml", data / "studies" / "tides.yml"
    text = finding.read_text(encoding="utf-8").replace("id: brest", "id: dover\nformerly: [brest]")
    finding.with_name("dover.yml").write_text(text, encoding="utf-8")
    finding.unlink()
    said = studies.read_text(encoding="utf-8").replace("finding: brest", f"finding: {named}")
    studies.write_text(said, encoding="utf-8")

    kinds = {event.kind for event in history.pending(data)}
    assert "finding-renamed" in kinds
    assert "study-corrected" not in kinds


def test_what_changes_under_a_new_name_is_told(mini):
    """A number of a finding, the words of a statement, its grade: a rename tells of each as if the name had stayed."""
    data = mini / "data"
    history.append(history.pending(data), "as they are today", data)
    finding, studies, statements = (data / name for name in ("findings/brest.yml", "studies/tides.yml", "statements/tides.yml"))  # fmt: skip
    text = finding.read_text(encoding="utf-8").replace("id: brest", "id: dover\nformerly: [brest]")
    finding.with_name("dover.yml").write_text(text.replace("value: 7.1", "value: 7.3"), encoding="utf-8")
    finding.unlink()
    said = statements.read_text(encoding="utf-8")
    named = said.replace("id: moon-drives-tides", "id: moon-raises-tides\n  formerly: [moon-drives-tides]", 1)
    assert named != said

    def kinds(text):
        statements.write_text(text, encoding="utf-8")
        return {(event.kind, event.subject) for event in history.pending(data)}

    assert {("finding-renamed", "brest"), ("finding-corrected", "dover")} <= kinds(named)
    assert {("statement-renamed", "moon-drives-tides"), ("statement-added", "moon-raises-tides")} <= kinds(named)
    assert ("statement-reworded", "moon-raises-tides") in kinds(named.replace("The moon raises", "The moon makes"))
    studies.write_text(studies.read_text(encoding="utf-8").replace("  kind: experiment", "  status: {is: retracted, because: a test}\n  kind: experiment"), encoding="utf-8")  # fmt: skip
    assert ("statement-regraded", "moon-raises-tides") in kinds(named)


def test_a_definition_by_which_places_were_decided_changes_with_a_reason(mini):
    """What a shape asks is held in the history; other words need a reason, as a rule does."""
    data = mini / "data"
    history.append(history.pending(data), "as they are today", data)
    shapes = data / "shapes.yml"
    text = shapes.read_text(encoding="utf-8")
    old = yaml.safe_load(text)["shapes"][0]["definition"]
    shapes.write_text(text.replace(old, f"{old} Or so."), encoding="utf-8")
    [event] = history.pending(data)

    assert (event.kind, event.before, event.after) == ("definition-changed", old, f"{old} Or so.")
    assert event.changes_conclusion


def test_a_changed_conclusion_needs_a_reason(data):
    """A statement whose grade changes is refused without a reason, and written with it; then nothing is pending."""
    history.append(history.pending(data), "as they are today", data)
    path = next((data / "studies").glob("*.yml"))
    graded = Records(data)
    key = next(
        study.key
        for study in graded.studies
        if study.standing == "current"
        and any(graded.grader.grade(s).grade != graded.grader.grade(s, study.key).grade for s in graded.statements)
    )
    for path in (data / "studies").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace(f"- key: {key}\n", f"- key: {key}\n  status: {{is: retracted, because: a test}}\n", 1),
            encoding="utf-8",
        )
    events = history.pending(data, dt.date(2026, 12, 1))
    assert {e.kind for e in events if e.changes_conclusion} == {"statement-regraded"}

    with pytest.raises(history.ReasonNeeded, match="why") as refused:
        history.reasons_of(events, ())
    assert not re.search(r"\b[0-9a-f]{12}\b", str(refused.value)), "a grade is said without the digest of its words"
    for reason in (
        "   ",
        "x",
        "TODO later",
        "a <script>alert(1)</script>",
        "one\u202etwo three",
        "two\nlines",
        "long " * 1000,
    ):
        with pytest.raises(history.ReasonNeeded, match="given the reason"):
            history.append(events, reason, data)
    history.append(events, "the authors withdrew it", data)

    assert history.pending(data, dt.date(2026, 12, 1)) == []
    assert any(e.reason == "the authors withdrew it" for e in history.load_history(data))


def _changed(*subjects):
    before = {("claim", subject): "reproduced; 1" for subject in subjects}
    return history.differences(before, dict.fromkeys(before, "differs; 1") | {("claim", "new"): "x; 1"}, {}, "")


def test_each_conclusion_has_a_reason_of_its_own(mini):
    """One text goes with one conclusion; with several each is named, and what lacks a reason is listed with a line to write."""
    one, two = _changed("a-b"), _changed("a-b", "c")
    assert history.reasons_of(one, ["it was misread"]) == {"a-b": "it was misread"}
    assert history.reasons_of(one, ["a-b: it was misread"]) == {"a-b": "it was misread"}
    assert history.reasons_of(two, ["c: a second: colon", "a-b:it was misread"]) == {
        "c": "a second: colon",
        "a-b": "it was misread",
    }
    assert history.reasons_of(two, ["one for all", "c: its own one"], for_all=True) == {
        "a-b": "one for all",
        "c": "its own one",
    }
    for texts in (["nothing asks for it"], ["a-b: nothing of it changes"]):
        with pytest.raises(
            history.ReasonNeeded, match=r"given the reason '.*; needed: no reason: no conclusion changes"
        ):
            history.reasons_of(_changed(), texts)
    with pytest.raises(
        history.ReasonNeeded,
        match="given a reason for 'a_b', of which no conclusion changes; needed: one of these: a-b",
    ):
        history.reasons_of(one, ["a_b: it was misread"])
    for texts, said in (
        (["it was misread"], 'as review accept --reason "a-b: why"'),
        (["c: it was misread"], 'as review accept --reason "a-b: why"'),
        (["c: it was misread", "c: it was not"], "given two reasons for c"),
        (
            ["a-b: it was misread", "c: it was not", "d: it was"],
            "given a reason for 'd', of which no conclusion changes; needed: one of these: a-b; c",
        ),
        (["c: x", "a-b: it was misread"], "given the reason 'x'"),
    ):
        with pytest.raises(history.ReasonNeeded, match=re.escape(said)) as refused:
            history.reasons_of(two, texts)
    with pytest.raises(history.ReasonNeeded) as refused:
        history.reasons_of(two, ["c: it was misread"])
    assert "changed: a-b" in str(refused.value)
    assert "changed: c" not in str(refused.value)

    begun = {("claim", subject): "reproduced; 1" for subject in ("a-b", "c")}
    history.append(history.differences({}, begun, {}, ""), {}, mini / "data")
    history.append(two, {"a-b": "it was misread", "c": "it was not"}, mini / "data")
    written = {e.subject: e.reason for e in history.load_history(mini / "data")[-3:]}
    assert written == {"a-b": "it was misread", "c": "it was not", "new": None}


def test_a_change_written_twice_is_seen(mini):
    """Two that accept at once both find the same changes; what the second would write again is refused where it is read."""
    data = mini / "data"
    path = data / history.FILE
    path.unlink(missing_ok=True)
    events = history.pending(data, dt.date(2026, 11, 20))
    history.append(events, "it was begun", data)
    once = path.read_text(encoding="utf-8")
    history.append(events, "it was begun", data)

    with pytest.raises(RecordError, match=rf"history.jsonl:{len(once.splitlines()) + 1}: "):
        history.load_history(data)


def test_a_last_line_without_an_end_is_ended_first(mini):
    """What is written after a line that an editor left without an end stands on its own; two on one are told apart."""
    data = mini / "data"
    path = data / history.FILE
    path.unlink(missing_ok=True)
    first, second, *_ = history.pending(data, dt.date(2026, 11, 20))
    history.append([first], "it was begun", data)
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")
    history.append([second], "it was begun", data)
    assert [event.subject for event in history.load_history(data)] == [first.subject, second.subject]

    path.write_text(path.read_text(encoding="utf-8").replace("\n", ""), encoding="utf-8")
    with pytest.raises(RecordError, match=r"history.jsonl:1: .*needed: a change a line; break it after letter \d+"):
        history.load_history(data)


def test_two_branches_that_both_accepted_are_told_how_to_meet(mini):
    """Lines of two branches, one behind the other after a merge, are refused at the first of the other branch, with the way out."""
    data = mini / "data"
    path = data / history.FILE
    path.unlink(missing_ok=True)
    begun, *rest = history.pending(data, dt.date(2026, 11, 20))
    history.append([begun], "it was begun", data)
    common = path.read_text(encoding="utf-8")
    history.append([rest[0]], "one branch", data)
    ours = path.read_text(encoding="utf-8")
    path.write_text(common, encoding="utf-8")
    history.append([rest[1]], "another branch", data)
    theirs = path.read_text(encoding="utf-8").removeprefix(common)
    path.write_text(ours + theirs, encoding="utf-8")

    with pytest.raises(RecordError, match=r"history.jsonl:3: .*git checkout --ours or --theirs"):
        history.load_history(data)


@pytest.mark.parametrize("harm", ["edit", "drop", "insert", "garbage"])
def test_an_edited_past_is_seen(data, harm):
    """A line of the history that is edited, taken out, put in by hand or garbled is refused, with its place."""
    path = data / history.FILE
    lines = path.read_text(encoding="utf-8").splitlines()
    if harm == "edit":
        lines[5] = lines[5].replace("2026", "2025", 1)
    elif harm == "drop":
        del lines[5]
    elif harm == "insert":
        lines.insert(5, json.dumps({**json.loads(lines[5]), "subject": "made-up"}))
    else:
        lines[5] = "{"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    with pytest.raises(RecordError, match=r"history.jsonl:6"):
        history.load_history(data)


def test_a_new_finding_is_no_conclusion(data):
    """A finding that goes is a conclusion that changes; one that was corrected is none."""
    kinds = {
        e.kind: e.changes_conclusion
        for e in history.differences({("finding", "a"): "1", ("finding", "b"): "1"}, {("finding", "a"): "2"}, {}, "")
    }

    assert kinds == {"finding-corrected": False, "finding-retracted": True}


@pytest.mark.parametrize(
    ("day", "formerly", "needed"),
    [
        ("2026-01-09", "", "a day up to 2026-01-05, on which"),
        ("2026-01-09", "formerly: [ushant]\n", "a day up to 2026-01-05, on which"),
        ("2026-01-05", "", None),
        ("2026-01-03", "", None),
        ("2026-01-02", "", "a day from 2026-01-03, on which history.jsonl was written without it, up to 2026-01-05"),
    ],
)
def test_a_finding_recorded_on_another_day_than_the_history_has_is_named(mini, day, formerly, needed):
    """A day of recording after the history has the finding, by any id, or before it was last written without it, is named."""
    path = mini / "data" / "findings" / "brest.yml"
    text = path.read_text(encoding="utf-8").replace("recorded: 2026-01-01", f"{formerly}recorded: {day}")
    path.write_text(text, encoding="utf-8")
    known = "ushant" if formerly else "brest"
    before = history.Event("2026-01-03", "table-added", "heights", "Heights", None, "x")
    history.append(
        [before, history.Event("2026-01-05", "finding-added", known, "A tide", None, "x")], {}, mini / "data"
    )

    found = list(history.recorded_otherwise(Records(mini / "data").register, mini / "data"))
    assert [p.needed.startswith(needed or "") for p in found] == [True] * (needed is not None)
    assert not found or text.split("\n")[found[0].line - 1].startswith("recorded:")


def test_records_of_two_kinds_may_share_an_id(mini):
    """Each event has the title of its own subject, and a finding's page has the events of the finding alone."""
    records = Records(mini / "data")
    statement = next(iter(records.statements))
    path = mini / "data" / "statements" / "tides.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(f"id: {statement.id}", "id: brest"), encoding="utf-8")

    found = {e.topic: e for e in history.pending(mini / "data", dt.date(2026, 2, 1)) if e.subject == "brest"}
    assert found["finding"].title == records.register.finding("brest").title
    assert found["statement"].title != found["finding"].title
    history.append(list(found.values()), {}, mini / "data")
    assert {e.topic for e in history.events_of_findings(mini / "data")["brest"]} == {"finding"}
