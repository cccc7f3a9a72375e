"""Parts of long pages: a page is bounded, nothing is lost, every address still leads to its place."""

from __future__ import annotations

import random
import re

import pytest

from review_book.site import apart

SHELL = (
    "<html><head><title>Long</title></head><body>"
    '<div id="pst-secondary-sidebar"><div><nav id="pst-page-toc-nav"><a href="#behind-the-chapter">x</a></nav></div></div>'
    '<article class="bd-article">{}</article></body></html>'
)


def _words(n, seed=1):
    rng = random.Random(seed)
    return " ".join("".join(rng.choices("abcdefghijklmnop", k=7)) for _ in range(n))


def _table(rows, prefix="r"):
    body = " ".join(f'<tr id="{prefix}-{i}"><th scope="row">{i}</th><td>{_words(30, i)}</td></tr>' for i in range(rows))
    return (
        '<div class="review-table" tabindex="0"><table><caption><span>Many &amp; long</span></caption>'
        f"<thead><tr><th>n</th><th>words</th></tr></thead><tbody>{body}</tbody></table></div>"
    )


@pytest.fixture
def site(tmp_path):
    """A place for pages, with a font."""
    fonts = tmp_path / "_static" / "review" / "fonts"
    fonts.mkdir(parents=True)
    (fonts / "one.woff2").write_bytes(b"x" * 20_000)
    (fonts / "one-more.woff2").write_bytes(b"x" * 90_000)

    def write(name, article):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SHELL.format(article), encoding="utf-8")
        return path

    return tmp_path, write


def test_a_short_page_stays_as_it_is(site):
    """A page below its bound is not touched, however long its table is."""
    root, write = site
    page = write("short.html", f"<h1>Short</h1>{_table(40)}")
    before = page.read_text(encoding="utf-8")
    apart.set_apart(root)

    assert page.read_text(encoding="utf-8") == before
    assert len(list(root.glob("*.html"))) == 1


def test_rows_are_set_apart_and_none_is_lost(site):
    """Of a heavy table the first rows stay; the others stand on pages below the bound, each once; a linked row keeps its place."""
    root, write = site
    page = write("long.html", f"<h1>Long</h1>{_table(900)}")
    write("other.html", '<h1>Other</h1><a href="long.html#r-700">there</a>')
    apart.set_apart(root)
    text = page.read_text(encoding="utf-8")
    parts = {path.name: path.read_text(encoding="utf-8") for path in root.glob("long-part-*.html")}

    assert text.count("<tr id=") == apart.STAY
    assert 'data-rest="' in text
    assert '<span id="r-700"></span>' in text
    assert text.count("<span id=") == 1
    rows = re.findall(
        r'<tr id="r-(\d+)"', text + "".join(parts[name] for name in sorted(parts, key=lambda n: int(n[10:-5])))
    )
    assert rows == [str(i) for i in range(900)]
    assert all(apart.weight(part) < apart.PART + 5000 for part in parts.values())
    assert all(name in text for name in parts)
    assert all('href="long.html"' in part and "Many &amp; long" in part for part in parts.values())
    assert all('<a href="#' not in part for part in parts.values())
    assert all('name="robots"' not in part for part in parts.values())  # what stands there is found by a search


def test_references_are_followed_to_their_page(site):
    """A list of references is cut, and every link to an entry leads to the page that holds it."""
    root, write = site
    entries = "".join(f'<div class="citation" id="ref-{i}" role="listitem"><p>{_words(60, i)}</p>\n</div>\n' for i in range(600))  # fmt: skip
    write("references.html", f'<h1>References</h1><div role="list" class="citation-list">\n{entries}</div>')
    write("chapters/one.html", "".join(f'<a href="../references.html#ref-{i}">{i}</a>' for i in (0, 599)))
    apart.set_apart(root)
    links = re.findall(r'href="\.\./([^"#]+)#(ref-\d+)"', (root / "chapters/one.html").read_text(encoding="utf-8"))

    assert links[0] == ("references.html", "ref-0")
    assert links[1][0].startswith("references-part-")
    assert all(f'id="{ref}"' in (root / name).read_text(encoding="utf-8") for name, ref in links)


def test_what_stands_behind_a_chapter_goes_first_and_cards_last(site):
    """The section behind a chapter goes before rows; cards of numbers, statements and terms go when nothing else is left, and links stay."""
    root, write = site
    nums = "".join(
        f'<p>{_words(20, i)} <span class="num"><a class="num__value" href="s.html#n-{i}" aria-describedby="num-{i}">{i}</a>'
        f'<span class="num__card" id="num-{i}"><span><b>Source</b> {_words(12, i + 5000)}</span></span></span></p>'
        for i in range(400)
    )
    nums += (
        '<p><span class="num review-quoted"><span>A sentence.</span> <a class="num__value" href="t.html#s-a" aria-describedby="said-1">'
        '<span class="grade">Open</span></a><span class="num__card" id="said-1"><span>Why</span></span></span></p>'
        '<p><span class="num term"><a class="num__value" href="g.html#term-b" aria-describedby="term-card-1">b</a>'
        '<span class="num__card" id="term-card-1"><span>What b is</span></span></span></p>'
    )
    behind = f'<section id="behind-the-chapter">\n<h2>Behind</h2>\n<p>First.</p><section id="deep">{_table(100)}</section></section>'
    page = write("chapters/c.html", f"<h1>C</h1>{nums}{behind}")
    apart.set_apart(root)
    text = page.read_text(encoding="utf-8")
    part = (root / "chapters/c-part-1.html").read_text(encoding="utf-8")
    cards = (root / "chapters/c-cards.js").read_text(encoding="utf-8")

    assert "<p>First.</p>" in text
    assert "<table" not in text
    assert '<section id="deep">' in part
    assert "num__card" not in text
    assert text.count('href="s.html#n-') == 400
    assert cards.count('"num-') == 400
    assert '"said-1"' in cards
    assert '"term-card-1"' in cards
    assert 'data-cards="c-cards.js"' in text


def test_a_page_with_a_script_of_its_own_keeps_its_rows(site):
    """A table that a script of the page filters is whole."""
    root, write = site
    page = write("register.html", f'<h1>R</h1><div class="review-explorer"></div>{_table(900)}')
    apart.set_apart(root)

    assert page.read_text(encoding="utf-8").count("<tr id=") == 900
