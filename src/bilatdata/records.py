"""One record with what hangs on it: linked rows, evidence, sources, disagreements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bilatdata import package
from bilatdata.errors import BilatdataError
from bilatdata.history.lives import Life, life_of
from bilatdata.loading import METADATA_KEY, arrow_table, table_schema, tables
from bilatdata.package import DataPackage, did_you_mean

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Row = dict[str, Any]
"""A row by column name: str, int, float, bool or datetime.date, None where the cell is empty."""

Key = tuple[str, str]
"""A table and the id of one of its records."""

_RETIRED = "retired_ids"
"""Its ids are those of records that are gone: it has no records of its own."""

RECORD_NAMES = {
    "agreements": "{title}",
    "asset_exits": "{asset_name}",
    "concessions": "{project_name}",
    "countries": "{name_en}",
    "meetings": "{country_a_code}–{country_b_code} {date}",
    "organisations": "{name}",
    "people": "{name}",
    "sources": "{title}",
    "trade_products": "{product_name}, {exporter_code} to {importer_code} {period}",
}
"""What to call a record of a table."""

_EVIDENCE_COLUMNS = (
    "evidence_id",
    "field_name",
    "stance_code",
    "basis_code",
    "reported_value",
    "locator",
    "note",
    "source_id",
    "source_title",
    "publisher",
    "published_date",
    "url",
)


@dataclass(frozen=True)
class Evidence:
    """What one source says of a record or of one of its fields."""

    evidence_id: str
    table: str
    record_id: str
    field: str | None
    """Field that the evidence is about; None for the record as a whole."""
    source_id: str
    locator: str | None
    reported_value: str | None
    basis: str
    """stated, derived or inferred."""
    stance: str
    """supports or disputes."""
    note: str | None


@dataclass(frozen=True)
class Dispute:
    """A cell that at least one source contradicts."""

    table: str
    record_id: str
    field: str | None
    """None where a source disputes the record as a whole."""
    value: Any
    """The cell as it stands in the table."""
    disputing: tuple[Evidence, ...]
    supporting: tuple[Evidence, ...]
    """Evidence for this very field; that for the record as a whole is not repeated here."""


@dataclass(frozen=True, repr=False)
class Record:
    """A record of any table that has a single-column key; it prints as text, and shows in a notebook as a page."""

    table: str
    id: str
    version: str
    """Version of the data."""
    values: Row
    """The row, in the order of the schema."""
    children: dict[str, list[Row]] = field(default_factory=dict)
    """Rows of other tables (or of this one) that refer to the record, by table; tables without any are left out.

    A meeting has its participants, the agreements signed there and the other meetings of its visit, a concession its
    holders, events, exits and successors, a person the participations and the meetings they belong to, a country its
    coverage, a source the evidence taken from it and the records which that evidence is about.
    """
    evidence: tuple[Evidence, ...] = ()
    """Evidence for the record and for its companions (participants, holders), record-level evidence first.

    A companion also has the record-level evidence of the record that it belongs to.
    """
    sources: dict[str, Row] = field(default_factory=dict)
    """The sources named by the evidence, by id."""
    disputes: tuple[Dispute, ...] = ()
    life: Life = field(default_factory=Life)
    """The release in which the record came (`since`) and the one in which a cell last changed (`revised`)."""
    former_id: str | None = None
    """The retired id that the record was asked for by; None where it was asked for by its own."""
    names: dict[str, str] = field(default_factory=dict)
    """What to call the ids that occur in the record, its own included: people, organisations, countries, meetings …"""

    def to_dict(self) -> dict[str, Any]:
        """The record as plain dicts, lists, text and numbers, ready for JSON; dates as ISO text."""
        plain = _plain(asdict(self))
        assert isinstance(plain, dict)
        return plain

    def __repr__(self) -> str:
        return "\n".join(_text_lines(self))

    def _repr_html_(self) -> str:
        from bilatdata.html.record import record_html

        return record_html(self)


def record(id: str) -> Record:
    """Look up a record by its id, such as `MTG-0001`, `ORG-0012` or `BOL`; a retired id gives its successor.

    Raises:
        BilatdataError: no record has this id; the message says the nearest one, or which tables have which ids.
    """
    table, values = find_record(id)
    asked, id = id.upper(), str(values[str(_key(table))])  # as we write it
    children = _children(table, id)
    found = tuple(_evidence_of_record(table, values, children))
    rows = [(table, values), *((name, row) for name, linked in children.items() for row in linked)]
    return Record(
        table=table,
        id=id,
        version=package.installed().version,
        values=values,
        children=children,
        evidence=found,
        sources={row["source_id"]: row for row in _rows("sources", "source_id", [item.source_id for item in found])},
        disputes=tuple(_disputes(found, rows)),
        life=life_of(package.installed(), table, id),
        former_id=asked if asked != id else None,
        names=dict(_names(rows)),
    )


def find_record(id: str) -> tuple[str, Row]:
    """The table that holds an id, and its row; of a retired id, that of its successor.

    Raises:
        BilatdataError: no record has this id; the message says why it was withdrawn if it was, or else the nearest one,
            or which tables have which ids.
    """
    wanted = id.upper()  # people write ids in either case; all of ours are in capitals
    wanted = successor(wanted) or wanted
    for table in tables():
        key = _key(table)
        pattern = table_schema(table).by_name[key].pattern if key else None
        if key and pattern and re.fullmatch(pattern, wanted):
            if rows := _rows(table, key, [wanted]):
                return table, rows[0]
            raise _no_record(id, table)
    raise _no_record(id, None)


def record_name(table: str, id: str) -> str | None:
    """What to call a record; None where the records of its table have no name."""
    return _labels(package.installed(), table).get(id)


def evidence(table: str, record_id: str, field: str | None = None) -> pd.DataFrame:
    """Evidence for a record, or for one of its fields, with the source beside it; all cells are text.

    Columns: evidence_id, field_name, stance_code, basis_code, reported_value, locator, note, source_id, source_title,
    publisher, published_date, url. A record without evidence gives a frame without rows; a retired id gives that of its
    successor.

    Raises:
        BilatdataError: no such table, record or field.
    """
    import pyarrow as pa

    if following := successor(record_id):
        record_id = following
        table = find_record(following)[0]  # facts may have moved to another table of facts
    _require_record(table, record_id)
    known = list(table_schema(table).by_name)
    if field is not None and field not in known:
        nearest = did_you_mean(field, known)
        raise BilatdataError(f"no field '{field}' in {table}{nearest}: expected one of {', '.join(known)}")
    found = [row for row in _evidence_rows(table, [record_id]) if field is None or row["field_name"] == field]
    sources = {row["source_id"]: row for row in _rows("sources", "source_id", [row["source_id"] for row in found])}
    rows = [{**_source_columns(sources[row["source_id"]]), **row} for row in found]
    columns = pa.schema([(name, pa.string()) for name in _EVIDENCE_COLUMNS])
    frame: pd.DataFrame = pa.Table.from_pylist(rows, schema=columns).to_pandas()
    frame.attrs[METADATA_KEY] = {"table": "evidence", "version": package.installed().version}
    return frame


def successor(id: str) -> str | None:
    """The id under which the record of a retired id is now; None where it was not retired, or was withdrawn."""
    rows = _rows(_RETIRED, "retired_id", [id]) if _RETIRED in tables() else []
    return rows[0]["successor_id"] if rows else None


def _require_record(table: str, id: str) -> None:
    key = _key(table)
    if key is None:
        raise BilatdataError(f"rows of {table} have no id of their own, so no evidence: expected another table")
    if not _rows(table, key, [id]):
        raise _no_record(id, table)


def _no_record(id: str, table: str | None) -> BilatdataError:
    """The error for an id that does not exist, with its successor or the nearest one of its kind."""
    if retired := _retired(id):
        return BilatdataError(retired)
    ids = {name: _ids(name) for name in tables() if _key(name)}
    place = f" in {table}" if table else ""
    chosen = [table] if table else list(ids)
    if nearest := _nearest_id(id, [known for name in chosen for known in ids[name]]):
        return BilatdataError(f"no record {id!r}{place}: the nearest id is {nearest}")
    kinds = ", ".join(f"{ids[name][0]} ({name})" for name in chosen if ids[name])
    return BilatdataError(f"no record {id!r}{place}: expected an id such as {kinds}")


def _retired(id: str) -> str | None:
    """What became of an id that is no longer used; None if it never was one."""
    rows = _rows(_RETIRED, "retired_id", [id]) if _RETIRED in tables() else []
    if not rows:
        return None
    now = f"it is {rows[0]['successor_id']} now" if rows[0]["successor_id"] else "its record was withdrawn"
    return f"no record {id!r} since version {rows[0]['version']}: {now} ({rows[0]['reason'].rstrip('.')})"


def _nearest_id(id: str, known: list[str]) -> str | None:
    """The known id with the same prefix and the nearest number; for other ids the one spelled most alike."""
    from difflib import get_close_matches

    wanted = _prefix_and_number(id)
    if wanted is None:
        return next(iter(get_close_matches(id.upper(), known, n=1, cutoff=0.7)), None)
    parts = {other: _prefix_and_number(other) for other in known}
    same = {other: abs(part[1] - wanted[1]) for other, part in parts.items() if part and part[0] == wanted[0]}
    return min(same, key=lambda other: same[other], default=None)


def _prefix_and_number(id: str) -> tuple[str, int] | None:
    match = re.fullmatch("([A-Za-z]{3})[-_ ]?([0-9]{1,18})", id.strip(), re.ASCII)
    return (match[1].upper(), int(match[2])) if match else None


def _children(table: str, id: str) -> dict[str, list[Row]]:
    """Rows that refer to a record, and the records that referring companions and evidence belong to."""
    linked: dict[Key, Row] = {}
    for name in tables():
        key = table_schema(name).primary_key
        linked |= {(name, "/".join(str(row[part]) for part in key)): row for row in _referring(name, table, id)}
    if table == "meetings":
        linked |= _keyed("meetings", _same_visit(id))
    for name, parent in [(name, _parent(name)) for name in tables()]:
        if parent and parent[0] != table:
            ids = [row[parent[1]] for (child, _), row in linked.items() if child == name]
            linked |= _keyed(parent[0], _rows(parent[0], str(_key(parent[0])), ids))
    if table == "sources":
        cited = [(row["table_name"], row["record_id"]) for (name, _), row in linked.items() if name == "evidence"]
        for name in tables():
            linked |= _keyed(name, _rows_by_id(name, [record_id for owner, record_id in cited if owner == name]))
    return {name: rows for name in tables() if (rows := [row for (owner, _), row in linked.items() if owner == name])}


def _referring(name: str, table: str, id: str) -> Iterator[Row]:
    """Rows of the table `name` with a foreign key that holds this id of `table`."""
    for key in table_schema(name).foreign_keys:
        if key.table == table and key.reference_fields == (_key(table),):
            yield from _rows(name, key.fields[0], [id])


def _same_visit(id: str) -> list[Row]:
    """The other meetings of the visit that a meeting belongs to."""
    (meeting,) = _rows("meetings", "meeting_id", [id])
    visit = meeting["visit_id"]
    return [row for row in _rows("meetings", "visit_id", [visit]) if row["meeting_id"] != id] if visit else []


def _parent(table: str) -> tuple[str, str] | None:
    """The table that this one is a companion of, and the field that holds the parent's id."""
    inherits = (table_schema(table).evidence or {}).get("inherits")
    return (inherits["table"], inherits["field"]) if inherits else None


def _evidence_of_record(table: str, values: Row, children: Mapping[str, list[Row]]) -> Iterator[Evidence]:
    key = str(_key(table))
    yield from _in_field_order(table, _evidence_rows(table, [values[key]]))
    for name, rows in children.items():
        if (parent := _parent(name)) and parent[0] == table:
            yield from _in_field_order(name, _evidence_rows(name, [row[str(_key(name))] for row in rows]))
    if parent := _parent(table):
        rows = _evidence_rows(parent[0], [values[parent[1]]])
        yield from (_evidence(row) for row in rows if row["field_name"] is None)


def _in_field_order(table: str, rows: Iterable[Row]) -> list[Evidence]:
    """Evidence by record: for the record as a whole first, then field after field."""
    position = {name: index for index, name in enumerate(table_schema(table).by_name)}
    found = [_evidence(row) for row in rows]
    return sorted(found, key=lambda item: (item.record_id, position.get(item.field or "", -1), item.evidence_id))


def _evidence(row: Row) -> Evidence:
    return Evidence(
        evidence_id=row["evidence_id"],
        table=row["table_name"],
        record_id=row["record_id"],
        field=row["field_name"],
        source_id=row["source_id"],
        locator=row["locator"],
        reported_value=row["reported_value"],
        basis=row["basis_code"],
        stance=row["stance_code"],
        note=row["note"],
    )


def _disputes(found: Iterable[Evidence], rows: Iterable[tuple[str, Row]]) -> Iterator[Dispute]:
    groups: dict[tuple[str, str, str | None], list[Evidence]] = {}
    for item in found:
        groups.setdefault((item.table, item.record_id, item.field), []).append(item)
    cells = _keyed_rows(rows)
    for (table, record_id, name), items in groups.items():
        disputing = tuple(item for item in items if item.stance == "disputes")
        if disputing:
            value = cells.get((table, record_id), {}).get(name) if name else None
            supporting = tuple(item for item in items if item.stance == "supports")
            yield Dispute(table, record_id, name, value, disputing, supporting)


def _names(rows: Iterable[tuple[str, Row]]) -> Iterator[tuple[str, str]]:
    """Ids in the cells of these rows, and those of the rows themselves, with what to call them."""
    for key in dict.fromkeys(key for table, row in rows for key in _mentioned(table, row)):
        if name := record_name(*key):
            yield key[1], name


def _mentioned(table: str, row: Row) -> Iterator[Key]:
    if key := _key(table):
        yield table, row[key]
    for foreign in table_schema(table).foreign_keys:
        if len(foreign.fields) == 1 and row[foreign.fields[0]] is not None:
            yield foreign.table, row[foreign.fields[0]]
    if table == "evidence":
        yield row["table_name"], row["record_id"]


def _source_columns(source: Row) -> Row:
    return {"source_title": source["title"], **{name: source[name] for name in ("publisher", "published_date", "url")}}


def _evidence_rows(table: str, ids: list[str]) -> list[Row]:
    return [row for row in _rows("evidence", "record_id", ids) if row["table_name"] == table]


def _rows_by_id(table: str, ids: list[str]) -> list[Row]:
    key = _key(table)
    return _rows(table, key, ids) if key else []


def _rows(table: str, column: str, values: Iterable[str]) -> list[Row]:
    """The rows whose cell is one of the values, in the order of the table."""
    wanted = set(values)
    if not wanted:
        return []
    whole = _arrow_table(package.installed(), table)
    positions = (index for index, value in enumerate(whole.column(column).to_pylist()) if value in wanted)
    # A filter of pyarrow would be shorter, but it imports pandas, which doubles the time of `bilatdata record`.
    return [row for position in positions for row in whole.slice(position, 1).to_pylist()]


def _keyed(table: str, rows: Iterable[Row]) -> dict[Key, Row]:
    return _keyed_rows((table, row) for row in rows)


def _keyed_rows(rows: Iterable[tuple[str, Row]]) -> dict[Key, Row]:
    return {(table, row[key]): row for table, row in rows if (key := _key(table))}


def _key(table: str) -> str | None:
    """The key column of a table; None where the key has several, or where its rows are no records."""
    key = table_schema(table).primary_key
    return key[0] if len(key) == 1 and table != _RETIRED else None


def _ids(table: str) -> list[str]:
    ids: list[str] = _arrow_table(package.installed(), table).column(str(_key(table))).to_pylist()
    return ids


@lru_cache(maxsize=64)
def _arrow_table(data: DataPackage, table: str) -> pa.Table:
    """A table of the installed package; kept, since looking up one record reads most of them."""
    return arrow_table(table)


@lru_cache(maxsize=64)
def _labels(data: DataPackage, table: str) -> dict[str, str]:
    """What to call the records of a table, by id; empty where they have no name."""
    key = _key(table)
    if key is None or table not in RECORD_NAMES:
        return {}
    codes = {foreign.fields[0] for foreign in table_schema(table).foreign_keys if foreign.table == "countries"}
    countries = _labels(data, "countries") if codes else {}
    labels = {}
    for row in _arrow_table(data, table).to_pylist():
        words = {name: countries.get(value, value) if name in codes else value or "" for name, value in row.items()}
        labels[row[key]] = RECORD_NAMES[table].format(**words).strip()
    return labels


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _text_lines(shown: Record) -> Iterator[str]:
    title = shown.names.get(shown.id)
    yield f"{shown.id} ({shown.table}, bilatdata {shown.version})" + (f": {title}" if title else "")
    names = {id: name for id, name in shown.names.items() if id != shown.id}
    filled = {name: value for name, value in shown.values.items() if value is not None}
    width = max(map(len, filled))
    yield from (f"  {name:{width}}  {_named(value, names)}" for name, value in filled.items())
    for table, rows in shown.children.items():
        yield f"{table} ({len(rows)})"
        yield from (f"  {_child_line(table, row, shown.id, names)}" for row in rows)
    for heading, stance in (("evidence", "supports"), ("disputed", "disputes")):
        if items := [item for item in shown.evidence if item.stance == stance]:
            yield f"{heading} ({len(items)})"
            yield from (_evidence_line(item, shown) for item in items)


def _child_line(table: str, row: Row, id: str, names: Mapping[str, str]) -> str:
    """A linked row by its name, or by its cells where it has none."""
    key = _key(table)
    if key and table in RECORD_NAMES:
        return _named(row[key], names)
    cells = [f"{name} {_named(value, names)}" for name, value in row.items() if name != key and value not in (None, id)]
    return (f"{row[key]}: " if key else "") + ", ".join(cells)


def _named(value: Any, names: Mapping[str, str]) -> str:
    text = f"{value:.15g}" if isinstance(value, float) and abs(value) < 1e15 else str(value)
    return f"{text} ({names[text]})" if text in names else text


def _evidence_line(item: Evidence, shown: Record) -> str:
    about = "" if item.record_id == shown.id else f"{item.record_id} "
    about += item.field or "the record"
    reported = f" = {item.reported_value}" if item.reported_value is not None else ""
    source = shown.sources[item.source_id]
    where = f", {item.locator}" if item.locator else ""
    return f"  {about}{reported} ({item.basis}): {item.source_id} {source['title']}, {source['publisher']}{where}"
