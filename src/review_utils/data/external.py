"""Data sets that others published: fetched on demand, checked by their hash, never part of this project.

``data/external.yml`` names each file with its address at a fixed commit. ``review fetch`` brings them into
``data/external``; a folder of copies can stand in for the network. A notebook must do without: what it computes
`with_sets` is None where one of them was not fetched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

from pydantic import Field

from review_utils.records.reading import Record, Slug, Text, did_you_mean, parse_list, read_yaml, with_id
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


def external(name: str, data: Path | None = None) -> Mapping[str, Path] | None:
    """Return the files of a data set by their names, or None when it was not fetched.

    Raises
    ------
    KeyError
        When there is no set of that id.
    FetchError
        When a file was changed after it was fetched.
    RecordError
        When ``data/external.yml`` is not a list of sets: unknown fields, bad hashes.
    """
    data = data or project_root() / "data"
    sets, found = parse_list(ExternalSet, read_yaml(data / "external.yml")), {}
    for file, sha256 in with_id(sets, name, "set", within="data/external.yml").files.items():
        path = data / "external" / name / file
        try:  # opened even when it is not there, so that the notebook is known to depend on it
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FetchError(f"{path} is not the file that data/external.yml names; run: review fetch {name}")
        found[file] = path
    return found


class Computed(SimpleNamespace):
    """What was computed `with_sets`, by its names; every name is None where a set was not fetched.

    Attributes
    ----------
    missing : tuple of str
        The sets that were not fetched.
    """

    missing: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever was computed
        if name.startswith("_") or not self.missing:
            raise AttributeError(f"nothing was computed under the name {name}{did_you_mean(name, vars(self), 3)}")
        return None


def with_sets(*needed: str | Computed) -> Callable[[Callable[..., Mapping[str, Any]]], Computed]:
    """Compute something from sets of others where they are at hand, and nothing where one is missing.

    The function below is called at once and replaced by what it returns, so that `derived`, `show.held`, `show.claim`
    and the `whole` of `show.figure` take each number or frame without asking whether there is one.

    Parameters
    ----------
    *needed : str or Computed
        What the function is called with, in order: for the id of a set its files by their names, as `external` returns
        them; for what was computed before, that.

    Returns
    -------
    callable
        Takes a function that returns what it computed by name, and returns it as `Computed`.

    Examples
    --------
    >>> @with_sets("chinchilla-points")
    ... def points(files):
    ...     return {"names": list(files), "number": len(files)}
    >>> @with_sets(points, "time-horizons")
    ... def both(points, horizons):
    ...     return {"number": points.number + len(horizons)}
    >>> points.number, both.number  # doctest: +SKIP
    (1, 3)

    On a fresh clone both are None, and ``both.missing`` is ``("chinchilla-points", "time-horizons")``.
    """
    given, missing = list[Any](), list[str]()
    for one in needed:
        given.append(one if isinstance(one, Computed) else external(one))
        missing += one.missing if isinstance(one, Computed) else [one] * (given[-1] is None)

    def compute(function: Callable[..., Mapping[str, Any]]) -> Computed:
        found = {} if missing else function(*given)
        if not isinstance(found, Mapping):
            raise TypeError(f"{function.__name__} gave {type(found).__name__}; needed: what it computed, by its names")
        return Computed(missing=tuple(dict.fromkeys(missing)), **found)

    return compute
