"""What people did to guide or constrain what emerges: ``data/interventions.yml``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from review_utils.records.reading import Record, RecordError, Slug, Text, did_you_mean, parse_list, read_yaml
from review_utils.records.register import Register, load_register

INTERVENTION_KINDS = {
    "inoculation": "inoculation",
    "data-mixture": "data mixture",
    "data-filtering": "data filtering",
    "penalty": "penalty",
    "ablation-or-steering": "ablation or steering",
    "early-suppression": "early suppression",
    "re-alignment": "re-alignment",
}


class Effect(Record):
    """A number of the register that measures an intervention, and how to read it."""

    measurement: Slug
    reads: Literal["rate", "reduction", "value", "comparator"]
    unit: Text | None = None


class OutOfDistribution(Record):
    """Whether an effect was tested away from what it was trained on."""

    verdict: Literal["tested", "partly", "unclear", "not-tested", "not-needed"]
    because: Text


class Intervention(Record):
    """What someone did to guide or constrain what emerges, with its effect in the register's own numbers."""

    id: Slug
    title: Text
    kind: Literal[
        "inoculation", "data-mixture", "data-filtering", "penalty", "ablation-or-steering", "early-suppression", "re-alignment"
    ]  # fmt: skip
    finding: Slug
    result: Literal["removes", "reduces", "none", "contested"]
    effect: Effect | None = None
    side_effect: Effect | None = None
    leaves: Text
    cost: Text
    cost_measurement: Slug | None = None
    out_of_distribution: OutOfDistribution


def load_interventions(data: Path, register: Register | None = None) -> list[Intervention]:
    """Return the interventions of ``data/interventions.yml``, checked against the register.

    Raises
    ------
    RecordError
        With every problem: unknown fields, ids given twice, findings or measurements that there are not.
    """
    located = read_yaml(data / "interventions.yml")
    found = parse_list(Intervention, located)
    register = register or load_register(data)
    now = register.aliases
    found = [i.model_copy(update={"finding": now[i.finding]}) if i.finding in now else i for i in found]
    measurements = {f.id: {m.id for m in f.measurements} for f in register.findings}
    problems = []
    for i, item in enumerate(found):
        if item.id in {other.id for other in found[:i]}:
            problems.append(located.problem((i, "id"), item.id, "an id of its own"))
        if item.finding not in measurements:
            problems.append(
                located.problem(
                    (i, "finding"),
                    item.finding,
                    "a finding of the register" + did_you_mean(item.finding, measurements),
                )
            )
            continue
        named = {
            "effect": item.effect and item.effect.measurement,
            "side_effect": item.side_effect and item.side_effect.measurement,
            "cost_measurement": item.cost_measurement,
        }
        for field, name in named.items():
            if name and name not in measurements[item.finding]:
                problems.append(located.problem((i, field), name, f"a measurement of {item.finding}"))
    if problems:
        raise RecordError(problems)
    return found


@dataclass(frozen=True)
class Reduction:
    """By what share an intervention lowered what it was meant to lower: percent, lowest and highest figure given."""

    low: float
    high: float
    verified: bool


def reduction(item: Intervention, register: Register) -> Reduction | None:
    """Return the effect of an intervention as a reduction in percent, or None where the register has no number.

    A measurement that gives a rate is read against its comparator: 100 * (1 - rate / comparator).
    """
    if item.effect is None:
        return None
    measurement = next(m for m in register.finding(item.finding).measurements if m.id == item.effect.measurement)
    value, compared = measurement.value, measurement.comparator.value if measurement.comparator else None
    assert value is not None
    if item.effect.reads == "rate":
        if not compared:
            raise ValueError(f"{item.id}: its measurement has no comparator above 0; needed: a rate to compare with")
        share = 100 * (1 - value / compared)
        return Reduction(share, share, measurement.is_verified)
    ends = [value, measurement.upper if measurement.upper is not None else value]
    if item.result == "contested" and compared is not None:
        ends.append(compared)
    return Reduction(min(ends), max(ends), measurement.is_verified)
