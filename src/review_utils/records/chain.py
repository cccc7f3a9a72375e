"""Chains of hashes: a line that was edited, dropped or put in breaks every line after it."""

from __future__ import annotations

import hashlib


def digest(text: str, digits: int = 16) -> str:
    """Return the first digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def link(previous: str, line: str, digits: int = 16) -> str:
    """Return the hash that ties a line to the one before it, whose own hash is `previous` (empty for the first)."""
    return digest(f"{previous} {line}", digits)
