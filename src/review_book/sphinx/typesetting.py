"""How numbers and names are set in the text of a page: as print has them, and broken over no two lines."""

from __future__ import annotations

import re
from typing import Final

_MATHS = re.compile(
    r"[(\[“‘]?<math\b(?![^>]*display=\"block\")[^>]*>(?:(?!</math>).)*</math>(?:[,.;:!?)\]”’]|&(?:quot|#x27);)+",
    re.DOTALL,
)
"""A formula in a line and the marks behind it, before which a browser would break the line."""

AS_TYPED: Final = frozenset(["button", "code", "kbd", "math", "option", "pre", "samp", "script", "style", "svg", "textarea", "title"])  # fmt: skip
"""What is shown as it was typed, or drawn: nothing in it is set anew."""

_TAG = re.compile(r"(<[^>]*>)")
_TYPED = re.compile(rf"<(/?)(?:{'|'.join(sorted(AS_TYPED))})(?![a-zA-Z0-9])[^>]*(?<!/)>", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_SIGN = re.compile(r"(?<![\w.,)\]/’”'\";=−–-])-(?=\d)")
_POWER = re.compile(r"(?<![\w.=])(\d+(?:\.\d+)?)e([+-]?\d{1,3})(?!\w|\.\d)")
_WHOLE = re.compile(
    r"[(\[“‘]?(?<![\w/.−–-])(?:(?:19|20)\d\d-[01]\d(?:-[0-3]\d)?|[A-Z][A-Za-z]{1,11}-\d(?:[\dA-Za-z.-]{0,8}[\dA-Za-z])?)(?![\w/]|\.\w)[,.;:!?)\]”’]*"
)
"""A day, a month, or the name of a model with its number, with the marks about it."""

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SHORT: Final = 18
"""Letters up to which a quoted number stands on one line with its unit."""


def _power(match: re.Match[str]) -> str:
    digits, power = match[1], int(match[2])
    if -4 <= power <= 5:
        places = max(0, len(digits.partition(".")[2]) - power)
        return f"{float(match[0]):,.{places}f}"
    return f"{'' if digits == '1' else f'{digits} × '}10{str(power).translate(_RAISED)}".replace(" ", "\xa0")


def raised(text: str) -> str:
    """Return text with the powers of ten in it as print has them.

    Examples
    --------
    >>> raised("1e+25 FLOP, a ratio of 2.73e+3")
    '10²⁵ FLOP, a ratio of 2,730'
    """
    return _POWER.sub(_power, text)


def _words(text: str, tag: str, before: str) -> str:
    text = raised(text) if "e" in text else text
    if "-" not in text and "num__value" not in tag:
        return text  # neither a sign nor a day nor a name with its number
    joined = before[-1:].isalnum() or before.endswith((")", "]"))  # the text goes on behind a link or a sign
    text = _SIGN.sub(lambda m: "-" if joined and m.start() == 0 else "−", text)
    if "whole" in tag:
        return text
    if "num__value" in tag and len(text) <= SHORT:
        return f'<span class="whole">{text}</span>' if " " in text else text
    return _WHOLE.sub(r'<span class="whole">\g<0></span>', text)


def set_type(body: str) -> str:
    r"""Return the HTML of a page with signs, powers of ten, days, names of models and formulas set as print has them.

    Examples
    --------
    >>> set_type("<td>3.95e+04</td> <td>1e9</td> <code>1e9</code>")
    '<td>39,500</td> <td>10⁹</td> <code>1e9</code>'
    """
    body = _MATHS.sub(r'<span class="whole">\g<0></span>', body) if "<math" in body else body
    pieces = _TAG.split(body)
    typed, before = 0, ""
    for i, piece in enumerate(pieces):
        if i % 2:
            if mark := _TYPED.match(piece):
                typed += -1 if mark[1] else 1
        elif piece and not typed:
            if _DIGIT.search(piece):
                pieces[i] = _words(piece, pieces[i - 1] if i else "", before)
            before = piece
    return "".join(pieces)
