"""What the pages say: titles, descriptions, units, facets, names of ids and ready queries, for Datasette.

The form is that of Datasette's metadata (https://docs.datasette.io/en/stable/metadata.html).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from html import escape
from importlib import resources
from typing import Any

from bilatdata.contract.table_schema import Field, TableSchema
from bilatdata.export.about import about_rows
from bilatdata.export.search import free_text
from bilatdata.loading import table_schema, tables
from bilatdata.records import RECORD_NAMES

_MOST_FACETS = 4
_OWN_TABLES = {
    "data_package": "What this data is: version, licence, how to cite.",
    "data_dictionary": "What each column of each table means.",
    "search": "Full text of all records, people, organisations and sources.",
}


def metadata() -> dict[str, Any]:
    """The metadata of the database `bilatdata`, made from the descriptor, the schemas and `queries.toml`."""
    about = dict(about_rows())
    entries: dict[str, Any] = {name: _table(table_schema(name)) for name in tables()}
    entries |= {name: {"description": text} for name, text in _OWN_TABLES.items()}
    return {
        "title": about["title"],
        "description_html": _front(about),
        "extra_css_urls": ["/style/pages.css"],
        "license": about["licence"],
        "license_url": about["licence_url"],
        "databases": {
            "bilatdata": {
                "description": "Ready questions come first, then the tables; each table has facets and a search field. "
                "Views such as meetings_es hold labels for codes and names for ids.",
                "queries": queries(),
                "tables": entries,
            }
        },
    }


def _front(about: Mapping[str, str]) -> str:
    """What the first page says: what this is, and a link to each ready query."""
    links = (f'<a href="/bilatdata/{name}">{escape(query["title"])}</a>' for name, query in queries().items())
    told = f"{about['description']} Version {about['version']}. How to cite: {about['citation']}"
    return f"<p>{escape(told)}</p><p>{' · '.join(links)}</p>"


def queries() -> dict[str, dict[str, Any]]:
    """The ready queries by name, in their order: title, description and SQL, which a page shows when asked to."""
    text = resources.files("bilatdata.serve").joinpath("queries.toml").read_text(encoding="utf-8")
    return {name: {**query, "hide_sql": True} for name, query in tomllib.loads(text).items()}


def _table(schema: TableSchema) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "title": schema.title,
        "description": schema.description,
        "columns": {field.name: _explained(field) for field in schema.fields},
        "facets": _facets(schema),
        "size": 50,
    }
    name = RECORD_NAMES.get(schema.name, "").strip("{}")
    if name in schema.by_name:
        entry["label_column"] = name
    if free_text(schema):
        entry["fts_table"] = f"{schema.name}_fts"
    return entry


def _explained(field: Field) -> str:
    return f"{field.description} Unit: {field.unit}." if field.unit else field.description


def _facets(schema: TableSchema) -> list[str]:
    """The first fields with few values: countries but the one that is always Russia, and codes of a vocabulary."""
    countries = {key.fields[0] for key in schema.foreign_keys if key.table == "countries"} - {"country_a_code"}
    fit = [field for field in schema.fields if (field.vocabulary and not field.separator) or field.name in countries]
    return [field.name for field in fit][:_MOST_FACETS]
