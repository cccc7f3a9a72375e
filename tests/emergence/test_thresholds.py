"""Scores against loss: made scores tell a threshold, a bend and a line apart, and what size adds is found again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from emergence.capability_precursors import thresholds

LOSS = np.linspace(2.5, 6.0, 36)


def test_a_threshold_is_found_where_scores_wait_for_one():
    """Scores at chance down to a loss of 3.6 and on a line below it: that place (within one step of the search) and slope, and next to nothing left."""
    score = 0.25 + 0.3 * np.maximum(3.6 - LOSS, 0)
    rest, at, slope = thresholds.with_threshold(LOSS, score, 0.25)

    assert at == pytest.approx(3.6, abs=0.06)
    assert slope == pytest.approx(0.3, rel=0.1)
    assert rest < 0.01 * min(thresholds.straight_line(LOSS, score)[0], thresholds.with_bend(LOSS, score, 0.25))


def test_a_bend_and_a_line_are_found_where_scores_follow_them():
    """An exponential above chance leaves a bend next to nothing, and a line leaves a line nothing; the threshold does worse on both."""
    bent, straight = 0.25 + 0.4 * np.exp(-1.5 * (LOSS - 2.5)), 0.9 - 0.1 * LOSS

    assert thresholds.with_bend(LOSS, bent, 0.25) < 0.01 * thresholds.with_threshold(LOSS, bent, 0.25)[0]
    assert thresholds.straight_line(LOSS, straight)[0] == pytest.approx(0, abs=1e-20)
    assert thresholds.with_threshold(LOSS, straight, 0.25)[0] > 1e-6


def test_scores_that_rise_with_the_loss_have_no_threshold():
    """Where no line rises as the loss falls, nothing is fitted, and that is said."""
    rest, at, slope = thresholds.with_threshold(LOSS, 0.25 - 0.01 * (7 - LOSS), 0.25)

    assert rest == np.inf
    assert np.isnan(at)
    assert np.isnan(slope)


def test_what_size_adds_is_what_the_loss_leaves():
    """Size explains all that a cubic leaves where the score is a cubic plus size, and nearly nothing where it is noise."""
    rng = np.random.default_rng(0)
    loss, size = rng.uniform(2, 6, 400), rng.normal(size=400)
    cubic = 0.5 - 0.1 * loss + 0.01 * loss**3

    assert thresholds.size_adds(loss, cubic + 0.1 * size, size, 3)[0] == pytest.approx(1)
    assert thresholds.size_adds(loss, cubic + 0.1 * rng.normal(size=400), size, 3)[0] < 0.02


def test_tasks_are_compared_by_corpus():
    """A task that waits gains by a threshold, one on a line does not, and one that nobody learned is left out."""
    rng = np.random.default_rng(1)
    names = [f"m{i}" for i in range(len(LOSS))]
    runs = pd.DataFrame({"corpus": "a", "loss": LOSS, "params": rng.uniform(1e7, 1e9, len(LOSS))}, index=names)
    waits, line = 0.25 + 0.3 * np.maximum(3.6 - LOSS, 0), 0.85 - 0.1 * LOSS
    noise = 0.005 * rng.normal(size=(2, len(LOSS)))
    scores = pd.DataFrame({"waits": waits + noise[0], "line": line + noise[1], "unlearned": 0.26}, index=names)
    scores.loc["chance"] = 0.25
    found = thresholds.compare(runs, scores).set_index("task")

    assert list(found.index) == ["waits", "line"]
    assert found.gain["waits"] > 0 > found.gain["line"]
    assert found.bend["waits"] > 0
    assert found.r2["line"] > 0.98
