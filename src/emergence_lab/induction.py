"""Induction on repeated random sequences: two layers of attention jump, one layer stays behind.

The observable is that of Olsson et al. 2022 (arXiv:2209.11895) in small: a token is predictable only by
finding its last occurrence and copying what followed.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import optax

from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task, evenly
from emergence_lab.layers import Params, attention_only, cross_entropy, descend, run_attention_only

TOKENS, CONTEXT, SHORTEST, LONGEST = 32, 32, 8, 16


def sequences(key: jax.Array, count: int) -> tuple[jax.Array, jax.Array]:
    """Return `count` sequences (count, CONTEXT + 1) of tokens repeating with a random period, and the periods."""
    token_key, period_key = jax.random.split(key)
    base = jax.random.randint(token_key, (count, LONGEST), 0, TOKENS)
    period = jax.random.randint(period_key, (count,), SHORTEST, LONGEST + 1)
    place = jnp.arange(CONTEXT + 1)[None, :] % period[:, None]
    return jnp.take_along_axis(base, place, axis=1), period


def read_repeats(params: Params, tokens: jax.Array, period: jax.Array) -> dict[str, jax.Array]:
    """Return what the network makes of sequences that repeat with `period`: losses, accuracy and the heads' attention."""
    period = period[:, None]
    logits, patterns = run_attention_only(params, tokens[:, :-1])
    losses = cross_entropy(logits, tokens[:, 1:])
    right = logits.argmax(-1) == tokens[:, 1:]
    place = jnp.arange(CONTEXT)[None, :]
    # The token at place t was seen before when t >= period; only then can what follows it be looked up.
    repeated = place >= period
    # What followed it last time stands at t + 1 - period.
    source = jnp.broadcast_to(jnp.maximum(place + 1 - period, 0), repeated.shape)
    to_source = jnp.take_along_axis(patterns[-1], source[:, :, None], axis=2)[:, :, 0]
    to_previous = jnp.diagonal(patterns[0], offset=-1, axis1=1, axis2=2)
    return {
        "loss": losses.mean(),
        "repeat_loss": (losses * repeated).sum() / repeated.sum(),
        "repeat_accuracy": (right * repeated).sum() / repeated.sum(),
        "in_context_gain": losses[:, 3:7].mean() - losses[:, -4:].mean(),
        "previous_token_score": to_previous.mean(),
        "induction_score": (to_source * repeated).sum() / repeated.sum(),
    }


def task(config: Config) -> Task:
    """Return the training of one seed."""
    optimiser = optax.adam(config["rate"], b1=0.9, b2=0.99)
    layers, width, batch = int(config["layers"]), int(config["width"]), int(config["batch"])

    def loss(params: Params, tokens: jax.Array) -> jax.Array:
        return cross_entropy(run_attention_only(params, tokens[:, :-1])[0], tokens[:, 1:]).mean()

    def init(key: jax.Array) -> State:
        first, data, test = jax.random.split(key, 3)
        params = attention_only(first, TOKENS, width, layers, CONTEXT)
        tokens, period = sequences(test, 256)
        return {"params": params, "opt": optimiser.init(params), "data": data, "tokens": tokens, "period": period}

    def update(state: State, step: jax.Array) -> State:
        tokens, _ = sequences(jax.random.fold_in(state["data"], step), batch)
        return descend(optimiser, loss, state, tokens)

    def measure(state: State) -> Metrics:
        return read_repeats(state["params"], state["tokens"], state["period"])

    return Task(init, update, measure)


BASE = {"width": 32, "batch": 32, "rate": 2e-3, "steps": 2500}

EXPERIMENT = Experiment(
    name="induction",
    title="Induction: repeated random sequences",
    shows="With two attention layers the accuracy on repeated tokens jumps within a few hundred steps; with one it stays low.",
    arms={"two-layers": {**BASE, "layers": 2}, "one-layer": {**BASE, "layers": 1}},
    seeds=8,
    side_by_side=1,
    task=task,
    measured_at=lambda config: evenly(int(config["steps"]), 10),
    metrics={
        "loss": "cross-entropy over all places, nats",
        "repeat_loss": "cross-entropy where the token before was seen earlier in the period, nats",
        "repeat_accuracy": "share right where the token before was seen earlier in the period",
        "in_context_gain": "cross-entropy of places 4 to 7 less that of the last 4, nats",
        "previous_token_score": "mean attention of the first layer to the token before",
        "induction_score": "mean attention of the last layer to the token that followed last time",
    },
    quick=Quick(
        arm="two-layers",
        steps=800,
        tolerance={"repeat_accuracy": 0.02, "repeat_loss": 0.02, "previous_token_score": 0.01, "induction_score": 0.01},
        because="at least five times what rounding the initial weights differently, by 2e-7 of each, makes of it",
    ),
)
