"""Names of outputs are told from the code of a notebook alone."""

from __future__ import annotations

import pytest
from conftest import write_notebook

from review_book.execute.names import misnamed, named_twice

PAGE = "analyses/x/one"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("show.number('high', x, '', 'how high')", "high"),
        ("for end, value in zip(('low', 'high'), ends):\n    show.number(f'span-{end}', value, '', end)", "span-high"),
        ("LABELS = {'low': 1, 'high': 2}\nfor name, value in LABELS.items():\n    show.number(name, value, '', 'x')", "high"),
        ("held = show.held\nheld('high', x, 1, 0.1, '', 'how high')", "high"),
        ("from science import NAMES\nfor name in NAMES:\n    show.number(name, 1, '', 'x')", "any"),
        ("def shown(name):\n    show.number(name, x, '', 'x')\nshown(other())", "any"),
        ("name = named(x)\nshow.number(name, x, '', 'x')", "any"),
        ("for a, name in pairs:\n    show.number(name, x, '', 'x')", "any"),
        ("for name in ['low', *others]:\n    show.number(name, x, '', 'x')", "any"),
        ("show.number(f'{kind}', x, '', 'x')", "any"),
    ],
)  # fmt: skip
def test_a_name_that_a_notebook_shows_or_may_show_passes(little, code, name):
    """A name in the code passes, one of which it holds a part as well; where only an execution tells, any does."""
    write_notebook(little, PAGE, code)

    assert misnamed(little, PAGE, name, "number", "words") is None


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("show.number('high', x, '', 'how high')", "number", "a name under which analyses/x/one.md shows a number; did you mean high?"),
        ("for end in ('low', 'high'):\n    show.number(f'span-{end}', 1, '', end)", "number", "it names none in so many words"),
        ("LABELS = [('low', 1), ('least', 2)]\nfor name, value in LABELS:\n    show.number(name, value, '', 'x')", "number", "it names none"),
        ("show.figure('hight', chart, 'A line')", "number", "the name of a number; analyses/x/one.md shows hight as a figure"),
    ],
)  # fmt: skip
def test_a_name_that_no_code_holds_is_named(little, code, kind, said):
    """It is told with the names that there are, or with the kind of what stands under it."""
    write_notebook(little, PAGE, code)

    assert said in str(misnamed(little, PAGE, "hight", kind))


def test_a_name_that_two_outputs_have_is_named_at_the_second(little):
    """Whatever kinds they are of; what one of two branches shows, or a function, may have the name of another."""
    code = "show.count('high', 1, 'x')\nif x:\n    show.count('low', 1, 'x')\nelse:\n    show.count('low', 2, 'x')"
    more = "y = 1\nshow.table('high', frame, 'X')\nshow.words('least', y, 'x')"
    path = write_notebook(little, PAGE, f"{code}\n```\n\n```{{code-cell}} python\n{more}")
    text = path.read_text(encoding="utf-8")

    ((start, name),) = named_twice(text)
    assert (name, text[start:].partition("\n")[0]) == ("high", "show.table('high', frame, 'X')")
