"""Which interventions hold away from the test that they were made for."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from emergence.records.mitigations import CONDITION_WORDS, Mitigations
from emergence.shared.checks import asks, frame

EFFECTS = ("works", "partly", "fails", "backfires")
"""Outcomes of a test, from best to worst."""

OFF_DISTRIBUTION = ("conditional-trigger", "agentic", "further-training")
"""Conditions away from the usual questions; what an intervention costs is no such condition."""

_CELLS = [
    "intervention", "title", "kind", "condition", "behaviour", "model", "study", "effect", "before", "before_unit",
    "before_is", "after", "after_unit", "printed", "read", "locator", "note",
]  # fmt: skip


_OF_A_CELL = ("condition", "behaviour", "model", "study", "effect", "before_is", "read", "locator")


def mitigation_cells(mitigations: Mitigations) -> pd.DataFrame:
    """Return every record of a test, or of a gap, as one row.

    Returns
    -------
    DataFrame
        intervention (id), title, kind, condition, behaviour, model, study, effect, before and after (values in
        before_unit and after_unit; missing where none was read), before_is, printed (the numbers as prose shows them),
        read, locator, note. Of a range its upper end.
    """
    rows = []
    for item in mitigations:
        for cell in item.cells:
            before, after = mitigations.value(cell, cell.before), mitigations.value(cell, cell.after)
            said = {name: mitigations.printed(cell, getattr(cell, name)) for name in ("before", "after", "amount")}
            change = f"{said['before']} → {said['after']}" if said["before"] and said["after"] else ""
            rows.append(
                {
                    **dict(zip(("before", "before_unit"), before or (None, None), strict=True)),
                    **dict(zip(("after", "after_unit"), after or (None, None), strict=True)),
                    **{name: getattr(item, name) for name in ("title", "kind")},
                    **{name: getattr(cell, name) for name in _OF_A_CELL},
                    "intervention": item.id,
                    "printed": change
                    or said["after"]
                    or said["amount"]
                    or (said["before"] and f"from {said['before']}"),
                    "note": cell.note or "",
                }
            )
    return pd.DataFrame(rows, columns=_CELLS).astype({"before": float, "after": float})


_ASKED = frame("intervention", "condition", "effect", "study", "read")


def _conditions(name: str, value: object) -> None:
    given = [value] if isinstance(value, str) or not isinstance(value, Sequence) else value
    if given is not value or not given or any(one not in CONDITION_WORDS for one in given):
        raise ValueError(f"{name}: given {value!r:.60}; needed: a list of some of {', '.join(CONDITION_WORDS)}")


def _tests(cells: pd.DataFrame) -> pd.DataFrame:
    unknown = sorted(set(cells.effect) - {*EFFECTS, "untested"})
    if unknown:
        raise ValueError(f"effects {', '.join(unknown)}; needed: {', '.join(EFFECTS)} or untested")
    return cells[cells.effect != "untested"]


@asks(cells=_ASKED)
def mitigation_matrix(cells: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each intervention and condition under which it was tested.

    Parameters
    ----------
    cells : DataFrame
        From `mitigation_cells`; of it intervention, condition, effect, study and read are used.

    Returns
    -------
    DataFrame
        intervention, condition, worst (of the effects found), effects (those found, from best to worst), records,
        studies (how many), second_hand (whether no record was read in the source itself). Gaps have no row.
    """
    rows = []
    for (name, condition), part in _tests(cells).groupby(["intervention", "condition"], sort=False):
        met = set(part.effect)
        found = tuple(effect for effect in EFFECTS if effect in met)
        second_hand = "primary" not in set(part.read)
        rows.append((name, condition, found[-1], found, len(part), part.study.nunique(), second_hand))
    columns = ["intervention", "condition", "worst", "effects", "records", "studies", "second_hand"]
    return pd.DataFrame(rows, columns=columns)


@asks(cells=_ASKED, conditions=_conditions)
def mitigations_holding(cells: pd.DataFrame, conditions: Sequence[str] = OFF_DISTRIBUTION) -> pd.DataFrame:
    """Return, for each condition, how many interventions were tested under it and how many held.

    Returns
    -------
    DataFrame
        Indexed by condition: tested, hold (every record says works), some_hold (at least one does), backfire (at least
        one does), studies (how many distinct ones), second_hand (interventions without a record read at the source).

    Raises
    ------
    ValueError
        On an effect or a condition that is none of ours, and on a table without its columns.
    """
    matrix = mitigation_matrix(cells)
    tests = _tests(cells)
    rows = []
    for condition in conditions:
        part = matrix[matrix.condition == condition]
        rows.append(
            {
                "condition": condition,
                "tested": len(part),
                "hold": int((part.effects == ("works",)).sum()),
                "some_hold": sum("works" in effects for effects in part.effects),
                "backfire": int((part.worst == "backfires").sum()),
                "studies": int(tests[tests.condition == condition].study.nunique()),
                "second_hand": int(part.second_hand.sum()),
            }
        )
    return pd.DataFrame(rows).set_index("condition")


@asks(cells=_ASKED, conditions=_conditions)
def mitigations_on_both(cells: pd.DataFrame, conditions: Sequence[str] = OFF_DISTRIBUTION) -> pd.DataFrame:
    """Return, for each condition, what the same interventions do there and on the usual questions, and single records.

    Whether an intervention holds in every record is harder to meet the more records there are, and different
    interventions are tested under different conditions: those tested under both, and the share of single records that
    say works, are compared on equal terms.

    Returns
    -------
    DataFrame
        Indexed by condition: both (interventions tested there and on the usual questions), usual_hold and hold (of
        these, in every record on the usual questions, and there), records (of tests there), works (of these), studies
        (that these records come from), all_work (studies of which every record there says works) and most (records of
        the study with most: one that tests many interventions, or one in several models, is no independent sample).
    """
    matrix, tests = mitigation_matrix(cells), _tests(cells)
    holding = matrix.assign(holds=matrix.effects == ("works",)).set_index("intervention")
    usual = holding[holding.condition == "standard-test"].holds
    rows = []
    for condition in conditions:
        there = holding[holding.condition == condition].holds
        both = there.index.intersection(usual.index)
        found = tests[tests.condition == condition]
        works = found.effect == "works"
        by_study = works.groupby(found.study)
        rows.append(
            {
                "condition": condition,
                "both": len(both),
                "usual_hold": int(usual[both].sum()),
                "hold": int(there[both].sum()),
                "records": len(found),
                "works": int(works.sum()),
                "studies": by_study.ngroups,
                "all_work": int(by_study.all().sum()),
                "most": int(by_study.size().max()) if len(found) else 0,
            }
        )
    return pd.DataFrame(rows).set_index("condition")


@asks(
    cells=frame(
        "intervention",
        "title",
        "model",
        "study",
        "read",
        "condition",
        "before",
        "before_is",
        "before_unit",
        "after",
        "after_unit",
    )
)
def usual_and_trigger(cells: pd.DataFrame) -> pd.DataFrame:
    """Return every rate under a trigger, beside the rate on the usual questions of the same study where both were read.

    Returns
    -------
    DataFrame
        intervention, title, model, study, read, usual (missing where it was not read) and trigger, both shares in
        percent, trigger descending. Rows whose trigger rate is not in percent are left out.
    """
    part = cells[(cells.condition == "conditional-trigger") & cells.after.notna() & (cells.after_unit == "percent")]
    usual = part.before.where((part.before_is == "usual-questions") & (part.before_unit == "percent"))
    out = part.assign(usual=usual, trigger=part.after)
    names = ["intervention", "title", "model", "study", "read", "usual", "trigger"]
    return out[names].sort_values("trigger", ascending=False, kind="stable", ignore_index=True)
