"""Grokking with its controls, and the signals that might warn of it: for the race of precursors.

The network is that of `grokking`. Runs will come to generalise; controls learn random answers, or have no weight
decay, and will not.
"""

from __future__ import annotations

import jax
import jax.flatten_util
import jax.numpy as jnp
import optax

from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task, evenly
from emergence_lab.grokking import BASE, fourier_gini, logits_of
from emergence_lab.layers import Params, accuracy, cross_entropy, descend, norm, normal

SAMPLER = {"step": 1e-4, "pull": 100.0, "steps": 200}
"""The Langevin sampler of the local learning coefficient: step size, pull to the weights, steps. At a hundredth of this
step size the chain hardly leaves its start and the estimate falls to zero in every arm."""


def task(config: Config) -> Task:
    """Return the training of one seed."""
    p, embed, hidden = int(config["p"]), int(config["embed"]), int(config["hidden"])
    n = round(config["fraction"] * p * p)
    rate = optax.linear_schedule(0.0, config["rate"], 10)
    optimiser = optax.adamw(rate, b1=0.9, b2=0.98, weight_decay=config["weight_decay"])

    def loss(params: Params, batch: tuple[jax.Array, jax.Array]) -> jax.Array:
        return cross_entropy(logits_of(params, batch[0], p), batch[1]).mean()

    def init(key: jax.Array) -> State:
        pairs, e, a, b, r, answers, sampler = jax.random.split(key, 7)
        params = {
            "embed": normal(e, p, embed, fan_in=embed),
            "left": normal(a, embed, hidden),
            "right": normal(b, embed, hidden),
            "read": normal(r, hidden, p),
        }
        order = jax.random.permutation(pairs, p * p)
        sums = (order // p + order % p) % p
        if config["random_labels"]:
            sums = jax.random.permutation(answers, sums)
        return {
            "params": params,
            "opt": optimiser.init(params),
            "train": (order[:n], sums[:n]),
            "test": (order[n:], sums[n:]),
            "sampler": sampler,
        }

    def learning_coefficient(params: Params, batch: tuple[jax.Array, jax.Array], key: jax.Array) -> jax.Array:
        """Return the estimate of `emergence.emergence_theory.singular`, by one chain on the training loss."""
        scale = n / jnp.log(n)
        flat, unravel = jax.flatten_util.ravel_pytree(params)

        def at(w: jax.Array) -> jax.Array:
            return loss(unravel(w), batch)

        def step(w: jax.Array, k: jax.Array) -> tuple[jax.Array, jax.Array]:
            value, slope = jax.value_and_grad(at)(w)
            drift = scale * slope + SAMPLER["pull"] * (w - flat)
            noise = jax.random.normal(k, w.shape)
            return w - SAMPLER["step"] / 2 * drift + jnp.sqrt(SAMPLER["step"]) * noise, value

        _, values = jax.lax.scan(step, flat, jax.random.split(key, int(SAMPLER["steps"])))
        return scale * (values[int(SAMPLER["steps"]) // 2 :].mean() - at(flat))

    def measure(state: State) -> Metrics:
        params = state["params"]
        value, slope = jax.value_and_grad(loss)(params, state["train"])
        return {
            "train_loss": value,
            "test_loss": loss(params, state["test"]),
            "train_accuracy": accuracy(logits_of(params, state["train"][0], p), state["train"][1]),
            "test_accuracy": accuracy(logits_of(params, state["test"][0], p), state["test"][1]),
            "weight_norm": norm(params),
            "gradient_norm": norm(slope),
            "fourier_gini": fourier_gini(params["embed"]),
            "learning_coefficient": learning_coefficient(params, state["train"], state["sampler"]),
        }

    return Task(init, lambda state, step: descend(optimiser, loss, state, state["train"]), measure)


RUN = {**{k: v for k, v in BASE.items() if k != "every"}, "fraction": 0.45, "steps": 4000, "random_labels": 0}

EXPERIMENT = Experiment(
    name="grokking_race",
    title="Grokking with controls, for the race of precursors",
    shows="Signals of the mechanism and the local learning coefficient, in runs that come to generalise and in controls that do not.",
    arms={
        "signal": RUN,
        "random-labels": {**RUN, "random_labels": 1},
        "no-weight-decay": {**RUN, "weight_decay": 0.0},
    },
    seeds=32,
    side_by_side=1,
    task=task,
    measured_at=lambda config: evenly(int(config["steps"]), 50),
    metrics={
        "train_loss": "cross-entropy on the training pairs, nats",
        "test_loss": "cross-entropy on the other pairs, nats",
        "train_accuracy": "share right on the training pairs",
        "test_accuracy": "share right on the other pairs",
        "weight_norm": "root of the sum of squared weights",
        "gradient_norm": "norm of the gradient of the training loss",
        "fourier_gini": "Gini coefficient of the embedding's power over frequencies; 0 is even",
        "learning_coefficient": "estimated local learning coefficient of the training loss",
    },
    quick=Quick(
        arm="signal",
        steps=400,
        tolerance={"train_accuracy": 0.02, "test_accuracy": 0.05, "fourier_gini": 0.05, "weight_norm": 0.5},
        because="the training is that of the grokking experiment, whose departures were measured; before the transition they are small",
    ),
)
