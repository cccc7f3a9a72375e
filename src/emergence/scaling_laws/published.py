"""Published laws, built from the constants that papers print."""

from __future__ import annotations

import numpy as np
import pandas as pd

from emergence.scaling_laws.laws import (
    PARAMETERS,
    AdditiveLaw,
    Domain,
    PowerAllocation,
    PowerLaw,
    RepeatedDataLaw,
    RoutedLaw,
)
from review_utils.data.tables import describe, table


def kaplan_constant(relation: str, symbol: str) -> float:
    """Return one constant of Kaplan et al. 2020 by the relation and symbol it is printed with."""
    rows = table("kaplan2020_constants").query("relation == @relation and symbol == @symbol")
    if len(rows) != 1:
        raise KeyError(f"no single constant {symbol} of {relation} in kaplan2020_constants")
    return float(rows["value"].iloc[0])


def fitted_domain(law: str) -> Domain:
    """Return the runs that a law was fitted to, by the short key of the law in ``law_domains``."""
    known = table("law_domains")
    if law not in set(known["law"]):
        raise KeyError(f"no law {law} in law_domains; there are: {', '.join(sorted(set(known['law'])))}")
    rows = known.query("law == @law").set_index("quantity")
    return Domain(**{str(q): (float(row["low"]), float(row["high"])) for q, row in rows.iterrows()})


def _additive(name: str, table_name: str, column: str, domain: str) -> AdditiveLaw:
    values = table(table_name).set_index("parameter")[column]
    constants = {parameter: float(values[parameter]) for parameter in PARAMETERS}
    return AdditiveLaw(name=name, cite=describe(table_name).cite, **constants, domain=fitted_domain(domain))


def repeated_data_law() -> RepeatedDataLaw:
    """Return the law of Muennighoff et al. 2023, with the constants of their repository."""
    value = table("muennighoff2023_constants").set_index("symbol")["value"].map(float)
    exponent = value["alpha"]
    e, a, b = (float(np.exp(value[symbol])) for symbol in ("ln_E", "ln_A", "ln_B"))
    domain = fitted_domain("muennighoff")
    unique = AdditiveLaw("Muennighoff 2023", "muennighoff2023scaling", e, a, b, exponent, exponent, domain)
    return RepeatedDataLaw(unique, value["R_D_star"], value["R_N_star"])


def served_laws() -> dict[str, AdditiveLaw]:
    """Return the fits of Sardana et al. 2024 by the longest runs that entered each, in tokens for each parameter."""
    return {
        str(row.longest): AdditiveLaw(
            f"Sardana 2024, {row.longest}", "sardana2024beyond",
            float(row.E), float(row.A), float(row.B), float(row.alpha), float(row.beta), fitted_domain("sardana"),
        )
        for row in table("sardana2024_fits").itertuples()
    }  # fmt: skip


def routed_laws() -> dict[str, RoutedLaw]:
    """Return the law of Clark et al. 2022 for each way of routing."""
    return {
        str(row.method): RoutedLaw(
            f"Clark 2022, {row.method}", "clark2022unified",
            float(row.a), float(row.b), float(row.c), float(row.d), float(row.expert_start), float(row.expert_max),
        )
        for row in table("clark2022_routing").itertuples()
    }  # fmt: skip


def henighan_laws() -> dict[tuple[str, str], PowerLaw]:
    """Return the laws of Henighan et al. 2020 by domain and by what is scaled, ``params`` or ``compute``.

    Compute is in FLOP; the fitted range is known for parameters only.
    """
    return {
        (str(row.domain), str(row.scaled)): PowerLaw(
            f"Henighan 2020, {row.domain}",
            "henighan2020scaling",
            float(row.scale),
            float(row.exponent),
            0.0 if pd.isna(row.floor) else float(row.floor),
            (float(row.params_low), float(row.params_high)) if row.scaled == "params" else None,
        )
        for row in table("henighan2020_fits").itertuples()
    }


def kaplan_power_law(relation: str, scale: str, exponent: str) -> PowerLaw:
    """Return one of Kaplan's laws in one quantity, written there as ``(x_c / x)**alpha``."""
    alpha = kaplan_constant(relation, exponent)
    return PowerLaw("Kaplan 2020", "kaplan2020scaling", kaplan_constant(relation, scale) ** alpha, alpha)


def published_laws() -> dict[str, AdditiveLaw | PowerAllocation]:
    """Return the laws that say how to divide a budget, by a short key, with constants from the tables."""
    return {
        "kaplan": PowerAllocation(
            "Kaplan 2020",
            "kaplan2020scaling",
            kaplan_constant("N_opt", "N_e"),
            kaplan_constant("N_opt", "p_N"),
            fitted_domain("kaplan"),
        ),
        "hoffmann-printed": _additive(
            "Hoffmann 2022, as printed", "hoffmann2022_parametric_fit", "printed", "hoffmann"
        ),
        "hoffmann-unrounded": _additive(
            "Hoffmann 2022, unrounded", "hoffmann2022_parametric_fit", "unrounded", "hoffmann"
        ),
        "muennighoff": repeated_data_law().unique,
        "besiroglu": _additive("Besiroglu 2024", "besiroglu2024_refit", "estimate", "hoffmann"),
        "sardana": served_laws()["all runs"],
    }
