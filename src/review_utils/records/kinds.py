"""Every kind of record in one table: its files, its model, its loader.

Checking all records, their schemas for editors and `Records` follow from the table; a new kind is a line here. Its
module is loaded when it is first asked for, so that a notebook depends on the kinds that it reads and on no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import TypeAdapter

from review_utils.records.reading import Problem, RecordError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review_utils.data.external import ExternalSet
    from review_utils.records.about import About
    from review_utils.records.claims import Ledger
    from review_utils.records.definitions import DefinitionsFile
    from review_utils.records.errata import Erratum
    from review_utils.records.forecasts import Forecast, Found, VoidRule
    from review_utils.records.glossary import Term
    from review_utils.records.grades import Grader, Rules
    from review_utils.records.laws import Laws
    from review_utils.records.mitigations import Mitigations
    from review_utils.records.predictions import Predictions
    from review_utils.records.prose_checks import ProseCheck
    from review_utils.records.published_forecasts import PublishedForecast
    from review_utils.records.recall import Recall
    from review_utils.records.register import Register
    from review_utils.records.searches import Searches, Watch
    from review_utils.records.statements import Statements
    from review_utils.records.studies import Studies


@dataclass(frozen=True)
class Kind:
    """A kind of record.

    Parameters
    ----------
    name : str
        What `Records` calls all records of the kind.
    load : str
        What reads them, as ``module:function`` below `review_utils`: from the data folder, and the records that
        `needs` names, to all records of the kind.
    schemas : tuple
        Each a schema for editors: its name, the model that it describes, and whether a file holds a list of records.
    needs : tuple of str
        Kinds whose records the loader is handed.
    """

    name: str
    load: str
    schemas: tuple[tuple[str, str, bool], ...]
    needs: tuple[str, ...] = ()


KINDS: tuple[Kind, ...] = (
    Kind("about", "records.about:load_about", (("review", "records.about:About", False),)),
    Kind(
        "register",
        "records.register:load_register",
        (
            ("finding", "records.register:Finding", False),
            ("shapes", "records.register:ShapesFile", False),
            ("questions", "records.register:Question", True),
        ),
    ),
    Kind("ledger", "records.claims:load_ledger", (("claims", "records.claims:Claim", True),)),
    Kind("studies", "records.studies:load_studies", (("studies", "records.studies:Study", True),), ("register",)),
    Kind(
        "statements",
        "records.statements:load_statements",
        (("statements", "records.statements:Statement", True),),
        ("studies", "register", "ledger"),
    ),
    Kind("rules", "records.grades:load_rules", (("grades", "records.grades:Rules", False),)),
    Kind(
        "mitigations",
        "records.mitigations:load_mitigations",
        (("mitigations", "records.mitigations:Mitigation", True),),
        ("studies",),
    ),
    Kind(
        "forecasts",
        "records.forecasts:load_forecasts",
        (("forecasts", "records.forecasts:Forecast", True),),
        ("register",),
    ),
    Kind(
        "predictions",
        "records.predictions:load_predictions",
        (("predictions", "records.predictions:Prediction", True),),
    ),
    Kind(
        "definitions",
        "records.definitions:load_definitions",
        (("definitions", "records.definitions:DefinitionsFile", False),),
        ("studies",),
    ),
    Kind("void", "records.forecasts:load_void", (("void", "records.forecasts:VoidRule", True),)),
    Kind("found", "records.forecasts:load_found", (("outcomes", "records.forecasts:Found", True),)),
    Kind(
        "prose_checks",
        "records.prose_checks:load_prose_checks",
        (("prose_checks", "records.prose_checks:ProseCheck", True),),
    ),
    Kind("external", "data.external:load_external", (("external", "data.external:ExternalSet", True),)),
    Kind("glossary", "records.glossary:load_glossary", (("glossary", "records.glossary:Term", True),)),
    Kind(
        "searches",
        "records.searches:load_searches",
        (("search_protocol", "records.searches:Protocol", False), ("search_runs", "records.searches:Run", True)),
    ),
    Kind("watch", "records.searches:load_watch", (("search_watch", "records.searches:Watch", False),)),
    Kind(
        "recall",
        "records.recall:load_recall",
        (("search_recall", "records.recall:RecallFile", False),),
        ("searches", "studies"),
    ),
    Kind("laws", "records.laws:load_laws", (("laws", "records.laws:LawFile", False),)),
    Kind("errata", "records.errata:load_errata", (("errata", "records.errata:Erratum", True),)),
    Kind(
        "published_forecasts",
        "records.published_forecasts:load_published_forecasts",
        (("published_forecasts", "records.published_forecasts:PublishedForecast", True),),
    ),
)


def _named(name: str) -> Any:  # noqa: ANN401  # a loader or a model
    module, _, attribute = name.partition(":")
    return getattr(import_module(f"review_utils.{module}"), attribute)


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
    mitigations: Mitigations
    forecasts: Sequence[Forecast]
    predictions: Predictions
    void: Sequence[VoidRule]
    found: Sequence[Found]
    definitions: DefinitionsFile
    prose_checks: Sequence[ProseCheck]
    external: Sequence[ExternalSet]
    glossary: Sequence[Term]
    searches: Searches
    watch: Watch
    recall: Recall | None
    laws: Laws
    errata: Sequence[Erratum]
    published_forecasts: Sequence[PublishedForecast]
    _kinds: ClassVar[dict[str, Kind]] = {kind.name: kind for kind in KINDS}

    def __init__(self, data: Path) -> None:
        self.data = data

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the kind holds
        """Load a kind.

        Raises
        ------
        RecordError
            With every problem of its files.
        """
        if name not in self._kinds:
            raise AttributeError(f"no kind of record {name}; there are: {', '.join(self._kinds)}")
        kind = self._kinds[name]
        found = _named(kind.load)(self.data, *(getattr(self, needed) for needed in kind.needs))
        self.__dict__[name] = found
        return found

    @cached_property
    def grader(self) -> Grader:
        """What grades the statements by the rules."""
        from review_utils.records.grades import Grader

        return Grader(self.studies, self.rules)

    def problems(self) -> Iterator[Problem]:
        """Yield the problems of every kind; what rests on a faulty kind is checked once that is mended."""
        for name in self._kinds:
            try:
                getattr(self, name)
            except RecordError as error:
                yield from error.problems


def schemas() -> dict[str, dict[str, object]]:
    """Return the JSON Schema of each kind of record file, by the name it has under ``data/schemas``."""
    found: dict[str, dict[str, object]] = {}
    for kind in KINDS:
        for name, path, listed in kind.schemas:
            model: Any = _named(path)
            found[f"{name}.json"] = TypeAdapter(list[model] if listed else model).json_schema()
    return found
