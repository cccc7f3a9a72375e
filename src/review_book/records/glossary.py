"""The terms of the review, each defined once: ``data/glossary.yml``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from review_book.records.about import chapters_of
from review_book.records.duplicates import SMALL_WORDS, plain_title
from review_book.records.sentences import said_twice, written
from review_utils.records.reading import (
    Located,
    Problem,
    Record,
    RecordError,
    Slug,
    Text,
    each_once,
    parse_list,
    read_yaml,
)


class Term(Record):
    """A term: its name, other forms of it, its meaning, and the chapters that list it.

    A ``quiet`` term is listed but not marked in prose, where the same word also has a plain sense.
    """

    id: Slug
    term: Text
    also: list[Text] = []
    definition: Text
    chapters: Annotated[list[str], Field(min_length=1)]
    quiet: bool = False

    @property
    def forms(self) -> tuple[str, ...]:
        """Every way in which prose may name it."""
        return (self.term, *self.also)


def load_glossary(data: Path) -> list[Term]:
    """Load and check the glossary.

    Raises
    ------
    RecordError
        With every problem: a form that two terms claim, a chapter that there is not.
    """
    located = read_yaml(data / "glossary.yml")
    terms = parse_list(Term, located)
    if problems := list(_problems(located, terms)):
        raise RecordError(problems)
    return terms


def _problems(located: Located, terms: list[Term]) -> Iterator[Problem]:
    yield from each_once(located, terms, needed="each id once")
    forms: dict[str, str] = {}
    data = located.path.parent
    yield from said_twice(located, (((i, "definition"), term.definition, term.id) for i, term in enumerate(terms)))
    paged = (data.parent / "chapters").is_dir()  # records alone do not tell which words pages use
    words = {name: written(data, name, "statements studies").casefold() for name in chapters_of(data)}
    for i, term in enumerate(terms):
        own = {word for form in term.forms for word in plain_title(form).split()}
        if {*plain_title(term.definition).split()} <= own | SMALL_WORDS:
            yield located.problem((i, "definition"), term.definition, "what it means, in other words")
        for form in term.forms:
            if form.lower() in SMALL_WORDS or len(form) < 2:
                yield located.problem((i, "term"), form, "a name that is no small word or letter of plain prose")
            if form.lower() in forms:
                yield located.problem((i, "term"), form, f"a name that {forms[form.lower()]} does not have already")
            forms[form.lower()] = term.id
        for j, chapter in enumerate(term.chapters):
            if chapter not in words:
                yield located.problem((i, "chapters", j), chapter, f"one of {', '.join(words)}")
            elif (
                paged
                and words[chapter]
                and not any(re.search(rf"(?<!\w){re.escape(form.casefold())}", words[chapter]) for form in term.forms)
            ):
                need = "a chapter whose pages, statements or studies use the term; or no such term"
                yield located.problem((i, "chapters", j), chapter, need)
