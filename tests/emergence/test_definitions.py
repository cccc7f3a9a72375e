"""What "emergent" has meant: whether a case meets a definition follows, and what does not resolve is named."""

from __future__ import annotations

import shutil

import pytest

from emergence.records import definitions as df
from review_book.records.kinds import Records
from review_utils.records.reading import RecordError


@pytest.mark.parametrize(
    ("answers", "met"),
    [(("yes", "yes"), "yes"), (("yes", "no"), "no"), (("untested", "no"), "no"), (("yes", "untested"), "untested")],
)
def test_a_definition_asks_for_all_of_its_properties(answers, met):
    """One missing property decides against; otherwise one unknown leaves it open."""
    definition = df.Definition(id="d", name="d", cite="x", says="s", asks=["a", "b"])
    case = df.Case(
        id="c", name="c", known={n: {"answer": a, "study": "k", "because": "w"} for n, a in zip("ab", answers, strict=True)}
    )  # fmt: skip

    assert df.meets(definition, case) == met


def test_the_definitions_are_read_as_they_are_meant(root):
    """No case is weakly emergent by what is known, and a curve fitted to losses is no mechanism of few variables."""
    about = Records(root / "data").definitions
    by_id = {d.id: d for d in about.definitions}
    cases = {c.id: c for c in about.cases}

    assert {df.meets(by_id["bedau"], case) for case in about.cases} == {"untested"}
    assert df.meets(by_id["krakauer"], cases["loss-scaling"]) == "no"
    assert df.meets(by_id["krakauer"], cases["grokking"]) == "yes"
    assert {df.meets(by_id["strong"], case) for case in about.cases} == {"no"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("asks: [own-law]", "asks: [own-lore]", "did you mean own-law"),
        ("study: nanda2023progress", "study: nanda2032progress", "did you mean nanda2023progress"),
        ("cite: bedau1997weak", "cite: bedau1979weak", "did you mean bedau1997weak"),
        ("cite: bedau1997weak", "cite: anderson1972more", "Anderson 1972, whom it cites"),
        ("      not-derivable: {answer", "      not-derivabel: {answer", "an answer to not-derivable"),
        ("analysis: phase_transitions/gpt3_jumps, ", "", "a study or an analysis"),
        ("analysis: phase_transitions/gpt3_jumps", "analysis: phase_transitions/gpt3_jumpers", "a page below analyses"),
    ],
)
def test_what_does_not_resolve_is_named(root, tmp_path, old, new, said):
    """A misspelt study, citation, analysis or property is refused, with file, line and the near miss."""
    shutil.copytree(root / "data", tmp_path / "data", ignore=shutil.ignore_patterns("external", "lab", "published"))
    shutil.copytree(root / "analyses", tmp_path / "analyses")
    path = tmp_path / "data" / "definitions.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RecordError, match=said) as raised:
        df.load_definitions(tmp_path / "data")
    assert "definitions.yml" in str(raised.value)
