"""What the site offers besides pages: records as JSON, tables as CSV and Parquet, notebooks, feeds, a card, a site map."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import shutil
import uuid
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from review_book.execute.contents import notebook_pages
from review_book.execute.fingerprint import executed_path
from review_book.living.history import WORDS, Event, first_day, in_words, load_history
from review_book.pages.statements import field_rows
from review_book.records.catalogue import grades_index, names_apart, register_index, rules_index, words_apart
from review_book.records.kinds import Records
from review_book.records.references import load_references
from review_book.records.sentences import filled
from review_book.records.tables import FOLDERS, table_infos
from review_book.review import Review
from review_book.site import ris
from review_book.site.charts import Chart, alone
from review_book.site.context import base_url, records_version, review_citation
from review_book.sphinx.quotes import Sources
from review_utils.data.tables import read_table
from review_utils.review import files_in, left_lying

FEED_SPACE = uuid.UUID("6f1c0c0e-6a3f-5b0e-9c1d-0d6d5f0a7c11")
"""Name space of the feeds' permanent ids."""

MIDNIGHT = (1980, 1, 1, 0, 0, 0)
"""The date that every member of an archive bears, so that two archives of the same content are the same."""


def dump(data: object) -> str:
    """Return JSON in one form: sorted keys, a line at the end."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def _record(model: Any) -> dict[str, Any]:  # noqa: ANN401  # any pydantic record
    found: dict[str, Any] = model.model_dump(mode="json", exclude_none=True)
    return found


def statement_rows(records: Records, said: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return every statement with its grade, what it rests on and its evidence, in the order of the book.

    Parameters
    ----------
    records : Records
    said : callable
        What stands for a placeholder of a sentence, by its address.
    """
    rows = []
    for chapter, items in records.statements.chapters.items():
        for item in items:
            graded = records.grader.grade(item)
            falls, other = records.grader.falls_without(item), records.grader.under_readings(item)
            rows.append(
                {
                    "id": item.id,
                    "chapter": chapter,
                    "grade": graded.grade,
                    "statement": filled(item.statement, said),
                    "scope": filled(item.scope, said),
                    "headline": item.headline,
                    **{f"count_{name}": value for name, value in asdict(graded.tally).items()},
                    "falls_without": "; ".join(f"{source}: {grade}" for source, grade in falls.items()),
                    "under_other_rules": "; ".join(f"{reading}: {grade}" for reading, grade in other.items()),
                    "objection": filled(item.objection.text, said),
                    "would_change": filled(item.would_change, said),
                    "evidence": [
                        {
                            **_record(evidence),
                            "found": filled(evidence.found, said),
                            "counts": records.grader.counts(evidence, item.mathematical),
                        }
                        for evidence in item.evidence
                    ],
                }
            )
    return rows


def evidence_rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each piece of evidence of `statement_rows`, with the statement and its grade."""
    return [
        {
            "statement": row["id"], "chapter": row["chapter"], "grade": row["grade"], "study": e.get("study", ""),
            "analysis": e.get("analysis", ""), "bearing": e["bearing"], "direct": e["direct"], "counts": e["counts"],
            "replicates": e.get("replicates", ""), "found": e["found"],
            "claims": " ".join(e.get("claims", ())), "measurements": " ".join(e.get("measurements", ())),
        }
        for row in rows
        for e in row["evidence"]
    ]  # fmt: skip


def study_rows(records: Records) -> list[dict[str, Any]]:
    """Return a row for each study: what it is, how it was read, whether it stands, and what rests on it."""
    rests = Counter(source for item in records.statements for source in records.grader.falls_without(item))
    return [
        {
            "key": study.key, "title": records.studies.references[study.key].title, "published": study.published,
            "kind": study.kind, "systems": study.systems, "read": study.read.how, "read_on": study.read.date.isoformat(),
            "standing": study.standing, "finding": study.finding or "", "grades_that_rest_on_it": rests[study.key],
            "summary": study.summary,
        }
        for study in records.studies
    ]  # fmt: skip


def write_data(root: Path, site: Path) -> list[str]:
    """Write records and tables under ``data`` of the site, all of it as one archive, and the card; return what pages have moved."""
    import pandas as pd

    review, data, out = Review(root), root / "data", site / "data"
    records = review.records
    out.mkdir(exist_ok=True)
    version = {"version": review_citation(root).version, "records": records_version(root)}
    (site / "social.png").write_bytes(social_card(records))
    said = Sources(review).fill
    register, ledger, rows = records.register, records.ledger, statement_rows(records, said)
    index = grades_index(records.grader, records.statements, said, first_day(data))
    names, words = names_apart(index), words_apart(index)
    contents = {
        "statements.json": {**version, "statements": rows},
        "studies.json": {**version, "studies": [_record(study) for study in records.studies]},
        "register.json": {**version, "findings": [_record(f) for f in register.findings]},
        "shapes.json": {**version, "shapes": [_record(s) for s in register.shapes], "tests": [_record(t) for t in register.tests]},
        "claims.json": {**version, "chapters": {name: [_record(c) for c in claims] for name, claims in ledger.chapters.items()}},
        **{f"{name}.json": {**version, name: rows} for name, (_, rows) in records.downloads.items()},
        "register-index.json": register_index(register),
        "rules.json": rules_index(register),
        "grades-index.json": index,
        "grades-names.json": names,
        "grades-words.json": words,
    }  # fmt: skip
    for name, content in contents.items():
        (out / name).write_text(dump(content), encoding="utf-8")
    flat = [{k: v for k, v in row.items() if k != "evidence"} for row in rows]
    for name, table in (("statements", flat), ("evidence", evidence_rows(rows)), ("studies", study_rows(records))):
        frame = pd.DataFrame(table)
        frame.to_csv(out / f"{name}.csv", index=False)
        frame.to_parquet(out / f"{name}.parquet", index=False)
    shutil.copyfile(data / "references.bib", out / "references.bib")
    (out / "references.ris").write_text(ris.of_all(load_references(data)), encoding="utf-8")
    shutil.copyfile(data / "datapackage.json", out / "datapackage.json")
    for folder in filter(lambda name: (data / name).is_dir(), FOLDERS):
        shutil.copytree(data / folder, out / folder, ignore=lambda _, names: set(filter(left_lying, names)))
    (out / "lab").mkdir()
    for path in files_in(data / "lab", "*.*"):
        shutil.copyfile(path, out / "lab" / path.name)
    for info in table_infos(data).values():
        read_table(info).to_parquet(out / info.path.parent.name / f"{info.name}.parquet", index=False)
    of_pages = {"register-index.json", "rules.json", "grades-index.json", "grades-names.json", "grades-words.json"}
    archive(out, out / f"{records.about.slug}-data.zip", skip=of_pages)
    return [*records.moved]


def archive(folder: Path, target: Path, skip: Iterable[str] = ()) -> None:
    """Write the files of a folder into a zip whose bytes depend on their names and content alone."""
    left_out = {*skip, target.name}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in left_out):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), MIDNIGHT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            out.writestr(entry, path.read_bytes())


def write_notebooks(root: Path, site: Path, charts: Mapping[str, Chart]) -> None:
    """Write every executed notebook for download, without what only this build needs, its charts as pictures."""
    for page in notebook_pages(root):
        notebook = json.loads(executed_path(root, page).read_text(encoding="utf-8"))
        notebook["metadata"] = {k: v for k, v in notebook["metadata"].items() if k in ("kernelspec", "language_info")}
        for i, cell in enumerate(notebook["cells"]):
            cell["id"] = f"cell-{i}"
            cell["metadata"] = {k: v for k, v in cell["metadata"].items() if k == "tags"}
            for output in cell.get("outputs", ()):
                name = output.get("metadata", {}).get("review", {}).get("name")
                chart = charts.get(f"{page.removeprefix('analyses/')}/{name}")
                if chart:
                    output["data"]["text/html"] = alone(chart.svg["wide"])
        notebook["nbformat_minor"] = 5
        path = site / "notebooks" / f"{page.removeprefix('analyses/')}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(notebook, sort_keys=True, ensure_ascii=False)  # indented, Python would write it in Python
        path.write_text(text + "\n", encoding="utf-8")


def grouped(events: Iterable[Event]) -> list[tuple[str, str, list[Event]]]:
    """Return events by day and kind, the newest day first, kinds that change a conclusion before others."""
    order = list(WORDS)

    def key(event: Event) -> tuple[str, bool, int]:
        return event.date, not event.changes_conclusion, order.index(event.kind)

    found = [(day, order[at], list(group)) for (day, _, at), group in groupby(sorted(events, key=key), key=key)]
    return sorted(found, key=lambda g: g[0], reverse=True)


def _conditions(rule: str | None) -> str | None:
    """Return a rule as the history holds it, its conditions in words."""

    def said(match: re.Match[str]) -> str:
        pairs = (f"{k.replace('_', ' ')}: {v}" for one in json.loads(match[0]) for k, v in one.items())
        return "; ".join(pairs)

    return rule and re.sub(r"\[\{.*\}\]", said, rule)


def states_of(event: Event) -> tuple[str | None, str | None]:
    """Return what was said of the subject before and after, in words; nothing of what has no state in a few words."""
    if event.topic in ("finding", "study", "forecast", "table") or event.kind.endswith("-renamed"):
        return None, None
    if event.topic == "rule":
        return _conditions(event.before), _conditions(event.after)
    if event.topic != "statement":
        return event.before, event.after
    before, after = (state and in_words(event, state).replace("-", " ") for state in (event.before, event.after))
    return before, after


def event_words(event: Event) -> str:
    """Return one event as a line."""
    before, after = states_of(event)
    change = f": {before} → {after or 'gone'}" if before is not None and before != after else ""
    return f"{event.title.rstrip(chr(46))}{change}" + (f" (because {event.reason})" if event.reason else "")


def feed_entries(events: Iterable[Event]) -> list[dict[str, str]]:
    """Return the entries of the feeds: one for each day and kind of event.

    What is accepted later on the same day joins its entry, whose second of the day counts its events: a program that read
    the entry before sees that it was updated, and no clock is asked.
    """
    entries = []
    for day, kind, group in grouped(events):
        lines = "".join(f"<li>{html.escape(event_words(e))}</li>" for e in group)
        name = WORDS[kind].lower()
        entries.append(
            {
                "id": f"urn:uuid:{uuid.uuid5(FEED_SPACE, f'{day}/{kind}')}",
                "title": f"{WORDS[kind]}: {group[0].title}" if len(group) == 1 else f"{len(group)} times: {name}",
                "published": f"{day}T00:00:00Z",
                "updated": (dt.datetime.fromisoformat(day) + dt.timedelta(seconds=len(group) - 1)).isoformat() + "Z",
                "content": f"<ul>{lines}</ul>",
            }
        )
    return entries


def atom(title: str, author: str, entries: Iterable[Mapping[str, str]], updated: str) -> str:
    """Return an Atom feed (RFC 4287)."""

    def esc(text: str) -> str:
        return html.escape(text, quote=True)

    page = f"{base_url()}changes.html"
    links = f'<link rel="alternate" type="text/html" href="{esc(page)}"/>'
    if base_url():
        links += f'<link rel="self" type="application/atom+xml" href="{esc(base_url())}feed.xml"/>'
    items = "".join(
        f"<entry><id>{e['id']}</id><title>{esc(e['title'])}</title><published>{e['published']}</published><updated>{e['updated']}</updated>"
        f'{links.split("/>")[0]}/><content type="html">{esc(e["content"])}</content></entry>'
        for e in entries
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>urn:uuid:{uuid.uuid5(FEED_SPACE, 'feed')}</id><title>{esc(title)}</title><updated>{updated}</updated>"
        f"<author><name>{esc(author)}</name></author>{links}{items}</feed>\n"
    )


def json_feed(title: str, author: str, entries: Iterable[Mapping[str, str]]) -> str:
    """Return a JSON feed (version 1.1)."""
    page = f"{base_url()}changes.html"
    items = [
        {
            "id": e["id"],
            "title": e["title"],
            "content_html": e["content"],
            "date_published": e["published"],
            "date_modified": e["updated"],
            "url": page,
        }
        for e in entries
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": title, "authors": [{"name": author}], "items": items}  # fmt: skip
    if base_url():
        feed |= {"home_page_url": page, "feed_url": f"{base_url()}feed.json"}
    return dump(feed)


def write_feeds(root: Path, site: Path) -> None:
    """Write what changed as Atom and as JSON."""
    review, events = review_citation(root), load_history(root / "data")
    entries, author = feed_entries(events), review.authors.strip("{}")
    updated = max(e["updated"] for e in entries) if entries else f"{review.released}T00:00:00Z"
    (site / "feed.xml").write_text(atom(review.title, author, entries, updated), encoding="utf-8")
    (site / "feed.json").write_text(json_feed(review.title, author, entries), encoding="utf-8")


CARD_INKS = {"established": "#58cf9a", "supported": "#35a077", "one-study": "#6fb1ec", "contested": "#f2a154", "overturned": "#f2a154", "open": "#a9bccb"}  # fmt: skip
CARD_DEEP = 3
"""Marks of one subject and one grade that stand below each other on the card."""


def social_card(records: Records) -> bytes:
    """Return the picture that other sites show with a link: the name, a sentence, and the map of the field."""
    import vl_convert

    rows = field_rows(records, lambda address: address)
    titles = {rule.grade: rule.title for rule in records.rules.grades}
    counts = [(name, Counter(grade for grade, _, _ in marks)) for name, marks in rows]
    top, pitch, step = 262, 17, 57
    columns = {
        g: max(len(t) * 10 / pitch, -(-max((c[g] for _, c in counts), default=0) // CARD_DEEP))
        for g, t in titles.items()
    }
    gap = max(8.0, (760 - pitch * sum(columns.values())) / max(len(columns) - 1, 1))
    drawn, left = [], 364.0
    for grade, title in titles.items():
        ink = CARD_INKS[grade]
        drawn.append(f'<text x="{left:.0f}" y="{top - 10}" font-size="18" fill="{ink}">{html.escape(title)}</text>')
        for i, (_, count) in enumerate(counts):
            for k in range(count[grade]):
                x, y = left + (k // CARD_DEEP + 0.5) * pitch, top + i * step + (k % CARD_DEEP + 0.5) * pitch
                drawn.append(_card_mark(grade, ink, x, y, pitch))
        left += columns[grade] * pitch + gap
    names = "".join(
        f'<text x="72" y="{top + i * step + 34}" font-size="25" fill="#fff">{html.escape(name)}</text>'
        for i, (name, _) in enumerate(counts)
    )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" font-family="Liberation Sans, Arial, sans-serif">'
        '<rect width="1200" height="630" fill="#1d3b53"/>'
        f'<text x="72" y="100" font-size="66" font-weight="700" fill="#fff">{html.escape(records.about.name)}</text>'
        f'<text x="72" y="150" font-size="31" fill="#cfd9e2">{html.escape(records.about.tagline)}</text>'
        f'<text x="72" y="196" font-size="25" fill="#f2b134">{len(records.statements)} statements on {len(records.studies)} studies, '
        f"each graded by its evidence</text>{names}{''.join(drawn)}</svg>"
    )
    return packed(vl_convert.svg_to_png(svg))


def _card_mark(grade: str, ink: str, x: float, y: float, pitch: float) -> str:
    """Return a mark as the map has it: disputes have corners, and what is open is hollow."""
    if grade in ("contested", "overturned"):
        side = pitch * 0.8
        look = f'fill="{ink}"' if grade == "contested" else f'fill="none" stroke="{ink}" stroke-width="2"'
        return f'<rect x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:.1f}" height="{side:.1f}" rx="2" {look}/>'
    if grade == "open":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{pitch * 0.36:.1f}" fill="none" stroke="{ink}" stroke-width="2"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{pitch * 0.42:.1f}" fill="{ink}"/>'


def packed(png: bytes) -> bytes:
    """Return a PNG with its data compressed as far as they go: who drew it was in a hurry."""
    at, parts, data = 8, [], b""
    while at < len(png):
        end = at + 12 + int.from_bytes(png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : end - 4]
        else:
            parts.append(png[at:end])
        at = end
    body = b"IDAT" + zlib.compress(zlib.decompress(data), 9)
    chunk = (len(body) - 4).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)
    return b"".join([png[:8], *parts[:-1], chunk, parts[-1]])


def write_site_map(site: Path, pages: Iterable[str]) -> None:
    """Write ``robots.txt``, and ``sitemap.xml`` where the address of the site is known."""
    robots = "User-agent: *\nAllow: /\n"
    if base_url():
        places = "".join(f"<url><loc>{html.escape(base_url() + p)}</loc></url>" for p in sorted(pages))
        (site / "sitemap.xml").write_text(
            f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>\n',
            encoding="utf-8",
        )
        robots += f"Sitemap: {base_url()}sitemap.xml\n"
    (site / "robots.txt").write_text(robots, encoding="utf-8")
