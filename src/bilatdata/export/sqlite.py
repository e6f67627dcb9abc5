"""SQLite (https://sqlite.org/fileformat2.html): typed tables with keys, label views, full-text search, the dictionary.

What a database holds besides the tables:

- `<table>_en`, `<table>_es`, `<table>_ru`: the label views of `bilatdata.export.views`;
- `<table>_fts`: full text (FTS5) of the free text of a table, over the table itself, for joins on `rowid`;
- `search`: full text of all records, people, organisations and sources, a row each, with the names and labels of what
  they refer to in every language: `SELECT table_name, record_id, title FROM search WHERE search MATCH 'litio'`;
- `data_package`: version, licence, how to cite; `data_dictionary`: what each column means.

Dates are ISO text in columns of the type DATE, booleans 0 or 1. The same data give the
same bytes with the same SQLite.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bilatdata.contract.dictionary import COLUMNS, dictionary_rows
from bilatdata.contract.table_schema import Field, TableSchema
from bilatdata.errors import BilatdataError
from bilatdata.export.about import about_rows
from bilatdata.export.search import free_text, search_rows
from bilatdata.export.views import label_views
from bilatdata.loading import arrow_table, label_languages, table_schema
from bilatdata.sql import identifier, literal

MEDIA_TYPE = "application/vnd.sqlite3"

_TYPES = {"string": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "INTEGER", "date": "DATE"}
_TOKENIZER = "tokenize = 'unicode61 remove_diacritics 2'"
"""Words in any script, found with or without their accents."""


def file_bytes(tables: Sequence[str], progress: Callable[[str], None]) -> bytes:
    """The content of a database with these tables.

    Raises:
        BilatdataError: a table cannot be read, breaks a key of its own schema, or this SQLite has no full-text search.
    """
    schemas = {name: table_schema(name) for name in tables}
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.execute("BEGIN")
        for name, schema in schemas.items():
            progress(name)
            _create(connection, schema, schemas)
        _add_views(connection, schemas)
        progress("full-text search")
        _add_search(connection, schemas)
        _add_dictionary(connection, schemas.values())
        connection.execute("COMMIT")
        _require_whole(connection)
        connection.execute("VACUUM")
        return connection.serialize()
    except sqlite3.Error as error:
        raise BilatdataError(f"SQLite {sqlite3.sqlite_version} cannot hold the tables ({error})") from error
    finally:
        connection.close()


def _create(connection: sqlite3.Connection, schema: TableSchema, schemas: Mapping[str, TableSchema]) -> None:
    connection.execute(_table_statement(schema, schemas))
    marks = ", ".join("?" * len(schema.fields))
    connection.executemany(f"INSERT INTO {identifier(schema.name)} VALUES ({marks})", _rows(schema.name))
    for columns in _indexed(schema, schemas):
        name = identifier("_".join(["ix", schema.name, *columns]))
        connection.execute(f"CREATE INDEX {name} ON {identifier(schema.name)} ({_names(columns)})")


def _rows(table: str) -> Iterator[list[Any]]:
    for row in arrow_table(table).to_pylist():
        yield [value.isoformat() if isinstance(value, date) else value for value in row.values()]


def _table_statement(schema: TableSchema, schemas: Mapping[str, TableSchema]) -> str:
    """The statement that makes the table; each column says what it means in a comment, which SQLite keeps."""
    keys = [f"PRIMARY KEY ({_names(schema.primary_key)})"] if schema.primary_key else []
    for key in schema.foreign_keys:
        if key.table in schemas:
            target = f"{identifier(key.table)} ({_names(key.reference_fields)})"
            keys.append(f"FOREIGN KEY ({_names(key.fields)}) REFERENCES {target}")
    lines = [(_column(field), f" -- {' '.join(field.description.split())}") for field in schema.fields]
    lines += [(key, "") for key in keys]
    *head, (last, comment) = lines
    body = "".join(f"  {line},{comment}\n" for line, comment in head) + f"  {last}{comment}\n"
    return f"CREATE TABLE {identifier(schema.name)} ( -- {' '.join(schema.description.split())}\n{body})"


def _column(field: Field) -> str:
    name = identifier(field.name)
    parts = [name, _TYPES[field.type]]
    parts += ["NOT NULL"] * field.required + ["UNIQUE"] * field.unique
    if field.enum:
        parts.append(f"CHECK ({name} IN ({', '.join(map(literal, field.enum))}))")
    for sign, bound in (
        (">=", field.minimum),
        (">", field.exclusive_minimum),
        ("<=", field.maximum),
        ("<", field.exclusive_maximum),
    ):
        if bound is not None:
            parts.append(f"CHECK ({name} {sign} {bound:.15g})")
    return " ".join(parts)


def _names(columns: Iterable[str]) -> str:
    return ", ".join(map(identifier, columns))


def _indexed(schema: TableSchema, schemas: Mapping[str, TableSchema]) -> list[tuple[str, ...]]:
    """Columns to find rows by: those that refer to other tables, and in `evidence` the record that it is about."""
    keys = [key.fields for key in schema.foreign_keys if key.table in schemas]
    about = ("table_name", "record_id")
    return keys + [about] * (set(about) <= schema.by_name.keys())


def _add_views(connection: sqlite3.Connection, schemas: Mapping[str, TableSchema]) -> None:
    for _, statement in label_views(schemas, label_languages(), "sqlite"):
        connection.execute(statement)


def _add_search(connection: sqlite3.Connection, schemas: Mapping[str, TableSchema]) -> None:
    for name, schema in schemas.items():
        if columns := [field.name for field in free_text(schema)]:
            index = identifier(f"{name}_fts")
            connection.execute(
                f"CREATE VIRTUAL TABLE {index} USING fts5({_names(columns)}, content = {literal(name)}, {_TOKENIZER})"
            )
            connection.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
    connection.execute(
        f"CREATE VIRTUAL TABLE search USING fts5(table_name UNINDEXED, record_id UNINDEXED, title, text, {_TOKENIZER})"
    )
    connection.executemany("INSERT INTO search VALUES (?, ?, ?, ?)", search_rows(schemas))


def _add_dictionary(connection: sqlite3.Connection, schemas: Iterable[TableSchema]) -> None:
    connection.execute("CREATE TABLE data_package (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
    connection.executemany("INSERT INTO data_package VALUES (?, ?)", about_rows())
    types = {"position": "INTEGER"}
    columns = ", ".join(f"{identifier(column)} {types.get(column, 'TEXT')} NOT NULL" for column in COLUMNS)
    connection.execute(f"CREATE TABLE data_dictionary ({columns}, PRIMARY KEY (table_name, field_name))")
    marks = ", ".join("?" * len(COLUMNS))
    connection.executemany(f"INSERT INTO data_dictionary VALUES ({marks})", dictionary_rows(schemas))


def _require_whole(connection: sqlite3.Connection) -> None:
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        raise BilatdataError(
            f"{table}, row {row}: refers to a row of {parent} that is not there: run 'bilatdata check'"
        )
