"""What the engine asks of the register beyond its own files: one record a paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from review_book.records.duplicates import Work, duplicates, ids_in
from review_utils.records.reading import Problem, RecordError
from review_utils.records.register import Finding, Register, load_register


def load_checked(data: Path) -> Register:
    """Return the whole register, once no paper has two records.

    Raises
    ------
    RecordError
        With every problem of every file.
    """
    register = load_register(data)
    if problems := list(twice(register)):
        raise RecordError(problems)
    return register


def _work(finding: Finding) -> Work:
    """Return a finding as it is compared with others: the key that it cites is an id too."""
    source = finding.source
    ids = ids_in(source.arxiv, source.doi, source.url) | {f"key:{finding.cite}"}
    families = tuple(name.split()[-1] for name in finding.authors)
    return Work(finding.title, families, finding.published[:4], ids)


def twice(register: Register) -> Iterator[Problem]:
    """Yield each record whose paper has one already, under whatever venue, case or address."""
    findings = register.findings
    for again, first, why in duplicates([_work(finding) for finding in findings]):
        finding, located = findings[again], register.places[findings[again].id]
        kind = why.split(":")[0]
        at = {"arxiv": ("source",), "doi": ("source",), "url": ("source", "url"), "key": ("cite",)}.get(
            kind, ("title",)
        )
        given = {"key": finding.cite, "title": finding.title}.get(at[-1].replace("cite", "key"), why.split(":", 1)[-1])
        yield located.problem(at, given, f"one record a paper; {findings[first].id} is the same, by {kind}")
