"""What the formats say of a finding, in the same words everywhere."""

from __future__ import annotations

from bilatdata.contract.rules.structure import CELL_COUNT
from bilatdata.validation.findings import Finding, place, printable, quoted


def found(finding: Finding) -> str:
    """`found 'NA'`, `found an empty cell`, or nothing where the fault is not in one cell."""
    if finding.code == CELL_COUNT and finding.value:
        return f"found {printable(finding.value)}"
    if finding.value is not None:
        return f"found {quoted(finding.value)}"
    return "found an empty cell" if finding.key and finding.field else ""


def expected(finding: Finding) -> str:
    """`expected a date`, or nothing."""
    return f"expected {printable(finding.expected)}" if finding.expected else ""


def detail(finding: Finding) -> str:
    """What was found, what is expected, and in which record."""
    record = f"record {printable(finding.key)}" if finding.key else ""
    return "; ".join(filter(None, (", ".join(filter(None, (found(finding), expected(finding)))), record)))


def sentence(finding: Finding) -> str:
    """The finding without its place and code: `date: It is wrong. (found 'NA', expected a date)`."""
    field = f"{printable(finding.field)}: " if finding.field else ""
    details = detail(finding)
    return f"{field}{printable(finding.message)}" + (f" ({details})" if details else "")


def line(finding: Finding) -> str:
    """The finding on one line: `a.csv:4:3: T101 date: It is wrong. (found 'NA', expected a date)`."""
    return f"{printable(place(finding))}: {finding.code} {sentence(finding)}"
