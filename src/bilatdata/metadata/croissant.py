"""Croissant 1.1 (https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html): the tables as record sets.

Record sets read the Parquet files: Croissant has no way to say that a CSV column is text, so that readers of the CSV
file would take `0801` for a number. `url` is the folder of the document, for the package has no address of its own.
"""

from __future__ import annotations

from typing import Any

from bilatdata.contract.table_schema import Field
from bilatdata.metadata.facts import Facts, File, Table

_TYPES = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
}
_TERMS = """
arrayShape citeAs column containedIn equivalentProperty extract field fileObject fileProperty fileSet format includes
isArray isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace samplingRate
separator source subField transform
"""
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "description": {"@container": "@language"},
    "name": {"@container": "@language"},
} | {term: f"cr:{term}" for term in _TERMS.split()}
"""The context that the specification gives; readers compare it."""


def document(facts: Facts) -> dict[str, Any]:
    """The package as a Croissant document."""
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": facts.name,
        "alternateName": facts.title,
        "description": facts.description,
        "version": facts.version,
        "datePublished": facts.released,
        "url": "./",
        "license": facts.licence.path,
        "creator": [{"@type": "Organization", "name": name} for name in facts.creators],
        "publisher": {"@type": "Organization", "name": facts.publisher},
        "keywords": list(facts.keywords),
        "inLanguage": facts.language,
        "citeAs": f"{', '.join(facts.creators)} ({facts.released[:4]}). {facts.title}, version {facts.version}.",
        "isLiveDataset": False,
        "distribution": [_file_object(table, file) for table in facts.tables for file in table.files],
        "recordSet": [_record_set(table) for table in facts.tables if _has_parquet(table)],
    }


def _has_parquet(table: Table) -> bool:
    return any(file.format == "parquet" for file in table.files)


def _file_id(table: Table, format: str) -> str:
    return f"{table.name}.{format}"


def _file_object(table: Table, file: File) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": _file_id(table, file.format),
        "name": _file_id(table, file.format),
        "description": f"{table.schema.title}, as {file.format.upper() if file.format == 'csv' else 'Parquet'}",
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": "application/x-parquet" if file.format == "parquet" else file.media_type,
        "sha256": file.sha256,
    }


def _record_set(table: Table) -> dict[str, Any]:
    keys = [{"@id": f"{table.name}/{name}"} for name in table.schema.primary_key]
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.schema.description,
        "key": keys[0] if len(keys) == 1 else keys,
        "field": [_field(table, field) for field in table.schema.fields],
    }


def _field(table: Table, field: Field) -> dict[str, Any]:
    described = {
        "@type": "cr:Field",
        "@id": f"{table.name}/{field.name}",
        "name": field.name,
        "description": field.description + (f" Unit: {field.unit}." if field.unit else ""),
        "dataType": _TYPES[field.type],
        "source": {"fileObject": {"@id": _file_id(table, "parquet")}, "extract": {"column": field.name}},
    }
    for key in table.schema.foreign_keys:
        if key.fields == (field.name,):
            described["references"] = {"field": {"@id": f"{key.table}/{key.reference_fields[0]}"}}
    return described
