"""Studies: each once, checked against the bibliography, the register and one another."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from making_studies import studies, study

from review_book.records.studies import (
    StudyStatus,
    _of_its_compute,
    _ought_to_be_one,
    load_studies,
    unlike_laws,
    unseen_places,
)
from review_utils.records.quantities import StudyNumber
from review_utils.records.reading import Located, RecordError
from review_utils.records.register import Measurement, Register

BIB = """@misc{one2024first,
  title = {On Things},
  author = {One, Ann and Ek, Bo},
  year = {2024},
  eprint = {2401.00001},
}

@misc{two2025second,
  title = {On Other Things},
  author = {Two, Cy},
  year = {2025},
  doi = {10.1000/x},
}

@misc{three2024again,
  title = {On other things},
  author = {Two, Cy},
  year = {2024},
}
"""
EMPTY = Register((), (), (), ())


@pytest.mark.parametrize(
    ("value", "unit", "place", "name", "one"),
    [
        (28.6, "percent", "Table 2", "share", True),  # two digits changed places
        (28.6, "percent", "Table 3", "share", False),
        (28.6, "points", "Table 2", "share", False),
        (26.8, "percent", "Table 2", "share", False),
        (27.8, "percent", "Table 2", "share", False),  # another number of the same table, as far as a machine knows
        (27.8, "percent", "Table 3", "rate", True),  # one name, one number
    ],
)
def test_a_number_of_a_finding_and_of_its_study_is_one(value, unit, place, name, one):
    """Under one id, or at one place with its digits in another order, a number that two records give otherwise is mistyped in one."""
    plain = {"condition": "all", "metric": "rate", "verified": "primary"}
    measured = Measurement(id="rate", value=26.8, unit="percent", locator="Table 2", **plain)
    number = StudyNumber(id=name, what="rate", value=value, unit=unit, locator=place, read="primary")

    assert _ought_to_be_one(measured, number) == one


def record(key="one2024first", **more):
    """The record of a study, as YAML reads it."""
    plain = {
        "key": key,
        "published": "2024-01-05",
        "kind": "experiment",
        "systems": "models",
        "summary": f"It is {key}.",
    }
    return plain | {"read": {"how": "abstract", "date": "2026-01-02", "what": "abstract"}} | more


@pytest.fixture
def load(tmp_path):
    """Load studies from records, a list a file."""

    def loaded(*files, register=EMPTY):
        (tmp_path / "studies").mkdir()
        (tmp_path / "references.bib").write_text(BIB, encoding="utf-8")
        for i, items in enumerate(files):
            (tmp_path / "studies" / f"{i}.yml").write_text(yaml.safe_dump(items, sort_keys=False), encoding="utf-8")
        return load_studies(tmp_path, register)

    return loaded


@pytest.fixture
def refused(load):
    """The problems with which records are refused, as text."""

    def said(*files):
        with pytest.raises(RecordError) as caught:
            load(*files)
        return [str(problem) for problem in caught.value.problems]

    return said


def test_a_study_is_read_with_its_entry_and_its_place(load):
    """Title and authors come from the bibliography, and the place is the file and line of the record."""
    found = load([record(), record("two2025second")])

    assert found.references["one2024first"].title == "On Things"
    assert found.places["two2025second"][0].endswith("studies/0.yml")
    assert found.places["two2025second"][1] > found.places["one2024first"][1] == 1
    assert len(found) == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"key": "one2024frist"}, "did you mean one2024first?"),
        ({"published": "2124"}, "a date that is not after today"),
        ({"published": "2124-01"}, "a date that is not after today"),
        ({"read": {"how": "abstract", "date": "2124-01-01", "what": "x"}}, "a day that is not after today"),
        ({"kind": "vision"}, "one of experiment"),
        ({"finding": "none-such"}, "a finding of the register"),
        ({"status": {"is": "superseded", "because": "x"}}, "the study that supersedes it"),
        ({"status": {"is": "superseded", "by": ["nobody2020x"], "because": "x"}}, "a study of data/studies"),
        ({"status": {"is": "superseded", "by": ["one2024first"], "because": "x"}}, "a chain that ends"),
        ({"summary": "<script>alert(1)</script>"}, "plain text, without markup"),
        ({"numbers": [{"id": "a", "what": "w", "unit": "percent", "locator": "T1", "read": "primary"}]}, "a value, or text"),
        ({"numbers": [{"id": "a", "what": "w", "value": 1, "unit": "percent", "locator": "T1", "read": "hearsay"}]}, "one of primary"),
        ({"grade": "established"}, "grade: given an unknown field"),
    ],
)  # fmt: skip
def test_a_faulty_study_is_refused(refused, more, said):
    """File, line, what was given and what is needed are named."""
    (problem,) = refused([record(**more)])

    assert said in problem
    assert "studies/0.yml:" in problem


@pytest.mark.parametrize(
    ("flop", "size", "told"), [(3.14e22, 1.75e11, True), (3.1e23, 1.75e11, False), (5e22, 3e10, False)]
)
def test_compute_is_what_a_table_of_the_study_has_for_its_size(flop, size, told):
    """A slip of ten in the compute of the largest model is seen where a table of its source that we typed has the model."""
    fields = [{"name": "params_millions"}, {"name": "train_flop"}]
    rows = [{"params_millions": 13000.0, "train_flop": 2.31e22}, {"params_millions": 175000.0, "train_flop": 3.14e23}]
    typed = SimpleNamespace(
        of_source={"one2024first": [SimpleNamespace(name="sizes", fields=fields)]}, rows={"sizes": rows}.get
    )
    item = study("one2024first", largest={"parameters": size, "training_flop": flop})
    said = [p.needed for p in _of_its_compute(Located(Path("one.yml"), None), 0, item, typed)]
    assert said == ["near 3.14e+23, which sizes has for 1.75e+11 parameters, or that cell mended"] * told


def test_a_study_stands_once(refused):
    """Neither one key in two files nor one paper under two keys is taken, whether the number, DOI or title tells."""
    assert "each study once" in refused([record()], [record()])[0]


def test_one_paper_is_one_study(refused):
    """Two keys with one title are one paper, in whatever year and case; ids are each once in the bibliography."""
    assert "one paper once" in refused([record("two2025second"), record("three2024again")])[0]


def test_two_numbers_of_one_study_are_told_apart(refused):
    """Two values for the same words, unit and place are one number mistyped, or two whose difference nobody says."""
    one = {"id": "a", "value": 40, "what": "wrong answers", "unit": "percent", "locator": "T1", "read": "primary"}
    (problem,) = refused([record(numbers=[one, one | {"id": "b", "value": 4}])])
    assert "numbers.b.what: given wrong answers; needed: words that say how it differs from a" in problem


@pytest.mark.parametrize("more", [{"what": "right answers", "value": 60}, {"locator": "T2"}, {"unit": "points"}])
def test_numbers_that_differ_in_words_place_or_unit_are_two(load, more):
    """Other words, another place or another unit tell two numbers apart."""
    one = {"id": "a", "value": 40, "what": "wrong answers", "unit": "percent", "locator": "T1", "read": "primary"}
    assert len(load([record(numbers=[one, one | {"id": "b"} | more])]).study("one2024first").numbers) == 2


FORESEEN = {"id": "a", "value": 4, "what": "compute over which it was foreseen", "unit": "count", "locator": "T1", "read": "primary"}  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        {"what": "orders of compute that were forecast"},
        {"what": "orders of compute that were forecast", "locator": "t1, last row"},
        {"what": "how far compute reached", "unit": "orders"},
    ],
)
def test_one_number_in_other_words_stands_once(refused, other):
    """The same value of one unit, from one place, with words in common, is one number that was entered twice."""
    (problem,) = refused([record(numbers=[FORESEEN, FORESEEN | {"id": "b"} | other])])
    assert "numbers.b.what: given " in problem
    assert "needed: one of the two, quoted wherever it is said: a has the same value from the same place" in problem


@pytest.mark.parametrize(
    "other",
    [
        {"what": "orders of compute that were forecast", "note": "of another run"},
        {"what": "orders of compute that were forecast", "upper": 5},
        {"what": "orders of compute that were forecast", "interval": [3, 5]},
        {"what": "orders of compute that were forecast", "locator": "T11"},
        {"what": "orders of compute that were forecast", "unit": "of 5"},
        {"what": "people who were asked"},
    ],
)
def test_a_number_of_something_else_may_have_the_same_value(load, other):
    """Another place, bound, unit or thing, or a note that says what is another, makes two numbers."""
    one = FORESEEN | ({"interval": [3.5, 4.5]} if "interval" in other else {})
    assert len(load([record(numbers=[one, one | {"id": "b"} | other])]).study("one2024first").numbers) == 2


def test_two_names_are_two_things(load):
    """Where each number has a name of its own, equal values are no slip."""
    one = FORESEEN | {"what": "answers of GPT-4 that were right"}
    other = one | {"id": "b", "what": "answers of PaLM that were right"}
    assert len(load([record(numbers=[one, other])]).study("one2024first").numbers) == 2


def test_supersession_never_goes_in_a_circle(refused):
    """Two studies that supersede each other are both named."""
    by = {k: {"is": "superseded", "by": [o], "because": "x"} for k, o in (("one2024first", "two2025second"), ("two2025second", "one2024first"))}  # fmt: skip

    problems = refused([record(k, status=status) for k, status in by.items()])

    assert len(problems) == 2
    assert all("a chain that ends" in problem for problem in problems)


def test_every_problem_is_named_at_once(refused):
    """Three faults in three studies of two files are three problems."""
    assert len(refused([record(kind="vision"), record("two2025second", published="soon")], [record("none2020x")])) == 3


def test_a_number_is_printed_as_prose_needs_it(load):
    """With qualifier, range and unit; words where there is no number, and no unit where it has none."""
    fields = {"what": "w", "locator": "T1", "read": "primary"}
    numbers = [
        {"id": "a", "value": 20, "qualifier": "about", "unit": "tokens", **fields},
        {"id": "b", "value": 1, "upper": 3, "unit": "ratio", **fields},
        {"id": "c", "text": "most", "unit": "percent", **fields},
    ]

    study = load([record(numbers=numbers)]).study("one2024first")

    assert [n.printed for n in study.numbers] == ["about 20 tokens", "1 to 3", "most"]
    with pytest.raises(KeyError, match="did you mean"):
        study.number("aa")


def test_what_superseded_a_study_later_had_not_yet_done_so():
    """As of a day before the second study the first stands; nothing published later is known."""
    status = {"is_": "superseded", "by": ["b"], "because": "it was."}
    first = study("a").model_copy(update={"published": "2020", "status": StudyStatus(**status)})
    among = studies(first, study("b").model_copy(update={"published": "2022-06"}))

    assert {k: s.standing for k, s in among.as_of(dt.date(2021, 1, 1)).by_key.items()} == {"a": "current"}
    assert {k: s.standing for k, s in among.as_of(dt.date(2023, 1, 1)).by_key.items()} == {
        "a": "superseded",
        "b": "current",
    }


@pytest.mark.parametrize(
    ("published", "day"), [("2024", "2024-12-31"), ("2026", "2026-01-01"), ("2025-03", "2025-03-31")]
)
def test_what_was_read_was_out_by_then(published, day):
    """A date of a year or a month counts from its end, or from the day of reading where that came first."""
    assert study("a").model_copy(update={"published": published}).known_on.isoformat() == day


@pytest.mark.parametrize(
    ("how", "place", "by", "told"),
    [
        ("full-text", "Table 3", "", False), ("abstract", "Table 3", "", True), ("secondary", "abstract", "", True),
        ("abstract", "abstract", "", False), ("abstract", "Table 3", "b", False),
    ],
)  # fmt: skip
def test_a_place_is_seen_in_a_study_that_was_read_so_far(tmp_path, how, place, by, told):
    """A law, a mitigation or a prediction names no table of a work read in abstract, unless it is the table of another that it names."""
    item = {"id": "x", "cite": "a", "constants": [{"name": "E", "locator": place, "read": "primary"}]}
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "x.yml").write_text(yaml.safe_dump([item | ({"by": by} if by else {})]), encoding="utf-8")
    found = [*unseen_places(tmp_path, studies(study("a", how=how), study("b", how="full-text")))]

    assert [(p.file.endswith("x.yml"), p.given) for p in found] == ([(True, place)] if told else [])


@pytest.mark.parametrize(
    ("largest", "symbol", "unit", "told"),
    [
        ({"parameters": 1.6e10}, "N", "parameters", None),  # rounded
        ({"parameters": 7e10}, "N", "parameters", None),  # a model that the law was tried on
        ({"parameters": 1.6e13}, "N", "parameters", "largest.parameters"),
        ({"parameters": 1.6e9}, "N", "parameters", "largest.parameters"),
        ({"parameters": 1.6e13}, "D", "tokens", None),
        ({"training_flop": 1e9}, "C", "FLOP", "largest.training_flop"),
        ({"training_flop": 1e9}, "C", "GPU-hours", None),
    ],
)
def test_the_largest_system_goes_with_the_range_of_its_laws(largest, symbol, unit, told):
    """A largest system below the range that a law of the study was fitted on, or a thousand times above it, is a slip of one."""
    law = SimpleNamespace(id="x-law", cite="a", range={symbol: [4e7, 1.6183e10]}, variables={symbol: unit})

    found = [*unlike_laws(studies(study("a", largest=largest), study("b")), [law])]
    assert [problem.field for problem in found] == ([f"a.{told}"] if told else [])
    assert all("x-law" in problem.needed for problem in found)
