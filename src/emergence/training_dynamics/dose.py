"""The doses of a training signal that the register holds, and the smallest that had an effect."""

from __future__ import annotations

import pandas as pd

from emergence.shared.checks import asks, frame
from review_utils.records.register import Register


def doses(register: Register) -> pd.DataFrame:
    """Return every measurement of the register that states the dose it belongs to.

    Returns
    -------
    DataFrame
        finding, study, measurement, signal (what the dose is a share of), dose_percent, metric, condition,
        response, unit, comparator, verified (bool), locator; ordered by dose. A response is text as printed,
        since the studies measure different things.
    """
    rows = [
        {
            "finding": finding.id,
            "study": finding.short,
            "measurement": measurement.id,
            "signal": measurement.dose.share_of,
            "dose_percent": measurement.dose.percent,
            "metric": measurement.metric,
            "condition": measurement.condition,
            "response": f"{measurement} {measurement.unit}",
            "effect": measurement.dose.effect,
            "comparator": ""
            if measurement.comparator is None
            else f"{measurement.comparator} ({measurement.comparator.condition})",
            "verified": measurement.is_verified,
            "locator": measurement.locator,
        }
        for finding in register.findings
        for measurement in finding.measurements
        if measurement.dose is not None
    ]
    columns = ["finding", "study", "measurement", "signal", "dose_percent", "metric", "condition"]
    columns += ["response", "effect", "comparator", "verified", "locator"]
    return pd.DataFrame(rows, columns=columns).sort_values(
        ["dose_percent", "finding", "measurement"], ignore_index=True
    )


@asks(table=frame("effect", "finding", "signal", "dose_percent"))
def smallest_effective_dose(table: pd.DataFrame) -> pd.DataFrame:
    """Return, for each study and kind of signal, the smallest dose at which an effect was reported.

    Parameters
    ----------
    table : DataFrame
        From `doses`.
    """
    effective = table[table.effect == "yes"]
    return effective.loc[effective.groupby(["finding", "signal"]).dose_percent.idxmin()].sort_values(
        "dose_percent", ignore_index=True
    )
