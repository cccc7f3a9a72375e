"""The curves of the tournament: what is in each source, and what is called sharp."""

from __future__ import annotations

import numpy as np

from emergence.capability_precursors import tournament_curves as tc
from review_utils.data.external import external


def test_gpt3_curves_are_shares_of_wrong_answers():
    """Every curve of GPT-3 has eight rising sizes and a name of its own; arithmetic in few shots is sharp."""
    curves = tc.gpt3()

    assert len({c.name for c in curves}) == len(curves) > 100
    assert all(len(c.scales) == 8 and c.kind == "error" and (c.scores <= 1).all() for c in curves)
    sharp = {c.name for c in curves if c.sharp}
    assert "2D+ (acc), few-shot" in sharp
    assert 10 < len(sharp) < 60


def test_own_runs_jump_where_they_should():
    """Grokking and induction are sharp; every run is seen from the early to the late steps."""
    curves = tc.own_runs(seeds=[0])

    assert len(curves) >= 4
    assert all((np.diff(c.scales) > 0).all() and len(c.cuts) >= 3 for c in curves)
    assert {c.name.split(",")[0] for c in curves if c.sharp} >= {"grokking"}


def test_a_step_is_sharp_and_a_slope_is_not():
    """A fall within a tenth of the logarithmic range is sharp, a power law is not, and a flat curve is not."""
    x = np.geomspace(1, 1e4, 40)
    step = 0.1 + 0.9 / (1 + np.exp(20 * (np.log10(x) - 2)))

    assert tc._sharp(x, step)
    assert not tc._sharp(x, x**-0.3)
    assert not tc._sharp(x, np.full(40, 2.0))


def test_sets_of_others_become_curves():
    """Where a set is at hand, its curves keep the small scales before the cut and the large ones after it."""
    for name, read in (("olmo-ladder", tc.olmo), ("gadre-testbed", tc.over_training), ("learning-curves", tc.curves_of_learning), ("pythia-zero-shot", tc.pythia), ("open-model-scores", tc.open_models)):  # fmt: skip
        files = external(name)
        if files is None:
            continue
        curves = read(files)
        assert curves
        for curve in curves:
            assert all(curve.scales[:cut].max() <= curve.scales[cut:].min() for cut in curve.cuts)
            assert curve.others is None or curve.others.shape[0] == len(curve.scales)
