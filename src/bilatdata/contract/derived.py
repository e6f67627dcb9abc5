"""Derived columns: what `build` writes and `check` proves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from bilatdata.contract.canonical import TextTable
from bilatdata.contract.table_schema import Field, TableSchema
from bilatdata.dates import bounds


def supporting_sources(evidence: TextTable) -> dict[tuple[str, str], str]:
    """The sources that support a record, `;`-separated and sorted, by table and record id.

    A source that only disputes a value is not among them.
    """
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in evidence.records():
        if row["stance_code"] == "supports":
            found[row["table_name"], row["record_id"]].add(row["source_id"])
    return {record: ";".join(sorted(ids)) for record, ids in found.items()}


def derive(table: TextTable, schema: TableSchema, sources: Mapping[tuple[str, str], str]) -> None:
    """Fill the derived columns of a canonical table in place.

    A date that cannot be read leaves its bounds empty; rule D101 finds it.
    """
    positions = {name: index for index, name in enumerate(table.header)}
    for field in schema.fields:
        if not field.derived:
            continue
        target = positions[field.name]
        if field.derived["from"] == "evidence":
            key = positions[schema.primary_key[0]]
            for row in table.rows:
                row[target] = sources.get((schema.name, row[key]), "")
        else:
            origin = positions[field.derived["from"]]
            for row in table.rows:
                row[target] = _bound(row[origin], field)


def _bound(text: str, field: Field) -> str:
    assert field.derived is not None
    try:
        day = getattr(bounds(text), field.derived["bound"]) if text else None
    except ValueError:
        return ""
    return day.isoformat() if day else ""
