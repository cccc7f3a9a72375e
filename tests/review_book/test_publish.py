"""The published site: a policy that names every script, a style sheet cut to what pages use."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
import tinycss2
from hypothesis import given
from hypothesis import strategies as st

from review_book.execute.contents import PageError
from review_book.site import publish

OWN = next(iter(publish.own_scripts()))
PAGE = f'<html><head><meta charset="utf-8" /><script>{OWN}</script><script src="_static/review/x.js" defer></script></head><body></body></html>'


def test_the_policy_names_our_inline_script_and_no_data():
    """The script of our template is named by the hash of its text; a script from a file and a block of data are not."""
    page = PAGE.replace("</body>", '<script type="application/ld+json">{}</script></body>')
    digest = base64.b64encode(hashlib.sha256(OWN.encode()).digest()).decode()

    assert publish.inline_hashes(page) == [f"'sha256-{digest}'"]
    assert f"script-src 'self' 'sha256-{digest}'" in publish.with_policy(page)
    assert publish.foreign_scripts(page) == []


@pytest.mark.parametrize(
    "script",
    [
        "<script>window.planted = 1</script>",
        "<SCRIPT\n>window.planted = 1</SCRIPT >",
        "<script>window.planted = 1",
        '<script type="module">window.planted = 1</script>',
        '<script type="application/ld+json" src="_downloads/x.js"></script>',
        "<script src='_downloads/x.js'></script>",
        '<script src="https://other.invalid/_static/review/x.js"></script>',
        '<script src="_static/review/../../_downloads/x.js"></script>',
        f'<script type="module">{OWN}</script>',
    ],
)
def test_a_script_that_is_not_ours_stops_the_build_and_is_never_allowed(tmp_path, script):
    """A script in a page that the engine did not write ends the build with page and script, and no policy names it."""
    page = PAGE.replace("<body>", f"<body>{script}")
    assert publish.inline_hashes(page) == publish.inline_hashes(PAGE)

    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    with pytest.raises(PageError, match=r"(?i)^a\.html: <script"):
        publish.finish_pages(tmp_path)


def test_the_policy_allows_neither_inline_nor_evaluated_scripts():
    """Scripts have no unsafe-inline and no unsafe-eval."""
    scripts = re.search(r"script-src ([^;]*);", publish.POLICY)

    assert scripts
    assert "unsafe" not in scripts[1]


def test_rules_of_what_no_page_has_are_left_out():
    """A rule stays when all its classes are used, one selector at a time, inside media queries too."""
    css = ".used, .unused { color: red } .unused b { top: 0 } @media print { .unused { top: 0 } .used a { top: 1px } } p:not(.unused) { left: 0 } @font-face { src: url(x) }"

    pruned = publish.prune(css, frozenset({"used"}))

    assert pruned == ".used{color: red}@media print{.used a{top: 1px}}p:not(.unused){left: 0}"


@given(
    st.lists(
        st.sampled_from([".a", ".b", "#c", "p", 'a[href=".x,y"]', ":is(.a, .b)", "b:not(.z)"]), min_size=1, max_size=5
    )
)
def test_selectors_part_at_commas_that_part_selectors(parts):
    """Splitting a list of selectors gives them back, whatever commas stand in brackets and strings."""
    assert publish._selectors(", ".join(parts)) == parts


@given(st.sets(st.sampled_from(["a", "b", "c", "d"])))
def test_a_used_rule_is_never_lost(words):
    """Whatever words a site has, a rule on those words alone stays."""
    css = "".join(f".{name}{{top: 0}}" for name in "abcd")

    assert publish.prune(css, frozenset(words)) == "".join(f".{name}{{top: 0}}" for name in "abcd" if name in words)


def test_words_come_from_pages_and_scripts():
    """Classes and ids of pages count as used, each as what it is, and so does any word of a script."""
    assert publish.used_words(['<p class="a b" id="c">'], ["x.classList.add('d-e')"]) >= {"a", "b", "#c", "d-e"}
    assert publish.prune(".c{top:0}#c{top:0}", publish.used_words(['<p id="c">'], ())) == "#c{top:0}"


def test_rules_of_what_no_page_holds_are_left_out():
    """Rules of elements that no page holds go, as do movements that nothing asks for."""
    css = "kbd,p{top: 0}legend{top: 0}@keyframes turn{0%{top:0} to{top:1px}}@keyframes beat{to{top:0}}p{animation: beat 1s}"
    kept = publish.prune(css, frozenset(), publish.used_tags(["<P>text</P>"]))

    assert kept == "p{top: 0}@keyframes beat{to{top:0}}p{animation: beat 1s}"


def test_rules_beside_an_element_of_any_class_are_left_out():
    """A rule of a theme for elements beside each other, or in one, that no class or id marks goes; one for classes stays."""
    wide = "legend+*,td~td,div.cell[open]>summary~*,:not(.x)+.y:active,p > * + *,p.x~*,#i~p,.x:has(> *:nth-child(2)) p,.x:has(+ .y) { top: 0 }"
    kept = ".x+.y{top: 0}p.x ~ #i a{top: 0}p > .y{top: 0}p:has(> .x){top: 0}.x:not(.y + p){top: 0}"

    assert publish.prune(wide + kept, frozenset({".x", "x", "y", "cell", "#i", "i"})) == kept


def test_every_page_has_its_policy(site):
    """Each page of the site carries a policy whose hashes are those of its own scripts."""
    pages = list(site.rglob("*.html"))
    assert len(pages) > 50
    for path in pages:
        text = path.read_text(encoding="utf-8")
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)

        assert policy, path
        assert all(h in policy[1] for h in publish.inline_hashes(text)), path
        assert not re.search(r"<[a-z][^>]* on[a-z]+=", text), path


def test_one_style_sheet_serves_every_page(site):
    """Each page names one style sheet, which is there; the page of a chart, made to stand elsewhere, carries its own."""
    for path in site.rglob("*.html"):
        if path.relative_to(site).parts[0] == "charts":
            continue
        found = re.findall(r'<link rel="stylesheet" href="([^"]*)"', path.read_text(encoding="utf-8"))

        assert len(found) == 1, path
        assert path.name == "404.html" or (path.parent / found[0]).is_file(), path


def test_the_lost_page_stands_at_any_address(site):
    """The page for lost readers names the root of the site, so that it works below any address."""
    assert '<base href="/"' in (site / "404.html").read_text(encoding="utf-8")


def test_a_template_without_a_policy_is_seen(tmp_path, root):
    """A page that Sphinx writes without a character set, where the policy has no place, does not get one unseen."""
    page = publish.with_policy("<html><head></head></html>")

    assert "Content-Security-Policy" not in page  # what test_every_page_has_its_policy demands of every page


def test_properties_that_nothing_asks_for_are_left_out():
    """A custom property stays where it is asked for, also by another sheet and by a property that stays itself."""
    css = "a{--one:1;--two:var(--three);--three:3;--four:4;color:var(--two)}"

    assert (
        publish.used_variables(css, "b{top:var(--four)}") == "a{--two:var(--three);--three:3;--four:4;color:var(--two)}"
    )


def test_a_property_that_holds_a_picture_goes_whole():
    """A value in quotation marks may hold semicolons and braces; what stands after it is not swallowed."""
    css = """.a{--icon:url("data:image/svg+xml;charset=utf-8,<svg a='{b}'/>");top:0}.b{top:1px}"""

    assert publish.used_variables(css) == ".a{top:0}.b{top:1px}"


def test_the_style_sheet_reads_to_its_end(site):
    """No rule of the sheet swallows the rules after it: each is short, and ours come last."""
    css = next((site / "_static").glob("style-????????.css")).read_text(encoding="utf-8")
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)

    assert not [rule for rule in rules if rule.type == "error"]
    assert max(len(tinycss2.serialize(rule.content)) for rule in rules if rule.type == "qualified-rule") < 3000


def test_what_vega_draws_keeps_its_look(site):
    """Rules of our own sheet stay whole: Vega's inputs and tooltips are in no page until a reader asks for them."""
    css = next((site / "_static").glob("style-????????.css")).read_text(encoding="utf-8")

    assert all(name in css for name in (".vega-bindings", ".vega-bind-name", "#vg-tooltip-element", ".review-tip"))


def test_the_menu_ends_at_the_register(site):
    """No page lists the findings in its left navigation; the register stands there, the current one on a finding's page."""
    finding = min(path.stem for path in (site / "findings").glob("*.html"))
    for name in ("index", "chapters/scaling_laws", f"findings/{finding}"):
        text = (site / f"{name}.html").read_text(encoding="utf-8")
        menu = text[text.index('id="pst-primary-sidebar"') : text.index('id="main-content"')]

        assert "findings/" not in menu, name
        assert menu.count("The register of findings") == 1, name


def test_a_page_says_once_how_wide_it_is(site):
    """The themes write a viewport each; one stays."""
    for path in site.glob("*.html"):
        assert path.read_text(encoding="utf-8").count('name="viewport"') == 1, path


def test_only_lists_of_pages_are_called_so(tmp_path):
    """What folds the pages of a chapter says so to a screen reader; what folds an objection keeps its own words."""
    page = tmp_path / "a.html"
    menu = '<li><a href="b.html">Tides</a><details><summary>x</summary></details></li>'
    said = '<p><a href="c.html"><span>Open</span> the evidence</a><details><summary>Strongest objection</summary></details></p>'
    page.write_text(f'<html><head><meta charset="utf-8"></head><body>{menu}{said}</body></html>', encoding="utf-8")
    publish.finish_pages(tmp_path)
    text = page.read_text(encoding="utf-8")

    assert '<summary aria-label="Pages of Tides">' in text
    assert "<summary>Strongest objection" in text
