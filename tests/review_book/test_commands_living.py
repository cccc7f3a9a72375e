"""Commands that keep the review alive."""

from __future__ import annotations

import json
import re
import subprocess

from click.testing import CliRunner
from conftest import ROOT

from review_book.commands.main import main
from review_book.living import fetching
from review_book.review import Review
from review_utils.data.external import FetchError


def call(*words):
    return CliRunner().invoke(main, [str(w) for w in words])


def test_the_history_is_checked():
    """The check of the history says that it is complete, and writes nothing."""
    done = call("accept", "--check")

    assert done.exit_code == 0, done.output
    assert "complete" in done.output


def test_an_unknown_state_is_explained():
    """A name that git does not know gives what is needed."""
    done = call("diff", "no-such-branch")

    assert done.exit_code == 1
    assert "needed: a branch, tag or commit" in done.output
    done = call("diff", "--", "--help")
    assert "given --help; needed: a branch, tag or commit" in done.output


def test_a_time_that_is_no_number_of_seconds_is_refused():
    """Data are brought within a finite time, or nothing is asked for."""
    for within in ("nan", "inf", "-1"):
        done = call("fetch", "--within", within)
        assert done.exit_code == 1
        assert f"given --within {within}; needed: seconds" in done.output


def test_of_data_that_are_named_the_others_are_not_asked_for(monkeypatch):
    """Within a time as without one."""
    name = Review(ROOT).records.external[-1].id

    def gone(*_, **__):
        raise FetchError("it is not there")

    monkeypatch.setattr(fetching, "is_there", lambda *_: False)
    monkeypatch.setattr(fetching, "fetch_set", gone)
    done = call("fetch", name, "--within", "1")
    assert re.findall("bringing (.*)", done.output) == [name]


def test_no_change_has_no_consequence():
    """Between a commit and itself nothing changes, in each form."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()

    assert call("diff", head, head).output == "nothing that the review says changes\n"
    assert json.loads(call("diff", head, head, "--format", "json").output)["numbers"] == []


def test_an_unknown_analysis_is_explained():
    """Running what is no analysis says what would be one."""
    done = call("run", "nowhere/nothing")

    assert done.exit_code == 1
    assert "needed: an analysis of _toc.yml, such as" in done.output
    for word in ("chinchila_refit", "scaling_law/chinchilla_refit", "chinchilla_refit"):
        assert "did you mean scaling_laws/chinchilla_refit?" in call("run", word).output


def test_freshness_names_the_oldest_output():
    """The command says when the literature was searched and which kept output is the oldest."""
    done = call("freshness")

    assert done.exit_code == 0, done.output
    assert "last brought up to the literature on" in done.output
    assert "oldest output kept here" in done.output


def test_an_analysis_runs_again():
    """One analysis can be executed again by its name."""
    done = call("run", "emergent_capabilities/questions")

    assert done.exit_code == 0, done.output
    assert "ran in" in done.output
