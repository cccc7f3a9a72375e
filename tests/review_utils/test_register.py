"""The register: what is refused, and that the real one is sound."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
import yaml
from pydantic import ValidationError

from review_book.records.register import faults_of, load_checked
from review_utils.records.quantities import latest
from review_utils.records.reading import RecordError
from review_utils.records.register import Finding, Measurement

NAME, OTHER = "spring-tide-at-brest", "neap-tide-at-brest"

_SEEN = {"verified": "primary", "locator": "Table 1"}
RECORD = {
    "id": NAME,
    "title": "Spring Tides: A harbour under sun and moon",
    "authors": ["Ada One", "Cy Two"],
    "published": "2025-02-24",
    "recorded": "2026-01-05",
    "source": {"arxiv": "2502.17424"},
    "cite": "one2025spring",
    "models": ["Brest"],
    "group": "harbour-office",
    "role": "spring-tide",
    "shapes": [{"id": "spring", "part": "all", "standing": "member", "proposed_by": "later-reading"}],
    "criteria": {"in_harbour": {"verdict": "met"}, "repeated": {"verdict": "untested", "because": "one year."}},
    "tests": [{"test": "full-moon", "result": "partial"}],
    "scale": {"measured": False},
    "measurements": [
        {"id": "high-days", "metric": "high days", "condition": "May", "value": 0.25, "unit": "probability", "n": 8, **_SEEN},
        {"id": "share-of-tides", "metric": "tides", "condition": "May", "value": 30, "unit": "percent", **_SEEN},
    ],
    "summary": "Sun and moon in line raise the water.",
}  # fmt: skip
"""A finding with one of each thing that a fault may be planted in."""

BIB = """
@misc{one2025spring,
  title = {Spring Tides: A harbour under sun and moon},
  author = {One, Ada and Two, Cy},
  year = {2025},
  eprint = {2502.17424},
}

@misc{three2025neap,
  title = {Neap tides},
  author = {Three, Eve},
  year = {2025},
  url = {https://example.org/neap},
}
"""
TESTS = """tests:
  - {id: full-moon, title: Full moon, asks: Is it so at full moon?}
  - {id: new-moon, title: New moon, asks: Is it so at new moon?}"""


def _edit(copy, change, name=NAME):
    path = copy / "data" / "findings" / f"{name}.yml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(RecordError) as caught:
        load_checked(copy / "data")
    return caught.value.problems


@pytest.fixture
def small(mini):
    """A small review with two findings, a test that a shape asks for, and their sources."""
    data = mini / "data"
    other = {
        "id": OTHER, "title": "Neap tides", "authors": ["Eve Three"], "cite": "three2025neap",
        "source": {"url": "https://example.org/neap"}, "summary": "Half moons leave the water low.", "group": "darwin", "role": "neap-tide", "shapes": [],
    }  # fmt: skip
    for record in (RECORD, RECORD | other):
        text = yaml.safe_dump(record, allow_unicode=True, sort_keys=False)
        (data / "findings" / f"{record['id']}.yml").write_text(text, encoding="utf-8")
    for name, added in (
        ("references.bib", BIB),
        ("groups.yml", "- {id: harbour-office, name: The harbour office}\n"),
        ("review.yml", "members_decided_since: 2026-02-01\n"),
    ):
        (data / name).write_text((data / name).read_text(encoding="utf-8") + added, encoding="utf-8")
    rule = "codify_when: [{every_member_tested: full-moon, source: this file}, "
    shapes = (data / "shapes.yml").read_text(encoding="utf-8").replace("tests: []", TESTS)
    (data / "shapes.yml").write_text(shapes.replace("codify_when: [", rule), encoding="utf-8")
    assert {finding.id for finding in load_checked(data).findings} >= {NAME, OTHER}
    return mini


def _set(*path, value):
    def change(data):
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


PLACE = {"id": "spring", "part": "all", "proposed_by": "later-reading"}
DECIDED = {"day": "2026-02-01", "because": "A reason."}

FAULTS = {
    "an id that is not the file's name": (_set("id", value="another"), "id", "the file's own name"),
    "authors of whom neither record has more": (
        _set("authors_note", value="and ten more"),
        "authors_note",
        "or and others, in the entry one2025spring",
    ),
    "a dangling citation": (_set("cite", value="nobody2025nothing"), "cite", "references.bib"),
    "a dangling link": (
        _set("links", value=[{"to": "no-such-finding", "relation": "extends"}]),
        "links.0.to",
        "a known finding",
    ),
    "a link to itself": (_set("links", value=[{"to": NAME, "relation": "extends"}]), "links.0.to", "another finding"),
    "a percentage out of range": (
        _set("measurements", 1, "value", value=130),
        "measurements.share-of-tides.value",
        "between 0 and 100",
    ),
    "a link to a measurement that is none": (
        _set("links", value=[{"to": OTHER, "relation": "extends", "measurement": "no-such"}]),
        "links.0.measurement",
        "a known measurement of",
    ),
    "an interval that misses its value": (
        _set("measurements", 0, "interval", value=[0.3, 0.4]),
        "measurements.high-days",
        "holds its value",
    ),
    "a number that was not checked, and no reason": (
        _set("measurements", 0, "verified", value="secondary"),
        "measurements.high-days",
        "why it was not checked",
    ),
    "a test said not to be run, and no reading that shows it": (
        _set("tests", 0, value={"test": "full-moon", "result": "not-run"}),
        "tests.0",
        "a note that says which reading shows it, or not-reported",
    ),
    "n that is not positive": (
        _set("measurements", 0, "n", value=0),
        "measurements.high-days.n",
        "a number above 0",
    ),
    "a date in the future": (_set("recorded", value="2999-01-01"), "recorded", "not in the future"),
    "published after recorded": (_set("published", value="2026-01-06"), "recorded", "a day from 2026-01-06 on"),
    "a day that does not exist": (_set("published", value="2025-02-30"), "published", "exists in the calendar"),
    "an unknown shape": (
        _set("shapes", 0, "id", value="springs"),
        "shapes.springs.id",
        "did you mean spring?",
    ),
    "a place declined without a reason": (
        _set("shapes", 0, "standing", value="declined"),
        "shapes.spring",
        "its reason",
    ),
    "a place decided that still waits": (
        _set("shapes", 0, value={**PLACE, "standing": "candidate", "decided": DECIDED}),
        "shapes.spring",
        "the standing of a place that is decided",
    ),
    "a place left open for no test": (
        _set("shapes", 0, value={**PLACE, "standing": "open", "decided": DECIDED}),
        "shapes.spring",
        "the test that would decide",
    ),
    "a place that waits for an unknown test": (
        _set("shapes", 0, value={**PLACE, "standing": "open", "decided": {**DECIDED, "waits_for": "full-mon"}}),
        "shapes.spring.decided.waits_for",
        "did you mean full-moon?",
    ),
    "a place that waits for no name of a test": (
        _set("shapes", 0, value={**PLACE, "standing": "open", "decided": {**DECIDED, "waits_for": "a size series"}}),
        "shapes.spring.decided.waits_for",
        "a known test of data/shapes.yml; there are: full-moon, new-moon",
    ),
    "a test whose name is no id": (
        _set("tests", 0, value={"test": "Full & moon", "result": "partial"}),
        "tests.0.test",
        "a known test of data/shapes.yml; did you mean full-moon?",
    ),
    "a new member, and nothing that decided it": (
        lambda data: data.update(recorded="2026-02-01"),
        "shapes.spring.standing",
        "decided, with its day and its reason (because), as every place since 2026-02-01; or candidate",
    ),
    "a group without a name": (_set("group", value="harbour-offise"), "group", "did you mean harbour-office?"),
    "an unknown test": (
        _set("tests", 0, "test", value="tested-at-sea"),
        "tests.0.test",
        "a known test of data/shapes.yml; ",
    ),
    "markup in text": (_set("summary", value="<b>bold</b>"), "summary", "without markup"),
    "a control character": (_set("summary", value="a\x07b"), "summary", "control character"),
    "an unknown field": (_set("sumary", value="x"), "sumary", "summary?"),
    "a bare yes": (_set("criteria", "in_harbour", "verdict", value=True), "criteria.in_harbour.verdict", "one of"),
    "a verdict without a reason": (
        _set("criteria", "in_harbour", value={"verdict": "untested"}),
        "criteria.in_harbour",
        "a reason",
    ),
    "an arXiv id that YAML reads as a number": (_set("source", "arxiv", value=2502.17424), "source.arxiv", "quotes"),
    "a measurement id given twice": (
        _set("measurements", 1, "id", value="high-days"),
        "measurements.high-days.id",
        "an id of its own",
    ),
    "an address that is none": (_set("source", "url", value="javascript:alert(1)"), "source.url", ""),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named(small, fault):
    """Each fault planted in a record is found, in its file, at its field, with what is needed."""
    change, field, needed = FAULTS[fault]

    problems = _edit(small, change)

    assert any(p.file.endswith(f"{NAME}.yml") and p.field == field and needed in p.needed for p in problems), problems


def test_all_faults_of_all_files_are_reported_at_once(small):
    """Faults in two files are reported together."""
    other = small / "data" / "findings" / f"{OTHER}.yml"
    other.write_text(other.read_text(encoding="utf-8").replace("role: neap-tide", "role: neap-tides"), encoding="utf-8")

    problems = _edit(small, _set("cite", value="nobody2025nothing"))

    assert {p.file.split("/")[-1] for p in problems} == {f"{NAME}.yml", f"{OTHER}.yml"}


AGAIN = {
    "unchanged": lambda text: text,
    "an address in place of the id": lambda text: re.sub(
        r"source:\n(?:  .*\n)+", "source:\n  url: https://www.arxiv.org/abs/2502.17424v2\n", text
    ),
    "the journal's DOI": lambda text: re.sub(r"source:\n(?:  .*\n)+", "source:\n  doi: 10.1038/x\n", text),
    "another key, other letters and no id": lambda text: re.sub(
        r"^cite: .*$",
        "cite: newton1687tides",
        re.sub(
            r"^title: .*$",
            "title: SPRING TIDES. A Harbour under sun & moon",
            re.sub(r"source:\n(?:  .*\n)+", "source:\n  url: https://www.journal.org/papers/1\n", text),
            flags=re.MULTILINE,
        ),
        flags=re.MULTILINE,
    ),
}


@pytest.mark.parametrize("form", AGAIN)
def test_the_same_paper_is_one_record(small, form):
    """A second record of a paper is refused: by the id in any form, by the key that both cite, by title and authors."""
    path = small / "data" / "findings" / "a-second-record.yml"
    text = (small / "data" / "findings" / f"{NAME}.yml").read_text(encoding="utf-8")
    again = AGAIN[form](text.replace(f"id: {NAME}", "id: a-second-record", 1))
    path.write_text(again, encoding="utf-8")

    with pytest.raises(RecordError, match="one record a paper") as caught:
        load_checked(small / "data")
    assert {"a-second-record.yml", f"{NAME}.yml"} >= {problem.file.split("/")[-1] for problem in caught.value.problems}


@pytest.mark.parametrize("where", [NAME, OTHER])
def test_a_title_in_the_venue_of_another_is_the_same_paper(small, where):
    """A preprint says in its venue under what title the journal has it; a record by that title is of the same paper."""
    titles = {NAME: RECORD["title"], OTHER: "Neap tides of an estuary"}
    path = small / "data" / "findings" / f"{OTHER}.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("Neap tides", titles[OTHER], 1), encoding="utf-8")
    (other,) = {NAME, OTHER} - {where}

    problems = _edit(small, _set("venue", value=f"A journal; extended as '{titles[other]}', Tides 2026"), where)
    assert [p.field for p in problems if "stands in its venue" in p.needed] == ["title"]


def test_an_empty_register_is_refused(small):
    """A register without findings is a fault, not an empty success."""
    for path in (small / "data" / "findings").glob("*.yml"):
        path.unlink()

    with pytest.raises(RecordError, match="an empty register"):
        load_checked(small / "data")


def test_a_rule_that_names_nothing_is_refused(small):
    """A rule that asks for a test or a shape that does not exist is named by its line."""
    path = small / "data" / "shapes.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("every_member_tested: full-moon", "every_member_tested: full-mon"),
        encoding="utf-8",
    )

    with pytest.raises(RecordError, match=r"shapes\.yml:\d+.*did you mean"):
        load_checked(small / "data")


def test_the_real_register_is_sound(root):
    """The register holds findings that the founding notes name and further ones, and loads without a problem."""
    register = load_checked(root / "data")

    assert {f.in_founding_notes for f in register.findings} == {True, False}
    assert all(f.notes_say for f in register.findings if f.in_founding_notes)


def test_schemas_are_those_of_the_models(root):
    """The schemas under data/schemas, which editors use, are generated from the models."""
    from review_book.records.kinds import schemas

    for name, schema in schemas().items():
        assert json.loads((root / "data" / "schemas" / name).read_text(encoding="utf-8")) == schema


def test_every_finding_names_its_schema(root):
    """The first line of each record tells an editor which schema to check it with."""
    for path in (root / "data" / "findings").glob("*.yml"):
        assert path.read_text(encoding="utf-8").startswith(
            "# yaml-language-server: $schema=../schemas/finding.json\n"
        ), path.name


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025", dt.date(2025, 12, 31)),
        ("2024-02", dt.date(2024, 2, 29)),
        ("2025-03-14", dt.date(2025, 3, 14)),
        ("2025-12", dt.date(2025, 12, 31)),
    ],
)
def test_a_partial_date_means_its_last_day(text, day):
    """What is dated by its year alone is taken as known only at the end of that year."""
    assert latest(text) == day


def test_measurements_read_as_printed():
    """A value keeps its qualifier and its range."""
    base = {"id": "x", "metric": "m", "condition": "c", "unit": "percent", "locator": "Table 1", "verified": "primary"}

    assert str(Measurement(**base, value=20, qualifier="about")) == "about 20"
    assert str(Measurement(**base, value=90, upper=100)) == "90 to 100"
    assert str(Measurement(**base, text="increases")) == "increases"
    assert Measurement(**{**base, "unit": "nats"}, value=-1).value == -1
    for wrong, said in (({"value": 100, "upper": 90}, "upper end"), ({"value": -1}, "between 0 and 100")):
        with pytest.raises(ValidationError, match=said):
            Measurement(**base, **wrong)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "a value, or text"), ({"value": 1, "text": "one"}, "one of them"),
        ({"value": 5, "interval": [6, 7]}, "holds its value"), ({"value": 5, "verified": "memory"}, "why it was not checked"),
        ({"value": 5, "interval": [4, 7]}, None),
    ],
)  # fmt: skip
def test_what_a_measurement_says_goes_together(wrong, said):
    """Value, unit, interval and how it was checked agree, or what is needed is said."""
    base = {"id": "x", "metric": "m", "condition": "c", "unit": "percent", "locator": "Table 1", "verified": "primary"}
    faults = [*faults_of(Measurement(**{**base, **wrong}))]

    assert [said in fault for fault in faults] == [True] if said else not faults


def test_a_bibliography_that_cannot_be_read_is_one_problem(small):
    """Where the bibliography is gone, that is said once, and not once more for each citation."""
    (small / "data" / "references.bib").unlink()

    with pytest.raises(RecordError) as error:
        load_checked(small / "data")

    assert len(error.value.problems) == 1
    assert "references.bib" in error.value.problems[0].file


@pytest.mark.parametrize(
    ("authors", "short"),
    [(["Ada B. One"], "One 2025"), (["Ada B. One", "Cy D. Two"], "One and Two 2025"), (["Ada One", "Cy Two", "E Three"], "One and others 2025")],
)  # fmt: skip
def test_a_finding_is_called_by_its_authors(small, authors, short):
    """One author, two, or the first of many, by their last names, and the year."""
    finding = load_checked(small / "data").finding(NAME)

    assert finding.model_copy(update={"authors": authors, "authors_note": None, "published": "2025-02"}).short == short


def test_a_family_name_of_several_words_is_kept(small):
    """Where the first author's family name is more than the last word, the record says so."""
    finding = load_checked(small / "data").finding(NAME)
    known = {"authors": ["Ada Del One"], "family": "Del One", "authors_note": None, "published": "2025-02"}

    assert finding.model_copy(update=known).short == "Del One 2025"


def test_near_misses_are_offered(small):
    """A misspelt finding or measurement is answered with what is there."""
    register = load_checked(small / "data")

    with pytest.raises(KeyError, match="spring-tide"):
        register.finding("spring-tide-at-brst")
    with pytest.raises(KeyError, match="there are"):
        register.finding(NAME).measurement("nothing")
    assert isinstance(register.finding(NAME), Finding)
