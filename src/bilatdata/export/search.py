"""What full-text search over the whole record finds: each record, person, organisation and source as one text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bilatdata.contract.table_schema import Field, TableSchema
from bilatdata.loading import arrow_table, label_languages
from bilatdata.records import Row, record_name

_NAMES = ("name", "native_name", "aliases", "project_name", "title")
"""Columns by which people know a record; `name_en` and its like are such, too."""
_NO_RECORDS = ("evidence", "retired_ids")
"""Tables that speak of records and hold none."""


def free_text(schema: TableSchema) -> list[Field]:
    """The fields that hold words of a language rather than codes, ids, dates or figures."""
    keys = {name for key in schema.foreign_keys for name in key.fields}
    return [
        field
        for field in schema.fields
        if field.type == "string" and not (field.vocabulary or field.pattern or field.derived or field.name in keys)
    ]


def search_rows(schemas: Mapping[str, TableSchema]) -> Iterator[tuple[str, str, str, str]]:
    """Table, id, title and text of all that has an id of its own, in the order of the tables.

    The text is the free text of the row, the labels of its codes and the names of what it refers to in every language,
    and those of its companions: a meeting is found by the name of a participant.
    """
    words = _Words.of(schemas)
    companions = _words_of_companions(schemas, words)
    for name, schema in schemas.items():
        if len(schema.primary_key) != 1 or name in _NO_RECORDS or _parent(schema):
            continue
        for row in arrow_table(name).to_pylist():
            id = row[schema.primary_key[0]]
            found = [*words.of_row(schema, row), *companions[name, id]]
            yield name, id, record_name(name, id) or "", "\n".join(dict.fromkeys(found))


@dataclass(frozen=True)
class _Words:
    """The words behind codes and ids."""

    labels: Mapping[tuple[str, str], list[str]]
    """Labels of the codes in every language, by vocabulary and code."""
    names: Mapping[str, Mapping[str, list[str]]]
    """Names of the records, by table and id."""

    @classmethod
    def of(cls, schemas: Mapping[str, TableSchema]) -> _Words:
        languages = label_languages()
        labels = {
            (term["vocabulary"], term["code"]): [term[f"label_{language}"] for language in languages]
            for term in (arrow_table("terms").to_pylist() if "terms" in schemas else ())
        }
        return cls(labels, {name: _names(schema) for name, schema in schemas.items()})

    def of_row(self, schema: TableSchema, row: Row) -> Iterator[str]:
        """The words of a row, some of them maybe twice."""
        yield from (row[field.name] for field in free_text(schema) if row[field.name])
        for field in schema.fields:
            if field.vocabulary and row[field.name]:
                for code in row[field.name].split(field.separator) if field.separator else [row[field.name]]:
                    yield from self.labels.get((field.vocabulary, code), ())
        for key in schema.foreign_keys:
            if len(key.fields) == 1:
                yield from self.names.get(key.table, {}).get(row[key.fields[0]], ())


def _names(schema: TableSchema) -> dict[str, list[str]]:
    columns = [name for name in schema.by_name if name in _NAMES or name.startswith("name_")]
    if len(schema.primary_key) != 1 or not columns:
        return {}
    rows = arrow_table(schema.name, [*schema.primary_key, *columns]).to_pylist()
    return {row[schema.primary_key[0]]: [row[name] for name in columns if row[name]] for row in rows}


def _words_of_companions(schemas: Mapping[str, TableSchema], words: _Words) -> Mapping[tuple[str, str], list[str]]:
    """The words of the rows that belong to a record, by its table and id."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for name, schema in schemas.items():
        if parent := _parent(schema):
            table, field = parent
            for row in arrow_table(name).to_pylist():
                found[table, row[field]] += words.of_row(schema, row)
    return found


def _parent(schema: TableSchema) -> tuple[str, str] | None:
    """The table that this one is a companion of, and the field with the parent's id."""
    inherits = (schema.evidence or {}).get("inherits")
    return (inherits["table"], inherits["field"]) if inherits else None
