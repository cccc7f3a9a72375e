"""Traces of our own runs: a Parquet file under ``data/lab``, and beside it a JSON file that says how it was made."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from review_utils.records.reading import RecordError, fault, read_json
from review_utils.review import files_in, project_root

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Trace:
    """The record of one of our own experiments.

    Parameters
    ----------
    name : str
    frame : DataFrame
        run, seed, arm, step, metric, value: one row a measurement.
    about : mapping
        What the JSON beside it says: title, arms with their configurations, metrics, how each arm was made.
    """

    name: str
    frame: pd.DataFrame
    about: Mapping[str, Any]

    def wide(self, metric: str, arm: str | None = None) -> pd.DataFrame:
        """Return one metric with a column for each step and a row for each (arm, seed), or each seed of `arm`.

        Raises
        ------
        KeyError
            Naming what there is, when there is no such metric or arm.
        """
        if arm is not None and arm not in self.about["arms"]:
            raise KeyError(f"{self.name} has no arm {arm}; it has: {', '.join(self.about['arms'])}")
        tables: dict[str, pd.DataFrame] = self.__dict__.setdefault("_tables", {})  # each metric is spread out once
        if metric not in tables:
            rows = self.frame[(self.frame.metric == metric) & self.frame.value.notna()]
            if rows.empty and metric not in (known := set(self.frame.metric)):
                raise KeyError(f"{self.name} has no metric {metric}; it has: {', '.join(sorted(known))}")
            values = rows.set_index(["arm", "seed", "step"])["value"].astype(float)
            # pivot_table takes a mean over single values, in three times the time
            tables[metric] = values.unstack("step").reindex(list(self.about["arms"]), level="arm")  # noqa: PD010
        return (tables[metric] if arm is None else tables[metric].loc[arm]).copy()


ENTRIES = ("experiment", "title", "shows", "command", "arms", "seeds", "metrics", "made", "rows", "sha256", "quick")


def digest_of(about: Mapping[str, Any]) -> str:
    """Return the digest of what stands beside a trace, which it bears as ``digest``: so it is seen when a hand changed it."""
    rest = {name: value for name, value in about.items() if name != "digest"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:16]


def trace_names(data: Path | None = None) -> list[str]:
    """Return the names of all experiments whose traces are in ``data/lab``."""
    return [path.stem for path in files_in((data or project_root() / "data") / "lab", "*.parquet")]


def trace_about(name: str, data: Path | None = None) -> Mapping[str, Any]:
    """Return what the JSON file beside a trace says.

    Raises
    ------
    RecordError
        When the file is missing, is not JSON, or lacks an entry.
    """
    path = (data or project_root() / "data") / "lab" / f"{name}.json"
    where = read_json(path, f"the configuration beside a trace; write it with: review lab run {name}")
    about: Mapping[str, Any] = where.data if isinstance(where.data, dict) else {}
    if missing := [entry for entry in ENTRIES if entry not in about]:
        raise RecordError([where.problem((), "nothing", f"the entries {', '.join(missing)}")])
    return about


def trace_content(name: str, data: Path | None = None) -> tuple[Mapping[str, Any], bytes]:
    """Return what the JSON file beside a trace says, and the trace as it is kept, once it is what that file names.

    Raises
    ------
    RecordError
        When a file is missing, or the trace is not the one that was written: its hash differs.
    """
    about = trace_about(name, data)
    path = (data or project_root() / "data") / "lab" / f"{name}.parquet"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        need = f"the trace; write it with: review lab run {name}"
        raise RecordError([fault(path, "(file)", "no such file", need)]) from None
    found = hashlib.sha256(content).hexdigest()
    if found != about["sha256"]:
        hint = f"{about['sha256'][:12]}..., which {name}.json names; take the committed file, or write both with: review lab run {name}"
        raise RecordError([fault(path, "sha256", f"{found[:12]}...", hint)])
    return about, content


def trace(name: str, data: Path | None = None) -> Trace:
    """Return the trace of one of our own experiments; see `trace_content` for what is refused."""
    import pandas as pd

    about, content = trace_content(name, data)
    return Trace(name, pd.read_parquet(io.BytesIO(content)), about)
