"""A plain analysis to begin from."""

from __future__ import annotations

from review_book.commands.records import check_everything
from review_book.execute.contents import named_outputs
from review_book.execute.run import execute_page
from review_book.living.cells import formatted
from review_book.review import Review


def test_a_plain_analysis_to_begin_from_runs_and_is_quoted(mini, run_in):
    """Without scores comes a page that is named, formatted and sound, and whose first sentence quotes what its cell shows."""
    words = ["new", "analysis", "--chapter", "tides", "--name", "mine"]
    untitled = run_in(mini, "review_book.commands.main", *words)
    done = run_in(mini, "review_book.commands.main", *words, "--title", "How far is a share from its truth?")

    assert (untitled.returncode, done.returncode) == (1, 0), done.stderr
    assert untitled.stderr == "given the title ''; needed: --title with one question, that ends in a question mark\n"
    text = (mini / "analyses" / "tides" / "mine.md").read_text()
    assert formatted(text) == text
    assert "{num}`result:tides/mine#half-width`" in text
    outputs = named_outputs(execute_page(mini, "analyses/tides/mine"))
    assert {"spread", "spread-table", "half-width"} == set(outputs)
    assert check_everything(Review(mini)) == []
