"""The contents beside every page: what the theme would write, without the findings, and short in a long book."""

from __future__ import annotations

import re
import shutil

import pytest
from bs4 import BeautifulSoup
from conftest import ROOT
from pydata_sphinx_theme.toctree import add_toctree_functions

from review_book.site import navigation
from review_book.site.navigation import Navigation
from review_book.site.preview import Preview

# Sphinx and its themes run in this process, and call what is deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")

WANTED = {"startdepth": 0, "maxdepth": 4, "collapse": False, "includehidden": True, "titles_only": True, "show_nav_level": 1}  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """Sphinx with the little review, built."""
    target = tmp_path_factory.mktemp("navigation") / "review"
    shutil.copytree(ROOT / "tests" / "little_review", target)
    preview = Preview(target.resolve(), print)
    preview.begin()
    assert not preview.fault, preview.fault
    yield preview.app
    preview.close()


def _theirs(app, page):
    """What the theme writes beside a page."""
    context = {"toctree": lambda **more: app.builder._get_local_toctree(page, **more)}
    add_toctree_functions(app, page, "", context, None)
    return context["generate_toctree_html"]("sidebar", **WANTED)


def test_the_contents_are_those_of_the_theme(app, monkeypatch):
    """Beside every page stands what the theme would write, to the letter, once the findings are let in."""
    monkeypatch.setattr(navigation, "LEFT_OUT", "nothing/")
    ours = Navigation(_theirs(app, navigation.NOWHERE))
    assert ours.known
    for page in [*app.env.found_docs, "studies/darwin1898tides", "404"]:
        assert ours.beside(page) == str(_theirs(app, page)).strip(), page


def test_built_pages_have_our_contents(app):
    """The site is built with them: the register stands in the contents of every page, and no finding does."""
    for page in app.outdir.rglob("*.html"):
        beside = re.search(r'<nav class="bd-links.*?</nav>', page.read_text(encoding="utf-8"), re.DOTALL)
        if beside:
            assert "register.html" in beside[0] or page.name == "register.html", page
            assert "findings/" not in beside[0], page
    finding = (app.outdir / "findings" / "brest.html").read_text(encoding="utf-8")
    assert '<li class="toctree-l1 current active"><a class="reference internal" href="../register.html">' in finding


WHOLE = """<ul class="nav bd-sidenav">
<li class="toctree-l1 has-children"><a class="reference internal" href="chapters/a.html">A</a><details><summary><span class="toctree-toggle" role="presentation"><i class="fa-solid fa-chevron-down"></i></span></summary><ul>
<li class="toctree-l2"><a class="reference internal" href="analyses/a/x.html">X</a></li>
</ul>
</details></li>
<li class="toctree-l1 has-children"><a class="reference internal" href="chapters/b.html">B</a><details><summary><span class="toctree-toggle" role="presentation"><i class="fa-solid fa-chevron-down"></i></span></summary><ul>
<li class="toctree-l2"><a class="reference internal" href="analyses/b/y.html">Y</a></li>
</ul>
</details></li>
</ul>"""


def test_a_long_book_shows_the_chapter_that_is_read(monkeypatch):
    """Beyond a number of pages, what is below another chapter than the reader's is left to that chapter."""
    assert "y.html" in Navigation(BeautifulSoup(WHOLE, "html.parser")).beside("analyses/a/x")
    monkeypatch.setattr(navigation, "MOST", 3)
    beside = Navigation(BeautifulSoup(WHOLE, "html.parser")).beside("analyses/a/x")
    assert 'href="#">X</a>' in beside
    assert "../../chapters/b.html" in beside
    assert "y.html" not in beside


def test_parts_of_a_book_stand_below_their_captions():
    """Each part is listed below its caption, and a page is marked in its own part alone."""
    second = WHOLE.replace("chapters/", "more/").replace("analyses/", "others/")
    parts = Navigation(
        BeautifulSoup(f'<p class="caption">One</p>{WHOLE}<p class="caption">Two</p>{second}', "html.parser")
    )
    beside = parts.beside("others/a/x")

    assert parts.known
    assert beside.index("One") < beside.index("chapters/b.html") < beside.index("Two") < beside.index("more/b.html")
    assert beside.count('href="#"') == 1
    assert beside.index("Two") < beside.index('href="#"')


def test_contents_of_another_form_are_left_to_the_theme():
    """Links to elsewhere are not rewritten."""
    elsewhere = WHOLE.replace('class="reference internal" href="chapters/b.html"', 'class="reference external" href="https://example.org"')  # fmt: skip
    assert not Navigation(BeautifulSoup(elsewhere, "html.parser")).known
