"""The command line, as an author uses it."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT

from review_book.commands.main import main
from review_book.commands.records import check_everything
from review_book.review import Review
from review_utils.records.register import load_register
from review_utils.records.status import status_of_all

NAME = next(
    path.stem
    for path in sorted((ROOT / "data" / "findings").glob("*.yml"))
    if "\nrole: dispositional-drift\n" in path.read_text(encoding="utf-8")
)
"""A finding of that role."""


@pytest.fixture
def review():
    """Run a command in this process."""
    return lambda *words: CliRunner().invoke(main, list(words))


def test_check_says_that_all_is_sound(review):
    """On the real records, check succeeds and says so."""
    result = review("check")

    assert result.exit_code == 0
    assert result.output.startswith("all records are sound")


def test_letters_that_the_shell_handed_over_broken_are_said(mini, review, tmp_path, monkeypatch):
    """An argument that is no UTF-8 is refused with a remedy, unless it names a file that is there; nothing is written."""
    monkeypatch.setenv("REVIEW_ROOT", str(mini))
    before = {path: path.read_bytes() for path in (mini / "data").rglob("*.*")}

    result = review(
        "add", "winter", "--title", "\udcc3tude", "--author", "A B", "--group", "brest", "--role", "adjacent"
    )

    assert result.exit_code == 2
    assert (
        "given '\\udcc3tude', which is no UTF-8; needed: text in UTF-8, as PYTHONUTF8=1 before review" in result.output
    )
    assert {path: path.read_bytes() for path in (mini / "data").rglob("*.*")} == before
    (named := tmp_path / "\udcc3tude.yml").write_text("1", encoding="utf-8")
    assert "no UTF-8" not in review("what-if", str(named)).output


def test_a_check_loads_what_it_needs_alone(mini, run_in):
    """Who checks records waits for no package that draws, computes or executes."""
    heavy = ["altair", "frictionless", "nbformat", "numpy", "pandas", "pyarrow", "scipy", "sphinx"]
    code = f"""
import sys
from pathlib import Path
from review_book.commands.records import check_everything
from review_book.review import Review
print(check_everything(Review(Path.cwd())), sorted(sys.modules.keys() & set({heavy})))
"""
    path = mini / "look.py"
    path.write_text(code)
    assert run_in(mini, "look", cold=True).stdout == "[] []\n"


def test_check_reports_faults_of_all_kinds_at_once(copy, run_in):
    """A fault in the register, one in a ledger and one in a table are reported in one run, with file, line and remedy."""
    for name, old, new in [
        (f"findings/{NAME}.yml", "role: dispositional-drift", "role: drift"),
        ("claims/scaling_laws.yml", "verified: primary", "verified: surely"),
        ("published/wei2022_table1.csv", "Few-shot prompting,Word", "No prompting,Word"),
    ]:
        path = copy / "data" / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    result = run_in(copy, "review_book.commands.main", "check")

    assert result.returncode == 1
    for name, field in [
        (f"data/findings/{NAME}.yml", "role"),
        ("data/claims/scaling_laws.yml", "verified"),
        ("data/published/wei2022_table1.csv", "category"),
    ]:
        assert re.search(rf"{re.escape(name)}:\d+: .*{field}: given .*needed: one of", result.stderr), result.stderr


def test_status_as_table_and_as_json(review):
    """The status of every shape, for people and for programs, now and as of a day."""
    table, data = review("status"), json.loads(review("status", "--format", "json").output)
    early = json.loads(review("status", "--as-of", "2024-12-31", "--format", "json").output)

    register = load_register()
    assert f"{len(register.findings)} findings" in table.output
    assert {s["shape"]: s["verdict"] for s in data} == {s.shape: s.verdict for s in status_of_all(register)}
    assert {s["shape"]: s["count"] for s in early}["concealed-content"] == 0
    assert review("status", "--as-of", "soon").exit_code == 2


def test_what_if_shows_consequences(review, root, tmp_path):
    """A second example like a finding moves the counts of its shapes, and the command says so; a finding that is there is left out first."""
    register = load_register()

    def counts(findings):
        return {s.shape: s.count for s in status_of_all(replace(register, findings=tuple(findings)))}

    now = counts(register.findings)
    moved = {
        f.id: (counts((*register.findings, f.model_copy(update={"id": "a-second-example"}))), counts(x for x in register.findings if x != f))
        for f in register.findings
    }  # fmt: skip
    name = next(name for name, (more, less) in moved.items() if more != now != less)
    shape, less = next((shape, n) for shape, n in moved[name][1].items() if n != now[shape])
    text = (root / "data" / "findings" / f"{name}.yml").read_text(encoding="utf-8")
    path = tmp_path / "a-second-example.yml"
    path.write_text(re.sub(r"^id: .*$", "id: a-second-example", text, flags=re.MULTILINE), encoding="utf-8")

    result = review("what-if", str(path))

    assert result.exit_code == 0, result.output
    for one, more in moved[name][0].items():
        assert (f"count      {one}: {now[one]} -> {more}" in result.output) == (more != now[one])
    assert f"{name} is of the same paper" in result.output
    assert json.loads(review("what-if", str(path), "--format", "json").stdout)

    there = review("what-if", str(root / "data" / "findings" / f"{name}.yml"))
    assert "is in the register; what follows is against the register without it" in there.output
    assert f"count      {shape}: {less} -> {now[shape]}" in there.output


def test_what_if_on_a_broken_record_names_the_fault(review, tmp_path):
    """A record with a fault is refused with its line, and so is a file that is not there."""
    path = tmp_path / "broken.yml"
    path.write_text("id: Broken Id\n", encoding="utf-8")

    result = review("what-if", str(path))

    assert result.exit_code == 1
    assert "lower-case letters" in result.output
    assert review("what-if", str(tmp_path / "none.yml")).exit_code == 1
    assert "needed: the file of one finding" in review("what-if", str(tmp_path)).output


@pytest.mark.parametrize("words", [["check"], ["statements"], ["freshness"], ["forecast"], ["diff", "HEAD"]])
def test_outside_a_review_no_other_one_is_taken(tmp_path, monkeypatch, review, words):
    """Where no review is, a command ends with one sentence, whatever package runs it; --root names the review."""
    monkeypatch.delenv("REVIEW_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)

    here, named = review(*words), review("--root", str(tmp_path), *words)

    for result in (here, named):
        assert result.exit_code == 2
        assert result.output.startswith(f"No review found at or above {tmp_path}: a review has a _toc.yml")
        assert result.output.count("\n") == 1


@pytest.mark.parametrize("change", [None, "another line", "a file more"])
def test_a_review_is_not_read_by_the_code_of_another_checkout(mini, monkeypatch, review, change):
    """A review that brings its packages is read by them, or by code that is theirs to the byte; other code is named, with the remedy."""
    own = mini / "src" / "emergence_lab"
    shutil.copytree(ROOT / "src" / "emergence_lab", own, ignore=shutil.ignore_patterns("__pycache__"))
    if change == "another line":
        with (own / "__init__.py").open("a", encoding="utf-8") as file:
            file.write("X = 1\n")
    elif change:
        (own / "planted.py").write_text("", encoding="utf-8")
    monkeypatch.setenv("REVIEW_ROOT", str(mini))
    result = review("status")

    assert bool(result.exit_code) is bool(change)
    if change:
        assert (
            f"not that of this review ({own / ('planted.py' if 'more' in change else '__init__.py')})" in result.output
        )
        assert f"PYTHONPATH={mini / 'src'}" in result.output


@pytest.mark.parametrize(
    "words",
    ["statements", "status", "laws", "freshness", "forecast", "diff HEAD", "search status", "accept --check"],
)
def test_the_root_may_be_any_folder_of_a_review(words, tmp_path, monkeypatch, review, root):
    """--root names a folder of the review, for that command alone, and no other is read."""
    monkeypatch.delenv("REVIEW_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)

    assert review("--root", str(root / "chapters"), *words.split()).exit_code == 0
    assert "REVIEW_ROOT" not in os.environ
    assert review(*words.split()).exit_code == 2


def test_a_fault_of_the_machine_is_a_sentence(run_in, root, tmp_path):
    """A full disk, a folder or a program that is not there: a sentence and status 1, no traceback."""
    main = [sys.executable, "-m", "review_book.commands.main"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*main, "laws"], cwd=root, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "what it writes: No space left on device; needed: a place that is there and may be used\n")  # fmt: skip

    for words, said in (
        (["search", "export", str(tmp_path / "none" / "a.csv")], "a.csv: No such file or directory; needed: a place that is there"),
        (["diff", "HEAD"], "git is not there; needed: the program git"),
    ):  # fmt: skip
        done = run_in(root, "review_book.commands.main", *words, PATH="/nonexistent")
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_python_that_runs_no_assert_is_refused(run_in, root):
    """Under -O a false assert of a notebook or of a record's check would pass: the command says so and does nothing."""
    done = run_in(root, "review_book.commands.main", "laws", cold=True, PYTHONOPTIMIZE="1")

    assert done.returncode == 2
    assert "needed: Python without it" in done.stderr
    assert not done.stdout


def test_an_empty_name_is_no_name(review):
    """A chapter or a study without a name, as a variable that is not set gives it, is not taken for none."""
    assert "no chapter ''" in review("statements", "--chapter", "").output
    assert review("statements", "--without", "").exit_code == 1


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_forecasts_are_settled_on_days_that_were(review, day):
    """No question is settled by the tables of today as of a day that has not come, or of one before any forecast."""
    done = review("forecast", "--today", day)

    assert done.exit_code == 1
    assert f"given --today {day}; needed: from the day of the first forecast" in done.output


def test_indexes_are_not_asked_for_what_is_to_come(review, monkeypatch):
    """Nothing that comes out after today can be found, so that no index is asked for it."""
    monkeypatch.setattr("review_book.living.searching.search", lambda *args: [])
    done = review("search", "run", "--since", "2999-01-01")

    assert done.exit_code == 1
    assert "given --since 2999-01-01; needed: a day up to today" in done.output


def test_statements_are_listed_with_their_grades(review):
    """Each with its counts, for people and for programs, for one chapter or all; an unknown chapter is named."""
    table, rows = review("statements"), json.loads(review("statements", "--json").output)

    assert table.exit_code == 0
    assert table.output.endswith(f"{len(rows)} statements; * is a headline\n")
    assert all(
        {"id", "grade", "tally", "holds", "blocked", "falls_without", "moves_with"} <= row.keys() for row in rows
    )
    chapter = rows[0]["chapter"]
    some = json.loads(review("statements", "--chapter", chapter, "--json").output)
    assert some == [row for row in rows if row["chapter"] == chapter]
    assert "there are" in review("statements", "--chapter", "cookery").output


def test_a_retracted_study_changes_what_rests_on_it(review):
    """The grades that would change are those of statements that fall without the study; an unknown key is named."""
    rows = json.loads(review("statements", "--json").output)
    key = next(k for row in rows for k in row["falls_without"] if "/" not in k)

    moved = json.loads(review("statements", "--without", key, "--json").output)

    assert {one["id"]: one["after"] for one in moved} == {
        row["id"]: row["falls_without"][key] for row in rows if key in row["falls_without"]
    }
    assert review("statements", "--without", "nobody2020x").exit_code == 1
    younger = review("statements", "--without", key, "--as-of", "1990-01-01")
    assert f"given {key}, which was not out yet" in younger.output


def test_statements_as_of_a_day_rest_on_what_was_published(review):
    """Before there was any study every statement was open."""
    early = json.loads(review("statements", "--as-of", "1990-01-01", "--json").output)

    assert all(row["tally"]["groups"] == 0 for row in early)
    assert all(row["grade"] == "open" for row in early)
    assert "needed: a day up to today" in review("statements", "--as-of", "2999-01-01").output


def test_laws_are_listed_for_people_and_for_programs(review):
    """Every law is listed with its standing, form and range; JSON holds all of the record; standing selects."""
    listed, data = review("laws"), json.loads(review("laws", "--json").output)

    assert f"{len(data)} laws of {len(data)}" in listed.output
    for law in data:
        assert law["id"] in listed.output
        assert law["form"]["latex"] in listed.output
    assert "N 44 million to 16.2 billion; D 5 billion to 500 billion" in listed.output
    fallen = json.loads(review("laws", "--json", "--standing", "superseded").output)
    assert {law["status"]["is"] for law in fallen} == {"superseded"}
    assert review("laws", "--standing", "dead").exit_code == 2


@pytest.mark.parametrize("name", ["references.bib", "searches/decisions.csv", "history.jsonl", "forecasts/seals.txt"])
@pytest.mark.parametrize("kind", ["folder", "latin-1"])
def test_a_folder_or_another_encoding_in_place_of_a_record_is_named(mini, name, kind):
    """A record that is a folder, or is not UTF-8, is answered with its name and a remedy."""
    path = mini / "data" / name
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    if kind == "folder":
        path.mkdir()
    else:
        path.write_bytes("é\n".encode("latin-1"))

    said = [p for p in check_everything(Review(mini)) if p.file.endswith(name)]
    assert said
    assert all(("a folder" in p.given) if kind == "folder" else ("UTF-8" in p.needed) for p in said)


@pytest.mark.parametrize(
    ("name", "old", "new", "needed"),
    [
        ("_toc.yml", "root: index\n", "", "this field"),
        ("_toc.yml", "chapters:", "chapters: [", "valid YAML"),
        ("_config.yml", "title: Tides", "title: []", "text"),
        ("CITATION.cff", "authors:\n  - name: Nobody\n", "authors: []\n", "at least 1"),
        ("CITATION.cff", "2026-01-01", "soon", "a date as"),
        ("data/drills.json", "[{", "[", "valid JSON"),
        ("data/drills.json", '"guard": "y", ', "", "this field"),
        ("data/execution.json", "", "null", "fields below it"),
        ("data/forecasts/2026-01-01.yml", "", "[]\n", "may not be withdrawn"),
        (
            "data/findings/brest.yml",
            "https://example.org",
            "https://a:b@example.org",
            "an address as https://example.org/page",
        ),
        ("data/findings/brest.yml", "[George Howard Darwin]", "[Ada One, Ada One]", "each author once"),
        ("data/findings/brest.yml", "value: 7.1, unit: metres", "value: 7.1, unit: share", "a share from 0 to 1"),
        ("data/claims/tides.yml", "tolerance: 0.001", "tolerance: 0.1", "not above agrees_within"),
    ],
)
def test_a_fault_around_the_records_is_said(mini, name, old, new, needed):
    """What only the build or a reader would have met is said by the check, with its file and a remedy."""
    path = mini / name
    assert not [p for p in check_everything(Review(mini)) if p.file.endswith(name)]
    path.parent.mkdir(exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    assert old in before
    path.write_text(before.replace(old, new, 1) if old else new, encoding="utf-8")

    said = [p for p in check_everything(Review(mini)) if p.file.endswith(name)]
    assert any(needed in p.needed for p in said), said


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        ("[]", "at least one forecast"),
        ("null", "a record; see CONTRIBUTING.md"),
        ("7", "a list of records"),
        ("- 7", "fields below it"),
        ("- {id: a}", "needed: this field"),
        ("made_on: 2024-01-01", "the day on which it is filed"),
        ("made_on: 2190-01-01", "not after today"),
    ],
)
def test_a_draft_is_filed_whole_and_on_its_day_or_not_at_all(mini, run_in, draft, said):
    """A draft that is none, one of another day and one with a fault beside a sound one file nothing, and say why."""
    day = dt.datetime.now(tz=dt.UTC).date()
    sound = (
        "- {id: sound, question: Will it?, made_on: DAY, resolves_by: 2189-01-01, method: by hand, analysis: tides/heights, "
        "probability: 0.5, rule: {kind: shape-reaches, shape: spring, status: evidence}}\n"
    )
    text = (
        sound + sound.replace("id: sound", "id: other").replace("made_on: DAY", draft) if "made_on" in draft else draft
    )
    (mini / "draft.yml").write_text(text.replace("DAY", str(day)), encoding="utf-8")

    done = run_in(mini, "review_book.commands.main", "forecast", "file", "draft.yml")

    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (mini / "data" / "forecasts").exists()


def test_a_clock_that_is_behind_is_blamed_and_no_record(mini, run_in):
    """Where the history was written after what the clock says, the check and what writes dates say that, and that alone."""
    first = run_in(mini, "review_book.commands.main", "accept")
    assert first.returncode == 0, first.stderr
    early = mini / "early"
    early.mkdir()
    (early / "sitecustomize.py").write_text(
        "import datetime\nclass _D(datetime.datetime):\n    @classmethod\n    def now(cls, tz=None):\n"
        "        return cls(2019, 5, 6, tzinfo=tz)\ndatetime.datetime = _D\n"
    )
    for words in (("check",), ("accept", "--check"), ("forecast",)):
        done = run_in(mini, "review_book.commands.main", *words, PYTHONPATH=f"{ROOT / 'src'}{os.pathsep}{early}")
        assert done.returncode == 1
        assert done.stderr.startswith("this machine's clock says 2019-05-06, and the history of the review"), (
            done.stderr
        )
        assert done.stderr.count("\n") == 1


def test_options_that_do_nothing_together_are_said(mini, review, monkeypatch):
    """A reason beside a mere check, or a record of a repeat that is none, is refused and not passed over."""
    monkeypatch.setenv("REVIEW_ROOT", str(mini))
    for words, said in (
        (("accept", "--check", "--reason", "a: it was misread"), "given --check with --reason or --all"),
        (("accept", "--all"), "given --all without --reason"),
        (("lab", "run", "quanta", "--record"), "given --record without --quick"),
    ):
        result = review(*words)
        assert result.exit_code == 1, words
        assert said in result.output
