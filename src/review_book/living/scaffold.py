"""A plain analysis to begin from: a notebook in the form of the book that runs, with one of each thing that a page shows."""

from __future__ import annotations

from review_utils.review import Explained

NOTEBOOK = """---
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

Replace this with the answer in one or two sentences, and its numbers as they are computed: with a thousand items a share is known to within {{num}}`result:{address}#half-width`.

```{{code-cell}} python
:tags: [hide-input]

import altair as alt
import numpy as np
import pandas as pd

from review_utils import show

# The computation. What a test should reach moves into the package, with a test.
rng = np.random.default_rng(0)
truth, draws, inside = 0.3, 2000, 0.95
ends = [(1 - inside) / 2, 0.5, (1 + inside) / 2]
shares = {{n: rng.binomial(n, truth, draws) / n for n in (10, 30, 100, 300, 1000)}}
spread = pd.DataFrame(
    [(n, *(100 * np.quantile(found, ends))) for n, found in shares.items()],
    columns=["items", "low", "middle", "high"],
)
# What the title says is asserted.
assert spread.high.diff().dropna().lt(0).all() and spread.low.diff().dropna().gt(0).all()
base = alt.Chart(spread).encode(
    x=alt.X("items:Q").title("items").scale(type="log"),
    tooltip=["items", "low", "middle", "high"],
)
band = base.mark_area(opacity=0.3).encode(
    y=alt.Y("low:Q").title("share found, in percent"), y2="high"
)
line = base.mark_line(point=True).encode(y="middle:Q")
show.figure(
    "spread",
    (band + line).properties(
        title=alt.Title(
            "More items narrow the share", subtitle=f"Band: {{inside:.0%}} of {{draws:,}} samples."
        )
    ),
    "The share found against the number of items: the band around it narrows as items grow.",
)
```

## How we know

Say where the data come from and what was done to them. A table is shown with its units:

```{{code-cell}} python
:tags: [hide-input]

show.table(
    "spread-table",
    spread.rename(
        columns={{"items": "Items", "low": "From", "middle": "Middle", "high": "To"}}
    ),
    f"Shares found in {{draws:,}} samples of each size, in percent",
    digits=3,
)
last = spread.iloc[-1]
show.number(
    "half-width",
    (last.high - last.low) / 2,
    "points",
    f"half of the range that holds {{inside:.0%}} of samples of {{last['items']:,.0f}} items",
    digits=2,
    no_interval_because="a quantile of many samples",
)
```

## What else could have been chosen

Another sample, another measure: what changes, and what does not.

## What would change our mind

Name the observation that would.
"""


def plain(address: str, title: str) -> str:
    """Return a notebook to begin from: a computation, a chart, a table and a number that its first sentence quotes.

    Parameters
    ----------
    address : str
        Chapter and name of the analysis, as ``phase_transitions/my_simulation``.
    title : str
        A question.

    Raises
    ------
    Explained
        When the title is no question.
    """
    if not title.endswith("?") or "\n" in title:
        raise Explained(f"given the title {title!r}; needed: --title with one question, that ends in a question mark")
    return NOTEBOOK.format(title=title, address=address)
