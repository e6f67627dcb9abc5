"""How a Table Schema becomes an Arrow schema, a CSV file an Arrow table, and an Arrow table a Parquet file.

| Table Schema                     | Arrow                                        | pandas           |
|----------------------------------|----------------------------------------------|------------------|
| string                           | string                                       | str              |
| string with ordered vocabulary   | dictionary(int8, string, ordered)            | ordered category |
| integer                          | int64                                        | Int64            |
| number                           | float64                                      | float64          |
| boolean                          | bool                                         | boolean          |
| date                             | date32                                       | datetime64[ms]   |
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from bilatdata.contract.canonical import TextTable, read_text_table, text_table
from bilatdata.errors import BilatdataError

if TYPE_CHECKING:
    import pyarrow as pa

    from bilatdata.contract.table_schema import Field, TableSchema


def arrow_schema(schema: TableSchema) -> pa.Schema:
    """The Arrow schema of a table, its columns in the order of the fields."""
    import pyarrow as pa

    return pa.schema([pa.field(field.name, arrow_type(field)) for field in schema.fields])


def arrow_type(field: Field) -> pa.DataType:
    """The Arrow type of a field.

    Raises:
        BilatdataError: the field has a type that this package does not use.
    """
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
    }
    if field.type not in types:
        raise BilatdataError(f"field {field.name} has type '{field.type}': expected one of {', '.join(types)}")
    return pa.dictionary(pa.int8(), pa.string(), ordered=True) if is_category(field) else types[field.type]


def is_category(field: Field) -> bool:
    """Whether the cells are codes that run from least to most."""
    return field.ordered and field.enum is not None


def table_from_csv(source: Path | BinaryIO, schema: TableSchema) -> pa.Table:
    """Read a CSV file as the schema says; an empty cell is null and nothing else is.

    Raises:
        BilatdataError: the file cannot be read, its columns are not those of the schema in the same order, or a cell is
            not of its field's type; the message names file, line and field.
    """
    import pyarrow as pa

    path = source if isinstance(source, Path) else Path(f"{schema.name}.csv")
    text = read_text_table(path) if isinstance(source, Path) else text_table(source.read(), path)
    expected = [field.name for field in schema.fields]
    if text.header != expected:
        raise BilatdataError(f"{path}: has the columns {', '.join(text.header)}: expected {', '.join(expected)}")
    cells = list(zip(*text.rows, strict=True)) or [()] * len(expected)
    columns = [_column(column, field, text, path) for column, field in zip(cells, schema.fields, strict=True)]
    return pa.Table.from_arrays(columns, schema=arrow_schema(schema))


def write_parquet(table: pa.Table, target: Path | BinaryIO) -> None:
    """Write a table as Parquet: zstd, one page checksum per page, the same bytes for the same table in every run.

    The file says to pandas which columns are nullable, so that a bare `pandas.read_parquet` keeps whole numbers whole;
    the versions of the libraries, which pandas writes there as well, are left out.
    """
    import pyarrow.parquet as pq

    pq.write_table(
        table.replace_schema_metadata(_pandas_metadata(table.schema)),
        target,
        compression="zstd",
        compression_level=9,
        write_page_checksum=True,
    )


def category_column(column: pa.ChunkedArray, codes: Sequence[str]) -> pa.ChunkedArray:
    """The column with exactly these categories; Parquet drops the categories of a table without rows."""
    import pyarrow as pa

    if column.num_chunks and all(chunk.dictionary.to_pylist() == list(codes) for chunk in column.chunks):
        return column
    return pa.chunked_array([_categories(column.to_pylist(), codes)])


def _categories(values: Sequence[str | None], codes: Sequence[str]) -> pa.DictionaryArray:
    import pyarrow as pa

    position = {code: index for index, code in enumerate(codes)}
    indices = pa.array([None if value is None else position[value] for value in values], pa.int8())
    return pa.DictionaryArray.from_arrays(indices, pa.array(codes, pa.string()), ordered=True)


def _column(cells: Sequence[str], field: Field, text: TextTable, path: Path) -> pa.Array:
    import pyarrow as pa

    read = _reader(field)
    values: list[Any] = []
    for cell, line in zip(cells, text.lines, strict=True):
        try:
            values.append(read(cell) if cell else None)
        except ValueError as error:
            raise BilatdataError(f"{path}:{line}: {field.name} is '{cell}': expected {error}") from None
    return _categories(values, field.enum or ()) if is_category(field) else pa.array(values, arrow_type(field))


def _reader(field: Field) -> Callable[[str], Any]:
    """The function that reads a cell, and raises a ValueError that says what was expected."""
    if is_category(field):
        return lambda cell: _code(cell, field.enum or ())
    return {"integer": _integer, "number": _number, "boolean": _boolean, "date": _date}.get(field.type, str)


def _code(cell: str, codes: Sequence[str]) -> str:
    if cell not in codes:
        raise ValueError(f"one of {', '.join(codes)}")
    return cell


def _integer(cell: str) -> int:
    if not re.fullmatch("[+-]?[0-9]+", cell) or not -(2**63) <= int(cell) < 2**63:
        raise ValueError("a whole number of at most 64 bits")
    return int(cell)


def _number(cell: str) -> float:
    plain = re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", cell)
    if not plain or not math.isfinite(float(cell)):
        raise ValueError("a number such as 12.5")
    return float(cell)


def _boolean(cell: str) -> bool:
    if cell not in ("true", "false"):
        raise ValueError("true or false")
    return cell == "true"


def _date(cell: str) -> date:
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
        raise ValueError("a day as YYYY-MM-DD")
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError("a day that exists") from None


def _pandas_metadata(schema: pa.Schema) -> dict[bytes, bytes]:
    """What pandas must be told: the types that have a nullable form of their own. Everything else it infers right."""
    nullable = {"int64": "Int64", "bool": "boolean"}
    columns = [
        {
            "name": field.name,
            "field_name": field.name,
            "pandas_type": str(field.type),
            "numpy_type": nullable[str(field.type)],
            "metadata": None,
        }
        for field in schema
        if str(field.type) in nullable
    ]
    return {b"pandas": json.dumps({"index_columns": [], "column_indexes": [], "columns": columns}).encode()}
