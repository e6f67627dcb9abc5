"""The state of the record: how well its facts are borne out, table by table, and the floors that this must keep.

What is counted, over the tables whose records need evidence:

- *records with evidence*: those that at least one source supports, itself or the record that it inherits evidence from.
- *cells*: the filled cells that say something of the world. Keys, derived fields, links to other records of the kind
  and what we judge (`note`, `confidence_code`, `visit_id`, `basis_code`, `hs_basis_code`) are ours, and so are an HS
  code that we propose, with its edition, and a valuation that no source tells: no source can support them.
- *cells with evidence*: those that at least one source supports by evidence that names the field.
- *cells with two sources*: those that two independent sources support so: sources of different publishers that
  neither retell one text nor carry one agency.
- *disputes*: cells (or whole records) that at least one source contradicts.
- *low confidence*: records of confidence `low`, among those that state their confidence.
- *other*: cells with the code `other`, in the coded column where their share is greatest; each item of a list counts.
"""

from __future__ import annotations

import math
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from bilatdata.contract.canonical import read_text_table
from bilatdata.contract.rules._origins import Origin, origins
from bilatdata.contract.table_schema import Field, TableSchema, read_table_schema
from bilatdata.errors import BilatdataError
from bilatdata.package import DataPackage

FLOORS = "floors.toml"
TOTAL = "total"
OURS = ("basis_code", "confidence_code", "hs_basis_code", "note", "visit_id")
"""Fields that are our judgement: no source can support them."""
OURS_WHERE = {
    "hs_code": ("hs_basis_code", "proposed"),
    "hs_edition": ("hs_basis_code", "proposed"),
    "valuation_code": ("valuation_code", "unknown"),
}
"""Fields that are our judgement in the rows where the named field has the named code."""
AT_LEAST = ("records", "records_with_evidence_pct", "cells_with_evidence_pct", "cells_with_two_sources_pct", "disputes")
AT_MOST = ("low_confidence_pct", "other_pct")
"""Figures that may only shrink; their floors are named `<figure>_at_most`."""
FLOOR_NAMES = (*AT_LEAST, *(f"{figure}_at_most" for figure in AT_MOST))

Row = dict[str, str]
CellKey = tuple[str, str, str]
"""Table, record and field; the field is empty for the record as a whole."""


@dataclass(frozen=True)
class TableState:
    """The figures of one table, or of all of them together."""

    records: int = 0
    records_with_evidence: int = 0
    cells: int = 0
    cells_with_evidence: int = 0
    cells_with_two_sources: int = 0
    disputes: int = 0
    rated_records: int = 0
    """Records that state their confidence."""
    low_confidence_records: int = 0
    other_field: str | None = None
    """Coded column with the greatest share of `other`; None where `other` does not occur."""
    other_cells: int = 0
    coded_cells: int = 0
    """Filled cells of that column."""

    def shares(self) -> dict[str, float | None]:
        """The exact shares in per cent, by their names in `AT_LEAST` and `AT_MOST`; None where nothing is counted."""
        return {
            "records_with_evidence_pct": _percent(self.records_with_evidence, self.records),
            "cells_with_evidence_pct": _percent(self.cells_with_evidence, self.cells),
            "cells_with_two_sources_pct": _percent(self.cells_with_two_sources, self.cells),
            "low_confidence_pct": _percent(self.low_confidence_records, self.rated_records),
            "other_pct": _percent(self.other_cells, self.coded_cells) if self.other_field else 0.0,
        }

    def rounded_shares(self) -> dict[str, float | None]:
        """The shares to a tenth of a per cent, never rounded to the better side."""
        return {
            name: None if share is None else (math.ceil if name in AT_MOST else math.floor)(round(share * 10, 6)) / 10
            for name, share in self.shares().items()
        }

    def to_dict(self) -> dict[str, Any]:
        """The counts and the rounded shares, ready for JSON."""
        return {**asdict(self), **self.rounded_shares()}


@dataclass(frozen=True)
class RecordState:
    """The state of a data package."""

    tables: Mapping[str, TableState]
    """The tables whose records need evidence, in the order of the package."""
    total: TableState
    """All of them; its `other_field` is `table.field`."""

    def to_dict(self) -> dict[str, Any]:
        """`tables` by name and `total`, ready for JSON."""
        return {"tables": {name: state.to_dict() for name, state in self.tables.items()}, TOTAL: self.total.to_dict()}


@dataclass(frozen=True)
class BelowFloor:
    """A floor that the record does not keep, or that makes no sense."""

    line: int | None
    table: str
    figure: str
    value: str
    expected: str


def record_state(package: DataPackage) -> RecordState:
    """Count what bears out the facts of a package.

    Raises:
        BilatdataError: a table cannot be read.
    """
    schemas = {name: read_table_schema(package.schema(name)) for name in package.table_names}
    facts = [name for name, schema in schemas.items() if schema.evidence]
    grounds = _grounds(_rows(package, "evidence"), _rows(package, "sources"))
    tables = {name: _table_state(_rows(package, name), schemas[name], facts, grounds) for name in facts}
    return RecordState(tables, _total(tables))


def floors_not_kept(package: DataPackage) -> Iterator[BelowFloor]:
    """The floors in `floors.toml` that the package does not keep; a package without the file has none.

    Raises:
        BilatdataError: the file or a table cannot be read.
    """
    path = package.root / FLOORS
    if not path.is_file():
        return
    try:
        text = path.read_text(encoding="utf-8")
        floors = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise BilatdataError(f"{path}: cannot be read ({error})") from error
    state = record_state(package)
    states = {**state.tables, TOTAL: state.total}
    for table, figures in floors.items():
        if table not in states or not isinstance(figures, dict):
            yield BelowFloor(_line(text, table), table, "", table, f"one of {', '.join(states)}")
            continue
        for figure, floor in figures.items():
            line = _line(text, table, figure)
            if figure not in FLOOR_NAMES:
                yield BelowFloor(line, table, figure, figure, f"one of {', '.join(FLOOR_NAMES)}")
            elif isinstance(floor, bool) or not isinstance(floor, int | float):
                yield BelowFloor(line, table, figure, str(floor), "a number")
            elif fault := _below(states[table], figure, floor):
                yield BelowFloor(line, table, figure, *fault)


def _below(state: TableState, figure: str, floor: float) -> tuple[str, str] | None:
    """What was found and what is expected, where a floor is not kept."""
    name = figure.removesuffix("_at_most")
    counts = {"records": state.records, "disputes": state.disputes}
    value = (state.shares() | counts)[name]
    if value is None or (value <= floor if name in AT_MOST else value >= floor):
        return None
    return f"{(state.rounded_shares() | counts)[name]:g}", f"at {'most' if name in AT_MOST else 'least'} {floor:g}"


def _line(text: str, table: str, figure: str | None = None) -> int | None:
    """The line of a table's heading in the floors, or of one of its figures."""
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("["):
            inside = line.strip("[] \t") == table
            if inside and figure is None:
                return number
        elif inside and figure is not None and line.partition("=")[0].strip() == figure:
            return number
    return None


@dataclass(frozen=True)
class _Grounds:
    """What the evidence bears out."""

    supporting: Mapping[CellKey, set[str]]
    """The sources that support a cell."""
    records: frozenset[tuple[str, str]]
    """Table and id of the records that some source supports."""
    disputed: frozenset[CellKey]
    origins: Mapping[str, Origin]
    """Where the words of each source come from."""


def _grounds(evidence: Iterable[Row], sources: Iterable[Row]) -> _Grounds:
    supporting: dict[CellKey, set[str]] = defaultdict(set)
    disputed: set[CellKey] = set()
    for row in evidence:
        cell = (row["table_name"], row["record_id"], row["field_name"])
        if row["stance_code"] == "supports":
            supporting[cell].add(row["source_id"])
        elif row["stance_code"] == "disputes":
            disputed.add(cell)
    records = frozenset((table, record) for table, record, _ in supporting)
    return _Grounds(dict(supporting), records, frozenset(disputed), origins({row["source_id"]: row for row in sources}))


def _table_state(rows: list[Row], schema: TableSchema, facts: Collection[str], grounds: _Grounds) -> TableState:
    key = schema.primary_key[0]
    parent = (schema.evidence or {}).get("inherits")
    borne_out = [
        (schema.name, row[key]) in grounds.records
        or (parent is not None and (parent["table"], row[parent["field"]]) in grounds.records)
        for row in rows
    ]
    told = [field.name for field in _told_fields(schema, facts)]
    cells = [(schema.name, row[key], name) for row in rows for name in told if row[name] and not _judged(row, name)]
    with_evidence = [cell for cell in cells if cell in grounds.supporting]
    confidence = [row["confidence_code"] for row in rows if row.get("confidence_code")]
    other_field, other_cells, coded_cells = _most_other(rows, schema)
    return TableState(
        records=len(rows),
        records_with_evidence=sum(borne_out),
        cells=len(cells),
        cells_with_evidence=len(with_evidence),
        cells_with_two_sources=sum(_independent(grounds.supporting[cell], grounds.origins) for cell in with_evidence),
        disputes=sum(table == schema.name for table, _, _ in grounds.disputed),
        rated_records=len(confidence),
        low_confidence_records=confidence.count("low"),
        other_field=other_field,
        other_cells=other_cells,
        coded_cells=coded_cells,
    )


def _told_fields(schema: TableSchema, facts: Collection[str]) -> list[Field]:
    """The fields that a source can bear out, in some rows at least."""
    links = {name for key in schema.foreign_keys if key.table in facts for name in key.fields}
    ours = {*schema.primary_key, *links, *OURS}
    return [field for field in schema.fields if not field.derived and field.name not in ours]


def _judged(row: Row, name: str) -> bool:
    """Whether a cell is our judgement in this row, though a source can bear out its field in others."""
    field, code = OURS_WHERE.get(name, ("", ""))
    return bool(field) and row.get(field) == code


def _most_other(rows: list[Row], schema: TableSchema) -> tuple[str | None, int, int]:
    """The coded column with the greatest share of `other`: its name, its cells with `other`, its filled cells."""
    found: tuple[str | None, int, int] = (None, 0, 0)
    for field in schema.fields:
        if field.vocabulary:
            cells = [part for row in rows if row[field.name] for part in _parts(row[field.name], field)]
            other = cells.count("other")
            if other and (found[0] is None or other * found[2] > found[1] * len(cells)):
                found = (field.name, other, len(cells))
    return found


def _parts(cell: str, field: Field) -> list[str]:
    return cell.split(field.separator) if field.separator else [cell]


def _total(tables: Mapping[str, TableState]) -> TableState:
    worst = max(tables.items(), key=lambda item: item[1].shares()["other_pct"] or 0, default=("", TableState()))
    name, state = worst
    sums = {
        count: sum(getattr(table, count) for table in tables.values())
        for count in TableState.__dataclass_fields__
        if not count.startswith(("other", "coded"))
    }
    field = f"{name}.{state.other_field}" if state.other_field else None
    return TableState(**sums, other_field=field, other_cells=state.other_cells, coded_cells=state.coded_cells)


def _independent(sources: set[str], origins: Mapping[str, Origin]) -> bool:
    """Whether two of the sources are independent."""
    known = [origins[source] for source in sources if source in origins]
    return any(one.is_independent_of(other) for one, other in combinations(known, 2))


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


def _rows(package: DataPackage, table: str) -> list[Row]:
    """The rows of a table, none where the package has no such table."""
    if table not in package.resources:
        return []
    path = package.data_path(table, "csv")
    text = read_text_table(path)
    if missing := [field["name"] for field in package.schema(table)["fields"] if field["name"] not in text.header]:
        raise BilatdataError(f"{path}: lacks the columns {', '.join(missing)}")
    return text.records()
