"""Bring the data sets of others from where ``data/external.yml`` says, or from a folder of copies."""

from __future__ import annotations

import hashlib
import math
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from review_utils.data.external import ExternalSet, FetchError

LARGEST = 300_000_000
"""Bytes of one file at most; a host that sends more is not the one that was named."""

HOST = "https://raw.githubusercontent.com/"


def _sound(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except FileNotFoundError:
        return False


def _mirrored(mirror: Path, item: ExternalSet, file: str) -> Path:
    """Return where a mirror keeps the file; an older commit of a folder stands beside it as ``folder@commit``."""
    owner, repository, commit, *folders = item.base.removeprefix(HOST).rstrip("/").split("/")
    home = mirror / f"{owner}__{repository}"
    if folders:
        dated = home.joinpath(*folders[:-1], f"{folders[-1]}@{commit[:7]}")
        if dated.is_dir():
            return dated / file
    return home.joinpath(*folders, file)


class Unreachable(FetchError):
    """The host does not answer, or the time is up: asking for the next file would be in vain."""


class _Bounds:
    """What pooch tells of its progress, used to end a download that takes too long or is too large."""

    total = 0

    def __init__(self, until: float) -> None:
        self.until, self.came = until, 0

    def update(self, size: int) -> None:
        """Take in that more came."""
        self.came += size
        if self.came > LARGEST:
            raise OSError(f"more than {LARGEST:,} bytes")
        if time.monotonic() > self.until:
            raise TimeoutError("out of time")

    def reset(self) -> None:
        """Do nothing: pooch calls it at the end."""

    close = reset


def is_there(root: Path, item: ExternalSet) -> bool:
    """Whether every file of a set is there, by name."""
    return all((root / "data" / "external" / item.id / file).is_file() for file in item.files)


def fetch_set(
    root: Path, item: ExternalSet, tick: Callable[[int], None] = lambda n: None, until: float = math.inf
) -> int:
    """Bring the files of a set that are not there yet; return how many came.

    A folder named by the variable ``REVIEW_MIRROR`` is read before the network is asked; `until` is when to stop, by
    the monotonic clock.

    Raises
    ------
    FetchError
        When a file cannot be had, or has another hash than ``data/external.yml`` says.
    Unreachable
        When its host does not answer, or not in time.
    """
    came = 0
    named = os.environ.get("REVIEW_MIRROR")
    for file, sha256 in item.files.items():
        target = root / "data" / "external" / item.id / file
        if not _sound(target, sha256):
            target.parent.mkdir(parents=True, exist_ok=True)
            copy = _mirrored(Path(named), item, file) if named else None
            if copy and copy.is_file():
                partial = target.with_name(f".{target.name}.part")
                shutil.copyfile(copy, partial)
                if not _sound(partial, sha256):
                    partial.unlink()
                    raise FetchError(f"{copy} has another sha256 than data/external.yml says ({sha256[:12]}...)")
                partial.replace(target)
            else:
                _download(item.base + file, target, sha256, until)
            came += 1
        tick(1)
    return came


def _download(url: str, target: Path, sha256: str, until: float) -> None:
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    try:
        bounds = _Bounds(until)
        bounds.update(0)
        patience = min(30.0, max(until - time.monotonic(), 1.0))
        asked = pooch.HTTPDownloader(timeout=patience, progressbar=bounds)
        pooch.retrieve(url, f"sha256:{sha256}", fname=target.name, path=target.parent, downloader=asked)
    except Exception as error:  # pooch passes on whatever its downloader raises
        kept = "what came before is kept, so run the same command again"
        if isinstance(error, TimeoutError | requests.ConnectionError | requests.Timeout):
            by = ", by the proxy that is set," if requests.utils.get_environ_proxies(url) else ""
            late = isinstance(error, TimeoutError | requests.Timeout)
            why = "did not send it in time" if late else f"cannot be reached{by} ({type(error).__name__})"
            raise Unreachable(f"{url} could not be had: {urlsplit(url).netloc} {why}; {kept}") from None
        raise FetchError(f"{url} could not be had ({type(error).__name__}: {error}); {kept}") from None
