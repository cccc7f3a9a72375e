"""Status: a pure function of findings and rules."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making import MEMBER, make, shape

from emergence.records.snapshots import load_snapshots, of_day
from review_book.records.changes import compare, what_if
from review_utils.records.register import Register, load_register
from review_utils.records.status import Reading, as_of, evaluate, status_of_all, was_tested

LEVELS = ["none", "hint", "evidence"]


def _register(findings, shapes):
    return Register(tuple(findings), tuple(shapes), (), ())


@pytest.mark.parametrize(
    ("count", "level", "verdict"),
    [(0, "none", "open"), (1, "hint", "held"), (2, "hint", "codified"), (3, "evidence", "codified")],
)
def test_levels_and_verdicts_follow_the_count(count, level, verdict):
    """Fewer examples than evidence asks are a hint; a shape is codified once its own rule holds."""
    members = [make(f"f{i}", MEMBER) for i in range(count)]

    status = evaluate(shape("s", {"min_examples": 2}), members)

    assert (status.count, status.level, status.verdict) == (count, level, verdict)


def test_every_member_must_be_tested():
    """One member whose test was not run blocks, and is named as what would lift the hold."""
    members = [make("a", MEMBER, [("t", "removes-effect")]), make("b", MEMBER, [("t", "not-run")])]

    status = evaluate(shape("s", {"every_member_tested": "t"}), members)

    assert status.verdict == "held"
    assert status.blocking[0].lifted_by == "run the test on b"
    assert "held becomes codified if b is dropped" in status.margin


def test_an_example_outside_lifts_the_hold():
    """A member that has nothing to do with the cluster satisfies the rule; one inside does not."""
    rule = shape("s", {"example_outside": "c"})
    inside, outside = make("a", [("s", "member"), ("c", "candidate")]), make("b", MEMBER)

    assert evaluate(rule, [inside]).verdict == "held"
    assert "held becomes codified if one more example lands" in evaluate(rule, [inside]).margin
    assert evaluate(rule, [inside, outside]).verdict == "codified"


def test_groups_count_once():
    """Two papers of one group are one independent group."""
    members = [make("a", MEMBER, group="g"), make("b", MEMBER, group="g")]

    by_groups = evaluate(shape("s", {"min_groups": 2}), members)
    assert by_groups.verdict == "held"
    with pytest.raises(FrozenInstanceError):
        by_groups.count = 3
    assert (by_groups.checks[0].condition, by_groups.checks[0].found) == (
        "at least 2 independent groups",
        "1 of 2: g 2025 with g 2025",
    )
    assert evaluate(shape("s", {"min_examples": 2}), members, Reading(by_group=True)).verdict == "held"
    assert evaluate(shape("s", {"min_examples": 2}), members).verdict == "codified"


def test_a_decision_is_never_counted_away():
    """A shape whose only condition is a decision stays open whatever its count."""
    members = [make(f"f{i}", MEMBER) for i in range(9)]

    assert evaluate(shape("s", {"decision": "decide"}), members).verdict == "open"


def test_only_members_count_unless_a_reading_asks():
    """What is proposed, left open or declined is never counted silently."""
    standings = ("candidate", "declined", "open", "member")
    findings = [make(standing, [("s", standing)]) for standing in standings]
    register = _register(findings, [shape("s", {"min_examples": 1})])
    counts = [
        status_of_all(register, r)[0].count
        for r in (Reading(), Reading(candidates_count=True), Reading(open_count=True))
    ]

    assert counts == [1, 3, 2]


def test_a_place_that_was_declined_makes_no_insider():
    """An example outside a cluster may be one whose place in the cluster was declined, and none that is open there."""
    rule = shape("s", {"example_outside": "c"})

    for standing, verdict in (("declined", "codified"), ("open", "held"), ("candidate", "held"), ("member", "held")):
        assert evaluate(rule, [make("a", [*MEMBER, ("c", standing)])]).verdict == verdict


def test_framing_counts_as_disclosure_only_under_that_reading():
    """The two tests are kept apart unless the reading takes them as one."""
    finding = make("a", MEMBER, [("framing-removes-effect", "removes-effect")])

    assert not was_tested(finding, "disclosure-removes-effect")
    assert was_tested(finding, "disclosure-removes-effect", Reading(framing_is_disclosure=True))
    assert not was_tested(finding, "another-test", Reading(framing_is_disclosure=True))


def test_a_shape_counts_the_members_of_its_sub_shapes_once():
    """A finding in two sub-shapes is one example of the shape above them."""
    finding = make("a", [("x", "member"), ("y", "member")])
    register = _register([finding], [shape("s"), shape("x", of="s"), shape("y", of="s")])

    assert [s.count for s in status_of_all(register)] == [1, 1, 1]


_memberships = st.lists(
    st.tuples(st.sampled_from(["s", "c"]), st.sampled_from(["member", "open", "candidate", "declined"])),
    max_size=3,
    unique_by=lambda m: m[0],
)
_tests = st.lists(st.tuples(st.just("t"), st.sampled_from(["removes-effect", "not-run"])), max_size=1)
_findings = st.lists(st.tuples(_memberships, _tests, st.sampled_from(["g1", "g2", "g3"])), max_size=7).map(
    lambda rows: [make(f"f{i}", shapes, tests, group) for i, (shapes, tests, group) in enumerate(rows)]
)
_conditions = st.lists(
    st.sampled_from(
        [
            {"min_examples": 2},
            {"min_groups": 2},
            {"every_member_tested": "t"},
            {"example_outside": "c"},
            {"decision": "d"},
        ]
    ),
    max_size=3,
    unique_by=str,
)
_readings = st.builds(Reading, st.booleans(), st.booleans(), st.booleans(), st.booleans())


@settings(max_examples=150)
@given(_findings, _conditions, _readings, st.randoms())
def test_status_is_total_deterministic_and_blind_to_order(findings, conditions, reading, rng):
    """Any register and any rules give one status, the same in every order of the findings."""
    shapes = [shape("s", *conditions), shape("c")]
    shuffled = random.Random(rng.random()).sample(findings, len(findings))

    one, other = (status_of_all(_register(f, shapes), reading) for f in (findings, shuffled))

    assert one == other
    assert {s.level for s in one} <= set(LEVELS)
    assert {s.verdict for s in one} <= {"open", "held", "codified"}
    assert all(bool(c.lifted_by) != c.holds for s in one for c in s.checks)


@settings(max_examples=150)
@given(_findings, _memberships, _readings)
def test_adding_a_finding_never_lowers_a_count_or_a_level(findings, memberships, reading):
    """Counts and levels only grow as findings are added."""
    shapes = [shape("s", {"min_examples": 2}), shape("c")]
    before = status_of_all(_register(findings, shapes), reading)
    after = status_of_all(_register([*findings, make("new", memberships)], shapes), reading)

    for a, b in zip(before, after, strict=True):
        assert b.count >= a.count
        assert b.groups >= a.groups
        assert LEVELS.index(b.level) >= LEVELS.index(a.level)


@settings(max_examples=100)
@given(_findings, st.sampled_from([{"min_examples": 2}, {"min_groups": 2}, {"example_outside": "c"}]))
def test_rules_that_ask_for_more_are_monotone(findings, condition):
    """A shape codified under a rule that only asks for more stays codified as examples are added."""
    shapes = [shape("s", condition), shape("c")]
    if status_of_all(_register(findings, shapes))[0].verdict == "codified":
        assert status_of_all(_register([*findings, make("new", MEMBER)], shapes))[0].verdict == "codified"


@settings(max_examples=100)
@given(_findings, _conditions)
def test_margins_say_what_really_happens(findings, conditions):
    """Where the margin says that dropping a finding flips the verdict, dropping it does, and nowhere else."""
    shapes = [shape("s", *conditions), shape("c")]
    status = status_of_all(_register(findings, shapes))[0]
    for member in status.members:
        then = status_of_all(_register([f for f in findings if f.id != member], shapes))[0].verdict
        said = f"{status.verdict} becomes {then} if {member} is dropped" in status.margin

        assert said == (then != status.verdict)


def test_what_if_names_the_consequences():
    """A finding that completes a rule shows the count, the level and the verdict that change."""
    register = _register([make("a", MEMBER)], [shape("s", {"min_examples": 2}, evidence_at=2)])

    changes = {(c.kind, c.before, c.after) for c in what_if(register, make("b", MEMBER)) if c.subject == "s"}

    assert changes == {
        ("count", "1", "2"),
        ("level", "hint", "evidence"),
        ("verdict", "held", "codified"),
        ("blocked-by", "1 more example", "nothing"),
    }


def test_adding_what_is_there_changes_nothing(root):
    """What-if with a finding that the register already holds changes no count, level or verdict."""
    register = load_register(root / "data")

    assert [c for c in what_if(register, register.findings[0]) if c.kind != "question"] == []
    assert compare(register, register) == []


def test_the_register_replays_by_either_date():
    """As of a day, only what was published (or recorded) by then is known; a bare year counts from its end."""
    findings = [make("a", MEMBER, published="2024"), make("b", MEMBER, published="2025-03-01", recorded="2026-02-01")]
    register = _register(findings, [shape("s")])
    early = _register([make("c", MEMBER, published="2026", recorded="2026-02-01")], [shape("s")])

    assert [f.id for f in as_of(early, dt.date(2026, 1, 31)).findings] == []
    assert [f.id for f in as_of(early, dt.date(2026, 2, 1)).findings] == ["c"]
    assert [f.id for f in as_of(register, dt.date(2024, 12, 30)).findings] == []
    assert [f.id for f in as_of(register, dt.date(2024, 12, 31)).findings] == ["a"]
    assert [f.id for f in as_of(register, dt.date(2026, 1, 31), "recorded").findings] == ["a"]


def test_the_founding_notes_come_out_as_they_should(root):
    """By the first reading concealed content is held for its tests, mechanistic substrate for want of an outsider.

    The first reading is a snapshot: the register itself reads on.
    """
    first = of_day(load_snapshots(root / "data"), dt.date(2026, 11, 24))
    status = {s.shape: s for s in status_of_all(first.register)}

    assert status["concealed-content"].count == 3
    assert status["concealed-content"].verdict == "held"
    assert "em-dishonesty-hu" in status["concealed-content"].blocking[0].lifted_by
    assert status["mechanistic-substrate"].count == 3
    assert [c.condition for c in status["mechanistic-substrate"].blocking] == ["an example outside concealed-content"]
    assert status["dispositional-drift"].count == 6
