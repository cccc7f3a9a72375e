"""Train many seeds of one small model side by side, and measure them at chosen steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

State = dict[str, Any]
Metrics = Mapping[str, jax.Array]
Config = Mapping[str, float]

jax.config.update("jax_default_matmul_precision", "float32")  # a GPU would else round products to TF32


@dataclass(frozen=True)
class Task:
    """What one run does, as functions of its state (a dict of arrays, one seed's worth).

    Parameters
    ----------
    init : callable
        From a random key to the state before step 0.
    update : callable
        From the state and the number of the step (from 0) to the state after it.
    measure : callable
        From the state to named scalars; must not change the state.
    keep : callable, optional
        From the state to the part that `measure_late` needs.
    hindsight : callable, optional
        From the part kept at the last step to whatever `measure_late` must know of the end of training.
    measure_late : callable, optional
        From a kept part and the hindsight to named scalars.
    """

    init: Callable[[jax.Array], State]
    update: Callable[[State, jax.Array], State]
    measure: Callable[[State], Metrics]
    keep: Callable[[State], State] | None = None
    hindsight: Callable[[State], Any] | None = None
    measure_late: Callable[[State, Any], Metrics] | None = None


@dataclass(frozen=True)
class Quick:
    """The reduced version of an experiment that is repeated and compared with the stored trace.

    Parameters
    ----------
    arm : str
    steps : int
        Training stops there; what is measured up to there is compared.
    tolerance : mapping
        For each compared metric, the largest absolute difference allowed at any step, for any seed.
    because : str
        Why these tolerances.
    """

    arm: str
    steps: int
    tolerance: Mapping[str, float]
    because: str


@dataclass(frozen=True)
class Experiment:
    """One experiment: its arms, its seeds, and the task that each arm's configuration describes.

    Parameters
    ----------
    name, title, shows : str
        `shows` says in a sentence what the traces show.
    arms : mapping
        Name to configuration. Every configuration has ``steps``.
    seeds : int
        Seeds of a full run: 0 to this less one.
    side_by_side : int
        Seeds trained as one program. A seed is always trained in the company of the same others, so that
        its numbers do not depend on which seeds were asked for.
    task : callable
        From a configuration to its task.
    measured_at : callable
        From a configuration to the steps after which it is measured, in order; 0 is before training.
    metrics : mapping
        Name to meaning and unit. A name may end in ``*`` for a numbered family.
    quick : Quick
    """

    name: str
    title: str
    shows: str
    arms: Mapping[str, Config]
    seeds: int
    side_by_side: int
    task: Callable[[Config], Task]
    measured_at: Callable[[Config], Sequence[int]]
    metrics: Mapping[str, str]
    quick: Quick


def log_spaced(steps: int, count: int) -> list[int]:
    """Return up to `count` whole steps from 1 to `steps`, evenly spaced in their logarithm, with 0 before them.

    Examples
    --------
    >>> log_spaced(100, 5)
    [0, 1, 3, 10, 32, 100]
    """
    return [0, *(int(step) for step in np.unique(np.geomspace(1, steps, count).round().astype(int)))]


def evenly(steps: int, every: int) -> list[int]:
    """Return 0, `every`, twice that, and so on up to `steps`."""
    return [*range(0, steps, every), steps]


def train(task: Task, seeds: Sequence[int], measured_at: Sequence[int]) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """Train `seeds` side by side and yield (step, metrics) for every step of `measured_at`.

    Metrics measured late come after all others. Every array has one value a seed; NaN means not applicable.
    """
    keys = jax.vmap(jax.random.key)(jnp.asarray(seeds))
    state = jax.jit(jax.vmap(task.init))(keys)
    update = jax.vmap(task.update, in_axes=(0, None))

    def advance(state: State, first: jax.Array, last: jax.Array) -> State:
        after: State = jax.lax.fori_loop(first, last, lambda i, s: update(s, i), state)
        return after

    run = jax.jit(advance, donate_argnums=0)
    measure = jax.jit(jax.vmap(task.measure))
    keep = jax.jit(jax.vmap(task.keep)) if task.keep else None
    kept: list[State] = []
    done = 0
    for step in measured_at:
        state = run(state, done, step)
        done = step
        yield step, {name: np.asarray(value) for name, value in measure(state).items()}
        if keep:
            kept.append(keep(state))
    if task.hindsight and task.measure_late:
        known = jax.jit(jax.vmap(task.hindsight))(kept[-1])
        late = jax.jit(jax.vmap(task.measure_late))
        for step, part in zip(measured_at, kept, strict=True):
            yield step, {name: np.asarray(value) for name, value in late(part, known).items()}
