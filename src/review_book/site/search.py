"""The index of the search: what stands on every page, cut by the first letters of words, so that a search is light.

Words are folded (lower case, no accents, no plural, one spelling) and never stemmed, by the same rules here and in
``search.js``; a test compares the two. A word that nothing has is taken for its nearest neighbours. Numbers and the
identifiers of arXiv are words. A search loads the list of places once, and for
each word the part of the index that begins as the word does.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STOP = frozenset(["a", "al", "an", "and", "are", "as", "at", "be", "by", "can", "did", "do", "does", "et", "for", "from", "has", "have", "how", "i", "if", "in", "is", "it", "its", "me", "my", "need", "no", "not", "of", "on", "or", "our", "so", "than", "that", "the", "their", "there", "they", "this", "to", "was", "we", "what", "when", "where", "which", "who", "why", "will", "with", "you", "your"])  # fmt: skip
"""Words too frequent to find anything by."""

GROUPS = {
    "Pages": 1.8,
    "Statements": 1.15,
    "Findings": 1.3,
    "Terms": 1.4,
    "Studies": 1.0,
    "Laws": 1.0,
    "Figures": 0.8,
    "Sections": 0.9,
    "Measurements": 0.7,
    "Lists": 0.4,
}
"""What a place can be, and how much it weighs beside the others."""

LISTS = ("references", "search_log", "changes", "studies", "handbook", "status", "errata")
"""Pages that hold a little of everything, so that they have all words of most questions and answer few."""

TITLE, ADDRESS, HEAD, TEXT, LONG_TEXT = 16, 12, 8, 2, 1
"""Weight of a word in a title, in the name of a page's file, in the head of a page, in its text, and in a long text."""

LONG = 2500
"""Words from which a text is long: a list of everything is seldom what is asked for."""

_DROP = re.compile(
    r"<(script|style|svg|noscript|form|template)\b.*?</\1>|<a class=\"headerlink\".*?</a>|<figcaption class=\"review-chart__foot\">.*?</figcaption>"
    r"|<span class=\"num__card\".*?</span></span>(?=</span>)",
    re.DOTALL,
)
_ARTICLE = re.compile(r'<article class="bd-article">(.*?)</article>', re.DOTALL)
_HEAD = re.compile(r"<h([1-3])[^>]*>(.*?)</h\1>", re.DOTALL)
_PART = re.compile(r'(?=<section(?: class="[^"]*")? id="[^"]+")')
SHORES = (
    (r"(?<=[a-z]{3})is(?=ations?$|es?$|ed$|ing$|ers?$)", "iz"),
    (r"(?<=[a-z]{3})our(?=$|s$|al|ed$|ing$|able)", "or"),
    (r"(?<=[a-z][^aeiou][aeiou])ll(?=(?:ed|ing|ers?)$)", "l"),
    (r"(?<=[a-z]{2}[tb])re(?=s?$)", "er"),
    (r"(?<=[aeiou]lo)gue(?=s?$)", "g"),
    (r"(?<=^program)me(?=s?$)", ""),
    (r"^skeptic", "sceptic"),
    (r"^artefact", "artifact"),
    (r"(?<=udg)e(?=ment)", ""),
    (r"(?<=fen)ce(?=s?$)|(?<=licen)ce(?=s?$)", "se"),
    (r"^grey", "gray"),
)
"""What words are written otherwise on the two shores, and the one way in which they are indexed; the script of the search has the same."""
_POWER = re.compile(r"(?:(\d+(?:\.\d+)?)\s*×\s*)?\b10\^?(?<=[0^])([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|(?<=\^)-?\d+)")
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_WORD = re.compile(r"\d+(?:\.\d+)+|[^\W_]+")


@dataclass(frozen=True)
class Place:
    """Something that a search can lead to."""

    group: str
    title: str
    url: str
    text: str
    of: str = ""


def fold(text: str) -> str:
    r"""Return text in lower case, without accents, thousands without commas, powers of ten as they are typed.

    Examples
    --------
    >>> fold("Lörch, 8,192"), fold("6.8 \u00d7 10²⁵ FLOP"), fold("10^25")
    ('lorch, 8192', '6.8e25 flop', '1e25')
    """
    text = _POWER.sub(lambda match: f"{match[1] or 1}e{match[2].translate(_RAISED)}", text)
    plain = re.sub(r"[^\x00-\x7f]+", _without_accents, text).lower()
    for letter, by in (("ø", "o"), ("ł", "l"), ("ß", "ss"), ("\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}")):
        plain = plain.replace(letter, by)
    return re.sub(r"(\d),(?=\d{3})", r"\1", plain)


def _without_accents(match: re.Match[str]) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", match[0]) if not unicodedata.combining(c))


@cache
def stem(word: str) -> str:
    """Return a word in the singular and in one spelling of the two shores: no other ending is cut, on either side.

    Examples
    --------
    >>> stem("exponents"), stem("loss"), stem("grokking"), stem("basis"), stem("abilities")
    ('exponent', 'loss', 'grokking', 'basis', 'ability')
    >>> stem("behavioural"), stem("quantisation"), stem("memorised"), stem("four")
    ('behavioral', 'quantization', 'memorized', 'four')
    >>> stem("labelled"), stem("centres"), stem("skeptical"), stem("called"), stem("more")
    ('labeled', 'center', 'sceptical', 'called', 'more')
    """
    if any(c.isdigit() for c in word):
        return word
    for pattern, by in SHORES:
        word = re.sub(pattern, by, word)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "sui" else word


def words(text: str) -> list[str]:
    """Return the words of a text as they are indexed and asked for.

    Examples
    --------
    >>> words("GPT-3's loss, arXiv 2502.17424")
    ['gpt', '3', 's', 'loss', 'arxiv', '2502.17424']
    """
    return [stem(word) for word in _WORD.findall(fold(text))]


def shard(word: str) -> str:
    """Return the name of the part of the index that holds a word: its first two letters."""
    return "".join(c if re.match("[a-z0-9]", c) else "_" for c in word[:2])


def plain(page: str) -> str:
    """Return the text of HTML, a space for every tag."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", _DROP.sub(" ", page))).split())


def _inline(page: str) -> str:
    """Return the text of a heading: its tags stand within words, and its sign for a link is none of them."""
    text = html.unescape(re.sub(r"<[^>]+>", "", _DROP.sub("", page)))
    return " ".join(text.replace("¶", " ").rstrip("# ").split())


def places_of(name: str, page: str) -> Iterator[Place]:
    """Return what a page offers to the search: itself, and its sections; each statement and term by itself.

    Parameters
    ----------
    name : str
        The page's address without suffix.
    page : str
        Its HTML.
    """
    found = _ARTICLE.search(page)
    if not found or name in ("404", "search", "genindex"):
        return
    article, url = found[1], f"{name}.html"
    heads = _HEAD.findall(_DROP.sub("", article))
    title = _inline(heads[0][1]) if heads else name
    if title == "This page has moved":
        return
    folder = name.partition("/")[0]
    if folder != name and folder in ("findings", "studies", "laws"):
        yield Place(folder.title(), title, url, plain(article))
        return
    parts = _PART.split(article)
    whole = plain(parts[0]) if len(parts) > 1 else plain(article)
    first = plain(parts[1]) if len(parts) > 1 else ""
    heads_only = " ".join(_inline(head) for _, head in heads)
    yield Place("Lists" if name in LISTS else "Pages", title, url, f"{whole} {first} {heads_only}")
    for part in parts[2:]:
        anchor = re.match(r'<section(?: class="[^"]*")? id="([^"]+)"', part)
        head = _HEAD.search(_DROP.sub("", part))
        if anchor and head:
            statement = anchor[1].startswith("s-") and name.startswith("statements/")
            group = "Statements" if statement else "Sections"
            yield Place(group, _inline(head[2]), f"{url}#{anchor[1]}", plain(part), title)
    for anchor_id, row in re.findall(r'<tr id="(claim-[^"]+)">(.*?)</tr>', article, re.DOTALL):
        said = re.search(r'data-label="Number">(.*?)</td>', row, re.DOTALL)
        yield Place(
            "Measurements", (plain(said[1]) if said else plain(row))[:160], f"{url}#{anchor_id}", plain(row), title
        )
    for anchor_id, term, meaning in re.findall(r'<dt id="(term-[^"]+)"[^>]*>(.*?)</dt>\s*<dd>(.*?)</dd>', article, re.DOTALL):  # fmt: skip
        yield Place("Terms", _inline(term), f"{url}#{anchor_id}", plain(meaning), title)


def _fields(place: Place) -> Iterator[tuple[list[str], int, bool]]:
    """Yield the words of a place with their weight, and whether frequent ones count: a title may have no others."""
    text = words(place.text)
    yield text, LONG_TEXT if len(text) > LONG else TEXT, False
    if place.group in ("Studies", "Findings"):
        yield words(place.text[:400]), HEAD, False
    name = re.sub(r"^.*[/#](?:(?:s|claim|term)-)?|\.html$", "", f"/{place.url}")  # the file, or the id of a record
    yield words(re.sub(r"[_-]", " ", name)), ADDRESS, place.group in ("Pages", "Lists")
    yield words(place.title), TITLE, True


def index(places: Sequence[Place]) -> tuple[dict[str, object], dict[str, dict[str, list[int]]]]:
    """Return the list of places, and the parts of the index.

    A part names for each word its places, each as the distance from the last one, and the weight of the word there.
    """
    groups, pages = list(GROUPS), sorted({place.of for place in places})
    listed: list[list[object]] = []
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for at, place in enumerate(places):
        row: list[object] = [groups.index(place.group), place.title, place.url]
        listed.append([*row, pages.index(place.of)] if place.of else row)
        for text, weight, all_words in _fields(place):
            for word in text:
                if all_words or word not in STOP:
                    found[word][at] = max(found[word].get(at, 0), weight)
    parts: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for word in sorted(found):
        flat, last = [], 0
        for at, weight in sorted(found[word].items()):
            flat += [at - last, weight]
            last = at
        parts[shard(word)][word] = flat
    entries = {
        "groups": groups,
        "weights": list(GROUPS.values()),
        "of": pages,
        "list": listed,
        "stop": sorted(STOP),
        "parts": sorted(parts),
    }
    return entries, dict(parts)


def write_search(site: Path, pages: Mapping[str, str], charts: Mapping[str, str]) -> None:
    """Write the index of a site under ``search``.

    Parameters
    ----------
    site : path
    pages : mapping
        Name of each page, without its suffix, to its HTML, in the order in which places are numbered.
    charts : mapping
        Address of each chart's page to its title and what it shows.
    """
    places = [place for name, page in pages.items() for place in places_of(name, page)]
    places += [Place("Figures", text.partition("\n")[0], url, text) for url, text in sorted(charts.items())]
    entries, parts = index(places)
    folder = site / "search"
    folder.mkdir(exist_ok=True)
    for name, content in {"entries": entries, **parts}.items():
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        (folder / f"{name}.js").write_text(f"reviewSearch.take({json.dumps(name)},{text});\n", encoding="utf-8")
