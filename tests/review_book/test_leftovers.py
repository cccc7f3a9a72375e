"""What is left of Markdown in a page, and what markup made of words that were meant as words."""

from __future__ import annotations

import pytest

from review_book.living.prose import check_prose
from review_book.review import Review
from review_book.sphinx.markup import faults

ROLE = "needed: a role and its backtick with no space between, as {cite:p}`key`"
BRACES = "needed: a role in braces"
CITE = "needed: {cite:p}`key`, with the work in data/references.bib"
LINK = "needed: a link as [words](page.md), with no space within"
MONEY = "needed: $ at both ends of mathematics"
MATHS = "needed: mathematics between dollars"
STRESS = "needed: *words* for stress"
BOX = "needed: ```{note}"
TABLE = "needed: below the head of a table a line |---|---|"
BEGINS = "needed: other words at the beginning of the line"
ENTITY = "needed: the sign that it stands for"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("See {num} `claim:mean-height`.", f"given {{num}} in See {{num}} ….; {ROLE}"),
        ("See {cite:p}\n`newton1687tides`.", f"given {{cite:p}} in See {{cite:p}}; {ROLE}"),
        ("See {num 'claim:mean-height'}.", f"given {{num in See {{num 'claim:mean-height'}}.; {ROLE}"),
        ("See {{ height }}.", f"given {{ in See {{{{ height }}}}.; {ROLE}"),
        ("## Heights {#heights}", f"given {{#heights}} in Heights {{#heights}}; {ROLE}"),
        ("See num`claim:mean-height`.", BRACES),
        ("See (num)`claim:mean-height`.", BRACES),
        ("See num `claim:mean-height`.", BRACES),
        ("See :cite:p:`newton1687tides`.", "given :cite:p:… in See :cite:p:….; needed: Markdown, as {cite:p}`key`"),
        ("See `the page <x>`_ of it.", "needed: Markdown, as {cite:p}`key`"),
        (".. note:: So it is.", "needed: Markdown, as {cite:p}`key`"),
        ("See [the page] (tides.md).", f"given a link that leads nowhere, ] (tides.md); {LINK}"),
        ("See [the page]\n(https://x.invalid/a).", f"given a link that leads nowhere, ]; {LINK}"),
        ("See (the page)[tides.md].", f"given a link that leads nowhere, )[tides.md]; {LINK}"),
        ("See [[tides]].", f"given a link that leads nowhere, [[; {LINK}"),
        ("See [@newton1687tides].", f"given [@newton1687tides] in See [@newton1687tides].; {CITE}"),
        ("See @newton1687tides of it.", f"given @newton1687tides in See @newton1687tides of it.; {CITE}"),
        (r"See \cite{newton1687tides}.", f"given \\cite{{newton1687tides}} in See \\cite{{newton1687tides}}.; {CITE}"),
        ("So $$L=E$$ holds.", f"given $ in So $…$ holds.; {MONEY}"),
        ("It costs $5.", f"given $ in It costs $5.; {MONEY}"),
        ("$$\nE = m\n\nSo it is.", f"given $$; {MONEY}"),
        ("It costs $a and $b.", "given $a and $; needed: mathematics alone between two dollars, with no space at its ends"),
        ("So $the high tides rise$.", "given $the high tides rise$; needed: mathematics alone"),
        (r"So \(N\) rises.", f"given …N… in So …N… rises.; {MATHS}"),
        (r"So \[E = m\] holds.", MATHS),
        (r"So \alpha rises.", f"given \\alpha in So \\alpha rises.; {MATHS}"),
        ("So N^a rises.", f"given ^ in So N^a rises.; {MATHS}"),
        ("So N_c rises.", "given _ in So N_c rises.; needed: backticks around a name"),
        ("So x**a + y**b rises.", f"given ** within x**...; {MATHS}"),
        ("So a*b*c rises.", f"given * within a*...; {MATHS}"),
        ("It *falls and rises.", "given * in It *falls and rises.; needed: * at the end, too"),
        ("It _falls and rises.", "given _ in It _falls and rises.; needed: _ at the end, too"),
        ("It ~~falls~~ rises.", f"given ~~ in It ~~falls~~ rises.; {STRESS}"),
        ("It ==falls== rises.", f"given == in It ==falls== rises.; {STRESS}"),
        ("The ''high'' tides.", f"given '' in The ''high'' tides.; {STRESS}"),
        ("The ``high'' tides.", f"given ``high'' in The ``high'' tides.; {STRESS}"),
        ("The `high tides.", "given ` in The `high tides.; needed: ` at the end, too"),
        ("The &foo; tides.", f"given &foo; in The &foo; tides.; {ENTITY}"),
        ("The &nbsp tides.", f"given &nbsp in The &nbsp tides.; {ENTITY}"),
        ("See <https://x.invalid/a b>.", "needed: an address without spaces, and > at its end"),
        ("H<sub>n of it all.", "given <sub> that has no end; needed: </sub> at its end"),
        ("H</sub>n of it all.", "given </sub>; needed: <sub> before it"),
        ("> [!NOTE]\n> So it is.", f"given [!NOTE]; {BOX}"),
        ("!!! note\n    So it is.", f"given !!! note; {BOX}"),
        ("So it is.\n\n:::", "given :::"),
        (":::note\nSo it is.\n:::", "given :::note; needed: :::{note}: without its braces all within is printed"),
        ("```show tides/heights#heights\n```", "given ```show tides/heights#heights; needed: ```{show}"),
        ("```{show tides/heights#heights\n```", "given ```{show tides/heights#heights; needed: ```{show}"),
        ("(heights)= ## Heights", "given (heights)= in (heights)= ## Heights; needed: an address of a heading"),
        ("It is{num}`claim:mean-height`.", "given … in It is….; needed: a space between a word and what is quoted beside it"),
        ("It is {num}`claim:mean-height`high.", "needed: a space between a word and what is quoted beside it"),
        ("See www.x.invalid/a.", "given www.x.invalid/a in See www.x.invalid/a.; needed: https:// before it"),
        ("Give it --force.", "given --force in Give it --force.; needed: backticks around an option"),
        ("```{note} So it *is.\nIt is.\n```", "given * in So it *is.; needed: * at the end, too"),
        ("```{note}\nSo it *is.\n```", "given * in So it *is.; needed: * at the end, too"),
        ("##Heights", "given ##Heights; needed: a space after the last #"),
        ("So it is.\n#Heights", "given #Heights; needed: a space after the last #"),
        ("+++ So it is.", "given +++ So it is.; needed: words that do not begin with +++"),
    ],
)  # fmt: skip
def test_markup_that_made_none_is_named(mini, fault, said):
    """Signs of markup that would be printed as they are typed, of Markdown as of its kin, are named with their line."""
    _is_said(mini, fault, said)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("| a | b |\n|---|\n| c | d |", TABLE),
        ("a | b\n--|\nc | d", TABLE),
        ("The chance p(a|b) rises.", TABLE),
        ("| a | b |\n|---|---|\n| c | d |\nSo it is.", "given a line that the table above takes in, So it is.; needed: an empty line"),
        ("-first\n-second", BEGINS),
        ("So it was in\n31. It is so.", f"given 31. It is so.; {BEGINS}"),
        ("1.first\n2.second", BEGINS),
        ("A word\n: and what follows.", f"given : and what follows.; {BEGINS}"),
    ],
)  # fmt: skip
def test_a_table_or_a_list_that_is_none_is_named(mini, fault, said):
    """Rows that no line parts from a head, words that a table takes in, and points whose sign touches them."""
    _is_said(mini, fault, said)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("The tide is the moon's part\n+ the sun's part\n+ the rest.", "given a list in the midst of a paragraph, + the sun's part"),
        ("The tide is the moon's part\n- the rest.", "given a list in the midst of a paragraph, - the rest.; needed: an empty line"),
        ("The tides are\n* high", "given a list in the midst of a paragraph, * high"),
        ("The tides are\n1. high", "given a list in the midst of a paragraph, 1. high"),
        ("> The tides are\n> - high", "given a list in the midst of a paragraph, > - high"),
        ("The moon's part is\n> the sun's part.", "given a quote in the midst of a paragraph, > the sun's part."),
        ("It is issue\n## of them", "given a heading in the midst of a paragraph, ## of them; needed: an empty line"),
        ("+ the sun's part.", f"given a list that begins with + the sun's part.; {BEGINS}"),
        ("- The tide is the moon's\n  + the sun's part.", f"given a list that begins with + the sun's part.; {BEGINS}"),
        ("- high\n- low\nSo it is.", "given a line that the list above takes in, So it is.; needed: an empty line after the list"),
        ("> 5 metres of it.", f"given a quote that begins with > 5 metres of it.; {BEGINS}"),
        ("> high\nSo it is.", "given a line that the quote above takes in, So it is.; needed: an empty line after the quote"),
        ("So it is.\n---", "given So it is. above a line of -, a heading; needed: # before a heading; an empty line before a rule"),
        ("So it is\n=", "given So it is above a line of =, a heading"),
        ("##", "given ## without words; needed: the words of a heading"),
        ("## High tides\n\n## High *tides*?", "given the heading High *tides*? once more; needed: another one than that of line"),
    ],
)  # fmt: skip
def test_words_that_markup_took_for_its_own_are_named(mini, fault, said):
    """A sign at the beginning of a line, or a line of signs below it, makes lists, quotes and headings of plain words."""
    _is_said(mini, fault, said)


@pytest.mark.parametrize(
    "fault",
    [
        "It is the `level of 1831.\n\nIt is {num}`claim:mean-height`, `code` of {cite:p}`newton1687tides`.",
        "It is {num}`claim:mean-height’ of 1831 m.\n\nIt is {num}`claim:mean-height`, `code` of {cite:p}`newton1687tides`.",
        "See [@newton1687tides] of 12 tides.",
        r"See \cite{newton1687tides}.",
    ],
)
def test_what_follows_from_a_fault_is_not_told(mini, fault):
    """A backtick that is missing turns code and words about: it is named, and not each number and quote behind it."""
    page = mini / "chapters" / "tides.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(f"{text}\n{fault}\n", encoding="utf-8")

    found = check_prose(Review(mini))
    assert {(p.line, p.field) for p in found} == {(text.count("\n") + 2, "(markup)")}
    assert all(len(str(p)) < 250 for p in found)


def _is_said(mini, fault, said):
    """Plant a fault at the end of a chapter, and find it said with its file and line, and nothing else."""
    page = mini / "chapters" / "tides.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(f"{text}\n{fault}\n", encoding="utf-8")

    found = {str(problem): problem for problem in check_prose(Review(mini)) if problem.field == "(markup)"}
    assert found
    assert all(said in one for one in found), found
    assert all(problem.line >= text.count("\n") + 2 for problem in found.values())


@pytest.mark.parametrize(
    "text",
    [
        r"\{num\} \$5 \* \_ \# \| \^ \~~ \&foo; [a\] (b.md) \[sic\]",
        "Groups & tides, R&D, AT&T, C++ and [sic], number #1, a/b, (so), tides [0, 1] (and/or 2), x@1, a < b, ~5 %.",
        "See https://x.invalid/a_b?c=d#e~f and a@x.invalid, `{num} $x | y`, ``{num}`x` ``, the statement `a`.",
        "**T**ides, *a* b, $a$-th, $x^2_{k}$, $\\text{the high tides}$, $\\mathrm{high tides} = \\sin \\theta$.",
        "H<sub>n</sub> and <sup>a<sub>b</sub></sup> &amp; &mdash; b  \nc\\\nd",
        "> | a | b |\n> |---|---|\n> | c \\| d | - |\n> | : e | 1. f |",
        "- a\n- b\n  c\n  - d\n\n    e\n- f",
        "> a\n> b\n>\n> - c\n> - d",
        "## 1. A heading\n\n## A heading of [words](tides.md)\n\nWords.\n\n---\n\nSo it is\n- or not".replace(
            "\n- ", "\n– "
        ),
        "$$\na = b\n$$ (label)\n\n(target)=\n## Heading\n\nWords.\n\n***\n\nSo[^a] it is.\n\n[^a]: It is.",
    ],
)
def test_signs_that_are_meant_pass(mini, text):
    """Escaped signs, code, addresses, mathematics, and lists, quotes and tables that stand alone are no faults."""
    assert list(faults(text, mini, "chapters/tides")) == []


def test_what_a_build_writes_is_not_asked(mini):
    """A page that is written from a record has its signs from there, and is not asked for them."""
    assert (mini / "data" / "findings" / "brest.yml").is_file()
    assert list(faults(r"# Tides \(N\)", mini, "findings/brest")) == []
    assert list(faults(r"# Tides \(N\)", mini, "chapters/tides")) != []
