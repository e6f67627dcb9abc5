"""What other people's descriptors add to the contract: columns of their own in our tables, and tables of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bilatdata.contract import cells
from bilatdata.contract.table_schema import Field, ForeignKey, TableSchema, read_table_schema
from bilatdata.errors import BilatdataError

OTHER_FORMS = ("format", "decimalChar", "groupChar", "bareNumber", "trueValues", "falseValues", "missingValues")
"""Properties of a field that change how its cells are written; ours have none of them."""


@dataclass(frozen=True)
class Extension:
    """The schema that a descriptor gives for one of its resources."""

    table: str
    where: str
    """Descriptor and resource, for messages."""
    schema: TableSchema


def read_extension(table: str, schema: Mapping[str, Any], where: str) -> Extension:
    """Read the Table Schema of a resource.

    Fields of a type, or written in a form, that tables of this package do not have are kept as text and not judged.

    Raises:
        BilatdataError: it is no Table Schema, or has a constraint that cannot be judged.
    """
    fields = schema.get("fields")
    if not isinstance(fields, list) or not all(
        isinstance(item, dict) and isinstance(item.get("name"), str) for item in fields
    ):
        raise BilatdataError(f"{where}: its schema has no list of named fields: expected a Table Schema")
    try:
        read = read_table_schema({**schema, "name": table, "fields": [_judged(item) for item in fields]})
        marked = [replace(field, unjudged=_unjudged(item)) for field, item in zip(read.fields, fields, strict=True)]
        read = replace(read, fields=tuple(marked))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BilatdataError(f"{where}: its schema cannot be read ({error!r}): expected a Table Schema") from error
    if repeated := _repeated([field.name for field in read.fields]):
        raise BilatdataError(f"{where}: its schema names the field '{repeated}' twice")
    _require_keys(read, where)
    for field in read.fields:
        _try_constraints(field, where)
    return Extension(table, where, read)


def _require_keys(schema: TableSchema, where: str) -> None:
    known = list(schema.by_name)
    for names in (schema.primary_key, *(key.fields for key in schema.foreign_keys)):
        for name in names:
            if name not in known:
                raise BilatdataError(f"{where}: a key names the field {name!r}, which its schema does not have")
    for key in schema.foreign_keys:
        named = isinstance(key.table, str) and all(isinstance(name, str) for name in key.reference_fields)
        if not named or not key.fields or len(key.fields) != len(key.reference_fields):
            raise BilatdataError(
                f"{where}: a foreign key is not whole: expected as many fields as its reference has, and a table"
            )


def extended(schemas: Mapping[str, TableSchema], extensions: Sequence[Extension]) -> dict[str, TableSchema]:
    """The schemas with the columns and tables that extensions add; our own fields stay as they are.

    A foreign key of theirs to a table that nobody describes is left out.

    Raises:
        BilatdataError: two descriptors declare one column differently.
    """
    result = dict(schemas)
    for extension in extensions:
        ours = result.get(extension.table)
        result[extension.table] = extension.schema if ours is None else _joined(ours, extension, schemas)
    for name in {extension.table for extension in extensions}:
        own = schemas[name].foreign_keys if name in schemas else ()
        keys = [key for key in result[name].foreign_keys if key in own or _is_described(key, result)]
        result[name] = replace(result[name], foreign_keys=tuple(keys))
    return result


def _joined(ours: TableSchema, extension: Extension, authored: Mapping[str, TableSchema]) -> TableSchema:
    own = authored[extension.table].by_name if extension.table in authored else {}
    added = [field for field in extension.schema.fields if field.name not in own]
    for field in added:
        if ours.by_name.get(field.name, field) != field:
            raise BilatdataError(f"{extension.where}: declares '{field.name}' otherwise than another descriptor does")
    names = {field.name for field in added}
    keys = [key for key in extension.schema.foreign_keys if names & set(key.fields)]
    return replace(
        ours,
        fields=(*ours.fields, *(field for field in added if field.name not in ours.by_name)),
        foreign_keys=(*ours.foreign_keys, *(key for key in keys if key not in ours.foreign_keys)),
    )


def _is_described(key: ForeignKey, schemas: Mapping[str, TableSchema]) -> bool:
    return key.table in schemas and set(key.reference_fields) <= set(schemas[key.table].by_name)


def _judged(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """The field as it is, or as mere text if only its owner's tools can read its cells."""
    if _unjudged(field) is None:
        return field
    return {"name": field["name"], "title": field.get("title", field["name"]), "type": "string"}


def _unjudged(field: Mapping[str, Any]) -> str | None:
    """What keeps the cells of a field from being judged."""
    type = str(field.get("type", "string"))
    if not cells.is_readable(type):
        return f"type {type}"
    odd = [form for form in OTHER_FORMS if field.get(form) not in (None, "default", [""])]
    return f"{odd[0]} {field[odd[0]]}" if odd else None


def _try_constraints(field: Field, where: str) -> None:
    """Compile the constraints once, on a table without rows.

    Raises:
        BilatdataError: one of them makes no sense for the field's type.
    """
    import polars as pl

    from bilatdata.contract.pandera_schema import constraint_claims

    empty = pl.DataFrame(schema={field.name: cells.dtype(field)})
    try:
        for claim in constraint_claims(field):
            empty.select(claim.ok)
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        raise BilatdataError(
            f"{where}: a constraint of the field '{field.name}' cannot be judged ({str(error).splitlines()[0]})"
        ) from error


def _is_named(field: object) -> bool:
    return isinstance(field, dict) and isinstance(field.get("name"), str)


def _repeated(names: Sequence[str]) -> str | None:
    return next((name for number, name in enumerate(names) if name in names[:number]), None)
