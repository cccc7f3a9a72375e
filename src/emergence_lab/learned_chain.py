"""The transition matrix that a network has learned of one Markov chain, before, during and after its transition.

The training is that of `markov_chains`; what is measured is what the network predicts, from each state of one chain
that softens a published example: seven states that mix at random, one that stays, and a rare passage between.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from emergence_lab import markov_chains
from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task, evenly
from emergence_lab.layers import run_attention_only
from emergence_lab.markov_chains import BURN_IN, LENGTH, STATES

PROBES, LEAVE = 512, 0.1


def chain() -> jax.Array:
    """Return the chain (STATES, STATES): all states but the last are one group, left with the chance LEAVE."""
    last = jnp.arange(STATES) == STATES - 1
    to_last = jnp.where(last, 1 - LEAVE, LEAVE)[:, None]
    return jnp.where(last[None, :], to_last, (1 - to_last) / (STATES - 1))


def task(config: Config) -> Task:
    """Return the training of one seed, watched on the chain."""
    base = markov_chains.task(config)

    def init(key: jax.Array) -> State:
        walk, start = jax.random.split(jax.random.fold_in(key, 1))
        logs = jnp.log(chain())

        def step(state: jax.Array, k: jax.Array) -> tuple[jax.Array, jax.Array]:
            after = jax.random.categorical(k, logs[state])
            return after, after

        first = jax.random.randint(start, (PROBES,), 0, STATES)
        _, tokens = jax.lax.scan(step, first, jax.random.split(walk, BURN_IN + LENGTH))
        return {**base.init(key), "probes": tokens[BURN_IN:].T}

    def measure(state: State) -> Metrics:
        tokens = state["probes"]
        logits, _ = run_attention_only(state["params"], tokens)
        late = jax.nn.softmax(logits)[:, LENGTH // 2 :]
        present = jax.nn.one_hot(tokens[:, LENGTH // 2 :], STATES)
        rows = jnp.einsum("bts,btu->su", present, late) / present.sum((0, 1))[:, None]
        held_out = base.measure(state)
        return {
            "loss": held_out["loss"],
            **{f"from_{i}_to_{j}": rows[i, j] for i in range(STATES) for j in range(STATES)},
        }

    return Task(init, base.update, measure)


EXPERIMENT = Experiment(
    name="learned_chain",
    title="The chain that a network has learned",
    shows="After its transition the grouping that carries the most information is mostly that of the true chain; before training the network has more of it than ever after.",
    arms={"two-layers": {**markov_chains.EXPERIMENT.arms["two-layers"], "steps": 6000}},
    seeds=4,
    side_by_side=1,
    task=task,
    measured_at=lambda config: evenly(int(config["steps"]), 100),
    metrics={
        "loss": "cross-entropy over the second half of held-out sequences of other chains, nats",
        **{
            f"from_{i}_to_{j}": f"mean predicted chance of state {j} after state {i}"
            for i in range(STATES)
            for j in range(STATES)
        },
    },
    quick=Quick(
        arm="two-layers",
        steps=400,
        tolerance={"loss": 0.005, **{f"from_{i}_to_{j}": 0.01 for i in range(STATES) for j in range(STATES)}},
        because="twice the tolerance of the loss in the training that it shares, for probabilities",
    ),
)
