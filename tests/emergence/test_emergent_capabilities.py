"""The concept chapter's computations: definitions, missing tests, effects, contradictions, history."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import re
import sys

import numpy as np
import pandas as pd
import pytest
from making import MEMBER, make, shape

from emergence import emergent_capabilities as ec
from emergence.emergent_capabilities import register_views
from emergence.records import prose_checks, timeline
from emergence.shared.fitting import wilson
from review_book.records.changes import what_if
from review_utils.records.register import Register, load_register
from review_utils.records.register import TestKind as Kind
from review_utils.records.status import members_of, status_of_all, was_tested


@pytest.fixture(scope="module")
def register(root):
    """The real register."""
    return load_register(root / "data")


def test_definitions_admit_less_as_they_ask_more(register):
    """A strict reading admits no finding that the lenient reading of the same criteria does not."""
    by_criteria = {}
    for definition in ec.definitions():
        by_criteria.setdefault(definition.criteria, []).append({f.id for f in ec.admitted(register, definition)})
    for sets in by_criteria.values():
        assert sets == sorted(sets, key=len)
        assert all(a <= b for a, b in itertools.pairwise(sets))


def test_criteria_of_the_named_findings(register):
    """Each criterion has one verdict a finding, and the table counts what the records say."""
    frame = ec.criteria_frame(register)
    for name in ("not_training_target", "scales", "observed"):
        verdicts = [f.criteria[name].verdict for f in register.findings]
        assert frame[name].tolist() == verdicts
        assert frame[name].value_counts().sum() == len(register.findings)


def test_a_missing_test_that_settles_is_named():
    """When one member alone lacks the test that a rule asks for, running it settles the shape."""
    members = [make("a", MEMBER, [("t", "removes-effect")]), make("b", MEMBER, [("t", "not-run")])]
    rule = shape("s", {"every_member_tested": "t"})

    (row,) = ec.missing_tests(Register(tuple(members), (rule,), (), ())).to_dict("records")

    assert row == {"shape": "s", "finding": "b", "test": "t", "settles": True, "also_missing": 0}
    assert ec.missing_tests(Register((), (rule,), (), ())).empty


def test_every_pair_of_finding_and_test_has_a_cell(register):
    """The matrix has a cell for each finding and each kind of test, and a row of its own for each finding."""
    matrix = ec.structural_tests(register)
    assert len(matrix) == len(register.findings) * len(register.tests)
    assert matrix.study.nunique() == len(register.findings)


def test_silence_is_not_taken_for_a_test_that_was_not_run():
    """What a record says was not run, what does not apply and what it does not mention are three things."""
    kinds = [Kind(id=k, title=f"Test {k}", asks="Is it said?") for k in ("ran", "not", "na", "silent")]
    finding = make("a", (), [("ran", "removes-effect"), ("not", "not-run"), ("na", "not-applicable")])
    matrix = ec.structural_tests(Register((finding,), (), tuple(kinds), ()))

    assert matrix.result.tolist() == ["removes effect", "not run", "not applicable", "not reported"]


def test_sentences_follow_the_register():
    """Which shapes are codified, what holds one and which tests are missing are said as the records have them."""
    kinds = (Kind(id="t", title="Disclosure", asks="Is it said?"),)
    rules = (shape("s", {"every_member_tested": "t"}), shape("two", {"min_examples": 2}))

    def said(*findings):
        register = Register(findings, rules, kinds, ())
        missing = ec.missing_words(register, ec.missing_tests(register))
        return ec.codified_words(register, status_of_all(register)), ec.standing_words(register, "s"), missing

    assert said() == ("none is codified", "s has 0 examples and is open; what would lift that: a first member.", "No rule asks for a test that a member lacks.")  # fmt: skip
    lacking = make("a", MEMBER)
    codified, standing, missing = said(lacking)
    assert codified == "none is codified"
    assert standing == f"s has 1 example and is held; what would lift that: run the test on {lacking.short}."
    assert missing == "They ask “disclosure”, for s; 1 of them would settle a shape alone."
    many = said(*(make(n, MEMBER) for n in "abcd"))[1]
    assert many == "s has 4 examples and is held; what would lift that: run the test on 4 of its examples."
    both = [make(n, [("s", "member"), ("two", "member")], [("t", "removes-effect")]) for n in "ab"]
    assert said(*both)[:2] == ("“s” and “two” are codified", "s has 2 examples and is codified.")
    assert ec.standing_words(Register((), rules, kinds, ()), "gone") == "The register has no shape gone."


def test_rules_are_said_as_they_are():
    """What the rules ask for is read from them: shapes that ask for the same stand together, the longest rule first."""
    kinds = (Kind(id="t", title="Disclosure", asks="Is it said?"),)
    tested = shape("tested", {"min_examples": 3}, {"every_member_tested": "t"}, {"example_outside": "two"})
    rules = (shape("two", {"min_examples": 2}), shape("pair", {"min_examples": 2}), tested, shape("by", {"decision": "x"}))  # fmt: skip

    assert ec.rules_asked(Register((), rules, kinds, ())) == [
        ("three examples, the test “disclosure” on every one and one of them outside two", ["tested"]),
        ("two examples", ["two", "pair"]),
        ("a decision and no number", ["by"]),
    ]


def test_effects_are_on_one_scale(register):
    """Rates lie between 0 and 100 percent, intervals hold them, and differences are what they say."""
    effects = ec.effects(register)
    known = effects[effects.low.notna()]

    assert effects.value.between(0, 100).all()
    assert (effects.difference == effects.value - effects.comparator).all()
    above = effects[effects.comparator > 0]
    assert np.allclose(above.ratio.astype(float) * above.comparator, above.value)
    assert effects[effects.comparator == 0].ratio.isna().all()
    assert ((known.low <= known.value) & (known.value <= known.high)).all()
    assert not effects.duplicated(["finding", "measurement"]).any()


def test_both_versions_of_one_study_are_there(register):
    """Where a study stands in two versions, both are effects; without any rate the table is empty and has its columns."""
    first = ec.effects(register).iloc[0]
    finding = register.finding(first.finding)
    measured = finding.measurement(first.measurement)
    early = measured.model_copy(update={"id": "early", "metric": f"EARLIER {measured.metric}"})
    twice = finding.model_copy(update={"measurements": [measured, early]})

    found = ec.effects(Register((twice,), (), (), ()))
    assert list(found.measurement) == [measured.id, "early"]
    assert found.value.nunique() == found.difference.nunique() == 1
    assert list(ec.effects(Register((), (), (), ()))) == list(found)


def test_runs_and_questions_are_not_trials():
    """An interval is not made from a number of training runs or of a handful of questions."""
    base = {
        "id": "x",
        "metric": "m",
        "condition": "c",
        "unit": "percent",
        "locator": "l",
        "verified": "primary",
        "value": 20,
    }
    from review_utils.records.register import Measurement

    def interval(**more):
        return register_views._interval(Measurement(**base, **more), 20.0)

    expected = wilson(20, 100)
    assert interval(n=100) == (pytest.approx(100 * expected.low), pytest.approx(100 * expected.high), "Wilson, n = 100")
    assert register_views._as_percent(3, "of 40") == pytest.approx(7.5)
    assert register_views._as_percent(1.5, "increase over nothing") == 150
    assert interval(n=8, n_of="questions")[0] is None
    assert interval(n=30, n_of="training runs")[0] is None
    assert interval(interval=[10, 30], interval_kind="95 percent bootstrap") == (10, 30, "95 percent bootstrap")


def test_the_register_decides_the_contradictions(root, register):
    """Each place names its lines, and what can be counted is counted without error."""
    checks = prose_checks.load_prose_checks(root / "data")
    assert checks == prose_checks.load_prose_checks(root / "data")
    found = {c.id: prose_checks.count(register, c.counted) for c in checks if c.counted}

    assert all(re.search(r"\d", c.lines) for c in checks)
    assert found["fifth-concealed-content"] == str({s.shape: s.count for s in status_of_all(register)}["concealed-content"])  # fmt: skip
    assert found["two-lists-of-criteria"].endswith(f" of {sum(f.in_founding_notes for f in register.findings)}")


def test_the_notes_are_held_against_what_they_name(register):
    """Counts for the notes leave out what later reading adds, and a register that lost a finding still answers."""
    named = prose_checks.as_the_notes_have_it(register)
    later = make("later", [("concealed-content", "member")])
    later = later.model_copy(update={"shapes": [later.shapes[0].model_copy(update={"proposed_by": "later-reading"})]})
    more = dataclasses.replace(register, findings=(*register.findings, later))
    asked = prose_checks.Counted(count="members", of="concealed-content")
    gone = prose_checks.Counted(count="standing", of="no-such-finding")

    assert prose_checks.as_the_notes_have_it(more) == named
    assert int(prose_checks.answer(more, asked)) == int(prose_checks.answer(register, asked)) + 1
    assert prose_checks.answer(register, gone) == "nothing to count: the register does not hold it"


def test_counting_what_is_not_there_is_refused(register):
    """A count of an unknown shape or finding raises and does not give zero."""
    with pytest.raises(KeyError):
        prose_checks.count(register, prose_checks.Counted(count="members", of="nothing"))


def test_history_replays_the_status(register):
    """Playing the events of each shape forward ends at its status now, and the replay's last day is today's table."""
    levels = {}
    for event in timeline.history(register):
        if event.kind != "verdict":
            assert levels.get(event.shape, "none") == event.before
            assert (event.kind == "first example") == (event.before == "none")
            levels[event.shape] = event.after
        else:
            assert event.before != event.after == "codified"
    now = {s.shape: s for s in status_of_all(register)}
    last = timeline.replay(register).query("clock == 'published' and step == step.max()")

    assert {k: v.level for k, v in now.items() if v.level != "none"} == levels
    assert last["count"].tolist() == [s.count for s in now.values()]
    assert pd.to_datetime(last.date).max().date() <= dt.date.today()


def test_spans_hold_the_whole_replay(register):
    """Each step of the replay lies in one span of its shape and clock, which says the same, and few spans do."""
    replayed = timeline.replay(register)
    spans = timeline.spans(replayed)
    said = ["count", "level", "verdict", "blocked_by"]

    again = replayed.merge(spans, on=["clock", "shape"], suffixes=("", "_span"))
    again = again[(again.start <= again.step) & (again.step < again.stop)]
    assert len(again) == len(replayed)
    assert all((again[name] == again[f"{name}_span"]).all() for name in said)
    assert (again.since <= again.date).all()
    assert len(spans) < len(replayed) / 5


def test_a_verdict_is_an_event_once():
    """Of four findings on four days, of which the second codifies the shape, one event says so, on the second day."""
    findings = tuple(make(f"f{i}", MEMBER, published=f"2025-01-0{i}") for i in (1, 2, 3, 4))
    events = timeline.history(Register(findings, (shape("s", {"min_examples": 2}),), (), ()))

    assert [(e.date.day, e.before, e.after) for e in events if e.kind == "verdict"] == [(2, "held", "codified")]
    assert [(e.date.day, e.after) for e in events if e.kind != "verdict"] == [(1, "hint"), (3, "evidence")]


def test_work_grows_in_proportion_to_the_findings():
    """Status, criteria and what-if run at most 12 times as many lines of the package on 3,000 findings as on 300 (10 by count)."""

    def lines_run(n):
        places = [[("s", "member"), ("c", "candidate")], [("c", "member")], [("x", "open")]]
        findings = tuple(make(f"f{i}", places[i % 3], [("t", "removes-effect")], f"g{i % 97}") for i in range(n))
        shapes = (
            shape("s", {"min_examples": 3}, {"every_member_tested": "t"}, {"example_outside": "c"}),
            shape("c"),
            shape("x", of="s"),
        )
        register = Register(findings, shapes, (), ())
        count = 0

        def in_frame(_frame, event, _arg):
            nonlocal count
            count += event == "line"
            return in_frame

        def in_package(frame, _event, _arg):
            return in_frame if frame.f_globals.get("__name__", "").startswith("review_utils") else None

        before = sys.gettrace()
        sys.settrace(in_package)
        try:
            status_of_all(register)
            ec.criteria_frame(register)
            what_if(register, make("new", MEMBER))
        finally:
            sys.settrace(before)
        return count

    small = lines_run(300)

    assert small > 300
    assert lines_run(3000) <= 12 * small


def test_every_rate_with_a_comparator_is_an_effect(register):
    """The effects are all measurements with a rate and a comparator of the same measure, counted another way."""
    expected = {
        (f.id, m.id)
        for f in register.findings
        for m in f.measurements
        if m.comparator
        and m.comparator.same_measure
        and m.upper is None
        and m.comparator.upper is None
        and register_views._as_percent(m.value, m.unit) is not None
        and register_views._as_percent(m.comparator.value, m.unit) is not None
    }

    assert set(map(tuple, ec.effects(register)[["finding", "measurement"]].to_numpy())) == expected
    assert len(expected) > 30


def test_every_member_that_lacks_a_test_is_listed(register):
    """The missing tests are those of each shape's members on which a test that its rule names was not run."""
    expected = {
        (s.id, f.id, c.every_member_tested)
        for s in register.shapes
        for c in s.codify_when
        if c.every_member_tested
        for f in members_of(register, s)
        if not was_tested(f, c.every_member_tested)
    }

    assert set(map(tuple, ec.missing_tests(register)[["shape", "finding", "test"]].to_numpy())) == expected
    assert expected


def test_the_nearest_shapes_are_named_with_what_they_lack():
    """First what lacks a test on some members, then what one example would codify; neither names what meets its rule."""
    members = [make("a", MEMBER, [("t", "removes-effect")]), make("b", MEMBER, [("t", "not-reported")])]
    shapes = [
        shape("s", {"min_examples": 2}, {"every_member_tested": "t"}),
        shape("near", {"min_examples": 2}),
        shape("far", {"min_examples": 4}),
        shape("done", {"min_examples": 1}),
    ]
    for name in ("near", "far", "done"):
        members.append(make(f"in-{name}", [(name, "member")]))
    register = Register(tuple(members), tuple(shapes), (), ())

    said = ec.nearest_words(register, status_of_all(register))

    assert "s has its examples and lacks a test on 1 of 2, b 2025" in said
    assert "one more example would do for near." in said
    assert "done" not in said
    assert "far" not in said
    several = tuple(shape(f"near-{i}", {"min_examples": 2}) for i in range(4))
    crowd = tuple(make(f"in-{i}", [(f"near-{i}", "member")]) for i in range(4))
    register = Register(crowd, several, (), ())
    assert "one more example would do for four shapes." in ec.nearest_words(register, status_of_all(register))
    assert ec.nearest_words(Register((), tuple(shapes), (), ()), ()) == "No other shape is near its rule."
