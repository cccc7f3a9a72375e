"""Works from and for other programs."""

from __future__ import annotations

import csv
import datetime as dt
import re

import pytest

from review_book.files import append
from review_book.living.exchange import export_file, import_file, read_entries
from review_book.living.searching import Abstracts, SearchError, cache_folder
from review_book.records.searches import load_searches
from review_utils.records.reading import RecordError

DAY = dt.date(2026, 2, 1)
RIS = """TY  - JOUR
TI  - Neap tides
AU  - Lovelace, Ada
PY  - 2024
DO  - 10.1000/neap
AB  - The abstract of neap tides.
N1  - <p>ASReview_relevant</p>
ER  -

TY  - GEN
T1  - Spring tides
A1  - Müller, Jörg
Y1  - 2025/03/01
UR  - https://arxiv.org/abs/2501.00001v2
N1  - ASReview_irrelevant
N1  - reason: out-topic
ER  -
"""
BIB = """@article{a, title = {Neap {Tides}}, author = {Lovelace, Ada and M{\\"u}ller, J{\\"o}rg}, year = {2024}, doi = {10.1000/NEAP}}
@misc{b, title = "Spring tides", author = {{The Tides Group}}, year = 2025, eprint = {2501.00001}, archivePrefix = {arXiv}}
"""
CSV = """Title,Authors,Year,DOI,URL,Abstract,included
Neap tides,"['Ada Lovelace', 'Jörg Müller']",2024.0,10.1000/neap,,The abstract.,
"Spring tides, ""so called"" ones","Müller, Jörg; Lovelace, Ada",2025,,https://arxiv.org/abs/2501.00001,,
"""


@pytest.fixture
def review(takes_files):
    """The little review, which lets new works wait and takes files in, and a cache beside it."""
    return takes_files


def file(tmp_path, name, text, encoding="utf-8"):
    """A file of another program."""
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def texts(review):
    """All records of the search."""
    return {path.name: path.read_bytes() for path in (review.data / "searches").iterdir()}


@pytest.mark.parametrize(
    ("name", "text"), [("x.ris", RIS), ("x.bib", BIB), ("x.csv", CSV), ("x.tsv", CSV.replace(",", "\t"))]
)
def test_each_form_is_read(tmp_path, name, text):
    """Titles, people, years and ids arrive alike from RIS, BibTeX, CSV and a table with tabs."""
    if name == "x.tsv":
        text = "title\tauthors\tyear\tdoi\nNeap tides\tAda Lovelace\t2024\t10.1000/neap\nSpring tides\t\t2025\tarXiv:2501.00001\n"
    first, second = read_entries(file(tmp_path, name, text))

    assert first.found.title.lower() == "neap tides"
    assert first.found.published[:4] == "2024"
    assert first.found.id == "doi:10.1000/neap"
    assert second.found.title.startswith("Spring tides")
    assert second.found.id == "arXiv:2501.00001"
    if name in ("x.ris", "x.bib", "x.csv"):
        assert "Lovelace" in first.found.authors[0]
        assert second.found.authors


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encodings_of_other_programs_are_read(tmp_path, encoding):
    """UTF-8 with and without its mark, UTF-16, and Windows' Latin give the same names."""
    entries = read_entries(file(tmp_path, "x.ris", RIS, encoding))

    assert "Müller, Jörg" in entries[1].found.authors


def test_a_file_of_no_text_is_refused(tmp_path):
    """Bytes that are no text, an ending that says nothing, an empty file, a file that is not there: a sentence each."""
    for name, content, said in (
        ("x.csv", b"title\n\x00\x81\x01", "no known encoding"),
        ("x.docx", b"PK", "a file that ends in"),
        ("x.csv", b"title,year\n", "holds no work"),
        ("x.csv", b"name,year\na,b\n", "a column title"),
        ("x.bib", b"@article{a, title = {x}", "BibTeX"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises((SearchError, RecordError), match=said):
            read_entries(path)
    with pytest.raises(SearchError, match="can be read"):
        read_entries(tmp_path / "nowhere.ris")


def test_every_entry_without_a_title_is_named_and_nothing_is_taken_in(review, tmp_path):
    """By its line, all at once; the records stay as they were."""
    before = texts(review)
    bad = "title,doi,included\n,10.1000/a,\nGood,10.1000/b,\n   ,10.1000/c,\nX,10.1000/d,maybe\nOne, two,,10.1000/e\n"
    with pytest.raises(RecordError) as caught:
        import_file(review, file(tmp_path, "x.csv", bad), "tides", DAY)

    assert [problem.line for problem in caught.value.problems] == [2, 4, 5, 6]
    with pytest.raises(RecordError, match="an entry without a title"):
        import_file(review, file(tmp_path, "x.ris", RIS.replace("TI  - Neap tides\n", "")), "tides", DAY)
    assert texts(review) == before


def test_works_and_decisions_of_a_file_are_taken_in_once(review, tmp_path):
    """New works wait or are decided as the file says; the same file again adds nothing, and abstracts stay outside."""
    path = file(tmp_path, "x.ris", RIS)
    done = import_file(review, path, "tides", DAY, included="in-scope")
    searches = load_searches(review.data)
    before = texts(review)

    assert (done.entries, done.new, done.decided) == (2, 2, 2)
    last = {item.id: (item.decision, item.reason) for item in searches.last_decisions()}
    assert last["doi:10.1000/neap"] == ("include", "in-scope")
    assert last["arXiv:2501.00001"] == ("exclude", "out-topic")
    flow = searches.flow()
    assert flow.identified == flow.duplicates + flow.screened + flow.waiting
    assert b"The abstract" not in b"".join(before.values())
    assert Abstracts(cache_folder(review)).get("doi:10.1000/neap") == "The abstract of neap tides."
    import_file(review, path, "tides", DAY, included="in-scope")
    assert texts(review) == before


def test_a_decision_needs_a_reason_of_the_protocol(review, tmp_path):
    """Without one the file is refused with how many; by one that decides otherwise, with its line; nothing is written."""
    before = texts(review)
    with pytest.raises(SearchError, match=r"1 decisions of x\.ris give no criterion"):
        import_file(review, file(tmp_path, "x.ris", RIS), "tides", DAY)
    with pytest.raises(RecordError, match="a criterion that decides to exclude: out-topic"):
        import_file(
            review, file(tmp_path, "x.ris", RIS.replace("out-topic", "in-scope")), "tides", DAY, included="in-scope"
        )
    with pytest.raises(SearchError, match="--chapter, one of tides"):
        import_file(review, file(tmp_path, "x.ris", RIS), "tide", DAY, included="in-scope")
    assert texts(review) == before


@pytest.mark.parametrize("form", ["csv", "ris", "bib"])
def test_what_is_handed_out_comes_back_unchanged(review, tmp_path, form):
    """All works in each form: read again, every decision is the one on record, and nothing is new."""
    import_file(review, file(tmp_path, "x.ris", RIS), "tides", DAY, included="in-scope")
    import_file(
        review, file(tmp_path, "y.csv", 'title,doi\n"A third, with “quotes” & 5% more",10.1000/third\n'), "tides", DAY
    )
    out = tmp_path / f"out.{form}"
    count = export_file(review, out, "all", "all")
    before = texts(review)

    done = import_file(review, out, None, DAY)

    assert (count, done.entries, done.new, done.known, done.decided) == (6, 6, 0, 6, 0)
    assert texts(review) == before


def test_screening_in_another_program_comes_back(review, tmp_path):
    """What waits goes out as CSV; labels filled in there become decisions, the rest goes on waiting."""
    import_file(review, file(tmp_path, "x.csv", CSV), "tides", DAY)
    out = tmp_path / "out.csv"
    assert export_file(review, out, "waiting", "tides") == 2
    with out.open(encoding="utf-8", newline="") as opened:
        found = list(csv.DictReader(opened))
    found[0]["asreview_label"] = "0"
    with out.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, [*found[0]])
        writer.writeheader()
        writer.writerows(found)

    done = import_file(review, out, None, DAY, excluded="out-topic")

    assert done.decided == 1
    assert load_searches(review.data).flow().waiting == 1


def test_abstracts_go_out_only_to_a_file_outside_the_review(review, tmp_path):
    """Beside the review they are in the file, within it they are not."""
    import_file(review, file(tmp_path, "x.ris", RIS), "tides", DAY, included="in-scope")
    for path, there in ((tmp_path / "out.csv", True), (review.root / "out.csv", False)):
        export_file(review, path, "all", "all")
        assert ("The abstract of neap" in path.read_text(encoding="utf-8")) == there
    with pytest.raises(SearchError, match="a file that ends in"):
        export_file(review, tmp_path / "out.xlsx", "all", "all")


def test_a_hundred_thousand_rows_are_taken_in(review, tmp_path):
    """Each waits once; a row in a hundred that comes again, in capitals and without its DOI, is known."""
    words = ["amber", "basin", "coast", "delta", "ebb", "flood", "gulf", "haven", "inlet", "jetty"]
    lines = []
    for i in range(100_000):
        title = f"{words[i % 10]} {words[i // 10 % 10]} {_name(i)} of {_name(i * 7 + 1)}"
        again = i % 100 == 99
        lines.append(
            lines[-1].split(",10.")[0].upper() + "," if again else f"{title},Person{_name(i)},2024,10.1000/{i}"
        )
    done = import_file(
        review, file(tmp_path, "x.csv", "title,authors,year,doi\n" + "\n".join(lines) + "\n"), "tides", DAY
    )

    assert (done.entries, done.new, done.known) == (100_000, 99_000, 1_000)
    assert load_searches(review.data).flow().waiting == 99_000


def _name(number):
    return "".join(chr(97 + number // 26**place % 26) for place in range(5))


def test_one_work_decided_twice_in_a_file_is_refused(review, tmp_path):
    """Included in one row and excluded in another: both lines are named, and nothing is written."""
    before = texts(review)
    rows = "title,doi,included\nNeap tides,10.1000/neap,1\nNeap tides,10.1000/NEAP,0\n"
    with pytest.raises(
        RecordError, match=r"x\.csv:3: included: given exclude; needed: one decision .* line 2 says incl"
    ):
        import_file(review, file(tmp_path, "x.csv", rows), "tides", DAY, "in-scope", "out-topic")
    assert texts(review) == before


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("arXiv:2501.00001,Neap tides,0,out-topic\ndoi:10.1000/neap,Spring tides,,\n", r"x\.csv:2: title: given Neap tides; needed: the title of arXiv:2501\.00001; this one is of doi:10\.1000/neap"),
        ("arXiv:2501.0001,Spring tides,0,out-topic\n", r"x\.csv:2: id: given 2501\.0001; needed: an arXiv id as 2510\.26829, with five digits"),
    ],
)  # fmt: skip
def test_an_id_beside_the_title_of_another_work_is_refused(review, tmp_path, rows, said):
    """A column that a spreadsheet sorted alone, or an id that it rounded, decides on no other work; nothing is written."""
    known = "id,title,doi,url\ndoi:10.1000/neap,Neap tides,10.1000/neap,\narXiv:2501.00001,Spring tides,,https://arxiv.org/abs/2501.00001\n"
    import_file(review, file(tmp_path, "known.csv", known), "tides", DAY)
    before = texts(review)
    with pytest.raises(RecordError, match=said):
        import_file(review, file(tmp_path, "x.csv", f"id,title,included,reason\n{rows}"), "tides", DAY)
    assert texts(review) == before


def test_a_decision_that_is_turned_over_is_said(review, tmp_path):
    """A file that excludes what was included is taken over, and says so of each; a first decision turns nothing over."""
    rows = "title,doi,included\nNeap tides,10.1000/neap,{}\n"
    first = import_file(review, file(tmp_path, "x.csv", rows.format(1)), "tides", DAY, "in-scope")
    then = import_file(review, file(tmp_path, "x.csv", rows.format(0)), "tides", DAY, None, "out-topic")

    assert first.turned == []
    assert then.turned == ["doi:10.1000/neap for tides: include -> exclude"]


def test_a_chapter_that_there_is_not_has_no_works(review, tmp_path):
    """Works of an unknown chapter are not handed out as none."""
    with pytest.raises(SearchError, match="given the chapter 'nowhere'; needed: one of all, tides"):
        export_file(review, tmp_path / "x.csv", "all", "nowhere")
    assert not (tmp_path / "x.csv").exists()


def test_a_file_cut_short_or_of_another_form_is_named(tmp_path):
    """An entry of RIS without its end is named with its line; a table under another ending is told what is needed."""
    with pytest.raises(
        RecordError, match=r"x\.ris:10: ER: given an entry without an end; needed: a line ER  - after it"
    ):
        read_entries(file(tmp_path, "x.ris", RIS.removesuffix("ER  -\n")))
    with pytest.raises(SearchError, match=r"x\.txt holds no work; needed: RIS, each entry from TY to ER"):
        read_entries(file(tmp_path, "x.txt", CSV))


def test_what_a_file_holds_is_not_written_over(review, tmp_path):
    """A file that is there is named and stays as it is, a record above all."""
    mine = file(tmp_path, "mine.csv", "my own work")
    for path in (mine, review.data / "searches" / "decisions.csv", review.data / "references.bib"):
        before = path.read_text(encoding="utf-8")
        with pytest.raises(SearchError, match="exists, and what it holds would be lost"):
            export_file(review, path, "all", "all")
        assert path.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("broken", [1, 2, 3])
def test_an_import_that_breaks_off_leaves_nothing(review, tmp_path, monkeypatch, broken):
    """Where the disk is full at any of its writes, the log is as it was, and the error names the file."""
    before = texts(review)
    written = []

    def full(path, text):
        written.append(path)
        if len(written) == broken:
            path.open("a").close()
            raise OSError(28, "No space left on device", str(path))
        append(path, text)

    for module in ("exchange", "searching"):
        monkeypatch.setattr(f"review_book.living.{module}.append", full)
    with pytest.raises(SearchError, match="No space left on device; needed: room to write; nothing was taken over"):
        import_file(review, file(tmp_path, "x.ris", RIS), "tides", DAY, included="in-scope")

    assert texts(review) == before
    monkeypatch.undo()
    assert load_searches(review.data).flow().waiting == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("tide", None, None), "given the chapter tide; needed: --chapter, one of tides"),
        (
            ("tides", "in-scpoe", None),
            "given --included in-scpoe; needed: a criterion that decides to include: in-scope",
        ),
        (
            ("tides", None, "in-scope"),
            "given --excluded in-scope; needed: a criterion that decides to exclude: out-topic",
        ),
    ],
)
def test_an_option_that_the_file_makes_idle_is_read_all_the_same(review, tmp_path, given, said):
    """A chapter or a criterion that there is not is told also where every row has its own."""
    before = texts(review)
    rows = "title,doi,included,reason,chapter\nNeap tides,10.1000/neap,1,in-scope,tides\n"
    with pytest.raises(SearchError, match=re.escape(said)):
        import_file(review, file(tmp_path, "x.csv", rows), given[0], DAY, *given[1:])
    assert texts(review) == before
