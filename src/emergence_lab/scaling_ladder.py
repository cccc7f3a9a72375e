"""A scaling grid over two orders of size, whose step sizes and schedule were tuned on its small models alone.

The language and the network are those of `scaling_grid`. What a laboratory can do at full size is train once:
so the step size of every cell follows a rule fitted to widths 4 to 16 of that grid, and the schedule is the best
of three on widths 8 and 16. Nothing of a larger model was looked at before it was trained.
"""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import optax

from emergence_lab import scaling_grid as grid
from emergence_lab.engine import Config, Experiment, Quick, State, Task, evenly
from emergence_lab.layers import Params, cross_entropy, descend

SCHEDULES = ("cosine", "linear", "late")
RULE = (1.3765, -0.9329, -0.3271)
"""Logarithm of the best step size: constant, power of the width, power of the steps (least squares on the grid)."""
STEEPEST = 0.2


def rate_of(width: int, steps: int) -> float:
    """Return the step size that the rule asks for, no larger than was tried on any width.

    Examples
    --------
    >>> round(rate_of(16, 2000), 4)
    0.0248
    """
    constant, by_width, by_steps = RULE
    return float(min(np.exp(constant + by_width * np.log(width) + by_steps * np.log(steps)), STEEPEST))


def schedule_of(kind: int, rate: float, steps: int) -> optax.Schedule:
    """Return a schedule that warms up over a twentieth of the steps and ends at nought.

    Parameters
    ----------
    kind : int
        Place in `SCHEDULES`: along a cosine, along a line, or constant until a line over the last fifth.
    rate : float
        The largest step size.
    steps : int
    """
    warm = max(steps // 20, 1)
    if kind == 0:
        return optax.warmup_cosine_decay_schedule(0.0, rate, warm, steps)
    fall = steps - warm if kind == 1 else steps // 5
    parts = [
        optax.linear_schedule(0.0, rate, warm),
        optax.constant_schedule(rate),
        optax.linear_schedule(rate, 0.0, fall),
    ]
    return optax.join_schedules(parts, [warm, steps - fall])


def task(config: Config) -> Task:
    """Return the training of one seed, which sees every token once."""
    base = grid.task(config)
    optimiser = optax.adam(schedule_of(int(config["schedule"]), config["rate"], int(config["steps"])))
    contexts = jnp.asarray(np.cumsum(grid.OFTEN)[:-1], dtype=jnp.float32)
    nexts = jnp.asarray(np.cumsum(np.exp(grid.LOGS), axis=1)[:, :-1], dtype=jnp.float32)

    def loss(params: Params, context: jax.Array, after: jax.Array) -> jax.Array:
        return cross_entropy(grid.logits_of(params, context), after).mean()

    def update(state: State, step: jax.Array) -> State:
        chance = jax.random.uniform(jax.random.fold_in(state["data"], step), (2, grid.BATCH))
        context = jnp.searchsorted(contexts, chance[0])
        # The place of a draw in its row's cumulative probabilities, by halving: a row has WORDS - 1 bounds.
        after = jax.vmap(jnp.searchsorted)(nexts[context], chance[1])
        return descend(optimiser, loss, state, context, after)

    return replace(base, update=update)


def _arm(width: int, steps: int, rate: float, schedule: int) -> dict[str, float]:
    return {
        "width": width,
        "parameters": grid.parameters(width),
        "tokens": steps * grid.BATCH,
        "rate": round(rate, 6),
        "schedule": schedule,
        "steps": steps,
    }


EXPERIMENT = Experiment(
    name="scaling_ladder",
    title="A scaling grid over two orders of size, tuned on its small models",
    shows="What is left above the floor in sizes and budgets beyond those that set the step size and the fit.",
    arms={
        f"tune-{SCHEDULES[s]}-width-{w}-steps-{n}-times-{times:g}": _arm(w, n, times * rate_of(w, n), s)
        for s in range(3)
        for w in (8, 16)
        for n in (500, 2000)
        for times in (0.5, 1, 2)
    }
    # Along a line and at one and a half times the rule: the best of the above, before a larger width was trained.
    | {
        f"width-{w}-steps-{n}": _arm(w, n, 1.5 * rate_of(w, n), 1)
        for w in (2, 4, 8, 16, 32, 64, 160)
        for n in (250, 500, 1000, 2000, 4000, 8000)
    },
    seeds=3,
    side_by_side=3,
    task=task,
    measured_at=lambda config: evenly(int(config["steps"]), int(config["steps"])),
    metrics={"loss": f"exact cross-entropy of the next word, nats; the chain's entropy is {grid.FLOOR:.6f}"},
    quick=Quick(
        arm="tune-cosine-width-8-steps-500-times-1",
        steps=500,
        tolerance={"loss": 0.01},
        because="at least five times what rounding the initial weights differently, by 2e-7 of each, makes of it",
    ),
)
