"""What changed between two versions of the package: schemas, rows by key, cells, evidence.

Work is linear in the rows: keys are looked up in a hash table, columns compared whole, and only what differs becomes an
object. Cells are compared as text, see `bilatdata.history.cells`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bilatdata.contract.canonical import canonical_cell
from bilatdata.contract.table_schema import Field, TableSchema
from bilatdata.errors import BilatdataError
from bilatdata.history.cells import join_key, key_column, split_key, text_columns
from bilatdata.history.model import (
    RETIRED,
    TERMS,
    CellChange,
    Departure,
    Key,
    PackageDiff,
    Row,
    Side,
    TableDiff,
)
from bilatdata.history.opened import PackageVersion
from bilatdata.history.places import read_version
from bilatdata.history.renames import RENAMES, Rename, read_renames
from bilatdata.history.schemas import diff_schemas
from bilatdata.package import DataPackage

if TYPE_CHECKING:
    import pyarrow as pa

Source = str | Path | DataPackage | PackageVersion


def diff(old: Source, new: Source) -> PackageDiff:
    """Compare two versions of the package by key, from the old one to the new one.

    Args:
        old: a folder with a `datapackage.json`, a zip archive, a wheel, a version such as `0.2.0`, or a git revision.
        new: the same.

    Raises:
        BilatdataError: one of them is not there, was altered, cannot be read, or has rows without a unique key; or they
            are versions of different packages.
    """
    before, after = read_version(old), read_version(new)
    if before.name != after.name:
        raise BilatdataError(
            f"{before.place} is a version of '{before.name}' and {after.place} one of '{after.name}': "
            "expected two versions of one package"
        )
    renames = read_renames(after.optional_file(RENAMES) or b"", f"{after.place}: {RENAMES}")
    terms = tuple(rename for rename in renames if rename.kind == "term" and _applies(rename, before, after))
    names = [*after.resources, *(name for name in before.resources if name not in after.resources)]
    moves = _moves(after)
    tables = tuple(_table(name, before, after, _Guide(renames, terms, moves)) for name in names)
    old_side, new_side = (Side(version.version, version.place) for version in (before, after))
    return PackageDiff(after.name, old_side, new_side, tables, terms)


def first_version(new: Source) -> PackageDiff:
    """A version as if nothing had been before it: every table and row came.

    Raises:
        BilatdataError: it is not there, or cannot be read.
    """
    after = read_version(new)
    tables = tuple(_arrived(name, after) for name in after.resources)
    return PackageDiff(after.name, Side("0.0.0", "nothing"), Side(after.version, after.place), tables)


@dataclass(frozen=True)
class _Guide:
    """What the new version says of where things went."""

    renames: tuple[Rename, ...]
    terms: tuple[Rename, ...]
    moves: Mapping[str, str]
    """Successors of retired ids; empty where the record was withdrawn."""

    def fields(self, table: str) -> dict[str, str]:
        return {item.old: item.new for item in self.renames if item.kind == "field" and item.within == table}

    def codes(self, vocabulary: str | None) -> dict[str, str]:
        return {item.old: item.new for item in self.terms if item.within == vocabulary}

    def successors(self, table: str) -> Mapping[str, str]:
        """Successors of keys that are gone, both as one text."""
        if table == TERMS:
            return {join_key((item.within, item.old)): join_key((item.within, item.new)) for item in self.terms}
        return self.moves if table != RETIRED else {}


@dataclass(frozen=True)
class _Half:
    """A table of one version."""

    cells: pa.Table
    keys: pa.Array
    schema: TableSchema

    @classmethod
    def of(cls, version: PackageVersion, name: str) -> _Half:
        cells, schema = text_columns(version, name), version.schema(name)
        return cls(cells, key_column(cells, schema.primary_key, version.place, name), schema)

    def rows(self, positions: pa.Array | None = None) -> Iterator[Row]:
        """The rows at these positions, or all of them."""
        cells = self.cells if positions is None else self.cells.take(positions)
        keys = self.keys if positions is None else self.keys.take(positions)
        parts, names = len(self.schema.primary_key), cells.column_names
        columns = (column.to_pylist() for column in cells.columns)
        for key, values in zip(keys.to_pylist(), zip(*columns, strict=True), strict=True):
            filled = {name: value for name, value in zip(names, values, strict=True) if value}
            yield Row(split_key(key, parts), filled)


@dataclass(frozen=True)
class _Pairs:
    """Positions of rows, in Arrow: those in both versions side by side, and those in one alone."""

    old: pa.Array
    new: pa.Array
    only_old: pa.Array
    only_new: pa.Array
    moved: Mapping[str, str]
    """Rows under a new key, which are among those in both: old keys and new ones."""


def _applies(rename: Rename, before: PackageVersion, after: PackageVersion) -> bool:
    """Whether a code had its old name in the old version and has the new one in the new version."""
    old, new = join_key((rename.within, rename.old)), join_key((rename.within, rename.new))
    return old in _term_keys(before) and new in _term_keys(after) and old not in _term_keys(after)


def _term_keys(version: PackageVersion) -> set[str]:
    return set(_Half.of(version, TERMS).keys.to_pylist()) if TERMS in version.resources else set()


def _moves(version: PackageVersion) -> dict[str, str]:
    if RETIRED not in version.resources:
        return {}
    cells = text_columns(version, RETIRED)
    for name in ("retired_id", "successor_id"):
        if name not in cells.column_names:
            raise BilatdataError(f"{version.place}: the table {RETIRED} lacks the column {name}")
    return dict(zip(cells.column("retired_id").to_pylist(), cells.column("successor_id").to_pylist(), strict=True))


def _arrived(name: str, after: PackageVersion) -> TableDiff:
    half = _Half.of(after, name)
    rows, document = tuple(half.rows()), after.schema_document(name)
    return TableDiff(name, "added", half.schema.primary_key, 0, len(rows), document=document, added=rows)


def _table(name: str, before: PackageVersion, after: PackageVersion, guide: _Guide) -> TableDiff:
    if name not in before.resources:
        return _arrived(name, after)
    if name not in after.resources:
        half = _Half.of(before, name)
        gone = tuple(Departure(row.key, row.cells) for row in half.rows())
        document = before.schema_document(name)
        return TableDiff(name, "removed", half.schema.primary_key, len(gone), 0, document=document, removed=gone)
    old, new = _Half.of(before, name), _Half.of(after, name)
    schema = diff_schemas(before.schema_document(name), after.schema_document(name), guide.fields(name))
    renamed, successors = dict(schema.renamed), guide.successors(name)
    same_key = tuple(renamed.get(part, part) for part in old.schema.primary_key) == new.schema.primary_key
    # Rows under different keys cannot be told to be the same: all of them went, and others came.
    pairs = _pairs(old.keys, new.keys, successors) if same_key else _strangers(old.keys, new.keys)
    cells = tuple(sorted(_changes(old, new, pairs, renamed, guide), key=lambda change: change.key))
    return TableDiff(
        name=name,
        status="kept",
        key=new.schema.primary_key,
        old_rows=len(old.keys),
        new_rows=len(new.keys),
        schema=schema,
        added=tuple(new.rows(pairs.only_new)),
        removed=tuple(_departures(old, pairs, successors, len(new.schema.primary_key))),
        cells=cells,
        rows={row.key: row.cells for row in new.rows(_places(new.keys, {change.key for change in cells}))},
    )


def _pairs(old: pa.Array, new: pa.Array, successors: Mapping[str, str]) -> _Pairs:
    import numpy as np
    import pyarrow as pa

    # One hash table over both sides: a key is a number from then on, and numbers are looked up by position.
    numbers = pa.chunked_array([old, new]).dictionary_encode()
    olds, news = (chunk.indices.to_numpy(zero_copy_only=False) for chunk in _two(numbers, len(old)))
    place = np.full(int(max(olds.max(initial=-1), news.max(initial=-1))) + 1, -1)
    place[olds] = np.arange(len(olds))
    found = place[news]
    gone = np.ones(len(olds), dtype=bool)
    gone[found[found >= 0]] = False
    stayed_old, stayed_new = found[found >= 0], np.flatnonzero(found >= 0)
    only_old, only_new = np.flatnonzero(gone), np.flatnonzero(found < 0)
    moved = _moved(old, new, only_old, only_new, successors)
    if moved:
        stayed_old = np.concatenate([stayed_old, list(moved)])
        stayed_new = np.concatenate([stayed_new, list(moved.values())])
        only_new = np.setdiff1d(only_new, list(moved.values()))
    positions = [pa.array(part, pa.int64()) for part in (stayed_old, stayed_new, only_old, only_new)]
    names = {old[left].as_py(): new[right].as_py() for left, right in moved.items()}
    return _Pairs(positions[0], positions[1], positions[2], positions[3], names)


def _two(numbers: pa.ChunkedArray, length: int) -> tuple[pa.DictionaryArray, pa.DictionaryArray]:
    """The two halves of keys that were numbered together."""
    whole = numbers.combine_chunks()
    return whole.slice(0, length), whole.slice(length)


def _moved(old: pa.Array, new: pa.Array, only_old: Any, only_new: Any, successors: Mapping[str, str]) -> dict[int, int]:
    """Rows that are under a new key: their positions in the old version, and in the new one."""
    arrived = {new[position].as_py(): int(position) for position in only_new} if successors else {}
    moved: dict[int, int] = {}
    for position in only_old if arrived else ():
        target = arrived.get(successors.get(old[position].as_py(), ""))
        if target is not None and target not in moved.values():
            moved[int(position)] = target
    return moved


def _where(mask: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.indices_nonzero(mask).cast(pa.int64())


def _places(keys: pa.Array, wanted: set[Key]) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.index_in(pa.array(sorted(map(join_key, wanted)), pa.string()), value_set=keys)


def _strangers(old: pa.Array, new: pa.Array) -> _Pairs:
    import pyarrow as pa

    nothing = pa.array([], pa.int64())
    return _Pairs(nothing, nothing, pa.array(range(len(old))), pa.array(range(len(new))), {})


def _departures(old: _Half, pairs: _Pairs, successors: Mapping[str, str], parts: int) -> Iterator[Departure]:
    for row in old.rows(pairs.only_old):
        key = join_key(row.key)
        successor = successors.get(key)
        where = split_key(successor, parts) if successor else None
        yield Departure(row.key, row.cells, key in successors, where, pairs.moved.get(key) == successor is not None)


def _changes(old: _Half, new: _Half, pairs: _Pairs, renamed: Mapping[str, str], guide: _Guide) -> Iterator[CellChange]:
    """Cells that differ, of rows that are in both versions; fields that came are empty in the old one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    before = {renamed.get(name, name): old.cells.column(name) for name in old.cells.column_names}
    old_names = {now: name for name, now in renamed.items()}
    for name in new.cells.column_names:
        if name in new.schema.primary_key:
            continue
        field = new.schema.by_name.get(name) or Field(name, "string")
        after = _taken(new.cells.column(name), pairs.new)
        if name in before:
            was = old.schema.by_name.get(old_names.get(name, name), field)
            earlier = _taken(_with_new_codes(before[name], was, guide.codes(was.vocabulary)), pairs.old)
        else:
            earlier = pa.array([""] * len(after), pa.string())
        places = _where(pc.not_equal(earlier, after))
        values = zip(earlier.take(places).to_pylist(), after.take(places).to_pylist(), strict=True)
        for key, (left, right) in zip(new.keys.take(pairs.new.take(places)).to_pylist(), values, strict=True):
            if canonical_cell(left, field) != canonical_cell(right, field):
                yield CellChange(split_key(key, len(new.schema.primary_key)), name, left or None, right or None)


def _taken(column: pa.ChunkedArray, positions: pa.Array) -> pa.Array:
    """The cells at these positions; taking every one in its place would copy them for nothing."""
    import pyarrow.compute as pc

    flat = column.combine_chunks()
    if len(flat) == len(positions) and len(flat) and pc.all(pc.greater_equal(pc.pairwise_diff(positions), 1)).as_py():
        return flat
    return flat.take(positions)


def _with_new_codes(column: pa.ChunkedArray, field: Field, codes: Mapping[str, str]) -> pa.ChunkedArray:
    """The cells with codes by the names that they have in the new version: a renamed code is not another value."""
    import pyarrow as pa

    if not codes:
        return column
    encoded = column.combine_chunks().dictionary_encode()
    words = [_renamed_cell(cell, field.separator, codes) for cell in encoded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(words, pa.string()).take(encoded.indices)])


def _renamed_cell(cell: str, separator: str | None, codes: Mapping[str, str]) -> str:
    parts = cell.split(separator) if separator else [cell]
    return (separator or "").join(
        sorted(codes.get(part, part) for part in parts) if separator else [codes.get(cell, cell)]
    )
