"""The changes between two versions one by one: what `changes/<version>.jsonl` holds, and what version numbers count."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bilatdata.errors import BilatdataError
from bilatdata.history.model import EVIDENCE, RETIRED, TERMS, CellChange, Departure, PackageDiff, TableDiff
from bilatdata.history.schemas import PropertyChange

SOURCES = "sources"
_ADDED = {EVIDENCE: "evidence_added", TERMS: "term_added", SOURCES: "source_added", RETIRED: "id_retired"}
_REMOVED = {EVIDENCE: "evidence_withdrawn", TERMS: "term_removed"}
_TYPE = ("type", "format", "rdfType", "separator", "categoriesOrdered", "missingValues")
_LOWER, _UPPER = ("minimum", "exclusiveMinimum", "minLength"), ("maximum", "exclusiveMaximum", "maxLength")
_WORDS = ("change", "table", "key", "field", "property", "old", "new", "reason")
"""The words of a line, in their order; those without a value are left out."""


@dataclass(frozen=True)
class Change:
    """One change, of a kind that `kinds.toml` explains."""

    kind: str
    table: str
    key: tuple[str, ...] = ()
    """Key of the row; empty for a change of the schema."""
    field: str | None = None
    """The field by its new name; of a renamed one, the old name."""
    property: str | None = None
    """Property of the schema, such as `type` or `constraints.enum`."""
    old: Any = None
    """A cell, the filled cells of a row that is gone, a field, property or schema as it was written."""
    new: Any = None
    """The same of the new version; of a row or field under another name, that name."""
    reason: str = ""

    def line(self) -> str:
        """The change as a line of JSON."""
        values = (
            *(self.kind, self.table, list(self.key) or None, self.field),
            *(self.property, self.old, self.new, self.reason or None),
        )
        told = {word: value for word, value in zip(_WORDS, values, strict=True) if value is not None}
        return json.dumps(told, ensure_ascii=False)

    def because(self, reason: str) -> Change:
        """The same change with its reason."""
        return replace(self, reason=reason)


def changes(diff: PackageDiff) -> Iterator[Change]:
    """Every change, table by table: first of the schema, then rows that went, moved and came, then cells.

    Rows of a table that is gone are not told one by one; the cells of a field that is gone neither.
    """
    renamed = {rename.old: rename.new for rename in diff.renamed_terms}
    for table in diff.tables:
        if table.status == "removed":
            yield Change("table_removed", table.name, old=dict(table.document))
            continue
        if table.status == "added":
            yield Change("table_added", table.name, new=dict(table.document))
        yield from _schema_changes(table, renamed)
        yield from (_departure(table.name, departure) for departure in table.removed)
        for row in table.added:
            yield Change(_ADDED.get(table.name, "row_added"), table.name, row.key, new=dict(row.cells))
        yield from (_cell(table.name, change) for change in table.cells)


def read_line(text: str, place: str) -> Change:
    """The change that a line tells; `place` is what to call the line.

    Raises:
        BilatdataError: the line tells none.
    """
    try:
        told = json.loads(text)
        values = {word: told.pop(word) for word in _WORDS if word in told}
        key = tuple(values.pop("key", ()))
        if told:
            raise ValueError(f"unknown word {next(iter(told))!r}")
        return Change(values.pop("change"), values.pop("table"), key, **values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BilatdataError(f"{place}: tells no change ({error}): expected JSON with {', '.join(_WORDS)}") from error


def json_lines(all_changes: Iterable[Change]) -> str:
    """The changes, a line each."""
    return "".join(change.line() + "\n" for change in all_changes)


def _schema_changes(table: TableDiff, renamed_codes: Mapping[str, str]) -> Iterator[Change]:
    schema, name = table.schema, table.name
    for old, new in schema.renamed:
        yield Change("field_renamed", name, field=old, new=new)
    for document in schema.removed:
        yield Change("field_removed", name, field=document["name"], old=dict(document))
    for document in schema.added:
        yield Change("field_added", name, field=document["name"], new=dict(document))
    for change in schema.changed:
        kind = property_kind(change, renamed_codes)
        yield Change(kind, name, field=change.field, property=change.name, old=change.old, new=change.new)
    if schema.order:
        yield Change("fields_reordered", name, new=list(schema.order))


def _departure(table: str, departure: Departure) -> Change:
    if departure.moved:
        kind = "term_renamed" if table == TERMS else "row_moved"
        return Change(kind, table, departure.key, new=list(departure.successor or ()))
    if table in _REMOVED:
        return Change(_REMOVED[table], table, departure.key, old=dict(departure.cells))
    if departure.successor:
        new = list(departure.successor)
        return Change("row_merged", table, departure.key, old=dict(departure.cells), new=new)
    kind = "row_withdrawn" if departure.retired else "row_removed"
    return Change(kind, table, departure.key, old=dict(departure.cells))


def _cell(table: str, change: CellChange) -> Change:
    kind = "evidence_changed" if table == EVIDENCE else f"cell_{change.axis}"
    return Change(kind, table, change.key, field=change.field, old=change.old, new=change.new)


def property_kind(change: PropertyChange, renamed_codes: Mapping[str, str]) -> str:
    """The kind of a change of a schema's property."""
    name = change.name.removeprefix("constraints.")
    if name in ("unit", "vocabulary"):
        return f"{name}_changed"
    if name == "primaryKey":
        return "key_changed"
    if name in _TYPE:
        return "type_changed"
    if name in ("enum", "categories"):
        return _codes_kind(change.old, change.new, renamed_codes)
    if name == "foreignKeys":
        return "constraint_loosened" if _all_in(change.new or [], change.old or []) else "constraint_tightened"
    if change.name.startswith("constraints."):
        return "constraint_tightened" if _is_tighter(name, change.old, change.new) else "constraint_loosened"
    return "described"


def _codes_kind(old: list[str] | None, new: list[str] | None, renamed_codes: Mapping[str, str]) -> str:
    if new is None:
        return "constraint_loosened"
    if old is None:
        return "constraint_tightened"
    before = [renamed_codes.get(code, code) if code not in new else code for code in old]
    if not _all_in(before, new):
        return "constraint_tightened"
    return "codes_reordered" if len(before) == len(new) else "constraint_loosened"


def _is_tighter(name: str, old: Any, new: Any) -> bool:
    """Whether a value that the old constraint admits may fail the new one."""
    if new is None or new is False:
        return False
    if old is None or old is False or name not in (*_LOWER, *_UPPER):
        return True
    return bool(new > old if name in _LOWER else new < old)


def _all_in(items: list[Any], others: list[Any]) -> bool:
    return all(item in others for item in items)
