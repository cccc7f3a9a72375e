"""Theories of emergence as things one can compute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import zeta

from .fitting import Floats

Partition = tuple[tuple[int, ...], ...]


def check_tpm(tpm: ArrayLike) -> Floats:
    """Return a transition matrix as floats, or say which rows are wrong.

    Raises
    ------
    ValueError
        When it is not square, or a row has a negative entry or does not sum to 1.
    """
    matrix = np.asarray(tpm, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise ValueError(f"given an array of shape {matrix.shape}; needed: a square matrix, one row a state")
    for i, row in enumerate(matrix):
        if not np.isfinite(row).all() or (row < 0).any():
            raise ValueError(f"row {i}: given {row}; needed: probabilities, none negative")
        if abs(row.sum() - 1) > 1e-9:
            raise ValueError(f"row {i}: given a sum of {row.sum():.6g}; needed: 1")
    return matrix


def _entropy_bits(p: Floats) -> Floats:
    positive = np.where(p > 0, p, 1.0)
    return np.asarray(-(p * np.log2(positive)).sum(axis=-1))


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
    noise = float(_entropy_bits(matrix).mean())
    spread = float(_entropy_bits(matrix.mean(axis=0)))
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
    states = sorted(state for group in partition for state in group)
    if states != list(range(matrix.shape[0])) or not all(partition):
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


def partitions(n: int) -> Iterator[Partition]:
    """Yield every partition of n states (a Bell number of them), as groups in order of their first state."""

    def grow(i: int, groups: list[list[int]]) -> Iterator[Partition]:
        if i == n:
            yield tuple(tuple(group) for group in groups)
            return
        for group in groups:
            group.append(i)
            yield from grow(i + 1, groups)
            group.pop()
        groups.append([i])
        yield from grow(i + 1, groups)
        groups.pop()

    yield from grow(0, [])


def best_coarse_graining(tpm: ArrayLike) -> tuple[Partition, float]:
    """Return the grouping with the most effective information, by exact search, and that information in bits.

    Meant for up to about ten states; ties go to the finer grouping found first.
    """
    matrix = check_tpm(tpm)
    n = matrix.shape[0]
    if n > 10:
        raise ValueError(f"given {n} states; needed: at most 10, since the groupings of more are too many to try")
    best: tuple[Partition, float] = (tuple((i,) for i in range(n)), effective_information(matrix).bits)
    for partition in partitions(n):
        bits = effective_information(coarse_grain(matrix, partition)).bits
        if bits > best[1] + 1e-12:
            best = (partition, bits)
    return best


def zipf_quanta_loss(learned: ArrayLike, alpha: float, total: int | None = None) -> Floats:
    """Return the loss left when the most used quanta are learned, in units of the loss of one quantum.

    Quantum k is used with a frequency proportional to ``k**-(alpha + 1)``; the loss is the frequency of those
    not yet learned (Michaud et al. 2023, arXiv:2303.13506).

    Parameters
    ----------
    learned : array
        Numbers of quanta learned, not negative.
    alpha : float
        Positive.
    total : int, optional
        How many quanta there are; default is no end of them.

    Examples
    --------
    >>> float(zipf_quanta_loss(0, 0.4))
    1.0
    """
    n = np.asarray(learned, dtype=float)
    if alpha <= 0 or not (np.isfinite(n) & (n >= 0)).all() or (total is not None and (n > total).any()):
        raise ValueError(
            f"given {learned!r}, alpha {alpha}; needed: alpha above 0, and between 0 and all quanta learned"
        )
    beyond = 0.0 if total is None else zeta(alpha + 1, total + 1)
    return np.asarray((zeta(alpha + 1, n + 1) - beyond) / (zeta(alpha + 1, 1) - beyond))


def quanta_exponents(alpha: float) -> dict[str, float]:
    """Return the exponents that the theory of quanta predicts for the loss.

    Parameters learn quanta in proportion; data and steps learn quantum k once it was used often enough.

    Returns
    -------
    dict
        ``parameters``: alpha; ``data`` and ``steps``: alpha / (alpha + 1).
    """
    return {"parameters": alpha, "data": alpha / (alpha + 1), "steps": alpha / (alpha + 1)}
