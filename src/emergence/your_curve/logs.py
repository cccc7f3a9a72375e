"""From the logs that people have to a table of scores: Inspect, lm-evaluation-harness, CSV, and folders of these.

Inspect's logs are read by its own reader where `inspect_ai` is installed (the extra ``logs``), and else as the JSON that
they hold: an ``.eval`` file is a ZIP archive of it, packed by Zstandard in newer versions. Both ways give the same table.
"""

from __future__ import annotations

import csv
import importlib
import importlib.util
import io
import json
import re
import struct
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from emergence.your_curve.measured import Unfit, named_once, number_of, size_of

INSPECT_VERSIONS = (1, 2)
"""Versions of Inspect's log whose form is known."""

ZSTANDARD = 93
"""The number by which a ZIP archive says that a member is packed by Zstandard."""

TABLES = (".csv", ".tsv")
WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".ods", ".numbers")
DROPPED = ("stderr", "std", "var", "alias", "name", "sample_len", "sample_count")
"""Entries of a log's results that are no score."""

COLUMNS = ("model", "scale", "family", "task", "metric", "score", "items", "chance", "run", "file", "log_setting")

PROMPT = ("doc_to_text", "doc_to_target", "doc_to_choice", "description", "gen_prefix", "generation_kwargs")
WEIGHTS = ("revision", "load_in_4bit", "load_in_8bit", "quantization", "autogptq", "gptqmodel", "peft", "delta")
"""What a log says of the question and of the weights, which is one for all sizes of a curve."""


@dataclass(frozen=True)
class Found:
    """What a file or a folder holds.

    Parameters
    ----------
    frame : DataFrame
        A row a score; for logs with `COLUMNS`.
    notes : tuple of str
        What was taken for granted or left out, a sentence each.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...] = ()


Row = dict[str, Any]
Setting = tuple[tuple[str, str], ...]
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""Where a function of a task's own stood in memory, which is another in each run."""


def read_any(path: Path, scales: Mapping[str, float] | None = None, families: Mapping[str, str] | None = None) -> Found:
    """Return the scores of a table, a log, or a folder of logs.

    Parameters
    ----------
    path : Path
        CSV or TSV; an ``.eval`` or ``.json`` log of Inspect; a results file of lm-evaluation-harness; or a folder of logs,
        read with all folders in it.
    scales : mapping, optional
        From the name of a model, as the log gives it, to its scale; see `read_map`.
    families : mapping, optional
        From the name of a model to its family.

    Returns
    -------
    Found

    Raises
    ------
    Unfit
        When nothing is there, a file is of no known form, or a model has no scale.
    """
    if not path.exists():
        raise Unfit(f"given {path}, which does not exist; needed: a CSV file, a log, or a folder of logs")
    if path.suffix.lower() in TABLES:
        return Found(_table(path))
    if path.suffix.lower() in WORKBOOKS:
        raise Unfit(f"{path.name}: a workbook; needed: its sheet with a scale and a score, saved as CSV")
    if not path.is_dir():
        return _with_scales(list(_log(path)), [], scales or {}, families or {})
    rows: list[Row] = []
    notes: list[str] = []
    left = []
    for file in sorted(p for p in path.rglob("*") if p.suffix.lower() in (".eval", ".json") and p.is_file()):
        try:
            rows += _log(file)
        except Unfit as error:
            left.append(str(error))
    if not rows:
        tables = sorted(p.name for p in path.glob("*") if p.suffix.lower() in TABLES)
        also = f" (there are tables: {', '.join(tables[:3])}; give one of them)" if tables else ""
        reason = f"\n{left[0]}" if left else ""
        raise Unfit(f"given {path}, a folder without a log that can be read{also}; needed: .eval or .json of Inspect, or results*.json of lm-evaluation-harness{reason}")  # fmt: skip
    if left:
        notes.append(f"{len(left)} files were left out; the first: {left[0]}")
    return _with_scales(rows, notes, scales or {}, families or {})


def read_map(path: Path) -> tuple[dict[str, float], dict[str, str]]:
    """Return the scale, and where given the family, of each model from a map.

    Parameters
    ----------
    path : Path
        CSV with the columns model and scale, and perhaps family; or YAML or JSON from models to scales.

    Raises
    ------
    Unfit
        When it is neither.
    """
    try:
        if path.suffix.lower() in TABLES:
            table = _table(path)
            if not {"model", "scale"} <= set(table):
                raise Unfit(f"{path.name}: given the columns {', '.join(map(str, table))}; needed: model and scale")
            _named_once(path, table.model.astype(str))
            pairs = dict(zip(table.model.astype(str), table.scale, strict=True))
            families = dict(zip(table.model.astype(str), table.family.astype(str), strict=True)) if "family" in table else {}  # fmt: skip
        else:
            read, families = yaml.compose(path.read_text(encoding="utf-8")), {}
            # Names and scales are words: a list in the place of one would be taken for its own spelling.
            if not isinstance(read, yaml.MappingNode) or not all(isinstance(one, yaml.ScalarNode) for pair in read.value for one in pair):  # fmt: skip
                raise Unfit(f"{path.name}: needed: a mapping from models to scales, such as pythia-1b: 1e9")
            _named_once(path, (str(key.value) for key, _ in read.value))
            pairs = {key.value: scale.value for key, scale in read.value}
        return {str(k): scale_of(str(v)) for k, v in pairs.items()}, families
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Unfit(f"{path.name}: could not be read ({type(error).__name__}); needed: CSV, YAML or JSON from models to scales") from None  # fmt: skip


def _named_once(path: Path, models: Iterable[str]) -> None:
    """Refuse a map that names a model twice: of two scales the last would hold."""
    seen: set[str] = set()
    for model in models:
        if model in seen:
            raise Unfit(f"{path.name}: given the model {model} twice; needed: each model once, with its scale")
        seen.add(model)


def scale_of(text: str) -> float:
    """Return a scale that is written as a number or a size: ``1e9`` or ``1.4B``.

    Raises
    ------
    Unfit
        For anything else.
    """
    value = number_of(text)
    if not value > 0 or value == float("inf"):
        raise Unfit(f"given the scale {text!r}; needed: a number above 0, such as 1.4e9 or 1.4B")
    return value


def _table(path: Path) -> pd.DataFrame:
    """Return a table as text cells; the separator is the one that the line of names has most of."""
    try:
        lines = [line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip() and line[0] != "#"]
        sign = max(",;\t|", key=lines[0].count) if lines else ","
        text = "\n".join(lines)
        names, *rows = csv.reader(io.StringIO(text), delimiter=sign, skipinitialspace=True) if lines else [[]]
        for number, row in enumerate(rows, 1):
            if len(row) != len(names):
                raise Unfit(f"{path.name}: row {number} has {len(row)} cells, the line of names {len(names)}; needed: as many of each")  # fmt: skip
        named_once(names)
        frame = pd.read_csv(io.StringIO(text), sep=sign, dtype=str, skipinitialspace=True, index_col=False)
    except Unfit:
        raise
    except UnicodeDecodeError:
        raise Unfit(f"{path.name}: given another encoding; needed: UTF-8 text; save the file as CSV UTF-8") from None
    except (
        pd.errors.ParserError,
        pd.errors.EmptyDataError,
        csv.Error,
        OSError,
        ValueError,
    ) as error:
        raise Unfit(
            f"{path.name}: could not be read as a table ({error}); needed: CSV with a line of column names, scale and score at least"
        ) from None
    names = next(csv.reader([lines[0]], delimiter=sign, skipinitialspace=True))
    if twice := [name for i, name in enumerate(names) if name and name in names[:i]]:
        raise Unfit(f"{path.name}: the column {twice[0]} twice; needed: each name once")
    if sign == ";":  # where semicolons part the cells, a comma is a decimal sign
        frame = frame.replace(r"^(-?\d+),(\d+)(%?)$", r"\1.\2\3", regex=True)
    return frame


# --- which log is it ---------------------------------------------------------------------------------------------------


def _log(path: Path) -> Iterator[Row]:
    if path.suffix.lower() == ".eval":
        yield from _inspect_rows(path, read_inspect(path))
        return
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise Unfit(f"{path.name}: no JSON ({type(error).__name__}); needed: a log of Inspect or lm-evaluation-harness") from None  # fmt: skip
    if isinstance(data, dict) and "eval" in data and "version" in data:
        yield from _inspect_rows(path, read_inspect(path))
    elif isinstance(data, dict) and isinstance(data.get("results"), dict) and ("configs" in data or "versions" in data):
        yield from _harness_rows(path, data)
    else:
        keys = ", ".join(list(data)[:5]) if isinstance(data, dict) else type(data).__name__
        raise Unfit(f"{path.name}: given JSON with {keys or 'nothing'}; needed: a log of Inspect (version, eval, results) or lm-evaluation-harness (results, configs)")  # fmt: skip


# --- Inspect -----------------------------------------------------------------------------------------------------------


def read_inspect(path: Path, own_reader: bool | None = None) -> dict[str, Any]:
    """Return an Inspect log as a dictionary: version, status, eval, results, samples.

    Parameters
    ----------
    path : Path
    own_reader : bool, optional
        Whether Inspect's own reader is used; default: where it is installed.

    Raises
    ------
    Unfit
        When it is no such log, or of a version whose form is not known.
    """
    if own_reader is None:
        own_reader = importlib.util.find_spec("inspect_ai") is not None
    try:
        log = _by_inspect(path) if own_reader else _by_hand(path)
    except Unfit:
        raise
    except Exception as error:  # Inspect's reader raises what its parsers raise; all mean the same here
        raise Unfit(f"{path.name}: could not be read as a log of Inspect ({type(error).__name__}); needed: a whole .eval or .json log") from None  # fmt: skip
    if log.get("version") not in INSPECT_VERSIONS:
        known = " and ".join(map(str, INSPECT_VERSIONS))
        raise Unfit(f"{path.name}: given a log of Inspect of version {log.get('version')}; needed: version {known}, whose form is known; install inspect_ai (the extra logs) of that age, and convert it")  # fmt: skip
    return log


def _by_inspect(path: Path) -> dict[str, Any]:
    reader = importlib.import_module("inspect_ai.log").read_eval_log
    found: dict[str, Any] = reader(str(path)).model_dump(mode="json")
    return found


def _by_hand(path: Path) -> dict[str, Any]:
    if path.suffix.lower() != ".eval":
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found
    if not zipfile.is_zipfile(path):
        raise Unfit(f"{path.name}: no ZIP archive, and so no whole .eval log; needed: a log that was written to its end")  # fmt: skip
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if "header.json" not in names:
            raise Unfit(f"{path.name}: an .eval log without header.json, of a run that did not end; needed: a log that was written to its end")  # fmt: skip
        log: dict[str, Any] = json.loads(_member(path, archive.getinfo("header.json")))
        samples = [name for name in names if re.fullmatch(r"samples/.+\.json", name)]
        log["samples"] = [json.loads(_member(path, archive.getinfo(name))) for name in samples]
    return log


def _member(path: Path, info: zipfile.ZipInfo) -> bytes:
    """Return a member of an archive; Python learns Zstandard in 3.14 only, so that it is unpacked by Arrow."""
    if info.compress_type != ZSTANDARD:
        with zipfile.ZipFile(path) as archive:
            return archive.read(info)
    import pyarrow as pa

    with path.open("rb") as stream:
        stream.seek(info.header_offset)
        # The local header: 30 bytes, of which the last four are the lengths of the name and of what follows it.
        name, extra = struct.unpack("<HH", stream.read(30)[26:])
        stream.seek(name + extra, 1)
        packed = stream.read(info.compress_size)
    return bytes(pa.Codec("zstd").decompress(packed, info.file_size, asbytes=True))


def _inspect_rows(path: Path, log: Mapping[str, Any]) -> Iterator[Row]:
    if log.get("status") != "success":
        raise Unfit(f"{path.name}: given a run of Inspect that ended with status {log.get('status')}; needed: one that succeeded")  # fmt: skip
    about, results, samples = log["eval"], log.get("results") or {}, log.get("samples") or []
    choices = [len(sample["choices"]) for sample in samples if sample.get("choices")]
    chance = sum(1 / n for n in choices) / len(choices) if choices and len(choices) == len(samples) else None
    named = _many(results.get("scores") or [])
    solvers = [(step.get("solver"), step.get("params")) for step in (log.get("plan") or {}).get("steps") or []]
    setting = _setting(
        {"task_version": about.get("task_version"), "task_args": about.get("task_args"), "solvers": solvers},
        about.get("model_args"),
    )
    for score in results.get("scores") or []:
        for metric, entry in score["metrics"].items():
            if metric.startswith(DROPPED):
                continue
            items = score.get("scored_samples") or results.get("completed_samples")
            name = f"{score['name']} {metric}" if named[score["name"]] > 1 else score["name"]
            guessed = chance if score["name"] in ("choice", "multiple_choice") else None
            yield _row(about["model"], about["task"], name, entry["value"], items, guessed, about.get("run_id"), path, setting=setting)  # fmt: skip


def _many(scores: Sequence[Mapping[str, Any]]) -> Mapping[str, int]:
    """Return how many scores each scorer gives."""
    counts: dict[str, int] = defaultdict(int)
    for score in scores:
        counts[score["name"]] += sum(not metric.startswith(DROPPED) for metric in score["metrics"])
    return counts


# --- lm-evaluation-harness -----------------------------------------------------------------------------------------------


def _harness_rows(path: Path, data: Mapping[str, Any]) -> Iterator[Row]:
    config = data.get("config") or {}
    model = str(data.get("model_name") or config.get("model_args") or config.get("model") or path.parent.name)
    size = config.get("model_num_parameters")
    run = str(data.get("date", path.stem))
    for task, scores in data["results"].items():
        if "configs" in data and task not in data["configs"]:
            continue  # a group, whose tasks stand by themselves
        items = ((data.get("n-samples") or {}).get(task) or {}).get("effective")
        chance, loss = _harness_samples(path, task)
        asked = (data.get("configs") or {}).get(task) or {}
        kind = asked.get("output_type")
        shots = (data.get("n-shot") or {}).get(task, asked.get("num_fewshot"))
        setting = _setting(
            {
                "n-shot": shots,
                "version": (data.get("versions") or {}).get(task),
                **{name: asked.get(name) for name in PROMPT},
                "system_instruction": data.get("system_instruction"),
                "chat_template": bool(data.get("chat_template")),  # whose words are each model's own
                "fewshot_as_multiturn": bool(data.get("fewshot_as_multiturn")),
            },
            config.get("model_args"),
        )
        for key, value in scores.items():
            metric = key.split(",")[0]
            if any(part in metric for part in DROPPED) or not isinstance(value, int | float):
                continue
            guessed = chance if kind == "multiple_choice" and metric.startswith("acc") else None
            name = metric if key.endswith(",none") else key.replace(",", " ")
            yield _row(model, task, name, value, items, guessed, run, path, size, setting)
        if loss is not None:
            yield _row(model, task, "loss_of_right_answer", loss, items, None, run, path, size, setting)


def _harness_samples(path: Path, task: str) -> tuple[float | None, float | None]:
    """Return chance and the mean loss of the right answer from the samples of a task with choices, where there are any."""
    stamp = path.stem.removeprefix("results_")
    kept = path.with_name(f"samples_{task}_{stamp}.jsonl")
    if not kept.is_file():
        return None, None
    chances, losses = [], []
    for line in kept.read_text(encoding="utf-8").splitlines():
        sample = json.loads(line)
        given = sample.get("filtered_resps") or []
        if len(given) < 2 or not all(isinstance(r, list) and len(r) == 2 for r in given):
            return None, None
        chances.append(1 / len(given))
        try:
            losses.append(-float(given[int(sample["target"])][0]))
        except (ValueError, KeyError, IndexError, TypeError):
            losses.append(float("nan"))
    if not chances:
        return None, None
    mean = sum(losses) / len(losses)
    return sum(chances) / len(chances), mean if mean > 0 else None


# --- scales ------------------------------------------------------------------------------------------------------------


def _row(
    model: object, task: object, metric: str, score: float, items: object, chance: float | None, run: object, path: Path,
    size: object = None, setting: Setting = (),
) -> Row:  # fmt: skip
    task = str(task).rsplit("/", 1)[-1]
    return dict(zip(COLUMNS, (str(model), size, "", task, metric, score, items, chance, str(run), path.name, setting), strict=True))  # fmt: skip


def _setting(asked: Mapping[str, object], weights: object) -> Setting:
    """Return what a log says of how it asked and of the weights, as text; a revision that is a commit or the main one is none."""
    if isinstance(weights, str):
        weights = dict(pair.split("=", 1) for pair in weights.split(",") if "=" in pair)
    args = weights if isinstance(weights, Mapping) else {}
    said = {**asked, **{name: args.get(name) for name in WEIGHTS}}
    if re.fullmatch(r"main|[0-9a-f]{7,40}", str(said["revision"])):
        said["revision"] = None
    texts = ((name, _ADDRESS.sub("", str(value))) for name, value in said.items())
    return tuple((name, "none" if text in ("None", "False", "", "{}", "[]") else text) for name, text in texts)


def _with_scales(rows: list[Row], notes: list[str], scales: Mapping[str, float], families: Mapping[str, str]) -> Found:
    guessed, lacking = {}, set()
    for row in rows:
        model, short = row["model"], row["model"].rsplit("/", 1)[-1]
        known = scales.get(model, scales.get(short))
        if known is None and row["scale"] is None and (size := size_of(short)) is not None:
            known = guessed[model] = size
        row["scale"] = known if known is not None else row["scale"]
        row["family"] = families.get(model, families.get(short, ""))
        if row["scale"] is None:
            lacking.add(model)
    if lacking:
        raise Unfit(
            f"given logs of {', '.join(sorted(lacking)[:5])}{' and others' if len(lacking) > 5 else ''}, whose scale nobody says; needed: "
            "--map FILE (CSV with the columns model and scale), or --scale MODEL=1.4e9 for each"
        )
    if guessed:
        listed = ", ".join(f"{model} {value:.3g}" for model, value in list(guessed.items())[:3])
        notes.append(f"Scales were read from the names of {len(guessed)} models ({listed}{', …' if len(guessed) > 3 else ''}).")  # fmt: skip
    if any(row["chance"] is not None for row in rows):
        notes.append("Levels of guessing were reckoned from the number of choices of each item.")
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).sort_values("scale", kind="stable", ignore_index=True)
    if not frame.family.any():
        frame = frame.drop(columns="family")
    for name in ("items", "chance"):
        if frame[name].isna().all():
            frame = frame.drop(columns=name)
    return Found(frame, tuple(notes))
