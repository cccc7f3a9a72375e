"""Records that only grow are held against what was committed, tagged and published before."""

from __future__ import annotations

import subprocess

import pytest
from click.testing import CliRunner

from review_book.commands.main import main
from review_book.living import kept
from review_book.living.prose import check_prose
from review_book.review import Review
from review_utils.records.reading import RecordError


def _git(folder, *words):
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def _commit(data, text, message="a"):
    for name in kept.KEPT:
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(text, encoding="utf-8")
    _git(data.parent, "add", ".")
    _git(data.parent, "commit", "-qm", message)


@pytest.fixture
def committed(tmp_path):
    """A folder of data with a history and seals of three lines, committed on the branch that is published."""
    _git(tmp_path, "init", "-q")
    _commit(tmp_path / "data", "a\nb\nc\n")
    return tmp_path / "data"


@pytest.mark.parametrize("name", kept.KEPT)
@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\nb\nc\nd\n", []),
        ("a\nb\nc", []),
        ("a\r\nb\r\nc\r\n", []),
        ("a\nB\nc\n", [2]),
        ("a\nb\n", [3]),
        ("", [1]),
        ("b\na\nc\n", [1]),
    ],
)
def test_a_record_that_only_grows_is_held_against_what_was_committed(committed, name, text, lines):
    """Lines may follow and line ends may differ; a line changed, dropped or moved is named, however whole its chain."""
    (committed / name).write_bytes(text.encode())

    assert [p.line for p in kept.check_kept(committed)] == lines


FAR = "2999-01-01"


@pytest.mark.parametrize(
    ("day", "now", "named"),
    [
        ("2026-01-02", "{forecast: q, day: 2026-01-02, says: Level one counts.}", False),
        ("2026-01-02", "{forecast: q, day: 2026-01-02, says: Level none counts.}", True),
        ("2026-01-02", "{forecast: q, day: 2026-01-01, says: Level none counts.}", True),
        ("2026-01-02", "{forecast: q, day: 2026-01-03, says: Level none counts.}", False),
        ("2026-01-02", "{forecast: other, day: 2026-01-02, says: Level one counts.}", True),
        (FAR, f"{{forecast: q, day: {FAR}, says: Level none counts.}}", False),
    ],
)
@pytest.mark.parametrize("committed_too", [False, True])
def test_a_clarification_that_was_published_stands(committed, day, now, named, committed_too):
    """How a filed question is read is rewritten on its own day alone; later its words change under a later day."""
    path = committed / kept.CLARIFIED
    path.write_text(f"- {{forecast: q, day: {day}, says: Level one counts.}}\n", encoding="utf-8")
    _git(committed.parent, "add", ".")
    _git(committed.parent, "commit", "-qm", "b")
    path.write_text(f"- {now}\n", encoding="utf-8")
    if committed_too:
        _git(committed.parent, "commit", "-qam", "c", "--allow-empty")

    assert [p.field for p in kept.check_kept(committed)] == ["q"] * named


@pytest.mark.parametrize("later", [0, 1])
def test_a_rewrite_that_is_itself_committed_is_seen(committed, later):
    """A commit of a rewritten record changes nothing: the versions before it are still there, one commit on or more."""
    _commit(committed, "a\nB\nc\n", "a rewrite")
    for _ in range(later):
        _commit(committed, "a\nB\nc\nd\n", "more")

    assert {(p.file.split("/")[-1], p.line) for p in kept.check_kept(committed)} == {
        ("history.jsonl", 2),
        ("seals.txt", 2),
    }
    assert all("commit " in p.needed for p in kept.check_kept(committed))


def test_a_rewrite_on_a_branch_is_seen(committed):
    """Work on a branch is held against what the published branch ever held; its own earlier commits may be redone."""
    _git(committed.parent, "switch", "-qc", "work")
    _commit(committed, "a\nb\nc\nmine\n", "first try")
    _commit(committed, "a\nb\nc\nother\n", "second try")
    assert kept.check_kept(committed) == []

    _commit(committed, "a\n", "a rewrite")
    assert len(kept.check_kept(committed)) == len(kept.KEPT)


def test_without_the_published_branch_all_commits_of_the_one_that_is_out_count(committed, monkeypatch):
    """A repository in which the published branch has another name, or is not, hides no rewrite, and says what was compared."""
    _git(committed.parent, "branch", "-m", "main", "trunk")
    assert kept.is_apart(committed, "main")
    assert not kept.is_apart(committed, "trunk")
    _commit(committed, "a\nB\nc\n", "a rewrite")
    assert len(kept.check_kept(committed)) == len(kept.KEPT)
    assert len(kept.check_kept(committed, "trunk")) == len(kept.KEPT)


def test_a_name_of_another_repository_is_not_asked(committed, tmp_path_factory, monkeypatch):
    """GIT_DIR, as a hook or a shell may leave it, points at a past that is not this review's."""
    other = tmp_path_factory.mktemp("other")
    _git(other, "init", "-q")
    (committed / kept.KEPT[0]).write_text("a\nB\nc\n", encoding="utf-8")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))

    assert [p.line for p in kept.check_kept(committed)] == [2]


def test_a_check_without_the_published_branch_says_so(mini, monkeypatch):
    """Beside "sound" stands that the branch that is published was not at hand, and how to bring it."""
    monkeypatch.setenv("REVIEW_ROOT", str(mini))
    monkeypatch.setattr("review_book.commands.records.check_everything", lambda at: [])
    (mini / "data" / "history.jsonl").write_text("", encoding="utf-8")
    _git(mini, "init", "-q")
    _git(mini, "add", "data")
    _git(mini, "commit", "-qm", "a")

    assert "the published branch" not in CliRunner().invoke(main, ["check"]).output
    _git(mini, "branch", "-m", "main", "trunk")
    assert "the published branch main is not in this clone" in CliRunner().invoke(main, ["check"]).output


def test_commits_made_anew_are_held_against_tags_and_releases(committed):
    """Where the commits themselves were rewritten, the tag of a release still holds the line, and so does what it published."""
    _git(committed.parent, "tag", "v1")
    _git(committed.parent, "checkout", "-q", "--orphan", "anew")
    _commit(committed, "a\n", "one commit for all")
    _git(committed.parent, "branch", "-qM", "main")
    assert [p.line for p in kept.check_kept(committed)] == [2, 2]

    _git(committed.parent, "tag", "-d", "v1")
    assert kept.check_kept(committed) == []

    published = committed.parent / kept.RELEASES / "v1"
    published.mkdir(parents=True)
    (published / "history.jsonl").write_text("a\nb\nc\n", encoding="utf-8")
    (problem,) = kept.check_kept(committed)
    assert (problem.line, problem.needed) == (2, "the line as it stands in release v1: b")


def test_without_a_commit_there_is_nothing_to_hold_a_record_against(tmp_path):
    """Outside git nothing is said; a committed record that is gone is."""
    assert kept.check_kept(tmp_path) == []


def test_a_repository_that_cannot_be_asked_is_named(committed, monkeypatch):
    """Where git is not there, or does not trust the folder, nothing was compared, and that is a problem and no silence."""
    (committed / "history.jsonl").write_text("a\n", encoding="utf-8")
    monkeypatch.setenv("PATH", str(committed))
    (problem,) = kept.check_kept(committed)
    assert (problem.line, "no program git" in problem.given) == (1, True)
    assert "git can be asked about" in problem.needed

    monkeypatch.undo()
    (committed.parent / ".git" / "HEAD").write_text("nothing", encoding="utf-8")
    assert "a repository of which git says" in kept.check_kept(committed)[0].given


def test_a_copy_without_a_past_says_so(mini, monkeypatch):
    """Beside "sound" stands that history and seals were compared with nothing, where no older copy is at hand."""
    monkeypatch.setenv("REVIEW_ROOT", str(mini))
    said = "compared with no older copy: there is none here, neither of a commit nor of a release"
    (mini / "data" / "history.jsonl").unlink(missing_ok=True)
    monkeypatch.setattr("review_book.commands.records.check_everything", lambda at: [])

    assert said in CliRunner().invoke(main, ["check"]).output
    (mini / "releases" / "v1").mkdir(parents=True)
    (mini / "releases" / "v1" / "history.jsonl").write_text("", encoding="utf-8")
    assert said not in CliRunner().invoke(main, ["check"]).output


def test_a_shallow_clone_says_that_it_knows_few_commits(committed, tmp_path):
    """A clone of the last commit alone is compared with itself, and is known for what it is; a whole one is not."""
    _git(committed.parent, "commit", "-q", "--allow-empty", "-m", "another")
    for depth, said in ((("--depth", "1"), True), ((), False)):
        clone = tmp_path / f"clone-{said}"
        _git(tmp_path, "clone", "-q", *depth, f"file://{committed.parent}", str(clone))
        assert kept.is_shallow(clone / "data") is said


def test_a_committed_record_that_is_gone_is_named(committed):
    """A history that was committed and is no longer there is a fault, and so is one that a later commit took out."""
    (committed / "history.jsonl").unlink()
    with pytest.raises(RecordError, match="as it was committed"):
        kept.check_kept(committed)

    _git(committed.parent, "commit", "-qam", "it went")
    with pytest.raises(RecordError, match="as it was committed"):
        kept.check_kept(committed)


def test_the_past_of_this_review_is_a_beginning_of_its_present(root):
    """Every version of history and seals that was ever published is the beginning of what stands here."""
    assert kept.check_kept(root / "data") == []


def test_every_check_in_the_workflows_knows_the_past(root):
    """What runs the checks fetches every commit and tag, and brings what the last release published."""
    import yaml

    for path in sorted((root / ".github" / "workflows").glob("*.yml")):
        for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values():
            said = "\n".join(step.get("run", "") for step in job["steps"])
            if ".ci/run" in said:
                (checkout,) = (step for step in job["steps"] if "checkout" in step.get("uses", ""))
                assert checkout["with"].get("fetch-depth") == 0, path
                assert "--pattern history.jsonl --pattern seals.txt" in said.split(".ci/run")[0], path


def test_a_page_that_moved_without_a_line_of_moved_is_said(mini):
    """An address that was published is answered by a page or by a line of moved, however long ago the page went."""
    _git(mini, "init", "-q")
    _git(mini, "add", ".")
    _git(mini, "commit", "-qm", "a")
    assert check_prose(Review(mini)) == []

    for file in ("_toc.yml", "analyses/tides/model.md"):
        text = (mini / file).read_text(encoding="utf-8").replace("tides/model", "tides/cosine")
        (mini / file).write_text(text, encoding="utf-8")
    (mini / "analyses/tides/model.md").rename(mini / "analyses/tides/cosine.md")
    for _ in range(2):
        (problem,) = (p for p in check_prose(Review(mini)) if "no line for" in p.given)
        assert problem.file == "data/review.yml"
        assert problem.given.startswith("no line for analyses/tides/model, a page of ")
        assert problem.needed.startswith("a line analyses/tides/model: PAGE")
        _git(mini, "add", ".")
        _git(mini, "commit", "-q", "--allow-empty", "-m", "moved")

    about = mini / "data" / "review.yml"
    line = "moved:\n  analyses/tides/model: analyses/tides/cosine"
    about.write_text(about.read_text(encoding="utf-8").replace("moved:", line, 1), encoding="utf-8")
    assert not [p for p in check_prose(Review(mini)) if "no line for" in p.given]


def test_a_study_or_a_finding_may_have_moved_too(mini):
    """An old address of a record leads to the page of a record that is there, and to no other; one that is there has not moved."""
    about = mini / "data" / "review.yml"
    text = about.read_text(encoding="utf-8")
    for line, said in (
        ("studies/newton1687: studies/newton1687tides", None),
        ("findings/ushant: findings/brest", None),
        (
            "studies/newton1687: studies/newton1687tide",
            "a finding, a study or a law; did you mean studies/newton1687tides?",
        ),
        ("studies/newton1687tides: studies/darwin1898tides", "a page that is no more"),
    ):
        about.write_text(text.replace("moved:", f"moved:\n  {line}", 1), encoding="utf-8")
        found = [problem.needed for problem in check_prose(Review(mini))]
        assert found == [] if said is None else said in found[0]


def test_an_outcome_that_was_recorded_is_not_taken_out(committed):
    """An outcome may be corrected; taken out, alone or with its file, it is named with where it stands."""
    path = committed / kept.OUTCOMES
    path.write_text(
        "- forecast: tide-by-2027\n  day: 2026-11-29\n- forecast: ebb-by-2027\n  day: 2026-11-29\n", encoding="utf-8"
    )
    _git(committed.parent, "add", ".")
    _git(committed.parent, "commit", "-qm", "b")
    path.write_text(
        "- forecast: ebb-by-2027\n  day: 2026-11-30\n- forecast: tide-by-2027\n  day: 2026-11-30\n", encoding="utf-8"
    )
    assert kept.check_kept(committed) == []

    path.write_text("- forecast: ebb-by-2027\n  day: 2026-11-29\n", encoding="utf-8")
    (said,) = kept.check_kept(committed)
    assert said.field == "tide-by-2027"
    assert "the outcome of tide-by-2027, as it stands in the last commit" in said.needed

    path.unlink()
    _git(committed.parent, "commit", "-qam", "c")
    assert {one.field for one in kept.check_kept(committed)} == {"tide-by-2027", "ebb-by-2027"}
