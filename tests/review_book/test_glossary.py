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
