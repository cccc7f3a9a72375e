"""Charts: a title, alt text, one theme, and data that cannot break out of the page."""

from __future__ import annotations

import json
import re

import altair as alt
import pandas as pd
import pytest

from review_utils.show.charts import PALETTE, chart_html, in_few_digits, spec_of

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


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (12345678.0, 12345678.0), (20230517.0, 20230517.0), (2.0**52 + 1, 2.0**52 + 1), (123456, 123456),
        (10**17 + 1, 10**17 + 1), (2021.4567, 2021.46), (-1234567.891, -1234567.89), (0.123456789, 0.12346),
        (9.87654321, 9.8765), (5.7612345e23, 5.7612e23), (1.234567e-9, 1.2346e-9), (float("nan"), None), (float("inf"), None),
    ],
)  # fmt: skip
def test_no_number_of_a_chart_has_fewer_digits_than_it_needs(given, kept):
    """Whole numbers and whole parts stay whole, as floats too; a fraction has five digits, or two decimals."""
    assert in_few_digits([{"value": given}]) == [{"value": kept}]
