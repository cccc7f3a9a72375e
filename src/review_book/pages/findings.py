"""Parts of pages that are made from records: claims tables and the page of each finding."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from review_book.files import write_atomically
from review_book.living.history import WORDS, Event, events_of_findings
from review_book.pages.forest import forest_html
from review_book.records.about import load_about
from review_book.records.groups import load_groups
from review_book.records.references import load_references
from review_book.sphinx.quotes import VERIFIED_WORDS, comparator_text, measured_text, n_text
from review_utils.records.register import NOT_TESTED, Finding, Link, Register
from review_utils.show.tables import Ref, from_rows


def _published(finding: Finding) -> str:
    """Return the day of publication with the note on it, which may begin with the day."""
    note = finding.dates_note or ""
    return note if note.startswith(finding.published) else finding.published + (f" ({note})" if note else "")


def citation(key: str, data: Path) -> Ref:
    """Return a link to an entry of the reference list."""
    known = load_references(data)
    return Ref(known[key].label if key in known else key, f"references#ref-{key}")


def finding_sections(finding: Finding, register: Register) -> dict[str, Callable[[], str]]:
    """Return what makes the HTML of each section of a finding's page, by heading; empty sections are left out."""
    sections: dict[str, tuple[object, Callable[[Finding, Register], str]]] = {
        "": (True, _facts),
        "Measurements": (finding.measurements, _measurements),
        "Structural tests": (finding.tests, _tests),
        "Inclusion criteria": (True, _criteria),
        "Shapes": (finding.shapes, _shapes),
        "The founding notes beside the source": (finding.notes_say, _notes),
        "Related findings": (finding.links or _linked_from(finding, register), _related),
        "Caveats": (finding.caveats, _caveats),
        "How to cite": (True, _citation),
        "History of this record": (_events(finding, register), _history),
    }
    return {name: partial(make, finding, register) for name, (content, make) in sections.items() if content}


def _facts(finding: Finding, register: Register) -> str:
    esc = html.escape
    source = finding.source
    groups = {group.id: group.name for group in load_groups(register.data)}
    facts = {
        "Authors": ", ".join(finding.authors) + (f" ({finding.authors_note})" if finding.authors_note else ""),
        "Published": _published(finding),
        "Recorded": finding.recorded,
        "Venue": finding.venue or "",
        "Models": "; ".join(finding.models),
        "Role": finding.role.replace("-", " "),
        "Laboratory or team": groups.get(finding.group, finding.group),
        "Named in the founding notes": f"yes: {finding.notes_role}"
        if finding.in_founding_notes
        else "no, added by later reading",
    }
    identity = f"arXiv {source.arxiv}" if source.arxiv else f"doi {source.doi}" if source.doi else ""
    rows = "".join(f"<dt>{esc(k)}</dt><dd>{esc(v)}</dd>" for k, v in facts.items() if v)
    link = (
        f'<a class="reference external" href="{esc(source.address, quote=True)}">{esc(identity or source.address)}</a>'
    )
    cited = citation(finding.cite, register.data)
    rows += f'<dt>Cite as</dt><dd><a class="reference internal" href="@root/{esc(cited.page, quote=True)}">{esc(cited.text)}</a></dd>'
    met = sum(criterion.verdict == "met" for criterion in finding.criteria.values())
    verified = sum(m.is_verified for m in finding.measurements)
    chips = [
        esc(f"{finding.short}"),
        link,
        esc(facts["Role"]),
        esc(f"criteria met: {met} of {len(register.criteria)}"),
        esc(f"tests with a result: {sum(test.result not in NOT_TESTED for test in finding.tests)}"),
        esc(f"numbers verified: {verified} of {len(finding.measurements)}"),
    ]
    listed = " ".join(f"<li>{chip}</li>" for chip in chips)
    return (
        f'<p class="review-lead">{esc(finding.summary)}</p><ul class="review-chips">{listed}</ul>'
        f'<details><summary>Authors, models, venue and dates</summary><dl class="review-facts">{rows}</dl></details>'
    )


def _measurements(finding: Finding, register: Register) -> str:
    del register
    rows = [
        {
            "Metric": m.metric,
            "Condition": m.condition,
            "Value": measured_text(m),
            "Compared with": comparator_text(m) or "–",
            "n": n_text(m) or "not reported",
            "Where in the source": m.locator,
            "Checked": [VERIFIED_WORDS[m.verified], *(said for said in (m.unverified_because, m.note) if said)],
        }
        for m in finding.measurements
    ]
    caption = "Measurements, each with its place in the source"
    table = from_rows(rows, list(rows[0]), caption, tuple(f"m-{m.id}" for m in finding.measurements))
    return forest_html(finding) + table.to_html()


def _tests(finding: Finding, register: Register) -> str:
    titles = {t.id: t.title for t in register.tests}
    rows = [
        {
            "Test": titles[t.test],
            "Form": t.detail or "–",
            "Result": t.result.replace("-", " "),
            "Note": t.note or "–",
        }
        for t in finding.tests
    ]
    return from_rows(rows, list(rows[0]), "Structural tests, run or not").to_html()


def _criteria(finding: Finding, register: Register) -> str:
    rows = [
        {
            "Criterion": title,
            "Verdict": finding.criteria[name].verdict.replace("-", " "),
            "Because": finding.criteria[name].because or "–",
        }
        for name, title in register.criteria.items()
    ]
    return from_rows(rows, list(rows[0]), "The inclusion criteria").to_html()


def _shapes(finding: Finding, register: Register) -> str:
    page = load_about(register.data).shapes_page
    rows = [
        {
            "Shape": Ref(register.shape(s.id).title, page) if page else register.shape(s.id).title,
            "Part of the paper": s.part,
            "Standing": s.standing,
            "Decided": s.decided.because if s.decided else "–",
            "Proposed by": s.proposed_by.replace("-", " "),
        }
        for s in finding.shapes
    ]
    return from_rows(
        rows, list(rows[0]), "Shapes that parts of this finding instantiate; only members are counted"
    ).to_html()


def _notes(finding: Finding, register: Register) -> str:
    del register
    rows = [
        {
            "The founding notes say": n.claim,
            "Verdict": n.verdict.replace("-", " "),
            "The source says": n.source_says or "–",
        }
        for n in finding.notes_say
    ]
    return from_rows(rows, list(rows[0]), "What the founding notes say, against the source").to_html()


def _linked_from(finding: Finding, register: Register) -> list[tuple[Link, Finding]]:
    return [(link, other) for other in register.findings for link in other.links if link.to == finding.id]


def _related(finding: Finding, register: Register) -> str:
    there = [(link, register.finding(link.to), "") for link in finding.links]
    back = [(link, other, "the other way: ") for link, other in _linked_from(finding, register)]
    rows = [
        {
            "Relation": f"{way}{link.relation.replace('-', ' ')}",
            "Finding": Ref(other.title, f"findings/{other.id}"),
            "Why": _why(link, finding if way else other),
        }
        for link, other, way in there + back
    ]
    heads = ["Relation", "Finding", "Why"] if any(row["Why"] for row in rows) else ["Relation", "Finding"]
    return from_rows([{k: v or "–" for k, v in row.items()} for row in rows], heads, "Related findings").to_html()


def _why(link: Link, about: Finding) -> str:
    """Return why a link holds, with the measurement that it is about."""
    if link.measurement is None:
        return link.because or ""
    measured = about.measurement(link.measurement)
    return f"{link.because or ''} It is about: {measured.metric}, {measured.condition}, {measured}.".strip()


def metadata(finding: Finding) -> dict[str, object]:
    """Return what machines read of a finding: schema.org's ScholarlyArticle, with the record's own measurements."""
    same = [f"https://arxiv.org/abs/{finding.source.arxiv}" if finding.source.arxiv else ""]
    same += [f"https://doi.org/{finding.source.doi}" if finding.source.doi else "", finding.source.url or ""]
    measured = [
        {
            "@type": "PropertyValue",
            "name": m.metric,
            "description": m.condition,
            "value": str(m),
            "unitText": m.unit,
            "measurementMethod": f"{m.locator}; {VERIFIED_WORDS[m.verified]}",
        }
        for m in finding.measurements
    ]
    return {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "headline": finding.title,
        "author": [{"@type": "Person", "name": name} for name in finding.authors],
        "datePublished": finding.published,
        "identifier": finding.id,
        "sameAs": [address for address in dict.fromkeys(same) if address],
        "abstract": finding.summary,
        "variableMeasured": measured,
    }


def _events(finding: Finding, register: Register) -> list[Event]:
    return events_of_findings(register.data).get(finding.id, [])


def _history(finding: Finding, register: Register) -> str:
    rows = [
        {"Date": e.date, "What": WORDS[e.kind], "Record": e.after or "gone", "Why": e.reason or "–"}
        for e in reversed(_events(finding, register))
    ]
    return from_rows(rows, list(rows[0]), "What happened to this record; a record is named by its digest").to_html()


def _citation(finding: Finding, register: Register) -> str:
    entry = html.escape(load_references(register.data)[finding.cite].text)
    machine = json.dumps(metadata(finding), ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
    return (
        "<p>Cite the finding by its own source, and this review for what it says of it.</p>"
        f'<div><pre tabindex="0">{entry}</pre><button type="button" class="review-copy review-js-only">Copy the citation</button></div><script type="application/ld+json">{machine}</script>'
    )


def _caveats(finding: Finding, register: Register) -> str:
    del register
    return "<ul>" + "".join(f"<li>{html.escape(c)}</li>" for c in finding.caveats) + "</ul>"


def _plain_heading(text: str) -> str:
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|<>$~:@^" else c for c in text)


def write_finding_pages(root: Path, register: Register) -> None:
    """Write one page for each finding under ``findings``, and remove pages whose finding is gone.

    The pages hold headings and directives alone; what they show is made from the record as the book is built.
    """
    folder = root / "findings"
    wanted = {f"{finding.id}.md": finding for finding in register.findings}
    for path in folder.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, finding in wanted.items():
        parts = [f"# {_plain_heading(finding.title)}\n"]
        for heading in finding_sections(finding, register):
            if heading:
                parts.append(f"## {heading}\n")
            parts.append(f"```{{finding}} {finding.id}\n:section: {heading or 'Summary'}\n```\n")
        text = "\n".join(parts)
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_atomically(path, text)
