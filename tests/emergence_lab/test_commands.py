"""``review lab`` on the command line."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from emergence_lab import NAMES
from review_book.commands.main import main


def run(*words):
    return CliRunner().invoke(main, ["lab", *words])


def test_the_list_names_every_experiment():
    """The list shows each experiment with its arms and what a full run costs."""
    result = run("list")

    assert result.exit_code == 0
    for name in NAMES:
        assert name in result.output
    assert "no trace yet" not in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["grokkin"], "did you mean grokking?"),
        (["grokking", "--arm", "p-97"], "given the arm 'p-97'"),
        (["grokking", "--seeds", ""], "whole numbers from 0"),
        (["grokking", "--seeds", "5-2"], "empty range"),
        (["grokking", "--steps", "-3"], "given -3 steps"),
        (["grokking", "--workers", "0"], "--workers 0"),
        (["grokking", "--quick", "--seeds", "1"], "--quick alone"),
    ],
)
def test_bad_arguments_are_explained(words, said):
    """A bad argument ends with status 1, one message that says what was given and what is needed, and no traceback."""
    result = run("run", *words)

    assert result.exit_code == 1
    assert said in result.output
    assert "needed" in result.output
    assert "Traceback" not in result.output
