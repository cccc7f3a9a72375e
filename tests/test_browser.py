"""The built pages in a real browser: offline, light and dark, wide and narrow, without scripts."""

from __future__ import annotations

import functools
import re
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from bs4 import BeautifulSoup

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = ["index", "register", "references"] + [
    f"chapters/{name}"
    for name in (
        "scaling_laws",
        "phase_transitions",
        "capability_precursors",
        "training_dynamics",
        "emergence_theory",
        "emergent_capabilities",
    )
]
CHART_PAGE = "analyses/scaling_laws/laws_side_by_side"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address(site):
    """Serve the built site on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def browser():
    """Start the Chromium that the system provides."""
    from playwright.sync_api import sync_playwright

    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    if not found:
        pytest.fail(
            "no Chromium; install it: apt-get install chromium (Debian, Ubuntu), brew install --cask chromium (macOS)"
        )
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def open_page(browser, address):
    """Open a page and watch what it asks for and what goes wrong."""
    contexts = []

    def go(name, width=1280, scheme="light", scripts=True):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        page.asked, page.errors = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on(
            "response",
            lambda response: (
                page.errors.append(f"{response.status} {response.url}") if response.status >= 400 else None
            ),
        )
        page.goto(f"{address}/{name}.html")
        return page

    yield go
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", [*PAGES, CHART_PAGE, "findings/hot-mess-of-ai"])
def test_a_page_asks_no_other_host_and_has_no_error(open_page, address, name):
    """A page, scrolled to its end, requests nothing from another host, gets everything it asks for, and raises nothing."""
    page = open_page(name)
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_load_state("networkidle")

    assert [url for url in page.asked if not url.startswith((address, "data:", "blob:"))] == []
    assert page.errors == []
    assert page.locator("article h1").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "chapters/emergent_capabilities", CHART_PAGE, "findings/em-dishonesty-hu"])
def test_nothing_is_wider_than_a_phone(open_page, name, scheme):
    """At 360 pixels no page scrolls sideways; wide tables scroll within themselves."""
    page = open_page(name, width=360, scheme=scheme)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_ink_stands_out(open_page, scheme):
    """The text of a chart's axis has a contrast of at least 4.5 to 1 with the page, in light and in dark."""
    page = open_page("chapters/scaling_laws", scheme=scheme)
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


def test_a_chart_comes_to_life_near_the_screen(open_page):
    """The Vega bundle is not asked for until a chart is near; then the chart is live and its slider and legend work."""
    page = open_page("analyses/emergence_theory/causal_emergence")
    page.locator(".review-chart").first.scroll_into_view_if_needed()
    page.wait_for_selector(".review-chart[data-state=live]")
    slider = page.locator(".review-chart input[type=range]")
    before = page.locator(".review-chart svg").first.inner_html()
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("(old) => document.querySelector('.review-chart svg').innerHTML !== old", arg=before)

    assert any("vega.js" in url for url in page.asked)
    assert not any("vega.js" in url for url in open_page("index").asked)


def test_the_budget_slider_moves_every_law(open_page):
    """On the page of laws the slider moves one dot a law in each of three panels, and the legend singles a law out."""
    page = open_page("analyses/scaling_laws/laws_side_by_side")
    page.locator(".review-chart").first.scroll_into_view_if_needed()
    page.wait_for_selector(".review-chart[data-state=live]")
    dots = "() => document.querySelectorAll('.review-chart svg .mark-symbol.role-mark path').length"
    count = page.evaluate(dots)
    before = page.locator(".review-chart svg").first.inner_html()
    page.locator(".review-chart input[type=range]").first.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("(old) => document.querySelector('.review-chart svg').innerHTML !== old", arg=before)

    assert count >= 21
    assert page.evaluate(dots) == count


def test_a_switch_changes_the_scale(open_page):
    """Choosing another metric redraws GPT-3's curves."""
    page = open_page("analyses/phase_transitions/gpt3_jumps")
    page.locator(".review-chart").first.scroll_into_view_if_needed()
    page.wait_for_selector(".review-chart[data-state=live]")
    before = page.locator(".review-chart svg").first.inner_html()
    page.locator(".review-chart input[type=radio][value='log-odds']").check()
    page.wait_for_function("(old) => document.querySelector('.review-chart svg').innerHTML !== old", arg=before)


def test_the_time_machine_moves_without_a_kernel(open_page):
    """The slider and the clock of the time machine, moved by keyboard and by click, show another day's table."""
    page = open_page("analyses/emergent_capabilities/time_machine")
    page.locator(".review-chart").first.scroll_into_view_if_needed()
    page.wait_for_selector(".review-chart[data-state=live]")
    words = "() => document.querySelector('.review-chart svg').textContent"
    now = page.evaluate(words)
    page.locator(".review-chart input[type=range]").focus()
    page.keyboard.press("Home")
    page.wait_for_function(f"(old) => ({words})() !== old", arg=now)
    first = page.evaluate(words)
    page.locator(".review-chart input[type=radio][value='recorded']").check()
    page.wait_for_function(f"(old) => ({words})() !== old", arg=first)

    assert "45 findings known" in now
    assert "1 findings known" in first or "2 findings known" in first


def test_without_scripts_pictures_and_numbers_remain(open_page):
    """With scripts off, a chart is a static picture with a label, and a quoted number is a link to its record."""
    page = open_page("chapters/scaling_laws", scripts=False)

    assert page.locator(".review-chart svg path").count() > 10
    assert page.locator(".review-chart").first.get_attribute("aria-label")
    link = page.locator("a.num__value").first
    assert link.get_attribute("href").endswith("laws_side_by_side.html#r-optimum-spread")


def test_a_number_shows_its_source_on_focus(open_page):
    """Moving to a quoted number with the keyboard shows its card with source and check."""
    page = open_page("chapters/training_dynamics")
    number = page.locator("a.num__value", has_text="over 20 percent")
    card = page.locator(f"#{number.get_attribute('aria-describedby')}")
    assert not card.is_visible()
    number.hover()

    assert card.is_visible()
    assert "abstract" in card.inner_text()
    assert "read in the primary source" in card.inner_text()


def test_links_to_records_arrive(open_page, site):
    """Every link within the site, on every page, leads to a page and an anchor that exist."""
    from html.parser import HTMLParser
    from urllib.parse import unquote, urlsplit

    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.ids, self.links = set(), []

        def handle_starttag(self, tag, attrs):
            attrs = dict(attrs)
            if attrs.get("id"):
                self.ids.add(attrs["id"])
            if tag == "a" and attrs.get("href"):
                self.links.append(attrs["href"])

    pages = {}
    for path in site.rglob("*.html"):
        reader = Reader()
        reader.feed(path.read_text(encoding="utf-8"))
        pages[path.resolve()] = reader
    dead = []
    for path, reader in pages.items():
        for href in reader.links:
            parts = urlsplit(href)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists() or (
                parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids
            ):
                dead.append(f"{path.relative_to(site.resolve())} -> {href}")

    assert dead == []


def said_twice(html: str) -> list[str]:
    """Return the units that a reader sees twice in a row, after the number and again in the sentence."""
    soup = BeautifulSoup(html, "html.parser")
    for card in soup.select(".num__card"):
        card.decompose()
    found = []
    for value in soup.select(".num__value"):
        unit = re.search(r"[a-z]+$", value.get_text())
        after = str(value.find_parent(class_="num").next_sibling or "")
        if unit and re.match(rf"\s*{unit[0]}\b", after):
            found.append(f"{value.get_text()}{after[:30]}")
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
