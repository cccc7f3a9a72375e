"""When things appear in training: doses from the register, times, alarms, closed forms against simulation."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg

from emergence import phase_transitions as pt
from emergence import readers
from emergence import training_dynamics as td
from emergence.records.mitigations import load_mitigations
from review_book.records.kinds import Records
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


def test_the_solution_of_least_norm_is_that_of_an_independent_solver():
    """Noise, penalties and widths that share data and features give the errors of SciPy's solvers on the same draws (1e-9)."""
    widths, noises, ridges = [5, 19, 20, 21, 39, 40, 90], (0.0, 0.5), (0.0, 0.1)
    found = td.random_features_each(widths, n=20, inputs=4, noises=noises, ridges=ridges, draws=2, seed=5)
    rng = np.random.default_rng(5)
    for draw in range(2):
        truth = rng.standard_normal(4)
        truth /= np.linalg.norm(truth)
        x, fresh, luck = rng.standard_normal((20, 4)), rng.standard_normal((1000, 4)), rng.standard_normal(20)
        for j, width in enumerate(widths):
            directions = rng.standard_normal((4, width)) / np.sqrt(4 * width)
            a, b = np.maximum(x @ directions, 0), np.maximum(fresh @ directions, 0)
            for i, noise in enumerate(noises):
                y = x @ truth + noise * luck
                for k, ridge in enumerate(ridges):
                    w = np.linalg.solve(a.T @ a + ridge * np.eye(width), a.T @ y) if ridge else linalg.pinv(a) @ y
                    np.testing.assert_allclose(found[i, k, draw, j], np.mean((b @ w - fresh @ truth) ** 2), rtol=1e-7)
    alone = td.random_features(widths, n=20, inputs=4, noise=0.5, ridge=0.1, draws=2, seed=5).test_mse
    np.testing.assert_allclose(alone, found[1, 1], rtol=1e-9)


@pytest.mark.parametrize("aligned", [True, False])
def test_networks_side_by_side_are_trained_as_one_alone(aligned):
    """Two seeds at once give the modes of plain descent on two matrices, written out step by step (1e-12)."""
    strengths, start, rate = np.array([5.0, 2.0, 1.0]), 1e-2, 2e-3
    times, modes = td.train_deep_linears(strengths, start, rate, 900, 300, [3, 8], aligned=aligned)
    assert times.tolist() == pytest.approx([0, 0.6, 1.2, 1.8])
    for seed, found in zip([3, 8], modes, strict=True):
        rng = np.random.default_rng(seed)
        u, v, hidden = (np.linalg.qr(rng.standard_normal((3, 3)))[0] for _ in range(3))
        first, second = np.sqrt(start) * hidden @ v.T, np.sqrt(start) * u @ hidden.T
        if not aligned:
            first, second = np.sqrt(start / 3) * rng.standard_normal((2, 3, 3))
        for step in range(901):
            if step % 300 == 0:
                np.testing.assert_allclose(found[step // 300], np.diag(u.T @ second @ first @ v), atol=1e-12)
            gap = u @ np.diag(strengths) @ v.T - second @ first
            first, second = first + rate * second.T @ gap, second + rate * gap @ first.T


def test_closed_form_and_gradient_descent_agree():
    """Gradient descent on a two-layer linear network follows Saxe's closed form within 1 percent at a small step."""
    times, modes = td.train_deep_linear([5.0, 2.0, 1.0], 1e-3, 2e-4, 20_000, every=200)
    closed = td.deep_linear_modes([5.0, 2.0, 1.0], 1e-3, times)

    assert np.abs(modes - closed).max() < 0.01
    assert times == pytest.approx(np.arange(101) * 200 * 2e-4)


def test_a_deep_linear_network_from_random_weights_learns_modes_in_steps_of_the_same_width():
    """The closed form gives the width of a step from any small start, and its time from an aligned one alone."""
    times, modes = td.train_deep_linear([5.0, 2.0], 1e-3, 2e-4, 40_000, every=20, seed=3, aligned=False)
    closed = td.deep_linear_modes([5.0, 2.0], 1e-3, times)
    found = [[td.transition(times, m[:, i], 0.0, s) for i, s in enumerate((5.0, 2.0))] for m in (modes, closed)]

    assert [p.width for p in found[0]] == pytest.approx([p.width for p in found[1]], rel=0.1)
    assert max(abs(a.half / b.half - 1) for a, b in zip(*found, strict=True)) > 0.05


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
    """A signal that jumps at step 50 leads an onset at 80 by 30 in every run, with few false alarms; its negative never does."""
    onset = pd.Series(dict.fromkeys(range(4), 80.0))
    up, down = td.alarms({"up": (_signals(), 1), "down": (_signals(), -1)}, onset)

    assert (up.name, up.median_lead, up.before) == ("up", 30.0, 1.0)
    assert up.false_alarms <= 0.25
    assert down.before == 0


def test_runs_without_an_onset_of_their_seed_are_no_missed_alarm():
    """Onsets by seeds of another kind, as text beside numbers, are refused by name; they would look like runs that never raised an alarm."""
    with pytest.raises(
        ValueError, match=r"up: given a run of seed 0, and onsets of \['0', '1', '2'\]; needed: an onset of each run"
    ):
        td.alarms({"up": (_signals(), 1)}, pd.Series({str(seed): 80.0 for seed in range(4)}))


def test_each_half_of_the_controls_is_judged_by_the_other():
    """Controls whose second half runs twice as high: it exceeds the level of the first, never the reverse; leads lie between."""
    frame = _signals()
    frame.loc["signal"] = np.arange(10) / 4
    frame.loc["random-labels"] = np.repeat([1.0, 2.0], 8)[:, None]
    (race,) = td.alarms({"rising": (frame, 1)}, pd.Series(dict.fromkeys(range(4), 90.0)))

    assert (race.false_alarms, race.counted, race.level) == (0.5, 16, 1.5)
    assert race.median_lead == pytest.approx((90 - 50 + 90 - 90) / 2)


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


FAULTS = {
    "a study that there is not": ("study: tan2025inoculation", "study: tan2025inoculatio", "did you mean tan2025inoculation?"),
    "a number that the study does not print": ("after: {number: mixed-string}", "after: {number: mixed-strung}", "did you mean mixed-string?"),
    "a number where no test was found": ("effect: untested\n", "effect: untested\n      n: 5\n", "no number where no test was found"),
    "a condition that is none of ours": ("condition: agentic", "condition: agents", "needed: one of standard-test, conditional-trigger"),
    "an effect that is none of ours": ("effect: backfires", "effect: removes", "needed: one of works, partly"),
    "primary of what was not read": ("locator: reviews\n      read: secondary", "locator: reviews\n      read: primary", "zhang2024persistent is secondary"),
    "more than was tested": ("note: quite effective with an evil persona vector", "note: removes misalignment", "a weaker word"),
    "a change outside its interval": ("interval: [-4.1, 7.8]", "interval: [2.1, 7.8]", "which is 1.9"),
    "a gap where a test is": ("condition: conditional-trigger\n      behaviour: planted backdoor", "condition: conditional-trigger\n      behaviour: planted backdoor\n      model: x\n      study: hubinger2024sleeper\n      effect: untested\n      locator: none\n      read: secondary\n    - condition: conditional-trigger\n      behaviour: planted backdoor", "no gap where another cell"),
    "an effect although the behaviour rises": ("effect: fails\n      before: {number: mixed-plain}\n", "effect: works\n      before: {number: mixed-plain}\n", "an effect that follows from the rates, which rise"),
    "a failure although the behaviour goes": ("before: {value: 0, unit: percent}\n      before_is: usual-questions\n      after: {value: 8.7, unit: percent}", "before: {value: 8.7, unit: percent}\n      before_is: untreated\n      after: {value: 0, unit: percent}", "which fall: 8.7 before, 0 after"),
    "two units of one rate": ("before: {value: 34, unit: percent}", "before: {value: 34, unit: points}", "points, the unit of before"),
    "two counts of cases": ("before: {number: plain}\n      before_is: usual-questions\n      after: {number: code}", "before: {number: asked}\n      before_is: usual-questions\n      after: {number: misaligned}", "given answers; needed: a rate or a score"),
    "a share above all": ("after: {number: mixed-plain-newer}", "after: {value: 140, unit: percent}", "a percentage between 0 and 100"),
    "two effects of one test": ("      effect: works\n      amount: {value: 94.3, unit: percent lower}", "      effect: partly\n      amount: {value: 94.3, unit: percent lower}", "works, as the cell above says"),
    "a title twice": ("title: Early stopping", "title: Learning-rate schedule", "a title of its own"),
    "before without what it is": ("      before_is: usual-questions\n", "", "before together with before_is"),
    "a number without its unit": ("before: {value: 18.8, unit: percent}", "before: {value: 18.8}", "a value and its unit"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mitigation_at_fault_is_named(root, tmp_path, fault):
    """Each planted fault is reported with its line and what is needed; the file as it stands has none."""
    old, new, needed = FAULTS[fault]
    text = (root / "data" / "mitigations.yml").read_text(encoding="utf-8")
    assert old in text
    assert len(load_mitigations(root / "data")) > 40
    (tmp_path / "studies").symlink_to(root / "data" / "studies")
    (tmp_path / "mitigations.yml").write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(RecordError, match=re.escape(needed)):
        load_mitigations(tmp_path)


def test_a_named_number_is_the_one_of_the_study(root):
    """A cell that names a number shows it as the study prints it, with its qualifier, and its value is that number."""
    cells = td.mitigation_cells(Records(root / "data").mitigations).set_index("intervention")
    ablated = cells.loc["remove-evil-or-valence-direction"]

    assert (ablated.printed, ablated.after, ablated.after_unit) == ("over 40 percent", 40, "percent")
    assert cells.loc["suppress-contamination-features"].printed == "70 percent → 10 percent"


def _cells(*rows):
    names = ["intervention", "condition", "effect", "study", "read"]
    return pd.DataFrame(rows, columns=names)


def test_an_intervention_holds_where_every_record_works():
    """One failure among several records is enough not to hold; a gap is no test; other conditions do not count."""
    cells = _cells(
        ("mix", "standard-test", "works", "a", "primary"),
        ("mix", "conditional-trigger", "works", "a", "primary"),
        ("mix", "conditional-trigger", "fails", "b", "secondary"),
        ("stop", "standard-test", "works", "c", "secondary"),
        ("stop", "conditional-trigger", "untested", "c", "secondary"),
        ("cap", "conditional-trigger", "works", "d", "secondary"),
        ("hold", "conditional-trigger", "backfires", "d", "primary"),
    )
    found = td.mitigations_holding(cells, ["standard-test", "conditional-trigger", "agentic"])

    assert found.loc["standard-test"].tolist() == [2, 2, 2, 0, 2, 1]
    assert found.loc["conditional-trigger"].tolist() == [3, 1, 2, 1, 3, 1]
    assert found.loc["agentic"].tolist() == [0, 0, 0, 0, 0, 0]


def test_the_same_interventions_are_compared_and_single_records_counted():
    """Only what was tested under both conditions is compared; a gap is no test, and every record counts once."""
    cells = _cells(
        ("mix", "standard-test", "works", "a", "primary"),
        ("mix", "conditional-trigger", "works", "a", "primary"),
        ("mix", "conditional-trigger", "fails", "b", "secondary"),
        ("stop", "standard-test", "works", "c", "secondary"),
        ("stop", "conditional-trigger", "untested", "c", "secondary"),
        ("cap", "conditional-trigger", "works", "d", "secondary"),
    )
    found = td.mitigations_on_both(cells, ["standard-test", "conditional-trigger", "agentic"])

    assert found.loc["standard-test"].tolist() == [2, 2, 2, 2, 2, 2, 2, 1]
    assert found.loc["conditional-trigger"].tolist() == [1, 1, 0, 3, 2, 3, 2, 1]
    assert found.loc["agentic"].tolist() == [0, 0, 0, 0, 0, 0, 0, 0]


def test_a_study_with_many_records_counts_once():
    """All of a study's records must say works, and the study with most of them is counted out."""
    cells = _cells(
        ("mix", "agentic", "works", "a", "primary"),
        ("cap", "agentic", "works", "a", "primary"),
        ("stop", "agentic", "fails", "a", "primary"),
        ("stop", "agentic", "works", "b", "primary"),
    )
    found = td.mitigations_on_both(cells, ["agentic"]).loc["agentic"]

    assert found[["records", "works", "studies", "all_work", "most"]].tolist() == [4, 3, 2, 1, 3]


def test_a_cell_of_the_matrix_is_its_worst_record():
    """Every outcome is kept from best to worst, the worst is named, and only a cell without a primary record is second-hand."""
    cells = _cells(
        ("mix", "agentic", "fails", "a", "secondary"),
        ("mix", "agentic", "works", "a", "primary"),
        ("cap", "agentic", "partly", "b", "secondary"),
        ("stop", "agentic", "untested", "b", "primary"),
    )
    found = td.mitigation_matrix(cells).set_index("intervention")

    assert found.loc["mix", ["worst", "effects", "records", "studies", "second_hand"]].tolist() == [
        "fails", ("works", "fails"), 2, 1, False,
    ]  # fmt: skip
    assert found.loc["cap", "second_hand"]
    assert "stop" not in found.index
    with pytest.raises(ValueError, match="removes"):
        td.mitigation_matrix(_cells(("mix", "agentic", "removes", "a", "primary")))


@given(st.lists(st.tuples(*(st.sampled_from(x) for x in ("xyz", td.OFF_DISTRIBUTION, [*td.EFFECTS, "untested"], "ab", ["primary", "secondary"]))), max_size=20))  # fmt: skip
def test_what_holds_is_never_more_than_what_holds_in_a_record(rows):
    """Holding throughout, holding in a record and being tested are nested, whatever the records."""
    found = td.mitigations_holding(_cells(*rows))

    assert (found.hold <= found.some_hold).all()
    assert (found.some_hold <= found.tested).all()


def test_a_trigger_is_paired_with_the_usual_questions_alone():
    """A rate without the intervention is no rate on the usual questions, and points are no percent."""
    row = {"title": "t", "study": "s", "read": "primary", "before_unit": "percent", "after_unit": "percent"}
    cells = pd.DataFrame(
        [
            {**row, "intervention": "a", "condition": "conditional-trigger", "model": "m", "before": 1.0, "before_is": "usual-questions", "after": 20.0},
            {**row, "intervention": "b", "condition": "conditional-trigger", "model": "m", "before": 50.0, "before_is": "untreated", "after": 30.0},
            {**row, "intervention": "c", "condition": "conditional-trigger", "model": "m", "before": None, "before_is": None, "after": 9.0, "after_unit": "points"},
            {**row, "intervention": "d", "condition": "agentic", "model": "m", "before": 1.0, "before_is": "usual-questions", "after": 9.0},
        ]
    )  # fmt: skip
    found = td.usual_and_trigger(cells)

    assert found.intervention.tolist() == ["b", "a"]
    assert np.isnan(found.usual[0])
    assert found.loc[1, ["usual", "trigger"]].tolist() == [1, 20]


def test_pythia_files_are_read_by_their_names(tmp_path):
    """Size and step come from the file's name; a name without them is refused."""
    good = tmp_path / "1.4b_step512.json"
    good.write_text('{"results": {"piqa": {"acc": 0.6, "acc_stderr": 0.01}}}')
    frame = readers.pythia_scores({"pythia-1.4b/zero-shot/1.4b_step512.json": good})

    assert frame[["size", "step", "task", "value"]].iloc[0].tolist() == ["1.4b", 512, "piqa", 0.6]
    with pytest.raises(ValueError, match="size and step"):
        readers.pythia_scores({"readme.json": good})


def test_a_lesson_is_dated_and_read_at_that_date():
    """Between two steps a mark is reached in proportion; what else is read there; one that is never reached has no date."""
    learned = pd.DataFrame([[0.0, 0.5, 1.0], [0.9, 1.0, 1.0], [0.0, 0.1, 0.2]], columns=[0, 10, 20])
    spread = pd.DataFrame([[0.0, 0.2, 0.8], [0.3, 0.4, 0.5], [0.0, 0.0, 0.0]], columns=[0, 10, 20])
    steps = td.reached(learned, 0.9)

    assert steps.iloc[0] == pytest.approx(18)
    assert steps.iloc[1] == 0
    assert np.isnan(steps.iloc[2])
    read = td.read_at(spread, steps)
    assert read.iloc[0] == pytest.approx(0.68)
    assert read.iloc[1] == 0.3
    assert np.isnan(read.iloc[2])
    with pytest.raises(ValueError, match="other runs"):
        td.read_at(spread.iloc[:2], steps)


def test_the_interval_of_a_mean_over_runs_shrinks_with_runs():
    """The mean is that of the known runs; four times the runs give about half the interval; one run gives none."""
    some = pd.Series([*np.linspace(0, 1, 16), np.nan])
    mean, low, high = td.resampled_mean(some)
    _, narrower, wider = td.resampled_mean(pd.Series(np.tile(np.linspace(0, 1, 16), 4)))

    assert mean == pytest.approx(0.5)
    assert low < 0.5 < high
    assert (wider - narrower) / (high - low) == pytest.approx(0.5, abs=0.1)
    with pytest.raises(ValueError, match="at least 2"):
        td.resampled_mean(pd.Series([1.0, np.nan]))


@pytest.mark.parametrize(
    ("columns", "conditions", "said"),
    [
        (["intervention"], ["agentic"], "cells: given no column condition, effect, study, read; needed: a table"),
        (None, [], "conditions: given .*; needed: a list of some of standard-test"),
        (None, "agentic", "conditions: given 'agentic'; needed: a list"),
        (None, ["agentik"], "conditions: given .*agentik.*; needed: a list"),
    ],
)
def test_a_condition_or_a_table_that_is_none_is_said(columns, conditions, said):
    """A condition that no record knows would count nothing in silence, and so would the letters of one that is no list."""
    cells = _cells(("mix", "agentic", "works", "a", "primary"))
    with pytest.raises(ValueError, match=said):
        td.mitigations_holding(cells[columns] if columns else cells, conditions)


@pytest.mark.parametrize(
    "falling", [[2.0, 1.5, 0.4, 0.1], [2.0, 0.3, 0.6, 0.2], [2.0, 1.5, 1.2, 0.9], [0.5, 0.4, 0.3, 0.2]]
)
def test_a_curve_that_falls_is_not_there_from_the_start(falling):
    """A loss beside a level it falls to is refused by every function of a rising curve, which names the negative; the negative passes."""
    steps, curve = [0, 100, 200, 300], np.array(falling)
    asked = [
        lambda y, level: td.first_crossing(steps, y, level), lambda y, level: td.transition(steps, y, level - 0.5, level + 0.5),
        lambda y, level: pt.time_to_learn(steps, [y], level), lambda y, level: td.reached(pd.DataFrame([y], columns=steps), level),
    ]  # fmt: skip
    for ask in asked:
        with pytest.raises(
            ValueError, match=r"a curve that falls, from .*; needed: scores that rise; of a loss the negative"
        ):
            ask(curve, 0.5)
    crossed = td.first_crossing(steps, -curve, -0.5)
    assert np.isnan(crossed) or np.interp(crossed, steps, curve) == pytest.approx(0.5)


def test_a_run_that_is_there_from_the_start_may_waver():
    """A score that begins above the level and ends a little lower, above it too, was there at the first step."""
    assert td.first_crossing([5, 6, 7], [1.0, 0.8, 0.96], 0.9) == 5
