"""Composition: abilities that need several skills at once look sudden though each skill is smooth."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from emergence.shared.checks import asks, floats, number, values
from emergence.shared.fitting import Floats, as_floats


def composed(skills: ArrayLike) -> Floats:
    """Return the chance that all skills succeed together, when they succeed independently.

    Parameters
    ----------
    skills : array of shape (skills, ...)
        Chances of each skill.
    """
    chances = floats(skills)
    if chances.ndim == 0 or not chances.size or not ((chances >= 0) & (chances <= 1)).all():
        raise ValueError(f"given an array of shape {chances.shape}; needed: chances between 0 and 1, one row a skill")
    return np.asarray(chances.prod(axis=0))


TUPLES = 4000
"""Tuples drawn."""


@asks(
    texts=number(low=1, whole=True),
    skills=number(low=1, whole=True),
    per_text=number(low=1, whole=True),
    error=values(low=0, high=1),
    tuple_size=number(low=1, whole=True),
)
def skill_graph(texts: int, skills: int, per_text: int, error: ArrayLike, tuple_size: int, *, seed: int = 0) -> Floats:
    """Return the competence on tuples of skills when a share of texts is misread (Arora and Goyal 2023).

    Each text uses a few skills drawn at random. A skill succeeds as often as the texts that use it are read right, and
    a tuple of skills when all of them succeed.

    Parameters
    ----------
    texts, skills, per_text : int
        Texts, skills, and skills that each text uses.
    error : array of shape (n,)
        Shares of texts misread, between 0 and 1; the texts misread at a low share are among those at a higher one.
    tuple_size : int
        Skills in a tuple, at least 1.
    seed : int

    Returns
    -------
    array of shape (n,)
        Mean competence over tuples.
    """
    shares = as_floats(error, "error", low=0, high=1)
    if min(texts, skills, per_text, tuple_size) < 1 or per_text > skills or tuple_size > skills:
        raise ValueError(
            f"given {texts} texts, {skills} skills, {per_text} a text, tuples of {tuple_size}; needed: at least 1 of each, and no more skills in a text or tuple than there are"
        )
    rng = np.random.default_rng(seed)
    used = rng.integers(0, skills, (texts, per_text))
    luck = rng.random(texts)
    members = rng.integers(0, skills, (TUPLES, tuple_size))
    uses = np.maximum(np.bincount(used.ravel(), minlength=skills), 1)
    out = []
    for share in shares:
        wrong = np.bincount(used[luck < share].ravel(), minlength=skills)
        out.append(float((1 - wrong / uses)[members].prod(axis=1).mean()))
    return np.array(out)


def multilinear_skill(time: ArrayLike, strength: float, frequency: float, start: float) -> Floats:
    """Return how far a skill is learned at a time, in the model of Nam et al. 2024 (Eq. 9).

    ``S / (1 + (S / R0 - 1) exp(-2 p S T))``: a product of two layers, trained as often as the skill is met.

    Parameters
    ----------
    time : array
        Not negative.
    strength : float
        What the skill is at the end, S.
    frequency : float
        How often it is met, p.
    start : float
        What it is at the start, R0, between 0 and `strength`.
    """
    t = floats(time)
    if not (0 < start < strength < np.inf and 0 < frequency < np.inf and (np.isfinite(t) & (t >= 0)).all()):
        raise ValueError(
            f"given a strength of {strength:g}, a frequency of {frequency:g}, a start of {start:g}; needed: a start between 0 and the strength, a frequency above 0, and times of at least 0"
        )
    return np.asarray(strength / (1 + (strength / start - 1) * np.exp(-2 * frequency * strength * t)))


def half_time(strength: float, frequency: float, start: float) -> float:
    """Return the time at which such a skill is half learned: inversely proportional to its frequency."""
    if not (0 < start < strength / 2 < np.inf and 0 < frequency < np.inf):
        raise ValueError(
            f"given a start of {start:g} and a frequency of {frequency:g}; needed: a start between 0 and half of {strength:g}, the strength, and a frequency above 0"
        )
    return float(np.log(strength / start - 1) / (2 * frequency * strength))
