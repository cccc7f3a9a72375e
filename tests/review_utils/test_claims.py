"""The claims ledger: verdicts that follow from numbers, and checks that fail when numbers move."""

from __future__ import annotations

import re
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from review_utils.records.claims import CHAPTERS, Claim, ClaimError, check, find, load_ledger
from review_utils.records.reading import RecordError


def claim(published, recomputed=None, verdict="not-recomputed", contested_by=(), standing="known"):
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
            "published": {"value": published, "cite": "a2020b", "locator": "Table 1", "verified": "primary"},
            "recomputed": ours,
            "contested_by": list(contested_by),
            "standing": standing,
            "verdict": verdict,
        }
    )


@pytest.mark.parametrize(
    ("ours", "verdict"), [(0.461, "reproduced"), (0.465, "reproduced"), (0.4651, "differs"), (None, "not-recomputed")]
)
def test_a_verdict_follows_from_the_numbers(ours, verdict):
    """Within the stated agreement a claim is reproduced, beyond it differs, without a number it is not recomputed."""
    assert claim(0.46, ours, verdict).verdict == verdict


@given(st.floats(-5, 5), st.floats(-5, 5), st.sampled_from(["reproduced", "differs", "contested", "not-recomputed"]))
def test_no_other_verdict_can_be_recorded(published, ours, verdict):
    """A record whose verdict is not the one that follows from its numbers is refused."""
    due = "reproduced" if abs(published - ours) <= 0.005 * (1 + 1e-12) else "differs"
    if verdict == due:
        assert claim(published, ours, verdict).verdict == due
    else:
        with pytest.raises(ValidationError, match=f"follows from the numbers, {due}"):
            claim(published, ours, verdict)


@pytest.mark.parametrize("interval", [[0.5, 0.4], [0.4], [0.4, 0.5, 0.6], [0.4, float("nan")]])
def test_an_interval_has_two_ends_in_order(interval):
    """Ends that are swapped, missing, too many or no numbers are refused."""
    record = claim(0.46).model_dump()
    record["published"]["interval"] = interval

    with pytest.raises(ValidationError, match="interval"):
        Claim.model_validate(record)


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_a_published_number_is_a_number(value):
    """Infinity and what is no number are refused."""
    with pytest.raises(ValidationError, match="finite"):
        claim(value)


def test_the_tolerance_is_the_recorded_one():
    """What strays by nine tenths of the tolerance passes, by eleven tenths it does not."""
    ledger = load_ledger()
    recorded = ledger.claim("kaplan-size-exponent").recomputed

    check("kaplan-size-exponent", recorded.value + 0.9 * recorded.tolerance, ledger)
    with pytest.raises(ClaimError):
        check("kaplan-size-exponent", recorded.value + 1.1 * recorded.tolerance, ledger)


def test_what_is_contested_is_not_known():
    """A claim that someone contests cannot stand as known."""
    with pytest.raises(ValidationError, match="contested or open"):
        claim(1.0, verdict="contested", contested_by=["x2020y"], standing="known")


def test_the_number_of_a_statement_comes_from_the_record():
    """A statement's number is filled from the record, never typed into it."""
    assert claim(0.46).text == "It is 0.46."


def test_a_recomputed_number_that_moved_fails_with_its_place(root):
    """A number beyond the recorded tolerance raises, naming file, line and how to mend it."""
    ledger = load_ledger(root / "data")

    assert check("besiroglu-exponent", 0.512612, ledger).value == 0.512612
    with pytest.raises(ClaimError, match=r"data/claims/scaling_laws\.yml:\d+: besiroglu-exponent: recomputed 0\.52"):
        check("besiroglu-exponent", 0.52, ledger)
    with pytest.raises(ClaimError):
        check("besiroglu-exponent", float("nan"), ledger)
    with pytest.raises(KeyError, match="did you mean besiroglu-exponent"):
        check("besiroglu-exponents", 0.5, ledger)


def test_a_claim_without_a_recomputation_cannot_be_checked(root):
    """Checking a claim that records no recomputed value says what to add."""
    with pytest.raises(ClaimError, match="add recomputed"):
        check("loss-threshold", 2.2, load_ledger(root / "data"))


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
        ("verdict: differs", "verdict: reproduced", "follows from the numbers, differs"),
        ("- id: kaplan-size-exponent", "- id: besiroglu-exponent", "each id once"),
        ("standing: open", "standing: unsure", "one of known, contested, open"),
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


def test_every_chapter_has_claims_of_every_standing(root):
    """Each of the six chapters has claims that are known, contested and open, in the order of the founding notes."""
    ledger = load_ledger(root / "data")

    assert tuple(ledger.chapters) == CHAPTERS
    for chapter, claims in ledger.chapters.items():
        assert {c.standing for c in claims} == {"known", "contested", "open"}, chapter


def test_a_claim_is_found_from_anywhere(root, monkeypatch):
    """Outside a chapter's folder, as in a test or at a prompt, every chapter's claims can be found and checked."""
    monkeypatch.chdir(root)

    assert find("besiroglu-exponent").id == "besiroglu-exponent"
    assert check("slt-quartic", 0.25).claim.verdict == "reproduced"
