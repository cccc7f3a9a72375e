"""Logs that were really made by Inspect's mock model and by the dummy model of lm-evaluation-harness."""

from __future__ import annotations

import json
import shutil
import sys
import types
import zipfile

import pandas as pd
import pytest

from emergence.your_curve import logs
from emergence.your_curve.measured import Form, Unfit, read_frame


@pytest.fixture
def kept(root):
    """The logs that `make_inspect.py` and `make_lm_eval.py` made."""
    return root / "tests" / "logs"


def test_a_folder_of_inspect_logs_is_two_curves(kept):
    """Eight sizes with exact match and with the share of right digits, items counted, scales read from names aloud."""
    found = logs.read_any(kept / "inspect")
    match, digits = read_frame(found.frame).curves

    assert (match.metric, digits.metric, match.task) == ("match", "digits", "four_digit_sums")
    assert (
        match.curve.scales.tolist()
        == digits.curve.scales.tolist()
        == [7e7, 1.6e8, 4.1e8, 1e9, 1.4e9, 2.8e9, 6.9e9, 1.2e10]
    )
    assert match.curve.items.tolist() == [200] * 8
    assert (match.curve.scores < digits.curve.scores).all()
    assert found.notes[0].startswith("Scales were read from the names of 8 models")


def test_both_forms_of_one_evaluation_give_the_same(kept):
    """The archive, packed by Zstandard, and the JSON of two equal runs hold the same score, items and level of guessing."""
    rows = [
        logs.read_any(path).frame.drop(columns=["run", "file"]) for path in sorted((kept / "inspect_choices").iterdir())
    ]

    assert len(rows) == 2
    pd.testing.assert_frame_equal(*rows)
    assert rows[0].chance.tolist() == pytest.approx([1 / 3])


def test_an_archive_packed_the_old_way_is_read_too(kept, tmp_path):
    """Older versions pack by deflate; the content decides, not the packing."""
    (source,) = (kept / "inspect_choices").glob("*.eval")
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(tmp_path / "old.eval", "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, logs._member(source, info))

    assert logs.read_inspect(tmp_path / "old.eval", own_reader=False) == logs.read_inspect(source, own_reader=False)


def test_inspects_own_reader_is_used_where_it_is(kept, monkeypatch):
    """Where `inspect_ai` can be imported its reader is asked, and its log becomes the same rows."""
    (source,) = (kept / "inspect_choices").glob("*.json")
    asked = []

    class Log:
        def model_dump(self, mode):
            return json.loads(source.read_text(encoding="utf-8"))

    module = types.ModuleType("inspect_ai.log")
    module.read_eval_log = lambda path: asked.append(path) or Log()
    monkeypatch.setitem(sys.modules, "inspect_ai", types.ModuleType("inspect_ai"))
    monkeypatch.setitem(sys.modules, "inspect_ai.log", module)

    assert logs.read_inspect(source, own_reader=True) == logs.read_inspect(source, own_reader=False)
    assert asked == [str(source)]


def test_harness_results_give_accuracy_chance_and_the_loss_of_the_right_answer(kept):
    """Samples with their likelihoods give a continuous metric beside accuracy, and the number of choices gives chance."""
    found = logs.read_any(kept / "lm_eval")
    acc, loss = read_frame(found.frame).curves

    assert (acc.metric, loss.metric) == ("acc", "loss_of_right_answer")
    assert (acc.curve.kind, loss.curve.kind) == ("share", "loss")
    assert acc.curve.chance == 0.25
    assert acc.curve.items.tolist() == [12] * 6
    (sample,) = (kept / "lm_eval" / "toy__toy-70m").glob("samples*.jsonl")
    lines = [json.loads(line) for line in sample.read_text(encoding="utf-8").splitlines()]
    assert loss.curve.scores[0] == pytest.approx(-sum(float(x["filtered_resps"][0][0]) for x in lines) / 12)
    assert acc.curve.scores[0] == pytest.approx(sum(x["acc"] for x in lines) / 12)


def test_a_map_gives_scale_and_family(kept, tmp_path):
    """A map goes before what names say, in CSV, YAML, or as one scale after another."""
    (tmp_path / "map.csv").write_text("model,scale,family\ntoy-70m,1e18,toys\nmockllm/toy-160m,2e18,toys\n")
    (tmp_path / "map.yml").write_text("toy-70m: 1e18\ntoy-160m: 2.5B\n")
    scales, families = logs.read_map(tmp_path / "map.csv")
    found = logs.read_any(kept / "inspect", scales, families).frame

    assert found.scale.tolist()[-4:] == [1e18, 1e18, 2e18, 2e18]
    assert set(found.family) == {"", "toys"}
    assert logs.read_map(tmp_path / "map.yml")[0] == {"toy-70m": 1e18, "toy-160m": 2.5e9}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("map.csv", "name,size\na,1\n", "needed: model and scale"),
        ("map.yml", "[1, 2]", "a mapping from models to scales"),
        ("map.yml", "? [a, b]\n: 1e9", "a mapping from models to scales"),
        ("map.yml", "toy: [1e9]", "a mapping from models to scales"),
        ("map.yml", "toy: many", "given the scale 'many'; needed: a number above 0"),
        ("map.yml", "toy: -1", "needed: a number above 0"),
        ("map.csv", "model,scale\ntoy,1e9\ntoy,7e10\n", "given the model toy twice"),
        ("map.yml", "toy: 1e9\ntoy: 7e10", "given the model toy twice"),
        ("map.json", '{"toy": 1e9, "toy": 7e10}', "given the model toy twice"),
    ],
)
def test_a_map_that_is_none_is_refused(tmp_path, name, text, words):
    """A map without models, with one twice, or with a scale that is no number, is refused in a sentence."""
    (tmp_path / name).write_text(text)

    with pytest.raises(Unfit, match=words):
        logs.read_map(tmp_path / name)


def _changed(kept, tmp_path, **changes):
    (source,) = (kept / "inspect_choices").glob("*.json")
    path = tmp_path / "log.json"
    path.write_text(json.dumps(json.loads(source.read_text(encoding="utf-8")) | changes), encoding="utf-8")
    return path


def test_an_unknown_version_or_a_failed_run_is_refused(kept, tmp_path):
    """A log of a version whose form nobody knows, and a run that did not succeed, are named as such."""
    with pytest.raises(Unfit, match="of version 99; needed: version 1 and 2"):
        logs.read_any(_changed(kept, tmp_path, version=99))
    with pytest.raises(Unfit, match="ended with status error; needed: one that succeeded"):
        logs.read_any(_changed(kept, tmp_path, status="error"))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.json", b"{", "no JSON"),
        ("x.xlsx", b"PK", "a workbook; needed: its sheet"),
        ("x.json", b'{"a": 1}', "given JSON with a; needed: a log of Inspect"),
        ("x.eval", b"no archive", "no ZIP archive"),
        ("x.csv", b"", "could not be read as a table"),
    ],
)
def test_a_file_of_no_known_form_is_refused(tmp_path, name, content, words):
    """What is neither table nor log says so, with what is needed."""
    (tmp_path / name).write_bytes(content)

    with pytest.raises(Unfit, match=words):
        logs.read_any(tmp_path / name)


def test_a_run_that_was_cut_off_and_a_folder_without_logs_are_refused(tmp_path):
    """An archive without a header, an empty folder, and a path that is not there."""
    with zipfile.ZipFile(tmp_path / "cut.eval", "w") as archive:
        archive.writestr("_journal/start.json", "{}")
    with pytest.raises(Unfit, match=r"without header\.json, of a run that did not end"):
        logs.read_any(tmp_path / "cut.eval")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "scores.csv").write_text("scale,score\n")
    with pytest.raises(Unfit, match=r"without a log that can be read \(there are tables: scores.csv"):
        logs.read_any(tmp_path / "empty")
    with pytest.raises(Unfit, match="does not exist"):
        logs.read_any(tmp_path / "nothing")


def test_a_folder_leaves_out_what_it_cannot_read_aloud(kept, tmp_path):
    """One broken file beside eight logs is left out and named; models without a scale are all named."""
    shutil.copytree(kept / "inspect", tmp_path / "logs")
    (tmp_path / "logs" / "broken.json").write_text("{")
    found = logs.read_any(tmp_path / "logs")

    assert len(found.frame) == 16
    assert found.notes[0].startswith("1 files were left out; the first: broken.json: no JSON")
    nameless = _changed(kept, tmp_path, eval={"model": "mockllm/model", "task": "colours"})
    with pytest.raises(
        Unfit, match=r"logs of mockllm/model, whose scale nobody says; needed: --map FILE .* or --scale MODEL"
    ):
        logs.read_any(nameless)
    assert logs.read_any(nameless, {"model": 5.0}).frame.scale.tolist() == [5.0]


def test_tables_are_read_with_any_separator(tmp_path):
    """Commas, semicolons and tabs, with comments and spaces."""
    for name, sign in (("a.csv", ", "), ("b.csv", ";"), ("c.tsv", "\t")):
        lines = [("scale", "score"), *(("1e8", "0.1"), ("1e9", "0.2"), ("1e10", "0.3"), ("1e11", "0.5"))]
        (tmp_path / name).write_text("# from a dashboard\n" + "\n".join(sign.join(line) for line in lines))

        (found,) = read_frame(logs.read_any(tmp_path / name).frame).curves
        assert found.curve.scores.tolist() == [0.1, 0.2, 0.3, 0.5]


def test_a_decimal_comma_is_never_a_thousand(tmp_path):
    """Beside semicolons a comma is a decimal sign; 1,234 is a thousand, and 0,35 between commas is refused."""
    (tmp_path / "a.csv").write_text("scale;score\n1e8;0,1\n1e9;0,25\n1e10;0,3\n1e11;0,5\n")
    (tmp_path / "b.csv").write_text('params,score\n"1,000,000",0.1\n"2,000,000",0.2\n3e6,0.3\n4e6,0.4\n')
    (tmp_path / "c.csv").write_text('scale,score\n1e8,"0,1"\n1e9,"0,2"\n1e10,"0,3"\n1e11,"0,5"\n')

    assert read_frame(logs.read_any(tmp_path / "a.csv").frame).curves[0].curve.scores.tolist() == [0.1, 0.25, 0.3, 0.5]
    assert read_frame(logs.read_any(tmp_path / "b.csv").frame).curves[0].curve.scales[0] == 1e6
    with pytest.raises(Unfit, match="score: row 1 is '0,1'; needed: a number"):
        read_frame(logs.read_any(tmp_path / "c.csv").frame)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("scale,score\n1e6,0.1,0.7\n1e7,0.2,0.7\n", "row 1 has 3 cells, the line of names 2; needed: as many of each"),
        ("scale,score,\n1e6,0.1,\n1e7,0.2\n", "row 2 has 2 cells, the line of names 3"),
        ("scale,score,score\n1e6,0.1,0.7\n", "given two columns of one name"),
    ],
)
def test_a_table_whose_cells_are_not_under_names_is_refused(tmp_path, text, words):
    """A cell more or less would shift the others, and two columns of one name leave open which is meant."""
    (tmp_path / "a.csv").write_text(text)

    with pytest.raises(Unfit, match=words):
        logs.read_any(tmp_path / "a.csv")


def test_a_table_in_another_encoding_is_told_how_to_save(tmp_path):
    """A table as some programs export it, in UTF-16, is refused with what to do, and no word of a codec."""
    path = tmp_path / "mine.csv"
    path.write_text("scale,score\n1e8,0.1\n", encoding="utf-16")
    with pytest.raises(Unfit, match="given another encoding; needed: UTF-8 text; save the file as CSV UTF-8"):
        logs.read_any(path)


def test_a_scale_that_says_something_else_is_refused():
    """What is taken is the whole of what was written, and no part of it."""
    assert [logs.scale_of(text) for text in ("1.4B", "1e9", "1,400")] == [1.4e9, 1e9, 1400]
    for text in ("1,4B", "-7B", "7%", "nan", "inf"):
        with pytest.raises(Unfit, match="needed: a number above 0"):
            logs.scale_of(text)


SETTINGS = [
    ("n-shot", lambda log: log["n-shot"].update(next_letter=5), "n-shot: given 0 at scale 7e[+]07 and 5 at 1.2e[+]10"),
    ("version", lambda log: log["versions"].update(next_letter=2.0), "version: given 1.0 .* and 2.0"),
    ("prompt", lambda log: log["configs"]["next_letter"].update(doc_to_text="{{letter}}?"), "doc_to_text: given After"),
    ("chat", lambda log: log.update(chat_template="{{messages}}"), "chat_template: given none .* and True"),
    ("system", lambda log: log.update(system_instruction="Be brief."), "system_instruction: given none .* and Be brief"),
    ("weights", lambda log: log["config"].update(model_args="pretrained=a,load_in_4bit=True"), "load_in_4bit: given none"),
    ("early", lambda log: log["config"]["model_args"].update(revision="step1000"), "revision: given none .* and step1000"),
    ("commit", lambda log: log["config"]["model_args"].update(revision="8529bd2"), None),
    ("own words of a function", lambda log: log["configs"]["next_letter"].update(process_docs="<f at 0x1>"), None),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), [case[1:] for case in SETTINGS], ids=[case[0] for case in SETTINGS])
def test_logs_that_asked_otherwise_at_one_size_are_no_ladder(kept, tmp_path, change, words):
    """Shots, version, prompt, chat and weights are one for all sizes: what rises may be theirs. A commit is no other model."""
    for path in (kept / "lm_eval").glob("*/results*.json"):
        log = json.loads(path.read_text(encoding="utf-8"))
        if "12b" in path.parent.name:
            change(log)
        (tmp_path / f"{path.parent.name}.json").write_text(json.dumps(log), encoding="utf-8")
    frame = logs.read_any(tmp_path).frame

    if words is None:
        assert len(read_frame(frame).curves) == 1
        return
    with pytest.raises(Unfit, match=words):
        read_frame(frame)
    assert len(read_frame(frame, Form(mixed=True)).curves) == 1


def test_inspect_logs_that_asked_otherwise_at_one_size_are_no_ladder(kept, tmp_path):
    """The arguments of a task are one for all sizes."""
    for path in (kept / "inspect").glob("*.eval"):
        log = logs.read_inspect(path, own_reader=False)
        if "12b" in log["eval"]["model"]:
            log["eval"]["task_args"] = {"shots": 5}
        (tmp_path / f"{path.stem}.json").write_text(json.dumps(log), encoding="utf-8")

    with pytest.raises(Unfit, match=r"task_args: given none at scale 7e[+]07 and {'shots': 5} at 1.2e[+]10"):
        read_frame(logs.read_any(tmp_path).frame)


def test_a_map_that_contradicts_a_name_is_refused(kept):
    """A slip of a thousand in a map is seen where the others say the size in the name; a map of compute says another thing."""
    sizes = {"toy-70m": 7e7, "toy-160m": 1.6e8, "toy-410m": 4.1e8, "toy-1b": 1e9, "toy-2.8b": 2.8e9, "toy-12b": 1.2e10}

    with pytest.raises(Unfit, match=r"scale: row \d+ is '2800000000000.0', and its model is toy/toy-2.8b"):
        read_frame(logs.read_any(kept / "lm_eval", {**sizes, "toy-2.8b": 2.8e12}).frame)
    compute = {name: 1e12 * size for name, size in sizes.items()}
    assert read_frame(logs.read_any(kept / "lm_eval", compute).frame).curves[0].curve.scales[-1] == 1.2e22
