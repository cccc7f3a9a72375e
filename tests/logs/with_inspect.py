"""Inspect's own reader and ours give the same rows; needs the extra ``logs``, so that it is run by hand: see CONTRIBUTING.

``python -m pytest -c /dev/null --noconftest --rootdir=. tests/logs/with_inspect.py`` in an environment with Inspect.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from emergence.your_curve.logs import _inspect_rows, read_inspect

LOGS = sorted(path for path in Path(__file__).parent.glob("inspect*/*") if path.suffix in (".eval", ".json"))


@pytest.mark.parametrize("path", LOGS, ids=lambda path: f"{path.parent.name}{path.suffix}")
def test_both_readers_agree(path):
    """Model, task, metric, score, items, chance and run are the same by either reader."""
    ours, theirs = (list(_inspect_rows(path, read_inspect(path, own))) for own in (False, True))

    assert ours == theirs
    assert ours
