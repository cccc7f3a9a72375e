"""Citations in RIS, the form that reference managers read where they do not read BibTeX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from review_utils.records.references import Reference


def entry(kind: str, fields: Iterable[tuple[str, str]]) -> str:
    """Return one entry of RIS.

    Parameters
    ----------
    kind : str
        A type of RIS, as ``JOUR``, ``GEN`` or ``ELEC``.
    fields : iterable of (str, str)
        Tag of two letters and its value; empty ones are left out, line ends become spaces.
    """
    lines = [("TY", kind), *((tag, " ".join(value.split())) for tag, value in fields if value.strip()), ("ER", "")]
    return "".join(f"{tag}  - {value}\n" for tag, value in lines)


def person(name: str) -> str:
    """Return a name as RIS has it, the family name first; one word, or what is no person, stays whole.

    Examples
    --------
    >>> person("Jan Betley"), person("OpenAI")
    ('Betley, Jan', 'OpenAI')
    """
    given, _, family = name.rpartition(" ")
    return f"{family}, {given}" if given else family


def of_reference(reference: Reference) -> str:
    """Return a reference of the bibliography as RIS."""
    address = reference.url or (f"https://arxiv.org/abs/{reference.arxiv}" if reference.arxiv else "")
    people = []
    for name, family in zip(reference.authors, reference.families, strict=False):
        given = name.removesuffix(family).strip()
        people.append(("AU", f"{family}, {given}" if given and family != name else name))
    fields: Sequence[tuple[str, str]] = [
        *((tag, name) for tag, name in people if name != "others"),
        ("TI", reference.title), ("PY", reference.year), ("DO", reference.doi or ""), ("UR", address),
        ("ID", reference.key), ("N1", f"arXiv {reference.arxiv}" if reference.arxiv else ""),
    ]  # fmt: skip
    return entry("GEN" if not reference.doi else "JOUR", fields)


def of_all(references: Mapping[str, Reference]) -> str:
    """Return the whole bibliography as RIS, in the order of keys."""
    return "\n".join(of_reference(references[key]) for key in sorted(references))
