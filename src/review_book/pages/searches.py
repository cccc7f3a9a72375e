"""How the review searches, and what was left out: the flow of works, the protocol, the runs."""

from __future__ import annotations

import html

from review_utils.records.searches import Flow, Searches
from review_utils.show.tables import Fold, from_rows


def flow_html(searches: Searches, chapter: str) -> str:
    """Return the flow of a chapter's search, or of all, as a picture and in words."""
    flow = searches.flow(chapter)
    titles = {criterion.id: criterion.title for criterion in searches.protocol.criteria}
    words = (
        f"{flow.lookups} look-ups in {len(searches.asked)} sources, the last on {searches.last}, and the "
        f"reference lists of key studies led to {flow.screened + flow.waiting} works: {flow.included} were "
        f"included, {flow.excluded} excluded, {flow.waiting} wait."
    )
    rows = [{"Why excluded": titles.get(reason, reason), "Works": count} for reason, count in flow.reasons]
    table = from_rows(rows, ["Why excluded", "Works"], "Reasons for exclusion").to_html() if rows else ""
    return f"<p>{html.escape(words)}</p>{flow_svg(flow)}{table}"


def flow_svg(flow: Flow) -> str:
    """Return the flow as boxes, as living reviews publish it."""
    boxes = [
        (0, 0, "Identified", f"{flow.identified} records", f"{flow.duplicates} of them met before"),
        (0, 1, "Screened", f"{flow.screened} works", "title, abstract or text"),
        (0, 2, "Included", f"{flow.included} works", "a record each"),
        (1, 1, "Excluded", f"{flow.excluded} works", "reasons below"),
        (1, 0, "Waiting", f"{flow.waiting} works", "not decided"),
    ]
    width, height, step = 190, 62, 92
    parts = []
    for column, row, title, count, note in boxes:
        x, y = 4 + column * 250, 4 + row * step
        parts.append(
            f'<rect class="flow__box" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>'
            f'<text class="flow__title" x="{x + 12}" y="{y + 20}">{title}</text>'
            f'<text class="flow__count" x="{x + 12}" y="{y + 38}">{html.escape(count)}</text>'
            f'<text class="flow__note" x="{x + 12}" y="{y + 54}">{html.escape(note)}</text>'
        )
    for y in (66, 158):
        parts.append(f'<path class="flow__arrow" d="M99 {y}v28m-5-7l5 7l5-7"/>')
    for y in (35, 127):
        parts.append(f'<path class="flow__arrow" d="M194 {y}h58m-7-5l7 5l-7 5"/>')
    label = (
        f"Flow of works: {flow.identified} records identified, {flow.duplicates} met before, {flow.screened} works screened, "
        f"{flow.excluded} excluded, {flow.waiting} waiting, {flow.included} included"
    )
    return (
        f'<figure class="review-flow"><svg viewBox="0 0 450 256" role="img" aria-label="{html.escape(label, quote=True)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg></figure>'
    )


def search_html(searches: Searches) -> str:
    """Return the page of the search: protocol, flow, runs, what waits."""
    protocol = searches.protocol
    questions = [{"Chapter": chapter, "Questions": asked} for chapter, asked in protocol.questions.items()]
    criteria = [{"Criterion": c.id, "Says": c.title, "Decides": c.decides} for c in protocol.criteria]
    sources = [{"Source": name, "What it is": text} for name, text in protocol.sources.items()]
    runs = [
        {"Date": run.date.isoformat(), "Source": run.source, "Query": run.query, "Returned": run.returned, "New": run.new, "For": ", ".join(run.chapters).replace("_", " ")}
        for run in searches.runs
    ]  # fmt: skip
    last = searches.last_decisions()
    waiting = [{"Work": d.title, "Year": d.year, "Since": d.date.isoformat()} for d in last if d.decision == "wait"]
    out = [{"Work": d.title, "Year": d.year, "Reason": d.reason} for d in last if d.decision == "exclude"]
    fold = [{"Runs": Fold(f"{len(runs)} look-ups", tuple(f"{r['Date']}, {r['Source']}: {r['Query']} ({r['Returned']} returned, {r['New']} new)" for r in runs))}]  # fmt: skip
    return (
        f"<p>{html.escape(protocol.purpose)}</p>"
        + flow_html(searches, "all")
        + from_rows(sources, ["Source", "What it is"], "Where we look").to_html()
        + from_rows(questions, ["Chapter", "Questions"], "What each chapter asks").to_html()
        + from_rows(
            criteria, ["Criterion", "Says", "Decides"], "Reasons, by which every work comes in or stays out"
        ).to_html()
        + f"<p>From {html.escape(protocol.since)}; {html.escape(', '.join(protocol.languages))}. In doubt: {html.escape(protocol.in_doubt)} "
        f"Repeated {html.escape(protocol.every)}.</p>"
        + from_rows(waiting, ["Work", "Year", "Since"], f"{len(waiting)} works wait for a decision").to_html()
        + from_rows(out, ["Work", "Year", "Reason"], f"{len(out)} works were looked at and left out").to_html()
        + from_rows(fold, ["Runs"], "Every look-up, to be repeated").to_html()
    )
