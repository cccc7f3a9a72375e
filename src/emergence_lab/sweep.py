"""Run the arms and seeds of an experiment, keep every finished run, and write the trace that the book reads.

A sweep is a plain list of independent jobs handed to joblib; with the address of a Dask scheduler the same list
runs on a cluster. A job trains the seeds that belong side by side. What it returns is written here, one file a
run, each in one stroke: an interruption loses the jobs under way and nothing else.
"""

from __future__ import annotations

import ast
import datetime as dt
import hashlib
import inspect
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import numpy as np
import pandas as pd

from emergence_lab import LabError, load
from emergence_lab.engine import Config, Experiment, train
from review_utils.data.traces import digest_of

COLUMNS = ["run", "seed", "arm", "step", "metric", "value"]
ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


@dataclass(frozen=True)
class Job:
    """Seeds of one arm that are trained side by side; ``steps`` cuts training short when given."""

    experiment: str
    arm: str
    seeds: tuple[int, ...]
    steps: int | None = None


def parse_seeds(text: str) -> list[int]:
    """Return the seeds that `text` names.

    Examples
    --------
    >>> parse_seeds("0-3,7")
    [0, 1, 2, 3, 7]

    Raises
    ------
    LabError
        When it names none, or is not a list of whole numbers and ranges from 0 up.
    """
    seeds: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise LabError(f"given the seeds {text!r}; needed: whole numbers from 0 and ranges, such as 0-3,7")
        ends = int(first), int(last) if dash else int(first)
        if ends[1] < ends[0]:
            raise LabError(f"given the seeds {part.strip()!r}, an empty range; needed: the smaller end first")
        if ends[1] >= 10_000:
            raise LabError(f"given the seeds {part.strip()!r}; needed: seeds below 10000")
        seeds.update(range(ends[0], ends[1] + 1))
    return sorted(seeds)


def jobs_of(
    experiment: Experiment,
    arms: Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
    steps: int | None = None,
) -> list[Job]:
    """Return the jobs that together train `seeds` of `arms`, the longest first.

    Raises
    ------
    LabError
        For an arm that there is not, or a number of steps below 1.
    """
    arms = list(experiment.arms) if arms is None else arms
    for arm in arms:
        if arm not in experiment.arms:
            raise LabError(f"given the arm {arm!r}; needed: one of {', '.join(experiment.arms)}")
    if steps is not None and steps < 1:
        raise LabError(f"given {steps} steps; needed: at least 1")
    beside = experiment.side_by_side
    blocks = sorted({seed // beside for seed in (range(experiment.seeds) if seeds is None else seeds)})
    if not blocks:
        raise LabError("given no seed; needed: at least one")
    jobs = [
        Job(experiment.name, arm, tuple(range(block * beside, (block + 1) * beside)), steps)
        for arm in arms
        for block in blocks
    ]
    return sorted(jobs, key=lambda job: -experiment.arms[job.arm]["steps"])


def _programs(module: ModuleType) -> Iterator[str]:
    """Yield the code of a module of the lab and of those it uses, without comments, docstrings or its Experiment."""
    seen, waiting = set(), [module]
    while waiting:
        module = waiting.pop()
        if module.__name__ in seen:
            continue
        seen.add(module.__name__)
        tree = ast.parse(inspect.getsource(module))
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = [  # type: ignore[attr-defined]  # it has one: it was just read
                    x
                    for x in body
                    if not (isinstance(x, ast.Expr) and isinstance(x.value, ast.Constant))
                    and not (isinstance(x, ast.Assign) and ast.unparse(x.targets[0]) == "EXPERIMENT")
                ]
        yield ast.unparse(tree)
        for value in list(vars(module).values()):
            home = getattr(value, "__module__", None)
            if isinstance(home, str) and home.startswith(__package__ + ".") and callable(value):
                waiting.append(sys.modules[home])


def key_of(experiment: Experiment, job: Job) -> str:
    """Return what identifies the computation of a job: its program, configuration and steps."""
    config = dict(experiment.arms[job.arm])
    about = [config, _steps(experiment, config, job.steps), len(job.seeds)]
    programs = sorted(_programs(sys.modules[experiment.task.__module__]))
    return hashlib.sha256(json.dumps([about, programs]).encode()).hexdigest()[:16]


def _steps(experiment: Experiment, config: Config, stop: int | None) -> list[int]:
    return [step for step in experiment.measured_at(config) if stop is None or step <= stop]


def run_job(job: Job) -> dict[int, pd.DataFrame]:
    """Train the seeds of a job and return the rows of each; every frame's attrs say when, where and how long."""
    # Before JAX starts: one thread a job, so that numbers do not depend on how many cores there are.
    os.environ.setdefault("XLA_FLAGS", ONE_THREAD)
    import jax

    experiment = load(job.experiment)
    config = experiment.arms[job.arm]
    started = time.perf_counter()
    rows: dict[str, list[np.ndarray]] = {}
    at: dict[str, list[int]] = {}
    for step, metrics in train(experiment.task(config), job.seeds, _steps(experiment, config, job.steps)):
        for name, values in metrics.items():
            rows.setdefault(name, []).append(values)
            at.setdefault(name, []).append(step)
    seconds = time.perf_counter() - started
    device = jax.devices()[0]
    made = {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "platform": f"{platform.machine()} {platform.system()}, {device.device_kind if device.platform != 'cpu' else 'CPU'}",
        "versions": {name: version(name) for name in ("jax", "jaxlib", "optax", "numpy")}
        | {"python": platform.python_version()},
        "seconds": seconds / len(job.seeds),
    }
    out = {}
    for place, seed in enumerate(job.seeds):
        frames = [
            pd.DataFrame(
                {"step": np.asarray(at[name], dtype=np.int32), "metric": name, "value": np.stack(values)[:, place]}
            )
            for name, values in rows.items()
        ]
        frame = pd.concat(frames, ignore_index=True).dropna(subset="value")
        frame = frame.assign(run=f"{job.arm}/{seed}", seed=np.int32(seed), arm=job.arm)[COLUMNS]
        frame.attrs = {"made": made}
        out[seed] = frame.astype({"value": np.float32})
    return out


def part_path(root: Path, experiment: Experiment, job: Job, seed: int) -> Path:
    """Return where the finished run of `seed` is kept."""
    return root / "_build" / "lab" / experiment.name / f"{job.arm}@{seed}@{key_of(experiment, job)}.parquet"


def _write(frame: pd.DataFrame, path: Path) -> None:
    """Write a file in one stroke: under another name, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        frame.to_parquet(partial, compression="zstd", index=False)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def run(
    root: Path,
    jobs: Sequence[Job],
    *,
    workers: int = -1,
    scheduler: str | None = None,
    done: Callable[[Job, float], None] = lambda job, seconds: None,
) -> list[Path]:
    """Run what is not finished yet of `jobs`, and return the files of all runs.

    Parameters
    ----------
    root : Path
        The project; runs are kept under its ``_build/lab``.
    jobs : sequence of Job
        Of one experiment.
    workers : int
        Processes; -1 for one a core.
    scheduler : str, optional
        Address of a Dask scheduler to hand the jobs to instead.
    done : callable
        Called with each job that has ended, and its seconds; 0 for one that was there already.

    Raises
    ------
    LabError
        When the scheduler does not answer, or a worker is lost.
    """
    experiment = load(jobs[0].experiment)
    paths = {job: [part_path(root, experiment, job, seed) for seed in job.seeds] for job in jobs}
    waiting = []
    for job in jobs:
        if all(path.is_file() for path in paths[job]):
            done(job, 0.0)
        else:
            waiting.append(job)

    def collect() -> None:
        parallel = joblib.Parallel(n_jobs=workers, return_as="generator_unordered", pre_dispatch="all")
        for job, frames, seconds in parallel(joblib.delayed(_timed)(job) for job in waiting):
            for path, frame in zip(paths[job], frames.values(), strict=True):
                # An interruption can fall between the seeds of one job: what it kept stays as it is.
                if not path.is_file():
                    _write(frame, path)
            done(job, seconds)

    if scheduler is None:
        try:
            collect()
        except joblib.externals.loky.process_executor.TerminatedWorkerError:
            raise LabError(
                "a worker ended before its job did, perhaps for want of memory; finished runs are kept: "
                "run the same command again, with fewer --workers"
            ) from None
    else:
        from distributed import Client

        try:
            client = Client(scheduler, timeout=10)
        except (OSError, ValueError) as error:
            raise LabError(
                f"given the scheduler {scheduler!r}, which did not answer ({error}); "
                "needed: the address of a Dask scheduler that runs, such as tcp://10.0.0.1:8786"
            ) from None
        with client, joblib.parallel_config("dask"):
            collect()
    return [path for job in jobs for path in paths[job]]


def _timed(job: Job) -> tuple[Job, dict[int, pd.DataFrame], float]:
    started = time.perf_counter()
    return job, run_job(job), time.perf_counter() - started


def write_trace(root: Path, experiment: Experiment) -> Path | None:
    """Join the finished runs of every arm and seed into ``data/lab``, or return None when some are missing."""
    jobs = jobs_of(experiment)
    seeds = set(range(experiment.seeds))
    paths = [part_path(root, experiment, job, seed) for job in jobs for seed in job.seeds if seed in seeds]
    if not all(path.is_file() for path in paths):
        return None
    frames = [pd.read_parquet(path) for path in paths]
    made: dict[str, dict[str, Any]] = {}
    for frame in frames:
        about = dict(frame.attrs["made"])
        arm = made.setdefault(frame.arm.iloc[0], about | {"seconds": 0.0})
        arm["seconds"] = round(arm["seconds"] + about["seconds"], 1)
    order = {arm: i for i, arm in enumerate(experiment.arms)}
    frame = pd.concat(frames, ignore_index=True)
    frame = frame.sort_values(
        ["arm", "seed", "metric", "step"], key=lambda c: c.map(order) if c.name == "arm" else c, ignore_index=True
    )
    frame.attrs = {}
    for column in ("run", "arm", "metric"):
        frame[column] = frame[column].astype("category")
    target = root / "data" / "lab" / f"{experiment.name}.parquet"
    _write(frame, target)
    about = {
        "experiment": experiment.name,
        "title": experiment.title,
        "shows": experiment.shows,
        "command": f"review lab run {experiment.name}",
        "arms": {arm: dict(config) for arm, config in experiment.arms.items()},
        "seeds": experiment.seeds,
        "side_by_side": experiment.side_by_side,
        "metrics": dict(experiment.metrics),
        "made": {arm: made[arm] for arm in experiment.arms},
        "rows": len(frame),
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
        "quick": asdict(experiment.quick),
        "last_quick": None,
    }
    write_about(root, experiment.name, about)
    return target


def write_about(root: Path, name: str, about: Mapping[str, object]) -> None:
    """Write what stands beside a trace."""
    path = root / "data" / "lab" / f"{name}.json"
    about = {**about, "digest": digest_of(about)}
    path.write_bytes((json.dumps(about, indent=1, ensure_ascii=False) + "\n").encode())


@dataclass(frozen=True)
class Departure:
    """The largest difference of one metric between a quick run and the stored trace."""

    metric: str
    largest: float
    allowed: float
    seed: int
    step: int

    @property
    def agrees(self) -> bool:
        """Whether it is within the tolerance."""
        return self.largest <= self.allowed


def compare(experiment: Experiment, frames: Sequence[pd.DataFrame], stored: pd.DataFrame) -> list[Departure]:
    """Return, for each metric of the experiment's quick version, how far a repeat is from the stored trace.

    Raises
    ------
    LabError
        When the two have no row in common, so that nothing would be compared.
    """
    keys = ["arm", "seed", "step", "metric"]
    again = pd.concat(frames).astype({"arm": str, "metric": str})
    both = again.merge(stored.astype({"arm": str, "metric": str}), on=keys, suffixes=("", "_stored"))
    out = []
    for metric, allowed in experiment.quick.tolerance.items():
        rows = both[both.metric == metric]
        if rows.empty:
            raise LabError(
                f"{experiment.name}: the stored trace has no {metric} to compare with; run: review lab run {experiment.name}"
            )
        gap = (rows.value.astype(float) - rows.value_stored.astype(float)).abs()
        worst = rows.loc[gap.idxmax()]
        out.append(Departure(metric, float(gap.max()), allowed, int(worst.seed), int(worst.step)))
    return out
