"""Make the built pages into the published site: one small style sheet, a policy on every page, nothing unused.

Sphinx's own folder is left as it is, so that its next build stays incremental; this works on a copy.
"""

from __future__ import annotations

import base64
import hashlib
import html
import multiprocessing
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tinycss2

from review_book.execute.contents import PageError
from review_book.files import write_atomically
from review_book.records.about import load_about
from review_book.site.apart import set_apart
from review_book.site.assets import static_folders
from review_book.site.charts import Chart, charts_of, write_charts
from review_book.site.context import MADE, base_url
from review_book.site.exports import write_data, write_feeds, write_notebooks, write_site_map
from review_book.site.release import unpack_releases
from review_book.site.search import write_search

LEFT_OUT = ("*.map", "*.LICENSE.txt", "*.scss", ".buildinfo*", ".doctrees", "_sources", "locales", "fontawesome*", "*webpack-macros.html",
            "design-tabs.js", "copybutton*", "clipboard.min.js", "togglebutton*", "sphinx-thebe*", "sphinx-design*", "images",
            "check-solid.svg", "copy-button.svg", "play-solid.svg", "logo_*", ".gitignore", "searchindex.js", "searchtools.js", "language_data.js",
            "doctools.js", "documentation_options.js", "sphinx_highlight.js", "bootstrap.js", "pydata-sphinx-theme.js", "sphinx-book-theme.js",
            "file.png", "minus.png", "plus.png", "style-*")  # fmt: skip
"""Files of the themes that no page of this book asks for."""

POLICY = (
    "default-src 'self'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'"
)
"""Scripts come from the site itself or are known by their hash; none is evaluated from text. Styles may stand in
the page, since charts place their marks by style."""

SET_BY_SCRIPTS = ("active", "current", "hide", "pst-sidebar-hidden")
"""Classes of the theme that our scripts set; classes of our own are never taken out."""

_SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<body>.*?)(?:</script[^>]*>|\Z)", re.DOTALL | re.IGNORECASE)
_TEMPLATE = Path(__file__).parents[1] / "templates" / "layout.html"
_DATA = ("application/ld+json", "application/json")  # what our pages tell machines; a browser runs neither
_ENGINE = re.compile(r"(?:\.\./)*_static/review/[\w-]+\.js(?:\?\w+=[0-9a-f]+)?")
_PLAIN = re.compile(r'(?:\s+[\w-]+(?:="[^"<>]*")?)*\s*')
_STYLE_LINK = re.compile(r'\s*<link(?=[^>]*rel="stylesheet")[^>]*href="(?P<href>[^"?]*)[^"]*"[^>]*>')
_VIEWPORT = re.compile(r'\s*<meta[^>]*name="viewport"[^>]*>(?=.*<meta[^>]*name="viewport")', re.DOTALL)
_CODE = re.compile(r'<summary aria-label="Toggle hidden content">.*?</summary>', re.DOTALL)
_BESIDE = re.compile(r"([^\s>+~]*)\s*[+~]\s*(?=([^\s>+~]*))")
_HOLDS_ANY = re.compile(r":has\(\s*(?:[+~]|>?\s*\*)")
_VARIABLE = re.compile(r"""(?<=[{;])\s*(--[\w-]+)\s*:(?:"[^"]*"|'[^']*'|[^;{}"'])*(?:;|(?=\}))""")
_NOWHERE = re.compile(r'(<span class="bibtex-citation") id="id\d+"')
_CITED = re.compile(r'(<a class="reference internal" href="[^"]*#ref-[^"]*") title="[^"]*"')
_DARK = re.compile(r"""\[data-theme=["']?dark["']?\]""")
_WORD = re.compile(r"[A-Za-z_][\w-]*")
_KEYFRAMES = re.compile(r"@keyframes ([\w-]+)\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")


@cache
def own_scripts() -> frozenset[str]:
    """Return the scripts that stand in our template of every page, the only ones that may stand in a page."""
    return frozenset(match["body"] for match in _SCRIPT.finditer(_TEMPLATE.read_text(encoding="utf-8")) if not match["attributes"])  # fmt: skip


def _digest(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def inline_hashes(page: str) -> list[str]:
    """Return the hash of each script of our own that stands in a page, as a policy names it; of no other."""
    return sorted({_digest(match["body"]) for match in _SCRIPT.finditer(page) if match["body"] in own_scripts()})


def foreign_scripts(page: str) -> list[str]:
    """Return the beginning of each script of a page that is not ours: neither of the template nor a file of the engine's.

    A block of data is no script; a name that a browser may take for one of JavaScript is.
    """
    found = []
    for match in _SCRIPT.finditer(page):
        said = dict(re.findall(r'\s([\w-]+)(?:="([^"]*)")?', match["attributes"]))
        if "src" in said:
            ours = said.keys() <= {"src", "defer"} and _ENGINE.fullmatch(said["src"]) is not None
        else:
            ours = said.get("type") in _DATA or (not said and match["body"] in own_scripts())
        if not ours or not _PLAIN.fullmatch(match["attributes"]):
            found.append(" ".join(match[0].split())[:80])
    return found


def with_policy(page: str) -> str:
    """Return a page that tells the browser what it may load: what comes from the site, and our scripts that it holds."""
    hashes = "".join(f" {h}" for h in inline_hashes(page))
    tag = f'<meta http-equiv="Content-Security-Policy" content="{html.escape(POLICY.format(hashes=hashes), quote=False)}" />'
    return re.sub(r'(<meta charset="utf-8" ?/?>)', rf"\1{tag}", page, count=1)


def used_words(pages: Iterable[str], scripts: Iterable[str]) -> frozenset[str]:
    """Return every class that pages have or that scripts may set, and every id, with its sign."""
    words: set[str] = set()
    for page in pages:
        words.update(word for value in set(re.findall(r'class="([^"]*)"', page)) for word in value.split())
        words.update(f"#{value}" for value in re.findall(r'id="([^"]*)"', page))
    for script in scripts:
        words.update(_WORD.findall(script))
    return frozenset(words)


def used_tags(pages: Collection[str], scripts: Iterable[str] = ()) -> frozenset[str]:
    """Return every element and every attribute that pages hold or that scripts may make."""
    written = {tag for page in pages for tag in re.findall(r"<([a-zA-Z][^<>]*)>", page)}
    tags = {re.sub(r'"[^"]*"', "", tag) for tag in written}
    found = {word.lower() for tag in tags for word in re.findall(r"(?:^|\s)([\w-]+)", tag)}
    inline = (body for page in pages for _, body in _SCRIPT.findall(page) if len(body) < 5000)
    made = {word for script in (*scripts, *inline) for word in _WORD.findall(script)}
    return frozenset(found | made | {f"data-{word}" for word in made})  # a script may set data by their short names


def prune(css: str, words: frozenset[str], tags: frozenset[str] | None = None) -> str:
    """Return a style sheet without rules that need a class, an id or an element that nothing has, and without the icons' fonts.

    What stands inside ``:not(...)`` does not count as needed. Movements that nothing asks for go too, and rules for what
    stands beside an element of any class or holds one.
    """
    kept = "".join(_pruned(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), words, tags))
    moves = " ".join(re.findall(r"animation(?:-name)?\s*:([^;}]*)", kept))
    return _KEYFRAMES.sub(lambda match: match[0] if match[1] in moves else "", kept)


def _pruned(rules: Iterable[object], words: frozenset[str], tags: frozenset[str] | None) -> Iterator[str]:
    for rule in rules:
        if rule.type == "qualified-rule":  # type: ignore[attr-defined]
            prelude = tinycss2.serialize(rule.prelude)  # type: ignore[attr-defined]
            kept = [s for s in _selectors(prelude) if _may_match(s, words, tags) and not _restyles(s)]
            content = re.sub(r"\s+", " ", tinycss2.serialize(rule.content)).strip()  # type: ignore[attr-defined]
            if kept and content:
                yield f"{','.join(kept)}{{{content}}}"
        elif rule.type == "at-rule":  # type: ignore[attr-defined]
            yield from _at_rule(rule, words, tags)


def _at_rule(rule: object, words: frozenset[str], tags: frozenset[str] | None) -> Iterator[str]:
    name, prelude = rule.lower_at_keyword, tinycss2.serialize(rule.prelude).strip()  # type: ignore[attr-defined]
    content = rule.content  # type: ignore[attr-defined]
    if name in ("font-face", "charset", "import"):
        return  # the theme's only fonts are its icons'; what is imported stands before
    if content is None:
        yield f"@{name} {prelude};"
    elif name in ("media", "supports", "layer"):
        inside = "".join(
            _pruned(tinycss2.parse_rule_list(content, skip_comments=True, skip_whitespace=True), words, tags)
        )
        if inside:
            yield f"@{name} {prelude}{{{inside}}}"
    else:
        yield f"@{name} {prelude}{{{tinycss2.serialize(content).strip()}}}"


def used_variables(css: str, other: str = "") -> str:
    """Return a style sheet without the custom properties that nothing asks for, here or in `other`."""
    while True:
        asked = set(re.findall(r"var\(\s*(--[\w-]+)", css + other))
        unasked = {match[0] for match in _VARIABLE.finditer(css) if match[1] not in asked}
        if not unasked:
            return css
        css = _VARIABLE.sub(lambda match, unasked=frozenset(unasked): "" if match[0] in unasked else match[0], css)  # type: ignore[misc]  # a default keeps it of this round


def of_the_dark(css: str) -> str:
    """Return what a style sheet says of the dark, for a reader without scripts: there a page is marked as light.

    Examples
    --------
    >>> of_the_dark('a{b:c}html[data-theme="dark"] a,i{d:e}@media print{html[data-theme=dark]{f:g}}')
    'html[data-theme] a{d:e}@media print{html[data-theme]{f:g}}'
    """
    return _dark_rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True))


def _dark_rules(rules: Iterable[Any]) -> str:
    found = []
    for rule in rules:
        if rule.type == "at-rule" and rule.content and rule.lower_at_keyword in ("media", "supports", "layer"):
            if inside := _dark_rules(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)):
                found.append(f"@{rule.lower_at_keyword} {tinycss2.serialize(rule.prelude).strip()}{{{inside}}}")
        elif rule.type == "qualified-rule":
            dark = [
                _DARK.sub("[data-theme]", s) for s in _selectors(tinycss2.serialize(rule.prelude)) if _DARK.search(s)
            ]
            if dark:
                found.append(f"{','.join(dark)}{{{tinycss2.serialize(rule.content).strip()}}}")
    return "".join(found)


def _selectors(prelude: str) -> list[str]:
    """Return the selectors of a rule: parted at commas that stand in no parenthesis, bracket or string."""
    parts, depth, start, quote = [], 0, 0, ""
    for i, char in enumerate(prelude):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(prelude[start:i].strip())
            start = i + 1
    return [*parts, prelude[start:].strip()]


def _may_match(selector: str, words: frozenset[str], tags: frozenset[str] | None) -> bool:
    bare = selector
    while (shorter := re.sub(r":(?:not|is|where|has)\([^()]*\)", "", bare)) != bare:
        bare = shorter
    elements = re.findall(r"\[([\w-]+)", bare) if tags else []
    bare = re.sub(r"\[[^\]]*\]", "", bare)
    elements += re.findall(r"(?:^|[\s>+~])([a-zA-Z][\w-]*)", bare) if tags else []
    return all(name.lower() in (tags or ()) for name in elements) and all(
        name.lstrip(".") in words for name in re.findall(r"[.#]-?[A-Za-z_][\w-]*", bare.replace("\\", ""))
    )


def _restyles(selector: str) -> bool:
    """Whether a selector asks what stands beside, or in, elements of any class.

    Whatever comes into a page, a browser then reckons anew the style of all that its parent holds.
    """
    bare = re.sub(r"\[[^\]]*\]|\((?:[^()]|\([^()]*\))*\)", "", selector)
    of_any = any(not {".", "#"} & set(side) for pair in _BESIDE.findall(bare) for side in pair)
    return of_any or _HOLDS_ANY.search(selector) is not None


def one_style(site: Path, cache: Path) -> str:
    """Put the style sheets that pages share, pruned, into one file; return its address from the root.

    Raises
    ------
    FileNotFoundError
        When a page names a style sheet that is not there.
    """
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))}
    order: dict[Path, None] = {}
    heads = {path: page.partition("</head>") for path, page in pages.items()}
    for path, (head, _, _) in heads.items():
        for match in _STYLE_LINK.finditer(head):
            order[Path(os.path.normpath(path.parent / urlsplit(match["href"]).path))] = None
    words = used_words(pages.values(), (" ".join(SET_BY_SCRIPTS),))
    sheets = [part for sheet in order for part in _with_imports(sheet)]
    own = [sheet for sheet in sheets if sheet.parent.name == "review"]
    text = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets if sheet not in own)
    ours = "\n".join(sheet.read_text(encoding="utf-8") for sheet in own).replace('url("fonts/', 'url("review/fonts/')
    ours = re.sub(r"\s*\n\s*", "", re.sub(r"/\*.*?\*/", "", ours, flags=re.DOTALL))
    scripts = [path.read_text(encoding="utf-8") for path in sorted((site / "_static").rglob("*.js")) if path.name != "vega.js"]  # fmt: skip
    tags = used_tags(pages.values(), scripts)
    key = hashlib.sha256("\x00".join([text, ours, *sorted(words), *sorted(tags), Path(__file__).read_text(encoding="utf-8")]).encode()).hexdigest()[:16]  # fmt: skip
    kept = cache / f"style-{key}.css"
    if not kept.is_file():
        for old in cache.glob("style-*.css"):
            old.unlink()
        write_atomically(
            kept, used_variables(prune(text, words, tags), ours) + ours
        )  # ours is whole: Vega asks for some of it
    address, dark = f"_static/style-{key[:8]}.css", f"_static/style-{key[:8]}-dark.css"
    shutil.copyfile(kept, site / address)
    (site / dark).write_text(of_the_dark(kept.read_text(encoding="utf-8")), encoding="utf-8")
    for path, (head, end, body) in heads.items():
        here, there = (os.path.relpath(site / name, path.parent).replace(os.sep, "/") for name in (address, dark))
        first = True

        def link(_: re.Match[str], here: str = here, there: str = there) -> str:
            nonlocal first
            unscripted = (
                f'<noscript><link rel="stylesheet" media="(prefers-color-scheme: dark)" href="{there}" /></noscript>'
            )
            tag = f'\n<link rel="stylesheet" href="{here}" />{unscripted}' if first else ""
            first = False
            return tag

        if _STYLE_LINK.search(head):
            head = head.replace("<html ", '<html data-theme="light" ', 1)  # until a script says otherwise
        path.write_text(_STYLE_LINK.sub(link, head) + end + body, encoding="utf-8")
    for sheet in sheets:
        sheet.unlink(missing_ok=True)
    return address


def _with_imports(sheet: Path) -> list[Path]:
    """Return a style sheet after those that it imports."""
    found = re.findall(r'@import\s+(?:url\()?["\']?([^"\')\s;]+)', sheet.read_text(encoding="utf-8"))
    return [*(part for name in found for part in _with_imports(sheet.parent / name)), sheet]


def _named_by_content(page: str, folder: Path) -> str:
    """Return a page whose scripts are asked for by their content, so that no browser keeps an old one."""

    def name(match: re.Match[str]) -> str:
        script = folder / match[1]
        return (
            f'src="{match[1]}?v={hashlib.sha256(script.read_bytes()).hexdigest()[:8]}"'
            if script.is_file()
            else match[0]
        )

    return re.sub(r'src="([^"?:]+\.js)(?:\?v=[0-9a-f]+|\?digest=[0-9a-f]+)?"', name, page)


def lighten_pages(site: Path) -> None:
    """Take out of every page what stands there twice or is better asked for."""
    for path in sorted(site.rglob("*.html")):
        page = path.read_text(encoding="utf-8")
        head, end, body = page.partition("</head>")
        light = _VIEWPORT.sub("", head) + end + body  # the themes write one each
        light = _NOWHERE.sub(r"\1", light)
        light = _CITED.sub(r"\1", light)  # a script asks the list of references when somebody points at a citation
        if light != page:
            path.write_text(light, encoding="utf-8")


def finish_pages(site: Path) -> None:
    """Write the policy into every page, and let the page for lost readers stand at any address.

    Raises
    ------
    PageError
        When a page holds a script that is not the engine's own.
    """
    paths = sorted(site.rglob("*.html"))
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("fork")) as pool:
        found = zip(paths, pool.map(_finish, paths, chunksize=50), strict=True)
        foreign = [f"{path.relative_to(site).as_posix()}: {script}" for path, scripts in found for script in scripts]
    if foreign:
        raise PageError("\n".join(f"{one}; needed: no script but the engine's own" for one in foreign))


def _finish(path: Path) -> list[str]:
    """Write the policy into a page, and what else every page needs at its end; return the scripts that are not ours."""
    page = path.read_text(encoding="utf-8")
    foreign = foreign_scripts(page)
    if path.name == "404.html":
        place = urlsplit(base_url()).path or "/"
        page = page.replace("<head>", f'<head><base href="{html.escape(place, quote=True)}" />', 1)
    page = _named_by_content(page, path.parent)
    page = re.sub(
        r"(<a [^<>]*>)([^<]+)</a><details([^>]*)><summary>",
        r'\1\2</a><details\3><summary aria-label="Pages of \2">',
        page,
    )
    page = _CODE.sub("<summary>Code</summary>", page)
    page = page.replace('<div class="highlight"><pre>', '<div class="highlight"><pre tabindex="0">')  # it may scroll
    path.write_text(with_policy(page), encoding="utf-8")
    return foreign


def _found(charts: Mapping[str, Chart]) -> dict[str, str]:
    """Return what the search says of pages beyond their text: figures by their titles, studies by their authors."""
    return {f"charts/{chart.address}.html": f"{chart.title}\n{chart.spec['description']}" for chart in charts.values()}


def light_script(text: str) -> str:
    """Return a script without its indentation and its lines of comment."""
    return re.sub(r"(?m)^[ \t]+", "", re.sub(r"(?m)^[ \t]*//.*\n", "", text))


def publish(root: Path, built: Path, target: Path) -> None:
    """Make a published site at `target` from the pages that Sphinx built."""
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(built, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
    shutil.rmtree(target / "_static" / "vendor", ignore_errors=True)
    for folder in static_folders(root):  # Sphinx copies them only when it writes a page
        shutil.copytree(folder, target / "_static", dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "style-*"))
    for script in (target / "_static" / "review").glob("*.js"):
        if script.name != "vega.js":
            script.write_text(light_script(script.read_text(encoding="utf-8")), encoding="utf-8")
    pages = {path.relative_to(target).with_suffix("").as_posix(): path.read_text(encoding="utf-8") for path in sorted(target.rglob("*.html"))}  # fmt: skip
    charts = charts_of(pages)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as beside:
        found = beside.submit(write_search, target, pages, _found(charts))
        moved = beside.submit(write_data, root, target)
        write_charts(root, target, charts)
        one_style(target, root / "_build" / "assets")
        write_notebooks(root, target, charts)
        write_feeds(root, target)
        lighten_pages(target)
        found.result()
        left_out = {f"{name}.html" for name in (*MADE, *moved.result())}
    write_site_map(target, {path.relative_to(target).as_posix() for path in target.rglob("*.html")} - left_out)
    set_apart(target)
    finish_pages(target)
    unpack_releases(root / "releases", target, load_about(root / "data").slug)
