"""Grades: a pure function of the evidence, of the studies and of rules that are data."""

from __future__ import annotations

import random
from itertools import combinations
from itertools import count as numbers
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making_studies import evidence, number, said, studies, study

from review_book.records.grades import ADDED, OURS, Grader, Regraded, grades_of, if_retracted, load_rules
from review_utils.records.reading import RecordError

RULES = load_rules(Path(__file__).resolve().parents[2] / "data")
ORDER = [rule.grade for rule in RULES.grades]
PLAIN = studies(*(study(k) for k in "abcdefg"))


def grade(*items, among=PLAIN, **more):
    """The grade of a statement with this evidence."""
    return Grader(among, RULES).grade(said(*items, **more)).grade


def rank(found):
    """How high a grade stands: more is firmer."""
    return -ORDER.index(found)


@pytest.mark.parametrize(
    ("items", "due"),
    [
        ([evidence("a"), evidence("b"), evidence("c", replicates="a")], "established"),
        ([evidence("a"), evidence("b"), evidence("c")], "supported"),
        ([evidence("a"), evidence("b", replicates="a")], "supported"),
        ([evidence("a"), evidence("b", direct="consequence")], "supported"),
        ([evidence("a")], "one-study"),
        ([evidence("a"), evidence("b", "qualifies")], "one-study"),
        ([evidence("a"), evidence("b", "against")], "contested"),
        ([evidence("a", direct="consequence"), evidence("b", "against")], "overturned"),
        ([evidence("a", direct="consequence"), evidence("b", direct="consequence")], "open"),
        ([evidence("a", direct="analogy")], "open"),
    ],
)
def test_a_grade_follows_from_the_evidence(items, due):
    """Each grade is reached by the evidence that its rule asks for, and by no less."""
    assert grade(*items) == due


def test_direct_evidence_against_makes_what_was_established_contested():
    """One current study that tests the statement and disagrees is enough."""
    firm = [evidence("a"), evidence("b"), evidence("c", replicates="a")]

    assert grade(*firm) == "established"
    assert grade(*firm, evidence("d", "against")) == "contested"
    assert grade(*firm, evidence("d", "against", "consequence")) == "established"


@pytest.mark.parametrize("status", ["superseded", "retracted"])
def test_what_was_superseded_or_retracted_counts_for_nothing(status):
    """On either side; what was corrected counts."""
    among = studies(study("a"), study("b", status=status), study("c", status="corrected"))

    assert grade(evidence("b"), among=among) == "open"
    assert grade(evidence("a"), evidence("b", "against"), among=among) == "one-study"
    assert grade(evidence("a"), evidence("c"), among=among) == "supported"


@pytest.mark.parametrize("unseen", [study("b", how="secondary"), study("b", how="not-read")])
def test_what_was_not_read_is_a_lead(unseen):
    """A study known from others' words alone raises nothing, and is named among the leads."""
    graded = Grader(studies(study("a"), unseen), RULES).grade(said(evidence("a"), evidence("b")))

    assert (graded.grade, graded.leads) == ("one-study", ("b",))


def test_numbers_from_memory_raise_nothing():
    """Evidence whose every number is from memory is a lead, whether it lists the number or its words quote it."""
    among = studies(study("a", numbers=[number("x", "memory"), number("y", "secondary"), number("z")]))

    assert grade(evidence("a", numbers=["x", "y"]), among=among) == "open"
    assert grade(evidence("a", found="It was {a/x}."), among=among) == "open"
    assert grade(evidence("a", numbers=["x", "z"]), among=among) == "one-study"


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        ("theory", "open"),
        ("survey", "open"),
        ("position", "open"),
        ("small-models", "one-study"),
        ("forecasts", "one-study"),
    ],
)
def test_a_theory_is_no_test_of_itself(kind, due):
    """Theories, surveys and positions count for nothing, forecasts that were scored count; so does a proof, in mathematics."""
    among = studies(study("a", kind=kind))

    assert grade(evidence("a"), among=among) == due
    assert grade(evidence("a"), among=among, mathematical=True) == ("one-study" if kind == "theory" else due)


def test_our_own_analyses_are_one_group():
    """However many they are; they can replicate another's result, and not one another's."""
    assert grade(evidence("x/one"), evidence("x/two")) == "one-study"
    assert grade(evidence("a"), evidence("b"), evidence("x/one", replicates="a")) == "established"


def test_a_replication_by_the_same_people_is_none():
    """Who repeats their own result adds no replication."""
    among = studies(*(study(k) for k in "abc"), authors={"a": ("Ann Lee", "Bo Ek"), "c": ("Ann Lee", "Cy Oz")})
    graded = Grader(among, RULES).grade(said(evidence("a"), evidence("b"), evidence("c", replicates="a")))

    assert graded.tally.replications == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Ann Lee", "Bo Ek", "Cy Oz", "Di Po", "Ed Qi", "Flo Ra", "Gus Ty"), ("Ann Lee", "Bo Ek", "Cy Oz", "Hal Us", "Ivy Vo", "Jo Wu", "Kai Xi"), True),
        (("Ann Lee", "Bo Ek", "Cy Oz", "Di Po", "Ed Qi"), ("Ann Lee", "Bo Ek", "Hal Us", "Ivy Vo", "Jo Wu"), False),
        (("Ann Lee", "Bo Ek"), ("Ann Lee", "Cy Oz", "Di Po", "Ed Qi"), True),
        (("Yi Wang", "Bo Ek", "Cy Oz"), ("Yong Wang", "Di Po", "Ed Qi"), False),
        (("Sam R. Bowman",), ("Samuel Bowman",), True),
        (("N. Lörch",), ("Niels Lorch",), True),
    ],
)  # fmt: skip
def test_groups_follow_from_shared_authors(one, other, same):
    """Three shared authors, or half of the shorter list, make one group; an initial agrees with the name it begins."""
    among = studies(study("a"), study("b"), authors={"a": one, "b": other})

    assert Grader(among, RULES).dependent("a", "b") is same


def test_two_real_papers_of_one_team_are_one_group(root):
    """MacDiarmid 2025 and Greenblatt 2024 share seven authors as printed, and Sam Bowman, who is Samuel R. Bowman too."""
    from review_book.records.references import load_references
    from review_book.records.studies import Studies
    from review_utils.records.authors import shared_authors

    known = load_references(root / "data")
    pair = [next(k for k in known if k.startswith(name)) for name in ("macdiarmid2025", "greenblatt2024alignment")]
    among = Studies({k: study(k) for k in pair}, {k: known[k] for k in pair}, {})

    assert len(set(known[pair[0]].authors) & set(known[pair[1]].authors)) == 7
    assert shared_authors(*(among.authors[k] for k in pair)) == 8
    assert Grader(among, RULES).dependent(*pair)


_kinds = st.sampled_from(["experiment", "small-models", "theory", "survey", "simulation", "replication"])
_studies = st.lists(
    st.tuples(
        _kinds,
        st.sampled_from(["full-text", "abstract", "secondary", "not-read"]),
        st.sampled_from([None, None, "superseded", "corrected", "retracted"]),
        st.sets(st.sampled_from([f"Ann {x}" for x in "ABCDEF"]), min_size=1, max_size=3),
    ),
    min_size=6,
    max_size=6,
)
_pieces = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d", "e", "f", "x/one", "x/two"]),
        st.sampled_from(["for", "for", "against", "qualifies"]),
        st.sampled_from(["statement", "statement", "consequence", "analogy"]),
        st.sampled_from([None, None, "a", "b"]),
    ),
    min_size=1,
    max_size=8,
)


_number = numbers()


def made(rows):
    """Studies named a to f."""
    items = [study(k, kind, how, status) for k, (kind, how, status, _) in zip("abcdef", rows, strict=True)]
    return studies(*items, authors={k: tuple(sorted(row[3])) for k, row in zip("abcdef", rows, strict=True)})


def argued(pieces):
    """Evidence from tuples, each piece in words of its own."""
    return [
        evidence(source, bearing, direct, replicates=of, found=f"It found {next(_number)}.")
        for source, bearing, direct, of in pieces
    ]


@settings(max_examples=200)
@given(_studies, _pieces, st.randoms())
def test_grades_are_total_deterministic_and_blind_to_order(rows, pieces, rng):
    """Any evidence has one grade, the same in every order and every time, under every reading of the rules."""
    among, items = made(rows), argued(pieces)
    shuffled = random.Random(rng.random()).sample(items, len(items))

    one, other = (Grader(among, RULES).grade(said(*some)) for some in (items, shuffled))

    assert (one.grade, one.tally, one.holds, one.blocked) == (other.grade, other.tally, other.holds, other.blocked)
    assert sorted(one.leads) == sorted(other.leads)
    assert one.grade in ORDER
    assert set(Grader(among, RULES).under_readings(said(*items)).values()) <= set(ORDER)


@settings(max_examples=200)
@given(_studies, _pieces, _pieces)
def test_more_evidence_for_never_lowers_a_grade(rows, pieces, more):
    """Whatever it is and whoever it comes from."""
    among, items = made(rows), argued(pieces)
    agreeing = argued([(source, "for", direct, of) for source, _, direct, of in more])

    assert rank(grade(*items, *agreeing, among=among)) >= rank(grade(*items, among=among))


@settings(max_examples=200)
@given(_studies, _pieces, _pieces)
def test_evidence_that_counts_for_nothing_changes_nothing(rows, pieces, more):
    """Superseded, retracted and unread studies leave grade and counts as they are, on whichever side they speak."""
    among, items = made(rows), argued(pieces)
    grader = Grader(among, RULES)
    idle = [item for item in argued(more) if not grader.counts(item)]

    before, after = grader.grade(said(*items)), grader.grade(said(*items, *idle))

    assert (before.grade, before.tally) == (after.grade, after.tally)
    for item in idle:
        if item.study and item.bearing != "qualifies" and item.direct != "analogy":
            stands = among.by_key[item.study]
            unread = stands.read.how not in RULES.counts.read
            assert unread or stands.standing in ("superseded", "retracted") or stands.kind not in RULES.counts.kinds


@settings(max_examples=200)
@given(_studies, _pieces)
def test_margins_are_what_the_rules_say_of_the_changed_evidence(rows, pieces):
    """What falls without a source is the grade of the statement without it; what is named is a real change."""
    among, items = made(rows), argued(pieces)
    grader = Grader(among, RULES)
    falls = grader.falls_without(said(*items))

    for source in {item.source for item in items}:
        left = [item for item in items if item.source != source]
        due = grader.grade(said(*left)).grade if left else "open"
        assert falls.get(source, grader.grade(said(*items)).grade) == due


def test_what_would_raise_or_lower_a_grade_is_named():
    """A replication raises what three groups found; a study that disagrees makes it contested."""
    grader = Grader(PLAIN, RULES)

    moves = grader.moves_with(said(evidence("a"), evidence("b"), evidence("c")))

    assert moves["a replication by another group that agrees"] == "established"
    assert moves["a study that tests it and disagrees"] == "contested"
    assert set(moves) <= set(ADDED)


def test_a_grade_says_what_it_rests_on_and_how_much_is_needed():
    """Counts stand before what they count, in the number that they have; what is needed is said beside them."""
    graded = Grader(PLAIN, RULES).grade(said(evidence("a"), evidence("b")))

    assert "2 independent groups with direct evidence for it, where 1 is needed" in graded.holds
    assert {b.lifted_by for b in graded.blocked} == {
        "1 more independent group with direct evidence for it",
        "1 more replication or reanalysis by another group",
    }


@settings(max_examples=100)
@given(
    st.integers(2, 11).flatmap(
        lambda n: st.tuples(st.just(n), st.sets(st.sampled_from(list(combinations(range(n), 2)))))
    )
)
def test_groups_are_counted_whole(drawn):
    """The number of groups is the most sources of which no two share people, as trying every set shows."""
    count, pairs = drawn
    keys = [f"k{i}" for i in range(count)]
    grader = Grader(studies(*map(study, keys)), RULES)
    grader._pairs = {tuple(sorted((keys[i], keys[j]))): (i, j) in pairs for i, j in combinations(range(count), 2)}
    free = [
        s for size in range(count + 1) for s in combinations(range(count), size) if not pairs & set(combinations(s, 2))
    ]

    assert grader.groups(keys) == max(map(len, free))


def test_a_hundred_sources_that_share_people_are_counted_too():
    """A ring of a hundred studies, each sharing an author with the next, has fifty independent ones."""
    keys = [f"k{i:03}" for i in range(100)]
    authors = {k: (f"Ann N{i}", f"Ann N{(i + 1) % 100}") for i, k in enumerate(keys)}
    letters = {
        k: tuple(n.translate(str.maketrans("0123456789", "abcdefghij")) for n in names) for k, names in authors.items()
    }

    assert Grader(studies(*map(study, keys), authors=letters), RULES).groups([*keys, OURS]) == 51


def test_other_readings_move_the_grades_that_hang_on_them():
    """Two papers with one shared author among many are two groups as a rule, and one under the strict reading."""
    authors = {"a": ("Ann Lee", "Bo Ek", "Cy Oz"), "b": ("Ann Lee", "Di Po", "Ed Qi")}
    grader = Grader(studies(study("a"), study("b"), authors=authors), RULES)

    assert grader.under_readings(said(evidence("a"), evidence("b"))) == {
        "strict-groups": "one-study", "full-text-only": "open",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (("  shared_authors: 3\n", ""), "groups.shared_authors"),
        (("    needs: {}\n", "    needs: {groups: 1}\n"), "needs"),
        (("grade: one-study", "grade: proven"), "grade"),
        (("grade: established", "grade: contested"), "a grade that is weaker than contested"),
        (("title: Supported", "title: One study"), "words for supported, and not another grade"),
        (("read: [full-text, part]}", "read: [full-text, part, abstract]}"), "readings.full-text-only.set.read: given"),
        (("read: [full-text, part]}", "read: [abstract, part, full-text]}"), "readings.full-text-only.set.read: given"),
        (("read: [full-text, part]}", "read: [full-text]}"), "in words: a part or an abstract is not enough"),
        (("read: [full-text, part]}", "read: [full-text, full-text]}"), "each of them once"),
        (("read: [full-text, part]}", "read: []}"), "at least 1"),
        (("set: {analyses: false}", "set: {analyses: true}"), "readings.without-ours.set.analyses: given"),
        (("replication, forecasts, simulation, theory]", "replication, forecasts, simulation]"), "in words: simulations count"),
        (("{shared_authors: 1, share", "{shared_authors: 2, share"), "in words: 2 shared authors make one group"),
        (("{shared_authors: 1, share_of_shorter: 1.01}", "{shared_authors: 3, share_of_shorter: 0.5}"), "set.shared_authors"),
        (("id: strict-groups", "id: lenient-groups"), "each reading once"),
        (("  read: [full-text, part, abstract]\n", "  read: []\n"), "counts.read"),
        (("  status: [current, corrected]\n", "  status: [current, current]\n"), "each of them once"),
    ],
)  # fmt: skip
def test_rules_that_leave_a_gap_are_refused(root, tmp_path, change, field):
    """A group rule without threshold, a last grade with conditions, an unknown grade, a list without meaning and a reading that sets nothing anew, or other than its title says, are named with their line."""
    text = (root / "data" / "grades.yml").read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / "grades.yml").write_text(text.replace(*change), encoding="utf-8")

    with pytest.raises(RecordError) as caught:
        load_rules(tmp_path)

    assert field in str(caught.value)


def test_a_retraction_names_every_grade_that_changes():
    """Statements that do not rest on the study keep theirs."""
    grader = Grader(PLAIN, RULES)
    items = [
        said(evidence("a"), id="rests"),
        said(evidence("b"), id="apart"),
        said(evidence("a"), evidence("c"), id="half"),
    ]

    assert if_retracted(items, grader, "a") == [
        Regraded("rests", "one-study", "open"),
        Regraded("half", "supported", "one-study"),
    ]
    with pytest.raises(KeyError, match="no study z"):
        if_retracted(items, grader, "z")
    assert list(grades_of(items, grader)) == ["rests", "apart", "half"]


def test_a_retraction_makes_no_replication_independent():
    """Who repeated their own result did not become another group because the first report was retracted."""
    among = studies(*(study(k) for k in "abcd"), authors={"a": ("Ann Lee",), "b": ("Ann Lee",)})
    item = said(evidence("a"), evidence("b", replicates="a"), evidence("c"), evidence("d"))

    assert Grader(among, RULES).grade(item).grade == "supported"
    assert if_retracted([item], Grader(among, RULES), "a") == []
