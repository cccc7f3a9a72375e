"""Multitask sparse parity: each subtask is learned in a step, and their mean falls as a power law.

After Michaud et al. 2023 (arXiv:2303.13506), in small.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax

from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task, log_spaced
from emergence_lab.layers import Params, descend, uniform

PER_TASK = 256
"""Fixed inputs on which each subtask is measured."""


def frequencies(tasks: int, alpha: float) -> np.ndarray:
    """Return how often each subtask occurs: proportional to its rank to the power -(alpha + 1)."""
    p = np.arange(1, tasks + 1, dtype=float) ** -(alpha + 1)
    return np.asarray(p / p.sum())


def output(params: Params, control: jax.Array, bits: jax.Array) -> jax.Array:
    """Return the log-odds that the parity is odd; `control` holds numbers of subtasks, one a row."""
    hidden = jax.nn.relu(params["task"][control] + bits @ params["w"] + params["b"])
    return hidden @ params["v"] + params["c"]


def task(config: Config) -> Task:
    """Return the training of one seed."""
    tasks, n, width, batch = (int(config[k]) for k in ("tasks", "n", "width", "batch"))
    often = jnp.asarray(frequencies(tasks, config["alpha"]), dtype=jnp.float32)
    subset = int(config["subset"])
    optimiser = optax.adam(config["rate"])

    def loss(params: Params, control: jax.Array, bits: jax.Array, odd: jax.Array) -> jax.Array:
        return optax.sigmoid_binary_cross_entropy(output(params, control, bits), odd).mean() / jnp.log(2.0)

    def odd(subsets: jax.Array, control: jax.Array, bits: jax.Array) -> jax.Array:
        return jnp.take_along_axis(bits, subsets[control], axis=-1).sum(-1) % 2

    def init(key: jax.Array) -> State:
        a, b, c, d, e, s, data, test = jax.random.split(key, 8)
        fan_in = tasks + n
        params = {
            "task": uniform(a, tasks, width, fan_in=fan_in),
            "w": uniform(b, n, width, fan_in=fan_in),
            "b": uniform(c, width, fan_in=fan_in),
            "v": uniform(d, width, fan_in=width),
            "c": uniform(e, fan_in=width),
        }
        subsets = jax.vmap(lambda k: jax.random.choice(k, n, (subset,), replace=False))(jax.random.split(s, tasks))
        bits = jax.random.bernoulli(test, shape=(tasks, PER_TASK, n)).astype(jnp.float32)
        return {"params": params, "opt": optimiser.init(params), "data": data, "subsets": subsets, "test": bits}

    def update(state: State, step: jax.Array) -> State:
        which, what = jax.random.split(jax.random.fold_in(state["data"], step))
        control = jax.random.choice(which, tasks, (batch,), p=often)
        bits = jax.random.bernoulli(what, shape=(batch, n)).astype(jnp.float32)
        return descend(optimiser, loss, state, control, bits, odd(state["subsets"], control, bits))

    def measure(state: State) -> Metrics:
        def one(number: jax.Array, bits: jax.Array) -> jax.Array:
            control = jnp.full(PER_TASK, number)
            return loss(state["params"], control, bits, odd(state["subsets"], control, bits))

        each = jax.vmap(one)(jnp.arange(tasks), state["test"])
        return {"mean_loss": often @ each, **{f"loss_{i + 1}": each[i] for i in range(tasks)}}

    return Task(init, update, measure)


BASE = {"n": 30, "subset": 3, "alpha": 0.4, "width": 256, "batch": 1024, "rate": 3e-3, "steps": 5000}

EXPERIMENT = Experiment(
    name="quanta",
    title="Multitask sparse parity: quanta of ability",
    shows="Subtasks are learned one after another, each in a step and in the order of their frequency; their mean loss is close to a power law.",
    arms={
        "tasks-32": {**BASE, "tasks": 32},
        "tasks-128": {**BASE, "tasks": 128, "width": 512, "batch": 2048},
    },
    seeds=4,
    side_by_side=1,
    task=task,
    measured_at=lambda config: log_spaced(int(config["steps"]), 80),
    metrics={
        "mean_loss": "loss averaged over subtasks by how often they occur, bits",
        "loss_*": f"loss on {PER_TASK} fixed inputs of the subtask of that rank, bits",
    },
    quick=Quick(
        arm="tasks-32",
        steps=1000,
        tolerance={"mean_loss": 0.03, "loss_1": 0.05},
        because="at least five times what rounding the initial weights differently, by 2e-7 of each, makes of it",
    ),
)
