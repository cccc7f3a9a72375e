"""Sharp curves: how sharp they are, and how much of the sharpness is the metric's."""

from emergence.shared.changepoints import Changepoints, changepoints

from .breaks import FEWEST_SCALES, BreakTest, Verdict, alarm_rate, break_test, decide, gpt3_breaks, metric_transform
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
    "FEWEST_SCALES",
    "GPT3_CHOICES",
    "GPT3_SIZES",
    "SUPERGLUE",
    "BreakTest",
    "Changepoints",
    "SeedMixture",
    "Verdict",
    "alarm_rate",
    "break_test",
    "breakthroughness",
    "changepoints",
    "decide",
    "gpt3_breaks",
    "gpt3_curves",
    "linearity",
    "metric_transform",
    "seed_mixture",
    "single_seed_ladders",
    "step_noise_sd",
    "superglue_gap",
    "three_metrics",
]
