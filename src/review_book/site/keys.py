"""Names at the lines of a drawing, in place of a key that is read to and fro.

Where a key tells lines apart by their colour, each name is set beside its line, in the line's colour, where nothing
else is drawn and no other line is nearer: in the first panel that has room for all. The places are found in the picture
that was drawn without the key, so that they are those that a reader sees, on any scale and over any band. Where a key
cannot be replaced it stays, and the picture says why.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt

LETTER, HEIGHT = 5.6, 12
"""Width of a letter of a name and height of its line, in pixels."""

MOST = 8
"""Lines at most that bear their names."""

PLACES = ((-0.5, -1.0), (-0.5, 0.0), (0.0, -0.5), (-1.0, -0.5), (0.0, -1.0), (0.0, 0.0), (-1.0, -1.0), (-1.0, 0.0))
"""Where a name may stand about a point of its line: shares of its width and height, from the point to its corner."""

NEAR = 2.5
"""How far a name stays from what is drawn, in pixels."""

INPUTS = "its inputs redraw it"
DOTS = "its colours tell dots, bars or cells apart, of which a name would mark one"
SEVERAL = "its lines differ in two ways at once, or in something else than colour"
MANY = "it has more lines than names could stand beside"
CROWDED = "its lines leave no room for a name"
REASONS = (INPUTS, DOTS, SEVERAL, MANY, CROWDED)
"""Why a key stays."""

Points = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]
_NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"


@dataclass
class Panel:
    """A view of a drawing: its place, its lines by colour, and everything that is drawn in it."""

    left: float
    top: float
    width: float
    height: float
    lines: dict[str, list[Points]]
    other: list[Points]


def key_of(svg: str) -> tuple[dict[str, str], int]:
    """Return the names of the lines of a drawing by their colours, from its key, and how many keys there are."""
    keys = [group for group in _tree(svg).iter(_TAG) if "role-legend" in group.get("class", "").split()]
    found: dict[str, str] = {}
    for group in keys:
        symbols = [g[0] for g in group.iter(_TAG) if "role-legend-symbol" in g.get("class", "") and len(g)]
        names = [_text(g[0]) for g in group.iter(_TAG) if "role-legend-label" in g.get("class", "") and len(g)]
        inks = [symbol.get("stroke", "") for symbol in symbols]
        if len(names) == len(set(inks)) == len(inks) and not found:
            heads = [_text(g[0]) for g in group.iter(_TAG) if "role-legend-title" in g.get("class", "") and len(g)]
            bare = heads and not any(re.search("[A-Za-z]", name) for name in names)  # numbers alone say nothing
            found = {ink: f"{heads[0]} {name}" if bare else name for ink, name in zip(inks, names, strict=True)}
    return found, len(keys)


def named(svg: str, names: Mapping[str, str]) -> str | None:
    """Return a drawing with each name beside its line, in the first of its panels that has room; nothing where one finds none.

    Parameters
    ----------
    svg : str
        As Vega draws it, without the key.
    names : dict
        The colours of lines with their names.
    """
    texts, left = [], dict(names)
    for panel in panels(svg):
        for ink, (x, y) in _places(panel, left, names).items():
            name = html.escape(left.pop(ink))
            texts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="12px" font-weight="600" fill="{ink}">{name}</text>')
    return None if left else re.sub(r"</svg>\s*$", f"<g>{''.join(texts)}</g></svg>", svg)


def _places(panel: Panel, names: Mapping[str, str], all_inks: Collection[str]) -> dict[str, tuple[float, float]]:
    """Return where each name that finds room in a panel begins, and its line of writing."""
    everything = {ink: np.vstack(lines) for ink, lines in panel.lines.items()}
    rest = np.vstack([np.empty((0, 2)), *panel.other, *(p for ink, p in everything.items() if ink not in all_inks)])
    made: dict[str, tuple[float, float]] = {}
    boxes: list[Box] = []
    for ink in sorted(
        names.keys() & everything.keys(), key=lambda ink: (-len(names[ink]), ink)
    ):  # the longest first: it fits in the fewest places
        own = everything[ink]
        others = np.vstack([rest, *(p for i, p in everything.items() if i != ink and i in all_inks)])
        wide = len(names[ink]) * LETTER + 2
        best: tuple[float, Box] | None = None
        for x, y in own[:: max(1, len(own) // 160)]:
            right = 12 * (x - panel.left) / panel.width
            about = [box for box in _boxes(x, y, wide) if _inside(box, panel) and not any(_meet(box, b) for b in boxes)]
            for box, mine in zip(about, _far(about, own), strict=True):
                if mine < NEAR or (best is not None and 30 - mine + right <= best[0]):
                    continue  # on its line, or no better than the best wherever the others are, which takes long to find
                (theirs,) = _far([box], others)
                if theirs < max(1.2 * mine, NEAR + 1.5):
                    continue
                worth = min(theirs, 30) - mine + right
                if best is None or worth > best[0]:
                    best = worth, box
        if best is not None:
            boxes.append(best[1])
            made[ink] = best[1][0] + 1, best[1][3] - 2
    return made


def _boxes(x: float, y: float, wide: float) -> list[Box]:
    """Return the places of a name about a point of its line."""
    made = []
    for left, up in PLACES:
        corner = (
            x + left * wide + (up == -0.5 or left != -0.5) * 6 * (1 if left >= 0 else -1),
            y + up * HEIGHT + (0 if up == -0.5 else 5 if up >= 0 else -5),
        )
        made.append((corner[0], corner[1], corner[0] + wide, corner[1] + HEIGHT))
    return made


def _inside(box: Box, panel: Panel) -> bool:
    return (
        box[0] >= panel.left + 2
        and box[1] >= panel.top + 1
        and box[2] <= panel.left + panel.width - 2
        and box[3] <= panel.top + panel.height - 2
    )


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] + 4 and other[0] < one[2] + 4 and one[1] < other[3] + 2 and other[1] < one[3] + 2


def _far(boxes: list[Box], points: Points) -> list[float]:
    """Return how far the nearest point is from each box."""
    if not len(points) or not boxes:
        return [1e9] * len(boxes)
    x, y = points.T
    left, top, right, bottom = np.array(boxes).T[:, :, None]
    across = np.maximum(np.maximum(left - x, x - right), 0)
    down = np.maximum(np.maximum(top - y, y - bottom), 0)
    nearest: list[float] = np.sqrt((across * across + down * down).min(axis=1)).tolist()
    return nearest


# What a drawing holds --------------------------------------------------------------------------------------

_SVG = "{http://www.w3.org/2000/svg}"
_TAG = f"{_SVG}g"


def _tree(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def _text(element: ElementTree.Element) -> str:
    return "".join(element.itertext())


def panels(svg: str) -> list[Panel]:
    """Return the views of a drawing that hold lines, in reading order."""
    found: list[Panel] = []
    _walk(_tree(svg), 0.0, 0.0, "", None, found)
    return [panel for panel in found if panel.lines]


def _moved(element: ElementTree.Element) -> tuple[float, float]:
    place = re.match(rf"translate\(({_NUMBER}),\s*({_NUMBER})\)", element.get("transform", ""))
    return (float(place[1]), float(place[2])) if place else (0.0, 0.0)


def _walk(element: ElementTree.Element, x: float, y: float, role: str, panel: Panel | None, found: list[Panel]) -> None:
    dx, dy = _moved(element)
    x, y = x + dx, y + dy
    words = element.get("class", "")
    role = words if words.startswith("mark-") else role
    if "role-mark" in role and panel is not None and element.tag != _TAG:
        _note(element, x, y, role, panel)
    for child in element:
        inner = panel
        if child.tag == _TAG and ("role-frame" in role or "role-scope" in role) and len(child):
            back = child[0] if child[0].get("class") == "background" else None
            size = re.search(rf"h({_NUMBER})v({_NUMBER})h", back.get("d", "")) if back is not None else None
            if size and float(size[1]) > 60 and float(size[2]) > 60:
                cx, cy = _moved(child)
                new = Panel(x + cx, y + cy, float(size[1]), float(size[2]), {}, [])
                # The lines of one view stand in groups of their own, each as large as the view.
                inner = next((old for old in found if (old.left, old.top) == (new.left, new.top)), new)
                if inner is new:
                    found.append(new)
        _walk(child, x, y, role, inner, found)


def _note(element: ElementTree.Element, x: float, y: float, role: str, panel: Panel) -> None:
    """Note what a mark covers: a line under its colour, anything else as something that is in the way."""
    tag, ink = element.tag.removeprefix(_SVG), element.get("stroke", "")
    if tag == "text":
        wide, middle = len(_text(element)) * LETTER, element.get("text-anchor", "start")
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}.get(middle, 0.0)
        panel.other.append(_along(np.array([[left, y - 4], [left + wide, y - 4]])))
    elif tag == "line":
        ends = [float(element.get(name, 0)) for name in ("x2", "y2")]
        panel.other.append(_along(np.array([[x, y], [x + ends[0], y + ends[1]]])))
    elif tag == "path" and "mark-line" in role:
        for piece in re.findall(r"M[^M]+", element.get("d", "")):
            points = np.array(
                [[float(v) for v in re.findall(_NUMBER, pair)[:2]] for pair in re.split("[ML]", piece) if pair]
            )
            if points.ndim == 2 and points.shape[1] == 2:
                panel.lines.setdefault(ink, []).append(_along(points + np.array([x, y])))
    elif tag == "path" and "mark-area" not in role:
        fill = element.get("fill", "")
        at = np.array([[x, y]])
        if "mark-symbol" in role and (ink in panel.lines or fill in panel.lines):
            panel.lines[ink if ink in panel.lines else fill].append(at)
        else:
            panel.other.append(at if "mark-symbol" in role else _outline(element.get("d", ""), x, y))


def _outline(path: str, x: float, y: float) -> Points:
    """Return the corners of a bar or a cell and what lies between them."""
    size = re.match(rf"M({_NUMBER}),({_NUMBER})h({_NUMBER})v({_NUMBER})", path)
    if not size:
        return np.array([[x, y]])
    a, b, w, h = map(float, size.groups())
    across, down = np.linspace(0, w, 12), np.linspace(0, h, 12)
    return np.array([[x + a + i, y + b + j] for i in across for j in down])


def _along(points: Points, step: float = 2.0) -> Points:
    """Return points along a line, so near each other that nothing fits between."""
    made = [points[:1]]
    for one, other in itertools.pairwise(points):
        many = max(1, int(np.hypot(*(other - one)) // step))
        made.append(one + (other - one) * (np.arange(1, many + 1) / many)[:, None])
    return np.vstack(made)
