"""What a notebook shows: what comes without `review_utils.show` is put into the book's own form, or refused by name.

An author is never surprised by an empty box. What can be shown well is: Altair charts, frames, styled frames, Markdown
with mathematics, text. What cannot, since it needs a kernel or a script of another host, or has no words for those who do
not see it, ends the build with what to do instead.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any

import altair as alt
from nbformat import NotebookNode

from review_book.execute import shown
from review_utils.show.charts import CHART_MIME, chart_html, spec_of_dict
from review_utils.show.tables import MANY_ROWS

LONG = 40
"""Printed lines from which they are folded."""

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

REFUSED = {
    "application/vnd.jupyter.widget-view+json": "a widget, which needs a running kernel; needed: show.controls(make, instead=...), which shows it in JupyterLab and says in the book what serves there",
    "application/vnd.plotly.v1+json": "a plotly figure, whose script is 4 MB of another host; needed: an Altair chart through show.figure, or a picture of it through show.picture(name, png, alt_text)",
    "application/vnd.bokehjs_exec.v0+json": "a bokeh figure, which needs its scripts; needed: an Altair chart through show.figure, or a picture of it through show.picture(name, png, alt_text)",
    "application/javascript": "a script of its own, which the page's policy forbids; needed: a chart, a table or a picture",
    "image/png": "a picture without words; needed: show.picture(name, figure, alt_text), with a sentence for those who cannot see it",
    "image/jpeg": "a picture without words; needed: show.picture(name, figure, alt_text), with a sentence for those who cannot see it",
    "image/svg+xml": "a picture without words; needed: show.picture(name, figure, alt_text), with a sentence for those who cannot see it",
}
"""Kinds of output that the book does not show, and what to do instead."""


_UNSEEN = re.compile(r"[\0-\b\v\f\x0e-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
"""Controls, turned directions and tags: what a reader does not see, or sees in another order."""

_FORBIDDEN = re.compile(
    r"<(script|iframe|object|embed|link|meta|base|form)\b|<[^>]*\s(?:on\w+\s*=|\w+\s*=[\s\"']*javascript:)", re.I
)
"""What the page's policy forbids, and what would change the page around it."""


class NotShown(ValueError):
    """An output that the book would show badly or not at all."""


def settle(cell: NotebookNode, number: int) -> None:
    """Put the outputs of a cell into the book's own form.

    Parameters
    ----------
    cell : notebook cell
        Changed in place.
    number : int
        Which cell it is, from 1; an unnamed chart is named after it.

    Raises
    ------
    NotShown
        For an output that cannot be shown well; the message says what to do.
    """
    if cell.get("outputs"):
        cell.outputs = joined(cell.outputs)
    for i, output in enumerate(cell.get("outputs", ())):
        for text in (output.get("text", ""), *output.get("data", {}).values()):
            if unseen := _UNSEEN.search(ANSI.sub("", text)) if isinstance(text, str) else None:
                raise NotShown(f"shows {unseen[0]!a}, which nobody sees; needed: text without it, or its repr()")
        if output.output_type == "stream":
            if output.text.count("\n") > LONG:
                cell.outputs[i] = _shown("text/html", folded(output.text))
        elif review := output.get("metadata", {}).get("review"):
            try:
                shown.check(review["kind"], review["record"])
                for spec in _drawn_besides(output, review["record"]):
                    shown.check_chart(spec)
            except ValueError as error:
                raise NotShown(f"shows the {review['kind']} {review['name']}: {error}") from None
        elif "data" in output:
            made = _settled(output.data, f"cell-{number}" if i == 0 else f"cell-{number}-{i + 1}")
            if made:
                output["data"] = {**made, "text/plain": output.data.get("text/plain", "")}
            output["output_type"] = "display_data"
            output.pop("execution_count", None)


_SPEC = re.compile(rf'<script type="{re.escape(CHART_MIME)}">(.*?)</script>', re.S)


def _drawn_besides(output: NotebookNode, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a figure draws and its record has not: the chart with the single points of others."""
    text = "".join(output.get("data", {}).get("text/html", "")) if "spec" in record else ""
    return [spec for found in _SPEC.findall(text) if (spec := json.loads(found)) != record["spec"]]


def joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return outputs with what was printed in one go as one: a kernel sends a long print in parts."""
    made: list[NotebookNode] = []
    for output in outputs:
        last = made[-1] if made else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            made.append(output)
    return made


def _shown(kind: str, text: str) -> NotebookNode:
    return NotebookNode(output_type="display_data", data=NotebookNode({kind: text}), metadata=NotebookNode())


def _settled(data: Mapping[str, Any], name: str) -> dict[str, str] | None:
    for kind in data:
        if re.fullmatch(r"application/vnd\.vegalite\.v\d+(\.\d+)*\+json", kind):
            return {"text/html": _chart(data[kind], name)}
    for kind, why in REFUSED.items():
        if kind in data:
            raise NotShown(f"shows {why}")
    if "text/markdown" in data or "text/latex" in data:
        return None  # read as the book's own Markdown
    if "text/html" in data:
        return {"text/html": _html("".join(data["text/html"]), name)}
    if set(data) - {"text/plain"}:
        raise NotShown(
            f"shows an output of the kind {', '.join(sorted(set(data) - {'text/plain'}))}, which no page can show; "
            "needed: a chart through show.figure, a table through show.table, Markdown, or text"
        )
    text = "".join(data.get("text/plain", ""))
    return {"text/html": folded(text)} if text.count("\n") > LONG else None


def _chart(spec: Mapping[str, Any], name: str) -> str:
    try:
        shown.check_chart(spec)
        return chart_html(spec_of_dict(themed(dict(spec))), name)
    except ValueError as error:
        raise NotShown(f"shows an Altair chart that a reader could not tell: {error}; needed: a title and a description in its properties, or show.figure(name, chart, alt_text)") from None  # fmt: skip


def themed(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a chart in the book's look, which a notebook without `review_utils.show` does not know; its own settings hold."""
    look, own = dict(alt.theme.get()()["config"]), spec.get("config", {})
    if own.get("view") == {"continuousWidth": 300, "continuousHeight": 300}:
        own = {name: value for name, value in own.items() if name != "view"}  # Altair's own size, which nobody chose
    for name, value in own.items():
        look[name] = {**look[name], **value} if isinstance(look.get(name), dict) and isinstance(value, dict) else value
    return {**spec, "config": look}


def _html(text: str, name: str) -> str:
    if found := _FORBIDDEN.search(text):
        raise NotShown(
            f"shows HTML with {found[0][:40]}, which the page's policy forbids; needed: an Altair chart through "
            "show.figure, show.controls for a widget, or a picture through show.picture"
        )
    text = re.sub(r"<style scoped>.*?</style>", "", text, flags=re.DOTALL)  # of every frame of pandas
    rules = re.findall(r"([^{}]*)\{[^{}]*\}", ",".join(re.findall(r"<style[^>]*>(.*?)</style>", text, re.DOTALL)))
    if foreign := next((rule for rule in ",".join(rules).split(",") if rule.strip() and not rule.strip().startswith("#T_")), None):  # fmt: skip
        raise NotShown(f"shows HTML with a style of {foreign.strip()!r}, which holds for the whole page; needed: a styled frame, or no style")  # fmt: skip
    if "<table" not in text:
        return text
    # Pandas' own: a frame, or a styled one, whose names are drawn anew each time.
    for mark in dict.fromkeys(re.findall(r"\bT_[0-9a-f]{5}\b", text)):
        text = text.replace(mark, f"T_{name.replace('-', '_')}")
    text = re.sub(
        r"<style\b.*?</style>", lambda style: re.sub(r"\{([^{}]*)\}", _with_ink, style[0]), text, flags=re.DOTALL
    )
    text = re.sub(r'<table border="1" class="dataframe">', "<table>", text)
    caption = re.search(r"<caption>(.*?)</caption>", text, re.DOTALL)
    label = (
        html.escape(re.sub(r"<[^>]+>", "", caption[1]), quote=True) if caption else f"Table of {name.replace('-', ' ')}"
    )
    long = " review-table--long" * (text.count("<tr") > MANY_ROWS)
    return f'<div class="review-table{long}" tabindex="0" role="region" aria-label="{label}">{text}</div>'


def _with_ink(rule: re.Match[str]) -> str:
    """A cell that an author coloured for a white page has dark letters, also where the page is dark."""
    lacks = "background" in rule[1] and not re.search(r"(?<![\w-])color\s*:", rule[1])
    return f"{{{rule[1].rstrip().rstrip(';')}; color: #1b2530;}}" if lacks else rule[0]


def folded(text: str) -> str:
    """Return a long print, folded, with how much there is and how it begins."""
    plain = ANSI.sub("", text).rstrip("\n")
    lines = plain.split("\n")
    first = next((line.strip() for line in lines if line.strip()), "")
    begins = f", beginning “{html.escape(first[:60])}”" if first else ""
    return (
        f'<details class="review-output"><summary>{len(lines):,} printed lines{begins}</summary>'
        f'<pre tabindex="0">{html.escape(plain)}</pre></details>'
    )
