"""CSV on the Web (https://www.w3.org/TR/tabular-metadata/): one table group over the CSV files.

The document belongs beside `datapackage.json`, where tools look for `csv-metadata.json`: the paths of the files are
relative to it. Vocabularies and patterns become formats, so that a validator of CSVW judges cells by them.
"""

from __future__ import annotations

import re
from typing import Any

from bilatdata.contract.table_schema import EDTF_TYPE, Field, ForeignKey
from bilatdata.metadata.facts import Facts, Table

_BOUNDS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusive_minimum": "minExclusive",
    "exclusive_maximum": "maxExclusive",
    "min_length": "minLength",
    "max_length": "maxLength",
}
"""Constraints of our fields, and what CSVW calls them."""


def document(facts: Facts) -> dict[str, Any]:
    """The package as a CSVW table group."""
    paths = {table.name: table.files[0].path for table in facts.tables}
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": facts.language}],
        "dc:title": facts.title,
        "dc:description": facts.description,
        "dc:license": {"@id": facts.licence.path},
        "dc:creator": list(facts.creators),
        "dc:publisher": facts.publisher,
        "dc:modified": {"@value": facts.released, "@type": "xsd:date"},
        "schema:version": facts.version,
        "dcat:keyword": list(facts.keywords),
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True, "lineTerminators": ["\n"], "quoteChar": '"'},
        "tables": [_table(table, paths) for table in facts.tables],
    }


def _table(table: Table, paths: dict[str, str]) -> dict[str, Any]:
    keys = [_foreign_key(key, paths) for key in table.schema.foreign_keys]
    schema: dict[str, Any] = {
        "columns": [_column(field) for field in table.schema.fields],
        "primaryKey": list(table.schema.primary_key),
    }
    return {
        "url": table.files[0].path,
        "dc:title": table.schema.title,
        "dc:description": table.schema.description,
        "tableSchema": schema | ({"foreignKeys": keys} if keys else {}),
    }


def _foreign_key(key: ForeignKey, paths: dict[str, str]) -> dict[str, Any]:
    reference = {"resource": paths[key.table], "columnReference": list(key.reference_fields)}
    return {"columnReference": list(key.fields), "reference": reference}


def _column(field: Field) -> dict[str, Any]:
    # `titles` is what a validator compares with the header; the title for people stands in Dublin Core.
    column: dict[str, Any] = {
        "name": field.name,
        "titles": field.name,
        "dc:title": field.title,
        "dc:description": field.description,
        "datatype": _datatype(field),
        "required": field.required,
    }
    if field.separator:
        column["separator"] = field.separator
    if field.unit:
        column["schema:unitText"] = field.unit
    if field.is_edtf:
        column["dc:conformsTo"] = {"@id": EDTF_TYPE}
    return column


def _datatype(field: Field) -> dict[str, Any]:
    datatype: dict[str, Any] = {"base": field.type}
    if field.type == "boolean":
        datatype["format"] = "true|false"
    elif field.type == "date":
        datatype["format"] = "yyyy-MM-dd"
    elif pattern := _pattern(field):
        datatype["format"] = pattern
    return datatype | {word: limit for name, word in _BOUNDS.items() if (limit := getattr(field, name)) is not None}


def _pattern(field: Field) -> str | None:
    """The regular expression of a text cell; that of a list speaks of the whole cell, and CSVW asks about each item."""
    if field.separator:
        return None
    if field.enum:
        return "|".join(map(re.escape, field.enum))
    return field.pattern
