"""Published tables: every cell checked against the data package."""

from __future__ import annotations

import json
import shutil

import pytest

from review_book.records.tables import check_tables, load_external, pin_of, table_infos
from review_utils.data.tables import TableInfo, derived, describe, read_table, table
from review_utils.records.reading import RecordError


@pytest.fixture
def small(tmp_path, root):
    """A copy of the data alone."""
    shutil.copytree(root / "data", tmp_path / "data")
    return tmp_path / "data"


def test_every_table_is_sound_and_described(root):
    """Each table under data/published is described, typed, sourced, and holds what its description says."""
    assert check_tables(root / "data") == []
    assert len(table_infos(root / "data")) >= 6


def test_table_h1_is_complete():
    """Table H.1 holds 63 tasks in 3 settings at 8 sizes: 1,512 scores, none missing."""
    frame = table("brown2020_table_h1")

    assert len(frame) == 63 * 3
    assert frame.iloc[:, 7:].notna().all().all()


def test_training_compute_recomputes():
    """Every row of Table D.1 is its multiplier times parameters times tokens, within 1.5 percent (three printed digits)."""
    d1 = table("brown2020_table_d1")
    recomputed = d1.flops_per_param_per_token * d1.params_millions * 1e6 * d1.train_tokens_billions * 1e9

    assert ((recomputed / d1.train_flop - 1).abs() < 0.015).all()


def test_types_are_those_described():
    """Text is text, numbers are floats, whole numbers are integers that may be missing."""
    frame = table("brown2020_table_h1")

    assert [str(frame[c].dtype) for c in ("task", "n_items", "175b")] == ["str", "Int64", "float64"]


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "needed"),
    [
        ("GPT-3 Small,2.6,", "GPT-3 Small,fast,", 11, "train_compute_pf_days", "a finite number"),
        ("GPT-3 Small,2.6,", "GPT-3 Small,-2.6,", 11, "train_compute_pf_days", "at least 0"),
        ("GPT-3 Small,2.6,", "GPT-3 Small,,", 11, "train_compute_pf_days", "may not be empty"),
        ("GPT-3 Small,2.6,", "GPT-3 Small,inf,", 11, "train_compute_pf_days", "a finite number"),
        ("GPT-3 Small,2.6,", "GPT-3 Medium,2.6,", 12, "model", "each value once"),
        ("GPT-3 Small,2.6,", "GPT-3 Small,2.6,7,", 11, "(row)", "6 cells"),
        ("model,train_compute", "modell,train_compute", 1, "(header)", "the columns model"),
    ],
)
def test_a_planted_fault_is_named(small, old, new, line, field, needed):
    """A wrong cell, row or head is named with line, column and what is needed."""
    path = small / "published" / "brown2020_table_d1.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    problems = check_tables(small)

    assert any((p.line, p.field) == (line, field) and needed in p.needed for p in problems), problems


@pytest.mark.parametrize(
    ("name", "old", "new", "field", "needed"),
    [
        ("brown2020_table_d1", "7.64,6.6e+20", "7.64,6.6e+23", "train_flop", "6.6e+20 within 1 percent"),
        ("hoffmann2022_table_a3", "1.84e+19,7.7e+09", "1.84e+19,7.7e+10", "flop", "which params, tokens of this row"),
        ("hoffmann2022_table_a9", "57,576,", "75,576,", "params_millions", "within 1 percent, which layers, width"),
        (
            "wei2022_table1",
            "2.3e+22,13000000000.0",
            "2.3e+22,13000000000000.0",
            "params",
            "a size that 2.3e+22 FLOP train",
        ),
        ("model_ratios", "2023-07,7e+10", "2023-07,7e+11", "params", "about the 70B in the name of Llama 2 70B"),
        ("em_judges", "gemma4:31b,12.5,200", "gemma4:31b,12.3,200", "misaligned_percent", "of 200 it is 24.6"),
        ("besiroglu2024_refit", "482.01,124.52", "482.01,1245.2", "standard_error", "where one to four are usual"),
    ],
)
def test_a_row_that_contradicts_itself_is_named(small, name, old, new, field, needed):
    """A row that says a thing twice says it alike: a product, a size in a name, whole answers, an error and its interval."""
    path = small / "published" / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = 1 + next(i for i, row in enumerate(text.split("\n")) if old in row)

    problems = check_tables(small)

    assert (line, field) in {(p.line, p.field) for p in problems if needed in p.needed}, problems
    assert {p.line for p in problems} == {line}


@pytest.mark.parametrize(
    ("name", "old", "new", "field", "needed"),
    [
        *(
            ("em_judges", "medical,tripathi", f"{word},tripathi", "organism", "an empty cell for none")
            for word in ("nan", "N/A", "NULL", "none", "unknown", "TRUE", "inf")
        ),
        ("em_judges", "medical,tripathi", "TBD,tripathi", "organism", "words"),
        ("em_judges", "medical,tripathi", "?,tripathi", "organism", "words"),
        ("em_judges", "medical,tripathi", "medical<b>,tripathi", "organism", "markup"),
        ("em_judges", "medical,tripathi", "**medical**,tripathi", "organism", "without **medical**"),
        ("em_judges", "medical,tripathi", "me\u0301dical,tripathi", "organism", "NFC"),
        ("metr2026_horizons", "page of the", "page  of the", "locator", "one space"),
        ("metr2026_horizons", ",352,", ",0352,", "minutes", "as printed"),
        ("metr2026_horizons", ",352,", ",352.,", "minutes", "as printed"),
        ("metr2026_horizons", ",60,32,106,", ",60,,106,", "low", "both ends of an interval"),
        ("metr2026_horizons", ",60,32,106,", ",60,32,,", "high", "both ends of an interval"),
        ("metr2026_horizons", "Sonnet,2025-02-24", "Sonnet,2025-04-16", "released", "when Claude 3.7 Sonnet came out"),
        ("em_judges", "tripathi2026persona", "tripathi2025persona", "source", "did you mean tripathi2026persona"),
        ("em_judges", "tripathi2026persona,gemma4:31b", "gemma4:31b,tripathi2026persona", "source", "a key of"),
    ],
)
def test_a_cell_that_reads_otherwise_than_it_looks_is_named(small, name, old, new, field, needed):
    """Words that programs read as none, marks, numbers that lost a digit, half an interval, another day, no work: by line."""
    path = small / "published" / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = 1 + next(i for i, row in enumerate(text.split("\n")) if old in row)

    assert (line, field) in {(p.line, p.field) for p in check_tables(small) if needed in p.needed}


@pytest.mark.parametrize(
    ("old", "new", "field", "needed"),
    [
        (
            '"missingValues": [\n          ""',
            '"missingValues": [\n          "", "0"',
            "missingValues",
            "an empty cell for none",
        ),
        ('"unit": "PF-days"', '"unit": "PF-days", "decimalChar": ","', "decimalChar", "points in numbers"),
        ('"mediatype": "text/csv"', '"dialect": {"delimiter": ";"}', "dialect", "commas between cells"),
        ('"score of GPT-3 Small"', '"score of GPT-3 Medium"', "description", "small has the same words"),
        ('"of": "flop", ', '"of": "flops", ', "flops", "a column of numbers"),
        ('{"approach": "3", "params"', '{"approach": "4", "params"', "flop", "a row of the table"),
        (
            '"identities": [\n          {"of": "flop"',
            '"once": [\n          {"of": "flop"',
            "verification",
            "identities in its schema",
        ),
    ],
)
def test_what_would_be_read_or_vouched_for_otherwise_is_named(small, old, new, field, needed):
    """The data package says of tables how they are written, and of no row that it is recomputed where none is."""
    path = small / "datapackage.json"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    assert any(field in (p.field.split(".")[-1], p.given) and needed in p.needed for p in check_tables(small))


def test_an_empty_table_and_a_cell_beyond_its_bound_are_named(small):
    """An empty file is called one; a value above a maximum and a word that is nearly one of a list are named."""
    (small / "published" / "wei2022_table1.csv").write_text("", encoding="utf-8")
    path = small / "published" / "henighan2020_fits.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("language,params,", "language,parms,", 1), encoding="utf-8"
    )
    path = small / "published" / "em_judges.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("gemma4:31b,13,", "gemma4:31b,130,", 1), encoding="utf-8")

    problems = check_tables(small)

    assert [p.given for p in problems if "wei2022" in str(p.file)] == ["an empty file"]
    assert any("did you mean params?" in p.needed for p in problems)
    assert any(p.given == "130" and "at most 100" in p.needed for p in problems)
    assert len(problems) == 3


def test_a_wrong_encoding_is_named(small):
    """A table that is not UTF-8 is named with the line of the first bad byte."""
    path = small / "published" / "wei2022_table1.csv"
    path.write_bytes(path.read_bytes() + "Few-shot prompting,caf\xe9,,,x,y\n".encode("latin-1"))

    (problem,) = check_tables(small)

    assert (problem.line, problem.needed) == (25, "UTF-8 text; save the file as UTF-8")


def test_a_missing_and_an_undescribed_file_are_named(small):
    """A misspelt file is a missing one and an undescribed one; both are named."""
    (small / "published" / "wei2022_table1.csv").rename(small / "published" / "wei2022_tabel1.csv")

    needs = sorted(p.needed for p in check_tables(small))

    assert any("did you mean wei2022_tabel1.csv?" in n for n in needs)
    assert any("an entry in data/datapackage.json" in n for n in needs)


def test_a_dangling_citation_of_a_table_is_named(small):
    """A table whose citation is not in the bibliography is refused."""
    path = small / "datapackage.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"cite": "wei2022emergent"', '"cite": "wei2022nothing"'),
        encoding="utf-8",
    )

    assert any(p.given == "wei2022nothing" for p in check_tables(small))


def test_broken_json_names_its_line(small):
    """A data package that is not JSON is named with its line."""
    path = small / "datapackage.json"
    path.write_text('{\n "name": oops\n}', encoding="utf-8")

    with pytest.raises(RecordError, match=r"datapackage\.json:2"):
        table_infos(small)


def test_an_unknown_table_is_answered_with_the_nearest():
    """A misspelt table name is answered with those that are there."""
    with pytest.raises(KeyError, match="wei2022_table1"):
        describe("wei2022_tabel1")
    assert read_table(describe("wei2022_table1")).shape[0] == 23


def test_the_data_package_is_valid_by_the_standard(root):
    """The tool of the Frictionless standard finds the data package valid, and sees a cell of a wrong type.

    The first two thousand rows of each resource are read here: all of every table, and the heads of the long traces.
    """
    import tempfile
    import warnings
    from pathlib import Path

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tool's own dependencies
        from frictionless import validate

        assert validate(str(root / "data" / "datapackage.json"), limit_rows=2000).valid
        with tempfile.TemporaryDirectory() as folder:
            small = Path(folder)
            shutil.copytree(root / "data" / "published", small / "published")
            package = json.loads((root / "data" / "datapackage.json").read_text(encoding="utf-8"))
            package["resources"] = [r for r in package["resources"] if r["name"] == "brown2020_table_h1"]
            (small / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
            table = small / "published" / "brown2020_table_h1.csv"
            lines = table.read_text(encoding="utf-8").splitlines()
            field = next(i for i, name in enumerate(lines[0].split(",")) if name == "small")
            cells = lines[1].split(",")
            cells[field] = "many"
            table.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", encoding="utf-8")

            assert not validate(str(small / "datapackage.json")).valid


def test_a_derived_table_is_compared_with_what_is_computed():
    """Without the data set the kept table comes; the same numbers within tolerance pass; another number, a lost row and a lost column are refused."""
    kept = table("pythia_order")
    assert derived("pythia_order", None).equals(kept)
    assert derived("pythia_order", kept.assign(step=kept.step * (1 + 1e-5))).equals(kept)

    for computed, said in (
        (kept.assign(step=kept.step * 1.01), "row 1 of step"),
        (kept.assign(step=kept.step.fillna(5.0)), "row 0 of step is 5.0"),
        (kept.assign(size=kept["size"].iloc[::-1].tolist()), "row 0 of size"),
        (kept.iloc[1:], "55 rows"),
        (kept.drop(columns="test"), "56 rows of size, step"),
    ):
        with pytest.raises(ValueError, match=said):
            derived("pythia_order", computed)


def test_a_derived_table_edited_by_hand_is_named(small):
    """What a program wrote is known by its hash: another number is said with the hash that a table computed anew would bear."""
    path = sorted((small / "derived").glob("*.csv"))[0]
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition("\n")
    path.write_text(f"{head}\n{rest[::-1].replace('1', '2', 1)[::-1]}", encoding="utf-8")

    said = [p for p in check_tables(small) if p.field.endswith(".hash")]
    assert [p.file.rpartition("/")[2] for p in said] == ["datapackage.json"]
    assert f"if derived/{path.name} was computed anew" in said[0].needed


def test_an_undescribed_derived_file_is_named(small):
    """A file beside the derived tables that no entry describes is a problem, as it is beside the published ones."""
    (small / "derived" / "stray.csv").write_text("a\n1\n", encoding="utf-8")

    assert ["stray.csv" in str(problem) for problem in check_tables(small)] == [True]


@pytest.mark.parametrize(
    ("text", "needed"),
    [("a\n1_000\n", "plain digits"), ("a\n１\n", "plain digits"), ("a\n 1\n", "plain digits"), ("a\nnan\n", "plain digits"),
     ("a\n", "one row"), ("a\r1\r", "line feed"), ('a\n"1' + "x" * 200_000, "t.csv")],
)  # fmt: skip
def test_cells_and_lines_that_are_not_what_they_seem_are_refused(tmp_path, text, needed):
    """Underscored, padded, full-width numbers, a header alone, old line ends and an open quote are named with the file."""
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    info = TableInfo("t", path, "t", "c", "l", "v", ({"name": "a", "type": "number"},))
    with pytest.raises(RecordError, match=needed):
        read_table(info)


@pytest.mark.parametrize(
    ("text", "field", "needed"),
    [
        ("null", "(whole file)", "fields below it"),
        ("7", "(whole file)", "fields below it"),
        ("[]", "(whole file)", "fields below it"),
        ("{}", "resources", "this field"),
        ('{"resources": [7]}', "resources.0", "fields below it"),
        ('{"resources": [{"name": "a", "path": 7, "format": "parquet"}]}', "resources.0.path", "text"),
        ('{"resources": [{"name": "a", "path": "../a", "format": "parquet"}]}', "resources.0.path", "below data/"),
        ('{"resources": [], "resources": []}', "(syntax)", "valid JSON"),
        ("é".encode("latin-1"), "(encoding)", "UTF-8"),
    ],
)
def test_a_data_package_that_is_none_is_named(tmp_path, text, field, needed):
    """A package of another kind, form or encoding is answered with file, field and remedy, and never with a traceback."""
    (tmp_path / "datapackage.json").write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(RecordError) as caught:
        table_infos(tmp_path)
    (problem,) = caught.value.problems
    assert problem.field == field
    assert needed in problem.needed


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('"type": "number"', '"type": "decimal"', "type"),
        ('"type": "number"', '"type": "number", "constraints": []', "constraints"),
        ('"type": "number"', '"type": "number", "constraints": {"minimum": "0"}', "minimum"),
        ('"type": "number"', '"type": "number", "constraints": {"pattern": "^1"}', "pattern"),
        ('"cite": "darwin1898tides"', '"cite": 7', "cite"),
    ],
)
def test_an_entry_at_fault_is_named(tmp_path, root, old, new, field):
    """A type, a constraint or a source that cannot be is named, with the line."""
    text = (root / "tests" / "little_review" / "data" / "datapackage.json").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "datapackage.json").write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(RecordError) as caught:
        table_infos(tmp_path)
    assert all(field in problem.field and problem.line == 1 for problem in caught.value.problems)


def test_two_entries_of_one_name_and_a_folder_are_named(tmp_path):
    """A name and a path that stand twice are said, each; so is a folder in place of the package."""
    path = tmp_path / "datapackage.json"
    one = {"name": "a", "path": "lab/a.parquet", "format": "parquet"}
    path.write_text(json.dumps({"resources": [one, one]}, indent=1), encoding="utf-8")
    with pytest.raises(RecordError) as caught:
        table_infos(tmp_path)
    assert [(p.field, p.line) for p in caught.value.problems] == [("resources.1.name", 9), ("resources.1.path", 10)]

    path.unlink()
    path.mkdir()
    with pytest.raises(RecordError, match="a folder"):
        table_infos(tmp_path)


def test_a_table_from_a_set_that_is_pinned_anew_is_to_be_computed_anew(small):
    """Other files behind a data set of others: each table of our computing that rests on it is named with the new pin, also where the set is not at hand."""
    path = small / "external.yml"
    text = path.read_text(encoding="utf-8")
    old = next(item for item in load_external(small) if item.id == "chinchilla-points")
    (digest,) = old.files.values()
    path.write_text(text.replace(digest, "0" * 64), encoding="utf-8")
    resting = {info["path"] for info in json.loads((small / "datapackage.json").read_text(encoding="utf-8"))["resources"] if "chinchilla-points" in info.get("sets", {})}  # fmt: skip
    new = pin_of(next(item for item in load_external(small) if item.id == "chinchilla-points"))

    found = [problem for problem in check_tables(small) if problem.field.endswith(".sets.chinchilla-points")]

    assert resting
    assert sorted(problem.needed for problem in found) == sorted(f"{new}, once {path} was computed anew from the set as data/external.yml pins it now" for path in resting)  # fmt: skip
    assert {problem.given for problem in found} == {pin_of(old)}


@pytest.mark.parametrize(
    ("verification", "sets", "said"),
    [
        ("computed by us from the external set time-horizons (MIT)", {}, "once derived/horizon_line.csv was computed anew"),
        ("computed by us from two external sets", {}, "the ids of these sets in data/external.yml, each with its pin"),
        ("computed by us", {"nobodys-set": "0" * 16}, "an id of data/external.yml"),
    ],
)  # fmt: skip
def test_a_table_names_the_sets_that_it_rests_on(small, verification, sets, said):
    """Sets that the words name or count are named with their pins; one that there is not is refused."""
    path = small / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    entry = next(item for item in package["resources"] if item["name"] == "horizon_line")
    entry.update(verification=verification, sets=sets)
    path.write_text(json.dumps(package, indent=2), encoding="utf-8")

    assert any(said in problem.needed for problem in check_tables(small))
