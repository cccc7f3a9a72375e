"""The curves of the tournament: what is in each source, what is left out, and what belongs together."""

from __future__ import annotations

import numpy as np
import pytest

from emergence.capability_precursors import tournament as tn
from emergence.capability_precursors import tournament_curves as tc
from emergence.shared.gpt3 import gpt3_curves
from review_utils.data.external import external


def test_every_row_of_gpt3_plays_or_says_why_not():
    """Every task, metric and setting of the table is a curve of all eight sizes or stands among those left out."""
    curves, out = tc.gpt3(), tc.gpt3_left_out()
    groups = gpt3_curves().groupby(["task", "metric", "setting"], observed=True).ngroups

    assert len({c.name for c in curves} | set(out.name)) == len(curves) + len(out) == groups
    assert len(curves) > 100
    assert out.why.str.len().min() > 10
    assert all(len(c.scales) == 8 and c.others.shape[0] == 8 for c in curves)
    assert all((c.scores <= 1).all() for c in curves if c.kind == "error")
    assert [c.cluster for c in curves if c.kind == "loss"] == ["LAMBADA"] * 3


def test_settings_of_a_task_are_one_cluster():
    """Two-digit addition is one cluster in its three settings, and no curve sees its own task among the others."""
    curves = [c for c in tc.gpt3() if c.cluster == "2D+"]

    assert len(curves) == 3
    for c in curves:
        own = c.scores[:, None]
        assert not np.isclose(c.others, own).all(axis=0).any()


def test_own_runs_are_all_there(monkeypatch):
    """Every trace plays, the mean of many subtasks too; a measure that is gone is an error and no silence."""
    curves = tc.own_runs(seeds=[0])

    assert {c.cluster for c in curves} == set(tc.OWN_RUNS)
    assert sum(c.cluster == "quanta" for c in curves) == 4
    assert all((np.diff(c.scales) > 0).all() and len(c.cuts) >= 3 for c in curves)
    monkeypatch.setitem(tc.OWN_RUNS, "quanta", ("loss",))
    with pytest.raises(KeyError, match="measure loss of quanta"):
        tc.own_runs(seeds=[0])


def test_grokking_is_flat_before_it_comes():
    """Seen early, no run of modular addition looks like a step: what is coming does not show in its curve."""
    curves = [c for c in tc.own_runs(seeds=[0]) if c.cluster == "grokking"]

    assert all(tn.view_of(c.scales[: c.cuts[0]], c.scores[: c.cuts[0]]) != "a step so far" for c in curves)


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
