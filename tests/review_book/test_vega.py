"""Vega's own engine: its text is as wide as a browser's, its errors are said, and one script serves pages and drawings."""

import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from review_book.site import assets, vega

SPEC = {
    "data": {"values": [{"a": 1, "b": 2}]},
    "mark": "bar",
    "encoding": {"x": {"field": "a", "type": "quantitative"}},
}
FONT = Path(assets.__file__).parents[1] / "static" / "review" / "fonts" / "source-sans-3.woff2"
WORDS = [
    "Attention of wide models",
    "AVATAR Tokyo, 1,024 to 65,536",
    "loss (nats per token)",
    "10³ ± 0.5",
    "Lörch’s fjord",
]


@pytest.mark.parametrize("weight", [400, 600])
def test_text_is_as_wide_as_a_browser_makes_it(tab, address, weight):
    """The width of words in the page's font, pairs included, is what Chromium measures with it (a tenth of a pixel)."""
    page = tab()
    page.goto(f"{address}/index.html")
    said = page.evaluate(
        """async ([place, weight, words]) => {
            const font = new FontFace("Measured", `url(${place})`, {weight: "400 700"});
            document.fonts.add(await font.load());
            const pen = document.createElement("canvas").getContext("2d");
            pen.font = `${weight} 12px Measured`;
            return words.map(text => pen.measureText(text).width);
        }""",
        [f"{address}/_static/review/fonts/{FONT.name}", weight, WORDS],
    )

    ours = [vega.ask(f"widthOf({{fontSize: 12, fontWeight: {weight}}}, {text!r})") for text in WORDS]
    assert ours == pytest.approx(said, abs=0.1)


def test_text_that_is_cut_takes_no_more_than_its_limit():
    """A label with a limit is as wide as the limit at most, and what is written ends in a sign that it goes on."""
    width = vega.ask("widthOf({fontSize: 12, limit: 40}, 'a very long name of a row')")
    encoding = {"y": {"field": "a", "type": "nominal", "axis": {"labelLimit": 40}}}
    svg = vega.svg({"data": {"values": [{"a": "a very long name of a row"}]}, "mark": "point", "encoding": encoding})

    assert width == 40
    assert re.search(r">a very[^<]*…</text>", svg)


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    """The engine's script, which takes seconds to make."""
    path = tmp_path_factory.mktemp("script") / "vega.js"
    vega.make(path)
    return path


@pytest.mark.parametrize("call", ["svg(SPEC)", "ask('1 + 1')", "ask('nothing.there')"])
def test_a_program_that_drew_ends_well(call, script):
    """The engine is closed before the program takes itself apart: after a drawing, a plain answer and a fault it returns what it should."""
    program = f"from pathlib import Path\nfrom review_book.site import vega\nSPEC = {SPEC!r}\nvega.use(Path({str(script)!r}))\ntry:\n    vega.{call}\nexcept ValueError:\n    pass\n"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")


def test_what_vega_cannot_draw_is_said():
    """A specification that cannot be compiled, and one whose data cannot be read, raise with Vega's own words."""
    with pytest.raises(ValueError, match=r"^TypeError: .*hconcat"):
        vega.svg({"hconcat": 1})
    with pytest.raises(ValueError, match=r"\w+ .*nowhere"):
        vega.svg(SPEC | {"transform": [{"calculate": "nowhere(datum.a)", "as": "c"}]})
    assert vega.svg(SPEC).startswith("<svg ")


ROWS = [{"a": i, "b": i * i, "who": who} for i in range(1, 5) for who in ("one", "another")]
VIEW = {
    "mark": "line",
    "width": 300,
    "encoding": {
        "x": {"field": "a", "type": "quantitative"},
        "y": {"field": "b", "type": "quantitative"},
        "color": {"field": "who", "type": "nominal", "legend": {"columns": 2}},
    },
}
STEPS = VIEW | {
    "mark": "bar",
    "width": {"step": 30},
    "encoding": VIEW["encoding"] | {"x": {"field": "a", "type": "ordinal"}},
}
KINDS = {
    "one view": VIEW,
    "steps": STEPS,
    "layers": {
        "width": 300,
        "layer": [{k: v for k, v in VIEW.items() if k != "width"}, {"mark": "rule", "encoding": {"y": {"datum": 5}}}],
    },
    "beside": {"hconcat": [VIEW, VIEW | {"width": 120}]},
    "below": {"vconcat": [VIEW, VIEW]},
    "panels": {"facet": {"field": "who", "type": "nominal"}, "columns": 2, "spec": VIEW},
}


def _halved(node):
    """Return a specification with every width halved, and keys of one column."""
    if isinstance(node, list):
        return [_halved(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: _halved(value) for key, value in node.items()}
    for key, value in made.items():
        if key in ("width", "step") and isinstance(value, int):
            made[key] = value // 2
    return made | ({"columns": 1} if list(made) == ["columns"] else {})


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_drawn_again_is_as_if_drawn_so_at_first(kind):
    """In half of its width, and without its key, whatever it is made of; the first picture is no part of the second."""
    whole = {"data": {"values": ROWS}, **copy.deepcopy(KINDS[kind])}
    picture = vega.picture(whole)
    bare = picture.without_key(0.5)
    again = picture.again(0.5, 1)

    assert again.svg == vega.svg(_halved(whole))
    assert again.width < picture.width
    assert again.keys
    assert not bare.keys
    keyless = re.sub(r'"legend": \{[^}]*\}', '"legend": null', json.dumps(_halved(whole)))
    assert bare.svg == vega.svg(json.loads(keyless))


def test_an_input_keeps_its_value_when_widths_change():
    """What an author named as a width is his: the engine changes those of views alone."""
    param = {"name": "own_width", "value": 8}
    bars = SPEC | {"width": 200, "params": [param], "mark": {"type": "bar", "opacity": {"expr": "own_width / 10"}}}
    assert 'opacity="0.8"' in vega.picture(bars).again(0.5, 1).svg


def test_one_script_serves_pages_and_drawings(tmp_path):
    """What a page loads when a reader sets an input is what drawings were made with; it is made once."""
    script = assets.vega_script(tmp_path)
    made = script.stat().st_mtime_ns

    assert assets.vega_script(tmp_path).stat().st_mtime_ns == made
    assert re.search(r"reviewVega=\{vegaEmbed\b.*vegaLite:", script.read_text(encoding="utf-8")[-400:].replace(" ", ""))


def test_a_script_that_cannot_be_made_says_why(tmp_path, monkeypatch):
    """The words of the process that should have made it stand in the error."""
    monkeypatch.setattr(assets, "MAKE", "raise SystemExit('no room')")
    with pytest.raises(RuntimeError, match="could not be made: no room"):
        assets.vega_script(tmp_path)


DAYS = ["2026-03-01", "2026-03-01T00:00:00", "2026-03-01 00:00", "2026/03/01", "March 1, 2026", 1772323200000]
"""The same day as data and authors write it."""
IN_ZONES = f"""
import json
from pathlib import Path
from review_book.site import vega
vega.use(Path(SCRIPT))
spec = {{
    "data": {{"values": [{{"day": day}} for day in {DAYS!r}]}},
    "transform": [{{"calculate": "datetime(2026, 2, 1)", "as": "made"}}, {{"timeUnit": "yearmonth", "field": "day", "as": "month"}}],
    "mark": "point",
    "encoding": {{"x": {{"field": "day", "type": "temporal"}}, "y": {{"field": "month", "type": "temporal"}}, "tooltip": {{"field": "made", "type": "temporal", "format": "%d %b"}}}},
}}
print(vega.svg(spec))
"""


def test_a_day_is_the_same_day_in_every_zone(script):
    """Days of every form are drawn and said in UTC whatever the zone of the machine, so that a kept drawing holds everywhere."""
    program = IN_ZONES.replace("SCRIPT", repr(str(script)))
    drawn = {
        zone: subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={**os.environ, "TZ": zone}
        ).stdout
        for zone in ("UTC", "America/Los_Angeles", "Asia/Tokyo")
    }

    assert len(re.findall("day: Mar 01, 2026; month: Mar 01, 2026; made: 01 Mar", drawn["UTC"])) == len(DAYS)
    assert drawn["UTC"] == drawn["America/Los_Angeles"] == drawn["Asia/Tokyo"]


def test_a_page_draws_days_of_utc_as_well(tab, script):
    """The script that a page loads tells days in UTC to a reader west of it, and leaves the page's own dates alone."""
    page = tab(timezone_id="America/Los_Angeles")
    page.evaluate(f"() => {{ {script.read_text(encoding='utf-8')} }}")
    said = page.evaluate(
        """async () => {
            const update = "timeFormat(datetime(2026, 2, 1), '%Y-%m-%d') + ' ' + format(1234567890123, '')";
            const {view} = await reviewVega.vegaEmbed(document.body, {signals: [{name: "said", update}]}, {mode: "vega", ast: true});
            return [new Date("2026-03-01").getDate(), new Date(view.signal("said").slice(0, 10)).toISOString(), view.signal("said")];
        }"""
    )

    assert said == [28, "2026-03-01T00:00:00.000Z", "2026-03-01 1234567890123"]


def test_a_whole_number_is_said_to_the_digit():
    """A mark says all digits of a number that has more than twelve, as of one that has few, and none that it has not."""
    numbers = [1234567890123, 123456789012345, 20230517, 0.1, 5.76e23]
    encoding = {"x": {"field": "n", "type": "quantitative"}, "tooltip": [{"field": "n", "type": "quantitative"}]}
    svg = vega.svg({"data": {"values": [{"n": n} for n in numbers]}, "mark": "point", "encoding": encoding})

    assert re.findall(r'aria-label="n: ([^"]*)" role="graphics-symbol"', svg) == [
        "1234567890123", "123456789012345", "20230517", "0.1", "5.76e+23",
    ]  # fmt: skip
