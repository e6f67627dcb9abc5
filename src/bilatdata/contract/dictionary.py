"""The data dictionary: every field of every table in one row of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bilatdata.contract.table_schema import Field, TableSchema

COLUMNS = (
    "table_name",
    "field_name",
    "position",
    "type",
    "format",
    "unit",
    "vocabulary",
    "required",
    "key",
    "title",
    "description",
    "codes",
)
"""The columns of the dictionary, wherever it is written."""


def dictionary_rows(schemas: Iterable[TableSchema]) -> Iterator[tuple[str, ...]]:
    """The rows of the dictionary in the order of tables and fields; `required` is `true` or `false`, empty is none."""
    for schema in schemas:
        for position, field in enumerate(schema.fields, start=1):
            place = {"table_name": schema.name, "field_name": field.name, "position": position}
            cells = {**place, **field_row(field, schema)}
            cells["required"] = "true" if field.required else "false"
            yield tuple(str(cells[column]) for column in COLUMNS)


def field_row(field: Field, schema: TableSchema) -> dict[str, str | bool]:
    """A field in one row, as `bilatdata.loading.describe` gives it."""
    shape = "EDTF" if field.is_edtf else f"list separated by {field.separator}" if field.separator else ""
    return {
        "name": field.name,
        "type": field.type,
        "format": shape,
        "unit": field.unit or "",
        "vocabulary": field.vocabulary or "",
        "required": field.required,
        "key": _key(field, schema),
        "title": field.title,
        "description": field.description,
        "codes": ", ".join(field.enum or ()),
    }


def _key(field: Field, schema: TableSchema) -> str:
    if field.name in schema.primary_key:
        return "primary key"
    for key in schema.foreign_keys:
        if field.name in key.fields:
            return f"{key.table}.{key.reference_fields[key.fields.index(field.name)]}"
    return ""
