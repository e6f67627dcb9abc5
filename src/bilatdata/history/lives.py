"""When each record came and was last revised, and tables as a release had them; derived from the releases alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from bilatdata.contract.canonical import read_text_table
from bilatdata.contract.table_schema import TableSchema, read_table_schema
from bilatdata.errors import BilatdataError
from bilatdata.history.changes import Change, read_line
from bilatdata.history.log import csv_of, packed_lines, releases, require_release, require_sum, state_of
from bilatdata.history.model import Key
from bilatdata.package import DataPackage

_CAME = ("row_added", "term_added", "source_added", "evidence_added", "id_retired")


@dataclass(frozen=True)
class Life:
    """The releases of a record; a version that is not released yet counts where the record differs from the last."""

    since: str | None = None
    """Release in which it came; None where the package has no register of releases."""
    revised: str | None = None
    """Release in which a cell of it last changed; None where none ever did."""
    changes: tuple[tuple[str, Change], ...] = field(default=(), repr=False)
    """What the releases did to it, oldest first."""


def life_of(data: DataPackage, table: str, id: str) -> Life:
    """The life of a record with a key of one field.

    Raises:
        BilatdataError: the history of the package cannot be read.
    """
    if not (known := releases(data)):
        return Life()
    told = tuple(_told(data, table, id))
    since = next((version for version, change in told if change.kind in _CAME), None)
    revised = [version for version, change in told if change.kind not in _CAME]
    if data.version not in {release.version for release in known} and (id,) in changed_since(
        data, table, known[-1].version
    ):
        since, revised = (since, [*revised, data.version]) if since else (data.version, revised)
    return Life(since, revised[-1] if revised else None, told)


def _told(data: DataPackage, table: str, id: str) -> Iterator[tuple[str, Change]]:
    """The changes of one record; lines about others are not even parsed."""
    marks = (f'"table": {json.dumps(table)}, "key": {json.dumps([id])}', f'"new": {json.dumps([id])}')
    for version, line in packed_lines(data):
        if marks[0] in line or (marks[1] in line and f'"table": {json.dumps(table)}' in line):
            yield version, read_line(line, f"release {version}")


def changed_since(data: DataPackage, table: str, version: str) -> frozenset[Key]:
    """Keys of the rows that a release did not have, or had with other cells.

    Raises:
        BilatdataError: there is no such release or table, or a file cannot be read.
    """
    data.require_table(table)
    require_release(data, version)
    path = data.root / "data" / f"{table}.csv"
    stamp = path.stat() if path.is_file() else None
    return _changed_since(data, table, version, stamp.st_mtime_ns if stamp else 0)


@lru_cache(maxsize=64)
def _changed_since(data: DataPackage, table: str, version: str, written: int) -> frozenset[Key]:
    then = state_of(data, version)
    rows = then[table].rows if table in then else {}
    now = read_text_table(data.root / "data" / f"{table}.csv")
    schema = read_table_schema(data.schema(table))
    places = [now.header.index(name) for name in schema.primary_key]
    changed = set()
    for row in now.rows:
        key = tuple(row[place] for place in places)
        if rows.get(key) != {name: cell for name, cell in zip(now.header, row, strict=True) if cell}:
            changed.add(key)
    return frozenset(changed)


def table_as_of(data: DataPackage, table: str, version: str) -> tuple[TableSchema, bytes]:
    """Schema and canonical CSV of a table as a release had it, proved by the sum in the register.

    Raises:
        BilatdataError: there is no such release, or it had no such table, or it does not come out as it was.
    """
    release, state = require_release(data, version), state_of(data, version)
    if table not in state or table not in release.tables:
        raise BilatdataError(f"release {version} had no table '{table}': expected one of {', '.join(release.tables)}")
    content = csv_of(state, table)
    require_sum(data, release, table, content, release.tables[table])
    return read_table_schema({"name": table, **state[table].schema}), content
