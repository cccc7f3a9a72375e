"""Sparse parity on a ladder of widths, trained long: seeds end in two groups, and waiting parts from luck.

Narrow networks either find the parity or stop one corner short of it, for good; wide ones find it sooner or
later. So one table holds both sides of the bridge between a jump in training and a jump over scale: when each
run learns, and which runs ever do. Width as many tickets in one lottery is from Edelman et al. 2023
(arXiv:2309.03800), two groups of seeds from Zhao et al. 2025 (arXiv:2502.17356).
"""

from __future__ import annotations

from dataclasses import replace

from emergence_lab.engine import Quick
from emergence_lab.parity_widths import EXPERIMENT as SHORT

WIDTHS = [3, 4, 5, 6, 8, 12, 16, 32]

EXPERIMENT = replace(
    SHORT,
    name="parity_ladder",
    title="Sparse parity: a ladder of eight widths, sixty-four seeds each, trained long",
    shows="Seeds end in two groups, a little short of the task and at it; width moves the share between them.",
    arms={f"width-{w}": {"n": 20, "width": w, "batch": 32, "rate": 0.1, "steps": 6000} for w in WIDTHS},
    seeds=64,
    side_by_side=32,
    quick=Quick(
        arm="width-8",
        steps=1000,
        tolerance={"accuracy": 0.08, "loss": 0.25},
        because="at least five times what rounding the initial weights differently, by 2e-7 of each, makes of it",
    ),
)
