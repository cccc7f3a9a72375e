"""Training many seeds side by side."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emergence_lab import load
from emergence_lab.engine import Task, evenly, log_spaced, train


@given(st.integers(1, 10**6), st.integers(2, 300))
def test_log_spaced_steps_rise_from_zero_to_the_end(steps, count):
    """Log-spaced steps begin at 0, rise strictly, end at the last step, and are no more than asked for."""
    found = log_spaced(steps, count)

    assert found[0] == 0
    assert found[-1] == steps
    assert all(np.diff(found) > 0)
    assert len(found) <= count + 1


@given(st.integers(1, 5000), st.integers(1, 700))
def test_even_steps_rise_from_zero_to_the_end(steps, every):
    """Evenly spaced steps begin at 0, rise strictly and end at the last step, whether or not it fits."""
    found = evenly(steps, every)

    assert found[0] == 0
    assert found[-1] == steps
    assert all(np.diff(found) > 0)


def _counting():
    return Task(
        init=lambda key: {"x": jnp.zeros(()), "key": key},
        update=lambda state, step: {**state, "x": state["x"] + step},
        measure=lambda state: {"x": state["x"], "draw": jax.random.uniform(state["key"])},
    )


def test_updates_see_the_number_of_their_step():
    """After n steps an update that adds its step's number has added 0 + 1 + ... + (n - 1), for every seed."""
    rows = {step: metrics["x"] for step, metrics in train(_counting(), [3, 4], [0, 1, 5, 12])}

    assert {step: values.tolist() for step, values in rows.items()} == {n: [n * (n - 1) / 2] * 2 for n in (0, 1, 5, 12)}


def test_a_seed_draws_the_same_numbers_wherever_it_stands():
    """A seed's random numbers depend on the seed alone, not on its place or company."""
    draw = lambda seeds: next(iter(train(_counting(), seeds, [0])))[1]["draw"]  # noqa: E731

    assert draw([5, 9])[1] == draw([9])[0]
    assert len(set(draw(range(20)).tolist())) == 20


def test_the_same_seeds_give_the_same_numbers():
    """Training twice on one platform gives the same bits."""
    experiment = load("parity_widths")
    task = experiment.task(experiment.arms["width-8"])
    first, second = ([m["loss"] for _, m in train(task, range(4), [0, 50, 200])] for _ in range(2))

    assert np.array_equal(first, second)


def test_late_measures_see_the_end():
    """What is measured late is told what was known only at the end, and comes for every step."""
    task = _counting()
    late = Task(
        task.init,
        task.update,
        task.measure,
        keep=lambda state: {"x": state["x"]},
        hindsight=lambda kept: kept["x"],
        measure_late=lambda kept, known: {"share": kept["x"] / known},
    )
    rows = [(step, m["share"].tolist()) for step, m in train(late, [0], [1, 2, 4]) if "share" in m]

    assert rows == [(1, [0.0]), (2, [np.float32(1 / 6)]), (4, [1.0])]
