"""What the site offers for download: records, tables, notebooks, feeds, card, map."""

from __future__ import annotations

import json
import re
import warnings
import zipfile
import zlib
from xml.etree import ElementTree

import feedparser
import nbformat
import pandas as pd
import pytest
from conftest import ROOT

from review_book.living.history import Event, load_history
from review_book.records.kinds import Records
from review_book.review import Review
from review_book.site import exports
from review_utils.data.tables import read_table, table_infos
from review_utils.records.register import load_register

ATOM = "{http://www.w3.org/2005/Atom}"


def some_events():
    return [
        Event("2026-11-23", "finding-added", "a", 'A <b>"title"</b> & more', None, "x"),
        Event("2026-11-24", "claim-flipped", "c", "A claim.", "reproduced", "differs", "a new run"),
        Event("2026-11-24", "claim-added", "d", "Another claim.", None, "open"),
    ]


def test_events_are_grouped_by_day_with_conclusions_first():
    """The newest day comes first, and on it what changes a conclusion."""
    assert [(day, kind) for day, kind, _ in exports.grouped(some_events())] == [
        ("2026-11-24", "claim-flipped"), ("2026-11-24", "claim-added"), ("2026-11-23", "finding-added"),
    ]  # fmt: skip


def test_the_feed_reads_as_a_feed():
    """A reader's program parses the Atom feed without complaint, and text from records stays text."""
    text = exports.atom("Title", "Author", exports.feed_entries(some_events()), "2026-11-24T00:00:00Z")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the parser's own imports
        feed = feedparser.parse(text)

    assert not feed.bozo
    assert feed.version == "atom10"
    assert len(feed.entries) == 3
    assert "&lt;b&gt;" in feed.entries[2].content[0].value


def test_a_second_acceptance_on_a_day_updates_its_entry():
    """What joins an entry of the same day and kind leaves its id and moves its time on; other entries stay as they were."""
    more = [*some_events(), Event("2026-11-24", "claim-added", "e", "A third claim.", None, "open")]
    before, after = ({e["id"]: e for e in exports.feed_entries(events)} for events in (some_events(), more))
    moved = [key for key in before if after[key]["updated"] > before[key]["updated"]]

    assert before.keys() == after.keys()
    assert [after[key]["title"] for key in moved] == ["2 times: claim added"]
    assert all(e["published"] <= e["updated"] for e in after.values())


def test_the_site_s_atom_feed_has_what_the_standard_asks(site):
    """Each feed and entry has id, title and updated; ids are unique addresses; the author is named (RFC 4287, 4.1)."""
    feed = ElementTree.parse(site / "feed.xml").getroot()
    entries = feed.findall(f"{ATOM}entry")
    assert feed.tag == f"{ATOM}feed"
    assert entries
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
            assert element.find(f"{ATOM}{name}").text
        assert element.find(f"{ATOM}id").text.startswith("urn:uuid:")
        pd.Timestamp(element.find(f"{ATOM}updated").text)
    assert len({e.find(f"{ATOM}id").text for e in entries}) == len(entries)
    assert feed.find(f"{ATOM}author/{ATOM}name").text


def test_the_site_s_json_feed_has_what_the_standard_asks(site, root):
    """The JSON feed names its version and title, and each item has an id and content (JSON Feed 1.1)."""
    feed = json.loads((site / "feed.json").read_text(encoding="utf-8"))

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert len(feed["items"]) == len(exports.feed_entries(load_history(root / "data")))
    assert all(item["id"] and item["content_html"] for item in feed["items"])


def test_an_archive_depends_on_content_alone(tmp_path):
    """Two archives of the same files are the same bytes, whenever they are made."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for i, file in enumerate(("b.txt", "a.txt")):
            (tmp_path / name / file).write_text(f"content of {file} {i if name == 'three' else ''}")
    exports.archive(tmp_path / "one", tmp_path / "one.zip")
    exports.archive(tmp_path / "two", tmp_path / "two.zip")

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_every_record_can_be_downloaded(site, root):
    """The register as JSON holds every finding, and every table comes as CSV and as Parquet with the same cells."""
    register = json.loads((site / "data" / "register.json").read_text(encoding="utf-8"))
    assert {f["id"] for f in register["findings"]} == {f.id for f in load_register().findings}
    for info in table_infos(root / "data").values():
        frame = pd.read_parquet(site / "data" / info.path.parent.name / f"{info.name}.parquet")

        assert (site / "data" / info.path.parent.name / info.path.name).read_bytes() == info.path.read_bytes()
        pd.testing.assert_frame_equal(frame, read_table(info), check_dtype=False)


def test_statements_studies_and_evidence_can_be_downloaded(site, root):
    """As CSV and Parquet, a row each, with grades; no placeholder is left in a sentence, and counts are the grader's."""
    records = Records(root / "data")
    frames = {
        name: pd.read_parquet(site / "data" / f"{name}.parquet") for name in ("statements", "evidence", "studies")
    }
    for name, frame in frames.items():
        plain = pd.read_csv(site / "data" / f"{name}.csv", keep_default_na=False)
        assert plain.astype(str).equals(frame.fillna("").astype(str)), name
    statements, evidence, studies = frames.values()
    assert dict(zip(statements.id, statements.grade, strict=True)) == {
        item.id: records.grader.grade(item).grade for item in records.statements
    }
    texts = [*statements.statement, *statements.scope, *statements.objection, *evidence.found]
    assert not [text for text in texts if "{" in text]
    assert len(evidence) == sum(len(item.evidence) for item in records.statements)
    assert int(evidence.counts.sum()) == sum(
        records.grader.counts(e, item.mathematical) for item in records.statements for e in item.evidence
    )
    assert set(studies.key) == set(records.studies.by_key)
    assert studies.grades_that_rest_on_it.sum() > 50


def test_the_archive_holds_what_describes_it(site):
    """The archive of all data has the data package, and each of its resources that is part of the review."""
    with zipfile.ZipFile(site / "data" / "emergence-studies-data.zip") as archive:
        names = set(archive.namelist())
        package = json.loads(archive.read("datapackage.json"))

    assert {r["path"] for r in package["resources"]} <= names


def test_every_analysis_offers_its_executed_notebook(site, root):
    """Each analysis page links to its notebook, which is valid and has outputs."""
    for path in root.glob("analyses/*/*.md"):
        name = path.relative_to(root / "analyses").with_suffix("").as_posix()
        notebook = nbformat.read(site / "notebooks" / f"{name}.ipynb", as_version=4)
        nbformat.validate(notebook)

        assert any(c.get("outputs") for c in notebook.cells)
        page = (site / "analyses" / f"{name}.html").read_text(encoding="utf-8")
        assert f"notebooks/{name}.ipynb" in page
        assert f"review run {name}" in page


def _pixels(png):
    """Return the rows of a PNG as they are before compression, and the names of its parts; each must bear its own sum."""
    at, names, data = 8, [], b""
    while at < len(png):
        size = int.from_bytes(png[at : at + 4])
        part = png[at + 4 : at + 8 + size]
        assert zlib.crc32(part) == int.from_bytes(png[at + 8 + size : at + 12 + size])
        names += [part[:4]] if part[:4] not in names else []
        data += part[4:] if part[:4] == b"IDAT" else b""
        at += 12 + size
    return names, zlib.decompress(data)


def test_the_card_shows_every_statement(monkeypatch):
    """The picture that other sites show is the map of the field: it has a mark for each statement."""
    import vl_convert

    records, drawn = Review(ROOT).records, []
    monkeypatch.setattr(vl_convert, "svg_to_png", lambda svg: drawn.append(svg) or b"")
    monkeypatch.setattr(exports, "packed", lambda png: png)
    exports.social_card(records)

    assert len(re.findall(r"<circle|<rect x=", drawn[0])) == len(records.statements)
    assert records.about.tagline in drawn[0]


def test_the_card_is_a_picture_of_the_right_size(site):
    """The social card is a PNG of 1200 by 630 pixels, below 100 KB, and packing it changed none of its pixels."""
    import vl_convert

    card = (site / "social.png").read_bytes()
    head = card[:24]
    loose = vl_convert.svg_to_png(
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40"><circle cx="20" cy="20" r="9"/></svg>'
    )

    assert len(card) < 100_000
    assert _pixels(exports.packed(loose)) == _pixels(loose)
    assert exports.packed(card) == card

    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(head[16:20]), int.from_bytes(head[20:24])) == (1200, 630)


def test_the_site_map_needs_an_address(tmp_path, monkeypatch):
    """Without an address there is no site map; with one, each page stands in it."""
    monkeypatch.delenv("REVIEW_BASEURL", raising=False)
    exports.write_site_map(tmp_path, ["a.html"])
    assert not (tmp_path / "sitemap.xml").exists()
    monkeypatch.setenv("REVIEW_BASEURL", "https://example.org/review")
    exports.write_site_map(tmp_path, ["a.html"])

    assert "<loc>https://example.org/review/a.html</loc>" in (tmp_path / "sitemap.xml").read_text()
    assert "Sitemap: https://example.org/review/sitemap.xml" in (tmp_path / "robots.txt").read_text()


def test_no_digest_is_shown_to_readers():
    """A statement's change is its grades in words, none where it was reworded alone; a study has its title alone."""
    graded = Event(
        "2026-01-01", "statement-regraded", "s", "It is so.", "one-study; febcb87c368b", "supported; febcb87c368b"
    )
    assert exports.event_words(graded) == "It is so: one study → supported"
    reworded = Event(
        "2026-01-01", "statement-reworded", "s", "It is so.", "supported; febcb87c368b", "supported; 0123456789ab"
    )
    assert exports.event_words(reworded) == "It is so"
    assert exports.event_words(Event("2026-01-01", "study-corrected", "k", "A study", "aa", "bb")) == "A study"
    renamed = Event("2026-01-01", "statement-renamed", "k", "It is so.", "one-study; aa", None)
    assert exports.event_words(renamed) == "It is so"
    rule = Event(
        "2026-01-01", "rule-changed", "k", "A shape", 'codified when [{"min_examples": 2}]', "codified when []"
    )
    assert exports.event_words(rule) == "A shape: codified when min examples: 2 → codified when []"


@pytest.mark.parametrize("kind", ["finding-added", "claim-flipped"])
def test_an_event_reads_as_a_line(kind):
    """A changed claim says what it was, what it is and why; a new finding has its title alone."""
    event = next(e for e in some_events() if e.kind == kind)

    assert exports.event_words(event) in (
        'A <b>"title"</b> & more',
        "A claim: reproduced → differs (because a new run)",
    )
