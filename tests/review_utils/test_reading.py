"""Reading records: lines, remedies, and refusal of what could hurt a page."""

from __future__ import annotations

import os
import re
import string
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from review_utils.records.quantities import PartialDate, Quantity
from review_utils.records.reading import (
    Record,
    RecordError,
    Text,
    format_number,
    parse,
    parse_list,
    plain_text,
    read_yaml,
)


class Animal(Record):
    """A record to test with."""

    name: Text
    legs: int


def _write(tmp_path, text, name="a.yml"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _problems(tmp_path, text, model=Animal):
    with pytest.raises(RecordError) as caught:
        parse(model, read_yaml(_write(tmp_path, text)))
    return caught.value.problems


def test_every_problem_is_reported_with_its_line(tmp_path):
    """Two faults in one record give two problems, each with its own line and remedy."""
    problems = _problems(tmp_path, "name: 7\nlegs: many\n")

    assert [(p.line, p.field) for p in problems] == [(1, "name"), (2, "legs")]
    assert "quotes" in problems[0].needed
    assert "whole number" in problems[1].needed


def test_an_unknown_field_is_named_with_its_nearest_neighbour(tmp_path):
    """A misspelt field is answered with the field that was probably meant."""
    problems = _problems(tmp_path, "name: cat\nleggs: 4\n")

    assert {(p.field, p.needed) for p in problems} == {
        ("leggs", "one of name, legs; did you mean legs?"),
        ("legs", "this field"),
    }


def test_a_key_given_twice_is_refused(tmp_path):
    """YAML that repeats a key is refused at the second place, where most parsers keep the last silently."""
    (problem,) = _problems(tmp_path, "name: cat\nlegs: 4\nname: dog\n")

    assert (problem.line, problem.given) == (3, "the same key twice")


@pytest.mark.parametrize(
    ("text", "line", "needed"),
    [
        (b"name: caf\xe9\nlegs: 4\n", 1, "UTF-8"),
        (b"", 1, "a record"),
        (b"name: [cat\nlegs: 4\n", 2, "valid YAML"),
        (b"name: cat\nlegs: *four\n", 2, "valid YAML"),
        (b"just words\n", 1, "fields below it"),
    ],
)
def test_a_broken_file_is_one_clear_problem(tmp_path, text, line, needed):
    """A wrong encoding, an empty file, broken YAML and a file without fields are each named."""
    (problem,) = _problems(tmp_path, text)

    assert problem.line == line
    assert needed in problem.needed


def test_a_missing_file_names_its_nearest_neighbour(tmp_path):
    """A misspelt file name is answered with the file that is there."""
    _write(tmp_path, "name: cat", "kitten.yml")

    with pytest.raises(RecordError, match=r"did you mean kitten\.yml"):
        read_yaml(tmp_path / "kiten.yml")


def test_a_list_reports_the_faults_of_every_item(tmp_path):
    """In a file that lists records, faults of different items are reported together, each on its line."""
    with pytest.raises(RecordError) as caught:
        parse_list(Animal, read_yaml(_write(tmp_path, "- {name: cat}\n- {name: dog, legs: 4}\n- {legs: 2}\n")))

    assert [(p.line, p.field) for p in caught.value.problems] == [(1, "0.legs"), (3, "2.name")]


def test_a_place_is_named_by_ids_and_keys_where_there_are_any(tmp_path):
    """Of a list, an item with an id or a key is called by that, whatever its number; one without, or with no word as id, is counted."""
    text = "- key: cats2020\n  numbers:\n    - {id: legs, value: 4}\n    - {value: 3}\n- {id: two words}\n- {id: 7}\n"
    located = read_yaml(_write(tmp_path, text))
    places = [(0, "numbers", 0, "value"), (0, "numbers", 1, "value"), (1, "id"), (2, "id"), (3, "id")]

    said = [located.problem(place, "", "") for place in places]
    assert [p.field for p in said] == [
        "cats2020.numbers.legs.value",
        "cats2020.numbers.1.value",
        "1.id",
        "2.id",
        "3.id",
    ]
    assert [p.line for p in said] == [3, 4, 5, 6, 1]


@pytest.mark.parametrize(
    ("text", "line", "indent", "above"),
    [
        ("tails:\n - id: a\n    long: 3\n", 3, 4, 3),
        ("tails:\n  - id: a\n     long: 3\n", 3, 5, 4),
        ("tails:\n  - id: a\n   long: 3\n", 3, 3, 4),
        ("- id: a\n  tails:\n    - id: b\n   - id: c\n", 4, 3, 6),
    ],
)
def test_an_indent_that_fits_nothing_is_named(tmp_path, text, line, indent, above):
    """A key or a dash that stands a space too far left or right is told so, and not that its colon wants quotes."""
    with pytest.raises(RecordError) as caught:
        read_yaml(_write(tmp_path, text))

    (problem,) = caught.value.problems
    assert (problem.line, problem.given) == (line, f"an indent of {indent}")
    assert problem.needed.startswith(f"that of the dashes or keys beside it (the key above: {above})")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "tides &amp; winds",
        "a&#39;s",
        "a\x00b",
        "x\u202ey",
        "<img src=x onerror=y>",
        "</div>",
        "  ",
    ],
)
def test_markup_and_control_characters_are_refused(text):
    """Text that could act on a page, or that hides characters, never enters a record."""
    with pytest.raises(ValueError, match=r"plain text|not blank"):
        plain_text(text)


@pytest.mark.parametrize("text", ["p < 0.05", "5 > 3", "a & b", "café", "<0.1%", "10 < n"])
def test_ordinary_text_is_kept(text):
    """Comparison signs, ampersands and accents are text like any other."""
    assert plain_text(text) == text


_keys = st.text(string.ascii_lowercase, min_size=1, max_size=6)
_values = st.recursive(
    st.integers() | st.booleans() | st.text(string.ascii_letters + " :#-'\"", max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_keys, _values, min_size=1, max_size=5))
def test_reading_agrees_with_pyyaml_and_knows_every_line(tmp_path_factory, data):
    """For any data, our reader gives what PyYAML gives, and the line that it knows for a key holds that key."""
    path = tmp_path_factory.mktemp("y") / "a.yml"
    text = yaml.safe_dump(data, allow_unicode=True)
    path.write_text(text, encoding="utf-8")

    located = read_yaml(path)

    assert located.data == yaml.safe_load(text) == data
    for key in data:
        assert key in text.splitlines()[located.lines[(key,)] - 1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (40364371060.98, "40.4 billion"),
        (0.0519871, "0.052"),
        (1512, "1,512"),
        (0.0, "0"),
        (5.76e23, "5.76 × 10²³"),
        (float("inf"), "unbounded"),
        (-2.5, "-2.5"),
    ],
)
def test_numbers_are_written_as_prose_reads_them(value, text):
    """Large numbers get words, small ones their significant digits, and an unbounded one says so."""
    assert format_number(value) == text


def test_a_bomb_is_refused_at_once(tmp_path):
    """A file whose aliases would unfold without end, one that holds itself, and one nested too deeply are each one problem."""
    bomb = "a: &a [x, x]\n" + "".join(
        f"{n}: &{n} [{', '.join(['*' + p] * 9)}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
    )
    for text in (bomb, "a: &a [*a]\n", "[" * 20000 + "]" * 20000):
        with pytest.raises(RecordError) as caught:
            read_yaml(_write(tmp_path, text))
        assert len(caught.value.problems) == 1


def test_a_huge_record_is_read(tmp_path):
    """A list of fifty thousand items is read, and a fault in its last one is still named by its line."""
    text = "- {name: cat, legs: 4}\n" * 50000 + "- {name: dog, legs: x}\n"

    with pytest.raises(RecordError) as caught:
        parse_list(Animal, read_yaml(_write(tmp_path, text)))

    assert [p.line for p in caught.value.problems] == [50001]


@pytest.mark.parametrize(
    "letter", ["\u200b", "\u200e", "\u00ad", "\u2028", "\ufeff", "\ufffd", "\ue000", "\U000e0041", "\x00", "\u202e"]
)
def test_text_that_cannot_be_seen_is_refused(letter):
    """Zero widths, directions, tags, soft hyphens, line ends of other systems: each is named; accents and spaces stay."""
    with pytest.raises(ValueError, match=re.escape(ascii(letter))):
        plain_text(f"a{letter}b")
    assert plain_text("Kaczér, 10 °C, «α»\u00a0— 東京") == "Kaczér, 10 °C, «α»\u00a0— 東京"


@pytest.mark.parametrize("number", ["1_000", "017", "0o17", "0x1F", "1:30", "yes", '"7.1"', "on", "７", "1e", "true"])
def test_numbers_are_written_as_printed(tmp_path, number):
    """Octal, sixty-based, underscored, quoted, full-width numbers and yes are no numbers of a record."""
    with pytest.raises(RecordError) as caught:
        parse(Quantity, read_yaml(_write(tmp_path, f"value: {number}\n")))
    assert [p.field for p in caught.value.problems] == ["value"]


@pytest.mark.parametrize(
    ("number", "value"), [("7", 7), ("-0.5", -0.5), ("1e-3", 0.001), ("3.0e+11", 3e11), (".5", 0.5)]
)
def test_printed_numbers_are_read(tmp_path, number, value):
    """Whole numbers, decimals and powers of ten are read as what they say."""
    assert parse(Quantity, read_yaml(_write(tmp_path, f"value: {number}\n"))).value == value


@pytest.mark.parametrize(
    "text",
    ["? [a, b]\n: c\n", "? {a: b}\n: c\n", "a: !!bool x\n", "a: !!timestamp x\n", "a: !!int x\n", "a: !other x\n",
     "[" * 200_000, "{a: " * 50_000, "- " * 100_000, "\0"],
)  # fmt: skip
def test_broken_yaml_is_one_problem_with_its_line(tmp_path, text):
    """Lists as names, values that are not what their tag says, nesting without end: one sentence, no traceback."""
    with pytest.raises(RecordError) as caught:
        read_yaml(_write(tmp_path, text))
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize("kind", ["folder", "link", "loop", "pipe", "device"])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path, kind):
    """A folder, a link, a pipe or a device in place of a record is named; nothing waits for it."""
    path = tmp_path / "x.yml"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to({"link": tmp_path / "y.yml", "loop": path, "device": Path("/dev/zero")}[kind])
    with pytest.raises(RecordError, match="needed: "):
        read_yaml(path)


def test_a_byte_order_mark_is_no_part_of_the_record(tmp_path):
    """A file that an editor of Windows saved reads as any other."""
    path = tmp_path / "x.yml"
    path.write_bytes(b"\xef\xbb\xbfvalue: 7\r\n")
    assert read_yaml(path).data == {"value": 7}


@pytest.mark.parametrize(
    "date", ["0000", "0001", "2025-00", "2025-13", "2025-99", "２０２５", "٢٠٢٥", "2025-02-30", "9999-13", "1898-1"]
)
def test_dates_that_cannot_be_are_refused(date):
    """Months that there are not, other scripts' digits and slips of a digit are no dates."""
    with pytest.raises(ValidationError, match=r"a date as|a day that exists|a year from"):
        TypeAdapter(PartialDate).validate_python(date)


def test_a_listed_record_is_found_on_its_line(tmp_path):
    """The place of a record is known from reading alone, and is that of its problems."""
    path = tmp_path / "x.yml"
    path.write_text("# a remark\n- a: 1\n\n-\n  a: 2\n- {a: 3}\n")
    located = read_yaml(path)
    assert [located.place(i)[1] for i in range(3)] == [2, 5, 6]
    assert [located.problem((i,), "", "").line for i in range(3)] == [2, 5, 6]
    assert "lines" not in read_yaml(path).__dict__


def test_what_one_reader_changes_no_other_sees(tmp_path):
    """The same text is parsed once, and each who reads it has data of their own, down to the last list."""
    path = tmp_path / "a.yml"
    path.write_text("- {id: one, kept: [{deep: [1, 2]}]}\n", encoding="utf-8")

    first = read_yaml(path).data
    first[0]["kept"][0]["deep"].append(3)
    first[0]["id"] = "two"
    first.append("three")
    assert read_yaml(path).data == [{"id": "one", "kept": [{"deep": [1, 2]}]}]


def test_a_power_of_ten_is_written_as_readers_know_it():
    """What a record says of a budget or of a tiny loss stands in prose as a power of ten, in no programmer's form."""
    assert str(Quantity(value=8.9e19)) == "8.9 × 10¹⁹"
    assert str(Quantity(value=2e19, upper=3e20, qualifier="about")) == "about 2 × 10¹⁹ to 3 × 10²⁰"
    assert str(Quantity(value=2.5e-7)) == "2.5 × 10⁻⁷"
    assert str(Quantity(value=2048, upper=13_000_000)) == "2,048 to 13,000,000"
