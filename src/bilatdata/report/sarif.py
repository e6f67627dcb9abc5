"""A report as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), for code scanning and editors.

GitHub refuses a whole file for one result without a place. So every result has one here: a row of a Parquet file or
of a frame, which has no line, is put in the first, and its number stands in the message.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bilatdata.contract.rules import CATALOGUE
from bilatdata.package import installed
from bilatdata.report.excerpts import Excerpt, excerpts
from bilatdata.report.repository import paths_in_repository
from bilatdata.report.words import sentence
from bilatdata.validation.findings import Finding, Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"


def render(report: Report) -> str:
    """The report as a SARIF log with one run, on one line that ends in a line feed: indented it is twice as large."""
    codes = sorted({finding.code for finding in report.findings})
    driver = {
        "name": "bilatdata",
        "version": installed().version,
        "semanticVersion": installed().version,
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": _results(report.findings, codes),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False) + "\n"


def _rule(code: str) -> dict[str, Any]:
    rule = CATALOGUE[code]
    more = f"`bilatdata rules {code}` shows examples."
    return {
        "id": code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.explanation},
        "help": {
            "text": f"{rule.explanation} {rule.fix} {more}",
            "markdown": f"{rule.explanation}\n\n**How to mend it:** {rule.fix}\n\n{more}",
        },
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tags": ["data"], "problem.severity": rule.severity},
    }


def _results(findings: Sequence[Finding], codes: list[str]) -> list[dict[str, Any]]:
    paths = paths_in_repository(map(_name, findings))
    index = {code: number for number, code in enumerate(codes)}
    seen: Counter[str] = Counter()
    results = []
    for finding, excerpt in excerpts(findings):
        fingerprint = _fingerprint(finding)
        seen[fingerprint] += 1
        results.append(_result(finding, excerpt, paths, index, f"{fingerprint}:{seen[fingerprint]}"))
    return results


def _result(
    finding: Finding,
    excerpt: Excerpt | None,
    paths: Mapping[str, str | None],
    index: Mapping[str, int],
    fingerprint: str,
) -> dict[str, Any]:
    known = {name: getattr(finding, name) for name in ("table", "row", "field", "key", "value", "expected", "hint")}
    row = "" if finding.row is None or finding.line is not None else f"Row {finding.row}: "
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": _artifact(_name(finding), paths), "region": _region(finding, excerpt)}
    }
    if finding.table:
        name = "/".join(filter(None, (finding.table, finding.key, finding.field)))
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "member"}]
    return {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": finding.severity,
        "message": {"text": row + sentence(finding)},
        "locations": [location],
        # GitHub knows a result again by the second alone, whose name is not ours to choose.
        "partialFingerprints": {"finding/v1": fingerprint, "primaryLocationLineHash": fingerprint},
        "properties": {name: value for name, value in known.items() if value is not None},
    }


def _name(finding: Finding) -> str:
    """The file, or what stands for it where there is none."""
    return finding.file or finding.table or "data"


def _artifact(name: str, paths: Mapping[str, str | None]) -> dict[str, str]:
    path = paths[name]
    if path is None:
        return {"uri": Path(name).resolve().as_uri()}
    return {"uri": quote(path, errors="surrogateescape"), "uriBaseId": ROOT}


def _region(finding: Finding, excerpt: Excerpt | None) -> dict[str, int]:
    region = {"startLine": finding.line or 1}
    if finding.line is None or finding.column is None:
        return region
    region["startColumn"] = finding.column
    if excerpt:
        region |= {"endLine": excerpt.end_line, "endColumn": excerpt.end_column}
    return region


def _fingerprint(finding: Finding) -> str:
    """What makes a finding the same one when its line has moved: its rule, and its record or else its value."""
    where = finding.key or finding.value or ""
    parts = [finding.code, finding.table or "", finding.field or "", where]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
