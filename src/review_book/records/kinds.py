"""Every kind of record in one table: its files, its model, its loader.

Checking all records, their schemas for editors and `Records` follow from the table; a new kind is a line here. The
science of a subject brings kinds of its own: a table that its package names under ``review_book.kinds``. A kind's
module is loaded when it is first asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, cached_property
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from review_utils.records.kinds import Kind
from review_utils.records.reading import Problem, RecordError, parse, parse_list, read_text, read_yaml, uncollected
from review_utils.review import files_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from review_book.records.about import About
    from review_book.records.claims import Ledger
    from review_book.records.errata import Erratum
    from review_book.records.glossary import Term
    from review_book.records.grades import Grader, Rules
    from review_book.records.groups import Group
    from review_book.records.recall import Recall
    from review_book.records.searches import Searches, Watch
    from review_book.records.statements import Statements
    from review_book.records.studies import Studies
    from review_utils.data.external import ExternalSet
    from review_utils.records.quantities import StudyNumber
    from review_utils.records.register import Measurement, Register


KINDS: tuple[Kind, ...] = (
    Kind(
        "about",
        "review_book.records.about:load_about",
        (("review", "review_book.records.about:About", False),),
        files=("review.yml",),
    ),
    Kind(
        "register",
        "review_book.records.register:load_checked",
        (
            ("finding", "review_utils.records.register:Finding", False),
            ("shapes", "review_utils.records.register:ShapesFile", False),
            ("questions", "review_utils.records.register:Question", True),
        ),
        files=("findings/*.yml", "shapes.yml", "questions.yml"),
    ),
    Kind(
        "ledger",
        "review_book.records.claims:load_ledger",
        (("claims", "review_utils.records.claims:Claim", True),),
        files=("claims/*.yml",),
    ),
    Kind(
        "studies",
        "review_book.records.studies:load_studies",
        (("studies", "review_book.records.studies:Study", True),),
        ("register",),
        files=("studies/*.yml",),
    ),
    Kind(
        "statements",
        "review_book.records.statements:load_statements",
        (("statements", "review_book.records.statements:Statement", True),),
        ("studies", "register", "ledger"),
        files=("statements/*.yml",),
    ),
    Kind(
        "rules",
        "review_book.records.grades:load_rules",
        (("grades", "review_book.records.grades:Rules", False),),
        files=("grades.yml",),
    ),
    Kind(
        "external",
        "review_book.records.tables:load_external",
        (("external", "review_utils.data.external:ExternalSet", True),),
        files=("external.yml",),
    ),
    Kind(
        "glossary",
        "review_book.records.glossary:load_glossary",
        (("glossary", "review_book.records.glossary:Term", True),),
        files=("glossary.yml",),
    ),
    Kind(
        "groups",
        "review_book.records.groups:load_groups",
        (("groups", "review_book.records.groups:Group", True),),
        files=("groups.yml",),
    ),
    Kind(
        "searches",
        "review_book.records.searches:load_searches",
        (
            ("search_protocol", "review_book.records.searches:Protocol", False),
            ("search_runs", "review_book.records.searches:Run", True),
        ),
        files=(
            "searches/protocol.yml",
            "searches/runs.yml",
            "searches/decisions.csv",
            "searches/works.csv",
            "searches/measured.yml",
            "searches/duplicate_pairs.csv",
        ),
    ),
    Kind(
        "watch",
        "review_book.records.searches:load_watch",
        (("search_watch", "review_book.records.searches:Watch", False),),
        files=("searches/watch.yml",),
    ),
    Kind(
        "recall",
        "review_book.records.recall:load_recall",
        (("search_recall", "review_book.records.recall:RecallFile", False),),
        ("searches", "studies"),
        files=("searches/recall.yml",),
    ),
    Kind(
        "errata",
        "review_book.records.errata:load_errata",
        (("errata", "review_book.records.errata:Erratum", True),),
        files=("errata.yml",),
    ),
)


def _named(name: str) -> Any:  # noqa: ANN401  # a loader or a model
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)


@cache
def all_kinds() -> Mapping[str, Kind]:
    """Return every kind by its name: the engine's, and those of the packages that are installed beside it."""
    tables = [KINDS, *(point.load() for point in sorted(entry_points(group="review_book.kinds")))]
    return {kind.name: kind for table in tables for kind in table}


class Records:
    """All records under a data folder; each kind is loaded once, when it is first asked for.

    Parameters
    ----------
    data : path
        The data folder.
    """

    about: About
    register: Register
    ledger: Ledger
    studies: Studies
    statements: Statements
    rules: Rules
    external: Sequence[ExternalSet]
    glossary: Sequence[Term]
    groups: Sequence[Group]
    searches: Searches
    watch: Watch
    recall: Recall | None
    errata: Sequence[Erratum]

    def __init__(self, data: Path) -> None:
        self.data = data

    @property
    def moved(self) -> dict[str, str]:
        """The addresses that pages have left, with where they went: as the review says it, and those of renamed findings."""
        return {f"findings/{old}": f"findings/{now}" for old, now in self.register.aliases.items()} | self.about.moved

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the kind holds
        """Load a kind.

        Raises
        ------
        RecordError
            With every problem of its files.
        """
        kinds = all_kinds()
        if name not in kinds:
            raise AttributeError(f"no kind of record {name}; there are: {', '.join(kinds)}")
        kind = kinds[name]
        with uncollected():
            found = _named(kind.load)(self.data, *(getattr(self, needed) for needed in kind.needs))
        self.__dict__[name] = found
        return found

    @cached_property
    def grader(self) -> Grader:
        """What grades the statements by the rules."""
        from review_book.records.grades import Grader

        return Grader(self.studies, self.rules)

    @property
    def downloads(self) -> dict[str, tuple[str, list[dict[str, object]]]]:
        """What kinds of other packages offer for download, where there is any: what it is called, and its rows."""
        kinds = [kind for kind in all_kinds().values() if kind.download]
        return {kind.name: (kind.download, held.rows()) for kind in kinds if (held := getattr(self, kind.name))}

    @property
    def printed(self) -> Iterator[tuple[str, str, Measurement | StudyNumber]]:
        """The numbers that findings and studies give from their works: the key of the work, what to call it, and the number."""
        for finding in self.register.findings:
            for measured in finding.measurements:
                yield finding.cite, f"{measured.id} of the finding {finding.id}", measured
        for key, study in self.studies.by_key.items():
            for number in study.numbers:
                yield key, f"{number.id} of the study {key}", number

    def problems(self) -> Iterator[Problem]:
        """Yield the problems of every kind; of one that rests on a faulty kind, those of its fields.

        A kind of another package is asked where the review has a file of it: a review of another subject has none.
        """
        faulty: set[str] = set()
        for name, kind in all_kinds().items():
            if kind not in KINDS and not any(files_in(self.data, pattern) for pattern in kind.files):
                continue
            try:
                getattr(self, name)
            except RecordError as error:
                yield from error.problems
                if not faulty.isdisjoint(kind.needs):  # its loader was not asked
                    yield from self._of_fields(kind)
                faulty.add(name)

    def _of_fields(self, kind: Kind) -> Iterator[Problem]:
        """Yield the problems that files have by themselves which say in their first line that they are of a kind."""
        models = {f"{name}.json": (_named(path), listed) for name, path, listed in kind.schemas}
        for path in [*files_in(self.data, "*.yml"), *files_in(self.data, "*/*.yml")]:
            try:
                said = re.match(r"# yaml-language-server: \$schema=(?:\.\./)*schemas/(\S+)", read_text(path))
                if said and said[1] in models:
                    model, listed = models[said[1]]
                    (parse_list if listed else parse)(model, read_yaml(path))
            except RecordError as error:
                yield from error.problems


def schemas() -> dict[str, dict[str, object]]:
    """Return the JSON Schema of each kind of record file, by the name it has under ``data/schemas``."""
    found: dict[str, dict[str, object]] = {}
    for kind in all_kinds().values():
        for name, path, listed in kind.schemas:
            model: Any = _named(path)
            found[f"{name}.json"] = TypeAdapter(list[model] if listed else model).json_schema()
    return found
