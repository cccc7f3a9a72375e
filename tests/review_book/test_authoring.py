"""Adding a finding, from the command to its consequences."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from conftest import ROOT
from making import MEMBER, make, shape

from review_book.execute.contents import toc_pages
from review_book.living.authoring import (
    AddError,
    Draft,
    add_finding,
    arxiv_of,
    citation_key,
    fetch_arxiv,
    what_it_brings,
)
from review_book.records.register import load_finding
from review_utils.records.reading import RecordError
from review_utils.records.register import Register, load_register

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">
<opensearch:totalResults>{found}</opensearch:totalResults><opensearch:startIndex>0</opensearch:startIndex><opensearch:itemsPerPage>1</opensearch:itemsPerPage>
<title>query</title><id>http://arxiv.org/api/x</id><updated>2026-01-01T00:00:00Z</updated>{entry}</feed>"""
ENTRY = """<entry><id>http://arxiv.org/abs/2601.00001v1</id><updated>2026-01-05T00:00:00Z</updated><published>2026-01-04T00:00:00Z</published>
<title>A Second Character-Conditioned
  Fine-Tune</title><summary>Text.</summary><author><name>Ada Example</name></author><author><name>Bo Sample</name></author>
<link href="http://arxiv.org/abs/2601.00001v1" rel="alternate" type="text/html"/><category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>
<arxiv:primary_category xmlns:arxiv="http://arxiv.org/schemas/atom" term="cs.CL"/></entry>"""


@pytest.fixture
def stand_in(monkeypatch):
    """A local server that answers as arXiv's API does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            known = "2601.00001" in self.path
            body = FEED.format(found=int(known), entry=ENTRY if known else "").encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/atom+xml")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_address[1]}/api/query"
    monkeypatch.setenv("REVIEW_ARXIV_API", address)
    yield address
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_paper_is_prefilled_from_arxiv(stand_in):
    """Title, authors and date come from the API, with white space folded."""
    paper = fetch_arxiv("2601.00001")

    assert paper.title == "A Second Character-Conditioned Fine-Tune"
    assert paper.authors == ("Ada Example", "Bo Sample")
    assert paper.published == "2026-01-04"


def test_an_unknown_paper_and_no_network_say_what_to_do(stand_in, monkeypatch):
    """A paper that does not exist, and a network that is not there, are named; options can be given instead."""
    with pytest.raises(AddError, match="knows no paper 2699"):
        fetch_arxiv("2699.99999")
    monkeypatch.setenv("REVIEW_ARXIV_API", "http://127.0.0.1:9/api/query")
    with pytest.raises(AddError, match="give --title"):
        fetch_arxiv("2601.00001")


def test_an_id_that_is_none_is_said_with_one_that_is():
    """What is given as an arXiv id and is none is refused with an example; an address gives its id."""
    with pytest.raises(AddError, match="needed: an id such as 2502"):
        arxiv_of("banana", None)
    assert arxiv_of("arXiv:2502.17424v2", None) == "2502.17424"


def test_a_faulty_draft_leaves_nothing_behind(copy):
    """A draft with an unknown shape is refused with the shape that was meant, and neither record nor reference stays."""
    draft = Draft(
        "a-new-one",
        "A Title",
        ("Ada Example",),
        "2026-01-04",
        "It was found.",
        "example",
        "adjacent",
        url="https://example.org/a",
        shapes=("concealed-contents",),
    )
    before = (copy / "data" / "references.bib").read_bytes()

    with pytest.raises(AddError, match="did you mean concealed-content"):
        add_finding(copy, draft)

    assert not (copy / "data" / "findings" / "a-new-one.yml").exists()
    assert (copy / "data" / "references.bib").read_bytes() == before


@pytest.mark.parametrize("interrupted", [UnicodeEncodeError, KeyboardInterrupt])
def test_what_breaks_off_leaves_every_file_as_it_was(mini, monkeypatch, interrupted):
    """A text that no file can hold, or an interruption while it is checked, changes neither bibliography nor groups."""
    name = "Au\udcc3bert" if interrupted is UnicodeEncodeError else "Aubert"
    draft = Draft("winter", "Winter Tides", (name,), "2020-05-01", "High.", "aubert", "adjacent", url="https://x.org/w")
    if interrupted is KeyboardInterrupt:

        def stop(data):
            raise KeyboardInterrupt

        monkeypatch.setattr("review_book.living.authoring.load_checked", stop)
    before = {path: path.read_bytes() for path in (mini / "data").rglob("*.*")}

    with pytest.raises(interrupted):
        add_finding(mini, draft)

    assert {path: path.read_bytes() for path in (mini / "data").rglob("*.*")} == before


def test_an_existing_record_is_not_overwritten(copy):
    """An id that is taken is refused."""
    taken = min(path.stem for path in (copy / "data" / "findings").glob("*.yml"))
    with pytest.raises(AddError, match="exists"):
        add_finding(copy, Draft(taken, "T", ("A B",), "2026", "s", "g", "adjacent", url="https://example.org/a"))


def test_keys_are_made_of_plain_letters():
    """Accents and letters of their own are folded, and short words passed over."""
    assert (
        citation_key(Draft("x", "The Émergent Mind", ("Zoë O'Neil-Smith",), "2026-02", "s", "g", "adjacent"))
        == "oneilsmith2026emergent"
    )
    assert citation_key(Draft("x", "Ærlig", ("Mia Jørgenvåg",), "2026", "s", "g", "r")) == "jorgenvag2026aerlig"


def test_what_a_finding_brings_is_its_own():
    """Nobody else's candidates count; a record that is held is compared with the register without it, an edit with it."""
    rules = (shape("s", {"min_examples": 2}),)
    held, other = make("held", MEMBER), make("other", [("s", "candidate")])
    new = make("new", [("s", "candidate")])
    register = Register((held, other), rules, (), ())

    def counts(changes):
        return {(c.before, c.after) for c in changes if c.kind in ("count", "verdict")}

    without, now, accepted = what_it_brings(register, new)
    assert (without, counts(now), counts(accepted)) == (False, set(), {("1", "2"), ("held", "codified")})
    inside = Register((held, other, new), rules, (), ())
    assert [counts(c) for c in what_it_brings(inside, new)[1:]] == [set(), {("1", "2"), ("held", "codified")}]
    without, now, _ = what_it_brings(register, held)
    assert (without, counts(now)) == (True, {("0", "1"), ("open", "held")})
    edited = make("held", [("s", "candidate")])
    without, now, _ = what_it_brings(register, edited)
    assert (without, counts(now)) == (False, {("1", "0"), ("held", "open")})


def test_the_path_of_a_new_author(copy, run_in, stand_in):
    """From a fresh copy: add a finding from arXiv, see what it changes and where it waits, judge it, check it."""
    added = run_in(
        copy,
        "review_book.commands.main",
        *[
            "add",
            "a-second-character",
            "--url",
            "https://arxiv.org/pdf/2601.00001v2",
            "--group",
            "example",
            "--role",
            "dispositional-drift",
        ],
        *[
            "--authors-note",
            "and ten more",
            "--summary",
            "A second fine-tune on styled answers.",
            "--shape",
            "character-conditioning",
        ],
        REVIEW_ARXIV_API=stand_in,
    )
    assert added.returncode == 0, added.stderr
    assert "question   second-character-conditioning" in added.stdout
    assert "What would change if its own candidate shapes were accepted:" in added.stdout
    assert "count      character-conditioning: 1 -> 2" in added.stdout
    path = copy / "data" / "findings" / "a-second-character.yml"
    added_record = load_finding(path)
    assert (added_record.authors, added_record.authors_note) == (["Ada Example", "Bo Sample"], "and ten more")
    assert added_record.source.arxiv == "2601.00001"
    assert str(added_record.source.url) == "https://arxiv.org/abs/2601.00001"
    entry = (copy / "data" / "references.bib").read_text(encoding="utf-8").partition("{example2026second,")[2]
    assert entry.lstrip().startswith('author = "Example, Ada and Sample, Bo and others",')

    drawn = run_in(copy, "review_book.commands.main", "run", "emergent_capabilities/shape_status")
    assert drawn.returncode == 0, drawn.stderr

    member = path.read_text(encoding="utf-8").replace(
        "standing: candidate",
        "standing: member\n    decided: {day: 2026-12-01, because: each part of the definition was shown}",
    )
    path.write_text(re.sub(r"(  observed:\n    verdict:) .*\n.*\n", r"\1 met\n", member), encoding="utf-8")
    judged = run_in(copy, "review_book.commands.main", "what-if", "data/findings/a-second-character.yml")
    assert judged.returncode == 0, judged.stderr
    assert "verdict    character-conditioning: held -> codified" in judged.stdout, "it is compared with what was before"
    checked = run_in(copy, "review_book.commands.main", "check")
    assert checked.returncode == 0, checked.stderr
    status = run_in(copy, "review_book.commands.main", "status")
    assert any("character-conditioning" in line and "codified" in line for line in status.stdout.splitlines())
    assert len(load_register(copy / "data").findings) == len(load_register().findings) + 1


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("# yaml-language-server: $schema=../schemas/studies.json\n- key: a\n", "a file of studies"),
        ("# yaml-language-server: $schema=../schemas/laws.json\nlaws: []\n", "a file of laws"),
        ("- id: a\n- id: b\n", "a list of 2"),
    ],
)
def test_a_file_of_another_kind_is_told_in_one_sentence(tmp_path, text, given):
    """Asked what a finding would change, a file of studies is said to be one, without a word on each field that it lacks."""
    path = tmp_path / "other.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError) as error:
        load_finding(path)

    (said,) = error.value.problems
    assert (said.field, said.given) == ("(whole file)", given)
    assert said.needed == "the record of one finding, as a file of data/findings holds it"


@pytest.mark.parametrize(
    ("title", "authors", "more"),
    [
        ("SEA tides; and the Moon", ("A. Kim", "B. Lee"), {"url": "https://journal.example/9"}),
        ("Sea tides and the moon: the published version", ("Ada Kim", "Bo Lee"), {"url": "https://journal.example/9"}),
        ("Tides under a title of its own", ("A. Kim",), {"arxiv": "2401.00001"}),
        ("Tides under a title of its own", ("A. Kim",), {"url": "https://arxiv.org/abs/2401.00001v2"}),
    ],
)
def test_a_paper_that_the_bibliography_holds_is_not_entered_again(copy, title, authors, more):
    """Whatever its venue, its case or its address: the new record cites the reference that is there."""
    bibliography = copy / "data" / "references.bib"
    entry = '\n@misc{kim2024tides,\n  author = "Kim, Ada and Lee, Bo",\n  title = "Sea Tides and the Moon",\n  year = "2024",\n  eprint = "2401.00001"\n}\n'
    before = bibliography.read_text(encoding="utf-8") + entry
    bibliography.write_text(before, encoding="utf-8")

    path = add_finding(copy, Draft("sea-tides", title, authors, "2024-01", "It was found.", "kim", "adjacent", **more))

    assert load_finding(path).cite == "kim2024tides"
    assert bibliography.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"authors": ("Bo, Ann",)},
            "given the author 'Bo, Ann'; needed: as printed, such as Ann Bo; or, where it is two, --author",
        ),
        ({"authors": ("Li, Yin",)}, "needed: as printed, such as Yin Li"),
        ({"authors": ("Müller, J. (ed.)",)}, "needed: as printed"),
        ({"authors": ("Tom and Jerry",)}, "needed: one person or group; repeat --author"),
        ({"authors": ("🧨 💥",)}, "without a name"),
        ({"title": "yes: [no, {x}]"}, "given a title with {; needed: the title in plain letters"),
        ({"title": "a \\input"}, "needed: the title in plain letters"),
        ({"arxiv": "2613.07852"}, "of month 13; needed: one of month 01 to 12"),
    ],
)
def test_what_would_stand_in_two_ways_is_not_written(tmp_path, change, said):
    """A name in a bibliography's order, two in one, none, a title that BibTeX would alter, and a month that there is not."""
    draft = Draft(
        **{
            "id": "a",
            "title": "T",
            "authors": ("Ann Bo",),
            "published": "2026",
            "summary": "s",
            "group": "g",
            "role": "r",
            **change,
        }
    )
    with pytest.raises(AddError, match=re.escape(said)):
        add_finding(tmp_path, draft)


def test_a_group_that_is_nearly_known_is_not_made_anew(copy):
    """A mistyped group would count as one more: it is refused, unless somebody gave it an entry before."""
    groups = copy / "data" / "groups.yml"
    before = groups.read_text(encoding="utf-8")
    draft = Draft(
        "a-tide", "A tide of its own", ("Ann Bo",), "2026-01", "s", "antropic", "adjacent", arxiv="2601.00001"
    )
    with pytest.raises(AddError, match="given the group 'antropic'; needed: anthropic, a group of"):
        add_finding(copy, draft)
    assert groups.read_text(encoding="utf-8") == before

    groups.write_text(f"{before}- {{id: antropic, name: Another one}}\n", encoding="utf-8")
    assert add_finding(copy, draft).is_file()


def test_consequences_need_no_build(mini):
    """In a fresh clone the pages that a build writes are not there yet, and are not asked for."""
    assert not (mini / "statements").exists()
    assert "statements/tides" in toc_pages(mini)


def test_of_two_that_add_one_id_at_once_the_second_is_refused(mini):
    """Both read the records before either writes: the second waits, and then finds the id taken."""
    rest = ["--author", "Ada Lovelace", "--published", "2026-01", "--group", "darwin", "--role", "spring-tide"]
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "review_book.commands.main", "add", "one-tide", "--title", f"Tide {name}", *rest,
             "--url", f"https://example.org/{name}", "--summary", f"The water stood {name} at noon."],
            cwd=mini, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        for name in ("high", "low")
    ]  # fmt: skip
    said = [process.communicate()[0] for process in begun]

    assert sorted(process.returncode for process in begun) == [0, 1], said
    kept = (mini / "data" / "findings" / "one-tide.yml").read_text(encoding="utf-8")
    first = ["high", "low"][[process.returncode for process in begun].index(0)]
    assert f"The water stood {first} at noon." in kept
    entries = (mini / "data" / "references.bib").read_text(encoding="utf-8")
    assert (f"Tide {first}" in entries, entries.count("Tide ")) == (True, 1)
