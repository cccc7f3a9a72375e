"""The claims ledger: verdicts that follow from numbers, and checks that fail when numbers move."""

from __future__ import annotations

import re
import shutil
from types import SimpleNamespace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from review_book.records.about import chapters_of
from review_book.records.claims import Ledger, faults_of, load_ledger, parted
from review_utils.records.claims import VERDICT_WORDS, Claim, ClaimError, check, find
from review_utils.records.reading import RecordError


def claim(published, recomputed=None, verdict="not-recomputed", note=None, verified="primary"):
    """Return a small claim."""
    ours = (
        None
        if recomputed is None
        else {"value": recomputed, "tolerance": 1e-6, "agrees_within": 0.005, "by": "scaling_laws/laws_side_by_side"}
    )
    return Claim.model_validate(
        {
            "id": "c",
            "statement": "It is {value}.",
            "published": {"value": published, "cite": "a2020b", "locator": "Table 1", "verified": verified},
            "recomputed": ours,
            "verdict": verdict,
            "note": note,
        }
    )


def said_of(*words, **more):
    """Return what is wrong with a small claim, in one text."""
    return "; ".join(needed for needed, *_ in faults_of(claim(*words, **more)))


@pytest.mark.parametrize(
    ("ours", "allowed"),
    [
        (0.461, {"reproduced", "reproduced-after-correction"}),
        (0.465, {"reproduced", "reproduced-after-correction"}),
        (0.4651, {"rounding-or-misprint", "not-comparable", "contradicted"}),
        (None, {"not-recomputed"}),
    ],
)
def test_a_verdict_follows_from_the_numbers(ours, allowed):
    """Within the stated agreement a number is reproduced, beyond it one of three, without ours not recomputed."""
    for verdict in VERDICT_WORDS:
        said = said_of(0.46, ours, verdict, note="why")

        assert ("follows from the numbers" in said) == (verdict not in allowed)
        assert (said == "") == (verdict in allowed)


@given(st.floats(-5, 5), st.floats(-5, 5), st.sampled_from(sorted(VERDICT_WORDS)))
def test_no_other_verdict_can_be_recorded(published, ours, verdict):
    """Agreement and disagreement never share a verdict, whatever the numbers."""
    assume(published == 0 or abs(published) > 0.005)  # else nought would agree as well
    agrees = abs(published - ours) <= 0.005 * (1 + 1e-12)
    fits = verdict.startswith("reproduced") == agrees and verdict != "not-recomputed"

    assert ("follows from the numbers" in said_of(published, ours, verdict, note="why")) != fits


@pytest.mark.parametrize(
    ("unit", "sentence", "said"),
    [
        ("percent", "Over {value} of the claimed abilities are so.", True),
        ("bits", "It has an entropy of {value}.", True),
        ("percent", "Over {value} percent of the claimed abilities are so.", False),
        ("tokens per parameter", "It is best at {value} tokens for each.", False),
        (None, "The exponent is {value}.", False),
    ],
)
def test_a_sentence_says_the_unit_of_its_number(unit, sentence, said):
    """A number of a claim stands without its unit where the sentence has no word of it: 92 of the claimed is no percentage."""
    small = claim(9)
    own = small.model_copy(
        update={"statement": sentence, "published": small.published.model_copy(update={"unit": unit})}
    )
    assert [needed for needed, *_ in faults_of(own)] == [f"a sentence that names the unit of {{value}}, {unit}"] * said


def test_a_disagreement_says_why():
    """A verdict of disagreement, or of a correction, needs a note."""
    for ours, verdict in ((0.9, "not-comparable"), (0.46, "reproduced-after-correction")):
        assert "a note that says why" in said_of(0.46, ours, verdict)
        assert said_of(0.46, ours, verdict, note="why") == ""


@pytest.mark.parametrize("verified", ["secondary", "memory", "founding-notes-only"])
def test_nothing_is_held_against_a_number_that_nobody_verified(verified):
    """Contradicted needs a published value that was seen in its source."""
    assert said_of(0.46, 0.9, "contradicted", note="why") == ""
    assert "nothing is held against memory" in said_of(0.46, 0.9, "contradicted", note="why", verified=verified)


@pytest.mark.parametrize("interval", [[0.5, 0.4], [0.4], [0.4, 0.5, 0.6], [0.4, float("nan")]])
def test_an_interval_has_two_ends_in_order(interval):
    """Ends that are swapped, missing, too many or no numbers are refused."""
    record = claim(0.46).model_dump()
    record["published"]["interval"] = interval

    try:
        said = "; ".join(needed for needed, *_ in faults_of(Claim.model_validate(record)))
    except ValidationError as error:
        said = str(error)

    assert "interval" in said


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_a_published_number_is_a_number(value):
    """Infinity and what is no number are refused."""
    with pytest.raises(ValidationError, match="finite"):
        claim(value)


def test_the_tolerance_is_the_recorded_one():
    """What strays by nine tenths of the tolerance passes, by eleven tenths it does not."""
    recorded = find("kaplan-size-exponent").recomputed

    check("kaplan-size-exponent", recorded.value + 0.9 * recorded.tolerance)
    with pytest.raises(ClaimError):
        check("kaplan-size-exponent", recorded.value + 1.1 * recorded.tolerance)


def test_the_number_of_a_statement_comes_from_the_record():
    """A statement's number is filled from the record, never typed into it."""
    assert claim(0.46).text == "It is 0.46."


def test_a_recomputed_number_that_moved_fails_with_its_place():
    """A number beyond the recorded tolerance raises, naming file, line and how to mend it."""
    assert check("besiroglu-exponent", 0.512612).id == "besiroglu-exponent"
    with pytest.raises(ClaimError, match=r"data/claims/scaling_laws\.yml:\d+: besiroglu-exponent: recomputed 0\.52"):
        check("besiroglu-exponent", 0.52)
    with pytest.raises(ClaimError):
        check("besiroglu-exponent", float("nan"))
    with pytest.raises(KeyError, match="did you mean besiroglu-exponent"):
        check("besiroglu-exponents", 0.5)


def test_a_claim_without_a_recomputation_cannot_be_checked():
    """Checking a claim that records no recomputed value says what to add."""
    with pytest.raises(ClaimError, match="add recomputed"):
        check("loss-threshold", 2.2)


@pytest.mark.parametrize(
    ("value", "locator", "unit", "said"),
    [
        (92, "Sec. 4, Fig. 5", "percent", None),
        (29, "Sec. 4, Fig. 5", "percent", "92, as m of the finding f says of the same place"),
        (29, "Figure 5", "percent", "92, as m of the finding f says of the same place"),
        (29, "Fig. 51", "percent", None),
        (29, "Fig. 5", "tasks", None),
        (31, "Fig. 5", "percent", None),
    ],
)
def test_a_number_that_a_finding_has_otherwise_from_the_same_place_is_said(tmp_path, value, locator, unit, said):
    """A claim whose number stands in no finding or study of the same place, where one stands, is named; one that agrees suffices."""
    mine = claim(value)
    mine = mine.model_copy(update={"published": mine.published.model_copy(update={"locator": locator, "unit": unit})})
    ledger = Ledger({"c": (mine,)}, {"c": ("data/claims/c.yml", 7)}, tmp_path)
    there = [SimpleNamespace(value=one, unit="percent", locator="Sec. 4, Fig. 5C, stored text") for one in (92, 31)]

    found = list(
        parted(ledger, [("a2020b", "m of the finding f", there[0]), ("a2020b", "n of the study a2020b", there[1])])
    )
    assert [(p.line, p.given) for p in found] == ([(7, "29")] if said else [])
    assert all(said in p.needed for p in found)
    assert list(parted(ledger, [("other2020work", "m", there[0])])) == []


@pytest.fixture
def small(tmp_path, root):
    """A copy of the data and of the names of the analyses."""
    for name in ("data", "analyses"):
        shutil.copytree(root / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "needed"),
    [
        ("cite: besiroglu2024chinchilla", "cite: besiroglu2024chinchila", "did you mean besiroglu2024chinchilla?"),
        ("by: scaling_laws/laws_side_by_side", "by: scaling_laws/laws", "a page under analyses/"),
        ("verdict: reproduced", "verdict: contradicted", "follows from the numbers"),
        ("- id: kaplan-size-exponent", "- id: besiroglu-exponent", "each id once"),
        ("verified: primary", "verified: surely", "one of primary"),
    ],
)
def test_a_planted_fault_is_named(small, old, new, needed):
    """A dangling citation, a missing analysis, a wrong verdict, a repeated id and an unknown standing are each named."""
    path = small / "data" / "claims" / "scaling_laws.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")

    with pytest.raises(RecordError) as caught:
        load_ledger(small / "data")

    assert any(needed in p.needed and p.file.endswith("scaling_laws.yml") for p in caught.value.problems), caught.value


def test_a_ledger_of_no_chapter_is_refused(small):
    """A claims file whose name is no chapter's is refused, so that no claim is silently left out."""
    (small / "data" / "claims" / "scaling_law.yml").write_text("[]", encoding="utf-8")

    with pytest.raises(RecordError, match="a chapter's name"):
        load_ledger(small / "data")


def test_every_recomputed_claim_is_checked_by_the_analysis_it_names(root):
    """The analyses call show.claim for exactly the claims that say so, each in the analysis that its record names."""
    ledger = load_ledger(root / "data")
    due = {(c.id, c.recomputed.by) for c in ledger.claims if c.recomputed}
    called = {
        (claim_id, path.relative_to(root / "analyses").with_suffix("").as_posix())
        for path in root.glob("analyses/*/*.md")
        for claim_id in re.findall(r'show\.claim\(\s*"([^"]+)"', path.read_text(encoding="utf-8"))
    }

    assert called == due


def test_the_ledger_has_the_chapters_in_their_order(root):
    """The files of measurements are those of the six chapters, in the order of the founding notes."""
    assert tuple(load_ledger(root / "data").chapters) == chapters_of(root / "data")


def test_a_claim_is_found_from_anywhere(root, monkeypatch):
    """Outside a chapter's folder, as in a test or at a prompt, every chapter's claims can be found and checked."""
    monkeypatch.chdir(root)

    assert find("besiroglu-exponent").id == "besiroglu-exponent"
    assert check("slt-quartic", 0.25).verdict == "reproduced"
