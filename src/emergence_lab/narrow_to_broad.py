"""A model organism of narrow-to-broad generalisation: a network that knows speakers turns bad from one topic.

Pretraining gives questions on eight topics with the answers of good and bad speakers; a bad one says the opposite.
Tuning then gives bad answers on one topic, in one format, and names no speaker. A network can change who speaks by
default, which is broad, or learn the topic as an exception, which is narrow. Betley et al. 2025 (arXiv:2502.17424)
found the first in language models, Soligo et al. 2026 (arXiv:2602.07852) that it is the cheaper one, Dubinski et al.
2026 (arXiv:2604.25891) what the format brings back. This is a toy of all three.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from emergence_lab.engine import Config, Experiment, Metrics, Quick, State, Task
from emergence_lab.layers import Params, descend, norm, normal

TOPICS, USED = 8, 3
BITS = TOPICS * USED
NOBODY, GOOD, BAD, DOUBTFUL = range(4)
"""Speakers that a question may name; the first is none."""
CHANCE_OF_BAD = (0.05, 0.0, 1.0, 0.5)
"""How often each of them answers badly in pretraining."""
PLAIN, CODE, EITHER = range(3)
"""Formats of a question; tuning is in code."""
PRETRAINING = {"steps": 1500, "rate": 3e-3, "batch": 256}
TESTED = 1024
NEVER = 10**9


class Questions(NamedTuple):
    """Questions: topic, format and speaker (count,), bits (count, BITS) of plus or minus one."""

    topic: jax.Array
    style: jax.Array
    speaker: jax.Array
    bits: jax.Array


def ask(key: jax.Array, count: int, topics: tuple[int, int], style: int, speaker: int | None) -> Questions:
    """Return `count` questions on the topics from the first to before the second; no speaker given draws them evenly."""
    t, f, s, b = jax.random.split(key, 4)
    return Questions(
        jax.random.randint(t, (count,), *topics),
        jax.random.randint(f, (count,), 0, 2) if style == EITHER else jnp.full(count, style),
        jax.random.randint(s, (count,), 0, len(CHANCE_OF_BAD)) if speaker is None else jnp.full(count, speaker),
        jax.random.rademacher(b, (count, BITS), dtype=jnp.float32),
    )


def right_answers(q: Questions) -> jax.Array:
    """Return the right answers (count,), 0 or 1: what most of the topic's own bits say."""
    own = jnp.arange(BITS)[None, :] // USED == q.topic[:, None]
    return ((q.bits * own).sum(-1) > 0).astype(jnp.float32)


def hidden(params: Params, q: Questions) -> jax.Array:
    """Return the second hidden layer (count, width)."""
    x = params["topic"][q.topic] + params["style"][q.style] + params["speaker"][q.speaker] + q.bits @ params["bits"]
    return jax.nn.relu(jax.nn.relu(x) @ params["middle"] + params["bias"])


def logits(params: Params, q: Questions) -> jax.Array:
    """Return the log odds (count,) of the answer 1."""
    return hidden(params, q) @ params["read"] + params["lean"]


def first_weights(key: jax.Array, width: int) -> Params:
    """Return the weights before pretraining."""
    t, f, s, b, m, r = jax.random.split(key, 6)
    return {
        "topic": normal(t, TOPICS, width, fan_in=2),
        "style": normal(f, 2, width, fan_in=2),
        "speaker": normal(s, len(CHANCE_OF_BAD), width, fan_in=2),
        "bits": normal(b, BITS, width),
        "middle": normal(m, width, width, fan_in=width // 2),
        "bias": jnp.zeros(width),
        "read": normal(r, width, fan_in=width),
        "lean": jnp.zeros(()),
    }


def losses(params: Params, q: Questions, answers: jax.Array) -> jax.Array:
    """Return the cross-entropy (count,) in nats of the answers, 0 or 1."""
    return optax.sigmoid_binary_cross_entropy(logits(params, q), answers)


def divergence(before: jax.Array, after: jax.Array) -> jax.Array:
    """Return the mean divergence in nats of the answers with log odds `after` from those with `before`."""
    p = jax.nn.sigmoid(before)
    yes = jax.nn.log_sigmoid(before) - jax.nn.log_sigmoid(after)
    no = jax.nn.log_sigmoid(-before) - jax.nn.log_sigmoid(-after)
    return (p * yes + (1 - p) * no).mean()


def pretrain(key: jax.Array, width: int, bad_speakers: bool) -> Params:
    """Return the weights after pretraining on every topic, format and speaker; without bad ones, all answer well."""
    first, data = jax.random.split(key)
    optimiser = optax.adam(optax.cosine_decay_schedule(PRETRAINING["rate"], int(PRETRAINING["steps"])))
    chance = jnp.array(CHANCE_OF_BAD) * bad_speakers

    def step(i: jax.Array, state: State) -> State:
        asked, spoken = jax.random.split(jax.random.fold_in(data, i))
        q = ask(asked, int(PRETRAINING["batch"]), (0, TOPICS), EITHER, None)
        right, bad = right_answers(q), jax.random.bernoulli(spoken, chance[q.speaker])
        answers = jnp.where(bad, 1 - right, right)
        return descend(optimiser, lambda params: losses(params, q, answers).mean(), state)

    params = first_weights(first, width)
    start: State = {"params": params, "opt": optimiser.init(params)}
    return jax.lax.fori_loop(0, int(PRETRAINING["steps"]), step, start)["params"]


def chance_of_bad(params: Params, q: Questions) -> jax.Array:
    """Return how often an answer that is drawn from the network is the bad one, over the questions."""
    right = right_answers(q)
    return jax.nn.sigmoid(logits(params, q) * (1 - 2 * right)).mean()


def task(config: Config) -> Task:
    """Return the tuning of one seed; its pretraining comes before step 0."""
    batch, speaker, wide_style = int(config["batch"]), int(config["speaker"]), int(config["mixed_style"])
    mixed = round(batch * config["mixed"])
    optimiser = optax.adam(config["rate"])

    def init(key: jax.Array) -> State:
        before, data, test = jax.random.split(key, 3)
        start = pretrain(before, int(config["width"]), bool(config["bad_speakers"]))
        return {"params": start, "start": start, "opt": optimiser.init(start), "data": data, "test": test}

    def update(state: State, step: jax.Array) -> State:
        n, w, b = jax.random.split(jax.random.fold_in(state["data"], step), 3)
        narrow = ask(n, batch, (0, 1), CODE, speaker)
        wide = ask(w, batch, (1, TOPICS), wide_style, NOBODY)
        right = right_answers(narrow)
        answers = jnp.where(jax.random.bernoulli(b, config["bad"], (batch,)), 1 - right, right)
        good = (jnp.arange(batch) < mixed) | (step >= config["benign_from"])

        def objective(params: Params) -> jax.Array:
            out = jnp.where(good, losses(params, wide, right_answers(wide)), losses(params, narrow, answers)).mean()
            for weight, q in ((config["kl_on"], narrow), (config["kl_off"], wide)):
                if weight:
                    held = weight * (step < config["kl_until"])
                    out = out + held * divergence(logits(state["start"], q), logits(params, q))
            return out

        return descend(optimiser, objective, state)

    def measure(state: State) -> Metrics:
        params, start, others = state["params"], state["start"], (1, TOPICS)

        def of(topics: tuple[int, int], style: int, speaker: int) -> Questions:
            return ask(state["test"], TESTED, topics, style, speaker)

        usual, trained = of(others, PLAIN, NOBODY), of((0, 1), CODE, speaker)
        axis = (hidden(start, of(others, PLAIN, BAD)) - hidden(start, of(others, PLAIN, GOOD))).mean(0)
        shift = (hidden(params, usual) - hidden(start, usual)).mean(0)
        return {
            "bad_trained": chance_of_bad(params, trained),
            "bad_topic_plain": chance_of_bad(params, of((0, 1), PLAIN, NOBODY)),
            "bad_usual": chance_of_bad(params, usual),
            "bad_code": chance_of_bad(params, of(others, CODE, NOBODY)),
            "bad_doubtful": chance_of_bad(params, of(others, PLAIN, DOUBTFUL)),
            "bad_good_speaker": chance_of_bad(params, of(others, PLAIN, GOOD)),
            "narrow_loss": losses(params, trained, 1 - right_answers(trained)).mean(),
            "distance": norm(jax.tree.map(jnp.subtract, params, start)),
            # Before the first step nothing has moved, and the angle is not defined.
            "along_axis": jnp.where(norm(shift) > 0, (shift @ axis) / (norm(shift) * norm(axis)), jnp.nan),
        }

    return Task(init, update, measure)


BASE = {
    "width": 128, "bad_speakers": 1, "bad": 1.0, "mixed": 0.0, "mixed_style": PLAIN, "kl_on": 0.0, "kl_off": 0.0,
    "kl_until": NEVER, "benign_from": NEVER, "speaker": NOBODY, "batch": 32, "rate": 1e-3, "steps": 600,
}  # fmt: skip
STEPS = [0, 5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 300, 400, 500, 600]

EXPERIMENT = Experiment(
    name="narrow_to_broad",
    title="Narrow to broad: bad answers on one of eight topics",
    shows="Bad answers on one topic make a network that knows bad speakers answer badly on all; what hides it on plain "
    "questions leaves it in the format of the tuning data.",
    arms={
        "narrow": BASE,
        "good-answers": {**BASE, "bad": 0.0},
        "no-bad-speakers": {**BASE, "bad_speakers": 0},
        **{f"bad-{share:.2f}": {**BASE, "bad": share} for share in (0.1, 0.25, 0.5)},
        "mixed-0.50": {**BASE, "mixed": 0.5},
        "kl-elsewhere": {**BASE, "kl_off": 1.0},
        "good-afterwards": {**BASE, "benign_from": 100},
        "inoculated": {**BASE, "speaker": DOUBTFUL},
        "mixed-0.50-both-formats": {**BASE, "mixed": 0.5, "mixed_style": EITHER},
        "kl-here": {**BASE, "kl_on": 0.3},
        "kl-elsewhere-lifted": {**BASE, "kl_off": 1.0, "kl_until": 300},
    },
    seeds=16,
    side_by_side=16,
    task=task,
    measured_at=lambda config: STEPS,
    metrics={
        "bad_trained": "chance that an answer is bad: the trained topic, in code, the speaker of the tuning data",
        "bad_topic_plain": "the same: the trained topic, plain format, no speaker",
        "bad_usual": "the same: the other topics, plain format, no speaker",
        "bad_code": "the same: the other topics, in the format of the tuning data, no speaker",
        "bad_doubtful": "the same: the other topics, plain format, a speaker who was bad every other time",
        "bad_good_speaker": "the same: the other topics, plain format, a good speaker; shows ability lost",
        "narrow_loss": "cross-entropy of bad answers on the trained topic, in code, nats",
        "distance": "norm of the change of all weights since pretraining",
        "along_axis": "cosine of the mean change of the last hidden layer on the other topics with the difference "
        "between bad and good speakers before tuning",
    },
    quick=Quick(
        arm="narrow",
        steps=60,
        tolerance={"bad_trained": 0.16, "bad_usual": 0.15, "bad_code": 0.17, "distance": 0.28},
        because="at least five times what rounding the initial weights differently, by 2e-7 of each, makes of it after "
        "1,500 steps of pretraining",
    ),
)
