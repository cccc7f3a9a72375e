"""The compendium's records: what is checked, and what a law gives."""

from __future__ import annotations

import json
import shutil

import pytest

from emergence.records.laws import ORDER, load_laws, stem_of
from review_utils.records.reading import RecordError


@pytest.fixture(scope="module")
def laws(root):
    """The real laws."""
    return load_laws(root / "data")


@pytest.fixture
def data(root, tmp_path):
    """The bibliography and one family, to be broken."""
    (tmp_path / "laws").mkdir()
    shutil.copy(root / "data" / "references.bib", tmp_path)
    shutil.copy(root / "data" / "laws" / "precision.yml", tmp_path / "laws")
    return tmp_path


def test_every_law_says_what_it_counts_and_how_it_was_read(laws):
    """No law is without variables, runs and fit; no constant without its place; nothing refers to another row."""
    for law in laws:
        assert law.variables
        assert law.models_data
        assert law.how_fitted
        for constant in law.constants:
            assert constant.locator
        texts = [law.form.words, law.models_data, law.schedule, law.how_fitted, *(c.locator for c in law.constants)]
        assert not [text for text in texts if text == "same" or text.startswith("as above")], law.id


def test_every_family_has_its_place(laws):
    """Families come in the order of the chapter, and each is named there."""
    assert list(laws.families) == [family for family in ORDER if family in laws.families]
    assert len(laws) == sum(map(len, laws.families.values())) == len(laws.by_id)
    assert laws.family_of("besiroglu") == "loss in size and data"
    assert stem_of("loss in size and data") == "loss-in-size-and-data"


def test_a_law_that_fell_says_by_what(laws):
    """Each law that does not stand names who replaced it, and why."""
    fallen = [law for law in laws if law.status.is_ != "live"]

    assert fallen
    assert all(law.status.by and law.status.because for law in fallen)


def test_constants_are_those_of_the_published_tables(laws, root):
    """Where a table of the data package holds the same constants, the record agrees with it."""
    from review_utils.data.tables import read_table, table_infos

    infos = table_infos(root / "data")
    refit = read_table(infos["besiroglu2024_refit"]).set_index("parameter")
    printed = read_table(infos["hoffmann2022_parametric_fit"]).set_index("parameter")
    for symbol in ("A", "B", "E", "alpha", "beta"):
        assert laws.law("besiroglu").value(symbol) == refit.estimate[symbol]
        low, high = laws.law("besiroglu").constant(symbol).interval
        assert (low, high) == pytest.approx((refit.low95[symbol], refit.high95[symbol]), rel=1e-3)
        assert laws.law("hoffmann-3").value(symbol) == printed.printed[symbol]


def test_what_is_no_number_is_refused_as_one(laws):
    """A constant in words gives no number, an unknown one names the near misses, and so does an unknown law."""
    with pytest.raises(KeyError, match="not read"):
        laws.law("precision").value("constants")
    with pytest.raises(KeyError, match="alpha"):
        laws.law("besiroglu").value("alphas")
    with pytest.raises(KeyError, match="did you mean besiroglu"):
        laws.law("besirogl")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("family: precision", "family: accuracy", "the family that precision.yml is named after"),
        ("cite: kumar2024precision", "cite: kumar2025precision", "did you mean kumar2024precision"),
        ("      D: tokens\n", "", "D as well, with what it counts: its formula holds it"),
        ("is: live", "is: superseded", "by and because"),
        ("is: live", "is: dead", "one of live, superseded, erratum, contested"),
        (
            "N: [3.0e+7, 1.7e+9]",
            "N: [1.7e+9, 3.0e+7]",
            r"range.N: given \[1700000000.0, 30000000.0\]; needed: an interval \[low, high\]",
        ),
        ("N: [3.0e+7, 1.7e+9]", "N: [-3.0e+7, 1.7e+9]", "from 0 on"),
        (
            "latex: L=\\frac{A}{N_{eff}^{\\alpha}}+\\frac{B}{D^{\\beta}}+E+\\delta_{PTQ}(N,D,P)",
            "latex: Y=X",
            "one of its variables or constants",
        ),
        ("    status:\n", "    optimum: {size: 0.73, data: 0.73}\n    status:\n", "the rest of the budget"),
        ("read: primary", "read: twice", "one of primary, secondary, memory"),
    ],
)
def test_a_planted_fault_is_named_with_its_line(data, old, new, said):
    """A wrong family, citation, status, range or reading is refused with file, line and remedy."""
    path = data / "laws" / "precision.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(RecordError, match=said) as caught:
        load_laws(data)
    assert all(problem.line for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "N^{-\\alpha}",
            "N^{\\alpha}",
            r"form.latex: .*a loss that falls with N: to the power of alpha, 0.34, it rises",
        ),
        ("D^{-\\beta}", "D^\\beta", "a loss that falls with D: to the power of beta, 0.28, it rises"),
        ("value: 0.34\n", "value: -0.34\n", "a loss that falls with N: to the power of -alpha, -0.34, it rises"),
        ("N^{-\\alpha}+B\\,D^{-\\beta}", "\\frac{1}{N^{\\alpha}}+\\frac{B}{D^{\\beta}}", None),
        ("quantity: loss in nats a token", "quantity: gain in nats a token", None),
        ("A\\,N^{-\\alpha}", "A\\,(N/B)^{\\alpha}", "a loss that falls with N: to the power of alpha, 0.34, it rises"),
    ],
)
def test_a_loss_that_would_rise_with_size_or_data_is_refused(root, tmp_path, old, new, said):
    """A sign that was lost from a formula or a constant turns a law about, and its page would print it so."""
    (tmp_path / "laws").mkdir()
    shutil.copy(root / "data" / "references.bib", tmp_path)
    text = (root / "data" / "laws" / "loss-in-size-and-data.yml").read_text(encoding="utf-8")
    at = text.index("id: hoffmann-3")
    assert old in text[at:]
    (tmp_path / "laws" / "loss-in-size-and-data.yml").write_text(
        text[:at] + text[at:].replace(old, new, 1), encoding="utf-8"
    )
    if said is None:
        assert load_laws(tmp_path)
        return
    with pytest.raises(RecordError, match=said):
        load_laws(tmp_path)


def test_one_exponent_of_many_with_another_sign_is_refused(root, tmp_path):
    """Where a symbol has a constant for each kind of data, all have one sign; one alone with the other needs a note."""
    (tmp_path / "laws").mkdir()
    shutil.copy(root / "data" / "references.bib", tmp_path)
    path = tmp_path / "laws" / "loss-in-size-and-data.yml"
    text = (root / "data" / "laws" / path.name).read_text(encoding="utf-8")
    constant = "      - {{symbol: x ({}), value: {}, locator: p, read: primary}}\n"
    at = text.index("    constants:\n", text.index("id: hoffmann-3")) + len("    constants:\n")

    def loads(*values):
        more = "".join(constant.format(name, value) for name, value in zip("abc", values, strict=True))
        form = text[:at] + more + text[at:]
        path.write_text(form.replace("L=E+A", "L=x+E+A"), encoding="utf-8")
        return load_laws(tmp_path)

    assert loads(-0.1, -0.2, -0.3)
    with pytest.raises(RecordError, match="the sign of the others of x, or a note"):
        loads(-0.1, 0.2, -0.3)


def test_an_id_twice_is_refused(data):
    """Two laws of one id are refused, and the first place is named."""
    path = data / "laws" / "precision.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text.partition("laws:\n")[2].replace("name: ", "name: Another "), encoding="utf-8")

    with pytest.raises(RecordError, match=r"precision\.yml:4"):
        load_laws(data)


def test_a_name_twice_is_refused(root, data):
    """Two laws of one name would be one to a reader."""
    text = (root / "data" / "laws" / "forms.yml").read_text(encoding="utf-8")
    (data / "laws" / "forms.yml").write_text(text.replace("name: Form M2", "name: Form M1", 1), encoding="utf-8")

    with pytest.raises(RecordError, match="needed: a name that no other law has"):
        load_laws(data)


def test_programs_read_all_that_the_records_hold(laws):
    """The rows for programs are as many as the laws, each with its family and its standing."""
    rows = laws.rows()

    assert [row["id"] for row in rows] == [law.id for law in laws]
    assert all(row["family"] and row["status"]["is"] for row in rows)


LAW = """family: split
laws:
  - id: straight
    name: A straight line
    cite: later2022law
    quantity: parameters
    form: {latex: 'N_{opt}=G\\,C^{a},D_{opt}\\propto C^{b}', words: half of the budget goes into size}
    variables: {N: parameters, G: where the line begins, C: 6ND}
    models_data: ten models
    schedule: cosine
    constants:
      - {symbol: a, value: 0.5, interval: [0.48, 0.52], locator: Table 2, read: primary}
      - {symbol: b, value: 0.49, locator: Table 2, read: primary}
      - {symbol: G, value: 3.25, locator: Table 2, read: primary}
    how_fitted: by least squares
    status: {is: live}
    optimum:
      size: 0.5
      data: 0.49
      ratio: 20 to 22 (Table 3)
      ratio_range: [20, 22]
      anchor: {flop: 1.2e+22, parameters: 1.0e+10, locator: Table 3, read: primary}
"""
BIB = """@misc{first2017law,
  author = {One, Ada},
  title = {A First Law},
  year = {2017}
}

@misc{later2022law,
  author = {Two, Ada},
  title = {Another Line},
  year = {2022}
}
"""
TABLE = {
    "name": "constants", "path": "published/constants.csv", "title": "Constants", "cite": "later2022law", "locator": "Table 2",
    "verification": "primary",
    "schema": {"fields": [{"name": "symbol", "type": "string"}, {"name": "value", "type": "number"}]},
}  # fmt: skip


DOMAINS = {
    **TABLE, "name": "law_domains", "path": "published/law_domains.csv", "cite": "first2017law",
    "schema": {"fields": [{"name": n, "type": "number" if n in ("low", "high") else "string"} for n in ("law", "quantity", "low", "high", "cite")]},
}  # fmt: skip


@pytest.fixture
def own(tmp_path):
    """One law with its source and the table of its constants, all made up."""
    for name, text in (
        ("laws/split.yml", LAW),
        ("references.bib", BIB),
        ("datapackage.json", json.dumps({"resources": [TABLE, DOMAINS]})),
        ("published/law_domains.csv", "law,quantity,low,high,cite\nstraight,params,7e6,8.7e9,later2022law\n"),
        ("published/constants.csv", "symbol,value\na,0.5\nb,0.49\nln_G,1.178655\n"),
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


BROKEN = {
    "a constant that its table does not hold": ("symbol: G, value: 3.25", "symbol: G, value: 3.52", "straight.constants.G: given 3.52; needed: a number of the tables of later2022law"),
    "a size that is counted in tokens": ("N: parameters", "N: tokens of training", r"variables\.N: given tokens of training; needed: what N counts, which in every law is size"),
    "a budget that is counted in parameters": ("C: 6ND", "C: all parameters", r"variables\.C: given all parameters; needed: what C counts, which in every law is compute"),
    "a size that the constants do not give": ("size: 0.5\n", "size: 0.47\n", "needed: 0.5, the constant a; or a note"),
    "a share of data that the constants do not give": ("data: 0.49\n", "data: 0.51\n", "needed: 0.49, the constant b; or a note"),
    "an anchor far from the ratio": ("parameters: 1.0e+10", "parameters: 1.0e+13", "needed: tokens a parameter near 20 to 22"),
    "a ratio in words and another in numbers": ("ratio_range: [20, 22]", "ratio_range: [2.0, 2.2]", "needed: what ratio says, 20 to 22"),
    "a law superseded by its own source": ("{is: live}", "{is: superseded, by: [later2022law], because: x}", "needed: a work that came after later2022law"),
    "a law superseded by an older one": ("{is: live}", "{is: superseded, by: [first2017law], because: x}", "needed: a work that came after later2022law, of 2022"),
    "a law that stands, with what it fell by": ("{is: live}", "{is: live, by: [first2017law]}", "needed: no by and no because, of a law that stands"),
    "a constant that the form does not have": ("symbol: a, value: 0.5", "symbol: zeta (in all), value: 0.5", r"laws\.straight\.constants\.\d\.symbol: given zeta .*needed: a symbol of the form"),
    "a constant that the form has in another letter": ("symbol: G, value: 3.25", "symbol: Q, value: 3.25", "given Q; needed: a symbol of the form"),
    "a constant below another letter": ("symbol: a, value: 0.5", "symbol: a_N, value: 0.5", "given a_N; needed: a symbol of the form"),
    "a Greek letter in another spelling": ("symbol: a, value: 0.5", "symbol: aplha (in all), value: 0.5", r"did you mean alpha\?"),
    "a name of another year": ("name: A straight line", "name: A straight line, Two 2012", "needed: Two 2022, whom it cites"),
    "a name of another author": ("name: A straight line", "name: A straight line, One 2022", "needed: Two 2022, whom it cites"),
    "an error larger than what it is of": ("      size: 0.5\n", "      size: 0.5\n      standard_error: 1.8\n", "needed: an error smaller than the 0.5"),
    "percent as a share": ("      size: 0.5\n", "      size: 0.5\n      interval: [0.48, 0.52]\n      interval_percent: 0.8\n", "interval_percent: given 0.8; needed: .*1"),
    "an error beside another interval": ("      size: 0.5\n", "      size: 0.5\n      standard_error: 0.2\n      interval: [0.48, 0.52]\n", "needed: an error that goes with 0.48 to 0.52"),
    "exponents that spend more than the budget, with a note": ("      data: 0.49\n", "      data: 0.69\n      note: the source rounds\n", "data: .*needed: the rest of the budget"),
    "tokens that its budget does not pay": ("anchor: {flop: 1.2e+22, parameters: 1.0e+10,", "anchor: {flop: 1.2e+22, parameters: 1.0e+10, tokens: 2.0e+10,", "anchor.tokens: given 20000000000.0; needed: about 2e.11, which 1.2e.22 FLOP give"),
    "runs of another range than the table of domains": ("    models_data: ten", "    range: {N: [7.0e+9, 8.7e+9]}\n    models_data: ten", "straight.range.N: given 7e.09 to 8.7e.09; needed: .7e.06, 8.7e.09., as law_domains has it"),
    "a variable that the form does not have": ("G: where the line begins", "Q: where the line begins", "variables.Q: .*needed: a symbol of the form"),
}  # fmt: skip


def test_a_law_that_agrees_with_itself_and_its_table_is_sound(own):
    """A table may print the logarithm of a constant; an optimum may lie within the interval of a constant."""
    path = own / "laws" / "split.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("size: 0.5\n", "size: 0.51\n"), encoding="utf-8")
    assert [law.id for law in load_laws(own)] == ["straight"]


@pytest.mark.parametrize("kind", BROKEN)
def test_a_law_that_says_two_things_is_named(own, kind):
    """What a law says in two places, or its record and the table of its source say, is one thing."""
    old, new, said = BROKEN[kind]
    path = own / "laws" / "split.yml"
    assert old in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RecordError, match=said):
        load_laws(own)


def test_ends_that_are_turned_about_in_the_table_are_no_fault_of_the_law(own):
    """The table is told to have its low end above its high one, and nobody to turn the record about as well."""
    for path, old, new in (
        (own / "published" / "law_domains.csv", "7e6,8.7e9", "8.7e9,7e6"),
        (own / "laws" / "split.yml", "    models_data: ten", "    range: {N: [7.0e+6, 8.7e+9]}\n    models_data: ten"),
    ):
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert len(load_laws(own)) == 1


def test_a_constant_that_differs_from_its_table_for_a_reason_is_sound(own):
    """A note says why a constant is not the one of the table."""
    path = own / "laws" / "split.yml"
    text = path.read_text(encoding="utf-8").replace("symbol: G, value: 3.25,", "symbol: G, value: 3.52, note: rounded,")
    path.write_text(text, encoding="utf-8")
    assert len(load_laws(own)) == 1
