"""Grokking in a one-layer transformer, with the restricted and excluded loss of Nanda et al. 2023.

arXiv:2301.05217. The network learns modular addition with a few frequencies. Which ones is known only at
the end, so that both progress measures are taken in hindsight from weights kept during training.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import optax

from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task, evenly
from emergence_lab.grokking import fourier_gini
from emergence_lab.layers import Params, accuracy, cross_entropy, descend, norm, normal


def logits_of(params: Params, pairs: jax.Array, p: int, heads: int) -> jax.Array:
    """Return the logits (pairs, p) at the last place of "a b =", for `pairs` given as a * p + b."""
    a, b = pairs // p, pairs % p
    embed, place = params["embed"], params["place"]
    width = embed.shape[-1]
    last = embed[p] + place[2]
    q = (last @ params["q"]).reshape(heads, -1)

    # Keys and values of a place depend on its token alone: a table of p rows each, not one row a pair.
    def table(x: jax.Array, weights: str) -> jax.Array:
        return (x @ params[weights]).reshape(*x.shape[:-1], heads, -1)

    first, second = embed[:p] + place[0], embed[:p] + place[1]
    scores = jnp.stack(
        [
            (table(first, "k") * q).sum(-1)[a],
            (table(second, "k") * q).sum(-1)[b],
            jnp.broadcast_to((table(last, "k") * q).sum(-1), (len(pairs), heads)),
        ],
        axis=-1,
    )
    pattern = jax.nn.softmax(scores / jnp.sqrt(width / heads), axis=-1)[..., None]
    mixed = pattern[:, :, 0] * table(first, "v")[a] + pattern[:, :, 1] * table(second, "v")[b]
    mixed = mixed + pattern[:, :, 2] * table(last, "v")
    x = last + mixed.reshape(len(pairs), width) @ params["o"]
    x = x + jax.nn.relu(x @ params["up"]) @ params["down"]
    return x @ params["read"]


def by_sum(logits: jax.Array, p: int) -> jax.Array:
    """Return the mean logits (sum, class) over all pairs with the same sum modulo p."""
    grid = logits.reshape(p, p, p)
    a = jnp.arange(p)
    return jax.vmap(lambda m: grid[a, (m - a) % p].mean(0))(jnp.arange(p))


def key_part(sums: jax.Array, keys: jax.Array) -> jax.Array:
    """Return the part of `sums` (sum, class) that waves along the sum at the `keys` (frequencies 1 to p // 2)."""
    spectrum = jnp.fft.rfft(sums, axis=0)
    kept = jnp.concatenate([jnp.zeros(1, dtype=bool), keys])[:, None]
    return jnp.fft.irfft(jnp.where(kept, spectrum, 0), n=len(sums), axis=0)


def task(config: Config) -> Task:
    """Return the training of one seed."""
    p, width, heads, hidden = (int(config[k]) for k in ("p", "width", "heads", "hidden"))
    n = round(config["fraction"] * p * p)
    rate = optax.linear_schedule(0.0, config["rate"], 10)
    optimiser = optax.adamw(rate, b1=0.9, b2=0.98, weight_decay=config["weight_decay"])
    everything = jnp.arange(p * p)

    def target(pairs: jax.Array) -> jax.Array:
        return (pairs // p + pairs % p) % p

    def loss(params: Params, pairs: jax.Array) -> jax.Array:
        return cross_entropy(logits_of(params, pairs, p, heads), target(pairs)).mean()

    def init(key: jax.Array) -> State:
        pairs, *ks = jax.random.split(key, 10)
        params = {
            "embed": normal(ks[0], p + 1, width, fan_in=width),
            "place": normal(ks[1], 3, width, fan_in=width),
            **{name: normal(k, width, width) for name, k in zip("qkvo", ks[2:6], strict=True)},
            "up": normal(ks[6], width, hidden),
            "down": normal(ks[7], hidden, width),
            "read": normal(ks[8], width, p),
        }
        order = jax.random.permutation(pairs, p * p)
        return {"params": params, "opt": optimiser.init(params), "train": order[:n], "test": order[n:]}

    def measure(state: State) -> Metrics:
        out = {"weight_norm": norm(state["params"]), "fourier_gini": fourier_gini(state["params"]["embed"][:p])}
        logits = logits_of(state["params"], everything, p, heads)
        for part in ("train", "test"):
            some = logits[state[part]]
            out[f"{part}_loss"] = cross_entropy(some, target(state[part])).mean()
            out[f"{part}_accuracy"] = accuracy(some, target(state[part]))
        return out

    def hindsight(kept: State) -> jax.Array:
        """Return which frequencies are key: those with over twice an even share of the final waves."""
        power = jnp.square(jnp.abs(jnp.fft.rfft(by_sum(logits_of(kept["params"], everything, p, heads), p), axis=0)))
        share = power[1:].sum(-1) / power[1:].sum()
        return share > 2 / len(share)

    def measure_late(kept: State, keys: jax.Array) -> Metrics:
        logits = logits_of(kept["params"], everything, p, heads)
        sums = by_sum(logits, p)
        key = key_part(sums, keys)
        train = kept["train"]
        without = logits[train] - key[target(train)]
        centred = sums - sums.mean(0)
        return {
            "restricted_loss": cross_entropy(key + sums.mean(0), jnp.arange(p)).mean(),
            "excluded_loss": cross_entropy(without, target(train)).mean(),
            "key_share": jnp.square(key).sum() / jnp.square(centred).sum(),
            "key_frequencies": keys.sum(),
        }

    def keep(state: State) -> State:
        return {"params": state["params"], "train": state["train"]}

    return Task(
        init,
        lambda state, step: descend(optimiser, loss, state, state["train"]),
        measure,
        keep,
        hindsight,
        measure_late,
    )


SMALL = {
    "p": 59,
    "width": 64,
    "heads": 4,
    "hidden": 256,
    "fraction": 0.4,
    "rate": 3e-3,
    "weight_decay": 1.0,
    "steps": 6000,
    "every": 50,
}

EXPERIMENT = Experiment(
    name="grokking_transformer",
    title="Grokking: modular addition, one-layer transformer",
    shows="Two progress measures that know the mechanism move long before test accuracy does.",
    arms={"p-59": SMALL},
    seeds=5,
    side_by_side=1,
    task=task,
    measured_at=lambda config: evenly(int(config["steps"]), int(config["every"])),
    metrics={
        "train_loss": "cross-entropy on the training pairs, nats",
        "test_loss": "cross-entropy on the other pairs, nats",
        "train_accuracy": "share right on the training pairs",
        "test_accuracy": "share right on the other pairs",
        "weight_norm": "root of the sum of squared weights",
        "fourier_gini": "Gini coefficient of the embedding's power over frequencies; 0 is even",
        "restricted_loss": "cross-entropy over all pairs with only the key frequencies of the sum kept, nats",
        "excluded_loss": "cross-entropy on the training pairs with the key frequencies removed, nats",
        "key_share": "share of the variance of the logits over the sum that the key frequencies hold",
        "key_frequencies": "number of key frequencies: those with over twice an even share at the end",
    },
    quick=Quick(
        arm="p-59",
        steps=300,
        tolerance={"train_accuracy": 0.02, "test_accuracy": 0.05, "fourier_gini": 0.03},
        because="at least five times what rounding the initial weights differently, by 2e-7 of each, makes of it",
    ),
)
