"""One digest of all records, on which every page made from them depends."""

from __future__ import annotations

from pathlib import Path

from review_book.execute.fingerprint import SOURCES, digest
from review_book.files import write_atomically
from review_book.records.kinds import all_kinds
from review_utils.review import files_in


def stamp_path(root: Path) -> Path:
    """Return where the digest of all records is kept."""
    return root / "_build" / "records.stamp"


def stamp_records(root: Path) -> None:
    """Write one digest of every record and of the code that reads and shows them, on change alone.

    Parts of pages made from records show more than one file: labels from the bibliography, titles of shapes,
    links from other findings, counts of all. They depend on this stamp, so that none of it can go stale.
    """
    kinds = ("*.yml", "*.bib", "*.json", "*.jsonl", "*/*.yml")
    files = [path for pattern in kinds for path in files_in(root / "data", pattern)] + [root / "CITATION.cff"]
    homes = {
        "review_utils",
        "review_book",
        *(kind.load.rpartition(".")[0].replace(".", "/") for kind in all_kinds().values()),
    }
    files += {path for name in homes for path in (SOURCES / name).rglob("*.py")}
    text = "\n".join(f"{path.name} {digest(path)}" for path in sorted(files))
    path = stamp_path(root)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text)
