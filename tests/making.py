"""Small records for tests: a finding, a shape."""

from __future__ import annotations

from review_utils.records.register import Finding, Shape

MEMBER = [("s", "member")]


LETTERS = str.maketrans("0123456789-", "abcdefghijz")


def _place(shape_id, standing):
    place = {"id": shape_id, "part": "all", "standing": standing, "proposed_by": "founding-notes"}
    if standing == "declined":
        place["decided"] = {"day": "2026-01-01", "because": "It is about something else."}
    return place


def make(name, shapes=(), tests=(), group=None, published="2025-01-01", recorded="2026-01-01"):
    """Return a small finding; those of one `group` have the same author, and the others one each."""
    verdict = {"verdict": "met"}
    return Finding.model_validate(
        {
            "id": name,
            "title": name,
            "authors": [f"Ann {(group or name).translate(LETTERS)}"],
            "published": published,
            "recorded": recorded,
            "source": {"url": "https://example.org/x"},
            "cite": "a2020b",
            "group": group or f"group-{name}",
            "role": "adjacent",
            "shapes": [_place(s, w) for s, w in shapes],
            "criteria": {"not_training_target": verdict, "scales": verdict, "observed": verdict},
            "scale": {"measured": False},
            "tests": [{"test": t, "result": r, "note": "a test"} for t, r in tests],
            "summary": "A finding.",
        }
    )


def shape(name="s", *conditions, evidence_at=3, of=None):
    """Return a shape with conditions."""
    return Shape.model_validate(
        {
            "id": name,
            "title": name,
            "kind": "shape",
            "of": of,
            "definition": "d",
            "evidence_at": evidence_at,
            "look_for": "l",
            "codify_when": [{**c, "source": "x"} for c in conditions],
        }
    )


def with_files_of_this_subject(root):
    """Give a review an empty file of each kind of record of this subject, which a review of another has none of."""
    for name in ("mitigations", "predictions", "prose_checks"):
        (root / "data" / f"{name}.yml").write_text("[]\n", encoding="utf-8")
    empty = "properties: []\ndefinitions: []\ncases: []\nmeasures: []\n"
    (root / "data" / "definitions.yml").write_text(empty, encoding="utf-8")
