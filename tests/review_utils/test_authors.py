"""Who wrote what together: groups of works by their authors' names."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_utils.records.authors import GroupRule, authors_of, shared_authors, teams

RULE = GroupRule(shared_authors=3, share_of_shorter=0.5, because="a test")
NAMES = [f"Ann {name}" for name in ("Lee", "Ek", "Oz", "Po", "Qi", "Ra")]
_works = st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True), max_size=7).map(
    lambda lists: {f"w{i}": names for i, names in enumerate(lists)}
)


def joined(works, one, other):
    """What the rule says of two works, asked directly."""
    a, b = authors_of(works[one]), authors_of(works[other])
    return RULE.joins(a, b) or sorted(works[one]) == sorted(works[other])


def most_apart(works):
    """The size of the largest set of works of which no two are of one group, by trying all."""
    for size in range(len(works), 0, -1):
        for chosen in combinations(works, size):
            if not any(joined(works, a, b) for a, b in combinations(chosen, 2)):
                return size
    return 0


@given(_works)
def test_groups_are_counted_as_by_trying_all(works):
    """The count, and whether it drops without a work, are those of trying every set; parts hold each work once."""
    found = teams(works, RULE)

    assert found.count() == most_apart(works)
    assert sorted(work for part in found.parts for work in part) == sorted(works)
    for one, other in combinations(works, 2):
        assert found.of_one_group(one, other) == joined(works, one, other)
        if joined(works, one, other):
            assert any({one, other} <= set(part) for part in found.parts)
    for work in works:
        rest = {name: names for name, names in works.items() if name != work}
        assert found.count_drops_without(work) == (most_apart(rest) < found.count())


def test_a_chain_is_one_part_and_two_groups():
    """The first and the last of three papers linked in a chain share nobody, so that two groups are there, in one part."""
    works = {"a": ["Ann Lee", "Bo Ek"], "b": ["Bo Ek", "Cy Oz"], "c": ["Cy Oz", "Di Po"]}
    found = teams(works, RULE)

    assert (found.parts, found.count()) == ((("a", "b", "c"),), 2)
    assert not found.count_drops_without("b")
    assert found.count_drops_without("a")


@pytest.mark.parametrize(("rule", "groups"), [(RULE, 1), (None, 2)])
def test_without_a_rule_only_the_same_names_are_one_group(rule, groups):
    """Two papers that share one of two authors are one group by the rule alone; copies are by any."""
    works = {"a": ["Ann Lee", "Bo Ek"], "b": ["Bo Ek", "Cy Oz"], "again": ["Bo Ek", "Ann Lee"]}

    assert teams(works, rule).count() == groups
    assert teams(works, rule).of_one_group("a", "again")


def test_thousands_of_works_by_few_teams_are_compared_by_team():
    """Ten thousand works by two hundred lists of authors: no pair of works with the same list is compared."""
    team = [
        [f"A {chr(97 + i % 26)}{chr(97 + i // 26)}x", f"B {chr(97 + i % 26)}{chr(97 + i // 26)}y"] for i in range(200)
    ]
    works = {f"w{i}": team[i % 200] for i in range(10_000)}
    found = teams(works, RULE)

    assert (found.count(), len(found.parts), found.joined) == (200, 200, frozenset())


def test_a_list_that_was_cut_makes_no_team_of_its_own():
    """Of "Ann Lee and others" nobody knows who is shared, so that a list that was cut raises no count of groups."""
    cut, whole = authors_of(["Lee, Ann", "others"]), authors_of(["Bo Ek", "Cy Oz", "Ann Lee"])

    assert RULE.joins(cut, whole)
    assert RULE.joins(whole, cut)
    assert RULE.joins(cut, authors_of(["Bo Ek", "Cy Oz"]))
    assert not GroupRule.model_construct(shared_authors=1000, share_of_shorter=1.01).joins(cut, whole)
    assert not RULE.joins(authors_of(["Di Po", "Ed Qi", "Flo Ra", "Ann Lee"]), whole)


def test_a_name_is_one_person_in_either_order_and_a_text_is_no_list_of_names():
    """Two orders of one name, with Jr. or without, are one person, and what follows a name is no name; a text is no list of letters."""
    assert shared_authors(authors_of(["Radmard, Puria"]), authors_of(["Puria Radmard"])) == 1
    assert shared_authors(authors_of(["Al Jones Jr."]), authors_of(["Al Smith Jr."])) == 0
    for one in (
        "Robert Downey Jr.",
        "Downey, Jr., Robert",
        "Robert Downey III",
        "Downey II, Robert",
        "Robert Downey, Sr.",
    ):
        assert shared_authors(authors_of([one]), authors_of(["Robert Downey"])) == 1, one
    with pytest.raises(TypeError, match="given 'Puria Radmard'; needed: a list of names"):
        authors_of("Puria Radmard")
