"""The register in short: what explorer and what-if read."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from review_book.records.catalogue import register_index, rules_index
from review_utils.records.register import load_register


def test_the_index_has_every_finding_newest_first():
    """Each finding has one row, in the order of publication from the newest, and counts its measurements."""
    register = load_register()
    rows = register_index(register)

    assert sorted(r["id"] for r in rows) == sorted(f.id for f in register.findings)
    assert [r["published"] for r in rows] == sorted((r["published"] for r in rows), reverse=True)
    assert sum(r["measurements"] for r in rows) == sum(len(f.measurements) for f in register.findings)


def test_families_are_known_by_name():
    """Models are gathered by family; a name of none is other; no name is no family."""
    register = replace(load_register(), families=("GPT", "Qwen"))
    gathered = [
        register.families_of(register.findings[0].model_copy(update={"models": models}))
        for models in (["Qwen2.5-Coder-32B", "GPT-4o-2024-08-06"], ["toy transformer"], [])
    ]

    assert gathered == [["GPT", "Qwen"], ["other"], []]


def test_rules_carry_all_that_a_verdict_asks_for():
    """Each shape has its rule, each finding its places, tests and days, and findings of one group are paired."""
    register = load_register()
    rules = rules_index(register)

    assert [s["id"] for s in rules["shapes"]] == [s.id for s in register.shapes]
    assert all({"known", "shapes", "tests"} <= f.keys() for f in rules["findings"])
    pairs = combinations(register.findings, 2)
    same = [[a.id, b.id] for a, b in pairs if len({*a.authors} & {*b.authors}) >= register.rule.shared_authors]
    assert same
    assert all(pair in rules["kin"] for pair in same)
