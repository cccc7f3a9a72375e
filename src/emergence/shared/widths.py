"""The exponent with which loss falls with width: from printed architectures, and from a grid of width and data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares

from emergence.shared.checks import asks, floats, number
from emergence.shared.fitting import Floats, Interval, as_floats


@asks()
def growth_with_width(widths: ArrayLike, parameters: ArrayLike) -> float:
    """Return the power with which parameters grow with width: the slope of their logarithms.

    Parameters
    ----------
    widths, parameters : array of shape (n,)
        Positive, of at least two widths.

    Raises
    ------
    ValueError
        When the lengths differ or there is one width alone.

    Examples
    --------
    >>> round(growth_with_width([64, 128, 256], [64**3, 128**3, 256**3]), 6)
    3.0
    """
    x, y = as_floats(widths, "widths", positive=True), as_floats(parameters, "parameters", positive=True)
    _alike(x, y, "parameters")
    if len(np.unique(x)) < 2:
        raise ValueError(f"given {len(np.unique(x))} width; needed: at least two, since a slope is asked for")
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


@asks(draws=number(low=100, whole=True))
def width_exponent(
    widths: ArrayLike,
    parameters: ArrayLike,
    exponent: float,
    error: float,
    *,
    draws: int = 4000,
    seed: int = 0,
) -> tuple[Interval, Interval]:
    """Return how fast parameters grow with width, and the exponent in width that an exponent in parameters implies.

    If loss falls as ``N**-a`` and parameters grow as ``width**g``, it falls as ``width**-(a g)``.

    Parameters
    ----------
    widths, parameters : array of shape (n,)
        Architectures, positive.
    exponent, error : float
        The exponent in parameters, above 0, and its standard error, not negative.
    draws : int
        Resamples of the architectures, each with a normal draw of the exponent; at least 100.
    seed : int

    Returns
    -------
    growth, implied : Interval
        With the middle 95 percent of the draws.
    """
    x, y = as_floats(widths, "widths", positive=True), as_floats(parameters, "parameters", positive=True)
    growth = growth_with_width(x, y)
    if not (np.isfinite([exponent, error]).all() and exponent > 0 and error >= 0 and draws >= 100):
        raise ValueError(
            f"given an exponent of {exponent:g}, an error of {error:g} and {draws} draws; needed: an exponent above 0, an error of at least 0, and 100 draws or more"
        )
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, len(x), (draws, len(x)))
    across, up = np.log(x)[rows], np.log(y)[rows]
    across = across - across.mean(axis=1, keepdims=True)
    spread = (across**2).sum(axis=1)
    if (spread == 0).any():
        raise ValueError(f"given {len(x)} architectures; needed: so many that no resample holds one width alone")
    slopes = (across * up).sum(axis=1) / spread
    implied = slopes * rng.normal(exponent, error, draws)
    low, high = np.quantile(slopes, [0.025, 0.975])
    first, last = np.quantile(implied, [0.025, 0.975])
    return Interval(growth, float(low), float(high)), Interval(growth * exponent, float(first), float(last))


@dataclass(frozen=True)
class WidthAndData:
    """Loss above a known floor as ``a width**-width_power + b data**-data_power``.

    Parameters
    ----------
    width_power, data_power : float
        Exponents.
    a, b : float
        Coefficients, in the units of the loss.
    residual : float
        Root mean square of the residuals of the logarithm.
    """

    width_power: float
    data_power: float
    a: float
    b: float
    residual: float

    def above(self, widths: ArrayLike, data: ArrayLike) -> Floats:
        """Return the loss above the floor."""
        w, d = floats(widths), floats(data)
        return np.asarray(self.a * w**-self.width_power + self.b * d**-self.data_power)


@asks()
def fit_width_and_data(widths: ArrayLike, data: ArrayLike, above: ArrayLike) -> WidthAndData:
    """Fit a term for the width and one for the data to losses above a known floor, by least squares of the logarithm.

    A fit to one amount of data would mix the two: where data are few, more width helps less.

    Parameters
    ----------
    widths, data, above : array of shape (n,)
        Positive; at least five runs, over at least three widths and three amounts of data.

    Raises
    ------
    ValueError
        When there are too few, or the fit does not settle on two falling terms.
    """
    w, d, y = (as_floats(v, n, positive=True) for v, n in ((widths, "widths"), (data, "data"), (above, "above")))
    _alike(w, d, "data")
    _alike(w, y, "above")
    if min(len(np.unique(w)), len(np.unique(d))) < 3 or len(w) < 5:
        raise ValueError(
            f"given {len(w)} runs over {len(np.unique(w))} widths and {len(np.unique(d))} amounts of data; needed: at least five, over three of each"
        )
    # Logarithms about their middles, so that coefficients and exponents are fitted nearly apart.
    x, z, target = np.log(w), np.log(d), np.log(y)
    x_mid, z_mid = x.mean(), z.mean()

    def gap(p: Floats) -> Floats:
        return np.asarray(np.logaddexp(p[0] - p[1] * (x - x_mid), p[2] - p[3] * (z - z_mid)) - target)

    half = float(target.mean() - np.log(2))
    found = least_squares(gap, [half, 0.5, half, 0.5], xtol=1e-12, ftol=1e-12)
    if not found.success or min(found.x[1], found.x[3]) <= 0:
        raise ValueError(
            f"found powers of {found.x[1]:g} in width and {found.x[3]:g} in data; needed: losses that fall with both"
        )
    return WidthAndData(
        float(found.x[1]),
        float(found.x[3]),
        float(np.exp(found.x[0] + found.x[1] * x_mid)),
        float(np.exp(found.x[2] + found.x[3] * z_mid)),
        float(np.sqrt(np.mean(found.fun**2))),
    )


def _alike(one: Floats, other: Floats, name: str) -> None:
    if len(one) != len(other):
        raise ValueError(f"{name}: given {len(other)} values for {len(one)} widths; needed: one for each")
