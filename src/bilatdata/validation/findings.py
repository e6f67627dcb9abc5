"""What validation finds: a finding per fault, and the report that holds them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self

from bilatdata.errors import BilatdataError

if TYPE_CHECKING:
    import pandas as pd

Severity = Literal["error", "warning"]
LISTED_IN_ERROR = 5
LONGEST_VALUE = 60


@dataclass(frozen=True)
class Finding:
    """One fault in one place."""

    code: str
    """Code of the rule, such as `T101`."""
    severity: Severity
    message: str
    """What is wrong, in one sentence without the place."""
    table: str | None = None
    file: str | None = None
    """Path as it was given; None for a data frame."""
    line: int | None = None
    """Physical line in a text file, 1-based: the line on which the cell (or the record) begins."""
    column: int | None = None
    """Character within that line, 1-based."""
    row: int | None = None
    """Data row, 1-based and without the header, for files and frames that have no lines."""
    field: str | None = None
    key: str | None = None
    """Primary key of the record, its parts joined by `;`."""
    value: str | None = None
    """The cell as it stands; None where it is empty or the fault is not in one cell."""
    expected: str | None = None
    hint: str | None = None
    """How to mend it."""

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sort key: file, line (or row), column, code, field."""
        return (self.file or "", self.line or self.row or 0, self.column or 0, self.code, self.field or "")


class ValidationError(BilatdataError):
    """Raised by `Report.raise_for_findings`; `report` holds every finding."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__(_first_few(report))


@dataclass(frozen=True)
class Judged:
    """A file or frame that was judged."""

    file: str | None
    """Path as it was given; None for a data frame."""
    table: str | None
    """None where it matched none and was only mentioned."""
    rules: tuple[str, ...]
    """Codes of the rules it was judged by."""


@dataclass(frozen=True)
class Report:
    """The outcome of a validation.

    Iterating gives the findings, sorted by file, line, column and code; `len` counts them.
    """

    findings: tuple[Finding, ...]
    files: tuple[str, ...]
    """Files that were judged (for a data frame: `<table>`), in the order in which they were given."""
    tables: tuple[str, ...]
    rows: int
    """Data rows that were judged, faulty ones included."""
    known: int = field(default=0, kw_only=True)
    """Findings that are left out because the baseline holds them."""
    gone: int = field(default=0, kw_only=True)
    """Findings of the baseline that no longer occur."""
    judged: tuple[Judged, ...] = field(default=(), kw_only=True)
    """What the files are judged by, in the same order."""

    @classmethod
    def of(
        cls,
        findings: Iterable[Finding],
        *,
        files: Iterable[str],
        tables: Iterable[str],
        rows: int,
        judged: Iterable[Judged] = (),
    ) -> Report:
        """A report with its findings in order."""
        ordered = tuple(sorted(findings, key=lambda finding: finding.order))
        return cls(ordered, tuple(files), tuple(tables), rows, judged=tuple(judged))

    def strictly(self) -> Self:
        """The same report with every warning counted as an error."""
        return replace(self, findings=tuple(replace(finding, severity="error") for finding in self.findings))

    @property
    def valid(self) -> bool:
        """Whether there is no error; warnings do not count."""
        return not self.errors

    @cached_property
    def errors(self) -> tuple[Finding, ...]:
        """The findings of severity `error`."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @cached_property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings of severity `warning`."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, ready for JSON: `summary` and `findings`."""
        return {
            "summary": {
                "valid": self.valid,
                "errors": len(self.errors),
                "warnings": len(self.warnings),
                "files": list(self.files),
                "tables": list(self.tables),
                "rows": self.rows,
                "known": self.known,
                "gone": self.gone,
            },
            "findings": [asdict(finding) for finding in self.findings],
        }

    def to_json(self) -> str:
        """The report as a JSON object with the keys `summary` and `findings`, indented, ending in a line feed."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"

    def to_pandas(self) -> pd.DataFrame:
        """The findings as a frame, one row each: `line`, `column` and `row` are Int64, all else is string."""
        import pandas as pd

        names = [item.name for item in fields(Finding)]
        frame = pd.DataFrame([asdict(finding) for finding in self.findings], columns=names)
        whole = {"line", "column", "row"}
        return frame.astype({name: "Int64" if name in whole else "string" for name in names})

    def raise_for_findings(self, *, strict: bool = False) -> None:
        """Do nothing if the data is valid.

        Args:
            strict: count warnings as errors.

        Raises:
            ValidationError: there are errors (with `strict`: findings); the message lists the first few.
        """
        if not self.valid or (strict and self.findings):
            raise ValidationError(self)

    def __len__(self) -> int:
        return len(self.findings)

    def __bool__(self) -> bool:
        """Always true: a report without findings is a report; ask `valid`."""
        return True

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __repr__(self) -> str:
        state = "valid" if self.valid else "not valid"
        return f"<Report: {state}, {counted(self)}>"


def counted(report: Report) -> str:
    """The size of a report in words: `3 errors, 1 warning in 2 files, 1,204 rows`."""
    found = [plural(len(report.errors), "error")]
    if report.warnings:
        found.append(plural(len(report.warnings), "warning"))
    return f"{', '.join(found)} in {judged(report)}"


def judged(report: Report) -> str:
    """What was judged, and what is known of it: `2 files, 1,204 rows (12 findings in the baseline)`."""
    known = f" ({plural(report.known, 'finding')} in the baseline)" if report.known else ""
    return f"{plural(len(report.files), 'file')}, {plural(report.rows, 'row')}{known}"


def plural(count: int, noun: str) -> str:
    """`1 row`, `1,204 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def place(finding: Finding) -> str:
    """Where a finding is: `file:line:column`, `file:row 3`, or less where less is known."""
    where = finding.file or (f"<{finding.table}>" if finding.table else "<data>")
    if finding.line is not None:
        where += f":{finding.line}"
        return where if finding.column is None else f"{where}:{finding.column}"
    return where if finding.row is None else f"{where}:row {finding.row}"


def printable(text: str) -> str:
    """The text with control characters escaped, so that no cell can steer a terminal."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def quoted(value: str) -> str:
    """A cell's text in quotes, escaped, and shortened where it is long."""
    text = printable(value)
    return f"'{text}'" if len(text) <= LONGEST_VALUE else f"'{text[: LONGEST_VALUE - 1]}…'"


def _first_few(report: Report) -> str:
    shown = report.errors or report.findings
    listed = "; ".join(_in_short(item) for item in shown[:LISTED_IN_ERROR])
    more = f"; and {len(shown) - LISTED_IN_ERROR:,} more" if len(shown) > LISTED_IN_ERROR else ""
    return f"{counted(report)}: {listed}{more}"


def _in_short(finding: Finding) -> str:
    field = f"{finding.field}: " if finding.field else ""
    found = f" Found {quoted(finding.value)}." if finding.value is not None else ""
    return f"{printable(place(finding))}: {finding.code} {field}{finding.message}{found}"
