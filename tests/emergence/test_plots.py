"""Helpers of plots say what they stand for, in the words of Vega-Lite."""

import altair as alt
import pandas as pd
import pytest

from emergence.shared.plots import band, dashed, log_x, log_y, seed_lines

ROWS = pd.DataFrame({"seed": [1, 1, 2, 2], "step": [1, 10, 1, 10], "loss": [3.0, 1.0, 4.0, 2.0]})


def test_a_logarithmic_axis_has_its_title_and_only_what_was_asked():
    """A log axis is a log scale with a title; numbers, marks and the scale's settings are given or left to Vega-Lite."""
    plain = log_x("flop:Q", "compute (FLOP)").to_dict(context={"data": None})
    assert plain == {"field": "flop", "type": "quantitative", "scale": {"type": "log"}, "title": "compute (FLOP)"}
    full = log_y("loss:Q", "loss", "~g", values=(1, 2), domain=[1, 2], clamp=True).to_dict(context={"data": None})
    assert full["axis"] == {"format": "~g", "values": [1, 2]}
    assert full["scale"] == {"type": "log", "domain": [1, 2], "clamp": True}


@pytest.mark.parametrize(("where", "encoded"), [({"x": 0}, {"x": {"datum": 0}}), ({"y": 1.5}, {"y": {"datum": 1.5}})])
def test_a_dashed_rule_stands_at_a_number(where, encoded):
    """A number given to a dashed rule is where it stands."""
    rule = alt.layer(dashed(**where), data=ROWS).to_dict()["layer"][0]
    assert rule["mark"] == {"type": "rule", "strokeDash": [4, 4]}
    assert rule["encoding"] == encoded


def test_dashed_rules_stand_at_the_rows_of_a_frame():
    """A column given to dashed rules makes one of each row."""
    rule = dashed(ROWS, y="loss:Q", color="seed:N").to_dict()
    assert rule["encoding"]["y"] == {"field": "loss", "type": "quantitative"}
    assert rule["encoding"]["color"]["field"] == "seed"


def test_each_seed_has_its_line_and_bands_go_from_column_to_column():
    """Seeds are told apart by `detail`, whatever the colour; a band has its lower and its upper column."""
    lines = seed_lines(ROWS, log_x("step:Q", "step"), alt.Y("loss:Q"), color="seed:N").to_dict()
    assert lines["encoding"]["detail"] == {"field": "seed", "type": "nominal"}
    area = band(alt.Chart(ROWS), "loss:Q", "step:Q", opacity=0.1, x="seed:Q").to_dict()
    assert area["mark"] == {"type": "area", "opacity": 0.1}
    assert (area["encoding"]["y"]["field"], area["encoding"]["y2"]["field"]) == ("loss", "step")
