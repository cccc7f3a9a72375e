"""Numbers and names as print has them: signs, powers of ten, days and formulas in the HTML of a page."""

from __future__ import annotations

import re

import pytest

from review_book.sphinx.typesetting import AS_TYPED, set_type


def whole(text):
    """What stands on one line."""
    return f'<span class="whole">{text}</span>'


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("<td>-0.3</td>", "<td>−0.3</td>"),
        ("fell by 2 (-442 to -1)", "fell by 2 (−442 to −1)"),
        ("a 2-3 split", "a 2-3 split"),
        ("<a>GPT</a>-3", "<a>GPT</a>-3"),
        ("6.82e+10", "6.82\xa0×\xa010¹⁰"),
        ("1e25 FLOP", "10²⁵ FLOP"),
        ("1.07e+03 and 2.1e-07", "1,070 and 2.1\xa0×\xa010⁻⁷"),
        ("-2.1e-03", "−0.0021"),
        ("toy-1b=1e9", "toy-1b=1e9"),
        ("the digest 4e10ab", "the digest 4e10ab"),
        ("of GPT-3's jumps", f"of {whole('GPT-3')}'s jumps"),
        ("(Llama-3.1-8B), so", f"{whole('(Llama-3.1-8B),')} so"),
        ("slower (2022-06-30)", f"slower {whole('(2022-06-30)')}"),
        ("since 2024-11", f"since {whole('2024-11')}"),
        ('<td class="whole">2024-11-30</td>', '<td class="whole">2024-11-30</td>'),
        ('<a class="num__value" href="#">58 minutes</a>', f'<a class="num__value" href="#">{whole("58 minutes")}</a>'),
        ("under <math><mi>a</mi></math>, or", f"under {whole('<math><mi>a</mi></math>,')} or"),
        ("<math>a</math> b <math>c</math>.", f"<math>a</math> b {whole('<math>c</math>.')}"),
        ('<math display="block">a</math>.', '<math display="block">a</math>.'),
    ],
)
def test_text_is_set_as_print_has_it(typed, printed):
    """A minus is a minus and a power a power; what is one is not broken, and what is no number stays."""
    assert set_type(typed) == printed


@pytest.mark.parametrize("tag", sorted(AS_TYPED))
def test_what_is_typed_stays_as_it_is(tag):
    """Code and fields keep what a program reads, and the text behind them is set."""
    assert set_type(f"<{tag}>-1e9 GPT-3</{tag}> -1") == f"<{tag}>-1e9 GPT-3</{tag}> −1"


def test_setting_twice_changes_nothing_that_is_read():
    """Words and numbers of a page that was set are the same when it is set again."""
    once = set_type("-3 and 2e-9 of GPT-4o on 2024-01-02, <math>a</math>, end")

    assert re.sub("<[^>]*>", "", set_type(once)) == re.sub("<[^>]*>", "", once)
