"""Build the whole site, and put it in place only when it is complete."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from review_book.execute.fingerprint import PACKAGES, SOURCES, digest
from review_book.files import write_atomically
from review_book.site.alone import alone
from review_utils.records.quantities import today
from review_utils.review import Explained

MADE = ("findings", "statements")
"""Folders of a review that a build writes pages into."""


class BuildFailed(Explained, RuntimeError):
    """The book was not built; the site that stood there before is untouched.

    Parameters
    ----------
    message : str
        Why.
    printed : bool
        Whether Sphinx has printed it, so that it need not be said again.
    """

    def __init__(self, message: str, *, printed: bool = False) -> None:
        super().__init__(message)
        self.printed = printed


def build_site(root: Path, say: Callable[[str], None]) -> Path:
    """Execute what changed, build the site aside, and swap it in; where nothing at all changed, leave it.

    Sphinx works in ``_build/work`` and keeps its caches there. They are thrown away when the last build did
    not end well: a warning that Sphinx gave then would not be given again for a page that it need not read.

    Parameters
    ----------
    root : path
        The review.
    say : callable
        Receives progress, a line at a time.

    Returns
    -------
    path
        The folder of the site, ``_build/html``.

    Raises
    ------
    BuildFailed
        When anything at all is wrong, warnings included.
    """
    out = root / "_build"
    try:
        with alone(out, say):
            _build(root, out)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise BuildFailed(f"{error.strerror or error}{where}; needed: room and permission to write in {out}") from error
    site = out / "html"
    say(f"the site is in {site / 'index.html'}")
    return site


def _build(root: Path, out: Path) -> None:
    good, seal = _complete(out), seal_path(root)
    read = _read(root)
    if good.is_file() and seal.is_file() and seal.read_text(encoding="utf-8") == read + _made(root):
        return
    seal.unlink(missing_ok=True)
    from review_book.execute.run import warm_up

    warm_up(root)
    from review_book.site.assets import begin_vega, end_vega
    from review_book.site.charts import stop_drawing

    begin_vega(root)  # beside the imports and the reading of records, which take one core
    try:
        _build_anew(root, out)
    finally:
        stop_drawing()
        end_vega()
    write_atomically(seal, read + _made(root))


def _complete(out: Path) -> Path:
    """Return where it is noted that the last build by Sphinx ended well."""
    return out / "work" / ".complete"


def _build_anew(root: Path, out: Path) -> None:
    from jupyter_book.sphinx import build_sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.console import color_terminal, nocolor

    if not color_terminal():
        nocolor()
    work, site, good = out / "work", out / "html", _complete(out)
    work.mkdir(parents=True, exist_ok=True)
    _recover(site)
    if not good.is_file():
        shutil.rmtree(work)
        work.mkdir()
    good.unlink(missing_ok=True)
    os.environ.setdefault("PYTHONHASHSEED", "0")
    status = build_sphinx(
        str(root),
        str(work / "html"),
        use_external_toc=True,
        noconfig=True,
        confoverrides={**overrides(root), "review_published": True},
        path_config=str(root / "_config.yml"),
        doctreedir=str(work / "doctrees"),
        warningiserror=True,
        keep_going=True,
        quiet=True,
    )
    if isinstance(status, OSError) and status.errno in (errno.ENOSPC, errno.EDQUOT):
        raise status
    if isinstance(status, BaseException):
        raise BuildFailed(str(status), printed=isinstance(status, SphinxError)) from status
    if status:
        raise BuildFailed("warnings are errors; they are printed above, each with its file and line")
    good.touch()
    _swap_in(root, work / "html", site)


def seal_path(root: Path) -> Path:
    """Return where it is kept what the last good build read and made; whoever alters what it made takes it away."""
    return root / "_build" / "unchanged.txt"


def overrides(root: Path) -> dict[str, Any]:
    """Return what Jupyter Book's own command line gives; nitpicky, so that a dangling reference is a warning."""
    return {"latex_individualpages": False, "external_toc_path": str(root / "_toc.yml"), "nitpicky": True}


def sphinx_settings(root: Path) -> dict[str, Any]:
    """Return the settings of Sphinx that Jupyter Book makes of ``_config.yml``."""
    from jupyter_book.config import get_final_config

    settings, _ = get_final_config(
        user_yaml=root / "_config.yml", cli_config=overrides(root), sourcedir=root, use_external_toc=True
    )
    return dict(settings)


def _recover(site: Path) -> None:
    """Put the old site back if an interruption struck between the two renames of a swap."""
    old = site.with_name(".html.old")
    if old.is_dir():
        if site.exists():
            shutil.rmtree(old)
        else:
            old.rename(site)


def _swap_in(root: Path, built: Path, site: Path) -> None:
    """Publish what was built beside the site, and put it in the site's place when it is complete."""
    from review_book.site.publish import publish

    mark = _mark(root, built)
    kept = site.with_name("published.txt")
    if site.is_dir() and kept.is_file() and kept.read_text(encoding="utf-8") == mark + _state(site):
        return  # nothing that is published has changed, and nobody else wrote there
    kept.unlink(missing_ok=True)
    new, old = site.with_name(".html.new"), site.with_name(".html.old")
    publish(root, built, new)
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)
    write_atomically(kept, mark + _state(site))


def _state(site: Path) -> str:
    """Return what the files of a site are: which, how large, and when each was written."""
    files = sorted(path for path in site.rglob("*") if path.is_file())
    lines = [f"{path.relative_to(site)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return _hash(lines)


def _made(root: Path) -> str:
    """Return what a build made: the site, the outputs that were kept, the pages written from records."""
    build = root / "_build"
    return "".join(map(_state, (build / "html", build / "executed", *(root / name for name in MADE))))


def _digests(folder: Path, files: Iterable[Path]) -> Iterator[str]:
    return (f"{path.relative_to(folder)} {digest(path)}" for path in sorted(files) if path.is_file())


def _packages() -> Iterator[str]:
    """Yield what is the same for every page: our packages, and where the site will stand."""
    yield os.environ.get("REVIEW_BASEURL", "")
    for name in PACKAGES:
        yield from _digests(SOURCES, (path for path in (SOURCES / name).rglob("*") if path.suffix != ".pyc"))


def _read(root: Path) -> str:
    """Return all that a build reads: every file of the review that does not hide and is not made, what is installed, the day."""
    files: list[Path] = []
    for folder, folders, names in os.walk(root, followlinks=True):
        made = ("_build", *MADE) if Path(folder) == root else ("__pycache__", "node_modules")
        folders[:] = [name for name in folders if name not in made and not name.startswith(".")]
        files += (Path(folder, name) for name in names if not name.startswith("."))
    places = (place for place in sys.path if os.path.isdir(place))
    installed = (name for place in places for name in os.listdir(place) if name.endswith("-info"))
    return _hash([*_digests(root, files), *_packages(), *sorted(installed), sys.version, today().isoformat()])


def _mark(root: Path, built: Path) -> str:
    """Return what a published site depends on: the pages that Sphinx wrote, records, package, and where it will stand."""
    written = (path for path in built.rglob("*") if ".doctrees" not in path.parts)
    return _hash([*_digests(built, written), *_digests(root, (root / "data").rglob("*")), *_packages()])


def _hash(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
