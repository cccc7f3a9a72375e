"""In-context Markov chains: from the uniform guess to the unigram solution, a wait, then the bigram solution.

After Edelman et al. 2024 (arXiv:2402.11004). The losses of each solution are computed from the chains.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import optax

from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task, evenly
from emergence_lab.layers import Params, attention_only, cross_entropy, descend, run_attention_only

STATES, LENGTH, BURN_IN, HELD_OUT = 8, 64, 20, 512


def chains(key: jax.Array, count: int) -> tuple[jax.Array, jax.Array]:
    """Return `count` sequences (count, LENGTH + 1), each of its own chain, and the chains (count, STATES, STATES)."""
    rows, start, draws = jax.random.split(key, 3)
    matrix = jax.random.dirichlet(rows, jnp.ones(STATES), (count, STATES))
    logs = jnp.log(matrix)
    first = jax.random.randint(start, (count,), 0, STATES)

    def step(state: jax.Array, k: jax.Array) -> tuple[jax.Array, jax.Array]:
        after = jax.random.categorical(k, jnp.take_along_axis(logs, state[:, None, None], axis=1)[:, 0])
        return after, after

    _, tokens = jax.lax.scan(step, first, jax.random.split(draws, BURN_IN + LENGTH + 1))
    return tokens[BURN_IN:].T, matrix


def references(tokens: jax.Array, matrix: jax.Array) -> dict[str, jax.Array]:
    """Return the losses, over the second half, of the four solutions that know more and more of the sequence."""
    one_hot = jax.nn.one_hot(tokens[:, :-1], STATES)
    after = jax.nn.one_hot(tokens[:, 1:], STATES)
    seen = jnp.cumsum(one_hot, axis=1)
    unigram = (seen + 1) / (seen.sum(-1, keepdims=True) + STATES)
    pairs = jnp.cumsum(one_hot[:, :-1, :, None] * after[:, :-1, None, :], axis=1)
    pairs = jnp.concatenate([jnp.zeros_like(pairs[:, :1]), pairs], axis=1)
    row = jnp.einsum("bts,btsu->btu", one_hot, pairs)
    bigram = (row + 1) / (row.sum(-1, keepdims=True) + STATES)
    truth = jnp.einsum("bts,bsu->btu", one_hot, matrix)

    def loss(p: jax.Array) -> jax.Array:
        return -jnp.log((p * after).sum(-1))[:, LENGTH // 2 :].mean()

    return {
        "loss_uniform": jnp.log(float(STATES)),
        "loss_unigram": loss(unigram),
        "loss_bigram": loss(bigram),
        "loss_chain_known": loss(truth),
    }


def task(config: Config) -> Task:
    """Return the training of one seed."""
    optimiser = optax.adam(config["rate"], b1=0.9, b2=0.99)
    batch, pool = int(config["batch"]), int(config["pool"])

    def loss(params: Params, tokens: jax.Array) -> jax.Array:
        return cross_entropy(run_attention_only(params, tokens[:, :-1])[0], tokens[:, 1:]).mean()

    def init(key: jax.Array) -> State:
        first, data, made, test = jax.random.split(key, 4)
        params = attention_only(first, STATES, int(config["width"]), 2, LENGTH)
        held_out, matrix = chains(test, HELD_OUT)
        return {
            "params": params,
            "opt": optimiser.init(params),
            "data": data,
            "pool": chains(made, pool)[0].astype(jnp.int8),
            "tokens": held_out,
            "references": references(held_out, matrix),
        }

    def update(state: State, step: jax.Array) -> State:
        rows = jax.random.randint(jax.random.fold_in(state["data"], step), (batch,), 0, pool)
        return descend(optimiser, loss, state, state["pool"][rows].astype(jnp.int32))

    def measure(state: State) -> Metrics:
        tokens = state["tokens"]
        logits, patterns = run_attention_only(state["params"], tokens[:, :-1])
        half = cross_entropy(logits, tokens[:, 1:])[:, LENGTH // 2 :]
        # Places whose predecessor held the present state: where the induction solution looks.
        same = (tokens[:, :-2][:, None, :] == tokens[:, :-1][:, :, None]) & (
            jnp.arange(1, LENGTH)[None, None, :] <= jnp.arange(LENGTH)[None, :, None]
        )
        on_source = (patterns[1][:, :, 1:] * same).sum(-1)[:, LENGTH // 2 :]
        return {
            "loss": half.mean(),
            "previous_token_score": jnp.diagonal(patterns[0], offset=-1, axis1=1, axis2=2).mean(),
            "induction_score": on_source.mean(),
            **state["references"],
        }

    return Task(init, update, measure)


EXPERIMENT = Experiment(
    name="markov_chains",
    title="In-context Markov chains",
    shows="The loss waits at that of counting tokens, which is here no better than guessing, and then drops towards that of counting pairs.",
    arms={"two-layers": {"width": 32, "batch": 64, "pool": 20_000, "rate": 3e-3, "steps": 1200}},
    seeds=5,
    side_by_side=1,
    task=task,
    measured_at=lambda config: evenly(int(config["steps"]), 10),
    metrics={
        "loss": "cross-entropy over the second half of held-out sequences, nats",
        "previous_token_score": "mean attention of the first layer to the token before",
        "induction_score": "mean attention of the second layer to places that followed the present state",
        "loss_uniform": "loss of the uniform guess on the same tokens, nats",
        "loss_unigram": "loss of the in-context unigram solution, nats",
        "loss_bigram": "loss of the in-context bigram solution, nats",
        "loss_chain_known": "loss of one who knows the chain, nats",
    },
    quick=Quick(
        arm="two-layers",
        steps=400,
        tolerance={"loss": 0.005, "previous_token_score": 0.01, "induction_score": 0.02},
        because="at least five times what rounding the initial weights differently, by 2e-7 of each, makes of it",
    ),
)
