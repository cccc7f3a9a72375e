"""From a table of scores to checked curves: what is missing is asked for or guessed aloud, what is wrong is refused.

A guess that is safe is made and said in a sentence. What could change the answer in silence is refused, with what was
given and what is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from emergence.phase_transitions.attribution import FEWEST_SCALES, UNKNOWN_ITEMS, Curve
from emergence.shared.checks import check_fields, option
from emergence.shared.fitting import Floats
from review_utils.review import Explained

FEWEST = 4
"""Distinct scales below which nothing is answered."""

MOST = 200
"""Scores of one curve above which nothing is answered: each is weighed against each."""
GAP = 4.0
"""Powers of ten between two scales beyond which one of them is in another unit, where the others lie less than half as far apart."""

AS_NAMED, NOT_AS_NAMED = 0.1, 0.95
"""Powers of ten between a scale and the size in its model's name: up to the first it is that size, beyond the second it is not.

A mixture of experts and parameters without embeddings lie between.
"""

MOST_LOG = 40.0
LOG_SPAN = 10.0
YEARS = (1950.0, 2100.0)
"""Whole numbers that all lie between these are years, and no sizes of models."""

"""Scales up to the first that span less than the second may be logarithms."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "scale": (
        "scale", "params", "parameters", "n_params", "num_params", "model_size", "size", "compute", "flop", "flops",
        "train_flop", "training_compute", "tokens", "step", "steps", "checkpoint",
    ),
    "score": ("score", "value", "result", "accuracy", "acc", "exact_match", "error", "loss", "perplexity", "ppl"),
    "items": ("items", "n_items", "n", "samples", "questions", "num_samples"),
    "seed": ("seed", "run", "replicate"),
    "family": ("family", "series", "suite"),
    "task": ("task", "benchmark", "dataset", "eval"),
    "metric": ("metric", "measure"),
    "chance": ("chance", "baseline", "random"),
    "model": ("model", "name", "model_name"),
}  # fmt: skip
"""What a table may hold, and the names of columns that are read as such, the first of them first."""

SHARES = frozenset(
    [
        "acc",
        "accuracy",
        "acc_norm",
        "exact_match",
        "em",
        "match",
        "includes",
        "choice",
        "f1",
        "mean",
        "pass@1",
        "pass_at_1",
        "success",
        "success_rate",
        "solve_rate",
        "solved",
        "rate",
        "share",
        "percent",
        "pct",
    ]
)
LOSSES = frozenset(
    [
        "loss",
        "nll",
        "ce",
        "cross_entropy",
        "log_loss",
        "logloss",
        "bits",
        "bpb",
        "bits_per_byte",
        "bits_per_token",
        "loss_of_right_answer",
    ]
)
PERPLEXITIES = frozenset(["ppl", "perplexity", "word_perplexity", "byte_perplexity", "token_perplexity"])
ERRORS = frozenset(["error", "errors", "error_rate", "wrong"])
"""Metrics whose names say what a score is."""

_TRAINING = ("step", "steps", "checkpoint")
_FACTORS = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_SIZE = re.compile(r"(?<![\d.,])(\d+(?:\.\d+)?)\s*([kmbt])(?![a-z0-9])", re.IGNORECASE | re.ASCII)
_EXPERTS = re.compile(r"\d[x×]\d+(?:\.\d+)?[kmbt](?![a-z0-9])", re.IGNORECASE | re.ASCII)
_SMALLEST = 1e6
"""Parameters below which a name says something else, such as the length of a context (4k)."""
_EITHER = re.compile(r"\d{1,3}(?:\.\d{3})+")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_WORDS = re.compile(r"\b(?:xxl|xl|small|medium|large|base|mini|tiny|nano|micro|huge)\b")


class Unfit(Explained, ValueError):
    """What was given is no curve that can be answered; the message says what was given and what is needed."""


@dataclass(frozen=True)
class Form:
    """What a table may leave open. None or empty: not said.

    Parameters
    ----------
    kind : {"share", "loss"}, optional
        What a score is.
    percent : bool
        Whether shares are given in percent.
    items : float, optional
        Test items behind each score, at least 10.
    chance : float, optional
        Share right of one who guesses; from 0 to below 1.
    parts : int
        Parts of an answer that must all be right; 1 where it has none.
    over : {"scale", "training"}, optional
        Models of different size, or checkpoints of one run.
    family, task, metric : str
        Only rows of this one.
    mixed : bool
        Whether models of different families, or logs that asked otherwise, are to count as one ladder.
    """

    kind: Literal["share", "loss"] | None = None
    percent: bool = False
    items: float | None = None
    chance: float | None = None
    parts: int = 1
    over: Literal["scale", "training"] | None = None
    family: str = ""
    task: str = ""
    metric: str = ""
    mixed: bool = False

    def __post_init__(self) -> None:
        known = {"kind": option("share", "loss"), "over": option("scale", "training")}
        check_fields(self, **{name: check for name, check in known.items() if getattr(self, name) is not None})


@dataclass(frozen=True)
class Measured:
    """A curve as it was given and as it is weighed.

    Parameters
    ----------
    family, task, metric : str
        Empty where the table does not say.
    curve : Curve
        As it is weighed: rising shares, or losses.
    falling : bool
        Whether the shares that were given fall, so that one less each is weighed.
    guesses : tuple of str
        What was taken for granted, a sentence each.
    """

    family: str
    task: str
    metric: str
    curve: Curve
    falling: bool = False
    guesses: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Task, metric and family, as far as they are known."""
        return ", ".join(part for part in (self.task, self.metric, self.family) if part) or "the curve"

    def as_given(self, values: Floats) -> Floats:
        """Return values on the scale of the scores as they were given (shares, not percent)."""
        return 1 - values if self.falling else values


@dataclass(frozen=True)
class Reading:
    """What a table holds.

    Parameters
    ----------
    curves : tuple of Measured
        One at least.
    refused : tuple of str
        What was left out, and why.
    """

    curves: tuple[Measured, ...]
    refused: tuple[str, ...] = ()


def size_of(text: str) -> float | None:
    """Return the number of parameters that a name or a cell says, such as 1.4b; None unless it says exactly one.

    Examples
    --------
    >>> size_of("pythia-1.4b"), size_of("70M"), size_of("gpt2-xl"), size_of("llama-1,4b")
    (1400000000.0, 70000000.0, None, None)
    >>> size_of("mixtral-8x7b"), size_of("phi-3-mini-4k")
    (None, None)
    """
    found = {float(number) * _FACTORS[unit.lower()] for number, unit in _SIZE.findall(text)}
    return found.pop() if len(found) == 1 and min(found) >= _SMALLEST and not _EXPERTS.search(text) else None


def stem_of(model: str) -> str:
    """Return a model's name without provider, size and numbers: what its family would be called.

    Examples
    --------
    >>> stem_of("EleutherAI/pythia-1.4b"), stem_of("gpt2-xl")
    ('pythia', 'gpt')
    """
    name = _SIZE.sub(" ", model.rsplit("/", 1)[-1].lower().replace("_", "-"))
    return re.sub(r"[^a-z]+", " ", _WORDS.sub(" ", name)).strip()


def read_frame(frame: pd.DataFrame, form: Form | None = None) -> Reading:
    """Return the curves of a table, checked.

    Parameters
    ----------
    frame : DataFrame
        A row a score: ``scale`` and ``score``, and where known ``items``, ``seed``, ``family``, ``task``, ``metric``,
        ``chance`` and ``model``. Other common names of these columns are known, see `COLUMNS`.
    form : Form, optional
        What the table leaves open.

    Returns
    -------
    Reading
        A curve for each family, task and metric.

    Raises
    ------
    Unfit
        When no curve can be made of it.

    Examples
    --------
    >>> table = pd.DataFrame({"params": ["70M", "160M", "1B", "7B"], "acc": [2.0, 5.0, 30.0, 71.0], "n": 500})
    >>> found = read_frame(table).curves[0]
    >>> found.curve.scores.tolist(), found.metric
    ([0.02, 0.05, 0.3, 0.71], 'acc')
    >>> found.guesses[0]
    'Scores from 2 to 71 of the metric acc were taken as percent.'
    """
    form = form or Form()
    table, said = _columns(frame.reset_index(drop=True), form.metric)
    table, more = _numbers(table)
    for name in ("family", "task", "metric"):
        if wanted := getattr(form, name):
            known = sorted(set(table[name])) if name in table else []
            if name in table:
                table = table[table[name] == wanted]
            if known and wanted not in known:
                raise Unfit(f"given the {name} {wanted}; the table has {', '.join(map(str, known)) or 'none'}")
            if not known:
                table = table.assign(**{name: wanted})
    _as_said(table, form)
    keys = [name for name in ("family", "task", "metric") if name in table]
    groups = table.groupby(keys, sort=False) if keys else [((), table)]
    curves, refused = [], []
    for key, rows in groups:
        named = dict(zip(keys, map(str, key), strict=True))
        try:
            curves.append(_curve(rows, named, form, (*said, *more)))
        except Unfit as error:
            refused.append(f"{', '.join(named.values())}: {error}" if named else str(error))
    if not curves:
        raise Unfit("\n".join(refused))
    return Reading(tuple(curves), tuple(refused))


def _as_said(table: pd.DataFrame, form: Form) -> None:
    """Refuse a form that says otherwise than the table: it says what the table leaves open."""
    for name, given in (("chance", form.chance), ("items", form.items)):
        if given is None or name not in table:
            continue
        for row, cell in table[name].dropna().items():
            if not (cell == given or (name == "chance" and np.isclose(cell / 100, given))):
                raise Unfit(f"{name}: given {given:g}, and row {int(row) + 1} of the table says {cell:g}; needed: one of the two, the column or the word")  # fmt: skip
    contrary = {"share": LOSSES | PERPLEXITIES, "loss": SHARES - {"mean"}}.get(form.kind or "", ())
    if wrong := next((name for name in table.get("metric", ()) if _plain(name) in contrary), None):
        other = "loss" if form.kind == "share" else "share"
        raise Unfit(f"kind: given {form.kind}, and the table says {wrong}, which is a {other}; needed: the kind that its name says, or --metric to choose another")  # fmt: skip
    if form.over == "scale" and "_over" in table:
        raise Unfit("over: given scale, and the column of steps says training; needed: training, or a column of sizes named scale")  # fmt: skip


def under_our_names(frame: pd.DataFrame, metric: str = "") -> pd.DataFrame:
    """Return the columns of a table that are read, under the names of `COLUMNS`, with cells as they were given.

    Parameters
    ----------
    frame : DataFrame
    metric : str
        The column of the scores, where none is named as one.

    Raises
    ------
    Unfit
        When there is no scale, no score or no row.

    Examples
    --------
    >>> list(under_our_names(pd.DataFrame({"params": [1e8], "acc": [0.2], "colour": ["red"]})))
    ['scale', 'score', 'metric']
    """
    table, _ = _columns(frame, metric)
    return table[[name for name in table if not str(name).startswith("_")]]


def named_once(names: Sequence[object]) -> None:
    """Refuse a table in which two columns have one name, however it is spelt; columns without a name may be many.

    Raises
    ------
    Unfit
        Naming both.
    """
    seen: dict[str, object] = {}
    for name in names:
        plain = _plain(str(name))
        if plain and plain in seen:
            raise Unfit(f"given two columns of one name ({seen[plain]} and {name}); needed: one of each, so that it is known which is meant")  # fmt: skip
        seen[plain] = name


def _columns(frame: pd.DataFrame, metric: str = "") -> tuple[pd.DataFrame, list[str]]:
    """Return the columns that are read, under our names, and what was said of them.

    Where no column is named as one of scores, the one that is named as the metric asked for has them.
    """
    named_once(list(frame.columns))
    plain = {re.sub(r"[^a-z0-9@]+", "_", str(c).strip().lower()).strip("_"): c for c in reversed(list(frame.columns))}
    out, said = {}, []
    for ours, names in COLUMNS.items():
        there = [name for name in names if name in plain]
        if not there:
            continue
        out[ours] = frame[plain[there[0]]]
        if len(there) > 1 and ours in ("scale", "score"):
            said.append(f"The column {plain[there[0]]} was read as {ours}, and {', '.join(str(plain[n]) for n in there[1:])} was not.")  # fmt: skip
        if ours == "score" and there[0] not in ("score", "value", "result") and "metric" not in plain:
            out["metric"] = pd.Series(there[0], index=frame.index)
        if ours == "scale" and there[0] in _TRAINING:
            out["_over"] = pd.Series("training", index=frame.index)
            said.append(f"The column {plain[there[0]]} says training: the scores were taken as checkpoints of one run.")
    if "scale" not in out and "model" in out:
        sizes = out["model"].map(lambda name: size_of(str(name)))
        if sizes.notna().all():
            out["scale"] = sizes
            said.append("Scales were read from the names of the models.")
    asked = _plain(metric)
    if "score" not in out and asked in plain:
        out |= {"score": frame[plain[asked]], "metric": pd.Series(metric, index=frame.index)}
    missing = [name for name in ("scale", "score") if name not in out]
    if missing or frame.empty:
        given = ", ".join(map(str, frame.columns)) or "none"
        what = " and ".join(missing) or "rows"
        models = map(str, out["model"]) if "scale" in missing and "model" in out else ()
        unsized = next((name for name in models if size_of(name) is None), "")
        why = f"; {unsized} says no one number of parameters: of experts (8x7B) either all or the active ones may be meant, and below a million (4k) a length of context" if _SIZE.search(unsized) else ""  # fmt: skip
        free = [str(name) for name in frame.columns if pd.to_numeric(frame[name], errors="coerce").notna().any()]
        named = f"; or the column that holds the scores as the metric (--metric), of {', '.join(free)}" if missing == ["score"] and free else ""  # fmt: skip
        raise Unfit(f"given {len(frame)} rows with the columns {given}; needed: {what} (a column named {' or '.join(missing) or 'scale'}, such as params and score){named}{why}")  # fmt: skip
    if "log_setting" in frame:
        out["_setting"] = frame["log_setting"]
    known = {name for names in COLUMNS.values() for name in names} | {
        "",
        asked,
        "file",
        "log_setting",
    }  # the file of a log, which is told elsewhere
    unread = [name for name in reversed(plain) if name not in known and not name.startswith("unnamed")]
    if unread:
        other = SHARES | LOSSES | PERPLEXITIES | ERRORS
        more = " A second metric is read from rows of its own, named in a column metric." if other & set(unread) else ""
        columns = ", ".join(str(plain[name]) for name in unread)
        said.append(
            f"The column{'s' * (len(unread) > 1)} {columns} {'were' if len(unread) > 1 else 'was'} not read.{more}"
        )
    table = pd.DataFrame(out)
    for name in ("family", "task", "metric", "model", "seed"):
        if name in table:
            table[name] = table[name].fillna("").astype(str).str.strip()
    return table, said


def number_of(cell: object, percent: bool = False) -> float:
    """Return the number that the whole of a cell says, as ``1e9``, ``1,400`` or ``1.4B``; not a number where it says none.

    Examples
    --------
    >>> number_of("1.4B"), number_of("1,4B"), number_of("-7B"), number_of("12%", percent=True)
    (1400000000.0, nan, nan, 12.0)
    """
    text = str(cell).strip()
    if percent:
        text = text.removesuffix("%").strip()
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if found := _SIZE.fullmatch(text):
        return float(found[1]) * _FACTORS[found[2].lower()]
    try:
        return float(text)
    except ValueError:
        return float("nan")


def one_count(cell: object, where: str) -> None:
    """Refuse a count that is written as ``20.000``, which is twenty to some and twenty thousand to others.

    Raises
    ------
    Unfit
        With what is given and what is needed.
    """
    if isinstance(cell, str) and _EITHER.fullmatch(text := cell.strip()):
        raise Unfit(f"{where} {text!r}, which is {text.partition('.')[0]} or {text.replace('.', '')}; needed: the digits without a point")  # fmt: skip


def _one_unit(scales: Floats) -> None:
    """Refuse scales that begin in millions and go on in billions, without a word: they fall once, and by a thousand they would rise on."""
    given = scales[np.r_[True, np.diff(scales) != 0]]
    for row in (given, given[::-1]):
        falls = np.flatnonzero(np.diff(row) < 0)
        if len(falls) != 1:
            continue
        large, small = row[: falls[0] + 1], row[falls[0] + 1 :]
        if (
            (large == np.round(large)).all()
            and large[-1] < 1e4
            and 1 < 1000 * small[0] / large[-1] < 10
            and not set(large) & set(small)
        ):
            raise Unfit(f"scale: given {large[-1]:g} beside {small[0]:g}, which stand in order where the one counts millions and the other billions; needed: each with its letter, as {large[-1]:g}M and {small[0]:g}B")  # fmt: skip


def _each_in_its_unit(table: pd.DataFrame, scales: pd.Series) -> None:
    """Refuse one scale whose letter was forgotten, or that is not the size in its model's name, where the others are."""
    cells = table.scale.fillna("").astype(str).str.strip()
    has_letter = cells.map(lambda cell: _SIZE.fullmatch(cell) is not None)
    bare = ~has_letter & scales.notna()
    if has_letter.sum() > 1 and len(set(scales[bare])) == 1 and scales[bare].iloc[0] < scales[has_letter].min() / 10:
        row = int(np.flatnonzero(bare)[0])
        raise Unfit(f"scale: row {row + 1} is {cells.iloc[row]!r}, without a letter for thousands, millions or billions, which the others have, as {cells[has_letter].iloc[0]}; needed: the scale with its letter, or all scales without")  # fmt: skip
    if "model" not in table or "_over" in table:
        return
    sizes = table.model.map(lambda name: size_of(str(name))).astype(float)  # all None where no name has a size
    apart = np.abs(np.log10(scales.where(scales > 0) / sizes))
    as_named = apart < AS_NAMED
    if as_named.sum() > sizes.notna().sum() / 2 and (apart > NOT_AS_NAMED).any():
        row = int(np.flatnonzero(apart > NOT_AS_NAMED)[0])
        raise Unfit(f"scale: row {row + 1} is {cells.iloc[row]!r}, and its model is {table.model.iloc[row]}; needed: the size in the name, as the others have it, or names without a size")  # fmt: skip


def _numbers(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the table with numbers as numbers, without rows that lack scale or score."""
    said = []
    table = table.copy()
    if table.score.map(lambda cell: str(cell).strip().endswith("%")).all():
        table["_percent"] = True
    for name in ("scale", "score", "items", "chance"):
        if name not in table:
            continue
        numbers = table[name].map(lambda cell, share=name in ("score", "chance"): number_of(cell, share))
        odd = numbers.isna() & table[name].notna() & (table[name].astype(str).str.strip() != "")
        if odd.any():
            row = int(np.flatnonzero(odd)[0])
            raise Unfit(f"{name}: row {row + 1} is {table[name].iloc[row]!r}; needed: a number, such as 1.4e9, 1.4B or 0.35")  # fmt: skip
        if name == "scale":
            _each_in_its_unit(table, numbers)
        if name == "items":
            for row, cell in enumerate(table[name]):
                one_count(cell, f"items: row {row + 1} is")
        table[name] = numbers
    bare = table.scale.isna() | table.score.isna()
    if bare.any():
        said.append(f"{int(bare.sum())} of {len(table)} rows have no scale or no score and were left out.")
        table = table[~bare]
    start = table.scale == 0
    if start.any() and "_over" in table:
        said.append(f"{int(start.sum())} of {len(table)} rows are of step 0, which has no place on a logarithmic axis, and were left out.")  # fmt: skip
        table = table[~start]
    if (low := table.scale <= 0).any():
        raise Unfit(f"scale: row {int(low.idxmax()) + 1} is {table.scale[low].iloc[0]:g}; needed: scales above 0")
    if not np.isfinite(table[["scale", "score"]].to_numpy(dtype=float)).all():
        raise Unfit("given a scale or a score that is not finite; needed: finite numbers")
    keys = [name for name in ("scale", "family", "task", "metric", "model", "seed") if name in table]
    once = table.drop_duplicates()
    if len(once) < len(table) and not once.duplicated(keys).any():
        said.append(f"{len(table) - len(once)} rows repeat another row to the last cell and were counted once.")
        table = once
    return table, said


def _curve(rows: pd.DataFrame, named: Mapping[str, str], form: Form, said: Sequence[str]) -> Measured:
    notes = list(said)
    if len(rows) > MOST:
        raise Unfit(f"given {len(rows):,} scores of one curve; needed: {MOST} at most; average those at one scale, or keep some dozens of scales")  # fmt: skip
    if (np.diff(rows.scale) < 0).any():
        if "_over" not in rows and form.over != "training":
            _one_unit(rows.scale.to_numpy(dtype=float))
        notes.append("Rows were not in the order of scale and were sorted.")
    rows = rows.sort_values("scale", kind="stable")
    distinct = rows.scale.nunique()
    sizes = np.sort(rows.scale.unique())
    steps = np.diff(np.log10(sizes))
    if (
        "_over" not in rows
        and len(steps) > 2
        and (far := float(steps.max())) > GAP
        and far > 2 * float(np.sort(steps)[-2])
    ):
        at = int(steps.argmax())
        raise Unfit(f"scale: given {sizes[at]:g} and then {sizes[at + 1]:g}, {far:.0f} powers of ten apart, where the others lie closer; needed: all scales in one unit, each with its suffix (10B), or the curve without what stands alone")  # fmt: skip
    if distinct < FEWEST:
        raise Unfit(f"given {distinct} scale{'s' * (distinct != 1)} with scores; needed: {FEWEST} different scales at least, {FEWEST_SCALES} to weigh accounts of the curve")  # fmt: skip
    _one_family(rows, named, form)
    _one_setting(rows, form)
    _no_years(sizes, rows, form)
    _each_run_once(rows)
    if len(rows) > distinct and "seed" not in rows:
        notes.append(f"{len(rows)} scores stand at {distinct} scales: scores at one scale were taken as separate runs (seeds).{_of_two_names(rows)}")  # fmt: skip
    metric = named.get("metric", "")
    kind, scores = _scores(rows, metric, form, notes)
    over = form.over or ("training" if "_over" in rows else "scale")
    percent = kind == "share" and not np.array_equal(scores, np.clip(rows.score.to_numpy(float), 0, 1))
    chance = 0.0 if kind == "loss" else _chance(rows, form, percent, notes)
    items = None if kind == "loss" else _items(rows, form, notes)
    grows = rows.scale.to_numpy(float)
    if kind == "loss" and _falls(grows, -scores):
        notes.append("The loss rises as scale grows. If the scores are shares right, say --kind share.")
    elif kind == "loss" and (turned := _turned(grows, scores)):
        notes.append(turned)
    if over == "scale" and grows.max() <= MOST_LOG and grows.max() < LOG_SPAN * grows.min():
        notes.append(f"Scales from {grows.min():g} to {grows.max():g} were taken as they stand; where they are logarithms, give 10 to their power.")  # fmt: skip
    if items is not None and (odd := _no_share_of(rows.score.to_numpy(float), scores, items)):
        notes.append(f"{odd} is no share of the items that are said to stand behind it, however it was rounded: it was averaged, or there were others. The items were taken as given.")  # fmt: skip
    falling = kind == "share" and _falls(rows.scale.to_numpy(float), scores)
    if falling:
        notes.append("The score falls as scale grows. The accounts are of a rise, so that one less the score is weighed; no level of guessing is assumed for it.")  # fmt: skip
        scores, chance = 1 - scores, 0.0
    _above_chance(scores, chance, items, notes)
    name = ", ".join(named.values())
    try:
        curve = Curve(
            rows.scale.to_numpy(float), scores, items, kind, chance, form.parts if kind == "share" else 1, over,
            name, ", ".join(v for k, v in named.items() if k != "metric"),
        )  # fmt: skip
    except ValueError as error:
        raise Unfit(str(error)) from None
    return Measured(named.get("family", ""), named.get("task", ""), metric, curve, falling, tuple(notes))


def _of_two_names(rows: pd.DataFrame) -> str:
    """Return a sentence that names two models at one scale, which may be no two runs of one, or nothing."""
    for scale, at in rows[rows.model != ""].groupby("scale") if "model" in rows else ():
        if len(names := list(dict.fromkeys(at.model))) > 1:
            return f" At {scale:g} they are of {names[0]} and {names[1]}: two models are no two runs of one."
    return ""


def _one_setting(rows: pd.DataFrame, form: Form) -> None:
    """Refuse scores that were taken otherwise at one scale than at another, as their logs say: what rises may be the prompt's."""
    if "_setting" not in rows or form.mixed:
        return
    first = dict(rows["_setting"].iloc[0])
    for scale, setting in zip(rows.scale, map(dict, rows["_setting"]), strict=True):
        if name := next((name for name in first if setting.get(name) != first[name]), None):
            raise Unfit(f"{name}: given {first[name]:.60} at scale {rows.scale.iloc[0]:g} and {setting.get(name, 'none'):.60} at {scale:g}; needed: one for all scales of a curve, or --mixed to take them as one all the same")  # fmt: skip


def _no_years(sizes: Floats, rows: pd.DataFrame, form: Form) -> None:
    """Refuse years in place of scales: three times a year is none."""
    whole = bool((sizes == np.round(sizes)).all())
    if whole and YEARS[0] <= sizes[0] and sizes[-1] <= YEARS[1] and "_over" not in rows and form.over != "training":
        raise Unfit(f"scale: given {sizes[0]:g} to {sizes[-1]:g}, which are years; needed: the size or the compute of each model, since a curve over dates is another question, or word that they are steps of training")  # fmt: skip


def _each_run_once(rows: pd.DataFrame) -> None:
    """Refuse two scores of one run at one scale: they are no separate runs, and one of them is of something else."""
    if "seed" not in rows:
        return
    keys = ["scale", "seed", *(["model"] if "model" in rows else [])]
    named = rows[rows.seed != ""]
    if named.duplicated(keys).any():
        again = named[named.duplicated(keys)].iloc[0]
        first = named[(named[keys] == again[keys]).all(axis=1)].iloc[0]
        raise Unfit(f"given seed {again.seed} twice at scale {again.scale:g}, with the scores {first.score:g} and {again.score:g}; needed: one score of each run at a scale, or a seed for each run, and a column for what else tells them apart (task, metric)")  # fmt: skip


def _one_family(rows: pd.DataFrame, named: Mapping[str, str], form: Form) -> None:
    if "model" not in rows or named.get("family") or form.mixed:
        return
    stems = sorted({stem_of(name) for name in rows.model if name})
    if len(stems) > 1:
        raise Unfit(
            f"given models whose names differ by more than their size ({', '.join(s or 'no name' for s in stems[:4])}); needed: "
            "a column family, so that each family is a curve of its own, or --mixed to take them as one ladder"
        )


def _plain(metric: str) -> str:
    """Return a metric's name without filter and spelling: ``acc,none`` and ``Accuracy``."""
    return re.sub(r"[^a-z0-9@]+", "_", metric.split(",")[0].strip().lower()).strip("_")


def _scores(rows: pd.DataFrame, metric: str, form: Form, notes: list[str]) -> tuple[Literal["share", "loss"], Floats]:
    """Return what the scores are, and the scores as shares right or losses."""
    scores, plain = rows.score.to_numpy(dtype=float), _plain(metric)
    low, high = float(scores.min()), float(scores.max())
    if plain in PERPLEXITIES and form.kind != "share":
        if low <= 1:
            raise Unfit(f"given a perplexity of {low:g}; needed: above 1")
        notes.append(f"The metric {metric} is a perplexity: its logarithm was taken as a loss.")
        return "loss", np.log(scores)
    if form.kind == "loss" or (form.kind is None and plain in LOSSES):
        if low <= 0:
            raise Unfit(f"given a loss of {low:g}; needed: above 0")
        if form.kind is None:
            notes.append(f"The metric {metric} was taken as a loss.")
        return "loss", scores
    marked = form.percent or "_percent" in rows or plain in ("percent", "pct")
    if marked or (high > 1 + 1e-6 and low >= 0 and high <= 100 and (plain in SHARES or plain in ERRORS)):
        if not 0 <= low <= high <= 100:
            raise Unfit(f"given percentages from {low:g} to {high:g}; needed: from 0 to 100")
        if not marked and high < 2:
            raise Unfit(f"score: row {int(rows.score.idxmax()) + 1} is {high:g}, the largest; needed: shares up to 1, or --percent where percent are meant")  # fmt: skip
        if 0 < low < 1 and high > 10 and "_percent" not in rows:
            notes.append(
                f"{low:g} was taken as {low:g} percent beside {high:g}; if it is a share, give all scores in one form."
            )
        if not form.percent:
            of = f" of the metric {metric}" if metric else ""
            notes.append(f"Scores from {low:g} to {high:g}{of} were taken as percent.")
        scores = scores / 100
    elif low < -1e-6 or high > 1 + 1e-6:
        raise Unfit(
            f"given scores from {low:g} to {high:g}, outside 0 to 1, {f'of the metric {metric}' if metric else 'without a metric'}; needed: "
            "shares from 0 to 1, or word of what they are: --percent, or --kind loss"
        )
    elif not metric and form.kind is None:
        notes.append("No metric is named: scores between 0 and 1 were taken as shares. If they are a loss, say --kind loss.")  # fmt: skip
    return "share", np.clip(scores, 0.0, 1.0)


def _chance(rows: pd.DataFrame, form: Form, percent: bool, notes: list[str]) -> float:
    """Return the level of guessing; a column may give it in percent, where it can be nothing else."""
    if form.chance is not None:
        found = {float(form.chance)}
    else:
        found = {float(v) for v in rows.chance.dropna()} if "chance" in rows else set()
    if len(found) > 1:
        raise Unfit(f"given {len(found)} levels of chance, from {min(found):g} to {max(found):g}; needed: one for a curve")  # fmt: skip
    chance = found.pop() if found else 0.0
    if form.chance is None and (1 if percent else 2) <= chance < 100:
        notes.append(f"The level of guessing, {chance:g}, was taken as percent.")
        chance /= 100
    if not 0 <= chance < 1:
        raise Unfit(f"given a chance of {chance:g}; needed: from 0 to below 1")
    return chance


def _above_chance(scores: Floats, chance: float, items: Floats | None, notes: list[str]) -> None:
    """Refuse a level of guessing that no score comes near, and say where most do not: by three times the sampling error."""
    noise = np.sqrt(chance * (1 - chance) / (UNKNOWN_ITEMS[0] if items is None else items))
    below = scores < chance - 3 * noise
    if below[int(scores.argmax())]:
        raise Unfit(f"given a chance of {chance:g}, above every score (the highest is {scores.max():.3g}); needed: the share that guessing gets right")  # fmt: skip
    if below.mean() > 0.5:
        notes.append(f"{int(below.sum())} of {len(scores)} scores lie further below the level of guessing, {chance:g}, than luck explains: guessing is no floor of them, or the level is another.")  # fmt: skip


def _items(rows: pd.DataFrame, form: Form, notes: list[str]) -> Floats | None:
    if form.items is not None:
        found = np.full(len(rows), float(form.items))
    elif "items" in rows and rows["items"].notna().all():
        found = rows["items"].to_numpy(dtype=float)
    else:
        some = "items" in rows and rows["items"].notna().any()
        notes.append(
            ("The number of test items is missing in some rows and was taken as unknown for all" if some else "The number of test items is not known")
            + ": 100, 1,000 and 10,000 are tried, and a verdict has to hold under each."
        )  # fmt: skip
        return None
    if not ((found >= 10) & (found <= 1e9)).all():
        wrong = found[~((found >= 10) & (found <= 1e9))][0]
        raise Unfit(f"given {wrong:g} test items; needed: 10 to a billion, for a share of fewer says next to nothing")
    return np.asarray(found)


def _no_share_of(given: Floats, shares: Floats, items: Floats) -> str | None:
    """Return the first score that no whole number of right answers gives, to the digits that it was given in; else None."""
    for printed, share, count in zip(given, shares, items, strict=True):
        digits = len(np.format_float_positional(printed, trim="-").partition(".")[2])
        half = 0.5 * 10.0**-digits * (share / printed if printed else 1.0)
        if abs(share - round(share * count) / count) > half * (1 + 1e-9):
            return f"{printed:g} of {count:g}"
    return None


def _falls(scales: Floats, scores: Floats) -> bool:
    """Whether shares fall over scale: by their rank correlation, and by the means of their ends."""
    from scipy import stats

    if np.ptp(scores) < 0.02:
        return False
    third = max(len(scores) // 3, 1)
    tau = stats.kendalltau(scales, scores).statistic
    return bool(tau < -0.3 and scores[-third:].mean() < scores[:third].mean())


TURNED = 0.3
"""Share of the range of a loss by which its last value lies above its lowest where it is said to turn."""


def _turned(scales: Floats, losses: Floats) -> str | None:
    """Return what is said of a loss that falls and then rises, which none of the accounts describes."""
    at = np.unique(scales)
    means = np.array([losses[scales == scale].mean() for scale in at])
    lowest = int(means.argmin())
    if means[-1] - means[lowest] <= TURNED * np.ptp(means) or np.ptp(means) < 0.02 * abs(means[lowest]):
        return None
    low, where, last = (f"{float(f'{number:.3g}'):g}" for number in (means[lowest], at[lowest], means[-1]))
    return (
        f"The loss falls to {low} at scale {where} and rises to {last} at the largest. No account here"
        " turns: the verdict and the forecasts do not speak of that rise, and a forecast that goes on falling is not to be trusted."
    )


def by_output(curves: Sequence[Measured]) -> Iterator[tuple[Measured, Measured]]:
    """Yield pairs of curves that score the same answers under two metrics."""
    for i, one in enumerate(curves):
        for other in curves[i + 1 :]:
            if (one.family, one.task) == (other.family, other.task) and one.metric != other.metric:
                yield one, other
