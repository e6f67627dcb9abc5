"""What every printer of a comparison shows: counts by table, names of records, evidence beside the cell it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from bilatdata.history.calls import Kind, kinds
from bilatdata.history.changes import property_kind
from bilatdata.history.model import CellChange, Cells, EvidenceChange, Key, PackageDiff, TableDiff
from bilatdata.history.schemas import PropertyChange

COLUMNS = ("rows", "added", "gone", "revised", "filled", "emptied")
"""Counts of a table, by the headings of their columns."""
PLACES = ("host_country_code", "asset_country_code", "country_b_code", "country_code")
NAMES = ("project_name", "asset_name", "title", "name", "name_en", "label_en", "product_name", "date", "period")
LAST_NAMES = ("description", "office", "role_code", "note")
"""Fields of which the first that is filled tells a reader which record is meant, and where."""
CONTEXT = 16
"""Characters shown before the place where two long texts part."""
LONGEST = 60


@dataclass(frozen=True)
class RecordChange:
    """What changed in one record: its cells, and the evidence for them."""

    key: Key
    name: str
    cells: tuple[CellChange, ...]
    evidence: Mapping[str | None, tuple[EvidenceChange, ...]]
    """By field; None for the record as a whole."""


def counts(table: TableDiff) -> tuple[str, ...]:
    """The counts of a table in the order of `COLUMNS`; nothing in the place of 0."""
    rows = f"{table.old_rows:,}" if table.old_rows == table.new_rows else f"{table.old_rows:,} → {table.new_rows:,}"
    axes = (len(table.cells_on(axis)) for axis in ("revised", "filled", "emptied"))
    return rows, *(f"{count:,}" if count else "" for count in (len(table.added), len(table.removed), *axes))


def records(diff: PackageDiff, table: TableDiff) -> Iterator[RecordChange]:
    """The records of which cells changed, with the evidence that came or went for them."""
    for key, group in groupby(table.cells, key=lambda change: change.key):
        cells = tuple(group)
        fields = (None, *(change.field for change in cells))
        about = {field: diff.evidence_by_cell.get((table.name, key_text(key), field), ()) for field in fields}
        yield RecordChange(key, record_name(table.rows.get(key, {})), cells, {f: e for f, e in about.items() if e})


def other_evidence(diff: PackageDiff) -> tuple[EvidenceChange, ...]:
    """Evidence that came or went for cells and records which did not change themselves."""
    shown = {
        (table.name, key_text(change.key), field)
        for table in diff.tables
        for change in table.cells
        for field in (change.field, None)
    }
    return tuple(item for item in diff.evidence if (item.table, item.record_id, item.field) not in shown)


def record_name(cells: Cells) -> str:
    """What to call a record by its cells; nothing where none of them is a name."""
    place, name = (next((cells[field] for field in fields if cells.get(field)), "") for fields in (PLACES, NAMES))
    last = next((cells[field] for field in LAST_NAMES if cells.get(field)), "") if not name else ""
    return shortened(" ".join(part for part in (place, name, last) if part))


def cell_pair(change: CellChange) -> tuple[str, str]:
    """The old cell and the new one, shortened around the first place where they differ."""
    old, new = ("(empty)" if cell is None else " ".join(cell.split()) for cell in (change.old, change.new))
    same = next((index for index, pair in enumerate(zip(old, new, strict=False)) if len(set(pair)) > 1), 0)
    start = max(same - CONTEXT, 0) if max(len(old), len(new)) > LONGEST else 0
    opening = "…" if start else ""
    return opening + shortened(old[start:]), opening + shortened(new[start:])


def shortened(text: str, longest: int = LONGEST) -> str:
    """The text on one line, ended by `…` where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def key_text(key: Key) -> str:
    """A key of several parts is written with `/`."""
    return "/".join(key)


def schema_lines(table: TableDiff, codes: Mapping[str, str]) -> Iterator[tuple[Kind, str]]:
    """What changed in the schema of a table, a line each, with its kind."""
    schema, known = table.schema, kinds()
    if table.status != "kept":
        yield known[f"table_{table.status}"], f"{len(table.document.get('fields', ()))} fields"
    yield from ((known["field_renamed"], f"{old} is now {new}") for old, new in schema.renamed)
    yield from ((known["field_removed"], field["name"]) for field in schema.removed)
    yield from ((known["field_added"], f"{field['name']} ({field.get('type', 'string')})") for field in schema.added)
    yield from ((known[property_kind(change, codes)], property_text(change)) for change in schema.changed)
    if schema.order:
        yield known["fields_reordered"], ", ".join(schema.order)


def property_text(change: PropertyChange) -> str:
    """A changed property in words: which, and from what to what; of lists, what came and went."""
    name = change.name.removeprefix("constraints.")
    place = f"{change.field}: {name}" if change.field else name
    if isinstance(change.old, list) and isinstance(change.new, list):
        came = [f"+ {_plain(item)}" for item in change.new if item not in change.old]
        went = [f"− {_plain(item)}" for item in change.old if item not in change.new]
        return f"{place}: {', '.join([*went, *came]) or 'in another order'}"
    return f"{place}: {_plain(change.old)} → {_plain(change.new)}"


def _plain(value: Any) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else shortened(str(value), 120)


def departure_text(table: TableDiff) -> Iterator[tuple[Key, str, str]]:
    """Each row that is gone: its key, what it was called, where it went."""
    for gone in table.removed:
        if gone.successor:
            where = f"is {key_text(gone.successor)} now" if gone.moved else f"merged into {key_text(gone.successor)}"
        else:
            where = "withdrawn" if gone.retired else "gone, and retired_ids does not say where"
        yield gone.key, record_name(gone.cells), where if table.name != "evidence" else "withdrawn"


def evidence_text(change: EvidenceChange) -> str:
    """Evidence in a line: `+ SRC-0012 supports "7,856"`."""
    sign = {"added": "+", "withdrawn": "−", "changed": "±"}[change.kind]
    said = f' "{shortened(change.reported)}"' if change.reported else ""
    return f"{sign} {change.source_id} {change.stance}{said}"
