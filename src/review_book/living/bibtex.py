"""New entries of the bibliography, as BibTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

ALTERED = re.compile(r"[\\{}]")
"""Letters that a value cannot keep in BibTeX as they stand."""


def as_tex(text: str) -> str:
    r"""Return plain text as a value of BibTeX; what it would read as its own is refused where people give it (see ALTERED).

    Examples
    --------
    >>> as_tex("A & B_1")
    'A \\& B\\_1'
    """
    plain = re.sub(r"([%#&_$])", r"\\\1", text.replace("\\", "").replace("{", "(").replace("}", ")"))
    return plain.replace("~", r"{\textasciitilde}")


def written(key: str, fields: Mapping[str, str], authors: Sequence[str]) -> str:
    """Return a new entry as BibTeX text, by the parser's own writer, so that no value can end its field.

    Parameters
    ----------
    key : str
    fields : mapping
        Plain text, not LaTeX.
    authors : sequence of str
        Each as printed; one that is no person's name stays whole; "others" at the end where the list was cut.
    """
    from pybtex.database import BibliographyData, Entry, Person
    from pybtex.database.output.bibtex import Writer

    class Plain(Writer):
        def _encode(self, text: str) -> str:
            return text  # encoded below, and addresses not at all

    people = [Person(last=f"{{{as_tex(a)}}}") if a != "others" and is_group(a) else Person(as_tex(a)) for a in authors]
    entry = Entry(
        "misc", {k: v if k in ("url", "eprint", "doi") else as_tex(v) for k, v in fields.items()}, {"author": people}
    )
    return str(Plain().to_string(BibliographyData({key: entry})))


def is_group(name: str) -> bool:
    """Whether a name is that of a group and not of a person, such as Google DeepMind."""
    words = name.split()
    groups = {
        "team",
        "group",
        "lab",
        "labs",
        "institute",
        "research",
        "openai",
        "anthropic",
        "google",
        "deepmind",
        "meta",
    }
    return len(words) == 1 or "&" in words or any(word.lower().strip(",.") in groups for word in words)


def free_key(key: str, taken: Iterable[str]) -> str:
    """Return the key, or, where another paper has it, the key with a letter after its word."""
    known = set(taken)
    return next(k for k in (key, *(f"{key}{c}" for c in "bcdefghijklmnopqrstuvwxyz")) if k not in known)
