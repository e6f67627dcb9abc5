"""A Table Schema (Data Package v2) read into a small typed form; everything else is compiled from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

EDTF_TYPE = "http://id.loc.gov/datatypes/edtf/EDTF"


@dataclass(frozen=True)
class Field:
    """One field of a table: its type, what it means and what its cells must satisfy."""

    name: str
    type: str
    title: str = ""
    description: str = ""
    unit: str | None = None
    vocabulary: str | None = None
    separator: str | None = None
    """Set where a cell holds several items."""
    ordered: bool = False
    """Whether the vocabulary runs from least to most."""
    rdf_type: str | None = None
    derived: Mapping[str, str] | None = None
    """How the field is built from others: `{"from": ..., "bound": ...}`."""
    required: bool = False
    unique: bool = False
    pattern: str | None = None
    enum: tuple[str, ...] | None = None
    minimum: float | None = None
    exclusive_minimum: float | None = None
    maximum: float | None = None
    exclusive_maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    unjudged: str | None = None
    """Set where cells are written in a way that no reader here knows: they are taken for text, and not judged."""

    @property
    def is_edtf(self) -> bool:
        """Whether the cells are EDTF dates of the profile in `bilatdata.dates`."""
        return self.rdf_type == EDTF_TYPE


@dataclass(frozen=True)
class ForeignKey:
    """Fields whose values must stand in the fields of another table (or of the same one)."""

    fields: tuple[str, ...]
    table: str
    reference_fields: tuple[str, ...]


@dataclass(frozen=True)
class TableSchema:
    """The schema of one table."""

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    evidence: Mapping[str, Any] | None = field(default=None)
    """Set for tables whose every record needs evidence; `inherits` says from which parent record it may come."""

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields by their names."""
        return {item.name: item for item in self.fields}

    @property
    def edtf_fields(self) -> tuple[Field, ...]:
        """The fields that hold EDTF dates."""
        return tuple(item for item in self.fields if item.is_edtf)


def read_table_schema(schema: Mapping[str, Any]) -> TableSchema:
    """Read a Table Schema given as a dict."""
    return TableSchema(
        name=schema["name"],
        title=schema.get("title", schema["name"]),
        description=schema.get("description", ""),
        fields=tuple(_field(item) for item in schema["fields"]),
        primary_key=_names(schema.get("primaryKey", ())),
        foreign_keys=tuple(
            ForeignKey(
                fields=_names(key["fields"]),
                table=key["reference"].get("resource") or schema["name"],
                reference_fields=_names(key["reference"]["fields"]),
            )
            for key in schema.get("foreignKeys", ())
        ),
        evidence=schema.get("evidence"),
    )


def _names(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _field(item: Mapping[str, Any]) -> Field:
    constraints = item.get("constraints", {})
    enum = constraints.get("enum")
    return Field(
        name=item["name"],
        type=item.get("type", "string"),
        title=item.get("title", item["name"]),
        description=item.get("description", ""),
        unit=item.get("unit"),
        vocabulary=item.get("vocabulary"),
        separator=item.get("separator"),
        ordered=bool(item.get("categoriesOrdered", False)),
        rdf_type=item.get("rdfType"),
        derived=item.get("derived"),
        required=bool(constraints.get("required", False)),
        unique=bool(constraints.get("unique", False)),
        pattern=constraints.get("pattern"),
        enum=tuple(enum) if enum else None,
        minimum=constraints.get("minimum"),
        exclusive_minimum=constraints.get("exclusiveMinimum"),
        maximum=constraints.get("maximum"),
        exclusive_maximum=constraints.get("exclusiveMaximum"),
        min_length=constraints.get("minLength"),
        max_length=constraints.get("maxLength"),
    )
