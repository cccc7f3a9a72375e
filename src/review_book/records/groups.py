"""The laboratories and teams of findings, as readers are told them: ``data/groups.yml``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from review_utils.records.reading import Record, RecordError, Slug, Text, each_once, parse_list, read_yaml


class Group(Record):
    """A laboratory or a team: the id by which findings name it, and its name."""

    id: Slug
    name: Text


def load_groups(data: Path) -> Sequence[Group]:
    """Load and check the groups; none where the review keeps no such file.

    Raises
    ------
    RecordError
        With every problem: an id that stands twice.
    """
    path = data / "groups.yml"
    if not path.is_file():
        return []
    located = read_yaml(path)
    groups = parse_list(Group, located)
    named = each_once(located, groups, "name", "a name of its own; two ids of one group count as two")
    if problems := [*each_once(located, groups, needed="each id once"), *named]:
        raise RecordError(problems)
    return groups
