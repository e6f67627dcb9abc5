"""The changes between two versions, as data.

Two axes are kept apart: a *revision* gives another value in the place of one; *coverage* grows or shrinks by tables,
fields, rows, cells that were empty and are filled, or were filled and are empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from bilatdata.history.renames import Rename
from bilatdata.history.schemas import SchemaDiff

Key = tuple[str, ...]
Cells = Mapping[str, str]
"""The filled cells of a row, as text."""
EVIDENCE, TERMS, RETIRED = "evidence", "terms", "retired_ids"


@dataclass(frozen=True)
class Side:
    """One of the two versions."""

    version: str
    place: str


@dataclass(frozen=True)
class Row:
    """A row that is in one version only."""

    key: Key
    cells: Cells


@dataclass(frozen=True)
class Departure:
    """A row that is gone under its key."""

    key: Key
    cells: Cells
    retired: bool = False
    """Whether `retired_ids` of the new version says so."""
    successor: Key | None = None
    """Where the record went."""
    moved: bool = False
    """Whether the successor is this very row under a new key; otherwise it was there before, and took this one in."""


@dataclass(frozen=True)
class CellChange:
    """A cell of a row that is in both versions."""

    key: Key
    """The key in the new version."""
    field: str
    """The field by its new name."""
    old: str | None
    """None where the cell was empty."""
    new: str | None
    """None where it is empty now."""

    @property
    def axis(self) -> Literal["revised", "filled", "emptied"]:
        """Another value (revision), or more or less of them (coverage)."""
        return "filled" if self.old is None else "emptied" if self.new is None else "revised"


@dataclass(frozen=True)
class EvidenceChange:
    """Evidence for a record or a cell that came, went, or says something else."""

    kind: Literal["added", "withdrawn", "changed"]
    evidence_id: str
    table: str
    record_id: str
    field: str | None
    """None where it is for the record as a whole."""
    source_id: str
    stance: str
    """supports or disputes."""
    reported: str | None


@dataclass(frozen=True)
class TableDiff:
    """What changed in one table."""

    name: str
    status: Literal["added", "removed", "kept"]
    key: Key
    """Names of the key fields."""
    old_rows: int
    new_rows: int
    schema: SchemaDiff = field(default_factory=SchemaDiff)
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The schema of a table that came or went, as written."""
    added: tuple[Row, ...] = ()
    removed: tuple[Departure, ...] = ()
    cells: tuple[CellChange, ...] = ()
    rows: Mapping[Key, Cells] = field(default_factory=dict, repr=False)
    """The rows of `cells`, as they are in the new version."""

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.status != "kept" or self.schema or self.added or self.removed or self.cells)

    def cells_on(self, axis: str) -> tuple[CellChange, ...]:
        """The changed cells that were revised, filled or emptied."""
        return tuple(change for change in self.cells if change.axis == axis)


@dataclass(frozen=True)
class PackageDiff:
    """What changed between two versions of a package."""

    package: str
    old: Side
    new: Side
    tables: tuple[TableDiff, ...]
    """Every table of either version, in the order of the new one, those that are gone at the end."""
    renamed_terms: tuple[Rename, ...] = ()
    """Renames of codes that took place between the two."""

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return any(self.tables)

    @cached_property
    def evidence(self) -> tuple[EvidenceChange, ...]:
        """Changes of the table `evidence`, by what the evidence is about."""
        return tuple(change for table in self.tables if table.name == EVIDENCE for change in _evidence(table))

    @cached_property
    def evidence_by_cell(self) -> Mapping[tuple[str, str, str | None], tuple[EvidenceChange, ...]]:
        """The same by table, record and field."""
        found: dict[tuple[str, str, str | None], tuple[EvidenceChange, ...]] = {}
        for change in self.evidence:
            about = (change.table, change.record_id, change.field)
            found[about] = (*found.get(about, ()), change)
        return found

    def table(self, name: str) -> TableDiff:
        """The changes of one table.

        Raises:
            KeyError: neither version has it.
        """
        return {table.name: table for table in self.tables}[name]


def _evidence(table: TableDiff) -> Iterator[EvidenceChange]:
    """Changes of rows of `evidence`, said of what they are about."""
    for row in table.added:
        yield _evidence_change("added", row.key, row.cells)
    for departure in table.removed:
        yield _evidence_change("withdrawn", departure.key, departure.cells)
    for key, cells in table.rows.items():
        yield _evidence_change("changed", key, cells)


def _evidence_change(kind: Literal["added", "withdrawn", "changed"], key: Key, cells: Cells) -> EvidenceChange:
    return EvidenceChange(
        kind=kind,
        evidence_id="/".join(key),
        table=cells.get("table_name", ""),
        record_id=cells.get("record_id", ""),
        field=cells.get("field_name"),
        source_id=cells.get("source_id", ""),
        stance=cells.get("stance_code", ""),
        reported=cells.get("reported_value"),
    )
