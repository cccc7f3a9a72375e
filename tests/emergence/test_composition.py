"""Composition: products, graphs of skills against expectation, closed forms against the equation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from emergence.emergence_theory import composition as co


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_the_whole_is_no_likelier_than_its_parts(chances):
    """A product of chances is at most the least of them, and equal to it when all others are certain."""
    whole = float(co.composed(np.array(chances)[:, None])[0])

    assert whole <= min(chances) + 1e-12
    assert float(co.composed([[chances[0]], [1.0]])[0]) == chances[0]


def test_a_graph_with_many_texts_has_the_expected_competence():
    """When each skill is in many texts, a tuple of k succeeds with (1 - error)**k (2 percentage points)."""
    error = np.array([0.0, 0.1, 0.3])
    for size in (1, 3):
        found = co.skill_graph(100_000, 200, 4, error, size)
        np.testing.assert_allclose(found, (1 - error) ** size, atol=0.02)
    assert found[0] == 1


@pytest.mark.parametrize(("strength", "frequency", "start"), [(1.0, 0.3, 0.01), (2.5, 0.05, 0.2)])
def test_the_closed_form_solves_the_equation(strength, frequency, start):
    """The skill is the solution of dR/dT = 2 p R (S - R) by SciPy's integrator (1e-6), half learned at its half time."""
    at = np.linspace(0, 3 * co.half_time(strength, frequency, start), 20)
    solved = solve_ivp(
        lambda t, r: 2 * frequency * r * (strength - r), (0, at[-1]), [start], t_eval=at, rtol=1e-10, atol=1e-12
    )

    np.testing.assert_allclose(co.multilinear_skill(at, strength, frequency, start), solved.y[0], atol=1e-6)
    half = co.half_time(strength, frequency, start)
    assert float(co.multilinear_skill(half, strength, frequency, start)) == pytest.approx(strength / 2)


def test_a_skill_met_half_as_often_takes_twice_as_long():
    """Half times are inversely proportional to frequencies."""
    assert co.half_time(1, 0.1, 0.01) == pytest.approx(2 * co.half_time(1, 0.2, 0.01))


def test_impossible_skills_are_refused():
    """Chances outside 0 to 1, shares likewise, empty tuples and starts above the end are refused."""
    for call, match in (
        (lambda: co.composed([[1.2]]), "between 0 and 1"),
        (lambda: co.skill_graph(10, 5, 2, [1.5], 1), "row 0 is 1.5"),
        (lambda: co.skill_graph(10, 5, 2, [0.5], 6), "no more skills"),
        (lambda: co.multilinear_skill([1.0], 1.0, 0.1, 2.0), "between 0 and the strength"),
        (lambda: co.multilinear_skill([1.0], 1.0, 0.1, 1.0), "between 0 and the strength"),
        (lambda: co.multilinear_skill([np.nan], 1.0, 0.1, 0.5), "times of at least 0"),
        (lambda: co.multilinear_skill([1.0], 1.0, np.nan, 0.5), "a frequency above 0"),
        (lambda: co.half_time(1.0, 0.1, 0.6), "half of 1"),
        (lambda: co.half_time(1.0, np.nan, 0.1), "a frequency above 0"),
    ):
        with pytest.raises(ValueError, match=match):
            call()
