"""Sweeps: what is asked for, what is kept, what an interruption costs."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergence_lab import LabError, load, sweep


@given(st.sets(st.integers(0, 500), min_size=1))
def test_a_list_of_seeds_is_read_back(seeds):
    """A comma-separated list of seeds gives those seeds in order."""
    assert sweep.parse_seeds(",".join(map(str, seeds))) == sorted(seeds)


@given(st.integers(0, 200), st.integers(0, 50))
def test_a_range_of_seeds_holds_both_ends(first, length):
    """A range gives every seed from its first to its last."""
    assert sweep.parse_seeds(f"{first}-{first + length}") == list(range(first, first + length + 1))


@pytest.mark.parametrize("text", ["", ",", "a", "-1", "3-1", "1-", "1.5", "0-9999999999", "٣x", "1--2"])
def test_bad_seeds_are_refused_with_what_is_needed(text):
    """Text that names no seed, a negative one, an empty range or a million is refused, and the message says what is needed."""
    with pytest.raises(LabError, match="needed"):
        sweep.parse_seeds(text)


def test_bad_arms_and_steps_are_refused():
    """An unknown arm, no seed, and fewer than one step are refused with what there is."""
    experiment = load("induction")
    with pytest.raises(LabError, match=r"three-layers.*two-layers, one-layer"):
        sweep.jobs_of(experiment, ["three-layers"])
    with pytest.raises(LabError, match="no seed"):
        sweep.jobs_of(experiment, seeds=[])
    with pytest.raises(LabError, match="-5 steps"):
        sweep.jobs_of(experiment, steps=-5)
    with pytest.raises(LabError, match="did you mean induction"):
        load("inductoin")


def test_a_seed_is_trained_in_the_same_company():
    """Asking for one seed trains the block that it belongs to, so that its numbers are those of a full run."""
    (job,) = sweep.jobs_of(load("sparse_parity"), ["signal"], [13], steps=20)

    assert job.seeds == tuple(range(8, 16))
    (full,) = sweep.jobs_of(load("sparse_parity"), ["signal"], [8, 15], steps=20)
    assert sweep.run_job(job)[13].equals(sweep.run_job(full)[13])


def test_what_identifies_a_run_is_its_program_and_configuration(monkeypatch):
    """The key changes with a constant of the program and with the steps, and not with a comment or docstring."""
    from emergence_lab import engine, layers, parity_widths

    sources = {module: Path(module.__file__).read_text() for module in (parity_widths, engine, layers)}
    experiment = load("parity_widths")
    job = sweep.jobs_of(experiment, ["width-4"])[0]

    def key(text):
        monkeypatch.setattr(sweep.inspect, "getsource", {**sources, parity_widths: text}.__getitem__)
        return sweep.key_of(experiment, job)

    source = sources[parity_widths]
    before = key(source)
    assert key(source.replace('"""Return the mean hinge loss."""', '"""Another."""') + "\n# a comment\n") == before
    assert key(source.replace("2048", "1024")) != before
    assert sweep.key_of(experiment, sweep.jobs_of(experiment, ["width-4"], steps=100)[0]) != before


def _start(folder, *words):
    env = {**os.environ, "PYTHONPATH": str(folder / "src")}
    return subprocess.Popen(
        [sys.executable, "-m", "review_book.commands.main", "lab", "run", *words],
        cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def test_an_interrupted_run_goes_on_where_it_stopped(copy):
    """Interrupted by the keyboard's signal, the runs that had ended are kept whole and are not trained again; the rest follow."""
    words = ["parity_widths", "--steps", "800", "--workers", "1"]
    kept = copy / "_build" / "lab" / "parity_widths"
    process = _start(copy, *words)
    deadline = time.monotonic() + 180
    while len(list(kept.glob("*.parquet"))) < 80 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    while process.poll() is None and time.monotonic() < deadline:
        before = len(list(kept.glob("*.parquet")))
        os.killpg(process.pid, signal.SIGINT)
        # JAX's collector callback swallows a signal that falls into it: where runs go on ending, a user presses again.
        while process.poll() is None and len(list(kept.glob("*.parquet"))) < before + 8 and time.monotonic() < deadline:
            time.sleep(0.05)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130, err
    assert "finished runs are kept" in err
    first = {path.name: path.stat().st_mtime_ns for path in kept.glob("*.parquet")}
    assert 80 <= len(first) < 240
    for name in first:
        pd.read_parquet(kept / name)
    process = _start(copy, *words)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    after = {path.name: path.stat().st_mtime_ns for path in kept.glob("*.parquet")}
    assert len(after) == 240
    assert all(after[name] == stamp for name, stamp in first.items())
    assert not [path for path in kept.iterdir() if path.name.startswith(".")]


def test_a_job_interrupted_between_its_seeds_keeps_what_it_wrote(tmp_path):
    """Where some seeds of a job are kept and others not, the job is trained again and only what was missing is written."""
    jobs = sweep.jobs_of(load("parity_widths"), ["width-4"], [0], steps=20)
    first, *others = sweep.run(tmp_path, jobs, workers=1)
    assert others
    first.unlink()
    kept = {path: path.stat().st_mtime_ns for path in others}

    assert sweep.run(tmp_path, jobs, workers=1) == [first, *others]

    assert first.is_file()
    assert {path: path.stat().st_mtime_ns for path in others} == kept


def test_a_failing_write_leaves_nothing_half_written(tmp_path, monkeypatch):
    """When the disk refuses a run, no file of its name is there, whole or in part."""

    def fill_up(self, path, **_):
        path.write_bytes(b"half")
        raise OSError("full")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", fill_up)
    with pytest.raises(OSError, match="full"):
        sweep._write(pd.DataFrame({"a": [1]}), tmp_path / "run.parquet")

    assert list(tmp_path.iterdir()) == []


def test_a_cluster_survives_the_loss_of_a_worker(tmp_path):
    """On a real Dask scheduler with two workers, one killed midway, all runs arrive and none twice."""
    from distributed import Client, LocalCluster

    experiment = load("parity_widths")
    jobs = sweep.jobs_of(experiment, ["width-4", "width-8", "width-16", "width-32"], steps=300)
    jobs += sweep.jobs_of(experiment, ["width-4", "width-8", "width-16", "width-32"], steps=200)
    ended = []
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:

        def done(job, seconds):
            ended.append(job)
            if len(ended) == 2:
                with Client(cluster.scheduler_address) as client:
                    pids = client.run(os.getpid)
                os.kill(next(iter(pids.values())), signal.SIGKILL)

        paths = sweep.run(tmp_path, jobs, scheduler=cluster.scheduler_address, done=done)

    assert sorted(ended, key=str) == sorted(jobs, key=str)
    assert len(set(paths)) == len(paths) == 8 * experiment.side_by_side
    assert all(path.is_file() for path in paths)


def test_runs_do_not_depend_on_how_many_work(tmp_path):
    """One process and two give the same numbers."""
    jobs = sweep.jobs_of(load("parity_widths"), ["width-4", "width-8"], steps=100)
    one = sweep.run(tmp_path / "one", jobs, workers=1)
    two = sweep.run(tmp_path / "two", jobs, workers=2)

    for a, b in zip(one, two, strict=True):
        assert pd.read_parquet(a).equals(pd.read_parquet(b))


def test_a_trace_is_written_when_all_runs_are_there(tmp_path, monkeypatch):
    """With a run missing no trace is written; with all, the trace holds them all and its own hash."""
    from dataclasses import replace

    from review_utils.data.traces import trace

    full = load("parity_widths")
    small = replace(full, arms={k: {**full.arms[k], "steps": 50} for k in ("width-4", "width-8")})
    monkeypatch.setattr(sweep, "load", lambda name: small)
    jobs = sweep.jobs_of(small)
    sweep.run(tmp_path, jobs[:1], workers=1)
    assert sweep.write_trace(tmp_path, small) is None
    sweep.run(tmp_path, jobs, workers=1)
    sweep.write_trace(tmp_path, small)
    found = trace("parity_widths", tmp_path / "data")

    assert found.wide("accuracy").shape == (80, 2)
    assert list(found.about["made"]) == ["width-4", "width-8"]
    assert np.isfinite(found.frame.value).all()
    shutil.rmtree(tmp_path / "data")
    importlib.reload(importlib.import_module("emergence_lab.parity_widths"))


def test_a_scheduler_that_does_not_answer_is_named(tmp_path):
    """The address of no scheduler is refused with what is needed, and without a traceback."""
    jobs = sweep.jobs_of(load("parity_widths"), ["width-4"], steps=50)
    for address in ("tcp://127.0.0.1:1", "nonsense://"):
        with pytest.raises(LabError, match="needed: the address of a Dask scheduler"):
            sweep.run(tmp_path, jobs, scheduler=address)


def _die(job):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_lost_worker_is_told_with_the_remedy(tmp_path, monkeypatch):
    """When a worker process is killed, the message says that finished runs are kept and what to do."""
    monkeypatch.setattr(sweep, "_timed", _die)
    jobs = sweep.jobs_of(load("parity_widths"), ["width-4", "width-8"], steps=50)
    with pytest.raises(LabError, match="fewer --workers"):
        sweep.run(tmp_path, jobs, workers=2)
