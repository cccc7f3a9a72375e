"""Searches: protocol, runs and decisions, and what became of each work."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_book.pages.searches import flow_html, flow_svg
from review_utils.records.reading import RecordError
from review_utils.records.searches import COLUMNS, Decision, Protocol, Run, Searches, load_searches

PROTOCOL = Protocol(
    purpose="To know.", sources={"web": "an index"}, questions={"a": ["what"]}, since="2020", languages=["English"],
    criteria=[{"id": "in-scope", "title": "in", "decides": "include"}, {"id": "out-topic", "title": "out", "decides": "exclude"}],
    in_doubt="it waits", every="weekly",
)  # fmt: skip
RUN = Run(id="r1", date="2026-01-02", source="web", query="q", returned=8, new=2, chapters=["a"])


def decided(work="arXiv:2401.00001", decision="include", run="r1", chapter="a", stage="title-abstract"):
    """One decision."""
    reason = "out-topic" if decision == "exclude" else "in-scope"
    return Decision(
        id=work, title="On It", year="2024", run=run, stage=stage, decision=decision, reason=reason, date="2026-01-02", chapter=chapter
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


def test_the_picture_of_the_flow_says_its_numbers():
    """It is well-formed, and its label and the sentence above it say what the boxes say."""
    found = Searches(
        PROTOCOL, [RUN], [decided(), decided("arXiv:2401.00002", "exclude"), decided("arXiv:2401.00003", "wait")]
    )

    svg = ET.fromstring(flow_svg(found.flow()).removeprefix('<figure class="review-flow">').removesuffix("</figure>"))
    words = " ".join(text.text for text in svg.iter("{http://www.w3.org/2000/svg}text"))

    for number in ("3 records", "2 works", "1 works"):
        assert number in words
    assert "3 records identified, 0 met before, 2 works screened, 1 excluded, 1 waiting, 1 included" in svg.get(
        "aria-label"
    )
    assert "led to 3 works: 1 were included, 1 excluded, 1 wait." in flow_html(found, "all")


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("protocol.yml", "criteria:", "criterias:", "criteria: given nothing"),
        ("decisions.csv", ",".join(COLUMNS), "id,title", "(columns)"),
        ("runs.yml", "returned: ", "returned: -", "returned"),
    ],
)
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
    row = "arXiv:2401.00001,T,2024,references,title-abstract,{},{},2026-01-0{},a\n"
    path = tmp_path / "searches" / "decisions.csv"
    head = f"{','.join(COLUMNS)}\n{row.format('include', 'in-scope', 2)}"

    path.write_text(head + row.format("exclude", "out-topic", 3), encoding="utf-8")
    assert [item.decision for item in load_searches(tmp_path).last_decisions()] == ["exclude"]

    path.write_text(head + row.format("exclude", "out-topic", 2), encoding="utf-8")
    with pytest.raises(RecordError, match=r"decisions\.csv:3: decision: given exclude"):
        load_searches(tmp_path)
