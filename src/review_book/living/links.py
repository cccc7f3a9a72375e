"""Links to other hosts: found in the built site, tried on a schedule, never part of a build.

A link is ``ok`` when it answers, ``broken`` when it was gone on two different days, and ``unknown`` in between: a host
that refuses programs, is busy or did not answer says nothing about the page.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from review_book.files import write_atomically

Answer = Literal["ok", "gone", "unknown"]
GONE = frozenset({404, 410})
"""Answers that say that a page is not there; all others, such as 403 and 429, say nothing."""

PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Link:
    """What is known of one address."""

    address: str
    state: Literal["ok", "unknown", "broken"]
    gone_on: tuple[str, ...] = ()
    checked: str = ""


def external_links(site: Path) -> dict[str, list[str]]:
    """Return every address on another host, and the pages that link to it."""
    found: dict[str, list[str]] = {}
    for path in sorted(site.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        for address in sorted(set(re.findall(r'<a\b[^>]*\bhref="(https?://[^"#]+)', text))):
            found.setdefault(html.unescape(address), []).append(path.relative_to(site).as_posix())
    return found


def ask(address: str) -> Answer:
    """Ask an address whether it is there."""
    request = urllib.request.Request(address, headers={"User-Agent": "living-review-link-check"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return "ok" if answer.status < 400 else "unknown"
    except urllib.error.HTTPError as error:
        return "gone" if error.code in GONE else "unknown"
    except (OSError, ValueError):
        return "unknown"


def after(known: Link | None, address: str, answer: Answer, day: dt.date) -> Link:
    """Return what is known of a link after one more try: two days on which it was gone make it broken."""
    today = day.isoformat()
    if answer == "ok":
        return Link(address, "ok", (), today)
    gone = known.gone_on if known else ()
    if answer == "gone":
        gone = tuple(sorted({*gone, today}))
    return Link(address, "broken" if len(gone) >= 2 else "unknown", gone, today)


def check_links(
    addresses: Iterable[str], known: Mapping[str, Link], day: dt.date, asking: Callable[[str], Answer] = ask
) -> list[Link]:
    """Try every address, eight at a time; return what is known of each, in the order of the addresses."""
    wanted = sorted(addresses)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(asking, wanted))
    return [after(known.get(a), a, answer, day) for a, answer in zip(wanted, answers, strict=True)]


def read_links(path: Path) -> dict[str, Link]:
    """Return what a file of results says; empty where there is none."""
    if not path.is_file():
        return {}
    rows = json.loads(path.read_text(encoding="utf-8"))
    return {row["address"]: Link(**{**row, "gone_on": tuple(row["gone_on"])}) for row in rows}


def write_links(path: Path, links: Iterable[Link]) -> None:
    """Write results for the next check."""
    write_atomically(path, json.dumps([asdict(link) for link in links], indent=1) + "\n")
