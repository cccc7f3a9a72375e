"""Three-digit addition at six widths: exact match is the product of the accuracies of its digits.

The question is that of Schaeffer et al. 2023 (arXiv:2304.15004): how much of a jump is the metric's.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import optax

from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task, evenly
from emergence_lab.layers import Params, cross_entropy, descend, normal

DIGITS, ANSWER, PLUS, EQUALS, TOKENS = 3, 4, 10, 11, 12
LENGTH = 2 * DIGITS + 2 + ANSWER - 1


def problems(key: jax.Array, count: int) -> jax.Array:
    """Return `count` problems as tokens (count, LENGTH + 1): a + b = sum, most significant digit first."""
    terms = jax.random.randint(key, (count, 2), 0, 10**DIGITS)

    def digits(number: jax.Array, width: int) -> jax.Array:
        return (number[:, None] // 10 ** jnp.arange(width - 1, -1, -1)) % 10

    sign = jnp.full((count, 1), PLUS)
    parts = [digits(terms[:, 0], DIGITS), sign, digits(terms[:, 1], DIGITS), sign + 1, digits(terms.sum(-1), ANSWER)]
    return jnp.concatenate(parts, axis=1)


def _layer(key: jax.Array, width: int) -> Params:
    q, k, v, o, up, down = jax.random.split(key, 6)
    return {
        "q": normal(q, width, width),
        "k": normal(k, width, width),
        "v": normal(v, width, width),
        "o": normal(o, width, width),
        "up": normal(up, width, 4 * width),
        "up_bias": jnp.zeros(4 * width),
        "down": normal(down, 4 * width, width),
        "down_bias": jnp.zeros(width),
        "scale_1": jnp.ones(width),
        "scale_2": jnp.ones(width),
    }


def _normalise(x: jax.Array, scale: jax.Array) -> jax.Array:
    return scale * x / jnp.sqrt((x**2).mean(-1, keepdims=True) + 1e-5)


def logits_of(params: Params, tokens: jax.Array, heads: int) -> jax.Array:
    """Return the logits (count, ANSWER, TOKENS) of the digits of the answer, given `tokens` (count, LENGTH)."""
    x = params["embed"][tokens] + params["place"]
    count, length, width = x.shape
    causal = jnp.tril(jnp.ones((length, length), dtype=bool))
    for layer in params["layers"]:
        y = _normalise(x, layer["scale_1"])
        q, k, v = ((y @ layer[n]).reshape(count, length, heads, -1).swapaxes(1, 2) for n in "qkv")
        scores = q @ k.swapaxes(-1, -2) / jnp.sqrt(width / heads)
        mixed = jax.nn.softmax(jnp.where(causal, scores, -jnp.inf), axis=-1) @ v
        x = x + mixed.swapaxes(1, 2).reshape(count, length, width) @ layer["o"]
        y = _normalise(x, layer["scale_2"])
        x = x + jax.nn.gelu(y @ layer["up"] + layer["up_bias"]) @ layer["down"] + layer["down_bias"]
    return _normalise(x[:, -ANSWER:], params["scale"]) @ params["read"]


def task(config: Config) -> Task:
    """Return the training of one seed."""
    width, batch, steps = int(config["width"]), int(config["batch"]), int(config["steps"])
    heads = 2 if width >= 8 else 1
    optimiser = optax.adam(optax.linear_schedule(config["rate"], 0.0, steps))

    def loss(params: Params, tokens: jax.Array) -> jax.Array:
        return cross_entropy(logits_of(params, tokens[:, :-1], heads), tokens[:, -ANSWER:]).mean()

    def init(key: jax.Array) -> State:
        e, p, r, data, test, *layers = jax.random.split(key, 7)
        params = {
            "embed": normal(e, TOKENS, width, fan_in=width),
            "place": normal(p, LENGTH, width, fan_in=width),
            "layers": [_layer(k, width) for k in layers],
            "scale": jnp.ones(width),
            "read": normal(r, width, TOKENS),
        }
        return {"params": params, "opt": optimiser.init(params), "data": data, "test": problems(test, 4096)}

    def update(state: State, step: jax.Array) -> State:
        return descend(optimiser, loss, state, problems(jax.random.fold_in(state["data"], step), batch))

    def measure(state: State) -> Metrics:
        tokens = state["test"]
        logits = logits_of(state["params"], tokens[:, :-1], heads)
        right = logits.argmax(-1) == tokens[:, -ANSWER:]
        places = right.mean(0)
        return {
            "loss": cross_entropy(logits, tokens[:, -ANSWER:]).mean(),
            "exact_match": right.all(-1).mean(),
            "digit_accuracy": right.mean(),
            **{f"place_{i + 1}": places[i] for i in range(ANSWER)},
        }

    return Task(init, update, measure)


WIDTHS = [4, 8, 12, 16, 24, 32]

EXPERIMENT = Experiment(
    name="addition",
    title="Addition of three-digit numbers: metric against model",
    shows="Exact match equals the product of the accuracies of the digits in every run, and the digits themselves jump, at some seeds and not at others.",
    arms={f"width-{w}": {"width": w, "batch": 128, "rate": 3e-3, "steps": 2500} for w in WIDTHS},
    seeds=12,
    side_by_side=1,
    task=task,
    measured_at=lambda config: evenly(int(config["steps"]), 50),
    metrics={
        "loss": "cross-entropy of a digit of the answer, nats",
        "exact_match": "share of 4,096 fixed problems with every digit right",
        "digit_accuracy": "share of digits right",
        "place_*": "share right of that digit of the answer, the most significant first",
    },
    quick=Quick(
        arm="width-8",
        steps=600,
        tolerance={"exact_match": 0.01, "digit_accuracy": 0.01, "loss": 0.02},
        because="at least five times what rounding the initial weights differently, by 2e-7 of each, makes of it",
    ),
)
