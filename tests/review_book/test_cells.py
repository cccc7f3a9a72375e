"""The code of notebooks is formatted and fits its page."""

from __future__ import annotations

from conftest import HEAD

from review_book.living.cells import format_analyses, formatted, long_lines

WIDE = "x = dict(" + ", ".join(f"name{i}={i}" for i in range(20)) + ")"


def test_cells_are_formatted_and_prose_is_left_alone():
    """Code comes out as ruff writes it, options, prose and code that is no Python as they were."""
    text = f"{HEAD}x=1\n```\n\nA  B\n\n```{{code-cell}} python\n:tags: [hide-input]\n\ndef (\n```\n"

    assert formatted(text) == text.replace("x=1", "x = 1")
    assert formatted(formatted(text)) == formatted(text)


def test_a_line_that_cannot_be_broken_is_named(tmp_path):
    """A wide line is broken where it can be; a wide text is named with its line."""
    page = tmp_path / "analyses" / "a" / "b.md"
    page.parent.mkdir(parents=True)
    page.write_text(f"{HEAD}{WIDE}\ny = '{'a' * 120}'\n```\n", encoding="utf-8")

    (first, second) = format_analyses(tmp_path, check=True)
    assert first == "analyses/a/b.md:13: cells are not formatted; needed: review format"
    assert "columns; needed: at most 100" in second
    (left,) = format_analyses(tmp_path, check=False)
    assert [f"analyses/a/b.md:{line}" for line, _ in long_lines(page.read_text())] == [left.split(": ")[0]]


def test_a_notebook_saved_by_jupytext_reads_as_before():
    """The versions that jupytext writes into a head when it saves are taken out again."""
    head = "---\njupytext:\n  text_representation:\n    extension: .md\n    format_name: myst\n"
    saved = f"{head}    format_version: 0.13\n    jupytext_version: 1.19.6\nkernelspec:\n  name: python3\n---\n\n# A\n"

    assert formatted(saved) == f"{head}kernelspec:\n  name: python3\n---\n\n# A\n"


def test_a_cell_that_is_no_python_is_named(tmp_path):
    """A cell that cannot be read, or a fence that does not close, is named at its line; magics are read."""
    page = tmp_path / "analyses" / "a" / "b.md"
    page.parent.mkdir(parents=True)
    for code, line, needed in (
        ("x = 1\nimport altair as alt)\n```", 14, "Python (unmatched ')')"),
        ("x = 1\n", 12, "a fence that is closed by ```"),
    ):
        page.write_text(f"{HEAD}{code}\n", encoding="utf-8")
        for check in (True, False):
            (left,) = format_analyses(tmp_path, check=check)
            assert left == f"analyses/a/b.md:{line}: a cell cannot be read; needed: {needed}"
    page.write_text(f"{HEAD}%matplotlib inline\nx = 1\n```\n", encoding="utf-8")
    assert format_analyses(tmp_path, check=True) == []
