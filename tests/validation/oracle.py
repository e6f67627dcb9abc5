"""frictionless-py and the engine on the same tables, their findings brought into the same words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import csv_model
from frictionless import Package, Resource, system

from bilatdata.package import DataPackage
from bilatdata.validation.engine import validate

KINDS = {
    **{"T101": "type", "T102": "constraint", "T103": "constraint", "T104": "constraint", "T105": "constraint"},
    **{"K101": "primary-key", "K102": "constraint", "K103": "foreign-key"},
    **{"S102": "missing-column", "S103": "extra-column", "S104": "duplicate-column", "S105": "blank", "S106": "cells"},
    **{"S107": "encoding", "S108": "unclosed-quote", "S109": "stray-quote", "S110": "nul", "S111": "carriage-return"},
    **{
        "type-error": "type",
        "constraint-error": "constraint",
        "unique-error": "constraint",
        "encoding-error": "encoding",
    },
    **{"missing-cell": "cells", "extra-cell": "cells", "blank-row": "blank"},
    **{"missing-label": "missing-column", "extra-label": "extra-column", "duplicate-label": "duplicate-column"},
}
WITH_FIELD = {"type", "constraint", "missing-column"}
NOT_COMPARED = {"S101", "N102"}
"""Our own: a byte-order mark, and needless spaces in text."""


class Found(NamedTuple):
    """A fault as both tell it; records count from 1, the header."""

    kind: str
    record: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        return " ".join(str(part) for part in self if part is not None)


def found(kind: str, record: int | None, field: str | None) -> Found:
    return Found(kind, record, field if kind in WITH_FIELD else None)


def package_of(root: Path, schemas: Mapping[str, Mapping[str, Any]]) -> DataPackage:
    """A data package of these tables, all empty, for the engine to judge by."""
    for folder in ("schemas", "data"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name, schema in schemas.items():
        (root / "schemas" / f"{name}.json").write_text(json.dumps({"name": name, **schema}))
        header = ",".join(field["name"] for field in schema["fields"])
        (root / "data" / f"{name}.csv").write_text(header + "\n")
    resources = [{"name": name, "path": f"data/{name}.csv"} for name in schemas]
    (root / "datapackage.json").write_text(json.dumps({"version": "1", "resources": resources}))
    return DataPackage(root)


def theirs(paths: Mapping[str, Path], schemas: Mapping[str, Mapping[str, Any]]) -> dict[str, set[Found]]:
    """What frictionless finds in each table, dialect and encoding given and not guessed, no limit of errors."""
    with system.use_context(trusted=True):
        resources = [_resource(name, path, schemas[name]) for name, path in paths.items()]
        reports = (
            [resource.validate(limit_errors=1_000_000) for resource in resources]
            if len(resources) == 1 and not schemas[resources[0].name].get("foreignKeys")
            else [Package(resources=resources).validate(limit_errors=1_000_000)]
        )
    tasks = [task for report in reports for task in report.tasks]
    assert not any(report.errors for report in reports)
    result: dict[str, set[Found]] = {name: set() for name in paths}
    for task in tasks:
        for error in task.errors:
            record = getattr(error, "row_number", None)
            field = getattr(error, "field_name", None)
            kind = KINDS.get(error.type, error.type)
            if kind == "primary-key" and "cells composing" in error.message:
                # they tell an empty key as a fault of the key, we as one of each field, which is implicitly required
                names = schemas[task.name]["primaryKey"]
                result[task.name] |= {found("constraint", record, name) for name in names}
            else:
                result[task.name].add(found(kind, record, field))
    return result


def _resource(name: str, path: Path, schema: Mapping[str, Any]) -> Resource:
    theirs = json.loads(json.dumps(schema))
    for key in theirs.get("foreignKeys", ()):
        key["reference"].setdefault("resource", "")  # how version 1 writes a reference within the table
    profiles = "https://datapackage.org/profiles/2.0"
    descriptor = {
        "$schema": f"{profiles}/dataresource.json",
        "name": name,
        "path": str(path),
        "encoding": "utf-8-sig",
        "format": "csv",
        "schema": {"$schema": f"{profiles}/tableschema.json", **theirs},
        "dialect": {"skipBlankRows": False, "headerRows": [1], "delimiter": ",", "quoteChar": '"', "doubleQuote": True},
    }
    return Resource.from_descriptor(descriptor)


def ours(paths: Mapping[str, Path], package: DataPackage, batch_bytes: int = 1 << 20) -> dict[str, set[Found]]:
    """What the engine finds, its lines turned into records by the model of a reader."""
    result: dict[str, set[Found]] = {name: set() for name in paths}
    records = {name: _records(path) for name, path in paths.items()}
    for item in validate(list(paths.values()), package=package, batch_bytes=batch_bytes):
        if item.code in NOT_COMPARED:
            continue
        kind = KINDS[item.code]
        record = None if item.code in ("S102", "S103", "S104") else records[item.table][item.line]
        result[item.table].add(found(kind, record, item.field))
    return result


def _records(path: Path) -> dict[int, int]:
    """The record on every physical line."""
    content = path.read_bytes()
    starts = [record.line for record in csv_model.read(content)[1]]
    ends = [*starts, content.count(b"\n") + 2][1:]
    pairs = zip(starts, ends, strict=True)
    return {line: number for number, (start, end) in enumerate(pairs, start=2) for line in range(start, end)}
