"""Statements: what the review says, checked against studies, register and claims."""

from __future__ import annotations

import pytest
import yaml
from making_studies import number, studies, study

from review_book.records.claims import Ledger
from review_book.records.sentences import filled, typed_numbers
from review_book.records.statements import load_statements
from review_utils.records.claims import Claim
from review_utils.records.reading import RecordError
from review_utils.records.register import Register

AMONG = studies(study("one2024first", numbers=[number("share")]), study("two2025second"))
EMPTY = Register((), (), (), ())
PRINTED = {"cite": "one2024first", "locator": "T1", "verified": "primary", "value": 5.0}
OURS = {"value": 9.0, "tolerance": 0.1, "agrees_within": 0.1, "by": "a/b"}
CLAIMS = (
    Claim(id="wrong", statement="S", published=PRINTED, recomputed=OURS, verdict="contradicted", note="why"),
    Claim(id="plain", statement="S", published=PRINTED, verdict="not-recomputed"),
)


def ledger(named, because="a test"):
    """The ledger; what no statement names says why it stays."""
    given = tuple(c if c.id in named else c.model_copy(update={"unattached": because}) for c in CLAIMS)
    return Ledger({"a": given}, {c.id: ("data/claims/a.yml", i) for i, c in enumerate(CLAIMS, start=1)})


def record(**more):
    """The record of a statement, as YAML reads it."""
    plain = {"id": "s", "statement": "It is so.", "scope": "models of 7B", "section": "why", "would_change": "a result"}
    rest = {"evidence": [piece()], "objection": {"text": "It may not be."}}
    return plain | rest | more


def piece(**more):
    """A piece of evidence, as YAML reads it."""
    return {"study": "one2024first", "bearing": "for", "direct": "statement", "found": "It is."} | more


@pytest.fixture
def load(tmp_path):
    """Load the statements of one chapter."""

    def loaded(*items, name="a", claims=None):
        (tmp_path / "data" / "statements").mkdir(parents=True)
        (tmp_path / "analyses" / "a").mkdir(parents=True)
        (tmp_path / "analyses" / "a" / "b.md").write_text("# B")
        path = tmp_path / "data" / "statements" / f"{name}.yml"
        path.write_text(yaml.safe_dump(list(items), sort_keys=False), encoding="utf-8")
        named = {claim for item in items for e in item["evidence"] for claim in e.get("claims", ())}
        return load_statements(tmp_path / "data", AMONG, EMPTY, claims or ledger(named))

    return loaded


def test_statements_are_found_by_their_ids(load):
    """With their chapter and place; an unknown id names the near ones."""
    second = {"objection": {"text": "It may be otherwise."}, "would_change": "another result"}
    found = load(record(), record(id="second", statement="It is so again.", evidence=[piece(found="Again.")], **second))

    assert [item.id for item in found] == ["s", "second"]
    assert found.chapter_of("second") == "a"
    assert found.places["second"][1] > 1
    with pytest.raises(KeyError, match="did you mean second"):
        found.statement("secnd")


@pytest.mark.parametrize(
    ("own", "field"),
    [({"objection": {"text": "It may be otherwise."}}, "would_change"), ({"would_change": "another result"}, "objection.text")],
)  # fmt: skip
def test_words_pasted_from_another_statement_are_named(load, own, field):
    """What speaks against one statement, or would change it, is not said of another in the same words."""
    with pytest.raises(RecordError, match=r"these are the words for s$") as caught:
        load(record(), record(id="second", statement="It is so again.", evidence=[piece(found="Again.")], **own))
    assert [problem.field for problem in caught.value.problems] == [f"second.{field}"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"evidence": []}, "evidence: given"),
        ({"evidence": [piece(study="one2024frist")]}, "did you mean one2024first?"),
        ({"evidence": [piece(study=None)]}, "a study or an analysis"),
        ({"evidence": [piece(study=None, analysis="a/none")]}, "a page below analyses/"),
        ({"evidence": [piece(replicates="one2024first")]}, "the study whose result this one repeats"),
        ({"evidence": [piece(replicates="nobody2020x")]}, "evidence.0.replicates"),
        ({"evidence": [piece(numbers=["shares"])]}, "did you mean share?"),
        ({"statement": "It is {one2024first/share}.", "evidence": [piece(bearing="against", numbers=["share"])]}, "for, or qualifies: the statement says the numbers of one2024first"),
        ({"evidence": [piece(measurements=["share"])]}, "no finding of the register"),
        ({"evidence": [piece(claims=["none"])]}, "a claim of the ledger"),
        ({"evidence": [piece(claims=["wrong"])]}, "recomputed and is contradicted"),
        ({"evidence": [piece(bearing="maybe")]}, "one of for, against, qualifies"),
        ({"evidence": [piece(found="It was 12 percent.")]}, "the typed number 12"),
        ({"statement": "It is {one2024first/none}."}, "has no number none"),
        ({"statement": "It is {claim:plain/recomputed}."}, "where it was recomputed"),
        ({"statement": "It is {result:a/none#x}."}, "of a page below analyses/"),
        ({"statement": "It is {one2024first/share|bear}."}, "or |bare"),
        ({"statement": "It is {odd:x}."}, "study/number, register:"),
        ({"objection": {"text": "No.", "cites": ["nobody2020x"]}}, "a key of data/references.bib"),
        ({"scope": "models of 2020 to 2050"}, "nothing was studied after it"),
        ({"would_change": "It may not be."}, "words of its own; its objection has the same"),
        ({"evidence": [piece(), piece(study="two2025second")]}, "words of its own; its evidence has the same"),
        ({"evidence": [piece(study="two2025second", replicates="one2024first")]}, "a study of the same subject: found, or the record of two2025second, with the name"),
        ({"would_change": "<b>much</b>"}, "plain text, without markup"),
        ({"grade": "established"}, "grade: given an unknown field"),
    ],
)  # fmt: skip
def test_a_faulty_statement_is_refused(load, more, said):
    """File, line, field, what was given and what is needed are named."""
    with pytest.raises(RecordError) as caught:
        load(record(**more))

    assert said in str(caught.value)
    assert "statements/a.yml:" in str(caught.value)


@pytest.mark.parametrize(
    ("word", "qualifier", "refused"),
    [
        ("above", "more-than", True),
        ("no less than", "at-most", True),
        ("about", "about", True),
        ("below", "about", False),
        ("to", "more-than", False),
        ("above", None, False),
    ],
)
def test_a_number_with_a_bound_of_its_own_is_given_no_other(load, monkeypatch, word, qualifier, refused):
    """Above over 40 percent is what no reader can follow, and less than over 40 percent contradicts itself."""
    held = study("one2024first", numbers=[number("share").model_copy(update={"qualifier": qualifier})])
    monkeypatch.setitem(AMONG.by_key, "one2024first", held)
    items = record(evidence=[piece(found=f"It stays {word} {{one2024first/share}}.")])
    if not refused:
        assert load(items)
        return
    with pytest.raises(RecordError, match=r"given [a-z ]+ \{one2024first/share\}; needed: no such word, .* shown as "):
        load(items)


@pytest.mark.parametrize(
    ("after", "unit", "refused"),
    [
        (" parameters", "billion parameters", True),
        (" parameters", "billion", True),
        (" billion parameters", "billion parameters", False),
        ("-billion models", "billion parameters", False),
        (" to seventy billion", "billion parameters", False),
        (" parameters", "parameters", False),
    ],
)
def test_a_number_shown_without_its_unit_keeps_its_billions(load, monkeypatch, after, unit, refused):
    """Thirty billion is not thirty: where a sentence leaves the unit out, it says the word of magnitude or goes on to one."""
    held = study("one2024first", numbers=[number("size").model_copy(update={"unit": unit, "value": 30})])
    monkeypatch.setitem(AMONG.by_key, "one2024first", held)
    items = record(evidence=[piece(found=f"It holds up to {{one2024first/size|bare}}{after}.")])
    if not refused:
        assert load(items)
        return
    with pytest.raises(RecordError, match=r"needed: billion after it, since its unit is billion"):
        load(items)


@pytest.mark.parametrize(
    ("found", "refused"),
    [
        ("The lead shrinks from {one2024first/first} in small models to {one2024first/last}.", True),
        ("It lowered the rate from {one2024first/first|bare} to {one2024first/last}.", True),
        ("The lead grows from {one2024first/first} to {one2024first/last}.", False),
        ("The lead shrinks from {one2024first/first} to {one2024first/other}.", False),
        ("The lead shrinks from {one2024first/first} to {result:a/b#c}.", False),
    ],
)
def test_a_number_moves_where_its_verb_says(load, monkeypatch, found, refused):
    """What shrinks from the smaller to the larger has its numbers the wrong way round; other units are not compared."""
    numbers = [
        number(name).model_copy(update={"unit": unit, "value": value})
        for name, value, unit in (("first", 1.1, "times"), ("last", 1.4, "times"), ("other", 3, "days"))
    ]
    monkeypatch.setitem(AMONG.by_key, "one2024first", study("one2024first", numbers=numbers))
    items = record(evidence=[piece(found=found)])
    if not refused:
        assert load(items)
        return
    with pytest.raises(RecordError, match=r"with 1.1 before it and 1.4.*; needed: numbers of which the last is smal"):
        load(items)


def test_a_contradicted_number_may_speak_against(load):
    """What was recomputed and does not stand is evidence against, or with a study that was corrected."""
    assert load(record(evidence=[piece(bearing="against", claims=["wrong"])]))


def test_a_measurement_serves_a_statement_or_says_why_it_stays(load):
    """One that no statement names and that gives no reason is refused at its place, and so is a reason without need."""
    with pytest.raises(RecordError) as caught:
        load(record(evidence=[piece(claims=["plain"])]), claims=ledger({"wrong"}))
    said = str(caught.value)

    assert "data/claims/a.yml:1: unattached: given wrong, which no statement names" in said
    assert "data/claims/a.yml:2: unattached: given plain, which a statement names; needed: no reason" in said


@pytest.mark.parametrize(
    "evidence",
    [
        [piece(), piece(study="two2025second", found="It is, too.", replicates="one2024first")],
        [piece(study="two2025second", found="What One2024First found, with other data.", replicates="one2024first")],
    ],
)
def test_what_is_repeated_stands_beside_it_or_is_named(load, evidence):
    """A replication counts for a grade: what it repeats is evidence beside it somewhere, or is named."""
    assert load(record(evidence=evidence))


def test_what_one_study_found_is_not_in_the_words_of_another(load):
    """Words that were pasted from the evidence of another statement are refused, unless the study is the same."""
    again = record(id="second", statement="It is so again.")
    other = again | {"evidence": [piece(study="two2025second")]}

    with pytest.raises(RecordError, match="what two2025second found; these are the words for one2024first"):
        load(record(), other)


def test_an_id_stands_once(load):
    """The second place of an id names the first."""
    with pytest.raises(RecordError, match="each id once; it also stands in"):
        load(record(), record())


def test_a_file_of_no_chapter_is_refused(load):
    """What would never be read is named."""
    with pytest.raises(RecordError, match=r"b\.yml:1: .*a chapter's name"):
        load(record(), name="b")


@pytest.mark.parametrize(
    "text",
    ["GPT-3, Llama 3 and Qwen2.5 in 2024", "{a2020b/c} of {claim:x|bare}", "GPT-4o and DeepSeek-R1", "Claude Opus 4.6"],
)
def test_names_years_and_quotes_are_no_typed_numbers(text):
    """They may stand in a sentence."""
    assert typed_numbers(text) == []


def test_quoted_numbers_take_the_place_of_their_addresses():
    """Each address is handed over whole, with its option."""
    assert filled("From {a/b} to {c:d|bare}.", {"a/b": "1", "c:d|bare": "2"}.__getitem__) == "From 1 to 2."
