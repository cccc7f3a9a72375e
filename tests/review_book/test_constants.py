"""Mathematics in prose is computed again."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from review_book.living.constants import unequal, unlike_laws, value_of


@pytest.mark.parametrize(
    ("tex", "value"),
    [
        (r"6 \times 10^{23}", 6e23), (r"\frac{1}{4}", 0.25), ("0.9^4", 0.9**4), (r"10^{-0.35}", 10**-0.35), ("1{,}000", 1000.0),
        ("p^4", None), (r"\log 2", None), ("2^{9999}", None), ("1/0", None), ("", None), ("9" * 5, 99999.0), ("__import__", None),
    ],
)  # fmt: skip
def test_an_expression_in_plain_numbers_has_a_value(tex, value):
    """Powers, fractions, products and thousands; letters, and what no computer holds, have none."""
    found = value_of(tex)
    assert found == value if value is None else found == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "given"),
    [
        (r"goes from $0.3^4 = 0.008$ to $0.6^4 = 0.13$", []), (r"falls by $10^{-0.35} = 0.45$", []),
        (r"falls by $10^{-0.35} = 0.54$", ["10^{-0.35} = 0.54"]), (r"$6 \times 70 \times 1400 = 588000$", []),
        (r"$2 \times 3 = 5$", [r"2 \times 3 = 5"]), (r"$E = 1.8$ and $p^4 = 0.1$", []), (r"$\frac{1}{3} \approx 0.33$", []),
    ],
)  # fmt: skip
def test_an_equation_between_plain_numbers_holds_to_its_digits(text, given):
    """What is printed as equal is so, to a unit in the last digit; an equation with letters is not asked."""
    assert [said for _, said, _ in unequal(text)] == given


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("{cite:p}`a2020b`: $E = 1.8172$, $\\alpha = 0.35$.", []),
        ("{cite:p}`a2020b`: $E = 1.8127$.", ["1.8172, the constant of a2020b"]),
        ("{cite:t}`c2021d,a2020b` $\\alpha = 0.3748$.", ["0.3478, the constant of a2020b"]),
        ("{cite:p}`c2021d`: $E = 1.8127$.", []), ("{cite:p}`a2020b`\n\n$E = 1.8127$", []), ("{cite:p}`a2020b`: $F = 2$", []),
    ],
)  # fmt: skip
def test_a_constant_beside_its_work_is_that_of_its_law(text, needed):
    """Digits that changed places in a formula are seen where the paragraph cites the work whose law is on record."""
    constants = [SimpleNamespace(symbol="E", value=1.8172), SimpleNamespace(symbol="alpha (C4)", value=0.3478)]
    law = SimpleNamespace(cite="a2020b", constants=constants)

    found = list(unlike_laws(text, [law]))
    assert [need for *_, need in found] == needed
    assert all(text[at] == "$" for at, *_ in found)
