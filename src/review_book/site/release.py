"""What a release is made of: the site in one archive, a bill of materials, checksums; and the whole book as a PDF."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import tarfile
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from shutil import which
from threading import Thread
from typing import Any

from review_book.living.kept import KEPT
from review_book.records.about import load_about
from review_utils.review import Explained

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


class CannotRelease(Explained, RuntimeError):
    """Something that a release needs is missing."""


def materials(lock: Path, name: str, version: str) -> dict[str, Any]:
    """Return the bill of materials of a lock file, as CycloneDX 1.5: every package with its version and hashes.

    Parameters
    ----------
    lock : path
        A requirements file with hashes.
    name, version : str
        Of what is released.

    Raises
    ------
    CannotRelease
        When a package has no hash.
    """
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    components = []
    for match in re.finditer(
        r"^(?P<name>[A-Za-z0-9_.\-\[\]]+)==(?P<version>[^\s;]+)(?P<rest>[^\n]*)$", text, re.MULTILINE
    ):
        hashes = sorted(set(re.findall(r"--hash=sha256:([0-9a-f]{64})", match["rest"])))
        if not hashes:
            raise CannotRelease(f"{lock.name}: {match['name']} has no hash; make lock")
        components.append(
            {
                "type": "library",
                "name": match["name"],
                "version": match["version"],
                "purl": f"pkg:pypi/{match['name'].lower().replace('_', '-')}@{match['version']}",
                "hashes": [{"alg": "SHA-256", "content": h} for h in hashes],
            }
        )
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, hashlib.sha256(text.encode()).hexdigest())}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": name, "version": version}},
        "components": components,
    }


def pack(folder: Path, target: Path) -> None:
    """Write a folder as a tar archive whose bytes depend on names and content alone."""
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            entry.size, entry.mode, entry.mtime = path.stat().st_size, 0o644, 0
            with path.open("rb") as content:
                archive.addfile(entry, content)
    with target.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as out:
        out.write(packed.getvalue())


def make_release(root: Path, out: Path) -> list[Path]:
    """Write a release into a folder: site, data, bill of materials, citation, lock, the records that only grow, checksums.

    Raises
    ------
    CannotRelease
        Without a built site.
    """
    from review_book.site.context import review_citation

    site = root / "_build" / "html"
    if not (site / "index.html").is_file():
        raise CannotRelease("no site in _build/html; make book")
    out.mkdir(parents=True, exist_ok=True)
    version, slug = review_citation(root).version, load_about(root / "data").slug
    files = [out / f"{slug}-{version}-site.tar.gz", out / f"{slug}-{version}-data.zip", out / "sbom.cdx.json", out / "CITATION.cff", out / "requirements.lock"]  # fmt: skip
    pack(site, files[0])
    files[1].write_bytes((site / "data" / f"{slug}-data.zip").read_bytes())
    bill = materials(root / "requirements.lock", slug, version)
    files[2].write_text(json.dumps(bill, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for path in files[3:]:
        path.write_bytes((root / path.name).read_bytes())
    for name in KEPT:  # later versions are held against them
        if (root / "data" / name).is_file():
            files.append(out / Path(name).name)
            files[-1].write_bytes((root / "data" / name).read_bytes())
    sums = out / "SHA256SUMS"
    sums.write_text(
        "".join(f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in files), encoding="utf-8"
    )
    return [*files, sums]


def unpack_releases(folder: Path, site: Path, slug: str) -> list[str]:
    """Put the site of every release found in a folder under ``releases/<version>`` of a site; return the versions."""
    versions = []
    for path in sorted(folder.glob(f"{slug}-*-site.tar.gz")) if folder.is_dir() else []:
        version = path.name.removeprefix(f"{slug}-").removesuffix("-site.tar.gz")
        with tarfile.open(path) as archive:
            archive.extractall(site / "releases" / version, filter="data")
        versions.append(version)
    return versions


def chromium() -> str:
    """Return the Chromium of this machine.

    Raises
    ------
    CannotRelease
        When there is none.
    """
    found = next((path for name in CHROMIUM if (path := which(name))), None)
    if found is None:
        raise CannotRelease("no Chromium; install it: apt-get install chromium (Debian, Ubuntu), brew install --cask chromium (macOS)")  # fmt: skip
    return found


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing."""


def serve_quietly(site: Path) -> ThreadingHTTPServer:
    """Serve a folder on this machine, on a free port, in a thread; the caller shuts it down."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def print_book(site: Path, pages: list[str], target: Path, say: Callable[[str], None], title: str = "") -> int:
    """Print pages of a built site into one PDF with an outline; return how many sheets it has.

    Parameters
    ----------
    site : path
    pages : list of str
        Without suffix, in order.
    target : path
    say : callable
        Receives progress.
    """
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    for title, printed in _printed(site, pages):
        start = len(writer.pages)
        writer.append(PdfReader(BytesIO(printed)), import_outline=False)
        writer.add_outline_item(title, start)
        if len(writer.outline) % 20 == 0:
            say(f"printed {len(writer.outline)} of {len(pages)} pages")
    writer.add_metadata({"/Title": title})
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        writer.write(out)
    return len(writer.pages)


def _printed(site: Path, pages: list[str]) -> Iterator[tuple[str, bytes]]:
    from playwright.sync_api import sync_playwright

    server = serve_quietly(site)
    footer = '<div style="font-size:8px;width:100%;text-align:center"><span class="title"></span>, <span class="pageNumber"></span></div>'
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(color_scheme="light")
            for name in pages:
                page.goto(f"http://127.0.0.1:{server.server_address[1]}/{name}.html")
                yield page.title().split(" — ")[0], page.pdf(
                    format="A4", display_header_footer=True, header_template="<span></span>", footer_template=footer, tagged=True
                )  # fmt: skip
            browser.close()
    finally:
        server.shutdown()
        server.server_close()
