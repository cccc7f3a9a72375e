"""The register's map and table."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from review_utils.records.register import NOT_TESTED, Finding, Register, StructuralTest
from review_utils.show.tables import Ref, from_rows

SIGNS: Mapping[str, tuple[str, str]] = {
    "less": ("−", "removes or weakens the effect"),
    "more": ("+", "brings it about, keeps or predicts it"),
    "mixed": ("±", "partial, mixed, none or unclear"),
}
"""What a test may say: how it is marked, and in words."""

_MANY = ' class="map__many"'

_SAYS = {
    **dict.fromkeys(("removes-effect", "weaker-effect"), "less"),
    **dict.fromkeys(("triggers-effect", "preserved", "predicts-effect"), "more"),
}


def evidence_map_html(register: Register) -> str:
    """Return which tests say what of which findings: a row a shape, a column a test, a mark a finding that was so tested.

    A finding stands in the row of each shape that it is a member of; on a phone a row is a box, its cells name their tests,
    and a button shows them all.
    The keyboard does not stop at each of hundreds of marks: the list below leads to the same findings.
    """
    rows = [
        (shape.title, f"?shape={shape.id}", [f for f in register.findings if _member(f, shape.id)])
        for shape in register.shapes
    ]
    rows.append(("In no shape", "", [f for f in register.findings if not _member(f)]))
    counts = {test.id: sum(bool(_results(f, test.id)) for f in register.findings) for test in register.tests}
    tests = sorted((test for test in register.tests if counts[test.id]), key=lambda test: -counts[test.id])
    if not tests:
        return ""
    heads = "".join(
        f'<th scope="col"><a class="reference internal" href="?test={test.id}#all-findings"><span>{html.escape(test.title)}</span></a></th>'
        for test in tests
    )
    lines = []
    for title, query, findings in rows:
        cells = [(test.title, _marks(findings, test.id, test.title)) for test in tests]
        if not any(marks for _, marks in cells):
            continue
        name = f'<a class="reference internal" href="{query}#all-findings">{html.escape(title)}</a>' if query else html.escape(title)  # fmt: skip
        said = "".join(
            f'<td{_MANY * (marks.count("<a ") > 6)} data-label="{html.escape(test, quote=True)}">{marks}</td>'
            for test, marks in cells
        )
        lines.append(f'<tr><th scope="row">{name} <small>{len(findings)}</small></th>{said}</tr>')
    key = "; ".join(f'<span class="map__sign map__sign--{name}">{sign}</span> {words}' for name, (sign, words) in SIGNS.items())  # fmt: skip
    return (
        '<details class="review-filters" open><summary>The map</summary><div class="review-evidence" tabindex="0" role="group" aria-label="Findings by shape and structural test"><table><caption>'
        f"Each mark is a finding of that shape and leads to its tests: {key}. "
        "An empty cell: no result in the copies read. The number beside a shape: its members. The names of shapes and tests "
        f"lead to their findings below.</caption><thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div></details>"
    )


def _member(finding: Finding, shape: str = "") -> bool:
    return any(s.standing == "member" and shape in ("", s.id) for s in finding.shapes)


def _results(finding: Finding, test: str) -> Sequence[StructuralTest]:
    return [found for found in finding.tests if found.test == test and found.result not in NOT_TESTED]


def _marks(findings: Sequence[Finding], test: str, title: str) -> str:
    """Return a mark for each finding with a result of a test, those that say the same together."""
    marks = []
    for finding in findings:
        if results := _results(finding, test):
            says = {_SAYS.get(found.result, "mixed") for found in results}
            kind = says.pop() if len(says) == 1 else "mixed"
            words = ", ".join(dict.fromkeys(found.result.replace("-", " ") for found in results))
            label = html.escape(f"{finding.short}, {title}: {words}", quote=True)
            marks.append(
                (
                    list(SIGNS).index(kind),
                    f'<a class="map__sign map__sign--{kind}" tabindex="-1" href="@root/findings/{finding.id}#structural-tests" '
                    f'aria-label="{label}" title="{label}">{SIGNS[kind][0]}</a>',
                )
            )
    return "".join(mark for _, mark in sorted(marks, key=lambda mark: mark[0]))


def register_html(register: Register) -> str:
    """Return every finding in one table, newest first."""
    rows = []
    for finding in sorted(register.findings, key=lambda f: (f.published, f.id), reverse=True):
        verified = sum(m.is_verified for m in finding.measurements)
        rows.append(
            {
                "Finding": Ref(finding.title, f"findings/{finding.id}"),
                "By": finding.short,
                "Published": finding.published,
                "Role": finding.role.replace("-", " "),
                "Shapes": list(dict.fromkeys(f"{register.shape(s.id).title} ({s.standing})" for s in finding.shapes))
                or "none",
                "Numbers verified": f"{verified} of {len(finding.measurements)}",
            }
        )
    caption = f"{len(rows)} findings, the newest first"
    table = from_rows(rows, list(rows[0]), caption).to_html()
    return table.replace("review-table", "review-table review-table--findings", 1)
