"""The concept chapter: what each definition admits, which tests are missing, effects on one scale."""

from typing import TYPE_CHECKING

from emergence.shared.lazy import lazily

if TYPE_CHECKING:
    from .register_views import (
        TRIALS_AT_LEAST,
        Definition,
        admitted,
        codified_words,
        criteria_frame,
        definitions,
        effects,
        missing_tests,
        missing_words,
        nearest_words,
        rules_asked,
        standing_words,
        structural_tests,
    )

__all__ = [
    "TRIALS_AT_LEAST",
    "Definition",
    "admitted",
    "codified_words",
    "criteria_frame",
    "definitions",
    "effects",
    "missing_tests",
    "missing_words",
    "nearest_words",
    "rules_asked",
    "standing_words",
    "structural_tests",
]

__getattr__ = lazily(__name__)
