"""All that the package itself must satisfy before a release: every rule, the release rules among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bilatdata.contract.rule import ReleaseFault, Rule
from bilatdata.contract.rules import CATALOGUE
from bilatdata.contract.state import RecordState, record_state
from bilatdata.errors import BilatdataError, missing_extra
from bilatdata.package import DESCRIPTOR, DataPackage
from bilatdata.validation import Finding, Report, validate


@dataclass(frozen=True, repr=False)
class ReleaseReport(Report):
    """What `check` found, and how well the record is borne out."""

    state: RecordState | None = None
    """None where a table cannot be read; a finding says so."""

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, ready for JSON: `summary`, `findings` and `state`."""
        return {**super().to_dict(), "state": self.state.to_dict() if self.state else None}


def check(root: Path) -> ReleaseReport:
    """Judge the data package at `root` by every rule of the catalogue, and count what bears it out.

    Raises:
        BilatdataError: there is no package at `root`, a table cannot be read at all, or a rule reads a field that the
            schemas do not have.
    """
    package = DataPackage(root)
    if not (root / DESCRIPTOR).is_file():
        raise BilatdataError(f"{root}: holds no {DESCRIPTOR}: name the folder of a data package")
    report = _validated(package)
    release = [finding for rule in CATALOGUE if rule.scope == "release" for finding in _findings(rule, package)]
    both = Report.of([*report.findings, *release], files=report.files, tables=report.tables, rows=report.rows)
    return ReleaseReport(both.findings, both.files, both.tables, both.rows, _state(package), judged=report.judged)


def _validated(package: DataPackage) -> Report:
    """What the rules find that everybody's tables must keep."""
    if find_spec("polars") is None:
        raise missing_extra("validate", "checking")
    from polars.exceptions import ColumnNotFoundError

    try:
        return validate(package.root / DESCRIPTOR, package=package, as_of=_release_day(package))
    except ColumnNotFoundError as error:
        # A field of ours got another name, and rules still read the old one: no fault of the engine.
        missing = str(error).split(";")[0]
        raise BilatdataError(
            f"a rule reads a field that the schemas do not have ({missing}): the rules in src/bilatdata/contract/ must "
            "call it by its name of now"
        ) from error


def _state(package: DataPackage) -> RecordState | None:
    try:
        return record_state(package)
    except BilatdataError:
        return None


def _release_day(package: DataPackage) -> date:
    """The day in the descriptor's `created`; nothing in the package can have happened after it."""
    return datetime.fromisoformat(str(package.descriptor["created"])).date()


def _findings(rule: Rule, package: DataPackage) -> Iterator[Finding]:
    try:
        for fault in rule.function(package):
            assert isinstance(fault, ReleaseFault)
            yield _finding(rule, fault, package.root)
    except BilatdataError as error:
        # A file that this rule cannot read is a fault of the release, not of the command.
        yield Finding(rule.code, rule.severity, str(error), hint=rule.fix)


def _finding(rule: Rule, fault: ReleaseFault, root: Path) -> Finding:
    return Finding(
        code=rule.code,
        severity=rule.severity,
        message=rule.summary,
        table=fault.table,
        file=str(root / fault.file),
        line=fault.line,
        field=fault.field,
        key=fault.key,
        value=fault.value,
        expected=fault.expected,
        hint=rule.fix,
    )
