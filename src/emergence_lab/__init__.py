"""The lab: training experiments that anyone can run again. Needs the optional extra ``lab`` (JAX).

`engine` trains, `sweep` runs many and keeps their traces, `layers` holds what the models share, and every
other module is one experiment of the same name. The book reads the traces through
`review_utils.data.traces.trace` and never imports this package.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from review_utils.records.reading import did_you_mean
from review_utils.review import Explained

if TYPE_CHECKING:
    from emergence_lab.engine import Experiment

NAMES = (
    "grokking",
    "grokking_transformer",
    "grokking_race",
    "sparse_parity",
    "parity_widths",
    "parity_ladder",
    "induction",
    "induction_race",
    "markov_chains",
    "learned_chain",
    "quanta",
    "addition",
    "facts",
    "edge_of_stability",
    "narrow_to_broad",
    "scaling_grid",
    "scaling_ladder",
)


class LabError(Explained, ValueError):
    """What was asked of the lab cannot be done; the message says what was given and what is needed."""


def load(name: str) -> Experiment:
    """Return an experiment by its name.

    Raises
    ------
    LabError
        When there is none of that name.
    """
    if name not in NAMES:
        raise LabError(f"given the experiment {name!r}; needed: one of {', '.join(NAMES)}{did_you_mean(name, NAMES)}")
    experiment: Experiment = importlib.import_module(f"{__name__}.{name}").EXPERIMENT
    return experiment
