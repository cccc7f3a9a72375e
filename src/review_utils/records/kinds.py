"""Every kind of record in one table: its files, its model, its loader.

Checking all records, their schemas for editors and `Records` follow from the table; a new kind is a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, TypeAdapter

from review_utils.data.external import ExternalSet, load_external
from review_utils.records.about import About, load_about
from review_utils.records.claims import Claim, Ledger, load_ledger
from review_utils.records.definitions import DefinitionsFile, load_definitions
from review_utils.records.errata import Erratum, load_errata
from review_utils.records.forecasts import Forecast, VoidRule, load_forecasts, load_void
from review_utils.records.glossary import Term, load_glossary
from review_utils.records.grades import Grader, Rules, load_rules
from review_utils.records.laws import LawFile, Laws, load_laws
from review_utils.records.mitigations import Mitigation, Mitigations, load_mitigations
from review_utils.records.predictions import Prediction, Predictions, load_predictions
from review_utils.records.prose_checks import ProseCheck, load_prose_checks
from review_utils.records.published_forecasts import PublishedForecast, load_published_forecasts
from review_utils.records.reading import Problem, RecordError
from review_utils.records.recall import Recall, RecallFile, load_recall
from review_utils.records.register import Finding, Question, Register, ShapesFile, load_register
from review_utils.records.searches import Protocol, Run, Searches, Watch, load_searches, load_watch
from review_utils.records.statements import Statement, Statements, load_statements
from review_utils.records.studies import Studies, Study, load_studies

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Kind:
    """A kind of record.

    Parameters
    ----------
    name : str
        What `Records` calls all records of the kind.
    load : callable
        From the data folder, and the records that `needs` names, to all records of the kind.
    schemas : mapping
        Name of a schema for editors to the model that it describes.
    listed : bool
        Whether a file holds a list of records rather than one.
    needs : tuple of str
        Kinds whose records the loader is handed.
    """

    name: str
    load: Callable[..., Any]
    schemas: tuple[tuple[str, type[BaseModel], bool], ...]
    needs: tuple[str, ...] = ()


KINDS: tuple[Kind, ...] = (
    Kind("about", load_about, (("review", About, False),)),
    Kind(
        "register",
        load_register,
        (("finding", Finding, False), ("shapes", ShapesFile, False), ("questions", Question, True)),
    ),
    Kind("ledger", load_ledger, (("claims", Claim, True),)),
    Kind("studies", load_studies, (("studies", Study, True),), ("register",)),
    Kind("statements", load_statements, (("statements", Statement, True),), ("studies", "register", "ledger")),
    Kind("rules", load_rules, (("grades", Rules, False),)),
    Kind("mitigations", load_mitigations, (("mitigations", Mitigation, True),), ("studies",)),
    Kind("forecasts", load_forecasts, (("forecasts", Forecast, True),), ("register",)),
    Kind("predictions", load_predictions, (("predictions", Prediction, True),)),
    Kind("definitions", load_definitions, (("definitions", DefinitionsFile, False),), ("studies",)),
    Kind("void", load_void, (("void", VoidRule, True),)),
    Kind("prose_checks", load_prose_checks, (("prose_checks", ProseCheck, True),)),
    Kind("external", load_external, (("external", ExternalSet, True),)),
    Kind("glossary", load_glossary, (("glossary", Term, True),)),
    Kind("searches", load_searches, (("search_protocol", Protocol, False), ("search_runs", Run, True))),
    Kind("watch", load_watch, (("search_watch", Watch, False),)),
    Kind("recall", load_recall, (("search_recall", RecallFile, False),), ("searches", "studies")),
    Kind("laws", load_laws, (("laws", LawFile, False),)),
    Kind("errata", load_errata, (("errata", Erratum, True),)),
    Kind("published_forecasts", load_published_forecasts, (("published_forecasts", PublishedForecast, True),)),
)


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
        found = kind.load(self.data, *(getattr(self, needed) for needed in kind.needs))
        self.__dict__[name] = found
        return found

    @cached_property
    def grader(self) -> Grader:
        """What grades the statements by the rules."""
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
    return {
        f"{name}.json": (
            TypeAdapter(list[model]).json_schema() if listed else model.model_json_schema()  # type: ignore[valid-type]  # a model known at run time
        )
        for kind in KINDS
        for name, model, listed in kind.schemas
    }
