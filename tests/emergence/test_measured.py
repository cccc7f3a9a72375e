"""Tables of scores: what is guessed is said, what could change the answer in silence is refused."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from emergence.your_curve.logs import read_any
from emergence.your_curve.measured import Form, Unfit, by_output, read_frame, size_of, stem_of, under_our_names

SCALES = [1e8, 3e8, 1e9, 3e9, 1e10, 3e10]
SHARES = [0.02, 0.05, 0.10, 0.30, 0.55, 0.80]


def frame(**columns):
    """A table of six scores, with other columns in place of its own."""
    return pd.DataFrame({"scale": SCALES, "score": SHARES, "metric": "accuracy", "items": 500} | columns)


def only(table, **form):
    """The one curve of a table."""
    (found,) = read_frame(table, Form(**form)).curves
    return found


def test_a_clean_table_is_read_without_a_guess():
    """Scale, score, metric and items as they should be: nothing is taken for granted."""
    found = only(frame())

    assert found.guesses == ()
    assert found.curve.scores.tolist() == SHARES
    assert found.curve.items.tolist() == [500] * 6
    assert (found.curve.kind, found.metric) == ("share", "accuracy")


def test_rows_out_of_order_are_sorted_and_it_is_said():
    """The same curve comes of a shuffled table, with a sentence."""
    mixed = frame().sample(frac=1, random_state=3)
    found = only(mixed)

    assert found.curve.scores.tolist() == SHARES
    assert found.guesses == ("Rows were not in the order of scale and were sorted.",)


@pytest.mark.parametrize(
    ("columns", "form", "said"),
    [
        (
            {"chance": 0.5},
            {"chance": 0.25},
            "chance: given 0.25, and row 1 of the table says 0.5; needed: one of the two",
        ),
        (
            {"chance": [None, 25, None, 25, 30, 25]},
            {"chance": 0.25},
            "chance: given 0.25, and row 5 of the table says 30",
        ),
        ({"items": 500}, {"items": 80}, "items: given 80, and row 1 of the table says 500"),
        ({"metric": "loss"}, {"kind": "share"}, "kind: given share, and the table says loss, which is a loss"),
        (
            {"metric": "perplexity"},
            {"kind": "share"},
            "kind: given share, and the table says perplexity, which is a loss",
        ),
        (
            {"metric": "exact_match,none"},
            {"kind": "loss"},
            "kind: given loss, and the table says exact_match,none, which is a share",
        ),
        ({"step": [1, 2, 3, 4, 5, 6]}, {"over": "scale"}, "over: given scale, and the column of steps says training"),
    ],
)
def test_a_word_that_the_table_contradicts_is_refused(columns, form, said):
    """What a table says, an option does not say otherwise; what both say alike, or the table leaves open, is taken."""
    table = frame(**columns)
    if "step" in columns:
        table = table.drop(columns="scale")
    with pytest.raises(Unfit, match=re.escape(said)):
        read_frame(table, Form(**form))
    assert only(frame(chance=[None, 1, None, 1, 1, 1]), chance=0.01, items=500).curve.chance == 0.01
    assert only(frame(metric="mean"), kind="loss").curve.kind == "loss"


@pytest.mark.parametrize(
    ("columns", "form"),
    [
        ({"score": [100 * s for s in SHARES]}, {}),
        ({"score": [f"{100 * s:g}%" for s in SHARES], "metric": "anything"}, {}),
        ({"score": [100 * s for s in SHARES], "metric": "anything"}, {"percent": True}),
    ],
)
def test_percent_becomes_shares(columns, form):
    """Percent is known by the metric, by the sign, or by word, and unless it was said it is said back."""
    found = only(frame(**columns), **form)

    assert found.curve.scores == pytest.approx(SHARES)
    assert any("taken as percent" in note for note in found.guesses) is not form.get("percent", False)


def test_scores_beyond_one_without_a_metric_are_refused():
    """Percent, a loss or a rating: nobody can know, so that the sentence asks."""
    table = frame(score=[100 * s for s in SHARES]).drop(columns="metric")

    with pytest.raises(
        Unfit, match=r"from 2 to 80, outside 0 to 1, without a metric; needed: .*--percent, or --kind loss"
    ):
        read_frame(table)
    assert only(table, kind="loss").curve.kind == "loss"


@pytest.mark.parametrize("bad", [-0.2, 130.0])
def test_percent_out_of_range_is_refused(bad):
    """A share below 0 or above 100 percent is none."""
    with pytest.raises(Unfit, match="needed"):
        read_frame(frame(score=[bad, *[100 * s for s in SHARES[1:]]]))


def test_losses_and_perplexities_are_known_by_their_names():
    """A loss stays, a perplexity becomes its logarithm, and both are said."""
    losses = [3.0, 2.8, 2.6, 2.4, 2.2, 2.0]
    loss, ppl = only(frame(score=losses, metric="loss")), only(frame(score=np.exp(losses), metric="ppl"))

    assert loss.curve.scores == pytest.approx(losses)
    assert ppl.curve.scores == pytest.approx(losses)
    assert loss.curve.kind == ppl.curve.kind == "loss"
    assert "perplexity" in ppl.guesses[0]
    with pytest.raises(Unfit, match=r"perplexity of 0\.5; needed: above 1"):
        read_frame(frame(score=[0.5, *losses[1:]], metric="ppl"))


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ([0.92, 0.85, 0.70, 0.55, 0.60, 0.81], "and rises to 0.81 at the largest"),
        ([3.0, 2.8, 2.6, 2.4, 2.2, 2.25], ""),
        ([3.0, 2.8, 2.6, 2.4, 2.2, 2.0], ""),
    ],
)
def test_a_loss_that_turns_is_told(losses, said):
    """No account turns, so that a verdict and a forecast from a curve that falls and then rises are of its fall alone."""
    guesses = only(frame(score=losses, metric="loss")).guesses

    assert any(said in guess for guess in guesses) if said else not any("rises to" in guess for guess in guesses)


def test_three_scales_are_too_few():
    """Below four scales nothing is answered, and the sentence says how many there are."""
    with pytest.raises(Unfit, match="given 3 scales with scores; needed: 4 different scales at least, 6 to weigh"):
        read_frame(frame().head(3))


def test_scores_at_one_scale_are_runs_and_rows_twice_are_one():
    """Different scores at a scale are seeds; a table pasted twice is one table; labelled seeds are never dropped."""
    both = pd.concat([frame(), frame(score=[s + 0.01 for s in SHARES])])
    seeds = only(both)
    pasted = only(pd.concat([frame(), frame()]))
    zeros = only(pd.concat([frame(score=0.0).assign(seed=i) for i in range(2)]))

    assert len(seeds.curve.scales) == 12
    assert "taken as separate runs" in " ".join(seeds.guesses)
    assert len(pasted.curve.scales) == 6
    assert "repeat another row" in pasted.guesses[0]
    assert len(zeros.curve.scales) == 12


def test_one_run_has_one_score_at_a_scale():
    """Two scores of one seed at one scale are no separate runs, and no mean of them is taken; other models may share it."""
    scales, seeds = [1e8, 1e8, 1e9, 1e10, 1e11], [1, 1, 1, 1, 1]
    table = pd.DataFrame({"scale": scales, "score": [0.02, 0.9, 0.05, 0.4, 0.8], "seed": seeds})
    with pytest.raises(
        Unfit, match=r"given seed 1 twice at scale 1e\+08, with the scores 0.02 and 0.9; needed: one score"
    ):
        read_frame(table)

    assert len(only(table.assign(seed=[1, 2, 1, 1, 1])).curve.scores) == 5
    assert len(only(table.assign(seed=["", "", 1, 1, 1])).curve.scores) == 5
    assert len(read_frame(table.assign(model=list("abcde")), Form(mixed=True)).curves[0].curve.scores) == 5


def test_years_are_no_sizes():
    """Three times a year is none: years as scales are refused, unless they are steps of training."""
    years = [2019, 2020, 2021, 2022, 2023, 2024]
    with pytest.raises(Unfit, match="given 2019 to 2024, which are years; needed: the size"):
        read_frame(frame(scale=years))

    for fine, form in ((years, Form(over="training")), ([y * 1e6 for y in years], None), ([1, *years[1:]], None)):
        assert len(read_frame(frame(scale=fine), form).curves[0].curve.scores) == 6


def test_a_column_that_is_not_read_is_named():
    """An error of a score and a second metric beside it are left out aloud, with the form in which the metric is read."""
    assert only(frame(stderr=0.3)).guesses == ("The column stderr was not read.",)
    assert only(frame(stderr=0.3, F1=0.5)).guesses == (
        "The columns stderr, F1 were not read. A second metric is read from rows of its own, named in a column metric.",
    )
    assert only(frame(file="log.json", **{"Unnamed: 0": 1})).guesses == ()


def test_mixed_models_are_refused_until_somebody_says_so():
    """Names that differ by more than size are no ladder; a family column parts them, a word joins them."""
    names = ["pythia-70m", "pythia-160m", "pythia-1b", "opt-1.3b", "opt-6.7b", "opt-13b"]

    with pytest.raises(Unfit, match=r"\(opt, pythia\); needed: a column family"):
        read_frame(frame(model=names))
    assert len(only(frame(model=names), mixed=True).curve.scales) == 6
    assert only(frame(model=[f"toy-{s}" for s in ("70m", "1b", "2b", "4b", "7b", "9b")])).curve.kind == "share"


def test_every_family_and_metric_is_a_curve_and_the_thin_ones_are_named():
    """Groups are answered one by one; one with too few scales is left out with its reason."""
    table = pd.concat([frame(family="a"), frame(family="b").head(3), frame(family="a", metric="f1")])
    found = read_frame(table)

    assert [(c.family, c.metric) for c in found.curves] == [("a", "accuracy"), ("a", "f1")]
    assert found.refused[0].startswith("b, accuracy: given 3 scales")
    assert len(list(by_output(found.curves))) == 1
    assert only(table, family="a", metric="f1").metric == "f1"
    with pytest.raises(Unfit, match="given the family c; the table has a, b"):
        read_frame(table, Form(family="c"))


def test_missing_items_are_said():
    """Without a number of items three are tried; a gap makes it unknown; fewer than ten are refused."""
    assert "is not known" in only(frame().drop(columns="items")).guesses[0]
    gap = only(frame(items=[500, None, 500, 500, 500, 500]))
    assert gap.curve.items is None
    assert "missing in some rows" in gap.guesses[0]
    assert only(frame().drop(columns="items"), items=80).curve.items.tolist() == [80] * 6
    with pytest.raises(Unfit, match="given 4 test items; needed: 10 to a billion"):
        read_frame(frame(items=4))


def test_a_falling_share_is_turned_round():
    """One less the score is weighed, no floor is assumed, and values go back as they were given."""
    found = only(frame(score=SHARES[::-1], chance=0.25))

    assert found.falling
    assert found.curve.scores == pytest.approx([1 - s for s in SHARES[::-1]])
    assert found.curve.chance == 0
    assert found.as_given(found.curve.scores) == pytest.approx(SHARES[::-1])


def test_chance_is_one_number_for_a_curve():
    """A level of guessing may be a share or percent, and must be the same in all rows."""
    assert only(frame(score=[0.3] * 5 + [0.5], chance=25)).curve.chance == 0.25
    assert only(frame(), chance=0.0).curve.chance == 0
    with pytest.raises(Unfit, match="2 levels of chance"):
        read_frame(frame(chance=[0.25] * 5 + [0.5]))
    for wrong in (1.0, 1.5, 25):
        with pytest.raises(Unfit, match=f"given a chance of {wrong:g}; needed: from 0 to below 1"):
            read_frame(frame(), Form(chance=wrong))


def test_a_level_of_guessing_above_every_score_is_refused():
    """Scores may lie below guessing by the luck of their items, but not all of them far below it."""
    with pytest.raises(Unfit, match=r"given a chance of 0.99, above every score \(the highest is 0.8\)"):
        read_frame(frame(chance=0.99))
    assert only(frame(score=[0.23, 0.24, 0.22, 0.24, 0.23, 0.24], chance=0.25)).curve.chance == 0.25


def test_two_columns_of_one_name_are_refused():
    """Which of them is meant nobody knows, however they are spelt; columns without a name may be many."""
    with pytest.raises(Unfit, match=r"given two columns of one name \(score and Score\); needed: one of each"):
        read_frame(frame(Score=SHARES[::-1]))
    assert only(frame(**{"": 0, " ": 1})).guesses == ()


def test_a_size_is_read_whole_or_not_at_all():
    """A comma, a minus or a point before it makes a size another number, and none is read in its place."""
    assert [size_of(f"llama-{text}") for text in ("1,4B", "1.1.4B", "1.4B", "7B")] == [None, None, 1.4e9, 7e9]
    for cell in ("1,4B", "-7B", "7%"):
        with pytest.raises(Unfit, match="scale: row 1 is "):
            read_frame(frame(scale=[cell, *SCALES[1:]]))


def test_columns_go_by_their_common_names():
    """Sizes with letters, steps of training, a score named by its metric, scales in the names of models."""
    table = pd.DataFrame({"Params": ["70M", "160M", "1B", "7b"], "ACC": [0.1, 0.2, 0.3, 0.4], "N": 100})
    steps = pd.DataFrame({"step": [1, 10, 100, 1000], "loss": [3.0, 2.0, 1.5, 1.2]})
    named = pd.DataFrame({"model": ["toy-70m", "toy-1b", "toy-7b", "toy-13b"], "score": [0.1, 0.2, 0.3, 0.4]})

    assert only(table).curve.scales.tolist() == [7e7, 1.6e8, 1e9, 7e9]
    assert only(table).metric == "accuracy" or only(table).metric == "acc"
    assert only(steps).curve.over == "training"
    assert only(named).curve.scales.tolist() == [7e7, 1e9, 7e9, 1.3e10]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pd.DataFrame({"a": [1], "b": [2]}), "with the columns a, b; needed: scale and score"),
        (pd.DataFrame({"scale": [], "score": []}), "given 0 rows"),
        (frame(score=["high"] * 6), "score: row 1 is 'high'; needed: a number"),
        (frame(scale=[0.0, *SCALES[1:]]), "scale: row 1 is 0; needed: scales above 0"),
        (
            frame().rename(columns={"score": "val_loss"}),
            r"score \(.*\); or the column that holds the scores as the metric \(--metric\), of .*val_loss",
        ),
        (frame(score=[np.inf, *SHARES[1:]]), "not finite"),
        (frame(scale=[1e8, 1e8 + 1, 1e8 + 2, 1e8 + 3, 1e8 + 4, 1e8 + 5]), "a range of a thousandth"),
    ],
)
def test_nonsense_is_refused_with_what_was_given_and_needed(table, words):
    """A table without the columns, without rows, or with cells that are no numbers is refused in a sentence."""
    with pytest.raises(Unfit, match=words):
        read_frame(table)


def test_the_scores_may_stand_in_the_column_of_the_metric_asked_for():
    """A training log has a column a loss; that of the metric is read, and a row of step 0 is left out and told."""
    steps = [0, 10, 100, 1000, 10_000, 100_000]
    log = pd.DataFrame({"step": steps, "train_loss": [9, 6, 5, 4, 3.5, 3], "Val loss": [9.1, 6.1, 5.1, 4.1, 3.6, 3.2]})

    (found,) = read_frame(log, Form(metric="val_loss", kind="loss")).curves
    assert found.curve.scales.tolist() == steps[1:]
    assert found.curve.scores.tolist() == [6.1, 5.1, 4.1, 3.6, 3.2]
    assert any(guess.startswith("1 of 6 rows are of step 0") for guess in found.guesses)
    assert list(under_our_names(log, "val_loss")) == ["scale", "score", "metric"]


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (["mistral-1b", "mistral-3b", "mixtral-8x7b", "mistral-123b"], "mixtral-8x7b"),
        (["sparse-8x1B", "sparse-8x3B", "sparse-8x7B", "sparse-8x13B"], "sparse-8x1B"),
        (["phi-3-mini-4k", "phi-3-small-8k", "phi-3-medium-128k", "phi-3-large-1M"], "phi-3-mini-4k"),
    ],
)
def test_a_size_that_a_name_does_not_say_is_asked_for(names, first):
    """One expert of eight is not the model, and a length of context is no size: both are asked for, not taken."""
    table = pd.DataFrame({"model": names, "score": [0.1, 0.2, 0.3, 0.4]})
    with pytest.raises(Unfit, match=f"needed: scale .*; {first} says no one number of parameters: of experts"):
        read_frame(table)
    assert read_frame(table.assign(scale=[1e9, 3e9, 4.7e10, 1e11]), Form(mixed=True)).curves


def test_two_models_at_one_scale_are_named():
    """That other models were taken for runs of one is said with their names; runs of one model are not."""
    table = pd.DataFrame({"scale": [1e9, 7e9, 7e9, 1e10, 2e10], "score": [0.1, 0.2, 0.3, 0.4, 0.5]})
    said = [g for g in read_frame(table.assign(model=list("abcde")), Form(mixed=True)).curves[0].guesses if "(seeds)" in g]  # fmt: skip
    assert said[0].endswith(" At 7e+09 they are of b and c: two models are no two runs of one.")
    for one in (table, table.assign(model="a")):
        assert all(g.endswith("(seeds).") for g in read_frame(one).curves[0].guesses if "(seeds)" in g)


def test_empty_cells_are_left_out_aloud():
    """A row without a score is no score, and it is said."""
    found = only(frame(score=[*SHARES[:5], None]))

    assert len(found.curve.scales) == 5
    assert found.guesses[0] == "1 of 6 rows have no scale or no score and were left out."


def test_sizes_and_stems():
    """A name says its size only where it says one; its stem is what is left."""
    assert size_of("toy-7b-v0.1") == 7e9
    assert size_of("moe-8x7b-1b") is None
    assert stem_of("org/Llama-2-7b") == stem_of("llama-13b") == "llama"


def test_more_scores_than_can_be_weighed_are_refused():
    """A log of every step is told to average or thin, and not weighed until nobody waits any more."""
    scales = np.arange(1, 50_001)
    with pytest.raises(Unfit, match="given 50,000 scores of one curve; needed: 200 at most; average"):
        read_frame(pd.DataFrame({"scale": scales, "accuracy": scales / 50_000}))


def test_one_score_above_one_is_a_slip_and_no_percent():
    """A largest score between 1 and 2 is named with its row, unless percent are asked for."""
    table = pd.DataFrame({"params": [1e8, 1e9, 1e10, 1e11, 1e12], "accuracy": [0.01, 0.02, 1.2, 0.4, 0.5]})
    with pytest.raises(Unfit, match=r"row 3 is 1.2, the largest; needed: shares up to 1, or --percent"):
        read_frame(table)

    assert read_frame(table, Form(percent=True)).curves[0].curve.scores.max() == pytest.approx(0.012)


def test_a_level_of_guessing_above_most_scores_is_said():
    """Where most scores lie below what guessing gets right, by more than luck, a reader is told."""
    table = pd.DataFrame({"params": [1e8, 1e9, 1e10, 1e11, 1e12], "accuracy": [0.01, 0.02, 0.05, 0.4, 0.9]})

    said = "4 of 5 scores lie further below the level of guessing, 0.95, than luck explains"
    assert [g for g in read_frame(table, Form(chance=0.95)).curves[0].guesses if g.startswith(said)]
    assert not [g for g in read_frame(table, Form(chance=0.1)).curves[0].guesses if "level of guessing" in g]


def _guesses(scores: list[float], scales: list[float], form: Form | None = None, **columns: object) -> str:
    table = pd.DataFrame({"scale": scales, "score": scores, **columns})
    return " ".join(read_frame(table, form).curves[0].guesses)


def test_what_scores_and_scales_may_be_instead_is_said():
    """A loss that rises, scales that may be logarithms, and shares that the items do not allow are taken aloud."""
    rising, logs, sizes = [0.02, 0.03, 0.05, 0.4, 0.9], [8.0, 8.5, 9.0, 9.5, 10.0], [1e8, 3e8, 1e9, 3e9, 1e10]

    mixed, percent = [0.34, 12.0, 30.0, 55.0, 71.0], Form(percent=True)
    assert "0.34 was taken as 0.34 percent" in _guesses(mixed, sizes, percent)
    assert "0.34 was taken" not in _guesses([3.4, *mixed[1:]], sizes, percent)
    assert "say --kind share" in _guesses(rising, sizes, Form(kind="loss"))
    assert "say --kind share" not in _guesses(rising[::-1], sizes, Form(kind="loss"))
    assert "from 8 to 10 were taken as they stand" in _guesses(rising, logs)
    assert "as they stand" not in _guesses(rising, sizes)
    assert "0.02 of 10 is no share of the items" in _guesses(rising, sizes, items=10)
    assert "no share" not in _guesses(rising, sizes, items=100)
    assert "no share" not in _guesses([0.33, 0.67, 0.33, 0.67, 1.0], sizes, items=12)


@pytest.mark.parametrize("stray", ["10", "1e16", "0.001B"])
def test_a_scale_in_another_unit_than_the_others_is_refused(stray):
    """A bare 10 among millions and billions, or a size in other units, would move the verdict: it is named with its neighbour."""
    scales = ["100M", "300M", "1B", "3B", stray, "30B"]
    if stray == "0.001B":
        assert len(only(frame(scale=scales)).curve.scores) == 6
        return
    said = "row 5 is '10', without a letter" if stray == "10" else "powers of ten apart, where the others lie closer"
    with pytest.raises(Unfit, match=said):
        read_frame(frame(scale=scales if stray == "10" else [*scales[:4], "10B", stray]))


def test_one_scale_without_its_letter_is_refused():
    """A letter that was forgotten once is missed however near the others lie; a number written out needs none."""
    with pytest.raises(Unfit, match=r"scale: row 3 is '100', without a letter for thousands.* as 10k"):
        read_frame(frame(scale=["10k", "30k", "100", "300k", "1M", "3M"]))

    for scales in (["500", "1k", "2k", "4k", "8k", "16k"], ["500000000", "1B", "2B", "4B", "8B", "16B"], ["1", "10", "100", "1k", "10k", "100k"]):  # fmt: skip
        assert len(only(frame(scale=scales)).curve.scores) == 6


@pytest.mark.parametrize(
    ("size", "scale", "refused"),
    [("toy-70b", "700B", True), ("toy-70b", 7e7, True), ("toy-8x7b", "46.7B", False), ("toy-large", "700B", False)],
)
def test_a_scale_that_is_not_the_size_in_the_model_s_name_is_refused(size, scale, refused):
    """Where scales are the sizes that the names say, one that is ten times another size is a slip; compute is no size."""
    names = ["toy-1b", "toy-3b", "toy-7b", "toy-13b", "toy-30b", size]
    scales = ["1B", "3B", "7B", "13B", "30B", scale] if isinstance(scale, str) else [1e9, 3e9, 7e9, 13e9, 30e9, scale]
    table = frame(model=names, scale=scales)
    if refused:
        with pytest.raises(Unfit, match=f"and its model is {size}; needed: the size in the name"):
            read_frame(table)
    else:
        assert len(only(table, mixed=True).curve.scores) == 6
    assert len(only(frame(model=names), mixed=True).curve.scores) == 6


@pytest.mark.parametrize("column", ["params", "acc", "items", "model"])
def test_a_row_without_a_cell_is_left_out_or_asked_about_in_a_sentence(tmp_path, column):
    """A file with a cell that is empty, as an average without a size is, ends in no error of Python's, wherever the cell stands."""
    rows = [{"model": f"toy-{s}", "params": s, "acc": a, "items": "100"} for s, a in zip(("70M", "160M", "1B", "7B", "12B"), "23456", strict=True)]  # fmt: skip
    rows[3][column] = ""
    path = tmp_path / "t.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    said = read_frame(read_any(path).frame, Form(percent=True)).curves[0].guesses

    assert any("1 of 5 rows have no scale or no score" in note for note in said) == (column in ("params", "acc"))


@pytest.mark.parametrize(
    ("scales", "refused"),
    [
        ([125, 350, 760, 1.3, 2.7, 13], "given 760 beside 1.3, .*as 760M and 1.3B"),
        ([13, 2.7, 1.3, 760, 350, 125], "given 760 beside 1.3, .*as 760M and 1.3B"),
        ([0.125, 0.35, 1.3, 2.7, 13, 175], ""),
        ([70, 160, 410, 1000, 70, 160, 410, 1000], ""),
        ([1e21, 3e21, 1e22, 1e20], ""),
    ],
)
def test_a_ladder_in_millions_and_then_in_billions_is_refused(scales, refused):
    """Scales that fall once and would go on rising by a thousand are in two units; billions alone, and two runs, are not."""
    table = pd.DataFrame({"params": scales, "acc": np.linspace(0.1, 0.8, len(scales))})
    if not refused:
        assert read_frame(table).curves
        return
    with pytest.raises(Unfit, match=refused):
        read_frame(table)


def test_a_count_with_a_point_before_three_digits_is_asked_about():
    """20.000 items are twenty or twenty thousand, and the verdict hangs on which."""
    table = pd.DataFrame(
        {"params": ["1e8", "1e9", "1e10", "1e11"], "acc": ["0.1", "0.2", "0.3", "0.4"], "items": "20.000"}
    )
    with pytest.raises(
        Unfit, match=r"items: row 1 is '20.000', which is 20 or 20000; needed: the digits without a point"
    ):
        read_frame(table)
