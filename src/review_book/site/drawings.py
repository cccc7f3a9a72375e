"""Two drawings of a chart, for a column of text and for a phone, as light SVG whose marks carry their own data.

A chart is drawn at the width at which it will be seen, so that its text is never shrunk: views share the width,
panels that stood side by side stand below each other on a phone, long names wrap, and each mark bears in ``data-t``
what a pointer on it says. No script is needed to see a chart.
"""

from __future__ import annotations

import copy
import hashlib
import html
import itertools
import json
import math
import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from review_book.files import write_atomically
from review_book.site import keys, vega
from review_book.sphinx.typesetting import raised
from review_utils.show.charts import in_tenths

Spec = dict[str, Any]

WIDTHS = {"wide": 720, "phone": 344}
"""Width of each drawing in pixels, all of it: a column of text, and a phone of 360 pixels less its margins."""

WIDE_ONLY = "wide_"
"""A layer whose name begins so, as names for which a phone has no room, is drawn in the wide drawing alone."""

SMALLEST = 12
"""The smallest text of a drawing, in pixels."""

TALLEST_ON_A_PHONE = 300
"""Where a view is taller, a phone shows it so tall; views whose rows have a height of their own keep it, and diagrams."""

TURNED = 14
"""Names at most below an axis of a phone that may stand aslant; more of them stand upright."""

LONGEST_NAME = 300
"""Room for the names beside an axis, in pixels of the wide drawing."""

FONT = "'Source Sans 3', Arial, sans-serif"
"""The page's font."""

LETTER, BOLD_LETTER = 5.4, 6.9
"""Width of a letter in pixels, among the wider lines: of a label, and of a title."""

_SIZES = ("fontSize", "labelFontSize", "titleFontSize", "subtitleFontSize")
_PARTS = ("layer", "hconcat", "vconcat", "concat")


def drawing(spec: Spec, kind: str) -> tuple[str, Spec]:
    """Return one drawing of a chart, and the specification that it was made from.

    Parameters
    ----------
    spec : dict
        A Vega-Lite specification.
    kind : str
        One of `WIDTHS`.

    Returns
    -------
    str
        An ``svg`` element at its natural size, hidden from screen readers, which read the chart's own sentence.
    dict
        The specification as drawn, for a chart that comes to life in the picture's place.
    """
    picture, made = _drawn(spec, kind)
    named, kept = _with_names(picture, made, kind) if picture.keys else (None, "")
    svg, made = named or (_fitted(picture, made, WIDTHS[kind]).svg, made)
    drawn = light(svg, spec).replace("<svg ", f'<svg data-key="{kept}" ' if kept else "<svg ", 1)
    whole(drawn)
    return drawn, made


_NO_PLACE = re.compile(r'<[^>]* (?:d|transform|x|y|x1|x2|y1|y2|width|height|viewBox)="[^"]*NaN')


def whole(svg: str) -> None:
    """Refuse a drawing that no program can read as a picture, and one with a mark at no place.

    Raises
    ------
    ValueError
        With what is wrong with it.
    """
    try:
        ElementTree.fromstring(svg)
    except ElementTree.ParseError as error:
        raise ValueError(f"a drawing that is not well-formed XML ({error})") from None
    if "NaN" in svg and (found := _NO_PLACE.search(svg)):
        raise ValueError(f"a drawing with a mark at no place, {found[0][:60]}")


def both(spec: Spec) -> dict[str, Any]:
    """Return both drawings of a chart under ``svg``, and what they were made from under ``specs``, by kind."""
    made = {kind: drawing(spec, kind) for kind in WIDTHS}
    return {
        "svg": {kind: svg for kind, (svg, _) in made.items()},
        "specs": {kind: one for kind, (_, one) in made.items()},
    }


def draw_into(path: Path, spec: Spec) -> None:
    """Keep both drawings of a chart in a file, unless another process has done so; what they were made from where it has inputs."""
    if not path.is_file():
        made = both(spec)
        kept = made if '"bind":' in json.dumps(spec) else {"svg": made["svg"], "specs": {}}
        write_atomically(path, json.dumps(kept, sort_keys=True))


def _drawn(spec: Spec, kind: str) -> tuple[vega.Picture, Spec]:
    """Return a first picture of a chart, in about the width that it should have."""
    for wrap in (True, False):
        made = arranged(spec, kind, wrap)
        try:
            return vega.picture(made, columns=made["config"]["legend"]["columns"]), made
        except ValueError:  # a view whose rows cannot be given a height of their own
            if not wrap:
                raise
    raise AssertionError("one of the two returned")


def _coloured(spec: Spec) -> list[Spec]:
    """Return the channels that tell by colour, and those that tell the same in another way."""
    views = [view.get("encoding") or {} for view in _views(spec)]
    fields = {e["color"].get("field") for e in views if isinstance(e.get("color"), dict)} - {None}
    return [
        e[name] for e in views for name in ("color", "strokeDash", "shape") if isinstance(e.get(name), dict) and e[name].get("field") in fields
    ]  # fmt: skip


def _with_names(picture: vega.Picture, made: Spec, kind: str) -> tuple[tuple[str, Spec] | None, str]:
    """Return a picture with names at its lines in place of the key of a first one; why a key stays."""
    if '"bind":' in json.dumps(made):
        return None, keys.INPUTS
    names, many = keys.key_of(picture.svg)
    lines = {ink for panel in keys.panels(picture.svg) for ink in panel.lines}
    if lines and len(_legend_words(picture.svg)) > keys.MOST:
        return None, keys.MANY
    if not names or not names.keys() <= lines:
        return None, keys.SEVERAL if lines and names.keys() & lines else keys.DOTS
    made = _without_key(made)
    said = keys.named(_fitted(picture, made, WIDTHS[kind], bare=True).svg, names)
    if said is None:
        return None, keys.CROWDED
    return (said, made), keys.SEVERAL if many > 1 else ""


def _without_key(made: Spec) -> Spec:
    """Return a specification whose colours are not explained."""
    made = _copied(made)
    for channel in _coloured(made):
        channel["legend"] = None
    return made


def _fitted(picture: vega.Picture, made: Spec, width: int, bare: bool = False) -> vega.Picture:
    """Return a picture drawn anew, as often as it takes until all of it is as wide as it should be.

    Parameters
    ----------
    picture : Picture
        The first one.
    made : dict
        What it was drawn from; receives the widths and columns of the last one.
    width : int
        Of all of it, in pixels.
    bare : bool
        Whether `made` has lost the key that the first picture has.
    """
    sizes, abreast = _widths(made), _abreast(made)
    placed = any(size.key not in ("width", "step") for size in sizes)  # by pixels, which the engine takes for good
    longest = max(map(len, _legend_words(picture.svg)), default=0) if picture.keys else 0
    most = max(1, int((width - 8) // (longest * LETTER + 46)))
    redraw, before = longest > 0, math.inf
    for _ in range(6):
        over = picture.width - width
        if over > 0 and over > before - 2:  # narrower views do not make it narrower: fewer names in a line may
            widest = max(int(legend.get("columns", 1)) for legend in _legends(made))
            if widest == 1:
                break
            most = widest - 1
        for legend in _legends(made):
            legend["columns"] = min(most, legend.get("columns", most))
        before = over if over > 0 and not redraw else math.inf
        anew = placed
        if over > 0 and picture.keys > 1:
            made["config"]["legend"]["layout"] = {"top": {"direction": "vertical"}}
            anew = True
        share = 1.0
        if not -3 <= over <= 1 and sizes and (inner := sizes[0].get()):
            rows = [[part.get("width") for part in view["hconcat"]] for view in _views(made) if "hconcat" in view]
            room = max(
                (sum(row) for row in rows if all(isinstance(w, int | float) for w in row)), default=inner * abreast
            )
            share = max((room - over) / room, 0.25)
            for size in sizes:
                size.set(max(1, round(size.get() * share)))
            redraw = True
        if not redraw:
            break
        if anew or (bare and picture.keys > 1):
            picture = vega.picture(made, "bare" if bare else picture.place, most)
        else:
            picture = picture.without_key(share) if bare else picture.again(share, most)
        redraw = bare = False
    return picture


def arranged(spec: Spec, kind: str, wrap: bool = True) -> Spec:
    """Return a specification for one drawing: nothing side by side on a phone, names wrapped, text large enough."""
    made = _copied(spec)
    phone = kind == "phone"
    for view in list(_views(made)) if phone else ():
        _stack(view)
        if "layer" in view:
            view["layer"] = [part for part in view["layer"] if not str(part.get("name", "")).startswith(WIDE_ONLY)]
    made["title"] = _wrapped_title(made.get("title"), WIDTHS[kind])
    values = _values(made)
    chosen = _chosen(made)
    for view in _views(made):
        if phone and isinstance(view.get("height"), int | float) and not _without_axes(view):
            view["height"] = min(view["height"], TALLEST_ON_A_PHONE)
        for name, channel in dict(view.get("encoding") or {}).items():
            if not isinstance(channel, dict):
                continue
            axis = channel.get("axis")
            if not phone and isinstance(axis, dict) and isinstance(axis.get("labelLimit"), int | float):
                axis["labelLimit"] = min(axis["labelLimit"], LONGEST_NAME)
            if phone and name in ("row", "column", "facet"):
                _wrap_heads(channel, values)
            if (
                phone
                and name == "x"
                and isinstance(axis, dict)
                and axis.get("labelAngle")
                and len(values.get(str(channel.get("field")), ())) > TURNED
            ):
                axis["labelAngle"] = -90
            if name in ("x", "y"):
                if id(channel) not in chosen:
                    _powers_of_ten(channel, values)
                elif isinstance(axis, dict) and isinstance(axis.get("values"), list):
                    axis.setdefault("tickCount", len(axis["values"]))  # else every second one goes, as from any ticks
                _wrap_title(channel, WIDTHS[kind] - 60 if name == "x" else 260)
    for view in _whole_views(made) if wrap else ():
        _break_names(view, _values_of(view, made) or values, phone)
    if phone:
        for view in _whole_views(made) if wrap else ():
            _wrap_names(view, _values_of(view, made) or values)
        for view in _views(made):
            for part in view.get("hconcat", ())[1:]:  # rows that share their names are as high as these
                part.update({key: view["hconcat"][0][key] for key in ("height",) if key in view["hconcat"][0]})
        _names_above(made, values)
        _words_over_rows(made, values)
    for view in _views(made):
        _no_legend_twice(view)
    _names_at_ends(made, kind)
    for node in nodes(made):
        for key in _SIZES:
            if isinstance(node.get(key), int | float):
                node[key] = max(node[key], SMALLEST)
        for entry in _listed(node.get("tooltip")):
            entry["title"] = _title(entry)
    config = made.setdefault("config", {})
    config["font"] = FONT
    # A key is as strong as its lines, also where bands are drawn under them.
    config["legend"] = {**config.get("legend", {}), "orient": "top", "columns": 1 if phone else 3, "symbolOpacity": 1}
    for legend in _legends(made):
        legend.update(columns=int(legend.get("columns") or 4), labelLimit=WIDTHS[kind] - 40)
    if phone:
        for legend in _legends(made, declared=True):
            if legend.get("orient") in ("right", "left", None):
                legend["orient"] = "top"
        config["axis"] = {**config.get("axis", {}), "titleLimit": WIDTHS[kind] - 40, "labelSeparation": 6}
    return made


def _copied(spec: Spec) -> Spec:
    """Return a specification that may be changed, but for its data, which nothing here changes."""
    return {key: value if key == "datasets" else copy.deepcopy(value) for key, value in spec.items()}


def _without_axes(view: Spec) -> bool:
    """Return whether a view is a diagram, whose words need the height that its author gave it."""
    sides = [(part.get("encoding") or {}).get(side) for part in _views(view) for side in ("x", "y")]
    axes = [side.get("axis", "its own") for side in sides if isinstance(side, dict)]
    return bool(axes) and all(axis is None for axis in axes)


def _legend_words(svg: str) -> list[str]:
    return [
        word
        for group in re.findall(r'role-legend-label".*?</g>', svg, flags=re.DOTALL)
        for word in re.findall(r">([^<>]+)</text>", group)
    ]


def nodes(spec: Any) -> Iterator[Spec]:  # noqa: ANN401  # JSON of any form
    """Walk through every object of a specification but its data."""
    if isinstance(spec, dict):
        yield spec
        for key, value in spec.items():
            if key not in ("datasets", "data"):
                yield from nodes(value)
    elif isinstance(spec, list):
        for item in spec:
            yield from nodes(item)


def _views(spec: Spec) -> Iterator[Spec]:
    """Walk through a chart and the charts that it is made of."""
    yield spec
    for key in _PARTS:
        for part in spec.get(key, ()):
            yield from _views(part)
    if isinstance(spec.get("spec"), dict):
        yield from _views(spec["spec"])


def _legends(spec: Spec, declared: bool = False) -> list[Spec]:
    """Return what says how legends look: those of the encodings, and the one that holds for all."""
    found = [node["legend"] for node in nodes(spec) if isinstance(node.get("legend"), dict)]
    config = spec.get("config", {}).get("legend")
    return [one for one in found if one is not config] if declared else found


def _wrap_title(channel: Spec, room: int) -> None:
    """Wrap the title of an axis to the room beside it."""
    axis = channel.get("axis") or {}
    holder = axis if isinstance(axis.get("title"), str) else channel
    if isinstance(holder.get("title"), str) and len(holder["title"]) * 6 > room:
        holder["title"] = textwrap.wrap(holder["title"], int(room / 6))


def _stack(spec: Spec) -> None:
    """Let what stands side by side stand below each other."""
    if "hconcat" in spec:
        _each_whole(spec["hconcat"])
        spec["vconcat"] = _beside_their_names(spec.pop("hconcat"), spec.get("resolve", {}))
    if "concat" in spec:
        spec["columns"] = 1
    facet = spec.get("facet")
    if not isinstance(facet, dict):
        return
    if "field" in facet:
        spec["columns"] = 1
    elif "column" in facet and "row" not in facet:
        spec["facet"] = facet["column"]
        spec["columns"] = 1


ABREAST_ON_A_PHONE = 3
"""Panels at most that share the names of their rows and stand beside each other on a phone, too."""

ROOM_ON_A_PHONE = 220
"""Room beside the names of rows on a phone, in pixels, about."""


def _each_whole(parts: list[Spec]) -> None:
    """Give all views the room of the widest."""
    widths = [part["width"] for part in parts if isinstance(part.get("width"), int | float)]
    for part in parts:
        if isinstance(part.get("width"), int | float):
            part["width"] = max(widths)


def _beside_their_names(parts: list[Spec], resolve: Spec) -> list[Spec]:
    """Return views as rows: those that lean on their neighbour's names beside it, a few; else with names of their own."""
    rows: list[list[Spec]] = []
    named: dict[str, Spec] = {}
    for part in parts:
        sides = _sides(part)
        leans = bool(sides) and not any(map(_has_names, sides))
        cells = any(_mark(view) == "rect" for row in rows[-1:] for view in _views(row[0]))
        if leans and rows and len(rows[-1]) < ABREAST_ON_A_PHONE and not cells:
            rows[-1].append(part)
            continue
        for y in sides:
            if _has_names(y):
                named.setdefault(str(y.get("field")), y.get("axis", {}))
            elif str(y.get("field")) in named:
                y["axis"] = copy.deepcopy(named[str(y.get("field"))])
        rows.append([part])
    for row in rows:
        room = ROOM_ON_A_PHONE / len(row)
        for part in row if len(row) > 1 else ():
            if isinstance(part.get("width"), int | float):
                part["width"] /= len(row)
            if part.get("title"):
                part["title"] = _wrapped_title(part["title"], int(room))
                part["title"].pop("frame")
            for view in _views(part):
                if isinstance(x := (view.get("encoding") or {}).get("x"), dict):
                    _wrap_title(x, int(room))
    return [_abreast_again(row, resolve) if len(row) > 1 else row[0] for row in rows]


def _abreast_again(row: list[Spec], resolve: Spec) -> Spec:
    """Return views beside each other, with one key for all of them where they tell the same by colour."""
    colours = [(view.get("encoding") or {}).get("color") for part in row for view in _views(part)]
    fields = {colour.get("field") for colour in colours if isinstance(colour, dict)}
    return {"hconcat": row, "spacing": 10, **({"resolve": resolve} if len(fields) > 1 else {})}


def _sides(part: Spec) -> list[Spec]:
    """Return the channels of a view, or of its layers, that set rows by name."""
    sides = [(view.get("encoding") or {}).get("y") for view in _views(part)]
    return [y for y in sides if isinstance(y, dict) and y.get("type") in ("nominal", "ordinal")]


def _has_names(channel: Spec) -> bool:
    axis = channel.get("axis", {})
    return axis is not None and axis.get("labels") is not False


def _abreast(spec: Spec) -> int:
    """Return how many views stand side by side, at most."""
    values = cache(lambda: _values(spec))  # few charts have columns

    def beside(view: Spec) -> int:
        facet = view["facet"] if isinstance(view.get("facet"), dict) else {}
        encoded = view.get("encoding") or {}
        column = (
            facet if "field" in facet else facet.get("column") or encoded.get("column") or encoded.get("facet") or {}
        )
        many = len(values().get(str(column["field"]), [1])) if "field" in column else 1
        own = min(many, int(view.get("columns") or column.get("columns") or many))
        parts = [max(map(beside, view[key]), default=1) for key in ("vconcat", "layer") if view.get(key)]
        parts += [sum(map(beside, view["hconcat"]))] if view.get("hconcat") else []
        parts += [int(view.get("columns") or len(view["concat"]))] if view.get("concat") else []
        inner = beside(view["spec"]) if isinstance(view.get("spec"), dict) else 1
        return max([own, *parts]) * inner

    return max(1, beside(spec))


class _Size:
    """The width of one view, where it is a number."""

    def __init__(self, holder: Spec, key: str) -> None:
        self.holder, self.key = holder, key

    def get(self) -> float:
        return float(self.holder[self.key])

    def set(self, value: float) -> None:
        self.holder[self.key] = value


def _widths(spec: Spec) -> list[_Size]:
    """Return the widths that a drawing may change; a view that says none has the theme's, written out here."""
    sizes = []
    for view in _views(spec):
        whole = not any(key in view for key in ("hconcat", "vconcat", "concat", "spec"))
        part_of_layer = "mark" in view and view is not spec and "width" not in view
        if not whole or (part_of_layer and _in_layer(spec, view)):
            continue
        width = view.setdefault("width", spec.get("config", {}).get("view", {}).get("continuousWidth", 620))
        if isinstance(width, int | float):
            sizes.append(_Size(view, "width"))
        elif isinstance(width, dict) and isinstance(width.get("step"), int | float):
            sizes.append(_Size(width, "step"))
    for node in nodes(spec) if sizes else ():  # what is placed by pixels moves along
        for key in ("x", "x2"):
            place = node.get(key)
            if isinstance(place, dict) and isinstance(place.get("value"), int | float) and place["value"] > SMALLEST:
                sizes.append(_Size(place, "value"))
            elif isinstance(place, int | float) and place > SMALLEST and "type" in node:
                sizes.append(_Size(node, key))
    return sizes


def _in_layer(spec: Spec, view: Spec) -> bool:
    return any(view is part for other in _views(spec) for part in other.get("layer", ()))


def _wrapped_title(title: Any, width: int) -> Any:  # noqa: ANN401  # text, lines or an object
    if not title:
        return title
    made = dict(title) if isinstance(title, dict) else {"text": title}
    for key, wide in (("text", BOLD_LETTER), ("subtitle", LETTER)):
        if made.get(key):
            lines = made[key] if isinstance(made[key], list) else [made[key]]
            if key == "subtitle":  # an author broke its lines for one width; each drawing has its own
                lines = [" ".join(map(str, lines))]
            made[key] = [
                part
                for line in lines
                for part in textwrap.wrap(str(line), int(width / wide), break_long_words=False) or [""]
            ]
    made.setdefault("anchor", "start")
    made["frame"] = "bounds"
    return made


_PLAIN = frozenset([str, int, float, bool])


def _values(spec: Spec) -> dict[str, list[Any]]:
    """Return the values of every field, from the data that the chart carries."""
    found: dict[str, dict[Any, None]] = defaultdict(dict)
    sets = [rows for rows in spec.get("datasets", {}).values() if isinstance(rows, list)]
    sets += [node["data"]["values"] for node in nodes(spec) if isinstance(node.get("data"), dict) and isinstance(node["data"].get("values"), list)]  # fmt: skip
    for rows in sets:
        for row in rows:
            if isinstance(row, dict):
                for field, value in row.items():
                    if type(value) in _PLAIN:
                        found[field][value] = None
    return {field: list(values) for field, values in found.items()}


def _values_of(view: Spec, spec: Spec) -> dict[str, list[Any]]:
    """Return the values of every field of the data that a view names."""
    names = {part["data"].get("name") for part in _views(view) if isinstance(part.get("data"), dict)}
    return _values({"datasets": {name: rows for name, rows in spec.get("datasets", {}).items() if name in names}})


IN_WORDS = {
    "q1": "first quartile", "q3": "third quartile", "low": "lower end", "high": "upper end", "low95": "lower end",
    "high95": "upper end", "params": "parameters", "train_flop": "training compute", "row": "what",
}  # fmt: skip
"""Short names of fields, as a reader is told them where an author gave no title."""

WRAP_AT = 20
"""Letters in a line of a name beside an axis, on a phone."""


def _whole_views(spec: Spec) -> Iterator[Spec]:
    """Walk through the views that have axes of their own: those of one mark, and layers as one."""
    if "layer" in spec or "mark" in spec:
        yield spec
        return
    for key in _PARTS:
        for part in spec.get(key, ()):
            yield from _whole_views(part)
    if isinstance(spec.get("spec"), dict):
        yield from _whole_views(spec["spec"])


LINES_BESIDE = 2
"""Lines at most of a name beside its row, on a phone; a longer name stands over its row and leaves it the whole width."""

LETTERS_ABOVE = 54
"""Letters in a line of a name over its row, on a phone."""


def _broken(name: str) -> list[str]:
    """Return the lines of a name: the parts that its author set apart by an upright, long ones in lines of about one length."""
    lines: list[str] = []
    for part in name.split("|"):
        count = max(1, len(textwrap.wrap(part, LETTERS_ABOVE)))
        fits = (textwrap.wrap(part, most) for most in range(max(1, len(part) // count), LETTERS_ABOVE + 1))
        lines += next((some for some in fits if len(some) <= count), [part])
    return lines


def _break_names(view: Spec, values: dict[str, list[Any]], phone: bool) -> None:
    """Break the names of rows that are too long for a line and would be cut; wide, each stands in the middle of its row."""
    channels = [c for part in _views(view) if isinstance(c := (part.get("encoding") or {}).get("y"), dict)]
    channels = [c for c in channels if c.get("type") in ("nominal", "ordinal") and _has_names(c)]
    parted = [c for c in channels if "split(" in str((c.get("axis") or {}).get("labelExpr", ""))]
    names = [v for c in channels[:1] for v in values.get(str(c.get("field")), ()) if isinstance(v, str)]
    if not parted and (phone or any("labelExpr" in (c.get("axis") or {}) for c in channels)):
        return
    lines = {name: _broken(name) for name in names}
    if not names or (not parted and max(map(len, lines.values())) == 1):
        return
    told = f"({json.dumps({name: '|'.join(some) for name, some in lines.items()})})[datum.label]"
    middle = {name: -7 * (len(some) - 1) for name, some in lines.items()}
    for channel in parted or channels:
        channel["axis"] = {**(channel.get("axis") or {}), "labelExpr": f"split({told} || datum.label, '|')"}
        if not phone:
            offset = {"expr": f"({json.dumps(middle)})[datum.label] || 0"}
            channel["axis"] |= {"labelLimit": 0, "labelLineHeight": 14, "labelOffset": offset}
    step, height = 14 * max(map(len, lines.values())) + 6, view.get("height")
    if isinstance(height, dict):
        view["height"] = {"step": max(step, height.get("step", 0))}
    elif isinstance(height, int | float):
        view["height"] = max(height, len(names) * step)


def _wrap_names(view: Spec, values: dict[str, list[Any]]) -> None:
    """Wrap the long names of a view's rows, each in the middle of its row or over it, and give rows the height for them."""
    parts = [part for part in _views(view) if isinstance((part.get("encoding") or {}).get("y"), dict)]
    channels = [part["encoding"]["y"] for part in parts]
    channels = [
        c for c in channels
        if c.get("type") in ("nominal", "ordinal") and c.get("axis", {}) is not None and "labelExpr" not in c.get("axis", {})
    ]  # fmt: skip
    names = [v for c in channels[:1] for v in values.get(str(c.get("field")), ()) if isinstance(v, str)]
    most = 1 if len(names) > 40 else 2 if len(names) > 20 else 4
    long = {name: _lines(name, most) for name in names if len(name) > WRAP_AT + 3}
    if not long:
        return
    while len({tuple(lines) for lines in long.values()}) < len(long):
        most += 1
        long = {name: _lines(name, most) for name in long}
    if max(len(textwrap.wrap(name, WRAP_AT)) for name in long) > LINES_BESIDE and _can_bear_names_above(
        view, len(names)
    ):
        long = {name: textwrap.wrap(name, LETTERS_ABOVE) for name in names}
        step = _put_above(channels, max(map(len, long.values())))
        raised = {name: -14 * len(parted) - 1 for name, parted in long.items()}
        for channel in channels:
            channel["axis"]["labelOffset"] = {"expr": f"({json.dumps(raised)})[datum.label]"}
        for part in parts:
            if _mark(part) == "bar" and part["encoding"]["y"] in channels:
                part["encoding"]["y"]["scale"] = {**part["encoding"]["y"].get("scale", {}), "padding": 1 - 14 / step}
    else:
        step = 14 * max(map(len, long.values())) + 4
        middle = {name: -7 * (len(parted) - 1) for name, parted in long.items()}
        for channel in channels:
            offset = {"expr": f"({json.dumps(middle)})[datum.label] || 0"}
            channel["axis"] = {**channel.get("axis", {}), "labelLimit": 150, "labelOffset": offset}
    for channel in channels:
        channel["axis"]["labelExpr"] = f"({json.dumps(long)})[datum.label] || datum.label"
    height = view.get("height")
    if isinstance(height, int | float):
        view["height"] = max(height, len(names) * step)
    else:
        view["height"] = {"step": max(step, height["step"] if isinstance(height, dict) and "step" in height else 20)}


def _can_bear_names_above(view: Spec, rows: int) -> bool:
    """Return whether the rows of a view leave their upper part free: few rows of one line of marks that fill none."""
    marks = {_mark(part) for part in _views(view) if part.get("mark")}
    faces = {"row", "column", "facet", "yOffset"}
    return (
        rows <= 40
        and not marks & {"rect", "area"}
        and not any(faces & set(part.get("encoding") or {}) for part in _views(view))
    )


def _put_above(channels: list[Spec], lines: int) -> int:
    """Let the names of rows stand over them, and return the height that a row needs."""
    for channel in channels:
        channel["axis"] = {
            **channel.get("axis", {}), "labelAlign": "left", "labelPadding": -2, "labelOffset": -14 * lines - 1,
            "labelLimit": WIDTHS["phone"] - 16, "domain": False, "ticks": False, "grid": False,
        }  # fmt: skip
    return 14 * lines + 24


NAMED_AT_ENDS = 7
"""Lines at most that bear their names at their ends."""


def _names_at_ends(spec: Spec, kind: str) -> None:
    """Let lines that end apart, at the right, bear their names there, in place of a legend that is read to and fro."""
    parts = spec.get("layer", [spec])
    lines = [part for part in parts if _mark(part) == "line"]
    if len(lines) != 1 or any(key in spec for key in ("hconcat", "vconcat", "concat", "facet", "transform", "params")):
        return
    encoding = {**(spec.get("encoding") or {}), **(lines[0].get("encoding") or {})}
    x, y, colour = (encoding.get(name) or {} for name in ("x", "y", "color"))
    rows = next(iter(_sets(spec)), [])
    plain = all(c.get("field") and not {"aggregate", "bin", "timeUnit", "stack"} & set(c) for c in (x, y))
    same = all(colour.get("field") == (part.get("encoding") or {}).get("color", colour).get("field") for part in parts)
    if (
        not plain or not same or colour.get("type") != "nominal" or colour.get("legend", 1) is None or len(_sets(spec)) > 1
        or {x.get("type"), y.get("type")} != {"quantitative"} or {"row", "column", "facet", "strokeDash"} & set(encoding)
        or "transform" in lines[0] or any("data" in part for part in parts if part is not spec)
        or x.get("scale", {}).get("reverse") or y.get("scale", {}).get("reverse") or x.get("sort") or y.get("sort")
    ):  # fmt: skip
        return
    ends: dict[str, Spec] = {}
    for row in rows:
        who, at = str(row.get(colour["field"])), row.get(x["field"])
        if not isinstance(at, int | float) or not isinstance(row.get(y["field"]), int | float):
            continue
        if who not in ends or at > ends[who][x["field"]]:
            ends[who] = row
    across, up = _place(x, rows, 1.0), _place(y, rows, float(spec.get("height") or 0) or 320.0)
    if across is None or up is None or not 2 <= len(ends) <= NAMED_AT_ENDS:
        return
    heights = sorted(up(row[y["field"]]) for row in ends.values())
    longest = max(map(len, ends)) * LETTER
    if (
        min(across(row[x["field"]]) for row in ends.values()) < 0.97
        or min(b - a for a, b in itertools.pairwise(heights)) < SMALLEST + 2
        or longest > WIDTHS[kind] * 0.32
    ):
        return
    colour["legend"] = None
    for part in (spec, *parts):
        if isinstance((part.get("encoding") or {}).get("color"), dict):
            part["encoding"]["color"]["legend"] = None
    names: Spec = {
        "data": {"values": [{key: row.get(key) for key in (x["field"], y["field"], colour["field"])} for row in ends.values()]},
        "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": SMALLEST, "tooltip": None},
        "encoding": {"x": dict(x), "y": dict(y), "color": dict(colour), "text": {"field": colour["field"], "type": "nominal"}},
    }  # fmt: skip
    if "layer" in spec:
        spec["layer"].append(names)
    else:
        spec["layer"] = [{"mark": spec.pop("mark"), "encoding": spec.pop("encoding")}, names]


def _mark(view: Spec) -> str:
    mark = view.get("mark")
    return str(mark.get("type")) if isinstance(mark, dict) else str(mark)


def _sets(spec: Spec) -> list[list[Spec]]:
    return [rows for rows in spec.get("datasets", {}).values() if isinstance(rows, list)]


def _place(channel: Spec, rows: list[Spec], length: float) -> Callable[[float], float] | None:
    """Return where a value stands on an axis, as far as its scale is known."""
    scale = channel.get("scale") or {}
    known = [row[channel["field"]] for row in rows if isinstance(row.get(channel["field"]), int | float)]
    domain = scale["domain"] if isinstance(scale.get("domain"), list) else known
    log = scale.get("type") == "log"
    domain = [v for v in domain if isinstance(v, int | float) and (v > 0 or not log)]
    if scale.get("type", "linear") not in ("linear", "log") or not domain or min(domain) == max(domain):
        return None
    if not log and "domain" not in scale and scale.get("zero") is not False:
        domain = [*domain, 0]
    one = math.log if log else float
    low, high = one(min(domain)), one(max(domain))
    return lambda value: length * (one(max(value, 1e-300) if log else value) - low) / (high - low)


def _no_legend_twice(view: Spec) -> None:
    """Take away a legend that says what an axis says."""
    encoding = view.get("encoding") or {}
    sides = {encoding[side].get("field") for side in ("x", "y") if isinstance(encoding.get(side), dict)}
    colour = encoding.get("color")
    if isinstance(colour, dict) and colour.get("field") in sides - {None} and colour.get("type") == "nominal":
        colour["legend"] = None


def _wrap_heads(channel: Spec, values: dict[str, list[Any]]) -> None:
    """Wrap the long names over the panels of a chart."""
    names = [v for v in values.get(str(channel.get("field")), ()) if isinstance(v, str)]
    long = {name: textwrap.wrap(name, WRAP_AT) for name in names if len(name) > WRAP_AT + 3}
    header = channel.get("header", {})
    if long and isinstance(header, dict) and "labelExpr" not in header:
        channel["header"] = {**header, "labelExpr": f"({json.dumps(long)})[datum.value] || datum.value"}


def _names_above(spec: Spec, values: dict[str, list[Any]]) -> None:
    """Let names that say two things, one below the other, stand over their rows, where beside them would be no room left."""
    for view in _views(spec):
        step = view["height"].get("step") if isinstance(view.get("height"), dict) else None
        channels = [part["encoding"]["y"] for part in _views(view) if isinstance((part.get("encoding") or {}).get("y"), dict)]  # fmt: skip
        parted = [c for c in channels if "split(" in str((c.get("axis") or {}).get("labelExpr", ""))]
        names = [str(v) for c in parted[:1] for v in values.get(str(c.get("field")), ())]
        if step is None or not names or max(len(line) for name in names for line in name.split("|")) <= WRAP_AT:
            continue
        lines = {name: len(_broken(name)) for name in names}
        view["height"] = {"step": max(step, _put_above(parted, max(lines.values())))}
        raised = {name: -14 * count - 1 for name, count in lines.items()}
        for channel in parted:
            channel["axis"]["labelOffset"] = {"expr": f"({json.dumps(raised)})[datum.label]"}


WORDS_BESIDE = 18
"""Letters at most of what stands at the right of a row, on a phone: more would leave the row no room."""


def _words_over_rows(spec: Spec, values: dict[str, list[Any]]) -> None:
    """Let long words at the right of rows stand over what their row shows."""
    for view in _views(spec):
        width = view.get("width")
        for part in view.get("layer", ()) if isinstance(width, int | float) else ():
            encoding = part.get("encoding") or {}
            x, y, text = (encoding.get(name) or {} for name in ("x", "y", "text"))
            longest = max((len(v) for v in values.get(str(text.get("field")), ()) if isinstance(v, str)), default=0)
            right = isinstance(x.get("value"), int | float) and x["value"] >= width
            if _mark(part) != "text" or not right or y.get("type") != "nominal" or longest <= WORDS_BESIDE:
                continue
            for other in view["layer"]:
                other.pop("height", None)
            view["height"] = {"step": 40}
            encoding["x"] = {"value": 4}
            part["mark"] = {**part["mark"], "align": "left", "dy": -13}


def _lines(name: str, most: int) -> list[str]:
    """Return a name in lines of at most `WRAP_AT` letters; where there are more than `most`, the last ends in dots."""
    lines = textwrap.wrap(name, WRAP_AT)
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][: WRAP_AT - 1] + "…"]


def _chosen(spec: Spec) -> set[int]:
    """Return the channels whose axis has places that an author chose, in their own layer or in one over the same axis."""
    found: set[int] = set()
    for view in _whole_views(spec):
        for side in ("x", "y"):
            channels = [(part.get("encoding") or {}).get(side) for part in _views(view)]
            channels = [channel for channel in channels if isinstance(channel, dict)]
            if any("values" in (channel.get("axis") or {}) for channel in channels if isinstance(channel, dict)):
                found |= {id(channel) for channel in channels}
    return found


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _raised_expression() -> str:
    """Return an expression of Vega for the exponent of ten as raised digits."""
    expression = "toString(round(log(datum.value) / LN10))"
    for plain, small in zip("-0123456789", "-0123456789".translate(_RAISED), strict=True):
        expression = f"replace({expression}, /{plain}/g, '{small}')"
    return f"'10' + {expression}"


WHOLE = "abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) < 1e-6"

ROUND = "indexof([1, 2, 5], round(datum.value / pow(10, floor(log(datum.value) / LN10 + 1e-9)))) >= 0"


def _powers_of_ten(channel: Spec, values: dict[str, list[Any]]) -> None:
    """Label a logarithmic axis over several decades by powers of ten, and draw its grid at these alone."""
    scale, axis = channel.get("scale"), channel.get("axis", {})
    if not (isinstance(scale, dict) and scale.get("type") == "log") or axis is None:
        return
    domain = scale["domain"] if isinstance(scale.get("domain"), list) else None
    candidates = domain or values.get(str(channel.get("field")), [])
    known = [v for v in candidates if isinstance(v, int | float) and v > 0]
    decades = math.log10(max(known) / min(known)) if known else 0.0
    seen = WHOLE if decades >= 2 else ROUND
    made = {**axis, "gridOpacity": {"condition": {"test": seen, "value": 1}, "value": 0}}
    if decades < 2:
        channel["axis"] = made
        return
    if not {"values", "labelExpr", "format"} & set(axis) or str(axis.get("format", "")).endswith("e"):
        made.pop("format", None)
        far = max(known) >= 1e4 or min(known) <= 1e-3
        said = _raised_expression() if far else "datum.label"
        every = max(1, math.ceil(decades / 8))
        shown = f"{WHOLE} && round(log(datum.value) / LN10) % {every} == 0" if every > 1 else WHOLE
        made["labelExpr"] = f"{shown} ? {said} : ''"
        made["tickCount"] = 8 if every == 1 else 30
        made["labelOverlap"] = "greedy"
        made["tickOpacity"] = {"condition": {"test": WHOLE, "value": 1}, "value": 0.35}
    channel["axis"] = made


# From Vega's SVG to ours -----------------------------------------------------------------------------------

_LABEL = re.compile(r' aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="([^"]*)"')
_ROLES = re.compile(r' (?:role|aria-roledescription|aria-label|aria-hidden|class|pointer-events|xmlns:xlink)="[^"]*"')
_TYPED = re.compile(r'>[^<]*\de[+-]?\d[^<]*<|data-t="[^"]*\de[+-]?\d[^"]*"')
"""Words in which a power of ten is typed as a program reads it."""
_GIGA = re.compile(r'(?<=[>\s])([−-]?[\d.,]+)G(?=[<;"])')
"""A billion as formats of engineers write it: where parameters and words are counted, a B."""
_PERCENT = re.compile(r"[−-]?\d+\.\d+(?=%$)")
"""A percentage with decimals, which a format that names no precision writes to six."""
_RAW = re.compile(r"(?<![\w.,])[−-]?\d[\d,]*\.\d+(?![\w.])")
_ARXIV = re.compile(r"\d\d(?:0[1-9]|1[0-2])\.\d{4,5}")
RAW = 6
"""Significant digits beyond which a number is as the program reckons it, and nobody chose a format for it."""
_EMPTY: tuple[tuple[str, str], ...] = (
    (r'<path(?: class="(?:foreground|background)")?(?: aria-hidden="true")? d="(?:M0,0h0v0h0Z)?"[^>]*/>', ""),
    (r'<path class="background"(?: aria-hidden="true")? d="[^"]*"/>', ""),
    (r"<g[^>]*></g>", ""),
    (r'<text(?=[^>]* opacity="0")[^>]*>(?:<tspan[^>]*>[^<]*</tspan>|[^<])*</text>', ""),
    (r'<line(?=[^>]* (?:stroke-)?opacity="0")[^>]*/>', ""),
)


_AXIS = re.compile(r'<g class="mark-text role-axis-label"[^>]*>(.*?)</g>', re.DOTALL)


def _labels_apart(svg: str) -> None:
    """Refuse an axis two places of which bear one number: a format has rounded away what tells them apart."""
    for axis in _AXIS.findall(svg):
        labels = [label for label in re.findall(r'<text(?![^>]* opacity="0")[^>]*>([^<]+)</text>', axis) if re.search(r"\d", label)]  # fmt: skip
        if twice := next((one for one, other in itertools.pairwise(labels) if one == other), None):
            raise ValueError(f"an axis with two places that are both labelled {html.unescape(twice)}; needed: a format that tells them apart, or fewer places by tickCount or values")  # fmt: skip


def light(svg: str, spec: Spec) -> str:
    """Return Vega's SVG without what a reader does not see, with each mark's data in ``data-t``."""
    _labels_apart(svg)
    tips = any("tooltip" in node and node["tooltip"] for node in nodes(spec))
    names = _named(spec)

    def marked(match: re.Match[str]) -> str:
        mark = match[2].endswith(("mark", "point", "tick", "bar", "circle", "square", "arc", "geoshape", "area"))
        said = _said(match[1], names) if tips and mark and match[2] != "text mark" else ""
        return f' data-t="{said}"' if said else ""

    svg = _LABEL.sub(marked, svg)
    for pattern, by in _EMPTY * 2:
        svg = re.sub(pattern, by, svg)
    svg = _ROLES.sub("", svg)
    svg = _TYPED.sub(lambda said: raised(said[0]), svg)
    svg = _GIGA.sub(r"\1B", svg)
    svg = re.sub(rf' font-family="{re.escape(FONT)}"', "", svg)
    svg = re.sub(r'font-size="([\d.]+)px"', lambda size: f'font-size="{max(float(size[1]), SMALLEST):g}px"', svg)
    svg = re.sub(r' (?:stroke-width|opacity)="1"| font-style="normal"| transform="translate\(0,0\)"', "", svg)
    svg = in_tenths(svg)
    svg = re.sub(r' d="(M[\d.,LMZ-]+)"', lambda path: f' d="{short_path(path[1])}"', svg)
    counted: dict[str, str] = {}  # Vega counts gradients through all that a process has drawn
    svg = re.sub(r"\bgradient_\d+", lambda name: counted.setdefault(name[0], f"gradient_{len(counted)}"), svg)
    mark = hashlib.sha256(svg.encode()).hexdigest()[:8]
    svg = re.sub(r'\bid="([^"]+)"', rf'id="v{mark}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#v{mark}-\1)", svg)
    return re.sub(r"<svg ", f'<svg aria-hidden="true" font-family="{FONT}" ', svg, count=1)


FLAT = 0.12
"""How far a line may leave its points, in pixels: what nobody sees."""


def short_path(path: str) -> str:
    """Return a path of straight lines from point to point, each told from the one before, without points on the way.

    Examples
    --------
    >>> short_path("M10,10L20,10.1L30,10L30,50Z")
    'M10,10l20,0 0,40Z'
    """
    made: list[str] = []
    for piece in re.findall(r"M[^MZ]*Z?", path):
        points = [
            tuple(round(10 * float(v)) for v in pair.split(",")) for pair in re.split("[ML]", piece.rstrip("Z")) if pair
        ]
        if any(len(point) != 2 for point in points):
            return path
        kept = _without_flat(points, 10 * FLAT)
        steps = [f"{(x - a) / 10:g},{(y - b) / 10:g}" for (a, b), (x, y) in itertools.pairwise(kept)]
        start = ",".join(f"{v / 10:g}" for v in kept[0])
        made.append(f"M{start}{'l' if steps else ''}{' '.join(steps)}{'Z' if piece.endswith('Z') else ''}")
    return "".join(made)


def _without_flat(points: list[tuple[int, ...]], far: float) -> list[tuple[int, ...]]:
    """Return points without those that the line between their neighbours passes (Douglas and Peucker)."""
    keep, spans = {0, len(points) - 1}, [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        (ax, ay), (bx, by) = points[first], points[last]
        long = math.hypot(bx - ax, by - ay)
        apart = [
            abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / long if long else math.hypot(x - ax, y - ay)
            for x, y in points[first + 1 : last]
        ]
        if apart and max(apart) > far:
            at = first + 1 + apart.index(max(apart))
            keep.add(at)
            spans += [(first, at), (at, last)]
    return [points[i] for i in sorted(keep)]


def _named(spec: Spec) -> frozenset[str]:
    """Return what an author chose to have said of a mark, by name; nothing where the choice was left to Vega."""
    asked = [entry for node in nodes(spec) for entry in _listed(node.get("tooltip"))]
    return frozenset(_title(entry) for entry in asked)


def _title(entry: Spec) -> str:
    """Return the name under which a reader is told a field."""
    field = str(entry.get("field", ""))
    return str(entry.get("title") or IN_WORDS.get(field) or field).replace("_", " ")


def _listed(tooltip: object) -> list[Spec]:
    entries = tooltip if isinstance(tooltip, list) else [tooltip]
    return [entry for entry in entries if isinstance(entry, dict)]


def _short(number: str, alone: bool) -> str:
    """Return a number that no format was chosen for with four significant digits; an identifier of arXiv in words stays."""
    if len(re.sub(r"\D", "", number).lstrip("0")) <= RAW or (not alone and _ARXIV.fullmatch(number)):
        return number
    return f"{'−' * (number[0] in '−-')}{float(number.lstrip('−-').replace(',', '')):.4g}"


def _said(label: str, names: frozenset[str] = frozenset()) -> str:
    """Return what a mark says, each field once: Vega names a field for its channel and again for its tooltip.

    Where an author chose what is said, the fields that only place the mark are left out.
    """
    said: dict[str, str] = {}
    last = ""
    for part in html.unescape(label).split("; "):
        name, colon, value = part.partition(": ")
        if not colon and last:
            said[last] += f"; {part}"  # a value with a semicolon in it
            continue
        last = name.replace("_", " ")
        if (last not in names) if names else (colon and value in said.values()):
            last = ""
            continue
        value = _RAW.sub(lambda many: _short(many[0], alone=many[0] == value), value)  # noqa: B023  # used at once
        said[last] = _PERCENT.sub(lambda many: f"{float(many[0].replace('−', '-')):.3g}".replace("-", "−"), value)
    return html.escape("; ".join(f"{name}: {value}" if value else name for name, value in said.items()))
