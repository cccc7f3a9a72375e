"""The scorecard: statuses follow from claims, and what does not resolve is named."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

from review_utils.records import theories as sc
from review_utils.records.claims import load_ledger
from review_utils.records.reading import RecordError

CLAIMS = {"yes": "reproduced", "alone": "not-recomputed", "no": "differs", "open": "contested"}
LEDGER = SimpleNamespace(claim=lambda name: SimpleNamespace(verdict=CLAIMS[name]))


def _prediction(*evidence):
    return sc.Prediction(
        id="p", states="s", evidence=[{"claim": c, "if_it_holds": h, "if_it_differs": d, "because": c} for c, h, d in evidence]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "status"),
    [
        ([], "untested"),
        ([("yes", "supports", "neither")], "supported"),
        ([("alone", "supports", "neither")], "supported"),
        ([("yes", "against", "neither")], "against"),
        ([("no", "supports", "against")], "against"),
        ([("no", "supports", "neither")], "untested"),
        ([("no", "supports", "supports")], "supported"),
        ([("open", "supports", "neither")], "mixed"),
        ([("open", "neither", "neither")], "untested"),
        ([("yes", "supports", "neither"), ("no", "supports", "against")], "mixed"),
        ([("yes", "supports", "neither"), ("alone", "against", "neither")], "mixed"),
    ],
)
def test_the_status_follows_from_the_claims(evidence, status):
    """Reproduced and published claims count as they say, those that differ as the record says, contested ones both ways."""
    found, reasons = sc.status_of(_prediction(*evidence), LEDGER)

    assert found == status
    assert bool(reasons) == (status != "untested")


def test_a_claim_that_turns_out_otherwise_turns_its_prediction():
    """The same prediction goes from supported to against when the claim behind it stops being reproduced."""
    item = _prediction(("yes", "supports", "against"))
    turned = SimpleNamespace(claim=lambda name: SimpleNamespace(verdict="differs"))

    assert sc.status_of(item, LEDGER)[0] == "supported"
    assert sc.status_of(item, turned)[0] == "against"


@pytest.mark.parametrize(
    ("answers", "met"),
    [(("yes", "yes"), "yes"), (("yes", "no"), "no"), (("untested", "no"), "no"), (("yes", "untested"), "untested")],
)
def test_a_definition_asks_for_all_of_its_properties(answers, met):
    """One missing property decides against; otherwise one unknown leaves it open."""
    definition = sc.Definition(id="d", name="d", cite="x", says="s", asks=["a", "b"])
    case = sc.Case(
        id="c", name="c", known={n: {"answer": a, "claim": "k", "because": "w"} for n, a in zip("ab", answers, strict=True)}
    )  # fmt: skip

    assert sc.meets(definition, case) == met


def test_the_records_are_sound(root):
    """Every theory points at claims, citations and analyses that there are; every case answers every property."""
    theories, about = sc.load_theories(root / "data"), sc.load_definitions(root / "data")
    ledger = load_ledger()

    assert len(theories) >= 10
    assert len(about.cases) == 5
    for theory in theories:
        for prediction in theory.predictions:
            assert sc.status_of(prediction, ledger)[0] in ("supported", "mixed", "against", "untested")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("theories.yml", "claim: noisy-and-gain", "claim: noisy-and-gian", "did you mean noisy-and-gain"),
        ("theories.yml", "cite: hoel2013quantifying", "cite: hoel2031quantifying", "did you mean hoel2013quantifying"),
        ("theories.yml", "analysis: emergence_theory/percolation", "analysis: emergence_theory/percolating", "a page below"),
        ("theories.yml", "id: quanta\n", "id: percolation\n", "an id of its own"),
        ("definitions.yml", "asks: [own-law]", "asks: [own-lore]", "did you mean own-law"),
        ("definitions.yml", "claim: five-key-frequencies", "claim: five-key-frequency", "did you mean five-key"),
        ("definitions.yml", "      not-derivable: {answer", "      not-derivabel: {answer", "an answer to not-derivable"),
        ("definitions.yml", "analysis: phase_transitions/gpt3_jumps, ", "", "a claim or an analysis"),
    ],
)  # fmt: skip
def test_what_does_not_resolve_is_named(root, tmp_path, file, old, new, said):
    """A misspelt claim, citation, analysis or property is refused, with file, line and the near miss."""
    shutil.copytree(root / "data", tmp_path / "data", ignore=shutil.ignore_patterns("external", "lab", "published"))
    shutil.copytree(root / "analyses", tmp_path / "analyses")
    path = tmp_path / "data" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    load = sc.load_theories if file == "theories.yml" else sc.load_definitions
    with pytest.raises(RecordError, match=said) as raised:
        load(tmp_path / "data", load_ledger(root / "data"))
    assert file in str(raised.value)
