"""Data sets that others published: fetched on demand, checked by their hash, never part of this project.

``data/external.yml`` names each file with its address at a fixed commit. ``review fetch`` brings them into
``data/external``; a folder of copies can stand in for the network. A notebook must do without: `external`
returns None when a set was not fetched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from review_utils.records.reading import Record, Slug, Text, parse_list, read_yaml, with_id
from review_utils.review import Explained, project_root

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FilePath = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./=-]*$")]


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


class FetchError(Explained, RuntimeError):
    """A file could not be had, or is not the one that was named."""


def load_external(data: Path) -> list[ExternalSet]:
    """Return the data sets that ``data/external.yml`` names, each checked by itself.

    Raises
    ------
    RecordError
        With every problem: unknown fields, bad hashes.
    """
    return parse_list(ExternalSet, read_yaml(data / "external.yml"))


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
    found = {}
    for file, sha256 in with_id(load_external(data), name, "set", within="data/external.yml").files.items():
        path = data / "external" / name / file
        try:  # opened even when it is not there, so that the notebook is known to depend on it
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FetchError(f"{path} is not the file that data/external.yml names; run: review fetch {name}")
        found[file] = path
    return found
