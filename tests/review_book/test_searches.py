"""Searches: protocol, runs and decisions, and what became of each work."""

from __future__ import annotations

import datetime as dt
import shutil
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_book.living.progress import progress
from review_book.pages.searches import flow_html, flow_svg, search_html, told_apart, watch_html
from review_book.records.duplicates import Measured
from review_book.records.searches import (
    COLUMNS,
    DESCRIBED,
    Decision,
    Notice,
    Protocol,
    Run,
    Searches,
    Watch,
    load_searches,
)
from review_book.review import Review
from review_utils.records.reading import RecordError

PROTOCOL = Protocol(
    purpose="To know.", sources={"web": "an index"}, questions={"a": ["what"]}, since="2020", languages=["English"],
    criteria=[{"id": "in-scope", "title": "in", "decides": "include"}, {"id": "out-topic", "title": "out", "decides": "exclude"}],
    in_doubt="it waits", every="weekly",
)  # fmt: skip
RUN = Run(id="r1", date="2026-01-02", source="web", query="q", returned=8, chapters=["a"])


def decided(
    work="arXiv:2401.00001", decision="include", run="r1", chapter="a", stage="title-abstract", date="2026-01-02"
):
    """One decision."""
    reason = "out-topic" if decision == "exclude" else "in-scope"
    return Decision(
        id=work, title="On It", year="2024", run=run, stage=stage, decision=decision, reason=reason, date=date, chapter=chapter
    )  # fmt: skip


def test_a_second_stage_is_no_second_meeting():
    """A work that is read after its abstract was identified once, and its last decision counts."""
    flow = Searches(PROTOCOL, [RUN], [decided(), decided(decision="exclude", stage="full-text")]).flow()

    assert (flow.identified, flow.duplicates, flow.screened, flow.excluded) == (1, 0, 1, 1)
    assert flow.reasons == (("out-topic", 1),)


def test_a_work_that_one_chapter_includes_is_included():
    """Another chapter's exclusion holds for that chapter alone."""
    found = Searches(PROTOCOL, [RUN], [decided(), decided(decision="exclude", run="references", chapter="b")])

    assert (found.flow().included, found.flow().duplicates) == (1, 1)
    assert (found.flow("b").included, found.flow("b").excluded) == (0, 1)


_decisions = st.lists(
    st.builds(
        decided,
        st.sampled_from([f"arXiv:2401.0000{i}" for i in range(5)]),
        st.sampled_from(["include", "exclude", "wait"]),
        st.sampled_from(["r1", "references"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from(["title-abstract", "full-text"]),
    ),
    max_size=12,
)


@given(_decisions, st.sampled_from(["all", "a", "b"]))
def test_the_flow_adds_up(decisions, chapter):
    """Whatever was decided: identified is duplicates, screened and waiting; screened is included and excluded."""
    flow = Searches(PROTOCOL, [RUN], decisions).flow(chapter)

    assert flow.identified == flow.duplicates + flow.screened + flow.waiting
    assert flow.screened == flow.included + flow.excluded
    assert flow.duplicates >= 0
    assert sum(count for _, count in flow.reasons) == flow.excluded
    assert sum(count for _, count in flow.ways) == flow.identified
    assert flow.included_on_text <= flow.included
    assert flow.excluded_on_text <= flow.excluded
    assert flow.new <= flow.included
    assert Searches(PROTOCOL, [RUN], decisions).first_met.total() == len({item.id for item in decisions})


def test_a_second_row_does_not_shorten_the_wait():
    """A work that is looked for again in vain waits since the day on which it was first met."""
    again = decided(decision="wait", date="2026-01-30")
    found = Searches(PROTOCOL, [RUN], [decided(decision="wait"), again])
    assert found.met_on[again.id] == decided().date < again.date
    assert progress(found, "all", dt.date(2026, 2, 1))["oldest waits (days)"] == 30


def test_what_is_new_was_included_shortly_before_the_last_search():
    """A work that was included long before the last search is old; how each was met is told by its run."""
    runs = [RUN, RUN.model_copy(update={"id": "r2", "source": "arxiv", "date": dt.date(2026, 9, 1)})]
    late = decided("arXiv:2401.00002", run="r2").model_copy(update={"date": dt.date(2026, 9, 1)})
    flow = Searches(PROTOCOL, runs, [decided(), late, decided("arXiv:2401.00003", run="critique")]).flow()

    assert (flow.included, flow.new) == (3, 1)
    assert dict(flow.ways) == {"in stored pages": 1, "in indexes of papers": 1, "by citation or a reader": 1}


def test_the_page_says_how_well_works_are_told_apart():
    """Shares with their intervals, of the half that chose nothing; the months and the age of what waits are told too."""
    half = Measured(half="held-out", pairs=100, same=50, found=40, wrong=10)
    found = Searches(PROTOCOL, [RUN], [decided(decision="wait")], {}, [half])
    page = search_html(found)

    assert "precision 0.80, 95 percent interval 0.67 to 0.89" in page
    assert "recall 0.80, 0.67 to 0.89" in page
    assert "2026-01" in page
    assert told_apart([]) == ""


def test_what_became_of_studies_is_shown_until_it_was_read_again(root):
    """A retraction comes first; a newer version goes once the study was read after it; no watch is said to be none."""
    studies = Review(root).records.studies.by_key
    one, other = list(studies.values())[:2]
    later = one.read.date + dt.timedelta(days=1)
    notices = [
        Notice(study=one.key, kind="new-version", detail="arXiv:2401.00001v9", seen=later),
        Notice(
            study=other.key,
            kind="new-version",
            detail="arXiv:2401.00002v8",
            seen=other.read.date - dt.timedelta(days=9),
        ),
        Notice(study=other.key, kind="retraction", detail="doi:10.1000/r", seen=later),
        Notice(study="gone2020study", kind="retraction", detail="doi:10.1000/s", seen=later),
    ]
    page = watch_html(Watch(watched=later, studies=2, notices=notices), studies)

    assert "2 notices" in page
    assert page.index("doi:10.1000/r") < page.index("v9")
    assert "v8" not in page
    assert "10.1000/s" not in page
    assert "No index was asked yet" in watch_html(Watch(), studies)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("chapter: scaling_laws, terms", "chapter: scaling_law, terms", "did you mean scaling_laws?"),
        ("{id: scaling-laws-allocation", "{id: scaling-laws-fits", "an id of its own"),
        ("[grokking, delayed", '["grok(king)", delayed', "queries.phase-transitions-grokking.terms.0.0"),
        ("decides: wait", "decides: later", "one of include, exclude, wait"),
    ],
)
def test_a_faulty_query_is_refused(root, tmp_path, old, new, said):
    """Of an unknown chapter, under an id that is taken, with signs that an index would take for its syntax."""
    shutil.copytree(root / "data" / "searches", tmp_path / "searches")
    path = tmp_path / "searches" / "protocol.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(RecordError) as caught:
        load_searches(tmp_path)
    assert said in str(caught.value)


def test_what_a_source_says_of_a_work_is_checked(root, tmp_path):
    """A work that is in no decision, or stands twice, is named by its line; so is a run that asks a query that there is not."""
    shutil.copytree(root / "data" / "searches", tmp_path / "searches")
    row = "arXiv:2401.99999,T,Ada Person,2024-01-02,,,https://arxiv.org/abs/2401.99999\n"
    works = ",".join(DESCRIBED) + "\n" + row + row
    (tmp_path / "searches" / "works.csv").write_text(works, encoding="utf-8")
    runs = tmp_path / "searches" / "runs.yml"
    text = runs.read_text(encoding="utf-8").replace(
        "- id: scaling-laws-001\n", "- id: scaling-laws-001\n  asks: no-query\n"
    )
    runs.write_text(text, encoding="utf-8")

    with pytest.raises(RecordError) as caught:
        load_searches(tmp_path)
    for said in (
        "works.csv:2: id",
        "a work of decisions.csv",
        "works.csv:3: id",
        "each work once",
        "a query of the protocol",
    ):
        assert said in str(caught.value)


def test_the_picture_of_the_flow_says_its_numbers():
    """It is well-formed, and its label and the sentence above it say what the boxes say."""
    found = Searches(
        PROTOCOL, [RUN], [decided(), decided("arXiv:2401.00002", "exclude"), decided("arXiv:2401.00003", "wait")]
    )

    svg = ET.fromstring(flow_svg(found.flow()).removeprefix('<figure class="review-flow">').removesuffix("</figure>"))
    words = " ".join(text.text for text in svg.iter("{http://www.w3.org/2000/svg}text"))

    for part in (
        "3 records",
        "2 works",
        "1 waiting",
        "3 in stored pages",
        "1 by title and abstract",
        "1 new since",
    ):
        assert part in words
    label = svg.get("aria-label")
    assert "3 records identified, 0 met before, 2 works screened, 1 excluded, 1 waiting, 1 included" in label
    assert "led to 3 works: 1 were included, 1 excluded, 1 waiting." in flow_html(found, "all")


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("protocol.yml", "criteria:", "criterias:", "criteria: given nothing"),
        ("decisions.csv", ",".join(COLUMNS), "id,title", "(columns)"),
        ("runs.yml", "returned: ", "returned: -", "returned"),
        ("measured.yml", "found: 65", "found: 73", "65, as the rule does on duplicate_pairs.csv; write it with: review search measure"),
        ("runs.yml", "returned: 8", "returned: 0", "at least 4, since decisions say that it met as many works"),
    ],
)  # fmt: skip
def test_faulty_records_are_refused(root, tmp_path, name, old, new, said):
    """A protocol without criteria, a table without its columns and a count below nothing are named with their place."""
    shutil.copytree(root / "data" / "searches", tmp_path / "searches")
    path = tmp_path / "searches" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(RecordError) as caught:
        load_searches(tmp_path)

    assert said in str(caught.value)
    assert name in str(caught.value)


def test_a_pair_of_both_halves_is_refused(root, tmp_path):
    """What chose the levels of the rule measures nothing: each labelled pair stands in one half."""
    shutil.copytree(root / "data" / "searches", tmp_path / "searches")
    path = tmp_path / "searches" / "duplicate_pairs.csv"
    head, first, *rest = path.read_text(encoding="utf-8").split("\n")
    assert first.endswith(",held-out")
    again = first.replace(",held-out", ",choosing")
    path.write_text("\n".join([head, first, again, *rest]), encoding="utf-8")

    with pytest.raises(
        RecordError, match=r"duplicate_pairs.csv:3: half: given choosing; needed: each pair once"
    ) as error:
        load_searches(tmp_path)
    assert "measured.yml" in str(error.value)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("arXiv:2401.00001,T,2024,nowhere,title-abstract,include,in-scope,2026-01-02,a", "the id of a run"),
        ("arXiv:2401.00001,T,2024,references,title-abstract,include,in-love,2026-01-02,a", "a criterion of the protocol"),
        ("arXiv:2401.00001,T,2024,references,title-abstract,include,out-topic,2026-01-02,a", "a criterion that decides to include"),
        ("2401.00001,T,2024,references,title-abstract,include,in-scope,2026-01-02,a", "id"),
        ("arXiv:2401.00001,<b>T</b>,2024,references,title-abstract,include,in-scope,2026-01-02,a", "plain text"),
    ],
)  # fmt: skip
def test_a_faulty_decision_is_refused_with_its_line(root, tmp_path, row, said):
    """By a run or a reason that there is not, by a reason that decides otherwise, on no work, or with markup."""
    shutil.copytree(root / "data" / "searches", tmp_path / "searches")
    path = tmp_path / "searches" / "decisions.csv"
    path.write_text(f"{','.join(COLUMNS)}\n{row}\n", encoding="utf-8")

    with pytest.raises(RecordError) as caught:
        load_searches(tmp_path)

    assert said in str(caught.value)
    assert "decisions.csv:2:" in str(caught.value)


def test_two_decisions_that_contradict_each_other_are_refused(root, tmp_path):
    """On one day, at one stage, for one chapter; a later day may decide otherwise."""
    shutil.copytree(root / "data" / "searches", tmp_path / "searches")
    row = "arXiv:2401.00001,T,2024,references,title-abstract,{},{},2026-01-0{},scaling_laws\n"
    path = tmp_path / "searches" / "decisions.csv"
    head = f"{','.join(COLUMNS)}\n{row.format('include', 'in-scope', 2)}"

    path.write_text(head + row.format("exclude", "out-topic", 3), encoding="utf-8")
    assert [item.decision for item in load_searches(tmp_path).last_decisions()] == ["exclude"]

    path.write_text(head + row.format("exclude", "out-topic", 2), encoding="utf-8")
    with pytest.raises(RecordError, match=r"decisions\.csv:3: decision: given exclude"):
        load_searches(tmp_path)


def test_the_lines_that_contributing_shows_are_sound(root, tmp_path):
    """With their words in capitals filled in, the decision and the look-up of the guide are read as the first of their tables."""
    guide = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shutil.copytree(root / "data" / "searches", tmp_path / "searches")
    filled = {
        "ITS-ID": "2401.00001",
        "YEAR": "2024",
        "YOUR-RUN": "a-run",
        "TODAY": "2026-01-02",
        "CHAPTER": "scaling_laws",
    }
    row = next(line for line in guide.splitlines() if line.startswith("arXiv:"))
    run = guide.split("```yaml\n")[1].split("```")[0]
    for word, value in filled.items():
        row, run = row.replace(word, value), run.replace(word, value)
    (tmp_path / "searches" / "decisions.csv").write_text(f"{','.join(COLUMNS)}\n{row}\n", encoding="utf-8")
    (tmp_path / "searches" / "runs.yml").write_text(run, encoding="utf-8")

    found = load_searches(tmp_path)
    assert [(item.run, item.decision) for item in found.decisions] == [("a-run", "include")]
    assert [item.id for item in found.runs] == ["a-run"]
