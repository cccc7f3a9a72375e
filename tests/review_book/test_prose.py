"""The lint for numbers in prose."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from review_book.commands.records import check_everything
from review_book.living.history import Event, append
from review_book.living.prose import check_prose, unit_problems
from review_book.review import Review
from review_book.sphinx.prose import bare_numbers, spelled_numbers, typed_grades, uncited, undated
from review_book.sphinx.quotes import Sources, UnknownQuote


@pytest.mark.parametrize(
    "text", ["It rose by 12 percent.", "About 3.5 times.", "(n = 40)", "# Title\n\nOf 1,512 scores"]
)
def test_a_typed_number_is_found(text):
    """A number typed into a sentence is found with its line."""
    assert bare_numbers(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("It wins $31$ of the curves.", "31"),
        (r"It wins $31\%$ of the curves.", "31"),
        (r"It wins $\approx 3.1$ of $C = 6ND$.", "3.1"),
        ("It wins $31/40$ of $N$ curves.", "31/40"),
        ("It wins {math}`31` of the curves.", "31"),
        (r"Of $10^{25}$ it took $\approx 31 \times 10^{23}$ FLOP.", "31"),
        (r"Of $N = 3 \times 10^9$ it took {math}`31\cdot 10^{-4}`.", "31"),
        ("It wins `31` of the curves.", "31"),
        ("```{note}\n:class: x1\nIt wins 31 curves.\n```", "31"),
        ("```{note} It wins 31 curves.\nAll of $x = 1$.\n```", "31"),
        ("```{figure} x1.svg\n:width: 300px\n:alt: It wins 31 curves\n```", "31"),
        ("It reads 2048 tokens.", "2048"),
        ("In <!-- number: a model --> Opus 4.1 it rose {cite:p}`a2020b`. Later runs gave 91.2 percent.", "91.2"),
        ("Is it <!-- number: a model --> *Opus 4?* 31 curves say so.", "31"),
        ("| 31 | <!-- number: sums --> 4. Five | 5 |", "31"),
        ("It wins ¹² curves of N².", "¹²"),
    ],
)
def test_a_number_is_typed_wherever_it_stands(text, number):
    """Between dollars or backticks, in a note, or where it looks like a year, a number alone is typed nonetheless."""
    assert ", ".join(found for _, found in bare_numbers(text)) == number.replace("/", ", ")
    assert {row for row, _ in bare_numbers(text)} == {1 + text.count("\n", 0, text.index(number))}


@pytest.mark.parametrize(
    "text",
    [
        "One bend wins twenty-seven of the curves in our recomputation.",
        "Of all curves\nwe see Thirty-One fall.",
        "We count two hundred and twelve of them.",
        "It is recomputed for a thousand and one curves.",
        "In our own runs two thirds of the seeds jump.",
        "In our own runs the loss falls tenfold.",
        "Of the curves of our own analysis a dozen are sharp.",
        "In our own runs none of the seven seeds jumps.",
        "We see four of six benchmarks rise.",
        "A study found that twenty-seven of its tasks rose {cite:p}`a2020b`.",
        "The register holds seventy-four findings.",
        "The review now has seven chapters.",
        "Of these, seventy statements stand in the review.",
    ],
)
def test_a_result_of_ours_in_words_is_found(text):
    """A number such as twenty-seven in a sentence about our own results is typed, though no digit stands there."""
    ((row, _),) = spelled_numbers(text)
    assert row == 1 + text.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "The attack has thirty-two steps. We saw it.",
        "We trained forty seeds at each of six widths and a hundred and more.",
        "<!-- number: a setting --> Our networks learn thirty-two puzzles.",
        "We say `twenty-seven` and {num}`result:a/b#twenty-seven`.",
        "We have two reasons, a twofold answer, one of the two forms, a third group and half a dozen meanings.",
        "In our own runs, with four tenths of the table shown, a scaffold moves it severalfold.",
        "The hundredfold delays of modular addition {cite:p}`a2020b` are far.",
        "In this review two studies disagree, and the register names three reasons.",
    ],
)
def test_a_round_number_or_one_of_others_in_words_passes(text):
    """Sizes in round words, numbers in sentences about others, reasoned escapes and names are no faults."""
    assert spelled_numbers(text) == []


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("One.\nLast month a study found more {cite:p}`a2020b`.", "Last month"),
        ("One.\nAs of today nobody has tried.", "As of today"),
        ("One.\nThis was recently tried.", "recently"),
        ("One.\nNo study since 2031 has shown it {cite:p}`a2020b`.", "since 2031"),
    ],
)
def test_words_that_go_stale_and_years_to_come_are_found(text, given):
    """What was last month, today, lately without a date, or since a year to come, is said at its line."""
    ((row, found, _),) = undated(text, 2026)
    assert (row, found) == (2, given)


@pytest.mark.parametrize(
    "text",
    [
        "In the last week of June last year's best method was tried.",
        "It was recently tried {cite:p}`a2020b`, and in 2026 lately, too.",
        "Since 2026 models of today do what they may do by 2031.",
        "## What changed lately\n\nMuch.",
    ],
)
def test_a_date_or_a_time_that_is_said_passes(text):
    """A date, a work and words of English that hold no time of their own are no faults."""
    assert undated(text, 2026) == []


def test_a_grade_in_words_is_found_with_the_statement_that_it_speaks_of():
    """A grade before a statement is that one's; a question, and words that are grades in other senses, are none."""
    text = "Which are established? It is supported by runs, established in 2020, and\nis contested: {statement}`a`"
    assert typed_grades(text) == [(2, "is contested", "contested", "a")]
    assert typed_grades("That metrics sharpen a curve is established.") == [(1, "is established", "established", "")]
    assert typed_grades("It is established that:\n\n{statement}`b`") == [(1, "is established", "established", "b")]


@pytest.mark.parametrize(
    "text",
    [
        "In 2020 the law was published.",
        "GPT-3 and Claude 3 Opus",
        "$x = 3$ and $$y = 4$$",
        "{num}`result:a/b#c3` and {cite:p}`x2020y`",
        "```{show} a/b#c1\n```",
        "[link](page2.md)",
        "<!-- number: the name of a benchmark --> GSM8K",
        "<!-- number: models --> Opus 4 and 4.1, e.g. of 31, say {num}`claim:x|bare` of 7 {cite:p}`a2020b`. So what?",
        "| a <!-- number: sums --> | 4. Five | 5 |",
        "`code 7`",
        r"$N = 3$, $10^{21}$, $N = 2 \times 10^{9}$, $6ND$, $p^4$ and `7b`",
        "```{note}\nIn 2020 it was $x = 3$.\n```\n\n```{math}\n3\n```",
        "---\nversion: 3\n---\nText",
    ],
)
def test_what_is_no_claim_is_passed_over(text):
    """Years, names, mathematics, quotes, code, links, front matter and reasoned escapes are not claims."""
    assert bare_numbers(text) == []


def test_the_line_is_right():
    """The line that is reported is the number's own, also after a long block."""
    assert bare_numbers("```\n1\n2\n```\nIt is 5.") == [(5, "5")]


@pytest.mark.parametrize(
    "text",
    [
        "A study found that it fell.",
        "Three groups working apart reported the same.",
        "The effect was found in half of the models.",
        "# Title\n\nOne. The authors estimated it, e.g. from loss.",
    ],
)
def test_a_result_without_its_source_is_found(text):
    """A sentence that reports a result names a source or a statement."""
    assert len(uncited(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "A study found that it fell {cite:p}`a2020b`.",
        "{statement}`it-falls`",
        "They found {num}`study:a2020b/share` of it.",
        "The study is not to be found.",
        "The experiment could be repeated.",
        "Two groups reported it. <!-- uncited: both stand in the sentence before -->",
        "```{show} a/b#c\nA study found it.\n```",
        "## Which studies found it?",
    ],
)
def test_what_reports_nothing_or_names_its_source_is_passed_over(text):
    """Citations, statements, quoted numbers, reasoned escapes, headings and blocks are no faults."""
    assert uncited(text) == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("turned \u202e round", "needed: plain text, without the control character"),
        ("It is {statement}`no-such-thing`.", "given {statement}`no-such-thing`; needed: "),
        ("It is {num}`claim:no-such-thing`.", "given {num}`claim:no-such-thing`; needed: "),
        ("It is {num}`result:tides/none#x`.", "given {num}`result:tides/none#x`; needed: an analysis that is there"),
        ("It is so {cite:p}`nobody1900none`.", "given {cite:p}`nobody1900none`; needed: a key of data/references.bib"),
        (
            "```{flow} tides\n```\n\nIt is {num}`claim:no-such-thing`.\n\n```{flow} tides\n```",
            "given {num}`claim:no-such-thing`",
        ),
        ("```{show} tides/none#x\n```", "given {show} tides/none#x; needed: an analysis that is there"),
        ("It is so (Smith et al. ??).", "given ??; needed: words that are done"),
        (
            "It is {num}`claim:mean-height|bare` tokens.",
            "given {num}`claim:mean-height|bare` tokens; needed: its unit, metres",
        ),
        ("It rose by $42$.", "given the typed number 42; needed: a quote such as {num}`claim:ID`"),
        (
            "We see forty-two of them.",
            "given the number forty-two in words; needed: in a sentence about a result or the record",
        ),
        ("It rose by 42, and more.", "given the typed number 42; needed: a quote such as {num}`claim:ID`"),
        ("TODO: find the source.", "given TODO; needed: words that are done"),
        ("It holds in XX percent of seeds.", "given XX; needed: words that are done"),
        ("It holds in NN of them.", "given NN; needed: words that are done"),
        ("So it is [citation needed].", "given [citation needed]; needed: words that are done"),
        ("- [ ] look once more", "given - [ ] look once more; needed: words that are done"),
        ("Of the tides ½ are high.", "given the typed number ½"),
        ('See [the model](../analyses/tides/model.md "80 percent are high").', "given the typed number 80"),
        ("It is -{num}`study:newton1687tides/tides-a-day`.", "given - before {num}`study:newton1687tides/tides-a-day`"),
        ("It is minus {num}`claim:mean-height`.", "given minus before {num}`claim:mean-height`"),
        ("It is {num}`claim:mean-height` seconds.", "needed: no unit after it, since it is shown as 1.5 metres"),
        ("It is {num}`claim:mean-height|bare`%.", "needed: its unit, metres"),
        (
            "It is {num}`study:newton1687tides/tides-a-day|bare` percent {cite:p}`newton1687tides`.",
            "needed: no percent after it: its record has another unit, or none",
        ),
        (
            "It is {num}`study:newton1687tides/tides-a-day` {cite:p}`darwin1898tides`.",
            "given a number of newton1687tides beside darwin1898tides",
        ),
        (
            "It is {num}`claim:mean-height` {cite:p}`darwin1898tides`.",
            "given a number of newton1687tides beside darwin1898tides",
        ),
        (
            "It is {num}`register:brest/height` {cite:p}`newton1687tides`.",
            "given a number of darwin1898tides beside newton1687tides",
        ),
        ("A study found that it fell.", "given A study found that it fell.; needed: whose result it is"),
        ("It is {num}`claim:mean-height` million.", "needed: the number as its record has it"),
        (r"It is {num}`claim:mean-height|bare` $\times 10^3$.", "needed: the number as its record has it"),
        (
            "It is {num}`result:tides/heights#x` times $10^3$.",
            "given {num}`result:tides/heights#x` times $10^; needed: the",
        ),
        (
            "As Newton et al. say, they rise {cite:p}`darwin1898tides`.",
            "given Newton et al beside darwin1898tides; needed: a work of theirs among those that its sentence cites, as "
            "{cite:p}`newton1687tides`",
        ),
        ("That the moon drives the tides is overturned.", "needed: the statement that says it after the word"),
        ("It is overturned that {statement}`moon-drives-tides`", "the grade of {statement}`moon-drives-tides`"),
        ("Lately they rose.", "given Lately; needed: a year"),
        ("No tide since 2098 was high.", "given since 2098; needed: 20"),
        ("See [how high is the *tide*](../analyses/tides/model.md).", "needed: analyses/tides/heights.md, the page"),
        ("See [the statement](#moon-drives-tide).", "near to it are {statement}`moon-drives-tides`"),
        ("See [the model](../analyses/tides/model.md#cosine).", "given a link to ../analyses/tides/model.md#cosine"),
        (
            "Of three studies {cite:p}`newton1687tides,darwin1898tides`, none fell.",
            "given three studies beside darwin1898tides, newton1687tides; needed: as many works as the words say; these are 2",
        ),
        (
            "Three early papers {cite:t}`newton1687tides` and {cite:t}`darwin1898tides` say so.",
            "given Three early papers beside darwin1898tides",
        ),
        (
            "It is so {cite:p}`newton1687tides,newton1687tides`.",
            "given newton1687tides twice in one {cite:p}; needed: each work once",
        ),
        ("The figure on the left shows it.", "given figure on the left; needed: above or below, or its title"),
        ("The table below lists them.", "given table below; needed: a figure or a table below it on this page"),
        (
            "{statement}`moon-drives-tides` {statement}`moon-drives-tides`",
            "given {statement}`moon-drives-tides` for the second time; needed: each statement once in a paragraph",
        ),
        ("Words <!-- one: --> and more -->.", "given --> that ends no comment; needed: one --> for each <!--"),
    ],
)
def test_what_the_prose_cannot_stand_on_is_named_without_a_build(mini, fault, said):
    """Hidden letters, typed numbers, results of nobody and what no record has are named with their line; code is passed over."""
    page = mini / "chapters" / "tides.md"
    text = page.read_text(encoding="utf-8")
    assert check_prose(Review(mini)) == []
    page.write_text(f"{text}\n```text\n{{statement}}`shown-as-code`\n```\n\n{fault}\n", encoding="utf-8")

    (problem,) = check_prose(Review(mini))
    assert problem.line == text.count("\n") + 6 + 3 * fault.startswith("```{flow}")
    assert str(problem).startswith("chapters/tides.md:")
    assert said in str(problem)


@pytest.mark.parametrize(
    ("fault", "line", "said"),
    [
        ("(here)=\n## A part\n\nWords.\n\n(here)=\n## Another\n", 6, "given (here)=; needed: a label of its own"),
        ("(met)=\n## A part\n\nWords.\n", 1, "given (met)=; needed: a label of its own; methods.md has this one"),
        ("See [this][a].\n\n[a]: ../methods.md\n[A]: ../register.md\n", 4, "given [A]: for the second time"),
    ],
)
def test_a_name_that_leads_to_two_places_is_named(mini, fault, line, said):
    """A label or an address of links that stands twice, in a page or in two, is named at the second."""
    methods, page = mini / "methods.md", mini / "chapters" / "tides.md"
    methods.write_text(f"{methods.read_text('utf-8')}\n(met)=\n## How\n\nBy hand.\n", encoding="utf-8")
    toc = mini / "_toc.yml"
    toc.write_text(toc.read_text("utf-8").replace("- file: methods\n", "").replace("root: index\nchapters:\n", "root: index\nchapters:\n- file: methods\n"), encoding="utf-8")  # fmt: skip
    text = page.read_text(encoding="utf-8")
    assert check_prose(Review(mini)) == []
    page.write_text(f"{text}\n{fault}", encoding="utf-8")

    (problem,) = check_prose(Review(mini))
    assert (problem.file, problem.line) == ("chapters/tides.md", text.count("\n") + 1 + line)
    assert said in str(problem)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("the chapter on tides of the sea", "chapters/waves.md, the page of that title"),
        ("the chapter on tides", None),
        ("waves of the sea, beside tides of the sea", None),
        ("what we think and do not yet know of tides of the sea", None),
    ],
)
def test_a_link_that_names_one_chapter_and_leads_to_another_is_named(mini, words, named):
    """The title of a chapter among few words of a link is where it leads; other words are free."""
    toc = mini / "_toc.yml"
    toc.write_text(toc.read_text("utf-8").replace("chapters:\n", "chapters:\n- file: chapters/waves\n- file: chapters/winds\n", 1), encoding="utf-8")  # fmt: skip
    (mini / "chapters" / "waves.md").write_text("# Tides of the Sea\n\nThey rise.\n", encoding="utf-8")
    other = mini / "chapters" / "winds.md"
    other.write_text(f"# Waves of the Sea\n\nSee [{words}](winds.md).\n", encoding="utf-8")

    found = [str(problem) for problem in check_prose(Review(mini)) if problem.file == "chapters/winds.md"]
    assert len(found) == (named is not None)
    assert all(named in one for one in found)


def test_statements_without_their_page_in_the_contents_are_named(mini):
    """The build writes a page of each chapter's statements, to which quotes lead: the contents name it, or the check says so."""
    path = mini / "_toc.yml"
    path.write_text(path.read_text("utf-8").replace("  - file: statements/tides\n", "", 1), encoding="utf-8")

    (problem,) = check_prose(Review(mini))
    assert "given no statements/tides; needed: an entry for it, below chapters/tides" in str(problem)


@pytest.mark.parametrize(
    ("said", "needed"),
    [
        ("{num}`result:tides/heights#highest` metres", []),
        ("{num}`result:tides/heights#highest|bare` hours.", []),
        ("{num}`result:tides/heights#most|bare` percent.", []),
        ("{num}`result:tides/heights#most` percent.", ["no unit after it, since it is shown as 90 percent (80 to 95)"]),
        ("{num}`result:tides/heights#most|bare` hours.", ["its unit, percent"]),
        ("{num}`result:tides/heights#none` hours.", []),
        ("{num}`result:tides/heights#gap` percent.", ["no percent after it, or percent as its unit in show.number"]),
        ("{num}`result:tides/heights#same` percent.", []),
        (
            "{num}`result:tides/heights#gap|bare` million.",
            ["the number as its record has it: what follows here multiplies it"],
        ),
        ("{num}`result:tides/heights#many|bare` million tokens.", []),
        (
            "a share that falls from {num}`result:tides/heights#gap` to {num}`result:tides/heights#highest`.",
            ["numbers of which the last is smaller"],
        ),
        (
            "{num}`result:tides/heights#most|bare` rises to {num}`result:tides/heights#gap`.",
            ["numbers of which the last is larger"],
        ),
        (
            "a share that doubles from {num}`result:tides/heights#gap` to {num}`result:tides/heights#gap`.",
            ["numbers of which the last is larger"],
        ),
        (
            "a share that fell from {num}`result:tides/heights#gap` in small models to {num}`result:tides/heights#same`.",
            ["numbers of which the last is smaller"],
        ),
        (
            "a share that fell severalfold: from {num}`result:tides/heights#gap` to {num}`result:tides/heights#same`.",
            ["numbers of which the last is smaller"],
        ),
        (
            "which lowered the share of both from {num}`result:tides/heights#gap` to {num}`result:tides/heights#same`.",
            ["numbers of which the last is smaller"],
        ),
        ("a share that rises from {num}`result:tides/heights#gap` to {num}`result:tides/heights#same`.", []),
        ("a share that fell from {num}`result:tides/heights#many` to {num}`result:tides/heights#most`.", []),
        (
            "it beat the moon on one test by {num}`result:tides/heights#gap` to {num}`result:tides/heights#same`.",
            ["the winner's number first, which is the larger"],
        ),
        (
            "it went from {num}`result:tides/heights#gap` in 2024 to {num}`result:tides/heights#same` in 2022.",
            ["the earlier year first, and the number of each with it"],
        ),
        ("it went from {num}`result:tides/heights#gap` in 2022 to {num}`result:tides/heights#same` in 2024.", []),
        ("it beat the moon by {num}`result:tides/heights#same` to {num}`result:tides/heights#gap`.", []),
        ("in {num}`result:tides/heights#highest` cases, where a share rises to {num}`result:tides/heights#gap`.", []),
    ],
)
def test_a_number_of_an_analysis_before_another_unit_or_its_own_twice_is_named(mini, monkeypatch, said, needed):
    """Once an analysis ran, the build reads the word after its numbers: "100 percent (91 to 100) percent" is on no page."""
    numbers = {
        "highest": ("2.9", ""),
        "most": ("90", " percent (80 to 95)"),
        "many": ("3", " million tokens"),
        "gap": ("0.03", ""),
        "same": ("4", ""),
    }
    labels = {"gap": "the largest gap", "same": "the same of others"}

    def resolve(_, address):
        name = address.removesuffix("|bare").rpartition("#")[2]
        if name not in numbers:
            raise UnknownQuote(address)
        value, unit = numbers[name]
        details = (("Result", labels.get(name, "in percent")),)
        shown = value + ("" if address.endswith("|bare") else unit)
        return SimpleNamespace(
            text=shown, details=details, bare=value, unit=unit.partition("(")[0].strip(), value=float(value)
        )

    page = mini / "chapters" / "tides.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(f"{text}\nIt is {said}\n", encoding="utf-8")
    monkeypatch.setattr(Sources, "resolve", resolve)

    at = Review(mini)
    found = [p for p in unit_problems(at, Sources(at)) if p.line == text.count("\n") + 2]
    assert [(p.file, p.needed.partition(";")[0]) for p in found] == [("chapters/tides.md", one) for one in needed]


def test_numbers_of_analyses_in_statements_go_where_their_verb_says(mini, monkeypatch):
    """What evidence found is held against the numbers of analyses once these ran."""
    path = mini / "data" / "statements" / "tides.yml"
    text = path.read_text(encoding="utf-8")
    found = "It fell from {result:tides/heights#low} to {result:tides/heights#high}."
    path.write_text(text.replace("The water rises twice.", f"'{found}'"), encoding="utf-8")
    values = {"low": 1.0, "high": 2.0}

    def resolve(_, address):
        if (value := values.get(address.rpartition("#")[2])) is None:
            raise UnknownQuote(address)
        return SimpleNamespace(bare=f"{value:g}", unit="", value=value)

    monkeypatch.setattr(Sources, "resolve", resolve)
    at = Review(mini)
    (said,) = [p for p in unit_problems(at, Sources(at)) if p.file == "data/statements/tides.yml"]

    assert said.needed == "numbers of which the last is smaller"


def test_faults_of_records_and_of_prose_are_told_together(mini):
    """A finding that cannot be read hides neither a typed number nor an unknown reference."""
    (mini / "data" / "findings" / "brest.yml").write_text("id: [brest", encoding="utf-8")
    page = mini / "chapters" / "tides.md"
    faults = "It is 42, {cite:p}`nobody1900none` and {num}`claim:no-such`, {num}`register:brest/height`."
    page.write_text(f"{page.read_text(encoding='utf-8')}\n{faults}\n", encoding="utf-8")

    found = check_everything(Review(mini))
    assert any(problem.file == "data/findings/brest.yml" for problem in found)
    given = {problem.given for problem in found if problem.file == "chapters/tides.md"}
    assert given == {"the typed number 42", "{cite:p}`nobody1900none`"}, "claims rest on the register"


@pytest.mark.parametrize(("after", "refused"), [(" parameters", True), (" billion parameters", False)])
def test_a_number_without_its_unit_keeps_its_billions(mini, after, refused):
    """A number whose unit begins with billion is not shown bare before what it counts alone."""
    path = mini / "data" / "studies" / "tides.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("unit: count", "unit: billion parameters"), encoding="utf-8"
    )
    page = mini / "chapters" / "tides.md"
    text = page.read_text(encoding="utf-8")
    said = f"It has {{num}}`study:newton1687tides/tides-a-day|bare`{after} {{cite:p}}`newton1687tides`."
    page.write_text(f"{text}\n{said}\n", encoding="utf-8")

    line = text.count("\n") + 2
    found = [problem.needed for problem in check_prose(Review(mini)) if problem.line == line]
    assert found == ["billion after it, since its unit is billion parameters; or no |bare"] * refused


@pytest.mark.parametrize(("word", "refused"), [("less\nthan", True), ("At least", True), ("at", False)])
def test_a_number_with_a_bound_of_its_own_is_given_no_other(mini, word, refused):
    """A page that puts less than before a number which its record calls over 2 contradicts the record or itself."""
    path = mini / "data" / "studies" / "tides.yml"
    record = path.read_text(encoding="utf-8")
    path.write_text(record.replace("value: 2,", "value: 2, qualifier: more-than,"), encoding="utf-8")
    page = mini / "chapters" / "tides.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(f"{text}\nIt stays {word} {{num}}`study:newton1687tides/tides-a-day`.\n", encoding="utf-8")

    said = [problem.needed for problem in check_prose(Review(mini))]
    assert said == ["no such word, since its record says it: it is shown as over 2"] * refused


@pytest.mark.parametrize(
    "text",
    [
        "Both of two studies {cite:p}`newton1687tides,darwin1898tides` say so.",
        "A survey of nine studies {cite:p}`darwin1898tides` says so.",
        "Two papers {cite:t}`newton1687tides` and {cite:t}`darwin1898tides` say so.",
        "The table below lists them.\n\n| a | b |\n|---|---|\n| c | d |",
        "The panel on the left is of spring tides.",
    ],
)
def test_what_is_counted_and_pointed_to_rightly_passes(mini, text):
    """As many works as are said, a survey of others, a table that is there and a part of a figure are no faults."""
    page = mini / "chapters" / "tides.md"
    page.write_text(f"{page.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")
    assert check_prose(Review(mini)) == []


def test_an_analysis_that_names_a_finding_which_is_gone_is_said(mini):
    """A finding that history knows and no record has is named where a cell asks for it, and one that was renamed is not."""
    page = mini / "analyses" / "tides" / "heights.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("mean = float", 'shown = ["brest"]\nmean = float'), encoding="utf-8")
    events = [Event("2026-01-02", "finding-added", "brest", "A spring tide at Brest", None, "x")]
    append(events, None, mini / "data")
    assert check_prose(Review(mini)) == []

    finding = mini / "data" / "findings" / "brest.yml"
    record = finding.read_text(encoding="utf-8")
    finding.unlink()
    (mini / "data" / "findings" / "dover.yml").write_text(record.replace("id: brest", "id: dover"), encoding="utf-8")
    assert [p.given for p in check_prose(Review(mini))] == ["brest"]
    (mini / "data" / "findings" / "dover.yml").write_text(
        record.replace("id: brest", "id: dover\nformerly: [brest]"), encoding="utf-8"
    )
    assert check_prose(Review(mini)) == []


def test_a_cell_that_no_analysis_holds_is_said_without_running_it(mini):
    """A record held against itself is named at its line, and what is shown as code is none."""
    page = next((mini / "analyses" / "tides").glob("*.md"))
    text = page.read_text(encoding="utf-8")
    code = "x = 1\ny = find('mean-height').recomputed.value"
    page.write_text(f"{text}\n```text\n{code}\n```\n\n```{{code-cell}} python\n{code}\n```\n", encoding="utf-8")

    (problem,) = check_prose(Review(mini))
    assert (problem.line, problem.given) == (text.count("\n") + 9, ".recomputed")


@pytest.mark.parametrize(
    ("added", "given"),
    [
        ("See [the preview](http://localhost:8000/x.html).", "http://localhost:8000/x.html"),
        ("So it was judged[^judge].", "[^judge]"),
        ("[^judge]: By nobody, anywhere.", "[^judge]:"),
        ("So it was judged[^judge].\n\n[^judge]: By hand.\n\n[^judge]: By eye.", "[^judge]:"),
        ("So [it was][no-such] judged.", "a link that leads nowhere, ]["),
        ("So [it was](javascript:alert(1)) judged.", "a link that leads nowhere, ]("),
        ("See [the log](../data/searches/decisions.csv).", "a link to ../data/searches/decisions.csv"),
        ("See [the page](../analyses/tides/Model.md).", "a link to ../analyses/tides/Model.md"),
        ("```\ncode that never ends", "``` that has no end"),
        ("```{note}\nA note that never ends.", "```{note} that has no end"),
        (":::{note}\nA note that never ends.", ":::{note} that has no end"),
        ("A word of `{nul}` and {num}`claim:no-such`.", "{num}`claim:no-such`"),
        (f"{'The tide came in and went out again as before ' * 3}.\n\n" * 2, "The tide came in"),
    ],
)
def test_what_no_reader_can_follow_is_named(mini, added, given):
    """An address of one machine, a mark without its footnote and a paragraph pasted twice are said at their line."""
    page = mini / "chapters" / "tides.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(f"{text}\n{added}\n", encoding="utf-8")

    (problem,) = check_prose(Review(mini))
    assert problem.given.startswith(given)
    page.write_text(f"{text}\nSo it was judged[^judge].\n\n[^judge]: By hand.\n", encoding="utf-8")
    assert check_prose(Review(mini)) == []


def test_a_note_that_ends_with_the_next_one_is_named_where_it_begins(mini):
    """A note without its end takes in the next one and ends with that: the fault is said at the line of the first."""
    page = mini / "chapters" / "tides.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(f"{text}\n```{{note}}\nWords.\n\n```{{tip}}\nMore.\n```\n\nWords of the page.\n", encoding="utf-8")

    first = check_prose(Review(mini))[0]
    assert (first.line, first.given) == (text.count("\n") + 2, "```{note} that has no end")


def test_an_analysis_may_say_how_it_is_set_up(mini):
    """A number typed into an analysis passes, since it says how it is done; a result of nobody does not."""
    page = mini / "analyses" / "tides" / "heights.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(f"{text}\nIt starts from 32 places.\n", encoding="utf-8")
    assert check_prose(Review(mini)) == []
    page.write_text(f"{text}\nA study found that it fell.\n", encoding="utf-8")
    (problem,) = check_prose(Review(mini))
    assert str(problem).startswith("analyses/tides/heights.md:")


def test_a_page_that_is_empty_or_gone_is_named(mini):
    """A chapter without a word, and one that the contents name and that is not there; what a build writes is not asked for."""
    page = mini / "chapters" / "tides.md"
    page.write_text("", encoding="utf-8")
    assert "given a page without a title" in str(*check_prose(Review(mini)))

    page.unlink()
    (problem,) = check_prose(Review(mini))
    assert str(problem).startswith("_toc.yml:")
    assert "given chapters/tides, which does not exist" in str(problem)


@pytest.mark.parametrize(
    "head", [":tags: [hide-input, {}]", "---\ntags: [{}]\n---", "---\ntags:\n  - hide-input\n  - {}\n---"]
)
def test_a_tag_that_turns_a_guard_off_is_said_without_running_it(mini, head):
    """Whatever the form of its options, a cell that would not run or may fail is named; what changes its look is not."""
    page = mini / "analyses" / "tides" / "model.md"
    text = page.read_text(encoding="utf-8")

    def said(tag):
        page.write_text(f"{text}\n```{{code-cell}} python\n{head.format(tag)}\n\nx = 1\n```\n", encoding="utf-8")
        return [p.given for p in check_prose(Review(mini))]

    assert said("skip-execution") == ["the tag skip-execution"]
    assert said("remove-cell") == ["the tag remove-cell"]
    assert said("remove-output") == []


def test_a_page_with_the_line_ends_of_windows_is_told_once(mini):
    """One message says which page it is and what to do, and the page is looked at as if its lines ended alike."""
    page = mini / "chapters" / "tides.md"
    page.write_bytes(page.read_text(encoding="utf-8").replace("\n", "\r\n").encode())

    (problem,) = check_prose(Review(mini))
    assert (problem.file, problem.line, problem.given) == ("chapters/tides.md", 1, "lines that end as on Windows")
    assert "core.autocrlf" in problem.needed
