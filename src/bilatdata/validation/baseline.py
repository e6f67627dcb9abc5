"""Known findings: a file of faults that a team has today, so that only new ones are reported."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bilatdata.errors import BilatdataError
from bilatdata.package import read_json
from bilatdata.validation.findings import Finding, Report

VERSION = 1
ABOUT = "Findings that are known: 'bilatdata validate --baseline' leaves them out, '--write-baseline' writes this file."
IDENTITY = ("code", "table", "file", "field", "key", "value")
Identity = tuple[str | None, ...]
"""What makes a finding the same one, wherever its line has moved to: the values of `IDENTITY`."""


@dataclass(frozen=True)
class Baseline:
    """How often each finding is known."""

    counts: Counter[Identity]

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Baseline:
        """The baseline that holds these findings."""
        return cls(Counter(map(identity, findings)))

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """Read a file that `to_bytes` made.

        Raises:
            BilatdataError: the file cannot be read, or is no baseline of a version known here.
        """
        content = read_json(path)
        if content.get("version") != VERSION or not isinstance(content.get("findings"), list):
            raise BilatdataError(f"{path}: is no baseline: write one with 'bilatdata validate ... --write-baseline'")
        counts: Counter[Identity] = Counter()
        for number, entry in enumerate(content["findings"], start=1):
            if not _is_entry(entry):
                raise BilatdataError(f"{path}: finding {number} is not as '--write-baseline' writes it: write it anew")
            counts[tuple(entry.get(name) for name in IDENTITY)] += entry.get("count", 1)
        return cls(counts)

    def to_bytes(self) -> bytes:
        """The baseline as JSON, a line per finding in a fixed order, so that its changes can be reviewed."""
        ordered = sorted(self.counts.items(), key=lambda item: [value or "" for value in item[0]])
        lines = [json.dumps(_entry(same, count), ensure_ascii=False) for same, count in ordered]
        listed = "\n    " + ",\n    ".join(lines) + "\n  " if lines else ""
        about = json.dumps(ABOUT)
        return f'{{\n  "about": {about},\n  "version": {VERSION},\n  "findings": [{listed}]\n}}\n'.encode()

    def left_out(self, report: Report) -> Report:
        """The report without the findings that are known; of more than are known, the last ones are new."""
        left = self.counts.copy()
        new: list[Finding] = []
        for finding in report.findings:
            same = identity(finding)
            if left[same] > 0:
                left[same] -= 1
            else:
                new.append(finding)
        return replace(report, findings=tuple(new), known=len(report.findings) - len(new), gone=left.total())


def identity(finding: Finding) -> Identity:
    """What makes the finding the same one in another run; of its file only the name counts."""
    name = finding.file and Path(finding.file).name
    return (finding.code, finding.table, name, finding.field, finding.key, finding.value)


def _entry(same: Identity, count: int) -> dict[str, Any]:
    named = {name: value for name, value in zip(IDENTITY, same, strict=True) if value is not None}
    return named if count == 1 else {**named, "count": count}


def _is_entry(entry: object) -> bool:
    if not isinstance(entry, dict) or "code" not in entry or entry.keys() - {*IDENTITY, "count"}:
        return False
    count = entry.get("count", 1)
    texts = [entry[name] for name in IDENTITY if name in entry]
    return all(isinstance(text, str) for text in texts) and type(count) is int and count > 0
