"""The command on a curve of one's own, as a newcomer uses it."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner
from conftest import ROOT

from review_book.commands import Refusal
from review_book.commands.curve import _spare
from review_book.commands.main import main
from review_book.execute.contents import named_outputs
from review_book.execute.run import execute_page
from review_book.living.cells import formatted, long_lines

LOGS = str(ROOT / "tests" / "logs" / "lm_eval")
CSV = "params,accuracy,items\n1e8,2%,500\n3e8,4%,500\n1e9,9%,500\n3e9,25%,500\n1e10,52%,500\n3e10,78%,500\n"


@pytest.fixture
def here(tmp_path, monkeypatch, root):
    """A folder of one's own, with the review named."""
    monkeypatch.setenv("REVIEW_ROOT", str(root))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scores.csv").write_text(CSV)
    return tmp_path


def run(*words, **more):
    """Run the command in this process."""
    return CliRunner().invoke(main, ["curve", *words], **more)


def test_a_folder_of_inspect_logs_becomes_a_page(here, root):
    """Real logs in, three files out: both metrics, forecasts with their record, statements with grades."""
    done = run(str(root / "tests" / "logs" / "inspect"), "--draws", "10")

    assert done.exit_code == 0, done.output
    assert {p.name for p in here.iterdir()} == {
        "scores.csv",
        "inspect_curve.html",
        "inspect_curve.json",
        "inspect_curve.txt",
    }
    data = json.loads((here / "inspect_curve.json").read_text())
    assert [a["metric"] for a in data["answers"]] == ["match", "digits"]
    assert data["answers"][0]["forecast"][0]["fared"]["clusters"] > 5
    assert {s["id"] for s in data["statements"]} >= {"metric-sharpens", "seeds-split"}
    assert all(s["grade"] for s in data["statements"])
    html = (here / "inspect_curve.html").read_text()
    assert "Made by review curve of Emergence Studies" in html
    assert "Scales were read from the names of 8 models" in html
    assert (here / "inspect_curve.txt").read_text() in done.output


def test_a_table_is_answered_as_json(here):
    """For programs: what is printed is JSON alone, at a place of one's own, with the scales asked for."""
    done = run("scores.csv", "--draws", "0", "--format", "json", "--next", "1e11", "--out", "out/mine")

    data = json.loads(done.stdout)
    assert data["answers"][0]["forecast"][0]["scale"] == 1e11
    assert (here / "out" / "mine.html").is_file()
    assert done.stderr.splitlines()[-1] == "wrote out/mine.html"


def test_a_folder_to_write_to_is_written_into(here):
    """Where --out is a folder, the answer stands in it under the name of what was asked of."""
    (here / "answers").mkdir()

    assert run("scores.csv", "--draws", "0", "--no-ask", "--out", "answers").exit_code == 0
    assert sorted(path.name for path in (here / "answers").iterdir()) == [
        f"scores_curve.{e}" for e in ("html", "json", "txt")
    ]


def test_what_is_missing_is_asked_for(here):
    """Asked, a person gives items and chance; empty answers leave both open."""
    (here / "scores.csv").write_text(CSV.replace(",items", "").replace(",500", ""))
    told = json.loads(run("scores.csv", "--ask", "--draws", "0", "--format", "json", input="800\n0.01\n").stdout)
    left = json.loads(run("scores.csv", "--ask", "--draws", "0", "--format", "json", input="\n\n").stdout)
    wrong = run("scores.csv", "--ask", "--draws", "0", input="many\n")

    assert (told["answers"][0]["points"][0]["items"], told["answers"][0]["chance"]) == (800, 0.01)
    assert left["answers"][0]["points"][0]["items"] is None
    assert wrong.exit_code == 1
    assert "items: given 'many'; needed: a number, digits with a point" in wrong.stderr
    comma = run("scores.csv", "--ask", "--draws", "0", input="800\n0,25\n")
    assert "chance: given '0,25'; needed: a number, digits with a point" in comma.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing.csv"], "which does not exist"),
        (["scores.csv", "--scale", "toy"], "given --scale toy; needed: MODEL=SCALE"),
        (["scores.csv", "--scale", "toy=1e9"], "given --scale or --map beside a table; needed: its column of scales"),
        ([LOGS, "--scale", "toy-12B=1e10"], "given --scale toy-12B=1e10, and no log is of toy-12B; needed: one of"),
        (["scores.csv", "--next", "1e9"], "needed: a number above the largest scale"),
        (["scores.csv", "--next", "1.2B"], "needed: a number above the largest scale"),
        (["scores.csv", "--next", "1,2B"], "given 1,2B; needed: a scale as 7e10, 70000000000 or 70B"),
        (["scores.csv", "--next", "nan"], "given nan to forecast; needed: a number above the largest scale"),
        (["scores.csv", "--next", "inf"], "given inf to forecast"),
        (["scores.csv", "--chance", "1.5"], "given a chance of 1.5; needed: from 0 to below 1"),
        (["scores.csv", "--items", "20.000"], "items: given '20.000', which is 20 or 20000"),
        (["scores.csv", "--items", "20 000"], "items: given '20 000'; needed: a number, digits with a point"),
        (["scores.csv", "--family", "b", "--items", "3"], "items: given 3, and row 1 of the table says 500"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(here, words, said):
    """A fault ends with status 1 and a sentence, and nothing is written."""
    done = run(*words, "--draws", "0")

    assert done.exit_code == 1
    assert said in done.stderr
    assert {p.name for p in here.iterdir()} == {"scores.csv"}


def test_models_named_by_a_map(here, root):
    """Logs of models whose names say nothing are read with a map, or with scales given one by one."""
    logs = str(root / "tests" / "logs" / "lm_eval")
    (here / "map.csv").write_text("model,scale\n" + "".join(f"toy-{s},{i}e18\n" for i, s in enumerate(("70m", "160m", "410m", "1b", "2.8b", "12b"), 1)))  # fmt: skip
    mapped = json.loads(run(logs, "--map", "map.csv", "--draws", "0", "--metric", "acc", "--format", "json").stdout)
    given = json.loads(
        run(logs, "--scale", "toy-12b=1.1e10", "--draws", "0", "--metric", "acc", "--format", "json").stdout
    )

    assert [p["scale"] for p in mapped["answers"][0]["points"]] == [k * 1e18 for k in range(1, 7)]
    assert given["answers"][0]["points"][-1]["scale"] == 1.1e10


def test_outside_a_review_the_curve_is_answered_without_it(here, monkeypatch):
    """Where no review is found the answer comes without the record and the statements, and that is said."""
    from review_book.commands import curve as module
    from review_utils.review import NoReview

    def none():
        raise NoReview("none")

    monkeypatch.setattr(module, "review", none)
    done = run("scores.csv", "--draws", "0", "--format", "json")

    assert "No review is here" in done.stderr
    assert json.loads(done.stdout)["statements"] == []


def test_a_new_analysis_runs_and_is_in_the_form_of_the_book(copy, run_in, root):
    """From a file comes a notebook that is named in the contents, formatted, executed, and answered in its first lines."""
    (copy / "mine.csv").write_text(CSV)
    words = ["new", "analysis", "--from", "mine.csv", "--chapter", "phase_transitions", "--name", "mine"]
    done = run_in(copy, "review_book.commands.main", *words)
    again = run_in(copy, "review_book.commands.main", *words)
    bad = run_in(copy, "review_book.commands.main", *words[:-1], "Mine")
    nowhere = run_in(copy, "review_book.commands.main", *words[:4], *words[6:])
    misspelt = run_in(copy, "review_book.commands.main", *words, "--chapter", "phase_transition")

    assert done.returncode == 0, done.stderr
    assert "next: review run phase_transitions/mine" in done.stdout
    assert again.stderr.startswith("analyses/phase_transitions/mine.md exists")
    assert "lower-case letters" in bad.stderr
    assert nowhere.stderr.startswith(
        "given no chapter; needed: --chapter with one of scaling_laws, phase_transitions, "
    )
    assert "did you mean phase_transitions?" in misspelt.stderr
    text = (copy / "analyses" / "phase_transitions" / "mine.md").read_text()
    assert formatted(text) == text
    assert not list(long_lines(text))
    assert "          - file: analyses/phase_transitions/mine\n" in (copy / "_toc.yml").read_text()
    outputs = named_outputs(execute_page(copy, "analyses/phase_transitions/mine"))
    assert {"curve-1", "weights-1", "forecast-1", "power-1", "choices", "verdict-1", "plan-1"} <= set(outputs)
    assert outputs["verdict-1"]["record"]["text"].startswith(("Shown", "The data"))


@pytest.mark.parametrize("name", ["keep.html", "keep.json"])
def test_a_file_that_the_command_did_not_write_is_spared(here, name):
    """A file of one's own under the name of an answer stays as it is, and so does one that the command reads."""
    (here / name).write_text('{"a": 1}')
    done = run("scores.csv", "--draws", "0", "--out", "keep")
    assert done.exit_code == 1
    assert "this command did not write it" in done.output
    assert (here / name).read_text() == '{"a": 1}'
    with pytest.raises(Refusal, match="is read"):
        _spare(here / "keep", None, [here / "scores.csv", here / name])


def test_an_answer_is_written_anew_and_not_into_the_records(here, root):
    """The second answer on one file takes the place of the first; the data of a review are no place for one."""
    for _ in range(2):
        assert run("scores.csv", "--draws", "0").exit_code == 0
    done = run("scores.csv", "--draws", "0", "--out", str(root / "data" / "mine"))
    assert done.exit_code == 1
    assert "a place outside data/" in done.output
    assert not list((root / "data").glob("mine*"))


def test_an_answer_is_whole_before_it_is_printed(here, monkeypatch):
    """Whoever stops reading what is printed leaves no answer in part, which a later run would take for somebody else's."""
    told = click.echo

    def closed(message=None, *words, **more):
        if not more.get("err"):
            raise BrokenPipeError
        told(message, *words, **more)

    with monkeypatch.context() as at:
        at.setattr("review_book.commands.curve.click.echo", closed)
        run("scores.csv", "--draws", "0", "--no-ask", "--out", "zz")

    assert {p.name for p in here.iterdir()} == {"scores.csv", "zz.txt", "zz.json", "zz.html"}
    assert run("scores.csv", "--draws", "0", "--no-ask", "--out", "zz").exit_code == 0
