"""An analysis made from a file: the data in it, its form said, its place in the contents."""

from __future__ import annotations

import ast
import re
from io import StringIO

import pandas as pd
import pytest

from emergence.your_curve.measured import Form, Unfit, read_frame
from emergence.your_curve.template import listed, notebook

TABLE = pd.DataFrame(
    {
        "step": ["1", "10", "100", "1000"],
        "Exact_Match": ["2%", "5%", "30%", "60%"],
        "run": ["a", "b", "a", "b"],
        "note": "x",
    }
)


def test_the_notebook_holds_the_data_under_our_names():
    """What is read from the notebook's own text is the curve that the file gave, without what is not used."""
    form = Form(items=200, metric="exact_match")
    text = notebook(TABLE, read_frame(TABLE, form), form, "phase_transitions/mine")
    data = re.search(r'"""\\\n(.*?)\n"""', text, flags=re.DOTALL)[1]
    said = re.search(r"^form = (Form\(.*\))$", text, flags=re.MULTILINE)[1]
    again = read_frame(pd.read_csv(StringIO(data), dtype=str), eval(said, {"Form": Form})).curves[0]  # our own text
    first = read_frame(TABLE, form).curves[0]

    assert again.curve.scores.tolist() == first.curve.scores.tolist() == [0.02, 0.05, 0.3, 0.6]
    assert (again.curve.over, again.curve.items.tolist()) == ("training", [200] * 4)
    assert "note" not in data
    assert "# What made exact_match rise, and what comes next?" in text
    for code in re.findall(r"```\{code-cell\} python\n:tags: \[.*?\]\n\n(.*?)\n```", text, flags=re.DOTALL):
        ast.parse(code)
    assert "{num}`result:phase_transitions/mine#verdict-1`" in text


def test_what_does_not_fit_a_cell_is_refused():
    """A title that asks nothing, a row that is too wide, and text that would end the string."""
    reading = read_frame(TABLE)
    with pytest.raises(Unfit, match="ends in a question mark"):
        notebook(TABLE, reading, Form(), "c/a", "My curve")
    wide = TABLE.assign(task="t" * 100)
    with pytest.raises(Unfit, match="at most 96"):
        notebook(wide, read_frame(wide), Form(), "c/a")
    odd = TABLE.assign(task="a\\b")
    with pytest.raises(Unfit, match="a backslash or three quotes"):
        notebook(odd, read_frame(odd), Form(), "c/a")


def test_it_is_named_below_the_last_analysis_of_its_chapter():
    """The line goes after the chapter's last, with its indentation; a chapter without analyses is refused."""
    contents = "parts:\n  - file: analyses/a/one\n  - file: analyses/a/two\n  - file: analyses/b/one\n"

    assert listed(contents, "a/mine").split("\n")[2:4] == ["  - file: analyses/a/two", "  - file: analyses/a/mine"]
    with pytest.raises(Unfit, match="given the chapter c, which has no analysis"):
        listed(contents, "c/mine")
