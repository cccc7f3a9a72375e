"""The second version of causal emergence: what each scale of a Markov chain adds, along a path of coarse-grainings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emergence.emergence_theory.causal import (
    Partition,
    as_partition,
    check_tpm,
    entropy_bits,
    macro_bits,
    members_of,
    of_pairs,
    sets_of_states,
)
from emergence.shared.fitting import Floats

WALK = 5
"""Steps over which a coarse description must predict the same as the fine one."""

MOST_SCALED = 9
"""States up to which every scale is tried: 21,147 groupings, each walked from every state."""

EXACT = 1e-9
"""Bits a step that rounding alone can make of an inconsistency that is none."""


@dataclass(frozen=True)
class Scales:
    """Every grouping of the states of a chain, with what it says of causes and whether it keeps the dynamics.

    Parameters
    ----------
    groups : array of shape (groupings, n)
        The group of each state; groups are numbered in the order of their first states.
    power : array of shape (groupings,)
        Determinism plus specificity less one, from 0 to 1; a single group has none.
    inconsistency : array of shape (groupings,)
        Bits a step by which walkers on the coarse chain depart from those on the fine one, averaged over all states to
        start from and the first `WALK` steps. Infinite where the coarse chain excludes what the fine one does.
    """

    groups: NDArray[np.int8]
    power: Floats
    inconsistency: Floats

    @cached_property
    def sizes(self) -> NDArray[np.int_]:
        """The number of groups of each grouping."""
        return np.asarray(self.groups.max(axis=1) + 1, dtype=int)

    @cached_property
    def micro(self) -> float:
        """The causal power of the states themselves."""
        return float(self.power[self.sizes == self.groups.shape[1]][0])

    def best(self, slack: float = EXACT) -> int:
        """Return the place of the consistent grouping of the greatest power, of the most groups among equals.

        Parameters
        ----------
        slack : float
            The greatest inconsistency that a scale may have, bits a step; the theory allows none.

        Raises
        ------
        ValueError
            For a slack that is negative or no number.
        """
        fit = self._consistent(slack)
        ends = fit[self.power[fit] >= self.power[fit].max() - 1e-12]
        return int(ends[self.sizes[ends].argmax()])

    def _consistent(self, slack: float) -> NDArray[np.intp]:
        if not slack >= 0:
            raise ValueError(f"slack: given {slack}; needed: bits a step, none negative")
        return np.flatnonzero(self.inconsistency <= max(slack, EXACT))

    def emergence(self, slack: float = EXACT) -> Emergence:
        """Return what the consistent scales add to the states, along a path that ends at the best of them.

        The path is the longest through consistent groupings, each a merger within the next. The theory leaves open which
        of several longest ways is meant; here it is the one that loses least on the way, and among those the most even.

        Parameters
        ----------
        slack : float
            As for `best`.

        References
        ----------
        Hoel 2025, arXiv:2503.13395v3, sections 3 and 4 and appendix S2.
        """
        fit, end = self._consistent(slack), self.best(slack)
        within = fit[_refines(self.groups[fit], self.groups[end])]
        return Emergence(tuple(self._path(within, end)), self, len(fit))

    def _path(self, within: NDArray[np.intp], end: int) -> list[int]:
        """Return the places of the groupings on the way from the states to `end`."""
        within = within[np.argsort(-self.sizes[within], kind="stable")]  # from fine to coarse
        # What is best on the way to each grouping: its length, its losses, and the evenness of its gains.
        best: dict[int, tuple[tuple[int, float, float], list[int]]] = {}
        for place in within.tolist():
            finer = [other for other in best if self.sizes[other] > self.sizes[place]]
            known = np.array(finer, dtype=int)
            below = known[_refines(self.groups[known], self.groups[place])] if finer else known
            ways = [(self._worth(way := [*best[b][1], place]), way) for b in below.tolist()]
            best[place] = max(ways, default=((0, 0.0, 0.0), [place]), key=lambda item: item[0])
        return best[end][1]

    def _worth(self, way: list[int]) -> tuple[int, float, float]:
        gains = np.diff(self.power[way])
        return len(way), round(float(gains[gains < 0].sum()), 12), round(_spread(gains), 12)


@dataclass(frozen=True)
class Emergence:
    """A path from the states to the scale of the greatest power, and what each step adds."""

    places: tuple[int, ...]
    scales: Scales
    consistent: int

    @property
    def path(self) -> tuple[Partition, ...]:
        """The groupings on the path, the states first."""
        return tuple(as_partition(self.scales.groups[place]) for place in self.places)

    @property
    def gains(self) -> Floats:
        """What each step adds to the causal power, shape (steps,)."""
        return np.asarray(np.diff(self.scales.power[list(self.places)]))

    @property
    def total(self) -> float:
        """The degree of causal emergence: the gain over the whole path."""
        return float(self.gains.sum())

    @property
    def complexity(self) -> float:
        """The entropy of the shares that the gaining steps have in the gain, bits; 0 where nothing is gained."""
        return _spread(self.gains)


def _spread(gains: Floats) -> float:
    part = gains[gains > 1e-12]
    share = part / part.sum() if len(part) else part
    return float(-(share * np.log2(share)).sum()) if len(part) else 0.0


def _refines(fine: NDArray[np.int8], coarse: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return which groupings (rows of `fine`) keep within the groups of `coarse`: equal there implies equal here."""
    same = coarse[:, None] == coarse[None, :]
    together = fine[:, :, None] == fine[:, None, :]
    return np.asarray(~(together & ~same).any(axis=(1, 2)))


def scales_of(tpm: ArrayLike) -> Scales:
    """Return every scale of a Markov chain, with its causal power and its inconsistency.

    Parameters
    ----------
    tpm : array of shape (n, n)
        Row i holds the probabilities of the next state after state i; 2 to `MOST_SCALED` states.

    Raises
    ------
    ValueError
        For what is no transition matrix, or has too many states for every grouping to be tried.
    """
    matrix = check_tpm(tpm)
    if not 2 <= len(matrix) <= MOST_SCALED:
        raise ValueError(f"given {len(matrix)} states; needed: 2 to {MOST_SCALED}, since every grouping is walked")
    every, by_count = sets_of_states(len(matrix))
    # Whatever a grouping asks for is a sum over two sets of states: it is looked up in a table of all pairs of sets.
    members = members_of(len(matrix))
    walks = np.stack([np.linalg.matrix_power(matrix, steps) for steps in range(1, WALK + 1)])
    moves, known = members @ walks @ members.T, entropy_bits(walks @ members.T, axis=1).sum(axis=0)
    power, departs = np.zeros(len(every)), np.zeros(len(every))
    for at, sets in by_count:
        power[at], departs[at] = _judge(moves, known, members.sum(axis=1), sets)
    return Scales(every, power, np.maximum(departs / (WALK * len(matrix)), 0.0))


def _judge(moves: Floats, known: Floats, sizes: Floats, sets: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return the causal power of groupings with one number of groups, and the bits lost over all walks from all states.

    Parameters
    ----------
    moves : array of shape (steps, sets, sets)
        Chance to be in a set so many steps on, summed over the states of another to start from.
    known : array of shape (sets,)
        -p log2 p of the chance p to be in a set, summed over steps and states to start from.
    sizes : array of shape (sets,)
    sets : array of shape (groups, groupings)
        See `sets_of_states`.
    """
    macro = of_pairs(moves[0], sets) / sizes[sets][:, None]
    power = macro_bits(macro) / np.log2(len(sets)) if len(sets) > 1 else np.zeros(sets.shape[1])
    departs, coarse = -known[sets].sum(axis=0), macro
    for step, fine in enumerate(moves):
        if step:
            coarse = np.einsum("ijg,jkg->ikg", coarse, macro)
        told = of_pairs(fine, sets)
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = told * np.log2(coarse)
        departs = departs - np.where(told > 0, terms, 0.0).sum(axis=(0, 1))
    return power, departs


def singular_gain(tpm: ArrayLike) -> float:
    """Return the estimate of causal emergence that needs no search: from the singular values of the chain.

    The greatest singular value says nothing; the estimate is the second less the mean of all but the first.

    Parameters
    ----------
    tpm : array of shape (n, n)
        With at least two states.

    References
    ----------
    Hoel 2025, arXiv:2503.13395v3, appendix S3.
    """
    matrix = check_tpm(tpm)
    if len(matrix) < 2:
        raise ValueError(f"given {len(matrix)} state; needed: at least 2")
    rest = np.linalg.svd(matrix, compute_uv=False)[1:]
    return float(rest[0] - rest.mean())
