"""The register's map: what it marks, how a mark is named, and where it leads."""

from __future__ import annotations

import re

import pytest

from review_book.pages.overview import evidence_map_html
from review_utils.records.register import NOT_TESTED, load_register


@pytest.fixture(scope="module")
def register(root):
    """The real register."""
    return load_register(root / "data")


def test_the_map_holds_every_finding_that_was_tested(register):
    """Each finding and test that has a result stands in it, led to by a mark that says study, test and result in words."""
    html = evidence_map_html(register)
    titles = {test.id: test.title for test in register.tests}
    for finding in register.findings:
        marks = re.findall(
            rf'href="@root/findings/{finding.id}#structural-tests" aria-label="([^"]*)" title="([^"]*)"', html
        )
        for found in finding.tests:
            if found.result not in NOT_TESTED:
                told = [label for label, title in marks if label == title and f", {titles[found.test]}: " in label]
                assert any(found.result.replace("-", " ") in label for label in told), (finding.id, found.test)


def test_a_row_of_the_map_holds_members_alone(register):
    """What waits for a decision, or was declined, is no mark of the shape; a finding without a shape stands in a row of its own."""
    rows = dict(re.findall(r'<tr><th scope="row"><a class="reference internal" href="\?shape=([^#"]*)[^>]*>(.*?)</tr>', evidence_map_html(register)))  # fmt: skip
    assert rows
    for shape, row in rows.items():
        shown = set(re.findall(r"@root/findings/([^#]*)#", row))
        members = {f.id for f in register.findings if any(s.id == shape and s.standing == "member" for s in f.shapes)}
        assert shown <= members


def test_the_sign_of_a_mark_says_its_kind_without_colour(register):
    """A mark bears a sign, and the words above the map explain each sign that there is."""
    html = evidence_map_html(register)
    signs = set(re.findall(r'<a class="map__sign [^>]*>(.)</a>', html))
    explained = set(re.findall(r'<span class="map__sign [^>]*>(.)</span>', html))

    assert signs
    assert signs <= explained


def test_a_register_without_results_has_no_map(register):
    """There is no table of nothing."""
    untested = [finding.model_copy(update={"tests": []}) for finding in register.findings]

    assert evidence_map_html(type(register)(**{**vars(register), "findings": tuple(untested)})) == ""
