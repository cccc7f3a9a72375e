"""Code that no cell of an analysis holds: what hides a read, shows a clock, or holds a record against itself.

Asked of cells before they run, and by `review check`.
"""

from __future__ import annotations

import ast
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
        (".sample(", ".rvs("),
        re.compile(
            r"(?<!rng)(?<!random)(?<!chance)(?<!draw)(\.(?:sample|rvs)\((?!(?:[^()]|\([^()]*\))*\b(?:random_state|rng|seed|generator|k)\b)"
            r"(?:[^(),]|\([^()]*\))*(?:,\s*(?:n|frac|replace|weights|axis|ignore_index|loc|scale|size)=(?:[^(),]|\([^()]*\))*)*\))"
        ),
        "chance that is the same each time, as random_state=0 among its arguments",
    ),
    (
        ("from random", "from numpy.random"),
        re.compile(
            r"^\s*(from random import (?!Random\b)[^\n]*|from numpy\.random import (?!default_rng\b|Generator\b|PCG64\b|SeedSequence\b)[^\n]*)",
            re.M,
        ),
        "chance that is the same each time, as np.random.default_rng(0)",
    ),
    (
        ("id(", "hash("),
        re.compile(r"(?<![\w.])((?:id|hash)\((?:[^()\n]|\([^()\n]*\))*\))"),
        "a value that is the same in each process: where a thing lies in memory, and Python's own hash, are not",
    ),
    (
        ("perf_counter", "monotonic", "s_time", "d_time", "time_ns", "ltime(", "gmtime(", "ctime(", "now", "today"),
        re.compile(
            r"\b((?:time\.)?(?:(?:perf_counter|monotonic|process_time|thread_time)(?:_ns)?|time_ns)\(\)"
            r"|time\.(?:localtime|gmtime|ctime)\(\)|(?:Timestamp|to_datetime|datetime64)\(\s*[\"'](?:now|today)[\"'][^)\n]*\))"
        ),
        "no clock, which makes another page each day; what a method costs is told by counts",
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
            at = found.lastindex or 0
            return found.start(at), found[at], needed.format(found[at])
    return _typed(code)


_RESULT = re.compile(r"\d[\d.,]*[*_]*(?:\s?%|[ -](?:percent|points|times|fold)\b| of \d)")
"""A number as results have it."""

_SETTING = re.compile(
    r"\b\d+ percent (?:\w+ )?(?:intervals?|levels?|bands?)\b|\b(?:intervals?|levels?|bands?) of \d+ percent\b", re.I
)
"""A number that says how something was measured."""

_TITLED = ("Chart", "properties", "layer", "hconcat", "vconcat", "concat", "facet", "repeat", "Title", "TitleParams")
"""Calls that give a chart its title."""


def _typed(code: str) -> tuple[int, str, str] | None:
    """Return the first result that a cell types into the title of a chart or into Markdown, where it stays when data move."""
    if ("title" not in code.lower() and "Markdown" not in code) or not _RESULT.search(code):
        return None
    lines = code.split("\n")
    plain = ["" if re.match(r"`{3,}|:|%|!", line) else line for line in lines]
    try:
        calls = [node for node in ast.walk(ast.parse("\n".join(plain))) if isinstance(node, ast.Call)]
    except SyntaxError:  # told elsewhere
        return None
    for call in calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        given = [word.value for word in call.keywords if word.arg in ("title", "text", "data")] if name in (*_TITLED, "Markdown") else []  # fmt: skip
        given += call.args[:1] if name in ("Title", "TitleParams", "Markdown") else []
        for node in given:
            words = _SETTING.sub("", _words(node))
            last = node.end_lineno or node.lineno
            if (found := _RESULT.search(words)) and not any(
                "# number: " in line for line in lines[node.lineno - 1 : last]
            ):
                needed = "the number that the cell computes, as {share:.0f} in an f-string, or # number: and why it is no result at the end of its line"
                return sum(len(line) + 1 for line in lines[: node.lineno - 1]), f"the typed {found[0]} in {words.strip()[:60]!r}", needed  # fmt: skip
    return None


def _words(node: ast.AST) -> str:
    """Return the text that an expression has whatever is computed, with a sign where something is."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_words(part) if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _words(node.left) + _words(node.right)
    if isinstance(node, ast.List | ast.Tuple):
        return " ".join(map(_words, node.elts))
    return "…"
