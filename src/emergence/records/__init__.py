"""Records that belong to the subject: forecasts, predictions of theories, published laws, interventions.

Each module holds a kind, its model and its loader; the engine finds them by the table below, which `pyproject.toml`
names, and knows nothing else of them. Importing this loads none of them.
"""

from __future__ import annotations

from review_utils.records.kinds import Kind

KINDS: tuple[Kind, ...] = (
    Kind(
        "mitigations",
        "emergence.records.mitigations:load_mitigations",
        (("mitigations", "emergence.records.mitigations:Mitigation", True),),
        files=("mitigations.yml",),
    ),
    Kind(
        "forecasts",
        "emergence.records.forecasts:load_forecasts",
        (("forecasts", "emergence.records.forecasts:Forecast", True),),
        ("register",),
        files=("forecasts/????-??-??.yml", "forecasts/seals.txt", "forecasts/snapshots/*.json"),
    ),
    Kind(
        "predictions",
        "emergence.records.predictions:load_predictions",
        (("predictions", "emergence.records.predictions:Prediction", True),),
        files=("predictions.yml",),
    ),
    Kind(
        "definitions",
        "emergence.records.definitions:load_definitions",
        (("definitions", "emergence.records.definitions:DefinitionsFile", False),),
        files=("definitions.yml",),
    ),
    Kind(
        "void",
        "emergence.records.forecasts:load_void",
        (("void", "emergence.records.forecasts:VoidRule", True),),
        files=("forecasts/void.yml",),
    ),
    Kind(
        "found",
        "emergence.records.forecasts:load_found",
        (("outcomes", "emergence.records.forecasts:Found", True),),
        files=("forecasts/outcomes.yml",),
    ),
    Kind(
        "clarified",
        "emergence.records.forecasts:load_clarified",
        (("clarified", "emergence.records.forecasts:Clarified", True),),
        files=("forecasts/clarified.yml",),
    ),
    Kind(
        "prose_checks",
        "emergence.records.prose_checks:load_prose_checks",
        (("prose_checks", "emergence.records.prose_checks:ProseCheck", True),),
        files=("prose_checks.yml",),
    ),
    Kind(
        "laws",
        "emergence.records.laws:load_laws",
        (("laws", "emergence.records.laws:LawFile", False),),
        files=("laws/*.yml",),
        download="Every scaling law of the compendium",
    ),
    Kind(
        "published_forecasts",
        "emergence.records.published_forecasts:load_published_forecasts",
        (("published_forecasts", "emergence.records.published_forecasts:PublishedForecast", True),),
        files=("published_forecasts.yml",),
    ),
)
