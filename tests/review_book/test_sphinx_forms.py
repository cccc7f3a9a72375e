"""What ends a build in pages, contents and settings is refused by a check, which executes nothing."""

from __future__ import annotations

import pytest

from review_book.commands.records import check_everything
from review_book.pages.findings import finding_sections
from review_book.review import Review
from review_book.sphinx.directives import CHAPTER_PARTS, PARTS
from review_book.sphinx.forms import OF_A_CHAPTER, SECTIONS
from review_book.sphinx.forms import PARTS as NAMES

M, C, A, G, T = "methods.md", "chapters/tides.md", "analyses/tides/heights.md", "_config.yml", "_toc.yml"
STYLE, CELL, THEME = "    bibtex_reference_style: author_year", "```{code-cell} python\n", "{navbar_persistent: []}"
FIGURE = "```{figure} assets/favicon.svg\n:alt: a\n"

ADDED = [
    ("### Skipped\n\nWords.", "a heading with ### below one with #; needed: ## before it", "###"),
    ("## One\n\n#### Skipped", "a heading with #### below one with ##", "####"),
    (f"{FIGURE}:width: wide\n```", ":width: wide in {figure}; needed: a number with one of the following units", ":width"),
    (f"{FIGURE}:scale: big\n```", ":scale: big in {figure}; needed: a number", ":scale"),
    (f"{FIGURE}:align: middel\n```", 'needed: one of "left", "center", or "right"', ":align"),
    (f"{FIGURE}:figwidth: imag\n```", ":figwidth: imag in {figure}", ":figwidth"),
    ("```{figure} assets/favicon.svg\n---\nalt: a\nwidht: 3\n---\n```", "did you mean width?", "widht"),
    (f"{FIGURE}---\na: b\n---\n```", "words, after an empty line below its options", "```{fig"),
    (f"{FIGURE}\n- a list\n```", "a paragraph first, which is its caption", "```{fig"),
    ("```{image} assets/favicon.svg\n:alt: a\n:height: -3\n```", ":height: -3 in {image}", ":height"),
    ("```{image} assets/favicon.svg\n:alt: a\n:loading: soon\n```", 'needed: one of "embed", "link"', ":loading"),
    ("```{image} assets/favicon.svg\n:alt: a\n\nWords.\n```", "given Words. in {image}; needed: nothing within", "Words."),
    ("```{image}\n:alt: a\n```", "given {image}; needed: what it is to show", "```{image"),
    ("```{note}\n:class: 123\nWords.\n```", ':class: 123 in {note}; needed: cannot make "123"', ":class"),
    ("```{note}\n```", "given {note} that holds nothing", "```{note"),
    ("````{note}\n```{part} nope\n```\n````", "given {part} nope; needed: one of landing", "```{part"),
    ("```{math}\n:labell: a\nx = 1\n```", "did you mean label?", ":labell"),
    ("```{math}\n:label: a\nx\n```\n\nWords.\n\n```{math}\n:label: a\ny\n```", "a for the second time", "```{math} 2"),
    ("It is $\\frock{1}{2}$ then.", "did you mean \\frac?", "It is"),
    ("$$\n\\frock{1}{2}\n$$", "did you mean \\frac?", "$$"),
    ("```{math}\n\\frock{1}{2}\n```", "did you mean \\frac?", "```{math"),
    ("Words[^a] so.\n\n[^a]: It is $\\frock{1}{2}$.", "did you mean \\frac?", "[^a]:"),
    ("| a | b |\n|---|---|\n| $\\frock{1}{2}$ | c |", "did you mean \\frac?", "| $"),
    ("It is {math}`\\frock{1}` then.", "did you mean \\frac?", "It is"),
    ("```{bibliography}\n:stile: a\n```", "did you mean style?", ":stile"),
    ("```{bibliography}\n:style: nonesuch\n```", 'one of "alpha", "plain"', ":style"),
    ("```{bibliography}\n:filter: docname in\n```", "given :filter: docname in in {bibliography}", ":filter"),
    ("```{bibliography}\n```\n\nWords.\n\n```{bibliography}\n```", "bibliography for the second time", "```{bib 2"),
    ("```{bibliography} data/other.bib\n```", "nothing after it", "```{bib"),
    ("```{show}\n```", "given {show}; needed: what it is to show, after it", "```{show"),
    ("```{show} tides/heights\n```", "needed: a name under which analyses/tides/heights.md shows", "```{show"),
    ("```{show} tides/heights#hights\n```", "did you mean heights?", "```{show"),
    ("```{show} tides/heights#mean\n```", "shows mean as a number", "```{show"),
    ("```{show} tides/hights#heights\n```", "did you mean tides/heights?", "```{show"),
    ("```{numbers}\n```", "given {numbers}; needed", "```{numbers"),
    ("```{numbers} tides/hights\n```", "an analysis that is there; did you mean tides/heights?", "```{numbers"),
    ("```{finding}\n```", "given {finding}; needed", "```{finding"),
    ("```{finding} bresst\n```", "a finding of the register; did you mean brest?", "```{finding"),
    ("```{finding} brest\n:section: Sumary\n```", "did you mean Summary?", ":section"),
    ("```{finding} brest\n:section:\n```", "given :section: in {finding}", ":section"),
    ("```{part} grade\n```", "did you mean grades?", "```{part"),
    ("```{part} grades errata\n```", "given {part} grades errata", "```{part"),
    ("```{register} al\n```", "given {register} al; needed: all", "```{register"),
    ("```{terms} tides\n```", "a chapter that data/glossary.yml names", "```{terms"),
    ("```{headlines} tides\n\n## Another part\n```", "given ## Another part in {headlines}", "## Another"),
    ("See {ref}`nowhere` there.", "given {ref}`nowhere`; needed: one of num", "See"),
    ("See {doc}`nowhere` there.", "given {doc}`nowhere`; needed: one of num", "See"),
    ("```nonesuchlang\nx\n```", "given a listing in nonesuchlang; needed: a language that is known", "```nonesuch"),
    ("```json\n{a: 1\n```", "given a in a listing in json; needed: json, or text", "{a: 1"),
    ("## A part\n\n---\n\nWords.", "a rule that separates nothing", "---"),
    ("Words.\n\n---", "a rule that separates nothing; needed: words before it and after it", "---"),
    ("It is {num}`result:tides/heights#men` high.", "did you mean mean?", "It is"),
    ("It is {num}``claim:nope`` high.", "no claim nope", "It is"),
]  # fmt: skip

CHANGED = [
    (A, CELL, f"{CELL}---\ntags: [hide-input\n---\n", "lines as :tags: [hide-input], which are YAML", "---\ntags"),
    (A, CELL, f"{CELL}:tag: [hide-input]\n", "did you mean tags?", ":tag:"),
    (A, CELL, "```{code-cell} r\n", "given {code-cell} r; needed: python after it", "```{code-cell} r"),
    (A, "import altair as alt\n", "import altair as alt\ndef f(:\n", "given def f(:; needed: Python", "def f("),
    (A, "import altair as alt\n", "import altair as alt\nreturn 1\n", "'return' outside function", "return 1"),
    (A, "name: python3\n---", "name: pyton3\n---", "and name: python3", "kernelspec"),
    (A, "  name: python3\n", "", "and name: python3", "kernelspec"),
    (A, "## How we know", "#### How we know", "a heading with #### below one with #", "#### How"),
    (T, "jb-book", "jb-bok", "format; needed: contents as Jupyter Book reads them", "format"),
    (T, "jb-book", "jb-article", "Unknown keys found: {'chapters'}", "chapters:"),
    (T, "- file: methods", "- file: methods\n  url: https://a.b/c", "entry contains incompatible keys", "- file: methods"),
    (T, "- file: methods", "- file: methods\n  sections:", "'sections' not a non-empty list", "  sections: 3"),
    (T, "- file: methods", "- file: methods\n  numbered: true", "Unknown keys found: {'numbered'}", "  numbered"),
    (T, "root: index", "root: index\noptions: {maxdepth: deep}", "'maxdepth' must be", "format"),
    (T, "- file: methods", "- file: [methods]", "contents as Jupyter Book reads them", "format"),
    (T, "findings/*", "finding/*", "finding/*, which names no page", "- glob"),
    (G, "assets/favicon.svg", "assets/favicn.svg", "needed: a picture that is there", "  favicon"),
    (G, "launch_buttons", "logo: assets/logo.svg\nlaunch_buttons", "needed: a picture that is there", "logo"),
    (G, "use_issues_button: false", "use_issues_button: true", "the address of the repository", "  use_issues"),
    (G, THEME, "{navbar_persistant: []}", "did you mean navbar_persistent?", "    html_theme"),
    (G, THEME, "[a]", "html_theme_options", "    html_theme"),
    (G, THEME, "{navbar_persistent: [nonesuch.html]}", "one of search-button.html", "    html_theme"),
    (G, THEME, "{show_toc_level: deep}", "a whole number", "    html_theme"),
    (G, STYLE, "    bibtex_reference_style: author_yr", "one of author_year", "    bibtex_ref"),
    (G, STYLE, f"    bibtex_default_style: nonesuch\n{STYLE}", "one of alpha", "    bibtex_default"),
    (G, '"ref-{key}"', '"ref-{ky}"', "the word key in braces", "    bibtex_cite"),
    (G, STYLE, f"    html_last_updated_fmt: 3\n{STYLE}", "text", "    html_last"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "said", "mark"),
    [*((M, "", f"\n{new}\n", said, mark) for new, said, mark in ADDED), *CHANGED],
)
def test_what_ends_a_build_is_refused_by_a_check(mini, file, old, new, said, mark):
    """Each is told once, at its line, by what is needed, before anything is executed."""
    path = mini / file
    text = path.read_text(encoding="utf-8")
    changed = text.replace(old, new, 1) if old else text + new
    path.write_text(changed, encoding="utf-8")
    mark, times = (mark[:-2], int(mark[-1])) if mark[-2:] in (" 2", " 3") else (mark, 1)
    at = len(text) if not old else 0
    for _ in range(times):
        at = changed.index(mark, at) + 1

    found = [str(problem) for problem in check_everything(Review(mini))]
    line = f"{file}:{changed.count(chr(10), 0, at) + 1}: "
    assert [one for one in found if said in one and one.startswith(line)], found
    assert len(found) <= 3, found


def test_a_sound_review_has_no_fault_of_form(mini):
    """What the little review holds, and what a build takes, is taken."""
    page = mini / M
    taken = "## A part\n\n```{note}\n:class: wide\nIt is $x^2$.\n```\n\n---\n\n```{figure} assets/favicon.svg\n:alt: a\n:width: 50%\n\nA caption.\n```\n\n```python\nprint(1)\n```\n"
    page.write_text(f"{page.read_text(encoding='utf-8')}\n{taken}", encoding="utf-8")
    assert [*check_everything(Review(mini))] == []


def test_the_forms_know_the_names_that_the_directives_show(mini):
    """Parts, and the sections of a finding, are those that are made."""
    register = Review(mini).records.register
    assert set(PARTS) == set(NAMES)
    assert set(CHAPTER_PARTS) | {"terms"} == set(OF_A_CHAPTER)
    assert set(finding_sections(register.findings[0], register)) <= {"", *SECTIONS}
