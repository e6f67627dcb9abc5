"""A report for people: `file:line:column: CODE field: message`, by file, with what was found and what is expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby
from textwrap import wrap

from bilatdata.validation.findings import Finding, Report, counted, judged, place, printable, quoted

SHOWN_PER_RULE = 5
"""Findings of one rule in one file that are shown; the rest are counted."""
INDENT = "    "
NARROWEST = 40
Painter = Callable[[str, str], str]
_STYLES = {"place": "1", "error": "1;31", "warning": "1;33", "good": "1;32", "dim": "2"}


def render(report: Report, *, color: bool = False, width: int = 100) -> str:
    """The report as text that ends in a line feed.

    Args:
        report: what was found.
        color: mark places and severities with ANSI colours.
        width: columns of the terminal; the lines that explain a finding are wrapped to it, its place and message are
        not.
    """
    paint = _paint if color else _plain
    lines: list[str] = []
    for _, findings in groupby(report.findings, key=lambda finding: (finding.file, finding.table)):
        lines += [*_file_lines(list(findings), max(width, NARROWEST), paint), ""]
    if not report.findings:
        lines.append(f"{paint('All good', 'good')}: {judged(report)}")
    else:
        lines.append(paint(counted(report), "error" if report.errors else "warning"))
        lines.append(paint(f"'bilatdata rules {report.findings[0].code}' explains a rule.", "dim"))
    return "\n".join(lines) + "\n"


def _file_lines(findings: list[Finding], width: int, paint: Painter) -> Iterator[str]:
    """The findings of one file; each rule's hint follows its first finding."""
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.code] += 1
        if seen[finding.code] > SHOWN_PER_RULE:
            continue
        field = f"{finding.field}: " if finding.field else ""
        where = paint(printable(place(finding)), "place")
        yield f"{where}: {paint(finding.code, finding.severity)} {field}{finding.message}"
        yield from wrap(_detail(finding), width, initial_indent=INDENT, subsequent_indent=INDENT)
        if finding.hint and seen[finding.code] == 1:
            hint = wrap(f"hint: {finding.hint}", width, initial_indent=INDENT, subsequent_indent=INDENT)
            yield from (paint(line, "dim") for line in hint)
    for code, count in sorted(seen.items()):
        if count > SHOWN_PER_RULE:
            yield paint(f"{INDENT}… and {count - SHOWN_PER_RULE:,} more of {code} in this file", "dim")


def _detail(finding: Finding) -> str:
    """What was found, what is expected, and in which record."""
    parts = []
    if finding.value is not None:
        parts.append(f"found {quoted(finding.value)}")
    elif finding.key and finding.field:
        parts.append("found an empty cell")
    if finding.expected:
        parts.append(f"expected {printable(finding.expected)}")
    detail = ", ".join(parts)
    return f"{detail} (record {printable(finding.key)})" if detail and finding.key else detail


def _paint(text: str, style: str) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def _plain(text: str, style: str) -> str:
    return text
