"""Layers that the lab's models share."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax

from emergence_lab.layers import attend, attention_only, attention_weights, cross_entropy, descend, run_attention_only


def test_attention_looks_back_only():
    """Changing a later token changes no earlier output; the pattern's rows sum to 1."""
    head = attention_weights(jax.random.key(0), 8, 6)
    x = jax.random.normal(jax.random.key(1), (2, 6, 8))
    changed = x.at[:, 4].add(1.0)
    (out, pattern), (other, _) = attend(head, x), attend(head, changed)

    assert np.allclose(out[:, :4], other[:, :4], atol=1e-6)
    assert not np.allclose(out[:, 4:], other[:, 4:], atol=1e-3)
    assert np.allclose(pattern.sum(-1), 1.0, atol=1e-6)


def test_attention_equals_a_plain_loop():
    """The head's output equals softmax attention written out place by place."""
    head = attention_weights(jax.random.key(2), 4, 5)
    head["bias"] = jnp.arange(5.0) / 3
    x = np.asarray(jax.random.normal(jax.random.key(3), (1, 5, 4)), dtype=float)
    w = {name: np.asarray(value, dtype=float) for name, value in head.items()}
    out = np.zeros((5, 4))
    for i in range(5):
        scores = np.array([(x[0, i] @ w["q"]) @ (x[0, j] @ w["k"]) / 2 + w["bias"][i - j] for j in range(i + 1)])
        weight = np.exp(scores) / np.exp(scores).sum()
        out[i] = sum(a * (x[0, j] @ w["v"]) for j, a in enumerate(weight)) @ w["o"]

    assert np.allclose(attend(head, jnp.asarray(x, dtype=jnp.float32))[0][0], out, atol=1e-5)


def test_one_pattern_for_each_layer():
    """An attention-only model returns logits of its tokens and one pattern a layer."""
    params = attention_only(jax.random.key(0), 7, 8, 2, 5)
    logits, patterns = run_attention_only(params, jnp.zeros((3, 5), dtype=int))

    assert logits.shape == (3, 5, 7)
    assert [p.shape for p in patterns] == [(3, 5, 5)] * 2


def test_cross_entropy_of_even_odds():
    """The cross-entropy of even logits is the logarithm of the number of classes."""
    assert np.allclose(cross_entropy(jnp.zeros((2, 10)), jnp.array([1, 7])), np.log(10))


def test_descend_is_a_gradient_step():
    """One step of plain gradient descent on x squared multiplies x by 1 - 2 * rate."""
    optimiser = optax.sgd(0.1)
    params = {"x": jnp.array(3.0)}
    state = descend(optimiser, lambda p: p["x"] ** 2, {"params": params, "opt": optimiser.init(params)})

    assert np.isclose(state["params"]["x"], 3.0 * 0.8)
