"""What the markup of a page may do."""

from __future__ import annotations

from itertools import takewhile

import pytest
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from review_book.living.prose import check_prose
from review_book.review import Review
from review_book.sphinx.directives import CHAPTER_PARTS
from review_book.sphinx.forms import OF_ONE
from review_book.sphinx.markup import _CELL, OF_A_CHAPTER, OURS, _hollow, _parser

CLOSED = "needed: --> at its end"
WORDS = "needed: what it shows"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("<!-- oops\n\n## What was measured", [CLOSED]),
        ("It <!-- oops\n\nis so --> here.", [CLOSED]),
        ("<!-- oops\n\n## What was measured\n\n<!-- uncited: why -->", [CLOSED]),
    ],
)
def test_a_comment_that_is_not_closed_is_named(mini, fault, said):
    """What would swallow the rest of a page, or all up to the next comment, is named where it begins."""
    _is_said(mini, fault, said)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("```{raw} html\n<script>1</script>\n```", ["given {raw}; needed: one of show, "]),
        ("> ~~~{eval-rst}\n> x\n> ~~~", ["given {eval-rst}"]),
        (":::{shwo} tides/heights#heights\n:::", ["did you mean show?"]),
        ("{raw-html}`x`", ["given {raw-html}`x`; needed: one of num, "]),
        ("{nmu}`claim:mean-height`", ["did you mean num?"]),
        ("So <script>window.x = y</script>", ["given <script>", "given </script>"]),
        ("<!-- uncited: why --> <img src=x onerror=alert()>", ["given <img src=x onerror=alert()>"]),
        ("```{note}\nSo <b onclick=x>\n```", ["given <b onclick=x>; needed: Markdown"]),
        ("<steam:x>", ["given a link to steam:x; needed: an address that begins with https:"]),
    ],
)
def test_what_could_run_in_a_reader_s_browser_is_refused(mini, fault, said):
    """Markup, directives and roles that a page has no use for are named, with those that it may use and a near miss."""
    _is_said(mini, fault, said)


OUTSIDE = "../../../../../../../../../../../../etc/passwd"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (f"```{{include}} {OUTSIDE}\n```", ["given {include}"]),
        (f"```{{literalinclude}} {OUTSIDE}\n```", ["given {literalinclude}"]),
        (f"```{{csv-table}}\n:file: {OUTSIDE}\n```", ["given {csv-table}"]),
        ("```{csv-table}\n:url: https://other.invalid/x.csv\n```", ["given {csv-table}"]),
        (f"{{download}}`x <{OUTSIDE}>`", ["given {download}"]),
        (f"[x]({OUTSIDE})", ["given a link to ../", "needed: a page of this review"]),
        ("[x](/etc/passwd)", ["given a link to /etc/passwd"]),
        ("[x][y]\n\n[y]: ../.git/config", ["given a link to ../.git/config"]),
        ("<path:/etc/passwd>", ["given a link to path:/etc/passwd"]),
        ("[x](../data/external/theirs.csv)", ["given a link to ../data/external/theirs.csv"]),
        (f"![x]({OUTSIDE})", ["given a picture at ../"]),
        (f"```{{figure}} {OUTSIDE}\n:alt: x\n```", ["given a picture at ../"]),
        ("![x](//other.invalid/x.png)", ["given a picture at //other.invalid/x.png"]),
        ("![](https://other.invalid/x.png)", ["a picture at https://other.invalid/x.png", WORDS]),
        ("```{image} ../assets/favicon.svg\n```", [WORDS]),
    ],
)
def test_what_lies_outside_the_review_is_not_published(mini, fault, said):
    """A file beyond the review, hidden in it or brought from others, and what another host serves, is named and refused."""
    _is_said(mini, fault, said)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("# Another title", ["given a second title; needed: one line"]),
        ("It is {num}``.", ["given {num}`` in It is {num}``.; needed: what it is to say"]),
        ("It **falls and rises.", ["given ** in It **falls and rises.; needed: ** at the end, too"]),
        ("It falls\nand `never ends.", ["given ` in and `never ends."]),
        (
            "| a | b |\n|---|---|\n| c | d | e |",
            ["given a row of 3 cells below 2 heads; needed: a head over each cell"],
        ),
        ("1. a\n3. b\n7. c", ["given a list numbered 1, 3, 7; needed: numbers one after the other"]),
        ("[x](https://arxiv.org/abs/1706.03762)", ["given https://arxiv.org/abs/1706.03762; needed: {cite:p}`key`"]),
        (
            "So <https://doi.org/10.1000/x>.",
            ["given https://doi.org/10.1000/x; needed: {cite:p}`key`", "the typed number 10.1000"],
        ),
        ("It is so. <!-- uncited: -->", ["given <!-- uncited: -->; needed: <!-- uncited: the reason -->"]),
        ("It is so. <!-- uncited:   -->", ["given <!-- uncited: -->; needed: <!-- uncited: the reason -->"]),
        ("It is so <!--number: why--> 4.", ["given <!--number: why-->; needed: <!-- number: the", "typed number 4"]),
        (
            "It is so <!-- Numbers: why --> 4.",
            ["given <!-- Numbers: why -->; needed: <!-- number: the", "typed number 4"],
        ),
        ("```{show} tides/heights#heights\n:widht: 50%\n```", ["given :widht: 50% in {show}; needed: no option"]),
        ("```{show} tides/heights#heights\nIt is so.\n```", ["given It is so. in {show}; needed: nothing within"]),
        (
            "```{finding} brest\n:sectoin: Summary\n```",
            ["given :sectoin: Summary in {finding}; needed: one of section; did you mean"],
        ),
        ("```{figure} ../assets/favicon.svg\n:alt: x\n:widht: 5px\n```", ["needed: one of alt, height"]),
        (
            "```{note}\n:clas: x\nIt is so.\n```",
            ["given :clas: x in {note}; needed: one of class, name; did you mean class?"],
        ),
        ("```{code-cell} python\nprint(1)\n```", ["given a code cell, which no chapter has; needed: an analysis"]),
    ],
)
def test_what_a_page_has_no_place_for_is_named(mini, fault, said):
    """A second title, a role that says nothing, and a code cell in a chapter, which is not told as a typed number."""
    _is_said(mini, fault, said)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("% of all tides are alike.", ["given % of all tides are alike.; needed: words that do not begin with %"]),
        ("Of all tides\n%\nsome are alike.", ["given %; needed: words that do not begin with %"]),
        ("[Aside]: tides-are-alike", ["given [Aside]: tides-are-alike; needed: a link that names it"]),
        ("```{note}\n[Aside]: tides-are-alike\n```", ["given [Aside]: tides-are-alike; needed: a link that names it"]),
        ("    Tides {num}`claim:mean-height` rise.", ["given an indented line, Tides {num}`claim", "{num}"]),
        (
            "<!-- number: why --> Tides {num}`claim:mean-height` rise.",
            ["given words after a comment, Tides {num}`claim"],
        ),
        ("- a\n\n      Tides rise.", ["given an indented line, Tides rise.; needed: no spaces before a paragraph"]),
    ],
)
def test_a_line_that_a_page_leaves_out_or_prints_as_typed_is_named(mini, fault, said):
    """A comment, an address that no link names and an indented block are told by what the page would make of them."""
    _is_said(mini, fault, said)


def _is_said(mini, fault, said):
    """Plant a fault at the end of a chapter, and find each thing said of it, with its file and line, and no other thing."""
    page = mini / "chapters" / "tides.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(f"{text}\n{fault}\n", encoding="utf-8")

    found = {str(problem): problem for problem in check_prose(Review(mini))}
    assert all(problem.line >= text.count("\n") + 2 for problem in found.values())
    assert all(any(word in one for one in found) for word in said), found
    assert all(any(word in one for word in said) for one in found), found


def test_what_a_page_may_say_passes(mini):
    """Pictures of the review with words, boxes, comments, links, mathematics, code, and the little HTML that does nothing."""
    page = mini / "chapters" / "tides.md"
    said = (
        "A \\*\\* and a \\` and `**` **b**, $a**b$.\n\n1. a\n1. b\n\nc\n\n2. c\n3. d\n\n> | a | b |\n> |---|---|\n> | `c\\|d` | e |\n\n"
        "![The mark](../assets/favicon.svg) H<sub>n</sub>O<br>so <!-- why --> [a](../index.md) [c](https://x.invalid/) [d][E]\n\n[e]: ../index.md\n\n"
        "```{note}\n`<script>` and $a<b>c$\n```\n\n```html\n<script>\n```\n\n<!-- one\ntwo -->\n"
    )
    page.write_text(f"{page.read_text(encoding='utf-8')}\n{said}", encoding="utf-8")

    assert check_prose(Review(mini)) == []


@pytest.mark.parametrize("info", ["python", "py", "ipython3", "{python}", "code-cell python", "{code-cell python"])
def test_a_cell_that_would_be_printed_and_never_run_is_named(mini, info):
    """In an analysis a block of Python is a cell: as a listing it would be shown, and nothing that it makes."""
    page = mini / "analyses" / "tides" / "heights.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(f"{text}\n```{info}\nx = 1\n```\n", encoding="utf-8")

    (said,) = check_prose(Review(mini))
    assert said.line == text.count("\n") + 2
    assert "{code-cell}" in said.needed or info == "{python}"


def test_the_head_of_a_page_does_not_set_the_parser(mini):
    """What the head of a page says beyond its kernel is named, since it could allow what the lists refuse."""
    page = mini / "chapters" / "tides.md"
    page.write_text(f"---\nmyst:\n  html_meta: x\n---\n\n{page.read_text(encoding='utf-8')}", encoding="utf-8")

    assert [p.given for p in check_prose(Review(mini))] == ["myst in the head"]


@pytest.mark.parametrize("given", ["word", "0.5", ".nan", "[1, 2]", "''"])
def test_a_share_that_is_none_in_the_head_is_named(mini, given):
    """How well the numbers of an analysis are known is a share that hides no result, said with its line by the check."""
    page = mini / "analyses" / "tides" / "heights.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("---\n", f"---\nknown_to: {given}\n", 1), encoding="utf-8")

    (said,) = (p for p in check_prose(Review(mini)) if "known_to" in p.given)
    assert (said.file, said.line) == ("analyses/tides/heights.md", 2)
    assert said.needed.startswith("a share from 1.1e-05 to 0.01")


@pytest.mark.parametrize("name", [*OF_A_CHAPTER])
def test_a_part_of_another_chapter_is_named(mini, name):
    """A chapter shows what is its own; a page beside the chapters shows one of them, or all."""
    for page, chapter, needed in (
        ("chapters/tides.md", "winds", "needed: tides, the chapter of this page"),
        ("chapters/tides.md", "all", "needed: tides, the chapter of this page"),
        ("methods.md", "tide", "a chapter; did you mean tides?"),
        ("methods.md", "tides", "data/glossary.yml names" if name == "terms" else None),
        ("methods.md", "all", "needed: a chapter" if name in OF_ONE else None),
    ):
        path = mini / page
        text = path.read_text(encoding="utf-8")
        path.write_text(f"{text}\n```{{{name}}} {chapter}\n```\n", encoding="utf-8")
        said = [str(problem) for problem in check_prose(Review(mini))]
        path.write_text(text, encoding="utf-8")

        assert len(said) == (needed is not None), said
        assert needed is None or (f"given {{{name}}} {chapter}; " in said[0] and needed in said[0])


def test_every_directive_of_ours_is_on_the_list():
    """The list of what a page may use holds each directive that makes a part of a chapter."""
    assert set(CHAPTER_PARTS) <= set(OURS)
    assert set(CHAPTER_PARTS) <= set(OF_A_CHAPTER)


def test_what_is_quick_reads_a_page_as_the_build_does(root):
    """Runs of plain letters, and cells without their code, give the tokens of the build's own parser, on the same lines."""
    config = MdParserConfig(enable_extensions={"colon_fence", "dollarmath"})
    plain = create_md_parser(config, RendererHTML)
    plain.disable("text_join")  # it puts together what was escaped and what was not
    text = (
        "# Title\n\nA *b* [c d](e.md 'f') ![g h](i.png) {num}`claim:j` $k$ <br> m! n@o & p: q\\\nr  \n"
        "```{code-cell} python3\n:tags: [s]\nt = '# `u`'\n````\nv\n"
    )
    pages = [text, *(path.read_text(encoding="utf-8") for path in sorted(root.glob("analyses/*/*.md"))[:5])]
    for page in pages:
        ours, theirs = _parser().parse(_CELL.sub(_hollow, page)), plain.parse(page)

        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            held = other.content.strip()
            if other.info.startswith("{code-cell}"):
                held = "\n".join(takewhile(lambda line: line.startswith(":"), held.split("\n")))
            assert one.map == other.map
            assert one.info == other.info
            assert one.content.strip() == held
            assert [t.as_dict() for t in one.children or []] == [t.as_dict() for t in other.children or []]


def test_a_listing_that_is_meant_is_told_how_to_say_so(mini):
    """The refusal names the fence of a listing, and that fence passes."""
    page = mini / "analyses" / "tides" / "heights.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(f"{text}\n```python\nx = 1\n```\n", encoding="utf-8")
    (said,) = check_prose(Review(mini))
    assert "```text where it is only to be read" in said.needed

    page.write_text(f"{text}\n```text\nx = 1\n```\n", encoding="utf-8")
    assert check_prose(Review(mini)) == []
