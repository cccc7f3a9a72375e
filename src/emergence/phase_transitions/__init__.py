"""Sharp curves: how sharp they are, and how much of the sharpness is the metric's."""

from emergence.shared.changepoints import Changepoints, changepoints

from .curves import (
    ARITHMETIC_DIGITS,
    GPT3_CHOICES,
    GPT3_SIZES,
    SUPERGLUE,
    breakthroughness,
    gpt3_curves,
    linearity,
    step_noise_sd,
    superglue_gap,
    three_metrics,
)
from .seeds import SeedMixture, seed_mixture, single_seed_ladders

__all__ = [
    "ARITHMETIC_DIGITS",
    "GPT3_CHOICES",
    "GPT3_SIZES",
    "SUPERGLUE",
    "Changepoints",
    "SeedMixture",
    "breakthroughness",
    "changepoints",
    "gpt3_curves",
    "linearity",
    "seed_mixture",
    "single_seed_ladders",
    "step_noise_sd",
    "superglue_gap",
    "three_metrics",
]
