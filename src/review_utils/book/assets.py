"""Files that the site serves itself: our own style and script, and Vega from the pinned vl-convert."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from .execute import write_atomically

VEGA_LITE = "6.4"


def static_folders(root: Path) -> list[Path]:
    """Return the folders whose content goes to ``_static``; the Vega bundle is made once for each vl-convert."""
    made = root / "_build" / "assets"
    bundle = made / "review" / "vega.js"
    stamp = made / f".vega-{version('vl-convert-python')}-{VEGA_LITE}"
    if not (bundle.is_file() and stamp.is_file()):
        import vl_convert

        script = vl_convert.javascript_bundle("window.reviewVega = { vegaEmbed };", vl_version=VEGA_LITE)
        write_atomically(bundle, f"(() => {{{script}\n}})();\n")
        write_atomically(stamp, "")
    return [Path(__file__).parent / "static", made]
