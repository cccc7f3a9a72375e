"""The calculator of budgets: its page, and its script against the package."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess

import numpy as np
import pytest

from emergence import scaling_laws as sl
from emergence.scaling_laws.calculator import calculator_html

NODE = shutil.which("node")
RUN = """
globalThis.window = {}; globalThis.document = { querySelector: () => null };
require(process.argv[1]);
const { lines, flops, texts } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const attempt = (text) => { try { return window.reviewLaws.parse(text); } catch (error) { return error.message; } };
console.log(JSON.stringify({ found: flops.map((flop) => window.reviewLaws.divide(lines, flop)), read: texts.map(attempt), words: flops.map(window.reviewLaws.words) }));
"""


@pytest.fixture(scope="module")
def lines():
    """The laws as the page carries them."""
    return sl.lines()


def in_node(root, **given):
    """Run the site's script outside a browser."""
    script = root / "src" / "review_book" / "static" / "review" / "laws.js"
    done = subprocess.run([NODE, "-e", RUN, str(script)], input=json.dumps(given), capture_output=True, text=True, check=True)  # fmt: skip
    return json.loads(done.stdout)


@pytest.mark.skipif(NODE is None, reason="needs node; the browser tests run the page elsewhere")
def test_the_script_divides_budgets_as_the_package_does(root, lines):
    """Sizes, tokens, ratios and the band agree with the package at eleven budgets, to nine digits."""
    flops = [float(f) for f in np.geomspace(1e18, 1e28, 11)]
    found = in_node(root, lines=lines, flops=flops, texts=[])["found"]
    laws, standing = sl.allocations(), sl.live()

    for flop, answer in zip(flops, found, strict=True):
        for law in answer["laws"]:
            with sl.extrapolating():
                best = laws[law["id"]].optimal(flop)
            got = (law["size"], law["tokens"], law["ratio"])
            assert got == pytest.approx(
                (float(best.params), float(best.tokens), float(best.tokens_per_param)), rel=1e-9
            )
        band = sl.band(flop, standing)
        for key, ours in (("size", band.params), ("tokens", band.tokens), ("ratio", band.ratio)):
            assert answer["band"][key] == pytest.approx([float(v) for v in ours], rel=1e-9)


@pytest.mark.skipif(NODE is None, reason="needs node; the browser tests run the page elsewhere")
def test_budgets_are_read_as_people_write_them(root, lines):
    """Several ways to write a budget are read; what is no budget is refused with what is needed."""
    good = ["1e25", "3.8e25", "10^25", "5.76 x 10^23", "2e24 FLOP", "1,000e22", "1,000 x 10^22"]
    bad = ["", "many", "-1e25", "1e99", "1e25; alert(1)", "1,5e25", "3,80 x 10^23", "1,0000e20"]
    read = in_node(root, lines=lines, flops=[3e11, 18.4], texts=good + bad)

    assert read["read"][: len(good)] == pytest.approx([1e25, 3.8e25, 1e25, 5.76e23, 2e24, 1e25, 1e25])
    assert all("1e15 to 1e30" in said for said in read["read"][len(good) :])
    assert read["words"] == ["300 billion", "18.4"]


def test_the_page_carries_the_laws_as_data(lines):
    """The page holds the lines whole and escapes what could end its data; without scripts it says where to look."""
    shown = calculator_html([{**lines[0], "name": "</script><b>", "live": True}, *lines[1:]], 1e25, "See <the> table.")
    payload = json.loads(re.search(r'<script type="application/json">(.*?)</script>', shown)[1])

    assert payload[0]["name"] == "</script><b>"
    assert [law["id"] for law in payload] == [law["id"] for law in lines]
    assert math.isclose(payload[1]["log_size"], lines[1]["log_size"])
    assert "<noscript><p>See &lt;the&gt; table.</p></noscript>" in shown


@pytest.mark.parametrize(
    ("change", "budget", "said"),
    [
        (lambda found: [{"id": "x"}], 1e25, "a law without"),
        (lambda found: [{**line, "live": False} for line in found], 1e25, "no law that stands"),
        (lambda found: found, 1e5, "a budget of"),
    ],
)
def test_a_calculator_without_laws_or_budget_is_refused(lines, change, budget, said):
    """A law without its fields, no law that stands, and a budget off the scale are refused."""
    with pytest.raises(ValueError, match=said):
        calculator_html(change(lines), budget, "")
