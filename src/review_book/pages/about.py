"""Parts of pages about the review itself: the landing page, what changed, its status, downloads, explorer, what-if."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from review_book.living.freshness import freshness_of, last_execution
from review_book.living.history import WORDS, Event, load_history
from review_book.pages.searches import watch_html
from review_book.pages.statements import Resolve, field_map
from review_book.site.exports import event_words, grouped
from review_utils.data.tables import table_infos
from review_utils.records.catalogue import FAMILIES, register_index
from review_utils.records.claims import Ledger
from review_utils.records.kinds import Records
from review_utils.records.register import Register
from review_utils.show.tables import File, Ref, from_rows


def landing_html(records: Records, resolve: Resolve) -> str:
    """Return the map of the field and three numbers: what is known from several teams, what is contested, what is open."""
    grades = Counter(records.grader.grade(item).grade for item in records.statements)
    known = grades["established"] + grades["supported"]
    disputed = grades["contested"] + grades["overturned"]
    cards = (
        ("known", known, "statements rest on more than one team", "What is known"),
        ("contested", disputed, "are contested or overturned", "What is disputed"),
        ("open", grades["one-study"] + grades["open"], "rest on one study or are open", "What is not known yet"),
    )
    html_cards = "".join(
        f'<div class="review-card review-card--{name}"><h2>{title}</h2><p><b class="review-card__count">{count}</b> {words}</p></div>'
        for name, count, words, title in cards
    )
    return f'{field_map(records, resolve)}<div class="review-cards">{html_cards}</div>'


def errata_html(records: Records) -> str:
    """Return what the review said wrongly, the newest first."""
    known = records.studies.references
    rows = [
        {
            "Date": item.date.isoformat(),
            "Chapter": item.chapter.replace("_", " "),
            "It said": item.was,
            "Right is": item.is_,
            "Because": [item.because, *(Ref(known[key].label, f"references#ref-{key}") for key in item.cites)],
        }
        for item in records.errata
    ]
    return from_rows(
        rows, ["Date", "Chapter", "It said", "Right is", "Because"], f"{len(rows)} errata, the newest first"
    ).to_html()


def latest_html(events: Sequence[Event], most: int = 6) -> str:
    """Return what changed last: a line for each day and kind of event."""
    lines = []
    for day, kind, group in grouped(events)[:most]:
        what = event_words(group[0]) if len(group) == 1 else f"{len(group)} times"
        lines.append(f"<li>{html.escape(day)}: {html.escape(WORDS[kind].lower())}, {html.escape(what)}</li>")
    return f"<ul>{''.join(lines) or '<li>Nothing yet.</li>'}</ul>"


def changes_html(events: Sequence[Event]) -> str:
    """Return the whole history as one table, the newest first; conclusions that changed stand first on their day."""
    rows = [
        {
            "Date": day,
            "What": WORDS[kind],
            "Which": [event_words(e) for e in group] if len(group) <= 3 else _folded(group),
        }
        for day, kind, group in grouped(events)
    ]
    return from_rows(rows, ["Date", "What", "Which"], f"{len(events)} changes, the newest first").to_html()


def _folded(group: Sequence[Event]) -> Any:  # noqa: ANN401  # a cell of a table
    from review_utils.show.tables import Fold

    return Fold(f"{len(group)}", tuple(event_words(e) for e in group))


def status_html(root: Path, register: Register, ledger: Ledger) -> str:
    """Return the page of status: searches, what waits, the last full execution, what is not verified, the drills."""
    data = root / "data"
    records = Records(data)
    fresh, parts = freshness_of(records), []
    waiting = [
        {
            "Finding": Ref(f.title, f"findings/{f.id}"),
            "Shape": register.shape(m.id).title,
            "Part of the paper": m.part,
            "Standing": m.standing,
        }
        for f in register.findings
        for m in f.shapes
        if m.standing != "member"
    ]
    parts.append(from_rows(waiting, ["Finding", "Shape", "Part of the paper", "Standing"], f"{fresh.waiting} candidates wait for a decision").to_html())  # fmt: skip
    parts.append(watch_html(records.watch, records.studies.by_key))
    run = last_execution(data)
    ran = [] if run is None else [{"Date": run.date, "Notebooks": run.notebooks, "Seconds": run.seconds, "Python": run.python}]  # fmt: skip
    parts.append(from_rows(ran, ["Date", "Notebooks", "Seconds", "Python"], "The last execution of every notebook from nothing that is on record; each commit is executed anew before it is published").to_html())  # fmt: skip
    tiers = Counter(m.verified for f in register.findings for m in f.measurements)
    claim_tiers = Counter(c.published.verified for c in ledger.claims)
    tier_rows = [
        {
            "How it was checked": tier.replace("-", " "),
            "Measurements": tiers[tier],
            "Claims": claim_tiers[tier],
            "Counts as verified": tier in ("primary", "several-extractions"),
        }
        for tier in ("primary", "several-extractions", "secondary", "founding-notes-only", "memory")
    ]
    parts.append(from_rows(tier_rows, list(tier_rows[0]), "What is verified, and what is not").to_html())
    parts.append(drills_html(data))
    return "".join(parts)


def drills_html(data: Path) -> str:
    """Return the table of planted faults: which guard saw each, and when it was last seen red."""
    path = data / "drills.json"
    seen = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    rows = [{"Fault": d["fault"], "Guard": d["guard"], "Seen red on": d["seen_red"]} for d in seen]
    return from_rows(rows, ["Fault", "Guard", "Seen red on"], f"{len(rows)} faults planted, each seen red").to_html()


def downloads_html(root: Path) -> str:
    """Return what can be downloaded: records, tables, traces, references."""
    rows = [
        {"What": what, "Form": form, "File": File(path.split("/")[-1], path)}
        for what, form, path in (
            ("Everything below in one archive, with the description of every column", "zip", f"data/{Records(root / 'data').about.slug}-data.zip"),
            ("Every finding", "JSON", "data/register.json"),
            ("Shapes, their rules and structural tests", "JSON", "data/shapes.json"),
            ("Every claim, by chapter", "JSON", "data/claims.json"),
            ("Every scaling law of the compendium", "JSON", "data/laws.json"),
            ("The bibliography", "BibTeX", "data/references.bib"),
            ("Columns, units and sources of every table (Frictionless Data Package)", "JSON", "data/datapackage.json"),
            ("What changed", "Atom", "feed.xml"),
            ("What changed", "JSON feed", "feed.json"),
        )
    ]  # fmt: skip
    tables = [
        {
            "Table": info.title,
            "Source": [Ref(info.cite, f"references#ref-{info.cite}"), info.locator],
            "CSV": File("CSV", f"data/{info.path.parent.name}/{info.path.name}"),
            "Parquet": File("Parquet", f"data/{info.path.parent.name}/{info.name}.parquet"),
        }
        for info in table_infos(root / "data").values()
    ]
    traces = [
        {"Trace": path.stem.replace("_", " "), "Parquet": File("Parquet", f"data/lab/{path.name}"), "How it was made": File("JSON", f"data/lab/{path.stem}.json")}
        for path in sorted((root / "data" / "lab").glob("*.parquet"))
    ]  # fmt: skip
    return (
        from_rows(rows, ["What", "Form", "File"], "Records and feeds").to_html()
        + from_rows(
            tables,
            ["Table", "Source", "CSV", "Parquet"],
            "Numbers typed from papers, or derived from data sets of others",
        ).to_html()
        + from_rows(traces, ["Trace", "Parquet", "How it was made"], "Traces of our own training runs").to_html()
    )


def _options(values: Sequence[tuple[str, str]]) -> str:
    found = "".join(f'<option value="{html.escape(v, quote=True)}">{html.escape(t)}</option>' for v, t in values)
    return f'<option value="">any</option>{found}'


def explorer_html(register: Register) -> str:
    """Return the controls of the register's explorer; without scripts they stay hidden and the whole table stands."""
    index = register_index(register)
    roles = sorted({row["role"] for row in index})
    shapes = [(s.id, s.title) for s in register.shapes if any(s.id in {m["id"] for m in r["shapes"]} for r in index)]
    tests = [(t.id, t.title) for t in register.tests if any(t.id in r["tests"] for r in index)]
    families = [f for f in (*FAMILIES, "other") if any(f in r["families"] for r in index)]
    selects = {
        "role": ("Role", [(r, r.replace("-", " ")) for r in roles]),
        "shape": ("Shape", shapes),
        "criterion": ("Criterion that is met", list(register.criteria.items())),
        "test": ("Structural test that was run", tests),
        "family": ("Model family", [(f, f) for f in families]),
        "verified": ("Measurements", [("all", "all verified"), ("some", "some not verified")]),
        "notes": ("Named in the founding notes", [("yes", "yes"), ("no", "no")]),
        "sort": ("Order", [("oldest", "oldest first"), ("title", "by title"), ("measurements", "most measurements first")]),
    }  # fmt: skip
    fields = "".join(
        f'<label>{html.escape(label)}<select name="{name}">{_options(options)}</select></label>'
        for name, (label, options) in selects.items()
    ).replace('<select name="sort"><option value="">any', '<select name="sort"><option value="">newest first')
    return (
        '<div class="review-explorer review-js-only" data-index="@file/data/register-index.json"><form>'
        '<label>Words<input type="search" name="q" autocomplete="off"></label>'
        f'{fields}<label>Published since<input type="month" name="since" placeholder="2025-01"></label></form>'
        '<p><span class="review-explorer__count" role="status" aria-live="polite"></span> '
        '<button type="button" class="review-copy" data-act="share">Copy the address of this selection</button> '
        '<button type="button" class="review-copy" data-act="clear">Clear</button></p></div>'
        '<script src="@file/_static/review/explorer.js" defer></script>'
    )


def whatif_html(register: Register) -> str:
    """Return the what-if: choose a record or begin one, edit it, and see which verdicts change."""
    options = "".join(f'<option value="{f.id}">{html.escape(f.title)}</option>' for f in register.findings)
    return (
        '<div class="review-whatif review-js-only" data-rules="@file/data/rules.json"><form>'
        f'<label>Begin from<select name="base"><option value="">a new finding</option>{options}</select></label>'
        '<label>How to read the notes<select name="reading"><option value="">strictly</option>'
        '<option value="candidates_count">candidates count</option><option value="open_count">open places count</option>'
        '<option value="framing_is_disclosure">a framing test is a disclosure test</option>'
        '<option value="by_group">groups count, not findings</option></select></label></form>'
        '<label>The record, as JSON<textarea name="record" spellcheck="false"></textarea></label>'
        '<p><button type="button" class="review-copy" data-act="drop">Take this finding out instead</button> '
        '<span role="alert" class="review-whatif__error"></span></p>'
        '<div role="status" aria-live="polite" class="review-whatif__result"></div></div>'
        '<script src="@file/_static/review/whatif.js" defer></script>'
    )


def events_of(root: Path) -> list[Event]:
    """Return the history of the review."""
    return load_history(root / "data")
