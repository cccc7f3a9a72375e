"""Anticipating abilities: forecasts from small scales, signals, rare events."""

from typing import TYPE_CHECKING

from emergence.shared.lazy import lazily

if TYPE_CHECKING:
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

__getattr__ = lazily(__name__)
