"""Sparse parity with hidden progress: what moves in the network before its accuracy does.

After Barak et al. 2022 (arXiv:2207.08799). Every signal of the precursor race is measured on runs that learn
the parity and on control runs whose labels are random, where an alarm is a false alarm.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import optax

from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task, evenly
from emergence_lab.layers import Params, norm
from emergence_lab.parity_widths import SUBSET, hinge, inputs, output, parity, weights

WINDOW = 200
"""Steps over which the running loss and its fluctuations are taken."""


def _kurtosis(values: jax.Array) -> jax.Array:
    centred = values - values.mean()
    return (centred**4).mean() / (centred**2).mean() ** 2


def fluctuations(losses: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the variance and the lag-one autocorrelation of a window of losses, its straight line removed."""
    t = jnp.arange(len(losses)) - (len(losses) - 1) / 2
    centred = losses - losses.mean()
    left = centred - t * (t @ centred) / (t @ t)
    return left.var(), (left[1:] @ left[:-1]) / (left @ left)


def task(config: Config) -> Task:
    """Return the training of one seed."""
    n, width, batch = int(config["n"]), int(config["width"]), int(config["batch"])
    random_labels = bool(config["random_labels"])
    optimiser = optax.sgd(config["rate"])

    def draw(key: jax.Array, count: int) -> tuple[jax.Array, jax.Array]:
        x_key, y_key = jax.random.split(key)
        x = inputs(x_key, count, n)
        return x, (jax.random.rademacher(y_key, (count,), dtype=jnp.float32) if random_labels else parity(x))

    def init(key: jax.Array) -> State:
        first, data, test = jax.random.split(key, 3)
        params = weights(first, n, width)
        x, y = draw(test, 2048)
        return {
            "params": params,
            "first": params,
            "opt": optimiser.init(params),
            "data": data,
            "x": x,
            "y": y,
            "losses": jnp.full(WINDOW, jnp.nan),
            "gradient_norm": jnp.nan,
        }

    def update(state: State, step: jax.Array) -> State:
        x, y = draw(jax.random.fold_in(state["data"], step), batch)
        loss, gradient = jax.value_and_grad(hinge)(state["params"], x, y)
        changes, opt = optimiser.update(gradient, state["opt"])
        return {
            **state,
            "params": optax.apply_updates(state["params"], changes),
            "opt": opt,
            "losses": jnp.roll(state["losses"], -1).at[-1].set(loss),
            "gradient_norm": norm(gradient),
        }

    def measure(state: State) -> Metrics:
        params: Params = state["params"]
        w = params["w"]
        by_input = (w**2).sum(-1)
        variance, autocorrelation = fluctuations(state["losses"])
        return {
            "test_accuracy": (output(params, state["x"]) * state["y"] > 0).mean(),
            "test_loss": hinge(params, state["x"], state["y"]),
            "running_loss": state["losses"].mean(),
            "loss_variance": variance,
            "loss_autocorrelation": autocorrelation,
            "gradient_norm": state["gradient_norm"],
            "weight_norm": norm(params),
            "distance_moved": norm(jax.tree.map(jnp.subtract, params, state["first"])),
            "max_weight": jnp.abs(w).max(),
            "weight_kurtosis": _kurtosis(w.ravel()),
            "top_input_share": jnp.sort(by_input)[-SUBSET:].sum() / by_input.sum(),
            "oracle_share": by_input[:SUBSET].sum() / by_input.sum(),
        }

    return Task(init, update, measure)


BASE = {"n": 40, "width": 128, "batch": 128, "rate": 0.1, "random_labels": 0, "steps": 2000}

EXPERIMENT = Experiment(
    name="sparse_parity",
    title="Sparse parity: signals before the jump, and on random labels",
    shows="Accuracy stays at chance for hundreds of steps while the weights of the three inputs grow.",
    arms={"signal": BASE, "random-labels": {**BASE, "random_labels": 1}},
    seeds=64,
    side_by_side=8,
    task=task,
    measured_at=lambda config: evenly(int(config["steps"]), 10),
    metrics={
        "test_accuracy": "share right on 2,048 fixed inputs; on random labels the chance level is a half",
        "test_loss": "mean hinge loss on the same inputs",
        "running_loss": f"mean training loss of the last {WINDOW} batches; missing before",
        "loss_variance": f"variance of the last {WINDOW} batch losses about their straight line",
        "loss_autocorrelation": "lag-one autocorrelation of the same",
        "gradient_norm": "norm of the last batch's gradient",
        "weight_norm": "norm of all weights",
        "distance_moved": "norm of the difference from the initial weights",
        "max_weight": "largest absolute weight of the first layer",
        "weight_kurtosis": "kurtosis of the first layer's weights; 3 for a Gaussian",
        "top_input_share": "share of the first layer's squared weights on its three largest inputs",
        "oracle_share": "share of the first layer's squared weights on the three inputs of the parity",
    },
    quick=Quick(
        arm="signal",
        steps=800,
        tolerance={"test_accuracy": 0.03, "max_weight": 0.03, "oracle_share": 0.005, "test_loss": 0.03},
        because="at least five times what rounding the initial weights differently, by 2e-7 of each, makes of it",
    ),
)
