"""The build: atomic, honest on the second run, and drilled with planted faults."""

from __future__ import annotations

import codecs
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from review_book.living.history import state_here
from review_book.records.kinds import Records
from review_book.review import Review
from review_book.site import publish
from review_book.site.alone import alone
from review_book.site.build import _recover, _swap_in, build_site

pytestmark = pytest.mark.drill


def _build(run_in, folder, **env):
    return run_in(folder, "review_book.commands.main", "build", **env)


def _executed(result):
    return set(re.findall(r"done (analyses/\S+)", result.stdout))


def _edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old} is not in {path.name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


BLOCK_NETWORK = """
import sys
def _refuse(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple) and not str(args[1][0]).startswith(("127.", "::1", "localhost")):
        raise OSError(f"the network is off, and {args[1][0]} was asked")
    if event == "socket.getaddrinfo" and args[0] not in (None, "", "localhost", "127.0.0.1", "0.0.0.0"):
        raise OSError(f"the network is off, and {args[0]} was looked up")
sys.addaudithook(_refuse)
"""


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The little review, built once without a network, for each test to take on from there."""
    target = tmp_path_factory.mktemp("built") / "review"
    shutil.copytree(ROOT / "tests" / "little_review", target)
    shutil.copytree(ROOT / "src", target / "src")  # with what Python compiled
    (target / "off").mkdir()
    (target / "off" / "sitecustomize.py").write_text(BLOCK_NETWORK)
    paths = f"{target / 'src'}{os.pathsep}{target / 'off'}"
    command = [sys.executable, "-m", "review_book.commands.main", "build"]
    env = {**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "0", "TZ": "UTC"}
    done = subprocess.run(command, cwd=target, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert _executed(done) == {HEIGHTS, MODEL}
    shutil.rmtree(target / "off")
    return target


@pytest.fixture
def little_built(built, tmp_path):
    """A copy of the built little review, to be changed."""
    target = tmp_path / "review"
    shutil.copytree(built, target)
    return target


HEIGHTS, MODEL = "analyses/tides/heights", "analyses/tides/model"


def _html(review, page):
    return (review / "_build" / "html" / f"{page}.html").read_text(encoding="utf-8")


def test_a_second_review_is_data_alone(built):
    """A review of another subject builds with the same engine: its name, its chapter, its statements with their grades."""
    chapter = _html(built, "chapters/tides")

    assert "1.5 metres" in _html(built, "index")
    assert "The moon raises 2 tides a day." in chapter
    assert "Supported" in chapter
    assert "Emergence" not in chapter
    assert "A spring tide at Brest" in _html(built, "findings/brest")
    assert "The moon raises 2 tides a day." in _html(built, "studies/darwin1898tides")
    assert "3 works: 2 were included, 1 excluded" in chapter


def test_a_bare_name_of_a_file_is_no_link(little_built, run_in):
    """An address that is written whole becomes a link; a name with a full stop leads to no host that nobody named."""
    page = little_built / "methods.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(f"{text}\nSee forms.py, tides.ai and https://tides.invalid/a.\n", encoding="utf-8")
    done = _build(run_in, little_built)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = _html(little_built, "methods")

    assert 'href="https://tides.invalid/a"' in shown
    assert "http://" not in shown


def test_a_page_of_a_study_leads_to_its_record_and_to_a_form(little_built, run_in):
    """Where the review names a repository, the pages of studies say where they are edited and errors reported, as others do."""
    path = little_built / "data" / "review.yml"
    path.write_text(path.read_text(encoding="utf-8") + "repository: https://github.com/owner/name\n", encoding="utf-8")
    done = _build(run_in, little_built)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = _html(little_built, "studies/darwin1898tides")

    assert "https://github.com/owner/name/tree/main/data/studies" in shown
    assert "page=studies%2Fdarwin1898tides" in shown
    assert "Cite this page" not in shown, "a study is cited by its own source"


def test_nothing_runs_again_where_nothing_changed(little_built, run_in):
    """A second build executes nothing; one after an edit of the engine executes nothing either, and shows the edit."""
    assert _executed(_build(run_in, little_built)) == set()
    _edit(
        little_built / "src" / "review_book" / "pages" / "findings.py",
        '"The inclusion criteria"',
        '"What it was judged by"',
    )
    shown = _build(run_in, little_built)

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert _executed(shown) == set()
    assert "What it was judged by" in _html(little_built, "findings/brest")


def test_a_build_that_would_make_the_same_is_left_out(little_built, monkeypatch, tmp_path):
    """Where nothing changed no page is read; each thing that a build reads or made makes it read them, once."""
    site, stub = little_built / "_build" / "html" / "methods.html", little_built / "findings" / "brest.md"
    kept = little_built / "_build" / "executed" / f"{HEIGHTS}.ipynb"
    left_out, built = {}, []
    # What is asked is whether pages are read; that a build makes what is missing, the next test sees.
    monkeypatch.setattr("review_book.site.build._build_anew", lambda root, out: built.append(root))
    monkeypatch.setattr("review_book.execute.run.warm_up", lambda root: None)
    monkeypatch.syspath_prepend(tmp_path / "packages")

    def builds(why):
        before = len(built)
        build_site(little_built, lambda line: None)
        left_out[why] = len(built) == before

    builds("a copy, whose files have other times")
    builds("nothing")
    (little_built / "data" / "notes.txt").write_text("a file that nobody read yet", encoding="utf-8")
    builds("a file that came")
    _edit(little_built / "methods.md", "# How", "#  How")
    builds("a page that was edited")
    site.write_text("another program's", encoding="utf-8")
    builds("a page of the site that was edited")
    site.unlink()
    builds("a page of the site that went")
    stub.unlink()
    builds("a page made from a record that went")
    kept.unlink()
    builds("a kept output that went")
    (tmp_path / "packages" / "another-1.0.dist-info").mkdir(parents=True)
    builds("a package that was installed")
    monkeypatch.setenv("REVIEW_BASEURL", "https://a.example.org/tides")
    builds("another address")
    monkeypatch.delenv("REVIEW_BASEURL")
    builds("the address of before")
    builds("nothing again")
    assert [why for why, left in left_out.items() if left] == ["nothing", "nothing again"]


def test_what_a_build_made_and_is_gone_is_made_again(little_built, run_in):
    """A page of the site, one made from a record and a kept output that went come back; then nothing is left to build."""
    gone = ("_build/html/methods.html", "findings/brest.md", f"_build/executed/{HEIGHTS}.ipynb")
    for name in gone:
        (little_built / name).unlink()
    done, again = _build(run_in, little_built), _build(run_in, little_built)

    assert done.returncode == again.returncode == 0, done.stdout + done.stderr + again.stderr
    assert [name for name in gone if not (little_built / name).is_file()] == []
    assert ("building" in done.stdout, "building" in again.stdout) == (True, False)


def test_each_change_reaches_the_pages_that_show_it(little_built, run_in):
    """A finding, a shape, a reference, a study and a statement are seen on every page that shows them; no notebook runs."""
    data = little_built / "data"
    _edit(data / "findings" / "brest.yml", "value: 7.1", "value: 7.2")
    _edit(data / "shapes.yml", "title: Spring tide", "title: Tide of spring")
    _edit(data / "references.bib", "@misc{darwin1898tides,", "@misc{darwin1898tides,\n  month = {may},")
    _edit(data / "studies" / "tides.yml", "kind: experiment", "kind: survey")
    changed = _build(run_in, little_built)

    assert changed.returncode == 0, changed.stdout + changed.stderr
    assert _executed(changed) == set()
    for text in ("7.2 metres", "Tide of spring", "month = {may}"):
        assert text in _html(little_built, "findings/brest"), text
    assert "One study" in _html(little_built, "chapters/tides")
    assert "survey" in _html(little_built, "studies/darwin1898tides")


def test_references_are_written_where_an_analysis_says_something_else(little_built, run_in):
    """Accepting writes what the build executed, once; nothing where nothing changed; and drops what no analysis is there for."""

    def accept():
        done = run_in(little_built, "review_book.execute.regression")
        return done.stdout.split("\n")[:-1], done

    home = little_built / "tests" / "reference" / "tides"
    assert accept()[0] == ["tests/reference/tides/heights.ipynb", "tests/reference/tides/model.ipynb"]
    kept = {path: path.stat().st_mtime_ns for path in home.iterdir()}
    assert accept()[0] == ["every reference holds"]
    assert {path: path.stat().st_mtime_ns for path in home.iterdir()} == kept

    (home / "gone.ipynb").write_text("{}", encoding="utf-8")
    assert accept()[0] == ["tests/reference/tides/gone.ipynb"]
    assert not (home / "gone.ipynb").exists()
    _edit(home / "heights.ipynb", '"unit": "metres"', '"unit": "feet"')
    assert accept()[0] == ["tests/reference/tides/heights.ipynb"]
    assert "feet" not in (home / "heights.ipynb").read_text(encoding="utf-8")

    page = little_built / "analyses" / "tides" / "heights.md"
    page.write_text(
        page.read_text(encoding="utf-8").replace("```{code-cell} python\n", "```{code-cell} python\n1\n", 1)
    )
    assert "analyses/tides/heights changed after the build; run make book" in accept()[1].stderr


LEFT_BEHIND = (
    ".DS_Store", "._x.yml", ".#x.yml", "#x.yml#", "x.yml~", "x.md.orig", ".x.csv.swp", "~$x.csv", ".~lock.x.csv#",
    "Thumbs.db", "desktop.ini", ".ipynb_checkpoints/x-checkpoint.md", ".virtual_documents/x.md",
)  # fmt: skip
"""What JupyterLab, editors, spreadsheets and systems leave in a folder that they were in."""


def test_what_programs_leave_behind_stops_nothing_and_is_not_published(little_built, run_in):
    """Checkpoints, locks, copies and thumbnails in every folder: sound records, nothing executed again, the same site."""
    folders = [
        little_built,
        *(p for name in ("analyses", "chapters", "data") for p in (little_built / name).rglob("*")),
    ]
    for folder in [p for p in folders if p.is_dir()] + [little_built / "analyses"]:
        for name in LEFT_BEHIND:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text("# left\x00 behind\n", encoding="utf-8")
    site = little_built / "_build" / "html"
    before = {p.relative_to(site): p.read_bytes() for p in site.rglob("*") if p.is_file()}
    checked = run_in(little_built, "review_book.commands.main", "check")
    again = _build(run_in, little_built)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert again.returncode == 0, again.stdout + again.stderr
    assert _executed(again) == set()
    assert {p.relative_to(site): p.read_bytes() for p in site.rglob("*") if p.is_file()} == before


def test_a_byte_order_mark_changes_nothing(little_built, run_in):
    """With a mark before every record, table and page: sound, nothing corrected in history, and the same pages."""

    def pages():
        site = little_built / "_build" / "html"
        marked = re.compile(rb"records [0-9a-f]{10}")  # the version of a page names the bytes of the records
        return {p.relative_to(site): marked.sub(b"", p.read_bytes()) for p in site.rglob("*.html")}

    before, state = pages(), state_here(Records(little_built / "data"))
    kinds = {".md", ".yml", ".bib", ".json", ".csv", ".cff", ".lock"}
    for path in little_built.rglob("*"):
        if path.suffix in kinds and path.relative_to(little_built).parts[0] not in ("src", "_build"):
            path.write_bytes(codecs.BOM_UTF8 + path.read_bytes())
    checked = run_in(little_built, "review_book.commands.main", "check")
    again = _build(run_in, little_built)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert again.returncode == 0, again.stdout + again.stderr
    assert state_here(Records(little_built / "data")) == state
    assert pages() == before


def test_a_word_that_came_and_went_leaves_nothing(little_built, run_in):
    """A word written into a chapter, built, taken out and built again: every file of the site is what it was, none is left over."""
    site, chapter = little_built / "_build" / "html", little_built / "chapters" / "tides.md"
    before = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    text = chapter.read_text(encoding="utf-8")
    for now in (f"{text}\nQuetzalcoatl swims here.\n", text):
        chapter.write_text(now, encoding="utf-8")
        done = _build(run_in, little_built)
        assert done.returncode == 0, done.stdout + done.stderr

    after = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    assert after.keys() == before.keys()
    assert not [path for path in before if after[path] != before[path]]


def test_a_page_that_is_no_more_is_not_published(little_built, run_in):
    """A finding and a page that are renamed, and a study that is taken out, leave no page behind."""
    data, work = little_built / "data", little_built / "_build" / "work" / "html"
    for name in ("studies/gone.html", "renamed.html"):
        (work / name).write_text("a study that was taken out, a page that has another name", encoding="utf-8")
    (data / "findings" / "brest.yml").rename(data / "findings" / "dover.yml")
    _edit(data / "findings" / "dover.yml", "id: brest", "id: dover")
    _edit(data / "studies" / "tides.yml", "finding: brest", "finding: dover")
    done = _build(run_in, little_built)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "7.1 metres" in _html(little_built, "findings/dover")
    assert not (little_built / "_build" / "html" / "findings" / "brest.html").exists()
    assert not (little_built / "_build" / "html" / "studies" / "gone.html").exists()
    assert not (little_built / "_build" / "html" / "renamed.html").exists()


def test_what_others_wrote_into_the_site_does_not_stay(little_built, run_in):
    """A page that another program put into the folder of the site, or took out, is put right by the next build."""
    site = little_built / "_build" / "html"
    (site / "methods.html").write_text("another program's", encoding="utf-8")
    (site / "left.html").write_text("left behind", encoding="utf-8")
    done = _build(run_in, little_built)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "another program's" not in _html(little_built, "methods")
    assert not (site / "left.html").exists()


def test_a_site_below_an_address_names_it_everywhere(little_built, run_in):
    """Told where it will stand and where its sources are, a built book names both on every page; left addresses lead on."""
    _edit(little_built / "data" / "review.yml", "slug: tides", "slug: tides\nrepository: https://github.com/a/b")
    _edit(little_built / "data" / "review.yml", "moved:\n", "moved:\n  studies/newton1687: studies/newton1687tides\n")
    _edit(little_built / "data" / "findings" / "brest.yml", "id: brest", "id: brest\nformerly: [ushant]")
    done = _build(run_in, little_built, REVIEW_BASEURL="https://a.example.org/tides")
    site = little_built / "_build" / "html"
    listed = (site / "sitemap.xml").read_text(encoding="utf-8")
    moved = _html(little_built, "analyses/tides/old")

    assert done.returncode == 0, done.stdout + done.stderr
    assert _executed(done) == set()
    for page in ("index", "methods", HEIGHTS, "findings/brest", "studies/newton1687tides"):
        address = f"https://a.example.org/tides/{page}.html"
        assert f'<link rel="canonical" href="{address}"' in _html(little_built, page)
        assert f"<loc>{address}</loc>" in listed
        assert "https://github.com/a/b/issues/new?template=error.yml" in _html(little_built, page), page
    for page in ("404", "search", "genindex", "analyses/tides/old", "findings/ushant", "studies/newton1687"):
        assert f"/{page}.html<" not in listed
    assert '<base href="/tides/"' in _html(little_built, "404")
    assert 'http-equiv="refresh" content="0; url=../../analyses/tides/model.html"' in moved
    assert 'rel="canonical" href="https://a.example.org/tides/analyses/tides/model.html"' in moved
    assert 'content="0; url=../findings/brest.html"' in _html(little_built, "findings/ushant"), (
        "a record with a new name"
    )
    assert 'content="0; url=../studies/newton1687tides.html"' in _html(little_built, "studies/newton1687")
    assert (
        'rel="self" type="application/atom+xml" href="https://a.example.org/tides/feed.xml"'
        in (site / "feed.xml").read_text()
    )


def test_a_mark_of_byte_order_and_a_paired_notebook_are_no_hindrance(little_built, run_in):
    """An editor that begins a file with a mark, and JupyterLab's copy of an analysis beside it, change nothing."""
    page = little_built / f"{HEIGHTS}.md"
    page.write_bytes(b"\xef\xbb\xbf" + page.read_bytes())
    (little_built / f"{HEIGHTS}.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    before = _html(little_built, HEIGHTS)
    done = _build(run_in, little_built)

    assert done.returncode == 0, done.stdout + done.stderr
    assert _executed(done) == set()
    assert _html(little_built, HEIGHTS) == before


def test_a_table_re_executes_its_readers_and_claims_go_red(little_built, run_in):
    """A changed cell executes the one notebook that reads it; its claim goes red, twice, and the old site stays."""
    before = _html(little_built, "index")
    _edit(little_built / "data" / "published" / "harbour_heights.csv", "3,2", "3,3")
    for _ in range(2):
        red = _build(run_in, little_built)
        assert red.returncode != 0
        assert "data/claims/tides.yml" in red.stdout + red.stderr
        assert red.stderr.count("mean-height: recomputed 1.62") == 1
        assert "FAILED" not in "".join(line for line in red.stdout.splitlines() if MODEL in line)
        assert _html(little_built, "index") == before


def test_a_chapter_follows_the_analysis_it_shows(little_built, run_in):
    """A new title of a figure stands in the drawing that the chapter shows."""
    _edit(little_built / f"{HEIGHTS}.md", "The water rises twice a day", "Twice a day the water rises")
    followed = _build(run_in, little_built)

    assert followed.returncode == 0, followed.stdout + followed.stderr
    assert _executed(followed) == {HEIGHTS}
    (drawing,) = re.findall(r'<img src="\.\./(charts/[^"]+)"', _html(little_built, "chapters/tides"))
    assert "Twice a day the water rises" in (little_built / "_build" / "html" / drawing).read_text(encoding="utf-8")


def test_what_a_page_cannot_say_is_named_with_its_line(little_built, run_in):
    """An unknown number, figure, statement, study, chapter, citation or page fails the build, each with its line, twice."""
    page = little_built / "chapters" / "tides.md"
    sound = page.read_text(encoding="utf-8")
    planted = {
        "{num}`claim:nothing`": "no claim nothing",
        "{num}`study:newton1687tides/nothing`": "has no number nothing",
        "{statement}`nothing`": "no statement nothing",
        "{cite:p}`nobody2025nothing`": "nobody2025nothing",
    }
    # A dead link, a figure and a chapter are seen in the source, before the pages are built, so that they stand in a build of their own.
    for faults in (
        planted,
        {
            "[dead](nowhere.md)": "nowhere.md",
            "```{statements} nothing\n```": "{statements} nothing",
            "```{show} tides/heights#nothing\n```": "a name under which analyses/tides/heights.md shows a figure or table",
        },
    ):
        page.write_text(sound + "\n".join(f"\n{fault}\n" for fault in faults), encoding="utf-8")
        for _ in range(2):
            red = _build(run_in, little_built)
            assert red.returncode != 0
            for fault, said in faults.items():
                line = next(line for line in (red.stderr + red.stdout).splitlines() if said in line)
                assert re.search(r"tides\.md:\d+", line), fault


def test_a_unit_said_twice_ends_the_first_build_too(little_built, run_in):
    """The numbers of analyses are known once these ran, and are checked then, also where nothing ran before."""
    shutil.rmtree(little_built / "_build" / "executed")
    _edit(little_built / f"{HEIGHTS}.md", "#mean` high", "#mean` percent high")
    red = _build(run_in, little_built)

    assert red.returncode != 0
    assert re.search(r"tides/heights\.md:10: .*no unit after it", red.stdout + red.stderr)


def test_what_no_page_may_do_ends_the_build(little_built, run_in):
    """A script, a file from outside and an open comment end a build before anything runs, each named with its line."""
    page = little_built / "chapters" / "tides.md"
    planted = ["```{raw} html\n<script>1</script>\n```", "```{include} /etc/passwd\n```", "<!-- oops"]
    page.write_text(page.read_text(encoding="utf-8") + "".join(f"\n{fault}\n" for fault in planted), encoding="utf-8")
    red = _build(run_in, little_built)

    assert red.returncode != 0
    for given in ("{raw}", "{include}", "<!-- that has no end"):
        assert re.search(rf"chapters/tides\.md:\d+: .*given {re.escape(given)}; needed: ", red.stdout + red.stderr), (
            given
        )


def test_a_citation_of_the_review_without_a_title_ends_the_build_kindly(little_built, run_in):
    """How to cite the review is read before any page: what is missing is said with its file and line, and nothing throws."""
    _edit(little_built / "CITATION.cff", "title:", "titel:")
    red = _build(run_in, little_built)

    assert red.returncode != 0
    assert re.search(r"CITATION\.cff:\d+: title: given nothing; needed: ", red.stdout + red.stderr)
    assert "exception" not in red.stdout + red.stderr


def test_hostile_text_cannot_enter_a_record(little_built, run_in):
    """Markup in a record ends the build with the field and the remedy."""
    _edit(little_built / "data" / "findings" / "brest.yml", "summary: ", "summary: <script>alert(1)</script> ")
    red = _build(run_in, little_built)

    assert red.returncode != 0
    assert "without markup" in red.stdout + red.stderr


def test_a_table_that_was_mistyped_ends_the_build(little_built, run_in):
    """A cell that is no number of its column is said with its row before any page is read, as by the check."""
    table = little_built / "data" / "published" / "harbour_heights.csv"
    _edit(table, "3,2", "3,=2")
    red = _build(run_in, little_built)

    assert red.returncode != 0
    assert "harbour_heights.csv:3" in red.stdout + red.stderr


def test_two_reviews_in_one_process(built, root):
    """Two roots stand side by side: each has its own records, and errors name files below their own root."""
    one, other = Review(root), Review(built)

    assert other.records.about.name == "Tides"
    assert one.records.about.name != "Tides"
    assert list(other.records.ledger.chapters) == ["tides"]
    assert other.records.statements.places["moon-drives-tides"][0] == "data/statements/tides.yml"


def test_an_interrupted_build_leaves_the_old_site_and_the_next_is_right(little_built, run_in):
    """Killed in the middle, a build leaves the site that stood there, and the next one is complete."""
    index = little_built / "_build" / "html" / "index.html"
    before = index.read_bytes()
    (little_built / "index.md").write_text("# A small review of tides, changed\n", encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(little_built / "src")}
    process = subprocess.Popen(
        [sys.executable, "-m", "review_book.commands.main", "build"],
        cwd=little_built,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    for line in process.stdout:
        if line.startswith("building"):  # notebooks are executed; pages are read and written now
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

    assert index.read_bytes() == before
    assert _build(run_in, little_built).returncode == 0
    assert "changed" in index.read_text(encoding="utf-8")


def test_the_command_waits_too(little_built):
    """`review build` in a review that is being built says so first, and builds when it may."""
    _edit(little_built / "index.md", "# ", "# Changed: ")
    with alone(little_built / "_build", lambda line: pytest.fail(line)):
        command = [sys.executable, "-m", "review_book.commands.main", "build"]
        env = {**os.environ, "PYTHONPATH": str(little_built / "src"), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            command, cwd=little_built, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout.readline().startswith("waiting for another command at work on this review")
        assert "Changed: " not in _html(little_built, "index")

    said, _ = process.communicate()
    assert process.returncode == 0, said
    assert "Changed: " in _html(little_built, "index")


def differing(one: Path, two: Path) -> list[str]:
    """Return the files that differ between two folders, or stand in one alone."""
    done = subprocess.run(["diff", "-rq", str(one), str(two)], capture_output=True, text=True, check=False)
    return done.stdout.splitlines()


def test_a_build_that_knows_the_time_is_seen(built, run_in, tmp_path):
    """Two builds of one state, in folders, time zones, hash seeds and days of their own, are the same bytes; one that writes the time is not."""
    other = tmp_path / "elsewhere" / "deeper"
    shutil.copytree(ROOT / "tests" / "little_review", other)
    shutil.copytree(ROOT / "src", other / "src")
    later = tmp_path / "later"
    later.mkdir()
    # A day later for everything that asks Python what time it is.
    (later / "sitecustomize.py").write_text(
        "import time, datetime\n_t = time.time\ntime.time = lambda: _t() + 90000\n"
        "class _D(datetime.datetime):\n    @classmethod\n    def now(cls, tz=None):\n"
        "        return datetime.datetime.fromtimestamp(time.time(), tz)\n"
    )
    second = run_in(
        other, "review_book.commands.main", "build", TZ="Asia/Tokyo", PYTHONHASHSEED="12345",
        PYTHONPATH=f"{other / 'src'}{os.pathsep}{later}",
    )  # fmt: skip
    assert second.returncode == 0, second.stderr
    assert differing(built / "_build" / "html", other / "_build" / "html") == []

    page = other / "index.md"
    page.write_text(page.read_text(encoding="utf-8") + f"\nBuilt at {os.times().elapsed} o'clock.\n", encoding="utf-8")
    third = run_in(other, "review_book.commands.main", "build")
    assert third.returncode == 0, third.stderr
    assert any("index.html" in line for line in differing(built / "_build" / "html", other / "_build" / "html"))


def test_a_folder_that_cannot_be_written_is_named(mini, run_in):
    """Where the site cannot be written, the message says where and what is needed."""
    (mini / "_build").write_text("a file where a folder should be")

    result = _build(run_in, mini)

    assert result.returncode != 0
    assert "needed: room and permission to write" in result.stderr


def test_the_swap_recovers_from_an_interruption_between_its_steps(tmp_path, monkeypatch):
    """If the old site was moved aside and the new one never came, the old one is put back."""
    built, site = tmp_path / "built", tmp_path / "html"
    built.mkdir()
    (built / "index.html").write_text("new")
    (tmp_path / ".html.old").mkdir()
    (tmp_path / ".html.old" / "index.html").write_text("old")

    _recover(site)
    assert (site / "index.html").read_text() == "old"
    monkeypatch.setattr(publish, "publish", lambda root, made, target: shutil.copytree(made, target))
    _swap_in(tmp_path, built, site)
    assert (site / "index.html").read_text() == "new"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["built", "html", "published.txt"]


def test_notebook_comparison_goes_red(copy, run_in):
    """The regression test of an analysis fails when a number in its data changes, and shows old and new."""
    _edit(
        copy / "data" / "published" / "brown2020_table_h1.csv",
        "3D+,acc,,few-shot,50,2000,,0.15,0.45,0.3,0.55,0.75,0.9,8.4,80.4",
        "3D+,acc,,few-shot,50,2000,,0.15,0.45,0.3,0.55,0.75,0.9,8.4,81.4",
    )

    result = run_in(copy, "pytest", "-q", "tests/review_book/test_notebooks.py", "-k", "early_forecast")

    assert result.returncode == 1
    assert "80.4" in result.stdout
    assert "81.4" in result.stdout


def test_notebook_comparison_sees_one_cell(copy, run_in):
    """The regression test of an analysis fails when one cell of it changes."""
    _edit(
        copy / "analyses" / "emergence_theory" / "causal_emergence.md",
        "np.linspace(0, 0.98, 50)",
        "np.linspace(0, 0.98, 49)",
    )

    result = run_in(copy, "pytest", "-q", "tests/review_book/test_notebooks.py", "-k", "causal_emergence")

    assert result.returncode == 1
    assert "inserted before" in result.stdout, result.stdout[-3000:]
