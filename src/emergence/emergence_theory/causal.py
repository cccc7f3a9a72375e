"""Effective information, coarse-grainings, and the criteria of Rosas et al.: emergence as causal power."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emergence.shared.checks import asks, floats, number, values
from emergence.shared.fitting import Floats

Partition = tuple[tuple[int, ...], ...]


def check_tpm(tpm: ArrayLike) -> Floats:
    """Return a transition matrix as floats, or say which rows are wrong.

    Raises
    ------
    ValueError
        When it is not square, or a row has a negative entry or does not sum to 1.
    """
    matrix = floats(tpm)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise ValueError(f"given an array of shape {matrix.shape}; needed: a square matrix, one row a state")
    for i, row in enumerate(matrix):
        if not np.isfinite(row).all() or (row < 0).any():
            raise ValueError(f"row {i}: given {row}; needed: probabilities, none negative")
        if abs(row.sum() - 1) > 1e-9:
            raise ValueError(f"row {i}: given a sum of {row.sum():.6g}; needed: 1")
    return matrix


def entropy_bits(p: Floats, axis: int = -1) -> Floats:
    """Return the entropy of distributions along an axis, in bits."""
    return np.asarray(-(p * np.log2(np.where(p > 0, p, 1.0))).sum(axis=axis))


@dataclass(frozen=True)
class Effectiveness:
    """Effective information and its two parts, as shares of the most that the number of states allows."""

    bits: float
    determinism: float
    degeneracy: float

    @property
    def effectiveness(self) -> float:
        """Effective information over its maximum: determinism minus degeneracy."""
        return self.determinism - self.degeneracy


def effective_information(tpm: ArrayLike) -> Effectiveness:
    """Return the effective information of a system under uniform interventions.

    ``EI = H(mean row) - mean H(row)`` in bits.

    Parameters
    ----------
    tpm : array of shape (n, n)
        Row i holds the probabilities of the next state after state i.

    References
    ----------
    Hoel, Albantakis and Tononi 2013, doi:10.1073/pnas.1314922110.

    Examples
    --------
    >>> effective_information(np.eye(4)).bits
    2.0
    """
    matrix = check_tpm(tpm)
    most = np.log2(matrix.shape[0])
    noise = float(entropy_bits(matrix).mean())
    spread = float(entropy_bits(matrix.mean(axis=0)))
    if most == 0:
        return Effectiveness(0.0, 0.0, 0.0)
    return Effectiveness(max(spread - noise, 0.0), float((most - noise) / most), float((most - spread) / most))


def coarse_grain(tpm: ArrayLike, partition: Sequence[Sequence[int]]) -> Floats:
    """Return the transition matrix of groups of states, each group's members equally likely.

    Parameters
    ----------
    tpm : array of shape (n, n)
    partition : sequence of sequences of int
        Groups that hold every state exactly once.
    """
    matrix = check_tpm(tpm)
    groups = [list(group) if np.iterable(group) else [] for group in partition] if np.iterable(partition) else []
    if sorted((state for group in groups for state in group), key=str) != sorted(
        range(matrix.shape[0]), key=str
    ) or not all(groups):
        raise ValueError(f"given groups {partition}; needed: each of the {matrix.shape[0]} states in exactly one group")
    summed = np.stack([matrix[:, list(group)].sum(axis=1) for group in partition], axis=1)
    return np.stack([summed[list(group)].mean(axis=0) for group in partition])


def noisy_and(noise: float = 0.3) -> Floats:
    """Return the 16-state system of four noisy AND elements of Hoel et al. 2013, Fig. 2.

    Two pairs read each other: an element turns on with certainty when both elements of the other pair are
    on, and with probability `noise` otherwise. State i has the elements as its binary digits.
    """
    if not 0 <= noise <= 1:
        raise ValueError(f"noise: given {noise}; needed: a probability")
    states = np.array([[(i >> bit) & 1 for bit in (3, 2, 1, 0)] for i in range(16)])
    on = np.empty((16, 4))
    on[:, :2] = np.where(states[:, 2:].all(axis=1), 1.0, noise)[:, None]
    on[:, 2:] = np.where(states[:, :2].all(axis=1), 1.0, noise)[:, None]
    terms = np.where(states[None, :, :] == 1, on[:, None, :], 1 - on[:, None, :])
    return np.asarray(terms.prod(axis=2))


NOISY_AND_MACRO: Partition = tuple(
    tuple(i for i in range(16) if ((i >> 2) == 3, (i & 3) == 3) == macro)
    for macro in ((False, False), (False, True), (True, False), (True, True))
)
"""The published macro level of `noisy_and`: a pair counts as on when both of its elements are."""


def eight_state() -> Floats:
    """Return the eight-state system of Hoel et al. 2013: seven states uniform among themselves, one fixed."""
    tpm = np.zeros((8, 8))
    tpm[:7, :7] = 1 / 7
    tpm[7, 7] = 1
    return tpm


def two_node(gates: Sequence[str]) -> Floats:
    """Return the 4-state system of two elements that each apply a gate to the pair.

    Parameters
    ----------
    gates : sequence of two of ``copy``, ``and``, ``or``, ``zero``
        What each element does next; ``copy`` copies the other element.
    """
    if len(gates) != 2:
        raise ValueError(f"given {len(gates)} gates; needed: two")
    tpm = np.zeros((4, 4))
    for i in range(4):
        pair = (i >> 1, i & 1)
        table = {"and": [min(pair)] * 2, "or": [max(pair)] * 2, "copy": [pair[1], pair[0]], "zero": [0, 0]}
        try:
            new = [table[gate][element] for element, gate in enumerate(gates)]
        except KeyError as error:
            raise ValueError(f"gate {error}; needed: one of {', '.join(table)}") from None
        tpm[i, 2 * new[0] + new[1]] = 1
    return tpm


def klein_hoel_network() -> Floats:
    """Return the five-node network with which Klein and Hoel 2020 explain effective information."""
    return np.array(
        [
            [0, 0, 0, 1 / 2, 1 / 2],
            [1 / 3, 0, 1 / 3, 1 / 3, 0],
            [0, 1 / 2, 0, 1 / 2, 0],
            [0, 0, 0, 0, 1],
            [1 / 2, 0, 0, 1 / 2, 0],
        ]
    )


MOST_STATES = 11
"""States up to which every grouping is tried: 678,570 of them; with one more there are four million."""


@asks(n=number(low=1, high=11, whole=True))
def coarse_grainings(n: int) -> NDArray[np.int8]:
    """Return every grouping of n states, a Bell number of them.

    Returns
    -------
    array of shape (groupings, n)
        The group of each state; groups are numbered in the order of their first states.
    """
    if not 1 <= n <= MOST_STATES:
        raise ValueError(
            f"given {n} states; needed: 1 to {MOST_STATES}, since the groupings of more are too many to try"
        )
    grown = np.zeros((1, 1), dtype=np.int8)
    for _ in range(n - 1):
        choices = grown.max(axis=1) + 2  # an old group, or a new one
        rows = np.repeat(grown, choices, axis=0)
        new = np.arange(len(rows)) - np.repeat(np.cumsum(choices) - choices, choices)
        grown = np.concatenate([rows, new[:, None].astype(np.int8)], axis=1)
    return grown


@asks(groups=values(whole=True))
def as_partition(groups: ArrayLike) -> Partition:
    """Return the groups of states that a vector of group numbers stands for."""
    numbers = np.asarray(groups)
    return tuple(tuple(int(i) for i in np.flatnonzero(numbers == g)) for g in np.unique(numbers))


@cache
def sets_of_states(n: int) -> tuple[NDArray[np.int8], list[tuple[NDArray[np.intp], NDArray[np.intp]]]]:
    """Return all groupings of n states, and for each number of groups which have it and what their groups are.

    Returns
    -------
    every : array of shape (groupings, n)
        See `coarse_grainings`.
    by_count : list of (places, sets)
        Places in `every`, and sets of shape (groups, groupings): each a number with one bit for each state.
    """
    every = coarse_grainings(n)
    every.flags.writeable = False  # kept for the next chain of as many states
    last, by_count = every.max(axis=1), []
    for count in range(1, n + 1):
        at = np.flatnonzero(last == count - 1)
        states = np.arange(count)[:, None, None] == every[at].T
        by_count.append((at, (states * (2 ** np.arange(n))[:, None]).sum(axis=1)))
    return every, by_count


def members_of(n: int) -> Floats:
    """Return which of n states are in each set of states, as 0 or 1: (sets, states), the sets by their numbers."""
    return np.asarray(np.arange(2**n)[:, None] >> np.arange(n) & 1, dtype=float)


def of_pairs(table: Floats, sets: NDArray[np.intp]) -> Floats:
    """Return what a table of all pairs of sets says of each two groups of each grouping: (groups, groups, groupings)."""
    return np.asarray(table.ravel()[sets[:, None] * len(table) + sets])


def macro_bits(macro: Floats) -> Floats:
    """Return the effective information of many chains (states, states, chains)."""
    noise = entropy_bits(macro, axis=1).mean(axis=0)
    return np.asarray(entropy_bits(macro.mean(axis=0), axis=0) - noise)


def best_coarse_graining(tpm: ArrayLike) -> tuple[Partition, float]:
    """Return the grouping with the most effective information, by exact search, and that information in bits.

    Every grouping is tried; among equals, to a billionth of a bit, the one with the most groups wins.

    Parameters
    ----------
    tpm : array of shape (n, n)
        With n up to `MOST_STATES`; for more see `greedy_coarse_graining`.
    """
    matrix = check_tpm(tpm)
    every, by_count = sets_of_states(len(matrix))
    members = members_of(len(matrix))
    # A group's row is the mean of its states': the chance to go from one set of states to another, looked up.
    moves = members @ matrix @ members.T / np.maximum(members.sum(axis=1, keepdims=True), 1)
    best, bits = np.arange(len(matrix)), effective_information(matrix).bits
    for at, sets in reversed(by_count[:-1]):
        for start in range(0, len(at), 20_000):
            found = macro_bits(of_pairs(moves, sets[:, start : start + 20_000]))
            top = int(found.argmax())
            if found[top] > bits + 1e-9:
                best, bits = every[at[start + top]], float(found[top])
    return as_partition(best), float(bits)


def greedy_coarse_graining(tpm: ArrayLike) -> tuple[Partition, float]:
    """Return a grouping with much effective information, by merging two groups at a time, and its bits.

    At each step the pair is merged that leaves the most effective information, also where that is less than before;
    the best grouping on the way is returned. It need not be the best of all: `best_coarse_graining` is exact.

    Parameters
    ----------
    tpm : array of shape (n, n)
        A few hundred states at most: the work grows with the fourth power of their number.
    """
    matrix = check_tpm(tpm)
    groups: list[list[int]] = [[i] for i in range(len(matrix))]
    macro, size = matrix.copy(), np.ones(len(matrix))
    best, bits = [list(g) for g in groups], effective_information(matrix).bits
    while len(groups) > 2:
        found, (first, second) = _best_merge(macro, size)
        macro, size = _merged(macro, size, first, second)
        groups[first] += groups.pop(second)
        if found > bits + 1e-9:
            best, bits = [sorted(g) for g in groups], found
    return tuple(sorted(tuple(g) for g in best)), float(bits)


def _merged(macro: Floats, size: Floats, a: int, b: int) -> tuple[Floats, Floats]:
    row = (size[a] * macro[a] + size[b] * macro[b]) / (size[a] + size[b])
    macro = np.delete(macro, b, axis=0)
    macro[a] = row
    macro[:, a] += macro[:, b]
    size = size.copy()
    size[a] += size[b]
    return np.delete(macro, b, axis=1), np.delete(size, b)


def _plogp(p: Floats) -> Floats:
    """Return p log2 p, with 0 for 0 and for the dust below it that subtraction leaves."""
    return np.asarray(np.log2(np.maximum(p, 1e-300)) * np.maximum(p, 0.0))


def _best_merge(macro: Floats, size: Floats) -> tuple[float, tuple[int, int]]:
    """Return the most effective information that one merge leaves, and which two groups it merges."""
    k = len(macro)
    single = _plogp(macro)
    totals, by_row = macro.sum(axis=0), single.sum(axis=1)
    best, pair = -np.inf, (0, 1)
    for a in range(k - 1):
        b = np.arange(a + 1, k)
        share = (size[b] / (size[a] + size[b]))[:, None]
        row = (1 - share) * macro[a] + share * macro[b]  # the merged rows
        both = macro[:, a : a + 1] + macro[:, b]  # each row's chance of the merged group
        change = _plogp(both) - single[:, a : a + 1] - single[:, b]
        at = np.arange(len(b))
        kept = by_row.sum() + change.sum(axis=0)
        kept = kept - (by_row[a] + change[a]) - (by_row[b] + change[b, at])
        to_both = row[:, a] + row[at, b]
        in_row = _plogp(row)
        kept = kept + in_row.sum(axis=1) - in_row[:, a] - in_row[at, b] + _plogp(to_both)
        mean = (totals - macro[a] - macro[b] + row) / (k - 1)
        in_mean = _plogp(mean)
        spread = in_mean.sum(axis=1) - in_mean[:, a] - in_mean[at, b] + _plogp(mean[:, a] + mean[at, b])
        bits = kept / (k - 1) - spread
        i = int(bits.argmax())
        if bits[i] > best + 1e-12:
            best, pair = float(bits[i]), (a, int(b[i]))
    return best, pair


@dataclass(frozen=True)
class Criteria:
    """The three quantities of Rosas et al. 2020, in bits.

    ``psi`` above 0 is enough for causal emergence, ``delta`` above 0 for downward causation, and ``psi`` above 0 with
    ``gamma`` 0 for causal decoupling. The converses fail.
    """

    psi: float
    delta: float
    gamma: float


def mutual_information(joint: ArrayLike) -> float:
    """Return the mutual information, in bits, of two variables with a joint distribution of shape (a, b)."""
    p = floats(joint)
    if p.ndim != 2 or not (p >= 0).all() or not abs(p.sum() - 1) <= 1e-9:
        raise ValueError(f"given a table of shape {p.shape} with sum {p.sum():.6g}; needed: probabilities with sum 1")
    return float(entropy_bits(p.sum(axis=1)) + entropy_bits(p.sum(axis=0)) - entropy_bits(p.ravel()))


def causal_emergence_criteria(joint: ArrayLike, parts: ArrayLike, macro: ArrayLike) -> Criteria:
    """Return the criteria of causal emergence for a macroscopic variable of a system of parts.

    Parameters
    ----------
    joint : array of shape (states, states)
        Probability of a state and its successor; sum 1.
    parts : array of shape (states, n)
        The value of each part in each state. Values are labels: -1 and 1, 0.25 and 0.5, or "on" and "off" do as well.
    macro : array of shape (states,)
        The label of the macroscopic variable in each state.

    References
    ----------
    Rosas et al. 2020, doi:10.1371/journal.pcbi.1008289.
    """
    p = floats(joint)
    if np.ma.is_masked(parts) or np.ma.is_masked(macro):
        raise ValueError("parts, macro: given masked labels; needed: a label for each state")
    x, v = np.asarray(parts), np.asarray(macro)
    square = p.ndim == 2 and p.shape[0] == p.shape[1]
    if not square or x.ndim != 2 or x.shape[1] < 1 or v.ndim != 1 or not len(p) == len(x) == len(v):
        raise ValueError(
            f"given shapes {p.shape}, {x.shape} and {v.shape}; needed: a square table, and parts and a macroscopic value for each of its states"
        )
    mutual_information(p)  # says what is wrong with the probabilities

    numbered = _labels(v, "macro")
    columns = [_labels(column, f"part {i}") for i, column in enumerate(x.T)]

    def shared(before: NDArray[np.int_], after: NDArray[np.int_]) -> float:
        table = np.zeros((before.max() + 1, after.max() + 1))
        np.add.at(table, (before[:, None], after[None, :]), p)
        return mutual_information(table)

    psi = shared(numbered, numbered) - sum(shared(part, numbered) for part in columns)
    delta = max(shared(numbered, part) - sum(shared(other, part) for other in columns) for part in columns)
    return Criteria(psi, delta, max(shared(numbered, part) for part in columns))


def _labels(values: NDArray[Any], name: str) -> NDArray[np.int_]:
    """Return labels as whole numbers from 0, equal where the labels are equal."""
    if values.dtype.kind in "fc" and not np.isfinite(values).all():
        raise ValueError(f"{name}: given a label that is missing or not finite; needed: a label for each state")
    return np.asarray(np.unique(values, return_inverse=True)[1], dtype=int).ravel()


def xor_system() -> tuple[Floats, NDArray[np.int_], NDArray[np.int_]]:
    """Return the joint law, parts and macroscopic variable of Rosas' case of downward causation.

    The first part becomes the exclusive or of both, the second is random; the exclusive or is the macro variable.
    """
    parts = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    parity = parts[:, 0] ^ parts[:, 1]
    return np.where(parts[None, :, 0] == parity[:, None], 1 / 8, 0.0), parts, parity


@asks(parts=number(low=1, high=10, whole=True))
def parity_system(kept: float = 0.99, parts: int = 2) -> tuple[Floats, NDArray[np.int_], NDArray[np.int_]]:
    """Return the joint law, parts and macroscopic variable of Rosas' case of causal decoupling.

    The parity of all parts is kept with the chance `kept`; beyond that every state is equally likely.
    """
    if not 0 <= kept <= 1 or parts < 2:
        raise ValueError(f"given {kept} and {parts} parts; needed: a chance, and at least 2 parts")
    states = (np.arange(2**parts)[:, None] >> np.arange(parts)) & 1
    parity = states.sum(axis=1) % 2
    same = parity[:, None] == parity[None, :]
    return np.where(same, kept, 1 - kept) / (len(states) ** 2 / 2), states, parity
