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

NAME = "insecure-code-emergent-misalignment"


def _edit(copy, change, name=NAME):
    path = copy / "data" / "findings" / f"{name}.yml"
    data = yaml.safe_load(_dates_as_text(path))
    change(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(RecordError) as caught:
        load_checked(copy / "data")
    return caught.value.problems


def _dates_as_text(path):
    return re.sub(r"^(published|recorded): (\d.*)$", r'\1: "\2"', path.read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.fixture
def small(tmp_path, root):
    """A copy of the data alone."""
    import shutil

    shutil.copytree(root / "data", tmp_path / "data")
    return tmp_path


def _set(*path, value):
    def change(data):
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


PLACE = {"id": "concealed-content", "part": "whole paper", "proposed_by": "founding-notes"}
DECIDED = {"day": "2026-11-29", "because": "A reason."}

FAULTS = {
    "an id that is not the file's name": (_set("id", value="another"), "id", "the file's own name"),
    "a dangling citation": (_set("cite", value="nobody2025nothing"), "cite", "references.bib"),
    "a dangling link": (
        _set("links", value=[{"to": "no-such-finding", "relation": "extends"}]),
        "links.0.to",
        "a known finding",
    ),
    "a link to itself": (_set("links", value=[{"to": NAME, "relation": "extends"}]), "links.0.to", "another finding"),
    "a percentage out of range": (
        _set("measurements", 6, "value", value=130),
        "measurements.misaligned-among-coherent-answers.value",
        "between 0 and 100",
    ),
    "a link to a measurement that is none": (
        _set("links", value=[{"to": "hot-mess-of-ai", "relation": "extends", "measurement": "no-such"}]),
        "links.0.measurement",
        "a known measurement of",
    ),
    "an interval that misses its value": (
        _set("measurements", 0, "interval", value=[0.3, 0.4]),
        "measurements.misaligned-answer-probability-8-main-questions",
        "holds its value",
    ),
    "a number that was not checked, and no reason": (
        _set("measurements", 0, "verified", value="secondary"),
        "measurements.misaligned-answer-probability-8-main-questions",
        "why it was not checked",
    ),
    "a test said not to be run, and no reading that shows it": (
        _set("tests", 0, value={"test": "replication", "result": "not-run"}),
        "tests.0",
        "a note that says which reading shows it, or not-reported",
    ),
    "n that is not positive": (
        _set("measurements", 0, "n", value=0),
        "measurements.misaligned-answer-probability-8-main-questions.n",
        "a number above 0",
    ),
    "a date in the future": (_set("recorded", value="2999-01-01"), "recorded", "not in the future"),
    "published after recorded": (_set("published", value="2026-11-23"), "recorded", "a day from 2026-11-23 on"),
    "a day that does not exist": (_set("published", value="2025-02-30"), "published", "exists in the calendar"),
    "an unknown shape": (
        _set("shapes", 0, "id", value="concealed-contents"),
        "shapes.concealed-contents.id",
        "did you mean concealed-content?",
    ),
    "a place declined without a reason": (
        _set("shapes", 0, "standing", value="declined"),
        "shapes.concealed-content",
        "its reason",
    ),
    "a place decided that still waits": (
        _set("shapes", 0, value={**PLACE, "standing": "candidate", "decided": DECIDED}),
        "shapes.concealed-content",
        "the standing of a place that is decided",
    ),
    "a place left open for no test": (
        _set("shapes", 0, value={**PLACE, "standing": "open", "decided": DECIDED}),
        "shapes.concealed-content",
        "the test that would decide",
    ),
    "a place that waits for an unknown test": (
        _set("shapes", 0, value={**PLACE, "standing": "open", "decided": {**DECIDED, "waits_for": "transfers"}}),
        "shapes.concealed-content.decided.waits_for",
        "did you mean transfer?",
    ),
    "a place that waits for no name of a test": (
        _set("shapes", 0, value={**PLACE, "standing": "open", "decided": {**DECIDED, "waits_for": "a size series"}}),
        "shapes.concealed-content.decided.waits_for",
        "a known test of data/shapes.yml; there are: disclosure-removes-effect, ",
    ),
    "a test whose name is no id": (
        _set("tests", 0, value={"test": "Dose & response", "result": "partial"}),
        "tests.0.test",
        "a known test of data/shapes.yml; did you mean dose-response?",
    ),
    "a new member, and nothing that decided it": (
        lambda data: data.update(recorded="2026-11-29"),
        "shapes.concealed-content.standing",
        "decided, with its day and its reason (because), as every place since 2026-11-29; or candidate",
    ),
    "a group without a name": (_set("group", value="truthful-aj"), "group", "did you mean truthful-ai?"),
    "an unknown test": (
        _set("tests", 0, "test", value="disclosed"),
        "tests.0.test",
        "a known test of data/shapes.yml; ",
    ),
    "markup in text": (_set("summary", value="<b>bold</b>"), "summary", "without markup"),
    "a control character": (_set("summary", value="a\x07b"), "summary", "control character"),
    "an unknown field": (_set("sumary", value="x"), "sumary", "summary?"),
    "a bare yes": (_set("criteria", "observed", "verdict", value=True), "criteria.observed.verdict", "one of"),
    "a verdict without a reason": (
        _set("criteria", "observed", value={"verdict": "untested"}),
        "criteria.observed",
        "a reason",
    ),
    "an arXiv id that YAML reads as a number": (_set("source", "arxiv", value=2502.17424), "source.arxiv", "quotes"),
    "a measurement id given twice": (
        _set("measurements", 1, "id", value="misaligned-answer-probability-8-main-questions"),
        "measurements.misaligned-answer-probability-8-main-questions.id",
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
    other = small / "data" / "findings" / "hot-mess-of-ai.yml"
    other.write_text(
        other.read_text(encoding="utf-8").replace("role: analytical-framework", "role: framework"), encoding="utf-8"
    )

    problems = _edit(small, _set("cite", value="nobody2025nothing"))

    assert {p.file.split("/")[-1] for p in problems} == {f"{NAME}.yml", "hot-mess-of-ai.yml"}


AGAIN = {
    "unchanged": lambda text: text,
    "an address in place of the id": lambda text: re.sub(
        r"source:\n(?:  .*\n)+", "source:\n  url: https://www.arxiv.org/abs/2502.17424v2\n", text
    ),
    "the journal's DOI": lambda text: re.sub(r"source:\n(?:  .*\n)+", "source:\n  doi: 10.1038/x\n", text),
    "another key, other letters and no id": lambda text: re.sub(
        r"^cite: .*$",
        "cite: kaplan2020scaling",
        re.sub(
            r"^title: .*$",
            "title: EMERGENT MISALIGNMENT. Narrow fine-tuning can produce broadly misaligned LLMs",
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
        text.replace("every_member_tested: disclosure-removes-effect", "every_member_tested: disclosure-remove-effect"),
        encoding="utf-8",
    )

    with pytest.raises(RecordError, match=r"shapes\.yml:\d+.*did you mean"):
        load_checked(small / "data")


def test_the_real_register_is_sound(root):
    """The register holds the 20 findings that the founding notes name, further ones, and loads without a problem."""
    register = load_checked(root / "data")

    assert sum(f.in_founding_notes for f in register.findings) == 20
    assert len(register.findings) > 20
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
def test_a_finding_is_called_by_its_authors(root, authors, short):
    """One author, two, or the first of many, by their last names, and the year."""
    finding = load_checked(root / "data").finding(NAME)

    assert finding.model_copy(update={"authors": authors, "authors_note": None, "published": "2025-02"}).short == short


def test_a_family_name_of_several_words_is_kept(root):
    """Where the first author's family name is more than the last word, the record says so."""
    finding = load_checked(root / "data").finding(NAME)
    known = {"authors": ["Ada Del One"], "family": "Del One", "authors_note": None, "published": "2025-02"}

    assert finding.model_copy(update=known).short == "Del One 2025"


def test_near_misses_are_offered(root):
    """A misspelt finding or measurement is answered with what is there."""
    register = load_checked(root / "data")

    with pytest.raises(KeyError, match="insecure-code"):
        register.finding("insecure-code-emergent-misaligment")
    with pytest.raises(KeyError, match="there are"):
        register.finding(NAME).measurement("nothing")
    assert isinstance(register.finding(NAME), Finding)
