"""A report with a line per finding: `file:line:column: CODE field: message (found ..., expected ...)`."""

from __future__ import annotations

from bilatdata.report.text import painter, summary
from bilatdata.report.words import sentence
from bilatdata.validation.findings import Report, place, printable


def render(report: Report, *, color: bool = False, width: int = 100) -> str:
    """All findings, a line each, and a line that counts them.

    Args:
        report: what was found.
        color: mark places and severities with ANSI colours.
        width: of no importance, as lines are not wrapped.
    """
    paint = painter(color)
    lines = [
        f"{paint(printable(place(finding)), 'place')}: {paint(finding.code, finding.severity)} {sentence(finding)}"
        for finding in report.findings
    ]
    return "\n".join([*lines, summary(report, paint)]) + "\n"
