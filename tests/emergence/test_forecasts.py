"""The ledger of forecasts: seals, refusals, settlement by rule, scores."""

from __future__ import annotations

import copy
import datetime as dt
import io
import json
import re
import shutil
import subprocess
import tarfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from emergence.capability_precursors import ledger
from emergence.records import forecasts as fl
from emergence.records import snapshots as kept
from review_book.commands.main import main
from review_utils.records.reading import RecordError, read_yaml
from review_utils.records.register import load_register

MADE = dt.date(2026, 11, 24)
FIRST = "498e10d37311a2a7"
"""Digest of the snapshot of the first day."""


@pytest.fixture
def asked(data):
    """The same without a rule that makes kinds of question void."""
    (data / "forecasts" / fl.VOID).unlink()
    return data


@pytest.fixture(autouse=True)
def later(monkeypatch):
    """A day on which all that is asked here has come."""
    monkeypatch.setattr(fl, "newest_day", lambda: dt.date(2030, 1, 1))


@pytest.fixture
def data(root, tmp_path):
    """A copy of the records with the forecasts, and the analyses that they point at."""
    shutil.copytree(root / "data", tmp_path / "data", ignore=shutil.ignore_patterns("external", "lab"))
    shutil.copytree(root / "analyses", tmp_path / "analyses")
    return tmp_path / "data"


def _edit(data, old, new, name="2026-11-24.yml"):
    path = data / "forecasts" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_filed_forecasts_are_sound(root):
    """At least twelve forecasts are filed, each sealed and, by what was known, open on the day it was made."""
    register = kept.load_snapshots(root / "data")[FIRST].register
    known = [f for f in fl.load_forecasts(root / "data") if f.made_on == MADE]

    assert len(known) >= 12
    assert len({f.id for f in known}) == len(known)
    assert all(fl.resolve(f, register, f.made_on) is None for f in known)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'0.5': 1393.0", "'0.5': 1394.0"),
        ("probability: 0.1842", "probability: 0.1843"),
        ("resolves_by: 2027-03-31", "resolves_by: 2027-04-30"),
        ("released by 2027-03-31", "released before 2027-03-31"),
        ("made_on: 2026-11-24", "made_on: 2026-11-23"),
    ],
)
def test_an_edit_after_filing_is_refused(data, old, new):
    """A changed number, date or word breaks the seal, and the message says what was filed and when."""
    _edit(data, old, new)
    with pytest.raises(RecordError, match="as it was filed on 2026-11-2"):
        fl.load_forecasts(data)


def test_an_edit_with_its_seal_made_anew_is_refused(data):
    """Whoever recomputes the seal as well meets the seals file, which keeps the one that was filed."""
    path = data / "forecasts" / "2026-11-24.yml"
    items = yaml.safe_load(path.read_text(encoding="utf-8"))
    items[0]["quantiles"]["0.95"] = 9999.0
    bare = fl.Forecast.model_validate({**items[0], "made_on": str(items[0]["made_on"]), "resolves_by": str(items[0]["resolves_by"])})  # fmt: skip
    items[0]["seal"] = fl.seal_of(fl._filed(bare))
    path.write_text(yaml.safe_dump(items, sort_keys=False), encoding="utf-8")
    with pytest.raises(RecordError, match="the seal that was filed, 31ace17be07973b3"):
        fl.load_forecasts(data)


def test_seals_are_never_edited_and_forecasts_never_withdrawn(data):
    """A changed line of the seals breaks their chain; a forecast that is gone leaves its seal behind."""
    kept = (data / "forecasts" / fl.SEALS).read_text(encoding="utf-8")
    _edit(data, "31ace17be07973b3", "31ace17be07973b4", fl.SEALS)
    with pytest.raises(RecordError, match="seals are never edited"):
        fl.load_forecasts(data)
    (data / "forecasts" / fl.SEALS).write_text(kept, encoding="utf-8")
    path = data / "forecasts" / "2026-11-24.yml"
    items = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(items[1:], sort_keys=False), encoding="utf-8")
    with pytest.raises(RecordError, match="may not be withdrawn"):
        fl.load_forecasts(data)


def _draft(**change):
    return {
        "id": "concealed-content-evidence", "question": "Will concealed content have the level of evidence?",
        "made_on": "2025-06-30", "resolves_by": "2026-06-30", "method": "a guess",
        "analysis": "capability_precursors/forecast_ledger",
        "rule": {"kind": "shape-reaches", "shape": "concealed-content", "status": "evidence"}, "probability": 0.3, **change,
    }  # fmt: skip


def _table_draft():
    return {
        "id": "horizons", "question": "How long is the longest horizon?", "made_on": "2026-11-25",
        "resolves_by": "2027-06-30", "method": "a guess", "analysis": "capability_precursors/forecast_ledger",
        "rule": {"kind": "table-most", "table": "metr2026_horizons", "column": "minutes", "date": "released"},
        "quantiles": {"0.1": 1.0, "0.5": 2.0, "0.9": 3.0},
    }  # fmt: skip


def test_a_forecast_is_filed_and_found_again(asked):
    """Filing appends a file and a chained seal; the ledger then holds the forecast, and the same id is refused."""
    register = replace(kept.load_snapshots(asked)[FIRST].register, data=asked)
    before = len(fl.load_forecasts(asked, register))
    filed = fl.file_forecast(_draft(), asked, register)

    known = fl.load_forecasts(asked, register)
    assert len(known) == before + 1
    assert known[-1] == filed
    with pytest.raises(ValueError, match="one of its own"):
        fl.file_forecast(_draft(), asked, register)
    with pytest.raises(ValueError, match="given the question of concealed-content-evidence; needed: one that is not"):
        fl.file_forecast(_draft(id="other", probability=0.9), asked, register)


def test_a_file_whose_last_line_has_no_end_takes_another_forecast(data):
    """Forecast and seal stand on lines of their own also where an editor left the last line without an end."""
    draft, register = _table_draft(), load_register(data)
    fl.file_forecast(draft, data, register)
    for name in ("2026-11-25.yml", fl.SEALS):
        path = data / "forecasts" / name
        path.write_text(path.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")

    filed = fl.file_forecast({**draft, "id": "another", "question": "How long is another?"}, data, register)

    assert filed in fl.load_forecasts(data, register)


def test_a_question_that_is_settled_takes_no_forecast(asked):
    """A forecast of what had happened is refused on filing, and in a file where its own snapshot shows it settled."""
    register = replace(kept.load_snapshots(asked)[FIRST].register, data=asked)
    with pytest.raises(ValueError, match="settled on 2025-11-21"):
        fl.file_forecast(_draft(made_on="2026-01-31"), asked, register)
    path = asked / "forecasts" / kept.FOLDER / "2026-11-24.json"
    then = json.loads(path.read_text(encoding="utf-8"))
    next(s for s in then["shapes"] if s["id"] == "character-conditioning")["evidence_at"] = 1
    path.write_text(json.dumps(then), encoding="utf-8")
    with pytest.raises(RecordError, match=r"character|made_on: given 2026-11-24; needed: a day before"):
        fl.load_forecasts(asked, register)


def test_a_later_correction_of_the_record_leaves_filed_forecasts_as_they_are(data):
    """A date corrected so that a question would have been settled before it was asked: the ledger loads as before."""
    register = load_register(data)
    before = fl.load_forecasts(data, register)
    early = [f.model_copy(update={"published": "2023-01", "shapes": [s.model_copy(update={"standing": "member"}) for s in f.shapes]}) for f in register.findings]  # fmt: skip
    corrected = replace(register, findings=tuple(early))

    settled = [f for f in before if fl.resolve(f, corrected, f.made_on)]
    assert settled, "the correction settles at least one question before its day"
    assert fl.load_forecasts(data, corrected) == before


def test_a_filed_forecast_keeps_what_it_was_made_from(data):
    """Filing writes a snapshot, seals its digest, and writes a second where the record changed on the same day."""
    register = load_register(data)
    draft = _table_draft()
    first = fl.file_forecast(draft, data, register)
    fewer = replace(register, findings=register.findings[1:])
    second = fl.file_forecast({**draft, "id": "another", "question": "How long is another?"}, data, fewer)
    again = fl.file_forecast({**draft, "id": "a-third", "question": "How long is a third?"}, data, register)

    snapshots = kept.load_snapshots(data)
    assert first.snapshot == again.snapshot != second.snapshot
    assert len(snapshots[first.snapshot].findings) == len(snapshots[second.snapshot].findings) + 1
    path = data / "forecasts" / kept.FOLDER / "2026-11-25.json"
    path.write_text(path.read_text(encoding="utf-8").replace("719", "720"), encoding="utf-8")
    with pytest.raises(RecordError, match="what a forecast was made from is kept as it was"):
        fl.load_forecasts(data, register)


def test_questions_about_our_own_editing_are_void(data):
    """Kinds that data name are shown, not scored, not filed; what ended before the rule keeps its score."""
    register, rules = load_register(data), fl.load_void(data)
    known = fl.load_forecasts(data, register)

    void = {f.id for f in known if fl.void_by(f, rules)}
    assert void == {f.id for f in known if f.rule.kind in ("shape-reaches", "findings-published")}
    with pytest.raises(ValueError, match="are void since 2026-11-25"):
        fl.file_forecast(_draft(resolves_by="2027-06-30", made_on="2026-11-25"), data, register)
    ended = fl.Forecast.model_validate({**_draft(), "seal": "0" * 16})
    assert fl.void_by(ended, rules) is None
    path = data / "forecasts" / fl.VOID
    path.write_text(path.read_text(encoding="utf-8") * 2, encoding="utf-8")
    with pytest.raises(RecordError, match="each kind once"):
        fl.load_void(data)
    path.write_text(
        path.read_text(encoding="utf-8").replace("kind: shape-reaches", "kind: at-address"), encoding="utf-8"
    )
    with pytest.raises(RecordError, match="one of shape-reaches, findings-published"):
        fl.load_void(data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"table": "nothing_here"}, "nothing_here"),
        ({"column": "hours"}, "column: given hours; needed: a column of metr2026_horizons"),
        ({"column": "model"}, "a column of numbers"),
    ],
)
def test_a_forecast_of_no_number_is_refused_when_it_is_filed(data, change, said):
    """A table or column that there is not, or one of words, is refused on filing and not first when it is due."""
    draft = _table_draft()
    with pytest.raises(ValueError, match=said):
        fl.file_forecast({**draft, "rule": {**draft["rule"], **change}}, data, load_register(data))


def _with_reasons(old, now):
    """Fill in what records have to say since then, and no snapshot holds: reasons, files of later kinds, no measurements."""
    for path in now.glob("*.yml"):
        if not (old / path.name).exists():
            shutil.copy(path, old / path.name)
    for path in (old / "findings").glob("*.yml"):
        record = copy.deepcopy(read_yaml(path).data)  # what was read is shared by all who read the same text
        record |= {"measurements": [], "scale": {"measured": False}}
        for one in record.get("tests", []):
            if one["result"] == "not-run":
                one.setdefault("note", "not said then")
        path.write_text(yaml.safe_dump(record, sort_keys=False, allow_unicode=True), encoding="utf-8")


def test_the_first_snapshot_is_what_git_holds(root, tmp_path):
    """The snapshot of the first day equals one taken from the commit in which its forecasts were filed."""
    found = subprocess.run(["git", "archive", "5ce1e02", "data"], cwd=root, capture_output=True, check=False)
    if found.returncode:
        pytest.skip("the history of the repository is not here")
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
        archive.extractall(tmp_path, filter="data")
    _with_reasons(tmp_path / "data", root / "data")
    then = kept.load_snapshots(root / "data")[FIRST]
    again = kept.take(load_register(tmp_path / "data"), MADE, ["metr2026_horizons"], then.taken_from)

    assert kept.digest_of(again) == FIRST


def test_questions_settle_by_dates_of_publication(root):
    """A shape settles yes on the day its level was reached, no at the end; before either it is open."""
    register = kept.load_snapshots(root / "data")[FIRST].register
    asked = fl.Forecast.model_validate({**_draft(), "seal": "0" * 16})

    assert fl.resolve(asked, register, dt.date(2025, 11, 20)) is None
    assert fl.resolve(asked, register, dt.date(2026, 1, 1)) == fl.Outcome(dt.date(2025, 11, 21), 1.0)
    never = fl.Forecast.model_validate({**_draft(rule={"kind": "shape-reaches", "shape": "concealed-content", "status": "codified"}), "seal": "0" * 16})  # fmt: skip
    assert fl.resolve(never, register, dt.date(2026, 12, 1)) == fl.Outcome(dt.date(2026, 6, 30), 0.0)
    counted = fl.Forecast.model_validate({**_draft(rule={"kind": "findings-published"}, probability=None, quantiles={"0.1": 1.0, "0.5": 2.0, "0.9": 3.0}), "seal": "0" * 16})  # fmt: skip
    assert fl.resolve(counted, register, dt.date(2026, 6, 29)) is None
    assert fl.resolve(counted, register, dt.date(2026, 6, 30)).value == len([f for f in register.findings if f.published[:7] <= "2026-06"])  # fmt: skip


@pytest.mark.parametrize("answer", [{"value": 81.0}, {"void_because": "the page was gone"}])
def test_what_is_read_on_a_day_to_come_is_refused(data, monkeypatch, answer):
    """An answer is written down once it was read: one of a day that has not come would settle or void a question unread."""
    register = load_register(data)
    fl.file_forecast(_address_draft(), data, register)
    where = {"address": "https://example.org/best", "read": "as it stood"}
    _read_there(data, {"forecast": "horizons", "day": "2027-06-30", **answer, **where})
    monkeypatch.setattr(fl, "newest_day", lambda: dt.date(2027, 6, 30))
    fl.load_forecasts(data, register)

    monkeypatch.setattr(fl, "newest_day", lambda: dt.date(2027, 6, 29))
    with pytest.raises(RecordError, match="a day that is not after today"):
        fl.load_forecasts(data, register)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"question": "How high is it by 2028-12-31?"}, "the last day that the question names, 2028-12-31"),
        ({"question": "How high was it in 2026-11?"}, "the last day that the question names, 2026-11"),
        ({"question": "How high is it, in minutes, by 2027-06-30?"}, "minutes, in which the question asks"),
        ({"question": "How low is it?", "rule": {"table": "metr2026_horizons"}}, "a unit of metr2026_horizons"),
        ({"id": "again", "rule": {"read": "otherwise said", "table": None}}, "one that is not asked already"),
        ({"question": "How high is it by June 2028?"}, "the last day that the question names, 2028-06"),
        ({"id": "best-2027-03-31", "question": "How low?"}, "the last day that the id names, 2027-03-31"),
        (
            {"rule": {"read": "On 2027-12-31, the largest."}, "question": "How low?"},
            "rule.read: given 2027-12-31; needed: what stands there on 2027-06-30",
        ),
        (
            {"rule": {"read": "On 2027-03-31, the largest."}, "question": "How low?"},
            "rule.read: given 2027-03-31; needed: what stands there on 2027-06-30",
        ),
        (
            {"rule": {"read": "On the last day, the smallest score."}, "question": "How low?"},
            "rule.read: given smallest; needed: the largest number",
        ),
    ],
)
def test_a_question_whose_words_and_fields_part_is_not_filed(data, change, said):
    """A seal is for good: another last day or unit than the words name, and a question asked already, are refused before."""
    register = load_register(data)
    fl.file_forecast(_address_draft(), data, register)
    with pytest.raises(ValueError, match=said):
        fl.check_draft(_address_draft(**{"id": "other", **change}), data, register)


def _marked(question, mark, probability=0.4, field="reaches", known=70.0, **change):
    so_far = {"value": known, "on": "2026-11-01", "cite": "metr2026mythos", "locator": "page"}
    rule = {"largest": False, field: mark, "so_far": so_far, "read": "the largest number"}
    return _address_draft(question=question, rule=rule, quantiles=None, probability=probability, **change)


def _filed(*args, **change):
    return fl.Forecast.model_validate({**_marked(*args, **change), "seal": "0" * 16})


@pytest.mark.parametrize(
    ("question", "mark", "field", "said"),
    [
        ("Will it reach 80 percent by 2027-06-30?", 90.0, "reaches", "rule.reaches: given 90; needed: 80, which the question names in percent"),
        ("Will it stay below 80 percent until 2027-06-30?", 80.0, "reaches", "question: given stay below 80 percent; needed: a question that is yes where"),
        ("Will it never reach 80 percent?", 80.0, "reaches", "question: given never reach 80 percent; needed: a question that is yes where"),
        ("Will it be below 80 percent?", 80.0, "reaches", "rule.reaches: given 80; needed: the side that the question asks for: below 80 percent"),
        ("Will it be above 60 percent?", 60.0, "falls_below", "rule.falls_below: given 60; needed: the side that the question asks for: above 60 percent"),
        ("Will it reach 80 percent on 50 tasks?", 80.0, "reaches", None),
        ("Will it fall below 60 percent?", 60.0, "falls_below", None),
    ],
)  # fmt: skip
def test_a_mark_is_the_one_in_the_words_and_passed_from_their_side(question, mark, field, said):
    """A forecast is scored by its rule: another mark than the question names, or its opposite, is refused before it is sealed."""
    found = [
        f"{at}: given {given}; needed: {needed}" for at, given, needed in fl._unfit(_filed(question, mark, field=field))
    ]
    assert not found if said is None else said in found[0]


@pytest.mark.parametrize(
    ("question", "mark", "said"),
    [
        ("Is a horizon of 50 hours published?", 3000.0, None),
        ("Is a horizon of more than 50 hours published?", 2400.0, "given 2400; needed: 3000, the 50 hours of the question in minutes"),
        ("Is no 50 percent horizon of 30 hours published?", 1800.0, "question: given no 50 percent horizon of 30 hours; needed"),
        ("Is a horizon of 3000 minutes published?", 3000.0, None),
    ],
)  # fmt: skip
def test_a_mark_is_that_of_the_words_in_another_unit_of_time(question, mark, said):
    """Fifty hours are three thousand minutes, and a mark that the words deny is scored the wrong way round."""
    bare = _filed(question, mark)
    bare = bare.model_copy(update={"rule": bare.rule.model_copy(update={"unit": "minutes"})})
    found = [f"{at}: given {given}; needed: {needed}" for at, given, needed in fl._unfit(bare)]

    assert not found if said is None else any(said in one for one in found), found


@pytest.mark.parametrize(
    ("asked", "read", "said"),
    [
        ("80 percent", "The largest 50 percent horizon", True),
        ("80 percent", "The largest 80 percent horizon, and not the 50 percent one", False),
        ("80 percent", "The largest horizon", False),
        ("longest", "The largest 50 percent horizon", False),
    ],
)
def test_what_is_read_is_what_the_question_asks_for(asked, read, said):
    """A question about one level that is settled by another is refused before it is sealed."""
    bare = _filed(f"Will the {asked} horizon reach 90 hours?", 90.0)
    rule = bare.rule.model_copy(update={"unit": "hours", "read": read})
    found = [needed for _, _, needed in fl._unfit(bare.model_copy(update={"rule": rule}))]

    assert ("80 percent, which the question asks for" in found) == said


def test_a_mark_further_off_is_not_passed_more_often(data):
    """Two marks of one question, said on one day: the probabilities fall as the marks rise; another question is free."""
    first = _filed("Will it reach 80 percent on ARC 3?", 80.0, 0.3)
    further, nearer = ("Will it reach 90 percent on ARC 3?", 90.0), ("Will it reach 75 percent on ARC 3?", 75.0)
    (high,), (low,) = fl.out_of_order(_filed(*further, 0.6), [first]), fl.out_of_order(_filed(*nearer, 0.2), [first])
    assert high[2].startswith("at most the 0.3 of horizons")
    assert low[2].startswith("at least the 0.3 of horizons")
    for sound in (_filed(*further, 0.3), _filed("Will it reach 90 percent on ARC 2?", 90.0, 0.6)):
        assert not list(fl.out_of_order(sound, [first]))

    register = load_register(data)
    fl.file_forecast(_marked("Will it reach 80 percent on ARC 3?", 80.0, 0.3), data, register)
    with pytest.raises(ValueError, match=r"further: probability: given 0\.6; needed: at most the 0\.3 of horizons"):
        fl.check_draft(_marked(*further, 0.6, id="further"), data, register)


def test_scores_are_proper():
    """The Brier score is the squared distance; the score of quantiles is least when they surround the outcome."""
    yes = fl.Forecast.model_validate({**_draft(), "seal": "0" * 16})
    assert fl.score(yes, fl.Outcome(MADE, 1.0)) == pytest.approx(0.49)
    number = fl.Forecast.model_validate({**_draft(rule={"kind": "findings-published"}, probability=None, quantiles={"0.1": 10.0, "0.5": 20.0, "0.9": 30.0}), "seal": "0" * 16})  # fmt: skip
    assert fl.score(number, fl.Outcome(MADE, 20.0)) < fl.score(number, fl.Outcome(MADE, 35.0)) < fl.score(number, fl.Outcome(MADE, 90.0))  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"probability": 1.2}, "less than or equal to 1"),
        ({"quantiles": {"0.5": 1.0}}, "one of them"),
        ({"resolves_by": "2025-06-30"}, "a day after 2025-06-30"),
        ({"rule": {"kind": "findings-published"}}, "quantiles where it gives a number"),
        ({"rule": {"kind": "findings-published"}, "probability": None, "quantiles": {"0.1": 3.0, "0.5": 2.0, "0.9": 4.0}}, "rising"),
    ],
)  # fmt: skip
def test_forecasts_that_make_no_sense_are_refused(change, said):
    """Chances above one, two kinds of answer, days that do not follow and quantiles that cross are refused."""
    with pytest.raises(ValueError, match=said):
        fl.Forecast.model_validate({**_draft(), "seal": "0" * 16, **change})


def test_steady_growth_is_carried_on():
    """A series that doubles every year is forecast to double again (5 percent), and never below its last value."""
    days = [dt.date(2020 + i // 2, 1 + 6 * (i % 2), 1) for i in range(10)]
    values = [2.0 ** ((day - days[0]).days / 365.25) for day in days]
    quantiles = ledger.growing(days, values, [dt.date(2025, 7, 1)])[0]

    assert quantiles[9] == pytest.approx(2 * values[-1], rel=0.35)
    assert (quantiles >= values[-1]).all()
    assert (np.diff(quantiles) >= 0).all()
    for some, targets in ((days[:3], [dt.date(2025, 7, 1)]), (days, [days[-2]]), (days[::-1], [dt.date(2025, 7, 1)])):
        with pytest.raises(ValueError, match=r"4 at least|rising days"):
            ledger.growing(some, values[: len(some)], targets)


def test_a_series_that_falls_is_not_forecast_as_one_that_grows():
    """A value below the one before it is named with its day: every quantile would stand at the last value."""
    days = [dt.date(2025, month, 1) for month in range(1, 6)]
    with pytest.raises(ValueError, match=r"given 10 on 2025-03-01, after 40; needed: a series that never falls"):
        ledger.growing(days, [30.0, 40.0, 10.0, 50.0, 60.0], [dt.date(2027, 1, 1)])


def test_days_of_a_table_are_days():
    """A column of a frame holds times: each counts as its day, among dates as well; what is no day is named."""
    days = [dt.date(2020 + i, 1, 1) for i in range(5)]
    values, until = [1.0, 2.0, 4.0, 8.0, 16.0], [dt.date(2025, 7, 1)]
    plain = ledger.growing(days, values, until)
    column = pd.to_datetime(pd.Series(days, index=range(7, 12)))

    assert (ledger.growing(column, values, until) == plain).all()
    assert (ledger.growing([*days[:4], dt.datetime(2024, 1, 1, 9, tzinfo=dt.UTC)], values, until) == plain).all()
    for wrong in ("2024-01-01", pd.NaT, 2024):
        with pytest.raises(ValueError, match=r"dates: given .*; needed: dates"):
            ledger.growing([*days[:4], wrong], values, until)


def test_the_base_rate_grows_with_time_and_is_never_nothing():
    """The chance over two years is more than over one, and above nothing for a status never reached."""
    register = load_register()
    one, two = (ledger.chance_of_event(register, MADE, MADE.replace(year=y), "evidence") for y in (2027, 2028))

    assert 0 < one < two < 1
    assert 0 < ledger.chance_of_event(register, MADE, MADE.replace(year=2027), "codified") < one


def _address_draft(**change):
    rule = {
        "kind": "at-address", "address": "https://example.org/best", "read": "the largest number on the page",
        "unit": "percent", "so_far": {"value": 70.0, "on": "2026-11-01", "cite": "metr2026mythos", "locator": "page"},
        "largest": True, "table": "cybergym2026_scores", **change.pop("rule", {}),
    }  # fmt: skip
    return {**_table_draft(), "rule": rule, "quantiles": {"0.1": 70.0, "0.5": 80.0, "0.9": 90.0}, **change}


def test_questions_of_the_second_filing_ask_for_what_stands_at_an_address(root):
    """At least nine are filed; each names an address, what is read there, and a known value that leaves it open."""
    asked = [f for f in fl.load_forecasts(root / "data") if isinstance(f.rule, fl.AtAddress)]

    assert len(asked) >= 9
    assert len({f.rule.address for f in asked}) >= 5
    for forecast in asked:
        rule, known = forecast.rule, forecast.rule.so_far
        assert known.on <= forecast.made_on
        assert rule.reaches is None or known.value < rule.reaches
        assert rule.falls_below is None or known.value >= rule.falls_below
        assert not rule.largest or min(forecast.quantiles.values()) >= known.value


def test_the_second_filing_knows_the_newest_horizon(root):
    """What was known when the questions on horizons were filed is the longest in the table of horizons."""
    asked = [f for f in fl.load_forecasts(root / "data") if f.id.startswith("metr-horizon-")]
    then = kept.load_snapshots(root / "data")[asked[0].snapshot]

    assert {f.rule.so_far.value for f in asked} == {then.table("metr2026_horizons").minutes.max()}
    assert max(then.table("metr2026_horizons").released) >= "2026-06"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rule": {"reaches": 70.0, "largest": False}, "quantiles": None, "probability": 0.5}, "not yet reached: 70"),
        (
            {"rule": {"falls_below": 80.0, "largest": False}, "quantiles": None, "probability": 0.5},
            "not yet passed: 70",
        ),
        ({"rule": {"reaches": 90.0, "largest": False}}, "a probability where the rule settles yes or no"),
        ({"rule": {"reaches": 90.0, "falls_below": 10.0}}, "one of reaches and falls_below"),
        ({"rule": {"reaches": 90.0}}, "for a number alone"),
        ({"quantiles": {"0.1": 69.0, "0.5": 80.0, "0.9": 90.0}}, "no quantile below 70"),
        ({"made_on": "2026-10-31"}, "known on 2026-10-31, not first on 2026-11-01"),
        ({"rule": {"address": "the page of METR"}}, "https"),
    ],
)
def test_a_question_that_an_address_has_answered_is_refused(change, said):
    """A mark that was passed, a record that could fall, knowledge from later and a place that is no address are refused."""
    with pytest.raises(ValueError, match=said):
        fl.Forecast.model_validate({**_address_draft(**change), "seal": "0" * 16})


@pytest.mark.parametrize(
    ("change", "said"),
    [({"table": "nothing_here"}, "nothing_here"), ({"so_far": {"value": 1.0, "on": "2026-11-01", "cite": "nobody2026nothing", "locator": "p"}}, "references.bib")],
)  # fmt: skip
def test_a_question_at_an_address_names_its_sources(data, change, said):
    """A table that there is not, or a source that is in no bibliography, is refused on filing."""
    with pytest.raises(ValueError, match=said):
        fl.file_forecast(_address_draft(rule=change), data, load_register(data))


def _read_there(data, *found):
    (data / "forecasts" / fl.OUTCOMES).write_text(yaml.safe_dump(list(found)), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rule": {"unit": "percent"}, "quantiles": {"0.05": 99.0, "0.5": 150.0, "0.95": 900.0}}, "rule: given 150.0; needed: from 0 to 100"),
        ({"rule": {"unit": "percent", "largest": False}, "quantiles": {"0.1": 0.7, "0.5": 0.8, "0.9": 0.9}}, "quantiles: given 0.7 to 0.9; needed: quantiles in percent as so_far is, 70"),
        ({"rule": {"unit": "hours", "largest": False, "table": None}, "quantiles": {"0.1": 4200.0, "0.5": 4800.0, "0.9": 6000.0}}, "quantiles: given 4200 to 6000; needed: quantiles in hours"),
        ({"analysis": "no_chapter/none"}, "analysis: given no_chapter/none; needed: a page below analyses/"),
        ({"resolves_by": "9999-12-31"}, "resolves_by: given 9999-12-31; needed: a day within 20 years"),
        ({"rule": {"address": "https://127.0.0.1:8/x"}}, "needed: an address by a public name"),
        ({"rule": {"address": "https://localhost/x"}}, "needed: an address by a public name"),
        ({"rule": {"reaches": 90.0, "largest": False}, "quantiles": None, "probability": 0.0}, "probability: given 0.0; needed: above 0 and below 1"),
        ({"seal": "ccb3c04f5f261f65"}, "given a seal; needed: none, since filing gives it"),
        ({"question": "Yes."}, "question: given Yes.; needed: a question"),
        ({"rule": {"so_far": {"value": 70.0, "on": "2026-11-01", "cite": "kaplan2020scaling", "locator": "page"}}}, "kaplan2020scaling, of 2020; needed: a source that tells what was known on 2026-11-01"),
    ],
)  # fmt: skip
def test_what_would_be_wrong_for_good_is_refused_before_it_is_sealed(data, change, said):
    """Shares above a hundred, a page, a day or an address that there is not, certainty, and a seal of its own."""
    before = (data / "forecasts" / fl.SEALS).read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(said)):
        fl.file_forecast(_address_draft(**change), data, load_register(data))
    assert (data / "forecasts" / fl.SEALS).read_text(encoding="utf-8") == before


def test_a_draft_is_filed_whole_or_not_at_all(data, tmp_path, monkeypatch):
    """One id twice in a draft, or a second forecast that is none: nothing of the draft is sealed."""
    good = _address_draft()
    (tmp_path / "_toc.yml").write_text("", encoding="utf-8")
    monkeypatch.setenv("REVIEW_ROOT", str(tmp_path))
    monkeypatch.setattr("review_book.commands.records.today", lambda: dt.date.fromisoformat(good["made_on"]))
    before = (data / "forecasts" / fl.SEALS).read_text(encoding="utf-8")
    for items, said in (([good, good], "twice; needed: one of its own"), ([good, {**good, "id": "other", "made_on": "2026-11-26"}], "other: given a question that stands twice"), ([good, {**good, "id": "other", "seal": "ccb3c04f5f261f65"}], "other: given a seal; needed: none"), ([good, {**good, "id": "other", "question": "Is it another?", "analysis": "no_chapter/none"}], "given no_chapter/none"), ([good, "none"], "given none; needed: ")):  # fmt: skip
        draft = tmp_path / "draft.yml"
        draft.write_text(json.dumps(items), encoding="utf-8")
        done = CliRunner().invoke(main, ["forecast", "file", str(draft)])
        assert done.exit_code == 1
        assert said in done.output
    assert (data / "forecasts" / fl.SEALS).read_text(encoding="utf-8") == before


def test_a_draft_is_shown_before_it_is_sealed(data, tmp_path, monkeypatch):
    """With --dry-run the same checks speak and the question, its rule and its answer are shown; no file changes."""
    good = _address_draft()
    (tmp_path / "_toc.yml").write_text("", encoding="utf-8")
    monkeypatch.setenv("REVIEW_ROOT", str(tmp_path))
    monkeypatch.setattr("review_book.commands.records.today", lambda: dt.date.fromisoformat(good["made_on"]))
    draft = tmp_path / "draft.yml"
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    for item, code, said in (
        (
            good,
            0,
            ["1 would be filed, for good; nothing was written", good["id"], good["question"], good["resolves_by"]],
        ),
        ({**good, "analysis": "no/none"}, 1, ["given no/none"]),
    ):
        draft.write_text(json.dumps([item]), encoding="utf-8")
        done = CliRunner().invoke(main, ["forecast", "file", "--dry-run", str(draft)])
        assert done.exit_code == code
        assert [one for one in said if str(one) not in done.output] == []
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


def test_an_outsider_settles_by_what_stands_at_the_address(data):
    """A number read on the last day and a mark passed before settle and score; void is void; unread stays open."""
    register = load_register(data)
    number = fl.file_forecast(_address_draft(), data, register)
    mark = fl.file_forecast(
        _address_draft(id="mark", rule={"reaches": 90.0, "largest": False}, quantiles=None, probability=0.25),
        data,
        register,
    )
    none = fl.file_forecast(_address_draft(id="none", question="Which is void?"), data, register)
    late = dt.date(2028, 1, 1)
    assert [fl.resolve(f, register, late) for f in (number, mark, none)] == [None] * 3
    where = {"address": "https://example.org/best", "read": "as it stood"}
    _read_there(
        data,
        {"forecast": "horizons", "day": "2027-06-30", "value": 81.0, **where},
        {"forecast": "mark", "day": "2026-12-24", "value": 1, **where},
        {"forecast": "none", "day": "2027-06-30", "void_because": "the page is gone", **where},
    )

    fl.load_forecasts(data, register)
    assert fl.resolve(number, register, late) == fl.Outcome(dt.date(2027, 6, 30), 81.0)
    assert fl.resolve(mark, register, dt.date(2026, 12, 23)) is None
    assert fl.score(mark, fl.resolve(mark, register, dt.date(2026, 12, 24))) == pytest.approx(0.75**2)
    assert fl.resolve(none, register, late) is None
    assert fl.voided(none, fl.load_found(data)).void_because == "the page is gone"
    assert fl.voided(number, fl.load_found(data)) is None
    moved = {
        "forecast": "none",
        "day": "2027-06-30",
        "void_because": "it is gone",
        "read": "it",
        "address": "https://example.net/",
    }
    _read_there(data, {**moved, "elsewhere": "the page says that it moved there"})
    fl.load_forecasts(data, register)
    early = {"forecast": "none", "day": "2026-11-24", "void_because": "settled before it was asked", **where}
    _read_there(data, early)
    with pytest.raises(RecordError, match="a day from 2026-11-25 on"):
        fl.load_forecasts(data, register)
    _read_there(data, {**early, "day": "2026-11-25"})
    fl.load_forecasts(data, register)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"forecast": "nothing"}, "a filed forecast that an address settles"),
        ({"day": "2027-06-29"}, "not before 2027-06-30 unless a mark was passed"),
        ({"day": "2026-11-25"}, "a day after 2026-11-25"),
        ({"value": 69.0}, "at least 70, which was known"),
        ({"address": "https://evil.example/"}, "an address of example.org, which the question names; or elsewhere"),
        (
            {"address": "https://evil.example/", "value": None, "void_because": "we look bad"},
            "an address of example.org",
        ),
        ({"address": "https://notexample.org/"}, "an address of example.org"),
        ({"value": None, "void_because": "x"}, "of the form"),
        ({"void_because": "said twice"}, "one of them"),
        ({"forecast": "mark", "value": 0.5}, "1 or 0"),
        ({"forecast": "mark", "value": 0, "day": "2027-01-01"}, "unless a mark was passed"),
    ],
)
def test_what_cannot_stand_at_an_address_is_refused(data, change, said):
    """Another question, a day too early, a number below what was known, and half a yes are refused."""
    register = load_register(data)
    fl.file_forecast(_address_draft(), data, register)
    fl.file_forecast(_address_draft(id="mark", rule={"reaches": 90.0, "largest": False}, quantiles=None, probability=0.25), data, register)  # fmt: skip
    found = {
        "forecast": "horizons",
        "day": "2027-06-30",
        "value": 81.0,
        "address": "https://example.org/",
        "read": "it",
    }
    _read_there(data, {**found, **change})
    with pytest.raises(RecordError, match=said):
        fl.load_forecasts(data, register)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ([{"forecast": "nothing"}], "a filed forecast that an address settles"),
        ([{"day": "2026-11-24"}], "a day from 2026-11-25 on, when it was asked"),
        ([{"day": "2026-11-27"}], "a day up to 2026-11-26, when its answer was read"),
        ([{}, {}], "each question once"),
    ],
)
def test_a_question_is_clarified_before_its_answer_is_read(data, change, said):
    """How its words are read is said once, of a filed question, and no later than its answer."""
    register = load_register(data)
    mark = {"rule": {"reaches": 90.0, "largest": False}, "quantiles": None, "probability": 0.25}
    fl.file_forecast(_address_draft(id="mark", **mark), data, register)
    where = {"address": "https://example.org/", "read": "it"}
    _read_there(data, {"forecast": "mark", "day": "2026-11-26", "value": 1, **where})
    one = {"forecast": "mark", "day": "2026-11-26", "says": "The page at its new address."}
    path = data / "forecasts" / fl.CLARIFIED
    path.write_text(yaml.safe_dump([one]), encoding="utf-8")
    fl.load_forecasts(data, register)
    path.write_text(yaml.safe_dump([{**one, **c} for c in change]), encoding="utf-8")
    with pytest.raises(RecordError, match=said):
        fl.load_forecasts(data, register)


def test_three_filed_questions_can_be_settled_by_their_own_rules(data):
    """A number, a mark and a falling mark of the second filing are settled as their rules say, and score."""
    register = load_register(data)
    by_id = {f.id: f for f in fl.load_forecasts(data, register)}
    read = {"metr-horizon-2027-06-30": 2880.0, "metr-forty-hours-2027-06-30": 1, "aisi-cyber-doubling-below-4-7": 0}
    _read_there(
        data,
        *(
            {"forecast": name, "day": "2027-06-30", "value": value, "address": by_id[name].rule.address, "read": "it"}
            for name, value in read.items()
        ),
    )

    fl.load_forecasts(data, register)
    for name, value in read.items():
        outcome = fl.resolve(by_id[name], register, dt.date(2027, 7, 1))
        assert outcome.value == value
        assert fl.score(by_id[name], outcome) > 0


def test_chances_follow_from_quantiles_and_from_few_cases():
    """The chance above the median is one half; nothing seen over twice the time halves the rate; all of n is not certain."""
    from emergence.capability_precursors.tournament import LEVELS

    quantiles = np.exp(np.linspace(0, 9, len(LEVELS)))
    assert ledger.chance_above(quantiles, float(quantiles[9])) == pytest.approx(0.5)
    assert ledger.chance_above(quantiles, 1e9) == pytest.approx(0.05)
    once, twice = (
        ledger.chance_of_first(dt.date(y, 1, 1), dt.date(2026, 1, 1), dt.date(2027, 1, 1)) for y in (2025, 2024)
    )
    assert np.log1p(-once) / np.log1p(-twice) == pytest.approx(2, rel=0.01)
    assert ledger.chance_next(0, 0) == 0.5
    with pytest.raises(ValueError, match="days that rise"):
        ledger.chance_of_first(MADE, MADE, MADE)
    with pytest.raises(ValueError, match="from none to all"):
        ledger.chance_next(3, 2)
    with pytest.raises(ValueError, match="above 0"):
        ledger.chance_above(quantiles, 0)


@pytest.mark.parametrize(
    ("change", "field", "needed"),
    [
        ({"resolves_by": "2090-01-01"}, "resolves_by", "within 20 years"),
        ({"question": "Codified"}, "question", "with its mark at the end"),
        ({}, "question", "a question that is not asked already"),
    ],
)
def test_what_is_not_filed_is_not_taken_as_filed_either(data, monkeypatch, change, field, needed):
    """A forecast that was written into the ledger with a seal of its own meets what filing would have refused."""
    register = load_register(data)
    fl.file_forecast(_address_draft(), data, register)
    with monkeypatch.context() as without:
        without.setattr(fl, "_unfit", lambda _: ())
        without.setattr(fl, "asks_of", lambda item: item.id)
        fl.file_forecast({**_address_draft(), "id": "another", **change}, data, register)

    with pytest.raises(RecordError) as caught:
        fl.load_forecasts(data, register)
    (said,) = (p for p in caught.value.problems if "question" not in change or p.field.endswith("question"))
    assert said.field.endswith(f".{field}")
    assert needed in said.needed
