"""What the search misses: the share of other people's lists that it had met, with intervals."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence

from review_book.records.recall import HOW_WORDS, How, Recall, WorkList, share
from review_book.records.shares import Share
from review_utils.show.tables import Fold, from_rows

_WIDTH, _LEFT, _ROW = 450, 190, 26


def recall_html(recall: Recall | None) -> str:
    """Return the section of the page of the search; nothing where nothing was measured."""
    if recall is None:
        return ""
    ways = list(recall.in_scope().values())
    surveys = [item for item in recall.lists if item.kind == "survey"]
    rows = [("All chapters", share(ways)), *_by_chapter(recall)]
    unnamed = share(ways, ("topic", "reading"))
    words = (
        f"Of {len(ways)} works in scope that {len(surveys)} lists of others hold and that were drawn, the search had met "
        f"{share(ways).found}, which is {percent(share(ways))}. It had met {unnamed.found} of them without asking for them by "
        f"name. If each list weighs by what it holds in scope, the share is {round(100 * recall.weighted())} percent. What this review says of the literature is said of the part that it met. The figure shows the percentages by the "
        "chapter to which a work belongs, with intervals of 95 percent."
    )
    return (
        f"<p>{html.escape(words)}</p>"
        + recall_svg(rows)
        + f"<p>{html.escape(recall.rule)}</p>"
        + from_rows(
            [_row(recall, item) for item in surveys],
            ["List", "Had", "Entries", "Judged", "In scope", "Met", "Share met"],
            "Lists of others, and what the search had met of them",
        ).to_html()
        + f"<p>{html.escape(_critics(recall))}</p><p>{html.escape(_population(recall))} {html.escape(recall.assumptions)}</p>"
        + _works(recall)
    )


def chapter_html(recall: Recall | None, chapter: str) -> str:
    """Return a chapter's recall in one sentence; nothing where it was not measured."""
    ways = list(recall.in_scope(chapter=chapter).values()) if recall else []
    if not ways:
        return ""
    words = (
        f"Of {len(ways)} works drawn from lists of others that belong to this chapter, the search had met "
        f"{share(ways).found}, which is {percent(share(ways))}."
    )
    return f"<p>{html.escape(words)}</p>"


def percent(part: Share) -> str:
    """Return a share in words, with its interval.

    Examples
    --------
    >>> percent(Share(10, 20))
    '50 percent (95 percent interval 30 to 70)'
    """
    low, high = (round(100 * end) for end in part.interval)
    return f"{round(100 * part.found / part.of)} percent (95 percent interval {low} to {high})"


def recall_svg(rows: Sequence[tuple[str, Share]]) -> str:
    """Return shares with their intervals as points on lines, from none to all."""
    height = 34 + _ROW * len(rows)
    bottom = height - 24

    def at(value: float) -> float:
        return round(_LEFT + value * (_WIDTH - _LEFT - 16), 1)

    parts = [
        f'<path class="flow__box" d="M{at(tick)} 4V{bottom}"/>'
        f'<text class="flow__note" x="{at(tick)}" y="{height - 6}" text-anchor="middle">{round(100 * tick)}</text>'
        for tick in (0, 0.25, 0.5, 0.75, 1)
    ]
    for i, (name, part) in enumerate(rows):
        y = 18 + _ROW * i
        low, high = part.interval
        parts.append(
            f'<text class="flow__title" x="4" y="{y + 4}">{html.escape(name)}</text>'
            f'<path class="flow__arrow" d="M{at(low)} {y}H{at(high)}"/>'
            f'<circle class="flow__point" cx="{at(part.found / part.of)}" cy="{y}" r="4.5"/>'
        )
    said = "; ".join(f"{name}: {part.found} of {part.of}, {percent(part)}" for name, part in rows)
    label = f"Percent of drawn works in scope that the search had met. {said}"
    return (
        f'<figure class="review-flow"><svg viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{html.escape(label, quote=True)}" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg></figure>'
    )


def _by_chapter(recall: Recall) -> list[tuple[str, Share]]:
    found = []
    for chapter in recall.searches.protocol.questions:
        ways = list(recall.in_scope(chapter=chapter).values())
        if ways:
            found.append((chapter.replace("_", " ").capitalize(), share(ways)))
    return found


def _row(recall: Recall, item: WorkList) -> dict[str, object]:
    part = share(recall.of_list(item))
    return {
        "List": Fold(item.title, (item.how, item.url or "")),
        "Had": item.had,
        "Entries": item.entries,
        "Judged": len(item.works),
        "In scope": part.of,
        "Met": part.found,
        "Share met": percent(part) if part.of else "",
    }


def _critics(recall: Recall) -> str:
    ways: Counter[How] = Counter()
    lists = [item for item in recall.lists if item.kind == "critique"]
    for item in lists:
        ways.update(recall.of_list(item))
    if not lists:
        return ""
    return (
        f"A second test: critical readers of an earlier version named {ways.total()} works that it lacked. The logged search "
        f"met {ways['topic']} of them by queries that named something else; {ways['reading']} were known from reading, "
        f"{ways['name']} were met only by queries that asked for them, {ways['critique']} only in the readers' own words, and "
        f"{ways['missed']} not at all. So the search finds what it is told to look for, and finds little by itself."
    )


def _population(recall: Recall) -> str:
    if not any(item.kind == "queries" for item in recall.lists):
        return ""
    size = recall.population()
    low, high = (round(end) for end in size.interval)
    return (
        f"How many works are there? The search had met {size.first} works that are in scope or wait. Broad queries that name no "
        f"work, made afterwards, brought up {size.second} works in scope, {size.both} of them among the former. By Chapman's "
        f"estimator that makes about {round(size.estimate)} works within reach of such queries (95 percent interval {low} to "
        f"{high})."
    )


def _works(recall: Recall) -> str:
    rows = []
    for item in recall.lists:
        lines = tuple(
            f"{entry.place}. {entry.title}: "
            + (
                f"{HOW_WORDS[recall.how(entry, item.drawn)]}; now: {recall.decision(entry)}"
                if entry.chapter
                else f"out of scope ({entry.out})"
            )
            for entry in item.works
        )
        rows.append({"List": item.title, "Drawn": item.drawn.isoformat(), "Works": Fold(f"{len(lines)} works", lines)})
    return from_rows(rows, ["List", "Drawn", "Works"], "Every work that was drawn, and how it was met").to_html()
