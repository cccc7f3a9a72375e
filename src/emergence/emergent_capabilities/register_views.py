"""The concept chapter: what each definition admits, which tests are missing, effects on one scale, and history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from emergence.shared.checks import asks, frame
from emergence.shared.fitting import wilson
from review_utils.records.references import load_references
from review_utils.records.register import NOT_TESTED, Finding, Measurement, Register, Shape
from review_utils.records.status import STRICT, Reading, Status, evaluate, members_of, was_tested
from review_utils.show import listed

TRIALS_AT_LEAST = 20
"""Fewer counted items than this are questions or runs that were each sampled many times, not independent trials."""

NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}
NAMED_AT_MOST = 3
"""A sentence names so many findings; more are counted."""


def criteria_frame(register: Register) -> pd.DataFrame:
    """Return the verdict of each inclusion criterion on each finding, one row a finding.

    Returns
    -------
    DataFrame
        finding, study, in_founding_notes, and a column for each criterion.
    """
    rows = [
        {"finding": f.id, "study": f.short, "in_founding_notes": f.in_founding_notes}
        | {name: judged.verdict for name, judged in f.criteria.items()}
        for f in register.findings
    ]
    return pd.DataFrame(rows, columns=["finding", "study", "in_founding_notes", *register.judged])


@dataclass(frozen=True)
class Definition:
    """A definition of emergence as criteria, and how strictly they are read."""

    name: str
    criteria: tuple[str, ...]
    admits: frozenset[str]


def definitions() -> list[Definition]:
    """Return the definitions that the founding notes give, each read strictly and leniently.

    The notes give two lists of three. "Not predictable from the objective alone" stands in the definition
    only and was recorded by no source, so that it is untested for every finding.
    """
    strict, lenient = frozenset({"met"}), frozenset({"met", "unclear", "untested", "not-reported"})
    inclusion = ("not_training_target", "scales", "observed")
    definition = ("not_training_target", "unpredictable", "scales")
    return [
        Definition("inclusion list (lines 31 to 33), every criterion met", inclusion, strict),
        Definition("inclusion list, none failed", inclusion, lenient),
        Definition("inclusion list without scale, both met", ("not_training_target", "observed"), strict),
        Definition("definition (line 3), every property met", definition, strict),
        Definition("definition, none failed", definition, lenient),
    ]


def admitted(register: Register, definition: Definition) -> list[Finding]:
    """Return the findings that a definition admits."""

    def verdict(finding: Finding, name: str) -> str:
        return "untested" if name == "unpredictable" else finding.criteria[name].verdict

    return [f for f in register.findings if all(verdict(f, name) in definition.admits for name in definition.criteria)]


def _names(register: Register) -> dict[str, str]:
    """Return the short name of each finding, with its work's letter or its id where others have the same."""
    shared = {name for name, count in Counter(f.short for f in register.findings).items() if count > 1}
    works = load_references(register.data) if shared else {}
    lettered = {f.id: f.short + (works[f.cite].letter if f.short in shared else "") for f in register.findings}
    twice = {name for name, count in Counter(lettered.values()).items() if count > 1}
    return {f.id: f"{f.short} ({f.id})" if lettered[f.id] in twice else lettered[f.id] for f in register.findings}


def structural_tests(register: Register) -> pd.DataFrame:
    """Return every structural test on every finding: finding, study, test, result.

    A test that a record does not mention, or of which it says that nothing was seen, is ``not reported``: a gap of the
    reading, and not the same as ``not run``, which a record says with the reading that shows it. Studies that share a short name are told apart by their letters in the bibliography, or by their ids.
    """
    names = _names(register)
    rows = []
    for finding in register.findings:
        results: dict[str, list[str]] = {}
        for test in finding.tests:
            results.setdefault(test.test, []).append(test.result)
        for kind in register.tests:
            found = results.get(kind.id, [])
            done = sorted({r for r in found if r not in NOT_TESTED})
            known = next((r for r in ("not-applicable", "not-run") if r in found), "not-reported")
            text = ", ".join(done) if done else known
            rows.append(
                {
                    "finding": finding.id,
                    "study": names[finding.id],
                    "test": kind.title,
                    "result": text.replace("-", " "),
                }
            )
    return pd.DataFrame(rows, columns=["finding", "study", "test", "result"])


def missing_tests(register: Register, reading: Reading = STRICT) -> pd.DataFrame:
    """Return the tests that a rule asks for and that a member lacks, the most telling first.

    Returns
    -------
    DataFrame
        shape, finding, test, settles (whether running it alone would codify the shape), also_missing (how many
        other members of that shape lack it).
    """
    rows = []
    for shape in register.shapes:
        for condition in shape.codify_when:
            if not condition.every_member_tested:
                continue
            members = members_of(register, shape, reading)
            lacking = [f for f in members if not was_tested(f, condition.every_member_tested, reading)]
            others = [
                c
                for c in evaluate(shape, members, reading, register.rule).blocking
                if condition.every_member_tested not in c.condition
            ]
            for finding in lacking:
                rows.append(
                    {
                        "shape": shape.id,
                        "finding": finding.id,
                        "test": condition.every_member_tested,
                        "settles": len(lacking) == 1 and not others,
                        "also_missing": len(lacking) - 1,
                    }
                )
    columns = ["shape", "finding", "test", "settles", "also_missing"]
    return pd.DataFrame(rows, columns=columns).sort_values(["also_missing", "shape", "finding"], ignore_index=True)


def _as_percent(value: float | None, unit: str) -> float | None:
    """Return a rate in percent, or None where the unit is not a rate."""
    if value is None:
        return None
    words = unit.split()
    if words[0] == "percent" and words[-1] not in ("increase", "baseline", "users"):
        return value
    if words[0] == "increase":
        return 100 * value
    if words[0] == "of" and words[1].isdigit():
        return 100 * value / int(words[1])
    return None


def _interval(measurement: Measurement, percent: float) -> tuple[float | None, float | None, str]:
    if measurement.interval:
        low, high = (_as_percent(end, measurement.unit) for end in measurement.interval)
        return low, high, measurement.interval_kind or "as printed"
    n, of = measurement.n, measurement.n_of or ""
    if n and n >= TRIALS_AT_LEAST and "runs" not in of and 0 <= percent <= 100:
        found = wilson(percent / 100 * n, n)
        return 100 * found.low, 100 * found.high, f"Wilson, n = {n:,}"
    return None, None, "none: n not reported, or not a count of trials"


def effects(register: Register) -> pd.DataFrame:
    """Return the measurements that are rates with a comparator of the same quantity, on one scale.

    Returns
    -------
    DataFrame
        finding, study, shape (the first that the finding is placed under), measurement, metric, condition,
        value, low, high (percent), interval, compared_with, comparator (percent), difference (points), ratio
        (missing when the comparator is 0), verified.
    """
    rows = []
    for finding in register.findings:
        places = [
            m.id for m in sorted(finding.shapes, key=lambda m: m.standing != "member") if m.standing != "declined"
        ]
        for m in finding.measurements:
            other = m.comparator
            if m.upper is not None or other is None or other.upper is not None or not other.same_measure:
                continue
            value, base = _as_percent(m.value, m.unit), _as_percent(other.value, m.unit)
            if value is None or base is None:
                continue
            low, high, kind = _interval(m, value)
            rows.append(
                {
                    "finding": finding.id,
                    "study": finding.short,
                    "shape": places[0] if places else "none",
                    "measurement": m.id,
                    "metric": m.metric,
                    "condition": m.condition,
                    "value": value,
                    "low": low,
                    "high": high,
                    "interval": kind,
                    "compared_with": other.condition,
                    "comparator": base,
                    "difference": value - base,
                    "ratio": value / base if base > 0 else None,
                    "verified": m.is_verified,
                }
            )
    columns = ["finding", "study", "shape", "measurement", "metric", "condition", "value", "low", "high", "interval"]
    columns += ["compared_with", "comparator", "difference", "ratio", "verified"]
    return pd.DataFrame(rows, columns=columns)


def codified_words(register: Register, statuses: Sequence[Status]) -> str:
    """Return in words which shapes meet their own rules.

    Parameters
    ----------
    register : Register
    statuses : sequence of Status
        Of the shapes to speak of, such as `status_of_all(register)`.
    """
    names = [f"“{register.shape(s.shape).title.lower()}”" for s in statuses if s.verdict == "codified"]
    if not names:
        return "none is codified"
    return f"{listed(names)} {'are' if len(names) > 1 else 'is'} codified"


def standing_words(register: Register, shape_id: str) -> str:
    """Return in words what is counted for a shape, its verdict, and what would lift what blocks it."""
    shape = next((s for s in register.shapes if s.id == shape_id), None)
    if shape is None:
        return f"The register has no shape {shape_id}."
    found = evaluate(shape, members_of(register, shape), rule=register.rule)
    examples = f"{found.count} example{'' if found.count == 1 else 's'}"
    start = f"{shape.title} has {examples} and is {found.verdict}"
    if not found.blocking:
        return f"{start}."
    lifts = []
    for condition, check in zip(shape.codify_when, found.checks, strict=True):
        test = condition.every_member_tested
        members = [register.finding(f) for f in found.members]
        lacking = [f.short for f in members if test and not was_tested(f, test)]
        if lacking:
            many = len(lacking) > NAMED_AT_MOST
            lifts.append(f"run the test on {f'{len(lacking)} of its examples' if many else listed(lacking)}")
        elif not check.holds:
            lifts.append(check.lifted_by)
    return f"{start}; what would lift that: {'; '.join(lifts)}."


def _asks(register: Register, shape: Shape) -> list[str]:
    """Return in words what a shape's rule asks for, a part for each condition."""
    tests = {test.id: test.title.lower() for test in register.tests}
    words = []
    for condition in shape.codify_when:
        if condition.min_examples is not None:
            n = condition.min_examples
            words.append(f"{NUMBERS.get(n, n)} example{'' if n == 1 else 's'}")
        elif condition.min_groups is not None:
            n = condition.min_groups
            words.append(f"{NUMBERS.get(n, n)} independent group{'' if n == 1 else 's'}")
        elif condition.every_member_tested is not None:
            test = condition.every_member_tested
            words.append(f"the test “{tests.get(test, test)}” on every one")
        elif condition.example_outside is not None:
            words.append(f"one of them outside {register.shape(condition.example_outside).title.lower()}")
        else:
            words.append("a decision and no number")
    return words or ["nothing"]


def rules_asked(register: Register) -> list[tuple[str, list[str]]]:
    """Return what the rules of the founding notes' shapes ask for, the longest rule first, with the shapes that ask it."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for shape in register.shapes:
        if shape.in_founding_notes:
            alike.setdefault(tuple(_asks(register, shape)), []).append(shape.title)
    return [(listed(asked), names) for asked, names in sorted(alike.items(), key=lambda pair: -len(pair[0]))]


def nearest_words(register: Register, statuses: Sequence[Status]) -> str:
    """Return in words which shapes that do not meet their rules are nearest to it, and what each lacks.

    First those with examples enough that lack a test on some of them, then those that one more example would codify.
    """
    held = [s for s in statuses if s.verdict == "held"]
    names = {f.id: f.short for f in register.findings}
    rules = {shape.id: shape.codify_when for shape in register.shapes}
    said = []
    for status in held:
        tests = [c.every_member_tested for c in rules[status.shape] if c.every_member_tested]
        lacking = sorted({f for t in tests for f in status.members if not was_tested(register.finding(f), t)})
        blocked = {check.condition for check in status.blocking}
        if lacking and all(condition.startswith("every member tested") for condition in blocked):
            named = f", {listed([names[f] for f in lacking])}" if len(lacking) <= NAMED_AT_MOST else ""
            said.append(
                f"{register.shape(status.shape).title.lower()} has its examples and lacks a test on {len(lacking)} of"
                f" {status.count}{named}"
            )
    short = [
        register.shape(s.shape).title.lower()
        for s in held
        if any(m == "held becomes codified if one more example lands" for m in s.margin)
    ]
    if short:
        many = f"{NUMBERS.get(len(short), len(short))} shapes"
        said.append(f"one more example would do for {listed(short) if len(short) <= NAMED_AT_MOST else many}")
    return f"Of those that do not meet their rules, {'; '.join(said)}." if said else "No other shape is near its rule."


@asks(missing=frame("test", "shape", "settles"))
def missing_words(register: Register, missing: pd.DataFrame) -> str:
    """Return in words which kinds of test the missing ones are, and for which shapes a rule asks for them.

    Parameters
    ----------
    register : Register
    missing : DataFrame
        From `missing_tests`.
    """
    if missing.empty:
        return "No rule asks for a test that a member lacks."
    kinds = {t.id: t.title.lower() for t in register.tests}
    tests = listed(sorted({kinds.get(t, t) for t in missing.test}))
    shapes = listed(sorted({register.shape(s).title.lower() for s in missing["shape"]}))
    alone = int(missing.settles.sum())
    settles = f"{alone} of them would settle a shape alone" if alone else "none of them would settle a shape alone"
    return f"They ask “{tests}”, for {shapes}; {settles}."
