"""Texts of records that would be shown with the signs of Markdown in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from review_book.commands.records import check_everything
from review_book.records.marked import marked_texts
from review_book.records.register import load_finding
from review_book.review import Review
from review_utils.records.reading import RecordError

FINDING = "data/findings/brest.yml"


@pytest.mark.parametrize(
    ("words", "sign"),
    [
        ("It was **high**.", "**high** in It was **high**."),
        ("It was *very high*.", "*very high* in It was *very high*."),
        ("It was _very high_.", "_very high_ in It was _very high_."),
        ("It was ~~low~~ high.", "~~low~~ in It was ~~low~~ high."),
        ("It was in `tides.csv`.", "`tides.csv` in It was in `tides.csv`."),
        ("See [the page](https://x.invalid/a).", "[the page](https://x.invalid/a) in"),
        ("See [the page] (../tides.md).", "[the page] (../tides.md) in"),
        ("See [[tides]] of it.", "[[tides]] in"),
        ("See {num}`claim:mean-height`.", "{num} in See {num}`claim:mean-height`."),
        ("See {cite:p} newton1687tides.", "{cite:p} in"),
        ("The height $h$ was high.", "$h$ in"),
        ("The height $h_0 = 1$ was high.", "$h_0 = 1$ in"),
        (r"The height \alpha was high.", r"\alpha in"),
        (r"The height \(h\) was high.", r"\( in"),
        ("# Brest", "# in # Brest"),
        ("- It was high.", "- in - It was high."),
        ("> It was high.", "> in > It was high."),
    ],
)
def test_a_sign_that_a_page_would_print_is_named(mini, words, sign):
    """A text of a record is shown as it is typed: stress, code, links and mathematics are named with line and field."""
    path = mini / FINDING
    text = path.read_text(encoding="utf-8")
    assert "summary: It was high." in text
    path.write_text(text.replace("summary: It was high.", f"summary: '{words}'"), encoding="utf-8")

    (said,) = [p for p in check_everything(Review(mini)) if "(markup)" not in p.field]
    assert (said.file, said.field) == (FINDING, "summary")
    assert said.line == text[: text.index("summary:")].count("\n") + 1
    assert said.given.startswith(sign)
    assert said.needed.startswith("the words alone")
    with pytest.raises(RecordError, match="the words alone"):
        load_finding(path)


@pytest.mark.parametrize(
    "text",
    [
        "# a `remark` with **stress**\nnote: tokens, N* of it, pass@1, alpha_N, $40M, 1 * 2, a - b, x_ and _y, [so] (or so)\n",
        "form: {latex: '\\alpha_{N}'}\nlatex: a*b*c\nquery: '`x` _y_'\nurl: https://x.invalid/_a_/~b\n",
        "statement: It is {newton1687tides/tides-a-day|bare} of {value}.\nfound:\n- a\n-  b\nc: [- 1, -2]\nd: |-\n  e\n",
        "a: &b {c: `}\n",
    ],
)
def test_signs_that_mark_nothing_pass(text):
    """Remarks, formulas, queries, quoted numbers, prices and names with a sign are no faults, and no YAML is told elsewhere."""
    assert list(marked_texts(Path("a.yml"), text)) == []
