"""Terms: each is defined once, and no two claim a name."""

from __future__ import annotations

import shutil

import pytest

from review_book.records.glossary import load_glossary
from review_utils.records.reading import RecordError


def test_every_term_has_a_chapter_and_a_meaning(root):
    """The glossary holds a term or more for each chapter."""
    terms = load_glossary(root / "data")

    assert len({c for t in terms for c in t.chapters}) == 6
    assert all(t.definition.endswith(".") for t in terms)


def test_a_name_that_two_terms_claim_is_refused(tmp_path, root):
    """Two terms with one name, an id that stands twice and an unknown chapter are each named with line and remedy."""
    shutil.copy(root / "data" / "review.yml", tmp_path)
    (tmp_path / "glossary.yml").write_text(
        "- {id: a, term: Loss, definition: x., chapters: [scaling_laws]}\n- {id: a, term: loss, definition: y., chapters: [nowhere]}\n"
    )

    with pytest.raises(RecordError) as error:
        load_glossary(tmp_path)
    text = str(error.value)
    assert "glossary.yml:2" in text
    assert "a name that a does not have already" in text
    assert "each id once" in text
    assert "one of scaling_laws" in text


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("{id: b, term: Tide, definition: A tide., chapters: [scaling_laws]}", "what it means, in other words"),
        ("{id: b, term: Tide, definition: One pass., chapters: [scaling_laws]}", "words of its own; a has the same"),
        (
            "{id: b, term: Ebb, definition: Falling water., chapters: [scaling_laws]}",
            "whose pages, statements or studies",
        ),
    ],
)
def test_a_term_that_says_nothing_or_that_nothing_uses_is_refused(tmp_path, root, term, said):
    """A definition is no circle and no other term's, and a chapter that lists a term uses it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "chapters").mkdir()
    shutil.copy(root / "data" / "review.yml", tmp_path / "data")
    (tmp_path / "chapters" / "scaling_laws.md").write_text("# Laws\n\nAn epoch, a tide.\n", encoding="utf-8")
    sound = "- {id: a, term: Epoch, definition: One pass., chapters: [scaling_laws]}\n"
    (tmp_path / "data" / "glossary.yml").write_text(sound, encoding="utf-8")
    assert load_glossary(tmp_path / "data")

    (tmp_path / "data" / "glossary.yml").write_text(f"{sound}- {term}\n", encoding="utf-8")
    with pytest.raises(RecordError, match=said):
        load_glossary(tmp_path / "data")
