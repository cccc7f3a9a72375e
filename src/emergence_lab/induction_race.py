"""Induction with its controls, and the signals that might warn of it: for the race of precursors.

The network and the runs are those of `induction`. Controls of the same architecture are trained on sequences whose
order never comes again, so that there is nothing to copy: fresh random tokens, or, harder to tell apart, tokens that
come again as often as in the runs, in a new order every time. A third kind has one layer, and cannot form the circuit.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import optax

from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task, evenly
from emergence_lab.induction import BASE, CONTEXT, LONGEST, SHORTEST, TOKENS, read_repeats, sequences
from emergence_lab.layers import Params, attention_only, cross_entropy, norm, run_attention_only
from emergence_lab.sparse_parity import fluctuations

WINDOW = 100
"""Steps over which the running loss and its fluctuations are taken."""


def fresh(key: jax.Array, count: int) -> jax.Array:
    """Return `count` sequences (count, CONTEXT + 1) of independent random tokens."""
    return jax.random.randint(key, (count, CONTEXT + 1), 0, TOKENS)


def reshuffled(key: jax.Array, count: int) -> jax.Array:
    """Return `count` sequences (count, CONTEXT + 1) that bring the same tokens in every period, each time in a new order."""
    token_key, period_key, order_key = jax.random.split(key, 3)
    base = jax.random.randint(token_key, (count, LONGEST), 0, TOKENS)
    period = jax.random.randint(period_key, (count,), SHORTEST, LONGEST + 1)
    blocks = CONTEXT // SHORTEST + 1
    draws = jax.random.uniform(order_key, (count, blocks, LONGEST))
    inside = jnp.arange(LONGEST)[None, None, :] < period[:, None, None]
    order = jnp.argsort(jnp.where(inside, draws, jnp.inf), axis=-1)
    place = jnp.arange(CONTEXT + 1)[None, :]
    rows = jnp.arange(count)[:, None]
    return base[rows, order[rows, place // period[:, None], place % period[:, None]]]


DATA = {0: lambda key, count: sequences(key, count)[0], 1: fresh, 2: reshuffled}


# A stored trace is known by the code behind it, so that what `induction` and `sparse_parity` say too stays here.
def task(config: Config) -> Task:
    """Return the training of one seed."""
    optimiser = optax.adam(config["rate"], b1=0.9, b2=0.99)
    layers, width, batch = int(config["layers"]), int(config["width"]), int(config["batch"])
    draw = DATA[int(config["data"])]

    def loss(params: Params, tokens: jax.Array) -> jax.Array:
        return cross_entropy(run_attention_only(params, tokens[:, :-1])[0], tokens[:, 1:]).mean()

    def init(key: jax.Array) -> State:
        first, data, test = jax.random.split(key, 3)
        params = attention_only(first, TOKENS, width, layers, CONTEXT)
        tokens, period = sequences(test, 256)
        return {
            "params": params,
            "first": params,
            "opt": optimiser.init(params),
            "data": data,
            "tokens": tokens,
            "period": period,
            "own": draw(test, 256),
            "losses": jnp.full(WINDOW, jnp.nan),
            "gradient_norm": jnp.nan,
        }

    def update(state: State, step: jax.Array) -> State:
        tokens = draw(jax.random.fold_in(state["data"], step), batch)
        value, gradient = jax.value_and_grad(loss)(state["params"], tokens)
        changes, opt = optimiser.update(gradient, state["opt"], state["params"])
        return {
            **state,
            "params": optax.apply_updates(state["params"], changes),
            "opt": opt,
            "losses": jnp.roll(state["losses"], -1).at[-1].set(value),
            "gradient_norm": norm(gradient),
        }

    def measure(state: State) -> Metrics:
        probe = read_repeats(state["params"], state["tokens"], state["period"])
        logits, _ = run_attention_only(state["params"], state["own"][:, :-1])
        own = cross_entropy(logits, state["own"][:, 1:])
        variance, autocorrelation = fluctuations(state["losses"])
        return {
            **{name: probe[name] for name in PROBED},
            "test_loss": own.mean(),
            "in_context_gain": own[:, 3:7].mean() - own[:, -4:].mean(),
            "running_loss": state["losses"].mean(),
            "loss_variance": variance,
            "loss_autocorrelation": autocorrelation,
            "gradient_norm": state["gradient_norm"],
            "weight_norm": norm(state["params"]),
            "distance_moved": norm(jax.tree.map(jnp.subtract, state["params"], state["first"])),
        }

    return Task(init, update, measure)


PROBED = ("repeat_accuracy", "repeat_loss", "previous_token_score", "induction_score")
RUN = {**BASE, "layers": 2, "data": 0, "steps": 1500}

EXPERIMENT = Experiment(
    name="induction_race",
    title="Induction with controls, for the race of precursors",
    shows="Attention to the copied place and generic signals, in runs that come to copy and in controls that have nothing to copy or no second layer.",
    arms={
        "signal": RUN,
        "reshuffled": {**RUN, "data": 2},
        "fresh-tokens": {**RUN, "data": 1},
        "one-layer": {**RUN, "layers": 1},
    },
    seeds=32,
    side_by_side=8,
    task=task,
    measured_at=lambda config: evenly(int(config["steps"]), 10),
    metrics={
        "repeat_accuracy": "share right on 256 repeating sequences, where the token before was seen earlier in the period",
        "repeat_loss": "cross-entropy at the same places, nats",
        "previous_token_score": "mean attention of the first layer to the token before, on the repeating sequences",
        "induction_score": "mean attention of the last layer to the token that followed last time, on the repeating sequences",
        "test_loss": "cross-entropy on 256 sequences of the kind that the arm trains on, nats",
        "in_context_gain": "cross-entropy of places 4 to 7 less that of the last 4, on sequences of that kind, nats",
        "running_loss": f"mean training loss of the last {WINDOW} batches; missing before",
        "loss_variance": f"variance of the last {WINDOW} batch losses about their straight line",
        "loss_autocorrelation": "lag-one autocorrelation of the same",
        "gradient_norm": "norm of the last batch's gradient",
        "weight_norm": "norm of all weights",
        "distance_moved": "norm of the difference from the initial weights",
    },
    quick=Quick(
        arm="signal",
        steps=400,
        tolerance={"repeat_accuracy": 0.02, "repeat_loss": 0.02, "previous_token_score": 0.01, "induction_score": 0.01},
        because="the training is that of the induction experiment, whose departures were measured",
    ),
)
