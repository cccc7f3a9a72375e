"""Effective information: against its other definition, published systems, and its bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emergence.emergence_theory import causal as et

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
    """Hoel et al. 2013: 1.15 bits at the micro level, 1.55 at the macro level, and so a gain of 0.40 (two decimals)."""
    micro = et.effective_information(et.noisy_and()).bits
    macro = et.effective_information(et.coarse_grain(et.noisy_and(), et.NOISY_AND_MACRO)).bits
    assert (round(micro, 2), round(macro, 2), round(macro - micro, 2)) == (1.15, 1.55, 0.40)
    np.testing.assert_allclose(et.noisy_and()[0, [0, 15]], [0.7**4, 0.3**4])


def test_the_best_grouping_of_the_eight_states():
    """Exact search finds the published grouping in two, worth one bit."""
    partition, bits = et.best_coarse_graining(et.eight_state())

    assert partition == ((0, 1, 2, 3, 4, 5, 6), (7,))
    assert bits == pytest.approx(1)


@pytest.mark.parametrize(("n", "bell"), [(1, 1), (2, 2), (3, 5), (4, 15), (5, 52), (7, 877), (10, 115_975)])
def test_all_groupings_are_tried_once(n, bell):
    """There are a Bell number of groupings, each of them different, with groups numbered as they first appear."""
    found = et.coarse_grainings(n)

    assert found.shape == (bell, n)
    assert len(np.unique(found, axis=0)) == bell
    most = np.maximum.accumulate(found, axis=1)
    assert (found[:, 0] == 0).all()
    assert (np.diff(most, axis=1) <= 1).all()


@given(_tpms)
@settings(max_examples=30)
def test_exact_search_is_the_best_of_all(tpm):
    """The search finds what trying every grouping one by one finds (1e-9 bits), and greedy merging no more."""
    every = [et.as_partition(groups) for groups in et.coarse_grainings(len(tpm))]
    best = max(et.effective_information(et.coarse_grain(tpm, p)).bits for p in every)
    partition, bits = et.best_coarse_graining(tpm)

    assert bits == pytest.approx(best, abs=1e-9)
    assert et.effective_information(et.coarse_grain(tpm, partition)).bits == pytest.approx(bits, abs=1e-9)
    greedy, found = et.greedy_coarse_graining(tpm)
    assert et.effective_information(et.coarse_grain(tpm, greedy)).bits == pytest.approx(found, abs=1e-9)
    assert found <= bits + 1e-9


def test_one_merge_is_the_best_of_all_pairs():
    """The formula for a merge gives what grouping and measuring each pair gives, also for groups of unequal size."""
    rng = np.random.default_rng(0)
    macro, size = rng.dirichlet(np.ones(6) * 0.4, 6), rng.integers(1, 9, 6).astype(float)
    found, (a, b) = et._best_merge(macro, size)
    by_hand = {}
    for i in range(6):
        for j in range(i + 1, 6):
            by_hand[i, j] = et.effective_information(et._merged(macro, size, i, j)[0]).bits

    assert (a, b) == max(by_hand, key=by_hand.get)
    assert found == pytest.approx(max(by_hand.values()), abs=1e-12)


def test_greedy_merging_finds_planted_groups():
    """On 60 states made of three unequal groups, merging finds the groups, which exact search cannot try."""
    rng = np.random.default_rng(1)
    group = np.repeat([0, 1, 2], [40, 15, 5])
    large = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])
    tpm = large[group][:, group] / np.bincount(group)[group]
    order = rng.permutation(60)
    partition, bits = et.greedy_coarse_graining(tpm[np.ix_(order, order)])

    assert bits == pytest.approx(np.log2(3))
    assert all(len({group[order[i]] for i in p}) == 1 for p in partition)


def test_an_independent_implementation_agrees():
    """PyPhi 1.2.0 gives its noisy-AND network 1.14857938049737 bits (`macro.effective_info`), and so do we.

    That release needs an older Python, so that its result stands here and not its code.
    """
    assert et.effective_information(et.noisy_and()).bits == pytest.approx(1.1485793804973707, abs=1e-12)


def test_the_network_of_klein_and_hoel():
    """Their five nodes have 1.158 bits, as their notebook prints."""
    assert round(et.effective_information(et.klein_hoel_network()).bits, 3) == 1.158


def test_the_systems_of_rosas():
    """The authors' tests: (0, 1, 1) for the exclusive or, (1 - H(0.99), 0, 0) for the kept parity, of four parts too."""
    kept = 1 + 0.99 * np.log2(0.99) + 0.01 * np.log2(0.01)
    for system, expected in (
        (et.xor_system(), (0, 1, 1)),
        (et.parity_system(), (kept, 0, 0)),
        (et.parity_system(parts=4), (kept, 0, 0)),
    ):
        found = et.causal_emergence_criteria(*system)
        assert (found.psi, found.delta, found.gamma) == pytest.approx(expected, abs=1e-12)
        assert system[0].sum() == pytest.approx(1)
    assert round(et.causal_emergence_criteria(*et.parity_system(0.99)).psi, 4) == 0.9192  # as their tests print it


@pytest.mark.parametrize(
    "relabel",
    [
        lambda v: 2 * v - 1,
        lambda v: v / 4 + 0.25,
        lambda v: -3 * v,
        lambda v: 7 * v + 1000,
        lambda v: np.where(v == 1, "on", "off"),
        lambda v: v.astype(bool),
    ],
)
def test_labels_are_names(relabel):
    """Criteria do not change when states are called -1 and 1, fractions, large numbers or words instead of 0 and 1."""
    for joint, parts, macro in (et.xor_system(), et.parity_system(), et.parity_system(0.7, parts=3)):
        plain = et.causal_emergence_criteria(joint, parts, macro)
        for found in (
            et.causal_emergence_criteria(joint, relabel(parts), relabel(macro)),
            et.causal_emergence_criteria(joint, parts, relabel(macro)),
        ):
            assert (found.psi, found.delta, found.gamma) == pytest.approx((plain.psi, plain.delta, plain.gamma))


def test_independent_variables_share_nothing():
    """Mutual information is none for independent variables and the entropy for equal ones."""
    p = np.array([0.5, 0.25, 0.25])

    assert et.mutual_information(np.outer(p, p)) == pytest.approx(0, abs=1e-12)
    assert et.mutual_information(np.diag(p)) == pytest.approx(1.5)


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
    with pytest.raises(ValueError, match="at most 11"):
        et.best_coarse_graining(np.eye(12))
    with pytest.raises(ValueError, match="sum 1"):
        et.mutual_information([[0.5, 0.6]])
    with pytest.raises(ValueError, match="parts and a macroscopic value"):
        et.causal_emergence_criteria(np.eye(2) / 2, [[0], [1]], [0, 1, 1])
    with pytest.raises(ValueError, match="at least 2 parts"):
        et.parity_system(parts=1)
    joint, parts, macro = et.xor_system()
    with pytest.raises(ValueError, match="part 1: given a label that is missing"):
        et.causal_emergence_criteria(joint, np.where([[False, True]], np.nan, parts), macro)
    with pytest.raises(ValueError, match="parts and a macroscopic value"):
        et.causal_emergence_criteria(joint, np.empty((4, 0)), macro)
    with pytest.raises(ValueError, match="sum nan"):
        et.mutual_information([[np.nan, 1.0]])
