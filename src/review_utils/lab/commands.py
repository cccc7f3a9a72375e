"""``review lab``: list the experiments, run them, and repeat them in reduced form."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..traces import trace, trace_names
from ..records import RecordError, project_root
from . import NAMES, LabError, load

if TYPE_CHECKING:
    from .sweep import Job


def _or_explain(action: Callable[[], Any]) -> Any:  # noqa: ANN401  # whatever the action returns
    try:
        return action()
    except (LabError, RecordError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


@click.group()
def lab() -> None:
    """Run our own training experiments again. Needs the extra: make lab."""


@lab.command("list")
def list_experiments() -> None:
    """List the experiments with their arms, seeds and cost."""
    stored = trace_names()
    for name in NAMES:
        experiment = _or_explain(lambda name=name: load(name))
        cost = "no trace yet"
        if name in stored:
            about = _or_explain(lambda name=name: trace(name)).about
            cost = f"{sum(made['seconds'] for made in about['made'].values()) / 60:.0f} core minutes"
        click.echo(f"{name:<21} {len(experiment.arms):>3} arms x {experiment.seeds:>2} seeds  {cost:<16} {experiment.title}")
        if len(experiment.arms) <= 12:
            click.echo(f"{'':<21} {', '.join(experiment.arms)}")


def _bar(jobs: Sequence[Job], action: Callable[[Callable[[Job, float], None]], Any]) -> Any:  # noqa: ANN401
    """Show a bar with an estimate while `action` runs; it is given what to call after each job."""
    from .sweep import load as experiment_of

    arms = experiment_of(jobs[0].experiment).arms
    work = {job: int(job.steps or arms[job.arm]["steps"]) * len(job.seeds) for job in jobs}
    with click.progressbar(length=sum(work.values()), show_eta=True, label=jobs[0].experiment, file=sys.stderr) as bar:

        def done(job: Job, seconds: float) -> None:
            bar.label = f"{job.experiment} {job.arm}"
            bar.update(work[job])

        return action(done)


@lab.command()
@click.argument("name")
@click.option("--seeds", help="Such as 0-3,7. Default: all of the experiment.")
@click.option("--arm", "arms", multiple=True, help="One arm; repeat it. Default: all.")
@click.option("--steps", type=int, help="Stop training there; what is kept is then apart from the full runs.")
@click.option("--quick", is_flag=True, help="Repeat the reduced version and compare it with the stored trace.")
@click.option("--record", is_flag=True, help="With --quick: write into data/lab that and how it agreed.")
@click.option("--workers", default=-1, show_default=True, help="Processes; -1 for one a core.")
@click.option("--scheduler", help="Address of a Dask scheduler to run on, such as tcp://10.0.0.1:8786.")
def run(
    name: str,
    seeds: str | None,
    arms: tuple[str, ...],
    steps: int | None,
    quick: bool,
    record: bool,
    workers: int,
    scheduler: str | None,
) -> None:
    """Train what is not trained yet of the experiment NAME, and write its trace when all of it is there."""
    root = project_root()
    experiment = _or_explain(lambda: load(name))
    if quick:
        if seeds or arms or steps:
            _or_explain(_refuse_with_quick)
        _quick(root, name, record)
        return
    from . import sweep

    jobs = _or_explain(
        lambda: sweep.jobs_of(experiment, list(arms) or None, sweep.parse_seeds(seeds) if seeds is not None else None, steps)
    )
    if workers == 0 or workers < -1:
        _or_explain(_refuse_workers)
    started = time.perf_counter()
    try:
        paths = _bar(jobs, lambda done: sweep.run(root, jobs, workers=workers, scheduler=scheduler, done=done))
    except KeyboardInterrupt:
        click.echo("\ninterrupted; finished runs are kept, and the same command goes on from there", err=True)
        sys.exit(130)
    click.echo(f"{len(paths)} runs are in {paths[0].parent.relative_to(root)} ({time.perf_counter() - started:.0f} s)")
    if steps is None:
        written = sweep.write_trace(root, experiment)
        click.echo(f"wrote {written.relative_to(root)}" if written else "the trace is written when all arms and seeds are there")


def _refuse_with_quick() -> None:
    raise LabError("given --quick with --seeds, --arm or --steps; needed: --quick alone, which has its own")


def _refuse_workers() -> None:
    raise LabError("given --workers 0 or below -1; needed: 1 or more, or -1 for one a core")


def _quick(root: Path, name: str, record: bool) -> None:
    from . import sweep

    experiment = load(name)
    stored = _or_explain(lambda: trace(name))
    quick = experiment.quick
    (job,) = sweep.jobs_of(experiment, [quick.arm], [0], quick.steps)
    started = time.perf_counter()
    frames = sweep.run_job(job)
    seconds = time.perf_counter() - started
    departures = _or_explain(lambda: sweep.compare(experiment, list(frames.values()), stored.frame))
    agreed = all(d.agrees for d in departures)
    click.echo(f"{name}: {quick.arm}, {len(job.seeds)} seed(s), {quick.steps} steps, {seconds:.0f} s")
    for d in departures:
        verdict = "agrees" if d.agrees else "DIFFERS"
        click.echo(f"  {d.metric:<22} largest difference {d.largest:.3g} (seed {d.seed}, step {d.step}), allowed {d.allowed:g}: {verdict}")
    if record:
        path = root / "data" / "lab" / f"{name}.json"
        made = next(iter(frames.values())).attrs["made"]
        outcome = {
            "date": dt.date.today().isoformat(),
            "agreed": agreed,
            "seconds": round(seconds, 1),
            "platform": made["platform"],
            "largest": {d.metric: float(f"{d.largest:.3g}") for d in departures},
        }
        path.write_text(json.dumps({**stored.about, "last_quick": outcome}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if not agreed:
        click.echo(f"the repeat differs from data/lab/{name}.parquet by more than its tolerance", err=True)
        sys.exit(1)
