"""The records in short, for pages: what rules ask of findings, studies and statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import combinations
from typing import Any, Literal

from review_book.records.grades import OURS, Grader
from review_book.records.sentences import filled
from review_book.records.statements import Statement, Statements
from review_book.records.studies import Study
from review_utils.records.authors import teams
from review_utils.records.quantities import latest
from review_utils.records.register import NOT_TESTED, Register

CLOCKS: tuple[Literal["published", "recorded"], ...] = ("published", "recorded")


def register_index(register: Register) -> list[dict[str, Any]]:
    """Return what the explorer filters by: a small row for each finding, the newest first."""
    titles = {s.id: s.title for s in register.shapes}
    return [
        {
            "id": f.id,
            "title": f.title,
            "by": f.short,
            "published": f.published,
            "role": f.role,
            "shapes": [{"id": m.id, "title": titles[m.id], "standing": m.standing} for m in f.shapes],
            "criteria": {name: judged.verdict for name, judged in f.criteria.items()},
            "tests": sorted({t.test for t in f.tests if t.result not in NOT_TESTED}),
            "families": register.families_of(f),
            "measurements": len(f.measurements),
            "verified": sum(m.is_verified for m in f.measurements),
            "notes": f.in_founding_notes,
            "text": f.summary,
        }
        for f in sorted(register.findings, key=lambda f: (f.published, f.id), reverse=True)
    ]


def rules_index(register: Register) -> dict[str, Any]:
    """Return what pages need to evaluate shapes anew: rules, of each finding what rules ask for, and pairs of one group."""
    who = teams({f.id: f.authors for f in register.findings}, register.rule)
    ids = [f.id for f in register.findings]
    return {
        "kin": [[a, b] for a, b in combinations(ids, 2) if who.of_one_group(a, b)],
        "shapes": [
            {
                "id": s.id,
                "title": s.title,
                "of": s.of,
                "evidence_at": s.evidence_at,
                "codify_when": [c.model_dump(exclude_none=True) for c in s.codify_when],
            }
            for s in register.shapes
        ],
        "tests": [{"id": t.id, "title": t.title} for t in register.tests],
        "findings": [
            {
                "id": f.id,
                "title": f.title,
                "known": {clock: f.known_on(clock).isoformat() for clock in CLOCKS},
                "shapes": [{"id": m.id, "standing": m.standing} for m in f.shapes],
                "tests": [{"test": t.test, "result": t.result} for t in f.tests],
            }
            for f in register.findings
        ],
    }


def grades_index(
    grader: Grader, statements: Statements, said: Callable[[str], str] = str, since: dt.date | None = None
) -> dict[str, Any]:
    """Return what a page needs to grade every statement anew: by another day, other rules, or without some studies.

    A piece of evidence counts for a statement under the readings whose bits its `counts` holds, from the day on which
    its study came out to the day on which what supersedes it did.

    Parameters
    ----------
    grader : Grader
    statements : Statements
    said : callable
        What stands for a placeholder of a sentence, by its address.
    since : date, optional
        The first day on which our own analyses count; on no earlier day is there a review.

    Returns
    -------
    dict
        since, grades (with their needs), readings (the first are the rules as they stand), studies (key, label, title, finding,
        from, until), statements (id, chapter, text, pieces) and kin (pairs of studies that share too many authors, with
        the readings under which they do).
    """
    bare = {key: study.model_copy(update={"status": None}) for key, study in grader.studies.by_key.items()}
    unmarked = replace(grader.studies, by_key=bare)
    rules = [grader.rules, *(grader.rules.under(reading) for reading in grader.rules.readings)]
    graders = [Grader(unmarked, each) for each in rules]
    titles = ["as they stand", *(reading.title for reading in grader.rules.readings)]
    keys = list(bare)
    pairs = {
        pair for item in statements for pair in combinations(sorted({e.study for e in item.evidence if e.study}), 2)
    }
    kin = {pair: _bits(each.dependent(*pair) for each in graders) for pair in pairs}
    return {
        "since": since.isoformat() if since else None,
        "grades": [
            {"grade": r.grade, "title": r.title, "needs": r.needs.model_dump(exclude_none=True)}
            for r in grader.rules.grades
        ],
        "readings": [
            {"id": name, "title": title}
            for name, title in zip(["", *(r.id for r in grader.rules.readings)], titles, strict=True)
        ],
        "studies": [_study_row(grader, study) for study in grader.studies],
        "statements": [
            {
                "id": item.id,
                "chapter": chapter,
                "text": filled(item.statement, said),
                "pieces": _pieces(item, graders, keys),
            }
            for chapter, items in statements.chapters.items()
            for item in items
        ],
        "kin": [[keys.index(a), keys.index(b), bits] for (a, b), bits in sorted(kin.items()) if bits],
    }


def names_apart(index: dict[str, Any]) -> dict[str, list[str | None]]:
    """Take what names studies out of an index of grades, and return it: a page that counts alone needs none of it."""
    return {name: [study.pop(name) for study in index["studies"]] for name in ("key", "label", "finding")}


def words_apart(index: dict[str, Any]) -> dict[str, list[str]]:
    """Take titles and sentences out of an index of grades, and return them: a page needs them once something is asked."""
    return {
        "titles": [study.pop("title") for study in index["studies"]],
        "texts": [statement.pop("text") for statement in index["statements"]],
    }


def _bits(values: Iterable[bool]) -> int:
    return sum(1 << i for i, value in enumerate(values) if value)


def _study_row(grader: Grader, study: Study) -> dict[str, Any]:
    reference = grader.studies.references[study.key]
    until = None
    if study.standing not in grader.rules.counts.status:
        by = study.status.by if study.status else []
        until = min((grader.studies.by_key[key].known_on for key in by), default=latest("0001-01-01")).isoformat()
    return {
        "key": study.key,
        "label": reference.label,
        "title": reference.title,
        "finding": study.finding,
        "from": study.known_on.isoformat(),
        "until": until,
    }


def _pieces(item: Statement, graders: list[Grader], keys: list[str]) -> list[dict[str, Any]]:
    """Return the evidence of a statement that counts under any reading, as counting asks; -1 stands for ourselves."""
    found = []
    for evidence in item.evidence:
        counts = _bits(each.counts(evidence, item.mathematical) for each in graders)
        if counts:
            again, group = evidence.replicates, evidence.study or OURS
            found.append(
                {
                    "study": keys.index(evidence.study) if evidence.study else -1,
                    "counts": counts,
                    "against": evidence.bearing == "against",
                    "direct": evidence.direct == "statement",
                    "again": _bits(not each.dependent(group, again) for each in graders) if again else 0,
                }
            )
    return found
