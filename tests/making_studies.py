"""Studies and statements for tests, with what no test asks about left at its plainest."""

from __future__ import annotations

import datetime as dt
import re

from review_book.records.statements import Evidence, Objection, Statement
from review_book.records.studies import ReadHow, Studies, Study, StudyStatus
from review_utils.records.quantities import StudyNumber
from review_utils.records.references import Reference

DAY = dt.date(2026, 1, 1)


def study(key, kind="experiment", how="abstract", status=None, **more):
    """A study; `status` is a standing, or nothing where it is current."""
    stands = StudyStatus(**{"is": status, "by": ["x2020y"], "because": "it was."}) if status else None
    read = ReadHow(how=how, date=DAY, what="all of it" if how == "full-text" else "abstract")
    return Study(
        key=key, published="2024", kind=kind, systems="models", read=read, status=stands, summary="It is.", **more
    )


def number(name, read="primary"):
    """A number of a study, seen in the way that `read` says."""
    return StudyNumber(id=name, what="a share", value=5, unit="percent", locator="Table 1", read=read)


def entry(key, *authors):
    """An entry of the bibliography; without names its author is like no other's."""
    names = authors or (f"Ann {key.title()}",)
    return Reference(
        key, 1, f"On {key}", tuple(names), tuple(n.split()[-1] for n in names), "2024", None, None, None, ""
    )


def studies(*items, authors=None):
    """Studies with their entries; `authors` names those of some."""
    entries = {item.key: entry(item.key, *(authors or {}).get(item.key, ())) for item in items}
    return Studies({item.key: item for item in items}, entries, {})


def evidence(source, bearing="for", direct="statement", **more):
    """A piece of evidence; a source with a slash is one of our own analyses."""
    named = {"analysis": source} if "/" in source else {"study": source}
    return Evidence(**named, bearing=bearing, direct=direct, **{"found": "It is so."} | more)


def said(*items, **more):
    """A statement with its evidence."""
    rest = {"id": "s", "statement": "It is so.", "scope": "models", "section": "why", "would_change": "a result"}
    return Statement(**rest | more, evidence=list(items), objection=Objection(text="It may not be."))


def retract(data, key):
    """Retract a study in the files of a review, as its author would: by its status, with a reason."""
    for path in (data / "studies").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        found = re.search(rf"(?ms)^- key: {key}\n.*?(?=^- key: |\Z)", text)
        if found:
            before = re.sub(r"(?m)^  status:\n(?:    .*\n)+", "", found[0])
            after = before.replace("\n", "\n  status: {is: retracted, because: A test.}\n", 1)
            path.write_text(text.replace(found[0], after), encoding="utf-8")
            return
    raise AssertionError(f"no study {key}")
