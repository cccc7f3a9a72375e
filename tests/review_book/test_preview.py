"""The preview: what was saved stands on the page, and what is wrong stands in its place."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pytest
from conftest import ROOT

from review_book.site.preview import FOLLOW, Preview, Site, Wrong, fault_page, server_of, snapshot

# Sphinx and its themes run in this process, and call what is deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")

HEIGHTS = "analyses/tides/heights"


@pytest.fixture(scope="module")
def preview(tmp_path_factory):
    """A preview of the little review, in this process."""
    target = tmp_path_factory.mktemp("preview") / "review"
    shutil.copytree(ROOT / "tests" / "little_review", target)
    said = []
    found = Preview(target.resolve(), said.append)
    found.begin()
    assert not found.fault, found.fault
    found.begin()
    assert "building" in said[-1], "what another preview altered would stay, unread"
    found.said = said
    yield found
    found.close()


@pytest.fixture
def save(preview):
    """Change a file of the little review, tell the preview, and put everything back afterwards."""
    kept = {}

    def change(name, old, new):
        path = preview.root / name
        text = path.read_text(encoding="utf-8")
        kept.setdefault(path, text)
        assert old in text, f"{old} is not in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        preview.changed([path])

    yield change
    for path, text in kept.items():
        path.write_text(text, encoding="utf-8")
    preview.changed(list(kept))


def test_a_saved_chapter_stands_on_its_page_alone(preview, save):
    """The chapter that was saved is read anew, and no other page and no notebook is."""
    index = preview.page("index")
    begun = len(preview.said)
    save("chapters/tides.md", "## Behind the chapter", "A sentence that was just written.\n\n## Behind the chapter")

    assert b"A sentence that was just written." in preview.page("chapters/tides")
    assert preview.page("index") == index
    assert preview.said[begun:] == []


def test_a_page_shows_its_charts(preview):
    """A chart is drawn in the page, since the preview has no files beside it."""
    page = preview.page(HEIGHTS).decode()

    assert '<svg role="img" aria-label="' in page
    assert "application/vnd.vegalite" not in page


def test_a_new_title_reaches_the_contents_of_other_pages(preview, save):
    """A title that changes is seen beside every page that lists it."""
    save("chapters/tides.md", "# ", "# About ")
    preview.page("chapters/tides")

    assert b"About " in preview.page("index")


def test_a_saved_record_stands_on_every_page_that_shows_it(preview, save):
    """A measurement, a study and a statement are seen where they are shown, and nothing is executed for them."""
    begun = len(preview.said)
    save("data/findings/brest.yml", "value: 7.1", "value: 7.2")
    save("data/studies/tides.yml", "kind: experiment", "kind: survey")

    assert b"7.2 metres" in preview.page("findings/brest")
    assert b"survey" in preview.page("studies/darwin1898tides")
    assert preview.said[begun:] == []


def test_a_saved_reference_stands_where_it_is_cited_and_listed(preview, save):
    """The bibliography is read anew when it changed: its page, and the citations of other pages, show what was saved."""
    save("data/references.bib", "title = {", "title = {Newly ")

    assert b"Newly " in preview.page("references")


def test_a_table_executes_the_analyses_that_a_page_shows(preview, save):
    """A page whose analysis read what changed executes that analysis, and says so where its claim no longer holds."""
    save("data/published/harbour_heights.csv", "3,2", "3,3")

    with pytest.raises(Wrong, match=r"mean-height: recomputed 1\.62"):
        preview.page("chapters/tides")
    assert preview.said[-1].startswith(f"[1/1] FAILED {HEIGHTS}")


def test_what_is_wrong_stands_in_the_place_of_the_page(preview, save):
    """A fault of a page and a fault of a record are said with their line instead of an old page, until mended."""
    save("chapters/tides.md", "## Behind the chapter", "{num}`claim:nothing`\n\n## Behind the chapter")
    for _ in range(2):
        with pytest.raises(Wrong, match=r"tides\.md:\d+.*no claim nothing"):
            preview.page("chapters/tides")
    save("chapters/tides.md", "{num}`claim:nothing`", "")
    assert b"no claim nothing" not in preview.page("chapters/tides")

    save("data/findings/brest.yml", "value: 7.1", "value: high")
    with pytest.raises(Wrong, match=r"data/findings/brest\.yml:\d+"):
        preview.page("index")
    save("data/findings/brest.yml", "value: high", "value: 7.1")
    assert b"<h1>" in preview.page("index")


def test_a_page_that_comes_is_built(preview):
    """A finding that is added has a page at once, and one that goes has none."""
    path = preview.root / "data" / "findings" / "dover.yml"
    text = (preview.root / "data" / "findings" / "brest.yml").read_text(encoding="utf-8")
    for old, new in (("id: brest", "id: dover"), ("darwin1898tides", "newton1687tides"), ("A spring tide at Brest", "Principia"), ("It was high.", "It was computed."), ("org/tides", "org/dover"), ('"1898"', '"1687"'), ("George Howard Darwin", "Isaac Newton")):  # fmt: skip
        text = text.replace(old, new, 1)
    studies = preview.root / "data" / "studies" / "tides.yml"
    before = studies.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    studies.write_text(before.replace("  summary:", "  finding: dover\n  summary:", 1), encoding="utf-8")
    preview.changed([path, studies])
    assert b"7.1 metres" in preview.page("findings/dover")

    path.unlink()
    studies.write_text(before, encoding="utf-8")
    preview.changed([path, studies])
    with pytest.raises(FileNotFoundError):
        preview.page("findings/dover")


def test_the_server_answers_and_tells_of_changes(preview, save):
    """A page carries the script that waits; the wait ends when something changes; a fault is an error of the server."""
    site = Site(preview)
    server = server_of(site, 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        with urllib.request.urlopen(f"{address}/") as page:
            assert FOLLOW.replace("SEEN", site.state).encode() in page.read()
        with urllib.request.urlopen(f"{address}/data/register.json") as file:
            assert file.headers["Content-Type"] == "application/json"
        for wrong in ("nowhere.html", "..%2f..%2f..%2f_toc.yml"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{address}/{wrong}")
        before = site.state
        waited = []
        waiter = threading.Thread(
            target=lambda: waited.append(urllib.request.urlopen(f"{address}/-/changed?seen={before}").read())
        )
        waiter.start()
        site.publish([preview.root / "index.md"])
        waiter.join(timeout=30)
        assert waited == [site.state.encode()]
        save("data/findings/brest.yml", "value: 7.1", "value: high")
        with pytest.raises(urllib.error.HTTPError, match="500") as refused:
            urllib.request.urlopen(f"{address}/index.html")
        assert b"brest.yml" in refused.value.read()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_what_is_watched(tmp_path):
    """Pages, records and code are watched; data sets of others and what was built are not."""
    for name in ("index.md", "data/a.yml", "data/external/big.csv", "_build/x.md", "analyses/x/helper.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    code = tmp_path / "code"
    (code / "review_book").mkdir(parents=True)
    (code / "review_book" / "a.py").write_text("x")

    names = {path.relative_to(tmp_path).as_posix() for path in snapshot(tmp_path, code)}

    assert names == {"index.md", "data/a.yml", "analyses/x/helper.py", "code/review_book/a.py"}


def test_what_is_saved_while_the_book_is_built_is_seen(tmp_path, monkeypatch):
    """A page that is saved during the first build is published at the first look, and nothing else is."""
    monkeypatch.setattr("review_book.site.preview.TICK", 0)
    page, seen = tmp_path / "index.md", []

    class Building(Preview):
        def begin(self):
            page.write_text("what was saved while it was built")

        def changed(self, paths):
            seen.extend(paths)

    (tmp_path / "other.md").write_text("x")
    page.write_text("what was there")
    site = Site(Building(tmp_path, print))
    site.begin()
    site.look()
    assert seen == [page]

    site.look()
    assert seen == [page]


def test_a_file_that_keeps_its_time_and_size_is_seen(tmp_path):
    """A file that another replaces, as old and as large as it, is a change, also within one step of the clock."""
    page, other = tmp_path / "index.md", tmp_path / "other"
    for path, text in ((page, "one"), (other, "two")):
        path.write_text(text)
        os.utime(path, ns=(10**18, 10**18))
    before = snapshot(tmp_path, tmp_path)
    other.replace(page)

    assert before.keys() == snapshot(tmp_path, tmp_path).keys() == {page}
    assert before != snapshot(tmp_path, tmp_path)


def test_a_file_that_was_written_just_now_is_looked_at_twice(tmp_path, monkeypatch):
    """What may be written again without another time differs from itself once that can be no more."""
    (tmp_path / "index.md").write_text("x")
    monkeypatch.setattr("review_book.site.preview.TICK", 10**18)
    just_now = snapshot(tmp_path, tmp_path)
    monkeypatch.setattr("review_book.site.preview.TICK", 0)

    assert snapshot(tmp_path, tmp_path) != just_now


def test_the_watch_outlives_an_error(preview, monkeypatch):
    """An error of the engine stands in the place of the pages, and the next change begins anew."""

    def fails(_names):
        raise RuntimeError("out of order")

    with monkeypatch.context() as broken:
        broken.setattr(preview, "_take_in", fails)
        preview.changed([preview.root / "index.md"])
        with pytest.raises(Wrong, match="out of order"):
            preview.page("index")

    preview.changed([preview.root / "index.md"])
    assert b"<h1>" in preview.page("index")


def test_a_fault_is_shown_as_text():
    """What is said of a fault enters its page as text."""
    assert b"&lt;script&gt;" in fault_page("<script>")


def test_a_port_that_is_taken_is_named(preview):
    """The command refuses a port on which something else answers."""
    server = server_of(Site(preview), 0)
    try:
        port = str(server.server_address[1])
        command = [sys.executable, "-m", "review_book.commands.main", "serve", "--port", port]
        done = subprocess.run(command, cwd=preview.root, env=os.environ, capture_output=True, text=True, check=False)
    finally:
        server.server_close()

    assert done.returncode == 1
    assert "needed: a free one, with --port" in done.stderr
