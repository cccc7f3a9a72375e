"""The words of the book's search: folded, never stemmed, so that what a reader types is what was indexed."""

from __future__ import annotations

import re
import unicodedata
from typing import ClassVar

from sphinx.search import SearchLanguage
from sphinx.search.en import english_stopwords


def folded_word(word: str) -> str:
    """Return a word in lower case and without accents.

    Examples
    --------
    >>> folded_word("Lörch"), folded_word("grokking")
    ('lorch', 'grokking')
    """
    plain = unicodedata.normalize("NFD", word)
    return "".join(c for c in plain if not unicodedata.combining(c)).lower()


class Words(SearchLanguage):
    """English without stems: the stemmer of the index and that of the page gave different stems for the same word."""

    lang = "words"
    language_name = "English, folded"
    stopwords: ClassVar[set[str]] = english_stopwords
    js_stemmer_code = r"""
var Stemmer = function () {
  this.stemWord = (word) => word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
};
"""

    js_splitter_code = r"""
function splitQuery(query) {
  return query.match(/\d{4}\.\d{4,5}|[\p{Letter}\p{Number}_\p{Emoji_Presentation}]+/gu) || [];
}
"""

    def split(self, input: str) -> list[str]:  # noqa: A002  # the name that Sphinx gives it
        """Return the words of a text, and the identifiers of arXiv whole: a number alone is never searched for."""
        return [*super().split(input), *re.findall(r"\b\d{4}\.\d{4,5}\b", input)]

    def stem(self, word: str) -> str:
        """Return the form in which a word is indexed."""
        return folded_word(word)
