"""A preview that follows the author: a page is made anew when a browser asks for it and something changed.

A whole build reads and writes every page that shows a record. The preview keeps Sphinx in memory instead, notes what
changed, and makes the one page that is looked at. What is wrong is shown in its place, never an old page without a word.
"""

from __future__ import annotations

import html
import io
import mimetypes
import os
import re
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import ExitStack
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from review_book.execute.contents import PageError
from review_book.execute.fingerprint import SOURCES
from review_book.execute.run import ExecutionFailed, execute_all
from review_book.pages.findings import write_finding_pages
from review_book.pages.statements import write_statement_pages
from review_book.pages.studies import study_pages
from review_book.review import Review
from review_book.site import navigation
from review_book.site.alone import alone
from review_book.site.build import seal_path, sphinx_settings
from review_book.site.charts import in_place
from review_book.site.context import forget
from review_book.sphinx import citations
from review_book.sphinx.quotes import Sources
from review_utils.records.reading import RecordError
from review_utils.review import file_state, files_in

WATCHED = ("*.md", "_*.yml", "chapters/*.md", "analyses/**/*", "data/**/*", "CITATION.cff")
"""Files of a review whose change changes pages."""

WATCHED_CODE = ("**/*.py", "**/static/**/*", "**/templates/**/*")
"""Files of the packages; a change of one begins the preview anew."""

SECONDS = 0.25
"""Between two looks at the files."""

FOLLOW = """<script>
(async () => {
  for (let seen = "SEEN"; ; ) {
    try {
      const answer = await fetch("/-/changed?seen=" + seen);
      if (answer.ok && (await answer.text()) !== seen) return location.reload();
    } catch { await new Promise(resolve => setTimeout(resolve, 500)); }
  }
})();
</script>"""
"""What a page of the preview carries: it waits for a change, and loads itself anew."""

TICK = 20_000_000
"""Nanoseconds in which a file can be written twice and keep its time: file systems count by the steps of a slow clock."""

Snapshot = Mapping[Path, tuple[int, ...]]


def snapshot(root: Path, code: Path = SOURCES) -> Snapshot:
    """Return every file that pages depend on, with its state; data sets of others do not count.

    A file that was written just now is marked, so that it differs from itself at the next look.
    """
    found = [path for pattern in WATCHED for path in files_in(root, pattern)]
    found += [p for name in ("review_utils", "emergence", "review_book") for pattern in WATCHED_CODE for p in (code / name).glob(pattern)]  # fmt: skip
    out = {}
    for path in found:
        try:
            state = file_state(path)
        except OSError:
            continue  # gone meanwhile
        if path.is_file() and "external" not in path.parts and "__pycache__" not in path.parts:
            out[path] = (*state, time.time_ns() - TICK < max(state[:2]) <= time.time_ns())
    return out


class Wrong(Exception):
    """A page cannot be made; the message says why, as the command line would."""


class Preview:
    """The pages of a review, each made when it is asked for.

    Parameters
    ----------
    root : path
        The review.
    say : callable
        Receives progress, a line at a time.
    """

    def __init__(self, root: Path, say: Callable[[str], None]) -> None:
        self.root, self.say = root, say
        self.out = root / "_build" / "work" / "html"
        self.app: Sphinx | None = None
        self.fault = ""
        self._lock = threading.RLock()
        self._unread: set[str] = set()
        self._unwritten: set[str] = set()
        self._open = ExitStack()
        self._warnings = io.StringIO()

    def begin(self) -> None:
        """Build the whole book, in a process of its own, and take Sphinx's state over from it."""
        with self._lock:
            self._open.close()
            self.app, self.fault = None, ""
            seal_path(self.root).unlink(missing_ok=True)  # the build must see what a preview altered aside
            done = subprocess.run(
                [sys.executable, "-m", "review_book.commands.main", "build"],
                cwd=self.root,
                check=False,
                capture_output=True,
                text=True,
            )
            self.say(done.stdout.strip())
            if done.returncode:
                self.fault = done.stderr.strip() or done.stdout.strip()
                self.say(self.fault)
                return
            try:
                self.app = self._sphinx()
            except Exception as error:  # what changed since the build was begun may be wrong
                self.fault = str(error)
                self.say(self.fault)
            self._unread, self._unwritten = set(), set()

    def close(self) -> None:
        """Let Sphinx go, with what it changed in docutils."""
        self._open.close()
        self.app = None

    def _sphinx(self) -> Sphinx:
        self._open.enter_context(patch_docutils(None))
        self._open.enter_context(docutils_namespace())
        work = self.root / "_build" / "work"
        app = Sphinx(
            str(self.root), None, str(self.out), str(work / "doctrees"), "html",
            confoverrides=sphinx_settings(self.root), status=None, warning=self._warnings, keep_going=True,
        )  # fmt: skip
        app.env.find_files(app.config, app.builder)
        app.emit("env-before-read-docs", app.env, [])  # extensions set their defaults then
        # Nothing is searched for in a preview; the index of the last whole build serves.
        app.builder.load_indexer = lambda _names: None
        app.builder.index_page = lambda *_words: None
        return app

    def changed(self, paths: Iterable[Path]) -> None:
        """Note what files changed; the pages that show them are made when they are asked for."""
        names = [os.path.relpath(path, self.root).replace(os.sep, "/") for path in paths]
        with self._lock:
            try:
                self._take_in(names)
            except Exception:  # whoever looks for changes goes on, and the next one begins anew
                self.app, self.fault = None, traceback.format_exc(limit=-4)

    def _take_in(self, names: Collection[str]) -> None:
        if self.app is None or any(self._is_structure(name) for name in names):
            self.begin()
            return
        known = self.app.env.found_docs
        self._unread |= {name.removesuffix(".md") for name in names} & known
        records = any(name.startswith(("data/", "CITATION")) for name in names)
        # A helper beside a notebook changes what it gives, as a record may.
        if records or any(name.startswith("analyses/") and not name.endswith(".md") for name in names):
            self._unread |= known
        if records and not self._load_records():
            self.begin()
        elif not records:  # what was known of executions may no longer be true
            self.app._review_sources = Sources(self.app._review_sources.review)

    def _is_structure(self, name: str) -> bool:
        """Whether a change of a file asks for a whole build: of contents or settings, or a page that came or went."""
        assert self.app is not None
        known, there = name.removesuffix(".md") in self.app.env.found_docs, (self.root / name).is_file()
        if name.endswith(".md"):
            return known != there and (known or name.startswith("analyses/"))
        return name in ("_toc.yml", "_config.yml")

    def _load_records(self) -> bool:
        """Read the records anew, and say whether the pages are the same ones as before."""
        assert self.app is not None
        app, sources = self.app, Sources(Review(self.root))
        problems = list(sources.review.records.problems())
        self.fault = str(RecordError(problems)) if problems else ""
        if problems:
            return True
        before = set(app.env.found_docs)
        write_finding_pages(self.root, sources.register)
        write_statement_pages(self.root, sources.review.records)
        forget()
        app._review_sources = sources
        citations.read_anew(app)
        app.env.find_files(app.config, app.builder)
        return set(app.env.found_docs) == before

    def page(self, name: str) -> bytes:
        """Return a page, made anew where what it shows may have changed.

        Raises
        ------
        Wrong
            With everything that a build would complain of.
        """
        with self._lock:
            if self.fault or self.app is None:
                raise Wrong(self.fault)
            if name.startswith("studies/") or name in self._unread | self._unwritten:
                with alone(self.root / "_build", self.say):
                    self._write_study(name) if name.startswith("studies/") else self._make(name)
            return in_place(self.root, name, (self.out / f"{name}.html").read_text(encoding="utf-8")).encode()

    def _make(self, name: str) -> None:
        assert self.app is not None
        self._execute(name)
        try:
            said = self._write(self.app, name)
        except Exception:  # of Sphinx or of a page's own code: the author sees it where the page would stand
            said = traceback.format_exc(limit=-4)
        if said:
            raise Wrong(said)
        self._unread.discard(name)
        self._unwritten.discard(name)

    def _write(self, app: Sphinx, name: str) -> str:
        """Read and write a page; return what Sphinx complains of."""
        env, builder = app.env, app.builder
        self._warnings.seek(0)
        self._warnings.truncate()
        if name in self._unread:
            title = _title(app, name)
            builder._read_serial([name])
            app.emit("env-updated", env)
            if _title(app, name) != title:  # it stands in the contents beside every page
                self._unwritten |= env.found_docs
                navigation.forget(app)
        builder.prepare_writing({name})
        builder._write_serial([name])
        return re.sub(r"\x1b\[[\d;]*m", "", self._warnings.getvalue()).strip()

    def _execute(self, name: str) -> None:
        """Execute what a page shows and what is no longer true: itself, or the analyses that it quotes."""
        assert self.app is not None
        shown = {Path(path).with_suffix("").as_posix().partition("_build/executed/")[2] for path in self.app.env.dependencies.get(name, ())}  # fmt: skip
        text = (self.root / f"{name}.md").read_text(encoding="utf-8")
        shown |= {f"analyses/{analysis}" for analysis in re.findall(r"([a-z_]+/[a-z0-9_]+)#[a-z0-9-]+", text)} | {name}
        try:
            execute_all(self.root, self.say, among=shown)
        except (ExecutionFailed, PageError) as error:
            raise Wrong(str(error)) from None

    def _write_study(self, name: str) -> None:
        """Write the page of a study, which Sphinx does not know."""
        assert self.app is not None
        sources: Sources = self.app._review_sources
        for found, title, body in study_pages(sources.review.records, sources.fill):
            if found == name:
                self.app.builder.handle_page(found, {"title": title, "body": body}, "page.html")


def _title(app: Sphinx, name: str) -> str:
    title = app.env.titles.get(name)
    return title.astext() if title is not None else ""


def fault_page(said: str) -> bytes:
    """Return what stands in the place of a page that could not be made."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Not built</title><style>'
        ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
        "pre{white-space:pre-wrap;border-left:4px solid #c2524c;padding-left:1rem}</style></head><body>"
        f"<h1>This page could not be built</h1><pre>{html.escape(said)}</pre>"
        "<p>Mend it and save; the page comes back by itself.</p></body></html>"
    ).encode()


class Site:
    """A preview with what a server needs to know of it: which state it is in, and how to wait for the next."""

    def __init__(self, preview: Preview) -> None:
        self.preview = preview
        self._files: Snapshot = {}
        self._seen = 0
        self._news = threading.Condition()

    def begin(self) -> None:
        """Build the whole book; what is saved meanwhile is seen at the next look."""
        self._files = snapshot(self.preview.root)
        self.preview.begin()

    def publish(self, paths: Iterable[Path]) -> None:
        """Take a change in and wake every page that waits."""
        self.preview.changed(paths)
        with self._news:
            self._seen += 1
            self._news.notify_all()

    def wait(self, seen: str, seconds: float = 20) -> str:
        """Return the present state once it is another than `seen`, or when the time is over."""
        with self._news:
            self._news.wait_for(lambda: self.state != seen, seconds)
        return self.state

    @property
    def state(self) -> str:
        """A name of the present state."""
        return f"{os.getpid()}-{self._seen}"

    def watch(self, stop: threading.Event) -> None:
        """Look for changes until `stop`."""
        while not stop.wait(SECONDS):
            self.look()

    def look(self) -> None:
        """Publish what changed since the last look; a change of the packages starts the whole program anew."""
        kept, self._files = self._files, snapshot(self.preview.root)
        if not (different := [path for path, _ in kept.items() ^ self._files.items()]):
            return
        if any(path.is_relative_to(SOURCES) for path in different):
            self.preview.say("the packages changed; beginning anew")
            os.execv(sys.executable, [sys.executable, "-m", "review_book.commands.main", *sys.argv[1:]])
        self.publish(set(different))

    def answer(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Return what stands at an address: its status, its type and its content."""
        place = urlsplit(path)
        if place.path == "/-/changed":
            seen = parse_qs(place.query).get("seen", [""])[0]
            return HTTPStatus.OK, "text/plain", self.wait(seen).encode()
        name = unquote(place.path).lstrip("/") or "index.html"
        name += "index.html" if name.endswith("/") else ""
        status, state = HTTPStatus.OK, self.state
        if name.endswith(".html"):
            try:
                content = self.preview.page(name.removesuffix(".html"))
            except Wrong as error:
                status, content = HTTPStatus.INTERNAL_SERVER_ERROR, fault_page(str(error))
            except FileNotFoundError:
                status, content = HTTPStatus.NOT_FOUND, fault_page(f"{name}: there is no such page")
            return status, "text/html; charset=utf-8", content + FOLLOW.replace("SEEN", state).encode()
        for folder in (self.preview.root / "_build" / "html", self.preview.out):
            file = (folder / name).resolve()
            if file.is_file() and file.is_relative_to(folder.resolve()):
                return HTTPStatus.OK, mimetypes.guess_type(name)[0] or "application/octet-stream", file.read_bytes()
        return HTTPStatus.NOT_FOUND, "text/plain", b"nothing stands here"


def server_of(site: Site, port: int) -> ThreadingHTTPServer:
    """Return a server of the preview on this machine alone."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, content = site.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            """Say nothing; the preview says what it does."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    return server
