"""Parts of pages about the review itself: the landing page, what changed, its status, downloads, explorer, what-if."""

from __future__ import annotations

import datetime as dt
import html
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from review_book.living.freshness import last_execution
from review_book.living.history import WORDS, Event, load_history
from review_book.pages.cells import File
from review_book.pages.searches import watch_html
from review_book.pages.statements import Resolve, examples, field_map
from review_book.records.catalogue import register_index
from review_book.records.claims import Ledger
from review_book.records.grades import Grade
from review_book.records.kinds import Records
from review_book.records.statements import Statement
from review_book.records.tables import table_infos
from review_book.review import Review
from review_book.site.exports import event_words, grouped, states_of
from review_book.sphinx.quotes import VERIFIED_WORDS, measured_text
from review_utils.records.quantities import VERIFIED_TIERS
from review_utils.records.register import Finding, Membership, Register
from review_utils.review import files_in
from review_utils.show.tables import Ref, from_rows


def _sides(records: Records, item: Statement) -> str:
    """Return who is for and against a disputed statement, so that nobody takes it for settled; nothing for others."""
    graded = records.grader.grade(item)
    if graded.grade not in ("contested", "overturned"):
        return ""
    teams, against = graded.tally.direct_groups, graded.tally.against
    return f' <small class="review-note">{teams} {"team" if teams == 1 else "teams"} for it, {against} {"result" if against == 1 else "results"} against</small>'


def landing_html(records: Records, resolve: Resolve) -> str:
    """Return what is known from several teams, what is disputed and what is open, counted and in words, and the map of all."""
    counts = Counter(records.grader.grade(item).grade for item in records.statements)
    parts: tuple[tuple[str, str, str, tuple[Grade, ...]], ...] = (
        ("known", "What is known", "statements rest on more than one team", ("established", "supported")),
        (
            "contested",
            "What is disputed",
            "are claimed by some studies and denied by others",
            ("contested", "overturned"),
        ),
        ("open", "What is not known yet", "are open or rest on one study", ("open", "one-study")),
    )
    cards = []
    for name, title, words, grades in parts:
        lines = "".join(
            f'<li><a class="reference internal" href="@root/{place}">{html.escape(text)}</a>{_sides(records, item)}</li>'
            for item, text, place in examples(records, grades, resolve)
        )
        count = sum(counts[grade] for grade in grades)
        cards.append(
            f'<section class="review-card review-card--{name}"><h2>{title}</h2><p><b class="review-card__count">{count}</b> {words}, such as</p>'
            f"<ul>{lines}</ul></section>"
        )
    return f'<div class="review-cards">{"".join(cards)}</div>{field_map(records, resolve)}'


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


TOLD = {
    "statement-regraded": ("a statement is known more or less firmly than before", "statements are known more or less firmly than before"),
    "finding-retracted": ("a finding was retracted", "findings were retracted"),
    "status-changed": ("a group of like findings has another standing", "groups of like findings have another standing"),
    "claim-flipped": ("a published number is judged otherwise by our recomputation", "published numbers are judged otherwise by our recomputations"),
    "statement-added": ("a statement was added", "statements were added"),
    "finding-added": ("a finding came in", "findings came in"),
    "study-added": ("a study came in", "studies came in"),
}  # fmt: skip
"""What a reader of the landing page is told of, one and several; the rest stands on the page of all changes."""


def _page_of(event: Event, latest: Mapping[tuple[str, str], Event]) -> str:
    """Return the address of the page that shows what an event is about, or of all changes where it is no more."""
    there = latest[event.topic, event.subject].after
    if there and event.topic == "finding":
        return f"@root/findings/{event.subject}"
    # The page of a study is written last, and is none of Sphinx's documents.
    return f"@file/studies/{event.subject}.html" if there and event.topic == "study" else "@root/changes"


def latest_html(events: Sequence[Event]) -> str:
    """Return what changed last, as a reader cares about it: what moved, how much of it, and one example."""
    lines: list[str] = []
    latest = {(event.topic, event.subject): event for event in events}
    for day, kind, group in grouped(events):
        if kind in TOLD and len(lines) < 6:
            one, several = TOLD[kind]
            what = one if len(group) == 1 else f"{len(group)} {several}. One of them"
            event = replace(group[0], reason=None)
            said = f'<a class="reference internal" href="{_page_of(event, latest)}">{html.escape(event.title.rstrip("."))}</a>'
            before, after = states_of(event)
            moved = f" (before: {before}; now: {after or 'gone'})" if before is not None and before != after else ""
            date = dt.date.fromisoformat(day)
            lines.append(f"<li>{date.day} {date:%B %Y}: {what}: {said}{html.escape(moved)}</li>")
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


def _place(register: Register, finding: Finding, place: Membership) -> dict[str, Any]:
    title = register.shape(place.id).title
    return {"Finding": Ref(finding.title, f"findings/{finding.id}"), "Shape": title, "Part of the paper": place.part}


def status_html(review: Review, register: Register, ledger: Ledger) -> str:
    """Return the page of status: what is not verified, what waits, the last full execution, the drills."""
    data, fresh, parts = review.data, review.freshness, []
    tiers = Counter(m.verified for f in register.findings for m in f.measurements)
    claim_tiers = Counter(c.published.verified for c in ledger.claims)
    tier_rows = [
        {
            "How it was checked": words,
            "Of findings": tiers[tier],
            "Of chapters": claim_tiers[tier],
            "Counts as verified": tier in VERIFIED_TIERS,
        }
        for tier, words in VERIFIED_WORDS.items()
    ]
    parts.append(from_rows(tier_rows, list(tier_rows[0]), "How the published numbers were checked").to_html())
    unseen = [
        {
            "Finding": Ref(f.short, f"findings/{f.id}#m-{m.id}"),
            "Measurement": f"{m.metric}, {m.condition}",
            "Value": measured_text(m),
            "Why it was not checked": m.unverified_because or "",
        }
        for f in register.findings
        for m in f.measurements
        if not m.is_verified
    ]
    if unseen:
        caption = f"{len(unseen)} measurements were not seen in their source itself, and why"
        parts.append(from_rows(unseen, list(unseen[0]), caption).to_html())
    places = [(f, m) for f in register.findings for m in f.shapes]
    kinds = {test.id: test.title for test in register.tests}
    if waiting := [_place(register, f, m) for f, m in places if m.standing == "candidate"]:
        parts.append(from_rows(waiting, list(waiting[0]), f"{fresh.waiting} candidates wait for a decision").to_html())
    tested = [
        {**_place(register, f, m), "Waits for": kinds.get(m.decided.waits_for or "", "–"), "Why": m.decided.because}
        for f, m in places
        if m.standing == "open" and m.decided
    ]
    if tested:
        said = f"{len(tested)} places of findings in shapes are left open until a test is run or read"
        parts.append(from_rows(tested, list(tested[0]), said).to_html())
    parts.append(watch_html(review.records.watch, review.records.studies.by_key))
    run = last_execution(data)
    ran = [] if run is None else [{"Date": run.date, "Notebooks": run.notebooks, "Seconds": run.seconds, "Python": run.python}]  # fmt: skip
    parts.append(from_rows(ran, ["Date", "Notebooks", "Seconds", "Python"], "The last execution of every notebook from nothing that is on record; each commit is executed anew before it is published").to_html())  # fmt: skip
    alone = [
        {"Measurement": Ref(c.text, f"chapters/{ledger.chapter_of(c.id)}#claim-{c.id}"), "Why it stays": c.unattached}
        for c in ledger.claims
        if c.unattached
    ]
    if alone:
        caption = f"{len(alone)} of {len(ledger.claims)} recomputed or quoted measurements serve no statement"
        parts.append(from_rows(alone, list(alone[0]), caption).to_html())
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
    records = Records(root / "data")
    others = ((said, "JSON", f"data/{name}.json") for name, (said, _) in records.downloads.items())
    rows = [
        {"What": what, "Form": form, "File": File(path.split("/")[-1], path)}
        for what, form, path in (
            ("Everything below in one archive, with the description of every column", "zip", f"data/{records.about.slug}-data.zip"),
            ("Every finding", "JSON", "data/register.json"),
            ("Shapes, their rules and structural tests", "JSON", "data/shapes.json"),
            ("Every statement with its grade, what is counted and its evidence", "JSON", "data/statements.json"),
            ("Every statement with its grade, a row each", "CSV", "data/statements.csv"),
            ("The same", "Parquet", "data/statements.parquet"),
            ("The evidence of every statement, a row each piece", "CSV", "data/evidence.csv"),
            ("The same", "Parquet", "data/evidence.parquet"),
            ("Every study: kind, reading, standing, numbers", "JSON", "data/studies.json"),
            ("Every study with how many grades rest on it, a row each", "CSV", "data/studies.csv"),
            ("The same", "Parquet", "data/studies.parquet"),
            ("Every measurement that a chapter recomputes or quotes, by chapter", "JSON", "data/claims.json"),
            *others,
            ("The bibliography", "BibTeX", "data/references.bib"),
            ("The bibliography", "RIS", "data/references.ris"),
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
        for path in files_in(root / "data" / "lab", "*.parquet")
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
    families = [f for f in (*register.families, "other") if any(f in r["families"] for r in index)]
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
        '<div class="review-explorer review-js-only" data-index="@file/data/register-index.json"><details class="review-filters" open><summary>Filters</summary><form>'
        '<label>Words<input type="search" name="q" autocomplete="off"></label>'
        f'{fields}<label>Published since<input type="month" name="since" placeholder="2025-01"></label></form></details>'
        '<p><span class="review-explorer__count" role="status" aria-live="polite"></span> '
        '<button type="button" class="review-copy" data-act="share">Copy the address</button> '
        '<button type="button" class="review-copy" data-act="clear">Clear</button></p></div>'
        '<script src="@file/_static/review/explorer.js" defer></script>'
    )


def _choices(name: str, label: str, options: Sequence[tuple[str, str]]) -> str:
    listed = "".join(f'<option value="{html.escape(v, quote=True)}">{html.escape(t)}</option>' for v, t in options)
    return f'<label>{html.escape(label)}<select name="{name}">{listed}</select></label>'


READINGS = (
    ("", "strictly"), ("candidates_count", "declined places count"), ("open_count", "open places count"),
    ("framing_is_disclosure", "a framing test is a disclosure test"), ("by_group", "groups count, not findings"),
)  # fmt: skip
"""How the notes may be read, for the pages that evaluate shapes anew; see `review_utils.records.status.Reading`."""


def whatif_html(records: Records) -> str:
    """Return the what-if: switches that take studies out, a finding to edit, and every grade and verdict that changes."""
    findings = [("", "no finding"), ("new", "a new finding"), *((f.id, f.title) for f in records.register.findings)]
    rules = [("", "as they stand"), *((reading.id, reading.title) for reading in records.rules.readings)]
    return (
        '<div class="review-whatif review-js-only" data-rules="@file/data/rules.json" '
        f'data-grades="@file/data/grades-index.json" data-names="@file/data/grades-names.json" data-words="@file/data/grades-words.json" data-statements="@file/statements/"><form>'
        '<label>Study or finding to take out<input type="search" name="words" autocomplete="off"></label>'
        f"{_choices('rules', 'Rules of grading', rules)}{_choices('reading', 'How to read the notes on shapes', READINGS)}"
        '<fieldset class="review-switches"><legend>Taken out where the switch is on</legend>'
        '<p class="review-whatif__found review-note" role="status"></p><div class="review-whatif__switches"></div></fieldset>'
        f'<details class="review-whatif__edit"><summary>Add or change a finding</summary>{_choices("base", "Begin from", findings)}'
        '<div class="review-whatif__record"></div><details><summary>The record itself, as JSON</summary>'
        '<label>Record<textarea name="record" spellcheck="false"></textarea></label></details></details>'
        "</form>"
        '<p><button type="button" class="review-copy" data-act="share">Copy the address of this</button> '
        '<button type="button" class="review-copy" data-act="clear">Put everything back</button> '
        '<span role="alert" class="review-whatif__error"></span></p>'
        '<div role="status" aria-live="polite" class="review-whatif__result"></div></div>'
        '<script src="@file/_static/review/rules.js" defer></script><script src="@file/_static/review/whatif.js" defer></script>'
    )


def timemachine_html() -> str:
    """Return the time machine: a day to choose, and shapes and grades as they could be known on it."""
    return (
        '<div class="review-timemachine review-js-only" data-rules="@file/data/rules.json" data-grades="@file/data/grades-index.json">'
        '<form><label>Day<input type="date" name="day"></label>'
        '<label class="review-timemachine__slider">Move through the days on which something came out<input type="range" name="step" min="0" value="0"></label>'
        "<fieldset><legend>Findings known by the day they</legend>"
        '<label><input type="radio" name="clock" value="published" checked>came out</label>'
        '<label><input type="radio" name="clock" value="recorded">were recorded here</label></fieldset></form>'
        '<p role="status" aria-live="polite"><b class="review-timemachine__said"></b></p>'
        '<div class="review-timemachine__shapes"></div><div class="review-timemachine__grades"></div></div>'
        '<script src="@file/_static/review/rules.js" defer></script><script src="@file/_static/review/timemachine.js" defer></script>'
    )


def events_of(root: Path) -> list[Event]:
    """Return the history of the review."""
    return load_history(root / "data")
