"""Files that the site serves itself: our own style and script, and Vega from the pinned vl-convert."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from review_book.files import write_atomically
from review_book.site import vega

MAKE = "import sys; from pathlib import Path; from review_book.site import vega; vega.make(Path(sys.argv[1]))"

_making: dict[Path, subprocess.Popen[str]] = {}


def static_folders(root: Path) -> list[Path]:
    """Return the folders whose content goes to ``_static``."""
    return [Path(__file__).parents[1] / "static", vega_script(root).parents[1]]


def _stamp(root: Path) -> Path:
    ours = hashlib.sha256(Path(vega.__file__).read_bytes()).hexdigest()[:8]
    return root / "_build" / "assets" / f".vega-{version('vl-convert-python')}-{ours}"


def begin_vega(root: Path) -> None:
    """Begin to make the script that `vega_script` returns, where it is not there, in a process beside this one.

    The threads that the maker starts must not be in this process when pages are written in forks.
    """
    script = root / "_build" / "assets" / "review" / "vega.js"
    if not (script.is_file() and _stamp(root).is_file()) and script not in _making:
        _making[script] = subprocess.Popen([sys.executable, "-c", MAKE, str(script)], stderr=subprocess.PIPE, text=True)


def end_vega() -> None:
    """Wait for what `begin_vega` began and nobody asked for, as where a build failed."""
    while _making:
        _making.popitem()[1].communicate()


def vega_script(root: Path) -> Path:
    """Return Vega as one script, for pages and for drawings, made once for each vl-convert.

    Raises
    ------
    RuntimeError
        When it cannot be made, with what the maker said.
    """
    begin_vega(root)
    script = root / "_build" / "assets" / "review" / "vega.js"
    if making := _making.pop(script, None):
        _, said = making.communicate()
        if making.returncode:
            raise RuntimeError(f"the script that draws charts could not be made: {said.strip()[-2000:]}")
        write_atomically(_stamp(root), "")
    return script
