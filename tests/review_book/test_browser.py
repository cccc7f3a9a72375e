"""The built pages in a real browser: offline, light and dark, wide and narrow, without scripts."""

from __future__ import annotations

import datetime as dt
import gzip
import html
import itertools
import json
import os
import re
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

from review_book.living.freshness import WARN_AFTER_DAYS
from review_book.records.about import chapters_of
from review_book.records.references import load_references
from review_book.review import Review
from review_utils.show.tables import from_rows

pytestmark = pytest.mark.browser

PAGES = [
    "index",
    "register",
    "references",
    "changes",
    "status",
    "downloads",
    "glossary",
    "handbook",
    "what_if",
    "404",
] + [f"chapters/{name}" for name in chapters_of(ROOT / "data")]
RECORDS = Review(ROOT).records
REGISTER = RECORDS.register
MEMBER = next(f for f in REGISTER.findings if any(s.standing == "member" for s in f.shapes))
SHAPE = next(s for s in REGISTER.shapes if s.id in {p.id for p in MEMBER.shapes if p.standing == "member"})
"""A finding and a shape that it is a member of."""
BUSIEST = f"findings/{max(REGISTER.findings, key=lambda f: (len(f.measurements), f.id)).id}"
STUDY = next(iter(RECORDS.studies)).key
CHART_PAGE = "analyses/scaling_laws/laws_side_by_side"
YOUR_CURVE = "analyses/phase_transitions/your_curve"


def in_page(page, function, arg):
    """Return what a function of the page makes of an argument; as JSON, since a large one takes long otherwise."""
    return json.loads(page.evaluate(f"(text) => JSON.stringify(({function})(JSON.parse(text)))", json.dumps(arg)))


def until(page, script, arg=None, patience_ms=20_000):
    """Wait until a script gives something true.

    It is asked anew from outside: a predicate left in the page would be evaluated there, which the page's policy forbids.
    """
    for _ in range(patience_ms // 50):
        if page.evaluate(script, arg):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never true: {script}")


@pytest.fixture
def open_page(browser, tab, address):
    """Open a page and watch what it asks for and what goes wrong; perhaps as one who was never there."""
    watched, contexts = [], []

    def go(name, width=1280, scheme="light", scripts=True, first=False):
        if first:  # how far ahead of its reader a browser loads depends on what it knows of the network
            contexts.append(browser.new_context())
        page = contexts[-1].new_page() if first else tab(java_script_enabled=scripts)
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.asked, page.errors = [], []
        for event, note in (
            ("request", lambda request: page.asked.append(request.url)),
            ("pageerror", lambda error: page.errors.append(str(error))),
            ("response", lambda got: page.errors.append(f"{got.status} {got.url}") if got.status >= 400 else None),
            ("console", lambda message: page.errors.append(message.text) if message.type == "error" else None),
        ):
            page.on(event, note)
            watched.append((page, event, note))
        page.goto(f"{address}/{name}.html")
        return page

    yield go
    for page, event, note in watched:
        page.remove_listener(event, note)
    for context in contexts:
        context.close()


def explore(page):
    """Ask for the inputs of the first chart that has any, as a reader does who wants more than its picture."""
    page.locator(".review-chart [data-act=explore]").first.click()
    page.wait_for_selector(".review-chart[data-state=live]")


def near(page):
    """Bring the first chart near the screen, where its picture is put into the page."""
    page.locator(".review-chart").first.scroll_into_view_if_needed()
    page.wait_for_selector(".review-chart__view > svg")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "chapters/emergent_capabilities", CHART_PAGE, YOUR_CURVE, BUSIEST])
def test_nothing_is_wider_than_a_phone(open_page, name, scheme):
    """At 360 pixels no page scrolls sideways; wide tables scroll within themselves."""
    page = open_page(name, width=360, scheme=scheme)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_ink_stands_out(open_page, scheme):
    """The text of a chart's axis has a contrast of at least 4.5 to 1 with the page, in light and in dark."""
    page = open_page("chapters/scaling_laws", scheme=scheme)
    near(page)
    ratio = page.evaluate(
        """() => {
        const parse = (c) => c.match(/[\\d.]+/g).slice(0, 3).map(Number);
        const lum = (c) => { const [r, g, b] = parse(c).map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const text = document.querySelector('.review-chart svg text');
        const [a, b] = [lum(getComputedStyle(text).fill), lum(getComputedStyle(document.body).backgroundColor)].sort((x, y) => y - x);
        return (a + 0.05) / (b + 0.05);
    }"""
    )

    assert ratio >= 4.5


def test_a_chart_with_inputs_comes_to_life_when_asked(open_page):
    """Vega comes only when a reader asks for a chart's inputs; then the chart is live and its slider works."""
    page = open_page("analyses/emergence_theory/causal_emergence")
    near(page)
    assert not any("vega.js" in url for url in page.asked)
    explore(page)
    slider = page.locator(".review-chart input[type=range]")
    before = page.locator(".review-chart svg").first.inner_html()
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    until(page, "(old) => document.querySelector('.review-chart svg').innerHTML !== old", before)

    assert any("vega.js" in url for url in page.asked)
    assert not any("vega.js" in url for url in open_page("index").asked)


def test_the_budget_slider_moves_every_law(open_page):
    """On the page of laws the slider moves one dot a law in each of three panels, and the legend singles a law out."""
    page = open_page("analyses/scaling_laws/laws_side_by_side")
    explore(page)
    dots = "() => document.querySelectorAll('.review-chart svg .mark-symbol.role-mark path').length"
    count = page.evaluate(dots)
    before = page.locator(".review-chart svg").first.inner_html()
    page.locator(".review-chart input[type=range]").first.focus()
    page.keyboard.press("ArrowLeft")
    until(page, "(old) => document.querySelector('.review-chart svg').innerHTML !== old", before)

    assert count >= 21
    assert page.evaluate(dots) == count


def test_a_live_chart_writes_powers_of_ten(open_page):
    """What a live chart says of a mark has powers of ten as the drawings have them, and no 1e+23."""
    page = open_page("analyses/scaling_laws/laws_side_by_side")
    explore(page)
    page.locator(".review-chart svg .mark-symbol.role-mark path").first.hover()
    page.wait_for_selector("#vg-tooltip-element.visible")
    said = page.locator("#vg-tooltip-element").inner_html()

    assert re.search(r"\d × 10<sup>\d+</sup>", said), said
    assert not re.search(r"\de\+?\d", said)


def test_a_switch_changes_the_scale(open_page):
    """Choosing another metric redraws GPT-3's curves."""
    page = open_page("analyses/phase_transitions/gpt3_jumps")
    explore(page)
    before = page.locator(".review-chart[data-state=live] svg").first.inner_html()
    page.locator(".review-chart input[type=radio][value='accuracy']").check()
    until(page, "(old) => document.querySelector('.review-chart[data-state=live] svg').innerHTML !== old", before)


def test_the_time_machine_shows_any_day(open_page):
    """A date typed in, the slider by keyboard and the clock by click show another day; levels keep their colours."""
    page = open_page("analyses/emergent_capabilities/time_machine")
    page.wait_for_selector(".review-timemachine[data-state=ready]")
    words = "() => document.querySelector('.review-timemachine').textContent"
    colours = """() => Object.fromEntries(["hint", "evidence"].map((level) => [level,
        [...new Set([...document.querySelectorAll(`.review-bar--${level}`)].map((e) => getComputedStyle(e).backgroundColor))].join()]))"""
    now, full = page.evaluate(words), page.evaluate(colours)
    assert f"{len(REGISTER.findings)} of {len(REGISTER.findings)} findings out" in now
    assert len(set(full.values())) == 2
    page.fill(".review-timemachine [type=date]", "2025-06-30")
    until(page, f"(old) => ({words})() !== old", now)
    assert "2025-06-30: " in page.evaluate(words)
    then = page.evaluate(colours)
    assert all(then[level] in (full[level], "") for level in then)
    page.locator(".review-timemachine [type=range]").focus()
    page.keyboard.press("Home")
    until(page, f"() => ({words})().includes(document.querySelector('.review-timemachine [type=date]').min + ': ')")
    first = page.evaluate(words)
    page.keyboard.press("End")
    page.locator(".review-timemachine [value=recorded]").check()
    until(page, f"(old) => ({words})() !== old", first)
    assert page.locator(".review-timemachine [type=range]").get_attribute("aria-valuetext")


class _Graded:
    """What the package says of every statement: without some studies, by a day, under another reading of the rules.

    A statement is graded anew where a study that its evidence names came, went or changed, or the rules did.
    """

    def __init__(self, records):
        from review_book.living.history import first_day

        self.records, self.since, self.kept = records, first_day(records.data), {}
        self.named = {
            item.id: {k for e in item.evidence for k in (e.study, e.replicates) if k} for item in records.statements
        }

    def __call__(self, without=(), day=None, reading=""):
        from dataclasses import replace

        from review_book.records.grades import Grader

        records = self.records
        rules = next((records.rules.under(r) for r in records.rules.readings if r.id == reading), records.rules)
        studies = records.studies
        if day:
            then = Grader(studies, rules).as_of(dt.date.fromisoformat(day), self.since)
            studies, rules = then.studies, then.rules
        left = {key: study for key, study in studies.by_key.items() if key not in without}
        grader, found = Grader(replace(studies, by_key=left), rules), []
        for item in records.statements:
            asked = [left.get(key) for key in self.named[item.id]]
            case = (item.id, reading, rules.counts.analyses, *map(id, asked))
            if case not in self.kept:  # with the studies, so that no other gets the place of one that went
                self.kept[case] = (grader.grade_of(grader.tally(item)), asked)
            found.append(f"{item.id} {self.kept[case][0]}")
        return "\n".join(found)


def test_the_page_s_grades_are_the_package_s(open_page):
    """Without each study that a statement names, on every day on which one came out, under each reading and at random."""
    import random

    from review_book.living.history import first_day
    from review_book.records.catalogue import grades_index

    records = Review(ROOT).records
    rng, keys = random.Random(1), list(records.studies.by_key)
    readings = ["", *(reading.id for reading in records.rules.readings)]
    named = sorted({e.study for item in records.statements for e in item.evidence if e.study})
    days = sorted({s.published for s in records.studies if len(s.published) == 10} | {str(first_day(records.data))})
    cases = [{"without": [key]} for key in named] + [{"day": day} for day in days] + [{"reading": r} for r in readings]
    cases += [
        {
            "without": rng.sample(keys, rng.randint(0, 80)),
            "day": rng.choice([None, *days]),
            "reading": rng.choice(readings),
        }
        for _ in range(60)
    ]
    page = open_page("what_if")
    until(page, "window.reviewRules")
    index = grades_index(records.grader, records.statements, since=first_day(records.data))
    theirs = in_page(
        page,
        """([index, cases]) => cases.map((options) =>
            window.reviewRules.gradesOfAll(index, options).map((one) => `${one.id} ${one.grade}`).join("\\n"))""",
        [index, cases],
    )
    graded = _Graded(records)
    ours = [graded(**case) for case in cases]
    assert len(set(ours)) > len(named) // 4
    for case, our, their in zip(cases, ours, theirs, strict=True):
        assert their == our, case


def test_the_page_s_days_are_the_package_s(open_page):
    """On every day of either clock the page's script knows the findings, and the verdicts, that the package does."""
    from review_book.records.catalogue import CLOCKS, rules_index
    from review_utils.records.status import as_of, status_of_all

    page = open_page("analyses/emergent_capabilities/time_machine")
    until(page, "window.reviewRules")
    rules = rules_index(REGISTER)
    for clock in CLOCKS:
        days = sorted({f.known_on(clock).isoformat() for f in REGISTER.findings})
        theirs = page.evaluate(
            """([rules, days, clock]) => days.map((day) => {
                const { statusOfAll, knownOn } = window.reviewRules;
                return statusOfAll(rules, knownOn(rules.findings, day, clock));
            })""",
            [rules, days, clock],
        )
        for day, found in zip(days, theirs, strict=True):
            ours = status_of_all(as_of(REGISTER, dt.date.fromisoformat(day), clock))
            assert found == [
                {"shape": s.shape, "count": s.count, "groups": s.groups, "level": s.level, "verdict": s.verdict}
                for s in ours
            ], (day, clock)


def test_without_scripts_pictures_and_numbers_remain(open_page):
    """With scripts off, a chart is a static picture with a label, and a quoted number is a link to its record."""
    page = open_page("chapters/scaling_laws", scripts=False)

    picture = page.locator(".review-chart img").first
    picture.scroll_into_view_if_needed()
    for _ in range(200):
        if picture.evaluate("(img) => img.complete && img.naturalWidth > 300"):
            break
        page.wait_for_timeout(50)
    else:
        pytest.fail("the picture did not load")
    assert len(picture.get_attribute("alt").split()) > 5
    links = page.locator("a.num__value").evaluate_all("all => all.map((a) => a.getAttribute('href'))")
    assert any("/analyses/" in href and "#r-" in href for href in links)


def test_a_number_shows_its_source_on_focus(open_page):
    """Moving to a quoted number with the keyboard shows its card with source and check."""
    page = open_page("chapters/training_dynamics")
    number = page.locator("article p > .num:not(.term)").first
    card = number.locator(".num__card")
    assert not card.is_visible()
    number.locator("a").hover()
    card.wait_for()

    assert "read in the primary source" in card.inner_text() or "recomputed" in card.inner_text()


TAG = re.compile(r"""<([a-z][\w-]*+)((?:[^"'>]++|"[^"]*+"|'[^']*+')*+)>""", re.IGNORECASE)
NAMES, LEADS = re.compile(r'\sid="([^"]*)"'), re.compile(r'\shref="([^"]*)"')


def marks_and_links(text):
    """Return the ids of a page, and where its links lead."""
    ids, links = set(), {}
    for tag, said in TAG.findall(re.sub(r"<!--.*?-->|<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)):
        ids.update(map(html.unescape, NAMES.findall(said)))
        links |= dict.fromkeys(map(html.unescape, LEADS.findall(said) if tag.lower() == "a" else ()))
    return ids, list(links)


def test_links_to_records_arrive(site):
    """Every link within the site, on every page, leads to a page and an anchor that exist."""
    from urllib.parse import unquote, urlsplit

    planted = (
        '<!-- <i id="c"> --><a title="x > y" id="a" href="b.html?q&amp;r#s"><b ID="no">&lt;i id="d"&gt; id="e"</b></a>'
    )
    assert marks_and_links(planted) == ({"a"}, ["b.html?q&r#s"])
    top = site.resolve()
    pages = {str(path): marks_and_links(path.read_text(encoding="utf-8")) for path in top.rglob("*.html")}
    files, dead = {*map(str, top.rglob("*"))}, []
    for path, (own, links) in pages.items():
        for href in links:
            parts = urlsplit(href)
            if parts.scheme or parts.netloc:
                continue
            target = os.path.normpath(os.path.join(os.path.dirname(path), unquote(parts.path))) if parts.path else path
            ids = pages[target][0] if target in pages else own if target == path else None
            if (target not in files and target != str(top)) or (
                parts.fragment and ids is not None and unquote(parts.fragment) not in ids
            ):
                dead.append(f"{Path(path).relative_to(top)} -> {href}")

    assert dead == []
    assert sum(len(links) for _, links in pages.values()) > 10_000


def said_twice(text: str) -> list[str]:
    """Return the units that a reader sees twice in a row, after the number and again in the sentence."""
    found, opened = [], []
    for tag in re.finditer(r"<span\b([^>]*)>|</span>", text):
        if tag[0] != "</span>":
            opened.append(tag.end() if re.search(r'class="(?:[^"]* )?num[ "]', tag[1]) else None)
        elif (begin := opened.pop()) is not None:  # a number ends, and its card with it
            value = re.search(r'<a[^>]*class="(?:[^"]* )?num__value[ "][^>]*>(.*?)</a>', text[begin : tag.start()], re.DOTALL)  # fmt: skip
            said = html.unescape(re.sub("<[^>]*>", "", value[1] if value else ""))
            after = html.unescape(text[tag.end() : tag.end() + 60].partition("<")[0])[:30]
            unit = re.search(r"[a-z]+$", said)
            if unit and re.match(rf"\s*{unit[0]}\b", after):
                found.append(f"{said}{after}")
    return found


def test_no_unit_is_said_twice(site):
    """A number in prose brings its unit along: the word after it is not that unit again."""
    planted = (
        '<p><span class="num"><a class="num__value">3 percent</a><span class="num__card">x</span></span> percent of</p>'
    )
    assert said_twice(planted) == ["3 percent percent of"]
    assert not said_twice(planted.replace("</span> percent of", "</span> of"))
    for page in [*site.glob("chapters/*.html"), *site.glob("analyses/*/*.html"), site / "index.html"]:
        assert not said_twice(page.read_text(encoding="utf-8")), page.name


def weigh(page, site, address):
    """Return what a page and all it asked for weigh compressed, in bytes."""
    total = 0
    for url in set(page.asked):
        path = site / url.removeprefix(address).split("?")[0].lstrip("/")
        body = path.read_bytes()
        total += len(body) if path.suffix in (".png", ".woff2") else len(gzip.compress(body, 6))
    return total


HEAVIEST = 100_000
"""The most that any page may weigh on first load, in bytes, compressed: markup, style, scripts, fonts, pictures near."""

LIGHT = [
    *PAGES, "search_log", "methods", "studies", "chapters/before_you_deploy", CHART_PAGE, YOUR_CURVE,
    "analyses/phase_transitions/grokking", "analyses/emergent_capabilities/time_machine", BUSIEST,
]  # fmt: skip


@pytest.mark.parametrize("name", [*LIGHT, "search"])
def test_a_page_is_light_asks_no_other_host_and_has_no_error(open_page, site, address, name):
    """A page stays under its weight as it opens; scrolled to its end it asks for no Vega, and nothing of another host.

    It gets everything that it asks for, and raises nothing.
    """
    page = open_page(name, first=True)
    page.wait_for_load_state("networkidle")
    weight = weigh(page, site, address)
    page.mouse.move(5, 5)
    for _ in range(30):
        page.mouse.wheel(0, 1200)
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_load_state("networkidle")

    assert not any("vega.js" in url for url in page.asked)
    assert weight <= HEAVIEST or name == "search", f"{name} weighs {weight / 1000:.0f} KB"  # which asks for its index
    assert [url for url in page.asked if not url.startswith((address, "data:", "blob:"))] == []
    assert page.errors == []
    assert page.locator("main h1").count() == 1


def test_what_blocks_a_scrolling_reader_is_seen(browser):
    """A page whose every turn of the wheel costs a long computation is told by the audit from one that answers."""
    import scroll

    tall = "data:text/html,<div style='height:2000px'>{}</div>"
    busy = "<script>addEventListener('scroll',()=>{let s=0;for(let i=0;i<3e7;i++)s+=Math.sqrt(i);window.s=s})</script>"

    assert scroll.by_own_time(browser, tall.format(""), 4) < scroll.BOUND_MS
    assert scroll.by_own_time(browser, tall.format(busy), 4) > scroll.BOUND_MS
    assert scroll.by_clock(browser, tall.format(busy), 4) > scroll.BOUND_MS


def test_a_slow_machine_is_not_taken_for_a_slow_page(browser, monkeypatch):
    """A page is slowed down to one phone whatever the machine; a machine much slower than those it is meant for fails no page."""
    import gauge

    assert [gauge.slowdown(index) for index in (3500, 1750, 875, 100)] == [4, 4, 2, 1]
    assert gauge.index(browser) > 0
    for load, judged in ((0.5, [True, True, False]), (2.0, [False] * 3)):
        monkeypatch.setattr(gauge, "load", lambda load=load: load)
        assert [gauge.can_judge(index) for index in (1750, 1500, 1499)] == judged


def test_letters_that_are_seldom_stay_seldom(site):
    """The second file of the font, which relays a page when it comes, is asked for by few pages: no frame has its letters."""
    css = (ROOT / "src" / "review_book" / "static" / "review" / "review.css").read_text(encoding="utf-8")
    ranges = [one.removeprefix("U+").split("-") for one in re.search(r"unicode-range: ([^;]+);", css)[1].split(", ")]
    seldom = {chr(i) for first, *last in ranges for i in range(int(first, 16), int((last or [first])[0], 16) + 1)}
    pages = [path for path in site.rglob("*.html") if "charts" not in path.parts]
    words = {
        path: re.sub(r"<script.*?</script>|<[^>]*>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for path in pages
    }
    asking = [path.name for path, text in words.items() if seldom & set(html.unescape(text))]

    assert len(asking) < len(pages) / 20, asking[:5]


NEAR = 3
"""Pictures at the beginning of a page that are near enough to come as it opens, and not when a reader nears them."""


def test_no_page_is_heavy(site):
    """No page, on its own and with what it names, is above the bound: parts of what grows are set apart, page by page.

    Data that its script reads as it opens count, and its first pictures. A reader without scripts asks for sheets of his own
    and for no script, and is asked about as one with them is.
    """
    fonts = [path for path in site.glob("_static/review/fonts/*.woff2") if not path.stem.endswith("-more")]
    sizes, heavy = {path: path.stat().st_size for path in fonts}, {}
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        total = sum(path.stat().st_size for path in fonts) + len(gzip.compress(text.encode(), 6))
        scripted = re.sub(r"<noscript>.*?</noscript>", "", text, flags=re.DOTALL)
        both = re.findall(r'<img src="([^":?]+\.svg)"', text)[:NEAR]
        with_scripts = re.findall(r'<(?:script|link rel="stylesheet")[^>]* (?:src|href)="([^":?]+)', scripted)
        with_scripts += re.findall(
            r' data-(?!words)[a-z]+="([^":?]+\.json)"', text
        )  # words come once something is asked
        without = re.findall(r'<link rel="stylesheet"[^>]* href="([^":?]+)', text)
        weights = []
        for named in (with_scripts + both, without + both):
            files = [file for found in named if (file := (path.parent / found).resolve()).is_file()]
            sizes |= {file: len(gzip.compress(file.read_bytes(), 6)) for file in files if file not in sizes}
            weights.append(total + sum(sizes[file] for file in files))
        heavy[path.relative_to(site).as_posix()] = max(weights)

    assert {name: size for name, size in heavy.items() if size > HEAVIEST} == {}


def test_what_is_set_apart_comes_near(open_page, site):
    """Rows that stand elsewhere come as a reader nears them, before a sort, and for an address that leads to one."""
    page = open_page("changes")
    table = page.locator("[data-rest]").first
    key = table.get_attribute("data-rest")
    before = table.locator("tbody tr").count()
    page.mouse.wheel(0, 300)
    until(page, "(k) => !document.querySelector(`[data-of='${k}']`)", key)
    assert table.locator("tbody tr").count() > before
    assert page.errors == []
    without = open_page("changes", scripts=False)
    link = without.locator(".review-rest a").first
    link.click()
    assert "-part-" in without.url
    assert without.locator(".review-part tbody tr").count() > 5


COPIES = """() => {
    const table = document.querySelector(".review-table:has(tbody tr + tr)"), body = table.querySelector("tbody");
    const other = table.cloneNode(true);
    other.querySelectorAll("tbody tr + tr").forEach((row) => row.remove());
    window.many = () => { for (let i = 0; i < 300; i++) body.append(body.rows[0].cloneNode(true)); };
    many();
    table.before(...[...Array(20)].map(() => other.cloneNode(true)));
    table.insertAdjacentHTML("beforebegin", "<math><mi>x</mi></math><details><summary>a</summary></details><div class='admonition'><p class='admonition-title'>a</p><p>b</p></div>");
    window.come = [() => body.append(body.rows[0].cloneNode(true)), () => table.parentNode.append(other.cloneNode(true))];
    window.laid = () => body.offsetHeight;
    return [laid(), table.checkVisibility()];
}"""
"""Makes a table of hundreds of rows and a page of many tables, with what themes have rules for beside them."""

RESTYLED = """() => {
    return [many, ...come, many].map((step) => { step(); return laid(); });
}"""
"""One row and one table come, between two times hundreds of rows: by these a recording is known as whole."""


@pytest.mark.parametrize("page", ["changes", "register"])
def test_what_comes_into_a_page_restyles_little_else(open_page, browser, page):
    """A row that comes to a table of hundreds, and a table that comes to a page, cost the browser the style of themselves alone.

    The number of elements whose style it reckons anew is read from its own trace, which no clock moves. A process of
    the browser may begin to record late, so what was recorded before its beginning or without its end is asked again.
    """
    opened = open_page(page)
    until(opened, "document.querySelector('.review-table:has(tbody tr + tr)')")
    assert opened.evaluate(COPIES)[1]
    for _ in range(10):
        browser.start_tracing(page=opened, categories=["devtools.timeline"])
        opened.evaluate(RESTYLED)
        events = sorted(json.loads(browser.stop_tracing())["traceEvents"], key=lambda event: event.get("ts", 0))
        counts = [
            event["args"]["elementCount"]
            for event in events
            if event["name"] == "UpdateLayoutTree" and "elementCount" in event["args"]
        ]
        whole = [i for i, count in enumerate(counts) if count > 600]
        if len(whole) > 1:
            break

    assert len(whole) == 2, counts
    between = counts[whole[0] + 1 : whole[1]]
    assert len(between) == 2, counts
    assert max(between) < 120, counts


def test_an_address_into_what_is_set_apart_still_leads_there(open_page, site, address):
    """An old address of a row behind a chapter or of a reference ends at that row."""
    for name, pattern in (("references", r'id="(ref-[^"]+)"'), ("chapters/scaling_laws", r'id="(claim-[^"]+)"')):
        part = next(site.glob(f"{name}-part-*.html"), None)
        assert part, name
        sought = re.findall(pattern, part.read_text(encoding="utf-8"))[-1]
        page = open_page("index")
        page.goto(f"{address}/{name}.html#{sought}")
        until(
            page,
            "(id) => { const e = document.getElementById(id); return e && e.textContent && e.getBoundingClientRect().top < innerHeight }",
            sought,
        )
        assert page.errors == []


@pytest.mark.parametrize("mark", ["%E0%A4%A", "%", "a%C3%BCb"])
def test_a_broken_sign_in_an_address_ends_no_start(browser, mark):
    """A mark that no text can be read from seeks what there is not, and all else on the page starts."""
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    body = '<p class="review-rest"></p><div class="review-table"><table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table></div>'
    page.route("http://here.invalid/*", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"http://here.invalid/a.html#{mark}")
    page.add_script_tag(path=ROOT / "src" / "review_book" / "static" / "review" / "review.js")

    until(page, "() => document.querySelector('.review-table__tools')")
    page.evaluate(
        "() => new Promise((done) => { addEventListener('hashchange', () => done()); location.hash = '%E0%A4'; })"
    )
    assert errors == []
    page.close()


def test_a_citation_says_what_it_cites(open_page):
    """Pointed at, a citation gets its full reference from the list."""
    page = open_page("chapters/scaling_laws")
    link = page.locator('a[href*="#ref-"]').first
    assert not link.get_attribute("title")
    link.hover()
    until(page, """() => (document.querySelector('a[href*="#ref-"]').title ?? "").length > 30""")


OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""Rules of axe whose answer another scheme of colours can change."""

LOOKS = """() => {
    for (const e of document.querySelectorAll("[data-look]")) e.removeAttribute("data-look");
    const backs = new Map([[null, ""]]), looks = new Map(), size = (e) => e.querySelectorAll("*").length;
    for (const e of document.querySelectorAll("*")) {  // what holds it comes before it
        const css = getComputedStyle(e), own = [css.backgroundColor, css.backgroundImage, css.opacity, css.filter, css.mixBlendMode, css.position === "static" ? "" : css.position];
        backs.set(e, own.join() === "rgba(0, 0, 0, 0),none,1,none,normal," ? backs.get(e.parentElement) : `${backs.get(e.parentElement)}/${own}`);
        if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && !e.matches("input, select, textarea")) continue;
        const look = [backs.get(e), e.tagName, css.color, css.fontSize, css.fontWeight, css.textShadow, css.webkitTextStroke, e.checkVisibility()].join();
        if (!looks.has(look) || size(e) < size(looks.get(look))) looks.set(look, e);
    }
    for (const e of looks.values()) e.setAttribute("data-look", "");
    return looks.size;
}"""
"""Mark, of all text that has the same colour, size and ground, one piece: to judge each by itself takes most of axe's time."""


def hindrances(page):
    """Return the violations that axe-core finds, in light and in dark; of colours, in one piece of text of each look."""
    from axe_playwright_python.sync_playwright import Axe

    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        until(page, "(scheme) => [scheme, undefined].includes(document.documentElement.dataset.theme)", scheme)
        page.evaluate("Promise.all(document.getAnimations().map((moving) => moving.finished))")  # of colours
        assert page.evaluate(LOOKS)
        if scheme == "light":
            others = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in OF_COLOURS}}
            found += Axe().run(page, options=others).response["violations"]
        of_colours = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": OF_COLOURS}}
        found += Axe().run(page, {"include": [["[data-look]"]]}, of_colours).response["violations"]
    return [(v["id"], v["nodes"][0]["html"][:120]) for v in found]


@pytest.mark.parametrize(
    "name",
    [
        "index",
        "chapters/scaling_laws",
        CHART_PAGE,
        "register",
        "what_if",
        YOUR_CURVE,
        BUSIEST,
        "references",
        "charts/scaling_laws/compendium/models",
        "status",
        "search",
    ],
)
def test_nothing_stands_in_the_way_of_a_screen_reader(open_page, name):
    """axe-core finds no violation, in light and in dark, with the first chart alive."""
    page = open_page(name)
    if page.locator(".review-chart").count():
        near(page)

    assert hindrances(page) == []


def test_axe_sees_a_planted_fault(open_page):
    """A picture without words, and text faint in light or in dark alone, put into a page, are seen."""
    page = open_page("index")
    assert page.evaluate(LOOKS) > 10
    page.evaluate(
        """() => {
        const article = document.querySelector('article'), faint = (text, colour) => Object.assign(document.createElement('p'), {textContent: text, style: `color: ${colour}`});
        article.append(Object.assign(new Image(), {src: '_static/favicon.svg'}), faint('by day', '#ddd'), faint('by night', '#222'));
    }"""
    )

    found = [(rule, html) for rule, html in hindrances(page)]
    assert [rule for rule, _ in found] == ["image-alt", "color-contrast", "color-contrast"]
    assert "by day" in found[1][1]
    assert "by night" in found[2][1]


def test_the_policy_stops_what_is_not_ours(open_page):
    """A script that is put into a page, an inline handler and a request to another host do not run."""
    page = open_page("index")
    page.evaluate(
        """() => {
        window.stopped = [];
        document.addEventListener('securitypolicyviolation', (event) => window.stopped.push(event.blockedURI));
        const script = document.createElement('script');
        script.textContent = 'window.planted = 1';
        document.body.append(script);
        const button = document.createElement('button');
        button.setAttribute('onclick', 'window.planted = 2');
        document.body.append(button);
        button.click();
        document.body.append(Object.assign(new Image(), {src: 'https://other.invalid/x.png'}));
    }"""
    )
    until(page, "window.stopped.length >= 3")

    assert page.evaluate("window.planted") is None
    assert page.evaluate("window.stopped") == ["inline", "inline", "https://other.invalid/x.png"]


def test_a_hostile_record_comes_out_as_text(open_page, site, tmp_path):
    """A title with a script in it, as a table of ours writes it, runs nothing when a browser reads it."""
    from review_utils.show.tables import from_rows

    bad = "<img src=x onerror='window.planted = 1'><script>window.planted = 1</script>"
    page = open_page("index")
    page.evaluate(
        "(html) => { document.querySelector('article').innerHTML = html; }",
        from_rows([{bad: bad}], [bad], bad).to_html(),
    )
    until(page, "[...document.images].every((image) => image.complete)")

    assert page.evaluate("window.planted") is None
    assert page.locator("article img").count() == 0
    assert bad in page.locator("article td, article th").first.inner_text()


def test_the_explorer_filters_sorts_and_is_shared_by_address(open_page, address):
    """Choosing narrows the table, words search it, the order changes, and the address brings the same selection back."""
    page = open_page("register")
    until(page, "document.querySelector('.review-explorer__count').textContent.includes('of')")
    visible = ".review-table tbody tr:visible"
    everything = page.locator(visible).count()
    page.select_option("select[name=role]", "capacity")
    some = page.locator(visible).count()
    assert 0 < some < everything
    page.fill(".review-explorer input[name=q]", "introspect")
    fewer = page.locator(visible).count()
    assert 0 < fewer < some
    query = page.evaluate("location.search")
    assert "role=capacity" in query
    assert "q=introspect" in query
    other = open_page("register")
    other.goto(f"{address}/register.html{query}")
    until(other, "document.querySelector('.review-explorer__count').textContent.includes('of')")
    assert other.locator(visible).count() == fewer
    page.fill(".review-explorer input[name=q]", "")
    page.select_option("select[name=sort]", "oldest")
    dates = page.locator(f"{visible} td:nth-child(3)").all_inner_texts()
    assert dates == sorted(dates)
    page.click("[data-act=clear]")
    assert page.locator(visible).count() == everything
    assert not page.locator("[data-act=clear]").is_visible(), "nothing is chosen, and nothing to clear"
    hostile = open_page("register")
    hostile.goto(f"{address}/register.html?role=<script>&nonsense=1&q=%3Cimg%20src=x%3E")
    until(hostile, "document.querySelector('.review-explorer__count').textContent.startsWith('0 of')")
    assert "one choice fewer shows more" in hostile.locator(".review-explorer__count").inner_text()
    hostile.goto(f"{address}/register.html?shape=no-such-shape&utm_source=x")
    until(hostile, "document.querySelector('.review-explorer__count').textContent.includes(' of ')")
    assert hostile.locator(".review-explorer__count").inner_text() == (
        f"{everything} of {everything} findings; the address asks for shape no-such-shape, which nothing here has, and it was left out"
    )
    hostile.select_option("select[name=role]", "capacity")
    assert hostile.locator(".review-explorer__count").inner_text() == f"{some} of {everything} findings"
    hostile.goto(f"{address}/register.html?since=lately")
    until(hostile, "document.querySelector('.review-explorer__count').textContent.includes(' of ')")
    assert "since lately, which nothing here has" in hostile.locator(".review-explorer__count").inner_text()


def test_the_words_above_the_register_follow_its_order_and_its_file_says_what_it_lacks(open_page):
    """Sorted by a head the caption names the head, and not the order before; a filtered table is saved under a name that says so."""
    page = open_page("register")
    until(page, "document.querySelector('.review-explorer__count').textContent.includes('of')")
    caption = page.locator(".review-table--findings caption")
    assert "newest first" in caption.inner_text()
    page.locator(".review-table--findings thead .review-sort").nth(1).click()
    assert "newest first" not in caption.inner_text()
    assert "by “By”" in caption.inner_text()
    names = []
    for role in ("", "capacity"):
        page.select_option("select[name=role]", role)
        with page.expect_download() as saved:
            page.get_by_role("button", name="This table as CSV").first.click()
        names.append(saved.value.suggested_filename)

    assert "filtered" not in names[0]
    assert names[1].endswith("-filtered.csv")


@pytest.mark.parametrize(("width", "shown"), [(360, False), (1440, True)])
def test_the_register_opens_with_its_map(open_page, width, shown):
    """The map stands whole on a desk and behind a button on a phone; each of its marks has a name of its own in words."""
    page = open_page("register", width=width)
    until(page, "document.querySelector('.review-explorer__count').textContent.includes('of')")
    chart = page.locator(".review-evidence")
    assert chart.is_visible() is shown
    if not shown:
        page.locator("summary", has_text="The map").click()
    assert chart.is_visible()
    assert chart.evaluate("(box) => box.scrollWidth <= box.clientWidth")
    names = chart.locator("td a").evaluate_all("(links) => links.map((link) => link.ariaLabel)")
    assert names
    assert all(", " in name and ": " in name for name in names)
    filters = chart.locator("tbody th a").first
    filters.click()
    page.wait_for_url("**/register.html?shape=*")
    until(page, "document.querySelector('.review-explorer__count').textContent.includes('of')")
    assert 0 < page.locator(".review-table--findings tbody tr:visible").count() < len(REGISTER.findings)
    assert page.errors == []


def test_a_phone_reads_what_was_measured_before_who_wrote_it(open_page):
    """The measurements of a finding begin within two screens of a phone, its facts as short words above and the rest folded."""
    measured = next(f for f in REGISTER.findings if f.measurements and len(f.title) + len(f.summary) < 400)
    page = open_page(f"findings/{measured.id}", width=360, scripts=False)
    page.set_viewport_size({"width": 360, "height": 780})
    top = page.locator("#measurements").evaluate("(part) => part.getBoundingClientRect().top")
    facts = page.locator(".review-facts")

    assert top <= 2 * 780
    assert page.locator(".review-chips li").count() >= 5
    assert not facts.is_visible()
    page.locator("summary", has_text="Authors").click()
    assert facts.is_visible()


def test_a_table_of_many_rows_scrolls_in_a_box_and_is_short_on_paper(open_page):
    """Five hundred rows of an analysis take less than a screen; the keyboard reaches the box, and paper has the first rows."""
    long_table = from_rows([{"A": 1}] * 500, ["A"], "five hundred rows")
    page = open_page("analyses/scaling_laws/functional_forms", width=390, scripts=False)
    box = page.locator(".cell_output .review-table").first
    box.evaluate("(box, name) => box.className = name", re.search('"(.*?)"', long_table.to_html())[1])
    box.evaluate(
        "(box) => { const body = box.querySelector('tbody'); while (body.rows.length < 500) body.append(body.rows[0].cloneNode(true)); }"
    )
    assert box.bounding_box()["height"] <= 900
    box.focus()
    page.keyboard.press("End")
    until(page, "document.activeElement.scrollTop > 0")
    page.emulate_media(media="print")

    assert box.locator("tbody tr:visible").count() == 30


OUT_OF_REACH = """() => {
    for (const folded of document.querySelectorAll("details")) folded.open = true;
    const scrolls = (e) => /auto|scroll/.test(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1 && e.clientWidth;
    const reached = (e) => e.tabIndex >= 0 || e.querySelector("a[href], button, input, [tabindex='0']");
    return [...document.querySelectorAll("main *")].filter((e) => scrolls(e) && !reached(e)).map((e) => e.outerHTML.slice(0, 100));
}"""


@pytest.mark.parametrize("name", ["what_if", CHART_PAGE, "handbook", "chapters/emergence_theory", "references"])
def test_what_scrolls_sideways_is_reached_by_keyboard(open_page, name):
    """On a phone, with all that folds opened, what scrolls by itself takes focus or holds what does."""
    assert open_page(name, width=360, scripts=False).evaluate(OUT_OF_REACH) == []


def test_the_register_stands_whole_without_scripts(open_page):
    """Without scripts the controls are hidden and every finding is in the table."""
    page = open_page("register", scripts=False)

    assert not page.locator(".review-explorer").is_visible()
    assert page.locator(".review-table tbody tr").count() == len(REGISTER.findings)


def test_the_page_s_rules_are_the_package_s(open_page):
    """On every record, each taken out, and on altered ones under each reading, the page's script gives the package's verdicts."""
    import random
    from dataclasses import replace

    from review_book.records.catalogue import rules_index
    from review_utils.records.register import load_register
    from review_utils.records.status import Reading, status_of_all

    register = load_register()
    rng = random.Random(0)
    shapes, names = [s.id for s in register.shapes], [f"Ann {chr(97 + i)}" for i in range(9)]
    cases = [(register, Reading())]
    cases += [
        (replace(register, findings=tuple(f for f in register.findings if f.id != g.id)), Reading())
        for g in register.findings
    ]
    for name in ("candidates_count", "open_count", "framing_is_disclosure", "by_group"):
        cases.append((register, Reading(**{name: True})))
    for _ in range(60):
        altered = []
        for finding in register.findings:
            memberships = tuple(
                m.model_copy(
                    update={
                        "id": rng.choice(shapes),
                        "standing": rng.choice(["member", "open", "candidate", "declined"]),
                    }
                )
                for m in finding.shapes
            )
            tests = tuple(
                t.model_copy(update={"result": rng.choice(["not-run", "removes-effect", "not-applicable"])})
                for t in finding.tests
            )
            altered.append(
                finding.model_copy(
                    update={
                        "shapes": list(memberships),
                        "tests": list(tests),
                        "authors": rng.sample(names, rng.randint(1, 5)),
                    }
                )
            )
        reading = Reading(*(rng.random() < 0.5 for _ in range(4)))
        cases.append((replace(register, findings=tuple(altered)), reading))
    page = open_page("what_if")
    until(page, "window.reviewRules")
    for changed, reading in cases:
        index = rules_index(changed)
        ours = [
            {"shape": s.shape, "count": s.count, "groups": s.groups, "level": s.level, "verdict": s.verdict}
            for s in status_of_all(changed, reading)
        ]
        theirs = in_page(
            page,
            "([rules, reading]) => window.reviewRules.statusOfAll(rules, rules.findings, reading)",
            [index, vars(reading)],
        )

        assert theirs == ours


def test_a_switch_retracts_a_study(open_page, address):
    """A switch takes a study out; each grade that the package says would change is shown, and the address holds it."""
    from review_book.records.grades import if_retracted

    records = Review(ROOT).records
    weights = {key: len(if_retracted(records.statements, records.grader, key)) for key in records.studies.by_key}
    key = max(weights, key=lambda k: (weights[k], records.studies.study(k).finding is not None))
    page = open_page("what_if")
    page.wait_for_selector(".review-whatif[data-state=ready]")
    result = page.locator(".review-whatif__result")
    assert "No grade changes" in result.inner_text()
    page.locator(f".review-whatif__switches input[value={key}]").check()
    changed = result.locator("tbody").first.locator("tr a").evaluate_all("all => all.map((a) => a.hash)")
    assert changed == [f"#s-{one.id}" for one in if_retracted(records.statements, records.grader, key)]
    assert f"without={key}" in page.url
    assert page.evaluate("document.activeElement.value") == key
    again = open_page("what_if")
    again.goto(page.url)
    again.wait_for_selector(".review-whatif[data-state=ready]")
    assert again.locator(".review-whatif__result").inner_text() == result.inner_text()
    page.click("[data-act=clear]")
    assert "No grade changes" in result.inner_text()
    assert "without" not in page.url


def test_what_an_address_names_and_nothing_has_is_said(open_page, address):
    """A key that is mistyped, or renamed since an address was mailed, is named beside the answer, which leaves it aside."""
    page = open_page("what_if")
    page.goto(f"{address}/what_if.html?without=macdiamrid2025natural,{STUDY}&rules=stricterr")
    page.wait_for_selector(".review-whatif[data-state=ready]")
    result = page.locator(".review-whatif__result")

    assert result.inner_text().startswith(
        "The address names macdiamrid2025natural, stricterr; nothing here has that name"
    )
    assert page.locator(f"input[value={STUDY}]").is_checked()
    page.click("[data-act=clear]")
    assert "The address names" not in result.inner_text()


def test_a_finding_taken_out_changes_shapes_and_grades(open_page):
    """The study of a finding, found by the finding's id, takes the finding out of its shapes, too."""
    page = open_page("what_if")
    page.wait_for_selector(".review-whatif[data-state=ready]")
    page.fill("[name=words]", MEMBER.id)
    page.locator(".review-whatif__switches input").first.check()
    result = page.locator(".review-whatif__result")
    assert SHAPE.title in result.locator("table").last.inner_text()
    page.fill("[name=words]", "no such words anywhere")
    assert "0 of " in page.locator(".review-whatif__found").inner_text()
    assert page.locator(".review-whatif__switches input:checked").count() == 1


def test_a_record_edited_in_the_page_changes_verdicts(open_page):
    """A new example changes counts, by a switch or as JSON; what is no record is explained, and markup stays text."""
    page = open_page("what_if")
    page.wait_for_selector(".review-whatif[data-state=ready]")
    result = page.locator(".review-whatif__result")
    page.click(".review-whatif__edit > summary")
    page.select_option("[name=base]", "new")
    page.get_by_label(f"counts for: {SHAPE.title}").check()
    assert SHAPE.title in result.locator("tbody").first.inner_text()
    page.click(".review-whatif__edit details > summary")
    assert f'"{SHAPE.id}"' in page.locator("textarea").input_value()
    page.fill("textarea", "{")
    assert page.locator(".review-whatif__error").inner_text()
    page.fill(
        "textarea",
        json.dumps({"id": "x", "shapes": [{"id": "no-shape", "standing": "member"}], "tests": []}),
    )
    assert "shapes[0].id: needed: one of" in page.locator(".review-whatif__error").inner_text()
    page.select_option("[name=base]", MEMBER.id)
    assert "Nothing changes" in result.inner_text()
    page.get_by_label(f"counts for: {SHAPE.title}").uncheck()
    assert SHAPE.title in result.locator("tbody").first.inner_text()
    page.fill("textarea", json.dumps({"id": "x", "title": "<img src=x onerror=alert(1)>", "shapes": [], "tests": []}))
    assert "Nothing changes" in result.inner_text()


def test_a_tap_opens_a_number_and_a_second_follows_it(browser, address):
    """On a touch screen the first tap shows where a number comes from, and the second goes there."""
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto(f"{address}/chapters/scaling_laws.html")
    number = page.locator("p .num:not(.term) > a").first
    number.scroll_into_view_if_needed()
    page.mouse.wheel(0, 10)
    card = page.locator("p .num:not(.term)").first.locator(".num__card")
    card.wait_for(state="attached")
    number.tap()
    assert card.is_visible()
    box = card.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert "chapters/scaling_laws" in page.url
    number.tap()
    page.wait_for_url(lambda url: "chapters/scaling_laws" not in url)
    context.close()


def test_escape_closes_a_card_and_its_citation_can_be_copied(browser, address):
    """A card that opened on focus closes on Escape; the button in it copies number, source and address."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.goto(f"{address}/chapters/training_dynamics.html")
    number = page.locator("p .num:not(.term) > a").first
    number.focus()
    card = page.locator("p .num:not(.term)").first.locator(".num__card")
    card.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(page, "navigator.clipboard.readText().then((t) => t.length > 20)")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert number.inner_text() in copied
    assert address in copied
    page.keyboard.press("Escape")
    assert not card.is_visible()
    context.close()


CLEAR = "rgba(0, 0, 0, 0)"


def ground(page, selector):
    """Return the colour on which the first such element stands."""
    return page.evaluate("(s) => getComputedStyle(document.querySelector(s)).backgroundColor", selector)


def plant_rule(page, rule):
    """Put a rule behind all others of a page, as a new version of the theme might."""
    page.evaluate(
        "(rule) => { const sheet = document.styleSheets[0]; sheet.insertRule(rule, sheet.cssRules.length); }", rule
    )


@pytest.mark.parametrize(
    ("rule", "same"),
    [("", True), ("html[data-theme=dark] .bd-content .review-chart img { background-color: #fff !important; }", False)],
    ids=["as it is", "planted"],
)
def test_a_drawing_has_no_ground_of_its_own_in_the_dark(open_page, rule, same):
    """Where a script has not brought a drawing into its page, no white ground for pictures hides its words; one put there is seen."""
    page = open_page("chapters/emergent_capabilities", scripts=False)
    page.evaluate("() => { document.documentElement.dataset.theme = 'dark' }")
    if rule:
        plant_rule(page, rule)

    assert (ground(page, ".review-chart picture img") == CLEAR) is same


def test_a_term_opens_its_definition(open_page):
    """The first use of a term in a chapter shows its meaning on hover, and leads to the glossary without scripts."""
    page = open_page("chapters/phase_transitions")
    page.mouse.move(300, 300)  # the cards of a long page come when its reader first moves
    link = page.locator(".term a[aria-describedby]").first
    link.hover()
    page.locator(f"#{link.get_attribute('aria-describedby')}").wait_for(state="visible")

    bare = open_page("chapters/phase_transitions", scripts=False)
    assert "glossary.html#term-" in bare.locator(".term a").first.get_attribute("href")


def test_a_chart_gives_its_data_and_its_picture(open_page, address):
    """The links under a chart lead to its data as CSV, its picture, and a page of its own that says where it is from."""
    page = open_page(CHART_PAGE)
    foot = page.locator(".review-chart__foot").first
    with page.expect_download() as download:
        foot.locator("a", has_text="Data").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.splitlines()[0].count(",") >= 3
    assert len(text.splitlines()) > 100
    own = page.request.get(f"{address}/charts/scaling_laws/laws_side_by_side/frontiers.svg").text()
    assert own.startswith("<svg")
    assert "prefers-color-scheme" in own
    spec = page.request.get(f"{address}/charts/scaling_laws/laws_side_by_side/frontiers.json").json()
    assert spec["description"]
    foot.locator("a", has_text="Page of this figure").click()
    page.wait_for_url("**/charts/scaling_laws/laws_side_by_side/frontiers.html")
    body = page.locator("main").inner_text()
    assert "CC BY 4.0" in body
    assert page.locator('a[rel="license"]').count() == 1
    assert page.locator("pre", has_text="@misc{").count() == 1
    assert page.locator("pre", has_text="<iframe").count() == 1
    assert page.errors == []


def test_every_chart_is_drawn_twice_with_text_that_can_be_read(site):
    """No drawing has text under twelve pixels, and the narrow one fits a phone."""
    small, wide = [], []
    for path in site.glob("charts/**/*.svg"):
        svg = path.read_text(encoding="utf-8")
        small += [(path.name, size) for size in re.findall(r'font-size="([\d.]+)px"', svg) if float(size) < 12]
        width = float(re.search(r'width="([\d.]+)"', svg)[1])
        if width > (358 if path.name.endswith("-phone.svg") else 760):
            wide.append((path.name, width))

    assert len(list(site.glob("charts/**/*.csv"))) > 50
    assert small == []
    assert wide == []


UPRIGHT = re.compile(r'<text[^>]* transform="translate\(([-\d.]+),[-\d.]+\) rotate\((?:-90|270)')


def test_upright_names_do_not_run_into_each_other(site):
    """Names that stand upright below an axis are a line's height apart in every drawing."""
    near = []
    for path in site.glob("charts/**/*.svg"):
        for names in re.findall(r"<g>(?:<text.*?</text>)+</g>", path.read_text(encoding="utf-8")):
            at = sorted(float(x) for x in UPRIGHT.findall(names))
            near += [(path.name, round(b - a, 1)) for a, b in itertools.pairwise(at) if b - a < 11]

    assert near == []


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_of_a_chart_shows_all_of_its_words(open_page, width):
    """The page of a chart has the letters by which it was measured: none of its words reaches beyond it."""
    page = open_page("charts/capability_precursors/forecast_record/outcomes", width=width)
    beyond = page.evaluate(
        """document.fonts.ready.then(() => {
            const svg = [...document.querySelectorAll("main figure svg")].find((one) => one.checkVisibility()), room = svg.getBoundingClientRect();
            const words = [...svg.querySelectorAll("text")].filter((one) => one.textContent.trim());
            return [words.length, words.map((one) => [one.textContent, one.getBoundingClientRect()]).filter(([, box]) => box.right > room.right + 1 || box.left < room.left - 1).map(([text]) => text)];
        })"""
    )

    assert beyond[0] > 0
    assert beyond[1] == []


@pytest.mark.parametrize("width", [360, 390, 1440])
def test_text_in_a_chart_is_not_shrunk(open_page, width):
    """As shown, the text of a chapter's charts is at least eleven pixels high, on a phone and on a desk."""
    page = open_page("chapters/phase_transitions", width=width)
    near(page)
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('.review-chart__view > svg')].flatMap((svg) => {
        const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
        return [...svg.querySelectorAll('text')].map((t) => parseFloat(getComputedStyle(t).fontSize) * scale);
    })"""
    )

    assert sizes
    assert min(sizes) >= 11


@pytest.mark.parametrize("name", ["chapters/phase_transitions", "analyses/emergent_capabilities/structural_tests"])
@pytest.mark.parametrize("width", [360, 768, 1280, 1440])
def test_a_screen_shows_all_of_a_drawing(open_page, name, width):
    """On no usual screen is a drawing cut: each fits the place that it scrolls in, and no box around it hides its left."""
    page = open_page(name, width=width)
    cut = page.evaluate(
        """[...document.querySelectorAll('.review-chart__view')].map((view) => {
          const left = view.getBoundingClientRect().left, hidden = [view.scrollWidth - view.clientWidth];
          for (let box = view.parentElement; box && box !== document.body; box = box.parentElement)
            if (getComputedStyle(box).overflowX !== "visible") hidden.push(box.getBoundingClientRect().left - left);
          return Math.max(...hidden);
        })"""
    )

    assert cut
    assert max(cut) <= 0


def test_a_mark_says_what_it_is(open_page):
    """Pointing at a mark shows its data, arrow keys go from mark to mark, and Escape puts the words away."""
    page = open_page("analyses/phase_transitions/grokking")
    chart = page.locator(".review-chart").nth(1)
    chart.scroll_into_view_if_needed()
    view = chart.locator(".review-chart__view")
    view.locator("> svg").wait_for()
    view.locator("[data-t]").last.hover(force=True)
    tip = page.locator(".review-tip")
    assert ":" in tip.inner_text()
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    view.focus()
    page.keyboard.press("ArrowRight")
    first = tip.inner_text()
    page.keyboard.press("ArrowRight")
    assert tip.inner_text() != first


def test_a_screen_that_turns_back_keeps_its_drawing(open_page):
    """Made narrow for a moment, by a print or a turned phone, a page does not end with the drawing of a phone on a wide screen."""
    page = open_page(CHART_PAGE, width=1280)
    page.locator(".review-chart").first.scroll_into_view_if_needed()
    until(page, "document.querySelector('.review-chart__view').dataset.kind === 'wide'")
    late = []
    page.route(
        "**/*-phone.svg", lambda route: late.append(route)
    )  # its answer is held back until the screen is wide again

    page.set_viewport_size({"width": 390, "height": 900})
    for _ in range(400):
        if late:
            break
        page.wait_for_timeout(50)
    page.set_viewport_size({"width": 1280, "height": 900})
    until(page, "!matchMedia('(max-width: 47.99rem)').matches")
    with page.expect_response("**/*-phone.svg"):
        for one in late:
            one.continue_()
    page.unroute("**/*-phone.svg")
    asked = late[0].request.url
    page.evaluate(
        "async (url) => (await (await fetch(url)).text()).length", asked
    )  # what was read before is in the page

    assert page.evaluate("document.querySelector('.review-chart__view').dataset.kind") == "wide"


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_a_first_screen_says_what_is_known_disputed_and_not(open_page, width):
    """The landing page's first screen holds the heading, the count and an example's first line of all three."""
    page = open_page("index", width=width)
    page.set_viewport_size({"width": width, "height": 844})
    ends = page.evaluate(
        """[...document.querySelectorAll(".review-card")].map(card => {
            const example = card.querySelector("li"), line = parseFloat(getComputedStyle(example).lineHeight);
            return example.getBoundingClientRect().top + line;
        })"""
    )

    assert len(ends) == 3
    assert max(ends) <= 844


@pytest.mark.parametrize(("width", "height"), [(360, 780), (390, 844), (1440, 900)])
@pytest.mark.parametrize("chapter", Review(ROOT).records.about.chapters)
def test_a_chapter_shows_a_figure_early(open_page, chapter, width, height):
    """The first figure of a chapter begins within two screens of the chapter's start, on the screens of phones as well."""
    page = open_page(f"chapters/{chapter}", width=width)
    page.set_viewport_size({"width": width, "height": height})
    top = page.evaluate(
        "document.querySelector('.review-shown, .review-chart, .review-map').getBoundingClientRect().top + scrollY"
    )

    assert top <= 2 * height


def test_a_table_sorts_by_number_and_by_word(open_page):
    """A click on a head sorts a column up and then down, numbers as numbers, and says so to a screen reader."""
    page = open_page("analyses/scaling_laws/laws_side_by_side")
    table = page.locator(".review-table", has_text="The best use of Gopher's budget").first
    head = table.locator("thead th", has_text="Tokens per parameter")
    head.locator("button").click()
    values = [float(t.replace(",", "")) for t in table.locator("tbody td:nth-child(5)").all_inner_texts()]
    assert values == sorted(values)
    assert head.get_attribute("aria-sort") == "ascending"
    head.locator("button").press("Enter")
    values = [float(t.replace(",", "")) for t in table.locator("tbody td:nth-child(5)").all_inner_texts()]
    assert values == sorted(values, reverse=True)


QUERIES = yaml.safe_load((Path(__file__).parent / "queries.yml").read_text(encoding="utf-8"))


def test_a_column_without_a_name_breaks_no_page(tab, site, address):
    """A frame's own table may have a head without a word: it, and every table after it, can be sorted and taken away."""
    page, errors = tab(), []
    text = re.sub(r'(<th scope="col"[^>]*>)[^<]*', r"\1", (site / "status.html").read_text(encoding="utf-8"), count=1)
    page.route("**/status.html", lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8"))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{address}/status.html")
    heads = page.evaluate("[...document.querySelectorAll('.review-table thead th')].filter((h) => h.closest('table').tBodies[0].rows.length > 2).map((h) => h.querySelectorAll('.review-sort__way').length)")  # fmt: skip

    assert errors == []
    assert len(heads) > 3
    assert set(heads) == {1}


def test_the_search_finds_what_readers_ask_for(open_page):
    """For each query on the list the page that it means stands among the first three."""
    page = open_page("glossary")
    wrong = []
    for query in QUERIES:
        found = page.evaluate(
            "async (q) => (await window.reviewSearch.find(q)).slice(0, 3).map((f) => f.url)", query["ask"]
        )
        if not any(url.replace(".html", "").startswith(query["page"]) for url in found):
            wrong.append((query["ask"], query["page"], found))

    assert wrong == []
    assert len(QUERIES) >= 40
    assert page.errors == []


@pytest.mark.parametrize("ask", ["", "   ", "%", "<img src=x onerror=alert(1)>", "__proto__", "constructor", "zzzzqqq", "a" * 500, "'; drop", "\u0301", "你好"])  # fmt: skip
def test_the_search_bears_any_words(open_page, ask):
    """Hostile words, none at all, and words that nothing has bring no error and nothing that runs."""
    page = open_page("index")
    page.keyboard.press("Control+k")
    field = page.locator("#pst-search-dialog input")
    field.fill(ask)
    page.evaluate("async (q) => { await window.reviewSearch.find(q); }", ask)

    assert page.locator("#pst-search-dialog").is_visible()
    assert page.locator("#pst-search-dialog img").count() == 0
    assert page.errors == []


def hidden_search(page):
    """Open the search and return what keeps its words from being read."""
    page.keyboard.press("Control+k")
    page.wait_for_selector("#pst-search-dialog[open]")
    sign = page.locator("#pst-search-dialog .fa-magnifying-glass").bounding_box()
    field = page.locator("#pst-search-dialog input").bounding_box()
    wrong = [] if re.fullmatch(r"rgb\(\d+, \d+, \d+\)", ground(page, "#pst-search-dialog")) else ["no ground"]
    return wrong + (["sign on the words"] if sign["x"] + sign["width"] > field["x"] else [])


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_search_stands_on_a_ground_of_its_own(open_page, theme, width):
    """Nothing of the page shines through what is found, and the sign of the search stands beside the words, not on them."""
    assert hidden_search(open_page("index", width=width, scheme=theme)) == []


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("#pst-search-dialog[open] { background: transparent !important; }", "no ground"),
        (
            ".bd-search .fa-solid.fa-magnifying-glass { position: absolute !important; left: 40px; }",
            "sign on the words",
        ),
    ],
    ids=["ground", "sign"],
)
def test_a_search_that_cannot_be_read_is_seen(open_page, rule, wrong):
    """A rule of the theme that takes the ground of the search, or puts its sign on the words, is named."""
    page = open_page("index")
    plant_rule(page, rule)

    assert hidden_search(page) == [wrong]


def test_a_search_is_grouped_and_light(open_page, site, address):
    """Ctrl-K opens the search; what is found stands in groups and is reached by arrow keys, for less than 100 KB."""
    page = open_page("index", first=True)
    page.wait_for_load_state("networkidle")
    before = set(page.asked)
    page.keyboard.press("Control+k")
    page.keyboard.type("emergent misalignment rate")
    page.wait_for_selector("#pst-search-dialog .review-search[data-shown='emergent misalignment rate'] h2")
    groups = page.locator("#pst-search-dialog .review-search h2").all_inner_texts()
    assert len(groups) >= 3
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.tagName") == "A"
    asked = [url for url in page.asked if url not in before]
    page.asked = asked
    assert weigh(page, site, address) < 100_000
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("index.html"))
    page.wait_for_load_state("load")
    page.goto(f"{address}/search.html?q=perplexity")
    page.wait_for_selector(".review-search--page a")
    assert page.locator(".review-search--page a[href*='term-perplexity']").count() == 1


def test_the_words_of_the_search_are_the_same_in_page_and_index(open_page):
    """What the page makes of a query is what the index made of the text."""
    from review_book.site.search import words

    page = open_page("index")
    for text in ("Lörch", "exponents of loss", "2502.17424", "8,192 tokens", "GPT-3's", "Søren Łukasz", "basis bias", "80.4 percent"):  # fmt: skip
        for word in words(text):
            found = page.evaluate("async (q) => (await window.reviewSearch.find(q)).length", word)
            assert isinstance(found, int)
    assert page.evaluate(
        "async () => JSON.stringify(await window.reviewSearch.find('Lörch')) === JSON.stringify(await window.reviewSearch.find('lorch'))"
    )


def test_a_table_is_cards_on_a_phone(open_page):
    """On a phone a table of many columns becomes cards, each cell with the name of its column, and nothing scrolls sideways."""
    page = open_page("register", width=360)
    cell = page.locator(".review-table--cards tbody tr").first.locator("td").first
    box = page.locator(".review-table--cards").first

    assert cell.get_attribute("data-label") == "By"
    assert "By" in cell.evaluate("(td) => getComputedStyle(td, '::before').content")
    assert box.evaluate("(t) => t.scrollWidth <= t.clientWidth + 1")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_menus_open(open_page, width):
    """The left menu opens on a phone and folds away on a desk, by pointer and by keyboard."""
    page = open_page("chapters/scaling_laws", width=width)
    toggle = page.locator(".primary-toggle").first
    bar = page.locator("#pst-primary-sidebar")
    if width < 960:
        toggle.click()
        modal = page.locator("#pst-primary-sidebar-modal")
        assert modal.is_visible()
        assert modal.locator("a", has_text="Glossary").is_visible()
        page.keyboard.press("Escape")
        assert not modal.is_visible()
    else:
        assert bar.is_visible()
        toggle.focus()
        page.keyboard.press("Enter")
        assert not bar.is_visible()
    assert bar.locator("a").count() > 10
    assert page.errors == []


def test_a_phone_without_scripts_has_a_menu(open_page):
    """Without scripts the list of pages stands below the page on a phone."""
    page = open_page("chapters/scaling_laws", width=390, scripts=False)

    assert page.locator("#pst-primary-sidebar a", has_text="Glossary").is_visible()


def test_a_focus_is_seen(open_page):
    """Every control that the keyboard reaches in the head of a page shows that it was reached."""
    page = open_page("chapters/scaling_laws", width=1440)
    for selector in (".primary-toggle", ".theme-switch-button", ".search-button-field"):
        page.keyboard.press("Tab")  # so that focus counts as by keyboard
        page.locator(selector).first.focus()
        style = page.locator(selector).first.evaluate(
            "(e) => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth"
        )
        assert style == "solid3px", selector


def test_a_printed_page_has_its_title_and_its_pages_numbers(open_page):
    """In print the title stands, the menus do not, and no table is cut."""
    page = open_page("chapters/scaling_laws")
    page.emulate_media(media="print")

    assert page.locator("article h1").is_visible()
    assert not page.locator("#pst-primary-sidebar").is_visible()
    assert page.locator("article h1").evaluate("(h) => h.getBoundingClientRect().top + scrollY") < 200


def test_a_printed_text_fills_its_paper(open_page):
    """In print a paragraph is as wide as the paper allows, and no table stands in a box that no page can part."""
    page = open_page("analyses/scaling_laws/functional_forms", width=673)
    page.emulate_media(media="print")
    narrow = page.evaluate(
        "[...document.querySelectorAll('article section > p')].filter((p) => getComputedStyle(p).maxWidth !== 'none').length"
    )
    boxes = page.evaluate(
        "[...document.querySelectorAll('.pst-scrollable-table-container')].map((box) => getComputedStyle(box).overflowX)"
    )
    page.emulate_media(media="screen")

    assert narrow == 0
    assert set(boxes) == {"visible"}


def test_a_printed_figure_leaves_no_page_half_empty(open_page):
    """In print no figure is higher than half a page, so that little room is left before one that stands on the next."""
    page = open_page("chapters/phase_transitions")
    page.emulate_media(media="print")
    high = page.evaluate(
        "[...document.querySelectorAll('.review-chart__view')].map((view) => view.getBoundingClientRect().height)"
    )

    assert high
    assert max(high) <= 0.45 * 247 / 25.4 * 96  # the height of a page of A4 within its margins


def test_the_words_of_a_tall_figure_can_be_read_on_paper(open_page):
    """Of the page with the highest figure none is drawn at less than half its size, and no empty box follows a heading."""
    page = open_page("analyses/emergent_capabilities/effect_sizes", width=673)
    page.evaluate(
        "Promise.all([...document.querySelectorAll('.review-chart img')].map((i) => { i.loading = 'eager'; return i.decode(); }))"
    )
    page.emulate_media(media="print")
    sizes = page.evaluate(
        "[...document.querySelectorAll('.review-chart img')].map((i) => i.getBoundingClientRect().height / i.getAttribute('height'))"
    )
    empty = page.evaluate(
        "[...document.querySelectorAll('h2 + .cell')].filter((c) => c.checkVisibility() && !c.getBoundingClientRect().height).length"
    )

    assert min(sizes) >= 0.5
    assert empty == 0


@pytest.mark.parametrize("name", ["register", "chapters/phase_transitions"])
def test_a_printed_table_begins_where_it_stands(open_page, name):
    """On paper nothing that is higher than half a page asks to stand on one page, which would leave the page before it blank."""
    page = open_page(name, width=673)
    page.pdf()
    page.emulate_media(media="print")
    kept_whole = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter((part) => {
          const style = getComputedStyle(part), whole = style.breakInside === "avoid" || ["auto", "scroll"].includes(style.overflowY);
          return whole && part.getBoundingClientRect().height > 0.5 * 247 / 25.4 * 96;
        }).map((part) => part.className || part.tagName)"""
    )
    page.emulate_media(media="screen")

    assert kept_whole == []


def test_a_printed_page_has_all_its_figures_in_its_own_font(open_page):
    """On paper every figure stands in the page, also one that nobody came near, and nothing that is open says that it is shut."""
    page = open_page("chapters/phase_transitions")
    page.pdf()
    pictures = page.evaluate("document.querySelectorAll('.review-chart picture').length")
    page.emulate_media(media="print")
    marks = page.evaluate("[...document.querySelectorAll('main summary')].filter((s) => getComputedStyle(s).listStyleType !== 'none').length")  # fmt: skip
    page.emulate_media(media="screen")

    assert pictures == marks == 0


def test_icons_show_in_forced_colours(browser, address):
    """In high contrast the icons, which are drawn by masks, keep a colour that is not the page's."""
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(f"{address}/index.html")
    icon = page.locator(".fa-bars").first
    ink, paper = icon.evaluate(
        "(i) => [getComputedStyle(i).backgroundColor, getComputedStyle(document.body).backgroundColor]"
    )

    assert ink != paper
    context.close()


def test_an_id_leads_to_what_it_rests_on_in_two_clicks(open_page, address):
    """Told an id alone, a reader searches for it and follows a result to the record's own place."""
    records = Review(ROOT).records
    statement = next(iter(records.statements)).id
    chapter = records.statements.chapter_of(statement)
    claim = records.ledger.claims[0].id
    key = next(iter(records.studies)).key
    for sought, place in (
        (statement, f"statements/{chapter}.html#s-{statement}"),
        (claim, f"chapters/{records.ledger.chapter_of(claim)}.html#claim-{claim}"),
        (REGISTER.findings[0].id, f"findings/{REGISTER.findings[0].id}.html"),
        (key, f"studies/{key}.html"),
    ):
        page = open_page("search")
        page.goto(f"{address}/search.html?q={sought}")
        link = page.locator(f'.review-search--page li a[href$="{place}"]').first
        link.wait_for()
        link.click()
        page.wait_for_url(lambda url, place=place: place in url)
        if sought == key:
            assert "What rests on it" in page.locator("article, main").first.inner_text()


def test_the_strip_warns_by_the_reader_s_clock(browser, address):
    """Within ninety days of the last search the strip informs; after them it warns, without a new build."""
    swept = Review(ROOT).records.searches.last
    for days, stale in ((WARN_AFTER_DAYS, False), (WARN_AFTER_DAYS + 1, True)):
        day = swept + dt.timedelta(days=days)
        context = browser.new_context()
        page = context.new_page()
        page.clock.set_fixed_time(f"{day}T12:00:00Z")
        page.goto(f"{address}/index.html")
        strip = page.locator(".review-fresh")
        assert ("review-fresh--stale" in strip.get_attribute("class")) is stale, day
        context.close()


def test_a_site_read_from_files_works(browser, site):
    """Opened from a folder, without a server, a page has its style, its charts and its numbers."""
    context = browser.new_context()
    page = context.new_page()
    page.goto((site / f"{CHART_PAGE}.html").resolve().as_uri())
    explore(page)

    assert page.locator(".review-chart input[type=range]").count()
    context.close()


def test_the_theme_switches_without_a_reload(open_page):
    """The switch goes through its modes, and the ink of a chart follows."""
    page = open_page(CHART_PAGE, scheme="light")
    near(page)
    ink = "getComputedStyle(document.querySelector('.review-chart svg text')).fill"
    before = page.evaluate(ink)
    page.locator(".theme-switch-button").first.click()
    if page.evaluate("document.documentElement.dataset.theme") == "light":
        page.locator(".theme-switch-button").first.click()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(ink) != before
    assert page.errors == []


def test_numbers_with_their_magnitude_in_words_are_sorted_by_value(open_page):
    """300 billion stands before 1.4 trillion, whatever the first digits say."""
    page = open_page("status")
    order = page.evaluate(
        """() => {
          const table = [...document.querySelectorAll('.review-table table')].find((t) => t.tBodies[0].rows.length > 4);
          const words = ['1.4 trillion', '300 billion', '36 trillion', '780 million', '–'];
          [...table.tBodies[0].rows].forEach((row, i) => words[i] ? (row.cells[1].textContent = words[i]) : row.remove());
          table.querySelectorAll('.review-sort')[1].click();
          return [...table.tBodies[0].rows].map((row) => row.cells[1].textContent);
        }"""
    )

    assert order == ["780 million", "300 billion", "1.4 trillion", "36 trillion", "–"]


def test_a_page_read_in_the_dark_is_printed_on_white(open_page):
    """Links and grades have the colours of paper on paper, and those of the screen again after it."""
    page = open_page("glossary", scheme="dark")
    themes = page.evaluate(
        """() => ["beforeprint", "beforeprint", "afterprint"].map((name) => {
          dispatchEvent(new Event(name));
          return document.documentElement.dataset.theme;
        })"""
    )

    assert themes == ["light", "light", "dark"]


def test_the_menu_can_be_reached_on_a_phone_without_scripts(open_page):
    """The side bar stands within the width of the page."""
    page = open_page("glossary", width=360, scripts=False)
    box = page.locator(".bd-sidebar-primary").bounding_box()

    assert 0 <= box["x"] < box["x"] + box["width"] <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_scripts_a_page_has_the_reader_s_colours(open_page, scheme):
    """Ground, ink and links are those that the same reader has with scripts."""
    ask = """() => {
      const of = (name) => getComputedStyle(document.querySelector(name));
      return [of("body").backgroundColor, of(".bd-article p").color, of(".bd-article p a").color, of(".grade").color];
    }"""
    with_scripts, without = (
        open_page("chapters/scaling_laws", scheme=scheme, scripts=scripts).evaluate(ask) for scripts in (True, False)
    )

    assert without == with_scripts


def test_a_phone_without_scripts_has_its_menu_a_tap_away(open_page):
    """A link at the top leads to the list of pages, and a desk, where the list stands beside the text, has none."""
    page = open_page("chapters/scaling_laws", width=360, scripts=False)
    link = page.locator("a", has_text="Menu").first
    assert link.bounding_box()["y"] < 100
    link.click()
    until(page, "document.querySelector('#pst-primary-sidebar').getBoundingClientRect().top < innerHeight / 2")
    assert not open_page("chapters/scaling_laws", width=1440, scripts=False).locator("a", has_text="Menu").is_visible()


def test_a_checked_measurement_names_its_source_as_readers_do(site):
    """Beside a recomputed number stands the name of its source, with a link, and nowhere its key in the bibliography."""
    keys = load_references(ROOT / "data").keys()
    pages = [path.read_text(encoding="utf-8") for path in sorted((site / "analyses").rglob("*.html"))]
    boxes = [box for page in pages for box in re.findall(r'<div class="review-claim [^>]*>.*?</div>', page, re.DOTALL)]
    told = [re.sub(r"<[^>]+>", "", box) for box in boxes]

    assert boxes
    assert all("#ref-" in box for box in boxes)
    assert [text for text in told if keys & set(re.findall(r"\w+", text))] == []


def test_the_page_of_search_waits_for_a_question(open_page):
    """Its index is fetched once something is asked, and not before."""
    page = open_page("search")
    page.wait_for_load_state("networkidle")
    before = [url for url in page.asked if "search/entries" in url]
    page.locator(".review-search__form input").fill("grokking")
    page.locator(".review-search--page a").first.wait_for()

    assert before == []
    assert any("search/entries" in url for url in page.asked)
