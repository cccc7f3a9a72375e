"""What holds of every page, whoever writes it: seen in the HTML of all of them, and in one pass of a browser."""

from __future__ import annotations

import html
import re
from collections import Counter
from functools import partial

import pytest

from review_book.sphinx.typesetting import set_type

pytestmark = pytest.mark.browser

VOID = frozenset(["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"])
WIDTHS = (360, 768, 1440)


BLOCKS = frozenset(["p", "div", "ul", "table"])
TOKEN = re.compile(
    r"""<!--.*?-->|<(?P<raw>script|style)\b(?P<said>[^>]*)>.*?</(?P=raw)>|"""
    r"""<(?P<end>/?)(?P<tag>[a-z][\w:-]*+)(?P<attributes>(?:[^"'>]++|"[^"]*+"|'[^']*+')*+)>|(?P<text>[^<]++)""",
    re.IGNORECASE | re.DOTALL,
)
ID = re.compile(r'\sid="([^"]*)"')


class Reader:
    """Notes what a page has, and what stands in what."""

    def __init__(self, text):
        self.stack, self.ids, self.found = [], Counter(), Counter()
        self.title = ""
        for token in TOKEN.finditer(text):
            if tag := token["tag"]:
                self.end(tag.lower()) if token["end"] else self.start(tag.lower(), token["attributes"])
            elif token["raw"]:
                self.ids.update(ID.findall(token["said"]))
            elif self.stack and self.stack[-1] == "title" and token["text"] and "svg" not in self.stack:
                self.title += html.unescape(token["text"])

    def start(self, tag, attributes):
        self.ids.update(ID.findall(attributes))
        if tag == "meta":
            self.found["viewport"] += 'name="viewport"' in attributes
        elif tag == "h1":
            self.found["h1"] += "main" in self.stack
        elif tag == "details":
            self.found["details in a head"] += "th" in self.stack
        elif tag in BLOCKS:
            self.found["blocks in a summary"] += "summary" in self.stack
        if tag not in VOID and not attributes.endswith("/"):
            self.stack.append(tag)

    def end(self, tag):
        while self.stack and tag in self.stack and self.stack.pop() != tag:
            pass


def faults(text):
    """Return what is wrong with the HTML of a page."""
    page = Reader(text)
    wrong = [f"id {name} twice" for name, n in page.ids.items() if name and n > 1]
    wrong += [f"{page.found[name]} {name}" for name in ("viewport", "h1") if page.found[name] != 1]
    wrong += [name for name in ("details in a head", "blocks in a summary") if page.found[name]]
    parts = page.title.split(" — ")
    if len(set(parts)) < len(parts) or not page.title.strip():
        wrong.append(f"titled {page.title}")
    return wrong


PLANTED = {
    "id a twice": '<p id="a"></p><p id="a"></p>',
    "details in a head": "<table><tr><th><details></details></th></tr></table>",
    "blocks in a summary": "<details><summary><p>Show</p></summary></details>",
    "2 h1": "<h1>Another</h1>",
    "2 viewport": '<meta name="viewport" content="">',
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_fault_of_a_page_is_seen(what):
    """Each kind of fault is named where it is put into a good page."""
    good = '<html><head><title>One — Two</title><meta name="viewport" content="width=device-width"></head><body><main><h1>One</h1>{}</main></body></html>'

    assert faults(good.format("")) == []
    assert faults(good.format(PLANTED[what])) == [what]


def test_every_page_is_well_made(site):
    """One viewport, one first heading, each id once, no block in a summary, nothing that opens in a head, no title twice."""
    wrong = {
        path.relative_to(site).as_posix(): found
        for path in site.rglob("*.html")
        if not path.relative_to(site).as_posix().startswith("charts/")
        and (found := faults(path.read_text(encoding="utf-8")))
    }

    assert wrong == {}


def bodies(site):
    """Yield the articles of all pages that Sphinx wrote, by their names."""
    for path in sorted(site.rglob("*.html")):
        name, text = path.relative_to(site).as_posix(), path.read_text(encoding="utf-8")
        if not name.startswith("charts/") and (found := re.search(r"<article.*</article>", text, re.DOTALL)):
            yield name, found[0]


def test_every_page_is_set_as_print_has_it(site):
    """No sign, power of ten, day, name or formula of any page is left as it was typed, or can be broken."""
    formula = r"<math\b(?![^>]*display)[^>]*>(?:(?!</math>).)*</math>"
    held = re.compile(rf'<span class="whole">[(\[“‘]?{formula}[^<]*</span>', re.DOTALL)
    loose = re.compile(rf"{formula}[,.;:]", re.DOTALL)

    assert [name for name, body in bodies(site) if loose.search(held.sub("", body))] == []
    assert [name for name, body in bodies(site) if re.sub("<[^>]*>", "", set_type(body)) != re.sub("<[^>]*>", "", body)] == []  # fmt: skip


TYPED = re.compile(r"`[^`]{1,200}`|\*\*\w[^*\n]*\*\*")
CODE = re.compile(r"<(code|pre|script|style|textarea|math|svg)\b.*?</\1>", re.DOTALL)


def left_as_typed(text):
    """Return the first marks of what a page was written in that stand in it outside code."""
    return TYPED.findall(re.sub("<[^>]*>", "", CODE.sub("", text)))[:3]


def test_no_page_shows_what_it_was_written_in(site):
    """No role, backquote or star of the source stands on a page outside code: a paragraph after a comment, a docstring."""
    assert left_as_typed("<p>so {num}`a:b/c` of, <b>with</b> **stars** and ``x``</p>") == [
        "`a:b/c`",
        "**stars**",
        "`x`",
    ]
    assert not left_as_typed("<p>write <code>{num}`a:b/c`</code></p>")
    assert {name: found for name, body in bodies(site) if (found := left_as_typed(body))} == {}


def test_a_citation_is_of_one_work(site):
    """What a citation says in any page leads to one work alone."""
    works = {}
    for _, body in bodies(site):
        for key, said in re.findall(
            r'<a class="reference internal" href="[^"]*#ref-([\w-]+)"[^>]*>(.*?)</a>', body, re.DOTALL
        ):
            works.setdefault(re.sub("<[^>]*>", "", said), set()).add(key)

    assert {
        said: keys for said, keys in works.items() if len(keys) > 1 and not re.fullmatch(r"\d{4}[a-z]?", said)
    } == {}
    assert len(works) > 100


def test_a_page_says_where_it_stands_or_nothing(site):
    """The line above a title leads to the page above; where there is none, no line stands there."""
    lines = {
        path.relative_to(site).as_posix(): found[0]
        for path in site.rglob("*.html")
        if (found := re.search(r'<nav class="review-crumbs.*?</nav>', path.read_text(encoding="utf-8"), re.DOTALL))
    }

    assert [name for name, line in lines.items() if "<a " not in line] == []
    assert {name.partition("/")[0] for name in lines} == {"analyses", "findings", "statements", "studies"}


def test_a_page_says_once_who_wrote_it(site):
    """The by-line stands once, above the foot."""
    by = [path.read_text(encoding="utf-8").partition("</article>")[2].count("By The ") for path in site.glob("*.html")]

    assert max(by) == 1


def chosen(site, each=3):
    """Return all pages that are written, and of those made from records the ones whose words are longest."""
    found, long = [], {}
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site).with_suffix("").as_posix()
        folder, page = name.rpartition("/")[0].partition("/")[0], path.read_text(encoding="utf-8")
        if 'http-equiv="refresh"' in page:
            continue  # leads on at once
        if folder not in ("findings", "studies", "laws", "charts"):
            found.append(name)
            continue
        text = re.sub(r"<[^>]*>", " ", page.partition("<main")[2])
        long.setdefault(folder, []).append((max(map(len, text.split())), name))
    return found + [name for names in long.values() for _, name in sorted(names)[-each:]]


FACTS = """() => {
    const wide = document.documentElement.scrollWidth - innerWidth;
    const by = [];
    if (wide > 0)
        for (const e of document.querySelectorAll("main *"))
            if (by.length < 3 && e.getBoundingClientRect().right > innerWidth + 1 && e.checkVisibility()) by.push(`${e.tagName}.${e.className}`);
    const h1 = document.querySelector("main h1");
    const larger = [...document.querySelectorAll("main :is(h2, h3)")].filter((h) => parseFloat(getComputedStyle(h).fontSize) >= parseFloat(getComputedStyle(h1).fontSize));
    const tables = [...document.querySelectorAll(".review-table")].filter((t) => t.checkVisibility()), called = (t) => t.getAttribute("aria-label").slice(0, 60);
    const cut = tables.filter((t) => t.scrollWidth > t.clientWidth + 1).map(called);
    const cards = tables.filter((t) => t.matches(".review-table--cards") && t.scrollWidth > t.clientWidth + 1).map(called);
    const captions = tables.filter((t) => t.querySelector("caption")?.firstElementChild?.getBoundingClientRect().right > innerWidth).map(called);
    const seen = (e) => e.checkVisibility(), top = (e) => e.getBoundingClientRect().top;
    const pen = document.createElement("canvas").getContext("2d");
    const clipped = [...document.querySelectorAll("main select")].filter(seen).filter((s) => {
        const css = getComputedStyle(s);
        pen.font = css.font;
        return pen.measureText(s.selectedOptions[0]?.text ?? "").width > s.clientWidth - parseFloat(css.paddingLeft) - parseFloat(css.paddingRight) - 16;
    }).map((s) => s.name);
    const holes = [...document.querySelectorAll("div.cell > details.hide:not([open])")].filter(seen).filter((d) => {
        const first = d.parentElement.querySelector(":scope > .cell_output > .output > *");
        return first && top(first) - d.getBoundingClientRect().bottom > 20;
    }).length;
    const parted = [...document.querySelectorAll("main .whole")].filter(seen).filter((e) => e.tagName === "SPAN" && new Set([...e.getClientRects()].map((r) => Math.round(r.bottom))).size > 1).map((e) => e.textContent).slice(0, 3);
    const box = (e) => e.getBoundingClientRect(), links = [...document.querySelectorAll("main article a")].filter(seen).map((a) => [a, box(a)]);
    const meets = (l, r) => l.left < r.right - 2 && l.right > r.left + 2 && l.top < r.bottom - 2 && l.bottom > r.top + 2;
    const cutOff = (e, r) => e && (getComputedStyle(e).overflowY !== "visible" && !meets(box(e), r) || cutOff(e.parentElement, r));
    const covered = [...document.querySelectorAll(".review-table__tools button, .review-chart__foot button")].filter(seen).filter((b) => {
        const r = box(b);
        return links.some(([a, l]) => !a.contains(b) && !b.closest("dialog, [popover]") && meets(l, r) && !cutOff(a.parentElement, r));
    }).map((b) => b.textContent.slice(0, 20)).slice(0, 3);
    const hides = (e, way) => ["hidden", "clip"].includes(getComputedStyle(e)[`overflow${way}`]);
    const lost = [...document.querySelectorAll("main *")].filter((e) => e.clientWidth > 4 && ((e.scrollWidth > e.clientWidth + 6 && hides(e, "X")) || (e.scrollHeight > e.clientHeight + 6 && hides(e, "Y"))) && seen(e)).map((e) => e.textContent.trim().slice(0, 40));
    const scrolls = (e) => e && (e.scrollWidth > e.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
    const beyond = [...document.querySelectorAll("main :is(a, button, summary, i)")].filter((e) => (box(e).right > innerWidth + 1 || box(e).left < -1) && e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !scrolls(e)).map((e) => `${e.tagName} ${e.className || e.textContent.slice(0, 30)}`);
    const words = (node) => { const range = document.createRange(); range.selectNodeContents(node); return range; };
    const touching = tables.filter((t) => [...t.querySelectorAll("tr")].slice(0, 30).some((row) => getComputedStyle(row).display === "table-row" && [...row.cells].slice(1).some((c, i) => c.textContent.trim() && row.cells[i].textContent.trim() && box(words(c)).left - box(words(row.cells[i])).right < (!row.cells[i].matches(".number:has(+ :not(.number))") ? 6 : innerWidth < 1000 || t.matches(".review-table--many") ? 12 : 24)))).map(called);
    const arrows = [...document.querySelectorAll(".review-sort")].filter((b) => seen(b) && b.closest("thead").clientWidth > 4).filter((b) => { const way = b.querySelector(".review-sort__way"), lines = way ? words(way.previousSibling).getClientRects() : []; return !lines.length || box(way).top > lines[lines.length - 1].bottom - 2; }).map((b) => b.textContent.slice(0, 30));
    return { wide, by, cut, cards, captions, clipped, holes, parted, covered, lost, beyond, touching, arrows, h1: h1.checkVisibility(), larger: larger.length, menu: [...document.querySelectorAll(".primary-toggle, #pst-primary-sidebar a")].some((e) => e.checkVisibility()) };
}"""
SETTLED = """() => { for (const moving of document.getAnimations()) if (moving.effect.getComputedTiming().endTime !== Infinity) moving.finish(); return document.fonts.ready; }"""
"""A bar at the side that glides in leaves more room until it is there: what moves is where it will be."""
PRINTED = """() => [...document.querySelectorAll(".review-table")].filter((t) => t.checkVisibility() && t.firstElementChild.getBoundingClientRect().right > innerWidth + 1).map((t) => t.getAttribute("aria-label").slice(0, 60))"""


@pytest.fixture(scope="module")
def facts(browser, address, site):
    """Open every chosen page once and measure it at each width, and as it is printed on A4."""
    context = browser.new_context()
    page = context.new_page()
    errors, found = [], {}
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    for name in chosen(site):
        page.goto("about:blank")  # so that no page is laid out for a width at which it is not measured
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        errors.clear()
        page.goto(f"{address}/{name}.html")
        seen = {}
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(SETTLED)
            seen[width] = page.evaluate(FACTS)
        page.set_viewport_size({"width": 673, "height": 950})  # A4 between its margins
        page.emulate_media(media="print")
        seen["print"] = page.evaluate(FACTS) | {"cut": page.evaluate(PRINTED)}
        found[name] = seen | {"errors": list(errors)}
    context.close()
    return found


def test_no_page_is_wider_than_its_screen(facts):
    """At 360, 768 and 1440 pixels no page scrolls sideways; what is wide scrolls within itself."""
    wide = [(name, width, seen[width]["by"]) for name, seen in facts.items() for width in WIDTHS if seen[width]["wide"] > 0]  # fmt: skip

    assert wide == []
    assert len(facts) > 60


def test_no_table_is_cut_where_there_is_room(facts):
    """At 1440 pixels, and on a phone, where a wide one is cards, no table of any page scrolls within its box."""
    assert [(name, w, seen[w]["cut"]) for name, seen in facts.items() for w in (360, 1440) if seen[w]["cut"]] == []


def test_no_table_is_clipped(facts):
    """Where pages have the widest tables, none of many columns is cut at 768 pixels either, and no caption is wider than the screen."""
    names = ["chapters/scaling_laws", "register", "analyses/scaling_laws/compendium", "status", "downloads", "studies"]
    assert [(n, w, facts[n][w][what]) for n in names for w in (768, 1440) for what in ("cards", "captions") if facts[n][w][what]] == []  # fmt: skip


def test_what_is_chosen_can_be_read(facts):
    """At no width does a box for a choice cut the words of what is chosen in it."""
    assert [(n, w, seen[w]["clipped"]) for n, seen in facts.items() for w in WIDTHS if seen[w]["clipped"]] == []


def test_what_a_cell_shows_stands_under_its_bar(facts):
    """No hole stands between the bar that opens the code of a cell and what the cell shows."""
    assert [(n, w, seen[w]["holes"]) for n, seen in facts.items() for w in WIDTHS if seen[w]["holes"]] == []


def test_what_is_one_is_not_parted(facts):
    """No day, name of a model, number with its unit, or formula with its comma is broken over two lines."""
    assert [(n, w, seen[w]["parted"]) for n, seen in facts.items() for w in WIDTHS if seen[w]["parted"]] == []


def test_no_button_lies_under_a_link(facts):
    """At no width does a link lie over a button, so that neither could be hit."""
    assert [(n, w, seen[w]["covered"]) for n, seen in facts.items() for w in WIDTHS if seen[w]["covered"]] == []


def test_no_words_are_cut(facts):
    """At no width does a box hide the end of its words, or does a link, a button or an arrow lie off the screen."""
    assert [(n, w, what, seen[w][what][:3]) for n, seen in facts.items() for w in WIDTHS for what in ("lost", "beyond") if seen[w][what]] == []  # fmt: skip


def test_columns_stand_apart(facts):
    """At no width does a column touch the next, or the arrow that sorts a column stand on a line of its own."""
    assert [(n, w, what, seen[w][what][:3]) for n, seen in facts.items() for w in WIDTHS for what in ("touching", "arrows") if seen[w][what]] == []  # fmt: skip


def test_planted_faults_of_the_layout_are_seen(tab):
    """A choice, words or a table that is cut, an arrow off the screen, a hole under a bar, a day on two lines, and a button under a link are named where they are put into a page."""
    page = tab()
    page.set_content(
        '<main><h1>One</h1><select name="narrow" style="width: 60px"><option>as the name of the column says</option></select>'
        '<div class="cell"><details class="hide"><summary>Code</summary></details><div class="cell_output" style="margin-top: 40px">'
        '<div class="output"><p>Three</p></div></div></div><p style="width: 20px"><span class="whole">2022-06-30 and on</span></p>'
        '<article><div class="review-table__tools"><button>CSV</button></div><p style="margin-top: -12px"><a href="#">The other 90 rows</a></p></article>'
        '<div class="review-table review-table--cards" aria-label="Scores" style="width: 80px; overflow: auto"><table><caption><p style="width: 3000px">Scores</p></caption></table></div>'
        '<p style="display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 1; overflow: hidden; width: 50px">The title of a page that is next</p><div style="overflow: hidden"><i class="arrow" style="position: relative; left: 4000px">›</i></div></main>'
    )
    found = page.evaluate(FACTS)

    assert (found["clipped"], found["holes"], found["parted"]) == (["narrow"], 1, ["2022-06-30 and on"])
    assert found["covered"] == ["CSV"]
    assert (found["lost"], found["beyond"]) == (["The title of a page that is next", "›"], ["I arrow"])
    assert found["cut"] == found["cards"] == found["captions"] == ["Scores"]


def test_no_heading_is_larger_than_the_title(facts):
    """On every page, at every width, the title is the largest heading."""
    assert [(n, w) for n, seen in facts.items() for w in WIDTHS if seen[w]["larger"] or not seen[w]["h1"]] == []


def test_every_page_has_its_menu(facts):
    """At every width the list of pages, or the button that opens it, is in sight; the page of a chart leads home alone."""
    assert [(n, w) for n, seen in facts.items() for w in WIDTHS if not seen[w]["menu"] and not n.startswith("charts/")] == []  # fmt: skip


def test_a_printed_page_is_whole(facts):
    """In print every page has its title, and no table reaches beyond the paper."""
    assert [name for name, seen in facts.items() if not seen["print"]["h1"]] == []
    assert [(name, seen["print"]["cut"]) for name, seen in facts.items() if seen["print"]["cut"]] == []


def test_no_page_raises_an_error(facts):
    """No script of any page fails, and nothing that a page asks for is missing."""
    assert {name: seen["errors"] for name, seen in facts.items() if seen["errors"]} == {}


def _card(page, number):
    return page.locator(f"#{number.get_attribute('aria-describedby')}")


def _inside(page, card):
    box = card.bounding_box()
    size = page.viewport_size
    return box["x"] >= 0 and box["y"] >= 0 and box["x"] + box["width"] <= size["width"] and box["y"] + box["height"] <= size["height"]  # fmt: skip


@pytest.fixture
def number_at(tab, address):
    """Open a page and bring one of its numbers to some height of the screen."""

    def go(name, width, height, share, selector="article p > .num:not(.term) > a.num__value", **more):
        page = tab(clock=True, **more)  # what a card does after a while is seen by setting the clock on
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{address}/{name}.html")
        page.mouse.move(2, 2)  # cards of a long page come when its reader first moves
        number = page.locator(f"{selector}[aria-describedby]").first
        number.evaluate("(a, y) => scrollTo({top: a.getBoundingClientRect().top + scrollY - y, behavior: 'instant'})", height * share)  # fmt: skip
        if more.get("java_script_enabled", True):  # the page has seen that it was scrolled
            page.evaluate(
                "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))"
            )
        return page, number

    return go


@pytest.mark.parametrize("share", [0.1, 0.95])
@pytest.mark.parametrize("width", [360, 768, 1100, 1440, 1800])
def test_a_card_is_whole_and_off_its_number(number_at, width, share):
    """Wherever its number stands, near the head or the foot, a card is on the screen, whole, and covers no part of the number."""
    page, number = number_at("chapters/training_dynamics", width, 800, share)
    number.focus()
    card = _card(page, number)
    assert card.is_visible()
    assert _inside(page, card)
    covered = number.evaluate(
        """(a, id) => [...a.getClientRects()].some((r) => document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2)?.closest("#" + id))""",
        number.get_attribute("aria-describedby"),
    )
    assert not covered


def test_a_card_in_a_table_is_not_cut(number_at):
    """A term or a number in something that scrolls opens above all of it."""
    page, number = number_at("index", 360, 800, 0.5, ".num > a.num__value")
    number.evaluate("(a) => { const box = document.createElement('div'); box.style = 'overflow: hidden; height: 2em'; a.parentElement.before(box); box.append(a.parentElement); }")  # fmt: skip
    number.hover()

    assert _inside(page, _card(page, number))
    assert page.evaluate("(id) => { const box = document.getElementById(id).getBoundingClientRect(); return !!document.elementFromPoint(box.x + 20, box.bottom - 5).closest('#' + id); }", number.get_attribute("aria-describedby"))  # fmt: skip


def test_a_card_in_the_margin_hides_no_text_and_stays(number_at):
    """On a wide screen the card stands beside the column, stays while the pointer moves on, and goes with Escape."""
    page, number = number_at("chapters/training_dynamics", 1800, 900, 0.4)
    number.hover()
    card = _card(page, number)
    column = number.evaluate("(a) => a.closest('p').getBoundingClientRect().right")
    assert card.bounding_box()["x"] >= column
    page.mouse.move(5, 400)
    page.clock.run_for(400)
    assert card.is_visible()
    page.keyboard.press("Escape")
    assert not card.is_visible()


def test_a_card_over_the_text_can_be_reached_and_goes(number_at):
    """The pointer may move onto a card, which stays; a moment after the pointer has left both, it is gone."""
    page, number = number_at("chapters/training_dynamics", 1000, 900, 0.4)
    number.hover()
    card = _card(page, number)
    card.locator("button").hover()
    page.clock.run_for(400)
    assert card.is_visible()
    page.mouse.move(5, 5)
    card.wait_for(state="hidden")


def test_a_card_opens_without_scripts(number_at):
    """Without scripts the style sheet opens a card on hover, and the number is a link, on a page whose cards are in it."""
    page, number = number_at("analyses/phase_transitions/census", 1000, 900, 0.4, java_script_enabled=False)
    number.hover()

    assert _card(page, number).is_visible()
    assert number.get_attribute("href")


def _answer(body, route):
    route.fulfill(body=body, content_type="text/html; charset=utf-8")


def test_an_error_is_reported_with_its_number(browser, address, site):
    """Where the review has a repository, a card leads to the form, filled with the number and its record; a statement, too."""
    from urllib.parse import parse_qs, urlsplit

    link = "https://git.example.org/a/b/issues/new?template=error.yml&amp;page=chapters%2Ftraining_dynamics"
    context = browser.new_context()
    page = context.new_page()
    for name in ("chapters/training_dynamics", "statements/training_dynamics"):
        text = (site / f"{name}.html").read_text(encoding="utf-8")
        told = text.replace('<meta name="review-version"', f'<meta name="review-report" content="{link}" /><meta name="review-version"', 1)  # fmt: skip
        page.route(f"**/{name}.html", partial(_answer, told))
    page.goto(f"{address}/chapters/training_dynamics.html")
    page.mouse.move(2, 2)
    number = page.locator("article p > .num:not(.term) > a.num__value[aria-describedby]").first
    number.hover()
    filled = parse_qs(urlsplit(_card(page, number).locator("a.review-copy").get_attribute("href")).query)
    assert filled["template"] == ["error.yml"]
    assert filled["page"] == ["chapters/training_dynamics"]
    said, _, record = filled["record"][0].partition(": ")
    assert said == number.inner_text()
    assert number.get_attribute("href").endswith(record)
    page.goto(f"{address}/statements/training_dynamics.html")
    one = page.locator(".review-statement").first
    href = one.locator("a", has_text="Report an error").get_attribute("href")
    assert parse_qs(urlsplit(href).query)["record"] == [one.get_attribute("id").removeprefix("s-")]
    context.close()
