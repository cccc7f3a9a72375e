"""The bibliography: parsed by a real parser, written by its writer."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pybtex.bibtex.utils import split_name_list
from pybtex.database import InvalidNameString, Person, parse_string
from pybtex.richtext import Text
from pybtex.scanner import PybtexSyntaxError
from pydantic import TypeAdapter, ValidationError

from review_book.living.bibtex import free_key, written
from review_book.records.references import load_references
from review_book.records.searches import WorkId
from review_utils.records.reading import RecordError
from review_utils.records.references import _names, decoded

GOOD = "@misc{a2020b,\n  author = {One, Ada},\n  title = {A title},\n  year = {2020}\n}\n"


def _loaded(folder, text):
    (folder / "references.bib").write_text(text, encoding="utf-8")
    return load_references(folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + GOOD, r"references\.bib:6: a2020b: .*each key once; it also stands on line 1"),
        (GOOD.replace("a2020b", "Key"), r":1: Key: .*surnameYEARword"),
        (GOOD.replace("{A title},", "{A title"), r"a2020b: given .*braces that close"),
        (GOOD.replace("{A title},", "{A title}"), r":4: a2020b"),
        (GOOD.replace("year = {2020}", "year = nothing"), "a2020b"),
        (GOOD.replace("year = {2020}", "year = {2020}, Year = {2021}"), "the field Year twice"),
        (GOOD.replace("  title = {A title},\n", ""), "no title"),
        (GOOD.replace("year = {2020}", "year = {2020}, url = {javascript:alert(1)}"), "begins with https"),
        (GOOD.replace("A title", "50% more"), "bare percent sign"),
        (GOOD.replace("{2020}", "{in press}"), "a year of four digits"),
        (GOOD.replace("{One, Ada}", "{One, Ada and One, Ada}"), "each author once"),
        (GOOD.replace("{One, Ada}", "{One, Ada and Two, Bo and One, Ada}"), "Ada One; needed: each author once; or annote"),
        (GOOD.replace("a2020b", "one2020title").replace("{One, Ada}", "{Ada, One and Bo, Two}"), "One Ada; needed: One, Ada, by the key one2020title; or a key that begins with ada"),
        (GOOD.replace("year = {2020}", "year = {2020}, url = {https://a:b@c.org/d}"), "without a user's name"),
        (GOOD.replace("year = {2020}", "year = {2020}, howpublised = {ICLR}"), "did you mean howpublished"),
        (GOOD.replace("@misc", "@article"), "@article without journal; needed: the journal in which it came out, or @misc"),
        (GOOD.replace("@misc", "@inproceedings"), "the booktitle in which it came out"),
        (GOOD.replace("{One, Ada}", "{One, Ada and}"), "names between each and"),
        ("<<<<<<< ours\n" + GOOD + "=======\n>>>>>>> theirs\n", r":1: \(file\): given a mark of a merge.*\n.*:7: \(file\).*\n.*:8: "),
        ("nothing here\n", "at least one BibTeX entry"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line_and_key(tmp_path, text, said):
    """What is no BibTeX, a key twice, a missing field, a repeated one, a hostile address: file, line, key, remedy."""
    with pytest.raises(RecordError, match=said):
        _loaded(tmp_path, text)


@pytest.mark.parametrize(
    ("people", "needed"),
    [
        ("Ibrahim Alabdulmohsin, Behnam Neyshabur and Xiaohua Zhai", "two people as Alabdulmohsin, Ibrahim and Neyshabur, Behnam"),
        ("Alabdulmohsin, Ibrahim and Jean-Paul Sartre, Simone de Beauvoir", "two people as Sartre, Jean-Paul and Beauvoir, Simone de"),
        ("A. One, B. Two and C. Three", "two people as One, A. and Two, B."),
        ("Smith J., Brown K.", "two people as Smith, J. and Brown, K."),
        ("Garcia Marquez, Gabriel Jose", r"braces around a family name of two words, \{Garcia Marquez\}"),
        ("Ibrahim Alabdulmohsin, Behnam Neyshabur, and Xiaohua Zhai", "with and between each"),
        ("One, A.; Two, B.", "and between two names"),
        (r"One, A. \\& Two, B.", "and between two names"),
        ("Alessandro Achille et al.", "and others"),
        ("Achille, Alessandro and et al", "and others"),
        ("Achille, A., et al.", "and others"),
        ("Achille, A. and al.", "and others"),
    ],
)  # fmt: skip
def test_people_who_are_read_otherwise_than_meant_are_named(tmp_path, people, needed):
    """Two people whom BibTeX would take for one, and what names nobody, are refused with the form that is needed."""
    with pytest.raises(RecordError, match=needed):
        _loaded(tmp_path, GOOD.replace("One, Ada", people.replace("\\\\", "\\")))


@pytest.mark.parametrize(
    "people",
    [
        "{Johnson & Johnson} and {Meta, Inc.}", "{Garcia Marquez}, Gabriel Jose", "Garcia Marquez, Gabriel", "Al, Adam",
        "King, Jr., Martin Luther", "d'Avila Garcez, Artur S. and van der Wal, Oskar", "Agüera y Arcas, Blaise",
        "Lee, J. and Al, B. and others", "Ada One and Bo van Two",
    ],
)  # fmt: skip
def test_names_of_several_words_are_one_person_each(tmp_path, people):
    """A family name with a particle, of two words with one given name or in braces, a suffix and a group are as they stand."""
    assert len(_loaded(tmp_path, GOOD.replace("One, Ada", people))["a2020b"].authors) == people.count(" and ") + 1


def test_two_people_of_one_name_are_said_to_be_two(tmp_path):
    """A name may stand twice where annote says that two people bear it; a family name may be a given name elsewhere."""
    people = GOOD.replace("{One, Ada}", "{One, Ada and Two, Bo and One, Ada}")
    two = people.replace("year =", "annote = {Ada One is two people},\n  year =")
    other = GOOD.replace("a2020b", "james2020title").replace("{One, Ada}", "{James, William}")
    assert [*_loaded(tmp_path, two), *_loaded(tmp_path, other)] == ["a2020b", "james2020title"]


def test_a_fault_hides_no_other(tmp_path):
    """An entry that does not close leaves the faults of the next to be seen."""
    broken = GOOD.replace("{2020}\n}", "{2020\n") + GOOD.replace("a2020b", "Second")

    with pytest.raises(RecordError) as error:
        _loaded(tmp_path, broken)

    assert {problem.field for problem in error.value.problems} == {"a2020b", "Second"}


def test_latex_is_read_as_text(tmp_path):
    """Names and titles with LaTeX accents come out as they are printed, with labels of one, two and many authors."""
    text = GOOD.replace("One, Ada", r"L{\"o}rch, Niels and Kacz{\'e}r, David").replace("A title", "The {GPT} r\\^ole")
    found = _loaded(tmp_path, text)["a2020b"]

    assert found.authors == ("Niels Lörch", "David Kaczér")
    assert found.title == "The GPT rôle"
    assert found.label == "Lörch and Kaczér 2020"


def test_labels_of_this_review(root):
    """A citation is shown as its first author and year."""
    known = load_references(root / "data")

    assert known["hoffmann2022training"].label == "Hoffmann et al. 2022"
    assert known["lindsey2025emergent"].label == "Lindsey 2025"


TITLES = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="<") | st.just(" "), min_size=1
).filter(lambda text: any(c.isalnum() for c in text))

NAMES = TITLES.filter(lambda name: not re.search(r"[;&,]|\b(al|alii|u\. ?a)\b", name, re.I))


@given(title=TITLES, author=NAMES)
def test_what_is_written_is_read_back(tmp_path_factory, title, author):
    """Whatever a title or a name holds, markup apart, the written entry is one entry of one key, and adds no field."""
    text = written("a2020b", {"title": title, "year": "2020", "url": "https://example.org/a_b"}, [author])
    found = _loaded(tmp_path_factory.mktemp("bib"), text)

    assert list(found) == ["a2020b"]
    assert found["a2020b"].url == "https://example.org/a_b"


@pytest.mark.parametrize(
    ("author", "read"),
    [
        ("Google DeepMind", "Google DeepMind"),
        ("Ada & Sons", "Ada & Sons"),
        ("María de la Cruz Jr.", "María de la Cruz Jr."),
        ("OpenAI", "OpenAI"),
    ],
)
def test_groups_and_particles_stay_whole(tmp_path, author, read):
    """A group is not turned about, and a name keeps its particles."""
    assert _loaded(tmp_path, written("a2020b", {"title": "T", "year": "2020"}, [author]))["a2020b"].authors == (read,)


def test_a_field_cannot_be_injected(tmp_path):
    """A title with braces, a percent sign or a field in it stays a title."""
    title = "A brace }, url = {https://evil.example"
    found = _loaded(tmp_path, written("a2020b", {"title": title, "year": "2020"}, ["Ada One"]))["a2020b"]

    assert found.url is None
    assert "evil.example" in found.title


def test_a_key_that_is_taken_gets_a_letter():
    """A second paper of one surname, year and word has a key of its own."""
    assert free_key("a2020b", ["a2020b"]) == "a2020bb"
    assert free_key("a2020b", ["a2020b", "a2020bb"]) == "a2020bc"
    assert free_key("a2020b", []) == "a2020b"


def test_text_without_latex_is_left_alone():
    """Plain text comes back with its spaces joined."""
    assert decoded("two  words") == "two words"


@given(st.text(st.sampled_from("aB3 .,:;?()/+-{}é"), max_size=30))
def test_words_in_braces_are_decoded_as_the_parser_of_latex_does(text):
    """Titles that hold no more than braces are read without the parser, and as it reads them."""
    text = text.replace(",,", ", ")  # a low quotation mark of old keyboards
    try:
        whole = str(Text.from_latex(text))
    except PybtexSyntaxError:  # braces that do not close
        return
    assert decoded(text) == " ".join(unicodedata.normalize("NFC", whole).replace("\xa0", " ").split())


@given(st.text(st.sampled_from("aBdn é,.-'{}~"), max_size=25))
def test_names_are_split_as_the_parser_of_names_does(name):
    """A simple name is split without the parser, and as it splits it."""
    people = " ".join(f"Bohr, Niels and {name} and de la Cruz, Ann".split())
    try:
        persons = [Person(one) for one in split_name_list(people)]
    except (InvalidNameString, PybtexSyntaxError):  # braces that do not close, commas without end
        return
    assert list(_names(people)) == [
        (decoded(" ".join(p.first_names + p.middle_names)), decoded(" ".join(p.prelast_names + p.last_names)))
        for p in persons
    ]


def test_signs_of_tex_in_a_title_come_back_as_they_went():
    """A title with signs that TeX takes for its own is written as BibTeX and read again as it was."""
    title = "R&D at 100% of #1 model_x: a~b and $5 or less"
    text = written("lee2020first", {"title": title, "year": "2020"}, ["Ann Lee"])

    assert decoded(parse_string(text, "bibtex").entries["lee2020first"].fields["title"]) == title
    assert decoded(r"Skills for \$5 at 50\% of {GPT}-4 \& more") == "Skills for $5 at 50% of GPT-4 & more"


def test_an_id_of_a_work_is_one_of_its_forms():
    """Ids of each index are taken, that of Semantic Scholar by its 40 digits; one with a version is told what to leave out."""
    ids = TypeAdapter(WorkId)
    for good in ("arXiv:2401.01234", "doi:10.1/a", "key:lee2020first", "openalex:W12", "s2:" + "0a" * 20):
        assert ids.validate_python(good) == good
    for bad in ("arXiv:2401.01234v2", "s2:0a", "s2:a40"):
        with pytest.raises(ValidationError, match="without its version"):
            ids.validate_python(bad)
