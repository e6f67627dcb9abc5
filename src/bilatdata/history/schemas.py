"""What changed between two Table Schemas: fields, and the properties of fields and of the table as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class PropertyChange:
    """A property of a field, or of the table (no field), that was set, changed or taken away."""

    field: str | None
    """The field by its new name; None for a property of the table."""
    name: str
    """Such as `type`, `unit`, `constraints.enum`, `primaryKey`."""
    old: Any
    """None where there was none."""
    new: Any
    """None where there is none any more."""


@dataclass(frozen=True)
class SchemaDiff:
    """What changed between two schemas of a table."""

    added: tuple[Document, ...] = ()
    """Fields as the new schema writes them."""
    removed: tuple[Document, ...] = ()
    """Fields as the old schema wrote them."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Old and new names."""
    changed: tuple[PropertyChange, ...] = ()
    order: tuple[str, ...] | None = None
    """The fields in their new order, where it is not the old one with the new fields at the end."""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.renamed or self.changed or self.order)


def diff_schemas(old: Document, new: Document, renames: Mapping[str, str]) -> SchemaDiff:
    """Compare two schemas of one table.

    Args:
        old: the Table Schema as it was.
        new: the Table Schema as it is.
        renames: new names of fields by their old ones; those that do not apply to these schemas are left aside.
    """
    before = {field["name"]: field for field in old["fields"]}
    after = {field["name"]: field for field in new["fields"]}
    renamed = {name: renames[name] for name in before if name not in after and renames.get(name) in after}
    renamed = {name: now for name, now in renamed.items() if now not in before}
    pairs = [
        (field, after[renamed.get(name, name)]) for name, field in before.items() if renamed.get(name, name) in after
    ]
    arrived = [name for name in after if name not in before and name not in renamed.values()]
    kept = [new_field["name"] for _, new_field in pairs]
    changed = [change for pair in pairs for change in _properties(*pair)]
    changed += _table_properties(old, new)
    order = tuple(after) if [*kept, *arrived] != list(after) else None
    return SchemaDiff(
        added=tuple(after[name] for name in arrived),
        removed=tuple(field for name, field in before.items() if renamed.get(name, name) not in after),
        renamed=tuple(renamed.items()),
        changed=tuple(changed),
        order=order,
    )


def apply_schema_diff(old: Document, diff: SchemaDiff) -> dict[str, Any]:
    """The new schema, from the old one and what changed; properties may stand in another order."""
    renamed = dict(diff.renamed)
    gone = {field["name"] for field in diff.removed}
    fields = {
        renamed.get(field["name"], field["name"]): {**field, "name": renamed.get(field["name"], field["name"])}
        for field in old["fields"]
        if field["name"] not in gone
    }
    fields |= {field["name"]: dict(field) for field in diff.added}
    document = {**old}
    for change in diff.changed:
        if change.field is None:
            _set(document, [change.name], change.new)
        else:
            _set(fields[change.field], change.name.split(".", 1), change.new)
    document["fields"] = [fields[name] for name in diff.order or fields]
    return document


def _properties(old: Document, new: Document) -> Iterator[PropertyChange]:
    before, after = _flat(old), _flat(new)
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield PropertyChange(new["name"], name, before.get(name), after.get(name))


def _flat(field: Document) -> dict[str, Any]:
    """The properties of a field, its constraints as `constraints.<name>`."""
    plain = {name: value for name, value in field.items() if name not in ("name", "constraints")}
    return plain | {f"constraints.{name}": value for name, value in field.get("constraints", {}).items()}


def _table_properties(old: Document, new: Document) -> Iterator[PropertyChange]:
    for name in dict.fromkeys([*old, *new]):
        if name not in ("fields", "name", "$schema") and old.get(name) != new.get(name):
            yield PropertyChange(None, name, old.get(name), new.get(name))


def _set(target: dict[str, Any], path: Sequence[str], value: Any) -> None:
    name, *rest = path
    if rest:
        inner = dict(target.get(name, {}))
        _set(inner, rest, value)
        value = inner or None
    if value is None:
        target.pop(name, None)
    else:
        target[name] = value
