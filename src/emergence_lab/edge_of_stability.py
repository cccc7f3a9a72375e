"""Full-batch gradient descent drives the sharpness to two over the step size, and stays there.

Cohen et al. 2021 (arXiv:2103.00065).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task, evenly
from emergence_lab.layers import Params, norm, normal


def output(params: Params, x: jax.Array) -> jax.Array:
    """Return the network's value for each row of `x`."""
    hidden = jnp.tanh(jnp.tanh(x @ params["a"]) @ params["b"])
    return (hidden @ params["c"])[:, 0]


def sharpness(loss: jax.stages.Wrapped, params: Params, start: Params, rounds: int) -> tuple[jax.Array, Params]:
    """Return the largest eigenvalue of the Hessian of `loss`, and its vector, by power iteration from `start`."""

    def product(v: Params) -> Params:
        return jax.jvp(jax.grad(loss), (params,), (v,))[1]

    def turn(_: jax.Array, v: Params) -> Params:
        image = product(v)
        size = norm(image)
        return jax.tree.map(lambda x: x / size, image)

    v = jax.lax.fori_loop(0, rounds, turn, start)
    value = sum(jax.tree.leaves(jax.tree.map(lambda a, b: (a * b).sum(), v, product(v))))
    return jnp.asarray(value), v


def task(config: Config) -> Task:
    """Return the training of one seed."""
    width, rate = int(config["width"]), config["rate"]

    def init(key: jax.Array) -> State:
        data, a, b, c, v = jax.random.split(key, 5)
        x = jax.random.normal(data, (int(config["points"]), 8))
        y = jnp.sin(x[:, 0]) + 0.5 * x[:, 1] * x[:, 2] + jnp.cos(x[:, 3] - x[:, 4])
        params = {"a": normal(a, 8, width), "b": normal(b, width, width), "c": 0.3 * normal(c, width, 1)}
        vector = jax.tree.map(
            lambda w, k: jax.random.normal(k, w.shape), params, dict(zip("abc", jax.random.split(v, 3), strict=True))
        )
        size = norm(vector)
        vector = jax.tree.map(lambda w: w / size, vector)
        zero = jnp.zeros(())
        return {"params": params, "x": x, "y": y, "vector": vector, "sharpness": zero, "loss": jnp.inf, "rises": zero}

    def loss_of(params: Params, state: State) -> jax.Array:
        return 0.5 * ((output(params, state["x"]) - state["y"]) ** 2).mean()

    def update(state: State, step: jax.Array) -> State:
        loss, gradient = jax.value_and_grad(loss_of)(state["params"], state)
        return {
            **state,
            "params": jax.tree.map(lambda w, g: w - rate * g, state["params"], gradient),
            "loss": loss,
            "rises": state["rises"] + (loss > state["loss"]),
        }

    def measure(state: State) -> Metrics:
        value, _ = sharpness(lambda params: loss_of(params, state), state["params"], state["vector"], 60)
        return {
            "loss": loss_of(state["params"], state),
            "sharpness": value,
            "stability": value * rate / 2,
            "rises": state["rises"],
        }

    return Task(init, update, measure)


EXPERIMENT = Experiment(
    name="edge_of_stability",
    title="Edge of stability: five step sizes",
    shows="Sharpness rises until it is two over the step size, and then hovers there while the loss goes on falling unevenly.",
    arms={
        f"rate-{rate}": {"width": 48, "points": 200, "rate": rate, "steps": 6000} for rate in (0.1, 0.2, 0.3, 0.4, 0.5)
    },
    seeds=3,
    side_by_side=3,
    task=task,
    measured_at=lambda config: evenly(int(config["steps"]), 20),
    metrics={
        "loss": "half the mean squared error",
        "sharpness": "largest eigenvalue of the Hessian of the loss, by power iteration",
        "stability": "sharpness times step size over two; the edge is at 1",
        "rises": "steps so far in which the loss rose",
    },
    quick=Quick(
        arm="rate-0.1",
        steps=600,
        tolerance={"loss": 0.01, "sharpness": 0.5},
        because="at least five times what rounding the initial weights differently, by 2e-7 of each, makes of it",
    ),
)
