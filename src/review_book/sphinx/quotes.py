"""Numbers in prose: every one names the record or the computation that it comes from."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from review_book.execute.contents import named_outputs
from review_book.execute.fingerprint import executed_path, load_executed
from review_book.records.claims import Ledger
from review_book.records.glossary import Term
from review_book.review import Review
from review_utils.records.claims import VERDICT_WORDS
from review_utils.records.quantities import Verified
from review_utils.records.reading import format_number
from review_utils.records.register import Measurement, Register
from review_utils.review import file_state

VERIFIED_WORDS: dict[Verified, str] = {
    "primary": "read in the primary source",
    "several-extractions": "the same in three or more independent extractions",
    "secondary": "not verified: secondary extractions only",
    "founding-notes-only": "not verified: only where the founding notes come from",
    "memory": "not verified: from memory",
}


class UnknownQuote(LookupError):
    """A quoted number that no record or computation gives."""


@dataclass(frozen=True)
class Number:
    """A computed number as `review_utils.show.number` records it, with what a reader needs to judge it."""

    value: float
    unit: str
    label: str
    low: float | None = None
    high: float | None = None
    interval: str | None = None
    digits: int = 3
    no_interval_because: str | None = None

    @property
    def text(self) -> str:
        """The number as prose shows it, without its unit."""
        return format_number(self.value, self.digits)


@dataclass(frozen=True)
class Quote:
    """A number as prose shows it, with what stands behind it.

    Parameters
    ----------
    text : str
        As it is shown, with its unit and interval unless it was asked for bare.
    details : tuple of (str, str)
        What its card says.
    page, anchor : str
        Where it stands.
    files : tuple of path
        What it was read from.
    bare : str
        As it is shown without its unit.
    unit : str
        What it is shown with when it is not bare; empty where it has none, or is words or a range.
    value : float or None
        None for words and for a range.
    """

    text: str
    details: tuple[tuple[str, str], ...]
    page: str
    anchor: str
    files: tuple[Path, ...]
    bare: str
    unit: str = ""
    value: float | None = None


@dataclass(frozen=True)
class Sources:
    """What numbers can be quoted from; whether an execution is still true is asked once of each."""

    review: Review
    _shown: dict[tuple[Any, ...], Mapping[str, Any] | None] = field(default_factory=dict, repr=False, compare=False)

    @property
    def root(self) -> Path:
        """The review's folder."""
        return self.review.root

    @property
    def register(self) -> Register:
        """The findings with their shapes."""
        return self.review.records.register

    @property
    def ledger(self) -> Ledger:
        """The claims."""
        return self.review.records.ledger

    @property
    def terms(self) -> Sequence[Term]:
        """The glossary."""
        return self.review.records.glossary

    def resolve(self, address: str) -> Quote:
        """Return the number at an address.

        Parameters
        ----------
        address : str
            ``register:<finding>/<measurement>``, ``claim:<id>`` or ``claim:<id>/recomputed``, or
            ``result:<chapter>/<analysis>#<name>``; with ``|bare`` at its end, the value alone.

        Raises
        ------
        UnknownQuote
            When nothing stands there; the message names the near misses.
        """
        address, _, option = address.partition("|")
        kind, _, rest = address.partition(":")
        if option not in ("", "bare") or kind not in ("register", "claim", "result", "study") or not rest:
            raise UnknownQuote(
                f"{address}: needed: register:<finding>/<measurement>, claim:<id>[/recomputed] "
                "result:<chapter>/<analysis>#<name> or study:<key>/<number>, each with |bare at its end for the value alone"
            )
        bare = option == "bare"
        try:
            return {"register": self._register, "claim": self._claim, "result": self._result, "study": self._study}[
                kind
            ](rest, bare)
        except KeyError as error:
            raise UnknownQuote(f"{address}: {error.args[0]}") from None

    def _register(self, rest: str, bare: bool) -> Quote:
        finding_id, _, measurement_id = rest.partition("/")
        finding = self.register.finding(finding_id)
        measurement = finding.measurement(measurement_id)
        path = self.root / "data" / "findings" / f"{finding.id}.yml"
        plain = str(measurement)
        text = plain if bare else measured_text(measurement)
        details = [
            ("Metric", measurement.metric),
            ("Condition", measurement.condition),
            ("Compared with", comparator_text(measurement)),
            ("n", n_text(measurement)),
            ("Source", self._source(finding.cite, measurement.locator, finding.short)),
            ("Checked", VERIFIED_WORDS[measurement.verified]),
        ]
        value = measurement.value
        unit = measurement.unit if value is not None else ""
        return Quote(
            text, _filled(details), f"findings/{finding.id}", f"m-{measurement_id}", (path,), plain, unit, value
        )

    def _claim(self, rest: str, bare: bool) -> Quote:
        claim_id, _, which = rest.partition("/")
        claim = self.ledger.claim(claim_id)
        chapter = self.ledger.chapter_of(claim_id)
        published = claim.published
        if which not in ("", "recomputed") or (which and claim.recomputed is None):
            raise KeyError(f"{which or claim_id}: needed: nothing, or recomputed where the claim is")
        if which and claim.recomputed:
            value: float | None = claim.recomputed.value
        else:
            value = published.value
        if value is None:
            raise KeyError(f"{claim_id} is published in words; quote it with its own words")
        plain, unit = format_number(value, 4), published.unit or ""
        details = [
            ("Claim", claim.text),
            (
                "Published",
                f"{published.value:,.6g}{' ' + published.unit if published.unit else ''}"
                if published.value is not None
                else "",
            ),
            ("Interval", f"{published.interval[0]:g} to {published.interval[1]:g}" if published.interval else ""),
            (
                "Recomputed",
                f"{claim.recomputed.value:,.6g} by “{self.question(f'analyses/{claim.recomputed.by}')}”"
                if claim.recomputed
                else "no",
            ),
            ("Verdict", VERDICT_WORDS[claim.verdict]),
            ("Agrees within", f"{claim.recomputed.agrees_within:,.6g}" if claim.recomputed else ""),
            ("Source", self._source(published.cite, published.locator)),
            ("Checked", VERIFIED_WORDS[published.verified]),
        ]
        path = self.root / "data" / "claims" / f"{chapter}.yml"
        text = f"{plain} {unit}" if unit and not bare else plain
        return Quote(text, _filled(details), f"chapters/{chapter}", f"claim-{claim_id}", (path,), plain, unit, value)

    def _study(self, rest: str, bare: bool) -> Quote:
        key, _, number_id = rest.partition("/")
        study = self.review.records.studies.study(key)
        number = study.number(number_id)
        details = [
            ("Number", number.what),
            ("Interval", f"{number.interval[0]:g} to {number.interval[1]:g}" if number.interval else ""),
            ("n", f"{number.n:,}" if number.n else ""),
            ("Source", self._source(key, number.locator)),
            ("Seen in", {"primary": "the study itself", "secondary": "others' words"}.get(number.read, "from memory")),
            ("Note", number.note or ""),
        ]
        place = self.review.records.studies.places[key][0]
        plain = str(number)
        unit = number.unit if number.printed != plain else ""
        return Quote(
            plain if bare else number.printed,
            _filled(details),
            f"studies/{key}",
            f"n-{number_id}",
            (self.root / place,),
            plain,
            unit,
            number.value,
        )

    def _source(self, key: str, locator: str, called: str = "") -> str:
        """Return where a number stands, and that its work was retracted, if it was."""
        studies = self.review.records.studies
        name = called or studies.references[key].label
        return f"{name}{', retracted' if key in studies.retracted else ''}, {locator}"

    def question(self, page: str) -> str:
        """Return the title of an analysis, which is the question that it answers; its address where there is none."""
        path = self.root / f"{page}.md"
        return _first_heading(path, file_state(path)) if path.is_file() else page

    def fill(self, address: str) -> str:
        """Return what stands for a placeholder of a statement: the number at its address, as text."""
        return self.resolve(address if ":" in address else f"study:{address}").text

    def _result(self, rest: str, bare: bool) -> Quote:
        analysis, _, name = rest.partition("#")
        page = f"analyses/{analysis}"
        outputs = self._numbers_of(page)
        if outputs is None:
            raise KeyError(f"no executed analysis {analysis}; its page would be {page}.md")
        if name not in outputs:
            raise KeyError(f"{page} shows no number {name}; it shows {', '.join(sorted(outputs)) or 'none'}")
        if outputs[name]["kind"] == "words":
            said = outputs[name]["record"]
            details = [("Result", said["label"]), ("Recomputed by", self.question(page))]
            files = (executed_path(self.root, page),)
            return Quote(said["text"], _filled(details), page, f"r-{name}", files, said["text"])
        number = Number(**outputs[name]["record"])
        interval = ""
        if number.low is not None and number.high is not None:
            interval = f"{format_number(number.low, number.digits)} to {format_number(number.high, number.digits)}"
        text = number.text
        if not bare:
            text += (f" {number.unit}" if number.unit else "") + (f" ({interval})" if interval else "")
        details = [
            ("Result", number.label),
            ("Interval", f"{interval}, {number.interval}" if interval and number.interval else interval),
            ("No interval", number.no_interval_because or ""),
            ("Recomputed by", self.question(page)),
        ]
        files = (executed_path(self.root, page),)
        return Quote(text, _filled(details), page, f"r-{name}", files, number.text, number.unit, number.value)

    def _numbers_of(self, page: str) -> Mapping[str, Any] | None:
        """Return the numbers and words that an analysis shows, by name; None where no true execution is kept."""
        path = executed_path(self.root, page)
        at = page, file_state(path) if path.is_file() else None
        if at not in self._shown:
            notebook = load_executed(self.root, page)
            outputs = None if notebook is None else named_outputs(notebook)
            self._shown[at] = outputs and {n: o for n, o in outputs.items() if o["kind"] in ("number", "words")}
        return self._shown[at]


@cache
def _first_heading(path: Path, _state: tuple[int, ...]) -> str:
    found = re.search(r"^# (.+)$", path.read_text(encoding="utf-8-sig"), re.MULTILINE)
    return found[1].strip() if found else path.stem


def _filled(details: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((label, text) for label, text in details if text)


def measured_text(measurement: Measurement) -> str:
    """Return a measurement as prose shows it: value, unit and interval."""
    interval = measurement.interval
    ends = f" ({interval[0]:g} to {interval[1]:g})" if interval else ""
    return f"{measurement} {measurement.unit}{ends}" if measurement.value is not None else str(measurement)


def comparator_text(measurement: Measurement) -> str:
    """Return what a measurement is compared with, in words."""
    other = measurement.comparator
    if other is None:
        return ""
    of = f", n {other.n:,}" if other.n else ""
    return f"{other} ({other.condition}{of})" if str(other) != "not stated" else f"{other.condition}{of}"


def n_text(measurement: Measurement) -> str:
    """Return how many of what stand behind a measurement."""
    count = f"{measurement.n:,}" if measurement.n else ""
    return " ".join(part for part in (count, measurement.n_of or "") if part)


def card_html(quote: Quote, uri: str, card_id: str) -> str:
    """Return a quoted number as HTML: a link that works without scripts, and a card on hover or focus."""
    rows = "".join(f"<span><b>{html.escape(label)}</b> {html.escape(text)}</span>" for label, text in quote.details)
    return (
        f'<span class="num"><a class="num__value reference internal" href="{html.escape(uri, quote=True)}" '
        f'aria-describedby="{card_id}">{html.escape(quote.text)}</a>'
        f'<span class="num__card" id="{card_id}">{rows}</span></span>'
    )


def data_of(output: Any) -> str:
    """Return an output's HTML."""
    text = output["data"].get("text/html", "")
    return "".join(text) if isinstance(text, list) else str(text)
