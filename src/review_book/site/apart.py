"""What a long page holds further down stands on pages of its own; the rest of a table comes as a reader comes near it.

A page may weigh a bounded sum as it opens, whatever is added to the review. Where it would weigh more, parts of it are set
apart, those first that a reader meets last: what stands behind a chapter, rows of long tables, entries of a long list of
references, cards of numbers. In their place stands a link, which needs no script. With one, rows and entries come into the
page as the reader nears them, sorts or takes the table away, and any part when an address leads into it. Every address stays.
"""

from __future__ import annotations

import gzip
import html
import json
import os
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

LIMIT = 88_000
"""Bytes, compressed, that a page, its style, its scripts and its fonts may weigh before parts of it are set apart.

Figures near the top of a page come to that; the bound that a test holds is 100,000."""

PART = 36_000
"""Bytes of one part, compressed, before the next begins."""

STAY = 8
"""Rows of a table that stay in their place, so that a reader sees what the others are."""

_CONTENTS = (
    '<div id="pst-secondary-sidebar"',
    '<dialog id="pst-secondary-sidebar-modal"',
    '<button class="sidebar-toggle secondary-toggle',
)
"""The list of a page's contents, its dialogue and its button: a part has one heading."""

_TABLE = re.compile(r'<div class="review-table\b[^>]*>(?:(?!<div class="review-table).)*?</table></div>', re.DOTALL)
_ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
_CITATION = re.compile(r'<div class="citation" id="(?P<id>[^"]*)".*?</div>\n?', re.DOTALL)
_CARD = re.compile(
    r'(<span class="num(?: term| review-quoted)?">(?:<span>[^<]*</span>\s)?<a [^>]*?) aria-describedby="(?:num|said|term-card)-\d+"'
    r'([^>]*>(?:(?!</a>).)*</a>)<span class="num__card" id="((?:num|said|term-card)-\d+)">((?:<span>.*?</span>)+)</span>(?=</span>)'
)
"""The card of a number, of a statement that is quoted, or of a term."""
_OWN = re.compile(r'class="(?:[^"]* )?review-(?:explorer|whatif|timemachine|calculator|curve)\b')


def weight(text: str) -> int:
    """Return what a text weighs compressed, in bytes."""
    return len(gzip.compress(text.encode(), 6))


def element(page: str, start: int) -> str:
    """Return the element that begins at a place of a page, all of it."""
    opened = re.match(r"<(\w+)", page[start:])
    if not opened:
        raise ValueError(f"no element begins at {start}")
    depth = 0
    for tag in re.finditer(rf"<(/?){opened[1]}\b[^>]*>", page[start:]):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return page[start : start + tag.end()]
    raise ValueError(f"the element at {start} does not end")


class Pages:
    """The pages of a site while parts of them are set apart."""

    def __init__(self, site: Path) -> None:
        self.site = site
        found = (path for path in sorted(site.rglob("*.html")) if path.relative_to(site).parts[0] != "charts")
        self.text = {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in found}
        self.before = dict(self.text)
        self.shared: dict[str, int] = {}
        fonts = (site / "_static" / "review" / "fonts").glob("*.woff2")
        self.fonts = sum(path.stat().st_size for path in fonts if not path.stem.endswith("-more"))
        self.linked = self._linked()
        self.moved: dict[str, str] = {}  # an address in the site to the one that it has now

    def _linked(self) -> frozenset[str]:
        found = set()
        for name, text in self.text.items():
            for href in re.findall(r'<a\b[^>]* href="([^"]*#[^"]+)"', text):
                parts = urlsplit(html.unescape(href))
                if not parts.netloc:
                    found.add(f"{self._from(name, parts.path)}#{parts.fragment}")
        return frozenset(found)

    def _from(self, name: str, path: str) -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name

    def weigh(self, name: str) -> int:
        """Return what a page weighs as it opens, its pictures aside."""
        text = self.text[name]
        total = weight(text) + self.fonts
        for address in re.findall(r'<(?:script|link rel="stylesheet")[^>]* (?:src|href)="([^":?]+)', text):
            place = self._from(name, address)
            if place not in self.shared:
                path = self.site / place
                self.shared[place] = weight(path.read_text(encoding="utf-8")) if path.is_file() else 0
            total += self.shared[place]
        return total

    def part(self, name: str, title: str, pieces: Sequence[str], wrap: Callable[[str], str]) -> list[str]:
        """Write pieces of a page as pages of their own, each below its bound; return their files."""
        groups = _groups(pieces)
        stem = name.removesuffix(".html")
        many = sum(other.startswith(f"{stem}-part-") for other in self.text)
        files = [f"{stem}-part-{many + i}.html" for i in range(1, len(groups) + 1)]
        whole = Path(name).name
        said = html.unescape(re.sub(r"<[^>]+>", "", title)).strip()
        for file, group in zip(files, groups, strict=True):
            others = " · ".join(
                f"<b>{i}</b>" if other == file else f'<a href="{Path(other).name}">{i}</a>' for i, other in enumerate(files, 1)
            )  # fmt: skip
            page = re.sub(r"<title>.*?</title>", f"<title>{html.escape(said)}</title>", self.before[name], count=1, flags=re.DOTALL)  # fmt: skip
            for begins in _CONTENTS:
                if (at := page.find(begins)) >= 0:
                    page = page.replace(element(page, at), "", 1)
            start, end = page.index("<article"), page.index("</article>")
            start = page.index(">", start) + 1
            self.text[file] = (
                f'{page[:start]}<section id="part"><h1>{html.escape(said)}</h1><p>Part of <a href="{whole}">{_title(page)}</a>.'
                f"{' Pages: ' + others if len(files) > 1 else ''}</p>"
                f'<div class="review-part">{wrap("".join(group))}</div></section>{page[end:]}'
            )
        return files

    def kept_ids(self, name: str, piece: str) -> str:
        """Return the places of a piece that something leads to, for what stands where it stood."""
        ids = dict.fromkeys(re.findall(r'\sid="([^"]+)"', piece))
        return "".join(f'<span id="{i}"></span>' for i in ids if f"{name}#{html.unescape(i)}" in self.linked)

    def behind(self, name: str) -> bool:
        """Set apart what stands behind a chapter, below its first words."""
        text = self.text[name]
        start = text.find('<section id="behind-the-chapter">')
        if start < 0 or "review-rest" in text[start:]:
            return False
        section = element(text, start)
        head = re.match(r"<section[^>]*>\s*<h2>.*?</h2>(?:\s*<p>.*?</p>)?", section, re.DOTALL)
        if not head:
            return False
        rest = section[head.end() : -len("</section>")]
        files = self.part(name, f"Behind the chapter: {_title(text)}", [rest], lambda inside: inside)
        box = _box(files, "The search, the studies, the statements and the recomputations of this chapter", self.kept_ids(name, rest))  # fmt: skip
        self.text[name] = text.replace(section, f"{head[0]}{box}</section>", 1)
        return True

    def rows(self, name: str) -> Iterator[bool]:
        """Set apart the rows of long tables, one table after another, the heaviest first."""
        if _OWN.search(self.text[name]):
            return
        tables = [match[0] for match in _TABLE.finditer(self.text[name]) if match[0].count("<table") == 1]
        for number, table in enumerate(sorted(tables, key=weight, reverse=True)):
            start, end = table.find("<tbody>"), table.rfind("</tbody>")
            rows = _ROW.findall(table[start:end])
            if start < 0 or weight(table) < 1500 or len(rows) < 2 * STAY or '<div class="review-rest' in table:
                continue
            stay, go = rows[:STAY], rows[STAY:]
            inside = start + len("<tbody>")
            caption = re.search(r"<caption>(.*?)</caption>", table, re.DOTALL)
            head = table[:inside]
            files = self.part(name, caption[1] if caption else "A table", go, lambda rows, head=head: f"{head}{rows}</tbody></table></div>")  # type: ignore[misc]  # fmt: skip
            key = f"{Path(name).stem}-{number}"
            marked = f'{head.replace("<div ", f"""<div data-rest="{key}" """, 1)}{" ".join(stay)}</tbody></table></div>'
            box = _box(files, f"The other {len(go):,} rows", self.kept_ids(name, "".join(go)), key)
            self.text[name] = self.text[name].replace(table, f"{marked}{box}", 1)
            yield True

    def citations(self, name: str) -> bool:
        """Set apart the later entries of a list of references; what leads to them leads to their page."""
        text = self.text[name]
        found = list(_CITATION.finditer(text))
        if len(found) < 100:
            return False
        room = LIMIT - (self.weigh(name) - weight("".join(match[0] for match in found)))
        stay = max(50, int(len(found) * room / weight("".join(match[0] for match in found))))
        go = found[stay:]
        if not go:
            return False
        files = self.part(name, "References", [match[0] for match in go], lambda inside: f'<div role="list" class="citation-list">{inside}</div>')  # fmt: skip
        for file in files:
            for match in _CITATION.finditer(self.text[file]):
                self.moved[f"{name}#{match['id']}"] = file
        before, after = text[: go[0].start()], text[go[-1].end() :]
        before = re.sub(r'<div role="list" class="citation-list">', r'<div role="list" class="citation-list" data-rest="entries">', before, count=1)  # fmt: skip
        end = after.index("</div>") + len("</div>")
        box = _box(files, f"The other {len(go):,} references", "", "entries")
        self.text[name] = f"{before}{after[:end]}{box}{after[end:]}"
        return True

    def cards(self, name: str) -> bool:
        """Set apart what the cards of numbers say: a script brings it when a reader first moves, a link needs none of it."""
        held: list[tuple[str, str]] = []

        def empty(match: re.Match[str]) -> str:
            held.append((match[3], match[4]))
            return match[1] + match[2]

        text = _CARD.sub(empty, self.text[name])
        if len(held) < 20:
            return False
        file = f"{name.removesuffix('.html')}-cards.js"
        (self.site / file).write_text(f"window.reviewCards={json.dumps(held, ensure_ascii=False, separators=(',', ':'))};\n", encoding="utf-8")  # fmt: skip
        self.text[name] = text.replace('<article class="bd-article"', f'<article class="bd-article" data-cards="{Path(file).name}"', 1)  # fmt: skip
        return True

    def follow(self) -> None:
        """Let every link to what has moved lead to its place."""
        for name, text in self.text.items():

            def led(match: re.Match[str], name: str = name) -> str:
                parts = urlsplit(html.unescape(match[1]))
                if parts.netloc or not parts.fragment:
                    return match[0]
                target = self.moved.get(f"{self._from(name, parts.path)}#{parts.fragment}")
                if not target:
                    return match[0]
                up = "../" * name.count("/")
                return f'href="{up}{target}#{html.escape(parts.fragment)}"'

            if self.moved:
                self.text[name] = re.sub(r'href="([^"]*#[^"]+)"', led, text)

    def write(self) -> None:
        """Write what has changed."""
        for name, text in self.text.items():
            if self.before.get(name) != text:
                (self.site / name).write_text(text, encoding="utf-8")


def _groups(pieces: Sequence[str]) -> list[list[str]]:
    """Return pieces in groups below the bound of a part; halves of halves, so that few weighings do."""
    half = len(pieces) // 2
    if half == 0 or weight("".join(pieces)) <= PART:
        return [list(pieces)]
    return [*_groups(pieces[:half]), *_groups(pieces[half:])]


def _title(page: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)(?:<a class=\"headerlink|</h1>)", page, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]).strip() if found else "the page"


def _box(files: Sequence[str], said: str, ids: str, key: str = "") -> str:
    links = [f'<a href="{Path(file).name}">{said if i == 1 else f"page {i}"}</a>' for i, file in enumerate(files, 1)]
    of = f' data-of="{key}"' if key else ""
    return f'<p class="review-rest"{of}>{ids}{", ".join(links)}</p>'


def set_apart(site: Path) -> None:
    """Bring every page below its bound, by setting parts of it apart, until it is there or nothing is left to set apart."""
    pages = Pages(site)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # who compresses lets others work
        weights = dict(zip(pages.text, pool.map(pages.weigh, pages.text), strict=True))
    for name in (name for name, bytes_ in weights.items() if bytes_ > LIMIT):
        if pages.citations(name) or (pages.behind(name) and pages.weigh(name) <= LIMIT):
            continue
        if any(pages.weigh(name) <= LIMIT for _ in pages.rows(name)):
            continue
        pages.cards(name)
    pages.follow()
    pages.write()
