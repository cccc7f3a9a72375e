"""When things appear in training: doses from the register, times, alarms, closed forms against simulation."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergence import readers
from emergence import training_dynamics as td
from review_utils.records import interventions
from review_utils.records.reading import RecordError
from review_utils.records.register import Register, load_register


def test_every_dose_of_the_register_is_listed(root):
    """The table has a row for every measurement that states a dose, in the order of dose."""
    register = load_register(root / "data")
    table = td.doses(register)

    assert len(table) == sum(m.dose is not None for f in register.findings for m in f.measurements)
    assert table.dose_percent.is_monotonic_increasing
    assert table.dose_percent.between(0, 100).all()


def test_the_smallest_effective_dose_is_by_study_and_signal(root):
    """Each study and signal appears once, with its smallest dose that had an effect."""
    table = td.doses(load_register(root / "data"))
    smallest = td.smallest_effective_dose(table)

    assert not smallest.duplicated(["finding", "signal"]).any()
    for row in smallest.itertuples():
        same = table[(table.finding == row.finding) & (table.signal == row.signal) & (table.effect == "yes")]
        assert row.dose_percent == same.dose_percent.min()


def test_a_register_without_doses_gives_an_empty_table():
    """No dose at all is an empty table with its columns, not an error."""
    table = td.doses(Register((), (), (), ()))

    assert table.empty
    assert "dose_percent" in table.columns
    assert td.smallest_effective_dose(table).empty


@given(st.floats(0.05, 0.95), st.integers(2, 40))
def test_a_straight_rise_crosses_where_a_line_does(level, n):
    """On a straight rise from 0 to 1 the first crossing of a level is that share of the way."""
    steps = np.linspace(0, 1000, n)

    assert td.first_crossing(steps, np.linspace(0, 1, n), level) == pytest.approx(1000 * level)


def test_what_is_never_reached_has_no_time():
    """A level that is never reached gives NaN, and one that holds from the start the first step."""
    assert np.isnan(td.first_crossing([0, 1], [0.0, 0.5], 0.9))
    assert td.first_crossing([5, 6], [1.0, 1.0], 0.9) == 5


@pytest.mark.parametrize(
    ("steps", "scores", "said"),
    [([0, 2, 1], [0, 0, 1], "row 2"), ([0, 1, 1], [0, 0, 1], "row 2"), ([0, 1], [0, np.nan], "row 1"), ([0], [1], "at least 2"), ([0, 1, 2], [0, 1], "as many")],
)  # fmt: skip
def test_bad_steps_are_named(steps, scores, said):
    """Unsorted or repeated steps, missing scores and too few are refused with the row."""
    with pytest.raises(ValueError, match=said):
        td.first_crossing(steps, scores, 0.5)


def test_the_width_of_a_logistic_curve():
    """A logistic rise passes half at its middle and a tenth to nine tenths in 2 ln 9 of its scale (1 percent)."""
    t = np.linspace(0, 100, 2001)
    found = td.transition(t, 1 / (1 + np.exp(-(t - 40) / 3)), 0.0, 1.0)

    assert found.half == pytest.approx(40, rel=0.01)
    assert found.width == pytest.approx(2 * np.log(9) * 3, rel=0.01)


def test_order_of_acquisition_follows_the_times():
    """Abilities come in the order of their median times; the share of runs that agree on each pair is told; never is last."""
    times = pd.DataFrame({"late": [90, 80, np.nan], "early": [10, 20, 30], "middle": [25, 15, 50]})
    order = td.order_of_acquisition(times)

    assert order.ability.tolist() == ["early", "middle", "late"]
    assert order.acquired.tolist() == [3, 3, 2]
    assert order.before_next.iloc[0] == pytest.approx(2 / 3)


def test_the_peak_of_double_descent_is_where_features_equal_points():
    """The median error peaks where the number of features is that of the points, at 30 and at 60 points."""
    for n in (30, 60):
        widths = [n // 3, n // 2, n, 2 * n, 6 * n]
        assert widths[int(np.median(td.random_features(widths, n=n, draws=15).test_mse, axis=0).argmax())] == n


def test_noise_adds_what_least_squares_says():
    """Far below the peak, noise of variance s^2 adds about s^2 times features over points to the error."""
    quiet, loud = (np.mean(td.random_features([10], n=100, draws=200, noise=s).test_mse) for s in (0.0, 1.0))

    assert loud - quiet == pytest.approx(10 / 90, rel=0.25)


def test_ridge_equals_its_textbook_form():
    """The error at ridge equals that of the normal equations solved in feature space, as a small penalty tends to least squares."""
    plain = td.random_features([10, 20], n=50, draws=3).test_mse
    tiny = td.random_features([10, 20], n=50, draws=3, ridge=1e-10).test_mse

    assert np.allclose(plain, tiny, rtol=1e-4)


def test_closed_form_and_gradient_descent_agree():
    """Gradient descent on a two-layer linear network follows Saxe's closed form within 1 percent at a small step."""
    times, modes = td.train_deep_linear([5.0, 2.0, 1.0], 1e-3, 2e-4, 20_000, every=200)
    closed = td.deep_linear_modes([5.0, 2.0, 1.0], 1e-3, times)

    assert np.abs(modes - closed).max() < 0.01
    assert times == pytest.approx(np.arange(101) * 200 * 2e-4)


@given(st.floats(0.5, 20), st.floats(1e-4, 1e-2))
def test_a_linear_mode_starts_and_ends_where_it_should(strength, start):
    """A mode is at its start at time 0 and at its strength in the end, and never falls."""
    path = td.deep_linear_modes([strength], start, np.linspace(0, 60 / strength, 200))[:, 0]

    assert path[0] == pytest.approx(start)
    assert path[-1] == pytest.approx(strength, rel=1e-6)
    assert (np.diff(path) >= 0).all()


def _signals():
    steps = np.arange(0, 100, 10)
    index = pd.MultiIndex.from_tuples(
        [("signal", s) for s in range(4)] + [("random-labels", s) for s in range(16)], names=["arm", "seed"]
    )
    values = np.zeros((20, 10))
    values[:4] = np.where(steps >= 50, 5.0, 0.5)
    values[4:] = np.random.default_rng(0).uniform(0, 1, (16, 10))
    return pd.DataFrame(values, index, steps)


def test_an_alarm_is_raised_where_a_run_leaves_what_controls_show():
    """A signal that jumps at step 50 leads an onset at 80 by 30 in every run, with no false alarm; its negative never does."""
    onset = pd.Series(dict.fromkeys(range(4), 80.0))
    up, down = td.alarms({"up": (_signals(), 1), "down": (_signals(), -1)}, onset)

    assert (up.name, up.median_lead, up.before, up.false_alarms) == ("up", 30.0, 1.0, 0.0)
    assert down.before == 0


def test_curves_are_aligned_at_onset():
    """On the common clock, a curve that equals its step equals its onset plus the time, and is missing beyond its ends."""
    steps = np.arange(0, 101, 10)
    frame = pd.DataFrame([steps, steps], index=[0, 1], columns=steps, dtype=float)
    clocked = td.aligned(frame, pd.Series({0: 50.0, 1: 95.0}), before=20, after=20, every=10)

    assert clocked.loc[0].tolist() == [30, 40, 50, 60, 70]
    assert clocked.loc[1].iloc[:3].tolist() == [75, 85, 95]
    assert clocked.loc[1].isna().sum() == 2


def test_the_threshold_of_simulated_doses_is_found():
    """With many answers the threshold lies within 5 percent of the true one, and its interval holds it."""
    doses = np.geomspace(0.01, 1, 8)
    p = 1 / (1 + np.exp(-3 * (np.log(doses) - np.log(0.1))))
    hits = np.random.default_rng(1).binomial(500, p)
    found = td.dose_response(doses, hits, np.full(8, 500))

    assert found.low <= 0.1 <= found.high
    assert found.threshold == pytest.approx(0.1, rel=0.05)
    assert found.steepness == pytest.approx(3, rel=0.15)


@pytest.mark.parametrize(
    ("doses", "hits", "said"),
    [([0.1, 1.2], [1, 2], "row 1"), ([-0.1, 0.5], [1, 2], "row 0"), ([0.5, 0.1], [1, 2], "row 1"), ([0.1, 0.5], [1, 9], "row 1"), ([0.1, 0.5], [0, 0], "none or all"), ([0.1, np.nan], [0, 1], "row 1")],
)  # fmt: skip
def test_bad_doses_are_named(doses, hits, said):
    """A dose outside 0 to 1, doses out of order, more responses than runs, and no contrast are refused with the row."""
    with pytest.raises(ValueError, match=said):
        td.dose_response(doses, hits, [5, 5])


def test_interventions_name_what_the_register_holds(root, tmp_path):
    """Every intervention resolves to the register; an unknown finding and an unknown measurement are each reported with their line."""
    assert len(interventions.load_interventions(root / "data")) >= 10
    data = tmp_path / "data"
    shutil.copytree(root / "data", data, ignore=shutil.ignore_patterns("external", "lab"))
    path = data / "interventions.yml"
    text = path.read_text().replace("finding: inoculation-prompting-tan", "finding: inoculation-prompting-ton", 1)
    path.write_text(text.replace("measurement: coherence-under-ablation", "measurement: coherence", 1))
    with pytest.raises(RecordError) as raised:
        interventions.load_interventions(data)

    said = str(raised.value)
    assert "did you mean inoculation-prompting-tan?" in said
    assert "a measurement of convergent-linear-representations" in said


def test_a_rate_is_read_against_its_comparator(root):
    """A rate of 9 against 45 is a reduction by 80 percent; a printed range stays a range."""
    register = load_register(root / "data")
    found = {
        i.id: interventions.reduction(i, register) for i in interventions.load_interventions(root / "data", register)
    }

    assert found["upsample-aligned-discourse"].low == found["upsample-aligned-discourse"].high == pytest.approx(80)
    assert (found["inoculation-in-rl"].low, found["inoculation-in-rl"].high) == (75, 90)
    assert found["kl-penalty"] is None


def test_pythia_files_are_read_by_their_names(tmp_path):
    """Size and step come from the file's name; a name without them is refused."""
    good = tmp_path / "1.4b_step512.json"
    good.write_text('{"results": {"piqa": {"acc": 0.6, "acc_stderr": 0.01}}}')
    frame = readers.pythia_scores({"pythia-1.4b/zero-shot/1.4b_step512.json": good})

    assert frame[["size", "step", "task", "value"]].iloc[0].tolist() == ["1.4b", 512, "piqa", 0.6]
    with pytest.raises(ValueError, match="size and step"):
        readers.pythia_scores({"readme.json": good})
