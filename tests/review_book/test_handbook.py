"""The handbook: every command and function is in it, as code says it."""

from __future__ import annotations

import re

from review_book.pages import handbook


def test_every_command_is_described():
    """Each command of the command line stands in the handbook with its help, and each option with its own."""
    found = {c.words: c for c in handbook.commands()}

    assert {"review build", "review diff", "review accept", "review lab run", "review forecast file"} <= found.keys()
    assert all(c.help for c in found.values())
    assert all(text for c in found.values() for _, text in c.parameters), [
        c.words for c in found.values() for _, t in c.parameters if not t
    ]


def test_every_public_function_is_described():
    """Each public function and class of the package has a docstring, and none is missing from the handbook."""
    entries = list(handbook.api())
    page = handbook.api_html()

    assert len(entries) > 250
    assert [f"{e.module}.{e.name}" for e in entries if not e.doc] == []
    assert all(f">{e.name}<" in page for e in entries)


def test_a_contract_is_set_and_not_shown_as_typed():
    """Names of code are code, each parameter has a line, an example is as it was typed; text stays text."""
    shown = handbook.Contract(
        "Return ``a < b`` of `curve`, ``{num}`b```.\n\nParameters\n----------\ncurve : Curve\n    Scores,\n    in order.\nseed : int\n    One.\n\nExamples\n--------\n>>> f(`1`)\n2"
    ).cell_html()

    assert shown == (
        "<details><summary>Return <code>a &lt; b</code> of <code>curve</code>, <code>{num}`b`</code>.</summary><div><b>Parameters</b></div>"
        "<ul><li><code>curve : Curve</code>: Scores, in order.</li><li><code>seed : int</code>: One.</li></ul>"
        '<div><b>Examples</b></div><pre tabindex="0">&gt;&gt;&gt; f(`1`)\n2</pre></details>'
    )


def test_every_command_named_in_the_guides_exists(root):
    """A command that README, CONTRIBUTING or a page names is one that there is."""
    known = {c.words.removeprefix("review ") for c in handbook.commands()}
    for path in [root / "README.md", root / "CONTRIBUTING.md", *root.glob("*.md"), *root.glob("chapters/*.md")]:
        for words in re.findall(r"(?:`|\.venv/bin/)review ([a-z-]+)", path.read_text(encoding="utf-8")):
            assert words in known, (path.name, words)
