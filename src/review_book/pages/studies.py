"""The studies that the review includes: a table of all, and a page for each."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping

from review_book.pages.cells import File
from review_book.pages.statements import grade_html
from review_book.records.kinds import Records
from review_book.records.sentences import filled
from review_book.records.statements import Evidence, Statement
from review_book.records.studies import KIND_WORDS, READ_WORDS, Study
from review_utils.records.reading import format_number
from review_utils.show.tables import from_rows


def uses_of(records: Records) -> Mapping[str, list[tuple[Statement, Evidence]]]:
    """Return the statements that name each study, with what it says of them."""
    found: dict[str, list[tuple[Statement, Evidence]]] = {}
    for item in records.statements:
        for evidence in item.evidence:
            if evidence.study:
                found.setdefault(evidence.study, []).append((item, evidence))
    return found


def studies_html(records: Records, chapter: str = "all") -> str:
    """Return the studies of a chapter, or all, as one table that can be sorted."""
    uses = uses_of(records)
    rows = []
    for study in records.studies:
        named = uses.get(study.key, [])
        chapters = {records.statements.chapter_of(item.id) for item, _ in named}
        if chapter != "all" and chapter not in chapters:
            continue
        reference = records.studies.references[study.key]
        largest = study.largest.parameters if study.largest else None
        rows.append(
            {
                "Study": File(reference.label, f"studies/{study.key}.html", opened=True),
                "Title": reference.title,
                "Published": study.published,
                "Kind": KIND_WORDS[study.kind],
                "Largest model": "–" if largest is None else format_number(largest, 2),
                "Read": READ_WORDS[study.read.how],
                "Standing": study.standing,
                "Statements": len({item.id for item, _ in named}),
                "id": f"study-{study.key}",
            }
        )
    rows.sort(key=lambda row: str(row["Published"]), reverse=True)
    where = "of the review" if chapter == "all" else "of this chapter"
    columns = ["Study", "Title", "Published", "Kind", "Largest model", "Read", "Standing", "Statements"]
    caption = f"The {len(rows)} studies {where}, the newest first"
    return from_rows(rows, columns, caption, tuple(str(row["id"]) for row in rows)).to_html()


def study_pages(records: Records, resolve: object) -> Iterator[tuple[str, str, str]]:
    """Yield the page of each study: its name, its title, and its body with links from one folder below the root."""
    uses = uses_of(records)
    for study in records.studies:
        reference = records.studies.references[study.key]
        yield (
            f"studies/{study.key}",
            f"{reference.label}: {reference.title}",
            study_body(records, study, uses.get(study.key, []), resolve),
        )


def study_body(records: Records, study: Study, uses: list[tuple[Statement, Evidence]], resolve: object) -> str:
    """Return the body of the page of one study."""
    assert callable(resolve)
    reference = records.studies.references[study.key]
    address = reference.url or (f"https://arxiv.org/abs/{reference.arxiv}" if reference.arxiv else None)
    address = address or (f"https://doi.org/{reference.doi}" if reference.doi else None)
    facts = [
        ("Authors", html.escape(", ".join(a if a != "others" else "and others" for a in reference.authors))),
        ("Published", html.escape(study.published)),
        ("Kind", html.escape(KIND_WORDS[study.kind])),
        ("Systems", html.escape(study.systems)),
        ("Open", html.escape(", ".join(study.open) or "nothing") if study.open is not None else "not known to us"),
        ("How it was read", html.escape(f"{READ_WORDS[study.read.how]}, {study.read.date}: {study.read.what}")),
    ]
    if address:
        link = f'<a class="reference external" href="{html.escape(address, quote=True)}">{html.escape(address)}</a>'
        facts.append(("Read it at", link))
    if study.status:
        by = ", ".join(_link(records, key) for key in study.status.by)
        facts.append(("Standing", f"{study.standing}{' by ' + by if by else ''}: {html.escape(study.status.because)}"))
    if study.finding:
        finding = records.register.finding(study.finding)
        facts.append(
            (
                "In the register",
                f'<a class="reference internal" href="../findings/{finding.id}.html">{html.escape(finding.title)}</a>',
            )
        )
    listed = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in facts)
    parts = [
        f"<h1>{html.escape(reference.title)}</h1><p>{html.escape(study.summary)}</p>"
        f'<dl class="review-facts">{listed}</dl>'
    ]
    if study.caveats:
        parts.append("<h2>Caveats</h2><ul>" + "".join(f"<li>{html.escape(c)}</li>" for c in study.caveats) + "</ul>")
    if study.numbers:
        rows = [
            {
                "What": [number.what, number.note] if number.note else number.what,
                "Value": number.printed,
                "Interval": f"{number.interval[0]:g} to {number.interval[1]:g}" if number.interval else "–",
                "Where": number.locator,
                "Seen in": {"primary": "the study", "secondary": "others' words", "memory": "from memory"}[number.read],
            }
            for number in study.numbers
        ]
        ids = tuple(f"n-{number.id}" for number in study.numbers)
        parts.append(
            "<h2>Numbers</h2>"
            + from_rows(rows, list(rows[0]), "What it prints, as far as the review uses it", ids).to_html()
        )
    parts.append("<h2>What rests on it</h2>" + _rests(records, study, uses, resolve))
    parts.append(f'<h2>Citation</h2><pre tabindex="0">{html.escape(reference.text)}</pre>')
    return "".join(parts).replace('href="@root/', 'href="../')


def _rests(records: Records, study: Study, uses: list[tuple[Statement, Evidence]], resolve: object) -> str:
    assert callable(resolve)
    if not uses:
        return "<p>No statement of the review names it.</p>"
    items = []
    for statement, evidence in uses:
        grade = records.grader.grade(statement).grade
        other = records.grader.grade(statement, without=study.key).grade
        falls = "" if other == grade else f" Without it: {records.rules.title(other).lower()}."
        chapter = records.statements.chapter_of(statement.id)
        items.append(
            f'<li>{grade_html(grade, records.rules.title(grade))} <a class="reference internal" '
            f'href="../statements/{chapter}.html#s-{statement.id}">{html.escape(filled(statement.statement, resolve))}</a> '
            f'<span class="review-note">({evidence.bearing}{falls and "."}{html.escape(falls)})</span></li>'
        )
    return f"<ul>{''.join(items)}</ul>"


def _link(records: Records, key: str) -> str:
    label = html.escape(records.studies.references[key].label)
    return f'<a class="reference internal" href="{key}.html">{label}</a>'
