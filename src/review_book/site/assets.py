"""Files that the site serves itself: our own style and script, and Vega from the pinned vl-convert."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from review_book.execute.fingerprint import write_atomically
from review_utils.show import VEGA_LITE

BUNDLE = """
import sys, vl_convert
script = vl_convert.javascript_bundle("window.reviewVega = { vegaEmbed };", vl_version=sys.argv[1])
sys.stdout.buffer.write(f"(() => {{{script}\\n}})();\\n".encode())
"""


def static_folders(root: Path) -> list[Path]:
    """Return the folders whose content goes to ``_static``; the Vega bundle is made once for each vl-convert."""
    made = root / "_build" / "assets"
    bundle = made / "review" / "vega.js"
    stamp = made / f".vega-{version('vl-convert-python')}-{VEGA_LITE}"
    if not (bundle.is_file() and stamp.is_file()):
        # In a process of its own: the threads that it starts must not be there when pages are written in forks.
        made_by = subprocess.run([sys.executable, "-c", BUNDLE, VEGA_LITE], capture_output=True, check=True)
        write_atomically(bundle, made_by.stdout.decode())
        write_atomically(stamp, "")
    return [Path(__file__).parents[1] / "static", made]
