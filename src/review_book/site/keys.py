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
from collections.abc import Collection, Iterable, Mapping
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
    thin = {ink: _thinned(points) for ink, points in everything.items()}
    rest = _thinned(np.vstack([np.empty((0, 2)), *panel.other, *(p for ink, p in thin.items() if ink not in all_inks)]))
    made: dict[str, Points] = {}
    for ink in sorted(
        names.keys() & everything.keys(), key=lambda ink: (-len(names[ink]), ink)
    ):  # the longest first: it fits in the fewest places
        others = np.vstack([rest, *(p for i, p in thin.items() if i != ink and i in all_inks)])
        sampled = everything[ink][:: max(1, len(everything[ink]) // 160)]
        tried = _boxes(sampled, len(names[ink]) * LETTER + 2)
        free = _free(tried, panel, made.values())
        nearer = np.repeat(12 * (sampled[:, 0] - panel.left) / panel.width, len(PLACES))[free]
        tried, mine = tried[free], _far(tried[free], thin[ink])
        hoped = np.where(mine < NEAR, -np.inf, 30 - mine + nearer)  # as if no other were near; nothing on its own line
        best, order = -np.inf, np.argsort(-hoped, kind="stable")
        for some in np.split(order, range(16, len(order), 16)):  # how far the others are takes long to find
            if not len(some) or hoped[some[0]] <= best:
                break
            theirs = _far(tried[some], others)
            worth = np.where(theirs < np.maximum(1.2 * mine[some], NEAR + 1.5), -np.inf, np.minimum(theirs - 30, 0) + hoped[some])  # fmt: skip
            if worth.max() > best:
                best, made[ink] = worth.max(), tried[some[worth.argmax()]]
    return {ink: (float(left) + 1, float(bottom) - 2) for ink, (left, _, _, bottom) in made.items()}


def _thinned(points: Points) -> Points:
    """Return one point of each pixel that points lie in."""
    return points[np.unique(np.round(points), axis=0, return_index=True)[1]]


def _boxes(points: Points, wide: float) -> Points:
    """Return the places of a name about each point of its line, a box a row: left, top, right, bottom."""
    away = [
        (
            left * wide + (up == -0.5 or left != -0.5) * 6 * (1 if left >= 0 else -1),
            up * HEIGHT + (0 if up == -0.5 else 5 if up >= 0 else -5),
        )
        for left, up in PLACES
    ]
    corners = (points[:, None] + np.array(away)).reshape(-1, 2)
    return np.hstack([corners, corners + np.array([wide, HEIGHT])])


def _free(boxes: Points, panel: Panel, taken: Iterable[Points]) -> npt.NDArray[np.bool_]:
    """Return which boxes lie in a panel and clear of those that are taken."""
    left, top, right, bottom = boxes.T
    free: npt.NDArray[np.bool_] = (left >= panel.left + 2) & (right <= panel.left + panel.width - 2)
    free &= (top >= panel.top + 1) & (bottom <= panel.top + panel.height - 2)
    for a, b, c, d in taken:
        free &= (left >= c + 4) | (right <= a - 4) | (top >= d + 2) | (bottom <= b - 2)
    return free


def _far(boxes: Points, points: Points) -> Points:
    """Return how far the nearest point is from each box."""
    if not len(points):
        return np.full(len(boxes), 1e9)
    x, y = np.ascontiguousarray(points.T)
    nearest = np.empty(len(boxes))
    for start in range(0, len(boxes), 8):  # few at a time: what is in between stays in the processor's own memory
        left, top, right, bottom = boxes[start : start + 8].T[:, :, None]
        across, down = _beyond(x, left, right), _beyond(y, top, bottom)
        across *= across
        down *= down
        nearest[start : start + 8] = np.add(across, down, out=across).min(axis=1)
    return np.sqrt(nearest)


def _beyond(at: Points, low: Points, high: Points) -> Points:
    """Return how far numbers lie outside intervals, a row an interval."""
    beyond = low - at
    np.maximum(beyond, at - high, out=beyond)
    return np.maximum(beyond, 0, out=beyond)


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


def _along(points: Points) -> Points:
    """Return points along a line, so near each other that nothing fits between."""
    made = [points[:1]]
    for one, other in itertools.pairwise(points):
        many = max(1, int(np.hypot(*(other - one)) // 2))
        made.append(one + (other - one) * (np.arange(1, many + 1) / many)[:, None])
    return np.vstack(made)
