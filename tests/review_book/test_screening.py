"""Screening what waits."""

from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner
from making_search import Indexes, paper, served_indexes

from review_book.commands.main import main
from review_book.living.screening import Sitting, keys_of, ranked, ranking_quality, read_queue, write_queue
from review_book.living.searching import Abstracts, SearchError, rows
from review_book.records.searches import COLUMNS, Decision, load_searches
from review_book.review import Review
from review_utils.records.reading import RecordError

DAY = dt.date(2026, 2, 1)


def work(number, title, decision="wait", day="2026-01-10"):
    """A decision of the table."""
    reason = {"wait": "not-screened", "include": "in-scope", "exclude": "out-topic"}[decision]
    return Decision(
        id=f"arXiv:2601.{number:05d}", title=title, year="2026", run="one", stage="title-abstract", decision=decision,
        reason=reason, date=day, chapter="tides",
    )  # fmt: skip


@pytest.fixture
def review(root, tmp_path, monkeypatch):
    """The little review with decisions to learn from and works that wait."""
    target = tmp_path / "review"
    shutil.copytree(root / "tests" / "little_review", target)
    path = target / "data" / "searches" / "protocol.yml"
    path.write_text(
        path.read_text(encoding="utf-8").rstrip("\n")
        + "\n  - {id: not-screened, title: not screened, decides: wait}\n",
        encoding="utf-8",
    )
    made = [work(i, f"Tides and the moon's gravity in basin {i}", "include") for i in range(8)]
    made += [work(20 + i, f"Prices of fish on market {i}", "exclude") for i in range(8)]
    made += [
        work(40, "A market for prices", day="2026-01-11"),
        work(41, "Fish in soup", day="2026-01-12"),
        work(42, "The moon's tides again", day="2026-01-13"),
    ]
    with (target / "data" / "searches" / "decisions.csv").open("a", encoding="utf-8") as table:
        table.write(rows([item.model_dump() for item in made], COLUMNS))
    runs = target / "data" / "searches" / "runs.yml"
    runs.write_text(runs.read_text(encoding="utf-8").replace("returned: 3", "returned: 400"), encoding="utf-8")
    protocol = path.read_text(encoding="utf-8").replace("{shelf: 10}", "{shelf: 400}")
    path.write_text(protocol, encoding="utf-8")
    monkeypatch.setenv("REVIEW_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("REVIEW_ROOT", str(target))
    return Review(target)


def table(review):
    """The table of decisions as it stands."""
    return (review.data / "searches" / "decisions.csv").read_text(encoding="utf-8")


def screen(review, keys, *words):
    """Press keys."""
    return CliRunner().invoke(main, ["search", "screen", *words], input=keys)


def test_the_most_relevant_comes_first(review, tmp_path):
    """Learned from the decisions; an abstract outweighs a title that says nothing; without enough decisions, the oldest."""
    searches = load_searches(review.data)
    abstracts = Abstracts(tmp_path)
    queue = ranked(searches, abstracts, searches.waiting())

    assert queue[0][0].title == "The moon's tides again"
    assert queue[0][1] > 0.5 > queue[-1][1]
    assert ranking_quality(searches, abstracts) > 0.9
    abstracts.add(
        {"arXiv:2601.00041": "The gravity of the moon raises tides in a basin; tides follow the moon's gravity."}
    )
    assert [item.title for item, _ in ranked(searches, abstracts, searches.waiting())][-1] == "A market for prices"

    few = load_searches(review.data)
    object.__setattr__(few, "decisions", [d for d in few.decisions if d.decision != "exclude"])
    assert [chance for _, chance in ranked(few, abstracts, few.waiting())] == [None, None, None]


def test_a_model_that_tells_nothing_apart_orders_nothing(review, tmp_path):
    """Where held-out decisions are ranked no better than by a coin, what waits longest comes first."""
    searches = load_searches(review.data)
    alike = [d.model_copy(update={"title": "Tides"}) for d in searches.decisions]
    object.__setattr__(searches, "decisions", alike)

    assert [(d.date.day, c) for d, c in ranked(searches, Abstracts(tmp_path), searches.waiting())] == [
        (11, None),
        (12, None),
        (13, None),
    ]


def test_abstracts_that_are_not_at_hand_are_asked_for(review, tmp_path, monkeypatch):
    """Of what waits, by arXiv's id or the DOI; they are shown and kept in the cache alone; without an index titles do."""
    doi = work(43, "A sea").model_copy(update={"id": "doi:10.1000/sea"})
    with (review.data / "searches" / "decisions.csv").open("a", encoding="utf-8") as file:
        file.write(rows([doi.model_dump()], COLUMNS))
    indexes = Indexes(
        [paper(40, abstract="Of prices."), paper(41, abstract=""), paper(7, doi="10.1000/sea", abstract="Of a sea.")]
    )
    server, address = served_indexes(indexes, monkeypatch)
    monkeypatch.setenv("REVIEW_PAUSE", "0")
    with server as base:
        address(base)
        done = screen(review, "q", "--fetch")

        assert "2 abstracts came" in done.output
        assert set(indexes.asked[0][1]["id_list"].split(",")) == {"2601.00040", "2601.00041", "2601.00042"}
        indexes.faults = [400] * 9
        assert "refused (status 400)" in screen(review, "q", "--fetch").output
    kept = Abstracts(tmp_path / "cache")
    assert (kept.get("arXiv:2601.00040"), kept.get("doi:10.1000/sea")) == ("Of prices.", "Of a sea.")
    assert "Of a sea" not in table(review)


def test_one_key_a_decision(review):
    """Letters include, digits exclude, each by its reason; the rest waits."""
    done = screen(review, "a1q")
    searches = load_searches(review.data)

    assert done.exit_code == 0, done.output
    assert "2 decisions made; 1 works wait" in done.output
    assert {(d.decision, d.reason) for d in searches.decisions[-2:]} == {
        ("include", "in-scope"),
        ("exclude", "out-topic"),
    }
    assert searches.decisions[-1].stage == "title-abstract"


def test_undo_takes_back_what_this_sitting_wrote(review):
    """Byte for byte, and asks again; what stood before cannot be taken back."""
    before = table(review)
    done = screen(review, "u1uuq")

    assert table(review) == before
    assert done.output.count("nothing to take back") == 2
    assert "taken back: The moon's tides again" in done.output
    assert done.output.count("The moon's tides again (2026)") == 4


def test_a_skipped_work_and_an_unknown_key_decide_nothing(review):
    """Both leave the table as it was, and all that waits is shown once."""
    before = table(review)
    done = screen(review, "zsss")

    assert table(review) == before
    assert "'z' is no key here" in done.output
    assert "0 decisions made; 3 works wait" in done.output


def test_undo_never_takes_what_another_program_wrote(review):
    """Where the table went on since, nothing is taken back."""
    sitting = Sitting(review.data, DAY)
    searches = load_searches(review.data)
    sitting.decide(searches.waiting()[0], keys_of(searches.protocol)["a"])
    Sitting(review.data, DAY).decide(searches.waiting()[1], keys_of(searches.protocol)["a"])

    with pytest.raises(SearchError, match="nothing was taken back"):
        sitting.undo()


def test_a_sitting_that_is_killed_keeps_every_decision(review):
    """Killed after its second decision, without a chance to tidy up, both stand and the table is sound."""
    code = (
        "import os, signal, datetime as dt\nfrom pathlib import Path\n"
        "from review_book.living.screening import Sitting, keys_of\n"
        "from review_book.records.searches import load_searches\n"
        f"data = Path({str(review.data)!r})\nsearches = load_searches(data)\n"
        "sitting = Sitting(data, dt.date(2026, 2, 1))\nkeys = keys_of(searches.protocol)\n"
        "for work in searches.waiting()[:2]:\n    sitting.decide(work, keys['1'])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=os.environ, check=False)

    assert done.returncode == -signal.SIGKILL
    assert load_searches(review.data).flow().waiting == 1
    assert "2 works wait" not in screen(review, "q").output


def fill(path, **reasons):
    """Fill the column reason of a table by the last digits of an id."""
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    for row in found:
        row["reason"] = reasons.get(f"w{row['id'][-2:]}", row["reason"])
    path.write_text(",".join(found[0]) + "\n" + rows(found, [*found[0]]), encoding="utf-8")


def test_the_queue_is_a_table_for_those_who_prefer_one(review, tmp_path):
    """Written once, filled in part, read: the decisions stand, the rest waits, and reading again adds nothing."""
    path = tmp_path / "queue.csv"
    assert "3 works written" in screen(review, "", "--write", str(path)).output
    assert screen(review, "", "--write", str(path)).exit_code == 1
    fill(path, w42="in-scope", w40="out-topic")

    assert "2 decisions taken over" in screen(review, "", "--read", str(path)).output
    after = table(review)
    assert load_searches(review.data).flow().waiting == 1
    assert read_queue(path, review.data, DAY) == 0
    assert table(review) == after


def test_a_table_whose_ids_were_sorted_alone_decides_on_no_other_work(review, tmp_path):
    """An id beside the title of another work is named with its line and both works, and nothing is written."""
    path = tmp_path / "queue.csv"
    searches = load_searches(review.data)
    write_queue(path, searches, ranked(searches, Abstracts(tmp_path), searches.waiting()))
    fill(path, w42="in-scope", w40="out-topic")
    text = path.read_text(encoding="utf-8").replace("00040", "x").replace("00042", "00040").replace("x", "00042")
    path.write_text(text, encoding="utf-8")
    before = table(review)

    with pytest.raises(RecordError, match=r"queue\.csv:\d: title: given A market for prices; needed: the title of arXiv:2601.00042; this one is of arXiv:2601.00040: a column may have been sorted alone") as caught:  # fmt: skip
        read_queue(path, review.data, DAY)

    assert len(caught.value.problems) == 2
    assert table(review) == before


def test_a_faulty_table_changes_nothing(review, tmp_path):
    """An unknown work, a reason that there is not, two reasons for one work, one against a decision: all named by line."""
    path = tmp_path / "queue.csv"
    searches = load_searches(review.data)
    write_queue(path, searches, ranked(searches, Abstracts(tmp_path), searches.waiting()))
    fill(path, w42="in-scope", w41="in-love", w40="out-topic")
    text = path.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if "00040" in line)
    text += row.replace("out-topic", "in-scope") + "\n"
    text += "arXiv:2601.99999,X,,2026,tides,,in-scope\narXiv:2601.00001,X,,2026,tides,,out-topic\n"
    path.write_text(text, encoding="utf-8")
    before = table(review)

    with pytest.raises(RecordError) as caught:
        read_queue(path, review.data, DAY)

    said = str(caught.value)
    for part in (
        "a work that waits for tides",
        "a criterion of the protocol",
        "one decision on a work",
        "it was decided by in-scope",
    ):
        assert part in said
    assert len(caught.value.problems) == 4
    assert table(review) == before


def test_the_model_is_tried_on_later_decisions_and_not_taught_by_duplicates(review, tmp_path):
    """What was learned from the first day ranks the second; a work that is out as a duplicate is no example of what is out."""
    protocol = review.data / "searches" / "protocol.yml"
    text = protocol.read_text(encoding="utf-8")
    assert "{id: out-topic, " in text
    protocol.write_text(
        text.replace("{id: out-topic, ", "{id: out-topic, subject: true, ").rstrip("\n")
        + "\n  - {id: out-duplicate, title: the same, decides: exclude}\n",
        encoding="utf-8",
    )
    later = [work(60 + i, f"Prices of fish on market {i}", "include", "2026-01-20") for i in range(6)]
    later += [work(70 + i, f"Tides and the moon's gravity in basin {i}", "exclude", "2026-01-20") for i in range(6)]
    same = [work(80 + i, f"Tides and the moon's gravity in basin {i}", "exclude") for i in range(8)]
    same = [item.model_copy(update={"reason": "out-duplicate"}) for item in same]
    with (review.data / "searches" / "decisions.csv").open("a", encoding="utf-8") as file:
        file.write(rows([item.model_dump() for item in same], COLUMNS))
    abstracts = Abstracts(tmp_path)
    assert ranking_quality(load_searches(review.data), abstracts) > 0.9

    with (review.data / "searches" / "decisions.csv").open("a", encoding="utf-8") as file:
        file.write(rows([item.model_dump() for item in later], COLUMNS))
    assert ranking_quality(load_searches(review.data), abstracts) < 0.5


def test_without_a_terminal_screening_says_so(review, monkeypatch):
    """Where no key can be asked for, it is said, and what can be done instead."""

    def none() -> str:
        raise OSError(6, "No such device or address", "/dev/tty")

    monkeypatch.setattr("click.getchar", none)
    done = CliRunner().invoke(main, ["search", "screen"])

    assert done.exit_code == 1
    assert "no terminal to ask at; needed: one, or --write FILE" in done.output


def test_a_word_beside_a_table_that_is_read_is_not_passed_over(review, tmp_path):
    """A chapter that there is not is told; what goes with the queue alone does not go with reading a table."""
    path = tmp_path / "queue.csv"
    assert screen(review, "", "--write", str(path)).exit_code == 0
    fill(path, w42="in-scope")
    before = table(review)
    for words, said in (
        (("--chapter", "tide"), "tide"),
        (("--chapter", "tides"), "--read alone"),
        (("--write", str(tmp_path / "other.csv")), "--read alone"),
        (("--fetch",), "--read alone"),
    ):
        result = screen(review, "", "--read", str(path), *words)
        assert result.exit_code == 1
        assert said in result.output
    assert table(review) == before
