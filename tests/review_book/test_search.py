"""The words of the search."""

from __future__ import annotations

import pytest

from review_book.sphinx.search import Words, folded_word


@pytest.mark.parametrize(
    ("word", "indexed"), [("Grokking", "grokking"), ("Kaczér", "kaczer"), ("Jørgenvåg", "jørgenvag"), ("2502", "2502")]
)
def test_a_word_is_folded_and_never_cut(word, indexed):
    """Case and accents are folded, nothing is cut off, and folding twice changes nothing."""
    assert folded_word(word) == indexed == folded_word(indexed)


def test_stop_words_are_left_out():
    """Words such as the and of are not indexed."""
    words = Words({})

    assert not words.word_filter("the")
    assert words.word_filter("law")
