"""A box in which a reader tries a curve of their own: it stands in a page, needs no kernel, and sends nothing anywhere.

The page carries what the site's script needs: accounts with their priors, and how forecasts fared. Without scripts the box
is hidden, and the page says what to run instead.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from review_utils.show import present

ACCOUNT = ("name", "says", "family", "mass", "unknowns", "place")
RECORD = ("view", "distance", "curves", "clusters", "half", "ninety", "ninety_low", "ninety_high", "beyond")
"""What the script needs of an account, and of a row of the record of forecasts."""


def _kept(row: Mapping[str, Any], fields: Sequence[str], what: str) -> dict[str, Any]:
    if missing := set(fields) - set(row):
        raise ValueError(f"{what} without {', '.join(sorted(missing))}; needed: {', '.join(fields)}")
    return {name: row[name] for name in fields}


def known_of(
    accounts: Mapping[str, Sequence[Mapping[str, Any]]], record: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what the script is told.

    Raises
    ------
    ValueError
        Without accounts of shares and of losses, or for a row that lacks a field.
    """
    if set(accounts) != {"share", "loss"} or not all(accounts.values()):
        raise ValueError(f"given accounts of {', '.join(accounts) or 'nothing'}; needed: of share and of loss")
    return {
        "accounts": {kind: [_kept(row, ACCOUNT, "an account") for row in rows] for kind, rows in accounts.items()},
        "record": [_kept(row, RECORD, "a row of the record") for row in record],
    }


def trial_html(known: Mapping[str, Any], example: str, otherwise: str) -> str:
    """Return the box as HTML, with the table that it opens with and what a reader without scripts is told."""
    payload = json.dumps(known, separators=(",", ":"), sort_keys=True).replace("<", "\\u003c")
    kinds = (("", "as its column says"), ("share", "shares, 0 to 1"), ("percent", "percent"), ("loss", "a loss"))  # fmt: skip
    overs = (("", "as its column says"), ("scale", "models of different size"), ("training", "checkpoints of one run"))  # fmt: skip

    def choice(name: str, label: str, options: Sequence[tuple[str, str]]) -> str:
        listed = "".join(f'<option value="{value}">{html.escape(text)}</option>' for value, text in options)
        return f'<label>{label}<select name="{name}">{listed}</select></label>'

    return (
        f"<noscript><p>{html.escape(otherwise)}</p></noscript>"
        '<div class="review-curve review-js-only"><form>'
        '<label class="review-curve__table">Your scores, as a table with column names (paste, drop a file, or choose one)'
        f'<textarea name="table" spellcheck="false" rows="10">{html.escape(example)}</textarea></label>'
        '<label>A file<input name="file" type="file" accept=".csv,.tsv,.txt,text/csv"></label>'
        f"{choice('kind', 'What a score is', kinds)}"
        '<label>Test items behind each score<input name="items" inputmode="numeric" autocomplete="off" placeholder="not known"></label>'
        '<label>Share right by guessing<input name="chance" inputmode="decimal" autocomplete="off" placeholder="0"></label>'
        f"{choice('over', 'Over what', overs)}</form>"
        '<p role="alert" class="review-curve__error"></p>'
        '<div role="status" aria-live="polite" class="review-curve__result"></div>'
        f'<script type="application/json">{payload}</script></div>'
        '<script src="@file/_static/review/curve.js" defer></script>'
    )


def trial(
    name: str,
    accounts: Mapping[str, Sequence[Mapping[str, Any]]],
    record: Sequence[Mapping[str, Any]],
    *,
    example: str,
    otherwise: str,
) -> None:
    """Show the box.

    Parameters
    ----------
    name : str
        Lower-case letters, digits and dashes.
    accounts : mapping
        Of ``share`` and of ``loss``: rows with the fields of `ACCOUNT`.
    record : sequence of mappings
        Rows with the fields of `RECORD`.
    example : str
        The table that it opens with.
    otherwise : str
        What a reader without scripts is told, in a sentence.
    """
    known = known_of(accounts, record)
    plain = f"a box for a curve of one's own: {sum(map(len, known['accounts'].values()))} accounts, {len(known['record'])} rows of the record"
    present({"text/html": trial_html(known, example, otherwise), "text/plain": plain}, name, "trial", {"known": known, "example": example})  # fmt: skip
