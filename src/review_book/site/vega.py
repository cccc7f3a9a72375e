"""Vega in an engine of its own, without a browser: a specification becomes SVG in some milliseconds.

The engine holds what it drew last, so that the same chart in another width costs what moves in it and no more. Widths
of text are those of the page's font: its letters and the pairs that stand closer or wider (``assets/fonts/make.sh``
measures them). One engine serves a process, and it is started on the first drawing.
"""

from __future__ import annotations

import atexit
import json
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from review_book.files import write_atomically
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

DAYS = """
const Date = (Ours => {
  const told = /^[+-]?\\d{4,6}(?:-\\d\\d){0,2}$|(?:Z|UTC|GMT.*|:\\d\\d.*[+-]\\d\\d:?\\d\\d)$/i, counted = /^[+-]?\\d+-/;
  class Utc extends Ours {
    constructor(...given) {
      super(...(given.length > 1 ? [Ours.UTC(...given)] : given.map(one => typeof one === "string" ? Utc.parse(one) : one)));
    }
    static parse(text) {
      const said = String(text).trim();
      return Ours.parse(told.test(said) ? said : counted.test(said) ? `${said}Z` : `${said} UTC`);
    }
    getTimezoneOffset() { return 0; }
    toString() { return this.toUTCString(); }
  }
  for (const name of Object.getOwnPropertyNames(Ours.prototype).filter(name => /^[gs]etUTC/.test(name))) {
    Utc.prototype[name.replace("UTC", "")] = Ours.prototype[name];
  }
  return Utc;
})(globalThis.Date);
"""
"""Dates that know no other hours than those of UTC: a day that is written is the day that is drawn, wherever it is."""

WHOLE = """
const asAsked = vegaModule.expressionFunction("format");
vegaModule.expressionFunction("format", function (value, form) { return asAsked.call(this, value, form || ".15~g"); });
"""
"""Numbers without a format of their own say all that a number of a program holds: Vega's own rule ends at twelve digits."""

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

const pictures = {};
const legendsOf = group => [...(group.legends ?? []), ...(group.marks ?? []).flatMap(legendsOf)];

function listening() {
  const faults = [], said = () => logger;
  const logger = {level: said, warn: said, info: said, debug: said, error: (...words) => { faults.push(words.join(" ")); return logger; }};
  return {faults, logger};
}

async function measured(place) {
  const {view, faults, spec} = pictures[place], {left, right} = view.padding();
  await view.runAsync();
  if (faults.length) throw new Error(faults.join("; "));
  return JSON.stringify([view._viewWidth + left + right, legendsOf(spec).length]);
}

function hold(place, spec, sizes, {faults, logger}) {
  pictures[place]?.view.finalize();
  const parsed = reviewVega.vega.parse(JSON.parse(JSON.stringify(spec)));  // a view writes into its rows
  pictures[place] = {spec, sizes, faults, view: new reviewVega.vega.View(parsed, {renderer: "none", logger})};
  return measured(place);
}

async function draw(text, place, columns) {
  const ears = listening(), spec = reviewVega.vegaLite.compile(JSON.parse(text), {logger: ears.logger}).spec;
  for (const legend of legendsOf(spec)) {
    const most = legend.columns ?? spec.config?.legend?.columns;
    if (most > 0) legend.columns = {signal: `min(${most}, keyColumns)`};
  }
  const own = one => Number.isFinite(one.value) && !text.includes(`"${one.name}"`);  // no input of its author's
  const sizes = (spec.signals ?? []).filter(one => /(^|_)(width|childWidth|x_step)$/.test(one.name) && own(one));
  spec.signals = [...(spec.signals ?? []), {name: "keyColumns", value: columns}];
  return hold(place, spec, [...(Number.isFinite(spec.width) ? ["width"] : []), ...sizes.map(one => one.name)], ears);
}

const sized = (place, name, share) => Math.max(1, Math.round(pictures[place].view.signal(name) * share));

function again(place, share, columns) {
  const {view, sizes} = pictures[place];
  for (const name of sizes) view.signal(name, sized(place, name, share));
  view.signal("keyColumns", columns).resize();
  return measured(place);
}

function withoutKey(place, other, share) {
  const {spec, sizes} = pictures[place], bare = JSON.parse(JSON.stringify(spec));
  const drop = group => { delete group.legends; (group.marks ?? []).forEach(drop); };
  drop(bare);
  for (const name of sizes) {
    const signal = bare.signals.find(one => one.name === name);
    if (signal) signal.value = sized(place, name, share); else bare[name] = sized(place, name, share);
  }
  return hold(other, bare, sizes, listening());
}

const svgOf = place => pictures[place].view.toSVG();
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
    snippet = f"{imports}{WHOLE}window.reviewVega = {{ vegaEmbed, vega: vegaModule, vegaLite: vegaLiteModule }};"
    made: str = vl_convert.javascript_bundle(snippet, vl_version=VEGA_LITE)
    return f"(() => {{{DAYS}{made}\n}})();\n"


def make(script: Path) -> None:
    """Write the bundle into a file."""
    write_atomically(script, bundle())


_at: list[Path | Callable[[], Path]] = []


def use(script: Path | Callable[[], Path]) -> None:
    """Let drawings of this process load a bundle that was made before, or one that is asked for at the first of them."""
    _at[:] = [script]


_calls: SimpleQueue[tuple[str, Future[Any]] | None] = SimpleQueue()
"""What the engine is asked, each with the place of its answer; None when nothing more will be."""


@cache
def _begin() -> None:
    """Start the engine's thread: the engine cannot wait where an event loop runs, in a notebook or beside a browser.

    It has to be closed by the thread that made it, and before the program takes itself apart: elsewhere or later, its end
    is a segmentation fault or a wait without end.
    """
    thread = Thread(target=_serve, name="vega", daemon=True)
    thread.start()
    atexit.register(_end, thread)


def _end(thread: Thread) -> None:
    _calls.put(None)
    thread.join()


def _serve() -> None:
    """Answer each call in turn by an engine that starts at the first, and close it after the last."""
    engine = None
    with ExitStack() as open_until_the_end:
        while (asked := _calls.get()) is not None:
            call, answer = asked
            try:
                engine = engine or open_until_the_end.enter_context(_started())
                answer.set_result(_said(engine, call))
            except Exception as error:  # whoever asked is told
                answer.set_exception(error)


def _started() -> MiniRacer:
    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    font = (Path(__file__).parent / "fonts" / "widths.json").read_text(encoding="utf-8")
    script = (at() if callable(at := _at[0]) else at).read_text(encoding="utf-8") if _at else bundle()
    for part in (
        SURROUNDINGS,
        f"globalThis.Date = (() => {{{DAYS}return Date;}})();",
        script,
        f"const FONT = {font}, OTHER = {OTHER};",
        DRAW,
    ):
        engine.eval(part)
    return engine


def _said(engine: MiniRacer, call: str) -> Any:  # noqa: ANN401  # what JavaScript returns
    found = engine.eval(call)
    return found.get() if hasattr(found, "get") else found


def ask(call: str) -> Any:  # noqa: ANN401  # what JavaScript returns
    """Return what a call of the engine's functions gives, once it is there.

    Raises
    ------
    ValueError
        With the first line of what the engine says, when it fails.
    """
    from py_mini_racer import JSEvalException, JSPromiseError

    _begin()
    answer: Future[Any] = Future()
    _calls.put((call, answer))
    try:
        return answer.result()
    except (JSEvalException, JSPromiseError) as error:
        first = str(error).partition("\n")[0]
        raise ValueError(first.removeprefix("JavaScript rejected promise with reason: ")) from error


@dataclass
class Picture:
    """A chart that the engine holds until it draws another one in the same place.

    Parameters
    ----------
    place : str
        Where the engine holds it.
    width : float
        Of all of it, in pixels.
    keys : int
        How many keys explain its colours, sizes and dashes.
    """

    place: str
    width: float
    keys: int

    @cached_property
    def svg(self) -> str:
        """An ``svg`` element as Vega writes it; to be asked for before the picture is drawn again."""
        made: str = ask(f"svgOf({self.place!r})")
        return made

    def again(self, share: float, columns: int) -> Picture:
        """Return it with every view's width changed in a proportion, and keys of so many columns at most."""
        return Picture(self.place, *json.loads(ask(f"again({self.place!r}, {share}, {columns})")))

    def without_key(self, share: float) -> Picture:
        """Return another picture of it, without keys, its views in a proportion of their widths."""
        return Picture("bare", *json.loads(ask(f"withoutKey({self.place!r}, 'bare', {share})")))


def picture(spec: dict[str, Any], place: str = "whole", columns: int = 99) -> Picture:
    """Return the picture of a Vega-Lite specification, held by the engine.

    Parameters
    ----------
    spec : dict
        With its data: nothing is loaded.
    place : str
        Where the engine holds it.
    columns : int
        How many columns its keys have at most.

    Raises
    ------
    ValueError
        When Vega cannot draw it, with what Vega says.
    """
    return Picture(place, *json.loads(ask(f"draw({json.dumps(json.dumps(spec))}, {place!r}, {columns})")))


def svg(spec: dict[str, Any]) -> str:
    """Return the picture of a Vega-Lite specification as an ``svg`` element; see `picture`."""
    return picture(spec).svg
