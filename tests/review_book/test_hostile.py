"""Hostile records, each the example of a kind: said by the check with its file, its line and a remedy, in our words."""

from __future__ import annotations

import re

import pytest

from review_book.commands.records import check_everything
from review_book.review import Review

FINDING, STUDY, STATEMENT = "data/findings/brest.yml", "data/studies/tides.yml", "data/statements/tides.yml"
BIB, TABLE, RUNS, DECISIONS = (
    "data/references.bib", "data/published/harbour_heights.csv", "data/searches/runs.yml", "data/searches/decisions.csv",
)  # fmt: skip
SOURCE = 'source: {url: "https://example.org/tides"}'
ENTRY = "@misc{newton1687tides,"

KINDS = {
    "a negative share": (FINDING, "value: 7.1, unit: metres", "value: -7, unit: percent of days", "a percentage between 0 and 100"),
    "a percentage in another spelling": (FINDING, "value: 7.1, unit: metres", "value: 900, unit: '%'", "a percentage between 0 and 100"),
    "a share in capitals": (FINDING, "value: 7.1, unit: metres", "value: 7.1, unit: Share", "a share from 0 to 1"),
    "a number and words": (FINDING, "value: 7.1,", "value: 7.1, text: seven,", "one of them"),
    "an interval of no width": (FINDING, "value: 7.1,", "value: 7.1, interval: [7.1, 7.1],", "an interval"),
    "a measurement id twice": (FINDING, "measurements:\n", "measurements:\n  - {id: height, metric: x, condition: x, value: 1, unit: m, locator: p, verified: primary}\n", "an id of its own"),
    "a shape named twice": (FINDING, "shapes: [", "shapes: [{id: spring, part: all, standing: open, proposed_by: later-reading}, ", "once in a shape"),
    "a dose that is no number": (FINDING, "value: 7.1,", "value: 7.1, dose: {percent: .nan, share_of: x, effect: 'yes'},", "a finite number"),
    "a dose beyond all": (FINDING, "value: 7.1,", "value: 7.1, dose: {percent: 101, share_of: x, effect: 'yes'},", "a number of at most 100"),
    "an author that is a dot": (FINDING, "[George Howard Darwin]", "[George Howard Darwin, B.]", "a person or a group by name"),
    "an author that is others": (FINDING, "[George Howard Darwin]", "[George Howard Darwin, others]", "authors_note"),
    "an author twice in other case": (FINDING, "[George Howard Darwin]", "[Ada One, ada one]", "each author once"),
    "a month 13 of arXiv": (FINDING, SOURCE, 'source: {arxiv: "2613.07852"}', "of the form"),
    "another address than the id's": (FINDING, SOURCE, 'source: {arxiv: "2602.07852", url: "https://arxiv.org/abs/2602.07853"}', "the address of arXiv:2602.07852"),
    "published before its id": (FINDING, SOURCE, 'source: {arxiv: "2502.17424"}', "about the month of arXiv:2502.17424"),
    "recorded before published": (FINDING, "recorded: 2026-01-01", "recorded: 1897-01-01", "a day from 1898 on"),
    "recorded in the future": (FINDING, "recorded: 2026-01-01", "recorded: 2190-01-01", "not in the future"),
    "primary and not seen": (FINDING, "locator: p. 2", "locator: p. 2 (not seen in primary)", "the place where it was seen"),
    "an alias": (FINDING, "models: [Brest]", "models: &m [Brest]\ncaveats: *m", "valid YAML"),
    "a summary of one sign": (FINDING, "summary: It was high.", "summary: '🧨'", "words"),
    "a space before": (FINDING, "summary: It was high.", "summary: ' It was high.'", "without a space before or after"),
    "an accent of its own": (FINDING, "summary: It was high.", 'summary: "Ne\\u0301 high."', "accents in one sign"),
    "a list with twins": (FINDING, "models: [Brest]", "models: [Brest, Brest]", "each once"),
    "a study of another paper's finding": (STUDY, "kind: theory", "kind: theory\n  finding: brest", "brest is of darwin1898tides"),
    "a study and its finding on two dates": (STUDY, 'published: "1898"\n  kind: experiment', 'published: "1899"\n  kind: experiment\n  finding: brest', "the date of its finding"),
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
    "an erratum of no chapter": ("data/errata.yml", "[]", "- {id: a, date: 2026-01-01, chapter: winds, was: x, is: y, because: z}", "a chapter"),
    "a formula in a cell": ("data/datapackage.json", '"title": "Heights in a harbour"', '"title": ""', "at least 1 characters"),
    "a plus sign": (TABLE, "0,1", "0,+1", "no plus sign"),
    "minus nought": (TABLE, "0,1", "0,-0", "no minus nought"),
    "a number next to nothing": (TABLE, "0,1", "0,1e-320", "nothing below"),
    "a look-up before there was a review": (RUNS, "date: 2026-01-01", "date: 2006-01-01", "a day of work on the review"),
    "a decision before its look-up": (DECISIONS, "include,in-scope,2026-01-01", "include,in-scope,2025-01-01", "when one was made"),
    "a decision twice": (DECISIONS, "key:other,", "key:newton1687tides,Principia,1687,one,full-text,include,in-scope,2026-01-01,tides\nkey:other,", "each decision once"),
    "a row cut short": (DECISIONS, "key:other,", "# a remark\nkey:other,", "9 cells"),
    "an arXiv id of nothing": (DECISIONS, "key:other,", "arXiv:9999.99999,", "of the form"),
    "markup in an id": (DECISIONS, "key:other,", "doi:10.1/<b>x</b>,", "of the form"),
    "a user in an address": (DECISIONS, "key:other,", "url:http://user:pass@h/,", "of the form"),
    "a year before print": (DECISIONS, "Winds,1900", "Winds,1066", "the year in which it came out"),
    "TeX that reads files": (BIB, "title = {Principia}", "title = {\\input{/etc/passwd}}", "of all that TeX can do"),
    "a macro": (BIB, ENTRY, '@string{foo = "baz"}\n' + ENTRY, "entries alone"),
    "a made-up kind of entry": (BIB, ENTRY, ENTRY.replace("misc", "unknowntype"), "a kind of entry"),
    "an author between two ands": (BIB, "{Newton, Isaac}", "{Newton, Isaac and and Hooke, Robert}", "names between each and"),
    "a year to come": (BIB, "year = {1687}", "year = {2187}", "a year from 1600"),
    "a DOI that is none": (BIB, "year = {1687}", "year = {1687},\n  doi = {not a doi}", "a DOI as"),
    "an arXiv id that is none": (BIB, "year = {1687}", "year = {1687},\n  eprint = {banana}", "an arXiv id as"),
    "markup in a title": (BIB, "title = {Principia}", "title = {<img src=x onerror=alert(1)>}", "a title without markup"),
    "quotes in an address": (BIB, "https://example.org/tides}", 'https://example.org/"onmouseover="x}', "an address without spaces, quotes"),
    "a direction mark": (BIB, "title = {Principia}", "title = {Prin\u202ecipia}", "letters that are seen"),
    "a bell": (BIB, "title = {Principia}", "title = {Prin\x07cipia}", "letters that are seen"),
    "a space in a key": (BIB, "@misc{darwin1898tides,", "@misc{zzz 2020 sp,\n  title = {x}\n}\n\n@misc{darwin1898tides,", "a BibTeX entry"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_record_is_said(mini, kind):
    """A small fault that once passed, or was answered in the parser's own words, is named with its line and what is needed."""
    name, old, new, needed = KINDS[kind]
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


def test_the_little_review_is_sound(mini):
    """What the faults are planted in has none itself."""
    assert check_everything(Review(mini)) == []
