"""Recall of random facts at many widths: a jump that a metric makes, and a mixture of easy and hard items.

A fact is a random key and one of a few values; a model is a trained table from the coordinates of a key to
values. What a model knows grows gradually with the number of coordinates. Two things are built in, so that the
cause of a curve is known: whether a set of eight facts is right is marked by whether all eight are, with sets
drawn at random, so that metric alone parts it from the share of facts right; and in the mixed arms half of the
facts are seen sixteen times as often as the others, so that there are two difficulties and no third.

Marking whole strings is the question of Schaeffer et al. 2023 (arXiv:2304.15004), items of different difficulty
that of Wu and Lo 2025 (arXiv:2410.01692).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import optax

from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task, evenly
from emergence_lab.layers import cross_entropy, descend, normal

SETS, LONG = 2000, 8
"""How many sets of facts are marked, and how many facts a set has."""


def shares(facts: int, ratio: float) -> jax.Array:
    """Return how often each fact is seen: the first half `ratio` times as often as the second; they sum to 1."""
    often = jnp.where(jnp.arange(facts) < facts // 2, ratio, 1.0)
    return often / often.sum()


def task(config: Config) -> Task:
    """Return the training of one seed, on all facts at once, each weighted by how often it is seen."""
    facts, values, width = (int(config[name]) for name in ("facts", "values", "width"))
    often = shares(facts, config["ratio"])
    optimiser = optax.adam(optax.linear_schedule(config["rate"], 0.0, int(config["steps"])))

    def loss(params: jax.Array, keys: jax.Array, right: jax.Array) -> jax.Array:
        return often @ cross_entropy(keys @ params, right)

    def init(key: jax.Array) -> State:
        what, where, sets = jax.random.split(key, 3)
        params = jnp.zeros((width, values))
        return {
            "params": params,
            "opt": optimiser.init(params),
            "keys": normal(where, facts, width, fan_in=width),
            "right": jax.random.randint(what, (facts,), 0, values),
            "sets": jax.random.randint(sets, (SETS, LONG), 0, facts),
        }

    def update(state: State, step: jax.Array) -> State:
        return descend(optimiser, loss, state, state["keys"], state["right"])

    def measure(state: State) -> Metrics:
        logits = state["keys"] @ state["params"]
        known = logits.argmax(-1) == state["right"]
        return {
            "right": known.mean(),
            "right_often": known[: facts // 2].mean(),
            "right_seldom": known[facts // 2 :].mean(),
            "sets_right": known[state["sets"]].all(-1).mean(),
            "loss": cross_entropy(logits, state["right"]).mean(),
        }

    return Task(init, update, measure)


WIDTHS = [4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512]
RATIOS = {"even": 1.0, "mixed": 16.0}


def _arm(width: int, ratio: float) -> dict[str, float]:
    return {"facts": 512, "values": 16, "width": width, "ratio": ratio, "rate": 0.03, "steps": 400}


EXPERIMENT = Experiment(
    name="facts",
    title="Recall of random facts: a jump by metric, and a mixture of two difficulties",
    shows="The share of facts that a model knows grows gradually with width; sets of eight facts, marked as wholes, jump; facts seen seldom come later than facts seen often.",
    arms={f"{name}-width-{w}": _arm(w, ratio) for name, ratio in RATIOS.items() for w in WIDTHS},
    seeds=8,
    side_by_side=8,
    task=task,
    measured_at=lambda config: evenly(int(config["steps"]), int(config["steps"])),
    metrics={
        "right": "share of the 512 facts recalled",
        "right_often": "the same of the first half, which mixed arms see sixteen times as often",
        "right_seldom": "the same of the second half",
        "sets_right": f"share of {SETS:,} sets of {LONG} facts, drawn at random, of which all are recalled",
        "loss": "mean cross-entropy of the facts, each counted once, nats",
    },
    quick=Quick(
        arm="mixed-width-64",
        steps=400,
        tolerance={"right": 0.02, "sets_right": 0.02, "loss": 0.01},
        because="at least five times what rounding the initial weights differently, by 2e-7 of each, makes of it",
    ),
)
