"""Charts of the site: two drawings, files at addresses that stay, a page of its own."""

from __future__ import annotations

import itertools
import json
import re
import xml.etree.ElementTree as ET

import altair as alt
import numpy as np
import pandas as pd
import pytest

from review_book.site import charts, drawings, keys, vega
from review_utils.show.charts import chart_html, spec_of

ALT = "A line that rises from one to a million as its x rises to five."


def _spec(**properties):
    frame = pd.DataFrame({"x": range(5), "y": [10.0**i for i in range(0, 10, 2)], "who": list("abcde")})
    lines = alt.Chart(frame).mark_line(point=True)
    lines = lines.encode(x="x:Q", y=alt.Y("y:Q").scale(type="log"), color="who:N", tooltip=["who:N", "y:Q"])
    return spec_of(lines.properties(title="It rises " * 12, **properties), ALT)


def _rows(names):
    frame = pd.DataFrame({"name": names, "value": range(len(names))})
    bars = alt.Chart(frame).mark_bar().encode(x="value:Q", y=alt.Y("name:N").title(None))
    return spec_of(bars.properties(title="Rows", height=120), ALT)


@pytest.mark.parametrize("kind", drawings.WIDTHS)
def test_a_drawing_is_as_wide_as_its_place(kind):
    """All of it, legend and title too, has the width at which it is seen, and no text is under twelve pixels."""
    svg, _ = drawings.drawing(_spec(), kind)
    root = ET.fromstring(svg)
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg)]

    assert abs(float(root.get("width")) - drawings.WIDTHS[kind]) <= 4
    assert min(sizes) >= drawings.SMALLEST


def test_marks_carry_their_data_and_nothing_unseen():
    """A mark with a tooltip says each field once; roles and labels of Vega, which nobody hears, are gone."""
    svg, _ = drawings.drawing(_spec(), "wide")
    said = re.findall(r'data-t="([^"]*)"', svg)

    assert any("who: c" in text and "y: " in text for text in said)
    assert not re.search(r"aria-roledescription|role=", svg)
    assert all(len({part.split(": ")[-1] for part in text.split("; ")}) == len(text.split("; ")) for text in said)


def test_a_mark_says_what_its_author_chose_in_words():
    """Fields that only place a mark, and marks of layers without a choice, say nothing; a short name is written out."""
    data = pd.DataFrame({"place": [0.1, 0.9], "params": [7, 70], "who": ["A & B; C", "<D>"]})
    points = alt.Chart(data).mark_point().encode(x="place:Q", y="params:Q", tooltip=["params:Q", "who:N"])
    rules = alt.Chart(data).mark_rule().encode(x="place:Q")
    svg, made = drawings.drawing(spec_of((points + rules).properties(title="Two"), ALT), "wide")
    said = [mark.get("data-t") for mark in ET.fromstring(svg).iter() if mark.get("data-t")]

    assert said == ["parameters: 7; who: A & B; C", "parameters: 70; who: <D>"]
    assert "'title': 'parameters'" in str(made)


def test_an_axis_with_two_places_of_one_label_is_refused():
    """A format without decimals calls 0.2 and 0.4 both 0, so that a reader takes a fifth for nothing."""
    data = pd.DataFrame({"x": [0, 1, 2], "share": [0, 0.4, 1]})
    chart = alt.Chart(data).mark_line().encode(x="x:Q", y=alt.Y("share:Q").axis(format=".0f")).properties(title="t")

    with pytest.raises(ValueError, match="an axis with two places that are both labelled 0; needed: a format"):
        drawings.drawing(spec_of(chart, ALT), "wide")
    drawings.drawing(spec_of(chart.encode(y=alt.Y("share:Q").axis(format=".1f")), ALT), "wide")


def test_a_tip_counts_in_billions_and_rounds_percentages():
    """A format that names no precision writes six decimals, and engineers call a billion G; a reader gets three digits and a B."""
    data = pd.DataFrame({"size": [1e9, 13e9], "share": [0.41122, 0.0]})
    chart = alt.Chart(data).mark_point().encode(
        x=alt.X("size:Q").title("parameters").axis(format="~s"), y=alt.Y("share:Q").title("part"), tooltip=[alt.Tooltip("size:Q", format=".3s"), alt.Tooltip("share:Q", format="%")]
    )  # fmt: skip
    svg, _ = drawings.drawing(spec_of(chart.properties(title="Two"), ALT), "wide")

    assert re.findall(r'data-t="([^"]*)"', svg) == ["size: 1.00B; share: 41.1%", "size: 13.0B; share: 0%"]
    assert not re.search(r">\d+G<", svg)
    assert ">10B<" in svg


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("loss: 0.30000000000000004", "loss: 0.3"),
        ("cost: 1234567.89", "cost: 1.235e+06"),
        ("gap: −0.123456789 nats", "gap: −0.1235 nats"),
        ("loss: 4.1241", "loss: 4.1241"),
        ("tokens: 1,024,000", "tokens: 1,024,000"),
        ("source: later result (2309.00941)", "source: later result (2309.00941)"),
    ],
)
def test_a_tip_says_no_more_digits_than_anybody_reads(raw, said):
    """What no format was chosen for has four significant digits; what an author wrote, a count and an identifier stay."""
    assert drawings._said(raw) == said


def test_a_key_is_never_faint():
    """Where a pale band is drawn below a line, the key of the colour is not pale."""
    base = alt.Chart(pd.DataFrame({"x": [1, 2], "y": [1, 2], "c": ["a", "b"]})).encode(x="x:Q", y="y:Q", color="c:N")
    spec = spec_of((base.mark_area(opacity=0.15) + base.mark_line()).properties(title="Two"), ALT)
    legend = drawings.drawing(spec, "wide")[0].rpartition(">a</text>")[0].rpartition("<path")[2]

    assert 'opacity="0.15"' not in legend


def test_a_logarithmic_axis_is_labelled_by_powers_of_ten():
    """Over several decades the labels are powers of ten with raised digits."""
    svg, _ = drawings.drawing(_spec(), "wide")

    assert "10⁴" in svg
    assert "1e+" not in svg


def test_places_that_an_author_chose_keep_their_words():
    """Where one layer says what stands at an axis, a layer over the same axis that says nothing takes none of it away."""
    frame = pd.DataFrame({"x": [1, 2, 3], "low": [50, 500, 5000], "y": [60, 960, 6000]})
    scale = alt.Scale(type="log", domain=[40, 60_000])
    axis = alt.Axis(values=[60, 960], labelExpr="datum.value / 60 + ' hours'")
    bars = alt.Chart(frame).mark_rule().encode(x="x:Q", y=alt.Y("low:Q", scale=scale).title("time"), y2="y:Q")
    dots = alt.Chart(frame).mark_point().encode(x="x:Q", y=alt.Y("y:Q", scale=scale, axis=axis).title("time"))
    svg, _ = drawings.drawing(spec_of((bars + dots).properties(title="Two"), ALT), "wide")

    assert ">1 hours</text>" in svg
    assert ">16 hours</text>" in svg


def test_each_place_that_an_author_chose_is_labelled():
    """On a logarithmic axis Vega leaves out what it finds less round; what an author asked for is there."""
    frame = pd.DataFrame({"x": [3, 4, 8, 12, 32, 20_000], "y": range(6)})
    dots = alt.Chart(frame).mark_point().encode(x=alt.X("x:Q").scale(type="log").axis(values=frame.x.tolist()), y="y:Q")
    svg, _ = drawings.drawing(spec_of(dots.properties(title="Widths"), ALT), "wide")

    assert all(f">{said}</text>" in svg for said in ("3", "4", "8", "12", "32", "20,000"))


def _lines(ends, **more):
    frame = pd.DataFrame([{"x": x, "y": x * end / 4, "who": f"line {end}"} for end in ends for x in range(5)])
    chart = alt.Chart(frame).mark_line().encode(x="x:Q", y="y:Q", color="who:N", **more)
    return spec_of(chart.properties(title="They part", height=200), ALT)


@pytest.mark.parametrize("kind", drawings.WIDTHS)
def test_lines_that_end_apart_bear_their_names(kind):
    """Names stand at the ends of lines and not in a legend; where ends are too near, the legend stays."""
    apart, _ = drawings.drawing(_lines([10, 20, 40]), kind)
    near, _ = drawings.drawing(_lines([400, 401]), kind)

    assert apart.count(">line 20</text>") == near.count(">line 400</text>") == 1
    assert 'dx="6"' in apart or "translate" in apart
    assert 'fill="transparent"' not in apart
    found = re.search(r'<text text-anchor="(\w+)"[^>]*>line 20</text>', apart)
    assert found
    assert not re.search(r'<text[^>]*fill="currentColor"[^>]*>line 20</text>', apart)  # in its line's colour
    assert re.search(r'<text[^>]*fill="currentColor"[^>]*>line 400</text>', near)
    assert abs(float(re.search(r'width="([\d.]+)"', apart)[1]) - drawings.WIDTHS[kind]) <= 4


def test_no_legend_says_what_an_axis_says():
    """Bars that are coloured by their own names have no legend beside them."""
    frame = pd.DataFrame({"name": ["one", "two"], "value": [1, 2]})
    bars = alt.Chart(frame).mark_bar().encode(x="value:Q", y="name:N", color="name:N")
    svg, _ = drawings.drawing(spec_of(bars.properties(title="Rows"), ALT), "wide")

    assert svg.count(">one</text>") == 1


def test_names_of_two_lines_stand_over_their_rows_on_a_phone():
    """Where a name says two things, it stands above its row, and the marks have the width of the screen."""
    frame = pd.DataFrame(
        {"name": [f"A study of {i} with a long name|and its model" for i in range(3)], "value": [1, 2, 3]}
    )
    axis = alt.Axis(labelExpr="split(datum.label, '|')", labelLimit=330)
    dots = alt.Chart(frame).mark_point().encode(x="value:Q", y=alt.Y("name:N", axis=axis).title(None))
    svg, made = drawings.drawing(spec_of(dots.properties(title="Rows", height=alt.Step(34)), ALT), "phone")

    assert float(re.search(r'width="([\d.]+)"', svg)[1]) <= 348
    assert made["width"] > 280
    assert made["height"]["step"] >= 14 * 2 + 18


def test_names_that_begin_alike_are_told_apart_on_a_phone():
    """Where rows are many and a name is cut to a line, no two names are cut to the same words."""
    alike = [f"A penalty on distance {where}" for where in ("in imitation", "outside the domain", "in rewards")]
    names = [*alike, *(f"row {i}" for i in range(45))]
    cells = alt.Chart(pd.DataFrame({"name": names, "of": "a"})).mark_rect()
    cells = cells.encode(x="of:N", y=alt.Y("name:N").title(None))
    _, made = drawings.drawing(spec_of(cells.properties(title="Rows"), ALT), "phone")
    shown, _ = json.JSONDecoder().raw_decode(made["encoding"]["y"]["axis"]["labelExpr"].removeprefix("("))

    assert list(shown) == alike
    assert len({" ".join(lines) for lines in shown.values()}) == len(alike)
    assert made["height"]["step"] >= 14 * max(map(len, shown.values()))


def test_long_words_beside_rows_stand_over_them_on_a_phone():
    """What is said at the right of a row leaves the marks the width of the screen, and no two rows meet."""
    frame = pd.DataFrame({"name": list("abc"), "value": [1, 2, 3], "said": ["at least 16 hours, 10.5 forecast"] * 3})
    dots = alt.Chart(frame).mark_point().encode(x="value:Q", y=alt.Y("name:N").title(None))
    words = alt.Chart(frame).mark_text(align="left", clip=False)
    words = words.encode(x=alt.value(310), y=alt.Y("name:N").title(None), text="said:N")
    chart = alt.layer(dots, words).properties(title="Rows", width=300, height=72)
    widths = {kind: drawings.drawing(spec_of(chart, ALT), kind)[1]["width"] for kind in drawings.WIDTHS}
    svg, made = drawings.drawing(spec_of(chart, ALT), "phone")

    assert widths["phone"] > 280
    assert made["height"]["step"] >= 2 * drawings.SMALLEST + 10
    assert svg.count(">at least 16 hours, 10.5 forecast</text>") == 3


def test_a_subtitle_fills_the_width_of_each_drawing():
    """Lines that an author broke for one width are joined before they are broken for another."""
    subtitle = [
        "Dots: what came, against what was said, in words that fill a line; a thin",
        "line its interval.",
        "Grey: open.",
    ]
    chart = alt.Chart(pd.DataFrame({"x": [1, 2]})).mark_point().encode(x="x:Q")
    spec = spec_of(chart.properties(title=alt.Title("Rows", subtitle=subtitle)), ALT)
    lines = drawings.arranged(spec, "phone")["title"]["subtitle"]

    assert " ".join(lines) == " ".join(subtitle)
    assert len(lines) == 2
    assert drawings.arranged(spec, "wide")["title"]["subtitle"] == [" ".join(subtitle)]


@pytest.mark.parametrize(("axis", "high"), [(None, 470), (alt.Axis(), drawings.TALLEST_ON_A_PHONE)])
def test_a_diagram_keeps_its_height_on_a_phone(axis, high):
    """Where a view has no axes, its words stand where its author put them; with axes it is as tall as a screen bears."""
    dots = alt.Chart(pd.DataFrame({"x": [1, 2], "y": [1, 2]})).mark_point()
    dots = dots.encode(x=alt.X("x:Q", axis=axis), y=alt.Y("y:Q", axis=axis))
    chart = alt.layer(dots, dots).properties(title="Boxes", width=330, height=470)

    assert drawings.arranged(spec_of(chart, ALT), "phone")["height"] == high


def test_a_drawing_is_measured_in_the_font_of_the_page():
    """The font by which text is measured is found: a wide name takes what Source Sans takes, not what Arial does."""
    svg, _ = drawings.drawing(_rows(["Attention of wide models"]), "wide")
    arial = len("Attention of wide models") * 6.1

    assert "Source Sans 3" in svg
    plot = float(re.search(r"translate\((\d+(?:\.\d+)?),", svg)[1])
    assert 100 < plot < arial


def test_long_names_wrap_on_a_phone():
    """Names beside an axis stand in lines of a few letters, and their rows are as high as their lines."""
    names = [f"a rather long name of row {i}" for i in range(4)]
    svg, made = drawings.drawing(_rows(names), "phone")

    assert float(re.search(r'width="([\d.]+)"', svg)[1]) <= 350
    assert made["height"] >= 4 * 14 * 2


@pytest.mark.parametrize("kind", drawings.WIDTHS)
@pytest.mark.parametrize(
    "by", ["", "|# is the model that was asked, and the prompt that was put before it in runs of #"]
)
def test_no_name_of_a_row_is_cut(kind, by):
    """A name too long for its line is broken, on its author's own lines too, and the lines of two rows do not meet."""
    told = "measures, in so many words that one line has no room for all of them, and this is row"
    names = [f"what row # {told} #{by}".replace("#", str(i)) for i in range(3)]
    spec = _rows(names)
    spec["encoding"]["y"]["axis"] = {"labelLimit": 330} | ({"labelExpr": "split(datum.label, '|')"} if by else {})
    at = _names(drawings.drawing(spec | {"height": {"step": 20}}, kind)[0])
    lines = sorted(high for words, high in at.items() if re.search("[a-z]", words) and words not in ("value", "Rows"))

    assert not any("…" in words for words in at)
    assert len(lines) == 3 * (4 if by else 2)
    assert min(two - one for one, two in itertools.pairwise(lines)) >= drawings.SMALLEST


def _names(svg):
    """Return the height of every line of a name beside or over the rows of a drawing, by its words."""
    found = {}
    for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        place = re.match(r"translate\((-?[\d.]+),(-?[\d.]+)\)", text.get("transform", ""))
        lines = [span for span in text if span.tag.endswith("tspan")] or [text]
        for i, line in enumerate(lines):
            found["".join(line.itertext())] = float(place[2]) + 14 * i if place else 0.0
    return found


def test_a_name_of_two_lines_stands_in_the_middle_of_its_row():
    """On a phone, half of a name's lines are above the middle of its row, where the name of one line stands."""
    at = _names(
        drawings.drawing(_rows(["a name that takes two lines", "short", "another of two such lines"]), "phone")[0]
    )
    rows = sorted(
        at[name] for name in at if name in ("short", "a name that takes", "two lines", "another of two such", "lines")
    )
    short = at["short"]

    assert len(rows) == 5
    assert min(abs(one - two) for one, two in itertools.pairwise(rows)) >= drawings.SMALLEST
    middles = sorted(
        [short, (at["a name that takes"] + at["two lines"]) / 2, (at["another of two such"] + at["lines"]) / 2]
    )
    assert middles[1] - middles[0] == pytest.approx(middles[2] - middles[1], abs=1)


def test_names_of_many_lines_stand_over_their_rows():
    """Where a name would take three lines beside its row it stands over it: the bars have the screen's width, off the names."""
    names = ["a rather long name of a row that would leave no room for what the row shows", "short"]
    _, made = drawings.drawing(_rows(names), "phone")

    assert made["width"] > 280
    assert made["encoding"]["y"]["axis"]["labelAlign"] == "left"
    assert made["encoding"]["y"]["scale"]["padding"] > 0.5


def test_a_layer_for_the_wide_drawing_alone_is_not_on_a_phone():
    """Names for which a phone has no room are a layer that says so."""
    frame = pd.DataFrame({"x": [1, 2], "y": [1, 2], "who": ["one", "two"]})
    dots = alt.Chart(frame).mark_point().encode(x="x:Q", y="y:Q")
    words = dots.mark_text().encode(text="who:N").properties(name="wide_names")
    spec = spec_of((dots + words).properties(title="Two"), ALT)
    shown = {kind: ">two</text>" in drawings.drawing(spec, kind)[0] for kind in drawings.WIDTHS}

    assert shown == {"wide": True, "phone": False}


def test_panels_that_share_the_names_of_their_rows_stay_beside_them():
    """Up to three panels of bars beside one list of names stand so on a phone; cells, which want the width, stand above."""
    frame = pd.DataFrame({"name": ["one", "two"], "value": [1, 2]})
    bars = alt.Chart(frame).mark_bar().encode(x="value:Q", y="name:N").properties(width=90, title="A title of a panel")
    lean = bars.encode(y=alt.Y("name:N").axis(labels=False))
    cells = alt.Chart(frame).mark_rect().encode(x="value:N", y="name:N").properties(width=90)
    three, made = drawings.drawing(spec_of(alt.hconcat(bars, lean, lean).properties(title="Three"), ALT), "phone")
    four, _ = drawings.drawing(spec_of(alt.hconcat(cells, lean, lean, lean).properties(title="Four"), ALT), "phone")

    assert three.count(">one</text>") == 1
    assert four.count(">one</text>") == 2
    assert len(made["vconcat"][0]["hconcat"]) == 3
    assert all(float(re.search(r'width="([\d.]+)"', svg)[1]) <= 350 for svg in (three, four))


def test_what_stands_side_by_side_stands_below_on_a_phone():
    """Two panels abreast become two panels below each other."""
    one = alt.Chart(pd.DataFrame({"x": [1, 2]})).mark_point().encode(x="x:Q")
    spec = spec_of((one | one).properties(title="Two"), ALT)

    assert "vconcat" in drawings.arranged(spec, "phone")
    assert "hconcat" in drawings.arranged(spec, "wide")


def test_what_leant_on_its_neighbour_has_names_of_its_own_on_a_phone():
    """Where cells name the rows of bars beside them, each names its own when they stand below each other, at one width."""
    frame = pd.DataFrame({"name": ["one", "two"], "value": [1, 2]})
    base = alt.Chart(frame)
    left = base.mark_rect().encode(x="value:N", y="name:N").properties(width=200)
    right = base.mark_bar().encode(x="value:Q", y=alt.Y("name:N").axis(None)).properties(width=80)
    svg, made = drawings.drawing(spec_of((left | right).properties(title="Two"), ALT), "phone")

    assert svg.count(">one</text>") == 2
    assert len({part["width"] for part in made["vconcat"]}) == 1


def _published(tmp_path, spec, name="rise"):
    page = f"<html><head></head><body><h1>Why?</h1>{chart_html(spec, name)}</body></html>"
    (tmp_path / "analyses" / "x").mkdir(parents=True)
    (tmp_path / "analyses" / "x" / "one.html").write_text(page, encoding="utf-8")
    (tmp_path / "index.html").write_text(page.replace('"rise"', '"x/one/rise"'), encoding="utf-8")
    return charts.collect({"analyses/x/one": page, "index": page.replace('"rise"', '"x/one/rise"')})


def test_a_chart_has_one_address_wherever_it_is_shown(tmp_path):
    """The analysis and the chapter that shows its chart mean the same files."""
    found = _published(tmp_path, _spec())

    assert list(found) == ["x/one/rise"]
    assert found["x/one/rise"].pages == ["analyses/x/one", "index"]


def test_a_chart_is_drawn_once_and_kept(tmp_path, monkeypatch):
    """A second publication draws nothing; what no chart needs any more is thrown away."""
    cache = tmp_path / "_build" / "drawings"
    chart = charts.Chart("x/one/rise", _spec())
    charts.draw_all([chart], tmp_path)
    (cache / "old.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(charts, "_drawers", None)
    again = charts.Chart("x/one/rise", _spec())
    charts.draw_all([again], tmp_path)

    assert again.svg == chart.svg
    assert [path.name for path in cache.iterdir()] != []
    assert not (cache / "old.json").exists()


def test_what_was_drawn_ahead_is_not_drawn_again(tmp_path, monkeypatch):
    """What an analysis shows is drawn beside the reading of pages, under the key by which the published chart is looked for."""
    html = chart_html(_spec(), "rise")
    monkeypatch.setattr(charts.os, "cpu_count", lambda: 2)
    charts.draw_ahead({"analyses/x/one": html}, tmp_path)
    charts._ahead[-1].shutdown()  # as if the pages had taken long
    monkeypatch.setattr(charts, "_drawers", None)
    found = charts.collect({"analyses/x/one": html})
    charts.draw_all(found.values(), tmp_path)

    assert found["x/one/rise"].svg.keys() == set(drawings.WIDTHS)
    assert charts._ahead == []


def test_a_build_that_fails_leaves_nobody_drawing(tmp_path, monkeypatch):
    """What was to be drawn ahead is called off when the pages cannot be built."""
    monkeypatch.setattr(charts.os, "cpu_count", lambda: 2)
    pages = {f"analyses/x/{i}": chart_html(_spec() | {"description": f"One of many, {i}"}, "rise") for i in range(9)}
    charts.draw_ahead(pages, tmp_path)
    charts.stop_drawing()

    assert charts._ahead == []
    assert len(list((tmp_path / "_build" / "drawings").glob("*.json"))) < len(pages)


def test_data_come_out_as_rows():
    """The CSV holds the rows that the chart draws, with a column for the set where there are several."""
    spec = {"datasets": {"one": [{"a": 1, "b": 'x, "y"'}], "two": [{"a": None}]}}

    assert charts.data_csv(spec) == 'set,a,b\n1,1,"x, ""y"""\n2,,\n'
    assert charts.data_csv({"data": {"values": [{"a": 2}]}}) == "a\n2\n"


def test_inputs_are_kept_for_those_who_ask():
    """A chart with an input offers it, and its specification comes as a script that a folder can load; others do not."""
    slider = alt.param(value=1, bind=alt.binding_range(min=0, max=2, step=1, name="n "))
    frame = pd.DataFrame({"x": [1, 2]})
    spec = spec_of(alt.Chart(frame).mark_point().encode(x="x:Q").add_params(slider).properties(title="It moves"), ALT)
    chart, still = charts.Chart("x/one/a", spec), charts.Chart("x/one/b", _spec())
    charts_of = {}
    for one in (chart, still):
        made = drawings.both(one.spec)
        one.svg, one.specs = made["svg"], made["specs"]
        charts_of[one.address] = charts.figure_html(one, "../")
    script = charts._spec_script(chart)

    assert 'data-act="explore"' in charts_of["x/one/a"]
    assert "explore" not in charts_of["x/one/b"]
    held = json.loads(script[script.index("]=") + 2 :].rstrip().rstrip(";"))
    assert set(held) == {"datasets", "wide", "phone"}


def test_a_hostile_title_stays_text(tmp_path, root):
    """A title and a sentence with markup come out as text, on the page of the chart too."""
    bad = '<img src=x onerror="1"> & {brace} more words than five are here'
    frame = pd.DataFrame({"x": [1, 2]})
    spec = spec_of(alt.Chart(frame).mark_point().encode(x="x:Q").properties(title=bad), bad)
    chart = charts.Chart("x/one/a", spec, ["analyses/x/one"])
    made = drawings.both(spec)
    chart.svg, chart.specs = made["svg"], made["specs"]

    assert "<img src=x" not in charts.figure_html(chart, "")
    page = charts.page_html(root, chart, {"analyses/x/one": bad})
    assert "<img src=x" not in page
    assert "rounded to five significant digits" in page  # as the data that it hands over are


def test_a_chart_leads_to_its_source_and_to_a_form(mini):
    """Where the review names a repository, the page of a chart says where its analysis is edited and an error reported."""
    spec = spec_of(alt.Chart(pd.DataFrame({"x": [1, 2]})).mark_point().encode(x="x:Q").properties(title="Two"), ALT)
    chart = charts.Chart("tides/model/a", spec, ["analyses/tides/model"])
    made = drawings.both(spec)
    chart.svg, chart.specs = made["svg"], made["specs"]
    (mini / "_build").mkdir()
    (mini / "_build" / "records.stamp").write_text("records")
    without = charts.page_html(mini, chart, {})
    path = mini / "data" / "review.yml"
    path.write_text(path.read_text(encoding="utf-8") + "repository: https://github.com/owner/name\n", encoding="utf-8")
    page = charts.page_html(mini, chart, {})

    assert "Report an error" not in without
    assert 'href="https://github.com/owner/name/edit/main/analyses/tides/model.md"' in page
    assert re.search(r'issues/new\?template=error.yml[^"]*page=charts%2Ftides%2Fmodel%2Fa"[^>]*>Report an error', page)


def _coloured(many=3, apart=1.0, **more):
    """Return a chart of lines that differ in colour, some way apart."""
    rows = [
        {"x": x, "y": x * apart * (i + 1), "who": f"line {'abcdefghij'[i]}", "part": part}
        for i in range(many) for x in range(9) for part in ("one", "other")
    ]  # fmt: skip
    encoded = {"x": "x:Q", "y": "y:Q", "color": "who:N", **more}
    return alt.Chart(pd.DataFrame(rows)).mark_line().encode(**encoded).properties(title="Lines", height=200)


def _key(chart, kind):
    svg, _ = drawings.drawing(spec_of(chart, ALT), kind)
    found = re.search(r'data-key="([^"]*)"', svg)
    return svg, found and found[1]


@pytest.mark.parametrize(
    ("chart", "kind"),
    [(_coloured(), "wide"), (_coloured(), "phone"), (_coloured(column="part:N"), "wide")],
    ids=["wide", "phone", "facets"],
)
def test_lines_bear_their_names(chart, kind):
    """A name stands once, in its line's colour, nearer to its line than to any other; the key is gone, in facets too."""
    svg, why = _key(chart, kind)
    names = {"line a", "line b", "line c"}

    assert why is None
    assert {name: svg.count(f">{name}<") for name in names} == dict.fromkeys(names, 1)


def test_a_name_is_nearest_to_its_line_and_covers_none():
    """In the picture itself: the box of a name is off every line, and its own is the nearest."""
    chart = spec_of(_coloured(column="part:N"), ALT)
    picture, made = drawings._drawn(chart, "wide")
    names, _ = keys.key_of(picture.svg)
    bare = drawings._fitted(picture, drawings._without_key(made), drawings.WIDTHS["wide"], bare=True)
    panel = keys.panels(bare.svg)[0]
    for ink, (x, y) in keys._places(panel, names, names).items():
        box = np.array([[x, y - 10, x + 30, y + 2]])
        far = {i: min(keys._far(box, line)[0] for line in lines) for i, lines in panel.lines.items()}
        assert min(far, key=far.get) == ink
        assert min(far.values()) > 1


def test_a_drawing_is_the_same_whatever_was_drawn_before_it():
    """Also where its key is a gradient, whose name Vega counts through all drawings of a process."""
    cells = alt.Chart(pd.DataFrame({"x": [1, 2], "y": [1, 2]})).mark_rect().encode(x="x:O", y="y:O", color="y:Q")
    chart = spec_of(cells.properties(title="Two cells"), ALT)
    one, other = (drawings.drawing(chart, "wide")[0] for _ in range(2))

    assert "gradient_0" in one
    assert one == other


BARS = alt.Chart(pd.DataFrame({"x": ["a", "b"], "y": [1, 2], "who": ["one", "two"]})).mark_bar().encode(x="x:N", y="y:Q", color="who:N")  # fmt: skip
PICK = alt.selection_point(fields=["who"], bind=alt.binding_radio(options=["line a", "line b"]))


@pytest.mark.parametrize(
    ("chart", "why"),
    [
        (BARS.properties(title="Bars"), keys.DOTS),
        (_coloured().add_params(PICK), keys.INPUTS),
        (_coloured(many=10), keys.MANY),
        (_coloured(apart=0), keys.CROWDED),
        (_coloured(strokeDash="part:N"), keys.SEVERAL),
    ],
    ids=["bars", "inputs", "many", "crowded", "two ways"],
)
def test_a_key_that_stays_says_why(chart, why):
    """Where names cannot stand at lines the key stays, and the picture names the reason."""
    svg, said = _key(chart, "wide")

    assert said == why
    assert any(f">{name}<" in svg for name in ("one", "line a"))


def unreasoned(made, spec):
    """Return the kinds of a chart's drawings that have a key and no reason for it that we know."""
    reasons = {kind: re.search(r'^<svg [^>]*?data-key="([^"]*)"', svg) for kind, svg in made["svg"].items()}
    bare = [kind for kind, why in reasons.items() if not why or why[1] not in keys.REASONS]
    return [kind for kind in bare if "role-legend" in vega.svg(drawings.drawing(spec, kind)[1])]


def test_every_key_that_is_left_has_its_reason(root):
    """In all drawings of the site: where a key of colours or signs stands, one of the known reasons stands with it."""
    specs = [json.loads(p.read_text(encoding="utf-8")) for p in sorted((root / "_build/html/charts").rglob("*.json"))]
    made = [json.loads(p.read_text(encoding="utf-8")) for p in charts._places(specs, root / "_build" / "drawings")]
    wrong = [(spec["title"], kinds) for one, spec in zip(made, specs, strict=True) if (kinds := unreasoned(one, spec))]

    assert made, "no drawings; make book"
    assert wrong == []


def test_a_key_without_a_reason_is_seen():
    """A drawing with a key that says nothing of why it stays is named, and one with a reason of its own making."""
    spec = spec_of(BARS.properties(title="Bars"), ALT)
    made = drawings.both(spec)
    silent = {**made, "svg": {kind: svg.replace(keys.DOTS, "") for kind, svg in made["svg"].items()}}
    other = {**made, "svg": {kind: svg.replace(keys.DOTS, "because") for kind, svg in made["svg"].items()}}

    assert unreasoned(made, spec) == []
    assert unreasoned(silent, spec) == unreasoned(other, spec) == ["wide", "phone"]


@pytest.mark.parametrize(
    "path",
    ["M10,10L20,10.1L30,10L30,50Z", "M0,0L1,1L2,2L3,3", "M5,5", "M1,2L3,4M9,9L8,7L7,9", "M-1.5,2L-1.5,2L-1.5,7"],
)
def test_a_short_path_passes_the_same_points(path):
    """A path told by steps begins and ends where the long one does, and leaves none of its points by more than a tenth."""

    def points(d):
        found, here = [], (0.0, 0.0)
        for sign, pairs in re.findall(r"([MLl])([^MLlZ]*)", d):
            for pair in pairs.split():
                x, y = map(float, pair.split(","))
                here = (here[0] + x, here[1] + y) if sign == "l" else (x, y)
                found.append(here)
        return found

    long, short = points(path), points(drawings.short_path(path))
    ends = [(0, len(short) - 1)]
    assert all(short[i] == pytest.approx(long[j]) for i, j in zip(ends[0], (0, -1), strict=True))
    assert drawings.short_path(path).count("Z") == path.count("Z")
    for x, y in long:
        near = [((x - a) ** 2 + (y - b) ** 2) ** 0.5 for a, b in short]
        legs = [
            abs((c - a) * (b - y) - (a - x) * (d - b)) / (((c - a) ** 2 + (d - b) ** 2) ** 0.5 or 1)
            for (a, b), (c, d) in itertools.pairwise(short)
        ]
        assert min([*near, *legs]) <= drawings.FLAT + 0.01


def test_no_drawing_shows_a_power_of_ten_as_typed(site):
    """Axes, names and tips of every drawing say 10²⁵ and 2,730, and not 1e+25 and 2.73e+3."""
    typed = re.compile(r'>[^<]*\de[+-]\d[^<]*<|data-t="[^"]*\de[+-]\d[^"]*"')

    assert [p.name for p in site.glob("charts/**/*.svg") if typed.search(p.read_text(encoding="utf-8"))] == []


def test_a_drawing_that_is_no_picture_is_refused(tmp_path):
    """A drawing with marks at no place, or that no program can read, ends the build with the line of its cell."""
    bars = alt.Chart(pd.DataFrame({"x": [1, 2], "y": [3, 4]})).mark_bar()
    log = spec_of(bars.encode(x="x:O", y=alt.Y("y:Q").scale(type="log")).properties(title="On a log"), ALT)
    page = tmp_path / "analyses" / "a" / "b.md"
    page.parent.mkdir(parents=True)
    page.write_text('# A\n\n```{code-cell} python\nshow.figure(\n    "on-log", chart)\n```\n', encoding="utf-8")
    told = charts.Chart("a/b/on-log", log)

    for svg, said in (("<svg><g></svg>", "not well-formed XML"), ('<svg x="1"><g transform="translate(NaN,1)"/></svg>', "a mark at no place")):  # fmt: skip
        with pytest.raises(ValueError, match=said):
            drawings.whole(svg)
    with pytest.raises(
        charts.NotDrawn,
        match=r"\Aanalyses/a/b\.md:5: shows the chart on-log, which cannot be drawn: a drawing .*; needed: ",
    ):
        charts.draw_all([told], tmp_path)


MET = """(svg) => {
    document.body.innerHTML = svg;
    const found = [], whole = document.querySelector("svg").getBoundingClientRect();
    const words = [...document.querySelectorAll("svg text")].filter((t) => t.textContent.trim()).map((text) => {
        const { left, right, top, bottom } = text.getBoundingClientRect(), size = parseFloat(getComputedStyle(text).fontSize);
        const aslant = Math.abs(text.getCTM().b) > 0.3, less = aslant ? 1 : size * 0.27;  // a line is higher than its letters
        return { said: text.textContent.trim(), left, right, top: top + less, bottom: bottom - less, aslant };
    });
    const across = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left), up = (a, b) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    const inks = [...document.querySelectorAll("svg :is(path, line, rect, circle)")].filter((e) => !e.closest("defs, clipPath")).map((e) => {
        const css = getComputedStyle(e), strong = (part) => css[part] !== "none" && css[`${part}Opacity`] * css.opacity > 0.2;
        return { e, fill: strong("fill"), stroke: strong("stroke"), box: e.getBoundingClientRect(), to: e.getScreenCTM().inverse() };
    }).filter((ink) => ink.fill || ink.stroke);
    for (const [i, a] of words.entries()) {
        if (a.said.includes("…") || a.left < whole.left - 2 || a.right > whole.right + 2) found.push(`cut: ${a.said}`);
        for (const b of words.slice(i + 1))
            if (!(a.aslant && b.aslant) && across(a, b) > 1 && up(a, b) > 1) found.push(`${a.said} on ${b.said}`);
        for (const { e, fill, stroke, box, to } of a.aslant ? [] : inks) {
            if (across(a, box) < -2 || up(a, box) < -2) continue;
            let hit = 0, all = 0;
            for (let x = a.left + 1; x < a.right; x += Math.max(1.5, (a.right - a.left) / 24))
                for (let y = a.top; y <= a.bottom; y += 1, all++) {
                    const at = new DOMPoint(x, y).matrixTransform(to);
                    if ((fill && e.isPointInFill(at)) || (stroke && e.isPointInStroke(at))) hit++;
                }
            if (hit / all > 0.04 && hit / all < 0.9) found.push(`struck: ${a.said}`);  // what holds all of a word is its ground
        }
    }
    return [...new Set(found)];
}"""


def test_no_word_of_a_drawing_is_cut_or_struck(browser, address, site):
    """In both drawings of every chart no word is cut, lies on another one, or is crossed by a line or a mark."""
    context = browser.new_context(viewport={"width": 800, "height": 900})
    page = context.new_page()
    drawn = sorted(site.glob("charts/**/*.svg"))
    page.goto(
        f"{address}/charts/{drawn[0].relative_to(site / 'charts').with_suffix('.html').as_posix().replace('-phone', '')}"
    )
    page.evaluate("document.fonts.ready")
    faults = {path.name: met for path in drawn if (met := page.evaluate(MET, path.read_text(encoding="utf-8")))}
    context.close()

    assert faults == {}
    assert len(drawn) > 150


def test_a_word_that_is_cut_or_struck_is_seen(tab):
    """A planted word under a line, one on another and one beyond the edge are named; a word on a ground of its own is not."""
    page = tab()
    page.set_content("<p>")
    planted = (
        '<svg width="200" height="100" font-size="12"><path d="M0,26L90,26" stroke="red" stroke-width="2"/><text x="2" y="30">a struck word</text>'
        '<text x="100" y="30">one</text><text x="104" y="31">two</text><text x="180" y="60">beyond the edge</text>'
        '<path d="M0,70h90v20h-90Z" fill="blue"/><text x="20" y="84">ground</text></svg>'
    )

    assert page.evaluate(MET, planted) == ["struck: a struck word", "one on two", "cut: beyond the edge"]
