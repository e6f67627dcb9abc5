"""DuckDB (https://duckdb.org/docs/stable/internals/storage): typed tables with keys, enums, label views, comments.

Ordered vocabularies are enums named like the vocabulary, as in `bilatdata.connect`. Tables, views and columns carry
their descriptions as comments; `data_package` and `data_dictionary` are those of the SQLite export.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bilatdata.contract.dictionary import COLUMNS, dictionary_rows
from bilatdata.contract.frames import is_category
from bilatdata.contract.table_schema import Field, TableSchema
from bilatdata.errors import BilatdataError, missing_extra
from bilatdata.export.about import about_rows
from bilatdata.export.views import label_views
from bilatdata.loading import arrow_table, label_languages, table_schema
from bilatdata.sql import identifier, literal

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

MEDIA_TYPE = "application/vnd.duckdb"

_TYPES = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": "1",
    "autoinstall_known_extensions": "false",
    "default_block_size": "16384",
}
"""Small blocks: each column and each key takes whole ones, and those of the default, 256 KiB, make a fivefold file."""


def file_bytes(tables: Sequence[str], progress: Callable[[str], None]) -> bytes:
    """The content of a database with these tables.

    Raises:
        BilatdataError: the extra `duckdb` is missing, or a table cannot be read or breaks a key of its own schema.
    """
    try:
        import duckdb
    except ImportError as error:
        raise missing_extra("duckdb", "export to DuckDB") from error
    schemas = {name: table_schema(name) for name in tables}
    with TemporaryDirectory(prefix="bilatdata-") as folder:
        file = Path(folder) / "bilatdata.duckdb"
        try:
            with duckdb.connect(str(file), config=_CONFIG) as connection:
                _fill(connection, schemas, progress)
            return file.read_bytes()
        except duckdb.IOException as error:
            raise BilatdataError(
                f"{folder}: cannot be written ({error}): the environment variable TMPDIR names another folder for "
                "files in the making"
            ) from error
        except duckdb.Error as error:
            raise BilatdataError(f"DuckDB {duckdb.__version__} cannot hold the tables ({error})") from error


def _fill(
    connection: duckdb.DuckDBPyConnection, schemas: Mapping[str, TableSchema], progress: Callable[[str], None]
) -> None:
    connection.execute("BEGIN")
    for name in _parents_first(schemas):
        progress(name)
        _create(connection, schemas[name], schemas)
    for view, statement in label_views(schemas, label_languages(), "duckdb"):
        connection.execute(statement)
        table, _, language = view.rpartition("_")
        about = f"{schemas[table].description} With labels for codes and names for ids ({language})."
        connection.execute(f"COMMENT ON VIEW {identifier(view)} IS {literal(about)}")
    _add_dictionary(connection, schemas.values())
    connection.execute("COMMIT")


def _parents_first(schemas: Mapping[str, TableSchema]) -> list[str]:
    """The tables in an order in which none refers to a later one."""
    parents = {
        name: {key.table for key in schema.foreign_keys if key.table in schemas and key.table != name}
        for name, schema in schemas.items()
    }
    return list(TopologicalSorter(parents).static_order())


def _create(connection: duckdb.DuckDBPyConnection, schema: TableSchema, schemas: Mapping[str, TableSchema]) -> None:
    for field in filter(is_category, schema.fields):
        codes = ", ".join(map(literal, field.enum or ()))
        connection.execute(f"CREATE TYPE IF NOT EXISTS {_enum(field)} AS ENUM ({codes})")
    table = identifier(schema.name)
    connection.execute(f"CREATE TABLE {table} (\n  {_body(schema, schemas)}\n)")
    for rows in _generations(arrow_table(schema.name), schema):
        connection.register("rows to insert", rows)
        connection.execute(f'INSERT INTO {table} SELECT * FROM "rows to insert"')
        connection.unregister("rows to insert")
    connection.execute(f"COMMENT ON TABLE {table} IS {literal(schema.description)}")
    for field in schema.fields:
        connection.execute(f"COMMENT ON COLUMN {table}.{identifier(field.name)} IS {literal(_about(field))}")


def _generations(rows: pa.Table, schema: TableSchema) -> Iterator[pa.Table]:
    """The rows in parts, in which no row refers to another row of the same part or of a later one.

    DuckDB does not see the rows of a statement while it checks the foreign keys of that statement.
    """
    own = [key for key in schema.foreign_keys if key.table == schema.name and len(key.fields) == 1]
    if not own:
        yield rows
        return
    ids = rows.column(own[0].reference_fields[0]).to_pylist()
    parents = list(zip(*(rows.column(key.fields[0]).to_pylist() for key in own), strict=True))
    left, known = list(range(len(ids))), {None}
    while left:
        # Where no row is ready, one refers to a row that is not there: DuckDB says which.
        ready = [index for index in left if known.issuperset(parents[index])] or left
        yield rows.take(ready)
        known.update(ids[index] for index in ready)
        left = sorted(set(left) - set(ready))


def _body(schema: TableSchema, schemas: Mapping[str, TableSchema]) -> str:
    lines = [_column(field) for field in schema.fields]
    if schema.primary_key:
        lines.append(f"PRIMARY KEY ({_names(schema.primary_key)})")
    for key in schema.foreign_keys:
        if key.table in schemas:
            target = f"{identifier(key.table)} ({_names(key.reference_fields)})"
            lines.append(f"FOREIGN KEY ({_names(key.fields)}) REFERENCES {target}")
    return ",\n  ".join(lines)


def _column(field: Field) -> str:
    type = _enum(field) if is_category(field) else _TYPES[field.type]
    return " ".join([identifier(field.name), type, *["NOT NULL"] * field.required, *["UNIQUE"] * field.unique])


def _enum(field: Field) -> str:
    return identifier(field.vocabulary or field.name)


def _about(field: Field) -> str:
    return f"{field.description} Unit: {field.unit}." if field.unit else field.description


def _names(columns: Iterable[str]) -> str:
    return ", ".join(map(identifier, columns))


def _add_dictionary(connection: duckdb.DuckDBPyConnection, schemas: Iterable[TableSchema]) -> None:
    connection.execute("CREATE TABLE data_package (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)")
    connection.executemany("INSERT INTO data_package VALUES (?, ?)", about_rows())
    types = {"position": "INTEGER"}
    columns = ", ".join(f"{identifier(column)} {types.get(column, 'VARCHAR')} NOT NULL" for column in COLUMNS)
    connection.execute(f"CREATE TABLE data_dictionary ({columns}, PRIMARY KEY (table_name, field_name))")
    marks = ", ".join("?" * len(COLUMNS))
    connection.executemany(f"INSERT INTO data_dictionary VALUES ({marks})", list(dictionary_rows(schemas)))
