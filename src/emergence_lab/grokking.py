"""Grokking on modular addition: an embedding perceptron memorises first and generalises long after.

Power et al. 2022 (arXiv:2201.02177) found the effect; the set-up here is the smallest that shows it reliably.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import optax

from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task, evenly
from emergence_lab.layers import Params, accuracy, cross_entropy, descend, norm, normal


def fourier_gini(embedding: jax.Array) -> jax.Array:
    """Return the Gini coefficient of the embedding's power over frequencies: 0 even, near 1 in few."""
    power = jnp.square(jnp.abs(jnp.fft.rfft(embedding, axis=0)[1:])).sum(-1)
    power = jnp.sort(power)
    n = len(power)
    return (2 * (jnp.arange(1, n + 1) * power).sum() / (n * power.sum())) - (n + 1) / n


def logits_of(params: Params, pairs: jax.Array, p: int) -> jax.Array:
    """Return the logits (pairs, p) of the sums of `pairs` given as a * p + b."""
    # A table of p rows for each operand, looked up, rather than a product for every pair.
    left, right = params["embed"] @ params["left"], params["embed"] @ params["right"]
    hidden = jax.nn.relu(left[pairs // p] + right[pairs % p])
    return hidden @ params["read"]


def task(config: Config) -> Task:
    """Return the training of one seed."""
    p, embed, hidden = int(config["p"]), int(config["embed"]), int(config["hidden"])
    n = round(config["fraction"] * p * p)
    rate = optax.linear_schedule(0.0, config["rate"], 10)
    optimiser = optax.adamw(rate, b1=0.9, b2=0.98, weight_decay=config["weight_decay"])

    def target(pairs: jax.Array) -> jax.Array:
        return (pairs // p + pairs % p) % p

    def loss(params: Params, pairs: jax.Array) -> jax.Array:
        return cross_entropy(logits_of(params, pairs, p), target(pairs)).mean()

    def init(key: jax.Array) -> State:
        pairs, e, a, b, r = jax.random.split(key, 5)
        params = {
            "embed": normal(e, p, embed, fan_in=embed),
            "left": normal(a, embed, hidden),
            "right": normal(b, embed, hidden),
            "read": normal(r, hidden, p),
        }
        order = jax.random.permutation(pairs, p * p)
        return {"params": params, "opt": optimiser.init(params), "train": order[:n], "test": order[n:]}

    def measure(state: State) -> Metrics:
        out = {"weight_norm": norm(state["params"]), "fourier_gini": fourier_gini(state["params"]["embed"])}
        for part in ("train", "test"):
            logits = logits_of(state["params"], state[part], p)
            out[f"{part}_loss"] = cross_entropy(logits, target(state[part])).mean()
            out[f"{part}_accuracy"] = accuracy(logits, target(state[part]))
        return out

    return Task(init, lambda state, step: descend(optimiser, loss, state, state["train"]), measure)


BASE = {
    "p": 59,
    "embed": 64,
    "hidden": 128,
    "fraction": 0.4,
    "rate": 3e-3,
    "weight_decay": 1.0,
    "steps": 6000,
    "every": 25,
}
LONG = {0.3: 40_000, 0.35: 16_000}
FRACTIONS = [0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8]


def _measured_at(config: Config) -> list[int]:
    # Memorising takes two hundred steps at any size of the data: dated finely everywhere.
    return sorted({*range(0, 501, 25), *evenly(int(config["steps"]), int(config["every"]))})


EXPERIMENT = Experiment(
    name="grokking",
    title="Grokking: modular addition, embedding perceptron",
    shows="Training accuracy saturates by step 200; test accuracy follows thousands of steps later, later still with "
    "less data, and never without weight decay.",
    arms={
        **{
            f"fraction-{fraction:.2f}": {
                **BASE,
                "fraction": fraction,
                "steps": LONG.get(fraction, 6000),
                "every": 100 if fraction in LONG else 25,
            }
            for fraction in FRACTIONS
        },
        "no-weight-decay": {**BASE, "weight_decay": 0.0},
        "rate-0.01": {**BASE, "rate": 1e-2, "steps": 2000},
    },
    seeds=5,
    side_by_side=1,
    task=task,
    measured_at=_measured_at,
    metrics={
        "train_loss": "cross-entropy on the training pairs, nats",
        "test_loss": "cross-entropy on the other pairs, nats",
        "train_accuracy": "share right on the training pairs",
        "test_accuracy": "share right on the other pairs",
        "weight_norm": "root of the sum of squared weights",
        "fourier_gini": "Gini coefficient of the embedding's power over frequencies; 0 is even",
    },
    quick=Quick(
        arm="rate-0.01",
        steps=1000,
        tolerance={"train_accuracy": 0.02, "test_accuracy": 0.17, "fourier_gini": 0.05},
        because="at least five times what rounding the initial weights differently, by 2e-7 of each, makes of it",
    ),
)
