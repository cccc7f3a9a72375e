"""Sparse parity at several widths: success is all or nothing for each seed, and likelier with width.

The task is that of Barak et al. 2022 (arXiv:2207.08799); bimodality over seeds as a cause of apparent jumps
is from Zhao et al. 2025 (arXiv:2502.17356).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import optax

from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task, evenly
from emergence_lab.layers import Params, descend, uniform

SUBSET = 3
"""The parity is that of the first three inputs."""


def inputs(key: jax.Array, count: int, n: int) -> jax.Array:
    """Return `count` rows of `n` independent signs."""
    return jax.random.rademacher(key, (count, n), dtype=jnp.float32)


def parity(x: jax.Array) -> jax.Array:
    """Return the product of the first three inputs of each row."""
    return x[:, :SUBSET].prod(-1)


def weights(key: jax.Array, n: int, width: int) -> Params:
    """Return one hidden layer of rectifiers, every weight uniform by its fan-in."""
    a, b, c, d = jax.random.split(key, 4)
    return {
        "w": uniform(a, n, width, fan_in=n),
        "b": uniform(b, width, fan_in=n),
        "v": uniform(c, width, fan_in=width),
        "c": uniform(d, fan_in=width),
    }


def output(params: Params, x: jax.Array) -> jax.Array:
    """Return the network's score of each row; its sign is the answer."""
    return jax.nn.relu(x @ params["w"] + params["b"]) @ params["v"] + params["c"]


def hinge(params: Params, x: jax.Array, y: jax.Array) -> jax.Array:
    """Return the mean hinge loss."""
    return jax.nn.relu(1 - y * output(params, x)).mean()


def task(config: Config) -> Task:
    """Return the training of one seed."""
    n, width, batch = int(config["n"]), int(config["width"]), int(config["batch"])
    optimiser = optax.sgd(config["rate"])

    def init(key: jax.Array) -> State:
        first, data, test = jax.random.split(key, 3)
        params = weights(first, n, width)
        return {"params": params, "opt": optimiser.init(params), "data": data, "test": inputs(test, 2048, n)}

    def update(state: State, step: jax.Array) -> State:
        x = inputs(jax.random.fold_in(state["data"], step), batch, n)
        return descend(optimiser, hinge, state, x, parity(x))

    def measure(state: State) -> Metrics:
        x = state["test"]
        right = (output(state["params"], x) * parity(x) > 0).mean()
        return {"accuracy": right, "loss": hinge(state["params"], x, parity(x))}

    return Task(init, update, measure)


WIDTHS = [4, 8, 16, 32, 64, 128]

EXPERIMENT = Experiment(
    name="parity_widths",
    title="Sparse parity: six widths, forty seeds each",
    shows="The share of seeds that learn the task rises with width, while seeds end at a few separate levels.",
    arms={f"width-{w}": {"n": 30, "width": w, "batch": 64, "rate": 0.1, "steps": 1500} for w in WIDTHS},
    seeds=40,
    side_by_side=40,
    task=task,
    measured_at=lambda config: evenly(int(config["steps"]), 50),
    metrics={
        "accuracy": "share right on 2,048 fixed inputs that are not trained on",
        "loss": "mean hinge loss on the same inputs",
    },
    quick=Quick(
        arm="width-32",
        steps=800,
        tolerance={"accuracy": 0.08, "loss": 0.08},
        because="at least five times what rounding the initial weights differently, by 2e-7 of each, makes of it",
    ),
)
