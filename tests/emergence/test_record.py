"""How forecasts fared: the kept table is what the tournament gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from emergence.capability_precursors import tournament as tn
from emergence.capability_precursors import tournament_curves as tc
from emergence.your_curve.record import COLUMNS, fared, rows
from review_utils.data.tables import table


def test_clusters_computed_anew_are_those_kept():
    """The tasks of two clusters, forecast again, give the rows that the table keeps."""
    clusters = ["2D+", "PIQA"]
    again = rows([c for c in tc.gpt3() if c.cluster in clusters])
    kept = table("forecast_record")
    kept = kept[kept.cluster.isin([f"GPT-3: {name}" for name in clusters])].reset_index(drop=True)

    assert list(again) == list(kept) == list(COLUMNS)
    assert again[list(COLUMNS[:4])].to_numpy().tolist() == kept[list(COLUMNS[:4])].to_numpy().tolist()
    assert again[list(COLUMNS[4:])].to_numpy(float) == pytest.approx(kept[list(COLUMNS[4:])].to_numpy(float), abs=2e-5)


def made(**more):
    """A record of six clusters of two curves."""
    return pd.DataFrame(
        [
            {
                "source": "s",
                "cluster": f"c{i}",
                "view": tn.VIEWS[1],
                "distance": "up to 3 times",
                "curves": 2,
                "forecasts": 4,
            }
            | {"half": 1.0, "ninety": 1.0 + i / 5, "below": 0.5, "log_ratio": 2 * np.log(0.5)}
            | more
            for i in range(6)
        ]
    )


def test_shares_are_means_over_curves():
    """Sums over curves become means, and the score over the baseline a share by which it is better."""
    found = fared(made(), tn.VIEWS[1], 2.0)

    assert (found.curves, found.clusters, found.half, found.beyond) == (12, 6, 0.5, 0.25)
    assert found.ninety == pytest.approx(0.75)
    assert 0.5 < found.ninety_low < 0.75 < found.ninety_high < 1
    assert found.better == found.better_low == found.better_high == pytest.approx(0.5)
    assert not found.nearer


def test_too_far_ahead_falls_back_to_a_nearer_distance_aloud():
    """Where nothing was tried so far ahead, the nearest distance with enough cases is taken, and it is marked."""
    found = fared(made(), tn.VIEWS[1], 50.0)

    assert (found.distance, found.nearer) == ("up to 3 times", True)


def test_what_has_no_record_is_refused():
    """An unknown view, a target that is not ahead, and too few cases are refused in a sentence."""
    with pytest.raises(ValueError, match="needed: one of flat so far"):
        fared(made(), "odd so far", 2.0)
    with pytest.raises(ValueError, match="needed: a finite number, above 1"):
        fared(made(), tn.VIEWS[1], 1.0)
    with pytest.raises(ValueError, match="fewer than 5 cases"):
        fared(made(), tn.VIEWS[0], 2.0)
