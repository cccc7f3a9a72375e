"""What was included has its record, and what has a record was included."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from making_studies import entry, studies, study

from review_book.records.screened import told_twice, unpaired
from review_book.records.searches import Decision, Described, Searches
from review_utils.records.register import load_register

DATA = Path("data")


def decided(work, title, decision="include", chapter="a"):
    """One decision."""
    reason = {"include": "in-scope", "exclude": "out-topic", "wait": "in-scope"}[decision]
    return Decision(
        id=work, title=title, year="2024", run="r", stage="title-abstract", decision=decision, reason=reason,
        date="2026-01-02", chapter=chapter,
    )  # fmt: skip


def said(decisions, held):
    """What is found to be unpaired."""
    return [f"{problem.given}: {problem.needed}" for problem in unpaired(Searches(None, [], decisions), held, DATA)]


def held(key, **reference):
    """One study, with what its reference says."""
    found = studies(study(key))
    found.references[key] = replace(entry(key), **({"title": "On tides of two seas"} | reference))
    return replace(found, places={key: ("data/studies/a.yml", 3)})


def test_a_work_and_its_study_are_paired_by_an_id_or_by_title_and_year():
    """By arXiv number, DOI, address, key, or the title alone; one chapter that includes it is enough."""
    for work, reference in (
        ("arXiv:2401.00001", {"arxiv": "2401.00001"}),
        ("doi:10.1000/A", {"doi": "10.1000/a"}),
        ("url:https://a.example/b/", {"url": "https://a.example/b"}),
        ("key:kim2024tides", {}),
        ("url:https://other.example", {"title": "On the tides of two seas"}),
    ):
        decisions = [
            decided(work, "On the tides of two seas", "exclude", "b"),
            decided(work, "On the tides of two seas"),
        ]
        assert said(decisions, held("kim2024tides", **reference)) == []


def test_an_inclusion_without_a_record_and_a_record_without_an_inclusion_are_named():
    """A work that waits or was excluded needs no record, and includes none."""
    found = said([decided("arXiv:2401.00001", "On winds"), decided("arXiv:2401.00002", "On tides", "wait")],
                 held("kim2024tides", arxiv="2401.00002"))  # fmt: skip

    assert found == [
        "arXiv:2401.00001: a study of data/studies, since 'On winds' was included",
        "kim2024tides: a decision of data/searches/decisions.csv that includes it, under an id of its reference",
    ]


@pytest.mark.parametrize(
    ("stage", "how", "refused"),
    [("full-text", "abstract", True), ("full-text", "part", False), ("title-abstract", "abstract", False)],
)
def test_a_decision_on_a_text_that_nobody_read_is_said(stage, how, refused):
    """What was included at full text was read beyond its abstract."""
    known = held("kim2024tides", arxiv="2401.00001")
    known.by_key["kim2024tides"] = study("kim2024tides", how=how)
    decision = decided("arXiv:2401.00001", "On tides").model_copy(update={"stage": stage})
    assert (
        said([decision], known)
        == [
            "full-text: title-abstract, since of kim2024tides the abstract alone was read; or read of that study, of more than it"
        ]
        * refused
    )


def test_a_decision_under_the_title_of_another_work_is_said(tmp_path):
    """A title without a word of the one that its id has in the bibliography is named with its line; other words of it are not."""
    (tmp_path / "searches").mkdir()
    table = tmp_path / "searches" / "decisions.csv"
    table.write_text("id,title\narXiv:2401.00001,Attention is all you need\n", encoding="utf-8")
    known = held("kim2024tides", arxiv="2401.00001", title="On the tides of two seas")
    for title, sound in (("The tides, again", True), ("Attention is all you need", False)):
        found = list(unpaired(Searches(None, [], [decided("arXiv:2401.00001", title)]), known, tmp_path))
        assert [(p.line, p.field, p.given) for p in found] == ([] if sound else [(2, "title", title)])
    known.references["lee2024winds"] = replace(entry("lee2024winds"), title="On the winds of two seas")
    said_twice = Described(
        id="url:https://a.example", title="Salt of two seas", authors="", published="", ids="", venue="", url=""
    )
    for work, title in (
        ("arXiv:2401.00001", "On the Winds of Two Seas"),
        ("arXiv:2401.00001", "Salt of two seas"),
        ("url:https://a.example", "On the winds of two seas"),
    ):
        searches = Searches(None, [], [decided(work, title, "exclude")], {said_twice.id: said_twice})
        assert title in {problem.given for problem in unpaired(searches, known, tmp_path)}, "a title of another work"


@pytest.mark.parametrize(
    ("decisions", "sound"), [(["exclude"], False), (["wait"], True), (["exclude", "include"], True)]
)
def test_a_finding_of_a_work_that_was_excluded_is_said(mini, decisions, sound):
    """What screening left out has no finding in the register; what waits, or what one chapter includes, may."""
    register = load_register(mini / "data")
    cited = register.findings[0].cite
    known = studies(study(cited))
    known.references[cited] = entry(cited)
    made = [decided(f"key:{cited}", "On tides", one, chapter) for one, chapter in zip(decisions, "ab", strict=False)]

    problems = unpaired(
        Searches(None, [], made), replace(known, places={cited: ("x", 1)}), mini / "data", register.findings
    )

    found = [str(one) for one in problems if one.field == "cite"]
    assert (
        found == []
        if sound
        else found[0].endswith(
            f"cite: given {cited}; needed: the key of a work that is not left out; data/searches/decisions.csv excludes it (out-topic)"
        )
    )


TIDES = "On the tides of two seas"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("url:https://a.example/b/", TIDES), ("url:https://a.example/b", TIDES)),
        (("url:https://a.example/b/", TIDES), ("url:http://www.a.example/b", TIDES.upper())),
        (("url:https://a.example/b#part", TIDES), ("url:https://a.example/B", "Tides of two seas")),
        (("arXiv:2401.00001", TIDES), ("url:https://arxiv.org/abs/2401.00001v2", "Tides")),
        (("doi:10.1000/ABC", TIDES), ("url:https://doi.org/10.1000/abc", "Tides")),
        (("doi:10.1000/ABC", TIDES), ("arXiv:2401.00001", "On the Tides of Two Seas")),
        (("url:https://a.example/b", TIDES), ("key:kim2024tides", "On the tides of two seas.")),
    ],
)
def test_a_work_under_two_ids_is_named(one, other):
    """Ids that lead to one place, and one title where nobody says who wrote it, are one work, whatever was decided of it."""
    decisions = [decided(*one), decided(*other, "exclude", "b")]

    (problem,) = told_twice(Searches(None, [], decisions), {}, DATA)
    assert (problem.field, problem.given) == ("id", other[0])
    assert f"one id for a work, {one[0]}" in problem.needed


def test_works_that_only_seem_one_are_left_alone():
    """Another part, another preprint, another piece of one page and a title with authors of its own are other works."""
    decisions = [
        decided("url:https://a.example/1", "On tides, part 1"),
        decided("url:https://a.example/2", "On tides, part 2"),
        decided("arXiv:2401.00001", "On the winds of two seas"),
        decided("arXiv:2402.00002", "On the winds of two seas"),
        decided("url:https://a.example/list#x", "A list of ships"),
        decided("url:https://a.example/list#y", "What fish eat"),
        decided("url:https://a.example/list#y", "What fish eat", "exclude", "b"),
        decided("doi:10.1000/1", "On ships and seas"),
        decided("doi:10.1000/2", "On ships and seas"),
    ]
    described = {
        f"doi:10.1000/{i}": Described(
            id=f"doi:10.1000/{i}", title="On ships and seas", authors=who, published="2024", ids="", venue="", url=""
        )
        for i, who in ((1, "Ada One"), (2, "Bo Two"))
    }

    assert list(told_twice(Searches(None, [], decisions, described), {}, DATA)) == []
