"""Hostile records, each the example of a kind: said by the check with its file, its line and a remedy, in our words."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from making import with_files_of_this_subject

from review_book.commands.records import check_everything
from review_book.records.kinds import schemas
from review_book.records.surroundings import check_surroundings
from review_book.review import Review

FINDING, STUDY, STATEMENT = "data/findings/brest.yml", "data/studies/tides.yml", "data/statements/tides.yml"
BIB, TABLE, RUNS, DECISIONS = (
    "data/references.bib", "data/published/harbour_heights.csv", "data/searches/runs.yml", "data/searches/decisions.csv",
)  # fmt: skip
CLAIMS, PACKAGE, SHAPES, ABOUT = "data/claims/tides.yml", "data/datapackage.json", "data/shapes.yml", "data/review.yml"
GRADES, CONTENTS = "data/grades.yml", "_toc.yml"
SOURCE = 'source: {url: "https://example.org/tides"}'
ENTRY = "@misc{newton1687tides,"

TWIN = """  would_change: A coast with three.
- id: moon-again
  statement: "The moon raises {newton1687tides/tides-a-day} tides a day."
  scope: harbours
  section: what-was-measured
  evidence:
    - {study: darwin1898tides, bearing: for, direct: statement, found: It measured two.}
  objection: {text: Some coasts have one.}
  would_change: A coast with three.
"""

OWN = """    - {study: darwin1898tides, bearing: for, direct: statement, found: It measured two.}
    - {study: newton1687tides, bearing: for, direct: consequence, found: Two follow from gravity., numbers: [tides-a-day]}
"""

KINDS = {
    "a negative share": (FINDING, "value: 7.1, unit: metres", "value: -7, unit: percent of days", "a percentage between 0 and 100"),
    "a percentage in another spelling": (FINDING, "value: 7.1, unit: metres", "value: 900, unit: '%'", "a percentage between 0 and 100"),
    "a share in capitals": (FINDING, "value: 7.1, unit: metres", "value: 7.1, unit: Share", "a share from 0 to 1"),
    "a rate above one": (FINDING, "value: 7.1, unit: metres", "value: 7.1, unit: rate of days", "a share from 0 to 1"),
    "a correlation beyond one": (FINDING, "value: 7.1, unit: metres", "value: 7.1, unit: rank correlation", "between -1 and 1"),
    "an end of an interval that is no share": (FINDING, "value: 7.1, unit: metres", "value: 0.9, interval: [0.8, 1.2], unit: share", "a share from 0 to 1"),
    "a comparator that is no percentage": (FINDING, "value: 7.1, unit: metres", "value: 7.1, unit: percent, comparator: {condition: x, value: 710}", "a percentage between 0 and 100"),
    "a percentage as text": (FINDING, "value: 7.1,", "text: 71 %,", "a number as value"),
    "an end of an interval as text": (FINDING, "value: 7.1,", "value: 7.1, interval: ['7', '8'],", "a number, not text"),
    "a result of a scale that was not measured": (FINDING, "scale: {measured: false}", "scale: {measured: false, result: more in winter}", "no result of what was not measured"),
    "a scale measured without a result": (FINDING, "scale: {measured: false}", "scale: {measured: true}", "a result, where dependence on scale was measured"),
    "a link to itself by its former id": (FINDING, "summary: It was high.", "summary: It was high.\nformerly: [ushant]\nlinks: [{to: ushant, relation: extends}]", "another finding than itself"),
    "a share of two in a claim": (CLAIMS, "value: 1.5, unit: metres", "value: 1.5, unit: share", "a share from 0 to 1"),
    "a percentage as text in a claim": (CLAIMS, "value: 1.5, unit: metres", 'value: "95 %", unit: percent', "a number, not text"),
    "a percentage in words in a claim": (CLAIMS, "value: 1.5, unit: metres", 'text: "95%", unit: percent', "a number as value"),
    "a recomputed share of two": (CLAIMS, "value: 1.5, unit: metres, cite: newton1687tides, locator: p. 1, verified: primary}\n  recomputed: {value: 1.5", "value: 0.5, unit: share, cite: newton1687tides, locator: p. 1, verified: primary}\n  recomputed: {value: 1.5", "a share from 0 to 1"),
    "a tolerance as text": (CLAIMS, "tolerance: 0.001", "tolerance: '0.001'", "a number, not text"),
    "a negative probability of a study": (STUDY, "value: 2, unit: count", "value: -2, unit: probability", "a share from 0 to 1"),
    "a unit that is no text": (PACKAGE, '"unit": "metres"', '"unit": 3', "text"),
    "a shape that is a part of itself": (SHAPES, "    kind: shape", "    kind: shape\n    of: spring", "another shape, which is not a part of this one"),
    "two conditions in one": (SHAPES, "{min_examples: 2, source: this file}", "{min_examples: 2, min_groups: 2, source: this file}", "exactly one of min_examples, min_groups"),
    "a condition that asks nothing": (SHAPES, "{min_examples: 2, source: this file}", "{source: this file}", "exactly one of min_examples"),
    "a number of a study without value and text": (STUDY, "value: 2, unit: count", "unit: count", "a value, or text where it is not a number"),
    "an interval turned about in a study": (STUDY, "value: 2, unit: count", "value: 2, interval: [4, 3], unit: count", "an interval [low, high], the low end first"),
    "a shape outside of itself": (SHAPES, "{min_examples: 2, source: this file}", "{example_outside: spring, source: this file}", "another shape than itself"),
    "a redirect in a circle": (ABOUT, "analyses/tides/old: analyses/tides/model", "a: b\n  b: c\n  c: a", "a page that does not lead back"),
    "a redirect to nowhere": (ABOUT, "analyses/tides/old: analyses/tides/model", "analyses/tides/old: analyses/tides/mode", "did you mean analyses/tides/model"),
    "a redirect from a page that stays": (ABOUT, "analyses/tides/old: analyses/tides/model", "methods: analyses/tides/model", "a page that is no more"),
    "more than all of its unit": (FINDING, "value: 7.1, unit: metres", "value: 500, unit: of 25 models", "a number from 0 to the 25"),
    "fewer than none of any plural": (STUDY, "value: 2, unit: count", "value: -80, unit: environments", "a number of at least 0"),
    "fewer than none": (STUDY, "value: 2, unit: count", "value: -18.4, unit: tokens per parameter", "a number of at least 0"),
    "an interval beside its value": (STUDY, "value: 2, unit: count", "value: 2, interval: [3, 4], unit: count", "an interval that holds 2"),
    "an interval beside its claim": (CLAIMS, "value: 1.5, unit: metres", "value: 1.5, interval: [1.6, 1.7], unit: metres", "an interval that holds its value"),
    "an agreement with anything": (CLAIMS, "agrees_within: 0.01", "agrees_within: 1000", "at most half of the number"),
    "one quantity with two values": (FINDING, "measurements:\n", "measurements:\n  - {id: twin, metric: Height, condition: full moon, value: 2.5, unit: metres, locator: p. 2, verified: primary}\n", "each quantity under each condition once"),
    "compared with itself": (FINDING, "value: 7.1, unit: metres", "value: 7.1, unit: metres, comparator: {condition: Full moon, value: 9}", "another condition than"),
    "decided before it was published": (FINDING, "standing: member, proposed_by: later-reading", "standing: member, proposed_by: later-reading, decided: {day: '1897-11-29', because: x}", "a day"),
    "another title than its entry": (FINDING, "title: A spring tide at Brest", "title: Something else", "the title of its entry"),
    "work that was left over": (FINDING, "summary: It was high.", "summary: TODO how high was it", "work that was left over"),
    "work left over in a statement": (STATEMENT, "scope: harbours on open coasts", "scope: TBD", "work that was left over"),
    "a replication of what came later": (STATEMENT, "{study: newton1687tides, bearing: for, direct: consequence,", "{study: newton1687tides, replicates: darwin1898tides, bearing: for, direct: consequence,", "a study that came before"),
    "a reason without a replication": (STATEMENT, "{study: newton1687tides, bearing: for, direct: consequence,", "{study: newton1687tides, out_before: {day: '1686', where: the Royal Society}, bearing: for, direct: consequence,", "a study that it replicates"),
    "one sentence twice": (STATEMENT, "  would_change: A coast with three.\n", TWIN, "a sentence of its own"),
    "a year of another century": (STUDY, 'published: "1898"', 'published: "1999"', "a date near 1898"),
    "dated years before its arXiv id": (FINDING, f'published: "1898"\nrecorded: 2026-01-01\n{SOURCE}', 'published: 2021-08-27\nrecorded: 2026-01-01\nsource: {arxiv: "2508.20015"}', "about 2025-08, the month of arXiv:2508.20015"),
    "dated months after its arXiv id": (FINDING, f'published: "1898"\nrecorded: 2026-01-01\n{SOURCE}', 'published: 2025-12-04\nrecorded: 2026-01-01\nsource: {arxiv: "2508.20015"}', "about 2025-08, the month of arXiv:2508.20015"),
    "dated otherwise than its address": (FINDING, SOURCE, "source: {url: https://example.org/2001/06/02/tides}", "about 2001-06-02, which stands in"),
    "an entry years before its arXiv id": (BIB, "year = {1687}", "year = {1687},\n  eprint = {2001.08361}", "2020 or near it, the year of arXiv:2001.08361"),
    "an address of another paper than its eprint": (BIB, "url = {https://example.org/tides}", "url = {https://arxiv.org/abs/9810.11289},\n  eprint = {9810.11288}", "a url of arXiv:9810.11288"),
    "a DOI of another paper than its eprint": (BIB, "url = {https://example.org/tides}", "doi = {10.48550/arXiv.9810.11289},\n  eprint = {9810.11288}", "a doi of arXiv:9810.11288"),
    "an n that is not that of its unit": (FINDING, "value: 7.1, unit: metres", "value: 7, n: 9, unit: of 8 tides", "8, the number that its unit names"),
    "an n that is not that of its unit in a study": (STUDY, "value: 2, unit: count", "value: 2, n: 9, unit: of 8 tides", "8, the number that its unit names"),
    "a summary that counts otherwise": (FINDING, "value: 7.1, unit: metres, locator: p. 2, verified: primary}\nsummary: It was high.", "value: 7, unit: of 9 tides, locator: p. 2, verified: primary}\nsummary: Six of 9 tides were high.", "7 of 9, as its numbers say"),
    "a caveat that counts otherwise": (FINDING, "value: 7.1, unit: metres, locator: p. 2, verified: primary}", "value: 7, unit: of 19 tides, locator: p. 2, verified: primary}\ncaveats: [Only 6 of the 19 were seen.]", "7 of 19, as its numbers say"),
    "a study whose summary counts otherwise": (STUDY, "summary: It derives the tide from the moon.\n  numbers:\n    - {id: tides-a-day, what: tides in a day, value: 2, unit: count", "summary: Three of 14 tides.\n  numbers:\n    - {id: tides-a-day, what: tides in a day, value: 2, unit: of 14", "2 of 14, as its numbers say"),
    "a rate with the unit of an exponent": (STUDY, "what: tides in a day, value: 2, unit: count", "what: tides per day at new moon, value: 2, unit: exponent", "tides per day, as what says"),
    "an entry of another year than its key": (BIB, "year = {1687}", "year = {1678}", "the year in its key, newton1687tides"),
    "two studies of the same words": (STUDY, "It measured them.", "It derives the tide from the moon.", "what this study says"),
    "an erratum that says it again": ("data/errata.yml", "[]", "- {id: a, date: 2026-01-01, chapter: tides, was: Three tides., is: three tides, because: z}", "what is right"),
    "a candidate twice in a question": ("data/questions.yml", "[]", "- {id: q, question: Why?, shape: spring, settled_by: x, notes_line: y, candidates: [{finding: brest, strength: good, but: x}, {finding: brest, strength: weak, but: y}]}", "each finding once in a question"),
    "a letter as a term": ("data/glossary.yml", "[]", "- {id: tide, term: tide, also: [a], definition: The sea goes up and down., chapters: [tides]}", "no small word or letter"),
    "a small word as a term": ("data/glossary.yml", "[]", "- {id: tide, term: The, definition: The sea goes up and down., chapters: [tides]}", "no small word or letter"),
    "a term that means itself": ("data/glossary.yml", "[]", "- {id: tide, term: tide, definition: Tide., chapters: [tides]}", "what it means, in other words"),
    "a redirect out of the site": (ABOUT, "analyses/tides/old:", "../../tmp/x:", "of the form"),
    "a redirect to another host": (ABOUT, "analyses/tides/old: analyses/tides/model", "old: https://evil.example", "a page of _toc.yml"),
    "a page of shapes that there is not": (ABOUT, "slug: tides", "slug: tides\nshapes_page: analyses/tides/none", "a page of _toc.yml"),
    "a branch with a command": (ABOUT, "slug: tides", "slug: tides\nbranch: 'main; rm -rf /'", "of the form"),
    "a repository above itself": (ABOUT, "slug: tides", "slug: tides\nrepository: https://github.com/x/y/../../z", "an address as https://example.org/page"),
    "a release of the future": ("CITATION.cff", "date-released: 2026-01-01", "date-released: 2099-01-01", "not after today"),
    "a citation of another work": ("CITATION.cff", 'title: "Tides"', 'title: "Cooking for beginners"', "the name in data/review.yml"),
    "a book of another name": ("_config.yml", "title: Tides", "title: Something else", "the name in data/review.yml"),
    "notebooks executed twice": ("_config.yml", 'execute_notebooks: "off"', "execute_notebooks: force", "one of off"),
    "a pattern that leaves a page out": ("_config.yml", 'exclude_patterns: [_build,', 'exclude_patterns: ["analyses/tides/**", _build,', "analyses/tides/heights is one"),
    "a section that its chapter has not": (STATEMENT, "section: what-was-measured", "section: what-is-measured", "did you mean what-was-measured?"),
    "a chapter without headlines": (STATEMENT, "  headline: true\n", "", "headline: true of the statements that open the chapter"),
    "a look-up twice": (RUNS, "- {id: one,", "- {id: again, date: 2026-01-01, source: shelf, query: tides, returned: 3, chapters: [tides]}\n- {id: one,", "each look-up once; again is the same"),
    "a mistyped setting": ("_config.yml", 'copyright: "2026"', 'copyrigth: "2026"', "copyright?"),
    "a mistyped setting of pages": ("_config.yml", "  favicon:", "  favcion:", "favicon?"),
    "a mistyped setting of Sphinx": ("_config.yml", "    suppress_warnings: []", "    supress_warnings: []", "did you mean suppress_warnings"),
    "a language that the pages are not in": ("_config.yml", "    suppress_warnings: []", "    language: de", "en, in which the engine writes"),
    "warnings that are left out": ("_config.yml", "suppress_warnings: []", "suppress_warnings: [myst.xref_missing]", "an empty list"),
    "links that are not asked for": ("_config.yml", "    suppress_warnings: []", "    nitpick_ignore: [[a, b]]", "one of suppress_warnings, language"),
    "a folder that is published besides": ("_config.yml", "    suppress_warnings: []", "    suppress_warnings: []\n    html_extra_path: [data/external]", "one of suppress_warnings, language"),
    "a folder that is published with the styles": ("_config.yml", "    suppress_warnings: []", "    suppress_warnings: []\n    html_static_path: [data]", "one of suppress_warnings, language"),
    "a script of another host on each page": ("_config.yml", "    suppress_warnings: []", "    suppress_warnings: []\n    html_js_files: [https://example.org/x.js]", "one of suppress_warnings, language"),
    "a title for all pages": ("_config.yml", "    suppress_warnings: []", "    suppress_warnings: []\n    html_titel: x", "one of suppress_warnings, language"),
    "a data set of others as a picture": ("_config.yml", "  favicon:", "  favicon: data/external/a.png #", "a picture of the review, as assets/logo.svg"),
    "a table as a picture": ("_config.yml", 'copyright: "2026"', 'logo: assets/table.csv', "a picture of the review, as assets/logo.svg"),
    "mathematics that is not read": ("_config.yml", "colon_fence, dollarmath,", "colon_fence,", "dollarmath as well"),
    "Markdown that is not checked": ("_config.yml", "linkify, tasklist", "linkify, substitution", "one of colon_fence"),
    "a mistyped key of the contents": ("_toc.yml", "- file: methods\n", "- file: methods\n  titel: x\n", "did you mean title"),
    "an extension of another's": ("_config.yml", "extra_extensions: [review_book]", "extra_extensions: [review_book, os]", "one of review_book"),
    "a bibliography that there is not": ("_config.yml", "bibtex_bibfiles: [data/references.bib]", "bibtex_bibfiles: [data/nothing.bib]", "one of data/references.bib"),
    "a page twice in the contents": ("_toc.yml", "- file: methods\n", "- file: methods\n- file: methods\n", "each page once"),
    "a script as an address": ("_toc.yml", "- file: methods\n", "- file: methods\n- url: 'javascript:alert(1)'\n  title: x\n", "an address as https"),
    "an empty title": ("_toc.yml", "- file: methods\n", "- file: methods\n  title: ''\n", "words, or no title"),
    "a number from a study that nobody read": (STUDY, "read: {how: part,", "read: {how: not-read,", "secondary, or memory"),
    "less than nothing": (STUDY, "value: 2, unit: count", "value: 0, qualifier: less-than, unit: percent", "a qualifier that leaves a number"),
    "more than all": (FINDING, "value: 7.1, unit: metres", "value: 100, qualifier: more-than, unit: percent", "a qualifier that leaves a number"),
    "no answer for a summary": (FINDING, "summary: It was high.", "summary: n/a", "words, or leave the field out"),
    "a year that is a day": (DECISIONS, "Winds,1900", "Winds,2024-01-01", "the year in which it came out, as 2025"),
    "a year that is eight digits": (DECISIONS, "Winds,1900", "Winds,19001900", "the year in which it came out, as 2025"),
    "a year that is a year and a sign": (DECISIONS, "Winds,1900", "Winds,1900;", "the year in which it came out, as 2025"),
    "a year that is followed by a space": (DECISIONS, "Winds,1900", "Winds,1900 ", "the year in which it came out, as 2025"),
    "a table that was cut off": (TABLE, "18,1\n21,2\n", "18,1\n21", "whether the table was cut off"),
    "a minus as a formula": (DECISIONS, "Winds,1900", "-2+3+cmd|calc,1900", "text that a spreadsheet takes for text"),
    "repeated before it was known": (STATEMENT, "{study: newton1687tides, bearing: for, direct: consequence,", "{study: newton1687tides, replicates: darwin1898tides, out_before: {day: '1690', where: a letter of his}, bearing: for, direct: consequence,", "a day at most 5 years before 1898"),
    "a number of a work that is no evidence": (STATEMENT, OWN, "    - {study: darwin1898tides, bearing: for, direct: statement, found: 'It measured {newton1687tides/tides-a-day}.'}\n", "a number of this source"),
    "a number of other evidence alone": (STATEMENT, "found: It measured two.}", "found: 'It measured {newton1687tides/tides-a-day}.'}", "a number of this source, or beside one of it"),
    "one work under two keys": (BIB, ENTRY, "@misc{newton1687again,\n  author = {Newton, Isaac},\n  title = {PRINCIPIA},\n  year = {1687}\n}\n\n" + ENTRY, "each work once; newton1687again"),
    "one preprint by its id and by its DOI": (BIB, ENTRY, "@misc{lee2025tides,\n  author = {Lee, Ann},\n  title = {Tides},\n  year = {2025},\n  eprint = {2501.00001},\n  archivePrefix = {arXiv}\n}\n\n@misc{lee2025again,\n  author = {Lee, Ann},\n  title = {Waves},\n  year = {2025},\n  doi = {10.48550/arXiv.2501.00001}\n}\n\n" + ENTRY, "each work once; lee2025tides has the same arXiv id"),
    "work that nobody read counts": (GRADES, "abstract]\n", "abstract, not-read]\n", "one of full-text, part, abstract"),
    "work seen in another's words counts": (GRADES, "set: {read: [full-text, part]}", "set: {read: [full-text, part, secondary]}", "one of full-text, part, abstract"),
    "retracted work counts": (GRADES, "status: [current, corrected]", "status: [current, corrected, retracted]", "one of current, superseded, corrected"),
    "a grade twice": (GRADES, "grade: supported", "grade: established", "each grade once"),
    "a reading that changes nothing": (GRADES, "set: {analyses: false}", "set: {}", "what it changes"),
    "a share beyond all authors": (GRADES, "share_of_shorter: 0.5", "share_of_shorter: 50", "at most 1"),
    "a claim that types its number": (CLAIMS, "is {value} metres", "is 1.5 metres", "{value} for the number of the claim"),
    "a claim that types its number beside it": (CLAIMS, "is {value} metres", "is {value} metres, 1.5 in all", "{value} for the number of the claim"),
    "names with commas between them": (BIB, "{Newton, Isaac}", "{Newton, Isaac, Hooke, Robert, Halley, Edmond}", "with and between each"),
    "others before the end": (BIB, "{Newton, Isaac}", "{Newton, Isaac and others and Hooke, Robert}", "others at the end"),
    "an address of this machine": (BIB, "https://example.org/tides}", "https://localhost:8000/tides}", "an address by a public name"),
    "a number and words": (FINDING, "value: 7.1,", "value: 7.1, text: seven,", "one of them"),
    "an interval of no width": (FINDING, "value: 7.1,", "value: 7.1, interval: [7.1, 7.1],", "an interval"),
    "a measurement id twice": (FINDING, "measurements:\n", "measurements:\n  - {id: height, metric: x, condition: x, value: 1, unit: m, locator: p, verified: primary}\n", "an id of its own"),
    "a shape named twice": (FINDING, "shapes: [", "shapes: [{id: spring, part: all, standing: open, proposed_by: later-reading}, ", "once in a shape"),
    "a dose that is no number": (FINDING, "value: 7.1,", "value: 7.1, dose: {percent: .nan, share_of: x, effect: 'yes'},", "a finite number"),
    "a dose beyond all": (FINDING, "value: 7.1,", "value: 7.1, dose: {percent: 101, share_of: x, effect: 'yes'},", "a number of at most 100"),
    "an author that is a dot": (FINDING, "[George Howard Darwin]", "[George Howard Darwin, B.]", "a person or a group by name"),
    "an author that is others": (FINDING, "[George Howard Darwin]", "[George Howard Darwin, others]", "authors_note"),
    "an author and all the others": (FINDING, "[George Howard Darwin]", "[George Howard Darwin et al.]", "authors_note"),
    "an author twice in other case": (FINDING, "[George Howard Darwin]", "[Ada One, ada one]", "each author once"),
    "a month 13 of arXiv": (FINDING, SOURCE, 'source: {arxiv: "2613.07852"}', "of the form"),
    "another address than the id's": (FINDING, SOURCE, 'source: {arxiv: "2602.07852", url: "https://arxiv.org/abs/2602.07853"}', "the address of arXiv:2602.07852"),
    "published before its id": (FINDING, SOURCE, 'source: {arxiv: "2502.17424"}', "about 2025-02, the month of arXiv:2502.17424"),
    "recorded before published": (FINDING, "recorded: 2026-01-01", "recorded: 1897-01-01", "a day from 1898 on"),
    "recorded in the future": (FINDING, "recorded: 2026-01-01", "recorded: 2190-01-01", "not in the future"),
    "primary and not seen": (FINDING, "locator: p. 2", "locator: p. 2 (not seen in primary)", "the place where it was seen"),
    "a tab": (FINDING, "models: [Brest]", "\tmodels: [Brest]", "spaces, as in the lines around it"),
    "a colon without quotes": (FINDING, "title: A spring tide", "title: Brest: a spring tide", "quotes around the text"),
    "a sign of YAML's own": (FINDING, "title: A spring tide", "title: @spring tide", "quotes around the text"),
    "a line that goes on": (FINDING, "summary: It was high.", "summary: It was\nhigh.", "key: value; or"),
    "a quote that is open": (FINDING, "summary: It was high.", "summary: 'It was high.", "its end"),
    "a list that is open": (FINDING, "models: [Brest]", "models: [Brest", "valid YAML"),
    "an alias": (FINDING, "models: [Brest]", "models: &m [Brest]\ncaveats: *m", "valid YAML"),
    "a summary of one sign": (FINDING, "summary: It was high.", "summary: '🧨'", "words"),
    "a space before": (FINDING, "summary: It was high.", "summary: ' It was high.'", "without a space before or after"),
    "an accent of its own": (FINDING, "summary: It was high.", 'summary: "Ne\\u0301 high."', "accents in one sign"),
    "a list with twins": (FINDING, "models: [Brest]", "models: [Brest, Brest]", "each once"),
    "a contest without its reason": (FINDING, "summary: It was high.", "summary: It was high.\nlinks: [{to: dover, relation: contests}]", "the reason in a sentence"),
    "a study of another paper's finding": (STUDY, "kind: theory", "kind: theory\n  finding: brest", "brest is of darwin1898tides"),
    "a number of a study that its finding gives otherwise": (STUDY, "kind: experiment", "kind: experiment\n  numbers: [{id: height, what: height, value: 7.2, unit: metres, locator: p. 3, read: primary}]", "7.1, as height of brest says, or that one mended"),
    "a study and its finding on two dates": (STUDY, 'published: "1898"\n  kind: experiment', 'published: "1899"\n  kind: experiment', "the date of its finding"),
    "read before it came out": (STUDY, 'published: "1898"', "published: 2026-03", "a day from 2026-03 on"),
    "a day in seconds": (STUDY, "date: 2026-01-01", "date: '1764028800'", "a day as 2026-11-25"),
    "a day as a week": (STUDY, "date: 2026-01-01", "date: 2026-W48-3", "a day as 2026-11-25"),
    "a day of another century": (STUDY, "date: 2026-01-01", "date: 1926-01-01", "a day of work on the review"),
    "a day to come": (STUDY, "date: 2026-01-01", "date: 2190-01-01", "not after today"),
    "parameters that are no number": (STUDY, "systems: harbours", "systems: harbours\n  largest: {parameters: .nan}", "a finite number"),
    "a system beyond the world": (STUDY, "systems: harbours", "systems: harbours\n  largest: {parameters: 1.0e+80}", "a number of at most"),
    "a system of nothing": (STUDY, "systems: harbours", "systems: harbours\n  largest: {}", "parameters or training_flop"),
    "a status that is none": (STUDY, "kind: theory", "kind: theory\n  status: {is: current, because: it stands}", "no status at all"),
    "superseded by an older one": (STUDY, "kind: experiment", "kind: experiment\n  status: {is: superseded, by: [newton1687tides], because: x}", "a study that came later"),
    "a brace that does not close": (STATEMENT, "{newton1687tides/tides-a-day}", "{newton1687tides/tides-a-day", "closed and in one pair"),
    "doubled braces": (STATEMENT, "{newton1687tides/tides-a-day}", "{{newton1687tides/tides-a-day}}", "closed and in one pair"),
    "a fraction in one sign": (STATEMENT, "It measured two.", "It measured ½.", "a placeholder"),
    "a share in words": (STATEMENT, "It measured two.", "It measured ninety-five percent.", "a placeholder"),
    "a link in a sentence": (STATEMENT, "found: It measured two.", "found: 'It measured [two](javascript:x).'", "words; what a sentence rests on"),
    "one finding twice": (STATEMENT, "  evidence:\n", "  evidence:\n    - {study: darwin1898tides, bearing: for, direct: statement, found: It measured two.}\n", "once"),
    "for and against itself": (STATEMENT, "  evidence:\n", "  evidence:\n    - {study: darwin1898tides, bearing: against, direct: statement, found: It did not.}\n", "one bearing of darwin1898tides"),
    "a claim that no analysis checks": ("data/claims/tides.yml", "by: tides/heights", "by: tides/model", "an analysis that checks it"),
    "an erratum of no chapter": ("data/errata.yml", "[]", "- {id: a, date: 2026-01-01, chapter: winds, was: x, is: y, because: z}", "a chapter"),
    "a formula in a cell": ("data/datapackage.json", '"title": "Heights in a harbour"', '"title": ""', "at least 1 characters"),
    "a plus sign": (TABLE, "0,1", "0,+1", "no plus sign"),
    "minus nought": (TABLE, "0,1", "0,-0", "no minus nought"),
    "a number next to nothing": (TABLE, "0,1", "0,1e-320", "nothing below"),
    "a look-up before there was a review": (RUNS, "date: 2026-01-01", "date: 2006-01-01", "a day of work on the review"),
    "a decision before its look-up": (DECISIONS, "include,in-scope,2026-01-01", "include,in-scope,2025-01-01", "when one was made"),
    "a decision twice": (DECISIONS, "key:other,", "key:newton1687tides,Principia,1687,one,full-text,include,in-scope,2026-01-01,tides\nkey:other,", "each decision once"),
    "a row cut short": (DECISIONS, "key:other,", "# a remark\nkey:other,", "9 cells"),
    "an arXiv id of nothing": (DECISIONS, "key:other,", "arXiv:9999.99999,", "an id as arXiv:2401.01234"),
    "markup in an id": (DECISIONS, "key:other,", "doi:10.1/<b>x</b>,", "an id as arXiv:2401.01234"),
    "a user in an address": (DECISIONS, "key:other,", "url:http://user:pass@h/,", "an id as arXiv:2401.01234"),
    "a formula in a title": (DECISIONS, "Winds,1900", "=1+cmd|calc,1900", "text that a spreadsheet takes for text"),
    "a query of the future": ("data/searches/protocol.yml", "criteria:\n", "queries: [{id: heights, chapter: tides, terms: [[tide]], since: 2190-01-01}]\ncriteria:\n", "a day that is not in the future"),
    "a year that is not that of its address": (DECISIONS, "key:other,Winds,1900", "url:https://example.org/2024/06/24/winds,Winds,2020", "about 2024-06-24"),
    "published in another year than its entry": (BIB, "year = {1898}", "year = {1898},\n  howpublished = {Report, 23 July 1989}", "1898, the year of the entry"),
    "a table of another work than its name says": (PACKAGE, '"name": "harbour_heights"', '"name": "newton1687_heights"', "the work that its name says"),
    "a year before print": (DECISIONS, "Winds,1900", "Winds,1066", "the year in which it came out"),
    "TeX that reads files": (BIB, "title = {Principia}", "title = {\\input{/etc/passwd}}", "of all that TeX can do"),
    "a macro": (BIB, ENTRY, '@string{foo = "baz"}\n' + ENTRY, "entries alone"),
    "a made-up kind of entry": (BIB, ENTRY, ENTRY.replace("misc", "unknowntype"), "a kind of entry"),
    "an author between two ands": (BIB, "{Newton, Isaac}", "{Newton, Isaac and and Hooke, Robert}", "names between each and"),
    "a year to come": (BIB, "year = {1687}", "year = {2187}", "a year from 1600"),
    "a DOI that is none": (BIB, "year = {1687}", "year = {1687},\n  doi = {not a doi}", "a DOI as"),
    "an arXiv id that is none": (BIB, "year = {1687}", "year = {1687},\n  eprint = {banana}", "an arXiv id as"),
    "markup in a title": (BIB, "title = {Principia}", "title = {<img src=x onerror=alert(1)>}", "a title without markup"),
    "quotes in an address": (BIB, "https://example.org/tides}", 'https://example.org/"onmouseover="x}', "without spaces, quotes, braces and backslashes"),
    "an address as a manager of references writes it": (BIB, "https://example.org/tides}", r"https://example.org/a\_b}", "without spaces, quotes, braces and backslashes"),
    "a direction mark": (BIB, "title = {Principia}", "title = {Prin\u202ecipia}", "letters that are seen"),
    "a bell": (BIB, "title = {Principia}", "title = {Prin\x07cipia}", "letters that are seen"),
    "a licence that there is not": ("CITATION.cff", "license: [MIT]", "license: [MTI]", "did you mean MIT"),
    "a licence of the data in words": (PACKAGE, '"resources"', '"licenses": [{"name": "Creative Commons"}], "resources"', "by its name in the list of SPDX"),
    "a licence of others that there is not": ("data/external.yml", "[]", "- {id: a, title: A, cite: newton1687tides, licence: Apache 2, base: 'https://raw.githubusercontent.com/a/b/0123456789012345678901234567890123456789/', files: {a.csv: '0123456789012345678901234567890123456789012345678901234567890123'}}", "did you mean Apache-2.0"),
    "a data set of others under two ids": ("data/external.yml", "[]", "\n".join(f"- {{id: {name}, title: {name}, cite: newton1687tides, licence: MIT, base: 'https://raw.githubusercontent.com/a/b/0123456789012345678901234567890123456789/', files: {{a.csv: '{64 * '0'}'}}}}" for name in ("a", "b")), "files of its own; a has the same"),
    "a member that was only supposed": (FINDING, "in_harbour: {verdict: met}", "in_harbour: {verdict: not-met, because: x}", "declined, open or candidate"),
    "an address that git alone clones from": (ABOUT, "name: ", "repository: https://github.com/someone/tides.git\nname: ", "https://github.com/someone/tides, the page of the sources"),
    "a criterion for members that there is not": (ABOUT, "members_meet: [in_harbour]", "members_meet: [in_harbor]", "did you mean in_harbour"),
    "a kind of interval without one": (FINDING, "value: 7.1,", "value: 7.1, interval_kind: 95%,", "an interval, of which this is the kind"),
    "a range that is a bound": (FINDING, "value: 7.1,", "value: 7.1, upper: 8, qualifier: at-most,", "a range has both its ends"),
    "a range that leaves its interval": (STUDY, "value: 2, unit: count", "value: 2, upper: 9, interval: [1, 3], unit: count", "at most 3, the end of the interval"),
    "a DOI of another id": (FINDING, SOURCE, 'source: {arxiv: "1801.07852", doi: "10.48550/arXiv.1801.07853"}', "10.48550/arXiv.1801.07852"),
    "a search as a source": (FINDING, SOURCE, 'source: {url: "https://www.google.com/search?q=tides"}', "no search for it"),
    "an author turned about": (FINDING, "[George Howard Darwin]", '["Darwin, George Howard"]', "given names first"),
    "a family name that is not the printed one": (FINDING, "[George Howard Darwin]", "[George Howard Darwin]\nfamily: Howard Darwin", "Darwin, as its entry in data/references.bib says"),
    "an author with the mark of a footnote": (FINDING, "[George Howard Darwin]", "[George Howard Darwin¹*]", "without the mark of a footnote"),
    "a title with the mark of a footnote": (FINDING, "title: A spring tide at Brest", "title: A spring tide at Brest*", "without the mark of a footnote"),
    "a criterion of scale that is met where none was measured": (FINDING, "repeated: {verdict: untested, because: one full moon}", "repeated: {verdict: met}", "dependence on scale was not measured"),
    "a criterion of scale that there is not": (ABOUT, "needs_scale: repeated", "needs_scale: repeats", "did you mean repeated"),
    "a model in two spellings": (FINDING, "models: [Brest]", "models: [Brest Harbour, brest-harbour]", "Brest Harbour, as other findings spell it"),
    "fewer tokens than a training has": (STUDY, "systems: harbours", "systems: harbours\n  largest: {parameters: 7.0e+10, training_flop: 5.9e+13}", "FLOP that train 7e+10 parameters"),
    "corrected before it came out": (STUDY, "kind: experiment", "kind: experiment\n  status: {is: corrected, by: [newton1687tides], because: x}", "a study that came later"),
    "an abstract read in full": (STUDY, "read: {how: full-text, date: 2026-01-01, what: the book}", "read: {how: full-text, date: 2026-01-01, what: abstract in five copies}", "abstract, where no more was read"),
    "a place in notes on the source": (STUDY, "locator: p. 1, read: primary", "locator: 'p. 1, by readers’ notes', read: primary", "secondary, or the place in the source itself"),
    "a sentence that notes quote": (STUDY, "locator: p. 1, read: primary", "locator: 'p. 1, quoted in notes', read: primary", "secondary, or the place in the source itself"),
    "a number as a report gives it": (STUDY, "locator: p. 1, read: primary", "locator: 'p. 1, as reported', read: primary", "secondary, or the place in the source itself"),
    "years that run backwards": (STATEMENT, "scope: harbours on open coasts", "scope: harbours on open coasts, 2026 to 2017", "2017 to 2026"),
    "a group under two ids": ("data/groups.yml", "- ", "- {id: twin, name: George Howard Darwin}\n- ", "a name of its own"),
    "a unit beside the sentence": (CLAIMS, "is {value} metres", "is {value} tokens", "a sentence in metres"),
    "fewer than the works that a run met": (RUNS, "returned: 3", "returned: 2", "at least 3, since decisions say that it met as many works"),
    "more than a source returns": (RUNS, "returned: 3", "returned: 30", "at most 10, which shelf returns"),
    "a source of a limit that there is not": ("data/searches/protocol.yml", "{shelf: 10}", "{shelv: 10}", "did you mean shelf"),
    "a year years before its id": (DECISIONS, "key:other,Winds,1900", "arXiv:2603.22339,Winds,2016", "2026 or near it"),
    "one arXiv id under two keys": (BIB, ENTRY, "@misc{newton1687again,\n  author = {Newton, I.},\n  title = {Another},\n  year = {1687},\n  eprint = {2001.08361}\n}\n\n@misc{newton1688again,\n  author = {Newton, Isaac},\n  title = {Other},\n  year = {1688},\n  eprint = {2001.08361}\n}\n\n" + ENTRY, "newton1687again has the same arXiv id"),
    "one title under two keys, its authors cut": (BIB, ENTRY, "@misc{newton1687again,\n  author = {Newton, I. and others},\n  title = {principia},\n  year = {1687}\n}\n\n" + ENTRY, "has the same title and year"),
    "a DOI with the stop of its sentence": (BIB, "year = {1687}", "year = {1687},\n  doi = {10.1126/science.177.}", "the DOI without ."),
    "an address that is not safe": (BIB, "https://example.org/tides}", "http://example.org/tides}", "begins with https://"),
    "one dollar in a title": (BIB, "title = {Principia}", "title = {Principia $is}", "between two dollar signs"),
    "a month that there is not": (BIB, "year = {1687}", "year = {1687},\n  month = {Smarch}", "a month by its name"),
    "authors in another order than their entry": (FINDING, "[George Howard Darwin]", "[Ada One, George Howard Darwin]", "as its entry in data/references.bib says"),
    "a percentage that no whole thing gives": (FINDING, "value: 7.1, unit: metres", "value: 0.75, n: 40, n_of: days, unit: percent", "of 40 it is 0.3; or n_of"),
    "a percentage of a study that no whole thing gives": (STUDY, "value: 2, unit: count", "value: 0.9, n: 20, unit: percent", "of 20 it is 0.18; or note"),
    "a dose that is not the metric's": (FINDING, "metric: height, condition: full moon,", "metric: height with 1% salt, condition: full moon, dose: {percent: 10, share_of: salt, effect: 'yes'},", "1, as metric and condition say"),
    "a note on dates that says another": (FINDING, "recorded: 2026-01-01", "recorded: 2026-01-01\ndates_note: 1897-03 (a lecture)", "a note that says 1898"),
    "a largest size that is not the one in words": (STUDY, "systems: harbours", "systems: harbours from 2M to 175B parameters on 5 trillion tokens\n  largest: {parameters: 1.75e+12}", "near 1.75e+11, the largest that systems names"),
    "a note on the dates of a study that says another": (STUDY, 'published: "1898"', 'published: "1898"\n  dates_note: 1897-03 (a lecture)', "a note that says 1898"),
    "pages from the last to the first": (BIB, "year = {1687}", "year = {1687},\n  pages = {5139--5098}", "5098--5139"),
    "an id pasted with its title": (BIB, "title = {Principia}", "title = {[2001.08361] Principia}", "the title alone"),
    "one text for two questions": ("data/questions.yml", "[]", "- {id: a, question: Why twice?, settled_by: a buoy, notes_line: line 1}\n- {id: b, question: Why high?, settled_by: Why twice?, notes_line: line 2}\n", "words of its own; a has the same"),
    "work that was left over as question marks": (STUDY, "summary: It measured them.", "summary: ??? It measured them.", "words that are done"),
    "a number in a title of the contents": (CONTENTS, "- file: register\n", "- file: register\n  title: All 378 findings\n", "words without 378"),
    "a title of another page": (CONTENTS, "- file: register\n", "- file: register\n  title: How high is the tide?\n", "words of its own; analyses/tides/heights has this title"),
    "a family twice": (ABOUT, "needs_scale: repeated", "needs_scale: repeated\nfamilies: [GPT, gpt]", "each family once, in whatever case"),
    "a run for a chapter that none of its decisions has": (RUNS, "chapters: [tides]", "chapters: [winds]", "tides, for which its works were decided"),
    "a misspelt unit": (FINDING, "value: 7.1, unit: metres", "value: 310, unit: percnt", "percent"),
    "a misspelt unit of a study": (STUDY, "value: 2, unit: count", "value: 2, unit: tokesn", "tokens"),
    "a study that does not name its finding": (STUDY, "  finding: brest\n", "", "finding: brest, which the register holds of this paper"),
    "a study known from others whose finding was seen in it": (STUDY, "read: {how: full-text,", "read: {how: secondary,", "by read.how the study itself was secondary"),
    "words beside a number to compare with": (FINDING, "value: 7.1, unit: metres", "value: 7.1, unit: metres, comparator: {condition: neap, value: 3, text: low}", "beside a value no text is shown"),
    "words beside a number of a study": (STUDY, "value: 2, unit: count", "value: 2, text: two a day, unit: count", "beside a value no text is shown"),
    "words beside a number of a claim": (CLAIMS, "value: 1.5, unit: metres", "value: 1.5, text: high, unit: metres", "one of them"),
    "a bound of words": (FINDING, "value: 7.1,", "text: high water, qualifier: at-least,", "a value, which it bounds"),
    "one record twice in a list": (FINDING, "summary: It was high.", "summary: It was high.\nin_founding_notes: true\nnotes_say: [{claim: It is high, verdict: agrees}, {claim: It is high, verdict: agrees}]", "each once"),
    "a sentence with a unit that its claim has not": (CLAIMS, "{value} metres.\n  published: {value: 1.5, unit: metres,", "{value} percent.\n  published: {value: 1.5,", "the unit of the sentence, percent"),
    "a claim under two ids": (CLAIMS, "- id: mean-height", "- id: twin\n  statement: The mean height in the harbour is {value} metres.\n  published: {value: 1.5, unit: metres, cite: newton1687tides, locator: p. 1, verified: primary}\n  verdict: not-recomputed\n  unattached: x\n- id: mean-height", "words of its own; twin has the same"),
    "a part of no shape": (SHAPES, "kind: shape", "kind: sub-shape", "of, the shape that it is a part of"),
    "a part that is called a whole": (SHAPES, "shapes:\n", "shapes:\n  - {id: neap, title: Neap tide, kind: shape, of: spring, definition: Moon at right angles., evidence_at: 2, look_for: half moon}\n", "sub-shape, since it is a part of spring"),
    "a shape of which notes speak that do not name it": (SHAPES, "    look_for: full moon", "    look_for: full moon\n    in_founding_notes: false\n    notes_members: 3", "in_founding_notes: true where"),
    "a shape under two ids": (SHAPES, "shapes:\n", "shapes:\n  - {id: neap, title: Neap tide, kind: shape, definition: Sun and moon in line., evidence_at: 2, look_for: half moon}\n", "words of its own; neap has the same"),
    "a grade that nothing gets": (GRADES, "needs: {direct_groups: 1, groups: 2, against: 0}", "needs: {direct_groups: 4, groups: 4, replications: 2, against: 0}", "whatever meets these is established"),
    "a decision for a chapter that there is not": (DECISIONS, "out-topic,2026-01-01,tides", "out-topic,2026-01-01,tide", "did you mean tides?"),
    "a run for a chapter that there is not": (RUNS, "chapters: [tides]", "chapters: [tides, tidse]", "did you mean tides?"),
    "an older decision below a newer": (DECISIONS, "key:other,", "key:other,Winds,1900,one,full-text,exclude,out-topic,2026-01-05,tides\nkey:other,", "a day from 2026-01-05 on"),
    "a criterion under two ids": ("data/searches/protocol.yml", "criteria:\n", "criteria:\n  - {id: out-twin, title: not about tides, decides: exclude}\n", "words of its own"),
    "a query under two ids": ("data/searches/protocol.yml", "criteria:\n", "queries: [{id: a, chapter: tides, terms: [[tide]]}, {id: b, chapter: tides, terms: [[tide]]}]\ncriteria:\n", "words of its own; a asks for the same"),
    "an older look-up below a newer": (RUNS, "- {id: one,", "- {id: before, date: 2026-01-05, source: shelf, query: neap, returned: 0, chapters: [tides]}\n- {id: one,", "a day from 2026-01-05 on, of before above"),
    "a criterion twice": ("data/searches/protocol.yml", "criteria:\n", "criteria:\n  - {id: out-topic, title: on tides, decides: include}\n", "an id of its own"),
    "a saying that contradicts itself": ("data/prose_checks.yml", "[]", "- {id: a, lines: '1; 2', about: The tides, says: two, also: Two}", "another saying"),
    "a contradiction twice": ("data/prose_checks.yml", "[]", "- {id: a, lines: '1; 2', about: The tides, says: two, also: one}\n- {id: b, lines: '1; 2', about: The tides, says: two, also: one}", "a matter of its own"),
    "a property under two ids": ("data/definitions.yml", "properties: []", "properties: [{id: a, question: Is it high?}, {id: b, question: Is it high?}]", "words of its own"),
    "a definition twice": ("data/definitions.yml", "properties: []\ndefinitions: []", "properties: [{id: a, question: Is it high?}]\ndefinitions: [{id: d, name: x, cite: newton1687tides, says: High., asks: [a]}, {id: d, name: y, cite: newton1687tides, says: Higher., asks: [a]}]", "an id of its own"),
    "a prediction under two ids": ("data/predictions.yml", "[]", "\n".join(f"- {{id: {name}, theory: t, cite: newton1687tides, observable: data-exponent, predicted: {{text: two, unit: none, locator: p, read: primary}}, measured: {{text: two, unit: none, locator: p, read: primary}}, model: m, by: darwin1898tides, made: before, outcome: agrees, note: {name} n}}" for name in ("a", "b")), "each measurement of a theory once; a has"),
    "a prediction from before by a later work": ("data/predictions.yml", "[]", "- {id: a, theory: t, cite: darwin1898tides, observable: data-exponent, predicted: {text: two, unit: none, locator: p, read: primary}, measured: {text: two, unit: none, locator: p, read: primary}, model: m, by: newton1687tides, made: before, outcome: agrees, note: n}", "after or unclear: darwin1898tides is of 1898"),
    "a place of notes that do not name it": (FINDING, "proposed_by: later-reading", "proposed_by: founding-notes", "or a place that they proposed is given"),
    "a difference that is not said": (FINDING, "summary: It was high.", "summary: It was high.\nin_founding_notes: true\nnotes_say: [{claim: It is low, verdict: differs}]", "what the source says"),
    "a space in a key": (BIB, "@misc{darwin1898tides,", "@misc{zzz 2020 sp,\n  title = {x}\n}\n\n@misc{darwin1898tides,", "a BibTeX entry"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_record_is_said(mini, kind):
    """A small fault that once passed, or was answered in the parser's own words, is named with its line and what is needed."""
    name, old, new, needed = KINDS[kind]
    with_files_of_this_subject(mini)
    path = mini / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    said = check_everything(Review(mini))
    assert any(needed in p.needed and p.file == name for p in said), "\n".join(map(str, said))
    assert not [
        p
        for p in said
        if re.search(r"Input should|List should|valid date|function-after|\.float$", f"{p.needed} {p.field}")
    ]
    assert name == BIB or not [
        p for p in said if p.line == 1 and p.field != "(whole file)" and old not in text.splitlines()[0]
    ]


PAIRS = {
    "a DOI that is not its entry's": (
        FINDING, SOURCE, 'source: {doi: "10.1234/tides.21"}', BIB, "year = {1898}", "doi = {10.1234/tides.12},\n  year = {1898}",
        "10.1234/tides.12, the DOI of its entry",
    ),
    "a title that is nearly its entry's": (
        FINDING, "title: A spring tide at Brest", "title: On the spring heights of Brest",
        BIB, "title = {The tides}", "title = {On the spring tides of Brest}", "the title of its entry in data/references.bib",
    ),
    "a scale that was measured by a test that was not run": (
        FINDING, "scale: {measured: false}", "scale: {measured: true, how: x, result: more}\ntests: [{test: moon, result: not-run, note: x}]",
        ABOUT, "needs_scale: repeated", "needs_scale: repeated\nscale_test: moon", "a result, since scale.measured is true",
    ),
    "a test of scale with a result where none was measured": (
        FINDING, "scale: {measured: false}", "scale: {measured: false}\ntests: [{test: moon, result: removes-effect}]",
        ABOUT, "needs_scale: repeated", "needs_scale: repeated\nscale_test: moon", "not-run or not-reported, since scale.measured is false",
    ),
    "a test of scale that there is not": (
        ABOUT, "needs_scale: repeated", "needs_scale: repeated\nscale_test: moon", SHAPES, "tests: []", "tests: [{id: moons, title: Moon, asks: Without it?}]",
        "a known test of data/shapes.yml; did you mean moons?",
    ),
    "a test that is waited for and was run": (
        FINDING, "standing: member, proposed_by: later-reading}]",
        "standing: open, proposed_by: later-reading, decided: {day: 2026-01-01, because: x, waits_for: moon}}]\ntests: [{test: moon, result: removes-effect}]",
        SHAPES, "tests: []", "tests: [{id: moon, title: Moon, question: Without it?}]", "this one gave removes-effect",
    ),
    "an analysis below another chapter": (
        CONTENTS, "  - file: analyses/tides/heights", "  - file: analyses/winds/heights", CONTENTS, "root: index", "root: index",
        "a place below chapters/winds",
    ),
    "statements below another chapter": (
        CONTENTS, "  - file: statements/tides\n", "",
        CONTENTS, "- file: register", "- file: chapters/winds\n  sections:\n  - file: statements/tides\n- file: register",
        "a place below chapters/tides, whose page it is",
    ),
    "chapters in another order": (
        CONTENTS, "- file: register", "- file: chapters/winds\n- file: register", ABOUT, "[tides]", "[winds, tides]",
        "chapters/winds, by the order of chapters in data/review.yml",
    ),
    "fewer authors than their entry": (
        FINDING, "title: A spring tide at Brest", "title: The tides", BIB, "{Darwin, George Howard}", "{Darwin, George Howard and Lamb, Horace}", "the 2 of its entry in data/references.bib",
    ),
    "an address of another work": (
        FINDING, SOURCE, 'source: {url: "https://example.org/principia"}',
        BIB, "year = {1687}", "year = {1687},\n  url = {https://example.org/principia}", "this one is of newton1687tides",
    ),
    "a table of a finding of which the abstract was read": (
        STUDY, "how: full-text, date: 2026-01-01, what: the book", "how: abstract, date: 2026-01-01, what: abstract",
        FINDING, "locator: p. 2, verified: primary", "locator: Table 7, verified: primary", "or read.how: part, with Table 7 in read.what",
    ),
    "a place of a claim of which the abstract was read": (
        CLAIMS, "locator: p. 1, verified: primary", "locator: Table 7, verified: primary",
        STUDY, "how: part, date: 2026-01-01, what: one page", "how: abstract, date: 2026-01-01, what: abstract", "with Table 7 in read.what",
    ),
    "a table of a study of which the abstract was read": (
        STUDY, "how: part, date: 2026-01-01, what: one page", "how: abstract, date: 2026-01-01, what: abstract and Table 6",
        STUDY, "locator: p. 1, read: primary", "locator: Table 7, read: primary", "or read.how: part, with Table 7 in read.what",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", PAIRS)
def test_what_two_fields_say_otherwise_is_said(mini, kind):
    """A field that another one contradicts, in its record or in another, is named with what the other says."""
    name, old, new, other, was, now, needed = PAIRS[kind]
    for path, a, b in ((mini / name, old, new), (mini / other, was, now)):
        text = path.read_text(encoding="utf-8")
        assert a in text
        path.write_text(text.replace(a, b, 1), encoding="utf-8")

    said = check_everything(Review(mini))
    assert any(needed in p.needed and p.file == name for p in said), "\n".join(map(str, said))


LITTLE = Path(__file__).resolve().parents[1] / "little_review"
FILES = sorted(p.relative_to(LITTLE).as_posix() for p in LITTLE.rglob("*.*") if p.suffix != ".svg")
WRITTEN_BY_PROGRAMS = ["data/history.jsonl", "data/forecasts/seals.txt", "data/forecasts/2026-01-01.yml", "data/laws/a.yml", "tests/reference/tides/heights.ipynb"]  # fmt: skip


@pytest.mark.parametrize("name", FILES + WRITTEN_BY_PROGRAMS)
def test_a_mark_of_a_merge_is_said(mini, name):
    """What a merge left in a file of any kind is named with file, line and what to do, and nothing else is said of that file."""
    path = mini / name
    path.parent.mkdir(parents=True, exist_ok=True)
    first, _, rest = (path.read_text(encoding="utf-8") if path.is_file() else "first\nsecond\n").partition("\n")
    path.write_text(f"{first}\n<<<<<<< HEAD\n=======\r\n>>>>>>> theirs\n{rest}", encoding="utf-8", newline="")

    said = [p for p in check_everything(Review(mini)) if p.file == name]
    assert [(p.line, p.given) for p in said] == [
        (2, "a mark of a merge, <<<<<<<"),
        (3, "a mark of a merge, ======="),
        (4, "a mark of a merge, >>>>>>>"),
    ]
    assert {p.needed for p in said} == {"one of both versions, and the marks taken out"}


def test_a_line_under_a_title_is_no_mark_of_a_merge(mini):
    """Signs in a row that are longer, shorter or within a line are text."""
    page = mini / "index.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n======\n\n==========\n\na <<<<<<< b\n", encoding="utf-8")

    assert check_everything(Review(mini)) == []


@pytest.mark.parametrize(
    ("name", "letter", "needed"),
    [
        (TABLE, "\u200b", "letters that are seen"),
        (DECISIONS, "\u2060", "letters that are seen"),
        (PACKAGE, "\u00a0", "a space as the space bar makes it"),
        ("chapters/tides.md", "\u202e", "letters that are seen"),
        ("analyses/tides/heights.md", "\u00ad", "letters that are seen"),
        ("data/statements/tides.yml", "\u2003", "a space as the space bar makes it"),
        ("index.md", "\x07", "letters that are seen"),
        ("methods.md", "ﬁ", "fi, which it only looks like"),
        (FINDING, "１", "1, which it only looks like"),
        (TABLE, "\u2011", "-, which it only looks like"),
        (BIB, "\u2010", "-, which it only looks like"),
        ("chapters/tides.md", "tid\u0435s", "the letters of one script"),
        ("chapters/tides.md", "in \u0430 harbour", "the letters of one script"),
        (FINDING, "Jing ShÃ¤o", "ä, as it was written"),
        (BIB, "Ãœber", "Ü, as it was written"),
        ("chapters/tides.md", "itâ€™s", "’, as it was written"),
        ("data/glossary.yml", "# Î¼P", "μ, as it was written"),
        ("chapters/tides.md", "m\ufffdtters", "the letter that was lost"),
    ],
)
def test_a_letter_that_looks_like_another_or_like_nothing_is_said(mini, name, letter, needed):
    """What no eye tells apart, a program would: such a letter is named with its line in a text of any kind."""
    path = mini / name
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    path.write_text(f"{first}\n{rest.rstrip()}{letter}\n", encoding="utf-8")

    said = [p for p in check_everything(Review(mini)) if p.file == name and needed in p.needed]
    assert said, letter
    assert said[0].line == f"{first}\n{rest.rstrip()}".count("\n") + 1


@pytest.mark.parametrize(
    ("name", "before", "lost"),
    [
        (DECISIONS, ",Principia,", "#NAME?"),
        (DECISIONS, ",The tides,", "#REF!"),
        (TABLE, ",2", "#N/A"),
        (TABLE, ",1", "#DIV/0!"),
    ],
)
def test_a_cell_that_a_spreadsheet_lost_is_said(mini, name, before, lost):
    """A cell that a spreadsheet took for a formula holds its error and no more what was typed, in a column of any kind."""
    path = mini / name
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(before, before.replace(before.strip(","), lost), 1), encoding="utf-8")

    said = [p for p in check_everything(Review(mini)) if p.file == name and p.field == "(cell)"]
    assert [(p.line, p.given) for p in said] == [(1 + text[: text.index(before)].count("\n"), lost)]
    assert said[0].needed.startswith("what stood in the cell before a spreadsheet")


def test_a_copy_beside_its_record_is_told_once(mini):
    """A copy as a file manager names it is said to be one, and not held to be of the same paper as itself."""
    (mini / "data" / "findings" / "brest (1).yml").write_bytes((mini / FINDING).read_bytes())

    (said,) = check_everything(Review(mini))
    assert (said.file, said.field, said.given) == ("data/findings/brest (1).yml", "id", "brest")
    assert said.needed.endswith("unless it is a copy of brest.yml, to be taken away")


@pytest.mark.parametrize(("site", "sound"), [("b", True), (" a", False), ("a ", False), ("A", False)])
def test_a_row_under_a_key_that_only_looks_like_another_is_said(mini, site, sound):
    """Spaces at the ends of a cell, and keys that differ in case alone, are refused: two rows would tell of one thing."""
    _with_columns(
        mini, ['{"name": "site", "type": "string"}'], f"hour,height,site\n0,1,a\n0,2,{site}\n", ("hour", "site")
    )

    said = [p for p in check_everything(Review(mini)) if p.file == TABLE]
    assert [(p.line, p.field) for p in said] == ([] if sound else [(3, "site")])


@pytest.mark.parametrize(
    ("unit", "cell", "needed"),
    [
        ("share of the highest", "1.2", "a share from 0 to 1"),
        ("probability", "-0.1", "a share from 0 to 1"),
        ("rate", "95%", "in plain digits"),
        ("percent", "140", "a percentage between 0 and 100"),
        ("rank correlation", "-1.5", "a number between -1 and 1"),
    ],
)
def test_a_cell_that_cannot_be_of_its_unit_is_said(mini, unit, cell, needed):
    """A share above 1 or below 0, or a percentage as text, in a table typed from a paper is named with row and column."""
    package = mini / PACKAGE
    package.write_text(package.read_text(encoding="utf-8").replace("metres", unit), encoding="utf-8")
    heights = ["0", "0.5", "1", "0", cell]
    table = "".join(f"{hour},{height}\n" for hour, height in enumerate(heights))
    (mini / TABLE).write_text(f"hour,height\n{table}", encoding="utf-8")

    (said,) = (p for p in check_everything(Review(mini)) if p.file == TABLE)
    assert (said.line, said.field, said.given) == (6, "height", cell)
    assert needed in said.needed


@pytest.mark.parametrize(
    "name", ["data/findings", "data/published", "data/findings/brest.yml", "chapters", "analyses/tides", "data"]
)
def test_a_link_in_place_of_a_folder_or_a_file_is_said(mini, tmp_path, name):
    """What a link points to is not kept with the review: a record, a folder of them and the data as a whole are named."""
    path, elsewhere = mini / name, tmp_path / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)

    said = [p for p in check_everything(Review(mini)) if p.file == name]
    assert {p.given for p in said} == {"a link"}


@pytest.mark.parametrize(
    "name", ["data/findings/con.yml", "chapters/aux.md", "analyses/tides/con.md", "data/published/lpt1.csv", "data/Nul"]
)
def test_a_file_that_windows_cannot_hold_is_said(mini, name):
    """The name of a device is no name of a file of the review, whatever its ending and its letters."""
    path = mini / name
    path.write_text("x\n", encoding="utf-8")

    assert any(p.file == name and "Windows keeps it for a device" in p.needed for p in check_everything(Review(mini)))


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("data/studies/new.yaml", "studies/*.yml"),
        ("data/studies/old/tides.yml", "another place"),
        ("data/laws/data2.yaml", "laws/*.yml"),
        ("data/forecasts/2026-11-30.yaml", "forecasts/????-??-??.yml"),
        ("data/forecasts/more.yml", "forecasts/outcomes.yml"),
        ("data/searches/decisions2.csv", "did you mean searches/decisions.csv"),
        ("data/outcomes.yml", "or another place"),
        ("chapters/winds.md", "an entry there, or the page is never built"),
        ("winds.md", "an entry there, or the page is never built"),
        ("chapters/winds.txt", "a page as .md, in _toc.yml"),
        (
            "analyses/tides/more.ipynb",
            "it in MyST Markdown, in _toc.yml: jupytext --to md:myst analyses/tides/more.ipynb",
        ),
        ("analyses/tides/more.csv", "a file whose name a page beside it holds"),
        ("analyses/tides/old/heights.md", "a page as .md, in _toc.yml"),
        (
            "analyses/tides/new.ipynb",
            "it in MyST Markdown, in _toc.yml: jupytext --to md:myst analyses/tides/new.ipynb",
        ),
        ("analyses/tides/model.ipynb", "model.md alone; to take over the cells of the notebook: jupytext --to md:myst"),
    ],
)
def test_a_file_that_nothing_reads_is_said(mini, name, needed):
    """An author's record, page or table under a name that is not read is named, with the names that are."""
    path = mini / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("# Winds\n", encoding="utf-8")

    said = [p for p in check_everything(Review(mini)) if p.file == name]
    assert any(needed in p.needed for p in said)


def test_a_finding_of_the_founding_notes_is_no_candidate_for_their_question(mini):
    """What the notes count already can be no second one that they ask for."""
    finding = mini / "data" / "findings" / "brest.yml"
    text = finding.read_text(encoding="utf-8")
    question = "- {id: q, question: Is there a second?, shape: spring, settled_by: x, notes_line: y, candidates: [{finding: brest, strength: good, but: x}]}"
    (mini / "data" / "questions.yml").write_text(question, encoding="utf-8")
    need = "a finding that came after the founding notes: they count this one in spring"

    assert need not in [p.needed for p in check_everything(Review(mini))]
    finding.write_text(text.replace("proposed_by: later-reading", "proposed_by: founding-notes"), encoding="utf-8")
    assert need in [p.needed for p in check_everything(Review(mini))]


def test_a_statement_that_a_merge_left_twice_is_named(mini):
    """Other words and another id over the same evidence would be counted as another statement."""
    path = mini / "data" / "statements" / "tides.yml"
    text = path.read_text(encoding="utf-8")
    twin = text[text.index("- id: moon-drives-tides") :].replace("id: moon-drives-tides", "id: moon-makes-tides")
    path.write_text(text + twin.replace("The moon raises", "The moon makes"), encoding="utf-8")

    (said,) = [p for p in check_everything(Review(mini)) if "one set of evidence" in p.needed]
    assert (said.given, said.file) == ("moon-makes-tides", "data/statements/tides.yml")


def test_authors_cut_from_the_bibliography_that_a_finding_names_are_asked_for(mini):
    """A shortened list is no second team, and the finding has the whole one."""
    path = mini / "data" / "references.bib"
    text = path.read_text(encoding="utf-8")
    at = text.index("darwin1898tides")
    path.write_text(
        text[:at]
        + re.sub(r"author\s*=\s*\{[^}]*\}", "author = {Darwin, George Howard and others}", text[at:], count=1),
        encoding="utf-8",
    )
    finding = mini / "data" / "findings" / "brest.yml"
    whole = finding.read_text(encoding="utf-8").replace("title: A spring tide at Brest", "title: The tides")
    whole = whole.replace("[George Howard Darwin]", "[George Howard Darwin, Ada Reid]")
    finding.write_text(whole, encoding="utf-8")

    assert any("or those of the finding there" in p.needed for p in check_everything(Review(mini)))


@pytest.mark.parametrize(
    ("drawing", "line"),
    [
        ('<svg><title>Tides</title>\n<text x="1">98 percent of harbours</text></svg>', 2),
        ("<svg><text><tspan>98 percent</tspan></text></svg>", 1),
        ("<svg><!-- number: a label of the axis --><text>98 percent</text></svg>", None),
        ('<svg><text x="98">Tides since 1998</text></svg>', None),
    ],
)
def test_a_number_typed_into_a_drawing_is_named(mini, drawing, line):
    """A picture on a page would show a result that no record holds: its words are read as the page's are."""
    (mini / "assets").mkdir(exist_ok=True)
    (mini / "assets" / "result.svg").write_text(drawing, encoding="utf-8")

    found = [p for p in check_everything(Review(mini)) if p.file == "assets/result.svg"]
    assert [p.line for p in found] == ([line] if line else [])


def test_a_file_that_a_page_beside_it_names_is_read(mini):
    """A module or a table beside an analysis, which its code names, is a part of it."""
    page = mini / "analyses" / "tides" / "model.md"
    (page.parent / "helping.py").write_text("x = 1\n", encoding="utf-8")
    page.write_text(
        page.read_text(encoding="utf-8").replace("```{code-cell}", "```{code-cell}\nimport helping\n", 1),
        encoding="utf-8",
    )

    assert not [p for p in check_everything(Review(mini)) if p.file.endswith("helping.py")]


@pytest.mark.parametrize(
    ("field", "given", "needed"),
    [
        ("notebooks", "4600", "there are 2, and there never were twice as many"),
        ("notebooks", "0", "a number above 0"),
        ("seconds", "-3", "a number above 0"),
        ("seconds", "Infinity", "a finite number"),
        ("python", '"three"', "text of the form"),
    ],
)
def test_an_execution_that_cannot_have_been_is_said(mini, field, given, needed):
    """What is written down of the last execution is a number of notebooks that there can have been, in some time."""
    done = {"date": '"2026-01-01"', "notebooks": "2", "seconds": "3", "python": '"3.11.7"', field: given}
    said = ", ".join(f'"{name}": {value}' for name, value in done.items())
    (mini / "data" / "execution.json").write_text(f"{{{said}}}\n", encoding="utf-8")

    (problem,) = check_everything(Review(mini))
    assert (problem.file, problem.field) == ("data/execution.json", field)
    assert needed in problem.needed


def test_data_sets_of_others_may_lie_elsewhere(mini, tmp_path):
    """A folder of copies of data sets of others can be linked: each file is held by its hash."""
    (tmp_path / "copies").mkdir()
    (mini / "data" / "external").symlink_to(tmp_path / "copies")

    assert check_everything(Review(mini)) == []


def test_a_value_beside_its_interval_in_a_table_is_said(mini):
    """A number whose columns of low and high follow it lies between them."""
    package = mini / PACKAGE
    ends = (
        ', {"name": "low", "type": "number", "unit": "metres"}, {"name": "high", "type": "number", "unit": "metres"}]'
    )
    package.write_text(package.read_text(encoding="utf-8").replace("]}}]}", f"{ends}}}}}]}}"), encoding="utf-8")
    (mini / TABLE).write_text("hour,height,low,high\n0,1,0.5,1.5\n3,2,3,4\n", encoding="utf-8")

    (said,) = (p for p in check_everything(Review(mini)) if p.file == TABLE)
    assert (said.line, said.field, said.given) == (3, "height", "2.0")
    assert said.needed == "from 3 to 4, as low and high say"


@pytest.mark.parametrize(("row", "sound"), [("0.5715,0.5598,0.5885", False), ("0.5715,0.5598,0.5886", True)])
def test_a_number_with_its_interval_in_two_rows_is_said(mini, row, sound):
    """A number and both ends of its interval, to four digits each, are not found twice: a row was pasted."""
    columns = [f'{{"name": "{name}", "type": "number", "unit": "metres"}}' for name in ("low", "high")]
    _with_columns(mini, columns, f"hour,height,low,high\n0,0.5715,0.5598,0.5885\n3,{row}\n6,2,1,3\n9,2,1,3\n")

    said = [(p.line, p.field, p.needed) for p in check_everything(Review(mini)) if p.file == TABLE]
    assert said == (
        []
        if sound
        else [(3, "height", "the numbers of this row: with low and high it stands in line 2, to four digits")]
    )


def _with_columns(mini, columns, rows, key=()):
    """Give the little table these columns beside its own two."""
    package = mini / PACKAGE
    said = "".join(f", {column}" for column in columns)
    text = package.read_text(encoding="utf-8").replace("]}}]}", f"{said}]}}}}]}}")
    keyed = (
        text.replace('"schema": {', f'"schema": {{"primaryKey": {list(key)}, '.replace("'", '"'), 1) if key else text
    )
    package.write_text(keyed, encoding="utf-8")
    (mini / TABLE).write_text(rows, encoding="utf-8")


def test_a_value_beside_its_interval_with_an_error_between_is_said(mini):
    """A standard error may stand between a number and the ends of its interval."""
    names = ("standard_error", "low95", "high95")
    columns = [f'{{"name": "{name}", "type": "number", "unit": "metres"}}' for name in names]
    _with_columns(mini, columns, "hour,height,standard_error,low95,high95\n0,1,0.2,0.5,1.5\n3,20,0.2,1,3\n")

    (said,) = (p for p in check_everything(Review(mini)) if p.file == TABLE)
    assert (said.line, said.field, said.given) == (3, "height", "20.0")


def test_a_row_that_stands_twice_is_said(mini):
    """Rows are told apart by the columns of primaryKey, which are columns of the table."""
    site = '{"name": "site", "type": "string"}'
    rows = "hour,height,site\n0,1,a\n0,2,b\n0,9,a\n"
    _with_columns(mini, [site], rows, ("hour", "site"))
    (said,) = (p for p in check_everything(Review(mini)) if p.file == TABLE)
    assert (said.line, said.field, said.given) == (4, "site", "0, a")
    assert said.needed == "each hour, site once, as primaryKey says; line 2 has the same"

    package = mini / PACKAGE
    package.write_text(
        package.read_text(encoding="utf-8").replace('["hour", "site"]', '["hour", "sites"]'), encoding="utf-8"
    )
    (said,) = check_everything(Review(mini))
    assert said.needed == "columns of the table; did you mean site?"


@pytest.mark.parametrize(
    ("name", "unit", "sound"),
    [
        ("wet_percent", "percent of days", True),
        ("wet_percent", "minutes", False),
        ("wet_percent", "", False),
        ("tonnes_millions", "millions", True),
        ("tonnes_millions", "billions", False),
    ],
)
def test_a_unit_against_the_name_of_its_column_is_said(mini, name, unit, sound):
    """A column named after a unit has it: its numbers are bounded and compared by what the data package says."""
    said = f', "unit": "{unit}"' if unit else ""
    _with_columns(mini, [f'{{"name": "{name}", "type": "number"{said}}}'], f"hour,height,{name}\n0,1,50\n3,2,60\n")

    found = [p.needed for p in check_everything(Review(mini))]
    assert found == ([] if sound else [f"{name.partition('_')[2]}, which the column's name says"])


def test_a_row_published_before_it_was_released_is_said(mini):
    """What was published of a release came after it; a year alone may be either."""
    columns = [f'{{"name": "{name}", "type": "string", "written": "date"}}' for name in ("released", "published")]
    rows = "hour,height,released,published\n0,1,2026-02,2026\n1,1,2026-02,2024-03-03\n"
    _with_columns(mini, columns, rows)

    (said,) = (p for p in check_everything(Review(mini)) if p.file == TABLE)
    assert (said.line, said.field, said.given) == (3, "published", "2024-03-03")


@pytest.mark.parametrize(
    ("value", "cell", "needed"),
    [
        (1, "{table: harbour_heights, column: height, hour: '3'}", None),
        (2, "{table: harbour_heights, column: height, hour: '3'}", "1.0, which stands in harbour_heights"),
        (1, None, "the cell that holds it, {table: harbour_heights"),
        (1, "{table: harbour_height, column: height, hour: '3'}", "did you mean harbour_heights"),
        (1, "{table: harbour_heights, column: hight, hour: '3'}", "did you mean height"),
        (1, "{table: harbour_heights, column: height}", "what tells one row of harbour_heights from the others"),
        (
            1,
            "{table: harbour_heights, column: height, hour: '99'}",
            "what tells one row of harbour_heights from the others",
        ),
    ],
)
def test_a_number_of_a_table_that_we_typed_is_that_of_its_cell(mini, value, cell, needed):
    """A study's number and the table of the same source tell one value: it names its cell, and holds what that holds."""
    package, studies = mini / PACKAGE, mini / STUDY
    text = package.read_text(encoding="utf-8").replace("darwin1898tides", "newton1687tides")
    package.write_text(text.replace('"p. 3"', '"App. A, Table 1"'), encoding="utf-8")
    (mini / TABLE).write_text("hour,height\n0,0\n3,1\n", encoding="utf-8")
    said = f"value: {value}, unit: metres, {f'cell: {cell}, ' if cell else ''}locator: 'Table 1, p. 3'"
    text = studies.read_text(encoding="utf-8").replace("value: 2, unit: count, locator: p. 1", said)
    studies.write_text(text, encoding="utf-8")

    found = [p.needed for p in check_everything(Review(mini)) if p.file == STUDY]
    assert len(found) == (needed is not None)
    assert needed is None or needed in found[0]


@pytest.mark.parametrize(
    ("unit", "word", "said", "needed"),
    [
        ("metres", "m", "metres of water", None),
        ("metres", "m", "feet", "metres, in which harbour_heights has it"),
        ("metre", "m", "metres", "metre, in which harbour_heights has it"),
        ("as the gauge says", "m", "metres", None),
        ("as the gauge says", "m", "feet", "metres, in which harbour_heights has it"),
        ("as the gauge says", "ft", "feet", "a word of which units of this column"),
        ("as the gage says", "m", "metres", "did you mean gauge"),
        ("as the gauge says", "%", "percent", "since gauge % is in percent"),
    ],
)
def test_a_number_has_the_unit_of_its_cell(mini, unit, word, said, needed):
    """A study's number is in the unit of its column, or in that which another cell of the row tells; a number is within its bounds."""
    package, studies = mini / PACKAGE, mini / STUDY
    text = package.read_text(encoding="utf-8").replace("darwin1898tides", "newton1687tides").replace("p. 3", "Table 1")
    package.write_text(text.replace('"unit": "metres"', f'"unit": "{unit}"'), encoding="utf-8")
    gauge = (
        '{"name": "gauge", "type": "string", "description": "which gauge", "units": {"m": "metres", "%": "percent"}}'
    )
    _with_columns(mini, [gauge], f"hour,height,gauge\n0,0,m\n3,101,{word}\n")
    number = (
        f"value: 101, unit: {said}, cell: {{table: harbour_heights, column: height, hour: '3'}}, locator: 'Table 1'"
    )
    text = studies.read_text(encoding="utf-8").replace("value: 2, unit: count, locator: p. 1", number)
    studies.write_text(text, encoding="utf-8")

    found = [p.needed for p in check_everything(Review(mini)) if p.file in (STUDY, TABLE)]
    assert any(needed in one for one in found) if needed else found == []


@pytest.mark.parametrize(("standing", "of", "told"), [("declined", "spring", True), ("open", "spring", False), ("declined", "neap", False)])  # fmt: skip
def test_a_place_declined_in_a_shape_that_counts_it_by_a_part_is_said(mini, standing, of, told):
    """A finding is no member of a part of a shape in which it was declined: the shape counts the members of its parts."""
    shapes, finding = mini / SHAPES, mini / FINDING
    text = shapes.read_text(encoding="utf-8")
    spring = text[text.index("  - id: spring") :].partition("\n\n")[0].rstrip()
    extra = (
        spring.replace("id: spring", "id: neap").replace("Spring tide", "Neap tide").replace("Sun and", "No sun and")
    )
    part = extra.replace("id: neap", "id: noon").replace("Neap", "Noon").replace("No sun", "High sun")
    part = part.replace("kind: shape", f"kind: sub-shape\n    of: {of}")
    shapes.write_text(text.replace(spring, f"{spring}\n{extra}\n{part}"), encoding="utf-8")
    waits = ", waits_for: moon" if standing == "open" else ""
    decided = f"decided: {{day: 2026-01-01, because: Too low for it.{waits}}}"
    place = f"{{id: spring, part: water, standing: {standing}, proposed_by: later-reading, {decided}}}"
    text = finding.read_text(encoding="utf-8").replace("{id: spring, part: all", f"{place}, {{id: noon, part: all")
    finding.write_text(text, encoding="utf-8")

    found = [p for p in check_everything(Review(mini)) if "it is a part of spring" in p.needed]
    assert [(p.file, p.given) for p in found] == [(FINDING, "declined")] * told


def test_a_data_package_that_cannot_be_read_hides_no_table(mini):
    """A slip in the data package is told once, and no number whose cell stands in one of its tables is blamed for it."""
    studies, package = mini / STUDY, mini / PACKAGE
    cell = "value: 2, unit: count, cell: {table: harbour_heights, column: height, hour: '3'}, locator: p. 1"
    text = studies.read_text(encoding="utf-8").replace("value: 2, unit: count, locator: p. 1", cell)
    studies.write_text(text, encoding="utf-8")
    package.write_text(package.read_text(encoding="utf-8").replace("{", "{,", 1), encoding="utf-8")

    assert {p.file for p in check_everything(Review(mini))} == {PACKAGE}


def test_a_row_that_cites_what_there_is_not_is_said(mini):
    """A row of a published table cites an entry of the bibliography."""
    package = mini / PACKAGE
    package.write_text(
        package.read_text(encoding="utf-8").replace("]}}]}", ', {"name": "cite", "type": "string"}]}}]}'),
        encoding="utf-8",
    )
    (mini / TABLE).write_text("hour,height,cite\n0,1,newton1687tides\n3,2,newton1688tides\n", encoding="utf-8")

    (said,) = (p for p in check_everything(Review(mini)) if p.file == TABLE)
    assert (said.line, said.field, said.given) == (3, "cite", "newton1688tides")
    assert said.needed.startswith("a key of data/references.bib")


@pytest.mark.parametrize(
    ("mark", "published", "note", "sound"),
    [
        ("url = {https://example.org/2001/06/02-tides}", "1898", "", False),
        ("url = {https://example.org/2001/06/02-tides}", "1898", "dates_note: It lay in a drawer.", True),
        ("url = {https://example.org/2001-Q2/tides}", "1898", "", True),
        ("doi = {10.1000/1}", "1895", "", False),
    ],
)
def test_a_study_dated_otherwise_than_its_entry_is_said(mini, mark, published, note, sound):
    """What a study's entry tells of its day, by an arXiv id, an address or the year of print, its own date agrees with."""
    bib, studies = mini / BIB, mini / STUDY
    text = bib.read_text(encoding="utf-8")
    bib.write_text(text.replace("url = {https://example.org/tides}", mark), encoding="utf-8")
    study = studies.read_text(encoding="utf-8").replace('"1898"', f"'{published}'\n  {note}")
    studies.write_text(study, encoding="utf-8")

    said = [p for p in check_everything(Review(mini)) if p.file == STUDY and "published" in p.field]
    assert bool(said) is not sound, said


@pytest.mark.parametrize(
    ("relation", "to", "year", "sound"),
    [
        ("replicates", "dover", "1899", True),
        ("replicates", "dover", "1899-01-31", True),
        ("replicates", "dover", "1899-02-04", False),
        ("uses", "dover", "1899-06", False),
        ("replicates", "dover", "1990", False),
        ("extends", "dover", "1990", False),
        ("contests", "dover", "1990", True),
        ("precedes", "dover", "1990", True),
        ("precedes", "dover", "1890", False),
    ],
)
def test_a_link_to_what_was_not_there_yet_is_said(mini, relation, to, year, sound):
    """A finding rests on what came before it, or within the weeks in which drafts are shown, and precedes what came after."""
    first = mini / FINDING
    text = first.read_text(encoding="utf-8")
    other = text.replace("id: brest", f"id: {to}").replace('"1898"', f'"{year}"')
    (first.parent / f"{to}.yml").write_text(other, encoding="utf-8")
    first.write_text(f"{text}links: [{{to: {to}, relation: {relation}, because: x}}]\n", encoding="utf-8")

    said = [p for p in check_everything(Review(mini)) if "a relation to what came" in p.needed]
    assert [(p.file, p.field) for p in said] == ([] if sound else [(FINDING, "links.0.relation")])


@pytest.mark.parametrize(
    ("old", "new", "field", "needed"),
    [
        ("version: 0.0.1", "version: 0.0.1\ndio: 10.5281/zenodo.1", "dio", "doi?"),
        ("date-released:", "date-relesed:", "date-relesed", "date-released?"),
        ("cff-version: 1.2.0", "cff-version: 1.3.0", "cff-version", "one of 1.2.0"),
        ("version: 0.0.1", "version: 1.10", "version", "put quotes around it"),
        ("2026-01-01", "2026-01", "date-released", "a day as 2026-01-31"),
        ("type: dataset", "type: data", "type", "one of software, dataset"),
        ("type: dataset", "doi: https://doi.org/10.5281/zenodo.1", "doi", "without an address before it"),
        ("type: dataset", "doi: 10.5281/zenodo.1.", "doi", "a stop after it"),
        ("type: dataset", "identifiers: [{type: doi, value: zenodo.1}]", "identifiers.0.value", "a DOI as"),
        ("type: dataset", "url: example.org", "url", "an address as https://"),
        ("type: dataset", "commit: main", "commit", "text of the form"),
        ("type: dataset", "keywords: [tides, tides]", "keywords.1", "each once"),
        ("- name: Nobody", "- name: Nobody\n    orcd: x", "authors.0.orcd", "orcid?"),
        ("- name: Nobody", "- name: Nobody\n    orcid: 0000-0002-1825-0097", "authors.0.orcid", "with its address"),
        (
            "- name: Nobody",
            "- name: Nobody\n    orcid: https://orcid.org/0000-0000-0000-0002",
            "authors.0.orcid",
            "of these digits the last would be 1",
        ),
        ("- name: Nobody", "- name: Nobody\n    family-names: One", "authors.0", "the name of a group; one of them"),
        ("- name: Nobody", "- given-names: Ada", "authors.0", "family-names and given-names of a person"),
        ("- name: Nobody", "- name: Nobody\n    affiliation: x", "authors.0.affiliation", "which is one of a person"),
        ("- name: Nobody", "- name: Nobody\n  - name: Nobody", "authors.1", "each once"),
    ],
)
def test_a_citation_file_that_others_cannot_read_is_said(mini, old, new, field, needed):
    """How to cite the review is held against the format 1.2.0 of citation files, with ids of the form that they have."""
    path = mini / "CITATION.cff"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    said = [p for p in check_everything(Review(mini)) if p.file == "CITATION.cff" and p.field == field]
    assert len(said) == 1
    assert needed in said[0].needed


def test_a_citation_file_with_all_that_it_may_hold_is_sound(mini):
    """Persons with their ids, the review's own identifiers, and works of others are what the format knows."""
    path = mini / "CITATION.cff"
    more = """  - family-names: Carberry
    given-names: Josiah
    name-particle: van
    orcid: https://orcid.org/0000-0002-1694-233X
    affiliation: Brown University
contact:
  - {name: Nobody, email: nobody@example.org, website: "https://example.org"}
doi: 10.5281/zenodo.1
identifiers: [{type: url, value: "https://example.org/tides", description: the site}, {type: other, value: x}]
commit: 0123456789abcdef0123456789abcdef01234567
repository-code: https://github.com/example/tides
license-url: https://example.org/licence
keywords: [tides, moon]
preferred-citation: {type: article, title: Tides, year: 2026, doi: 10.1000/1, authors: [{name: Nobody}]}
"""
    text = path.read_text(encoding="utf-8").replace("  - name: Nobody\n", f"  - name: Nobody\n{more}")
    path.write_text(text, encoding="utf-8")

    assert check_everything(Review(mini)) == []


@pytest.mark.parametrize(("version", "sound"), [("0.0.1", True), ("0.0.2", False)])
def test_a_citation_of_another_version_than_the_package_is_said(mini, version, sound):
    """The version that every page and entry tells to cite is that of pyproject.toml, where there is one."""
    (mini / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n', encoding="utf-8")

    said = check_everything(Review(mini))
    assert [(p.file, p.line, p.field) for p in said] == ([] if sound else [("CITATION.cff", 7, "version")])
    assert sound or said[0].needed == "0.0.2, the version in pyproject.toml"


@pytest.mark.parametrize(
    ("said", "sound"),
    [('"2026"', True), ("2026", True), ("2024-2026", True), ('"2062"', False), ("2026-2062", False), ("2026-2024", False), ('"26"', False)],
)  # fmt: skip
def test_a_copyright_of_a_year_to_come_is_said(mini, said, sound):
    """The foot of every page names the year of the review, or its first and its last, and none to come."""
    path = mini / "_config.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('copyright: "2026"', f"copyright: {said}"), encoding="utf-8")

    found = [(p.file, p.field) for p in check_everything(Review(mini))]
    assert found == ([] if sound else [("_config.yml", "copyright")])


def test_the_little_review_is_sound(mini):
    """What the faults are planted in has none itself."""
    assert check_everything(Review(mini)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: None, []),
        (lambda folder: (folder / "laws.json").write_text("{}"), ["another schema than that of its records"]),
        (lambda folder: (folder / "laws.json").unlink(), ["no schema"]),
        (lambda folder: (folder / "lawz.json").write_text("{}"), ["another schema than that of its records"]),
    ],
)
def test_a_schema_that_is_not_of_the_models_is_said(mini, change, said):
    """What editors mark is what the check refuses: a schema edited by hand, taken away or of no kind is named with its remedy."""
    folder = mini / "data" / "schemas"
    folder.mkdir()
    for name, schema in schemas().items():
        (folder / name).write_text(json.dumps(schema))
    change(folder)

    found = [p for p in check_surroundings(mini) if p.file.startswith("data/schemas/")]
    assert [p.given for p in found] == said
    assert all("review schemas" in p.needed or "no such file" in p.needed for p in found)


def test_a_record_that_git_ignores_is_named_with_the_rule(mini):
    """What no clone holds would be on this machine's pages alone; what programs leave lying, and sets of others, may be ignored."""
    (mini / ".gitignore").write_text("b*.yml\n*~\n/data/external/\n", encoding="utf-8")
    (mini / "data" / "external").mkdir(exist_ok=True)
    for name in ("findings/brest.yml~", "external/set.csv"):
        (mini / "data" / name).write_text("x\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=mini, check=True)

    found = [p for p in check_surroundings(mini) if "git ignores" in p.given]
    assert [(p.file, p.given) for p in found] == [
        ("data/findings/brest.yml", "a file that git ignores (.gitignore:1:b*.yml)")
    ]
    subprocess.run(["git", "add", "--force", "data/findings/brest.yml"], cwd=mini, check=True)
    assert not [p for p in check_surroundings(mini) if "git ignores" in p.given]
