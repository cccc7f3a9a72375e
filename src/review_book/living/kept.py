"""Records that only grow, held against every older copy that is at hand: of the commits, of the tags, of past releases.

A chain that was made anew from its first line is whole in itself; only an older copy shows that it was. A commit of such
a rewrite is seen too, since the versions before it are still there, and one that also rewrites the commits is seen by
what the last release published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from review_book.git import git
from review_book.living.history import FILE
from review_utils.records.reading import Located, Problem, read_text

KEPT = (FILE, "forecasts/seals.txt")
"""Records that only grow."""

OUTCOMES = "forecasts/outcomes.yml"
"""What was found at the addresses of questions: it may be corrected, and none is taken out."""

CLARIFIED = "forecasts/clarified.yml"
"""How filed questions are read: what was published stands, and more is added under its own day."""

RELEASES = "releases"
"""Folder beside the data into which published releases are brought, each in a folder of its tag."""


def check_kept(data: Path, branch: str = "main") -> list[Problem]:
    """Return where a record that only grows is not what it was, with lines after it.

    Parameters
    ----------
    data : path
        The data folder.
    branch : str
        The branch that is published: each version that it ever held must still be there. Of other branches only
        the last commit counts, so that work is put on top of what was published meanwhile; where the published one
        is not at hand, all commits of the one that is out count.

    Raises
    ------
    RecordError
        When a record cannot be read.
    """
    problems = [Located(data / FILE, None, line=1).problem(("file",), why, _ASKED) for why in _unasked(data)]
    for name in KEPT:
        now: list[str] | None = None
        for when, before in older(data, name, branch):
            if now is None:
                now = read_text(data / name, "the record as it was committed").splitlines()
            if now[: len(before)] == before:
                continue
            number = next(i for i, line in enumerate(before) if i >= len(now) or now[i] != line)
            given = now[number] if number < len(now) else "nothing"
            needed = f"the line as it stands in {when}: {before[number][:60]}"
            problems.append(Located(data / name, None, line=number + 1).problem(("line",), given, needed))
            break
    return [*problems, *_withdrawn(data, branch), *_said_otherwise(data, branch)]


_FORECAST = re.compile(r"^\s*(?:- )?forecast:\s*[\"']?([\w-]+)")


def _withdrawn(data: Path, branch: str) -> Iterator[Problem]:
    """Yield the outcomes that were recorded and are no more: a question that was answered would be open again."""
    path = data / OUTCOMES
    now = {
        match[1]
        for line in (read_text(path).splitlines() if path.is_file() else ())
        if (match := _FORECAST.match(line))
    }
    for when, before in older(data, OUTCOMES, branch):
        for match in filter(None, map(_FORECAST.match, before)):
            if match[1] not in now:
                needed = f"the outcome of {match[1]}, as it stands in {when}; one that is wrong is corrected and not taken out"
                yield Located(path, None, line=1).problem((match[1],), "nothing", needed)
                now.add(match[1])


def _said_otherwise(data: Path, branch: str) -> Iterator[Problem]:
    """Yield the clarifications of filed questions that have other words than were published, under the same day or none.

    On its own day one may be rewritten.
    """
    path = data / CLARIFIED
    now = _clarified(read_text(path)) if path.is_file() else {}
    named = set[str]()
    for when, before in older(data, CLARIFIED, branch):
        commit = "HEAD" if when == "the last commit" else when.removeprefix("commit ")
        written = "9999" if when.startswith("release ") else _day_of(data, commit)
        for question, (day, words) in _clarified("\n".join(before)).items():
            today, said = now.get(question, ("", "nothing"))
            if written > day and question not in named and said != words and today <= day:
                named.add(question)
                parted = next((i for i, (a, b) in enumerate(zip(said, words, strict=False)) if a != b), 0)
                needed = f"{words[max(parted - 20, 0) :][:60]}, as it stands in {when}; or a later day, on which it was said otherwise"
                yield Located(path, None, line=1).problem((question,), said[max(parted - 20, 0) :][:60], needed)


def _day_of(data: Path, commit: str) -> str:
    return _git(data, "show", "-s", "--format=%cs", commit).decode().strip()


def _clarified(text: str) -> dict[str, tuple[str, str]]:
    """Return the day and the words of each clarification by its question; nothing of a file that is no list of them."""
    try:
        found = yaml.safe_load(text)
        return {one["forecast"]: (f"{one['day']}", " ".join(one["says"].split())) for one in found or ()}
    except (yaml.YAMLError, TypeError, KeyError, AttributeError):  # told where it is read
        return {}


_ASKED = "a repository that git can be asked about: history and seals are held against what was committed"


def _in_repository(folder: Path) -> bool:
    here = folder.resolve()
    return any((at / ".git").exists() for at in (here, *here.parents))


def _unasked(data: Path) -> Iterator[str]:
    """Yield why a repository could not be asked what was committed, where there is one."""
    if _in_repository(data):
        try:
            done = git(data, "rev-parse", "--git-dir")
        except FileNotFoundError:
            yield "a repository, and no program git on this machine"
        else:
            if done.returncode:
                yield f"a repository of which git says {done.stderr.decode().strip().splitlines()[0]!r}"


def has_older(data: Path, branch: str = "main") -> bool:
    """Return whether any older copy of the history is at hand, so that a check of it compared something."""
    return next(older(data, FILE, branch), None) is not None


def is_shallow(data: Path) -> bool:
    """Return whether the repository holds the last commits alone, so that a past before them is compared with nothing."""
    return _in_repository(data) and _git(data, "rev-parse", "--is-shallow-repository").strip() == b"true"


def is_apart(data: Path, branch: str) -> bool:
    """Return whether a repository does not hold the branch that is published."""
    return _in_repository(data) and not _published(data, branch)


def _published(data: Path, branch: str) -> list[str]:
    """Return the names under which the published branch is at hand: as it was fetched, and as it is here."""
    names = f"refs/remotes/origin/{branch}", f"refs/heads/{branch}"
    return [name for name in names if _git(data, "rev-parse", "--verify", "--quiet", name)]


def older(data: Path, name: str, branch: str) -> Iterator[tuple[str, list[str]]]:
    """Yield every older copy that is at hand, with where it stands."""
    for path in sorted((data.parent / RELEASES).glob(f"*/{Path(name).name}")):
        yield f"release {path.parent.name}", read_text(path).splitlines()
    if not _in_repository(data):
        return
    commits = dict.fromkeys(["HEAD"])
    for ref in (*(_published(data, branch) or ["HEAD"]), "--tags=v*"):
        commits |= dict.fromkeys(_git(data, "log", "--first-parent", "--format=%H", ref, "--", name).decode().split())
    asked = "".join(f"{commit}:./{name}\n" for commit in commits)
    rest = _git(data, "cat-file", "--batch", given=asked.encode())
    seen = set()
    for commit in commits:
        head, _, rest = rest.partition(b"\n")
        kind, _, size = head.partition(b" ")[2].partition(b" ")
        if kind != b"blob":
            continue
        text, rest = rest[: int(size)], rest[int(size) + 1 :]
        if head not in seen:
            seen.add(head)
            place = "the last commit" if commit == "HEAD" else f"commit {commit[:12]}"
            yield place, text.decode("utf-8", "replace").splitlines()


def _git(data: Path, *words: str, given: bytes | None = None) -> bytes:
    """Return what git answers; nothing where there is no git, no repository, or not what was asked for."""
    try:
        return git(data, *words, given=given).stdout
    except (FileNotFoundError, NotADirectoryError):
        return b""
