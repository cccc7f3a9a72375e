"""Code that no cell of an analysis holds: what hides a read, shows a clock, or holds a record against itself.

Asked of cells before they run, and by `review check`.
"""

from __future__ import annotations

import re

_UNFIT = (
    (
        re.compile(r"\b((?:datetime|date|Timestamp|time)\.(?:today|now|utcnow|time)\([^)\n]*\))"),
        "no clock, which makes another page each day; the day that a number is of, written out",
    ),
    (
        re.compile(
            r"[\"']((?:/(?!tmp/)|~/|[A-Za-z]:[\\/])[^\"'\n]*\.(?:csv|tsv|jsonl?|ya?ml|parquet|np[yz]|txt|xlsx?))[\"']"
        ),
        "a file of the review, by review_utils.data or from this folder: no other machine has it there",
    ),
    (re.compile(r"\b(breakpoint\(\)|pdb\.set_trace\(\))"), "a cell that runs to its end"),
    (
        re.compile(r"^[ \t]*(%%?(?:timeit|time|prun)\b)", re.M),
        "no time of this machine, which is another at each run; what a method costs is told by counts",
    ),
    (
        re.compile(r"^\s*(?:import|from)\s+(pyarrow|polars|duckdb|h5py|netCDF4)\b", re.M),
        "pandas, or review_utils.data, whose reads are noted, since {} opens files unseen",
    ),
    (
        re.compile(
            r"(review_utils\.records\.claims\b|records\.claims\b|review_utils\.records\s+import\s+(?:\([^)]*|[^\n]*)\bclaims\b|\.recomputed\b)"
        ),
        "the number computed here, given to show.claim: a record that is held against itself is always reproduced",
    ),
    *(
        (
            re.compile(pattern, re.M | re.S),
            "rows found by what they hold, as ANSWERS[row.id], or put in order first: a row that moves in its file takes"
            " another's words",
        )
        for pattern in (
            r"\b(zip\([^\n]*\.iter(?:tuples|rows)\()",
            r"\b((?:table|derived)\([^()\n]*\)\.i(?:loc|at)\[)",
            r"^(\w+) = (?:table|derived)\([^()\n]*\)$.*?\b\1\.i(?:loc|at)\[",
            r"^(\w+) = (?:table|derived)\([^()\n]*\)$.*?\b\1\[[\"']\w+[\"']\] = [\[(]\s*[\"'\d({-]",
        )
    ),
)


def unfit(code: str) -> tuple[int, str, str] | None:
    """Return where code is that no analysis holds, what it is and what is needed; None where it is fit.

    Examples
    --------
    >>> unfit("import polars")[1]
    'polars'
    """
    for pattern, needed in _UNFIT:
        if found := pattern.search(code):
            return found.start(1), found[1], needed.format(found[1])
    return None
