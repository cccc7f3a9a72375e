"""Vega in an engine of its own, without a browser: a specification becomes SVG in some milliseconds.

Widths of text are those of the page's font: its letters and the pairs that stand closer or wider (``assets/fonts/make.sh``
measures them). One engine serves a process, and it is started on the first drawing.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from review_book.execute.fingerprint import write_atomically
from review_utils.show import VEGA_LITE

if TYPE_CHECKING:
    from py_mini_racer import MiniRacer

MODULES = {"vega": "vega@6.2.0", "vegaLite": "vega-lite@6.4.1"}
"""The modules that the pinned vl-convert brings, as it names them."""

SURROUNDINGS = """
var window = globalThis, self = globalThis;
var setTimeout = () => 0, setInterval = () => 0, clearTimeout = () => {};
var structuredClone = value => value === undefined ? value : JSON.parse(JSON.stringify(value));
var console = Object.fromEntries(["log", "info", "debug", "warn", "error"].map(name => [name, () => {}]));
"""
"""What a browser has and the bare engine has not, as far as Vega asks for it."""

DRAW = """
function widthOf(item, text) {
  const size = item.fontSize == null ? 11 : Number(item.fontSize) || 0;
  const bold = item.fontWeight === "bold" || item.fontWeight === "bolder" || Number(item.fontWeight) >= 600;
  const font = FONT[bold ? "600" : "400"];
  const shown = text == null ? "" : String(text).trim();
  let sum = 0, before = "";
  for (const letter of shown) {
    sum += (font.letters[letter] ?? OTHER) + (font.pairs[before + letter] ?? 0);
    before = letter;
  }
  const width = sum * size / 1000;
  return item.limit > 0 ? Math.min(width, item.limit) : width;  // what is longer is cut when it is written
}
reviewVega.vega.textMetrics.width = widthOf;

async function draw(text) {
  const faults = [], said = () => logger;
  const logger = {level: said, warn: said, info: said, debug: said, error: (...words) => { faults.push(words.join(" ")); return logger; }};
  const compiled = reviewVega.vegaLite.compile(JSON.parse(text), {logger}).spec;
  const view = new reviewVega.vega.View(reviewVega.vega.parse(compiled), {renderer: "none", logger});
  const svg = await view.toSVG();
  view.finalize();
  if (faults.length) throw new Error(faults.join("; "));
  return svg;
}
"""

OTHER = 500
"""Width of a letter that the page's font has not, in thousandths of its size."""


def bundle() -> str:
    """Return Vega, Vega-Lite and what embeds them in a page as one script, from the pinned vl-convert."""
    import vl_convert

    imports = "".join(
        f'import * as {name}Module from "https://cdn.jsdelivr.net/npm/{module}/+esm.js";'
        for name, module in MODULES.items()
    )  # addresses by which vl-convert knows its own copies: nothing is loaded from there
    snippet = f"{imports}window.reviewVega = {{ vegaEmbed, vega: vegaModule, vegaLite: vegaLiteModule }};"
    made: str = vl_convert.javascript_bundle(snippet, vl_version=VEGA_LITE)
    return f"(() => {{{made}\n}})();\n"


def make(script: Path) -> None:
    """Write the bundle into a file."""
    write_atomically(script, bundle())


_at: list[Path] = []


def use(script: Path) -> None:
    """Let drawings of this process load a bundle that was made before."""
    _at[:] = [script]


@cache
def _thread() -> ThreadPoolExecutor:
    """Return a thread for the engine, which cannot wait where an event loop runs: in a notebook, beside a browser."""
    return ThreadPoolExecutor(1, "vega")


@cache
def _engine() -> MiniRacer:
    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    font = (Path(__file__).parent / "fonts" / "widths.json").read_text(encoding="utf-8")
    script = _at[0].read_text(encoding="utf-8") if _at else bundle()
    for part in (SURROUNDINGS, script, f"const FONT = {font}, OTHER = {OTHER};", DRAW):
        engine.eval(part)
    return engine


def _said(call: str) -> Any:  # noqa: ANN401  # what JavaScript returns
    found = _engine().eval(call)
    return found.get() if hasattr(found, "get") else found


def ask(call: str) -> Any:  # noqa: ANN401  # what JavaScript returns
    """Return what a call of the engine's functions gives, once it is there.

    Raises
    ------
    ValueError
        With the first line of what the engine says, when it fails.
    """
    from py_mini_racer import JSEvalException, JSPromiseError

    try:
        return _thread().submit(_said, call).result()
    except (JSEvalException, JSPromiseError) as error:
        first = str(error).partition("\n")[0]
        raise ValueError(first.removeprefix("JavaScript rejected promise with reason: ")) from error


def svg(spec: dict[str, Any]) -> str:
    """Return the picture of a Vega-Lite specification.

    Parameters
    ----------
    spec : dict
        With its data: nothing is loaded.

    Returns
    -------
    str
        An ``svg`` element as Vega writes it.

    Raises
    ------
    ValueError
        When Vega cannot draw it, with what Vega says.
    """
    made: str = ask(f"draw({json.dumps(json.dumps(spec))})")
    return made
