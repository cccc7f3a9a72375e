"""An analysis of a curve of one's own, in the form of the book: a notebook whose words are computed when it runs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, replace

import pandas as pd

from emergence.your_curve.measured import Form, Reading, Unfit, under_our_names

KEPT = ("scale", "score", "items", "seed", "family", "task", "metric", "chance")
"""Columns that go into the notebook."""

WIDEST = 96
"""Widest line of data that a cell may show."""

NOTEBOOK = '''---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# {title}

{answers}

```{{code-cell}} python
:tags: [hide-input, remove-output]

from io import StringIO

import pandas as pd

from emergence.your_curve import page, said
from emergence.your_curve.answer import ask, under_other_choices
from emergence.your_curve.measured import Form, read_frame
from review_utils import show
from review_utils.data.tables import table

# The scores, as they were given.
scores = pd.read_csv(
    StringIO(
        """\\
{data}
"""
    ),
    dtype=str,
)
form = Form({form})
found = ask(scores, form, record=table("forecast_record"))
```

```{{code-cell}} python
:tags: [hide-input]

for i, answer in enumerate(found.answers, 1):
    show.figure(f"curve-{{i}}", page.curve_chart(answer), page.curve_words(answer))
```

## How we know

Each account of a rise predicts the whole curve; its weight is how well it did beside the others ([how they are weighed](../phase_transitions/attribution.md)). The forecast is that of the ensemble of [the tournament](../capability_precursors/forecast_tournament.md), told with how such forecasts fared there.

```{{code-cell}} python
:tags: [hide-input]

for i, answer in enumerate(found.answers, 1):
    weights = answer.attribution.weights
    show.table(
        f"weights-{{i}}",
        pd.DataFrame(
            [[name, said.SAYS[answer.kind][name], 100 * w] for name, w in weights.items()],
            columns=["Account", "What it says", "Weight"],
        ).sort_values("Weight", ascending=False),
        f"Weight of each account of {{answer.name}}, in percent",
        digits=3,
    )
    show.table(
        f"forecast-{{i}}",
        pd.DataFrame(
            [
                [said.forecast_of(answer, item), said.fared_of(item.fared)]
                for item in answer.forecast
                if item.fared
            ],
            columns=["Forecast", "How such forecasts fared"],
        ),
        f"What the next scales of {{answer.name}} will do",
    )
    show.table(
        f"power-{{i}}",
        pd.DataFrame(
            [[said.height_of(answer, p), 100 * p.found, p.curves] for p in answer.power],
            columns=["In the simulation", "Called abrupt", "Curves"],
        ),
        f"Percent of simulated curves, measured as {{answer.name}}, that are called abrupt",
        digits=3,
    )
```

## What else could have been chosen

The priors of the accounts could be wider or narrower, and no single scale should carry the verdict.

```{{code-cell}} python
:tags: [hide-input]

show.table(
    "choices",
    under_other_choices(read_frame(scores, form).curves),
    "Verdicts under other choices, and the weight of a jump, a kink or luck in percent",
    digits=3,
)
```

## What would change our mind

{plans}

```{{code-cell}} python
:tags: [hide-input]

for i, answer in enumerate(found.answers, 1):
    show.table(
        f"measures-{{i}}",
        pd.DataFrame(
            [[said.measure_of(m)] for m in answer.plan.measures], columns=["Measurement"]
        ),
        f"What would tell the accounts of {{answer.name}} apart, the cheapest that is enough first",
    )
    show.words(f"verdict-{{i}}", said.verdict_of(answer), f"what is said of {{answer.name}}")
    show.words(f"plan-{{i}}", said.plan_of(answer), f"what to measure of {{answer.name}}")
for i, both in enumerate(found.together, 1):
    show.words(f"together-{{i}}", both, "two metrics of the same answers")
```
'''


def notebook(frame: pd.DataFrame, reading: Reading, form: Form, address: str, title: str = "") -> str:
    """Return the notebook of a table's curves, with the data in it.

    Parameters
    ----------
    frame : DataFrame
        As `read_frame` takes it.
    reading : Reading
        What `read_frame` made of it.
    form : Form
    address : str
        Chapter and name of the analysis, as ``phase_transitions/my_curve``.
    title : str
        A question; default one that names the curves.

    Returns
    -------
    str

    Raises
    ------
    Unfit
        When the title is no question, or a line of the data is wider than a cell may show.
    """
    names = list(dict.fromkeys(m.task or m.metric or "this curve" for m in reading.curves))
    title = title or f"What made {' and '.join(names)} rise, and what comes next?"
    if not title.endswith("?") or "\n" in title:
        raise Unfit(f"given the title {title!r}; needed: one question, that ends in a question mark")
    counted = range(1, len(reading.curves) + 1)
    data = _data(under_our_names(frame, form.metric))
    if any(m.curve.over == "training" for m in reading.curves):
        form = replace(form, over="training")
    quoted = " ".join(f"**{m.name}.** {{num}}`result:{address}#verdict-{i}`" for i, m in zip(counted, reading.curves, strict=True))  # fmt: skip
    plans = " ".join(f"**{m.name}.** {{num}}`result:{address}#plan-{i}`" for i, m in zip(counted, reading.curves, strict=True))  # fmt: skip
    return NOTEBOOK.format(title=title, answers=quoted, data=data, form=_written(form), plans=plans)


def _data(frame: pd.DataFrame) -> str:
    kept = frame[[name for name in KEPT if name in frame]].copy()
    if "seed" in kept:
        kept["seed"] = pd.factorize(kept["seed"])[0]
    text: str = kept.to_csv(index=False, lineterminator="\n").rstrip("\n")
    if '"""' in text or "\\" in text:
        raise Unfit("given data with a backslash or three quotes; needed: plain names and numbers")
    if wide := [line for line in text.splitlines() if len(line) > WIDEST]:
        raise Unfit(f"given a row of {len(wide[0])} characters; needed: at most {WIDEST}; shorten the names of tasks or metrics")  # fmt: skip
    return text


def _written(form: Form) -> str:
    said: Mapping[str, object] = {k: v for k, v in asdict(form).items() if v != asdict(Form())[k]}
    return ", ".join(f"{name}={json.dumps(value) if isinstance(value, str) else value}" for name, value in said.items())


def listed(contents: str, address: str) -> str:
    """Return a contents file with an analysis named below the last one of its chapter.

    Parameters
    ----------
    contents : str
        Text of ``_toc.yml``.
    address : str
        Chapter and name of the analysis.

    Raises
    ------
    Unfit
        When the chapter has no analysis there.
    """
    chapter = address.split("/")[0]
    lines = contents.split("\n")
    at = [i for i, line in enumerate(lines) if re.match(rf"\s*- file: analyses/{re.escape(chapter)}/", line)]
    if not at:
        raise Unfit(f"given the chapter {chapter}, which has no analysis in _toc.yml; needed: one that has")
    indent = lines[at[-1]][: len(lines[at[-1]]) - len(lines[at[-1]].lstrip())]
    lines.insert(at[-1] + 1, f"{indent}- file: analyses/{address}")
    return "\n".join(lines)
