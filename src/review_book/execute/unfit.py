"""Code that no cell of an analysis holds: what hides a read, shows a clock, or holds a record against itself.

Asked of cells before they run, and by `review check`.
"""

from __future__ import annotations

import ast
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

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
        ("id(", "hash(", "_ident("),
        re.compile(
            r"(?<![\w.])((?:id|hash)\((?:[^()\n]|\([^()\n]*\))*\))|\b((?:os\.)?getp?pid\(\)|(?:threading\.)?get_(?:native_id|ident)\(\))"
        ),
        "a value that is the same in each process: its number, where a thing lies in memory, and Python's own hash are not",
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
        re.compile(
            r"^\s*(?:import|from)\s+(pyarrow|polars|duckdb|h5py|netCDF4)\b"
            r"|\b((?:import_module|__import__)\(\s*[\"'](?:pyarrow|polars|duckdb|h5py|netCDF4)\b[^)\n]*\))",
            re.M,
        ),
        "pandas, or review_utils.data, whose reads are noted, since {} opens files unseen",
    ),
    (
        ("import_module(", "__import__("),
        re.compile(r"\b((?:import_module|__import__)\(\s*(?![rb]?[\"'])[^)\n]*\))"),
        "a module that is named where it is imported, so that what it reads is known",
    ),
    (
        ("merge(",),
        re.compile(
            r"(\bmerge\((?!(?=(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\bvalidate=)(?=(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\bhow=))"
            r"(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))"
        ),
        'how= and validate= among its arguments, as how="left", validate="one_to_one": rows that match twice are multiplied'
        " otherwise, and those that match none are lost",
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


TAGS = ("hide-input", "hide-output", "hide-cell", "remove-output", "scroll-output")
"""Tags of a cell that change how it is shown, and not whether it runs and may fail; code is folded and never left out."""


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
            given = found[at] + ")" * (found[at].count("(") - found[at].count(")"))
            return found.start(at), given, needed.format(given)
    tree = tree_of(code)
    if isinstance(tree, SyntaxError):
        line = min(tree.lineno or 1, code.count("\n") + 1)
        start = sum(len(one) + 1 for one in code.split("\n")[: line - 1])
        return (
            start,
            (tree.text or code.split("\n")[line - 1]).strip()[:60],
            f"Python; it says: {tree.msg}",
        )
    if imported := _unseen_import(code, tree):
        node, given, needed = imported
        return sum(len(line) + 1 for line in code.split("\n")[: node.lineno - 1]), given, needed
    return _typed(code, tree)


_IMPORTERS = ("import_module", "__import__")
_OF_ARROW = r"(?:pyarrow|polars|duckdb|h5py|netCDF4)"
_OPENS_UNSEEN = re.compile(rf"(?:import|from)\s+{_OF_ARROW}\b.*|{_OF_ARROW}(?:\.\w+)*", re.S)
_OF_PANDAS = ("engine", "dtype_backend", "storage")
"""Arguments by which pandas is told what it reads with, and notes it."""


def _unseen_import(code: str, tree: ast.Module) -> tuple[ast.expr | ast.stmt, str, str] | None:
    """Return what imports under another name, or is told a package that opens files unseen as text, as from `sys.modules`."""
    if not any(name in code for name in (*_IMPORTERS, "importlib", "pyarrow", "polars", "duckdb", "h5py", "netCDF4")):
        return None
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    told = {id(word.value) for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords if word.arg in _OF_PANDAS}  # fmt: skip
    for node in ast.walk(tree):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        renamed = isinstance(node, ast.ImportFrom) and any(one.name in _IMPORTERS and one.asname not in (None, one.name) for one in node.names)  # fmt: skip
        if (name in _IMPORTERS and id(node) not in called) or renamed:
            assert isinstance(node, ast.expr | ast.stmt)
            return node, ast.unparse(node), "import_module under its own name, called where it stands: what it imports is asked"  # fmt: skip
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _OPENS_UNSEEN.fullmatch(node.value) and id(node) not in told:  # fmt: skip
            return node, ast.unparse(node), "pandas, or review_utils.data, whose reads are noted, since it opens files unseen"  # fmt: skip
    return None


_NUMBER_WORDS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand"

_RESULT = re.compile(
    r"\d[\d.,]*[*_]*(?:\s?%|[ -](?:percent|points|times|fold)\b| of \d)"
    rf"|\b(?:{_NUMBER_WORDS})(?:[ -]?fold|[ -](?:percent|points)\b| of (?:the )?(?:{_NUMBER_WORDS})\b)",
    re.I,
)
"""A number as results have it, in digits or in words."""

_SETTING = re.compile(
    r"\b(?:\d+(?:,| and) )*(?:\d+|ninety) percent (?:\w+ ){0,2}(?:intervals?|levels?|bands?)\b|\b(?:intervals?|levels?|bands?) of \d+ percent\b"
    r"|\b(?:middle|central) (?:\d+|fifty|eighty|ninety) percent\b",
    re.I,
)
"""A number that says how something was measured."""

_TITLED = ("Chart", "properties", "layer", "hconcat", "vconcat", "concat", "facet", "repeat", "Title", "TitleParams")
"""Calls that give a chart its title."""

_CAPTIONED = {"table": "caption", "figure": "alt_text"}
"""What is shown with words about it, third or by this name."""

_ASKED = ("title", "Title", "Markdown", "mark_text", "number(", "count(", "table(", "figure(", "claim(", "words(")
"""What the code of a cell holds in which something may be typed."""

_EXACT = re.compile(r"\b(?:exact|chosen|definition|defined|agreed|set by)\b", re.I)
"""A reason for no interval that says of a typed number that it is no result."""

_COMPUTED = "the number that the cell computes, as {share:.0f} in an f-string, or # number: and why it is no result at the end of its line or above it"

_PARSING = threading.Lock()
"""Held by the thread that parses: before 3.11.9 and 3.12.3 Python counts the depth of all trees under way as one's (gh-106905)."""


_NO_PYTHON = re.compile(r"\A(`{3,}[^\n]*\n)?---\n.*?^---$|^(?:`{3,}|:|%|!)[^\n]*", re.M | re.S)
"""What stands in a cell and is none: the fences and the options of its page, and what the kernel does itself."""


@lru_cache(maxsize=2000)
def tree_of(code: str) -> ast.Module | SyntaxError:
    """Return the code of a cell, with or without its fences and options, as Python reads it; or why it does not."""
    try:
        with _PARSING:
            tree = ast.parse(_NO_PYTHON.sub(lambda found: "\n" * found[0].count("\n"), code))
            compile(
                tree, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            )  # which a tree alone does not ask: a return in no function
            return tree
    except SyntaxError as error:
        return error
    except ValueError as error:  # a null byte
        return SyntaxError(str(error))


def _typed(code: str, tree: ast.Module) -> tuple[int, str, str] | None:
    """Return the first result that a cell types where one is shown, and where it stays when data move."""
    if not any(sign in code for sign in _ASKED):
        return None
    lines = code.split("\n")
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    literals = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    drawn = any(_called(call) == "mark_text" for call in calls)
    for call in calls:
        for node, said, needed in (*_typed_words(call, drawn), *_typed_results(call, literals)):
            own = lines[node.lineno - 1 : node.end_lineno or node.lineno]
            above = lines[node.lineno - 2].lstrip().startswith("# number: ") if node.lineno > 1 else False
            if not above and not any("# number: " in line for line in own):
                return sum(len(line) + 1 for line in lines[: node.lineno - 1]), said, needed
    return None


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _typed_words(call: ast.Call, drawn: bool) -> Iterator[tuple[ast.expr, str, str]]:
    """Yield the results in the title of a chart, in a caption, in Markdown, and in words that marks of text draw, where a cell has these."""
    name = _called(call)
    given = [word.value for word in call.keywords if word.arg in ("title", "subtitle", "text", "data")] if name in (*_TITLED, "Markdown") else []  # fmt: skip
    given += call.args[:1] if name in ("Title", "TitleParams", "Markdown") else []
    if name == "words" and isinstance(call.func, ast.Attribute):
        given += [*call.args[1:3], *(word.value for word in call.keywords if word.arg in ("text", "label"))]
    if name in _CAPTIONED and isinstance(call.func, ast.Attribute):
        given += [*call.args[2:3], *(word.value for word in call.keywords if word.arg == _CAPTIONED[name])]
    if drawn and name in ("DataFrame", "value", "mark_text"):
        held = (*call.args, *(word.value for word in call.keywords))
        given += [node for one in held for node in ast.walk(one) if isinstance(node, ast.Constant)]
    for node in given:
        words = _SETTING.sub("", _words(node))
        if found := _RESULT.search(words):
            yield node, f"the typed {found[0]} in {words.strip()[:60]!r}", _COMPUTED


def _typed_results(call: ast.Call, literals: Mapping[str, ast.expr]) -> Iterator[tuple[ast.expr, str, str]]:
    """Yield what a cell shows as a number, a table or a recomputation, and what is typed there as it stands."""
    name = _called(call)
    name = "number" if name == "count" and ast.unparse(call.func) == "show.count" else name
    if name not in ("number", "table", "claim") or not isinstance(call.func, ast.Attribute):
        return
    words = {word.arg: word.value for word in call.keywords}
    node = call.args[1] if len(call.args) > 1 else words.get("frame" if name == "table" else "value")
    if node is None:
        return
    meant = node if name == "number" else _meant(node, literals)
    if name == "table":
        typed = isinstance(meant, ast.Call) and _called(meant) == "DataFrame" and _all_typed(meant)
    else:
        typed = _is_number(meant) or (name == "claim" and isinstance(meant, ast.Constant) and meant.value is None)
    if typed and name == "claim":
        yield node, f"the typed {ast.unparse(meant)}", "the number computed here, or None where its data set is not at hand: a number that is typed is always reproduced"  # fmt: skip
    elif typed and not _EXACT.search(_words(words.get("no_interval_because", ast.Constant("")))):
        said = ast.unparse(meant) if name == "number" else "table of typed numbers"
        yield node, f"the typed {said[:60]}", "what the cell computes; a record in data, for what is read; or # number: and why it is no result at the end of its line or above it"  # fmt: skip


_AS_IT_IS = (
    "rename", "set_index", "reset_index", "sort_values", "sort_index", "round", "head", "tail", "drop", "query", "copy",
    "astype", "transpose", "reindex", "fillna", "set_axis", "rename_axis",
)  # fmt: skip
"""Methods of a frame that leave its numbers as they stand."""


def _meant(node: ast.expr, literals: Mapping[str, ast.expr]) -> ast.expr:
    """Return what a name stands for, below what only selects, sorts or renames."""
    for _ in range(50):  # a name may stand for itself
        match node:
            case ast.Name(id=name) if name in literals:
                node = literals[name]
            case ast.Subscript(value=inner) | ast.Attribute(value=inner, attr="T" | "loc" | "iloc"):
                node = inner
            case ast.Call(func=ast.Attribute(value=inner, attr=method)) if method in _AS_IT_IS:
                node = inner
            case _:
                return node
    return node


def _is_number(node: ast.expr) -> bool:
    node = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _all_typed(call: ast.Call) -> bool:
    """Return whether a frame is written out, and holds a number."""
    parts = [node for one in (*call.args, *(word.value for word in call.keywords)) for node in ast.walk(one)]
    shapes = (ast.Dict, ast.List, ast.Tuple, ast.Constant, ast.UnaryOp, ast.unaryop, ast.expr_context)
    return all(isinstance(node, shapes) for node in parts) and any(_is_number(n) for n in parts if isinstance(n, ast.expr))  # fmt: skip


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
