"""Third-party data sets: fetched, checked, and never needed."""

from __future__ import annotations

import copy
import hashlib
import socket
import subprocess
from http.server import BaseHTTPRequestHandler
from typing import ClassVar

import pytest
from click.testing import CliRunner
from conftest import served

from review_book.commands.main import main
from review_book.living.fetching import Unreachable, fetch_set
from review_book.records.tables import load_external
from review_utils.data.external import ExternalSet, FetchError, external, with_sets
from review_utils.records.reading import RecordError

CONTENT = b"a,b\n1,2\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
RECORD = f"""- id: small-set
  title: A small set
  cite: brown2020language
  licence: MIT
  base: https://raw.githubusercontent.com/owner/repository/{COMMIT}/folder/
  files:
    deep/file.csv: {hashlib.sha256(CONTENT).hexdigest()}
"""


@pytest.fixture
def project(root, tmp_path, monkeypatch):
    """A project with one small external set, and a folder of copies that stands in for the network."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "references.bib").write_text((root / "data" / "references.bib").read_text())
    (data / "external.yml").write_text(RECORD)
    copy = tmp_path / "mirror" / "owner__repository" / "folder" / "deep" / "file.csv"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(CONTENT)
    monkeypatch.setenv("REVIEW_MIRROR", str(tmp_path / "mirror"))
    return tmp_path


def test_the_sets_of_the_project_are_sound(root):
    """Every set names a fixed commit, hashes, a licence and a citation that there is."""
    sets = load_external(root / "data")

    assert len(sets) >= 3
    assert len({s.id for s in sets}) == len(sets)


def test_a_set_is_absent_until_fetched(project):
    """A set that was not fetched is None; after fetching, its files are there, and a second fetch brings none."""
    (item,) = load_external(project / "data")
    assert external("small-set", project / "data") is None
    assert fetch_set(project, item) == 1
    found = external("small-set", project / "data")
    assert found["deep/file.csv"].read_bytes() == CONTENT
    assert fetch_set(project, item) == 0


@pytest.fixture
def beside(project, monkeypatch):
    """The same project, in which one works."""
    (project / "_toc.yml").write_text("format: jb-book\nroot: index\n", encoding="utf-8")
    monkeypatch.chdir(project)
    return project


def weight(files):
    """Return how many bytes a set has."""
    return {"bytes": sum(len(path.read_bytes()) for path in files.values()), "files": len(files)}


def test_what_is_computed_with_a_set_is_none_without_it(beside):
    """Where the set is missing nothing is computed and each name is None; where it is at hand each is what was computed."""
    lacking = with_sets("small-set")(weight)
    assert (lacking.bytes, lacking.files, lacking.missing) == (None, None, ("small-set",))

    fetch_set(beside, *load_external(beside / "data"))
    found = with_sets("small-set")(weight)
    assert (found.bytes, found.files, found.missing) == (len(CONTENT), 1, ())
    with pytest.raises(AttributeError, match=r"under the name byte; did you mean bytes\?"):
        _ = found.byte


def test_what_was_computed_is_computed_with(beside):
    """A function takes sets and what was computed before, in order; whatever is missing of either is missing of what it computes."""
    lacking = with_sets("small-set")(weight)
    fetch_set(beside, *load_external(beside / "data"))
    found = with_sets("small-set")(weight)

    both = with_sets(found, "small-set")(lambda before, files: {"more": before.bytes + len(files)})
    assert (both.more, both.missing) == (len(CONTENT) + 1, ())
    none = with_sets(found, lacking, lacking, "small-set")(lambda *_: {"more": 1})
    assert (none.more, none.missing) == (None, ("small-set",))


def test_what_is_not_computed_by_names_is_refused(beside):
    """A function that returns nothing is named; what Python asks of every object is not taken for a name that was computed."""
    lacking = with_sets("small-set")(weight)
    assert not hasattr(lacking, "_repr_html_")
    assert copy.copy(lacking).missing == ("small-set",)

    fetch_set(beside, *load_external(beside / "data"))
    with pytest.raises(TypeError, match="weighed gave NoneType; needed: what it computed"):

        @with_sets("small-set")
        def weighed(files):
            return None


def test_notebooks_compute_with_sets_of_others_in_one_form(root):
    """No analysis asks whether a set is at hand: what it computes from one it computes `with_sets`."""
    asking = [path.name for path in root.glob("analyses/*/*.md") if "external(" in path.read_text(encoding="utf-8")]

    assert asking == []


def test_a_corrupted_copy_is_refused_and_leaves_nothing(project):
    """A copy with another hash is refused by name, and no file of that name, whole or partial, is left."""
    (item,) = load_external(project / "data")
    (project / "mirror" / "owner__repository" / "folder" / "deep" / "file.csv").write_bytes(b"evil")
    with pytest.raises(FetchError, match="another sha256"):
        fetch_set(project, item)

    assert [p for p in (project / "data" / "external").rglob("*") if p.is_file()] == []


def test_a_file_changed_after_fetching_is_refused(project):
    """A fetched file that was edited is refused, with the command that mends it; fetching again mends it."""
    (item,) = load_external(project / "data")
    fetch_set(project, item)
    path = project / "data" / "external" / "small-set" / "deep" / "file.csv"
    path.write_bytes(b"a,b\n1,3\n")
    with pytest.raises(FetchError, match="review fetch small-set"):
        external("small-set", project / "data")
    assert fetch_set(project, item) == 1
    assert external("small-set", project / "data") is not None


def test_without_network_the_message_says_so(project, monkeypatch):
    """When a file can be had nowhere, the error names its address and says that what came before is kept."""
    monkeypatch.delenv("REVIEW_MIRROR")
    import pooch

    def refuse(url, **_):
        raise OSError("no network")

    monkeypatch.setattr(pooch, "retrieve", refuse)
    (item,) = load_external(project / "data")
    with pytest.raises(FetchError, match=r"folder/deep/file\.csv could not be had.*run the same command again"):
        fetch_set(project, item)


class Proxy(BaseHTTPRequestHandler):
    """A proxy that notes whom it was asked for, and reaches nobody."""

    asked: ClassVar[list[str]] = []

    def do_CONNECT(self):
        """Note and refuse."""
        self.asked.append(self.path)
        self.send_error(502)

    def log_message(self, *args):
        """Say nothing."""


def test_a_proxy_is_asked_unless_the_host_is_excepted(project, monkeypatch):
    """HTTPS_PROXY is asked, and said to be in the way where it is; a host of NO_PROXY is asked without it."""
    monkeypatch.delenv("REVIEW_MIRROR")
    (item,) = load_external(project / "data")
    with served(Proxy) as address:
        monkeypatch.setenv("https_proxy", address)
        with pytest.raises(
            Unreachable, match=r"raw\.githubusercontent\.com cannot be reached, by the proxy that is set"
        ):
            fetch_set(project, item)
        assert Proxy.asked == ["raw.githubusercontent.com:443"]
        monkeypatch.setenv("no_proxy", "raw.githubusercontent.com")
        monkeypatch.setattr(socket, "getaddrinfo", _nobody)
        with pytest.raises(Unreachable, match="cannot be reached \\("):
            fetch_set(project, item)
        assert len(Proxy.asked) == 1


def _nobody(*_, **__):
    raise socket.gaierror("no such name")


def test_a_host_that_says_nothing_costs_no_more_than_the_time_given(project, monkeypatch):
    """Of a host that takes a question and never answers, `fetch --within` says what it could not bring, and succeeds."""
    monkeypatch.delenv("REVIEW_MIRROR")
    (project / "_toc.yml").write_text("format: jb-book\nroot: index\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{mute.getsockname()[1]}")
        done = CliRunner().invoke(main, ["--root", str(project), "fetch", "--within", "1"])

    assert done.exit_code == 0, done.output
    assert "not brought: small-set; the book builds without" in done.output


def test_a_set_that_is_not_as_named_keeps_no_other_back(project):
    """A corrupted copy is said by name, and the sets after it are still brought."""
    (project / "_toc.yml").write_text("format: jb-book\nroot: index\n", encoding="utf-8")
    good = RECORD.replace("small-set", "good-set")
    bad = RECORD.replace(hashlib.sha256(CONTENT).hexdigest(), "0" * 64)
    (project / "data" / "external.yml").write_text(bad + good, encoding="utf-8")
    done = CliRunner().invoke(main, ["--root", str(project), "fetch", "--within", "5"])

    assert "not brought: small-set;" in done.output
    assert "another sha256" in done.output
    assert external("good-set", project / "data") is not None


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("0123456789abcdef0123456789abcdef01234567", "main", "base"),
        ("https://raw.githubusercontent.com/", "http://example.org/", "base"),
        ("deep/file.csv", "../../escape.csv", "files"),
        ("cite: brown2020language", "cite: nobody2020nothing", "cite"),
        ("  licence: MIT\n", "", "licence"),
        (hashlib.sha256(CONTENT).hexdigest(), "abc", "files"),
    ],
)
def test_bad_records_are_named(project, old, new, field):
    """A branch for a commit, another host, a path that leaves the folder, a dangling citation, no licence and no hash are each refused."""
    path = project / "data" / "external.yml"
    path.write_text(RECORD.replace(old, new))
    with pytest.raises(RecordError, match=field):
        load_external(project / "data")


def test_fetched_files_are_ignored_by_git(root):
    """The folder of fetched files can never be committed by accident."""
    done = subprocess.run(["git", "check-ignore", "data/external/x/y.csv"], cwd=root, capture_output=True, check=False)

    assert done.returncode == 0 or not (root / ".git").exists()


def test_an_unknown_set_is_answered_with_what_there_is(project):
    """Asking for a set that is not named lists those that are."""
    with pytest.raises(KeyError, match="small-set"):
        external("other-set", project / "data")
    assert isinstance(load_external(project / "data")[0], ExternalSet)
