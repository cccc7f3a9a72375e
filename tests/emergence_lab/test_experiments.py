"""Each experiment: its parts against independent computations, and its reduced repeat against the stored trace."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import asdict

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

from emergence.emergence_theory import exponents
from emergence_lab import (
    NAMES,
    addition,
    edge_of_stability,
    facts,
    grokking,
    grokking_transformer,
    induction,
    induction_race,
    load,
    markov_chains,
    narrow_to_broad,
    parity_widths,
    quanta,
    scaling_grid,
    scaling_ladder,
    sweep,
)
from emergence_lab.engine import train
from review_utils.data.tables import derived
from review_utils.data.traces import trace


@pytest.mark.parametrize("name", NAMES)
def test_a_reduced_repeat_agrees_with_the_stored_trace(name, root):
    """`review lab run NAME --quick` repeats part of the experiment within the stated tolerance, in under a minute of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "review_book.commands.main", "lab", "run", name, "--quick"],
        cwd=root, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "agrees" in done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_the_stored_trace_is_of_this_experiment(name):
    """The trace holds every arm and seed of the experiment as it is configured today, and every metric that it names."""
    experiment, stored = load(name), trace(name)

    assert stored.about["arms"] == {arm: dict(config) for arm, config in experiment.arms.items()}
    assert stored.about["metrics"] == dict(experiment.metrics)
    assert stored.about["quick"] == asdict(experiment.quick)
    for entry in ("title", "shows", "seeds", "side_by_side"):
        assert stored.about[entry] == getattr(experiment, entry), entry
    runs = set(zip(stored.frame.arm, stored.frame.seed, strict=True))
    assert runs == set(itertools.product(experiment.arms, range(experiment.seeds)))
    families = {metric.rstrip("*") for metric in experiment.metrics}
    for metric in stored.frame.metric.unique():
        assert metric in families or any(f.endswith("_") and metric.startswith(f) for f in families), metric
    for metric in experiment.metrics:
        assert stored.frame.metric.str.startswith(metric.rstrip("*")).any(), metric


@pytest.mark.parametrize("name", NAMES)
def test_every_tolerance_is_of_a_metric_and_says_why(name):
    """The reduced version compares metrics that there are, at steps that are measured, with a reason for its tolerance."""
    experiment = load(name)
    quick = experiment.quick

    assert quick.tolerance
    assert len(quick.because) > 20
    assert any(0 < step <= quick.steps for step in experiment.measured_at(experiment.arms[quick.arm]))


def test_a_changed_program_is_seen(monkeypatch):
    """A repeat with a step size one fifth larger departs from the stored trace by more than the tolerance."""
    experiment = load("parity_widths")
    quick = experiment.quick
    config = {**experiment.arms[quick.arm], "rate": 0.12}
    steps = [s for s in experiment.measured_at(config) if s <= quick.steps]
    rows = [
        pd.DataFrame({"arm": quick.arm, "seed": range(len(v)), "step": step, "metric": metric, "value": v})
        for step, metrics in train(experiment.task(config), range(experiment.side_by_side), steps)
        for metric, v in metrics.items()
    ]

    assert not all(d.agrees for d in sweep.compare(experiment, rows, trace("parity_widths").frame))


def test_the_gini_coefficient_of_even_and_of_single_waves():
    """An embedding that waves at one frequency has a coefficient near 1, white noise of many columns one near 0."""
    wave = jnp.cos(2 * jnp.pi * 5 * jnp.arange(59) / 59)[:, None]
    noise = jax.random.normal(jax.random.key(0), (59, 4000))

    assert grokking.fourier_gini(wave) == pytest.approx(28 / 29, abs=1e-3)
    assert grokking.fourier_gini(noise) < 0.05


def test_pairs_are_split_without_loss():
    """Training and test pairs together are all pairs, each once, in the configured proportion."""
    config = {**grokking.BASE, "fraction": 0.3}
    state = grokking.task(config).init(jax.random.key(3))
    both = np.concatenate([state["train"], state["test"]])

    assert sorted(both.tolist()) == list(range(59 * 59))
    assert len(state["train"]) == round(0.3 * 59 * 59)


def test_the_transformer_equals_attention_written_out():
    """The table of keys and values gives the same logits as attention over the three places of each pair."""
    p, heads = 7, 2
    config = {**grokking_transformer.SMALL, "p": p, "width": 8, "heads": heads, "hidden": 12}
    w = {
        k: np.asarray(v, dtype=float)
        for k, v in grokking_transformer.task(config).init(jax.random.key(0))["params"].items()
    }
    pairs = np.arange(p * p)
    expected = np.zeros((p * p, p))
    for pair in pairs:
        x = np.stack(
            [w["embed"][pair // p] + w["place"][0], w["embed"][pair % p] + w["place"][1], w["embed"][p] + w["place"][2]]
        )
        out = []
        for h in range(heads):
            part = slice(h * 4, h * 4 + 4)
            scores = (x @ w["k"])[:, part] @ (x[2] @ w["q"])[part] / np.sqrt(4)
            weight = np.exp(scores) / np.exp(scores).sum()
            out.append(weight @ (x @ w["v"])[:, part])
        y = x[2] + np.concatenate(out) @ w["o"]
        y = y + np.maximum(y @ w["up"], 0) @ w["down"]
        expected[pair] = y @ w["read"]
    params = {k: jnp.asarray(v, dtype=jnp.float32) for k, v in w.items()}

    assert np.allclose(grokking_transformer.logits_of(params, jnp.asarray(pairs), p, heads), expected, atol=1e-4)


def test_key_part_keeps_the_named_waves():
    """Of two waves along the sum, the key part is the one whose frequency is named, and both named give both."""
    p, m = 11, np.arange(11)
    first, second = (np.cos(2 * np.pi * k * m / p)[:, None] * np.arange(1, 4) for k in (2, 4))
    keys = jnp.arange(1, 6) == 2

    assert np.allclose(grokking_transformer.key_part(jnp.asarray(first + second + 5), keys), first, atol=1e-5)


def test_sums_average_over_pairs():
    """Logits by sum are the mean over the pairs that have that sum modulo p."""
    p = 5
    logits = np.random.default_rng(0).normal(size=(p * p, p))
    a, b = np.divmod(np.arange(p * p), p)
    expected = np.stack([logits[(a + b) % p == m].mean(0) for m in range(p)])

    assert np.allclose(grokking_transformer.by_sum(jnp.asarray(logits), p), expected, atol=1e-6)


def test_parity_is_the_product_of_three_signs():
    """Labels are the product of the first three inputs, and are even on average."""
    x = np.asarray(parity_widths.inputs(jax.random.key(0), 4096, 10))

    assert set(np.unique(x)) == {-1.0, 1.0}
    assert np.array_equal(parity_widths.parity(jnp.asarray(x)), x[:, 0] * x[:, 1] * x[:, 2])
    assert abs(x.prod(1).mean()) < 0.06


def test_frequencies_of_subtasks_are_zipfian():
    """Frequencies sum to 1 and fall as the rank to the power -(alpha + 1)."""
    p = quanta.frequencies(32, 0.4)

    assert p.sum() == pytest.approx(1)
    assert p[0] / p[7] == pytest.approx(8**1.4)


def test_additions_are_right():
    """Each problem reads a + b = sum, digit by digit, the sum with a leading zero where it needs one."""
    for row in np.asarray(addition.problems(jax.random.key(0), 200)):
        text = "".join("0123456789+="[t] for t in row)
        terms, total = text.split("=")

        assert sum(map(int, terms.split("+"))) == int(total)
        assert len(total) == addition.ANSWER


def test_facts_are_seen_as_often_as_they_should():
    """Shares sum to one, and the first half is seen as many times as often as the second as the ratio says."""
    often = np.asarray(facts.shares(10, 16.0))

    assert often.sum() == pytest.approx(1)
    assert often[:5] / often[5:] == pytest.approx(np.full(5, 16))
    assert np.asarray(facts.shares(10, 1.0)) == pytest.approx(np.full(10, 0.1))


def test_sets_of_facts_are_right_when_all_of_them_are():
    """Scores of one seed equal what NumPy makes of its table, keys and sets; training lowers what it says it lowers."""
    config = {"facts": 40, "values": 4, "width": 12, "ratio": 4.0, "rate": 0.03, "steps": 60}
    task = facts.task(config)
    state = task.init(jax.random.key(0))

    def by_hand(state):
        logits = np.asarray(state["keys"]) @ np.asarray(state["params"])
        right = np.asarray(state["right"])
        known = logits.argmax(1) == right
        each = np.log(np.exp(logits).sum(1)) - logits[np.arange(40), right]
        return known, each

    before = by_hand(state)[1] @ np.asarray(facts.shares(40, 4.0))
    for step in range(60):
        state = task.update(state, jnp.asarray(step))
    known, each = by_hand(state)
    found = {name: float(value) for name, value in task.measure(state).items()}
    sets = np.asarray(state["sets"])

    assert each @ np.asarray(facts.shares(40, 4.0)) < 0.8 * before
    assert found["right"] == pytest.approx(known.mean())
    assert (found["right_often"], found["right_seldom"]) == pytest.approx((known[:20].mean(), known[20:].mean()))
    assert found["sets_right"] == pytest.approx(np.mean([known[row].all() for row in sets]))
    assert found["loss"] == pytest.approx(each.mean(), rel=1e-4)
    # Sets are drawn independently: the metric alone parts them from single facts.
    assert found["sets_right"] == pytest.approx(known.mean() ** facts.LONG, abs=0.05)


def test_repeated_sequences_repeat():
    """A sequence of period p repeats its first p tokens, and periods cover their range."""
    tokens, period = (np.asarray(x) for x in induction.sequences(jax.random.key(0), 300))
    for row, p in zip(tokens, period, strict=True):
        assert np.array_equal(row[p:], row[: len(row) - p])
    assert set(period) == set(range(induction.SHORTEST, induction.LONGEST + 1))


def test_reshuffled_sequences_bring_the_same_tokens_in_another_order():
    """Every period of a control's sequence holds the tokens of its first, and hardly ever in the same order."""
    _, period_key, _ = jax.random.split(jax.random.key(0), 3)
    period = np.asarray(jax.random.randint(period_key, (300,), induction.SHORTEST, induction.LONGEST + 1))
    tokens = np.asarray(induction_race.reshuffled(jax.random.key(0), 300))
    same = 0
    for row, p in zip(tokens, period, strict=True):
        blocks = [row[i : i + p] for i in range(0, len(row) - p + 1, p)]
        assert len(blocks) >= 2
        assert all(sorted(block) == sorted(blocks[0]) for block in blocks)
        same += np.array_equal(blocks[0], blocks[1])
    assert same < 3


def test_answers_follow_the_topics_own_bits():
    """The right answer is what most of the three bits of the asked topic say, whatever the others are."""
    q = narrow_to_broad.ask(jax.random.key(0), 500, (2, 6), narrow_to_broad.EITHER, None)
    answers = np.asarray(narrow_to_broad.right_answers(q))

    for topic, bits, answer in zip(np.asarray(q.topic), np.asarray(q.bits), answers, strict=True):
        assert answer == (bits[3 * topic : 3 * topic + 3].sum() > 0)
    assert set(np.asarray(q.topic)) == {2, 3, 4, 5}
    assert set(np.asarray(q.style)) == {narrow_to_broad.PLAIN, narrow_to_broad.CODE}
    assert set(np.asarray(q.speaker)) == set(range(len(narrow_to_broad.CHANCE_OF_BAD)))


def test_a_network_without_weights_answers_badly_every_other_time():
    """Of even odds half of the drawn answers are bad; of odds that follow the right answer none, of the opposite all."""
    q = narrow_to_broad.ask(jax.random.key(1), 200, (0, 8), narrow_to_broad.PLAIN, narrow_to_broad.NOBODY)
    params = jax.tree.map(jnp.zeros_like, narrow_to_broad.first_weights(jax.random.key(2), 8))

    assert float(narrow_to_broad.chance_of_bad(params, q)) == 0.5
    yes = {**params, "lean": jnp.asarray(2.0)}
    right = np.asarray(narrow_to_broad.right_answers(q))
    p = 1 / (1 + np.exp(-2.0))
    assert float(narrow_to_broad.chance_of_bad(yes, q)) == pytest.approx(
        np.where(right == 1, 1 - p, p).mean(), abs=1e-6
    )


def test_the_divergence_of_answers_is_that_of_two_coins():
    """Nothing between equal odds; else the sum over both answers of p log(p / q)."""
    before, after = jnp.array([0.3, -2.0]), jnp.array([1.0, 0.5])
    p, q = (1 / (1 + np.exp(-np.asarray(x, dtype=float))) for x in (before, after))
    expected = (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))).mean()

    assert float(narrow_to_broad.divergence(before, before)) == pytest.approx(0, abs=1e-6)
    assert float(narrow_to_broad.divergence(before, after)) == pytest.approx(expected, rel=1e-5)


def test_tuning_starts_from_a_network_that_knows_its_speakers():
    """Before tuning nobody answers badly as often as in pretraining, the doubtful one every other time, the good one never."""
    start = trace("narrow_to_broad").frame.query("step == 0")
    means = start[start.arm != "no-bad-speakers"].groupby("metric", observed=True).value.mean()

    assert means["bad_usual"] == pytest.approx(narrow_to_broad.CHANCE_OF_BAD[narrow_to_broad.NOBODY], abs=0.02)
    assert means["bad_doubtful"] == pytest.approx(0.5, abs=0.02)
    assert means["bad_good_speaker"] < 0.02
    assert means["distance"] == 0


def test_references_of_the_chains_are_what_a_plain_count_gives():
    """The unigram and bigram losses equal those of counting token by token, and knowing more never hurts."""
    tokens, matrix = markov_chains.chains(jax.random.key(0), 40)
    found = {k: float(v) for k, v in markov_chains.references(tokens, matrix).items()}
    k, half = markov_chains.STATES, markov_chains.LENGTH // 2
    uni, bi = [], []
    for row in np.asarray(tokens):
        for t in range(half, len(row) - 1):
            past = row[: t + 1]
            uni.append((np.sum(past == row[t + 1]) + 1) / (len(past) + k))
            same = past[1:][past[:-1] == row[t]]
            bi.append((np.sum(same == row[t + 1]) + 1) / (len(same) + k))

    assert found["loss_unigram"] == pytest.approx(-np.log(uni).mean(), abs=1e-5)
    assert found["loss_bigram"] == pytest.approx(-np.log(bi).mean(), abs=1e-5)
    assert found["loss_chain_known"] < found["loss_bigram"] < found["loss_unigram"]
    assert found["loss_uniform"] == pytest.approx(np.log(k))


def test_chains_follow_their_matrix():
    """Over many sequences the frequencies of transitions are those of the chains that made them."""
    tokens, matrix = (np.asarray(x) for x in markov_chains.chains(jax.random.key(1), 3000))
    now, after = tokens[:, 10], tokens[:, 11]
    expected = matrix[np.arange(len(now)), now]
    likely = expected.argmax(1)

    assert np.mean(after == likely) == pytest.approx(expected.max(1).mean(), abs=0.03)


def test_sharpness_is_the_largest_eigenvalue():
    """On a network small enough to write its Hessian out, power iteration finds its largest eigenvalue within 0.1 percent."""
    config = {"width": 4, "points": 30, "rate": 0.1}
    task = edge_of_stability.task(config)
    state = task.init(jax.random.key(0))
    flat, unflatten = jax.flatten_util.ravel_pytree(state["params"])

    def loss(w):
        return 0.5 * ((edge_of_stability.output(unflatten(w), state["x"]) - state["y"]) ** 2).mean()

    values = np.linalg.eigvalsh(np.asarray(jax.hessian(loss)(flat), dtype=float))
    found = float(task.measure(state)["sharpness"])

    assert found == pytest.approx(max(values, key=abs), rel=1e-3)


def test_the_language_is_what_it_says():
    """Context frequencies are those of the chain at rest, every row is a distribution, and the floor is its entropy rate."""
    chain = np.exp(scaling_grid.LOGS)

    assert np.allclose(chain.sum(1), 1)
    assert np.allclose(scaling_grid.OFTEN @ chain, scaling_grid.OFTEN, atol=1e-12)
    rows = [-(row * np.log(row)).sum() for row in chain]
    assert np.average(rows, weights=scaling_grid.OFTEN) == pytest.approx(scaling_grid.FLOOR)


def test_no_cell_of_the_grid_is_below_the_floor():
    """Every final loss lies above the entropy of the language."""
    stored = trace("scaling_grid").frame

    assert (stored.value > scaling_grid.FLOOR).all()


def test_the_ladder_follows_its_rule_and_stays_above_the_floor():
    """Every cell of the ladder trains at one and a half times the rule, along a line, and ends above the entropy."""
    stored = trace("scaling_ladder")
    cells = {name: arm for name, arm in stored.about["arms"].items() if name.startswith("width-")}

    assert len({arm["width"] for arm in cells.values()}) * len({arm["steps"] for arm in cells.values()}) == len(cells)
    for arm in cells.values():
        assert arm["rate"] == pytest.approx(1.5 * scaling_ladder.rate_of(arm["width"], arm["steps"]), abs=1e-6)
        assert scaling_ladder.SCHEDULES[arm["schedule"]] == "linear"
    ends = stored.frame[stored.frame.step > 0]
    assert (ends.value > scaling_grid.FLOOR).all()


def test_the_rule_of_step_sizes_is_that_of_the_small_models():
    """Least squares on the best step sizes of widths 4 to 16 of the grid, a parabola through three around the best."""
    runs = trace("scaling_grid")
    arms = pd.DataFrame(runs.about["arms"]).T
    arms["loss"] = runs.frame[runs.frame.step > 0].groupby("arm", observed=True).value.mean()
    rows = []
    for (width, steps), cell in arms[arms.width.between(4, 16)].groupby(["width", "steps"]):
        cell = cell.sort_values("rate")
        best = int(cell.loss.to_numpy().argmin())
        if 0 < best < len(cell) - 1:  # at an end the best lies outside what was tried
            near = cell.iloc[best - 1 : best + 2]
            bend, slope, _ = np.polyfit(np.log(near.rate), near.loss, 2)
            rows.append((1.0, np.log(width), np.log(steps), -slope / 2 / bend))
    rows = np.array(rows)
    found, *_ = np.linalg.lstsq(rows[:, :3], rows[:, 3], rcond=None)

    assert found == pytest.approx(scaling_ladder.RULE, abs=1e-3)


@pytest.mark.parametrize("kind", range(3))
def test_a_schedule_warms_up_and_ends_at_nought(kind):
    """Nought before the first step and after the last, its largest value once warm, never more."""
    schedule = scaling_ladder.schedule_of(kind, 0.1, 400)
    rates = np.array([float(schedule(step)) for step in range(401)])

    assert rates[0] == 0
    assert rates[20] == pytest.approx(0.1)
    assert rates.max() <= 0.1 + 1e-7
    assert rates[400] == pytest.approx(0, abs=1e-6)
    assert (rates[20:300] > 0.099).all() == (kind == 2)


def test_what_theories_said_of_the_ladder_follows_from_its_language():
    """The table of predictions is recomputed from the language (the counting one to its scatter)."""
    told = derived("ladder_predictions", None).set_index(["theory", "quantity"]).value
    tail = exponents.spectral_tail(scaling_grid.OFTEN, scaling_grid.LOGS)
    widths = np.array([4, 8, 16, 32, 64, 160])
    budgets = np.array([250, 1000, 8000]) * scaling_grid.BATCH
    counted = exponents.counting_excess(scaling_grid.OFTEN, scaling_grid.LOGS, budgets)

    assert told["spectrum", "width-power"] == pytest.approx(exponents.slope(widths, tail[widths]), abs=1e-3)
    for width in (32, 64, 160):
        assert told["spectrum", f"above-at-width-{width}"] == pytest.approx(tail[width], rel=1e-3)
    for budget, excess in zip(budgets, counted, strict=True):
        assert told["counting", f"above-at-{budget}-words"] == pytest.approx(excess, rel=0.02)
