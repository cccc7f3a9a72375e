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
KEPT = {
    "Markdown with mathematics": ("from IPython.display import Markdown\nMarkdown('$x^2$ of it')", "text/markdown"),
    "a short print": ("print('one')", None),
}
NOT_SHOWN = {
    "nought on a logarithmic axis": (
        CHART.replace("[1, 2]", "[0, 2]").replace("x='a:Q'", "x=alt.X('a:Q').scale(type='log')")
        + "chart.properties(title='t', description='A line that rises from three to five over one step.')",
        "0 in a, which no logarithmic axis holds",
    ),
    "bars without nought": (
        CHART.replace("mark_line", "mark_bar").replace("y='b:Q'", "y=alt.Y('b:Q').scale(domain=[2, 5])")
        + "chart.properties(title='t', description='Two bars, of which one is higher than the other is.')",
        "bars on an axis of b without nought",
    ),
    "a line of no value": (
        CHART.replace("[3, 5]", "[float('nan')] * 2")
        + "chart.properties(title='t', description='A line that rises from three to five over one step.')",
        "no value of b in any row",
    ),
    "a percentage beyond all": (
        "from review_utils import show\nshow.number('x', 340.0, 'percent', 'how many', no_interval_because='counted')",
        "given 340 with the unit percent; needed: a percentage between 0 and 100",
    ),
    "a share of ten in a table": (
        "import pandas as pd\nfrom review_utils import show\n"
        "show.table('x', pd.DataFrame({'a': [0.5, 10.0]}), 'A table', units={'a': 'share'})",
        "given 10 with the unit share; needed: a share from 0 to 1",
    ),
    "a chart without a title": (CHART + "chart", "without a title"),
    "a chart of another host's data": ("import altair as alt\nalt.Chart('https://evil.example/x.json', title='t', description='A sentence of six words and more.').mark_point().encode(x='a:Q')", "go with the page"),
    "a chart of a column that is not there": (CHART + "chart.encode(x='zzz:Q').properties(title='t', description='A sentence of six words and more.')", "the column zzz, which its data lack"),
    "a chart of no rows": (FIGURE.format("{'a': []}"), "shows the figure x: a chart of no rows"),
    "a chart whose link runs a script": (FIGURE.format("{'a': [1], 'u': ['javascript:alert(1)']}"), "a link that runs a script"),
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
    shown = "".join(_outputs(little, code)[0].data["text/html"])

    assert [part for part in parts if part not in shown] == []
    assert "cdn." not in shown


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
