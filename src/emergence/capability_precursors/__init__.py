"""Anticipating abilities: forecasts from small scales, signals, rare events."""

from .precursors import (
    QUANTILES,
    Forecast,
    Roc,
    Trends,
    arithmetic_forecasts,
    early_warning,
    forecast_logistic,
    gumbel_tail,
    pass_until,
    roc,
    slowing_means,
)

__all__ = [
    "QUANTILES",
    "Forecast",
    "Roc",
    "Trends",
    "arithmetic_forecasts",
    "early_warning",
    "forecast_logistic",
    "gumbel_tail",
    "pass_until",
    "roc",
    "slowing_means",
]
