"""Whether two entries are one work."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from review_book.records.duplicates import Known, Work, duplicates, ids_in, measured, same_work

GROKKING = Work(
    "Grokking: Generalization Beyond Overfitting on Small Algorithmic Datasets",
    ("Power", "Burda", "Edwards", "Babuschkin", "Misra"),
    "2022",
    ids_in("2201.02177"),
)


def variant(title=GROKKING.title, families=GROKKING.families, year="2022", ids=()):
    """Another entry, by default of the same work and without an id."""
    return Work(title, tuple(families), year, frozenset(ids))


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (variant("?", (), "", ids_in("https://arxiv.org/pdf/2201.02177v3")), "arxiv:2201.02177"),
        (variant("?", (), "", ids_in("https://doi.org/10.48550/arXiv.2201.02177")), "arxiv:2201.02177"),
        (variant("GROKKING: GENERALISATION BEYOND OVER-FITTING ON SMALL ALGORITHMIC DATA SETS"), "title and authors"),
        (variant("Grokking", ("Power", "others")), "title and authors"),
        (variant(year="2025", ids=ids_in("10.1000/xyz")), "title and authors"),
        (variant(families=()), "title"),
    ],
)
def test_one_work_under_another_form_is_known(other, why):
    """By id in any form; by title and authors in other letters, cut short, or published years later; by the whole title."""
    assert same_work(GROKKING, other) == same_work(other, GROKKING) == why


@pytest.mark.parametrize(
    "other",
    [
        variant("Grokking", ()),
        variant("Comment on: Grokking: Generalization Beyond Overfitting on Small Algorithmic Datasets", ("Power",)),
        variant("Grokking: Generalization Beyond Overfitting on Small Algorithmic Datasets, Part II"),
        variant(families=("Nanda", "Chan")),
        variant(year="2012"),
        variant("Grokking: Generalization Beyond Overfitting in Vision", ids=ids_in("2301.00001")),
        variant("", ()),
    ],
)
def test_a_near_miss_is_another_work(other):
    """A comment, a second part, other authors, another decade, another preprint, or too little to tell."""
    assert same_work(GROKKING, other) is None
    assert same_work(other, GROKKING) is None


def test_a_page_that_lists_many_works_is_the_identity_of_none():
    """An address alone makes two entries one only where their titles are alike."""
    blog = ids_in("https://www.lab.org/blog/")
    one, other = Work("On sandbagging", (), "2026", blog), Work("Cyber capabilities of a model", (), "2026", blog)

    assert same_work(one, other) is None
    assert same_work(one, Work("On Sandbagging", (), "", blog)) == "url:lab.org/blog"


def test_the_rule_does_as_well_as_the_page_says(root):
    """On more than 200 labelled pairs, precision and recall are those on record, on the half that chose nothing."""
    with (root / "data" / "searches" / "duplicate_pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    on_record = yaml.safe_load((root / "data" / "searches" / "measured.yml").read_text(encoding="utf-8"))
    found = measured(root / "data" / "searches" / "duplicate_pairs.csv")

    assert len(rows) >= 200
    assert [half.model_dump() for half in found] == on_record
    held_out = next(half for half in found if half.half == "held-out")
    assert held_out.precision >= 0.95
    assert held_out.recall >= 0.85


WORDS = st.sampled_from(["scaling", "laws", "neural", "emergent", "grokking", "abilities", "models", "of", "transfer"])
WORKS = st.builds(
    Work,
    st.lists(WORDS, min_size=1, max_size=12).map(" ".join),
    st.lists(st.sampled_from(["Ito", "Lee", "Kim"]), max_size=3).map(tuple),
    st.sampled_from(["", "2022", "2023", "2030"]),
    st.sampled_from([frozenset(), frozenset({"arxiv:2201.00001"}), frozenset({"doi:10.1000/x"})]),
)


@given(st.lists(WORKS, max_size=12))
def test_what_is_found_without_comparing_all_is_what_comparing_all_finds(works):
    """The index misses no pair that the rule calls one work, and the rule does not depend on the order of a pair."""
    each = []
    for number, work in enumerate(works):
        first = next((i for i in range(number) if same_work(work, works[i])), None)
        if first is not None:
            each.append((number, first))

    assert [(again, first) for again, first, _ in duplicates(works)] == each
    assert all(bool(same_work(a, b)) == bool(same_work(b, a)) for a in works for b in works)


def test_the_work_of_finding_grows_with_the_number_of_entries():
    """A title is compared with those that share one of its rare words, not with all."""
    odd = [
        hashlib.sha256(str(i).encode()).hexdigest().translate(str.maketrans("0123456789", "ghijklmnop"))
        for i in range(3000)
    ]
    many = [Work(f"Scaling laws of {word[:9]} and {word[9:20]}", (f"Lee{word[20:22]}",), "2024") for word in odd]
    known = Known(many)
    compared = []
    known._works = _Counting(known._works, compared)

    assert known.same_as(replace(many[2999], year="2025")) == (2999, "title and authors")
    assert len(compared) < 60


class _Counting(list):
    def __init__(self, works, compared):
        super().__init__(works)
        self.compared = compared

    def __getitem__(self, number):
        self.compared.append(number)
        return super().__getitem__(number)


def test_an_address_of_nature_is_its_doi():
    """A journal's address ends with the rest of the DOI by which a record may name the same paper."""
    ids = ids_in("https://www.nature.com/articles/s41586-025-09937-5?error=cookies")

    assert ids == ids_in("10.1038/s41586-025-09937-5") == {"doi:10.1038/s41586-025-09937-5"}
