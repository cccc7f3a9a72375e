"""Functional forms of a learning curve, fitted to its start and asked for the rest.

Each form gives the logarithm of a loss as a function of the logarithm of what is scaled. All are fitted by the
same rule, least squares of log residuals, so that they are compared as forms; the optimiser is a choice of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from emergence.shared.checks import asks, number, option, values
from emergence.shared.fitting import Floats, as_floats, least_squares_each
from review_utils.records.reading import did_you_mean

Form = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""From parameters (k, p) and log x, (n,) or (k, n), to log y (k, n) and its slopes (k, n, p)."""


def _power(theta: Floats, u: Floats) -> tuple[Floats, Floats]:
    """M1: ``y = b x**-c``."""
    log_b, log_c = theta[:, 0:1], theta[:, 1:2]
    falls = -np.exp(log_c) * u
    return log_b + falls, np.stack([np.ones_like(falls), falls], axis=2)


def _floor(theta: Floats, u: Floats) -> tuple[Floats, Floats]:
    """M2: ``y = e + b x**-c``."""
    c = np.exp(theta[:, 1:2])
    falls = theta[:, 0:1] - c * u
    value = np.logaddexp(falls, theta[:, 2:3])
    share = np.exp(falls - value)
    return value, np.stack([share, -c * u * share, 1 - share], axis=2)


def _shift(theta: Floats, u: Floats) -> tuple[Floats, Floats]:
    """M3: ``y = b (1/x + g)**c``."""
    c, log_g = np.exp(theta[:, 1:2]), theta[:, 2:3]
    inner = np.logaddexp(-u, log_g)
    return theta[:, 0:1] + c * inner, np.stack(
        [np.ones_like(inner), c * inner, c * np.exp(log_g - inner)], axis=2
    )  # fmt: skip


def _sigmoid(theta: Floats, u: Floats) -> tuple[Floats, Floats]:
    """M4: ``(y - e) / (t - y)**a = b x**-c``, between a floor e and a top t; solved for y by Newton's method."""
    log_b, log_c, log_e, log_rise, log_a = (theta[:, i : i + 1] for i in range(5))
    c, e, a = np.exp(log_c), np.exp(log_e), np.exp(log_a)
    span = np.exp(log_rise)  # t - e
    # y = e + span * expit(z), and the equation is smooth and rising in z, with slopes between 1 and a.
    level = log_b - c * u - (1 - a) * log_rise
    z = np.where(level > 0, level / a, level)
    rows = np.arange(len(z))  # those of which some point is not yet found
    for _ in range(30):
        at, bend = z[rows], a[rows]
        below = special.log_expit(at)  # that of -z is less by z
        step = ((1 - bend) * below + bend * at - level[rows]) / (1 - (1 - bend) * np.exp(below))
        z[rows] = at = at - np.clip(step, -20, 20)
        rows = rows[(np.abs(step) > 1e-11 * (1 + np.abs(at))).any(axis=1)]
        if not len(rows):
            break
    up = special.expit(z)
    y = e + span * up
    rate = special.expit(-z) + a * up  # of the left side in z
    move = span * up * special.expit(-z) / rate  # dy for a rise of the goal
    slopes = np.stack(
        [
            move,
            -c * u * move,
            e * np.ones_like(y),
            span * up - (1 - a) * move,
            a * (special.log_expit(-z) + log_rise) * move,
        ],
        axis=2,
    )
    return np.log(y), slopes / y[:, :, None]


def _broken(theta: Floats, u: Floats) -> tuple[Floats, Floats]:
    """BNSL, one break: ``y = e + b x**-c0 (1 + (x/d)**(1/f))**((c0 - c1) f)``, with slope c0 before and c1 after."""
    log_b, log_c0, log_e, log_c1, log_d, log_f = (theta[:, i : i + 1] for i in range(6))
    c0, c1, f = np.exp(log_c0), np.exp(log_c1), np.exp(log_f)
    past = (u - log_d) / f
    soft = np.logaddexp(0.0, past)
    turned = special.expit(past)
    falls = log_b - c0 * u + (c0 - c1) * f * soft
    value = np.logaddexp(falls, log_e)
    share = np.exp(falls - value)
    slopes = np.stack(
        [
            share,
            share * c0 * (f * soft - u),
            1 - share,
            -share * c1 * f * soft,
            -share * (c0 - c1) * turned,
            share * (c0 - c1) * f * (soft - past * turned),
        ],
        axis=2,
    )
    return value, slopes


FORMS: dict[str, tuple[Form, int]] = {
    "M1": (_power, 2),
    "M2": (_floor, 3),
    "M3": (_shift, 3),
    "M4": (_sigmoid, 5),
    "BNSL": (_broken, 6),
}
"""Each form with its number of parameters: M1 to M4 of Alabdulmohsin et al. 2022, BNSL of Caballero et al. 2023.

Constraints: every factor, exponent, floor and width is positive, so that no curve ever rises; in M4 the top is above
the floor. All are fitted by their logarithms.
"""


@dataclass(frozen=True)
class FormFit:
    """A form fitted to a curve.

    Parameters
    ----------
    form : str
    theta : array
        Logarithms of its parameters, with x in units of `scale`.
    error : float
        Root mean square of the log residuals of the points fitted.
    scale : float
        Geometric mean of x.
    """

    form: str
    theta: Floats
    error: float
    scale: float

    def predict(self, x: ArrayLike) -> Floats:
        """Return the loss at x, an array of one dimension."""
        u = np.log(as_floats(x, "x", positive=True) / self.scale)
        return np.asarray(np.exp(FORMS[self.form][0](self.theta[None], u)[0][0]))


@asks(("loss", "predicted"), loss=values(above=0), predicted=values(above=0))
def rmsle(loss: ArrayLike, predicted: ArrayLike) -> float:
    """Return the root mean square of log residuals."""
    return float(np.sqrt(np.mean((np.log(np.asarray(loss)) - np.log(np.asarray(predicted))) ** 2)))


def _starts(form: str, u: Floats, v: Floats, count: int, seed: int) -> Floats:
    """Return starts that span what the curve shows: its level, slope, floor, top and where it could turn."""
    rng = np.random.default_rng(seed)
    slope, level = np.polyfit(u, v, 1)
    steep = max(-slope, 0.02)
    exponents = np.log(steep * np.exp(rng.uniform(-1, 2.5, count)))
    levels = level + rng.uniform(-1, 0.3, count)
    floors = v.min() + np.log(rng.uniform(0.02, 0.98, count))
    if form == "M1":
        return np.array([[level, np.log(steep)]])
    if form == "M2":
        return np.stack([levels, exponents, floors], axis=1)
    if form == "M3":
        return np.stack([levels, exponents, -rng.uniform(u.min() - 1, u.max() + 2, count)], axis=1)
    if form == "M4":
        top = np.exp(v.max()) * (1 + np.exp(rng.uniform(-5, 1, count)))
        rise = np.log(top - np.exp(floors))
        return np.stack([rng.normal(0, 2, count), exponents, floors, rise, rng.uniform(-2, 1, count)], axis=1)
    after = exponents + rng.uniform(-1.5, 2.5, count)
    turns = rng.uniform(u.min(), u.max() + 1, count)
    return np.stack([levels, exponents, floors, after, turns, rng.uniform(-3, 1, count)], axis=1)


@asks(optimiser=option("newton", "simplex"), starts=number(low=1, whole=True), loss=values(above=0))
def fit_form(
    form: str,
    x: ArrayLike,
    loss: ArrayLike,
    *,
    optimiser: str = "newton",
    starts: int = 96,
    seed: int = 0,
    stall: float = 0.0,
) -> FormFit:
    """Fit one form to a curve by least squares of log residuals.

    Parameters
    ----------
    form : str
        A key of `FORMS`, whose constraints it states.
    x, loss : array of shape (n,)
        Positive; n more than the parameters of the form.
    optimiser : str
        ``newton``: damped Gauss-Newton from many starts side by side. ``simplex``: Nelder and Mead's method from
        the fitted power law alone, as a plain script would do.
    starts, seed : int
        Of ``newton``.
    stall : float
        Of ``newton``: when to stop, for many fits whose last digits do not matter; see `fitting.newton`.

    Raises
    ------
    ValueError
        Naming rows that are not positive; for fewer points than parameters, points that are all equal, or an
        unknown form or optimiser.
    """
    u, v, scale = _logs(form, x, loss)
    if optimiser == "newton":
        (fit,) = _fit_alike(form, [(u, v, scale)], starts, seed, stall)
        if fit is None:
            raise ValueError("the curve is finite at no start; needed: points nearer to one another")
        return fit
    function, parameters = FORMS[form]
    theta, total = _simplex(function, u, v, parameters)
    return FormFit(form, theta, float(np.sqrt(2 * total / len(v))), scale)


def fit_forms(
    form: str,
    curves: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    starts: int = 96,
    stall: float = 0.0,
) -> list[FormFit | None]:
    """Fit one form to many curves, those of as many points side by side: as `fit_form` does, in a fraction of the time.

    Parameters
    ----------
    form : str
        A key of `FORMS`.
    curves : sequence of (x, loss)
    starts, stall
        See `fit_form`.

    Returns
    -------
    list of FormFit or None
        A fit for each curve; None for one that `fit_form` refuses.
    """
    fits: list[FormFit | None] = [None] * len(curves)
    alike: dict[int, dict[int, _Logs]] = {}
    for i, (x, loss) in enumerate(curves):
        try:
            logs = _logs(form, x, loss)
        except ValueError:
            continue
        alike.setdefault(len(logs[0]), {})[i] = logs
    for group in alike.values():
        for i, fit in zip(group, _fit_alike(form, list(group.values()), starts, 0, stall), strict=True):
            fits[i] = fit
    return fits


_Logs = tuple[Floats, Floats, float]
"""Logarithms of x, in units of its geometric mean, and of the loss, and that mean."""


def _logs(form: str, x: ArrayLike, loss: ArrayLike) -> _Logs:
    """Return the logarithms in which a form is fitted, or say why it cannot be."""
    if form not in FORMS:
        raise ValueError(f"no form {form}; there are: {', '.join(FORMS)}{did_you_mean(str(form), FORMS)}")
    x, y = as_floats(x, "x", positive=True), as_floats(loss, "loss", positive=True)
    _, parameters = FORMS[form]
    if len(x) != len(y) or len(x) <= parameters:
        raise ValueError(
            f"given {len(x)} and {len(y)} points; needed: as many of each, more than {parameters} for {form}"
        )
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        raise ValueError("all points are equal; needed: at least two values of x and two of the loss")
    scale = float(np.exp(np.log(x).mean()))
    return np.log(x / scale), np.log(y), scale


def _fit_alike(form: str, curves: Sequence[_Logs], starts: int, seed: int, stall: float) -> list[FormFit | None]:
    """Fit a form to curves of as many points side by side; None where it is finite at no start."""
    function, _ = FORMS[form]
    u, v = (np.stack([logs[i] for logs in curves]) for i in (0, 1))
    begin = np.stack([_starts(form, *row, starts, seed) for row in zip(u, v, strict=True)])
    theta, totals = least_squares_each(lambda theta, which: function(theta, u[which]), v, begin, stall=stall)
    return [
        FormFit(form, at, float(np.sqrt(2 * total / v.shape[1])), scale) if np.isfinite(total) else None
        for at, total, (_, _, scale) in zip(theta, totals, curves, strict=True)
    ]


def _simplex(function: Form, u: Floats, v: Floats, parameters: int) -> tuple[Floats, float]:
    slope, level = np.polyfit(u, v, 1)
    steep = np.log(max(-slope, 1e-3))
    start = np.array([level, steep, v.min() - 1, steep, 0.0, 0.0])[:parameters]
    if function is _shift:
        start[2] = -u.max()
    if function is _sigmoid:
        start[3:] = v.max() + 0.5, 0.0

    def value(theta: Floats) -> float:
        gap = function(theta[None], u)[0][0] - v
        total = float(gap @ gap) / 2
        return total if np.isfinite(total) else 1e9

    with np.errstate(all="ignore"):
        found = optimize.minimize(value, start, method="Nelder-Mead", options={"maxiter": 200 * parameters})
    return np.asarray(found.x), float(found.fun)
