"""``review lab``: list the experiments, run them, and repeat them in reduced form."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from review_book.commands import review, today

if TYPE_CHECKING:
    from emergence_lab.engine import Experiment


@click.group()
def lab() -> None:
    """Run our own training experiments again. Needs the extra: make lab."""


@lab.command("list")
def list_experiments() -> None:
    """List the experiments with their arms, seeds and cost."""
    from emergence_lab import NAMES, load
    from review_utils.data.traces import trace_about, trace_names

    data = review().data
    stored = trace_names(data)
    for name in NAMES:
        experiment, cost = load(name), "no trace yet"
        if name in stored:
            seconds = sum(made["seconds"] for made in trace_about(name, data)["made"].values())
            cost = f"{seconds / 60:.0f} core minutes"
        size = f"{len(experiment.arms):>3} arms x {experiment.seeds:>2} seeds  {cost:<16}"
        click.echo(f"{name:<21} {size} {experiment.title}")
        if len(experiment.arms) <= 12:
            click.echo(f"{'':<21} {', '.join(experiment.arms)}")


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
    from emergence_lab import LabError, load

    if record and not quick:
        raise LabError("given --record without --quick; needed: both, since it is the repeat that is written")
    root = review().root
    experiment = load(name)
    from emergence_lab import sweep  # after `load`, which says what to install when JAX is not there

    if quick and (seeds or arms or steps):
        raise LabError("given --quick with --seeds, --arm or --steps; needed: --quick alone, which has its own")
    if workers == 0 or workers < -1:
        raise LabError(f"given --workers {workers}; needed: 1 or more, or -1 for one a core")
    if quick:
        _quick(root, experiment, record)
        return
    chosen = None if seeds is None else sweep.parse_seeds(seeds)
    jobs = sweep.jobs_of(experiment, list(arms) or None, chosen, steps)
    started = time.perf_counter()
    work = {job: int(job.steps or experiment.arms[job.arm]["steps"]) * len(job.seeds) for job in jobs}
    try:
        with click.progressbar(length=sum(work.values()), show_eta=True, label=name, file=sys.stderr) as bar:
            paths = sweep.run(
                root, jobs, workers=workers, scheduler=scheduler, done=lambda job, seconds: bar.update(work[job])
            )
    except KeyboardInterrupt:
        click.echo("\ninterrupted; finished runs are kept, and the same command goes on from there", err=True)
        sys.exit(130)
    click.echo(f"{len(paths)} runs are in {paths[0].parent.relative_to(root)} ({time.perf_counter() - started:.0f} s)")
    if steps is None:
        written = sweep.write_trace(root, experiment)
        waiting = "the trace is written when all arms and seeds are there"
        click.echo(f"wrote {written.relative_to(root)}" if written else waiting)


def _quick(root: Path, experiment: Experiment, record: bool) -> None:
    from emergence_lab import LabError, sweep
    from review_utils.data.traces import trace

    name, quick, stored = experiment.name, experiment.quick, trace(experiment.name)
    (job,) = sweep.jobs_of(experiment, [quick.arm], [0], quick.steps)
    started = time.perf_counter()
    frames = sweep.run_job(job)
    seconds = time.perf_counter() - started
    departures = sweep.compare(experiment, list(frames.values()), stored.frame)
    agreed = all(d.agrees for d in departures)
    click.echo(f"{name}: {quick.arm}, {len(job.seeds)} seed(s), {quick.steps} steps, {seconds:.0f} s")
    for d in departures:
        found = f"largest difference {d.largest:.3g} (seed {d.seed}, step {d.step}), allowed {d.allowed:g}"
        click.echo(f"  {d.metric:<22} {found}: {'agrees' if d.agrees else 'DIFFERS'}")
    if record:
        outcome = {
            "date": today().isoformat(),
            "agreed": agreed,
            "seconds": round(seconds, 1),
            "platform": next(iter(frames.values())).attrs["made"]["platform"],
            "largest": {d.metric: float(f"{d.largest:.3g}") for d in departures},
        }
        sweep.write_about(root, name, {**stored.about, "last_quick": outcome})
    if not agreed:
        raise LabError(f"the repeat differs from data/lab/{name}.parquet by more than its tolerance")
