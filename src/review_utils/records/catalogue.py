"""The register in short: what an explorer filters by, and what the rules ask of each finding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from review_utils.records.register import Register


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
            "tests": sorted({t.test for t in f.tests if t.result not in ("not-run", "not-applicable")}),
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


def rules_index(register: Register) -> dict[str, Any]:
    """Return what the what-if in the page needs: rules, and of each finding what rules ask for."""
    return {
        "shapes": [
            {
                "id": s.id,
                "title": s.title,
                "of": s.of,
                "evidence_at": s.evidence_at,
                "codify_when": [c.model_dump(exclude_none=True) for c in s.codify_when],
            }
            for s in register.shapes
        ],
        "tests": [{"id": t.id, "title": t.title} for t in register.tests],
        "findings": [
            {
                "id": f.id,
                "title": f.title,
                "published": f.published,
                "group": f.group,
                "shapes": [{"id": m.id, "standing": m.standing} for m in f.shapes],
                "tests": [{"test": t.test, "result": t.result} for t in f.tests],
            }
            for f in register.findings
        ],
    }
