"""Consequences of a change, between two states of a repository made for the test."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import tempfile

import pytest
from click.testing import CliRunner
from making_studies import retract

from review_book.commands.main import main
from review_book.living import consequences as cq
from review_book.records.grades import if_retracted
from review_book.records.kinds import Records

REFERENCE = "tests/reference/phase_transitions/grokking.ipynb"


@pytest.fixture(scope="module")
def committed(root, tmp_path_factory):
    """A repository with the records, pages and references of this review, committed once."""
    target = tmp_path_factory.mktemp("committed")
    for name in ("data", "analyses", "chapters", "tests/reference"):
        skip = shutil.ignore_patterns("lab", "external") if name == "data" else None
        shutil.copytree(root / name, target / name, ignore=skip)
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=target, check=True, capture_output=True)
    return target


@pytest.fixture
def repository(committed, tmp_path):
    """A copy of that repository, to be changed."""
    return shutil.copytree(committed, tmp_path / "repository")


def alter(path, name, field, to):
    """Change one field of what a reference keeps under a name; return what it was and what it is."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            review = output["metadata"].get("review", {})
            if review.get("name") == name:
                old = review["record"][field]
                review["record"][field] = to(old)
                path.write_text(json.dumps(notebook), encoding="utf-8")
                return old, to(old)
    raise AssertionError(f"nothing is shown as {name}")


def test_a_changed_sentence_is_listed_with_its_pages(repository):
    """Words that are computed are shown old and new, with every page that quotes them."""
    path = repository / "tests/reference/emergent_capabilities/shape_status.ipynb"
    before, _ = alter(path, "codified-said", "text", lambda _: "all is lost")

    found = cq.consequences(repository, "HEAD")

    assert found.words == (cq.WordsChange("emergent_capabilities/shape_status#codified-said", before, "all is lost"),)
    assert "chapters/emergent_capabilities" in found.pages
    assert "all is lost" in cq.as_text(found)


def test_a_figure_under_another_title_is_told_old_from_new(repository):
    """Of two titles of one figure it is said which is as it was and which as it is."""
    path = repository / "tests/reference/emergent_capabilities/shape_status.ipynb"
    old, _ = alter(path, "examples", "spec", lambda spec: {**spec, "title": "All is lost"})
    was = old["title"]["text"] if isinstance(old["title"], dict) else old["title"]
    was = was if isinstance(was, str) else " ".join(was)

    assert cq.consequences(repository, "HEAD").figures == (
        *sorted(
            (
                f"emergent_capabilities/shape_status: {was} (as it was)",
                "emergent_capabilities/shape_status: All is lost (as it is)",
            )
        ),
    )


def test_a_changed_number_is_listed_with_its_pages(repository):
    """A number that moves is shown old and new, inside or outside its interval, with every page that quotes it."""
    numbers = {
        a.split("#")[1]: n
        for a, n in cq.computed_numbers(repository).items()
        if a.startswith("phase_transitions/grokking#") and n.low is not None
    }
    name = next(iter(numbers))
    old, new = alter(repository / REFERENCE, name, "value", lambda value: 3 * value)

    found = cq.consequences(repository, "HEAD")

    change = next(n for n in found.numbers if n.address == f"phase_transitions/grokking#{name}")
    assert (change.before, change.after, change.where) == (old, new, "outside")
    assert "analyses/phase_transitions/grokking" in found.pages
    assert f"phase_transitions/grokking#{name}" in cq.as_text(found)
    assert json.loads(cq.as_json(found))["numbers"][0]["before"] == old


def test_a_flipped_claim_is_a_conclusion(repository):
    """A claim whose recomputed number no longer agrees is flipped, named as a conclusion, and its chapter is touched."""
    path = repository / "data" / "claims" / "emergence_theory.yml"
    text = path.read_text(encoding="utf-8")
    block = text[text.index("- id: slt-quartic") :].split("\n- id:")[0]
    changed = block.replace("value: 0.25\n", "value: 0.35\n", 1).replace(
        "verdict: reproduced", "verdict: not-comparable\n  note: a test"
    )
    path.write_text(text.replace(block, changed), encoding="utf-8")

    found = cq.consequences(repository, "HEAD")

    assert [e.subject for e in found.conclusions] == ["slt-quartic"], cq.as_text(found)
    assert "| Verdict of a claim changed | slt-quartic |" in cq.as_text(found, markdown=True)


def test_a_retracted_study_names_the_statements_graded_otherwise(repository):
    """Each statement whose grade changes is named with both grades, the study behind it, and the pages that quote it."""
    records = Records(repository / "data")
    weights = {key: len(if_retracted(records.statements, records.grader, key)) for key in records.studies.by_key}
    key = max(weights, key=weights.__getitem__)
    due = if_retracted(records.statements, records.grader, key)
    retract(repository / "data", key)

    found = cq.consequences(repository, "HEAD")

    assert {r.id: (r.before, r.after) for r in found.regrades} == {
        one.id: (records.rules.title(one.before), records.rules.title(one.after)) for one in due
    }
    assert all(r.because == (key,) for r in found.regrades)
    said = cq.as_text(found)
    assert all(f"{one.id}  {records.rules.title(one.before)}  {records.rules.title(one.after)}" in said for one in due)
    quoted = {
        p.relative_to(repository).with_suffix("").as_posix()
        for p in (repository / "chapters").glob("*.md")
        if any(f"{{statement}}`{one.id}`" in p.read_text(encoding="utf-8") for one in due)
    }
    assert quoted
    assert quoted <= set(found.pages)
    assert len(json.loads(cq.as_json(found))["regrades"]) == len(due)


def test_a_renamed_statement_is_graded_against_what_it_was(repository):
    """A statement that is renamed in the change that grades it otherwise is shown with the grade of its old name."""
    records = Records(repository / "data")
    study = max(records.studies.by_key, key=lambda key: len(if_retracted(records.statements, records.grader, key)))
    due = if_retracted(records.statements, records.grader, study)[0]
    retract(repository / "data", study)
    path = repository / "data" / "statements" / f"{records.statements.chapter_of(due.id)}.yml"
    text = path.read_text(encoding="utf-8")
    formerly = f"- id: renamed-here\n  formerly:\n    - {due.id}\n"
    if f"- id: {due.id}\n  formerly:\n" in text:
        path.write_text(text.replace(f"- id: {due.id}\n  formerly:\n", formerly), encoding="utf-8")
    else:
        path.write_text(text.replace(f"- id: {due.id}\n", formerly), encoding="utf-8")

    found = {r.id: (r.before, r.after) for r in cq.consequences(repository, "HEAD").regrades}

    assert found["renamed-here"] == (records.rules.title(due.before), records.rules.title(due.after))


def test_every_number_of_the_references_is_read(root):
    """Every number, sentence and figure that the references keep is read, with its interval where it has one."""
    numbers, kept = cq.computed_numbers(root), [list(cq.shown(root, kind)) for kind in ("number", "words", "figure")]

    assert [len(found) for found in kept] == [len(numbers), len(cq.computed_words(root)), len(cq.charts(root))]
    assert all(kept)
    assert any(n.low is not None for n in numbers.values())


@pytest.fixture
def mine(mini):
    """The little review in a repository, committed once."""
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=mini, check=True, capture_output=True)
    return mini


def edit(path, old, new):
    """Replace a text that is there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_corrected_field_is_shown_old_and_new(mine):
    """A number and a shape's title are shown as they were and are, and where the old number of the same source still stands."""
    finding = mine / "data" / "findings" / "brest.yml"
    edit(
        finding,
        "measurements:\n",
        "measurements:\n  - {id: again, metric: height, condition: same moon, value: 7.1, unit: metres, locator: p. 3, verified: primary}\n",
    )
    for words in (["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "two"]):
        subprocess.run(["git", *words], cwd=mine, check=True, capture_output=True)
    edit(finding, "condition: full moon, value: 7.1", "condition: full moon, value: 7.3")
    edit(mine / "data" / "shapes.yml", "title: Spring tide", "title: Tide of spring")

    found = cq.consequences(mine, "HEAD")

    assert [(c.record, c.field, c.before, c.after) for c in found.corrections] == [
        ("shape spring", "title", "Spring tide", "Tide of spring"),
        ("finding brest", "measurements.height.value", "7.1", "7.3"),
    ]
    assert found.corrections[1].repeated == ("finding brest, again",)
    assert {"findings/brest", "index", "register"} <= set(found.pages)
    assert "the old number still stands in finding brest, again" in cq.as_text(found)


def test_a_renamed_record_is_no_corrected_one(mine):
    """A finding under another id with the old one kept is compared with what it was, and nothing of it is corrected."""
    finding = mine / "data" / "findings" / "brest.yml"
    text = finding.read_text(encoding="utf-8")
    finding.unlink()
    finding.with_name("dover.yml").write_text(
        text.replace("id: brest", "id: dover\nformerly: [brest]"), encoding="utf-8"
    )

    chapter = mine / "chapters" / "tides.md"
    chapter.write_text(chapter.read_text(encoding="utf-8") + "\n{num}`register:brest/height`\n", encoding="utf-8")

    found = cq.consequences(mine, "HEAD")
    assert found.corrections == ()
    assert "chapters/tides" in found.pages, "it is quoted by its old id"


def test_analyses_whose_numbers_are_of_before_are_named(mine):
    """Where something was executed, an analysis that says something else than its reference, or was not run since, is named."""
    assert cq.consequences(mine, "HEAD").unaccepted == ()
    (mine / "_build" / "executed").mkdir(parents=True)

    found = cq.consequences(mine, "HEAD")
    assert found.unaccepted == ("analyses/tides/heights", "analyses/tides/model")
    assert "run make accept, then this again" in cq.as_text(found)


def test_all_that_is_named_is_listed():
    """What is to be run again, and what today's rules refuse, is listed whole however long it is."""
    names = tuple(f"analyses/tides/{i}" for i in range(20))

    text = cq.as_text(cq.Consequences(unaccepted=names, refused=names))
    assert all(text.count(f"  {name}\n") == 2 for name in names)


def test_two_commits_are_compared(repository):
    """Two commits are compared as well as a commit and the working tree."""
    names = (name for analysis, name, _ in cq.shown(repository, "number") if analysis == "phase_transitions/grokking")
    alter(repository / REFERENCE, next(names), "value", lambda value: 1.5 * value)
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qam", "two"], cwd=repository, check=True
    )

    assert len(cq.consequences(repository, "HEAD~1", "HEAD").numbers) == 1
    assert cq.consequences(repository, "HEAD", "HEAD") == cq.Consequences()


@pytest.fixture
def small(tmp_path):
    """A repository of one record, committed once."""
    (tmp_path / "small" / "data").mkdir(parents=True)
    (tmp_path / "small" / "data" / "a.yml").write_text("a: 1\n", encoding="utf-8")
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=tmp_path / "small", check=True, capture_output=True)
    return tmp_path / "small"


def test_what_the_base_got_meanwhile_is_no_doing_of_a_branch(small, monkeypatch):
    """A branch is compared with the commit at which it left its base, and who asks is told; an older state with a newer one is not."""

    def commit(name):
        (small / "data" / name).write_text("a: 1\n", encoding="utf-8")
        for words in (["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", name]):
            subprocess.run(["git", *words], cwd=small, check=True, capture_output=True)
        return subprocess.run(["git", "rev-parse", "HEAD"], cwd=small, check=True, capture_output=True).stdout

    left = commit("b.yml").decode().strip()
    subprocess.run(["git", "checkout", "-qb", "mine"], cwd=small, check=True)
    subprocess.run(["git", "branch", "base"], cwd=small, check=True)
    assert cq.forked(small, "base") == ("base", 0)
    subprocess.run(["git", "checkout", "-q", "base"], cwd=small, check=True)
    commit("c.yml")
    subprocess.run(["git", "checkout", "-q", "mine"], cwd=small, check=True)
    assert cq.forked(small, "base") == (left, 1)
    assert cq.forked(small, "base", "mine") == ("base", 0)  # asked for: an older state after a newer
    commit("d.yml")
    assert cq.forked(small, "base") == cq.forked(small, "base", "mine") == (left, 1)
    assert cq.forked(small, "nowhere") == ("nowhere", 0)
    assert cq.forked(small, "base..mine") == ("base..mine", 0)

    monkeypatch.setenv("REVIEW_ROOT", str(small))
    (small / "_toc.yml").write_text("root: index\n", encoding="utf-8")
    seen = []
    monkeypatch.setattr(cq, "consequences", lambda root, base, head: seen.append(base) or cq.Consequences())
    said = CliRunner().invoke(main, ["diff", "base"])
    assert seen == [left]
    assert f"base has 1 commit that this change does not hold; compared with {left[:12]}" in said.stderr


def test_a_request_to_end_removes_what_was_unpacked(small, tmp_path, monkeypatch):
    """SIGTERM while two states are compared leaves nothing behind, as Ctrl-C does, and what stood before stands again."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = signal.getsignal(signal.SIGTERM)
    there = []

    def ended():
        with cq.state_at(small, "HEAD") as folder:
            there.append((folder, folder.is_dir()))
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(SystemExit):
        ended()

    ((folder, was_there),) = there
    assert was_there
    assert not folder.exists()
    assert signal.getsignal(signal.SIGTERM) == before


def test_git_without_a_state_says_what_is_needed(small, tmp_path, monkeypatch):
    """No repository, a folder of a commit, a clone cut short, and no git at all are told apart."""
    bare = tmp_path / "bare"
    bare.mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(cq.UnknownState, match="needed: a clone of the review"), cq.state_at(bare, "HEAD"):
        pass
    with pytest.raises(cq.UnknownState, match="the two states as two words"), cq.state_at(small, "HEAD~1..HEAD"):
        pass
    with pytest.raises(cq.UnknownState, match="given HEAD:data, which is no commit"), cq.state_at(small, "HEAD:data"):
        pass
    (small / ".git" / "shallow").write_text("", encoding="utf-8")
    with pytest.raises(cq.UnknownState, match="git fetch --unshallow"), cq.state_at(small, "HEAD~500"):
        pass
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(cq.UnknownState, match="needed: the program git"), cq.state_at(small, "HEAD"):
        pass


def test_a_state_that_newer_rules_refuse_is_compared(repository):
    """A rule that is stricter than a committed record stops no comparison: what it refuses there is said."""
    claims = sorted((repository / "data" / "claims").glob("*.yml"))[0]
    sound = claims.read_text(encoding="utf-8")
    first, line = next((i, text) for i, text in enumerate(sound.split("\n"), 1) if text.startswith("- id: "))
    name = line.removeprefix("- id: ")
    studies = repository / "data" / "studies" / claims.name
    mended = studies.read_text(encoding="utf-8")
    studies.write_text(re.sub(r"(?m)^(  summary: ).*$", r"\1TODO", mended, count=1), encoding="utf-8")
    claims.write_text(sound.replace(line, f"{line}\n  nonsense: true", 1), encoding="utf-8")
    commit = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qam", "two"]
    subprocess.run(commit, cwd=repository, check=True, capture_output=True)
    claims.write_text(sound, encoding="utf-8")
    studies.write_text(mended, encoding="utf-8")

    found = cq.consequences(repository, "HEAD")
    assert any(said.startswith(f"data/claims/{claims.name}:{first + 1}: {name}.nonsense") for said in found.refused)
    assert any("work that was left over" in said for said in found.refused)
    assert name in {event.subject for event in found.events if event.topic == "claim"}
    assert "today's rules refuse" in cq.as_text(found)
    assert cq.consequences(repository, "HEAD~1").refused == ()
