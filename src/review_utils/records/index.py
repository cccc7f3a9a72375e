"""The register in short: a small row for each finding, which explorers filter by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from review_utils.records.register import NOT_TESTED, Register


def register_index(register: Register) -> list[dict[str, Any]]:
    """Return what the explorer filters by: a small row for each finding, the newest first."""
    titles = {s.id: s.title for s in register.shapes}
    return [
        {
            "id": f.id,
            "title": f.title,
            "by": f.short,
            "published": f.published,
            "role": f.role,
            "shapes": [{"id": m.id, "title": titles[m.id], "standing": m.standing} for m in f.shapes],
            "criteria": {name: judged.verdict for name, judged in f.criteria.items()},
            "tests": sorted({t.test for t in f.tests if t.result not in NOT_TESTED}),
            "families": families(f.models),
            "measurements": len(f.measurements),
            "verified": sum(m.is_verified for m in f.measurements),
            "notes": f.in_founding_notes,
            "text": f.summary,
        }
        for f in sorted(register.findings, key=lambda f: (f.published, f.id), reverse=True)
    ]


FAMILIES = ("GPT", "Claude", "Qwen", "Llama", "Gemma", "Gemini", "Mistral", "Pythia", "DeepSeek", "Grok", "OLMo", "PaLM", "o1", "o3")  # fmt: skip
"""Families that a model's name begins with or holds; others are gathered under "other"."""


def families(models: Iterable[str]) -> list[str]:
    """Return the families of models, in the order of `FAMILIES`."""
    names = " ".join(models).lower()
    found = [family for family in FAMILIES if family.lower() in names]
    return found or (["other"] if names else [])
