"""Charts that draw every row and would be read as another thing: each kind is refused, and what is meant so is left."""

from __future__ import annotations

import altair as alt
import pandas as pd
import pytest

from review_book.execute import shown

FRAME = pd.DataFrame(
    {
        "size": [1, 2, 3, 1, 2, 3], "score": [10, 20, 30, 5, 6, 7], "share": [0.1, 0.2, 0.3, 0.05, 0.06, 1.0],
        "kind": list("aaabbb"), "label": ["2M", "10M", "100M"] * 2,
    }
)  # fmt: skip
MANY = pd.DataFrame({"x": range(9), "kind": list("abcdefghi")})
BASE = alt.Chart(FRAME, title="t")
AT = {"x": "size:O", "y": "score:Q"}
ALONG = {"x": "size:Q", "y": "score:Q"}


def _refused(chart):
    with pytest.raises(ValueError, match="; needed: ") as caught:
        shown.check_chart(chart.to_dict())
    return str(caught.value)


STACKED = {
    "bars": BASE.mark_bar().encode(**AT),
    "each row twice": alt.Chart(pd.concat([FRAME, FRAME]), title="t").mark_bar().encode(**AT, color="kind:N", xOffset="kind:N"),
    "bars that lie": BASE.mark_bar().encode(y="size:O", x="score:Q"),
    "one bar": BASE.mark_bar().encode(x="score:Q"),
    "an area": BASE.mark_area().encode(**ALONG),
    "bars behind a filter": BASE.mark_bar().encode(**AT).transform_filter("isValid(datum.score) && datum.size < 3"),
    "bars in a layer beside a column that is computed": alt.layer(BASE.mark_bar(), BASE.mark_tick()).encode(**AT).transform_calculate(z="datum.score * 2"),
}  # fmt: skip


@pytest.mark.parametrize("what", STACKED)
def test_rows_that_are_drawn_as_their_sum_are_refused(what):
    """Vega-Lite sets bars of one place on top of each other; nothing shows that there are several."""
    said = _refused(STACKED[what])

    assert "several rows in one " in said
    assert "which are drawn as their sum" in said


TO_AND_FRO = {
    "a line": BASE.mark_line().encode(**ALONG),
    "a line in a layer": alt.layer(BASE.mark_line(), BASE.mark_point()).encode(**ALONG),
    "a line over names": BASE.mark_line().encode(**AT),
    "a line that stands": BASE.mark_line().encode(y="size:O", x="score:Q"),
    "a band": BASE.mark_area().encode(**ALONG, y2="share"),
    "shapes, which part no line": BASE.mark_line().encode(**ALONG, shape="kind:N"),
}


@pytest.mark.parametrize("what", TO_AND_FRO)
def test_a_line_through_several_series_is_refused(what):
    """Two rows at one place, and nothing says that they are of two lines."""
    assert "a line through several rows at 1 in the column size, 10 and 5 in the column score" in _refused(TO_AND_FRO[what])  # fmt: skip


OUTSIDE = {
    "points on a line that is cut": (BASE.mark_line(point=True, clip=True), True),
    "points on a line": (BASE.mark_line(point=True), True),
    "a line that is cut": (BASE.mark_line(clip=True), True),
    "a line that leaves the axis in sight": (BASE.mark_line(), False),
}


@pytest.mark.parametrize("what", OUTSIDE)
def test_rows_beyond_the_ends_of_an_axis_are_refused(what):
    """A line that is cut at the edge of the picture looks as if it ended there, and hides the rows that tell otherwise."""
    chart, refused = OUTSIDE[what]
    chart = chart.encode(x="size:Q", y=alt.Y("score:Q").scale(domain=[0, 15]), color="kind:N")
    if refused:
        assert "20 in the column score, which an axis from 0 to 15 leaves out; needed: " in _refused(chart)
    else:
        shown.check_chart(chart.to_dict())


YEARS = pd.DataFrame({"year": [2024, 2025, 2026], "score": [1, 2, 3]})


def test_numbers_drawn_as_days_are_refused():
    """Vega takes a number on an axis of days, or in a tooltip, for milliseconds: years would all be 1 January 1970."""
    chart = alt.Chart(YEARS, title="t").mark_line()
    told = "2024 in the column year, which its {} takes for so many milliseconds"
    assert told.format("x") in _refused(chart.encode(x="year:T", y="score:Q"))
    assert told.format("tooltip") in _refused(chart.encode(x="year:Q", y="score:Q", tooltip=["score", "year:T"]))
    shown.check_chart(chart.encode(x=alt.X("year:Q").axis(format="d"), y="score:Q").to_dict())
    days = YEARS.assign(year=pd.to_datetime(YEARS.year.astype(str)))
    shown.check_chart(alt.Chart(days, title="t").mark_line().encode(x="year:T", y="score:Q").to_dict())
    late = YEARS.assign(year=[1.6e12, 1.7e12, 1.8e12])
    shown.check_chart(alt.Chart(late, title="t").mark_line().encode(x="year:T", y="score:Q").to_dict())


UPSIDE_DOWN = {
    "reverse": alt.Y("score:Q").scale(reverse=True), "sort": alt.Y("score:Q").sort("descending"),
    "domain": alt.Y("score:Q").scale(domain=[30, 0]),
}  # fmt: skip


@pytest.mark.parametrize("how", UPSIDE_DOWN)
def test_an_axis_that_is_upside_down_is_refused(how):
    """A rise would be drawn as a fall; of ranks the first is the highest, and an axis may fall to the right."""
    chart = alt.Chart(YEARS, title="t").mark_line()
    assert f"an axis y that is upside down by its {how}" in _refused(chart.encode(x="year:Q", y=UPSIDE_DOWN[how]))
    shown.check_chart(chart.encode(x="year:Q", y=UPSIDE_DOWN[how].copy().title("rank among models")).to_dict())
    shown.check_chart(chart.encode(x="year:Q", y=UPSIDE_DOWN[how].copy().axis(None)).to_dict())
    shown.check_chart(chart.encode(x=alt.X("year:Q").scale(reverse=True), y="score:Q").to_dict())


def test_rows_at_the_edge_of_a_clamped_axis_are_no_level():
    """Where many rows lie beyond the domain, clamp draws a plateau that no row has; a few may."""
    chart = alt.Chart(pd.DataFrame({"x": range(20), "y": range(20)}), title="t").mark_line()

    def drawn(top, clamp=True):
        return chart.encode(x="x:Q", y=alt.Y("y:Q").scale(domain=[0, top], clamp=clamp))

    assert "14 of 20 rows of y beyond 0 to 5, which clamp draws at the edge" in _refused(drawn(5))
    shown.check_chart(drawn(18).to_dict())
    shown.check_chart(drawn(19).to_dict())


@pytest.mark.parametrize(
    ("column", "title", "told"),
    [
        ("params", "training compute (FLOP)", True), ("train_flop", "training tokens", True), ("step", "tokens seen", True),
        ("params", "parameters without embedding", False), ("size", "training compute (FLOP)", False),
        ("tokens_per_param", "tokens for each parameter", False), ("params", "size of the model", False),
    ],
)  # fmt: skip
def test_an_axis_is_titled_by_what_its_column_holds(column, title, told):
    """Parameters under the title of a budget would be read as FLOP; a title that names no quantity is the author's."""
    frame = pd.DataFrame({column: [1e6, 1e7, 1e8], "score": [1, 2, 3]})
    chart = alt.Chart(frame, title="t").mark_point().encode(x=alt.X(f"{column}:Q").title(title), y="score:Q")

    if not told:
        shown.check_chart(chart.to_dict())
        return
    said = _refused(chart)
    assert f"titled {title}, over the column {column}" in said


def test_an_axis_says_its_magnitude_once():
    """Under "billions" a label of 10M is ten million billions; the one or the other may stand."""
    chart = alt.Chart(pd.DataFrame({"x": [1e5, 1e6, 1e7], "y": [1, 2, 3]}), title="t").mark_line()

    def drawn(title, way):
        return chart.encode(x=alt.X("x:Q").title(title).axis(format=way), y="y:Q")

    assert "says billions again" in _refused(drawn("words, billions", "~s"))
    shown.check_chart(drawn("words", "~s").to_dict())
    shown.check_chart(drawn("words, millions", "~g").to_dict())


BY_CHANCE = {
    "a band": BASE.mark_errorband(extent="ci").encode(**ALONG),
    "bars": BASE.mark_errorbar(extent="ci").encode(**ALONG),
    "an end": BASE.mark_area().encode(x="size:Q", y="ci0(score):Q", y2="ci1(score):Q"),
    "a step": BASE.mark_point().transform_aggregate(low="ci0(score)", groupby=["size"]).encode(x="size:Q", y="low:Q"),
}


@pytest.mark.parametrize("what", BY_CHANCE)
def test_an_interval_by_chance_is_refused(what):
    """Vega resamples anew for each drawing: the wide one, the one for a phone and the next build would show three intervals."""
    assert "an interval that Vega draws by chance" in _refused(BY_CHANCE[what])


IMPUTED = {
    "a channel": BASE.mark_line().encode(
        x="size:Q", y=alt.Y("score:Q", impute=alt.ImputeParams(value=0)), color="kind:N"
    ),
    "a step": BASE.mark_line().transform_impute(impute="score", key="size", value=0).encode(x="size:Q", y="score:Q"),
}


@pytest.mark.parametrize("how", IMPUTED)
def test_rows_that_are_put_in_are_refused(how):
    """A point at 0 where nobody measured looks as one that somebody did, and the download does not hold it."""
    assert "impute, by which values are drawn that no row has" in _refused(IMPUTED[how])


PERCENTS = {
    "an axis": BASE.mark_point().encode(x="size:Q", y=alt.Y("score:Q").axis(format="%")),
    "what a mark says": BASE.mark_point().encode(**ALONG, tooltip=["size", alt.Tooltip("score", format=".0%")]),
    "text": BASE.mark_text().encode(**ALONG, text=alt.Text("score:Q", format=".0%")),
    "an expression": BASE.mark_point().encode(x="size:Q", y=alt.Y("score:Q").axis(labelExpr="format(datum.value, '.0%')")),
    "all numbers": BASE.mark_point().encode(x="size:O", y="score:Q").configure(numberFormat=".0%"),
    "a mean": BASE.mark_point().encode(x="size:Q", y=alt.Y("mean(score):Q").axis(format="%")),
    "a key": BASE.mark_point().encode(x="size:Q", color=alt.Color("score:Q").legend(format="%")),
}  # fmt: skip


@pytest.mark.parametrize("what", PERCENTS)
def test_a_percent_sign_on_what_is_in_percent_is_refused(what):
    """The format multiplies by a hundred: 30 percent would be 3000%."""
    assert "30 in the column score, which the format " in (said := _refused(PERCENTS[what]))
    assert "shows as 3000%; needed: shares from 0 to 1" in said


IN_WORDS = {
    "along an axis": BASE.mark_point().encode(x="label:N", y="score:Q"),
    "in a key": BASE.mark_point().encode(x="size:Q", color="label:N"),
    "over panels": BASE.mark_point().encode(x="size:Q").facet("label:N"),
    "after a name": alt.Chart(FRAME.assign(label="Pythia " + FRAME.label), title="t").mark_point().encode(y="label:N"),
    "beside one that is none": alt.Chart(FRAME.assign(label=["2M", "10M", "100M", "all", "10M", "2M"]), title="t").mark_point().encode(y="label:N"),
    "with their unit": alt.Chart(FRAME.assign(label=["2 layers", "10 layers", "2 layers"] * 2), title="t").mark_point().encode(y="label:N"),
    "powers": alt.Chart(FRAME.assign(label=["9e8", "1e10", "2e9"] * 2), title="t").mark_point().encode(y="label:O"),
    "bounds": alt.Chart(FRAME.assign(label=["<2", "2 to 5", "5 to 9"] * 2), title="t").mark_point().encode(y="label:O"),
}  # fmt: skip


@pytest.mark.parametrize("what", IN_WORDS)
def test_sizes_in_the_order_of_the_alphabet_are_refused(what):
    """100M comes before 2M where names are sorted as words; the message writes the order out."""
    assert "which stand in the order of the alphabet" in (said := _refused(IN_WORDS[what]))
    assert "needed: sort=[" in said


def test_the_order_that_is_needed_is_written_out():
    """An author copies it."""
    assert "sort=['2M', '10M', '100M']" in _refused(IN_WORDS["along an axis"])


LOGARITHMIC = {
    "bars": BASE.mark_bar().encode(x="size:O", y=alt.Y("mean(score):Q").scale(type="log")),
    "an area": BASE.mark_area().encode(x="size:Q", y=alt.Y("mean(score):Q").scale(type="log")),
    "bars whose layer has the scale": BASE.mark_point().encode(x="size:O", y=alt.Y("score:Q").scale(type="log")) + BASE.mark_bar().encode(x="size:O", y="mean(score):Q"),
}  # fmt: skip


@pytest.mark.parametrize("what", LOGARITHMIC)
def test_bars_on_a_logarithmic_axis_are_refused(what):
    """There is no nought on it, so that all bars would have no height."""
    assert "over a logarithmic axis, on which there is no 0 to begin from" in _refused(LOGARITHMIC[what])


UNSEEN = {
    "white": (BASE.mark_point(color="white").encode(**ALONG), "white, which nobody sees on a page in the light"),
    "nearly white": (BASE.mark_line(stroke="#f4f4f4").encode(**ALONG, detail="kind:N"), "#f4f4f4"),
    "nearly black": (BASE.mark_point().encode(**ALONG, color=alt.value("rgb(20, 22, 24)")), "in the dark scheme"),
    "black words": (BASE.mark_text(color="black").encode(**ALONG, text="kind"), "in the dark scheme"),
    "for some": (BASE.mark_point().encode(**ALONG, color=alt.condition("datum.score > 9", alt.value("red"), alt.value("ivory"))), "ivory"),
    "for one name": (BASE.mark_point().encode(**ALONG, color=alt.Color("kind:N").scale(range=["red", "hsl(60, 100%, 95%)"])), "hsl("),
    "by the settings": (BASE.mark_point().encode(**ALONG).configure_mark(color="snow"), "snow"),
    "clear": (BASE.mark_point(color="transparent").encode(**ALONG), "marks that are clear"),
    "of no opacity": (BASE.mark_point(opacity=0).encode(**ALONG), "marks that are clear"),
    "a ground of its own": (BASE.mark_point().encode(**ALONG).configure(background="white"), "background=white"),
}  # fmt: skip


@pytest.mark.parametrize("what", UNSEEN)
def test_marks_in_the_colour_of_the_page_are_refused(what):
    """A page is white by day and nearly black by night; what has either colour is lost in one of them."""
    chart, part = UNSEEN[what]

    assert part in _refused(chart)


ALIKE = {
    "colours": BASE.mark_point().encode(x="size:Q", color=alt.Color("label:N").sort(None).scale(range=["red", "blue"])),
    "the book's colours": alt.Chart(MANY, title="t").mark_point().encode(x="x:Q", color="kind:N"),
    "signs": alt.Chart(MANY, title="t").mark_point().encode(x="x:Q", shape="kind:N"),
    "a scale that names more": BASE.mark_point().encode(x="size:Q", color=alt.Color("kind:N").scale(domain=["a", "b", "c"], range=["red", "blue"])),
}  # fmt: skip


@pytest.mark.parametrize("what", ALIKE)
def test_more_names_than_colours_are_refused(what):
    """A range that is used up begins anew, so that two names have one colour."""
    assert "so that several look the same" in _refused(ALIKE[what])


SAME = {
    "colours": BASE.mark_point().encode(x="size:Q", color=alt.Color("kind:N").scale(domain=["a", "b"], range=["#888", "#888"])),
    "colours in other letters": BASE.mark_line().encode(**ALONG, color=alt.Color("kind:N").scale(range=["Red", "red"])),
    "signs": BASE.mark_point().encode(x="size:Q", shape=alt.Shape("kind:N").scale(range=["circle", "circle"])),
    "dashes": BASE.mark_line().encode(**ALONG, strokeDash=alt.StrokeDash("kind:N").scale(range=[[1, 2], [1, 2]])),
}  # fmt: skip


@pytest.mark.parametrize("what", SAME)
def test_two_names_of_one_look_are_refused(what):
    """A range that holds a colour twice makes two series one."""
    assert "the names a and b in the column kind, both of the " in _refused(SAME[what])


BESIDE = {
    "a basis": (BASE.mark_line(interpolate="basis").encode(**ALONG, color="kind:N"), "interpolate=basis, by which a line leaves its rows; needed: monotone"),
    "an area": (BASE.mark_area(interpolate="cardinal").encode(**ALONG, color="kind:N"), "interpolate=cardinal, by which a area"),
    "by the settings": (BASE.mark_line().encode(**ALONG, color="kind:N").configure_line(interpolate="natural"), "interpolate=natural"),
    "rows that are clear": (BASE.mark_point().encode(**ALONG, opacity=alt.condition("datum.score > 9", alt.value(1), alt.value(0))), "rows of the opacity 0 by a condition, which are there and not seen"),
    "rows of no size": (BASE.mark_point().encode(**ALONG, size=alt.condition("datum.score > 9", alt.value(0), alt.value(40))), "rows of the size 0 by a condition"),
    "rows of no colour": (BASE.mark_point().encode(**ALONG, color=alt.condition("datum.score > 9", alt.value("red"), alt.value("transparent"))), "rows of the color transparent by a condition"),
    "the least row": (BASE.mark_point().encode(**ALONG, opacity=alt.Opacity("share:Q").scale(range=[0, 1])), "an opacity from 0, at which rows are there"),
    "another number along an axis": (BASE.mark_point().encode(x="size:Q", y=alt.Y("score:Q").axis(labelExpr="datum.value * 10")), "labels of its y by datum.value * 10, which compute another number"),
    "another number in a format": (BASE.mark_point().encode(x="size:Q", y=alt.Y("score:Q").axis(labelExpr="format(100 - datum.value, '.0f')")), "which compute another number"),
    "an axis that is not drawn": (alt.layer(BASE.mark_point().encode(**ALONG), BASE.mark_point().encode(x="size:Q", y=alt.Y("share:Q").axis(None))).resolve_scale(y="independent"), "the column share on an axis of y of its own whose numbers are not drawn, so that it is read by that of score"),
    "an axis without labels": (alt.layer(BASE.mark_point().encode(**ALONG), BASE.mark_point().encode(x="size:Q", y=alt.Y("share:Q").axis(labels=False))).resolve_scale(y="independent"), "the column share on an axis of y of its own whose numbers are not drawn, so that it is read by that of score"),
    "one column on two axes": (alt.layer(BASE.mark_point().encode(**ALONG), BASE.mark_point().encode(x="size:Q", y=alt.Y("score:Q").scale(domain=[0, 90]))).resolve_scale(y="independent"), "the column score on two axes of y in one place"),
}  # fmt: skip


@pytest.mark.parametrize("what", BESIDE)
def test_what_is_not_where_its_row_is_is_refused(what):
    """Lines that miss their points, rows that are hidden without a filter, labels of another number, one row at two heights."""
    chart, part = BESIDE[what]

    assert part in _refused(chart)


COMPUTED = {
    "a typo": (BASE.mark_point().transform_calculate(z="datum.scorre * 2").encode(x="size:O", y="z:Q"), "the column scorre in an expression, which its data lack; needed: one of kind, label, score, share, size, z; did you mean score?"),
    "a typo in quotes": (BASE.mark_point().transform_calculate(z="datum['scorre'] * 2").encode(x="size:O", y="z:Q"), "did you mean score?"),
    "a typo in a filter": (BASE.mark_point().transform_filter("datum.scorre > 2").encode(x="size:O"), "did you mean score?"),
    "a typo in a condition": (BASE.mark_point().encode(x="size:O", color=alt.condition("datum.scorre > 3", alt.value("red"), alt.value("blue"))), "did you mean score?"),
    "a typo in groups": (BASE.mark_point().transform_aggregate(m="mean(score)", groupby=["kindd"]).encode(x="kindd:N", y="m:Q"), "did you mean kind?"),
    "a function that there is not": (BASE.mark_point().transform_calculate(z="lgo(datum.score)").encode(x="size:O", y="z:Q"), "Unrecognized function: lgo"),
    "half an expression": (BASE.mark_point().transform_calculate(z="datum.score *").encode(x="size:O", y="z:Q"), "of which Vega says"),
    "no number": (BASE.mark_point().transform_calculate(z="log(-datum.score)").encode(x="size:O", y="z:Q"), "no number that can be drawn"),
    "chance": (BASE.mark_point().transform_calculate(z="datum.score + random()").encode(x="size:O", y="z:Q"), "another drawing each time"),
    "a sample": (BASE.mark_point().transform_sample(3).encode(**AT), "a sample of its rows"),
}  # fmt: skip


@pytest.mark.parametrize("what", COMPUTED)
def test_what_a_chart_computes_is_asked_before_the_build(what):
    """A misspelt column, an expression that Vega cannot read and chance are named by what stands there."""
    chart, part = COMPUTED[what]

    assert part in _refused(chart)


SPREAD = pd.DataFrame({"size": [1, 2, 3], "score": [0.1, 0.2, 0.3], "low": [0.4, 0.5, 0.6], "high": [0.5, 0.6, 0.7]})
ENDS = {"x": "size:Q", "y": "low:Q", "y2": "high:Q"}


def _with_band(frame, ends=ENDS, line=None):
    base = alt.Chart(frame, title="t")
    return alt.layer(base.mark_area().encode(**ends), line or base.mark_line().encode(**ALONG))


@pytest.mark.parametrize("mark", ["line", "point", "circle"])
def test_a_line_outside_of_its_own_band_is_refused(mark):
    """A band from low to high is that of the estimate beside it, which lies in it somewhere; lying rows are named by the first."""
    line = alt.Chart(SPREAD).mark_point().encode(**ALONG)
    line.mark = mark

    assert "0.1 in the column score beside a band from 0.4 to 0.5, and so in every row" in _refused(
        _with_band(SPREAD, line=line)
    )


WIDTHS = alt.Chart(
    pd.DataFrame({"width": [1, 2, 4, 8], "score": [1, 2, 3, 4], "params": [1e8, 3e8, 1e9, 1e11]}), title="t"
)


def _filtered(**bind):
    return (
        WIDTHS.mark_bar()
        .encode(x="width:O", y="score:Q")
        .transform_filter("datum.width == w")
        .add_params(alt.param(name="w", value=1, **bind))
    )


@pytest.mark.parametrize(
    "bind",
    [alt.binding_range(min=1, max=8, step=1), alt.binding_select(options=[1, 3]), alt.binding_range(min=1, max=4)],
)
def test_an_input_with_an_empty_place_is_refused(bind):
    """A slider or a list that may stand where there is no row is named with the first such place."""
    assert "an input that may stand at 3, where no row of the column width is" in _refused(_filtered(bind=bind))


def test_a_line_over_numbers_set_like_words_is_refused():
    """A threefold and a hundredfold step would be as wide as each other."""
    said = _refused(WIDTHS.mark_line().encode(x="params:O", y="score:Q"))

    assert "a line over the column params" in said
    assert "1e+08 to 3e+08 is as wide as 1e+09 to 1e+11; needed: params:Q" in said


@pytest.mark.parametrize("unit", ["month", "utcmonthdate", "hours"])
def test_two_years_on_one_another_are_refused(unit):
    """A month without its year draws March of both years in one place; with its year, or as a mean, it may be drawn."""
    days = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=24, freq="MS"), "score": range(24)})
    line = alt.Chart(days, title="t").mark_line()

    assert f"timeUnit {unit} on the column day, which lays 2024 and 2025 on one another" in _refused(
        line.encode(x=alt.X("day:T", timeUnit=unit), y="score:Q")
    )
    for x, y in (("yearmonth(day):T", "score:Q"), ("month(day):T", "mean(score):Q")):
        shown.check_chart(line.encode(x=x, y=y).to_dict())


def test_parts_of_a_circle_are_refused():
    """Sixty of a hundred and forty percent would be drawn as 43 percent of a circle."""
    parts = pd.DataFrame({"kind": ["a", "b", "c"], "percent": [60, 50, 30]})

    assert "needed: bars or points on an axis" in _refused(
        alt.Chart(parts, title="t").mark_arc().encode(theta="percent:Q", color="kind:N")
    )


@pytest.mark.parametrize("name", ["acc.few", "acc[0]"])
def test_a_column_whose_name_is_taken_apart_is_refused(name):
    """A point or a bracket in the name of a column leads into a part of another, and nothing would be drawn."""
    assert f"the column {name}, whose point or bracket" in _refused(
        alt.Chart(pd.DataFrame({"x": [1, 2], name: [1, 2]}), title="t").mark_line().encode(x="x:Q", y=f"{name}:Q")
    )


MEANT = {
    "a slider over all that there is": _filtered(bind=alt.binding_range(min=1, max=2)),
    "a list of all that there is": _filtered(bind=alt.binding_select(options=[1, 2, 4, 8])),
    "a line over doublings set like words": WIDTHS.mark_line().encode(x="width:O", y="score:Q"),
    "a line that leaves its band in a row": _with_band(SPREAD.assign(low=[0, 0.1, 0.6])),
    "a line beside the band of another": _with_band(SPREAD.rename(columns={"low": "null_low", "high": "null_high"}), {**ENDS, "y": "null_low:Q", "y2": "null_high:Q"}),
    "a band of other rows": _with_band(SPREAD, line=alt.Chart(SPREAD.assign(score=0.2)).mark_line().encode(**ALONG)),
    "bars of a mean": BASE.mark_bar().encode(x="size:O", y="mean(score):Q"),
    "bars of several colours": BASE.mark_bar().encode(**AT, color="kind:N"),
    "bars beside each other": BASE.mark_bar().encode(**AT, xOffset="kind:N"),
    "a sum that is meant": BASE.mark_bar().encode(x="size:O", y=alt.Y("score:Q", stack=True)),
    "bars in panels": BASE.mark_bar().encode(**AT).facet("kind:N"),
    "bars from one value to another on a logarithmic axis": BASE.mark_bar().encode(x=alt.X("score:Q").scale(type="log"), x2="share", y="kind:N"),
    "lines of a detail": BASE.mark_line().encode(**ALONG, detail="kind:N"),
    "lines in panels": BASE.mark_line().encode(**ALONG).facet(row="kind:N"),
    "a line of means": BASE.mark_line().encode(x="size:Q", y="mean(score):Q"),
    "a path": BASE.mark_line().encode(**ALONG, order="score:Q"),
    "an upright line": alt.Chart(pd.DataFrame({"x": [3, 3], "y": [0, 1]}), title="t").mark_line().encode(x="x:Q", y="y:Q"),
    "shares as percents": BASE.mark_point().encode(x="size:Q", y=alt.Y("share:Q").axis(format=".0%")),
    "days": alt.Chart(pd.DataFrame({"day": ["2026-01-01", "2026-02-01"]}), title="t").mark_point().encode(x=alt.X("day:T").axis(format="%b %Y")),
    "an order that is written": BASE.mark_point().encode(x=alt.X("label:N").sort(["2M", "10M", "100M"]), y="score:Q"),
    "numbers as words in their order": alt.Chart(FRAME.assign(label=["2M", "3M", "4M"] * 2), title="t").mark_point().encode(x="label:N"),
    "models named by versions": alt.Chart(FRAME.assign(label=["GPT-4", "Qwen2.5-7B", "Llama-70B"] * 2), title="t").mark_point().encode(y="label:N"),
    "white with a black edge": BASE.mark_point(color="white", stroke="black").encode(**ALONG),
    "a clear mark over one that is seen": alt.layer(BASE.mark_point(), BASE.mark_point(opacity=0)).encode(**ALONG),
    "a sum that is asked for": BASE.mark_bar().encode(x="size:O", y="sum(score):Q"),
    "white within an edge": BASE.mark_point(fill="white", stroke="#3d86c6").encode(**ALONG),
    "white words on a bar": alt.layer(BASE.mark_bar().encode(x="size:O", y="mean(score):Q"), BASE.mark_text(color="white").encode(x="size:O", y="mean(score):Q", text="mean(score):Q")),
    "more names than colours, each beside its row": alt.Chart(MANY, title="t").mark_point().encode(x="x:Q", y="kind:N", color="kind:N"),
    "more lines than colours, without a key": alt.Chart(MANY, title="t").mark_point().encode(x="x:Q", color=alt.Color("kind:N").legend(None)),
    "columns that a chart makes": BASE.mark_point().transform_fold(["size", "score"]).encode(x="key:N", y="value:Q"),
    "bars that a filter parts": BASE.mark_bar().encode(**AT).transform_filter("datum.kind == 'a'"),
    "bars that a reader's choice parts": BASE.mark_bar().encode(**AT).transform_filter("datum.kind == chosen").add_params(alt.param(name="chosen", value="a")),
    "percents made shares": BASE.mark_point().transform_calculate(score="datum.score / 100").encode(x="size:Q", y=alt.Y("score:Q").axis(format="%")),
    "a line in steps": BASE.mark_line(interpolate="step-after").encode(**ALONG, color="kind:N"),
    "what a reader chose": BASE.mark_point().encode(**ALONG, opacity=alt.condition(alt.selection_point(name="chosen"), alt.value(1), alt.value(0))),
    "words for some rows": BASE.mark_text().encode(**ALONG, text="kind", opacity=alt.condition("datum.score > 9", alt.value(1), alt.value(0))),
    "minutes as hours": BASE.mark_point().encode(x="size:Q", y=alt.Y("score:Q").axis(labelExpr="datum.value / 60 + ' hours'")),
    "labels of a format": BASE.mark_point().encode(x="size:Q", y=alt.Y("score:Q").axis(labelExpr="datum.value < 9 ? '' : format(datum.value, ',.0f')")),
    "two columns on two axes": alt.layer(BASE.mark_point().encode(**ALONG), BASE.mark_point().encode(x="size:Q", y="share:Q")).resolve_scale(y="independent"),
    "one column and one domain, drawn once": alt.layer(*(BASE.mark_point().encode(x="size:Q", y=alt.Y("score:Q").scale(domain=[0, 90]).axis(axis)) for axis in (alt.Axis(), None))).resolve_scale(y="independent"),
    "boxes of two kinds in one colour, without a key": BASE.mark_rect().encode(x="size:Q", y="score:Q", x2="share", stroke=alt.Stroke("kind:N").scale(domain=["a", "b"], range=["#888", "#888"]).legend(None)),
    "one colour beside two signs": BASE.mark_point().encode(x="size:Q", shape="kind:N", color=alt.Color("kind:N").scale(range=["red", "red"])),
    "a logarithm": BASE.mark_point().transform_calculate(z="log(datum.score)").encode(x="size:O", y="z:Q"),
    "columns named by cells": BASE.mark_line().transform_pivot("kind", value="score", groupby=["size"]).encode(x="size:Q", y="a:Q"),
}  # fmt: skip


@pytest.mark.parametrize("what", MEANT)
def test_what_is_meant_is_left(what):
    """What says what it means, and what cannot be misread, is drawn."""
    shown.check_chart(MEANT[what].to_dict())
