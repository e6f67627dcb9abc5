"""A table as columns of text, in Arrow, so that a million rows are compared in a few passes.

Cells are compared as text: the canonical form of `bilatdata.contract.canonical` writes a value in one way, so equal
values are equal text. Numbers that are written differently (`1.50`, `1.5`) are told from one another by value, and the
cells of a Parquet file are written as its CSV would have them. An empty cell is the empty text.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from bilatdata.errors import BilatdataError

if TYPE_CHECKING:
    import pyarrow as pa

    from bilatdata.history.opened import PackageVersion

_ESCAPES = (("\x1e", "\x1e0"), ("\x1f", "\x1e1"))
"""So that the parts of a key, joined by U+001F, are never taken for those of another key."""


def text_columns(version: PackageVersion, table: str) -> pa.Table:
    """The cells of a table as text, column by column in the order of its file.

    Raises:
        BilatdataError: the file cannot be read as what it is; the message names the place and the table.
    """
    import pyarrow as pa

    format, content = version.table_file(table)
    try:
        columns = _of_csv(content) if format == "csv" else _of_parquet(content)
    except (pa.ArrowException, csv.Error, UnicodeDecodeError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise BilatdataError(f"{version.place}: the table {table} is not {format.upper()} ({reason})") from error
    if len(set(columns.column_names)) < columns.num_columns:
        raise BilatdataError(f"{version.place}: the table {table} has two columns of one name")
    return columns.combine_chunks()


def key_column(cells: pa.Table, key: tuple[str, ...], place: str, table: str) -> pa.Array:
    """The key of each row as one text.

    Raises:
        BilatdataError: the table has no key, lacks a key column, or a key is empty or stands twice.
    """
    import pyarrow.compute as pc

    if not key:
        raise BilatdataError(f"{place}: the schema of {table} has no primaryKey: rows are compared by key")
    for name in key:
        if name not in cells.column_names:
            raise BilatdataError(f"{place}: the table {table} lacks its key column {name}: expected {', '.join(key)}")
    parts = [_flat(cells.column(name)) for name in key]
    for name, part in zip(key, parts, strict=True):
        if pc.any(pc.equal(part, "")).as_py() and len(key) == 1:
            raise BilatdataError(f"{place}: a row of {table} has no {name}: rows are compared by key")
    joined = parts[0] if len(parts) == 1 else _joined(parts)
    # The rows of our files are sorted by key, and then neighbours tell whether a key stands twice.
    is_sorted = pc.all(pc.less(joined.slice(0, max(len(joined) - 1, 0)), joined.slice(1))).as_py()
    distinct = pc.value_counts(joined) if not is_sorted else []
    if twice := next((entry["values"].as_py() for entry in distinct if entry["counts"].as_py() > 1), None):
        shown = "/".join(split_key(twice, len(key)))
        raise BilatdataError(f"{place}: the key {shown} stands in more than one row of {table}: expected each once")
    return joined


def split_key(joined: str, parts: int) -> tuple[str, ...]:
    """The parts of a key that `key_column` made one text."""
    if parts == 1:
        return (joined,)
    found = joined.split("\x1f")
    for before, after in reversed(_ESCAPES):
        found = [part.replace(after, before) for part in found]
    return tuple(found)


def join_key(parts: tuple[str, ...]) -> str:
    """The one text that `key_column` makes of the parts of a key."""
    if len(parts) == 1:
        return parts[0]
    escaped = list(parts)
    for before, after in _ESCAPES:
        escaped = [part.replace(before, after) for part in escaped]
    return "\x1f".join(escaped)


def _joined(parts: list[pa.Array]) -> pa.Array:
    import pyarrow.compute as pc

    for before, after in _ESCAPES:
        parts = [pc.replace_substring(part, before, after) for part in parts]
    return pc.binary_join_element_wise(*parts, "\x1f")


def _flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    import pyarrow as pa

    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], column.type)])


def _of_csv(content: bytes) -> pa.Table:
    import pyarrow as pa
    import pyarrow.csv as pc

    if not content:
        raise pa.ArrowInvalid("it is empty")
    header = next(csv.reader(io.StringIO(_first_record(content).decode("utf-8"), newline=""), strict=True), [])
    return pc.read_csv(
        pa.BufferReader(content),
        read_options=pc.ReadOptions(block_size=max(1 << 20, min(len(content) // 4, 64 << 20))),
        parse_options=pc.ParseOptions(newlines_in_values=True),
        convert_options=pc.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()), null_values=[], strings_can_be_null=False
        ),
    )


def _first_record(content: bytes) -> bytes:
    """The header: up to the first line feed that no quotes enclose."""
    end = content.find(b"\n")
    while end >= 0 and content.count(b'"', 0, end) % 2:
        end = content.find(b"\n", end + 1)
    return content if end < 0 else content[:end]


def _of_parquet(content: bytes) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(pa.BufferReader(content))
    return pa.table({name: _as_text(table.column(name)) for name in table.column_names})


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        encoded = column.combine_chunks().dictionary_encode()
        encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
        words = pa.array([_number(value) for value in encoded.dictionary.to_pylist()], pa.string())
        column = pa.chunked_array([words.take(encoded.indices)])
    return pc.fill_null(column.cast(pa.string()), "")


def _number(value: Any) -> str:
    from decimal import Decimal

    digits = format(Decimal(repr(value)), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
