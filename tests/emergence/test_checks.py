"""Every public function of the science refuses nonsense: silence is the failure.

Each function that takes numbers has one good call in `CALLS`. Every argument of it is replaced, one at a time, by what
no function takes (not a number, infinity, nothing, another length, another shape, a misspelt option) and by what this
function must not take (`bad`). A new function without an entry fails.
"""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import itertools
import pkgutil
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

import emergence
import review_utils
from emergence.capability_precursors.tournament import LEVELS
from emergence.emergence_theory import causal
from emergence.phase_transitions import calibrate
from emergence.phase_transitions.attribution import Curve
from emergence.scaling_laws.laws import AdditiveLaw
from emergence.shared.fitting import wilson
from emergence.your_curve.design import Design as Planned
from emergence.your_curve.measured import Form
from review_utils.records.register import load_register

X8 = np.array([1.0, 2, 3, 4, 5, 6, 7, 8])
Y8 = np.array([0.0, 0.1, 0.0, 0.1, 1.0, 2.1, 3.0, 4.1])
SIZES = np.geomspace(1e7, 1e9, 4)
N16, D16 = (a.ravel() for a in np.meshgrid(SIZES, SIZES * 20))
L16 = 1.7 + 400 / N16**0.34 + 410 / D16**0.28
LAW = AdditiveLaw("law", "cite", 1.7, 400.0, 410.0, 0.34, 0.28)
TPM = np.array([[0.5, 0.5], [0.1, 0.9]])
JOINT, PARTS, MACRO = causal.xor_system()
NAN, INF = float("nan"), float("inf")


def bowl(theta: np.ndarray) -> np.ndarray:
    """Return a loss whose minimum is the origin."""
    return (np.asarray(theta) ** 2).sum(axis=-1)


def bowl_and_slope(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the same with its gradient."""
    return bowl(theta), 2 * np.asarray(theta)


def _race() -> dict[str, Any]:
    rows = pd.MultiIndex.from_tuples([(a, s) for a in ("signal", "random-labels") for s in range(8)])
    values = np.array([np.linspace(0, 1 if a == "signal" else 0.1, 5) + s / 1000 for a, s in rows])
    frame = pd.DataFrame(values, index=rows, columns=[0, 10, 20, 30, 40])
    return {"signals": {"norm": (frame, 1)}, "onset": pd.Series(40.0, index=range(8))}


def _race_with(**changed: float) -> dict[str, tuple[pd.DataFrame, int]]:
    frame, sign = _race()["signals"]["norm"]
    frame = frame.copy()
    for arm, value in changed.items():
        frame.loc[(arm.replace("_", "-"), 3), 20] = value
    return {"norm": (frame, sign)}


def _ladder() -> pd.DataFrame:
    runs = []
    for run, (n, d, loss) in enumerate(zip(N16, D16, L16, strict=True)):
        for step in range(6):
            bits = loss * (1.5 - step / 10)
            runs.append((run, n, d * (step + 1) / 6, bits, 1 / (1 + np.exp(2 * (bits - 3)))))
    return pd.DataFrame(runs, columns=["run", "params", "tokens", "bits", "accuracy"])


@dataclass(frozen=True)
class Call:
    """One good call: its arguments, what else must be refused, and what is taken for a reason."""

    good: dict[str, Any]
    bad: dict[str, list[Any]] = field(default_factory=dict)
    takes: dict[str, tuple[str, ...]] = field(default_factory=dict)


POSITIVE = [np.array([0.0, *X8[1:]]), np.array([-1.0, *X8[1:]])]
RUNS = {
    "params": [N16 * 0, -N16, np.full(16, 1e8)],
    "tokens": [D16 * 0, -D16, np.full(16, 1e8)],
    "loss": [L16 * 0, -L16, np.full(16, 3.0)],
}
HALVES = np.array([0.5, 0.5])
DAYS = [dt.date(2026, month, 1) for month in range(1, 7)]
CURVE = Curve(SIZES, SIZES / 1e10)
LINE = pd.DataFrame({"panel": "p", "line": "l", "step": [1, 2, 3], "value": [0.0, 0.6, 0.7]})
NOT_POSITIVE = [0.0, -1.0]
UNFITTING = [L16[::-1], np.tile([2.0, 3.0], 8)]

CALLS: dict[str, Call] = {
    "emergence_theory.exponents.spectral_tail": Call({"often": HALVES, "logs": np.log(np.full((2, 2), 0.5))}, {"often": [-HALVES, HALVES * 2], "logs": [np.zeros((2, 2))]}),
    "emergence_theory.exponents.counting_excess": Call({"often": HALVES, "logs": np.log(np.full((2, 2), 0.5)), "samples": np.array([10.0, 20, 40])}, {"often": [-HALVES], "logs": [np.zeros((2, 2))], "samples": [np.array([0.0]), np.array([2.5])]}),
    "capability_precursors.ledger.growing": Call(
        {"dates": DAYS[:4], "values": [1.0, 2.0, 4.0, 8.0], "targets": DAYS[4:]},
        {"dates": [DAYS[:3], DAYS[3::-1], []], "values": [[1.0], [1.0, 2.0, 4.0, NAN], [1.0, 2.0, 4.0, -8.0], []], "targets": [DAYS[:1], []]},
    ),
    "phase_transitions.attribution.attribute": Call({"curve": CURVE, "threshold": 0.9, "loose": 1.0}, {"threshold": [0.1, 1.0], "loose": [0.0, 9.0]}),
    "phase_transitions.attribution.attribute_all": Call({"curves": [CURVE], "threshold": 0.9, "loose": 1.0}, {"curves": [[]], "threshold": [0.1, 1.0], "loose": [0.0, 9.0]}),
    "phase_transitions.attribution.Curve": Call(
        {"scales": SIZES, "scores": SIZES / 1e10, "kind": "share", "chance": 0.0, "parts": 1, "over": "scale"},
        {"scales": [SIZES[::-1], -SIZES, np.ones(4)], "scores": [SIZES], "chance": [-0.1, 1.0], "parts": [0, 1.5]},
    ),
    "phase_transitions.cases.first_above": Call(
        {"frame": LINE, "panel": "p", "line": "l", "level": 0.5}, {}, {"frame": ("a NaN",)},
    ),
    "shared.changepoints.changepoints": Call(
        {"x": X8, "y": Y8, "method": "segmented", "penalty": 0.02, "bends": 1},
        {"x": [X8[::-1], np.repeat(X8[:4], 2), X8 * 1e200], "y": [np.ones(8), Y8 * 1e200], "bends": [-1, 9, 1.5], "penalty": NOT_POSITIVE},
    ),
    "shared.crossings.first_crossing": Call({"steps": X8, "scores": Y8, "level": 1.5}, {"steps": [X8[::-1], -X8]}),
    "shared.crossings.transition": Call({"steps": X8, "scores": Y8, "low": 0.0, "high": 4.0}, {"steps": [X8[::-1]], "high": [-1.0, 0.0]}),
    "shared.doses.dose_response": Call(
        {"doses": X8 / 10, "responded": np.array([0, 1, 2, 4, 6, 8, 9, 10.0]), "n": np.full(8, 10.0)},
        {"doses": [X8, *POSITIVE], "responded": [np.array([10, 9, 8, 6, 4, 2, 1, 0.0]), np.full(8, 11.0), np.full(8, -1.0), X8 / 8], "n": [np.zeros(8)]},
    ),
    "shared.fitting.as_floats": Call({"values": X8, "name": "x", "low": 0.0, "high": 9.0}, {"values": [-X8]}, {"values": ("nothing",), "name": ("misspelt",), "low": ("infinity", "-infinity"), "high": ("infinity",)}),
    "shared.fitting.wilson": Call({"successes": 3.0, "n": 10, "level": 0.95}, {"successes": [-1, 11], "n": [0, -5], "level": [0, 1, 1.5]}),
    "shared.forms.fit_form": Call({"form": "M1", "x": X8, "loss": X8**-0.5 + 0.01, "optimiser": "newton", "starts": 8}, {"x": POSITIVE, "loss": [np.ones(8), -X8], "starts": [0, -1]}),
    "shared.forms.rmsle": Call({"loss": X8, "predicted": X8 + 1}, {"loss": POSITIVE, "predicted": POSITIVE}),
    "shared.quanta.quanta_data_curve": Call({"samples": X8, "alpha": 0.4, "total": 100, "needed": 3}, {"samples": [-X8], "alpha": NOT_POSITIVE, "total": [0, -3], "needed": [0, -1]}, {"samples": ("two dimensions", "nothing")}),
    "shared.quanta.quanta_exponents": Call({"alpha": 0.4}, {"alpha": [*NOT_POSITIVE, -2]}),
    "shared.quanta.zipf_quanta_loss": Call({"learned": X8, "alpha": 0.4, "total": 100}, {"learned": [-X8, X8 * 1000], "alpha": NOT_POSITIVE, "total": [0, -3]}, {"learned": ("two dimensions", "nothing")}),
    "shared.race.alarms": Call({**_race(), "runs": "signal", "controls": "random-labels"}, {"signals": [{}, _race_with(random_labels=NAN), _race_with(signal=NAN), _race_with(random_labels=INF)]}, {"onset": ("a NaN",)}),
    "shared.gpt3.gpt3_curves": Call({"tasks": ["2D+"]}, {"tasks": [["no such"], []]}),
    "capability_precursors.ledger.chance_above": Call({"quantiles": np.geomspace(1, 9, len(LEVELS)), "mark": 3.0}, {"quantiles": [np.geomspace(9, 1, len(LEVELS)), -np.ones(len(LEVELS))], "mark": NOT_POSITIVE}),
    "capability_precursors.ledger.chance_next": Call({"hits": 1, "cases": 2}, {"hits": [-1, 3, 0.5], "cases": [0.5, -1]}),
    "capability_precursors.precursors.early_warning": Call({"series": np.sin(np.arange(40.0))}, {"series": [np.ones(40)]}),
    "capability_precursors.precursors.slowing_means": Call({"points": 5, "window": 3, "every": 2, "end": 0.9, "seed": 1}, {"points": [0, 2.5, -1], "window": [0, 1.5], "every": [0, -2], "end": [1.0, -0.1]}),
    "capability_precursors.precursors.forecast_logistic": Call({"log_scale": X8, "successes": X8, "n_items": 100, "target": 9.0, "grid": 20}, {"log_scale": [X8[::-1], np.ones(8), 10**X8], "successes": [-X8, X8 * 100, X8 / 100], "n_items": [0, -1], "target": [1.0, 1e12], "grid": [0, 1, -5]}),
    "capability_precursors.precursors.arithmetic_forecasts": Call({"setting": "few-shot"}),
    "capability_precursors.precursors.gumbel_tail": Call({"probabilities": np.linspace(0.01, 0.5, 40), "queries": 1000.0, "largest": 10}, {"probabilities": [np.zeros(40), np.ones(40), np.full(40, 0.2), -np.ones(40)], "queries": [10, -1], "largest": [0, 2, 99]}),
    "capability_precursors.precursors.pass_until": Call({"rate": 0.2, "successes": 3, "draws": 10, "seed": 0}, {"rate": [0, 1.5, -1, 1e-300, [0.1]], "successes": [1, 2.5, 1e9], "draws": [0, 10**12]}),
    "capability_precursors.precursors.roc": Call({"runs": X8, "controls": X8 / 2}, {"runs": [X8[:1]], "controls": [X8[:1]]}, {"runs": ("another length",), "controls": ("another length",)}),
    "capability_precursors.scoring.brier": Call({"probability": 0.3, "happened": True}, {"probability": [-0.1, 1.1]}),
    "capability_precursors.scoring.crps_of_quantiles": Call({"quantiles": {0.1: 1.0, 0.9: 3.0}, "outcome": 2.0}, {"quantiles": [{}, {0.9: 1.0, 0.1: 3.0}, {0.1: NAN, 0.9: 3.0}, {0.1: 3.0, 0.9: 1.0}], "outcome": NOT_POSITIVE}),
    "capability_precursors.scoring.converted": Call({"value": 3.0, "unit": "hours", "to": "minutes"}, {"unit": ["days"]}),
    "capability_precursors.scoring.doublings_off": Call({"said": 8.0, "came": 4.0}, {"said": NOT_POSITIVE, "came": NOT_POSITIVE}),
    "capability_precursors.tournament.crps": Call({"quantiles": np.tile(np.geomspace(1, 9, len(LEVELS)), (2, 1)), "seen": np.array([2.0, 3.0])}, {"quantiles": [np.tile(np.geomspace(9, 1, len(LEVELS)), (2, 1)), np.ones((2, 4))]}),
    "capability_precursors.tournament.forecasts": Call(
        {"scales": SIZES, "scores": SIZES**-0.1, "targets": np.array([1e10]), "names": ["last value"], "kind": "loss"},
        {"scales": [SIZES[::-1], -SIZES], "scores": [-SIZES, SIZES * 0], "targets": [np.array([1e8]), np.array([-1.0])], "names": [["no such"]]},
    ),
    "capability_precursors.tournament.view_of": Call({"scales": SIZES, "scores": SIZES**-0.1, "step": 0.2, "flat": 0.1}, {"scales": [SIZES[::-1], -SIZES], "scores": [-SIZES], "step": [-1.0, 2.0], "flat": [-1.0, 1.0]}),
    "emergence_theory.causal.as_partition": Call({"groups": np.array([0, 0, 1])}),
    "emergence_theory.causal.check_tpm": Call({"tpm": TPM}, {"tpm": [TPM * 2, -TPM, TPM[0], TPM[:1]]}),
    "emergence_theory.causal.best_coarse_graining": Call({"tpm": TPM}, {"tpm": [TPM * 2, np.eye(12)]}),
    "emergence_theory.causal.greedy_coarse_graining": Call({"tpm": TPM}, {"tpm": [TPM * 2]}),
    "emergence_theory.causal.effective_information": Call({"tpm": TPM}, {"tpm": [TPM * 2]}),
    "emergence_theory.causal.coarse_grain": Call({"tpm": TPM, "partition": [[0], [1]]}, {"tpm": [TPM * 2], "partition": [[[0]], [[0, 1], [1]], [[0], [1], []], [], [0], 3, ["ab"]]}),
    "emergence_theory.causal.coarse_grainings": Call({"n": 3}, {"n": [0, 12, -1, 2.5]}),
    "emergence_theory.causal.mutual_information": Call({"joint": np.full((2, 2), 0.25)}, {"joint": [np.ones((2, 2)), -np.ones((2, 2)), np.ones(2)]}),
    "emergence_theory.causal.causal_emergence_criteria": Call({"joint": JOINT, "parts": PARTS, "macro": MACRO}, {"joint": [JOINT * 2, JOINT[:2]]}, dict.fromkeys(("parts", "macro"), ("text", "numbers as text", "complex numbers", "days"))),
    "emergence_theory.causal.noisy_and": Call({"noise": 0.3}, {"noise": [-0.1, 1.1]}),
    "emergence_theory.causal.parity_system": Call({"kept": 0.9, "parts": 2}, {"kept": [-0.1, 1.1], "parts": [0, -1, 1.5, 40]}),
    "emergence_theory.causal.two_node": Call({"gates": ["and", "or"]}, {"gates": [["and"], ["and", "nand"]]}),
    "emergence_theory.composition.composed": Call({"skills": np.full((2, 3), 0.5)}, {"skills": [np.full(3, 1.5), np.full(3, -0.5)]}, {"skills": ("one dimension less",)}),
    "emergence_theory.composition.half_time": Call({"strength": 1.0, "frequency": 0.1, "start": 0.01}, {"strength": NOT_POSITIVE, "frequency": NOT_POSITIVE, "start": [*NOT_POSITIVE, 0.9]}),
    "emergence_theory.composition.multilinear_skill": Call({"time": X8, "strength": 1.0, "frequency": 0.1, "start": 0.01}, {"time": [-X8], "strength": NOT_POSITIVE, "frequency": NOT_POSITIVE, "start": [*NOT_POSITIVE, 2.0]}, {"time": ("two dimensions", "nothing")}),
    "emergence_theory.composition.skill_graph": Call({"texts": 50, "skills": 5, "per_text": 2, "error": np.array([0.1, 0.2]), "tuple_size": 2}, {"texts": [0], "skills": [0, 1], "per_text": [0, 9], "error": [np.array([1.5, 2])], "tuple_size": [0, 9]}),
    "emergence_theory.exponents.excess_from_few_samples": Call({"samples": np.array([20.0, 40]), "features": 3, "noise": 1.0}, {"samples": [np.array([4.0, 40]), np.array([20.5, 40])], "features": [0, -1, 2.5], "noise": [-1.0]}),
    "emergence_theory.exponents.interpolation_error": Call({"pieces": 3, "dimension": 2, "points": 100}, {"pieces": [0, 1, 2.5], "dimension": [0, 5, 1.5], "points": [0]}),
    "emergence_theory.exponents.slope": Call({"x": X8, "y": X8**-0.5}, {"x": [*POSITIVE, np.ones(8)], "y": POSITIVE}),
    "emergence_theory.exponents.spectral_learning_curve": Call({"samples": np.array([5.0, 10]), "alpha": 0.5, "modes": 100}, {"samples": [np.array([0.0, 5]), np.array([5.0, 200])], "alpha": NOT_POSITIVE, "modes": [0, 10**12]}),
    "emergence_theory.exponents.zipf_learning_curve": Call({"samples": X8, "alpha": 0.5, "kinds": 100}, {"samples": POSITIVE, "alpha": NOT_POSITIVE, "kinds": [0, 1]}),
    "emergence_theory.percolation.expected_threshold": Call({"left": 10, "right": 10}, {"left": [0, -1], "right": [0, -1]}),
    "emergence_theory.percolation.giant_share": Call({"mean_left": 2.0, "mean_right": 2.0}, {"mean_left": [-1.0], "mean_right": [-1.0]}),
    "emergence_theory.percolation.percolation": Call({"left": 10, "right": 10, "reach": 2.0}, {"left": [0, 2.5], "right": [0], "reach": NOT_POSITIVE}),
    "emergence_theory.scales.scales_of": Call({"tpm": TPM}, {"tpm": [TPM * 2]}),
    "emergence_theory.scales.singular_gain": Call({"tpm": TPM}, {"tpm": [TPM * 2]}),
    "emergence_theory.singular.check_minimum": Call({"loss": bowl_and_slope, "at": np.zeros(2), "slope": 1e-6, "curvature": 1e-6}, {"at": [np.ones(2)], "slope": [-1.0], "curvature": [-1.0]}),
    "emergence_theory.singular.corners": Call({"theta": np.ones((1, 18)), "features": 6, "hidden": 2, "least": 0.3}, {"theta": [np.ones((1, 5))], "features": [0], "hidden": [0], "least": [-1.0]}),
    "emergence_theory.percolation.threshold": Call({"left": 10, "right": 10, "reach": 2.0}, {"left": [0, 2.5], "right": [0], "reach": NOT_POSITIVE}),
    "emergence_theory.singular.settled": Call({"loss": bowl_and_slope, "theta": np.ones((2, 2)), "rate": 0.05, "momentum": 0.9, "slope": 1e-9, "most": 20_000}, {"theta": [np.ones(2)], "rate": NOT_POSITIVE, "momentum": [-1.0, 1.0], "slope": NOT_POSITIVE, "most": [0, 1]}),
    "emergence_theory.singular.superposition": Call({"theta": np.ones((1, 18)), "features": 6, "hidden": 2}, {"theta": [np.ones((1, 5))], "features": [0], "hidden": [0]}),
    "emergence_theory.singular.langevin_coefficient": Call(
        {"loss": bowl_and_slope, "at": np.zeros(2), "n": 100.0, "step": 1e-5, "pull": 1.0, "steps": 10, "chains": 4},
        {"at": [np.ones(2)], "n": [0, 1, -5], "step": NOT_POSITIVE, "pull": [-1.0], "steps": [0, 1], "chains": [0, 1]},
    ),
    "emergence_theory.singular.langevin_coefficients": Call(
        {"loss": bowl_and_slope, "at": np.zeros((2, 2)), "settings": [{"n": 100.0, "step": 1e-5, "pull": 1.0}], "steps": 10, "chains": 4},
        {"at": [np.ones((2, 2)), np.zeros(2)], "settings": [[], [{"n": 1.0, "step": 1e-5, "pull": 1.0}], [{"n": 100.0, "step": 0.0, "pull": 1.0}]], "steps": [0, 1], "chains": [0, 1]},
    ),
    "emergence_theory.singular.learning_coefficient": Call({"loss": bowl, "dimension": 2, "samples": 100_000, "low": 0.01, "high": 0.1}, {"dimension": [0, -1], "samples": [0, -1], "low": [0.0, 0.5, -1], "high": [0.001, 2.0]}),
    "shared.widths.fit_width_and_data": Call({"widths": N16, "data": D16, "above": L16 - 1.7}, {"widths": [N16 * 0, N16 * 0 + 5], "data": [D16 * 0, D16 * 0 + 5], "above": [-L16]}),
    "shared.widths.growth_with_width": Call({"widths": X8, "parameters": X8**2}, {"widths": [*POSITIVE, np.ones(8)], "parameters": POSITIVE}),
    "shared.widths.width_exponent": Call({"widths": X8, "parameters": X8**2, "exponent": 0.1, "error": 0.01, "draws": 100}, {"widths": POSITIVE, "parameters": POSITIVE, "exponent": NOT_POSITIVE, "error": [-1.0], "draws": [0, 99]}),
    "phase_transitions.curves.breakthroughness": Call({"scores": Y8, "noise_sd": 0.1}, {"noise_sd": [-1.0]}),
    "phase_transitions.curves.breakthroughness_each": Call({"ladders": np.stack([Y8, Y8]) / 5, "n_items": 100}, {"ladders": [Y8 / 5, np.stack([Y8, Y8])], "n_items": [0, -1]}),
    "phase_transitions.curves.linearity": Call({"scores": Y8}),
    "phase_transitions.curves.step_noise_sd": Call({"scores": Y8 / 5, "n_items": 100}, {"scores": [Y8], "n_items": [0, -1]}),
    "phase_transitions.coverage.rate": Call({"count": 3.0, "of": 10.0}, {"count": [-1, 11], "of": [0, -1]}),
    "phase_transitions.cases.rise_width": Call({"steps": X8, "scores": X8}, {"steps": [X8[::-1]]}),
    "phase_transitions.seeds.fit_waiting": Call({"sizes": X8, "times": 100 / X8, "budget": 90.0}, {"sizes": POSITIVE, "times": [-X8], "budget": [*NOT_POSITIVE, 1e-9]}, {"times": ("a NaN", "infinity"), "budget": ("infinity",)}),
    "phase_transitions.seeds.seed_mixture": Call({"scores": Y8, "chance": 0.5, "success": 2.0}, {"success": [0.1, 0.9]}),
    "phase_transitions.seeds.single_seed_ladders": Call({"scores": np.ones((3, 4)), "draws": 5}, {"scores": [np.ones(3)], "draws": [0, -1]}),
    "phase_transitions.seeds.time_to_learn": Call({"steps": X8, "scores": np.stack([Y8, Y8]), "level": 1.0}, {"steps": [X8[::-1]]}),
    "scaling_laws.fits.fit_parametric": Call({"params": N16, "tokens": D16, "loss": L16, "delta": 1e-3}, {**RUNS, "params": [*RUNS["params"], np.log10(N16)], "tokens": [*RUNS["tokens"], D16 / 1e9], "loss": [*RUNS["loss"], *UNFITTING], "delta": NOT_POSITIVE}),
    "scaling_laws.fits.fit_absolute": Call({"params": N16, "tokens": D16, "loss": L16}, RUNS),
    "scaling_laws.fits.bootstrap": Call({"params": N16, "tokens": D16, "loss": L16, "replicates": 2, "threads": 1}, {**RUNS, "replicates": [0, 1], "threads": [0]}),
    "scaling_laws.fits.profile_interval": Call({"params": N16, "tokens": D16, "loss": L16 * (1 + 0.01 * np.sin(np.arange(16)))}, RUNS),
    "scaling_laws.laws.flops": Call({"given": SIZES * 1e12}, {"given": [-SIZES, np.log10(SIZES * 1e12)]}, {"given": ("two dimensions", "nothing")}),
    "scaling_laws.laws.kaplan_efficiency": Call({"f_efficient": 0.1, "f_other": 0.02, "alpha_n": 0.07, "alpha_s": 0.7}, dict.fromkeys(("f_efficient", "f_other", "alpha_n", "alpha_s"), NOT_POSITIVE)),
    "scaling_laws.laws.non_embedding_exponent": Call({"params": SIZES, "alpha": 0.3, "beta": 0.3, "gamma": 4e4}, {"params": [-SIZES], "alpha": NOT_POSITIVE, "beta": NOT_POSITIVE, "gamma": [-1.0]}, {"params": ("two dimensions", "nothing")}),
    "scaling_laws.laws.worth_of_repetition": Call({"epochs": X8, "half_life": 15.0}, {"epochs": [-X8], "half_life": NOT_POSITIVE}, {"epochs": ("two dimensions", "nothing")}),
    "scaling_laws.laws.AdditiveLaw": Call({"name": "n", "cite": "c", "E": 1.7, "A": 400.0, "B": 410.0, "alpha": 0.34, "beta": 0.28}, {"E": [-1.0], **dict.fromkeys(("A", "B", "alpha", "beta"), NOT_POSITIVE)}, {"name": ("misspelt",), "cite": ("misspelt",)}),
    "scaling_laws.laws.PowerLaw": Call({"name": "n", "cite": "c", "scale": 1.7, "exponent": 0.3, "floor": 0.0}, {"floor": [-1.0], **dict.fromkeys(("scale", "exponent"), NOT_POSITIVE)}, {"name": ("misspelt",), "cite": ("misspelt",)}),
    "scaling_laws.laws.PowerAllocation": Call({"name": "n", "cite": "c", "coefficient": 1.7e9, "exponent": 0.3}, {"coefficient": NOT_POSITIVE, "exponent": [*NOT_POSITIVE, 7.0]}, {"name": ("misspelt",), "cite": ("misspelt",)}),
    "scaling_laws.laws.RepeatedDataLaw": Call({"unique": LAW, "repeats_tokens": 15.0, "repeats_params": 5.0}, dict.fromkeys(("repeats_tokens", "repeats_params"), NOT_POSITIVE)),
    "scaling_laws.laws.RoutedLaw": Call({"name": "n", "cite": "c", "a": -0.08, "b": -0.1, "c": 0.009, "d": 1.1, "expert_start": 1.8, "expert_max": 300.0}, {"expert_start": NOT_POSITIVE, "expert_max": [*NOT_POSITIVE, 1.0]}, {"name": ("misspelt",), "cite": ("misspelt",)}),
    "scaling_laws.laws.Domain": Call({"params": (1e6, 1e9), "tokens": None}, {"params": [(1e9, 1e6), (-1.0, 1e6), (NAN, 1e9)], "tokens": [(1e9, 1e6)]}),
    "capability_precursors.thresholds.straight_line": Call({"loss": X8, "score": Y8}, {"loss": [np.ones(8)]}),
    "capability_precursors.thresholds.with_threshold": Call({"loss": X8, "score": -Y8, "chance": -3.0}, {"loss": [np.ones(8)]}),
    "capability_precursors.thresholds.with_bend": Call({"loss": X8, "score": -Y8, "chance": -3.0}, {"loss": [np.ones(8)]}),
    "capability_precursors.thresholds.size_adds": Call({"loss": X8, "score": Y8, "size": X8**0.5, "degree": 1}, {"loss": [np.ones(8)], "degree": [0, 1.5]}),
    "scaling_laws.loss_to_task.fit_error": Call({"loss": X8, "error": 0.9 - 0.8 * np.exp(-X8)}, {"loss": [*POSITIVE, np.ones(8)], "error": [X8, np.full(8, 0.5), 0.1 + 0.8 * np.exp(-X8)]}),
    "scaling_laws.loss_to_task.fit_over_trained": Call({"params": N16, "tokens": D16, "loss": L16}, RUNS),
    "scaling_laws.loss_to_task.fit_two_step": Call({"runs": _ladder(), "chance": 0.25, "smooth": 2, "skip": 0.1}, {"runs": [_ladder().assign(accuracy=NAN), _ladder().drop(columns="bits"), _ladder().assign(accuracy=3.0), _ladder()[::-1]], "chance": [-0.1, 1.0], "smooth": [0, -1], "skip": [-0.1, 1.0]}),
    "scaling_laws.loss_to_task.principal_shares": Call({"scores": np.array([[1.0, 2], [2, 3.5], [3, 5]])}, {"scores": [np.ones((3, 2)), np.ones(3), np.ones((1, 3)), np.array([[1, np.nan], [2, 3]])]}, {"scores": ("a NaN",)}),
    "scaling_laws.rivals.fit_rival": Call({"name": "additive", "params": N16, "tokens": D16, "loss": L16, "delta": 1e-3}, {**RUNS, "delta": NOT_POSITIVE}),
    "scaling_laws.rivals.coupling": Call({"params": N16, "tokens": D16, "loss": L16, "draws": 1}, {**RUNS, "draws": NOT_POSITIVE}),
    "scaling_laws.rivals.compare_rivals": Call({"params": N16, "tokens": D16, "loss": L16, "floor": 1.6, "held_out": 0.3}, {**RUNS, "floor": [*NOT_POSITIVE, 99.0], "held_out": [0.0, 0.9]}),
    "scaling_laws.compendium.isoflop": Call({"law": LAW, "compute_flop": 1e20, "params": SIZES}, {"compute_flop": NOT_POSITIVE, "params": [-SIZES, np.array([1e20])]}, {"params": ("two dimensions", "nothing")}),
    "scaling_laws.compendium.wasted": Call({"law": LAW, "compute_flop": 1e20, "factor": X8}, {"compute_flop": NOT_POSITIVE, "factor": POSITIVE}, {"factor": ("two dimensions", "nothing")}),
    "scaling_laws.compendium.band": Call({"compute_flop": SIZES * 1e12, "chosen": {"a": LAW}}, {"compute_flop": [-SIZES], "chosen": [{}]}, {"compute_flop": ("two dimensions", "nothing")}),
    "training_dynamics.linear.deep_linear_modes": Call({"strengths": np.array([1.0, 2]), "start": 0.1, "times": X8}, {"strengths": [np.array([0.0, 1])], "start": [*NOT_POSITIVE, 3.0], "times": [-X8]}, {"times": ("nothing",)}),
    "training_dynamics.linear.random_features": Call({"widths": [3, 5], "n": 10, "inputs": 3, "noise": 0.3, "ridge": 0.0, "draws": 1}, {"widths": [[0], [2.5]], "n": [0, 1], "inputs": [0, -1], "noise": [-1.0], "ridge": [-1.0], "draws": [0]}),
    "training_dynamics.linear.random_features_each": Call({"widths": [3, 5], "n": 10, "inputs": 3, "noises": [0.3], "ridges": [0.0], "draws": 1}, {"widths": [[0], [2.5]], "n": [0, 1], "inputs": [0, -1], "noises": [[-1.0]], "ridges": [[-1.0]], "draws": [0]}),
    "training_dynamics.linear.train_deep_linears": Call({"strengths": np.array([1.0, 2]), "start": 0.1, "rate": 0.1, "steps": 5, "every": 1, "seeds": [0, 1]}, {"strengths": [np.array([-1.0, 1])], "start": [*NOT_POSITIVE, 3.0], "rate": [*NOT_POSITIVE, 100.0], "steps": [0, -1, 10**9], "every": [0, -1], "seeds": [[]]}),
    "training_dynamics.linear.train_deep_linear": Call({"strengths": np.array([1.0, 2]), "start": 0.1, "rate": 0.1, "steps": 5, "every": 1}, {"strengths": [np.array([-1.0, 1])], "start": [*NOT_POSITIVE, 3.0], "rate": [*NOT_POSITIVE, 100.0], "steps": [0, -1, 10**9], "every": [0, -1]}),
    "training_dynamics.training.aligned": Call(
        {"frame": pd.DataFrame([[1.0, 2, 3]], columns=[0, 10, 20]), "onset": pd.Series([10.0]), "before": 5.0, "after": 5.0, "every": 5.0},
        {"frame": [pd.DataFrame([[1.0, 2, 3]], columns=[0, 20, 10])], "before": [-1.0], "after": [-1.0], "every": NOT_POSITIVE},
        {"onset": ("a NaN",), "frame": ("a NaN",)},
    ),
    "training_dynamics.training.order_of_acquisition": Call({"times": pd.DataFrame({"a": [1.0, 2], "b": [3.0, 4]})}, {"times": [pd.DataFrame({"a": [1.0]}), pd.DataFrame({"a": [NAN], "b": [NAN]}), pd.DataFrame({"a": [-1.0], "b": [2.0]})]}, {"times": ("a NaN",)}),
    "your_curve.said.number": Call({"value": 3.0}),
}  # fmt: skip

INNER = {
    "training_dynamics.organism": "curves of our own traces, run by run",
    "shared.checks": "the checks themselves",
    "scaling_laws.laws.warn_outside": "a warning of ours, and how many frames it is above",
    "shared.fitting.least_squares": "a function of ours is fitted, from starts of ours",
    "shared.fitting.least_squares_each": "a function of ours is fitted, from starts of ours",
    "shared.forms.fit_forms": "what fit_form refuses has no fit; see its test",
    "shared.plots": "parts of charts; Altair and execute/misread.py judge what is drawn",
    "shared.fitting.newton": "a function of ours is minimised, from starts of ours",
    "phase_transitions.accounts": "works on a Batch, which is made from curves that were checked",
    "phase_transitions.calibrate": "simulates designs of ours; run as a program",
    "phase_transitions.coverage": "simulates curves of ours; run as a program",
    "emergence_theory.causal.entropy_bits": "chains that check_tpm judged",
    "emergence_theory.causal.macro_bits": "chains that check_tpm judged",
    "emergence_theory.causal.members_of": "as many states as coarse_grainings took",
    "emergence_theory.causal.of_pairs": "the sets of sets_of_states",
    "capability_precursors.tournament.fitted": "beginnings of curves that were checked",
    "capability_precursors.tournament.gaussian_process": "called by forecasts, which checks",
    "capability_precursors.tournament.last_value": "called by forecasts, which checks",
    "capability_precursors.tournament.linear": "called by forecasts, which checks",
    "capability_precursors.tournament.logistic": "called by forecasts, which checks",
    "capability_precursors.tournament.observational": "called by forecasts, which checks",
    "capability_precursors.tournament.two_steps": "called by forecasts, which checks",
    "capability_precursors.tournament.spread_in_log": "part of a forecaster; forecasts judges what comes of it",
    "capability_precursors.tournament.horizon_of": "a column of what tournament returns",
    "capability_precursors.tournament.coverage": "the table that tournament returns",
    "capability_precursors.tournament.board": "the table that tournament returns",
    "capability_precursors.thresholds.compare": "the models and scores that readers.testbed returns",
    "capability_precursors.tournament_curves.own_runs": "traces of ours, by seed",
    "emergent_capabilities.register_views.missing_words": "the table that missing_tests returns",
    "phase_transitions.attribution.evidence": "curves that attribute_all checked and grouped",
    "phase_transitions.attribution.expected": "what evidence returns",
    "phase_transitions.cases.controls": "traces of ours",
    "phase_transitions.curves.three_metrics": "the table that gpt3_curves returns",
    "readers.frontier": "the table that time_horizons returns",
    "scaling_laws.horizons.days_of": "days that pandas reads, which refuses what is none",
    "scaling_laws.horizons.doubling": "the table that time_horizons returns",
    "scaling_laws.horizons.line_of": "the table that time_horizons returns",
    "scaling_laws.horizons.resampled_lines": "the table that time_horizons returns",
    "scaling_laws.loss_to_task.ladder_misses": "the runs that readers.ladder returns",
    "scaling_laws.loss_to_task.learned_tasks": "the models and scores that readers.testbed returns",
    "scaling_laws.loss_to_task.testbed_misses": "the models and scores that readers.testbed returns",
    "scaling_laws.compendium.agreements": "the table that exponent_intervals returns",
    "training_dynamics.dose.smallest_effective_dose": "the table that doses returns",
    "training_dynamics.mitigations": "the table that mitigation_cells returns",
    "your_curve.answer": "read_frame judges the table; tests in test_measured and test_answer",
    "your_curve.design": "an answer's parts",
    "your_curve.logs.read_any": "files of others; tests in test_logs",
    "your_curve.measured": "judges the table row by row; tests in test_measured",
    "your_curve.record.fared": "the table that rows returns",
    "your_curve.said.score": "an answer's parts",
    "your_curve.template.notebook": "the table that read_frame judged",
}
"""Functions that only our own code calls, on what was checked before, by name or by module."""


def numeric(function: Callable[..., Any]) -> bool:
    """Return whether a function takes numbers."""
    words = ("ArrayLike", "Floats", "float", "int", "DataFrame", "Series")
    return any(
        any(word in str(p.annotation).replace("Interval", "") for word in words)
        for p in inspect.signature(function).parameters.values()
    )


def public() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every public function of the science that takes numbers, by its name below `emergence`."""
    for found in pkgutil.walk_packages(emergence.__path__, "emergence."):
        if found.name.startswith(("emergence.records", "emergence.scaling_laws.calculator")):
            continue  # of records, which their loaders judge
        module = importlib.import_module(found.name)
        for name, item in vars(module).items():
            ours = inspect.isfunction(item) and item.__module__ == found.name
            if ours and not name.startswith("_") and numeric(item):
                yield f"{found.name}.{name}".removeprefix("emergence."), item


def function(name: str) -> Callable[..., Any]:
    """Return the function of an entry."""
    module, attribute = name.rsplit(".", 1)
    return getattr(importlib.import_module(f"emergence.{module}"), attribute)


def nonsense(name: str, value: object, beside: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield what no function takes in place of one value of a good call, each with what it is."""
    if isinstance(value, bool) or callable(value):
        return
    if isinstance(value, str):
        yield "misspelt", value + "x"
    elif isinstance(value, int | float):
        yield from (("a NaN", NAN), ("infinity", INF), ("-infinity", -INF), ("text", "many"))
    elif isinstance(value, np.ndarray):
        for what, put in (("a NaN", NAN), ("infinity", INF)):
            changed = value.astype(float).copy()
            changed.flat[-1] = put
            yield what, changed
        yield "nothing", value[:0]
        yield (
            "two dimensions" if value.ndim == 1 else "one dimension less",
            value[None] if value.ndim == 1 else value[0],
        )
        yield "text", np.full(value.shape, "many")
        yield "numbers as text", np.asarray(value, dtype=float).astype(str)
        yield "complex numbers", value + 1j
        yield "days", np.full(value.shape, np.datetime64("2026-01-01"))
        hidden = np.zeros(value.shape, dtype=bool)
        hidden.flat[-1] = True
        yield "a mask", np.ma.masked_array(value, hidden)
        others = [v for k, v in beside.items() if k != name and isinstance(v, np.ndarray) and len(v) == len(value)]
        if others:
            yield "another length", value[:-1]
    elif isinstance(value, pd.DataFrame | pd.Series):
        yield "nothing", value.iloc[:0]
        changed = value.copy()
        if isinstance(value, pd.DataFrame):
            numbers = value.select_dtypes("number").columns
            changed[numbers] = changed[numbers].astype(float)
            changed.loc[changed.index[-1], numbers] = NAN
        else:
            changed.iloc[-1] = NAN
        yield "a NaN", changed


def hostile(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every hostile call of a function: the argument, what it is, and the arguments."""
    call = CALLS[name]
    for argument, value in call.good.items():
        cases = [c for c in nonsense(argument, value, call.good) if c[0] not in call.takes.get(argument, ())]
        cases += [(f"bad {i}", v) for i, v in enumerate(call.bad.get(argument, []))]
        for what, given in cases:
            yield argument, what, {**call.good, argument: given}


def covered(name: str) -> bool:
    """Return whether a function has a good call, or a reason why it needs none."""
    return name in CALLS or any(name == inner or name.startswith(f"{inner}.") for inner in INNER)


def test_every_public_function_has_an_entry() -> None:
    """A function that takes numbers is in the table, and the table names what there is."""
    names = dict(public())
    assert sorted(name for name in names if not covered(name)) == []
    assert [name for name in CALLS if not callable(function(name))] == []
    assert [i for i in INNER if not any(n == i or n.startswith(f"{i}.") for n in names)] == []


TABLES = [
    name
    for name, reason in INNER.items()
    if reason.startswith("the table that") and reason.endswith("returns") and name != "training_dynamics.mitigations"
]


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("given", [80, "a table", pd.DataFrame({"other": [1]})])
def test_what_is_no_table_is_refused_by_its_columns(name: str, given: object) -> None:
    """A function of a table that another returns says which columns it needs, whoever calls it, before it does anything."""
    parameters = inspect.signature(function(name)).parameters
    table = next(n for n, p in parameters.items() if "DataFrame" in str(p.annotation))
    others = {n: None for n, p in parameters.items() if n != table and p.default is inspect.Parameter.empty}
    with pytest.raises(ValueError, match=rf"{table}: given .*; needed: a table with the columns"):
        function(name)(**{table: given, **others})


@pytest.mark.parametrize("name", CALLS)
def test_nonsense_is_refused_aloud(name: str) -> None:
    """The good call works; nothing that stands for nonsense passes, and the refusal says what is needed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        function(name)(**CALLS[name].good)
    silent, unclear = [], []
    for argument, what, given in hostile(name):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                out = function(name)(**given)
        except (ValueError, KeyError, TypeError) as error:
            # Python's own words will do for text in place of a number, which the type checker refuses.
            if what != "text" and not re.search(r"needed|there are", str(error)):
                unclear.append(f"{argument}, {what}: {error}")
        else:
            silent.append(f"{argument}, {what}: {out!r:.80}")
    assert not silent
    assert not unclear


def test_a_function_without_an_entry_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new function that takes numbers and is in no table fails."""

    def new(x: float) -> float:
        return x

    new.__module__ = "emergence.shared.quanta"
    monkeypatch.setattr(importlib.import_module("emergence.shared.quanta"), "new", new, raising=False)
    assert [name for name, _ in public() if not covered(name)] == ["shared.quanta.new"]


KNOWN = {
    ("coverage", "column"): ("in_half",), ("board", "average"): ("ratio",), ("forecasts", "kind"): ("loss",),
    ("arithmetic_forecasts", "setting"): ("zero-shot",), ("chance_of_event", "status"): ("hint",),
    ("fared", "view"): ("flat so far",), ("fit_form", "optimiser"): ("newton",),
}  # fmt: skip
"""Words of arguments whose annotation does not list them, by function and argument."""


def choosing() -> Iterator[tuple[str, str, str]]:
    """Yield every argument of a public function that is one of a few words: the function, the argument, a word."""
    for package in (emergence, review_utils):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for name, item in vars(importlib.import_module(found.name)).items():
                if inspect.isfunction(item) and item.__module__ == found.name and not name.startswith("_"):
                    for argument, parameter in inspect.signature(item).parameters.items():
                        listed = re.search(r"Literal\[['\"]([^'\"]+)", str(parameter.annotation))
                        word = listed[1] if listed else next(iter(KNOWN.get((name, argument), ())), None)
                        if word:
                            yield f"{found.name}.{name}", argument, word


@pytest.mark.parametrize(("name", "argument", "word"), list(choosing()))
def test_a_mistyped_word_is_refused_with_the_nearest(name: str, argument: str, word: str) -> None:
    """A word that is none of those known is refused in every function that takes one."""
    module, attribute = name.rsplit(".", 1)
    given = {argument: f"{word}z"} | (
        {"register": load_register(), "date": dt.date(2026, 1, 1)} if attribute == "as_of" else {}
    )
    with pytest.raises(ValueError, match=f"{argument}: given .*; needed: one of .*; did you mean {word}"):
        getattr(importlib.import_module(module), attribute)(**given)


@pytest.mark.parametrize(
    ("made", "given"),
    [
        (Curve, {"scales": X8, "scores": Y8 / 5}), (Form, {}), (calibrate.Design, {"name": "a", "scales": (1.0, 2.0)}),
        (Planned, {"scales": X8, "items": None, "scatter": (0.1, 0.1), "chance": 0.0, "kind": "share", "over": "scale"}),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("argument", "word"), [("kind", "share"), ("over", "training")])
def test_what_is_made_of_a_mistyped_word_is_refused(
    made: type, given: dict[str, Any], argument: str, word: str
) -> None:
    """What an author makes takes no word that it does not know."""
    if argument in inspect.signature(made).parameters:
        with pytest.raises(ValueError, match=f"{argument}: given .*; needed: one of .*; did you mean {word}"):
            made(**{**given, argument: f"{word}z"})


UNPAIRED = ("capability_precursors.precursors.roc",)
"""Functions of two samples, whose rows stand for nothing together."""


@pytest.mark.parametrize("name", [name for name in CALLS if name not in UNPAIRED])
def test_columns_whose_labels_stand_in_another_order_are_refused(name: str) -> None:
    """Rows are paired by place: two columns of the same labels, one of them sorted, would give the answer to another question."""
    good = CALLS[name].good
    arrays = {k: v for k, v in good.items() if isinstance(v, np.ndarray) and v.ndim == 1 and len(v) > 1}
    for (one, first), (other, second) in itertools.combinations(arrays.items(), 2):
        if len(first) == len(second):
            turned = pd.Series(second, index=range(len(second))[::-1])
            with pytest.raises(
                ValueError, match=f"{other}: row 0 has the label .*needed: the same labels in one order"
            ):
                function(name)(**{**good, one: pd.Series(first), other: turned})


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16])
def test_whole_numbers_of_a_narrow_type_count_as_pythons_own(kind: type[np.integer]) -> None:
    """A count from a frame of narrow types gives what the same count gives; its square does not overflow."""
    assert (
        wilson(kind(10), kind(100)) == wilson(10, kind(100)) == wilson(10, np.array(100, dtype=kind)) == wilson(10, 100)
    )
    whole = [name for name in CALLS if any(type(v) is int for v in CALLS[name].good.values())]
    assert [n for n in whole if inspect.isfunction(function(n)) and not hasattr(function(n), "__wrapped__")] == []
