"""What is particular to a review: its name and its chapters, in ``data/review.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from review_utils.records.quantities import DayOfWork
from review_utils.records.reading import Location, Record, RecordError, Slug, Text, did_you_mean, parse, read_yaml
from review_utils.records.register import CriterionName
from review_utils.review import file_state

ChapterName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _a_page(address: str) -> str:
    """Return an address to which pages of the host can be added; what git alone clones from is no page."""
    if address.endswith(".git"):
        raise ValueError(f"{address.removesuffix('.git')}, the page of the sources: a link to a file of it begins so")
    return address


Repository = Annotated[str, Field(pattern=r"^https://[\w.-]+(/[\w-][\w.-]*)+$"), AfterValidator(_a_page)]


class About(Record):
    """All of ``data/review.yml``.

    Parameters
    ----------
    name : str
        As the site calls itself.
    slug : str
        As its archives and releases are called.
    tagline : str
        One line under the name.
    notes : str
        What a founding text is called, where there is one.
    shapes_page : str, optional
        The page that shows the status of every shape, where there is one.
    repository : str, optional
        Address of the sources, as ``https://github.com/owner/name``. From it follow the links that launch, edit and
        report; without it there are none.
    branch : str
        The branch that those links mean.
    moved : mapping
        Pages that are no more, and the page that took the place of each.
    chapters : list of str
        Names of the chapters, in their order: of a page, a folder of analyses and the files of records.
    roles : list of str
        What a finding of the register may be to the subject.
    criteria : mapping
        Names of the criteria by which a finding is judged, in their order, each with its title.
    members_meet : list of str
        Those that a finding must meet to be counted as a member of a shape.
    members_decided_since : date, optional
        From this day on, the places of a finding that is recorded say when and why they were decided, members too.
    needs_scale : str, optional
        The one that is met only where dependence on scale was measured.
    scale_test : str, optional
        The test that asks for dependence on scale: it has a result where that was measured, and only there.
    families : list of str
        Families of models by which the register is filtered, each a part of the names of its models.
    """

    name: Text
    slug: Slug
    tagline: Text
    notes: Text = "the founding notes"
    shapes_page: Text | None = None
    repository: Repository | None = None
    branch: Annotated[str, Field(pattern=r"^\w[\w-]*([./]\w[\w-]*)*$")] = "main"
    moved: dict[Annotated[str, Field(pattern=r"^\w[\w-]*(/\w[\w-]*)*$")], Text] = {}
    chapters: Annotated[list[ChapterName], Field(min_length=1)]
    roles: Annotated[list[Slug], Field(min_length=1)]
    criteria: Annotated[dict[CriterionName, Text], Field(min_length=1)]
    members_meet: list[CriterionName] = []
    members_decided_since: DayOfWork | None = None
    needs_scale: CriterionName | None = None
    scale_test: Slug | None = None
    families: list[Text] = []


def leads_to(steps: Mapping[str, str], start: str) -> list[str]:
    """Return where one gets from a name, step by step; it ends where no step leads on, or where a name comes again.

    Examples
    --------
    >>> leads_to({"a": "b", "b": "a"}, "a"), leads_to({"a": "b"}, "a")
    (['b', 'a'], ['b'])
    """
    found: list[str] = []
    while (start := steps.get(start, "")) and start not in found:
        found.append(start)
    return found


def load_about(data: Path) -> About:
    """Return what is particular to a review.

    Raises
    ------
    RecordError
        Also when a chapter stands twice.
    """
    located = read_yaml(data / "review.yml")
    about = parse(About, located)
    for i, name in enumerate(about.chapters):
        if name in about.chapters[:i]:
            raise RecordError([located.problem(("chapters", i), name, "each chapter once")])
    for i, name in enumerate(about.families):
        if name.lower() in (one.lower() for one in about.families[:i]):
            raise RecordError([located.problem(("families", i), name, "each family once, in whatever case")])
    named: list[tuple[Location, str | None]] = [(("members_meet", i), one) for i, one in enumerate(about.members_meet)]
    for at, criterion in [*named, (("needs_scale",), about.needs_scale)]:
        if criterion and criterion not in about.criteria:
            need = f"a criterion that stands above{did_you_mean(criterion, about.criteria)}"
            raise RecordError([located.problem(at, criterion, need)])
    for old, new in about.moved.items():
        if old in leads_to(about.moved, old):
            raise RecordError([located.problem(("moved", old), new, "a page that does not lead back to this one")])
    return about


def chapters_of(data: Path) -> tuple[str, ...]:
    """Return the names of the chapters, in their order."""
    path = data / "review.yml"
    return _chapters(data, file_state(path) if path.is_file() else ())


@cache
def _chapters(data: Path, _state: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(load_about(data).chapters)
