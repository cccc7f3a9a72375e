"""Ordinary outputs of a notebook, each shown well or refused by name."""

from __future__ import annotations

import pytest
from conftest import write_notebook

from review_book.execute.ordinary import LONG, REFUSED
from review_book.execute.run import ExecutionFailed, execute_page
from review_utils.show.charts import CHART_MIME

TINY = "import base64\npng = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==')\n"
CHART = "import altair as alt, pandas as pd\nchart = alt.Chart(pd.DataFrame({'a': [1, 2], 'b': [3, 5]})).mark_line().encode(x='a:Q', y='b:Q')\n"
FIGURE = "import altair as alt, pandas as pd\nfrom review_utils import show\nshow.figure('x', alt.Chart(pd.DataFrame({}), title='t').mark_point().encode(x='a:Q'), 'A sentence of six words and more.')"

SHOWN = {
    "a plain Altair chart": (
        CHART + "chart.properties(title='It rises', description='A line that rises from three to five over one step.')",
        [
            '<div class="review-chart" data-chart="cell-',
            CHART_MIME,
            '"It rises"',
            '"labelColor":"currentColor"',
            '"background":null',
        ],
    ),
    "a frame": (
        "import pandas as pd\npd.DataFrame({'a': [1], 'b': ['<b>']})",
        ['<div class="review-table" tabindex="0" role="region"', "&lt;b&gt;"],
    ),
    "a styled frame of many rows": (
        "import pandas as pd\npd.DataFrame({'a': range(500)}).style.set_caption('Many')",
        ['<div class="review-table review-table--long" tabindex="0"'],
    ),
    "a styled frame": (
        "import pandas as pd\npd.DataFrame({'a': [0.123]}).style.format('{:.1f}').set_caption('Shares')",
        ['aria-label="Shares"', "T_cell_", "0.1"],
    ),
    "a styled frame with colours": (
        "import pandas as pd\npd.DataFrame({'a': [1, 2]}).style.highlight_max()",
        ["background-color: yellow; color: #1b2530"],
    ),
    "a chart with settings of its own": (
        CHART
        + "chart.properties(title='It rises', description='A line that rises from three to five over one step.').configure_axis(labelFontSize=20)",
        ['"labelFontSize":20', '"titleColor":"currentColor"'],
    ),
    "a print in parts": (
        f"import sys\nfor i in range({LONG + 2}):\n    print(i)\n    sys.stdout.flush()",
        [f"{LONG + 2} printed lines"],
    ),
    "a long print": (
        f"for i in range({LONG + 2}):\n    print(i, '<i>')",
        ["<details", f"{LONG + 2} printed lines", "&lt;i&gt;"],
    ),
    "a picture with words": (
        TINY + "from review_utils import show\nshow.picture('dot', png, 'A dot that stands for nothing but itself.')",
        ['alt="A dot that stands for nothing but itself."', 'width="1"'],
    ),
}
NUMBER = "from review_utils import show\nshow.number('x', {}, no_interval_because='counted')"
TABLE = "import pandas as pd\nfrom review_utils import show\nshow.table('x', pd.DataFrame(dict({})), {}, units={})"
DRAWN = "import altair as alt, pandas as pd\nfrom review_utils import show\nshow.figure('x', alt.Chart(pd.DataFrame({}), title='t').mark_{}().encode({}), 'A sentence of six words and more.')"
KEPT = {
    "Markdown with mathematics": ("from IPython.display import Markdown\nMarkdown('$x^2$ of it')", "text/markdown"),
    "a short print": ("print('one')", None),
    "a coloured print": ("print('\\x1b[31mone\\x1b[0m\\ttwo')", None),
    "a mean of what is counted": (NUMBER.format("max([2.5]), 'runs', 'runs a seed on average'"), "text/html"),
    "a layer that has no rows of its own": (
        DRAWN.format("{'a': [1], 'b': [None], 'c': [1]}", "bar", "x='a:O', y='c:Q'")
        .replace(
            "show.figure('x', ",
            "show.figure('x', alt.layer(alt.Chart(pd.DataFrame({'a': [1], 'b': [None]})).mark_rule().encode(y='b:Q'), ",
        )
        .replace(", title='t'", "")
        .replace(", 'A sent", ").properties(title='t'), 'A sent"),
        "text/html",
    ),
    "bars between two values": (
        DRAWN.format(
            "{'a': ['u'], 'b': [98], 'c': [99]}", "bar", "x='a:N', y=alt.Y('b:Q').scale(domain=[97, 100]), y2='c'"
        ),
        "text/html",
    ),
}
NOT_SHOWN = {
    "a chart without a title": (CHART + "chart", "without a title"),
    "a chart of another host's data": ("import altair as alt\nalt.Chart('https://evil.example/x.json', title='t', description='A sentence of six words and more.').mark_point().encode(x='a:Q')", "go with the page"),
    "a chart of a column that is not there": (CHART + "chart.encode(x='zzz:Q').properties(title='t', description='A sentence of six words and more.')", "the column zzz, which its data lack"),
    "a chart of no rows": (FIGURE.format("{'a': []}"), "shows the figure x: a chart of no rows"),
    "bars of several rows in one": (DRAWN.format("{'a': ['u', 'u'], 'b': [1, 2]}", "bar", "x='a:N', y='b:Q'"), "shows the figure x: several rows in one bar at u in the column a, 1 and 2 in the column b"),
    "white marks in what is drawn besides": (FIGURE.format("{'a': [1]}").replace(".')", ".', 'a-set', alt.Chart(pd.DataFrame({'a': [1]}), title='t').mark_point(color='white').encode(x='a:Q'))"), "shows the figure x: marks in the colour white"),
    "a plain chart of white marks": (CHART + "chart.mark_point(color='white').properties(title='t', description='A sentence of six words and more.')", "marks in the colour white"),
    "a chart whose link runs a script": (FIGURE.format("{'a': [1], 'u': ['javascript:alert(1)']}"), "a link that runs a script"),
    "a number less than none": (NUMBER.format("max([-3]), 'findings', 'how many'"), "shows the number x: given the value -3 findings; needed: a number of at least 0"),
    "an interval of no width": (NUMBER.format("max([0.5]), '', 'share of them', low=0.5, high=0.5, interval='95 percent Wilson'").replace(", no_interval_because='counted'", ""), "given an interval of no width, 0.5 to 0.5"),
    "an interval that rounding removes": (NUMBER.format("max([0.835]), 'share', 'of them', low=0.83, high=0.84, interval='95 percent', digits=1").replace(", no_interval_because='counted'", ""), "given 1 digits, which make 0.83 and 0.84 one"),
    "words of no number": ("from review_utils import show\nshow.words('x', f'a gain of {float(\"nan\")} percent', 'how much')", "given nan in the words"),
    "a count that is a fraction": (NUMBER.format("max([2.5]), '', 'number of sharp curves'"), "given 2.5 for number of sharp curves, and counted as why it has no interval; needed: a whole number"),
    "a half of what is counted": (NUMBER.format("max([2.5]), 'runs', 'how many'"), "given 2.5 runs; needed: a whole number"),
    "a unit in capitals": (NUMBER.format("max([23.0]), 'Percent', 'of them'"), "given the unit Percent; needed: percent"),
    "a column in a sign": (TABLE.format("{'a': [0.2]}", "'A table'", "{'a': '%'}"), "given the unit % of the column a; needed: percent"),
    "a percentage above all": (NUMBER.format("max([340]), 'percent', 'of them'"), "given the value 340 percent; needed: a percentage"),
    "a label with markup": (NUMBER.format("max([3]), 'findings', '<b>many</b>'"), "without markup such as <b>"),
    "a label with a role": (NUMBER.format("max([3]), 'findings', '{num}`x`'"), "without a role or code"),
    "a caption with markup": (TABLE.format("{'a': [1]}", "'<i>A</i> table'", "{}"), "without markup such as <i>"),
    "a column of shares above one": (TABLE.format("{'a': [0.2, 20]}", "'A table'", "{'a': 'share'}"), "given 20 share in the column a; needed: a share from 0 to 1"),
    "parameters in FLOP": (TABLE.format("{'params': [1e9, 2e9]}", "'A table'", "{'params': 'FLOP'}"), "given the unit FLOP of the column params; needed: a unit of parameters"),
    "shares in a column of percentages": (TABLE.format("{'a': [1, 0.9, 0.4]}", "'A table'", "{'a': 'percent'}"), "given 0.4 to 1 in the column a, whose unit is percent; needed: a hundred times as much"),
    "a cell that is a mapping": (TABLE.format("{'a': [{'b': 1}]}", "'A table'", "{}"), "given the cell {'b': 1} in the column a"),
    "zero on a logarithmic axis": (DRAWN.format("{'a': [0, 1]}", "line", "x=alt.X('a:Q').scale(type='log')"), "0 in the column a, which a logarithmic axis cannot show"),
    "a chart whose rows hold nothing": (DRAWN.format("{'a': [1, 2], 'b': [float('nan')] * 2}", "line", "x='a:Q', y='b:Q'"), "the column b, which holds nothing"),
    "a chart whose filter leaves no row": (DRAWN.replace("mark_{}", "transform_filter('datum.a > 100').mark_{}").format("{'a': [10, 20, 72]}", "point", "x='a:Q'"), "a filter that leaves no row"),
    "a chart whose colours leave a name out": (DRAWN.format("{'a': [1, 2], 'k': ['b', 'c']}", "point", "x='a:Q', color=alt.Color('k:N').scale(domain=['b'])"), "c in the column k, which a scale of b leaves out"),
    "a chart with a name in two spellings": (DRAWN.format("{'a': [1, 2], 'k': ['GPT-4', 'gpt 4']}", "point", "x='a:Q', color='k:N'"), "GPT-4 and gpt 4 in the column k"),
    "a table with a name in two spellings": (TABLE.format("{'a': ['GPT-4', 'GPT-4 ']}", "'A table'", "{}"), "GPT-4 and GPT-4  in the column a"),
    "a chart whose axis leaves a name out": (DRAWN.format("{'a': ['b', 'c']}", "point", "x=alt.X('a:N').scale(domain=['b'])"), "c in the column a, which a scale of b leaves out"),
    "a chart whose axis leaves a row out": (DRAWN.format("{'a': [10, 20, 72]}", "point", "x=alt.X('a:Q').scale(domain=[0, 50])"), "72 in the column a, which an axis from 0 to 50 leaves out"),
    "a chart whose rows lie beside its axis": (DRAWN.format("{'a': [1, 2]}", "point", "x=alt.X('a:Q').scale(domain=[50, 60])"), "the column a from 1 to 2 on an axis from 50 to 60"),
    "bars from an axis that is cut": (DRAWN.format("{'a': ['u', 'v'], 'b': [99, 100]}", "bar", "x='a:N', y=alt.Y('b:Q').scale(domain=[98.9, 100])"), "bars over an axis from 98.9 to 100"),
    "bars from an axis without zero": (DRAWN.format("{'a': ['u', 'v'], 'b': [99, 100]}", "bar", "y='a:N', x=alt.X('b:Q').scale(zero=False)"), "bars over an axis without zero"),
    "letters in another order": ("print('a\\u202eb')", "shows '\\u202e', which nobody sees"),
    "a bell": ("print('\\x1b[31ma\\x1b[0m\\a')", "shows '\\x07', which nobody sees"),
    "HTML that styles the page": ("from IPython.display import HTML\nHTML('<style>body{display:none}</style>')", "a style of 'body'"),
    "a styled frame that styles the page": ("from IPython.display import HTML\nHTML('<table></table><style>#T_a td {color: red} main, a {display: none}</style>')", "a style of 'main'"),
    "Markdown with a style": ("from IPython.display import Markdown\nMarkdown('<style>body{display:none}</style>')", "Markdown with <style>"),
    "HTML that runs at a click": ("from IPython.display import HTML\nHTML('<p onclick=alert(1)>a</p>')", "policy forbids"),
    "a widget": ("import ipywidgets\nipywidgets.IntSlider()", "show.controls"),
    "a picture without words": (TINY + "from IPython.display import Image\nImage(png)", "show.picture"),
    "HTML with a script": ("from IPython.display import HTML\nHTML('<script>1</script>')", "policy forbids"),
    "a plotly figure": ("from IPython.display import display\ndisplay({'application/vnd.plotly.v1+json': {}, 'text/plain': ''}, raw=True)", "plotly"),
    "a script": ("from IPython.display import Javascript\nJavascript('1')", "a script of its own"),
    "a kind that nobody knows": ("from IPython.display import display\ndisplay({'application/x-odd': '1'}, raw=True)", "application/x-odd"),
}  # fmt: skip


def _outputs(little, code):
    write_notebook(little, "analyses/x/one", code)
    cell = next(c for c in execute_page(little, "analyses/x/one").cells if c.cell_type == "code")
    return cell.outputs


@pytest.mark.parametrize("what", SHOWN)
def test_an_ordinary_output_takes_the_book_s_own_form(little, what):
    """It becomes a chart with its own sentence, a table that scrolls within itself, a folded print, a picture with words."""
    code, parts = SHOWN[what]
    text = "".join(_outputs(little, code)[0].data["text/html"])

    assert [part for part in parts if part not in text] == []
    assert "cdn." not in text


@pytest.mark.parametrize("what", KEPT)
def test_what_the_book_reads_itself_is_left(little, what):
    """Markdown is read as the book's own, and a short print stays a print."""
    code, kind = KEPT[what]
    output = _outputs(little, code)[0]

    assert (kind in output.data) if kind else output.output_type == "stream"


@pytest.mark.parametrize("what", NOT_SHOWN)
def test_what_cannot_be_shown_is_refused_by_name(little, what):
    """The build ends, names the file and the cell, and says what to do instead."""
    code, part = NOT_SHOWN[what]

    with pytest.raises(ExecutionFailed, match=r"analyses/x/one\.md:\d+: cell \d+: shows ") as failed:
        _outputs(little, code)
    assert part in str(failed.value)
    assert "needed:" in str(failed.value)


def test_every_refusal_says_what_to_do():
    """Each kind that is refused names what it is and what is needed."""
    assert all("needed:" in why for why in REFUSED.values())
