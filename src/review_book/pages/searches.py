"""How the review searches, and what was left out: the flow of works, the protocol, the runs."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping, Sequence

from review_book.living.progress import by_month
from review_book.pages.cells import File
from review_book.pages.statements import title_of
from review_book.records.duplicates import Measured
from review_book.records.searches import Flow, Searches, Watch
from review_book.records.shares import wilson
from review_book.records.studies import Study
from review_utils.show.tables import from_rows


def flow_html(searches: Searches, chapter: str) -> str:
    """Return the flow of a chapter's search, or of all, as a picture and in words."""
    flow = searches.flow(chapter)
    titles = {criterion.id: criterion.title for criterion in searches.protocol.criteria}
    words = (
        f"{flow.lookups} look-ups in {len(searches.asked)} sources, the last on {searches.last}, and the "
        f"reference lists of key studies led to {flow.screened + flow.waiting} works: {flow.included} were "
        f"included, {flow.excluded} excluded, {flow.waiting} waiting."
    )
    rows = [{"Why excluded": titles.get(reason, reason), "Works": count} for reason, count in flow.reasons]
    table = from_rows(rows, ["Why excluded", "Works"], "Reasons for exclusion").to_html() if rows else ""
    return f"<p>{html.escape(words)}</p>{flow_svg(flow)}{table}"


def flow_svg(flow: Flow) -> str:
    """Return the flow as PRISMA 2020 draws it for a living review: what went on at the left, what left at the right."""
    text_in, text_out = flow.included_on_text, flow.excluded_on_text
    stages = [
        (
            ("Identified", f"{flow.identified} records", [f"{count} {way}" for way, count in flow.ways]),
            ("Not screened", f"{flow.duplicates} records, met before", [f"{flow.waiting} waiting"]),
        ),
        (
            ("Screened", f"{flow.screened} works", []),
            ("Excluded", f"{flow.excluded} works", [f"{flow.excluded - text_out} by title and abstract", f"{text_out} by their text"]),
        ),
        (
            ("Included", f"{flow.included} works", [f"{flow.included - text_in} by title and abstract", f"{text_in} by their text", f"{flow.new} new since {flow.since}"]),
            None,
        ),
    ]  # fmt: skip
    width, gap, line = 214, 26, 17
    parts, y = [], 4
    for row, pair in enumerate(stages):
        lines = max(len(box[2]) for box in pair if box)
        height = 46 + line * lines
        for column, box in enumerate(pair):
            if box is None:
                continue
            title, count, notes = box
            x = 4 + column * (width + 14)
            parts.append(
                f'<rect class="flow__box" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>'
                f'<text class="flow__title" x="{x + 12}" y="{y + 20}">{title}</text>'
                f'<text class="flow__count" x="{x + 12}" y="{y + 38}">{html.escape(count)}</text>'
            )
            parts += [
                f'<text class="flow__note" x="{x + 12}" y="{y + 38 + line * (i + 1)}">{html.escape(note)}</text>'
                for i, note in enumerate(notes)
            ]
        if row < 2:
            parts.append(f'<path class="flow__arrow" d="M{4 + width} {y + height // 2}h13m-5-5l5 5l-5 5"/>')
            parts.append(f'<path class="flow__arrow" d="M{4 + width // 2} {y + height}v{gap - 2}m-5-6l5 6l5-6"/>')
        y += height + gap
    label = (
        f"Flow of works: {flow.identified} records identified, {flow.duplicates} met before, {flow.screened} works screened, "
        f"{flow.excluded} excluded, {flow.waiting} waiting, {flow.included} included, {flow.new} of them since {flow.since}"
    )
    return (
        f'<figure class="review-flow"><svg viewBox="0 0 450 {y - gap + 4}" role="img" aria-label="{html.escape(label, quote=True)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg></figure>'
    )


def told_apart(measured: Sequence[Measured]) -> str:
    """Return how well entries of one work are known as such, in a sentence; nothing where it was not measured."""
    held_out = next((half for half in measured if half.half == "held-out"), None)
    if held_out is None:
        return ""
    called = held_out.found + held_out.wrong
    low_p, high_p = wilson(held_out.found, called)
    low_r, high_r = wilson(held_out.found, held_out.same)
    return (
        "<p>Entries of one work are told by their ids, or by title, authors and year: a preprint and its published version are "
        f"one work, a comment or a second part is another. On {held_out.pairs} labelled pairs by which no level was chosen, "
        f"{held_out.found} of the {called} pairs that were called one work are one (precision {held_out.precision:.2f}, 95 percent "
        f"interval {low_p:.2f} to {high_p:.2f}), and {held_out.found} of {held_out.same} pairs of one work were found (recall "
        f"{held_out.recall:.2f}, {low_r:.2f} to {high_r:.2f}). The pairs are made from our own references, half of them "
        "near misses; a title that changed altogether on publication is missed.</p>"
    )


def months_html(searches: Searches) -> str:
    """Return the look-ups and what they led to, by month, the newest first."""
    months = by_month(searches)
    rows = []
    for month in sorted({*months, *(f"{run.date:%Y-%m}" for run in searches.runs)}, reverse=True):
        runs = [run for run in searches.runs if f"{run.date:%Y-%m}" == month]
        met = months.get(month, {"met": 0, "include": 0, "exclude": 0})
        rows.append(
            {
                "Month": month, "Look-ups": len(runs), "Returned": sum(run.returned for run in runs), "Works met": met["met"],
                "Inclusions": met["include"], "Exclusions": met["exclude"],
            }
        )  # fmt: skip
    columns = ["Month", "Look-ups", "Returned", "Works met", "Inclusions", "Exclusions"]
    return from_rows(
        rows, columns, "The search over time; a work that two chapters decide on counts for each"
    ).to_html()


def search_html(searches: Searches) -> str:
    """Return the page of the search: protocol, flow, runs, what waits."""
    protocol = searches.protocol
    questions = [{"Chapter": title_of(chapter), "Questions": asked} for chapter, asked in protocol.questions.items()]
    criteria = [{"Criterion": c.id, "Says": c.title, "Decides": c.decides} for c in protocol.criteria]
    looked = Counter(run.source for run in searches.runs)
    sources = [{"Source": n, "What it is": text, "Look-ups": looked[n]} for n, text in protocol.sources.items()]
    queries = [
        {"Query": query.id, "Words, one of each group": "; ".join(" or ".join(group) for group in query.terms), "Since": str(query.since or "")}
        for query in protocol.queries
    ]  # fmt: skip
    runs = [
        {"Date": run.date.isoformat(), "Source": run.source, "Query": run.query, "Returned": run.returned, "New": searches.first_met[run.id], "For": ", ".join(map(title_of, run.chapters))}
        for run in searches.runs
    ]  # fmt: skip
    last = searches.last_decisions()
    waiting = [
        {"Work": d.title, "Year": d.year, "Since": met.isoformat(), "Days, at the last search": (searches.last - met).days, "Reason": d.reason}
        for d in searches.waiting()
        for met in [searches.met_on[d.id]]
    ]  # fmt: skip
    out = [{"Work": d.title, "Year": d.year, "Reason": d.reason} for d in last if d.decision == "exclude"]
    return (
        f"<p>{html.escape(protocol.purpose)}</p>"
        + flow_html(searches, "all")
        + months_html(searches)
        + told_apart(searches.measured)
        + from_rows(sources, ["Source", "What it is", "Look-ups"], "Where we look, and how often so far").to_html()
        + from_rows(questions, ["Chapter", "Questions"], "What each chapter asks").to_html()
        + from_rows(
            criteria, ["Criterion", "Says", "Decides"], "Reasons, by which every work comes in or stays out"
        ).to_html()
        + f"<p>From {html.escape(protocol.since)}; {html.escape(', '.join(protocol.languages))}. In doubt: {html.escape(protocol.in_doubt)} "
        f"Repeated {html.escape(protocol.every)}. Works are screened in the order of a model of their titles and abstracts where that, "
        "learned from earlier decisions, ranks later ones clearly better than a coin; otherwise those that wait longest come first. "
        "Titles alone, which are all that is kept with the review, hardly suffice.</p>"
        + (
            from_rows(
                queries,
                ["Query", "Words, one of each group", "Since"],
                f"{len(queries)} queries that are put to the indexes of papers; each logged look-up gives the exact text",
            ).to_html()
            if queries
            else ""
        )
        + from_rows(
            waiting,
            ["Work", "Year", "Since", "Days, at the last search", "Reason"],
            f"{len(waiting)} works wait for a decision",
        ).to_html()
        + from_rows(out, ["Work", "Year", "Reason"], f"{len(out)} works were looked at and left out").to_html()
        + from_rows(
            runs[::-1],
            ["Date", "Source", "Query", "Returned", "New", "For"],
            f"{len(runs)} look-ups, the newest first, each with the words by which it can be repeated",
        ).to_html()
    )


NOTICED = {
    "retraction": "retracted or withdrawn", "correction": "corrected", "new-version": "in a newer version than was read",
    "published": "published",
}  # fmt: skip


def watch_html(watch: Watch, studies: Mapping[str, Study]) -> str:
    """Return what indexes say became of the included studies, and when they were asked.

    A newer version is shown until the study was read again.
    """
    if watch.watched is None:
        return (
            "<p>No index was asked yet what became of the included studies. <code>review search watch</code> asks arXiv, OpenAlex "
            "and Crossref for retractions, newer versions and published versions.</p>"
        )
    open_ones = [
        notice
        for notice in watch.notices
        if notice.study in studies and (notice.kind != "new-version" or studies[notice.study].read.date <= notice.seen)
    ]
    order = {kind: place for place, kind in enumerate(NOTICED)}
    rows = [
        {
            "Study": File(n.study, f"studies/{n.study}.html", opened=True),
            "Is": NOTICED[n.kind],
            "By": n.detail,
            "Seen": n.seen.isoformat(),
        }
        for n in sorted(open_ones, key=lambda n: (order[n.kind], n.study))
    ]
    caption = f"What became of {watch.studies} included studies, asked on {watch.watched}: {len(rows)} notices"
    return from_rows(rows, ["Study", "Is", "By", "Seen"], caption).to_html()
