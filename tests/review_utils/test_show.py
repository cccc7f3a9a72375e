"""What notebooks show: named, with uncertainty or the reason for none."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd
import pytest

from review_book.pages.cells import File
from review_utils import show
from review_utils.records.claims import ClaimError
from review_utils.show.charts import CHART_MIME
from review_utils.show.tables import Ref


@pytest.fixture
def shown(monkeypatch):
    """Collect what would be displayed."""
    import IPython.display

    out = []
    monkeypatch.setattr(IPython.display, "display", lambda data, raw, metadata: out.append((data, metadata["review"])))
    return out


def test_a_number_carries_its_uncertainty_or_says_why_not(shown):
    """A number without an interval and without a reason is refused, and so is one outside its interval."""
    show.number("x", 2.0, "bits", "a thing", low=1.0, high=3.0, interval="95 percent")
    with pytest.raises(ValueError, match="carries its uncertainty"):
        show.number("x", 2.0, "bits", "a thing")
    with pytest.raises(ValueError, match="misses the value"):
        show.number("x", 4.0, "bits", "a thing", low=1.0, high=3.0)

    ((data, review),) = shown
    assert data["text/plain"] == "x = 2 bits [1 to 3]"
    assert review["record"]["high"] == 3.0


def test_a_count_is_a_number_that_says_why_it_has_no_interval(shown):
    """What was counted has no unit and no interval, and its record says that it is a count."""
    show.count("seeds", 5, "seeds an arm")

    ((data, review),) = shown
    assert data["text/plain"] == "seeds = 5"
    assert review["record"] == {
        "value": 5.0,
        "unit": "",
        "label": "seeds an arm",
        "digits": 3,
        "no_interval_because": "a count",
    }


def test_words_are_shown_as_they_are_quoted(shown):
    """Words carry their text and what they say; empty ones and several lines are refused."""
    show.words("said", "none is codified", "shapes that are codified")
    for text in (" ", "one\ntwo"):
        with pytest.raises(ValueError, match="one phrase or sentence"):
            show.words("said", text, "x")

    ((data, review),) = shown
    assert data["text/plain"] == "said: none is codified"
    assert review["kind"] == "words"
    assert review["record"] == {"text": "none is codified", "label": "shapes that are codified"}
    assert [show.listed(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["none", "a", "a and b", "a, b and c"]


def test_names_are_slugs(shown):
    """A name that an address cannot hold is refused."""
    with pytest.raises(ValueError, match="lower-case"):
        show.table("My Table", pd.DataFrame({"a": [1]}), "c")
    assert shown == []


def test_a_claim_is_checked_as_it_is_shown(shown, root, monkeypatch):
    """Showing a claim checks it against the ledger of the folder's chapter; a wrong number raises."""
    monkeypatch.chdir(root / "analyses" / "scaling_laws")
    show.claim("besiroglu-exponent", 0.512612)
    with pytest.raises(ClaimError):
        show.claim("besiroglu-exponent", 0.6)

    ((data, review),) = shown
    assert "reproduced" in data["text/plain"]
    assert (review["record"]["id"], review["record"]["verdict"]) == ("besiroglu-exponent", "reproduced")
    assert review["record"]["published"] == pytest.approx(review["record"]["recomputed"], abs=1e-3)


def test_a_claim_of_another_chapter_is_refused(root, monkeypatch):
    """A notebook checks the claims of its own chapter, so that others' edits leave it alone."""
    monkeypatch.chdir(root / "analyses" / "emergence_theory")
    with pytest.raises(KeyError, match="the ledger of this notebook's chapter"):
        show.claim("besiroglu-exponent", 0.512612)


def test_a_held_number_is_checked_where_it_can_be(shown):
    """A number from an external set shows its record with or without the set, and is refused when the two differ."""
    show.held("x", 1.004, 1.0, 0.01, "bits", "a thing")
    show.held("x", None, 1.0, 0.01, "bits", "a thing")
    with pytest.raises(ValueError, match="Find out what changed"):
        show.held("x", 1.1, 1.0, 0.01, "bits", "a thing")

    assert shown[0] == shown[1]


def test_a_figure_without_the_points_of_others_says_how_to_get_them(shown, monkeypatch):
    """Where the set is not at hand our part of a figure is drawn, with a sentence; where it is, the points are, without."""
    ours, whole = (
        alt.Chart(pd.DataFrame({"x": [x], "y": [1.0]}), title="It rises").mark_point().encode(x="x:Q", y="y:Q")
        for x in (1.0, 2.5)
    )
    monkeypatch.setenv("REVIEW_BUILD", "1")
    for there in (None, whole):
        show.figure("rise", ours, "A point that stands alone in the middle.", external="a-set", whole=there)

    (without, record), (with_points, same) = shown
    assert "review fetch a-set" in without["text/html"]
    assert "review fetch a-set" in without["text/plain"]
    assert '"x":1.0' in without["text/html"]
    assert "review fetch" not in with_points["text/html"]
    assert '"x":2.5' in with_points["text/html"]
    assert record == same


def test_a_running_notebook_is_handed_the_specification(shown, monkeypatch):
    """At work a figure goes to the front end as a Vega specification, which it draws itself; in a build as HTML."""
    chart = alt.Chart(pd.DataFrame({"x": [1.0], "y": [2.0]}), title="It rises").mark_point().encode(x="x:Q", y="y:Q")
    for name in ("", "1"):
        monkeypatch.setenv("REVIEW_BUILD", name)
        show.figure("rise", chart, "A point that stands alone in the middle.")

    (live, _), (built, record) = shown
    assert live[CHART_MIME] == record["record"]["spec"]
    assert "text/html" not in live
    assert CHART_MIME in built["text/html"]


def test_links_of_a_running_notebook_lead_to_the_built_book(shown, monkeypatch, root):
    """At work a link to a page leads to the built book as seen from the notebook; in a build the book resolves it."""
    monkeypatch.chdir(root / "analyses" / "scaling_laws")
    frame = pd.DataFrame({"a": [Ref("a page", "findings/x#m-1")], "b": [File("a file", "data/y.json")]})
    for name in ("", "1"):
        monkeypatch.setenv("REVIEW_BUILD", name)
        show.table("t", frame, "Links")

    (live, _), (built, _) = shown
    assert 'href="../../_build/html/findings/x.html#m-1"' in live["text/html"]
    assert 'href="../../_build/html/data/y.json"' in live["text/html"]
    assert 'href="@root/findings/x#m-1"' in built["text/html"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: show.number("x", float("nan"), "m", "l", no_interval_because="e"), "a finite number"),
        (lambda: show.number("x", np.ma.masked, "m", "l", no_interval_because="e"), "needed: a number"),
        (lambda: show.number("x", None, "m", "l", no_interval_because="e"), "needed: a number"),
        (lambda: show.number("x", 1j, "m", "l", no_interval_because="e"), "needed: a number"),
        (lambda: show.number("x", True, "m", "l", no_interval_because="e"), "needed: a number"),
        (lambda: show.number("x", 3.0, "", " ", no_interval_because="e"), "a phrase"),
        (lambda: show.number("x", 3.0, "m", "l", digits=400, no_interval_because="e"), "1 to 15 digits"),
        (lambda: show.number("x", 3.0, "m", "l", no_interval_because=" "), "the reason in words"),
        (lambda: show.number("x", 3.0, "m", "l", low=1.0, high=5.0), "of what kind it is"),
        (lambda: show.number("x", 3.0, "m", "l", low=-np.inf, high=np.inf, interval="95"), "an end"),
        (lambda: show.words("x", "a\u202eb", "l"), "control character"),
        (lambda: show.words("x", "<b>x</b>", "l"), "without markup"),
        (lambda: show.words("x", "{num}`y`", "l"), "without a role"),
        (lambda: show.words("x", None, "l"), "one phrase"),
        (lambda: show.listed("abc"), "a list of texts"),
        (lambda: show.listed([1, 2]), "a list of texts"),
        (lambda: show.held("x", 1.0, 99.0, np.inf, "u", "l"), "a finite number and tolerance"),
        (lambda: show.table("x", [1, 2], "c"), "a frame of pandas"),
        (lambda: show.table("x", pd.DataFrame({"a": [1]}), " "), "a sentence"),
        (lambda: show.table("x", pd.DataFrame([[1]])[[]], "c"), "a frame without columns"),
        (lambda: show.table("x", pd.DataFrame([[1, 2]], columns=["a", "a"]), "c"), "each name once"),
        (lambda: show.table("x", pd.DataFrame({"a": [1]}), "c", {"b": "m"}), "units of b"),
        (lambda: show.table("x", pd.DataFrame({"a": range(10_001)}), "c"), "at most 10,000"),
        (lambda: show.table("x", pd.DataFrame({("a", "b"): [1]}), "c"), "plain names"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_a_sentence(call, said):
    """No number, no words, no frame and no reason: each is refused with what was given and what is needed."""
    with pytest.raises((TypeError, ValueError), match=said):
        call()
