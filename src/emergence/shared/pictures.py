"""Charts as still pictures, for what shows them without a page of the book."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from review_utils.show import VEGA_LITE
from review_utils.show.charts import in_tenths


def static_svg(spec: dict[str, Any]) -> str:
    """Return the static picture of a chart, with ids that no other chart on a page has."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
    mark = hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:8]
    svg = re.sub(r'\bid="([^"]+)"', rf'id="v{mark}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#v{mark}-\1)", svg)
    svg = in_tenths(svg)
    return re.sub(r"<svg ", '<svg aria-hidden="true" ', svg, count=1)
