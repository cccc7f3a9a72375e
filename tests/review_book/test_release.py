"""Releases: archives that depend on content alone, a bill of materials, a printed book."""

from __future__ import annotations

import hashlib
import json
import os

import pytest
from click.testing import CliRunner

from review_book.commands.main import main
from review_book.site import release


def test_the_bill_names_every_package_with_hashes(root):
    """Every pin of the lock stands in the bill of materials with version, address and hashes."""
    bill = release.materials(root / "requirements.lock", "emergence-studies", "0")
    pins = [
        line.split("==")[0]
        for line in (root / "requirements.lock").read_text().splitlines()
        if "==" in line and line[0].isalpha()
    ]

    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert sorted(c["name"] for c in bill["components"]) == sorted(pins)
    assert all(len(h["content"]) == 64 for c in bill["components"] for h in c["hashes"])


def test_a_pin_without_a_hash_is_refused(tmp_path):
    """A lock with a package that has no hash makes no bill, and says which."""
    (tmp_path / "lock").write_text("a==1\n")

    with pytest.raises(release.CannotRelease, match="a has no hash"):
        release.materials(tmp_path / "lock", "x", "0")


def test_an_archive_of_a_site_can_be_unpacked_below_its_version(tmp_path):
    """The site of a release stands under its version, the same files, whenever it was packed."""
    built = tmp_path / "built"
    (built / "a").mkdir(parents=True)
    (built / "a" / "b.html").write_text("x")
    (tmp_path / "releases").mkdir()
    target = tmp_path / "releases" / "emergence-studies-1.2.3-site.tar.gz"
    release.pack(built, target)
    first = target.read_bytes()
    os.utime(built / "a" / "b.html", (1, 1))
    release.pack(built, target)

    assert target.read_bytes() == first
    assert release.unpack_releases(tmp_path / "releases", tmp_path / "site", "emergence-studies") == ["1.2.3"]
    assert (tmp_path / "site" / "releases" / "1.2.3" / "a" / "b.html").read_text() == "x"
    assert release.unpack_releases(tmp_path / "none", tmp_path / "site", "x") == []


def test_a_release_has_sums_that_hold(root, site, tmp_path):
    """Each file of a release has the sum that its list gives."""
    files = release.make_release(root, tmp_path)
    sums = dict(reversed(line.split("  ")) for line in files[-1].read_text().splitlines())

    assert set(sums) == {p.name for p in files[:-1]}
    assert all(hashlib.sha256((tmp_path / n).read_bytes()).hexdigest() == s for n, s in sums.items())
    assert json.loads((tmp_path / "sbom.cdx.json").read_text())["components"]


def test_a_release_is_of_its_sources(mini, monkeypatch):
    """What is packed and what is printed is built first, and a release waits for the history that it holds; no site is older than its sources."""
    monkeypatch.setenv("REVIEW_ROOT", str(mini))
    page = mini / "_build" / "html" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("old", encoding="utf-8")
    seen = []
    monkeypatch.setattr("review_book.site.build.build_site", lambda root, say: page.write_text("new", encoding="utf-8"))
    monkeypatch.setattr(release, "make_release", lambda root, out: seen.append(page.read_text(encoding="utf-8")) or [])
    monkeypatch.setattr(release, "print_book", lambda *args: seen.append(page.read_text(encoding="utf-8")) or 1)

    untold = CliRunner().invoke(main, ["release"])
    assert "changes are not in data/history.jsonl; needed: review accept" in untold.output
    assert (untold.exit_code, seen) == (1, [])
    assert CliRunner().invoke(main, ["accept"]).exit_code == 0
    assert CliRunner().invoke(main, ["release"]).exit_code == 0
    page.write_text("old", encoding="utf-8")
    assert CliRunner().invoke(main, ["pdf"]).exit_code == 0
    assert seen == ["new", "new"]
    done = CliRunner().invoke(main, ["pdf", "--out", str(mini)])
    assert f"given --out {mini}, a folder; needed: a file, as {mini}/tides.pdf" in done.output


def test_a_release_needs_a_site(tmp_path):
    """Without a built site there is no release, and the message says what to do."""
    with pytest.raises(release.CannotRelease, match="make book"):
        release.make_release(tmp_path, tmp_path / "out")


@pytest.mark.browser
def test_pages_print_into_one_book(site, tmp_path):
    """Pages are printed into one PDF with an outline, charts as vectors and cards left out."""
    from pypdf import PdfReader

    sheets = release.print_book(site, ["index", "chapters/emergence_theory"], tmp_path / "book.pdf", lambda line: None)
    book = PdfReader(tmp_path / "book.pdf")
    text = "".join(page.extract_text() for page in book.pages)

    assert len(book.pages) == sheets >= 4
    assert [item.title for item in book.outline] == ["Emergence Studies", "Emergence Theory"]
    assert "What is known" in text
    assert "Copy the citation" not in text
