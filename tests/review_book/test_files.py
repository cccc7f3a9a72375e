"""Files are written whole, or stay as they were."""

from __future__ import annotations

import pytest

from review_book.files import append, write_atomically


def test_writing_leaves_the_old_or_the_new(tmp_path, monkeypatch):
    """A disk that is full while a file is written leaves the old file and no part of the new one."""
    target = tmp_path / "x.txt"
    target.write_text("old")

    def full(self, *args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(target, "new")
    monkeypatch.undo()

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_lines_are_added_whole(tmp_path):
    """A table whose last line was cut off by a crash gets its line end first."""
    path = tmp_path / "table.csv"
    path.write_text("a\nb", encoding="utf-8")
    append(path, "c\n")

    assert path.read_text(encoding="utf-8") == "a\nb\nc\n"
