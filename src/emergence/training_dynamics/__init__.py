"""What appears during training, and what training signal moves it."""

from typing import TYPE_CHECKING

from emergence.shared.lazy import lazily

if TYPE_CHECKING:
    from emergence.shared.crossings import Transition, first_crossing, transition
    from emergence.shared.doses import DoseResponse, dose_response
    from emergence.shared.race import Race, alarms

    from .dose import doses, smallest_effective_dose
    from .linear import (
        DoubleDescent,
        deep_linear_modes,
        random_features,
        random_features_each,
        train_deep_linear,
        train_deep_linears,
    )
    from .mitigations import (
        EFFECTS,
        OFF_DISTRIBUTION,
        mitigation_cells,
        mitigation_matrix,
        mitigations_holding,
        mitigations_on_both,
        usual_and_trigger,
    )
    from .organism import reached, read_at, resampled_mean
    from .training import aligned, order_of_acquisition

__all__ = [
    "EFFECTS",
    "OFF_DISTRIBUTION",
    "DoseResponse",
    "DoubleDescent",
    "Race",
    "Transition",
    "alarms",
    "aligned",
    "deep_linear_modes",
    "dose_response",
    "doses",
    "first_crossing",
    "mitigation_cells",
    "mitigation_matrix",
    "mitigations_holding",
    "mitigations_on_both",
    "order_of_acquisition",
    "random_features",
    "random_features_each",
    "reached",
    "read_at",
    "resampled_mean",
    "smallest_effective_dose",
    "train_deep_linear",
    "train_deep_linears",
    "transition",
    "usual_and_trigger",
]

__getattr__ = lazily(__name__)
