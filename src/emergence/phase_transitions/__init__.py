"""Sharp curves: how sharp they are, and how much of the sharpness is the metric's."""

from typing import TYPE_CHECKING

from emergence.shared.lazy import lazily

if TYPE_CHECKING:
    from emergence.shared.changepoints import Changepoints, changepoints
    from emergence.shared.gpt3 import ARITHMETIC_DIGITS, GPT3_SIZES, gpt3_curves

    from .curves import (
        GPT3_CHOICES,
        breakthroughness,
        breakthroughness_each,
        linearity,
        step_noise_sd,
        three_metrics,
    )
    from .seeds import SeedMixture, Waiting, fit_waiting, seed_mixture, single_seed_ladders, time_to_learn

__all__ = [
    "ARITHMETIC_DIGITS",
    "GPT3_CHOICES",
    "GPT3_SIZES",
    "Changepoints",
    "SeedMixture",
    "Waiting",
    "breakthroughness",
    "breakthroughness_each",
    "changepoints",
    "fit_waiting",
    "gpt3_curves",
    "linearity",
    "seed_mixture",
    "single_seed_ladders",
    "step_noise_sd",
    "three_metrics",
    "time_to_learn",
]

__getattr__ = lazily(__name__)
