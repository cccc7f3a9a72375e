"""Every chart of the site: its two drawings, its data and its specification as files, and a page of its own.

A page holds a chart's specification under its name. Here it becomes a picture that needs no script, in the width at
which it is seen, and files at addresses that stay: ``charts/<chapter>/<analysis>/<name>`` with the ends ``.svg``,
``-phone.svg``, ``.csv``, ``.json`` and ``.html``.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import multiprocessing
import os
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from review_book.execute.contents import read_notebook
from review_book.records.about import load_about
from review_book.site import drawings, keys, vega
from review_book.site.assets import vega_script
from review_book.site.context import base_url, launches, page_citation, records_version, review_citation
from review_utils.review import Explained
from review_utils.show import charts as shown

TALL = 1.2
"""Height over width from which a drawing has a page of paper to itself."""

INK = (
    "<style>:root{color:#1b2530}@media(prefers-color-scheme:dark){:root{color:#e6e9ed}}"
    '@font-face{font-family:"Source Sans 3";font-weight:400 700;src:local("Source Sans 3"),local("SourceSans3-Regular")}'
    '@font-face{font-family:"Sans until then";src:local("Arial"),local("Liberation Sans");size-adjust:88%}'
    'text{font-family:"Source Sans 3","Sans until then",Arial,sans-serif}</style>'
)
"""The ink of a picture that stands alone, and a font as wide as the page's; in a page the script takes both out, and the
page's own hold."""

_CHART = re.compile(
    rf'<div class="review-chart" data-chart="(?P<name>[^"]*)" role="group" aria-label="(?P<label>[^"]*)">'
    rf'<script type="{re.escape(shown.CHART_MIME)}">(?P<spec>.*?)</script></div>',
    re.DOTALL,
)


class NotDrawn(Explained, ValueError):
    """At least one chart of which no picture comes."""


@dataclass
class Chart:
    """A chart of the site.

    Parameters
    ----------
    address : str
        ``<chapter>/<analysis>/<name>``, below ``charts``.
    spec : dict
        The Vega-Lite specification that the analysis made.
    pages : list of str
        The pages that show it.
    """

    address: str
    spec: dict[str, Any]
    pages: list[str] = field(default_factory=list)
    svg: dict[str, str] = field(default_factory=dict)
    specs: dict[str, dict[str, Any]] = field(default_factory=dict)

    @cached_property
    def title(self) -> str:
        """The title, which states the finding."""
        title = self.spec["title"]
        text = title["text"] if isinstance(title, dict) else title
        return " ".join(text) if isinstance(text, list) else str(text)

    @property
    def source(self) -> str:
        """The analysis that made it, as a page."""
        return f"analyses/{self.address.rpartition('/')[0]}"

    @property
    def has_inputs(self) -> bool:
        """Whether a reader can set something in it, for which a script must draw it."""
        return '"bind":' in json.dumps(self.spec)

    def size(self, kind: str) -> tuple[str, str]:
        """Return width and height of a drawing in pixels."""
        found = re.search(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"', self.svg[kind])
        if found is None:
            raise ValueError(f"{self.address}: a drawing without a size")
        return found[1], found[2]


def collect(pages: Mapping[str, str]) -> dict[str, Chart]:
    """Return every chart that pages hold, by address.

    Parameters
    ----------
    pages : mapping
        Name of a page, without its suffix, to its HTML.
    """
    found: dict[str, Chart] = {}
    for page, text in pages.items():
        for match in _CHART.finditer(text):
            address = address_of(page, match["name"])
            chart = found.setdefault(address, Chart(address, json.loads(match["spec"])))
            chart.pages.append(page)
    return found


def address_of(page: str, name: str) -> str:
    """Return the address of a chart that a page holds: a chapter names the analysis, an analysis the chart alone."""
    return name if "/" in name else f"{page.removeprefix('analyses/')}/{name}"


_ahead: list[ProcessPoolExecutor] = []
"""The process that draws while pages are read, if there is one; it goes on when all draw."""


def _places(specs: Iterable[dict[str, Any]], cache: Path) -> list[Path]:
    """Return where the drawings of each specification are kept: under its digest and that of our code."""
    code = b"".join(Path(str(module.__file__)).read_bytes() for module in (drawings, keys, shown, vega))
    digests = (hashlib.sha256(code + json.dumps(spec, sort_keys=True).encode()).hexdigest() for spec in specs)
    return [cache / f"{digest[:24]}.json" for digest in digests]


def _drawers(count: int, script: Path) -> ProcessPoolExecutor:
    """Return processes that start afresh: the drawing engine's threads do not bear a fork."""
    afresh = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=afresh, initializer=vega.use, initargs=(script,))


def _kept(root: Path) -> Path:
    return root / "_build" / "drawings"


def draw_ahead(outputs: Mapping[str, str], root: Path) -> None:
    """Begin to draw what analyses show, in a process beside this one, until `draw_all` has them all, or `stop_drawing`.

    Parameters
    ----------
    outputs : mapping
        Name of an analysis to the HTML of what it shows.
    root : path
        The review.
    """
    specs = [chart.spec for chart in collect(outputs).values()]
    missing = {path: spec for path, spec in zip(_places(specs, _kept(root)), specs, strict=True) if not path.is_file()}
    if missing and (os.cpu_count() or 1) > 1:
        _ahead.append(_drawers(1, vega_script(root)))
        for path, spec in missing.items():
            _ahead[-1].submit(drawings.draw_into, path, spec)  # what fails is drawn again by `draw_all`, which says so


def stop_drawing() -> None:
    """Let the process that draws ahead end the drawing in its hands, and take no other."""
    while _ahead:
        _ahead.pop().shutdown(cancel_futures=True)


def draw_all(charts: Iterable[Chart], root: Path, tidy: bool = True) -> None:
    """Draw what is not kept yet, on all cores.

    Parameters
    ----------
    charts : iterable of Chart
        Each receives its drawings.
    root : path
        The review.
    tidy : bool
        Whether these are all charts there are: what none of them needs is thrown away.

    Raises
    ------
    NotDrawn
        After all others are drawn, with every chart of which no picture comes.
    """
    charts = list(charts)
    places = _places((chart.spec for chart in charts), _kept(root))
    missing = {path: chart.spec for chart, path in zip(charts, places, strict=True) if not path.is_file()}
    faults: dict[Path, str] = {}
    if missing:
        # The process that draws ahead goes on from the first; these begin at the last, until they meet it.
        with _drawers(max(1, min(os.cpu_count() or 1, len(missing)) - len(_ahead)), vega_script(root)) as pool:
            begun = {path: pool.submit(drawings.draw_into, path, spec) for path, spec in reversed(missing.items())}
            faults = {path: str(fault) for path, one in begun.items() if (fault := one.exception())}
    stop_drawing()
    if faults:
        wrong = [_told(root, chart, faults[path]) for chart, path in zip(charts, places, strict=True) if path in faults]
        raise NotDrawn("\n".join(dict.fromkeys(wrong)))
    for chart, path in zip(charts, places, strict=True):
        made = json.loads(path.read_text(encoding="utf-8"))
        chart.svg, chart.specs = made["svg"], made["specs"]
    for old in set(_kept(root).glob("*.json")) - set(places) if tidy else ():
        old.unlink()


def _told(root: Path, chart: Chart, fault: str) -> str:
    """Return a sentence on a chart that could not be drawn, with the line of the cell that shows it."""
    name = chart.address.rpartition("/")[2]
    path = root / f"{chart.source}.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = re.search(rf"[\"']{re.escape(name)}[\"']", text)
    line = text.count("\n", 0, found.start()) + 1 if found else 1
    if (cell := re.fullmatch(r"cell-(\d+)(?:-\d+)?", name)) and not found and text:
        line = int(read_notebook(path).metadata["source_map"][int(cell[1]) - 1])
    return f"{chart.source}.md:{line}: shows the chart {name}, which cannot be drawn: {fault}; needed: columns, scales and expressions by which each mark has a place"


def data_csv(spec: Mapping[str, Any]) -> str:
    """Return the rows that a chart draws as CSV; where it holds several sets, the first column numbers them."""
    sets = [rows for rows in spec.get("datasets", {}).values() if isinstance(rows, list)]
    sets += [node["data"]["values"] for node in drawings.nodes(spec) if isinstance(node.get("data"), dict) and isinstance(node["data"].get("values"), list)]  # fmt: skip
    columns = list(dict.fromkeys(key for rows in sets for row in rows if isinstance(row, dict) for key in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    several = len(sets) > 1
    writer.writerow([*(["set"] if several else []), *columns])
    for i, rows in enumerate(sets, 1):
        for row in rows:
            if isinstance(row, dict):
                cells = [row.get(column, "") for column in columns]
                cells = [json.dumps(c) if isinstance(c, dict | list) else "" if c is None else c for c in cells]
                writer.writerow([*([i] if several else []), *cells])
    return out.getvalue()


def alone(svg: str) -> str:
    """Return a drawing as a file of its own, with ink for light and dark."""
    return re.sub(r"(<svg [^>]*>)", rf"\1{INK}", svg, count=1)


def figure_html(chart: Chart, up: str) -> str:
    """Return a chart as a page shows it: two drawings, of which the screen's width chooses, and one quiet line below.

    Parameters
    ----------
    chart : Chart
    up : str
        The way from the page to the site's root, as ``../``.
    """
    place = html.escape(f"{up}charts/{chart.address}", quote=True)
    label = html.escape(chart.spec["description"], quote=True)
    wide, phone = chart.size("wide"), chart.size("phone")
    tall = " review-chart__view--tall" if float(wide[1]) > TALL * float(wide[0]) else ""
    explore = '<button type="button" class="review-js-only" data-act="explore">Set its inputs</button>' if chart.has_inputs else ""  # fmt: skip
    return (
        f'<figure class="review-chart" data-chart="{place}"{" data-inputs" if chart.has_inputs else ""}>'
        f'<div class="review-chart__view{tall}" tabindex="0" role="group" aria-label="Figure" style="--wide:{wide[0]}px;--phone:{phone[0]}px"><picture>'
        f'<source media="(max-width: 47.99rem)" srcset="{place}-phone.svg" width="{phone[0]}" height="{phone[1]}">'
        f'<img src="{place}.svg" width="{wide[0]}" height="{wide[1]}" alt="{label}" loading="lazy" decoding="async"></picture></div>'
        f'<figcaption class="review-chart__foot">{explore}<a href="{place}.html">Page of this figure: cite, embed</a> '
        f'<a href="{place}.csv" download>Data</a> <a href="{place}.svg" download>Image</a></figcaption></figure>'
    )


def in_place(root: Path, name: str, page: str) -> str:
    """Return a page with its charts drawn in it, in one width: what the preview shows, which has no files beside it."""
    charts = collect({name: page})
    draw_all(charts.values(), root, tidy=False)

    def picture(match: re.Match[str]) -> str:
        chart = charts[address_of(name, match["name"])]
        label = html.escape(chart.spec["description"], quote=True)
        view = f'<div class="review-chart__view" data-kind="wide" style="--wide:{chart.size("wide")[0]}px">{_spoken(chart.svg["wide"], label)}</div>'
        return f'<figure class="review-chart">{view}</figure>'

    return _CHART.sub(picture, page)


PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8" /><meta name="viewport" content="width=device-width, initial-scale=1" />
<title>{title} | {review}</title><meta name="description" content="{label}" />{canonical}
<meta property="og:title" content="{title}" /><meta property="og:description" content="{label}" />
<meta property="og:image" content="{base}social.png" /><meta name="color-scheme" content="light dark" />
<link rel="icon" href="{up}_static/favicon.svg" />
<style>@font-face{{font-family:"Source Sans 3";src:url("{up}_static/review/fonts/source-sans-3.woff2") format("woff2");font-weight:400 700}}{style}</style></head>
<body><main><h1>{title}</h1><figure>{pictures}</figure>
<p class="source">From <a href="{up}{source}.html" target="_top">{source_title}</a> in <a href="{up}index.html" target="_top">{review}</a>,
version {version}, records {records}. <a href="https://creativecommons.org/licenses/by/4.0/" rel="license" target="_top">CC BY 4.0</a>.</p>
<section class="more"><p>{label}</p>
<p><a href="{name}.csv" download>Data (CSV)</a> · <a href="{name}.svg" download>Image (SVG)</a> · <a href="{name}-phone.svg" download>Narrow image (SVG)</a> · <a href="{name}.json" download>Specification (Vega-Lite)</a>{shown}{answers}<br />{digits}</p>
<details><summary>Cite this figure</summary><pre tabindex="0">{bibtex}</pre></details>
<details><summary>Embed this figure</summary><pre tabindex="0">{embed}</pre></details></section></main>
<script src="{up}_static/review/tips.js" defer></script></body></html>
"""

DIGITS_SAID = "Whole numbers are given to the digit; fractions are rounded to five significant digits, or to two decimals where these are more."
"""How the numbers of a chart are rounded, drawn or downloaded (`in_few_digits`)."""

STYLE = """
:root{color-scheme:light dark;color:#1b2530;background:#fff;font:16px/1.5 "Source Sans 3","Sans until then",Helvetica,Arial,sans-serif}
@font-face{font-family:"Sans until then";src:local("Arial"),local("Liberation Sans");size-adjust:88%}
body{margin:0}main{max-width:46rem;margin:0 auto;padding:.5rem}h1{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
figure{margin:0;overflow-x:auto}svg{display:block;max-width:100%;height:auto}svg text{font-family:inherit}
.phone{display:none}.source,.more{font-size:.85rem;margin:.4rem 0}a{color:#1d4f7c}pre{white-space:pre-wrap;overflow-wrap:anywhere}
summary{cursor:pointer;padding:.3rem 0}
@media(max-width:47.99rem){.wide{display:none}.phone{display:block}}
@media(max-height:36rem){.more{display:none}}
@media(prefers-color-scheme:dark){:root{color:#e6e9ed;background:#14181d}a{color:#9cc9f2}}
.review-tip{position:fixed;z-index:9;max-width:20rem;padding:.4rem .6rem;font-size:.82rem;background:Canvas;color:CanvasText;border:1px solid;border-radius:.3rem;pointer-events:none}
.review-tip b{font-weight:600}.review-tip span{display:block}
""".replace("\n", "")


def esc(text: str) -> str:
    """Return text as it stands in HTML, in an attribute too."""
    return html.escape(text, quote=True)


def _spoken(svg: str, label: str) -> str:
    return svg.replace('<svg aria-hidden="true"', f'<svg role="img" aria-label="{label}"', 1)


def page_html(root: Path, chart: Chart, titles: Mapping[str, str]) -> str:
    """Return the page of a chart, which can stand in another site: picture, source, licence; below, data and citation."""
    review = review_citation(root)
    up, name = "../" * (chart.address.count("/") + 1), chart.address.rpartition("/")[2]
    place = f"{base_url()}charts/{chart.address}.html"
    label = esc(chart.spec["description"])
    pictures = "".join(f'<div class="{kind}">{_spoken(chart.svg[kind], label)}</div>' for kind in drawings.WIDTHS)
    others = [page for page in dict.fromkeys(chart.pages) if page != chart.source]
    links = "".join(f' · <a href="{up}{page}.html" target="_top">{esc(titles.get(page, page))}</a>' for page in others)
    to = launches(load_about(root / "data"), f"charts/{chart.address}", chart.title)
    edit = launches(load_about(root / "data"), chart.source, chart.title).get("edit")
    answers = "".join(
        f' · <a href="{esc(at)}" target="_top">{words}</a>'
        for at, words in ((edit, "Edit its page"), (to.get("report"), "Report an error"))
        if at
    )
    height = round(float(chart.size("wide")[1])) + 70
    embed = f'<iframe src="{place}" title="{chart.title}" width="760" height="{height}" style="border:0;max-width:100%" loading="lazy"></iframe>'
    return PAGE.format(
        title=esc(chart.title), review=esc(review.title), label=label, base=esc(base_url()),
        canonical=f'<link rel="canonical" href="{esc(place)}" />' if base_url() else "", up=up, style=STYLE,
        pictures=pictures, source=chart.source, source_title=esc(titles.get(chart.source, chart.source)),
        version=review.version, records=records_version(root), name=esc(name), shown=links, answers=answers,
        bibtex=esc(page_citation(root, f"charts/{chart.address}", chart.title)), embed=esc(embed), digits=DIGITS_SAID,
    )  # fmt: skip


def charts_of(pages: Mapping[str, str]) -> dict[str, Chart]:
    """Return every chart of a site as it was built, by address: first those that an analysis shows itself."""
    return collect({name: pages[name] for name in sorted(pages, key=lambda name: not name.startswith("analyses/"))})


def write_charts(root: Path, site: Path, charts: Mapping[str, Chart]) -> None:
    """Draw every chart of a site, write its files and its page, and put its picture where pages hold it."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))}
    names = {path: path.relative_to(site).with_suffix("").as_posix() for path in texts}
    draw_all(charts.values(), root)
    titles = {names[path]: _title(text) for path, text in texts.items()}
    for chart in charts.values():
        place = site / "charts" / chart.address
        place.parent.mkdir(parents=True, exist_ok=True)
        ends = {
            ".svg": alone(chart.svg["wide"]),
            "-phone.svg": alone(chart.svg["phone"]),
            ".csv": data_csv(chart.spec),
            ".json": json.dumps(chart.spec, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n",
            ".html": page_html(root, chart, titles),
        }
        if chart.has_inputs:
            ends[".js"] = _spec_script(chart)
        for end, text in ends.items():
            place.with_name(place.name + end).write_text(text, encoding="utf-8")
    for path, text in texts.items():
        up = "../" * names[path].count("/")

        def picture(match: re.Match[str], path: Path = path, up: str = up) -> str:
            return figure_html(charts[address_of(names[path], match["name"])], up)

        if (new := _CHART.sub(picture, text)) != text:
            path.write_text(new, encoding="utf-8")


def _title(page: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)(?:<a class=\"headerlink|</h1>)", page, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""


def _spec_script(chart: Chart) -> str:
    """Return the specification of a chart with inputs as a script, which a page that was opened from a file can load too."""
    specs = {kind: {k: v for k, v in spec.items() if k != "datasets"} for kind, spec in chart.specs.items()}
    text = json.dumps({"datasets": chart.spec.get("datasets", {}), **specs}, sort_keys=True, separators=(",", ":"))
    return f"(window.reviewSpecs??={{}})[{json.dumps(chart.address)}]={text};\n"
