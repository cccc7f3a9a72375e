"""The second version of causal emergence: its published examples, and what follows from its definitions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emergence.emergence_theory.causal import coarse_grain, effective_information
from emergence.emergence_theory.scales import MOST_SCALED, scales_of, singular_gain


def two_classes(kept: float) -> np.ndarray:
    """Two classes of four states: within one's class with the chance `kept`, all its members alike."""
    own, other = np.full((4, 4), kept / 4), np.full((4, 4), (1 - kept) / 4)
    return np.block([[own, other], [other, own]])


def four_that_look_alike() -> np.ndarray:
    """Four states in a cycle, and four that lead to each other alike (Fig. 2 of the paper)."""
    tpm = np.zeros((8, 8))
    tpm[[0, 1, 2, 3], [1, 2, 3, 0]] = 1
    tpm[4:, 4:] = 0.25
    return tpm


def test_the_example_with_one_coarse_state():
    """Printed: a power of 0.66 for the states (two thirds) and 1 for the macroscale, so that 0.33 is gained."""
    found = scales_of(four_that_look_alike()).emergence()

    assert found.scales.micro == pytest.approx(2 / 3)
    assert found.total == pytest.approx(1 / 3)
    assert found.path[-1] == ((0,), (1,), (2,), (3,), (4, 5, 6, 7))


def test_the_example_without_middle_scales():
    """Printed in section 4: 0.14 at the states, 0.41 in all, 0.18 at the last step, a complexity of 1.67 bits, and 0.61.

    The chance to stay within a class is not printed; 6 in 7 is the simple fraction that gives the first, second and last
    of these numbers, and the two others follow from the path.
    """
    found = scales_of(two_classes(6 / 7)).emergence()

    assert found.scales.micro == pytest.approx(0.14, abs=0.005)
    assert found.scales.micro + found.total == pytest.approx(0.41, abs=0.005)
    assert found.gains[-1] == pytest.approx(0.18, abs=0.005)
    assert found.complexity == pytest.approx(1.67, abs=0.005)
    assert singular_gain(two_classes(6 / 7)) == pytest.approx(0.61, abs=0.005)
    assert found.path[-1] == ((0, 1, 2, 3), (4, 5, 6, 7))
    assert len(found.path) == 7


def test_the_example_that_the_older_measure_misses():
    """Two closed classes: effective information is the same at both levels, causal power rises from a third to one."""
    tpm = two_classes(1.0)
    found = scales_of(tpm).emergence()
    coarse = coarse_grain(tpm, found.path[-1])

    assert effective_information(coarse).bits == pytest.approx(effective_information(tpm).bits)
    assert found.total == pytest.approx(2 / 3)
    # Printed: the singular values give just the gain in sufficiency plus necessity, here 1 less (1/4 + 25/28 - 1).
    assert singular_gain(tpm) == pytest.approx(1 - (1 / 4 + (1 - 3 / 28) - 1))


def test_no_grouping_of_a_generic_chain_keeps_its_dynamics():
    """Of a chain of real numbers drawn at random only the states and the single group are consistent: nothing is gained."""
    found = scales_of(np.random.default_rng(3).dirichlet(np.ones(6), 6)).emergence()

    assert found.consistent == 2
    assert found.total == 0
    assert found.complexity == 0


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 6))
def test_powers_are_shares_and_agree_with_the_older_measure(seed, n):
    """The power of every grouping lies in [0, 1] and is the effectiveness of the coarse chain, found grouping by grouping."""
    tpm = np.random.default_rng(seed).dirichlet(np.full(n, 0.4), n)
    scales = scales_of(tpm)

    assert ((scales.power > -1e-12) & (scales.power < 1 + 1e-12)).all()
    for place in np.random.default_rng(seed).choice(len(scales.power), 3):
        partition = [np.flatnonzero(scales.groups[place] == g).tolist() for g in range(scales.sizes[place])]
        alone = effective_information(coarse_grain(tpm, partition)).effectiveness
        assert scales.power[place] == pytest.approx(alone if len(partition) > 1 else 0.0, abs=1e-9)


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), slack=st.sampled_from([0.0, 0.001, 0.1, np.inf]))
def test_a_path_is_a_chain_of_mergers(seed, slack):
    """It starts at the states, each grouping refines the next, its gains add to the total, and none is below zero in sum."""
    tpm = np.random.default_rng(seed).dirichlet(np.full(5, 0.5), 5)
    found = scales_of(tpm).emergence(slack)

    assert found.path[0] == tuple((i,) for i in range(5))
    for fine, coarse in pairwise(found.path):
        assert all(any(set(group) <= set(other) for other in coarse) for group in fine)
    assert found.total >= 0
    assert 0 <= found.complexity <= np.log2(max(len(found.gains), 1)) + 1e-9


def test_more_slack_never_takes_a_scale_away():
    """The number of scales that count, and the gain, grow with the slack."""
    scales = scales_of(np.random.default_rng(1).dirichlet(np.full(6, 0.5), 6))
    found = [scales.emergence(slack) for slack in (0, 1e-3, 1e-2, 1e-1, np.inf)]

    assert [f.consistent for f in found] == sorted(f.consistent for f in found)
    assert all(a.total <= b.total + 1e-12 for a, b in pairwise(found))
    assert found[-1].consistent == len(scales.power)


def test_walkers_agree_with_a_loop():
    """The inconsistency is the mean divergence of walkers, counted here state by state and step by step."""
    tpm = np.random.default_rng(5).dirichlet(np.ones(4), 4)
    scales = scales_of(tpm)
    place = int(np.flatnonzero((scales.groups == [0, 0, 1, 2]).all(axis=1))[0])
    member = np.eye(3)[[0, 0, 1, 2]]
    macro = coarse_grain(tpm, [[0, 1], [2], [3]])
    total = 0.0
    for start in range(4):
        fine, coarse = np.eye(4)[start], member[start]
        for _ in range(5):
            fine, coarse = fine @ tpm, coarse @ macro
            p = fine @ member
            total += float((p * np.log2(p / coarse)).sum())

    assert scales.inconsistency[place] == pytest.approx(total / 20)


@pytest.mark.parametrize(
    ("tpm", "needed"),
    [
        (np.eye(1), "2 to"),
        (np.eye(MOST_SCALED + 1), "2 to"),
        ([[0.5, 0.4], [0.5, 0.5]], "needed: 1"),
        ([[np.nan, 1], [0, 1]], "probabilities"),
        (np.zeros((0, 0)), "square"),
    ],
)
def test_what_is_no_chain_is_refused(tpm, needed):
    """Too few or too many states, rows that do not sum to one, no numbers."""
    with pytest.raises(ValueError, match=needed):
        scales_of(tpm)


@pytest.mark.parametrize("slack", [-1.0, np.nan])
def test_a_slack_that_is_none_is_refused(slack):
    """Negative, or not a number."""
    with pytest.raises(ValueError, match="slack"):
        scales_of(np.eye(3)).emergence(slack)


def test_a_single_state_has_no_second_singular_value():
    """Refused, with what is needed."""
    with pytest.raises(ValueError, match="at least 2"):
        singular_gain(np.eye(1))
