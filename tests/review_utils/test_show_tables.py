"""The one table renderer: structure that assistive technology can read, and text that stays text."""

from __future__ import annotations

from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from review_utils.show.tables import Fold, Ref, cell_text, from_frame, from_rows


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.cells, self._depth = [], [], 0

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("td", "th", "caption"):
            self.cells.append("")
            self._depth += 1

    def handle_endtag(self, tag):
        if tag in ("td", "th", "caption"):
            self._depth -= 1

    def handle_data(self, data):
        if self._depth:
            self.cells[-1] += data


def _read(html):
    reader = _Reader()
    reader.feed(html)
    return reader


HOSTILE = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\x00"), min_size=1, max_size=30
) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</td></table><iframe>",
        "&lt;b&gt;",
        "javascript:alert(1)",
        "{{7*7}}",
    ]
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_hostile_text_comes_out_as_text(caption, head, cell):
    """Whatever a record says, the parsed table has its own tags only, and the cell reads as it was given."""
    assume(caption.strip())  # a table without a caption is refused
    frame = pd.DataFrame({head: [cell], "link": [Ref(cell, "findings/x")]})

    reader = _read(from_frame(frame, caption).to_html())

    assert {tag for tag, _ in reader.tags} <= {
        "div",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "a",
        "span",
    }
    assert reader.cells == [caption, head, "link", cell, cell]
    assert all(not name.startswith("on") for _, attrs in reader.tags for name in attrs)


def test_a_table_can_be_read_aloud():
    """Column and row heads have scopes, the caption is a caption, and a wide table can be scrolled by keyboard."""
    reader = _read(from_frame(pd.DataFrame({"name": ["x"], "size": [1.5]}), "Sizes", {"size": "FLOP"}).to_html())
    scopes = [attrs.get("scope") for tag, attrs in reader.tags if tag == "th"]

    assert scopes == ["col", "col", "row"]
    assert reader.tags[0][1]["tabindex"] == "0"
    assert reader.tags[0][1]["aria-label"] == "Sizes"
    assert "FLOP" in reader.cells[2]


def test_numbers_stand_right():
    """A column of numbers is marked as one; a column that mixes text and numbers is not."""
    html = from_frame(pd.DataFrame({"t": ["a", "b"], "n": [1, 2.5], "m": ["x", 1]}, dtype=object), "c").to_html()

    assert html.count('class="number"') == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1512, "1,512"),
        (0.123456, "0.1235"),
        (None, "–"),
        (float("nan"), "–"),
        (float("inf"), "unbounded"),
        (float("-inf"), "unbounded below"),
        (True, "yes"),
        (["a", 2], "a; 2"),
        ([], "–"),
        (3.14e23, "3.140e+23"),
    ],
)
def test_cells_read_as_they_should(value, text):
    """Counts, decimals, missing values, truth values and lists have one form each."""
    assert cell_text(value) == text


@pytest.mark.parametrize(
    ("cell", "whole"),
    [
        ("2026-01-14", True), ("2025-03", True), ("2502.17424", True), ("arXiv:2502.17424v2", True), ("12 percent", True),
        ("3.2e-05", True), (Ref("2026-01-14", "a"), True), ("on 2026-01-14 and later", False), ("a-long-word", False), ("7 to 9 of ten", False),
    ],
)  # fmt: skip
def test_what_is_read_as_one_is_not_broken(cell, whole):
    """A date, an id, a number with its unit stand in a cell that breaks no line; words may break."""
    text = from_rows([{"A": "x", "B": cell, "C": [cell]}], ["A", "B", "C"], "Caption").to_html()

    assert ('<td class="whole">' in text) is whole
    assert ('<div class="whole">' in text) is whole


def test_a_table_without_rows_says_so():
    """No row is shown as none, with the columns still named."""
    table = from_rows([], ["a", "b"], "Nothing here")

    assert "None." in table.to_html()
    assert table.to_text() == "Nothing here\na\tb"


def test_rows_can_be_linked_to():
    """A row bears the anchor that quotes link to."""
    assert '<tr id="claim-x">' in from_rows([{"a": "b"}], ["a"], "c", ("claim-x",)).to_html()


def test_a_cell_can_open_to_more():
    """A folded cell shows its short text, and its items, escaped, when it is opened; as text it holds both."""
    table = from_rows([{"a": Fold("2 members", (Ref("<x>", "findings/x"), "y"))}], ["a"], "c")

    assert "<details><summary>2 members</summary>" in table.to_html()
    assert "&lt;x&gt;" in table.to_html()
    assert "2 members: <x>; y" in table.to_text()


def test_the_first_cell_of_a_row_heads_it():
    """In each row the first cell is a head and the others are cells; whole numbers are written out below a million."""
    html = from_frame(pd.DataFrame({"name": ["x"], "size": [1.5], "more": [2]}), "Sizes").to_html()
    body = html.split("<tbody>")[1]

    assert body.count("<th ") == 1
    assert body.index("<th ") < body.index("<td")
    assert body.count("<td") == 2
    assert (cell_text(999_999), cell_text(1_000_000)) == ("999,999", "1.000e+06")


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pd.DataFrame({"model": ["a", "a"], "score": [1, 2]}).groupby("model").mean(), "the index model, which is not"),
        (pd.DataFrame({"score": [1, 2]}, index=["a", "b"]), "the index 'a', which is not"),
        (pd.DataFrame({"score": [1, 2]}, index=pd.Index([3, 4], name="seed")), "the index seed, which is not"),
        (pd.DataFrame({"score": [1, 2]}, index=[("a", 1), ("b", 2)]), "which is not"),
    ],
)
def test_an_index_that_names_rows_is_not_lost(frame, said):
    """Names of rows that stand in the index alone would not be shown: the table is refused; numbers of rows may be any."""
    with pytest.raises(ValueError, match=said) as caught:
        from_frame(frame, "What was scored")
    assert "needed: reset_index()" in str(caught.value)

    assert len(from_frame(frame.reset_index().sort_values("score", ascending=False), "What was scored").rows) == len(
        frame
    )
