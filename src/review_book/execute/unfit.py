"""Code that no cell of an analysis holds: what hides a read, shows a clock, or holds a record against itself.

Asked of cells before they run, and by `review check`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from review_utils.records.reading import did_you_mean

_UNFIT: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    (
        (".today(", ".now(", ".utcnow(", ".time("),
        re.compile(r"\b((?:datetime|date|Timestamp|time)\.(?:today|now|utcnow|time)\([^)\n]*\))"),
        "no clock, which makes another page each day; the day that a number is of, written out",
    ),
    (
        ("'", '"'),
        re.compile(
            r"[\"']((?:/(?!tmp/)|~/|[A-Za-z]:[\\/])[^\"'\n]*\.(?:csv|tsv|jsonl?|ya?ml|parquet|np[yz]|txt|xlsx?))[\"']"
        ),
        "a file of the review, by review_utils.data or from this folder: no other machine has it there",
    ),
    (
        ("open(", "Path", "read_", "load", "os.", "getenv(", "expanduser(", "socket.", "platform.", "getpass.", "sys."),
        re.compile(
            r"\b((?:open|Path|read_\w+|loadtxt|load)\(\s*[rb]?[\"'](?:/(?!tmp/)|~|[A-Za-z]:[\\/])[^\"'\n]*[\"']|os\.environ|(?:os\.)?getenv\("
            r"|(?:os\.path\.)?expanduser\(|Path\.(?:home|cwd)\(\)|os\.(?:getcwd|uname|cpu_count|getlogin|urandom)\("
            r"|socket\.\w+\(|platform\.\w+\(|getpass\.\w+\(|sys\.(?:platform|version|executable|argv)\b)"
        ),
        "what every machine has: a file of the review, by review_utils.data, or a value written out",
    ),
    (
        ("default_rng(", "Random", "SeedSequence(", "PCG64(", "random.", "uuid.", "secrets."),
        re.compile(
            r"\b((?:default_rng|RandomState|SeedSequence|PCG64|Random)\(\s*(?:None\s*)?\)"
            r"|(?:np|numpy)\.random\.(?!default_rng|Generator|PCG64|SeedSequence|RandomState)\w+\("
            r"|\brandom\.(?:random|randint|randrange|choices?|shuffle|sample|uniform|gauss|normalvariate|getrandbits)\("
            r"|uuid\.uuid[14]\(|secrets\.\w+\()"
        ),
        "chance that is the same each time, as np.random.default_rng(0)",
    ),
    (
        (".sample(",),
        re.compile(
            r"(?<!rng)(?<!random)(?<!chance)(?<!draw)(\.sample\((?!(?:[^()]|\([^()]*\))*\b(?:random_state|rng|seed)\b)(?:[^()]|\([^()]*\))*\))"
        ),
        "the rows that are the same each time: a random_state, as .sample(10, random_state=0)",
    ),
    (
        ("id(", "hash("),
        re.compile(r"(?<![\w.])((?:id|hash)\([^()\n]*(?:\(\))?\))"),
        "a value that is the same in each process: where a thing lies in memory, and Python's own hash, are not",
    ),
    (
        ("breakpoint(", "set_trace("),
        re.compile(r"\b(breakpoint\(\)|pdb\.set_trace\(\))"),
        "a cell that runs to its end",
    ),
    (
        ("%",),
        re.compile(r"^[ \t]*(%%?(?:timeit|time|prun)\b)", re.M),
        "no time of this machine, which is another at each run; what a method costs is told by counts",
    ),
    (
        ("pyarrow", "polars", "duckdb", "h5py", "netCDF4"),
        re.compile(r"^\s*(?:import|from)\s+(pyarrow|polars|duckdb|h5py|netCDF4)\b", re.M),
        "pandas, or review_utils.data, whose reads are noted, since {} opens files unseen",
    ),
    (
        ("claims", ".recomputed"),
        re.compile(
            r"(review_utils\.records\.claims\b|records\.claims\b|review_utils\.records\s+import\s+(?:\([^)]*|[^\n]*)\bclaims\b|\.recomputed\b)"
        ),
        "the number computed here, given to show.claim: a record that is held against itself is always reproduced",
    ),
    *(
        (
            ("zip(", "table(", "derived("),
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
"""Letters of which code must hold some, looked for first, since that is quick; a pattern; and what is needed instead."""


TAGS = ("hide-input", "hide-output", "hide-cell", "remove-input", "remove-output", "remove-cell", "scroll-output")
"""Tags of a cell that change how it is shown, and not whether it runs and may fail."""


def unfit_tag(tags: Iterable[str]) -> tuple[str, str] | None:
    """Return the first tag that a cell may not bear, and what is needed; or None.

    Examples
    --------
    >>> unfit_tag(["hide-input", "raises-exception"])[0]
    'the tag raises-exception'
    """
    wrong = next((tag for tag in tags if tag not in TAGS), None)
    return (f"the tag {wrong}", f"one of {', '.join(TAGS)}{did_you_mean(wrong, TAGS)}") if wrong else None


def unfit(code: str) -> tuple[int, str, str] | None:
    """Return where code is that no analysis holds, what it is and what is needed; None where it is fit.

    Examples
    --------
    >>> unfit("import polars")[1]
    'polars'
    """
    for signs, pattern, needed in _UNFIT:
        if any(sign in code for sign in signs) and (found := pattern.search(code)):
            return found.start(1), found[1], needed.format(found[1])
    return None
