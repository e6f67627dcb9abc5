"""Applying changes to tables: from nothing to any release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from bilatdata.errors import BilatdataError
from bilatdata.history.changes import Change
from bilatdata.history.model import TERMS, Key
from bilatdata.history.schemas import PropertyChange, SchemaDiff, apply_schema_diff

_GONE = {"row_removed", "row_merged", "row_withdrawn", "term_removed", "evidence_withdrawn"}
_MOVED = {"row_moved", "term_renamed"}
_CAME = {"row_added", "term_added", "source_added", "evidence_added", "id_retired"}


@dataclass
class Table:
    """A table while it is replayed."""

    schema: dict[str, Any]
    """Its Table Schema as a dict."""
    rows: dict[Key, dict[str, str]] = field(default_factory=dict)
    """The filled cells of each row, by its key."""

    @property
    def key(self) -> Key:
        """Names of the key fields."""
        names = self.schema.get("primaryKey", ())
        return (names,) if isinstance(names, str) else tuple(names)


State = dict[str, Table]
"""Tables by name."""


def replay(all_changes: Iterable[tuple[str, Change]]) -> State:
    """The tables that come of these changes, each with its version, in their order, from nothing.

    Raises:
        BilatdataError: a change speaks of a table, row or field that is not there.
    """
    state: State = {}
    for (version, table), run in groupby(all_changes, key=lambda pair: (pair[0], pair[1].table)):
        try:
            _apply(state, table, [change for _, change in run])
        except (KeyError, TypeError, ValueError) as error:
            raise BilatdataError(f"{version} changes {error} of {table}, which is not there before") from error
    return state


def _apply(state: State, name: str, changes: list[Change]) -> None:
    """Apply the changes of one table in one release."""
    for change in changes:
        if change.kind == "table_added":
            state[name] = Table(dict(change.new))
        elif change.kind == "table_removed":
            del state[name]
    if name not in state:
        return
    table = state[name]
    renamed = {str(change.field): str(change.new) for change in changes if change.kind == "field_renamed"}
    removed = {str(change.field) for change in changes if change.kind == "field_removed"}
    if schema := _schema_diff(changes):
        table.schema = apply_schema_diff(table.schema, schema)
    if renamed or removed:
        table.rows = {key: _with_fields(row, renamed, removed) for key, row in table.rows.items()}
    for change in changes:
        _apply_to_rows(state, table, change)


def _schema_diff(changes: list[Change]) -> SchemaDiff:
    properties = [
        PropertyChange(change.field, change.property, change.old, change.new) for change in changes if change.property
    ]
    order = next((tuple(change.new) for change in changes if change.kind == "fields_reordered"), None)
    return SchemaDiff(
        added=tuple(change.new for change in changes if change.kind == "field_added"),
        removed=tuple(change.old for change in changes if change.kind == "field_removed"),
        renamed=tuple((str(change.field), str(change.new)) for change in changes if change.kind == "field_renamed"),
        changed=tuple(properties),
        order=order,
    )


def _with_fields(row: dict[str, str], renamed: dict[str, str], removed: set[str]) -> dict[str, str]:
    return {renamed.get(name, name): cell for name, cell in row.items() if name not in removed}


def _apply_to_rows(state: State, table: Table, change: Change) -> None:
    if change.kind in _GONE:
        del table.rows[change.key]
    elif change.kind in _CAME:
        table.rows[change.key] = dict(change.new)
    elif change.kind in _MOVED:
        row, key = table.rows.pop(change.key), tuple(change.new)
        table.rows[key] = row | dict(zip(table.key, key, strict=True))
        if change.kind == "term_renamed" and change.table == TERMS:
            _rename_code(state, change.key[0], change.key[1], key[1])
    elif change.key:
        row = table.rows[change.key]
        if change.new is None:
            del row[str(change.field)]
        else:
            row[str(change.field)] = change.new


def _rename_code(state: State, vocabulary: str, old: str, new: str) -> None:
    """Write the new code into every cell that holds the old one."""
    for table, name, separator in _coded(state, vocabulary):
        for row in table.rows.values():
            cell = row.get(name)
            if cell and separator:
                row[name] = separator.join(sorted(new if part == old else part for part in cell.split(separator)))
            elif cell == old:
                row[name] = new


def _coded(state: State, vocabulary: str) -> Iterator[tuple[Table, str, str | None]]:
    """Tables and fields that hold codes of a vocabulary, with what separates the items of a cell."""
    for table in state.values():
        for item in table.schema["fields"]:
            if item.get("vocabulary") == vocabulary:
                yield table, item["name"], item.get("separator")
