"""The tournament on a cluster: the same scores, and none lost with a worker."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pandas as pd

from emergence.capability_precursors import tournament as tn
from emergence.capability_precursors import tournament_curves as tc


def test_the_tournament_is_the_same_on_a_cluster_that_loses_a_worker():
    """On a real Dask scheduler with two workers, one killed midway, every score is that of one process."""
    from distributed import Client, LocalCluster

    curves = tc.gpt3()[:40]
    names = ["last value", "linear in log scale", "M2", "Gaussian process"]
    here = tn.tournament(curves, names)
    killed = []
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:

        def kill():
            with Client(cluster.scheduler_address) as client:
                while not killed:
                    if any(client.processing().values()):
                        pids = client.run(os.getpid)
                        os.kill(next(iter(pids.values())), signal.SIGKILL)
                        killed.append(True)
                    time.sleep(0.05)

        thread = threading.Thread(target=kill)
        thread.start()
        there = tn.tournament(curves, names, scheduler=cluster.scheduler_address)
        killed.append(False)
        thread.join()

    assert killed[0] is True
    pd.testing.assert_frame_equal(here, there, rtol=1e-9)
    assert np.isfinite(there.crps).all()
