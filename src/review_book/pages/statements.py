"""What the review says, with its grade: headlines, the sentence in prose, a chapter's page of statements, the map."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from review_book.records.grades import Grade, Graded, counted
from review_book.records.kinds import Records
from review_book.records.sentences import filled
from review_book.records.statements import Evidence, Statement
from review_book.records.studies import KIND_WORDS, READ_WORDS
from review_utils.show.tables import Ref, from_rows

BEARING_WORDS = {"for": "For", "against": "Against", "qualifies": "Qualifies"}
DIRECT_WORDS = {
    "statement": "tests the statement itself",
    "consequence": "tests a consequence",
    "analogy": "an analogy",
}
# The rows of a chapter's map, strongest first: how near the evidence is to the systems that matter.
MAP_ROWS = {
    "deployed and trained models": ("experiment", "fine-tuning", "evaluation", "forecasts"),
    "replications and reanalyses": ("replication", "reanalysis"),
    "small models": ("small-models",),
    "our own analyses": ("analysis",),
    "theory, or leads alone": ("theory", "simulation", "survey", "position"),
}
Resolve = Callable[[str], str]


def title_of(chapter: str) -> str:
    """Return a chapter's name in words."""
    return chapter.replace("_", " ").title()


def grade_html(grade: Grade, title: str) -> str:
    """Return a grade as its mark with its word; the marks of the map are the same."""
    return f'<span class="grade grade--{grade}"><i class="map__mark map__mark--{grade}" aria-hidden="true"></i> {html.escape(title)}</span>'


def place_of(records: Records, statement: Statement) -> str:
    """Return the page and anchor of a statement."""
    return f"statements/{records.statements.chapter_of(statement.id)}#s-{statement.id}"


def _objection(records: Records, item: Statement, resolve: Resolve) -> str:
    """Return the strongest objection to a statement, with its sources and with our answer where there is one."""
    said = html.escape(filled(item.objection.text, resolve))
    if item.objection.cites:
        said += f" ({', '.join(_study_link(records, key) for key in item.objection.cites)})"
    if item.objection.answer:
        said += f" <b>Our answer.</b> {html.escape(filled(item.objection.answer, resolve))}"
    return said


def headlines_html(records: Records, chapter: str, resolve: Resolve) -> str:
    """Return a chapter's headline statements, each with its grade, what it rests on, and the strongest objection folded beside it."""
    items = []
    for item in records.statements.chapters[chapter]:
        if item.headline:
            grade = records.grader.grade(item).grade
            link = html.escape(f"@root/{place_of(records, item)}", quote=True)
            items.append(
                f'<li class="review-said review-said--{grade}"><p>{html.escape(filled(item.statement, resolve))}</p>'
                f'<div class="review-said__why"><a class="reference internal" href="{link}">'
                f"{grade_html(grade, records.rules.title(grade))} the evidence</a>"
                f"<details><summary>Strongest objection</summary><p>{_objection(records, item, resolve)}</p></details></div></li>"
            )
    return f'<ul class="review-headlines">{"".join(items)}</ul>' if items else ""


def said_html(records: Records, item: Statement, resolve: Resolve, uri: str, card_id: str) -> str:
    """Return a statement as prose quotes it: the sentence, its grade, and a card on hover, focus or tap."""
    graded = records.grader.grade(item)
    title = records.rules.title(graded.grade)
    rows = [
        ("Grade", title),
        ("Rests on", "; ".join(graded.holds) or "no direct evidence that was read"),
        ("Scope", filled(item.scope, resolve)),
        ("Objection", filled(item.objection.text, resolve)),
        ("Would change it", filled(item.would_change, resolve)),
    ]
    card = "".join(f"<span><b>{html.escape(name)}</b> {html.escape(text)}</span>" for name, text in rows)
    return (
        f'<span class="num review-quoted"><span>{html.escape(filled(item.statement, resolve))}</span>\N{NO-BREAK SPACE}'
        f'<a class="num__value reference internal" href="{html.escape(uri, quote=True)}" aria-describedby="{card_id}">'
        f'{grade_html(graded.grade, title)}</a><span class="num__card" id="{card_id}">{card}</span></span>'
    )


_QUOTED = re.compile(r"(?<!`)\{statement\}`([^`]+)`")


def quoted_by(root: Path, chapter: str) -> Sequence[str]:
    """Return the ids that the page of a chapter quotes, in its order."""
    page = root / "chapters" / f"{chapter}.md"
    return _QUOTED.findall(page.read_text(encoding="utf-8")) if page.is_file() else []


def chapter_html(records: Records, chapter: str, resolve: Resolve, quoted: Iterable[str] = ()) -> str:
    """Return all statements of a chapter: grade first, sentence, evidence on all sides, objection, what would change it.

    What it quotes from others follows in a line each. Addresses of statements that once stood here lead to that line.
    """
    items = records.statements.chapters[chapter]
    grades = {item.id: records.grader.grade(item) for item in items}
    counts = Counter(graded.grade for graded in grades.values())
    options = "".join(
        f'<option value="{rule.grade}">{html.escape(rule.title)} ({counts[rule.grade]})</option>'
        for rule in records.rules.grades
        if counts[rule.grade]
    )
    kinds = sorted({kind for item in items for kind in _kinds(records, item)})
    kind_options = "".join(
        f'<option value="{kind}">{html.escape(KIND_WORDS.get(kind, "our own analysis"))}</option>' for kind in kinds
    )
    form = (
        '<div class="review-explorer"><form class="review-filter review-js-only" role="search">'
        f'<label>Grade<select name="grade"><option value="">any</option>{options}</select></label>'
        f'<label>Evidence<select name="kind"><option value="">of any kind</option>{kind_options}</select></label>'
        '<label>Words<input name="q" type="search"></label>'
        f'<p class="review-filter__count" role="status">{len(items)} of {len(items)} statements</p></form></div>'
    )
    sections = [_section(records, item, grades[item.id], resolve) for item in items]
    return form + "".join(sections) + _elsewhere(records, chapter, resolve, quoted)


def _elsewhere(records: Records, chapter: str, resolve: Resolve, quoted: Iterable[str]) -> str:
    """Return the statements of other chapters that a chapter quotes, under their ids of today and of before."""
    known = records.statements
    there = [known.statement(name) for name in quoted if {name, known.aliases.get(name)} & known.by_id.keys()]
    lines = []
    for item in {item.id: item for item in there if known.chapter_of(item.id) != chapter}.values():
        grade, home = records.grader.grade(item).grade, title_of(known.chapter_of(item.id))
        lines.append(
            f'<li id="s-{item.id}">{_former(item)}{html.escape(filled(item.statement, resolve))} '
            f'<a class="reference internal" href="@root/{place_of(records, item)}">'
            f"{grade_html(grade, records.rules.title(grade))} the evidence, in {html.escape(home)}</a></li>"
        )
    return f"<h2>Quoted from other chapters</h2><ul>{''.join(lines)}</ul>" if lines else ""


def _former(item: Statement) -> str:
    """Return the anchors of a statement's earlier ids."""
    return "".join(f'<span id="s-{old}"></span>' for old in item.formerly)


def _kinds(records: Records, item: Statement, counted: bool = False) -> set[str]:
    """Return the kinds of a statement's evidence, or of what counts for its grade."""
    return {
        "analysis" if e.analysis else records.studies.study(str(e.study)).kind
        for e in item.evidence
        if not counted or records.grader.counts(e, item.mathematical)
    }


def _section(records: Records, item: Statement, graded: Graded, resolve: Resolve) -> str:
    title = records.rules.title(graded.grade)
    kinds = " ".join(sorted(_kinds(records, item)))
    evidence = "".join(
        f"<h3>{BEARING_WORDS[bearing]}</h3><ul>{rows}</ul>"
        for bearing in ("for", "against", "qualifies")
        if (rows := "".join(_evidence(records, item, e, resolve) for e in item.evidence if e.bearing == bearing))
    )
    falls = records.grader.falls_without(item)
    other = records.grader.under_readings(item)
    titles = {reading.id: reading.title for reading in records.rules.readings}
    facts = [
        ("Scope", html.escape(filled(item.scope, resolve))),
        ("Strongest objection", _objection(records, item, resolve)),
        ("Would change it", html.escape(filled(item.would_change, resolve))),
        ("Rests on", html.escape("; ".join(graded.holds) or "no direct evidence that was read")),
    ]
    if falls:
        said = [f"{_source_link(records, key)} ({records.rules.title(grade).lower()})" for key, grade in falls.items()]
        facts.append(("Would be graded otherwise without", "; ".join(said)))
    if moves := records.grader.moves_with(item):
        said = [f"{html.escape(name)} ({records.rules.title(grade).lower()})" for name, grade in moves.items()]
        facts.append(("Would be graded otherwise with", "; ".join(said)))
    if other:
        said = [f"{html.escape(titles[key])} ({records.rules.title(grade).lower()})" for key, grade in other.items()]
        facts.append(("Under other rules", "; ".join(said)))
    listed = "".join(f"<dt>{html.escape(name)}</dt><dd>{text}</dd>" for name, text in facts)
    return (
        f'<section class="review-statement" id="s-{item.id}" data-grade="{graded.grade}" data-kinds="{kinds}">'
        f"{_former(item)}"
        f'<p class="review-statement__grade">{grade_html(graded.grade, title)}'
        f"{' · headline' if item.headline else ''}</p>"
        f"<h2>{html.escape(filled(item.statement, resolve))}</h2>{evidence}"
        f'<dl class="review-facts">{listed}</dl></section>'
    )


def _measurement(name: str, evidence: Evidence, records: Records) -> str:
    """Return the link to a measurement beside evidence: whether it was recomputed, and whose it is where it is another work's."""
    claim = records.ledger.claim(name)
    said, cite = "recomputed" if claim.recomputed else "its number", claim.published.cite
    if evidence.study and cite != evidence.study:
        said = f"{said if claim.recomputed else 'a number'} of {html.escape(records.studies.references[cite].label)}"
    href = f"@root/chapters/{records.ledger.chapter_of(name)}#claim-{name}"
    return f' <a class="reference internal" href="{href}">{said}</a>'


def _evidence(records: Records, item: Statement, evidence: Evidence, resolve: Resolve) -> str:
    notes = [DIRECT_WORDS[evidence.direct]]
    if evidence.study:
        study = records.studies.study(evidence.study)
        notes = [KIND_WORDS[study.kind], *notes, READ_WORDS[study.read.how]]
        if study.standing != "current":
            notes.append(study.standing)
    if evidence.replicates:
        notes.append(f"repeats or reanalyses {records.studies.references[evidence.replicates].label}")
    if evidence.bearing != "qualifies" and not records.grader.counts(evidence, item.mathematical):
        notes.append("a lead: counts for nothing in the grade")
    claims = "".join(_measurement(name, evidence, records) for name in evidence.claims)
    return (
        f"<li>{_source_link(records, evidence.source)}: {html.escape(filled(evidence.found, resolve))}{claims} "
        f'<span class="review-note">({html.escape("; ".join(notes))})</span></li>'
    )


def _source_link(records: Records, source: str) -> str:
    if "/" in source:
        words = source.split("/")[1].replace("_", " ")
        return f'<a class="reference internal" href="@root/analyses/{source}">our analysis, {html.escape(words)}</a>'
    return _study_link(records, source)


def _study_link(records: Records, key: str) -> str:
    label = html.escape(records.studies.references[key].label)
    if key in records.studies.by_key:
        return f'<a class="reference internal" href="@file/studies/{key}.html">{label}</a>'
    return f'<a class="reference internal" href="@root/references#ref-{key}">{label}</a>'


def write_statement_pages(root: Path, records: Records) -> None:
    """Write a page a chapter under ``statements``; what it shows is made from the records as the book is built."""
    folder = root / "statements"
    wanted = {f"{chapter}.md": chapter for chapter, items in records.statements.chapters.items() if items}
    for path in folder.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, chapter in wanted.items():
        text = (
            f"# Statements of {title_of(chapter)}\n\nWhat the chapter says, sentence by sentence: how firmly it is known, "
            "what speaks for and against it, and what would change it. Grades follow from the evidence "
            f"by [rules](../methods.md); nobody types them.\n\n```{{evidence-map}} {chapter}\n```\n\n"
            f"```{{statements}} {chapter}\n```\n"
        )
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            folder.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")


Mark = tuple[Grade, str, str]
"""A mark of a map: grade, sentence, address."""


def map_html(
    rows: Sequence[tuple[str, Sequence[Mark]]],
    titles: Mapping[Grade, str],
    label: str,
    more: str = "",
    said: bool = True,
) -> str:
    """Return statements as marks, a row a subject and a column a grade; on a phone the marks of a row follow each other.

    The keyboard does not stop at each of hundreds of marks: what stands beside the map leads to the same statements.

    Parameters
    ----------
    rows : sequence of (str, sequence of marks)
        Name of a row and its marks, each with its grade, its sentence and its address.
    titles : mapping
        The words for each grade, in the order of the columns.
    label : str
        What the map shows.
    more : str
        HTML that follows the label.
    said : bool
        Whether each mark holds its sentence; without, a script asks its address for it when somebody points at the mark.
    """
    heads = "".join(f'<span class="map__head"><i class="map__mark map__mark--{g}"></i> {html.escape(t)}</span>' for g, t in titles.items())  # fmt: skip
    lines = []
    for name, marks in rows:
        cells = []
        for grade, title in titles.items():
            links = "".join(
                f'<a class="map__mark map__mark--{grade}" tabindex="-1" href="{html.escape(address, quote=True)}" '
                f'title="{html.escape(f"{title}: {sentence}" if said else title, quote=True)}"></a>'
                for found, sentence, address in marks
                if found == grade
            )
            cells.append(f'<span class="map__cell">{links}</span>')
        lines.append(f'<div class="map__row"><b>{html.escape(name)}</b>{"".join(cells)}</div>')
    return (
        f'<figure class="review-map"><div role="group" aria-label="{html.escape(label, quote=True)}"><div class="map__row map__row--head"><b></b>{heads}</div>'
        f"{''.join(lines)}</div><figcaption>{html.escape(label)}{more}</figcaption></figure>"
    )


def chapter_map(records: Records, chapter: str, resolve: Resolve) -> str:
    """Return the map of a chapter: its statements by grade and by the strongest kind of evidence for them."""
    items = records.statements.chapters[chapter]
    rows: dict[str, list[Mark]] = {name: [] for name in MAP_ROWS}
    for item in items:
        kinds = _kinds(records, item, counted=True)
        name = next((name for name, members in MAP_ROWS.items() if kinds & set(members)), next(reversed(MAP_ROWS)))
        rows[name].append(_mark(records, item, resolve))
    label = f"The {len(items)} statements of this chapter by grade and by the nearest kind of evidence; each mark leads to one"
    more = f'. <a class="reference internal" href="@root/statements/{chapter}">All of them, in words</a>'
    return map_html([row for row in rows.items() if row[1]], _titles(records), label, more)


def field_map(records: Records, resolve: Resolve) -> str:
    """Return the map of the field: every statement, a row a chapter and a column a grade."""
    rows = field_rows(records, resolve)
    label = f"All {len(records.statements)} statements of the review, by chapter and grade; each mark leads to one"
    table = f'<details class="review-map__table"><summary>The same as a table</summary>{counts_html(records)}</details>'
    return map_html(rows, _titles(records), label, said=False) + table


def field_rows(records: Records, resolve: Resolve) -> list[tuple[str, list[Mark]]]:
    """Return the rows of the map of the field, which is also the picture that other sites show."""
    chapters = {name: items for name, items in records.statements.chapters.items() if items}
    return [(title_of(name), [_mark(records, item, resolve) for item in items]) for name, items in chapters.items()]


IN_PASSING = 145
"""Letters that are read at a glance."""


def examples(records: Records, grades: Sequence[Grade], resolve: Resolve) -> list[tuple[Statement, str, str]]:
    """Return three statements of some grades, with their words and addresses: headlines first, of each grade in turn, a chapter once.

    The short ones are taken, since they are read in passing; a long one only where there is no other.
    """
    found = [
        ((len(text := filled(item.statement, resolve)) > IN_PASSING, not item.headline, grades.index(grade), len(text), text), chapter, item, text, place_of(records, item))
        for chapter, items in records.statements.chapters.items()
        for item in items
        if (grade := records.grader.grade(item).grade) in grades
    ]  # fmt: skip
    chosen: dict[str, tuple[Statement, str, str]] = {}
    for _, chapter, item, text, place in sorted(found, key=lambda one: one[0]):
        chosen.setdefault(chapter, (item, text, place))
    return list(chosen.values())[:3]


def _titles(records: Records) -> dict[Grade, str]:
    return {rule.grade: rule.title for rule in records.rules.grades}


def _mark(records: Records, item: Statement, resolve: Resolve) -> Mark:
    return records.grader.grade(item).grade, filled(item.statement, resolve), f"@root/{place_of(records, item)}"


def counts_html(records: Records) -> str:
    """Return how many statements of each chapter have each grade, as a table."""
    rows = []
    for chapter, items in records.statements.chapters.items():
        counts = Counter(records.grader.grade(item).grade for item in items)
        rows.append(
            {
                "Chapter": Ref(title_of(chapter), f"statements/{chapter}") if items else title_of(chapter),
                "Statements": len(items),
            }
            | {rule.title: counts[rule.grade] for rule in records.rules.grades}
        )
    return from_rows(rows, list(rows[0]), "Statements by chapter and grade").to_html()


def rules_html(records: Records, resolve: Resolve) -> str:
    """Return the rules of grading as the records state them, and which grades hang on them."""
    rows = []
    for rule in records.rules.grades:
        needs = [f"{'at least ' if count else ''}{counted(name, count)}" for name, count in rule.needs.model_dump(exclude_none=True).items()]  # fmt: skip
        rows.append({"Grade": rule.title, "Needs": needs or "nothing", "Why": rule.because})
    counts, groups = records.rules.counts, records.rules.groups
    said = [
        {"Rule": "One group", "Says": f"at least {groups.shared_authors} shared authors, or {groups.share_of_shorter:.0%} of the shorter list", "Why": groups.because},
        {"Rule": "Kinds that count", "Says": ", ".join(KIND_WORDS[k] for k in counts.kinds), "Why": counts.kinds_because},
        {"Rule": "Reading that counts", "Says": ", ".join(READ_WORDS[r] for r in counts.read), "Why": counts.read_because},
        {"Rule": "Standing that counts", "Says": ", ".join(counts.status), "Why": counts.status_because},
        {"Rule": "Our own analyses", "Says": "count as one group" if counts.analyses else "do not count", "Why": counts.analyses_because},
        {"Rule": "Proofs", "Says": "count where a statement is mathematical" if counts.proofs else "do not count", "Why": counts.proofs_because},
    ]  # fmt: skip
    return (
        from_rows(rows, list(rows[0]), "The grades, highest first: the first whose conditions all hold").to_html()
        + from_rows(said, list(said[0]), "What counts").to_html()
        + multiverse_html(records, resolve)
    )


def multiverse_html(records: Records, resolve: Resolve) -> str:
    """Return how many grades hang on each other reading of the rules, and each statement that does, under all of them."""
    readings = records.rules.readings
    if not readings:
        return ""
    moved = {item.id: records.grader.under_readings(item) for item in records.statements}
    counts = [
        {
            "Other rules": reading.title,
            "Statements graded otherwise": sum(reading.id in found for found in moved.values()),
        }
        for reading in readings
    ]
    rows = []
    for item in records.statements:
        if moved[item.id]:
            grade = records.grader.grade(item).grade
            rows.append(
                {
                    "Statement": Ref(filled(item.statement, resolve), place_of(records, item)),
                    "As the rules stand": records.rules.title(grade),
                    **{
                        reading.title.capitalize(): records.rules.title(moved[item.id][reading.id])
                        if reading.id in moved[item.id]
                        else "the same"
                        for reading in readings
                    },
                }
            )
    caption = f"{len(rows)} of {len(records.statements)} statements are graded otherwise under some other reading"
    return from_rows(counts, list(counts[0]), "How many grades hang on the rules").to_html() + (
        from_rows(rows, list(rows[0]), caption).to_html() if rows else ""
    )
