"""Data sets that others published: fetched on demand, checked by their hash, never part of this project.

``data/external.yml`` names each file with its address at a fixed commit. ``review fetch`` brings them into
``data/external``; a folder of copies can stand in for the network. A notebook must do without: `external`
returns None when a set was not fetched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from review_utils.records.reading import Problem, Record, RecordError, Slug, Text, parse_list, read_yaml
from review_utils.records.references import citation_keys
from review_utils.review import Explained, project_root

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FilePath = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./=-]*$")]
HOST = "https://raw.githubusercontent.com/"


class ExternalSet(Record):
    """One data set: where its files are at a fixed commit, and what they are."""

    id: Slug
    title: Text
    cite: Text
    licence: Text
    note: Text | None = None
    base: Annotated[
        str, Field(pattern=r"^https://raw\.githubusercontent\.com/[\w.-]+/[\w.-]+/[0-9a-f]{40}/([\w./-]+/)?$")
    ]
    files: Annotated[dict[FilePath, Sha256], Field(min_length=1)]

    @model_validator(mode="after")
    def _no_escape(self) -> ExternalSet:
        if any(".." in Path(name).parts for name in self.files):
            raise ValueError("paths below the set's own folder")
        return self


class FetchError(Explained, RuntimeError):
    """A file could not be had, or is not the one that was named."""


def load_external(data: Path) -> list[ExternalSet]:
    """Return the data sets that ``data/external.yml`` names.

    Raises
    ------
    RecordError
        With every problem: unknown fields, bad hashes, ids given twice, citations that dangle.
    """
    located = read_yaml(data / "external.yml")
    sets = parse_list(ExternalSet, located)
    keys = citation_keys(data)
    problems: list[Problem] = []
    for i, item in enumerate(sets):
        if item.cite not in keys:
            problems.append(located.problem((i, "cite"), item.cite, "a key of data/references.bib"))
        if item.id in {other.id for other in sets[:i]}:
            problems.append(located.problem((i, "id"), item.id, "an id of its own"))
    if problems:
        raise RecordError(problems)
    return sets


def _sound(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except FileNotFoundError:
        return False


def external(name: str, data: Path | None = None) -> Mapping[str, Path] | None:
    """Return the files of a data set by their names, or None when it was not fetched.

    Raises
    ------
    KeyError
        When there is no set of that id.
    FetchError
        When a file was changed after it was fetched.
    """
    data = data or project_root() / "data"
    sets = {item.id: item for item in load_external(data)}
    if name not in sets:
        raise KeyError(f"no external set {name}; there are: {', '.join(sets)}")
    found = {}
    for file, sha256 in sets[name].files.items():
        path = data / "external" / name / file
        try:
            # Opened even when it is not there, so that the notebook is known to depend on it.
            with path.open("rb") as stream:
                content = stream.read()
        except FileNotFoundError:
            return None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FetchError(f"{path} is not the file that data/external.yml names; run: review fetch {name}")
        found[file] = path
    return found


def _mirrored(mirror: Path, item: ExternalSet, file: str) -> Path:
    """Return where a mirror keeps the file; an older commit of a folder stands beside it as ``folder@commit``."""
    owner, repository, commit, *folders = item.base.removeprefix(HOST).rstrip("/").split("/")
    home = mirror / f"{owner}__{repository}"
    if folders:
        dated = home.joinpath(*folders[:-1], f"{folders[-1]}@{commit[:7]}")
        if dated.is_dir():
            return dated / file
    return home.joinpath(*folders, file)


def fetch_set(root: Path, item: ExternalSet, tick: Callable[[int], None] = lambda n: None) -> int:
    """Bring the files of a set that are not there yet; return how many came.

    A folder named by the variable ``REVIEW_MIRROR`` is read before the network is asked.

    Raises
    ------
    FetchError
        When a file cannot be had, or has another hash than ``data/external.yml`` says.
    """
    came = 0
    named = os.environ.get("REVIEW_MIRROR")
    for file, sha256 in item.files.items():
        target = root / "data" / "external" / item.id / file
        if not _sound(target, sha256):
            target.parent.mkdir(parents=True, exist_ok=True)
            copy = _mirrored(Path(named), item, file) if named else None
            if copy and copy.is_file():
                partial = target.with_name(f".{target.name}.part")
                shutil.copyfile(copy, partial)
                if not _sound(partial, sha256):
                    partial.unlink()
                    raise FetchError(f"{copy} has another sha256 than data/external.yml says ({sha256[:12]}...)")
                partial.replace(target)
            else:
                _download(item.base + file, target, sha256)
            came += 1
        tick(1)
    return came


def _download(url: str, target: Path, sha256: str) -> None:
    import pooch

    pooch.get_logger().setLevel("ERROR")
    try:
        pooch.retrieve(url, known_hash=f"sha256:{sha256}", fname=target.name, path=target.parent)
    except Exception as error:  # pooch passes on whatever its downloader raises
        raise FetchError(
            f"{url} could not be had ({type(error).__name__}: {error}); what came before is kept, so run the same command again"
        ) from None
