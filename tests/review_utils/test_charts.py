"""Charts: a title, alt text, one theme, and data that cannot break out of the page."""

from __future__ import annotations

import json
import re

import altair as alt
import pandas as pd
import pytest

from review_utils.show.charts import PALETTE, chart_html, spec_of

ALT = "A line that rises from one to two as x rises."


def _chart(**properties):
    return alt.Chart(pd.DataFrame({"x": [1, 2], "y": [1, 2]})).mark_line().encode(x="x", y="y").properties(**properties)


def test_a_chart_needs_a_title_and_alt_text():
    """A chart without a title, or with alt text that is no sentence, is refused."""
    with pytest.raises(ValueError, match="states the finding"):
        spec_of(_chart(), ALT)
    with pytest.raises(ValueError, match="a sentence"):
        spec_of(_chart(title="It rises"), "chart")


def test_ink_follows_the_reader():
    """Axes and titles take the colour of the text around them, so that light and dark both work."""
    config = spec_of(_chart(title="It rises"), ALT)["config"]

    assert config["background"] is None
    assert {config["axis"][k] for k in ("labelColor", "titleColor", "domainColor")} == {"currentColor"}


def _contrast(colour, other):
    def luminance(code):
        parts = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted([luminance(colour), luminance(other)], reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", PALETTE)
def test_colours_stand_out_on_both_grounds(colour):
    """Every colour has a contrast of at least 3 to 1 (WCAG for graphics) with white and with the dark ground."""
    assert _contrast(colour, "#ffffff") >= 3
    assert _contrast(colour, "#121212") >= 3


def test_hostile_data_stays_data():
    """A value that closes the script element does not; the page's parser sees one script with the same data."""
    nasty = "</script><script>alert(1)</script><!--"
    spec = spec_of(_chart(title="It rises"), ALT) | {"data": {"values": [{"x": nasty}]}}

    html = chart_html(spec)

    assert html.count("<script") == html.count("</script>") == 1
    payload = re.search(r"<script[^>]*>(.*)</script>", html)[1]
    assert json.loads(payload)["data"]["values"][0]["x"] == nasty


def test_alt_text_is_the_label():
    """What a screen reader says is the alt text, escaped."""
    html = chart_html(spec_of(_chart(title="It rises"), ALT + ' "quoted" <b>'))

    assert 'aria-label="A line that rises from one to two as x rises. &quot;quoted&quot; &lt;b&gt;"' in html
