"""The bibliography: keys, labels and entries of ``data/references.bib``."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from review_utils.records.reading import Located, RecordError
from review_utils.review import project_root


def citation_keys(path: Path | None = None) -> dict[str, int]:
    """Return the keys of the bibliography with their lines.

    Raises
    ------
    RecordError
        When a key stands twice or is not of the form surnameYEARword.
    """
    path = path or project_root() / "data" / "references.bib"
    located = Located(path, None)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RecordError([located.problem((), "no such file", "the bibliography")]) from None
    keys: dict[str, int] = {}
    problems = []
    for match in re.finditer(r"^@\w+\{([^,\s]+),", text, flags=re.MULTILINE):
        line = text[: match.start()].count("\n") + 1
        key = match[1]
        where = Located(path, None, line=line)
        if key in keys:
            problems.append(where.problem((), key, f"each key once; it also stands on line {keys[key]}"))
        if not re.fullmatch(r"[a-z0-9]+\d{4}[a-z0-9]+", key):
            problems.append(where.problem((), key, "a key of the form surnameYEARword"))
        keys[key] = line
    if not keys:
        problems.append(located.problem((), "no entry", "at least one BibTeX entry"))
    if problems:
        raise RecordError(problems)
    return keys


@cache
def citation_labels(path: Path) -> dict[str, str]:
    """Return a short label for each entry of the bibliography: first author and year."""
    from pybtex.database import parse_file

    labels = {}
    for key, entry in parse_file(str(path), bib_format="bibtex").entries.items():
        people = entry.persons.get("author", [])
        names = [" ".join(person.prelast_names + person.last_names).strip("{}") for person in people]
        first = names[0] if names else key
        more = " et al." if len(names) > 2 or "others" in names else f" and {names[1]}" if len(names) == 2 else ""
        labels[key] = f"{first}{more} {entry.fields.get('year', '')}".strip()
    return labels


@cache
def _bibliography(path: Path, _stamp: int) -> dict[str, str]:
    text = path.read_text(encoding="utf-8")
    return {
        m[1]: m[0].strip() for m in re.finditer(r"^@\w+\{([^,\s]+),.*?(?=^@|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    }


def bibtex(key: str, path: Path) -> str:
    """Return one entry of the bibliography as it stands there; KeyError when there is none."""
    return _bibliography(path, path.stat().st_mtime_ns)[key]
