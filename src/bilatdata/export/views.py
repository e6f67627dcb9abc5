"""Label views in SQL, for SQLite and DuckDB alike: words for codes, names beside ids, a view per table and language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Literal

from bilatdata.contract.table_schema import Field, ForeignKey, TableSchema
from bilatdata.records import RECORD_NAMES
from bilatdata.sql import identifier, literal

Dialect = Literal["sqlite", "duckdb"]
NEEDED = frozenset({"terms", "countries"})
"""Tables that hold the words; without them there are no views."""

_LIST_OF_LABELS = {
    "sqlite": "(SELECT group_concat(label, {separator}) FROM (SELECT COALESCE(t.{label}, j.value) AS label "
    "FROM json_each('[\"' || replace({cell}, {separator}, '\",\"') || '\"]') AS j "
    "LEFT JOIN terms AS t ON t.vocabulary = {vocabulary} AND t.code = j.value ORDER BY j.key))",
    "duckdb": "(SELECT string_agg(COALESCE(t.{label}, j.code), {separator} ORDER BY j.place) "
    "FROM (SELECT unnest(items) AS code, generate_subscripts(items, 1) AS place "
    "FROM (SELECT string_split({cell}, {separator}) AS items)) AS j "
    "LEFT JOIN terms AS t ON t.vocabulary = {vocabulary} AND t.code = j.code)",
}
"""The labels of the codes in a cell that holds several, in their order."""


@dataclass(frozen=True)
class _Column:
    """A column of a view, and the joins that it needs."""

    expression: str
    name: str
    joins: tuple[str, ...] = ()

    @property
    def replaces(self) -> bool:
        """Whether it is not simply the column of the table."""
        return self.expression != f"b.{identifier(self.name)}"


def label_views(
    schemas: Mapping[str, TableSchema], languages: Collection[str], dialect: Dialect
) -> Iterator[tuple[str, str]]:
    """Names and statements of the views over these tables: `meetings_en`, `meetings_es` …

    Columns keep their names. Codes become labels (of each item of a list), and codes of countries their names, as
    `bilatdata.load(labels=...)` has them; an id that refers to a named record stays, with the name in a column of its
    own behind it (`person_id`, `person_name`). Tables with nothing to spell out have no view, and nothing has where
    `terms` or `countries` is not there.
    """
    if NEEDED - schemas.keys():
        return
    for schema in schemas.values():
        for language in languages:
            columns = [
                column for field in schema.fields for column in _columns(field, schema, schemas, language, dialect)
            ]
            if any(column.replaces for column in columns):
                name = f"{schema.name}_{language}"
                yield name, _statement(name, schema.name, columns)


def _statement(view: str, table: str, columns: Collection[_Column]) -> str:
    chosen = ",\n  ".join(f"{column.expression} AS {identifier(column.name)}" for column in columns)
    joins = "".join(f"\nLEFT JOIN {join}" for column in columns for join in column.joins)
    return f"CREATE VIEW {identifier(view)} AS\nSELECT\n  {chosen}\nFROM {identifier(table)} AS b{joins}"


def _columns(
    field: Field, schema: TableSchema, schemas: Mapping[str, TableSchema], language: str, dialect: Dialect
) -> Iterator[_Column]:
    cell = f"b.{identifier(field.name)}"
    key = next((key for key in schema.foreign_keys if key.fields == (field.name,) and key.table in schemas), None)
    if field.vocabulary:
        yield _label(field, cell, language, dialect)
    elif key and key.table == "countries":
        yield _country(field.name, cell, language)
    else:
        yield _Column(cell, field.name)
        if key and key.table in RECORD_NAMES:
            yield _name(field.name, cell, key, schemas[key.table], language)


def _label(field: Field, cell: str, language: str, dialect: Dialect) -> _Column:
    label, vocabulary = identifier(f"label_{language}"), literal(str(field.vocabulary))
    if field.separator:
        parts = {"cell": cell, "label": label, "vocabulary": vocabulary, "separator": literal(field.separator)}
        return _Column(_LIST_OF_LABELS[dialect].format_map(parts), field.name)
    alias = identifier(f"{field.name} term")
    # The cast is for DuckDB, where ordered vocabularies are enums.
    join = f"terms AS {alias} ON {alias}.vocabulary = {vocabulary} AND {alias}.code = CAST({cell} AS VARCHAR)"
    return _Column(f"COALESCE({alias}.{label}, CAST({cell} AS VARCHAR))", field.name, (join,))


def _country(name: str, cell: str, language: str) -> _Column:
    alias = identifier(f"{name} country")
    join = f"countries AS {alias} ON {alias}.country_code = {cell}"
    return _Column(f"COALESCE({alias}.{identifier(f'name_{language}')}, {cell})", name, (join,))


def _name(name: str, cell: str, key: ForeignKey, named: TableSchema, language: str) -> _Column:
    """What to call the record that a cell refers to, spelled by the template of its table."""
    record = identifier(f"{name} record")
    id = f"{record}.{identifier(key.reference_fields[0])}"
    joins = [f"{identifier(key.table)} AS {record} ON {id} = {cell}"]
    countries = {key.fields[0] for key in named.foreign_keys if key.table == "countries"}
    parts = []
    for text, part, _, _ in Formatter().parse(RECORD_NAMES[key.table]):
        if text:
            parts.append(literal(text))
        if part:
            value = f"{record}.{identifier(part)}"
            if part in countries:
                country = _country(f"{name} {part}", value, language)
                value, joins = country.expression, [*joins, *country.joins]
            parts.append(f"COALESCE({value}, '')")
    known = f"CASE WHEN {id} IS NOT NULL THEN trim({' || '.join(parts)}) END"
    return _Column(known, f"{name.removesuffix('_id')}_name", tuple(joins))
