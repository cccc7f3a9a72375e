"""What the lab's models share: initial weights, losses, a step of training, attention with relative positions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax

from emergence_lab.engine import State

Params = Any


def normal(key: jax.Array, *shape: int, fan_in: int | None = None) -> jax.Array:
    """Return Gaussian weights with variance one over the fan-in (the last axis but one, unless given)."""
    return jax.random.normal(key, shape) / jnp.sqrt(fan_in or shape[-2])


def uniform(key: jax.Array, *shape: int, fan_in: int) -> jax.Array:
    """Return weights uniform between plus and minus one over the root of the fan-in."""
    return jax.random.uniform(key, shape, minval=-1.0, maxval=1.0) / jnp.sqrt(fan_in)


def cross_entropy(logits: jax.Array, targets: jax.Array) -> jax.Array:
    """Return the cross-entropy in nats of each row of `logits` (..., classes) against `targets` (...)."""
    return optax.softmax_cross_entropy_with_integer_labels(logits, targets)


def accuracy(logits: jax.Array, targets: jax.Array) -> jax.Array:
    """Return the share of rows whose largest logit is the target."""
    return (logits.argmax(-1) == targets).mean()


def norm(params: Params) -> jax.Array:
    """Return the root of the sum of all squared weights."""
    return optax.tree.norm(params)


def descend(
    optimiser: optax.GradientTransformation, loss: Callable[..., jax.Array], state: State, *data: jax.Array
) -> State:
    """Return the state after one step of `optimiser` on ``loss(params, *data)``; the state holds params and opt."""
    gradient = jax.grad(loss)(state["params"], *data)
    changes, opt = optimiser.update(gradient, state["opt"], state["params"])
    return {**state, "params": optax.apply_updates(state["params"], changes), "opt": opt}


def attention_weights(key: jax.Array, width: int, context: int) -> Params:
    """Return one causal attention head of the size of the model, with one bias for each distance back."""
    q, k, v, o = jax.random.split(key, 4)
    return {
        "q": normal(q, width, width),
        "k": normal(k, width, width),
        "v": normal(v, width, width),
        "o": normal(o, width, width),
        "bias": jnp.zeros(context),
    }


def attend(head: Params, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return what a causal head adds to `x` (batch, length, width), and its pattern (batch, length, length)."""
    length = x.shape[-2]
    back = jnp.arange(length)[:, None] - jnp.arange(length)[None, :]
    scores = (x @ head["q"]) @ jnp.swapaxes(x @ head["k"], -1, -2) / jnp.sqrt(x.shape[-1])
    scores = scores + head["bias"][jnp.maximum(back, 0)]
    pattern = jax.nn.softmax(jnp.where(back >= 0, scores, -jnp.inf), axis=-1)
    return pattern @ (x @ head["v"]) @ head["o"], pattern


def attention_only(key: jax.Array, tokens: int, width: int, layers: int, context: int) -> Params:
    """Return an attention-only transformer: embedding, `layers` single heads, read-out."""
    e, u, *heads = jax.random.split(key, layers + 2)
    return {
        "embed": jax.random.normal(e, (tokens, width)),
        "heads": [attention_weights(k, width, context) for k in heads],
        "read": normal(u, width, tokens),
    }


def run_attention_only(params: Params, tokens: jax.Array) -> tuple[jax.Array, list[jax.Array]]:
    """Return the logits (batch, length, tokens) and the attention pattern of each layer."""
    x, patterns = params["embed"][tokens], []
    for head in params["heads"]:
        added, pattern = attend(head, x)
        x = x + added
        patterns.append(pattern)
    return x @ params["read"], patterns
