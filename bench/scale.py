"""A made-up review of any size, larger than the real one: findings, studies, statements, analyses and decisions.

It begins with the little review of the tests. What is added is drawn at random and the same in every run: titles of words
as unevenly frequent as those of a language, teams that share authors, statements that rest on studies of their chapter.
"""

from __future__ import annotations

import csv
import random
import shutil
import sys
from dataclasses import dataclass
from itertools import accumulate, product
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from making import make  # noqa: E402
from making_studies import evidence, number, said, study  # noqa: E402

CHAPTERS = ("tides", "waves", "winds", "storms", "ports", "ships", "reefs", "deltas", "ice", "salt")
KINDS = ("experiment", "small-models", "fine-tuning", "evaluation", "reanalysis", "theory", "survey")
QUOTED = 30
"""Statements that a chapter quotes; eight of them are its headlines."""

ANALYSIS = """---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# What is {title}?

{{num}}`result:{page}#answer` of them.

```{{code-cell}} python
from review_utils import show

show.number("answer", {value}, "counts", "how many", no_interval_because="it is exact: it was made up")
```

## How we know

It was made up.

## What would change our mind

Another draw.
"""


@dataclass(frozen=True)
class Size:
    """How much a review holds."""

    findings: int
    studies: int
    statements: int
    analyses: int
    decisions: int

    def __mul__(self, share: float) -> Size:
        """Return a part of it, of each kind at least one a chapter."""
        parts = (self.findings, self.studies, self.statements, self.analyses, self.decisions)
        return Size(*(max(round(part * share), len(CHAPTERS)) for part in parts))


FULL = Size(findings=1000, studies=5000, statements=10_000, analyses=300, decisions=20_000)


class Words:
    """Words that no language has, a few of them frequent and most of them rare."""

    def __init__(self) -> None:
        self._draw = random.Random(0)
        syllables = ["".join(pair) for pair in product("bdfgklmnprstvz", "aeiou")]
        self._words = ["".join(self._draw.choices(syllables, k=self._draw.choice((2, 3, 3, 4)))) for _ in range(6000)]
        self._weights = list(accumulate(1 / (rank + 10) for rank in range(len(self._words))))
        self._used: set[str] = set()

    def text(self, count: int) -> str:
        """Return some words, the first in a capital; never the same twice."""
        while True:
            found = " ".join(self._draw.choices(self._words, cum_weights=self._weights, k=count)).capitalize()
            if found not in self._used:
                self._used.add(found)
                return found

    def name(self) -> str:
        """Return a family name, rare as most are."""
        return self._draw.choice(self._words).capitalize()


def make_up(folder: Path, size: Size) -> Path:
    """Write a review of a size into a folder that is not there yet; return the folder.

    Parameters
    ----------
    folder : path
    size : Size
    """
    shutil.copytree(ROOT / "tests" / "little_review", folder)
    data, words, draw = folder / "data", Words(), random.Random(1)
    works = [_work(i, words, draw) for i in range(size.studies)]
    chapter_of = [CHAPTERS[i % len(CHAPTERS)] for i in range(max(size.statements, size.studies, size.analyses))]
    _works(data, works, chapter_of, size.findings, words)
    for i, work in enumerate(works[: size.findings]):
        _finding(data / "findings", i, size.findings, work, words)
    with (data / "groups.yml").open("a", encoding="utf-8") as groups:
        groups.writelines(f"- {{id: group-finding-{i}, name: Group {i}}}\n" for i in range(size.findings))
    _statements(data / "statements", works, size, chapter_of, words, draw)
    pages = [f"{chapter_of[i]}/made_{i}" for i in range(size.analyses)]
    for i, page in enumerate(pages):
        path = folder / "analyses" / f"{page}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(ANALYSIS.format(title=words.text(4).lower(), page=page, value=i + 1), encoding="utf-8")
    _chapters(folder, pages, words)
    _decisions(data / "searches", works, size.decisions, words)
    return folder


@dataclass(frozen=True)
class Work:
    """A paper that nobody wrote."""

    key: str
    title: str
    authors: tuple[str, ...]
    published: str
    arxiv: str

    @property
    def entry(self) -> str:
        """The paper in the bibliography."""
        people = " and ".join(f"{family}, {given}" for given, family in map(str.split, self.authors))
        fields = {"author": people, "title": self.title, "year": self.published[:4], "eprint": self.arxiv}
        return f"@misc{{{self.key},\n" + ",\n".join(f"  {k} = {{{v}}}" for k, v in fields.items()) + "\n}\n"


def _work(i: int, words: Words, draw: random.Random) -> Work:
    year, month = 2016 + i % 9, 1 + i % 12
    if i % 4 == 0 or not _TEAM:  # four papers a team, of three or four of its people
        _TEAM[:] = [f"{words.name()} {words.name()}" for _ in range(5)]
    people = tuple(draw.sample(_TEAM, 3 + i % 2))
    key = f"{people[0].split()[1].lower()}{year}n{i}"
    return Work(key, words.text(5 + i % 6), people, f"{year}-{month:02}", f"{year % 100}{month:02}.{i:05}")


_TEAM: list[str] = []
_READ = ("full-text", "part", "abstract", "abstract")
"""How works are read, in turn: what is decided at full text was read in more than its abstract."""


def _works(data: Path, works: list[Work], chapter_of: list[str], findings: int, words: Words) -> None:
    with (data / "references.bib").open("a", encoding="utf-8") as out:
        out.write("\n" + "\n".join(work.entry for work in works))
    by_chapter: dict[str, list[object]] = {}
    for i, work in enumerate(works):
        how = _READ[i % len(_READ)]
        share = number("share").model_copy(update={"locator": "abstract"} if how == "abstract" else {})
        made = study(work.key, KINDS[i % len(KINDS)], how, numbers=[share])
        changes = {
            "published": work.published,
            "summary": words.text(12),
            "finding": f"finding-{i}" if i < findings else None,
        }
        by_chapter.setdefault(chapter_of[i], []).append(_plain(made.model_copy(update=changes)))
    for chapter, items in by_chapter.items():
        _append(data / "studies" / f"{chapter}.yml", items)


def _finding(folder: Path, i: int, count: int, work: Work, words: Words) -> None:
    measured = [
        {"id": f"m{j}", "metric": words.text(2), "condition": words.text(3), "value": float(i % 50 + j), "unit": "metres", "locator": f"p. {j}", "verified": "primary"}
        for j in (1, 2)
    ]  # fmt: skip
    plain = _plain(make(f"finding-{i}", shapes=[("spring", "member")], published=work.published)) | {
        "title": work.title, "authors": list(work.authors), "source": {"arxiv": work.arxiv}, "cite": work.key,
        "shapes": [{"id": "spring", "part": "all", "standing": "member", "proposed_by": "later-reading"}],
        "role": "spring-tide", "criteria": {"in_harbour": {"verdict": "met"}, "repeated": {"verdict": "not-reported", "because": words.text(4)}},
        "measurements": measured, "summary": words.text(15),
        "links": [{"to": f"finding-{(i + 1) % count}", "relation": "complements"}],
    }  # fmt: skip
    _write(folder / f"finding-{i}.yml", plain)


def _statements(
    folder: Path, works: list[Work], size: Size, chapter_of: list[str], words: Words, draw: random.Random
) -> None:
    own: dict[str, list[str]] = {}
    for work, chapter in zip(works, chapter_of, strict=False):
        own.setdefault(chapter, []).append(work.key)
    by_chapter: dict[str, list[object]] = {chapter: [] for chapter in CHAPTERS}
    for i in range(size.statements):
        chapter = chapter_of[i]
        keys = draw.sample(own[chapter], min(3, len(own[chapter])))
        if len(works) > 3 * len(CHAPTERS):  # one in four studies of another chapter
            keys = list(dict.fromkeys([*keys, draw.choice(works).key]))
        pieces = [
            evidence(key, draw.choice(("for", "for", "for", "against")), found=words.text(8), numbers=["share"])
            for key in keys[1:]
        ]
        pieces.insert(0, evidence(keys[0], found=words.text(8), numbers=["share"]))  # whose number the statement says
        if i % 10 == 0:
            pieces.append(evidence(f"{chapter_of[i % size.analyses]}/made_{i % size.analyses}", found=words.text(6)))
        made = said(
            *pieces, id=f"s-{i}", statement=f"{words.text(6)} {{{keys[0]}/share}} {words.text(3).lower()}.",
            headline=len(by_chapter[chapter]) < 8, section="what-was-measured", would_change=words.text(7),
        )  # fmt: skip
        by_chapter[chapter].append(_plain(made) | {"objection": {"text": words.text(9)}})
    for chapter, items in by_chapter.items():
        _append(folder / f"{chapter}.yml", items)


def _chapters(folder: Path, pages: list[str], words: Words) -> None:
    chapters, contents = folder / "chapters", []
    tides = (chapters / "tides.md").read_text(encoding="utf-8")
    for name in CHAPTERS:
        if name != "tides":
            behind = tides[tides.index("## Behind") :].replace("tides", name)
            text = f"# {name.title()}\n\n## In one minute\n\n```{{headlines}} {name}\n```\n\n## What was measured\n\n{behind}"
            (folder / "data" / "claims" / f"{name}.yml").write_text("[]\n", encoding="utf-8")
        else:
            text = tides
        listed = yaml.load(
            (folder / "data" / "statements" / f"{name}.yml").read_text(encoding="utf-8"), yaml.CSafeLoader
        )
        quoted = [item["id"] for item in listed if item["id"].startswith("s-")][:QUOTED]
        prose = "\n\n".join(f"{words.text(40)} {{statement}}`{one}` {words.text(40)}." for one in quoted)
        before, mark, after = text.partition("## Behind")
        (chapters / f"{name}.md").write_text(f"{before}{prose}\n\n{mark}{after}", encoding="utf-8")
        own = [page for page in pages if page.startswith(f"{name}/")]
        sections = [f"statements/{name}", *(["analyses/tides/heights", "analyses/tides/model"] if name == "tides" else []), *(f"analyses/{page}" for page in own)]  # fmt: skip
        contents.append({"file": f"chapters/{name}", "sections": [{"file": page} for page in sections]})
    contents += [
        {"file": "register", "sections": [{"glob": "findings/*"}]}, {"file": "methods"}, {"file": "references"}
    ]  # fmt: skip
    _write(folder / "_toc.yml", {"format": "jb-book", "root": "index", "chapters": contents})
    about = folder / "data" / "review.yml"
    text = about.read_text(encoding="utf-8").replace("chapters: [tides]", f"chapters: [{', '.join(CHAPTERS)}]")
    about.write_text(text, encoding="utf-8")


def _decisions(folder: Path, works: list[Work], count: int, words: Words) -> None:
    runs = [
        {"id": f"run-{i}", "date": "2026-01-01", "source": "shelf", "query": words.text(3), "returned": 10, "chapters": [CHAPTERS[i % len(CHAPTERS)]]}
        for i in range(20)
    ]  # fmt: skip
    _append(folder / "runs.yml", runs)
    protocol = folder / "protocol.yml"
    more = ", ".join(f"{name}: [how high]" for name in CHAPTERS[1:])
    text = protocol.read_text(encoding="utf-8").replace("tides: [how high]", f"tides: [how high], {more}")
    protocol.write_text(text, encoding="utf-8")
    with (folder / "decisions.csv").open("a", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        for i in range(count):
            chapter = CHAPTERS[i % len(CHAPTERS)]
            if i < len(works):
                work = works[i]
                stage = "title-abstract" if _READ[i % len(_READ)] == "abstract" else "full-text"
                rows.writerow([f"arXiv:{work.arxiv}", work.title, work.published[:4], f"run-{i % 20}", stage, "include", "in-scope", "2026-01-01", chapter])  # fmt: skip
            else:
                rows.writerow([f"arXiv:15{1 + i % 12:02}.{i:05}", words.text(5 + i % 6), "2015", f"run-{i % 20}", "title-abstract", "exclude", "out-topic", "2026-01-01", chapter])  # fmt: skip


def _plain(record: Any) -> dict[str, object]:
    return record.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)


def _write(path: Path, content: object) -> None:
    text = yaml.dump(content, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=1000)
    path.write_text(text, encoding="utf-8")


def _append(path: Path, items: list[Any]) -> None:
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    text = yaml.dump(items, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=1000)
    path.write_text(before + text, encoding="utf-8")
