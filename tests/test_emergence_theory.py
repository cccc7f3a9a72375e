"""Effective information: against its other definition, published systems, and its bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from review_utils import emergence_theory as et

_tpms = (
    st.integers(1, 6)
    .flatmap(lambda n: arrays(float, (n, n), elements=st.floats(0.01, 1)))
    .map(lambda a: a / a.sum(axis=1, keepdims=True))
)


@given(_tpms)
def test_effective_information_is_the_mean_divergence(tpm):
    """The entropy form equals the mean Kullback-Leibler divergence of rows from their mean, the other definition."""
    mean = tpm.mean(axis=0)
    divergence = np.mean([np.sum(row * np.log2(row / mean)) for row in tpm])

    assert et.effective_information(tpm).bits == pytest.approx(divergence, abs=1e-9)


@given(_tpms)
def test_effective_information_is_bounded(tpm):
    """It lies between 0 and the logarithm of the number of states, and is determinism minus degeneracy of that."""
    e = et.effective_information(tpm)

    assert 0 <= e.bits <= np.log2(len(tpm)) + 1e-9
    assert e.effectiveness * np.log2(len(tpm)) == pytest.approx(e.bits, abs=1e-9)


@pytest.mark.parametrize(
    ("gates", "bits"),
    [
        (("copy", "copy"), 2),
        (("and", "and"), 0.8113),
        (("or", "or"), 0.8113),
        (("or", "copy"), 1.5),
        (("zero", "zero"), 0),
    ],
)
def test_pairs_of_gates(gates, bits):
    """The published two-element systems (four decimals)."""
    assert et.effective_information(et.two_node(gates)).bits == pytest.approx(bits, abs=5e-5)


def test_the_noisy_and_system():
    """Hoel et al. 2013: 1.15 bits at the micro level and 1.55 at the macro level (two decimals)."""
    assert round(et.effective_information(et.noisy_and()).bits, 2) == 1.15
    assert round(et.effective_information(et.coarse_grain(et.noisy_and(), et.NOISY_AND_MACRO)).bits, 2) == 1.55
    np.testing.assert_allclose(et.noisy_and()[0, [0, 15]], [0.7**4, 0.3**4])


def test_the_best_grouping_of_the_eight_states():
    """Exact search finds the published grouping in two, worth one bit."""
    partition, bits = et.best_coarse_graining(et.eight_state())

    assert partition == ((0, 1, 2, 3, 4, 5, 6), (7,))
    assert bits == pytest.approx(1)


@pytest.mark.parametrize(("n", "bell"), [(1, 1), (2, 2), (3, 5), (4, 15), (5, 52), (6, 203), (7, 877)])
def test_all_partitions_are_tried_once(n, bell):
    """There are a Bell number of partitions, each of them different and complete."""
    found = list(et.partitions(n))

    assert len(found) == len(set(found)) == bell
    assert all(sorted(s for group in p for s in group) == list(range(n)) for p in found)


@given(_tpms)
def test_coarse_graining_keeps_probabilities(tpm):
    """Grouped rows sum to one, and grouping every state alone changes nothing."""
    alone = [[i] for i in range(len(tpm))]

    np.testing.assert_allclose(et.coarse_grain(tpm, alone), tpm)
    np.testing.assert_allclose(et.coarse_grain(tpm, [list(range(len(tpm)))]), [[1.0]])


@pytest.mark.parametrize(
    ("tpm", "named"),
    [
        ([[0.5, 0.6], [0, 1]], "row 0"),
        ([[1, 0], [-0.1, 1.1]], "row 1"),
        ([[1, 0]], "square"),
        ([[np.nan, 1], [0, 1]], "row 0"),
        ([], "square"),
    ],
)
def test_bad_tables_are_refused_with_the_row(tpm, named):
    """Rows that do not sum to one, negative entries, missing entries and tables that are not square are named."""
    with pytest.raises(ValueError, match=named):
        et.effective_information(tpm)


def test_bad_groups_gates_and_noise_are_refused():
    """A grouping that leaves out a state, an unknown gate, an impossible noise and too many states are refused."""
    with pytest.raises(ValueError, match="exactly one group"):
        et.coarse_grain(np.eye(3), [[0, 1]])
    with pytest.raises(ValueError, match="gate 'xor'"):
        et.two_node(["xor", "and"])
    with pytest.raises(ValueError, match="a probability"):
        et.noisy_and(1.5)
    with pytest.raises(ValueError, match="at most 10"):
        et.best_coarse_graining(np.eye(11))


@given(st.floats(0.1, 2), st.integers(1, 200), st.integers(0, 200))
def test_the_tail_of_quanta_is_the_sum_of_its_terms(alpha, total, learned):
    """With finitely many quanta the loss is the plain sum of the frequencies that are not learned."""
    learned = min(learned, total)
    frequencies = np.arange(1, total + 1) ** -(alpha + 1.0)

    assert float(et.zipf_quanta_loss(learned, alpha, total)) == pytest.approx(
        frequencies[learned:].sum() / frequencies.sum(), abs=1e-9
    )


@pytest.mark.parametrize("alpha", [0.2, 0.4, 0.8])
def test_the_exponents_of_quanta_are_slopes_of_the_tail(alpha):
    """Far out, the loss falls with the number learned to the power alpha, and with data to alpha / (alpha + 1)."""
    n = np.array([1e5, 1e6])
    slope = -np.diff(np.log(et.zipf_quanta_loss(n, alpha)))[0] / np.log(10)
    data = n ** (alpha + 1)  # data until the n-th quantum was used often enough
    data_slope = -np.diff(np.log(et.zipf_quanta_loss(n, alpha)))[0] / np.diff(np.log(data))[0]

    assert slope == pytest.approx(et.quanta_exponents(alpha)["parameters"], abs=1e-4)
    assert data_slope == pytest.approx(et.quanta_exponents(alpha)["data"], abs=1e-4)
    with pytest.raises(ValueError, match="alpha above 0"):
        et.zipf_quanta_loss(1, 0.0)
    with pytest.raises(ValueError, match="between 0 and all"):
        et.zipf_quanta_loss(11, 0.5, 10)
