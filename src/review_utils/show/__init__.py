"""What a notebook shows: figures, tables, numbers and claims, each under a name that a chapter can quote.

Everything is displayed through here, so that an output always has a name, a record in its metadata that quotes and
regression tests read, and an HTML form in which text from data is escaped.
"""

from __future__ import annotations

import base64
import html
import io
import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsFloat

from review_utils.records.reading import format_number, plain_text
from review_utils.show.tables import from_frame

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


VEGA_LITE = "6.4"
"""The version of Vega-Lite that draws the static pictures and that the site serves."""


def present(data: Mapping[str, Any], name: str, kind: str, record: Mapping[str, Any]) -> None:
    """Display an output; `record` is what it says, as JSON."""
    from IPython.display import display

    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ValueError(f"name {name!r}; needed: lower-case letters, digits and single dashes")
    display(_linked(data), raw=True, metadata={"review": {"name": name, "kind": kind, "record": dict(record)}})


def _linked(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is displayed; at work, links to pages of the book lead to the book as it was built last."""
    if in_a_build() or "text/html" not in data:
        return dict(data)
    from review_utils.review import here

    site = Path(os.path.relpath(here().site)).as_posix()
    text = re.sub(r'"@root/([^"#]*)', rf'"{site}/\1.html', data["text/html"])
    return {**data, "text/html": text.replace('"@file/', f'"{site}/')}


def figure(
    name: str,
    chart: alt.TopLevelMixin,
    alt_text: str,
    external: str | None = None,
    whole: alt.TopLevelMixin | None = None,
) -> None:
    """Show a chart.

    Parameters
    ----------
    name : str
        What chapters quote it by: ``{show} <analysis>#<name>``.
    chart : altair chart
        With a title that states the finding. It draws what is ours, so that it can be drawn anywhere.
    alt_text : str
        One sentence for those who cannot see it.
    external : str, optional
        The external set whose single points can be drawn besides.
    whole : altair chart, optional
        The chart with these points; None where the set was not fetched: a sentence under the figure says so. What is
        compared is `chart` either way, so that rows of others stay out of the references.

    Raises
    ------
    ValueError
        When the chart has no title or draws nothing, or the alt text is shorter than a sentence.
    """
    from review_utils.show.charts import at_work, chart_html, in_few_digits, spec_of

    record = in_few_digits(spec_of(chart, alt_text))
    drawn = record if whole is None else in_few_digits(spec_of(whole, alt_text))
    lacking = ""
    if external and whole is None:
        lacking = f"Single points are those of the data set {external}, which is not part of this project; to see them: review fetch {external}"
    # A front end that runs notebooks draws the specification itself; HTML would come before it.
    shown = at_work(drawn)
    if in_a_build():
        said = f'<p class="review-absent">{html.escape(lacking)}</p>' if lacking else ""
        shown = {"text/html": chart_html(drawn, name) + said}
    present({**shown, "text/plain": f"[chart] {alt_text} {lacking}".rstrip()}, name, "figure", {"spec": record})


def picture(name: str, image: object, alt_text: str) -> None:
    """Show a picture: a matplotlib figure, or the bytes of a PNG, where no Altair chart will do.

    Parameters
    ----------
    name : str
        What chapters quote it by.
    image : matplotlib figure or bytes
        A figure is closed, so that it is not shown twice.
    alt_text : str
        One sentence for those who cannot see it; it is what the regression tests compare.

    Raises
    ------
    TypeError
        When the image is neither.
    ValueError
        When the alt text is shorter than a sentence, or the bytes are no PNG.
    """
    if len(alt_text.split()) < 6:
        raise ValueError(f"alt text {alt_text!r}; needed: a sentence that says what the picture shows")
    if hasattr(image, "savefig"):
        buffer = io.BytesIO()
        image.savefig(buffer, format="png", dpi=150, bbox_inches="tight", metadata={"Software": None})
        if (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
            pyplot.close(image)
        image = buffer.getvalue()
    if not isinstance(image, bytes):
        raise TypeError(f"given {type(image).__name__}; needed: a matplotlib figure, or the bytes of a PNG")
    if not image.startswith(b"\x89PNG"):
        raise ValueError(f"given bytes that begin with {image[:4]!r}; needed: those of a PNG")
    width, height = (int.from_bytes(image[at : at + 4], "big") for at in (16, 20))
    source = base64.b64encode(image).decode()
    shown = (
        f'<figure class="review-picture"><img src="data:image/png;base64,{source}" alt="{html.escape(alt_text, quote=True)}" '
        f'width="{width}" height="{height}"></figure>'
    )
    present({"text/html": shown, "text/plain": f"[picture] {alt_text}"}, name, "figure", {"picture": alt_text})


def in_a_build() -> bool:
    """Whether the notebook is executed for the book or its tests, and not by a reader at work."""
    return bool(os.environ.get("REVIEW_BUILD"))


def controls(make: Callable[[], object], instead: str) -> None:
    """Show controls that need a running kernel; where the book is built or tested, say where the like is found.

    Parameters
    ----------
    make : callable
        Returns the widget.
    instead : str
        What serves in the built page, in a sentence.
    """
    if not in_a_build():
        from IPython.display import display

        display(make())
        return
    text = f"In a running notebook this cell shows controls. {instead}"
    shown = {"text/html": f'<p class="review-source">{html.escape(text)}</p>', "text/plain": text}
    name = f"controls-{getattr(make, '__name__', 'here').strip('<>').replace('_', '-')}"
    present(shown, name, "controls", {"text": text})


def table(
    name: str, frame: pd.DataFrame, caption: str, units: Mapping[str, str] | None = None, digits: int = 4
) -> None:
    """Show a table; see `review_utils.show.tables.from_frame`."""
    table = from_frame(frame, caption, units, digits)
    present({"text/html": table.to_html(), "text/plain": table.to_text()}, name, "table", table.to_record())


def number(
    name: str,
    value: float,
    unit: str,
    label: str,
    *,
    low: float | None = None,
    high: float | None = None,
    interval: str | None = None,
    digits: int = 3,
    no_interval_because: str | None = None,
) -> None:
    """Show a number that prose can quote as ``{num}`result:<analysis>#<name>```.

    Parameters
    ----------
    value : float
    unit : str
        Empty for a pure number.
    label : str
        What it is, in a phrase.
    low, high, interval : optional
        Ends of its interval and what kind it is. Without one, say why in `no_interval_because`.
    digits : int
        Significant digits in prose.

    Raises
    ------
    ValueError
        Without an interval and without a reason for none, or when the interval misses the value.
    """
    because = no_interval_because
    if isinstance(value, bool | str) or not isinstance(value, SupportsFloat) or str(getattr(value, "mask", "")) == "True":  # fmt: skip
        raise TypeError(f"{name}: given the number {value!r}; needed: a number")
    value = float(value)
    if wrong := _wrong_number(value, label, digits, because) or _wrong_interval(value, low, high, interval, because):
        raise ValueError(f"{name}: {wrong}")
    text = f"{label}: {format_number(value, digits)}{' ' + unit if unit else ''}"
    plain = f"{name} = {value:.8g} {unit}".rstrip()
    if low is not None and high is not None:
        text += f" ({format_number(low, digits)} to {format_number(high, digits)})"
        plain += f" [{low:.8g} to {high:.8g}]"
    shown = {"text/html": f'<p class="review-number">{html.escape(text)}</p>', "text/plain": plain}
    record = {"value": value, "unit": unit, "label": label, "low": low, "high": high}
    record |= {"interval": interval, "digits": digits, "no_interval_because": because}
    present(shown, name, "number", {key: said for key, said in record.items() if said is not None})


def count(name: str, value: float, label: str, digits: int = 3) -> None:
    """Show a number that was counted, which has neither unit nor interval; see `number`."""
    number(name, value, "", label, digits=digits, no_interval_because="a count")


def _wrong_number(value: float, label: str, digits: int, because: str | None) -> str | None:
    """Return what is wrong with a number and its words, and what is needed, or nothing."""
    if not math.isfinite(value):
        return f"given the number {value!r}; needed: a finite number, or words where there is none"
    if not label.strip() or not 1 <= digits <= 15:
        return f"given the label {label!r} and {digits!r} digits; needed: a phrase, and 1 to 15 digits"
    if because is not None and not because.strip():
        return "given a blank no_interval_because; needed: the reason in words"
    return None


def _wrong_interval(
    value: float, low: float | None, high: float | None, interval: str | None, because: str | None
) -> str | None:
    """Return what is wrong with the interval of a number, or with its lack, or nothing."""
    if (low is None) != (high is None) or (low is None) == (because is None):
        return "give low and high, or no_interval_because: a result carries its uncertainty or says why not"
    if low is None or high is None:
        return None
    if not low <= value <= high:
        return f"the interval {low:g} to {high:g} misses the value {value:g}"
    if not interval or (math.isinf(low) and math.isinf(high)):
        return f"given the interval {low} to {high}, {interval!r}; needed: an end, and of what kind it is"
    return None


def words(name: str, text: str, label: str) -> None:
    """Show words that follow from the record, so that prose quotes them by the same role as a number.

    A sentence that would become false when a record changes is computed: which shapes meet their rules, which tests
    are missing.

    Parameters
    ----------
    name : str
        What prose quotes it by: ``{num}`result:<analysis>#<name>```.
    text : str
        One phrase or sentence, without markup.
    label : str
        What it says, in a phrase.

    Raises
    ------
    ValueError
        When the text is empty or has line ends.
    """
    try:
        if not isinstance(text, str) or re.search(r"[{}`]", plain_text(text)):
            raise ValueError("words, without a role or a placeholder")
    except ValueError as error:
        raise ValueError(f"{name}: given the words {text!r}; needed: one phrase or sentence; {error}") from None
    shown = f'<p class="review-number">{html.escape(f"{label}: {text}")}</p>'
    present({"text/html": shown, "text/plain": f"{name}: {text}"}, name, "words", {"text": text, "label": label})


def listed(items: Iterable[str], none: str = "none") -> str:
    """Return items as prose lists them: with commas, and "and" before the last; `none` where there is none.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed([])
    ('a, b and c', 'none')
    """
    found = [items] if isinstance(items, str) else list(items)
    if isinstance(items, str) or not all(isinstance(item, str) for item in found):
        raise TypeError(f"given {items!r}; needed: a list of texts")
    return f"{', '.join(found[:-1])} and {found[-1]}" if len(found) > 1 else found[0] if found else none


def held(
    name: str, value: float | None, recorded: float, tolerance: float, unit: str, label: str, digits: int = 3
) -> None:
    """Show a number that is computed from an external set, from its record when the set was not fetched.

    Parameters
    ----------
    name, unit, label, digits
        As for `number`.
    value : float or None
        The number just computed; None without the set.
    recorded : float
        What it was when the page was written. It is what is shown, so that a page reads the same either way.
    tolerance : float
        How far `value` may be from it.

    Raises
    ------
    ValueError
        When the number computed is not the one recorded.
    """
    if not (math.isfinite(recorded) and 0 <= tolerance < math.inf):
        raise ValueError(f"{name}: given {recorded!r} within {tolerance!r}; needed: a finite number and tolerance")
    if value is not None and not abs(value - recorded) <= tolerance:
        said = f"{name}: computed {value:.8g}, but the page records {recorded:.8g} within {tolerance:g}. "
        said += "Find out what changed, or mend the record in the page."
        sys.audit("review.refused", said)
        raise ValueError(said)
    because = "computed from a data set of others, and checked wherever that is at hand"
    number(name, recorded, unit, label, digits=digits, no_interval_because=because)


def claim(claim_id: str, value: float | None) -> None:
    """Check a recomputed number against its claim and show both side by side.

    Parameters
    ----------
    claim_id : str
    value : float or None
        None when the external set that it needs was not fetched. What is shown is the recorded number either way.

    Raises
    ------
    ClaimError
        When the number differs from the recorded recomputation beyond its tolerance.
    """
    from review_utils.records import claims  # here, so that only notebooks with claims depend on it

    record = claims.find(claim_id) if value is None else claims.check(claim_id, value)
    assert record.recomputed is not None
    ours, published = record.recomputed.value, record.published  # as written, so that a page reads the same either way
    unit = f" {html.escape(published.unit)}" if published.unit else ""
    cited = f'<a class="reference internal" href="@root/references#ref-{published.cite}">{published.cite}</a>'
    said = f"published {format_number(published.value or 0.0, 6)}{unit} ({cited}, {html.escape(published.locator)})"
    box = f'<div class="review-claim review-claim--{record.verdict}"><p>{html.escape(record.text)}</p>'
    box += f"<p>{said} · recomputed {format_number(ours, 5)} · <b>{claims.VERDICT_WORDS[record.verdict]}</b></p></div>"
    plain = f"claim {claim_id}: published {published.value:.8g}, recomputed {ours:.8g}, {record.verdict}"
    shown = {"text/html": box, "text/plain": plain}
    present(shown, f"claim-{claim_id}", "claim", {"id": claim_id, "published": published.value, "recomputed": ours, "verdict": record.verdict})  # fmt: skip
