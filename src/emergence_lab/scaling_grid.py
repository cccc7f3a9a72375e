"""A grid of model sizes and numbers of training tokens, on a language whose entropy is known.

The language is a first-order Markov chain over words with Zipfian frequencies, whose table of next words is
a sum of latent features of power-law strength. The loss of a model is computed exactly, by summing over every
context, so that the fit has no sampling noise of its own; and the floor is the entropy of the chain.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax

from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task, evenly
from emergence_lab.layers import Params, cross_entropy, descend, normal

WORDS, FEATURES, DECAY, SHARPNESS = 512, 512, 0.5, 3.0
BATCH = 512


def language() -> tuple[np.ndarray, np.ndarray]:
    """Return how often each word occurs as a context (WORDS,), and the log-probabilities of the next (WORDS, WORDS)."""
    rng = np.random.default_rng(0)
    strength = np.arange(1, FEATURES + 1, dtype=float) ** -DECAY
    strength /= np.sqrt((strength**2).sum())
    scores = (rng.standard_normal((WORDS, FEATURES)) * strength) @ rng.standard_normal((FEATURES, WORDS))
    scores = SHARPNESS * scores - np.log(np.arange(1, WORDS + 1))  # Zipf's law for the next word, on average
    logs = scores - np.log(np.exp(scores).sum(1, keepdims=True))
    often = np.full(WORDS, 1 / WORDS)
    for _ in range(200):
        often = often @ np.exp(logs)
    return often / often.sum(), logs


OFTEN, LOGS = language()
FLOOR = float(-(OFTEN[:, None] * np.exp(LOGS) * LOGS).sum())
"""Entropy of the next word given the one before, nats: no model can do better."""


def parameters(width: int) -> int:
    """Return the number of trained weights of a model of that width."""
    return WORDS * width + 4 * width * width + 4 * width * WORDS


def logits_of(params: Params, context: jax.Array) -> jax.Array:
    """Return the logits of the next word."""
    return jax.nn.relu(params["embed"][context] @ params["up"]) @ params["read"]


def task(config: Config) -> Task:
    """Return the training of one seed, which sees every token once."""
    width, steps = int(config["width"]), int(config["steps"])
    optimiser = optax.adam(optax.warmup_cosine_decay_schedule(0.0, config["rate"], max(steps // 20, 1), steps))
    contexts = jnp.asarray(np.cumsum(OFTEN)[:-1], dtype=jnp.float32)
    nexts = jnp.asarray(np.cumsum(np.exp(LOGS), axis=1)[:, :-1], dtype=jnp.float32)
    weight = jnp.asarray(OFTEN[:, None] * np.exp(LOGS), dtype=jnp.float32)

    def loss(params: Params, context: jax.Array, after: jax.Array) -> jax.Array:
        return cross_entropy(logits_of(params, context), after).mean()

    def init(key: jax.Array) -> State:
        a, b, c, data = jax.random.split(key, 4)
        params = {
            "embed": jax.random.normal(a, (WORDS, width)),
            "up": normal(b, width, 4 * width),
            "read": normal(c, 4 * width, WORDS) * 0.1,
        }
        return {"params": params, "opt": optimiser.init(params), "data": data}

    def update(state: State, step: jax.Array) -> State:
        chance = jax.random.uniform(jax.random.fold_in(state["data"], step), (2, BATCH))
        context = jnp.searchsorted(contexts, chance[0])
        after = (nexts[context] < chance[1][:, None]).sum(-1)
        return descend(optimiser, loss, state, context, after)

    def measure(state: State) -> Metrics:
        guess = jax.nn.log_softmax(logits_of(state["params"], jnp.arange(WORDS)))
        return {"loss": -(weight * guess).sum()}

    return Task(init, update, measure)


WIDTHS = [2, 3, 4, 6, 8, 12, 16, 24]
STEPS = [250, 500, 1000, 2000, 4000, 8000, 16000]
RATES = [0.005, 0.015, 0.045, 0.135]


def _arm(width: int, steps: int, rate: float) -> dict[str, float]:
    return {"width": width, "parameters": parameters(width), "tokens": steps * BATCH, "rate": rate, "steps": steps}


EXPERIMENT = Experiment(
    name="scaling_grid",
    title="A scaling-law grid on a language of known entropy",
    shows="Loss against parameters and tokens; the largest cells are predicted from the others.",
    arms={f"width-{w}-steps-{s}-rate-{r}": _arm(w, s, r) for w in WIDTHS for s in STEPS for r in RATES},
    seeds=2,
    side_by_side=2,
    task=task,
    measured_at=lambda config: evenly(int(config["steps"]), int(config["steps"])),
    metrics={"loss": f"exact cross-entropy of the next word, nats; the chain's entropy is {FLOOR:.6f}"},
    quick=Quick(
        arm="width-8-steps-1000-rate-0.015",
        steps=1000,
        tolerance={"loss": 0.01},
        because="at least five times what rounding the initial weights differently, by 2e-7 of each, makes of it",
    ),
)
